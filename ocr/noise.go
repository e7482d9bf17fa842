package ocr

import "slices"

// What makes a line noise: no word of it is read with some confidence. The dark edge of a
// book, a stain or the fingers at the side of a page look like letters to an engine.
const (
	noiseBelow = 0.4 // of the whole line, weighted by letters
	noiseWord  = 0.6 // of its surest word
)

// MarkNoise marks the lines that are most likely no text ([Line.Noise]).
func (t *Text) MarkNoise() {
	for b := range t.Blocks {
		for p := range t.Blocks[b].Paragraphs {
			lines := t.Blocks[b].Paragraphs[p].Lines
			for l := range lines {
				alone := Text{Blocks: []Block{{Paragraphs: []Paragraph{{Lines: lines[l : l+1]}}}}}
				lines[l].Noise = alone.Confidence() < noiseBelow &&
					!slices.ContainsFunc(lines[l].Words, func(w Word) bool { return w.Confidence >= noiseWord })
			}
		}
	}
}

// noisy tells whether a line is noise and nobody has said otherwise by looking after a
// word of it.
func (l *Line) noisy() bool {
	return l.Noise && !slices.ContainsFunc(l.Words, func(w Word) bool { return w.Corrected || w.Checked || w.Added })
}

// WithoutNoise is the text for whoever reads or searches: without the lines that are
// noise, and what is then empty. A text without noise is given as it is.
func (t *Text) WithoutNoise() *Text {
	some := false
	for b := range t.Blocks {
		for p := range t.Blocks[b].Paragraphs {
			lines := t.Blocks[b].Paragraphs[p].Lines
			for l := range lines {
				some = some || lines[l].noisy()
			}
		}
	}
	if !some {
		return t
	}
	out := *t
	out.Blocks = nil
	for _, b := range t.Blocks {
		var pars []Paragraph
		for _, p := range b.Paragraphs {
			var lines []Line
			for _, l := range p.Lines {
				if !l.noisy() {
					lines = append(lines, l)
				}
			}
			if len(lines) == len(p.Lines) {
				pars = append(pars, p)
			} else if len(lines) > 0 {
				p.Lines = lines
				p.tighten()
				pars = append(pars, p)
			}
		}
		if len(pars) > 0 {
			b.Paragraphs = pars
			b.tighten()
			out.Blocks = append(out.Blocks, b)
		}
	}
	return &out
}
