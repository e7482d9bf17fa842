package ocr

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"unicode"
)

// speller makes edits, and does each at once so that the next finds its place.
type speller struct {
	t     *Text
	edits []Edit
	flat  *flat // of the block that it is at; what comes before the last match is as it was
	block int
	last  Place // the first word of the last match
}

func (s *speller) do(e Edit) error {
	s.edits = append(s.edits, e)
	return s.t.apply(e)
}

// spell makes the edits for one match; nothing before it has been changed so far.
func (s *speller) spell(m Match) error {
	f := s.flat
	if b := m.At[0].Block; f == nil || s.block != b || m.At[len(m.At)-1].Compare(s.last) == 0 {
		f = s.t.flatten(b)
		s.flat, s.block = f, b
	}
	s.last = m.At[0]
	i := slices.IndexFunc(f.pieces, func(p piece) bool { return p.place.Compare(m.At[0]) == 0 })
	if i < 0 {
		return fmt.Errorf("%w: there is no %v", ErrElsewhere, m.At[0])
	}
	begin := f.pieces[i].begin + m.Start
	end := begin + len([]rune(m.Found))
	if end > len(f.runes) || string(f.runes[begin:end]) != m.Found {
		return fmt.Errorf("%w: another text stands at %v", ErrElsewhere, m.At[0])
	}
	var tokens []respelt
	for _, p := range f.touched(begin, end) {
		from, to := max(begin, p.begin), min(end, p.end)
		if n := len(tokens); n == 0 || !p.goesOn && !f.lineEnd(p.begin-1) {
			tokens = append(tokens, respelt{})
		}
		last := &tokens[len(tokens)-1]
		last.parts = append(last.parts, part{
			piece: p, before: string(f.runes[p.begin:from]), wrong: f.runes[from:to], after: string(f.runes[to:p.end]),
		})
	}
	for _, r := range slices.Backward(aligned(tokens, strings.Fields(m.Becomes))) {
		if err := s.respell(r); err != nil {
			return err
		}
	}
	return nil
}

// part is what a match has of one word on the page.
type part struct {
	piece
	before, after string // of the word, outside of the match
	wrong         []rune
}

// respelt is a run of such words, and what stands in their place.
type respelt struct {
	parts []part
	right string
}

// row is the part of a respelt that stands on one line.
type row struct {
	parts []part
	text  string
}

// respell makes the edits for one word, or for some that become one, or one that
// becomes several.
func (s *speller) respell(r respelt) error {
	for _, row := range slices.Backward(r.rows()) {
		first := row.parts[0].place
		at, _ := s.t.Place(first.Block, first.Paragraph, first.Line, first.Word)
		for range row.parts[1:] {
			next, _ := s.t.Place(at.Block, at.Paragraph, at.Line, at.Word+1)
			if err := s.do(Merge(at, next)); err != nil {
				return err
			}
			at, _ = s.t.Place(at.Block, at.Paragraph, at.Line, at.Word)
		}
		if at.Text != row.text {
			if err := s.do(Set(at, row.text)); err != nil {
				return err
			}
		}
	}
	return nil
}

// rows divides the right text over the lines that the wrong one stands on.
func (r respelt) rows() []row {
	var rows []row
	var wrong []rune
	var breaks []int // in wrong, before each row but the first
	for i, p := range r.parts {
		if i == 0 || p.line != r.parts[i-1].line {
			if i > 0 {
				breaks = append(breaks, len(wrong))
			}
			rows = append(rows, row{})
		}
		last := &rows[len(rows)-1]
		last.parts = append(last.parts, p)
		wrong = append(wrong, p.wrong...)
	}
	right := []rune(r.right)
	from, was := 0, 0
	broken := make([]bool, len(rows)) // the word goes on in the next row
	for i := range rows {
		to := len(right)
		if i < len(breaks) {
			to = from + cutAt(wrong[was:], right[from:], breaks[i]-was)
			was = breaks[i]
		}
		if to < len(right) {
			last, next := right[to-1], right[to]
			broken[i] = last != ' ' && next != ' ' && !isHyphen(last)
		}
		rows[i].text = strings.TrimSpace(string(right[from:to]))
		from = to
	}
	rows[0].text = rows[0].parts[0].before + rows[0].text
	end := r.parts[len(r.parts)-1]
	rows[len(rows)-1].text += end.after + end.hyphen
	for i := range len(rows) - 1 {
		if !broken[i] {
			continue
		}
		hyphen := rows[i].parts[len(rows[i].parts)-1].hyphen
		if _, ok := Rejoin(rows[i].text+hyphen, rows[i+1].text); !ok {
			hyphen = "\u00AD" // any letter may follow it
		}
		rows[i].text += hyphen
	}
	return rows
}

// cutAt gives where to break the right text for the break at c in the wrong one: so that
// both parts are as much as they can be like what stands there, and can be read as one
// word. It is the end of the text where no place is good.
func cutAt(wrong, right []rune, c int) int {
	best, least := len(right), math.MaxInt
	for k := 1; k < len(right); k++ {
		last, next := right[k-1], right[k]
		good := last == ' ' || next == ' ' || isHyphen(last) ||
			(unicode.IsLetter(last) || unicode.IsMark(last)) && unicode.IsLetter(next)
		if !good {
			continue
		}
		if d := distance(wrong[:c], right[:k]) + distance(wrong[c:], right[k:]); d < least {
			best, least = k, d
		}
	}
	return best
}

// aligned pairs wrong words with right ones: each with one, or one with several, so
// that what is paired is as alike as it can be.
func aligned(tokens []respelt, rights []string) []respelt {
	k, m := len(tokens), len(rights)
	type step struct {
		cost, k, m int // how many of each the last pair has
	}
	best := make([][]step, k+1)
	for i := range best {
		best[i] = make([]step, m+1)
		for j := range best[i] {
			if i == 0 && j == 0 {
				continue
			}
			best[i][j].cost = math.MaxInt
			try := func(di, dj int) {
				if di > i || dj > j || best[i-di][j-dj].cost == math.MaxInt {
					return
				}
				cost := best[i-di][j-dj].cost + distance(joined(tokens[i-di:i]).letters(), []rune(strings.Join(rights[j-dj:j], "")))
				if cost < best[i][j].cost {
					best[i][j] = step{cost, di, dj}
				}
			}
			try(1, 1)
			for n := 2; n <= max(i, j); n++ {
				try(1, n)
				try(n, 1)
			}
		}
	}
	var out []respelt
	for i, j := k, m; i > 0 && j > 0; {
		s := best[i][j]
		r := joined(tokens[i-s.k : i])
		r.right = strings.Join(rights[j-s.m:j], " ")
		out = append(out, r)
		i, j = i-s.k, j-s.m
	}
	slices.Reverse(out)
	return out
}

func joined(tokens []respelt) respelt {
	var out respelt
	for _, t := range tokens {
		out.parts = append(out.parts, t.parts...)
	}
	return out
}

func (r respelt) letters() []rune {
	var out []rune
	for _, p := range r.parts {
		out = append(out, p.wrong...)
	}
	return out
}

// distance is how many letters must be put in, taken out or changed to make b of a
// (Levenshtein).
func distance(a, b []rune) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range a {
		diagonal := row[0]
		row[0] = i + 1
		for j := range b {
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
