package main

import (
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// jobOver waits for job number n to be over and gives it.
func (w *realWindow) jobOver(n int) map[string]any {
	w.t.Helper()
	var job map[string]any
	w.until(fmt.Sprintf("the end of job %d", n+1), func(s map[string]any) bool {
		jobs, _ := s["jobs"].([]any)
		if len(jobs) <= n {
			return false
		}
		job = jobs[n].(map[string]any)
		return job["state"] != "waiting" && job["state"] != "running"
	})
	return job
}

// importFolder goes through the window's own screen: the chooser, a typed path,
// the preview, the title, the start.
func (w *realWindow) importFolder(dir, title string, files int) {
	w.t.Helper()
	w.keys("F3")
	w.until("Capture", screen("capture"))
	w.keys("ctrl+o")
	w.until("the chooser", func(s map[string]any) bool { return s["dialog"] == "choose" })
	w.keys("ctrl+l", "ctrl+a")
	w.typed(dir)
	w.keys("Return", "ctrl+Return") // looks there; takes the folder
	w.until("the preview", func(s map[string]any) bool {
		return screen("import")(s) && s["dialog"] == nil && s["count"] == float64(files) && s["query"] == title && s["ready"] == true
	})
	w.keys("ctrl+Return")
}

// TestWindowImportAndExport: a folder becomes a document, and the document a
// package that is verified; what is incomplete goes only with a reason.
func TestWindowImportAndExport(t *testing.T) {
	dir := t.TempDir()
	archive, good, cut, out := filepath.Join(dir, "a"), filepath.Join(dir, "Upper Mill"), filepath.Join(dir, "Lower Mill"), filepath.Join(dir, "out")
	for _, d := range []string{good, cut, out} {
		if err := os.Mkdir(d, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	put := func(name, to string, most int) {
		b, err := os.ReadFile(sample(name))
		if err != nil {
			t.Fatal(err)
		}
		if most > 0 {
			b = b[:most]
		}
		if err := os.WriteFile(to, b, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	put("letter-1.jpg", filepath.Join(good, "1.jpg"), 0)
	put("title.png", filepath.Join(good, "2.png"), 0)
	put("title.png", filepath.Join(cut, "1.png"), 0)
	put("letter-10.jpg", filepath.Join(cut, "2.jpg"), 60_000)
	if err := os.WriteFile(filepath.Join(cut, "notes.txt"), []byte("by the window\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	recto(t, "init", archive).want(t, 0)
	w := openWindow(t, archive)
	w.until("an empty archive", func(s map[string]any) bool { return screen("batches")(s) && s["count"] == 0.0 })

	w.importFolder(good, "Upper Mill", 2)
	if job := w.jobOver(0); job["state"] != "done" || !strings.Contains(job["summary"].(string), "PDF/A with 2 pages") {
		t.Fatalf("the import of good pages: %v", job)
	}
	w.importFolder(cut, "Lower Mill", 3) // the third is the text file, shown as ignored
	if job := w.jobOver(1); job["state"] != "partly done" || job["problems"].(float64) < 1 {
		t.Fatalf("the import of a page cut short: %v", job)
	}

	// The newest stands on top: the incomplete one. It does not go without a reason.
	w.keys("F12", "F9")
	w.until("two documents", func(s map[string]any) bool { return screen("export")(s) && s["count"] == 2.0 && s["drawer"] == false })
	w.keys("ctrl+o")
	w.until("the chooser", func(s map[string]any) bool { return s["dialog"] == "choose" })
	w.keys("ctrl+l", "ctrl+a")
	w.typed(out)
	w.keys("Return", "ctrl+Return")
	w.until("the destination", func(s map[string]any) bool { return s["query"] == out && s["dialog"] == nil })
	w.keys("Home", "space")
	w.until("the incomplete one ticked, not ready", func(s map[string]any) bool {
		l, _ := s["selected"].([]any)
		return screen("export")(s) && len(l) == 1 && s["ready"] != true
	})
	w.keys("ctrl+Return") // refused
	w.keys("ctrl+r")
	w.until("no export", func(s map[string]any) bool { return screen("export")(s) && len(s["jobs"].([]any)) == 2 })
	w.keys("ctrl+e")
	w.until("the field for the reason", func(s map[string]any) bool { return s["focus"] == "entry" })
	w.typed("the original is lost")
	w.until("ready with a reason", func(s map[string]any) bool { return screen("export")(s) && s["ready"] == true })
	w.keys("ctrl+Return")
	if job := w.jobOver(2); job["state"] != "done" || !strings.Contains(job["summary"].(string), "1 of 1 verified") {
		t.Fatalf("the export with a reason: %v", job)
	}
	w.keys("F12")
	w.until("the list", func(s map[string]any) bool { return screen("export")(s) && s["focus"] == "table" })
	w.keys("End", "space")
	w.until("the complete one ticked", func(s map[string]any) bool { return screen("export")(s) && s["ready"] == true })
	w.keys("ctrl+Return")
	if job := w.jobOver(3); job["state"] != "done" {
		t.Fatalf("the export of a complete document: %v", job)
	}
	w.close()

	packages, err := os.ReadDir(out)
	if err != nil || len(packages) != 2 {
		t.Fatalf("packages: %v, %v", packages, err)
	}
	for _, p := range packages {
		if a := recto(t, "verify", filepath.Join(out, p.Name())).want(t, 0); a.at(t, "valid") != true {
			t.Errorf("%s: %s", p.Name(), a.stdout)
		}
	}
	recto(t, "verify", "--archive", archive).want(t, 0)
}

// TestWindowCancel: a job that is cancelled leaves an archive that is valid, and
// running again goes on.
func TestWindowCancel(t *testing.T) {
	archive := filepath.Join(t.TempDir(), "a")
	recto(t, "import", "--archive", archiveOf(t, archive), "--batch", "b", sample("letter-1.jpg"), sample("letter-10.jpg"), sample("spread.jpg"), sample("bericht.tif")).want(t, 0)
	w := openWindow(t, archive)
	w.until("the batch", func(s map[string]any) bool { return screen("batches")(s) && s["count"] == 1.0 })
	w.keys("p")
	w.until("reading", func(s map[string]any) bool {
		jobs, _ := s["jobs"].([]any)
		return len(jobs) == 1 && s["drawer"] == true
	})
	w.keys("ctrl+period")
	if job := w.jobOver(0); job["state"] != "cancelled" {
		t.Fatalf("%v", job)
	}
	w.keys("p")
	if job := w.jobOver(1); job["state"] != "done" {
		t.Fatalf("the second run: %v", job)
	}
	w.close()
	for _, p := range recto(t, "list", "pages", "--archive", archive, "--batch", "b").want(t, 0).list(t, "pages") {
		if p.(map[string]any)["state"] != "done" {
			t.Errorf("%v", p)
		}
	}
	recto(t, "verify", "--archive", archive).want(t, 0)
}

// archiveOf makes an empty archive.
func archiveOf(t *testing.T, dir string) string {
	t.Helper()
	recto(t, "init", dir).want(t, 0)
	return dir
}

// TestWindowFits: at twice the size, in the dark, no screen is larger than the
// display, for all the long titles.
func TestWindowFits(t *testing.T) {
	archive := filepath.Join(t.TempDir(), "a")
	long := strings.Repeat("Correspondence concerning the weir and the footbridge ", 4)
	recto(t, "digitise", "--archive", archive, "--title", long, sample("title.png")).want(t, 0)
	w := openWindow(t, archive, "FYNE_SCALE=2", "FYNE_THEME=dark")
	w.until("the batch", func(s map[string]any) bool { return screen("batches")(s) && s["count"] == 1.0 })
	for _, key := range []struct{ key, screen string }{{"F3", "capture"}, {"F4", "arrange"}, {"F6", "page"}, {"F8", "catalogue"}, {"F9", "export"}, {"F2", "batches"}} {
		w.keys(key.key)
		s := w.until(key.screen, screen(key.screen))
		if s["width"].(float64) > 700 || s["height"].(float64) > 450 {
			t.Errorf("%s takes %v x %v of 700 x 450", key.screen, s["width"], s["height"])
		}
	}
	w.keys("F1")
	s := w.until("the keys", func(s map[string]any) bool { return s["dialog"] == "keys" })
	if s["width"].(float64) > 700 || s["height"].(float64) > 450 {
		t.Errorf("help takes %v x %v", s["width"], s["height"])
	}
}

// TestWindowManyBatches opens an archive with a hundred of them.
func TestWindowManyBatches(t *testing.T) {
	dir := t.TempDir()
	archive := archiveOf(t, filepath.Join(dir, "a"))
	for i := range 100 {
		img := image.NewGray(image.Rect(0, 0, 24, 32))
		img.SetGray(i%24, i/24, color.Gray{200})
		file := filepath.Join(dir, fmt.Sprintf("%d.png", i))
		f, err := os.Create(file)
		if err != nil {
			t.Fatal(err)
		}
		if err := png.Encode(f, img); err != nil {
			t.Fatal(err)
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
		recto(t, "import", "--archive", archive, "--batch", fmt.Sprintf("box-%03d", i), file).want(t, 0)
	}
	w := openWindow(t, archive)
	w.until("a hundred batches", func(s map[string]any) bool { return screen("batches")(s) && s["count"] == 100.0 })
	w.keys("slash")
	w.typed("box-042")
	w.until("the one that is looked for", func(s map[string]any) bool { return s["count"] == 1.0 })
	w.keys("Return", "Return")
	w.until("its page", func(s map[string]any) bool { return screen("arrange")(s) && s["count"] == 1.0 })
}
