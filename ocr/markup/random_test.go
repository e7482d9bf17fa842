package markup

import (
	"fmt"
	"image"
	"math"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"recto/ocr"
)

// seeds calls f for a slice of the trees that there are, or for many with
// RECTO_SOAK=1.
func seeds(t *testing.T, f func(t *testing.T, r *rand.Rand)) {
	t.Helper()
	n := 40
	if os.Getenv("RECTO_SOAK") == "1" {
		n = 5000
	}
	for i := range n {
		t.Run(fmt.Sprint(i), func(t *testing.T) { f(t, rand.New(rand.NewPCG(uint64(i), 7))) })
	}
}

// alphabet holds words as they are read, in normal form C.
var alphabet = []string{
	"a", "Archi-", "vist", "Grüße", "<R&D>", `"x'`, "]]>", "שלום", "می\u200Cخواهم", "漢字", "👩\u200D🚀", "soft\u00AD",
	"⸗", "&amp;", "--", ";", "bbox", "ſ", "é", "\uFFFD", "\U0010FFFD", "ก็",
}

// likelyTree is one that an engine or a person could have made: everything has a box
// on the page that holds what belongs to it, and turned lines have a baseline.
func likelyTree(r *rand.Rand) *ocr.Text {
	t := &ocr.Text{Size: image.Pt(2000+r.IntN(3000), 2000+r.IntN(3000)), DPI: float64(70 + r.IntN(600))}
	languages := []string{"", "", "eng", "deu", "frk", "script/Fraktur", "heb", "chi_sim_vert"}
	pick := func() string { return languages[r.IntN(len(languages))] }
	for range r.IntN(4) {
		b := ocr.Block{Language: pick()}
		for range 1 + r.IntN(3) {
			p := ocr.Paragraph{Language: pick(), RTL: r.IntN(4) == 0}
			for range 1 + r.IntN(4) {
				l := likelyLine(r, t.Size)
				for range 1 + r.IntN(5) {
					x, y := l.Box.Min.X+r.IntN(l.Box.Dx()), l.Box.Min.Y+r.IntN(l.Box.Dy())
					w := ocr.Word{
						Box:        image.Rect(x, y, x+1+r.IntN(l.Box.Max.X-x), y+1+r.IntN(l.Box.Max.Y-y)),
						Confidence: float64(r.IntN(101)) / 100, Language: pick(),
					}
					for range 1 + r.IntN(3) {
						w.Text += alphabet[r.IntN(len(alphabet))]
					}
					w.Text = clean(w.Text) // two parts may combine
					l.Words = append(l.Words, w)
				}
				p.Lines = append(p.Lines, l)
				p.Box = p.Box.Union(l.Box)
			}
			b.Paragraphs = append(b.Paragraphs, p)
			b.Box = b.Box.Union(p.Box)
		}
		t.Blocks = append(t.Blocks, b)
	}
	return t
}

func likelyLine(r *rand.Rand, size image.Point) ocr.Line {
	w, h := 50+r.IntN(900), 20+r.IntN(60)
	l := ocr.Line{Turn: 90 * max(r.IntN(10)-6, 0)}
	if r.IntN(3) > 0 {
		l.XSize = math.Round((10+70*r.Float64())*1e4) / 1e4
	}
	if l.Turn == 90 || l.Turn == 270 {
		w, h = h, w
	}
	x, y := r.IntN(size.X-w), r.IntN(size.Y-h)
	l.Box = image.Rect(x, y, x+w, y+h)
	left, top, right, bottom := float64(x), float64(y), float64(x+w), float64(y+h)
	below := r.Float64() * float64(min(w, h))
	switch l.Turn {
	case 0:
		if r.IntN(5) > 0 {
			l.Baseline = ocr.Baseline{X0: left, Y0: bottom - below, X1: right, Y1: bottom - below*r.Float64()}
		}
	case 90:
		l.Baseline = ocr.Baseline{X0: right - below, Y0: bottom, X1: right - below, Y1: top}
	case 180:
		l.Baseline = ocr.Baseline{X0: right, Y0: top + below, X1: left, Y1: top + below}
	case 270:
		l.Baseline = ocr.Baseline{X0: left + below, Y0: top, X1: left + below, Y1: bottom}
	}
	return l
}

// wildTree is one that nothing makes: numbers that are none, boxes anywhere or inside
// out, text of any bytes.
func wildTree(r *rand.Rand) *ocr.Text {
	t := likelyTree(r)
	number := func() float64 {
		return []float64{math.NaN(), math.Inf(1), math.Inf(-1), -1, 0, 1e300, -1e-300, 1 << 20, 12.5, math.MaxFloat64}[r.IntN(10)]
	}
	side := func() int {
		return []int{math.MinInt, math.MaxInt, math.MinInt32, math.MaxInt32, -7, 0, 1, 100, 5000, 1 << 20}[r.IntN(10)]
	}
	box := func() image.Rectangle {
		return image.Rectangle{Min: image.Pt(side(), side()), Max: image.Pt(side(), side())}
	}
	text := func() string {
		if r.IntN(40) == 0 {
			return strings.Repeat("huge\x00<", 1+r.IntN(20000))
		}
		b := make([]byte, r.IntN(12))
		for i := range b {
			b[i] = byte(r.Uint32())
		}
		return string(b) + []string{"", "\x00", "\xed\xa0\x80", "]]>", "\uFFFE", "\u0085", "\u2028", "\r", "--", " ", "\U0001FFFF", "-"}[r.IntN(12)]
	}
	maybe := func(f func()) {
		if r.IntN(3) == 0 {
			f()
		}
	}
	maybe(func() { t.Size = image.Pt(side(), side()) })
	maybe(func() { t.DPI = number() })
	maybe(func() { t.Engine = text() })
	maybe(func() { t.Languages = []string{text(), "deu", "frk", "", "grc", "jpn_vert"} })
	maybe(func() { t.Models = []ocr.Model{{Name: text(), SHA256: text()}} })
	for b := range t.Blocks {
		block := &t.Blocks[b]
		maybe(func() { block.Box = box() })
		maybe(func() { block.Language = text() })
		for p := range block.Paragraphs {
			par := &block.Paragraphs[p]
			maybe(func() { par.Box = box() })
			maybe(func() { par.Language = text() })
			maybe(func() { par.Lines = append(par.Lines, ocr.Line{}) })
			for i := range par.Lines {
				l := &par.Lines[i]
				maybe(func() { l.Box = box() })
				maybe(func() { l.Baseline = ocr.Baseline{X0: number(), Y0: number(), X1: number(), Y1: number()} })
				maybe(func() { l.XSize = number() })
				maybe(func() { l.Turn = side() })
				for j := range l.Words {
					w := &l.Words[j]
					maybe(func() { w.Box = box() })
					maybe(func() { w.Text = text() })
					maybe(func() { w.Confidence = number() })
					maybe(func() { w.Language = text() })
				}
			}
		}
	}
	return t
}
