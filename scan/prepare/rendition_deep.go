package prepare

import (
	"bufio"
	"fmt"
	"image"
	"io"

	"recto/scan"
)

// A picture has 8 bits a sample. Masters of 16 bits in plain codings are therefore
// read here, so that no bit of them is lost.

// deep decodes a whole master of w by h pixels in Go and gives its rows of 16 bits a
// sample.
func (s *source) deep(w, h int64, decode func(io.Reader) (image.Image, error)) (r *raster, err error) {
	if err := s.limits.check(header{format: scan.TIFF, width: int(w), height: int(h), bits: 16, samples: 3}); err != nil {
		return nil, err
	}
	defer func() {
		if p := recover(); p != nil { // a hostile file must not end the worker
			r, err = nil, fmt.Errorf("16 bits a sample: %v: %w", p, scan.ErrDamaged)
		}
	}()
	img, err := decode(io.NewSectionReader(s, 0, s.size))
	if err != nil {
		return nil, err
	}
	r = &raster{size: point(w, h), bits: 16}
	if img.Bounds() != (image.Rectangle{Max: r.size}) {
		return nil, fmt.Errorf("%v pixels instead of %v: %w", img.Bounds(), r.size, scan.ErrDamaged)
	}
	switch m := img.(type) {
	case *image.Gray16:
		r.colours = 1
		r.row = func(y int, into []byte) error {
			copy(into, m.Pix[y*m.Stride:])
			return nil
		}
	case *image.RGBA64:
		r.colours = 3
		r.row = func(y int, into []byte) error {
			from := m.Pix[y*m.Stride:]
			for i := range m.Rect.Dx() {
				copy(into[6*i:6*i+6], from[8*i:])
			}
			return nil
		}
	default:
		return nil, fmt.Errorf("%T: %w", img, scan.ErrUnsupported)
	}
	return r, nil
}

// inspectPNM looks for a PNM of 16 bits: its rows are a PDF's, but for the coding.
func inspectPNM(s *source, o *original) {
	h, err := pnmHeader(s)
	if err != nil || h.pnm.kind < '5' || h.samples != 1 && h.samples != 3 || h.pnm.most != 1<<16-1 || !s.sized(int64(h.width), int64(h.height), 16, h.samples) {
		return
	}
	o.deep = func() (*raster, error) {
		from := bufio.NewReaderSize(io.NewSectionReader(s, h.pnm.at, s.size-h.pnm.at), 256<<10)
		return &raster{size: image.Pt(h.width, h.height), bits: 16, colours: h.samples, row: func(_ int, into []byte) error {
			_, err := io.ReadFull(from, into)
			return err
		}}, nil
	}
}
