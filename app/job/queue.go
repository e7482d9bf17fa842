package job

import (
	"context"
	"errors"
	"fmt"
)

// State is where a job is.
type State string

// The states of a job.
const (
	Waiting   State = "waiting"
	Running   State = "running"
	Done      State = "done"
	Partly    State = "partly done" // done, with problems
	Failed    State = "failed"
	Cancelled State = "cancelled"
)

// Over tells whether nothing more will happen to a job in this state.
func (s State) Over() bool { return s != Waiting && s != Running }

// Problem is one thing that did not work, where, and what to do about it.
type Problem struct{ What, Title, Remedy string }

// Outcome is what a job tells when it is over.
type Outcome struct {
	Summary  string
	Problems []Problem
	Err      error // nil: all of it was tried; the problems say what failed
}

// Work is what a job does. It runs beside the owner of the queue, heeds its
// context and counts what it does.
type Work func(context.Context, *Progress) Outcome

// Job is work that goes on while the user does something else.
type Job struct {
	title    string
	work     Work
	progress *Progress // nil before it runs
	cancel   context.CancelFunc
	state    State
	outcome  Outcome
}

// Title names the job for people.
func (j *Job) Title() string { return j.title }

// State tells where the job is.
func (j *Job) State() State { return j.state }

// Outcome is what came of it, empty before it is over.
func (j *Job) Outcome() Outcome { return j.outcome }

// Pause holds the job, or lets it go on; only one that runs can be held.
func (j *Job) Pause(on bool) { j.progress.Pause(on) }

// Pausable tells whether the job heeds a pause.
func (j *Job) Pausable() bool { return j.progress.Pausable() }

// Paused tells whether it is held.
func (j *Job) Paused() bool { return j.progress.Paused() }

// Progress reads the job's counters.
func (j *Job) Progress() Snapshot { return j.progress.Snapshot() }

// Owner is the goroutine that a queue belongs to, as a window's: the queue and its
// jobs may be touched nowhere else.
type Owner struct {
	Context context.Context // of all jobs: when it ends they are cancelled
	Spawn   func(func())    // runs work beside the owner
	Do      func(func())    // runs a function on the owner, from anywhere
	Changed func()          // called on the owner when a job was added, began or ended
}

// Queue runs one job after the other: each already uses every core.
type Queue struct {
	owner   Owner
	list    []*Job // oldest first
	running *Job
	closed  bool
}

// NewQueue makes an empty queue.
func NewQueue(o Owner) *Queue { return &Queue{owner: o} }

// Jobs are all that have not been cleared, the oldest first.
func (q *Queue) Jobs() []*Job { return q.list }

// Running is the job at work, nil without one.
func (q *Queue) Running() *Job { return q.running }

// Start queues a job, which begins at once if nothing else runs.
func (q *Queue) Start(title string, work Work) *Job {
	j := &Job{title: title, work: work, state: Waiting}
	q.list = append(q.list, j)
	q.next()
	q.owner.Changed()
	return j
}

// Again queues a job that is over once more.
func (q *Queue) Again(j *Job) *Job { return q.Start(j.title, j.work) }

func (q *Queue) next() {
	if q.running != nil || q.closed {
		return
	}
	for _, j := range q.list {
		if j.state != Waiting {
			continue
		}
		ctx, cancel := context.WithCancel(q.owner.Context)
		p := &Progress{}
		j.cancel, j.progress, j.state = cancel, p, Running
		q.running = j
		q.owner.Spawn(func() {
			out := run(ctx, j.work, p)
			q.owner.Do(func() { q.finish(j, out) })
		})
		return
	}
}

// run keeps a panic of one job from taking its owner down with it.
func run(ctx context.Context, work Work, p *Progress) (out Outcome) {
	defer func() {
		if r := recover(); r != nil {
			out = Outcome{Err: fmt.Errorf("internal error: %v", r)}
		}
	}()
	return work(ctx, p)
}

func (q *Queue) finish(j *Job, out Outcome) {
	j.cancel()
	j.outcome = out
	switch {
	case errors.Is(out.Err, context.Canceled):
		j.state = Cancelled
	case out.Err != nil:
		j.state = Failed
	case len(out.Problems) > 0:
		j.state = Partly
	default:
		j.state = Done
	}
	q.running = nil
	q.next()
	q.owner.Changed()
}

// Stop cancels a job. One that waits is over at once; one that runs is over when
// its work has heeded that.
func (q *Queue) Stop(j *Job) {
	switch j.state {
	case Waiting:
		j.state = Cancelled
		q.owner.Changed()
	case Running:
		j.cancel()
	}
}

// StopAll cancels every job, those that wait first, so that none of them begins.
func (q *Queue) StopAll() {
	for _, j := range q.list {
		if j != q.running {
			q.Stop(j)
		}
	}
	if q.running != nil {
		q.Stop(q.running)
	}
}

// Close cancels every job and begins none any more.
func (q *Queue) Close() {
	q.closed = true
	q.StopAll()
}

// Clear forgets the jobs that are over.
func (q *Queue) Clear() {
	var keep []*Job
	for _, j := range q.list {
		if !j.state.Over() {
			keep = append(keep, j)
		}
	}
	q.list = keep
	q.owner.Changed()
}

// Counts gives how many of the jobs that have not been cleared are over, and how
// many there are.
func (q *Queue) Counts() (over, all int) {
	for _, j := range q.list {
		if j.state.Over() {
			over++
		}
	}
	return over, len(q.list)
}

// Active tells whether something runs or waits.
func (q *Queue) Active() bool {
	over, all := q.Counts()
	return over < all
}
