package gui

import (
	"context"
	"fmt"
	"image"
	"slices"
	"strconv"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"recto/app/gui/parts"
	"recto/ocr"
	"recto/scan"
)

// draw asks for a box on the picture; says is what for.
func (s *pageScreen) draw(says string, proposed image.Rectangle, do func(image.Rectangle)) {
	s.takeEdit()
	s.drawFor, s.drawSays = do, says
	s.view.Draw(proposed)
	s.w.win.Canvas().Focus(s.view)
	s.build()
	s.w.touch()
}

// boxed takes the box that was drawn.
func (s *pageScreen) boxed(box image.Rectangle) {
	do := s.drawFor
	s.leaveMode()
	if do != nil {
		do(box)
	}
	s.w.touch()
}

// leaveMode leaves editing or drawing, and tells whether there was something to leave.
func (s *pageScreen) leaveMode() bool {
	had := s.closeEntry()
	if s.view.Drawing() {
		s.view.Undraw()
		s.drawFor = nil
		s.build()
		had = true
	}
	return had
}

// around is the box around the words that stand with one in a line, a paragraph or a
// block, with the air that reading wants.
func (s *pageScreen) around(at ocr.Place, same func(a, b ocr.Place) bool) (box image.Rectangle) {
	for i, p := range s.places {
		if same(p, at) {
			box = box.Union(s.words[i].Box)
		}
	}
	return box.Inset(-5).Intersect(image.Rectangle{Max: s.tree.Size})
}

func sameBlock(a, b ocr.Place) bool     { return a.Block == b.Block }
func sameParagraph(a, b ocr.Place) bool { return sameBlock(a, b) && a.Paragraph == b.Paragraph }
func sameLine(a, b ocr.Place) bool      { return sameParagraph(a, b) && a.Line == b.Line }

// proposed is the box that drawing begins with: where the next line would be, or
// something in the middle of what is seen.
func (s *pageScreen) proposed() image.Rectangle {
	size := s.view.Page().Size()
	if at, ok := s.atWord(); ok {
		line := s.around(at, sameLine).Inset(5)
		for _, by := range []int{1, -1, 2, -2} {
			box := line.Add(image.Pt(0, by*(line.Dy()+line.Dy()/4)))
			if box.In(image.Rectangle{Max: size}) && !slices.ContainsFunc(s.words, func(w *ocr.Word) bool { return w.Box.Overlaps(box) }) {
				return box
			}
		}
		return line
	}
	return image.Rect(size.X/4, size.Y/2-size.Y/80, size.X*3/4, size.Y/2+size.Y/80)
}

func (s *pageScreen) addLine() {
	s.draw("Draw a box around what was missed", s.proposed(), s.askAdd)
}

// askAdd asks what stands in a box.
func (s *pageScreen) askAdd(box image.Rectangle) {
	w := s.w
	f := w.newForm()
	entry := f.entry("Text", "What stands there", "")
	own := "a line of its own"
	options := []string{own}
	beside, ok := s.beside(box)
	if ok {
		options = append(options, fmt.Sprintf("in the line of “%s”", beside.Text))
	}
	as := f.choice("It is", options, options[len(options)-1])
	turned := []string{"upright", "a quarter to the left", "upside down", "a quarter to the right"}
	turn := f.choice("Its letters stand", turned, turned[0])
	m := &modal{id: "add-line", title: "Add what was missed"}
	finish := func() {
		text := strings.TrimSpace(entry.Text)
		if text == "" {
			w.say("Type what stands there, or leave with Esc")
			return
		}
		w.shut(m)
		how, e := "add a line", ocr.AddLine(box, 90*slices.Index(turned, turn.Selected), text)
		if as.Selected != own {
			how, e = "add a word", ocr.AddWord(beside, box, text)
		}
		if s.edit(how, fmt.Sprintf("“%s” added", text), e) {
			s.cursorIn(box)
		}
	}
	entry.OnSubmitted = func(string) { finish() }
	w.open(m, f.rows, fyne.NewSize(460, 190), entry, choice{"Add it", finish}, choice{"Cancel", func() { w.shut(m) }})
}

// beside gives the nearest word of the upright line that a box stands in, but not where
// it lies over the words of that line.
func (s *pageScreen) beside(box image.Rectangle) (nearest ocr.Place, found bool) {
	best, over := 4*box.Dy(), 0
	for i, p := range s.places {
		b := s.words[i].Box
		down := min(b.Max.Y, box.Max.Y) - max(b.Min.Y, box.Min.Y)
		if 2*down <= min(b.Dy(), box.Dy()) || s.tree.Blocks[p.Block].Paragraphs[p.Paragraph].Lines[p.Line].Turn != 0 {
			continue
		}
		away := max(b.Min.X-box.Max.X, box.Min.X-b.Max.X)
		over += max(min(b.Max.X, box.Max.X)-max(b.Min.X, box.Min.X), 0)
		if away < best {
			nearest, found, best = p, true, away
		}
	}
	return nearest, found && 2*over < box.Dx()
}

// cursorIn puts the cursor on the first word in a box.
func (s *pageScreen) cursorIn(box image.Rectangle) {
	if i := slices.IndexFunc(s.words, func(w *ocr.Word) bool {
		return w.Box.Min.Add(w.Box.Size().Div(2)).In(box)
	}); i >= 0 {
		s.cursorTo(i)
	}
}

func (s *pageScreen) readBox() {
	box := s.proposed()
	if at, ok := s.atWord(); ok {
		box = s.around(at, sameParagraph)
	}
	s.draw("Draw a box around what is to be read again", box, func(box image.Rectangle) {
		s.askRead([]region{{"the box", 6, box}})
	})
}

// readAround asks how to read what is around the word at the cursor.
func (s *pageScreen) readAround() {
	s.takeEdit()
	at, ok := s.atWord()
	if !ok {
		return
	}
	s.askRead([]region{
		{"the line", 7, s.around(at, sameLine)},
		{"the paragraph", 6, s.around(at, sameParagraph)},
		{"all of this column or block", 4, s.around(at, sameBlock)},
		{"the word", 8, at.Box},
	})
}

// region is a part of the page, and the layout that it usually has.
type region struct {
	word   string
	layout int
	box    image.Rectangle
}

// layouts are Tesseract's page segmentation modes in words, as its manual has them.
var layouts = []struct {
	mode int
	word string
}{
	{3, "automatic: columns and blocks"}, {4, "one column, letters of any size"}, {6, "one block of text"}, {7, "one line"},
	{8, "one word"}, {11, "scattered words"}, {5, "one block, turned upright"}, {13, "one line, taken as it is"},
}

func layoutWord(mode int) string {
	for _, l := range layouts {
		if l.mode == mode {
			return fmt.Sprintf("%s (%d)", l.word, l.mode)
		}
	}
	return "mode " + strconv.Itoa(mode)
}

func layoutWords() (out []string) {
	for _, l := range layouts {
		out = append(out, layoutWord(l.mode))
	}
	return out
}

// layoutOf is the mode that layoutWord gave the word for; 0 for anything else.
func layoutOf(word string) int {
	for _, l := range layouts {
		if layoutWord(l.mode) == word {
			return l.mode
		}
	}
	n, _ := strconv.Atoi(strings.TrimPrefix(word, "mode "))
	return n
}

// askRead asks in which languages and how a part is to be read again.
func (s *pageScreen) askRead(of []region) {
	p, ok := s.page()
	if !ok {
		return
	}
	w := s.w
	f := w.newForm()
	var names []string
	for _, r := range of {
		names = append(names, r.word)
	}
	chosen := of[0]
	what := f.choice("Read", names, chosen.word)
	langs := f.entry("Languages", "Those of the page", strings.Join(p.Languages, "+"))
	langs.Whole = true
	wrong := parts.NewText("", parts.Bad, 12, 200)
	layout := f.choice("Layout", layoutWords(), layoutWord(chosen.layout))
	what.OnChanged = func(string) {
		chosen = of[max(what.SelectedIndex(), 0)]
		layout.SetSelected(layoutWord(chosen.layout))
	}
	m := &modal{id: "read-part", title: "Read a part of the page again"}
	finish := func() {
		if words := w.notInstalled(languagesIn(langs.Text)); words != "" {
			wrong.Set("Languages: "+words, parts.Bad)
			return
		}
		w.shut(m)
		s.readPart(p.ID, chosen.box, languagesIn(langs.Text), layoutOf(layout.Selected))
	}
	langs.OnSubmitted = func(string) { finish() }
	note := prose("What is read takes the place of all words there, corrected ones too; Ctrl+Z brings them back. Languages joined by +: " + strings.Join(w.core.Languages(), ", ") + ".")
	w.open(m, container.NewVBox(f.rows, wrong, note), fyne.NewSize(520, 260), langs, choice{"Read it", finish}, choice{"Cancel", func() { w.shut(m) }})
}

// languagesIn takes "deu+lat" apart.
func languagesIn(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return r == '+' || r == ',' || r == ' ' })
}

// notInstalled says which languages there is no model for, and which there are; it is
// empty where all are there.
func (w *window) notInstalled(languages []string) string {
	there := w.core.Languages()
	for _, l := range languages {
		if !slices.Contains(there, l) {
			return l + " is not installed; there are " + strings.Join(there, ", ")
		}
	}
	return ""
}

// readPart reads a part again in the background, and puts it in.
func (s *pageScreen) readPart(id scan.PageID, box image.Rectangle, langs []string, layout int) {
	core := s.w.core
	var read *ocr.Text
	s.reading = true
	s.w.say("Reading that part again…")
	act(s.w.bridge, func(ctx context.Context) (err error) {
		read, err = core.ReadRegion(ctx, id, box, langs, layout)
		return err
	}, func(err error) {
		s.reading = false
		if core != s.w.core {
			return
		}
		s.w.say("")
		n := 0
		if read != nil {
			for range read.Words {
				n++
			}
		}
		e := ocr.Replace(box, read)
		switch {
		case err != nil:
			s.w.fail("Read a part again", err)
		case n == 0:
			s.w.say("Nothing was read there; the text stays as it is")
		case s.of != id || s.raw: // somebody has gone on
			s.sendEdits(id, "read a part again", []ocr.Edit{e})
			s.stale = true
		default:
			if s.edit("read a part again", fmt.Sprintf("%s read; Ctrl+Z takes that back", count(n, "word", "words")), e) {
				s.cursorIn(box)
			}
		}
		s.w.touch()
	})
	s.w.touch()
}
