package prepare

/*
#include <leptonica/allheaders.h>
*/
import "C"

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"image"
	"io"
	"math/bits"

	"recto/scan"
)

// bmpMasks tell which bits of a pixel are its red, green, blue and alpha.
type bmpMasks [4]uint32

// bmpMasks gives the masks of a file of 16 or 32 bits a pixel: those in it, which
// follow 40 bytes of information header or are part of a longer one, or else the usual.
func (s *source) bmpMasks(depth, compression uint32, header uint32) (m bmpMasks, err error) {
	if compression == 0 {
		if depth == 16 {
			return bmpMasks{0x7c00, 0x3e0, 0x1f}, nil
		}
		return bmpMasks{0xff0000, 0xff00, 0xff}, nil
	}
	n := 3
	if compression == 6 || header >= 56 {
		n = 4
	}
	b, err := s.at(54, 4*n)
	if err != nil {
		return m, fmt.Errorf("BMP masks: %w", err)
	}
	for i := range n {
		m[i] = binary.LittleEndian.Uint32(b[4*i:])
		if v := m[i] >> bits.TrailingZeros32(m[i]); v&(v+1) != 0 || i < 3 && m[i] == 0 || depth == 16 && m[i] > 0xffff {
			return m, fmt.Errorf("%w: BMP with mask %#x", scan.ErrDamaged, m[i])
		}
	}
	return m, nil
}

// sample gives a sample of a pixel as 0 to 255.
func (m bmpMasks) sample(i int, pixel uint32) uint32 {
	shift := bits.TrailingZeros32(m[i])
	most := uint64(m[i] >> shift)
	return uint32((uint64(pixel&m[i]>>shift)*255 + most/2) / most)
}

// decodeBMP reads pixels of 16 or 32 bits. An alpha that is zero everywhere is one
// that nobody has set.
func decodeBMP(s *source, h header) (*C.PIX, error) {
	b, err := s.at(0, 54)
	if err != nil {
		return nil, err
	}
	le := binary.LittleEndian
	depth := uint32(le.Uint16(b[28:]))
	masks, err := s.bmpMasks(depth, le.Uint32(b[30:]), le.Uint32(b[14:]))
	if err != nil {
		return nil, err
	}
	pix, err := newPix(image.Pt(h.width, h.height), 32)
	if err != nil {
		return nil, err
	}
	to := words(pix)
	row := make([]byte, (h.width*int(depth)+31)/32*4)
	start := int64(le.Uint32(b[10:]))
	in := bufio.NewReaderSize(io.NewSectionReader(s, start, s.size-start), 1<<16)
	opaque := uint32(0)
	for i := range h.height {
		y := h.height - 1 - i
		if int32(le.Uint32(b[22:])) < 0 { // rows from the top
			y = i
		}
		if _, err := io.ReadFull(in, row); err != nil {
			destroy(pix)
			return nil, fmt.Errorf("%w: BMP row %d of %d: %w", scan.ErrTruncated, i+1, h.height, err)
		}
		line := to[y*h.width:][:h.width]
		for x := range line {
			v := uint32(le.Uint16(row[x*int(depth)/8:]))
			if depth == 32 {
				v = le.Uint32(row[4*x:])
			}
			line[x] = masks.sample(0, v)<<24 | masks.sample(1, v)<<16 | masks.sample(2, v)<<8
			if masks[3] != 0 {
				a := masks.sample(3, v)
				opaque |= a
				line[x] |= a
			}
		}
	}
	if opaque != 0 {
		for i, v := range to {
			a := v & 255
			to[i] = overWhite(v>>24, a, false)<<24 | overWhite(v>>16&255, a, false)<<16 | overWhite(v>>8&255, a, false)<<8
		}
	}
	return pix, nil
}
