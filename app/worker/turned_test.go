package worker

import (
	"context"
	"image"
	"image/draw"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"recto/ocr"
	"recto/scan"
	"recto/scan/prepare"
)

// greyOf decodes a scan of the set.
func greyOf(t *testing.T, path string, turn int, box image.Rectangle) *image.Gray {
	t.Helper()
	p, err := prepare.Decode(path, prepare.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	part, err := p.Deskewed(0, box)
	if err != nil {
		t.Fatal(err)
	}
	defer part.Close()
	up, err := part.Oriented(1, turn)
	if err != nil {
		t.Fatal(err)
	}
	defer up.Close()
	size, grey := up.Grey()
	return &image.Gray{Pix: slices.Clone(grey), Stride: size.X, Rect: image.Rectangle{Max: size}}
}

// A note in the margin that runs up or down is read, as it lies and where it lies, and the
// page beside it as it was.
func TestTurnedBlock(t *testing.T) {
	scans := filepath.Join("..", "..", "..", "shared", "scans")
	base, note := filepath.Join(scans, "tesseract", "phototest.tif"), filepath.Join(scans, "tesseract", "phototest.tif")
	_, installed, err := ocr.Models()
	if _, gone := os.Stat(base); gone != nil || err != nil || !slices.Contains(installed, "eng") {
		if os.Getenv("CI") != "" {
			t.Fatalf("the scans or the model eng are missing: %v %v", gone, err)
		}
		t.Skip("SKIPPED: the scans or the model eng are missing")
	}
	p := NewPool(Config{Command: []string{os.Args[0], "worker"}})
	defer p.Close()
	read := func(file string) *ocr.Text {
		var r Reading
		in := Read{Master: scan.Path(file), DPI: 300, Languages: []string{"eng"}, Rendition: scan.Path(filepath.Join(t.TempDir(), "r"))}
		if err := p.Call(context.Background(), "read", in, &r, nil); err != nil {
			t.Fatal(err)
		}
		return r.Text
	}
	plain := read(base)
	for _, turn := range []int{90, 270} { // anticlockwise, as ocr.Line has it
		page := greyOf(t, base, 0, image.Rectangle{})
		// The first line of the page, and below the third.
		aside := greyOf(t, note, 360-turn, image.Rect(24, 85, 620, 158))
		at := image.Pt(page.Rect.Dx()+40, 30)
		if aside.Rect.Dy()+60 > page.Rect.Dy() {
			at.Y = 20
		}
		all := image.NewGray(image.Rect(0, 0, at.X+aside.Rect.Dx()+40, max(page.Rect.Dy(), aside.Rect.Dy()+60)))
		draw.Draw(all, all.Rect, image.White, image.Point{}, draw.Src)
		draw.Draw(all, page.Rect, page, image.Point{}, draw.Src)
		draw.Draw(all, aside.Rect.Add(at), aside, image.Point{}, draw.Src)
		file := filepath.Join(t.TempDir(), "page.png")
		f, err := os.Create(file)
		if err != nil {
			t.Fatal(err)
		}
		if err := png.Encode(f, all); err != nil {
			t.Fatal(err)
		}
		f.Close()
		var beside, page0 []string
		got := read(file)
		for _, b := range got.Blocks {
			for _, par := range b.Paragraphs {
				for _, l := range par.Lines {
					for _, w := range l.Words {
						switch {
						case l.Turn == turn && w.Box.In(aside.Rect.Add(at).Inset(-4)):
							beside = append(beside, w.Text)
						case l.Turn == 0:
							page0 = append(page0, w.Text)
						}
					}
				}
			}
		}
		if want := "This is a lot of 12 point text to test the ocr code and see if it works on all types"; !strings.Contains(strings.Join(beside, " "), want) {
			for w := range got.Words {
				if w.Box.Min.X > page.Rect.Dx() {
					t.Log(w.Text, w.Confidence, w.Box)
				}
			}
			t.Errorf("turned by %d: %q", turn, beside)
		}
		var was []string
		for w := range plain.Words {
			was = append(was, w.Text)
		}
		if !slices.Equal(page0, was) {
			t.Errorf("turned by %d, the page beside: %q", turn, page0)
		}
	}
}

// A page in letters that no language asked for is written in says so.
func TestForeignScript(t *testing.T) {
	file := filepath.Join("..", "..", "..", "shared", "scans", "tesseract", "devatest.png")
	_, installed, err := ocr.Models()
	if _, gone := os.Stat(file); gone != nil || err != nil || !slices.Contains(installed, "hin") || !slices.Contains(installed, "eng") {
		if os.Getenv("CI") != "" {
			t.Fatalf("the scans or the models eng and hin are missing: %v %v", gone, err)
		}
		t.Skip("SKIPPED: the scans or the models eng and hin are missing")
	}
	p := NewPool(Config{Command: []string{os.Args[0], "worker"}})
	defer p.Close()
	for asked, want := range map[string]string{"eng": "hin", "hin": ""} {
		var r Reading
		in := Read{Master: scan.Path(file), DPI: 300, Languages: []string{asked}, Rendition: scan.Path(filepath.Join(t.TempDir(), "r"))}
		if err := p.Call(context.Background(), "read", in, &r, nil); err != nil {
			t.Fatal(err)
		}
		if got, found := r.Text.Suggest(installed); found != (want != "") || got.Model != want {
			t.Errorf("read as %s at %.2f: %v %v", asked, r.Confidence, got, found)
		}
	}
}
