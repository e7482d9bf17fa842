package separate

import (
	"image"
	"math"
	"slices"
)

const (
	leastEven     = 0.86 // share of the modules of a code that are all dark or all light
	leastCells    = 48   // of six modules by eight
	fewCells      = 120  // below, they have to fit better
	leastModule   = 3    // pixels: below, the pixels themselves are the lattice
	leastCrossed  = 0.05 // share of two by two modules, not all alike, that are dark one way across and light the other: in data it is 1/7, in type and signs none
	mostCrossed   = 0.35
	leastData     = 12  // two by two modules that say something about it
	leastChanging = 0.2 // share of modules that are of another colour than the next
	leastPeriodic = 0.5 // of 1, where all changes lie at whole modules
	mostPeriodic  = 0.6 // correlation of modules with those a few further on: a checkerboard has 1, a code about 0
	fewPeriodic   = 0.6
	mostShear     = 4 * math.Pi / 180
	mostCells     = 150 // modules of a side; the largest codes have 144 (ISO/IEC 16022) and 177 (ISO/IEC 18004)
)

// lattice tells whether a field is made of square modules as codes are, whatever is
// left of it: the places where colours change lie at whole modules from each other,
// both ways, and the modules do not repeat. Module and angle are tried out, near
// what the runs between the changes say.
func (s *sight) lattice(f field, light bool, left *purse) bool {
	f.box = f.box.Intersect(image.Rectangle{Max: s.size})
	c := s.changes(f, light)
	a, d := float64(len(c.across))/c.area, float64(len(c.down))/c.area
	if c.ink < 0.2*c.area || c.ink > 0.8*c.area || min(a, d) == 0 || max(a, d) > 2.2*min(a, d) {
		return false
	}
	m := c.module()
	if m < 0.8*leastModule || float64(min(f.box.Dx(), f.box.Dy())) < 4*m || c.area < leastCells*m*m {
		return false
	}
	across, down := thinned(c.across), thinned(c.down)
	left.spend(150_000) // 250 places, at 250 periods and angles, both ways
	ax := axes{module: m}
	var angles []float64
	for deg := -8.0; deg <= 8; deg += 2 {
		angles = append(angles, deg*math.Pi/180)
	}
	for g := 0.7 * m; g < 1.4*m; g *= 1.025 {
		ax.try(across, down, angles, angles, g)
	}
	if ax.fit < leastPeriodic/2 {
		return false
	}
	rough := ax
	for _, k := range []float64{0.984, 0.992, 1, 1.008, 1.016} {
		ax.try(across, down, finely(rough.across), finely(rough.down), rough.module*k)
	}
	least := leastPeriodic
	if c.area < fewCells*ax.module*ax.module {
		least = fewPeriodic
	}
	if ax.fit < least || ax.module < leastModule {
		return false
	}
	return s.filled(f, light, ax)
}

// axes is which way the rows and the columns of modules run, in radians from those of
// the image: the two need not be the same where a page was drawn in askew, or
// photographed.
type axes struct {
	across, down float64
	module       float64
	fit          float64 // of 1
}

// try keeps the best pair of angles with a module.
func (ax *axes) try(across, down []image.Point, as, ds []float64, module float64) {
	fits := make([]float64, len(ds))
	for i, d := range ds {
		sn, c := math.Sincos(d)
		fits[i] = periodic(down, -sn, c, module)
	}
	for _, a := range as {
		sn, c := math.Sincos(a)
		fit := periodic(across, c, sn, module)
		for i, d := range ds {
			if g := min(fit, fits[i]); g > ax.fit && math.Abs(a-d) <= mostShear {
				*ax = axes{a, d, module, g}
			}
		}
	}
}

// finely gives angles about one, half a degree from each other.
func finely(a float64) []float64 {
	const half = math.Pi / 360
	return []float64{a - 2*half, a - half, a, a + half, a + 2*half}
}

// place gives the pixel of a place along both axes.
func (ax axes) place(u, v float64) (x, y int) {
	sa, ca := math.Sincos(ax.across)
	sd, cd := math.Sincos(ax.down)
	det := ca*cd + sa*sd
	return int((u*cd - v*sa) / det), int((u*sd + v*ca) / det)
}

// changes is where the colour changes in a field.
type changes struct {
	across, down []image.Point // along a row, along a column
	runs         []int         // lengths between changes, either way
	ink, area    float64       // pixels
}

func (s *sight) changes(f field, light bool) (c changes) {
	last := make([]int, f.box.Dx()) // row of the last change of a column
	for y := f.box.Min.Y + 1; y < f.box.Max.Y; y++ {
		row, above := s.dark[y*s.size.X:][:s.size.X], s.dark[(y-1)*s.size.X:][:s.size.X]
		from := 0
		for x := f.box.Min.X + 1; x < f.box.Max.X; x++ {
			k := x - f.box.Min.X
			if !f.has(x, y) {
				from, last[k] = 0, 0
				continue
			}
			c.area++
			if row[x] != light {
				c.ink++
			}
			if row[x] != row[x-1] {
				c.across = append(c.across, image.Pt(x, y))
				if from > 0 {
					c.runs = append(c.runs, x-from)
				}
				from = x
			}
			if row[x] != above[x] {
				c.down = append(c.down, image.Pt(x, y))
				if last[k] > 0 {
					c.runs = append(c.runs, y-last[k])
				}
				last[k] = y
			}
		}
	}
	return c
}

// module is the likely width of a module: half of the runs of a code are one module
// long, so that the third of them from below is one, whatever noise adds to them.
func (c changes) module() float64 {
	runs := slices.DeleteFunc(c.runs, func(r int) bool { return r < 2 })
	if len(runs) == 0 {
		return 0
	}
	slices.Sort(runs)
	low, high := runs[len(runs)/5], runs[len(runs)*2/5]
	return float64(low+high) / 2
}

// thinned leaves about 250 of many points, from everywhere.
func thinned(points []image.Point) []image.Point {
	step := len(points)/250 + 1
	var out []image.Point
	for i := 0; i < len(points); i += step {
		out = append(out, points[i])
	}
	return out
}

// periodic tells how well the places along a direction agree with a period.
func periodic(points []image.Point, ux, uy, period float64) float64 {
	re, im := 0.0, 0.0
	ux, uy = ux*float64(len(wave))/period, uy*float64(len(wave))/period
	for _, p := range points {
		i := int(float64(p.X)*ux+float64(p.Y)*uy+1<<20) & (len(wave) - 1)
		re, im = re+wave[(i+len(wave)/4)&(len(wave)-1)], im+wave[i]
	}
	return math.Hypot(re, im) / float64(len(points)+1)
}

// wave is a sine, for its many uses here.
var wave = func() (w [256]float64) {
	for i := range w {
		w[i] = math.Sin(2 * math.Pi * float64(i) / float64(len(w)))
	}
	return w
}()

// filled tries where the first module lies.
func (s *sight) filled(f field, light bool, ax axes) bool {
	sa, ca := math.Sincos(ax.across)
	sd, cd := math.Sincos(ax.down)
	p, m := f.box, ax.module
	u0, u1, v0, v1 := math.Inf(1), math.Inf(-1), math.Inf(1), math.Inf(-1)
	for _, c := range [4]image.Point{p.Min, p.Max, {X: p.Min.X, Y: p.Max.Y}, {X: p.Max.X, Y: p.Min.Y}} {
		u, v := float64(c.X)*ca+float64(c.Y)*sa, float64(c.Y)*cd-float64(c.X)*sd
		u0, u1, v0, v1 = min(u0, u), max(u1, u), min(v0, v), max(v1, v)
	}
	nu, nv := int((u1-u0)/m+0.2), int((v1-v0)/m+0.2)
	if nu*nv < leastCells || nu > mostCells || nv > mostCells || nu < 4 || nv < 4 {
		return false
	}
	for i := range 4 {
		for j := range 4 {
			if g := s.sampled(f, light, ax, u0+m*float64(i)/4, v0+m*float64(j)/4, nu, nv); g.coded() {
				return true
			}
		}
	}
	return false
}

// grid is the modules of a field.
type grid struct {
	wide int
	cell []int8 // 1 dark, -1 light, 0 not in the field
	even int    // cells that are all dark or all light
}

// sampled takes the modules of a field out: five places of each.
func (s *sight) sampled(f field, light bool, ax axes, u0, v0 float64, nu, nv int) grid {
	g := grid{wide: nu, cell: make([]int8, nu*nv)}
	for j := range nv {
		for i := range nu {
			u, v := u0+(float64(i)+0.5)*ax.module, v0+(float64(j)+0.5)*ax.module
			x, y := ax.place(u, v)
			if !image.Pt(x, y).In(f.box) || !f.has(x, y) {
				continue
			}
			n := 0
			for _, o := range [5][2]float64{{0, 0}, {-0.28, -0.28}, {0.28, -0.28}, {-0.28, 0.28}, {0.28, 0.28}} {
				x, y := ax.place(u+o[0]*ax.module, v+o[1]*ax.module)
				if x >= 0 && y >= 0 && x < s.size.X && y < s.size.Y && s.dark[y*s.size.X+x] != light {
					n++
				}
			}
			if n == 0 || n == 5 {
				g.even++
			}
			g.cell[j*nu+i] = -1
			if n > 2 {
				g.cell[j*nu+i] = 1
			}
		}
	}
	return g
}

// coded judges the modules: even, about half dark, changing both ways about half of
// the time, and not repeating.
func (g grid) coded() bool {
	cells, ink := 0, 0
	for _, c := range g.cell {
		if c != 0 {
			cells++
		}
		if c > 0 {
			ink++
		}
	}
	if cells < leastCells || float64(g.even) < leastEven*float64(cells) {
		return false
	}
	dark := float64(ink) / float64(cells)
	a, d := g.changing(1, 0), g.changing(0, 1)
	if dark < 0.2 || dark > 0.75 || min(a, d) < leastChanging || max(a, d) > 0.75 {
		return false
	}
	if g.repeats(dark) {
		return false
	}
	eyes := g.blinded()
	c, n := g.crossed()
	if eyes > 1 { // what is between them may be too little to be crossed
		return min(g.changing(1, 0), g.changing(0, 1)) >= leastChanging
	}
	return n >= leastData && c >= leastCrossed && c <= mostCrossed
}

// blinded takes the eyes of a QR code out, whole or cut, and counts them: what they
// leave is data, they are none.
func (g grid) blinded() (eyes int) {
	high := len(g.cell) / g.wide
	for y := -2; y < high+2; y++ {
		for x := -2; x < g.wide+2; x++ {
			for _, ink := range []int8{1, -1} {
				if g.eye(x, y, ink) {
					g.each(x, y, 4, func(i, _ int) { g.cell[i] = 0 })
					eyes++
				}
			}
		}
	}
	return eyes
}

// eye tells whether the middle of an eye is at a module: 7 by 7 modules
// (ISO/IEC 18004, 6.3.3), of which five rows are there at the least.
func (g grid) eye(x, y int, ink int8) bool {
	n, right := 0, 0
	g.each(x, y, 3, func(i, ring int) {
		if n++; (g.cell[i] == ink) == (ring != 2) && g.cell[i] != 0 {
			right++
		}
	})
	return n >= 5*7 && float64(right) >= leastEye*float64(n)
}

// each goes through the modules around one, and tells how far they are from it.
func (g grid) each(x, y, reach int, do func(i, ring int)) {
	for v := max(0, y-reach); v <= min(len(g.cell)/g.wide-1, y+reach); v++ {
		for u := max(0, x-reach); u <= min(g.wide-1, x+reach); u++ {
			do(v*g.wide+u, max(abs(u-x), abs(v-y)))
		}
	}
}

// crossed is the share of two by two modules, not all alike, of which one diagonal is
// dark and the other light.
func (g grid) crossed() (share float64, n int) {
	crossed := 0
	for i := 0; i+g.wide+1 < len(g.cell); i++ {
		a, b, c, d := g.cell[i], g.cell[i+1], g.cell[i+g.wide], g.cell[i+g.wide+1]
		if i%g.wide+1 == g.wide || a*b*c*d == 0 {
			continue
		}
		if a == b && a == c && a == d {
			continue
		}
		n++
		if a == d && b == c {
			crossed++
		}
	}
	return float64(crossed) / float64(n+1), n
}

// changing is the share of modules that are of another colour than those so far on.
func (g grid) changing(dx, dy int) float64 {
	other, n := 0, 0
	for i, c := range g.cell {
		x, j := i%g.wide+dx, i+dy*g.wide+dx
		if c == 0 || x < 0 || x >= g.wide || j < 0 || j >= len(g.cell) || g.cell[j] == 0 {
			continue
		}
		n++
		if g.cell[j] != c {
			other++
		}
	}
	if n < leastCells/4 {
		return -1
	}
	return float64(other) / float64(n)
}

// repeats tells whether modules are like those a few further on, or their opposites:
// checks, halftone and hatching are, and data is not.
func (g grid) repeats(dark float64) bool {
	chance := 2 * dark * (1 - dark) // of two modules being of different colours
	for dy := 0; dy <= 4; dy++ {
		for dx := -4; dx <= 4; dx++ {
			if dy == 0 && dx <= 0 {
				continue
			}
			if c := g.changing(dx, dy); c >= 0 && math.Abs(1-c/chance) > mostPeriodic {
				return true
			}
		}
	}
	return false
}
