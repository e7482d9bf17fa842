package separate

import (
	"cmp"
	"image"
	"math"
	"slices"

	"recto/scan"
)

// Linear codes are found by what no text has: an area where every edge runs the
// same way. The structure tensor of small blocks tells how strongly and which way
// (J. Bigün and G. Granlund, "Optimal orientation detection of linear symmetry",
// ICCV 1987); blocks that agree are put together, straightened at the resolution
// of the page and read along several lines.

const (
	block      = 8    // pixels of a sight
	leastEdge  = 24.0 // mean square of the difference of neighbours
	leastAlike = 0.5  // coherence: 0 no direction, 1 all one direction
)

// area is where a linear code may be, in pixels of a sight.
type area struct {
	x, y       float64 // its middle
	angle      float64 // of the line across the bars, radians, -π/2 to π/2
	wide, high float64 // along that line, and along the bars
}

// areas finds places where bars may stand.
func (s *sight) areas() []area {
	bw, bh := s.size.X/block, s.size.Y/block
	if bw < 2 || bh < 2 {
		return nil
	}
	type tensor struct{ xx, yy, xy float64 }
	t := make([]tensor, bw*bh)
	for by := range bh {
		for bx := range bw {
			xx, yy, xy := 0, 0, 0
			for y := by * block; y < (by+1)*block; y++ {
				if y+1 >= s.size.Y {
					break
				}
				row, next := s.grey[y*s.size.X:][:s.size.X], s.grey[(y+1)*s.size.X:][:s.size.X]
				for x := bx * block; x < (bx+1)*block && x+1 < s.size.X; x++ {
					a, b := int(row[x])-int(next[x+1]), int(row[x+1])-int(next[x])
					dx, dy := a-b, a+b // twice the slope, without a direction of its own
					xx += dx * dx
					yy += dy * dy
					xy += dx * dy
				}
			}
			t[by*bw+bx] = tensor{float64(xx) / 4, float64(yy) / 4, float64(xy) / 4}
		}
	}
	// A block speaks with its neighbours: a few bars alone are not much of an answer.
	angle := make([]float64, bw*bh) // twice the angle
	good := make([]bool, bw*bh)
	for by := range bh {
		for bx := range bw {
			var sum tensor
			n := 0.0
			for v := max(0, by-1); v <= min(bh-1, by+1); v++ {
				for u := max(0, bx-1); u <= min(bw-1, bx+1); u++ {
					e := t[v*bw+u]
					sum.xx, sum.yy, sum.xy = sum.xx+e.xx, sum.yy+e.yy, sum.xy+e.xy
					n++
				}
			}
			energy := sum.xx + sum.yy
			i := by*bw + bx
			if energy < leastEdge*n*block*block {
				continue
			}
			if math.Hypot(sum.xx-sum.yy, 2*sum.xy) >= leastAlike*energy {
				good[i] = true
				angle[i] = math.Atan2(2*sum.xy, sum.xx-sum.yy)
			}
		}
	}
	var out []area
	stack := make([]int, 0, 64)
	for start := range good {
		if !good[start] {
			continue
		}
		good[start] = false
		stack = append(stack[:0], start)
		var members []int
		for len(stack) > 0 {
			i := stack[len(stack)-1]
			stack = stack[:len(stack)-1]
			members = append(members, i)
			x, y := i%bw, i/bw
			for v := max(0, y-1); v <= min(bh-1, y+1); v++ {
				for u := max(0, x-1); u <= min(bw-1, x+1); u++ {
					j := v*bw + u
					if good[j] && math.Cos(angle[i]-angle[j]) > 0.92 && math.Cos(angle[start]-angle[j]) > 0.8 {
						good[j] = false
						stack = append(stack, j)
					}
				}
			}
		}
		if float64(len(members)*block*block) < 0.1*0.3*s.dpi*s.dpi {
			continue
		}
		var a area
		c, sn := 0.0, 0.0
		for _, i := range members {
			w := t[i].xx + t[i].yy
			c += w * math.Cos(angle[i])
			sn += w * math.Sin(angle[i])
		}
		a.angle = math.Atan2(sn, c) / 2
		ux, uy := math.Cos(a.angle), math.Sin(a.angle)
		us, vs := make([]float64, len(members)), make([]float64, len(members))
		for k, i := range members {
			x, y := (float64(i%bw)+0.5)*block, (float64(i/bw)+0.5)*block
			us[k], vs[k] = x*ux+y*uy, y*ux-x*uy
		}
		u0, u1 := slices.Min(us), slices.Max(us)
		slices.Sort(vs)
		v0, v1 := vs[len(vs)/50], vs[len(vs)-1-len(vs)/50]
		a.wide, a.high = u1-u0+block, v1-v0+block
		u, v := (u0+u1)/2, (v0+v1)/2
		a.x, a.y = u*ux-v*uy, u*uy+v*ux
		if a.wide < 0.3*s.dpi || a.high < 0.1*s.dpi || float64(len(members)*block*block) < 0.45*a.wide*a.high {
			continue
		}
		out = append(out, a)
	}
	return out
}

// findLinear reads the linear codes of a page; the largest areas first, because
// what a page may cost is bounded.
func findLinear(s *sight, img *image.Gray, left *purse) []scan.Code {
	var out []scan.Code
	areas := s.areas()
	slices.SortStableFunc(areas, func(a, b area) int { return cmp.Compare(b.wide*b.high, a.wide*a.high) })
	for _, a := range areas {
		if !left.any() {
			break
		}
		if kind, text := readArea(s, img, a, left); kind != "" {
			out = append(out, scan.Code{Kind: kind, Text: text, Unread: text == "", Box: s.boxOf(a, img.Bounds())})
		}
	}
	return joined(out)
}

// joined drops what was found twice, and what could not be read where something
// else could.
func joined(codes []scan.Code) []scan.Code {
	var out []scan.Code
	for i, c := range codes {
		keep := true
		for j, d := range codes {
			if i == j || !c.Box.Inset(-c.Box.Dy()/4).Overlaps(d.Box) || c.Kind.Patch() != d.Kind.Patch() {
				continue
			}
			if c.Unread && !d.Unread || j < i && c.Kind == d.Kind && c.Text == d.Text && c.Unread == d.Unread {
				keep = false
			}
		}
		if keep {
			out = append(out, c)
		}
	}
	return out
}

// boxOf is the box around an area, in pixels of the page.
func (s *sight) boxOf(a area, bounds image.Rectangle) image.Rectangle {
	ux, uy := math.Abs(math.Cos(a.angle)), math.Abs(math.Sin(a.angle))
	w, h := (a.wide*ux+a.high*uy)/2, (a.wide*uy+a.high*ux)/2
	return s.page(a.x-w, a.y-h, a.x+w, a.y+h, bounds)
}

// strip samples an area along the line across its bars: part tells where, as a
// share of its height from the middle, and over how much of it to average. The
// result has at least 300 and mostly 600 greys an inch, with room on both sides.
func (s *sight) strip(img *image.Gray, a area, part, high float64, left *purse) []float64 {
	k := float64(s.scale)
	pageDPI := s.dpi * k
	step := 1.0
	for pageDPI/step < 500 {
		step /= 2
	}
	ux, uy := math.Cos(a.angle), math.Sin(a.angle)
	over := 0.35 * pageDPI // quiet zones and what the blocks missed
	half := a.wide*k/2 + over
	n := int(2 * half / step)
	rows := max(1, min(int(a.high*k*high), 24))
	apart := max(1, a.high*k*high/float64(rows))
	left.spend(n * (rows + 12)) // 12: what follows for each grey of the strip
	size := img.Bounds().Size()
	out := make([]float64, n)
	count := make([]float64, n)
	for r := range rows {
		v := part*a.high*k + (float64(r)-float64(rows-1)/2)*apart
		x := a.x*k - half*ux - v*uy
		y := a.y*k - half*uy + v*ux
		dx, dy := ux*step, uy*step
		for i := range n {
			fx, fy := x-0.5, y-0.5
			x, y = x+dx, y+dy
			if fx < 0 || fy < 0 || fx >= float64(size.X-1) || fy >= float64(size.Y-1) {
				continue
			}
			ix, iy := int(fx), int(fy)
			fx, fy = fx-float64(ix), fy-float64(iy)
			p := img.Pix[iy*img.Stride+ix:]
			q := img.Pix[(iy+1)*img.Stride+ix:]
			out[i] += (float64(p[0])*(1-fx)+float64(p[1])*fx)*(1-fy) + (float64(q[0])*(1-fx)+float64(q[1])*fx)*fy
			count[i]++
		}
	}
	first, last := -1, -1
	for i := range out {
		if count[i] > 0 {
			out[i] /= count[i]
			if first < 0 {
				first = i
			}
			last = i
		}
	}
	if first < 0 {
		return nil
	}
	return out[first : last+1]
}

// bitsOf makes dark and light of a strip, in several ways: against the middle of
// the dark and the light around, which keeps narrow bars in a blurred picture, and
// against the mean around; the second half of the answers are for white bars.
func bitsOf(strip []float64) [][]bool {
	n := len(strip)
	if n < 60 {
		return nil
	}
	lo, hi := slices.Min(strip), slices.Max(strip)
	if hi-lo < contrast {
		return nil
	}
	var out [][]bool
	for _, window := range []int{48, 110} {
		low, high := sliding(strip, window, false), sliding(strip, window, true)
		bits := make([]bool, n)
		for i, v := range strip {
			l, h := low[i], high[i]
			if h-l < 0.25*(hi-lo) { // even: nothing but paper, or a solid bar
				bits[i] = v < (lo+hi)/2
				continue
			}
			bits[i] = v < (l+h)/2
		}
		out = append(out, bits)
	}
	bits := make([]bool, n)
	mid := (lo + hi) / 2
	for i, v := range strip {
		bits[i] = v < mid
	}
	out = append(out, bits)
	for _, b := range out[:3] {
		inv := make([]bool, n)
		for i := range b {
			inv[i] = !b[i]
		}
		out = append(out, inv)
	}
	return out
}

// sliding gives the least or the greatest value within reach of each place
// (van Herk and Gil-Werman would be quicker; strips are short).
func sliding(v []float64, reach int, most bool) []float64 {
	out := make([]float64, len(v))
	var queue []int
	better := func(a, b float64) bool {
		if most {
			return a >= b
		}
		return a <= b
	}
	next := 0
	for i := range v {
		for next < len(v) && next <= i+reach {
			for len(queue) > 0 && better(v[next], v[queue[len(queue)-1]]) {
				queue = queue[:len(queue)-1]
			}
			queue = append(queue, next)
			next++
		}
		for queue[0] < i-reach {
			queue = queue[1:]
		}
		out[i] = v[queue[0]]
	}
	return out
}

const inARow = 4 // characters that chance does not bring together

// fragment128 tells whether some characters of Code 128 stand in a row: six runs
// of 1 to 4 modules, 11 in all, bars an even number of them (ISO/IEC 15417, 4.3.2).
func fragment128(runs []int) bool {
	for offset := range 6 {
		chain, prior, uneven := 0, 0.0, false
		kinds := map[[6]int]bool{}
		for i := offset; i+6 <= len(runs); i += 6 {
			p, module, ok := sextet(runs[i : i+6])
			if !ok || prior > 0 && (module > 1.12*prior || module < prior/1.12) {
				chain, prior, uneven = 0, 0, false
				clear(kinds)
				if !ok {
					continue
				}
			}
			chain++
			prior = module
			kinds[p] = true
			uneven = uneven || stepping(p)
			if chain >= inARow && len(kinds) >= 2 && uneven {
				return true
			}
		}
	}
	return false
}

// stepping tells whether the bars of a character follow each other at unlike
// distances: those of a fence, or of a comb, do not.
func stepping(p [6]int) bool {
	a, b, c := p[0]+p[1], p[2]+p[3], p[4]+p[5]
	return 2*max(a, b, c) >= 3*min(a, b, c)
}

func sextet(runs []int) (p [6]int, module float64, ok bool) {
	total := 0
	for _, r := range runs {
		total += r
	}
	module = float64(total) / 11
	if module < 2 {
		return p, 0, false
	}
	sum, even, off := 0, [2]int{}, [2]float64{}
	for i, r := range runs {
		w := float64(r) / module
		p[i] = int(math.Round(w))
		if p[i] < 1 || p[i] > 4 {
			return p, 0, false
		}
		off[i%2] += w - float64(p[i])
		sum += p[i]
		even[i%2] += p[i]
	}
	if sum != 11 {
		return p, 0, false
	}
	// Bars may all be thicker by ink, and spaces thinner; what is left must be small.
	for i, r := range runs {
		if math.Abs(float64(r)/module-float64(p[i])-off[i%2]/3) > 0.32 {
			return p, 0, false
		}
	}
	return p, module, even[0]%2 == 0 || even[1]%2 == 0
}

// fragment39 tells whether some characters of Code 39 stand in a row: nine runs of
// which three are wide, and a narrow one between them (ISO/IEC 16388, 4.3.2).
func fragment39(runs []int) bool {
	for offset := range 10 {
		chain, prior := 0, 0.0
		for i := offset; i+9 <= len(runs); i += 10 {
			r := slices.Clone(runs[i : i+9])
			order := slices.Clone(r)
			slices.Sort(order)
			narrow, wide := 0.0, 0.0
			for k, v := range order {
				if k < 6 {
					narrow += float64(v) / 6
				} else {
					wide += float64(v) / 3
				}
			}
			ok := narrow >= 2 && wide >= 1.7*narrow && wide <= 3.8*narrow &&
				float64(order[5]) < (narrow+wide)/2*0.9 && float64(order[6]) > (narrow+wide)/2*1.05 && float64(order[0]) > 0.45*narrow
			if ok { // two wide bars and one wide space, or none and three
				bars := 0
				for k := 0; k < 9; k += 2 {
					if float64(r[k]) > (narrow+wide)/2 {
						bars++
					}
				}
				ok = bars == 2 || bars == 0
			}
			if ok && i+9 < len(runs) && i+19 <= len(runs) {
				ok = float64(runs[i+9]) < 2.5*narrow
			}
			if !ok || prior > 0 && (narrow > 1.2*prior || narrow < prior/1.2) {
				chain, prior = 0, 0
				if !ok {
					continue
				}
			}
			chain++
			prior = narrow
			if chain >= inARow-1 {
				return true
			}
		}
	}
	return false
}

// alike is the correlation of two strips, at the best of some shifts.
func alike(a, b []float64) float64 {
	best, n := -1.0, min(len(a), len(b))
	if n < 60 {
		return best
	}
	a, b = a[:n], b[:n]
	for shift := -12; shift <= 12; shift += 2 {
		x, y := a, b
		if shift > 0 {
			x, y = a[shift:], b[:len(b)-shift]
		} else if shift < 0 {
			x, y = a[:len(a)+shift], b[-shift:]
		}
		mx, my := 0.0, 0.0
		for i := range x {
			mx += x[i]
			my += y[i]
		}
		mx, my = mx/float64(len(x)), my/float64(len(x))
		xy, xx, yy := 0.0, 0.0, 0.0
		for i := range x {
			xy += (x[i] - mx) * (y[i] - my)
			xx += (x[i] - mx) * (x[i] - mx)
			yy += (y[i] - my) * (y[i] - my)
		}
		if xx > 0 && yy > 0 {
			best = max(best, xy/math.Sqrt(xx*yy))
		}
	}
	return best
}
