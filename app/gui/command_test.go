package gui

import (
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
)

// One chord means one thing on a screen; a screen must not take a key that means
// something everywhere. Ctrl+R means "again" on all of them: with a word at the cursor
// it reads that part again, otherwise it looks again.
func TestNoChordTwice(t *testing.T) {
	d := newDesk(t, newFake(1, 3))
	for _, s := range append(d.screens, screen(d.welcome)) {
		seen := map[string]string{}
		for _, c := range d.reg.in(s.id()) {
			for _, k := range c.keys {
				if other, ok := seen[k]; ok && (k != "Ctrl+R" || c.id != "view.reload" || other != "text.read-word") {
					t.Errorf("on %s, %s is %s and %s", s.id(), k, other, c.id)
				}
				seen[k] = c.id
			}
		}
	}
}

func TestAgain(t *testing.T) {
	core := newFake(1, 3)
	d := onPage(t, core)
	asked := func() (n int) {
		for _, c := range core.calls {
			if c == "Pages" {
				n++
			}
		}
		return n
	}
	n := asked()
	d.press("Ctrl+R")
	if d.top() != nil || asked() == n {
		t.Errorf("without a word nothing is looked at again: %+v", d.snapshot())
	}
	d.press("Alt+Down", "Ctrl+R")
	if d.snapshot().Dialog != "read-part" {
		t.Errorf("with a word nothing is read again: %+v", d.snapshot())
	}
}

// Every command is in a menu, in the palette's reach and, with a key, in the help.
func TestEveryCommandCanBeFound(t *testing.T) {
	d := newDesk(t, withScanner(newFake(1, 3)))
	inMenu := map[string]bool{}
	for _, m := range d.win.MainMenu().Items {
		for _, i := range m.Items {
			inMenu[i.Label] = true
		}
	}
	inHelp := map[string]bool{}
	for _, l := range d.helpLines() {
		if l.command != nil {
			inHelp[l.command.id] = true
		}
	}
	seen := map[string]bool{}
	for _, c := range d.reg.list {
		if seen[c.id] {
			t.Errorf("two commands are called %s", c.id)
		}
		seen[c.id] = true
		if c.title == "" || c.run == nil {
			t.Errorf("%s has no title or does nothing", c.id)
		}
		if !slices.Contains(menuOrder, c.menu) || !inMenu[menuLabel(c)] {
			t.Errorf("%s is in no menu", c.id)
		}
		if len(c.keys) > 0 && inHelp[c.id] == c.empty() {
			t.Errorf("%s has a key: in the help %v", c.id, inHelp[c.id])
		}
		if c.icon != nil && c.word == "" {
			t.Errorf("%s is in the toolbar without a word", c.id)
		}
		if c.scope != "" && d.screenByID(c.scope) == nil {
			t.Errorf("%s belongs to no screen", c.id)
		}
	}
	if d.win.MainMenu().Items[0].Label != "File" {
		t.Error("the first menu is not File")
	}
}

// A chord that is written down comes back from the event that it makes.
func TestChords(t *testing.T) {
	d := newDesk(t, newFake(1, 3))
	for _, c := range d.reg.list {
		for _, k := range c.keys {
			mods, key := parseChord(k)
			if isCharacter(k) {
				if got := chordOfRune([]rune(strings.ToLower(k))[0]); got != k {
					t.Errorf("%s: the character %q gives %q", c.id, k, got)
				}
				continue
			}
			if got := chordOf(key, mods); got != k {
				t.Errorf("%s: %q gives %q", c.id, k, got)
			}
			if s := shortcutOf(k); s != nil {
				if got := chordOfShortcut(s); got != k {
					t.Errorf("%s: the shortcut of %q gives %q", c.id, k, got)
				}
			} else if mods != 0 && !isCharacter(strings.TrimPrefix(k, "Shift+")) {
				t.Errorf("%s: %q makes no event", c.id, k)
			}
		}
	}
	for key, want := range map[fyne.KeyName]string{fyne.KeyEnter: "Enter", fyne.KeyReturn: "Enter", fyne.KeyPageDown: "PgDn", fyne.KeyF11: "F11"} {
		if got := chordOf(key, 0); got != want {
			t.Errorf("%s gives %q, want %q", key, got, want)
		}
	}
	if got := chordOfShortcut(&desktop.CustomShortcut{KeyName: fyne.KeyZ, Modifier: fyne.KeyModifierControl | fyne.KeyModifierShift}); got != "Ctrl+Shift+Z" {
		t.Errorf("got %q", got)
	}
}

func TestPalette(t *testing.T) {
	d := newDesk(t, newFake(3, 8))
	d.press("Ctrl+K")
	if s := d.snapshot(); s.Dialog != "palette" {
		t.Fatalf("%+v", s)
	}
	for _, r := range "go export" {
		d.win.Canvas().Focused().TypedRune(r)
	}
	d.press("Esc")
	d.press("Ctrl+K")
	for _, r := range "arrange rotate r" {
		d.win.Canvas().Focused().TypedRune(r)
	}
	d.press("Enter") // goes to the screen of the command
	d.onScreen("arrange")
	if d.top() != nil {
		t.Error("the palette stays open")
	}
}

func TestMatches(t *testing.T) {
	for _, c := range []struct {
		s, q string
		want bool
	}{{"Arrange Rotate right", "rot arr", true}, {"Arrange Rotate right", "left", false}, {"x", "", true}} {
		if matches(c.s, c.q) != c.want {
			t.Errorf("%q in %q", c.q, c.s)
		}
	}
}
