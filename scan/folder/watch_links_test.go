package folder

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"recto/scan/scantest"
)

// Links that lead back end; those that lead nowhere are told after long and taken when
// they lead to a page; pipes block nobody.
func TestWatchLinks(t *testing.T) {
	base := t.TempDir()
	dir := filepath.Join(base, "in")
	write(t, dir, "sub/page.png", pngBytes(t, picture(8, 8)))
	for link, to := range map[string]string{"loop": ".", "sub/up": "..", "later.png": "../elsewhere.png", "self.png": "self.png"} {
		if err := os.Symlink(to, filepath.Join(dir, link)); err != nil {
			t.Fatal(err)
		}
	}
	for _, n := range []string{"pipe", "pipe.png"} {
		if err := syscall.Mkfifo(filepath.Join(dir, n), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	h := watch(t, dir, quick())
	want := []string{"page.png", "!loop", "!up", "!later.png", "!self.png", "-pipe", "!pipe.png"}
	h.came(want...)
	h.quiet()
	h.came(want...)
	write(t, base, "elsewhere.png", pngBytes(t, picture(8, 9)))
	h.came(append(want, "later.png")...)
	h.until("what is left", func(_ []scantest.Event, s Status) bool { return len(s.Trouble) == 1 && s.Waiting == 0 })
}

// A link beside its file is a source of its own, whichever comes first, as in an import.
func TestWatchLinkBesideFile(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "sub/page.png", pngBytes(t, picture(8, 8)))
	for _, link := range []string{"before.png", "ta-after.png"} { // in natural order
		if err := os.Symlink("sub/page.png", filepath.Join(dir, link)); err != nil {
			t.Fatal(err)
		}
	}
	h := watch(t, dir, quick())
	h.came("before.png", "page.png", "ta-after.png")
	h.quiet()
	h.came("before.png", "page.png", "ta-after.png")
}
