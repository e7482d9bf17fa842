package gui

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"

	"recto/app/gui/parts"
	"recto/app/workbench"
	"recto/archive"
	"recto/archive/coversheet"
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
	note, more := parts.NewText("", parts.Muted, 12, 200), prose("")
	more.Hide()
	say := func(words string, tone parts.Tone, notes ...string) {
		note.Set(words, tone)
		more.SetText(strings.Join(notes, " "))
		more.Hidden = len(notes) == 0
		more.Refresh()
	}
	paper := parts.NewSelect(w.keys, func(chosen string) { w.cfg.Prefs.SetString(prefPaper, chosen) })
	paper.SetOptions([]string{"A4", "Letter"})
	if p := w.cfg.Prefs.String(prefPaper); p != "" {
		paper.SetSelected(p)
	} else {
		paper.SetSelectedIndex(0)
	}
	var reload func()
	plan := func(work func(context.Context) ([]archive.Unit, []string, error)) {
		var planned []archive.Unit
		var notes []string
		act(w.bridge, func(ctx context.Context) (err error) {
			planned, notes, err = work(ctx)
			return err
		}, func(err error) {
			if err != nil {
				w.failList("Plan units", err)
				return
			}
			say(count(len(planned), "unit is", "units are")+" planned", parts.Good, notes...)
			reload()
		})
	}
	list := func() {
		if w.looking {
			return
		}
		w.chooseFiles("A list of units (CSV)", "Read it", w.home(), func(paths []scan.Path) {
			plan(func(ctx context.Context) ([]archive.Unit, []string, error) {
				return core.PlanList(ctx, string(paths[0]))
			})
		})
	}
	one := func() {
		if !w.looking {
			w.unitForm(func(u archive.Unit) {
				plan(func(ctx context.Context) ([]archive.Unit, []string, error) {
					planned, err := core.PlanUnits(ctx, []archive.Unit{u})
					return planned, nil, err
				})
			})
		}
	}
	save := func(chosen bool) {
		var codes []string
		n := len(all)
		if chosen && n > 0 {
			rows := t.Selected.Chosen()
			if len(rows) == 0 {
				rows = []int{t.Current()}
			}
			for _, i := range rows {
				codes = append(codes, all[i].Code)
			}
			n = len(codes)
		}
		if n == 0 {
			say("Plan a unit first", parts.Bad)
			return
		}
		w.chooseFolder("A folder for the PDF of "+count(n, "cover sheet", "cover sheets"), "Save it there", w.home(), func(dir string) {
			var file string
			var notes []string
			o := workbench.SheetOptions{Paper: strings.ToLower(paper.Selected)}
			act(w.bridge, func(ctx context.Context) (err error) {
				file, notes, err = saveCovers(ctx, core, dir, codes, o)
				return err
			}, func(err error) {
				if err != nil {
					w.fail("Save the cover sheets", err)
					return
				}
				say("Saved: "+file+". Print at actual size.", parts.Good, notes...)
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
					"A cover sheet lies on top of each unit in the stack; the pages behind it are filed under its reference. Read a list (CSV; columns reference, title, container, expected, code, and any others as metadata), or plan one by hand."))
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
			save(false)
		case "Ctrl+Shift+S":
			save(true)
		case "Ctrl+A":
			t.Selected.All(len(all))
			t.Refresh()
		default:
			return false
		}
		return true
	}
	m.closed = func() { asked.drop() }
	foot := container.NewVBox(more, container.NewBorder(nil, nil, nil, container.NewHBox(middle(parts.NewText("Paper", parts.Muted, 12, 0)), paper), middle(note)))
	w.open(m, container.NewBorder(nil, foot, nil, nil, root), fyne.NewSize(900, 480), nil,
		choice{"All as PDF…   Ctrl+S", func() { save(false) }}, choice{"Chosen…   Ctrl+Shift+S", func() { save(true) }},
		choice{"One by hand…   Ctrl+N", one}, choice{"List (CSV)…   Ctrl+O", list}, choice{"Close", func() { w.shut(m) }})
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

// failList shows what is wrong with a list, each fault with its place.
func (w *window) failList(what string, err error) {
	var faults coversheet.Faults
	if !errors.As(err, &faults) {
		w.fail(what, err)
		return
	}
	w.lastError = err.Error()
	t := parts.NewTable(w.keys, parts.RowHeight, parts.Column{Title: "Line", Width: 70, Right: true}, parts.Column{Title: "Column", Width: 150}, parts.Column{Title: "What is wrong", Flex: 1})
	t.Telling = true
	t.Count = func() int { return len(faults) }
	t.Row = func(i int) []parts.Cell {
		var at *coversheet.ListError
		if !errors.As(faults[i], &at) {
			return []parts.Cell{{}, {}, {Text: faults[i].Error()}}
		}
		column := at.Name
		if column == "" && at.Column > 0 {
			column = strconv.Itoa(at.Column)
		}
		return []parts.Cell{{Text: strconv.Itoa(at.Line)}, {Text: column}, {Text: at.Err.Error()}}
	}
	file, x := filepath.Base(string(workbench.Subject(err))), w.cfg.Explain(faults[0])
	m := &modal{id: "faults", title: x.Title + ": " + scan.Path(file).Line(), closed: func() { w.lastError = "" }}
	w.open(m, container.NewBorder(nil, prose(x.Remedy), nil, nil, t), fyne.NewSize(820, 380), t, choice{"Close", func() { w.shut(m) }})
}

// saveCovers makes the PDF under a name that is free.
func saveCovers(ctx context.Context, core planning, dir string, codes []string, o workbench.SheetOptions) (file string, notes []string, err error) {
	_, there := os.Stat(dir)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", nil, err
	}
	defer func() {
		if err != nil && there != nil {
			_ = os.Remove(dir) // nobody asked for an empty folder
		}
	}()
	for n := 1; ; n++ {
		file = filepath.Join(dir, "cover-sheets.pdf")
		if n > 1 {
			file = filepath.Join(dir, fmt.Sprintf("cover-sheets-%d.pdf", n))
		}
		_, notes, err = core.SaveCoverSheets(ctx, file, codes, o)
		if !errors.Is(err, workbench.ErrFileThere) {
			return file, notes, err
		}
	}
}
