package gui

import (
	"slices"
	"testing"

	"recto/app/workbench"
	"recto/archive"
	"recto/scan"
)

// TestTroubles: the sheet of what failed opens a page, sets a source aside only with
// a reason, and brings it back.
func TestTroubles(t *testing.T) {
	core := newFake(1, 15) // page 12 fails
	d := newDesk(t, core)
	b := core.batches[core.order[0]]
	b.rej = []archive.Reject{{Origin: scan.Origin{Path: "in/lettr.tif", Absolute: "/in/lettr.tif"}, Problem: *scan.ProblemOf(scan.ErrUnreadable)}}
	d.batches.reload()
	d.press("X")
	top := d.top()
	if top == nil || top.id != "troubles" {
		t.Fatalf("X opens %+v", top)
	}
	d.press("Down", "Enter") // the source, without a reason yet
	if slices.Contains(core.calls, "Dismiss") {
		t.Fatal("set aside without a reason")
	}
	for _, r := range "a typo" {
		d.win.Canvas().Focused().TypedRune(r)
	}
	d.press("Enter")
	if b.rej[0].Dismissed != "a typo" {
		t.Fatalf("rejects %+v", b.rej)
	}
	if info := core.info(b); info.Rejects != 0 || info.Failed != 1 {
		t.Errorf("batch %+v", info)
	}
	d.press("Down", "Enter") // and back
	if b.rej[0].Dismissed != "" {
		t.Errorf("rejects %+v", b.rej)
	}
	d.press("Up", "Enter") // the page
	if d.top() != nil || d.current != screen(d.page) {
		t.Errorf("Enter on a page leads to %v", d.current.id())
	}

	// Where nothing may be changed the sheet still tells all.
	d.window.use(core, opened{looking: true})
	d.press("F2", "X", "Down", "Enter")
	if b.rej[0].Dismissed != "" || d.top() == nil {
		t.Error("set aside in an archive that is only looked at")
	}
	d.press("Escape")

	// A batch without trouble says so.
	fine := core.addBatch("fine", "Fine", 3, b.moved)
	d.window.showTroubles(workbench.BatchInfo{Batch: archive.Batch{ID: fine, Name: "fine"}})
	if d.top() == nil {
		t.Error("nothing is shown for a batch without trouble")
	}
}
