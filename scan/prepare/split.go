package prepare

import (
	"image"
	"math"
	"runtime"
	"slices"

	"recto/scan"
)

// Part gives what is left of one page of a spread, as the recipe's split says. It
// shares memory with p where nothing is to be cut; both must be closed.
func (p *Picture) Part(r scan.Recipe) (*Picture, error) {
	defer runtime.KeepAlive(p)
	size, h := p.Size(), p.header
	left, right := r.Part(size.X)
	if left == 0 && right == size.X {
		out, err := made(clone(p.pix), h, "split")
		if err == nil {
			out.sketch = p.sketch
		}
		return out, err
	}
	h.width = right - left
	return made(clipped(p.pix, image.Rect(left, 0, right, size.Y)), h, "split")
}

const (
	leastShape   = 1.05 // width to height of an open book; single pages stand upright
	mostShape    = 2.4
	aroundFold   = 0.16 // of the width, either side of the middle, where the fold is sought
	foldDepth    = 0.1  // how much darker the fold is than the pages, as a share of the paper
	foldBands    = 12   // strips of the page that the fold must show in
	foldShare    = 0.75 // of them
	foldDrift    = 0.035
	foldWidth    = 0.012 // of the picture: a crease in one sheet is narrower than the shadow of a binding
	smallPicture = 1200  // pixels: a spread with 75 dpi
	leastPage    = 0.45  // width to height of what a fold parts; a column is narrower
	plainDepth   = 0.2   // of the paper: a fold so deep may have a bare page beside it
	plainWidth   = 0.016
	valleyDepth  = 0.08 // of the paper
	besideCut    = 0.005
	pageShare    = 0.12 // of the picture, that each page takes at least
)

// ProposeSplit tells where to cut a picture that stands upright and shows a spread: two
// pages with something dark between them - the ground, the edges of a book, or the shadow
// of the binding. Everything else is one page, also two columns, a table or a folded
// sheet: a spread that is not cut is read well enough and can be cut by hand, a page
// that is cut is spoilt.
func (p *Picture) ProposeSplit() (s scan.Split, sure bool) {
	k := p.look()
	defer runtime.KeepAlive(k)
	g := newGround(k)
	if g == nil {
		return s, false
	}
	shape := float64(g.size.X) / float64(g.size.Y)
	if shape < leastShape || shape > mostShape {
		return s, false
	}
	_, rows := p.Skew()
	if len(k.text().rows) < 2*pageLines && max(k.size.X, k.size.Y) <= smallPicture {
		// Its letters may be too small to be seen.
		q, err := p.Scaled(float64(longestSketch) / float64(max(k.size.X, k.size.Y)))
		if err == nil {
			defer q.Close()
			if q.Size().X > p.Size().X {
				s, sure = q.ProposeSplit()
				s.At = s.At * p.Size().X / q.Size().X
				return s, sure
			}
		}
	}
	for _, find := range []func() (int, float64, bool){
		func() (int, float64, bool) { // the edges of books have specks
			at, confidence, apart := g.apart()
			return at, confidence, at > 0 && !g.crossed(k, at, 50, besideCut, apart) && !g.runsOn(k, at)
		},
		func() (int, float64, bool) {
			// A shadow alone may be a crease. In a book the lines of text run across it.
			if rows < sureSkew {
				return 0, 0, false
			}
			at, confidence, deep := g.fold()
			return at, confidence, at > 0 && !g.crossed(k, at, 200, besideCut, deep) && !g.runsOn(k, at) && (deep || g.paged(k, at))
		},
		func() (int, float64, bool) {
			if rows < sureSkew {
				return 0, 0, false
			}
			at, confidence := g.meet(k)
			return at, confidence, at > 0 && !g.crossed(k, at, 60, -besideCut/2, false) && !g.runsOn(k, at) && g.paged(k, at)
		},
		func() (int, float64, bool) {
			if rows < sureSkew {
				return 0, 0, false
			}
			at, confidence := g.gutter(k)
			return at, confidence, at > 0 && !g.crossed(k, at, 200, besideCut, false) && !g.runsOn(k, at)
		},
	} {
		if at, confidence, sure := find(); sure {
			return scan.Split{At: int((float64(at) + 0.5) * g.scale), Confidence: confidence}, true
		}
	}
	return s, false
}

// apart finds two pages that lie side by side on darker ground, and the column in the
// middle between them; 0 where there are not just two. It is sure of a page without text
// where both are true to shape and the ground goes through between them.
func (g *ground) apart() (at int, confidence float64, shaped bool) {
	limit := g.darkest()
	if limit == 0 {
		return 0, 0, false
	}
	parts := g.regions(limit)
	whole := float64(g.size.X * g.size.Y)
	if len(parts) < 2 || float64(parts[1].area) < pageShare*whole || len(parts) > 2 && float64(parts[2].area) > 0.05*whole {
		return 0, 0, false
	}
	l, r := parts[0], parts[1]
	if l.box.Min.X > r.box.Min.X {
		l, r = r, l
	}
	both := min(l.box.Max.Y, r.box.Max.Y) - max(l.box.Min.Y, r.box.Min.Y)
	alike := func(a, b int, by float64) bool { return float64(min(a, b)) >= by*float64(max(a, b)) }
	switch {
	case l.box.Max.X > r.box.Min.X+g.size.X/50: // one above the other, or one in the other
	case !alike(l.box.Dx(), r.box.Dx(), 0.6), !alike(l.box.Dy(), r.box.Dy(), 0.6):
	case float64(both) < 0.8*float64(min(l.box.Dy(), r.box.Dy())):
	case float64(l.box.Dy()) < 0.9*float64(l.box.Dx()), float64(r.box.Dy()) < 0.9*float64(r.box.Dx()):
	case l.area*10 < l.box.Dx()*l.box.Dy()*8, r.area*10 < r.box.Dx()*r.box.Dy()*8:
	default:
		full := func(r region) bool { return r.area*100 >= r.box.Dx()*r.box.Dy()*85 }
		shaped = full(l) && full(r) && r.box.Min.X > l.box.Max.X && alike(l.box.Dy(), r.box.Dy(), 0.75)
		if r.box.Min.X-l.box.Max.X < g.size.X/16 { // the shadow of a binding, darkest where it is
			return g.darkestColumn(min(l.box.Max.X, r.box.Min.X-1), max(l.box.Max.X, r.box.Min.X)), 0.95, shaped
		}
		if x, deep := g.valley(l.box.Max.X, r.box.Min.X); deep {
			return x, 0.95, shaped
		}
		// Whoever lays out a spread has its middle in the middle: within the gap that is where to cut.
		return min(max(g.size.X/2, l.box.Max.X), r.box.Min.X), 0.95, shaped
	}
	return 0, 0, false
}

// valley is where a gap is clearly darker than on the whole, as in the shadow of a wide
// binding and not on ground that shows between two pages.
func (g *ground) valley(from, to int) (at int, deep bool) {
	at = g.darkestColumn(from, to)
	var means []float64
	for x := from; x < to; x++ {
		sum := 0
		for y := range g.size.Y {
			sum += int(g.level[y*g.size.X+x])
		}
		means = append(means, float64(sum)/float64(g.size.Y))
	}
	return at, len(means) > 0 && median(means)-means[at-from] >= valleyDepth*float64(g.paper)
}

// darkestColumn is the darkest of some columns, the last not included.
func (g *ground) darkestColumn(from, to int) int {
	best, at := math.MaxInt, from
	for x := max(0, from); x < min(to, g.size.X); x++ {
		sum := 0
		for y := range g.size.Y {
			sum += int(g.level[y*g.size.X+x])
		}
		if sum < best {
			best, at = sum, x
		}
	}
	return at
}

// fold finds the shadow of a binding near the middle: darker than the pages on both
// sides in nearly every strip of the height, along a line, and wider than a crease. plain
// is a shadow so deep and wide, from top to foot, that one of the pages may be bare.
func (g *ground) fold() (at int, confidence float64, plain bool) {
	w, h := g.size.X, g.size.Y
	from, to := int((0.5-aroundFold)*float64(w)), int((0.5+aroundFold)*float64(w))
	reach := max(6, w/10)
	var places []int
	deep, wide := 0.0, 0
	for band := range foldBands {
		top, low := band*h/foldBands, (band+1)*h/foldBands
		column := make([]int, w)
		for x := range w {
			for y := top; y < low; y++ {
				column[x] += int(g.level[y*w+x])
			}
			column[x] /= low - top
		}
		best, place := 0.0, 0
		for x := from; x < to; x++ {
			l, r := slices.Max(column[x-reach:x]), slices.Max(column[x+1:x+1+reach])
			if d := float64(min(l, r) - column[x]); d > best {
				best, place = d, x
			}
		}
		if best < foldDepth*float64(g.paper) {
			continue
		}
		places = append(places, place)
		deep += best
		// As wide as it is half as deep.
		half := float64(column[place]) + best/2
		for x := place; x > 0 && float64(column[x]) < half; x-- {
			wide++
		}
		for x := place + 1; x < w && float64(column[x]) < half; x++ {
			wide++
		}
	}
	n := len(places)
	if float64(n) < foldShare*foldBands || float64(wide) < foldWidth*float64(w*n) {
		return 0, 0, false
	}
	slices.Sort(places)
	middle := places[n/2]
	near := 0
	for _, x := range places {
		if float64(max(x-middle, middle-x)) <= foldDrift*float64(w) {
			near++
		}
	}
	if float64(near) < foldShare*foldBands {
		return 0, 0, false
	}
	paper, sure := g.spread()
	if float64(min(middle-paper.Min.X, paper.Max.X-middle)) < leastPage*float64(paper.Dy()) {
		return 0, 0, false
	}
	depth := deep / float64(n) / float64(g.paper)
	plain = sure && near >= foldBands-1 && depth >= plainDepth && float64(wide) >= plainWidth*float64(w*n) && max(middle-w/2, w/2-middle) <= w/20
	return middle, min(1, depth*3), plain
}

// crossed tells whether writing goes on over a column, or stands on one side only where
// that is not expected. Letters count that reach as near as a share of the width, or over
// it by that where the share is negative.
func (g *ground) crossed(s *sketch, at, few int, beside float64, oneSide bool) bool {
	step := g.scale / float64(s.scale)
	cut := int((float64(at) + 0.5) * step)
	near := int(beside * float64(s.size.X))
	on, left, right := 0, 0, 0
	for _, l := range s.text().letters {
		if g.dark(l, step) {
			continue
		}
		switch {
		case l.Max.X > cut-near && l.Min.X < cut+near:
			on++
		case l.Min.X < cut:
			left++
		default:
			right++
		}
	}
	return on*few > left+right || !oneSide && min(left, right)*20 < max(left, right) && min(left, right) < 60
}
