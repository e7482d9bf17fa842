package gui

import (
	"context"
	"fmt"
	"slices"

	"fyne.io/fyne/v2/theme"

	"recto/app/job"
	"recto/archive"
)

// addCommands fills the registry: what goes everywhere, then what each screen
// brings.
func (w *window) addCommands() {
	there := func() bool { return w.core != nil }
	w.reg.add(
		&command{id: "file.new", title: "New archive…", keys: []string{"Ctrl+N"}, menu: "File", run: w.askNew},
		&command{id: "file.open", title: "Open archive…", keys: []string{"Ctrl+Shift+O"}, menu: "File", run: w.askOpen},
		&command{id: "file.look", title: "Open to look only", keys: []string{"Ctrl+Shift+L"}, menu: "File", enabled: w.welcome.canLook, run: w.welcome.look},
		&command{id: "file.covers", title: "Cover sheets…", menu: "File", enabled: there, run: w.coverSheets},
		&command{id: "file.profiles", title: "Capture profiles…", menu: "File", enabled: there, run: w.manageProfiles},
		&command{id: "file.verify", title: "Verify archive", menu: "File", enabled: there, run: w.verify},
		&command{id: "file.settings", title: "Settings…", keys: []string{"Ctrl+,"}, menu: "File", run: w.settings},
		&command{id: "file.quit", title: "Quit", keys: []string{"Ctrl+Q"}, menu: "File", run: w.quit},
	)
	for i, s := range w.screens[:len(railKeys)] {
		w.reg.add(&command{id: "go." + s.id(), title: s.word(), word: s.word(), keys: railKeys[i : i+1], menu: "Go", enabled: there, run: func() { w.show(s) }})
	}
	w.reg.byID("go.catalogue").keys = []string{"F8", "Ctrl+F"}
	w.reg.byID("go.catalogue").title = "Catalogue: search"
	w.reg.byID("go.arrange").run = w.toArrange
	w.reg.byID("go.page").run = func() {
		if w.current == screen(w.arrange) && len(w.arrange.pages) > 0 && !w.arrange.has(w.page) {
			w.arrange.open() // the page that is chosen there
			return
		}
		w.show(w.page)
	}
	w.reg.byID("go.catalogue").run = func() { w.show(w.catalogue); w.catalogue.focusQuery() }
	w.reg.add(
		&command{id: "text.spelling", writes: true, title: "Spelling of a name on all pages…", keys: []string{"Ctrl+H"}, menu: "Text", enabled: there, run: w.spellName},
		&command{id: "view.next-pane", title: "Next pane", keys: []string{"F11"}, menu: "View", run: func() { w.win.Canvas().FocusNext() }},
		&command{id: "view.full-screen", title: "Full screen", keys: []string{"F10"}, menu: "View", run: func() { w.win.SetFullScreen(!w.win.FullScreen()) }},
		&command{id: "view.jobs", title: "Jobs drawer", word: "Jobs", keys: []string{"F12"}, menu: "View", icon: theme.HistoryIcon(), run: w.toggleDrawer},
		&command{id: "jobs.cancel", title: "Cancel the job at work", keys: []string{"Ctrl+."}, menu: "View", enabled: func() bool { return w.jobs.Running() != nil }, run: func() { w.jobs.Stop(w.jobs.Running()) }},
		&command{id: "jobs.pause", title: "Pause the reading of pages, or go on", keys: []string{"Ctrl+P"}, menu: "View", enabled: w.pausable, run: w.pause},
		&command{id: "view.reload", title: "Look again", keys: []string{"Ctrl+R"}, menu: "View", enabled: func() bool { return there() || w.welcome.dir != "" }, run: w.reload},
		&command{id: "help.palette", title: "All commands…", word: "Commands", keys: []string{"Ctrl+K"}, menu: "Help", icon: theme.MenuIcon(), run: w.palette},
		&command{id: "help.keys", title: "Keys", word: "Keys", keys: []string{"F1"}, menu: "Help", icon: theme.HelpIcon(), run: w.help},
		&command{id: "help.doctor", title: "Languages, models and devices…", menu: "Help", run: w.doctor},
		&command{id: "help.about", title: "About Recto", menu: "Help", run: w.about},
		&command{id: "view.escape", title: "Cancel or close what is open", keys: []string{"Esc"}, menu: "View", run: w.escape},
	)
	w.reg.add(w.batches.commands()...)
	w.reg.add(w.capture.commands()...)
	w.reg.add(w.importing.commands()...)
	w.reg.add(w.arrange.commands()...)
	w.reg.add(w.page.commands()...)
	w.reg.add(w.catalogue.commands()...)
	w.reg.add(w.export.commands()...)
	for _, c := range w.reg.list {
		enabled := c.enabled
		c.enabled = func() bool {
			return (c.scope == "" || there()) && !(c.writes && w.looking) && (enabled == nil || enabled())
		}
	}
}

func (w *window) askNew() {
	w.chooseFolder("A folder for the new archive", "Make the archive here", w.home(), func(dir string) { w.newArchive(dir) })
}

// importFiles goes to Import and asks for files.
func (w *window) importFiles() {
	w.show(w.importing)
	w.importing.choose()
}

func (w *window) askOpen() {
	w.chooseFolder("Open an archive", "Open this archive", w.home(), w.openArchive)
}

func (w *window) about() {
	w.tell("about", "Recto "+w.cfg.Version, "From paper to archive: scans in, checked pages, recognised text, searchable PDF/A, verified packages out.\n\nApache License 2.0.")
}

// verify checks every file of the archive against its digest, as a job.
func (w *window) verify() {
	core := w.core
	w.jobs.Start("Verify the archive", func(ctx context.Context, p *job.Progress) job.Outcome {
		findings, err := core.Verify(ctx, p)
		out := job.Outcome{Err: err}
		for _, f := range findings {
			out.Problems = append(out.Problems, job.Problem{What: f.Path, Title: string(f.Severity) + ": " + f.Message, Remedy: f.Remedy})
		}
		if err == nil && archive.Valid(findings) {
			out.Summary = "Every file is there and unchanged."
		} else if err == nil {
			out.Summary = fmt.Sprintf("The archive is not valid: %s.", count(len(findings), "finding", "findings"))
		}
		return out
	})
	w.openDrawer()
}

func (w *window) openDrawer() {
	if !w.frame.drawer.Visible() {
		w.toggleDrawer()
	}
}

// setTheme changes between light, dark and the system's, and keeps it.
func (w *window) setTheme(choice string) {
	w.cfg.Prefs.SetString(prefTheme, choice)
	w.fyne.Settings().SetTheme(look{choice})
	if c := w.win.Content(); c != nil {
		w.win.Canvas().Refresh(c)
	}
}

// toArrange shows Arrange, from a page of the same batch with that page chosen.
func (w *window) toArrange() {
	if p, ok := w.page.page(); ok && w.current == screen(w.page) && p.Batch == w.batch && !p.Binned && !w.arrange.has(w.page) {
		w.page.arrange()
		return
	}
	w.show(w.arrange)
}

// has tells whether the page that a page screen shows is among those chosen.
func (s *arrangeScreen) has(page *pageScreen) bool {
	p, ok := page.page()
	return ok && slices.Contains(s.chosen(), p.ID)
}
