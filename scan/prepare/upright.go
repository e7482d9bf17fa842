package prepare

// #include "copy.h"
import "C"

import (
	"math"
	"runtime"
)

// Of a page in Latin script more letters reach up than down. leptonica counts them
// and gives the difference in standard deviations, for the page as it lies and for
// the page on its side.
const (
	sureDeviations = 8.0 // below it, real upright pages have been seen to look turned
	sureRatio      = 2.5 // the better axis against the other one
	perConfidence  = 4.0 // deviations that count as 1: worth trying before 0
	contradiction  = 3.0 // deviations the other way, at another size
	otherSize      = 0.7
)

// Upright tells by which clockwise quarter turn the page becomes upright, after a
// cheap look at the letters (D. Bloomberg et al., SPIE 2422, 1995). The confidence
// is 0 where nothing is known and 1 where the turn is more likely than none; sure
// means that no recognition needs to confirm it.
//
// Scripts whose letters hang from a line, as Devanagari's, look upright or upside
// down by the size of their letters. What is found must hold at two sizes.
func (p *Picture) Upright() (degrees int, confidence float64, sure bool) {
	s := p.look()
	defer runtime.KeepAlive(s)
	up, left := ascenders(s.ink)
	best, other := math.Abs(up), math.Abs(left)
	if up < 0 {
		degrees = 180
	}
	sideways := other > best
	if sideways {
		best, other = other, best
		degrees = 90
		if left < 0 {
			degrees = 270
		}
	}
	sure = best >= sureDeviations && best >= sureRatio*other
	confidence = (best - other) / perConfidence
	if !sure && confidence < 1 {
		return degrees, confidence, false
	}
	small := resized(s.ink)
	defer destroy(small)
	up2, left2 := ascenders(small)
	again, first := up2, up
	if sideways {
		again, first = left2, left
	}
	if again*first < 0 && math.Abs(again) >= contradiction {
		return 0, 0, false
	}
	return degrees, confidence, sure
}

// ascenders counts letters that reach up against those that reach down, on the
// page as it lies and on its side.
func ascenders(ink *C.PIX) (up, left float64) {
	var u, l C.l_float32
	if ink == nil || C.pixOrientDetect(ink, &u, &l, 0, 0) != 0 {
		return 0, 0
	}
	return float64(u), float64(l)
}

// resized is the ink at the other size, nil where there is no memory for it.
func resized(ink *C.PIX) *C.PIX {
	grey := C.pixScaleToGray(ink, otherSize)
	if grey == nil {
		return nil
	}
	defer destroy(grey)
	return C.pixConvertTo1(grey, 160) // strokes of one pixel survive
}
