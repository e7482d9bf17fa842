package parts

import (
	"image"
	"image/color"
	"math"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
)

// A leaning line is where it is said to be, at every scale, and clipped to the window.
func TestStroke(t *testing.T) {
	a := test.NewTempApp(t)
	v := NewPageView(nil)
	page := image.NewGray(image.Rect(0, 0, 400, 600))
	for i := range page.Pix {
		page.Pix[i] = 255
	}
	v.SetPage(NewPyramid(page))
	w := a.NewWindow("")
	w.SetContent(v)
	w.Resize(fyne.NewSize(500, 700))
	v.paint(500, 700)
	ink := color.NRGBA{0xB0, 0x10, 0x10, 0xFF}
	red := func(img image.Image, x, y float64) bool {
		at := v.view
		r, g, _, _ := img.At(int(x*at.Scale-at.X), int(y*at.Scale-at.Y)).RGBA()
		return r>>8 > 0x80 && g>>8 < 0x60
	}
	for _, scale := range []float64{0.5, 1, 3} {
		v.ZoomTo(scale)
		for _, l := range []Stroke{{X0: 100, Y0: 250, X1: 300, Y1: 265}, {X0: 190, Y0: 200, X1: 210, Y1: 400}, {X0: 200, Y0: 380, X1: 200, Y1: 200}, {X0: -4800, Y0: 300, X1: 5200, Y1: 300}} {
			l.Ink = ink
			v.Lines = []Stroke{l}
			img := v.paint(500, 700)
			long := math.Hypot(l.X1-l.X0, l.Y1-l.Y0)
			mx, my := (l.X0+l.X1)/2, (l.Y0+l.Y1)/2
			if !red(img, mx, my) {
				t.Errorf("at %v no line at the middle of %+v", scale, l)
			}
			away := 12 / scale
			if red(img, mx-(l.Y1-l.Y0)/long*away, my+(l.X1-l.X0)/long*away) {
				t.Errorf("at %v %+v is too thick", scale, l)
			}
		}
	}
	// A dashed line has gaps, a line of no length is none.
	v.ZoomTo(1)
	v.Lines = []Stroke{{X0: 100, Y0: 300, X1: 300, Y1: 300, Ink: ink, Dashed: true}, {X0: 50, Y0: 50, X1: 50, Y1: 50, Ink: ink}, {X0: math.NaN(), Y0: 1, X1: 2, Y1: 3, Ink: ink}}
	img := v.paint(500, 700)
	n := 0
	for x := 100; x < 300; x++ {
		if red(img, float64(x)+0.5, 300) {
			n++
		}
	}
	if n < 100 || n > 160 {
		t.Errorf("of 200 pixels of a dashed line %d are inked", n)
	}
	if red(img, 50, 50) {
		t.Error("a line of no length is seen")
	}
}
