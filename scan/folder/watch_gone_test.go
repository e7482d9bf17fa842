package folder

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"

	"recto/scan"
	"recto/scan/scantest"
)

// The folder goes away and comes back, as on a stick that is pulled: that is told, and
// what came meanwhile is taken; what had been taken is not.
func TestWatchFolderGone(t *testing.T) {
	for _, blind := range []bool{false, true} {
		base := t.TempDir()
		dir, away := filepath.Join(base, "in"), filepath.Join(base, "away")
		write(t, dir, "1.png", pngBytes(t, picture(8, 8)))
		write(t, dir, "half.png", pngBytes(t, picture(8, 12))[:40])
		c := quick()
		c.NoEvents = blind
		h := watch(t, dir, c)
		h.came("1.png", "!half.png")
		if err := os.Rename(dir, away); err != nil {
			t.Fatal(err)
		}
		h.until("that it is gone", func(_ []scantest.Event, s Status) bool {
			return errors.Is(s.Err, scan.ErrNoFolder) && errors.Is(s.Err, fs.ErrNotExist)
		})
		write(t, away, "2.png", pngBytes(t, picture(8, 9)))
		write(t, away, "half.png", pngBytes(t, picture(8, 12)))
		if err := os.Rename(away, dir); err != nil {
			t.Fatal(err)
		}
		h.until("that it is back", func(_ []scantest.Event, s Status) bool { return s.Err == nil })
		h.came("1.png", "!half.png", "2.png", "half.png")
		// Another folder of this name, with copies of the files in it.
		if err := os.RemoveAll(dir); err != nil {
			t.Fatal(err)
		}
		h.until("that it is gone again", func(_ []scantest.Event, s Status) bool { return s.Err != nil })
		write(t, dir, "1.png", pngBytes(t, picture(8, 8)))
		write(t, dir, "3.png", pngBytes(t, picture(8, 10)))
		h.came("1.png", "!half.png", "2.png", "half.png", "3.png")
		h.quiet()
		h.came("1.png", "!half.png", "2.png", "half.png", "3.png")
		h.stop()
	}
}

// A disk that is unmounted leaves an empty folder in its place.
func TestWatchUnmounted(t *testing.T) {
	dir := t.TempDir()
	mount := func() {
		if err := unix.Mount("tmpfs", dir, "tmpfs", 0, "size=1m"); err != nil {
			if os.Getenv("CI") == "true" {
				t.Fatalf("a tmpfs cannot be mounted: %v", err)
			}
			t.Skipf("a tmpfs cannot be mounted (this needs root): %v", err)
		}
	}
	mount()
	t.Cleanup(func() { unix.Unmount(dir, unix.MNT_DETACH) })
	put := func(names ...string) {
		for i, name := range names {
			write(t, dir, name, pngBytes(t, picture(8, 8+i)))
		}
	}
	put("1.png", "2.png")
	h := watch(t, dir, quick())
	h.came("1.png", "2.png")
	if err := unix.Unmount(dir, unix.MNT_DETACH); err != nil {
		t.Fatal(err)
	}
	mount()
	put("1.png", "2.png", "3.png")
	h.came("1.png", "2.png", "3.png")
	h.quiet()
	h.came("1.png", "2.png", "3.png")
}
