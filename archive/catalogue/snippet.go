package catalogue

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	snippetWords  = 12
	snippetBefore = 4  // words before the first match
	snippetRunes  = 80 // of one word, or of the signs between two, before it is cut
)

// span is a run of words, last included.
type span struct{ first, last int }

// snippet finds the terms in a text that the index says has them. It gives the
// surroundings of the first one on one line, where the matches lie in it, and
// which words matched.
func snippet(text string, terms []term) (string, [][2]int, []string) {
	all := words(text)
	spans, matched := find(all, terms)
	return cut(text, all, spans, matched)
}

// find gives the runs of words that match a term, in order and without overlap,
// and the folded words of them.
func find(all []word, terms []term) ([]span, []string) {
	joined, first, last := whole(all)
	set := map[string]bool{}
	var spans []span
	for _, t := range terms {
		for i := range all {
			if t.matches(all[i:]) {
				spans = append(spans, span{i, i + len(t.words) - 1})
			}
		}
		if len(joined) == len(all) {
			continue
		}
		for i := range joined {
			if t.matches(joined[i:]) {
				end := i + len(t.words) - 1
				spans = append(spans, span{first[i], last[end]})
				for _, w := range joined[i : end+1] {
					set[w.folded] = true
				}
			}
		}
	}
	for _, s := range spans {
		for _, w := range all[s.first : s.last+1] {
			set[w.folded] = true
		}
	}
	slices.SortFunc(spans, func(a, b span) int { return a.first - b.first })
	merged := spans[:0]
	for _, s := range spans {
		if n := len(merged); n > 0 && s.first <= merged[n-1].last {
			merged[n-1].last = max(merged[n-1].last, s.last)
			continue
		}
		merged = append(merged, s)
	}
	matched := make([]string, 0, len(set))
	for w := range set {
		matched = append(matched, w)
	}
	slices.Sort(matched)
	return merged, matched
}

// matches tells whether a text that begins with these words begins with the term.
func (t term) matches(text []word) bool {
	if len(text) < len(t.words) {
		return false
	}
	end := len(t.words) - 1
	for i, w := range t.words {
		if text[i].folded != w && !(i == end && t.prefix && strings.HasPrefix(text[i].folded, w)) {
			return false
		}
	}
	return true
}

func cut(text string, all []word, spans []span, matched []string) (string, [][2]int, []string) {
	from := 0
	if len(spans) > 0 {
		from = max(0, spans[0].first-snippetBefore)
	}
	to := min(len(all), from+snippetWords)
	from = max(0, to-snippetWords)
	if from == to {
		return "", nil, matched
	}

	var b strings.Builder
	if from > 0 {
		b.WriteString("… ")
	}
	starts, ends := make([]int, to-from), make([]int, to-from)
	for i := from; i < to; i++ {
		w := all[i]
		starts[i-from] = b.Len()
		b.WriteString(line(text[w.start:w.end]))
		ends[i-from] = b.Len()
		switch {
		case w.broken: // the parts stand together: the word is whole again
		case i+1 < to:
			b.WriteString(line(text[w.end:all[i+1].start]))
		case i+1 < len(all):
			b.WriteString(" …")
		default:
			b.WriteString(strings.TrimRightFunc(line(text[w.end:]), unicode.IsSpace))
		}
	}
	var marks [][2]int
	for _, s := range spans {
		if s.last < from || s.first >= to {
			continue
		}
		marks = append(marks, [2]int{starts[max(s.first, from)-from], ends[min(s.last, to-1)-from]})
	}
	return b.String(), marks, matched
}

// line puts a piece of text on one line and cuts what nobody could read anyway.
func line(s string) string {
	var b strings.Builder
	space, n := false, 0
	for _, r := range s {
		if unicode.IsSpace(r) || unicode.IsControl(r) {
			space = true
			continue
		}
		if space {
			b.WriteByte(' ')
			space = false
		}
		if n++; n > snippetRunes {
			b.WriteRune('…')
			return b.String()
		}
		if r == utf8.RuneError {
			r = '\ufffd'
		}
		b.WriteRune(r)
	}
	if space {
		b.WriteByte(' ')
	}
	return b.String()
}
