package pdfa

import (
	"context"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"errors"
	"fmt"
	"image"
	"io"
	"iter"
	"os"
	"path/filepath"
	"time"

	"recto/archive"
	"recto/ocr"
	"recto/scan"
)

// Meta describes the document. All of it comes from the catalogue, the times too:
// the same input gives the same file.
type Meta struct {
	Title      string // "" becomes "Untitled"
	Language   string // BCP 47; "" or anything else leaves it out
	Identifier string // the document's UUID: dc:identifier, and xmpMM:DocumentID as "uuid:..."
	Creator    string // who digitised: dc:creator and Author; may be ""
	Producer   string // the program: "Recto 0.1"
	Created    time.Time
	Modified   time.Time
	State      archive.DocumentState // said in the packet (Namespace), and in the description where incomplete
	Reasons    []string              // why it is incomplete
	Source     string                // dc:source; may be ""
}

// Leaf is one page.
type Leaf struct {
	Label string // page label; "" means its number
	// Rendition is the image, nil for a page that could not be decoded. Open gives
	// the file in which its spans lie; the closer may be nil.
	Rendition *scan.Rendition
	Open      func() (io.ReaderAt, io.Closer, error)
	// Frame and Map are what the rendition's Frame gave: the image is
	// drawn through Map, its bytes untouched.
	Frame    image.Point
	Map      scan.Affine
	DPI      float64   // of the frame; above 0
	Text     *ocr.Text // boxes in the frame; nil without text
	Language string    // BCP 47 of the text; "" means the document's
	// Problem is the sentence on the placeholder page where Rendition is nil.
	Problem string
}

// Result tells what was written.
type Result struct {
	Pages  int
	Fixity scan.Fixity
	Images []string // SHA-256 of each page's image stream, in order, hexadecimal
	Notes  []string // what was not as asked, a sentence each: a page scaled down, a profile left out
}

// LeafError says which leaf cannot be written; the caller may put a placeholder
// in its place and write again.
type LeafError struct {
	Index int // from 0
	Err   error
}

func (e *LeafError) Error() string { return fmt.Sprintf("page %d: %v", e.Index+1, e.Err) }

// Unwrap gives the cause; it wraps a sentinel of package scan where one fits.
func (e *LeafError) Unwrap() error { return e.Err }

// ErrNoLeaves means that there was nothing to write: a PDF has at least one page.
var ErrNoLeaves = errors.New("the document has no pages")

// Write makes the file at path, replacing one that is there. It is complete and
// on the disk when Write returns, or path is as it was: the file grows in the
// folder tmp, which must lie on the same file system, and is renamed. An error
// that leaves yields, or that lies in a leaf (*LeafError), ends the work, and so
// does ctx. Memory holds one page at a time.
func Write(ctx context.Context, path string, m Meta, leaves iter.Seq2[Leaf, error], tmp string) (Result, error) {
	r, err := write(ctx, path, m, leaves, tmp, invisible)
	if err != nil {
		return Result{}, fmt.Errorf("write %s: %w", scan.Path(path), err)
	}
	return r, nil
}

// invisible is the text rendering mode that draws nothing (ISO 32000-1, table 106).
const invisible = 3

func write(ctx context.Context, path string, m Meta, leaves iter.Seq2[Leaf, error], tmp string, mode int) (r Result, err error) {
	d, err := newDocument(m, tmp, mode)
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, d.spool.close()) }()

	for leaf, err := range leaves {
		if err != nil {
			return r, err
		}
		if err := d.add(ctx, &leaf); err != nil {
			if ctx.Err() != nil {
				return r, ctx.Err()
			}
			if errors.Is(err, scan.ErrNoSpace) {
				return r, err
			}
			return r, &LeafError{d.result.Pages, err}
		}
	}
	if d.result.Pages == 0 {
		return r, ErrNoLeaves
	}
	if err := ctx.Err(); err != nil {
		return r, err
	}
	if err := d.finish(ctx); err != nil {
		return r, err
	}

	f, err := os.CreateTemp(tmp, "pdfa-*.pdf")
	if err != nil {
		return r, full(err)
	}
	defer func() {
		if f != nil { // not renamed
			err = errors.Join(err, f.Close(), os.Remove(f.Name()))
		}
	}()
	short, long := sha256.New(), sha512.New()
	w := &interruptible{ctx: ctx, to: io.MultiWriter(f, short, long)}
	if err := d.serialise(w); err != nil {
		return r, full(err)
	}
	if err := f.Chmod(0o644); err != nil {
		return r, err
	}
	if err := f.Sync(); err != nil {
		return r, full(err)
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return r, err
	}
	err = f.Close()
	f = nil
	if err := errors.Join(err, syncFolder(filepath.Dir(path))); err != nil {
		return r, err
	}
	d.result.Fixity = scan.Fixity{
		SHA256: hex.EncodeToString(short.Sum(nil)),
		SHA512: hex.EncodeToString(long.Sum(nil)),
		Size:   w.written,
	}
	return d.result, nil
}

func syncFolder(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// interruptible is a writer that stops when its context ends, however much it is
// given at once.
type interruptible struct {
	ctx     context.Context
	to      io.Writer
	written int64
}

func (w *interruptible) Write(p []byte) (n int, err error) {
	for n < len(p) && err == nil {
		if err := w.ctx.Err(); err != nil {
			return n, err
		}
		var k int
		k, err = w.to.Write(p[n:min(n+chunk, len(p))])
		n += k
		w.written += int64(k)
	}
	return n, err
}
