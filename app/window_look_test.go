package main

import (
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// looks goes through an archive of one batch of two pages that cannot be changed:
// all of it can be read, and no key changes anything.
func (w *realWindow) looks(word string) {
	w.t.Helper()
	w.keys("F4")
	ids := shown(w.until("two pages", func(s map[string]any) bool {
		return screen("arrange")(s) && len(shown(s)) == 2 && s["looking"] == true
	}))
	w.keys("Home", "bracketright", "Delete", "ctrl+Down", "ctrl+z", "p", "d", "Delete")
	w.until("why Delete does nothing", func(s map[string]any) bool {
		said, _ := s["message"].(string)
		return screen("arrange")(s) && reflect.DeepEqual(shown(s), ids) && strings.Contains(said, "only looked at")
	})
	w.keys("Return")
	w.until("the first page with its words", func(s map[string]any) bool {
		n, _ := s["words"].(float64)
		return screen("page")(s) && s["page"] == ids[0] && n > 5
	})
	w.keys("ctrl+f")
	w.typed(word)
	w.until("a hit", func(s map[string]any) bool { return screen("catalogue")(s) && s["query"] == word && s["total"] == 1.0 })
	w.keys("Return")
	w.until("the hit lit on its page", func(s map[string]any) bool { return screen("page")(s) && s["lit"] == 1.0 })
	w.keys("F3", "ctrl+o") // no chooser: there is nothing to import into
	w.until("no import", func(s map[string]any) bool { return screen("capture")(s) && s["dialog"] == nil })
	w.keys("F4")
	w.until("the pages as they were", func(s map[string]any) bool {
		return screen("arrange")(s) && reflect.DeepEqual(shown(s), ids) && s["jobs"] == nil && s["error"] == nil && s["dialog"] == nil
	})
}

// exports sends the one document to a folder.
func (w *realWindow) exports(to string) {
	w.t.Helper()
	w.keys("F9")
	w.until("a document", func(s map[string]any) bool { return screen("export")(s) && s["count"] == 1.0 })
	w.keys("ctrl+o")
	w.until("the chooser", func(s map[string]any) bool { return s["dialog"] == "choose" })
	w.keys("ctrl+l", "ctrl+a")
	w.typed(to)
	w.keys("Return", "ctrl+Return")
	w.until("the destination", func(s map[string]any) bool { return s["query"] == to && s["dialog"] == nil })
	w.keys("Home", "space")
	w.until("the document ticked", func(s map[string]any) bool {
		l, _ := s["selected"].([]any)
		return screen("export")(s) && len(l) == 1
	})
	w.keys("ctrl+Return")
}

// TestWindowBusyArchive: an archive that another program holds is told of in words
// and can be looked at; whoever holds it goes on.
func TestWindowBusyArchive(t *testing.T) {
	archive := filepath.Join(t.TempDir(), "a")
	recto(t, "digitise", "--archive", archive, "--title", "Held", sample("letter-1.jpg"), sample("title.png")).want(t, 0)
	first := openWindow(t, archive)
	first.until("open", screen("batches"))
	second := openWindow(t, archive)
	s := second.until("an error", func(s map[string]any) bool { e, _ := s["error"].(string); return e != "" })
	if !strings.Contains(s["error"].(string), "another Recto") {
		t.Errorf("the second window says %v", s["error"])
	}
	second.keys("ctrl+shift+l")
	second.until("looking", func(s map[string]any) bool { return screen("batches")(s) && s["looking"] == true && s["count"] == 1.0 })
	second.looks("lupins")
	second.exports(t.TempDir()) // a delivery belongs to the history, which the first one writes
	second.keys("F4")
	second.until("no job", func(s map[string]any) bool { return screen("arrange")(s) && s["jobs"] == nil })

	first.keys("F4")
	before := shown(first.until("two pages", func(s map[string]any) bool { return screen("arrange")(s) && len(shown(s)) == 2 }))
	first.keys("Home", "ctrl+Down")
	slices.Reverse(before)
	first.until("a move in the first", func(s map[string]any) bool { return reflect.DeepEqual(shown(s), before) })
	second.keys("ctrl+r")
	second.until("the move in the second", func(s map[string]any) bool { return reflect.DeepEqual(shown(s), before) })
	second.close()
	first.close()
	recto(t, "verify", "--archive", archive).want(t, 0)
}

// TestWindowReadOnly: an archive that this user may not write to opens to be
// looked at, and gives its documents away.
func TestWindowReadOnly(t *testing.T) {
	if os.Geteuid() != 0 {
		lacking(t, "root (to become somebody else)")
	}
	dir := openDir(t)
	archive, mine := filepath.Join(dir, "archive"), filepath.Join(dir, "mine")
	recto(t, "digitise", "--archive", archive, "--title", "Kept", sample("letter-1.jpg"), sample("title.png")).want(t, 0)
	w := openWindowAs(t, as(tool(t, "setpriv"), dir), mine, archive)
	w.until("looking", func(s map[string]any) bool { return screen("batches")(s) && s["looking"] == true && s["count"] == 1.0 })
	w.looks("lupins")
	w.exports(filepath.Join(mine, "to"))
	if job := w.jobOver(0); job["state"] != "done" || !strings.Contains(job["summary"].(string), "NOT recorded") {
		t.Errorf("the export: %v", job)
	}
	w.close()
	recto(t, "verify", filepath.Join(mine, "to", "Kept")).want(t, 0)
	recto(t, "verify", "--archive", archive).want(t, 0)
}

// TestWindowPageKeys: every key that turns, changes or enlarges a page does so on
// the real core.
func TestWindowPageKeys(t *testing.T) {
	archive := filepath.Join(t.TempDir(), "a")
	recto(t, "digitise", "--archive", archive, "--title", "Keys", sample("title.png"), sample("letter-1.jpg"), sample("letter-2-verso.jpg")).want(t, 0)
	w := openWindow(t, archive)
	w.until("the batch", func(s map[string]any) bool { return screen("batches")(s) && s["count"] == 1.0 })
	w.keys("Return")
	w.until("three pages", func(s map[string]any) bool { return screen("arrange")(s) && s["count"] == 3.0 })
	turned := func(degrees string) {
		t.Helper()
		w.until("a turn by "+degrees, func(s map[string]any) bool {
			m, _ := s["message"].(string)
			return screen("arrange")(s) && strings.Contains(m, "turned by "+degrees)
		})
	}
	w.keys("Home", "bracketright")
	turned("90")
	w.keys("u")
	turned("180")
	w.keys("bracketleft") // a quarter, a half and three quarters: upside down
	turned("270")

	w.keys("Return")
	on := func(number float64, zoom func(float64) bool) float64 {
		t.Helper()
		return w.until("the page and its size", func(s map[string]any) bool {
			z, _ := s["zoom"].(float64)
			return screen("page")(s) && s["number"] == number && z > 0 && zoom(z)
		})["zoom"].(float64)
	}
	whatever := func(float64) bool { return true }
	for _, k := range []struct {
		key    string
		number float64
	}{{"Next", 2}, {"space", 3}, {"Next", 3}, {"Prior", 2}, {"End", 3}, {"Home", 1}, {"Prior", 1}, {"Next", 2}} {
		w.keys(k.key)
		on(k.number, whatever)
	}
	fit := on(2, whatever)
	w.keys("plus")
	larger := on(2, func(z float64) bool { return z > fit })
	w.keys("minus")
	on(2, func(z float64) bool { return z < larger })
	w.keys("1")
	on(2, func(z float64) bool { return z == 100 })
	w.keys("w")
	on(2, func(z float64) bool { return z != 100 && z > fit })
	w.keys("f")
	on(2, func(z float64) bool { return z == fit })
	if out, err := w.command("xdotool", "mousemove", "500", "450", "click", "4", "click", "4").CombinedOutput(); err != nil {
		t.Fatalf("xdotool: %v %s", err, out)
	}
	on(2, func(z float64) bool { return z > fit })
	w.keys("o")
	w.until("no boxes", func(s map[string]any) bool { return s["boxes"] == nil })
	w.keys("a")
	w.until("the page in Arrange", func(s map[string]any) bool { return screen("arrange")(s) && s["cursor"] == 1.0 })
	w.close()

	recto(t, "process", "--archive", archive, "--batch", "Keys").want(t, 0)
	a := recto(t, "list", "pages", "--archive", archive, "--batch", "Keys").want(t, 0)
	if r := a.text(t, "pages.0.recipe"); !strings.Contains(r, "180") {
		t.Errorf("the page that was turned upside down is prepared by %q", r)
	}
	recto(t, "verify", "--archive", archive).want(t, 0)
}
