package gui

import (
	"fmt"
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"recto/app/gui/parts"
	"recto/app/job"
)

// buildDrawer makes the drawer that slides over the right of any screen.
func (w *window) buildDrawer() {
	f := &w.frame
	f.drawerList = container.NewVBox()
	f.drawerTitle = parts.NewText("Jobs", parts.Plain, 15, 0).Bold()
	clear := parts.NewButton(w.keys, "Clear finished", nil, func() { w.jobs.Clear(); w.restoreFocus() })
	clear.Importance = widget.LowImportance
	close := parts.NewButton(w.keys, "Close  F12", nil, func() { w.run(w.reg.byID("view.jobs")) })
	close.Importance = widget.LowImportance
	head := container.NewBorder(nil, nil, container.NewCenter(f.drawerTitle), container.NewHBox(clear, close))
	body := container.NewPadded(container.NewBorder(head, nil, nil, nil, container.NewVScroll(f.drawerList)))
	f.drawer = container.New(sideways{420}, parts.Panel(parts.Left, body))
	f.drawer.Hide()
	w.fillDrawer()
}

func (w *window) toggleDrawer() {
	if w.frame.drawer.Visible() {
		w.frame.drawer.Hide()
		w.refocus()
	} else {
		w.fillDrawer()
		w.frame.drawer.Show()
		w.frame.content.Refresh() // Fyne paints nothing for a container that was never seen
	}
	w.touch()
}

// icons of jobs, each with its word beside it.
func jobIcon(s job.State) (fyne.Resource, parts.Tone) {
	switch s {
	case job.Running:
		return theme.MediaPlayIcon(), parts.Accent
	case job.Done:
		return theme.ConfirmIcon(), parts.Good
	case job.Partly:
		return theme.WarningIcon(), parts.Warn
	case job.Failed:
		return theme.ErrorIcon(), parts.Bad
	case job.Cancelled:
		return theme.CancelIcon(), parts.Muted
	}
	return theme.HistoryIcon(), parts.Muted
}

// fillDrawer builds a card for each job, the newest on top.
func (w *window) fillDrawer() {
	f := &w.frame
	f.live = nil
	f.drawerList.Objects = nil
	for _, j := range slices.Backward(w.jobs.Jobs()) {
		f.drawerList.Objects = append(f.drawerList.Objects, w.jobCard(j), widget.NewSeparator())
	}
	if len(w.jobs.Jobs()) == 0 {
		f.drawerList.Objects = []fyne.CanvasObject{prose("Nothing is at work. Imports, reading and exports appear here with their progress, and stay until they are cleared.")}
	}
	f.drawerList.Refresh()
}

// tickDrawer moves the counters of the running job.
func (w *window) tickDrawer() {
	if w.frame.live != nil && w.frame.drawer.Visible() {
		w.frame.live()
	}
}

const mostProblems = 25 // a card with thousands of lines helps nobody

func (w *window) jobCard(j *job.Job) fyne.CanvasObject {
	state, out := j.State(), j.Outcome()
	icon, tone := jobIcon(state)
	word := string(state)
	if j.Paused() && state == job.Running {
		icon, tone, word = theme.MediaPauseIcon(), parts.Warn, "paused"
	}
	head := container.NewBorder(nil, nil, widget.NewIcon(tone.Tint(icon)), parts.NewText(word, tone, 12, 0),
		parts.NewText(j.Title(), parts.Plain, 13, 100).Bold())
	box := container.NewVBox(head)
	switch {
	case state == job.Running:
		meter, words := parts.NewMeter(100), parts.NewText("", parts.Muted, 12, 100)
		w.frame.live = func() {
			s := j.Progress()
			meter.Set(s.Share())
			words.Set(progressWords(s), parts.Muted)
		}
		w.frame.live()
		box.Add(meter)
		buttons := container.NewHBox(parts.NewButton(w.keys, "Cancel   Ctrl+.", theme.CancelIcon(), func() { w.jobs.Stop(j) }))
		switch {
		case j.Paused():
			buttons.Objects = slices.Insert(buttons.Objects, 0, fyne.CanvasObject(parts.NewButton(w.keys, "Go on   Ctrl+P", theme.MediaPlayIcon(), w.pause)))
		case w.pausable():
			buttons.Objects = slices.Insert(buttons.Objects, 0, fyne.CanvasObject(parts.NewButton(w.keys, "Pause   Ctrl+P", theme.MediaPauseIcon(), w.pause)))
		}
		box.Add(words)
		box.Add(container.NewBorder(nil, nil, nil, buttons))
		return box
	case state == job.Waiting:
		box.Add(container.NewHBox(layout.NewSpacer(), parts.NewButton(w.keys, "Cancel", theme.CancelIcon(), func() { w.jobs.Stop(j) })))
		return box
	}
	if out.Summary != "" {
		box.Add(prose(out.Summary))
	}
	if out.Err != nil && !cancelled(out.Err) {
		x := w.cfg.Explain(out.Err)
		box.Add(problemLines(job.Problem{What: out.Err.Error(), Title: x.Title, Remedy: x.Remedy}))
	}
	for i, p := range out.Problems {
		if i == mostProblems {
			box.Add(prose(fmt.Sprintf("and %d more", len(out.Problems)-i)))
			break
		}
		box.Add(problemLines(p))
	}
	if state == job.Failed || state == job.Cancelled || state == job.Partly {
		box.Add(container.NewHBox(layout.NewSpacer(), parts.NewButton(w.keys, "Run again", theme.ViewRefreshIcon(), func() { w.jobs.Again(j) })))
	}
	return box
}

func problemLines(p job.Problem) fyne.CanvasObject {
	head := widget.NewLabelWithStyle(p.Title, fyne.TextAlignLeading, fyne.TextStyle{Bold: true})
	head.Wrapping = fyne.TextWrapWord
	head.Importance = widget.WarningImportance
	what := prose(p.What)
	what.Wrapping = fyne.TextWrapBreak
	return container.New(layout.NewCustomPaddedVBoxLayout(-6), head, what, prose(p.Remedy))
}

// middle keeps a line of text in the middle of a higher row, at its full width.
func middle(o fyne.CanvasObject) fyne.CanvasObject {
	return container.New(layout.NewCustomPaddedLayout(5, 0, 0, 0), o)
}

// sideways puts an object at the right edge at a fixed width.
type sideways struct{ width float32 }

// Layout is for Fyne.
func (l sideways) Layout(objects []fyne.CanvasObject, s fyne.Size) {
	for _, o := range objects {
		width := min(l.width, s.Width)
		o.Move(fyne.NewPos(s.Width-width, 0))
		o.Resize(fyne.NewSize(width, s.Height))
	}
}

// MinSize is for Fyne.
func (l sideways) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.NewSize(0, 0) }
