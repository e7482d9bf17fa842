package workbench

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"recto/archive"
	"recto/archive/coversheet"
)

func planner(t *testing.T) *Workbench {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "a")
	if err := Init(t.Context(), dir); err != nil {
		t.Fatal(err)
	}
	return opened(t, dir, Options{Jobs: 1})
}

func references(t *testing.T, w *Workbench) []string {
	t.Helper()
	all, err := w.Units(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, u := range all {
		out = append(out, u.Code+" "+u.Reference+" "+u.Title)
	}
	return out
}

// TestPlanUnits: a code is one unit's, for ever; a plan is taken whole or not at all.
func TestPlanUnits(t *testing.T) {
	w := planner(t)
	made := coversheet.CodeFor("R 2")
	for _, x := range []struct {
		name  string
		units []archive.Unit
		err   error
		want  []string
	}{
		{"new", []archive.Unit{{Code: "1", Reference: "R 1", Title: "a"}, {Reference: " R 2 "}}, nil, []string{"1 R 1 a", made + " R 2 "}},
		{"changed", []archive.Unit{{Code: "1", Reference: "R 1", Title: "b"}}, nil, []string{"1 R 1 b", made + " R 2 "}},
		{"without its code", []archive.Unit{{Reference: "R 1", Title: "c"}}, nil, []string{"1 R 1 c", made + " R 2 "}},
		{"another unit's code", []archive.Unit{{Code: "3", Reference: "R 3"}, {Code: "1", Reference: "R 4"}}, ErrPlanned, []string{"1 R 1 c", made + " R 2 "}},
		{"another code", []archive.Unit{{Code: "2", Reference: "R 1"}}, ErrPlanned, []string{"1 R 1 c", made + " R 2 "}},
		{"twice", []archive.Unit{{Code: "5", Reference: "R 5"}, {Code: "5", Reference: "R 6"}}, ErrPlanned, []string{"1 R 1 c", made + " R 2 "}},
		{"two codes at once", []archive.Unit{{Code: "5", Reference: "R 5"}, {Code: "6", Reference: "R 5"}}, ErrPlanned, []string{"1 R 1 c", made + " R 2 "}},
		{"no unit", []archive.Unit{{Code: "5", Reference: "R 5"}, {Code: "6"}}, coversheet.ErrUnit, []string{"1 R 1 c", made + " R 2 "}},
		{"none", nil, nil, []string{"1 R 1 c", made + " R 2 "}},
	} {
		if err := w.PlanUnits(t.Context(), x.units); !errors.Is(err, x.err) {
			t.Errorf("%s: %v", x.name, err)
		}
		if got := references(t, w); !slices.Equal(got, x.want) {
			t.Errorf("%s: %q", x.name, got)
		}
	}
	if code, err := w.CodeOf(t.Context(), "R 1 "); code != "1" || err != nil {
		t.Error(code, err)
	}
	if code, _ := w.CodeOf(t.Context(), "R 7"); code != coversheet.CodeFor("R 7") {
		t.Error(code)
	}
}

// TestPlanAgain: what is as it was makes no new line in the journal.
func TestPlanAgain(t *testing.T) {
	w := planner(t)
	var units []archive.Unit
	for i := range 3*unitsAtOnce + 1 {
		units = append(units, archive.Unit{Reference: fmt.Sprint("R ", i), Expected: i, Metadata: map[string]string{"Fonds": "F"}})
	}
	size := func() (n int64) {
		all, _ := filepath.Glob(filepath.Join(w.Directory(), journalDir, "*"))
		for _, f := range all {
			if info, err := os.Stat(f); err == nil {
				n += info.Size()
			}
		}
		return n
	}
	empty := size()
	if err := w.PlanUnits(t.Context(), units); err != nil {
		t.Fatal(err)
	}
	first := size()
	if err := w.PlanUnits(t.Context(), units); err != nil || size() != first || first == empty {
		t.Errorf("%v, %d then %d then %d bytes", err, empty, first, size())
	}
	if got := references(t, w); len(got) != len(units) || got[len(got)-1] != coversheet.CodeFor(units[len(units)-1].Reference)+" "+units[len(units)-1].Reference+" " {
		t.Errorf("%d units", len(got))
	}
}

// TestCoverSheets: the units asked for, in their order; a typed code is forgiven what
// people mistake; a wrong one is told.
func TestCoverSheets(t *testing.T) {
	w := planner(t)
	var b bytes.Buffer
	if err := w.CoverSheets(t.Context(), &b, nil); !errors.Is(err, coversheet.ErrNoUnits) || b.Len() > 0 {
		t.Error(err)
	}
	if err := w.PlanUnits(t.Context(), []archive.Unit{{Code: "b", Reference: "R 1"}, {Reference: "HStA 12/7"}, {Code: "1O", Reference: "R 2"}}); err != nil {
		t.Fatal(err)
	}
	code := coversheet.CodeFor("HStA 12/7") // EDY2FSE72ET
	for typed, want := range map[string]string{"edy2fse72et": code, "b": "b", "1O": "1O"} {
		if got, err := w.UnitsByCode(t.Context(), []string{typed}); err != nil || len(got) != 1 || got[0].Code != want {
			t.Errorf("%s: %v %v", typed, got, err)
		}
	}
	for typed, told := range map[string]string{"EDY2FSE72EV": "mistyped", "B": "no such thing", "": "no such thing"} {
		if _, err := w.UnitsByCode(t.Context(), []string{typed}); !errors.Is(err, ErrNotFound) || !bytes.Contains([]byte(err.Error()), []byte(told)) {
			t.Errorf("%q: %v", typed, err)
		}
	}
	sheets := func(codes []string) string {
		var b bytes.Buffer
		if err := w.CoverSheets(t.Context(), &b, codes); err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	if sheets(nil) != sheets([]string{"b", code, "1O"}) || sheets(nil) == sheets([]string{code, "b", "1O"}) {
		t.Error("not the units asked for, or not in their order")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	b.Reset()
	if err := w.CoverSheets(ctx, &b, nil); !errors.Is(err, context.Canceled) || b.Len() > 0 {
		t.Error(err)
	}
}

// TestSaveCoverSheets: the file is whole or as it was.
func TestSaveCoverSheets(t *testing.T) {
	w := planner(t)
	if err := w.PlanUnits(t.Context(), []archive.Unit{{Reference: "R"}}); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	path := filepath.Join(dir, "x.pdf")
	save := func(path string, o SheetOptions) error { return w.SaveCoverSheets(t.Context(), path, nil, o) }
	if err := save(path, SheetOptions{}); err != nil {
		t.Fatal(err)
	}
	first, err := os.ReadFile(path)
	if err != nil || !bytes.HasPrefix(first, []byte("%PDF-")) {
		t.Fatal(err)
	}
	for name, x := range map[string]struct {
		path string
		o    SheetOptions
		err  error
	}{
		"there already":     {path, SheetOptions{Paper: "letter"}, ErrFileThere},
		"unknown paper":     {path, SheetOptions{Paper: "a5", Replace: true}, coversheet.ErrPaper},
		"a folder":          {dir, SheetOptions{Replace: true}, ErrNotFile},
		"no folder":         {filepath.Join(dir, "none", "x.pdf"), SheetOptions{}, ErrVanished},
		"below a file":      {filepath.Join(path, "x.pdf"), SheetOptions{}, ErrNotFolder},
		"in the archive":    {filepath.Join(w.Directory(), "x.pdf"), SheetOptions{}, ErrUsage},
		"in it, by a link":  {filepath.Join(dir, "link", "x.pdf"), SheetOptions{}, ErrUsage},
		"a device":          {"/dev/null", SheetOptions{Replace: true}, ErrUsage},
		"a link to nowhere": {filepath.Join(dir, "dangling"), SheetOptions{}, ErrFileThere},
	} {
		os.Symlink(w.Directory(), filepath.Join(dir, "link"))
		os.Symlink("nowhere", filepath.Join(dir, "dangling"))
		if err := save(x.path, x.o); !errors.Is(err, x.err) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if again, _ := os.ReadFile(path); !bytes.Equal(again, first) {
		t.Error("the file was changed")
	}
	if err := save(path, SheetOptions{Paper: "letter", Replace: true}); err != nil {
		t.Error(err)
	}
	if again, _ := os.ReadFile(path); bytes.Equal(again, first) {
		t.Error("the file was not replaced")
	}
	left, _ := filepath.Glob(filepath.Join(dir, ".tmp-*"))
	if len(left) > 0 {
		t.Errorf("left behind: %q", left)
	}
}

// TestSheetsOnAFullDisk: nothing of a file is left.
func TestSheetsOnAFullDisk(t *testing.T) {
	dir := t.TempDir()
	disk(t, dir, "16k")
	w := planner(t)
	if err := w.PlanUnits(t.Context(), []archive.Unit{{Reference: "R"}}); err != nil {
		t.Fatal(err)
	}
	err := w.SaveCoverSheets(t.Context(), filepath.Join(dir, "x.pdf"), nil, SheetOptions{})
	if Explain(err).Title != "Disk full" {
		t.Error(err)
	}
	if left, _ := os.ReadDir(dir); len(left) > 0 {
		t.Error(left)
	}
}
