package folder

import (
	"context"
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"recto/scan"
	"recto/scan/scantest"
)

func TestNaturalOrder(t *testing.T) {
	want := []string{
		"", "\xff\xfe", "1", "01", "2", "a10", "B2", "ba", "page", "page 1.tif", "page.tif", "page1.tif", "Page2.tif", "page2.TIF",
		"page02.tif", "page10.tif", "page10a", "page99999999999999999999999.tif", "page100000000000000000000000.tif",
		"stra\u00dfe1", "STRASSE2", "z", "\u00e91", "e\u03012",
	}
	keys := make([]sortKey, len(want))
	for i, n := range want {
		keys[i] = newSortKey(n)
	}
	for i, a := range keys {
		for k, b := range keys {
			if got := a.compare(b); got > 0 && b.compare(a) >= 0 || got == 0 && a.raw != b.raw {
				t.Fatalf("no order between %q and %q", want[i], want[k])
			}
		}
	}
	for _, c := range [][2]string{
		{"page2", "page10"}, {"Page2", "page10"}, {"page 9.tif", "page 10.tif"}, {"a", "B"}, {"B", "c"}, {"a2b10", "a10b2"},
		{"\u00e91", "e\u03012"}, {"e\u03011", "\u00e92"}, {"x99999999999999999999998", "x99999999999999999999999"},
		{"STRASSE1", "stra\u00dfe2"}, {"page.tif", "page1.tif"}, {"x01", "x1a"}, {"a\xff", "a\xff1"},
	} {
		if newSortKey(c[0]).compare(newSortKey(c[1])) >= 0 || newSortKey(c[1]).compare(newSortKey(c[0])) <= 0 {
			t.Errorf("%q does not come before %q", c[0], c[1])
		}
	}
}

// TestContract runs the suite of scan.Source over a folder of everything.
func TestContract(t *testing.T) {
	scantest.Source(t, func(t *testing.T) scantest.Case {
		dir := t.TempDir()
		page := picture(64, 48)
		p, j := pngBytes(t, page), jpegBytes(t, page)
		book := newMaker(binary.LittleEndian, false)
		book.page(1)
		book.page(2)
		c := scantest.Case{
			Source: New(Config{Expand: inProcess{t.TempDir()}}), Roots: []string{dir},
			Ticket: scan.Ticket{Paths: []scan.Path{scan.Path(filepath.Join(dir, "in")), scan.Path(filepath.Join(dir, "in", "page2.png"))}},
		}
		in := func(name string) scan.Path { return scan.Path(filepath.Join(dir, "in", name)) }
		sheet := func(name string, b []byte) {
			write(t, dir, filepath.Join("in", name), b)
			c.Want = append(c.Want, scantest.Want{Path: in(name), Bytes: b})
		}
		other := func(name string, b []byte, w scantest.Want) {
			write(t, dir, filepath.Join("in", name), b)
			w.Path = in(name)
			c.Want = append(c.Want, w)
		}
		write(t, dir, "in/.Trash-1000/files/page.png", p)
		c.Want = append(c.Want, scantest.Want{Path: in("._page1.png"), Ignored: true},
			scantest.Want{Path: in(".DS_Store"), Ignored: true}, scantest.Want{Path: in(".hidden/page.png"), Bytes: p},
			scantest.Want{Path: in(".hidden.png"), Bytes: p}, scantest.Want{Path: in(".Trash-1000"), Ignored: true})
		write(t, dir, "in/.hidden/page.png", p)
		write(t, dir, "in/._page1.png", []byte("\x00\x05\x16\x07\x00\x02\x00\x00Mac OS X        "))
		write(t, dir, "in/.DS_Store", []byte("\x00\x00\x00\x01Bud1\x00\x00\x10\x00"))
		write(t, dir, "in/.hidden.png", p)
		other("3.pdf", onePage(t, "DCTDecode", j), scantest.Want{})
		other("empty.jpg", nil, scantest.Want{Err: scan.ErrEmpty})
		other("empty.txt", nil, scantest.Want{Ignored: true})
		write(t, dir, "in/book.tif", book.buf)
		c.Want = slices.Insert(c.Want, 6, scantest.Want{Path: in("book.tif")}, scantest.Want{Path: in("book.tif"), Index: 1})
		sheet("name\nwith \U0001f4dc.png", p)
		other("notes.txt", []byte("bring milk"), scantest.Want{Ignored: true})
		sheet("page1.jpg", p) // a PNG, whatever it is called
		sheet("page2.png", p)
		sheet("page3/a.bmp", bmpBytes(t, page))
		sheet("page3/b.jpeg", j)
		sheet("page4", j)
		sheet("page10.tif", tiffBytes(t, page))
		other("text.jpg", []byte("no picture"), scantest.Want{Err: scan.ErrNotImage})
		other("Thumbs.db", []byte("x"), scantest.Want{Ignored: true})
		c.Want = append(c.Want, scantest.Want{Path: in("page2.png"), Bytes: p}) // given again
		return c
	})
}

// events scans and sorts the events by path.
func byPath(t *testing.T, paths ...string) map[string][]scantest.Event {
	t.Helper()
	m := map[string][]scantest.Event{}
	for _, e := range scanAll(t, paths...) {
		switch {
		case e.Sheet != nil:
			m[string(e.Sheet.Origin.Path)] = append(m[string(e.Sheet.Origin.Path)], e)
		case e.Reject != nil:
			m[string(e.Reject.Origin.Path)] = append(m[string(e.Reject.Origin.Path)], e)
		default:
			m[string(e.Ignored)] = append(m[string(e.Ignored)], e)
		}
	}
	return m
}

func rejected(t *testing.T, events []scantest.Event, want error) {
	t.Helper()
	if len(events) != 1 || events[0].Reject == nil || !errors.Is(events[0].Reject.Err, want) {
		t.Errorf("want one reject that wraps %q, got %v", want, events)
	}
}

func TestLinks(t *testing.T) {
	dir := t.TempDir()
	p := pngBytes(t, picture(8, 8))
	real := write(t, dir, "elsewhere/real.png", p)
	write(t, dir, "in/sub/page.png", p)
	for link, to := range map[string]string{
		"in/loop": ".", "in/sub/up": "../..", "in/file.png": real, "in/folder": filepath.Dir(real), "in/broken.png": "nothing",
		"in/self.png": "self.png",
	} {
		if err := os.Symlink(to, filepath.Join(dir, link)); err != nil {
			t.Fatal(err)
		}
	}
	in := filepath.Join(dir, "in")
	got := byPath(t, in)
	rejected(t, got[filepath.Join(in, "loop")], scan.ErrLoop)
	rejected(t, got[filepath.Join(in, "sub/up/in")], scan.ErrLoop)
	rejected(t, got[filepath.Join(in, "broken.png")], scan.ErrUnreadable)
	rejected(t, got[filepath.Join(in, "self.png")], scan.ErrUnreadable)
	for _, path := range []string{"file.png", "folder/real.png", "sub/page.png", "sub/up/elsewhere/real.png"} {
		if e := got[filepath.Join(in, path)]; len(e) != 1 || e[0].Sheet == nil {
			t.Errorf("%s: %v", path, e)
		}
	}
	if len(got) != 8 {
		t.Errorf("%d paths: %v", len(got), got)
	}
}

func TestSpecialFilesNeverBlock(t *testing.T) {
	dir := t.TempDir()
	for _, n := range []string{"pipe", "pipe.png"} {
		if err := syscall.Mkfifo(filepath.Join(dir, n), 0o644); err != nil {
			t.Skip(err)
		}
	}
	got := byPath(t, dir, filepath.Join(dir, "pipe"), "/dev/zero")
	rejected(t, got[filepath.Join(dir, "pipe.png")], scan.ErrUnreadable)
	rejected(t, got["/dev/zero"], scan.ErrUnreadable)
	if e := got[filepath.Join(dir, "pipe")]; len(e) != 2 || e[0].Reason == "" || e[1].Reject == nil {
		t.Errorf("pipe: %v", e)
	}
	if _, _, err := open(filepath.Join(dir, "pipe")); err == nil { // a pipe in place of a file
		t.Error("a pipe was opened")
	}
}

func TestArguments(t *testing.T) {
	dir := t.TempDir()
	p := pngBytes(t, picture(8, 8))
	odd := []string{"\xff\xfe.png", "e\u0301.png", "\u00e9.png", "new\nline.png", "\U0001f984.png", ".png"}
	for _, n := range odd {
		if err := os.WriteFile(filepath.Join(dir, n), p, 0o644); err != nil {
			t.Skipf("the file system refuses %q: %v", n, err)
		}
	}
	text := write(t, dir, "a.txt", []byte("text"))
	gone := filepath.Join(dir, "gone.png")
	page := filepath.Join(dir, "\xff\xfe.png")
	got := byPath(t, text, gone, page, dir, dir+"/./\xff\xfe.png", page)
	rejected(t, got[gone], scan.ErrUnreadable)
	if e := got[text]; len(e) != 2 || e[0].Reject == nil || !errors.Is(e[0].Reject.Err, scan.ErrNotImage) || e[1].Reason == "" {
		t.Errorf("text: %v", e)
	}
	nth := []int{}
	for _, e := range append(got[page], got[dir+"/./\xff\xfe.png"]...) {
		nth = append(nth, e.Sheet.Origin.Nth)
	}
	slices.Sort(nth)
	if !slices.Equal(nth, []int{0, 1, 2, 3}) {
		t.Errorf("the same file four times: %v", nth)
	}
	for _, n := range odd {
		if e := got[filepath.Join(dir, n)]; len(e) == 0 || e[0].Sheet == nil {
			t.Errorf("%q: %v", n, e)
		}
	}
}

// TestUnreadable needs a file system that means it: root reads everything.
func TestUnreadable(t *testing.T) {
	if os.Geteuid() == 0 {
		t.Skip("root reads files whatever their mode; run the tests as another user")
	}
	dir := t.TempDir()
	path := write(t, dir, "a.png", pngBytes(t, picture(8, 8)))
	closed := filepath.Join(dir, "closed")
	if err := errors.Join(os.Chmod(path, 0), os.Mkdir(closed, 0)); err != nil {
		t.Fatal(err)
	}
	got := byPath(t, dir)
	rejected(t, got[path], scan.ErrUnreadable)
	rejected(t, got[closed], scan.ErrUnreadable)
}

func TestKinds(t *testing.T) {
	dir := t.TempDir()
	ftyp := func(brand string) []byte { return []byte("\x00\x00\x00\x18ftyp" + brand + "\x00\x00\x00\x00mif1") }
	for name, b := range map[string][]byte{
		"a.gif": []byte("GIF89a\x01\x00\x01\x00"), "a.heic": ftyp("heic"), "a.avif": ftyp("avif"),
		"a.jxl": []byte("\xff\x0a\x00\x00"), "b.jxl": []byte("\x00\x00\x00\x0cJXL \r\n\x87\n"), "a.djvu": []byte("AT&TFORM\x00\x00"),
		"a.psd": []byte("8BPS\x00\x01"), "anim.webp": []byte("RIFF\x20\x00\x00\x00WEBPVP8X\x0a\x00\x00\x00\x02\x00\x00\x00\x00\x00\x00\x00\x00\x00"),
		"a.jb2": []byte("\x97JB2\r\n\x1a\n"), "a.ps": []byte("%!PS-Adobe-3.0"),
	} {
		path := write(t, dir, name, b)
		rejected(t, byPath(t, path)[path], scan.ErrUnsupported)
	}
	for name, b := range map[string][]byte{
		"a.jpg": []byte("<html>404</html>"), "b.tif": []byte("BM is how this text begins"), "c.png": []byte("P5 is no picture"),
		"d.jpg": make([]byte, 5000), "video.jpg": ftyp("isom"),
	} {
		path := write(t, dir, name, b)
		rejected(t, byPath(t, path)[path], scan.ErrNotImage)
	}
}

// What has the name of a page and is a resource fork is told when it is given by name;
// a folder of copies is walked then.
func TestGivenByName(t *testing.T) {
	dir := t.TempDir()
	fork := write(t, dir, "._page.jpg", []byte("\x00\x05\x16\x07\x00\x02\x00\x00"))
	page := write(t, dir, ".thumbnails/page.png", pngBytes(t, picture(8, 8)))
	rejected(t, byPath(t, fork)[fork], scan.ErrNotImage)
	if e := byPath(t, filepath.Dir(page))[page]; len(e) != 1 || e[0].Sheet == nil {
		t.Errorf("in a folder given by name: %v", e)
	}
	got := byPath(t, dir)
	for path, why := range map[string]string{fork: resourceFork, filepath.Dir(page): "a folder of thumbnails"} {
		if e := got[path]; len(e) != 1 || !strings.Contains(e[0].Reason, why) {
			t.Errorf("%s: %v, want it ignored as %s", path, e, why)
		}
	}
}

func TestPDFWithoutExpander(t *testing.T) {
	path := write(t, t.TempDir(), "a.pdf", []byte("%PDF-1.4\n"))
	var r scantest.Recorder
	if err := New(Config{}).Scan(context.Background(), scan.Ticket{Paths: []scan.Path{scan.Path(path)}}, &r); err != nil {
		t.Fatal(err)
	}
	rejected(t, r.Events, scan.ErrUnsupported)
}
