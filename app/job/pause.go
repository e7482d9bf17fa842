package job

import (
	"context"
	"sync"
)

// gate is where work waits while it is paused.
type gate struct {
	mu     sync.Mutex
	closed chan struct{} // nil: open
	heeded bool          // the work asks here
	tell   func(paused bool)
}

// Pause holds the work, or lets it go on. Work that knows nothing of pauses goes on.
func (p *Progress) Pause(on bool) {
	if p == nil {
		return
	}
	p.gate.mu.Lock()
	defer p.gate.mu.Unlock()
	switch {
	case on == (p.gate.closed != nil):
		return
	case on:
		p.gate.closed = make(chan struct{})
	default:
		close(p.gate.closed)
		p.gate.closed = nil
	}
	if p.gate.tell != nil {
		p.gate.tell(on)
	}
}

// Paused tells whether the work is to hold.
func (p *Progress) Paused() bool {
	if p == nil {
		return false
	}
	p.gate.mu.Lock()
	defer p.gate.mu.Unlock()
	return p.gate.closed != nil
}

// Pausable tells whether the work heeds a pause, as far as it has shown yet.
func (p *Progress) Pausable() bool {
	if p == nil {
		return false
	}
	p.gate.mu.Lock()
	defer p.gate.mu.Unlock()
	return p.gate.heeded
}

// Gate waits while the work is paused. The error is the context's.
func (p *Progress) Gate(ctx context.Context) error {
	for p != nil {
		p.gate.mu.Lock()
		closed := p.gate.closed
		p.gate.heeded = true
		p.gate.mu.Unlock()
		if closed == nil {
			break
		}
		select {
		case <-closed:
		case <-ctx.Done():
		}
		if ctx.Err() != nil {
			break
		}
	}
	return ctx.Err()
}

// OnPause has tell called at once when the work is paused or goes on, on the goroutine
// that does so, until the function that it gives is called. One at a time.
func (p *Progress) OnPause(tell func(paused bool)) (stop func()) {
	if p == nil {
		return func() {}
	}
	p.gate.mu.Lock()
	defer p.gate.mu.Unlock()
	p.gate.tell = tell
	if p.gate.closed != nil {
		tell(true)
	}
	return func() {
		p.gate.mu.Lock()
		defer p.gate.mu.Unlock()
		p.gate.tell = nil
		if p.gate.closed != nil {
			tell(false)
		}
	}
}
