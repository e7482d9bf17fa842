package pdfa

import (
	"encoding/xml"
	"image"
	"math"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"recto/archive/archivetest"
	"recto/ocr"
)

func TestLetters(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"plain", "plain"},
		{" two\u00a0words\n ", "two words"},
		{"\x00\x07\u0085\ufeff", ""},
		{"\u202eabc\u2069", "abc"},
		{"a\xffb\ufffe\ue123\U0010ffff\u0378", "a�b����"},
		{"ﬁ e\u0301 ſ 👩‍👧", "ﬁ e\u0301 ſ 👩‍👧"}, // what was read stays as it was read
	} {
		if got := string(letters(c.in)); got != c.want {
			t.Errorf("letters(%q) = %q, want %q", c.in, got, c.want)
		}
	}
}

func TestVisual(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"אבג", "גבא"},
		{"(אב)", ")בא("},
		{"ב-2024", "2024-ב"},
		{"א1.5ב", "ב1.5א"},
		{"אPDF/A", "PDF/Aא"},
		{"ab", "ab"},
	} {
		if got := string(visual([]rune(c.in))); got != c.want {
			t.Errorf("visual(%q) = %q, want %q", c.in, got, c.want)
		}
	}
}

func TestCharset(t *testing.T) {
	var c charset
	if a, b, again := c.cid('a'), c.cid('b'), c.cid('a'); a != 1 || b != 2 || again != 1 {
		t.Errorf("a %d, b %d, a again %d", a, b, again)
	}
	for r := rune(0x20000); r < 0x20000+70000; r++ { // more than there are numbers
		if c.cid(r) == 0 {
			t.Fatalf("%U is .notdef", r)
		}
	}
	if last := c.cid(0x20000 + 69999); last != c.cid(replacement) || last != 65535 {
		t.Errorf("the last is %d", last)
	}
	cmap := string((&charset{runes: []rune{'A', '😀'}}).toUnicode())
	if !strings.Contains(cmap, "2 beginbfchar\n<0001> <0041>\n<0002> <D83DDE00>\nendbfchar") {
		t.Errorf("CMap:\n%s", cmap)
	}
}

func TestFontChecksum(t *testing.T) {
	if got := sum(trueType()); got != 0xB1B0AFBA { // ISO/IEC 14496-22, head
		t.Errorf("the font sums to %#x", got)
	}
}

// What readers get out of the layer: the words in order, one space between them,
// a line a line.
func TestExtraction(t *testing.T) {
	pdftotext := archivetest.Tool(t, "pdftotext")
	size := image.Pt(500, 300)
	extract := func(text *ocr.Text, args ...string) string {
		grey, _ := verso(t, size)
		path, _ := written(t, meta, jpegLeaf(t, grey, text))
		out, err := exec.Command(pdftotext, append(args, path, "-")...).Output()
		if err != nil {
			t.Fatal(err)
		}
		return strings.TrimSpace(strings.Map(func(r rune) rune {
			if unicode.Is(unicode.Bidi_Control, r) || r == '\f' {
				return -1
			}
			return r
		}, string(out)))
	}

	_, text := verso(t, size, "The quick brown fox", "jumps over the dog,", "and so on and on.")
	want := "The quick brown fox\njumps over the dog,\nand so on and on."
	if got := extract(text); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := extract(text, "-raw"); got != want {
		t.Errorf("raw: got %q, want %q", got, want)
	}

	for _, slope := range []float64{0.035, -0.035} { // two degrees
		_, sloped := verso(t, size, "Unquestionably incomprehensible", "representations, misunderstood")
		lines := sloped.Blocks[0].Paragraphs[0].Lines
		for i := range lines {
			b := &lines[i].Baseline
			b.Y1 = b.Y0 + slope*(b.X1-b.X0)
		}
		if got := extract(sloped); got != "Unquestionably incomprehensible\nrepresentations, misunderstood" {
			t.Errorf("slope %v: got %q", slope, got)
		}
	}

	touching := scripted(size, []string{"ab", "cd", "ef"}, false)
	for i := range 3 { // boxes that touch and overlap are still three words
		touching.Blocks[0].Paragraphs[0].Lines[0].Words[i].Box = image.Rect(20+38*i, 78, 62+38*i, 106)
	}
	if got := extract(touching); got != "ab cd ef" {
		t.Errorf("touching: got %q", got)
	}

	for name, s := range scripts {
		want := strings.Join(s.words, " ")
		switch name {
		case "Chinese":
			want = strings.Join(s.words, "")
		case "mixed":
			want = "PDF 文書保存 2024"
		case "Hebrew": // pdftotext puts commas and brackets next to numbers wrongly, but no letter
			got := extract(scripted(size, s.words, s.rtl))
			for _, w := range s.words {
				if w = strings.TrimFunc(w, unicode.IsPunct); !strings.Contains(got, w) {
					t.Errorf("%s: no word %q in %q", name, w, got)
				}
			}
			continue
		}
		if got := norm.NFC.String(extract(scripted(size, s.words, s.rtl))); got != norm.NFC.String(want) {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
}

// seenWord is a word as pdftotext -bbox finds it, in points from the upper left.
type seenWord struct {
	X0   float64 `xml:"xMin,attr"`
	Y0   float64 `xml:"yMin,attr"`
	X1   float64 `xml:"xMax,attr"`
	Y1   float64 `xml:"yMax,attr"`
	Text string  `xml:",chardata"`
}

// Words lie where the tree says, whatever the scale and the turn of the image.
func TestWordsLieInTheirBoxes(t *testing.T) {
	pdftotext := archivetest.Tool(t, "pdftotext")
	var leaves []Leaf
	for _, name := range []string{"none", "90", "deskewed", "mirrored and all"} {
		leaves = append(leaves, turned(t, turns[name]))
	}
	fine := turned(t, turns["none"])
	fine.DPI = 293.7
	leaves = append(leaves, fine)

	// Turned lines: neither baseline nor font size is known, the box is all.
	grey, _ := verso(t, image.Pt(400, 400))
	word := func(s string, x0, y0, x1, y1 int) ocr.Word { return ocr.Word{Text: s, Box: image.Rect(x0, y0, x1, y1)} }
	lines := []ocr.Line{
		{Turn: 90, Box: image.Rect(20, 50, 50, 350), Words: []ocr.Word{word("up", 20, 250, 50, 350), word("wards", 20, 50, 50, 240)}},
		{Turn: 270, Box: image.Rect(350, 50, 380, 350), Words: []ocr.Word{word("down", 350, 50, 380, 150), word("hill", 350, 160, 380, 350)}},
		{Turn: 180, Box: image.Rect(100, 200, 300, 230), Words: []ocr.Word{word("upside", 220, 200, 300, 230), word("below", 100, 200, 210, 230)}},
		{Box: image.Rect(100, 300, 300, 330), Words: []ocr.Word{word("no", 100, 300, 150, 330), word("baseline", 160, 300, 300, 330)}},
	}
	leaves = append(leaves, jpegLeaf(t, grey, &ocr.Text{Blocks: []ocr.Block{{Paragraphs: []ocr.Paragraph{{Lines: lines}}}}}))

	path, _ := written(t, meta, leaves...)
	out, err := exec.Command(pdftotext, "-bbox", path, "-").Output()
	if err != nil {
		t.Fatal(err)
	}
	var doc struct {
		Pages []struct {
			Words []seenWord `xml:"word"`
		} `xml:"body>doc>page"`
	}
	if err := xml.Unmarshal(out, &doc); err != nil {
		t.Fatal(err)
	}
	if len(doc.Pages) != len(leaves) {
		t.Fatalf("%d pages", len(doc.Pages))
	}
	for i, leaf := range leaves {
		s := 72 / leaf.DPI
		for want := range leaf.Text.Words {
			at := slices.IndexFunc(doc.Pages[i].Words, func(w seenWord) bool { return w.Text == want.Text })
			if at < 0 {
				t.Errorf("page %d: no word %q", i, want.Text)
				continue
			}
			got := doc.Pages[i].Words[at]
			off := 0.0
			for _, d := range []float64{
				got.X0 - s*float64(want.Box.Min.X), got.X1 - s*float64(want.Box.Max.X),
				got.Y0 - s*float64(want.Box.Min.Y), got.Y1 - s*float64(want.Box.Max.Y)} {
				off = max(off, math.Abs(d))
			}
			if off > 0.5 {
				t.Errorf("page %d: %q is off by %.2f pt: %+v, box %v", i, want.Text, off, got, want.Box)
			}
		}
	}
}
