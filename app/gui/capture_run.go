package gui

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"recto/app/gui/parts"
	"recto/app/job"
	"recto/app/workbench"
	"recto/scan"
)

// run is one pressing of the button, or one watch of a folder, from its start to
// its end.
type run struct {
	batch    scan.BatchID
	what     string // "Scan", for messages
	request  workbench.CaptureRequest
	folder   scan.Path // that is watched; empty: a device scans
	pages    int       // so far
	lastID   scan.PageID
	watch    workbench.WatchStatus
	stopping bool
	result   workbench.CaptureResult // set when the job is over
}

// words tell how far the run is.
func (r *run) words() string {
	if r.folder != "" {
		words := fmt.Sprintf("Watching: %d taken", r.watch.Taken)
		if r.watch.Known > 0 {
			words += fmt.Sprintf(", %d known", r.watch.Known)
		}
		if r.watch.Waiting > 0 {
			words += fmt.Sprintf(", %d not complete yet", r.watch.Waiting)
		}
		return words
	}
	if r.pages == 0 {
		return "Scanning…"
	}
	return "Scanning: " + count(r.pages, "page", "pages") + " so far"
}

// newScanner makes the queue of the scanner. It is another one than that of the
// jobs: whoever scans is not to wait until a batch has been read.
func newScanner(w *window) *job.Queue {
	b := w.bridge
	return job.NewQueue(job.Owner{Context: b.ctx, Spawn: func(f func()) { b.spawn(f) }, Do: func(f func()) { b.do(f) }, Changed: func() {
		if w.capture != nil {
			w.capture.scannerChanged()
		}
	}})
}

// canScan tells whether a sheet can be scanned now.
func (s *captureScreen) canScan() bool {
	id, _ := s.device()
	return s.w.core != nil && !s.w.looking && s.of != "" && s.run == nil && id != "" && !s.previewSlot.busy
}

// heldFor is how soon after a press in vain the next one is the same, held down.
const heldFor = 350 * time.Millisecond

// scanKey is Space, Enter or the pedal. A key held down repeats itself: presses
// while a run is at work must not start the next one as soon as it is over.
func (s *captureScreen) scanKey() {
	now := s.now()
	if s.run != nil {
		s.ignored = now
		return
	}
	if held := now.Sub(s.ignored); held >= 0 && held < heldFor {
		s.ignored = now
		return
	}
	if !s.canScan() {
		switch id, _ := s.device(); {
		case s.of == "":
			s.w.say("Choose a batch first: B")
		case id == "":
			s.w.run(s.w.reg.byID("capture.device"))
		}
		return
	}
	if s.failure != nil && s.last != nil {
		s.retry()
		return
	}
	s.scan("Scan", workbench.CaptureRequest{})
}

// scan starts the scanner; r says where the pages go.
func (s *captureScreen) scan(what string, r workbench.CaptureRequest) {
	r.Batch, r.Ticket = s.of, s.ticket()
	if s.by && r.Replace == "" {
		r.Label = s.label
	}
	if r.Replace == "" && r.After == "" && !r.First {
		r.Side = s.duplex.side()
	}
	s.leaveLooks()
	s.start(&run{batch: s.of, what: what, request: r})
}

// again scans the sheet that is chosen once more; the one before goes to the bin.
func (s *captureScreen) again() {
	if p, ok := s.sheet(); ok {
		s.w.say("Page %s is scanned again; the one before stays in the bin, C compares them", pageName(p))
		s.scan("Scan again", workbench.CaptureRequest{Replace: p.ID})
	}
}

// insert scans before the chosen sheet, or behind it.
func (s *captureScreen) insert(behind bool) {
	p, ok := s.sheet()
	if !ok {
		return
	}
	if behind {
		s.scan("Insert", workbench.CaptureRequest{After: p.ID})
		return
	}
	for i, t := range s.tail {
		if t.ID != p.ID {
			continue
		}
		switch {
		case i > 0:
			s.scan("Insert", workbench.CaptureRequest{After: s.tail[i-1].ID})
		case p.Number == 1:
			s.scan("Insert", workbench.CaptureRequest{First: true})
		default:
			s.w.say("Go one sheet on and insert behind it: Shift+I")
		}
	}
}

// start begins a run.
func (s *captureScreen) start(r *run) {
	w, core := s.w, s.w.core
	b := w.bridge
	s.failure, s.last, s.run = nil, nil, r
	s.changed = true
	captured := func(p workbench.PageInfo) {
		b.do(func() {
			if s.run == r {
				r.pages++
				r.lastID = p.ID
				s.follow, s.by = p.ID, false
				s.reload()
				s.fillButton()
				w.touch()
			}
		})
	}
	inspected := func(p workbench.PageInfo) { b.do(func() { s.inspected(p) }) }
	request := r.request
	request.Captured, request.Inspected = captured, inspected
	title := r.what + " into " + s.batch.Name
	w.scanner.Start(title, func(ctx context.Context, p *job.Progress) job.Outcome {
		var err error
		if r.folder != "" {
			r.result, err = core.Watch(ctx, workbench.WatchRequest{Batch: r.batch, Folder: r.folder, Captured: captured, Inspected: inspected,
				Status: func(st workbench.WatchStatus) { b.do(func() { s.watched(r, st) }) }}, p)
		} else {
			r.result, err = core.Capture(ctx, request, p)
		}
		return job.Outcome{Err: err}
	})
	s.fill()
}

// inspected takes in what a quick look found.
func (s *captureScreen) inspected(p workbench.PageInfo) {
	known := false
	for _, list := range [][]workbench.PageInfo{s.tail, s.strip} {
		for i := range list {
			if list[i].ID == p.ID {
				list[i], known = p, true
			}
		}
	}
	if s.pictured.ID == p.ID {
		s.pictured = p
	}
	if known {
		s.grid.RefreshTiles()
		s.fillSheet()
	}
	if p.Batch == s.of {
		s.reload() // blanks and concerns are counted
	}
}

// stop ends the run at work.
func (s *captureScreen) stop() {
	if s.run != nil {
		s.run.stopping = true
		s.w.scanner.StopAll()
		s.fill()
	}
}

// scannerChanged ends a run whose work is over.
func (s *captureScreen) scannerChanged() {
	jobs := s.w.scanner.Jobs()
	if s.run == nil || len(jobs) == 0 {
		return
	}
	j := jobs[len(jobs)-1]
	if !j.State().Over() {
		return
	}
	r := s.run
	s.run, s.last = nil, r
	s.w.scanner.Clear()
	s.ended(r, j.Outcome().Err)
}

// ended tells what came of a run.
func (s *captureScreen) ended(r *run, err error) {
	w := s.w
	pages := max(r.pages, len(r.result.Added))
	safe := ""
	if pages > 0 {
		safe = count(pages, "page is", "pages are") + " safe"
	}
	switch {
	case err == nil:
		words := count(pages, "page", "pages") + " captured"
		if r.folder != "" {
			words = "No longer watching " + r.folder.Line() + ": " + count(pages, "page", "pages") + " taken"
		}
		if n := len(r.result.Rejects); n > 0 {
			words += fmt.Sprintf(", %d not taken", n)
		}
		if n := len(r.result.Concerns); n > 0 {
			words += fmt.Sprintf(", %d to look at: L", n)
		}
		if n := r.result.Divided; n > 0 {
			words += ", " + count(n, "unit begins", "units begin")
		}
		w.say("%s", strings.Join(append([]string{words}, r.result.Notes...), " · "))
	case cancelled(err):
		if safe == "" {
			safe = "nothing was captured"
		}
		var lost *scan.LostError
		if errors.As(err, &lost) {
			safe += "; " + lost.Words()
		}
		w.say("Stopped; %s", safe)
	default:
		s.failure = err
		if safe != "" {
			w.say("%s", safe)
		}
	}
	switch {
	case err == nil:
		s.target.heard(targetReady)
	case errors.Is(err, scan.ErrDeviceBusy):
		s.target.heard(targetBusy)
	case errors.Is(err, scan.ErrDeviceGone), errors.Is(err, scan.ErrNoDevice):
		s.target.heard(targetOffline)
	}
	s.by = false
	w.checkSpace()
	s.afterDuplex(r, err)
	s.reload()
	s.fill()
}

// retry does the last run again, where it stopped.
func (s *captureScreen) retry() {
	r := s.last
	if r == nil || s.failure == nil {
		return
	}
	again := &run{batch: r.batch, what: r.what, request: r.request, folder: r.folder}
	if r.lastID != "" { // what came before the trouble stays: go on behind it
		switch {
		case r.request.Replace != "":
			again.request.Replace = ""
		case r.request.After != "" || r.request.First:
			again.request.After, again.request.First = r.lastID, false
		}
		again.request.Label = ""
	}
	again.request.Ticket = s.ticket()
	s.start(again)
}

// fillAlert shows what went wrong above the sheet, which stays in sight.
func (s *captureScreen) fillAlert() {
	w := s.w
	if s.run != nil && s.run.folder != "" && (s.run.watch.Problem != "" || len(s.run.watch.Slow) > 0) {
		words := s.run.watch.Problem
		if words == "" {
			words = s.run.watch.Slow[0]
			if n := len(s.run.watch.Slow); n > 1 {
				words += fmt.Sprintf(" (and %d more)", n-1)
			}
		}
		s.setAlert(parts.Warn, "The watched folder needs a look", words+". The watch goes on.")
		return
	}
	if s.failure == nil {
		if s.alert.Visible() {
			s.alert.Hide()
			s.body.Refresh()
		}
		return
	}
	x := w.cfg.Explain(s.failure)
	retry := parts.NewButton(w.keys, "Try again   Space", theme.ViewRefreshIcon(), func() { w.run(w.reg.byID("capture.retry")) })
	retry.Importance = widget.HighImportance
	actions := []fyne.CanvasObject{retry}
	if errors.Is(s.failure, scan.ErrOption) || errors.Is(s.failure, scan.ErrNoDevice) {
		actions = append([]fyne.CanvasObject{parts.NewButton(w.keys, "Device   T", theme.SettingsIcon(), func() { w.run(w.reg.byID("capture.device")) })}, actions...)
	}
	s.setAlert(parts.Bad, x.Title, x.Remedy+"\n"+s.failure.Error(), actions...)
}

func (s *captureScreen) setAlert(tone parts.Tone, title, text string, actions ...fyne.CanvasObject) {
	icon := container.New(layout.NewGridWrapLayout(fyne.NewSquareSize(26)), widget.NewIcon(tone.Tint(theme.WarningIcon())))
	words := container.New(layout.NewCustomPaddedVBoxLayout(-6), boldLabel(title), prose(text))
	row := container.NewBorder(nil, nil, container.New(layout.NewCustomPaddedLayout(6, 0, 4, 2), container.NewVBox(icon)), container.NewCenter(container.NewHBox(actions...)), words)
	s.alert.Objects = []fyne.CanvasObject{parts.Panel(parts.Bottom, container.New(layout.NewCustomPaddedLayout(4, 6, 8, 12), row))}
	s.alert.Show()
	s.alert.Refresh()
	s.body.Refresh()
}

func boldLabel(text string) *widget.Label {
	l := widget.NewLabelWithStyle(text, fyne.TextAlignLeading, fyne.TextStyle{Bold: true})
	l.Wrapping = fyne.TextWrapWord
	return l
}

// watchFolder starts or ends the watch of a folder.
func (s *captureScreen) watchFolder() {
	if s.run != nil && s.run.folder != "" {
		s.stop()
		return
	}
	w := s.w
	from := w.cfg.Prefs.String(prefWatch)
	if from == "" {
		from = w.home()
	}
	w.chooseFolder("A folder to watch: what appears in it goes into "+s.batch.Name, "Watch it", from, func(dir string) {
		if s.run != nil || s.of == "" {
			return
		}
		w.cfg.Prefs.SetString(prefWatch, dir)
		s.leaveLooks()
		s.start(&run{batch: s.of, what: "Watch", folder: scan.Path(dir)})
	})
}

// watched shows what a watch says of itself.
func (s *captureScreen) watched(r *run, st workbench.WatchStatus) {
	if s.run != r {
		return
	}
	r.watch = st
	s.fillAlert()
	s.fillSide()
	s.w.touch()
}
