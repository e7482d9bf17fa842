package prepare

// #include <leptonica/allheaders.h>
import "C"

import "runtime"

// Upright looks for the clockwise quarter turn that makes the page upright.
func (p *Picture) Upright() (degrees int, confidence float64, sure bool) {
	s := p.look()
	defer runtime.KeepAlive(s)
	if s.ink == nil {
		return 0, 0, false
	}
	var up, left C.l_float32
	if C.pixOrientDetect(s.ink, &up, &left, 0, 0) != 0 {
		return 0, 0, false
	}
	return 0, 0, false
}
