package parts

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/widget"
)

// Entry is a field for typing that lets commands through: function keys, Escape
// and every shortcut that does not edit text.
type Entry struct {
	widget.Entry
	Keys  *Keys
	OnKey func(fyne.KeyName) bool // is asked first: a list below the field moves with it
	Tab   bool                    // the Tab key too is asked for
	Whole bool                    // getting the keyboard selects what stands there, so that typing replaces it
}

// AcceptsTab tells Fyne whether Tab is for the field or goes on to the next.
func (e *Entry) AcceptsTab() bool { return e.Tab || e.Entry.AcceptsTab() }

// NewEntry makes a field of one line.
func NewEntry(keys *Keys, placeholder string) *Entry {
	e := &Entry{Keys: keys}
	e.PlaceHolder = placeholder
	e.ExtendBaseWidget(e)
	return e
}

// PassesKeys tells where unused keys go.
func (e *Entry) PassesKeys() *Keys { return e.Keys }

// FocusGained is for Fyne.
func (e *Entry) FocusGained() {
	e.Entry.FocusGained()
	if first := e.Keys.gained(e); first && e.Whole {
		e.Entry.TypedShortcut(&fyne.ShortcutSelectAll{})
	}
}

// TypedKey edits; function keys, Escape and Page keys are passed on.
func (e *Entry) TypedKey(k *fyne.KeyEvent) {
	e.Keys.press("")
	if e.OnKey != nil && e.OnKey(k.Name) {
		return
	}
	switch {
	case functionKey(k.Name), k.Name == fyne.KeyEscape, k.Name == fyne.KeyPageUp, k.Name == fyne.KeyPageDown:
		e.Keys.key(k.Name)
	default:
		e.Entry.TypedKey(k)
	}
}

// TypedRune writes, but for the character of a Space that has opened the dialog.
func (e *Entry) TypedRune(r rune) {
	if !e.Keys.spend(r) {
		e.Entry.TypedRune(r)
	}
}

func functionKey(k fyne.KeyName) bool {
	return len(k) >= 2 && k[0] == 'F' && strings.Trim(string(k[1:]), "0123456789") == ""
}

// TypedShortcut edits (copy, cut, paste, select all, undo, redo, word jumps) or
// passes on.
func (e *Entry) TypedShortcut(s fyne.Shortcut) {
	switch s := s.(type) {
	case *desktop.CustomShortcut:
		switch s.KeyName {
		case fyne.KeyLeft, fyne.KeyRight, fyne.KeyBackspace, fyne.KeyDelete, fyne.KeyHome, fyne.KeyEnd:
			e.Entry.TypedShortcut(s)
		default:
			e.Keys.shortcut(s)
		}
	default:
		e.Entry.TypedShortcut(s)
	}
}

// Button is pressed with Space or Enter and passes all else on. While the pointer
// rests on it, OnHover tells it; on leaving it says false.
type Button struct {
	widget.Button
	Keys    *Keys
	OnHover func(b *Button, in bool)
}

// NewButton makes a button with a word and, if not nil, an icon.
func NewButton(keys *Keys, text string, icon fyne.Resource, tapped func()) *Button {
	b := &Button{Keys: keys}
	b.Text, b.Icon, b.OnTapped = text, icon, tapped
	b.ExtendBaseWidget(b)
	return b
}

// PassesKeys tells where unused keys go.
func (b *Button) PassesKeys() *Keys { return b.Keys }

// FocusGained is for Fyne.
func (b *Button) FocusGained() {
	b.Button.FocusGained()
	b.Keys.gained(b)
}

// TypedKey presses or passes on.
func (b *Button) TypedKey(k *fyne.KeyEvent) {
	switch k.Name {
	case fyne.KeySpace, fyne.KeyReturn, fyne.KeyEnter:
		b.Keys.press(k.Name)
		b.Tapped(nil)
	default:
		b.Keys.key(k.Name)
	}
}

// TypedRune passes characters on.
func (b *Button) TypedRune(r rune) {
	if !b.Keys.spend(r) && r != ' ' {
		b.Keys.rune(r)
	}
}

// TypedShortcut passes shortcuts on.
func (b *Button) TypedShortcut(s fyne.Shortcut) { b.Keys.shortcut(s) }

func (b *Button) MouseIn(e *desktop.MouseEvent) {
	b.Button.MouseIn(e)
	if b.OnHover != nil {
		b.OnHover(b, true)
	}
}

func (b *Button) MouseOut() {
	b.Button.MouseOut()
	if b.OnHover != nil {
		b.OnHover(b, false)
	}
}

// Check is a box to tick with Space; it passes all else on.
type Check struct {
	widget.Check
	Keys *Keys
}

// NewCheck makes a box with a word.
func NewCheck(keys *Keys, text string, changed func(bool)) *Check {
	c := &Check{Keys: keys}
	c.Text, c.OnChanged = text, changed
	c.ExtendBaseWidget(c)
	return c
}

// PassesKeys tells where unused keys go.
func (c *Check) PassesKeys() *Keys { return c.Keys }

// FocusGained is for Fyne.
func (c *Check) FocusGained() {
	c.Check.FocusGained()
	c.Keys.gained(c)
}

// TypedKey passes keys on; Space comes as a character.
func (c *Check) TypedKey(k *fyne.KeyEvent) {
	if k.Name != fyne.KeySpace {
		c.Keys.key(k.Name)
	}
}

// TypedRune ticks or passes on.
func (c *Check) TypedRune(r rune) {
	if r == ' ' {
		c.Check.TypedRune(r)
		return
	}
	c.Keys.rune(r)
}

// TypedShortcut passes shortcuts on.
func (c *Check) TypedShortcut(s fyne.Shortcut) { c.Keys.shortcut(s) }

// Select is a choice of one; Up, Down and Space are its own, all else is passed on.
type Select struct {
	widget.Select
	Keys *Keys
}

// NewSelect makes a choice without options.
func NewSelect(keys *Keys, changed func(string)) *Select {
	s := &Select{Keys: keys}
	s.OnChanged = changed
	s.ExtendBaseWidget(s)
	return s
}

// PassesKeys tells where unused keys go.
func (s *Select) PassesKeys() *Keys { return s.Keys }

// FocusGained is for Fyne.
func (s *Select) FocusGained() {
	s.Select.FocusGained()
	s.Keys.gained(s)
}

// TypedKey opens or moves, or passes on.
func (s *Select) TypedKey(k *fyne.KeyEvent) {
	switch k.Name {
	case fyne.KeySpace, fyne.KeyUp, fyne.KeyDown:
		s.Select.TypedKey(k)
	default:
		s.Keys.key(k.Name)
	}
}

// TypedRune passes characters on.
func (s *Select) TypedRune(r rune) {
	if r != ' ' {
		s.Keys.rune(r)
	}
}

// TypedShortcut passes shortcuts on.
func (s *Select) TypedShortcut(c fyne.Shortcut) { s.Keys.shortcut(c) }

// Slider moves with Left and Right and passes all else on.
type Slider struct {
	widget.Slider
	Keys *Keys
}

// NewSlider makes a slider over a range.
func NewSlider(keys *Keys, low, high, step float64, changed func(float64)) *Slider {
	s := &Slider{Keys: keys}
	s.Min, s.Max, s.Step, s.OnChanged = low, high, step, changed
	s.Orientation = widget.Horizontal
	s.ExtendBaseWidget(s)
	return s
}

// PassesKeys tells where unused keys go.
func (s *Slider) PassesKeys() *Keys { return s.Keys }

// FocusGained is for Fyne.
func (s *Slider) FocusGained() {
	s.Slider.FocusGained()
	s.Keys.gained(s)
}

// TypedKey moves or passes on.
func (s *Slider) TypedKey(k *fyne.KeyEvent) {
	switch k.Name {
	case fyne.KeyLeft, fyne.KeyRight:
		s.Slider.TypedKey(k)
	default:
		s.Keys.key(k.Name)
	}
}

// TypedRune passes characters on.
func (s *Slider) TypedRune(r rune) { s.Keys.rune(r) }

// TypedShortcut passes shortcuts on.
func (s *Slider) TypedShortcut(c fyne.Shortcut) { s.Keys.shortcut(c) }
