package prepare

import (
	"fmt"
	"image"
	"image/draw"
	"math"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// stretched gives an image in another size, by the nearest pixel.
func stretched(p *image.Gray, w, h int) *image.Gray {
	out := image.NewGray(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			out.Pix[y*w+x] = p.Pix[(y*p.Rect.Dy()/h)*p.Stride+x*p.Rect.Dx()/w]
		}
	}
	return out
}

func filled(w, h int, of func(x, y int) float64) *image.Gray {
	out := image.NewGray(image.Rect(0, 0, w, h))
	for i := range out.Pix {
		out.Pix[i] = byte(max(0, min(255, of(i%w, i/w))))
	}
	return out
}

// bare is a page without text, of the paper of another.
func bare(r *rand.Rand, like *image.Gray) *image.Gray {
	white := (&leaf{img: like}).white()
	return filled(like.Rect.Dx(), like.Rect.Dy(), func(int, int) float64 { return white + 2*r.NormFloat64() })
}

// swung turns an image clockwise by some degrees on a ground.
func swung(img *image.Gray, degrees float64, ground func(x, y int) float64) (*image.Gray, func(x, y float64) (float64, float64)) {
	s, c := math.Sincos(degrees * math.Pi / 180)
	w, h := float64(img.Rect.Dx()), float64(img.Rect.Dy())
	W, H := c*w+math.Abs(s)*h, math.Abs(s)*w+c*h
	out := filled(int(W), int(H), func(x, y int) float64 {
		dx, dy := float64(x)+0.5-W/2, float64(y)+0.5-H/2
		u, v := int(math.Floor(c*dx+s*dy+w/2)), int(math.Floor(-s*dx+c*dy+h/2))
		if u < 0 || v < 0 || u >= img.Rect.Dx() || v >= img.Rect.Dy() {
			return ground(x, y)
		}
		return float64(img.Pix[v*img.Stride+u])
	})
	return out, func(x, y float64) (float64, float64) {
		x, y = x-w/2, y-h/2
		return c*x - s*y + W/2, s*x + c*y + H/2
	}
}

// shadowed darkens an image along an upright line.
func shadowed(img *image.Gray, at float64, deep, wide, lean float64) {
	w, h := img.Rect.Dx(), img.Rect.Dy()
	for y := range h {
		for x := range w {
			d := math.Abs(float64(x) + 0.5 - at - lean*(float64(y)/float64(h)-0.5))
			img.Pix[y*img.Stride+x] = byte(float64(img.Pix[y*img.Stride+x]) * (1 - deep*math.Exp(-d/wide)))
		}
	}
}

// pair is two pages side by side and the columns between which they may be cut.
type pair struct {
	img      *image.Gray
	from, to float64
}

// abreast lays two pages side by side, the right one of another height by a factor, on a
// ground around by a margin, with a gap between.
func abreast(r *rand.Rand, a, b *image.Gray, other float64, margin, gap int, ground func(x, y int) float64) pair {
	h := 1000 + r.IntN(900)
	l := stretched(a, a.Rect.Dx()*h/a.Rect.Dy(), h)
	h2 := int(float64(h) * other)
	w2 := int(float64(b.Rect.Dx()*h2/b.Rect.Dy())*0.3 + float64(l.Rect.Dx())*other*0.7) // the halves of a book are alike
	right := stretched(b, w2, h2)
	if margin > 0 {
		margin = margin * h / 100
	}
	gap = gap * h / 100
	tall := max(h, h2)
	out := filled(l.Rect.Dx()+w2+gap+2*margin, tall+2*margin, ground)
	at := [2]int{(tall - h) * r.IntN(3) / 2, (tall - h2) * r.IntN(3) / 2}
	draw.Draw(out, l.Rect.Add(image.Pt(margin, margin+at[0])), l, image.Point{}, draw.Src)
	draw.Draw(out, right.Rect.Add(image.Pt(margin+l.Rect.Dx()+gap, margin+at[1])), right, image.Point{}, draw.Src)
	seam := float64(margin + l.Rect.Dx())
	return pair{out, seam, seam + float64(gap)}
}

// spreads are the kinds of openings that occur.
var spreads = []struct {
	name  string
	least int // per cent that must be cut right; where no shadow shows the seam few are, so that no page is cut in two
	make  func(r *rand.Rand, a, b *image.Gray) pair
}{
	{"flat, as one paper", 25, func(r *rand.Rand, a, b *image.Gray) pair {
		white := (&leaf{img: a}).white()
		return abreast(r, a, levelTo(b, white), 0.97+0.03*r.Float64(), 0, 0, func(int, int) float64 { return white })
	}},
	{"flat, with the margins of books", 75, func(r *rand.Rand, a, b *image.Gray) pair {
		white := (&leaf{img: a}).white()
		shape, inner := 1.25+0.35*r.Float64(), 0.1+0.05*r.Float64()
		outer := inner * (0.9 + 0.5*r.Float64())
		page := func(p *image.Gray, left bool) *image.Gray {
			p = block(levelTo(p, white))
			w := int(float64(p.Rect.Dx()) / (1 - inner - outer))
			h := int(float64(w) * shape)
			at := int(inner * float64(w))
			if left {
				at = int(outer * float64(w))
			}
			out := filled(w, h, func(int, int) float64 { return white })
			draw.Draw(out, image.Rect(at, h/10, at+p.Rect.Dx(), min(h/10+p.Rect.Dy(), h*9/10)), p, image.Point{}, draw.Src)
			return out
		}
		return abreast(r, page(a, true), page(b, false), 1, 0, 0, func(int, int) float64 { return white })
	}},
	{"flat, two papers", 75, func(r *rand.Rand, a, b *image.Gray) pair {
		return abreast(r, a, b, 1, 0, 0, func(int, int) float64 { return 250 })
	}},
	{"unequal, apart", 90, func(r *rand.Rand, a, b *image.Gray) pair {
		return abreast(r, a, b, 0.75+0.2*r.Float64(), 2+r.IntN(8), 2+r.IntN(8), grounds[r.IntN(2)].of(r))
	}},
	{"unequal, bound", 85, func(r *rand.Rand, a, b *image.Gray) pair {
		p := abreast(r, a, b, 0.85+0.12*r.Float64(), 2+r.IntN(8), 0, grounds[r.IntN(2)].of(r))
		shadowed(p.img, p.from, 0.3+0.4*r.Float64(), float64(p.img.Rect.Dx())*(0.012+0.02*r.Float64()), 0)
		return p
	}},
	{"one half bare, apart", 90, func(r *rand.Rand, a, b *image.Gray) pair {
		if r.IntN(2) == 0 {
			return abreast(r, bare(r, a), b, 0.95+0.05*r.Float64(), 2+r.IntN(8), 2+r.IntN(8), grounds[r.IntN(2)].of(r))
		}
		return abreast(r, a, bare(r, b), 0.95+0.05*r.Float64(), 2+r.IntN(8), 2+r.IntN(8), grounds[r.IntN(2)].of(r))
	}},
	{"one half bare, bound", 70, func(r *rand.Rand, a, b *image.Gray) pair {
		if r.IntN(2) == 0 {
			a = bare(r, a)
		} else {
			b = bare(r, b)
		}
		p := abreast(r, a, b, 0.97+0.03*r.Float64(), r.IntN(6), 0, grounds[r.IntN(2)].of(r))
		shadowed(p.img, p.from, 0.35+0.35*r.Float64(), float64(p.img.Rect.Dx())*(0.012+0.02*r.Float64()), 0)
		return p
	}},
	{"a picture across", 85, func(r *rand.Rand, a, b *image.Gray) pair {
		p := abreast(r, a, b, 1, r.IntN(6), 0, grounds[r.IntN(2)].of(r))
		w, h := p.img.Rect.Dx(), p.img.Rect.Dy()
		box := image.Rect(int(p.from)-w/10-r.IntN(w/6), 0, int(p.from)+w/10+r.IntN(w/6), h*(20+r.IntN(25))/100).Add(image.Pt(0, h/12+r.IntN(h*4/10)))
		fa, fb, c := 0.01+0.03*r.Float64(), 0.01+0.03*r.Float64(), 60+60*r.Float64()
		for y := box.Min.Y; y < min(box.Max.Y, h); y++ {
			for x := box.Min.X; x < box.Max.X; x++ {
				p.img.Pix[y*w+x] = byte(max(0, min(255, c+40*math.Sin(fa*float64(x)+2*math.Sin(fb*float64(y)))+25*math.Sin(fb*float64(x+y))+8*r.NormFloat64())))
			}
		}
		shadowed(p.img, p.from, 0.35+0.35*r.Float64(), float64(w)*(0.012+0.02*r.Float64()), 0)
		return p
	}},
	{"leaning, apart", 90, func(r *rand.Rand, a, b *image.Gray) pair {
		ground := grounds[r.IntN(2)].of(r)
		return leant(r, abreast(r, a, b, 0.95+0.05*r.Float64(), 2+r.IntN(8), 4+r.IntN(8), ground), ground)
	}},
	{"leaning, bound", 90, func(r *rand.Rand, a, b *image.Gray) pair {
		ground := grounds[r.IntN(2)].of(r)
		p := abreast(r, a, b, 0.97+0.03*r.Float64(), r.IntN(6), 0, ground)
		shadowed(p.img, p.from, 0.35+0.35*r.Float64(), float64(p.img.Rect.Dx())*(0.012+0.02*r.Float64()), 0)
		return leant(r, p, ground)
	}},
	{"leaning, flat", 25, func(r *rand.Rand, a, b *image.Gray) pair {
		white := (&leaf{img: a}).white()
		ground := func(int, int) float64 { return white }
		return leant(r, abreast(r, a, levelTo(b, white), 1, 0, 0, ground), ground)
	}},
	{"photographed, a faint binding", 85, func(r *rand.Rand, a, b *image.Gray) pair {
		ground := grounds[r.IntN(2)].of(r)
		white := (&leaf{img: a}).white()
		paper := func(int, int) float64 { return white }
		b = levelTo(b, white)
		l, _ := swung(a, 2*(r.Float64()-0.5), paper)
		right, _ := swung(b, 2*(r.Float64()-0.5), paper)
		p := abreast(r, l, right, 1, 4+r.IntN(8), 0, ground)
		shadowed(p.img, p.from, 0.12+0.5*r.Float64(), float64(p.img.Rect.Dx())*(0.002+0.006*r.Float64()), 0)
		return leant(r, p, ground)
	}},
}

// leant is a pair turned by up to 3 degrees: it must be cut where the middle of its seam is.
func leant(r *rand.Rand, p pair, ground func(x, y int) float64) pair {
	img, to := swung(p.img, 6*(r.Float64()-0.5), ground)
	h := float64(p.img.Rect.Dy()) / 2
	from, _ := to(p.from, h)
	last, _ := to(p.to, h)
	return pair{img, from, last}
}

// levelTo brings a page's paper to a grey.
func levelTo(img *image.Gray, white float64) *image.Gray {
	is := (&leaf{img: img}).white()
	return filled(img.Rect.Dx(), img.Rect.Dy(), func(x, y int) float64 {
		return float64(img.Pix[y*img.Stride+x]) * white / max(1, is)
	})
}

// plain are the upright single pages that show nothing of what lies around them, but for
// those with something that the manifest says of them.
func plain(t *testing.T, some int, without ...string) []*image.Gray {
	t.Helper()
	var out []*image.Gray
	n := 0
	for _, s := range realScans(t) {
		switch s.kind {
		case "clean", "earlyprint", "fraktur", "noisy", "typewritten", "multicol":
		default:
			continue
		}
		if !s.known || slices.ContainsFunc(without, func(w string) bool {
			return strings.Contains(s.note+s.kind, w) || w == "column" && s.kind == "multicol"
		}) ||
			strings.Contains(s.note, "dark") || filepath.Ext(s.path) == ".pdf" {
			continue
		}
		if n++; n%some != 0 {
			continue
		}
		p := decode(t, s.path)
		if size, grey := p.Grey(); size.Y > size.X {
			out = append(out, reduced(size, grey, 1900))
		}
		p.Close()
	}
	return out
}

// bareBetween tells whether a cut beside a seam that nobody can see leaves every letter on
// its own page: none stands between both.
func bareBetween(img *image.Gray, cut, from, to float64) bool {
	w := float64(img.Rect.Dx())
	if cut < from-0.06*w || cut > to+0.06*w {
		return false
	}
	a, b := int(min(cut, from)), int(max(cut, to))
	for _, l := range lettersOf(img) {
		if l.Max.X > a+2 && l.Min.X < b-2 {
			return false
		}
	}
	return true
}

// TestSpreads: openings of many kinds are cut between their pages, and never elsewhere.
func TestSpreads(t *testing.T) {
	pages := plain(t, soak(2, 1))
	r := rand.New(rand.NewPCG(23, 29))
	for _, kind := range spreads {
		n := soak(8, 40)
		right, wrong := 0, 0
		for i := range n {
			s := kind.make(r, pages[r.IntN(len(pages))], pages[r.IntN(len(pages))])
			p := picture(t, r, s.img)
			cut, ok := p.ProposeSplit()
			p.Close()
			slack := 0.02 * float64(s.img.Rect.Dx())
			switch at := float64(cut.At); {
			case !ok:
				keepImage(t, fmt.Sprintf("whole %s %d", kind.name, i), s.img)
			case at >= s.from-slack && at <= s.to+slack, ok && bareBetween(s.img, at, s.from, s.to):
				right++
			default:
				wrong++
				keepImage(t, fmt.Sprintf("wrong %s %d", kind.name, i), s.img)
				t.Logf("%s: cut at %d of %d, the seam is at %.0f to %.0f", kind.name, cut.At, s.img.Rect.Dx(), s.from, s.to)
			}
		}
		t.Logf("%-30s %3d: %3d cut right, %d wrong", kind.name, n, right, wrong)
		if right*100 < n*kind.least || wrong*100 > n*5 {
			t.Errorf("%s: of %d spreads %d are cut right, %d wrong", kind.name, n, right, wrong)
		}
	}
}

// block is the part of a page with its text, and a little around it.
func block(img *image.Gray) *image.Gray {
	var box image.Rectangle
	for _, l := range lettersOf(img) {
		box = box.Union(l)
	}
	box = box.Inset(-4).Intersect(img.Rect)
	if box.Dx() < 100 || box.Dy() < 100 {
		return img
	}
	out := image.NewGray(image.Rectangle{Max: box.Size()})
	draw.Draw(out, out.Rect, img, box.Min, draw.Src)
	return out
}

// sheet is bare paper of a shape.
func sheet(r *rand.Rand, w, h int) *image.Gray {
	white := 210 + 40*r.Float64()
	return filled(w, h, func(int, int) float64 { return white + 2*r.NormFloat64() })
}

// wholes are the kinds of single pages that look like two.
var wholes = []struct {
	name string
	make func(r *rand.Rand, blocks []*image.Gray) *image.Gray
}{
	{"columns", func(r *rand.Rand, blocks []*image.Gray) *image.Gray {
		return columns(r, blocks, 2+r.IntN(3), r.IntN(2) == 0, false)
	}},
	{"two columns", func(r *rand.Rand, blocks []*image.Gray) *image.Gray {
		return columns(r, blocks, 2, false, false)
	}},
	{"two columns with a rule", func(r *rand.Rand, blocks []*image.Gray) *image.Gray {
		return columns(r, blocks, 2, r.IntN(2) == 0, true)
	}},
	{"table", func(r *rand.Rand, blocks []*image.Gray) *image.Gray {
		h := 900 + r.IntN(600)
		w := h * (110 + r.IntN(70)) / 100
		out := sheet(r, w, h)
		n := 2 + r.IntN(8)
		m := w / 16
		cell := (w - 2*m) / n
		rules := r.IntN(3)
		for y := h / 10; y < h*9/10; y += 26 {
			for c := range n {
				b := blocks[(c*7+y)%len(blocks)]
				wide := cell * (30 + r.IntN(60)) / 100
				from := image.Pt(r.IntN(max(1, b.Rect.Dx()-wide)), r.IntN(max(1, b.Rect.Dy()-22)))
				dark(out, image.Rect(0, 0, wide, 20).Add(image.Pt(m+c*cell+cell/20, y)), b, from)
			}
		}
		for c := range n + 1 {
			if rules == 0 || rules == 1 && c != (n+1)/2 {
				continue
			}
			x := m + c*cell - 2
			draw.Draw(out, image.Rect(x, h/12, x+2+r.IntN(3), h*92/100), image.Black, image.Point{}, draw.Src)
		}
		return out
	}},
	{"folded", func(r *rand.Rand, blocks []*image.Gray) *image.Gray { // lines run across the crease
		b := blocks[r.IntN(len(blocks))]
		w := b.Rect.Dx() * 115 / 100
		h := min(b.Rect.Dy(), w*10/(11+r.IntN(6)))
		out := sheet(r, w, h)
		dark(out, image.Rect(0, 0, b.Rect.Dx(), h-h/8).Add(image.Pt((w-b.Rect.Dx())/2, h/16)), b, image.Point{})
		shadowed(out, float64(w)*(0.45+0.1*r.Float64()), 0.15+0.3*r.Float64(), float64(w)*(0.002+0.008*r.Float64()), 0)
		return out
	}},
	{"folded, lit from the side", func(r *rand.Rand, blocks []*image.Gray) *image.Gray {
		b := blocks[r.IntN(len(blocks))]
		w := b.Rect.Dx() * 115 / 100
		h := min(b.Rect.Dy(), w*10/(11+r.IntN(6)))
		out := sheet(r, w, h)
		dark(out, image.Rect(0, 0, b.Rect.Dx(), h-h/8).Add(image.Pt((w-b.Rect.Dx())/2, h/16)), b, image.Point{})
		at, lean, less := float64(w)*(0.45+0.1*r.Float64()), float64(w)*0.02*(r.Float64()-0.5), 0.03+0.15*r.Float64()
		left := r.IntN(2) == 0
		for y := range h {
			for x := range w {
				if (float64(x) < at+lean*(float64(y)/float64(h)-0.5)) == left {
					out.Pix[y*out.Stride+x] = byte(float64(out.Pix[y*out.Stride+x]) * (1 - less))
				}
			}
		}
		return out
	}},
	{"half a page", func(r *rand.Rand, blocks []*image.Gray) *image.Gray {
		b := blocks[r.IntN(len(blocks))]
		w := b.Rect.Dx() * 110 / 100
		h := min(b.Rect.Dy(), w*10/(11+r.IntN(6)))
		out := sheet(r, w, h)
		dark(out, image.Rect(0, 0, b.Rect.Dx(), h).Add(image.Pt((w-b.Rect.Dx())/2, 0)), b, image.Pt(0, r.IntN(max(1, b.Rect.Dy()-h))))
		return out
	}},
	{"title", func(r *rand.Rand, blocks []*image.Gray) *image.Gray {
		h := 900 + r.IntN(600)
		w := h * (110 + r.IntN(60)) / 100
		out := sheet(r, w, h)
		for y := h / 8; y < h*7/8; y += 40 + r.IntN(150) {
			b := blocks[r.IntN(len(blocks))]
			wide := min(b.Rect.Dx(), w/8+r.IntN(w/2))
			dark(out, image.Rect(0, 0, wide, 24).Add(image.Pt((w-wide)/2, y)), b, image.Pt(0, r.IntN(max(1, b.Rect.Dy()-24))))
		}
		return out
	}},
	{"bilingual", func(r *rand.Rand, blocks []*image.Gray) *image.Gray { // paragraphs face one another
		h := 900 + r.IntN(600)
		w := h * (115 + r.IntN(50)) / 100
		out := sheet(r, w, h)
		m, gap := w*(7+r.IntN(5))/100, w*(3+r.IntN(4))/100
		wide := (w - 2*m - gap) / 2
		for y := h / 10; y < h*8/10; y += 40 {
			tall := min(h*9/10-y, 60+r.IntN(200))
			for c := range 2 {
				b := blocks[r.IntN(len(blocks))]
				b = stretched(b, wide, b.Rect.Dy()*wide/b.Rect.Dx())
				t := tall * (70 + r.IntN(30)) / 100
				dark(out, image.Rect(0, 0, wide, t).Add(image.Pt(m+c*(wide+gap), y)), b, image.Pt(0, r.IntN(max(1, b.Rect.Dy()-t))))
			}
			y += tall
		}
		return out
	}},
}

// dark puts a part of a page's text on a sheet: the darker of both stays.
func dark(to *image.Gray, at image.Rectangle, from *image.Gray, p image.Point) {
	white := (&leaf{img: from}).white()
	for y := at.Min.Y; y < at.Max.Y; y++ {
		for x := at.Min.X; x < at.Max.X; x++ {
			q := image.Pt(p.X+x-at.Min.X, p.Y+y-at.Min.Y)
			if !q.In(from.Rect) || !image.Pt(x, y).In(to.Rect) {
				continue
			}
			v := &to.Pix[to.PixOffset(x, y)]
			*v = byte(float64(*v) * min(1, float64(from.Pix[q.Y*from.Stride+q.X])/max(1, white)))
		}
	}
}

// columns is a sheet that is wider than high, printed in columns.
func columns(r *rand.Rand, blocks []*image.Gray, n int, headline, rule bool) *image.Gray {
	h := 900 + r.IntN(700)
	w := h * (106 + r.IntN(64)) / 100
	out := sheet(r, w, h)
	m, gap := w*(4+r.IntN(8))/100, w*(2+r.IntN(4))/100
	wide := (w - 2*m - (n-1)*gap) / n
	top := h * (5 + r.IntN(6)) / 100
	if headline {
		b := blocks[r.IntN(len(blocks))]
		dark(out, image.Rect(0, 0, w/2+r.IntN(w/4), 40).Add(image.Pt(w/8+r.IntN(w/8), top)), stretched(b, b.Rect.Dx()*2, b.Rect.Dy()*2), image.Point{})
		top += 60
	}
	for c := range n {
		b := blocks[r.IntN(len(blocks))]
		b = stretched(b, wide, b.Rect.Dy()*wide/b.Rect.Dx())
		x := m + c*(wide+gap)
		for y := top; y < h-h/12; y += b.Rect.Dy() {
			dark(out, image.Rect(x, y, x+wide, min(y+b.Rect.Dy(), h-h/12)), b, image.Point{})
		}
		if rule && c > 0 {
			at := x - gap/2
			draw.Draw(out, image.Rect(at, top, at+1+r.IntN(3), h-h/12), image.Black, image.Point{}, draw.Src)
		}
	}
	return out
}

// even is a page without the shadows that it was scanned with: pasted beside another one
// they would be the shadow of a binding.
func even(t *testing.T, img *image.Gray) *image.Gray {
	t.Helper()
	p := picture(t, rand.New(rand.NewPCG(0, 0)), img)
	defer p.Close()
	q, err := p.Levelled()
	if err != nil {
		t.Fatal(err)
	}
	defer q.Close()
	size, grey := q.Grey()
	return &image.Gray{Pix: slices.Clone(grey), Stride: size.X, Rect: image.Rectangle{Max: size}}
}

// TestWholePages: no single page is cut, however much it looks like two.
func TestWholePages(t *testing.T) {
	pages := plain(t, soak(2, 1), "column") // of these, each makes a sheet whose lines run across it
	var blocks []*image.Gray
	for _, p := range pages {
		longest := 1400
		blocks = append(blocks, block(even(t, reduced(p.Rect.Size(), p.Pix, longest))))
	}
	r := rand.New(rand.NewPCG(31, 37))
	for _, kind := range wholes {
		n := soak(10, 60)
		cuts := 0
		for i := range n {
			img := kind.make(r, blocks)
			if r.IntN(3) == 0 {
				ground := grounds[r.IntN(len(grounds))].of(r)
				lean := 6 * (r.Float64() - 0.5)
				img = paste(r, &leaf{img: img}, ground, lean, false, false).img
			}
			p := picture(t, r, img)
			if cut, ok := p.ProposeSplit(); ok {
				cuts++
				t.Logf("%s %d: cut at %d of %d", kind.name, i, cut.At, img.Rect.Dx())
				keepImage(t, fmt.Sprintf("cut %s %d", kind.name, i), img)
			}
			p.Close()
		}
		t.Logf("%-30s %3d: %d cut", kind.name, n, cuts)
		// A list of names of which the heading alone runs across a deep crease is taken for
		// two pages.
		if cuts > soak(0, 2) || cuts > 0 && !strings.HasPrefix(kind.name, "folded") {
			t.Errorf("%s: of %d single pages %d are cut", kind.name, n, cuts)
		}
	}
}

// TestRealSpreads: the real scans of two pages are cut near their middle.
func TestRealSpreads(t *testing.T) {
	for _, s := range realScans(t) {
		if s.kind != "double-page" {
			continue
		}
		p := decode(t, s.path)
		cut, ok := p.ProposeSplit()
		if w := p.Size().X; !ok || cut.At*100 < w*45 || cut.At*100 > w*55 {
			t.Errorf("%s: cut at %d of %d, %v", s.name, cut.At, w, ok)
		}
	}
}
