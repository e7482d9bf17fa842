package prepare

import (
	"image"
	"math"
	"slices"
)

// Of the bare strip between two pages that lie flat, without any shadow: shares of the
// width of the paper, where nothing else is said. A column of one page is nearer to its
// neighbour than to the paper's edge; two pages are as far apart as two margins.
const (
	leastGutter  = 0.095
	seamGutter   = 0.08 // where a seam is seen in it
	bentGutter   = 0.05 // where the lines on both sides lean differently: one sheet's do not
	bentApart    = 1.2  // degrees
	gutterMargin = 0.9  // of the wider margin outside
	seamMargin   = 0.75
	gutterOff    = 0.07 // of its middle from that of the paper
	gutterLean   = 8.0  // degrees that are tried, either way
	closeWords   = 3.0  // heights of letters between two words of a line
	hiddenWords  = 6.5  // where a shadow hides some letters of it
	sameLine     = 0.12 // heights of letters between two lines that are one
	columnGap    = 0.6  // of the gutter, that the widest gap within a page may reach
	pageLines    = 6    // of text on each page
	creaseLines  = 4    // beside what may be a crease
	pageFeet     = 60
	longLine     = 0.3 // of the width of its page's text: cells of a table are shorter
	shortLine    = 0.2 // where the strip is as wide as between two pages: lists and narrow columns stand on pages too
	longShare    = 0.6 // of the letters stand in such lines
	alikeText    = 0.6 // of the wider text, that the narrower one has
	thinPiece    = 0.012
	seamDepth    = 0.05 // of the paper's grey
	seamBands    = 16
)

// strip is a bare strip through a picture at some angle: positions are those of the
// sketch where it crosses the middle of the height.
type strip struct {
	from, to float64
	tan      float64 // to the right, going down
}

// at is where a place of the sketch is at half of the height.
func (v strip) at(s *sketch, x, y float64) float64 { return x - v.tan*(y-float64(s.size.Y)/2) }

// gutter finds the bare strip between two pages that lie side by side without a shadow or
// a dark ground between them, and the column of the ground in its middle; 0 where it may
// be one page: columns, tables and landscape sheets leave less between their parts.
func (g *ground) gutter(s *sketch) (int, float64) {
	t := s.text()
	if len(t.rows) < 2*pageLines {
		return 0, 0
	}
	step := g.scale / float64(s.scale)
	paper, _ := g.spread()
	left, right := float64(paper.Min.X)*step, float64(paper.Max.X)*step
	wide, high := right-left, float64(s.size.Y)
	all, _ := s.pieces()
	var marks, thin []piece
	for _, p := range all {
		switch {
		case max(p.Dx(), p.Dy()) < leastLetter || g.dark(p, step):
		case float64(p.Dx()) <= thinPiece*wide+math.Tan(gutterLean*math.Pi/180)*float64(p.Dy()) && p.Dy() >= 12*(p.area/max(1, p.runs)) && float64(p.Dy()) > 0.02*high:
			thin = append(thin, p)
		default:
			marks = append(marks, p)
		}
	}
	best := strip{}
	for i := range int(4*gutterLean) + 1 { // the upright first
		degrees := float64((i+1)/2) * 0.5
		if i%2 == 1 {
			degrees = -degrees
		}
		v := strip{tan: math.Tan(degrees * math.Pi / 180)}
		v.from, v.to = g.bareStrip(s, marks, v, left, right)
		if (v.to - v.from) > 1.1*(best.to-best.from) {
			best = v
		}
	}
	gap := best.to - best.from
	if gap < bentGutter*wide || math.Abs((best.from+best.to)/2-(left+right)/2) > gutterOff*wide {
		return 0, 0
	}
	fold, seam := g.seamIn(s, best, step)
	// A line in the strip that ends with the text rules a table or columns.
	var top, low float64 = high, 0
	ruled := 0.0
	for _, p := range thin {
		if x := best.at(s, float64(p.Min.X+p.Max.X)/2, float64(p.Min.Y+p.Max.Y)/2); x > best.from && x < best.to {
			top, low = min(top, float64(p.Min.Y)), max(low, float64(p.Max.Y))
			ruled += float64(p.Dy())
		}
	}
	if ruled > 0.15*high && (top > float64(paper.Min.Y)*step+0.04*high || low < float64(paper.Max.Y)*step-0.04*high) {
		return 0, 0
	}
	least, margin := leastGutter, gutterMargin
	if seam {
		least, margin = seamGutter, seamMargin
	}
	// The text on both sides.
	var outer [2]float64
	if g.bent(t, best, s) {
		least, margin = bentGutter, seamMargin
	}
	long := longLine
	if gap >= leastGutter*wide {
		long = shortLine
	}
	for i, inside := range []func(x float64) bool{func(x float64) bool { return x < best.from }, func(x float64) bool { return x > best.to }} {
		from, to, ok := g.pageText(s, t, best, inside, long, columnGap*gap)
		if !ok {
			return 0, 0
		}
		outer[i] = to - from
		if m := max(from-left, right-to); i == 0 && from-left > 0 && gap < margin*(from-left) || i == 1 && right-to > 0 && gap < margin*(right-to) || m < 0 {
			return 0, 0
		}
	}
	if gap < least*wide || min(outer[0], outer[1]) < alikeText*max(outer[0], outer[1]) {
		return 0, 0
	}
	// Pages that belong together are alike: the seam is near the middle of the paper.
	at := min(max((left+right)/2, best.from+gap/4), best.to-gap/4)
	if seam {
		at = fold
	}
	confidence := min(1, gap/wide*6)
	return int(at / step), confidence
}

// spread is the box of what may be two pages: of all that is as bright as paper, or where
// that stands upright the whole picture, because the other page may be of a darker paper.
// Then sure is false.
func (g *ground) spread() (box image.Rectangle, sure bool) {
	box = g.sheet()
	if float64(box.Dx()) >= leastShape*float64(box.Dy()) {
		return box, true
	}
	return image.Rectangle{Max: g.size}, false
}

// sheet is the box of all that is as bright as paper.
func (g *ground) sheet() image.Rectangle {
	limit := g.darkest()
	whole := image.Rectangle{Max: g.size}
	if limit == 0 {
		return whole
	}
	var box image.Rectangle
	for _, r := range g.regions(limit) {
		if r.area*50 < g.size.X*g.size.Y {
			break
		}
		box = box.Union(r.box)
	}
	if box.Empty() {
		return whole
	}
	return box
}

// bareStrip is the widest strip near the middle that no mark reaches into, at an angle.
func (g *ground) bareStrip(s *sketch, marks []piece, v strip, left, right float64) (from, to float64) {
	const bin = 2 // pixels of the sketch
	from0 := left + 0.3*(right-left)
	n := int(0.4*(right-left)/bin) + 1
	taken := make([]int, n+1)
	for _, p := range marks {
		x := v.at(s, float64(p.Min.X), float64(p.Min.Y+p.Max.Y)/2)
		a := int(math.Floor((x - from0) / bin))
		b := int(math.Floor((x + float64(p.Dx()) - from0) / bin))
		if b < 0 || a >= n {
			continue
		}
		taken[max(0, a)]++
		taken[min(n, b+1)]--
	}
	// A stain or two may be in it.
	const stains = 1
	first, depth := 0, 0
	for i := range n {
		if depth += taken[i]; depth > stains {
			first = i + 1
			continue
		}
		if a, b := from0+float64(first*bin), from0+float64((i+1)*bin); b-a > to-from && first > 0 {
			from, to = a, b
		}
	}
	if depth <= stains && to >= from0+float64((n-1)*bin) { // it does not end near the middle
		return 0, 0
	}
	return from, to
}

// pageText tells where the text on one side of a strip begins and ends, and whether it is
// that of a page: several lines that are long, as a share of its width, and no gap in it that
// is wider than widest.
func (g *ground) pageText(s *sketch, t *text, v strip, inside func(x float64) bool, long, widest float64) (from, to float64, ok bool) {
	var list []row
	var reach []float64 // from and to of letters in turn
	feet := 0
	for _, r := range t.rows {
		if x := v.at(s, r.x, r.at); inside(x) {
			list = append(list, r)
			feet += len(r.feet)
			for _, f := range r.feet {
				reach = append(reach, v.at(s, f.x, f.y))
			}
		}
	}
	if len(list) == 0 || levels(list) < pageLines || feet < pageFeet {
		return 0, 0, false
	}
	slices.Sort(reach)
	from, to = reach[len(reach)/100], reach[len(reach)-1-len(reach)/100]
	inLong := 0
	for _, r := range list {
		if r.feet[len(r.feet)-1].x-r.feet[0].x >= long*(to-from) {
			inLong += len(r.feet)
		}
	}
	if float64(inLong) < longShare*float64(feet) {
		return 0, 0, false
	}
	for i := 1; i < len(reach); i++ {
		if reach[i] < to && reach[i-1] > from && reach[i]-reach[i-1] > widest {
			return 0, 0, false
		}
	}
	return from, to, true
}

// seamIn tells whether something runs through a strip from the top of the paper to its
// foot: the shadow of a binding, the edge of a sheet, another tone of paper beside it; and
// where.
func (g *ground) seamIn(s *sketch, v strip, step float64) (place float64, found bool) {
	var at []float64
	w := int((v.to - v.from) / 2)
	if w < 4 {
		return 0, false
	}
	for band := range seamBands {
		y0, y1 := band*s.size.Y/seamBands, (band+1)*s.size.Y/seamBands
		sums := make([]float64, w)
		n := 0
		for y := y0; y < y1; y += 2 {
			x0 := int(v.from + v.tan*(float64(y)-float64(s.size.Y)/2))
			if x0 < 0 || x0+2*w > s.size.X {
				continue
			}
			row := s.grey[y*s.size.X+x0:]
			for i := range sums {
				sums[i] += float64(row[2*i])
			}
			n++
		}
		if n == 0 {
			continue
		}
		sorted := slices.Clone(sums)
		slices.Sort(sorted)
		middle, place := sorted[len(sorted)/2], slices.Index(sums, sorted[0])
		if middle-sorted[0] >= seamDepth*float64(g.paper)*float64(n) {
			at = append(at, float64(place))
		}
	}
	if len(at) < seamBands*3/4 {
		return 0, false
	}
	slices.Sort(at)
	middle, near := at[len(at)/2], 0
	for _, x := range at {
		if math.Abs(x-middle) <= 0.2*float64(w)+2 {
			near++
		}
	}
	return v.from + 2*middle, near >= seamBands*3/4
}

// bent tells whether the lines of text on both sides of a strip surely lean differently.
func (g *ground) bent(t *text, v strip, s *sketch) bool {
	var side [2][]row
	for _, r := range t.rows {
		if x := v.at(s, r.x, r.at); x < v.from {
			side[0] = append(side[0], r)
		} else {
			side[1] = append(side[1], r)
		}
	}
	if len(side[0]) < pageLines || len(side[1]) < pageLines {
		return false
	}
	a, da := middleSlope(side[0])
	b, db := middleSlope(side[1])
	apart := math.Abs(inDegrees(a) - inDegrees(b))
	return apart >= bentApart && apart >= 1.5*(inDegrees(da)+inDegrees(db))
}

// paged tells whether there are several lines of text on both sides of a column of the ground.
func (g *ground) paged(s *sketch, at int) bool {
	cut := (float64(at) + 0.5) * g.scale / float64(s.scale)
	var side [2][]row
	for _, r := range s.text().rows {
		if r.x < cut {
			side[0] = append(side[0], r)
		} else {
			side[1] = append(side[1], r)
		}
	}
	return len(side[0]) > 0 && len(side[1]) > 0 && min(levels(side[0]), levels(side[1])) >= creaseLines
}

// runsOn tells whether lines of text run across a column of the ground: then it parts no
// pages, whatever shadow lies on it.
func (g *ground) runsOn(s *sketch, at int) bool {
	t := s.text()
	cut := (float64(at) + 0.5) * g.scale / float64(s.scale)
	crossing := 0
	var before, after []row
	for _, r := range t.rows {
		l := 0
		for _, f := range r.feet {
			if f.x < cut {
				l++
			}
		}
		switch {
		case l >= 2 && len(r.feet)-l >= 2:
			crossing++
		case l*2 > len(r.feet):
			before = append(before, r)
		default:
			after = append(after, r)
		}
	}
	// The shadow may hide a letter or two and break the line there. Then its parts end close
	// to each other, and stand on one line; those of two pages do so by chance only.
	near, aligned := 0, 0
	for _, l := range before {
		for _, r := range after {
			h := max(l.height, r.height)
			off, gap := math.Abs(l.line(cut)-r.line(cut)), r.feet[0].x-l.feet[len(l.feet)-1].x
			if off >= 0.6*h || gap >= hiddenWords*h {
				continue
			}
			near++
			switch {
			case gap < closeWords*h:
				crossing++
			case off <= sameLine*h:
				aligned++
			}
			break
		}
	}
	if aligned >= 2 && aligned*5 >= near*3 {
		crossing += aligned
	}
	return crossing*30 > len(t.rows) || wordsAcross(s, t, cut)*30 > len(t.rows)
}

// wordsAcross counts words whose letters have run together, as those of a worn ribbon do,
// and that stand across a column of the sketch or close to it on both sides: they make no
// rows.
func wordsAcross(s *sketch, t *text, cut float64) int {
	var heights []float64
	for _, r := range t.rows {
		heights = append(heights, r.height)
	}
	if len(heights) == 0 {
		return 0
	}
	h := median(heights)
	near := closeWords / 2 * h
	var before, after []piece
	all, _ := s.pieces()
	for _, p := range all {
		wide, high := float64(p.Dx()), float64(p.Dy())
		l, r := cut-float64(p.Min.X), float64(p.Max.X)-cut
		switch {
		case high < 0.6*h || high > 2*h || wide < 0.5*h || wide > 15*h || float64(p.area) > 0.8*wide*high:
		case r <= 0 && -r <= near && wide >= 1.5*high:
			before = append(before, p)
		case l <= 0 && -l <= near && wide >= 1.5*high:
			after = append(after, p)
		case l >= h && r >= h:
			before, after = append(before, p), append(after, p)
		}
	}
	n := 0
	for _, l := range before {
		if slices.ContainsFunc(after, func(r piece) bool {
			both := min(l.Max.Y, r.Max.Y) - max(l.Min.Y, r.Min.Y)
			return float64(both) >= 0.6*float64(min(l.Dy(), r.Dy()))
		}) {
			n++
		}
	}
	return n
}
