package prepare

import (
	"image"
	"math"
	"slices"
)

// ground is a small view of a picture without its writing: what is paper and what lies
// around it.
type ground struct {
	scale float64 // pixels of the picture to one of the ground
	size  image.Point
	level []byte // greys, ink closed over by the paper around it
	paper int    // grey of the bright parts
}

// longestGround is the longer side of a ground: A4 is seen with some 50 dpi.
const longestGround = 600

// newGround looks at a sketch.
func newGround(s *sketch) *ground {
	step := max(1, (max(s.size.X, s.size.Y)+longestGround-1)/longestGround)
	g := &ground{scale: float64(step * s.scale), size: s.size.Div(step)}
	if g.size.X < 16 || g.size.Y < 16 {
		return nil
	}
	small := make([]byte, g.size.X*g.size.Y)
	for y := range g.size.Y {
		for x := range g.size.X {
			sum := 0
			for v := range step {
				row := s.grey[(y*step+v)*s.size.X+x*step:][:step]
				for _, p := range row {
					sum += int(p)
				}
			}
			small[y*g.size.X+x] = byte(sum / (step * step))
		}
	}
	for _, corner := range [4]int{0, g.size.X - 1, (g.size.Y - 1) * g.size.X, len(small) - 1} {
		g.unfill(small, corner)
	}
	// A closing: no stroke of a letter on a whole page is as wide as 1.5 % of its length.
	by := max(1, max(g.size.X, g.size.Y)/150)
	g.level = g.filter(g.filter(small, by, slices.Max[[]byte]), by, slices.Min[[]byte])
	sorted := slices.Sorted(slices.Values(g.level))
	g.paper = int(sorted[len(sorted)*9/10])
	return g
}

// unfill makes a corner of the picture as dark as what it borders on where it is what
// another program's turn of the picture has filled up: a triangle, or what a cut has left
// of one, of one tone, without a speck, brighter than all beside it. It is no paper, and
// there is nothing on it to lose.
func (g *ground) unfill(small []byte, corner int) {
	const even, past = 2, 3 // greys within the fill; pixels of the ground to what is surely beside it
	w, h := g.size.X, g.size.Y
	seen := make([]bool, len(small))
	seen[corner] = true
	reached := []int{corner}
	// ring reaches what lies beside those from a place in the list on, where it may, and
	// tells where in the list that begins.
	ring := func(from int, may func(i int) bool) int {
		end := len(reached)
		for _, i := range reached[from:] {
			x, y := i%w, i/w
			for _, n := range [4]image.Point{{x - 1, y}, {x + 1, y}, {x, y - 1}, {x, y + 1}} {
				if j := n.Y*w + n.X; n.In(image.Rect(0, 0, w, h)) && !seen[j] && may(j) {
					seen[j] = true
					reached = append(reached, j)
				}
			}
		}
		return end
	}
	tone := int(small[corner])
	for from := 0; from < len(reached); {
		from = ring(from, func(i int) bool { v := int(small[i]) - tone; return -even <= v && v <= even })
	}
	box := image.Rectangle{}
	for _, i := range reached {
		box = box.Union(image.Rect(i%w, i/w, i%w+1, i/w+1))
	}
	if part := float64(len(reached)) / float64(box.Dx()*box.Dy()); len(reached) > w*h/6 || box.Dx() < past || box.Dy() < past || part < 0.3 || part > 0.9 {
		return
	}
	from := 0
	for range past {
		from = ring(from, func(int) bool { return true })
	}
	var beside []byte
	for _, i := range reached[from:] {
		beside = append(beside, small[i])
	}
	if len(beside) == 0 {
		return
	}
	slices.Sort(beside)
	if float64(beside[len(beside)*9/10]) > leastContrast*float64(tone) {
		return
	}
	for _, i := range reached[:from] {
		small[i] = beside[len(beside)/2]
	}
}

// filter replaces each value by one of those around it, up to by pixels away each way.
func (g *ground) filter(in []byte, by int, of func([]byte) byte) []byte {
	w, h := g.size.X, g.size.Y
	rows := make([]byte, len(in))
	for y := range h {
		for x := range w {
			rows[y*w+x] = of(in[y*w+max(0, x-by) : y*w+min(w, x+by+1)])
		}
	}
	out := make([]byte, len(in))
	column := make([]byte, h)
	for x := range w {
		for y := range h {
			column[y] = rows[y*w+x]
		}
		for y := range h {
			out[y*w+x] = of(column[max(0, y-by):min(h, y+by+1)])
		}
	}
	return out
}

// region is a connected part of a ground.
type region struct {
	area int
	box  image.Rectangle
	at   []int // indices of its pixels
}

// regions gives the connected parts that are at least as bright as a limit, the largest
// first.
func (g *ground) regions(limit int) []region {
	w := g.size.X
	seen := make([]bool, len(g.level))
	var out []region
	var stack []int
	for start := range g.level {
		if seen[start] || int(g.level[start]) < limit {
			continue
		}
		r := region{box: image.Rect(start%w, start/w, start%w+1, start/w+1)}
		seen[start] = true
		stack = append(stack[:0], start)
		for len(stack) > 0 {
			i := stack[len(stack)-1]
			stack = stack[:len(stack)-1]
			x, y := i%w, i/w
			r.at = append(r.at, i)
			r.box = r.box.Union(image.Rect(x, y, x+1, y+1))
			for _, n := range [4][2]int{{x - 1, y}, {x + 1, y}, {x, y - 1}, {x, y + 1}} {
				if n[0] < 0 || n[1] < 0 || n[0] >= w || n[1] >= g.size.Y {
					continue
				}
				if j := n[1]*w + n[0]; !seen[j] && int(g.level[j]) >= limit {
					seen[j] = true
					stack = append(stack, j)
				}
			}
		}
		r.area = len(r.at)
		out = append(out, r)
	}
	slices.SortStableFunc(out, func(a, b region) int { return b.area - a.area })
	return out
}

// darkest is the grey that parts paper from what is surely not paper: the emptiest place
// of the histogram between both; 0 where there is nothing but paper.
func (g *ground) darkest() int {
	var h [256]int
	for _, v := range g.level {
		h[v]++
	}
	// Otsu's threshold, of the closed picture.
	total, sum := len(g.level), 0.0
	for v, n := range h {
		sum += float64(v * n)
	}
	below, part, best, at := 0, 0.0, 0.0, 0
	for v, n := range h {
		below += n
		part += float64(v * n)
		if below == 0 || below == total {
			continue
		}
		m0, m1 := part/float64(below), (sum-part)/float64(total-below)
		if between := float64(below) * float64(total-below) * (m0 - m1) * (m0 - m1); between > best {
			best, at = between, v
		}
	}
	// Both sides must be far apart for what they are.
	n, dark := 0, 0.0
	for v := range at + 1 {
		n += h[v]
		dark += float64(v * h[v])
	}
	if n == 0 || dark/float64(n) > leastContrast*float64(g.paper) {
		return 0
	}
	return at + 1
}

// leastContrast is how bright surroundings may be as a share of the paper.
const leastContrast = 0.8

// leaning gives positions turned about the middle of the ground, clockwise by degrees.
func (g *ground) leaning(degrees float64) func(x, y float64) (float64, float64) {
	s, c := math.Sincos(degrees * math.Pi / 180)
	mx, my := float64(g.size.X)/2, float64(g.size.Y)/2
	return func(x, y float64) (float64, float64) {
		x, y = x-mx, y-my
		return c*x - s*y + mx, s*x + c*y + my
	}
}
