package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"

	"recto/app/job"
	"recto/app/workbench"
	"recto/ocr"
)

// countdown is a context that is cancelled when it was asked so many times.
type countdown struct {
	context.Context
	left *atomic.Int64
}

func (c countdown) Err() error {
	if c.left.Add(-1) < 0 {
		return context.Canceled
	}
	return nil
}

// TestSpellStopped cancels the search for a name and its correction at every place where
// that can be: no page is changed, or all are.
func TestSpellStopped(t *testing.T) {
	archive := imported(t, 3)
	recto(t, "process", "--archive", archive).want(t, 0)
	id := recto(t, "list", "pages", "--archive", archive, "--batch", "B").want(t, 0).text(t, "pages.0.id")
	_, words := addressed(t, archive, id)
	name := ""
	for _, w := range words {
		if w = strings.Trim(w, ".,;:"); len(w) > len(name) {
			name = w
		}
	}
	n := ocr.Spelling{Wrong: []string{name}, Right: "Xaverine"}

	// It says how far it is.
	a := recto(t, "text", "spell", "--archive", archive, "--wrong", name, "--right", "Xaverine").want(t, 0)
	if !strings.Contains(a.stderr, "Looking for the name: 3 of 3") {
		t.Errorf("no progress: %s", a.stderr)
	}

	w, err := workbench.Open(t.Context(), archive, workbench.Options{Program: program})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	spelt := func() string {
		total, _, err := w.Search(t.Context(), "Xaverine", 10, 0)
		if err != nil {
			t.Fatal(err)
		}
		return fmt.Sprint(total)
	}
	progress := &job.Progress{}
	all, err := w.FindSpelling(t.Context(), "", n, progress)
	if err != nil || len(all) != 3 {
		t.Fatalf("%q stands on %d of 3 pages, %v", name, len(all), err)
	}
	if s := progress.Snapshot(); s.Done != 3 || s.Total != 3 || s.Stage == "" {
		t.Errorf("looked: %+v", s)
	}
	stops := 0
	for k := int64(0); ; k++ {
		left := &atomic.Int64{}
		left.Store(k)
		found, err := w.FindSpelling(countdown{t.Context(), left}, "", n, nil)
		if err == nil {
			if len(found) != 3 {
				t.Errorf("asked %d times: %d pages and no error", k, len(found))
			}
			break
		}
		if stops++; !errors.Is(err, context.Canceled) || found != nil {
			t.Errorf("stopped at %d: %v, %v", k, found, err)
		}
	}
	if stops < 3 {
		t.Errorf("it can be stopped at %d places only", stops)
	}
	stops = 0
	for k := int64(0); ; k++ {
		left := &atomic.Int64{}
		left.Store(k)
		progress = &job.Progress{}
		err := w.Spell(countdown{t.Context(), left}, n, all, progress)
		if err == nil {
			break
		}
		if stops++; !errors.Is(err, context.Canceled) || spelt() != "0" {
			t.Fatalf("stopped at %d: %v, and %s pages are changed", k, err, spelt())
		}
	}
	if s := progress.Snapshot(); s.Done != 3 || s.Total != 3 || spelt() != "3" || stops < 3 {
		t.Errorf("put right: %+v, %s pages, %d places to stop", s, spelt(), stops)
	}
}
