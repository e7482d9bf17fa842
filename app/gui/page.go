package gui

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"

	"recto/app/gui/parts"
	"recto/app/workbench"
	"recto/scan"
)

// pageScreen is F6: one page large, its words in boxes, its text beside it.
type pageScreen struct {
	back func() // where Esc leads, where that is not Arrange or Catalogue
	w    *window
	root *fyne.Container
	body fyne.CanvasObject

	name  string // of the batch or document
	pages []workbench.PageInfo
	at    int
	terms []string // folded words that a search found
	shownText
	err   error // of the picture
	boxes bool
	correcting

	view     *parts.PageView
	text     *parts.TextPane
	head     *parts.Text
	note     *parts.Text
	about    *parts.Text     // the word under the cursor
	message  *fyne.Container // over the picture
	viewSlot slot
	textSlot slot
	ahead    slot // of neighbours
	listSlot slot
	cache    pageCache
	shownKey string // of the picture that is in the view
}

func newPage(w *window) *pageScreen {
	s := &pageScreen{w: w, root: container.NewStack(), boxes: true}
	s.view = parts.NewPageView(w.keys)
	s.view.OnZoom = w.fillStatusSoon
	s.view.OnTap = s.tapped
	s.view.OnBox = s.boxed
	s.text = parts.NewTextPane(w.keys)
	s.text.OnCursor = func(i int) { s.takeEdit(); s.inText = true; s.cursorAt(i, true); w.touch() }
	s.text.OnOpen = func(int) { w.run(w.reg.byID("text.edit")) }
	s.head = parts.NewText("", parts.Plain, 14, 200).Bold()
	s.note = parts.NewText("", parts.Muted, 12, 150)
	s.message = container.NewStack()
	s.about = parts.NewText("", parts.Plain, 12, 150)
	notes := container.New(layout.NewCustomPaddedVBoxLayout(3), s.note, s.about)
	right := container.NewBorder(container.New(layout.NewCustomPaddedLayout(6, 6, 12, 12), notes), nil, nil, nil, s.text)
	s.body = container.NewBorder(container.New(layout.NewCustomPaddedLayout(6, 6, 12, 12), s.head), nil, nil, nil,
		split(container.NewStack(s.view, s.message), right, 0.66))
	s.build()
	return s
}

// fillStatusSoon shows a new scale; it is called while the view is painted.
func (w *window) fillStatusSoon() {
	w.bridge.later(0, func() {
		if w.core != nil {
			w.touch()
		}
	})
}

func (s *pageScreen) id() string                 { return "page" }
func (s *pageScreen) word() string               { return "Page" }
func (s *pageScreen) icon() fyne.Resource        { return theme.FileTextIcon() }
func (s *pageScreen) content() fyne.CanvasObject { return s.root }
func (s *pageScreen) shown()                     { s.noUndo, s.noRedo = false, false; s.reload() }

func (s *pageScreen) focus() fyne.Focusable {
	switch {
	case !holds(s.root, s.body):
		return nil
	case s.entry != nil:
		return s.entry
	case s.inText && !s.view.Drawing():
		return s.text
	}
	return s.view
}

func (s *pageScreen) escape() bool {
	if s.leaveMode() {
		return true
	}
	if back := s.back; back != nil {
		s.back = nil
		back()
		return true
	}
	if len(s.terms) > 0 {
		s.w.show(s.w.catalogue)
		return true
	}
	s.w.toArrange()
	return true
}

func (s *pageScreen) dump(d *state) {
	d.Count, d.Cursor, d.Busy = len(s.pages), s.at, d.Busy || s.viewSlot.busy || s.textSlot.busy || len(s.waiting) > 0
	if p, ok := s.page(); ok {
		d.Page, d.Number = string(p.ID), p.Number
	}
	d.Zoom, d.Boxes, d.Words, d.Word, d.Lit = s.view.Percent(), s.boxes, len(s.words), s.text.Cursor(), len(s.found)
	d.Doubtful, d.Corrected, d.Editing, d.Drawing, d.Raw = s.counts.doubtful, s.counts.corrected, s.entry != nil, s.view.Drawing(), s.raw
	if s.err != nil {
		d.Error = s.err.Error()
	}
}

func (s *pageScreen) commands() []*command {
	some := func() bool { return len(s.pages) > 0 }
	image := func() bool { return s.view.Page() != nil }
	words := func() bool { return len(s.words) > 0 }
	list := []*command{
		{id: "page.previous", title: "Previous page", word: "Previous", keys: []string{"PgUp"}, icon: theme.NavigateBackIcon(), enabled: func() bool { return s.at > 0 }, run: func() { s.goTo(s.at - 1) }},
		{id: "page.next", title: "Next page", word: "Next", keys: []string{"PgDn", "Space"}, icon: theme.NavigateNextIcon(), enabled: func() bool { return s.at+1 < len(s.pages) }, run: func() { s.goTo(s.at + 1) }},
		{id: "page.first", title: "First page", keys: []string{"Home"}, enabled: func() bool { return s.at > 0 }, run: func() { s.goTo(0) }},
		{id: "page.last", title: "Last page", keys: []string{"End"}, enabled: func() bool { return s.at+1 < len(s.pages) }, run: func() { s.goTo(len(s.pages) - 1) }},
		{id: "page.fit", title: "Whole page", word: "Fit", keys: []string{"F", "0"}, icon: theme.ZoomFitIcon(), enabled: image, run: func() { s.view.Fit(parts.FitPage) }},
		{id: "page.width", title: "Whole width", word: "Width", keys: []string{"W"}, icon: iconWidth, enabled: image, run: func() { s.view.Fit(parts.FitWidth) }},
		{id: "page.full-size", title: "Full size, 100 %", word: "100 %", keys: []string{"1", "Z"}, icon: theme.ViewFullScreenIcon(), enabled: image, run: s.fullSize},
		{id: "page.zoom-in", title: "Zoom in", word: "Larger", keys: []string{"+", "="}, icon: theme.ZoomInIcon(), enabled: image, run: func() { s.view.ZoomBy(1.25) }},
		{id: "page.zoom-out", title: "Zoom out", word: "Smaller", keys: []string{"-"}, icon: theme.ZoomOutIcon(), enabled: image, run: func() { s.view.ZoomBy(1 / 1.25) }},
		{id: "page.boxes", title: "Show or hide the word boxes", word: "Boxes", keys: []string{"O"}, icon: theme.VisibilityIcon(), enabled: words, run: func() { s.boxes = !s.boxes; s.paint() }},
		{id: "page.hit-next", title: "Next word found on this page", word: "Next hit", keys: []string{"N"}, enabled: func() bool { return len(s.found) > 0 }, run: s.nextHit},
		{id: "page.copy", title: "Copy the page's text", keys: []string{"Ctrl+C"}, enabled: words, run: s.copy},
		{id: "page.arrange", title: "Show the page in Arrange", keys: []string{"A"}, enabled: some, run: s.arrange},
	}
	for _, c := range list {
		c.scope, c.menu = "page", "View"
	}
	return append(s.textCommands(), list...)
}

// page is the one that is shown.
func (s *pageScreen) page() (workbench.PageInfo, bool) {
	if s.at < 0 || s.at >= len(s.pages) {
		return workbench.PageInfo{}, false
	}
	return s.pages[s.at], true
}

// openPages shows page at of a list; terms are lit on it.
func (s *pageScreen) openPages(name string, pages []workbench.PageInfo, at int, terms []string) {
	s.takeEdit()
	s.name, s.pages, s.terms, s.back = name, slices.Clone(pages), terms, nil
	s.noUndo, s.noRedo = false, false
	s.at = at
	s.build()
	s.w.show(s)
	s.goTo(at)
}

// goTo shows another page of the list.
func (s *pageScreen) goTo(at int) {
	s.takeEdit()
	s.leaveMode()
	s.at = min(max(at, 0), len(s.pages)-1)
	s.view.Marks = nil
	s.forgetText()
	s.show()
}

// reload looks again at the page, as its text or its turn may have changed; with
// nothing to show yet it takes the batch that Arrange has.
func (s *pageScreen) reload() {
	core := s.w.core
	if core == nil || s.w.current != screen(s) {
		s.forgetIfGone()
		return
	}
	if len(s.waiting) > 0 {
		s.stale = true // looked at when all that was done is in the archive
		return
	}
	p, ok := s.page()
	batch := s.w.batch
	if ok {
		batch = p.Batch
	}
	if batch == "" {
		s.build()
		return
	}
	load(s.w.bridge, &s.listSlot, func(ctx context.Context) ([]workbench.PageInfo, error) { return core.Pages(ctx, batch, false) }, func(pages []workbench.PageInfo, err error) {
		if err != nil || len(pages) == 0 {
			if err != nil && !cancelled(err) {
				s.err = err
			}
			s.build()
			return
		}
		if !ok {
			if b, known := s.w.arrange.info(); known {
				s.name = title(b)
			}
			s.pages = pages
			s.goTo(0)
			return
		}
		fresh := map[scan.PageID]workbench.PageInfo{}
		for _, f := range pages {
			fresh[f.ID] = f
		}
		for i, old := range s.pages {
			if f, ok := fresh[old.ID]; ok {
				s.pages[i] = f
			}
		}
		if now, ok := s.page(); ok && (viewKey(now) != s.shownKey || now.Text != p.Text || now.State != p.State) {
			s.show()
		}
		s.w.touch()
	})
}

// forgetIfGone drops pages of an archive that is no longer open.
func (s *pageScreen) forgetIfGone() {
	if s.w.core == nil || s.w.batch == "" {
		s.pages, s.at, s.terms = nil, 0, nil
		s.cache = pageCache{}
		s.shownKey = ""
		s.view.SetPage(nil)
		s.forgetText()
		s.waiting, s.entry = nil, nil
		s.view.Undraw()
		s.build()
	}
}

// viewKey names a page as it is turned now.
func viewKey(p workbench.PageInfo) string {
	k := keyOf(p, 0)
	return string(k.page) + k.turn
}

// show loads picture and text of the present page, then its neighbours.
func (s *pageScreen) show() {
	core := s.w.core
	p, ok := s.page()
	if !ok || core == nil {
		s.build()
		return
	}
	s.err = nil
	key := viewKey(p)
	if page := s.cache.get(key); page != nil {
		s.viewSlot.drop()
		s.setPage(key, page)
		s.prefetch()
	} else {
		load(s.w.bridge, &s.viewSlot, func(ctx context.Context) (*parts.Pyramid, error) { return pyramid(ctx, core, p.ID) }, func(page *parts.Pyramid, err error) {
			if cancelled(err) {
				return
			}
			if s.err = err; err == nil {
				s.cache.put(key, page)
				s.setPage(key, page)
			} else {
				s.setPage("", nil)
			}
			s.build()
			s.prefetch()
			s.w.touch()
		})
	}
	s.loadText()
	s.build()
	s.w.touch()
}

func (s *pageScreen) setPage(key string, page *parts.Pyramid) {
	s.shownKey = key
	s.view.SetPage(page)
	s.paint()
}

func pyramid(ctx context.Context, core Core, id scan.PageID) (*parts.Pyramid, error) {
	img, err := core.View(ctx, id)
	if err != nil {
		return nil, err
	}
	return parts.NewPyramid(img), nil
}

// prefetch loads the next page and the one before, one after the other, while the
// user looks at this one.
func (s *pageScreen) prefetch() {
	core := s.w.core
	for _, i := range []int{s.at + 1, s.at - 1} {
		if i < 0 || i >= len(s.pages) {
			continue
		}
		p := s.pages[i]
		key := viewKey(p)
		if p.State == scan.Failed || s.cache.get(key) != nil {
			continue
		}
		load(s.w.bridge, &s.ahead, func(ctx context.Context) (*parts.Pyramid, error) { return pyramid(ctx, core, p.ID) }, func(page *parts.Pyramid, err error) {
			if err == nil {
				s.cache.put(key, page)
				s.prefetch()
			}
		})
		return
	}
}

// pageCache keeps the last few pictures within a budget.
type pageCache struct {
	keys  []string // oldest first
	pages map[string]*parts.Pyramid
	bytes int
}

const pageBudget = 320 << 20 // bytes; an A4 page at 600 dpi in colour is 180 MB

func (c *pageCache) get(key string) *parts.Pyramid {
	p := c.pages[key]
	if p != nil {
		c.keys = append(slices.DeleteFunc(c.keys, func(k string) bool { return k == key }), key)
	}
	return p
}

func (c *pageCache) put(key string, p *parts.Pyramid) {
	if c.pages == nil {
		c.pages = map[string]*parts.Pyramid{}
	}
	if c.pages[key] == nil {
		c.keys = append(c.keys, key)
		c.bytes += p.Bytes()
	}
	c.pages[key] = p
	for c.bytes > pageBudget && len(c.keys) > 1 {
		c.bytes -= c.pages[c.keys[0]].Bytes()
		delete(c.pages, c.keys[0])
		c.keys = c.keys[1:]
	}
}

func (s *pageScreen) build() {
	w := s.w
	p, ok := s.page()
	if !ok {
		b := parts.NewButton(w.keys, "Batches   F2", theme.ListIcon(), func() { w.run(w.reg.byID("go.batches")) })
		if s.err != nil {
			swap(s.root, w.trouble(s.err, s.reload))
			return
		}
		swap(s.root, parts.Notice(theme.FileTextIcon(), parts.Accent, "No page to show", "Open one with Enter from Arrange (F4) or from a search (F8).", b))
		return
	}
	words := fmt.Sprintf("Page %d of %d", s.at+1, len(s.pages)) // first: a long title is cut at its end
	if b := pageBadge(p); b.Word != "" {
		words += " · " + b.Word
	}
	if q := p.Recipe.Quarter(); q != 0 {
		words += fmt.Sprintf(" · turned by %d°", q)
	}
	if d := p.Recipe.Skew(); d != 0 {
		words += fmt.Sprintf(" · straightened by %.2f°", d)
	}
	if s.name != "" {
		words += " · " + s.name
	}
	if s.view.Drawing() {
		s.head.Set(s.drawSays+": drag, or arrows, Shift with arrows and Enter; Esc leaves", parts.Accent)
	} else {
		s.head.Set(words, parts.Plain)
	}
	switch {
	case s.err != nil:
		swap(s.message, w.trouble(s.err, s.show))
	case s.viewSlot.busy && !strings.HasPrefix(s.shownKey, string(p.ID)): // over the picture of another page
		swap(s.message, parts.Panel(parts.Right, parts.Notice(theme.FileImageIcon(), parts.Muted, "Loading the page", "")))
	default:
		s.message.Objects = nil
		s.message.Refresh()
	}
	if swap(s.root, s.body) && w.current == screen(s) {
		w.refocus()
	}
}

func (s *pageScreen) nextHit() {
	for _, i := range s.found {
		if i > s.text.Cursor() {
			s.cursorTo(i)
			return
		}
	}
	s.cursorTo(s.found[0])
}

// fullSize goes to 100 % and back.
func (s *pageScreen) fullSize() {
	if s.view.Percent() == 100 {
		s.view.Fit(parts.FitPage)
		return
	}
	s.view.ZoomTo(1)
	if i := s.text.Cursor(); i >= 0 && i < len(s.words) {
		s.view.Reveal(s.words[i].Box)
	}
}

func (s *pageScreen) arrange() {
	p, ok := s.page()
	if !ok {
		return
	}
	a := s.w.arrange
	s.w.batch = p.Batch
	a.binned = false
	s.w.show(a)
	a.of = p.Batch
	a.reloadKeeping([]scan.PageID{p.ID})
}
