package gui

import (
	"errors"
	"strings"
	"testing"

	"recto/app/gui/parts"
	"recto/app/job"
	"recto/ocr"
)

// A name is looked for, shown in every place, and put right where it is ticked.
func TestSpelling(t *testing.T) {
	core := newFake(2, 4)
	d := onPage(t, core)
	for i, w := range d.page.words {
		if strings.HasPrefix(w.Text, "Alder") {
			d.page.cursorTo(i)
		}
	}
	d.press("Ctrl+H")
	if s := d.snapshot(); s.Dialog != "spelling" {
		t.Fatalf("%+v", s)
	}
	table := func() (out *parts.Table) {
		for _, o := range allOf(d.top().popup.Content) {
			if tb, ok := o.(*parts.Table); ok {
				out = tb
			}
		}
		return out
	}()
	d.types("Ælder", "Enter") // what is wrong is known from the word at the cursor
	n := table.Count()
	if n < 2 || d.edits() != 0 {
		t.Fatalf("%d places, %d edits", n, d.edits())
	}
	if row := table.Row(0); !strings.HasPrefix(row[2].Text, "Alder  becomes  Ælder") || len(row[2].Marks) != 1 || row[2].Sub[row[2].Marks[0][0]:row[2].Marks[0][1]] != "Alder" {
		t.Errorf("%+v", row)
	}
	d.press("Space", "Down", "Ctrl+Enter") // the first is taken out
	if d.top() != nil || !strings.HasPrefix(d.said, count(n-1, "place", "places")+" put right") {
		t.Fatalf("%+v", d.snapshot())
	}
	var left, right int
	for _, p := range d.page.pages {
		text, _ := core.Text(t.Context(), p.ID)
		if text != nil {
			left += strings.Count(text.Plain(), "Alder")
			right += strings.Count(text.Plain(), "Ælder")
		}
	}
	if left != 1 || right != n-1 {
		t.Errorf("%d left wrong, %d put right of %d", left, right, n)
	}
	// The page that is shown has it too.
	if !strings.Contains(d.page.tree.Plain(), "Ælder") {
		t.Error("the page shows the old text")
	}
}

func TestSpellingOfAllBatches(t *testing.T) {
	core := newFake(2, 4)
	d := onPage(t, core)
	p := func() *speller { d.window.spellName(); return d.window.speller }()
	p.wrong.SetText("Alder; Pell")
	p.right.SetText("Ælder")
	p.find()
	here := len(p.rows)
	p.scope.SetSelected(allBatches)
	if len(p.rows) != 0 {
		t.Error("the list of one batch stands for all")
	}
	p.find()
	if len(p.rows) <= here || here == 0 {
		t.Errorf("%d in this batch, %d in all", here, len(p.rows))
	}
	p.tickAll(true)
	if !p.apply.Disabled() {
		t.Error("nothing is ticked and can be put right")
	}
	p.tickAll(false)
	core.fail["Spell"] = errors.New("changed since: " + ocr.ErrElsewhere.Error())
	p.put()
	if m := d.top(); m == nil || m.id != "error" || p.done || len(p.rows) != 0 {
		t.Errorf("%+v", d.snapshot())
	}
	d.press("Esc")
	p.right.SetText("")
	p.find()
	if len(p.rows) != 0 || !strings.HasPrefix(p.note.String(), "Say how") {
		t.Errorf("%q", p.note)
	}
}

// TestSpellingProgress: a long search says how far it is, and closing the dialog stops it.
func TestSpellingProgress(t *testing.T) {
	d := onPage(t, newFake(1, 4))
	d.window.spellName()
	p := d.window.speller
	progress := &job.Progress{}
	progress.Stage("Looking for the name", 900)
	progress.Set(120)
	stopped := false
	p.slot.busy, p.slot.cancel = true, func() { stopped = true }
	p.poll(progress, parts.Muted)
	d.settle()
	if !strings.Contains(p.note.String(), "120 of 900") {
		t.Errorf("%q", p.note)
	}
	d.press("Esc")
	if !stopped {
		t.Error("the search goes on behind a closed dialog")
	}
	was := p.note.String()
	progress.Set(500)
	d.settle()
	if p.note.String() != was {
		t.Errorf("it still tells of it: %q", p.note)
	}
}
