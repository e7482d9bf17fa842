package pdfa

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"image/png"
	"io"
	"iter"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/image/font"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"
	"golang.org/x/image/tiff"

	"recto/archive"
	"recto/archive/archivetest"
	"recto/assets/icc"
	"recto/ocr"
	"recto/scan"
)

// dpi of the test pages.
const dpi = 100

// verso is a page of words at known places: the picture and the tree. The words
// of a line are far enough apart to tell boxes from gaps.
func verso(t testing.TB, size image.Point, lines ...string) (*image.Gray, *ocr.Text) {
	t.Helper()
	f, err := goFont()
	if err != nil {
		t.Fatal(err)
	}
	face, err := opentype.NewFace(f, &opentype.FaceOptions{Size: 20, DPI: dpi})
	if err != nil {
		t.Fatal(err)
	}
	picture := image.NewGray(image.Rectangle{Max: size})
	draw.Draw(picture, picture.Rect, image.White, image.Point{}, draw.Src)
	draw.Draw(picture, image.Rect(10, 10, size.X/3, 30), image.Black, image.Point{}, draw.Src) // tells up from down
	const px = 20 * dpi / 72
	var par ocr.Paragraph
	for i, text := range lines {
		base := 80 + 50*i
		pen := font.Drawer{Dst: picture, Src: image.Black, Face: face, Dot: fixed.P(40, base)}
		line := ocr.Line{XSize: px, Baseline: ocr.Baseline{X0: 40, Y0: float64(base), X1: float64(size.X - 40), Y1: float64(base)}}
		for _, w := range strings.Fields(text) {
			from := pen.Dot.X.Round()
			pen.DrawString(w)
			line.Words = append(line.Words, ocr.Word{Text: w, Box: image.Rect(from, base-(px*ascent+500)/1000, pen.Dot.X.Round(), base+(500-px*descent)/1000)})
			pen.Dot.X += fixed.I(12)
		}
		line.Box = image.Rect(40, base-px, size.X-40, base+px/4)
		par.Lines = append(par.Lines, line)
	}
	return picture, &ocr.Text{Size: size, DPI: dpi, Blocks: []ocr.Block{{Paragraphs: []ocr.Paragraph{par}}}}
}

// unturned gives the stored pixels that m turns into the page as seen.
func unturned(seen *image.Gray, stored image.Point, m scan.Affine) *image.Gray {
	out := image.NewGray(image.Rectangle{Max: stored})
	for y := range stored.Y {
		for x := range stored.X {
			fx, fy := m.Apply(float64(x)+0.5, float64(y)+0.5)
			p := image.Pt(int(math.Floor(fx)), int(math.Floor(fy)))
			if v := color.Gray(color.Gray{Y: 255}); p.In(seen.Rect) {
				out.SetGray(x, y, seen.GrayAt(p.X, p.Y))
			} else {
				out.SetGray(x, y, v)
			}
		}
	}
	return out
}

// held is a leaf whose stream lies in memory, in two spans and with other bytes
// around them.
func held(r scan.Rendition, stream []byte, frame image.Point, m scan.Affine, text *ocr.Text) Leaf {
	half := int64(len(stream) / 2)
	file := append([]byte("head"), stream[:half]...)
	file = append(append(file, "between"...), stream[half:]...)
	r.Spans = []scan.Span{{Offset: 4, Length: half}, {Offset: 11 + half, Length: int64(len(stream)) - half}}
	return Leaf{
		Rendition: &r, Frame: frame, Map: m, DPI: dpi, Text: text,
		Open: func() (io.ReaderAt, io.Closer, error) { return bytes.NewReader(file), io.NopCloser(nil), nil },
	}
}

// flat is a leaf whose image needs no turning.
func flat(r scan.Rendition, stream []byte, text *ocr.Text) Leaf {
	frame, m := scan.Frame(r.Size, 1, nil)
	return held(r, stream, frame, m, text)
}

func jpegLeaf(t testing.TB, p image.Image, text *ocr.Text) Leaf {
	t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, p, &jpeg.Options{Quality: 90}); err != nil {
		t.Fatal(err)
	}
	r := scan.Rendition{Filter: "DCTDecode", Size: p.Bounds().Size(), Bits: 8, Colours: 3}
	if _, ok := p.(*image.Gray); ok {
		r.Colours = 1
	}
	return flat(r, b.Bytes(), text)
}

// pngLeaf takes the IDAT chunks of a PNG as they are.
func pngLeaf(t testing.TB, p image.Image, text *ocr.Text) Leaf {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, p); err != nil {
		t.Fatal(err)
	}
	r := scan.Rendition{Filter: "FlateDecode", Size: p.Bounds().Size(), Predictor: 15}
	var stream []byte
	for rest := b.Bytes()[8:]; len(rest) > 0; {
		n := int(binary.BigEndian.Uint32(rest))
		data := rest[8 : 8+n]
		switch string(rest[4:8]) {
		case "IHDR":
			r.Bits = int(data[8])
			r.Colours = map[byte]int{0: 1, 2: 3, 3: 1}[data[9]]
		case "PLTE":
			r.Palette = data
		case "IDAT":
			stream = append(stream, data...)
		}
		rest = rest[12+n:]
	}
	return flat(r, stream, text)
}

// magick converts a picture with ImageMagick.
func magick(t testing.TB, p image.Image, name string, args ...string) []byte {
	t.Helper()
	convert := archivetest.Tool(t, "convert")
	in, out := filepath.Join(t.TempDir(), "in.tif"), filepath.Join(t.TempDir(), name)
	f, err := os.Create(in)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := tiff.Encode(f, p, nil); err != nil {
		t.Fatal(err)
	}
	if said, err := exec.Command(convert, append(append([]string{in}, args...), out)...).CombinedOutput(); err != nil {
		t.Fatalf("convert: %v\n%s", err, said)
	}
	b, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// faxLeaf takes the one strip of a G4 TIFF as it is.
func faxLeaf(t testing.TB, p *image.Gray, text *ocr.Text) Leaf {
	t.Helper()
	b := magick(t, p, "out.tif", "-threshold", "50%", "-type", "bilevel", "-define", "tiff:rows-per-strip=100000", "-compress", "Group4")
	order := binary.ByteOrder(binary.LittleEndian)
	if b[0] == 'M' {
		order = binary.BigEndian
	}
	tags := map[uint16]uint32{}
	dir := b[order.Uint32(b[4:]):]
	for i := range int(order.Uint16(dir)) {
		e := dir[2+12*i:]
		if order.Uint16(e[2:]) == 3 {
			tags[order.Uint16(e)] = uint32(order.Uint16(e[8:]))
		} else {
			tags[order.Uint16(e)] = order.Uint32(e[8:])
		}
	}
	if tags[259] != 4 {
		t.Fatalf("compression %d", tags[259])
	}
	strip := b[tags[273]:][:tags[279]]
	// Photometric 0: white is 0 in the file and 1 in the decoder's output; 1 the other way.
	r := scan.Rendition{Filter: "CCITTFaxDecode", Size: p.Rect.Size(), Bits: 1, Colours: 1, K: -1, BlackIs1: tags[262] == 1}
	return flat(r, strip, text)
}

func jp2Leaf(t testing.TB, p image.Image, text *ocr.Text) Leaf {
	t.Helper()
	return flat(scan.Rendition{Filter: "JPXDecode", Size: p.Bounds().Size(), Colours: 3}, magick(t, p, "out.jp2"), text)
}

// tinted makes a picture with colours of a grey one.
func tinted(p *image.Gray) *image.NRGBA {
	out := image.NewNRGBA(p.Rect)
	for i, v := range p.Pix {
		copy(out.Pix[4*i:], []byte{v, v/2 + 100, byte(200 - v/4), 255})
	}
	return out
}

func indexed(p *image.Gray) *image.Paletted {
	out := image.NewPaletted(p.Rect, color.Palette{color.White, color.RGBA{200, 0, 0, 255}, color.RGBA{0, 0, 120, 255}})
	for i, v := range p.Pix {
		if v < 128 {
			out.Pix[i] = uint8(1 + i%2)
		}
	}
	return out
}

func deep(p *image.Gray) *image.Gray16 {
	out := image.NewGray16(p.Rect)
	for i, v := range p.Pix {
		out.Pix[2*i], out.Pix[2*i+1] = v, byte(i)
	}
	return out
}

var meta = Meta{
	Title: "Test", Language: "en", Identifier: "0197c1e0-0000-7000-8000-000000000001", Creator: "Stadtarchiv",
	Producer: "Recto 0.1", State: archive.Complete, Source: "Box 7",
	Created:  time.Date(2024, 5, 6, 7, 8, 9, 123, time.UTC),
	Modified: time.Date(2025, 1, 2, 3, 4, 5, 0, time.FixedZone("", -3*3600-1800)),
}

func seq(leaves ...Leaf) iter.Seq2[Leaf, error] {
	return func(yield func(Leaf, error) bool) {
		for _, l := range leaves {
			if !yield(l, nil) {
				return
			}
		}
	}
}

// written writes a file and checks that reading it back tells the same.
func written(t testing.TB, m Meta, leaves ...Leaf) (string, Result) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "out.pdf")
	r, err := Write(t.Context(), path, m, seq(leaves...), filepath.Dir(path))
	if err != nil {
		t.Fatal(err)
	}
	s, err := Check(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	if s.Pages != len(leaves) || fmt.Sprint(s.Images) != fmt.Sprint(r.Images) {
		t.Errorf("written %+v, read back %+v", r, s)
	}
	return path, r
}

// corpus is a file for every kind of page and document that there is.
func corpus(t testing.TB) map[string]string {
	t.Helper()
	files := map[string]string{}
	make := func(name string, m Meta, leaves ...Leaf) {
		files[name], _ = written(t, m, leaves...)
	}
	size := image.Pt(500, 300)
	grey, text := verso(t, size, "The quick brown fox", "jumps over the dog")

	withProfile := jpegLeaf(t, tinted(grey), text)
	withProfile.Rendition.ICC = icc.SRGB()
	inverted := pngLeaf(t, grey, text)
	inverted.Rendition.Inverted = true
	small, smallText := verso(t, image.Pt(200, 400), "One two")

	make("fax", meta, faxLeaf(t, grey, text))
	make("grey JPEG", meta, jpegLeaf(t, grey, text))
	make("colour JPEG", meta, jpegLeaf(t, tinted(grey), text))
	make("JPEG with profile", meta, withProfile, withProfile)
	make("PNG", meta, pngLeaf(t, grey, text), pngLeaf(t, tinted(grey), text), inverted)
	make("PNG 16", meta, pngLeaf(t, deep(grey), text))
	make("PNG indexed", meta, pngLeaf(t, indexed(grey), text))
	make("JPEG 2000", meta, jp2Leaf(t, tinted(grey), text), jp2Leaf(t, grey, text))
	make("sizes", meta, jpegLeaf(t, small, smallText), jpegLeaf(t, grey, text))
	make("no text", meta, jpegLeaf(t, grey, nil), jpegLeaf(t, grey, &ocr.Text{}))

	foreign := jpegLeaf(t, grey, text)
	foreign.Language = "de"
	make("languages", meta, jpegLeaf(t, grey, text), foreign)

	incomplete := meta
	incomplete.State, incomplete.Reasons = archive.Incomplete, []string{"page 2 cannot be decoded: <&>", "naïve 😀.tif is empty"}
	make("incomplete", incomplete, jpegLeaf(t, grey, text), Leaf{Problem: "Page 2: the image ends before it is complete (" + strings.Repeat("long", 60) + ".tif).", Frame: size, DPI: dpi}, Leaf{})

	var many []Leaf
	for i := range 120 {
		l := jpegLeaf(t, grey, text)
		if i < 5 {
			l.Label = []string{"i", "1r", "1v", "1v", "7"}[i]
		}
		many = append(many, l)
	}
	make("many", meta, many...)

	for i, title := range titles {
		make(fmt.Sprintf("title %d", i), Meta{Title: title, Creator: title, Producer: title, Source: title, Language: title, State: archive.Incomplete, Reasons: []string{title}}, jpegLeaf(t, grey, text))
	}
	for name, s := range scripts {
		make("script "+name, meta, jpegLeaf(t, grey, scripted(size, s.words, s.rtl)))
	}
	for name, c := range turns {
		make("turn "+name, meta, turned(t, c))
	}
	hostile := jpegLeaf(t, grey, hostileText(size))
	make("hostile text", meta, hostile)
	return files
}

var titles = []string{
	"", " \n\t ", `<&>"' (a\) )`, "naïve 😀 漢字 \U0010FFFD", "a\x00b\x1b[31m\ufffe\ufeff\uffff c\u0085d", string([]byte{'x', 0xff, 0xfe}), "]]> <?xpacket end?>",
	strings.Repeat("very long 😀", 9000),
}

// scripts are lines in reading order.
var scripts = map[string]struct {
	words []string
	rtl   bool
}{
	"Hebrew":     {[]string{"שלום", "עולם,", "2024", "(בית)", "hello", "world", "סוף."}, true},
	"Arabic":     {[]string{"مرحبا", "بالعالم", "كِتَاب"}, true},
	"Chinese":    {[]string{"春眠", "不觉晓，", "处处", "闻", "啼鸟。"}, false},
	"mixed":      {[]string{"PDF", "文書", "保存", "2024"}, false},
	"emoji":      {[]string{"a😀b", "👩‍👩‍👧", "𝔉𝔯𝔞𝔨𝔱𝔲𝔯"}, false},
	"marks":      {[]string{"Zu\u0364g", "ﬁn", "ſoll", "e\u0301\u0323"}, false},
	"Devanagari": {[]string{"नमस्ते", "दुनिया"}, false},
}

// scripted lays words of one line out as they would be seen, each 50 pixels wide.
func scripted(size image.Point, words []string, rtl bool) *ocr.Text {
	line := ocr.Line{XSize: 28, Baseline: ocr.Baseline{X0: 20, Y0: 100, X1: float64(size.X), Y1: 100}}
	order := make([]int, len(words)) // position of each word from the left
	for i := range words {
		order[i] = i
		if rtl {
			order[i] = len(words) - 1 - i
		}
	}
	for i := range words { // a run of Latin inside a line from the right reads from the left
		if rtl && words[i] == "hello" {
			order[i], order[i+1] = order[i+1], order[i]
		}
	}
	for i, w := range words {
		x := 20 + 60*order[i]
		line.Words = append(line.Words, ocr.Word{Text: w, Box: image.Rect(x, 78, x+50, 106)})
	}
	return &ocr.Text{Size: size, Blocks: []ocr.Block{{Paragraphs: []ocr.Paragraph{{RTL: rtl, Lines: []ocr.Line{line}}}}}}
}

// turn is how a stored image lies against the page.
type turn struct {
	orientation scan.Orientation
	quarter     int
	skew        float64
}

var turns = map[string]turn{
	"none": {1, 0, 0}, "mirrored": {2, 0, 0}, "180 by Exif": {3, 0, 0}, "flipped": {4, 0, 0}, "transposed": {5, 0, 0},
	"90 by Exif": {6, 0, 0}, "transversed": {7, 0, 0}, "270 by Exif": {8, 0, 0}, "90": {0, 90, 0}, "180": {1, 180, 0},
	"270 of 90": {6, 270, 0}, "deskewed": {1, 0, 4.5}, "mirrored and all": {5, 90, -3},
}

// frame of a stored image under the turn.
func (c turn) frame(stored image.Point) (image.Point, scan.Affine) {
	return scan.Frame(stored, c.orientation, scan.Recipe{
		scan.NewStep("orient", scan.Orient{Degrees: c.quarter}, true), scan.NewStep("deskew", scan.Deskew{Degrees: c.skew}, false)})
}

// turned is a leaf that is seen upright only if its matrix is right.
func turned(t testing.TB, c turn) Leaf {
	t.Helper()
	stored := image.Pt(500, 300)
	frame, m := c.frame(stored)
	seen, text := verso(t, frame, "Upright and", "legible")
	p := unturned(seen, stored, m)
	l := jpegLeaf(t, p, text)
	l.Frame, l.Map = frame, m
	return l
}

// hostileText holds what no engine should say.
func hostileText(size image.Point) *ocr.Text {
	word := func(s string, x0, y0, x1, y1 int) ocr.Word {
		return ocr.Word{Text: s, Box: image.Rectangle{Min: image.Pt(x0, y0), Max: image.Pt(x1, y1)}}
	}
	nan := math.NaN()
	lines := []ocr.Line{
		{},
		{Words: []ocr.Word{word("", 0, 0, 1, 1), word("\x00\ufeff\ufffe", 5, 5, 50, 20), word("\U000F0000\ue000\u0378\xff", 60, 5, 90, 20)}},
		{XSize: nan, Baseline: ocr.Baseline{X0: nan, Y0: nan, X1: nan, Y1: nan}, Words: []ocr.Word{word("nan", 10, 10, 30, 20)}},
		{XSize: 1e300, Baseline: ocr.Baseline{X0: -1e300, Y0: 0, X1: 1e300, Y1: 0}, Words: []ocr.Word{word("huge", -1<<62, -1<<62, 1<<62-1, 1<<62-1)}},
		{XSize: -5, Turn: -91, Words: []ocr.Word{word("inverted", 90, 50, 10, 10), word("same", 90, 50, 90, 50), word("same", 90, 50, 90, 50)}},
		{XSize: 20, Words: []ocr.Word{word("back", 100, 10, 150, 30), word("wards", 10, 10, 60, 30), word("inside", 20, 10, 40, 30)}},
		{XSize: 20, Words: []ocr.Word{word(strings.Repeat("longest word ", 3000), 10, 10, 400, 30)}},
	}
	return &ocr.Text{Size: size, Blocks: []ocr.Block{{Paragraphs: []ocr.Paragraph{{Lines: lines}}}}}
}
