package gui

import (
	"image"
	"slices"
	"strings"
	"testing"

	"recto/app/gui/parts"
	"recto/app/workbench"
	"recto/scan"
)

// sets changes a field of the dialog as its user would.
func (d *desk) sets(name, value string) {
	d.t.Helper()
	rows := d.preparer.form.rows.Objects
	for i := 0; i+1 < len(rows); i += 2 {
		if labelOf(rows[i]) != name {
			continue
		}
		for _, o := range allOf(rows[i+1]) {
			switch o := o.(type) {
			case *parts.Entry:
				o.SetText(value)
				return
			case *parts.Select:
				if !slices.Contains(o.Options, value) {
					d.t.Fatalf("%s offers %q, not %q", name, o.Options, value)
				}
				o.SetSelected(value)
				return
			}
		}
	}
	d.t.Fatalf("no field %s", name)
}

func TestPrepareFromPage(t *testing.T) {
	core := newFake(1, 4)
	d := onPage(t, core)
	byHand := func() scan.Recipe { p, _ := d.page.page(); p, _ = core.find(p.ID); return p.ByHand }
	d.press("Shift+P")
	if s := d.snapshot(); s.Dialog != "prepare" || s.Title != "Prepare page 1" {
		t.Fatalf("%+v", s)
	}
	d.preparer.set()
	if d.top() == nil || !strings.HasPrefix(d.preparer.note.String(), "Nothing was changed") || len(byHand()) != 0 {
		t.Error("nothing asked for is done")
	}
	d.sets("Turn", "90° clockwise")
	d.sets("Straighten", "1,25")
	d.sets("Crop", "10, 20, 900 1200")
	d.sets("Bent lines", "left as they are")
	d.sets("Paper for reading", "level: shadows evened out")
	d.sets("Ruled lines", "removed for reading")
	d.sets("Specks", "3")
	d.sets("Enlarge for reading", "1.5")
	d.sets("Languages", "deu+lat")
	d.sets("Layout", layoutWord(6))
	d.preparer.again.SetChecked(false)
	d.preparer.set()
	want := "orient 90°, deskew 1.25°, crop 10,20 890 x 1180, read with tone level, read without ruled lines, read without specks of 3 px, read at 1.50 times the size"
	r, _ := scan.Find[scan.Read](byHand(), scan.ReadStage)
	if got := byHand().String(); got != want || strings.Join(r.Languages, "+") != "deu+lat" || r.Layout != 6 {
		t.Fatalf("set is %s, %+v; %s", got, r, d.said)
	}
	if len(d.jobs.Jobs()) != 0 {
		t.Error("it is read though nobody asked")
	}
	// What is set is shown, and given back with auto.
	d.press("Shift+P")
	for i, want := range []string{"90", "auto", "1.25", "10, 20, 900, 1200", "none", "level", "remove", "3", "1.5", "deu+lat", "6"} {
		if got := d.preparer.fields[i].text(); got != want {
			t.Errorf("%s shows %q, want %q", d.preparer.fields[i].name, got, want)
		}
	}
	d.sets("Straighten", "auto")
	d.sets("Crop", "none")
	d.sets("Languages", "auto")
	d.sets("Words", "Łódź Mueller")
	d.sets("Patterns", `\d\d\d/\c`)
	d.preparer.again.SetChecked(false)
	d.preparer.set()
	r, _ = scan.Find[scan.Read](byHand(), scan.ReadStage)
	if len(r.Languages) != 0 || r.Layout != 6 || strings.Join(r.Words, " ") != "Mueller Łódź" || strings.Join(r.Patterns, " ") != `\d\d\d/\c` {
		t.Errorf("a part of a step is given back, others are added: %+v", r)
	}
	d.press("Shift+P")
	if got := d.preparer.fields[prepWords].text(); got != "Mueller Łódź" {
		t.Errorf("words: %q", got)
	}
	for _, f := range []string{"Words", "Patterns"} {
		d.sets(f, "auto")
	}
	d.sets("Layout", "automatic")
	d.preparer.again.SetChecked(true)
	d.preparer.set()
	if _, has := scan.Find[scan.Read](byHand(), scan.ReadStage); has || byHand().Skew() != 0 {
		t.Errorf("left: %s", byHand())
	}
	if c, has := scan.Find[scan.Crop](byHand(), scan.CropStage); !has || !c.Box().Empty() {
		t.Errorf("crop %+v", c)
	}
	if len(d.jobs.Jobs()) != 1 {
		t.Error("it is not read again")
	}
	d.press("Esc", "Ctrl+Z", "Ctrl+Z")
	if byHand().Skew() != 1.25 {
		t.Errorf("undone: %s", byHand())
	}
	d.press("Shift+P")
	d.preparer.reset()
	if len(byHand()) != 0 {
		t.Errorf("reset: %s", byHand())
	}
}

func TestPrepareWrong(t *testing.T) {
	d := onPage(t, newFake(1, 3))
	for _, c := range [][2]string{{"Spread", "left"}, {"Spread", "-4"}, {"Straighten", "50"}, {"Straighten", "NaN"}, {"Crop", "1,2,3"}, {"Crop", "100,0,90,50"},
		{"Specks", "21"}, {"Enlarge for reading", "0"}, {"As page", "17"}, {"As page", "x"}, {"Patterns", `\*`}, {"Languages", "klingon"}} {
		d.press("Shift+P")
		d.sets(c[0], c[1])
		d.preparer.set()
		if d.top() == nil || !strings.HasPrefix(d.preparer.note.String(), c[0]) || slices.Contains(d.core.calls, "PreparePages") || slices.Contains(d.core.calls, "SplitSpreads") {
			t.Errorf("%s %q is taken: %q", c[0], c[1], d.preparer.note)
		}
		d.press("Esc")
	}
}

// Of several pages only what is changed is set; the others stay as they are.
func TestPrepareSeveral(t *testing.T) {
	core := newFake(1, 5)
	d := newDesk(t, core)
	d.press("F4", "Shift+P")
	d.sets("Straighten", "2")
	d.preparer.again.SetChecked(false)
	d.preparer.set()
	d.press("Ctrl+A", "Shift+P")
	if s := d.snapshot(); s.Title != "Prepare 5 pages" {
		t.Fatalf("%+v", s)
	}
	d.sets("Specks", "2")
	d.preparer.again.SetChecked(false)
	d.preparer.set()
	for i, p := range d.arrange.pages {
		if k, _ := scan.Find[scan.Despeckle](p.ByHand, scan.DespeckleStage); k.Size != 2 || (p.ByHand.Skew() == 2) != (i == 0) {
			t.Errorf("page %d: %s", i+1, p.ByHand)
		}
	}
	d.press("Home", "Right", "Shift+P")
	d.sets("As page", "1")
	d.preparer.again.SetChecked(false)
	d.preparer.set()
	if got := d.arrange.pages[1].ByHand.Skew(); got != 2 {
		t.Errorf("like page 1: %v", got)
	}
	d.press("Shift+P")
	d.sets("Spread", "600")
	d.preparer.again.SetChecked(false)
	d.preparer.set()
	if s, _ := scan.Find[scan.Split](d.arrange.pages[1].ByHand, scan.SplitStage); s.At != 600 {
		t.Errorf("cut at %+v", s)
	}
	core.fail["PreparePages"] = workbench.ErrUsage
	d.press("Shift+P")
	d.sets("Specks", "4")
	d.preparer.set()
	if m := d.top(); m == nil || m.id != "error" || len(d.jobs.Jobs()) != 0 {
		t.Errorf("%+v", d.snapshot())
	}
	d.press("Esc") // a refusal has not cost what was filled in
	specks := slices.IndexFunc(d.preparer.fields, func(f *preparedField) bool { return f.name == "Specks" })
	if s := d.snapshot(); s.Dialog != "prepare" || d.preparer.fields[specks].text() != "4" {
		t.Fatalf("specks %q; %+v", d.preparer.fields[specks].text(), s)
	}
	delete(core.fail, "PreparePages")
	d.press("Esc")
	for _, want := range []string{"1 page is set", "That is how 1 page was set before"} {
		d.press("Shift+P")
		d.sets("As page", "1")
		d.preparer.again.SetChecked(false)
		d.preparer.set()
		if d.top() != nil || !strings.HasPrefix(d.said, want) {
			t.Errorf("said %q, want %q", d.said, want)
		}
	}
}

// A box drawn on the page that is shown is a crop of the picture that it was made of.
func TestCropByBox(t *testing.T) {
	core := newFake(1, 3)
	d := onPage(t, core)
	cropOf := func() image.Rectangle {
		p, _ := core.find(d.page.pages[0].ID)
		c, _ := scan.Find[scan.Crop](p.ByHand, scan.CropStage)
		return c.Box()
	}
	d.press("X")
	if !d.snapshot().Drawing {
		t.Fatalf("%+v", d.snapshot())
	}
	d.page.boxed(image.Rect(100, 110, 900, 1200))
	if cropOf() != image.Rect(100, 110, 900, 1200) {
		t.Errorf("cropped to %v", cropOf())
	}
	d.press("X")
	d.page.boxed(image.Rect(10, 20, 300, 400)) // of what is shown now
	if cropOf() != image.Rect(110, 130, 400, 510) {
		t.Errorf("cropped to %v", cropOf())
	}
	// A page that grew by its turn: the box is the same place of the picture.
	p := workbench.PageInfo{Page: scan.Page{Pixels: image.Pt(1000, 2000)}, State: scan.Done, Recipe: scan.Recipe{scan.NewStep(scan.DeskewStage, scan.Deskew{Degrees: 3}, false)}}
	box := image.Rect(200, 300, 700, 900)
	_, shown := scan.Frame(p.Pixels, p.Orientation, p.Recipe)
	x, y := shown.Inverse().Apply(float64(box.Min.X), float64(box.Min.Y))
	c := box.Add(croppedAt(p))
	size, cropped := scan.Frame(p.Pixels, p.Orientation, p.Recipe.With(scan.NewStep(scan.CropStage, scan.Crop{Left: c.Min.X, Top: c.Min.Y, Right: c.Max.X, Bottom: c.Max.Y}, true)))
	if cx, cy := cropped.Apply(x, y); max(cx*cx, cy*cy) > 1 || size != box.Size() {
		t.Errorf("the corner of the box lies at %.1f, %.1f of the page of %v", cx, cy, size)
	}
}

// P reads the page that is shown, and no other.
func TestReadPage(t *testing.T) {
	core := newFake(1, 30) // the last are new
	d := onPage(t, core)
	d.press("End")
	if !strings.HasPrefix(d.page.note.String(), "Not read yet: P") {
		t.Fatalf("%q", d.page.note)
	}
	d.press("P")
	if s := d.snapshot(); len(s.Jobs) != 1 || !strings.HasPrefix(s.Jobs[0].Title, "Read ") || s.Words == 0 {
		t.Errorf("%+v", s)
	}
	if len(core.asked.Pages) != 1 || core.asked.Pages[0] != d.page.pages[29].ID {
		t.Errorf("%v is read", core.asked.Pages)
	}
	if s := d.snapshot(); s.Drawer || !strings.Contains(s.Message, "read") {
		t.Errorf("beside the page it says %q; drawer: %v", s.Message, s.Drawer)
	}
}

// Text that was corrected is read anew only by those who say so twice.
func TestReadCorrected(t *testing.T) {
	core := newFake(1, 5)
	d := onPage(t, core)
	d.page.cursorTo(0)
	d.press("Enter")
	d.types("one", "Enter")
	d.press("P")
	if s := d.snapshot(); s.Dialog != "corrected" || len(s.Jobs) != 0 {
		t.Fatalf("%+v", s)
	}
	d.press("Enter") // the first button does no harm
	if s := d.snapshot(); s.Dialog != "" || len(s.Jobs) != 0 {
		t.Fatalf("%+v", s)
	}
	d.press("F4", "Ctrl+A", "P", "Enter")
	if len(core.asked.Pages) != 5 || core.asked.Corrected {
		t.Errorf("the others: %+v", core.asked)
	}
	d.press("P")
	d.win.Canvas().FocusPrevious()
	d.press("Space")
	if len(core.asked.Pages) != 5 || !core.asked.Corrected {
		t.Errorf("read anew: %+v; %+v", core.asked, d.snapshot())
	}
	// What goes wrong beside pages is shown all the same.
	core.fail["Process"] = workbench.ErrUsage
	d.press("F6", "End", "P")
	if s := d.snapshot(); !s.Drawer {
		t.Errorf("nothing tells that reading failed: %+v", s)
	}
}
