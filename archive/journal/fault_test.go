package journal

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"recto/archive"
	"recto/scan"
)

// kinds is every way in which a disk refuses, with what it must be called.
var kinds = map[syscall.Errno]error{
	syscall.ENOSPC: scan.ErrNoSpace, syscall.EDQUOT: scan.ErrNoSpace, syscall.EIO: syscall.EIO, syscall.ESTALE: syscall.ESTALE,
	syscall.EROFS: scan.ErrReadOnly, syscall.EACCES: scan.ErrReadOnly,
}

// tried is a slice of them for each day; long counts go through all.
func tried() []syscall.Errno {
	if os.Getenv("RECTO_SOAK") == "1" {
		return slices.Sorted(maps.Keys(kinds))
	}
	return []syscall.Errno{syscall.ENOSPC, syscall.EIO}
}

var ways = []string{"once", "from then on", "answer lost"}

// fault is one way in which things go wrong.
type fault struct {
	errno syscall.Errno
	how   string // one of ways
	at    int    // call that it hits
	limit int64  // of a segment
	cut   int    // way of the power cut at the end; -1 none
	lies  string
}

func (f fault) String() string {
	return fmt.Sprintf("%v %s at call %d, segments of %d, cut %d", f.errno, f.how, f.at, f.limit, f.cut)
}

// play appends three groups to a new journal on a disk that fails as f says, each
// again until it is in, as a program does that was told so; then the power fails.
func (f fault) play(t *testing.T, dir string) (calls []string, broken error) {
	p := &power{at: f.at, with: f.errno, on: f.how == "from then on", done: f.how == "answer lost", lies: f.lies}
	dir = filepath.Join(dir, "journal")
	open := func() (*Journal, error) {
		j, _, err := openAt(dir, f.limit, p)
		if err == nil {
			return j, nil
		}
		if !errors.Is(err, kinds[f.errno]) || !strings.Contains(err.Error(), filepath.Dir(dir)) {
			return nil, fmt.Errorf("the error is %w", err)
		}
		p.at = 0 // the disk is mended
		j, _, err = openAt(dir, f.limit, p)
		return j, err
	}
	j, err := open()
	if err != nil {
		return p.calls, err
	}
	want := ""
	there := func() (string, error) {
		got, err := told(t, j, 0)
		return strings.TrimPrefix(got+" ", " "), err
	}
	seq := 0
	for _, names := range [][]string{{"a"}, {"b1", "b2", "b3"}, {"c"}} {
		var events []archive.Event
		next := want
		for _, name := range names {
			seq++
			events = append(events, event(t, name))
			next += fmt.Sprintf("%d:%s ", seq, name)
		}
		if _, err = j.Append(t.Context(), events...); err != nil {
			if !errors.Is(err, kinds[f.errno]) || !strings.Contains(err.Error(), dir) {
				return p.calls, fmt.Errorf("the error is %w", err)
			}
			if got, err := there(); got != want || err != nil {
				return p.calls, fmt.Errorf("after the error there is %q, told was %q (%v)", got, want, err)
			}
			p.at = 0
			if strings.Contains(err.Error(), "taking it back") { // the next opening decides
				j.Close()
				if j, err = open(); err != nil {
					return p.calls, err
				}
				got, err := there()
				if err != nil || got != want && got != next {
					return p.calls, fmt.Errorf("opened anew there is %q, told was %q (%v)", got, want, err)
				}
				if got == next {
					want = next
					continue
				}
			}
			if _, err = j.Append(t.Context(), events...); err != nil {
				return p.calls, fmt.Errorf("the next try: %w", err)
			}
		}
		want = next
		if got, err := there(); got != want || err != nil {
			return p.calls, fmt.Errorf("there is %q, told was %q (%v)", got, want, err)
		}
	}
	calls = p.calls
	j.Close()
	if f.cut >= 0 {
		p.cut(f.cut)
	}
	if j, _, err = openAt(dir, f.limit, nil); err != nil {
		return calls, err
	}
	defer j.Close()
	if got, err := there(); got != want || err != nil {
		return calls, fmt.Errorf("in the end there is %q, told was %q (%v)", got, want, err)
	}
	if _, err := j.Append(t.Context(), event(t, "again")); err != nil {
		return calls, err
	}
	if findings, err := j.Verify(t.Context()); err != nil || len(findings) > 0 {
		return calls, fmt.Errorf("%v, %v", findings, err)
	}
	return calls, nil
}

// everyFault plays each kind of error, in each way, at each call, with each power
// cut at the end or none, until broken gives false.
func everyFault(t *testing.T, lies string, broken func(f fault, call string, err error) bool) (played int) {
	dir := t.TempDir()
	if shm, err := os.MkdirTemp("/dev/shm", "recto-journal-*"); err == nil { // a sync costs nothing there; the test keeps book of them
		t.Cleanup(func() { os.RemoveAll(shm) })
		dir = shm
	}
	for _, errno := range tried() {
		for _, how := range ways {
			for _, limit := range []int64{1, segmentSize} {
				for n, more := 1, true; more; n++ {
					for cut := -1; cut < 4; cut++ {
						f := fault{errno, how, n, limit, cut, lies}
						at := filepath.Join(dir, fmt.Sprint(played))
						if err := os.Mkdir(at, 0o777); err != nil {
							t.Fatal(err)
						}
						calls, err := f.play(t, at)
						os.RemoveAll(at)
						played++
						call := "end"
						if more = n <= len(calls); more {
							call = calls[n-1]
						}
						if err != nil && !broken(f, call, err) {
							return played
						}
					}
				}
			}
		}
	}
	return played
}

// TestEveryFault: a disk that fails at any call, in any way, and a power cut after
// it, lose nothing that was told, double nothing, and leave a journal that is whole.
func TestEveryFault(t *testing.T) {
	wrong := 0
	played := everyFault(t, "", func(f fault, call string, err error) bool {
		t.Errorf("%v (%s): %v", f, call, err)
		wrong++
		return wrong < 20
	})
	if least := len(tried()) * len(ways) * 5 * (11 + len(order)); played < least {
		t.Errorf("%d faults were played, want at least %d", played, least)
	}
	t.Logf("%d faults", played)
}

// TestFaultsAreSeen proves the test above: on a disk that only pretends to do one
// of the syncs some fault must break a promise.
func TestFaultsAreSeen(t *testing.T) {
	for _, call := range slices.Compact(slices.Sorted(slices.Values(order))) {
		if !strings.HasPrefix(call, "sync") {
			continue
		}
		seen := false
		everyFault(t, call, func(fault, string, error) bool { seen = true; return false })
		if !seen {
			t.Errorf("without %q nothing is lost: it is not needed or the test is blind", call)
		}
	}
}
