package prepare

import (
	"encoding/binary"
	"fmt"

	"recto/scan"
)

// webpHeader walks the RIFF chunks (RFC 9649, 2.3 to 2.7).
func webpHeader(s *source) (header, error) {
	h := header{format: scan.WebP, bits: 8, samples: 3}
	b, err := s.at(4, 4)
	if err != nil {
		return h, err
	}
	end := int64(binary.LittleEndian.Uint32(b)) + 8
	if end > s.size {
		return h, fmt.Errorf("%w: WebP of %d bytes, the file ends at %d", scan.ErrTruncated, end, s.size)
	}
	for off := int64(12); off+8 <= end; {
		b, err := s.at(off, 8)
		if err != nil {
			return h, err
		}
		kind, n := string(b[:4]), int64(binary.LittleEndian.Uint32(b[4:]))
		if n > end-off-8 {
			return h, fmt.Errorf("%w: WebP chunk %q at %d has %d bytes", scan.ErrTruncated, kind, off, n)
		}
		body, err := s.at(off+8, int(min(n, 10)))
		if err != nil {
			return h, err
		}
		switch {
		case kind == "VP8X" && len(body) == 10:
			if body[0]&0x02 != 0 {
				return h, fmt.Errorf("%w: animated WebP", scan.ErrUnsupported)
			}
			h.icc, h.alpha = body[0]&0x20 != 0, body[0]&0x10 != 0
			h.width, h.height = 1+int24(body[4:]), 1+int24(body[7:])
		case kind == "VP8 " && len(body) == 10: // RFC 6386, 9.1
			h.width, h.height = int(binary.LittleEndian.Uint16(body[6:]))&0x3fff, int(binary.LittleEndian.Uint16(body[8:]))&0x3fff
		case kind == "VP8L" && len(body) >= 5:
			v := binary.LittleEndian.Uint32(body[1:])
			h.width, h.height, h.alpha = 1+int(v&0x3fff), 1+int(v>>14&0x3fff), v>>28&1 == 1
		case kind == "EXIF":
			h.exif(s.bytes(off+8, min(n, mostExif)))
		}
		off += 8 + n + n&1
	}
	if h.width == 0 {
		return h, fmt.Errorf("%w: WebP without an image", scan.ErrDamaged)
	}
	if h.alpha {
		h.samples = 4
	}
	return h, nil
}

func int24(b []byte) int { return int(b[0]) | int(b[1])<<8 | int(b[2])<<16 }
