package pdfa

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/bidi"
)

// letters gives the code points of a word that can stand in the layer. PDF/A-2u
// forbids text that maps to U+0000, U+FEFF or U+FFFE (6.2.11.7.2). Controls and
// marks of direction are dropped, for the layer is in visual order already; what
// means nothing outside one font or is no character at all becomes U+FFFD; white
// space of any kind is one space, and none at the ends.
func letters(word string) []rune {
	word = strings.Map(func(r rune) rune { // bytes that are not UTF-8 come as U+FFFD
		switch {
		case unicode.IsSpace(r):
			return ' '
		case r == '\uFEFF', unicode.IsControl(r), unicode.Is(unicode.Bidi_Control, r):
			return -1
		case unicode.IsOneOf(known, r):
			return r
		}
		return replacement
	}, word)
	return []rune(strings.Join(strings.Fields(word), " "))
}

// known are the assigned characters, without surrogates and private use.
var known = []*unicode.RangeTable{unicode.L, unicode.M, unicode.N, unicode.P, unicode.S, unicode.Zs, unicode.Cf}

// rightToLeft tells whether a word has a letter of a script that runs so.
func rightToLeft(word []rune) bool { return slices.ContainsFunc(word, isRTL) }

func isRTL(r rune) bool {
	c := class(r)
	return c == bidi.R || c == bidi.AL
}

func class(r rune) bidi.Class {
	p, _ := bidi.LookupRune(r)
	return p.Class()
}

// visual puts a word with right-to-left letters into the order in which they
// stand on the page, left to right: readers of a PDF undo just that. Numbers and
// Latin letters inside keep their own direction (UAX #9, rule L2).
func visual(word []rune) []rune {
	out := slices.Clone(word)
	slices.Reverse(out)
	for i := 0; i < len(out); {
		if !ltr(out[i]) {
			i++
			continue
		}
		end := i + 1
		for j := end; j < len(out); j++ {
			if ltr(out[j]) {
				end = j + 1
			} else if isRTL(out[j]) {
				break
			}
		}
		slices.Reverse(out[i:end])
		i = end
	}
	return out
}

func ltr(r rune) bool {
	switch class(r) {
	case bidi.L, bidi.EN, bidi.AN:
		return true
	}
	return false
}

// ideographic tells of letters that are written without spaces between words:
// Chinese and Japanese, not Korean.
func ideographic(r rune) bool {
	return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Bopomofo) ||
		r >= 0x3000 && r <= 0x303F || // CJK symbols and punctuation
		r >= 0x30FB && r <= 0x30FC || // middle dot, long vowel
		r >= 0xFF00 && r <= 0xFF60 || r >= 0xFFE0 && r <= 0xFFE6 // full-width forms
}
