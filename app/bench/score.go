package main

import (
	"maps"
	"regexp"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// score counts how far what was read is from what stands on the page.
type score struct {
	letters, wrongLetters int // of the truth; edits (Levenshtein)
	words, wrongWords     int
	found, truth, read    int // words whatever their order: those in both, of the truth, of the reading
}

func (s *score) add(o score) {
	s.letters += o.letters
	s.wrongLetters += o.wrongLetters
	s.words += o.words
	s.wrongWords += o.wrongWords
	s.found += o.found
	s.truth += o.truth
	s.read += o.read
}

func share(part, whole int) float64 { return float64(part) / float64(max(1, whole)) }

func (s score) cer() float64 { return 100 * share(s.wrongLetters, s.letters) }
func (s score) wer() float64 { return 100 * share(s.wrongWords, s.words) }

// f1 of the bag of words.
func (s score) f1() float64 {
	p, r := share(s.found, s.read), share(s.found, s.truth)
	if p+r == 0 {
		return 0
	}
	return 2 * p * r / (p + r)
}

// rate compares a reading with the truth. What types and keyboards do differently
// - quotes, dashes, ligatures, the long s - is one thing, as is all white space.
func rate(truth, reading string) score {
	truth, reading = plain(truth), plain(reading)
	a, b := strings.Fields(truth), strings.Fields(reading)
	s := score{letters: len([]rune(truth)), words: len(a)}
	s.wrongLetters = distance([]rune(truth), []rune(reading))
	s.wrongWords = distance(a, b)
	have, want := bag(reading), bag(truth)
	for w, n := range want {
		s.found += min(n, have[w])
		s.truth += n
	}
	for n := range maps.Values(have) {
		s.read += n
	}
	return s
}

var (
	word = regexp.MustCompile(`[\p{L}\p{N}\p{M}]+`)
	same = strings.NewReplacer("''", `"`, "--", "-")
	// aboveE is how old prints set an umlaut.
	aboveE = regexp.MustCompile("([aouAOU])\u0364")
	forms  = map[rune]string{
		'ſ': "s", '…': "...", 'ꝛ': "r", '\u200b': "", '\ufeff': "", '\f': " ",
		'ﬁ': "fi", 'ﬂ': "fl", 'ﬀ': "ff", 'ﬃ': "ffi", 'ﬄ': "ffl", 'ﬅ': "st", 'ﬆ': "st",
	}
	alike = map[string]string{
		"-": "¬⸗‐‑‒–—―−\u00ad", `"`: "“”„«»‟″", "'": "‘’‚‛′`´", "*": "•·●",
	}
)

func init() {
	for to, all := range alike {
		for _, r := range all {
			forms[r] = to
		}
	}
}

func plain(s string) string {
	s = norm.NFC.String(aboveE.ReplaceAllString(s, "${1}\u0308"))
	var b strings.Builder
	for _, r := range s {
		if to, is := forms[r]; is {
			b.WriteString(to)
		} else {
			b.WriteRune(r)
		}
	}
	return strings.Join(strings.FieldsFunc(same.Replace(b.String()), unicode.IsSpace), " ")
}

func bag(s string) map[string]int {
	n := map[string]int{}
	for _, w := range word.FindAllString(s, -1) {
		n[w]++
	}
	return n
}

// distance is the least number of insertions, deletions and replacements that make
// one of the other, 64 at a time (Myers 1999, in Hyyrö's form of 2003 for blocks).
func distance[T comparable](a, b []T) int {
	if len(a) == 0 {
		return len(b)
	}
	blocks := (len(a) + 63) / 64
	where := map[T][]uint64{}
	for i, x := range a {
		if where[x] == nil {
			where[x] = make([]uint64, blocks)
		}
		where[x][i/64] |= 1 << (i % 64)
	}
	none := make([]uint64, blocks)
	pv, mv := make([]uint64, blocks), make([]uint64, blocks)
	for i := range pv {
		pv[i] = ^uint64(0)
	}
	d := len(a)
	last := uint64(1) << ((len(a) - 1) % 64)
	for _, x := range b {
		eqs := where[x]
		if eqs == nil {
			eqs = none
		}
		carryP, carryM := uint64(1), uint64(0) // row 0 grows by one a column
		for i := range blocks {
			eq, p, m := eqs[i], pv[i], mv[i]
			xv := eq | m
			eq |= carryM
			xh := (((eq & p) + p) ^ p) | eq
			ph, mh := m|^(xh|p), p&xh
			if i == blocks-1 {
				if ph&last != 0 {
					d++
				}
				if mh&last != 0 {
					d--
				}
			}
			nextP, nextM := ph>>63, mh>>63
			ph, mh = ph<<1|carryP, mh<<1|carryM
			pv[i], mv[i] = mh|^(xv|ph), ph&xv
			carryP, carryM = nextP, nextM
		}
	}
	return d
}
