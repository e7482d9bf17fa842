package worker

import (
	"context"
	"image"
	"image/png"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"recto/scan"
)

// Ruled lines through the writing and pepper are taken out where the page reads surer so,
// unless somebody has set otherwise.
func TestHarder(t *testing.T) {
	p := NewPool(Config{Command: []string{os.Args[0], "worker"}})
	defer p.Close()
	read := func(page image.Image, byHand ...scan.Step) Reading {
		t.Helper()
		file := filepath.Join(t.TempDir(), "page.png")
		f, err := os.Create(file)
		if err != nil {
			t.Fatal(err)
		}
		if err := png.Encode(f, page); err != nil {
			t.Fatal(err)
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
		var r Reading
		in := Read{Master: scan.Path(file), DPI: 300, ByHand: byHand, Languages: []string{"eng"}, Rendition: scan.Path(filepath.Join(t.TempDir(), "r"))}
		if err := p.Call(context.Background(), "read", in, &r, nil); err != nil {
			t.Fatal(err)
		}
		return r
	}
	sample := filepath.Join("..", "..", "assets", "samples", "letter-1.jpg")
	dark := func(page *image.Gray, box image.Rectangle, grey byte) {
		box = box.Intersect(page.Rect)
		for y := box.Min.Y; y < box.Max.Y; y++ {
			for x := box.Min.X; x < box.Max.X; x++ {
				page.Pix[y*page.Stride+x] = min(page.Pix[y*page.Stride+x], grey)
			}
		}
	}
	r := rand.New(rand.NewPCG(3, 5))
	clean := func() *image.Gray { return greyOf(t, sample, 0, image.Rectangle{}) }
	ruled, peppered, drowned := clean(), clean(), clean()
	size := ruled.Rect.Size()
	for y := 40; y < size.Y; y += 23 {
		dark(ruled, image.Rect(60, y, size.X-60, y+3), 70)
	}
	for x := 60; x < size.X; x += 170 {
		dark(ruled, image.Rect(x, 40, x+3, size.Y-40), 70)
	}
	for range size.X * size.Y / 500 {
		at := image.Pt(r.IntN(size.X), r.IntN(size.Y))
		dark(peppered, image.Rectangle{at, at.Add(image.Pt(3, 3))}, 60)
	}
	for i := range drowned.Pix { // of which nothing at all is read as it is
		if r.IntN(25) == 0 {
			drowned.Pix[i] = byte(255 * r.IntN(2))
		}
	}
	for _, c := range []struct {
		name  string
		page  *image.Gray
		stage scan.Stage
		kept  any
	}{
		{"ruled", ruled, scan.LinesStage, scan.Lines{}},
		{"peppered", peppered, scan.DespeckleStage, scan.Despeckle{}},
		{"drowned", drowned, scan.DespeckleStage, scan.Despeckle{}},
	} {
		auto, kept := read(c.page), read(c.page, scan.NewStep(c.stage, c.kept, true))
		t.Logf("%s: %v: %d letters surely read; kept: %v: %d", c.name, auto.Recipe, surely(auto.Text), kept.Recipe, surely(kept.Text))
		if s, is := auto.Recipe.Step(c.stage); !is || s.Manual {
			t.Errorf("%s: the recipe is %v", c.name, auto.Recipe)
		}
		if s, is := kept.Recipe.Step(c.stage); !is || !s.Manual {
			t.Errorf("%s: what was set by hand is %v", c.name, kept.Recipe)
		}
		if surely(auto.Text) <= surely(kept.Text) {
			t.Errorf("%s: %d letters are surely read, %d where it is kept", c.name, surely(auto.Text), surely(kept.Text))
		}
	}
}
