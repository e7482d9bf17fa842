package catalogue_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"recto/archive"
	"recto/archive/catalogue"
	"recto/scan"
)

func quarter(n int) *int { return &n }

func ids(names string) []scan.PageID {
	var out []scan.PageID
	for _, n := range strings.Fields(names) {
		out = append(out, scan.PageID(n))
	}
	return out
}

func TestArrange(t *testing.T) {
	moved := func(pages, after, back string) archive.Moved {
		m := archive.Moved{Batch: "B", Pages: ids(pages), After: scan.PageID(after)}
		for _, p := range strings.Fields(back) { // page<after
			page, after, _ := strings.Cut(p, "<")
			m.Back = append(m.Back, archive.Place{Page: scan.PageID(page), After: scan.PageID(after)})
		}
		return m
	}
	binned := func(pages string) archive.Binned { return archive.Binned{Batch: "B", Pages: ids(pages)} }
	for _, c := range []struct {
		name     string
		before   []any // arranging events, as in event below
		event    any
		restored bool
		want     string
	}{
		{"one to the start", nil, moved("p3", "", "p3<p2"), false, "p3 p1 p2 p4 p5"},
		{"one to the end", nil, moved("p1", "p5", "p1<"), false, "p2 p3 p4 p5 p1"},
		{"several in another order", nil, moved("p5 p1 p3", "p2", "p1< p3<p2 p5<p4"), false, "p2 p5 p1 p3 p4"},
		{"a block", nil, moved("p1 p2 p3", "p4", "p1< p2<p1 p3<p2"), false, "p4 p1 p2 p3 p5"},
		{"behind a binned page", []any{binned("p4")}, moved("p1", "p4", "p1<"), false, "p2 p3 (p4) p1 p5"},
		{"a binned page", []any{binned("p4")}, moved("p4", "p1", "p4<p3"), false, "p1 (p4) p2 p3 p5"},
		{"to where it is", nil, moved("p2 p3", "p1", "p2<p1 p3<p2"), false, "p1 p2 p3 p4 p5"},
		{"all", nil, moved("p5 p4 p3 p2 p1", "", "p1< p2<p1 p3<p2 p4<p3 p5<p4"), false, "p5 p4 p3 p2 p1"},
		{"bin", nil, binned("p1 p5"), false, "(p1) p2 p3 p4 (p5)"},
		{"restore", []any{binned("p1 p2 p5")}, binned("p2 p5"), true, "(p1) p2 p3 p4 p5"},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBench(t)
			b.batch("B", "p1", "p2", "p3", "p4", "p5")
			do := func(data any, restored bool) string {
				switch data.(type) {
				case archive.Moved:
					return b.do(archive.PagesMoved, data)
				default:
					return b.do(map[bool]archive.EventType{false: archive.PagesBinned, true: archive.PagesRestored}[restored], data)
				}
			}
			for _, d := range c.before {
				do(d, false)
			}
			start := b.order("B")
			id := do(c.event, c.restored)
			for range 2 {
				if got := b.order("B"); got != c.want {
					t.Fatalf("order %s, want %s", got, c.want)
				}
				b.tops("B", id, "")
				b.do(archive.ArrangeUndone, archive.Undone{Batch: "B", Event: id})
				if got := b.order("B"); got != start {
					t.Fatalf("undone %s, want %s", got, start)
				}
				_, redo := b.top("B")
				if redo != id {
					t.Errorf("redo would do %q, want %q", redo, id)
				}
				b.do(archive.ArrangeRedone, archive.Undone{Batch: "B", Event: id})
			}
			b.sound()
			b.rebuilt()
		})
	}
}

func (b *bench) top(batch scan.BatchID) (undo, redo string) {
	b.t.Helper()
	u, found, err := b.c.UndoTop(context.Background(), batch)
	if err != nil || found != (u.ID != "") {
		b.t.Fatal(u, found, err)
	}
	r, found, err := b.c.RedoTop(context.Background(), batch)
	if err != nil || found != (r.ID != "") {
		b.t.Fatal(r, found, err)
	}
	return u.ID, r.ID
}

func (b *bench) tops(batch scan.BatchID, undo, redo string) {
	b.t.Helper()
	if u, r := b.top(batch); u != undo || r != redo {
		b.t.Errorf("undo takes %q and redo %q, want %q and %q", u, r, undo, redo)
	}
}

func TestRotate(t *testing.T) {
	b := newBench(t)
	ctx := context.Background()
	b.batch("B", "p1", "p2")
	b.texts["t1"] = "Findling"
	processed := archive.Processed{Page: "p1", State: scan.Done, Recipe: scan.Recipe{scan.NewStep("orient", scan.Orient{Degrees: 90}, false)},
		Measures: &scan.Measures{DPI: 300}, Confidence: 0.75, Words: 1, Languages: []string{"deu"}, Text: "t1", TextSHA256: "s"}
	b.do(archive.PageProcessed, processed)

	at := func(rotation string, read bool) {
		t.Helper()
		p := must[catalogue.Page](t)(b.c.Page(ctx, "p1"))
		got := "nil"
		if len(p.ByHand) > 0 {
			got = fmt.Sprint(p.ByHand.Quarter())
		}
		if got != rotation {
			t.Errorf("rotation %s, want %s", got, rotation)
		}
		fresh := p.State == scan.New && p.Recipe == nil && p.Confidence == 0 && p.Words == 0 && p.Languages == nil && p.Text == "" && p.TextSHA256 == "" && p.Problem == nil
		known := p.State == scan.Done && p.Recipe.Quarter() == 90 && p.Confidence == 0.75 && p.Words == 1 && p.Text == "t1" && p.TextSHA256 == "s"
		if read && !known || !read && !fresh {
			t.Errorf("read is to be %v: %+v", read, p)
		}
		if p.Measures == nil {
			t.Error("measures are gone")
		}
		if total, _, err := b.c.Search(ctx, "findling", 1, 0); (total == 1) != read || err != nil {
			t.Errorf("read is to be %v, found %d times, %v", read, total, err)
		}
	}
	first := b.do(archive.PagesRotated, archive.Rotated{Batch: "B", Turns: []archive.Turn{{Page: "p1", To: quarter(180)}, {Page: "p2", To: quarter(90)}}})
	at("180", false)
	second := b.do(archive.PagesRotated, archive.Rotated{Batch: "B", Turns: []archive.Turn{
		{Page: "p1", From: quarter(180), To: quarter(270)}, {Page: "p1", From: quarter(270), To: quarter(0)}}})
	at("0", false)
	b.tops("B", second, "")
	b.do(archive.ArrangeUndone, archive.Undone{Batch: "B", Event: second})
	at("180", false)
	b.do(archive.ArrangeUndone, archive.Undone{Batch: "B", Event: first})
	at("nil", true) // as the worker had it
	b.tops("B", "", first)
	b.do(archive.ArrangeRedone, archive.Undone{Batch: "B", Event: first})
	at("180", false)
	b.tops("B", first, second)
	b.do(archive.PagesRotated, archive.Rotated{Batch: "B", Turns: []archive.Turn{{Page: "p1", From: quarter(180), To: quarter(90)}}})
	at("90", true) // the same by hand

	// What was read the other way round does not come back.
	other := b.do(archive.PagesRotated, archive.Rotated{Batch: "B", Turns: []archive.Turn{{Page: "p2", From: quarter(90), To: quarter(0)}}})
	processed.Page = "p2"
	processed.Recipe = scan.Recipe{scan.NewStep("orient", scan.Orient{Degrees: 0}, true)}
	b.do(archive.PageProcessed, processed)
	b.do(archive.ArrangeUndone, archive.Undone{Batch: "B", Event: other})
	if p := must[catalogue.Page](t)(b.c.Page(ctx, "p2")); p.State != scan.New || p.ByHand.Quarter() != 90 {
		t.Errorf("p2 %+v", p)
	}
	b.sound()
	b.rebuilt()
}

func TestUndoStack(t *testing.T) {
	b := newBench(t)
	b.batch("B", "p1", "p2", "p3")
	b.batch("C", "q1")
	b.tops("B", "", "")
	bin := func(p scan.PageID) string {
		return b.do(archive.PagesBinned, archive.Binned{Batch: "B", Pages: []scan.PageID{p}})
	}
	undo := func(e string) { b.do(archive.ArrangeUndone, archive.Undone{Batch: "B", Event: e}) }
	redo := func(e string) { b.do(archive.ArrangeRedone, archive.Undone{Batch: "B", Event: e}) }
	one, two, three := bin("p1"), bin("p2"), bin("p3")
	b.tops("B", three, "")
	undo(three)
	undo(two)
	b.tops("B", one, two)
	b.do(archive.PageCaptured, archive.Captured{Page: page("B", "p4")}) // does not arrange
	b.do(archive.PagesBinned, archive.Binned{Batch: "C", Pages: ids("q1")})
	b.tops("B", one, two)
	redo(two)
	b.tops("B", two, three)
	undo(two)
	four := bin("p4")
	b.tops("B", four, "")
	undo(four)
	undo(one)
	b.tops("B", "", one)
	if got, want := b.order("B"), "p1 p2 p3 p4"; got != want {
		t.Errorf("order %s, want %s", got, want)
	}
	b.sound()

	for _, odd := range []struct {
		kind  archive.EventType
		batch scan.BatchID
		event string
	}{
		{archive.ArrangeRedone, "B", two},  // something was arranged since
		{archive.ArrangeUndone, "B", one},  // is undone
		{archive.ArrangeUndone, "B", "e1"}, // does not arrange
		{archive.ArrangeUndone, "C", four}, // of another batch
		{archive.ArrangeUndone, "B", "nobody"} /* unknown */} {
		before := len(b.odd())
		b.do(odd.kind, archive.Undone{Batch: odd.batch, Event: odd.event})
		if len(b.odd()) != before+1 {
			t.Errorf("%+v is not odd", odd)
		}
	}
	b.tops("B", "", one)
	b.rebuilt()
}

// model is a batch as anybody would write it: a list.
type model struct {
	pages  []scan.PageID
	binned map[scan.PageID]bool
}

func (m *model) clone() model {
	c := model{slices.Clone(m.pages), map[scan.PageID]bool{}}
	for p, b := range m.binned {
		c.binned[p] = b
	}
	return c
}

func (m *model) put(pages []scan.PageID, after scan.PageID) {
	m.pages = slices.DeleteFunc(m.pages, func(p scan.PageID) bool { return slices.Contains(pages, p) })
	m.pages = slices.Insert(m.pages, slices.Index(m.pages, after)+1, pages...)
}

func (m *model) String() string {
	var out []string
	for _, p := range m.pages {
		if m.binned[p] {
			out = append(out, "("+string(p)+")")
		} else {
			out = append(out, string(p))
		}
	}
	return strings.Join(out, " ")
}

func TestArrangeAtRandom(t *testing.T) {
	for seed := range uint64(8) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) { arrangeAtRandom(t, rand.New(rand.NewPCG(seed, 7))) })
	}
}

func arrangeAtRandom(t *testing.T, r *rand.Rand) {
	ctx := context.Background()
	b := newBench(t)
	b.batch("B")
	m := model{binned: map[scan.PageID]bool{}}
	type step struct {
		event         string
		before, after model
	}
	var done, undone []step
	some := func(pages []scan.PageID) []scan.PageID {
		pages = slices.Clone(pages)
		r.Shuffle(len(pages), func(i, j int) { pages[i], pages[j] = pages[j], pages[i] })
		return pages[:min(len(pages), 1+r.IntN(5))]
	}
	arrange := func(kind archive.EventType, data any, change func()) {
		before := m.clone()
		change()
		done = append(done, step{b.do(kind, data), before, m.clone()})
		undone = nil
	}
	captured := 0
	for range 150 {
		switch n := r.IntN(10); {
		case n < 2 || len(m.pages) < 3:
			captured++
			d := archive.Captured{Page: page("B", scan.PageID(fmt.Sprintf("p%d", captured)))}
			switch at := r.IntN(3); {
			case at == 0:
				d.First = true
				m.put([]scan.PageID{d.Page.ID}, "")
			case at == 1 && len(m.pages) > 0:
				d.After = m.pages[r.IntN(len(m.pages))]
				m.put([]scan.PageID{d.Page.ID}, d.After)
			default:
				m.pages = append(m.pages, d.Page.ID)
			}
			b.do(archive.PageCaptured, d)
			// Undoing from here puts pages where they were among those that were
			// there, and a list cannot tell where: begin anew.
			done, undone = nil, nil
			arrange(archive.PagesMoved, archive.Moved{Batch: "B"}, func() {})
		case n < 5:
			d := archive.Moved{Batch: "B", Pages: some(m.pages)}
			rest := slices.DeleteFunc(slices.Clone(m.pages), func(p scan.PageID) bool { return slices.Contains(d.Pages, p) })
			if i := r.IntN(len(rest) + 1); i > 0 {
				d.After = rest[i-1]
			}
			d.Back = must[[]archive.Place](t)(b.c.Places(ctx, "B", d.Pages))
			arrange(archive.PagesMoved, d, func() { m.put(d.Pages, d.After) })
		case n < 7:
			into := r.IntN(2) == 0
			d := archive.Binned{Batch: "B", Pages: some(slices.DeleteFunc(slices.Clone(m.pages), func(p scan.PageID) bool { return m.binned[p] == into }))}
			kind := archive.PagesRestored
			if into {
				kind = archive.PagesBinned
			}
			arrange(kind, d, func() {
				for _, p := range d.Pages {
					m.binned[p] = into
				}
			})
		case n < 9 && len(done) > 0:
			s := done[len(done)-1]
			done, undone = done[:len(done)-1], append(undone, s)
			b.do(archive.ArrangeUndone, archive.Undone{Batch: "B", Event: s.event})
			m = s.before.clone()
		case len(undone) > 0:
			s := undone[len(undone)-1]
			undone, done = undone[:len(undone)-1], append(done, s)
			b.do(archive.ArrangeRedone, archive.Undone{Batch: "B", Event: s.event})
			m = s.after.clone()
		}
		if got, want := b.order("B"), m.String(); got != want {
			t.Fatalf("after %d events (last: %s)\norder %s\nwant  %s", len(b.journal), b.journal[len(b.journal)-1].Data, got, want)
		}
		redo := ""
		if len(undone) > 0 {
			redo = undone[len(undone)-1].event
		}
		if len(done) > 0 {
			b.tops("B", done[len(done)-1].event, redo)
		}
	}
	b.sound()
	b.rebuilt()
}

// TestBackInAnyOrder holds the shortcut for blocks against putting back page by page.
func TestBackInAnyOrder(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 3))
	b := newBench(t)
	pages := ids("p1 p2 p3 p4 p5 p6 p7")
	b.batch("B", pages...)
	m := model{pages: slices.Clone(pages)}
	for range 200 {
		d := archive.Moved{Batch: "B"}
		for range 1 + r.IntN(6) {
			place := archive.Place{Page: pages[r.IntN(len(pages))]}
			if n := len(d.Back); n > 0 && r.IntN(2) == 0 {
				place.After = d.Back[n-1].Page
			} else if r.IntN(4) > 0 {
				place.After = pages[r.IntN(len(pages))]
			}
			if place.Page != place.After {
				d.Back = append(d.Back, place)
			}
		}
		event := b.do(archive.PagesMoved, d)
		b.do(archive.ArrangeUndone, archive.Undone{Batch: "B", Event: event})
		for _, place := range d.Back {
			m.put([]scan.PageID{place.Page}, place.After)
		}
		if got, want := b.order("B"), m.String(); got != want {
			t.Fatalf("%+v\norder %s\nwant  %s", d.Back, got, want)
		}
	}
	b.sound()
}

func TestGapsRunOut(t *testing.T) {
	b := newBench(t)
	b.batch("B", "p1", "p2")
	want := []string{"p1"}
	for i := range 200 { // each halves the gap behind p1
		id := scan.PageID(fmt.Sprintf("q%d", i))
		b.do(archive.PageCaptured, archive.Captured{Page: page("B", id), After: "p1"})
		want = slices.Insert(want, 1, string(id))
	}
	if got := b.order("B"); got != strings.Join(append(want, "p2"), " ") {
		t.Errorf("order %s", got)
	}
	b.sound()
}

func TestOrder(t *testing.T) {
	b := newBench(t)
	ctx := context.Background()
	b.batch("B", "p1")
	late := b.event(archive.PageCaptured, archive.Captured{Page: page("B", "p2")})
	b.do(archive.PageCaptured, archive.Captured{Page: page("B", "p3")})
	if err := b.c.Apply(ctx, 3, late); !errors.Is(err, catalogue.ErrOrder) {
		t.Errorf("an overtaken event: %v", err)
	}
	before := b.dump(b.c)
	if err := b.c.Apply(ctx, 2, b.journal[0], b.journal[1]); err != nil {
		t.Error(err)
	}
	if after := b.dump(b.c); after != before {
		t.Errorf("a replay changes something:\n%s", difference(before, after))
	}
	if err := b.c.Apply(ctx, 5, b.journal[0], b.journal[3]); err != nil { // overlaps
		t.Error(err)
	}
	if got := b.order("B"); got != "p1 p3" {
		t.Errorf("order %s", got)
	}
	if pos := must[int64](t)(b.c.Position(ctx)); pos != 5 {
		t.Errorf("position %d", pos)
	}
	b.sound()
}
