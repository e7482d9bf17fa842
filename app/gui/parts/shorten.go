package parts

import (
	"sort"
	"strings"

	"fyne.io/fyne/v2"
)

// Shorten cuts s so that it is at most width wide at the size and style, with an
// ellipsis where something was cut. Line breaks and tabs become spaces.
func Shorten(s string, width, size float32, style fyne.TextStyle) string {
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r == '\u2028' || r == '\u2029' {
			return ' '
		}
		return r
	}, s)
	if width <= 0 {
		return ""
	}
	runes := []rune(s)
	const most = 400 // nobody reads more in one line, and measuring it takes time
	if len(runes) > most {
		runes = runes[:most]
	} else if fyne.MeasureText(s, size, style).Width <= width {
		return s
	}
	n := sort.Search(len(runes), func(n int) bool {
		return fyne.MeasureText(string(runes[:n])+"…", size, style).Width > width
	})
	return strings.TrimRight(string(runes[:max(n-1, 0)]), " ") + "…"
}
