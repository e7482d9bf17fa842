package folder

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"

	"recto/scan"
)

// tiff gives the pages of a TIFF. A file of one page passes as it is, damaged or
// not: its bytes are the master, and decoding will tell.
func (w *walk) tiff(o scan.Origin, f *os.File) error {
	t, err := openTIFF(f, o.Size)
	if err != nil {
		return w.plain(o, scan.TIFF, f)
	}
	if k, ok := rawKind(t); ok || rawByName(string(o.Path)) {
		return w.raw(o, k.name)
	}
	pages := tiffPages(t)
	if len(pages) == 0 || len(pages) == 1 && pages[0].at == t.first {
		return w.plain(o, scan.TIFF, f)
	}
	if o.SHA256 == "" {
		if o.SHA256, err = digest(w.ctx, f); err != nil {
			if w.ctx.Err() != nil {
				return w.ctx.Err()
			}
			return w.reject(o, unreadable(err))
		}
	}
	o.Count = len(pages)
	o.Note = "one of the TIFF's pages, copied without decoding"
	// Pages may share data, as those of writers that store a blank strip once;
	// that a small file unfolds into terabytes is hostile.
	budget := 16*o.Size + 1<<20
	for i, p := range pages {
		if err := w.ctx.Err(); err != nil {
			return err
		}
		o.Index = i
		if err := w.tiffPage(o, f, t, p, &budget); err != nil {
			return err
		}
	}
	return nil
}

func (w *walk) tiffPage(o scan.Origin, f *os.File, t *tiffFile, p tiffPage, budget *int64) error {
	if p.err != nil {
		return w.reject(o, fmt.Errorf("page %d: %w", o.Index+1, p.err))
	}
	d, err := t.readIFD(p.at)
	var l *layout
	if err == nil {
		l, err = layoutPage(t, d, budget)
	}
	if err != nil {
		return w.reject(o, fmt.Errorf("page %d: %w", o.Index+1, err))
	}
	h := t.header(d).finished()
	return w.to.Sheet(scan.Sheet{
		Origin: o, Format: scan.TIFF, Pixels: h.pixels, DPI: h.dpi, Orientation: h.orientation,
		Open: func() (io.ReadCloser, error) {
			return io.NopCloser(l.reader(f)), nil
		},
	})
}

// digestOf does the same by name.
func digestOf(ctx context.Context, path string) (string, error) {
	f, _, err := open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	return digest(ctx, f)
}

// digest gives the SHA-256 of a whole file.
func digest(ctx context.Context, f *os.File) (string, error) {
	h := sha256.New()
	r := io.NewSectionReader(f, 0, 1<<62)
	for {
		if err := ctx.Err(); err != nil {
			return "", err
		}
		n, err := io.CopyN(h, r, 4<<20)
		if err != nil && err != io.EOF {
			return "", err
		}
		if err == io.EOF || n == 0 {
			return hex.EncodeToString(h.Sum(nil)), nil
		}
	}
}
