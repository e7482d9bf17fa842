package prepare

import (
	"image"
	"runtime"
	"slices"
)

// SidewaysText is a part of a page whose letters stand in lines that run up or down.
type SidewaysText struct {
	Box     image.Rectangle // in pixels of the picture, around the letters
	Letters int             // pieces of ink that may be letters, in its lines
	XHeight float64         // pixels that most letters are high, roughly: across the way they run
}

// When letters make a line that runs up or down.
const (
	sidewaysFeet = 10  // letters in all the lines of a part
	leastSide    = 8   // pixels of the picture that its letters are high: smaller ones are specks at an edge
	moreSideways = 1.5 // times as many letters must stand in lines up or down as in level ones
	nearSideways = 1.2 // letter heights that lines of one part are apart, and words in them two and a half times
	leastTaller  = 1.5 // a part with one line is higher than wide by this
)

// Sideways finds text that lies on its side on a page that is upright: notes in a
// margin, heads of columns, captions beside a picture. covered are the boxes of what was
// read already, in pixels of the picture: letters there do not count. Without any, what
// stands in level rows does not, which costs a hundredth of a recognition where Skew was
// asked before and is enough to tell whether to look again once the page was read. The
// part with most letters comes first. Nothing tells whether the letters lie to the left
// or to the right.
func (p *Picture) Sideways(covered []image.Rectangle) []SidewaysText {
	s := p.look()
	defer runtime.KeepAlive(s)
	t := s.found
	if t == nil && covered == nil {
		t = s.text()
	}
	slope := 0.0
	if t == nil {
		t = &text{}
		t.letters, t.ink = s.pieces()
		t.letters = letters(t.letters)
	} else if len(t.rows) > 0 {
		slope = t.slope
	}
	scale := s.scale
	if covered == nil {
		scale = 1
		for _, r := range t.rows {
			for _, f := range r.feet {
				half := int(f.height/2) + 1
				covered = append(covered, image.Rect(int(f.x)-half, int(f.y-f.height), int(f.x)+half, int(f.y)+1))
			}
		}
	}
	under := newMask(s.size, scale, covered)
	var free []piece
	for _, l := range t.letters {
		if !under.has(l.Min.Add(l.Max).Div(2)) {
			free = append(free, l)
		}
	}
	if len(free) < sidewaysFeet {
		return nil
	}
	// Both ways: letters upside down stand less straight on their heads, if at all.
	var lines []line
	turnedSize := bitmap{size: image.Pt(s.size.Y, s.size.X)}
	for _, r := range straightRows(rowsOf(turnedLetters(free, s.size.Y), turnedSize, leaning(slope))) {
		lines = withLine(lines, lineOf(r, func(q image.Rectangle) image.Rectangle {
			return image.Rect(q.Min.Y, s.size.Y-q.Max.X, q.Max.Y, s.size.Y-q.Min.X)
		}))
	}
	for _, r := range straightRows(rowsOf(lettersLeft(free, s.size.X), turnedSize, leaning(slope))) {
		lines = withLine(lines, lineOf(r, func(q image.Rectangle) image.Rectangle {
			return image.Rect(s.size.X-q.Max.Y, q.Min.X, s.size.X-q.Min.Y, q.Max.X)
		}))
	}
	lines = slices.DeleteFunc(lines, func(l line) bool { return l.height*float64(s.scale) < leastSide })
	if len(lines) == 0 {
		return nil
	}
	level := straightRows(rowsOf(free, t.ink, leaning(slope)))
	var out []SidewaysText
	for _, part := range gathered(lines) {
		n := 0
		for _, r := range level {
			for _, f := range r.feet {
				if image.Pt(int(f.x), int(f.y-f.height/2)).In(part.box) {
					n++
				}
			}
		}
		if part.feet < sidewaysFeet || float64(part.feet) < moreSideways*float64(n) || part.lines == 1 && float64(part.box.Dy()) < leastTaller*float64(part.box.Dx()) {
			continue
		}
		box := image.Rectangle{part.box.Min.Mul(s.scale), part.box.Max.Mul(s.scale)}
		out = append(out, SidewaysText{box.Intersect(image.Rectangle{Max: p.Size()}), part.feet, part.height * float64(s.scale)})
	}
	slices.SortStableFunc(out, func(a, b SidewaysText) int { return b.Letters - a.Letters })
	return out
}

// line is a line of letters that runs up or down, or several that belong together.
type line struct {
	box    image.Rectangle // on the sketch
	height float64         // of the letters, which is their width there
	feet   int
	lines  int
}

// lineOf gives the line of a row that was found on the page turned by a quarter; back
// brings a box from there.
func lineOf(r row, back func(image.Rectangle) image.Rectangle) line {
	box := image.Rectangle{}
	for _, f := range r.feet {
		half := max(1, int(f.height/2))
		box = box.Union(image.Rect(int(f.x)-half, int(f.y-f.height), int(f.x)+half, int(f.y)))
	}
	return line{back(box), r.height, len(r.feet), 1}
}

// lettersLeft gives the letters of the page turned anticlockwise by a quarter, as
// turnedLetters does for the other way.
func lettersLeft(list []piece, width int) []piece {
	out := make([]piece, len(list))
	for i, p := range list {
		out[i] = piece{image.Rect(p.Min.Y, width-p.Max.X, p.Max.Y, width-p.Min.X), p.area, 2 * p.Dx()}
	}
	return letters(out)
}

// withLine adds a line, once where it was found both ways.
func withLine(list []line, l line) []line {
	for i, k := range list {
		common := k.box.Intersect(l.box).Size()
		least := min(k.box.Dx()*k.box.Dy(), l.box.Dx()*l.box.Dy())
		if 2*common.X*common.Y > least {
			list[i] = line{k.box.Union(l.box), max(k.height, l.height), max(k.feet, l.feet), k.lines}
			return list
		}
	}
	return append(list, l)
}

// gathered joins lines that are near each other and alike in size.
func gathered(list []line) []line {
	list = slices.Clone(list)
	for again := true; again; {
		again = false
		for i := 0; i < len(list); i++ {
			for j := i + 1; j < len(list); j++ {
				a, b := list[i], list[j]
				high := max(a.height, b.height)
				if high > alike*min(a.height, b.height) {
					continue
				}
				aside, along := int(nearSideways*high), int(2.5*nearSideways*high)
				if near := a.box.Inset(-1); !image.Rect(near.Min.X-aside, near.Min.Y-along, near.Max.X+aside, near.Max.Y+along).Overlaps(b.box) {
					continue
				}
				list[i] = line{a.box.Union(b.box), high, a.feet + b.feet, a.lines + b.lines}
				list = slices.Delete(list, j, j+1)
				again = true
				j--
			}
		}
	}
	return list
}

// mask tells which tiles of a sketch are covered.
type mask struct {
	wide  int
	tiles []bool
}

// maskTile is the side of a tile in pixels of the sketch: less than a letter.
const maskTile = 4

func newMask(size image.Point, scale int, boxes []image.Rectangle) mask {
	m := mask{size.X/maskTile + 1, make([]bool, (size.X/maskTile+1)*(size.Y/maskTile+1))}
	for _, b := range boxes {
		b = image.Rectangle{b.Min.Div(scale), b.Max.Div(scale)}.Intersect(image.Rectangle{Max: size})
		for y := b.Min.Y / maskTile; y <= b.Max.Y/maskTile && !b.Empty(); y++ {
			for x := b.Min.X / maskTile; x <= b.Max.X/maskTile; x++ {
				m.tiles[y*m.wide+x] = true
			}
		}
	}
	return m
}

func (m mask) has(p image.Point) bool { return m.tiles[p.Y/maskTile*m.wide+p.X/maskTile] }
