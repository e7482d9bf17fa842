package worker

import (
	"image"

	"recto/scan"
	"recto/scan/prepare"
)

// inspector names what looked: another look may find other things.
const inspector = "inspect 1"

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
	size, grey := square.Grey()
	img := &image.Gray{Pix: grey, Stride: size.X, Rect: image.Rectangle{Max: size}}
	m := square.Measure(in.DPI)
	out := scan.Inspection{Pixels: m.Pixels, DPI: in.DPI, Blank: m.Blank, Ink: m.Ink, By: inspector}
	if in.Orientation >= 5 { // turned by a quarter
		out.Pixels = image.Pt(m.Pixels.Y, m.Pixels.X)
	}
	if degrees, confidence := square.Skew(); confidence >= 3 && !m.Blank {
		out.Skew = degrees
	}
	_ = img
	return out, nil
}
