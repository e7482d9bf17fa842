package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// smallDisk mounts a disk of so many bytes.
func smallDisk(t *testing.T, size string) string {
	t.Helper()
	if os.Geteuid() != 0 {
		lacking(t, "root (to mount a small disk)")
	}
	disk := t.TempDir()
	if out, err := exec.Command("mount", "-t", "tmpfs", "-o", "size="+size, "tmpfs", disk).CombinedOutput(); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatalf("no small disk can be mounted: %s", out)
		}
		t.Skipf("SKIPPED: this machine does not let us mount a small disk: %s", out)
	}
	t.Cleanup(func() { exec.Command("umount", "-l", disk).Run() })
	return disk
}

// TestTwoDisks goes the whole line with the masters on another disk, which is full
// first, then cannot be written to, then is not there, and then is.
func TestTwoDisks(t *testing.T) {
	home, away := smallDisk(t, "64m"), smallDisk(t, "600k")
	archive, masters := filepath.Join(home, "archive"), filepath.Join(away, "masters")
	recto(t, "init", "--archive", archive, "--masters", masters).want(t, 0)
	args := []string{"digitise", "--archive", archive, "--title", "Two disks", sample("letter-1.jpg"), sample("letter-10.jpg"), sample("letter-2-verso.jpg"), sample("spread.jpg"), sample("title.png")}
	failure := func(a answer) (reason, remedy string) {
		t.Helper()
		all := a.list(t, "failures")
		last := all[len(all)-1].(map[string]any)
		return last["reason"].(string), last["remedy"].(string)
	}
	reason, remedy := failure(recto(t, args...).want(t, 1))
	if !strings.Contains(reason, "the disk is full") || !strings.Contains(reason, masters) || !strings.Contains(reason, "must be freed") || !strings.Contains(remedy, "Free some space") {
		t.Errorf("full: %s\n%s", reason, remedy)
	}
	recto(t, "verify", "--archive", archive).want(t, 0)

	remount := func(options string) {
		t.Helper()
		if out, err := exec.Command("mount", "-o", "remount,"+options, away).CombinedOutput(); err != nil {
			t.Fatalf("remount: %v %s", err, out)
		}
	}
	remount("size=64m,ro")
	if reason, _ := failure(recto(t, args...).want(t, 1)); !strings.Contains(reason, "cannot be written") {
		t.Errorf("read-only: %s", reason)
	}
	recto(t, "verify", "--archive", archive).want(t, 0)
	remount("size=64m,rw")
	if b := recto(t, args...).want(t, 0); len(b.list(t, "document.pages")) != 6 || b.text(t, "document.state") != "complete" {
		t.Errorf("with room: %s", b.stdout)
	}
	recto(t, "rebuild", "--archive", archive).want(t, 0)
	recto(t, "verify", "--archive", archive).want(t, 0)
	recto(t, "export", "--archive", archive, "--format", "bagit", "--to", filepath.Join(home, "out"), "Two disks").want(t, 0)
	recto(t, "verify", filepath.Join(home, "out", "Two disks")).want(t, 0)
	if strange, _ := filepath.Glob(filepath.Join(masters, "tmp", "*")); strange != nil {
		t.Errorf("unfinished files stay: %q", strange)
	}

	if out, err := exec.Command("umount", away).CombinedOutput(); err != nil {
		t.Fatalf("umount: %v %s", err, out)
	}
	verify := recto(t, "verify", "--archive", archive).want(t, 1)
	if !strings.Contains(verify.text(t, "findings.0.message"), "is not there") || !strings.Contains(verify.text(t, "findings.0.remedy"), "Connect the disk") || len(verify.list(t, "findings")) != 1 {
		t.Errorf("verify without the disk: %s", verify.stdout)
	}
	for _, verb := range [][]string{args, {"rebuild", "--archive", archive}} {
		if reason, remedy := failure(recto(t, verb...).want(t, 1)); !strings.Contains(reason, masters) || !strings.Contains(reason, "is not there") || !strings.Contains(remedy, "Connect the disk") {
			t.Errorf("%s without the disk: %s\n%s", verb[0], reason, remedy)
		}
	}
	if hits := recto(t, "search", "--archive", archive, "lupins").want(t, 0); hits.at(t, "total").(float64) == 0 {
		t.Error(hits.stdout)
	}
	if left, _ := os.ReadDir(away); len(left) > 0 {
		t.Errorf("where the disk was there is now %v", left)
	}
}

// A feeder stops before a sheet goes through that there is no room for, and says how
// much room is wanted.
func TestFeederStopsInTime(t *testing.T) {
	s := newScanner(t)
	for _, size := range []string{"12m", "13m", "14m"} {
		away := smallDisk(t, size)
		s.archive = filepath.Join(t.TempDir(), "archive")
		recto(t, "init", "--archive", s.archive, "--masters", filepath.Join(away, "masters")).want(t, 0)
		a := s.scan(1, "--source", "adf", "--mode", "Color", "--resolution", "200", "--area", "0,0,80,100")
		if n := len(a.list(t, "pages")); n < 4 || n > 9 {
			t.Errorf("%s: %d sheets", size, n)
		}
		for _, f := range a.list(t, "failures") {
			reason := f.(map[string]any)["reason"].(string)
			if strings.Contains(reason, "will not be kept") || !strings.Contains(reason, "must be freed") {
				t.Errorf("%s: %s", size, reason)
			}
		}
		recto(t, "verify", "--archive", s.archive).want(t, 0)
	}
}
