package prepare

import (
	"encoding/binary"
	"fmt"

	"recto/scan"
)

// pngHeader walks the chunks (PNG third edition, 5.3) to IEND. Checksums and the
// compressed data are left to libpng, which fails on both.
func pngHeader(s *source) (header, error) {
	h := header{format: scan.PNG}
	for off, first := int64(8), true; ; first = false {
		b, err := s.at(off, 8)
		if err != nil {
			return h, fmt.Errorf("PNG chunk: %w", err)
		}
		n, kind := int64(binary.BigEndian.Uint32(b)), string(b[4:])
		if n > s.size-off-12 {
			return h, fmt.Errorf("%w: PNG chunk %q at %d has %d bytes, the file ends at %d", scan.ErrTruncated, kind, off, n, s.size)
		}
		if first != (kind == "IHDR") {
			return h, fmt.Errorf("%w: PNG chunk %q at %d", scan.ErrDamaged, kind, off)
		}
		switch kind {
		case "IHDR":
			if err := h.ihdr(s, off+8, n); err != nil {
				return h, err
			}
		case "pHYs":
			if b, err := s.at(off+8, 9); err == nil && n == 9 {
				h.density = scan.Density{X: float64(binary.BigEndian.Uint32(b)), Y: float64(binary.BigEndian.Uint32(b[4:]))}
			}
		case "eXIf":
			h.exif(s.bytes(off+8, min(n, mostExif)))
		case "iCCP":
			h.icc = true
		case "tRNS":
			h.alpha = true
		case "IEND":
			return h, nil
		}
		off += 12 + n
	}
}

func (h *header) ihdr(s *source, off, n int64) error {
	if n != 13 {
		return fmt.Errorf("%w: PNG header of %d bytes", scan.ErrDamaged, n)
	}
	b, err := s.at(off, 13)
	if err != nil {
		return err
	}
	w, ht := binary.BigEndian.Uint32(b), binary.BigEndian.Uint32(b[4:])
	if w > 1<<31-1 || ht > 1<<31-1 {
		return fmt.Errorf("%w: PNG of %d x %d pixels", scan.ErrDamaged, w, ht)
	}
	h.width, h.height, h.bits = int(w), int(ht), int(b[8])
	switch b[9] { // colour type
	case 0:
		h.samples = 1
	case 2:
		h.samples = 3
	case 3:
		h.samples, h.palette = 3, true
	case 4:
		h.samples, h.alpha = 2, true
	case 6:
		h.samples, h.alpha = 4, true
	default:
		return fmt.Errorf("%w: PNG colour type %d", scan.ErrDamaged, b[9])
	}
	return nil
}
