package prepare

/*
#include <leptonica/allheaders.h>
*/
import "C"

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"io"

	"recto/scan"
)

// decodePNM reads the samples of a PBM, PGM, PPM or PAM, as bytes or as text, of any
// maximum: it stands for white and becomes 255 (Netpbm's pgm(5)). What is transparent
// is laid on white.
func decodePNM(s *source, h header) (*C.PIX, error) {
	depth := 8
	switch {
	case h.bits == 1:
		depth = 1
	case h.samples > 2:
		depth = 32
	}
	pix, err := newPix(image.Pt(h.width, h.height), depth)
	if err != nil {
		return nil, err
	}
	in := bufio.NewReaderSize(io.NewSectionReader(s, h.pnm.at, s.size-h.pnm.at), 1<<16)
	to := words(pix)
	clear(to)
	wpl := len(to) / h.height
	for y := range h.height {
		if err := h.pnmRow(in, to[y*wpl:][:wpl], depth); err != nil {
			destroy(pix)
			if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
				err = scan.ErrTruncated
			}
			return nil, fmt.Errorf("PNM row %d of %d: %w", y+1, h.height, err)
		}
	}
	return pix, nil
}

// pnmRow reads a row of pixels into cleared words, where the first lies highest.
func (h header) pnmRow(in *bufio.Reader, to []uint32, depth int) error {
	p, width := h.pnm, h.width
	if p.kind == '4' {
		b := make([]byte, 4*len(to))
		if _, err := io.ReadFull(in, b[:(width+7)/8]); err != nil {
			return err
		}
		for i := range to {
			to[i] = binary.BigEndian.Uint32(b[4*i:])
		}
		return nil
	}
	for x := range width {
		var v [4]uint32
		for i := range h.samples {
			var err error
			if v[i], err = p.sample(in); err != nil {
				return err
			}
		}
		switch alpha := v[max(0, h.samples-1)]; {
		case p.inks:
			v[0], v[1], v[2] = inks(v[0], v[1], v[2], v[3])
		case h.alpha:
			for i := range h.samples - 1 {
				v[i] = overWhite(v[i], alpha, false)
			}
		}
		switch depth {
		case 1:
			to[x/32] |= v[0] << (31 - x%32)
		case 8:
			to[x/4] |= v[0] << (24 - x%4*8)
		default:
			to[x] = v[0]<<24 | v[1]<<16 | v[2]<<8
		}
	}
	return nil
}

// sample reads a number and brings it to 0 to 255, or, of a bitmap, 0 or 1.
func (p pnmPixels) sample(in *bufio.Reader) (uint32, error) {
	var n uint32
	switch {
	case p.kind <= '3':
		var err error
		if n, err = p.text(in); err != nil {
			return 0, err
		}
	case p.most > 255:
		high, err := in.ReadByte()
		if err != nil {
			return 0, err
		}
		low, err := in.ReadByte()
		if err != nil {
			return 0, err
		}
		n = uint32(high)<<8 | uint32(low)
	default:
		b, err := in.ReadByte()
		if err != nil {
			return 0, err
		}
		n = uint32(b)
	}
	if p.most == 0 {
		return n & 1, nil
	}
	most := uint32(p.most)
	switch n = min(n, most); most {
	case 1<<16 - 1:
		return n >> 8, nil // the upper byte, as of all masters of 16 bits
	case 255:
		return n, nil
	}
	return (n*255 + most/2) / most, nil
}

// text reads a number in digits after white space and comments. The digits of a
// bitmap need nothing between them (pbm(5)).
func (p pnmPixels) text(in *bufio.Reader) (uint32, error) {
	n, digits := uint32(0), 0
	for {
		c, err := in.ReadByte()
		switch {
		case err != nil && digits > 0 && errors.Is(err, io.EOF):
			return n, nil // the file's last number
		case err != nil:
			return 0, err
		case c >= '0' && c <= '9' && n < 1<<16:
			n, digits = 10*n+uint32(c-'0'), digits+1
			if p.kind == '1' {
				return n, nil
			}
		case c == '#' && digits == 0:
			if err := skipLine(in); err != nil {
				return 0, err
			}
		case c != ' ' && (c < '\t' || c > '\r'):
			return 0, fmt.Errorf("%w: %q among the numbers", scan.ErrDamaged, c)
		case digits > 0:
			return n, nil
		}
	}
}

// skipLine reads past the end of a line, however long it is.
func skipLine(in *bufio.Reader) error {
	for {
		if _, err := in.ReadSlice('\n'); !errors.Is(err, bufio.ErrBufferFull) {
			return err
		}
	}
}
