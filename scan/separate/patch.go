package separate

import (
	"image"
	"math"
	"slices"

	"recto/scan"
)

// Patch codes are four bars and three spaces (Kodak A-61599, "Patch Code
// Information"): two wide bars of 0.20 inch, two narrow ones and the spaces of
// 0.08, 0.80 in all, at least 0.75 inch long. They are told by the order of wide
// and narrow from the nearest edge of the sheet inward, so that a sheet that was
// fed upside down or lies on its side still reads as what it is.
var patches = map[string]scan.CodeKind{
	"WWNN": scan.Patch1, "WNNW": scan.Patch2, "WNWN": scan.Patch3,
	"NWWN": scan.Patch4, "NNWW": scan.Patch6, "NWNW": scan.PatchT,
}

const (
	unitIn     = 0.08 // a narrow bar, inches
	leastUnit  = 0.6  // of it, where the sheet was printed smaller
	mostUnit   = 1.6
	guessUnit  = 2.2 // and where the page does not tell its dpi
	readLength = 0.6 // inches of bars that are enough to believe in
	leastPatch = 0.42
)

// middling is the share of a page about its middle in which neither edge is nearer
// than skew and cropping may make it. T read from the other side is 3; both begin a
// document (Kodak A-61599), and T, which is the one in use, is what is said there.
const middling = 0.06

// crossing is a line of pixels over four bars.
type crossing struct {
	line  int
	edges []int // where bars begin and end, along the line
	order string
	light bool // the bars are lighter than the spaces
	cut   bool // by the edge of the image
	far   bool // that at the end of the line; order is from there inward
}

func (c crossing) middle() float64 {
	return float64(c.edges[0]+c.edges[len(c.edges)-1]) / 2
}

// place of the crossing along its line. Of a cut one it is the innermost edge: where the
// image ends may be one bar more or fewer on the next line.
func (c crossing) place() float64 {
	switch {
	case c.far:
		return float64(c.edges[0])
	case c.cut:
		return float64(c.edges[len(c.edges)-1])
	}
	return c.middle()
}

// inner leaves so many bars, the innermost.
func (c crossing) inner(bars int) crossing {
	c.order = c.order[len(c.order)-bars:]
	if c.far {
		c.edges = c.edges[:2*bars]
	} else {
		c.edges = c.edges[len(c.edges)-2*bars:]
	}
	return c
}

// findPatches looks for patch codes along columns, and along rows.
func findPatches(s *sight, bounds image.Rectangle, known bool) []scan.Code {
	s.binarise()
	var out []scan.Code
	for _, upright := range []bool{false, true} {
		length, lines := s.size.Y, s.size.X
		if upright { // bars stand upright, lines go along rows
			length, lines = lines, length
		}
		step := max(1, int(s.dpi/40))
		var found []crossing
		runs := make([]int, 0, 256)
		line := make([]bool, length)
		for l := step / 2; l < lines; l += step {
			s.along(line, l, upright)
			var dark bool
			runs, dark = runsOf(line, runs[:0])
			found = append(found, s.crossings(l, runs, dark, known)...)
		}
		var here []scan.Code
		for _, group := range grouped(found, step, s.dpi) {
			for bars := 4; bars > 0; bars-- {
				if c, ok := s.patch(withBars(group, bars), step, length, upright, bounds); ok {
					here = append(here, c)
					break
				}
			}
		}
		out = append(out, apart(here)...)
	}
	return out
}

// withBars are those lines of a group that cross so many bars, the innermost.
func withBars(group []crossing, bars int) []crossing {
	var out []crossing
	for _, c := range group {
		if len(c.order) >= bars && (c.cut || len(c.order) == bars) {
			out = append(out, c.inner(bars))
		}
	}
	return out
}

// apart leaves out the codes that share bars: of such neither is one.
func apart(codes []scan.Code) []scan.Code {
	var out []scan.Code
	for i, c := range codes {
		shares := false
		for j, d := range codes {
			in := c.Box.Intersect(d.Box)
			shares = shares || i != j && !c.Unread && !d.Unread && 8*in.Dx() > c.Box.Dx() && 8*in.Dy() > c.Box.Dy()
		}
		if !shares {
			out = append(out, c)
		}
	}
	return out
}

// along copies a line of the mask, a column or a row.
func (s *sight) along(to []bool, l int, row bool) {
	if row {
		copy(to, s.dark[l*s.size.X:][:s.size.X])
		return
	}
	for i := range to {
		to[i] = s.dark[i*s.size.X+l]
	}
}

// runsOf gives the lengths of the runs of a line and the colour of the first.
// Single pixels between longer runs are noise and belong to them.
func runsOf(line []bool, runs []int) ([]int, bool) {
	n := 0
	for i := range line {
		if i > 0 && line[i] != line[i-1] {
			runs = append(runs, n)
			n = 0
		}
		n++
	}
	runs = append(runs, n)
	first := line[0]
	out := runs[:0]
	for i := 0; i < len(runs); i++ {
		if runs[i] == 1 && len(out) > 0 && i+1 < len(runs) && (out[len(out)-1] > 2 || runs[i+1] > 2) {
			out[len(out)-1] += 1 + runs[i+1]
			i++
			continue
		}
		out = append(out, runs[i])
	}
	return out, first
}

// crossings finds four bars with their quiet zones among the runs of a line, and
// what the edges of the image left of such.
func (s *sight) crossings(line int, runs []int, dark, known bool) []crossing {
	var out []crossing
	most := mostUnit
	if !known {
		most = guessUnit
	}
	least, full := leastUnit*unitIn*s.dpi, most*unitIn*s.dpi
	at := 0
	for i := range runs {
		if i+7 <= len(runs) {
			total := 0
			for _, r := range runs[i : i+7] {
				total += r
			}
			u := float64(total) / 10
			if u >= least && u <= full && quiet(runs, i-1, -1, u) && quiet(runs, i+7, 1, u) {
				if order, ok := orderOf(runs[i:i+7], u); ok {
					out = append(out, crossing{line, edgesOf(at, runs[i:i+7]), order, dark != (i%2 == 0), false, false})
				}
			}
		}
		at += runs[i]
	}
	if len(out) == 0 {
		if c, ok := s.remains(runs, dark); ok {
			c.line = line
			out = append(out, c)
		}
		back := slices.Clone(runs)
		slices.Reverse(back)
		if c, ok := s.remains(back, dark == (len(runs)%2 == 1)); ok {
			c.line = line
			for i := range c.edges {
				c.edges[i] = at - c.edges[i]
			}
			slices.Reverse(c.edges)
			c.far = true
			out = append(out, c)
		}
	}
	return out
}

// quiet tells whether a run is broad enough beside a code; the edge of the image is.
// Behind a zone that is narrower than a wide bar there must be no further bar: a
// fence and the keys of a piano go on, a patch code does not.
func quiet(runs []int, i, dir int, unit float64) bool {
	if i < 0 || i >= len(runs) || i == 0 || i == len(runs)-1 {
		return true
	}
	if float64(runs[i]) >= 3*unit {
		return true
	}
	next := float64(runs[i+dir])
	return float64(runs[i]) >= 0.8*unit && (next < 0.45*unit || next > 3.2*unit || i+dir == 0 || i+dir == len(runs)-1)
}

func edgesOf(at int, runs []int) []int {
	edges := []int{at}
	for _, r := range runs {
		at += r
		edges = append(edges, at)
	}
	return edges
}

// orderOf reads four bars. Ink spreads and light eats, by the same amount at each
// bar: so bars are held against bars, and spaces against spaces.
func orderOf(runs []int, u float64) (string, bool) {
	bars := []float64{float64(runs[0]), float64(runs[2]), float64(runs[4]), float64(runs[6])}
	spaces := []float64{float64(runs[1]), float64(runs[3]), float64(runs[5])}
	sorted := slices.Clone(bars)
	slices.Sort(sorted)
	narrow, wide := (sorted[0]+sorted[1])/2, (sorted[2]+sorted[3])/2
	space := (spaces[0] + spaces[1] + spaces[2]) / 3
	slack := 0.35*u + 1
	switch {
	case wide < 1.6*narrow, wide > 4.5*narrow, math.Abs(wide-2.5*u) > 0.6*u, narrow < 0.5*u, narrow > 1.6*u, space < 0.5*u, space > 1.6*u:
		return "", false
	case sorted[1]-sorted[0] > slack, sorted[3]-sorted[2] > slack, slices.Max(spaces)-slices.Min(spaces) > slack:
		return "", false
	case math.Abs((wide-narrow)-1.5*u) > 0.4*u:
		return "", false
	}
	order := make([]byte, len(bars))
	for i, b := range bars {
		order[i] = 'N'
		if b > (narrow+wide)/2 {
			order[i] = 'W'
		}
	}
	_, ok := patches[string(order)]
	return string(order), ok
}

// remains finds what is left of a code of ordinary size that the edge of the image
// cuts through a bar or through a space. A single pixel at the edge may be the next
// of its bars or spaces, or the edge itself, blurred.
func (s *sight) remains(runs []int, dark bool) (crossing, bool) {
	c, ok := s.bars(runs, dark)
	if !ok && len(runs) > 1 && runs[0] == 1 {
		c, ok = s.bars(append([]int{1 + runs[1]}, runs[2:]...), !dark)
	}
	return c, ok
}

func (s *sight) bars(runs []int, dark bool) (crossing, bool) {
	u := unitIn * s.dpi
	if len(runs) < 3 {
		return crossing{}, false
	}
	var c crossing
	beside := 0                                          // the quiet zone: a wide bar may pass for one if bars are taken for spaces
	if near(runs[1], u, u) && float64(runs[0]) < 2.9*u { // a bar is cut
		if edges, order, quiet := inner(runs, 2, u); quiet > 0 && enough(order, float64(runs[0])/u) {
			c, beside = crossing{edges: edges, order: order, light: !dark, cut: true}, quiet
		}
	}
	if float64(runs[0]) < 1.25*u { // a space is cut
		if edges, order, quiet := inner(runs, 1, u); quiet > beside && enough(order, 0) {
			c, beside = crossing{edges: edges, order: order, light: dark, cut: true}, quiet
		}
	}
	return c, beside > 0
}

// near tells whether a run is as long as it has to be.
func near(run int, want, u float64) bool { return math.Abs(float64(run)-want) <= 0.22*u+0.7 }

// inner reads whole bars from the i-th run on, up to a quiet zone, whose length it
// gives; 0 where it is none.
func inner(runs []int, i int, u float64) (edges []int, order string, quiet int) {
	at := 0
	for _, r := range runs[:i] {
		at += r
	}
	edges = []int{at}
	for ; i+1 < len(runs) && len(order) < 4; i += 2 {
		switch {
		case near(runs[i], u, u):
			order += "N"
		case near(runs[i], 2.5*u, u):
			order += "W"
		default:
			return nil, "", 0
		}
		at += runs[i]
		edges = append(edges, at)
		if zone := float64(runs[i+1]); zone > 1.6*u {
			if len(order) < 3 && zone < 2*u {
				return nil, "", 0
			}
			return edges, order, runs[i+1]
		}
		if !near(runs[i+1], u, u) {
			return nil, "", 0
		}
		at += runs[i+1]
		edges = append(edges, at)
	}
	return nil, "", 0
}

// enough tells whether bars that are whole are so many of a code that it is worth
// somebody's while, with a piece of another at the edge, in units.
func enough(order string, piece float64) bool {
	switch order {
	case "W": // a rule, a fold or the gutter of a book may be as much
		return piece >= 0.25
	case "N": // with what cannot be the shadow of the edge
		return piece >= 0.8
	}
	return order != ""
}

// grouped puts the crossings of one code together: on neighbouring lines, and no
// further along than bars askew by 20 degrees take them.
func grouped(found []crossing, step int, dpi float64) [][]crossing {
	var groups [][]crossing
	open := 0
	for _, c := range found {
		joined := false
		for g := len(groups) - 1; g >= open && !joined; g-- {
			last := groups[g][len(groups[g])-1]
			gap := c.line - last.line
			if gap > 0 && float64(gap) <= 0.3*dpi && c.light == last.light && c.cut == last.cut && c.far == last.far &&
				math.Abs(c.place()-last.place()) <= 0.36*float64(gap)+0.02*dpi {
				groups[g] = append(groups[g], c)
				joined = true
			}
		}
		if !joined {
			groups = append(groups, []crossing{c})
		}
	}
	return groups
}

// patch judges a group: long enough, without holes, straight, of one mind.
func (s *sight) patch(group []crossing, step, length int, upright bool, bounds image.Rectangle) (scan.Code, bool) {
	if len(group) == 0 {
		return scan.Code{}, false
	}
	first, last := group[0], group[len(group)-1]
	span := float64(last.line-first.line+step) / s.dpi
	if len(group) < 5 || span < leastPatch || first.cut && span < 1.4 {
		return scan.Code{}, false
	}
	if float64(len(group)*step) < 0.6*span*s.dpi {
		return scan.Code{}, false
	}
	votes := map[string]int{}
	for _, c := range group {
		votes[c.order]++
	}
	order, most := "", 0
	for o, n := range votes {
		if n > most || n == most && o < order {
			order, most = o, n
		}
	}
	if most*5 < len(group)*4 {
		return scan.Code{}, false
	}
	mean, skew, off := straight(group, order)
	if limit := 0.012*s.dpi + 0.6; off > limit || math.Abs(skew) > 0.36 {
		return scan.Code{}, false
	}
	lo, hi := math.Inf(1), 0.0
	for _, c := range group {
		lo, hi = min(lo, float64(c.edges[0])), max(hi, float64(c.edges[len(c.edges)-1]))
	}
	if first.cut && !s.inked(group, order, length, upright) {
		return scan.Code{}, false
	}
	if len(order) == 1 { // a rule, a fold or the gutter of a book may be this much: it has to be a very good bar
		inset, lines := int(leastInset*s.dpi), s.size.X+s.size.Y-length
		if off > 0.004*s.dpi+0.3 || first.line < inset || last.line > lines-inset || float64(len(group)*step) < 0.95*span*s.dpi {
			return scan.Code{}, false
		}
	}
	code := scan.Code{Unread: first.cut || span < readLength}
	if mean > float64(length)/2 && !first.cut { // read from the far edge inward
		b := []byte(order)
		slices.Reverse(b)
		order = string(b)
	}
	code.Kind = kindOf(order)
	if code.Kind == scan.Patch3 && math.Abs(mean-float64(length)/2) < middling*float64(length) {
		code.Kind = scan.PatchT
	}
	if upright {
		code.Box = s.page(lo, float64(first.line), hi, float64(last.line+1), bounds)
	} else {
		code.Box = s.page(float64(first.line), lo, float64(last.line+1), hi, bounds)
	}
	return code, true
}

const (
	leastStep  = 40   // greys at the edge of a bar: a shadow is no bar
	leastShare = 0.6  // of what lies between the ink and the paper of the page
	leastInset = 0.25 // inches from the end of a bar to the edge of the image
)

// inked tells whether the bars of a group are printed: at each edge the paper ends
// and ink begins, all at once. The gutter of a book and the edge of a sheet on its
// bed are soft, or faint.
func (s *sight) inked(group []crossing, order string, length int, upright bool) bool {
	var steps []int
	n, least := 0, max(leastStep, int(leastShare*float64(s.spectrum())))
	for _, c := range group {
		if c.order != order {
			continue
		}
		if steps == nil {
			steps = make([]int, len(c.edges))
		}
		n++
		for i, e := range c.edges {
			if e < 5 || e > length-5 { // that of the image
				steps[i] += least
				continue
			}
			steps[i] += abs(s.greyOf(c.line, e+1, upright) - s.greyOf(c.line, e-2, upright))
		}
	}
	return slices.Min(steps) >= least*n
}

// spectrum is what lies between the darkest and the lightest hundredth of a page.
func (s *sight) spectrum() int {
	var h [256]int
	n := 0
	for i := 0; i < len(s.grey); i += 7 {
		h[s.grey[i]]++
		n++
	}
	low, high, seen := -1, 0, 0
	for g, c := range h {
		seen += c
		if low < 0 && seen*100 >= n {
			low = g
		}
		if seen*100 < n*99 {
			high = g
		}
	}
	return high - low
}

// greyOf is the grey of a place along a line, a column or a row.
func (s *sight) greyOf(line, along int, row bool) int {
	x, y := line, along
	if row {
		x, y = along, line
	}
	return int(s.grey[min(max(y, 0), s.size.Y-1)*s.size.X+min(max(x, 0), s.size.X-1)])
}

// kindOf names an order from the edge inward. Of a cut one the bars that remain
// are the inner ones: three tell which it was.
func kindOf(order string) scan.CodeKind {
	if k, ok := patches[order]; ok {
		return k
	}
	if len(order) == 3 {
		for o, k := range patches {
			if o[1:] == order {
				return k
			}
		}
	}
	return scan.AnyPatch
}

// straight fits one slope to all edges of the bars: the middle of the code, its
// slope, and the typical distance (root mean square) of edges from the fit.
func straight(group []crossing, order string) (mean, slope, off float64) {
	n, sl := 0.0, 0.0
	var sums []float64
	for _, c := range group {
		if c.order != order {
			continue
		}
		if sums == nil {
			sums = make([]float64, len(c.edges))
		}
		n++
		sl += float64(c.line)
		for i, e := range c.edges {
			sums[i] += float64(e)
		}
	}
	sl /= n
	for i := range sums {
		sums[i] /= n
		mean += sums[i] / float64(len(sums))
	}
	xy, xx := 0.0, 0.0
	for _, c := range group {
		if c.order == order {
			d := float64(c.line) - sl
			for i, e := range c.edges {
				xy += d * (float64(e) - sums[i])
				xx += d * d
			}
		}
	}
	if xx > 0 {
		slope = xy / xx
	}
	for _, c := range group {
		if c.order == order {
			for i, e := range c.edges {
				d := float64(e) - sums[i] - slope*(float64(c.line)-sl)
				off += d * d
			}
		}
	}
	return mean, slope, math.Sqrt(off / (n * float64(len(sums))))
}
