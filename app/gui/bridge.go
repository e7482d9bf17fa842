package gui

import (
	"context"
	"os"
	"os/signal"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"fyne.io/fyne/v2"
)

// bridge is the one way between the UI goroutine and all others. Its functions
// are called on the UI goroutine; what they are given to run elsewhere must touch
// no widget.
type bridge struct {
	ctx   context.Context
	stop  context.CancelFunc
	spawn func(func())                // runs beside the UI; inline in tests
	do    func(func())                // runs on the UI goroutine; inline in tests
	later func(time.Duration, func()) // runs on the UI goroutine after a while
	work  sync.WaitGroup
}

// wait blocks until what was spawned has come back, but not for ever: work that
// does not heed its context must not keep a closed window alive.
func (b *bridge) wait(most time.Duration) {
	done := make(chan struct{})
	go func() { b.work.Wait(); close(done) }()
	select {
	case <-done:
	case <-time.After(most):
	}
}

// newBridge makes the bridge of a real window.
func newBridge() *bridge {
	b := &bridge{}
	b.ctx, b.stop = context.WithCancel(context.Background())
	b.spawn = func(f func()) { b.work.Go(f) }
	b.do = func(f func()) {
		if b.ctx.Err() == nil { // nobody listens once the window is gone
			fyne.Do(f)
		}
	}
	b.later = func(d time.Duration, f func()) {
		time.AfterFunc(d, func() {
			if b.ctx.Err() == nil {
				b.do(f)
			}
		})
	}
	return b
}

// guard sees to it that a window that is closed, or told to end by a signal, does
// leave the archive: Fyne 2.8.1 waits for ever where an event comes just as its loop
// ends (internal/driver/glfw/loop.go: the queue is drained before it is marked so).
// leave runs where over was not called for so long after the end began.
func (b *bridge) guard(most time.Duration, leave func()) (over func()) {
	var is atomic.Bool
	end, stop := signal.NotifyContext(b.ctx, os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(end, func() {
		time.Sleep(most)
		if !is.Load() {
			b.stop()
			leave()
		}
	})
	return func() { is.Store(true); stop() }
}

// slot is a place on a screen that shows the result of one question at a time. A
// new question cancels the one before and its late answer is dropped.
type slot struct {
	asked  int
	busy   bool
	cancel context.CancelFunc
}

// drop forgets a question under way.
func (s *slot) drop() {
	s.asked++
	s.busy = false
	if s.cancel != nil {
		s.cancel()
		s.cancel = nil
	}
}

// load asks beside the UI and shows the answer on it, if it is still wanted.
func load[T any](b *bridge, s *slot, ask func(context.Context) (T, error), show func(T, error)) {
	s.drop()
	ctx, cancel := context.WithCancel(b.ctx)
	s.cancel, s.busy = cancel, true
	mine := s.asked
	b.spawn(func() {
		answer, err := ask(ctx)
		b.do(func() {
			cancel()
			if s.asked != mine || b.ctx.Err() != nil {
				return
			}
			s.busy = false
			show(answer, err)
		})
	})
}

// act runs something that changes the archive; it is never dropped, and not
// cancelled by what the user does next.
func act(b *bridge, work func(context.Context) error, then func(error)) {
	b.spawn(func() {
		err := work(b.ctx)
		b.do(func() { then(err) })
	})
}
