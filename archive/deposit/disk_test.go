package deposit

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"recto/archive"
	"recto/scan"
)

// disk mounts a small file system in memory.
func disk(t *testing.T, megabytes string) string {
	t.Helper()
	dir := t.TempDir()
	if err := unix.Mount("tmpfs", dir, "tmpfs", 0, "size="+megabytes+"m"); err != nil {
		t.Skipf("NOT TESTED: a tmpfs cannot be mounted (this needs root): %v", err)
	}
	t.Cleanup(func() { unix.Unmount(dir, unix.MNT_DETACH) })
	return dir
}

// fails runs a plan that must fail like that, and leave nothing.
func fails(t *testing.T, p Plan, want error, words string, tell func(archive.Delivery)) {
	t.Helper()
	var told steps
	_, err := Run(t.Context(), p, func(d archive.Delivery) error {
		if tell != nil {
			tell(d)
		}
		return told.tell(d)
	})
	if !errors.Is(err, want) || !strings.Contains(err.Error(), words) {
		t.Errorf("%v, want %v with %q", err, want, words)
	}
	last := told[len(told)-1]
	if last.Step != Failed || last.Problem == nil {
		t.Errorf("told %+v", last)
	}
}

func TestFullDiskIsSeenBefore(t *testing.T) {
	dir := disk(t, "4")
	p := plan(t, dir)
	p.Package = bag(t, "doc-1", 1, 4, 1<<20)
	fails(t, p, scan.ErrNoSpace, "not enough space: 5 MB are needed", func(d archive.Delivery) {
		if d.Step != Failed {
			t.Errorf("step %s", d.Step)
		}
	})
	if got := list(t, dir); len(got) > 0 {
		t.Errorf("left: %v", got)
	}
}

// TestDiskFillsMeanwhile lets someone else take the space while the bag is written.
func TestDiskFillsMeanwhile(t *testing.T) {
	dir := disk(t, "8")
	filler := filepath.Join(dir, "filler")
	p := plan(t, dir)
	p.Package = bag(t, "doc-1", 1, 5, 1<<20)
	p.Progress = func(string, int64, int64) {
		if _, err := os.Lstat(filler); err == nil {
			return
		}
		if err := os.WriteFile(filler, make([]byte, 9<<20), 0o644); !errors.Is(err, unix.ENOSPC) {
			t.Errorf("the disk takes it all: %v", err)
		}
	}
	fails(t, p, scan.ErrNoSpace, "the disk is full", nil)
	if got := list(t, dir); !slices.Equal(got, []string{"filler"}) {
		t.Errorf("left: %v", got)
	}
	if err := os.Remove(filler); err != nil {
		t.Fatal(err)
	}
	p.Progress = nil
	if receipt, err := Run(t.Context(), p, new(steps).tell); err != nil || receipt.Cold {
		t.Errorf("with space again: %+v %v", receipt, err) // memory is never cold
	}
	valid(t, filepath.Join(dir, "Letters"))
}

func TestReadOnlyDisk(t *testing.T) {
	dir := disk(t, "4")
	if err := unix.Mount("", dir, "", unix.MS_REMOUNT|unix.MS_RDONLY, ""); err != nil {
		t.Fatal(err)
	}
	fails(t, plan(t, dir), scan.ErrReadOnly, "the disk is read-only", nil)
}

// TestUnpluggedDisk takes the disk away at each step; its mount point stays.
func TestUnpluggedDisk(t *testing.T) {
	for _, step := range []string{Built, Sent, Verified} {
		dir := disk(t, "4")
		fails(t, plan(t, dir), ErrGone, "is the disk mounted?", func(d archive.Delivery) {
			if d.Step == step {
				if err := unix.Unmount(dir, unix.MNT_DETACH); err != nil {
					t.Fatal(err)
				}
			}
		})
		if got := list(t, dir); len(got) > 0 {
			t.Errorf("%s: in the mount point: %v", step, got)
		}
	}
}

func TestForbiddenFolder(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "deposit")
	if err := os.Mkdir(dir, 0o555); err != nil {
		t.Fatal(err)
	}
	asNobody(t, dir, func() { fails(t, plan(t, dir), scan.ErrReadOnly, "the folder may not be written to", nil) })
	if err := os.Chmod(filepath.Dir(dir), 0o700); err != nil {
		t.Fatal(err)
	}
	asNobody(t, dir, func() { fails(t, plan(t, dir), scan.ErrReadOnly, "the folder may not be opened", nil) })
}

// asNobody calls f with the file access of a user who is not root, who may do
// anything, on folders that this user can reach. That access belongs to a thread,
// which ends with its goroutine.
func asNobody(t *testing.T, dir string, f func()) {
	t.Helper()
	if err := os.Chmod(filepath.Dir(filepath.Dir(dir)), 0o755); err != nil { // t.TempDir's own is private
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		runtime.LockOSThread()
		const nobody = 65534
		if os.Geteuid() == 0 {
			if _, err := unix.SetfsuidRetUid(nobody); err != nil {
				t.Errorf("setfsuid: %v", err)
				return
			}
		}
		f()
	}()
	<-done
}

func TestCacheIsDropped(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.Write(make([]byte, 1<<20)); err != nil {
		t.Fatal(err)
	}
	if err := f.Sync(); err != nil {
		t.Fatal(err)
	}
	r, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if cached, err := inCache(r); err != nil || !cached {
		t.Errorf("what was just written is not in memory: %v", err)
	}
	cold, err := dropCache(path)
	if err != nil {
		t.Fatal(err)
	}
	if !cold {
		t.Log("this file system keeps its pages, or does not say")
	}
}

func TestReadBackIsCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	dir := t.TempDir()
	var told steps
	_, err := Run(ctx, plan(t, dir), func(d archive.Delivery) error {
		if d.Step == Sent {
			cancel()
		}
		return told.tell(d)
	})
	if !errors.Is(err, context.Canceled) || len(list(t, dir)) > 0 {
		t.Errorf("%v, left %v", err, list(t, dir))
	}
}
