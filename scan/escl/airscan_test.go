package escl

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	_ "image/jpeg"
	_ "image/png"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	_ "golang.org/x/image/tiff"

	"recto/scan/scantest"
)

// airscan scans from a virtual scanner with a client that nobody here wrote: Debian's
// sane-airscan, through scanimage.
func airscan(t *testing.T, root string, arguments ...string) []string {
	t.Helper()
	missing := func(what string) {
		if os.Getenv("CI") == "true" {
			t.Fatalf("%s is missing: apt-get install sane-utils sane-airscan", what)
		}
		t.Skipf("%s is not here: the virtual scanner is not proved by sane-airscan", what)
	}
	tool, err := exec.LookPath("scanimage")
	if err != nil {
		missing("scanimage")
	}
	if found, _ := filepath.Glob("/usr/lib/*/sane/libsane-airscan.so*"); len(found) == 0 {
		missing("sane-airscan")
	}
	conf, out := t.TempDir(), t.TempDir()
	for name, content := range map[string]string{
		"dll.conf":     "airscan\n",
		"airscan.conf": fmt.Sprintf("[devices]\n\"Virtual\" = %s, eSCL\n[options]\ndiscovery = disable\n", root),
	} {
		if err := os.WriteFile(filepath.Join(conf, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	run := func(arguments ...string) string {
		cmd := exec.Command(tool, arguments...)
		cmd.Env = append(os.Environ(), "SANE_CONFIG_DIR="+conf, "HOME="+conf)
		var said bytes.Buffer
		cmd.Stderr = &said
		b, err := cmd.Output()
		if err != nil && !strings.Contains(said.String(), "out of documents") {
			t.Fatalf("scanimage %s: %v\n%s", strings.Join(arguments, " "), err, &said)
		}
		return string(b)
	}
	device, _, _ := strings.Cut(run("-f", "%d%n"), "\n")
	if !strings.HasPrefix(device, "airscan:") {
		t.Fatalf("sane-airscan does not find the virtual scanner: %q", device)
	}
	run(append([]string{"-d", device, "--format=png", "--batch=" + filepath.Join(out, "%03d.png")}, arguments...)...)
	files, _ := filepath.Glob(filepath.Join(out, "*.png"))
	slices.Sort(files)
	return files
}

// The virtual scanner is faithful: a real client gets from it, pixel for pixel, what
// it saw. sane-airscan 0.99.27 takes PNG and JPEG, and prefers the first; it takes no
// TIFF.
func TestAirscan(t *testing.T) {
	for _, x := range []struct {
		name, source, mode string
		images             int
		change             func(*scantest.ESCL)
		inexact            int // what JPEG may change a sample by
	}{
		{name: "flatbed", source: "Flatbed", mode: "Color", images: 1},
		{name: "grey", source: "Flatbed", mode: "Gray", images: 1},
		{name: "feeder", source: "ADF", mode: "Color", images: 3},
		{name: "duplex", source: "ADF Duplex", mode: "Gray", images: 6},
		{name: "png", source: "ADF", mode: "Color", images: 3, change: func(v *scantest.ESCL) { v.Formats = []string{"image/png"} }},
		{name: "jpeg", source: "Flatbed", mode: "Color", images: 1, change: func(v *scantest.ESCL) { v.Formats = []string{"image/jpeg"} }, inexact: 24},
		{name: "not ready", source: "ADF", mode: "Gray", images: 3, change: func(v *scantest.ESCL) { v.Faults.BusyJobs, v.Faults.BusyImages = 1, 1 }},
	} {
		t.Run(x.name, func(t *testing.T) {
			v := scantest.NewESCL()
			v.Formats = []string{"image/png", "image/jpeg", "image/tiff"}
			if x.change != nil {
				x.change(v)
			}
			batch := []string{"--source", x.source, "--mode", x.mode, "--resolution", "100"}
			if x.source == "Flatbed" {
				batch = append(batch, "--batch-count=1")
			}
			files := airscan(t, v.Serve(t), batch...)
			if len(files) != x.images {
				t.Fatalf("%d images, want %d\n%s", len(files), x.images, strings.Join(v.Requests(), "\n"))
			}
			for n, name := range files {
				f, err := os.Open(name)
				if err != nil {
					t.Fatal(err)
				}
				defer f.Close()
				m, _, err := image.Decode(f)
				if err != nil {
					t.Fatal(err)
				}
				if m.Bounds().Size() != image.Pt(200, 300) {
					t.Fatalf("image %d: %v", n+1, m.Bounds())
				}
				wrong, channels := 0, map[string]int{"Color": 3, "Gray": 1}[x.mode]
				for y := range 300 {
					for px := range 200 {
						got := color.RGBAModel.Convert(m.At(px, y)).(color.RGBA)
						for c, b := range []byte{got.R, got.G, got.B}[:channels] {
							if d := int(b) - int(scantest.ESCLSample(n+1, px, y, c)>>8); max(d, -d) > x.inexact {
								wrong++
							}
						}
					}
				}
				if wrong > 0 {
					t.Errorf("image %d: %d samples differ", n+1, wrong)
				}
			}
		})
	}
}
