package tesseract

// #include <stdlib.h>
// #include <tesseract/capi.h>
import "C"

import (
	"context"
	"fmt"
	"math"

	"recto/ocr"
)

// Orientation is what Tesseract makes of how a page lies. The confidences are
// margins on Tesseract's own scale from 0 upwards, not shares of 1, and no proof:
// upright pages were seen called upside down at 3, and turned ones called turned
// the other way at 12 (with a script that they are not in). All zero means that
// there were too few letters to tell.
type Orientation struct {
	Degrees          int // clockwise turn that makes the page upright: 0, 90, 180 or 270
	Confidence       float64
	Script           string // "Latin", "Fraktur", "Cyrillic" ...
	ScriptConfidence float64
}

// Orientation looks which way up a page lies and in what script it is. It takes
// about a quarter of a recognition's time and cannot be cancelled once begun. The
// errors are those of Recognise; the model is called "osd".
func (e *Engine) Orientation(ctx context.Context, img ocr.Image) (Orientation, error) {
	if e.reader == nil {
		return Orientation{}, ErrClosed
	}
	if err := ctx.Err(); err != nil {
		return Orientation{}, err
	}
	if err := check(img); err != nil {
		return Orientation{}, err
	}
	if err := e.loadOSD(); err != nil {
		return Orientation{}, err
	}
	defer e.osd.clear()
	if err := e.osd.show(img); err != nil {
		return Orientation{}, err
	}
	return e.osd.orientation(), ctx.Err()
}

// loadOSD makes the second client ready, on which only "osd" is ever loaded.
func (e *Engine) loadOSD() error {
	if e.osd != nil {
		return nil
	}
	sources, err := e.sources([]string{"osd"})
	if err != nil {
		return fmt.Errorf("find the orientation: %w", err)
	}
	c, err := newClient(sources[0].dir)
	if err != nil {
		return err
	}
	if err := c.load(&setup{sources: sources}); err != nil {
		c.close()
		return fmt.Errorf("find the orientation: %w", err)
	}
	e.osd = c
	return nil
}

func (c *client) orientation() Orientation {
	var (
		degrees                  C.int
		confidence, scriptMargin C.float
		script                   *C.char // Tesseract's own, whatever capi.h says about freeing it
	)
	if C.TessBaseAPIDetectOrientationScript(c.handle, &degrees, &confidence, &script, &scriptMargin) == 0 {
		return Orientation{}
	}
	return Orientation{
		Degrees:          (360 - int(degrees)) % 360, // Tesseract tells how the page was turned
		Confidence:       margin(confidence),
		Script:           C.GoString(script),
		ScriptConfidence: margin(scriptMargin),
	}
}

// margin keeps out what is no number: Tesseract divides by the letters it saw.
func margin(f C.float) float64 {
	m := float64(f)
	if math.IsNaN(m) || math.IsInf(m, 0) || m < 0 {
		return 0
	}
	return m
}
