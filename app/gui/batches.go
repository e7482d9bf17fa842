package gui

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"recto/app/gui/parts"
	"recto/app/workbench"
)

// batchesScreen is F2: all batches, and the way back to the last one.
type batchesScreen struct {
	w      *window
	root   *fyne.Container
	body   fyne.CanvasObject
	table  *parts.Table
	filter *parts.Entry
	number *parts.Text
	card   *fyne.Container

	slot slot

	all    []workbench.BatchInfo // last touched first
	rows   []workbench.BatchInfo // of them, those that the filter lets through
	err    error
	loaded bool
	begun  time.Time // of an import whose batch gets the cursor as soon as it is there
}

func newBatches(w *window) *batchesScreen {
	s := &batchesScreen{w: w, root: container.NewStack(), card: container.NewStack()}
	s.table = parts.NewTable(w.keys, parts.RowHeight,
		parts.Column{Title: "State", Width: 140}, parts.Column{Title: "Batch", Width: 90, Flex: 2}, parts.Column{Title: "Shelfmark", Width: 90, Flex: 1, Spare: 6}, parts.Column{Title: "Title", Width: 150, Flex: 3, Spare: 1},
		parts.Column{Title: "Pages", Width: 64, Right: true}, parts.Column{Title: "Sheets", Width: 88, Right: true, Spare: 2}, parts.Column{Title: "Count", Width: 112},
		parts.Column{Title: "To look at", Width: 80, Right: true}, parts.Column{Title: "Blank", Width: 60, Right: true, Spare: 7},
		parts.Column{Title: "Failed", Width: 64, Right: true}, parts.Column{Title: "Not taken", Width: 84, Right: true},
		parts.Column{Title: "Documents", Width: 92, Right: true, Spare: 3},
		parts.Column{Title: "Last touched", Width: 122, Spare: 4})
	s.table.Telling = true
	s.table.Count = func() int { return len(s.rows) }
	s.table.Row = func(i int) []parts.Cell { return batchRow(s.rows[i]) }
	s.table.OnOpen = func(int) { w.run(w.reg.byID("batch.open")) }
	s.table.OnSelect = w.touch
	s.filter = parts.NewEntry(w.keys, "Filter the list   /")
	s.filter.OnChanged = func(string) { s.apply() }
	s.filter.OnKey = func(k fyne.KeyName) bool {
		switch k {
		case fyne.KeyEscape:
			if s.filter.Text != "" {
				s.filter.SetText("")
				return true
			}
			w.win.Canvas().Focus(s.table)
			return true
		case fyne.KeyDown, fyne.KeyReturn:
			w.win.Canvas().Focus(s.table)
			return true
		}
		return false
	}
	s.number = parts.NewText("", parts.Muted, 12, 0)
	head := container.NewVBox(s.card, container.NewBorder(nil, nil, container.NewCenter(s.number), container.New(layout.NewGridWrapLayout(fyne.NewSize(280, s.filter.MinSize().Height)), s.filter)))
	s.body = container.NewBorder(container.NewPadded(head), nil, nil, nil, s.table)
	return s
}

func (s *batchesScreen) id() string                 { return "batches" }
func (s *batchesScreen) word() string               { return "Batches" }
func (s *batchesScreen) icon() fyne.Resource        { return theme.ListIcon() }
func (s *batchesScreen) content() fyne.CanvasObject { return s.root }
func (s *batchesScreen) shown()                     { s.reload() }

func (s *batchesScreen) focus() fyne.Focusable {
	if holds(s.root, s.body) {
		return s.table
	}
	return nil
}

func (s *batchesScreen) escape() bool {
	if s.filter.Text == "" {
		return false
	}
	s.filter.SetText("")
	return true
}

func (s *batchesScreen) dump(d *state) {
	d.Count, d.Cursor, d.Busy = len(s.rows), s.table.Current(), d.Busy || s.slot.busy
	d.Query = s.filter.Text
	if b, ok := s.selected(); ok {
		d.Selected = []string{b.Name}
	}
	if s.err != nil {
		d.Error = s.err.Error()
	}
}

func (s *batchesScreen) commands() []*command {
	chosen := func() bool { _, ok := s.selected(); return ok }
	with := func(test func(workbench.BatchInfo) bool) func() bool {
		return func() bool { b, ok := s.selected(); return ok && test(b) }
	}
	do := func(f func(workbench.BatchInfo)) func() {
		return func() {
			if b, ok := s.selected(); ok {
				f(b)
			}
		}
	}
	return []*command{
		{id: "batch.open", title: "Open the batch in Arrange", word: "Open", keys: []string{"Enter"}, scope: "batches", menu: "Batch", icon: theme.FolderOpenIcon(), enabled: chosen, run: do(s.openBatch)},
		{id: "batch.continue", title: "Continue the last batch", word: "Continue", keys: []string{"C"}, scope: "batches", menu: "Batch", icon: theme.MediaPlayIcon(), enabled: func() bool { return len(s.all) > 0 }, run: func() { s.openBatch(s.all[0]) }},
		{id: "batch.new", writes: true, title: "New batch to scan…", word: "New", keys: []string{"N"}, scope: "batches", menu: "Batch", icon: theme.ContentAddIcon(), run: s.w.newBatch},
		{id: "batch.capture", writes: true, title: "Go on scanning in the batch", word: "Scan", keys: []string{"G"}, scope: "batches", menu: "Batch", icon: iconScanner, enabled: chosen, run: do(s.w.goToBatch)},
		{id: "batch.import", writes: true, title: "Import into a new batch", word: "Import", keys: []string{"I"}, scope: "batches", menu: "Batch", icon: theme.DownloadIcon(), run: func() { s.w.show(s.w.importing) }},
		{id: "batch.describe", writes: true, title: "Change what the batch says of itself…", word: "Edit", keys: []string{"E"}, scope: "batches", menu: "Batch", enabled: chosen, run: do(s.w.describeBatch)},
		{id: "batch.sign", writes: true, title: "Sign off the count…", word: "Sign off", keys: []string{"S"}, scope: "batches", menu: "Batch", enabled: with(canSign), run: do(s.w.sign)},
		{id: "batch.review", title: "List what is to be looked at…", word: "To look at", keys: []string{"L"}, scope: "batches", menu: "Batch", enabled: with(func(b workbench.BatchInfo) bool { return b.Concerns > 0 }), run: do(s.w.review)},
		{id: "batch.process", writes: true, title: "Read the new pages", word: "Read", keys: []string{"P"}, scope: "batches", menu: "Batch", icon: theme.FileTextIcon(), enabled: with(func(b workbench.BatchInfo) bool { return b.New > 0 }), run: do(func(b workbench.BatchInfo) { s.w.process(b, workbench.ProcessRequest{}) })},
		{id: "batch.retry", writes: true, title: "Try failed pages again", word: "Try again", keys: []string{"R"}, scope: "batches", menu: "Batch", enabled: with(func(b workbench.BatchInfo) bool { return b.Failed > 0 }), run: do(func(b workbench.BatchInfo) { s.w.process(b, workbench.ProcessRequest{Retry: true}) })},
		{id: "batch.document", writes: true, title: "Make a document (PDF/A) of the batch…", word: "Document", keys: []string{"D"}, scope: "batches", menu: "Batch", icon: theme.DocumentCreateIcon(), enabled: with(func(b workbench.BatchInfo) bool { return b.Pages > 0 }), run: do(s.w.askDocument)},
		{id: "batch.troubles", title: "What failed, and what to do…", word: "Failed", keys: []string{"X"}, scope: "batches", menu: "Batch", icon: theme.WarningIcon(), enabled: chosen, run: do(s.w.showTroubles)},
		{id: "batch.filter", title: "Filter the batches", keys: []string{"/"}, scope: "batches", menu: "Batch", enabled: func() bool { return len(s.all) > 0 }, run: func() { s.w.win.Canvas().Focus(s.filter) }},
	}
}

func (s *batchesScreen) selected() (workbench.BatchInfo, bool) {
	i := s.table.Current()
	if i < 0 || i >= len(s.rows) {
		return workbench.BatchInfo{}, false
	}
	return s.rows[i], true
}

func (s *batchesScreen) reload() {
	core := s.w.core
	if core == nil {
		return
	}
	load(s.w.bridge, &s.slot, core.Batches, func(all []workbench.BatchInfo, err error) {
		if cancelled(err) {
			return
		}
		s.all, s.err, s.loaded = lastFirst(all), err, true
		s.build()
		s.w.arrange.batchesChanged()
		s.w.touch()
	})
	if !s.loaded {
		s.build()
	}
}

// build chooses between table, emptiness and error.
func (s *batchesScreen) build() {
	w := s.w
	switch {
	case s.err != nil:
		swap(s.root, w.trouble(s.err, s.reload))
	case !s.loaded:
		swap(s.root, parts.Notice(theme.ListIcon(), parts.Muted, "Looking for batches", ""))
	case len(s.all) == 0:
		b := parts.NewButton(w.keys, "Scan   F3", iconScanner, func() { w.run(w.reg.byID("go.capture")) })
		b.Importance = widget.HighImportance
		files := parts.NewButton(w.keys, "Import files   I", theme.DownloadIcon(), func() { w.run(w.reg.byID("batch.import")) })
		swap(s.root, parts.Notice(iconScanner, parts.Accent, "No batches yet",
			"A batch is a pile of pages captured together. Scan one, or drop files and folders anywhere on this window.", b, files))
	default:
		s.fillCard()
		s.apply()
		if swap(s.root, s.body) && w.current == screen(s) {
			w.refocus()
		}
	}
}

// apply filters the rows and keeps the cursor on its batch.
func (s *batchesScreen) apply() {
	before, had := s.selected()
	if !s.begun.IsZero() && len(s.all) > 0 && s.all[0].Touched.After(s.begun) {
		before, had, s.begun = s.all[0], true, time.Time{}
	}
	s.rows = s.rows[:0:0]
	at := 0
	for _, b := range s.all {
		if matches(batchWords(b), s.filter.Text) {
			if had && b.ID == before.ID {
				at = len(s.rows)
			}
			s.rows = append(s.rows, b)
		}
	}
	s.number.Set(count(len(s.rows), "batch", "batches"), parts.Muted)
	s.table.Refresh()
	if len(s.rows) > 0 {
		s.table.Select(at)
	}
	s.w.touch()
}

// fillCard offers the last batch in large.
func (s *batchesScreen) fillCard() {
	b := s.all[0]
	st := batchState(b)
	what := fmt.Sprintf("%s · %s · %s", count(b.Pages, "page", "pages"), st.word, ago(b.Touched))
	next := parts.NewButton(s.w.keys, "Continue   C", theme.MediaPlayIcon(), func() { s.w.run(s.w.reg.byID("batch.continue")) })
	next.Importance = widget.HighImportance
	words := container.New(layout.NewCustomPaddedVBoxLayout(2), parts.NewText(title(b), parts.Plain, 18, 200).Bold(), parts.NewText(what, parts.Muted, 13, 200))
	s.card.Objects = []fyne.CanvasObject{container.NewBorder(nil, nil, container.New(layout.NewGridWrapLayout(fyne.NewSize(170, 46)), next), nil,
		container.New(layout.NewCustomPaddedLayout(2, 2, 12, 0), words))}
	s.card.Refresh()
}

func (s *batchesScreen) openBatch(b workbench.BatchInfo) {
	s.w.batch = b.ID
	s.w.show(s.w.arrange)
	s.w.arrange.reload()
}

// badge is a state as icon and word.
type badge struct {
	icon fyne.Resource
	word string
	tone parts.Tone
}

// batchState sums up what a batch needs next.
func batchState(b workbench.BatchInfo) badge {
	switch {
	case b.Pages == 0 && b.Rejects > 0:
		return badge{theme.ErrorIcon(), "Nothing taken in", parts.Bad}
	case b.Pages == 0:
		return badge{theme.RadioButtonIcon(), "Empty", parts.Muted}
	case b.New > 0:
		return badge{theme.HistoryIcon(), fmt.Sprintf("%d to read", b.New), parts.Accent}
	case b.Failed+b.Rejects+b.Concerns > 0, b.State() == workbench.Short, b.State() == workbench.Over:
		return badge{theme.WarningIcon(), "Needs a look", parts.Warn}
	case b.Documents == 0:
		return badge{theme.FileTextIcon(), "No document yet", parts.Plain}
	}
	return badge{theme.ConfirmIcon(), "Finished", parts.Good}
}

// batchWords is what a filter looks through: names, state, count and concerns in
// the words of the table.
func batchWords(b workbench.BatchInfo) string {
	words := []string{b.Name, b.Shelfmark, b.Title, b.Container, b.Profile, batchState(b).word, string(b.State()), countState(b).word}
	if b.Concerns > 0 {
		words = append(words, "to look at")
	}
	return strings.Join(words, " ")
}

func batchRow(b workbench.BatchInfo) []parts.Cell {
	st := batchState(b)
	none := parts.Cell{Text: parts.Nothing, Tone: parts.Muted}
	shelfmark, sheets, counted := none, none, none
	if b.Shelfmark != "" {
		shelfmark = parts.Cell{Text: b.Shelfmark}
	}
	if b.State() != workbench.Uncounted {
		c := countState(b)
		counted = parts.Cell{Icon: c.icon, Text: c.word, Tone: c.tone}
	}
	if b.Expected > 0 {
		sheets = parts.Cell{Text: sheetsOf(b)}
	}
	return []parts.Cell{
		{Icon: st.icon, Text: st.word, Tone: st.tone}, {Text: b.Name, Bold: true}, shelfmark, {Text: b.Title},
		{Text: fmt.Sprint(b.Pages)}, sheets, counted, number(b.Concerns, parts.Warn), number(b.Empty, parts.Plain), number(b.Failed, parts.Bad), number(b.Rejects, parts.Bad), number(b.Documents, parts.Plain),
		{Text: ago(b.Touched), Tone: parts.Muted},
	}
}

// number leaves zeros out, so that what matters stands out.
func number(n int, tone parts.Tone) parts.Cell {
	if n == 0 {
		return parts.Cell{Text: parts.Nothing, Tone: parts.Muted}
	}
	return parts.Cell{Text: fmt.Sprint(n), Tone: tone}
}

func title(b workbench.BatchInfo) string {
	if b.Title != "" {
		return b.Title
	}
	return b.Name
}

// lastFirst sorts a copy by when it was last touched.
func lastFirst(all []workbench.BatchInfo) []workbench.BatchInfo {
	out := slices.Clone(all)
	slices.SortStableFunc(out, func(a, b workbench.BatchInfo) int { return b.Touched.Compare(a.Touched) })
	return out
}

// ago says when something was, as people do.
func ago(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	t = t.Local()
	switch d := time.Since(t); {
	case d < time.Minute:
		return "just now"
	case d < time.Hour:
		return fmt.Sprintf("%d min ago", int(d.Minutes()))
	case time.Now().Format(time.DateOnly) == t.Format(time.DateOnly):
		return "today " + t.Format("15:04")
	}
	return t.Format("2006-01-02 15:04")
}
