package gui

import (
	"context"
	"fmt"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"recto/app/gui/parts"
	"recto/app/workbench"
)

const (
	settleTime   = 300 * time.Millisecond // that fields must rest before the picture follows
	triedLongest = 2000                   // pixels of the pictures' longer side
)

// The views of a page, and two of them side by side.
const (
	viewBefore = iota
	viewAfter
	viewRead
	viewBoth // before and after
)

// preparedPicture shows a page as its master has it, as it would be for the eye, and as
// it would be read, with what the dialog's fields say.
type preparedPicture struct {
	p       *preparer
	at      int  // of the pages
	second  bool // of a spread to be cut, the right page
	mode    int
	content *fyne.Container
	swap    *parts.Button // fields or picture
	body    *fyne.Container
	panes   [3]preparedPane
	buttons [4]*parts.Button
	prev    *parts.Button
	next    *parts.Button
	where   *parts.Text // the page, and what is under way or wrong
	hint    *parts.Text // the keys
	shape   *bestRows

	slot   slot
	asked  int
	rests  bool // the fields have just changed
	over   bool
	before *parts.Pyramid
	of     int // page that before and tried are of, -1: none
	right  bool
	tried  workbench.Tried
}

// preparedPane is one view.
type preparedPane struct {
	view *parts.PageView
	head *parts.Text
	foot *parts.Text
	all  fyne.CanvasObject
}

var viewWords = [...]string{"Before", "After", "As read", "Both"}

func newPreparedPicture(p *preparer) *preparedPicture {
	w := p.w
	v := &preparedPicture{p: p, of: -1, mode: viewBoth}
	if w.win.Canvas().Size().Width < 1250 {
		v.mode = viewAfter
	}
	bar := container.NewHBox()
	for i := range v.buttons {
		v.buttons[i] = parts.NewButton(w.keys, viewWords[i], nil, func() { v.show(i) })
		bar.Add(v.buttons[i])
	}
	v.where = parts.NewText("", parts.Plain, 12, 40)
	v.prev = parts.NewButton(w.keys, "", theme.NavigateBackIcon(), func() { v.turn(-1) })
	v.next = parts.NewButton(w.keys, "", theme.NavigateNextIcon(), func() { v.turn(1) })
	pages := container.NewHBox(v.prev, v.next)
	words := container.New(layout.NewCustomPaddedLayout(5, 0, 8, 6), v.where)
	top := container.NewBorder(nil, nil, bar, pages, words)
	if p.narrow { // between the buttons too little of what is wrong could be read
		words.Layout = layout.NewCustomPaddedLayout(1, 1, 4, 4)
		top = container.New(layout.NewCustomPaddedVBoxLayout(0), container.NewBorder(nil, nil, bar, pages), words)
	}
	for i := range v.panes {
		n := &v.panes[i]
		n.view = parts.NewPageView(w.keys)
		n.head = parts.NewText(viewWords[i], parts.Plain, 12, 40).Bold()
		n.foot = parts.NewText("", parts.Muted, 11, 40)
		pad := func(o fyne.CanvasObject) fyne.CanvasObject {
			return container.New(layout.NewCustomPaddedLayout(1, 2, 4, 4), o)
		}
		n.all = container.NewBorder(pad(n.head), pad(n.foot), nil, nil, n.view)
	}
	v.shape = &bestRows{}
	v.body = container.New(v.shape)
	v.hint = parts.NewText("", parts.Muted, 11, 40)
	hint := container.New(layout.NewCustomPaddedLayout(2, 0, 4, 4), v.hint)
	hint.Hidden = p.narrow && p.low
	v.content = container.NewBorder(top, hint, nil, nil, v.body)
	v.swap = parts.NewButton(w.keys, "Picture  F6", nil, func() { v.key("F6") })
	v.content.Hidden = p.narrow
	v.show(v.mode)
	v.say("", parts.Plain)
	return v
}

// page is the one that is shown.
func (v *preparedPicture) page() workbench.PageInfo {
	if v == nil {
		return workbench.PageInfo{}
	}
	return v.p.pages[v.at]
}

// answer is what is known of the page that is shown.
func (v *preparedPicture) answer() (workbench.Tried, bool) {
	if v == nil || v.of != v.at {
		return workbench.Tried{}, false
	}
	return v.tried, true
}

// show chooses the view.
func (v *preparedPicture) show(mode int) {
	v.mode = mode
	v.body.Objects = nil
	for i := range v.panes {
		if v.shows(i) {
			v.body.Objects = append(v.body.Objects, v.panes[i].all)
		}
	}
	v.body.Refresh()
	for i, b := range v.buttons {
		b.Importance = widget.LowImportance
		if i == mode {
			b.Importance = widget.MediumImportance
		}
		b.Refresh()
	}
}

// shows tells whether a view is in sight.
func (v *preparedPicture) shows(view int) bool {
	return v.mode == view || v.mode == viewBoth && view != viewRead
}

// main is the view that keys enlarge where none has the keyboard.
func (v *preparedPicture) main() *parts.PageView {
	if v.mode == viewBoth {
		return v.panes[viewAfter].view
	}
	return v.panes[v.mode].view
}

// key is a key that the dialog's fields have not used.
func (v *preparedPicture) key(chord string) bool {
	view := v.main()
	for i := range v.panes {
		if v.p.w.win.Canvas().Focused() == fyne.Focusable(v.panes[i].view) {
			view = v.panes[i].view
		}
	}
	switch chord {
	case "Alt+1", "Alt+2", "Alt+3", "Alt+4":
		focused := v.p.w.win.Canvas().Focused()
		v.show(int(chord[4] - '1'))
		for i := range v.panes { // one that is out of sight takes no keys
			if focused == fyne.Focusable(v.panes[i].view) && !v.shows(i) {
				v.p.w.win.Canvas().Focus(v.main())
			}
		}
	case "PgUp":
		v.turn(-1)
	case "PgDn":
		v.turn(1)
	case "F6":
		v.cross()
	case "+", "=":
		view.ZoomBy(1.25)
	case "-":
		view.ZoomBy(1 / 1.25)
	case "F", "0":
		view.Fit(parts.FitPage)
	case "W":
		view.Fit(parts.FitWidth)
	default:
		return false
	}
	return true
}

// cross goes from the fields to the picture and back.
func (v *preparedPicture) cross() {
	c := v.p.w.win.Canvas()
	in := false
	for i := range v.panes {
		in = in || c.Focused() == fyne.Focusable(v.panes[i].view)
	}
	if v.p.narrow {
		in = v.content.Visible()
		if in {
			v.content.Hide()
			v.p.scroll.Show()
			v.swap.SetText("Picture  F6")
		} else {
			v.p.scroll.Hide()
			v.content.Show()
			v.swap.SetText("Fields  F6")
		}
		v.p.panes.Refresh()
		v.p.calm()
	}
	if in {
		c.Focus(v.p.first)
	} else {
		c.Focus(v.main())
	}
}

// turn goes to the page before or behind; a spread that is to be cut is two.
func (v *preparedPicture) turn(by int) {
	switch {
	case by > 0 && !v.second && v.halves():
		v.second = true
	case by < 0 && v.second:
		v.second = false
	case v.at+by < 0 || v.at+by >= len(v.p.pages):
		return
	default:
		v.at += by
		v.second = false
	}
	v.say("", parts.Plain)
	v.p.refresh()
	v.ask(0)
}

// ask asks for the picture once the fields have rested; what was asked before is of no
// use any more.
func (v *preparedPicture) ask(rest time.Duration) {
	v.asked++
	mine := v.asked
	v.slot.drop()
	if v.rests = rest > 0; !v.rests {
		v.load()
		return
	}
	v.say("…", parts.Plain)
	v.p.w.touch()
	v.p.w.bridge.later(rest, func() {
		if v.asked == mine && !v.over {
			v.rests = false
			v.load()
			v.p.w.touch()
		}
	})
}

// waits tells whether another picture is on its way.
func (v *preparedPicture) waits() bool { return v.rests || v.slot.busy }

func (v *preparedPicture) close() {
	v.over = true
	v.asked++
	v.slot.drop()
}

// looked is an answer with its pictures made ready to be drawn.
type looked struct {
	tried workbench.Tried
	views [3]*parts.Pyramid
}

func (v *preparedPicture) load() {
	core, at, id, second := v.p.w.core, v.at, v.page().ID, v.second
	trial, wrong := v.p.trial()
	if core == nil {
		return
	}
	if len(wrong) > 0 {
		v.say("not shown: see "+v.p.fields[wrong[0].field].name, parts.Bad)
		return
	}
	if second { // it will be a page of its own, that nothing else is set of
		cut, _ := cutOf(v.tried.Recipe)
		if trial.Spread != nil {
			cut = *trial.Spread
		}
		if second = cut > 0; second {
			trial = workbench.Trial{Spread: &cut, Second: true}
		}
		v.second = second
	}
	trial.Before, trial.Longest = v.of != at || v.before == nil, triedLongest
	v.say("preparing…", parts.Plain)
	load(v.p.w.bridge, &v.slot, func(ctx context.Context) (looked, error) {
		tried, err := core.TryPreparation(ctx, id, trial)
		if err != nil {
			return looked{}, err
		}
		out := looked{tried: tried}
		if tried.Before != nil {
			out.views[viewBefore] = parts.NewPyramid(tried.Before)
		}
		out.views[viewAfter], out.views[viewRead] = parts.NewPyramid(tried.After), parts.NewPyramid(tried.Reading)
		out.tried.Before, out.tried.After, out.tried.Reading = nil, nil, nil
		return out, nil
	}, func(l looked, err error) {
		if cancelled(err) {
			return
		}
		if err != nil {
			x := v.p.w.cfg.Explain(err)
			v.say(x.Title+": "+err.Error(), parts.Bad)
			if v.of != at { // what is there is of another page
				v.of, v.before = -1, nil
				for i := range v.panes {
					v.panes[i].view.Lines = nil
					v.panes[i].view.SetPage(nil)
				}
			}
			v.p.w.touch()
			return
		}
		if l.views[viewBefore] != nil {
			v.before = l.views[viewBefore]
		}
		l.views[viewBefore] = v.before
		v.of, v.right, v.tried = at, second, l.tried
		for i := range v.panes {
			v.panes[i].view.SetPage(l.views[i])
		}
		v.mark()
		v.say("", parts.Plain)
		v.p.refresh()
		v.p.w.touch()
	})
}

// say tells which page is shown, and what is under way or wrong.
func (v *preparedPicture) say(more string, tone parts.Tone) {
	words := "Page " + pageName(v.page())
	if n := len(v.p.pages); n > 1 {
		words += fmt.Sprintf(", %d of %d", v.at+1, n)
	}
	if v.second {
		words += ": right half, a page of its own"
	} else if v.halves() {
		words += ": left half"
	}
	if more != "" {
		words += " · " + more
	}
	v.where.Set(words, tone)
	set := func(b *parts.Button, can bool) {
		if can {
			b.Enable()
		} else {
			b.Disable()
		}
	}
	set(v.prev, v.at > 0 || v.second)
	set(v.next, v.at+1 < len(v.p.pages) || v.halves() && !v.second)
	show(v.prev, v.several())
	show(v.next, v.several())
	v.hint.Set(v.keyWords(), parts.Muted)
}

// several tells whether there is another page, or half of one, to turn to.
func (v *preparedPicture) several() bool { return len(v.p.pages) > 1 || v.halves() }

// keyWords names the keys of the picture.
func (v *preparedPicture) keyWords() string {
	turns := ""
	if v.several() {
		turns = "PgUp PgDn page · "
	}
	return "Alt+1 to 4 view · " + turns + "F6 picture, there + - F W zoom"
}
