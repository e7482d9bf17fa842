package prepare

import (
	"bytes"
	"image"
	"image/png"
	"math"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"testing"
)

// worth is the angle from which on a page is turned.
const worth = 0.1

func isText(kind string) bool {
	return slices.Contains([]string{"clean", "typewritten", "multicol", "earlyprint", "newspaper", "table", "fraktur", "noisy", "skewed"}, kind)
}

// Pages of text turned by known angles. A page's own skew is what the measurements at
// all these angles agree on; what one of them differs from it is left over after the
// page is turned by it. A page that is not sure of itself is not turned.
func TestSkewLeft(t *testing.T) {
	angles := []float64{0, -6.9, -4.13, -1.7, -0.45, 0.3, 1.27, 3.6, 6.7}
	var left []float64
	pages, unsure := 0, 0
	for i, s := range realScans(t) {
		if !isText(s.kind) || filepath.Ext(s.path) == ".pdf" || (i+3)%soak(6, 1) != 0 {
			continue
		}
		pages++
		p := decode(t, s.path)
		if p.Size().X*p.Size().Y > 40e6 {
			p = smaller(t, p) // turning a newspaper of 300 dpi nine times takes minutes
		}
		var own []float64
		var trusted []bool
		for _, a := range angles {
			q, err := p.Deskewed(a, image.Rectangle{})
			if err != nil {
				t.Fatal(err)
			}
			got, confidence := q.Skew()
			q.Close()
			own, trusted = append(own, got-a), append(trusted, confidence >= sureSkew)
			if confidence < sureSkew {
				unsure++
				t.Logf("%s turned by %g: %.2f at a confidence of %.1f", s.name, a, got, confidence)
			}
		}
		p.Close()
		sorted := slices.Sorted(slices.Values(own))
		zero := sorted[len(sorted)/2]
		for i, o := range own {
			if !trusted[i] {
				continue
			}
			left = append(left, math.Abs(o-zero))
			if d := math.Abs(o - zero); d > worth {
				t.Logf("%s turned by %g: %.3f degrees left", s.name, angles[i], d)
			}
		}
	}
	slices.Sort(left)
	p95 := left[len(left)*95/100]
	t.Logf("%d pages, %d measurements, %d unsure: left over p50 %.3f, p95 %.3f, at most %.3f degrees",
		pages, len(angles)*pages, unsure, left[len(left)/2], p95, left[len(left)-1])
	if p95 > 0.1 {
		t.Errorf("p95 %.3f degrees", p95)
	}
	if unsure*20 > len(angles)*pages {
		t.Errorf("unsure of %d in %d", unsure, len(angles)*pages)
	}
}

func smaller(t testing.TB, p *Picture) *Picture {
	t.Helper()
	defer p.Close()
	size, grey := p.Grey()
	img := image.NewGray(image.Rect(0, 0, size.X/2, size.Y/2))
	for y := range size.Y / 2 {
		for x := range size.X / 2 {
			i := 2*y*size.X + 2*x
			img.Pix[y*img.Stride+x] = byte((int(grey[i]) + int(grey[i+1]) + int(grey[i+size.X]) + int(grey[i+size.X+1]) + 2) / 4)
		}
	}
	return pictured(t, img)
}

func pictured(t testing.TB, img image.Image) *Picture {
	t.Helper()
	return decode(t, write(t, "page.png", encoded(t, func(b *bytes.Buffer) error { return png.Encode(b, img) })))
}

// canvas is a made page.
type canvas struct {
	*image.Gray
	*rand.Rand
}

func newCanvas(w, h int, paper byte, seed uint64) canvas {
	c := canvas{image.NewGray(image.Rect(0, 0, w, h)), rand.New(rand.NewPCG(seed, 7))}
	for i := range c.Pix {
		c.Pix[i] = byte(min(255, max(0, float64(paper)+2*c.NormFloat64())))
	}
	return c
}

func (c canvas) box(x, y, w, h float64, g byte) {
	for v := int(y); v < int(y+h); v++ {
		for u := int(x); u < int(x+w); u++ {
			if image.Pt(u, v).In(c.Rect) {
				c.Pix[c.PixOffset(u, v)] = g
			}
		}
	}
}

// stroke draws a straight line.
func (c canvas) stroke(x, y, u, v, width float64, g byte) {
	n := math.Hypot(u-x, v-y)
	for i := 0.0; i <= n; i++ {
		c.box(x+(u-x)*i/max(n, 1)-width/2, y+(v-y)*i/max(n, 1)-width/2, width, width, g)
	}
}

// letter draws one of a few strokes at its foot.
func (c canvas) letter(x, y, h float64) (width float64) {
	w, s := h*(0.5+0.5*c.Float64()), max(2, h/7)
	top := y - h
	if c.IntN(3) == 0 {
		top -= h * 0.5
	}
	c.stroke(x, top, x, y, s, 30)
	if c.IntN(5) == 0 {
		c.stroke(x, y, x, y+h*0.45, s, 30)
	}
	switch c.IntN(3) {
	case 0:
		c.stroke(x, y-h, x+w, y-h, s, 30)
		c.stroke(x+w, y-h, x+w, y, s, 30)
	case 1:
		c.stroke(x, y-h, x+w, y, s, 30)
	default:
		c.stroke(x, y-s/2, x+w, y-s/2, s, 30)
		c.stroke(x, y-h/2, x+w, y-h/2, s, 30)
	}
	return w
}

// line writes words along a slope.
func (c canvas) line(x, y, length, h, slope float64) {
	for from := x; x < from+length; {
		for range 2 + c.IntN(7) {
			x += c.letter(x, y+slope*(x-from), h) + h*0.35
		}
		x += h * (0.5 + 0.4*c.Float64())
	}
}

func TestSkewMade(t *testing.T) {
	var left []float64
	for seed := range uint64(soak(12, 60)) {
		c := newCanvas(1240, 1754, 235, seed)
		angle := c.Float64()*14 - 7
		slope := math.Tan(angle * math.Pi / 180)
		h := 9 + 8*c.Float64()
		for y := 250.0; y < 1500; y += 2.6 * h {
			c.line(150, y, 600+300*c.Float64(), h, slope)
		}
		if seed%2 == 1 { // a picture, askew otherwise, and a dark edge
			c.stroke(700, 400, 1100, 500, 200, 90)
			c.box(0, 0, 60, 1754, 5)
			c.stroke(0, 1700, 1240, 1740, 60, 5)
		}
		p := pictured(t, c.Gray)
		got, confidence := p.Skew()
		p.Close()
		if confidence < sureSkew {
			t.Errorf("page %d turned by %.2f: %.2f at a confidence of %.1f", seed, angle, got, confidence)
		}
		left = append(left, math.Abs(got-angle))
	}
	slices.Sort(left)
	t.Logf("%d pages: left over p50 %.3f, at most %.3f degrees", len(left), left[len(left)/2], left[len(left)-1])
	if m := left[len(left)-1]; m > 0.1 {
		t.Errorf("%.3f degrees are left", m)
	}
}

// withoutRows are made pages that have no lines of text.
var withoutRows = map[string]func(c canvas){
	"paper": func(c canvas) {},
	"noise": func(c canvas) {
		for i := range c.Pix {
			c.Pix[i] = byte(c.IntN(256))
		}
	},
	"pepper": func(c canvas) {
		for range 20000 {
			c.box(c.Float64()*1240, c.Float64()*1754, 1+4*c.Float64(), 1+4*c.Float64(), 20)
		}
	},
	"blots": func(c canvas) {
		for range 1500 {
			c.box(c.Float64()*1240, c.Float64()*1754, 5+14*c.Float64(), 5+14*c.Float64(), 20)
		}
	},
	"clouds": func(c canvas) { clouds(c, 1) },
	"leaves": func(c canvas) { clouds(c, 8) },
	"gravel": func(c canvas) { clouds(c, 30) },
	"screen": func(c canvas) { // of a printed picture, turned by some degrees
		a := c.Float64() * 0.2
		for y := range 1754 {
			for x := range 1240 {
				u, v := float64(x)*math.Cos(a)+float64(y)*math.Sin(a), float64(y)*math.Cos(a)-float64(x)*math.Sin(a)
				c.Pix[c.PixOffset(x, y)] = byte(130 + 60*math.Sin(u*0.7)*math.Sin(v*0.7) + 60*math.Sin(float64(x)/200)*math.Sin(float64(y)/150))
			}
		}
	},
	"wall": func(c canvas) {
		for r := range 40 {
			for i := range 20 {
				c.box(float64(60+i*56+r%2*28), float64(100+r*36), 48+2*c.Float64(), 28+2*c.Float64(), 90)
			}
		}
	},
	"front of a house": func(c canvas) {
		for r := range 9 {
			for i := range 12 {
				c.box(float64(80+i*90), float64(150+r*170)+float64(i)*3, 40, 80-float64(i), 40)
			}
		}
	},
	"drawing": func(c canvas) {
		for range 300 {
			x, y := c.Float64()*1240, c.Float64()*1754
			c.stroke(x, y, x+200*c.NormFloat64(), y+200*c.NormFloat64(), 2, 30)
		}
	},
	"hatching": func(c canvas) {
		for range 120 {
			x, y, a := c.Float64()*1100, c.Float64()*1600, c.Float64()
			for k := range 20 {
				c.stroke(x+float64(k)*8, y+2*c.NormFloat64(), x+float64(k)*8+15*a, y+20+2*c.NormFloat64(), 2, 30) // by hand
			}
		}
	},
	"a slanted line": func(c canvas) { c.line(200, 700, 600, 14, 0.08) },
	"two slanted lines": func(c canvas) {
		c.line(200, 700, 600, 14, 0.08)
		c.line(300, 1200, 300, 20, -0.05)
	},
	"scattered words": func(c canvas) {
		for range 30 {
			c.line(100+900*c.Float64(), 100+1500*c.Float64(), 120, 10+10*c.Float64(), c.NormFloat64()*0.3)
		}
	},
	"text on its side": func(c canvas) {
		page := newCanvas(1754, 1240, 235, c.Uint64())
		for y := 100.0; y < 1150; y += 34 {
			page.line(150, y, 1400, 13, 0.02)
		}
		for y := range 1754 {
			for x := range 1240 {
				c.Pix[c.PixOffset(x, y)] = page.Pix[page.PixOffset(1753-y, x)]
			}
		}
	},
	"black edges": func(c canvas) {
		c.stroke(0, 0, 1240, 60, 80, 5)
		c.stroke(0, 1750, 1240, 1690, 80, 5)
		c.stroke(0, 0, 60, 1754, 50, 5)
	},
}

// clouds sums waves of all directions; more are finer.
func clouds(c canvas, fine float64) {
	type wave struct{ u, v, p, a float64 }
	var waves []wave
	for k := range 40 {
		f := fine * math.Exp(c.NormFloat64()) * 0.004
		d := c.Float64() * 2 * math.Pi
		waves = append(waves, wave{f * math.Cos(d), f * math.Sin(d), c.Float64() * 7, 40 / math.Sqrt(float64(1+k))})
	}
	for y := range 1754 {
		for x := range 1240 {
			g := 150.0
			for _, w := range waves {
				g += w.a * math.Sin(w.u*float64(x)+w.v*float64(y)+w.p)
			}
			c.Pix[c.PixOffset(x, y)] = byte(min(255, max(0, g)))
		}
	}
}

// What has no lines of text is never turned.
func TestSkewOfPictures(t *testing.T) {
	for name, draw := range withoutRows {
		for seed := range uint64(soak(1, 10)) {
			c := newCanvas(1240, 1754, 230, seed)
			draw(c)
			p := pictured(t, c.Gray)
			degrees, confidence := p.Skew()
			p.Close()
			if confidence >= sureSkew && math.Abs(degrees) >= worth {
				t.Errorf("%s %d: %.2f degrees at a confidence of %.1f", name, seed, degrees, confidence)
			} else if confidence >= 1 {
				t.Logf("%s %d: %.2f degrees at a confidence of %.1f", name, seed, degrees, confidence)
			}
		}
	}
	for _, s := range realScans(t) {
		if s.kind != "blank" || filepath.Ext(s.path) == ".pdf" {
			continue
		}
		p := decode(t, s.path)
		if degrees, confidence := p.Skew(); confidence >= sureSkew {
			t.Errorf("%s: %.2f degrees at a confidence of %.1f", s.name, degrees, confidence)
		}
		p.Close()
	}
}
