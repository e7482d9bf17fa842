package folder

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/image/tiff"

	"recto/scan"
)

// bits packs a string of zeros and ones; "|" fills up to a byte.
func bits(s string) []byte {
	var b []byte
	n := 0
	for _, c := range s {
		switch {
		case c == '|':
			n = (n + 7) / 8 * 8
		case c == '0' || c == '1':
			if n/8 >= len(b) {
				b = append(b, 0)
			}
			if c == '1' {
				b[n/8] |= 0x80 >> (n % 8)
			}
			n++
		}
	}
	return b
}

// TestPDFFax: rows of 8 white and 8 black pixels in all fax codings.
func TestPDFFax(t *testing.T) {
	const (
		row = "10011 000101" // T.4 table 2: white 8, black 8
		eol = "000000000001"
		h   = 4
		g4  = "001 " + row + "1 1 1 1 1 1" + eol + eol // horizontal mode, then three rows like the one above
	)
	mixed := eol + "1" + row + eol + "0 1 1" + eol + "1" + row + eol + "0 1 1" + strings.Repeat(eol+"1", 6)
	for _, c := range []struct {
		name, parms, decode string
		data                []byte
		compression         uint64 // 8: decoded and written anew
		black               bool   // the right half is black, the left white
	}{
		{"G4", "/K -1", "", bits(g4), 4, true},
		{"G4, 1 is black", "/K -1 /BlackIs1 true", "", bits(g4), 4, false},
		{"G4, inverted", "/K -1", "/Decode [1 0]", bits(g4), 4, false},
		{"G4, both", "/K -1 /BlackIs1 true", "/Decode [1 0]", bits(g4), 4, true},
		{"G4, rows on bytes", "/K -1 /EncodedByteAlign true", "", bits("001" + row + "|1 1|1 1|1 1|"), 8, true},
		{"G3", "", "", bits(strings.Repeat(eol+row, h) + strings.Repeat(eol, 6)), 3, true},
		{"G3 says it has ends", "/EndOfLine true", "", bits(strings.Repeat(eol+row, h) + strings.Repeat(eol, 6)), 3, true},
		{"G3 without ends", "/EndOfBlock false", "", bits(strings.Repeat(row, h)), 8, true},
		{"Huffman", "/EncodedByteAlign true /EndOfBlock false", "", bits(strings.Repeat(row+"|", h)), 2, true},
		{"G3 two-dimensional", "/K 4 /EndOfLine true", "", bits(mixed), 3, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := &pdfMaker{}
			im := m.stream(fmt.Sprintf("/Subtype /Image /Width 16 /Height %d /ColorSpace /DeviceGray /BitsPerComponent 1 /Filter /CCITTFaxDecode "+
				"/DecodeParms <<%s /Columns 16 /Rows %d>> %s", h, c.parms, h, c.decode), c.data)
			e, b := one(t, m.build(pdfSpec{content: whole, images: []string{im}}))
			if e.Format != scan.TIFF || strings.Contains(e.Note, "rendered") {
				t.Fatalf("%+v", e)
			}
			f, err := openTIFF(bytes.NewReader(b), int64(len(b)))
			if err != nil {
				t.Fatal(err)
			}
			d, err := f.readIFD(f.first)
			if err != nil {
				t.Fatal(err)
			}
			if got := f.uint(d, tagCompression, 0); got != c.compression {
				t.Errorf("compression %d, want %d", got, c.compression)
			}
			if c.compression != 8 && !bytes.Contains(b, c.data) {
				t.Error("the data was changed")
			}
			if c.compression != 8 {
				want := map[bool]uint64{true: 0, false: 1}[c.black]
				if got := f.uint(d, tagPhotometric, 9); got != want {
					t.Errorf("photometric %d, want %d", got, want)
				}
			}
			if c.compression == 2 || strings.HasPrefix(c.parms, "/K 4") || !c.black {
				return // x/image reads neither coding, and fax data always as if white were zero
			}
			img, err := tiff.Decode(bytes.NewReader(b))
			if err != nil {
				t.Fatal(err)
			}
			for y := range h {
				for x := range 16 {
					grey := color.GrayModel.Convert(img.At(x, y)).(color.Gray).Y
					if black := x >= 8 == c.black; black != (grey < 128) {
						t.Fatalf("pixel %d,%d is %d", x, y, grey)
					}
				}
			}
		})
	}
}

// shade gives the mean darkness of n x n fields of an image that is seen through
// an orientation.
func shade(img image.Image, stored image.Point, o scan.Orientation, n int) []float64 {
	size, m := scan.Frame(stored, o, nil)
	sum, count := make([]float64, n*n), make([]float64, n*n)
	for y := range stored.Y {
		for x := range stored.X {
			u, v := m.Apply(float64(x)+0.5, float64(y)+0.5)
			i := min(n-1, int(v)*n/size.Y)*n + min(n-1, int(u)*n/size.X)
			sum[i] += 1 - float64(color.GrayModel.Convert(img.At(x, y)).(color.Gray).Y)/255
			count[i]++
		}
	}
	for i := range sum {
		sum[i] /= math.Max(1, count[i])
	}
	return sum
}

// TestSharedPDFs compares what is taken out of real PDFs with what PDFium draws.
func TestSharedPDFs(t *testing.T) {
	root := shared(t, "scans")
	taken := 0
	for _, name := range []string{"ocrmypdf/cardinal.pdf", "ocrmypdf/skew.pdf", "ocrmypdf/rotated_skew.pdf", "paperless/patch-code-t-middle.pdf"} {
		d, err := openDocument(t.Context(), filepath.Join(root, name))
		if err != nil {
			t.Fatal(err)
		}
		defer d.close()
		for i := range d.pages {
			e, err := d.expand(i, t.TempDir(), 72)
			if err != nil {
				t.Fatal(err)
			}
			if strings.Contains(e.Note, "rendered") {
				continue
			}
			taken++
			page, err := d.load(i)
			if err != nil {
				t.Fatal(err)
			}
			r, _, err := d.render(page, filepath.Join(t.TempDir(), "drawn.tif"), 72, 1, "")
			if err != nil {
				t.Fatal(err)
			}
			d.unload(page)
			if e.Orientation == 0 {
				t.Errorf("%s page %d has no orientation", name, i)
			}
			const n = 12
			a, b := shade(load(t, e.File), e.Pixels, e.Orientation, n), shade(load(t, r.File), r.Pixels, 1, n)
			mean, cross := 0.0, 0.0
			for k := range a {
				mean += math.Abs(a[k]-b[k]) / n / n
				cross += math.Abs(a[k]-b[n*n-1-k]) / n / n // upside down
			}
			limit := 0.01
			if strings.Contains(name, "skew") {
				limit = 0.06
			}
			if mean > limit || cross < mean {
				t.Errorf("%s page %d (orientation %d): differs from the drawn page by %.3f, upside down by %.3f", name, i, e.Orientation, mean, cross)
			}
		}
	}
	if taken != 7 {
		t.Errorf("%d images taken out, want 7", taken)
	}
}

func load(t *testing.T, path string) image.Image {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	img, err := tiff.Decode(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	return img
}
