package parts

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
)

// Keys takes what a focused part does not use itself. Each function tells
// whether it did something; nil functions do nothing. A nil *Keys is allowed.
type Keys struct {
	Key      func(fyne.KeyName) bool  // named keys: F2, Delete, Return
	Rune     func(rune) bool          // characters as the layout gives them
	Shortcut func(fyne.Shortcut) bool // anything with Ctrl or Alt
	Gained   func(fyne.CanvasObject)  // a field, box or button has got the keyboard

	last  fyne.CanvasObject // that got the keyboard
	spent bool              // Space has done something, its character is still to come
}

// TypedKey is for keys that come while nothing has the focus, as is TypedRune.
func (k *Keys) TypedKey(name fyne.KeyName) { k.key(name) }

// TypedRune is for characters that come while nothing has the focus.
func (k *Keys) TypedRune(r rune) { k.rune(r) }

func (k *Keys) key(name fyne.KeyName) bool {
	if k == nil || k.Key == nil {
		return false
	}
	k.spent = false
	done := k.Key(name)
	k.spent = done && name == fyne.KeySpace
	return done
}

func (k *Keys) rune(r rune) bool {
	return k != nil && !k.spend(r) && k.Rune != nil && k.Rune(r)
}

// press marks that Space has pressed something. The driver sends the character of the
// same key afterwards, to whatever has the focus by then: a field of the dialog that
// was opened must not begin with it.
func (k *Keys) press(name fyne.KeyName) {
	if k != nil {
		k.spent = name == fyne.KeySpace
	}
}

// spend tells whether r is the character of a Space that has done its work.
func (k *Keys) spend(r rune) bool {
	if k == nil {
		return false
	}
	was := k.spent
	k.spent = false
	return was && r == ' '
}

// gained tells whether o had not the keyboard last: Fyne also says that it gains it when
// the window does.
func (k *Keys) gained(o fyne.CanvasObject) bool {
	if k == nil {
		return true
	}
	was := k.last
	k.last = o
	if k.Gained != nil {
		k.Gained(o)
	}
	return was != o
}

func (k *Keys) shortcut(s fyne.Shortcut) bool {
	return k != nil && k.Shortcut != nil && k.Shortcut(s)
}

// Keyed marks the parts that pass keys on; a test of the window walks the tree
// and finds every focusable object that does not.
type Keyed interface{ PassesKeys() *Keys }

// Modifiers are the modifier keys held down now. The test driver knows none.
func Modifiers() fyne.KeyModifier {
	if d, ok := fyne.CurrentApp().Driver().(desktop.Driver); ok {
		return d.CurrentKeyModifiers()
	}
	return 0
}

// focus gives the keyboard to f, which must be on a canvas.
func focus(f fyne.Focusable) {
	o, ok := f.(fyne.CanvasObject)
	if !ok {
		return
	}
	if c := fyne.CurrentApp().Driver().CanvasForObject(o); c != nil && c.Focused() != f {
		c.Focus(f)
	}
}
