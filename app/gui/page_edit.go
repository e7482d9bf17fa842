package gui

import (
	"context"
	"fmt"
	"image"
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"

	"recto/app/gui/parts"
	"recto/app/workbench"
	"recto/ocr"
	"recto/scan"
)

// correcting is the state of the Page screen while text is put right.
//
// A correction is shown at once: an edit is a function of the tree alone, so the window
// can do the same as the archive. What the archive is to do waits in a row, one after
// the other, in the background; after a failure the text is shown as the archive has it.
type correcting struct {
	entry     *parts.Entry // over the word that is edited; nil: none is
	editAt    int          // which word that is
	editOf    ocr.Place    // and what it was when that began
	splitting bool         // the entry is to say where the word is split
	inText    bool         // the keyboard is with the text, not with the picture
	waiting   []sending    // the first is under way
	stale     bool         // to be looked at again when nothing waits any more
	late      bool         // and so is the text, which came while something waited
	kept      func()       // follows when nothing waits any more: the window closes
	reading   bool         // a part is being read again
	drawFor   func(image.Rectangle)
	drawSays  string
	noUndo    bool // known to have nothing to take back
	noRedo    bool // nor to do again
}

// sending is a change on its way to the archive.
type sending struct {
	what string // for the message if it fails
	work func(context.Context, Core) error
	then func()
}

func (s *pageScreen) textCommands() []*command {
	word := func() bool { _, ok := s.atWord(); return ok && s.editable() }
	words := func() bool { return len(s.words) > 0 }
	read := func() bool {
		p, ok := s.page()
		return ok && s.editable() && (p.State == scan.Done || p.State == scan.Blank) && s.view.Page() != nil
	}
	some := func() bool { return len(s.pages) > 0 }
	corrected := func() bool { p, ok := s.page(); return ok && (p.Corrections > 0 || s.raw) && !s.view.Drawing() }
	list := []*command{
		{id: "page.doubt-next", title: "Next doubtful word", word: "Doubtful", keys: []string{"Alt+Down"}, icon: theme.SearchIcon(), enabled: words, run: func() { s.doubt(1) }},
		{id: "page.doubt-previous", title: "Previous doubtful word", keys: []string{"Alt+Up"}, enabled: words, run: func() { s.doubt(-1) }},
		{id: "text.edit", writes: true, title: "Correct the word (Enter takes it, Tab goes on to the next doubtful one)", word: "Correct", keys: []string{"Enter"}, icon: theme.DocumentCreateIcon(), enabled: word, run: func() { s.beginEdit(false) }},
		{id: "text.accept", writes: true, title: "The word is right; once more: on to the next doubtful one", word: "Accept", keys: []string{"Alt+Enter"}, icon: theme.ConfirmIcon(), enabled: word, run: s.accept},
		{id: "text.unreadable", writes: true, title: "Nobody can read the word", word: "Unreadable", keys: []string{"U"}, enabled: word, run: s.unreadable},
		{id: "text.merge", writes: true, title: "Merge the word with the next", word: "Merge", keys: []string{"M"}, enabled: func() bool { return word() && s.mergeable() }, run: s.merge},
		{id: "text.split", writes: true, title: "Split the word (move to the place, then Enter)", word: "Split", keys: []string{"S"}, enabled: word, run: func() { s.beginEdit(true) }},
		{id: "text.done", writes: true, title: "Page done: what is still doubtful is right, on to the next page", word: "Page done", keys: []string{"Ctrl+Enter"}, enabled: func() bool { return words() && s.editable() }, run: s.pageDone},
		{id: "text.read-word", writes: true, title: "Read the line or paragraph around the word again…", word: "Read again", keys: []string{"Ctrl+R"}, enabled: word, run: s.readAround},
		{id: "text.read-box", writes: true, title: "Read a part again: draw a box…", keys: []string{"R"}, enabled: read, run: s.readBox},
		{id: "text.add", writes: true, title: "Add a line or a word that was missed: draw a box…", word: "Add", keys: []string{"L"}, enabled: read, run: s.addLine},
		{id: "text.raw", title: "Show the text as it was read, or as corrected", word: "As read", keys: []string{"T"}, enabled: corrected, run: s.showRaw},
		{id: "page.undo", writes: true, title: "Undo (of the whole batch)", word: "Undo", keys: []string{"Ctrl+Z"}, icon: theme.ContentUndoIcon(), enabled: func() bool { return some() && !s.noUndo }, run: func() { s.undo(false) }},
		{id: "page.redo", writes: true, title: "Redo (of the whole batch)", word: "Redo", keys: []string{"Ctrl+Y", "Ctrl+Shift+Z"}, icon: theme.ContentRedoIcon(), enabled: func() bool { return some() && !s.noRedo }, run: func() { s.undo(true) }},
	}
	for _, c := range list {
		c.scope, c.menu = "page", "Text"
	}
	list = append(list,
		&command{id: "page.prepare", writes: true, title: "Prepare the page by hand…", word: "Prepare", keys: []string{"Shift+P"}, scope: "page", menu: "Pages", enabled: func() bool { return some() && !s.view.Drawing() }, run: s.prepare},
		&command{id: "page.read", writes: true, title: "Read the page again", keys: []string{"P"}, scope: "page", menu: "Pages", enabled: func() bool { return some() && !s.view.Drawing() }, run: s.readPage},
		&command{id: "page.crop", writes: true, title: "Crop the page: draw a box…", keys: []string{"X"}, scope: "page", menu: "Pages", enabled: func() bool { return s.view.Page() != nil && !s.view.Drawing() }, run: s.crop})
	return list
}

// editable tells whether the text that is shown can be changed now.
func (s *pageScreen) editable() bool { return !s.raw && !s.reading && !s.view.Drawing() }

// atWord is where the cursor is.
func (s *pageScreen) atWord() (ocr.Place, bool) {
	i := s.text.Cursor()
	if i < 0 || i >= len(s.places) {
		return ocr.Place{}, false
	}
	return s.places[i], true
}

// edit corrects the text of the page that is shown. The cursor stays with its word.
func (s *pageScreen) edit(how, said string, edits ...ocr.Edit) bool {
	p, ok := s.page()
	if !ok || s.w.core == nil || s.w.looking {
		return false
	}
	if s.of != p.ID { // what would be shown then is the edit alone, as if nothing else were there
		s.w.say("The text of this page is still being fetched")
		return false
	}
	t := s.tree
	if t == nil {
		t = &ocr.Text{Size: p.Frame(), Languages: p.Languages}
	}
	after, err := t.Apply(edits...)
	if err != nil {
		s.w.fail(how, err)
		return false
	}
	if said != "" {
		s.w.say("%s", said)
	}
	s.showText(p, after, s.text.Cursor())
	s.sendEdits(p.ID, how, edits)
	return true
}

// sendEdits has the archive make edits that are shown already.
func (s *pageScreen) sendEdits(id scan.PageID, how string, edits []ocr.Edit) {
	var now workbench.PageInfo
	what := how
	if len(edits) == 1 && edits[0].Text != "" {
		what += ": " + edits[0].Text // what somebody typed is not lost
	}
	s.send(sending{what, func(ctx context.Context, c Core) error {
		_, err := c.EditText(ctx, id, how, edits...)
		if err == nil {
			now, err = c.Page(ctx, id)
		}
		return err
	}, func() {
		s.noUndo, s.noRedo = false, true
		s.w.arrange.noUndo, s.w.arrange.noRedo = false, true
		s.renew(now)
	}})
}

// renew takes over what is known of a page now.
func (s *pageScreen) renew(now workbench.PageInfo) {
	if i := slices.IndexFunc(s.pages, func(p workbench.PageInfo) bool { return p.ID == now.ID }); i >= 0 {
		now.Number, now.Unit = s.pages[i].Number, s.pages[i].Unit // known in lists only
		s.pages[i] = now
	}
}

// send has the archive make a change as soon as those before it are made.
func (s *pageScreen) send(c sending) {
	s.waiting = append(s.waiting, c)
	if len(s.waiting) == 1 {
		s.sendNext()
	}
}

func (s *pageScreen) sendNext() {
	core, c := s.w.core, s.waiting[0]
	act(s.w.bridge, func(ctx context.Context) error { return c.work(ctx, core) }, func(err error) {
		if core != s.w.core {
			return
		}
		lost := len(s.waiting) - 1
		s.waiting = s.waiting[1:]
		switch {
		case err == nil:
			c.then()
		case isNothing(err):
			c.then()
			s.w.say("%s", s.w.cfg.Explain(err).Title)
		default: // what follows was meant for a text that is not there
			s.waiting, s.stale, s.late, s.kept = nil, false, false, nil
			if lost > 0 {
				c.what += fmt.Sprintf(" (and %s after it)", count(lost, "change", "changes"))
			}
			s.closeEntry()
			s.w.say("")
			s.w.fail(c.what, err)
			s.loadText()
			s.reload()
		}
		if len(s.waiting) > 0 {
			s.sendNext()
		} else {
			s.settled()
		}
		s.w.touch()
	})
	s.w.touch()
}

// settled does what had to wait until every change was made.
func (s *pageScreen) settled() {
	stale, late, kept := s.stale, s.late, s.kept
	s.stale, s.late, s.kept = false, false, nil
	if kept != nil {
		kept()
		return
	}
	if late {
		s.loadText()
	}
	if stale {
		s.reload()
	}
}

// undo takes the last change of the batch back, whatever it was, or does it again.
func (s *pageScreen) undo(redo bool) {
	p, ok := s.page()
	if !ok {
		return
	}
	s.closeEntry()
	what, word := "", "Undone"
	var err error
	if redo {
		word = "Done again"
	}
	s.send(sending{"Undo", func(ctx context.Context, c Core) error {
		if redo {
			what, err = c.Redo(ctx, p.Batch)
		} else {
			what, err = c.Undo(ctx, p.Batch)
		}
		return err
	}, func() {
		nothing := isNothing(err)
		s.noUndo, s.noRedo = s.noUndo && !redo || nothing && !redo, s.noRedo && redo || nothing && redo
		if !nothing {
			s.w.arrange.noUndo, s.w.arrange.noRedo = s.noUndo, s.noRedo
			s.w.say("%s: %s", word, what)
			s.stale = true
		}
	}})
}

// beginEdit opens a field over the word at the cursor.
func (s *pageScreen) beginEdit(split bool) {
	place, ok := s.atWord()
	if !ok {
		return
	}
	s.closeEntry()
	e := parts.NewEntry(s.w.keys, "Nothing: the word goes")
	e.Tab = true
	e.SetText(place.Text)
	e.OnChanged = func(string) { s.text.Fit() }
	e.OnKey = func(k fyne.KeyName) bool {
		switch k {
		case fyne.KeyReturn, fyne.KeyEnter:
			s.finishEdit()
		case fyne.KeyTab:
			by := 1
			if s.w.mods()&fyne.KeyModifierShift != 0 {
				by = -1
			}
			s.doubt(by)
		default:
			return false
		}
		return true
	}
	s.entry, s.editAt, s.editOf, s.splitting, s.inText = e, s.text.Cursor(), place, split, true
	s.text.Edit(e, s.editAt)
	s.w.win.Canvas().Focus(e)
	if split {
		e.CursorColumn = len([]rune(place.Text)) / 2
		e.Refresh()
		s.w.say(whereToSplit)
	} else {
		e.TypedShortcut(&fyne.ShortcutSelectAll{})
	}
	s.w.touch()
}

const whereToSplit = "Move to where the word is to be split, then Enter"

// closeEntry leaves the word as it is and tells whether one was edited.
func (s *pageScreen) closeEntry() bool {
	if s.entry == nil {
		return false
	}
	had := s.w.win.Canvas().Focused() == fyne.Focusable(s.entry)
	s.entry = nil
	s.text.Edit(nil, -1)
	if s.w.said == whereToSplit {
		s.w.say("")
	}
	if had && s.w.current == screen(s) {
		s.w.win.Canvas().Focus(s.text)
	}
	return true
}

// takeEdit puts in what was typed when somebody goes on to something else.
func (s *pageScreen) takeEdit() {
	if e := s.entry; e != nil && (strings.TrimSpace(e.Text) == s.editOf.Text || !s.finishEdit()) {
		s.closeEntry()
	}
}

// finishEdit puts in what was typed; false where that cannot be done. A doubtful word
// that is left as it is counts as looked at.
func (s *pageScreen) finishEdit() bool {
	if s.entry == nil {
		return false
	}
	text := strings.TrimSpace(s.entry.Text)
	if s.editAt >= len(s.places) || s.places[s.editAt] != s.editOf {
		s.closeEntry()
		if text != s.editOf.Text {
			s.w.fail("Correct “"+s.editOf.Text+"” to “"+text+"”", fmt.Errorf("the page was read again meanwhile: %w", ocr.ErrElsewhere))
		}
		return false
	}
	place, w, n := s.editOf, s.words[s.editAt], len(s.words)
	var done bool
	switch {
	case s.splitting && text == place.Text:
		at := s.entry.CursorColumn - (len([]rune(s.entry.Text)) - len([]rune(strings.TrimLeft(s.entry.Text, " "))))
		done = s.edit("split a word", fmt.Sprintf("“%s” is two words", place.Text), ocr.Split(place, at))
	case text != place.Text:
		said := fmt.Sprintf("“%s” instead of “%s”", text, place.Text)
		if text == "" {
			said = fmt.Sprintf("“%s” is gone; Ctrl+Z brings it back", place.Text)
		}
		done = s.edit("correct a word", said, ocr.Set(place, text))
	case w.Doubtful(doubtful):
		done = s.edit("accept a word", fmt.Sprintf("“%s” is right", place.Text), ocr.Accept(place))
	default:
		done = true
	}
	if done {
		if at := s.text.Cursor(); at > s.editAt && len(s.words) != n { // somebody has clicked on a word behind it
			s.cursorTo(at + len(s.words) - n)
		}
		s.closeEntry()
	}
	return done
}

// doubt goes to the next doubtful word, or the one before. Who was editing goes on so.
func (s *pageScreen) doubt(by int) {
	editing, n := s.entry != nil, len(s.words)
	if editing && !s.finishEdit() {
		return
	}
	from := s.text.Cursor() + by
	if from < 0 && by < 0 && s.text.Cursor() < 0 {
		from = len(s.words) - 1
	}
	if by > 0 && len(s.words) < n { // the word is gone and the next in its place
		from--
	}
	if s.toDoubtful(from, by) && editing {
		s.beginEdit(false)
	}
}

func (s *pageScreen) accept() {
	if s.entry != nil {
		s.finishEdit()
		return
	}
	place, _ := s.atWord()
	if w := s.words[s.text.Cursor()]; (w.Checked || w.Corrected) && !w.Unreadable {
		s.doubt(1)
		return
	}
	s.edit("accept a word", fmt.Sprintf("“%s” is right", place.Text), ocr.Accept(place))
}

func (s *pageScreen) unreadable() {
	place, _ := s.atWord()
	s.edit("mark a word unreadable", fmt.Sprintf("“%s” is marked as unreadable; Alt+Enter takes that back", place.Text), ocr.Unreadable(place))
}

func (s *pageScreen) mergeable() bool {
	i := s.text.Cursor()
	return i+1 < len(s.places) && ocr.Mergeable(s.places[i], s.places[i+1])
}

func (s *pageScreen) merge() {
	place, _ := s.atWord()
	next := s.places[s.text.Cursor()+1]
	s.edit("merge words", fmt.Sprintf("“%s” and “%s” are one word", place.Text, next.Text), ocr.Merge(place, next))
}

// pageDone takes what is still doubtful for right and goes on.
func (s *pageScreen) pageDone() {
	s.takeEdit()
	var edits []ocr.Edit
	for place := range s.tree.Doubtful(doubtful) {
		edits = append(edits, ocr.Accept(place))
	}
	said := "Nothing doubtful is left"
	if len(edits) > 0 {
		said = fmt.Sprintf("%s taken for right; Ctrl+Z takes that back", count(len(edits), "doubtful word", "doubtful words"))
		if !s.edit("accept a page", "", edits...) {
			return
		}
	}
	if s.at+1 < len(s.pages) {
		s.goTo(s.at + 1)
	} else {
		said += " · this is the last page"
	}
	s.w.say("%s", said)
}
