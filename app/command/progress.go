package command

import (
	"fmt"
	"os"
	"strings"
	"time"

	"golang.org/x/term"

	"recto/app/job"
)

func isTerminal(f *os.File) bool { return term.IsTerminal(int(f.Fd())) }

// watch shows progress until the returned function is called: a bar with the time
// left on a terminal, plain lines elsewhere.
func (s *session) watch() (*job.Progress, func()) {
	p := &job.Progress{}
	stop, stopped := make(chan struct{}), make(chan struct{})
	interval := 250 * time.Millisecond
	show := s.bar
	if !s.tty {
		show = s.lines()
	}
	go func() {
		defer close(stopped)
		t := time.NewTicker(interval)
		defer t.Stop()
		for {
			select {
			case <-stop:
				show(p.Snapshot(), true)
				return
			case <-t.C:
				show(p.Snapshot(), false)
			}
		}
	}()
	return p, func() { close(stop); <-stopped }
}

func (s *session) bar(n job.Snapshot, last bool) {
	if last {
		fmt.Fprint(s.err, "\r\x1b[K")
		return
	}
	if n.Stage == "" {
		return
	}
	if n.Total == 0 {
		fmt.Fprintf(s.err, "\r\x1b[K%s  %d", n.Stage, n.Done)
		return
	}
	const width = 30
	full := min(width, width*n.Done/n.Total)
	eta := ""
	if n.ETA > 0 {
		eta = "  " + n.ETA.Round(time.Second).String() + " left"
	}
	fmt.Fprintf(s.err, "\r\x1b[K%-12s [%s%s] %d/%d%s", n.Stage, strings.Repeat("#", full), strings.Repeat(".", width-full), n.Done, n.Total, eta)
}

// lines reports each stage when it begins and then every ten seconds.
func (s *session) lines() func(job.Snapshot, bool) {
	var before job.Snapshot
	var said time.Time
	return func(n job.Snapshot, last bool) {
		if n.Stage == "" || n.Stage == before.Stage && n.Done == before.Done {
			return
		}
		if n.Stage != before.Stage || last || time.Since(said) > 10*time.Second {
			eta := ""
			if n.ETA > 0 {
				eta = ", " + n.ETA.Round(time.Second).String() + " left"
			}
			if n.Total > 0 {
				s.note("%s: %d of %d%s", n.Stage, n.Done, n.Total, eta)
			} else {
				s.note("%s: %d", n.Stage, n.Done)
			}
			before, said = n, time.Now()
		}
	}
}
