package sane

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"recto/scan"
	"recto/scan/scantest"
)

// backend is the folder of built, for TestMain to remove.
var backend string

// built is the folder of testdata/fault.c as a backend that SANE can load.
var built = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "fault-")
	if err != nil {
		return "", err
	}
	backend = dir
	out, err := exec.Command("gcc", "-shared", "-fPIC", "-w", "-o", filepath.Join(dir, "libsane-fault.so.1"), "testdata/fault.c").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("%w: %s", err, out)
	}
	return dir, nil
})

// faulty gives a source whose only device, "sane:fault:a", is a bad one.
func faulty(t testing.TB, fault string, c Config) *Source {
	t.Helper()
	lib, err := built()
	if err != nil {
		t.Fatal(err)
	}
	backends(t, "fault")
	t.Setenv("LD_LIBRARY_PATH", lib)
	t.Setenv("FAULT", fault)
	if c.Dir == "" {
		c.Dir = t.TempDir()
	}
	return New(c)
}

const bad = "sane:fault:a"

// empty fails where images or processes are left.
func empty(t *testing.T, dir string) {
	t.Helper()
	left, err := os.ReadDir(dir)
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v %v", left, err)
	}
}

// TestFaults: whatever happens to sheet 2 of the feeder, sheet 1 is there, the error
// is of its kind, names the sheet and says that the one before is safe.
func TestFaults(t *testing.T) {
	soon := Config{Start: 2 * time.Second, Silence: time.Second, Answer: 5 * time.Second, Grace: time.Second}
	for _, c := range []struct {
		fault string
		want  error
		words string
	}{
		{"segv:2", scan.ErrDriver, "SIGSEGV"}, {"abort:2", scan.ErrDriver, "SIGABRT"}, {"fork:2", scan.ErrDriver, "killed"}, {"quit:2", scan.ErrDriver, ""},
		{"hang:2", scan.ErrDriver, "nothing came"}, {"deaf:2", scan.ErrDriver, "nothing came"}, {"nothing:2", scan.ErrDriver, "nothing came"}, {"start-hang:2", scan.ErrDriver, "nothing came"},
		{"jam:2", scan.ErrJammed, ""}, {"start-jam:2", scan.ErrJammed, ""}, {"nodocs:2", scan.ErrNoPaper, ""}, {"unplugged:2", scan.ErrDeviceIO, ""},
		{"stopped:2", scan.ErrStopped, ""}, {"odd:2", scan.ErrDeviceIO, "99"}, {"start-inval:2", scan.ErrOption, "invalid"}, {"none:2", scan.ErrTruncated, ""},
		{"depth:2", scan.ErrUnsupported, "12 bits"}, {"jpeg:2", scan.ErrUnsupported, ""}, {"stride:2", scan.ErrDriver, "80 pixels in 10 bytes"},
	} {
		t.Run(c.fault, func(t *testing.T) {
			config := soon
			config.Dir = t.TempDir()
			var r scantest.Recorder
			err := faulty(t, c.fault, config).Scan(t.Context(), scan.Ticket{Device: bad, Source: "adf"}, &r)
			if !errors.Is(err, c.want) {
				t.Fatalf("%v, want %v", err, c.want)
			}
			for _, w := range []string{c.words, "sheet 2 of Acme Fault", "the sheet before it is safe"} {
				if !strings.Contains(err.Error(), w) {
					t.Errorf("%q does not say %q", err, w)
				}
			}
			if strings.Contains(err.Error(), "\n") {
				t.Errorf("more than one line: %q", err)
			}
			if len(r.Events) != 1 || r.Events[0].Sheet == nil {
				t.Errorf("%d events, want sheet 1", len(r.Events))
			}
			empty(t, config.Dir)
		})
	}
}

// TestStatuses: the real test device gives each status instead of its image.
func TestStatuses(t *testing.T) {
	dir := t.TempDir()
	s := device(t, Config{Dir: dir})
	for status, want := range map[string]error{
		"UNSUPPORTED": scan.ErrOption, "CANCELLED": scan.ErrStopped, "DEVICE_BUSY": scan.ErrDeviceBusy, "INVAL": scan.ErrOption, "EOF": scan.ErrTruncated,
		"JAMMED": scan.ErrJammed, "NO_DOCS": scan.ErrNoPaper, "COVER_OPEN": scan.ErrCover, "IO_ERROR": scan.ErrDeviceIO, "NO_MEM": scan.ErrDeviceMemory, "ACCESS_DENIED": scan.ErrDenied,
	} {
		for _, source := range []string{"flatbed", "adf"} {
			var r scantest.Recorder
			err := s.Scan(t.Context(), scan.Ticket{Device: "sane:test:0", Source: source, Options: set("read-return-value", "SANE_STATUS_"+status)}, &r)
			if !errors.Is(err, want) || len(r.Events) > 0 || !strings.Contains(fmt.Sprint(err), tester) {
				t.Errorf("%s: %d events, %v; want %v", status, len(r.Events), err, want)
			}
		}
	}
	empty(t, dir)
}

// TestShort: an image that ends early without a word is kept with the rows that came,
// and said to be short; the feeder goes on.
func TestShort(t *testing.T) {
	for fault, words := range map[string]string{"short:2": "50 of 100 rows came", "part:2": "50 of 100 rows came"} {
		var k kept
		if err := faulty(t, fault, Config{}).Scan(t.Context(), scan.Ticket{Device: bad, Source: "adf"}, &k); err != nil {
			t.Fatal(err)
		}
		if len(k.Events) != 4 || k.Events[1].Sheet == nil || k.Events[2].Reject == nil || k.Events[3].Sheet == nil {
			t.Fatalf("%s: %v", fault, k.Events)
		}
		if b := k.pictures[1].Bounds(); b.Dx() != 80 || b.Dy() != 50 {
			t.Errorf("%s: %v", fault, b)
		}
		x := k.Events[2].Reject
		if !errors.Is(x.Err, scan.ErrTruncated) || !strings.Contains(x.Err.Error(), words) || !strings.Contains(k.Events[1].Sheet.Origin.Note, words) || x.Origin.Path != k.Events[1].Sheet.Origin.Path {
			t.Errorf("%s: %v, note %q", fault, x.Err, k.Events[1].Sheet.Origin.Note)
		}
		if n := k.Events[3].Sheet.Origin.Capture.Sheet; n != 3 {
			t.Errorf("%s: the third is sheet %d", fault, n)
		}
	}
	// More than promised is more, and a length that nobody knew cannot be missed.
	for fault, rows := range map[string]int{"more:1": 110, "endless": 100} {
		var k kept
		if err := faulty(t, fault, Config{}).Scan(t.Context(), scan.Ticket{Device: bad}, &k); err != nil {
			t.Fatal(err)
		}
		if len(k.Events) != 1 || k.pictures[0].Bounds().Dy() != rows {
			t.Errorf("%s: %v", fault, k.Events)
		}
	}
}

// TestEmpty: a feeder that is empty to begin with, told at the start or at the first
// byte; and one of which only that byte tells the end.
func TestEmpty(t *testing.T) {
	for _, fault := range []string{"", "read-nodocs:1"} {
		s := faulty(t, fault, Config{})
		if fault == "" {
			t.Setenv("FEED", "0")
		} else {
			t.Setenv("FEED", "3")
		}
		var r scantest.Recorder
		if err := s.Scan(t.Context(), scan.Ticket{Device: bad, Source: "adf"}, &r); !errors.Is(err, scan.ErrNoPaper) || len(r.Events) > 0 {
			t.Errorf("%q: %v", fault, err)
		}
	}
	var r scantest.Recorder
	if err := faulty(t, "read-nodocs:3", Config{}).Scan(t.Context(), scan.Ticket{Device: bad, Source: "adf"}, &r); err != nil || len(r.Events) != 2 {
		t.Errorf("%d events, %v", len(r.Events), err)
	}
}

// TestWarming: a lamp that needs time is waited for; a device is what it says.
func TestWarming(t *testing.T) {
	var r scantest.Recorder
	if err := faulty(t, "warming", Config{}).Scan(t.Context(), scan.Ticket{Device: bad}, &r); err != nil || len(r.Events) != 1 {
		t.Fatalf("%d events, %v", len(r.Events), err)
	}
	d := r.Events[0].Sheet.Origin.Capture.Device
	if d.Serial != "A-1234" || d.Vendor != "Acme" || d.Model != "Fault" {
		t.Errorf("%+v", d)
	}
}

// TestOpening: what can go wrong before there is a sheet, and after the last.
func TestOpening(t *testing.T) {
	soon := Config{Probe: time.Second, Answer: time.Second, Grace: time.Second}
	for fault, want := range map[string]error{"open-busy": scan.ErrDeviceBusy, "open-denied": scan.ErrDenied, "open-hang": scan.ErrDriver, "devices-segv": scan.ErrDriver} {
		s := faulty(t, fault, soon)
		if _, err := s.Options(t.Context(), bad, nil); !errors.Is(err, want) {
			t.Errorf("%s: Options: %v", fault, err)
		}
		if err := s.Scan(t.Context(), scan.Ticket{Device: bad}, &scantest.Recorder{}); !errors.Is(err, want) {
			t.Errorf("%s: Scan: %v", fault, err)
		}
	}
	for _, fault := range []string{"devices-hang", "devices-segv"} {
		n := 0
		for d, err := range faulty(t, fault, soon).Devices(t.Context()) {
			if !errors.Is(err, scan.ErrDriver) {
				t.Errorf("%s: %v %v", fault, d, err)
			}
			n++
		}
		if n != 1 {
			t.Errorf("%s: %d", fault, n)
		}
	}
	for _, fault := range []string{"exit-segv", "close-segv"} { // too late to matter
		var r scantest.Recorder
		if err := faulty(t, fault, soon).Scan(t.Context(), scan.Ticket{Device: bad}, &r); err != nil || len(r.Events) != 1 {
			t.Errorf("%s: %d events, %v", fault, len(r.Events), err)
		}
	}
}

// TestNoDriver: without drivers, or with one that does not start, there is no device
// and nothing wrong.
func TestNoDriver(t *testing.T) {
	for _, name := range []string{"", "no-such-backend"} {
		backends(t, name)
		for d, err := range New(Config{}).Devices(t.Context()) {
			t.Errorf("%q: %v %v", name, d, err)
		}
	}
	for d, err := range faulty(t, "init", Config{}).Devices(t.Context()) {
		t.Errorf("a backend that does not start: %v %v", d, err)
	}
	if v, err := New(Config{}).Version(t.Context()); err != nil || !strings.HasPrefix(v, "1.") {
		t.Errorf("version %q, %v", v, err)
	}
	if _, err := New(Config{Command: []string{"/no/such/program"}}).Version(t.Context()); err == nil {
		t.Error("a child that cannot be started is no error")
	}
}

// TestWords: our words on a device with its own, sides, pixels instead of
// millimetres, a string that is not UTF-8, a setting that undoes another, "auto".
func TestWords(t *testing.T) {
	s := faulty(t, "", Config{})
	value := func(e scantest.Event, name string) string {
		for _, o := range e.Sheet.Origin.Capture.Options {
			if o.Name == name {
				return o.Value
			}
		}
		return ""
	}
	for _, c := range []struct {
		ticket       scan.Ticket
		option, want string
		sides        string
	}{
		{scan.Ticket{Source: "flatbed"}, "source", "Flatbed", "-"},
		{scan.Ticket{Source: "ADF"}, "source", "Automatic Document Feeder (left)", "---"},
		{scan.Ticket{Source: "duplex"}, "source", "ADF Duplex", "front back front"},
		{scan.Ticket{Source: "adf back"}, "source", "ADF Back", "back back back"},
		{scan.Ticket{Source: "adf", Options: set("duplex", "yes")}, "duplex", "yes", "front back front"},
		{scan.Ticket{Source: "Dia für Film", Sheets: 1}, "source", "Dia für Film", "-"},
		{scan.Ticket{Mode: "color"}, "mode", "24bit Color", "-"},
		{scan.Ticket{Mode: "gray"}, "mode", "Gray", "-"},
		{scan.Ticket{Mode: "true gray", Depth: 8}, "mode", "True Gray", "-"},
		{scan.Ticket{Mode: "lineart"}, "mode", "Lineart", "-"},
		{scan.Ticket{DPI: 150}, "resolution", "150", "-"},
		{scan.Ticket{Preview: true}, "resolution", "75", "-"},
		{scan.Ticket{DPI: 100, Area: scan.Area{X: 2.54, Y: 0, Width: 5.08, Height: 12.7}}, "br-x", "30", "-"},
		{scan.Ticket{Options: set("focus", "auto")}, "focus", "7", "-"},
	} {
		c.ticket.Device = bad
		var r scantest.Recorder
		if err := s.Scan(t.Context(), c.ticket, &r); err != nil {
			t.Errorf("%+v: %v", c.ticket, err)
			continue
		}
		sides := []string{}
		for _, e := range r.Events {
			sides = append(sides, string(e.Sheet.Origin.Capture.Side))
			if got := value(e, c.option); got != c.want {
				t.Errorf("%+v: %s is %q, want %q", c.ticket, c.option, got, c.want)
			}
		}
		if got := strings.Join(sides, " "); got != c.sides && strings.Repeat("-", len(sides)) != c.sides {
			t.Errorf("%+v: sides %q, want %q", c.ticket, got, c.sides)
		}
	}
	for _, ticket := range []scan.Ticket{{DPI: 200}, {Depth: 1}, {Mode: "gray", Options: set("speed", "9")}, {Source: "glass"}} {
		ticket.Device = bad
		if err := s.Scan(t.Context(), ticket, &scantest.Recorder{}); !errors.Is(err, scan.ErrOption) {
			t.Errorf("%+v: %v", ticket, err)
		}
	}
	s = faulty(t, "nosource", Config{})
	var r scantest.Recorder
	if err := s.Scan(t.Context(), scan.Ticket{Device: bad}, &r); err != nil || len(r.Events) != 3 {
		t.Errorf("a sheet-fed device without a source to choose: %d events, %v", len(r.Events), err)
	}
	if err := s.Scan(t.Context(), scan.Ticket{Device: bad, Source: "adf"}, &r); !errors.Is(err, scan.ErrOption) {
		t.Errorf("a source where there is none to choose: %v", err)
	}
}

// TestCancel in the middle of a sheet: the driver is told, the sheet before is kept,
// the one under way is not. Also of a driver that does not listen.
func TestCancel(t *testing.T) {
	for _, fault := range []string{"hang:2", "deaf:2", "start-hang:2"} {
		dir := t.TempDir()
		s := faulty(t, fault, Config{Dir: dir, Grace: 2 * time.Second})
		told := filepath.Join(t.TempDir(), "told")
		t.Setenv("CANCELLED", told)
		ctx, cancel := context.WithCancel(t.Context())
		r := &scantest.Recorder{After: func(scantest.Event) error { time.AfterFunc(200*time.Millisecond, cancel); return nil }}
		err := s.Scan(ctx, scan.Ticket{Device: bad, Source: "adf"}, r)
		if !errors.Is(err, context.Canceled) || len(r.Events) != 1 {
			t.Errorf("%s: %d events, %v", fault, len(r.Events), err)
		}
		if !strings.Contains(fmt.Sprint(err), "sheet 2") {
			t.Errorf("%s: %v does not say that sheet 2 is in the output tray", fault, err)
		}
		if _, err := os.Stat(told); err != nil {
			t.Errorf("%s: the driver was not told: %v", fault, err)
		}
		empty(t, dir)
	}
}

// TestOneAhead: the feeder waits for a receiver that is slow, but for one sheet.
func TestOneAhead(t *testing.T) {
	dir := t.TempDir()
	s := faulty(t, "", Config{Dir: dir})
	t.Setenv("FEED", "6")
	full := errors.New("the disk is full")
	r := &scantest.Recorder{}
	r.After = func(scantest.Event) error {
		time.Sleep(150 * time.Millisecond) // the child could scan all in this time
		files, err := filepath.Glob(filepath.Join(dir, "*", "*.tif"))
		if err != nil || len(files) > 2 {
			t.Errorf("%d files wait: %v %v", len(files), files, err)
		}
		if len(r.Events) == 3 {
			return full
		}
		return nil
	}
	err := s.Scan(t.Context(), scan.Ticket{Device: bad, Source: "adf"}, r)
	if !errors.Is(err, full) || !strings.Contains(err.Error(), "sheets 3 and 4 have gone through the feeder") {
		t.Errorf("%v", err)
	}
	empty(t, dir)
}

// TestSignals: the real device's child is killed, stopped and segfaulted from outside
// while the second sheet is under way.
func TestSignals(t *testing.T) {
	for _, signal := range []syscall.Signal{syscall.SIGKILL, syscall.SIGSEGV, syscall.SIGSTOP, syscall.SIGTERM} {
		dir := t.TempDir()
		pid := filepath.Join(t.TempDir(), "pid")
		s := device(t, Config{Dir: dir, Start: 2 * time.Second, Silence: time.Second, Grace: time.Second, Command: []string{"/bin/sh", "-c", `echo $$ >"$0"; exec "$1" sane`, pid, os.Args[0]}})
		r := &scantest.Recorder{After: func(scantest.Event) error {
			b, err := os.ReadFile(pid)
			if err != nil {
				return err
			}
			var child int
			fmt.Sscan(string(b), &child)
			time.AfterFunc(100*time.Millisecond, func() { syscall.Kill(child, signal) })
			return nil
		}}
		// Delays make a sheet take seconds.
		ticket := scan.Ticket{Device: "sane:test:0", Source: "adf", DPI: 75, Mode: "color", Options: set("read-delay", "yes", "read-delay-duration", "200000", "read-limit", "yes", "read-limit-size", "2000")}
		err := s.Scan(t.Context(), ticket, r)
		if !errors.Is(err, scan.ErrDriver) || len(r.Events) != 1 {
			t.Errorf("%v: %d events, %v", signal, len(r.Events), err)
		}
		t.Log(err)
		empty(t, dir)
	}
}

// TestOrphan: a child whose parent was killed ends and cancels its scan.
func TestOrphan(t *testing.T) {
	s := faulty(t, "hang:1", Config{})
	told := filepath.Join(t.TempDir(), "told")
	t.Setenv("CANCELLED", told)
	dir := t.TempDir()
	c, err := spawn(s.config.Command, request{Verb: "scan", Device: "fault:a", Ticket: &scan.Ticket{}, Dir: scan.Path(dir)})
	if err != nil {
		t.Fatal(err)
	}
	defer close(c.gone)
	for a := range c.lines {
		if a.Bytes > 0 {
			break
		}
	}
	c.in.Close() // as when the parent ends, however it ends
	select {
	case <-c.exited:
	case <-time.After(30 * time.Second):
		c.kill()
		t.Fatal("the child outlives its parent")
	}
	if _, err := os.Stat(told); err != nil {
		t.Errorf("the driver was not told: %v", err)
	}
	empty(t, dir)
}
