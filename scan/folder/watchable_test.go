package folder

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"recto/scan"
)

// Whether a folder can be watched is known before anything is made for the watch.
func TestWatchable(t *testing.T) {
	dir := t.TempDir()
	file := write(t, dir, "a.png", pngBytes(t, picture(8, 8)))
	for path, words := range map[string]string{file: "not a folder", filepath.Join(dir, "none"): "it is not there", filepath.Join(file, "x"): "not a directory"} {
		if err := Watchable(scan.Path(path)); !errors.Is(err, scan.ErrNoFolder) || !strings.Contains(err.Error(), words) {
			t.Errorf("%s: %v", path, err)
		}
	}
	empty := filepath.Join(dir, "empty")
	if err := os.Mkdir(empty, 0o700); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{dir, empty} {
		if err := Watchable(scan.Path(path)); err != nil {
			t.Error(err)
		}
	}
}
