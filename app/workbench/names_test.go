package workbench

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"recto/archive"
	"recto/archive/catalogue"
	"recto/archive/coversheet"
	"recto/ocr"
	"recto/scan"
	"recto/scan/spool"
)

// Separator sheets give their labels back to the pages that count on from them.
func TestWithoutSeparators(t *testing.T) {
	for name, c := range map[string]struct{ labels, want string }{
		"in front":     {"*1r 1v 2r", "1r 1v"},
		"in between":   {"1 2 *3 4 5 *6 7", "1 2 3 4 5"},
		"two in a row": {"1 *2 *3 4", "1 2"},
		"by hand":      {"1 *2 7 8", "1 7 8"},
		"by hand late": {"1 *2 3 9", "1 2 9"},
		"none":         {"* - * -", "- -"},
		"none behind":  {"1 *2 -", "1 -"},
		"at the end":   {"1 2 *3", "1 2"},
		"again":        {"*1 2 30 *31 32", "1 30 31"},
		"run by run":   {"*1r 1v 2r *2v 2v 3r *3v 4r", "1r 1v 2r 2v 3r"},
		"two waited":   {"*1 2 *3 *4 4 5", "1 2 3"},
	} {
		var rows []catalogue.Page
		var separators []scan.PageID
		got := map[scan.PageID]string{}
		for i, word := range strings.Fields(c.labels) {
			var p catalogue.Page
			p.ID = scan.PageID(fmt.Sprint("p", i))
			label, is := strings.CutPrefix(word, "*")
			if is {
				separators = append(separators, p.ID)
			}
			if label != "-" {
				p.Label = label
			}
			rows, got[p.ID] = append(rows, p), p.Label
		}
		for _, l := range withoutSeparators(rows, separators) {
			if got[l.Page] != l.From {
				t.Errorf("%s: %+v", name, l)
			}
			got[l.Page] = l.To
		}
		var left []string
		for _, p := range rows {
			if !slices.Contains(separators, p.ID) {
				left = append(left, cmp.Or(got[p.ID], "-"))
			}
		}
		if s := strings.Join(left, " "); s != c.want {
			t.Errorf("%s: %s, want %s", name, s, c.want)
		}
	}
}

// What people type is one line of text, or it is refused.
func TestWords(t *testing.T) {
	for in, want := range map[string]string{"HStA 12/7": "HStA 12/7", " a \n b\t": "a b", "": "", " ": "!", "bad\xff": "!", "a\x1b[31m": "!"} {
		got, err := words("name", in)
		if (err != nil) != (want == "!") || err == nil && got != want || err != nil && !errors.Is(err, ErrUsage) {
			t.Errorf("words(%q) = %q, %v", in, got, err)
		}
	}
}

func TestSafeName(t *testing.T) {
	for in, want := range map[string]string{
		"The Miller's Year":      "The Miller's Year",
		"a/b\\c:d*e?f\"g<h>i|j":  "a-b-c-d-e-f-g-h-i-j",
		"  ..hidden.. ":          "hidden",
		"":                       "document",
		"...":                    "document",
		"e\u0301te\u0301":        "été",
		"line\nbreak\ttab":       "line_break_tab",
		"NUL":                    "NUL_",
		"com7.txt":               "com7.txt_",
		"Command":                "Command",
		"bytes \xff":             "bytes _",
		strings.Repeat("ü", 200): strings.Repeat("ü", 60),
		"/etc/passwd":            "etc-passwd",
	} {
		if got := SafeName(in); got != want {
			t.Errorf("SafeName(%q) = %q, want %q", in, got, want)
		}
	}
}

// TestAvailable: a name is free, or it is the document's own as it left it.
func TestAvailable(t *testing.T) {
	dir := t.TempDir()
	write := func(name, content string) string {
		p := filepath.Join(dir, name)
		os.MkdirAll(filepath.Dir(p), 0o755)
		if err := os.WriteFile(p, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
		return digest([]byte(content))
	}
	own := &output{sums: map[string][]string{}}
	check := func(what string, want bool) {
		t.Helper()
		if got, err := own.available(dir, "N"); err != nil || got != want {
			t.Errorf("%s: %v %v, want %v", what, got, err, want)
		}
	}
	check("nothing there", true)
	sum := write("N.pdf", "mine")
	check("somebody's file", false)
	own.sums["N.pdf"] = []string{"older", sum}
	check("its own file", true)
	write("N.pdf", "edited by hand")
	check("its own file, changed since", false)
	write("N.pdf", "mine")
	page := write("N/page-0001.xml", "<alto/>")
	check("a strange file in its folder", false)
	own.sums["N/page-0001.xml"] = []string{page}
	check("its own folder", true)
	write("N/.tmp-123", "half")
	check("what a kill left", true)
	own.sweep(dir, []archive.File{{Path: "N.pdf"}})
	if _, err := os.Stat(filepath.Join(dir, "N", "page-0001.xml")); err == nil {
		t.Error("a page that is no longer in the document is still there")
	}
	os.RemoveAll(filepath.Join(dir, "N"))
	write("N", "a file of that name")
	check("a file where the folder goes", false)
}

// TestExplain: every error that a room can give has words of its own.
func TestExplain(t *testing.T) {
	strange := Explain(errors.New("strange"))
	for _, err := range []error{
		scan.ErrEmpty, scan.ErrNotImage, scan.ErrTruncated, scan.ErrDamaged, scan.ErrTooLarge, scan.ErrUnsupported, scan.ErrPassword,
		scan.ErrNoPages, scan.ErrUnreadable, scan.ErrLoop, scan.ErrCrashed, scan.ErrTimeout, scan.ErrMemory, scan.ErrNoSpace,
		scan.ErrReadOnly, scan.ErrChanged, scan.ErrAwaited, scan.ErrCutOff, ErrNotArchive, ErrExists, ErrNewerArchive, ErrBusy, ErrNotFound, ErrNothingToUndo,
		ErrNothingToRedo, ErrIncomplete, ErrNoPages, ErrUsage, ocr.ErrNoModels, ocr.ErrMissingLanguage, ocr.ErrLanguageName,
		catalogue.ErrDamaged, catalogue.ErrNewerSchema, catalogue.ErrNetwork, catalogue.ErrBusy, scan.ErrMissing, ErrVanished, ErrNotFolder, ErrNotFile, ErrDamaged,
		spool.ErrAbsent, spool.ErrForeign, spool.ErrDisk, spool.ErrShort,
		ErrPlanned, ErrFileThere, coversheet.ErrList, coversheet.ErrUnit, coversheet.ErrNoUnits, coversheet.ErrPaper,
	} {
		x := Explain(fmt.Errorf("page 7: %w", err))
		if x == strange || x.Title == "" || x.Remedy == "" || x.Exit != 1 {
			t.Errorf("%v: %+v", err, x)
		}
		if p := scan.ProblemOf(err); p.Kind != "" && Explain(p) != x {
			t.Errorf("%v has other words after a pipe: %+v", err, Explain(p))
		}
	}
	if x := Explain(context.Canceled); x.Exit != 130 {
		t.Errorf("cancelled: %+v", x)
	}
	own := Explain(&ocr.MissingLanguageError{Names: []string{"xho"}, Dir: "/usr/share/d"})
	if !strings.Contains(own.Remedy, "tesseract-ocr-xho") {
		t.Errorf("%+v", own)
	}
}

// Who stops a scan reads no words of a library.
func TestStopped(t *testing.T) {
	err := About("escl:10.0.0.7", context.Canceled)
	if err.Error() != "stopped" || !errors.Is(err, context.Canceled) || Subject(err) != "escl:10.0.0.7" || Explain(err).Exit != 130 {
		t.Errorf("%v, %+v", err, Explain(err))
	}
	if err := About("x", fmt.Errorf("sheet 2: %w", context.Canceled)); err.Error() != "sheet 2: context canceled" {
		t.Error(err)
	}
}

// Undoing a change of labels behind which sheets came leaves a label twice: that is told
// when it happens, and not again.
func TestUndoTellsLabels(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a")
	if err := Init(t.Context(), dir); err != nil {
		t.Fatal(err)
	}
	w := opened(t, dir, Options{Jobs: 1})
	name, series := "B", "1r"
	if _, err := w.CreateBatch(t.Context(), BatchRequest{Shelfmark: &name, Series: &series}); err != nil {
		t.Fatal(err)
	}
	first, err := takeIn(t, w, sheets(t, 2, 1000), nil)
	if err != nil {
		t.Fatal(err)
	}
	id, b := first.Added, first.Batch.ID
	for _, step := range []func() error{
		func() error { return w.RotatePages(t.Context(), id[:1], 90) },
		func() error { return w.LabelPages(t.Context(), id[:1], "") },
		func() error { return w.LabelPages(t.Context(), id[1:], "1r") },
		func() error { _, err := takeIn(t, w, sheets(t, 3, 2000), nil); return err }, // 1v ...
	} {
		if err := step(); err != nil {
			t.Fatal(err)
		}
	}
	for i, want := range []string{"label 1 page; pages 2 and 3 are both labelled 1v: label them anew", "label 1 page", "rotate (page 1)"} {
		if said, err := w.Undo(t.Context(), b); err != nil || said != want {
			t.Errorf("undo %d: %q, %v", i, said, err)
		}
	}
}
