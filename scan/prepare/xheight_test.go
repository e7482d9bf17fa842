package prepare

import (
	"bytes"
	"fmt"
	"image"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

var lineSizes = regexp.MustCompile(`x_size ([\d.]+); x_descenders ([\d.]+); x_ascenders ([\d.]+)`)

// tesseractX is the height of x that Tesseract measures on a page, a word a vote.
func tesseractX(t *testing.T, p *Picture) float64 {
	t.Helper()
	if _, err := exec.LookPath("tesseract"); err != nil {
		missing(t, "x-heights: %v", err)
	}
	size, grey := p.Grey()
	page := write(t, "page.pgm", append([]byte("P5 "+strconv.Itoa(size.X)+" "+strconv.Itoa(size.Y)+" 255\n"), grey...))
	base := strings.TrimSuffix(page, ".pgm")
	cmd := exec.Command("tesseract", page, base, "--psm", "3", "hocr")
	cmd.Env = append(os.Environ(), "OMP_THREAD_LIMIT=1")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("tesseract: %v: %s", err, out)
	}
	text, err := os.ReadFile(base + ".hocr")
	if err != nil {
		t.Fatal(err)
	}
	var votes []float64
	for _, line := range strings.Split(string(text), "class='ocr_line'")[1:] {
		m := lineSizes.FindStringSubmatch(line)
		if m == nil {
			continue
		}
		x := 0.0
		for i, sign := range []float64{1, -1, -1} {
			v, err := strconv.ParseFloat(m[i+1], 64)
			if err != nil {
				t.Fatal(err)
			}
			x += sign * v
		}
		for range strings.Count(line, "ocrx_word") {
			votes = append(votes, x)
		}
	}
	if len(votes) == 0 {
		return 0
	}
	slices.Sort(votes)
	return votes[len(votes)/2]
}

// Real pages: as Tesseract measures it while it reads, which is wrong on few.
func TestXHeight(t *testing.T) {
	pages, near := 0, 0
	for i, s := range realScans(t) {
		if !isText(s.kind) || s.kind == "newspaper" || filepath.Ext(s.path) == ".pdf" || (i+1)%soak(7, 1) != 0 {
			continue
		}
		p := decode(t, s.path)
		got, sure := p.XHeight()
		if !sure {
			t.Errorf("%s: unsure, %.1f", s.name, got)
		}
		want := tesseractX(t, p)
		if want == 0 {
			t.Logf("%s: Tesseract finds no line", s.name)
			p.Close()
			continue
		}
		pages++
		if math.Abs(got/want-1) <= 0.15 {
			near++
		} else {
			t.Logf("%s: %.1f, Tesseract has %.1f", s.name, got, want)
		}
		// It follows the size of the picture.
		for _, factor := range []float64{0.6, 1.7} {
			q, err := p.Scaled(factor)
			if err != nil {
				t.Fatal(err)
			}
			scaled, sure := q.XHeight()
			q.Close()
			if got*factor < 8 {
				continue
			}
			if r := scaled / got / factor; !sure || r < 0.85 || r > 1.18 {
				t.Errorf("%s: %.1f, but %.1f (%v) at %g times the size", s.name, got, scaled, sure, factor)
			}
		}
		p.Close()
	}
	t.Logf("%d of %d pages within 15%% of Tesseract's", near, pages)
	if near*4 < pages*3 {
		t.Errorf("%d of %d", near, pages)
	}
}

func TestXHeightOfPictures(t *testing.T) {
	for _, name := range []string{"paper", "noise", "clouds", "black edges", "drawing", "wall"} {
		c := newCanvas(1240, 1754, 230, 3)
		withoutRows[name](c)
		p := pictured(t, c.Gray)
		if x, sure := p.XHeight(); sure {
			t.Errorf("%s: surely %.1f", name, x)
		}
		p.Close()
	}
}

// Scaled by any factor, flat areas keep their tone and dots are where they should be.
func TestScaled(t *testing.T) {
	size := image.Pt(301, 452)
	for _, colour := range []bool{false, true} {
		path, at := dots(t, size, colour)
		p := decode(t, path)
		for _, factor := range []float64{0.37, 0.5, 0.83, 1, 1.31, 2, 3.7} {
			q, err := p.Scaled(factor)
			if err != nil {
				t.Fatal(err)
			}
			got, grey := q.Grey()
			q.Close()
			if want := image.Pt(int(math.Round(301*factor)), int(math.Round(452*factor))); got != want {
				t.Fatalf("%g: %v, want %v", factor, got, want)
			}
			if grey[0] != 255 || bytes.Count(grey, []byte{255}) < len(grey)*9/10 {
				t.Errorf("%g: white is %d", factor, grey[0])
			}
			if factor > 2 { // middle looks at 8 pixels around
				continue
			}
			for _, a := range at {
				x, y := a[0]*float64(got.X)/301, a[1]*float64(got.Y)/452
				if u, v := middle(got, grey, x, y); math.Hypot(u-x, v-y) > 0.1 {
					t.Errorf("%g: the dot at %.2f,%.2f is at %.2f,%.2f", factor, x, y, u, v)
				}
			}
		}
	}
	for _, factor := range []float64{0, -1, 9, math.NaN(), math.Inf(1)} {
		path, _ := dots(t, size, false)
		if _, err := decode(t, path).Scaled(factor); err == nil {
			t.Errorf("%g times the size", factor)
		}
	}
	p := decode(t, write(t, "tiny.png", plainPNG(t, 3, 2, 8, 0, 3)))
	for _, factor := range []float64{0.05, 8} {
		if q, err := p.Scaled(factor); err != nil || q.Size().X < 1 {
			t.Errorf("%g: %v", factor, err)
		}
	}
}

func TestReadingScale(t *testing.T) {
	for x, want := range map[float64]float64{0: 1, -3: 1, 17: 1, 20: 1, 26: 1, 40: 0.5, 11.5: 2, 1: 4, 1e9: 0.05} {
		if got := ReadingScale(x); got != want {
			t.Errorf("%g pixels: %g, want %g", x, got, want)
		}
	}
}

// What a damaged fax looks like has no letters, whatever stands in a row there by chance:
// enlarged by them it would cost many times what it costs to see that nothing is read.
func TestXHeightOfNoise(t *testing.T) {
	r := rand.New(rand.NewPCG(41, 43))
	for i := range soak(6, 40) {
		const w, h = 1275, 1650
		img := image.NewGray(image.Rect(0, 0, w, h))
		var edges []int
		for x := 0; x < w; x += 1 + r.IntN(24) {
			edges = append(edges, x)
		}
		for y := range h {
			for k := range edges {
				if edges[k] += r.IntN(5) - 2; r.IntN(12) == 0 {
					edges[k] = r.IntN(w)
				}
			}
			slices.Sort(edges)
			for k := 0; k+1 < len(edges); k++ {
				for x := max(0, edges[k]); k%2 == 0 && x < min(w, edges[k+1]); x++ {
					img.Pix[y*w+x] = 255
				}
			}
		}
		p := picture(t, r, img)
		if x, sure := p.XHeight(); sure {
			t.Errorf("%d: letters %.1f pixels high", i, x)
			keepImage(t, fmt.Sprintf("noise %d", i), img)
		}
		p.Close()
	}
}

// Letters of a page on its side stand in rows by chance; enlarged by what these seem to
// say, a receipt cost a hundred times what it costs to see that it lies on its side.
func TestXHeightOnItsSide(t *testing.T) {
	pages, both := 0, 0
	for _, s := range realScans(t) {
		p := decode(t, s.images(t)[0])
		side, err := p.Oriented(1, 90)
		if err != nil {
			t.Fatal(err)
		}
		x, sure := p.XHeight()
		y, sureOnSide := side.XHeight()
		if sure || sureOnSide {
			pages++
		}
		if sure && sureOnSide {
			both++
			t.Logf("%s: %.1f pixels, on its side %.1f", s.name, x, y)
		}
		side.Close()
		p.Close()
	}
	if pages == 0 || both*10 > pages {
		t.Errorf("of %d pages %d have an x-height both ways", pages, both)
	}
}
