package catalogue

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// word is a word in a text: its bytes and its folded form.
type word struct {
	start, end int
	folded     string
	broken     bool // by a hyphen at the line's end: the next word is the rest of it
}

// words splits text as the index's tokenizer unicode61 does (SQLite, FTS5 4.3.1:
// letters and numbers), but keeps marks with their letters.
func words(text string) []word {
	var out []word
	start := -1
	for i, r := range text {
		letter := unicode.In(r, unicode.L, unicode.N)
		if letter || start >= 0 && (unicode.IsMark(r) || r == softHyphen) {
			if start < 0 {
				start = i
			}
			continue
		}
		if start >= 0 {
			out = append(out, newWord(text, start, i))
			start = -1
		}
	}
	if start >= 0 {
		out = append(out, newWord(text, start, len(text)))
	}
	for i := range len(out) - 1 {
		out[i].broken = breaks(text[out[i].end:out[i+1].start])
	}
	return out
}

const softHyphen = '\u00ad'

func newWord(text string, start, end int) word {
	for strings.HasSuffix(text[start:end], string(softHyphen)) {
		end -= len(string(softHyphen)) // at a line's end it is the hyphen and not in the word
	}
	return word{start: start, end: end, folded: Fold(text[start:end])}
}

// breaks tells whether what stands between two words is a hyphen and a line's
// end: also the double hyphens and the not sign that engines read in Fraktur.
func breaks(between string) bool {
	r, n := utf8.DecodeRuneInString(between)
	if !strings.ContainsRune("-\u00ad\u2010\u2011\u2e17\u2e40=¬", r) {
		return false
	}
	rest := between[n:]
	return strings.Contains(rest, "\n") && strings.TrimSpace(rest) == ""
}

// whole joins words that are broken at a line's end; first and last give the
// words in broken that each of them stands for.
func whole(broken []word) (joined []word, first, last []int) {
	for i := 0; i < len(broken); i++ {
		w := broken[i]
		from := i
		for broken[i].broken {
			i++
			w.folded += broken[i].folded
			w.end = broken[i].end
		}
		w.broken = false
		joined, first, last = append(joined, w), append(first, from), append(last, i)
	}
	return joined, first, last
}

// Fold makes words comparable as a search compares them: without case and
// diacritics, long s and ligatures resolved, ß as ss.
func Fold(s string) string { return plainLetters(spell(s)) }

// spelling resolves letters that readers type otherwise and unicode61 leaves.
var spelling = strings.NewReplacer("ſ", "s", "ß", "ss", "ẞ", "SS", "ﬀ", "ff", "ﬁ", "fi", "ﬂ", "fl", "ﬃ", "ffi", "ﬄ", "ffl",
	"ﬅ", "st", "ﬆ", "st", "æ", "ae", "Æ", "AE", "œ", "oe", "Œ", "OE", "ꝛ", "r", "ŉ", "n", "ı", "i", string(softHyphen), "")

// spell writes s with the letters that readers type. Case and accents stay where
// unicode61 folds them itself, so that few lines must be repeated in the index:
// the accents of Latin letters, the case of Greek and Cyrillic ones. It takes
// other accents for letters of their own (Greek) or for spaces (Hebrew points,
// the small e above a vowel in early German print), so they go.
func spell(s string) string {
	if isASCII(s) {
		return s
	}
	var b strings.Builder
	for _, r := range spelling.Replace(norm.NFC.String(s)) {
		switch {
		case r < 0x1E0, 0x200 <= r && r < 0x250, 0x1E00 <= r && r < 0x1F00: // Latin
			b.WriteRune(r)
		case 0x386 <= r && r < 0x528: // Greek and Cyrillic
			b.WriteString(withoutAccents(string(r)))
		default:
			b.WriteString(plainLetters(string(r)))
		}
	}
	return norm.NFC.String(b.String())
}

// plainLetters folds case, too: by way of the capital, which is one for all forms
// of a letter (final sigma).
func plainLetters(s string) string {
	return withoutAccents(strings.Map(func(r rune) rune { return unicode.ToLower(unicode.ToUpper(r)) }, s))
}

func withoutAccents(s string) string {
	return norm.NFC.String(strings.Map(func(r rune) rune {
		if accent(r) {
			return -1
		}
		return r
	}, norm.NFD.String(s)))
}

// accent tells marks that readers leave out from the vowel signs of Indic and
// other scripts, which they do not.
func accent(r rune) bool {
	const voiced, halfVoiced = '\u3099', '\u309a' // kana: another sound, not another spelling
	return unicode.Is(unicode.Mn, r) && r != voiced && r != halfVoiced &&
		unicode.In(r, unicode.Inherited, unicode.Hebrew, unicode.Arabic, unicode.Cyrillic, unicode.Syriac)
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// clean makes any text fit for the index: valid UTF-8, composed (NFC), without NUL
// and without private letters, which unicode61 takes for words.
func clean(text string) string {
	return norm.NFC.String(strings.Map(func(r rune) rune {
		if r == 0 || unicode.Is(unicode.Co, r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(text, "\ufffd")))
}

// also repeats the lines of a text that readers may search for in other words
// than stand there: with broken words made whole and in today's letters.
func also(text string) string {
	var b strings.Builder
	lines := strings.Split(text, "\n")
	for i := 0; i < len(lines); i++ {
		line, joined := lines[i], false
		var whole strings.Builder
		for {
			head, next, ok := joint(line, lines[i+1:])
			if !ok {
				break
			}
			whole.WriteString(head)
			i += next
			line, joined = strings.TrimLeftFunc(lines[i], unicode.IsSpace), true
		}
		whole.WriteString(line)
		line = whole.String()
		if spelled := spell(line); joined || spelled != line {
			// A private letter, which no query holds, ends the line: phrases do not
			// run on into a line that does not follow.
			b.WriteString(spelled)
			b.WriteString(" \ue000\n")
		}
	}
	return b.String()
}

// joint tells whether a line ends in a broken word, what stands before the
// hyphen, and how many lines on the rest is.
func joint(line string, rest []string) (head string, next int, ok bool) {
	trimmed := strings.TrimRightFunc(line, unicode.IsSpace)
	_, size := utf8.DecodeLastRuneInString(trimmed)
	head, hyphen := trimmed[:len(trimmed)-size], trimmed[len(trimmed)-size:]
	before, _ := utf8.DecodeLastRuneInString(head)
	if !breaks(hyphen+"\n") || !unicode.In(before, unicode.L, unicode.N, unicode.M) {
		return "", 0, false
	}
	for i, l := range rest {
		if l = strings.TrimSpace(l); l == "" {
			continue
		}
		after, _ := utf8.DecodeRuneInString(l)
		return head, i + 1, unicode.In(after, unicode.L, unicode.N)
	}
	return "", 0, false
}
