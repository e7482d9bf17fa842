package ocr

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// ErrWords means that user words or patterns are none that Tesseract can take.
var ErrWords = errors.New("this cannot be used as a word or pattern for recognition")

// longestWord is in bytes; Tesseract reads its lists in lines of 499 (CHARS_PER_LINE),
// and would take what is left of a longer one for another word.
const longestWord = 400

// UserWords gives the words of [Options], each once and sorted: the same words in another
// order are no other options. The error wraps ErrWords.
func UserWords(entries []string) ([]string, error) {
	var words []string
	for _, entry := range entries {
		for _, w := range strings.Fields(norm.NFC.String(strings.ToValidUTF8(entry, "\uFFFD"))) {
			if err := writable(w); err != nil {
				return nil, err
			}
			words = append(words, w)
		}
	}
	slices.Sort(words)
	return slices.Compact(words), nil
}

// UserPatterns gives the patterns of [Options], each once and sorted. The error wraps
// ErrWords, and says what is wrong where Tesseract would drop a pattern silently.
func UserPatterns(entries []string) ([]string, error) {
	var patterns []string
	for _, entry := range entries {
		p := norm.NFC.String(strings.ToValidUTF8(strings.TrimSpace(entry), "\uFFFD"))
		if p == "" {
			continue
		}
		if err := writable(p); err != nil {
			return nil, err
		}
		if strings.ContainsFunc(p, unicode.IsSpace) {
			return nil, fmt.Errorf("the pattern %q: %w: it is for one word, without spaces", entry, ErrWords)
		}
		escaped, repeated := false, false
		for i, r := range p {
			switch {
			case escaped && r == '*' && (i == 1 || repeated):
				return nil, fmt.Errorf(`the pattern %q: %w: \* stands after what may come several times`, entry, ErrWords)
			case escaped && !strings.ContainsRune(`cdnpaA*\`, r):
				return nil, fmt.Errorf(`the pattern %q: %w: \%c has no meaning (those are \c \d \n \p \a \A \* \\)`, entry, ErrWords, r)
			case escaped:
				escaped, repeated = false, r == '*'
			case r == '\\':
				escaped = true
			default:
				repeated = false
			}
		}
		if escaped {
			return nil, fmt.Errorf(`the pattern %q: %w: it ends in the middle of \`, entry, ErrWords)
		}
		patterns = append(patterns, p)
	}
	slices.Sort(patterns)
	return slices.Compact(patterns), nil
}

func writable(s string) error {
	if len(s) > longestWord {
		return fmt.Errorf("%q...: %w: it has %d bytes, at most %d", s[:20], ErrWords, len(s), longestWord)
	}
	if strings.ContainsFunc(s, unicode.IsControl) {
		return fmt.Errorf("%q: %w: there is a control character in it", s, ErrWords)
	}
	return nil
}
