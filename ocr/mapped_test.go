package ocr

import (
	"errors"
	"image"
	"math"
	"reflect"
	"testing"

	"recto/scan"
)

func TestMapped(t *testing.T) {
	text := page(set(100, 100, false, "one two\nthree", "four"), set(700, 800, false, "five"))
	before := twin(t, text)
	quarter := func(o scan.Orientation) (image.Point, scan.Affine) { return scan.Frame(image.Pt(1000, 1000), o, nil) }
	for _, c := range []struct {
		o        scan.Orientation
		turn     int
		one, two image.Rectangle
		baseline Baseline
	}{
		{1, 0, image.Rect(100, 100, 130, 120), image.Rect(140, 100, 170, 120), Baseline{100, 116, 170, 116}},
		{6, 270, image.Rect(880, 100, 900, 130), image.Rect(880, 140, 900, 170), Baseline{884, 100, 884, 170}}, // clockwise
		{3, 180, image.Rect(870, 880, 900, 900), image.Rect(830, 880, 860, 900), Baseline{900, 884, 830, 884}},
		{8, 90, image.Rect(100, 870, 120, 900), image.Rect(100, 830, 120, 860), Baseline{116, 900, 116, 830}},
	} {
		size, m := quarter(c.o)
		got, lost, err := text.Mapped(m, size)
		if err != nil || len(lost) > 0 {
			t.Fatal(err, lost)
		}
		l := got.Blocks[0].Paragraphs[0].Lines[0]
		if l.Turn != c.turn || l.Words[0].Box != c.one || l.Words[1].Box != c.two || l.Baseline != c.baseline {
			t.Errorf("orientation %d: %+v", c.o, l)
		}
		if got.Plain() != text.Plain() || got.DPI != 300 {
			t.Errorf("orientation %d: %v dpi, %q", c.o, got.DPI, got.Plain())
		}
		sound(t, got)
		back, _, err := got.Mapped(m.Inverse(), text.Size)
		if err != nil || !reflect.DeepEqual(back, text) {
			t.Errorf("orientation %d and back: %+v, %v", c.o, back, err)
		}
	}
	// Turned lines turn on.
	size, m := quarter(6)
	got, _, _ := text.Mapped(m, size)
	got, _, _ = got.Mapped(m, size)
	got, _, _ = got.Mapped(m, size)
	if l := got.Blocks[0].Paragraphs[0].Lines[0]; l.Turn != 90 {
		t.Errorf("three quarters clockwise: %d", l.Turn)
	}

	// A quarter by sine and cosine is one.
	for _, degrees := range []float64{0, 90, 180, 270} {
		s, c := math.Sincos(degrees * math.Pi / 180)
		m := scan.Affine{A: c, B: -s, C: 500 - 500*c + 500*s, D: s, E: c, F: 500 - 500*s - 500*c}
		got, _, err := text.Mapped(m, text.Size)
		if err != nil {
			t.Fatal(err)
		}
		if box := got.word(Place{}).Box; box.Dx()*box.Dy() != 30*high {
			t.Errorf("by %v: %v", degrees, box)
		}
	}

	// Deskewed: every corner of a word is in its new box, which is not larger than it must be.
	size, m = scan.Turned(1000, 1000, 2, image.Rectangle{})
	got, lost, err := text.Mapped(m, size)
	if err != nil || len(lost) > 0 {
		t.Fatal(err, lost)
	}
	sound(t, got)
	if l := got.Blocks[0].Paragraphs[0].Lines[0]; l.Turn != 0 || math.Abs(l.XSize-high) > 1e-9 {
		t.Errorf("%+v", l)
	}
	for p, w := range text.Places() {
		box := got.word(p).Box
		for _, c := range []image.Point{w.Box.Min, w.Box.Max, {w.Box.Min.X, w.Box.Max.Y}, {w.Box.Max.X, w.Box.Min.Y}} {
			x, y := m.Apply(float64(c.X), float64(c.Y))
			if x < float64(box.Min.X)-hair || x > float64(box.Max.X)+hair || y < float64(box.Min.Y)-hair || y > float64(box.Max.Y)+hair {
				t.Errorf("%q: %v, %v is not in %v", w.Text, x, y, box)
			}
		}
		if s, c := math.Sincos(2 * math.Pi / 180); float64(box.Dx()) > float64(w.Box.Dx())*c+float64(w.Box.Dy())*s+2 {
			t.Errorf("%q: %v of %v", w.Text, box, w.Box)
		}
	}

	// Cropped: what is outside is told, what is partly inside is cut.
	got, lost, err = text.Mapped(scan.Affine{A: 1, E: 1, C: -110, F: -110}, image.Pt(500, 500))
	if err != nil || len(lost) != 1 || lost[0] != *text.word(at(t, text, "five", 0)) {
		t.Errorf("%v, %v", lost, err)
	}
	if want := "one two\nthree\n\nfour\n"; outline(got) != want || got.Blocks[0].Box.Min != (image.Point{}) || got.word(Place{}).Box != image.Rect(0, 0, 20, 10) {
		t.Errorf("%q, %+v", outline(got), got.Blocks)
	}
	sound(t, got)
	got, lost, err = text.Mapped(scan.Affine{A: 1, E: 1, C: 5000}, image.Pt(500, 500))
	if err != nil || len(lost) != 5 || len(got.Blocks) != 0 {
		t.Errorf("%v, %v", lost, err)
	}

	// Twice as large.
	got, _, err = text.Mapped(scan.Affine{A: 2, E: 2}, image.Pt(2000, 2000))
	if err != nil || math.Abs(got.DPI-600) > hair || math.Abs(got.Blocks[0].Paragraphs[0].Lines[0].XSize-2*high) > hair || got.word(Place{}).Box != image.Rect(200, 200, 260, 240) {
		t.Errorf("%+v, %v", got, err)
	}

	// A word or a baseline at no place stays at none.
	bare := page(Block{Paragraphs: []Paragraph{{Lines: []Line{{Words: []Word{{Text: "x"}}}}}}})
	if got, lost, err := bare.Mapped(m, size); err != nil || len(lost) > 0 || got.Plain() != "x\n" || got.Blocks[0].Paragraphs[0].Lines[0].Baseline != (Baseline{}) {
		t.Errorf("%+v, %v, %v", got, lost, err)
	}

	for name, c := range map[string]struct {
		m    scan.Affine
		size image.Point
	}{
		"flat":     {scan.Affine{A: 1, B: 1, D: 1, E: 1}, size},
		"nothing":  {scan.Affine{}, size},
		"mirrored": {scan.Affine{A: -1, E: 1, C: 1000}, size},
		"NaN":      {scan.Affine{A: math.NaN(), E: 1}, size},
		"endless":  {scan.Affine{A: 1, E: 1, C: math.Inf(1)}, size},
		"too much": {scan.Affine{A: 1e200, E: 1e200}, size},
		"no size":  {scan.Affine{A: 1, E: 1}, image.Pt(0, 10)},
		"negative": {scan.Affine{A: 1, E: 1}, image.Pt(10, -1)},
	} {
		if got, _, err := text.Mapped(c.m, c.size); !errors.Is(err, ErrEdit) || got != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	// Far out is far out, not somewhere else.
	if _, lost, err := text.Mapped(scan.Affine{A: 1, E: 1, C: 1e300}, size); err != nil || len(lost) != 5 {
		t.Errorf("%v, %v", lost, err)
	}
	if !reflect.DeepEqual(text, before) {
		t.Error("the text that was mapped has changed")
	}
}
