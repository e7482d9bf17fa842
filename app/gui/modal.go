package gui

import (
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"recto/app/gui/parts"
)

// modal is a sheet over the window that takes all keys: Escape leaves it, the
// first action answers Enter.
type modal struct {
	id      string
	title   string
	popup   *widget.PopUp
	head    *widget.Label
	enter   func()                  // Enter, where nothing focused takes it
	key     func(chord string) bool // other chords
	closed  func()
	corner  fyne.CanvasObject // right of the title; may be nil
	beside  fyne.CanvasObject // left of the buttons; may be nil
	focused fyne.Focusable    // what had the keyboard before
}

// choice is a button of a modal.
type choice struct {
	text string
	run  func()
}

// open shows a modal of the given size with a row of buttons; the first is the one
// that Enter presses. first gets the keyboard, may be nil.
func (w *window) open(m *modal, content fyne.CanvasObject, size fyne.Size, first fyne.Focusable, choices ...choice) {
	head := widget.NewLabelWithStyle(m.title, fyne.TextAlignLeading, fyne.TextStyle{Bold: true})
	head.SizeName = theme.SizeNameSubHeadingText
	head.Wrapping = fyne.TextWrapWord
	row := container.NewHBox(layout.NewSpacer())
	if m.beside != nil {
		row.Objects = []fyne.CanvasObject{m.beside, layout.NewSpacer()}
	}
	for i := len(choices) - 1; i >= 0; i-- {
		c := choices[i]
		b := parts.NewButton(w.keys, c.text, nil, c.run)
		if i == 0 {
			b.Importance = widget.HighImportance
			if m.enter == nil {
				m.enter = c.run
			}
			if first == nil {
				first = b
			}
		}
		row.Add(b)
	}
	m.head = head
	least := canvas.NewRectangle(nil)
	area := w.win.Canvas().Size()
	edge := float32(80)
	if area.Height < 800 { // every bit of a small window counts
		edge = 32
	}
	least.SetMinSize(fyne.NewSize(min(size.Width, area.Width-edge), min(size.Height, area.Height-edge)))
	body := container.NewStack(least, container.NewPadded(container.NewBorder(container.NewBorder(nil, nil, nil, m.corner, head), row, nil, nil, container.NewPadded(content))))
	m.focused = w.win.Canvas().Focused()
	m.popup = widget.NewModalPopUp(body, w.win.Canvas())
	w.modals = append(w.modals, m)
	w.hideTip()
	m.popup.Show()
	if first != nil {
		w.win.Canvas().Focus(first)
	}
	w.touch()
}

// rename changes the title of a modal that is open.
func (m *modal) rename(title string) {
	m.title = title
	m.head.SetText(title)
}

// top is the modal that has the keys, nil without one.
func (w *window) top() *modal {
	if len(w.modals) == 0 {
		return nil
	}
	return w.modals[len(w.modals)-1]
}

// shut closes a modal.
func (w *window) shut(m *modal) {
	for i, o := range w.modals {
		if o == m {
			w.modals = append(w.modals[:i:i], w.modals[i+1:]...)
			m.popup.Hide()
			if m.closed != nil {
				m.closed()
			}
			w.refocus()
			w.touch()
			return
		}
	}
}

// inSight scrolls what has got the keyboard in the modal into sight, with as much of what
// stands around it as there is room for.
func (w *window) inSight(o fyne.CanvasObject) {
	m := w.top()
	if m == nil {
		return
	}
	path := pathTo(m.popup.Content, o)
	for i, p := range slices.Backward(path) {
		scroll, is := p.(*container.Scroll)
		if !is {
			continue
		}
		room, y := scroll.Size().Height, -scroll.Content.Position().Y
		for _, part := range path[i+1:] {
			y += part.Position().Y
			if h := part.Size().Height; h <= room || part == o {
				top := min(max(scroll.Offset.Y, y+h-room), y)
				scroll.ScrollToOffset(fyne.NewPos(scroll.Offset.X, top))
				return
			}
		}
	}
}

// pathTo gives the containers from one to an object in it, both included; nil where it is
// not there.
func pathTo(from, to fyne.CanvasObject) []fyne.CanvasObject {
	if from == to {
		return []fyne.CanvasObject{to}
	}
	var inside []fyne.CanvasObject
	switch c := from.(type) {
	case *fyne.Container:
		inside = c.Objects
	case *container.Scroll:
		inside = []fyne.CanvasObject{c.Content}
	}
	for _, o := range inside {
		if path := pathTo(o, to); path != nil {
			return append([]fyne.CanvasObject{from}, path...)
		}
	}
	return nil
}

// modalKey is a key while a modal is open.
func (w *window) modalKey(chord string) bool {
	m := w.top()
	switch {
	case chord == "Esc":
		w.shut(m)
	case m.key != nil && m.key(chord):
	case (chord == "Enter" || chord == "Ctrl+Enter") && m.enter != nil:
		m.enter()
	default:
		return false
	}
	return true
}

// prose is wrapped text for a modal.
func prose(text string) *widget.Label {
	l := widget.NewLabel(text)
	l.Wrapping = fyne.TextWrapWord
	return l
}

// tell shows a message.
func (w *window) tell(id, title, text string) {
	m := &modal{id: id, title: title}
	w.open(m, container.NewVScroll(prose(text)), fyne.NewSize(520, 170), nil, choice{"Close", func() { w.shut(m) }})
}

// ask shows a question; yes runs when it is agreed to.
func (w *window) ask(id, title, text, agree string, yes func()) {
	m := &modal{id: id, title: title}
	w.open(m, container.NewVScroll(prose(text)), fyne.NewSize(520, 170), nil,
		choice{agree, func() { w.shut(m); yes() }}, choice{"Cancel", func() { w.shut(m) }})
}

// fail shows an error with its remedy. An error that the user caused by
// cancelling is none.
func (w *window) fail(what string, err error) {
	if err == nil || cancelled(err) {
		return
	}
	x := w.cfg.Explain(err)
	w.lastError = err.Error()
	m := &modal{id: "error", title: x.Title, closed: func() { w.lastError = "" }}
	text := x.Remedy + "\n\n" + what + ": " + err.Error()
	w.open(m, container.NewVScroll(prose(text)), fyne.NewSize(560, 200), nil, choice{"Close", func() { w.shut(m) }})
}
