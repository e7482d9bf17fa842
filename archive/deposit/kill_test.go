package deposit

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"recto/archive"
)

// The test binary plays the process that gets killed when these are set.
const (
	childDir = "RECTO_TEST_DEPOSIT_DIR"
	childDoc = "RECTO_TEST_DEPOSIT_DOC"
)

func TestMain(m *testing.M) {
	if dir := os.Getenv(childDir); dir != "" {
		os.Exit(child(dir, os.Getenv(childDoc)))
	}
	os.Exit(m.Run())
}

// child delivers one document and writes each step to stdout.
func child(dir, doc string) int {
	p, err := killPlan(dir, doc)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	fmt.Println("go")
	_, err = Run(context.Background(), p, func(d archive.Delivery) error {
		_, err := fmt.Println(d.Step)
		return err
	})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// killPlan has many small files, for the calls, and enough bytes to be hit while
// copying.
func killPlan(dir, doc string) (Plan, error) {
	n, err := strconv.Atoi(strings.TrimPrefix(doc, "doc-"))
	if err != nil {
		return Plan{}, err
	}
	p, err := newBag(doc, uint64(n), 40, 50_000)
	return Plan{Document: archive.DocumentID(doc), Format: "bagit", Package: p, To: Folder(dir), Name: "Letters"}, err
}

func startChild(t *testing.T, dir, doc string) (*exec.Cmd, *bufio.Reader) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childDir+"="+dir, childDoc+"="+doc)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	r := bufio.NewReader(out)
	if line, err := r.ReadString('\n'); line != "go\n" {
		t.Fatalf("%q %v", line, err)
	}
	return cmd, r
}

// TestKill kills deliveries at random moments. No package may ever be seen under
// its name that is not whole, and running again must finish.
func TestKill(t *testing.T) {
	kills := 15
	if os.Getenv("RECTO_SOAK") == "1" {
		kills = 100
	}
	const seed = 3
	random := rand.New(rand.NewPCG(seed, 0))
	dir := t.TempDir()

	// How long does one take, undisturbed?
	cmd, out := startChild(t, dir, "doc-0")
	began := time.Now()
	io.Copy(io.Discard, out)
	if err := cmd.Wait(); err != nil {
		t.Fatal(err)
	}
	whole := time.Since(began)

	hits := map[string]int{}
	doc, delivered := 1, 1
	for killed := 0; killed < kills; {
		name := fmt.Sprintf("doc-%d", doc)
		cmd, out := startChild(t, dir, name)
		// Most of the time goes into writing: the later steps get kills of their own.
		last := "begun"
		if await := []string{"", Built, Sent, Verified, Delivered}[random.IntN(5)]; await == "" {
			time.Sleep(time.Duration(random.Float64() * float64(whole)))
		} else {
			for last != await {
				line, err := out.ReadString('\n')
				if err != nil {
					t.Fatalf("no step %s: %v", await, err)
				}
				last = strings.TrimSpace(line)
			}
			time.Sleep(time.Duration(random.Float64() * float64(whole) / 20))
		}
		cmd.Process.Kill()
		rest, _ := io.ReadAll(out)
		cmd.Wait()
		if status, ok := cmd.ProcessState.Sys().(syscall.WaitStatus); ok && status.Signaled() {
			killed++
			if steps := strings.Fields(string(rest)); len(steps) > 0 {
				last = steps[len(steps)-1]
			}
			hits[last]++
		}
		visible := packages(t, dir)
		for _, p := range visible[min(delivered, len(visible)):] {
			valid(t, filepath.Join(dir, p))
		}
		switch len(visible) {
		case delivered:
		case delivered + 1:
			delivered++
			if told, err := again(t, dir, name); err != nil || !slices.Equal(told, []string{Verified, Delivered}) {
				t.Errorf("what was delivered before the kill is delivered anew: %v %v", told, err)
			}
			doc++
		default:
			t.Fatalf("%d packages after %d deliveries: %v", len(visible), delivered, visible)
		}
	}
	if _, err := again(t, dir, fmt.Sprintf("doc-%d", doc)); err != nil {
		t.Fatal(err)
	}
	for _, p := range packages(t, dir) {
		valid(t, filepath.Join(dir, p))
	}
	if left := slices.DeleteFunc(list(t, dir), func(n string) bool { return !strings.HasPrefix(n, ".") }); len(left) > 0 {
		t.Errorf("left: %v", left)
	}
	t.Logf("%d kills (seed %d) over %v each, by the last step told: %v; %d packages delivered", kills, seed, whole.Round(time.Millisecond), hits, doc+1)
}

// again runs a delivery to its end.
func again(t *testing.T, dir, doc string) ([]string, error) {
	t.Helper()
	p, err := killPlan(dir, doc)
	if err != nil {
		return nil, err
	}
	var told steps
	_, err = Run(t.Context(), p, told.tell)
	return told.names(), err
}

// packages are what a reader of the folder sees, oldest number first.
func packages(t *testing.T, dir string) []string {
	t.Helper()
	out := slices.DeleteFunc(list(t, dir), func(n string) bool { return strings.HasPrefix(n, ".") })
	slices.SortFunc(out, func(a, b string) int { return len(a)*1000 + strings.Compare(a, b) - len(b)*1000 })
	return out
}
