package ocr

import (
	"fmt"
	"image"
	"math"

	"recto/scan"
)

// Mapped gives the text as it lies in another frame of the page, which m maps positions
// into and which is size large: the page was deskewed, cropped, scaled or turned by
// quarters after it was read, or it was read as a part of the page. A word's box becomes
// the box around it, cut to the frame; the boxes above it are drawn around their words.
// Baselines move, Turn follows to the nearest quarter, sizes of letters and DPI go with
// the scale.
//
// A word that comes to lie wholly outside of the frame is not on that page any more: it
// is left out, with what is then empty, and given in lost as it was. A word without
// a box stays without. The error wraps [ErrEdit]: m flattens or mirrors the page or is
// not made of numbers, or size is nothing. A mirrored page has to be read anew.
func (t *Text) Mapped(m scan.Affine, size image.Point) (mapped *Text, lost []Word, err error) {
	scale := m.A*m.E - m.B*m.D
	if !finite(m.A, m.B, m.C, m.D, m.E, m.F, scale) || scale <= 0 || size.X <= 0 || size.Y <= 0 {
		return nil, nil, fmt.Errorf("%w: a page of %v cannot be mapped by %v to %v", ErrEdit, t.Size, m, size)
	}
	scale = math.Sqrt(scale)
	out := t.clone()
	out.Size, out.DPI, out.Blocks = size, t.DPI*scale, nil
	for _, b := range cloneBlocks(t.Blocks) {
		var pars []Paragraph
		for _, p := range b.Paragraphs {
			var lines []Line
			for _, l := range p.Lines {
				var words []Word
				for _, w := range l.Words {
					box, ok := mappedBox(w.Box, m, size)
					if !ok {
						lost = append(lost, w)
						continue
					}
					w.Box = box
					words = append(words, w)
				}
				if len(words) == 0 {
					continue
				}
				l.Words = words
				l.tighten()
				l.Turn = mappedTurn(l.Turn, m)
				l.XSize *= scale
				if n := &l.Baseline; *n != (Baseline{}) {
					n.X0, n.Y0 = m.Apply(n.X0, n.Y0)
					n.X1, n.Y1 = m.Apply(n.X1, n.Y1)
				}
				lines = append(lines, l)
			}
			if p.Lines = lines; len(lines) > 0 {
				p.tighten()
				pars = append(pars, p)
			}
		}
		if b.Paragraphs = pars; len(pars) > 0 {
			b.tighten()
			out.Blocks = append(out.Blocks, b)
		}
	}
	return out, lost, nil
}

// hair is less than any part of a pixel that matters, and more than what calculation
// is out by: a box turned by a quarter keeps its size.
const hair = 1e-6

// mappedBox gives the box around a box as it is mapped, cut to the frame; false where
// nothing of it is in the frame.
func mappedBox(r image.Rectangle, m scan.Affine, size image.Point) (image.Rectangle, bool) {
	if r == (image.Rectangle{}) {
		return r, true
	}
	x0, y0 := math.Inf(1), math.Inf(1)
	x1, y1 := math.Inf(-1), math.Inf(-1)
	for _, c := range [4]image.Point{r.Min, {r.Max.X, r.Min.Y}, {r.Min.X, r.Max.Y}, r.Max} {
		x, y := m.Apply(float64(c.X), float64(c.Y))
		x0, y0, x1, y1 = min(x0, x), min(y0, y), max(x1, x), max(y1, y)
	}
	// Cut before it is made whole numbers, which hold less.
	side := func(low, high float64, limit int) (int, int) {
		low, high = max(math.Floor(low+hair), 0), min(math.Ceil(high-hair), float64(limit))
		if !(low < high) {
			return 0, 0
		}
		return int(low), int(high)
	}
	var box image.Rectangle
	box.Min.X, box.Max.X = side(x0, x1, size.X)
	box.Min.Y, box.Max.Y = side(y0, y1, size.Y)
	return box, !box.Empty()
}

// mappedTurn gives the quarter that is nearest to the way a line runs after the map.
func mappedTurn(turn int, m scan.Affine) int {
	s, c := math.Sincos(float64(turn) * math.Pi / 180)
	x, y := m.A*c-m.B*s, m.D*c-m.E*s // y points down: up is -1
	quarters := int(math.Round(math.Atan2(-y, x) / (math.Pi / 2)))
	return (quarters + 4) % 4 * 90
}
