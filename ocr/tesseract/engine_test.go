package tesseract

import (
	"context"
	"errors"
	"fmt"
	"html"
	"image"
	"image/draw"
	_ "image/jpeg"
	_ "image/png"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	_ "golang.org/x/image/tiff"

	"recto/ocr"
	"recto/scan"
)

// TestMain starts the tests anew in the environment that a worker has.
func TestMain(m *testing.M) {
	if os.Getenv("OMP_THREAD_LIMIT") == "" || os.Getenv("MALLOC_ARENA_MAX") == "" {
		self, err := os.Executable()
		if err == nil {
			err = syscall.Exec(self, os.Args, append(os.Environ(), "OMP_THREAD_LIMIT=1", "MALLOC_ARENA_MAX=1"))
		}
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// newEngine loads from Tesseract's own models, which the test cannot do without.
func newEngine(t testing.TB, languages ...string) *Engine {
	t.Helper()
	dir, _, err := ocr.Models()
	if err == nil && len(ocr.Missing(dir, languages)) > 0 {
		err = &ocr.MissingLanguageError{Names: ocr.Missing(dir, languages), Dir: dir}
	}
	if err != nil {
		missing(t, err.Error())
	}
	return open(t, dir)
}

func open(t testing.TB, dir string) *Engine {
	t.Helper()
	e, err := New(Config{Data: dir, Parse: parse})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { e.Close() })
	return e
}

// parse takes from hOCR what these tests look at: the size of the page, and the
// words, all on one line.
func parse(hocr []byte) (*ocr.Text, error) {
	page := pageBox.FindSubmatch(hocr)
	if page == nil {
		return nil, errors.New("no page")
	}
	var t ocr.Text
	t.Size.X, _ = strconv.Atoi(string(page[1]))
	t.Size.Y, _ = strconv.Atoi(string(page[2]))
	var l ocr.Line
	for _, m := range wordSpan.FindAllSubmatch(hocr, -1) {
		confidence, _ := strconv.ParseFloat(string(m[1]), 64)
		if text := strings.TrimSpace(html.UnescapeString(string(m[2]))); text != "" {
			l.Words = append(l.Words, ocr.Word{Text: text, Confidence: confidence / 100})
		}
	}
	if l.Words != nil {
		t.Blocks = []ocr.Block{{Paragraphs: []ocr.Paragraph{{Lines: []ocr.Line{l}}}}}
	}
	return &t, nil
}

var (
	pageBox  = regexp.MustCompile(`class='ocr_page'.*bbox 0 0 (\d+) (\d+)`)
	wordSpan = regexp.MustCompile(`class='ocrx_word'.*x_wconf (\d+)[^>]*>(?:<[^>]*>)*([^<]*)`)
)

func words(t *ocr.Text) []string {
	if t == nil {
		return nil
	}
	var out []string
	for w := range t.Words {
		out = append(out, w.Text)
	}
	return out
}

// load reads one of the real scans.
func load(t testing.TB, name string) ocr.Image {
	t.Helper()
	f, err := os.Open(filepath.Join(shared(t, "scans"), name))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	img, _, err := image.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	grey := image.NewGray(image.Rectangle{Max: img.Bounds().Size()})
	draw.Draw(grey, grey.Rect, img, img.Bounds().Min, draw.Src)
	return ocr.Image{Size: grey.Rect.Max, Grey: grey.Pix, DPI: 300}
}

// truth gives the words that are printed on a scan.
func truth(t testing.TB, name string) []string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(shared(t, "scans"), name))
	if err != nil {
		t.Fatal(err)
	}
	return strings.Fields(string(b))
}

// share is how many of the words want are among got, 0 to 1.
func share(got, want []string) float64 {
	left := map[string]int{}
	for _, w := range got {
		left[w]++
	}
	n := 0
	for _, w := range want {
		if left[w] > 0 {
			left[w]--
			n++
		}
	}
	return float64(n) / float64(len(want))
}

// plain makes an image of one shade.
func plain(w, h int, shade byte) ocr.Image {
	img := ocr.Image{Size: image.Pt(w, h), Grey: make([]byte, w*h), DPI: 300}
	for i := range img.Grey {
		img.Grey[i] = shade
	}
	return img
}

// turn turns an image clockwise by a quarter.
func turn(img ocr.Image) ocr.Image {
	out := plain(img.Size.Y, img.Size.X, 0)
	for y := range img.Size.Y {
		for x := range img.Size.X {
			out.Grey[x*out.Size.X+out.Size.X-1-y] = img.Grey[y*img.Size.X+x]
		}
	}
	return out
}

// pasteOnA4 puts copies of a page of text on an A4 page at 300 dpi.
func pasteOnA4(img ocr.Image) ocr.Image {
	page := plain(2480, 3508, 255)
	for top := 100; top+img.Size.Y < page.Size.Y; top += img.Size.Y {
		for left := 100; left+img.Size.X < page.Size.X; left += img.Size.X {
			for y := range img.Size.Y {
				copy(page.Grey[(top+y)*page.Size.X+left:], img.Grey[y*img.Size.X:(y+1)*img.Size.X])
			}
		}
	}
	return page
}

var english = ocr.Options{Languages: []string{"eng"}}

func TestRecognise(t *testing.T) {
	e := newEngine(t, "eng", "deu", "fra")
	for _, c := range []struct {
		name, truth string
		languages   []string
		least       float64 // share of the words
	}{
		{"tesseract/phototest.tif", "tesseract/phototest.gt.txt", []string{"eng"}, 1},
		{"tesseract/eurotext.tif", "tesseract/eurotext.gt.txt", []string{"eng", "deu", "fra"}, 0.8},
		{"tesseract/phototest.tif", "tesseract/phototest.gt.txt", []string{"eng"}, 1}, // and back
	} {
		img := load(t, c.name)
		text, err := e.Recognise(context.Background(), img, ocr.Options{Languages: c.languages})
		if err != nil {
			t.Fatal(err)
		}
		if got := share(words(text), truth(t, c.truth)); got < c.least {
			t.Errorf("%s: %.2f of the words, want %.2f: %q", c.name, got, c.least, words(text))
		}
		if text.Size != img.Size || text.DPI != img.DPI || text.Engine != e.Version() || !slices.Equal(text.Languages, c.languages) {
			t.Errorf("%s: %v, %v dpi, %s, %q", c.name, text.Size, text.DPI, text.Engine, text.Languages)
		}
	}
	if !regexp.MustCompile(`^Tesseract \d+\.\d+`).MatchString(e.Version()) {
		t.Errorf("version %q", e.Version())
	}
}

func TestModes(t *testing.T) {
	e := newEngine(t, "eng", "osd")
	img := load(t, "tesseract/phototest.tif")
	for mode := -1; mode <= 15; mode++ {
		text, err := e.Recognise(context.Background(), img, ocr.Options{Languages: []string{"eng"}, Mode: mode})
		switch {
		case mode < 0 || mode == 2 || mode > 13:
			if !errors.Is(err, ErrMode) {
				t.Errorf("mode %d: %v", mode, err)
			}
		case err != nil:
			t.Errorf("mode %d: %v", mode, err)
		case (mode == 0 || mode == 1 || mode == 3 || mode == 6) && len(words(text)) < 50:
			t.Errorf("mode %d: %q", mode, words(text))
		}
	}
}

func TestOddImages(t *testing.T) {
	e := newEngine(t, "eng", "osd")
	noise := plain(800, 600, 0)
	random := rand.New(rand.NewPCG(1, 2))
	for i := range noise.Grey {
		noise.Grey[i] = byte(random.Uint32())
	}
	text := load(t, "tesseract/phototest.tif")
	at := func(dpi float64) ocr.Image { text.DPI = dpi; return text }
	for name, c := range map[string]struct {
		img   ocr.Image
		err   error
		empty bool
	}{
		"no image":       {ocr.Image{}, scan.ErrEmpty, true},
		"no height":      {ocr.Image{Size: image.Pt(10, 0)}, scan.ErrEmpty, true},
		"negative":       {ocr.Image{Size: image.Pt(-3, -3), Grey: make([]byte, 9)}, scan.ErrEmpty, true},
		"too few bytes":  {ocr.Image{Size: image.Pt(10, 10), Grey: make([]byte, 99)}, scan.ErrDamaged, true},
		"too many bytes": {ocr.Image{Size: image.Pt(10, 10), Grey: make([]byte, 101)}, scan.ErrDamaged, true},
		"too wide":       {plain(32768, 2, 255), scan.ErrTooLarge, true},
		"too high":       {plain(2, 32768, 255), scan.ErrTooLarge, true},
		"widest":         {plain(32767, 2, 255), nil, true},
		"highest":        {plain(2, 32767, 255), nil, true},
		"one white":      {plain(1, 1, 255), nil, true},
		"one black":      {plain(1, 1, 0), nil, true},
		"tiny":           {plain(3, 3, 0), nil, true},
		"white":          {plain(1000, 1000, 255), nil, true},
		"black":          {plain(1000, 1000, 0), nil, true},
		"noise":          {noise, nil, false},
		"no dpi":         {at(0), nil, false},
		"huge dpi":       {at(1e300), nil, false},
		"tiny dpi":       {at(1e-300), nil, false},
		"negative dpi":   {at(-300), nil, false},
		"infinite dpi":   {at(math.Inf(1)), nil, false},
		"NaN dpi":        {at(math.NaN()), nil, false},
	} {
		got, err := e.Recognise(context.Background(), c.img, english)
		if !errors.Is(err, c.err) {
			t.Errorf("%s: %v, want %v", name, err, c.err)
		} else if err == nil && (got.Size != c.img.Size || c.empty && len(words(got)) > 0) {
			t.Errorf("%s: %v, %q", name, got.Size, words(got))
		}
		if _, err := e.Orientation(context.Background(), c.img); !errors.Is(err, c.err) {
			t.Errorf("%s: orientation: %v, want %v", name, err, c.err)
		}
	}
	// Nothing of that harms the page after it.
	after, err := e.Recognise(context.Background(), load(t, "tesseract/phototest.tif"), english)
	if err != nil || share(words(after), truth(t, "tesseract/phototest.gt.txt")) < 1 {
		t.Errorf("afterwards: %v, %q", err, words(after))
	}
}

func TestResolution(t *testing.T) {
	for in, want := range map[float64]int{0: 0, -1: 0, math.NaN(): 0, 300: 300, 299.6: 300, 1: 70, 9999: 2400, math.Inf(1): 2400} {
		if got := resolution(in); got != want {
			t.Errorf("resolution(%v) = %d, want %d", in, got, want)
		}
	}
}

func TestCancel(t *testing.T) {
	e := newEngine(t, "eng")
	page := pasteOnA4(load(t, "tesseract/phototest.tif"))
	start := time.Now()
	if _, err := e.Recognise(context.Background(), page, english); err != nil {
		t.Fatal(err)
	}
	whole := time.Since(start)

	late := func(after time.Duration) time.Duration {
		ctx, cancel := context.WithTimeout(context.Background(), after)
		defer cancel()
		start := time.Now()
		text, err := e.Recognise(ctx, page, english)
		if text != nil || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("a cancel after %v of %v: %d words, %v", after, whole, len(words(text)), err)
		}
		return time.Since(start) - after
	}
	for _, after := range []time.Duration{0, 50 * time.Millisecond, whole / 3, whole / 2} {
		// The analysis of the layout, about a third of the whole, cannot be ended. Other
		// work on the machine may delay a try, but not each.
		best := late(after)
		for tries := 1; best > whole/2 && tries < 3; tries++ {
			best = min(best, late(after))
		}
		t.Logf("a cancel after %v of %v returned %v late", after, whole, best)
		if best > whole/2 {
			t.Error("that is too late")
		}
	}
	if text, err := e.Recognise(context.Background(), load(t, "tesseract/phototest.tif"), english); err != nil || len(words(text)) < 50 {
		t.Errorf("after cancels: %v", err)
	}
}

// What was read before does not show: a handle that has read deu+frk would go on using
// both when deu alone is asked for.
func TestLanguagesAreForgotten(t *testing.T) {
	page := load(t, "gt_structure_text/clauren_mimil_1815_0040.jpg")
	read := func(e *Engine, languages ...string) []string {
		t.Helper()
		text, err := e.Recognise(context.Background(), page, ocr.Options{Languages: languages})
		if err != nil {
			t.Fatal(err)
		}
		return words(text)
	}
	want := read(newEngine(t, "deu", "frk"), "deu")
	e := newEngine(t, "deu", "frk")
	both := read(e, "deu", "frk")
	if slices.Equal(both, want) {
		t.Fatal("both models read as one does: this proves nothing")
	}
	if got := read(e, "deu"); !slices.Equal(got, want) {
		t.Errorf("%d words of %d as they were read at first", same(got, want), len(want))
	}
	if got := e.reader.languages(); !slices.Equal(got, []string{"deu"}) {
		t.Errorf("%v are loaded", got)
	}
}

// same counts the words at the same places.
func same(a, b []string) (n int) {
	for i := range min(len(a), len(b)) {
		if a[i] == b[i] {
			n++
		}
	}
	return n
}

func TestClosed(t *testing.T) {
	e := newEngine(t, "eng")
	if err := errors.Join(e.Close(), e.Close()); err != nil {
		t.Fatal(err)
	}
	if _, err := e.Recognise(context.Background(), plain(9, 9, 255), english); !errors.Is(err, ErrClosed) {
		t.Errorf("Recognise: %v", err)
	}
	if _, err := e.Orientation(context.Background(), plain(9, 9, 255)); !errors.Is(err, ErrClosed) {
		t.Errorf("Orientation: %v", err)
	}
}

func TestParserDecides(t *testing.T) {
	e := newEngine(t, "eng")
	broken := errors.New("no tree")
	e.config.Parse = func([]byte) (*ocr.Text, error) { return nil, broken }
	if _, err := e.Recognise(context.Background(), plain(99, 99, 255), english); !errors.Is(err, broken) {
		t.Errorf("the parser's error became %v", err)
	}
	e.config.Parse = func([]byte) (*ocr.Text, error) { return &ocr.Text{Size: image.Pt(1, 1)}, nil }
	if _, err := e.Recognise(context.Background(), plain(99, 99, 255), english); !errors.Is(err, scan.ErrDamaged) {
		t.Errorf("a page of another size: %v", err)
	}
}

// A reused engine keeps nothing of the pages that it has read.
func TestMemoryStaysFlat(t *testing.T) {
	e := newEngine(t, "eng", "deu", "osd")
	img := load(t, "tesseract/phototest.tif")
	img.Size.Y /= 3
	img.Grey = img.Grey[:img.Size.X*img.Size.Y]
	read := func(n int) {
		for i := range n {
			o := english
			if i%10 == 9 {
				o = ocr.Options{Languages: []string{"deu"}}
			}
			if _, err := e.Recognise(context.Background(), img, o); err != nil {
				t.Fatal(err)
			}
			if i%10 == 4 {
				if _, err := e.Orientation(context.Background(), img); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	read(10)
	before := resident(t)
	read(50)
	after := resident(t)
	t.Logf("resident: %d MB, after 50 more pages %d MB", before>>20, after>>20)
	if after-before > 16<<20 {
		t.Errorf("50 pages took %d MB", (after-before)>>20)
	}
}

// resident is the memory of this process in bytes.
func resident(t testing.TB) int {
	t.Helper()
	b, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		t.Skip("no /proc")
	}
	pages, _ := strconv.Atoi(strings.Fields(string(b))[1])
	return pages * os.Getpagesize()
}

// shared finds a folder of test material beside the repository.
func shared(t testing.TB, name string) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			break
		}
		if dir == filepath.Dir(dir) {
			t.Fatal("no go.mod above the test")
		}
		dir = filepath.Dir(dir)
	}
	dir = filepath.Join(dir, "..", "shared", name)
	if _, err := os.Stat(dir); err != nil {
		missing(t, "no folder ../shared/"+name+" beside the repository")
	}
	return dir
}

// missing skips a test for want of a tool or material, which CI must have.
func missing(t testing.TB, why string) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatal(why)
	}
	t.Skip(why)
}

func BenchmarkRecogniseA4(b *testing.B) {
	e := newEngine(b, "eng")
	page := pasteOnA4(load(b, "tesseract/phototest.tif"))
	for b.Loop() {
		if _, err := e.Recognise(context.Background(), page, english); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(resident(b)>>20), "MB-resident")
}

func BenchmarkOrientationA4(b *testing.B) {
	e := newEngine(b, "eng", "osd")
	page := pasteOnA4(load(b, "tesseract/phototest.tif"))
	for b.Loop() {
		if _, err := e.Orientation(context.Background(), page); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(resident(b)>>20), "MB-resident")
}
