package prepare

// #include "copy.h"
import "C"

import (
	"fmt"
	"math"
	"runtime"

	"recto/scan"
)

// Deskewed turns the picture clockwise by degrees about its centre. It grows to
// scan.Grown, is white in the corners, and every position moves where scan.Frame
// says. A 1 bit picture becomes grey, because its edges would become ragged.
func (p *Picture) Deskewed(degrees float64) (*Picture, error) {
	defer runtime.KeepAlive(p)
	if math.IsNaN(degrees) || math.Abs(degrees) > 45 {
		return nil, fmt.Errorf("deskew: %g degrees, at most 45 either way", degrees)
	}
	from := toned(p.pix)
	h := p.header
	w, ht := float64(width(p.pix)), float64(height(p.pix))
	nw, nh := scan.Grown(w, ht, degrees)
	h.width, h.height = int(nw), int(nh)
	if from == nil {
		return made(nil, h, "deskew")
	}
	defer destroy(from)
	to := C.pixCreateNoInit(C.l_int32(nw), C.l_int32(nh), C.l_int32(depth(from)))
	if to == nil {
		return made(nil, h, "deskew")
	}
	C.pixSetAll(to) // white, and outside of the old page it stays so
	s, c := math.Sincos(degrees * math.Pi / 180)
	// The inverse of scan.Frame's turn: from the new position to the old one.
	C.turnInto(to, from,
		C.double(c), C.double(s), C.double(w/2-c*nw/2-s*nh/2),
		C.double(-s), C.double(c), C.double(ht/2+s*nw/2-c*nh/2))
	return newPicture(to, h), nil
}

// toned gives a picture whose pixels can be mixed: of 1 bit a grey one.
func toned(pix *C.PIX) *C.PIX {
	if depth(pix) == 1 {
		return C.pixConvert1To8(nil, pix, 255, 0)
	}
	return clone(pix)
}
