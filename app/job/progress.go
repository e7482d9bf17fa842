package job

import (
	"sync/atomic"
	"time"
)

// Progress counts work. Its methods may be called from any goroutine; a nil
// *Progress counts nothing.
type Progress struct {
	total, done atomic.Int64
	stage       atomic.Pointer[string]
	started     atomic.Int64 // of the stage, nanoseconds since 1970
	gate        gate
}

// Stage begins a part of the work with total units (0: unknown).
func (p *Progress) Stage(name string, total int) {
	if p == nil {
		return
	}
	p.done.Store(0)
	p.total.Store(int64(total))
	p.started.Store(time.Now().UnixNano())
	p.stage.Store(&name)
}

// Step counts one unit as done.
func (p *Progress) Step() {
	if p != nil {
		p.done.Add(1)
	}
}

// Set says how many units are done.
func (p *Progress) Set(n int) {
	if p != nil {
		p.done.Store(int64(n))
	}
}

// Snapshot is the state of a Progress at one moment.
type Snapshot struct {
	Stage       string
	Done, Total int           // Total 0: unknown
	ETA         time.Duration // of the stage; 0 when unknown
	Paused      bool
}

// Share is how much of the stage is done, from 0 to 1; 0 when that is unknown.
func (s Snapshot) Share() float64 {
	if s.Total <= 0 {
		return 0
	}
	return min(float64(s.Done)/float64(s.Total), 1)
}

// Snapshot reads the counters.
func (p *Progress) Snapshot() Snapshot {
	if p == nil {
		return Snapshot{}
	}
	s := Snapshot{Done: int(p.done.Load()), Total: int(p.total.Load()), Paused: p.Paused()}
	if n := p.stage.Load(); n != nil {
		s.Stage = *n
	}
	if s.Done > 0 && s.Total > s.Done {
		spent := time.Since(time.Unix(0, p.started.Load()))
		s.ETA = spent / time.Duration(s.Done) * time.Duration(s.Total-s.Done)
	}
	return s
}
