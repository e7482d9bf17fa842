package worker

import (
	"bufio"
	"bytes"
	"fmt"
	"image"
	"image/draw"
	"image/jpeg"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"recto/ocr"
	"recto/scan"
	"recto/scan/prepare"
)

// lain tells by how many degrees clockwise the stored pixels of a scan must be turned,
// where that is not 0.
var lain = map[string]int{
	"tesseract/phototest-rotated-R.png": 270, "tesseract/phototest-rotated-180.png": 180,
	"tesseract/devatest-rotated-270.png": 90, "page_dewarp/boston_cooking_b.jpg": 90,
	"derived/m38p_rot90.jpg": 270, "derived/Lettre46_rot180.jpg": 180, "derived/1dkv_rot270.jpg": 90,
}

// wayUp is a scan whose way up is known.
type wayUp struct {
	name, path, kind string
	dpi              float64
	languages        []string
}

// waysUp lists the scans of text, and those of nothing.
func waysUp(t *testing.T) (texts, blanks []wayUp) {
	dir := filepath.Join("..", "..", "..", "shared", "scans")
	_, installed, err := ocr.Models()
	list, gone := os.Open(filepath.Join(dir, "MANIFEST.tsv"))
	if gone != nil || err != nil {
		if os.Getenv("CI") != "" {
			t.Fatalf("the scans or the models are missing: %v %v", gone, err)
		}
		t.Skipf("SKIPPED: the scans or the models are missing: %v %v", gone, err)
	}
	defer list.Close()
	in := bufio.NewScanner(list)
	for in.Scan() {
		col := strings.Split(in.Text(), "\t")
		if len(col) < 9 || col[0] == "path" || filepath.Ext(col[0]) == ".pdf" {
			continue
		}
		w := wayUp{name: col[0], path: filepath.Join(dir, col[0]), kind: col[7]}
		w.dpi, _ = strconv.ParseFloat(strings.TrimSuffix(col[6], "e"), 64)
		for _, l := range strings.Split(col[5], "+") {
			if slices.Contains(installed, l) {
				w.languages = append(w.languages, l)
			}
		}
		if len(w.languages) == 0 {
			w.languages = []string{"eng"}
		}
		if w.dpi > 0 && w.dpi < 70 { // letters of 3 pixels: nothing can be read, whichever way it lies
			continue
		}
		switch w.kind {
		case "separator":
		case "blank":
			blanks = append(blanks, w)
		default:
			texts = append(texts, w)
		}
	}
	return texts, blanks
}

// grey gives the pixels of a scan, turned clockwise by quarters.
func (w wayUp) grey(t *testing.T, turn int) *image.Gray {
	p, err := prepare.Decode(w.path, prepare.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	q, err := p.Oriented(1, turn)
	if err != nil {
		t.Fatal(err)
	}
	defer q.Close()
	size, grey := q.Grey()
	return &image.Gray{Pix: bytes.Clone(grey), Stride: size.X, Rect: image.Rectangle{Max: size}}
}

// spoils make the way up harder to see; each gives the resolution that is left.
var spoils = []struct {
	name string
	do   func(r *rand.Rand, img *image.Gray, dpi float64) (*image.Gray, float64)
}{
	{"as it is", func(_ *rand.Rand, img *image.Gray, dpi float64) (*image.Gray, float64) { return img, dpi }},
	{"dark border", func(r *rand.Rand, img *image.Gray, dpi float64) (*image.Gray, float64) {
		m := img.Rect.Dx() / 12
		out := image.NewGray(image.Rect(0, 0, img.Rect.Dx()+2*m, img.Rect.Dy()+2*m))
		for i := range out.Pix {
			out.Pix[i] = byte(20 + r.IntN(20))
		}
		draw.Draw(out, img.Rect.Add(image.Pt(m, m)), img, image.Point{}, draw.Src)
		return out, dpi
	}},
	{"noise", func(r *rand.Rand, img *image.Gray, dpi float64) (*image.Gray, float64) {
		for i, g := range img.Pix {
			v := float64(g) + 18*r.NormFloat64()
			if r.IntN(2000) == 0 {
				v = 255 - v
			}
			img.Pix[i] = byte(max(0, min(255, v)))
		}
		return img, dpi
	}},
	{"100 dpi", func(_ *rand.Rand, img *image.Gray, dpi float64) (*image.Gray, float64) {
		if dpi <= 110 {
			return img, dpi
		}
		return smaller(img, dpi/100), 100
	}},
	{"few lines", func(r *rand.Rand, img *image.Gray, dpi float64) (*image.Gray, float64) {
		// A band of the page, as it stands, on paper that is bare otherwise.
		sorted := slices.Clone(img.Pix)
		slices.Sort(sorted)
		white := sorted[len(sorted)*4/5]
		out := image.NewGray(img.Rect)
		for i := range out.Pix {
			out.Pix[i] = byte(int(white) - r.IntN(3))
		}
		w, h := img.Rect.Dx(), img.Rect.Dy()
		from := 0.25 + 0.4*r.Float64()
		band := image.Rect(0, int(from*float64(h)), w, int((from+0.12)*float64(h)))
		draw.Draw(out, band, img, band.Min, draw.Src)
		return out, dpi
	}},
}

func smaller(img *image.Gray, f float64) *image.Gray {
	out := image.NewGray(image.Rect(0, 0, int(float64(img.Rect.Dx())/f), int(float64(img.Rect.Dy())/f)))
	for y := range out.Rect.Dy() {
		for x := range out.Rect.Dx() {
			sum, n := 0, 0
			for v := int(float64(y) * f); v < min(img.Rect.Dy(), max(int(float64(y)*f)+1, int(float64(y+1)*f))); v++ {
				for u := int(float64(x) * f); u < min(img.Rect.Dx(), max(int(float64(x)*f)+1, int(float64(x+1)*f))); u++ {
					sum, n = sum+int(img.Pix[v*img.Stride+u]), n+1
				}
			}
			out.Pix[y*out.Stride+x] = byte(sum / max(1, n))
		}
	}
	return out
}

// quarters turns an image clockwise.
func quarters(img *image.Gray, degrees int) *image.Gray {
	for ; degrees > 0; degrees -= 90 {
		w, h := img.Rect.Dx(), img.Rect.Dy()
		out := image.NewGray(image.Rect(0, 0, h, w))
		for y := range h {
			for x := range w {
				out.Pix[x*out.Stride+h-1-y] = img.Pix[y*img.Stride+x]
			}
		}
		img = out
	}
	return img
}

// TestOrientation: pages of text that lie any way are set upright by the program's own
// path, upright ones stay, and bare paper is never turned; so do nearly all that are spoilt
// in some way. A seeded slice; all pages in all directions with RECTO_SOAK=1. RECTO_PAGES
// is a regular expression for names of pages.
func TestOrientation(t *testing.T) {
	if testing.Short() {
		t.Skip("SKIPPED: recognises pages for a minute")
	}
	texts, blanks := waysUp(t)
	all := os.Getenv("RECTO_SOAK") == "1"
	p := NewPool(Config{Command: []string{os.Args[0], "worker"}})
	defer p.Close()
	dir := t.TempDir()
	turned := func(img *image.Gray, dpi float64, languages []string) (Reading, error) {
		master := filepath.Join(dir, "page.jpg")
		var b bytes.Buffer
		if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: 90}); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(master, b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
		var got Reading
		err := p.Call(t.Context(), "read", Read{Master: scan.Path(master), DPI: dpi, Languages: languages, Rendition: scan.Path(master + ".bin")}, &got, nil)
		return got, err
	}
	type tally struct{ n, right, upset, left, wrong, tries int }
	tallies := map[string]*tally{}
	judge := func(w wayUp, spoil, turn int, seed uint64) {
		r := rand.New(rand.NewPCG(seed, uint64(spoil)))
		s := spoils[spoil]
		img, dpi := s.do(r, w.grey(t, lain[w.name]), w.dpi) // upright so far
		img = quarters(img, turn)
		want := (360 - turn) % 360
		got, err := turned(img, dpi, w.languages)
		if err != nil {
			t.Errorf("%s, %s, turned by %d: %v", w.name, s.name, turn, err)
			return
		}
		k := tallies[s.name]
		if k == nil {
			k = &tally{}
			tallies[s.name] = k
		}
		k.n++
		k.tries += got.Tries
		is := got.Recipe.Quarter()
		what := fmt.Sprintf("%s, %s, turned by %d: set right by %d at %.2f in %d tries", w.name, s.name, turn, is, got.Confidence, got.Tries)
		switch {
		case is == want:
			k.right++
			t.Log(what)
		case want == 0:
			k.upset++
			t.Errorf("%s: it was upright", what)
		case is == 0:
			k.left++
			t.Logf("%s: it stays as it lay", what)
		default:
			k.wrong++
			t.Logf("%s: wrong", what)
		}
	}
	only, err := regexp.Compile(os.Getenv("RECTO_PAGES"))
	if err != nil {
		t.Fatal(err)
	}
	pick := rand.New(rand.NewPCG(17, 19))
	if all {
		for i, w := range texts {
			if !only.MatchString(w.name) {
				continue
			}
			for turn := 0; turn < 360; turn += 90 {
				judge(w, 0, turn, uint64(i))
			}
			for spoil := 1; spoil < len(spoils); spoil++ {
				judge(w, spoil, pick.IntN(4)*90, uint64(i))
			}
		}
	} else {
		for spoil := range spoils {
			i := pick.IntN(len(texts))
			for texts[i].kind == "newspaper" { // half a minute each
				i = pick.IntN(len(texts))
			}
			judge(texts[i], spoil, pick.IntN(4)*90, uint64(i))
		}
	}
	for i, w := range blanks {
		for turn := 0; turn < 360; turn += 90 {
			if !all && turn != i%4*90 || !only.MatchString(w.name) {
				continue
			}
			for spoil := range 3 {
				if !all && spoil != i%3 {
					continue
				}
				r := rand.New(rand.NewPCG(uint64(i), uint64(spoil)))
				img, dpi := spoils[spoil].do(r, w.grey(t, turn), w.dpi)
				got, err := turned(img, dpi, w.languages)
				if err != nil || got.Recipe.Quarter() != 0 {
					t.Errorf("%s, %s, turned by %d: turned by %d, %v", w.name, spoils[spoil].name, turn, got.Recipe.Quarter(), err)
				}
			}
		}
	}
	for name, k := range tallies {
		// Of the spoilt ones a few have too little left that could be read.
		if missed := k.left + k.wrong; missed > 0 && (name == spoils[0].name || missed*25 > k.n) {
			t.Errorf("%s: of %d pages %d are not set upright", name, k.n, missed)
		}
		t.Logf("%-12s %3d pages: %d right, %d were upright and got turned, %d stay as they lay, %d wrong; %d tries", name, k.n, k.right, k.upset, k.left, k.wrong, k.tries)
	}
}
