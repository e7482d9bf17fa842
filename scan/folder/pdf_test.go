package folder

import (
	"bytes"
	"compress/zlib"
	"context"
	"encoding/ascii85"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"image/color"
	"io"
	"math"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/pdfcpu/pdfcpu/pkg/api"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/model"
	"golang.org/x/image/tiff"

	"recto/scan"
)

// expanded runs ExpandPDF and reads the files that it makes.
func expanded(t testing.TB, pdf []byte, dpi float64) ([]Extracted, [][]byte, error) {
	t.Helper()
	dir := t.TempDir()
	path := write(t, t.TempDir(), "a.pdf", pdf)
	var all []Extracted
	var files [][]byte
	err := ExpandPDF(t.Context(), path, dir, dpi, func(e Extracted) error {
		b, err := json.Marshal(e)
		if err != nil {
			return err
		}
		var back Extracted
		if err := json.Unmarshal(b, &back); err != nil {
			return err
		}
		b = nil
		if e.File != "" {
			if b, err = os.ReadFile(e.File); err != nil {
				return err
			}
			if err := os.Remove(e.File); err != nil {
				return err
			}
		}
		all, files = append(all, back), append(files, b)
		return nil
	})
	if left, _ := os.ReadDir(dir); len(left) > 0 {
		t.Errorf("files left behind: %v", left)
	}
	return all, files, err
}

// one is expanded for a PDF of one page that must succeed.
func one(t testing.TB, pdf []byte) (Extracted, []byte) {
	t.Helper()
	all, files, err := expanded(t, pdf, 300)
	if err != nil {
		t.Fatal(err)
	}
	if len(all) != 1 || all[0].Problem != nil {
		t.Fatalf("%+v", all)
	}
	return all[0], files[0]
}

// TestPDFKeepsBytes: what a plain file can hold comes out as it went in.
func TestPDFKeepsBytes(t *testing.T) {
	j := jpegBytes(t, picture(64, 48))
	var a85 bytes.Buffer
	w := ascii85.NewEncoder(&a85)
	w.Write(deflated(t, j))
	w.Close()
	a85.WriteString("~>")
	image := func(dict string, data []byte) []byte {
		m := &pdfMaker{}
		return m.build(pdfSpec{content: whole, images: []string{m.stream("/Subtype /Image /Width 64 /Height 48 "+dict, data)}})
	}
	for name, pdf := range map[string][]byte{
		"JPEG":              onePage(t, "DCTDecode", j),
		"filters in a row":  image("/ColorSpace /DeviceGray /BitsPerComponent 8 /Filter [/ASCII85Decode /FlateDecode /DCTDecode]", a85.Bytes()),
		"hexadecimal":       image("/ColorSpace /DeviceGray /BitsPerComponent 8 /Filter [/ASCIIHexDecode /DCTDecode]", []byte(hex.EncodeToString(j)+">")),
		"no colour space":   image("/BitsPerComponent 8 /Filter /DCTDecode", j),
		"calibrated colour": image("/ColorSpace [/CalGray <</WhitePoint [1 1 1]>>] /BitsPerComponent 8 /Filter /DCTDecode", j),
	} {
		e, b := one(t, pdf)
		if e.Format != scan.JPEG || !bytes.Equal(b, j) || e.Pixels.X != 64 {
			t.Errorf("%s: %+v", name, e)
		}
	}
	jp2 := bytes.Join([][]byte{
		box("jP  ", []byte("\r\n\x87\n")), box("ftyp", []byte("jp2 \x00\x00\x00\x00jp2 ")),
		box("jp2h", box("ihdr", []byte{0, 0, 0, 48, 0, 0, 0, 64, 0, 1, 7, 7, 0, 0})), box("jp2c", []byte("\xff\x4f\xff\x51")),
	}, nil)
	if e, b := one(t, image("/Filter /JPXDecode", jp2)); e.Format != scan.JP2 || !bytes.Equal(b, jp2) {
		t.Errorf("JPEG 2000: %+v", e)
	}
}

// TestPDFSamples: samples of all kinds come out as a TIFF that shows the same.
func TestPDFSamples(t *testing.T) {
	icc := make([]byte, 132)
	copy(icc[16:], "RGB ")
	copy(icc[36:], "acsp")
	lzw := []byte{0x80, 0x0b, 0x60, 0x50, 0x22, 0x0c, 0x0c, 0x85, 0x01} // ISO 32000-1, 7.4.4.2, example 2: 45 45 45 45 45 65 45 45 45 66
	grey := func(n int) []byte {
		b := make([]byte, n)
		for i := range b {
			b[i] = byte(i * 37)
		}
		return b
	}
	predict := func(b []byte, row, step int) []byte { // PNG filters 0 to 4, a row each
		var out []byte
		above := make([]byte, row)
		for y := 0; y*row < len(b); y++ {
			f := byte(y + 1)
			out = append(out, f)
			line := b[y*row : (y+1)*row]
			for i := range line {
				var left, corner byte
				if i >= step {
					left, corner = line[i-step], above[i-step]
				}
				p := map[byte]byte{1: left, 2: above[i], 3: byte((int(left) + int(above[i])) / 2), 4: paeth(int(left), int(above[i]), int(corner))}[f]
				out = append(out, line[i]-p)
			}
			above = line
		}
		return out
	}
	for _, c := range []struct {
		name, dict  string
		data        []byte
		samples     []byte
		bits, count int
		photometric uint64
	}{
		{"raw grey", "/ColorSpace /DeviceGray /BitsPerComponent 8", grey(15), grey(15), 8, 1, 1},
		{"grey inverted", "/ColorSpace /DeviceGray /BitsPerComponent 8 /Decode [1 0]", grey(15), grey(15), 8, 1, 0},
		{"Flate RGB", "/ColorSpace /DeviceRGB /BitsPerComponent 8 /Filter /FlateDecode", deflated(t, grey(45)), grey(45), 8, 3, 2},
		{"PNG predictor", "/ColorSpace /DeviceRGB /BitsPerComponent 8 /Filter /FlateDecode /DecodeParms <</Predictor 15 /Colors 3 /Columns 5>>",
			deflated(t, predict(grey(45), 15, 3)), grey(45), 8, 3, 2},
		{"16 bits", "/ColorSpace /DeviceGray /BitsPerComponent 16 /Filter /FlateDecode", deflated(t, grey(30)), grey(30), 16, 1, 1},
		{"1 bit", "/ColorSpace /DeviceGray /BitsPerComponent 1", []byte{0xa8, 0x50, 0xf8}, []byte{0xa8, 0x50, 0xf8}, 1, 1, 1},
		{"palette", "/ColorSpace [/Indexed /DeviceRGB 3 <ff000000ff000000ff102030>] /BitsPerComponent 2", []byte{0x1b, 0, 0x1b, 0, 0x1b, 0},
			[]byte{0x1b, 0, 0x1b, 0, 0x1b, 0}, 2, 1, 3},
		{"black and white palette", "/ColorSpace [/Indexed /DeviceGray 1 <ff00>] /BitsPerComponent 1", []byte{0xa8, 0x50, 0xf8}, []byte{0xa8, 0x50, 0xf8}, 1, 1, 0},
		{"run lengths", "/ColorSpace /DeviceGray /BitsPerComponent 8 /Filter /RunLengthDecode", []byte{2, 1, 2, 3, 256 - 11, 9, 128},
			append([]byte{1, 2, 3}, bytes.Repeat([]byte{9}, 12)...), 8, 1, 1},
		{"LZW", "/Width 5 /Height 2 /ColorSpace /DeviceGray /BitsPerComponent 8 /Filter /LZWDecode", lzw[:], []byte{45, 45, 45, 45, 45, 65, 45, 45, 45, 66}, 8, 1, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := &pdfMaker{}
			size := "/Width 5 /Height 3 "
			if strings.Contains(c.dict, "/Width") {
				size = ""
			}
			e, b := one(t, m.build(pdfSpec{content: whole, images: []string{m.stream("/Subtype /Image "+size+c.dict, c.data)}}))
			if e.Format != scan.TIFF || strings.Contains(e.Note, "rendered") {
				t.Fatalf("%+v", e)
			}
			checkTIFF(t, b, c.samples, c.bits, c.count, c.photometric, nil)
		})
	}
	m := &pdfMaker{}
	profile := m.stream("/N 3 /Filter /FlateDecode", deflated(t, icc))
	im := m.stream("/Subtype /Image /Width 5 /Height 3 /BitsPerComponent 8 /ColorSpace /CS0", grey(45))
	e, b := one(t, m.build(pdfSpec{content: whole, images: []string{im}, more: "/ColorSpace <</CS0 [/ICCBased " + profile + "]>>"}))
	if e.Format != scan.TIFF {
		t.Fatalf("%+v", e)
	}
	checkTIFF(t, b, grey(45), 8, 3, 2, icc)
}

func checkTIFF(t *testing.T, b, samples []byte, bits, count int, photometric uint64, icc []byte) {
	t.Helper()
	f, err := openTIFF(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	d, err := f.readIFD(f.first)
	if err != nil {
		t.Fatal(err)
	}
	if f.uint(d, tagBitsPerSample, 0) != uint64(bits) || f.uint(d, tagSamplesPerPixel, 0) != uint64(count) || f.uint(d, tagPhotometric, 9) != photometric {
		t.Errorf("bits %d, samples %d, photometric %d", f.uint(d, tagBitsPerSample, 0), f.uint(d, tagSamplesPerPixel, 0), f.uint(d, tagPhotometric, 9))
	}
	data, _, _, err := f.imageData(d)
	if err != nil || len(data) != 1 {
		t.Fatalf("%d strips: %v", len(data), err)
	}
	z, err := zlib.NewReader(bytes.NewReader(b[data[0].at : data[0].at+data[0].length]))
	if err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(z)
	if err != nil || !bytes.Equal(got, samples) {
		t.Errorf("samples %v, want %v: %v", got, samples, err)
	}
	if e, ok := d.find(tagICC); ok != (icc != nil) || ok && !bytes.Equal(b[e.at:e.at+e.bytes()], icc) {
		t.Error("the profile was lost or changed")
	}
	if _, err := tiff.Decode(bytes.NewReader(b)); err != nil && bits != 2 { // x/image has no palettes of two bits
		t.Errorf("another reader: %v", err)
	}
}

// TestPDFRendered: a page that is more than one image is drawn, and says why.
func TestPDFRendered(t *testing.T) {
	j := jpegBytes(t, picture(64, 48))
	const font = "/Font <</F0 <</Type /Font /Subtype /Type1 /BaseFont /Helvetica>>>>"
	dict := "/Subtype /Image /Width 64 /Height 48 /ColorSpace /DeviceGray /BitsPerComponent 8 /Filter /DCTDecode "
	build := func(f func(m *pdfMaker) pdfSpec) []byte {
		m := &pdfMaker{}
		return m.build(f(m))
	}
	plain := func(content, more string) []byte {
		return build(func(m *pdfMaker) pdfSpec {
			return pdfSpec{content: content, images: []string{m.stream(dict, j)}, more: more}
		})
	}
	for _, c := range []struct {
		name string
		pdf  []byte
		why  string // empty: taken out
	}{
		{"invisible text", plain(whole+" BT /F0 12 Tf 3 Tr 10 10 Td (hello) Tj ET", font), ""},
		{"text below the image", plain("BT /F0 12 Tf 10 10 Td (hello) Tj ET "+whole, font), ""},
		{"a white ground", plain("1 g 0 0 144 108 re f q 100 0 0 75 0 0 cm /Im0 Do Q", ""), ""},
		{"clipped to itself", plain("q 0 0 144 108 re W n "+whole+" Q", ""), ""},
		{"visible text", plain(whole+" BT /F0 12 Tf 10 10 Td (hello) Tj ET", font), "text"},
		{"text in an array", plain(whole+" BT /F0 12 Tf 10 10 Td [(he) -20 (llo)] TJ ET", font), "text"},
		{"a line", plain(whole+" 0 0 m 100 100 l S", ""), "lines"},
		{"twice", plain("q 72 0 0 108 0 0 cm /Im0 Do Q q 72 0 0 108 72 0 cm /Im0 Do Q", ""), "shows 2"},
		{"cut out", plain("q 0 0 40 40 re W n "+whole+" Q", ""), "cut out"},
		{"translucent", plain("/G0 gs "+whole, "/ExtGState <</G0 <</ca 0.5>>>>"), "shine"},
		{"an inline image", plain(whole+" BI /W 1 /H 1 /BPC 8 /CS /G ID x EI", ""), "inline"},
		{"sheared", plain("q 100 0 30 80 0 0 cm /Im0 Do Q", ""), "sheared"},
		{"turned", plain("q 69 40 -30 52 50 10 cm /Im0 Do Q", ""), "turned by"},
		{"nothing", plain("", ""), "shows none"},
		{"a stencil", build(func(m *pdfMaker) pdfSpec {
			return pdfSpec{content: whole, images: []string{m.stream("/Subtype /Image /Width 8 /Height 1 /ImageMask true", []byte{0x55})}}
		}), "mask"},
		{"a soft mask", build(func(m *pdfMaker) pdfSpec {
			mask := m.stream("/Subtype /Image /Width 1 /Height 1 /ColorSpace /DeviceGray /BitsPerComponent 8", []byte{0x80})
			return pdfSpec{content: whole, images: []string{m.stream(dict+"/SMask "+mask, j)}}
		}), "mask"},
		{"Separation", build(func(m *pdfMaker) pdfSpec {
			fn := m.add("<</FunctionType 2 /Domain [0 1] /C0 [1] /C1 [0] /N 1>>")
			return pdfSpec{content: whole, images: []string{m.stream(
				"/Subtype /Image /Width 2 /Height 1 /BitsPerComponent 8 /ColorSpace [/Separation /Black /DeviceGray "+fn+"]", []byte{0, 255})}}
		}), "Separation"},
		{"remapped", build(func(m *pdfMaker) pdfSpec {
			return pdfSpec{content: whole, images: []string{m.stream(
				"/Subtype /Image /Width 2 /Height 1 /BitsPerComponent 8 /ColorSpace /DeviceGray /Decode [0.5 1]", []byte{0, 255})}}
		}), "remapped"},
		{"short data", build(func(m *pdfMaker) pdfSpec {
			return pdfSpec{content: whole, images: []string{m.stream(
				"/Subtype /Image /Width 20 /Height 10 /BitsPerComponent 8 /ColorSpace /DeviceGray", bytes.Repeat([]byte{0, 255}, 50))}}
		}), "ends after"},
		{"an annotation", build(func(m *pdfMaker) pdfSpec {
			look := m.stream("/Type /XObject /Subtype /Form /BBox [0 0 20 20]", []byte("1 0 0 rg 0 0 20 20 re f"))
			a := m.add("<</Type /Annot /Subtype /Stamp /Rect [10 10 30 30] /F 4 /AP <</N %s>>>>", look)
			return pdfSpec{page: "/MediaBox [0 0 144 108] /Annots [" + a + "]", content: whole, images: []string{m.stream(dict, j)}}
		}), "lines or areas"},
		{"a link", build(func(m *pdfMaker) pdfSpec {
			a := m.add("<</Type /Annot /Subtype /Link /Rect [10 10 30 30] /Border [0 0 0] /A <</S /URI /URI (http://example.org)>>>>")
			return pdfSpec{page: "/MediaBox [0 0 144 108] /Annots [" + a + "]", content: whole, images: []string{m.stream(dict, j)}}
		}), ""},
		{"in a form", build(func(m *pdfMaker) pdfSpec {
			im := m.stream(dict, j)
			form := m.stream("/Subtype /Form /BBox [0 0 1 1] /Matrix [144 0 0 108 0 0] /Resources <</XObject <</Im0 "+im+">>>>", []byte("/Im0 Do"))
			return pdfSpec{content: "/Im0 Do", images: []string{form}}
		}), ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			e, b := one(t, c.pdf)
			if rendered := strings.HasPrefix(e.Note, "rendered at 300 dpi by PDFium, the page is not one image"); rendered != (c.why != "") ||
				!strings.Contains(e.Note, c.why) {
				t.Fatalf("note %q, want %q", e.Note, c.why)
			}
			if c.why == "" {
				if !bytes.Equal(b, j) {
					t.Error("other bytes")
				}
				return
			}
			img, err := tiff.Decode(bytes.NewReader(b))
			if err != nil || img.Bounds().Size() != image.Pt(600, 450) || e.Pixels != image.Pt(600, 450) || e.DPI != 300 {
				t.Errorf("%+v: %v", e, err)
			}
		})
	}
}

// TestPDFOrientation draws an image in all eight ways on pages of all rotations;
// what comes out, oriented as it says, must be what PDFium draws.
func TestPDFOrientation(t *testing.T) {
	pic := picture(64, 48)
	samples := deflated(t, pic.Pix)
	ways := []string{ // from the unit square to a box of w by h
		"%[1]g 0 0 %[2]g 0 0", "-%[1]g 0 0 %[2]g %[1]g 0", "%[1]g 0 0 -%[2]g 0 %[2]g", "-%[1]g 0 0 -%[2]g %[1]g %[2]g",
		"0 %[2]g %[1]g 0 0 0", "0 -%[2]g %[1]g 0 0 %[2]g", "0 %[2]g -%[1]g 0 %[1]g 0", "0 -%[2]g -%[1]g 0 %[1]g %[2]g",
	}
	m := &pdfMaker{}
	im := m.stream("/Subtype /Image /Width 64 /Height 48 /ColorSpace /DeviceGray /BitsPerComponent 8 /Filter /FlateDecode", samples)
	var taken, drawn []pdfSpec
	for i, way := range ways {
		for _, rotate := range []int{0, 90, 180, 270, -90} {
			w, h := 144.0, 108.0
			if i >= 4 {
				w, h = h, w
			}
			page := fmt.Sprintf("/MediaBox [0 0 %g %g] /Rotate %d", w, h, rotate)
			content := fmt.Sprintf("q "+way+" cm /Im0 Do Q", w, h)
			taken = append(taken, pdfSpec{page: page, content: content, images: []string{im}})
			drawn = append(drawn, pdfSpec{page: page, content: content + " 0 0 m 0 0.01 l S", images: []string{im}})
		}
	}
	all, files, err := expanded(t, m.build(append(taken, drawn...)...), 64)
	if err != nil {
		t.Fatal(err)
	}
	for i := range taken {
		a, b := all[i], all[len(taken)+i]
		if strings.Contains(a.Note, "rendered") || !strings.Contains(b.Note, "rendered") || a.DPI != 0 && math.Abs(a.DPI-32) > 0.01 {
			t.Fatalf("%+v, %+v", a, b)
		}
		x, errx := tiff.Decode(bytes.NewReader(files[i]))
		y, erry := tiff.Decode(bytes.NewReader(files[len(taken)+i]))
		if err := errors.Join(errx, erry); err != nil {
			t.Fatal(err)
		}
		size, affine := scan.Frame(a.Pixels, a.Orientation, nil)
		if want := b.Pixels.Div(2); size != want {
			t.Fatalf("page %d, orientation %d: %v upright, %v drawn", i, a.Orientation, size, want)
		}
		for py := range a.Pixels.Y {
			for px := range a.Pixels.X {
				u, v := affine.Apply(float64(px)+0.5, float64(py)+0.5)
				seen := color.GrayModel.Convert(y.At(int(2*u), int(2*v))).(color.Gray)
				if got := x.(*image.Gray).GrayAt(px, py); (got.Y > 127) != (seen.Y > 127) && 2 < px && px < 62 && 2 < py && py < 46 && !edge(pic, px, py) {
					t.Fatalf("page %d, orientation %d: pixel %d,%d is %d, drawn %d", i, a.Orientation, px, py, got.Y, seen.Y)
				}
			}
		}
	}
}

// edge tells whether black and white meet near a pixel.
func edge(m *image.Gray, x, y int) bool {
	for dy := -1; dy <= 1; dy++ {
		for dx := -1; dx <= 1; dx++ {
			if m.GrayAt(x+dx, y+dy) != m.GrayAt(x, y) {
				return true
			}
		}
	}
	return false
}

func TestPDFResolution(t *testing.T) {
	j := jpegBytes(t, picture(640, 480))
	for _, c := range []struct {
		page, content string
		dpi           float64
		note          string
	}{
		{"/MediaBox [0 0 144 108]", whole, 320, ""},
		{"/MediaBox [0 0 144 108] /UserUnit 2", whole, 160, ""},
		{"/MediaBox [0 0 144 108] /UserUnit 2 /Rotate 90", "q 0 108 -144 0 144 0 cm /Im0 Do Q", 160 * 1, "stretches"},
		{"/MediaBox [0 0 144 108]", "q 143.93 3.77 -2.83 107.96 0 0 cm /Im0 Do Q", 320, "turned by 1.5 degrees anticlockwise"},
		{"/MediaBox [0 0 14400 10800]", "q 14400 0 0 10800 0 0 cm /Im0 Do Q", 0, ""},
	} {
		m := &pdfMaker{}
		im := m.stream("/Subtype /Image /Width 640 /Height 480 /ColorSpace /DeviceGray /BitsPerComponent 8 /Filter /DCTDecode", j)
		e, b := one(t, m.build(pdfSpec{page: c.page, content: c.content, images: []string{im}}))
		if math.Abs(e.DPI-c.dpi) > 0.1 || !strings.Contains(e.Note, c.note) || c.note == "" && e.Note != "" || !bytes.Equal(b, j) {
			t.Errorf("%s %s: %+v", c.page, c.content, e)
		}
	}
}

// TestPDFUserUnit: a page drawn in larger units is larger.
func TestPDFUserUnit(t *testing.T) {
	e, _ := one(t, (&pdfMaker{}).build(pdfSpec{page: "/MediaBox [0 0 144 108] /UserUnit 2", content: "0 0 72 54 re f"}))
	if e.Pixels != image.Pt(1200, 900) || e.DPI != 300 {
		t.Errorf("%+v", e)
	}
}

// TestPDFStretched: samples that a page stretches are seen so; a JPEG whose own shape
// is not the page's is drawn.
func TestPDFStretched(t *testing.T) {
	pic := picture(64, 48)
	m := &pdfMaker{}
	spec := pdfSpec{page: "/MediaBox [0 0 46.08 69.12]", content: "q 46.08 0 0 69.12 0 0 cm /Im0 Do Q"}
	kind := "/Subtype /Image /Width 64 /Height 48 /ColorSpace /DeviceGray /BitsPerComponent 8 /Filter "
	spec.images = []string{m.stream(kind+"/FlateDecode", deflated(t, pic.Pix))}
	if e, _ := one(t, m.build(spec)); e.Pixels != image.Pt(64, 96) || e.DPI != 100 {
		t.Errorf("samples of 100 x 50 dpi: %+v", e)
	}
	fax := withSegment(jpegBytes(t, pic), 0xe0, []byte("JFIF\x00\x01\x02\x01\x00\xcc\x00\x62\x00\x00"))
	for _, c := range []struct {
		page, content string
		note          string
	}{
		{"/MediaBox [0 0 46.08 69.12]", "q 46.08 0 0 71.94 0 0 cm /Im0 Do Q", "stretches"},
		{"/MediaBox [0 0 64 48]", "q 64 0 0 48 0 0 cm /Im0 Do Q", "seen with 64 x 100 pixels"},
	} {
		m := &pdfMaker{}
		im := m.stream(kind+"/DCTDecode", fax)
		if e, _ := one(t, m.build(pdfSpec{page: c.page, content: c.content, images: []string{im}})); !strings.Contains(e.Note, c.note) {
			t.Errorf("a JPEG of 204 x 98 dpi as %q: %+v", c.content, e)
		}
	}
}

// TestPDFLarge: a page that would be too many pixels is drawn with fewer; one of
// several bands looks like one of one band.
func TestPDFLarge(t *testing.T) {
	m := &pdfMaker{}
	im := m.stream("/Subtype /Image /Width 64 /Height 48 /ColorSpace /DeviceGray /BitsPerComponent 8 /Filter /DCTDecode", jpegBytes(t, picture(64, 48)))
	path := write(t, t.TempDir(), "a.pdf", m.build(pdfSpec{content: whole + " 1 0 0 rg 10 10 20 20 re f", images: []string{im}}))
	d, err := openDocument(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer d.close()
	d.rendered = 100_000
	var seen [][]byte
	for _, band := range []int{1 << 20, 10_000, 1} {
		d.band = band
		e, err := d.expand(0, t.TempDir(), 300)
		if err != nil {
			t.Fatal(err)
		}
		if n := e.Pixels.X * e.Pixels.Y; n > d.rendered*101/100 || n < d.rendered*9/10 || !strings.Contains(e.Note, "megapixels") || math.Abs(e.DPI-182.5) > 1 {
			t.Errorf("%+v", e)
		}
		b, err := os.ReadFile(e.File)
		if err != nil {
			t.Fatal(err)
		}
		seen = append(seen, b)
	}
	d.rendered = 4000 // 40 dpi are few, and still how large the page is
	if e, err := d.expand(0, t.TempDir(), 300); err != nil || math.Abs(float64(e.Pixels.X)/e.DPI-2) > 0.05 {
		t.Errorf("%+v, %v; want a page 2 inches wide", e, err)
	}
	if !bytes.Equal(seen[0], seen[1]) || !bytes.Equal(seen[0], seen[2]) {
		t.Error("bands show")
	}
}

func TestPDFErrors(t *testing.T) {
	api.DisableConfigDir()
	good := onePage(t, "DCTDecode", jpegBytes(t, picture(64, 48)))
	encrypt := func(user string) []byte {
		conf := model.NewAESConfiguration(user, "owner", 256)
		return encoded(t, func(b *bytes.Buffer) error { return api.Encrypt(bytes.NewReader(good), b, conf) })
	}
	for _, c := range []struct {
		name string
		pdf  []byte
		want error
	}{
		{"a password", encrypt("secret"), scan.ErrPassword},
		{"an owner's password only", encrypt(""), nil},
		{"no pages", (&pdfMaker{}).build(), scan.ErrNoPages},
		{"only a header", []byte("%PDF-1.4\n"), scan.ErrDamaged},
		{"no end", good[:len(good)-12], nil}, // PDFium finds the objects again
		{"cut in half", good[:len(good)/2], scan.ErrDamaged},
		{"nothing", nil, scan.ErrEmpty},
	} {
		all, _, err := expanded(t, c.pdf, 0)
		if !errors.Is(err, c.want) || (err == nil) != (len(all) == 1) {
			t.Errorf("%s: %v, %+v", c.name, err, all)
		}
		if c.want == nil && (len(all) != 1 || all[0].Format != scan.JPEG) {
			t.Errorf("%s: %+v", c.name, all)
		}
	}
	if err := ExpandPDF(t.Context(), "/no/such.pdf", t.TempDir(), 0, nil); !errors.Is(err, scan.ErrUnreadable) {
		t.Error(err)
	}
}

// TestPDFHostile: pages that break PDFium's sandbox cost no other page, and the
// walk over content ends by itself.
func TestPDFHostile(t *testing.T) {
	m := &pdfMaker{}
	endless := m.stream("/Subtype /Form /BBox [0 0 1 1] /Resources <</XObject <</X 3 0 R>>>>", []byte("/X Do"))
	bomb := m.stream("/Subtype /Form /BBox [0 0 1 1] /Filter /FlateDecode", deflated(t, bytes.Repeat([]byte("q\n"), 20<<20)))
	im := m.stream("/Subtype /Image /Width 64 /Height 48 /ColorSpace /DeviceGray /BitsPerComponent 8 /Filter /DCTDecode", jpegBytes(t, picture(64, 48)))
	good := pdfSpec{content: whole, images: []string{im}}
	bad := pdfSpec{content: "/Im0 Do", images: []string{endless}}
	all, _, err := expanded(t, m.build(good, bad, good), 50)
	if err != nil || len(all) != 3 || all[0].Problem != nil || all[2].Problem != nil {
		t.Fatalf("%+v: %v", all, err)
	}
	if p := all[1].Problem; p != nil && (!errors.Is(p, scan.ErrDamaged) || strings.Contains(p.Message, "\n")) {
		t.Errorf("%v", p)
	}
	for _, c := range []struct{ form, content, why string }{
		{endless, "/Im0 Do", "forms within forms"},
		{bomb, strings.Repeat("/Im0 Do ", 1000), "more than can be looked at"},
	} {
		m := &pdfMaker{objects: m.objects}
		p, err := readPage(bytes.NewReader(m.build(pdfSpec{content: c.content, images: []string{c.form}})))
		if err != nil {
			t.Fatal(err)
		}
		if err := p.look(); err == nil || !strings.Contains(err.Error(), c.why) {
			t.Errorf("%v, want %s", err, c.why)
		}
	}
}

// TestPDFLost: a page of which nothing is left because its objects are damaged does not come
// in as a blank one; of a page that lost a part the note says so, and a page that is blank
// stays one.
func TestPDFLost(t *testing.T) {
	m := &pdfMaker{}
	im := m.stream("/Subtype /Image /Width 64 /Height 48 /ColorSpace /DeviceGray /BitsPerComponent 8 /Filter /DCTDecode", jpegBytes(t, picture(64, 48)))
	odd := m.stream("/Subtype /Imqge /Width 64 /Height 48 /ColorSpace /DeviceGray /BitsPerComponent 8 /Filter /DCTDecode", jpegBytes(t, picture(64, 48)))
	dict := m.add("<</Subtype /Image>>")
	torn := m.stream("/Subtype /Image /Width 64 /Height 48 /ColorSpace /DeviceGray /BitsPerComponent 8 /Filter /FlateDecode", []byte("not deflated at all"))
	for name, c := range map[string]struct {
		page pdfSpec
		gone bool
		note string
	}{
		"blank":           {pdfSpec{content: ""}, false, ""},
		"white":           {pdfSpec{content: "1 g 0 0 144 108 re f"}, false, ""},
		"an image":        {pdfSpec{content: whole, images: []string{im}}, false, ""},
		"unknown object":  {pdfSpec{content: whole, images: []string{odd}}, true, ""},
		"no stream":       {pdfSpec{content: whole, images: []string{dict}}, true, ""},
		"nothing there":   {pdfSpec{content: whole, images: []string{"99 0 R"}}, true, ""},
		"image torn":      {pdfSpec{content: whole, images: []string{torn}}, true, ""},
		"a part is lost":  {pdfSpec{content: "q 72 0 0 108 0 0 cm /Im0 Do Q q 72 0 0 108 72 0 cm /Im1 Do Q", images: []string{im, odd}}, false, "cannot be read"},
		"content no more": {pdfSpec{content: whole, images: []string{im}, page: "/MediaBox [0 0 144 108] /Contents " + dict + " /Was"}, true, ""},
	} {
		t.Run(name, func(t *testing.T) {
			m := &pdfMaker{objects: slices.Clone(m.objects)}
			all, _, err := expanded(t, m.build(c.page), 72)
			if err != nil || len(all) != 1 {
				t.Fatalf("%+v: %v", all, err)
			}
			p := all[0].Problem
			if (p != nil) != c.gone || p != nil && !errors.Is(p, scan.ErrDamaged) {
				t.Errorf("%+v, %v", all[0], p)
			}
			if c.note != "" && !strings.Contains(all[0].Note, c.note) {
				t.Errorf("note %q", all[0].Note)
			}
		})
	}
}

// TestPDFBadPage: one page fails, the others go on.
func TestPDFBadPage(t *testing.T) {
	m := &pdfMaker{}
	im := m.stream("/Subtype /Image /Width 64 /Height 48 /ColorSpace /DeviceGray /BitsPerComponent 8 /Filter /DCTDecode", jpegBytes(t, picture(64, 48)))
	bomb := m.stream("/Subtype /Image /Width 60000 /Height 60000 /ColorSpace /DeviceRGB /BitsPerComponent 8 /Filter /FlateDecode", deflated(t, make([]byte, 1000)))
	good := pdfSpec{content: whole, images: []string{im}}
	pdf := m.build(good, pdfSpec{content: whole, images: []string{bomb}}, good, good)
	pdf = bytes.Replace(pdf, []byte("/Count 4"), []byte("/Count 5"), 1) // and a page that is not there
	path := write(t, t.TempDir(), "a.pdf", pdf)
	k := keepAll(t, path)
	var got []string
	for _, e := range k.Events {
		switch {
		case e.Sheet != nil:
			got = append(got, fmt.Sprint(e.Sheet.Origin.Index))
		default:
			got = append(got, fmt.Sprintf("%d %v", e.Reject.Origin.Index, errors.Is(e.Reject.Err, scan.ErrTooLarge) || errors.Is(e.Reject.Err, scan.ErrDamaged)))
		}
	}
	want := [...]string{"0", "1 true", "2", "3", "4 true"}
	if strings.Join(got, ", ") != strings.Join(want[:], ", ") && strings.Join(got, ", ") != strings.Join(want[:4], ", ") {
		t.Errorf("got %v", k.Events)
	}
}

func TestPDFCancelled(t *testing.T) {
	path := write(t, t.TempDir(), "a.pdf", onePage(t, "DCTDecode", jpegBytes(t, picture(64, 48))))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := ExpandPDF(ctx, path, t.TempDir(), 0, nil); err != context.Canceled {
		t.Error(err)
	}
	stop := errors.New("stop")
	if err := ExpandPDF(t.Context(), path, t.TempDir(), 0, func(Extracted) error { return stop }); err != stop {
		t.Error(err)
	}
}

func FuzzContent(f *testing.F) {
	for _, s := range []string{whole, "q 1 0 0 1 0 0 cm BT /F0 12 Tf 3 Tr [(a\\)) -20 <41>] TJ ET Q", "BI /W 1 ID \x00\xff EI Q", "/OC /MC0 BDC /Im0 Do EMC", "<</A [<<>>]>> % x\n [(", "0 0 1 1 re W n sh"} {
		f.Add([]byte(s))
	}
	p, err := readPage(bytes.NewReader(onePage(f, "DCTDecode", jpegBytes(f, picture(64, 48)))))
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		v := &viewer{page: p}
		v.run(b, p.resources, state{ctm: matrix{a: 1, d: 1}, clip: p.box}, 0)
		for i := range v.images {
			q := *p
			q.image = &v.images[i]
			if place, err := q.place(); err == nil && (place.orientation < 1 || place.orientation > 8 || !(place.dpi(image.Pt(1, 1)) > 0)) {
				t.Fatalf("%+v", place)
			}
		}
	})
}
