package gui

import (
	"context"
	"fmt"
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"recto/app/gui/parts"
	"recto/app/workbench"
	"recto/scan"
)

// preparer is the dialog that sets by hand how pages are prepared and read, and shows
// what comes of it before it is set.
type preparer struct {
	w     *window
	pages []workbench.PageInfo // at least one
	list  []workbench.PageInfo // that another page can be found in by its number
	done  func()               // shows the pages as they are then

	narrow bool // there is room for the fields or for the picture
	low    bool // each line of words is taken from the picture
	form   *form
	first  fyne.Focusable
	fields []*preparedField
	like   *parts.Entry
	again  *parts.Check
	note   *parts.Text
	over   *parts.Text // what the column of findings is about
	look   *preparedPicture
	scroll fyne.CanvasObject // of the fields
	panes  *fyne.Container
	m      *modal
	busy   bool // what was asked for is being set
}

const (
	autoWord  = "auto"        // left to the workers
	asTheyAre = "as they are" // of several pages
)

// prepare asks how pages are to be prepared, and sets it. done shows them as they are then.
func (w *window) prepare(pages, list []workbench.PageInfo, done func()) {
	if len(pages) == 0 {
		return
	}
	p := &preparer{w: w, pages: pages, list: list, done: done, form: w.newForm()}
	w.preparer = p
	title := "Prepare " + count(len(pages), "page", "pages")
	if len(pages) == 1 {
		title = "Prepare page " + pageName(pages[0])
	}
	p.again = parts.NewCheck(w.keys, "Read again at once", nil)
	p.again.SetChecked(true)
	area := w.win.Canvas().Size()
	p.narrow, p.low = area.Width < narrowCanvas, area.Height < lowCanvas
	p.build()
	p.note = parts.NewText("", parts.Muted, 12, 200)
	p.calm()
	p.look = newPreparedPicture(p)
	p.m = &modal{id: "prepare", title: title, key: p.key, closed: func() { p.look.close() }, beside: p.again}
	if p.narrow {
		p.m.corner = p.look.swap
	}
	p.scroll = p.form.scroll()
	p.panes = container.New(&fieldsAndPicture{narrow: p.narrow}, p.scroll, p.look.content)
	body := container.NewBorder(nil, p.note, nil, nil, p.panes)
	w.open(p.m, body, fyne.NewSize(1500, 1100), p.first, choice{"Set it", p.set}, choice{"Reset all", p.reset}, choice{"Cancel", func() { w.shut(p.m) }})
	p.refresh()
	p.look.ask(0)
}

// key is a key that no field has used.
func (p *preparer) key(chord string) bool { return p.look.key(chord) }

// one is the page where there is but one.
func (p *preparer) one() (workbench.PageInfo, bool) { return p.pages[0], len(p.pages) == 1 }

func (p *preparer) likeHint() string {
	n := p.pages[0].Number - 1
	if n < 1 {
		n = 2
	}
	return fmt.Sprintf("its number, say %d: takes over all that is set", n)
}

// calm is what the dialog says while nothing is wrong.
func (p *preparer) calm() {
	if p.low && p.look != nil && p.narrow && p.look.content.Visible() {
		p.note.Set(p.look.keyWords(), parts.Muted)
		return
	}
	p.note.Set("Masters never change; Ctrl+Z takes back what is set.", parts.Muted)
}

// changed has the picture follow the fields.
func (p *preparer) changed() {
	if p.look == nil { // they are being filled
		return
	}
	p.calm()
	p.refresh()
	p.look.ask(settleTime)
}

func (p *preparer) dump() *statePrepare {
	v := p.look
	if v == nil {
		return nil
	}
	out := &statePrepare{Page: string(v.page().ID), Number: v.page().Number, Right: v.second, View: viewWords[v.mode], Busy: v.waits(),
		Says: v.where.String(), Note: p.note.String(), Fields: p.scroll.Visible(), Lines: len(v.panes[viewBefore].view.Lines)}
	if tried, have := v.answer(); have {
		out.Recipe = tried.Recipe.String()
	}
	if page := v.panes[viewAfter].view.Page(); page != nil {
		out.Size = [2]int{page.Size().X, page.Size().Y}
	}
	return out
}

// set does what the fields ask for.
func (p *preparer) set() {
	set, at, split, some, wrong := p.asking()
	switch {
	case len(wrong) > 0:
		p.note.Set(p.fields[wrong[0].field].name+": "+wrong[0].words, parts.Bad)
	case !some:
		p.note.Set("Nothing was changed. Esc leaves.", parts.Warn)
	default:
		p.apply("Prepare", set, at, split)
	}
}

func (p *preparer) reset() { p.apply("Reset", workbench.Preparation{Reset: true}, 0, false) }

// apply sets something. A refusal leaves the dialog as it is: nothing that was filled in
// is lost.
func (p *preparer) apply(how string, set workbench.Preparation, at int, split bool) {
	if p.busy {
		return
	}
	w, core, again, ids := p.w, p.w.core, p.again.Checked, idsOf(p.pages)
	batch, changed := p.pages[0].Batch, 0
	p.busy = true
	w.say("Setting…")
	act(w.bridge, func(ctx context.Context) (err error) {
		if split {
			if err := core.SplitSpreads(ctx, ids, at); err != nil {
				return err
			}
		}
		if set.Reset || set.Like != "" || len(set.Set)+len(set.Auto) > 0 {
			changed, err = core.PreparePages(ctx, ids, set)
		}
		return err
	}, func(err error) {
		p.busy = false
		if core != w.core {
			return
		}
		w.say("")
		if err != nil {
			w.fail(how, err)
			p.done()
			return
		}
		w.shut(p.m)
		p.done()
		if changed == 0 && !split {
			w.say("That is how %s set before; nothing was changed", count(len(ids), "page was", "pages were"))
			return
		}
		said := count(len(ids), "page is", "pages are") + " set; Ctrl+Z takes it back"
		if !again {
			said += "; P reads what is chosen again"
		}
		w.say("%s", said)
		if !again {
			return
		}
		if split { // there may be pages that were not there before
			ids = nil
		}
		w.readAgain(batch, ids)
	})
}

// readAgain reads pages of a batch as a job, nil: all that are new.
func (w *window) readAgain(batch scan.BatchID, ids []scan.PageID) {
	if i := slices.IndexFunc(w.batches.all, func(b workbench.BatchInfo) bool { return b.ID == batch }); i >= 0 {
		w.process(w.batches.all[i], workbench.ProcessRequest{Pages: ids, Retry: true})
	}
}

// readPage reads the page that is shown again.
func (s *pageScreen) readPage() {
	s.takeEdit()
	p, ok := s.page()
	i := slices.IndexFunc(s.w.batches.all, func(b workbench.BatchInfo) bool { return b.ID == p.Batch })
	if !ok || i < 0 {
		return
	}
	if len(s.waiting) > 0 { // a correction of it, perhaps
		p.Corrections = max(p.Corrections, 1)
	}
	s.w.readChosen(s.w.batches.all[i], []workbench.PageInfo{p})
}

// prepare asks for the chosen pages.
func (s *arrangeScreen) prepare() {
	var pages []workbench.PageInfo
	for _, i := range s.grid.Selected.Chosen() {
		if i < len(s.pages) {
			pages = append(pages, s.pages[i])
		}
	}
	keep := s.chosen()
	s.w.prepare(pages, s.pages, func() {
		s.noUndo, s.noRedo = false, true
		s.reloadKeeping(keep)
		s.w.batches.reload()
	})
}

// prepare asks for the page that is shown.
func (s *pageScreen) prepare() {
	if p, ok := s.page(); ok {
		s.takeEdit()
		s.w.prepare([]workbench.PageInfo{p}, s.pages, func() {
			s.prepared()
			if s.stale = len(s.waiting) > 0; !s.stale {
				s.reload()
			}
		})
	}
}

// prepared takes note that something was changed that can be undone.
func (s *pageScreen) prepared() {
	s.noUndo, s.noRedo = false, true
	s.w.arrange.noUndo, s.w.arrange.noRedo = false, true
	s.w.batches.reload()
}
