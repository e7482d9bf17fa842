package prepare

import (
	"fmt"

	"recto/scan"
)

// Limits bound what one picture may cost, checked against the header before
// anything is decoded. The zero value means the defaults.
type Limits struct {
	Pixels int64 // width times height; 0 means 400 million
	Bytes  int64 // of the decoded pixels; 0 means 1.2 GB
}

const (
	mostPixels = 400_000_000
	mostBytes  = 1_200_000_000
	mostSide   = 1 << 17 // no side is longer; leptonica's and our arithmetic stay far from overflow
)

func (l Limits) check(h header) error {
	if l.Pixels == 0 {
		l.Pixels = mostPixels
	}
	if l.Bytes == 0 {
		l.Bytes = mostBytes
	}
	if h.width <= 0 || h.height <= 0 {
		return fmt.Errorf("%w: the %s header says %d x %d pixels", scan.ErrDamaged, h.format, h.width, h.height)
	}
	if h.width > mostSide || h.height > mostSide {
		return fmt.Errorf("%w: %d x %d pixels, at most %d a side", scan.ErrTooLarge, h.width, h.height, mostSide)
	}
	pixels := int64(h.width) * int64(h.height)
	if pixels > l.Pixels {
		return fmt.Errorf("%w: %d x %d are %d million pixels, at most %d", scan.ErrTooLarge, h.width, h.height, pixels/1e6, l.Pixels/1e6)
	}
	if n := pixels * int64(h.decodedBits()) / 8; n > l.Bytes {
		return fmt.Errorf("%w: %d x %d pixels need %d MB, at most %d", scan.ErrTooLarge, h.width, h.height, n/1e6, l.Bytes/1e6)
	}
	return nil
}
