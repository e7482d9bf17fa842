package ocr

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/cases"
	"golang.org/x/text/language"
	"golang.org/x/text/unicode/norm"
)

// Spelling is a name, or anything else of a few words, that was read or written wrong
// in many places, and how it is to be spelt.
type Spelling struct {
	Wrong []string `json:"wrong"` // each may be several words
	Right string   `json:"right"` // may be more or fewer words
	// Inside also finds it as a part of longer words. Without that a letter, number or
	// mark may not come right before or after; other signs may, and stay: "Müler," and
	// "Müler's" are found, "Mülers" is not.
	Inside   bool `json:"inside,omitempty"`
	AnyCase  bool `json:"any_case,omitempty"`  // found whatever its capitals are
	KeepCase bool `json:"keep_case,omitempty"` // what stands in capitals, or in small letters, stays so
}

// Match is one place where a spelling was found.
type Match struct {
	At            []Place // of its words in reading order; both parts of a broken one
	Start         int     // where in the first word it begins, in runes (of its normal form C)
	Found         string  // as it stands there, broken words whole
	Becomes       string
	Before, After string // some words of the same paragraph, for the eye
	Seen          bool   // a person has corrected or checked a word of it
}

// around is how many letters of context a match has on each side, at most.
const around = 40

// Check tells what is wrong with a spelling; the error wraps [ErrEdit].
func (n Spelling) Check() error {
	right, err := spell(n.Right)
	if err != nil {
		return err
	}
	if len(right) == 0 {
		return fmt.Errorf("%w: it is not said how the name is spelt", ErrEdit)
	}
	some := false
	for _, w := range n.Wrong {
		words, err := spell(w)
		if err != nil {
			return err
		}
		some = some || len(words) > 0
	}
	if !some {
		return fmt.Errorf("%w: it is not said how the name was spelt", ErrEdit)
	}
	return nil
}

// Find gives the places where a name is spelt wrong, in reading order, without overlap:
// the longest of the wrong spellings counts, and none within the right one. A name may
// be broken over two lines, its words may stand on two lines of a paragraph; in words
// that are unreadable nothing is found, nor over them. An invalid spelling (see Check)
// is not found anywhere.
func (t *Text) Find(n Spelling) []Match {
	if n.Check() != nil {
		return nil
	}
	s := newSought(n)
	var out []Match
	for b := range t.Blocks {
		f := t.flatten(b)
		for i := 0; i < len(f.runes); {
			end, becomes := s.at(f, i)
			if end < 0 {
				i++
				continue
			}
			out = append(out, f.match(i, end, becomes))
			i = end
		}
	}
	return out
}

// Spell gives the edits that put a name right wherever it is found.
func (t *Text) Spell(n Spelling) ([]Edit, error) {
	if err := n.Check(); err != nil {
		return nil, err
	}
	return t.SpellAt(n, t.Find(n))
}

// SpellAt gives the edits that put a name right in the places that were chosen from what
// Find gave, to be applied together and in this order: from the end, so that each finds
// its words. A broken word stays broken where it is. Right words come each in the place
// of the wrong one that is most alike; words that become one are merged. The error wraps
// [ErrElsewhere] where the text has changed since.
func (t *Text) SpellAt(n Spelling, chosen []Match) ([]Edit, error) {
	if err := n.Check(); err != nil {
		return nil, err
	}
	found := t.Find(n)
	speller := speller{t: t.clone()}
	for _, m := range chosen {
		if !slices.ContainsFunc(found, m.same) {
			return nil, fmt.Errorf("%w: %q is not found there", ErrElsewhere, m.Found)
		}
	}
	for _, m := range slices.Backward(found) {
		if slices.ContainsFunc(chosen, m.same) {
			if err := speller.spell(m); err != nil {
				return nil, fmt.Errorf("spell %q: %w", m.Found, err)
			}
		}
	}
	return speller.edits, nil
}

func (m Match) same(o Match) bool {
	return m.Start == o.Start && m.Found == o.Found && m.Becomes == o.Becomes && slices.Equal(m.At, o.At)
}

// piece is a word in the flat text, or its part of a broken one.
type piece struct {
	place      Place
	text       []rune // normal form C, without the hyphen of a broken word
	hyphen     string // that was taken off because the next piece goes on
	begin, end int    // in the flat text
	goesOn     bool   // it goes on the broken word of the piece before
	line       int    // counted through the block
	seen       bool
}

// flat is the text of a block in one row: a space between words, a line feed between
// paragraphs, and hidden for a word that is unreadable. Broken words are whole.
type flat struct {
	runes  []rune
	pieces []piece
}

const hidden = '\uFFFF' // no character (Unicode 23.7), and refused in corrections

func (t *Text) flatten(b int) *flat {
	f := &flat{}
	line := 0
	open := false // the last word is not parted from the next by something unreadable
	for p, par := range t.Blocks[b].Paragraphs {
		if len(f.runes) > 0 {
			f.runes = append(f.runes, '\n')
		}
		for l := range par.Lines {
			if len(par.Lines[l].Words) == 0 {
				continue
			}
			line++
			for i, w := range par.Lines[l].Words {
				text := norm.NFC.String(w.Text)
				last := len(f.pieces) - 1
				switch {
				case w.Unreadable:
					f.space()
					f.runes = append(f.runes, hidden)
					open = false
					continue
				case open && i == 0 && f.pieces[last].line == line-1 && f.join(last, text):
				default:
					f.space()
				}
				at := Place{b, p, l, i, w.Text, w.Box}
				f.pieces = append(f.pieces, piece{
					place: at, text: []rune(text), line: line, seen: w.Corrected || w.Checked,
					goesOn: open && last >= 0 && f.pieces[last].hyphen != "",
					begin:  len(f.runes), end: len(f.runes) + len([]rune(text)),
				})
				f.runes = append(f.runes, []rune(text)...)
				open = true
			}
		}
	}
	return f
}

func (f *flat) space() {
	if n := len(f.runes); n > 0 && f.runes[n-1] != '\n' {
		f.runes = append(f.runes, ' ')
	}
}

// join takes the hyphen off the last piece where the word goes on in the next.
func (f *flat) join(last int, next string) bool {
	p := &f.pieces[last]
	if _, ok := Rejoin(string(p.text), next); !ok {
		return false
	}
	_, p.hyphen = CutHyphen(string(p.text))
	p.text = p.text[:len(p.text)-1]
	p.end--
	f.runes = f.runes[:p.end]
	return true
}

// lineEnd tells whether the space at i parts a word that ends in a hyphen, as compound
// names do, from the next line.
func (f *flat) lineEnd(i int) bool {
	if i == 0 || i >= len(f.runes) || f.runes[i] != ' ' || !isHyphen(f.runes[i-1]) {
		return false
	}
	after, found := slices.BinarySearchFunc(f.pieces, i+1, func(p piece, at int) int { return p.begin - at })
	return found && after > 0 && f.pieces[after].line != f.pieces[after-1].line
}

func isHyphen(r rune) bool { return r == '-' || r == '\u2010' || r == '\u2E17' }

// sought is a spelling made ready.
type sought struct {
	Spelling
	wrong [][]rune // the longest first
	right []rune
}

func newSought(n Spelling) *sought {
	s := &sought{Spelling: n}
	ready := func(text string) []rune {
		return []rune(norm.NFC.String(strings.Join(strings.Fields(text), " ")))
	}
	for _, w := range n.Wrong {
		if r := ready(w); len(r) > 0 {
			s.wrong = append(s.wrong, r)
		}
	}
	slices.SortStableFunc(s.wrong, func(a, b []rune) int { return len(b) - len(a) })
	s.right = ready(n.Right)
	return s
}

// at gives the end of the wrong spelling that begins at i, and what it becomes; -1
// where there is none.
func (s *sought) at(f *flat, i int) (end int, becomes string) {
	for _, wrong := range s.wrong {
		end := f.has(i, wrong, s.AnyCase)
		if end < 0 || end < len(f.runes) && unicode.Is(unicode.M, f.runes[end]) {
			continue
		}
		if !s.Inside && (inWord(f.runes, i) || inWord(f.runes, end)) {
			continue
		}
		becomes := s.becomes(f.runes[i:end])
		if becomes == string(f.runes[i:end]) || s.isRight(f, i, wrong, becomes) {
			continue
		}
		return end, becomes
	}
	return -1, ""
}

// isRight tells whether the wrong spelling at i is a part of the right one: "Joh" where
// "Joh." stands.
func (s *sought) isRight(f *flat, i int, wrong []rune, becomes string) bool {
	right := []rune(becomes)
	for k := 0; k+len(wrong) <= len(right); k++ {
		if k <= i && alike(right[k:k+len(wrong)], wrong, s.AnyCase) && f.has(i-k, right, false) >= 0 {
			return true
		}
	}
	return false
}

// becomes gives the right spelling in the case of what was found.
func (s *sought) becomes(found []rune) string {
	right := string(s.right)
	if !s.KeepCase {
		return right
	}
	upper, lower := 0, 0
	for _, r := range found {
		switch {
		case unicode.IsUpper(r):
			upper++
		case unicode.IsLower(r):
			lower++
		}
	}
	switch {
	case upper > 1 && lower == 0:
		return norm.NFC.String(cases.Upper(language.Und).String(right))
	case lower > 0 && upper == 0:
		return norm.NFC.String(cases.Lower(language.Und).String(right))
	}
	return right
}

// has gives where the text that is sought ends if it begins at i, or -1.
func (f *flat) has(i int, text []rune, anyCase bool) int {
	for k, r := range text {
		if k > 0 && r != ' ' && f.lineEnd(i) {
			i++
		}
		if i >= len(f.runes) || !same(f.runes[i], r, anyCase) {
			return -1
		}
		i++
	}
	return i
}

func alike(a, b []rune, anyCase bool) bool {
	return slices.EqualFunc(a, b, func(x, y rune) bool { return same(x, y, anyCase) })
}

func same(a, b rune, anyCase bool) bool {
	return a == b || isHyphen(a) && isHyphen(b) || anyCase && folded(a) == folded(b)
}

// folded gives the least of the runes that differ in case only.
func folded(r rune) rune {
	least := r
	for n := unicode.SimpleFold(r); n != r; n = unicode.SimpleFold(n) {
		least = min(least, n)
	}
	return least
}

// inWord tells whether a word goes on over position i.
func inWord(runes []rune, i int) bool {
	part := func(r rune) bool { return unicode.In(r, unicode.L, unicode.N, unicode.M) }
	return i > 0 && i < len(runes) && part(runes[i-1]) && part(runes[i])
}

// match describes what was found.
func (f *flat) match(begin, end int, becomes string) Match {
	m := Match{Found: string(f.runes[begin:end]), Becomes: becomes}
	for _, p := range f.touched(begin, end) {
		if len(m.At) == 0 {
			m.Start = begin - p.begin
		}
		m.At = append(m.At, p.place)
		m.Seen = m.Seen || p.seen
	}
	from, to := max(begin-around, 0), min(end+around, len(f.runes))
	for from > 0 && from < begin && f.runes[from-1] != ' ' && f.runes[from-1] != '\n' {
		from++
	}
	for to < len(f.runes) && to > end && f.runes[to] != ' ' && f.runes[to] != '\n' {
		to--
	}
	before, after := f.runes[from:begin], f.runes[end:to]
	if i := slices.Index(after, '\n'); i >= 0 {
		after = after[:i]
	}
	for i, r := range slices.Backward(before) {
		if r == '\n' {
			before = before[i+1:]
			break
		}
	}
	show := func(r []rune) string { return strings.ReplaceAll(string(r), string(hidden), Gap) }
	m.Before, m.After = show(before), show(after)
	return m
}

// touched gives the pieces that have letters between begin and end.
func (f *flat) touched(begin, end int) []piece {
	first := slices.IndexFunc(f.pieces, func(p piece) bool { return p.end > begin })
	last := first
	for last < len(f.pieces) && f.pieces[last].begin < end {
		last++
	}
	return f.pieces[first:last]
}
