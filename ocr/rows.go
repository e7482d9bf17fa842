package ocr

import (
	"cmp"
	"image"
	"slices"
)

// A page is a table where most lines stand beside another one, are short, and some of them
// are numbers or marks while others are words: columns of running text are long, and those
// of an index are alike.
const (
	leastCells   = 8
	besideOthers = 0.5 // of all lines
	shortCell    = 3   // words, median
	markLong     = 4   // letters at most in a number or mark that is not mostly digits
	fewMarks     = 0.2 // of the lines beside others
	mostlyMarks  = 0.9
)

// Tabular tells whether the lines of a page seem to be the cells of a table.
func (t *Text) Tabular() bool {
	cells := t.cells()
	var words []int
	marks := 0
	for i, a := range cells {
		if !slices.ContainsFunc(cells, func(b Line) bool { return sameRow(a.Box, b.Box) && apart(a.Box, b.Box) }) {
			continue
		}
		words = append(words, len(cells[i].Words))
		if isMark(a) {
			marks++
		}
	}
	n := len(words)
	if len(cells) < leastCells || float64(n) < besideOthers*float64(len(cells)) {
		return false
	}
	slices.Sort(words)
	share := float64(marks) / float64(n)
	return words[n/2] <= shortCell && share >= fewMarks && share <= mostlyMarks
}

// cells are the upright lines that are no noise.
func (t *Text) cells() []Line {
	var out []Line
	for _, b := range t.Blocks {
		for _, p := range b.Paragraphs {
			for _, l := range p.Lines {
				if !l.Noise && l.Turn == 0 && len(l.Words) > 0 {
					out = append(out, l)
				}
			}
		}
	}
	return out
}

// sameRow tells whether the middle of the lower box is at the height of the taller: a
// ditto mark hangs from the top of its row.
func sameRow(a, b image.Rectangle) bool {
	if a.Dy() > b.Dy() {
		a, b = b, a
	}
	middle := a.Min.Y + a.Max.Y
	return middle > 2*b.Min.Y && middle < 2*b.Max.Y
}

// apart tells whether two boxes are more than a line's height from each other, sideways.
func apart(a, b image.Rectangle) bool {
	h := min(a.Dy(), b.Dy())
	return b.Min.X-a.Max.X > h || a.Min.X-b.Max.X > h
}

// isMark tells whether a cell is a number or a mark, such as a ditto.
func isMark(l Line) bool {
	letters, digits := 0, 0
	for _, w := range l.Words {
		for _, r := range w.Text {
			letters++
			if r >= '0' && r <= '9' {
				digits++
			}
		}
	}
	return letters <= markLong || 2*digits >= letters
}

// InRows is the text with its upright lines read across: those that stand beside each
// other become one, from the left to the right, and the rows follow each other down the
// page in one block. A row may lean: each cell is compared with the one before it. Turned
// lines keep their blocks, behind that one.
func (t *Text) InRows() *Text {
	cells := t.cells()
	slices.SortStableFunc(cells, func(a, b Line) int { return cmp.Compare(a.Box.Min.X, b.Box.Min.X) })
	var rows [][]Line
	for _, c := range cells {
		best, most := -1, 0
		for i, row := range rows {
			last := row[len(row)-1].Box
			common := min(c.Box.Max.Y, last.Max.Y) - max(c.Box.Min.Y, last.Min.Y)
			if sameRow(c.Box, last) && 2*(c.Box.Min.X-last.Max.X) > -c.Box.Dy() && common > most {
				best, most = i, common
			}
		}
		if best < 0 {
			rows = append(rows, nil)
			best = len(rows) - 1
		}
		rows[best] = append(rows[best], c)
	}
	out := *t
	out.Blocks = nil
	var table Paragraph
	for _, row := range rows {
		line := row[0]
		line.Words = slices.Clone(line.Words)
		for _, c := range row[1:] {
			line.Words = append(line.Words, c.Words...)
			line.Box = line.Box.Union(c.Box)
			line.XSize = max(line.XSize, c.XSize)
			if line.Baseline == (Baseline{}) || c.Baseline == (Baseline{}) {
				line.Baseline = Baseline{}
			} else {
				line.Baseline.X1, line.Baseline.Y1 = c.Baseline.X1, c.Baseline.Y1
			}
		}
		table.Lines = append(table.Lines, line)
		table.Box = table.Box.Union(line.Box)
	}
	slices.SortStableFunc(table.Lines, func(a, b Line) int {
		return cmp.Compare(a.Box.Min.Y+a.Box.Max.Y, b.Box.Min.Y+b.Box.Max.Y)
	})
	if len(table.Lines) > 0 {
		out.Blocks = append(out.Blocks, Block{Box: table.Box, Paragraphs: []Paragraph{table}})
	}
	for _, b := range t.Blocks {
		b.Paragraphs = slices.Clone(b.Paragraphs)
		for i := range b.Paragraphs {
			b.Paragraphs[i].Lines = slices.DeleteFunc(slices.Clone(b.Paragraphs[i].Lines), func(l Line) bool { return !l.Noise && l.Turn == 0 })
		}
		b.Paragraphs = slices.DeleteFunc(b.Paragraphs, func(p Paragraph) bool { return len(p.Lines) == 0 })
		if len(b.Paragraphs) > 0 {
			b.tighten()
			out.Blocks = append(out.Blocks, b)
		}
	}
	return &out
}
