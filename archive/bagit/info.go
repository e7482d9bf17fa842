package bagit

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Info is what bag-info.txt says (RFC 8493, 2.2.2), apart from what Write counts
// itself. Empty values are left out; line ends and control characters in a value
// become spaces.
type Info struct {
	Date         time.Time // Bagging-Date, the day of it as given; must not be zero
	Agent        string    // Bag-Software-Agent
	Organization string    // Source-Organization
	Identifier   string    // External-Identifier
	Description  string    // External-Description
	Extra        []Field   // further elements in this order, at the end
}

// Field is one metadata element.
type Field struct{ Label, Value string }

// own are the labels that Write gives itself, from Info or by counting.
var own = []string{"Source-Organization", "External-Identifier", "External-Description",
	"Bagging-Date", "Bag-Size", "Payload-Oxum", "Bag-Software-Agent"}

// check refuses what cannot be a metadata element.
func (i Info) check() error {
	if i.Date.IsZero() {
		return errors.New("bag-info.txt: there is no bagging date")
	}
	for _, f := range i.Extra {
		same := func(label string) bool { return strings.EqualFold(label, f.Label) }
		if slices.ContainsFunc(own, same) {
			return fmt.Errorf("bag-info.txt: the label %q is not an extra one", f.Label)
		}
		if f.Label == "" || strings.Contains(f.Label, ":") || f.Label != oneLine(f.Label) {
			return fmt.Errorf("bag-info.txt: %q cannot be a label", f.Label)
		}
	}
	return nil
}

// text is the content of bag-info.txt.
func (i Info) text(files int, octets int64) string {
	fields := append([]Field{
		{own[0], i.Organization}, {own[1], i.Identifier}, {own[2], i.Description},
		{own[3], i.Date.Format(time.DateOnly)}, {own[4], size(octets)},
		{own[5], fmt.Sprintf("%d.%d", octets, files)}, {own[6], i.Agent},
	}, i.Extra...)
	var b strings.Builder
	for _, f := range fields {
		if v := oneLine(f.Value); v != "" {
			folded(&b, f.Label+": ", v)
		}
	}
	return b.String()
}

// folded writes an element in lines of at most 79 characters, broken between
// words only, because where a line is broken a reader may put a space. A longer
// word stays whole.
func folded(b *strings.Builder, label, value string) {
	const width = 79
	b.WriteString(label)
	column, first := utf8.RuneCountInString(label), true
	for word := range strings.SplitSeq(value, " ") {
		n := utf8.RuneCountInString(word)
		switch {
		case first:
		case column+1+n > width:
			b.WriteString("\n  ")
			column = 2
		default:
			b.WriteByte(' ')
			column++
		}
		b.WriteString(word)
		column, first = column+n, false
	}
	b.WriteByte('\n')
}

// oneLine makes any text a value: UTF-8, single spaces, no control characters.
func oneLine(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.IsSpace(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
	return strings.Join(strings.Fields(s), " ")
}

// size is for people: "42.6 MB", in powers of 1000.
func size(octets int64) string {
	v, unit := float64(octets), "B"
	for _, next := range []string{"KB", "MB", "GB", "TB", "PB"} {
		if v < 999.95 {
			break
		}
		v, unit = v/1000, next
	}
	if unit == "B" {
		return fmt.Sprintf("%d B", octets)
	}
	return fmt.Sprintf("%.1f %s", v, unit)
}
