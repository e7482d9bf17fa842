package main

import (
	"bytes"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestCancelSoon presses Ctrl-C at random moments while big pages are read, and reports how
// long it takes to leave (to be within half a second on a machine that is not busy; a test
// cannot ask for that). Each time all that was told is kept, no worker is left behind, and
// in the end the next process reads what is left.
func TestCancelSoon(t *testing.T) {
	tries, seed := 8, uint64(1905)
	if testing.Short() {
		tries = 3
	}
	if os.Getenv("RECTO_SOAK") != "" {
		tries, seed = 200, uint64(time.Now().UnixNano())
	}
	r := rand.New(rand.NewPCG(seed, 5))
	var pages []string
	for _, name := range []string{"newspaper-ocr/american_eagle_1905-12-17_p1.jpg", "gbn-newspapers/DerPionier_18880121-p02.png", "tapuscorpus/journal_10763.jpg"} {
		pages = append(pages, filepath.Join(shared(t, "scans"), name))
	}
	dir := t.TempDir()
	archive := filepath.Join(dir, "a")
	recto(t, "init", archive).want(t, 0)
	recto(t, append([]string{"import", "--archive", archive, "--batch", "B"}, pages...)...).want(t, 0)
	var took []time.Duration
	done := 0
	for n := range tries {
		at := time.Duration(r.Float64() * float64(4*time.Second))
		cmd := exec.Command(program, "process", "--archive", archive, "--jobs", "2", "--json")
		var out, said bytes.Buffer
		cmd.Stdout, cmd.Stderr = &out, &said
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(at)
		began := time.Now()
		if err := cmd.Process.Signal(syscall.SIGINT); err != nil {
			t.Fatalf("try %d: it had ended before, %v", n, err)
		}
		_ = cmd.Wait() // its exit code says it
		t.Logf("after %v: left within %v", at.Round(time.Millisecond), time.Since(began).Round(time.Millisecond))
		took = append(took, time.Since(began))
		if s, _ := cmd.ProcessState.Sys().(syscall.WaitStatus); cmd.ProcessState.ExitCode() != 130 && !(s.Signaled() && s.Signal() == syscall.SIGINT) {
			t.Fatalf("try %d: exit code %d", n, cmd.ProcessState.ExitCode())
		}
		// It is no fault, and what it says is no programmer's word.
		if all := out.String() + said.String(); strings.Contains(all, "context") || strings.Contains(all, "FAILED") {
			t.Errorf("try %d: %s", n, all)
		}
		orphans(t, cmd.Process.Pid, archive)
		now := states(t, archive)
		if now["failed"] > 0 || now["done"] < done || now["done"]+now["new"] != len(pages) {
			t.Fatalf("try %d: the pages are %v, %d were read before", n, now, done)
		}
		if done = now["done"]; done == len(pages) {
			t.Log("all are read: nothing is left to cancel")
			break
		}
	}
	slices.Sort(took)
	t.Logf("%d tries, seed %d: median %v, slowest %v", len(took), seed, took[len(took)/2].Round(time.Millisecond), took[len(took)-1].Round(time.Millisecond))
	if left, _ := filepath.Glob(filepath.Join(archive, "tmp", "*")); len(left) > 0 {
		t.Errorf("left in tmp: %v", left)
	}
	recto(t, "verify", "--archive", archive).want(t, 0)
	recto(t, "process", "--archive", archive).want(t, 0)
	if now := states(t, archive); now["done"] != len(pages) {
		t.Errorf("in the end the pages are %v", now)
	}
}
