package gui

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"

	"recto/app/gui/parts"
	"recto/app/workbench"
	"recto/archive"
	"recto/scan"
)

// captureDesk is a desk on the Capture screen with a device chosen.
func captureDesk(t *testing.T, pages int) *desk {
	t.Helper()
	core := withScanner(newFake(1, pages))
	for _, b := range core.batches {
		b.info.Expected, b.info.Sides, b.info.Profile = 120, 1, "Bound volumes"
	}
	d := newDesk(t, core)
	d.capture.choose(core.scanner.devices[0], nil)
	d.press("F3")
	d.onScreen("capture")
	return d
}

func (d *desk) shot() stateCapture {
	d.t.Helper()
	d.settle()
	s := d.snapshot()
	if s.Capture == nil {
		d.t.Fatalf("not on Capture: %+v", s)
	}
	return *s.Capture
}

// request is the last that the scanner got.
func (d *desk) request() workbench.CaptureRequest {
	d.t.Helper()
	if len(d.core.scanner.requests) == 0 {
		d.t.Fatal("nothing was scanned")
	}
	return d.core.scanner.requests[len(d.core.scanner.requests)-1]
}

func (d *desk) typed(text string) {
	d.t.Helper()
	for _, r := range text {
		d.win.Canvas().Focused().TypedRune(r)
	}
	d.settle()
}

func TestCaptureScans(t *testing.T) {
	d := captureDesk(t, 10)
	s := d.shot()
	if s.Counter != "10 of 120 sheets · 1 blank" || s.Count != "110 short" || s.Dot != "Ready" || s.Device != "Epson GT-20000" || len(s.Strip) != 6 {
		t.Fatalf("before: %+v", s)
	}
	d.press("Space")
	s = d.shot()
	if s.Counter != "11 of 120 sheets · 1 blank" || s.Strip[5] != "PR-001-s0001" || s.Running || d.snapshot().Page != "PR-001-s0001" {
		t.Errorf("after one: %+v", s)
	}
	if !strings.HasPrefix(s.Caption, "Page 11 · ") || !slices.Equal(s.Badges, []string{"nothing to complain of", "focus 82 %", "skew 0.4°"}) {
		t.Errorf("the sheet: %q %q", s.Caption, s.Badges)
	}
	if r := d.request(); r.Batch != "b-PR-001" || r.Ticket.Device != "sane:epson2:libusb:001:004" || r.After != "" || r.Replace != "" || r.Side != "" {
		t.Errorf("asked for %+v", r)
	}
	d.core.scanner.script = []fakeRun{{sheets: 9}}
	d.press("Enter")
	if s = d.shot(); s.Counter != "20 of 120 sheets · 1 blank" || s.Strip[5] != "PR-001-s0010" {
		t.Errorf("after a feeder: %+v", s)
	}
	if msg := d.snapshot().Message; msg != "9 pages captured" {
		t.Errorf("says %q", msg)
	}
	// The large button does the same.
	test.Tap(d.capture.button)
	if s = d.shot(); s.Counter != "21 of 120 sheets · 1 blank" {
		t.Errorf("after the button: %+v", s)
	}
}

// Again, insert before and behind, discard, undo, redo act on the chosen sheet.
func TestCaptureOnTheChosenSheet(t *testing.T) {
	d := captureDesk(t, 10)
	ids := func() string {
		var out []string
		for _, p := range d.core.batches["b-PR-001"].pages[6:] {
			out = append(out, strings.TrimLeft(strings.TrimPrefix(string(p.ID), "PR-001-"), "p0"))
		}
		return strings.Join(out, " ")
	}
	d.press("R")
	if r := d.request(); r.Replace != "PR-001-p0010" || ids() != "7 8 9 s0001" {
		t.Errorf("again: %+v, %s", r, ids())
	}
	d.press("Left", "Left") // on page 8
	d.press("I")
	if r := d.request(); r.After != "PR-001-p0007" || ids() != "7 s0002 8 9 s0001" {
		t.Errorf("insert: %+v, %s", r, ids())
	}
	if s := d.snapshot(); s.Page != "PR-001-s0002" || s.Number != 8 {
		t.Errorf("the inserted sheet is not shown: %s", s.Page)
	}
	d.press("Right", "Shift+I")
	if r := d.request(); r.After != "PR-001-p0008" || ids() != "7 s0002 8 s0003 9 s0001" {
		t.Errorf("insert behind: %+v, %s", r, ids())
	}
	d.press("Backspace")
	if ids() != "7 s0002 8 9 s0001" {
		t.Errorf("discard: %s", ids())
	}
	d.press("Ctrl+Z")
	if ids() != "7 s0002 8 s0003 9 s0001" {
		t.Errorf("undo: %s", ids())
	}
	d.press("Ctrl+Y")
	if ids() != "7 s0002 8 9 s0001" {
		t.Errorf("redo: %s", ids())
	}
	if m := d.snapshot().Message; m != "Done again: bin 1 pages" {
		t.Errorf("says %q", m)
	}
}

// Before the very first page there is no page to go behind.
func TestCaptureInsertFirst(t *testing.T) {
	d := captureDesk(t, 3)
	d.press("Home", "I")
	if r := d.request(); !r.First || r.After != "" {
		t.Errorf("asked for %+v", r)
	}
}

func TestCaptureCompares(t *testing.T) {
	d := captureDesk(t, 4)
	d.press("C")
	if s := d.shot(); s.Compare || !strings.Contains(d.snapshot().Message, "not scanned again") {
		t.Errorf("%+v", s)
	}
	d.press("R", "C")
	if s := d.shot(); !s.Compare || d.capture.compareViews[0].Page() == nil || d.capture.compareViews[1].Page() == nil {
		t.Errorf("%+v", s)
	}
	d.press("Esc")
	if s := d.shot(); s.Compare {
		t.Errorf("%+v", s)
	}
	d.onScreen("capture")
}

// What goes wrong at the device is told with its remedy; what came before it stays
// in sight, and the same key tries again.
func TestCaptureTroubles(t *testing.T) {
	for _, c := range []struct {
		err   error
		title string
		dot   string
	}{{scan.ErrJammed, "Paper jam", "Ready"}, {scan.ErrCover, "Cover open", "Ready"}, {scan.ErrNoPaper, "Feeder empty", "Ready"},
		{scan.ErrDeviceGone, "Device gone", "Offline"}, {scan.ErrDeviceBusy, "Device busy", "Busy"}, {scan.ErrNoSpace, "Disk full", "Ready"}} {
		d := captureDesk(t, 2)
		d.core.scanner.script = []fakeRun{{sheets: 3, err: fmt.Errorf("sheet 4: %w", c.err)}}
		d.press("Space")
		s := d.shot()
		if s.Trouble != c.title || s.Dot != c.dot || s.Running || len(s.Strip) != 5 || !strings.HasPrefix(s.Counter, "5 of 120") {
			t.Errorf("%v: %+v", c.err, s)
		}
		if !d.capture.alert.Visible() || !shows(d.capture.alert, c.title) || !shows(d.capture.alert, workbench.Explain(c.err).Remedy[:20]) {
			if c.err != scan.ErrNoSpace {
				t.Errorf("%v: the screen does not tell it", c.err)
			}
		}
		if d.snapshot().Page != "PR-001-s0003" || d.snapshot().Dialog != "" {
			t.Errorf("%v: %+v", c.err, d.snapshot())
		}
		d.press("Space")
		if s = d.shot(); s.Trouble != "" || !strings.HasPrefix(s.Counter, "6 of 120") || d.capture.alert.Visible() {
			t.Errorf("%v, tried again: %+v", c.err, s)
		}
	}
}

// A run that stopped amid pages put elsewhere goes on behind the last of them.
func TestCaptureGoesOnWhereItStopped(t *testing.T) {
	d := captureDesk(t, 6)
	d.core.scanner.script = []fakeRun{{sheets: 2, err: scan.ErrJammed}}
	d.press("Left", "Left", "I", "Space")
	if r := d.request(); r.After != "PR-001-s0002" || r.First {
		t.Errorf("asked for %+v", r)
	}
	// A replacement that came before the trouble is not replaced once more.
	d.core.scanner.script = []fakeRun{{sheets: 1, err: scan.ErrJammed}}
	d.press("End", "R", "Space")
	if r := d.request(); r.Replace != "" {
		t.Errorf("asked for %+v", r)
	}
	// Esc puts the notice away.
	d.core.scanner.script = []fakeRun{{err: scan.ErrCover}}
	d.press("Space", "Esc")
	if s := d.shot(); s.Trouble != "" {
		t.Errorf("%+v", s)
	}
}

// beside makes the desk's work run on goroutines; what it does to the window waits
// until land is called.
func (d *desk) beside() (land func(what string, until func() bool)) {
	todo := make(chan func(), 1000)
	d.bridge.spawn = func(f func()) { go f() }
	d.bridge.do = func(f func()) { todo <- f }
	return func(what string, until func() bool) {
		d.t.Helper()
		for !until() {
			select {
			case f := <-todo:
				f()
				d.settle()
			case <-time.After(20 * time.Second): // a window that hangs
				d.t.Fatalf("it never came to: %s", what)
			}
		}
	}
}

func TestCaptureStops(t *testing.T) {
	d := captureDesk(t, 2)
	hold := make(chan struct{})
	d.core.scanner.hold = hold
	d.core.scanner.script = []fakeRun{{sheets: 50}}
	land := d.beside()
	d.press("Space")
	if s := d.snapshot().Capture; !s.Running || s.Dot != "Scanning" || s.Progress != "Scanning…" || d.capture.button.Text != "Stop   Esc" {
		t.Errorf("at work: %+v", s)
	}
	hold <- struct{}{}
	hold <- struct{}{}
	land("two sheets", func() bool { return d.capture.run != nil && d.capture.run.pages == 2 })
	if s := d.snapshot().Capture; s.Progress != "Scanning: 2 pages so far" {
		t.Errorf("says %q", s.Progress)
	}
	d.press("Space") // nothing while it scans
	d.press("Esc")
	if s := d.snapshot().Capture; s.Progress != "Stopping after this sheet…" {
		t.Errorf("says %q", s.Progress)
	}
	land("the end", func() bool { return d.capture.run == nil && !d.snapshot().Busy })
	s := d.snapshot()
	if s.Message != "Stopped; 2 pages are safe" || s.Capture.Trouble != "" || s.Capture.Counter != "4 of 120 sheets" || s.Screen != "capture" {
		t.Errorf("stopped: %q %+v", s.Message, s.Capture)
	}
	if n := len(d.core.scanner.requests); n != 1 {
		t.Errorf("%d runs", n)
	}
}

// A key that is held down while a sheet is scanned does not scan the next by itself.
func TestCaptureKeyHeldDown(t *testing.T) {
	d := captureDesk(t, 2)
	at := d.time
	d.capture.now = func() time.Time { return at }
	d.capture.run = &run{}
	d.press("Space")
	d.capture.run = nil
	for range 5 {
		at = at.Add(100 * time.Millisecond)
		d.press("Space")
	}
	if n := len(d.core.scanner.requests); n != 0 {
		t.Fatalf("a key held down scans: %d", n)
	}
	at = at.Add(time.Second)
	d.press("Space")
	if n := len(d.core.scanner.requests); n != 1 {
		t.Errorf("pressed anew: %d", n)
	}
}

// Ten thousand sheets: what the screen asks is bounded, and it never asks for all.
func TestCaptureOfTenThousand(t *testing.T) {
	d := captureDesk(t, 10_000)
	d.core.calls = nil
	d.core.scanner.script = []fakeRun{{sheets: 20}}
	d.press("Space", "R", "I", "Backspace", "Ctrl+Z", "Left", "Right", "C", "Esc", "+", "-")
	d.press("F2", "F3")
	asked := map[string]int{}
	for _, c := range d.core.calls {
		asked[c]++
	}
	for c, n := range asked {
		switch {
		case c == "Pages" || c == "Duplex" || c == "Review":
			t.Errorf("%s, which goes through the whole batch, was asked %d times", c, n)
		case strings.HasPrefix(c, "Tail ") && c != "Tail 8":
			t.Errorf("asked for %s", c)
		case n > 100:
			t.Errorf("%s was asked %d times for 22 sheets", c, n)
		}
	}
	if s := d.shot(); !strings.HasPrefix(s.Counter, "10021 of 120 sheets") || s.Count != "9901 over" {
		t.Errorf("%+v", s)
	}
}

func TestCaptureLabels(t *testing.T) {
	d := captureDesk(t, 0)
	d.core.batches["b-PR-001"].info.Series = "1r"
	d.capture.reload()
	if s := d.shot(); s.Label != "1r" {
		t.Fatalf("%+v", s)
	}
	for _, c := range []struct{ key, want string }{{"+", "1v"}, {"=", "2r"}, {"-", "1v"}, {"-", "1r"}, {"+", "1v"}} {
		d.press(c.key)
		if s := d.shot(); s.Label != c.want {
			t.Errorf("%s: %s, want %s", c.key, s.Label, c.want)
		}
	}
	d.press("Space")
	if r := d.request(); r.Label != "1v" || d.shot().Label != "2r" {
		t.Errorf("scanned as %q, then %q", r.Label, d.shot().Label)
	}
	d.press("Space")
	if r := d.request(); r.Label != "" {
		t.Errorf("the label of the run before is asked for again: %q", r.Label)
	}
	d.press("N")
	if s := d.snapshot(); s.Dialog != "label" {
		t.Fatalf("%+v", s)
	}
	d.typed("12bis")
	d.press("Enter")
	if s := d.shot(); s.Label != "12bis" {
		t.Errorf("typed: %+v", s)
	}
}

func TestLabelBefore(t *testing.T) {
	for _, label := range []string{"2", "120", "1v", "3r", "iv", "xii", "IX"} {
		before := labelBefore(label)
		if archive.NextLabel(before) != label {
			t.Errorf("before %s comes %q, which is followed by %q", label, before, archive.NextLabel(before))
		}
	}
	for _, label := range []string{"1", "", "portrait", "B"} {
		if before := labelBefore(label); before != "" {
			t.Errorf("before %q comes %q", label, before)
		}
	}
}

// A number chooses a profile; a batch with pages keeps its sides and labels.
func TestCaptureProfiles(t *testing.T) {
	d := captureDesk(t, 4)
	d.press("1")
	b := d.core.batches["b-PR-001"].info
	if b.Profile != "Letters" || b.Sides != 1 || d.shot().Profile != "Letters" {
		t.Errorf("%+v", b)
	}
	empty := d.core.batches["b-PR-001"]
	empty.pages = nil
	d.capture.reload()
	d.press("2", "1")
	if b := empty.info; b.Sides != 2 {
		t.Errorf("an empty batch takes the sides of its profile: %+v", b)
	}
	d.press("9") // there are five
	if d.shot().Profile != "Letters" {
		t.Errorf("%+v", d.shot())
	}
}

// Palette, help and menu name the profile that a number chooses, whatever has become
// of the profiles, and offer no number that has none.
func TestProfilesAreNamed(t *testing.T) {
	d := newDesk(t, withScanner(newFake(1, 3))) // Capture was never shown
	inMenu := func(label string) bool {
		for _, i := range d.frame.items {
			if strings.HasPrefix(i.item.Label, label) {
				return !i.item.Disabled
			}
		}
		t.Errorf("no menu item %q", label)
		return false
	}
	inHelp := func(title string) bool {
		return slices.ContainsFunc(d.helpLines(), func(l line) bool { return l.command != nil && l.command.words() == title })
	}
	inPalette := func(what string) int {
		d.press("Ctrl+K")
		d.typed(what)
		n := -1
		for _, o := range test.LaidOutObjects(d.top().popup) {
			if list, ok := o.(*parts.Table); ok {
				n = list.Count()
			}
		}
		d.press("Esc")
		return n
	}
	if !inHelp("Capture with profile 1: Letters") || inPalette("profile letters") != 1 {
		t.Error("the first profile has no name")
	}
	if n := inPalette("capture with profile"); n != 5 {
		t.Errorf("the palette offers %d profiles, there are five", n)
	}
	d.press("F3")
	if !inMenu("Capture with profile 1: Letters") || inMenu("Capture with profile 6") {
		t.Error("the menu")
	}
	d.core.scanner.profiles = append([]archive.Profile{{Name: "Glass plates"}}, d.core.scanner.profiles...)
	d.press("F2", "F3")
	if !inHelp("Capture with profile 1: Glass plates") || !inMenu("Capture with profile 6: ") || inPalette("profile glass") != 1 {
		t.Error("the profiles have changed, their names have not")
	}
}

// A locked profile lets no setting through, and no other device.
func TestCaptureLockedProfile(t *testing.T) {
	d := captureDesk(t, 4)
	d.capture.choose(d.core.scanner.devices[0], []scan.Setting{{Name: "resolution", Value: "600"}})
	d.press("Space")
	if r := d.request(); len(r.Ticket.Options) != 1 {
		t.Errorf("asked for %+v", r.Ticket)
	}
	p := &d.core.scanner.profiles[1]
	p.Locked, p.Device = true, "escl:http://10.0.0.7/eSCL"
	d.press("F2", "F3", "Space")
	if r := d.request(); len(r.Ticket.Options) != 0 || r.Ticket.Device != p.Device {
		t.Errorf("asked for %+v", r.Ticket)
	}
}

func TestCaptureBothSidesByHand(t *testing.T) {
	d := captureDesk(t, 0)
	d.press("D")
	if s := d.shot(); s.Duplex != "fronts 0" || d.capture.button.Text != "Scan fronts   Space" {
		t.Fatalf("%+v", s)
	}
	d.core.scanner.script = []fakeRun{{sheets: 3}, {sheets: 1}, {sheets: 2}}
	d.press("Space")
	if s := d.shot(); s.Duplex != "fronts 3" || d.request().Side != scan.Front {
		t.Fatalf("%+v", s)
	}
	d.press("D")
	if s := d.shot(); s.Duplex != "backs 0 of 3" || d.capture.button.Text != "Scan backs   Space" || !shows(d.capture.side.guide, "The last sheet comes first") {
		t.Fatalf("%+v", s)
	}
	d.press("Space") // the feeder took one only
	if s := d.shot(); s.Duplex != "backs 1 of 3" || d.request().Side != scan.Back {
		t.Fatalf("%+v", s)
	}
	d.press("D")
	if s := d.snapshot(); s.Dialog != "interleave" {
		t.Fatalf("%+v", s)
	}
	d.press("Esc", "Space")
	s := d.shot()
	if s.Duplex != "" || d.snapshot().Message != "2 pages captured · 3 backs were put between 3 fronts" {
		t.Errorf("%+v, %q", s, d.snapshot().Message)
	}
	var order []string
	for _, p := range d.core.batches["b-PR-001"].pages {
		order = append(order, strings.TrimPrefix(string(p.ID), "PR-001-s000"))
	}
	if got := strings.Join(order, " "); got != "1 6 2 5 3 4" {
		t.Errorf("order %s", got)
	}
	d.press("D", "D") // begun and left
	if s := d.shot(); s.Duplex != "" {
		t.Errorf("%+v", s)
	}
	d.press("D", "Esc")
	if s := d.shot(); s.Duplex != "" {
		t.Errorf("%+v", s)
	}
	d.onScreen("capture")
}

// With fewer backs than fronts they are put together only when somebody agrees.
func TestCaptureInterleavesOnDemand(t *testing.T) {
	d := captureDesk(t, 0)
	d.core.scanner.script = []fakeRun{{sheets: 3}, {sheets: 2}}
	d.press("D", "Space", "D", "Space", "D", "Enter")
	if s := d.shot(); s.Duplex != "" || d.snapshot().Message != "2 backs were put between 3 fronts" {
		t.Errorf("%+v %q", s, d.snapshot().Message)
	}
}

// A profile that says so begins with both sides by hand, where the batch was left.
func TestCaptureGoesOnWithBacks(t *testing.T) {
	core := withScanner(newFake(1, 0))
	b := core.batches["b-PR-001"]
	b.info.Profile = "Bound volumes"
	core.scanner.profiles[1].Duplex = "manual"
	for i, side := range []scan.Side{scan.Front, scan.Front, scan.Back} {
		b.pages = append(b.pages, workbench.PageInfo{Page: scan.Page{ID: scan.PageID(fmt.Sprintf("PR-001-x%04d", i)), Batch: b.info.ID, Origin: scan.Origin{Capture: &scan.Capture{Side: side}}}, State: scan.Blank})
	}
	d := newDesk(t, core)
	d.press("F3")
	if s := d.shot(); s.Duplex != "backs 1 of 2" {
		t.Errorf("%+v", s)
	}
}

func TestCaptureLooksAtConcerns(t *testing.T) {
	d := captureDesk(t, 4)
	d.core.scanner.script = []fakeRun{{sheets: 2, odd: scan.SuspectDoubleFeed}}
	d.press("Space")
	s := d.shot()
	if s.Badges[0] != "double feed?" || !strings.Contains(d.snapshot().Message, "1 to look at: L") || !strings.Contains(d.capture.concern.String(), "412 mm") {
		t.Fatalf("%+v %q", s, d.capture.concern.String())
	}
	d.press("L")
	if s := d.snapshot(); s.Dialog != "review" {
		t.Fatalf("%+v", s)
	}
	d.press("Enter") // the page, and back to what is left to look at
	d.onScreen("page")
	d.press("Esc")
	if s := d.snapshot(); s.Screen != "capture" || s.Dialog != "review" {
		t.Fatalf("back from the page: %+v", s)
	}
	d.press("A")
	if s := d.snapshot(); s.Dialog != "accept" || s.Title != "Accept 1 page as it is" {
		t.Fatalf("%+v", s)
	}
	d.press("Enter", "Esc")
	if p, _ := d.core.find("PR-001-s0002"); p.Reviewed != "The original is like that" {
		t.Errorf("reviewed: %q", p.Reviewed)
	}
	if got := d.capture.concern.String(); got != "Accepted: The original is like that" {
		t.Errorf("the sheet says %q", got)
	}
	d.press("A") // once more: take it back
	if s := d.snapshot(); s.Dialog != "unaccept" {
		t.Fatalf("%+v", s)
	}
	d.press("Enter")
	if p, _ := d.core.find("PR-001-s0002"); p.Reviewed != "" {
		t.Errorf("reviewed: %q", p.Reviewed)
	}
	d.core.scanner.noLook = true
	d.press("Space")
	if s := d.shot(); !slices.Equal(s.Badges, []string{"looking…"}) {
		t.Errorf("not looked at yet: %q", s.Badges)
	}
}

func TestCaptureSignsOff(t *testing.T) {
	d := captureDesk(t, 4)
	d.press("S")
	if s := d.snapshot(); s.Dialog != "sign" {
		t.Fatalf("%+v", s)
	}
	d.press("Enter") // without a reason
	if s := d.snapshot(); s.Dialog != "sign" {
		t.Fatal("signed off without a reason")
	}
	d.typed("the rest is lost")
	d.press("Enter")
	if s := d.shot(); s.Count != "signed off" {
		t.Errorf("%+v", s)
	}
	d.press("S", "Enter")
	if s := d.shot(); s.Count != "116 short" {
		t.Errorf("taken back: %+v", s)
	}
	d.press("S")
	d.typed("the rest is lost")
	d.press("Enter", "Space")
	if s := d.shot(); s.Count != "115 short" || !shows(d.capture.count, "115 short: the sign-off has lapsed") {
		t.Errorf("another count: %+v", s)
	}
	d.core.batches["b-PR-001"].info.Expected = 5
	d.capture.reload()
	if s := d.shot(); s.Count != "complete" {
		t.Errorf("%+v", s)
	}
	d.press("S")
	if s := d.snapshot(); s.Dialog != "" {
		t.Errorf("nothing to sign off, and %s opens", s.Dialog)
	}
}

func TestCaptureOfflineDevice(t *testing.T) {
	core := withScanner(newFake(1, 4))
	core.scanner.optionsErr = fmt.Errorf("no route: %w", scan.ErrDeviceGone)
	d := newDesk(t, core)
	d.press("F3")
	if s := d.shot(); s.Dot != "No device yet" || d.capture.canScan() || d.capture.button.Text != "Choose a device   T" || d.capture.button.Disabled() {
		t.Errorf("%+v", s)
	}
	d.press("Space") // leads to the choice
	if s := d.snapshot(); s.Dialog != "device" {
		t.Fatalf("%+v", s)
	}
	d.press("Ctrl+Enter")
	if s := d.shot(); s.Dot != "Offline" || s.Device != "Epson GT-20000" {
		t.Errorf("%+v", s)
	}
	if c := d.reg.byID("import.files"); !c.can() {
		t.Error("import is not to be had while the device is offline")
	}
	core.scanner.optionsErr = nil
	d.press("F2", "F3") // asked again
	if s := d.shot(); s.Dot != "Ready" {
		t.Errorf("%+v", s)
	}
}

func TestCapturePreview(t *testing.T) {
	d := captureDesk(t, 4)
	d.press("P")
	if s := d.shot(); !s.Preview || !strings.Contains(s.Caption, "nothing of it is kept") || !strings.HasPrefix(s.Counter, "4 of") {
		t.Errorf("%+v", s)
	}
	d.press("Esc")
	if s := d.shot(); s.Preview || !strings.HasPrefix(s.Caption, "Page 4") || d.capture.view.Page().Size().X != 1240 {
		t.Errorf("%+v", s)
	}
	d.core.fail["PreviewScan"] = scan.ErrCover
	d.press("P")
	if s := d.shot(); s.Preview || s.Trouble != "Cover open" {
		t.Errorf("%+v", s)
	}
	d.press("P")
	delete(d.core.fail, "PreviewScan")
	d.press("P", "Space") // scans from there
	if s := d.shot(); s.Preview || !strings.HasPrefix(s.Counter, "5 of") {
		t.Errorf("%+v", s)
	}
}

func TestCaptureWatchesAFolder(t *testing.T) {
	d := captureDesk(t, 4)
	folder := t.TempDir()
	d.cfg.Prefs.SetString(prefWatch, folder)
	d.core.scanner.hold = make(chan struct{})
	d.core.scanner.watch = []workbench.WatchStatus{{Taken: 3, Waiting: 1}, {Taken: 4, Problem: "the folder is gone"}}
	d.press("W")
	if s := d.snapshot(); s.Dialog != "choose" {
		t.Fatalf("%+v", s)
	}
	land := d.beside()
	d.press("Ctrl+Enter")
	land("the trouble", func() bool { return d.capture.run != nil && d.capture.run.watch.Problem != "" })
	if s := d.snapshot().Capture; s.Watching != folder || s.Progress != "Watching: 4 taken" || !shows(d.capture.alert, "the folder is gone") {
		t.Errorf("%+v", s)
	}
	d.press("W")
	land("the end", func() bool { return d.capture.run == nil })
	if s := d.snapshot(); s.Capture.Watching != "" || !strings.HasPrefix(s.Message, "No longer watching") {
		t.Errorf("%q %+v", s.Message, s.Capture)
	}
}

func TestCaptureWithoutABatch(t *testing.T) {
	d := newDesk(t, withScanner(newFake(0, 0)))
	d.press("F3")
	if !shows(d.capture.content(), "What are you going to scan?") {
		t.Error("an empty archive does not say what to do")
	}
	d.press("B")
	if s := d.snapshot(); s.Dialog != "batch-new" {
		t.Fatalf("%+v", s)
	}
	d.press("Enter") // nothing filled in
	if s := d.snapshot(); s.Dialog != "batch-new" {
		t.Fatal("a batch of nothing was made")
	}
	d.typed("PR-014")
	d.win.Canvas().FocusNext()
	d.typed("Letters of a miller")
	d.win.Canvas().FocusNext()
	d.win.Canvas().FocusNext()
	d.typed("12")
	d.press("Enter")
	s := d.snapshot()
	if s.Screen != "capture" || s.Batch != "b-PR-014" || s.Capture.Counter != "0 of 12 sheets" || s.Dialog != "" {
		t.Fatalf("%+v %+v", s, s.Capture)
	}
	d.press("E")
	if s := d.snapshot(); s.Dialog != "batch-form" {
		t.Fatalf("%+v", s)
	}
	d.typed("a")
	d.press("Enter")
	if b := d.core.batches["b-PR-014"].info; b.Shelfmark != "aPR-014" || b.Title != "Letters of a miller" || b.Expected != 12 {
		t.Errorf("%+v", b)
	}
	if s := d.snapshot(); !strings.Contains(s.Message, "Ctrl+Z") {
		t.Errorf("how to take it back is not said: %q", s.Message)
	}
}

func TestCaptureChoosesABatch(t *testing.T) {
	d := newDesk(t, withScanner(newFake(3, 8)))
	d.press("F3", "B")
	if s := d.snapshot(); s.Dialog != "batch" {
		t.Fatalf("%+v", s)
	}
	d.typed("letters")
	d.press("Enter")
	if s := d.snapshot(); s.Batch != "b-PR-003" || s.Screen != "capture" || s.Capture.Counter == "" {
		t.Errorf("%+v", s)
	}
	d.press("F4") // Arrange shows the same batch
	if s := d.snapshot(); s.Batch != "b-PR-003" || len(s.Order) == 0 || !strings.HasPrefix(s.Order[0], "PR-003") {
		t.Errorf("%+v", s)
	}
	d.press("F2", "G")
	d.onScreen("capture")
}

// What is typed finds what is seen, and an exact name comes before all.
func TestNamedLike(t *testing.T) {
	var all []workbench.BatchInfo
	for _, n := range []string{"q1", "very slow", "slower", "Slow", "HStA 1"} {
		all = append(all, workbench.BatchInfo{Batch: archive.Batch{Name: n, Profile: "SlowADF", Title: "Letters"}})
	}
	for q, want := range map[string]string{"slow": "Slow slower very slow", "hsta 1": "HStA 1", "": "q1 very slow slower Slow HStA 1", "adf": "", "letters q": "q1"} {
		var got []string
		for _, b := range namedLike(all, q) {
			got = append(got, b.Name)
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%q finds %q, want %s", q, got, want)
		}
	}
}

// A long name of a profile does not widen the panel that it stands in.
func TestLongProfileName(t *testing.T) {
	d := captureDesk(t, 4)
	const room = 206 - 22 // of captureLayout, without what is left free at the edges
	for _, locked := range []bool{false, true} {
		d.capture.profiles = append(d.capture.profiles[:1:1], archive.Profile{Name: strings.Repeat("Urkunden und Amtsbücher ", 4), Locked: locked})
		d.capture.fillProfiles()
		if w := d.capture.side.form.MinSize().Width; w > room {
			t.Errorf("the panel wants %g", w)
		}
	}
}

// Looking only, nothing can be scanned or changed.
func TestCaptureLooking(t *testing.T) {
	d := captureDesk(t, 4)
	d.window.use(d.core, opened{looking: true})
	d.press("F3")
	d.core.calls = nil
	d.press("Space", "R", "I", "Backspace", "Ctrl+Z", "D", "B", "S", "A", "W", "1", "N")
	for _, c := range d.core.calls {
		switch c {
		case "Capture", "BinPages", "DescribeBatch", "CreateBatch", "SignBatch":
			t.Errorf("the core was asked to %s", c)
		}
	}
	if s := d.snapshot(); s.Dialog != "" || !strings.HasPrefix(s.Capture.Counter, "4 of 120") {
		t.Errorf("%+v", s)
	}
}

// The pedal's key scans even where the strip would take it.
func TestPedal(t *testing.T) {
	d := captureDesk(t, 4)
	d.reg.byID("file.settings").run()
	d.askPedal(func() {})
	d.press("F1") // needed
	if s := d.snapshot(); s.Dialog != "pedal" {
		t.Fatalf("F1 is taken for a pedal: %+v", s)
	}
	d.press("PgDn")
	if s := d.snapshot(); s.Dialog != "settings" {
		t.Fatalf("%+v", s)
	}
	d.press("Esc", "PgDn")
	if s := d.shot(); !strings.HasPrefix(s.Counter, "5 of") {
		t.Errorf("%+v", s)
	}
	if k := d.reg.byID("capture.scan").keys; !slices.Equal(k, []string{"Space", "Enter", "PgDn"}) {
		t.Errorf("keys %v", k)
	}
}

func TestDeviceDialog(t *testing.T) {
	d := captureDesk(t, 4)
	d.press("T")
	if s := d.snapshot(); s.Dialog != "device" {
		t.Fatalf("%+v", s)
	}
	content := d.top().popup.Content
	for _, want := range []string{"Epson GT-20000", "Brother ADS-3600W", "Scan source", "Resolution (dpi)", "75 to 1200, in steps of 25"} {
		if !shows(content, want) {
			t.Errorf("it does not show %q", want)
		}
	}
	if shows(content, "Brightness") {
		t.Error("an advanced option is shown before it is asked for")
	}
	d.press("Ctrl+M")
	if !shows(content, "Brightness (%)") || !shows(content, "Enhancement") {
		t.Error("all options are not shown")
	}
	entry := func(text string) *parts.Entry {
		for _, o := range test.LaidOutObjects(content) {
			if e, ok := o.(*parts.Entry); ok && e.Text == text {
				return e
			}
		}
		t.Fatalf("no field with %q", text)
		return nil
	}
	entry("300").SetText("5000")
	d.press("Ctrl+Enter")
	if s := d.snapshot(); s.Dialog != "device" || !shows(content, "Setting not possible") {
		t.Errorf("an impossible setting is taken: %+v", s)
	}
	entry("5000").SetText("600")
	d.press("Ctrl+Enter")
	if s := d.snapshot(); s.Dialog != "" {
		t.Fatalf("%+v", s)
	}
	d.press("Space")
	if r := d.request(); !slices.Equal(r.Ticket.Options, []scan.Setting{{Name: "resolution", Value: "600"}}) {
		t.Errorf("asked for %+v", r.Ticket)
	}
}

// What is set becomes a profile; locked, it wants the supervisor's word.
func TestProfileFromSettings(t *testing.T) {
	d := captureDesk(t, 4)
	d.capture.choose(d.core.scanner.devices[0], []scan.Setting{{Name: "resolution", Value: "600"}, {Name: "mode", Value: "Gray"}, {Name: "gamma", Value: "0,1,2,3"}})
	d.press("T", "Ctrl+S")
	if s := d.snapshot(); s.Dialog != "profile" {
		t.Fatalf("%+v", s)
	}
	d.typed("Plans")
	d.press("Ctrl+Enter")
	i := slices.IndexFunc(d.core.scanner.profiles, func(p archive.Profile) bool { return p.Name == "Plans" })
	if i < 0 {
		t.Fatal("it was not kept")
	}
	p := d.core.scanner.profiles[i]
	if p.Resolution != 600 || p.Mode != "Gray" || p.Device != "sane:epson2:libusb:001:004" || !slices.Equal(p.Options, []scan.Setting{{Name: "gamma", Value: "0,1,2,3"}}) || p.Shipped {
		t.Errorf("%+v", p)
	}
	d.core.scanner.word = "sesame"
	d.core.scanner.profiles[i].Locked = true
	d.reg.byID("file.profiles").run()
	d.settle()
	d.press("End", "Enter")
	if s := d.snapshot(); s.Dialog != "profile" {
		t.Fatalf("%+v", s)
	}
	d.press("Ctrl+Enter")
	if s := d.snapshot(); s.Dialog != "profile" || !shows(d.top().popup.Content, "Locked") {
		t.Error("a locked profile is changed without the word")
	}
	d.press("Esc")
}

func TestArrangeUnits(t *testing.T) {
	d := newDesk(t, withScanner(newFake(1, 8)))
	d.press("F4", "Right", "Right", "Right") // page 4
	d.press("S")
	d.typed("PR-001/2")
	d.press("Enter")
	if p := d.arrange.pages[3]; p.Start == nil || p.Start.Reference != "PR-001/2" || p.Start.Cause != "manual" {
		t.Fatalf("%+v", p.Start)
	}
	if tile := d.arrange.tile(3); tile.Mark != "PR-001/2" {
		t.Errorf("the mark says %q", tile.Mark)
	}
	d.press("M")
	if p := d.arrange.pages[3]; p.Start != nil {
		t.Errorf("%+v", p.Start)
	}
	d.press("Ctrl+Z")
	if p := d.arrange.pages[3]; p.Start == nil {
		t.Error("the merge cannot be undone")
	}
	d.press("N")
	checkIn(d.top().popup, "And number on").SetChecked(true)
	d.typed("3v")
	d.press("Enter")
	if got := d.arrange.pages[4].Label + d.arrange.pages[7].Label + d.arrange.pages[2].Label; got != "4r5v" {
		t.Errorf("labels %s", got)
	}
	if tile := d.arrange.tile(4); tile.Caption != "5 · 4r" {
		t.Errorf("the caption says %q", tile.Caption)
	}
	d.press("O")
	if got := d.arrange.grid.Selected.Chosen(); !slices.Equal(got, []int{0, 2, 4, 6}) {
		t.Errorf("odd: %v", got)
	}
	d.press("Home", "E")
	if got := d.arrange.grid.Selected.Chosen(); !slices.Equal(got, []int{1, 3, 5, 7}) {
		t.Errorf("even: %v", got)
	}
	d.press("V")
	if got := d.order(); got != "1 8 3 6 5 4 7 2" {
		t.Errorf("reversed: %s", got)
	}
	d.press("Ctrl+Z")
	d.arrange.grid.Select(1, 6)
	d.press("Shift+R")
	if got := d.order(); got != "1 7 3 4 5 6 8" {
		t.Errorf("replaced: %s", got)
	}
	d.press("Ctrl+Z")
	if got := d.order(); got != "1 2 3 4 5 6 7 8" {
		t.Errorf("undone: %s", got)
	}
	d.press("X")
	if s := d.snapshot(); s.Dialog != "error" {
		t.Errorf("nothing to interleave, and it says %+v", s)
	}
}

func TestArrangeAccepts(t *testing.T) {
	core := withScanner(newFake(1, 8))
	core.batches["b-PR-001"].pages[2].Concerns = []scan.Concern{{Kind: scan.SuspectSkew, Words: "4° askew."}}
	d := newDesk(t, core)
	d.press("F4", "Right", "Right")
	if b := d.arrange.tile(2).Badge; b.Word != "askew" {
		t.Errorf("the badge says %q", b.Word)
	}
	d.press("A", "Enter")
	if p := d.arrange.pages[2]; p.Reviewed == "" || d.arrange.tile(2).Badge.Word == "askew" {
		t.Errorf("%+v", p)
	}
}

func TestBatchesTellTheCount(t *testing.T) {
	core := withScanner(newFake(3, 8))
	b := core.batches["b-PR-002"]
	b.info.Expected, b.info.Shelfmark = 50, "MS 12"
	core.batches["b-PR-003"].pages[1].Concerns = []scan.Concern{{Kind: scan.SuspectBlank}}
	d := newDesk(t, core)
	for _, c := range []struct{ filter, name string }{{"ms 12", "PR-002"}, {"short", "PR-002"}, {"to look at", "PR-003"}} {
		d.press("/")
		d.typed(c.filter)
		if s := d.snapshot(); s.Count != 1 || !slices.Equal(s.Selected, []string{c.name}) {
			t.Errorf("%q finds %v of %d", c.filter, s.Selected, s.Count)
		}
		d.press("Esc", "Esc")
	}
	d.press("/")
	d.typed("ms 12")
	d.press("Down", "S")
	if s := d.snapshot(); s.Dialog != "sign" {
		t.Fatalf("%+v", s)
	}
	d.typed("as found")
	d.press("Enter")
	if b.sign == nil || b.sign.Reason != "as found" {
		t.Errorf("%+v", b.sign)
	}
}

func TestCoverSheets(t *testing.T) {
	d := newDesk(t, withScanner(newFake(1, 3)))
	dir := t.TempDir()
	list := filepath.Join(dir, "units.csv")
	if err := os.WriteFile(list, []byte("\ufeffShelfmark;Title;Expected;Year\nPR-1;Letters;12;1843\nPR-2;\"Dues; tolls\";;\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	d.reg.byID("file.covers").run()
	d.settle()
	if d.win.Canvas().Focused() == nil {
		t.Error("nothing has the keyboard: no key works")
	}
	d.press("Ctrl+O", "Ctrl+L")
	d.top().popup.Content.Refresh()
	if e, ok := d.win.Canvas().Focused().(*parts.Entry); ok {
		e.SetText(list)
	}
	d.press("Ctrl+Enter")
	want := []archive.Unit{{Reference: "PR-1", Title: "Letters", Expected: 12, Metadata: map[string]string{"Year": "1843"}}, {Reference: "PR-2", Title: "Dues; tolls"}}
	if got := fmt.Sprint(d.core.scanner.units); got != fmt.Sprint(want) {
		t.Fatalf("planned %s", got)
	}
	d.press("Ctrl+N")
	d.typed("PR-3")
	d.press("Enter")
	if n := len(d.core.scanner.units); n != 3 {
		t.Errorf("%d units", n)
	}
	for i := range d.core.scanner.units {
		d.core.scanner.units[i].Code = fmt.Sprint("C-", i+1)
	}

	// All of them, then the one at the cursor; nothing is replaced.
	sheets := filepath.Join(dir, "sheets")
	for i, chord := range []string{"Ctrl+S", "Ctrl+Shift+S"} {
		d.press(chord, "Ctrl+L")
		d.top().popup.Content.Refresh()
		if e, ok := d.win.Canvas().Focused().(*parts.Entry); ok {
			e.SetText(sheets)
		}
		d.press("Ctrl+Enter")
		name, content := []string{"cover-sheets.pdf", "cover-sheets-2.pdf"}[i], []string{"%PDF-fake [] a4", "%PDF-fake [C-1] a4"}[i]
		if b, err := os.ReadFile(filepath.Join(sheets, name)); err != nil || string(b) != content {
			t.Errorf("%s: %q %v", name, b, err)
		}
	}
	d.core.fail["SaveCoverSheets"] = scan.ErrNoSpace
	if _, _, err := saveCovers(context.Background(), d.core, filepath.Join(dir, "new"), nil, workbench.SheetOptions{}); !errors.Is(err, scan.ErrNoSpace) {
		t.Errorf("a failure is kept quiet: %v", err)
	}
	if _, err := os.Stat(filepath.Join(dir, "new")); err == nil {
		t.Error("an empty folder is left")
	}
}

// What is wrong with a list is shown with its places, and can be gone through.
func TestWrongList(t *testing.T) {
	d := newDesk(t, withScanner(newFake(1, 3)))
	list := filepath.Join(t.TempDir(), "units.csv")
	if err := os.WriteFile(list, []byte("Shelfmark,Sheets\nA,many\n,3\nB,1,x\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	d.reg.byID("file.covers").run()
	d.settle()
	d.press("Ctrl+O", "Ctrl+L")
	if e, ok := d.win.Canvas().Focused().(*parts.Entry); ok {
		e.SetText(list)
	}
	d.press("Ctrl+Enter")
	if s := d.snapshot(); s.Dialog != "faults" || !strings.Contains(s.Error, "line 3, column 1 (Shelfmark): is empty") {
		t.Fatalf("%+v", s)
	}
	table, ok := d.win.Canvas().Focused().(*parts.Table)
	if !ok {
		t.Fatalf("%T has the keys", d.win.Canvas().Focused())
	}
	var got []string
	for i := range table.Count() {
		row := table.Row(i)
		got = append(got, row[0].Text+" | "+row[1].Text+" | "+row[2].Text)
	}
	want := []string{`2 | Sheets | "many" is no number of sheets`, "3 | Shelfmark | is empty; every unit wants a reference (shelfmark)", `4 | 3 | "x" stands in a column without a name`}
	if !slices.Equal(got, want) || len(d.core.scanner.units) > 0 {
		t.Errorf("%q, %d planned", got, len(d.core.scanner.units))
	}
	d.press("Esc")
	if s := d.snapshot(); s.Dialog != "covers" || s.Error != "" {
		t.Errorf("%+v", s)
	}
}

// What stands left of the sheet never lies on what is above it, whatever grows.
func TestCaptureSideDoesNotOverlap(t *testing.T) {
	d := captureDesk(t, 2)
	check := func(when string) {
		t.Helper()
		bottom := float32(-1)
		for i, o := range d.capture.side.form.Objects {
			if !o.Visible() {
				continue
			}
			if y := o.Position().Y; y < bottom {
				t.Errorf("%s: section %d begins at %v, the one above ends at %v", when, i, y, bottom)
			}
			if o.Size().Height < o.MinSize().Height {
				t.Errorf("%s: section %d is %v high and needs %v", when, i, o.Size().Height, o.MinSize().Height)
			}
			bottom = o.Position().Y + o.Size().Height
		}
	}
	check("at first")
	d.capture.profiles = append(d.capture.profiles, archive.Profile{Name: "Plans"}, archive.Profile{Name: "Maps"})
	d.capture.fillSide()
	check("with two profiles more")
	d.press("D")
	check("with the guide")
	d.press("Esc")
	check("without it")
	d.core.batches["b-PR-001"].info.Container = "Box 4"
	d.capture.reload()
	check("with a container")
}

// The counter has room for its number however long that gets.
func TestCounterIsNotCutOff(t *testing.T) {
	d := captureDesk(t, 9)
	for range 3 {
		d.press("Space")
		need := fyne.MeasureText(d.capture.big.String(), 22, fyne.TextStyle{Bold: true}).Width
		if got := d.capture.big.Size().Width; got < need {
			t.Errorf("%q needs %.0f and has %.0f", d.capture.big, need, got)
		}
	}
	if !strings.HasPrefix(d.capture.big.String(), "12 of") {
		t.Errorf("%q", d.capture.big)
	}
}
