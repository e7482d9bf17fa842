package prepare

/*
#include <leptonica/allheaders.h>
*/
import "C"

import (
	"fmt"
	"runtime"

	"recto/scan"
)

// turned gives a new picture: mirrored left to right first if asked for, then
// turned clockwise by quarters.
func turned(pix *C.PIX, mirror bool, quarters int) *C.PIX {
	out := clone(pix)
	if mirror {
		flipped := C.pixFlipLR(nil, out)
		destroy(out)
		out = flipped
	}
	if quarters != 0 && out != nil {
		rotated := C.pixRotateOrth(out, C.l_int32(quarters))
		destroy(out)
		out = rotated
	}
	return out
}

// upright says how an orientation is undone (TIFF 6.0, tag 274).
func upright(o scan.Orientation) (mirror bool, quarters int) {
	switch o {
	case 2:
		return true, 0
	case 3:
		return false, 2
	case 4:
		return true, 2
	case 5:
		return true, 3
	case 6:
		return false, 1
	case 7:
		return true, 1
	case 8:
		return false, 3
	}
	return false, 0
}

// Oriented gives the picture as the file's orientation and then a clockwise turn
// of 0, 90, 180 or 270 degrees show it. It shares memory with p where nothing is
// to be done; both must be closed.
func (p *Picture) Oriented(o scan.Orientation, degrees int) (*Picture, error) {
	defer runtime.KeepAlive(p)
	if degrees%90 != 0 {
		return nil, fmt.Errorf("orient: %d degrees are no quarter turns", degrees)
	}
	mirror, quarters := upright(o)
	quarters = ((quarters+degrees/90)%4 + 4) % 4
	h := p.header
	if quarters%2 == 1 {
		h.width, h.height = h.height, h.width
	}
	out, err := made(turned(p.pix, mirror, quarters), h, "orient")
	if err != nil {
		return nil, err
	}
	if p.sketch != nil {
		out.sketch = p.sketch.turned(mirror, quarters)
	}
	return out, nil
}
