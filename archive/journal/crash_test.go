package journal

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"recto/archive"
	"recto/scan"
)

// order is what opening a new journal, two appends and a turn do, call by call.
var order = []string{
	"mkdir journal", "open 000001.jsonl", "sync 000001.jsonl", "syncdir journal", "syncdir root",
	"write 000001.jsonl", "sync 000001.jsonl",
	"open 000002.jsonl", "syncdir journal", "write 000002.jsonl", "sync 000002.jsonl",
}

func TestOrder(t *testing.T) {
	p := &power{}
	j, _, err := openAt(folder(t), 1, p)
	if err != nil {
		t.Fatal(err)
	}
	add(t, j, "a")
	add(t, j, "b", "c")
	if !slices.Equal(p.calls, order) {
		t.Errorf("calls:\n%s\nwant:\n%s", strings.Join(p.calls, "\n"), strings.Join(order, "\n"))
	}
}

// TestEveryCallFails refuses one call after the other, once each: the append that
// it hits has not happened, and the journal goes on.
func TestEveryCallFails(t *testing.T) {
	kinds := map[error]error{
		syscall.ENOSPC: scan.ErrNoSpace, syscall.EDQUOT: scan.ErrNoSpace, syscall.EIO: syscall.EIO,
		syscall.EROFS: scan.ErrReadOnly, syscall.EACCES: scan.ErrReadOnly,
	}
	for cause, want := range kinds {
		for n := 1; n <= len(order); n++ {
			dir := folder(t)
			p := &power{at: n, with: cause}
			j, _, err := openAt(dir, 1, p)
			if err != nil {
				if n > 5 || !errors.Is(err, want) || !strings.Contains(err.Error(), filepath.Dir(dir)) {
					t.Errorf("%v at %q: %v", cause, order[n-1], err)
				}
				if j, _, err = openAt(dir, 1, p); err != nil {
					t.Errorf("%v at %q, again: %v", cause, order[n-1], err)
				}
			}
			names, failed := "", 0
			for i, name := range []string{"a", "b", "c"} {
				_, err := j.Append(t.Context(), event(t, name))
				if err == nil {
					names += fmt.Sprintf(" %d:%s", j.End(), name)
					continue
				}
				failed++
				if info, e := os.Stat(filepath.Join(dir, nameOf(j.number))); e != nil || info.Size() != j.tail.whole {
					t.Errorf("%v at %q: %d bytes of a failed append stay (%v)", cause, order[n-1], info.Size()-j.tail.whole, e)
				}
				if !errors.Is(err, want) || n <= 5 || !strings.Contains(err.Error(), dir) {
					t.Errorf("%v at %q, append %d: %v", cause, order[n-1], i, err)
				}
			}
			if n > 5 && failed != 1 {
				t.Errorf("%v at %q: %d appends failed", cause, order[n-1], failed)
			}
			expect(t, j, 0, names[1:])
			valid(t, j)
			if _, r := mustOpen(t, dir, 1); r.Done != nil {
				t.Errorf("%v at %q leaves %+v", cause, order[n-1], r)
			}
		}
	}
}

// TestTakingBackFails has a write and all that follows refused while the process
// lives on: it must not append behind bytes that it knows nothing of.
func TestTakingBackFails(t *testing.T) {
	for _, n := range []int{6, 7, 10, 11} {
		dir := folder(t)
		p := &power{at: n, with: errDead}
		j, _, err := openAt(dir, 1, p)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"a", "b"} {
			if _, err = j.Append(t.Context(), event(t, name)); err != nil {
				break
			}
		}
		p.at = 0
		kept, _ := told(t, j, 0)
		if _, again := j.Append(t.Context(), event(t, "c")); !errors.Is(err, errDead) || !errors.Is(again, errDead) || !strings.Contains(again.Error(), "opened anew") {
			t.Errorf("at %q: %v, then %v", order[n-1], err, again)
		}
		expect(t, j, 0, kept)
		j, _ = mustOpen(t, dir, 1)
		add(t, j, "d")
		valid(t, j)
	}
}

// scenario appends to a new journal until the process is killed, looks at it with
// the next process, and pulls the plug then or before. It tells what promise is
// broken, nil when none is.
func scenario(t *testing.T, p *power, limit int64, how int, seenFirst bool) error {
	t.Helper()
	dir := folder(t)
	appended := [][]string{{"a"}, {"b1", "b2", "b3"}, {"c"}}
	want, sure := "", 0 // what may be there, and how much of it must be
	j, _, err := openAt(dir, limit, p)
	seq, dead := 0, err != nil
	for _, names := range appended {
		var events []archive.Event
		for _, name := range names {
			seq++
			events = append(events, event(t, name))
			want += fmt.Sprintf("%d:%s ", seq, name)
		}
		if !dead {
			_, err := j.Append(t.Context(), events...)
			if dead = err != nil; !dead {
				sure = len(want)
			}
		}
	}
	p.at = 0
	if seenFirst {
		j, _, err := openAt(dir, limit, p)
		if err != nil {
			return err
		}
		seen, err := told(t, j, 0)
		if err != nil {
			return err
		}
		sure = max(sure, len(seen))
	}
	p.cut(how)
	j, _, err = openAt(dir, limit, nil)
	if err != nil {
		return err
	}
	defer j.Close()
	got, err := told(t, j, 0)
	if err != nil {
		return err
	}
	if !strings.HasPrefix(want, got) || len(got)+1 < sure {
		return fmt.Errorf("%q is there, %q was told", got, want[:sure])
	}
	if strings.Contains(got, "b1") && !strings.Contains(got, "b3") {
		return fmt.Errorf("a part of a group is there: %q", got)
	}
	if _, err := j.Append(t.Context(), event(t, "again")); err != nil {
		return err
	}
	if findings, err := j.Verify(t.Context()); err != nil || len(findings) > 0 {
		return fmt.Errorf("%v, %v", findings, err)
	}
	return nil
}

const scenarioCalls = 15 // at most: two turns

// everyCut runs the scenario with every kill and every cut until broken gives false.
func everyCut(t *testing.T, lies string, broken func(p *power, err error) bool) {
	for n := 1; n <= scenarioCalls+1; n++ {
		for how := range 4 {
			for _, limit := range []int64{1, segmentSize} {
				for _, seenFirst := range []bool{false, true} {
					p := &power{at: n, with: errDead, lies: lies}
					if err := scenario(t, p, limit, how, seenFirst); err != nil {
						more := broken(p, fmt.Errorf("cut off at call %d, way %d, segments of %d, seen first %v: %w", n, how, limit, seenFirst, err))
						if !more {
							return
						}
					}
				}
			}
		}
	}
}

func TestPowerCut(t *testing.T) {
	everyCut(t, "", func(p *power, err error) bool { t.Errorf("%v; calls %q", err, p.calls); return true })
}

// TestEverySyncCounts proves the test above: on a disk that only pretends to do
// one of the syncs, some power cut must break a promise.
func TestEverySyncCounts(t *testing.T) {
	for _, call := range slices.Compact(slices.Sorted(slices.Values(order))) {
		if !strings.HasPrefix(call, "sync") {
			continue
		}
		broken := false
		everyCut(t, call, func(*power, error) bool { broken = true; return false })
		if !broken {
			t.Errorf("without %q nothing is lost: it is not needed or the test is blind", call)
		}
	}
}

// TestRepairIsCutOff kills the repair of a torn end at every call.
func TestRepairIsCutOff(t *testing.T) {
	for n := 1; ; n++ {
		dir := folder(t)
		j, _ := mustOpen(t, dir, segmentSize)
		add(t, j, "a")
		f, _ := os.OpenFile(filepath.Join(dir, "000001.jsonl"), os.O_WRONLY|os.O_APPEND, 0)
		f.WriteString("torn")
		f.Close()
		p := &power{at: n, with: errDead}
		_, _, err := openAt(dir, segmentSize, p)
		if len(p.calls) < n {
			if err != nil || n < 8 {
				t.Errorf("%d calls, %v", n, err)
			}
			return
		}
		if err == nil {
			t.Errorf("call %d failed and nobody says so", n)
		}
		p.cut(0)
		j, _ = mustOpen(t, dir, segmentSize)
		expect(t, j, 0, "1:a")
		valid(t, j)
		kept := ""
		names, _ := filepath.Glob(filepath.Join(dir, "torn-*"))
		for _, name := range names {
			b, _ := os.ReadFile(name)
			kept += string(b)
		}
		if !strings.Contains(kept, "torn") {
			t.Errorf("cut off at %q: what was torn is lost", p.calls[n-1])
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
	dir := folder(t)
	promised, torn := map[Position]string{}, 0
	for round := range rounds {
		child := exec.Command(os.Args[0])
		child.Env = append(os.Environ(), "RECTO_JOURNAL_CHILD="+dir, fmt.Sprint("RECTO_JOURNAL_SEED=", round))
		child.Stderr = os.Stderr
		out, err := child.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := child.Start(); err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(out)
		if !lines.Scan() { // "ready": the clock starts when it can append
			t.Fatal("the child says nothing")
		}
		time.AfterFunc(time.Duration(rnd.IntN(40_000))*time.Microsecond, func() { child.Process.Kill() })
		for lines.Scan() {
			var end Position
			var id string
			if n, _ := fmt.Sscanf(lines.Text(), "%d %s ok", &end, &id); n == 2 && strings.HasSuffix(lines.Text(), " ok") {
				promised[end] = id
			}
		}
		if err := child.Wait(); err == nil || child.ProcessState.ExitCode() != -1 {
			t.Fatalf("the child was not killed: %v", err)
		}
		j, r, err := openAt(dir, 20_000, nil)
		if err != nil {
			t.Fatalf("round %d: %v", round, err)
		}
		torn += len(r.Done)
		if round%5 == 4 {
			valid(t, j)
		}
		j.Close()
	}
	j, _ := mustOpen(t, dir, 20_000)
	valid(t, j)
	there, group := map[Position]string{}, 0
	err := j.Replay(t.Context(), 0, func(p Position, e archive.Event) error {
		there[p] = e.ID
		var nth, of int
		fmt.Sscanf(nameIn(e), "%d/%d", &nth, &of)
		if nth != group+1 {
			t.Errorf("event %d is part %d of %d, after part %d", p, nth, of, group)
		}
		if group = nth; nth == of {
			group = 0
		}
		return nil
	})
	if err != nil || group != 0 {
		t.Errorf("%v, a group ends with part %d", err, group)
	}
	for p, id := range promised {
		if there[p] != id {
			t.Errorf("event %d was told as %s and is %q", p, id, there[p])
		}
	}
	if len(promised) < rounds {
		t.Errorf("%d appends told in %d rounds: the kills came at the wrong moments", len(promised), rounds)
	}
	t.Logf("%d kills: %d appends told, %d events found, %d torn ends cut off", rounds, len(promised), len(there), torn)
}

// TestMain is the child of TestKill when it is asked to be: it appends until it dies.
func TestMain(m *testing.M) {
	dir := os.Getenv("RECTO_JOURNAL_CHILD")
	if dir == "" {
		os.Exit(m.Run())
	}
	j, _, err := openAt(dir, 20_000, nil)
	if err != nil {
		panic(err)
	}
	var seed uint64
	fmt.Sscan(os.Getenv("RECTO_JOURNAL_SEED"), &seed)
	rnd := rand.New(rand.NewPCG(seed, 1))
	fmt.Println("ready")
	for {
		var events []archive.Event
		of := 1 + rnd.IntN(4)
		for nth := range of {
			e, err := archive.NewEvent(archive.BatchCreated, "ada", "", archive.Batch{
				Name: fmt.Sprintf("%d/%d", nth+1, of), Title: strings.Repeat("x", rnd.IntN(3000)),
			})
			if err != nil {
				panic(err)
			}
			events = append(events, e)
		}
		end, err := j.Append(context.Background(), events...)
		if err != nil {
			panic(err)
		}
		fmt.Printf("%d %s ok\n", end, events[of-1].ID)
	}
}
