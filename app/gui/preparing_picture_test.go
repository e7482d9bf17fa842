package gui

import (
	"image"
	"math"
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"

	"recto/app/gui/parts"
	"recto/scan"
)

// A field that changes changes the picture once it rests, and nothing is set by that.
func TestPrepareShowsWhatIsTried(t *testing.T) {
	core := newFake(1, 4)
	d := onPage(t, core)
	d.press("Shift+P")
	p := d.snapshot().Prepare
	if p == nil || len(core.tried) != 1 || !core.tried[0].Before || p.Busy || p.Recipe != "deskew -1.50°" || p.Size == [2]int{} {
		t.Fatalf("opened with %d trials: %+v", len(core.tried), p)
	}
	f := d.preparer.fields
	if got := f[prepDeskew].found.String(); got != "-1.50°, confidence 7.2 (3 will do)" {
		t.Errorf("straighten: %q", got)
	}
	// Of keys that follow one another only the last counts.
	d.sets("Straighten", "2")
	d.sets("Straighten", "2.2")
	d.sets("Straighten", "2.25")
	if len(core.tried) != 1 || !d.snapshot().Prepare.Busy {
		t.Errorf("%d trials while somebody types; %+v", len(core.tried), d.snapshot().Prepare)
	}
	d.settle()
	if n := len(core.tried); n != 2 || core.tried[1].Set.Skew() != 2.25 || core.tried[1].Before {
		t.Errorf("%d trials, the last %+v", n, core.tried[n-1])
	}
	if got := d.snapshot().Prepare; got.Recipe != "deskew 2.25°" || got.Lines != 2 || got.Busy {
		t.Errorf("%+v", got)
	}
	if got := f[prepDeskew].says.String(); !strings.HasPrefix(got, "tried here") {
		t.Errorf("beside what is tried stands %q", got)
	}
	if slices.Contains(core.calls, "PreparePages") {
		t.Error("trying sets something")
	}
	// What cannot be understood is not tried.
	d.sets("Straighten", "much")
	d.settle()
	if s := d.snapshot().Prepare; len(core.tried) != 2 || !strings.Contains(s.Says, "see Straighten") || s.Recipe != "deskew 2.25°" {
		t.Errorf("%d trials; %+v", len(core.tried), s)
	}
	if got := f[prepDeskew].says.String(); !strings.Contains(got, "-45 to 45") {
		t.Errorf("beside what is wrong stands %q", got)
	}
	// A page to be like is tried as well.
	d.sets("Straighten", "auto")
	d.sets("As page", "2")
	d.settle()
	if got := core.tried[len(core.tried)-1]; got.Like != d.page.pages[1].ID {
		t.Errorf("like page 2: %+v", got)
	}
	d.press("Esc")
	d.settle()
	if d.top() != nil {
		t.Error("Esc does not leave")
	}
}

// A field that gets the keyboard is selected, so that typing replaces "auto"; what cannot
// be understood is told beside each field where it stands.
func TestPrepareTyping(t *testing.T) {
	d := onPage(t, newFake(1, 4))
	d.press("Shift+P")
	f := d.preparer.fields
	d.win.Canvas().FocusNext()
	d.types("x")
	if got := f[prepSpread].text(); got != "x" {
		t.Errorf("the spread is %q", got)
	}
	d.win.Canvas().FocusNext()
	d.types("2.5")
	d.win.Canvas().FocusNext()
	d.types("1,2")
	if got := f[prepCrop].text(); got != "1,2" {
		t.Errorf("the crop is %q", got)
	}
	d.win.Canvas().Focused().FocusLost() // the window loses the keyboard and gets it back
	d.win.Canvas().Focused().FocusGained()
	d.types(",3")
	if got := f[prepCrop].text(); got != "1,2,3" {
		t.Errorf("the crop is %q after a look at another window", got)
	}
	for field, want := range map[int]string{prepSpread: "a number of pixels", prepDeskew: "not set yet", prepCrop: "left, top, right, bottom: pixels"} {
		if got := f[field].says.String(); !strings.HasPrefix(got, want) {
			t.Errorf("beside %s stands %q", f[field].name, got)
		}
	}
}

// An answer that comes after another question, or after the dialog has gone, is dropped.
func TestPrepareLateAnswers(t *testing.T) {
	core := newFake(1, 4)
	d := onPage(t, core)
	var flying []func()
	spawn := d.bridge.spawn
	d.press("Shift+P")
	d.bridge.spawn = func(f func()) { flying = append(flying, f) }
	d.sets("Straighten", "1")
	d.settle()
	d.sets("Straighten", "2")
	d.settle()
	if len(flying) != 2 {
		t.Fatalf("%d questions", len(flying))
	}
	flying[1]()
	flying[0]() // its context has ended, and its answer is not wanted
	if got := d.snapshot().Prepare; got.Recipe != "deskew 2.00°" || got.Busy {
		t.Errorf("%+v", got)
	}
	d.sets("Straighten", "3")
	d.settle()
	d.sets("Straighten", "4") // rests while the dialog is closed
	d.bridge.spawn = spawn
	look, n := d.preparer.look, len(core.tried)
	d.press("Esc")
	flying[2]()
	d.settle()
	if got := look.tried.Recipe.String(); got != "deskew 2.00°" || len(core.tried) > n+1 {
		t.Errorf("after the end: %s, %d trials", got, len(core.tried)-n)
	}
}

func TestPrepareViewsAndPages(t *testing.T) {
	core := newFake(1, 5)
	d := newDesk(t, core)
	d.press("F4")
	d.arrange.pages[2].ByHand = scan.Recipe{scan.NewStep(scan.DespeckleStage, scan.Despeckle{Size: 3}, true)}
	core.batches[d.arrange.pages[2].Batch].pages[2].ByHand = d.arrange.pages[2].ByHand
	d.press("Ctrl+A", "Shift+P")
	views := func() (out []bool) {
		for i := range d.preparer.look.panes {
			out = append(out, slices.Contains(d.preparer.look.body.Objects, d.preparer.look.panes[i].all))
		}
		return out
	}
	for _, c := range []struct {
		chord, view string
		seen        []bool
	}{{"", "Both", []bool{true, true, false}}, {"Alt+1", "Before", []bool{true, false, false}}, {"Alt+2", "After", []bool{false, true, false}}, {"Alt+3", "As read", []bool{false, false, true}}, {"Alt+4", "Both", []bool{true, true, false}}} {
		if c.chord != "" {
			d.press(c.chord)
		}
		if s := d.snapshot().Prepare; s.View != c.view || !slices.Equal(views(), c.seen) {
			t.Errorf("%s shows %s, %v", c.chord, s.View, views())
		}
	}
	if s := d.snapshot().Prepare; s.Number != 1 || s.Says != "Page 1, 1 of 5" {
		t.Errorf("%+v", s)
	}
	d.press("PgDn", "PgDn")
	if s := d.snapshot().Prepare; s.Number != 3 || !core.tried[len(core.tried)-1].Before {
		t.Errorf("%+v", s)
	}
	if got := d.preparer.fields[prepSpecks].says.String(); got != "3, set by anna, 4 Mar 2020" {
		t.Errorf("specks: %q", got)
	}
	d.press("PgDn", "PgDn", "PgDn", "PgDn")
	if s := d.snapshot().Prepare; s.Number != 5 {
		t.Errorf("%+v", s)
	}
	d.press("PgUp")
	// From the fields to the picture and back; there single keys enlarge it.
	d.press("F6")
	view := d.preparer.look.panes[viewAfter].view
	if d.win.Canvas().Focused() != view {
		t.Errorf("F6 gives the keyboard to %T", d.win.Canvas().Focused())
	}
	d.press("Alt+3")
	if read := d.preparer.look.panes[viewRead].view; d.win.Canvas().Focused() != read {
		t.Errorf("the keyboard stays with a view that is out of sight: %T", d.win.Canvas().Focused())
	}
	d.press("F6")
	if d.win.Canvas().Focused() != d.preparer.first {
		t.Errorf("F6 goes back to %T", d.win.Canvas().Focused())
	}
	// A page that cannot be decoded says so, and the others stay to be had.
	core.fail["TryPreparation"] = scan.ErrDamaged
	d.press("PgUp")
	if s := d.snapshot().Prepare; !strings.Contains(s.Says, scan.ErrDamaged.Error()) || s.Size != [2]int{} || s.Recipe != "" {
		t.Errorf("%+v", s)
	}
	delete(core.fail, "TryPreparation")
	d.press("PgUp")
	if s := d.snapshot().Prepare; s.Number != 2 || s.Size == [2]int{} {
		t.Errorf("%+v", s)
	}
}

// What is to be cut is two pages to look at; the right one is a page of its own.
func TestPrepareHalves(t *testing.T) {
	core := newFake(1, 3)
	d := newDesk(t, core)
	d.press("F4", "Ctrl+A", "Shift+P")
	d.sets("Spread", "600")
	d.sets("Specks", "2")
	d.settle()
	if s := d.snapshot().Prepare; s.Right || !strings.Contains(s.Says, "left half") {
		t.Fatalf("%+v", s)
	}
	d.press("PgDn")
	last := core.tried[len(core.tried)-1]
	if s := d.snapshot().Prepare; !s.Right || s.Number != 1 || !last.Second || last.Spread == nil || *last.Spread != 600 || len(last.Set) != 0 {
		t.Fatalf("%+v, %+v", s, last)
	}
	d.press("PgDn")
	if s := d.snapshot().Prepare; s.Right || s.Number != 2 {
		t.Errorf("%+v", s)
	}
	d.press("PgUp", "PgDn")
	if s := d.snapshot().Prepare; !s.Right || s.Number != 1 {
		t.Errorf("%+v", s)
	}
	d.sets("Spread", "none")
	d.settle()
	if s := d.snapshot().Prepare; s.Right || strings.Contains(s.Says, "half") {
		t.Errorf("%+v", s)
	}
}

// Without room for both, the dialog has the fields or the picture.
func TestPrepareNarrow(t *testing.T) {
	core := newFake(1, 2)
	d := onPage(t, core)
	d.win.Resize(fyne.NewSize(700, 450))
	d.press("Shift+P")
	if s := d.snapshot(); !s.Prepare.Fields || s.Width > 700 || s.Height > 450 {
		t.Errorf("%+v", s)
	}
	d.press("F6")
	if s := d.snapshot(); s.Prepare.Fields || !d.preparer.look.content.Visible() || s.Width > 700 || s.Height > 450 {
		t.Errorf("%+v", s)
	}
	d.press("F6")
	if !d.snapshot().Prepare.Fields || d.win.Canvas().Focused() != d.preparer.first {
		t.Errorf("%+v", d.snapshot().Prepare)
	}
}

// In the smallest window all fields come into sight with Tab, the buttons always stay there,
// and no words beside the fields are cut short.
func TestPrepareSmall(t *testing.T) {
	d := newDesk(t, newFake(1, 3))
	d.win.Resize(fyne.NewSize(512, 350))
	d.press("F4", "Ctrl+A", "Shift+P")
	if s := d.snapshot(); s.Width != 512 || s.Height != 350 {
		t.Fatalf("the window is %d x %d", s.Width, s.Height)
	}
	driver := fyne.CurrentApp().Driver()
	inside := func(what string, o fyne.CanvasObject, in fyne.CanvasObject) {
		t.Helper()
		at, from := driver.AbsolutePositionForObject(o), driver.AbsolutePositionForObject(in)
		end, most := at.Add(o.Size()), from.Add(in.Size())
		if !o.Visible() || at.X < from.X || at.Y < from.Y || end.X > most.X || end.Y > most.Y || o.Size().Width < 1 {
			t.Errorf("%s lies at %v to %v, outside %v to %v", what, at, end, from, most)
		}
	}
	sheet := d.top().popup.Content
	buttons := func(names ...string) {
		t.Helper()
		for _, o := range allOf(sheet) {
			word := ""
			switch o := o.(type) {
			case *parts.Button:
				word = o.Text
			case *parts.Check:
				word = o.Text
			}
			if i := slices.Index(names, word); i >= 0 {
				inside(word, o, sheet)
				names = slices.Delete(names, i, i+1)
			}
		}
		if len(names) > 0 {
			t.Errorf("there is no %q", names)
		}
	}
	inside("the dialog", sheet, d.win.Content())
	buttons("Set it", "Reset all", "Cancel", "Read again at once", "Picture  F6")
	if got := len(d.preparer.fields); got != prepLike+1 {
		t.Fatalf("%d fields", got)
	}
	for _, f := range d.preparer.fields {
		field, ok := d.win.Canvas().Focused().(fyne.CanvasObject)
		if !ok {
			t.Fatalf("%s: nothing has the keyboard", f.name)
		}
		inside(f.name, field, d.preparer.scroll)
		for _, words := range []*parts.Text{f.found, f.says} {
			if words.String() == "" {
				continue
			}
			inside("beside "+f.name, words, d.preparer.scroll)
			if need := fyne.MeasureText(words.String(), 12, fyne.TextStyle{}).Width; need > words.Size().Width {
				t.Errorf("%s: %q needs %.0f and has %.0f", f.name, words, need, words.Size().Width)
			}
		}
		d.win.Canvas().FocusNext()
	}
	for range d.preparer.fields {
		d.win.Canvas().FocusPrevious()
	}
	inside("the first field again", d.preparer.first.(fyne.CanvasObject), d.preparer.scroll)
	d.press("F6")
	buttons("Set it", "Reset all", "Cancel", "Read again at once", "Fields  F6", "Before", "After", "As read", "Both")
	if view := d.preparer.look.panes[viewAfter].view; view.Size().Height < 100 {
		t.Errorf("the picture is %v", view.Size())
	} else {
		inside("the picture", view, sheet)
	}
	if !strings.HasPrefix(d.preparer.note.String(), "Alt+1") {
		t.Errorf("the keys are not told: %q", d.preparer.note)
	}
}

// The lines on the master are where the recipe has the page's edges.
func TestPrepareLines(t *testing.T) {
	size := image.Pt(2000, 3000)
	step := func(stage scan.Stage, params any) scan.Step { return scan.NewStep(stage, params, true) }
	near := func(a, b float64) bool { return math.Abs(a-b) < 0.6 }
	lines, words := linesOf(nil, size, 0.5)
	if len(lines) != 0 || len(words) != 0 {
		t.Errorf("of nothing: %v %v", lines, words)
	}
	lines, _ = linesOf(scan.Recipe{step(scan.CropStage, scan.Crop{Left: 100, Top: 200, Right: 1900, Bottom: 2800})}, size, 0.5)
	if len(lines) != 4 || !near(lines[0].X0, 50) || !near(lines[0].Y0, 100) || !near(lines[0].X1, 950) || !near(lines[1].Y1, 1400) {
		t.Errorf("a crop: %v", lines)
	}
	// Turned by a quarter clockwise, the upper edge of the page is the left one of the master.
	lines, _ = linesOf(scan.Recipe{step(scan.OrientStage, scan.Orient{Degrees: 90}), step(scan.CropStage, scan.Crop{Left: 100, Top: 200, Right: 2900, Bottom: 1900})}, size, 1)
	if len(lines) != 4 || !near(lines[0].X0, 200) || !near(lines[0].X1, 200) || !near(lines[0].Y0, 2900) || !near(lines[0].Y1, 100) {
		t.Errorf("a crop of a turned page: %v", lines)
	}
	lines, words = linesOf(scan.Recipe{step(scan.SplitStage, scan.Split{Part: 2, At: 900})}, size, 1)
	if len(lines) != 1 || !near(lines[0].X0, 900) || !near(lines[0].X1, 900) || !lines[0].Dashed || !near(math.Abs(lines[0].Y1-lines[0].Y0), 3000) {
		t.Errorf("a cut: %v %q", lines, words)
	}
	// A page that is turned clockwise leans the other way: its lines rise to the right.
	lines, words = linesOf(scan.Recipe{step(scan.DeskewStage, scan.Deskew{Degrees: 3})}, size, 1)
	if len(lines) != 2 || !slices.ContainsFunc(words, func(s string) bool { return strings.Contains(s, "level by 3.00°") }) {
		t.Fatalf("a lean: %v %q", lines, words)
	}
	angle := func(s parts.Stroke) float64 { return math.Atan2(s.Y1-s.Y0, s.X1-s.X0) * 180 / math.Pi }
	if !near(angle(lines[0])*10, -30) || !near(angle(lines[1]), 0) || !lines[1].Dashed {
		t.Errorf("a lean of %.2f beside a level of %.2f", angle(lines[0]), angle(lines[1]))
	}
}
