package main

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestKill kills import and process at random moments (SIGKILL, the parent only:
// its workers must notice by themselves). After each kill the archive must open,
// verify as valid and hold every page that was told, with the bytes of its source;
// and running the same command again must finish the work.
//
// A seeded slice runs by default; RECTO_SOAK=1 kills 200 times.
func TestKill(t *testing.T) {
	kills, seed := 12, uint64(1912)
	if os.Getenv("RECTO_SOAK") != "" {
		kills, seed = 200, uint64(time.Now().UnixNano())
	}
	if testing.Short() {
		kills = 3
	}
	t.Logf("%d kills, seed %d", kills, seed)
	r := rand.New(rand.NewPCG(seed, 7))
	sources := killSources(t)
	hashes := map[string]bool{}
	for _, s := range sources {
		b, err := os.ReadFile(s)
		if err != nil {
			t.Fatal(err)
		}
		sum := sha256.Sum256(b)
		hashes[hex.EncodeToString(sum[:])] = true
	}
	dir := t.TempDir()
	k := &killed{t: t, archive: filepath.Join(dir, "archive-0"), told: map[string]bool{}, hashes: hashes, batch: "Killed"}
	round := 0
	fresh := func() {
		round++
		k.archive, k.told = filepath.Join(dir, fmt.Sprintf("archive-%d", round)), map[string]bool{}
	}
	whole := 0
	for n := 0; n-whole < kills; n++ { // runs that end before their kill do not count
		args := append([]string{"digitise", "--archive", k.archive, "--title", "Killed", "--jobs", "2"}, sources...)
		// Half of the kills come early, where import is, the others anywhere.
		wait := time.Duration(r.Float64() * float64(300*time.Millisecond))
		if n%2 == 1 {
			wait = time.Duration(r.Float64() * float64(12*time.Second))
		}
		done := k.run(wait, args)
		k.check(n)
		if done {
			whole++
			os.RemoveAll(k.archive)
			fresh()
		}
	}
	// Running again finishes the work.
	a := recto(t, append([]string{"digitise", "--archive", k.archive, "--title", "Killed", "--jobs", "2"}, sources...)...).want(t, 0)
	if got := len(a.list(t, "document.pages")); got != len(sources) {
		t.Fatalf("%d pages of %d after all the kills", got, len(sources))
	}
	for i, p := range a.list(t, "document.pages") { // in the order given
		if src := p.(map[string]any)["source"]; src != sources[i] {
			t.Errorf("page %d is of %v, want %s", i+1, src, sources[i])
		}
	}
	k.check(kills)
	t.Logf("%d kills, and %d runs that ended before theirs", kills, whole)
}

// killSources are real scans where they lie beside the checkout, else our samples.
func killSources(t *testing.T) []string {
	var out []string
	for _, name := range []string{"naps2/ocr_test.jpg", "naps2/blank2.jpg", "memorials/Lettre54.jpg", "leptonica/lucasta.150.jpg", "tesseract/phototest.tif", "nubis/m38p_1902_1.jpg"} {
		p := filepath.Join(root, "..", "shared", "scans", name)
		if _, err := os.Stat(p); err == nil {
			out = append(out, p)
		}
	}
	if len(out) == 0 {
		if os.Getenv("CI") != "" {
			t.Fatal("the real scans are missing")
		}
		t.Log("SKIPPED the real scans: not there; killing on samples")
		for _, name := range []string{"letter-1.jpg", "letter-2-verso.jpg", "letter-10.jpg", "title.png"} {
			out = append(out, sample(name))
		}
	}
	return out
}

type killed struct {
	t       *testing.T
	archive string
	told    map[string]bool
	hashes  map[string]bool // that a page can have; nil: any
	batch   string
	env     []string
}

// run starts the program, kills it after wait and remembers which pages it told
// of. It reports whether the program had ended by itself.
func (k *killed) run(wait time.Duration, args []string) bool {
	cmd := exec.Command(program, args...)
	cmd.Env = append(os.Environ(), k.env...)
	errs, err := cmd.StderrPipe()
	if err != nil {
		k.t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		k.t.Fatal(err)
	}
	timer := time.AfterFunc(wait, func() { cmd.Process.Kill() })
	defer timer.Stop()
	lines := bufio.NewScanner(errs)
	for lines.Scan() {
		if f := strings.Fields(lines.Text()); len(f) > 1 && (f[0] == "captured" || f[0] == "read") {
			k.told[f[1]] = true
		}
	}
	cmd.Wait()
	orphans(k.t, cmd.Process.Pid, k.archive)
	return cmd.ProcessState.Exited()
}

// orphans fails the test when a worker outlives its parent by more than a moment.
func orphans(t *testing.T, parent int, archive string) {
	t.Helper()
	for range 50 {
		if !workerIn(archive) {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Fatalf("a worker of process %d is still running", parent)
}

// workerIn finds a worker process whose working directory is the archive.
func workerIn(archive string) bool {
	procs, _ := filepath.Glob("/proc/[0-9]*/cwd")
	for _, p := range procs {
		if to, err := os.Readlink(p); err == nil && to == archive {
			return true
		}
	}
	return false
}

// check opens the archive and compares it with what was told. It gives its pages.
func (k *killed) check(n int) (pages []map[string]any) {
	k.t.Helper()
	if _, err := os.Stat(k.archive); os.IsNotExist(err) {
		if len(k.told) > 0 {
			k.t.Fatalf("kill %d: pages were told of and there is no archive", n)
		}
		return nil
	}
	a := recto(k.t, "verify", "--archive", k.archive)
	if a.code != 0 {
		k.t.Fatalf("kill %d: the archive is not valid\n%s\n%s", n, a.stdout, a.stderr)
	}
	batches := recto(k.t, "list", "--archive", k.archive).want(k.t, 0).list(k.t, "batches")
	have := map[string]bool{}
	if len(batches) > 0 {
		for _, p := range recto(k.t, "list", "pages", "--archive", k.archive, "--batch", k.batch).want(k.t, 0).list(k.t, "pages") {
			page := p.(map[string]any)
			pages = append(pages, page)
			have[page["id"].(string)] = true
			if k.hashes != nil && !k.hashes[page["sha256"].(string)] {
				k.t.Errorf("kill %d: page %v has bytes that no source has", n, page["id"])
			}
		}
	}
	for id := range k.told {
		if !have[id] {
			k.t.Errorf("kill %d: page %s was told of and is gone", n, id)
		}
	}
	if left, _ := filepath.Glob(filepath.Join(k.archive, "tmp", "*")); len(left) > 0 {
		k.t.Errorf("kill %d: left in tmp: %v", n, left)
	}
	return pages
}
