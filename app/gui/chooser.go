package gui

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"

	"recto/app/gui/parts"
	"recto/scan"
)

// chooser looks through folders. Fyne's own takes one file at a time and cannot
// be left to the keyboard.
type chooser struct {
	w       *window
	folders bool // only folders, and one
	dir     string
	going   string // the folder that is being listed, empty without one
	entries []entry
	slot    slot
	table   *parts.Table
	path    *parts.Entry
	note    *parts.Text
	done    func([]string)
}

// entry is one name in a folder.
type entry struct {
	name   string
	folder bool
	size   int64
}

func (w *window) home() string {
	if w.core != nil {
		return filepath.Dir(w.core.Directory())
	}
	if h, err := os.UserHomeDir(); err == nil {
		return h
	}
	return "/"
}

// chooseFolder asks for one folder, which need not exist yet.
func (w *window) chooseFolder(title, agree, from string, done func(string)) {
	w.choose(title, agree, from, true, func(paths []string) { done(paths[0]) })
}

// chooseFiles asks for files and folders.
func (w *window) chooseFiles(title, agree, from string, done func([]scan.Path)) {
	w.choose(title, agree, from, false, func(paths []string) {
		out := make([]scan.Path, len(paths))
		for i, p := range paths {
			out[i] = scan.Path(p)
		}
		done(out)
	})
}

func (w *window) choose(title, agree, from string, folders bool, done func([]string)) {
	c := &chooser{w: w, folders: folders, done: done}
	c.table = parts.NewTable(w.keys, parts.RowHeight, parts.Column{Title: "Name", Flex: 1}, parts.Column{Title: "Size", Width: 110, Right: true})
	c.table.Multiple = !folders
	c.table.Count = func() int { return len(c.entries) }
	c.table.Row = c.row
	c.path = parts.NewEntry(w.keys, "Path of a folder")
	c.note = parts.NewText("", parts.Muted, 12, 200)
	m := &modal{id: "choose", title: title}
	finish := func() {
		if paths := c.chosen(); len(paths) > 0 {
			w.shut(m)
			done(paths)
		}
	}
	enter := func(i int) {
		if i < 0 || i >= len(c.entries) {
			return
		}
		if e := c.entries[i]; e.folder {
			c.goTo(filepath.Join(c.dir, e.name))
		} else {
			finish()
		}
	}
	c.table.OnOpen = enter
	c.table.OnSelect = c.describe
	c.path.OnSubmitted = func(p string) {
		if p = expand(p); p == c.dir {
			w.win.Canvas().Focus(c.table)
		} else {
			c.goTo(p)
		}
	}
	c.path.OnKey = func(k fyne.KeyName) bool {
		if k == fyne.KeyDown {
			w.win.Canvas().Focus(c.table)
			return true
		}
		return false
	}
	m.enter = func() { enter(c.table.Current()) }
	m.key = func(chord string) bool {
		switch chord {
		case "Backspace", "Alt+Up":
			c.goTo(filepath.Dir(c.dir))
		case "Ctrl+Enter":
			finish()
		case "Ctrl+A":
			c.table.Selected.All(len(c.entries))
			c.table.Refresh()
			c.describe()
		case "Ctrl+L":
			w.win.Canvas().Focus(c.path)
		default:
			return false
		}
		return true
	}
	up := parts.NewButton(w.keys, "Up", theme.MoveUpIcon(), func() { c.goTo(filepath.Dir(c.dir)) })
	homeDir, _ := os.UserHomeDir()
	home := parts.NewButton(w.keys, "Home", theme.HomeIcon(), func() { c.goTo(homeDir) })
	hint := "Enter opens a folder · Backspace goes up · Ctrl+Enter chooses · Ctrl+L types a path; a new name makes a new folder"
	if !folders {
		hint = "Enter opens a folder · Shift or Ctrl chooses several · Ctrl+Enter takes them, or this folder if none is chosen"
	}
	head := container.NewBorder(nil, nil, container.NewHBox(up, home), nil, c.path)
	foot := container.NewVBox(c.note, parts.NewText(hint, parts.Muted, 12, 200))
	w.open(m, container.NewBorder(head, foot, nil, nil, c.table), fyne.NewSize(760, 560), c.table,
		choice{agree + "   Ctrl+Enter", finish}, choice{"Cancel", func() { w.shut(m) }})
	c.goTo(from)
}

func expand(p string) string {
	if p == "~" || strings.HasPrefix(p, "~/") {
		if h, err := os.UserHomeDir(); err == nil {
			p = filepath.Join(h, p[1:])
		}
	}
	return filepath.Clean(p)
}

func (c *chooser) row(i int) []parts.Cell {
	e := c.entries[i]
	name := scan.Path(e.name).Line()
	if e.folder {
		return []parts.Cell{{Icon: theme.FolderIcon(), Tone: parts.Accent, Text: name}, {}}
	}
	icon := theme.FileIcon()
	if looksLikeScan(e.name) {
		icon = theme.FileImageIcon()
	}
	return []parts.Cell{{Icon: icon, Text: name}, {Text: bytesWords(e.size), Tone: parts.Muted}}
}

func looksLikeScan(name string) bool {
	switch strings.ToLower(filepath.Ext(name)) {
	case ".tif", ".tiff", ".png", ".jpg", ".jpeg", ".jp2", ".j2k", ".webp", ".bmp", ".pnm", ".pbm", ".pgm", ".ppm", ".pdf":
		return true
	}
	return false
}

// goTo lists a folder; one that does not exist can be chosen where a folder is
// asked for.
func (c *chooser) goTo(dir string) {
	before := filepath.Base(c.dir)
	up := filepath.Dir(c.dir) == dir
	c.going = dir
	load(c.w.bridge, &c.slot, func(context.Context) ([]entry, error) { return list(dir, c.folders) }, func(entries []entry, err error) {
		c.going = ""
		if errors.Is(err, os.ErrNotExist) && c.dir == "" && filepath.Dir(dir) != dir {
			c.goTo(filepath.Dir(dir)) // the first place to look at is gone
			return
		}
		if err != nil && !(c.folders && errors.Is(err, os.ErrNotExist)) {
			c.note.Set(err.Error(), parts.Bad)
			return
		}
		c.dir, c.entries = dir, entries
		c.path.SetText(dir)
		c.table.Refresh()
		at := 0
		if up {
			at = max(slices.IndexFunc(entries, func(e entry) bool { return e.name == before }), 0)
		}
		c.table.Select()
		if len(entries) > 0 && (up || c.folders) {
			c.table.Select(at)
		}
		c.describe()
	})
}

// describe says what Ctrl+Enter would take.
func (c *chooser) describe() {
	switch paths := c.chosen(); {
	case len(paths) == 1 && paths[0] == c.dir:
		c.note.Set("Chosen: this folder, "+scan.Path(c.dir).Line(), parts.Plain)
	case len(paths) == 1:
		c.note.Set("Chosen: "+scan.Path(filepath.Base(paths[0])).Line(), parts.Plain)
	default:
		c.note.Set(fmt.Sprintf("Chosen: %d files and folders", len(paths)), parts.Plain)
	}
	c.w.touch()
}

// chosen is what is selected: where folders are asked for the one that is open,
// else the selection or, without one, the folder that is open.
func (c *chooser) chosen() []string {
	if c.going != "" {
		return []string{c.going} // whoever is faster than the disk means the folder just asked for
	}
	if typed := expand(c.path.Text); c.path.Text != "" && typed != c.dir {
		return []string{typed} // a path typed and not yet looked at
	}
	var out []string
	for _, i := range c.table.Selected.Chosen() {
		if !c.folders && i < len(c.entries) {
			out = append(out, filepath.Join(c.dir, c.entries[i].name))
		}
	}
	if len(out) == 0 && c.dir != "" {
		out = []string{c.dir}
	}
	return out
}

// list reads a folder: folders first, then files, hidden ones left out, in
// natural order.
func list(dir string, folders bool) ([]entry, error) {
	found, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("folder: %w", err)
	}
	var out []entry
	for _, f := range found {
		info, err := os.Stat(filepath.Join(dir, f.Name()))
		if err != nil || strings.HasPrefix(f.Name(), ".") || (folders && !info.IsDir()) {
			continue
		}
		out = append(out, entry{f.Name(), info.IsDir(), info.Size()})
	}
	slices.SortFunc(out, func(a, b entry) int {
		if a.folder != b.folder {
			if a.folder {
				return -1
			}
			return 1
		}
		return natural(a.name, b.name)
	})
	return out, nil
}

// natural compares names so that numbers in them count as numbers.
func natural(a, b string) int {
	digit := func(c byte) bool { return c >= '0' && c <= '9' }
	for a != "" && b != "" {
		if digit(a[0]) && digit(b[0]) {
			x, restA := digits(a)
			y, restB := digits(b)
			if len(x) != len(y) {
				return len(x) - len(y)
			}
			if c := strings.Compare(x, y); c != 0 {
				return c
			}
			a, b = restA, restB
			continue
		}
		x, y := a[0]|0x20, b[0]|0x20
		if x != y {
			return int(x) - int(y)
		}
		a, b = a[1:], b[1:]
	}
	return len(a) - len(b)
}

// digits cuts the number off the front of s, without leading zeros.
func digits(s string) (number, rest string) {
	n := 0
	for n < len(s) && s[n] >= '0' && s[n] <= '9' {
		n++
	}
	return strings.TrimLeft(s[:n], "0"), s[n:]
}
