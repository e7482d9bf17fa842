package sane

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"io"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/image/tiff"

	"recto/scan"
	"recto/scan/scantest"
)

// kept is a receiver that decodes what comes.
type kept struct {
	scantest.Recorder
	pictures []image.Image
}

func (k *kept) Sheet(s scan.Sheet) error {
	f, err := s.Open()
	if err != nil {
		return err
	}
	defer f.Close()
	data, err := io.ReadAll(f)
	if err != nil {
		return err
	}
	picture, err := tiff.Decode(bytes.NewReader(data))
	if err != nil {
		return err
	}
	k.pictures = append(k.pictures, picture)
	return k.Recorder.Sheet(s)
}

// samples is a picture as 16-bit samples, one or three a pixel.
type samples struct {
	width, height, channels int
	v                       []uint16
}

func of(m image.Image, channels int) samples {
	b := m.Bounds()
	s := samples{width: b.Dx(), height: b.Dy(), channels: channels}
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			r, g, b, _ := m.At(x, y).RGBA()
			s.v = append(s.v, uint16(r))
			if channels == 3 {
				s.v = append(s.v, uint16(g), uint16(b))
			}
		}
	}
	return s
}

// scanned is what SANE's own program gets from the device with the same options.
func scanned(t *testing.T, options ...string) samples {
	t.Helper()
	var complaint bytes.Buffer
	cmd := exec.Command("scanimage", append([]string{"-d", "test:0", "--format=pnm"}, options...)...)
	cmd.Stderr = &complaint
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("scanimage %v: %v: %s", options, err, &complaint)
	}
	return portable(t, out)
}

// portable reads PBM, PGM and PPM with binary samples.
func portable(t *testing.T, b []byte) samples {
	t.Helper()
	var fields []int
	kind, rest, _ := strings.Cut(string(b), "\n")
	for len(fields) < 3 && !(kind == "P4" && len(fields) == 2) {
		var line string
		if line, rest, _ = strings.Cut(rest, "\n"); strings.HasPrefix(line, "#") {
			continue
		}
		for _, f := range strings.Fields(line) {
			n, err := strconv.Atoi(f)
			if err != nil {
				t.Fatalf("scanimage wrote %q", line)
			}
			fields = append(fields, n)
		}
	}
	s := samples{width: fields[0], height: fields[1], channels: 1}
	data := []byte(rest)
	if kind == "P4" {
		stride := (s.width + 7) / 8
		for y := range s.height {
			for x := range s.width {
				v := uint16(0xffff)
				if data[y*stride+x/8]<<(x%8)&0x80 != 0 {
					v = 0
				}
				s.v = append(s.v, v)
			}
		}
		return s
	}
	if kind == "P6" {
		s.channels = 3
	}
	for i := range s.width * s.height * s.channels {
		if fields[2] > 255 {
			s.v = append(s.v, uint16(data[2*i])<<8|uint16(data[2*i+1]))
		} else {
			s.v = append(s.v, uint16(data[i])*257)
		}
	}
	return s
}

func differ(a, b samples) error {
	if a.width != b.width || a.height != b.height || a.channels != b.channels || len(a.v) != len(b.v) {
		return fmt.Errorf("%dx%d of %d and %dx%d of %d", a.width, a.height, a.channels, b.width, b.height, b.channels)
	}
	wrong, first := 0, -1
	for i := range a.v {
		if a.v[i] != b.v[i] {
			if wrong++; first < 0 {
				first = i
			}
		}
	}
	if wrong > 0 {
		return fmt.Errorf("%d of %d samples differ, the first at pixel %d, %d: %04x and %04x", wrong, len(a.v),
			first/a.channels%a.width, first/a.channels/a.width, a.v[first], b.v[first])
	}
	return nil
}

// TestPictures compares with SANE's own program, sample by sample.
func TestPictures(t *testing.T) {
	s := device(t, Config{})
	var cases [][]scan.Setting
	for _, picture := range []string{"Solid black", "Solid white", "Color pattern", "Grid"} {
		for _, mode := range []string{"Gray", "Color"} {
			for _, depth := range []string{"1", "8", "16"} {
				if mode == "Color" && depth == "1" {
					continue // scanimage aborts; see TestColourBits
				}
				cases = append(cases, set("mode", mode, "depth", depth, "test-picture", picture))
			}
		}
	}
	pattern := func(more ...string) {
		cases = append(cases, append(set("test-picture", "Color pattern"), set(more...)...))
	}
	for _, order := range []string{"RGB", "RBG", "GBR", "GRB", "BRG", "BGR"} {
		for _, depth := range []string{"8", "16"} {
			pattern("mode", "Color", "depth", depth, "three-pass", "yes", "three-pass-order", order)
		}
	}
	for _, mode := range []string{"Gray", "Color"} {
		pattern("mode", mode, "depth", "8", "hand-scanner", "yes")
		pattern("mode", mode, "depth", "16", "invert-endianess", "yes")
		for _, size := range []string{"1", "7", "1000", "65536"} {
			pattern("mode", mode, "depth", "16", "read-limit", "yes", "read-limit-size", size)
		}
		pattern("mode", mode, "depth", "8", "fuzzy-parameters", "yes")
		pattern("mode", mode, "depth", "8", "non-blocking", "yes")
		pattern("mode", mode, "depth", "8", "select-fd", "yes")
		pattern("mode", mode, "depth", "8", "read-delay", "yes", "read-delay-duration", "20000")
		for _, dpi := range []string{"17", "31", "75", "150"} {
			pattern("mode", mode, "depth", "8", "resolution", dpi)
		}
	}
	pattern("mode", "Gray", "depth", "1", "hand-scanner", "yes")
	pattern("mode", "Gray", "depth", "1", "resolution", "37")
	pattern("mode", "Color", "depth", "8", "hand-scanner", "yes", "three-pass", "yes", "three-pass-order", "BGR")
	for _, options := range cases {
		var arguments []string
		for _, o := range options {
			arguments = append(arguments, "--"+o.Name+"="+o.Value)
		}
		t.Run(strings.Join(arguments, " "), func(t *testing.T) {
			var k kept
			if err := s.Scan(t.Context(), scan.Ticket{Device: "sane:test:0", Options: options}, &k); err != nil {
				t.Fatal(err)
			}
			if len(k.Events) != 1 || len(k.pictures) != 1 {
				t.Fatalf("%d events", len(k.Events))
			}
			if strings.Contains(strings.Join(arguments, " "), "--depth=16 --three-pass=yes") { // scanimage aborts; in one pass the colours are the same
				arguments = slices.DeleteFunc(arguments, func(a string) bool { return strings.HasPrefix(a, "--three-pass") })
			}
			want := scanned(t, arguments...)
			if err := differ(of(k.pictures[0], want.channels), want); err != nil {
				t.Error(err)
			}
			for _, o := range options {
				if !contains(k.Events[0].Sheet.Origin.Capture.Options, o) {
					t.Errorf("the capture does not say %v", o)
				}
			}
		})
	}
}

func contains(all []scan.Setting, one scan.Setting) bool {
	for _, s := range all {
		if s == one {
			return true
		}
	}
	return false
}

// TestArea: millimetres and the usual words, against the program's own options.
func TestArea(t *testing.T) {
	s := device(t, Config{})
	var k kept
	ticket := scan.Ticket{
		Device: "sane:test:0", Source: "flatbed", Mode: "color", Depth: 16, DPI: 60, Area: scan.Area{X: 10, Y: 20, Width: 33, Height: 44},
		Options: set("test-picture", "Grid"),
	}
	if err := s.Scan(t.Context(), ticket, &k); err != nil {
		t.Fatal(err)
	}
	want := scanned(t, "--mode=Color", "--depth=16", "--resolution=60", "--test-picture=Grid", "-l", "10", "-t", "20", "-x", "33", "-y", "44")
	if err := differ(of(k.pictures[0], 3), want); err != nil {
		t.Error(err)
	}
	sheet := k.Events[0].Sheet
	if sheet.DPI != 60 || sheet.Pixels != image.Pt(want.width, want.height) {
		t.Errorf("%v pixels at %g dpi", sheet.Pixels, sheet.DPI)
	}
}

// TestLineart: this device has bilevel as a depth and not as a mode.
func TestLineart(t *testing.T) {
	s := device(t, Config{})
	var k kept
	if err := s.Scan(t.Context(), scan.Ticket{Device: "sane:test:0", Mode: "lineart", DPI: 50, Options: set("test-picture", "Grid")}, &k); err != nil {
		t.Fatal(err)
	}
	if err := differ(of(k.pictures[0], 1), scanned(t, "--mode=Gray", "--depth=1", "--resolution=50", "--test-picture=Grid")); err != nil {
		t.Error(err)
	}
	if err := s.Scan(t.Context(), scan.Ticket{Device: "sane:test:0", Mode: "lineart", Depth: 8}, &k); !errors.Is(err, scan.ErrOption) {
		t.Errorf("lineart of 8 bits: %v", err)
	}
}

// TestPaddedRows: a device whose rows are longer than their pixels. scanimage does not
// take the rest off, so its picture without the loss is cut.
func TestPaddedRows(t *testing.T) {
	s := device(t, Config{})
	for _, mode := range []string{"Gray", "Color"} {
		for _, depth := range []string{"1", "8", "16"} {
			if mode == "Color" && depth == "1" {
				continue
			}
			var k kept
			options := set("mode", mode, "depth", depth, "test-picture", "Color pattern")
			if err := s.Scan(t.Context(), scan.Ticket{Device: "sane:test:0", Options: append(options, set("ppl-loss", "5")...)}, &k); err != nil {
				t.Fatal(err)
			}
			full := scanned(t, "--mode="+mode, "--depth="+depth, "--test-picture=Color pattern")
			want := samples{width: full.width - 5, height: full.height, channels: full.channels}
			for y := range full.height {
				row := full.v[y*full.width*full.channels:]
				want.v = append(want.v, row[:want.width*full.channels]...)
			}
			if err := differ(of(k.pictures[0], want.channels), want); err != nil {
				t.Errorf("%s %s: %v", mode, depth, err)
			}
		}
	}
}

// TestColourBits: a bit a colour, in one pass and in three, is kept as 8. No other
// program at hand takes these; that a set bit is light is the standard's (3.2.1).
func TestColourBits(t *testing.T) {
	s := device(t, Config{})
	for _, three := range []string{"no", "yes"} {
		for picture, want := range map[string]uint16{"Solid black": 0, "Solid white": 0xffff} {
			var k kept
			options := set("mode", "Color", "depth", "1", "three-pass", three, "test-picture", picture, "resolution", "33")
			if err := s.Scan(t.Context(), scan.Ticket{Device: "sane:test:0", Options: options}, &k); err != nil {
				t.Fatal(err)
			}
			for i, v := range of(k.pictures[0], 3).v {
				if v != want {
					t.Fatalf("%s, three passes: %s: sample %d is %04x", picture, three, i, v)
				}
			}
		}
	}
	// And the bits of a row lie as the standard says.
	l, err := parameters{format: frameRGB, stride: 6, width: 9, depth: 1}.layout()
	if err != nil {
		t.Fatal(err)
	}
	got := l.convert([]byte{0b10000001, 0b01000000, 0, 0b10000000, 0, 0b10000000}, nil)
	want := []byte{255, 0, 0, 0, 255, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 0, 0, 255, 0, 255}
	if !bytes.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

// TestFeeder: ten sheets, and the end is no error.
func TestFeeder(t *testing.T) {
	s := device(t, Config{})
	for _, mode := range []string{"gray", "color"} {
		for _, three := range []string{"no", "yes"} {
			options := []scan.Setting(nil)
			if mode == "color" {
				options = set("three-pass", three)
			}
			var r scantest.Recorder
			if err := s.Scan(t.Context(), scan.Ticket{Device: "sane:test:0", Source: "ADF", Mode: mode, DPI: 20, Options: options}, &r); err != nil {
				t.Fatal(err)
			}
			if len(r.Events) != 10 {
				t.Fatalf("%d events of 10 sheets", len(r.Events))
			}
			run := r.Events[0].Sheet.Origin.Capture.Run
			for i, e := range r.Events {
				c := e.Sheet.Origin.Capture
				if c.Sheet != i+1 || c.Run != run || len(run) != 36 || c.Side != "" || c.Begun.IsZero() || c.Ended.Before(c.Begun) ||
					c.Device.ID != "sane:test:0" || c.Device.Vendor != "Noname" || !strings.HasPrefix(c.Driver, "SANE 1.") || !strings.HasSuffix(c.Driver, ", backend test") {
					t.Errorf("sheet %d: %+v", i+1, c)
				}
			}
		}
	}
	var r scantest.Recorder
	if err := s.Scan(t.Context(), scan.Ticket{Device: "sane:test:0", Source: "adf", DPI: 20, Sheets: 12}, &r); err != nil || len(r.Events) != 10 {
		t.Errorf("12 sheets wanted of 10: %d, %v", len(r.Events), err)
	}
	r = scantest.Recorder{}
	if err := s.Scan(t.Context(), scan.Ticket{Device: "sane:test:0", DPI: 20, Sheets: 3}, &r); err != nil || len(r.Events) != 3 {
		t.Errorf("3 sheets wanted of a flatbed: %d, %v", len(r.Events), err)
	}
}

// TestPreview is quick where the ticket does not say how fine.
func TestPreview(t *testing.T) {
	s := device(t, Config{}, "resolution 600.0")
	var r scantest.Recorder
	if err := s.Scan(t.Context(), scan.Ticket{Device: "sane:test:0", Preview: true}, &r); err != nil {
		t.Fatal(err)
	}
	if dpi := r.Events[0].Sheet.DPI; dpi != previewDPI {
		t.Errorf("%g dpi", dpi)
	}
}
