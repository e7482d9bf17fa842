package prepare

import (
	"math"
	"slices"
)

// bend is a surface over a sketch: how much lower than straight lines the lines of text
// are at each place, in its pixels. It is made of cubic B-splines on even knots.
type bend struct {
	w, h  int
	heavy []float64 // bendKnotsX a row
}

const (
	bendKnotsX = 11
	bendKnotsY = 6
	stiffX     = 0.02 // how much the surface dislikes to bend, against a foot in each cell
	stiffY     = 0.3
)

// spline gives the first of four knots that matter at a place from 0 to 1, and how much
// each of them does.
func spline(at float64, knots int) (int, [4]float64) {
	at = min(max(at, 0), 1) * float64(knots-3)
	i := min(int(at), knots-4)
	t := at - float64(i)
	s := 1 - t
	return i, [4]float64{s * s * s / 6, (3*t*t*t - 6*t*t + 4) / 6, (3*s*s*s - 6*s*s + 4) / 6, t * t * t / 6}
}

func (b *bend) each(x, y float64, do func(i int, w float64)) {
	i, u := spline(x/float64(b.w), bendKnotsX)
	j, v := spline(y/float64(b.h), bendKnotsY)
	for k := range 4 {
		for l := range 4 {
			do((j+k)*bendKnotsX+i+l, v[k]*u[l])
		}
	}
}

func (b *bend) at(x, y float64) float64 {
	sum := 0.0
	b.each(x, y, func(i int, w float64) { sum += w * b.heavy[i] })
	return sum
}

// fit lays the surface through the feet of rows: each row is level but for it, at a
// height that is its own.
func (b *bend) fit(list []row) {
	n := bendKnotsX * bendKnotsY
	at := make([]float64, len(list)) // the y of each row once it is straight
	mean := func(i int) {
		sum, weight := 0.0, 0.0
		for _, f := range list[i].feet {
			sum += f.y - b.at(f.x, at[i])
			weight++
		}
		at[i] = sum / weight
	}
	for i, r := range list {
		at[i] = r.at
		mean(i)
	}
	feet := float64(feetOf(list))
	for round := range 4 {
		e := newEquations(n)
		basis, middle := make([]float64, n), make([]float64, n)
		for i, r := range list {
			// What the row's own height takes up is left out: its mean.
			clear(middle)
			my, all := 0.0, 0.0
			weights := make([]float64, len(r.feet))
			for k, f := range r.feet {
				w := 1.0
				if round > 0 {
					w = tukey((f.y - at[i] - b.at(f.x, at[i])) / max(1, 0.5*r.height))
				}
				weights[k] = w
				b.each(f.x, at[i], func(j int, v float64) { middle[j] += w * v })
				my, all = my+w*f.y, all+w
			}
			if all < leastFeet/2 {
				continue
			}
			for j := range middle {
				middle[j] /= all
			}
			my /= all
			for k, f := range r.feet {
				for j := range basis {
					basis[j] = -middle[j]
				}
				b.each(f.x, at[i], func(j int, v float64) { basis[j] += v })
				e.add(basis, f.y-my, weights[k])
			}
		}
		b.stiffen(e, feet/float64(n))
		heavy, ok := e.solve()
		if !ok {
			return
		}
		b.heavy = heavy
		b.settle(list)
		for i := range list {
			mean(i)
		}
	}
}

// stiffen adds that the surface would rather be flat, and in doubt go on straight.
func (b *bend) stiffen(e *equations, scale float64) {
	basis := make([]float64, len(b.heavy))
	second := func(i, step int, w float64) {
		clear(basis)
		basis[i-step], basis[i], basis[i+step] = 1, -2, 1
		e.add(basis, 0, w*scale)
	}
	for y := range bendKnotsY {
		for x := range bendKnotsX {
			i := y*bendKnotsX + x
			if x > 0 && x < bendKnotsX-1 {
				second(i, 1, stiffX)
			}
			if y > 0 && y < bendKnotsY-1 {
				second(i, bendKnotsX, stiffY)
			}
			clear(basis)
			basis[i] = 1
			e.add(basis, 0, 1e-5*scale)
		}
	}
}

// settle takes from each knots' row what is the same all along it, since a line's own
// height takes that up: the mean over where there is text.
func (b *bend) settle(list []row) {
	from, to := math.Inf(1), math.Inf(-1)
	for _, r := range list {
		from, to = min(from, r.feet[0].x), max(to, r.feet[len(r.feet)-1].x)
	}
	for y := range bendKnotsY {
		row := b.heavy[y*bendKnotsX:][:bendKnotsX]
		sum, n := 0.0, 0.0
		for x := from; x <= to; x += max(1, (to-from)/50) {
			i, u := spline(x/float64(b.w), bendKnotsX)
			for k := range 4 {
				sum += u[k] * row[i+k]
			}
			n++
		}
		for x := range row {
			row[x] -= sum / n
		}
	}
}

// judge tells how much lines are bent, in letter heights, beyond being askew all
// alike, and how far their feet are from straight lines before and after.
func (b *bend) judge(list []row) (amount, before, after float64) {
	slope, _ := middleSlope(list)
	var bent, was, is []float64
	for _, r := range list {
		var y, x, u float64
		for _, f := range r.feet {
			x, y, u = x+f.x, y+f.y, u+b.at(f.x, r.at)
		}
		n := float64(len(r.feet))
		x, y, u = x/n, y/n, u/n
		for _, f := range r.feet {
			d := b.at(f.x, r.at) - u
			bent = append(bent, math.Abs(d-slope*(f.x-x))/r.height)
			was = append(was, math.Abs(f.y-y-slope*(f.x-x)))
			is = append(is, math.Abs(f.y-y-d))
		}
	}
	slices.Sort(bent)
	slices.Sort(was)
	slices.Sort(is)
	at := len(bent) * 95 / 100
	return bent[at], was[len(was)*3/4], is[len(is)*3/4]
}

// equations are the normal equations of a least squares fit.
type equations struct {
	n int
	a []float64 // n rows of n+1
}

func newEquations(n int) *equations { return &equations{n, make([]float64, n*(n+1))} }

// add asks that the basis functions together give y.
func (e *equations) add(basis []float64, y, weight float64) {
	for i, v := range basis {
		if v == 0 {
			continue
		}
		row := e.a[i*(e.n+1):][:e.n+1]
		for j, u := range basis {
			row[j] += weight * v * u
		}
		row[e.n] += weight * v * y
	}
}

// solve gives the factors of the basis functions; false where they are not determined.
func (e *equations) solve() ([]float64, bool) {
	n := e.n
	row := func(i int) []float64 { return e.a[i*(n+1):][:n+1] }
	for i := range n {
		best := i
		for j := i + 1; j < n; j++ {
			if math.Abs(row(j)[i]) > math.Abs(row(best)[i]) {
				best = j
			}
		}
		if math.Abs(row(best)[i]) < 1e-12 {
			return nil, false
		}
		if best != i {
			p, q := row(i), row(best)
			for k := range p {
				p[k], q[k] = q[k], p[k]
			}
		}
		p := row(i)
		for j := i + 1; j < n; j++ {
			q := row(j)
			if f := q[i] / p[i]; f != 0 {
				for k := i; k <= n; k++ {
					q[k] -= f * p[k]
				}
			}
		}
	}
	out := make([]float64, n)
	for i := n - 1; i >= 0; i-- {
		p := row(i)
		v := p[n]
		for k := i + 1; k < n; k++ {
			v -= p[k] * out[k]
		}
		out[i] = v / p[i]
	}
	return out, true
}
