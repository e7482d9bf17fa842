package catalogue

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// term is one thing that a page must contain: words that follow each other, the
// last of which may be only the beginning of a word.
type term struct {
	words  []string // folded, at least one
	prefix bool
}

// A query is cut off here: FTS5 refuses expressions deeper than 256, and nobody
// types more.
const (
	maxQueryBytes = 4096
	maxQueryWords = 64
)

// parse reads what a user typed. Nothing in it is an error: quotes make a phrase,
// also without a closing one, a star after a word or phrase makes its end open,
// and whatever is neither letter nor number only separates. Words that a sign
// joins, such as "Nord-Ostsee", are a phrase. With open, the last word is still
// being typed.
func parse(query string, open bool) []term {
	if len(query) > maxQueryBytes {
		query = query[:maxQueryBytes]
	}
	query = clean(strings.ToValidUTF8(query, " "))
	var terms []term
	left := maxQueryWords
	add := func(text string, prefix bool) {
		var t term
		for _, w := range words(text) {
			if w.folded != "" && left > 0 {
				t.words = append(t.words, w.folded)
				left--
			}
		}
		if len(t.words) > 0 {
			t.prefix = prefix
			terms = append(terms, t)
		}
	}
	for query != "" {
		query = strings.TrimLeftFunc(query, unicode.IsSpace)
		if rest, quoted := cutQuote(query); quoted {
			end := strings.IndexFunc(rest, isQuote)
			phrase, after := rest, ""
			if end >= 0 {
				_, n := utf8.DecodeRuneInString(rest[end:])
				phrase, after = rest[:end], rest[end+n:]
			}
			star := strings.HasPrefix(after, "*")
			add(phrase, star || end < 0 && open && endsInWord(phrase))
			query = strings.TrimPrefix(after, "*")
			continue
		}
		end := strings.IndexFunc(query, func(r rune) bool { return unicode.IsSpace(r) || isQuote(r) })
		if end < 0 {
			end = len(query)
		}
		text := query[:end]
		query = query[end:]
		add(text, strings.HasSuffix(text, "*") || query == "" && open && endsInWord(text))
	}
	return terms
}

// isQuote tells the quotes that keyboards and languages have. A single quote is
// an apostrophe more often.
func isQuote(r rune) bool { return strings.ContainsRune("\"“”„«»", r) }

func cutQuote(s string) (rest string, quoted bool) {
	r, n := utf8.DecodeRuneInString(s)
	return s[n:], n > 0 && isQuote(r)
}

func endsInWord(s string) bool {
	r, _ := utf8.DecodeLastRuneInString(s)
	return unicode.In(r, unicode.L, unicode.N, unicode.M)
}

// match writes terms in FTS5's query language (FTS5, 3). All of them are quoted
// strings of letters and numbers, so no syntax of it can be hit by chance.
func match(terms []term) string {
	var b strings.Builder
	for i, t := range terms {
		if i > 0 {
			b.WriteString(" AND ")
		}
		b.WriteString(`"` + strings.Join(t.words, " ") + `"`)
		if t.prefix {
			b.WriteString("*")
		}
	}
	return b.String()
}
