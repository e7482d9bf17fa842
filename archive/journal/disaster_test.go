package journal

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"recto/scan"
)

// small mounts a file system of its own, of so many bytes.
func small(t *testing.T, size string) string {
	t.Helper()
	dir := t.TempDir()
	if err := unix.Mount("tmpfs", dir, "tmpfs", 0, "size="+size); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("a tmpfs cannot be mounted: %v", err)
		}
		t.Skipf("a tmpfs cannot be mounted (this needs root): %v", err)
	}
	t.Cleanup(func() { unix.Unmount(dir, unix.MNT_DETACH) })
	return dir
}

func TestFullDisk(t *testing.T) {
	dir := small(t, "256k")
	j, _ := mustOpen(t, filepath.Join(dir, "journal"), segmentSize)
	add(t, j, "a")
	_, err := j.Append(t.Context(), event(t, "b"), event(t, strings.Repeat("x", 300_000)))
	if !errors.Is(err, scan.ErrNoSpace) {
		t.Errorf("full: %v", err)
	}
	expect(t, j, 0, "1:a")
	add(t, j, "c") // a small one has room
	expect(t, j, 0, "1:a 2:c")
	valid(t, j)
	if err := unix.Mount("", dir, "", unix.MS_REMOUNT, "size=1m"); err != nil {
		t.Fatal(err)
	}
	add(t, j, strings.Repeat("x", 300_000))
	valid(t, j)
}

func TestReadOnlyDisk(t *testing.T) {
	dir := small(t, "256k")
	folder := filepath.Join(dir, "journal")
	j, _ := mustOpen(t, folder, segmentSize)
	add(t, j, "a")
	j.Close()
	if err := unix.Mount("", dir, "", unix.MS_REMOUNT|unix.MS_RDONLY, ""); err != nil {
		t.Fatal(err)
	}
	if _, _, err := Open(folder); !errors.Is(err, scan.ErrReadOnly) {
		t.Errorf("opened: %v", err)
	}
	j, err := OpenReadOnly(folder)
	if err != nil {
		t.Fatal(err)
	}
	expect(t, j, 0, "1:a")
	valid(t, j)
}
