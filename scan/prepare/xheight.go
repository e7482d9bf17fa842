package prepare

import (
	"math"
	"runtime"
	"slices"
)

// Of heights of letters above the line they stand on.
const (
	nearFoot   = 0.25 // of a row's letter height: a letter that stands on the line
	leastTall  = 0.06 // of letters of lower case text reach higher: b, d, f, h, k, l, t
	perCapital = 1.4  // capitals are higher than x by this
	manySmall  = 0.4  // as many as the commonest: they are the lower case, the others capitals
	xShare     = 0.25 // of what may be letters must stand in rows: of pages as they should be 0.31 and more, of those on their side most have less
	mostInk    = 0.4  // of a page of letters; the darkest of real ones have 0.28, noise has half of it and more
	enoughTall = 60   // letters, so that none of them being tall means capitals
)

// XHeight estimates the height in pixels of the picture of letters like x, those
// without ascender or descender: what most letters reach above the line that they
// stand on. Of capitals and figures alone it is what the small letters would have. It
// is sure where there are some rows of text; recognition wants about 20, and from 12 to
// 30 does well.
func (p *Picture) XHeight() (pixels float64, sure bool) {
	return p.look().xHeight()
}

func (s *sketch) xHeight() (pixels float64, sure bool) {
	defer runtime.KeepAlive(s)
	t := s.text()
	var heights []float64
	for _, r := range t.rows {
		for _, f := range r.feet {
			if math.Abs(f.y-r.line(f.x)) <= max(1, nearFoot*r.height) {
				heights = append(heights, f.height)
			}
		}
	}
	if len(heights) == 0 {
		return 0, false
	}
	slices.Sort(heights)
	x := commonest(heights)
	tall := 0
	for _, h := range heights {
		if h > 1.2*x && h < 2*x {
			tall++
		}
	}
	if len(heights) >= enoughTall && float64(tall) < leastTall*float64(len(heights)) {
		x /= perCapital
	}
	sure = levels(t.rows) >= enoughRows && len(heights) >= enoughFeet && float64(len(heights)) >= xShare*float64(len(t.letters)) && t.ink.share() <= mostInk
	return x * float64(s.scale), sure
}

// commonest is the middle of the densest part, a seventh wide, of sorted values; where
// many are lower than these as x is than capitals, the middle of those.
func commonest(v []float64) float64 {
	x, most := densest(v)
	from, _ := slices.BinarySearch(v, x/1.7)
	to, _ := slices.BinarySearch(v, x/1.2)
	if low, n := densest(v[from:to]); float64(n) > manySmall*float64(most) {
		return low
	}
	return x
}

// densest is the mean of the values in the densest part of sorted ones, and how many
// they are.
func densest(v []float64) (middle float64, most int) {
	to := 0
	for from := range v {
		for to < len(v) && v[to] <= max(v[from]*1.15, v[from]+1) {
			to++
		}
		if n := to - from; n > most {
			sum := 0.0
			for _, x := range v[from:to] {
				sum += x
			}
			middle, most = sum/float64(n), n
		}
	}
	return middle, most
}
