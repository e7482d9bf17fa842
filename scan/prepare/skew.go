package prepare

// #include <leptonica/allheaders.h>
import "C"

import "runtime"

const (
	mostSkew  = 8.0 // degrees that are looked for, either way
	skewStep  = 1.0 // of the first sweep, degrees
	skewExact = 0.01
)

// Skew tells by how many degrees the page is turned, clockwise positive, and
// leptonica's confidence: the best angle's score over the worst's, where below 3
// means no idea (D. Bloomberg et al., "Measuring document image skew and
// orientation", SPIE 2422, 1995). Photographs and empty pages give none.
func (p *Picture) Skew() (degrees, confidence float64) {
	s := p.look()
	defer runtime.KeepAlive(s)
	if s.ink == nil {
		return 0, 0
	}
	var angle, conf C.l_float32
	if C.pixFindSkewSweepAndSearch(s.ink, &angle, &conf, 2, 1, mostSkew, skewStep, skewExact) != 0 {
		return 0, 0
	}
	return -float64(angle), float64(conf) // leptonica tells the turn that mends it
}
