package ocr

import (
	"fmt"
	"image"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// grid is a page of columns that are read one after the other, as an engine's layout has
// them: cell gives the words in each place, "" for none. It leans by slope.
func grid(columns, rows int, slope float64, width int, cell func(c, r int) string) *Text {
	t := &Text{Size: image.Pt(200+columns*width, 200+rows*50)}
	for c := range columns {
		var p Paragraph
		for r := range rows {
			text := cell(c, r)
			if text == "" {
				continue
			}
			x, y := 100+c*width, 100+r*50
			l := Line{XSize: 28}
			for _, w := range strings.Fields(text) {
				box := image.Rect(x, y+int(slope*float64(x)), x+14*len(w), y+28+int(slope*float64(x)))
				if w == `"` { // hangs from the top
					box.Max.Y = box.Min.Y + 9
				}
				l.Words = append(l.Words, Word{Box: box, Text: w, Confidence: 0.9})
				l.Box = l.Box.Union(box)
				x += 14 * (len(w) + 1)
			}
			p.Lines = append(p.Lines, l)
			p.Box = p.Box.Union(l.Box)
		}
		t.Blocks = append(t.Blocks, Block{Box: p.Box, Paragraphs: []Paragraph{p}})
	}
	return t
}

// TestTabular: tables are told from columns of text, from lists of names side by side and
// from prose.
func TestTabular(t *testing.T) {
	long := func(int, int) string { return "some words that fill the line" }
	for _, x := range []struct {
		what string
		text *Text
		want bool
	}{
		{"a catalogue", grid(4, 12, 0, 500, func(c, r int) string {
			return []string{fmt.Sprint(r), "gigue double", `"`, "PARENT, Aurele"}[c]
		}), true},
		{"a price list", grid(2, 12, 0, 500, func(c, r int) string {
			return []string{"Spindle mower", fmt.Sprint(r, ".99")}[c]
		}), true},
		{"two columns of prose", grid(2, 40, 0, 500, long), false},
		{"two columns of names", grid(2, 40, 0, 500, func(c, r int) string { return "Miller, John" }), false},
		{"figures alone", grid(5, 12, 0, 200, func(c, r int) string { return fmt.Sprint(c * r * 1000) }), false},
		{"prose with numbered lines", grid(2, 40, 0, 60, func(c, r int) string {
			if c == 0 {
				if r%5 == 0 {
					return fmt.Sprint(r)
				}
				return ""
			}
			return long(c, r)
		}), false},
		{"nothing", &Text{}, false},
	} {
		if got := x.text.Tabular(); got != x.want {
			t.Errorf("%s: %v", x.what, got)
		}
	}
}

// TestInRows: rows are read across also where they lean, no word is lost, and turned
// lines and noise stay.
func TestInRows(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 5))
	for range 200 {
		columns, rows := 2+r.IntN(5), 2+r.IntN(30)
		gone := map[[2]int]bool{}
		cell := func(c, n int) string {
			if c > 0 && gone[[2]int{c, n}] {
				return ""
			}
			if c == 1 {
				return `"`
			}
			return fmt.Sprintf("r%dc%d x", n, c)
		}
		for c := range columns {
			for n := range rows {
				gone[[2]int{c, n}] = r.IntN(5) == 0
			}
		}
		page := grid(columns, rows, (r.Float64()-0.5)*0.016, 200, cell) // half a degree each way
		page.Blocks = append(page.Blocks, Block{Paragraphs: []Paragraph{{Lines: []Line{
			{Turn: 90, Words: []Word{{Text: "margin"}}}, {Noise: true, Words: []Word{{Text: "|"}}},
		}}}})
		var want []string
		for n := range rows {
			var row []string
			for c := range columns {
				if s := cell(c, n); s != "" {
					row = append(row, s)
				}
			}
			want = append(want, strings.Join(row, " "))
		}
		got := page.InRows()
		var lines []string
		for _, l := range got.Blocks[0].Paragraphs[0].Lines {
			var words []string
			for _, w := range l.Words {
				words = append(words, w.Text)
			}
			lines = append(lines, strings.Join(words, " "))
		}
		if !slices.Equal(lines, want) {
			t.Fatalf("%d x %d:\n%s\nwant\n%s", columns, rows, strings.Join(lines, "\n"), strings.Join(want, "\n"))
		}
		if last := got.Blocks[len(got.Blocks)-1].Paragraphs[0].Lines; len(got.Blocks) != 2 || len(last) != 2 {
			t.Fatalf("what is turned or noise: %v", got.Blocks[1:])
		}
	}
}
