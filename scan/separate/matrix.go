package separate

import (
	"image"
	"math"
	"slices"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/datamatrix"

	"recto/scan"
)

// Data Matrix has no eyes. It is a piece of ink, mostly connected, of the size of a
// code, two neighbouring sides of which are solid and the two others dashed, module
// by module (ISO/IEC 16022, 4.2).

// longText has so many check characters with it that chance does not make them; the
// smallest symbols are now and then made of a few letters of type.
const longText = 6

// findMatrix finds pieces on the coarse sight, on which noise is averaged out, and
// judges their sides on the fine one.
func findMatrix(fine, coarse *sight, img *image.Gray, left *purse) []scan.Code {
	var out []scan.Code
	for _, light := range []bool{false, true} {
		pieces := coarse.pieces(light)
		for _, p := range append(pieces, clusters(pieces, int(0.045*coarse.dpi), left)...) {
			long, short := float64(max(p.Dx(), p.Dy())), float64(min(p.Dx(), p.Dy()))
			if long < 0.16*coarse.dpi || long > 2.6*coarse.dpi || short < 0.2*long { // 8 by 32 modules is the narrowest (ISO/IEC 16022, table 7)
				continue
			}
			if !left.any() {
				return out
			}
			if c, ok := readMatrix(fine, coarse, img, p, light, left); ok && !slices.ContainsFunc(out, func(o scan.Code) bool { return o.Box.Overlaps(c.Box) }) {
				out = append(out, c)
			}
		}
	}
	return out
}

// readMatrix judges a piece of the coarse sight and reads it.
func readMatrix(fine, coarse *sight, img *image.Gray, p image.Rectangle, light bool, left *purse) (scan.Code, bool) {
	q := image.Rect(2*p.Min.X-1, 2*p.Min.Y-1, 2*p.Max.X+1, 2*p.Max.Y+1)
	left.spend(3 * p.Dx() * p.Dy())
	f, ok := fine.frame(q, light)
	g, ok2 := coarse.frame(p, light)
	m := min(float64(max(q.Dx(), q.Dy()))/18, float64(min(q.Dx(), q.Dy()))/8)
	code := scan.Code{Kind: scan.DataMatrix, Box: fine.page(float64(q.Min.X), float64(q.Min.Y), float64(q.Max.X), float64(q.Max.Y), img.Bounds())}
	if ok && f.likely() || ok2 && g.likely() {
		around := q.Inset(-int(2*m) - 2)
		part := fine.page(float64(around.Min.X), float64(around.Min.Y), float64(around.Max.X), float64(around.Max.Y), img.Bounds())
		if text, ok := readSquare(img, part, m*float64(fine.scale), light, left, func() gozxing.Reader { return datamatrix.NewDataMatrixReader() }); ok && (len(text) >= longText || fine.lattice(field{box: q}, light, left)) {
			code.Text = text
			return code, true
		}
	}
	code.Unread = fine.lattice(field{box: q}, light, left)
	return code, code.Unread
}

// clusters gives the boxes around a few pieces that lie so near to each other as the
// parts of one code do: an eye and what is beside it. It compares all with all, so
// that the purse bounds it; where it is empty, textures are looked at all the same.
func clusters(pieces []image.Rectangle, near int, left *purse) []image.Rectangle {
	var out []image.Rectangle
	used := make([]bool, len(pieces))
	for i, p := range pieces {
		if used[i] {
			continue
		}
		n := 1
		for grown := true; grown && left.any(); {
			left.spend(len(pieces)/8 + 1) // eight comparisons cost about as much as a sample
			grown = false
			for j, q := range pieces {
				if j != i && !used[j] && q.Overlaps(p.Inset(-near)) {
					p, used[j], grown = p.Union(q), true, true
					n++
				}
			}
		}
		if n > 1 && n < 12 {
			out = append(out, p)
		}
	}
	return out
}

// frame is what the four sides of a piece look like, in order around it.
type frame struct {
	corners [4]image.Point
	sides   [4]edge // from a corner to the next
}

// edge is one side of a piece.
type edge struct {
	length float64
	solid  bool
}

// likely tells whether a piece is worth reading.
func (f frame) likely() bool {
	for k := range 4 {
		if f.sides[k].solid && f.sides[(k+1)%4].solid && !f.sides[(k+2)%4].solid && !f.sides[(k+3)%4].solid {
			return true
		}
	}
	return false
}

// frame finds the corners of a piece - it lies less than 45 degrees askew - and
// looks along the lines between them.
func (s *sight) frame(p image.Rectangle, light bool) (frame, bool) {
	p = p.Intersect(image.Rectangle{Max: s.size})
	c, ok := s.corners(p, light)
	f := frame{corners: c}
	if !ok {
		return f, false
	}
	mx, my := float64(p.Min.X+p.Max.X)/2, float64(p.Min.Y+p.Max.Y)/2
	for k := range 4 {
		a, b := c[k], c[(k+1)%4]
		f.sides[k].length = math.Hypot(float64(a.X-b.X), float64(a.Y-b.Y))
		if f.sides[k].length < 6 {
			return f, false
		}
		// The normal that points inward.
		nx, ny := -float64(b.Y-a.Y)/f.sides[k].length, float64(b.X-a.X)/f.sides[k].length
		if nx*(mx-float64(a.X))+ny*(my-float64(a.Y)) < 0 {
			nx, ny = -nx, -ny
		}
		for _, depth := range []float64{0.5, 0.015, 0.03, 0.05} {
			d := depth * f.sides[k].length
			if depth == 0.5 {
				d = 1
			}
			line := s.between(a, b, nx*d, ny*d, light)
			dark := 0
			for _, ink := range line {
				if ink {
					dark++
				}
			}
			if dark*100 >= len(line)*88 {
				f.sides[k].solid = true
				break
			}
		}
	}
	return f, true
}

// corners gives the outermost ink of a piece towards the four corners, in order
// around it.
func (s *sight) corners(p image.Rectangle, light bool) (c [4]image.Point, any bool) {
	best := [4]int{math.MaxInt, math.MaxInt, math.MaxInt, math.MaxInt}
	for y := p.Min.Y; y < p.Max.Y; y++ {
		row := s.dark[y*s.size.X:][:s.size.X]
		for x := p.Min.X; x < p.Max.X; x++ {
			if row[x] == light {
				continue
			}
			if !s.backed(x, y, light) {
				continue
			}
			for i, v := range [4]int{x + y, y - x, -x - y, x - y} {
				if v < best[i] {
					best[i], c[i], any = v, image.Pt(x, y), true
				}
			}
		}
	}
	return c, any
}

// backed tells whether ink has ink around it and is no speck.
func (s *sight) backed(x, y int, light bool) bool {
	n := 0
	for v := max(0, y-1); v <= min(s.size.Y-1, y+1); v++ {
		for u := max(0, x-1); u <= min(s.size.X-1, x+1); u++ {
			if s.dark[v*s.size.X+u] != light {
				n++
			}
		}
	}
	return n >= 4
}

// between gives the ink on a line from a to b, moved by so much.
func (s *sight) between(a, b image.Point, dx, dy float64, light bool) []bool {
	n := max(abs(a.X-b.X), abs(a.Y-b.Y))
	out := make([]bool, n)
	for i := range out {
		t := (float64(i) + 0.5) / float64(n)
		x := int(float64(a.X) + 0.5 + float64(b.X-a.X)*t + dx)
		y := int(float64(a.Y) + 0.5 + float64(b.Y-a.Y)*t + dy)
		out[i] = x >= 0 && y >= 0 && x < s.size.X && y < s.size.Y && s.dark[y*s.size.X+x] != light
	}
	return out
}

// pieces gives the boxes of connected ink that is large enough for a code.
func (s *sight) pieces(light bool) []image.Rectangle {
	type run struct{ x0, x1, y, root int }
	var runs []run
	find := func(i int) int {
		for runs[i].root != i {
			runs[i].root = runs[runs[i].root].root
			i = runs[i].root
		}
		return i
	}
	from, prior := 0, 0
	for y := range s.size.Y {
		row := s.dark[y*s.size.X:][:s.size.X]
		start := len(runs)
		k := from
		for x := 0; x < len(row); {
			if row[x] == light {
				x++
				continue
			}
			x0 := x
			for x < len(row) && row[x] != light {
				x++
			}
			i := len(runs)
			runs = append(runs, run{x0, x, y, i})
			for k < prior && runs[k].x1 < x0 {
				k++
			}
			for j := k; j < prior && runs[j].x0 <= x; j++ {
				if a, b := find(i), find(j); a != b {
					runs[max(a, b)].root = min(a, b)
				}
			}
		}
		from, prior = start, len(runs)
	}
	boxes := map[int]image.Rectangle{}
	for i, r := range runs {
		root := find(i)
		boxes[root] = boxes[root].Union(image.Rect(r.x0, r.y, r.x1, r.y+1))
	}
	var out []image.Rectangle
	least := int(0.12 * s.dpi)
	for i := range runs {
		if b, ok := boxes[i]; ok && b.Dx() >= least && b.Dy() >= least {
			out = append(out, b)
		}
	}
	return out
}
