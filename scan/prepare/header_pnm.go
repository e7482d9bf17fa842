package prepare

import (
	"fmt"

	"recto/scan"
)

// pnmPixels tells where the samples start and which value is white, 0 for bits.
type pnmPixels struct {
	at, most int64
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
	h.pnm.at = int64(at)
	bytes := int64(1)
	if len(numbers) == 3 {
		h.pnm.most = numbers[2]
		if m := numbers[2]; m < 1 || m > 65535 {
			return h, fmt.Errorf("%w: PNM with maximum %d", scan.ErrDamaged, m)
		} else if m > 255 && kind > '3' {
			h.bits, bytes = 16, 2
		}
	}
	if kind == '3' || kind == '6' {
		h.samples = 3
	}
	row := int64(h.width) * int64(h.samples) * bytes // in text, a digit a sample at least
	if kind == '4' {
		row = (int64(h.width) + 7) / 8
	}
	if h.height > 0 && row > (s.size-int64(at))/int64(h.height) {
		return h, fmt.Errorf("%w: PNM of %d rows of %d bytes at %d, the file has %d", scan.ErrTruncated, h.height, row, at, s.size)
	}
	return h, nil
}
