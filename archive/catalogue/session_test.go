package catalogue_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"recto/archive"
	"recto/archive/catalogue"
	"recto/scan"
)

// face is what session events change of a batch's pages, as text.
func (b *bench) face(batch scan.BatchID) string {
	b.t.Helper()
	var out []string
	for _, p := range must[[]catalogue.Page](b.t)(b.c.Pages(b.t.Context(), batch, catalogue.All)) {
		s := string(p.ID)
		if p.Label != "" {
			s += ":" + p.Label
		}
		if p.Start != nil {
			s = "|" + p.Start.Reference + "|" + s
		}
		if p.Reviewed != "" {
			s += "!"
		}
		if p.Replaces != "" {
			s += "=" + string(p.Replaces)
		}
		if p.Binned {
			s = "(" + s + ")"
		}
		out = append(out, s)
	}
	return strings.Join(out, " ")
}

// Every arranging event of a capture session does what it says, and undoing and
// redoing it gives the two states back, again and again.
func TestSession(t *testing.T) {
	start := &archive.Start{Cause: "manual", Reference: "U"}
	for name, c := range map[string]struct {
		kind  archive.EventType
		data  any
		after string
	}{
		"reshoot":    {archive.PagesReplaced, archive.Replaced{Batch: "B", Old: "p2", New: "p3", To: "1v"}, "p1:1r (p2:1v) p3:1v=p2 p4 p5"},
		"replace":    {archive.PagesReplaced, archive.Replaced{Batch: "B", Old: "p1", New: "p5", Back: []archive.Place{{Page: "p5", After: "p4"}}, To: "1r"}, "(p1:1r) p5:1r=p1 p2:1v p3 p4"},
		"interleave": {archive.PagesOrdered, archive.Ordered{Batch: "B", Pages: ids("p1 p5 p2 p4"), Back: ids("p1 p2 p4 p5")}, "p1:1r p5 p3 p2:1v p4"},
		"label":      {archive.PagesLabelled, archive.Labelled{Batch: "B", Labels: []archive.Label{{Page: "p2", From: "1v", To: "1 verso"}, {Page: "p4", To: "12bis"}}}, "p1:1r p2:1 verso p3 p4:12bis p5"},
		"divide":     {archive.PagesDivided, archive.Divided{Batch: "B", Changes: []archive.Division{{Page: "p4", To: start}}, Binned: ids("p3")}, "p1:1r p2:1v (p3) |U|p4 p5"},
		"review":     {archive.PagesReviewed, archive.Reviewed{Batch: "B", Pages: []archive.Review{{Page: "p4", To: "meant so"}}}, "p1:1r p2:1v p3 p4! p5"},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			b.batch("B", "p1", "p2", "p3", "p4", "p5")
			b.do(archive.PagesLabelled, archive.Labelled{Batch: "B", Labels: []archive.Label{{Page: "p1", To: "1r"}, {Page: "p2", To: "1v"}}})
			before := b.face("B")
			if name == "reshoot" { // the new page of a reshoot is in the bin when it is taken back
				before = strings.Replace(before, "p3", "(p3)", 1)
			}
			id := b.do(c.kind, c.data)
			for range 2 {
				if got := b.face("B"); got != c.after {
					t.Errorf("done: %s, want %s", got, c.after)
				}
				b.do(archive.ArrangeUndone, archive.Undone{Batch: "B", Event: id})
				if got := b.face("B"); got != before {
					t.Errorf("undone: %s, want %s", got, before)
				}
				b.do(archive.ArrangeRedone, archive.Undone{Batch: "B", Event: id})
			}
			b.sound()
			b.rebuilt()
		})
	}
}

// A page that was captured between others is taken back before what was arranged
// earlier, and everything comes back as it was.
func TestInsert(t *testing.T) {
	b := newBench(t)
	b.batch("B", "p1", "p2", "p3", "p4")
	moved := b.do(archive.PagesMoved, archive.Moved{Batch: "B", Pages: ids("p3 p4"), Back: []archive.Place{{Page: "p3", After: "p2"}, {Page: "p4", After: "p3"}}})
	b.do(archive.PageCaptured, archive.Captured{Page: page("B", "x"), After: "p3"})
	inserted := b.do(archive.PagesInserted, archive.Inserted{Batch: "B", Page: "x", After: "p3"})
	b.do(archive.PageCaptured, archive.Captured{Page: page("B", "y"), First: true})
	first := b.do(archive.PagesInserted, archive.Inserted{Batch: "B", Page: "y"})
	all := []string{first, inserted, moved}
	states := []string{"y p3 x p4 p1 p2", "p3 x p4 p1 p2", "p3 p4 p1 p2", "p1 p2 p3 p4"}
	live := func() string {
		return strings.Join(slices.DeleteFunc(strings.Fields(b.face("B")), func(s string) bool { return s[0] == '(' }), " ")
	}
	for range 2 {
		for i, id := range all {
			if got := live(); got != states[i] {
				t.Errorf("before undo %d: %s, want %s", i, got, states[i])
			}
			b.do(archive.ArrangeUndone, archive.Undone{Batch: "B", Event: id})
		}
		for i := range all {
			if got := live(); got != states[3-i] {
				t.Errorf("before redo %d: %s, want %s", i, got, states[3-i])
			}
			b.do(archive.ArrangeRedone, archive.Undone{Batch: "B", Event: all[2-i]})
		}
	}
	if n := len(b.odd()); n > 0 {
		t.Errorf("%v", b.odd())
	}
	b.sound()
	b.rebuilt()
}

// Turning ten thousand pages round looks at each a few times, not at each for each:
// a test that never ends is how this fails.
func TestReverseMany(t *testing.T) {
	b := newBench(t)
	var all []string
	for i := range 10000 {
		all = append(all, fmt.Sprintf("p%d", i))
	}
	b.batch("B", ids(strings.Join(all, " "))...)
	back := slices.Clone(all)
	slices.Reverse(all)
	b.do(archive.PagesOrdered, archive.Ordered{Batch: "B", Pages: ids(strings.Join(all, " ")), Back: ids(strings.Join(back, " "))})
	if got := b.face("B"); got != strings.Join(all, " ") {
		t.Error("not turned round")
	}
}

// A unit that began with a page begins with the one that replaced it.
func TestReplaceBeginning(t *testing.T) {
	b := newBench(t)
	b.batch("B", "p1", "p2", "p3")
	b.do(archive.PagesDivided, archive.Divided{Batch: "B", Changes: []archive.Division{{Page: "p1", To: &archive.Start{Cause: "manual", Reference: "U"}}}})
	id := b.do(archive.PagesReplaced, archive.Replaced{Batch: "B", Old: "p1", New: "p3", Back: []archive.Place{{Page: "p3", After: "p2"}}})
	if got := b.face("B"); got != "(p1) |U|p3=p1 p2" {
		t.Error(got)
	}
	b.do(archive.ArrangeUndone, archive.Undone{Batch: "B", Event: id})
	if got := b.face("B"); got != "|U|p1 p2 p3" {
		t.Error(got)
	}
	b.sound()
	b.rebuilt()
}

// What cannot be done is noted and changes nothing.
func TestOddSession(t *testing.T) {
	b := newBench(t)
	b.batch("B", "p1", "p2")
	b.do(archive.PagesReplaced, archive.Replaced{Batch: "B", Old: "p1", New: "p1"})
	b.do(archive.PagesReplaced, archive.Replaced{Batch: "B", Old: "p1", New: "x"})
	b.do(archive.PagesOrdered, archive.Ordered{Batch: "B", Pages: ids("p2 p2"), Back: ids("p1 p2")})
	b.do(archive.PagesOrdered, archive.Ordered{Batch: "B", Pages: ids("p2 x"), Back: ids("x p2")})
	b.do(archive.PagesLabelled, archive.Labelled{Batch: "B", Labels: []archive.Label{{Page: "x", To: "1r"}}})
	b.do(archive.PageInspected, archive.Inspected{Page: "x"})
	b.do(archive.ProfileRemoved, archive.Named{Name: "x"})
	b.do(archive.UnitsPlanned, archive.Planned{Units: []archive.Unit{{Reference: "no code"}}})
	if got := b.face("B"); got != "p1 p2" {
		t.Error(got)
	}
	if n := len(b.odd()); n != 8 {
		t.Errorf("%d oddities: %v", n, b.odd())
	}
	b.rebuilt()
}

func TestBatchIdentity(t *testing.T) {
	b := newBench(t)
	ctx := t.Context()
	b.batch("B", "p1", "p2", "p3")
	b.do(archive.BatchDescribed, archive.Batch{ID: "B", Name: "HStA 12/7", Title: "Letters", Shelfmark: "HStA 12/7", Container: "Box 3", Expected: 2, Sides: 2, Profile: "letters", Series: "1r", Languages: []string{"deu"}})
	got := must[catalogue.Batch](t)(b.c.Batch(ctx, "B"))
	if got.Name != "HStA 12/7" || got.Shelfmark != "HStA 12/7" || got.Container != "Box 3" || got.Expected != 2 || got.Sides != 2 || got.Profile != "letters" || got.Series != "1r" || got.Key != "key of B" {
		t.Errorf("%+v", got)
	}
	b.do(archive.BatchSigned, archive.Signed{Batch: "B", Count: archive.Counted{Expected: 2, Sheets: 2, Sides: 3}, Reason: "the last is blank"})
	if got = must[catalogue.Batch](t)(b.c.Batch(ctx, "B")); got.Signed == nil || got.Signed.Reason != "the last is blank" || got.Signed.Count.Sides != 3 {
		t.Errorf("%+v", got.Signed)
	}
	b.do(archive.BatchSigned, archive.Signed{Batch: "B"})
	if got = must[catalogue.Batch](t)(b.c.Batch(ctx, "B")); got.Signed != nil {
		t.Errorf("%+v", got.Signed)
	}
	// With what it said before, a change can be taken back and done again.
	now, before := got.Batch, got.Batch
	now.Title, now.Expected = "Diary", 7
	b.do(archive.BatchDescribed, archive.Described{Batch: now, Before: &before})
	top, ok, err := b.c.UndoTop(ctx, "B")
	if err != nil || !ok || top.Type != archive.BatchDescribed {
		t.Fatalf("%+v %v %v", top, ok, err)
	}
	for _, step := range []struct {
		do       archive.EventType
		title    string
		expected int
	}{{archive.ArrangeUndone, "Letters", 2}, {archive.ArrangeRedone, "Diary", 7}} {
		b.do(step.do, archive.Undone{Batch: "B", Event: top.ID})
		if got = must[catalogue.Batch](t)(b.c.Batch(ctx, "B")); got.Title != step.title || got.Expected != step.expected || got.Key != "key of B" {
			t.Errorf("%s: %+v", step.do, got)
		}
	}
	b.sound()
	b.rebuilt()
}

// Which pages there are is told alike whatever their order, and whichever version of a
// page it is.
func TestPresent(t *testing.T) {
	b := newBench(t)
	b.batch("B", "p1", "p2", "p3", "p4")
	present := func() string { return must[string](t)(b.c.Present(t.Context(), "B")) }
	b.do(archive.PagesBinned, archive.Binned{Batch: "B", Pages: ids("p4")})
	first := present()
	b.do(archive.PagesMoved, archive.Moved{Batch: "B", Pages: ids("p3")})
	b.do(archive.PageCaptured, archive.Captured{Page: page("B", "q2"), After: "p2"})
	if present() == first {
		t.Error("one more")
	}
	b.do(archive.PagesReplaced, archive.Replaced{Batch: "B", Old: "p2", New: "q2"})
	if present() != first {
		t.Error("captured anew")
	}
	b.do(archive.PagesBinned, archive.Binned{Batch: "B", Pages: ids("p1")})
	b.do(archive.PagesRestored, archive.Binned{Batch: "B", Pages: ids("p4")})
	if present() == first {
		t.Error("as many, but others")
	}
	b.rebuilt()
}

// Concerns are counted until somebody settles them, and come back when they change.
func TestConcerns(t *testing.T) {
	b := newBench(t)
	ctx := t.Context()
	b.batch("B", "p1", "p2")
	count := func(concerns, empty int) {
		t.Helper()
		if got := must[catalogue.Batch](t)(b.c.Batch(ctx, "B")); got.Concerns != concerns || got.Empty != empty {
			t.Errorf("%d concerns and %d blanks, want %d and %d", got.Concerns, got.Empty, concerns, empty)
		}
	}
	blank := archive.Inspected{Page: "p2", Inspection: &scan.Inspection{Blank: true, Signature: []byte{1, 2}}, Concerns: []scan.Concern{{Kind: scan.SuspectBlank, Words: "nothing on it"}}}
	b.do(archive.PageInspected, archive.Inspected{Page: "p1", Inspection: &scan.Inspection{Ink: 0.1, Signature: []byte{3}}})
	if left := must[[]catalogue.Page](t)(b.c.Uninspected(ctx, "B", false)); len(left) != 1 || left[0].ID != "p2" {
		t.Errorf("%+v", left)
	}
	b.do(archive.PageInspected, blank)
	count(1, 1)
	b.do(archive.PagesReviewed, archive.Reviewed{Batch: "B", Pages: []archive.Review{{Page: "p2", To: "a fly leaf"}}})
	count(0, 1)
	b.do(archive.PageInspected, blank)
	count(0, 1)
	blank.Concerns[0].Words = "another reason"
	b.do(archive.PageInspected, blank)
	count(1, 1)
	p := must[catalogue.Page](t)(b.c.Page(ctx, "p2"))
	if p.Inspection == nil || !p.Inspection.Blank || p.Inspection.Signature != nil || len(p.Concerns) != 1 || p.Reviewed != "" {
		t.Errorf("%+v", p)
	}
	var seen []string
	for s, err := range b.c.Signatures(ctx, "B") {
		if err != nil {
			t.Fatal(err)
		}
		seen = append(seen, fmt.Sprint(s.Page, s.Bytes))
	}
	if !slices.Equal(seen, []string{"p1[3]", "p2[1 2]"}) {
		t.Error(seen)
	}
	b.sound()
	b.rebuilt()
}

func TestProfilesAndUnits(t *testing.T) {
	b := newBench(t)
	ctx := t.Context()
	b.do(archive.ArchiveCreated, archive.Created{Archive: "a", Format: 1})
	b.do(archive.ProfileSaved, archive.Profile{Name: "letters", Mode: "Color"})
	b.do(archive.ProfileSaved, archive.Profile{Name: "cards", Separation: archive.Separation{Every: 2}})
	b.do(archive.ProfileSaved, archive.Profile{Name: "letters", Mode: "Gray", Locked: true})
	b.do(archive.SupervisorSet, archive.Supervisor{Hash: "h"})
	b.do(archive.UnitsPlanned, archive.Planned{Units: []archive.Unit{{Code: "1", Reference: "A"}, {Code: "2", Reference: "B"}}})
	b.do(archive.UnitsPlanned, archive.Planned{Units: []archive.Unit{{Code: "1", Reference: "A/1"}}})
	all := must[[]archive.Profile](t)(b.c.Profiles(ctx))
	if len(all) != 2 || all[0].Name != "cards" || all[0].Separation.Every != 2 || all[1].Mode != "Gray" || !all[1].Locked {
		t.Errorf("%+v", all)
	}
	if h := must[string](t)(b.c.Supervisor(ctx)); h != "h" {
		t.Error(h)
	}
	if units := must[[]archive.Unit](t)(b.c.Units(ctx)); len(units) != 2 || units[0].Reference != "A/1" || units[1].Code != "2" {
		t.Errorf("%+v", units)
	}
	b.do(archive.ProfileRemoved, archive.Named{Name: "cards"})
	if all := must[[]archive.Profile](t)(b.c.Profiles(ctx)); len(all) != 1 {
		t.Errorf("%+v", all)
	}
	b.sound()
	b.rebuilt()
}

func TestTail(t *testing.T) {
	b := newBench(t)
	b.batch("B", "p1", "p2", "p3", "p4")
	b.do(archive.PagesBinned, archive.Binned{Batch: "B", Pages: ids("p3")})
	got := must[[]catalogue.Page](t)(b.c.Tail(t.Context(), "B", 2))
	if len(got) != 2 || got[0].ID != "p2" || got[1].ID != "p4" || got[1].Number != 3 {
		t.Errorf("%+v", got)
	}
}

// The options of a device, long and alike for many pages, are kept once and given
// with a single page and to checks, not with lists.
func TestSettingsOfADevice(t *testing.T) {
	b := newBench(t)
	b.batch("B")
	options := []scan.Setting{{Name: "mode", Value: "Color"}, {Name: "resolution", Value: "300"}}
	for i, id := range []scan.PageID{"p1", "p2", "p3"} {
		p := page("B", id)
		p.Origin.Capture = &scan.Capture{Driver: "SANE", Sheet: i + 1, Options: options}
		if id == "p3" {
			p.Origin.Capture.Options = nil
		}
		b.do(archive.PageCaptured, archive.Captured{Page: p})
	}
	for _, p := range must[[]catalogue.Page](t)(b.c.Pages(t.Context(), "B", catalogue.Live)) {
		if c := p.Origin.Capture; c == nil || c.Driver != "SANE" || c.Options != nil {
			t.Errorf("%s in a list: %+v", p.Page.ID, c)
		}
	}
	for id, want := range map[scan.PageID][]scan.Setting{"p1": options, "p2": options, "p3": nil} {
		if p := must[catalogue.Page](t)(b.c.Page(t.Context(), id)); !slices.Equal(p.Origin.Capture.Options, want) {
			t.Errorf("%s: %+v", id, p.Origin.Capture)
		}
	}
	for p, err := range b.c.AllPages(t.Context()) {
		if err != nil || p.Page.ID == "p1" && len(p.Origin.Capture.Options) != 2 {
			t.Errorf("%+v, %v", p.Origin.Capture, err)
		}
	}
	b.sound()
	b.rebuilt()
}

func TestBefore(t *testing.T) {
	b := newBench(t)
	b.batch("B", "p1", "p2", "p3", "p4", "p5")
	b.do(archive.PagesBinned, archive.Binned{Batch: "B", Pages: ids("p3")})
	for page, want := range map[scan.PageID]string{"p5": "p2 p4", "p3": "p1 p2", "p1": "", "nobody": ""} {
		got := ""
		for i, p := range must[[]catalogue.Page](t)(b.c.Before(t.Context(), page, 2)) {
			if i > 0 {
				got += " "
			}
			got += string(p.ID)
		}
		if got != want {
			t.Errorf("before %s: %q, want %q", page, got, want)
		}
	}
}
