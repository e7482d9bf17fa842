package folder

import (
	"os"
	"strings"
	"testing"
	"time"

	"recto/scan"
	"recto/scan/scantest"
)

// RAW and JPEG come as one whichever is first; a RAW that waited in vain comes alone,
// and its JPEG later as a page of its own that says so.
func TestWatchPairs(t *testing.T) {
	jpeg := jpegBytes(t, picture(64, 48))
	c := quick()
	c.Pair = 700 * time.Millisecond
	for _, ext := range []string{".CR2", ".NEF"} { // before and behind .jpg in natural order
		dir := t.TempDir()
		h := watch(t, dir, c)
		write(t, dir, "1"+ext, cr2(1))
		h.until("the first", func(_ []scantest.Event, s Status) bool { return s.Waiting == 1 })
		time.Sleep(c.Settle * 2)
		write(t, dir, "1.JPG", jpeg[:100]) // it is still being written
		time.Sleep(c.Settle * 2)
		write(t, dir, "1.JPG", jpeg)
		h.came("1" + ext + "+1.JPG")

		write(t, dir, "2.jpg", jpeg) // now the folder is known to have raw files
		h.until("it waits", func(_ []scantest.Event, s Status) bool { return s.Waiting == 1 })
		time.Sleep(c.Settle * 2)
		write(t, dir, "2"+ext, cr2(2))
		h.came("1"+ext+"+1.JPG", "2"+ext+"+2.jpg")

		write(t, dir, "3"+ext, cr2(3))
		h.came("1"+ext+"+1.JPG", "2"+ext+"+2.jpg", "3"+ext)
		write(t, dir, "3.jpg", jpeg)
		h.came("1"+ext+"+1.JPG", "2"+ext+"+2.jpg", "3"+ext, "3.jpg")

		write(t, dir, "4.jpg", jpeg) // its raw file never comes
		h.came("1"+ext+"+1.JPG", "2"+ext+"+2.jpg", "3"+ext, "3.jpg", "4.jpg")
		write(t, dir, "4"+ext, cr2(4)) // or comes too late
		h.came("1"+ext+"+1.JPG", "2"+ext+"+2.jpg", "3"+ext, "3.jpg", "4.jpg", "4"+ext+"+4.jpg")
		h.stop()
		for i, note := range map[int]string{2: "without its JPEG", 3: "came without it", 5: "came before its raw file"} {
			if e := h.events()[i]; !strings.Contains(e.Sheet.Origin.Note, note) {
				t.Errorf("%d: %q, want %q", i, e.Sheet.Origin.Note, note)
			}
		}
	}
}

// Half of a pair that never ends keeps the other from nobody.
func TestWatchHalfPairs(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "1.cr2", cr2(1))
	write(t, dir, "1.jpg", jpegBytes(t, picture(64, 48))[:300])
	write(t, dir, "2.cr2", cr2(2)[:40])
	write(t, dir, "2.jpg", jpegBytes(t, picture(64, 48)))
	h := watch(t, dir, quick())
	h.came("1.cr2", "!1.jpg", "!2.cr2", "2.jpg")
	write(t, dir, "1.jpg", jpegBytes(t, picture(64, 48)))
	write(t, dir, "2.cr2", cr2(2))
	h.came("1.cr2", "!1.jpg", "!2.cr2", "2.jpg", "1.jpg", "2.cr2+2.jpg")
	if os.Getenv("RECTO_SOAK") == "1" {
		h.quiet()
	}
}

// A shot whose JPEG comes while the receiver is busy is a pair all the same.
func TestWatchPairWhileBusy(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "0.png", pngBytes(t, picture(8, 8)))
	write(t, dir, "1.cr2", cr2(1))
	c := quick()
	c.Idle = 100 * time.Millisecond
	var r scantest.Recorder
	r.After = func(scantest.Event) error {
		if len(r.Events) == 1 {
			write(t, dir, "1.jpg", jpegBytes(t, picture(8, 8)))
			time.Sleep(2 * (c.Pair + c.Late))
		}
		return nil
	}
	if err := NewWatch(c).Scan(t.Context(), scan.Ticket{Paths: []scan.Path{scan.Path(dir)}}, &r); err != nil {
		t.Fatal(err)
	}
	if got := pairsOf(r.Events); len(got) != 2 || got[1] != "1.cr2+1.jpg" {
		t.Error(got)
	}
}
