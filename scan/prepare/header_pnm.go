package prepare

import (
	"errors"
	"fmt"

	"recto/scan"
)

// pnmPixels tells how the samples are written.
type pnmPixels struct {
	kind byte  // the digit after the P: 1 to 3 are text, 4 to 6 bytes
	at   int64 // where the samples start
	most int64 // which value is white, 0 for bits
}

// pnmHeader reads the numbers at the start of a PBM, PGM or PPM file (Netpbm's
// pbm(5), pgm(5), ppm(5)). Only the first image of a file counts.
func pnmHeader(s *source) (header, error) {
	h := header{format: scan.PNM, bits: 8, samples: 1}
	head, err := s.at(0, int(min(s.size, 4096)))
	if err != nil {
		return h, err
	}
	kind := head[1]
	numbers := []int64{0, 0, 1}
	if kind == '1' || kind == '4' {
		numbers, h.bits = numbers[:2], 1
	}
	at := 2
	for i := range numbers {
		if numbers[i], at, err = pnmNumber(head, at); err != nil {
			return h, fmt.Errorf("%w: %w at byte %d", scan.ErrDamaged, err, at)
		}
	}
	at++ // one white space ends the header
	if numbers[0] > 1<<31-1 || numbers[1] > 1<<31-1 {
		return h, fmt.Errorf("%w: PNM of %d x %d pixels", scan.ErrTooLarge, numbers[0], numbers[1])
	}
	h.width, h.height = int(numbers[0]), int(numbers[1])
	h.pnm.kind, h.pnm.at = kind, int64(at)
	least := int64(1) // bytes a sample
	if len(numbers) == 3 {
		h.pnm.most = numbers[2]
		switch m := numbers[2]; {
		case m < 1 || m > 65535:
			return h, fmt.Errorf("%w: PNM with maximum %d", scan.ErrDamaged, m)
		case m > 255:
			h.bits, least = 16, 2 // in text a digit and a space
		}
	}
	if kind == '3' || kind == '6' {
		h.samples = 3
	}
	row := int64(h.width) * int64(h.samples) * least
	if kind == '4' {
		row = (int64(h.width) + 7) / 8
	}
	if h.height > 0 && row > (s.size-int64(at))/int64(h.height) {
		return h, fmt.Errorf("%w: PNM of %d rows of %d bytes at %d, the file has %d", scan.ErrTruncated, h.height, row, at, s.size)
	}
	return h, nil
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
