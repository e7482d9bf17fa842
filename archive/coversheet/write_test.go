package coversheet

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	_ "image/png"
	"io"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/oned"
	"github.com/makiuchi-d/gozxing/qrcode"

	"recto/archive"
)

func tool(t *testing.T, name string) string {
	t.Helper()
	p, err := exec.LookPath(name)
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatalf("%s is missing", name)
		}
		t.Skipf("SKIPPED: %s is missing", name)
	}
	return p
}

func run(t *testing.T, name string, args ...string) string {
	t.Helper()
	out, err := exec.Command(tool(t, name), args...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s %q: %v\n%s", name, args, err, out)
	}
	return string(out)
}

// written writes sheets into a file that qpdf finds sound.
func written(t *testing.T, o Options, units ...archive.Unit) string {
	t.Helper()
	var b bytes.Buffer
	if _, err := Write(&b, units, o); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "sheets.pdf")
	if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	if out := run(t, "qpdf", "--check", path); !strings.Contains(out, "No syntax or stream encoding errors") {
		t.Fatalf("qpdf: %s", out)
	}
	return path
}

// render makes a picture of a page.
func render(t *testing.T, path string, page, dpi int, mono bool) (image.Image, string) {
	t.Helper()
	out := filepath.Join(t.TempDir(), "page")
	colours := "-gray"
	if mono {
		colours = "-mono"
	}
	run(t, "pdftoppm", "-png", "-singlefile", "-f", fmt.Sprint(page), "-l", fmt.Sprint(page), "-r", fmt.Sprint(dpi), colours, path, out)
	f, err := os.Open(out + ".png")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	img, _, err := image.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	return img, out + ".png"
}

func dark(img image.Image, x, y int) bool {
	r, g, b, _ := img.At(x, y).RGBA()
	return r+g+b < 3*0x8000
}

func unit(reference string) archive.Unit {
	return archive.Unit{Code: CodeFor(reference), Reference: reference, Title: "Letters", Container: "Box 3", Expected: 24}
}

// TestCodesReadBack: both codes of every kind of unit code, on both papers, as
// pictures of 150 to 300 dpi with greys and without.
func TestCodesReadBack(t *testing.T) {
	long := unit("long")
	long.Code = strings.Repeat("aB3-", MostCode/4)
	digits := unit("digits")
	digits.Code = "00012345678900"
	odd := unit("odd")
	odd.Code = "x:/~^{}|%"
	short := unit("short")
	short.Code = "7"
	units := []archive.Unit{unit("HStA 12/7"), long, digits, odd, short}
	for _, paper := range Papers {
		path := written(t, Options{Paper: paper}, units...)
		for page, u := range units {
			for _, dpi := range []int{150, 200, 300} {
				for _, mono := range []bool{false, true} {
					if (paper != "a4" || page > 1) && !(dpi == 150 && mono) {
						continue // the hardest of them will do
					}
					img, file := render(t, path, page+1, dpi, mono)
					what := fmt.Sprintf("%s %q %d dpi mono %v", paper, u.Code, dpi, mono)
					bits, err := gozxing.NewBinaryBitmapFromImage(img)
					if err != nil {
						t.Fatal(err)
					}
					harder := map[gozxing.DecodeHintType]any{gozxing.DecodeHintType_TRY_HARDER: true}
					want := "RECTO1:" + u.Code
					if r, err := qrcode.NewQRCodeReader().Decode(bits, harder); err != nil || r.GetText() != want {
						t.Errorf("%s: QR: %v %v", what, r, err)
					}
					if r, err := oned.NewCode128Reader().Decode(bits, harder); err != nil || r.GetText() != want {
						t.Errorf("%s: Code 128: %v %v", what, r, err)
					}
					patchesAt(t, what, img, float64(dpi))
					if _, err := exec.LookPath("zbarimg"); err != nil {
						if os.Getenv("CI") != "" {
							t.Fatal("zbarimg is missing")
						}
						t.Log("SKIPPED in part: zbarimg is missing")
						continue
					}
					out, err := exec.Command("zbarimg", "-q", file).Output() // it may complain on standard error of what is no business of ours
					if err != nil {
						t.Errorf("%s: zbarimg: %v", what, err)
					}
					found := strings.Split(strings.TrimSpace(string(out)), "\n")
					slices.Sort(found)
					if !slices.Equal(found, []string{"CODE-128:" + want, "QR-Code:" + want}) {
						t.Errorf("%s: zbarimg found %q", what, found)
					}
				}
			}
		}
	}
}

// patchesAt measures the patch codes along columns from both edges. A pixel of a
// picture without greys may be taken by a bar at each of its ends.
func patchesAt(t *testing.T, what string, img image.Image, dpi float64) {
	t.Helper()
	size := img.Bounds().Size()
	for _, share := range []float64{0.06, 0.3, 0.5, 0.94} {
		x := int(share * float64(size.X))
		for _, down := range []bool{true, false} {
			var runs []float64
			last := false
			n := 0
			for i := range size.Y {
				y := i
				if !down {
					y = size.Y - 1 - i
				}
				if d := dark(img, x, y); d != last {
					runs, n, last = append(runs, float64(n)/dpi), 0, d
				}
				n++
			}
			if len(runs) < 8 {
				t.Fatalf("%s: no bars at %g", what, share)
			}
			if runs[0] < 0.25 || runs[0] > 0.5 {
				t.Errorf("%s: the bars begin %.3f inch from the edge", what, runs[0])
			}
			for i, w := range []float64{0.08, 0.08, 0.20, 0.08, 0.08, 0.08, 0.20} { // A-61599, patch T
				if math.Abs(runs[i+1]-w) > 0.01+2/dpi {
					t.Errorf("%s: run %d from the edge is %.3f inch, want %.2f", what, i, runs[i+1], w)
				}
			}
		}
	}
}

// TestSameBytes: the same units give the same file, and other units another.
func TestSameBytes(t *testing.T) {
	sheets := func(units ...archive.Unit) string {
		var b bytes.Buffer
		if _, err := Write(&b, units, Options{}); err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	one, two := unit("één – Ж"), unit("2")
	first := sheets(one, two)
	for range 20 {
		if sheets(one, two) != first {
			t.Fatal("the same units gave another file")
		}
	}
	if sheets(two, one) == first {
		t.Error("other units gave the same file")
	}
}

// TestText: what the unit says is on its sheet as text, in any script, or by number.
func TestText(t *testing.T) {
	for _, x := range []struct {
		title string
		want  []string
	}{
		{"Письма Анны в совет", []string{"Письма Анны в совет"}},
		{"Επιστολές της Άννας", []string{"Επιστολές της Άννας"}},
		{"Été à Győr, øre, ß, ħ, ẵ", []string{"Été à Győr, øre, ß, ħ, ẵ"}},
		{"E\u0301te\u0301", []string{"Été"}}, // composed
		{"中文 and 日", []string{"[U+4E2D U+6587] and [U+65E5]", "In brackets"}},
		{"cat 🐈 box", []string{"cat [U+1F408] box", "In brackets"}},
		{"<b>&amp; \"q\" (x) \\n </b>", []string{`<b>&amp; "q" (x) \n </b>`}},
		{"a\x07b\u0085c\td\ne", []string{"a[U+0007]b c d e"}},
		{"private \uE000", []string{"private [U+E000]"}},
		{"Աննայի", []string{"Աննայի"}},
		{"ანა", []string{"ანა"}},
	} {
		u := unit("T 1")
		u.Title = x.title
		got := strings.Join(strings.Fields(run(t, "pdftotext", "-raw", written(t, Options{}, u), "-")), " ")
		for _, want := range append(x.want, "T 1", "Box 3", "24", u.Code, "This side up, lay on top of the unit's sheets.") {
			if !strings.Contains(got, want) {
				t.Errorf("%q: %q is not in %q", x.title, want, got)
			}
		}
	}
	// From right to left: all letters are there, and joined ones are shown joined.
	for _, title := range []string{"ארכיון העיר 1923", "رسائل إلى المجلس"} {
		u := unit("T 1")
		u.Title = title
		got := run(t, "pdftotext", "-raw", written(t, Options{}, u), "-")
		for _, word := range strings.Fields(title) {
			if !strings.Contains(got, word) {
				t.Errorf("%q is not in %q", word, got)
			}
		}
	}
	// Words stand where they are read (UAX #9): in a line from left to right a number
	// behind a word from right to left stands left of it, all else as it comes. These words
	// are the same from both ends: the tool turns others round.
	for title, want := range map[string]string{
		"Box אבא 1921":         "Box 1921 אבא",
		"Box אבא 1921 copies":  "Box 1921 אבא copies",
		"Box אבא 1921/7 סוס":   "Box סוס 1921/7 אבא",
		"Box אבא no 1921":      "Box אבא no 1921",
		"Box 12 אבא":           "Box 12 אבא",
		"אבא 1921 copies סוס":  "סוס copies 1921 אבא",
		"1921 Box אבא סוס end": "1921 Box סוס אבא end",
	} {
		u := unit("T 1")
		u.Title = title
		if got := wordsAt(t, written(t, Options{}, u), strings.Fields(want)); got != want {
			t.Errorf("%q: from left to right %q", title, got)
		}
	}
	u := unit("T 1")
	u.Expected, u.Container, u.Title = 0, "", ""
	if got := run(t, "pdftotext", written(t, Options{}, u), "-"); !strings.Contains(got, "not counted") || strings.Contains(got, "Container") || strings.Contains(got, "In brackets") {
		t.Error(got)
	}
}

// wordsAt gives these words of the first page from left to right.
func wordsAt(t *testing.T, path string, words []string) string {
	t.Helper()
	at := map[float64]string{}
	var xs []float64
	for l := range strings.Lines(run(t, "pdftotext", "-bbox", path, "-")) {
		var x0, y0, x1, y1 float64
		if _, err := fmt.Sscanf(strings.TrimSpace(l), `<word xMin="%f" yMin="%f" xMax="%f" yMax="%f">`, &x0, &y0, &x1, &y1); err != nil || y1-y0 < 20 {
			continue // the title is set in 21 points; the instructions in less
		}
		_, word, _ := strings.Cut(l, ">")
		word, _, _ = strings.Cut(word, "<")
		if slices.Contains(words, word) {
			at[x0] = word
			xs = append(xs, x0)
		}
	}
	slices.Sort(xs)
	var out []string
	for _, x := range xs {
		out = append(out, at[x])
	}
	return strings.Join(out, " ")
}

// TestLettersShow: what is text is also ink, letters made of parts with all of them.
func TestLettersShow(t *testing.T) {
	ink := func(title string) (n int) {
		u := unit("T 1")
		u.Title = title
		img, _ := render(t, written(t, Options{}, u), 1, 100, false)
		size := img.Bounds().Size()
		for y := range size.Y {
			for x := range size.X {
				if dark(img, x, y) {
					n++
				}
			}
		}
		return n
	}
	blank := ink("")
	for _, pair := range [][2]string{{"", "AOU"}, {"AOU", "ÄÖÜ"}, {"еи", "ёй"}, {"", "שלום"}, {"", "سلام"}} {
		less, more := ink(pair[0]), ink(pair[1])
		if more <= less || more <= blank {
			t.Errorf("%q shows %d dark pixels, %q %d", pair[0], less, pair[1], more)
		}
	}
}

// TestMuchText: nothing overflows its place, nothing is left out in silence.
func TestMuchText(t *testing.T) {
	var words []string
	for i := range 400 {
		words = append(words, fmt.Sprintf("w%03d", i))
	}
	for _, x := range []struct {
		name string
		u    archive.Unit
		all  bool
	}{
		{"words", archive.Unit{Reference: "R", Title: strings.Join(words, " ")}, true},
		{"one word", archive.Unit{Reference: "R", Title: strings.Repeat("mmmm", 50)}, true},
		{"numbers", archive.Unit{Reference: strings.Repeat("漢", MostReference), Title: strings.Repeat("字", MostTitle), Container: strings.Repeat("箱", MostContainer)}, false},
		{"broad", archive.Unit{Reference: strings.Repeat("W", MostReference), Title: strings.Repeat("W", MostTitle), Container: strings.Repeat("W", MostContainer)}, false},
	} {
		for _, paper := range Papers {
			u := x.u
			u.Code = CodeFor(u.Reference)
			path := written(t, Options{Paper: paper}, u)
			got := run(t, "pdftotext", path, "-")
			flat := strings.Join(strings.Fields(got), "")
			if strings.Contains(got, "cut here") == x.all && paper == "a4" {
				t.Errorf("%s on %s: cut is %v", x.name, paper, x.all)
			}
			if x.all && paper == "a4" && !strings.Contains(flat, strings.ReplaceAll(u.Title, " ", "")) {
				t.Errorf("%s: the title is not all there", x.name)
			}
			// The codes stand free, whatever there is above them.
			img, _ := render(t, path, 1, 150, true)
			bits, _ := gozxing.NewBinaryBitmapFromImage(img)
			if r, err := qrcode.NewQRCodeReader().Decode(bits, nil); err != nil || r.GetText() != payload(u.Code) {
				t.Errorf("%s on %s: %v", x.name, paper, err)
			}
			overflow(t, x.name+" on "+paper, path)
		}
	}
}

// overflow looks for words outside of the place of the description: beyond the
// margins, or below its rule, where left of the instructions only the codes are.
func overflow(t *testing.T, what, path string) {
	t.Helper()
	width, height, words := 0.0, 0.0, 0
	for l := range strings.Lines(run(t, "pdftotext", "-bbox", path, "-")) {
		l = strings.TrimSpace(l)
		var x0, y0, x1, y1 float64
		fmt.Sscanf(l, `<page width="%f" height="%f">`, &width, &height)
		if _, err := fmt.Sscanf(l, `<word xMin="%f" yMin="%f" xMax="%f" yMax="%f">`, &x0, &y0, &x1, &y1); err != nil {
			continue
		}
		words++
		if x0 < margin-1 || x1 > width-margin+1 {
			t.Errorf("%s: beyond the margins: %s", what, l)
		}
		if x0 < margin+qrSide && y1 > height-descriptionBottom && y0 < height-barBottom {
			t.Errorf("%s: below the description: %s", what, l)
		}
	}
	if words < 40 {
		t.Errorf("%s: only %d words", what, words)
	}
}

// TestNotes: who prints is told which sheets do not show all as it is.
func TestNotes(t *testing.T) {
	units := []archive.Unit{unit("plain"), unit("long"), unit("R 1")}
	units[1].Title = strings.Repeat("W", MostTitle)
	units[2].Title = "中文"
	for i := range 6 {
		u := unit(fmt.Sprint("文 ", i))
		units = append(units, u)
	}
	notes, err := Write(io.Discard, units, Options{})
	if err != nil || len(notes) != 2 || !strings.HasSuffix(notes[0], "on the sheets of: R 1, 文 0, 文 1, 文 2, 文 3 and 2 more.") || !strings.Contains(notes[1], "cut, on the sheets of: long;") {
		t.Errorf("%q %v", notes, err)
	}
	if notes, err := Write(io.Discard, units[:1], Options{}); err != nil || notes != nil {
		t.Errorf("%q %v", notes, err)
	}
}

// TestRefused: no file for what cannot have a sheet.
func TestRefused(t *testing.T) {
	good := unit("R")
	for name, change := range map[string]func(*archive.Unit){
		"no code":           func(u *archive.Unit) { u.Code = "" },
		"a long code":       func(u *archive.Unit) { u.Code = strings.Repeat("x", MostCode+1) },
		"a blank in a code": func(u *archive.Unit) { u.Code = "a b" },
		"an accent":         func(u *archive.Unit) { u.Code = "é" },
		"no reference":      func(u *archive.Unit) { u.Reference = " " },
		"not UTF-8":         func(u *archive.Unit) { u.Title = "\xff" },
		"a long title":      func(u *archive.Unit) { u.Title = strings.Repeat("ж", MostTitle+1) },
		"a negative count":  func(u *archive.Unit) { u.Expected = -1 },
	} {
		u := good
		change(&u)
		var b bytes.Buffer
		if _, err := Write(&b, []archive.Unit{good, u}, Options{}); !errors.Is(err, ErrUnit) || b.Len() > 0 {
			t.Errorf("%s: %v, %d bytes", name, err, b.Len())
		}
	}
	var b bytes.Buffer
	if _, err := Write(&b, nil, Options{}); !errors.Is(err, ErrNoUnits) {
		t.Error(err)
	}
	if _, err := Write(&b, []archive.Unit{good}, Options{Paper: "a5"}); !errors.Is(err, ErrPaper) || b.Len() > 0 {
		t.Error(err)
	}
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Skip("SKIPPED: there is no /dev/full")
	}
	defer full.Close()
	if _, err := Write(full, []archive.Unit{good}, Options{}); err == nil {
		t.Error("a full disk is no success")
	}
}

// TestManySheets: a thousand in one file, and the last one is as good as the first.
func TestManySheets(t *testing.T) {
	n := 300
	if os.Getenv("RECTO_SOAK") != "" {
		n = 10_000
	}
	var units []archive.Unit
	for i := range n {
		units = append(units, unit(fmt.Sprintf("Fonds %d", i)))
	}
	path := written(t, Options{Paper: "letter"}, units...)
	img, _ := render(t, path, n, 150, true)
	bits, _ := gozxing.NewBinaryBitmapFromImage(img)
	if r, err := qrcode.NewQRCodeReader().Decode(bits, nil); err != nil || r.GetText() != payload(units[n-1].Code) {
		t.Error(r, err)
	}
}

// TestCodeFor: stable, distinct, and a slip of the pen is seen.
func TestCodeFor(t *testing.T) {
	if got := CodeFor("HStA 12/7"); got != "EDY2FSE72ET" || CodeFor(" HStA 12/7\t") != got {
		t.Errorf("%s: sheets that are printed already would not be known any more", got)
	}
	if CodeFor("\u00e9") != CodeFor("e\u0301") {
		t.Error("two codes for one reference")
	}
	seen := map[string]bool{}
	for i := range 20_000 {
		code := CodeFor(fmt.Sprint("R ", i))
		if seen[code] || Mistyped(code) || len(code) != 11 {
			t.Fatal(code)
		}
		seen[code] = true
	}
	code := CodeFor("HStA 12/7")
	for i := range code {
		for _, c := range alphabet {
			wrong := code[:i] + string(c) + code[i+1:]
			if wrong != code && !Mistyped(wrong) {
				t.Errorf("%s passes for %s", wrong, code)
			}
		}
	}
	for _, other := range []string{"", "B-17", "edy2fse72et", "EDY2FSE72E!"} {
		if Mistyped(other) {
			t.Errorf("%q is none of ours to judge", other)
		}
	}
}
