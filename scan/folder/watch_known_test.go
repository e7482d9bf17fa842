package folder

import (
	"encoding/binary"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"recto/scan"
	"recto/scan/scantest"
)

// pagesOf makes pages of what came, as a batch would have them.
func pagesOf(events []scantest.Event) (pages []scan.Page) {
	for _, e := range events {
		if e.Sheet == nil {
			continue
		}
		p := scan.Page{Origin: e.Sheet.Origin, Format: e.Sheet.Format, Fixity: scan.Fixity{SHA256: e.SHA256}}
		if c := e.Sheet.Companion; c != nil {
			p.Companion = scan.Companion{Master: "masters/x", Absolute: c.Origin.Absolute, Size: c.Origin.Size, Modified: c.Origin.Modified, Fixity: scan.Fixity{SHA256: e.Companion}}
		}
		pages = append(pages, p)
	}
	return pages
}

// A watch that begins anew with what the batch has gives the rest and nothing twice,
// whatever was done to the folder meanwhile.
func TestWatchRestart(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"1.png", "2.png", "3.png", "9.png"} {
		write(t, dir, name, append(pngBytes(t, picture(8, 8)), name...))
	}
	write(t, dir, "4.cr2", cr2(4))
	write(t, dir, "4.jpg", jpegBytes(t, picture(8, 8)))
	write(t, dir, "5.cr2", cr2(5))
	book := newMaker(binary.LittleEndian, false)
	book.page(1)
	book.page(2)
	write(t, dir, "6.tif", book.buf)
	c := quick()
	h := watch(t, dir, c)
	h.came("1.png", "2.png", "3.png", "9.png", "4.cr2+4.jpg", "5.cr2", "6.tif", "6.tif")
	h.stop()
	have := pagesOf(h.events())

	// All that is known, and no more.
	c.Known, c.Idle = Taken(have), c.Late*2
	var quiet scantest.Recorder
	if err := NewWatch(c).Scan(t.Context(), scan.Ticket{Paths: []scan.Path{scan.Path(dir)}}, &quiet); err != nil || len(quiet.Events) > 0 {
		t.Errorf("%v: %v", err, pairsOf(quiet.Events))
	}

	// It was cut off in the middle of the book, a page was lost; one file has another
	// name, one other bytes, one raw file has its JPEG.
	var part []scan.Page
	for _, p := range have {
		if name := filepath.Base(string(p.Origin.Path)); name != "2.png" && (name != "6.tif" || p.Origin.Index == 0) {
			part = append(part, p)
		}
	}
	if err := os.Rename(filepath.Join(dir, "1.png"), filepath.Join(dir, "1 renamed.png")); err != nil {
		t.Fatal(err)
	}
	write(t, dir, "3.png", pngBytes(t, picture(30, 30)))
	write(t, dir, "5.jpg", jpegBytes(t, picture(8, 8)))
	if err := os.Link(filepath.Join(dir, "9.png"), filepath.Join(dir, "9 twin.png")); err != nil {
		t.Fatal(err)
	}
	c.Known, c.Idle = Taken(part), 0
	h = watch(t, dir, c)
	want := []string{"2.png", "3.png", "5.cr2+5.jpg", "6.tif", "6.tif", "9 twin.png"}
	h.came(want...)
	h.quiet()
	h.came(want...)
}

// A file that was taken and gets another name is told once and not taken; neither is a
// pair. Another file under the old name is.
func TestWatchRenamed(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "a.png", pngBytes(t, picture(8, 8)))
	write(t, dir, "b.nef", cr2(1))
	write(t, dir, "b.jpg", jpegBytes(t, picture(8, 8)))
	h := watch(t, dir, quick())
	h.came("a.png", "b.nef+b.jpg")
	for _, name := range []string{"a.png", "b.nef", "b.jpg"} {
		if err := os.Rename(filepath.Join(dir, name), filepath.Join(dir, "new "+name)); err != nil {
			t.Fatal(err)
		}
	}
	write(t, dir, "a.png", pngBytes(t, picture(8, 9)))
	want := []string{"a.png", "b.nef+b.jpg", "-new a.png", "-new b.nef", "-new b.jpg", "a.png"}
	h.came(want...)
	if err := os.Rename(filepath.Join(dir, "new a.png"), filepath.Join(dir, "newer a.png")); err != nil {
		t.Fatal(err)
	}
	want = append(want, "-newer a.png")
	h.came(want...)
	h.quiet()
	h.came(want...)
	for _, e := range h.events() {
		if e.Ignored != "" && !strings.Contains(e.Reason, "taken already, as ") {
			t.Error(e)
		}
	}
}
