package workbench

import (
	"fmt"
	"slices"
	"testing"

	"recto/archive"
	"recto/scan"
)

// Each page of a batch is in just one unit, and no two units are made into the same
// document: one that begins again takes its pages to where it began.
func TestUnitsOf(t *testing.T) {
	b := BatchInfo{Batch: archive.Batch{ID: "B", Name: "Box 3"}}
	planned := []archive.Unit{{Code: "c7", Reference: "HStA 7", Title: "Seven"}}
	for _, c := range []struct {
		starts []*archive.Start
		want   string
		notes  int
	}{
		{[]*archive.Start{nil, nil}, "Box 3:1 2", 0},
		{[]*archive.Start{nil, {Reference: "R/1"}, nil, {Reference: "R/2"}}, "Box 3:1|R/1:2 3|R/2:4", 0},
		{[]*archive.Start{{Reference: "R/1"}, nil, {Reference: "R/2"}, {Reference: "R/2", Title: "other"}, {Reference: "R/1"}}, "R/1:1 2 5|R/2:3 4", 2},
		{[]*archive.Start{{Code: "c7"}, {Code: "c8"}, {Code: "c7"}, nil}, "Seven:1 3 4|c8:2", 1},
		{[]*archive.Start{{}, nil, {}}, "Box 3, 1:1 2|Box 3, 2:3", 0},
	} {
		var pages []PageInfo
		for i, s := range c.starts {
			p := PageInfo{Number: i + 1}
			p.ID, p.Start = scan.PageID(fmt.Sprint(i+1)), s
			pages = append(pages, p)
		}
		units, notes := unitsOf(b, pages, planned)
		got, keys := "", []string{}
		for i, u := range units {
			if i > 0 {
				got += "|"
			}
			got += u.Title + ":"
			for j, p := range u.Pages {
				if j > 0 {
					got += " "
				}
				got += string(p)
			}
			if slices.Contains(keys, u.Key) {
				t.Errorf("two documents under the key %q", u.Key)
			}
			keys = append(keys, u.Key)
		}
		if got != c.want || len(notes) != c.notes {
			t.Errorf("%s, notes %q; want %s", got, notes, c.want)
		}
	}
}
