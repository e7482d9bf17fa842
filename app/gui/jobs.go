package gui

import (
	"context"
	"errors"
	"fmt"
	"time"

	"recto/app/workbench"
)

// jobState is where a job is.
type jobState string

const (
	jobWaiting   jobState = "waiting"
	jobRunning   jobState = "running"
	jobDone      jobState = "done"
	jobPartly    jobState = "partly done" // done, with problems
	jobFailed    jobState = "failed"
	jobCancelled jobState = "cancelled"
)

func (s jobState) over() bool { return s != jobWaiting && s != jobRunning }

// problem is one thing that did not work, where, and what to do about it.
type problem struct{ What, Title, Remedy string }

// outcome is what a job tells when it is over.
type outcome struct {
	Summary  string
	Problems []problem
	Err      error
}

// job is work that goes on while the user does something else.
type job struct {
	number   int
	title    string
	work     func(context.Context, *workbench.Progress) outcome
	progress *workbench.Progress
	cancel   context.CancelFunc
	state    jobState
	out      outcome
	after    func(outcome) // on the UI goroutine, once
}

// jobs runs one job after the other: each already uses every core. All methods
// belong to the UI goroutine.
type jobs struct {
	bridge  *bridge
	explain func(error) workbench.Explanation
	list    []*job // oldest first
	running *job
	paused  bool   // the archive is being closed: nothing new begins
	changed func() // a job was added, began or ended
	ticked  func() // counters moved; at most four times a second
}

const tick = 250 * time.Millisecond // ten a second cost a quarter of a core in repaints

// start queues a job.
func (q *jobs) start(title string, work func(context.Context, *workbench.Progress) outcome, after func(outcome)) *job {
	j := &job{number: len(q.list) + 1, title: title, work: work, after: after, state: jobWaiting}
	q.list = append(q.list, j)
	q.next()
	q.changed()
	return j
}

func (q *jobs) next() {
	if q.running != nil || q.paused {
		return
	}
	for _, j := range q.list {
		if j.state != jobWaiting {
			continue
		}
		ctx, cancel := context.WithCancel(q.bridge.ctx)
		p := &workbench.Progress{}
		j.cancel, j.progress, j.state = cancel, p, jobRunning
		q.running = j
		q.bridge.later(tick, q.poll)
		q.bridge.spawn(func() {
			out := run(ctx, j.work, p)
			q.bridge.do(func() { q.finish(j, out) })
		})
		return
	}
}

// run keeps a panic of one job from taking the window down with it.
func run(ctx context.Context, work func(context.Context, *workbench.Progress) outcome, p *workbench.Progress) (out outcome) {
	defer func() {
		if r := recover(); r != nil {
			out = outcome{Err: fmt.Errorf("internal error: %v", r)}
		}
	}()
	return work(ctx, p)
}

func (q *jobs) poll() {
	if q.running != nil {
		q.ticked()
		q.bridge.later(tick, q.poll)
	}
}

func (q *jobs) finish(j *job, out outcome) {
	j.cancel()
	j.out = out
	switch {
	case errors.Is(out.Err, context.Canceled):
		j.state = jobCancelled
	case out.Err != nil:
		j.state = jobFailed
	case len(out.Problems) > 0:
		j.state = jobPartly
	default:
		j.state = jobDone
	}
	q.running = nil
	q.next()
	if j.after != nil {
		j.after(out)
	}
	q.changed()
}

// stop cancels a job; one that waits is over at once.
func (q *jobs) stop(j *job) {
	switch j.state {
	case jobWaiting:
		j.state = jobCancelled
		q.changed()
	case jobRunning:
		j.cancel()
	}
}

// again queues a job that is over once more.
func (q *jobs) again(j *job) { q.start(j.title, j.work, j.after) }

// clear forgets the jobs that are over.
func (q *jobs) clear() {
	keep := q.list[:0]
	for _, j := range q.list {
		if !j.state.over() {
			keep = append(keep, j)
		}
	}
	q.list = keep
	q.changed()
}

// counts gives how many of the jobs since the queue was last empty are over, and
// how many there are.
func (q *jobs) counts() (over, all int) {
	for _, j := range q.list {
		all++
		if j.state.over() {
			over++
		}
	}
	return over, all
}

// active tells whether something runs or waits.
func (q *jobs) active() bool {
	over, all := q.counts()
	return over < all
}

// problemOf explains an error for the list of a job.
func (q *jobs) problemOf(what string, err error) problem {
	x := q.explain(err)
	return problem{What: what, Title: x.Title, Remedy: x.Remedy}
}

// progressWords tells a snapshot: "Reading pages · 12 of 40 · about 2 min left".
func progressWords(s workbench.Snapshot) string {
	words := s.Stage
	if words == "" {
		words = "starting"
	}
	if s.Total > 0 {
		words += fmt.Sprintf(" · %d of %d", s.Done, s.Total)
	} else if s.Done > 0 {
		words += fmt.Sprintf(" · %d", s.Done)
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
