package quality

// plane is a field of numbers in rows.
type plane struct {
	w, h int
	v    []float32
}

func newPlane(w, h int) plane { return plane{w, h, make([]float32, w*h)} }

// clamped gives i inside of 0 to n-1.
func clamped(i, n int) int { return max(0, min(i, n-1)) }

// blurred is the plane after a box of 2r+1 cells a side; beyond its edges the plane
// is not counted.
func (p plane) blurred(r int) plane {
	return p.along(r, p.w, 1, p.h, p.w).along(r, p.h, p.w, p.w, 1)
}

// along averages over 2r+1 cells of lines that have n cells step apart and begin
// next apart.
func (p plane) along(r, n, step, lines, next int) plane {
	out := newPlane(p.w, p.h)
	inner := 1 / float32(2*r+1)
	for l := range lines {
		at := l * next
		sum := float32(0)
		for i := 0; i < min(r, n); i++ {
			sum += p.v[at+i*step]
		}
		for i := range n {
			if i+r < n {
				sum += p.v[at+(i+r)*step]
			}
			if i-r > 0 {
				sum -= p.v[at+(i-r-1)*step]
			}
			k := inner
			if i < r || i+r >= n {
				k = 1 / float32(min(i+r, n-1)-max(i-r, 0)+1)
			}
			out.v[at+i*step] = sum * k
		}
	}
	return out
}

// halved blurs by 1 4 6 4 1 both ways and keeps every other cell: what would show as
// a false pattern in the coarser plane - the pitch of lines of text - is gone before.
func (p plane) halved() plane {
	w, h := p.w/2, p.h/2
	rows := newPlane(w, p.h)
	for y := range p.h {
		line := p.v[y*p.w:][:p.w]
		for x := range w {
			c := 2 * x // the kernel lies between 2x and 2x+1: 1 3 3 1 would do for one, 1 5 10 10 5 1 for this
			rows.v[y*w+x] = (line[clamped(c-2, p.w)] + 5*line[clamped(c-1, p.w)] + 10*line[c] +
				10*line[clamped(c+1, p.w)] + 5*line[clamped(c+2, p.w)] + line[clamped(c+3, p.w)]) / 32
		}
	}
	out := newPlane(w, h)
	for y := range h {
		c := 2 * y
		a, b, d, e, f, g := rows.row(c-2), rows.row(c-1), rows.row(c), rows.row(c+1), rows.row(c+2), rows.row(c+3)
		for x := range w {
			out.v[y*w+x] = (a[x] + 5*b[x] + 10*d[x] + 10*e[x] + 5*f[x] + g[x]) / 32
		}
	}
	return out
}

func (p plane) row(y int) []float32 { return p.v[clamped(y, p.h)*p.w:][:p.w] }
