package spool

import (
	"errors"
	"os"
	"testing"

	"golang.org/x/sys/unix"

	"recto/scan"
)

// small mounts a file system of its own, of so many bytes.
func small(t *testing.T, size string) string {
	t.Helper()
	dir := t.TempDir()
	mount(t, dir, size)
	return dir
}

func mount(t *testing.T, dir, size string) {
	t.Helper()
	mountWith(t, dir, "size="+size)
}

func mountWith(t *testing.T, dir, options string) {
	t.Helper()
	if err := unix.Mount("tmpfs", dir, "tmpfs", 0, options); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("a tmpfs cannot be mounted: %v", err)
		}
		t.Skipf("a tmpfs cannot be mounted (this needs root): %v", err)
	}
	t.Cleanup(func() { unix.Unmount(dir, unix.MNT_DETACH) })
}

func TestFullDisk(t *testing.T) {
	dir := small(t, "1m")
	s, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	b, told := batchID(), 0
	for ; ; told++ {
		if _, err = s.Append(t.Context(), b, Info{}, sheet(random(uint64(told), 150_000))); err != nil {
			break
		}
	}
	if !errors.Is(err, scan.ErrNoSpace) || told < 4 {
		t.Errorf("after %d pages: %v", told, err)
	}
	if len(whole(t, s)) != told || len(files(t, s)) != 2*told {
		t.Errorf("%d pages were told, there are %v", told, files(t, s))
	}
	if err := unix.Mount("", dir, "", unix.MS_REMOUNT, "size=2m"); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Append(t.Context(), b, Info{}, sheet(random(1, 150_000))); err != nil {
		t.Errorf("with space again: %v", err)
	}
}

func TestReadOnlyDisk(t *testing.T) {
	dir := small(t, "1m")
	s, _ := Open(dir)
	b := batchID()
	if _, err := s.Append(t.Context(), b, Info{}, sheet([]byte("page"))); err != nil {
		t.Fatal(err)
	}
	if err := unix.Mount("", dir, "", unix.MS_REMOUNT|unix.MS_RDONLY, ""); err != nil {
		t.Fatal(err)
	}
	s, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(whole(t, s)) != 1 {
		t.Error("the page is not seen")
	}
	if _, err := s.Append(t.Context(), b, Info{}, sheet([]byte("page"))); !errors.Is(err, scan.ErrReadOnly) {
		t.Error(err)
	}
	if _, err := s.Append(t.Context(), batchID(), Info{}, sheet([]byte("page"))); !errors.Is(err, scan.ErrReadOnly) {
		t.Error(err)
	}
	if r, err := s.Recover(t.Context()); err != nil || r.Masters != 1 {
		t.Errorf("nothing to mend: %+v, %v", r, err)
	}
}
