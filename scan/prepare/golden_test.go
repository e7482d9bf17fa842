package prepare

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"recto/scan"
)

// drawn is a page that is the same in every year: strokes on uneven paper, a rule, dust,
// in whole numbers only. It leans a little and its lower half bends.
func drawn(w, h int, colour bool) image.Image {
	r := rand.New(rand.NewPCG(1, 2))
	out := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			g := uint8(225 - 40*x/w + 15*y/h + r.IntN(7))
			c := color.RGBA{g, g, g, 255}
			if colour {
				c.B = g - uint8(40*y/h)
			}
			out.SetRGBA(x, y, c)
		}
	}
	ink := image.NewUniform(color.Gray{40})
	if colour {
		ink = image.NewUniform(color.RGBA{70, 40, 20, 255})
	}
	box := func(x, y, w, h int) { draw.Draw(out, image.Rect(x, y, x+w, y+h), ink, image.Point{}, draw.Src) }
	for line := range (h - 120) / 28 {
		for x := 50; x < w-60; {
			y := 60 + line*28 + x/40 + x*(w-x)*line/(90*w)
			for range 3 + r.IntN(6) {
				switch r.IntN(4) { // strokes like n, l, o, t
				case 0:
					box(x, y, 2, 10)
					box(x+6, y, 2, 10)
					box(x, y, 7, 2)
				case 1:
					box(x+3, y-6, 2, 16)
				case 2:
					box(x, y, 8, 2)
					box(x, y+8, 8, 2)
					box(x, y, 2, 10)
					box(x+6, y, 2, 10)
				case 3:
					box(x+3, y-3, 2, 13)
					box(x, y, 8, 2)
				}
				x += 11
			}
			x += 12
		}
	}
	box(40, h/2, w-80, 2)
	for range 150 {
		box(r.IntN(w), r.IntN(h), 1+r.IntN(2), 1+r.IntN(2))
	}
	return out
}

// digestOf is a digest of all that a picture is made of.
func digestOf(t *testing.T, p *Picture) string {
	t.Helper()
	h := sha256.New()
	fmt.Fprint(h, p.Size(), p.Depth(), p.Channels())
	img := p.View()
	switch m := img.(type) {
	case *image.Gray:
		for y := range m.Rect.Dy() {
			h.Write(m.Pix[y*m.Stride:][:m.Rect.Dx()])
		}
	case *image.RGBA:
		for y := range m.Rect.Dy() {
			h.Write(m.Pix[y*m.Stride:][:4*m.Rect.Dx()])
		}
	default:
		t.Fatalf("pixels %T", img)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// goldenLeptonica is the library that the pixels were pinned with. Another one may round
// otherwise; what it makes has to be looked at before it is pinned.
const goldenLeptonica = "leptonica-1.82.0"

// TestGolden: the same step gives the same pixels as when it was released. Who changes
// what a step does raises its version (scan.Recipe.Check) and keeps the older way; only a
// step that was never released may be pinned anew (RECTO_PIN=1).
func TestGolden(t *testing.T) {
	if runtime.GOARCH != "amd64" || Version() != goldenLeptonica {
		t.Skipf("pinned on amd64 with %s; this is %s with %s", goldenLeptonica, runtime.GOARCH, Version())
	}
	up := make([]int, 6*8)
	for i := range up {
		up[i] = (i%6)*(5-i%6) + i/6
	}
	recipe := func(steps ...scan.Step) scan.Recipe { return steps }
	step := func(stage scan.Stage, params any) scan.Step { return scan.NewStep(stage, params, true) }
	stages := map[string]func(p *Picture) (*Picture, error){
		"whole": func(p *Picture) (*Picture, error) { return p.Placed(1, nil) },
		"orient 90": func(p *Picture) (*Picture, error) {
			return p.Placed(1, recipe(step(scan.OrientStage, scan.Orient{Degrees: 90})))
		},
		"orient 180": func(p *Picture) (*Picture, error) {
			return p.Placed(1, recipe(step(scan.OrientStage, scan.Orient{Degrees: 180})))
		},
		"orient 270": func(p *Picture) (*Picture, error) {
			return p.Placed(1, recipe(step(scan.OrientStage, scan.Orient{Degrees: 270})))
		},
		"mirrored": func(p *Picture) (*Picture, error) { return p.Placed(5, nil) },
		"split, left": func(p *Picture) (*Picture, error) {
			return p.Placed(1, recipe(step(scan.SplitStage, scan.Split{Part: 1, At: 301})))
		},
		"split, right": func(p *Picture) (*Picture, error) {
			return p.Placed(1, recipe(step(scan.SplitStage, scan.Split{Part: 2, At: 301})))
		},
		"deskew 1.3": func(p *Picture) (*Picture, error) {
			return p.Placed(1, recipe(step(scan.DeskewStage, scan.Deskew{Degrees: 1.3})))
		},
		"deskew -7": func(p *Picture) (*Picture, error) {
			return p.Placed(1, recipe(step(scan.DeskewStage, scan.Deskew{Degrees: -7})))
		},
		"crop": func(p *Picture) (*Picture, error) {
			return p.Placed(1, recipe(step(scan.CropStage, scan.Crop{Left: 20, Top: -5, Right: 580, Bottom: 790})))
		},
		"dewarp":      func(p *Picture) (*Picture, error) { return p.Dewarped(scan.Dewarp{Columns: 6, Rows: 8, Up: up}) },
		"tone level":  (*Picture).Levelled,
		"tone local":  (*Picture).Local,
		"lines":       (*Picture).WithoutLines,
		"despeckle 3": func(p *Picture) (*Picture, error) { return p.Despeckled(3) },
		"scale 0.5":   func(p *Picture) (*Picture, error) { return p.Scaled(0.5) },
		"scale 1.7":   func(p *Picture) (*Picture, error) { return p.Scaled(1.7) },
		"deskew + crop": func(p *Picture) (*Picture, error) {
			return p.Placed(6, recipe(step(scan.OrientStage, scan.Orient{Degrees: 180}), step(scan.DeskewStage, scan.Deskew{Degrees: -2.2}), step(scan.CropStage, scan.Crop{Left: 15, Top: 25, Right: 700, Bottom: 560})))
		},
	}
	got := map[string]string{}
	for _, kind := range []string{"grey", "colour"} {
		img := drawn(600, 800, kind == "colour")
		if kind == "grey" {
			g := image.NewGray(img.Bounds())
			draw.Draw(g, g.Rect, img, image.Point{}, draw.Src)
			img = g
		}
		p := pictured(t, img)
		defer p.Close()
		for _, name := range slices.Sorted(maps.Keys(stages)) {
			q, err := stages[name](p)
			if err != nil {
				t.Fatalf("%s, %s: %v", kind, name, err)
			}
			got[kind+", "+name] = digestOf(t, q)
			q.Close()
		}
	}
	file := filepath.Join("testdata", "golden.json")
	if os.Getenv("RECTO_PIN") != "" {
		b, _ := json.MarshalIndent(got, "", "\t")
		if err := os.WriteFile(file, append(b, '\n'), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var want map[string]string
	if err := json.Unmarshal(b, &want); err != nil {
		t.Fatal(err)
	}
	if len(want) != len(got) {
		t.Errorf("%d are pinned, %d made", len(want), len(got))
	}
	for _, name := range slices.Sorted(maps.Keys(got)) {
		if got[name] != want[name] {
			t.Errorf("%s: other pixels than were pinned: %s, not %q", name, got[name], want[name])
		}
	}
	if other := pinnedAlike(want); other != "" {
		t.Error(other)
	}
}

// pinnedAlike names two stages that leave the same pixels of the same page: then one does
// nothing, and the test proves nothing of it.
func pinnedAlike(pins map[string]string) string {
	by := map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(pins)) {
		kind, _, _ := strings.Cut(name, ",")
		if was, seen := by[kind+pins[name]]; seen {
			return was + " and " + name + " leave the same pixels"
		}
		by[kind+pins[name]] = name
	}
	return ""
}
