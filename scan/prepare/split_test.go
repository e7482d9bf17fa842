package prepare

import (
	"bytes"
	"image"
	"image/jpeg"
	"image/png"
	"math"
	"math/rand/v2"
	"path/filepath"
	"testing"

	"recto/scan"
)

// singles are the real scans of one upright page each, in grey.
func singles(t *testing.T, some int) []*image.Gray {
	t.Helper()
	var out []*image.Gray
	n := 0
	for _, s := range realScans(t) {
		switch s.kind {
		case "clean", "earlyprint", "fraktur", "noisy", "typewritten", "multicol":
		default:
			continue
		}
		if !s.known || filepath.Ext(s.path) == ".pdf" {
			continue
		}
		if n++; n%some != 0 {
			continue
		}
		p := decode(t, s.path)
		size, grey := p.Grey()
		if size.Y > size.X {
			out = append(out, &image.Gray{Pix: bytes.Clone(grey), Stride: size.X, Rect: image.Rectangle{Max: size}})
		}
		p.Close()
	}
	return out
}

// openBook lays two pages side by side as a book that lies open: each on its half, the
// paper darker towards the binding, a dark ground around where margin is not 0. It gives
// the column of the binding.
func openBook(r *rand.Rand, l, right *image.Gray, gap bool) (*image.Gray, int) {
	h := 1200 + r.IntN(1200)
	scaled := func(p *image.Gray, h int) *image.Gray {
		w := p.Rect.Dx() * h / p.Rect.Dy()
		out := image.NewGray(image.Rect(0, 0, w, h))
		for y := range h {
			for x := range w {
				out.Pix[y*w+x] = p.Pix[y*p.Rect.Dy()/h*p.Stride+x*p.Rect.Dx()/w]
			}
		}
		return out
	}
	a, b := scaled(l, h), scaled(right, h*(92+r.IntN(9))/100)
	if wide := a.Rect.Dx(); b.Rect.Dx() > wide*5/4 || b.Rect.Dx() < wide*4/5 { // the halves of a book are alike
		b = scaled(right, min(h, b.Rect.Dy()*wide/b.Rect.Dx()))
	}
	margin, between := 0, 0
	if gap {
		margin, between = h/20+r.IntN(h/20), h/40+r.IntN(h/10)
	} else if r.IntN(2) == 0 {
		margin = r.IntN(h / 15)
	}
	w := a.Rect.Dx() + b.Rect.Dx() + between + 2*margin
	out := image.NewGray(image.Rect(0, 0, w, h+2*margin))
	ground := 10 + r.IntN(60)
	for i := range out.Pix {
		out.Pix[i] = byte(ground + r.IntN(20))
	}
	put := func(p *image.Gray, at int) {
		for y := range p.Rect.Dy() {
			copy(out.Pix[(y+margin+(h-p.Rect.Dy())/2)*w+at:], p.Pix[y*p.Stride:][:p.Rect.Dx()])
		}
	}
	put(a, margin)
	put(b, margin+a.Rect.Dx()+between)
	seam := margin + a.Rect.Dx() + between/2
	if !gap {
		deep, wide := 0.25+0.45*r.Float64(), float64(w)*(0.012+0.03*r.Float64())
		lean := (r.Float64() - 0.5) * 0.02 * float64(w)
		for y := range out.Rect.Dy() {
			for x := range w {
				d := math.Abs(float64(x) - float64(seam) - lean*(float64(y)/float64(out.Rect.Dy())-0.5))
				out.Pix[y*w+x] = byte(float64(out.Pix[y*w+x]) * (1 - deep*math.Exp(-d/wide)))
			}
		}
	}
	return out, seam
}

// picture gives an image to the decoder, as JPEG of some quality.
func picture(t *testing.T, r *rand.Rand, img image.Image) *Picture {
	t.Helper()
	return decode(t, write(t, "picture.jpg", encoded(t, func(b *bytes.Buffer) error {
		return jpeg.Encode(b, img, &jpeg.Options{Quality: 60 + r.IntN(38)})
	})))
}

// TestSplit: spreads are cut between their pages.
func TestSplit(t *testing.T) {
	pages := singles(t, 1)
	r := rand.New(rand.NewPCG(7, 11))
	for _, gap := range []bool{true, false} {
		n := soak(24, 600)
		right, wrong := 0, 0
		for range n {
			img, seam := openBook(r, pages[r.IntN(len(pages))], pages[r.IntN(len(pages))], gap)
			p := picture(t, r, img)
			s, ok := p.ProposeSplit()
			w := p.Size().X
			p.Close()
			switch off := math.Abs(float64(s.At - seam)); {
			case !ok:
			case gap && off <= 0.06*float64(w), off <= 0.02*float64(w):
				right++
			default:
				wrong++
				t.Logf("cut at %d of %d, the binding is at %d", s.At, w, seam)
			}
		}
		t.Logf("ground between the pages %v: %d of %d right, %d wrong", gap, right, n, wrong)
		least := 98
		if !gap { // some pages bring a dark ground of their own, in which the cut is as right
			least = 94
		}
		if right*100 < n*least || wrong*100 > n*5 {
			t.Errorf("ground between the pages %v: %d of %d right, %d wrong", gap, right, n, wrong)
		}
	}
}

// TestSplitNothing: no single page is cut, whichever way it lies, in whatever light.
func TestSplitNothing(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 5))
	for i, s := range realScans(t) {
		if i%soak(4, 1) != 0 || s.kind == "double-page" {
			continue
		}
		for _, file := range s.images(t) {
			p := decode(t, file)
			for turn := 0; turn < 360; turn += 90 {
				q, err := p.Oriented(1, turn)
				if err != nil {
					t.Fatal(err)
				}
				if cut, ok := q.ProposeSplit(); ok {
					t.Errorf("%s turned by %d is cut at %d", s.name, turn, cut.At)
				}
				q.Close()
			}
			p.Close()
		}
	}
	// A sheet that was folded, lying on its side; a page with a sliver of its neighbour.
	for _, page := range singles(t, soak(3, 1)) {
		for _, turn := range []bool{false, true} {
			img := image.NewGray(page.Rect)
			copy(img.Pix, page.Pix)
			if turn {
				img = image.NewGray(image.Rect(0, 0, page.Rect.Dy(), page.Rect.Dx()))
				for y := range page.Rect.Dy() {
					for x := range page.Rect.Dx() {
						img.Pix[x*img.Stride+y] = page.Pix[y*page.Stride+x]
					}
				}
			}
			w := img.Rect.Dx()
			at := w * (45 + r.IntN(11)) / 100
			for y := range img.Rect.Dy() {
				for x := range w {
					d := math.Abs(float64(x - at))
					img.Pix[y*img.Stride+x] = byte(float64(img.Pix[y*img.Stride+x]) * (1 - 0.35*math.Exp(-d/(0.004*float64(w)))))
				}
			}
			p := decode(t, write(t, "folded.png", encoded(t, func(b *bytes.Buffer) error { return png.Encode(b, img) })))
			if cut, ok := p.ProposeSplit(); ok {
				t.Errorf("a folded page (%v, turned %v) is cut at %d, folded at %d", img.Rect.Size(), turn, cut.At, at)
			}
			p.Close()
		}
	}
}

// A sketch that is turned with its picture is that of the turned picture.
func TestSketchTurns(t *testing.T) {
	img := image.NewGray(image.Rect(0, 0, 70, 45))
	for i := range img.Pix {
		img.Pix[i] = byte(i * 7)
	}
	p := decode(t, write(t, "turn.png", encoded(t, func(b *bytes.Buffer) error { return png.Encode(b, img) })))
	p.look()
	for o := scan.Orientation(1); o <= 8; o++ {
		for turn := 0; turn < 360; turn += 90 {
			q, err := p.Oriented(o, turn)
			if err != nil {
				t.Fatal(err)
			}
			had := q.look()
			size, grey := q.Grey()
			if had.size != size || !bytes.Equal(had.grey, grey) {
				t.Errorf("orientation %d turned by %d: the sketch is another picture", o, turn)
			}
			q.Close()
		}
	}
}
