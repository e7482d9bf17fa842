package scantest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"recto/scan"
)

// Want is one event that a scan must give, by what identifies it.
type Want struct {
	Path    scan.Path
	Index   int    // of the image in the file
	Err     error  // a sentinel that the reject must wrap; nil for a sheet
	Ignored bool   // the path must be ignored; Index and Err do not count
	Bytes   []byte // of the sheet, where they are known; nil for any
}

func (w Want) check(e Event) error {
	switch {
	case w.Ignored:
		if e.Sheet != nil || e.Reject != nil || e.Ignored != w.Path || e.Reason == "" {
			return fmt.Errorf("want %q ignored with a reason", string(w.Path))
		}
	case w.Err != nil:
		if e.Reject == nil || e.Reject.Origin.Path != w.Path || e.Reject.Origin.Index != w.Index || !errors.Is(e.Reject.Err, w.Err) {
			return fmt.Errorf("want reject %q[%d]: %w", string(w.Path), w.Index, w.Err)
		}
	default:
		if e.Sheet == nil || e.Sheet.Origin.Path != w.Path || e.Sheet.Origin.Index != w.Index {
			return fmt.Errorf("want sheet %q[%d]", string(w.Path), w.Index)
		}
		if sum := sha256.Sum256(w.Bytes); w.Bytes != nil && fmt.Sprintf("%x", sum) != e.SHA256 {
			return fmt.Errorf("sheet %q[%d] has other bytes than its source", string(w.Path), w.Index)
		}
	}
	return nil
}

// Case is a source with something to scan.
type Case struct {
	Source scan.Source
	Ticket scan.Ticket
	Want   []Want   // everything that the ticket gives, in order; at least two events
	Roots  []string // files and folders that the scan must leave as they are
}

// Source checks a [scan.Source] against its contract. setup makes a fresh case
// for each of the checks.
func Source(t *testing.T, setup func(t *testing.T) Case) {
	check := func(name string, f func(t *testing.T, c Case)) {
		t.Run(name, func(t *testing.T) {
			c := setup(t)
			if len(c.Want) < 2 {
				t.Fatal("a case of the suite needs two events or more")
			}
			f(t, c)
		})
	}
	check("Devices", func(t *testing.T, c Case) {
		n := 0
		for d, err := range c.Source.Devices(t.Context()) {
			if err != nil {
				t.Fatal(err)
			}
			if d.ID == "" || d.Kind == "" {
				t.Errorf("a device without ID or kind: %+v", d)
			}
			n++
		}
		if n == 0 {
			t.Error("no device")
		}
		for range c.Source.Devices(t.Context()) {
			break // must not panic
		}
	})
	check("Order", func(t *testing.T, c Case) {
		events := scanned(t, c)
		for i := range max(len(events), len(c.Want)) {
			switch {
			case i >= len(events):
				t.Errorf("event %d is missing: %+v", i, c.Want[i])
			case i >= len(c.Want):
				t.Errorf("event %d is one too many: %v", i, events[i])
			default:
				if err := c.Want[i].check(events[i]); err != nil {
					t.Errorf("event %d: %v; got %v", i, err, events[i])
				}
			}
		}
		for _, e := range events {
			wellFormed(t, e)
		}
	})
	check("Determinism", func(t *testing.T, c Case) {
		a, b := scanned(t, c), scanned(t, c)
		same := slices.EqualFunc(a, b, func(x, y Event) bool { return x.String() == y.String() })
		if !same {
			t.Errorf("two scans differ:\n%v\n%v", a, b)
		}
	})
	check("ReceiverError", func(t *testing.T, c Case) {
		stop := errors.New("the receiver has had enough")
		for at := 1; at <= len(c.Want); at++ {
			r := &Recorder{}
			r.After = func(Event) error {
				if len(r.Events) == at {
					return stop
				}
				return nil
			}
			if err := c.Source.Scan(t.Context(), c.Ticket, r); !errors.Is(err, stop) {
				t.Errorf("stopped at event %d: Scan gives %v", at, err)
			}
			if len(r.Events) != at {
				t.Errorf("stopped at event %d, but there were %d", at, len(r.Events))
			}
		}
	})
	check("Enough", func(t *testing.T, c Case) {
		r := &Recorder{After: func(Event) error { return fmt.Errorf("the disk is nearly full: %w", scan.ErrEnough) }}
		if err := c.Source.Scan(t.Context(), c.Ticket, r); !errors.Is(err, scan.ErrEnough) {
			t.Errorf("Scan gives %v", err)
		}
		if n := len(r.Events); n < 1 || n > 2 { // one may be on its way
			t.Errorf("%d events of a receiver that wanted no more after the first", n)
		}
	})
	check("Cancel", func(t *testing.T, c Case) {
		ctx, cancel := context.WithCancel(t.Context())
		r := &Recorder{After: func(Event) error { cancel(); return nil }}
		if err := c.Source.Scan(ctx, c.Ticket, r); !errors.Is(err, context.Canceled) {
			t.Errorf("cancelled at the first event: Scan gives %v", err)
		}
		if len(r.Events) != 1 {
			t.Errorf("%d events after the cancel", len(r.Events)-1)
		}
		r = &Recorder{}
		if err := c.Source.Scan(ctx, c.Ticket, r); !errors.Is(err, context.Canceled) {
			t.Errorf("cancelled before the start: Scan gives %v", err)
		}
		if len(r.Events) != 0 {
			t.Errorf("%d events of a scan that was cancelled before its start", len(r.Events))
		}
	})
	check("SourcesUnchanged", func(t *testing.T, c Case) {
		before := snapshot(t, c.Roots)
		scanned(t, c)
		after := snapshot(t, c.Roots)
		for path, s := range before {
			if after[path] != s {
				t.Errorf("%q was changed: %s, then %s", path, s, after[path])
			}
		}
		if len(after) != len(before) {
			t.Errorf("%d files before the scan, %d after it", len(before), len(after))
		}
	})
}

// scanned runs a scan that must not fail.
func scanned(t *testing.T, c Case) []Event {
	t.Helper()
	var r Recorder
	if err := c.Source.Scan(t.Context(), c.Ticket, &r); err != nil {
		t.Fatal(err)
	}
	return r.Events
}

// wellFormed checks what must hold of any event.
func wellFormed(t *testing.T, e Event) {
	t.Helper()
	origin := func(o scan.Origin) {
		if o.Path == "" && o.Capture == nil {
			t.Errorf("an origin without path or device: %v", e)
		}
		if o.Count < 1 || o.Index < 0 || o.Index >= o.Count {
			t.Errorf("image %d of %d: %v", o.Index, o.Count, e)
		}
	}
	switch {
	case e.Sheet != nil:
		origin(e.Sheet.Origin)
		if c := e.Sheet.Companion; c != nil {
			origin(c.Origin)
			if e.Sheet.Format != scan.RAW || c.Companion != nil || c.Format == scan.RAW || c.Format == scan.PDF {
				t.Errorf("a companion that cannot be a working image: %v", e)
			}
		}
		if e.Size == 0 || e.Sheet.Format == "" || e.Sheet.Format == scan.PDF {
			t.Errorf("a sheet that cannot be a master: %v", e)
		}
		if o := e.Sheet.Orientation; o < 0 || o > 8 {
			t.Errorf("orientation %d: %v", o, e)
		}
		if d := e.Sheet.DPI; !(d >= 0 && d <= 4800) { // a rendered page may have few
			t.Errorf("%g dpi: %v", d, e)
		}
	case e.Reject != nil:
		origin(e.Reject.Origin)
		if e.Reject.Err == nil {
			t.Errorf("a reject without an error: %v", e)
		}
	}
}

// snapshot notes content, size and time of everything below some roots, links as
// links.
func snapshot(t *testing.T, roots []string) map[string]string {
	t.Helper()
	seen := map[string]string{}
	for _, root := range roots {
		err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			info, err := d.Info()
			if err != nil {
				return err
			}
			var content bytes.Buffer
			if info.Mode().IsRegular() {
				b, err := os.ReadFile(path)
				if err != nil {
					return err
				}
				fmt.Fprintf(&content, "%x", sha256.Sum256(b))
			}
			seen[path] = fmt.Sprintf("%v %d %v %s", info.Mode(), info.Size(), info.ModTime(), &content)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return seen
}
