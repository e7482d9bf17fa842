package archive

import (
	"strconv"
	"strings"
)

// NextLabel gives the label of the page that follows one with this label: 1r 1v 2r
// (foliation), iv v (Roman page numbers), 12 13, A-9 A-10, 007 008. What follows an
// inserted leaf goes on with the count: 12bis 13, 12a 13. Labels that end in no
// number are followed by none.
func NextLabel(label string) string {
	s := strings.TrimSpace(label)
	if head, n, tail, ok := lastNumber(s); ok {
		switch side := strings.TrimSpace(tail); {
		case side == "":
			return head + n.next()
		case side == "r":
			return s[:len(s)-1] + "v"
		case side == "R":
			return s[:len(s)-1] + "V"
		case side == "recto":
			return strings.TrimSuffix(s, "recto") + "verso"
		case side == "v", side == "V", side == "verso": // of the next leaf the front
			front := map[string]string{"v": "r", "V": "R", "verso": "recto"}[side]
			return head + n.next() + strings.TrimSuffix(tail, side) + front
		case inserted(side):
			return head + n.next()
		case strings.HasSuffix(side, "r") && inserted(strings.TrimSuffix(side, "r")): // 12bisr
			return s[:len(s)-1] + "v"
		case strings.HasSuffix(side, "v") && inserted(strings.TrimSuffix(side, "v")):
			return head + n.next() + "r"
		}
		return ""
	}
	head := strings.TrimRight(s, "ivxlcdmIVXLCDM")
	digits := s[len(head):]
	if head != "" && !strings.ContainsRune(" -./_", rune(head[len(head)-1])) {
		return "" // a word that happens to end so
	}
	upper := strings.ToUpper(digits) == digits
	value := roman(strings.ToLower(digits))
	if value == 0 || value > 4998 || !upper && strings.ToLower(digits) != digits {
		return ""
	}
	next := toRoman(value + 1)
	if upper {
		next = strings.ToUpper(next)
	}
	return head + next
}

// Labels gives n labels, the first of which is first; shorter where the series
// ends.
func Labels(first string, n int) []string {
	out := make([]string, 0, n)
	for label := strings.TrimSpace(first); label != "" && len(out) < n; label = NextLabel(label) {
		out = append(out, label)
	}
	return out
}

// decimal is a number with its leading noughts.
type decimal string

func (d decimal) next() string {
	n, _ := strconv.Atoi(string(d)) // at most nine digits
	s := strconv.Itoa(n + 1)
	return strings.Repeat("0", max(0, len(d)-len(s))) + s
}

// lastNumber cuts a label at its last run of digits.
func lastNumber(s string) (head string, n decimal, tail string, ok bool) {
	end := strings.LastIndexAny(s, "0123456789") + 1
	if end == 0 {
		return "", "", "", false
	}
	begin := end
	for begin > 0 && s[begin-1] >= '0' && s[begin-1] <= '9' {
		begin--
	}
	if end-begin > 9 {
		return "", "", "", false
	}
	return s[:begin], decimal(s[begin:end]), s[end:], true
}

// inserted tells whether a suffix marks a leaf that was numbered later: bis, ter,
// quater, a, b ...
func inserted(suffix string) bool {
	switch s := strings.ToLower(strings.TrimLeft(suffix, " .-")); s {
	case "bis", "ter", "quater", "quinquies":
		return true
	default:
		return len(s) == 1 && s >= "a" && s <= "z"
	}
}

var numerals = []struct {
	value int
	text  string
}{{1000, "m"}, {900, "cm"}, {500, "d"}, {400, "cd"}, {100, "c"}, {90, "xc"}, {50, "l"}, {40, "xl"}, {10, "x"}, {9, "ix"}, {5, "v"}, {4, "iv"}, {1, "i"}}

func toRoman(n int) string {
	var b strings.Builder
	for _, r := range numerals {
		for n >= r.value {
			b.WriteString(r.text)
			n -= r.value
		}
	}
	return b.String()
}

// roman reads a number in its one accepted spelling; 0 for anything else.
func roman(s string) int {
	n, rest := 0, s
	for _, r := range numerals {
		for strings.HasPrefix(rest, r.text) {
			n += r.value
			rest = rest[len(r.text):]
		}
	}
	if rest != "" || toRoman(n) != s {
		return 0
	}
	return n
}
