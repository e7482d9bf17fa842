package gui

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"

	"recto/app/gui/parts"
	"recto/app/workbench"
)

// catalogueScreen is F8: search in all text as you type.
type catalogueScreen struct {
	w    *window
	root *fyne.Container

	query  *parts.Entry
	table  *parts.Table
	inside *fyne.Container
	sum    *parts.Text

	hits  []workbench.Hit
	total int
	limit int    // hits asked for last
	asked string // the query that hits answer
	err   error
	typed int // changes of the query: only the last one is asked
	slot  slot
	open  slot
}

const (
	debounce   = 180 * time.Millisecond
	hitsAtOnce = 200
	hitThumb   = 44
)

func newCatalogue(w *window) *catalogueScreen {
	s := &catalogueScreen{w: w, root: container.NewStack(), inside: container.NewStack()}
	s.query = parts.NewEntry(w.keys, "Search the text of all pages: words, \"a phrase\", begin*")
	s.query.OnChanged = func(string) { s.changed() }
	s.query.OnSubmitted = func(string) { s.openHit() }
	s.query.OnKey = func(k fyne.KeyName) bool {
		switch k {
		case fyne.KeyDown, fyne.KeyUp, fyne.KeyPageDown, fyne.KeyPageUp:
			return s.table.Step(k)
		case fyne.KeyEscape:
			return s.escape()
		}
		return false
	}
	s.table = parts.NewTable(w.keys, 58, parts.Column{Title: "", Width: 66}, parts.Column{Title: "Document and text", Flex: 1}, parts.Column{Title: "Page", Width: 90, Right: true})
	s.table.Count = func() int { return len(s.hits) }
	s.table.Row = s.row
	s.table.OnSelect = w.touch
	s.table.OnOpen = func(int) { s.openHit() }
	s.table.OnShow = func(first, end int) { s.wantThumbs(); s.wantMore(2*end - first) }
	s.sum = parts.NewText("", parts.Muted, 12, 200)
	head := container.NewVBox(s.query, container.New(layout.NewCustomPaddedLayout(2, 2, 8, 8), s.sum))
	s.root.Objects = []fyne.CanvasObject{container.NewBorder(container.New(layout.NewCustomPaddedLayout(10, 4, 12, 12), head), nil, nil, nil, s.inside)}
	s.build()
	return s
}

func (s *catalogueScreen) id() string                 { return "catalogue" }
func (s *catalogueScreen) word() string               { return "Catalogue" }
func (s *catalogueScreen) icon() fyne.Resource        { return theme.SearchIcon() }
func (s *catalogueScreen) content() fyne.CanvasObject { return s.root }
func (s *catalogueScreen) shown()                     { s.reload() }
func (s *catalogueScreen) focus() fyne.Focusable      { return s.query }

func (s *catalogueScreen) focusQuery() {
	s.w.win.Canvas().Focus(s.query)
	s.query.TypedShortcut(&fyne.ShortcutSelectAll{})
}

func (s *catalogueScreen) escape() bool {
	if s.query.Text == "" {
		return false
	}
	s.query.SetText("")
	s.w.refocus()
	return true
}

func (s *catalogueScreen) dump(d *state) {
	d.Count, d.Cursor, d.Busy = len(s.hits), s.table.Current(), d.Busy || s.slot.busy || s.asked != s.query.Text || s.open.busy
	d.Query, d.Total = s.query.Text, s.total
	if s.err != nil {
		d.Error = s.err.Error()
	}
}

func (s *catalogueScreen) commands() []*command {
	some := func() bool { return len(s.hits) > 0 }
	list := []*command{
		{id: "catalogue.open", title: "Open the page that was found", word: "Open", keys: []string{"Enter"}, icon: theme.FolderOpenIcon(), enabled: some, run: s.openHit},
		{id: "catalogue.query", title: "Type another search", word: "Search", keys: []string{"/"}, icon: theme.SearchIcon(), run: s.focusQuery},
	}
	for _, c := range list {
		c.scope, c.menu = "catalogue", "Go"
	}
	return list
}

// changed asks once the typing pauses.
func (s *catalogueScreen) changed() {
	s.typed++
	mine := s.typed
	s.w.bridge.later(debounce, func() {
		if mine == s.typed {
			s.ask()
		}
	})
	s.w.touch()
}

func (s *catalogueScreen) reload() {
	if s.w.current == screen(s) && s.query.Text != "" {
		s.ask()
	}
}

// wantMore asks for the next hits where row end comes after the last one. They come
// with those that are there, in one answer: counted on from the last row, some
// would be missed and some told twice if pages were read or binned in between.
func (s *catalogueScreen) wantMore(end int) {
	if end <= len(s.hits) || len(s.hits) >= s.total || len(s.hits) < s.limit || s.asked != s.query.Text {
		return
	}
	s.limit += hitsAtOnce
	s.ask()
	s.build()
}

// ask shows the best hits of what the query says now: those of a new one from the
// first, of the same one as many as were wanted last.
func (s *catalogueScreen) ask() {
	core, query := s.w.core, s.query.Text
	if core == nil {
		return
	}
	if query != s.asked {
		s.limit = hitsAtOnce
	}
	limit := s.limit
	if strings.TrimSpace(query) == "" {
		s.slot.drop()
		s.hits, s.total, s.err, s.asked = nil, 0, nil, query
		s.build()
		s.w.touch()
		return
	}
	type answer struct {
		total int
		hits  []workbench.Hit
	}
	load(s.w.bridge, &s.slot, func(ctx context.Context) (answer, error) {
		n, hits, err := core.SearchTyping(ctx, query, limit)
		return answer{n, hits}, err
	}, func(a answer, err error) {
		if cancelled(err) {
			return
		}
		again := query == s.asked
		s.total, s.hits, s.err, s.asked = a.total, a.hits, err, query
		if !again { // first of all: an end in sight asks for more
			s.table.Selected.Choose(0)
			s.table.Reveal(0)
		}
		s.build()
		s.table.Refresh()
		s.wantThumbs()
		s.w.touch()
	})
}

func (s *catalogueScreen) build() {
	w := s.w
	s.sum.Set("", parts.Muted)
	switch {
	case s.err != nil:
		swap(s.inside, w.trouble(s.err, s.ask))
	case strings.TrimSpace(s.asked) == "":
		swap(s.inside, parts.Notice(theme.SearchIcon(), parts.Accent, "Search all pages",
			"Type a word. Case and accents do not matter; several words must all be on the page; \"in quotes\" a phrase; begin* what begins so."))
	case len(s.hits) == 0:
		swap(s.inside, parts.Notice(theme.SearchIcon(), parts.Muted, "Nothing found for “"+s.asked+"”",
			"Fewer or shorter words find more; a star at the end (harb*) finds all that begins so. Pages that have not been read yet (F2) are not searched."))
	default:
		words := grouped(s.total) + plural(s.total, " page", " pages") + " found"
		switch more := s.total > len(s.hits); {
		case more && s.slot.busy:
			words = fmt.Sprintf("1–%s of %s, loading more", grouped(len(s.hits)), words)
		case more:
			words = fmt.Sprintf("1–%s of %s, the best first; scroll on for more", grouped(len(s.hits)), words)
		}
		s.sum.Set(words+" · Enter opens, arrows choose", parts.Muted)
		swap(s.inside, s.table)
	}
}

// grouped writes a number with a comma for each thousand.
func grouped(n int) string {
	digits := strconv.Itoa(n)
	for at := len(digits) - 3; at > 0; at -= 3 {
		digits = digits[:at] + "," + digits[at:]
	}
	return digits
}

func (s *catalogueScreen) row(i int) []parts.Cell {
	h := s.hits[i]
	cell := parts.Cell{Image: s.w.thumbs.get(s.thumbKey(h))}
	name := h.Title
	if name == "" {
		name = "Page without document"
	}
	return []parts.Cell{cell, {Text: name, Bold: true, Sub: h.Snippet, Marks: h.Marks}, {Text: fmt.Sprintf("page %d", h.Number), Tone: parts.Muted}}
}

func (s *catalogueScreen) thumbKey(h workbench.Hit) thumbKey {
	return thumbKey{page: h.Page, turn: "hit", width: int(hitThumb * s.w.win.Canvas().Scale())}
}

// wantThumbs asks for the pictures of the rows in sight and some after them.
func (s *catalogueScreen) wantThumbs() {
	if s.w.current != screen(s) {
		return
	}
	first, end := s.table.Shown()
	var keys []thumbKey
	for i := first; i < min(end+10, len(s.hits)); i++ {
		keys = append(keys, s.thumbKey(s.hits[i]))
	}
	s.w.thumbs.want(keys)
}

// reset forgets what was found in another archive.
func (s *catalogueScreen) reset() {
	s.slot.drop()
	s.open.drop()
	s.query.SetText("")
	s.hits, s.total, s.err, s.asked = nil, 0, nil, ""
	s.build()
}

func (s *catalogueScreen) thumbsReady() {
	if s.w.current == screen(s) {
		s.table.Refresh()
	}
}

// openHit shows the page with what was found lit on it, among the pages of its
// document, whose numbers the hits bear; without one among those of its batch.
func (s *catalogueScreen) openHit() {
	w, core := s.w, s.w.core
	i := s.table.Current()
	if i < 0 || i >= len(s.hits) || core == nil {
		return
	}
	h := s.hits[i]
	ask := func(ctx context.Context) ([]workbench.PageInfo, error) {
		if h.Document != "" {
			return core.DocumentPages(ctx, h.Document)
		}
		return core.Pages(ctx, h.Batch, false)
	}
	load(w.bridge, &s.open, ask, func(pages []workbench.PageInfo, err error) {
		if err != nil {
			w.fail("Open the page", err)
			return
		}
		at := slices.IndexFunc(pages, func(p workbench.PageInfo) bool { return p.ID == h.Page })
		if at < 0 {
			w.say("That page is in the bin now")
			return
		}
		w.batch = h.Batch
		w.page.openPages(h.Title, pages, at, h.Terms)
	})
}
