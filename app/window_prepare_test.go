package main

import (
	"path/filepath"
	"strings"
	"testing"
)

// prepared gives what the Prepare dialog shows; nil without it.
func prepared(s map[string]any) map[string]any {
	p, _ := s["prepare"].(map[string]any)
	return p
}

// TestWindowPrepare sets a stage by hand in front of its picture, on the real core.
func TestWindowPrepare(t *testing.T) {
	archive := filepath.Join(t.TempDir(), "a")
	recto(t, "digitise", "--archive", archive, "--batch", "B", "--title", "T", sample("letter-1.jpg"), sample("title.png")).want(t, 0)
	recipe := func() (read, byHand string) {
		t.Helper()
		a := recto(t, "list", "pages", "--archive", archive, "--batch", "B").want(t, 0)
		return a.text(t, "pages.0.recipe"), a.text(t, "pages.0.state")
	}
	was, _ := recipe()
	w := openWindow(t, archive)
	w.until("the batch", func(s map[string]any) bool { return screen("batches")(s) && s["count"] == 1.0 })
	w.keys("Return")
	w.until("two pages", func(s map[string]any) bool { return screen("arrange")(s) && s["count"] == 2.0 })
	shows := func(what string, ok func(map[string]any) bool) map[string]any {
		t.Helper()
		return prepared(w.until(what, func(s map[string]any) bool {
			p := prepared(s)
			return p != nil && p["busy"] == false && ok(p)
		}))
	}
	has := func(recipe string) func(map[string]any) bool {
		return func(p map[string]any) bool { return strings.Contains(p["recipe"].(string), recipe) }
	}
	w.keys("ctrl+a", "shift+p")
	first := shows("the first page", func(p map[string]any) bool { return p["number"] == 1.0 && p["size"].([]any)[0] != 0.0 })
	if first["recipe"] != was {
		t.Errorf("it is shown as %v, and was read as %q", first["recipe"], was)
	}
	w.keys("Next")
	shows("the second page", func(p map[string]any) bool { return p["number"] == 2.0 && p["size"].([]any)[0] != 0.0 })
	w.keys("Prior", "alt+3")
	shows("the first page as it is read", func(p map[string]any) bool { return p["number"] == 1.0 && p["view"] == "As read" })
	w.keys("alt+1", "Tab", "Tab") // to Straighten
	w.typed("4.5")
	tried := shows("the page straightened", has("deskew 4.50°"))
	if tried["lines"].(float64) < 2 || tried["view"] != "Before" {
		t.Errorf("its lean is not drawn: %v", tried)
	}
	// Nothing of it is set before it is asked for.
	w.keys("Escape")
	w.until("the pages", func(s map[string]any) bool { return screen("arrange")(s) && s["dialog"] == nil })
	w.keys("Home", "shift+p")
	if p := shows("the page as it was", func(p map[string]any) bool { return p["number"] == 1.0 && p["size"].([]any)[0] != 0.0 }); p["recipe"] != was {
		t.Errorf("trying has left %v", p["recipe"])
	}
	w.keys("Tab", "Tab", "ctrl+a")
	w.typed("4.5")
	shows("the page straightened once more", has("deskew 4.50°"))
	w.keys("Return")
	if job := w.jobOver(0); job["state"] != "done" {
		t.Fatalf("reading it again: %v", job)
	}
	w.keys("shift+p")
	if p := shows("the page as it is now", has("deskew 4.50°")); p["size"] == nil {
		t.Errorf("%v", p)
	}
	w.keys("Escape", "ctrl+z")
	w.until("the setting undone", func(s map[string]any) bool {
		m, _ := s["message"].(string)
		return screen("arrange")(s) && s["dialog"] == nil && strings.Contains(m, "ndone")
	})
	w.calm()
	w.close()
	if now, state := recipe(); now != was || state != "done" {
		t.Errorf("undone it is %s: %q, and was %q", state, now, was)
	}
	recto(t, "verify", "--archive", archive).want(t, 0)
}
