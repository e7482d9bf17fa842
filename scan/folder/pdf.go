package folder

import (
	"context"
	"errors"
	"fmt"
	"image"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"recto/scan"
)

// Extracted is one page of a PDF as an image file, fit for a pipe.
type Extracted struct {
	Index       int              `json:"index"`                 // of the page, from 0
	Count       int              `json:"count"`                 // pages of the PDF
	File        string           `json:"file,omitempty"`        // the image, in the folder that ExpandPDF was given
	Format      scan.Format      `json:"format,omitempty"`      //
	Pixels      image.Point      `json:"pixels"`                // as stored in File, but square (scan.Density)
	DPI         float64          `json:"dpi,omitempty"`         // pixels over the size drawn on the page
	Orientation scan.Orientation `json:"orientation,omitempty"` // as the page shows the stored image
	Note        string           `json:"note,omitempty"`        // how the image was come by, where that is not all of the truth
	Problem     *scan.Problem    `json:"problem,omitempty"`     // why there is no image of this page; File is empty then
}

// Expander takes the images out of a PDF. The folder source calls it once a PDF
// with the absolute path of the file and the resolution for pages that must be
// rendered. to is called for each page in order, on the calling goroutine; the
// file of a page is the callee's from then on, which removes it. An error of to
// ends Expand, which returns it. Whatever is left of the files is removed by the
// Expander when Expand returns.
type Expander interface {
	Expand(ctx context.Context, file string, dpi float64, to func(Extracted) error) error
}

// pdf gives the pages of a PDF.
func (w *walk) pdf(o scan.Origin, f *os.File) error {
	if w.expand == nil {
		return w.reject(o, fmt.Errorf("a PDF (no worker process to read it): %w", scan.ErrUnsupported))
	}
	var err error
	if o.SHA256 == "" {
		if o.SHA256, err = digest(w.ctx, f); err != nil {
			if w.ctx.Err() != nil {
				return w.ctx.Err()
			}
			return w.reject(o, unreadable(err))
		}
	}
	path, err := filepath.Abs(string(o.Path))
	if err != nil {
		return w.reject(o, unreadable(err))
	}
	var stopped error // what the receiver said
	next := 0
	err = w.expand.Expand(w.ctx, path, w.dpi, func(e Extracted) error {
		o.Index, o.Count, o.Note = e.Index, max(1, e.Count), e.Note
		next = e.Index + 1
		if stopped = w.ctx.Err(); stopped == nil {
			stopped = w.extracted(o, e)
		}
		return stopped
	})
	switch {
	case stopped != nil:
		return stopped
	case w.ctx.Err() != nil:
		return w.ctx.Err()
	case err == nil && next == 0:
		err = scan.ErrNoPages
	case err == nil && next < o.Count:
		err = fmt.Errorf("%d of %d pages are missing: %w", o.Count-next, o.Count, scan.ErrDamaged)
	}
	if err != nil {
		o.Index, o.Note = next, ""
		return w.reject(o, known(err))
	}
	return nil
}

// extracted passes one page on and removes its file.
func (w *walk) extracted(o scan.Origin, e Extracted) error {
	if e.File != "" {
		defer os.Remove(e.File)
	}
	if e.Problem != nil {
		return w.reject(o, fmt.Errorf("page %d: %w", e.Index+1, e.Problem))
	}
	return w.to.Sheet(scan.Sheet{
		Origin: o, Format: e.Format, Pixels: e.Pixels, DPI: e.DPI, Orientation: e.Orientation,
		Open: func() (io.ReadCloser, error) { return os.Open(e.File) },
	})
}

// known makes sure that an error of reading a PDF wraps a sentinel of package
// scan.
func known(err error) error {
	switch p := scan.ProblemOf(err); {
	case p.Kind != "", errors.Is(err, context.DeadlineExceeded):
		return err
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return fmt.Errorf("%w: %w", scan.ErrNoSpace, err)
	case ours(err):
		return err
	}
	return fmt.Errorf("%w: %w", scan.ErrDamaged, err)
}

// ours tells an error of making our own files: it says nothing about the PDF.
func ours(err error) bool {
	var path *fs.PathError
	return errors.As(err, &path)
}
