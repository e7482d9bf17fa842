package gui

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// fold writes a word as the index does: lower case, without diacritics.
func fold(s string) string {
	var b strings.Builder
	for _, r := range norm.NFD.String(strings.ToLower(s)) {
		if !unicode.Is(unicode.Mn, r) {
			b.WriteRune(r)
		}
	}
	return b.String()
}

// anyTerm tells whether a printed word holds one of the terms that a search
// found: the index cuts words at everything that is neither letter nor digit.
func anyTerm(word string, terms map[string]bool) bool {
	if len(terms) == 0 {
		return false
	}
	for _, t := range strings.FieldsFunc(fold(word), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		if terms[t] {
			return true
		}
	}
	return false
}
