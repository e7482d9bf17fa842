package folder

import (
	"context"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/fsnotify/fsnotify"

	"recto/scan"
)

// WatchConfig of a watch. Zero durations mean what is said of them.
type WatchConfig struct {
	Config
	Settle time.Duration // how long size and time of a file must have stayed: 2 s
	Rescan time.Duration // how often everything is looked at, told or not: 5 s
	Pair   time.Duration // how long a raw file waits for its JPEG: 10 s
	Late   time.Duration // after which a file that is still not complete is told of: 60 s
	Idle   time.Duration // Scan ends once nothing has happened or waited for so long; 0: never
	// Known tells whether the batch has what this file gives: then it is not given, and
	// not read either. It is asked with Path, Absolute, Argument, Size and Modified when a
	// file has settled and, if that was not enough, once more with SHA256 of all its bytes.
	// It must say no where Size or Modified are others, and yes for the file of a
	// companion, too. nil knows nothing. See [Taken].
	Known func(scan.Origin) bool
	// Status, if not nil, hears of every change, on the goroutine that called Scan.
	Status func(Status)
	// Left, if not nil, hears when the watch ends, in natural order, of the files that
	// were found and neither given nor told of: each wraps scan.ErrAwaited.
	Left     func([]Trouble)
	NoEvents bool // do not ask the system to tell of changes
}

// Status is how a watch stands. The slices are the callee's.
type Status struct {
	Err      error // why the folder cannot be read now, wraps scan.ErrNoFolder; nil: it is watched
	Events   bool  // the system tells of changes; else only looking again finds them
	Waiting  int   // files that are not complete yet, or not in their turn
	Taken    int   // files that were given as sheets
	Known    int   // files that the batch had already
	Rejected int   // files that were told as rejects
	Ignored  int   // files that were told as ignored
	// Growing are files that have been written to for longer than WatchConfig.Late, in
	// natural order, the first hundred.
	Growing []scan.Path
	// Trouble are files and folders that cannot be taken as they are now, in the same
	// order, the first hundred: cut short, empty, access denied. Each is tried again.
	Trouble []Trouble
}

// Trouble is a file or folder that cannot be taken now, and why.
type Trouble struct {
	Path scan.Path
	Err  error
}

// Watch is the [scan.Source] of a hot folder: what is copied, scanned or shot into
// it comes as sheets once it is complete.
//
// A file is complete when its size, time and identity have not changed for
// WatchConfig.Settle, seen at two looks at least, and its structure goes on to its
// end. No clock of a file is ever compared with that of this machine. Files that are
// complete at one look come in natural order of their paths, as an import gives them;
// those of a later look come later, whatever their names: the order of
// capture.
type Watch struct{ c WatchConfig }

// NewWatch makes a watch.
func NewWatch(c WatchConfig) *Watch {
	or := func(d *time.Duration, otherwise time.Duration) {
		if *d <= 0 {
			*d = otherwise
		}
	}
	or(&c.Settle, 2*time.Second)
	or(&c.Rescan, 5*time.Second)
	or(&c.Pair, 10*time.Second)
	or(&c.Late, time.Minute)
	return &Watch{c}
}

// Devices gives the one device there is.
func (w *Watch) Devices(context.Context) iter.Seq2[scan.Device, error] {
	return func(yield func(scan.Device, error) bool) {
		yield(scan.Device{ID: "watch", Kind: "folder", Model: "hot folder"}, nil)
	}
}

// Scan watches the one folder in t.Paths and what lies below it, until ctx is
// cancelled, the receiver gives an error, or all is quiet for WatchConfig.Idle. A
// folder that is not there at the start is an error that wraps scan.ErrNoFolder; one
// that goes away later is a Status, and watched again once it is back.
//
// A receiver that could not read a sheet's file gives an error that wraps
// scan.ErrUnreadable: the file comes again, under its new name if it has another.
//
// A file is given once: also when it gets another name, when its disk was away, and
// when it is written anew with the same bytes. With other bytes it is given
// again. What cannot be taken is rejected or ignored once, after WatchConfig.Late where
// waiting may mend it, and given when it has become a page after all.
func (w *Watch) Scan(ctx context.Context, t scan.Ticket, to scan.Receiver) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if len(t.Paths) != 1 {
		return fmt.Errorf("%w: %d folders, want one", scan.ErrNoFolder, len(t.Paths))
	}
	root := string(t.Paths[0])
	err := Watchable(t.Paths[0])
	if err != nil {
		return err
	}
	s := newWatching(ctx, w.c, root, t, to)
	if !w.c.NoEvents {
		if s.events, err = fsnotify.NewWatcher(); err == nil {
			defer s.events.Close()
		}
	}
	s.status.Events = s.events != nil
	err = s.run()
	if w.c.Left != nil {
		w.c.Left(s.left())
	}
	return err
}

// Watchable tells whether a watch on a folder can begin now; the error wraps
// scan.ErrNoFolder and says why not.
func Watchable(path scan.Path) error {
	f, err := os.Open(string(path))
	if err != nil {
		return unwatchable(err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err == nil && !info.IsDir() {
		return fmt.Errorf("%w: it is not a folder", scan.ErrNoFolder)
	}
	if err == nil {
		if _, err = f.Readdirnames(1); err == io.EOF {
			err = nil
		}
	}
	if err != nil {
		return unwatchable(err)
	}
	return nil
}

// run is the loop of a watch. All happens on the caller's goroutine.
func (s *watching) run() error {
	for {
		if err := s.ctx.Err(); err != nil {
			return err
		}
		s.notice()
		if s.status.Err == nil {
			if err := s.look(); err != nil {
				return err
			}
		}
		s.report()
		if s.idle() {
			return s.ctx.Err()
		}
		if err := s.wait(); err != nil {
			return err
		}
	}
}

// idle tells whether all has been quiet for long enough to end.
func (s *watching) idle() bool {
	return s.c.Idle > 0 && s.status.Err == nil && s.status.Waiting == 0 && len(s.dirty) == 0 && !s.all && time.Since(s.active) >= s.c.Idle
}

// wait sleeps until there is something to do, and gathers what the system tells. It
// never sleeps for longer than until the next look at everything.
func (s *watching) wait() error {
	quantum := min(max(s.c.Settle/4, 5*time.Millisecond), 250*time.Millisecond)
	until := s.rescan
	sooner := func(t time.Time) {
		if t.Before(until) {
			until = t
		}
	}
	if s.all {
		sooner(s.rested)
	}
	if s.status.Err == nil {
		for _, f := range s.waiting {
			if !f.next.IsZero() {
				sooner(f.next)
			}
		}
		if s.c.Idle > 0 && s.status.Waiting == 0 {
			sooner(s.active.Add(s.c.Idle))
		}
	}
	if soonest := time.Now().Add(quantum); until.Before(soonest) { // many at a time, not one by one
		until = soonest
	}
	timer := time.NewTimer(time.Until(until))
	defer timer.Stop()
	var told <-chan fsnotify.Event
	var failed <-chan error
	if s.events != nil {
		told, failed = s.events.Events, s.events.Errors
	}
	first := true
	for {
		select {
		case <-s.ctx.Done():
			return s.ctx.Err()
		case <-timer.C:
			return nil
		case e := <-told:
			s.mark(e.Name)
		case <-failed: // most likely fsnotify.ErrEventOverflow: something was missed
			s.all = true
		}
		if first && time.Until(until) > quantum {
			timer.Reset(quantum)
		}
		first = false
	}
}

// maxDirty bounds what is remembered of changes; with more, looking at everything
// is no dearer.
const maxDirty = 4096

// mark takes what the system says: fsnotify cleans the name that a folder was given by.
func (s *watching) mark(path string) {
	below, ok := strings.CutPrefix(path, filepath.Clean(s.given)+string(os.PathSeparator))
	if path = s.root + below; !ok {
		s.all = true
	}
	if len(s.dirty) >= maxDirty {
		s.all = true
		clear(s.dirty)
	}
	if !s.all {
		s.dirty[path] = true
	}
}

// report tells the status if it is another.
func (s *watching) report() {
	if s.status.Waiting = len(s.waiting) - s.told; s.c.Status == nil {
		return
	}
	st := s.status
	now := counts{st.Err, st.Events, st.Waiting, st.Taken, st.Known, st.Rejected, st.Ignored, s.troubles.changes, s.growing.changes}
	if s.reported != nil && *s.reported == now {
		return
	}
	s.reported = &now
	for _, p := range s.growing.first(s.root) {
		st.Growing = append(st.Growing, scan.Path(p))
	}
	for _, p := range s.troubles.first(s.root) {
		st.Trouble = append(st.Trouble, Trouble{scan.Path(p), s.troubles.of[p]})
	}
	s.c.Status(st)
}

type counts struct {
	err                                      error
	events                                   bool
	waiting, taken, known, rejected, ignored int
	troubles, growing                        int
}
