package worker

import (
	"fmt"
	"image"
	"image/draw"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	xfont "golang.org/x/image/font"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"

	"recto/assets/font"
	"recto/scan"
)

// printed is a page, 300 dpi, with text at places in pixels.
func printed(t *testing.T, size image.Point, write func(put func(x, y int, text string))) string {
	t.Helper()
	parsed, err := opentype.Parse(font.Sans)
	if err != nil {
		t.Fatal(err)
	}
	face, err := opentype.NewFace(parsed, &opentype.FaceOptions{Size: 10, DPI: 300})
	if err != nil {
		t.Fatal(err)
	}
	img := image.NewGray(image.Rectangle{Max: size})
	draw.Draw(img, img.Bounds(), image.White, image.Point{}, draw.Src)
	d := xfont.Drawer{Dst: img, Src: image.Black, Face: face}
	write(func(x, y int, text string) {
		d.Dot = fixed.P(x, y)
		d.DrawString(text)
	})
	path := filepath.Join(t.TempDir(), "page.png")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := png.Encode(f, img); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestTable: the rows of a table are read across, columns of prose one after the other.
func TestTable(t *testing.T) {
	read := func(path string) []string {
		t.Helper()
		got, err := (&server{}).read(t.Context(), Read{Master: scan.Path(path), DPI: 300, Languages: []string{"eng"}, Rendition: scan.Path(filepath.Join(t.TempDir(), "r"))})
		if err != nil {
			t.Fatal(err)
		}
		return strings.Split(got.Text.Plain(), "\n")
	}
	names := strings.Fields("Archer Baker Carter Dyer Farmer Glover Hunter Mason Miller Potter Sawyer Taylor Turner Weaver")
	things := []string{"iron nails", "garden gate", "oak table", "copper kettle", "window glass", "winter coal", "lamp oil"}
	table := printed(t, image.Pt(2400, 1800), func(put func(x, y int, text string)) {
		for i, name := range names {
			y := 200 + i*110
			put(150, y, fmt.Sprint(101+i*7))
			put(500, y, name)
			put(1150, y, things[i%len(things)])
			put(2000, y, fmt.Sprintf("%d.50", 12+i*3))
		}
	})
	lines := read(table)
	whole := 0
	for i, name := range names {
		if slices.Contains(lines, fmt.Sprintf("%d %s %s %d.50", 101+i*7, name, things[i%len(things)], 12+i*3)) {
			whole++
		}
	}
	if whole < len(names)-1 { // the engine may take one cell for another
		t.Errorf("%d of %d rows are read across:\n%s", whole, len(names), strings.Join(lines, "\n"))
	}

	prose := strings.Fields(strings.Repeat("the clerk wrote to the mill that no letter had come before the winter and asked for an answer by return of post ", 8))
	columns := printed(t, image.Pt(2400, 3000), func(put func(x, y int, text string)) {
		for c := range 2 {
			words := prose
			for i := range 24 {
				put(150+c*1150, 200+i*60, strings.Join(words[:7], " "))
				words = words[7:]
			}
		}
	})
	lines = slices.DeleteFunc(read(columns), func(l string) bool { return l == "" })
	for _, l := range lines {
		if n := len(strings.Fields(l)); n > 9 {
			t.Errorf("columns of prose are read across: %q", l)
		}
	}
	if len(lines) < 44 {
		t.Errorf("%d lines of 48 are read", len(lines))
	}
}
