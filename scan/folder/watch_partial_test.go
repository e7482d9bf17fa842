package folder

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"recto/scan"
	"recto/scan/scantest"
)

// A copy that is not finished by its name is taken under its own, and not before.
func TestWatchPartial(t *testing.T) {
	dir := t.TempDir()
	h := watch(t, dir, quick())
	p := pngBytes(t, picture(8, 8))
	names := map[string]string{
		"1.png": "1.png.part", "2.png": "2.png.crdownload", "3.png": "3.tmp", "4.png": ".4.png.Ab3dE9", "5.png": "~$5.png", "6.png": ".~lock.6.png#",
	}
	var ignored, taken []string
	for to, from := range names {
		write(t, dir, from, append(p, to...))
		ignored, taken = append(ignored, "-"+from), append(taken, to)
	}
	h.came(ignored...)
	h.quiet()
	h.came(ignored...)
	for to, from := range names {
		if err := os.Rename(filepath.Join(dir, from), filepath.Join(dir, to)); err != nil {
			t.Fatal(err)
		}
	}
	h.came(append(ignored, taken...)...)
	h.quiet()
	h.came(append(ignored, taken...)...)
}

func TestUnfinished(t *testing.T) {
	for name, want := range map[string]bool{
		"a.png": false, ".a.png": false, ".a.png.Xy12Zz": true, ".a.png.jpeg": false, ".hidden.tiff": false, "a.PART": true, "a.tif~": true,
		"part.png": false, ".nfs0000123": true, "a.b.c123456": false, ".DS_Store": false,
	} {
		if unfinished("/x/"+name) != want {
			t.Errorf("%s: %v", name, !want)
		}
	}
}

// A file of no bytes waits, is told once after long, and is taken when it has some.
func TestWatchEmpty(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "a.png", nil)
	write(t, dir, "b.txt", nil)
	h := watch(t, dir, quick())
	h.until("what it waits for", func(events []scantest.Event, s Status) bool {
		return len(s.Trouble) == 2 && len(events) <= 2 && s.Trouble[0].Err == scan.ErrEmpty
	})
	h.came("!a.png", "-b.txt")
	h.quiet()
	h.came("!a.png", "-b.txt")
	write(t, dir, "a.png", pngBytes(t, picture(8, 8)))
	h.came("!a.png", "-b.txt", "a.png")
	h.until("no more trouble with it", func(_ []scantest.Event, s Status) bool { return len(s.Trouble) == 1 })
}

// A watch that ends names what it leaves behind: cut short, empty, waiting for its
// JPEG. What it gave, or told of, it does not name.
func TestWatchLeaves(t *testing.T) {
	dir := t.TempDir()
	whole := pngBytes(t, picture(64, 64))
	write(t, dir, "1.png", whole)
	write(t, dir, "2.png", whole[:len(whole)-20])
	write(t, dir, "3.png", nil)
	if err := os.Symlink(filepath.Join(dir, "nowhere"), filepath.Join(dir, "4.png")); err != nil {
		t.Fatal(err)
	}
	c := quick()
	c.Late, c.Pair = time.Hour, time.Hour
	write(t, dir, "5.jpg", whole) // a JPEG by its name: waits for nobody, is not what it says
	var left []string
	c.Left = func(all []Trouble) {
		for _, x := range all {
			if !errors.Is(x.Err, scan.ErrAwaited) {
				t.Errorf("%s: %v", x.Path, x.Err)
			}
			left = append(left, filepath.Base(string(x.Path)))
		}
	}
	h := watch(t, dir, c)
	h.until("the whole one", func(events []scantest.Event, s Status) bool { return s.Taken >= 1 && len(s.Trouble) >= 3 })
	h.stop()
	if got := strings.Join(left, " "); got != "2.png 3.png 4.png" {
		t.Errorf("left: %s", got)
	}
}
