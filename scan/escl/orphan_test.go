package escl

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"recto/scan"
	"recto/scan/scantest"
)

// TestKilledChild is the program that TestKilled kills; by itself it does nothing.
func TestKilledChild(t *testing.T) {
	root := os.Getenv("ESCL_TEST_ROOT")
	if root == "" {
		t.Skip("it is the child of TestKilled")
	}
	s := New(Config{Dir: t.TempDir(), Jobs: os.Getenv("ESCL_TEST_JOBS"), Discover: -1, Times: swift})
	k := &keeper{dir: t.TempDir()}
	_ = s.Scan(t.Context(), scan.Ticket{Device: "escl:" + root, Source: os.Getenv("ESCL_TEST_SOURCE"), DPI: 75}, k)
}

// killed runs that program until the scanner has been asked for its second image, or on a
// glass for its first one, and kills it.
func killed(t *testing.T, v *scantest.ESCL, root, jobs, source string) {
	t.Helper()
	before := len(v.Requests())
	c := exec.Command(os.Args[0], "-test.run=^TestKilledChild$")
	c.Env = append(os.Environ(), "ESCL_TEST_ROOT="+root, "ESCL_TEST_JOBS="+jobs, "ESCL_TEST_SOURCE="+source, "TMPDIR="+t.TempDir())
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	asked := func() (n int) {
		for _, r := range v.Requests()[before:] {
			if strings.HasSuffix(r, "/NextDocument") {
				n++
			}
		}
		return n
	}
	want := 2
	if source == "flatbed" {
		want = 1
	}
	for deadline := time.Now().Add(30 * time.Second); asked() < want; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("it never asked: %v", v.Requests())
		}
	}
	if err := c.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = c.Wait()
}

// A program that was killed leaves its job at the device. Who scans next deletes that,
// and is told once that a sheet may have gone through.
func TestKilled(t *testing.T) {
	v := scantest.NewESCL()
	v.Loaded = 5
	v.Faults = scantest.ESCLFaults{At: 2, Stall: 5000}
	root, jobs := v.Serve(t), filepath.Join(t.TempDir(), "a [folder]*")
	if err := os.Mkdir(jobs, 0o700); err != nil {
		t.Fatal(err)
	}
	killed(t, v, root, jobs, "adf")
	if v.Deleted() != 0 {
		t.Fatal("the job is gone already")
	}
	v.Change(func(v *scantest.ESCL) { v.Faults = scantest.ESCLFaults{} })
	s := source(t, Config{Jobs: jobs})
	// The glass takes no paper from the feeder, so it neither waits nor tells.
	if k, err := scanned(t, s, scan.Ticket{Device: "escl:" + root, Source: "flatbed", DPI: 75}); err != nil || len(k.sheets) != 1 || v.Deleted() < 1 {
		t.Fatalf("the glass: %v, %d jobs deleted", err, v.Deleted())
	}
	k, err := scanned(t, s, scan.Ticket{Device: "escl:" + root, Source: "adf", DPI: 75})
	var lost *scan.LostError
	if !errors.Is(err, scan.ErrCutOff) || !errors.As(err, &lost) || !strings.Contains(err.Error(), "gave 1; the sheet behind its image 1 may have gone through") || len(k.sheets) != 0 {
		t.Fatalf("%d sheets, %v", len(k.sheets), err)
	}
	// Told once; with the second sheet put back the rest comes: sheet 2 was taken by the
	// killed run, 3 to 5 lie in the feeder still.
	v.Change(func(v *scantest.ESCL) { v.Loaded++ })
	if k, err = scanned(t, s, scan.Ticket{Device: "escl:" + root, Source: "adf", DPI: 75}); err != nil || len(k.sheets) != 4 {
		t.Fatalf("%d sheets, %v", len(k.sheets), err)
	}
	if left, _ := os.ReadDir(jobs); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

// A killed run of the glass lost no paper: the next one just begins.
func TestKilledOnGlass(t *testing.T) {
	v := scantest.NewESCL()
	v.Faults = scantest.ESCLFaults{At: 1, Stall: 5000}
	root, jobs := v.Serve(t), t.TempDir()
	killed(t, v, root, jobs, "flatbed")
	v.Change(func(v *scantest.ESCL) { v.Faults = scantest.ESCLFaults{} })
	if k, err := scanned(t, source(t, Config{Jobs: jobs}), scan.Ticket{Device: "escl:" + root, Source: "adf", DPI: 75}); err != nil || len(k.sheets) != 3 {
		t.Fatalf("%d sheets, %v", len(k.sheets), err)
	}
	if left, _ := os.ReadDir(jobs); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

// The job of a program that runs is nobody's to delete.
func TestRunning(t *testing.T) {
	v := scantest.NewESCL()
	v.Faults = scantest.ESCLFaults{At: 1, Stall: 5000}
	root, jobs := v.Serve(t), t.TempDir()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error)
	one := source(t, Config{Jobs: jobs})
	first := &keeper{dir: t.TempDir()}
	go func() { ended <- one.Scan(ctx, scan.Ticket{Device: "escl:" + root, Source: "adf", DPI: 75}, first) }()
	for !slices.ContainsFunc(v.Requests(), func(r string) bool { return strings.HasSuffix(r, "/NextDocument") }) {
		time.Sleep(time.Millisecond)
	}
	times := swift
	times.Busy = 100 * time.Millisecond
	if _, err := scanned(t, source(t, Config{Jobs: jobs, Times: times}), scan.Ticket{Device: "escl:" + root, Source: "adf"}); !errors.Is(err, scan.ErrDeviceBusy) || v.Deleted() != 0 {
		t.Errorf("%v; %d jobs deleted", err, v.Deleted())
	}
	cancel()
	<-ended
}

// Who ends a run of the feeder, or whom the wire leaves, is told which sheet went through
// it for nothing.
func TestLost(t *testing.T) {
	for _, x := range []struct {
		name, source string
		faults       scantest.ESCLFaults
		words        string // empty: no sheet is lost
		err          string
	}{
		{"cut", "adf", scantest.ESCLFaults{At: 2, Cut: 5000}, "sheet 2 has gone through", ""},
		{"dropped", "adf", scantest.ESCLFaults{At: 2, Drop: true}, "sheet 2 may have gone through", ""},
		{"an image that ends early", "adf", scantest.ESCLFaults{At: 3, Truncate: 5000}, "sheet 3 has gone through", ""},
		{"a back", "duplex", scantest.ESCLFaults{At: 4, Truncate: 5000}, "sheet 4 (the back of piece 2, whose front will come twice) has gone through", ""},
		{"a jam", "adf", scantest.ESCLFaults{At: 3, AdfThen: "ScannerAdfJam"}, "", "sheet 3: the paper is jammed; the 2 before it are safe"},
		{"on the glass", "flatbed", scantest.ESCLFaults{At: 1, Cut: 5000}, "", "sheet 1: "},
	} {
		t.Run(x.name, func(t *testing.T) {
			v := scantest.NewESCL()
			v.Faults = x.faults
			_, err := scanned(t, source(t, Config{}), scan.Ticket{Device: "escl:" + v.Serve(t), Source: x.source, DPI: 75})
			var lost *scan.LostError
			if errors.As(err, &lost) != (x.words != "") || err == nil || !strings.Contains(err.Error(), x.words) || !strings.Contains(err.Error(), x.err) {
				t.Errorf("%v", err)
			}
		})
	}
	v := scantest.NewESCL()
	v.Faults = scantest.ESCLFaults{At: 2, Stall: 5000}
	ctx, cancel := context.WithCancel(t.Context())
	k := &keeper{dir: t.TempDir()}
	go func() {
		for n := 0; n < 2; time.Sleep(time.Millisecond) {
			n = 0
			for _, r := range v.Requests() {
				if strings.HasSuffix(r, "/NextDocument") {
					n++
				}
			}
		}
		cancel()
	}()
	err := source(t, Config{}).Scan(ctx, scan.Ticket{Device: "escl:" + v.Serve(t), Source: "adf", DPI: 75}, k)
	if !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "gone through the feeder") || !strings.HasPrefix(err.Error(), "stopped; sheet 2 ") {
		t.Error(err)
	}
}

// hearing is a keeper that hears why nothing comes.
type hearing struct {
	keeper
	why []error
}

func (h *hearing) Wait(why error, waited, most time.Duration) {
	if waited < 0 || most <= 0 {
		why = errors.New("no times")
	}
	h.why = append(h.why, why)
}

func TestWaits(t *testing.T) {
	for _, x := range []struct {
		faults scantest.ESCLFaults
		why    error
	}{
		{scantest.ESCLFaults{Asleep: 2}, scan.ErrDeviceGone},
		{scantest.ESCLFaults{BusyStatus: 1}, scan.ErrDeviceBusy},
		{scantest.ESCLFaults{BusyJobs: 1, RetryAfter: "0"}, scan.ErrDeviceBusy},
		{scantest.ESCLFaults{BusyImages: 1, RetryAfter: "0"}, scan.ErrDeviceBusy},
	} {
		v := scantest.NewESCL()
		v.Faults = x.faults
		h := &hearing{keeper: keeper{dir: t.TempDir()}}
		if err := source(t, Config{}).Scan(t.Context(), scan.Ticket{Device: "escl:" + v.Serve(t), Source: "adf", DPI: 75}, h); err != nil || len(h.why) == 0 {
			t.Errorf("%+v: %v, heard %v", x.faults, err, h.why)
		}
		for _, why := range h.why {
			if !errors.Is(why, x.why) {
				t.Errorf("%+v: %v", x.faults, why)
			}
		}
	}
}

// What to do about an image from a device is not what to do about a file.
func TestAdvice(t *testing.T) {
	for name, x := range map[string]struct {
		faults scantest.ESCLFaults
		ticket scan.Ticket
		words  string
	}{
		"a PDF":             {scantest.ESCLFaults{At: 1, Lie: "application/pdf"}, scan.Ticket{}, "another format"},
		"a web page":        {scantest.ESCLFaults{At: 1, Body: []byte("<html>")}, scan.Ticket{}, "Scan the sheet again"},
		"ends early":        {scantest.ESCLFaults{At: 1, Truncate: 5000}, scan.Ticket{}, "Scan the sheet again"},
		"PDF was asked for": {scantest.ESCLFaults{}, scan.Ticket{Options: []scan.Setting{{Name: "format", Value: "application/pdf"}}}, "another format"},
	} {
		v := scantest.NewESCL()
		v.Faults = x.faults
		x.ticket.Device, x.ticket.DPI, x.ticket.Source = "escl:"+v.Serve(t), 75, "adf"
		_, err := scanned(t, source(t, Config{}), x.ticket)
		var own interface{ Remedy() string }
		if !errors.As(err, &own) || !strings.Contains(own.Remedy(), x.words) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
