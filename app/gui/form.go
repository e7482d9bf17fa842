package gui

import (
	"strconv"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/widget"

	"recto/app/gui/parts"
)

// form is a column of fields with their names to the left.
type form struct {
	w    *window
	rows *fyne.Container
}

func (w *window) newForm() *form {
	return &form{w, container.New(layout.NewFormLayout())}
}

// add puts anything beside a name.
func (f *form) add(name string, o fyne.CanvasObject) {
	l := widget.NewLabel(name)
	f.rows.Add(l)
	f.rows.Add(o)
}

func (f *form) entry(name, placeholder, value string) *parts.Entry {
	e := parts.NewEntry(f.w.keys, placeholder)
	e.SetText(value)
	f.add(name, e)
	return e
}

// number is a field for a whole number; empty means 0.
func (f *form) number(name, placeholder string, value int) *parts.Entry {
	text := ""
	if value != 0 {
		text = strconv.Itoa(value)
	}
	return f.entry(name, placeholder, text)
}

func (f *form) check(name, word string, on bool) *parts.Check {
	c := parts.NewCheck(f.w.keys, word, nil)
	c.SetChecked(on)
	f.add(name, c)
	return c
}

func (f *form) choice(name string, options []string, chosen string) *parts.Select {
	c := parts.NewSelect(f.w.keys, nil)
	c.SetOptions(options)
	c.SetSelected(chosen)
	f.add(name, c)
	return c
}

// scroll is the form with room for its scroll bar, and what stands below it.
func (f *form) scroll(below ...fyne.CanvasObject) fyne.CanvasObject {
	all := append([]fyne.CanvasObject{f.rows}, below...)
	return container.NewVScroll(container.New(layout.NewCustomPaddedLayout(0, 0, 0, 16), container.NewVBox(all...)))
}

// heading begins a group of fields.
func (f *form) heading(text string) {
	f.rows.Add(widget.NewLabelWithStyle(text, fyne.TextAlignLeading, fyne.TextStyle{Bold: true}))
	f.rows.Add(widget.NewLabel(""))
}

// wholeNumber reads a field; ok is false for what is no whole number of 0 or more.
func wholeNumber(e *parts.Entry) (n int, ok bool) {
	text := strings.TrimSpace(e.Text)
	if text == "" {
		return 0, true
	}
	n, err := strconv.Atoi(text)
	return n, err == nil && n >= 0
}

// askText asks for a line of text; an empty one is taken only where empty says so.
func (w *window) askText(id, title, text, placeholder, value, agree string, empty bool, done func(string)) {
	m := &modal{id: id, title: title}
	e := parts.NewEntry(w.keys, placeholder)
	e.SetText(value)
	finish := func() {
		if answer := strings.TrimSpace(e.Text); answer != "" || empty {
			w.shut(m)
			done(answer)
		} else {
			w.say("%s: say it in a few words", title)
		}
	}
	e.OnSubmitted = func(string) { finish() }
	w.open(m, container.NewVBox(prose(text), e), fyne.NewSize(520, 190), e, choice{agree, finish}, choice{"Cancel", func() { w.shut(m) }})
	if value != "" {
		e.TypedShortcut(&fyne.ShortcutSelectAll{})
	}
}
