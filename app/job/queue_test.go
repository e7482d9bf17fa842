package job

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"
)

// owner is a loop that takes functions one after the other, as a window does.
type owner struct {
	todo    chan func()
	changes int
}

func newOwner(ctx context.Context) (*owner, *Queue) {
	o := &owner{todo: make(chan func())}
	return o, NewQueue(Owner{Context: ctx, Spawn: func(f func()) { go f() }, Do: func(f func()) { o.todo <- f }, Changed: func() { o.changes++ }})
}

// until serves the queue until all jobs are over.
func (o *owner) until(t *testing.T, q *Queue) {
	t.Helper()
	for q.Active() {
		select {
		case f := <-o.todo:
			f()
		case <-time.After(time.Minute):
			t.Fatalf("stuck with %d jobs", len(q.Jobs()))
		}
	}
}

// waits is work that ends only when it is cancelled.
func waits(ctx context.Context, _ *Progress) Outcome {
	<-ctx.Done()
	return Outcome{Err: fmt.Errorf("reading page 3: %w", ctx.Err())}
}

func TestStates(t *testing.T) {
	for name, c := range map[string]struct {
		work Work
		want State
	}{
		"all good": {func(context.Context, *Progress) Outcome { return Outcome{Summary: "3 pages"} }, Done},
		"some bad": {func(context.Context, *Progress) Outcome { return Outcome{Problems: []Problem{{What: "page 2"}}} }, Partly},
		"error":    {func(context.Context, *Progress) Outcome { return Outcome{Err: errors.New("disk full")} }, Failed},
		"panic":    {func(context.Context, *Progress) Outcome { panic("index out of range") }, Failed},
		"an error beats problems": {func(context.Context, *Progress) Outcome {
			return Outcome{Problems: []Problem{{}}, Err: errors.New("disk full")}
		}, Failed},
	} {
		o, q := newOwner(t.Context())
		j := q.Start(name, c.work)
		if j.State() != Running || q.Running() != j {
			t.Errorf("%s: %s right after the start", name, j.State())
		}
		o.until(t, q)
		if j.State() != c.want || q.Running() != nil {
			t.Errorf("%s: %s, want %s", name, j.State(), c.want)
		}
		if (j.State() == Failed) != (j.Outcome().Err != nil) {
			t.Errorf("%s: error %v", name, j.Outcome().Err)
		}
		if o.changes != 2 { // begun, over
			t.Errorf("%s: %d changes told", name, o.changes)
		}
	}
}

func TestOneAfterTheOther(t *testing.T) {
	o, q := newOwner(t.Context())
	at := 0
	order := make([]int, 0, 3)
	for i := range 3 {
		q.Start(fmt.Sprint(i), func(context.Context, *Progress) Outcome {
			if at++; at > 1 {
				t.Error("two jobs at once")
			}
			order = append(order, i)
			at--
			return Outcome{}
		})
	}
	if over, all := q.Counts(); over != 0 || all != 3 {
		t.Errorf("%d of %d over", over, all)
	}
	o.until(t, q)
	if fmt.Sprint(order) != "[0 1 2]" {
		t.Errorf("ran as %v", order)
	}
}

func TestCancel(t *testing.T) {
	o, q := newOwner(t.Context())
	first, second, third := q.Start("1", waits), q.Start("2", waits), q.Start("3", waits)
	q.Stop(second)
	if second.State() != Cancelled {
		t.Errorf("a waiting job that is cancelled is %s", second.State())
	}
	q.Stop(first)
	for third.State() != Running {
		(<-o.todo)()
	}
	if first.State() != Cancelled {
		t.Errorf("the first is %s", first.State())
	}
	q.Stop(second) // over: nothing happens
	again := q.Again(first)
	if again == first || again.State() != Waiting {
		t.Errorf("again: %s", again.State())
	}
	q.Clear()
	if n := len(q.Jobs()); n != 2 {
		t.Errorf("%d jobs are kept", n)
	}
	q.StopAll()
	o.until(t, q)
	if third.State() != Cancelled || again.State() != Cancelled || again.Progress() != (Snapshot{}) {
		t.Errorf("%s, %s", third.State(), again.State())
	}
}

func TestClose(t *testing.T) {
	o, q := newOwner(t.Context())
	first, second := q.Start("1", waits), q.Start("2", waits)
	q.Close()
	o.until(t, q)
	late := q.Start("3", waits)
	if first.State() != Cancelled || second.State() != Cancelled || late.State() != Waiting {
		t.Errorf("%s, %s, %s", first.State(), second.State(), late.State())
	}
}

func TestOwnerEnds(t *testing.T) {
	ctx, end := context.WithCancel(t.Context())
	o, q := newOwner(ctx)
	j := q.Start("1", waits)
	end()
	o.until(t, q)
	if j.State() != Cancelled {
		t.Errorf("%s", j.State())
	}
}

func TestProgress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var p Progress
		p.Stage("Reading pages", 8)
		if s := p.Snapshot(); s.ETA != 0 || s.Share() != 0 {
			t.Errorf("nothing done: %+v", s)
		}
		time.Sleep(20 * time.Second)
		p.Step()
		p.Set(2)
		if s := p.Snapshot(); s != (Snapshot{Stage: "Reading pages", Done: 2, Total: 8, ETA: time.Minute}) || s.Share() != 0.25 {
			t.Errorf("%+v", s)
		}
		p.Set(8)
		if s := p.Snapshot(); s.ETA != 0 || s.Share() != 1 {
			t.Errorf("all done: %+v", s)
		}
		p.Stage("Writing", 0)
		p.Step()
		if s := p.Snapshot(); s.Share() != 0 || s.Done != 1 {
			t.Errorf("of unknown length: %+v", s)
		}
		if s := (*Progress)(nil).Snapshot(); s != (Snapshot{}) {
			t.Errorf("nil counts %+v", s)
		}
	})
}
