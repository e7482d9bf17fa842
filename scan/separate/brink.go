package separate

import (
	"image"
	"math"
)

// What lies at the edge of the image and goes on beyond it may be so thin that it has
// no modules to speak of but in one direction: a third of a Data Matrix of 8 by 32
// is two rows and a half. Its border says what it is: a row that is solid, or
// alternates module by module (ISO/IEC 16022, 4.2), and data beside it.

const (
	brinkIn     = 0.1  // inches at the edge in which there has to be something
	brinkGapIn  = 0.2  // four modules of 1.25 mm that are alike
	mostBrinkIn = 1.5  // inches inward
	leastBorder = 16   // modules of a border that chance does not bring together
	leastRow    = 0.94 // of them that are right
)

// side of an image: 0 top, 1 bottom, 2 left, 3 right.
type brink struct {
	s    *sight
	side int
}

func (b brink) size() (along, inward int) {
	if b.side < 2 {
		return b.s.size.X, b.s.size.Y
	}
	return b.s.size.Y, b.s.size.X
}

// at gives the colour so far along the edge and inward from it.
func (b brink) at(along, inward int) bool {
	x, y := b.point(along, inward)
	return b.s.dark[y*b.s.size.X+x]
}

func (b brink) point(along, inward int) (x, y int) {
	switch b.side {
	case 0:
		return along, inward
	case 1:
		return along, b.s.size.Y - 1 - inward
	case 2:
		return inward, along
	}
	return b.s.size.X - 1 - inward, along
}

// brinks finds what touches a side of the image, and is of the size of a code.
func (s *sight) brinks(side int) []field {
	b := brink{s, side}
	long, deep := b.size()
	first, gap := int(brinkIn*s.dpi), int(brinkGapIn*s.dpi)
	if deep < 2*first {
		return nil
	}
	var out []field
	from, last := -1, -1
	for a := 1; a <= long; a++ {
		if a < long && b.changes(a, a+1, 1, first) > 0 {
			if from < 0 {
				from = a
			}
			last = a
			continue
		}
		if from < 0 || a < long && a-last < gap {
			continue
		}
		if n := float64(last - from); n >= 2*brinkGapIn*s.dpi && n <= mostFieldIn*s.dpi {
			out = append(out, b.field(from, last+1))
		}
		from = -1
	}
	return out
}

// field goes inward from a piece of the edge until there is nothing.
func (b brink) field(from, to int) field {
	_, deep := b.size()
	first := int(brinkIn * b.s.dpi)
	d, last := 1, first
	for ; d < min(deep, int(mostBrinkIn*b.s.dpi)) && d-last < first; d++ {
		if b.changes(from, to, d, d+1) > 0 {
			last = d
		}
	}
	x0, y0 := b.point(from, 0)
	x1, y1 := b.point(to-1, min(last+1, deep-1))
	return field{box: image.Rect(min(x0, x1), min(y0, y1), max(x0, x1)+1, max(y0, y1)+1)}
}

// changes counts changes of colour in a part, either way.
func (b brink) changes(a0, a1, d0, d1 int) (n int) {
	for a := max(1, a0); a < a1; a++ {
		for d := max(1, d0); d < d1; d++ {
			c := b.at(a, d)
			if c != b.at(a-1, d) || c != b.at(a, d-1) {
				n++
			}
		}
	}
	return n
}

// border tells whether a field at an edge ends with the border of a Data Matrix.
func (s *sight) border(f field, side int, left *purse) bool {
	c := s.changes(f, false)
	m := c.module()
	b := brink{s, side}
	changes := c.across
	a0, a1, depth := f.box.Min.X, f.box.Max.X, f.box.Dy()
	if side >= 2 {
		changes = c.down
		a0, a1, depth = f.box.Min.Y, f.box.Max.Y, f.box.Dx()
	}
	if m < 0.8*leastModule || float64(a1-a0) < leastBorder*m || float64(depth) < 1.5*m || len(changes) < leastBorder {
		return false
	}
	changes = thinned(changes)
	left.spend(100_000)
	best, slope, module := 0.0, 0.0, m
	for k := -0.06; k <= 0.06; k += 0.015 { // of the page in its image
		for g := 0.75 * m; g < 1.35*m; g *= 1.01 {
			sn, cs := k, 1.0
			ux, uy := cs, sn
			if side >= 2 {
				ux, uy = sn, cs
			}
			if p := periodic(changes, ux, uy, g); p > best {
				best, slope, module = p, k, g
			}
		}
	}
	if best < leastPeriodic || module < leastModule {
		return false
	}
	for _, tilt := range []float64{0, slope, -slope} {
		for inner := 1.75 * module; inner <= float64(depth)+module; inner += module / 4 {
			for phase := 0.0; phase < 1; phase += 0.25 {
				if b.bordered(float64(a0)+(phase-0.5)*module, float64(a1), inner, tilt, module) {
					return true
				}
			}
		}
	}
	return false
}

// bordered judges rows of modules: paper, the border, and data.
func (b brink) bordered(a0, a1, inner, tilt, m float64) bool {
	row := func(d float64) []bool {
		long, deep := b.size()
		var out []bool
		for a := a0 + m/2; a < a1; a += m {
			x, y := int(a), int(math.Floor(d+tilt*(a-(a0+a1)/2)))
			if x >= 0 && x < long && y >= 0 && y < deep {
				out = append(out, b.at(x, y))
			}
		}
		return out
	}
	paper, border, data := row(inner+m*0.5), row(inner-m*0.5), row(inner-m*1.5)
	if len(border) < leastBorder || len(data) < leastBorder || len(paper) < leastBorder {
		return false
	}
	if p := share(paper); p > 1-leastRow && p < leastRow {
		return false
	}
	light := share(paper) > 0.5
	if light { // the code is light on dark
		for _, r := range [][]bool{border, data} {
			for i := range r {
				r[i] = !r[i]
			}
		}
	}
	solid := share(border) >= leastRow
	return (solid || agreeing(border, 1) <= 1-leastRow) && random(data)
}

// share of what is dark.
func share(row []bool) float64 {
	n := 0
	for _, d := range row {
		if d {
			n++
		}
	}
	return float64(n) / float64(len(row))
}

// agreeing is the share of modules that are like those so far on.
func agreeing(row []bool, by int) float64 {
	n := 0
	for i := by; i < len(row); i++ {
		if row[i] == row[i-by] {
			n++
		}
	}
	return float64(n) / float64(len(row)-by)
}

// random tells whether a row is like data: about half dark, and not repeating.
func random(row []bool) bool {
	if p := share(row); p < 0.25 || p > 0.75 {
		return false
	}
	for by := 1; by <= 4; by++ {
		if a := agreeing(row, by); a > 0.8 || a < 0.15 {
			return false
		}
	}
	return true
}
