package tesseract

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"recto/ocr"
)

// damagedFolder makes TestReadDamaged read by the models in a folder, in a process of
// its own, and end with one of these.
const damagedFolder = "TEST_DAMAGED_MODELS"

const (
	wasRead   = 40
	wasBroken = 41
	wasOther  = 42
)

func TestReadDamaged(t *testing.T) {
	dir := os.Getenv(damagedFolder)
	if dir == "" {
		t.Skip("this is the other half of TestDamagedModelsDoNotCrash")
	}
	page := load(t, "tesseract/phototest.tif")
	page.Size.Y /= 6
	page.Grey = page.Grey[:page.Size.X*page.Size.Y]
	_, err := open(t, dir).Recognise(context.Background(), page, english)
	switch {
	case err == nil:
		os.Exit(wasRead)
	case errors.Is(err, ocr.ErrDamagedModel):
		os.Exit(wasBroken)
	}
	fmt.Println(err)
	os.Exit(wasOther)
}

// Models with wrong bytes where Tesseract would end its process for them: in the
// characters, their codes, the beginning of the network, the dictionaries, and cut off
// anywhere. Each is refused, or read with what is left of it.
func TestDamagedModelsDoNotCrash(t *testing.T) {
	whole := modelFile(t, "fra")
	shared(t, "scans")
	offset := func(part int) int {
		if part == 24 {
			return len(whole)
		}
		return int(binary.LittleEndian.Uint64(whole[4+8*part:]))
	}
	n := 60
	if os.Getenv("RECTO_SOAK") == "1" {
		n = 3000
	}
	count := map[int]int{}
	for seed := range n {
		r := rand.New(rand.NewPCG(uint64(seed), 3))
		b := slices.Clone(whole)
		what := "cut"
		if part := 16 + r.IntN(8); part == 16 {
			b = b[:r.IntN(len(b))]
		} else {
			from, to := offset(part), offset(part+1)
			if part == 17 {
				to = from + 5 // the name of the first layer, and how long it is
			}
			most := min(20, to-from)
			k := 1 + r.IntN(most)
			at := from + r.IntN(to-from-k+1)
			for i := range k {
				b[at+i] = byte(r.Uint32())
			}
			what = fmt.Sprintf("part %d, %d bytes at %d", part, k, at-from)
		}
		dir := t.TempDir()
		put(t, dir, "eng", b)
		if _, err := ocr.Inspect("eng", ocr.ModelFile(dir, "eng")); err != nil { // refused already
			count[wasBroken]++
			os.RemoveAll(dir)
			continue
		}
		cmd := exec.Command(os.Args[0], "-test.run", "^TestReadDamaged$", "-test.timeout", "60s")
		cmd.Env = append(os.Environ(), damagedFolder+"="+dir)
		out, _ := cmd.CombinedOutput()
		code := cmd.ProcessState.ExitCode()
		count[code]++
		if code != wasRead && code != wasBroken {
			t.Errorf("seed %d, %s: %v: %s", seed, what, cmd.ProcessState, strings.TrimSpace(string(out)))
		}
		os.RemoveAll(dir)
	}
	t.Logf("of %d damaged models %d were refused, %d read", n, count[wasBroken], count[wasRead])
	if count[wasBroken] == 0 || count[wasRead] == 0 {
		t.Error("that is one-sided: this proves little")
	}
}
