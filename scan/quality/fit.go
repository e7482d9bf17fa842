package quality

import (
	"cmp"
	"math"
	"slices"
)

// Where two pages differ they mostly do so along a line of text: in a name, a date, a
// sum. Strips as long as a short field and as high as a line are compared, along the
// rows and, for pages that lie on their side, along the columns.
const (
	stripLong   = 8    // cells to either side of the middle of a strip: 17, 36 mm on A4
	stripHigh   = 1    // and above and below: 3, 6 mm
	stripStep   = 4    // cells from one strip to the next along it
	leastStrip  = 0.02 // squares a cell of a strip with something in it
	strongStrip = 0.35 // of what the stronger strips have: below it stains count as much as ink
	loneStrip   = 0.85 // and where the other page has none: folds, shadows and faint ink are lost in black and white
	noStrip     = 0.12 // or what counts as none
	margin      = 3    // cells at the edges of a page that are not compared: lids and mounts show there
)

// wiggles are the moves, in cells, that a strip may make from where the warp puts
// it: paper is not flat.
var wiggles = [...][2]float64{{0, 0}, {-0.5, 0}, {0.5, 0}, {0, -0.5}, {0, 0.5}}

// fit is how well two grids lie upon each other: how alike the strips are, -1 to 1,
// of which a half, a tenth, a fiftieth and a hundredth fit worse.
type fit struct {
	middle, tenth, low, least float64
	strips                    int // with something in them
}

// strip is how alike one is, and how much is in it in either grid.
type strip struct{ alike, a, b float32 }

// fit compares the grids where both pages are.
func (w *warp) fit(a, b plane) fit {
	var laid [len(wiggles)]plane
	var on plane
	for i, g := range wiggles {
		laid[i], on = w.laid(a, b, g[0], g[1])
	}
	all := append(strips(a, laid[:], on, true), strips(a, laid[:], on, false)...)
	all = slices.DeleteFunc(all, func(s strip) bool { return max(s.a, s.b) < leastStrip })
	if len(all) < fewStrips {
		return fit{}
	}
	byInk := func(of func(s strip) float32) float32 {
		slices.SortFunc(all, func(p, q strip) int { return cmp.Compare(of(p), of(q)) })
		return max(of(all[len(all)*3/4]), leastStrip/strongStrip)
	}
	usualA, usualB := byInk(func(s strip) float32 { return s.a }), byInk(func(s strip) float32 { return s.b })
	all = slices.DeleteFunc(all, func(s strip) bool {
		p, q := s.a/usualA, s.b/usualB
		if min(p, q) < noStrip {
			return max(p, q) < loneStrip
		}
		return max(p, q) < strongStrip
	})
	n := len(all)
	if n < fewStrips {
		return fit{}
	}
	slices.SortFunc(all, func(p, q strip) int { return cmp.Compare(p.alike, q.alike) })
	at := func(share float64) float64 { return float64(all[int(share*float64(n))].alike) }
	return fit{at(0.5), at(0.1), at(0.02), at(0.01), n}
}

// laid is b as it lies upon a, moved by a wiggle more, and where it does, which the
// wiggle does not change.
func (w *warp) laid(a, b plane, gx, gy float64) (out, on plane) {
	out, on = newPlane(a.w, a.h), newPlane(a.w, a.h)
	for y := margin; y < a.h-margin; y++ {
		for x := margin; x < a.w-margin; x++ {
			dx, dy := w.at(float64(x), float64(y))
			u, v := float64(x)+dx, float64(y)+dy
			if u < margin || v < margin || u > float64(b.w-1-margin) || v > float64(b.h-1-margin) {
				continue
			}
			u, v = u+gx, v+gy
			iu, iv := int(u), int(v)
			tx, ty := float32(u-float64(iu)), float32(v-float64(iv))
			l0, l1 := b.v[iv*b.w+iu:][:2], b.v[(iv+1)*b.w+iu:][:2]
			i := y*a.w + x
			out.v[i] = (l0[0]*(1-tx)+l0[1]*tx)*(1-ty) + (l1[0]*(1-tx)+l1[1]*tx)*ty
			on.v[i] = 1
		}
	}
	return out, on
}

// strips compares all strips one way, each with the most alike of what was laid upon
// it. What a strip has in common along its length - a line of text as such, a rule -
// is taken away first: pages of one layout share it.
func strips(a plane, laid []plane, on plane, across bool) (all []strip) {
	long, high := stripLong, stripHigh
	stepX, stepY := stripStep, 1
	if !across {
		long, high = high, long
		stepX, stepY = stepY, stepX
	}
	rows := func(p plane) plane { return p.along(long, p.w, 1, p.h, p.w) }
	columns := func(p plane) plane { return p.along(high, p.h, p.w, p.w, 1) }
	bare := func(p plane) plane {
		out := rows(p)
		if !across {
			out = columns(p)
		}
		for i, v := range p.v {
			out.v[i] = v - out.v[i]
		}
		return out
	}
	product := func(p, q plane) plane {
		out := newPlane(p.w, p.h)
		for i, v := range p.v {
			out.v[i] = v * q.v[i]
		}
		return columns(rows(out))
	}
	a = bare(a)
	aa := product(a, a)
	on = columns(rows(on))
	for k, b := range laid {
		b = bare(b)
		bb, ab := product(b, b), product(a, b)
		n := 0
		for y := high; y < a.h-high; y += stepY {
			for x := long; x < a.w-long; x += stepX {
				i := y*a.w + x
				if on.v[i] < 0.999 {
					continue
				}
				s := strip{-1, aa.v[i], bb.v[i]}
				if u, v := max(s.a, leastStrip), max(s.b, leastStrip); u > leastStrip || v > leastStrip {
					s.alike = ab.v[i] / float32(math.Sqrt(float64(u*v)))
				}
				if k == 0 {
					all = append(all, s)
				} else if s.alike > all[n].alike {
					all[n] = s
				}
				n++
			}
		}
	}
	return all
}
