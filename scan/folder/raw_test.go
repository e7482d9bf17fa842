package folder

import (
	"crypto/sha256"
	"fmt"
	"image"
	"os"
	"path/filepath"
	"testing"

	"recto/scan"
	"recto/scan/scantest"
)

// cr2 is the least that is taken for a Canon's raw file: its header and a directory
// whose one strip lies in the file. nr makes it another shot.
func cr2(nr int) []byte {
	b := []byte("II*\x00\x10\x00\x00\x00CR\x02\x00\x00\x00\x00\x00")
	b = append(b, 2, 0)
	entry := func(tag, value uint16) {
		b = append(b, byte(tag), byte(tag>>8), 4, 0, 1, 0, 0, 0, byte(value), byte(value>>8), 0, 0)
	}
	entry(tagStripOffsets, 46)
	entry(tagStripCounts, 64)
	b = append(b, 0, 0, 0, 0)
	return append(b, fmt.Sprintf("%064d", nr)...)
}

// pairs lists what came: file names of master and companion.
func pairsOf(events []scantest.Event) (out []string) {
	for _, e := range events {
		switch {
		case e.Sheet != nil && e.Sheet.Companion != nil:
			out = append(out, filepath.Base(string(e.Sheet.Origin.Path))+"+"+filepath.Base(string(e.Sheet.Companion.Origin.Path)))
		case e.Sheet != nil:
			out = append(out, filepath.Base(string(e.Sheet.Origin.Path)))
		case e.Reject != nil:
			out = append(out, "!"+filepath.Base(string(e.Reject.Origin.Path)))
		default:
			out = append(out, "-"+filepath.Base(string(e.Ignored)))
		}
	}
	return out
}

func TestPairs(t *testing.T) {
	dir := t.TempDir()
	jpeg := jpegBytes(t, picture(80, 40))
	in := func(name string, b []byte) string { return write(t, dir, name, b) }
	in("in/1.CR2", cr2(1))
	in("in/1.JPG", withSegment(jpeg, 0xe1, []byte("Exif\x00\x00II*\x00\x08\x00\x00\x00\x01\x00\x12\x01\x03\x00\x01\x00\x00\x00\x06\x00\x00\x00\x00\x00\x00\x00")))
	in("in/2.cr2", cr2(2)) // alone
	in("in/3.jpg", jpeg)   // alone
	in("in/4.cr2", cr2(4)) // its JPEG is none
	in("in/4.jpg", pngBytes(t, picture(8, 8)))
	in("in/5.cr2", cr2(5)) // two of each
	in("in/5.dng", cr2(55))
	in("in/5.jpeg", jpeg)
	in("in/5.jpg", jpeg)
	in("in/6.cr2", jpeg) // no raw file
	in("in/6.jpg", jpeg)
	in("in/7.cr2", cr2(7)) // of another folder
	in("in/sub/7.jpg", jpeg)

	events := scanAll(t, filepath.Join(dir, "in"))
	want := "[1.CR2+1.JPG 2.cr2 3.jpg 4.cr2 4.jpg 5.cr2+5.jpeg 5.dng 5.jpg 6.cr2 6.jpg 7.cr2 7.jpg]"
	if got := fmt.Sprint(pairsOf(events)); got != want {
		t.Errorf("from a folder: %s\nwant %s", got, want)
	}
	s := events[0].Sheet
	if s.Format != scan.RAW || s.Extension() != ".cr2" || s.Pixels != image.Pt(80, 40) || s.Orientation != 6 || s.Companion.Format != scan.JPEG {
		t.Errorf("the pair: %v", events[0])
	}
	if want := fmt.Sprintf("%x", sha256.Sum256(cr2(1))); events[0].SHA256 != want || events[0].Companion == want || events[0].Companion == "" {
		t.Errorf("the pair's bytes: %v", events[0])
	}
	if s := events[1].Sheet; s.Format != scan.RAW || s.Origin.Note == "" {
		t.Errorf("alone: %v", events[1])
	}
	p := func(name string) string { return filepath.Join(dir, "in", name) }
	for _, c := range []struct {
		want  string
		paths []string
	}{
		{"[1.CR2+1.JPG]", []string{p("1.CR2")}},
		{"[1.CR2+1.JPG]", []string{p("1.JPG"), p("1.CR2")}},
		{"[3.jpg 1.CR2+1.JPG 2.cr2]", []string{p("3.jpg"), p("1.CR2"), p("1.JPG"), p("2.cr2")}},
		{"[1.JPG]", []string{p("1.JPG")}},
		{"[5.cr2+5.jpg 5.dng+5.jpeg]", []string{p("5.cr2"), p("5.jpg"), p("5.dng"), p("5.jpeg")}},
		{"[6.cr2 6.jpg]", []string{p("6.cr2"), p("6.jpg")}},
	} {
		if got := fmt.Sprint(pairsOf(scanAll(t, c.paths...))); got != c.want {
			t.Errorf("%v: %s, want %s", c.paths, got, c.want)
		}
	}
}

// TestPairTornApart has the JPEG become unreadable between finding and taking.
func TestPairTornApart(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "a.png", pngBytes(t, picture(8, 8)))
	write(t, dir, "b.cr2", cr2(1))
	jpeg := write(t, dir, "b.jpg", jpegBytes(t, picture(8, 8)))
	var r scantest.Recorder
	r.After = func(e scantest.Event) error {
		if len(r.Events) == 1 {
			return os.Remove(jpeg)
		}
		return nil
	}
	if err := New(Config{}).Scan(t.Context(), scan.Ticket{Paths: []scan.Path{scan.Path(dir)}}, &r); err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(pairsOf(r.Events)); got != "[a.png b.cr2 !b.jpg]" {
		t.Error(got)
	}
}
