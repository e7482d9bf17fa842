package catalogue_test

import (
	"errors"
	"testing"

	"recto/archive"
	"recto/archive/catalogue"
	"recto/scan"
)

// Those gives what Page gives of each, in the order asked for.
func TestThose(t *testing.T) {
	b := newBench(t)
	b.batch("B", "p1", "p2", "p3", "p4", "p5")
	b.batch("C", "q1")
	b.do(archive.PagesReplaced, archive.Replaced{Batch: "B", Old: "p2", New: "p5", Back: []archive.Place{{Page: "p5", After: "p4"}}})
	for _, wanted := range []string{"", "p1", "p1 p2 p3 p4 p5", "p5 p1 p4", "p4 p2"} {
		var got []scan.PageID
		for p, err := range b.c.Those(t.Context(), "B", ids(wanted)) {
			if err != nil {
				t.Fatal(err)
			}
			alone := must[catalogue.Page](t)(b.c.Page(t.Context(), p.ID))
			if p.Number != alone.Number || p.Binned != alone.Binned || p.Replaces != alone.Replaces {
				t.Errorf("%+v, alone %+v", p, alone)
			}
			got = append(got, p.ID)
		}
		if len(got) != len(ids(wanted)) {
			t.Errorf("%q: %v", wanted, got)
		}
		for i, id := range ids(wanted) {
			if got[i] != id {
				t.Errorf("%q: %v", wanted, got)
			}
		}
	}
	given := 0
	var last error
	for _, err := range b.c.Those(t.Context(), "B", ids("p1 q1 p3")) { // q1 is in another batch
		if last = err; err == nil {
			given++
		}
	}
	if given != 1 || !errors.Is(last, catalogue.ErrNotFound) {
		t.Errorf("%d given, %v", given, last)
	}
}
