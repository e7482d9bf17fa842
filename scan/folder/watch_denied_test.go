package folder

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"

	"recto/scan/scantest"
)

// TestWatchDenied takes permissions away, from a file, a folder and the whole, and
// gives them back. As root it runs itself as nobody: root may read everything.
func TestWatchDenied(t *testing.T) {
	if os.Geteuid() == 0 {
		asNobody(t, "^TestWatchDenied$")
		return
	}
	dir := t.TempDir()
	mode := func(name string, m os.FileMode) {
		t.Helper()
		if err := os.Chmod(filepath.Join(dir, name), m); err != nil {
			t.Fatal(err)
		}
	}
	closed := write(t, dir, "closed.png", pngBytes(t, picture(8, 8)))
	write(t, dir, "sub/in.png", pngBytes(t, picture(8, 9)))
	write(t, dir, "open.png", pngBytes(t, picture(8, 10)))
	mode("closed.png", 0)
	mode("sub", 0)
	t.Cleanup(func() { os.Chmod(dir, 0o755); os.Chmod(filepath.Join(dir, "sub"), 0o755) })
	h := watch(t, dir, quick())
	h.came("open.png", "!closed.png", "!sub")
	h.until("the two", func(_ []scantest.Event, s Status) bool {
		return len(s.Trouble) == 2 && string(s.Trouble[0].Path) == closed && errors.Is(s.Trouble[0].Err, os.ErrPermission)
	})
	mode("closed.png", 0o644)
	h.came("open.png", "!closed.png", "!sub", "closed.png")
	mode("sub", 0o755)
	h.came("open.png", "!closed.png", "!sub", "closed.png", "in.png")
	h.until("no trouble", func(_ []scantest.Event, s Status) bool { return len(s.Trouble) == 0 })
	mode("", 0)
	h.until("that the folder is closed", func(_ []scantest.Event, s Status) bool { return errors.Is(s.Err, os.ErrPermission) })
	mode("", 0o755)
	h.until("that it is open", func(_ []scantest.Event, s Status) bool { return s.Err == nil })
	write(t, dir, "later.png", pngBytes(t, picture(8, 11)))
	h.came("open.png", "!closed.png", "!sub", "closed.png", "in.png", "later.png")
}

// asNobody runs a test of this package in a process of another user.
func asNobody(t *testing.T, name string) {
	t.Helper()
	dir, err := os.MkdirTemp("", "nobody")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	binary := filepath.Join(dir, "test")
	b, err := os.ReadFile(os.Args[0])
	if err == nil {
		err = errors.Join(os.WriteFile(binary, b, 0o755), os.Chmod(dir, 0o777))
	}
	if err != nil {
		t.Fatal(err)
	}
	const nobody = 65534
	child := exec.Command(binary, "-test.run="+name, "-test.v")
	child.Dir = dir
	child.Env = append(os.Environ(), "TMPDIR="+dir, "HOME="+dir)
	child.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	out, err := child.CombinedOutput()
	if errors.Is(err, syscall.EPERM) {
		if os.Getenv("CI") == "true" {
			t.Fatal(err)
		}
		t.Skipf("no process of another user can be made: %v", err)
	}
	if err != nil || !bytes.Contains(out, []byte("--- PASS: ")) {
		t.Errorf("as nobody: %v\n%s", err, out)
	}
}
