package prepare

import (
	"image"
	"math"
	"runtime"
	"slices"

	"recto/scan"
)

const (
	leastPaper  = 0.05  // share of the picture that a page takes
	leastBorder = 0.012 // share of a side that is worth cutting off
	edgeSpan    = 0.6   // share of a side along which paper must end abruptly
	edgeStep    = 0.12  // how much darker it is outside, as a share of the paper's grey
	keptAround  = 2     // pixels of a ground left around the page
	mostLean    = 6.0   // degrees
	leastTab    = 40    // pixels of a ground: what is bright and smaller is no paper that could be written on
)

// ProposeCrop finds the edges of the page in a picture that shows what lies around it: a
// scanner's black lid, a mount, a table, the border of a microfilm. degrees is the
// clockwise turn that the deskew applies; the crop is in its frame ([scan.Crop]). It is
// false where the page fills the picture or nothing is sure. Only a side along which
// paper ends abruptly is cut; shadows fade, and where writing stands beyond the edge the
// page is taken to go on.
func (p *Picture) ProposeCrop(degrees float64) (scan.Crop, bool) {
	s := p.look()
	defer runtime.KeepAlive(s)
	g := newGround(s)
	if g == nil {
		return scan.Crop{}, false
	}
	limit := g.darkest()
	if limit == 0 {
		return scan.Crop{}, false
	}
	parts := g.regions(limit)
	whole := float64(g.size.X * g.size.Y)
	if len(parts) == 0 || float64(parts[0].area) < leastPaper*whole {
		return scan.Crop{}, false
	}
	turn := g.leaning(degrees)
	// All that is as bright as paper and not too small belongs to it.
	var rows, columns []image.Point // of each row, each column of the turned ground: first and last paper
	extent := func(n int) []image.Point {
		e := make([]image.Point, n)
		for i := range e {
			e[i] = image.Pt(math.MaxInt, math.MinInt)
		}
		return e
	}
	rows, columns = extent(2*g.size.Y), extent(2*g.size.X)
	for _, r := range parts {
		if float64(r.area) < 0.01*whole {
			break
		}
		for _, i := range r.at {
			fx, fy := turn(float64(i%g.size.X)+0.5, float64(i/g.size.X)+0.5)
			x, y := int(math.Floor(fx)), int(math.Floor(fy))
			if v := y + g.size.Y/2; v >= 0 && v < len(rows) {
				rows[v] = image.Pt(min(rows[v].X, x), max(rows[v].Y, x))
			}
			if v := x + g.size.X/2; v >= 0 && v < len(columns) {
				columns[v] = image.Pt(min(columns[v].X, y), max(columns[v].Y, y))
			}
		}
	}
	back := g.leaning(-degrees)
	level := func(x, y float64) int {
		fx, fy := back(x, y)
		ix, iy := int(math.Floor(fx)), int(math.Floor(fy))
		if ix < 0 || iy < 0 || ix >= g.size.X || iy >= g.size.Y {
			return -1
		}
		return int(g.level[iy*g.size.X+ix])
	}
	// side gives the outermost place where paper ends, and whether it ends abruptly; else
	// the picture's edge, or where a corner of the paper that leans sticks out of it.
	side := func(ends []image.Point, off, edge int, last, across bool) int {
		var at []int
		abrupt, fading := 0, 0
		for i, e := range ends {
			if e.X > e.Y {
				continue
			}
			end, out := e.X, -1
			if last {
				end, out = e.Y, 1
			}
			at = append(at, end)
			probe := func(d int) int {
				a, b := float64(end+out*d)+0.5, float64(i-off)+0.5
				if across {
					a, b = b, a
				}
				return level(a, b)
			}
			inside, outside := max(probe(-3), probe(-6)), probe(4)
			switch {
			case outside < 0: // the page goes on to the edge of the picture
				fading++
			case float64(inside-outside) >= edgeStep*float64(g.paper):
				abrupt++
			default:
				fading++
			}
		}
		if len(at) == 0 {
			return edge
		}
		slices.Sort(at)
		few := len(at) / 50 // specks and teeth of an edge
		if math.Abs(degrees) > mostLean {
			few = 0 // its lines lean further than a sheet is laid: corners of the paper stick out
		}
		sharp := float64(abrupt) >= edgeSpan*float64(abrupt+fading)
		switch {
		case last && sharp:
			return at[len(at)-1-few] + 1 + keptAround
		case last:
			return max(edge, at[len(at)-1]+1)
		case sharp:
			return at[few] - keptAround
		}
		return min(edge, at[0])
	}
	box := image.Rect(
		side(rows, g.size.Y/2, 0, false, false), side(columns, g.size.X/2, 0, false, true),
		side(rows, g.size.Y/2, g.size.X, true, false), side(columns, g.size.X/2, g.size.Y, true, true),
	)
	on := make([]*region, len(g.level))
	for i, r := range parts {
		if r.area < leastTab {
			break
		}
		for _, at := range r.at {
			on[at] = &parts[i]
		}
	}
	// No farther than the picture reaches once it is turned.
	w, h := scan.Grown(float64(g.size.X), float64(g.size.Y), degrees)
	off := image.Pt((int(w)-g.size.X)/2, (int(h)-g.size.Y)/2)
	box = g.withWriting(s, box, turn, on).Intersect(image.Rectangle{Min: off.Mul(-1), Max: g.size.Add(off)})
	// What is hardly worth cutting off stays, also that of the other sides if nothing else goes.
	least := func(n int) int { return max(2, int(leastBorder*float64(n))) }
	inner := image.Rectangle{Max: g.size}
	if box.Min.X >= least(g.size.X) {
		inner.Min.X = box.Min.X
	}
	if box.Min.Y >= least(g.size.Y) {
		inner.Min.Y = box.Min.Y
	}
	if box.Max.X <= g.size.X-least(g.size.X) {
		inner.Max.X = box.Max.X
	}
	if box.Max.Y <= g.size.Y-least(g.size.Y) {
		inner.Max.Y = box.Max.Y
	}
	if inner == (image.Rectangle{Max: g.size}) || box.Dx() < g.size.X/8 || box.Dy() < g.size.Y/8 {
		return scan.Crop{}, false
	}
	whole1 := p.Size()
	at := func(v, of, full int) int {
		if v == of {
			return full
		}
		return int(math.Floor(float64(v) * g.scale))
	}
	return scan.Crop{
		Left: at(min(inner.Min.X, box.Min.X), 0, 0), Top: at(min(inner.Min.Y, box.Min.Y), 0, 0),
		Right: at(max(inner.Max.X, box.Max.X), g.size.X, whole1.X), Bottom: at(max(inner.Max.Y, box.Max.Y), g.size.Y, whole1.Y),
		Confidence: 1 - float64(limit)/float64(max(g.paper, 1)),
	}, true
}

// dark tells whether a piece of a sketch lies on what is too dark for paper in a shadow:
// there it is no writing. step is how many pixels of the sketch are one of the ground.
func (g *ground) dark(p piece, step float64) bool {
	x, y := int(float64(p.Min.X+p.Max.X)/2/step), int(float64(p.Min.Y+p.Max.Y)/2/step)
	return x >= g.size.X || y >= g.size.Y || float64(g.level[y*g.size.X+x]) < 0.45*float64(g.paper)
}

// withWriting widens a box by what looks like writing outside of it, where it is not too
// dark for paper in a shadow: a single letter where it stands on what is as bright as
// paper - the corner of a sheet that leans, or a tab or slip, which is taken whole - and
// several together elsewhere. on tells the piece of paper that a place of the ground is on.
func (g *ground) withWriting(s *sketch, box image.Rectangle, turn func(x, y float64) (float64, float64), on []*region) image.Rectangle {
	step := g.scale / float64(s.scale)
	// Letters in cells of 16 pixels, 8 mm: writing has several together.
	const cellBits, cell = 4, 16
	count := map[image.Point]int{}
	out := box
	reach := func(x, y float64) {
		x, y = turn(x, y)
		if at := image.Pt(int(math.Floor(x)), int(math.Floor(y))); !at.In(out.Inset(1)) {
			out = out.Union(image.Rect(at.X-keptAround, at.Y-keptAround, at.X+keptAround+1, at.Y+keptAround+1))
		}
	}
	whole := map[*region]bool{}
	for _, l := range s.text().letters {
		if g.dark(l, step) {
			continue
		}
		cx, cy := int(float64(l.Min.X+l.Max.X)/2/step), int(float64(l.Min.Y+l.Max.Y)/2/step)
		if paper := on[cy*g.size.X+cx]; paper != nil {
			before := out
			for _, c := range [4]image.Point{l.Min, l.Max, {X: l.Min.X, Y: l.Max.Y}, {X: l.Max.X, Y: l.Min.Y}} {
				reach(float64(c.X)/step, float64(c.Y)/step)
			}
			if out != before && paper.area < g.size.X*g.size.Y/100 && !whole[paper] {
				whole[paper] = true
				for _, i := range paper.at {
					reach(float64(i%g.size.X)+0.5, float64(i/g.size.X)+0.5)
				}
			}
			continue
		}
		x, y := turn(float64(l.Min.X+l.Max.X)/2/step, float64(l.Min.Y+l.Max.Y)/2/step)
		if at := image.Pt(int(math.Floor(x)), int(math.Floor(y))); !at.In(box) {
			count[image.Pt(at.X>>cellBits, at.Y>>cellBits)]++ // rounded down, also left of and above the picture
		}
	}
	for c, n := range count {
		if n >= 3 {
			out = out.Union(image.Rect(c.X*cell-2, c.Y*cell-2, (c.X+1)*cell+2, (c.Y+1)*cell+2))
		}
	}
	return out
}
