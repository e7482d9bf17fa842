package gui

import (
	"context"
	"fmt"
	"image"
	"image/color"
	"slices"
	"strings"

	"recto/app/gui/parts"
	"recto/app/workbench"
	"recto/ocr"
	"recto/scan"
)

// shownText is the text beside the picture.
type shownText struct {
	tree   *ocr.Text   // nil: there is none
	of     scan.PageID // that it is shown of
	words  []*ocr.Word // of the tree in reading order
	places []ocr.Place // theirs
	found  []int       // words that are lit
	raw    bool        // as it was read, whatever was corrected since
	hint   string      // what language it seems to be in, where that is not the one it was read in
	counts struct{ doubtful, corrected, checked, unreadable int }
}

// forgetText leaves nothing beside the picture.
func (s *pageScreen) forgetText() {
	s.shownText = shownText{}
	s.text.SetWords(nil)
	s.note.Set("", parts.Muted)
	s.about.Set("", parts.Muted)
}

// loadText asks for the text of the present page.
func (s *pageScreen) loadText() {
	core := s.w.core
	p, ok := s.page()
	if !ok || core == nil {
		return
	}
	ask := core.Text
	if s.raw {
		ask = core.RawText
	}
	load(s.w.bridge, &s.textSlot, func(ctx context.Context) (*ocr.Text, error) { return ask(ctx, p.ID) }, func(t *ocr.Text, err error) {
		switch {
		case cancelled(err):
		case len(s.waiting) > 0: // older than what is shown, or than what is to come
			s.late = true
		default:
			s.setText(p, t, err)
			s.w.touch()
		}
	})
}

// setText shows what is in the archive of the page. What is in sight stays so, and the
// cursor where it was.
func (s *pageScreen) setText(p workbench.PageInfo, t *ocr.Text, err error) {
	first := s.of != p.ID
	cursor := s.text.Cursor()
	if first {
		cursor = -1
	}
	s.showText(p, t, cursor)
	if err != nil {
		x := s.w.cfg.Explain(err)
		s.note.Set(x.Title+". "+x.Remedy, parts.Bad)
	}
	if first && len(s.found) > 0 {
		s.cursorTo(s.found[0])
	}
}

// showText shows a version of the page's text with the cursor on a word.
func (s *pageScreen) showText(p workbench.PageInfo, t *ocr.Text, cursor int) {
	first := s.of != p.ID
	hint := s.hint
	if first || s.tree == nil || t == nil || !slices.Equal(s.tree.Languages, t.Languages) {
		hint = s.hintOf(t)
	}
	s.shownText = shownText{tree: t, of: p.ID, raw: s.raw, hint: hint}
	var pane []parts.PaneWord
	if t != nil {
		lit := map[string]bool{}
		for _, term := range s.terms {
			lit[term] = true
		}
		for place, word := range t.Places() {
			if n := len(s.places); n > 0 {
				last := s.places[n-1]
				pane[n-1].Space = last.Block != place.Block || last.Paragraph != place.Paragraph
				pane[n-1].Break = pane[n-1].Space || last.Line != place.Line
			}
			hit := anyTerm(word.Text, lit)
			if hit {
				s.found = append(s.found, len(s.words))
			}
			state := stateOf(word)
			switch state {
			case parts.WordDoubtful:
				s.counts.doubtful++
			case parts.WordCorrected:
				s.counts.corrected++
			case parts.WordChecked:
				s.counts.checked++
			case parts.WordUnreadable:
				s.counts.unreadable++
			}
			s.words, s.places = append(s.words, word), append(s.places, place)
			pane = append(pane, parts.PaneWord{Text: word.Text, State: state, Lit: hit})
		}
	}
	if first {
		s.text.SetWords(pane)
	} else {
		s.text.Replace(pane, cursor)
	}
	s.tellText(p)
	s.paint()
}

// hintOf says what language a text seems to be in, in a sentence, where that is not the
// one that it was read in.
func (s *pageScreen) hintOf(t *ocr.Text) string {
	if t == nil || s.w.core == nil {
		return ""
	}
	if hint, found := t.Suggest(s.w.core.Languages()); found {
		return hint.String()
	}
	return ""
}

// tellText says above the text what there is.
func (s *pageScreen) tellText(p workbench.PageInfo) {
	switch {
	case p.State == scan.New && len(s.words) == 0:
		words := "Not read yet: P reads it."
		if s.w.jobs.Active() {
			words = "Not read yet: P reads it, after the job that is at work."
		}
		s.note.Set(words, parts.Accent)
	case p.State == scan.Failed:
		s.note.Set("No text: the page could not be decoded.", parts.Bad)
	case p.State == scan.Blank && len(s.words) == 0:
		s.note.Set("Looks blank: no text.", parts.Muted)
	case len(s.words) == 0:
		s.note.Set("No text was found on this page.", parts.Muted)
	default:
		tone := parts.Muted
		var words []string
		some := func(n int, what string) {
			if n > 0 {
				words = append(words, fmt.Sprintf("%d %s", n, what))
			}
		}
		if s.raw {
			words, tone = []string{"As it was read (T: corrected)"}, parts.Warn
		}
		some(len(s.found), "found")
		some(s.counts.doubtful, "doubtful")
		some(s.counts.corrected, "corrected")
		some(s.counts.checked, "checked")
		some(s.counts.unreadable, "unreadable")
		words = append(words, fmt.Sprintf("%s at %.0f %%", count(len(s.words), "word", "words"), s.tree.Confidence()*100))
		if p.State == scan.New {
			words = append(words, "to be read again (P)")
		} else if s.hint != "" {
			words, tone = append(words, s.hint), parts.Warn
		}
		s.note.Set(strings.Join(words, " · "), tone)
	}
	s.tellWord()
}

// tellWord says what is known of the word under the cursor.
func (s *pageScreen) tellWord() {
	i := s.text.Cursor()
	switch {
	case i >= 0 && i < len(s.words):
		words, tone := wordWords(s.words[i])
		s.about.Set(words, tone)
	case s.counts.doubtful > 0:
		s.about.Set("Alt+Down goes to the first doubtful word", parts.Muted)
	default:
		s.about.Set("", parts.Muted)
	}
}

func wordWords(w *ocr.Word) (string, parts.Tone) {
	name := "“" + w.Text + "”"
	switch {
	case w.Unreadable:
		return name + " · marked as unreadable", parts.Bad
	case w.Added:
		return name + " · added by hand", parts.Accent
	case w.Corrected:
		return name + " · corrected, was read as “" + w.AsRead() + "”", parts.Accent
	case w.Checked:
		return name + " · checked: is as it was read", parts.Good
	case w.Doubtful(doubtful):
		return fmt.Sprintf("%s · doubtful, confidence %.0f %%", name, w.Confidence*100), parts.Bad
	}
	return fmt.Sprintf("%s · confidence %.0f %%", name, w.Confidence*100), parts.Plain
}

func stateOf(w *ocr.Word) parts.WordState {
	switch {
	case w.Unreadable:
		return parts.WordUnreadable
	case w.Corrected:
		return parts.WordCorrected
	case w.Checked:
		return parts.WordChecked
	case w.Doubtful(doubtful):
		return parts.WordDoubtful
	}
	return parts.WordRead
}

// doubtful is the confidence below which a word is marked as uncertain, sure the
// one above which its box is drawn calmly.
const (
	doubtful = 0.6
	sure     = 0.85
)

// paint puts the boxes over the picture.
func (s *pageScreen) paint() {
	var marks []parts.Mark
	if p, ok := s.page(); !ok || s.shownKey != viewKey(p) { // the picture is still that of another page
		s.view.Marks = nil
		s.view.Refresh()
		return
	}
	if s.boxes {
		for _, w := range s.words {
			marks = append(marks, markOf(w))
		}
	}
	for _, i := range s.found {
		marks = append(marks, parts.Mark{Box: s.words[i].Box, Fill: color.NRGBA{0xF2, 0xC9, 0x30, 0x70}, Stroke: color.NRGBA{0xA8, 0x6A, 0, 0xFF}})
	}
	if i := s.text.Cursor(); i >= 0 && i < len(s.words) {
		c := boxColour(parts.Accent)
		fill := c
		fill.A = 0x30
		marks = append(marks, parts.Mark{Box: s.words[i].Box.Inset(-2), Stroke: c, Fill: fill, Thick: true})
	}
	s.view.Marks = marks
	s.view.Refresh()
}

// markOf is how a word is shown on the picture: dashed where it is doubtful, with a bar
// below where it was corrected, a line below where it was checked, struck out where
// nobody can read it.
func markOf(w *ocr.Word) parts.Mark {
	m := parts.Mark{Box: w.Box, Stroke: boxColour(parts.Good)}
	switch stateOf(w) {
	case parts.WordDoubtful:
		m.Stroke, m.Dashed, m.Thick = boxColour(parts.Bad), true, true
	case parts.WordCorrected:
		m.Stroke, m.Bar = boxColour(parts.Accent), true
	case parts.WordChecked:
		m.Under, m.Thick = true, true
	case parts.WordUnreadable:
		m.Stroke, m.Cross = boxColour(parts.Bad), true
	default:
		if m.Stroke.A = 0x60; w.Confidence < sure {
			m.Stroke = boxColour(parts.Warn)
		}
	}
	return m
}

// boxColour is a tone that can be seen on paper, whatever the theme.
func boxColour(t parts.Tone) color.NRGBA {
	p := palette[t.Name()].light
	p.A = 0xD0
	return p
}

// cursorTo puts the cursor on a word in text and picture.
func (s *pageScreen) cursorTo(i int) {
	s.text.SetCursor(i)
	s.cursorAt(i, true)
}

// cursorAt shows where the cursor of the text is on the page.
func (s *pageScreen) cursorAt(i int, reveal bool) {
	s.paint()
	s.tellWord()
	if reveal && i >= 0 && i < len(s.words) {
		s.view.Reveal(s.words[i].Box)
	}
}

// tapped finds the word under the pointer.
func (s *pageScreen) tapped(x, y float64) {
	s.takeEdit()
	s.inText = false
	at := image.Pt(int(x), int(y))
	for i, w := range s.words {
		if at.In(w.Box) {
			s.text.SetCursor(i)
			s.cursorAt(i, false)
			s.w.touch()
			return
		}
	}
}

// toDoubtful goes from word to word, from one on, until nobody has looked at it.
func (s *pageScreen) toDoubtful(from, by int) bool {
	for i := from; i >= 0 && i < len(s.words); i += by {
		if s.words[i].Doubtful(doubtful) {
			s.cursorTo(i)
			return true
		}
	}
	s.w.say("No further doubtful word on this page")
	return false
}

// showRaw changes between the text as it was read and as it was corrected.
func (s *pageScreen) showRaw() {
	s.raw = !s.raw
	s.loadText()
}

func (s *pageScreen) copy() {
	if s.tree == nil {
		return
	}
	s.w.fyne.Clipboard().SetContent(s.tree.Plain())
	s.w.say("The text of the page is in the clipboard")
}
