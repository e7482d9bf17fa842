package workbench

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"recto/app/job"
	"recto/archive"
	"recto/scan"
)

// unitsIn shows a batch: "1 |A 2 3 |B 4 (5)", with the number in each page's file name.
func unitsIn(t *testing.T, w *Workbench, batch scan.BatchID) string {
	t.Helper()
	all, err := w.wholeBatch(t.Context(), batch)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	units := 0
	for _, p := range all {
		word := fmt.Sprint(p.Origin.Path.Line()[len(p.Origin.Path)-5 : len(p.Origin.Path)-4])
		alone, err := w.Page(t.Context(), p.ID)
		if err != nil {
			t.Fatal(err)
		}
		if !sameStart(alone.Start, p.Start) || alone.startOf != p.startOf {
			t.Errorf("page %s alone begins %v, in its batch %v", word, alone.Start, p.Start)
		}
		switch {
		case p.Binned:
			word = "(" + word + ")"
		case p.Start != nil:
			units++
			word = "|" + p.Start.Reference + " " + word
		}
		out = append(out, word)
	}
	if b, err := w.batchInfo(t.Context(), batch); err != nil || b.Units != units {
		t.Errorf("%d units are counted, there are %d (%v)", b.Units, units, err)
	}
	return strings.Join(out, " ")
}

// A page that is binned, moved or turned round with others takes no unit along.
func TestBeginnings(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a")
	if err := Init(t.Context(), dir); err != nil {
		t.Fatal(err)
	}
	w := opened(t, dir, Options{Jobs: 1})
	got, err := w.Import(t.Context(), ImportRequest{Batch: "B", Paths: []scan.Path{scan.Path(sheets(t, 7, 1000))}}, &job.Progress{})
	if err != nil {
		t.Fatal(err)
	}
	b, id := got.Batch.ID, got.Added
	for n, unit := range map[int]string{1: "A", 4: "B", 6: "C"} {
		if err := w.SplitAt(t.Context(), id[n], archive.Start{Reference: unit}); err != nil {
			t.Fatal(err)
		}
	}
	const whole = "0 |A 1 2 3 |B 4 5 |C 6"
	pages := func(ns ...int) (out []scan.PageID) {
		for _, n := range ns {
			out = append(out, id[n])
		}
		return out
	}
	move := func(after int, ns ...int) func() error {
		return func() error {
			to := scan.PageID("")
			if after >= 0 {
				to = id[after]
			}
			return w.MovePages(t.Context(), pages(ns...), to)
		}
	}
	replace := func(old, page int) func() error {
		return func() error { return w.ReplacePage(t.Context(), id[old], id[page]) }
	}
	for name, c := range map[string]struct {
		do   []func() error
		want string
	}{
		"bin the first":            {[]func() error{func() error { return w.BinPages(t.Context(), pages(1)) }}, "0 (1) |A 2 3 |B 4 5 |C 6"},
		"bin two":                  {[]func() error{func() error { return w.BinPages(t.Context(), pages(1, 2)) }}, "0 (1) (2) |A 3 |B 4 5 |C 6"},
		"bin a unit":               {[]func() error{func() error { return w.BinPages(t.Context(), pages(4, 5)) }}, "0 |A 1 2 3 (4) (5) |C 6"},
		"bin the last":             {[]func() error{func() error { return w.BinPages(t.Context(), pages(6)) }}, "0 |A 1 2 3 |B 4 5 (6)"},
		"bin and merge":            {[]func() error{func() error { return w.BinPages(t.Context(), pages(4)) }, func() error { return w.MergeAt(t.Context(), id[5]) }}, "0 |A 1 2 3 (4) 5 |C 6"},
		"bin and restore":          {[]func() error{func() error { return w.BinPages(t.Context(), pages(1)) }, func() error { return w.RestorePages(t.Context(), pages(1)) }}, whole},
		"move within":              {[]func() error{move(2, 1)}, "0 |A 2 1 3 |B 4 5 |C 6"},
		"move into another":        {[]func() error{move(4, 1)}, "0 |A 2 3 |B 4 1 5 |C 6"},
		"move to the start":        {[]func() error{move(-1, 4)}, "4 0 |A 1 2 3 |B 5 |C 6"},
		"move a unit":              {[]func() error{move(0, 4, 5)}, "0 |B 4 5 |A 1 2 3 |C 6"},
		"move a unit into one":     {[]func() error{move(1, 6)}, "0 |A 1 |C 6 |A 2 3 |B 4 5"},
		"move a unit to the top":   {[]func() error{move(-1, 6)}, "|C 6 | 0 |A 1 2 3 |B 4 5"},
		"move what is in none":     {[]func() error{move(4, 0)}, "|A 1 2 3 |B 4 0 5 |C 6"},
		"move before a beginning":  {[]func() error{move(3, 2)}, "0 |A 1 3 2 |B 4 5 |C 6"},
		"bin, then move in":        {[]func() error{func() error { return w.BinPages(t.Context(), pages(4)) }, move(3, 6)}, "0 |A 1 2 3 |C 6 (4) |B 5"},
		"bin, then move between":   {[]func() error{func() error { return w.BinPages(t.Context(), pages(4)) }, move(4, 2)}, "0 |A 1 3 (4) 2 |B 5 |C 6"},
		"reverse a unit":           {[]func() error{func() error { return w.ReversePages(t.Context(), pages(1, 2, 3)) }}, "0 |A 3 2 1 |B 4 5 |C 6"},
		"reverse units":            {[]func() error{func() error { return w.ReversePages(t.Context(), pages(1, 2, 3, 4, 5, 6)) }}, "0 |C 6 |B 5 4 |A 3 2 1"},
		"bin a unit, merge behind": {[]func() error{func() error { return w.BinPages(t.Context(), pages(4, 5)) }, func() error { return w.MergeAt(t.Context(), id[6]) }}, "0 |A 1 2 3 (4) (5) 6"},
		"replace within":           {[]func() error{replace(1, 3)}, "0 (1) |A 3 2 |B 4 5 |C 6"},
		"replace by a first":       {[]func() error{replace(2, 4)}, "0 |A 1 (2) 4 3 |B 5 |C 6"},
		"replace by a unit":        {[]func() error{replace(2, 6)}, "0 |A 1 (2) 6 3 |B 4 5"},
		"replace a first by one":   {[]func() error{replace(1, 4)}, "0 (1) |A 4 2 3 |B 5 |C 6"},
		"replace a unit":           {[]func() error{replace(6, 4)}, "0 |A 1 2 3 |B 5 (6) |C 4"},
		"replace, then bin":        {[]func() error{replace(1, 4), func() error { return w.BinPages(t.Context(), pages(4)) }}, "0 (1) (4) |A 2 3 |B 5 |C 6"},
		"replace, then restore":    {[]func() error{replace(1, 4), func() error { return w.RestorePages(t.Context(), pages(1)) }}, "0 |A 1 4 2 3 |B 5 |C 6"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := unitsIn(t, w, b); got != whole {
				t.Fatalf("before: %s", got)
			}
			for _, do := range c.do {
				if err := do(); err != nil {
					t.Fatal(err)
				}
			}
			if got := unitsIn(t, w, b); got != c.want {
				t.Errorf("%s, want %s", got, c.want)
			}
			for range c.do {
				if _, err := w.Undo(t.Context(), b); err != nil {
					t.Fatal(err)
				}
			}
			if got := unitsIn(t, w, b); got != whole {
				t.Fatalf("undone: %s", got)
			}
			for range c.do {
				if _, err := w.Redo(t.Context(), b); err != nil {
					t.Fatal(err)
				}
			}
			if got := unitsIn(t, w, b); got != c.want {
				t.Errorf("redone: %s, want %s", got, c.want)
			}
			for range c.do {
				if _, err := w.Undo(t.Context(), b); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}
