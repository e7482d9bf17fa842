package folder

import (
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"recto/scan"
	"recto/scan/scantest"
)

// A file that grows for ever is told once, is never taken and keeps nobody waiting;
// when it ends after all it is taken.
func TestWatchGrowing(t *testing.T) {
	dir := t.TempDir()
	page := jpegBytes(t, picture(400, 300))
	path := write(t, dir, "0.jpg", page[:200])
	h := watch(t, dir, quick())
	stop := make(chan struct{})
	var writer sync.WaitGroup
	writer.Go(func() {
		f, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND, 0)
		if err != nil {
			t.Error(err)
			return
		}
		defer f.Close()
		for at := 200; ; at++ {
			select {
			case <-stop:
				f.Write(page[at:])
				return
			case <-time.After(5 * time.Millisecond):
				if at >= len(page)-2 {
					t.Error("the test is too short")
					return
				}
				f.Write(page[at : at+1])
			}
		}
	})
	write(t, dir, "1.png", pngBytes(t, picture(8, 8)))
	h.came("1.png")
	h.until("still being written", func(_ []scantest.Event, s Status) bool { return len(s.Growing) == 1 && string(s.Growing[0]) == path })
	write(t, dir, "2.png", pngBytes(t, picture(8, 9)))
	h.came("1.png", "2.png")
	close(stop)
	writer.Wait()
	h.came("0.jpg", "1.png", "2.png")
	h.until("that it grows no more", func(_ []scantest.Event, s Status) bool { return len(s.Growing) == 0 && s.Waiting == 0 })
	h.stop()
	told := 0
	for i, s := range h.heard {
		if len(s.Growing) > 0 && (i == 0 || len(h.heard[i-1].Growing) == 0) {
			told++
		}
	}
	if told != 1 {
		t.Errorf("told %d times", told)
	}
}

// A copy that stops half-way waits, is told once and is taken when it goes on.
func TestWatchStalledCopy(t *testing.T) {
	dir := t.TempDir()
	whole := map[string][]byte{
		"a.jpg": jpegBytes(t, picture(64, 48)), "b.png": pngBytes(t, picture(64, 48)), "c.tif": tiffBytes(t, picture(64, 48)),
		"d.bmp": bmpBytes(t, picture(64, 48)), "e.pgm": append([]byte("P5 10 10 255\n"), make([]byte, 100)...),
	}
	for name, b := range whole {
		write(t, dir, name, b[:len(b)/2])
	}
	h := watch(t, dir, quick())
	want := []string{"!a.jpg", "!b.png", "!c.tif", "!d.bmp", "!e.pgm"}
	h.came(want...)
	h.quiet()
	h.came(want...)
	for _, e := range h.events() {
		if !errors.Is(e.Reject.Err, scan.ErrTruncated) {
			t.Error(e)
		}
	}
	h.until("what they lack", func(_ []scantest.Event, s Status) bool { return len(s.Trouble) == 5 })
	for name, b := range whole {
		f, err := os.OpenFile(filepath.Join(dir, name), os.O_WRONLY|os.O_APPEND, 0)
		if err != nil {
			t.Fatal(err)
		}
		f.Write(b[len(b)/2:])
		f.Close()
		want = append(want, name)
	}
	h.came(want...)
	h.until("no more trouble", func(_ []scantest.Event, s Status) bool { return len(s.Trouble) == 0 && s.Waiting == 0 })
}
