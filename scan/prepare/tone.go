package prepare

// #include <leptonica/allheaders.h>
// #include "copy.h"
import "C"

import (
	"fmt"
	"runtime"

	"recto/scan"
)

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

// Of local thresholds.
const (
	localPart  = 100 // the longer side to half a window: about five lines of text are in it
	leastLocal = 8   // pixels, half a window
	localK     = 0.2
)

// Local gives black and white by the surroundings of each place: ink is what is darker
// than the mean there by more the less contrast there is (J. Sauvola and M.
// Pietikainen, Pattern Recognition 33, 2000). It is for the recognition, and one way to
// try among others: yellow and spotted paper, shadows, carbon copies and uneven print
// are often read better, faint strokes are lost. A bilevel picture comes back as it is.
// About 200 ms for A4 at 300 dpi.
func (p *Picture) Local() (*Picture, error) {
	defer runtime.KeepAlive(p)
	h := p.header
	if depth(p.pix) == 1 {
		return made(clone(p.pix), h, "tone")
	}
	h.bits, h.samples, h.palette, h.alpha = 1, 1, false, false
	size, grey := p.Grey()
	to, err := newPix(size, 1)
	if err != nil {
		return nil, fmt.Errorf("tone: %w", err)
	}
	C.pixClearAll(to)
	half := max(leastLocal, max(size.X, size.Y)/localPart)
	if C.localThreshold(to, bytesOf(grey), C.int(half), localK) != 0 {
		destroy(to)
		return nil, fmt.Errorf("tone: %w", scan.ErrMemory)
	}
	return newPicture(to, h), nil
}
