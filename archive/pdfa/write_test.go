package pdfa

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/png"
	"io"
	"maps"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"recto/archive/archivetest"
	"recto/ocr"
	"recto/scan"
)

// Every kind of file there is, before the independent judges.
func TestJudges(t *testing.T) {
	files := slices.Sorted(maps.Values(corpus(t)))
	archivetest.Qpdf(t, files...)
	archivetest.VeraPDF(t, "2u", files...)
}

// The bytes of the images are in the file as they were given.
func TestEncodingsStay(t *testing.T) {
	pdfimages := archivetest.Tool(t, "pdfimages")
	grey, _ := verso(t, image.Pt(200, 100))
	leaves := []Leaf{faxLeaf(t, grey, nil), jpegLeaf(t, tinted(grey), nil), jp2Leaf(t, tinted(grey), nil), pngLeaf(t, indexed(grey), nil), pngLeaf(t, deep(grey), nil)}
	path, r := written(t, meta, leaves...)
	out, err := exec.Command(pdfimages, "-list", path).Output()
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, line := range strings.Split(strings.TrimSpace(string(out)), "\n")[2:] {
		f := strings.Fields(line)
		got = append(got, strings.Join(f[5:9], " ")) // colour, components, bits, encoding
	}
	want := []string{"gray 1 1 ccitt", "rgb 3 8 jpeg", "rgb 3 8 jpx", "index 1 2 image", "gray 1 16 image"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	for i, l := range leaves {
		s, c, err := open(&l)
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(s)
		if err := errors.Join(err, c.Close()); err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprintf("%x", sha(b)); got != r.Images[i] {
			t.Errorf("page %d: the stream's digest is %s, the source's %s", i+1, r.Images[i], got)
		}
	}
}

// Whatever way the image is stored, the page is seen upright.
func TestSeenUpright(t *testing.T) {
	pdftoppm := archivetest.Tool(t, "pdftoppm")
	names := slices.Sorted(maps.Keys(turns))
	var leaves []Leaf
	for _, name := range names {
		leaves = append(leaves, turned(t, turns[name]))
	}
	path, _ := written(t, meta, leaves...)
	base := filepath.Join(t.TempDir(), "page")
	if out, err := exec.Command(pdftoppm, "-r", fmt.Sprint(dpi), "-gray", "-png", path, base).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for i, name := range names {
		f, err := os.Open(fmt.Sprintf("%s-%02d.png", base, i+1))
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		got, err := png.Decode(f)
		if err != nil {
			t.Fatal(err)
		}
		seen, _ := verso(t, leaves[i].Frame, "Upright and", "legible")
		if p := got.Bounds().Size().Sub(seen.Rect.Size()); max(p.X, -p.X, p.Y, -p.Y) > 1 {
			t.Errorf("%s: %v pixels, want %v", name, got.Bounds().Size(), seen.Rect.Size())
			continue
		}
		area := image.Rect(35, 50, 200, 140) // the words; the corners may lie outside the stored image
		var off float64
		for y := area.Min.Y; y < area.Max.Y; y++ {
			for x := area.Min.X; x < area.Max.X; x++ {
				v, _, _, _ := got.At(x, y).RGBA()
				off += math.Abs(float64(v>>8) - float64(seen.GrayAt(x, y).Y))
			}
		}
		// Resampling costs 6 to 8 levels; a wrong turn 26 and more.
		off /= float64(area.Dx() * area.Dy())
		t.Logf("%s: %.1f levels", name, off)
		if off > 14 {
			t.Errorf("%s: the page differs from what should be seen by %.1f levels", name, off)
		}
	}
}

func TestSameInputSameBytes(t *testing.T) {
	grey, text := verso(t, image.Pt(300, 200), "Equal bytes")
	leaves := []Leaf{jpegLeaf(t, tinted(grey), text), pngLeaf(t, grey, text), {Problem: "Gone."}}
	var mu sync.Mutex
	var first []byte
	var group sync.WaitGroup
	for range 4 { // at the same time, too: pdfcpu has package variables
		group.Go(func() {
			path, r := written(t, meta, leaves...)
			b, err := os.ReadFile(path)
			if err != nil {
				t.Error(err)
				return
			}
			if r.Fixity.Size != int64(len(b)) || r.Fixity.SHA256 != fmt.Sprintf("%x", sha(b)) || len(r.Fixity.SHA512) != 128 {
				t.Errorf("fixity %+v is not that of the file", r.Fixity)
			}
			mu.Lock()
			defer mu.Unlock()
			if first == nil {
				first = b
			}
			if !bytes.Equal(first, b) {
				t.Error("the same input gave other bytes")
			}
		})
	}
	group.Wait()

	later := meta
	later.Modified = later.Modified.Add(time.Second)
	path, _ := written(t, later, leaves...)
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	id := func(b []byte) []string {
		_, rest, _ := bytes.Cut(b, []byte("/ID["))
		rest, _, _ = bytes.Cut(rest, []byte("]"))
		return strings.Split(strings.Trim(string(rest), "<>"), "><")
	}
	a, c := id(bytes.ReplaceAll(first, []byte("> <"), []byte("><"))), id(bytes.ReplaceAll(b, []byte("> <"), []byte("><")))
	if len(a) != 2 || len(c) != 2 || a[0] != c[0] || a[1] == c[1] {
		t.Errorf("file identifiers %q and, modified, %q", a, c)
	}
}

func TestSharedResources(t *testing.T) {
	grey, text := verso(t, image.Pt(300, 200), "Again")
	one, _ := written(t, meta, jpegLeaf(t, grey, text))
	many, r := written(t, meta, slices.Repeat([]Leaf{jpegLeaf(t, grey, text)}, 50)...)
	a, b := size(t, one), size(t, many)
	if b-a > 50*400 {
		t.Errorf("a page with the same image costs %d bytes", (b-a)/50)
	}
	if len(r.Images) != 50 || len(r.Notes) != 0 {
		t.Errorf("%d images, notes %q", len(r.Images), r.Notes)
	}
}

// Too large, too small, a profile that does not fit: still a page, and a note.
func TestNotes(t *testing.T) {
	pdfinfo := archivetest.Tool(t, "pdfinfo")
	grey, text := verso(t, image.Pt(300, 200), "Size")
	large, small, misfit := jpegLeaf(t, grey, text), jpegLeaf(t, grey, nil), jpegLeaf(t, grey, nil)
	large.DPI, small.DPI = 0.5, 1e9
	misfit.Rendition.ICC = []byte("no profile at all")
	path, r := written(t, meta, large, small, misfit)
	if len(r.Notes) != 2 || !strings.Contains(r.Notes[0], "Page 1: it would be 600.0 by 400.0 inches") || !strings.Contains(r.Notes[1], "Page 3: the colour profile was left out") {
		t.Errorf("notes %q", r.Notes)
	}
	out, err := exec.Command(pdfinfo, "-l", "9", path).Output()
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"size:  14400 x 9600 pts", "size:  3 x 3 pts"} {
		if !strings.Contains(string(out), want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
	archivetest.VeraPDF(t, "2u", path)
}

// A leaf that cannot be placed says which it is and why; nothing is left behind.
func TestBadLeaves(t *testing.T) {
	grey, text := verso(t, image.Pt(300, 200), "Bad")
	bad := func(change func(*Leaf)) Leaf {
		l := jpegLeaf(t, grey, text)
		r := *l.Rendition
		l.Rendition = &r
		change(&l)
		return l
	}
	for name, c := range map[string]struct {
		leaf Leaf
		want error
	}{
		"no file":         {bad(func(l *Leaf) { l.Open = nil }), scan.ErrUnreadable},
		"open fails":      {bad(func(l *Leaf) { l.Open = func() (io.ReaderAt, io.Closer, error) { return nil, nil, os.ErrNotExist } }), os.ErrNotExist},
		"no spans":        {bad(func(l *Leaf) { l.Rendition.Spans = nil }), scan.ErrEmpty},
		"span past end":   {bad(func(l *Leaf) { l.Rendition.Spans = []scan.Span{{Offset: 4, Length: 1 << 40}} }), scan.ErrTruncated},
		"short":           {bad(func(l *Leaf) { l.Rendition.Spans[1].Length++ }), scan.ErrTruncated},
		"negative span":   {bad(func(l *Leaf) { l.Rendition.Spans = []scan.Span{{Offset: -1, Length: 10}} }), scan.ErrDamaged},
		"overflow":        {bad(func(l *Leaf) { l.Rendition.Spans = []scan.Span{{Offset: math.MaxInt64, Length: 10}} }), scan.ErrDamaged},
		"no JPEG":         {bad(func(l *Leaf) { l.Rendition.Spans = []scan.Span{{Offset: 0, Length: 50}} }), scan.ErrDamaged},
		"no JP2":          {bad(func(l *Leaf) { l.Rendition.Filter = "JPXDecode" }), scan.ErrDamaged},
		"filter":          {bad(func(l *Leaf) { l.Rendition.Filter = "LZWDecode" }), scan.ErrUnsupported},
		"size":            {bad(func(l *Leaf) { l.Rendition.Size.X = 0 }), scan.ErrDamaged},
		"CMYK":            {bad(func(l *Leaf) { l.Rendition.Colours = 4 }), scan.ErrUnsupported},
		"colours":         {bad(func(l *Leaf) { l.Rendition.Colours = 1 << 40 }), scan.ErrUnsupported},
		"bits":            {bad(func(l *Leaf) { l.Rendition.Bits = 12 }), scan.ErrDamaged},
		"palette":         {bad(func(l *Leaf) { l.Rendition.Palette = []byte{1, 2} }), scan.ErrDamaged},
		"frame":           {bad(func(l *Leaf) { l.Frame = image.Point{} }), scan.ErrDamaged},
		"dpi":             {bad(func(l *Leaf) { l.DPI = math.NaN() }), scan.ErrDamaged},
		"map":             {bad(func(l *Leaf) { l.Map.C = math.Inf(1) }), scan.ErrDamaged},
		"text of another": {bad(func(l *Leaf) { l.Text = &ocr.Text{Size: image.Pt(200, 300)} }), scan.ErrDamaged},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			path := filepath.Join(dir, "out.pdf")
			if err := os.WriteFile(path, []byte("old"), 0o644); err != nil {
				t.Fatal(err)
			}
			_, err := Write(t.Context(), path, meta, seq(jpegLeaf(t, grey, text), c.leaf), dir)
			var which *LeafError
			if !errors.As(err, &which) || which.Index != 1 {
				t.Errorf("error %v does not name page 2", err)
			}
			if !errors.Is(err, c.want) {
				t.Errorf("error %v, want one that wraps %q", err, c.want)
			}
			untouched(t, dir)
		})
	}
}

// untouched checks that the folder holds the old file and nothing else.
func untouched(t testing.TB, dir string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	old, err := os.ReadFile(filepath.Join(dir, "out.pdf"))
	if err != nil || string(old) != "old" || len(entries) != 1 {
		t.Errorf("the folder holds %v, the file %.20q (%v)", entries, old, err)
	}
}

func TestNoLeaves(t *testing.T) {
	dir := t.TempDir()
	if _, err := Write(t.Context(), filepath.Join(dir, "out.pdf"), meta, seq(), dir); !errors.Is(err, ErrNoLeaves) {
		t.Errorf("error %v", err)
	}
	lost := errors.New("lost")
	_, err := Write(t.Context(), filepath.Join(dir, "out.pdf"), meta, func(yield func(Leaf, error) bool) { yield(Leaf{}, lost) }, dir)
	if !errors.Is(err, lost) {
		t.Errorf("error %v", err)
	}
	if _, err := Write(t.Context(), filepath.Join(dir, "none", "out.pdf"), meta, seq(Leaf{}), dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("error %v", err)
	}
	if left, _ := os.ReadDir(dir); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
}

// countdown is a context that ends at the n-th time somebody asks.
type countdown struct {
	context.Context
	left int
}

func (c *countdown) Err() error {
	if c.left--; c.left < 0 {
		return context.Canceled
	}
	return nil
}

// Cancelled at every moment there is, nothing of the new file is seen.
func TestCancel(t *testing.T) {
	grey, text := verso(t, image.Pt(300, 200), "Cancel")
	leaves := []Leaf{jpegLeaf(t, grey, text), pngLeaf(t, grey, text), {}}
	dir := t.TempDir()
	path := filepath.Join(dir, "out.pdf")
	if err := os.WriteFile(path, []byte("old"), 0o644); err != nil {
		t.Fatal(err)
	}
	for n := 0; ; n++ {
		_, err := Write(&countdown{t.Context(), n}, path, meta, seq(leaves...), dir)
		if err == nil {
			if n < 15 {
				t.Errorf("only %d moments to cancel", n)
			}
			break
		}
		if !errors.Is(err, context.Canceled) {
			t.Fatalf("moment %d: %v", n, err)
		}
		untouched(t, dir)
	}
	if s, err := Check(t.Context(), path); err != nil || s.Pages != 3 {
		t.Errorf("%+v, %v", s, err)
	}
}

func size(t testing.TB, path string) int64 {
	t.Helper()
	st, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	return st.Size()
}
