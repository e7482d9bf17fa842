package catalogue_test

import (
	"context"
	"fmt"
	"testing"

	"recto/archive"
	"recto/archive/catalogue"
	"recto/scan"
)

func setting(steps ...any) scan.Recipe {
	var r scan.Recipe
	for _, s := range steps {
		switch p := s.(type) {
		case scan.Deskew:
			r = r.With(scan.NewStep(scan.DeskewStage, p, true))
		case scan.Split:
			r = r.With(scan.NewStep(scan.SplitStage, p, true))
		case scan.Crop:
			r = r.With(scan.NewStep(scan.CropStage, p, true))
		default:
			panic(p)
		}
	}
	return r
}

// looked is what somebody sees of a page's text.
func (b *bench) looked(id scan.PageID) string {
	p := must[catalogue.Page](b.t)(b.c.Page(context.Background(), id))
	return fmt.Sprintf("%s %s raw %s %d", p.State, p.Text, p.Raw, p.Corrections)
}

func (b *bench) looks(id scan.PageID, want string) {
	b.t.Helper()
	if got := b.looked(id); got != want {
		b.t.Errorf("page %s: %s, want %s", id, got, want)
	}
}

// TestPrepared: a page that comes back to a setting has at once the text that was read
// under it, with its corrections and without those that were taken back.
func TestPrepared(t *testing.T) {
	b := newBench(t)
	ctx := context.Background()
	b.batch("B", "p1", "p2")
	for _, name := range []string{"auto", "auto+1", "auto+2", "by hand"} {
		b.texts[name] = "Findling " + name
	}
	read := func(text string, r scan.Recipe) {
		b.do(archive.PageProcessed, archive.Processed{Page: "p1", State: scan.Done, Recipe: r, Words: 1, Text: text, TextSHA256: text, Languages: []string{"deu"}})
	}
	correct := func(from, to string) string {
		file := func(name string) archive.TextFile {
			return archive.TextFile{Path: name, SHA256: name, Words: 2, Confidence: 1}
		}
		return b.do(archive.TextCorrected, archive.Corrected{Batch: "B", How: "correct", Texts: []archive.Correction{{Page: "p1", From: file(from), To: file(to)}}})
	}
	read("auto", scan.Recipe{scan.NewStep(scan.DeskewStage, scan.Deskew{Degrees: 1.5, Confidence: 9}, false)})
	b.looks("p1", "done auto raw  0")
	first := correct("auto", "auto+1")
	b.looks("p1", "done auto+1 raw auto 1")
	second := correct("auto+1", "auto+2")
	b.looks("p1", "done auto+2 raw auto 2")
	correct("auto", "by hand") // was made on another text
	b.looks("p1", "done auto+2 raw auto 2")
	if total, _, err := b.c.Search(ctx, "auto+2", 1, 0); total != 1 || err != nil {
		t.Errorf("search: %d, %v", total, err)
	}
	_, _ = first, second
	top, _ := b.top("B")
	b.do(archive.ArrangeUndone, archive.Undone{Batch: "B", Event: top})
	b.do(archive.ArrangeUndone, archive.Undone{Batch: "B", Event: second})
	b.looks("p1", "done auto+1 raw auto 1")

	set := b.do(archive.PagesPrepared, archive.Prepared{Batch: "B", How: "deskew", Settings: []archive.Setting{{Page: "p1", To: setting(scan.Deskew{Degrees: 2})}}})
	b.looks("p1", "new  raw  0")
	read("by hand", setting(scan.Deskew{Degrees: 2}))
	b.looks("p1", "done by hand raw  0")
	b.do(archive.ArrangeUndone, archive.Undone{Batch: "B", Event: set})
	b.looks("p1", "done auto+1 raw auto 1")
	b.do(archive.ArrangeRedone, archive.Undone{Batch: "B", Event: set})
	b.looks("p1", "done by hand raw  0")
	b.do(archive.PagesPrepared, archive.Prepared{Batch: "B", How: "deskew", Settings: []archive.Setting{{Page: "p1", From: setting(scan.Deskew{Degrees: 2}), To: setting(scan.Deskew{Degrees: 1.5})}}})
	b.looks("p1", "done auto+1 raw auto 1") // the same by hand
	b.do(archive.ArrangeUndone, archive.Undone{Batch: "B", Event: first})
	b.sound()
	b.rebuilt()
}

// TestParted: a spread is two pages with one master; the second comes behind the first,
// counts as no image, is no double of it, and goes to the bin when they are joined.
func TestParted(t *testing.T) {
	b := newBench(t)
	ctx := context.Background()
	b.batch("B", "p1", "p2")
	other := must[catalogue.Page](t)(b.c.Page(ctx, "p1")).Page
	other.ID = "p1b"
	whole := setting(scan.Split{})
	spread := archive.Spread{Page: "p1", To: setting(scan.Split{Part: 1, At: 500}), Other: other, Set: setting(scan.Split{Part: 2, At: 500})}
	state := func(order string, halves int) {
		t.Helper()
		if got := b.order("B"); got != order {
			t.Errorf("order %s, want %s", got, order)
		}
		all := must[[]catalogue.Batch](t)(b.c.Batches(ctx))
		if all[0].Halves != halves {
			t.Errorf("%d halves, want %d", all[0].Halves, halves)
		}
	}
	parted := b.do(archive.PagesParted, archive.Parted{Batch: "B", Spreads: []archive.Spread{spread}})
	state("p1 p1b p2", 1)
	p := must[catalogue.Page](t)(b.c.Page(ctx, "p1b"))
	if p.HalfOf != "p1" || p.DuplicateOf != "" || !p.ByHand.Equal(spread.Set) {
		t.Errorf("the second half: %+v", p)
	}
	b.do(archive.ArrangeUndone, archive.Undone{Batch: "B", Event: parted})
	state("p1 (p1b) p2", 0)
	b.do(archive.ArrangeRedone, archive.Undone{Batch: "B", Event: parted})
	state("p1 p1b p2", 1)
	joined := b.do(archive.PagesParted, archive.Parted{Batch: "B", Joined: true, Spreads: []archive.Spread{{Page: "p1", From: whole, To: spread.To, Other: other, Set: spread.Set}}})
	state("p1 (p1b) p2", 0)
	if p := must[catalogue.Page](t)(b.c.Page(ctx, "p1")); !p.ByHand.Equal(whole) {
		t.Errorf("joined: %v", p.ByHand)
	}
	b.do(archive.ArrangeUndone, archive.Undone{Batch: "B", Event: joined})
	state("p1 p1b p2", 1)

	// What a worker finds is on no undo stack.
	b.batch("C", "q1")
	other = must[catalogue.Page](t)(b.c.Page(ctx, "q1")).Page
	other.ID = "q1b"
	b.do(archive.PagesParted, archive.Parted{Batch: "C", Auto: true, Spreads: []archive.Spread{{Page: "q1", To: spread.To, Other: other, Set: spread.Set}}})
	if got := b.order("C"); got != "q1 q1b" {
		t.Errorf("found: %s", got)
	}
	b.tops("C", "", "")
	b.do(archive.PagesBinned, archive.Binned{Batch: "B", Pages: ids("p1")})
	state("(p1) p1b p2", 0) // its image is there all the same
	b.sound()
	b.rebuilt()
}
