package coversheet

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/go-text/typesetting/di"
	"github.com/go-text/typesetting/font"
	"github.com/go-text/typesetting/language"
	"github.com/go-text/typesetting/shaping"
	"golang.org/x/image/math/fixed"
	"golang.org/x/text/unicode/norm"
)

// em is the size at which text is shaped: PDF measures glyphs in thousandths.
const em = 1000

// typeface is a font with the glyphs that a document uses of it.
type typeface struct {
	key     string // of the page's resources
	name    string
	program []byte
	face    *font.Face
	cids    map[drawn]uint16
	drawn   []drawn // drawn[i] has CID i+1; 0 is .notdef
}

// drawn is a glyph and the text that it stands for: what a reader searches and
// copies. The same glyph may stand for several.
type drawn struct {
	glyph font.GID
	text  string
}

func newTypeface(key, name string, program []byte) (*typeface, error) {
	face, err := font.ParseTTF(bytes.NewReader(program))
	if err != nil {
		return nil, fmt.Errorf("font %s: %w", name, err)
	}
	return &typeface{key: key, name: name, program: program, face: face, cids: map[drawn]uint16{}}, nil
}

func (t *typeface) cid(d drawn) uint16 {
	n, ok := t.cids[d]
	if !ok {
		t.drawn = append(t.drawn, d)
		n = uint16(len(t.drawn)) // far fewer than 65,536: a font of 3,500 glyphs, and clusters that repeat
		t.cids[d] = n
	}
	return n
}

// width of a glyph as the font has it, in thousandths of the em.
func (t *typeface) width(g font.GID) float64 {
	return float64(t.face.HorizontalAdvance(g)) * em / float64(t.face.Upem())
}

// ResolveFace makes it a shaping.Fontmap: there is only this one, for [legible] has
// left nothing that it lacks.
func (t *typeface) ResolveFace(rune) *font.Face { return t.face }

// legible writes text so that the font can show all of it. What it has no letter
// for is given by its number, as in [U+4E2D U+6587]; lacking says so. Blanks of any
// kind, line ends too, are one space.
func (t *typeface) legible(text string) (out string, lacking bool) {
	var b strings.Builder
	open := false
	for _, r := range norm.NFC.String(strings.Join(strings.Fields(text), " ")) {
		_, has := t.face.NominalGlyph(r)
		switch {
		case invisible(r): // joiners and marks of direction do their work unseen
			b.WriteRune(r)
			continue
		case has && !unicode.IsControl(r):
			if open {
				b.WriteByte(']')
			}
			open = false
			b.WriteRune(r)
			continue
		case open:
			b.WriteByte(' ')
		default:
			b.WriteByte('[')
		}
		open, lacking = true, true
		fmt.Fprintf(&b, "U+%04X", r)
	}
	if open {
		b.WriteByte(']')
	}
	return b.String(), lacking
}

func invisible(r rune) bool {
	return unicode.Is(unicode.Bidi_Control, r) || unicode.Is(unicode.Variation_Selector, r) ||
		r == 0x200C || r == 0x200D || r == 0x00AD || r == 0x2060 || r == 0xFEFF
}

// line is a line of glyphs from left to right.
type line struct {
	glyphs []placed
	width  float64 // thousandths of the em
	right  bool    // of a paragraph that runs from right to left: it begins at the right
}

// placed is a glyph at its place in a line, in thousandths of the em.
type placed struct {
	drawn
	x, y float64
}

// setter shapes and breaks paragraphs.
type setter struct {
	shaper  shaping.HarfbuzzShaper
	segment shaping.Segmenter
	wrap    shaping.LineWrapper
}

// lines breaks a paragraph into lines of most thousandths of the em (UAX #9, #14).
func (s *setter) lines(t *typeface, text string, most float64) []line {
	runes := []rune(text)
	if len(runes) == 0 {
		return nil
	}
	direction := di.DirectionLTR
	if rightToLeft(runes) {
		direction = di.DirectionRTL
	}
	inputs := s.segment.Split(shaping.Input{
		Text: runes, RunEnd: len(runes), Direction: direction, Face: t.face, Size: fixed.I(em), Language: language.NewLanguage("en"),
	}, t)
	var runs []shaping.Output
	for _, in := range inputs {
		if n := leadingNumber(in); n > 0 { // a run of its own, because it stands elsewhere: see visual
			number := in
			number.RunEnd = in.RunStart + n
			in.RunStart = number.RunEnd
			runs = append(runs, s.shaper.Shape(number))
		}
		runs = append(runs, s.shaper.Shape(in))
	}
	wrapped, _ := s.wrap.WrapParagraph(shaping.WrapConfig{Direction: direction}, int(most), runes, shaping.NewSliceIterator(runs))
	var out []line
	for _, w := range wrapped {
		l := line{right: direction == di.DirectionRTL}
		for _, run := range visual(w, runes, l.right) {
			last := -1
			for _, g := range run.Glyphs {
				d := drawn{glyph: g.GlyphID}
				if at := g.TextIndex(); at != last { // the first glyph of a cluster stands for all of it
					d.text = string(runes[at : at+g.RunesCount()])
					last = at
				}
				l.glyphs = append(l.glyphs, placed{d, l.width + points(g.XOffset), points(g.YOffset)})
				l.width += points(g.Advance)
			}
		}
		out = append(out, l)
	}
	return out
}

// visual puts the runs of a line, which come in the order of reading, into that in
// which they stand from left to right (UAX #9, L2). The wrapper's own order knows two
// levels; it leaves a number behind a word from right to left on the wrong side of it.
func visual(runs shaping.Line, text []rune, right bool) shaping.Line {
	out := slices.Clone(runs)
	levels := make([]int, len(out))
	for i, run := range out {
		from := run.Runes.Offset
		switch {
		case run.Direction == di.DirectionRTL:
			levels[i] = 1
		case right || isNumber(text[from:from+run.Runes.Count]) && behindRightToLeft(text[:from]):
			levels[i] = 2
		}
	}
	for level := 2; level >= 1; level-- {
		for i := 0; i < len(out); i++ {
			from := i
			for i < len(out) && levels[i] >= level {
				i++
			}
			slices.Reverse(out[from:i])
			slices.Reverse(levels[from:i])
		}
	}
	return out
}

// leadingNumber is how many characters of a run from left to right are a number behind
// a word from right to left, with more behind it.
func leadingNumber(in shaping.Input) int {
	run := in.Text[in.RunStart:in.RunEnd]
	if in.Direction == di.DirectionRTL || !behindRightToLeft(in.Text[:in.RunStart]) {
		return 0
	}
	n := 0
	for i, r := range run {
		if unicode.IsLetter(r) {
			return n
		}
		if unicode.IsDigit(r) {
			n = i + 1
		}
	}
	return 0
}

// isNumber tells whether a run has digits and no letters.
func isNumber(run []rune) bool {
	return slices.ContainsFunc(run, unicode.IsDigit) && !slices.ContainsFunc(run, unicode.IsLetter)
}

// behindRightToLeft tells whether the last letter is one written from right to left.
func behindRightToLeft(before []rune) bool {
	for _, r := range slices.Backward(before) {
		if unicode.IsLetter(r) {
			return unicode.In(r, unicode.Hebrew, unicode.Arabic)
		}
	}
	return false
}

func points(v fixed.Int26_6) float64 { return float64(v) / 64 }

// rightToLeft tells the direction of a paragraph: that of its first letter (UAX #9, P2).
func rightToLeft(runes []rune) bool {
	for _, r := range runes {
		if unicode.In(r, unicode.Hebrew, unicode.Arabic) {
			return true
		}
		if unicode.IsLetter(r) {
			return false
		}
	}
	return false
}

// show writes a line's glyphs at x, y in points.
func (t *typeface) show(out *bytes.Buffer, l line, x, y, size float64) {
	fmt.Fprintf(out, "BT\n/%s %s Tf\n1 0 0 1 %s %s Tm\n", t.key, number(size), number(x), number(y))
	pen, rise := 0.0, 0.0
	out.WriteByte('[')
	for _, g := range l.glyphs {
		if g.y != rise {
			fmt.Fprintf(out, "] TJ\n%s Ts\n[", number(g.y*size/em))
			rise = g.y
		}
		if off := g.x - pen; off > 0.5 || off < -0.5 {
			fmt.Fprintf(out, "%s", number(-off))
			pen = g.x
		}
		fmt.Fprintf(out, "<%04X>", t.cid(g.drawn))
		pen += t.width(g.glyph)
	}
	out.WriteString("] TJ\n")
	if rise != 0 {
		out.WriteString("0 Ts\n")
	}
	out.WriteString("ET\n")
}
