package folder

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"image"
	"math"
	"os"
	"path/filepath"

	"github.com/klippa-app/go-pdfium/requests"

	"recto/scan"
)

// ExpandPDF takes the images out of the PDF at path file and gives each page to
// emit, in order; their files are made in dir, one a page, and are emit's. It is
// meant for a worker process: PDFium runs in a sandbox here, but it costs memory
// and time, and ctx is looked at between pages and bands of a page only; a page
// that takes for ever is ended by killing the process.
//
// A page that shows exactly one image gives that image without loss: JPEG, JPEG
// 2000 and most fax streams keep their bytes, other samples are written as a
// Deflate TIFF. Invisible text and whatever the image hides do not count. Any
// other page is rendered at dpi (0 means 300), or at less where that would be
// more than 200 megapixels. A page that fails is emitted with a Problem and the
// others go on.
//
// Errors of the whole file wrap scan.ErrPassword, ErrNoPages, ErrDamaged,
// ErrUnsupported, ErrTooLarge, ErrUnreadable or ErrNoSpace; an error of emit ends
// the work and is returned, as is ctx.Err().
func ExpandPDF(ctx context.Context, file, dir string, dpi float64, emit func(Extracted) error) error {
	if dpi <= 0 {
		dpi = 300
	}
	d, err := openDocument(ctx, file)
	if err != nil {
		return cause(ctx, err)
	}
	defer d.close()
	pages := d.pages
	if pages == 0 {
		return scan.ErrNoPages
	}
	for i := range pages {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		e, err := d.expand(i, dir, dpi)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		e.Index, e.Count = i, pages
		if ours(err) {
			return fmt.Errorf("page %d: %w", i+1, known(err))
		}
		if err != nil {
			e = Extracted{Index: i, Count: pages, Problem: scan.ProblemOf(known(err))}
		}
		if emitted := emit(e); emitted != nil {
			return emitted
		}
		if d.used > maxUsed || err != nil && trapped(err) {
			if err := d.reopen(); err != nil {
				return cause(ctx, fmt.Errorf("after page %d: %w", i+1, known(err)))
			}
		}
	}
	return nil
}

// maxUsed is how many bytes of pages one PDFium is given to read. It keeps some
// four times of what it has read until its document is closed.
const maxUsed = 32 << 20

// cause prefers the context's error to what it has led to.
func cause(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return err
}

// errNotOneImage is why a page is rendered; its message follows the wrapping.
type errNotOneImage string

func (e errNotOneImage) Error() string { return string(e) }

// expand makes the image of one page.
func (d *document) expand(index int, dir string, dpi float64) (Extracted, error) {
	page, err := d.load(index)
	if err != nil {
		return Extracted{}, err
	}
	defer d.unload(page)
	out := filepath.Join(dir, fmt.Sprintf("page-%06d", index+1))
	p, err := d.inspect(index, out+".pdf")
	if err == nil {
		var e Extracted
		if e, err = d.extract(p, page, out); err == nil {
			return e, nil
		}
	}
	if trapped(err) {
		return Extracted{}, failed("take the image out", err)
	}
	var why errNotOneImage
	told := errors.As(err, &why)
	if !told {
		if errors.Is(err, scan.ErrTooLarge) || ours(err) || d.ctx.Err() != nil {
			return Extracted{}, err
		}
		why = errNotOneImage("its image cannot be taken out: " + firstLine(err))
	}
	unit, lost := 1.0, ""
	if p != nil {
		unit, lost = p.unit, p.lost
	}
	e, bare, err := d.render(page, out+scan.TIFF.Extension(), dpi, unit, string(why))
	switch {
	case err != nil || lost == "" && told:
	case bare: // a page that is gone must not come in as one that is blank
		os.Remove(e.File)
		return Extracted{}, fmt.Errorf("nothing is left of the page, %s cannot be read: %w", cmp.Or(lost, "what it shows"), scan.ErrDamaged)
	case lost != "":
		e.Note += "; " + lost + " cannot be read"
	}
	return e, err
}

// inspect reads the objects of one page and finds the image that it shows. The
// page is given even with an error, if its objects could be read.
func (d *document) inspect(index int, temporary string) (*pdfPage, error) {
	f, err := os.Create(temporary)
	if err != nil {
		return nil, err
	}
	defer os.Remove(temporary)
	defer f.Close()
	err = d.export(index, f)
	if info, err := f.Stat(); err == nil {
		d.used += info.Size()
	}
	if err != nil {
		return nil, err
	}
	p, err := readPage(f)
	if err != nil {
		return nil, err
	}
	return p, p.look()
}

// extract writes the one image of a page to a file.
func (d *document) extract(p *pdfPage, page requests.Page, out string) (Extracted, error) {
	place, err := p.place()
	if err != nil {
		return Extracted{}, err
	}
	e := Extracted{Orientation: place.orientation, Note: place.note}
	w := &imageWriter{page: p, place: place, out: out, e: &e, bitmap: func(width, height int) (*decoded, error) {
		return d.decode(page, width, height)
	}}
	if err := w.write(p.image.stream); err != nil {
		os.Remove(e.File)
		return Extracted{}, err
	}
	if err := e.measure(place); err != nil {
		os.Remove(e.File)
		return Extracted{}, err
	}
	return e, nil
}

// measure reads how the image is seen without its PDF. A shape of its pixels that the
// page does not give them would show for good.
func (e *Extracted) measure(place placement) error {
	f, info, err := open(e.File)
	if err != nil {
		return err
	}
	defer f.Close()
	h := readHeader(e.Format, f, info.Size())
	e.Pixels, e.DPI = h.pixels, likely(believable(place.dpi(h.pixels)), h.pixels)
	page := place.dpiY / place.dpiX * float64(place.width) / float64(place.height)
	own := float64(h.pixels.X) / float64(h.pixels.Y)
	if h.pixels != image.Pt(place.width, place.height) && math.Abs(own/page-1) > 0.05 {
		return errNotOneImage(fmt.Sprintf("alone its image is seen with %d x %d pixels", h.pixels.X, h.pixels.Y))
	}
	return nil
}
