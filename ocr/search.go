package ocr

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Search is the text as a search should see it: as Plain, but a word that is
// broken over two lines of a block stands whole on the first of them, and nothing
// stands for one that is unreadable.
func (t *Text) Search() string {
	var b strings.Builder
	t = t.WithoutNoise()
	for i := range t.Blocks {
		space, begun := "", false
		for _, w := range t.Blocks[i].rejoined() {
			if w.text != "" {
				b.WriteString(space)
				b.WriteString(w.text)
				space, begun = "", true
			}
			if begun && (space == " " || len(w.after) > len(space)) {
				space = w.after
			}
		}
		b.WriteString(space)
	}
	return b.String()
}

// token is a word with the white space that follows it. An unreadable one has no text.
type token struct{ text, after string }

func (b *Block) rejoined() []token {
	var out []token
	for _, par := range b.Paragraphs {
		for i, line := range par.Lines {
			end := "\n"
			if i == len(par.Lines)-1 {
				end = "\n\n"
			}
			for j, w := range line.Words {
				next := token{w.Text, " "}
				if w.Unreadable {
					next.text = ""
				}
				if j == len(line.Words)-1 {
					next.after = end
				}
				if n := len(out) - 1; n >= 0 && out[n].after != " " {
					if whole, ok := Rejoin(out[n].text, next.text); ok {
						out[n].text = whole
						if next.after != " " {
							out[n].after = next.after
						}
						continue
					}
				}
				out = append(out, next)
			}
		}
	}
	return out
}

// Rejoin tells whether the last word of a line goes on in the first word of the
// next, and gives the whole word: "Archi-" and "vist" make "Archivist". The first
// must end in a hyphen after a letter and the second begin in lower case; only
// after a soft hyphen, which never stands in an unbroken word, any letter will do.
// A compound loses its hyphen where a line ends in it: nothing on the page tells
// the two apart.
func Rejoin(last, first string) (string, bool) {
	stem, hyphen := CutHyphen(last)
	if hyphen == "" {
		return "", false
	}
	before, _ := utf8.DecodeLastRuneInString(stem)
	after, _ := utf8.DecodeRuneInString(first)
	if !unicode.IsLetter(before) && !unicode.IsMark(before) || !unicode.IsLetter(after) {
		return "", false
	}
	if hyphen != "\u00AD" && (!unicode.IsLower(after) || suspended[first]) {
		return "", false
	}
	return stem + first, true
}

// suspended words show that a German hyphen stands for a part left out, as in
// "Ein- und Ausgabe".
var suspended = map[string]bool{"und": true, "oder": true, "sowie": true}

// CutHyphen splits a hyphen off the end of a word: the ASCII one, U+2010, the soft
// one, and the double one of blackletter, U+2E17. It is empty where there is none.
func CutHyphen(word string) (stem, hyphen string) {
	r, n := utf8.DecodeLastRuneInString(word)
	switch r {
	case '-', '\u00AD', '\u2010', '\u2E17':
		return word[:len(word)-n], word[len(word)-n:]
	}
	return word, ""
}
