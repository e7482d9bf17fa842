package parts

import (
	"image"
	"image/color"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"
)

// A box is drawn with the pointer or moved with keys; without Draw a drag moves the page.
func TestDrawBox(t *testing.T) {
	a := test.NewTempApp(t)
	v := NewPageView(nil)
	v.SetPage(NewPyramid(image.NewGray(image.Rect(0, 0, 400, 600))))
	w := a.NewWindow("")
	w.SetContent(v)
	w.Resize(fyne.NewSize(500, 700))
	v.paint(500, 700)
	v.ZoomTo(1)
	var got image.Rectangle
	v.OnBox = func(r image.Rectangle) { got = r }
	drag := func(from, to image.Point) {
		at := func(p image.Point) fyne.Position {
			r := v.view.ToView(image.Rectangle{p, p})
			return fyne.NewPos(float32(r.Min.X)/v.density, float32(r.Min.Y)/v.density)
		}
		v.MouseDown(&desktop.MouseEvent{PointEvent: fyne.PointEvent{Position: at(from)}})
		v.Dragged(&fyne.DragEvent{PointEvent: fyne.PointEvent{Position: at(to)}})
		v.DragEnd()
	}
	near := func(want image.Rectangle) bool {
		d := got.Min.Sub(want.Min)
		e := got.Max.Sub(want.Max)
		return max(d.X*d.X, d.Y*d.Y, e.X*e.X, e.Y*e.Y) <= 4
	}
	drag(image.Pt(10, 10), image.Pt(90, 90))
	if !got.Empty() || v.Drawing() {
		t.Errorf("a drag without Draw gives %v", got)
	}
	v.Draw(image.Rect(50, 60, 150, 100))
	drag(image.Pt(300, 200), image.Pt(100, 150)) // from the right, upwards
	if !near(image.Rect(100, 150, 300, 200)) {
		t.Errorf("drawn: %v", got)
	}
	got = image.Rectangle{}
	drag(image.Pt(300, 200), image.Pt(303, 202))
	if !got.Empty() {
		t.Errorf("a slip of the hand is a box: %v", got)
	}
	v.Draw(image.Rect(50, 60, 150, 100))
	v.TypedKey(&fyne.KeyEvent{Name: fyne.KeyRight})
	v.TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	if got.Size() != image.Pt(100, 40) || got.Min.X <= 50 || got.Min.Y != 60 {
		t.Errorf("by keys: %v", got)
	}
	v.Undraw()
	if v.Drawing() {
		t.Error("Undraw leaves it")
	}
}

// The states of words are told apart on the picture without their colour.
func TestMarksDiffer(t *testing.T) {
	ink := color.NRGBA{0, 0, 0, 0xFF}
	box := image.Rect(10, 10, 90, 40)
	seen := map[string]int{}
	for i, m := range []Mark{{}, {Dashed: true, Thick: true}, {Bar: true}, {Under: true, Thick: true}, {Cross: true}} {
		m.Box, m.Stroke = box, ink
		img := image.NewRGBA(image.Rect(0, 0, 100, 50))
		paintMark(img, box, m, 1)
		if j, same := seen[string(img.Pix)]; same {
			t.Errorf("marks %d and %d look the same", j, i)
		}
		seen[string(img.Pix)] = i
	}
	test.NewTempApp(t)
	lines := map[WordState][]fyne.CanvasObject{}
	for s := WordRead; s <= WordUnreadable; s++ {
		lines[s] = s.lines(0, 0, 60)
	}
	if len(lines[WordRead]) != 0 || len(lines[WordDoubtful]) < 5 || len(lines[WordCorrected]) != 2 || len(lines[WordChecked]) != 1 || len(lines[WordUnreadable]) != 1 ||
		lines[WordChecked][0].Position().Y <= lines[WordUnreadable][0].Position().Y+3 {
		t.Errorf("%v", lines)
	}
}
