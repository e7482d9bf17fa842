package worker

import (
	"context"
	"image"
	"os"
	"path/filepath"
	"testing"

	"recto/ocr"
	"recto/scan"
)

// TestRegion reads parts of a leaning page once more: only what lies in them, where it lies
// on the page as it is shown.
func TestRegion(t *testing.T) {
	master, err := filepath.Abs("../../assets/samples/letter-1.jpg")
	if err != nil {
		t.Fatal(err)
	}
	p := NewPool(Config{Command: []string{os.Args[0], "worker"}})
	defer p.Close()
	var r Reading
	in := Read{Master: scan.Path(master), Languages: []string{"eng"}, Rendition: scan.Path(filepath.Join(t.TempDir(), "r"))}
	if err := p.Call(context.Background(), "read", in, &r, nil); err != nil {
		t.Fatal(err)
	}
	size := r.Text.Size
	for name, box := range map[string]image.Rectangle{
		"upper half": image.Rect(0, 0, size.X, size.Y/2),
		"a part":     image.Rect(size.X/5, size.Y/5, size.X*4/5, size.Y*2/5),
		"all of it":  {Max: size},
	} {
		var text ocr.Text
		ask := Region{Master: in.Master, Recipe: r.Recipe, DPI: r.Pixels.DPI, Box: box, Languages: in.Languages}
		if err := p.Call(context.Background(), "region", ask, &text, nil); err != nil {
			t.Fatal(err)
		}
		if text.Size != size {
			t.Errorf("%s: the page is %v, want %v", name, text.Size, size)
		}
		var want []ocr.Word
		for w := range r.Text.Words {
			if w.Box.In(box.Inset(3)) && w.Confidence >= sureWord {
				want = append(want, *w)
			}
		}
		found, all := map[int]bool{}, 0
		for w := range text.Words {
			all++
			if !w.Box.In(box) {
				t.Errorf("%s: %q at %v lies outside of %v", name, w.Text, w.Box, box)
			}
			for i, was := range want {
				if d := w.Box.Min.Sub(was.Box.Min); w.Text == was.Text && max(d.X, -d.X, d.Y, -d.Y) <= 4 {
					found[i] = true
				}
			}
		}
		if len(want) < 10 || len(found) < len(want)*9/10 || all > len(want)*3/2 {
			t.Errorf("%s: of %d words there %d were found where they are, %d in all", name, len(want), len(found), all)
		}
	}
}
