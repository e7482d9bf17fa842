package prepare

// #include <leptonica/allheaders.h>
import "C"

import "runtime"

// Levelled evens out the paper: stains, yellowing and shadows go, the ink stays
// (leptonica's background normalisation, about 130 ms for A4 at 300 dpi). The
// result is for reading, not for the eye. A bilevel picture has no paper to level;
// it and what leptonica refuses come back as they are.
func (p *Picture) Levelled() (*Picture, error) {
	defer runtime.KeepAlive(p)
	if depth(p.pix) != 1 {
		if to := C.pixBackgroundNormSimple(p.pix, nil, nil); to != nil {
			return newPicture(to, p.header), nil
		}
	}
	return made(clone(p.pix), p.header, "level")
}
