package gui

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"

	"recto/app/gui/parts"
	"recto/app/workbench"
	"recto/archive"
	"recto/scan"
)

// coverSheets plans units that are going to be scanned and prints the sheets that
// lie on top of them in the stack.
func (w *window) coverSheets() {
	core := w.core
	if core == nil {
		return
	}
	var all []archive.Unit
	var asked slot
	t := parts.NewTable(w.keys, parts.RowHeight, parts.Column{Title: "Code", Width: 120, Flex: 1}, parts.Column{Title: "Reference", Width: 120, Flex: 1},
		parts.Column{Title: "Title", Width: 120, Flex: 2}, parts.Column{Title: "Container", Width: 90, Spare: 1}, parts.Column{Title: "Sheets", Width: 70, Right: true})
	t.Multiple, t.Telling = true, true
	t.Count = func() int { return len(all) }
	t.Row = func(i int) []parts.Cell {
		u := all[i]
		return []parts.Cell{{Text: u.Code, Bold: true}, {Text: u.Reference}, {Text: u.Title}, {Text: u.Container}, number(u.Expected, parts.Plain)}
	}
	root := container.NewStack(parts.Notice(theme.SearchIcon(), parts.Muted, "Looking for units", ""))
	m := &modal{id: "covers", title: "Cover sheets"}
	note := parts.NewText("", parts.Muted, 12, 200)
	paper := parts.NewSelect(w.keys, func(chosen string) { w.cfg.Prefs.SetString(prefPaper, chosen) })
	paper.SetOptions([]string{"A4", "Letter"})
	if p := w.cfg.Prefs.String(prefPaper); p != "" {
		paper.SetSelected(p)
	} else {
		paper.SetSelectedIndex(0)
	}
	var reload func()
	plan := func(units []archive.Unit, notes ...string) {
		act(w.bridge, func(ctx context.Context) error { return core.PlanUnits(ctx, units) }, func(err error) {
			if err != nil {
				w.fail("Plan units", err)
				return
			}
			words := append([]string{count(len(units), "unit is", "units are") + " planned"}, notes...)
			note.Set(strings.Join(words, "; "), parts.Good)
			reload()
		})
	}
	list := func() {
		if w.looking {
			return
		}
		w.chooseFiles("A list of units (CSV)", "Read it", w.home(), func(paths []scan.Path) {
			var s slot
			type list struct {
				units []archive.Unit
				notes []string
			}
			load(w.bridge, &s, func(context.Context) (l list, err error) {
				l.units, l.notes, err = unitsOf(string(paths[0]))
				return l, err
			}, func(l list, err error) {
				if err != nil {
					note.Set(err.Error(), parts.Bad)
					return
				}
				plan(l.units, l.notes...)
			})
		})
	}
	one := func() {
		if !w.looking {
			w.unitForm(func(u archive.Unit) { plan([]archive.Unit{u}) })
		}
	}
	save := func() {
		var codes []string
		if t.Selected.Len() > 1 {
			for _, i := range t.Selected.Chosen() {
				codes = append(codes, all[i].Code)
			}
		}
		n := len(codes)
		if n == 0 {
			n = len(all)
		}
		if n == 0 {
			note.Set("Plan a unit first", parts.Bad)
			return
		}
		w.chooseFolder("A folder for the PDF of "+count(n, "cover sheet", "cover sheets"), "Save it there", w.home(), func(dir string) {
			file, size := "", strings.ToLower(paper.Selected)
			act(w.bridge, func(ctx context.Context) (err error) {
				file, err = saveCovers(ctx, core, dir, codes, size)
				return err
			}, func(err error) {
				if err != nil {
					w.fail("Save the cover sheets", err)
					return
				}
				note.Set("Saved: "+file, parts.Good)
				w.say("Cover sheets saved: %s", file)
			})
		})
	}
	reload = func() {
		load(w.bridge, &asked, core.Units, func(units []archive.Unit, err error) {
			all = units
			switch {
			case err != nil:
				swap(root, w.trouble(err, reload))
			case len(units) == 0:
				swap(root, parts.Notice(theme.DocumentIcon(), parts.Accent, "No units planned",
					"A cover sheet lies on top of each unit in the stack; the pages behind it are filed under its reference. Read a list (columns code, reference, title, container, expected), or plan one by hand."))
			default:
				if swap(root, t) && w.top() == m {
					w.win.Canvas().Focus(t)
				}
				t.Refresh()
			}
			w.touch()
		})
	}
	m.key = func(chord string) bool {
		switch chord {
		case "Ctrl+O":
			list()
		case "Ctrl+N":
			one()
		case "Ctrl+S":
			save()
		case "Ctrl+A":
			t.Selected.All(len(all))
			t.Refresh()
		default:
			return false
		}
		return true
	}
	m.closed = func() { asked.drop() }
	w.open(m, container.NewBorder(nil, container.NewBorder(nil, nil, nil, container.NewHBox(middle(parts.NewText("Paper", parts.Muted, 12, 0)), paper), middle(note)), nil, nil, root), fyne.NewSize(820, 480), nil,
		choice{"Save PDF…   Ctrl+S", save}, choice{"One by hand…   Ctrl+N", one}, choice{"List (CSV)…   Ctrl+O", list}, choice{"Close", func() { w.shut(m) }})
	reload()
}

// unitForm asks for one unit.
func (w *window) unitForm(done func(archive.Unit)) {
	f := w.newForm()
	reference := f.entry("Reference", "Shelfmark of the unit: PR-014/3", "")
	name := f.entry("Title", "", "")
	box := f.entry("Container", "", "")
	expected := f.number("Expected sheets", "", 0)
	code := f.entry("Code on the sheet", "Empty: one is made of the reference", "")
	note := parts.NewText("", parts.Bad, 12, 200)
	m := &modal{id: "unit", title: "A unit to be scanned"}
	finish := func() {
		u := archive.Unit{Code: strings.TrimSpace(code.Text), Reference: strings.TrimSpace(reference.Text), Title: strings.TrimSpace(name.Text), Container: strings.TrimSpace(box.Text)}
		n, ok := wholeNumber(expected)
		if u.Expected = n; !ok || u.Reference == "" {
			note.Set("A reference is needed; expected sheets are a number", parts.Bad)
			return
		}
		w.shut(m)
		done(u)
	}
	for _, e := range []*parts.Entry{reference, name, box, expected, code} {
		e.OnSubmitted = func(string) { finish() }
	}
	w.open(m, container.NewVBox(f.rows, note), fyne.NewSize(520, 270), reference, choice{"Plan it", finish}, choice{"Cancel", func() { w.shut(m) }})
}

// saveCovers writes the PDF under a name that is free.
func saveCovers(ctx context.Context, core planning, dir string, codes []string, paper string) (string, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	for n := 1; ; n++ {
		file := filepath.Join(dir, "cover-sheets.pdf")
		if n > 1 {
			file = filepath.Join(dir, fmt.Sprintf("cover-sheets-%d.pdf", n))
		}
		to, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
		if errors.Is(err, os.ErrExist) {
			continue
		}
		if err != nil {
			return "", err
		}
		err = core.CoverSheets(ctx, to, codes, paper)
		if cerr := to.Close(); err == nil {
			err = cerr
		}
		if err != nil {
			_ = os.Remove(file) // half a PDF helps nobody
			return "", err
		}
		return file, nil
	}
}

// unitsOf reads a list of units; notes say what was assumed of it.
func unitsOf(file string) (units []archive.Unit, notes []string, err error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, nil, err
	}
	defer f.Close()
	if units, notes, err = workbench.ReadUnits(f); err != nil {
		return nil, nil, fmt.Errorf("%s: %w", filepath.Base(file), err)
	}
	return units, notes, nil
}
