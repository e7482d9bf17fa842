package worker

import (
	"image"

	"recto/scan"
	"recto/scan/prepare"
	"recto/scan/quality"
	"recto/scan/separate"
)

const (
	// inspector names what looked: another look may find other things.
	inspector = "inspect 3"
	// glanced bounds the sides of what a quick look looks at: it runs beside capture,
	// on machines of two cores. scan/quality takes it as it is.
	glanced = 1800
)

// inspect has a quick look at a master.
func inspect(in Inspect) (any, error) {
	pic, err := prepare.Decode(string(in.Master), prepare.Limits{})
	if err != nil {
		return nil, err
	}
	defer pic.Close()
	square, err := pic.Squared()
	if err != nil {
		return nil, err
	}
	defer square.Close()
	grey := square.Glance(glanced)
	m := square.Measure(in.DPI)
	out := scan.Inspection{Pixels: m.Pixels, DPI: in.DPI, Blank: m.Blank, Ink: m.Ink, By: inspector}
	if in.Orientation >= 5 { // turned by a quarter
		out.Pixels = image.Pt(m.Pixels.Y, m.Pixels.X)
	}
	out.Sharpness = quality.Sharpness(grey)
	if !m.Blank {
		out.Signature = quality.Signature(grey)
		if degrees, confidence := square.Skew(); confidence >= leastConfidence {
			out.Skew = degrees
		}
	}
	if in.Codes {
		size, pixels := square.Grey()
		out.Sought, out.Codes = true, separate.Find(&image.Gray{Pix: pixels, Stride: size.X, Rect: image.Rectangle{Max: size}}, in.DPI)
	}
	return out, nil
}
