package journal

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"recto/archive"
	"recto/scan"
)

func event(t testing.TB, text string) archive.Event {
	t.Helper()
	e, err := archive.NewEvent(archive.BatchCreated, "ada", "a <test> & more", archive.Batch{ID: scan.BatchID(scan.NewID()), Name: text, Sources: []scan.Path{"caf\xe9\n"}})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func folder(t testing.TB) string { return filepath.Join(t.TempDir(), "journal") }

// openAt opens a journal with small segments and a disk that is watched.
func openAt(dir string, limit int64, p *power) (*Journal, Repair, error) {
	j := &Journal{dir: dir, limit: limit}
	if p != nil {
		j.disk.before, j.disk.after = p.before, p.after
	}
	r, err := j.open()
	if err != nil {
		return nil, r, err
	}
	return j, r, nil
}

func mustOpen(t testing.TB, dir string, limit int64) (*Journal, Repair) {
	t.Helper()
	j, r, err := openAt(dir, limit, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { j.Close() })
	return j, r
}

func add(t testing.TB, j *Journal, texts ...string) Position {
	t.Helper()
	var events []archive.Event
	for _, text := range texts {
		events = append(events, event(t, text))
	}
	p, err := j.Append(t.Context(), events...)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func nameIn(e archive.Event) string {
	var b archive.Batch
	json.Unmarshal(e.Data, &b)
	return b.Name
}

// told gives "seq:name" of all events after from.
func told(t testing.TB, j *Journal, from Position) (string, error) {
	t.Helper()
	var out []string
	err := j.Replay(t.Context(), from, func(p Position, e archive.Event) error {
		out = append(out, fmt.Sprintf("%d:%s", p, nameIn(e)))
		return nil
	})
	return strings.Join(out, " "), err
}

func expect(t testing.TB, j *Journal, from Position, want string) {
	t.Helper()
	if got, err := told(t, j, from); got != want || err != nil {
		t.Errorf("from %d: %q, %v; want %q", from, got, err, want)
	}
}

func valid(t testing.TB, j *Journal) {
	t.Helper()
	if findings, err := j.Verify(t.Context()); len(findings) > 0 || err != nil {
		t.Errorf("verify: %+v, %v", findings, err)
	}
}

func TestAppendAndReplay(t *testing.T) {
	dir := folder(t)
	j, r := mustOpen(t, dir, segmentSize)
	if r.Done != nil || j.End() != 0 {
		t.Errorf("new: %+v, end %d", r, j.End())
	}
	expect(t, j, 0, "")
	if p := add(t, j, "a"); p != 1 {
		t.Errorf("position %d", p)
	}
	if p := add(t, j, "b", "c"); p != 3 {
		t.Errorf("position %d", p)
	}
	if p, err := j.Append(t.Context()); p != 3 || err != nil {
		t.Errorf("nothing appended: %d, %v", p, err)
	}
	expect(t, j, 0, "1:a 2:b 3:c")
	expect(t, j, 2, "3:c")
	expect(t, j, 3, "")
	expect(t, j, 99, "")
	valid(t, j)
	j.Close()
	if _, err := j.Append(t.Context(), event(t, "x")); !errors.Is(err, fs.ErrClosed) {
		t.Errorf("closed: %v", err)
	}
	j, r = mustOpen(t, dir, segmentSize)
	if r.Done != nil || j.End() != 3 {
		t.Errorf("again: %+v, end %d", r, j.End())
	}
	add(t, j, "d")
	expect(t, j, 0, "1:a 2:b 3:c 4:d")
	valid(t, j)

	b, _ := os.ReadFile(filepath.Join(dir, "000001.jsonl"))
	first := regexp.MustCompile(`^\{"seq":1,"prev":"0{64}","event":\{"id":".*a <test> & more.*\n\{"seq":2,"prev":"[0-9a-f]{64}","nth":1,"of":2,"event":`)
	if !first.Match(b) || strings.Count(string(b), "\n") != 4 {
		t.Errorf("on disk:\n%s", b)
	}
}

func TestEventComesBackWhole(t *testing.T) {
	j, _ := mustOpen(t, folder(t), segmentSize)
	in := event(t, "\x00\u2028\n\"ü")
	in.Data = json.RawMessage("{\n \"name\" : \"x\" }") // newlines in raw data stay in the line
	e2 := event(t, "y")
	e2.Data = nil
	if _, err := j.Append(t.Context(), in, e2); err != nil {
		t.Fatal(err)
	}
	n := 0
	err := j.Replay(t.Context(), 0, func(_ Position, out archive.Event) error {
		if n++; n == 1 && (out.ID != in.ID || !out.Time.Equal(in.Time) || out.Why != in.Why || string(out.Data) != `{"name":"x"}`) {
			t.Errorf("%+v, was %+v", out, in)
		}
		return nil
	})
	if err != nil || n != 2 {
		t.Errorf("%d events, %v", n, err)
	}
}

func TestAppendRefuses(t *testing.T) {
	dir := folder(t)
	j, _ := mustOpen(t, dir, segmentSize)
	bad, huge := event(t, "bad"), event(t, "huge")
	bad.Data = json.RawMessage(`{"a":`)
	huge.Data = json.RawMessage(`"` + strings.Repeat("x", maxLine) + `"`)
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	for name, try := range map[string]func() error{
		"broken JSON": func() error { _, err := j.Append(t.Context(), event(t, "good"), bad); return err },
		"too large":   func() error { _, err := j.Append(t.Context(), huge); return err },
		"no type":     func() error { _, err := j.Append(t.Context(), archive.Event{ID: "1"}); return err },
		"cancelled":   func() error { _, err := j.Append(cancelled, event(t, "x")); return err },
		"read-only": func() error {
			r, err := OpenReadOnly(dir)
			if err != nil {
				t.Fatal(err)
			}
			_, err = r.Append(t.Context(), event(t, "x"))
			if !errors.Is(err, scan.ErrReadOnly) {
				t.Error(err)
			}
			return err
		},
	} {
		if err := try(); err == nil {
			t.Errorf("%s: appended", name)
		}
	}
	expect(t, j, 0, "")
	if _, err := OpenReadOnly(filepath.Join(dir, "none")); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
	if _, _, err := Open(filepath.Join(dir, "none", "none")); err == nil {
		t.Error("made a journal without an archive")
	}
}

func TestSegments(t *testing.T) {
	dir := folder(t)
	j, _ := mustOpen(t, dir, 1000)
	want := ""
	for i := range 40 {
		if i%10 == 0 {
			j, _ = mustOpen(t, dir, 1000)
		}
		add(t, j, fmt.Sprint("e", i))
		want += fmt.Sprintf(" %d:e%d", i+1, i)
	}
	names, _ := filepath.Glob(filepath.Join(dir, "*.jsonl"))
	if len(names) < 8 {
		t.Fatalf("segments %v", names)
	}
	expect(t, j, 0, want[1:])
	for from := range 40 {
		expect(t, j, Position(from), want[strings.Index(want, fmt.Sprintf(" %d:", from+1))+1:])
	}
	valid(t, j)
	reader, err := OpenReadOnly(dir)
	if err != nil || reader.End() != 40 {
		t.Fatal(reader.End(), err)
	}
	add(t, j, "later", "still later")
	expect(t, reader, 38, "39:e38 40:e39")
	valid(t, reader)
}

func TestReplayStops(t *testing.T) {
	j, _ := mustOpen(t, folder(t), 500)
	for i := range 10 {
		add(t, j, fmt.Sprint(i))
	}
	enough, n := errors.New("enough"), 0
	err := j.Replay(t.Context(), 0, func(p Position, e archive.Event) error {
		if _, err := j.Append(t.Context(), e); err != nil { // it may append, and does not see its own
			t.Error(err)
		}
		if n++; n == 4 {
			return enough
		}
		return nil
	})
	if err != enough || n != 4 || j.End() != 14 {
		t.Errorf("%v after %d, end %d", err, n, j.End())
	}
	ctx, cancel := context.WithCancel(t.Context())
	if err := j.Replay(ctx, 0, func(Position, archive.Event) error { cancel(); return nil }); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if _, err := j.Verify(ctx); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func TestAppendConcurrently(t *testing.T) {
	p := &power{}
	j, _, err := openAt(folder(t), 8000, p)
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	var mu sync.Mutex
	at := map[string]Position{}
	for g := range 16 {
		wg.Go(func() {
			for i := range 8 {
				name := fmt.Sprintf("%d-%d", g, i)
				end, err := j.Append(t.Context(), event(t, name+"a"), event(t, name+"b"))
				if err != nil {
					t.Error(err)
				}
				mu.Lock()
				at[name+"a"], at[name+"b"] = end-1, end
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	n := 0
	err = j.Replay(t.Context(), 0, func(p Position, e archive.Event) error {
		if n++; at[nameIn(e)] != p || Position(n) != p {
			t.Errorf("%s is at %d, not at %d", nameIn(e), p, at[nameIn(e)])
		}
		return nil
	})
	if err != nil || n != 256 {
		t.Errorf("%d events, %v", n, err)
	}
	valid(t, j)
	syncs := strings.Count(strings.Join(p.calls, " "), "sync 0")
	t.Logf("%d syncs for 128 appends", syncs)
}

func TestTornEnd(t *testing.T) {
	whole := func(t *testing.T, dir string) (string, []byte) {
		j, _ := mustOpen(t, dir, segmentSize)
		add(t, j, "a")
		add(t, j, "b", "c")
		j.Close()
		p := filepath.Join(dir, "000001.jsonl")
		b, err := os.ReadFile(p)
		if err != nil {
			t.Fatal(err)
		}
		return p, b
	}
	lines := func(b []byte) []string { return strings.SplitAfter(string(b), "\n") }
	zeros := strings.Repeat("\x00", 5000)
	for name, c := range map[string]struct {
		make func(b []byte) string // what is on the disk
		kept string                // the events that stay
	}{
		"nothing torn":           {func(b []byte) string { return string(b) }, "1:a 2:b 3:c"},
		"half a line":            {func(b []byte) string { return string(b) + `{"seq":4,"pr` }, "1:a 2:b 3:c"},
		"zeros":                  {func(b []byte) string { return string(b) + zeros }, "1:a 2:b 3:c"},
		"zeros, many":            {func(b []byte) string { return string(b) + strings.Repeat(zeros, 100) }, "1:a 2:b 3:c"},
		"zeros, then an end":     {func(b []byte) string { return string(b) + zeros + `"}}` + "\n" }, "1:a 2:b 3:c"},
		"newline missing":        {func(b []byte) string { return string(b[:len(b)-1]) }, "1:a"},
		"group cut between":      {func(b []byte) string { l := lines(b); return l[0] + l[1] }, "1:a"},
		"group cut in its last":  {func(b []byte) string { return string(b[:len(b)-20]) }, "1:a"},
		"group cut in its first": {func(b []byte) string { l := lines(b); return l[0] + l[1][:30] }, "1:a"},
		"group, zeros in first": {func(b []byte) string {
			l := lines(b)
			return l[0] + l[1][:9] + zeros[:30] + l[1][39:] + l[2]
		}, "1:a"},
		"first line cut": {func(b []byte) string { return string(b[:50]) }, ""},
		"only zeros":     {func(b []byte) string { return zeros }, ""},
		"empty":          {func(b []byte) string { return "" }, ""},
	} {
		t.Run(name, func(t *testing.T) {
			dir := folder(t)
			p, b := whole(t, dir)
			text := c.make(b)
			if err := os.WriteFile(p, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			reader, err := OpenReadOnly(dir)
			if err != nil {
				t.Fatal(err)
			}
			expect(t, reader, 0, c.kept)
			valid(t, reader)
			if now, _ := os.ReadFile(p); string(now) != text {
				t.Error("a reader changed the journal")
			}

			j, r := mustOpen(t, dir, segmentSize)
			expect(t, j, 0, c.kept)
			now, _ := os.ReadFile(p)
			aside := ""
			if r.Torn != "" {
				kept, err := os.ReadFile(filepath.Join(dir, r.Torn))
				if err != nil || int64(len(kept)) != r.Bytes {
					t.Errorf("kept aside: %d bytes, %v", len(kept), err)
				}
				aside = string(kept)
			}
			if string(now)+aside != text || (len(r.Done) > 0) != (aside != "") {
				t.Errorf("%d bytes stay, %d are aside of %d; %q", len(now), len(aside), len(text), r.Done)
			}
			add(t, j, "x")
			valid(t, j)
			expect(t, j, 0, strings.TrimSpace(fmt.Sprintf("%s %d:x", c.kept, j.End())))
			if _, again := mustOpen(t, dir, segmentSize); again.Done != nil {
				t.Errorf("the second time: %+v", again)
			}
		})
	}
}

func BenchmarkAppend(b *testing.B) {
	dir, err := os.MkdirTemp(".", "bench") // not in /tmp, which may be in memory
	if err != nil {
		b.Fatal(err)
	}
	defer os.RemoveAll(dir)
	j, _ := mustOpen(b, filepath.Join(dir, "journal"), segmentSize)
	e := event(b, "x")
	for b.Loop() {
		if _, err := j.Append(b.Context(), e); err != nil {
			b.Fatal(err)
		}
	}
}
