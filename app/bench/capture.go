package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"recto/app/workbench"
	"recto/scan"
)

// capture measures scanning from SANE's test device beside scanimage --batch,
// followed by what it leaves to its user: fsync, SHA-256 and SHA-512 of each file.
func capture(bin, out string) error {
	if found, _ := filepath.Glob("/usr/lib/*/sane/libsane-test.so*"); len(found) == 0 {
		fmt.Print("SKIPPED: SANE's test device is not installed; capture is not measured\n\n")
		return nil
	}
	conf := filepath.Join(out, "sane")
	if err := os.MkdirAll(conf, 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(conf, "dll.conf"), []byte("test\n"), 0o644); err != nil {
		return err
	}
	os.Setenv("SANE_CONFIG_DIR", conf)

	const rounds, feeder = 6, 10 // the device's feeder holds ten sheets
	archive := filepath.Join(out, "capture")
	if err := workbench.Init(context.Background(), archive); err != nil {
		return err
	}
	var ours, theirs figures
	var ratios []float64
	for round := range rounds { // in turns, so that a busy moment meets both
		a, err := timed(&theirs, func() ([]*exec.Cmd, error) { return scanimage(filepath.Join(out, fmt.Sprint("batch-", round)), feeder) })
		if err != nil {
			return err
		}
		b, err := timed(&ours, func() ([]*exec.Cmd, error) {
			cmd := exec.Command(bin, "scan", "--archive", archive, "--device", "sane:test:0", "--batch", fmt.Sprint("Bench ", round), "--source", "adf",
				"--mode", "color", "--resolution", "300", "--area", "0,0,200,200", "--option", "test-picture=Color pattern")
			return []*exec.Cmd{cmd}, cmd.Run()
		})
		if err != nil {
			return err
		}
		if round > 0 { // the first warms the disk's cache for both
			ratios = append(ratios, a/b)
		}
	}
	slices.Sort(ratios)
	fmt.Println("| capture, 300 dpi colour, 200 x 200 mm | sheets/min | CPU s/sheet |")
	fmt.Println("|---|---|---|")
	for _, f := range []figures{theirs, ours} {
		n := float64(rounds * feeder)
		fmt.Printf("| %s | %.0f | %.3f |\n", f.name, n/f.wall*60, f.cpu/n)
	}
	fmt.Printf("\nSheets a minute of Recto to those of scanimage, median of %d pairs: %.2f (%.2f to %.2f)\n\n", len(ratios), ratios[len(ratios)/2], ratios[0], ratios[len(ratios)-1])
	return latency(bin, filepath.Join(out, "latency"))
}

// timed adds what commands took to f and gives the seconds of this round.
func timed(f *figures, run func() ([]*exec.Cmd, error)) (float64, error) {
	began := time.Now()
	all, err := run()
	took := time.Since(began).Seconds()
	f.wall += took
	for _, c := range all {
		f.usage(c.ProcessState)
		if f.name == "" {
			f.name = strings.Join([]string{filepath.Base(c.Path), c.Args[1]}, " ")
		}
	}
	return took, err
}

// scanimage scans a batch and makes it as safe and as provable as Recto does.
func scanimage(dir string, sheets int) (all []*exec.Cmd, err error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	run := func(name string, args ...string) {
		if err != nil {
			return
		}
		c := exec.Command(name, args...)
		c.Dir = dir
		all = append(all, c)
		var said []byte
		if said, err = c.CombinedOutput(); err != nil && name == "scanimage" && strings.Contains(string(said), "feeder out of documents") {
			err = nil // which is how its batches end
		} else if err != nil {
			err = fmt.Errorf("%s: %w\n%s", name, err, said)
		}
	}
	run("scanimage", "--batch=%d.tif", "--format=tiff", "-d", "test:0", "--source", "Automatic Document Feeder", "--mode", "Color",
		"--resolution", "300", "-l", "0", "-t", "0", "-x", "200", "-y", "200", "--test-picture", "Color pattern")
	for i := range sheets {
		file := fmt.Sprintf("%d.tif", i+1)
		for _, tool := range []string{"sync", "sha256sum", "sha512sum"} {
			run(tool, file)
		}
	}
	return all, err
}

// latency measures, in this process, how long after its last byte a sheet is safe
// and may be shown.
func latency(bin, archive string) error {
	ctx := context.Background()
	if err := workbench.Init(ctx, archive); err != nil {
		return err
	}
	w, err := workbench.Open(ctx, archive, workbench.Options{Jobs: *jobs, Program: bin})
	if err != nil {
		return err
	}
	defer w.Close()
	name := "Latency"
	b, err := w.CreateBatch(ctx, workbench.BatchRequest{Name: &name})
	if err != nil {
		return err
	}
	var durable, visible, synced []time.Duration
	for range 20 {
		// Slow enough that a sheet does not wait for the one before it.
		_, err := w.Capture(ctx, workbench.CaptureRequest{Batch: b.ID, Profile: "-", Ticket: scan.Ticket{
			Device: "sane:test:0", Source: "adf", Mode: "color", DPI: 300, Area: scan.Area{Width: 200, Height: 200},
			Options: []scan.Setting{{Name: "read-delay", Value: "yes"}, {Name: "read-delay-duration", Value: "1000"}},
		}, Timed: func(m workbench.Moments) {
			durable = append(durable, m.Durable.Sub(m.Ended))
			visible = append(visible, m.Visible.Sub(m.Ended))
			synced = append(synced, m.Synced)
		}}, nil)
		if err != nil {
			return err
		}
	}
	at := func(d []time.Duration, share float64) float64 {
		d = slices.Clone(d)
		slices.Sort(d)
		return float64(d[min(len(d)-1, int(share*float64(len(d))))].Microseconds()) / 1000
	}
	fmt.Printf("| from the last byte of a sheet (%d sheets, 16 MB) | p50 ms | p99 ms |\n|---|---|---|\n", len(durable))
	for _, row := range []struct {
		what string
		d    []time.Duration
	}{{"durable", durable}, {"of it waiting for the disk (fsync)", synced}, {"visible", visible}} {
		fmt.Printf("| %s | %.1f | %.1f |\n", row.what, at(row.d, 0.5), at(row.d, 0.99))
	}
	fmt.Println()
	return nil
}
