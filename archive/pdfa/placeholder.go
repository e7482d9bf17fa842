package pdfa

import (
	"bytes"
	"compress/zlib"
	"fmt"
	"image"
	"io"
	"strings"
	"sync"

	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"

	"recto/ocr"
	"recto/scan"
)

// Measures of a placeholder page, in its own pixels.
const (
	placeholderDPI = 144
	letterPoints   = 14
	lineHeight     = 40
	smallestSide   = 2 * placeholderDPI  // a page smaller than this has no room for a sentence
	largestSide    = 30 * placeholderDPI // and in one larger it would be lost
)

var a4 = image.Pt(1191, 1684)

var goFont = sync.OnceValues(func() (*opentype.Font, error) { return opentype.Parse(goregular.TTF) })

// placeholder makes the leaf that stands for one without an image: a page as
// large as the missing one, or A4, with the problem written on it, for the eye
// and for search. A document never has a silent gap.
func placeholder(leaf *Leaf) (*Leaf, error) {
	sentence := plain(leaf.Problem, 2000)
	if sentence == "" {
		sentence = "This page could not be decoded."
	}
	frame := a4
	if leaf.DPI > 0 {
		x := float64(leaf.Frame.X) / leaf.DPI * placeholderDPI
		y := float64(leaf.Frame.Y) / leaf.DPI * placeholderDPI
		if min(x, y) >= smallestSide && max(x, y) <= largestSide {
			frame = image.Pt(int(x), int(y))
		}
	}

	f, err := goFont()
	if err != nil {
		return nil, fmt.Errorf("placeholder: %w", err)
	}
	face, err := opentype.NewFace(f, &opentype.FaceOptions{Size: letterPoints, DPI: placeholderDPI, Hinting: font.HintingFull})
	if err != nil {
		return nil, fmt.Errorf("placeholder: %w", err)
	}
	defer face.Close()

	margin := frame.X / 10
	width := frame.X - 2*margin
	lines := wrap(face, sentence, width)
	if most := frame.Y / 2 / lineHeight; len(lines) > most {
		lines = append(lines[:most-1], []string{"…"})
	}
	top := frame.Y / 4
	picture := image.NewGray(image.Rect(0, 0, width, len(lines)*lineHeight))
	for i := range picture.Pix {
		picture.Pix[i] = 255
	}
	var par ocr.Paragraph
	for i, words := range lines {
		base := i*lineHeight + lineHeight*3/4
		pen := font.Drawer{Dst: picture, Src: image.Black, Face: face, Dot: fixed.P(0, base)}
		line := ocr.Line{
			Baseline: ocr.Baseline{X0: float64(margin), Y0: float64(top + base), X1: float64(margin + width), Y1: float64(top + base)},
			XSize:    letterPoints * placeholderDPI / 72,
		}
		for _, w := range words {
			from := pen.Dot.X.Round()
			pen.DrawString(w)
			box := image.Rect(from, i*lineHeight, pen.Dot.X.Round(), (i+1)*lineHeight).Add(image.Pt(margin, top))
			line.Words = append(line.Words, ocr.Word{Box: box, Text: w, Confidence: 1})
			pen.DrawString(" ")
		}
		par.Lines = append(par.Lines, line)
	}

	stream := bilevel(picture)
	return &Leaf{
		Label: leaf.Label,
		Rendition: &scan.Rendition{
			Spans:  []scan.Span{{Length: int64(len(stream))}},
			Filter: "FlateDecode", Size: picture.Rect.Size(), Bits: 1, Colours: 1, Predictor: 1,
		},
		Open:  func() (io.ReaderAt, io.Closer, error) { return bytes.NewReader(stream), nil, nil },
		Frame: frame,
		Map:   scan.Affine{A: 1, E: 1, C: float64(margin), F: float64(top)},
		DPI:   placeholderDPI,
		Text:  &ocr.Text{Size: frame, DPI: placeholderDPI, Blocks: []ocr.Block{{Paragraphs: []ocr.Paragraph{par}}}},
	}, nil
}

// wrap breaks a sentence into lines of words at most width pixels wide; a word
// that is wider is broken.
func wrap(face font.Face, sentence string, width int) (lines [][]string) {
	var line []string
	wide := func(s string) bool { return font.MeasureString(face, s).Ceil() > width }
	for _, word := range strings.Fields(sentence) {
		if len(line) > 0 && wide(strings.Join(line, " ")+" "+word) {
			lines, line = append(lines, line), nil
		}
		for letters := []rune(word); ; {
			n := 1
			for n < len(letters) && !wide(string(letters[:n+1])) {
				n++
			}
			if n == len(letters) {
				line = append(line, string(letters))
				break
			}
			lines, letters = append(lines, []string{string(letters[:n])}), letters[n:]
		}
	}
	return append(lines, line)
}

// bilevel packs a grey picture into rows of bits, 1 for white, and compresses them.
func bilevel(p *image.Gray) []byte {
	var b bytes.Buffer
	w := zlib.NewWriter(&b)
	size := p.Rect.Size()
	row := make([]byte, (size.X+7)/8)
	for y := range size.Y {
		clear(row)
		for x, v := range p.Pix[y*p.Stride : y*p.Stride+size.X] {
			if v >= 128 {
				row[x/8] |= 0x80 >> (x % 8)
			}
		}
		w.Write(row) // a bytes.Buffer takes everything
	}
	w.Close()
	return b.Bytes()
}
