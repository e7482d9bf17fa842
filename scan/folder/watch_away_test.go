package folder

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"recto/scan"
	"recto/scan/scantest"
)

// renaming gives the first sheet's file another name before it reads it.
type renaming struct {
	scantest.Recorder
	to   string
	done func()
}

func (r *renaming) Sheet(s scan.Sheet) error {
	if r.to != "" {
		to := r.to
		r.to = ""
		if err := os.Rename(string(s.Origin.Path), to); err != nil {
			return err
		}
		return r.Recorder.Sheet(s)
	}
	defer r.done()
	return r.Recorder.Sheet(s)
}

// A file that gets another name at the moment at which it is taken comes under that
// one: nobody is told that it cannot be read, or that it was taken already.
func TestWatchRenamedWhileTaken(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "1.png", pngBytes(t, picture(8, 8)))
	ctx, cancel := context.WithCancel(t.Context())
	to := &renaming{to: filepath.Join(dir, "2.png"), done: cancel}
	if err := NewWatch(quick()).Scan(ctx, scan.Ticket{Paths: []scan.Path{scan.Path(dir)}}, to); err != context.Canceled {
		t.Fatal(err)
	}
	if len(to.Events) != 1 || to.Events[0].Sheet == nil || filepath.Base(string(to.Events[0].Sheet.Origin.Path)) != "2.png" {
		t.Errorf("%+v", to.Events)
	}
}
