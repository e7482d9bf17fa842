package gui

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"recto/app/workbench"
	"recto/scan"
)

// searchFor types a query and waits for its hits.
func (d *desk) searchFor(query string) {
	d.t.Helper()
	d.catalogue.query.SetText(query)
	d.settle()
}

// hitNames tells hits apart.
func hitNames(hits []workbench.Hit) []string {
	var out []string
	for _, h := range hits {
		out = append(out, string(h.Document)+" "+string(h.Page))
	}
	return out
}

// The hits go on where the cursor comes to the end of those that are there; what
// was chosen and what is in sight stay.
func TestMoreHitsAtTheEnd(t *testing.T) {
	d := newDesk(t, newFake(66, 12))
	d.press("F8")
	d.searchFor("the")
	total := d.catalogue.total
	if total < 2*hitsAtOnce || len(d.catalogue.hits) != hitsAtOnce {
		t.Fatalf("%d of %d hits at first", len(d.catalogue.hits), total)
	}
	if want := fmt.Sprintf("1–200 of %d pages found", total); !strings.HasPrefix(d.catalogue.sum.String(), want) {
		t.Errorf("says %q, not %q", d.catalogue.sum, want)
	}
	first := hitNames(d.catalogue.hits)

	// While they are on their way nothing is asked twice, and nothing moves.
	var flying []func()
	d.bridge.spawn = func(f func()) { flying = append(flying, f) }
	for range hitsAtOnce / 5 {
		d.press("PgDn")
	}
	var asked []func()
	for _, f := range flying { // thumbnails fly with them
		before := len(d.core.calls)
		f()
		if len(d.core.calls) > before && d.core.calls[len(d.core.calls)-1] == "SearchTyping" {
			asked = append(asked, f)
		}
	}
	if len(asked) != 1 {
		t.Errorf("the end of the list asks %d times", len(asked))
	}
	s := d.snapshot()
	if s.Count != 2*hitsAtOnce || s.Cursor != hitsAtOnce-1 || s.Busy {
		t.Fatalf("%+v", s)
	}
	if got := hitNames(d.catalogue.hits); strings.Join(got[:hitsAtOnce], "\n") != strings.Join(first, "\n") {
		t.Error("the hits that were there are others now")
	}
	if from, end := d.catalogue.table.Shown(); from > s.Cursor || end <= s.Cursor {
		t.Errorf("rows %d to %d are in sight, the cursor is on %d", from, end, s.Cursor)
	}
	d.press("Down")
	if at := d.snapshot().Cursor; at != hitsAtOnce {
		t.Errorf("the cursor goes on to %d", at)
	}

	// To the very end, and no further.
	d.bridge.spawn = func(f func()) { f() }
	for range total / 5 {
		d.press("PgDn")
	}
	if s := d.snapshot(); s.Count != total || s.Cursor != total-1 {
		t.Errorf("at the end: %d of %d hits, cursor on %d", s.Count, total, s.Cursor)
	}
	if want := fmt.Sprintf("%d pages found", total); !strings.HasPrefix(d.catalogue.sum.String(), want) {
		t.Errorf("says %q, not %q", d.catalogue.sum, want)
	}
	seen := map[string]bool{}
	for _, name := range hitNames(d.catalogue.hits) {
		if seen[name] {
			t.Errorf("%s stands there twice", name)
		}
		seen[name] = true
	}

	// Looking again keeps them; another query starts anew.
	d.press("Ctrl+R")
	if s := d.snapshot(); s.Count != total || s.Cursor != total-1 {
		t.Errorf("looking again leaves %d of %d hits, cursor on %d", s.Count, total, s.Cursor)
	}
	d.searchFor("th")
	if s := d.snapshot(); s.Count != hitsAtOnce || s.Cursor != 0 {
		t.Errorf("a new query shows %d hits, cursor on %d", s.Count, s.Cursor)
	}
}

// What was still on its way for an old query does not come under the new one.
func TestMoreHitsComeTooLate(t *testing.T) {
	d := newDesk(t, newFake(66, 12))
	d.press("F8")
	d.searchFor("the")
	var flying []func()
	d.bridge.spawn = func(f func()) { flying = append(flying, f) }
	d.catalogue.table.Reveal(hitsAtOnce - 1)
	if !d.catalogue.slot.busy || !strings.Contains(d.catalogue.sum.String(), "loading more") {
		t.Fatalf("scrolling to the end asks for nothing: %q", d.catalogue.sum)
	}
	late := flying
	d.bridge.spawn = func(f func()) { f() }
	d.searchFor("michaelmas")
	want := hitNames(d.catalogue.hits)
	for _, f := range late {
		f()
	}
	if got := hitNames(d.catalogue.hits); len(got) == 0 || strings.Join(got, "\n") != strings.Join(want, "\n") || d.snapshot().Busy {
		t.Errorf("%d hits instead of %d", len(got), len(want))
	}

	// What fails is told, and trying again goes on from there.
	d.searchFor("the")
	d.core.fail["SearchTyping"] = fmt.Errorf("catalogue: %w", scan.ErrNoSpace)
	d.catalogue.table.Reveal(hitsAtOnce - 1)
	d.settle()
	if !shows(d.catalogue.root, "Disk full") {
		t.Error("the failure is not told")
	}
	delete(d.core.fail, "SearchTyping")
	d.press("Ctrl+R")
	if s := d.snapshot(); s.Count != 2*hitsAtOnce || s.Error != "" {
		t.Errorf("%+v", s)
	}
}

func TestGrouped(t *testing.T) {
	for n, want := range map[int]string{0: "0", 999: "999", 1000: "1,000", 1234567: "1,234,567"} {
		if got := grouped(n); got != want {
			t.Errorf("%d is written %q", n, got)
		}
	}
}

// TestHitKeepsItsNumber: a hit on page 2 of a document opens as page 2, also where
// the batch has another order.
func TestHitKeepsItsNumber(t *testing.T) {
	core := newFake(2, 6)
	d := newDesk(t, core)
	doc := &core.docs[0]
	slices.Reverse(doc.Leaves)
	d.catalogue.hits = []workbench.Hit{{Document: doc.ID, Title: doc.Title, Batch: doc.Batch, Page: doc.Leaves[1].Page, Number: 2}}
	d.press("F8")
	d.catalogue.table.Refresh()
	d.catalogue.table.Select(0)
	d.catalogue.openHit()
	d.settle()
	if p, ok := d.page.page(); !ok || p.ID != doc.Leaves[1].Page || d.page.at != 1 || len(d.page.pages) != len(doc.Leaves) {
		t.Errorf("page %d of %d, %s, want page 2, %s", d.page.at+1, len(d.page.pages), p.ID, doc.Leaves[1].Page)
	}
}
