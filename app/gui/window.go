package gui

import (
	"context"
	"errors"
	"fmt"
	"image"
	"path/filepath"
	"strings"
	"time"
	"unicode"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"recto/app/gui/parts"
	"recto/app/job"
	"recto/app/workbench"
	"recto/scan"
)

// screen is one place of the rail.
type screen interface {
	id() string
	word() string
	icon() fyne.Resource
	content() fyne.CanvasObject // made once
	shown()                     // came into sight
	reload()                    // something in the archive changed
	focus() fyne.Focusable      // what gets the keyboard; nil: nothing
	escape() bool               // Esc: leave what is under way; false: there is nothing
	dump(*state)
}

// window is the workstation's one window. Everything in it belongs to the UI
// goroutine.
type window struct {
	cfg     Config
	fyne    fyne.App
	win     fyne.Window
	bridge  *bridge
	core    Core // nil: no archive is open
	keys    *parts.Keys
	reg     registry
	jobs    *job.Queue
	scanner *job.Queue // of the scanner, which waits for no other work
	thumbs  *thumbs
	frame   frame

	screens []screen
	current screen
	modals  []*modal

	batches   *batchesScreen
	capture   *captureScreen
	importing *importScreen
	arrange   *arrangeScreen
	page      *pageScreen
	catalogue *catalogueScreen
	export    *exportScreen
	speller   *speller  // opened last
	preparer  *preparer // opened last
	welcome   *welcomeScreen

	opened                 // how the archive is open
	batch     scan.BatchID // the one that Arrange shows
	opening   string       // the archive being opened
	openSlot  slot
	spaceSlot slot
	free      uint64
	lastError string
	said      string                  // the last message in the status bar
	mods      func() fyne.KeyModifier // held down now
	dumping   bool
	polling   bool // the running job's counters
	couldHold bool // the running job heeded a pause when its card was made
	refreshes int
}

// newWindow builds the window without showing it.
func newWindow(cfg Config, a fyne.App, b *bridge) *window {
	w := &window{cfg: cfg, fyne: a, bridge: b, mods: parts.Modifiers}
	a.Settings().SetTheme(look{cfg.Prefs.String(prefTheme)})
	w.win = a.NewWindow("Recto")
	w.win.SetMaster()
	w.win.SetPadded(false)
	w.keys = &parts.Keys{Key: w.typedKey, Rune: w.typedRune, Shortcut: w.typedShortcut, Gained: w.inSight}
	w.jobs = newQueue(w)
	w.thumbs = newThumbs(b, w.thumbnail, func() { w.thumbsReady() })
	w.welcome = newWelcome(w)
	w.current = w.welcome
	w.scanner = newScanner(w)
	w.batches, w.capture, w.importing, w.arrange = newBatches(w), newCapture(w), newImport(w), newArrange(w)
	w.page, w.catalogue, w.export = newPage(w), newCatalogue(w), newExport(w)
	w.screens = []screen{w.batches, w.capture, w.arrange, w.page, w.catalogue, w.export, w.importing} // the last is on no rail
	w.addCommands()
	w.buildFrame()
	c := w.win.Canvas()
	c.SetOnTypedKey(func(e *fyne.KeyEvent) { w.keys.TypedKey(e.Name) })
	c.SetOnTypedRune(w.keys.TypedRune)
	for _, cmd := range w.reg.list {
		for _, k := range cmd.keys {
			if s := shortcutOf(k); s != nil {
				c.AddShortcut(s, func(s fyne.Shortcut) { w.typedShortcut(s) })
			}
		}
	}
	w.win.SetOnDropped(func(_ fyne.Position, uris []fyne.URI) { w.dropped(uris) })
	w.win.SetCloseIntercept(w.quit)
	w.win.Resize(fyne.NewSize(1280, 820))
	w.show(w.welcome)
	return w
}

// begin opens the first archive; the window is on the screen by then.
func (w *window) begin() {
	w.beginModels()
	switch {
	case w.cfg.Core != nil:
		w.use(w.cfg.Core, opened{})
	case w.cfg.Archive != "":
		w.openArchive(w.cfg.Archive)
	}
	w.restoreFocus()
}

// openArchive opens dir beside the UI and closes the archive that is open. One
// that cannot be written to is opened to be looked at.
func (w *window) openArchive(dir string) { w.openWith(dir, false) }

// openWith is openArchive; with look for reading only.
func (w *window) openWith(dir string, look bool) {
	w.page.takeEdit()
	if w.keeping(func() { w.openWith(dir, look) }) {
		return
	}
	if w.working() {
		w.ask("switch", "Work is going on", "Opening another archive stops the jobs of this one. What is done is safe; the rest can be run again later.",
			"Stop and open", func() { w.jobs.StopAll(); w.scanner.StopAll(); w.openWith(dir, look) })
		return
	}
	w.opening = dir
	w.welcome.reload()
	w.show(w.welcome)
	old := w.core
	w.core = nil
	how := opened{looking: look}
	load(w.bridge, &w.openSlot, func(ctx context.Context) (Core, error) {
		if old != nil {
			if err := old.Close(); err != nil {
				return nil, err
			}
		}
		c, err := w.cfg.Open(ctx, dir, look)
		if !look && errors.Is(err, scan.ErrReadOnly) {
			how = opened{looking: true, fixed: true}
			c, err = w.cfg.Open(ctx, dir, true)
		}
		return c, err
	}, func(c Core, err error) {
		w.opening = ""
		if err != nil {
			w.welcome.failed(dir, err)
			w.touch()
			return
		}
		w.use(c, how)
	})
	w.touch()
}

// newArchive makes an archive at dir and opens it.
func (w *window) newArchive(dir string) {
	act(w.bridge, func(ctx context.Context) error { return w.cfg.New(ctx, dir) }, func(err error) {
		if err != nil {
			w.fail("New archive at "+dir, err)
			return
		}
		w.openArchive(dir)
	})
}

// opened says what can be done with an open archive.
type opened struct {
	looking bool // nothing in it can be changed
	fixed   bool // because nobody here may write in it, not because somebody else does
}

// use makes c the open archive.
func (w *window) use(c Core, how opened) {
	w.core, w.opened = c, how
	w.showBanner()
	w.arrange.grid.SetFixed(how.looking)
	w.batch = ""
	w.catalogue.reset()
	w.capture.reset()
	w.capture.loadProfiles() // palette and help name them wherever they are opened
	w.remember(c.Directory())
	w.thumbs.reset()
	w.win.SetTitle("Recto: " + filepath.Base(c.Directory()))
	for _, s := range w.screens {
		s.reload()
	}
	w.show(w.batches)
	w.checkSpace()
	if mended := c.Repaired(); len(mended) > 0 {
		text := "The last run was interrupted. What was found has been put in order:\n"
		for _, m := range mended {
			text += "\n· " + m
		}
		w.tell("repaired", "The archive was mended", text)
	}
}

// remember puts dir on top of the recent archives.
func (w *window) remember(dir string) {
	list := []string{dir}
	for _, d := range w.cfg.Prefs.StringList(prefRecent) {
		if d != dir && len(list) < 8 {
			list = append(list, d)
		}
	}
	w.cfg.Prefs.SetStringList(prefRecent, list)
}

// show goes to a screen.
func (w *window) show(s screen) {
	if w.core == nil {
		s = w.welcome
	}
	if s != w.current {
		w.said = ""
		w.page.takeEdit()
		w.page.leaveMode()
	}
	w.current = s
	w.hideTip()
	w.frame.content.Objects = []fyne.CanvasObject{s.content()}
	w.frame.content.Refresh()
	for i, item := range w.frame.rail {
		item.SetActive(w.screens[i] == s || (w.screens[i] == screen(w.capture) && s == screen(w.importing)))
	}
	if w.core == nil { // nothing to go to
		w.frame.side.Hide()
	} else {
		w.frame.side.Show()
	}
	w.fillToolbar()
	s.shown()
	w.refocus()
	w.touch()
}

// refocus gives the keyboard to the modal or the screen if nothing in it has it.
func (w *window) refocus() {
	c := w.win.Canvas()
	if m := w.top(); m != nil {
		return
	}
	if f := w.current.focus(); f != nil {
		c.Focus(f)
	} else {
		c.Unfocus()
	}
}

// restoreFocus is refocus where a click left the keyboard with nobody.
func (w *window) restoreFocus() {
	if w.win.Canvas().Focused() == nil {
		w.refocus()
	}
}

// reload asks the core again for whatever screens show.
func (w *window) reload() {
	if w.core == nil {
		if dir := w.welcome.dir; dir != "" && w.opening == "" {
			w.openArchive(dir)
		}
		return
	}
	w.thumbs.retry()
	if w.current == screen(w.capture) {
		w.capture.probe(true)
	}
	for _, s := range w.screens {
		s.reload()
	}
	w.checkSpace()
	w.touch()
}

// checkSpace asks how much room the disk has.
func (w *window) checkSpace() {
	core := w.core
	if core == nil {
		return
	}
	load(w.bridge, &w.spaceSlot, func(context.Context) (uint64, error) { return core.FreeSpace() }, func(n uint64, err error) {
		if err == nil {
			w.free = n
		}
		w.touch()
	})
}

// thumbnail is what loads small pictures.
func (w *window) thumbnail(ctx context.Context, id scan.PageID) (*image.RGBA, error) {
	core := w.core
	if core == nil {
		return nil, context.Canceled
	}
	return core.Thumbnail(ctx, id)
}

func (w *window) thumbsReady() {
	w.arrange.thumbsReady()
	w.capture.thumbsReady()
	w.catalogue.thumbsReady()
}

// run does a command if it can be done now. A key that changes nothing because the
// archive is only looked at says so: the banner is easily overlooked.
func (w *window) run(c *command) bool {
	if c == nil {
		return false
	}
	if !c.can() {
		if w.core != nil && w.looking && c.writes {
			w.say("%s: not while the archive is only looked at", strings.TrimSuffix(c.words(), "…"))
		}
		return false
	}
	w.hideTip()
	c.run()
	w.restoreFocus()
	w.touch()
	return true
}

// scope is the screen whose commands hold.
func (w *window) scope() string { return w.current.id() }

// typedKey is a named key that nothing focused has used.
func (w *window) typedKey(name fyne.KeyName) bool {
	chord := chordOf(name, w.mods()&fyne.KeyModifierShift)
	if isCharacter(strings.TrimPrefix(chord, "Shift+")) {
		return false // comes as a character too, as the keyboard's layout has it
	}
	if w.top() != nil {
		return w.modalKey(chord)
	}
	return w.run(w.reg.find(w.scope(), chord))
}

// typedRune is a character that no text field has used.
func (w *window) typedRune(r rune) bool {
	if w.top() != nil {
		return w.modalKey(chordOfRune(r))
	}
	if unicode.IsUpper(r) && w.mods()&fyne.KeyModifierShift != 0 {
		if c := w.reg.find(w.scope(), "Shift+"+chordOfRune(r)); c != nil {
			return w.run(c)
		}
	}
	return w.run(w.reg.find(w.scope(), chordOfRune(r)))
}

// typedShortcut is a chord with Ctrl or Alt.
func (w *window) typedShortcut(s fyne.Shortcut) bool {
	chord := chordOfShortcut(s)
	if w.top() != nil {
		return w.modalKey(chord)
	}
	return w.run(w.reg.find(w.scope(), chord))
}

// escape leaves what is nearest: the drawer, something on the screen, full screen.
func (w *window) escape() {
	switch {
	case w.frame.drawer.Visible():
		w.toggleDrawer()
	case w.current.escape():
	case w.win.FullScreen():
		w.win.SetFullScreen(false)
	}
}

// dropped takes files let go over the window to Import, whatever screen is shown.
func (w *window) dropped(uris []fyne.URI) {
	switch {
	case w.core == nil:
		w.say("Open an archive first: then files dropped here are imported")
		return
	case w.looking:
		w.say("Nothing can be imported while the archive is only looked at")
		return
	case w.top() != nil:
		w.say("Close what is open first, then drop the files again")
		return
	}
	var paths []scan.Path
	for _, u := range uris {
		if u.Scheme() == "file" {
			paths = append(paths, scan.Path(u.Path()))
		}
	}
	if len(paths) > 0 {
		w.importing.add(paths)
		w.show(w.importing)
	}
}

// quit closes the window; work under way is stopped only if the user agrees.
func (w *window) quit() {
	w.page.takeEdit()
	if w.keeping(w.quit) {
		return
	}
	if w.working() {
		w.ask("quit", "Work is going on", "Closing stops it. What is done is safe, and running the same again goes on where it stopped.",
			"Stop and close", func() { w.jobs.Close(); w.scanner.Close(); w.close() })
		return
	}
	w.close()
}

// keeping tells whether nothing runs but what was typed last is still on its way, and has
// then follow when that is kept, or in any case in a moment.
func (w *window) keeping(then func()) bool {
	if len(w.page.waiting) == 0 || w.page.kept != nil || w.jobs.Active() || w.scanner.Active() {
		w.page.kept = nil
		return false
	}
	w.page.kept = then
	w.say("Keeping what was typed…")
	w.bridge.later(3*time.Second, func() {
		if w.page.kept != nil {
			then()
		}
	})
	return true
}

// working tells whether something runs or waits.
func (w *window) working() bool {
	return w.jobs.Active() || w.scanner.Active() || len(w.page.waiting) > 0
}

func (w *window) close() {
	w.bridge.stop()
	w.win.Close()
}

// say puts a short message into the status bar until the next.
func (w *window) say(format string, args ...any) {
	w.said = fmt.Sprintf(format, args...)
	w.touch()
}

// pageProblems tells which pages failed and what helps, for the list of a job.
func (w *window) pageProblems(failed []workbench.PageInfo) []job.Problem {
	var out []job.Problem
	for _, p := range failed {
		what := fmt.Sprintf("Page %d (%s)", p.Number, filepath.Base(p.Origin.Path.Line()))
		if p.Problem != nil {
			out = append(out, w.problemOf(what, p.Problem))
		} else {
			out = append(out, job.Problem{What: what, Title: "Could not be read", Remedy: "Try again with R on the Batches screen."})
		}
	}
	return out
}

// split is a horizontal split that keeps its share.
func split(left, right fyne.CanvasObject, share float64) *container.Split {
	s := container.NewHSplit(left, right)
	s.SetOffset(share)
	return s
}
