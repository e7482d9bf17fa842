package folder

import (
	"cmp"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// sortKey is a name prepared for natural comparison.
type sortKey struct{ folded, raw string }

func newSortKey(name string) sortKey {
	return sortKey{norm.NFC.String(cases.Fold().String(norm.NFC.String(name))), name}
}

// compare orders names as people number pages: page2 before page10, letters
// without regard to case, composed and decomposed accents alike. Names that
// differ in nothing else are ordered by their bytes, so the order is total.
func (a sortKey) compare(b sortKey) int {
	x, y := a.folded, b.folded
	for x != "" && y != "" {
		nx, ny := digits(x), digits(y)
		if nx > 0 && ny > 0 {
			if c := compareNumbers(x[:nx], y[:ny]); c != 0 {
				return c
			}
			x, y = x[nx:], y[ny:]
			continue
		}
		rx, sx := utf8.DecodeRuneInString(x)
		ry, sy := utf8.DecodeRuneInString(y)
		if rx != ry {
			return cmp.Compare(rx, ry)
		}
		if x[:sx] != y[:sy] { // two bytes that are not UTF-8
			return strings.Compare(x[:sx], y[:sy])
		}
		x, y = x[sx:], y[sy:]
	}
	if c := cmp.Compare(len(x), len(y)); c != 0 {
		return c
	}
	return strings.Compare(a.raw, b.raw)
}

// digits counts the ASCII digits that s begins with.
func digits(s string) int {
	n := 0
	for n < len(s) && '0' <= s[n] && s[n] <= '9' {
		n++
	}
	return n
}

// compareNumbers compares runs of digits of any length by their value.
func compareNumbers(a, b string) int {
	a, b = strings.TrimLeft(a, "0"), strings.TrimLeft(b, "0")
	if c := cmp.Compare(len(a), len(b)); c != 0 {
		return c
	}
	return strings.Compare(a, b)
}
