package folder

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"recto/scan"
	"recto/scan/scantest"
)

// quick is a watch for tests: what takes seconds takes some hundredths of them.
func quick() WatchConfig {
	return WatchConfig{
		Settle: 30 * time.Millisecond, Rescan: 60 * time.Millisecond, Pair: 200 * time.Millisecond, Late: 400 * time.Millisecond,
	}
}

// hot is a folder with a watch on it.
type hot struct {
	t      *testing.T
	dir    string
	cancel context.CancelFunc
	ended  chan error

	mu     sync.Mutex
	got    scantest.Recorder
	status Status
	heard  []Status
}

func (h *hot) Sheet(s scan.Sheet) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.got.Sheet(s)
}

func (h *hot) Reject(r scan.Reject) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.got.Reject(r)
}

func (h *hot) Ignore(p scan.Path, reason string) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.got.Ignore(p, reason)
}

// watch begins a watch on a folder; it ends with the test.
func watch(t *testing.T, dir string, c WatchConfig) *hot {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	h := &hot{t: t, dir: dir, cancel: cancel, ended: make(chan error, 1)}
	c.Status = func(s Status) {
		h.mu.Lock()
		defer h.mu.Unlock()
		h.status, h.heard = s, append(h.heard, s)
	}
	go func() { h.ended <- NewWatch(c).Scan(ctx, scan.Ticket{Paths: []scan.Path{scan.Path(dir)}}, h) }()
	t.Cleanup(h.stop)
	return h
}

// stop ends the watch and waits for that.
func (h *hot) stop() {
	h.cancel()
	if err, first := <-h.ended; first {
		close(h.ended)
		if !errors.Is(err, context.Canceled) {
			h.t.Errorf("Scan gives %v", err)
		}
	}
}

func (h *hot) events() []scantest.Event {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.got.Events)
}

// until waits for something to come true; a test never passes for having waited
// long enough.
func (h *hot) until(what string, holds func(events []scantest.Event, s Status) bool) {
	h.t.Helper()
	for end := time.Now().Add(30 * time.Second); ; time.Sleep(2 * time.Millisecond) {
		h.mu.Lock()
		ok := holds(h.got.Events, h.status)
		h.mu.Unlock()
		if ok {
			return
		}
		if time.Now().After(end) {
			h.mu.Lock()
			defer h.mu.Unlock()
			h.t.Fatalf("not seen: %s; what came: %v; status %+v", what, pairsOf(h.got.Events), h.status)
		}
	}
}

// came waits until these have come, in any order, and nothing else.
func (h *hot) came(want ...string) {
	h.t.Helper()
	slices.Sort(want)
	h.until(strings.Join(want, " "), func(events []scantest.Event, _ Status) bool {
		return len(events) >= len(want)
	})
	got := pairsOf(h.events())
	slices.Sort(got)
	if !slices.Equal(got, want) {
		h.t.Errorf("came %q, want %q", got, want)
	}
}

// quiet waits until the watch has looked at everything with a mark of its own: a file
// that is put there and taken. Whatever was to come before that has come.
func (h *hot) quiet() {
	h.t.Helper()
	name := fmt.Sprintf("~~mark %d.png", time.Now().UnixNano())[1:]
	name = strings.TrimPrefix(name, "~")
	write(h.t, h.dir, name, pngBytes(h.t, picture(9, 9)))
	h.until("the mark", func(events []scantest.Event, s Status) bool {
		return slices.ContainsFunc(events, func(e scantest.Event) bool {
			return e.Sheet != nil && filepath.Base(string(e.Sheet.Origin.Path)) == name
		})
	})
	os.Remove(filepath.Join(h.dir, name))
	h.mu.Lock()
	defer h.mu.Unlock()
	h.got.Events = slices.DeleteFunc(h.got.Events, func(e scantest.Event) bool {
		return e.Sheet != nil && filepath.Base(string(e.Sheet.Origin.Path)) == name
	})
}

// TestWatchContract runs the suite of scan.Source over a watch that ends when all is
// quiet.
func TestWatchContract(t *testing.T) {
	for _, blind := range []bool{false, true} {
		t.Run(fmt.Sprintf("NoEvents=%v", blind), func(t *testing.T) {
			scantest.Source(t, func(t *testing.T) scantest.Case {
				dir := t.TempDir()
				page := picture(64, 48)
				p, j := pngBytes(t, page), jpegBytes(t, page)
				book := newMaker(binary.LittleEndian, false)
				book.page(1)
				book.page(2)
				c := quick()
				c.Idle, c.NoEvents, c.Expand = 50*time.Millisecond, blind, inProcess{t.TempDir()}
				k := scantest.Case{Source: NewWatch(c), Roots: []string{dir}, Ticket: scan.Ticket{Paths: []scan.Path{scan.Path(filepath.Join(dir, "in"))}}}
				put := func(name string, b []byte, w scantest.Want) {
					if b != nil {
						write(t, dir, filepath.Join("in", name), b)
					}
					w.Path = scan.Path(filepath.Join(dir, "in", name))
					k.Want = append(k.Want, w)
				}
				write(t, dir, "in/.Trash-1000/files/page.png", p)
				put("._page1.png", []byte("\x00\x05\x16\x07\x00\x02\x00\x00Mac OS X        "), scantest.Want{Ignored: true})
				put(".hidden/page.png", p, scantest.Want{Bytes: p})
				put(".Trash-1000", nil, scantest.Want{Ignored: true})
				put("3.pdf", onePage(t, "DCTDecode", j), scantest.Want{})
				put("book.tif", book.buf, scantest.Want{})
				put("book.tif", nil, scantest.Want{Index: 1})
				put("IMG_1.CR2", cr2(1), scantest.Want{Bytes: cr2(1)})
				write(t, dir, "in/IMG_1.JPG", j)
				put("name\nwith \U0001f4dc.png", p, scantest.Want{Bytes: p})
				put("notes.txt", []byte("bring milk"), scantest.Want{Ignored: true})
				put("page1.jpg", p, scantest.Want{Bytes: p})
				put("page2.png", p, scantest.Want{Bytes: p})
				put("page3/a.bmp", bmpBytes(t, page), scantest.Want{})
				put("page3/b.jpeg", j, scantest.Want{Bytes: j})
				put("page3/loop", nil, scantest.Want{Err: scan.ErrLoop})
				if err := os.Symlink("..", filepath.Join(dir, "in/page3/loop")); err != nil {
					t.Fatal(err)
				}
				put("page4", j, scantest.Want{Bytes: j})
				put("page10.tif", tiffBytes(t, page), scantest.Want{})
				put("text.jpg", []byte("no picture"), scantest.Want{Err: scan.ErrNotImage})
				return k
			})
		})
	}
}

func TestWatchRefuses(t *testing.T) {
	dir := t.TempDir()
	file := write(t, dir, "a.png", pngBytes(t, picture(8, 8)))
	for _, paths := range [][]scan.Path{nil, {scan.Path(dir), scan.Path(dir)}, {scan.Path(file)}, {scan.Path(dir + "/none")}} {
		if err := NewWatch(quick()).Scan(t.Context(), scan.Ticket{Paths: paths}, &scantest.Recorder{}); !errors.Is(err, scan.ErrNoFolder) {
			t.Errorf("%v: %v", paths, err)
		}
	}
}

// What comes while it is watched is given, with or without events, also from folders
// that come; what is written anew is given again, what is only touched is not.
func TestWatchTakes(t *testing.T) {
	for _, blind := range []bool{false, true} {
		for _, end := range []string{"", "/", "//."} {
			dir := t.TempDir()
			c := quick()
			if c.NoEvents = blind; !blind {
				c.Rescan = time.Hour // only what is told is seen
			}
			write(t, dir, "1.png", pngBytes(t, picture(8, 8)))
			h := watch(t, dir+end, c)
			h.came("1.png")
			write(t, dir, "2.png", pngBytes(t, picture(8, 9)))
			h.came("1.png", "2.png")
			write(t, dir, "new/deep/3.png", pngBytes(t, picture(8, 10)))
			h.came("1.png", "2.png", "3.png")
			write(t, dir, "2.png", pngBytes(t, picture(8, 11)))
			h.came("1.png", "2.png", "3.png", "2.png")
			write(t, dir, "1.png", pngBytes(t, picture(8, 8)))
			h.quiet()
			h.came("1.png", "2.png", "3.png", "2.png")
			h.stop()
			for _, e := range h.events() {
				o := e.Sheet.Origin
				if o.SHA256 != e.SHA256 || o.Nth != 0 || o.Count != 1 || o.Argument != scan.Path(dir+end).Absolute() || o.Absolute != o.Path.Absolute() || o.Size != e.Size {
					t.Errorf("origin %+v", o)
				}
			}
			if s := h.heard[len(h.heard)-1]; s.Taken != 5 || s.Waiting != 0 || s.Events == blind {
				t.Errorf("status %+v", s)
			}
		}
	}
}

// Files that come in any order and at any time come each once, whatever they do.
func TestWatchStorm(t *testing.T) {
	const seed = 11
	n := 300
	if os.Getenv("RECTO_SOAK") == "1" {
		n = 3000
	}
	rnd := rand.New(rand.NewPCG(seed, 0))
	dir := t.TempDir()
	h := watch(t, dir, quick())
	want := map[string]bool{}
	for i := range n {
		b := pngBytes(t, picture(8+i%50, 8+i/50))
		path := write(t, dir, fmt.Sprintf("%03d.part", i), b)
		for range rnd.IntN(4) {
			to := filepath.Join(dir, fmt.Sprintf("%03d-%d.png", i, rnd.Uint32()))
			if err := os.Rename(path, to); err != nil {
				t.Fatal(err)
			}
			path = to
			if rnd.IntN(8) == 0 {
				time.Sleep(time.Duration(rnd.IntN(40)) * time.Millisecond)
			}
		}
		if strings.HasSuffix(path, ".part") {
			if err := os.Rename(path, filepath.Join(dir, fmt.Sprintf("%03d.png", i))); err != nil {
				t.Fatal(err)
			}
		}
		want[fmt.Sprintf("%dx%d", 8+i%50, 8+i/50)] = true
	}
	h.until("all of them", func(events []scantest.Event, s Status) bool {
		return s.Waiting == 0 && s.Taken >= n
	})
	h.quiet()
	seen := map[string]int{}
	for _, e := range h.events() {
		if e.Sheet != nil {
			seen[fmt.Sprintf("%dx%d", e.Sheet.Pixels.X, e.Sheet.Pixels.Y)]++
		} else if e.Reject != nil {
			t.Errorf("%v", e)
		}
	}
	for size := range want {
		if seen[size] != 1 {
			t.Errorf("%s came %d times", size, seen[size])
		}
	}
}

// TestWatchMany drops 50,000 files at once, as a folder and one by one while nobody
// listens: none is lost, they come in order, and the memory goes with their names only.
func TestWatchMany(t *testing.T) {
	n := 3000
	if os.Getenv("RECTO_SOAK") == "1" {
		n = 50_000
	}
	for _, whole := range []bool{true, false} {
		dir, apart := t.TempDir(), t.TempDir()
		name := func(i int) string { return fmt.Sprintf("page%d.pgm", i+1) }
		for i := range n { // made elsewhere and moved in
			b := fmt.Appendf(nil, "P5 2 2 255\n%04d", i%10000)
			if err := os.WriteFile(filepath.Join(apart, name(i)), b, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		c := quick()
		c.Settle, c.Idle = 100*time.Millisecond, 300*time.Millisecond
		c.Rescan = time.Hour // what the system cannot keep of so much must be found for want of it
		first := write(t, dir, "page0.pgm", []byte("P5 2 2 255\nzero"))
		got := counter{moved: func() {
			err := error(nil)
			if whole {
				err = os.Rename(apart, filepath.Join(dir, "sub"))
			}
			for i := 0; i < n && !whole && err == nil; i++ {
				err = os.Rename(filepath.Join(apart, name(i)), filepath.Join(dir, name(i)))
			}
			if err != nil {
				t.Fatal(err)
			}
		}}
		var before runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		if err := NewWatch(c).Scan(t.Context(), scan.Ticket{Paths: []scan.Path{scan.Path(dir)}}, &got); err != nil {
			t.Fatal(err)
		}
		if got.n != n+1 || got.first != first || got.wrong > 0 {
			t.Errorf("as a folder %v: %d of %d files, %d out of order", whole, got.n, n+1, got.wrong)
		}
		peak := got.peak - min(got.peak, before.HeapInuse)
		if peak > 32<<20+uint64(n)*2000 {
			t.Errorf("%d MB of heap for %d files", peak>>20, n)
		}
		t.Logf("%d files, %.1f MB of heap at most", n, float64(peak)/(1<<20))
	}
}

// What is written to while it is copied is refused by the spool, and comes again.
func TestWatchChangedWhileCopied(t *testing.T) {
	dir := t.TempDir()
	path := write(t, dir, "a.png", pngBytes(t, picture(8, 8)))
	var r scantest.Recorder
	r.After = func(scantest.Event) error {
		if len(r.Events) == 1 {
			write(t, dir, "a.png", pngBytes(t, picture(8, 9)))
		}
		return nil
	}
	c := quick()
	c.Idle = 100 * time.Millisecond
	if err := NewWatch(c).Scan(t.Context(), scan.Ticket{Paths: []scan.Path{scan.Path(dir)}}, &r); err != nil {
		t.Fatal(err)
	}
	if len(r.Events) != 2 || r.Events[1].Sheet == nil || string(r.Events[1].Sheet.Origin.Path) != path || r.Events[1].Sheet.Pixels.Y != 9 {
		t.Errorf("%v", r.Events)
	}
}

// No clock of a file counts: it may come from any time.
func TestWatchClocks(t *testing.T) {
	dir := t.TempDir()
	for name, when := range map[string]time.Time{"old.png": time.Unix(0, 0), "new.png": time.Now().AddDate(40, 0, 0)} {
		if err := os.Chtimes(write(t, dir, name, pngBytes(t, picture(8, 8))), when, when); err != nil {
			t.Fatal(err)
		}
	}
	h := watch(t, dir, quick())
	h.came("old.png", "new.png")
	if err := os.Chtimes(filepath.Join(dir, "new.png"), time.Unix(1, 0), time.Unix(1, 0)); err != nil {
		t.Fatal(err)
	}
	h.quiet()
	h.came("old.png", "new.png")
}

// counter keeps nothing of what comes.
type counter struct {
	moved    func()
	n, wrong int
	first    string
	last     sortKey
	peak     uint64
}

func (c *counter) Sheet(s scan.Sheet) error {
	name := newSortKey(filepath.Base(string(s.Origin.Path)))
	if c.n == 0 {
		c.first = string(s.Origin.Path)
		c.moved()
	} else if c.last.raw != "" && c.last.compare(name) >= 0 {
		c.wrong++
	}
	c.last = name
	if c.n++; c.n%500 == 0 {
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		c.peak = max(c.peak, m.HeapInuse)
	}
	return nil
}

func (c *counter) Reject(r scan.Reject) error         { return r.Err }
func (c *counter) Ignore(p scan.Path, _ string) error { return errors.New(string(p)) }
