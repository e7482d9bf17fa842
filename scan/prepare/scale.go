package prepare

// #include "copy.h"
import "C"

import (
	"fmt"
	"image"
	"math"
	"runtime"

	"recto/scan"
)

const leastScale, mostScale = 0.05, 8

// Heights of x in pixels for the recognition. Of 43 real pages those outside of the
// range lost a tenth of their wrong words, and typescript a seventh, once they were
// scaled; within it scaling does nothing.
const (
	leastX, mostX = 17, 26
	likedX        = 20 // of larger letters
	likedGrown    = 23 // of smaller ones: what is interpolated has soft edges
)

// ReadingScale gives the factor by which a picture whose x-height is pixels
// ([Picture.XHeight]) should be scaled for the recognition; 1 where it should not be.
func ReadingScale(pixels float64) float64 {
	switch {
	case pixels <= 0 || pixels >= leastX && pixels <= mostX:
		return 1
	case pixels > mostX:
		return max(likedX/pixels, leastScale)
	}
	return min(likedGrown/pixels, mostScale/2)
}

// Scaled gives the picture factor times as large each way, in whole pixels: averaged
// where it becomes smaller, interpolated by cubics where it grows, so that the
// recognition gets letters of the height it likes. A 1 bit picture becomes grey. The
// factor is from 0.05 to 8; 1 gives the picture itself, sharing memory: both must be
// closed. It fails with scan.ErrTooLarge where the default limits are exceeded.
func (p *Picture) Scaled(factor float64) (*Picture, error) {
	defer runtime.KeepAlive(p)
	if !(factor >= leastScale && factor <= mostScale) {
		return nil, fmt.Errorf("scale: %g times the size, allowed are %g to %d", factor, leastScale, mostScale)
	}
	h := p.header
	if factor == 1 {
		return made(clone(p.pix), h, "scale")
	}
	size := image.Pt(max(1, int(math.Round(float64(width(p.pix))*factor))), max(1, int(math.Round(float64(height(p.pix))*factor))))
	h.width, h.height = size.X, size.Y
	check := h
	check.bits = max(8, h.bits)
	if err := (Limits{}).check(check); err != nil {
		return nil, fmt.Errorf("scale: %w", err)
	}
	from := toned(p.pix)
	if from == nil {
		return made(nil, h, "scale")
	}
	defer destroy(from)
	to, err := newPix(size, depth(from))
	if err != nil {
		return nil, fmt.Errorf("scale: %w", err)
	}
	if C.scaleInto(to, from) != 0 {
		destroy(to)
		return nil, fmt.Errorf("scale to %v pixels: %w", size, scan.ErrMemory)
	}
	return newPicture(to, h), nil
}
