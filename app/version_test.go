package main

import (
	"encoding/json"
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"recto/app/workbench"
	"recto/archive"
	"recto/archive/journal"
	"recto/scan"
)

// journalled writes into an archive's journal what another Recto did.
func journalled(t *testing.T, dir string, kind archive.EventType, data any) {
	t.Helper()
	log, _, err := journal.Open(filepath.Join(dir, "journal"))
	if err != nil {
		t.Fatal(err)
	}
	e, err := archive.NewEvent(kind, "berta", "", data)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := log.Append(t.Context(), e); err != nil {
		t.Fatal(err)
	}
	if err := log.Close(); err != nil {
		t.Fatal(err)
	}
}

// TestNewerStep: a page that a newer Recto has prepared is shown, read and written by none
// that does not know how, and is as it was afterwards; the others go on.
func TestNewerStep(t *testing.T) {
	dir, ids := reader(t, "letter-1.jpg", "title.png")
	open := func() *workbench.Workbench {
		t.Helper()
		w, err := workbench.Open(t.Context(), dir, workbench.Options{Program: program, Actor: "anna", Jobs: 1})
		if err != nil {
			t.Fatal(err)
		}
		return w
	}
	id := scan.PageID(ids[0])
	w := open()
	page, err := w.Page(t.Context(), id)
	w.Close()
	if err != nil {
		t.Fatal(err)
	}
	newer := scan.Recipe{{Stage: scan.DeskewStage, Version: 7, Params: json.RawMessage(`{"degrees":1.5,"about":"left"}`)}}
	other := recto(t, "list", "pages", "--archive", dir, "--batch", "B").list(t, "pages")[1].(map[string]any)["id"].(string)
	journalled(t, dir, archive.PageProcessed, archive.Processed{Page: scan.PageID(other), State: scan.Done, Recipe: newer})
	newer = slices.Clone(newer)
	newer[0].Manual = true
	journalled(t, dir, archive.PagesPrepared, archive.Prepared{
		Batch: page.Batch, How: "deskew", Settings: []archive.Setting{{Page: id, From: page.ByHand, To: newer}},
	})

	for _, args := range [][]string{
		{"process"}, {"process", "--page", ids[0]}, {"prepare", "--preview", t.TempDir(), ids[0]}, {"page", "set", "--split-spread", "600", ids[0]}, {"page", "rotate", "--degrees", "90", ids[0]},
		{"prepare", "--preview", t.TempDir(), other}, {"document", "--batch", "B", "--title", "D"}, {"page", "rotate", "--degrees", "90", other},
	} {
		at := 1
		if args[0] == "page" {
			at = 2
		}
		args = append(append(append([]string{}, args[:at]...), "--archive", dir), args[at:]...)
		a := recto(t, args...).want(t, 1)
		for _, word := range []string{"newer Recto", `\"deskew\"`, "version 7", "Use that version of Recto or a later one"} {
			if !strings.Contains(a.stdout, word) {
				t.Errorf("%q does not say %s: %s", args, word, a.stdout)
			}
		}
	}
	w = open()
	if _, err := w.View(t.Context(), id); !errors.As(err, new(*scan.VersionError)) {
		t.Errorf("view: %v", err)
	}
	if now, err := w.Page(t.Context(), id); err != nil || now.State != scan.New || now.ByHand[0].Version != 7 || len(now.ByHand) != 1 {
		t.Errorf("the page is %s, set %s %v", now.State, now.ByHand, err)
	}
	w.Close()
	// Whoever does not want it can have it found out anew.
	recto(t, "page", "set", "--archive", dir, "--reset", ids[0]).want(t, 0)
	recto(t, "process", "--archive", dir).want(t, 0)
	recto(t, "process", "--archive", dir, "--page", other).want(t, 0)
	recto(t, "document", "--archive", dir, "--batch", "B", "--title", "D").want(t, 0)
}

// TestOlderStep: what a stage of an older version has found out is found out anew by the
// next run; what somebody set for it stays.
func TestOlderStep(t *testing.T) {
	skewed := shared(t, "scans", "derived", "Lettre43_skew+2.5.jpg")
	dir := filepath.Join(t.TempDir(), "a")
	recto(t, "init", dir).want(t, 0)
	recto(t, "import", "--archive", dir, "--batch", "B", skewed, sample("title.png")).want(t, 0)
	w, err := workbench.Open(t.Context(), dir, workbench.Options{Program: program, Actor: "anna", Jobs: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	b, err := w.Batch(t.Context(), "B")
	if err != nil {
		t.Fatal(err)
	}
	pages, err := w.Pages(t.Context(), b.ID, false)
	if err != nil || len(pages) != 2 {
		t.Fatal(len(pages), err)
	}
	if _, err := w.PreparePages(t.Context(), []scan.PageID{pages[1].ID}, workbench.Preparation{Set: scan.Recipe{scan.NewStep(scan.DeskewStage, scan.Deskew{Degrees: 0.5}, true)}}); err != nil {
		t.Fatal(err)
	}
	run := func() int {
		t.Helper()
		r, err := w.Process(t.Context(), workbench.ProcessRequest{Batch: b.ID}, nil)
		if err != nil || len(r.Failed)+len(r.Lost) > 0 {
			t.Fatal(r, err)
		}
		return r.Done
	}
	if n := run(); n != 2 {
		t.Fatalf("%d pages read", n)
	}
	if n := run(); n != 0 {
		t.Errorf("%d pages read again for nothing", n)
	}
	known := scan.Versions[scan.DeskewStage]
	defer func() { scan.Versions[scan.DeskewStage] = known }()
	scan.Versions[scan.DeskewStage] = []int{0, 1} // this program; its workers find out as before
	if n := run(); n != 1 {
		t.Errorf("%d pages read again, want the one whose angle was found out", n)
	}
	tried, err := w.TryPreparation(t.Context(), pages[1].ID, workbench.Trial{})
	if step, _ := tried.ByHand.Step(scan.DeskewStage); err != nil || step.Version != 0 || !step.Manual {
		t.Errorf("what was set by hand is %+v, %v", step, err)
	}
}
