package main

import (
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestWorkerMemory: a worker's memory is what RECTO_WORKER_MEMORY says; a page that needs
// more is told so, and is read when it may.
func TestWorkerMemory(t *testing.T) {
	dir := t.TempDir()
	archive := filepath.Join(dir, "a")
	recto(t, "init", archive).want(t, 0)
	large := image.NewNRGBA(image.Rect(0, 0, 9000, 12000)) // 430 MB in leptonica's hands
	for i := range large.Rect.Dx() * 40 {
		large.Set(i%9000, 3000+i/9000*100, color.NRGBA{uint8(i), 30, 80, 255})
	}
	file := filepath.Join(dir, "large.png")
	f, err := os.Create(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := (&png.Encoder{CompressionLevel: png.BestSpeed}).Encode(f, large); err != nil {
		t.Fatal(err)
	}
	f.Close()
	memory := func(mb string) []string { return []string{"RECTO_WORKER_MEMORY=" + mb} }
	for _, wrong := range []string{"10", "much", "-1"} {
		a := rectoIn(t, with(memory(wrong)), "process", "--archive", archive).want(t, 1)
		if reason := a.text(t, "failures.0.reason"); !strings.Contains(reason, "RECTO_WORKER_MEMORY") || !strings.Contains(reason, wrong) {
			t.Error(reason)
		}
	}
	recto(t, "import", "--archive", archive, "--title", "B", file).want(t, 0)
	a := rectoIn(t, with(memory("512")), "process", "--archive", archive).want(t, 1)
	if reason, remedy := a.text(t, "failures.0.reason"), a.text(t, "failures.0.remedy"); !strings.Contains(reason, "memory") || !strings.Contains(remedy, "RECTO_WORKER_MEMORY") {
		t.Errorf("%s\n%s", reason, remedy)
	}
	recto(t, "process", "--archive", archive, "--retry").want(t, 0)
}
