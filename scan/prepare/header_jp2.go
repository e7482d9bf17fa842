package prepare

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"

	"recto/scan"
)

// jp2Header walks the boxes (ISO 15444-1, annex I) to the code stream and reads
// its image size; a bare code stream is taken too.
func jp2Header(s *source) (header, error) {
	h := header{format: scan.JP2}
	magic, err := s.at(0, 4)
	if err != nil {
		return h, err
	}
	if magic[0] == 0xff {
		return h, h.jp2Codestream(s, 0, s.size)
	}
	for off := int64(0); off < s.size; {
		kind, body, end, err := jp2Box(s, off)
		if err != nil {
			return h, err
		}
		switch kind {
		case "jp2h":
			h.jp2Colour(s, body, end)
		case "jp2c":
			// 16 is sRGB, 17 grey; without a number there is a profile (I.5.3.3).
			if n := h.jp2Space; n != 0 && n != 16 && n != 17 {
				return h, fmt.Errorf("%w: JPEG 2000 in colour space %d", scan.ErrUnsupported, n)
			}
			return h, h.jp2Codestream(s, body, end)
		}
		off = end
	}
	return h, fmt.Errorf("%w: JP2 without a code stream in %d bytes", scan.ErrTruncated, s.size)
}

// jp2Box reads a box header: its kind, where its content starts and ends.
func jp2Box(s *source, off int64) (kind string, body, end int64, err error) {
	b, err := s.at(off, 8)
	if err != nil {
		return "", 0, 0, err
	}
	kind, body = string(b[4:]), off+8
	n := int64(binary.BigEndian.Uint32(b))
	switch n {
	case 0:
		return kind, body, s.size, nil
	case 1:
		if b, err = s.at(off+8, 8); err != nil {
			return "", 0, 0, err
		}
		n, body = int64(binary.BigEndian.Uint64(b)), off+16
	}
	if n < body-off {
		return "", 0, 0, fmt.Errorf("%w: JP2 box %q at %d has %d bytes", scan.ErrDamaged, kind, off, n)
	}
	if n > s.size-off {
		return "", 0, 0, fmt.Errorf("%w: JP2 box %q at %d has %d bytes, the file ends at %d", scan.ErrTruncated, kind, off, n, s.size)
	}
	return kind, body, off + n, nil
}

// jp2Colour looks into the header box for a profile, a palette and a resolution.
// What is broken in there is left to the decoder.
func (h *header) jp2Colour(s *source, off, end int64) {
	for off < end {
		kind, body, next, err := jp2Box(s, off)
		if err != nil {
			return
		}
		switch kind {
		case "colr": // methods 2 and 3 carry a profile, 1 a number
			if b, err := s.at(body, 7); err == nil {
				h.icc = h.icc || b[0] == 2 || b[0] == 3
				if b[0] == 1 {
					h.jp2Space = binary.BigEndian.Uint32(b[3:])
				}
			}
		case "pclr":
			h.palette = true
		case "cdef":
			if b, err := s.at(body, int(min(next-body, 1<<10))); err == nil {
				for i := 2; i+6 <= len(b); i += 6 {
					t := binary.BigEndian.Uint16(b[i+2:])
					h.alpha = h.alpha || t == 1 || t == 2
				}
			}
		case "res ":
			h.jp2Colour(s, body, next)
		case "resc", "resd":
			// Numerators and denominators of vertical and horizontal, then their exponents (I.5.3.7).
			if b, err := s.at(body, 10); err == nil && (kind == "resc" || h.density == (scan.Density{})) {
				per := func(fraction, exponent int) float64 {
					n, d := binary.BigEndian.Uint16(b[fraction:]), binary.BigEndian.Uint16(b[fraction+2:])
					return float64(n) / float64(max(d, 1)) * math.Pow10(int(int8(b[exponent])))
				}
				h.density = scan.Density{X: per(4, 9), Y: per(0, 8)}
			}
		}
		off = next
	}
}

// jp2Codestream reads the SIZ segment (A.5.1) and looks for the end marker (A.4.4).
func (h *header) jp2Codestream(s *source, off, end int64) error {
	b, err := s.at(off, 44)
	if err != nil {
		return err
	}
	if string(b[:4]) != "\xff\x4f\xff\x51" {
		return fmt.Errorf("%w: JPEG 2000 code stream at %d has no size", scan.ErrDamaged, off)
	}
	u := func(i int) int64 { return int64(binary.BigEndian.Uint32(b[i:])) }
	n := int(binary.BigEndian.Uint16(b[40:]))
	if n < 1 || n > 4 {
		return fmt.Errorf("%w: JPEG 2000 with %d components", scan.ErrUnsupported, n)
	}
	// Of each component: depth less one and the sign, then how far its samples are apart.
	parts, err := s.at(off+42, 3*n)
	if err != nil {
		return err
	}
	for i := 3; i < len(parts); i += 3 {
		if !bytes.Equal(parts[i:i+3], parts[:3]) {
			return fmt.Errorf("%w: JPEG 2000 whose components differ in size or depth", scan.ErrUnsupported)
		}
	}
	h.samples, h.bits = n, int(parts[0]&0x7f)+1
	if parts[0] > 15 || h.palette && h.bits != 8 {
		return fmt.Errorf("%w: JPEG 2000 with %d bits a sample (signed: %v); up to 16 bits without a sign can be read, so convert it to TIFF", scan.ErrUnsupported, h.bits, parts[0] > 127)
	}
	dx, dy := int64(parts[1]), int64(parts[2])
	if dx == 0 || dy == 0 {
		return fmt.Errorf("%w: JPEG 2000 with samples %d x %d apart", scan.ErrDamaged, dx, dy)
	}
	// B-2: what the grid has of samples that are so far apart
	h.width = int((u(8)+dx-1)/dx - (u(16)+dx-1)/dx)
	h.height = int((u(12)+dy-1)/dy - (u(20)+dy-1)/dy)
	h.alpha = h.alpha || n%2 == 0
	if h.palette {
		h.samples = 3
	}
	last, err := s.at(end-2, 2)
	if err != nil {
		return err
	}
	if string(last) != "\xff\xd9" {
		return fmt.Errorf("%w: JPEG 2000 without its end marker after %d bytes", scan.ErrTruncated, end)
	}
	return nil
}
