package quality

import (
	"cmp"
	"math"
	"slices"
)

// Two pictures of one sheet lie upon each other after a small move, turn and
// stretch. What is allowed for:
const (
	mostShift   = 5    // cells of the halved grids, 4.2 mm on A4, that votes are taken for either way
	mostStretch = 0.07 // and turn, in radians: 4 degrees between two captures
	crossReach  = 4    // cells to either side of one, in its row and in its column
	patch       = 9    // cells a side that are looked for in the other grid
	patchStep   = 6
	plainest    = 0.02 // squares a cell, both grids, below which there is nothing to compare
	leastPatch  = 0.2  // how alike a patch must be at least to count as found
	reach       = 2    // cells that a patch may lie elsewhere than the whole
)

// Two pages count as the same sheet by the strips that fit worst: noise, another
// exposure and black and white make all strips a little worse, other words make some
// strips have nothing in common. Of forms filled in differently a fiftieth and a
// hundredth of the strips are less alike than 0.1 together; of rescans nearly all are
// more, but for some made black and white with the loss of a part of what is on them.
// See TestSame and TestOther.
const (
	leastMiddle = 0.6
	leastLow    = 0.17 // of a fiftieth and a hundredth, added
	mostTail    = 4.2  // the fiftieth, in units of how far the tenth lies below the middle
	border      = 0.5  // of the score
	fewStrips   = 250  // with something in them, a line of text; below it a page is as good as blank
	mostRatio   = 1.12 // between the sizes of two grids
	leastHope   = 0.13 // of the votes: below it there is no point in going on
)

// Like tells whether two signatures are of the same sheet, and how well they fit: 0
// to 1, where 0.5 is the border. Either may be nil or from elsewhere: nothing is
// like it. The second capture may be moved by 5 % of the page, turned by 4 degrees,
// cut a little differently, or upside down. It takes about 10 ms where the
// pages are of one layout, 2 ms where they are not.
func Like(a, b []byte) (same bool, score float64) {
	return like(unpacked(a), unpacked(b))
}

func like(a, b plane) (same bool, score float64) {
	ways := waysOf(a, b)
	slices.SortStableFunc(ways, func(p, q way) int { return cmp.Compare(q.hope, p.hope) })
	for _, w := range ways {
		if score = max(score, w.score()); score >= border {
			return true, score
		}
	}
	return false, score
}

// way is a way to lay b upon a.
type way struct {
	a, b   plane
	ha, hb plane // halved
	start
}

// start is a move of whole cells, and how well two grids fit after it.
type start struct {
	dx, dy int
	hope   float64
}

// waysOf gives those that are not hopeless: b as it is, b upside down.
func waysOf(a, b plane) (all []way) {
	if a.v == nil || b.v == nil {
		return nil
	}
	if w, h := float64(a.w)/float64(b.w), float64(a.h)/float64(b.h); max(w, 1/w, h, 1/h) > mostRatio {
		return nil
	}
	ha := a.halved()
	xa := ha.crossed(crossReach)
	for _, b := range []plane{b, b.upsideDown()} {
		hb := b.halved()
		if w := (way{a, b, ha, hb, voted(xa, hb.crossed(crossReach))}); w.hope >= leastHope {
			all = append(all, w)
		}
	}
	return all
}

// score tells how well the two fit, 0 to 1.
func (w way) score() float64 { return w.fit().score() }

// fit finds where the one lies upon the other on the halved grids, then finer.
func (w way) fit() fit {
	p := warpOf(w.ha, w.hb, w.dx, w.dy)
	p.finer(w.a)
	p.improve(w.a.crossed(crossReach), w.b.crossed(crossReach))
	return p.fit(w.a, w.b)
}

// finer changes the warp to cells of half the size.
func (p *warp) finer(a plane) {
	p.cx, p.cy = float64(a.w-1)/2, float64(a.h-1)/2
	p.x[0] *= 2
	p.y[0] *= 2
}

// upsideDown is the plane turned by 180 degrees.
func (p plane) upsideDown() plane {
	out := newPlane(p.w, p.h)
	for i, v := range p.v {
		out.v[len(p.v)-1-i] = v
	}
	return out
}

// score maps a fit to 0 to 1.
func (f fit) score() float64 {
	if f.strips < fewStrips {
		return 0
	}
	tail := (f.middle - f.least) / max(0.03, f.middle-f.tenth)
	v := min((f.middle-leastMiddle)/0.35, (f.low+f.least-leastLow)/1.2, (mostTail-tail)/mostTail)
	if v < 0 {
		return max(0, border*(1+v)*0.99)
	}
	return min(1, border+(1-border)*v)
}

// voted finds the move that lays the second grid upon the first: patches of the one
// are looked for in the other, and where most of them are found is where it lies. A
// turn puts each patch a little elsewhere, which is why near votes count together.
func voted(a, b plane) start {
	const side = 2*mostShift + 1
	var votes [side * side]float64
	square := newPlane(b.w, b.h)
	for i, v := range b.v {
		square.v[i] = v * v
	}
	square = square.blurred(patch / 2)
	total := 0.0
	for y := 0; y+patch <= a.h; y += patch {
		for x := 0; x+patch <= a.w; x += patch {
			var pa [patch * patch]float32
			ea := float32(0)
			for v := range patch {
				copy(pa[v*patch:], a.v[(y+v)*a.w+x:][:patch])
			}
			for _, v := range pa {
				ea += v * v
			}
			if ea < plainest/10*patch*patch {
				continue
			}
			weight := math.Sqrt(float64(ea))
			total += weight
			for dy := max(-mostShift, -y); dy <= min(mostShift, b.h-patch-y); dy++ {
				for dx := max(-mostShift, -x); dx <= min(mostShift, b.w-patch-x); dx++ {
					eb := square.v[(y+dy+patch/2)*b.w+x+dx+patch/2] * patch * patch
					dot := float32(0)
					for v := range patch {
						l := b.v[(y+dy+v)*b.w+x+dx:][:patch]
						m := pa[v*patch:][:patch]
						for i, q := range l {
							dot += q * m[i]
						}
					}
					if dot > 0 {
						c := float64(2 * dot / (ea + eb))
						votes[(dy+mostShift)*side+dx+mostShift] += weight * c * c
					}
				}
			}
		}
	}
	best := start{}
	for y := range side {
		for x := range side {
			s := 0.0
			for v := max(0, y-1); v <= min(side-1, y+1); v++ {
				for u := max(0, x-1); u <= min(side-1, x+1); u++ {
					s += votes[v*side+u] / float64((1+(v-y)*(v-y))*(1+(u-x)*(u-x)))
				}
			}
			if s /= max(total, 1e-6); s > best.hope {
				best = start{x - mostShift, y - mostShift, s}
			}
		}
	}
	return best
}

// crossed takes away from each cell what the cells near it in its row and those in its
// column have in common. Rules, the edges of columns and of the text are alike on all
// pages of one layout, and do not say how far along them a page has moved.
func (p plane) crossed(r int) plane {
	out := p.blurred(r)
	rows, columns := p.along(r, p.w, 1, p.h, p.w), p.along(r, p.h, p.w, p.w, 1)
	for i, v := range p.v {
		out.v[i] += v - rows.v[i] - columns.v[i]
	}
	return out
}

// overlap tells how alike a's cells from (x0, y0) to before (x1, y1) are to those of b
// that lie dx, dy further: 1 is equal, 0 is by chance.
func overlap(a, b plane, x0, y0, x1, y1, dx, dy int) float64 {
	x0, x1 = max(x0, -dx, 0), min(x1, b.w-dx, a.w)
	y0, y1 = max(y0, -dy, 0), min(y1, b.h-dy, a.h)
	if x1 <= x0 || y1 <= y0 {
		return 0
	}
	var s sums
	for y := y0; y < y1; y++ {
		la := a.v[y*a.w+x0 : y*a.w+x1]
		lb := b.v[(y+dy)*b.w+x0+dx:][:len(la)]
		var sa, sb, aa, bb, ab float32
		for i, u := range la {
			v := lb[i]
			sa += u
			sb += v
			aa += u * u
			bb += v * v
			ab += u * v
		}
		s.n += float32(len(la))
		s.a += sa
		s.b += sb
		s.aa += aa
		s.bb += bb
		s.ab += ab
	}
	return s.alike()
}

// sums are what a comparison needs of two sets of cells.
type sums struct{ n, a, b, aa, bb, ab float32 }

// spread is the sum of squares of both around their means, and twice what they have
// in common.
func (s sums) spread() (all, common float64) {
	if s.n == 0 {
		return 0, 0
	}
	all = float64(s.aa - s.a*s.a/s.n + s.bb - s.b*s.b/s.n)
	return all, 2 * float64(s.ab-s.a*s.b/s.n)
}

// alike is 1 where both are equal, and 0 where one has nothing in common with the
// other, or is empty while the other is not.
func (s sums) alike() float64 {
	all, common := s.spread()
	if all < plainest*float64(s.n) {
		return 0
	}
	return common / all
}

// warp says where a cell of a lies in b: so much further.
type warp struct {
	cx, cy float64    // the middle of a
	x, y   [3]float64 // displacement: constant, by cell across, by cell down
}

func (w *warp) at(x, y float64) (dx, dy float64) {
	x, y = x-w.cx, y-w.cy
	return w.x[0] + w.x[1]*x + w.x[2]*y, w.y[0] + w.y[1]*x + w.y[2]*y
}

// warpOf fits a move, a turn and a stretch that puts a upon b, beginning with a move.
// The second time patches are looked for where the first says, which helps in the
// corners and at the ends of strips.
func warpOf(a, b plane, dx, dy int) *warp {
	w := &warp{cx: float64(a.w-1) / 2, cy: float64(a.h-1) / 2}
	w.x[0], w.y[0] = float64(dx), float64(dy)
	w.improve(a.crossed(crossReach), b.crossed(crossReach))
	return w
}

func (w *warp) improve(a, b plane) {
	for range 2 {
		found := w.find(a, b)
		for range 3 {
			if !w.fitTo(found) {
				return
			}
		}
	}
}

// find looks for patches of a in b, near where the warp says.
func (w *warp) find(a, b plane) (found []spot) {
	for y := 0; y < max(1, a.h-patch/2); y += patchStep {
		for x := 0; x < max(1, a.w-patch/2); x += patchStep {
			mx, my := float64(x)+float64(patch-1)/2, float64(y)+float64(patch-1)/2
			ex, ey := w.at(mx, my)
			dx, dy := int(math.Round(ex)), int(math.Round(ey))
			var score [2*reach + 1][2*reach + 1]float64
			bx, by, best := 0, 0, leastPatch
			for v := range score {
				for u := range score[v] {
					s := overlap(a, b, x, y, x+patch, y+patch, dx+u-reach, dy+v-reach)
					if score[v][u] = s; s > best {
						bx, by, best = u, v, s
					}
				}
			}
			if best <= leastPatch {
				continue
			}
			p := spot{x: mx - w.cx, y: my - w.cy, weight: best * best * best, dx: float64(dx + bx - reach), dy: float64(dy + by - reach)}
			if bx > 0 && bx < 2*reach {
				p.dx += peak(score[by][bx-1], best, score[by][bx+1])
			}
			if by > 0 && by < 2*reach {
				p.dy += peak(score[by-1][bx], best, score[by+1][bx])
			}
			found = append(found, p)
		}
	}
	return found
}

// peak is where the top of a parabola through three values lies, from the middle one.
func peak(l, m, r float64) float64 {
	d := l - 2*m + r
	if d >= -1e-9 {
		return 0
	}
	return max(-0.5, min(0.5, (l-r)/(2*d)))
}

// spot is a patch of a, from its middle, that was found in b so much further.
type spot struct{ x, y, dx, dy, weight float64 }

// fitTo fits the warp by least squares, each spot weighed by how far off the warp so
// far it lies. Too few spots leave it as it is.
func (w *warp) fitTo(found []spot) bool {
	var m [3][3]float64
	var px, py [3]float64
	total := 0.0
	for _, f := range found {
		ex, ey := w.at(f.x+w.cx, f.y+w.cy)
		off := (f.dx-ex)*(f.dx-ex) + (f.dy-ey)*(f.dy-ey)
		k := f.weight / (0.5 + off)
		v := [3]float64{1, f.x, f.y}
		for i := range v {
			for j := range v {
				m[i][j] += k * v[i] * v[j]
			}
			px[i] += k * v[i] * f.dx
			py[i] += k * v[i] * f.dy
		}
		total += k
	}
	if len(found) < 4 || total == 0 {
		return false
	}
	// A pull towards no turn and no stretch, for pages with little on them.
	m[1][1] += total * 6
	m[2][2] += total * 6
	x, okX := solved(m, px)
	y, okY := solved(m, py)
	if !okX || !okY {
		return false
	}
	for i := 1; i < 3; i++ {
		x[i] = max(-mostStretch, min(mostStretch, x[i]))
		y[i] = max(-mostStretch, min(mostStretch, y[i]))
	}
	w.x, w.y = x, y
	return true
}

// solved solves three linear equations.
func solved(m [3][3]float64, v [3]float64) ([3]float64, bool) {
	det := func(m [3][3]float64) float64 {
		return m[0][0]*(m[1][1]*m[2][2]-m[1][2]*m[2][1]) - m[0][1]*(m[1][0]*m[2][2]-m[1][2]*m[2][0]) + m[0][2]*(m[1][0]*m[2][1]-m[1][1]*m[2][0])
	}
	d := det(m)
	if math.Abs(d) < 1e-9 {
		return v, false
	}
	var out [3]float64
	for i := range out {
		n := m
		for j := range n {
			n[j][i] = v[j]
		}
		out[i] = det(n) / d
	}
	return out, true
}
