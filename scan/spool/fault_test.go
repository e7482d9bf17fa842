package spool

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"recto/scan"
)

// layout makes a spool whose masters lie in one of the ways that they can.
type layout struct {
	name string
	make func(t *testing.T, dir string) *Spool
}

var layouts = []layout{
	{"at home", func(t *testing.T, dir string) *Spool { return at(t, dir, false) }},
	{"elsewhere", elsewhere},
}

const archiveID = "0192f0a0-0000-7000-8000-000000000001"

// elsewhere gives a spool in dir/home whose masters are a link to dir/away, marked.
func elsewhere(t *testing.T, dir string) *Spool {
	t.Helper()
	home, away := filepath.Join(dir, "home"), filepath.Join(dir, "away")
	err := errors.Join(os.MkdirAll(home, 0o777), os.MkdirAll(away, 0o777),
		Mark{Archive: archiveID, Home: home}.Write(away), os.Symlink(away, filepath.Join(home, "masters")))
	if err != nil {
		t.Fatal(err)
	}
	return at(t, home, true)
}

// at opens the spool at root, as every process does.
func at(t *testing.T, root string, apart bool) *Spool {
	t.Helper()
	s, err := Open(root)
	if err != nil {
		t.Fatal(err)
	}
	s.Of(archiveID, apart)
	return s
}

// kinds is every way in which a disk refuses, with what it must be called.
var kinds = map[syscall.Errno]error{
	syscall.ENOSPC: scan.ErrNoSpace, syscall.EDQUOT: scan.ErrNoSpace,
	syscall.EIO: ErrDisk, syscall.ESTALE: ErrDisk, syscall.ENODEV: ErrDisk,
	syscall.EROFS: scan.ErrReadOnly, syscall.EACCES: scan.ErrReadOnly,
}

// tried is a slice of them for each day; long counts go through all.
func tried() []syscall.Errno {
	if os.Getenv("RECTO_SOAK") == "1" {
		return slices.Sorted(maps.Keys(kinds))
	}
	return []syscall.Errno{syscall.ENOSPC, syscall.EIO}
}

// fault is one way in which things go wrong.
type fault struct {
	layout
	errno syscall.Errno
	how   string // "once", "from then on", "answer lost"
	at    int    // call that it hits
	cut   int    // power cut at the end: -2 none, -1 all names are on the disk, else so many of those not synced
	lies  string
}

func (f fault) String() string {
	return fmt.Sprintf("masters %s, %v %s at call %d, cut %d", f.name, f.errno, f.how, f.at, f.cut)
}

// play has an operator take in two sheets on a disk that fails as f says, trying
// again what failed, as an operator does who was told so; then the power fails.
// It tells which promise is broken, and how many calls there were.
func (f fault) play(t *testing.T, dir string) (calls []string, pending int, broken error) {
	t.Helper()
	s, b := f.make(t, dir), batchID()
	p := &power{t: t, at: f.at, with: f.errno, on: f.how == "from then on", done: f.how == "answer lost", lies: f.lies}
	p.watch(s)
	told := map[scan.PageID]scan.Page{}
	sheets := [][]byte{random(1, 4000), random(2, 4001)}
	for _, content := range sheets {
		page, err := s.Append(t.Context(), b, Info{}, sheet(content))
		if err == nil {
			told[page.ID] = page
			continue
		}
		if want := kinds[f.errno]; !errors.Is(err, want) || !strings.Contains(err.Error(), s.root) {
			return p.calls, 0, fmt.Errorf("the error is %w", err)
		}
		left := errors.Is(err, ErrLeft)
		if err := halves(s); err != nil {
			return p.calls, 0, fmt.Errorf("after the error: %w", err)
		}
		p.at = 0 // the disk is mended
		if left {
			// The next opening takes what it finds for captured, and the same sheet for known.
			s = at(t, s.root, f.name != "at home")
			p.watch(s)
			if _, err := s.Recover(t.Context()); err != nil {
				return p.calls, 0, err
			}
			found, err := contents(t.Context(), s)
			if err != nil {
				return p.calls, 0, err
			}
			if page, known := found[string(content)]; known {
				told[page[0].ID] = page[0]
				continue
			}
		} else if n := len(files(t, s)); n != 2*len(told) {
			return p.calls, 0, fmt.Errorf("%d files for %d pages", n, len(told))
		}
		if page, err = s.Append(t.Context(), b, Info{}, sheet(content)); err != nil {
			return p.calls, 0, fmt.Errorf("the next try: %w", err)
		}
		told[page.ID] = page
	}
	calls, pending = p.calls, len(p.names)
	if f.cut >= -1 {
		keep := f.cut
		if keep < 0 {
			keep = len(p.names)
		}
		p.cutAfter(keep)
	}

	s = at(t, s.root, f.name != "at home")
	if err := halves(s); err != nil {
		return calls, pending, fmt.Errorf("before the recovery: %w", err)
	}
	if _, err := s.Recover(t.Context()); err != nil {
		return calls, pending, err
	}
	found, err := contents(t.Context(), s)
	if err != nil {
		return calls, pending, err
	}
	for i, content := range sheets {
		pages := found[string(content)]
		if len(pages) != 1 {
			return calls, pending, fmt.Errorf("sheet %d is there %d times", i+1, len(pages))
		}
		if told[pages[0].ID] != pages[0] {
			return calls, pending, fmt.Errorf("sheet %d is page %+v, told was %v", i+1, pages[0], slices.Collect(maps.Keys(told)))
		}
	}
	if n := len(files(t, s)); len(found) != 2 || n != 4 {
		return calls, pending, fmt.Errorf("%d pages and %d files: %v", len(found), n, files(t, s))
	}
	_, err = s.Append(t.Context(), b, Info{}, sheet([]byte("one more")))
	return calls, pending, err
}

// halves tells of masters that are not whole or have no sidecar.
func halves(s *Spool) error {
	for f, err := range s.Masters(context.Background()) {
		if err == nil {
			err = errors.Join(f.Problem, s.Check(context.Background(), f.Page))
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// contents gives the pages by their bytes.
func contents(ctx context.Context, s *Spool) (map[string][]scan.Page, error) {
	out := map[string][]scan.Page{}
	for f, err := range s.Masters(ctx) {
		if err = errors.Join(err, f.Problem); err != nil {
			return nil, err
		}
		r, err := s.Open(f.Page)
		if err != nil {
			return nil, err
		}
		b, err := io.ReadAll(r)
		r.Close()
		if err != nil {
			return nil, err
		}
		out[string(b)] = append(out[string(b)], f.Page)
	}
	return out, nil
}

// quick is a folder where a sync costs nothing: what is synced here the test's own
// disk keeps book of.
func quick(t *testing.T) func() string {
	dir := t.TempDir()
	if shm, err := os.MkdirTemp("/dev/shm", "recto-spool-*"); err == nil {
		t.Cleanup(func() { os.RemoveAll(shm) })
		dir = shm
	}
	n := 0
	return func() string {
		n++
		at := filepath.Join(dir, fmt.Sprint(n))
		if err := os.Mkdir(at, 0o777); err != nil {
			t.Fatal(err)
		}
		return at
	}
}

var ways = []string{"once", "from then on", "answer lost"}

// everyFault plays each kind of error, in each way, at each call, in each layout,
// without a power cut and with one at the end that forgets every number of names.
func everyFault(t *testing.T, lies string, broken func(f fault, call string, err error) bool) (played int) {
	dir := quick(t)
	for _, l := range layouts {
		for _, errno := range tried() {
			for _, how := range ways {
				last := 1
				for n := 1; n <= last+1; n++ { // one beyond the end: no fault at all
					for cut := -2; ; cut++ {
						f := fault{l, errno, how, n, cut, lies}
						d := dir()
						calls, pending, err := f.play(t, d)
						os.RemoveAll(d)
						played++
						if len(calls) >= n {
							last = max(last, n)
						}
						call := "end"
						if n <= len(calls) {
							call = calls[n-1]
						}
						if err != nil && !broken(f, call, err) {
							return played
						}
						if err != nil || cut >= pending {
							break
						}
					}
					last = max(last, n-1)
				}
			}
		}
	}
	return played
}

// TestEveryFault: a disk that fails at any call, in any way, and a power cut after
// it lose nothing that was told, double nothing, and leave no halves.
func TestEveryFault(t *testing.T) {
	dir, wrong := quick(t), 0
	for _, l := range layouts { // the calls of a run without faults: each must have its turn below
		calls, _, err := fault{l, syscall.EIO, "once", 0, -2, ""}.play(t, dir())
		if err != nil || len(calls) != len(order)+11 {
			t.Fatalf("masters %s: %d calls, %v", l.name, len(calls), err)
		}
	}
	played := everyFault(t, "", func(f fault, call string, err error) bool {
		t.Errorf("%v (%s): %v", f, call, err)
		wrong++
		return wrong < 20
	})
	least := len(layouts) * len(tried()) * len(ways) * (len(order) + 11) * 2
	if played < least {
		t.Errorf("%d faults were played, want at least %d", played, least)
	}
	t.Logf("%d faults", played)
}

// TestFailedStaysFailed: a sheet of which it was said that it failed and left
// nothing does not come back with a power cut.
func TestFailedStaysFailed(t *testing.T) {
	dir, failed := quick(t), 0
	for _, l := range layouts {
		for _, how := range ways {
			for n := 1; n <= len(order); n++ {
				for cut, pending := 0, 0; cut <= pending; cut++ {
					s := l.make(t, dir())
					p := &power{t: t, at: n, with: syscall.EIO, on: how == "from then on", done: how == "answer lost"}
					p.watch(s)
					_, err := s.Append(t.Context(), batchID(), Info{}, sheet(random(1, 900)))
					if pending = len(p.names); err == nil || errors.Is(err, ErrLeft) {
						continue // nothing failed: a folder that is there already is as good
					}
					failed++
					p.cutAfter(cut)
					s = at(t, s.root, l.name != "at home")
					if _, rerr := s.Recover(t.Context()); rerr != nil || len(files(t, s)) > 0 {
						t.Errorf("masters %s, %s at %q, cut %d: %v; %v, %v", l.name, how, order[n-1], cut, err, rerr, files(t, s))
					}
				}
			}
		}
	}
	if failed < len(layouts)*2*len(order) {
		t.Errorf("only %d failed", failed)
	}
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

// TestRecoveryMeetsFaults has every call of a recovery fail in every way: it says
// so, the next one finishes, and no page is lost meanwhile.
func TestRecoveryMeetsFaults(t *testing.T) {
	dir := quick(t)
	for _, l := range layouts {
		for errno := range kinds {
			for _, how := range ways {
				for n := 1; ; n++ {
					s, b := l.make(t, dir()), batchID()
					var pages []scan.Page
					for i := range 2 {
						page, err := s.Append(t.Context(), b, Info{}, sheet(random(uint64(i), 900)))
						if err != nil {
							t.Fatal(err)
						}
						pages = append(pages, page)
					}
					os.Remove(s.abs(strings.TrimSuffix(pages[0].Master, ".tif") + ".json"))
					put(t, s, "masters/tmp/"+scan.NewID()+".tif", "half")
					put(t, s, path.Join("masters", string(b), scan.NewID()+".json"), "{}")
					p := &power{t: t, at: n, with: errno, on: how == "from then on", done: how == "answer lost"}
					p.watch(s)
					_, err := s.Recover(t.Context())
					if len(p.calls) < n {
						if n < 9 || err != nil {
							t.Errorf("masters %s, %v %s: %d calls, %v", l.name, errno, how, len(p.calls), err)
						}
						break
					}
					what := fmt.Sprintf("masters %s, %v %s at %q", l.name, errno, how, p.calls[n-1])
					if !errors.Is(err, kinds[errno]) {
						t.Errorf("%s: %v", what, err)
					}
					p.at = 0
					p.cut(n%2 == 0)
					s = at(t, s.root, l.name != "at home")
					if _, err := s.Recover(t.Context()); err != nil {
						t.Errorf("%s: again: %v", what, err)
					}
					if found := whole(t, s); len(found) != 2 || len(files(t, s)) != 4 || found[pages[1].ID] != pages[1] {
						t.Errorf("%s: %v", what, files(t, s))
					}
				}
			}
		}
	}
}

// TestSourceAndDiskFail has the source fail at every read, at the same time as the
// disk fails to take back what was begun.
func TestSourceAndDiskFail(t *testing.T) {
	dir := quick(t)
	for n := 1; n <= len(order)+2; n++ {
		s := elsewhere(t, dir())
		p := &power{t: t, at: n, with: syscall.EIO, on: true}
		p.watch(s)
		bad := sheet(nil)
		bad.Open = func() (io.ReadCloser, error) {
			return io.NopCloser(io.MultiReader(bytes.NewReader(random(1, 2<<20)), badReader{})), nil
		}
		_, err := s.Append(t.Context(), batchID(), Info{}, bad)
		if err == nil {
			t.Fatalf("call %d: no error", n)
		}
		if left := len(files(t, s)) > 0; left && !errors.Is(err, ErrLeft) {
			t.Errorf("call %d: it leaves %v and says only %v", n, files(t, s), err)
		}
		s = at(t, s.root, true)
		if _, err := s.Recover(t.Context()); err != nil || len(files(t, s)) != 0 {
			t.Errorf("call %d: %v, %v", n, files(t, s), err)
		}
	}
}

type badReader struct{}

func (badReader) Read([]byte) (int, error) { return 0, syscall.EIO }
