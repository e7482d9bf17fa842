package prepare

import (
	"bytes"
	"image"
	"math"
	"math/rand/v2"
	"slices"
)

// leaf is a page in grey whose writing is known: found by a look of the test's own, not
// by that of the room that is tested.
type leaf struct {
	name    string
	img     *image.Gray
	letters []image.Rectangle
	photo   image.Rectangle // that runs off its edge; empty where there is none
}

// reduced gives an image with the longer side of about longest pixels, by means.
func reduced(size image.Point, grey []byte, longest int) *image.Gray {
	f := max(1, float64(max(size.X, size.Y))/float64(longest))
	out := image.NewGray(image.Rect(0, 0, max(1, int(float64(size.X)/f)), max(1, int(float64(size.Y)/f))))
	for y := range out.Rect.Dy() {
		y0 := int(float64(y) * f)
		y1 := max(y0+1, min(size.Y, int(float64(y+1)*f)))
		for x := range out.Rect.Dx() {
			x0 := int(float64(x) * f)
			x1 := max(x0+1, min(size.X, int(float64(x+1)*f)))
			sum := 0
			for v := y0; v < y1; v++ {
				for _, g := range grey[v*size.X+x0 : v*size.X+x1] {
					sum += int(g)
				}
			}
			out.Pix[y*out.Stride+x] = byte(sum / ((y1 - y0) * (x1 - x0)))
		}
	}
	return out
}

// lettersOf finds the letters of words: pieces darker than the mean around them, on bright
// ground, of which at least three stand side by side.
func lettersOf(img *image.Gray) []image.Rectangle {
	w, h := img.Rect.Dx(), img.Rect.Dy()
	sums := make([]int, (w+1)*(h+1))
	for y := range h {
		row := 0
		for x := range w {
			row += int(img.Pix[y*img.Stride+x])
			sums[(y+1)*(w+1)+x+1] = sums[y*(w+1)+x+1] + row
		}
	}
	white := quantile(img, 0.98)
	half := max(8, max(w, h)/60)
	ink := make([]bool, w*h)
	mean := func(r image.Rectangle) float64 {
		r = r.Intersect(img.Rect)
		s := sums[r.Max.Y*(w+1)+r.Max.X] - sums[r.Min.Y*(w+1)+r.Max.X] - sums[r.Max.Y*(w+1)+r.Min.X] + sums[r.Min.Y*(w+1)+r.Min.X]
		return float64(s) / float64(max(1, r.Dx()*r.Dy()))
	}
	for y := range h {
		for x := range w {
			g := float64(img.Pix[y*img.Stride+x])
			m := mean(image.Rect(x-half, y-half, x+half+1, y+half+1))
			ink[y*w+x] = g < 0.8*m && m-g > 25 && m > 0.55*white
		}
	}
	var all []image.Rectangle
	var stack []int
	for start := range ink {
		if !ink[start] {
			continue
		}
		box, n := image.Rectangle{}, 0
		ink[start] = false
		stack = append(stack[:0], start)
		for len(stack) > 0 {
			i := stack[len(stack)-1]
			stack = stack[:len(stack)-1]
			x, y := i%w, i/w
			box = box.Union(image.Rect(x, y, x+1, y+1))
			n++
			for v := max(0, y-1); v <= min(h-1, y+1); v++ {
				for u := max(0, x-1); u <= min(w-1, x+1); u++ {
					if j := v*w + u; ink[j] {
						ink[j] = false
						stack = append(stack, j)
					}
				}
			}
		}
		if dy, dx := box.Dy(), box.Dx(); dy >= 6 && dy <= 90 && dx >= 3 && dx <= 6*dy && n >= 14 && n*8 > dx*dy && n*20 < dx*dy*19 {
			all = append(all, box)
		}
	}
	slices.SortFunc(all, func(a, b image.Rectangle) int { return a.Min.X - b.Min.X })
	side := make([]int, len(all))
	for i, a := range all {
		for j := i + 1; j < len(all) && all[j].Min.X <= a.Max.X+a.Dy(); j++ {
			b := all[j]
			both := min(a.Max.Y, b.Max.Y) - max(a.Min.Y, b.Min.Y)
			if b.Min.X > a.Min.X+a.Dx()/2 && both*2 >= min(a.Dy(), b.Dy()) && max(a.Dy(), b.Dy()) <= 2*min(a.Dy(), b.Dy()) {
				side[i]++
				side[j]++
			}
		}
	}
	var out []image.Rectangle
	for i, a := range all {
		if side[i] >= 2 {
			out = append(out, a)
		}
	}
	return out
}

// grounds are what a page may lie on; each gives the grey of a place.
var grounds = []struct {
	name string
	of   func(r *rand.Rand) func(x, y int) float64
}{
	{"black", func(r *rand.Rand) func(x, y int) float64 {
		g := 4 + 30*r.Float64()
		return func(x, y int) float64 { return g + 3*r.NormFloat64() }
	}},
	{"dark", func(r *rand.Rand) func(x, y int) float64 {
		g, dx, dy := 50+50*r.Float64(), 0.02*(r.Float64()-0.5), 0.02*(r.Float64()-0.5)
		return func(x, y int) float64 { return g + dx*float64(x) + dy*float64(y) + 4*r.NormFloat64() }
	}},
	{"grey", func(r *rand.Rand) func(x, y int) float64 {
		g := 110 + 60*r.Float64()
		return func(x, y int) float64 { return g + 4*r.NormFloat64() }
	}},
	{"wood", func(r *rand.Rand) func(x, y int) float64 {
		g, f, p := 80+60*r.Float64(), 0.02+0.1*r.Float64(), 0.002+0.01*r.Float64()
		return func(x, y int) float64 {
			v := math.Sin(f*float64(y) + 4*math.Sin(p*float64(x)))
			return g + 18*v + 8*math.Sin(5.3*f*float64(y)+3*p*float64(x)) + 6*r.NormFloat64()
		}
	}},
	{"noisy", func(r *rand.Rand) func(x, y int) float64 {
		g, s := 20+60*r.Float64(), 15+25*r.Float64()
		return func(x, y int) float64 { return g + s*r.NormFloat64() }
	}},
}

// stamp copies some letters of a page to another place of it, on bare paper. It tells
// where they stand then, or nothing.
func stamp(r *rand.Rand, l *leaf, to *image.Gray, at image.Point, most int, paper float64) []image.Rectangle {
	for range 40 {
		if len(l.letters) == 0 {
			return nil
		}
		first := l.letters[r.IntN(len(l.letters))]
		if first.Dy() > 40 {
			continue
		}
		var out []image.Rectangle
		x := at.X
		for range most {
			c := l.letters[r.IntN(len(l.letters))]
			if c.Dy()*3 > first.Dy()*4 || first.Dy()*3 > c.Dy()*4 || c.Dx() > 2*c.Dy() {
				continue
			}
			box := image.Rect(x, at.Y-c.Dy(), x+c.Dx(), at.Y)
			if !box.In(to.Rect) {
				break
			}
			for v := range c.Dy() {
				for u := range c.Dx() {
					dark := min(1, float64(l.img.GrayAt(c.Min.X+u, c.Min.Y+v).Y)/max(1, paper))
					p := &to.Pix[to.PixOffset(box.Min.X+u, box.Min.Y+v)]
					*p = byte(float64(*p) * dark)
				}
			}
			out = append(out, box)
			x = box.Max.X + 2 + c.Dx()/4
		}
		if len(out) > 0 {
			return out
		}
	}
	return nil
}

// copied is a leaf that may be drawn on.
func (l *leaf) copied() *leaf {
	return &leaf{l.name, &image.Gray{Pix: bytes.Clone(l.img.Pix), Stride: l.img.Stride, Rect: l.img.Rect}, slices.Clone(l.letters), l.photo}
}

// white is the grey of the page's paper.
func (l *leaf) white() float64 { return quantile(l.img, 0.8) }

const darkestPaper = 128

// quantile is the grey that a share of the pixels stays below.
func quantile(img *image.Gray, share float64) float64 {
	var h [256]int
	for _, g := range img.Pix {
		h[g]++
	}
	for g, seen := 0, 0; g < 256; g++ {
		if seen += h[g]; float64(seen) > share*float64(len(img.Pix)) {
			return float64(g)
		}
	}
	return 255
}

// damages are what may be about the page itself.
var damages = []struct {
	name string
	do   func(r *rand.Rand, l *leaf) *leaf
}{
	{"tight", func(r *rand.Rand, l *leaf) *leaf { // its text runs to 1 to 2 mm of the paper's edge, on one side or all
		var box image.Rectangle
		for _, c := range l.letters {
			box = box.Union(c)
		}
		if box.Dx() < 60 || box.Dy() < 60 {
			return l
		}
		box = box.Inset(-l.img.Rect.Dx() * (5 + r.IntN(5)) / 1000).Intersect(l.img.Rect)
		out := &leaf{name: l.name, img: image.NewGray(image.Rectangle{Max: box.Size()})}
		for y := range box.Dy() {
			copy(out.img.Pix[y*out.img.Stride:], l.img.Pix[(y+box.Min.Y)*l.img.Stride+box.Min.X:][:box.Dx()])
		}
		for _, c := range l.letters {
			out.letters = append(out.letters, c.Sub(box.Min))
		}
		return out
	}},
	{"folio", func(r *rand.Rand, l *leaf) *leaf { // a number alone in the margin
		w, h := l.img.Rect.Dx(), l.img.Rect.Dy()
		white := l.white()
		if white < darkestPaper {
			return l // the most of this scan shows what lies around the page
		}
		for range 60 {
			x, y := 6+r.IntN(w-12), 20+r.IntN(h-26)
			switch r.IntN(4) {
			case 0:
				y = 26 + r.IntN(h/30+1)
			case 1:
				y = h - 6 - r.IntN(h/30+1)
			case 2:
				x = 6 + r.IntN(w/30+1)
			case 3:
				x = w - 40 - r.IntN(w/30+1)
			}
			free := true
			for v := max(0, y-30); v < min(h, y+4); v++ {
				for u := max(0, x-4); u < min(w, x+60); u++ {
					free = free && float64(l.img.Pix[v*l.img.Stride+u]) > 0.8*white
				}
			}
			if !free || x < 4 {
				continue
			}
			out := l.copied()
			out.letters = append(out.letters, stamp(r, l, out.img, image.Pt(x, y), 1+r.IntN(3), white)...)
			return out
		}
		return l
	}},
	{"yellowed", func(r *rand.Rand, l *leaf) *leaf {
		out := l.copied()
		f, edge := 0.55+0.3*r.Float64(), 0.25*r.Float64()
		w, h := float64(l.img.Rect.Dx()), float64(l.img.Rect.Dy())
		for i, g := range out.img.Pix {
			x, y := float64(i%out.img.Stride), float64(i/out.img.Stride)
			d := min(x, w-x, y, h-y) / w
			out.img.Pix[i] = byte(float64(g) * f * (1 - edge*math.Exp(-d/0.03)))
		}
		return out
	}},
	{"faint", func(r *rand.Rand, l *leaf) *leaf { // low contrast
		out := l.copied()
		white, keep := l.white(), 0.35+0.3*r.Float64()
		for i, g := range out.img.Pix {
			out.img.Pix[i] = byte(max(0, min(255, white+(float64(g)-white)*keep)))
		}
		return out
	}},
	{"photo", func(r *rand.Rand, l *leaf) *leaf { // a dark photograph runs off the edge
		out := l.copied()
		w, h := l.img.Rect.Dx(), l.img.Rect.Dy()
		deep, from, long := 0.1+0.3*r.Float64(), 0.5*r.Float64(), 0.35+0.65*r.Float64()
		a, b, c := 0.01+0.03*r.Float64(), 0.01+0.03*r.Float64(), 20+60*r.Float64()
		switch r.IntN(4) {
		case 0:
			out.photo = image.Rect(0, int(from*float64(h)), int(deep*float64(w)), int((from+long)*float64(h)))
		case 1:
			out.photo = image.Rect(w-int(deep*float64(w)), int(from*float64(h)), w, int((from+long)*float64(h)))
		case 2:
			out.photo = image.Rect(int(from*float64(w)), 0, int((from+long)*float64(w)), int(deep*float64(h)))
		case 3:
			out.photo = image.Rect(int(from*float64(w)), h-int(deep*float64(h)), int((from+long)*float64(w)), h)
		}
		out.photo = out.photo.Intersect(l.img.Rect)
		for y := out.photo.Min.Y; y < out.photo.Max.Y; y++ {
			for x := out.photo.Min.X; x < out.photo.Max.X; x++ {
				v := c + 40*math.Sin(a*float64(x)+2*math.Sin(b*float64(y))) + 25*math.Sin(b*float64(x+y)) + 8*r.NormFloat64()
				out.img.Pix[y*out.img.Stride+x] = byte(max(0, min(255, v)))
			}
		}
		out.letters = slices.DeleteFunc(out.letters, func(c image.Rectangle) bool { return c.Overlaps(out.photo) })
		return out
	}},
	{"tab", func(r *rand.Rand, l *leaf) *leaf { // an index tab with a letter or two: the sheet is wider there
		w, h := l.img.Rect.Dx(), l.img.Rect.Dy()
		deep, long := w/40+r.IntN(w/25+1), h/40+r.IntN(h/20+1)
		white := l.white()
		left := r.IntN(2) == 0
		out := &leaf{name: l.name, img: image.NewGray(image.Rect(0, 0, w+deep, h)), photo: l.photo}
		off := 0
		if left {
			off = deep
		}
		at := h/10 + r.IntN(h*7/10)
		for y := at; y < min(h, at+long); y++ {
			edge := l.img.Pix[y*l.img.Stride:][:w]
			if left && edge[0] < darkestPaper || !left && edge[w-1] < darkestPaper {
				return l // this scan shows what lies around the page, which has no tab
			}
		}
		for y := range h {
			row := out.img.Pix[y*out.img.Stride:]
			copy(row[off:], l.img.Pix[y*l.img.Stride:][:w])
			for x := range deep {
				u := x
				if !left {
					u = w + x
				}
				if y >= at && y < at+long {
					row[u] = byte(max(1, white-r.Float64()*4))
				} // else nothing: 0 is a hole, where the ground is seen
			}
		}
		for _, c := range l.letters {
			out.letters = append(out.letters, c.Add(image.Pt(off, 0)))
		}
		x := w + 4
		if left {
			x = 4
		}
		box := stamp(r, l, out.img, image.Pt(x, at+long-4), 1+r.IntN(3), white)
		for _, c := range box {
			if c.Min.Y > at && c.Max.X <= x-4+deep {
				out.letters = append(out.letters, c)
			}
		}
		return out
	}},
}

// pasted is a page on a ground, and where it is there.
type pasted struct {
	img     *image.Gray
	letters [][4][2]float64 // corners, clockwise
	photo   [][2]float64    // places in the photograph
	around  []image.Point   // places that are not of the page
}

// paste lays a page on a ground with margins of 2 to 20 %, leaning by some degrees.
func paste(r *rand.Rand, l *leaf, ground func(x, y int) float64, lean float64, ragged, finger bool) *pasted {
	w, h := l.img.Rect.Dx(), l.img.Rect.Dy()
	margin := func() float64 { return 0.02 + 0.18*r.Float64() }
	s, c := math.Sincos(lean * math.Pi / 180)
	gw, gh := math.Abs(c)*float64(w)+math.Abs(s)*float64(h), math.Abs(s)*float64(w)+math.Abs(c)*float64(h)
	left, top := margin()*gw, margin()*gh
	W, H := int(left+gw+margin()*gw), int(top+gh+margin()*gh)
	cx, cy := left+gw/2, top+gh/2
	out := &pasted{img: image.NewGray(image.Rect(0, 0, W, H))}
	to := func(x, y float64) [2]float64 {
		x, y = x-float64(w)/2, y-float64(h)/2
		return [2]float64{c*x - s*y + cx, s*x + c*y + cy}
	}
	white := l.white()
	// The thumb that holds the page: it comes from outside and lies over its edge.
	var thumb [5]float64
	if finger {
		side, along := r.IntN(4), 0.15+0.7*r.Float64()
		x, y := along*float64(w), along*float64(h)
		angle := 0.0
		switch side {
		case 0:
			x = 0
		case 1:
			x, angle = float64(w), math.Pi
		case 2:
			y, angle = 0, math.Pi/2
		case 3:
			y, angle = float64(h), -math.Pi/2
		}
		p := to(x, y)
		wide := float64(w) * (0.03 + 0.04*r.Float64())
		thumb = [5]float64{p[0], p[1], angle + (r.Float64()-0.5)*0.8, wide, 90 + 100*r.Float64()}
	}
	under := func(x, y float64) (float64, bool) {
		if !finger {
			return 0, false
		}
		sn, cs := math.Sincos(thumb[2])
		u, v := cs*(x-thumb[0])+sn*(y-thumb[1]), -sn*(x-thumb[0])+cs*(y-thumb[1])
		if u > thumb[3]*0.7 || math.Abs(v) > thumb[3] || u > 0 && math.Hypot(u/0.7, v) > thumb[3] {
			return 0, false
		}
		return thumb[4] - 30*v*v/thumb[3]/thumb[3] + 2*r.NormFloat64(), true
	}
	// A ragged border: bare paper goes on beyond the page for up to half of the margin, and
	// ends in teeth.
	edge := make([]float64, 4*max(W, H))
	if ragged {
		v := 0.2 * left
		for i := range edge {
			v = max(2, min(0.5*min(left, top), v+1.5*r.NormFloat64()))
			edge[i] = v
		}
	}
	around := 0
	for y := range H {
		for x := range W {
			dx, dy := float64(x)+0.5-cx, float64(y)+0.5-cy
			u, v := c*dx+s*dy+float64(w)/2, -s*dx+c*dy+float64(h)/2
			var g float64
			on := u >= 0.5 && v >= 0.5 && u < float64(w)-0.5 && v < float64(h)-0.5
			if on {
				iu, iv := int(u-0.5), int(v-0.5)
				fu, fv := u-0.5-float64(iu), v-0.5-float64(iv)
				p := l.img.Pix[iv*l.img.Stride+iu:]
				n := 1
				if iu+1 >= w {
					n = 0
				}
				q := p
				if iv+1 < h {
					q = p[l.img.Stride:]
				}
				g = (float64(p[0])*(1-fu)+float64(p[n])*fu)*(1-fv) + (float64(q[0])*(1-fu)+float64(q[n])*fu)*fv
				on = g > 0.5 || p[0] != 0 || q[0] != 0
			}
			if !on {
				g = ground(x, y)
				off := max(-u, u-float64(w), -v, v-float64(h))
				if ragged && off < edge[(x*2+y*2)%len(edge)] && off < edge[(W+H+x-y)%len(edge)] {
					g = white * 0.97
				} else if around++; around%97 == 0 {
					out.around = append(out.around, image.Pt(x, y))
				}
			}
			if t, is := under(float64(x), float64(y)); is {
				g = t
			}
			out.img.Pix[y*out.img.Stride+x] = byte(max(0, min(255, g)))
		}
	}
	for _, b := range l.letters {
		q := [4][2]float64{to(float64(b.Min.X), float64(b.Min.Y)), to(float64(b.Max.X), float64(b.Min.Y)),
			to(float64(b.Max.X), float64(b.Max.Y)), to(float64(b.Min.X), float64(b.Max.Y))}
		hidden := false
		for _, p := range q {
			_, is := under(p[0], p[1])
			hidden = hidden || is
		}
		if !hidden {
			out.letters = append(out.letters, q)
		}
	}
	for y := l.photo.Min.Y; y < l.photo.Max.Y; y += 10 {
		for x := l.photo.Min.X; x < l.photo.Max.X; x += 10 {
			out.photo = append(out.photo, to(float64(x), float64(y)))
		}
	}
	return out
}
