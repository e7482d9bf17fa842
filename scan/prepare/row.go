package prepare

import (
	"image"
	"math"
	"slices"
)

// row is a line of text as its letters stand: found without knowing any of them, by
// chains of pieces of ink that are alike in height and side by side.
type row struct {
	feet   []foot
	height float64 // of its letters, the median in pixels of the sketch
	slope  float64 // down to the right, of the straight line through most feet
	at     float64 // y of that line at x
	x      float64 // the middle of the feet
	weight float64 // of the slope: the inverse of its variance, but for a factor
	stray  float64 // the median distance of feet from the line, in letter heights

	strokes  float64 // that a level cut through a letter meets, the mean
	lettered bool    // its letters are made of strokes and differ in size, unlike bricks and blots
}

// foot is where a letter stands.
type foot struct {
	x, y   float64 // the middle of its lowest edge
	height float64 // of the letter
}

// What may be a letter, in pixels of a sketch.
const (
	leastLetter = 4   // its height
	mostLetter  = 160 // headlines
	mostAspect  = 12  // width to height, of letters that touch; longer are ruled lines
	leastFill   = 0.1 // of its box; strokes across a page fill less
	mostLetters = 30_000
)

// Of rows.
const (
	mostGap   = 1.7  // between neighbours, in heights of the higher one
	alike     = 2.6  // heights of neighbours differ by at most this factor
	overlap   = 0.5  // of the lower one's height that neighbours must have in common
	leastFeet = 6    // in a row
	leastLong = 6.0  // a row, in letter heights
	mostStray = 0.09 // of feet from their line, in letter heights, or half a pixel
	leastCuts = 1.12 // strokes that a cut through a letter meets: bricks and hatching have one, type from 1.15
	leastVary = 0.15 // the spread of widths or heights, as a share of their median
)

// letters gives the pieces that may be letters, from left to right.
func letters(all []piece) []piece {
	out := make([]piece, 0, len(all))
	for _, p := range all {
		w, h := p.Dx(), p.Dy()
		if h >= leastLetter && h <= mostLetter && w >= 2 && w <= mostAspect*h && float64(p.area) >= leastFill*float64(w*h) {
			out = append(out, p)
		}
	}
	if len(out) > mostLetters { // specks are most of them
		slices.SortFunc(out, func(a, b piece) int { return b.area - a.area })
		out = out[:mostLetters]
	}
	slices.SortFunc(out, func(a, b piece) int {
		if d := a.Min.X - b.Min.X; d != 0 {
			return d
		}
		return a.Min.Y - b.Min.Y
	})
	return out
}

// lie tells the slope of the lines of text at a position, down to the right.
type lie func(x, y float64) float64

func leaning(slope float64) lie { return func(float64, float64) float64 { return slope } }

// chains links each letter with the one that is most likely the next to its right, as
// the lines lie there, and gives the chains as indices into list.
func chains(list []piece, size image.Point, lines lie) [][]int {
	const cell = 32
	rows, columns := size.Y/cell+1, size.X/cell+1
	grid := make([][]int32, rows*columns) // by the left edge's middle
	for i, p := range list {
		c := p.Min.Y + p.Dy()/2
		g := min(c/cell, rows-1)*columns + p.Min.X/cell
		grid[g] = append(grid[g], int32(i))
	}
	next, cost := make([]int32, len(list)), make([]float64, len(list))
	before := make([]int32, len(list)) // the best to the left of each
	costBefore := make([]float64, len(list))
	for i := range list {
		next[i], before[i] = -1, -1
		cost[i], costBefore[i] = math.Inf(1), math.Inf(1)
	}
	for i, p := range list {
		h := float64(p.Dy())
		slope := lines(float64(p.Max.X), float64(p.Max.Y))
		reach := int(mostGap*h*alike) + 1
		middle := p.Min.Y + p.Dy()/2
		span := p.Dy() + int(math.Abs(slope)*float64(reach)) + 1
		for gy := max(0, (middle-span)/cell); gy <= min(rows-1, (middle+span)/cell); gy++ {
			for gx := max(0, (p.Min.X+1)/cell); gx <= min(columns-1, (p.Max.X+reach)/cell); gx++ {
				for _, j := range grid[gy*columns+gx] {
					if int(j) == i {
						continue
					}
					c := link(p, list[j], slope)
					if c < cost[i] {
						cost[i], next[i] = c, j
					}
					if c < costBefore[j] {
						costBefore[j], before[j] = c, int32(i)
					}
				}
			}
		}
	}
	var out [][]int
	for i := range list {
		if b := before[i]; b >= 0 && next[b] == int32(i) {
			continue // not the first of its chain
		}
		chain := []int{i}
		for j := next[i]; j >= 0 && before[j] == int32(chain[len(chain)-1]); j = next[j] {
			chain = append(chain, int(j))
		}
		if len(chain) > 1 || list[i].Dx() > 5*list[i].Dy() {
			out = append(out, chain)
		}
	}
	return out
}

// link tells how unlikely it is that q follows p in a line; infinite where it can't.
func link(p, q piece, slope float64) float64 {
	none := math.Inf(1)
	hp, hq := float64(p.Dy()), float64(q.Dy())
	high, low := max(hp, hq), min(hp, hq)
	if high > alike*low || q.Max.X <= p.Max.X {
		return none
	}
	gap := float64(q.Min.X - p.Max.X)
	if gap > mostGap*high || gap < -0.5*low {
		return none
	}
	shift := slope * (float64(q.Min.X+q.Max.X) - float64(p.Min.X+p.Max.X)) / 2
	if p.Dx() > 3*p.Dy() || q.Dx() > 3*q.Dy() {
		shift = slope * gap // words: what counts is where they meet
	}
	top := max(float64(p.Min.Y), float64(q.Min.Y)-shift)
	foot := min(float64(p.Max.Y), float64(q.Max.Y)-shift)
	if foot-top < overlap*low {
		return none
	}
	apart := math.Abs(float64(q.Max.Y-p.Max.Y) - shift)
	return max(gap, 0) + 2*apart
}

// rowsOf finds lines of text among letters.
func rowsOf(list []piece, ink bitmap, lines lie) []row {
	var out []row
	for _, chain := range chains(list, ink.size, lines) {
		r := row{}
		heights, widths := make([]float64, 0, len(chain)), make([]float64, 0, len(chain))
		for _, i := range chain {
			p := list[i]
			r.strokes += float64(p.runs) / float64(p.Dy()*len(chain))
			heights, widths = append(heights, float64(p.Dy())), append(widths, float64(p.Dx()))
			n := max(1, int(float64(p.Dx())/(1.5*float64(p.Dy()))+0.5))
			for k := range n { // what touches is cut up
				part := p.Rectangle
				part.Min.X, part.Max.X = p.Min.X+k*p.Dx()/n, p.Min.X+(k+1)*p.Dx()/n
				if n > 1 && ink.rows != nil {
					part.Max.Y = ink.lowest(part)
					part.Min.Y = ink.highest(part)
				}
				if part.Dy() >= leastLetter {
					r.feet = append(r.feet, foot{float64(part.Min.X+part.Max.X) / 2, float64(part.Max.Y), float64(part.Dy())})
				}
			}
		}
		slices.Sort(heights)
		r.height = heights[len(heights)/2]
		r.lettered = r.strokes >= leastCuts && (len(chain) < leastFeet || max(vary(heights), vary(widths)) >= leastVary)
		if len(r.feet) < leastFeet || r.feet[len(r.feet)-1].x-r.feet[0].x < leastLong*r.height {
			continue
		}
		r.fit()
		out = append(out, r)
	}
	return out
}

// fit lays a straight line through most of the feet: those of letters that reach
// below the line, and of commas, are left out by their distance.
func (r *row) fit() {
	off := make([]float64, len(r.feet))
	near := max(0.5, 0.35*r.height)
	weigh := func(f foot) float64 { return 1 }
	for range 6 {
		var n, sx, sy, sxx, sxy float64
		for _, f := range r.feet {
			w := weigh(f)
			n, sx, sy = n+w, sx+w*f.x, sy+w*f.y
		}
		mx, my := sx/n, sy/n
		for _, f := range r.feet {
			w, dx := weigh(f), f.x-mx
			sxx, sxy = sxx+w*dx*dx, sxy+w*dx*(f.y-my)
		}
		if sxx == 0 {
			break
		}
		r.slope, r.at, r.x, r.weight = sxy/sxx, my, mx, sxx
		for i, f := range r.feet {
			off[i] = math.Abs(f.y - r.line(f.x))
		}
		slices.Sort(off)
		r.stray = off[len(off)/2] / r.height
		near = max(0.8, min(near, 4*off[len(off)/2]))
		weigh = func(f foot) float64 { // Tukey's biweight
			d := (f.y - r.line(f.x)) / near
			if d *= d; d < 1 {
				return (1 - d) * (1 - d)
			}
			return 1e-9
		}
	}
	spread := max(0.5, r.stray*r.height)
	r.weight /= spread * spread
}

// vary is how far the middle four fifths reach, as a share of the median. It sorts v.
func vary(v []float64) float64 {
	slices.Sort(v)
	n := len(v)
	return (v[n-1-n/10] - v[n/10]) / v[n/2]
}

// line is the y of the straight line.
func (r *row) line(x float64) float64 { return r.at + r.slope*(x-r.x) }

// straight tells whether most of the feet are on the line.
func (r *row) straight() bool { return r.stray*r.height <= max(0.5, mostStray*r.height) }

// straightRows keeps those rows whose letters stand on a straight line.
func straightRows(list []row) []row {
	return slices.DeleteFunc(list, func(r row) bool { return !r.straight() || !r.lettered })
}

func feetOf(list []row) int {
	n := 0
	for _, r := range list {
		n += len(r.feet)
	}
	return n
}

// text is what looks like text on a sketch.
type text struct {
	letters []piece // from left to right
	ink     bitmap
	rows    []row   // whose letters stand on straight lines
	slope   float64 // of the page, down to the right: the mean of the rows'
}

// text finds the rows of text, once.
func (s *sketch) text() *text {
	if s.found != nil {
		return s.found
	}
	all, ink := s.pieces()
	t := &text{letters: letters(all), ink: ink}
	for range 2 { // once more, along the slope found
		if t.rows = straightRows(rowsOf(t.letters, ink, leaning(t.slope))); len(t.rows) == 0 {
			break
		}
		t.slope, _ = middleSlope(t.rows)
	}
	s.found = t
	return t
}
