package folder

import "math"

// rect is a rectangle with edges along the axes, x0 <= x1 and y0 <= y1.
type rect struct{ x0, y0, x1, y1 float64 }

func newRect(x0, y0, x1, y1 float64) rect {
	return rect{math.Min(x0, x1), math.Min(y0, y1), math.Max(x0, x1), math.Max(y0, y1)}
}

func (r rect) empty() bool { return !(r.x0 < r.x1 && r.y0 < r.y1) }

func (r rect) intersect(s rect) rect {
	return rect{math.Max(r.x0, s.x0), math.Max(r.y0, s.y0), math.Min(r.x1, s.x1), math.Min(r.y1, s.y1)}
}

// quad gives the corners of the rectangle as m shows them, in order.
func (r rect) quad(m matrix) [4]point {
	return [4]point{
		m.apply(point{r.x0, r.y0}), m.apply(point{r.x1, r.y0}),
		m.apply(point{r.x1, r.y1}), m.apply(point{r.x0, r.y1}),
	}
}

// area of a polygon.
func area(p []point) float64 {
	sum := 0.0
	for i := range p {
		q := p[(i+1)%len(p)]
		sum += p[i].x*q.y - q.x*p[i].y
	}
	return math.Abs(sum) / 2
}

// cut gives the part of a convex polygon that lies in r, edge by edge
// (Sutherland and Hodgman, 1974).
func cut(p []point, r rect) []point {
	for _, inside := range []func(point) float64{
		func(q point) float64 { return q.x - r.x0 }, func(q point) float64 { return r.x1 - q.x },
		func(q point) float64 { return q.y - r.y0 }, func(q point) float64 { return r.y1 - q.y },
	} {
		var out []point
		for i, a := range p {
			b := p[(i+1)%len(p)]
			da, db := inside(a), inside(b)
			if da >= 0 {
				out = append(out, a)
			}
			if da >= 0 != (db >= 0) {
				t := da / (da - db)
				out = append(out, point{a.x + t*(b.x-a.x), a.y + t*(b.y-a.y)})
			}
		}
		p = out
	}
	return p
}

// upright tells whether m keeps rectangles upright: no turn but by quarters.
func (m matrix) upright() bool {
	const little = 1e-6
	size := math.Abs(m.a) + math.Abs(m.b) + math.Abs(m.c) + math.Abs(m.d)
	return math.Abs(m.b)+math.Abs(m.c) <= little*size || math.Abs(m.a)+math.Abs(m.d) <= little*size
}

// bounds is the smallest upright rectangle about some points.
func bounds(p []point) rect {
	r := rect{math.Inf(1), math.Inf(1), math.Inf(-1), math.Inf(-1)}
	for _, q := range p {
		r = rect{math.Min(r.x0, q.x), math.Min(r.y0, q.y), math.Max(r.x1, q.x), math.Max(r.y1, q.y)}
	}
	return r
}
