package markup

import (
	"image"
	"math"
	"strconv"
	"strings"

	"recto/ocr"
)

// properties are those of an hOCR title that the tree needs (hOCR 1.2, 4 and 5).
// One that is missing or makes no sense is zero.
type properties struct {
	box        image.Rectangle
	slope      float64 // of the baseline, in the frame of the box's bottom left corner
	offset     float64 // of the baseline there, negative upwards
	sloped     bool    // slope and offset are given
	turn       int     // 0, 90, 180 or 270 degrees anticlockwise
	xSize      float64 // ascender to descender
	descenders float64 // Tesseract's: the part of xSize below the baseline
	confidence float64 // 0 to 1
	dpi        float64
}

// parseProperties reads "bbox 1 2 3 4; baseline 0.01 -5; x_size 30".
func parseProperties(title string) properties {
	var p properties
	for _, property := range splitTitle(title) {
		fields := strings.Fields(property)
		if len(fields) < 2 {
			continue
		}
		v, ok := numbers(fields[1:])
		if !ok {
			continue
		}
		switch n := len(v); strings.ToLower(fields[0]) {
		case "bbox":
			if n == 4 && v[0] < v[2] && v[1] < v[3] {
				p.box = image.Rect(int(v[0]), int(v[1]), int(v[2]), int(v[3]))
			}
		case "baseline": // the coefficients of a polynomial, the constant last
			p.sloped = true
			p.offset = v[n-1]
			if n > 1 {
				p.slope = v[n-2]
			}
		case "textangle":
			p.turn = int(math.Round(v[0]/90)) * 90 % 360
			if p.turn < 0 {
				p.turn += 360
			}
		case "x_size":
			p.xSize = max(v[0], 0)
		case "x_descenders":
			p.descenders = math.Abs(v[0])
		case "x_wconf":
			p.confidence = min(max(v[0]/100, 0), 1)
		case "scan_res":
			p.dpi = max(v[0], 0)
		}
	}
	return p
}

// splitTitle splits at semicolons, but not inside quotation marks: the name of an
// image may hold anything.
func splitTitle(title string) []string {
	quoted := false
	return strings.FieldsFunc(title, func(r rune) bool {
		if r == '"' {
			quoted = !quoted
		}
		return r == ';' && !quoted
	})
}

// far is beyond every coordinate on a page: sums of these do not overflow.
const far = 1 << 20

func numbers(fields []string) ([]float64, bool) {
	out := make([]float64, len(fields))
	for i, f := range fields {
		v, err := strconv.ParseFloat(f, 64)
		if err != nil || !(math.Abs(v) < far) {
			return nil, false
		}
		out[i] = v
	}
	return out, len(out) > 0
}

// baseline gives the absolute baseline of a line, zero where there is none.
//
// Tesseract leaves it out for turned lines, so there it follows from the box. A
// box is as thick as its letters are high, and descenders are the last to be
// missing from that: what exceeds the height above the baseline lies below it.
func (p *properties) baseline() ocr.Baseline {
	if p.box.Empty() {
		return ocr.Baseline{}
	}
	left, top, right, bottom := float64(p.box.Min.X), float64(p.box.Min.Y), float64(p.box.Max.X), float64(p.box.Max.Y)
	thickness := bottom - top
	if p.turn == 90 || p.turn == 270 {
		thickness = right - left
	}
	below := min(max(thickness-(p.xSize-p.descenders), 0), p.descenders, thickness)
	switch p.turn {
	case 90:
		return ocr.Baseline{X0: right - below, Y0: bottom, X1: right - below, Y1: top}
	case 180:
		return ocr.Baseline{X0: right, Y0: top + below, X1: left, Y1: top + below}
	case 270:
		return ocr.Baseline{X0: left + below, Y0: top, X1: left + below, Y1: bottom}
	}
	b := ocr.Baseline{X0: left, Y0: bottom + p.offset, X1: right, Y1: bottom + p.offset + p.slope*(right-left)}
	for _, y := range []float64{b.Y0, b.Y1} {
		if !p.sloped || y < top-thickness || y > bottom+thickness { // nobody would take that for the line's
			return ocr.Baseline{}
		}
	}
	return b
}
