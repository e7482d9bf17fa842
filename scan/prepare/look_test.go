package prepare

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"math"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"
)

// lying tells by how many degrees clockwise a real scan must be turned, where that
// is not 0: what the manifest says, and one photograph of a page on its side.
var lying = map[string]int{
	"tesseract/phototest-rotated-R.png": 270, "tesseract/phototest-rotated-180.png": 180,
	"tesseract/devatest-rotated-270.png": 90, "page_dewarp/boston_cooking_b.jpg": 90,
	"derived/m38p_rot90.jpg": 270, "derived/Lettre46_rot180.jpg": 180, "derived/1dkv_rot270.jpg": 90,
}

// All real pages, each in one of the four directions or, in a soak, in all: a sure
// answer is never wrong.
func TestUpright(t *testing.T) {
	var sureRight, unsureRight, unsureWrong, quiet, pages int
	for i, s := range realScans(t) {
		if filepath.Ext(s.path) == ".pdf" || s.kind == "blank" || s.kind == "separator" {
			continue
		}
		p := decode(t, s.path)
		for q := i % soak(4, 1) * 90; q < 360; q += soak(360, 90) {
			up, err := p.Oriented(1, q)
			if err != nil {
				t.Fatal(err)
			}
			degrees, confidence, sure := up.Upright()
			up.Close()
			right := (lying[s.name]-q+360)%360 == degrees
			pages++
			switch {
			case sure && right:
				sureRight++
			case sure:
				t.Errorf("%s turned by %d: surely %d (%.1f)", s.name, q, degrees, confidence)
			case confidence < 1:
				quiet++
			case right:
				unsureRight++
			default:
				unsureWrong++
				t.Logf("%s turned by %d: perhaps %d (%.1f)", s.name, q, degrees, confidence)
			}
		}
		p.Close()
	}
	t.Logf("%d pages: sure and right %d, a right guess %d, a wrong guess %d, no idea %d", pages, sureRight, unsureRight, unsureWrong, quiet)
	if sureRight*2 < pages {
		t.Errorf("sure of %d pages in %d", sureRight, pages)
	}
}

func TestBlankScans(t *testing.T) {
	list := realScans(t)
	samples, err := filepath.Glob(filepath.Join(root(t), "assets", "samples", "*.*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range samples {
		kind := "sample"
		if strings.Contains(s, "verso") {
			kind = "blank"
		}
		list = append(list, realScan{name: filepath.Base(s), path: s, kind: kind})
	}
	found := map[[2]bool]int{}
	for _, s := range list {
		if s.kind == "separator" && filepath.Ext(s.path) == ".pdf" {
			continue // some of their pages are blank, and nobody wrote down which
		}
		for _, file := range s.images(t) {
			p := decode(t, file)
			m := p.Measure(300)
			p.Close()
			want := s.kind == "blank"
			found[[2]bool{want, m.Blank}]++
			if m.Blank != want {
				t.Errorf("%s: blank %v, ink %.5f", s.name, m.Blank, m.Ink)
			}
		}
	}
	t.Logf("blank and seen so %d, blank and missed %d, not blank and seen so %d, not blank and flagged %d",
		found[[2]bool{true, true}], found[[2]bool{true, false}], found[[2]bool{false, false}], found[[2]bool{false, true}])
}

// Made pages: the least that must be seen and the most that must not.
func TestBlankMade(t *testing.T) {
	page := func(draw func(img *image.Gray, set func(x, y int, g float64))) *Picture {
		r := rand.New(rand.NewPCG(1, 2))
		img := image.NewGray(image.Rect(0, 0, 1240, 1754))
		for i := range img.Pix {
			y := i / 1240
			img.Pix[i] = byte(225 + float64(y)/100 + 3*r.NormFloat64()) // paper, unevenly lit
		}
		draw(img, func(x, y int, g float64) {
			if image.Pt(x, y).In(img.Rect) {
				v := &img.Pix[img.PixOffset(x, y)]
				*v = byte(float64(*v) * g)
			}
		})
		return decode(t, write(t, "page.png", encoded(t, func(b *bytes.Buffer) error { return png.Encode(b, img) })))
	}
	for _, c := range []struct {
		name  string
		blank bool
		draw  func(img *image.Gray, set func(x, y int, g float64))
	}{
		{"paper", true, func(*image.Gray, func(x, y int, g float64)) {}},
		{"black", false, func(img *image.Gray, _ func(x, y int, g float64)) { clear(img.Pix) }},
		{"nearly black", false, func(_ *image.Gray, set func(x, y int, g float64)) {
			for y := range 1754 {
				for x := range 1240 {
					set(x, y, 0.15)
				}
			}
		}},
		{"brown paper", true, func(_ *image.Gray, set func(x, y int, g float64)) {
			for y := range 1754 {
				for x := range 1240 {
					set(x, y, 0.55)
				}
			}
		}},
		{"round stain with a soft edge", true, func(_ *image.Gray, set func(x, y int, g float64)) {
			for y := range 400 {
				for x := range 400 {
					d := math.Hypot(float64(x-200), float64(y-200))
					set(300+x, 700+y, 1-0.2*max(0, min(1, (180-d)/60)))
				}
			}
		}},
		{"dust", true, func(_ *image.Gray, set func(x, y int, g float64)) {
			for i := range 60 {
				set(100+i*17, 100+i*i*7%1500, 0.3)
				set(101+i*17, 100+i*i*7%1500, 0.5)
			}
		}},
		{"streak of a feeder", true, func(_ *image.Gray, set func(x, y int, g float64)) {
			for y := range 1754 {
				set(700, y, 0.7)
				set(701, y, 0.6)
			}
		}},
		{"dark edge", true, func(_ *image.Gray, set func(x, y int, g float64)) {
			for y := range 1754 {
				for x := range 20 {
					set(x, y, 0.1)
				}
			}
		}},
		{"faint pencil line", false, func(_ *image.Gray, set func(x, y int, g float64)) {
			for x := range 300 {
				for k := range 3 {
					set(400+x, 900+x/9+k, 0.8)
				}
			}
		}},
		{"one short word", false, func(_ *image.Gray, set func(x, y int, g float64)) {
			for l := range 4 { // letters of a stem and an arch
				for k := range 14 {
					for j := range 2 {
						set(600+l*12+j, 800+k, 0.4)
						set(600+l*12+k/2, 800+j, 0.4)
					}
				}
			}
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if m := page(c.draw).Measure(150); m.Blank != c.blank {
				t.Errorf("blank %v, ink %.5f", m.Blank, m.Ink)
			}
		})
	}
}

func TestSkewOfNothing(t *testing.T) {
	for _, c := range []color.Gray{{0}, {128}, {255}} {
		img := image.NewGray(image.Rect(0, 0, 800, 1100))
		for i := range img.Pix {
			img.Pix[i] = c.Y
		}
		p := decode(t, write(t, "flat.png", encoded(t, func(b *bytes.Buffer) error { return png.Encode(b, img) })))
		if d, confidence := p.Skew(); confidence >= 3 {
			t.Errorf("grey %d: %.2f degrees at %.1f", c.Y, d, confidence)
		}
		if d, _, sure := p.Upright(); sure {
			t.Errorf("grey %d: surely %d", c.Y, d)
		}
	}
	// Pictures of a few pixels must not upset anything.
	for _, size := range []image.Point{{1, 1}, {1, 3000}, {3000, 1}, {7, 5}} {
		p := decode(t, write(t, "tiny.png", plainPNG(t, size.X, size.Y, 8, 0, size.X)))
		p.Measure(300)
		p.Skew()
		p.Upright()
		p.Thumbnail(320)
		if q, err := p.Deskewed(3, image.Rectangle{}); err != nil {
			t.Error(err)
		} else {
			q.Close()
		}
	}
}
