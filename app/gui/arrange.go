package gui

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"recto/app/gui/parts"
	"recto/app/workbench"
	"recto/scan"
)

// arrangeScreen is F4: the pages of a batch in their order.
type arrangeScreen struct {
	w    *window
	root *fyne.Container
	body fyne.CanvasObject
	slot slot

	pages  []workbench.PageInfo
	of     scan.BatchID // whose pages they are
	binned bool         // the bin is shown
	err    error
	acting bool       // a change is under way: no second one before its result is shown
	queued []*command // that come after it
	undone bool       // pages that the next answer brings back are chosen
	noUndo bool       // known to have nothing to take back
	noRedo bool       // nor to do again

	grid    *parts.Grid
	chooser *parts.Select
	names   []scan.BatchID // of the chooser's options
	sum     *widget.Label
	slider  *parts.Slider
	inside  *fyne.Container // grid or notice
}

func newArrange(w *window) *arrangeScreen {
	s := &arrangeScreen{w: w, root: container.NewStack(), inside: container.NewStack()}
	s.grid = parts.NewGrid(w.keys)
	s.grid.Count = func() int { return len(s.pages) }
	s.grid.Tile = s.tile
	s.grid.OnShow = func(int, int) { s.wantThumbs() }
	s.grid.OnSelect = func() { s.describe(); w.touch() }
	s.grid.OnOpen = func(int) { w.run(w.reg.byID("pages.open")) }
	s.grid.OnMove = s.dropped
	s.chooser = parts.NewSelect(w.keys, s.switchTo)
	s.chooser.PlaceHolder = "Choose a batch"
	s.sum = prose("")
	s.slider = parts.NewSlider(w.keys, 90, 300, 10, func(v float64) {
		s.grid.SetTileWidth(float32(v))
		w.cfg.Prefs.SetFloat(prefTile, v)
		s.wantThumbs()
	})
	if v := w.cfg.Prefs.Float(prefTile); v > 0 {
		s.slider.Value = v
		s.grid.SetTileWidth(float32(v))
	} else {
		s.slider.Value = float64(s.grid.TileWidth())
	}
	small, large := widget.NewIcon(theme.ZoomOutIcon()), widget.NewIcon(theme.ZoomInIcon())
	head := container.NewBorder(nil, nil, nil,
		container.NewHBox(small, container.New(layout.NewGridWrapLayout(fyne.NewSize(110, 29)), s.slider), large), s.chooser)
	s.body = container.NewBorder(container.NewPadded(head), s.sum, nil, nil, s.inside)
	s.root.Objects = []fyne.CanvasObject{s.body}
	return s
}

func (s *arrangeScreen) id() string                 { return "arrange" }
func (s *arrangeScreen) word() string               { return "Arrange" }
func (s *arrangeScreen) icon() fyne.Resource        { return theme.GridIcon() }
func (s *arrangeScreen) content() fyne.CanvasObject { return s.root }
func (s *arrangeScreen) shown() {
	if s.w.capture.changed { // whoever scans is not kept waiting for this list
		s.w.capture.changed = false
		s.w.batches.reload()
	}
	s.reload()
}

func (s *arrangeScreen) focus() fyne.Focusable {
	if holds(s.inside, s.grid) {
		return s.grid
	}
	return nil
}

func (s *arrangeScreen) escape() bool {
	switch {
	case s.grid.Selected.Len() > 1:
		s.grid.Select(s.grid.Selected.Cursor())
	case s.binned:
		s.showBin(false)
	default:
		return false
	}
	return true
}

func (s *arrangeScreen) dump(d *state) {
	d.Count, d.Cursor, d.Busy = len(s.pages), s.grid.Selected.Cursor(), d.Busy || s.slot.busy || s.acting || len(s.queued) > 0
	d.Bin = s.binned
	for _, p := range s.pages[:min(len(s.pages), 400)] {
		d.Order = append(d.Order, string(p.ID))
	}
	for _, id := range s.chosen() {
		d.Selected = append(d.Selected, string(id))
	}
	if s.err != nil {
		d.Error = s.err.Error()
	}
}

func (s *arrangeScreen) commands() []*command {
	some := func() bool { return !s.binned && s.grid.Selected.Len() > 0 }
	inBin := func() bool { return s.binned && s.grid.Selected.Len() > 0 }
	batch := func() bool { return s.w.batch != "" }
	listed := func() bool { return len(s.pages) > 0 }
	moves := func(gap func() int) func() bool {
		return func() bool {
			if !some() {
				return false
			}
			_, moves := dropAfter(s.pages, s.grid.Selected.Chosen(), gap())
			return moves
		}
	}
	earlier, later := func() int { return s.gapBy(-1) }, func() int { return s.gapBy(1) }
	start, end := func() int { return 0 }, func() int { return len(s.pages) }
	list := []*command{
		{id: "pages.open", title: "Open the page", word: "Open", keys: []string{"Enter"}, menu: "Pages", enabled: func() bool { return len(s.pages) > 0 }, run: s.open},
		{id: "pages.rotate-left", writes: true, title: "Rotate left", word: "Left", keys: []string{"["}, menu: "Pages", icon: iconLeft, enabled: some, run: func() { s.rotate(270) }},
		{id: "pages.rotate-right", writes: true, title: "Rotate right", word: "Right", keys: []string{"]"}, menu: "Pages", icon: iconRight, enabled: some, run: func() { s.rotate(90) }},
		{id: "pages.turn", writes: true, title: "Turn upside down", keys: []string{"U"}, menu: "Pages", enabled: some, run: func() { s.rotate(180) }},
		{id: "pages.earlier", writes: true, title: "Move earlier", word: "Earlier", keys: []string{"Ctrl+Up", "Ctrl+Left"}, menu: "Pages", icon: theme.MoveUpIcon(), enabled: moves(earlier), run: func() { s.moveTo(earlier()) }},
		{id: "pages.later", writes: true, title: "Move later", word: "Later", keys: []string{"Ctrl+Down", "Ctrl+Right"}, menu: "Pages", icon: theme.MoveDownIcon(), enabled: moves(later), run: func() { s.moveTo(later()) }},
		{id: "pages.first", writes: true, title: "Move to the start", keys: []string{"Ctrl+Home"}, menu: "Pages", enabled: moves(start), run: func() { s.moveTo(start()) }},
		{id: "pages.last", writes: true, title: "Move to the end", keys: []string{"Ctrl+End"}, menu: "Pages", enabled: moves(end), run: func() { s.moveTo(end()) }},
		{id: "pages.bin", writes: true, title: "To the bin", word: "To bin", keys: []string{"Del"}, menu: "Pages", icon: theme.DeleteIcon(), enabled: some, run: s.bin},
		{id: "pages.restore", writes: true, title: "Restore from the bin", word: "Restore", keys: []string{"R"}, menu: "Pages", icon: theme.MailReplyIcon(), enabled: inBin, run: s.restore},
		{id: "pages.show-bin", title: "Show or leave the bin", word: "Bin", keys: []string{"B"}, menu: "Pages", icon: theme.FolderIcon(), enabled: batch, run: func() { s.showBin(!s.binned) }},
		{id: "pages.undo", writes: true, title: "Undo", word: "Undo", keys: []string{"Ctrl+Z"}, menu: "Pages", icon: theme.ContentUndoIcon(), enabled: func() bool { return batch() && !s.noUndo }, run: func() { s.undo(false) }},
		{id: "pages.redo", writes: true, title: "Redo", word: "Redo", keys: []string{"Ctrl+Y", "Ctrl+Shift+Z"}, menu: "Pages", icon: theme.ContentRedoIcon(), enabled: func() bool { return batch() && !s.noRedo }, run: func() { s.undo(true) }},
		{id: "pages.split", writes: true, title: "A unit begins with this page…", word: "Split", keys: []string{"S"}, menu: "Pages", icon: iconSplit, enabled: some, run: s.split},
		{id: "pages.merge", writes: true, title: "The unit that begins here belongs to the one before", word: "Merge", keys: []string{"M"}, menu: "Pages", enabled: func() bool { p, ok := s.atCursor(); return ok && !s.binned && p.Start != nil }, run: s.merge},
		{id: "pages.separate", writes: true, title: "Divide the batch by its separator sheets", keys: []string{"Shift+S"}, menu: "Pages", enabled: func() bool { return listed() && !s.binned }, run: s.separate},
		{id: "pages.label", writes: true, title: "Label the chosen page or pages…", word: "Labels", keys: []string{"N"}, menu: "Pages", enabled: func() bool { return listed() && !s.binned }, run: s.labels},
		{id: "pages.accept", writes: true, title: "Accept what is odd about the chosen pages…", word: "Accept", keys: []string{"A"}, menu: "Pages", enabled: func() bool { return some() && s.odd() }, run: s.accept},
		{id: "pages.select-odd", title: "Choose every other page, from the first (of those chosen)", keys: []string{"O"}, menu: "Pages", enabled: listed, run: func() { s.everyOther(0) }},
		{id: "pages.select-even", title: "Choose every other page, from the second (of those chosen)", keys: []string{"E"}, menu: "Pages", enabled: listed, run: func() { s.everyOther(1) }},
		{id: "pages.reverse", writes: true, title: "Reverse the order of the chosen pages", word: "Reverse", keys: []string{"V"}, menu: "Pages", enabled: func() bool { return !s.binned && s.grid.Selected.Len() > 1 }, run: s.reverse},
		{id: "pages.interleave", writes: true, title: "Put the backs at the end between the fronts before them", keys: []string{"X"}, menu: "Pages", enabled: func() bool { return listed() && !s.binned }, run: s.interleave},
		{id: "pages.replace", writes: true, title: "Replace the first of two chosen pages by the second", keys: []string{"Shift+R"}, menu: "Pages", enabled: func() bool { return !s.binned && s.grid.Selected.Len() == 2 }, run: s.replace},
		{id: "pages.all", title: "Select all pages", keys: []string{"Ctrl+A"}, menu: "Pages", enabled: listed, run: s.grid.SelectAll},
		{id: "pages.unit", title: "Select the pages of this unit, which becomes a document", keys: []string{"Shift+A"}, menu: "Pages", enabled: listed, run: s.selectUnit},
		{id: "pages.toggle", title: "Add the page at the cursor to the selection or take it away", keys: []string{"Ctrl+Space"}, menu: "Pages", enabled: listed, run: s.grid.ToggleCursor},
		{id: "pages.read", writes: true, title: "Read the chosen pages again", word: "Read", keys: []string{"P"}, menu: "Pages", icon: theme.FileTextIcon(), enabled: some, run: s.read},
		{id: "pages.prepare", writes: true, title: "Prepare the chosen pages by hand…", word: "Prepare", keys: []string{"Shift+P"}, menu: "Pages", enabled: some, run: s.prepare},
		{id: "pages.document", writes: true, title: "Make a document of the batch, or of several chosen pages…", word: "Document", keys: []string{"D"}, menu: "Pages", icon: theme.DocumentCreateIcon(), enabled: func() bool { return len(s.pages) > 0 && !s.binned }, run: s.document},
		{id: "pages.larger", title: "Larger thumbnails", keys: []string{"+", "="}, menu: "View", enabled: func() bool { return s.slider.Value < s.slider.Max }, run: func() { s.slider.SetValue(s.slider.Value + 30) }},
		{id: "pages.smaller", title: "Smaller thumbnails", keys: []string{"-"}, menu: "View", enabled: func() bool { return s.slider.Value > s.slider.Min }, run: func() { s.slider.SetValue(s.slider.Value - 30) }},
		{id: "pages.batch", title: "Choose another batch", keys: []string{"Ctrl+B"}, menu: "Pages", enabled: func() bool { return len(s.names) > 0 }, run: func() { s.w.win.Canvas().Focus(s.chooser); s.chooser.TypedKey(&fyne.KeyEvent{Name: fyne.KeySpace}) }},
	}
	for _, c := range list {
		c.scope = "arrange"
		if run := c.run; c.writes {
			c.run = func() {
				if s.acting || s.slot.busy {
					s.queue(c)
				} else {
					run()
				}
			}
		}
	}
	return list
}

// info is the batch that is shown.
func (s *arrangeScreen) info() (workbench.BatchInfo, bool) {
	for _, b := range s.w.batches.all {
		if b.ID == s.w.batch {
			return b, true
		}
	}
	return workbench.BatchInfo{}, false
}

// batchesChanged brings the chooser up to date.
func (s *arrangeScreen) batchesChanged() {
	all := s.w.batches.all
	options := make([]string, len(all))
	s.names = s.names[:0:0]
	for i, b := range all {
		options[i] = b.Name
		if b.Title != "" && b.Title != b.Name {
			options[i] += " · " + b.Title
		}
		s.names = append(s.names, b.ID)
	}
	if !slices.Equal(options, s.chooser.Options) {
		s.chooser.SetOptions(options)
	}
	s.showBatch()
	if s.w.batch == "" && len(all) > 0 {
		s.w.batch = all[0].ID
		s.batchesChanged()
		if s.w.current == screen(s) {
			s.reload()
		}
	}
	s.describe()
}

// showBatch makes the chooser say which batch is shown.
func (s *arrangeScreen) showBatch() {
	call := s.chooser.OnChanged
	s.chooser.OnChanged = nil // it is not the user who chooses
	if at := slices.Index(s.names, s.w.batch); at >= 0 {
		s.chooser.SetSelectedIndex(at)
	} else {
		s.chooser.ClearSelected()
	}
	s.chooser.OnChanged = call
}

func (s *arrangeScreen) switchTo(string) {
	if i := s.chooser.SelectedIndex(); i >= 0 && i < len(s.names) && s.names[i] != s.w.batch {
		s.w.batch = s.names[i]
		s.binned = false
		s.reload()
	}
}

// reload asks for the pages again; selection and cursor stay on their pages.
func (s *arrangeScreen) reload() { s.reloadKeeping(s.chosen()) }

func (s *arrangeScreen) reloadKeeping(keep []scan.PageID) {
	core, batch, binned := s.w.core, s.w.batch, s.binned
	s.showBatch()
	if core == nil || batch == "" {
		s.slot.drop()
		s.pages, s.of, s.queued = nil, "", nil
		s.build()
		return
	}
	if s.w.current != screen(s) && s.of == "" {
		return // loaded when it is first shown
	}
	load(s.w.bridge, &s.slot, func(ctx context.Context) ([]workbench.PageInfo, error) { return core.Pages(ctx, batch, binned) }, func(pages []workbench.PageInfo, err error) {
		if cancelled(err) {
			return
		}
		same := s.of == batch
		if back := returned(s.pages, pages); same && s.undone && err == nil && len(back) > 0 {
			keep = back
		}
		s.undone = false
		if !same {
			s.noUndo, s.noRedo, s.queued = false, false, nil
		}
		s.pages, s.err, s.of = pages, err, batch
		s.build()
		var at []int
		for i, p := range pages {
			if same && slices.Contains(keep, p.ID) {
				at = append(at, i)
			}
		}
		cursor := s.grid.Selected.Cursor()
		s.grid.Refresh()
		switch {
		case len(at) > 0:
			s.grid.Selected.Choose(at...)
			s.grid.Refresh()
		case len(pages) > 0 && same:
			s.grid.Select(min(cursor, len(pages)-1))
		case len(pages) > 0:
			s.grid.Select(0)
		}
		s.wantThumbs()
		s.describe()
		s.w.touch()
		s.next()
	})
	if s.of != batch {
		s.pages = nil
	}
	s.build()
}

func (s *arrangeScreen) build() {
	w := s.w
	switch {
	case s.err != nil:
		swap(s.inside, w.trouble(s.err, s.reload))
	case w.batch == "":
		b := parts.NewButton(w.keys, "Scan or import   F3", iconScanner, func() { w.run(w.reg.byID("go.capture")) })
		swap(s.inside, parts.Notice(theme.GridIcon(), parts.Accent, "No batch yet", "Scan or import first; the pages are arranged here.", b))
	case len(s.pages) == 0 && s.of != w.batch:
		swap(s.inside, parts.Notice(theme.GridIcon(), parts.Muted, "Looking for the pages", ""))
	case len(s.pages) == 0 && s.slot.busy:
	case len(s.pages) == 0 && s.binned:
		b := parts.NewButton(w.keys, "Back to the pages   B", theme.NavigateBackIcon(), func() { w.run(w.reg.byID("pages.show-bin")) })
		swap(s.inside, parts.Notice(theme.DeleteIcon(), parts.Good, "The bin is empty", "Pages sent there with Del can be restored at any time; their masters are never deleted.", b))
	case len(s.pages) == 0:
		b := parts.NewButton(w.keys, "Look into the bin   B", theme.DeleteIcon(), func() { w.run(w.reg.byID("pages.show-bin")) })
		swap(s.inside, parts.Notice(theme.GridIcon(), parts.Muted, "This batch has no pages", "They may all be in the bin, or none of its sources could be taken in.", b))
	default:
		if swap(s.inside, s.grid) && w.current == screen(s) {
			w.refocus()
		}
	}
}

// describe tells what is shown and chosen.
func (s *arrangeScreen) describe() {
	words, tone := s.summary()
	s.sum.Importance = tone
	s.sum.SetText(words)
}

func (s *arrangeScreen) summary() (string, widget.Importance) {
	if len(s.pages) == 0 {
		return "", widget.MediumImportance
	}
	if chosen := s.grid.Selected.Chosen(); len(chosen) == 1 && chosen[0] < len(s.pages) {
		if p := s.pages[chosen[0]]; p.State == scan.Failed && p.Problem != nil {
			x := s.w.cfg.Explain(p.Problem)
			return fmt.Sprintf("Page %d: %s. %s", p.Number, x.Title, x.Remedy), widget.DangerImportance
		}
	}
	words := count(len(s.pages), "page", "pages")
	if s.binned {
		words = "In the bin: " + words
	}
	more := func(n int, what string) {
		if n > 0 {
			words += fmt.Sprintf(" · %d %s", n, what)
		}
	}
	more(s.grid.Selected.Len(), "chosen")
	if b, ok := s.info(); ok && !s.binned {
		more(b.Binned, "in the bin")
		more(b.New, "to read")
		more(b.Failed, "failed")
		more(b.Concerns, "to look at")
		more(b.Rejects, plural(b.Rejects, "source", "sources")+" not taken (X on Batches, F2, tells why)")
	}
	return words, widget.MediumImportance
}

// lowConfidence is the mean certainty of a page's words below which somebody
// should look: pages the wrong way up read at 0.22 to 0.37, good ones above 0.85.
const lowConfidence = 0.6

// pageBadge is the one thing about a page that matters most.
func pageBadge(p workbench.PageInfo) parts.Badge {
	switch {
	case p.State == scan.Failed:
		return parts.Badge{Icon: theme.ErrorIcon(), Word: "failed", Tone: parts.Bad}
	case len(p.Concerns) > 0 && p.Reviewed == "":
		return concernBadge(p)
	case p.DuplicateOf != "":
		return parts.Badge{Icon: theme.ContentCopyIcon(), Word: "duplicate", Tone: parts.Warn}
	case p.State == scan.Blank:
		return parts.Badge{Icon: theme.CheckButtonIcon(), Word: "blank", Tone: parts.Muted}
	case p.State == scan.New:
		return parts.Badge{Icon: theme.HistoryIcon(), Word: "to read", Tone: parts.Accent}
	case p.State == scan.Done && p.Words == 0:
		return parts.Badge{Icon: theme.InfoIcon(), Word: "no text", Tone: parts.Muted}
	case p.State == scan.Done && p.Confidence < lowConfidence:
		return parts.Badge{Icon: theme.WarningIcon(), Word: fmt.Sprintf("doubtful %.0f %%", p.Confidence*100), Tone: parts.Warn}
	}
	return parts.Badge{}
}

func (s *arrangeScreen) tile(i int) parts.Tile {
	p := s.pages[i]
	return parts.Tile{Image: s.w.thumbs.get(keyOf(p, s.pixels())), Caption: pageName(p), Badge: pageBadge(p), Mark: startWords(p)}
}

// pixels is the width of a tile's picture on the screen.
func (s *arrangeScreen) pixels() int {
	return int((s.grid.TileWidth() - 12) * s.w.win.Canvas().Scale())
}

// wantThumbs asks for the pictures in sight and half a screen around them.
func (s *arrangeScreen) wantThumbs() {
	if s.w.current != screen(s) {
		return
	}
	first, end := s.grid.Shown()
	around := (end - first) / 2
	var keys []thumbKey
	width := s.pixels()
	for i := first; i < min(end+around, len(s.pages)); i++ {
		keys = append(keys, keyOf(s.pages[i], width))
	}
	for i := min(first, len(s.pages)) - 1; i >= max(first-around, 0); i-- {
		keys = append(keys, keyOf(s.pages[i], width))
	}
	s.w.thumbs.want(keys)
}

func (s *arrangeScreen) thumbsReady() {
	if s.w.current == screen(s) {
		s.grid.RefreshTiles()
	}
}

// chosen are the selected pages in their order.
func (s *arrangeScreen) chosen() []scan.PageID {
	var ids []scan.PageID
	for _, i := range s.grid.Selected.Chosen() {
		if i < len(s.pages) {
			ids = append(ids, s.pages[i].ID)
		}
	}
	return ids
}

// queue keeps a command until the change under way is shown: keys come faster
// than the disk. A key that is held down is not to go on for long after it.
func (s *arrangeScreen) queue(c *command) {
	if len(s.queued) < 20 {
		s.queued = append(s.queued, c)
	}
}

// next runs what was queued, as far as it still can be done.
func (s *arrangeScreen) next() {
	for len(s.queued) > 0 && !s.acting && !s.slot.busy {
		c := s.queued[0]
		s.queued = s.queued[1:]
		s.w.run(c)
	}
}

// change runs a change that can be undone.
func (s *arrangeScreen) change(what string, keep []scan.PageID, work func(context.Context, Core) error) {
	s.attempt(what, keep, work, func(err error) {
		if err == nil {
			s.noUndo, s.noRedo = false, true
		}
	})
}

// attempt runs something that changes the batch, tells then how it went, and
// shows what the core says, whether it worked or not.
func (s *arrangeScreen) attempt(what string, keep []scan.PageID, work func(context.Context, Core) error, then func(error)) {
	if s.acting {
		return
	}
	s.acting = true
	core := s.w.core
	act(s.w.bridge, func(ctx context.Context) error { return work(ctx, core) }, func(err error) {
		s.acting = false
		if core != s.w.core {
			return
		}
		then(err)
		if err != nil && !isNothing(err) {
			s.queued = nil // what was meant to follow it
			s.w.fail(what, err)
		}
		s.reloadKeeping(keep)
		s.w.batches.reload()
	})
	s.w.touch()
}

func (s *arrangeScreen) rotate(degrees int) {
	ids := s.chosen()
	s.w.say("%s turned by %d°", count(len(ids), "page", "pages"), degrees)
	s.change("Rotate", ids, func(ctx context.Context, c Core) error { return c.RotatePages(ctx, ids, degrees) })
}

func (s *arrangeScreen) bin() {
	ids := s.chosen()
	s.w.say("%s in the bin; Ctrl+Z brings them back", count(len(ids), "page", "pages"))
	s.change("To the bin", nil, func(ctx context.Context, c Core) error { return c.BinPages(ctx, ids) })
}

func (s *arrangeScreen) restore() {
	ids := s.chosen()
	s.w.say("%s restored", count(len(ids), "page", "pages"))
	s.change("Restore", nil, func(ctx context.Context, c Core) error { return c.RestorePages(ctx, ids) })
}

func (s *arrangeScreen) showBin(on bool) {
	s.binned = on
	s.of, s.pages = "", nil
	s.grid.SetFixed(on || s.w.looking)
	s.grid.Selected = parts.Selection{}
	s.reload()
}

// undo takes the last change back or does it again.
func (s *arrangeScreen) undo(redo bool) {
	batch, word, what := s.w.batch, "Undone", ""
	if redo {
		word = "Done again"
	}
	s.undone = true
	s.attempt("Undo", s.chosen(), func(ctx context.Context, c Core) (err error) {
		if redo {
			what, err = c.Redo(ctx, batch)
		} else {
			what, err = c.Undo(ctx, batch)
		}
		return err
	}, func(err error) {
		switch {
		case err == nil:
			s.noUndo, s.noRedo = s.noUndo && !redo, s.noRedo && redo
			s.w.say("%s: %s", word, what)
		case isNothing(err):
			s.noUndo, s.noRedo = s.noUndo || !redo, s.noRedo || redo
			s.w.say("%s", s.w.cfg.Explain(err).Title)
		}
	})
}

// dropped moves the chosen tiles into a gap between tiles.
func (s *arrangeScreen) dropped(chosen []int, gap int) {
	if s.binned || s.w.looking {
		return
	}
	after, moves := dropAfter(s.pages, chosen, gap)
	if !moves {
		return
	}
	ids := s.chosen()
	s.w.say("%s moved", count(len(ids), "page", "pages"))
	s.change("Move", ids, func(ctx context.Context, c Core) error { return c.MovePages(ctx, ids, after) })
}

func (s *arrangeScreen) moveTo(gap int) { s.dropped(s.grid.Selected.Chosen(), gap) }

// gapBy is the gap that takes the chosen pages, closed up, one place on.
func (s *arrangeScreen) gapBy(by int) int {
	at := s.grid.Selected.Chosen()
	if by < 0 {
		return max(at[0]-1, 0)
	}
	return min(at[len(at)-1]+2, len(s.pages))
}

// dropAfter turns "into gap" (before page gap, or behind the last) into "behind
// the page": the nearest before the gap that does not move itself; empty is the
// start. It tells whether the order changes at all.
func dropAfter(pages []workbench.PageInfo, chosen []int, gap int) (after scan.PageID, moves bool) {
	if len(chosen) == 0 {
		return "", false
	}
	set := map[int]bool{}
	for _, i := range chosen {
		set[i] = true
	}
	left := 0 // pages before the gap that stay
	for i := range min(gap, len(pages)) {
		if !set[i] {
			after, left = pages[i].ID, left+1
		}
	}
	for k, i := range chosen { // in place already: exactly behind those that stay
		if i != left+k {
			return after, true
		}
	}
	return after, false
}

func (s *arrangeScreen) open() {
	i := s.grid.Selected.Cursor()
	if i >= len(s.pages) {
		return
	}
	name := ""
	if b, ok := s.info(); ok {
		name = title(b)
	}
	s.w.page.openPages(name, s.pages, i, nil)
}

func (s *arrangeScreen) read() {
	if b, ok := s.info(); ok {
		ids := s.chosen()
		s.w.readChosen(b, slices.DeleteFunc(slices.Clone(s.pages), func(p workbench.PageInfo) bool { return !slices.Contains(ids, p.ID) }))
	}
}

func (s *arrangeScreen) document() {
	b, ok := s.info()
	if !ok {
		return
	}
	ids := s.chosen()
	if len(ids) < 2 || len(ids) == len(s.pages) {
		ids = nil
	}
	s.w.askDocumentOf(b, ids)
}

// returned are the pages of now that were not there before.
func returned(before, now []workbench.PageInfo) []scan.PageID {
	had := make(map[scan.PageID]bool, len(before))
	for _, p := range before {
		had[p.ID] = true
	}
	var back []scan.PageID
	for _, p := range now {
		if !had[p.ID] {
			back = append(back, p.ID)
		}
	}
	return back
}

// isNothing tells whether there was simply nothing to undo or redo.
func isNothing(err error) bool {
	return errors.Is(err, workbench.ErrNothingToUndo) || errors.Is(err, workbench.ErrNothingToRedo)
}
