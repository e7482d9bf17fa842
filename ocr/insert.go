package ocr

import (
	"fmt"
	"image"
	"slices"
)

// spot is a place between lines: before line l of paragraph p of block b. Each index
// may also be the length of what it counts in.
type spot struct{ b, p, l int }

// addLine puts a line where it belongs.
func (t *Text) addLine(e Edit) error {
	words, err := t.written(e)
	if err != nil {
		return err
	}
	switch e.Turn {
	case 0, 90, 180, 270:
	default:
		return fmt.Errorf("%w: a line is not turned by %d degrees", ErrEdit, e.Turn)
	}
	rtl, strong := firstStrong(e.Text)
	at, in := t.belongs(e.Box, e.Turn, rtl)
	if in && !strong {
		rtl = t.Blocks[at.b].Paragraphs[at.p].RTL
	}
	size := turned(e.Box, e.Turn, t.Size).Dy()
	h := headed(e.Turn, rightToLeft(e.Text, rtl), e.Box, e.Text)
	if h == downwards && e.Turn == 0 {
		size = e.Box.Dx()
	}
	line := Line{Box: e.Box, XSize: float64(size), Turn: e.Turn, Words: added(e.Box, h, words)}
	par := Paragraph{Box: e.Box, RTL: rtl, Lines: []Line{line}}
	switch {
	case !in:
		t.insertBlocks(at, []Block{{Box: e.Box, Paragraphs: []Paragraph{par}}})
	case t.Blocks[at.b].Paragraphs[at.p].RTL != rtl:
		t.insertParagraphs(at, []Paragraph{par})
	default:
		t.insertLines(at, par.Lines)
	}
	return nil
}

// insertLines puts lines into a paragraph.
func (t *Text) insertLines(at spot, lines []Line) {
	par := &t.Blocks[at.b].Paragraphs[at.p]
	par.Lines = slices.Insert(par.Lines, at.l, lines...)
	for i := range lines {
		t.widen(at.b, at.p, at.l+i)
	}
}

// insertParagraphs puts paragraphs into a block, and parts the one that they come in
// the middle of.
func (t *Text) insertParagraphs(at spot, pars []Paragraph) {
	p := t.part(at)
	block := &t.Blocks[at.b]
	block.Paragraphs = slices.Insert(block.Paragraphs, p, pars...)
	for _, par := range pars {
		block.Box = block.Box.Union(par.Box)
	}
}

// insertBlocks puts blocks into the page, and parts the one that they come in the
// middle of.
func (t *Text) insertBlocks(at spot, blocks []Block) {
	b := at.b
	if b < len(t.Blocks) {
		p := t.part(at)
		switch block := &t.Blocks[b]; p {
		case 0:
		case len(block.Paragraphs):
			b++
		default:
			rest := *block
			rest.Paragraphs = slices.Clone(block.Paragraphs[p:])
			block.Paragraphs = slices.Clip(block.Paragraphs[:p])
			rest.tighten()
			block.tighten()
			b++
			t.Blocks = slices.Insert(t.Blocks, b, rest)
		}
	}
	t.Blocks = slices.Insert(t.Blocks, b, blocks...)
}

// part gives the index of the paragraph that begins at a spot, which becomes one.
func (t *Text) part(at spot) int {
	block := &t.Blocks[at.b]
	if at.p == len(block.Paragraphs) || at.l == 0 {
		return at.p
	}
	par := &block.Paragraphs[at.p]
	if at.l == len(par.Lines) {
		return at.p + 1
	}
	rest := *par
	rest.Lines = slices.Clone(par.Lines[at.l:])
	par.Lines = slices.Clip(par.Lines[:at.l])
	rest.tighten()
	par.tighten()
	block.Paragraphs = slices.Insert(block.Paragraphs, at.p+1, rest)
	return at.p + 1
}

// belongs gives the spot of a line that stands in no block yet, and whether it is in a
// paragraph there or in a block of its own. A block wants it that it lies in, or that
// it goes on above or below in the same column, with letters of about the same height.
// All is done as if the page were turned so that the line stands upright; only where it
// is alone, a note in the margin, the way that most lines run says what comes first.
func (t *Text) belongs(box image.Rectangle, turn int, rtl bool) (at spot, in bool) {
	up := turned(box, turn, t.Size)
	best, least := -1, 0
	for b := range t.Blocks {
		r := turned(t.Blocks[b].Box, turn, t.Size)
		if t.Blocks[b].has(turn) && middle(up).In(doubled(r)) && (best < 0 || area(r) < least) {
			best, least = b, area(r)
		}
	}
	if best < 0 {
		best = t.column(up, turn)
	}
	if best < 0 {
		return t.own(box, rtl), false
	}
	return t.within(best, up, turn), true
}

// mostly gives the turn of most words of the page.
func (t *Text) mostly() int {
	words := map[int]int{}
	best := 0
	for b := range t.Blocks {
		for _, p := range t.Blocks[b].Paragraphs {
			for _, l := range p.Lines {
				if words[l.Turn] += len(l.Words); words[l.Turn] > words[best] {
					best = l.Turn
				}
			}
		}
	}
	return best
}

// has tells whether the block has a line of that turn.
func (b *Block) has(turn int) bool {
	for _, p := range b.Paragraphs {
		if slices.ContainsFunc(p.Lines, func(l Line) bool { return l.Turn == turn }) {
			return true
		}
	}
	return false
}

// middle and doubled count in half pixels, so that no centre falls between two.
func middle(r image.Rectangle) image.Point { return r.Min.Add(r.Max) }
func doubled(r image.Rectangle) image.Rectangle {
	return image.Rectangle{r.Min.Mul(2), r.Max.Mul(2)}
}

// sideways and down give how far two boxes overlap; below zero it is what parts them.
func sideways(a, b image.Rectangle) int { return min(a.Max.X, b.Max.X) - max(a.Min.X, b.Min.X) }
func down(a, b image.Rectangle) int     { return min(a.Max.Y, b.Max.Y) - max(a.Min.Y, b.Min.Y) }

// abreast tells whether two lines stand in one row.
func abreast(a, b image.Rectangle) bool { return down(a, b)*2 > min(a.Dy(), b.Dy()) }

// column gives the block that a line above, below or beside it goes on, -1 for none. At
// least half of the line is within the block's width, or else it goes on a row; from the
// next line it is parted by not more than one and a half times the height of that, which
// is not much higher or lower.
func (t *Text) column(box image.Rectangle, turn int) int {
	type candidate struct{ block, gap int }
	under, beside := candidate{block: -1}, candidate{block: -1}
	for b := range t.Blocks {
		in := sideways(turned(t.Blocks[b].Box, turn, t.Size), box)*2 >= box.Dx()
		for _, p := range t.Blocks[b].Paragraphs {
			for _, l := range p.Lines {
				r := turned(l.Box, turn, t.Size)
				if l.Turn != turn || r.Dy()*5 < box.Dy()*3 || box.Dy()*5 < r.Dy()*3 {
					continue
				}
				best, gap := &under, max(-down(r, box), 0)
				if !in {
					if !abreast(r, box) {
						continue
					}
					best, gap = &beside, max(-sideways(r, box), 0)
				}
				if gap*2 <= r.Dy()*3 && (best.block < 0 || gap < best.gap) {
					*best = candidate{b, gap}
				}
			}
		}
	}
	if under.block >= 0 {
		return under.block
	}
	return beside.block
}

// within gives the spot of a line in a block. Where a block holds columns the line goes
// by those that stand above and below it, and by its row.
func (t *Text) within(b int, box image.Rectangle, turn int) spot {
	type entry struct {
		spot
		box image.Rectangle
		rtl bool
	}
	var lines []entry
	for p, par := range t.Blocks[b].Paragraphs {
		for l, line := range par.Lines {
			lines = append(lines, entry{spot{b, p, l}, turned(line.Box, turn, t.Size), par.RTL})
		}
	}
	y := func(r image.Rectangle) int { return r.Min.Y + r.Max.Y }
	inRow := func(e entry, before bool) bool {
		h := rightwards
		if e.rtl {
			h = leftwards
		}
		return abreast(e.box, box) && ahead(e.box, box, h) == before
	}
	above, below := -1, -1
	for i, e := range lines {
		switch {
		case sideways(e.box, box) <= 0 || abreast(e.box, box):
		case y(e.box) <= y(box) && (above < 0 || y(e.box) >= y(lines[above].box)):
			above = i
		case y(e.box) > y(box) && (below < 0 || y(e.box) < y(lines[below].box)):
			below = i
		}
	}
	i := 0
	switch {
	case above >= 0:
		// A signature at the right is between them too, the top of a next column is not.
		for i = above + 1; i < len(lines) && (inRow(lines[i], true) || amid(lines[above].box, lines[i].box, box)); i++ {
		}
	case below >= 0:
		for i = below; i > 0 && inRow(lines[i-1], false); i-- {
		}
	default:
		for i < len(lines) && (inRow(lines[i], true) || !abreast(lines[i].box, box) && y(lines[i].box) < y(box)) {
			i++
		}
	}
	// Between two paragraphs it belongs to the nearer.
	switch {
	case i == len(lines):
		at := lines[i-1].spot
		at.l++
		return at
	case i > 0 && lines[i].p != lines[i-1].p && down(lines[i-1].box, box) >= down(lines[i].box, box):
		at := lines[i-1].spot
		at.l++
		return at
	}
	return lines[i].spot
}

// amid tells whether r is lower than above and higher than below, and in no row with
// either.
func amid(above, r, below image.Rectangle) bool {
	y := func(r image.Rectangle) int { return r.Min.Y + r.Max.Y }
	return y(above) < y(r) && y(r) < y(below) && !abreast(above, r) && !abreast(r, below)
}

// own gives the spot of a block of its own. It comes after the block above it or before
// the one below it, whichever shares more of its width; beside all others it comes
// before the first one that lies further in the direction of reading.
func (t *Text) own(box image.Rectangle, rtl bool) spot {
	turn := t.mostly()
	box = turned(box, turn, t.Size)
	above, below, next := -1, -1, len(t.Blocks)
	var up, low image.Rectangle
	for b := range t.Blocks {
		r := turned(t.Blocks[b].Box, turn, t.Size)
		further := r.Min.X >= box.Max.X
		if rtl {
			further = r.Max.X <= box.Min.X
		}
		lower := r.Min.Y+r.Max.Y > box.Min.Y+box.Max.Y
		switch {
		case sideways(r, box) > 0 && !lower:
			if above < 0 || r.Max.Y >= up.Max.Y {
				above, up = b, r
			}
		case sideways(r, box) > 0:
			if below < 0 || r.Min.Y < low.Min.Y {
				below, low = b, r
			}
		case further && next == len(t.Blocks) && (lower || down(r, box) > 0):
			next = b
		}
	}
	switch {
	case above >= 0 && (below < 0 || !narrower(low, up, box)):
		for above++; above < len(t.Blocks) && amid(up, turned(t.Blocks[above].Box, turn, t.Size), box); above++ {
		}
		return spot{b: above}
	case below >= 0:
		return spot{b: below}
	}
	return spot{b: next}
}

// narrower tells whether a shares more of its and box's width with box than b does.
func narrower(a, b, box image.Rectangle) bool {
	all := func(r image.Rectangle) int { return max(r.Max.X, box.Max.X) - min(r.Min.X, box.Min.X) }
	return sideways(a, box)*all(b) > sideways(b, box)*all(a)
}
