package gui

import (
	"context"
	"fmt"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"

	"recto/app/gui/parts"
	"recto/app/workbench"
	"recto/scan"
)

// accept asks why the chosen sheet is good as it is.
func (s *captureScreen) accept() {
	p, ok := s.sheet()
	if !ok {
		return
	}
	s.w.acceptPages([]workbench.PageInfo{p}, func() { s.changed = true; s.reload() })
}

// acceptPages settles the concerns about pages, or takes that back.
func (w *window) acceptPages(pages []workbench.PageInfo, then func()) {
	var ids []scan.PageID
	var words []string
	settled := true
	for _, p := range pages {
		if len(p.Concerns) == 0 {
			continue
		}
		ids = append(ids, p.ID)
		settled = settled && p.Reviewed != ""
		for _, c := range p.Concerns {
			words = append(words, c.Words)
		}
	}
	if len(ids) == 0 {
		w.say("Nothing is odd about %s", plural(len(pages), "it", "them"))
		return
	}
	record := func(reason string) {
		core := w.core
		act(w.bridge, func(ctx context.Context) error { return core.AcceptPages(ctx, ids, reason) }, func(err error) {
			switch {
			case err != nil:
				w.fail("Accept", err)
			case reason == "":
				w.say("%s to be looked at again", count(len(ids), "page is", "pages are"))
			default:
				w.say("%s accepted: %s", count(len(ids), "page", "pages"), reason)
			}
			then()
		})
	}
	if settled {
		w.ask("unaccept", "Look at "+plural(len(ids), "it", "them")+" again?", plural(len(ids), "It was", "They were")+" accepted because: "+pages[0].Reviewed, "Take that back", func() { record("") })
		return
	}
	if len(words) > 3 {
		words = append(words[:3], fmt.Sprintf("and %d more", len(words)-3))
	}
	w.askText("accept", "Accept "+count(len(ids), "page as it is", "pages as they are"), strings.Join(words, " ")+" Why is that right all the same?",
		"The original is like that", "The original is like that", "Accept", false, record)
}

// review lists the pages of a batch that somebody should look at.
func (w *window) review(b workbench.BatchInfo) {
	var rows []workbench.PageInfo
	var asked slot
	t := parts.NewTable(w.keys, 44, parts.Column{Title: "Page", Width: 120}, parts.Column{Title: "Suspected", Width: 170}, parts.Column{Title: "Why", Width: 150, Flex: 1})
	t.Multiple = true
	t.Telling = true
	t.Count = func() int { return len(rows) }
	t.Row = func(i int) []parts.Cell {
		p := rows[i]
		badge := concernBadge(p)
		var words []string
		for _, c := range p.Concerns {
			words = append(words, c.Words)
		}
		if p.Binned {
			words = append(words, "It is in the bin as a separator; S in Arrange names the unit that it began.")
		}
		why := parts.Cell{Text: words[0], Sub: strings.Join(words[1:], " ")}
		return []parts.Cell{{Text: pageName(p), Bold: true}, {Icon: badge.Icon, Text: badge.Word, Tone: badge.Tone}, why}
	}
	root := container.NewStack(parts.Notice(theme.SearchIcon(), parts.Muted, "Looking through the batch", ""))
	m := &modal{id: "review", title: "To look at in " + b.Name}
	var reload func()
	chosen := func() (out []workbench.PageInfo) {
		for _, i := range t.Selected.Chosen() {
			if i < len(rows) {
				out = append(out, rows[i])
			}
		}
		return out
	}
	open := func() {
		if i := t.Current(); i >= 0 && i < len(rows) {
			from := w.current
			w.shut(m)
			w.page.openPages(title(b), rows, i, nil)
			w.page.back = func() { // to what is left to look at
				w.show(from)
				w.review(b)
			}
		}
	}
	accept := func() {
		if w.looking {
			w.say("Accept: not while the archive is only looked at")
		} else if pages := chosen(); len(pages) > 0 {
			w.acceptPages(pages, func() {
				w.capture.changed = true
				reload()
				w.capture.reload()
			})
		}
	}
	m.key = func(chord string) bool {
		switch chord {
		case "A":
			accept()
		case "Ctrl+A":
			t.Selected.All(len(rows))
			t.Refresh()
		default:
			return false
		}
		return true
	}
	t.OnOpen = func(int) { open() }
	m.enter = open
	m.closed = func() { asked.drop() }
	core := w.core
	reload = func() {
		at := max(t.Current(), 0)
		load(w.bridge, &asked, func(ctx context.Context) ([]workbench.PageInfo, error) { return core.Review(ctx, b.ID) }, func(pages []workbench.PageInfo, err error) {
			rows = pages
			switch {
			case err != nil:
				swap(root, w.trouble(err, reload))
			case len(pages) == 0:
				swap(root, parts.Notice(theme.ConfirmIcon(), parts.Good, "Nothing to look at", "No page of this batch is suspected of anything that nobody has settled."))
			default:
				swap(root, t)
				t.Refresh()
				t.Select(min(at, len(pages)-1))
				if w.top() == m {
					w.win.Canvas().Focus(t)
				}
			}
			w.touch()
		})
	}
	w.open(m, root, fyne.NewSize(820, 480), nil, choice{"Open the page", open}, choice{"Accept   A", accept}, choice{"Close", func() { w.shut(m) }})
	reload()
}
