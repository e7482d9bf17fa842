package spool

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"recto/scan"
)

// order is what one Append of a small sheet into a new archive does, call by call.
var order = []string{
	"mkdir masters", "syncdir root", "mkdir masters/tmp", "mkdir masters/B", "syncdir masters",
	"create masters/tmp/P.tif", "write masters/tmp/P.tif", "sync masters/tmp/P.tif", "close masters/tmp/P.tif",
	"create masters/tmp/P.json", "write masters/tmp/P.json", "sync masters/tmp/P.json", "close masters/tmp/P.json",
	"rename masters/tmp/P.json", "rename masters/tmp/P.tif", "syncdir masters/B",
}

func TestOrder(t *testing.T) {
	s := open(t)
	p := &power{t: t}
	p.watch(s)
	if _, err := s.Append(t.Context(), batchID(), Info{}, sheet([]byte("page"))); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(p.calls, order) {
		t.Errorf("calls:\n%s\nwant:\n%s", strings.Join(p.calls, "\n"), strings.Join(order, "\n"))
	}
}

// TestEveryCallFails refuses one call after the other, once each: nothing may be
// left, the error has its kind, and the next try works.
func TestEveryCallFails(t *testing.T) {
	kinds := map[error]error{
		syscall.ENOSPC: scan.ErrNoSpace, syscall.EDQUOT: scan.ErrNoSpace, syscall.EIO: ErrDisk,
		syscall.EROFS: scan.ErrReadOnly, syscall.EACCES: scan.ErrReadOnly,
	}
	for cause, want := range kinds {
		for n := 1; n <= len(order); n++ {
			s, b := open(t), batchID()
			p := &power{t: t, at: n, with: cause}
			p.watch(s)
			_, err := s.Append(t.Context(), b, Info{}, sheet([]byte("first")))
			if !errors.Is(err, want) || !strings.Contains(err.Error(), s.root) {
				t.Errorf("%v at %q: %v", cause, order[n-1], err)
			}
			if left := files(t, s); left != nil {
				t.Errorf("%v at %q leaves %v", cause, order[n-1], left)
			}
			page, err := s.Append(t.Context(), b, Info{}, sheet([]byte("again")))
			if err != nil {
				t.Errorf("after %v at %q: %v", cause, order[n-1], err)
			}
			if found := whole(t, s); len(found) != 1 || found[page.ID] != page {
				t.Errorf("after %v at %q: found %v", cause, order[n-1], found)
			}
		}
	}
}

// TestTakingBackFails has the call n and all that follow refused with an I/O
// error, the taking back included, while the process lives on.
func TestTakingBackFails(t *testing.T) {
	for n := 1; n <= len(order); n++ {
		s, b := open(t), batchID()
		p := &power{t: t, at: n, with: errDead}
		p.watch(s)
		if _, err := s.Append(t.Context(), b, Info{}, sheet([]byte("first"))); !errors.Is(err, errDead) {
			t.Errorf("at %q: %v", order[n-1], err)
		}
		whole(t, s)
		s.disk = disk{}
		if _, err := s.Append(t.Context(), b, Info{}, sheet([]byte("again"))); err != nil {
			t.Errorf("at %q: %v", order[n-1], err)
		}
	}
}

// scenario appends two pages into a new archive until the power fails, and tells
// what is wrong with what is left; nil when every promise is kept.
func scenario(t *testing.T, p *power, forget bool) error {
	t.Helper()
	s, b := open(t), batchID()
	p.watch(s)
	told := map[scan.PageID]scan.Page{}
	for i := range 2 {
		if page, err := s.Append(t.Context(), b, Info{}, sheet(random(uint64(i), 4000+i))); err == nil {
			told[page.ID] = page
		}
	}
	p.cut(forget)

	s, err := Open(s.root)
	if err != nil {
		return err
	}
	if _, err := s.Recover(t.Context()); err != nil {
		return err
	}
	found := map[scan.PageID]bool{}
	for f, err := range s.Masters(t.Context()) {
		if err == nil {
			err = errors.Join(f.Problem, s.Check(t.Context(), f.Page))
		}
		if err == nil && (f.Recovered || f.Page.Fixity.Size < 4000) {
			err = fmt.Errorf("page %s is half written", f.Page.ID)
		}
		if err != nil {
			return err
		}
		found[f.Page.ID] = true
	}
	for id := range told {
		if !found[id] {
			return fmt.Errorf("page %s was told and is lost", id)
		}
	}
	for _, name := range files(t, s) {
		id := strings.TrimSuffix(path.Base(name), path.Ext(name))
		if !found[scan.PageID(id)] {
			return fmt.Errorf("%s is left over", name)
		}
	}
	_, err = s.Append(t.Context(), b, Info{}, sheet([]byte("again")))
	return err
}

func TestPowerCut(t *testing.T) {
	calls := len(order) + 11 // the second page finds its folders
	for n := 1; n <= calls+1; n++ {
		for _, forget := range []bool{false, true} {
			p := &power{t: t, at: n, with: errDead}
			if err := scenario(t, p, forget); err != nil {
				t.Errorf("cut off at call %d (%s), folders forgotten %v: %v", n, p.calls[len(p.calls)-1], forget, err)
			}
			if n > calls && len(p.calls) != calls {
				t.Errorf("%d calls, want %d", len(p.calls), calls)
			}
		}
	}
}

// TestEverySyncCounts proves the test above: on a disk that only pretends to do
// one of the syncs, some power cut must break a promise.
func TestEverySyncCounts(t *testing.T) {
	for _, call := range slices.Compact(slices.Sorted(slices.Values(order))) {
		if !strings.HasPrefix(call, "sync") {
			continue
		}
		broken := false
		for n := 1; n <= len(order)+12 && !broken; n++ {
			for _, forget := range []bool{false, true} {
				broken = broken || scenario(t, &power{t: t, at: n, with: errDead, lies: call}, forget) != nil
			}
		}
		if !broken {
			t.Errorf("without %q nothing is lost: it is not needed or the test is blind", call)
		}
	}
}

// TestKill kills a process with SIGKILL at random moments while it appends.
func TestKill(t *testing.T) {
	rounds := 20
	if os.Getenv("RECTO_SOAK") == "1" {
		rounds = 200
	}
	const seed = 3
	rnd := rand.New(rand.NewPCG(seed, 0))
	s, b := open(t), batchID()
	told, leftovers := map[scan.PageID]scan.Page{}, 0
	for round := range rounds {
		child := exec.Command(os.Args[0], "-test.run=^TestMain$")
		child.Env = append(os.Environ(), "RECTO_SPOOL_CHILD="+s.root, "RECTO_SPOOL_BATCH="+string(b), fmt.Sprint("RECTO_SPOOL_SEED=", round))
		child.Stderr = os.Stderr
		out, err := child.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := child.Start(); err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(out)
		lines.Buffer(nil, maxSidecar)
		if !lines.Scan() { // "ready": the clock starts when it can append
			t.Fatal("the child says nothing")
		}
		time.AfterFunc(time.Duration(rnd.IntN(60_000))*time.Microsecond, func() { child.Process.Kill() })
		for lines.Scan() {
			var page scan.Page
			if json.Unmarshal(lines.Bytes(), &page) == nil { // the last line may be cut off
				told[page.ID] = page
			}
		}
		if err := child.Wait(); err == nil || child.ProcessState.ExitCode() != -1 {
			t.Fatalf("the child was not killed: %v", err)
		}
		if round%5 == 0 { // seen by a reader before anything is mended
			whole(t, s)
		}
		r, err := s.Recover(t.Context())
		if err != nil || len(r.Mended)+len(r.Strange) > 0 {
			t.Fatalf("round %d: %+v, %v", round, r, err)
		}
		leftovers += len(r.Removed)
	}
	found := whole(t, s)
	for id, page := range told {
		if found[id] != page {
			t.Errorf("page %s was told and is lost or another: %+v", id, found[id])
		}
	}
	if len(told) < rounds || leftovers == 0 {
		t.Errorf("%d pages told, %d leftovers in %d rounds: the kills came at the wrong moments", len(told), leftovers, rounds)
	}
	t.Logf("%d kills: %d pages told, %d found, %d leftovers removed", rounds, len(told), len(found), leftovers)
}

// TestMain is the child of TestKill when it is asked to be: it appends until it dies.
func TestMain(m *testing.M) {
	root := os.Getenv("RECTO_SPOOL_CHILD")
	if root == "" {
		os.Exit(m.Run())
	}
	s, err := Open(root)
	if err != nil {
		panic(err)
	}
	var seed uint64
	fmt.Sscan(os.Getenv("RECTO_SPOOL_SEED"), &seed)
	rnd := rand.New(rand.NewPCG(seed, 1))
	fmt.Println("ready")
	for {
		in := sheet(random(rnd.Uint64(), 1+rnd.IntN(300_000)))
		if rnd.IntN(3) == 0 {
			in = pair(random(rnd.Uint64(), 1+rnd.IntN(300_000)), random(rnd.Uint64(), 1+rnd.IntN(100_000)))
		}
		page, err := s.Append(context.Background(), scan.BatchID(os.Getenv("RECTO_SPOOL_BATCH")), Info{}, in)
		if err != nil {
			panic(err)
		}
		line, _ := json.Marshal(page)
		fmt.Printf("%s\n", line)
	}
}
