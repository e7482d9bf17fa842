package gui

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
)

// command is one thing the user can do. Menus, toolbar, help, palette and keys all
// come from the same list, so nothing can be had by the mouse alone.
type command struct {
	id      string        // stable, for tests and the state file: "pages.rotate-right"
	title   string        // in menu, palette and help: "Rotate right"
	word    string        // short, for toolbar and key bar; empty: not shown there
	keys    []string      // chords as people write them: "Ctrl+K", "F2", "[", "Del"
	scope   string        // screen that it belongs to; empty: everywhere
	quiet   bool          // left out of the key bar, which has no room for all
	menu    string        // top menu
	icon    fyne.Resource // in the toolbar; nil: not in the toolbar
	writes  bool          // changes the archive: not where it is only looked at
	enabled func() bool   // nil: always
	run     func()
	named   func() string // what it is about now, put behind the title; nil: nothing
}

// words are the title with what the command is about now: what a profile's number
// stands for is changed by whoever edits the profiles.
func (c *command) words() string {
	if c.named != nil {
		if name := c.named(); name != "" {
			return c.title + ": " + name
		}
	}
	return c.title
}

func (c *command) can() bool { return c.enabled == nil || c.enabled() }

// empty tells that there is nothing that it could be about: no such profile.
func (c *command) empty() bool { return c.named != nil && c.named() == "" }

// key is the first chord, empty without one.
func (c *command) key() string {
	if len(c.keys) == 0 {
		return ""
	}
	return c.keys[0]
}

// registry is the list of all commands.
type registry struct{ list []*command }

func (r *registry) add(cs ...*command) { r.list = append(r.list, cs...) }

// in lists what can be done on a screen: its own first, then what goes everywhere.
func (r *registry) in(scope string) []*command {
	var own, all []*command
	for _, c := range r.list {
		switch c.scope {
		case scope:
			own = append(own, c)
		case "":
			all = append(all, c)
		}
	}
	if scope == "" {
		return all
	}
	return append(own, all...)
}

// find gives the command of a chord on a screen: the first that can be done now, the
// screen's own before those of everywhere. Where none can it is the first of all.
func (r *registry) find(scope, chord string) (first *command) {
	for _, c := range r.in(scope) {
		if !slices.Contains(c.keys, chord) {
			continue
		}
		if c.can() {
			return c
		}
		if first == nil {
			first = c
		}
	}
	return first
}

func (r *registry) byID(id string) *command {
	for _, c := range r.list {
		if c.id == id {
			return c
		}
	}
	return nil
}

// Key names as people write them, by Fyne's.
var keyWords = map[fyne.KeyName]string{
	fyne.KeyReturn: "Enter", fyne.KeyEnter: "Enter", fyne.KeyEscape: "Esc", fyne.KeyDelete: "Del",
	fyne.KeyPageUp: "PgUp", fyne.KeyPageDown: "PgDn", fyne.KeyBackspace: "Backspace",
}

// chordOf writes a key with its modifiers as the registry does.
func chordOf(key fyne.KeyName, mods fyne.KeyModifier) string {
	var b strings.Builder
	if mods&fyne.KeyModifierControl != 0 {
		b.WriteString("Ctrl+")
	}
	if mods&fyne.KeyModifierAlt != 0 {
		b.WriteString("Alt+")
	}
	if mods&fyne.KeyModifierShift != 0 {
		b.WriteString("Shift+")
	}
	if w, ok := keyWords[key]; ok {
		b.WriteString(w)
	} else {
		b.WriteString(string(key))
	}
	return b.String()
}

// chordOfRune is the chord of a character: letters count without their case.
func chordOfRune(r rune) string { return string(unicode.ToUpper(r)) }

// isCharacter tells whether a chord is one character, which the layout decides on
// and which a text field keeps for itself.
func isCharacter(chord string) bool { return utf8.RuneCountInString(chord) == 1 }

// shortcutOf is the event that Fyne makes of a chord with Ctrl or Alt, nil for
// other chords.
func shortcutOf(chord string) fyne.Shortcut {
	mods, key := parseChord(chord)
	if mods&^fyne.KeyModifierShift == 0 {
		return nil
	}
	if mods == fyne.KeyModifierControl {
		switch key {
		case fyne.KeyZ:
			return &fyne.ShortcutUndo{}
		case fyne.KeyY:
			return &fyne.ShortcutRedo{}
		case fyne.KeyA:
			return &fyne.ShortcutSelectAll{}
		case fyne.KeyC:
			return &fyne.ShortcutCopy{}
		}
	}
	return &desktop.CustomShortcut{KeyName: key, Modifier: mods}
}

func parseChord(chord string) (mods fyne.KeyModifier, key fyne.KeyName) {
	rest := chord
	for {
		switch {
		case strings.HasPrefix(rest, "Ctrl+"):
			mods, rest = mods|fyne.KeyModifierControl, rest[5:]
		case strings.HasPrefix(rest, "Alt+"):
			mods, rest = mods|fyne.KeyModifierAlt, rest[4:]
		case strings.HasPrefix(rest, "Shift+"):
			mods, rest = mods|fyne.KeyModifierShift, rest[6:]
		default:
			for k, w := range keyWords {
				if w == rest && k != fyne.KeyEnter {
					return mods, k
				}
			}
			return mods, fyne.KeyName(rest)
		}
	}
}

// chordOfShortcut is the chord that made a shortcut event.
func chordOfShortcut(s fyne.Shortcut) string {
	if k, ok := s.(fyne.KeyboardShortcut); ok {
		return chordOf(k.Key(), k.Mod())
	}
	return ""
}
