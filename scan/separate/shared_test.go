package separate

import (
	"image"
	"image/draw"
	_ "image/jpeg"
	_ "image/png"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	_ "golang.org/x/image/tiff"
)

// shared gives a folder that lies beside the repository, or skips.
func shared(t testing.TB, name string) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			break
		}
		if filepath.Dir(dir) == dir {
			t.Fatal("no go.mod above the test")
		}
		dir = filepath.Dir(dir)
	}
	path := filepath.Join(dir, "..", "shared", name)
	if _, err := os.Stat(path); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal(err)
		}
		t.Skipf("real scans are not here: %v", err)
	}
	return path
}

// scanned is a real page.
type scanned struct {
	name string
	img  *image.Gray
	dpi  float64
}

// manifest gives the resolution of the scans by name; estimates are no answer.
func manifest(t testing.TB, root string) map[string]float64 {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(root, "MANIFEST.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]float64{}
	for _, line := range strings.Split(string(b), "\n")[1:] {
		f := strings.Split(line, "\t")
		if len(f) > 6 {
			out[f[0]], _ = strconv.ParseFloat(f[6], 64)
		}
	}
	return out
}

func grey(img image.Image) *image.Gray {
	g := image.NewGray(image.Rectangle{Max: img.Bounds().Size()})
	switch img := img.(type) {
	case *image.Gray:
		if img.Rect.Min == (image.Point{}) {
			return img
		}
	case *image.YCbCr: // its first channel is what is wanted
		for y := range g.Rect.Dy() {
			copy(g.Pix[y*g.Stride:][:g.Stride], img.Y[y*img.YStride:])
		}
		return g
	case *image.RGBA:
		for y := range g.Rect.Dy() {
			row := img.Pix[y*img.Stride:]
			for x := range g.Rect.Dx() {
				p := row[4*x:][:3]
				g.Pix[y*g.Stride+x] = byte((int(p[0])*299 + int(p[1])*587 + int(p[2])*114) / 1000)
			}
		}
		return g
	}
	draw.Draw(g, g.Rect, image.White, image.Point{}, draw.Src)
	draw.Draw(g, g.Rect, img, img.Bounds().Min, draw.Over)
	return g
}

func decode(t testing.TB, file string) *image.Gray {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	img, _, err := image.Decode(f)
	if err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	return grey(img)
}

// rendered gives the pages of a PDF.
func rendered(t testing.TB, file string, dpi int) []*image.Gray {
	t.Helper()
	if _, err := exec.LookPath("pdftoppm"); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal(err)
		}
		t.Skipf("no PDF is rendered: %v", err)
	}
	dir := t.TempDir()
	if out, err := exec.Command("pdftoppm", "-r", strconv.Itoa(dpi), "-gray", "-png", file, filepath.Join(dir, "p")).CombinedOutput(); err != nil {
		t.Fatalf("pdftoppm %s: %v %s", file, err, out)
	}
	names, _ := filepath.Glob(filepath.Join(dir, "*.png"))
	slices.Sort(names)
	var out []*image.Gray
	for _, n := range names {
		out = append(out, decode(t, n))
	}
	return out
}

// eachPage goes through all scans of the shared folder that Go's libraries decode;
// the largest only where a soak is wanted.
func eachPage(t testing.TB, look func(scanned)) {
	t.Helper()
	root := shared(t, "scans")
	dpis := manifest(t, root)
	for _, n := range slices.Sorted(maps.Keys(dpis)) {
		file := filepath.Join(root, n)
		if strings.HasSuffix(n, ".pdf") {
			for i, img := range rendered(t, file, 200) {
				look(scanned{n + "#" + strconv.Itoa(i+1), img, 200})
			}
			continue
		}
		f, err := os.Open(file)
		if err != nil {
			t.Fatal(err)
		}
		if c, _, err := image.DecodeConfig(f); err == nil && c.Width*c.Height > 12e6 && !soak() {
			f.Close()
			continue
		}
		f.Seek(0, 0)
		img, _, err := image.Decode(f)
		f.Close()
		if err != nil {
			t.Logf("%s is left out: %v", n, err)
			continue
		}
		look(scanned{n, grey(img), dpis[n]})
	}
}
