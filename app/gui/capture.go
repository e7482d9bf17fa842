package gui

import (
	"context"
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
	"recto/archive"
	"recto/scan"
)

// captureScreen is F3: paper becomes pages. One large button, one counter, the last
// sheet as large as there is room. What is shown is asked of the core by Batch, Tail
// and NextLabel, which cost the same for ten thousand sheets as for ten.
type captureScreen struct {
	w    *window
	root *fyne.Container
	body fyne.CanvasObject

	batch  workbench.BatchInfo
	of     scan.BatchID         // whose state is shown; empty: nothing yet
	tail   []workbench.PageInfo // the last pages, one more than the strip has
	strip  []workbench.PageInfo // of them, those in the strip
	follow scan.PageID          // gets the cursor as soon as it is in the strip
	next   string               // label of the next page, as the core says
	label  string               // as somebody has set it; meant only if labelled
	by     bool                 // label was set by hand
	err    error
	slot   slot
	stale  bool // asked again as soon as the answer under way is there

	profiles     []archive.Profile
	profileSlot  slot
	target       target
	run          *run      // at work, nil: idle
	last         *run      // the one before, for trying again
	failure      error     // of it; nil: none
	duplex       duplex    // both sides by hand
	ignored      time.Time // of the last press of the scan key while a run was at work
	now          func() time.Time
	changed      bool // the batch, since the other screens have asked
	pictured     workbench.PageInfo
	shownKey     string // of the picture in the view
	viewErr      error
	viewSlot     slot
	preview      bool // a quick look is shown in place of the sheet
	previewSlot  slot
	comparing    bool // old and new side by side
	compareSlot  slot
	compareViews [2]*parts.PageView

	view     *parts.PageView
	grid     *parts.Grid
	stage    *fyne.Container // what stands in the middle
	caption  *parts.Text
	badges   *fyne.Container
	concern  *parts.Text
	alert    *fyne.Container
	big      *parts.Text // of the counter
	more     *parts.Text
	numbers  *fyne.Container // both, on one line
	count    *fyne.Container // state of the count
	side     sidePanel
	button   *parts.Button
	progress *parts.Text
}

// stripSheets is how many of the last sheets are shown small.
const stripSheets = 6

func newCapture(w *window) *captureScreen {
	s := &captureScreen{w: w, root: container.NewStack(), now: time.Now}
	s.target.id, s.target.name = w.cfg.Prefs.String(prefDevice), w.cfg.Prefs.String(prefDeviceName)
	s.view = parts.NewPageView(w.keys)
	s.view.OnZoom = w.fillStatusSoon
	for i := range s.compareViews {
		s.compareViews[i] = parts.NewPageView(w.keys)
	}
	s.grid = parts.NewGrid(w.keys)
	s.grid.SetFixed(true)
	s.grid.SetTileWidth(96)
	s.grid.Count = func() int { return len(s.strip) }
	s.grid.Tile = s.tile
	s.grid.OnKey = s.pedalKey
	s.grid.OnSelect = func() { s.follow = ""; s.showSheet(); w.touch() }
	s.grid.OnShow = func(int, int) { s.wantThumbs() }
	s.grid.OnOpen = func(int) { w.run(w.reg.byID("capture.compare")) }

	s.big = parts.NewText("", parts.Plain, 22, 120).Bold()
	s.more = parts.NewText("", parts.Muted, 14, 60)
	s.numbers = container.New(counter{}, s.big, s.more)
	s.count = container.NewHBox()
	head := container.New(layout.NewCustomPaddedLayout(6, 6, 14, 14), container.NewBorder(nil, nil, nil, container.NewCenter(s.count), s.numbers))

	s.caption = parts.NewText("", parts.Plain, 13, 100).Bold()
	s.badges = container.New(fitting{gap: 14})
	s.concern = parts.NewText("", parts.Warn, 12, 100)
	s.alert = container.NewStack()
	s.alert.Hide()
	s.stage = container.NewStack(s.view)
	foot := container.New(layout.NewCustomPaddedLayout(4, 4, 12, 12), container.New(layout.NewCustomPaddedVBoxLayout(2), s.caption, s.badges, s.concern))
	stage := container.NewBorder(s.alert, parts.Panel(parts.Top, foot), nil, nil, s.stage)

	s.button = parts.NewButton(w.keys, "", theme.MediaPlayIcon(), s.press)
	s.button.Importance = widget.HighImportance
	s.progress = parts.NewText("", parts.Muted, 12, 80)
	left := s.side.build(s)
	s.body = container.New(captureLayout{}, parts.Panel(parts.Bottom, head), parts.Panel(parts.Right, left), parts.Panel(parts.Left, s.grid), stage)
	s.root.Objects = []fyne.CanvasObject{s.body}
	s.fill()
	return s
}

// captureLayout puts the counter on top, the settings to the left, the strip to the
// right, in two columns where there is room, and the sheet between.
type captureLayout struct{}

// Layout is for Fyne.
func (captureLayout) Layout(o []fyne.CanvasObject, s fyne.Size) {
	head := o[0].MinSize().Height
	side, strip := float32(230), float32(230)
	switch {
	case s.Width < 640:
		side, strip = 206, 122
	case s.Width < 860:
		side, strip = 210, 124
	}
	height := s.Height - head
	o[0].Resize(fyne.NewSize(s.Width-side, head))
	o[0].Move(fyne.NewPos(side, 0))
	o[1].Resize(fyne.NewSize(side, s.Height))
	o[1].Move(fyne.NewPos(0, 0))
	show(o[2], strip > 0)
	o[2].Resize(fyne.NewSize(strip, height))
	o[2].Move(fyne.NewPos(s.Width-strip, head))
	o[3].Resize(fyne.NewSize(s.Width-side-strip, height))
	o[3].Move(fyne.NewPos(side, head))
}

// MinSize is for Fyne.
func (captureLayout) MinSize(o []fyne.CanvasObject) fyne.Size { return fyne.NewSize(420, 230) }

// counter sets a large number and, on the same line of writing, what follows it.
type counter struct{}

// Layout is for Fyne.
func (counter) Layout(o []fyne.CanvasObject, s fyne.Size) {
	big, ok := o[0].(*parts.Text)
	if !ok {
		return
	}
	w := min(fyne.MeasureText(big.String(), 22, fyne.TextStyle{Bold: true}).Width+2, s.Width)
	bh, mh := big.MinSize().Height, o[1].MinSize().Height
	top := (s.Height - bh) / 2
	big.Resize(fyne.NewSize(w, bh))
	big.Move(fyne.NewPos(0, top))
	o[1].Resize(fyne.NewSize(max(s.Width-w-8, 0), mh))
	o[1].Move(fyne.NewPos(w+8, top+bh-mh-4))
}

// MinSize is for Fyne.
func (counter) MinSize(o []fyne.CanvasObject) fyne.Size {
	return fyne.NewSize(140, o[0].MinSize().Height)
}

func (s *captureScreen) id() string                 { return "capture" }
func (s *captureScreen) word() string               { return "Capture" }
func (s *captureScreen) icon() fyne.Resource        { return iconScanner }
func (s *captureScreen) content() fyne.CanvasObject { return s.root }

// reset forgets what belonged to another archive.
func (s *captureScreen) reset() {
	s.slot.drop()
	s.viewSlot.drop()
	s.forgetBatch()
	s.profiles, s.failure, s.last = nil, nil, nil
	s.fill()
}

func (s *captureScreen) forgetBatch() {
	s.of, s.batch, s.tail, s.strip, s.next, s.by, s.err = "", workbench.BatchInfo{}, nil, nil, "", false, nil
	s.duplex = duplex{}
	s.leaveLooks()
	s.pictured, s.shownKey, s.viewErr = workbench.PageInfo{}, "", nil
	s.view.SetPage(nil)
	s.grid.Selected = parts.Selection{}
	s.grid.Refresh()
}

func (s *captureScreen) shown() {
	s.reload()
	s.loadProfiles()
	s.probe(false)
}

func (s *captureScreen) focus() fyne.Focusable {
	if holds(s.root, s.body) {
		return s.grid
	}
	return nil
}

// escape stops a run, then leaves what is open.
func (s *captureScreen) escape() bool {
	switch {
	case s.run != nil:
		s.stop()
	case s.previewSlot.busy || s.preview || s.comparing || s.compareSlot.busy:
		s.leaveLooks()
		s.fill()
	case s.failure != nil:
		s.failure = nil
		s.fill()
	case s.duplex.step != noDuplex:
		s.duplex = duplex{}
		s.w.say("Both sides by hand is off; the pages stay as they are")
		s.fill()
	default:
		return false
	}
	return true
}

// reload asks for the state of the batch.
func (s *captureScreen) reload() {
	core, id := s.w.core, s.w.batch
	if core == nil {
		return
	}
	if s.of != id && s.of != "" && s.run == nil {
		s.slot.drop()
		s.viewSlot.drop()
		s.forgetBatch()
	}
	if s.run != nil {
		id = s.run.batch // another screen may show another one meanwhile
	}
	if id == "" {
		s.build()
		return
	}
	if s.w.current != screen(s) && s.of == "" {
		return // asked when it is first shown
	}
	if s.slot.busy {
		s.stale = true
		return
	}
	type answer struct {
		batch workbench.BatchInfo
		tail  []workbench.PageInfo
		next  string
	}
	s.stale = false
	load(s.w.bridge, &s.slot, func(ctx context.Context) (a answer, err error) {
		if a.batch, err = core.Batch(ctx, string(id)); err != nil {
			return a, err
		}
		if a.tail, err = core.Tail(ctx, id, stripSheets+2); err != nil {
			return a, err
		}
		a.next, err = core.NextLabel(ctx, id)
		return a, err
	}, func(a answer, err error) {
		if cancelled(err) {
			return
		}
		first := s.of != id
		s.of, s.err = id, err
		if err == nil {
			s.batch, s.next = a.batch, a.next
			s.setTail(a.tail, first)
		}
		if first && err == nil {
			s.begun()
		}
		if id, _ := s.device(); id != s.target.asked {
			s.probe(false) // another profile may mean another device
		}
		s.fill()
		if s.stale {
			s.reload()
		}
	})
	s.build()
}

// begun takes up a batch that is shown for the first time: where its profile says
// that both sides are captured by hand, at the step where it was left.
func (s *captureScreen) begun() {
	if p, ok := s.profile(); ok && p.Duplex == "manual" && s.duplex.step == noDuplex {
		s.startDuplex()
	}
}

// setTail puts the last pages into the strip; the cursor stays on its page, or goes
// to the newest where it was on the newest before.
func (s *captureScreen) setTail(tail []workbench.PageInfo, first bool) {
	had, ok := s.sheet()
	newest := first || !ok || s.grid.Selected.Cursor() == len(s.strip)-1
	s.tail = tail
	from := max(len(tail)-stripSheets, 0)
	at := func(id scan.PageID) int {
		return slices.IndexFunc(tail, func(p workbench.PageInfo) bool { return p.ID == id })
	}
	if i := at(s.follow); i >= 0 {
		had, newest = tail[i], false
		from = min(from, i)
	} else if s.follow != "" {
		newest = true
	}
	s.strip = tail[from:min(from+stripSheets, len(tail))]
	cursor := len(s.strip) - 1
	if i := at(had.ID) - from; !newest && i >= 0 && i < len(s.strip) {
		cursor = i
	}
	s.grid.Refresh()
	follow := s.follow
	if cursor >= 0 {
		s.grid.Selected.Choose(cursor)
		s.grid.Reveal(cursor)
	}
	s.follow = follow
	s.grid.Refresh()
	for _, p := range tail { // what was found out meanwhile about the sheet in the view
		if p.ID == s.pictured.ID {
			s.pictured = p
		}
	}
	s.wantThumbs()
	s.showSheet()
}

// sheet is the one under the cursor: the newest, unless somebody has moved.
func (s *captureScreen) sheet() (workbench.PageInfo, bool) {
	i := s.grid.Selected.Cursor()
	if i < 0 || i >= len(s.strip) {
		return workbench.PageInfo{}, false
	}
	return s.strip[i], true
}

func (s *captureScreen) tile(i int) parts.Tile {
	p := s.strip[i]
	return parts.Tile{Image: s.w.thumbs.get(keyOf(p, s.pixels())), Caption: pageName(p), Badge: concernBadge(p), Mark: startWords(p)}
}

// pageName is the number of a page and, where it has one, its label.
func pageName(p workbench.PageInfo) string {
	switch {
	case p.Number == 0:
		return "in the bin"
	case p.Label != "":
		return fmt.Sprintf("%d · %s", p.Number, p.Label)
	}
	return fmt.Sprint(p.Number)
}

func (s *captureScreen) pixels() int {
	return int((s.grid.TileWidth() - 12) * s.w.win.Canvas().Scale())
}

func (s *captureScreen) wantThumbs() {
	if s.w.current != screen(s) {
		return
	}
	var keys []thumbKey
	for _, p := range slices.Backward(s.strip) {
		keys = append(keys, keyOf(p, s.pixels()))
	}
	s.w.thumbs.want(keys)
}

func (s *captureScreen) thumbsReady() {
	if s.w.current == screen(s) {
		s.grid.RefreshTiles()
	}
}

// showSheet loads the large picture of the sheet under the cursor. A feeder is
// faster than pictures are made: the one under way is shown first, then the newest.
func (s *captureScreen) showSheet() {
	core := s.w.core
	p, ok := s.sheet()
	if !ok || core == nil {
		s.pictured, s.shownKey, s.viewErr = workbench.PageInfo{}, "", nil
		s.view.SetPage(nil)
		s.fillSheet()
		return
	}
	key := viewKey(p)
	if key == s.shownKey {
		s.pictured = p
		s.fillSheet()
		return
	}
	if s.viewSlot.busy || s.w.current != screen(s) {
		return
	}
	load(s.w.bridge, &s.viewSlot, func(ctx context.Context) (*parts.Pyramid, error) { return pyramid(ctx, core, p.ID) }, func(page *parts.Pyramid, err error) {
		if cancelled(err) {
			return
		}
		s.pictured, s.shownKey, s.viewErr = p, key, err
		s.view.SetPage(page)
		s.fillSheet()
		s.w.touch()
		s.showSheet()
	})
	if s.shownKey == "" {
		s.fillSheet()
	}
}

// build chooses between the desk, emptiness and error.
func (s *captureScreen) build() {
	w := s.w
	switch {
	case s.err != nil:
		swap(s.root, w.trouble(s.err, s.reload))
	case w.batch == "" && s.run == nil:
		start := parts.NewButton(w.keys, "New batch   B", theme.ContentAddIcon(), func() { w.run(w.reg.byID("capture.batch")) })
		start.Importance = widget.HighImportance
		files := parts.NewButton(w.keys, "Import files   Ctrl+O", theme.DownloadIcon(), func() { w.run(w.reg.byID("import.files")) })
		swap(s.root, parts.Notice(iconScanner, parts.Accent, "What are you going to scan?",
			"A batch is one pile of paper: say what it is and how many sheets it has, and they are counted as they come. Images that exist already are imported.", start, files))
	default:
		if swap(s.root, s.body) && w.current == screen(s) && w.win != nil {
			w.refocus()
		}
	}
}

// fill brings everything on the screen up to date.
func (s *captureScreen) fill() {
	s.build()
	s.fillCount()
	s.fillSide()
	s.fillAlert()
	s.fillStage()
	s.fillSheet()
	s.w.touch()
}

// fillCount shows the counter, which is always in sight.
func (s *captureScreen) fillCount() {
	first, rest, _ := strings.Cut(s.counter(), " · ")
	if s.of == "" {
		first = ""
	}
	s.big.Set(first, parts.Plain)
	if rest != "" {
		rest = "· " + rest
	}
	s.more.Set(rest, parts.Muted)
	b := countState(s.batch)
	s.count.Objects = nil
	if s.of != "" {
		if lapsed(s.batch) {
			b.word += ": the sign-off has lapsed"
		}
		s.count.Objects = []fyne.CanvasObject{badgeLine(b, 14)}
	}
	s.count.Refresh()
	s.numbers.Refresh() // a longer number needs more room: its layout runs again
	if s.body != nil {
		s.body.Refresh()
	}
}

// counter is the count in words.
func (s *captureScreen) counter() string { return countWords(s.batch) }

// countWords is "37 of 120 sheets · 74 sides · 2 blank · 1 not taken".
func countWords(b workbench.BatchInfo) string { return strings.ReplaceAll(b.Short(), ", ", " · ") }

// lapsed tells that somebody has signed for another count than there is now.
func lapsed(b workbench.BatchInfo) bool {
	return b.Signed != nil && (b.State() == workbench.Short || b.State() == workbench.Over)
}

// countState says whether a batch has the sheets that it should.
func countState(b workbench.BatchInfo) badge {
	n := b.Count()
	switch b.State() {
	case workbench.Short:
		word := "not complete"
		if missing := n.Expected - n.Sheets; missing > 0 {
			word = fmt.Sprintf("%d short", missing)
		}
		return badge{theme.WarningIcon(), word, parts.Warn}
	case workbench.Over:
		return badge{theme.WarningIcon(), fmt.Sprintf("%d over", n.Sheets-n.Expected), parts.Warn}
	case workbench.Agreed:
		return badge{theme.ConfirmIcon(), "complete", parts.Good}
	case workbench.SignedOff:
		return badge{theme.ConfirmIcon(), "signed off", parts.Good}
	}
	return badge{theme.QuestionIcon(), "not counted", parts.Muted}
}

// badgeLine shows a badge as icon and word.
func badgeLine(b badge, size float32) fyne.CanvasObject {
	icon := container.New(layout.NewGridWrapLayout(fyne.NewSquareSize(size+3)), widget.NewIcon(b.tone.Tint(b.icon)))
	return container.New(layout.NewCustomPaddedHBoxLayout(4), container.NewCenter(icon), parts.NewText(b.word, b.tone, size, 0))
}

// fillStage shows the sheet, a quick look, or old and new side by side.
func (s *captureScreen) fillStage() {
	switch {
	case s.comparing:
		left := container.NewBorder(middle(parts.NewText("   Before", parts.Muted, 12, 60)), nil, nil, nil, s.compareViews[1])
		right := container.NewBorder(middle(parts.NewText("   Now", parts.Muted, 12, 60)), nil, nil, nil, s.compareViews[0])
		s.stage.Objects = []fyne.CanvasObject{container.NewGridWithColumns(2, left, right)}
	case s.preview:
		s.stage.Objects = []fyne.CanvasObject{s.view}
	case len(s.strip) == 0 && s.of != "":
		head, words := "Ready for the first sheet", "Put the paper in, then press Space. Every sheet that you see here is safe on the disk."
		if id, _ := s.device(); id == "" {
			head, words = "What scans it?", "Choose a device with T, watch a folder that a camera fills with W, or import files with Ctrl+O."
		}
		s.stage.Objects = []fyne.CanvasObject{s.view, parts.Notice(iconScanner, parts.Accent, head, words)}
	case s.viewErr != nil:
		x := s.w.cfg.Explain(s.viewErr)
		s.stage.Objects = []fyne.CanvasObject{s.view, parts.Notice(theme.WarningIcon(), parts.Warn, x.Title, x.Remedy)}
	default:
		s.stage.Objects = []fyne.CanvasObject{s.view}
	}
	s.stage.Refresh()
}

// fillSheet describes the sheet in the view.
func (s *captureScreen) fillSheet() {
	p := s.pictured
	if chosen, ok := s.sheet(); ok && p.ID == "" {
		p = chosen
	}
	s.badges.Objects = nil
	switch {
	case s.previewSlot.busy:
		s.caption.Set("A quick look is on its way; nothing is kept. Esc leaves it.", parts.Accent)
		s.concern.Set("", parts.Muted)
	case s.preview:
		s.caption.Set("A quick look: nothing of it is kept. Space scans, Esc leaves it.", parts.Accent)
		s.concern.Set("", parts.Muted)
	case p.ID == "":
		s.caption.Set("", parts.Plain)
		s.concern.Set("", parts.Muted)
	default:
		s.caption.Set(sheetCaption(p), parts.Plain)
		for _, b := range sheetBadges(p) {
			s.badges.Objects = append(s.badges.Objects, badgeLine(b, 12))
		}
		words, tone := "", parts.Warn
		for _, c := range p.Concerns {
			words += c.Words + " "
		}
		switch {
		case words != "" && p.Reviewed != "":
			words, tone = "Accepted: "+p.Reviewed, parts.Muted
		case words != "":
			words = strings.TrimSpace(words) + " A accepts it."
		}
		s.concern.Set(words, tone)
	}
	s.badges.Refresh()
	if (s.viewErr != nil) != (len(s.stage.Objects) > 1) {
		s.fillStage()
	}
}

// sheetCaption names a sheet and how it was made.
func sheetCaption(p workbench.PageInfo) string {
	words := []string{"Page " + fmt.Sprint(p.Number)}
	if p.Label != "" {
		words = append(words, p.Label)
	}
	if c := p.Origin.Capture; c != nil && c.Side != "" {
		words = append(words, string(c.Side))
	}
	if p.Replaces != "" {
		words = append(words, "scanned again")
	}
	if p.Pixels.X > 0 {
		words = append(words, fmt.Sprintf("%d × %d px", p.Pixels.X, p.Pixels.Y))
	}
	if p.DPI > 0 {
		words = append(words, fmt.Sprintf("%.0f dpi", p.DPI))
	}
	return strings.Join(words, " · ")
}
