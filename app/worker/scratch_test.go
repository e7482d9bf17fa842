package worker

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"recto/scan"
)

// temporary lists what lies in the temporary folder, two levels deep.
func temporary(t *testing.T) (files []string) {
	t.Helper()
	for _, pattern := range []string{"*", "*/*"} {
		found, err := filepath.Glob(filepath.Join(os.TempDir(), pattern))
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, found...)
	}
	return files
}

// TestNothingLeft: however a child ends, its temporary files end with it.
func TestNothingLeft(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	p := troubled(t, Config{Time: 2 * time.Second, Recycle: 5})
	for _, c := range []struct {
		what string
		want error
	}{
		{"segfault", scan.ErrCrashed}, {"exit", scan.ErrCrashed}, {"hang", scan.ErrTimeout}, {"babble", scan.ErrCrashed},
	} {
		if _, err := call(p, "litter, "+c.what); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.what, err, c.want)
		}
		if left := temporary(t); len(left) > 0 {
			t.Errorf("%s: left behind: %v", c.what, left)
		}
	}
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if err := p.Call(ctx, "test", "litter, hang", nil, nil); !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
	if left := temporary(t); len(left) > 0 {
		t.Errorf("cancelled, and left behind: %v", left)
	}
	for range 3 {
		if _, err := call(p, "litter, fine"); err != nil {
			t.Fatal(err)
		}
	}
	if left := temporary(t); len(left) != 1+3 {
		t.Errorf("a child that made 3 folders has %v", left)
	}
	p.Close()
	if left := temporary(t); len(left) > 0 {
		t.Errorf("the pool is closed, and left behind: %v", left)
	}
}

// TestNoTemporary: a child that needs no temporary folder works without one.
func TestNoTemporary(t *testing.T) {
	t.Setenv("TMPDIR", filepath.Join(t.TempDir(), "none"))
	if _, err := call(troubled(t, Config{}), "fine"); err != nil {
		t.Error(err)
	}
}

// untidy is a parent with a child that leaves something behind. It tells the child's
// process and waits to be killed, or for its standard input to end.
func untidy() {
	p := NewPool(Config{Command: []string{os.Args[0], "trouble"}})
	out, err := call(p, "litter, fine")
	fmt.Println(out.Pid, err)
	io.Copy(io.Discard, os.Stdin)
	p.Close()
	os.Exit(0)
}

func startUntidy(t *testing.T) (cmd *exec.Cmd, child int) {
	t.Helper()
	cmd = exec.Command(os.Args[0], "untidy")
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { in.Close(); cmd.Process.Kill(); cmd.Wait() })
	line, _ := bufio.NewReader(out).ReadString('\n')
	if _, err := fmt.Sscanf(line, "%d <nil>", &child); err != nil {
		t.Fatalf("the parent says %q", line)
	}
	return cmd, child
}

// TestLeftByTheKilled: what a parent that was killed left behind goes when the next one
// starts; what another one uses stays.
func TestLeftByTheKilled(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	startUntidy(t)
	living := temporary(t)
	if len(living) != 2 {
		t.Fatalf("a living pool has %v", living)
	}
	killed, child := startUntidy(t)
	killed.Process.Kill()
	killed.Wait()
	gone(t, child)
	if left := temporary(t); len(left) != 4 {
		t.Fatalf("one was killed and left nothing to remove: %v", left)
	}
	// Things of other programs, and of others under such a name.
	other := filepath.Join(os.TempDir(), "recto-story")
	elsewhere := t.TempDir()
	link := filepath.Join(os.TempDir(), scratchPrefix+"link")
	for _, err := range []error{os.Mkdir(other, 0o755), os.Mkdir(filepath.Join(elsewhere, "kept"), 0o755), os.Symlink(elsewhere, link)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	third, _ := startUntidy(t)
	left := temporary(t)
	for _, kept := range append(living, other, link, filepath.Join(link, "kept")) {
		if !slices.Contains(left, kept) {
			t.Errorf("%s is gone", kept)
		}
	}
	if n := len(slices.DeleteFunc(left, func(f string) bool { return !strings.Contains(f, scratchPrefix) || strings.HasPrefix(f, link) })); n != 4 {
		t.Errorf("two are living and have %v", left)
	}
	third.Process.Kill()
	third.Wait()
}

// gone waits for the end of a process that is nobody's child any more.
func gone(t *testing.T, pid int) {
	t.Helper()
	for range 100 {
		if b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid)); err != nil || strings.Contains(string(b), ") Z ") {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	syscall.Kill(pid, syscall.SIGKILL)
	t.Error("the child outlives its parent")
}
