package main

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// TestKillCapture kills capture from SANE's test feeder at random moments (SIGKILL,
// the parent only: the driver's process must notice by itself). Whatever was told is
// there; no sheet of a run is there twice, and none is missing before one that is
// there: the operator puts back the sheets behind the last one that is told.
//
// A seeded slice runs by default; RECTO_SOAK=1 kills 500 times, and the hot folder
// as often ([TestKillWatch]).
func TestKillCapture(t *testing.T) {
	env := testDevice(t)
	kills, seed := captureKills(t)
	r := rand.New(rand.NewPCG(seed, 11))
	dir := t.TempDir()
	round := 0
	var k *killed
	fresh := func() {
		if k != nil {
			os.RemoveAll(k.archive)
		}
		round++
		k = &killed{t: t, archive: filepath.Join(dir, fmt.Sprint(round)), told: map[string]bool{}, batch: "Killed", env: env}
		recto(t, "init", k.archive).want(t, 0)
		recto(t, "batch", "create", "--archive", k.archive, "--shelfmark", "Killed").want(t, 0)
	}
	fresh()
	hit, whole := 0, 0
	began := time.Now()
	if !k.run(time.Minute, []string{"scan", "--archive", k.archive, "--batch", "Killed", "--device", "sane:test:0", "--source", "adf", "--mode", "color", "--resolution", "300"}) {
		t.Fatal("a run of ten sheets took more than a minute")
	}
	took := time.Since(began) // of a run that nobody kills
	for hit < kills {
		resolution := []string{"75", "150", "300"}[r.IntN(3)]
		args := []string{"scan", "--archive", k.archive, "--batch", "Killed", "--device", "sane:test:0", "--source", "adf", "--mode", "color", "--resolution", resolution}
		wait := time.Duration(r.Float64() * 1.2 * float64(took)) // the last part is where pages are looked at
		begun := time.Now()
		if k.run(wait, args) {
			whole, took = whole+1, (took+time.Since(begun))/2
		} else {
			hit++
		}
		runs := map[string]map[int]int{}
		pages := k.check(hit)
		for _, p := range pages {
			c := p["capture"].(map[string]any)
			run, sheet := c["run"].(string), int(c["sheet"].(float64))
			if runs[run] == nil {
				runs[run] = map[int]int{}
			}
			runs[run][sheet]++
		}
		for run, sheets := range runs {
			for n := 1; n <= len(sheets); n++ {
				if sheets[n] != 1 {
					t.Fatalf("kill %d: run %s has sheet %d of %d %d times", hit, run, n, len(sheets), sheets[n])
				}
			}
		}
		if len(pages) > 60 {
			fresh()
		}
	}
	t.Logf("%d kills, and %d runs that ended before theirs; seed %d", hit, whole, seed)
	// And the next sheet goes behind the last.
	before := len(recto(t, "list", "pages", "--archive", k.archive, "--batch", "Killed").want(t, 0).list(t, "pages"))
	a := rectoIn(t, with(env), "scan", "--archive", k.archive, "--batch", "Killed", "--device", "sane:test:0", "--source", "adf", "--sheets", "1").want(t, 0)
	if n := a.list(t, "pages")[0].(map[string]any)["number"]; n != float64(before+1) {
		t.Errorf("after %d pages the next is %v", before, n)
	}
}

// captureKills is how often to kill: a slice, or all of it.
func captureKills(t *testing.T) (kills int, seed uint64) {
	switch {
	case os.Getenv("RECTO_SOAK") != "":
		return 500, uint64(time.Now().UnixNano())
	case testing.Short():
		return 3, 607
	}
	return 15, 607
}
