package prepare

// #include "copy.h"
import "C"

import (
	"fmt"
	"runtime"
)

// Squared gives the picture with pixels as wide as they are high, as [scan.Density]
// has it: of a fax of 204 by 98 dpi each row becomes two and a bit. Lines between rows
// are mixed from both, so that 1 bit becomes grey. It shares memory with p where
// nothing is to be done; both must be closed. It fails with scan.ErrTooLarge where the
// picture would exceed the default limits.
func (p *Picture) Squared() (*Picture, error) {
	defer runtime.KeepAlive(p)
	h, size := p.header, p.Size()
	square := h.density.Square(size)
	if square == size {
		return made(clone(p.pix), h, "square")
	}
	h.width, h.height = square.X, square.Y
	check := h
	check.bits = max(8, h.bits)
	if err := (Limits{}).check(check); err != nil {
		return nil, fmt.Errorf("square: %w", err)
	}
	from := toned(p.pix)
	if from == nil {
		return made(nil, h, "square")
	}
	defer destroy(from)
	to, err := newPix(square, depth(from))
	if err != nil {
		return nil, fmt.Errorf("square: %w", err)
	}
	C.pixSetAll(to)
	C.turnInto(to, from,
		C.double(float64(size.X)/float64(square.X)), 0, 0,
		0, C.double(float64(size.Y)/float64(square.Y)), 0)
	return newPicture(to, h), nil
}
