package worker

import (
	"context"
	"image"
	"math"
	"slices"

	"recto/ocr"
	"recto/scan"
	"recto/scan/prepare"
)

// When a part of a page is read lying on its side.
const (
	mostTurned    = 6    // parts of a page that are tried; drawings and tables seem to have many
	coveringWord  = 0.7  // confidence of a word that says what its place is
	coveringLong  = 2    // letters in it: what lies on its side reads as l, - and |
	turnedReading = 0.75 // confidence that the turned reading must have
	explained     = 0.5  // of the part's pieces of ink must be letters of sure words
	turnedLetters = 6    // at least, in sure words
	surelyTurned  = 0.88 // confidence that spares the look at the other way
	clearlyMore   = 1.5  // times as many letters must be sure as before
)

// turned reads the blocks that lie on their side on an upright page: notes in margins, the
// heads of narrow columns, captions. Tesseract's layout loses them or reads rubbish. What
// looks like lines that run up or down, and is no part of what was read surely, is cut
// out and read both ways; it takes the place of what was read there where it is clearly
// surer. The words lie where they stand on the page, with the turn of their lines.
func (s *server) turned(ctx context.Context, a *attempt, in Read, dpi float64, tries *int) error {
	if !a.aside {
		return nil
	}
	// Notes are smaller than the text that the picture was scaled for.
	from, size := a.pic, 1.0
	if flat, _ := scan.Find[scan.Dewarp](a.recipe, scan.DewarpStage); len(flat.Up) == 0 && a.seen.Size() != a.pic.Size() {
		from, size = a.seen, float64(a.pic.Size().X)/float64(a.seen.Size().X)
	}
	parts := from.Sideways(coveredBy(a.text, size))
	if len(parts) == 0 {
		return nil
	}
	engine, err := s.tesseract()
	if err != nil {
		return err
	}
	o := in.options()
	o.Languages, o.Mode = a.text.Languages, oneBlock
	for _, part := range parts[:min(len(parts), mostTurned)] {
		var best *ocr.Text
		for _, turn := range []int{90, 270} {
			*tries++
			t, err := sideways90(ctx, engine, from, part, turn, dpi, o)
			if err == nil {
				t, _, err = t.Mapped(scan.Affine{A: size, E: size}, a.text.Size)
			}
			if err != nil {
				return err
			}
			if best == nil || surely(t) > surely(best) {
				best = t
			}
			if t.Confidence() >= surelyTurned && float64(surely(t)) >= explained*float64(part.Letters) {
				break
			}
		}
		best = withoutDoubt(best)
		n := surely(best)
		if n < turnedLetters || float64(n) < explained*float64(part.Letters) || best.Confidence() < turnedReading {
			continue
		}
		rest, was := without(a.text, scaled(part.Box, size))
		if float64(n) < clearlyMore*float64(surely(was)) || best.Confidence() <= was.Confidence() && surely(was) > 0 {
			continue
		}
		a.text = beside(rest, best)
		a.read = surely(a.text)
	}
	return nil
}

// scaled is a box in a picture of another size.
func scaled(r image.Rectangle, by float64) image.Rectangle {
	at := func(v int) int { return int(math.Round(float64(v) * by)) }
	return image.Rect(at(r.Min.X), at(r.Min.Y), at(r.Max.X), at(r.Max.Y))
}

// coveredBy gives the boxes of what was surely read, in a picture that the text's is size
// times as large as. Letters upside down are read as
// words now and then, some of them surely, so a turned line counts as a whole.
func coveredBy(t *ocr.Text, size float64) []image.Rectangle {
	out := []image.Rectangle{}
	for _, b := range t.Blocks {
		for _, p := range b.Paragraphs {
			for _, l := range p.Lines {
				line := ocr.Text{Blocks: []ocr.Block{{Paragraphs: []ocr.Paragraph{{Lines: []ocr.Line{l}}}}}}
				if l.Turn != 0 && line.Confidence() < turnedReading {
					continue
				}
				for _, w := range l.Words {
					if w.Confidence >= coveringWord && len([]rune(w.Text)) >= coveringLong {
						out = append(out, scaled(w.Box, 1/size))
					}
				}
			}
		}
	}
	return out
}

// sideways90 reads a part of a picture turned clockwise by 90 or 270 degrees, and gives
// the text where it stands in the picture.
func sideways90(ctx context.Context, e ocr.Engine, pic *prepare.Picture, aside prepare.SidewaysText, turn int, dpi float64, o ocr.Options) (*ocr.Text, error) {
	box := aside.Box.Inset(-margin)
	part, err := pic.Deskewed(0, box)
	if err != nil {
		return nil, err
	}
	defer part.Close()
	up, err := part.Oriented(1, turn)
	if err != nil {
		return nil, err
	}
	defer up.Close()
	f := prepare.ReadingScale(aside.XHeight)
	if f != 1 {
		fit, err := up.Scaled(f)
		if err != nil {
			return nil, err
		}
		defer fit.Close()
		up = fit
	}
	t, err := recognise(ctx, e, up, dpi, o)
	if err != nil {
		return nil, err
	}
	// Clockwise by 90 degrees x became the height less y, and y became x.
	back := scan.Affine{B: 1, C: float64(box.Min.X), D: -1, F: float64(box.Max.Y)}
	if turn == 270 {
		back = scan.Affine{B: -1, C: float64(box.Max.X), D: 1, F: float64(box.Min.Y)}
	}
	moved, _, err := t.Mapped(scan.Affine{A: 1 / f, E: 1 / f}.Then(back), pic.Size())
	return moved, err
}

// withoutDoubt leaves out the lines that are noise.
func withoutDoubt(t *ocr.Text) *ocr.Text {
	t.MarkNoise()
	return t.WithoutNoise()
}

// without parts a text into what lies outside of a box and what is for the most part
// inside.
func without(t *ocr.Text, box image.Rectangle) (rest, inside *ocr.Text) {
	in := func(w ocr.Word) bool {
		common := w.Box.Intersect(box).Size()
		return 2*common.X*common.Y >= w.Box.Dx()*w.Box.Dy() && !w.Box.Empty()
	}
	return filtered(t, func(w ocr.Word) bool { return !in(w) }), filtered(t, in)
}

// filtered is a text with those of its words that keep says. Boxes are drawn anew around
// what loses some.
func filtered(t *ocr.Text, keep func(ocr.Word) bool) *ocr.Text {
	out := *t
	out.Blocks = nil
	for _, b := range t.Blocks {
		var pars []ocr.Paragraph
		lost := false
		for _, p := range b.Paragraphs {
			var lines []ocr.Line
			lostHere := false
			for _, l := range p.Lines {
				words := slices.DeleteFunc(slices.Clone(l.Words), func(w ocr.Word) bool { return !keep(w) })
				if len(words) < len(l.Words) {
					lostHere = true
					l.Words, l.Box = words, image.Rectangle{}
					for _, w := range words {
						l.Box = l.Box.Union(w.Box)
					}
				}
				if len(words) > 0 {
					lines = append(lines, l)
				}
			}
			if lostHere {
				lost = true
				p.Lines, p.Box = lines, image.Rectangle{}
				for _, l := range lines {
					p.Box = p.Box.Union(l.Box)
				}
			}
			if len(p.Lines) > 0 {
				pars = append(pars, p)
			}
		}
		if lost {
			b.Paragraphs, b.Box = pars, image.Rectangle{}
			for _, p := range pars {
				b.Box = b.Box.Union(p.Box)
			}
		}
		if len(b.Paragraphs) > 0 {
			out.Blocks = append(out.Blocks, b)
		}
	}
	return &out
}

// beside puts the blocks of a part into a text: behind the last block that surrounds
// them, else the last that they stand beside, else the last that begins above them.
func beside(t *ocr.Text, part *ocr.Text) *ocr.Text {
	box := image.Rectangle{}
	for _, b := range part.Blocks {
		box = box.Union(b.Box)
	}
	at := 0
	for _, belongs := range []func(b image.Rectangle) bool{
		box.In,
		func(b image.Rectangle) bool { return b.Min.Y < box.Max.Y && box.Min.Y < b.Max.Y },
		func(b image.Rectangle) bool { return b.Min.Y < box.Min.Y },
	} {
		for i, b := range t.Blocks {
			if belongs(b.Box) {
				at = i + 1
			}
		}
		if at > 0 {
			break
		}
	}
	out := *t
	out.Blocks = slices.Insert(slices.Clone(t.Blocks), at, part.Blocks...)
	return &out
}
