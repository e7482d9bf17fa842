package ocr

import (
	"cmp"
	"errors"
	"fmt"
	"image"
	"iter"
)

// ErrElsewhere means that a [Place] does not hold the word that it is said to hold:
// it was taken from another version of the text.
var ErrElsewhere = errors.New("the text has changed there since")

// Place is where a word stands in a tree, and what stands there, so that nothing is
// done to another word by mistake. Indices count from 0.
type Place struct {
	Block     int             `json:"block"`
	Paragraph int             `json:"paragraph"`
	Line      int             `json:"line"`
	Word      int             `json:"word"`
	Text      string          `json:"text"`         // the word's
	Box       image.Rectangle `json:"box,omitzero"` // the word's; the zero one is not compared
}

// Compare orders places by their indices, which is the reading order.
func (p Place) Compare(q Place) int {
	return cmp.Or(cmp.Compare(p.Block, q.Block), cmp.Compare(p.Paragraph, q.Paragraph),
		cmp.Compare(p.Line, q.Line), cmp.Compare(p.Word, q.Word))
}

func (p Place) String() string {
	return fmt.Sprintf("%q (block %d, paragraph %d, line %d, word %d)", p.Text, p.Block+1, p.Paragraph+1, p.Line+1, p.Word+1)
}

// At gives the word at a place; the error wraps [ErrElsewhere].
func (t *Text) At(p Place) (Word, error) {
	line, err := t.line(p)
	if err != nil {
		return Word{}, err
	}
	return line.Words[p.Word], nil
}

// Place gives the place of the word with these indices; false where there is none.
func (t *Text) Place(block, paragraph, line, word int) (Place, bool) {
	p := Place{Block: block, Paragraph: paragraph, Line: line, Word: word}
	w := t.word(p)
	if w == nil {
		return Place{}, false
	}
	p.Text, p.Box = w.Text, w.Box
	return p, true
}

// Places gives all words with their places in reading order. The words are the
// tree's own and not to be changed.
func (t *Text) Places() iter.Seq2[Place, *Word] {
	return func(yield func(Place, *Word) bool) {
		for b := range t.Blocks {
			for p := range t.Blocks[b].Paragraphs {
				for l := range t.Blocks[b].Paragraphs[p].Lines {
					words := t.Blocks[b].Paragraphs[p].Lines[l].Words
					for i := range words {
						w := &words[i]
						if !yield(Place{b, p, l, i, w.Text, w.Box}, w) {
							return
						}
					}
				}
			}
		}
	}
}

// PlaceOf gives the word that a position on the page lies in, the smallest where
// boxes overlap; false where there is none.
func (t *Text) PlaceOf(at image.Point) (found Place, ok bool) {
	for p := range t.Places() {
		if at.In(p.Box) && (!ok || area(p.Box) < area(found.Box)) {
			found, ok = p, true
		}
	}
	return found, ok
}

func area(r image.Rectangle) int { return r.Dx() * r.Dy() }

// word is nil where no word has these indices.
func (t *Text) word(p Place) *Word {
	if p.Block < 0 || p.Block >= len(t.Blocks) {
		return nil
	}
	b := &t.Blocks[p.Block]
	if p.Paragraph < 0 || p.Paragraph >= len(b.Paragraphs) {
		return nil
	}
	par := &b.Paragraphs[p.Paragraph]
	if p.Line < 0 || p.Line >= len(par.Lines) {
		return nil
	}
	l := &par.Lines[p.Line]
	if p.Word < 0 || p.Word >= len(l.Words) {
		return nil
	}
	return &l.Words[p.Word]
}

// line gives the line of a place whose word is as it should be.
func (t *Text) line(p Place) (*Line, error) {
	w := t.word(p)
	switch {
	case w == nil:
		return nil, fmt.Errorf("%w: there is no %v", ErrElsewhere, p)
	case w.Text != p.Text:
		return nil, fmt.Errorf("%w: %q stands in the place of %v", ErrElsewhere, w.Text, p)
	case p.Box != image.Rectangle{} && p.Box != w.Box:
		return nil, fmt.Errorf("%w: %v lies at %v, not at %v", ErrElsewhere, p, w.Box, p.Box)
	}
	return &t.Blocks[p.Block].Paragraphs[p.Paragraph].Lines[p.Line], nil
}

// Doubtful tells whether a person should look at the word: the engine's confidence is
// below that, and nobody has corrected, checked or given it up.
func (w *Word) Doubtful(below float64) bool {
	return w.Confidence < below && !w.Corrected && !w.Checked && !w.Unreadable
}

// Doubtful gives the places of the words that the engine was less sure of than below
// (0 to 1) and that nobody has looked at, in reading order.
func (t *Text) Doubtful(below float64) iter.Seq[Place] {
	return func(yield func(Place) bool) {
		for p, w := range t.Places() {
			if w.Doubtful(below) && !yield(p) {
				return
			}
		}
	}
}

// NextDoubtful gives the first doubtful word after a place, of which only the indices
// count: the word there may have changed or gone. False at the end of the page.
func (t *Text) NextDoubtful(after Place, below float64) (Place, bool) {
	for p := range t.Doubtful(below) {
		if p.Compare(after) > 0 {
			return p, true
		}
	}
	return Place{}, false
}

// PreviousDoubtful gives the last doubtful word before a place, as [Text.NextDoubtful].
func (t *Text) PreviousDoubtful(before Place, below float64) (last Place, found bool) {
	for p := range t.Doubtful(below) {
		if p.Compare(before) >= 0 {
			break
		}
		last, found = p, true
	}
	return last, found
}
