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
}

func (k *Keys) key(name fyne.KeyName) bool { return k != nil && k.Key != nil && k.Key(name) }

func (k *Keys) rune(r rune) bool { return k != nil && k.Rune != nil && k.Rune(r) }

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
