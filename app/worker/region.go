package worker

import (
	"context"
	"image"

	"recto/ocr"
	"recto/scan"
)

// Region asks to read a part of a page once more. The answer is an *ocr.Text in the
// page's frame.
type Region struct {
	Master      scan.Path        `json:"master"`
	Orientation scan.Orientation `json:"orientation"`
	Recipe      scan.Recipe      `json:"recipe"`
	DPI         float64          `json:"dpi"`
	Box         image.Rectangle  `json:"box"` // in the frame
	Languages   []string         `json:"languages"`
	Layout      int              `json:"layout"` // 0: one block
}

// margin is white around a part that is read: Tesseract loses letters that touch the
// edge of its picture.
const margin = 16

func (s *server) region(ctx context.Context, in Region) (*ocr.Text, error) {
	page, err := shown(string(in.Master), in.Orientation, in.Recipe)
	if err != nil {
		return nil, err
	}
	defer page.Close()
	box := in.Box.Inset(-margin)
	part, err := page.Deskewed(0, box) // what lies outside of the page is white
	if err != nil {
		return nil, err
	}
	defer part.Close()
	engine, err := s.tesseract()
	if err != nil {
		return nil, err
	}
	if in.Layout == 0 {
		in.Layout = oneBlock
	}
	t, err := recognise(ctx, engine, part, in.DPI, ocr.Options{Languages: in.Languages, Mode: in.Layout})
	if err != nil {
		return nil, err
	}
	moved, _, err := t.Mapped(scan.Affine{A: 1, C: float64(box.Min.X), E: 1, F: float64(box.Min.Y)}, page.Size())
	if err != nil {
		return nil, err
	}
	return within(moved, in.Box), nil
}

// within leaves out the words whose middle lies outside of a box, and cuts the others to
// it.
func within(t *ocr.Text, box image.Rectangle) *ocr.Text {
	out := *t
	out.Blocks = nil
	for _, b := range t.Blocks {
		var pars []ocr.Paragraph
		for _, p := range b.Paragraphs {
			var lines []ocr.Line
			for _, l := range p.Lines {
				var words []ocr.Word
				l.Box = l.Box.Intersect(box)
				for _, w := range l.Words {
					if middle := w.Box.Min.Add(w.Box.Max).Div(2); middle.In(box) {
						w.Box = w.Box.Intersect(box)
						words = append(words, w)
					}
				}
				if l.Words = words; len(words) > 0 {
					lines = append(lines, l)
				}
			}
			if p.Lines, p.Box = lines, p.Box.Intersect(box); len(lines) > 0 {
				pars = append(pars, p)
			}
		}
		if b.Paragraphs, b.Box = pars, b.Box.Intersect(box); len(pars) > 0 {
			out.Blocks = append(out.Blocks, b)
		}
	}
	return &out
}
