package ocr

import (
	"fmt"
	"image"
	"slices"
)

// replace puts what was read anew into a region.
func (t *Text) replace(e Edit) error {
	if err := t.holds(e.Box); err != nil {
		return err
	}
	if e.Read == nil {
		return fmt.Errorf("%w: nothing was read", ErrEdit)
	}
	if e.Read.Size != t.Size {
		return fmt.Errorf("%w: the region was read in a frame of %v, the page is %v", ErrEdit, e.Read.Size, t.Size)
	}
	if err := e.Read.fits(e.Box); err != nil {
		return err
	}
	at := t.cut(e.Box)
	if len(e.Read.Blocks) == 0 {
		return nil
	}
	for _, l := range e.Read.Languages {
		if !slices.Contains(t.Languages, l) {
			t.Languages = append(t.Languages, l)
		}
	}
	t.put(at, e.Read.clone().Blocks)
	return nil
}

// fits tells whether a tree could be a part of the page: no level is empty, boxes have
// room and lie in the page, numbers are numbers, and its words have their centres in
// the region.
func (t *Text) fits(region image.Rectangle) error {
	bad := func(format string, a ...any) error {
		return fmt.Errorf("%w: what was read anew %s", ErrEdit, fmt.Sprintf(format, a...))
	}
	for _, b := range t.Blocks {
		if len(b.Paragraphs) == 0 || t.holds(b.Box) != nil {
			return bad("has a block that is empty or not in the page")
		}
		for _, p := range b.Paragraphs {
			if len(p.Lines) == 0 || t.holds(p.Box) != nil || !p.Box.In(b.Box) {
				return bad("has a paragraph that is empty or not in its block")
			}
			for _, l := range p.Lines {
				if len(l.Words) == 0 || t.holds(l.Box) != nil || !l.Box.In(p.Box) {
					return bad("has a line that is empty or not in its paragraph")
				}
				if l.Turn != 0 && l.Turn != 90 && l.Turn != 180 && l.Turn != 270 {
					return bad("has a line turned by %d degrees", l.Turn)
				}
				if n := l.Baseline; !finite(l.XSize, n.X0, n.Y0, n.X1, n.Y1) {
					return bad("has a line at no place")
				}
				for _, w := range l.Words {
					words, err := spell(w.Text)
					if err != nil {
						return err
					}
					switch {
					case len(words) != 1 || words[0] != w.Text:
						return bad("has %q for a word", w.Text)
					case !(w.Confidence >= 0 && w.Confidence <= 1): // NaN too
						return bad("is sure of %q by %v", w.Text, w.Confidence)
					case t.holds(w.Box) != nil || !w.Box.In(l.Box):
						return bad("has %q outside of its line", w.Text)
					case !middle(w.Box).In(doubled(region)):
						return bad("has %q outside of the region", w.Text)
					}
				}
			}
		}
	}
	return nil
}

// gap is where words were taken out, in the tree as it is without them.
type gap struct {
	spot
	word   int  // where in the line, -1 where it went as a whole
	parted int  // how many lines lost words and kept others
	pars   int  // how many paragraphs lost words
	blocks int  // how many blocks did
	par    bool // the first of these paragraphs has kept lines
	block  bool // the first of these blocks has
}

// cut takes the words out whose centres lie in the region; nil where none do.
func (t *Text) cut(region image.Rectangle) *gap {
	r := doubled(region)
	goes := func(w Word) bool { return middle(w.Box).In(r) }
	var found *gap
	var blocks []Block
	for _, b := range t.Blocks {
		var pars []Paragraph
		before := found.count()
		for _, p := range b.Paragraphs {
			var lines []Line
			fewer := false
			for _, l := range p.Lines {
				first := slices.IndexFunc(l.Words, goes)
				if first < 0 {
					lines = append(lines, l)
					continue
				}
				here := gap{spot: spot{len(blocks), len(pars), len(lines)}, word: -1}
				l.Words = slices.DeleteFunc(l.Words, goes)
				if len(l.Words) > 0 {
					l.tighten()
					lines = append(lines, l)
					here.word = first
				}
				if found == nil {
					found = &here
				} else if here.word > 0 && found.word > 0 && found.b == here.b {
					// What stays are the beginnings of several lines: a column on the
					// right was torn off, which comes behind all of them.
					found.spot, found.word = here.spot, here.word
				}
				if here.word >= 0 {
					found.parted++
				}
				if !fewer {
					found.pars++
				}
				fewer = true
			}
			if fewer {
				p.Lines = lines
				p.tighten()
				if found.pars == 1 {
					found.par = len(lines) > 0
				}
			}
			if len(p.Lines) > 0 {
				pars = append(pars, p)
			}
		}
		if found.count() > before {
			b.Paragraphs = pars
			b.tighten()
			if found.blocks++; found.blocks == 1 {
				found.block = len(pars) > 0
			}
		}
		if len(b.Paragraphs) > 0 {
			blocks = append(blocks, b)
		}
	}
	t.Blocks = blocks
	return found
}

func (g *gap) count() int {
	if g == nil {
		return 0
	}
	return g.pars
}

// put inserts what was read at the gap that a cut left, at the level at which it fits:
// words into a line, lines into a paragraph, paragraphs into a block, or blocks.
func (t *Text) put(g *gap, blocks []Block) {
	first := blocks[0].Paragraphs[0]
	turn, rtl := first.Lines[0].Turn, first.RTL
	one := len(blocks) == 1 && len(blocks[0].Paragraphs) == 1
	var at spot
	var inBlock, inPar bool
	if g == nil {
		var all image.Rectangle
		for _, b := range blocks {
			all = all.Union(b.Box)
		}
		at, inBlock = t.belongs(all, turn, rtl)
		inPar = inBlock
	} else {
		if one && len(first.Lines) == 1 && t.joinsLine(g, first) {
			line := &t.Blocks[g.b].Paragraphs[g.p].Lines[g.l]
			line.Words = slices.Insert(line.Words, g.word, first.Lines[0].Words...)
			t.widen(g.b, g.p, g.l)
			return
		}
		at = g.spot
		if g.word > 0 {
			at.l++
		}
		// Several parted lines are a column that is torn off, and no part of theirs.
		inBlock = g.block && g.blocks == 1 && g.parted < 2 && t.Blocks[g.b].has(turn)
		inPar = inBlock && g.par && g.pars == 1
	}
	switch {
	case !inBlock || len(blocks) > 1:
		t.insertBlocks(at, blocks)
	case inPar && one && t.Blocks[at.b].Paragraphs[at.p].RTL == rtl:
		t.insertLines(at, first.Lines)
	default:
		t.insertParagraphs(at, blocks[0].Paragraphs)
	}
}

// joinsLine tells whether a line read anew goes into the gap of the only parted line.
func (t *Text) joinsLine(g *gap, p Paragraph) bool {
	if g.word < 0 || g.parted != 1 || g.pars != 1 {
		return false
	}
	par := t.Blocks[g.b].Paragraphs[g.p]
	old, anew := par.Lines[g.l], p.Lines[0]
	return old.Turn == anew.Turn && par.RTL == p.RTL &&
		abreast(turned(old.Box, old.Turn, t.Size), turned(anew.Box, anew.Turn, t.Size))
}
