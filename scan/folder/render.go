package folder

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"io"
	"math"

	"github.com/klippa-app/go-pdfium/enums"
	"github.com/klippa-app/go-pdfium/references"
	"github.com/klippa-app/go-pdfium/requests"

	"recto/scan"
)

const (
	maxDecoded  = 400 << 20   // pixels of a fax or JBIG2 image, a byte each in PDFium
	maxRendered = 200_000_000 // pixels of a rendered page
	bandPixels  = 24 << 20    // of those, in memory at a time, three bytes each
)

// decoded is an image as PDFium decodes it.
type decoded struct {
	rows          []byte
	stride        int
	width, height int
	step          int // bytes a pixel
	release       func()
}

// decode has PDFium decode the one image of a page.
func (d *document) decode(page requests.Page, width, height int) (*decoded, error) {
	rows, stride, format, release, err := d.bitmap(page, width, height)
	if err != nil {
		return nil, err
	}
	step := map[enums.FPDF_BITMAP_FORMAT]int{
		enums.FPDF_BITMAP_FORMAT_GRAY: 1, enums.FPDF_BITMAP_FORMAT_BGR: 3,
		enums.FPDF_BITMAP_FORMAT_BGRX: 4, enums.FPDF_BITMAP_FORMAT_BGRA: 4,
	}[format]
	if step == 0 || width*step > stride || stride*height > len(rows) {
		release()
		return nil, fmt.Errorf("PDFium gives a bitmap of format %d", format)
	}
	return &decoded{rows, stride, width, height, step, release}, nil
}

// packBits writes the rows with one bit a pixel, 1 for white. An image that has
// anything between or beside black and white is an error.
func (d *decoded) packBits(to io.Writer) error {
	packed := make([]byte, (d.width+7)/8)
	for y := range d.height {
		clear(packed)
		row := d.rows[y*d.stride:]
		for x := range d.width {
			pixel := row[x*d.step : x*d.step+min(d.step, 3)]
			for _, v := range pixel[1:] {
				if v != pixel[0] {
					return errNotOneImage("the bilevel image has colours")
				}
			}
			switch pixel[0] {
			case 0xff:
				packed[x/8] |= 0x80 >> (x % 8)
			case 0:
			default:
				return errNotOneImage("the bilevel image has tones")
			}
		}
		if _, err := to.Write(packed); err != nil {
			return err
		}
	}
	return nil
}

// render draws a page, band by band, into a grey or RGB TIFF. unit is the page's
// user unit, why says what made it necessary; bare tells that all of it has one colour,
// so that nothing is on it.
func (d *document) render(page requests.Page, path string, dpi, unit float64, why string) (e Extracted, bare bool, err error) {
	w, err := d.lib.FPDF_GetPageWidthF(&requests.FPDF_GetPageWidthF{Page: page})
	if err != nil {
		return Extracted{}, false, failed("page size", err)
	}
	h, err := d.lib.FPDF_GetPageHeightF(&requests.FPDF_GetPageHeightF{Page: page})
	if err != nil {
		return Extracted{}, false, failed("page size", err)
	}
	inches := [2]float64{float64(w.PageWidth) * unit / 72, float64(h.PageHeight) * unit / 72}
	if !(inches[0] > 0 && inches[1] > 0) || math.IsInf(inches[0]*inches[1], 0) {
		return Extracted{}, false, fmt.Errorf("a page without extent: %w", scan.ErrDamaged)
	}
	note := ""
	if most := math.Sqrt(float64(d.rendered) / (inches[0] * inches[1])); dpi > most {
		note = fmt.Sprintf("; %.0f dpi would be more than %.3g megapixels", dpi, float64(d.rendered)/1e6)
		dpi = math.Floor(most*100) / 100
	}
	size := image.Pt(max(1, int(math.Round(inches[0]*dpi))), max(1, int(math.Round(inches[1]*dpi))))
	if dpi <= 0 || size.X > d.rendered || size.Y > d.rendered {
		return Extracted{}, false, fmt.Errorf("a page of %.0f x %.0f inches: %w", inches[0], inches[1], scan.ErrTooLarge)
	}
	c, err := d.newCanvas(page, size)
	if err != nil {
		return Extracted{}, false, err
	}
	defer c.close()
	colour, err := c.colour()
	if err != nil {
		return Extracted{}, false, err
	}
	t := newTIFF{width: size.X, height: size.Y, bits: 8, channels: 1, photometric: 1, compression: 8, dpiX: dpi, dpiY: dpi}
	if colour {
		t.channels, t.photometric = 3, 2
	}
	err = t.write(path, func(to io.Writer) error {
		grey := make([]byte, size.X)
		var paper []byte
		return c.each(func(row []byte) error {
			if paper == nil {
				paper, bare = bytes.Repeat(row[:3], size.X), true
			}
			bare = bare && bytes.Equal(row, paper)
			if !colour {
				for x := range grey {
					grey[x] = row[3*x]
				}
				row = grey
			}
			_, err := to.Write(row)
			return err
		})
	})
	if err != nil {
		return Extracted{}, false, err
	}
	return Extracted{
		File: path, Format: scan.TIFF, Pixels: size, DPI: dpi,
		Note: fmt.Sprintf("rendered at %.4g dpi by PDFium, the page is not one image: %s%s", dpi, why, note),
	}, bare, nil
}

// canvas draws a page of size pixels band by band.
type canvas struct {
	d      *document
	page   requests.Page
	size   image.Point
	bitmap references.FPDF_BITMAP
	height int // of a band
	top    int // of the band that is drawn now, -1 for none
}

func (d *document) newCanvas(page requests.Page, size image.Point) (*canvas, error) {
	height := min(size.Y, max(1, d.band/size.X))
	b, err := d.lib.FPDFBitmap_CreateEx(&requests.FPDFBitmap_CreateEx{
		Width: size.X, Height: height, Format: enums.FPDF_BITMAP_FORMAT_BGR, Pointer: uint64(0),
	})
	if err != nil {
		return nil, fmt.Errorf("room for the page (%s): %w", firstLine(err), scan.ErrMemory)
	}
	return &canvas{d, page, size, b.Bitmap, height, -1}, nil
}

func (c *canvas) close() {
	c.d.lib.FPDFBitmap_Destroy(&requests.FPDFBitmap_Destroy{Bitmap: c.bitmap})
}

// errEnough ends the look at a page's colours.
var errEnough = errors.New("enough")

// colour tells whether anything on the page is not grey.
func (c *canvas) colour() (bool, error) {
	err := c.each(func(row []byte) error {
		for i := 0; i < len(row); i += 3 {
			if row[i] != row[i+1] || row[i] != row[i+2] {
				return errEnough
			}
		}
		return nil
	})
	if err == errEnough {
		return true, nil
	}
	return false, err
}

// each gives the rows of the page from the top, RGB. A page of one band is drawn
// once however often it is asked for.
func (c *canvas) each(row func([]byte) error) error {
	for top := 0; top < c.size.Y; top += c.height {
		if err := c.d.ctx.Err(); err != nil {
			return err
		}
		if c.top != top {
			if err := c.draw(top); err != nil {
				return failed("render", err)
			}
		}
		rows, stride, err := c.d.rows(c.bitmap)
		if err != nil {
			return failed("render", err)
		}
		if len(rows) < stride*c.height || stride < 3*c.size.X {
			return fmt.Errorf("render: PDFium gives a bitmap of another size: %w", scan.ErrDamaged)
		}
		for y := range min(c.height, c.size.Y-top) {
			if err := row(rows[y*stride : y*stride+3*c.size.X]); err != nil {
				return err
			}
		}
	}
	return nil
}

func (c *canvas) draw(top int) error {
	c.top = -1
	if _, err := c.d.lib.FPDFBitmap_FillRect(&requests.FPDFBitmap_FillRect{
		Bitmap: c.bitmap, Width: c.size.X, Height: c.height, Color: 0xffffffff,
	}); err != nil {
		return err
	}
	if _, err := c.d.lib.FPDF_RenderPageBitmap(&requests.FPDF_RenderPageBitmap{
		Bitmap: c.bitmap, Page: c.page, StartY: -top, SizeX: c.size.X, SizeY: c.size.Y,
		Flags: enums.FPDF_RENDER_FLAG_ANNOT | enums.FPDF_RENDER_FLAG_REVERSE_BYTE_ORDER,
	}); err != nil {
		return err
	}
	c.top = top
	return nil
}
