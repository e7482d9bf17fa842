package escl

import (
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"io"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/image/tiff"

	"recto/scan"
	"recto/scan/scantest"
)

// swift is patience for tests.
var swift = Times{Answer: 5 * time.Second, Wake: 5 * time.Second, Busy: 5 * time.Second, Scan: 20 * time.Second, Idle: 10 * time.Second}

func source(t *testing.T, c Config) *Source {
	t.Helper()
	noLeaks(t)
	if c.Dir == "" {
		c.Dir = t.TempDir()
	}
	if c.Times == (Times{}) {
		c.Times = swift
	}
	if c.Discover == 0 {
		c.Discover = -1
	}
	t.Cleanup(func() {
		if left, _ := os.ReadDir(c.Dir); len(left) > 0 {
			t.Errorf("left behind: %v", left)
		}
	})
	return New(c)
}

// noLeaks sees at the end of a test that no goroutine of this package is left.
func noLeaks(t *testing.T) {
	t.Helper()
	t.Cleanup(func() {
		var stacks string
		for range 200 {
			b := make([]byte, 1<<20)
			stacks = string(b[:runtime.Stack(b, true)])
			ours := 0
			for g := range strings.SplitSeq(stacks, "\n\n") {
				if strings.Contains(g, "net/http.(*persistConn)") || strings.Contains(g, "recto/scan/escl.") && !strings.Contains(g, "escl.noLeaks") && !strings.Contains(g, "testing.tRunner") {
					ours++
				}
			}
			if ours == 0 {
				return
			}
			time.Sleep(10 * time.Millisecond)
		}
		t.Errorf("goroutines are left:\n%s", stacks)
	})
}

// keeper keeps the sheets' files.
type keeper struct {
	dir    string
	sheets []scan.Sheet
	files  []string
	after  func() error
}

func (k *keeper) Sheet(s scan.Sheet) error {
	r, err := s.Open()
	if err != nil {
		return err
	}
	defer r.Close()
	b, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	name := fmt.Sprintf("%s/%d%s", k.dir, len(k.files), s.Format.Extension())
	k.sheets, k.files = append(k.sheets, s), append(k.files, name)
	if err := os.WriteFile(name, b, 0o600); err != nil {
		return err
	}
	if k.after != nil {
		return k.after()
	}
	return nil
}
func (k *keeper) Reject(r scan.Reject) error           { return r.Err }
func (k *keeper) Ignore(p scan.Path, why string) error { return errors.New(why) }

func scanned(t *testing.T, s *Source, ticket scan.Ticket) (*keeper, error) {
	t.Helper()
	k := &keeper{dir: t.TempDir()}
	return k, s.Scan(t.Context(), ticket, k)
}

// same compares an image with what the virtual scanner saw.
func same(t *testing.T, file string, n int, mode string, area image.Rectangle) {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	m, err := tiff.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	if m.Bounds().Size() != area.Size() {
		t.Fatalf("%v pixels, want %v", m.Bounds().Size(), area.Size())
	}
	bits, channels := modeSamples(mode)
	wrong := 0
	for y := range area.Dy() {
		for x := range area.Dx() {
			got := color.RGBA64Model.Convert(m.At(x, y)).(color.RGBA64)
			for c, v := range []uint16{got.R, got.G, got.B}[:channels] {
				want := scantest.ESCLSample(n, area.Min.X+x, area.Min.Y+y, c)
				switch bits {
				case 1:
					if want = 0; scantest.ESCLSample(n, area.Min.X+x, area.Min.Y+y, c) >= 1<<15 {
						want = 0xffff
					}
				case 8:
					want = want>>8 | want&0xff00
				}
				if v != want {
					wrong++
				}
			}
		}
	}
	if wrong > 0 {
		t.Errorf("image %d in %s: %d samples differ", n, mode, wrong)
	}
}

func TestSource(t *testing.T) {
	scantest.Source(t, func(t *testing.T) scantest.Case {
		v := scantest.NewESCL()
		v.Refill = 3
		root := v.Serve(t)
		c := scantest.Case{Source: source(t, Config{Devices: []string{root}}), Ticket: scan.Ticket{Device: "escl:" + root, Source: "adf", DPI: 75}}
		for n := range 3 {
			c.Want = append(c.Want, scantest.Want{Path: scan.Path(fmt.Sprintf("sheet %d of Noname Virtual 3000", n+1)), Bytes: v.Encode(n+1, "RGB24", "image/tiff", 75, 0, 0, 150, 225)})
		}
		return c
	})
}

// Every mode through every format that keeps it gives the samples that the scanner
// saw, as a TIFF.
func TestFormats(t *testing.T) {
	v := scantest.NewESCL()
	v.ICC = []byte("a profile of colours")
	root := v.Serve(t)
	s := source(t, Config{})
	for _, format := range []string{"image/tiff", "image/png", "application/octet-stream"} {
		for _, mode := range v.Modes {
			k, err := scanned(t, s, scan.Ticket{Device: "escl:" + root, DPI: 100, Mode: mode, Options: []scan.Setting{{Name: "format", Value: format}}})
			if bits, _ := modeSamples(mode); format == "application/octet-stream" && bits != 8 {
				if !errors.Is(err, scan.ErrUnsupported) {
					t.Errorf("raw %s: %v", mode, err)
				}
				continue
			}
			if err != nil || len(k.sheets) != 1 {
				t.Errorf("%s %s: %d sheets, %v", format, mode, len(k.sheets), err)
				continue
			}
			sheet := k.sheets[0]
			if sheet.Format != scan.TIFF || sheet.DPI != 100 || sheet.Pixels != image.Pt(200, 300) {
				t.Errorf("%s %s: %+v", format, mode, sheet)
			}
			same(t, k.files[0], 1, mode, image.Rect(0, 0, 200, 300))
			if b, _ := os.ReadFile(k.files[0]); strings.Contains(string(b), string(v.ICC)) != (format == "image/png") {
				t.Errorf("%s %s: ICC profile", format, mode)
			}
		}
	}
	k, err := scanned(t, s, scan.Ticket{Device: "escl:" + root, Mode: "color", Options: []scan.Setting{{Name: "format", Value: "image/jpeg"}}})
	if err != nil || len(k.sheets) != 1 || k.sheets[0].Format != scan.JPEG || k.sheets[0].DPI != 300 || !strings.Contains(k.sheets[0].Origin.Note, "JPEG was chosen") {
		t.Fatalf("JPEG: %+v, %v", k.sheets, err)
	}
	if b, _ := os.ReadFile(k.files[0]); string(b) != string(v.Encode(1, "RGB24", "image/jpeg", 300, 0, 0, 600, 900)) {
		t.Error("JPEG: not the device's own bytes")
	}
	v.Change(func(v *scantest.ESCL) { v.Formats = []string{"application/pdf", "image/jpeg"} })
	if k, err = scanned(t, s, scan.Ticket{Device: "escl:" + root}); err != nil || k.sheets[0].Origin.Note != "the device offers nothing lossless" {
		t.Errorf("only JPEG: %+v, %v", k.sheets, err)
	}
	v.Change(func(v *scantest.ESCL) { v.Formats = []string{"application/pdf"} })
	if _, err = scanned(t, s, scan.Ticket{Device: "escl:" + root}); !errors.Is(err, scan.ErrUnsupported) {
		t.Errorf("only PDF: %v", err)
	}
}

// An area in millimetres is the pixels there, and the record tells all.
func TestAreaAndRecord(t *testing.T) {
	v := scantest.NewESCL()
	root := v.Serve(t)
	k, err := scanned(t, source(t, Config{}), scan.Ticket{Device: "escl:" + root, Source: "flatbed", Mode: "gray", Depth: 16, DPI: 300,
		Area: scan.Area{X: 25.4, Y: 12.7, Width: 12.7, Height: 25.4}, Options: []scan.Setting{{Name: "brightness", Value: "1200"}}})
	if err != nil {
		t.Fatal(err)
	}
	same(t, k.files[0], 1, "Grayscale16", image.Rect(300, 150, 450, 450))
	o := k.sheets[0].Origin
	c := o.Capture
	want := []scan.Setting{{Name: "source", Value: "Platen"}, {Name: "mode", Value: "Grayscale16"}, {Name: "resolution", Value: "300"}, {Name: "format", Value: "image/tiff"},
		{Name: "x", Value: "25.4"}, {Name: "y", Value: "12.7"}, {Name: "width", Value: "12.7"}, {Name: "height", Value: "25.4"}, {Name: "brightness", Value: "1200"}}
	if o.Path != "sheet 1 of Noname Virtual 3000" || c.Driver != "eSCL 2.63" || !slices.Equal(c.Options, want) || c.Run == "" || c.Sheet != 1 || c.Side != "" ||
		c.Ended.Before(c.Begun) || c.Begun.IsZero() {
		t.Errorf("%+v %+v", o, c)
	}
	if d := (scan.Device{ID: "escl:" + root, Kind: "escl", Vendor: "Noname", Model: "Virtual 3000", Serial: "V3-0001"}); c.Device != d {
		t.Errorf("%+v, want %+v", c.Device, d)
	}
}

func TestFeeder(t *testing.T) {
	v := scantest.NewESCL()
	root := v.Serve(t)
	s := source(t, Config{})
	k, err := scanned(t, s, scan.Ticket{Device: "escl:" + root, Source: "duplex", DPI: 75, Mode: "gray"})
	if err != nil || len(k.sheets) != 6 {
		t.Fatalf("%d sheets, %v", len(k.sheets), err)
	}
	for i, sheet := range k.sheets {
		c := sheet.Origin.Capture
		if side := []scan.Side{scan.Front, scan.Back}[i%2]; c.Side != side || c.Sheet != i+1 || c.Run != k.sheets[0].Origin.Capture.Run {
			t.Errorf("image %d: %+v", i, c)
		}
		same(t, k.files[i], i+1, "Grayscale8", image.Rect(0, 0, 150, 225))
	}
	if k, err = scanned(t, s, scan.Ticket{Device: "escl:" + root, Source: "adf"}); !errors.Is(err, scan.ErrNoPaper) || len(k.sheets) != 0 {
		t.Errorf("empty feeder: %d sheets, %v", len(k.sheets), err)
	}
	v.Change(func(v *scantest.ESCL) { v.Detects = false }) // finds out by trying
	if k, err = scanned(t, s, scan.Ticket{Device: "escl:" + root, Source: "adf"}); !errors.Is(err, scan.ErrNoPaper) || len(k.sheets) != 0 {
		t.Errorf("empty feeder without a sensor: %d sheets, %v", len(k.sheets), err)
	}
	before := v.Deleted()
	v.Change(func(v *scantest.ESCL) { v.Loaded = 5 })
	if k, err = scanned(t, s, scan.Ticket{Device: "escl:" + root, Source: "adf", Sheets: 2, DPI: 75}); err != nil || len(k.sheets) != 2 || v.Deleted() != before+1 {
		t.Errorf("two of five: %d sheets, %d jobs deleted, %v", len(k.sheets), v.Deleted(), err)
	}
}

// Each fault ends in its sentinel with the sheets before it, and no job is left
// behind.
func TestFaults(t *testing.T) {
	whole := 150 * 225 * 3
	for _, x := range []struct {
		name   string
		faults scantest.ESCLFaults
		change func(*scantest.ESCL)
		ticket scan.Ticket
		sheets int
		err    error
		words  string
		live   bool // the job ended by itself, or there was none
	}{
		{name: "asleep", faults: scantest.ESCLFaults{Asleep: 3}, sheets: 3, live: true},
		{name: "busy before", faults: scantest.ESCLFaults{BusyStatus: 2, BusyJobs: 2, RetryAfter: "0"}, sheets: 3, live: true},
		{name: "busy between", faults: scantest.ESCLFaults{BusyImages: 2, RetryAfter: "1"}, sheets: 3, live: true},
		{name: "busy for ever", faults: scantest.ESCLFaults{BusyJobs: 1 << 30, RetryAfter: "3600"}, err: scan.ErrDeviceBusy, live: true},
		{name: "no image for ever", faults: scantest.ESCLFaults{BusyImages: 1 << 30, RetryAfter: "3600"}, err: scan.ErrDeviceBusy},
		{name: "at other work for ever", faults: scantest.ESCLFaults{State: "Processing"}, err: scan.ErrDeviceBusy, live: true},
		{name: "jam at the start", faults: scantest.ESCLFaults{Adf: "ScannerAdfJam"}, err: scan.ErrJammed, live: true},
		{name: "cover open at the start", faults: scantest.ESCLFaults{Adf: "ScannerAdfHatchOpen"}, err: scan.ErrCover, live: true},
		{name: "says that it is empty, has no sensor, and is not empty", faults: scantest.ESCLFaults{Adf: "ScannerAdfEmpty"},
			change: func(v *scantest.ESCL) { v.Detects = false }, sheets: 3, live: true},
		{name: "a jam does not matter to the glass", faults: scantest.ESCLFaults{Adf: "ScannerAdfJam"}, ticket: scan.Ticket{Source: "flatbed"}, sheets: 1, live: true},
		{name: "down", faults: scantest.ESCLFaults{State: "Down"}, err: scan.ErrDeviceIO, live: true},
		{name: "denied", faults: scantest.ESCLFaults{Denied: 403}, err: scan.ErrDenied, live: true},
		{name: "no such thing here", faults: scantest.ESCLFaults{Denied: 404}, err: scan.ErrNoDevice, live: true},
		{name: "settings refused together", faults: scantest.ESCLFaults{Job: 409}, err: scan.ErrOption, live: true},
		{name: "broken inside", faults: scantest.ESCLFaults{Job: 500}, err: scan.ErrDeviceIO, live: true},
		{name: "no memory", faults: scantest.ESCLFaults{Job: 507}, err: scan.ErrDeviceMemory, live: true},
		{name: "jam at sheet 3", faults: scantest.ESCLFaults{At: 3, AdfThen: "ScannerAdfJam"}, sheets: 2, err: scan.ErrJammed},
		{name: "jam told by 404", faults: scantest.ESCLFaults{At: 3, AdfThen: "ScannerAdfJam", Status: 404}, sheets: 2, err: scan.ErrJammed},
		{name: "two sheets at once", faults: scantest.ESCLFaults{At: 2, AdfThen: "ScannerAdfMultipickDetected"}, sheets: 1, err: scan.ErrJammed, words: "several sheets"},
		{name: "cover opened", faults: scantest.ESCLFaults{At: 2, AdfThen: "ScannerAdfHatchOpen"}, sheets: 1, err: scan.ErrCover},
		{name: "conflict", faults: scantest.ESCLFaults{At: 2, Status: 409}, sheets: 1, err: scan.ErrDeviceIO},
		{name: "stopped at the device", faults: scantest.ESCLFaults{At: 2, Status: 410, JobThen: "Canceled"}, sheets: 1, err: scan.ErrStopped},
		{name: "stopped, told by 404", faults: scantest.ESCLFaults{At: 2, Status: 404, JobThen: "Canceled"}, sheets: 1, err: scan.ErrStopped},
		{name: "410 at the end of the paper", faults: scantest.ESCLFaults{At: 3, Status: 410, JobThen: "Completed"}, sheets: 2, live: true},
		{name: "error inside", faults: scantest.ESCLFaults{At: 2, Status: 500}, sheets: 1, err: scan.ErrDeviceIO},
		{name: "cut", faults: scantest.ESCLFaults{At: 2, Cut: 5000}, sheets: 1, err: scan.ErrDeviceGone, words: "sheet 2"},
		{name: "cut at the last byte", faults: scantest.ESCLFaults{At: 2, Cut: whole}, sheets: 1, err: scan.ErrDeviceGone},
		{name: "dropped", faults: scantest.ESCLFaults{At: 2, Drop: true}, sheets: 1, err: scan.ErrDeviceGone, words: "sheet 2"},
		{name: "stalled", faults: scantest.ESCLFaults{At: 2, Stall: 5000}, sheets: 1, err: scan.ErrDeviceGone},
		{name: "announced too short", faults: scantest.ESCLFaults{At: 2, Short: 1000}, sheets: 1, err: scan.ErrTruncated},
		{name: "announced too long", faults: scantest.ESCLFaults{At: 2, Long: 1000}, sheets: 1, err: scan.ErrDeviceGone},
		{name: "TIFF ends early", faults: scantest.ESCLFaults{At: 2, Truncate: 70000}, sheets: 1, err: scan.ErrTruncated},
		{name: "PNG ends early", faults: scantest.ESCLFaults{At: 2, Truncate: 400, Lie: "image/png"}, sheets: 1, err: scan.ErrTruncated},
		{name: "JPEG ends early", faults: scantest.ESCLFaults{At: 2, Truncate: 2000, Lie: "image/jpeg"}, sheets: 1, err: scan.ErrTruncated},
		{name: "nothing", faults: scantest.ESCLFaults{At: 2, Body: []byte{}}, sheets: 1, err: scan.ErrTruncated},
		{name: "a web page", faults: scantest.ESCLFaults{At: 2, Body: []byte("<html>Sorry</html>"), Called: "text/html"}, sheets: 1, err: scan.ErrNotImage},
		{name: "a PDF", faults: scantest.ESCLFaults{At: 2, Lie: "application/pdf"}, sheets: 1, err: scan.ErrUnsupported},
		{name: "a JPEG called a TIFF", faults: scantest.ESCLFaults{At: 2, Lie: "image/jpeg"}, sheets: 3, live: true},
		{name: "a PNG called a TIFF", faults: scantest.ESCLFaults{At: 2, Lie: "image/png"}, sheets: 3, live: true},
		{name: "too large", faults: scantest.ESCLFaults{At: 2, Body: make([]byte, 2<<20)}, sheets: 1, err: scan.ErrTooLarge},
		{name: "job elsewhere", change: func(v *scantest.ESCL) { v.Location = "http://localhost/eSCL/ScanJobs/%s" }, sheets: 3, live: true},
		{name: "job by its name", change: func(v *scantest.ESCL) { v.Location = "%s" }, sheets: 3, live: true},
		{name: "no address of the job", change: func(v *scantest.ESCL) { v.Location = " " }, err: errProtocol, live: true},
		{name: "a resolution that it has not", ticket: scan.Ticket{DPI: 301}, err: scan.ErrOption, words: "75, 100, 300, 600", live: true},
		{name: "a source that it has not", change: func(v *scantest.ESCL) { v.Duplex = false }, ticket: scan.Ticket{Source: "duplex"}, err: scan.ErrOption, words: "Platen, ADF", live: true},
		{name: "a depth that it has not", ticket: scan.Ticket{Mode: "color", Depth: 1}, err: scan.ErrOption, words: "BlackAndWhite1, Grayscale8", live: true},
		{name: "an option that it has not", ticket: scan.Ticket{Options: []scan.Setting{{Name: "lamp", Value: "yes"}}}, err: scan.ErrOption, words: "lamp", live: true},
		{name: "an adjustment out of range", ticket: scan.Ticket{Options: []scan.Setting{{Name: "brightness", Value: "9999"}}}, err: scan.ErrOption, words: "0 to 2000", live: true},
		{name: "an area larger than the glass", ticket: scan.Ticket{Source: "flatbed", Area: scan.Area{Width: 210, Height: 297}}, err: scan.ErrOption, words: "50.8", live: true},
	} {
		t.Run(x.name, func(t *testing.T) {
			t.Parallel()
			v := scantest.NewESCL()
			v.Faults = x.faults
			if x.change != nil {
				x.change(v)
			}
			root := v.Serve(t)
			ti := x.ticket
			ti.Device = "escl:" + root
			if ti.Source == "" {
				ti.Source = "adf"
			}
			if ti.DPI == 0 {
				ti.DPI = 75
			}
			times := swift
			times.Answer, times.Idle = 2*time.Second, time.Second
			if errors.Is(x.err, scan.ErrDeviceBusy) {
				times.Busy, times.Scan = time.Second, time.Second
			}
			dir := t.TempDir()
			k := &keeper{dir: t.TempDir()}
			err := New(Config{Dir: dir, Discover: -1, Times: times, Most: 1 << 20}).Scan(t.Context(), ti, k)
			if !errors.Is(err, x.err) || (err == nil) != (x.err == nil) || len(k.sheets) != x.sheets {
				t.Errorf("%d sheets, %v; want %d, %v\n%v", len(k.sheets), err, x.sheets, x.err, v.Requests())
			}
			if err != nil && !strings.Contains(err.Error(), x.words) {
				t.Errorf("%q does not tell %q", err, x.words)
			}
			// An image is asked for once: asked for again, it would be the next one.
			asked := 0
			for _, r := range v.Requests() {
				if strings.HasSuffix(r, "/NextDocument") {
					asked++
				}
			}
			if most := x.sheets + 1; x.faults.BusyImages == 0 && asked > most {
				t.Errorf("%d images asked for", asked)
			}
			if d := v.Deleted(); !x.live && d != 1 {
				t.Errorf("%d jobs deleted: %v", d, v.Requests())
			}
			if left, _ := os.ReadDir(dir); len(left) > 0 {
				t.Errorf("left behind: %v", left)
			}
			for i, name := range k.files {
				if k.sheets[i].Format == scan.TIFF {
					same(t, name, i+1, "RGB24", image.Rect(0, 0, 150, 225))
				}
			}
			for _, s := range k.sheets {
				if x.faults.Lie != "" && s.Origin.Capture.Sheet == 2 && !strings.Contains(s.Origin.Note, "image/tiff was asked for, "+x.faults.Lie+" came") {
					t.Errorf("note %q", s.Origin.Note)
				}
			}
		})
	}
}

// A device that is not there is told so.
func TestGone(t *testing.T) {
	v := scantest.NewESCL()
	var root string
	t.Run("serve", func(t *testing.T) { root = v.Serve(t) }) // and switch off
	s := source(t, Config{Devices: []string{root}, Times: Times{Wake: 300 * time.Millisecond}})
	if _, err := scanned(t, s, scan.Ticket{Device: "escl:" + root}); !errors.Is(err, scan.ErrDeviceGone) {
		t.Error(err)
	}
	// It is awake and refuses: nobody waits for that as long as for one that sleeps.
	patient := source(t, Config{Devices: []string{root}, Times: Times{Wake: time.Hour}})
	if _, err := scanned(t, patient, scan.Ticket{Device: "escl:" + root}); !errors.Is(err, scan.ErrDeviceGone) || !strings.Contains(err.Error(), "refused") {
		t.Error(err)
	}
	for d, err := range s.Devices(t.Context()) {
		if err != nil || d.ID != "escl:"+root || !strings.Contains(d.Note, "does not answer") {
			t.Errorf("%+v, %v", d, err)
		}
	}
	for _, id := range []string{"folder", "escl:", "escl:ftp://x/", "escl:http:///eSCL", "escl:http://u:p@h/", "escl:http://h/?x", "escl:h\x00"} {
		if _, err := scanned(t, s, scan.Ticket{Device: id}); !errors.Is(err, scan.ErrNoDevice) {
			t.Errorf("%q: %v", id, err)
		}
	}
}

// A cancel ends the scan wherever it is, and the job with it. The bound that is
// promised is half a second; that no wait outlives the cancel is what is checked.
func TestCancel(t *testing.T) {
	for _, x := range []struct {
		name    string
		faults  scantest.ESCLFaults
		deleted int
	}{
		{"in the middle of an image", scantest.ESCLFaults{At: 1, Stall: 5000}, 1},
		{"while it is not ready", scantest.ESCLFaults{BusyImages: 1 << 30, RetryAfter: "3600"}, 1},
		{"while it is busy", scantest.ESCLFaults{BusyJobs: 1 << 30, RetryAfter: "3600"}, 0},
		{"while it sleeps", scantest.ESCLFaults{Asleep: 1 << 30}, 0},
	} {
		t.Run(x.name, func(t *testing.T) {
			v := scantest.NewESCL()
			v.Faults = x.faults
			root := v.Serve(t)
			long := time.Hour
			s := source(t, Config{Times: Times{long, long, long, long, long}})
			ctx, cancel := context.WithCancel(t.Context())
			done := make(chan error)
			k := &keeper{dir: t.TempDir()}
			go func() { done <- s.Scan(ctx, scan.Ticket{Device: "escl:" + root, Source: "adf"}, k) }()
			until := func(what string) {
				for !slices.ContainsFunc(v.Requests(), func(r string) bool { return strings.Contains(r, what) }) {
					time.Sleep(time.Millisecond)
				}
			}
			switch {
			case x.faults.Asleep > 0:
				until("(asleep)")
			case x.faults.BusyJobs > 0:
				until("POST")
			default:
				until("NextDocument")
			}
			time.Sleep(20 * time.Millisecond)
			begun := time.Now()
			cancel()
			if err := <-done; !errors.Is(err, context.Canceled) {
				t.Error(err)
			}
			t.Logf("returned after %v", time.Since(begun).Round(time.Millisecond))
			if len(k.sheets) != 0 || v.Deleted() != x.deleted {
				t.Errorf("%d sheets, %d jobs deleted", len(k.sheets), v.Deleted())
			}
		})
	}
}
