package ocr

import (
	"errors"
	"fmt"
	"image"
	"math"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// ErrEdit means that an edit cannot be done on any text, or not on this page.
var ErrEdit = errors.New("that cannot be done to the text")

// Act names what an edit does. What a name means never changes: edits are kept in a
// journal and give the same text again whenever they are applied to the same one.
type Act string

// The acts and the constructors that explain them.
const (
	ActSet        Act = "set"        // [Set]
	ActMerge      Act = "merge"      // [Merge]
	ActSplit      Act = "split"      // [Split]
	ActAddLine    Act = "add-line"   // [AddLine]
	ActAddWord    Act = "add-word"   // [AddWord]
	ActUnreadable Act = "unreadable" // [Unreadable]
	ActAccept     Act = "accept"     // [Accept]
	ActReplace    Act = "replace"    // [Replace]
)

// Edit is one correction as data. The constructors say which fields an act wants; the
// others are not looked at. Texts are put into normal form C (UAX #15) and white space
// parts words; control characters, and bytes that are not UTF-8, are refused.
type Edit struct {
	Do   Act             `json:"do"`
	At   Place           `json:"at,omitzero"`
	Next string          `json:"next,omitempty"` // text of the word that is to be merged
	Text string          `json:"text,omitempty"`
	Rune int             `json:"rune,omitempty"` // Unicode code points, not bytes and not UTF-16
	Box  image.Rectangle `json:"box,omitzero"`
	Turn int             `json:"turn,omitempty"` // as Line.Turn
	Read *Text           `json:"read,omitempty"`
}

// Set gives a word another text and makes a readable one of it. Text of several words
// divides its box between them in proportion. Text without letters or signs takes the
// word away, and the line, the paragraph and the block that it was alone in.
func Set(at Place, text string) Edit { return Edit{Do: ActSet, At: at, Text: text} }

// Merge makes one word of a word and the next of its line, in the box around both. The
// last word of a line goes with the first of the next in its block, but a word that
// stands on two lines has two boxes: both stay, and a soft hyphen takes the place of
// the first one's hyphen, which says for search and files alike that the word goes on
// ([Rejoin]). A line of the page is never bent for it.
func Merge(at, next Place) Edit { return Edit{Do: ActMerge, At: at, Next: next.Text} }

// Split makes two words of one, the first with that many runes. The box is divided in
// proportion, from the right for letters that are written from there. An accent is not
// torn from its letter.
func Split(at Place, runes int) Edit { return Edit{Do: ActSplit, At: at, Rune: runes} }

// AddLine puts a line that the engine missed where it belongs in the reading order.
// Box lies in the page; it is divided between the words in proportion.
func AddLine(box image.Rectangle, turn int, text string) Edit {
	return Edit{Do: ActAddLine, Box: box, Turn: turn, Text: text}
}

// AddWord puts a word, or several, into the line of another word, by its position.
// The box must be beside the line's words, not above or below.
func AddWord(beside Place, box image.Rectangle, text string) Edit {
	return Edit{Do: ActAddWord, At: beside, Box: box, Text: text}
}

// Unreadable says that nobody can read the word ([Word.Unreadable]); Set and Accept
// take that back.
func Unreadable(at Place) Edit { return Edit{Do: ActUnreadable, At: at} }

// Accept says that the word is as it should be.
func Accept(at Place) Edit { return Edit{Do: ActAccept, At: at} }

// Replace puts what was read anew in a part of the page in the place of the words whose
// centres lie in it. The tree is in the frame of the page ([Text.Mapped] brings the
// reading of a cut-out there) and all its words lie in the region; it may be empty.
// Its lines come where those lay that go, or where they belong by their position.
func Replace(region image.Rectangle, read *Text) Edit {
	return Edit{Do: ActReplace, Box: region, Read: read}
}

// Apply gives the text with the edits done one after the other, each on what the ones
// before it have left: their places count there. All are done or none; t and the edits
// stay as they are and share nothing with the result. The error wraps [ErrElsewhere]
// or [ErrEdit] and says which edit it was.
func (t *Text) Apply(edits ...Edit) (*Text, error) {
	if t == nil {
		return nil, fmt.Errorf("correct a page that was not read: %w", ErrEdit)
	}
	out := t.clone()
	for i, e := range edits {
		if err := out.apply(e); err != nil {
			return nil, fmt.Errorf("correction %d of %d, %q: %w", i+1, len(edits), e.Do, err)
		}
	}
	return out, nil
}

// clone shares nothing with t.
func (t *Text) clone() *Text {
	out := *t
	out.Languages = slices.Clone(t.Languages)
	out.Blocks = cloneBlocks(t.Blocks)
	return &out
}

func cloneBlocks(blocks []Block) []Block {
	out := slices.Clone(blocks)
	for b := range out {
		out[b].Paragraphs = slices.Clone(out[b].Paragraphs)
		for p := range out[b].Paragraphs {
			par := &out[b].Paragraphs[p]
			par.Lines = slices.Clone(par.Lines)
			for l := range par.Lines {
				par.Lines[l].Words = slices.Clone(par.Lines[l].Words)
			}
		}
	}
	return out
}

// apply changes t, and may leave it half changed where it fails.
func (t *Text) apply(e Edit) error {
	switch e.Do {
	case ActAddLine:
		return t.addLine(e)
	case ActReplace:
		return t.replace(e)
	}
	var do func(Edit, *Line) error
	switch e.Do {
	case ActSet:
		do = t.set
	case ActMerge:
		do = t.merge
	case ActSplit:
		do = t.split
	case ActAddWord:
		do = t.addWord
	case ActUnreadable:
		do = func(e Edit, l *Line) error { l.Words[e.At.Word].giveUp(); return nil }
	case ActAccept:
		do = func(e Edit, l *Line) error { l.Words[e.At.Word].check(); return nil }
	default:
		return fmt.Errorf("%w: it is not known what that is", ErrEdit)
	}
	line, err := t.line(e.At)
	if err != nil {
		return err
	}
	return do(e, line)
}

// check is a person's word that this is what stands on the page.
func (w *Word) check() {
	w.Checked, w.Unreadable, w.Confidence = true, false, 1
}

// giveUp is a person's word that nobody can read it.
func (w *Word) giveUp() { w.Checked, w.Unreadable = false, true }

// correct gives the word another text. It is Corrected unless it now is as it was read.
func (w *Word) correct(text, read string) {
	w.check()
	w.Text, w.Raw, w.Added = text, read, read == ""
	if w.Raw == text {
		w.Raw = ""
	}
	w.Corrected = w.Raw != "" || w.Added
	w.Checked = !w.Corrected
}

func (t *Text) set(e Edit, l *Line) error {
	words, err := spell(e.Text)
	if err != nil {
		return err
	}
	i := e.At.Word
	w := &l.Words[i]
	switch {
	case len(words) == 0:
		l.Words = slices.Delete(l.Words, i, i+1)
		t.tidy(e.At.Block, e.At.Paragraph, e.At.Line)
	case len(words) == 1 && words[0] == w.Text:
		w.check()
	case len(words) == 1:
		w.correct(words[0], w.AsRead())
	default:
		l.Words = slices.Replace(l.Words, i, i+1, w.parts(words, l.Turn, t.rtl(e.At))...)
	}
	return nil
}

func (t *Text) rtl(p Place) bool { return t.Blocks[p.Block].Paragraphs[p.Paragraph].RTL }

// parts divides a word; what was read stays with the first part.
func (w *Word) parts(texts []string, turn int, rtl bool) []Word {
	all := strings.Join(texts, " ")
	h := headed(turn, rightToLeft(all, rtl), w.Box, all)
	var out []Word
	for i, box := range shares(w.Box, h, texts) {
		part := *w
		part.Box = box
		read := ""
		if i == 0 {
			read = w.AsRead()
		}
		part.correct(texts[i], read)
		out = append(out, part)
	}
	return out
}

// shares divides a box between words, with the room of a letter between them.
func shares(box image.Rectangle, h heading, words []string) []image.Rectangle {
	var weights []int
	for _, w := range words {
		weights = append(weights, weigh(w))
	}
	return divide(box, h, weights, 1)
}

func (t *Text) split(e Edit, l *Line) error {
	w := &l.Words[e.At.Word]
	at := offset(w.Text, e.Rune)
	if !between(w.Text, at) {
		return fmt.Errorf("%w: %q cannot be split after %d letters", ErrEdit, w.Text, e.Rune)
	}
	texts := []string{w.Text[:at], w.Text[at:]}
	if !visible(texts[0]) || !visible(texts[1]) {
		return fmt.Errorf("%w: a part of %q would have nothing to see", ErrEdit, w.Text)
	}
	h := headed(l.Turn, rightToLeft(w.Text, t.rtl(e.At)), w.Box, w.Text)
	boxes := divide(w.Box, h, []int{weigh(texts[0]), weigh(texts[1])}, 0)
	first, second := *w, *w
	first.Box, second.Box = boxes[0], boxes[1]
	first.correct(texts[0], w.AsRead())
	second.correct(texts[1], "")
	first.Unreadable, second.Unreadable = w.Unreadable, w.Unreadable
	l.Words = slices.Replace(l.Words, e.At.Word, e.At.Word+1, first, second)
	return nil
}

// offset is where the n-th rune of s begins, -1 where there is none.
func offset(s string, n int) int {
	if n < 0 {
		return -1
	}
	for i := range s {
		if n == 0 {
			return i
		}
		n--
	}
	return -1
}

func (t *Text) merge(e Edit, l *Line) error {
	i := e.At.Word
	if i+1 == len(l.Words) {
		return t.rejoin(e, &l.Words[i])
	}
	w, next := &l.Words[i], l.Words[i+1]
	if err := merges(w, &next, e.Next); err != nil {
		return err
	}
	read := strings.TrimSpace(w.AsRead() + " " + next.AsRead())
	unreadable := w.Unreadable
	w.Box = w.Box.Union(next.Box)
	w.correct(norm.NFC.String(w.Text+next.Text), read)
	w.Unreadable = unreadable
	l.Words = slices.Delete(l.Words, i+1, i+2)
	return nil
}

// Mergeable tells whether [Merge] could make one word of two: of a line, or of the end of
// one and the begin of the next where a word can go on.
func Mergeable(at, next Place) bool {
	if at.Block != next.Block {
		return false
	}
	if at.Paragraph == next.Paragraph && at.Line == next.Line {
		return true
	}
	_, ok := Rejoin(openEnd(at.Text), next.Text)
	return ok
}

// openEnd is a word with a soft hyphen in the place of what ends it.
func openEnd(text string) string {
	stem, _ := CutHyphen(text)
	return stem + "\u00AD"
}

func merges(w, next *Word, text string) error {
	if next.Text != text {
		return fmt.Errorf("%w: %q follows %q, not %q", ErrElsewhere, next.Text, w.Text, text)
	}
	if w.Unreadable != next.Unreadable {
		return fmt.Errorf("%w: only one of %q and %q can be read", ErrEdit, w.Text, next.Text)
	}
	return nil
}

// rejoin marks the last word of a line as going on in the first of the next.
func (t *Text) rejoin(e Edit, w *Word) error {
	at := Place{Block: e.At.Block, Paragraph: e.At.Paragraph, Line: e.At.Line + 1}
	if t.word(at) == nil {
		at.Paragraph, at.Line = at.Paragraph+1, 0
	}
	next := t.word(at)
	if next == nil {
		return fmt.Errorf("%w: nothing follows %q in its block", ErrEdit, w.Text)
	}
	if err := merges(w, next, e.Next); err != nil {
		return err
	}
	text := openEnd(w.Text)
	if _, ok := Rejoin(text, next.Text); !ok {
		return fmt.Errorf("%w: %q and %q are not parts of one word", ErrEdit, w.Text, next.Text)
	}
	if w.Unreadable {
		return fmt.Errorf("%w: %q is unreadable", ErrEdit, w.Text)
	}
	w.correct(text, w.AsRead())
	next.check()
	next.Checked = !next.Corrected
	return nil
}

func (t *Text) addWord(e Edit, l *Line) error {
	words, err := t.written(e)
	if err != nil {
		return err
	}
	rtl := t.rtl(e.At)
	base := headed(l.Turn, rtl, l.Box, lineText(l))
	along := base == rightwards || base == leftwards
	if along && down(e.Box, l.Box) <= 0 || !along && sideways(e.Box, l.Box) <= 0 {
		return fmt.Errorf("%w: %v is not beside the words of the line at %v", ErrEdit, e.Box, l.Box)
	}
	i := slices.IndexFunc(l.Words, func(w Word) bool { return ahead(e.Box, w.Box, base) })
	if i < 0 {
		i = len(l.Words)
	}
	l.Words = slices.Insert(l.Words, i, added(e.Box, headed(l.Turn, rightToLeft(e.Text, rtl), e.Box, e.Text), words)...)
	t.widen(e.At.Block, e.At.Paragraph, e.At.Line)
	return nil
}

func lineText(l *Line) string {
	var b strings.Builder
	for _, w := range l.Words {
		b.WriteString(w.Text)
	}
	return b.String()
}

// ahead tells whether the middle of a comes before that of b.
func ahead(a, b image.Rectangle, h heading) bool {
	x, y := a.Min.X+a.Max.X-b.Min.X-b.Max.X, a.Min.Y+a.Max.Y-b.Min.Y-b.Max.Y
	switch h {
	case leftwards:
		return x > 0
	case downwards:
		return y < 0
	case upwards:
		return y > 0
	}
	return x < 0
}

// added are words that a person put on the page.
func added(box image.Rectangle, h heading, texts []string) []Word {
	var out []Word
	for i, share := range shares(box, h, texts) {
		out = append(out, Word{Box: share, Text: texts[i], Confidence: 1, Corrected: true, Added: true})
	}
	return out
}

// written checks the text and the box of something that is added.
func (t *Text) written(e Edit) ([]string, error) {
	if err := t.holds(e.Box); err != nil {
		return nil, err
	}
	words, err := spell(e.Text)
	if err == nil && len(words) == 0 {
		err = fmt.Errorf("%w: there is no text", ErrEdit)
	}
	return words, err
}

// holds tells whether a box has room and lies in the page.
func (t *Text) holds(box image.Rectangle) error {
	frame := image.Rectangle{Max: t.Size}
	if box.Empty() || !box.In(frame) {
		return fmt.Errorf("%w: %v is not a part of the page, which is %v", ErrEdit, box, frame)
	}
	return nil
}

// spell takes a person's text apart into words as they may stand in a tree.
func spell(text string) ([]string, error) {
	if !utf8.ValidString(text) {
		return nil, fmt.Errorf("%w: %q is not UTF-8", ErrEdit, text)
	}
	for _, r := range text {
		if unicode.IsControl(r) && !unicode.IsSpace(r) || r == '\uFFFE' || r == '\uFFFF' {
			return nil, fmt.Errorf("%w: %q holds a control character", ErrEdit, text)
		}
	}
	words := strings.Fields(norm.NFC.String(text))
	for _, w := range words {
		if !visible(w) {
			return nil, fmt.Errorf("%w: there is nothing to see in %q", ErrEdit, w)
		}
	}
	return words, nil
}

// visible tells whether a word has more than marks and signs without a shape.
func visible(word string) bool {
	return strings.ContainsFunc(word, func(r rune) bool { return !unicode.In(r, unicode.M, unicode.Cf, unicode.Cc) })
}

// tidy takes away a line without words and what else is then empty, and draws the boxes
// of what stays around what it holds.
func (t *Text) tidy(b, p, l int) {
	block := &t.Blocks[b]
	par := &block.Paragraphs[p]
	if len(par.Lines[l].Words) == 0 {
		par.Lines = slices.Delete(par.Lines, l, l+1)
	} else {
		par.Lines[l].tighten()
	}
	if len(par.Lines) == 0 {
		block.Paragraphs = slices.Delete(block.Paragraphs, p, p+1)
	} else {
		par.tighten()
	}
	if len(block.Paragraphs) == 0 {
		if t.Blocks = slices.Delete(t.Blocks, b, b+1); len(t.Blocks) == 0 {
			t.Blocks = nil // as it comes back from a file
		}
	} else {
		block.tighten()
	}
}

func (l *Line) tighten() {
	var box image.Rectangle
	for _, w := range l.Words {
		box = box.Union(w.Box)
	}
	l.Box = box
}

func (p *Paragraph) tighten() {
	var box image.Rectangle
	for _, l := range p.Lines {
		box = box.Union(l.Box)
	}
	p.Box = box
}

func (b *Block) tighten() {
	var box image.Rectangle
	for _, p := range b.Paragraphs {
		box = box.Union(p.Box)
	}
	b.Box = box
}

// widen makes room in the boxes around a line that got more words.
func (t *Text) widen(b, p, l int) {
	block := &t.Blocks[b]
	par := &block.Paragraphs[p]
	line := &par.Lines[l]
	for _, w := range line.Words {
		line.Box = line.Box.Union(w.Box)
	}
	par.Box = par.Box.Union(line.Box)
	block.Box = block.Box.Union(par.Box)
}

// finite tells whether all are numbers.
func finite(values ...float64) bool {
	return !slices.ContainsFunc(values, func(v float64) bool { return math.IsNaN(v) || math.IsInf(v, 0) })
}
