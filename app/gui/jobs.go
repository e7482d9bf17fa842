package gui

import (
	"fmt"
	"time"

	"recto/app/job"
)

const tick = 250 * time.Millisecond // ten a second cost a quarter of a core in repaints

// newQueue makes the queue of jobs that belongs to the window.
func newQueue(w *window) *job.Queue {
	b := w.bridge
	return job.NewQueue(job.Owner{Context: b.ctx, Spawn: b.spawn, Do: b.do, Changed: w.jobsChanged})
}

// jobsChanged shows that a job was added, began or ended.
func (w *window) jobsChanged() {
	w.fillDrawer()
	if w.jobs.Running() == nil {
		w.reload()
	} else if !w.polling {
		w.polling, w.refreshes = true, 0
		w.bridge.later(tick, w.pollJobs)
	}
	w.touch()
}

// pollJobs shows the counters while a job runs, and what it has made so far: at
// once, as a first batch is made in no time, then every two seconds.
func (w *window) pollJobs() {
	if w.jobs.Running() == nil {
		w.polling = false
		return
	}
	w.bridge.later(tick, w.pollJobs)
	if now := w.pausable(); now != w.couldHold { // its card has another button now
		w.couldHold = now
		w.fillDrawer()
	}
	w.tickDrawer()
	if w.refreshes%int(2*time.Second/tick) == 0 && w.core != nil {
		w.current.reload()
		w.checkSpace()
	}
	w.refreshes++
	w.touch()
}

// jobProgress is the running job's counters.
func (w *window) jobProgress() job.Snapshot {
	if j := w.jobs.Running(); j != nil {
		return j.Progress()
	}
	return job.Snapshot{}
}

// pausable tells whether the running job reads pages: other work cannot be held.
func (w *window) pausable() bool {
	j := w.jobs.Running()
	return j != nil && j.Pausable()
}

// pause holds the running job where it is, or lets it go on.
func (w *window) pause() {
	j := w.jobs.Running()
	j.Pause(!j.Paused())
	w.fillDrawer()
	w.touch()
}

// problemOf explains an error for the list of a job.
func (w *window) problemOf(what string, err error) job.Problem {
	x := w.cfg.Explain(err)
	return job.Problem{What: what, Title: x.Title, Remedy: x.Remedy}
}

// progressWords tells a snapshot: "Reading pages · 12 of 40 · about 2 min left".
func progressWords(s job.Snapshot) string {
	words := s.Stage
	if words == "" {
		words = "starting"
	}
	if s.Total > 0 {
		words += fmt.Sprintf(" · %d of %d", s.Done, s.Total)
	} else if s.Done > 0 {
		words += fmt.Sprintf(" · %d", s.Done)
	}
	if s.Paused {
		return words + " · paused"
	}
	if s.ETA > 0 {
		words += " · " + remaining(s.ETA)
	}
	return words
}

// remaining rounds a time as people say it.
func remaining(d time.Duration) string {
	switch {
	case d < 10*time.Second:
		return "a few seconds left"
	case d < time.Minute:
		return fmt.Sprintf("about %d s left", int(d.Seconds())/10*10)
	case d < 90*time.Minute:
		return fmt.Sprintf("about %d min left", int(d.Minutes()+0.5))
	}
	return fmt.Sprintf("about %d h left", int(d.Hours()+0.5))
}
