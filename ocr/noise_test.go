package ocr

import (
	"image"
	"strings"
	"testing"
)

func TestNoise(t *testing.T) {
	line := func(y int, words ...any) Line {
		l := Line{Box: image.Rect(0, y, 500, y+20)}
		for i := 0; i < len(words); i += 2 {
			l.Words = append(l.Words, Word{Text: words[i].(string), Confidence: words[i+1].(float64), Box: image.Rect(i*50, y, i*50+40, y+20)})
		}
		return l
	}
	text := &Text{Size: image.Pt(600, 400), Blocks: []Block{
		{Paragraphs: []Paragraph{{Lines: []Line{line(10, "Sehr", 0.9, "geehrter", 0.8), line(40, "Er", 0.2, "ERSTER", 0.3)}}}},
		{Paragraphs: []Paragraph{{Lines: []Line{line(80, "va", 0.1, "erh,", 0.35)}}}},
		{Paragraphs: []Paragraph{{Lines: []Line{line(120, "xx", 0.1, "Müller", 0.7), line(160, "mfg", 0.45)}}}},
	}}
	text.MarkNoise()
	if got, want := strings.Fields(text.Plain()), "Sehr geehrter xx Müller mfg"; strings.Join(got, " ") != want {
		t.Errorf("plain %q, want %q", got, want)
	}
	if s := text.Search(); strings.Contains(s, "ERSTER") || !strings.Contains(s, "mfg") {
		t.Errorf("search %q", s)
	}
	if c := text.Confidence(); c < 0.6 {
		t.Errorf("noise counts: %g", c)
	}
	n := 0
	for range text.Words {
		n++
	}
	if n != 9 {
		t.Errorf("%d words in the tree: noise is kept there", n)
	}
	// Whoever looks after a word of it makes text of the line.
	at, _ := text.Place(1, 0, 0, 1)
	after, err := text.Apply(Set(at, "erhalten,"))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(after.Plain(), "va erhalten,") {
		t.Errorf("corrected noise: %q", after.Plain())
	}
	if clean := text.WithoutNoise(); len(clean.Blocks) != 2 || clean.Blocks[0].Box.Max.Y > 31 || clean.WithoutNoise() != clean {
		t.Errorf("without noise: %+v", clean.Blocks)
	}
}
