package gui

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/storage"
	"fyne.io/fyne/v2/test"

	"recto/app/gui/parts"
	"recto/app/job"
	"recto/app/workbench"
	"recto/scan"
)

// desk is a window over a core in memory in which everything happens at once:
// work runs inline, and what was put off runs when settle is called.
type desk struct {
	*window
	t    *testing.T
	core *fakeCore
	put  []func()
	time time.Time // of the capture screen's clock; each look at it is a second later
}

func newDesk(t *testing.T, core *fakeCore) *desk {
	t.Helper()
	a := test.NewTempApp(t)
	d := &desk{t: t, core: core}
	b := &bridge{spawn: func(f func()) { f() }, do: func(f func()) { f() }, later: func(_ time.Duration, f func()) { d.put = append(d.put, f) }}
	b.ctx, b.stop = context.WithCancel(context.Background())
	t.Cleanup(b.stop)
	cfg := Config{Explain: fakeExplain, Operator: "tester", Prefs: a.Preferences(),
		Doctor: func(context.Context) []workbench.Check {
			return []workbench.Check{{Name: "language models", State: workbench.OK, Detail: "deu eng in /models"}, {Name: "orientation model", State: workbench.Advice, Detail: "osd is not installed", Remedy: "install it"}}
		},
		Open: func(_ context.Context, dir string, look bool) (Core, error) {
			core.dir = dir
			if look {
				return core, core.fail["Look"]
			}
			return core, core.fail["Open"]
		},
		New: func(context.Context, string) error { return core.fail["New"] }}
	d.window = newWindow(cfg, a, b)
	d.win.Resize(fyne.NewSize(1280, 820))
	d.capture.now = func() time.Time { d.time = d.time.Add(time.Second); return d.time }
	if core != nil {
		d.window.use(core, opened{})
	}
	d.settle()
	return d
}

// settle runs what was put off, and what that puts off.
func (d *desk) settle() {
	for range 50 {
		todo := d.put
		d.put = nil
		for _, f := range todo {
			f()
		}
		if len(d.put) == 0 {
			return
		}
	}
}

// press does what the desktop driver does with a chord.
func (d *desk) press(chords ...string) {
	d.t.Helper()
	for _, chord := range chords {
		c := d.win.Canvas()
		if s := shortcutOf(chord); s != nil {
			if f, ok := c.Focused().(fyne.Shortcutable); ok {
				f.TypedShortcut(s)
			} else {
				d.typedShortcut(s)
			}
		} else if rest := strings.TrimPrefix(chord, "Shift+"); rest != chord && isCharacter(rest) {
			d.mods = func() fyne.KeyModifier { return fyne.KeyModifierShift }
			d.win.Canvas().Focused().TypedRune([]rune(rest)[0])
			d.mods = parts.Modifiers
		} else if isCharacter(chord) {
			if f := c.Focused(); f != nil {
				f.TypedRune([]rune(strings.ToLower(chord))[0])
			} else {
				d.typedRune([]rune(chord)[0])
			}
		} else {
			_, key := parseChord(chord)
			if f := c.Focused(); f != nil {
				f.TypedKey(&fyne.KeyEvent{Name: key})
			} else {
				d.typedKey(key)
			}
		}
		d.settle()
	}
}

func (d *desk) onScreen(want string) {
	d.t.Helper()
	if got := d.snapshot().Screen; got != want {
		d.t.Fatalf("on screen %q, want %q", got, want)
	}
}

func (d *desk) order() string {
	var b strings.Builder
	for _, p := range d.arrange.pages {
		fmt.Fprintf(&b, "%s ", strings.TrimLeft(string(p.ID[len(p.ID)-4:]), "0"))
	}
	return strings.TrimSpace(b.String())
}

func TestEveryScreenByItsKey(t *testing.T) {
	d := newDesk(t, newFake(3, 8))
	d.onScreen("batches")
	for i, s := range d.screens[:len(railKeys)] {
		d.press(railKeys[i])
		d.onScreen(s.id())
	}
	d.press("F2")
	d.press("Ctrl+F")
	d.onScreen("catalogue")
}

// Whatever has the keyboard, a command's key must reach the registry.
func TestEveryFocusPassesKeys(t *testing.T) {
	d := newDesk(t, newFake(3, 8))
	check := func(where string, o fyne.CanvasObject) {
		for _, o := range test.LaidOutObjects(o) {
			f, ok := o.(fyne.Focusable)
			if !ok {
				continue
			}
			if k, ok := f.(parts.Keyed); !ok || k.PassesKeys() == nil {
				t.Errorf("%s: %T swallows keys", where, f)
			}
		}
	}
	d.importing.add([]scan.Path{"/scans/a"})
	d.press("F4", "Enter")
	for _, s := range append(d.screens, screen(d.welcome)) {
		check(s.id(), s.content())
	}
	check("frame", d.win.Content())
	for _, id := range []string{"help.keys", "help.palette", "file.settings", "file.open", "import.languages"} {
		d.reg.byID(id).run()
		d.settle()
		if d.top() == nil {
			t.Fatalf("%s opens nothing", id)
		}
		check(id, d.top().popup.Content)
		d.press("Esc")
		if d.top() != nil {
			t.Fatalf("Esc does not close %s", id)
		}
	}
}

func TestArrangeByKeys(t *testing.T) {
	core := newFake(1, 8)
	d := newDesk(t, core)
	d.press("Enter")
	d.onScreen("arrange")
	steps := []struct{ chord, want string }{
		{"Right", "1 2 3 4 5 6 7 8"}, // cursor on page 2
		{"Ctrl+Down", "1 3 2 4 5 6 7 8"},
		{"Ctrl+Down", "1 3 4 2 5 6 7 8"},
		{"Ctrl+Z", "1 3 2 4 5 6 7 8"},
		{"Ctrl+Y", "1 3 4 2 5 6 7 8"},
		{"Ctrl+Up", "1 3 2 4 5 6 7 8"},
		{"Ctrl+Home", "2 1 3 4 5 6 7 8"},
		{"Ctrl+Home", "2 1 3 4 5 6 7 8"}, // there already: nothing is done
		{"Ctrl+End", "1 3 4 5 6 7 8 2"},
		{"Del", "1 3 4 5 6 7 8"},
		{"B", "2"},
		{"R", ""},
		{"Esc", "1 3 4 5 6 7 8 2"},
	}
	for i, s := range steps {
		d.press(s.chord)
		if got := d.order(); got != s.want {
			t.Fatalf("step %d, %s: %s; want %s", i, s.chord, got, s.want)
		}
	}
	if n := len(slices.DeleteFunc(slices.Clone(core.calls), func(c string) bool { return c != "MovePages" })); n != 5 {
		t.Errorf("MovePages was called %d times, want 5", n)
	}
	d.press("]", "]")
	if r := d.arrange.pages[d.arrange.grid.Selected.Cursor()].ByHand.Quarter(); r != 180 {
		t.Errorf("two turns to the right give %v", r)
	}
	d.press("[")
	if r := d.arrange.pages[d.arrange.grid.Selected.Cursor()].ByHand.Quarter(); r != 90 {
		t.Errorf("then one to the left gives %v", r)
	}
	d.press("Ctrl+A")
	if n := d.arrange.grid.Selected.Len(); n != 8 {
		t.Errorf("Ctrl+A chooses %d of 8", n)
	}
}

// Keys that come faster than the changes are shown are not lost.
func TestFastKeys(t *testing.T) {
	d := newDesk(t, newFake(1, 8))
	d.press("F4")
	var flying []func()
	d.bridge.spawn = func(f func()) { flying = append(flying, f) }
	land := func() {
		for len(flying) > 0 {
			f := flying[0]
			flying = flying[1:]
			f()
			d.settle()
		}
	}
	d.press("Ctrl+Down", "Ctrl+Down", "Ctrl+Down", "]", "]")
	land()
	if got := d.order(); got != "2 3 4 1 5 6 7 8" {
		t.Errorf("three moves give %s", got)
	}
	if r := d.arrange.pages[3].ByHand.Quarter(); r != 180 {
		t.Errorf("two turns give %v", r)
	}
	for range 10 {
		d.press("Ctrl+Z")
	}
	land()
	if got := d.order(); got != "1 2 3 4 5 6 7 8" || d.snapshot().Busy {
		t.Errorf("undone to %s", got)
	}
	for range 10 {
		d.press("Ctrl+Y")
	}
	land()
	if got := d.order(); got != "2 3 4 1 5 6 7 8" || d.snapshot().Busy {
		t.Errorf("done again to %s", got)
	}
}

// A change that fails is told with its remedy, and the screen shows the core's
// order and not the hoped-for one.
func TestFailureLeavesTheTruth(t *testing.T) {
	core := newFake(1, 6)
	d := newDesk(t, core)
	d.press("F4", "Right")
	core.fail["MovePages"] = fmt.Errorf("journal: %w", scan.ErrNoSpace)
	d.press("Ctrl+Down")
	if s := d.snapshot(); s.Dialog != "error" || s.Title != "Disk full" {
		t.Errorf("dialog %q %q", s.Dialog, s.Title)
	}
	d.press("Esc")
	if got := d.order(); got != "1 2 3 4 5 6" || d.arrange.acting {
		t.Errorf("order %s, acting %v", got, d.arrange.acting)
	}
	delete(core.fail, "MovePages")
	d.press("Ctrl+Down")
	if got := d.order(); got != "1 3 2 4 5 6" {
		t.Errorf("order %s", got)
	}
	if d.win.Canvas().Focused() != fyne.Focusable(d.arrange.grid) {
		t.Errorf("the keyboard is with %T", d.win.Canvas().Focused())
	}
}

func TestScreensTellTroubleAndRecover(t *testing.T) {
	core := newFake(2, 6)
	d := newDesk(t, core)
	for _, c := range []struct{ key, method, screen string }{{"F2", "Batches", "batches"}, {"F4", "Pages", "arrange"}, {"F9", "Documents", "export"}} {
		core.fail[c.method] = fmt.Errorf("catalogue: %w", scan.ErrNoSpace)
		d.press(c.key)
		d.press("Ctrl+R")
		if s := d.snapshot(); s.Screen != c.screen || !strings.Contains(s.Error, "disk is full") {
			t.Errorf("%s: %+v", c.screen, s)
		}
		if !shows(d.current.content(), "Disk full") {
			t.Errorf("%s does not say what is wrong", c.screen)
		}
		delete(core.fail, c.method)
		d.press("Ctrl+R")
		if s := d.snapshot(); s.Count == 0 || s.Error != "" {
			t.Errorf("%s does not recover: %+v", c.screen, s)
		}
	}
}

// shows tells whether a text is to be read somewhere in o.
func shows(o fyne.CanvasObject, text string) bool {
	for _, o := range test.LaidOutObjects(o) {
		switch o := o.(type) {
		case *canvas.Text:
			if strings.Contains(o.Text, text) {
				return true
			}
		case interface{ String() string }:
			if strings.Contains(o.String(), text) {
				return true
			}
		}
		if l, ok := o.(interface{ AccessibilityLabel() string }); ok && strings.Contains(l.AccessibilityLabel(), text) {
			return true
		}
	}
	return false
}

func TestImportFromPreviewToDocument(t *testing.T) {
	core := newFake(0, 0)
	d := newDesk(t, core)
	d.press("F3")
	if d.importing.ready() {
		t.Error("an import of nothing can be started")
	}
	d.dropped([]fyne.URI{storage.NewFileURI("/scans/ledger"), storage.NewFileURI("/scans/cover.tif")})
	d.settle()
	s := d.snapshot()
	if s.Count != 13 || !s.Ready || !slices.Equal(s.Paths, []string{"/scans/ledger", "/scans/cover.tif"}) {
		t.Fatalf("after the drop: %+v", s)
	}
	row := d.importing.row(11)
	if row[3].Text != "Ignored: not an image, by name and by content" {
		t.Errorf("row 12 says %q", row[3].Text)
	}
	d.importing.title.SetText("Ledger")
	d.press("Ctrl+Enter")
	s = d.snapshot()
	if len(s.Jobs) != 1 || s.Jobs[0].State != job.Partly || !s.Drawer || s.Screen != "batches" || s.Count != 1 {
		t.Fatalf("after the import: %+v", s)
	}
	if out := d.jobs.Jobs()[0].Outcome(); len(out.Problems) != 3 || out.Problems[0].Title != "Empty file" || !strings.Contains(out.Summary, "PDF/A with 40 pages") {
		t.Errorf("the job tells %+v", out)
	}
	if len(d.importing.paths) != 0 {
		t.Error("the list is not empty for the next import")
	}
}

// The batch that an import makes has the cursor: Enter opens it.
func TestImportTakesTheCursor(t *testing.T) {
	d := newDesk(t, newFake(3, 8))
	d.press("Down", "F3")
	d.dropped([]fyne.URI{storage.NewFileURI("/scans/ledger")})
	d.settle()
	d.press("Ctrl+Enter")
	if s := d.snapshot(); s.Screen != "batches" || !slices.Equal(s.Selected, []string{"ledger"}) {
		t.Errorf("on %s, %v is chosen", s.Screen, s.Selected)
	}
	d.press("F12", "Down", "Ctrl+R")
	if s := d.snapshot(); s.Cursor != 1 {
		t.Errorf("looking again moves the cursor to %d", s.Cursor)
	}
}

// Taking a source off takes all its files off, and only its own.
func TestImportRemove(t *testing.T) {
	d := newDesk(t, newFake(0, 0))
	d.importing.add([]scan.Path{"/s/a", "/s/ab", "/s/c.tif"})
	d.importing.table.Select(1)
	d.importing.remove()
	if !slices.Equal(d.importing.paths, []scan.Path{"/s/ab", "/s/c.tif"}) {
		t.Errorf("left: %v", d.importing.paths)
	}
}

func TestSearchLightsTheHits(t *testing.T) {
	d := newDesk(t, newFake(3, 8))
	d.press("F8")
	for _, r := range "societe" { // without the accents that are printed
		d.win.Canvas().Focused().TypedRune(r)
	}
	d.settle()
	s := d.snapshot()
	if s.Total == 0 || s.Count == 0 || s.Query != "societe" || s.Busy {
		t.Fatalf("%+v", s)
	}
	d.press("Down", "Enter")
	s = d.snapshot()
	if s.Screen != "page" || s.Lit == 0 || s.Word < 0 {
		t.Fatalf("%+v", s)
	}
	if w := d.page.words[s.Word].Text; w != "Société" {
		t.Errorf("the cursor is on %q", w)
	}
	d.press("Esc")
	d.onScreen("catalogue")
	if d.query() != "societe" {
		t.Errorf("the query is %q", d.query())
	}
}

func (d *desk) query() string { return d.catalogue.query.Text }

// An answer that comes after a newer question is thrown away.
func TestLateAnswersAreDropped(t *testing.T) {
	var flying []func()
	b := &bridge{spawn: func(f func()) { flying = append(flying, f) }, do: func(f func()) { f() }}
	b.ctx, b.stop = context.WithCancel(context.Background())
	defer b.stop()
	var s slot
	var shown []string
	var first context.Context
	load(b, &s, func(ctx context.Context) (string, error) { first = ctx; return "old", nil }, func(v string, _ error) { shown = append(shown, v) })
	load(b, &s, func(context.Context) (string, error) { return "new", nil }, func(v string, _ error) { shown = append(shown, v) })
	flying[1]()
	flying[0]()
	if !slices.Equal(shown, []string{"new"}) || s.busy || first.Err() == nil {
		t.Errorf("shown %v, busy %v, first context %v", shown, s.busy, first.Err())
	}
}

func TestPageKeys(t *testing.T) {
	d := newDesk(t, newFake(1, 8))
	d.press("F4", "Enter")
	d.onScreen("page")
	for _, c := range []struct {
		chord  string
		number int
	}{{"PgDn", 2}, {"PgDn", 3}, {"PgUp", 2}, {"End", 8}, {"PgDn", 8}, {"Home", 1}} {
		d.press(c.chord)
		if s := d.snapshot(); s.Number != c.number {
			t.Fatalf("%s: page %d, want %d", c.chord, s.Number, c.number)
		}
	}
	d.press("1")
	if z := d.snapshot().Zoom; z != 100 {
		t.Errorf("full size is %d %%", z)
	}
	d.press("Alt+Down")
	s := d.snapshot()
	if s.Word < 0 || d.page.words[s.Word].Confidence >= doubtful {
		t.Errorf("the doubtful word is %d", s.Word)
	}
	d.press("O")
	if d.snapshot().Boxes {
		t.Error("O leaves the boxes")
	}
	// Page 6 is blank: it says so and is no error.
	d.press("Home", "PgDn", "PgDn", "PgDn", "PgDn", "PgDn")
	if s := d.snapshot(); s.Number != 6 || s.Words != 0 || s.Error != "" {
		t.Errorf("%+v", s)
	}
}

// What was done to a page is told in the words of whoever looks at it.
func TestPageTellsHowItWasTurned(t *testing.T) {
	core := newFake(1, 3)
	core.batches[core.order[0]].pages[0].Recipe = scan.Recipe{scan.NewStep("orient", scan.Orient{Degrees: 180}, false), scan.NewStep("deskew", scan.Deskew{Degrees: -1.667}, false)}
	d := newDesk(t, core)
	d.press("F4", "Enter")
	if got := d.page.head.String(); !strings.HasPrefix(got, "Page 1 of 3 · turned by 180° · straightened by -1.67°") {
		t.Errorf("the head says %q", got)
	}
}

func TestExportNeedsReasonAndRoom(t *testing.T) {
	core := newFake(2, 20) // the first document is incomplete
	d := newDesk(t, core)
	d.press("F9", "Space")
	if d.export.ready() {
		t.Error("ready without a destination")
	}
	d.export.to.SetText(t.TempDir())
	d.settle()
	if d.export.ready() || !d.export.reasonBox.Visible() {
		t.Error("an incomplete document can go out without a reason")
	}
	d.export.reason.SetText("the leaf is lost")
	if !d.export.ready() {
		t.Error("not ready with a reason")
	}
	d.export.free = 1000
	if d.export.ready() {
		t.Error("ready without room")
	}
	d.export.checkFree()
	d.win.Canvas().Focus(d.export.table)
	d.press("Ctrl+Enter")
	if s := d.snapshot(); len(s.Jobs) != 1 || s.Jobs[0].State != job.Done || !strings.Contains(s.Jobs[0].Summary, "1 of 1 verified: 44 files") {
		t.Errorf("%+v", s.Jobs)
	}
}

func TestOpenFailureOffersTheRest(t *testing.T) {
	core := newFake(1, 3)
	core.fail["Open"] = fmt.Errorf("archive: %w", scan.ErrNoSpace)
	d := newDesk(t, core)
	d.openArchive("/archives/other")
	d.settle()
	if s := d.snapshot(); s.Screen != "welcome" || s.Archive != "" || s.Error == "" || s.Busy {
		t.Fatalf("%+v", s)
	}
	d.press("F2") // nothing is open: the screens are not offered
	d.onScreen("welcome")
	delete(core.fail, "Open")
	d.press("Enter") // the last one used
	d.onScreen("batches")
}

// What cannot be written to is opened for looking; what somebody else writes in,
// when the user asks for it. Nothing in it can be changed then.
func TestLooking(t *testing.T) {
	for name, c := range map[string]struct {
		err  error
		asks bool
	}{"read-only": {scan.ErrReadOnly, false}, "busy": {workbench.ErrBusy, true}} {
		core := newFake(2, 3)
		core.fail["Open"] = fmt.Errorf("archive: %w", c.err)
		d := newDesk(t, core)
		d.openArchive("/archives/other")
		d.settle()
		if c.asks {
			if s := d.snapshot(); s.Screen != "welcome" || s.Error == "" || s.Looking {
				t.Fatalf("%s: %+v", name, s)
			}
			d.press("Ctrl+Shift+L")
		}
		if s := d.snapshot(); s.Screen != "batches" || !s.Looking || !d.frame.banner.Visible() {
			t.Fatalf("%s: %+v", name, s)
		}
		d.press("F4")
		before, calls := d.order(), len(core.calls)
		d.press("]", "Del", "Ctrl+Down", "Ctrl+Z", "P", "D")
		if s := d.snapshot(); d.order() != before || len(s.Jobs) != 0 || s.Dialog != "" {
			t.Errorf("%s: changed: %+v", name, s)
		}
		for _, call := range core.calls[calls:] {
			if !strings.HasPrefix(call, "Pages") && !strings.HasPrefix(call, "Thumbnail") && !strings.HasPrefix(call, "Batches") {
				t.Errorf("%s: the core was asked to %s", name, call)
			}
		}
		d.press("Del")
		if said := d.snapshot().Message; said != "To the bin: not while the archive is only looked at" {
			t.Errorf("%s: Del says %q", name, said)
		}
		d.press("F3")
		if c := d.reg.byID("import.add"); c.can() {
			t.Errorf("%s: import is offered", name)
		}
		delete(core.fail, "Open")
		d.openArchive("/archives/other")
		d.settle()
		if s := d.snapshot(); s.Looking || d.frame.banner.Visible() {
			t.Errorf("%s: the banner stays: %+v", name, s)
		}
	}
}

// The menus offer what can be done now, on whatever screen, and nothing else.
func TestMenusGrey(t *testing.T) {
	d := newDesk(t, newFake(1, 6))
	item := map[string]*fyne.MenuItem{}
	for _, i := range d.frame.items {
		item[i.command.id] = i.item
	}
	check := func(when string, can bool, ids ...string) {
		t.Helper()
		for _, id := range ids {
			if item[id].Disabled == can {
				t.Errorf("%s: %s can be done: %v", when, id, !can)
			}
		}
	}
	check("before there are pages", false, "pages.rotate-right", "pages.earlier", "pages.all", "page.next", "export.start", "catalogue.open", "import.start", "jobs.cancel", "file.look")
	check("before there are pages", true, "batch.open", "batch.document", "import.add", "file.verify", "help.keys")
	d.press("F4")
	check("on the first page", false, "pages.earlier", "pages.first", "pages.restore")
	check("on the first page", true, "pages.later", "pages.last", "pages.rotate-right", "pages.bin", "pages.undo")
	d.press("Ctrl+Z")
	check("with nothing done", false, "pages.undo")
	d.press("End", "]")
	check("on the last page, turned", false, "pages.later", "pages.last", "pages.redo")
	check("on the last page, turned", true, "pages.earlier", "pages.undo")
	d.press("Ctrl+Z")
	check("undone", true, "pages.redo")
	d.press("Ctrl+Y")
	check("done again", true, "pages.undo")
	d.press("Ctrl+Y")
	check("all done again", false, "pages.redo")
	d.press("Enter")
	check("on the last page, large", false, "page.next", "page.last", "page.hit-next")
	check("on the last page, large", true, "page.previous", "page.first", "page.fit")
	check("from another screen", true, "pages.bin")
	d.window.use(d.core, opened{looking: true})
	d.press("F4")
	check("looking only", false, "pages.bin", "pages.undo", "import.add", "batch.document", "export.start")
	check("looking only", true, "pages.open", "file.verify")
	d.core.fail["Open"] = errors.New("gone")
	d.openArchive("/archives/other")
	d.settle()
	check("without an archive", false, "import.languages", "pages.larger", "pages.open", "go.arrange", "file.verify", "catalogue.query")
	check("without an archive", true, "file.new", "file.open")
}

func TestFailedVerify(t *testing.T) {
	d := newDesk(t, newFake(1, 3))
	d.core.fail["Verify"] = errors.New("odd")
	d.verify()
	if s := d.jobs.Jobs()[0].State(); s != job.Failed {
		t.Errorf("state %s", s)
	}
}

// Each text field keeps what is typed; single letters do nothing elsewhere.
func TestLettersStayInFields(t *testing.T) {
	d := newDesk(t, newFake(3, 8))
	d.press("/")
	for _, r := range "dues" {
		d.win.Canvas().Focused().TypedRune(r)
	}
	d.onScreen("batches")
	if s := d.snapshot(); s.Query != "dues" || s.Count != 1 || s.Dialog != "" {
		t.Errorf("%+v", s)
	}
	d.press("Esc")
	if s := d.snapshot(); s.Query != "" || s.Count != 3 {
		t.Errorf("%+v", s)
	}
}

// TestArrangeNamesItsBatch: the chooser above the pages names the batch that they
// are of, however one came there.
func TestArrangeNamesItsBatch(t *testing.T) {
	core := newFake(3, 4)
	d := newDesk(t, core)
	d.press("F4")
	d.settle()
	d.press("F2", "End", "Enter")
	d.settle()
	last := d.batches.all[len(d.batches.all)-1]
	if d.arrange.of != last.ID || !strings.HasPrefix(d.arrange.chooser.Selected, last.Name) {
		t.Errorf("pages of %s under the name %q, want %s", d.arrange.of, d.arrange.chooser.Selected, last.Name)
	}
}

// A document of each unit is made, and what is to be said of them is said.
func TestMakeUnits(t *testing.T) {
	core := newFake(2, 3)
	d := newDesk(t, core)
	all, err := core.Batches(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	d.makeUnits(all[0])
	d.settle()
	if s := d.snapshot(); !slices.Contains(core.calls, "MakeUnits") || !strings.Contains(fmt.Sprintf("%+v", s.Jobs), "The unit begins again.") {
		t.Errorf("%q %+v", core.calls, s.Jobs)
	}
}

// With one page chosen, N labels that page and no other; those behind it only where
// that is asked for. The title says which pages it is.
func TestLabelOnePageOrMore(t *testing.T) {
	d := newDesk(t, newFake(1, 6))
	d.press("F4", "Right", "N")
	if s := d.snapshot(); s.Dialog != "label" || s.Title != "Label page 2" {
		t.Fatalf("%q: %q", s.Dialog, s.Title)
	}
	labels := func() string {
		var out []string
		for _, p := range d.arrange.pages {
			out = append(out, p.Label)
		}
		return strings.Join(out, ",")
	}
	d.typed("2bis")
	d.press("Enter")
	if got := labels(); got != ",2bis,,,," {
		t.Errorf("one page chosen: %q", got)
	}
	if d.said != "1 page labelled" {
		t.Errorf("said %q", d.said)
	}

	d.press("N")
	check := checkIn(d.top().popup, "And number on through the 4 pages behind it")
	if check == nil || check.Checked {
		t.Fatalf("the choice to number on: %+v", check)
	}
	check.SetChecked(true)
	if s := d.snapshot(); s.Title != "Label 5 pages: from 2 · 2bis to the last" {
		t.Errorf("title %q", s.Title)
	}
	check.SetChecked(false)
	if s := d.snapshot(); s.Title != "Label page 2 · 2bis" {
		t.Errorf("title %q", s.Title)
	}
	check.SetChecked(true)
	d.typed("7")
	d.press("Enter")
	if got := labels(); got != ",7,8,9,10,11" {
		t.Errorf("numbered on: %q", got)
	}
	if got := d.snapshot().Selected; len(got) != 1 || got[0] != string(d.arrange.pages[1].ID) {
		t.Errorf("%q is chosen afterwards", got)
	}

	d.arrange.grid.Select(3, 5)
	d.press("N")
	if s := d.snapshot(); s.Title != "Label 2 pages" || checkIn(d.top().popup, "") != nil {
		t.Errorf("several chosen: %q", s.Title)
	}
	d.typed("iv")
	d.press("Enter")
	if got := labels(); got != ",7,8,iv,10,v" {
		t.Errorf("several chosen: %q", got)
	}

	d.arrange.grid.Select(5)
	d.press("N") // nothing is behind the last page
	if checkIn(d.top().popup, "") != nil {
		t.Error("the last page offers to number on")
	}
	d.press("Esc")
	d.arrange.grid.Selected = parts.Selection{}
	d.press("N")
	if d.top() != nil || !strings.Contains(d.said, "No page is chosen") {
		t.Errorf("without a choice: %q, %q", d.snapshot().Dialog, d.said)
	}
}

// checkIn finds a check box whose words begin so.
func checkIn(o fyne.CanvasObject, words string) *parts.Check {
	for _, o := range test.LaidOutObjects(o) {
		if c, ok := o.(*parts.Check); ok && strings.HasPrefix(c.Text, words) {
			return c
		}
	}
	return nil
}

// What was imported is divided by its separators when that is asked for.
func TestSeparateInTheWindow(t *testing.T) {
	core := newFake(1, 6)
	core.batches["b-PR-001"].pages[3].Inspection = &scan.Inspection{Codes: []scan.Code{{Kind: scan.QR, Text: "RECTO1:U7"}}}
	d := newDesk(t, core)
	d.press("F4", "Shift+S")
	if p := d.arrange.pages[3]; p.Start == nil || !strings.Contains(d.said, "1 unit begins; Ctrl+Z") {
		t.Errorf("%+v, said %q", p.Start, d.said)
	}
	d.press("Shift+S")
	if !strings.Contains(d.said, "No unit begins") {
		t.Errorf("a second time: %q", d.said)
	}
	core.fail["Separate"] = workbench.ErrUsage
	d.press("Shift+S")
	if s := d.snapshot(); s.Dialog != "error" {
		t.Errorf("a profile that separates nothing: %+v", s.Dialog)
	}
}

// Space presses a button and comes as a character too, when the dialog that it opened
// has the keyboard: no field begins with it, and no pedal is learned from it.
func TestSpaceOpensADialogAndNoMore(t *testing.T) {
	d := captureDesk(t, 3)
	c := d.win.Canvas()
	space := func() {
		if f := c.Focused(); f != nil {
			f.TypedKey(&fyne.KeyEvent{Name: fyne.KeySpace})
		} else {
			c.OnTypedKey()(&fyne.KeyEvent{Name: fyne.KeySpace})
		}
		if f := c.Focused(); f != nil {
			f.TypedRune(' ')
		} else {
			c.OnTypedRune()(' ')
		}
		d.settle()
	}
	b := parts.NewButton(d.keys, "Label", nil, func() { d.run(d.reg.byID("capture.label")) })
	d.capture.root.Add(b)
	c.Focus(b)
	d.capture.next = "12"
	space()
	e, ok := c.Focused().(*parts.Entry)
	if !ok || e.Text != "12" {
		t.Fatalf("%T %+v", c.Focused(), e)
	}
	d.typed(" b")
	if e.Text != " b" {
		t.Errorf("the field takes %q", e.Text)
	}
	d.press("Esc", "Ctrl+,")
	for _, o := range test.LaidOutObjects(d.top().popup) {
		if p, ok := o.(*parts.Button); ok && strings.HasPrefix(p.Text, "None: press here") {
			c.Focus(p)
		}
	}
	space()
	if s := d.snapshot(); s.Dialog != "pedal" {
		t.Fatalf("%q after Space on the pedal's button", s.Dialog)
	}
	d.press("PgDn")
	if got := d.cfg.Prefs.String(prefPedal); got != "PgDn" {
		t.Errorf("the pedal is %q", got)
	}
}

// A window whose loop does not end leaves the archive all the same.
func TestGuard(t *testing.T) {
	b := newBridge()
	left := make(chan struct{})
	b.guard(0, func() { close(left) })
	b.stop()
	<-left
}

// A screen of 1024 x 700 at twice the size, or an old small one, has room for the window.
func TestSmallestWindow(t *testing.T) {
	d := newDesk(t, newFake(1, 3))
	for _, key := range []string{"F2", "F3", "F4", "F6", "F8", "F9"} {
		d.press(key)
		// The test's window has no menu bar, which takes 23.
		if m := d.win.Content().MinSize(); m.Width > 512 || m.Height > 350-23 {
			t.Errorf("%s: the window needs %v", d.snapshot().Screen, m)
		}
	}
}

// Folders of models are tried before they are kept, kept for the next start, and the
// archive is opened anew with them.
func TestModelFolders(t *testing.T) {
	core := newFake(1, 3)
	d := newDesk(t, core)
	var now []string
	d.cfg.Models = func(folders []string) error {
		now = folders
		if slices.Contains(folders, "/gone") {
			return errors.New("no such folder")
		}
		return nil
	}
	open := func() {
		d.run(d.reg.byID("help.doctor"))
		d.settle()
	}
	open()
	if s := d.snapshot(); s.Dialog != "doctor" {
		t.Fatalf("%+v", s)
	}
	d.press("Esc")
	d.takeModels([]string{"/best"})
	d.settle()
	if s := d.snapshot(); s.Dialog != "" || s.Screen != "batches" || core.closed != 1 {
		t.Errorf("the archive was closed %d times; %+v", core.closed, s)
	}
	d.takeModels([]string{"/best", "/gone"})
	if kept := d.cfg.Prefs.StringList(prefModels); d.top() == nil || !slices.Equal(now, []string{"/best"}) || !slices.Equal(kept, now) {
		t.Errorf("a folder that is gone: %v, kept %v; %+v", now, kept, d.snapshot())
	}
	d.press("Esc")
	now = nil
	d.beginModels()
	if !slices.Equal(now, []string{"/best"}) || d.top() != nil {
		t.Errorf("at the next start: %v", now)
	}
	d.takeModels(nil)
	if len(now) != 0 || len(d.cfg.Prefs.StringList(prefModels)) != 0 {
		t.Errorf("left: %v", now)
	}
}

// Shift+A chooses what becomes one document.
func TestSelectUnit(t *testing.T) {
	core := newFake(1, 6)
	for i := range core.batches[core.order[0]].pages {
		core.batches[core.order[0]].pages[i].Unit = 1 + i/4
	}
	d := newDesk(t, core)
	d.press("F4", "End", "Shift+A")
	if s := d.snapshot(); len(s.Selected) != 2 || s.Message != "2 pages chosen" {
		t.Errorf("%+v", s)
	}
}
