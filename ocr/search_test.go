package ocr

import (
	"strings"
	"testing"
)

// block makes a block: paragraphs of lines, words parted by spaces.
func block(paragraphs ...[]string) Block {
	var b Block
	for _, lines := range paragraphs {
		var p Paragraph
		for _, line := range lines {
			var l Line
			for _, w := range strings.Fields(line) {
				l.Words = append(l.Words, Word{Text: w})
			}
			p.Lines = append(p.Lines, l)
		}
		b.Paragraphs = append(b.Paragraphs, p)
	}
	return b
}

func TestSearch(t *testing.T) {
	for name, c := range map[string]struct {
		blocks []Block
		want   string
	}{
		"nothing":           {nil, ""},
		"plain":             {[]Block{block([]string{"one two", "three"})}, "one two\nthree\n\n"},
		"joined":            {[]Block{block([]string{"the Archi-", "vist went"})}, "the Archivist\nwent\n\n"},
		"whole next line":   {[]Block{block([]string{"the Archi-", "vist", "went"})}, "the Archivist\nwent\n\n"},
		"last line":         {[]Block{block([]string{"the Archi-", "vist"})}, "the Archivist\n\n"},
		"three lines":       {[]Block{block([]string{"a Donau-", "dampf-", "schiff sank"})}, "a Donaudampfschiff\nsank\n\n"},
		"over paragraphs":   {[]Block{block([]string{"Archi-"}, []string{"vist went"})}, "Archivist\n\nwent\n\n"},
		"not over blocks":   {[]Block{block([]string{"Archi-"}), block([]string{"vist"})}, "Archi-\n\nvist\n\n"},
		"within a line":     {[]Block{block([]string{"Archi- vist"})}, "Archi- vist\n\n"},
		"line without text": {[]Block{block([]string{"a", "", "b"})}, "a\nb\n\n"},
	} {
		if got := (&Text{Blocks: c.blocks}).Search(); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

func TestRejoin(t *testing.T) {
	for _, c := range []struct{ last, first, want string }{
		{"Archi-", "vist", "Archivist"},
		{"Archi\u2010", "vist,", "Archivist,"},
		{"Archi\u2E17", "var", "Archivar"},
		{"Archi\u00AD", "VIST", "ArchiVIST"},
		{"été-", "être", "étéêtre"},
		{"(Archi-", "vist)", "(Archivist)"},
		{"Archi-", "Vist", ""},          // a name, or a heading
		{"Ein-", "und", ""},             // a part left out
		{"Freu-", "undin", "Freuundin"}, // only the whole word counts
		{"1914-", "und", ""},
		{"1914-", "abc", ""},
		{"-", "vist", ""},
		{"", "vist", ""},
		{"Archi-", "", ""},
		{"Archi-", "\xff", ""},
		{"Archi", "vist", ""},
		{"Archi--", "vist", ""},
		{"Archi-", "12", ""},
	} {
		got, ok := Rejoin(c.last, c.first)
		if got != c.want || ok != (c.want != "") {
			t.Errorf("Rejoin(%q, %q) = %q, %v, want %q", c.last, c.first, got, ok, c.want)
		}
	}
}
