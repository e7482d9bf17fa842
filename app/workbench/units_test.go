package workbench

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"recto/archive"
	"recto/archive/coversheet"
	"recto/scan"
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
		if planned, err := w.PlanUnits(t.Context(), x.units); !errors.Is(err, x.err) || err == nil && len(planned) != len(x.units) {
			t.Errorf("%s: %v %v", x.name, planned, err)
		}
		if got := references(t, w); !slices.Equal(got, x.want) {
			t.Errorf("%s: %q", x.name, got)
		}
	}
	planned, err := w.PlanUnits(t.Context(), []archive.Unit{{Reference: "R 1 ", Title: "c"}, {Reference: "R 7"}})
	if err != nil || planned[0].Code != "1" || planned[0].Reference != "R 1" || planned[1].Code != coversheet.CodeFor("R 7") {
		t.Error(planned, err)
	}
}

// TestPlanList: what collides with units that are planned is told with its place in
// the list, all of it, and then nothing is taken; a list that gives no codes leaves
// those that are there.
func TestPlanList(t *testing.T) {
	w := planner(t)
	if _, err := w.PlanUnits(t.Context(), []archive.Unit{{Code: "B-1", Reference: "R 1"}, {Reference: "R 2"}}); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "list.csv")
	plan := func(text string) ([]archive.Unit, []string, error) {
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return w.PlanList(t.Context(), path)
	}
	before := references(t, w)
	_, _, err := plan("title,reference,code\nfine,R 3,\nb,R 4,B-1\nc,R 1,C-1\nd,R 2,\n")
	var faults coversheet.Faults
	if !errors.As(err, &faults) || len(faults) != 2 || Subject(err) != scan.Path(path) {
		t.Fatal(err)
	}
	for i, want := range []string{
		`line 3, column 3 (code): it belongs to another unit that is planned: code "B-1" is that of "R 1"`,
		`line 4, column 3 (code): it belongs to another unit that is planned: "R 1" has the code "B-1"`,
	} {
		if faults[i].Error() != want || Explain(faults[i]).Title != "Unit planned already" {
			t.Errorf("%v\n%+v", faults[i], Explain(faults[i]))
		}
	}
	// A code that is made of the reference is another unit's already.
	_, _, err = plan("reference,code\nR 5," + coversheet.CodeFor("R 6") + "\n")
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err = plan("title,reference\n,R 6\n"); err == nil || !strings.Contains(err.Error(), "line 2, column 2 (reference): ") {
		t.Error(err)
	}
	if got := references(t, w); !slices.Equal(got[:len(before)], before) || len(got) != len(before)+1 {
		t.Error(got)
	}
	planned, notes, err := plan("reference;title\nR 1;one\nR 2;two\n")
	if err != nil || len(notes) != 1 || len(planned) != 2 || planned[0].Code != "B-1" || references(t, w)[0] != "B-1 R 1 one" {
		t.Error(planned, notes, err)
	}
	// What a list has no column for stays as it was, what it has empty is cleared; by
	// hand what is left empty stays.
	full := archive.Unit{Code: "B-1", Reference: "R 1", Title: "one", Container: "Box 1", Expected: 3, Metadata: map[string]string{"Date": "1912", "Creator": "A"}}
	for _, x := range []struct {
		list string
		unit archive.Unit
		want archive.Unit
	}{
		{"", archive.Unit{Reference: "R 1", Container: "Box 1", Expected: 3, Metadata: map[string]string{"Date": "1912", "Creator": "A"}}, full},
		{"", archive.Unit{Reference: "R 1"}, full},
		{"", archive.Unit{Reference: "R 1", Metadata: map[string]string{"Date": "1913"}}, archive.Unit{Code: "B-1", Reference: "R 1", Title: "one", Container: "Box 1", Expected: 3, Metadata: map[string]string{"Date": "1913", "Creator": "A"}}},
		{"reference,Date\nR 1,1912\n", archive.Unit{}, full},
		{"reference,Date,box\nR 1,,\n", archive.Unit{}, archive.Unit{Code: "B-1", Reference: "R 1", Title: "one", Expected: 3, Metadata: map[string]string{"Creator": "A"}}},
		{"reference,sheets,title,creator\nR 1,,,\n", archive.Unit{}, archive.Unit{Code: "B-1", Reference: "R 1"}},
	} {
		var err error
		if x.list != "" {
			_, _, err = plan(x.list)
		} else {
			_, err = w.PlanUnits(t.Context(), []archive.Unit{x.unit})
		}
		if all, _ := w.Units(t.Context()); err != nil || !equal(all[0], x.want) {
			t.Errorf("%q %+v: %+v, %v", x.list, x.unit, all[0], err)
		}
	}
	var many strings.Builder
	many.WriteString("reference,code\n")
	for i := range 500 {
		fmt.Fprintf(&many, "N %d,n%d\n", i, i)
	}
	if _, _, err := plan(many.String()); err != nil {
		t.Fatal(err)
	}
	_, _, err = plan(strings.ReplaceAll(many.String(), "N ", "M "))
	if !errors.As(err, &faults) || len(faults) != coversheet.MostTold+1 || faults[coversheet.MostTold].Error() != "and 480 more" {
		t.Error(err)
	}
	if _, _, err := plan("title\nx\n"); Explain(err).Title != "List not understood" {
		t.Error(err)
	}
	for _, file := range []string{filepath.Join(t.TempDir(), "none.csv"), t.TempDir()} {
		if _, _, err := w.PlanList(t.Context(), file); !errors.Is(err, scan.ErrUnreadable) || Subject(err) != scan.Path(file) {
			t.Error(err)
		}
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
	if _, err := w.PlanUnits(t.Context(), units); err != nil {
		t.Fatal(err)
	}
	first := size()
	if _, err := w.PlanUnits(t.Context(), units); err != nil || size() != first || first == empty {
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
	path := filepath.Join(t.TempDir(), "x.pdf")
	sheets := func(names ...string) (codes []string, pdf string, err error) {
		printed, _, err := w.SaveCoverSheets(t.Context(), path, names, SheetOptions{Replace: true})
		for _, u := range printed {
			codes = append(codes, u.Code)
		}
		b, _ := os.ReadFile(path)
		return codes, string(b), err
	}
	if _, pdf, err := sheets(); !errors.Is(err, coversheet.ErrNoUnits) || pdf != "" {
		t.Error(err)
	}
	if _, err := w.PlanUnits(t.Context(), []archive.Unit{{Code: "b", Reference: "R 1"}, {Reference: "HStA 12/7"}, {Code: "1O", Reference: "R 2"}, {Code: "R", Reference: "b"}}); err != nil {
		t.Fatal(err)
	}
	code := coversheet.CodeFor("HStA 12/7") // EDY2FSE72ET
	for typed, want := range map[string]string{"edy2fse72et": code, "b": "b", "1O": "1O", "R 2": "1O", " HStA 12/7": code} {
		if got, _, err := sheets(typed); err != nil || len(got) != 1 || got[0] != want {
			t.Errorf("%s: %v %v", typed, got, err)
		}
	}
	_, last, _ := sheets("b")
	for typed, told := range map[string]string{"EDY2FSE72EV": "mistyped", "B": "no such thing", "": "no such thing"} {
		if _, pdf, err := sheets("b", typed); !errors.Is(err, ErrNotFound) || !strings.Contains(err.Error(), told) || pdf != last {
			t.Errorf("%q: %v", typed, err)
		}
	}
	_, all, _ := sheets()
	codes, same, _ := sheets("b", code, "1O", "R")
	_, other, _ := sheets(code, "b", "1O", "R")
	if all != same || all == other || !slices.Equal(codes, []string{"b", code, "1O", "R"}) {
		t.Error("not the units asked for, or not in their order")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := w.SaveCoverSheets(ctx, path+"2", nil, SheetOptions{}); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if left, _ := os.ReadDir(filepath.Dir(path)); len(left) != 1 {
		t.Errorf("left behind: %v", left)
	}
}

// TestSaveCoverSheets: the file is whole or as it was.
func TestSaveCoverSheets(t *testing.T) {
	w := planner(t)
	if _, err := w.PlanUnits(t.Context(), []archive.Unit{{Reference: "R"}}); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	path := filepath.Join(dir, "x.pdf")
	save := func(path string, o SheetOptions) error {
		_, _, err := w.SaveCoverSheets(t.Context(), path, nil, o)
		return err
	}
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
	if _, err := w.PlanUnits(t.Context(), []archive.Unit{{Reference: "R"}}); err != nil {
		t.Fatal(err)
	}
	_, _, err := w.SaveCoverSheets(t.Context(), filepath.Join(dir, "x.pdf"), nil, SheetOptions{})
	if Explain(err).Title != "Disk full" {
		t.Error(err)
	}
	if left, _ := os.ReadDir(dir); len(left) > 0 {
		t.Error(left)
	}
}
