package prepare

import (
	"encoding/binary"
	"fmt"

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
		case "colr": // method 2 and 3 carry a profile
			if b, err := s.at(body, 1); err == nil && (b[0] == 2 || b[0] == 3) {
				h.icc = true
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
			// Vertical and horizontal: numerator, denominator, then exponents; per metre.
			if b, err := s.at(body, 10); err == nil && binary.BigEndian.Uint16(b[6:]) != 0 && h.dpi == 0 {
				v := float64(binary.BigEndian.Uint16(b[4:])) / float64(binary.BigEndian.Uint16(b[6:]))
				for e := int8(b[9]); e != 0; {
					if e > 0 {
						v, e = v*10, e-1
					} else {
						v, e = v/10, e+1
					}
				}
				h.dpi = v * 0.0254
			}
		}
		off = next
	}
}

// codestream reads the SIZ segment (A.5.1) and looks for the end marker (A.4.4).
func (h *header) jp2Codestream(s *source, off, end int64) error {
	b, err := s.at(off, 44)
	if err != nil {
		return err
	}
	if string(b[:4]) != "\xff\x4f\xff\x51" {
		return fmt.Errorf("%w: JPEG 2000 code stream at %d has no size", scan.ErrDamaged, off)
	}
	u := func(i int) int64 { return int64(binary.BigEndian.Uint32(b[i:])) }
	w, ht := u(8)-u(16), u(12)-u(20)
	h.samples, h.bits = int(binary.BigEndian.Uint16(b[40:])), int(b[42]&0x7f)+1
	h.width, h.height = int(w), int(ht)
	if h.palette {
		h.samples = 3
	}
	if h.samples < 1 || h.samples > 4 || h.bits > 8 { // leptonica reads 8 bits at most
		return fmt.Errorf("%w: JPEG 2000 with %d components of %d bits", scan.ErrUnsupported, h.samples, h.bits)
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
