package gui

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"recto/app/gui/parts"
	"recto/app/workbench"
	"recto/archive"
	"recto/scan"
)

// startWords name the unit that begins with a page, nothing where none does.
func startWords(p workbench.PageInfo) string {
	if p.Start == nil {
		return ""
	}
	for _, words := range []string{p.Start.Reference, p.Start.Title, p.Start.Code} {
		if words != "" {
			return words
		}
	}
	return newUnit
}

// newUnit is said of a unit that has no name yet.
const newUnit = "new unit"

func (s *arrangeScreen) atCursor() (workbench.PageInfo, bool) {
	i := s.grid.Selected.Cursor()
	if i < 0 || i >= len(s.pages) {
		return workbench.PageInfo{}, false
	}
	return s.pages[i], true
}

// split asks which unit begins with the page at the cursor.
func (s *arrangeScreen) split() {
	p, ok := s.atCursor()
	if !ok {
		return
	}
	w := s.w
	start := archive.Start{Cause: "manual"}
	if p.Start != nil {
		start = *p.Start
	}
	f := w.newForm()
	reference := f.entry("Reference", "Shelfmark of the unit; may stay empty", start.Reference)
	name := f.entry("Title", "May stay empty", start.Title)
	m := &modal{id: "split", title: "A unit begins with page " + pageName(p)}
	finish := func() {
		w.shut(m)
		start.Reference, start.Title = strings.TrimSpace(reference.Text), strings.TrimSpace(name.Text)
		w.say("A unit begins with page %s; M takes it back", pageName(p))
		s.change("Split", []scan.PageID{p.ID}, func(ctx context.Context, c Core) error { return c.SplitAt(ctx, p.ID, start) })
	}
	reference.OnSubmitted, name.OnSubmitted = func(string) { finish() }, func(string) { finish() }
	w.open(m, container.NewVBox(f.rows), fyne.NewSize(480, 160), reference, choice{"Split here", finish}, choice{"Cancel", func() { w.shut(m) }})
}

func (s *arrangeScreen) merge() {
	if p, ok := s.atCursor(); ok {
		s.w.say("Page %s belongs to the unit before", pageName(p))
		s.change("Merge", []scan.PageID{p.ID}, func(ctx context.Context, c Core) error { return c.MergeAt(ctx, p.ID) })
	}
}

// separate divides the batch as its profile says: what was imported, or captured under
// another profile, has not been divided yet.
func (s *arrangeScreen) separate() {
	batch := s.w.batch
	var got workbench.CaptureResult
	s.w.say("Looking for separators…")
	s.attempt("Divide the batch", s.chosen(), func(ctx context.Context, c Core) (err error) {
		got, err = c.Separate(ctx, batch)
		return err
	}, func(err error) {
		if err != nil {
			s.w.say("")
			return
		}
		words := []string{"No unit begins that did not before"}
		if got.Divided > 0 {
			s.noUndo, s.noRedo = false, true
			words[0] = count(got.Divided, "unit begins", "units begin") + "; Ctrl+Z takes it back"
		}
		if n := len(got.Concerns); n > 0 {
			words = append(words, fmt.Sprintf("%d to look at (L on Capture, F3)", n))
		}
		s.w.say("%s", strings.Join(append(words, got.Notes...), " · "))
	})
}

// labels asks for the label of the chosen page, or for the first of several. One page
// alone may be a label put right (2bis) as well as the start of a series: those behind
// it are labelled only where that is asked for, and the title says which pages it is.
func (s *arrangeScreen) labels() {
	w, chosen := s.w, s.chosen()
	if len(chosen) == 0 {
		w.say("No page is chosen: choose the pages to label, then N")
		return
	}
	at := slices.IndexFunc(s.pages, func(p workbench.PageInfo) bool { return p.ID == chosen[0] })
	first, ids := s.pages[at], chosen
	behind := 0
	if len(chosen) == 1 {
		behind = len(s.pages) - at - 1
	}
	heading, text := "Label page "+pageName(first), "A folio or page number: 1r, 12bis, iv. Empty takes the label away."
	several := "The label of the first page; the others follow it: 1r, 1v, 2r … or iv, v … or 12, 13 … Empty takes their labels away."
	if len(chosen) > 1 {
		heading, text = "Label "+count(len(chosen), "page", "pages"), several
	}
	m := &modal{id: "label", title: heading}
	words := prose(text)
	entry := parts.NewEntry(w.keys, "1r")
	entry.SetText(first.Label)
	finish := func() {
		w.shut(m)
		label, ids := strings.TrimSpace(entry.Text), ids
		w.say("%s labelled", count(len(ids), "page", "pages"))
		s.change("Label", chosen, func(ctx context.Context, c Core) error { return c.LabelPages(ctx, ids, label) })
	}
	entry.OnSubmitted = func(string) { finish() }
	fields := container.NewVBox(words, entry)
	if behind > 0 {
		fields.Add(parts.NewCheck(w.keys, "And number on through the "+count(behind, "page", "pages")+" behind it", func(on bool) {
			if ids = chosen; on {
				ids = idsOf(s.pages[at:])
				m.rename("Label " + count(len(ids), "page", "pages") + ": from " + pageName(first) + " to the last")
				words.SetText(several)
				return
			}
			m.rename(heading)
			words.SetText(text)
		}))
	}
	w.open(m, fields, fyne.NewSize(520, 220), entry, choice{"Label", finish}, choice{"Cancel", func() { w.shut(m) }})
	if first.Label != "" {
		entry.TypedShortcut(&fyne.ShortcutSelectAll{})
	}
}

func idsOf(pages []workbench.PageInfo) []scan.PageID {
	ids := make([]scan.PageID, len(pages))
	for i, p := range pages {
		ids[i] = p.ID
	}
	return ids
}

// odd tells whether something is suspected of the chosen pages.
func (s *arrangeScreen) odd() bool {
	for _, i := range s.grid.Selected.Chosen() {
		if i < len(s.pages) && len(s.pages[i].Concerns) > 0 {
			return true
		}
	}
	return false
}

func (s *arrangeScreen) accept() {
	var pages []workbench.PageInfo
	for _, i := range s.grid.Selected.Chosen() {
		if i < len(s.pages) {
			pages = append(pages, s.pages[i])
		}
	}
	s.w.acceptPages(pages, func() { s.noUndo = false; s.reload(); s.w.batches.reload() })
}

// everyOther chooses every other page of those chosen, of all where fewer than
// three are.
func (s *arrangeScreen) everyOther(from int) {
	of := s.grid.Selected.Chosen()
	if len(of) < 3 {
		of = make([]int, len(s.pages))
		for i := range of {
			of[i] = i
		}
	}
	var at []int
	for i := from; i < len(of); i += 2 {
		at = append(at, of[i])
	}
	s.grid.Select(at...)
	s.w.say("%s chosen", count(len(at), "page", "pages"))
}

// selectUnit chooses the pages of the unit at the cursor.
func (s *arrangeScreen) selectUnit() {
	p, ok := s.atCursor()
	if !ok {
		return
	}
	var at []int
	for i := range s.pages {
		if s.pages[i].Unit == p.Unit {
			at = append(at, i)
		}
	}
	s.grid.Select(at...)
	s.w.say("%s chosen", count(len(at), "page", "pages"))
}

func (s *arrangeScreen) reverse() {
	ids := s.chosen()
	s.w.say("%s in reverse order", count(len(ids), "page", "pages"))
	s.change("Reverse", ids, func(ctx context.Context, c Core) error { return c.ReversePages(ctx, ids) })
}

func (s *arrangeScreen) interleave() {
	batch, what := s.w.batch, ""
	s.attempt("Put backs between fronts", s.chosen(), func(ctx context.Context, c Core) (err error) {
		what, err = c.Interleave(ctx, batch)
		return err
	}, func(err error) {
		if err == nil {
			s.noUndo, s.noRedo = false, true
			s.w.say("%s", what)
		}
	})
}

// replace puts the second of two chosen pages into the place of the first, which
// goes to the bin.
func (s *arrangeScreen) replace() {
	ids := s.chosen()
	if len(ids) != 2 {
		return
	}
	s.w.say("The first of the two is in the bin; Ctrl+Z brings it back")
	s.change("Replace", ids[1:], func(ctx context.Context, c Core) error { return c.ReplacePage(ctx, ids[0], ids[1]) })
}
