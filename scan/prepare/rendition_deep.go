package prepare

import (
	"bufio"
	"errors"
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
	at := 2
	head := s.bytes(0, min(s.size, 4096))
	var field [3]int64
	for i := range field {
		n, next, err := pnmNumber(head, at)
		if err != nil {
			return
		}
		field[i], at = n, next
	}
	at++ // one white space ends the header
	w, h, most := field[0], field[1], field[2]
	colours := int64(1)
	if head[1] == '6' {
		colours = 3
	}
	if most != 1<<16-1 || !s.sized(w, h, 16, int(colours)) || s.size-int64(at) < 2*w*h*colours {
		return
	}
	o.deep = func() (*raster, error) {
		from := bufio.NewReaderSize(io.NewSectionReader(s, int64(at), s.size-int64(at)), 256<<10)
		return &raster{size: point(w, h), bits: 16, colours: int(colours), row: func(_ int, into []byte) error {
			_, err := io.ReadFull(from, into)
			return err
		}}, nil
	}
}

var errPNM = errors.New("PNM header")

// pnmNumber reads a number after white space and comments, and where it ends.
func pnmNumber(b []byte, at int) (n int64, end int, err error) {
	for comment := false; at < len(b); at++ {
		switch c := b[at]; {
		case comment:
			comment = c != '\n'
		case c == '#':
			comment = true
		case c == ' ' || c >= '\t' && c <= '\r':
		default:
			start := at
			for ; at < len(b) && b[at] >= '0' && b[at] <= '9' && n < 1<<32; at++ {
				n = 10*n + int64(b[at]-'0')
			}
			if at == start || at == len(b) {
				return 0, 0, errPNM
			}
			return n, at, nil
		}
	}
	return 0, 0, errPNM
}
