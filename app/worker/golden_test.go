package worker

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"recto/scan"
	"recto/scan/prepare"
)

// Stored recipes put the stages together as ever: which picture is read, and which is
// seen. The stages themselves are pinned in scan/prepare, where it says what to do when
// pixels change.
func TestGoldenRecipes(t *testing.T) {
	if runtime.GOARCH != "amd64" || prepare.Version() != "leptonica-1.82.0" {
		t.Skipf("NOT CHECKED that recipes make the same pixels as ever: they are pinned for amd64 with leptonica-1.82.0, and this is %s with %s", runtime.GOARCH, prepare.Version())
	}
	const w, h = 410, 330
	r := rand.New(rand.NewPCG(1907, 5))
	data := fmt.Appendf(nil, "P6 %d %d 255\n", w, h)
	for y := range h {
		for x := range w {
			light := 230 - 60*x/w + r.IntN(7)
			if y > 30 && y < h-30 && x > 30 && x < w-30 && (y%40 < 14 && x*7%23 < 9 || y == 200 || r.IntN(900) == 0) {
				light /= 4
			}
			data = append(data, byte(light+20), byte(light+10), byte(light))
		}
	}
	file := filepath.Join(t.TempDir(), "page.ppm")
	if err := os.WriteFile(file, data, 0o600); err != nil {
		t.Fatal(err)
	}
	base, err := squared(file)
	if err != nil {
		t.Fatal(err)
	}
	defer base.Close()
	of := func(stage scan.Stage, params any) scan.Step { return scan.NewStep(stage, params, true) }
	for _, c := range []struct {
		what   string
		recipe scan.Recipe
		want   string // SHA-256 of the page as it is seen and as it is read
	}{
		{"a lean too small to be turned for the reading", scan.Recipe{of(scan.DeskewStage, scan.Deskew{Degrees: 0.3}), of(scan.ToneStage, scan.Tone{Reading: scan.LevelTone})}, "63aa916d66b1ae29f2d5735725b63900b89bd534029fc4c2c0bd97e349e5437e"},
		{"all stages", scan.Recipe{
			of(scan.OrientStage, scan.Orient{Degrees: 90}), of(scan.SplitStage, scan.Split{Part: 2, At: 60}), of(scan.DeskewStage, scan.Deskew{Degrees: -1.5}),
			of(scan.CropStage, scan.Crop{Left: 5, Top: 7, Right: 260, Bottom: 400}), of(scan.DewarpStage, scan.Dewarp{Columns: 2, Rows: 2, Up: []int{0, 6, -5, 2}}),
			of(scan.ToneStage, scan.Tone{Reading: scan.LocalTone}), of(scan.LinesStage, scan.Lines{Remove: true}), of(scan.DespeckleStage, scan.Despeckle{Size: 3}),
			of(scan.ScaleStage, scan.Scale{Factor: 1.3}),
		}, "c9ab656c63dd01d6be694f85f99cee2bfcaf6f32309c6aa5115c0b85eb7be6d3"},
	} {
		p, err := asSet(base, c.recipe)
		if err != nil {
			t.Fatal(err)
		}
		sum := sha256.New()
		for _, pic := range []*prepare.Picture{p.seen, p.pic} {
			size, grey := pic.Grey()
			fmt.Fprint(sum, size)
			sum.Write(grey)
		}
		p.close()
		if got := hex.EncodeToString(sum.Sum(nil)); got != c.want {
			t.Errorf("%s: other pixels than ever before: %s", c.what, got)
		}
	}
}
