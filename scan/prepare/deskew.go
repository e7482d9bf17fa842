package prepare

// #include <leptonica/allheaders.h>
// #include "copy.h"
import "C"

import (
	"fmt"
	"image"
	"math"
	"runtime"

	"recto/scan"
)

// Deskewed turns the picture clockwise by degrees about its centre and crops it to
// box ([scan.Crop]; the zero box crops nothing: it grows to scan.Grown). It is white
// where the picture does not reach, and every position moves where scan.Frame says. A
// 1 bit picture that is turned becomes grey, because its edges would become ragged.
func (p *Picture) Deskewed(degrees float64, box image.Rectangle) (*Picture, error) {
	defer runtime.KeepAlive(p)
	if math.IsNaN(degrees) || math.Abs(degrees) > 45 {
		return nil, fmt.Errorf("deskew: %g degrees, at most 45 either way", degrees)
	}
	h := p.header
	w, ht := float64(width(p.pix)), float64(height(p.pix))
	size, m := scan.Turned(w, ht, degrees, box)
	h.width, h.height = size.X, size.Y
	if err := (Limits{}).check(h); err != nil {
		return nil, fmt.Errorf("deskew: %w", err)
	}
	if degrees == 0 && image.Pt(int(w), int(ht)) == size && box.Min == (image.Point{}) {
		out, err := made(clone(p.pix), h, "deskew")
		if err == nil {
			out.sketch = p.sketch
		}
		return out, err
	}
	from := clone(p.pix)
	if degrees != 0 || !box.In(image.Rect(0, 0, int(w), int(ht))) {
		destroy(from)
		from = toned(p.pix)
	}
	if from == nil {
		return made(nil, h, "deskew")
	}
	defer destroy(from)
	if degrees == 0 && box.In(image.Rect(0, 0, int(w), int(ht))) {
		return made(clipped(from, box), h, "crop")
	}
	to := C.pixCreateNoInit(C.l_int32(size.X), C.l_int32(size.Y), C.l_int32(depth(from)))
	if to == nil {
		return made(nil, h, "deskew")
	}
	C.pixSetAll(to) // white, and outside of the old page it stays so
	back := m.Inverse()
	C.turnInto(to, from,
		C.double(back.A), C.double(back.B), C.double(back.C),
		C.double(back.D), C.double(back.E), C.double(back.F))
	return newPicture(to, h), nil
}

// clipped copies what lies in box, which must be inside.
func clipped(pix *C.PIX, box image.Rectangle) *C.PIX {
	b := C.boxCreate(C.l_int32(box.Min.X), C.l_int32(box.Min.Y), C.l_int32(box.Dx()), C.l_int32(box.Dy()))
	defer C.boxDestroy(&b)
	return C.pixClipRectangle(pix, b, nil)
}

// toned gives a picture whose pixels can be mixed: of 1 bit a grey one.
func toned(pix *C.PIX) *C.PIX {
	if depth(pix) == 1 {
		return C.pixConvert1To8(nil, pix, 255, 0)
	}
	return clone(pix)
}
