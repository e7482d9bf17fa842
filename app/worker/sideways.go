package worker

import (
	"math"
	"slices"
	"unicode"

	"recto/ocr"
	"recto/scan"
)

// sideways gives the clockwise quarter turn that sets most letters upright; 0 where
// most are so already.
func sideways(t *ocr.Text) int {
	letters := map[int]int{}
	all := 0
	for _, b := range t.Blocks {
		for _, p := range b.Paragraphs {
			for _, l := range p.Lines {
				turn := lies(l)
				for _, w := range l.Words {
					n := len([]rune(w.Text))
					letters[turn] += n
					all += n
				}
			}
		}
	}
	for turn, n := range letters {
		if turn != 0 && n*2 > all {
			return turn
		}
	}
	return 0
}

// Of a word that lies on its side: it is higher than wide, though it has letters enough
// to be wide.
const (
	longWord  = 3   // letters
	tallShape = 1.3 // height to width
)

// muchText is how many characters are no accident, whatever they were taken for.
const muchText = 50

// characters counts those of all words.
func characters(t *ocr.Text) int {
	n := 0
	for w := range t.Words {
		n += len([]rune(w.Text))
	}
	return n
}

// lies tells by which clockwise quarter turn a line is set upright. Tesseract reads lines
// that run up or down the page well, but says so of some pages only; on the others it
// shows in the words: they are high, and one stands above the other. Scripts that are
// written from top to bottom stand like that when they are upright.
func lies(l ocr.Line) int {
	if l.Turn != 0 {
		return l.Turn
	}
	tall, wide := 0, 0
	for _, w := range l.Words {
		n := 0
		for _, c := range w.Text {
			if unicode.In(c, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul, unicode.Mongolian) {
				return 0
			}
			if unicode.IsLetter(c) || unicode.IsDigit(c) {
				n++
			}
		}
		switch box := w.Box; {
		case n < longWord:
		case float64(box.Dy()) >= tallShape*float64(box.Dx()):
			tall += n
		default:
			wide += n
		}
	}
	if tall <= wide {
		return 0
	}
	if len(l.Words) < 2 {
		return 270 // a guess: what is tried must read well
	}
	down := 0
	for i, w := range l.Words[1:] {
		if w.Box.Min.Y+w.Box.Max.Y > l.Words[i].Box.Min.Y+l.Words[i].Box.Max.Y {
			down++
		} else {
			down--
		}
	}
	if slices.ContainsFunc(l.Words, func(w ocr.Word) bool {
		for _, c := range w.Text {
			if unicode.In(c, unicode.Hebrew, unicode.Arabic) {
				return true
			}
		}
		return false
	}) {
		down = -down
	}
	if down >= 0 {
		return 270
	}
	return 90
}

// turned tells whether a page's pixels were turned against its lean, and nobody said so.
func (a *attempt) turned(in Read) bool {
	_, byHand := scan.Find[scan.Deskew](in.ByHand, scan.DeskewStage)
	d, found := scan.Find[scan.Deskew](a.recipe, scan.DeskewStage)
	return found && !byHand && math.Abs(d.Degrees) >= leastTurn
}

// raised sets an attempt upright whose lines lie on their side: both ways where the
// first reads badly. at is its quarter turn, and try makes an attempt at another. It
// closes those that are not given back.
func raised(a *attempt, at int, try func(turn int) (*attempt, error)) (*attempt, int, error) {
	side := sideways(a.text)
	if side == 0 {
		return a, at, nil
	}
	best, turn := a, at
	for _, t := range []int{(at + side) % 360, (at + side + 180) % 360} {
		b, err := try(t)
		if err != nil {
			best.close()
			return nil, 0, err
		}
		// What lies on its side was read: once it stands, it need not read better. Upside
		// down it reads as next to nothing.
		if b.read > leastWriting && sideways(b.text) == 0 && b.text.Confidence() >= goodReading/2 && (best == a && b.read*2 >= a.read || best != a && b.read > best.read) {
			best.close()
			best, turn = b, t
			best.sure(b.text.Confidence())
		} else {
			b.close()
		}
		if best.text.Confidence() >= goodReading && best != a {
			break
		}
	}
	return best, turn, nil
}
