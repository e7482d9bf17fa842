package prepare

import (
	"bytes"
	"compress/zlib"
	"fmt"
	"image"
	"image/jpeg"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/image/ccitt"

	"recto/scan"
	"recto/scan/scantest"
)

// stream gives the bytes that a PDF would hold.
func stream(t testing.TB, master string, r scan.Rendition) []byte {
	t.Helper()
	if !r.Master {
		master = r.File
	}
	f, err := os.Open(master)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var b bytes.Buffer
	for _, s := range r.Spans {
		if n, err := io.Copy(&b, io.NewSectionReader(f, s.Offset, s.Length)); n != s.Length || err != nil {
			t.Fatalf("span %v: %d bytes, %v", s, n, err)
		}
	}
	return b.Bytes()
}

// samples decodes a rendition as ISO 32000-1 says: three samples of 16 bits a pixel.
func samples(t testing.TB, master string, r scan.Rendition) []uint16 {
	t.Helper()
	data := stream(t, master, r)
	stride := (r.Size.X*r.Bits*r.Colours + 7) / 8
	switch r.Filter {
	case "DCTDecode":
		return decoded(t, data, ".jpg", r.Size)
	case "JPXDecode":
		return decoded(t, data, ".jp2", r.Size)
	case "FlateDecode":
		z, err := zlib.NewReader(bytes.NewReader(data))
		if err != nil {
			t.Fatal(err)
		}
		if data, err = io.ReadAll(z); err != nil {
			t.Fatal(err)
		}
		data = predicted(t, data, r, stride)
	case "CCITTFaxDecode":
		var err error
		if data, err = io.ReadAll(ccitt.NewReader(bytes.NewReader(data), ccitt.MSB, ccitt.Group4, r.Size.X, r.Size.Y, &ccitt.Options{Invert: r.BlackIs1})); err != nil {
			t.Fatal(err)
		}
	default:
		t.Fatalf("filter %q", r.Filter)
	}
	if len(data) != stride*r.Size.Y {
		t.Fatalf("%d bytes of rows, want %d", len(data), stride*r.Size.Y)
	}
	out := make([]uint16, 0, 3*r.Size.X*r.Size.Y)
	most := uint32(1)<<r.Bits - 1
	for y := range r.Size.Y {
		row := data[y*stride:]
		at := func(i int) uint32 {
			if r.Bits == 16 {
				return uint32(row[2*i])<<8 | uint32(row[2*i+1])
			}
			bit := i * r.Bits
			return uint32(row[bit/8]) >> (8 - r.Bits - bit%8) & most
		}
		for x := range r.Size.X {
			for c := range 3 {
				v := at(x*r.Colours + min(c, r.Colours-1))
				if r.Palette != nil {
					out = append(out, uint16(r.Palette[3*int(v)+c])*0x101)
					continue
				}
				if r.Inverted {
					v = most - v
				}
				out = append(out, uint16(v*0xFFFF/most))
			}
		}
	}
	return out
}

// predicted undoes the predictors of ISO 32000-1, 7.4.4.4.
func predicted(t testing.TB, data []byte, r scan.Rendition, stride int) []byte {
	t.Helper()
	reach := max(1, r.Bits*r.Colours/8)
	switch r.Predictor {
	case 1:
		return data
	case 2:
		for y := range r.Size.Y {
			for i := reach; i < stride; i++ {
				data[y*stride+i] += data[y*stride+i-reach]
			}
		}
		return data
	}
	if r.Predictor != 15 || len(data) != (stride+1)*r.Size.Y {
		t.Fatalf("predictor %d, %d bytes for %d rows of %d", r.Predictor, len(data), r.Size.Y, stride)
	}
	out := make([]byte, 0, stride*r.Size.Y)
	last := make([]byte, stride)
	for y := range r.Size.Y {
		row := data[y*(stride+1)+1:][:stride]
		kind := data[y*(stride+1)]
		for i := range row {
			var a, c int
			if i >= reach {
				a, c = int(row[i-reach]), int(last[i-reach])
			}
			b := int(last[i])
			switch kind {
			case 1:
				row[i] += byte(a)
			case 2:
				row[i] += byte(b)
			case 3:
				row[i] += byte((a + b) / 2)
			case 4:
				pa, pb, pc := max(b-c, c-b), max(a-c, c-a), max(a+b-2*c, 2*c-a-b)
				switch {
				case pa <= pb && pa <= pc:
					row[i] += byte(a)
				case pb <= pc:
					row[i] += byte(b)
				default:
					row[i] += byte(c)
				}
			}
		}
		out, last = append(out, row...), row
	}
	return out
}

// decoded gives what Decode makes of a file's bytes.
func decoded(t testing.TB, data []byte, ext string, size image.Point) []uint16 {
	t.Helper()
	path := filepath.Join(t.TempDir(), "stream"+ext)
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
	p, err := Decode(path, Limits{})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	if p.Size() != size {
		t.Fatalf("size %v, want %v", p.Size(), size)
	}
	return samplesOf(p.View())
}

// samplesOf gives an image's samples, laid on white.
func samplesOf(img image.Image) []uint16 {
	b := img.Bounds()
	out := make([]uint16, 0, 3*b.Dx()*b.Dy())
	for y := b.Min.Y; y < b.Max.Y; y++ {
		for x := b.Min.X; x < b.Max.X; x++ {
			switch m := img.(type) {
			case *image.Gray:
				v := uint16(m.GrayAt(x, y).Y) * 0x101
				out = append(out, v, v, v)
			default:
				r, g, b, a := img.At(x, y).RGBA()
				w := 0xFFFF - a
				out = append(out, uint16(r+w), uint16(g+w), uint16(b+w))
			}
		}
	}
	return out
}

// differ tells where samples lie further apart than near.
func differ(got, want []uint16, near int, width int) error {
	if len(got) != len(want) {
		return fmt.Errorf("%d samples, want %d", len(got), len(want))
	}
	for i, g := range got {
		if d := int(g) - int(want[i]); d > near || -d > near {
			return fmt.Errorf("sample %d of pixel %d,%d is %#04x, want %#04x", i%3, i/3%width, i/3/width, g, want[i])
		}
	}
	return nil
}

func TestRenditionsShowTheMastersPixels(t *testing.T) {
	dir := t.TempDir()
	for _, m := range scantest.Masters(t, dir) {
		t.Run(m.Name, func(t *testing.T) {
			into := filepath.Join(t.TempDir(), "rendition")
			r, err := Render(m.Path, nil, into, Limits{})
			if err != nil {
				t.Fatal(err)
			}
			if m.Filter != "" && (r.Filter != m.Filter || r.Master != m.Placed) {
				t.Errorf("%s, master's bytes %v; want %s, %v", r.Filter, r.Master, m.Filter, m.Placed)
			}
			if m.Bits != r.Bits || m.ICC != (r.ICC != nil) || m.Noted != (r.Note != "") {
				t.Errorf("%d bits, profile of %d bytes, note %q; want %d, %v, %v", r.Bits, len(r.ICC), r.Note, m.Bits, m.ICC, m.Noted)
			}
			if _, err := os.Stat(into); (err == nil) == r.Master {
				t.Errorf("a file beside the master: %v", err)
			}
			p, err := Decode(m.Path, Limits{})
			if err != nil {
				t.Fatal(err)
			}
			defer p.Close()
			got := samples(t, m.Path, r)
			if m.Want != nil {
				if err := differ(got, samplesOf(m.Want), m.Near, r.Size.X); err != nil {
					t.Errorf("not as they were made: %v", err)
				}
			}
			if r.Bits != 16 { // a picture has 8
				if err := differ(got, samplesOf(p.View()), 0, r.Size.X); err != nil {
					t.Errorf("not as the decoder shows them: %v", err)
				}
			}
			again, err := Render(m.Path, p, into, Limits{})
			if err != nil || fmt.Sprint(again) != fmt.Sprint(r) {
				t.Errorf("with its picture: %v, %v; want %v", again, err, r)
			}
		})
	}
}

func TestRenditionsOfRealScans(t *testing.T) {
	for i, scan := range realScans(t) {
		if i%soak(3, 1) != 0 {
			continue
		}
		path := scan.path
		if filepath.Ext(path) == ".pdf" {
			continue
		}
		t.Run(scan.name, func(t *testing.T) {
			p, err := Decode(path, Limits{})
			if err != nil {
				t.Fatal(err)
			}
			defer p.Close()
			r, err := Render(path, p, filepath.Join(t.TempDir(), "rendition"), Limits{})
			if err != nil {
				t.Fatal(err)
			}
			t.Logf("%s placed %v, %d bits x %d, %d bytes of profile, %s", r.Filter, r.Master, r.Bits, r.Colours, len(r.ICC), r.Note)
			if r.Filter == "DCTDecode" && r.Master {
				whole, err := os.ReadFile(path)
				if err != nil || !bytes.Equal(stream(t, path, r), whole) {
					t.Errorf("not the file's bytes: %v", err)
				}
				c, err := jpeg.DecodeConfig(bytes.NewReader(whole))
				if err != nil || image.Pt(c.Width, c.Height) != r.Size {
					t.Errorf("size %v, want %v: %v", r.Size, c, err)
				}
				return
			}
			if err := differ(samples(t, path, r), samplesOf(p.View()), 0, r.Size.X); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestCheckProfile(t *testing.T) {
	change := func(space string, f func([]byte) []byte) []byte { return f(scantest.Profile(space)) }
	same := func(b []byte) []byte { return b }
	for _, c := range []struct {
		name    string
		icc     []byte
		colours int
		want    string
	}{
		{"grey", change("GRAY", same), 1, ""},
		{"colour", change("RGB ", same), 3, ""},
		{"colour for grey", change("RGB ", same), 1, "RGB"},
		{"CMYK", change("CMYK", same), 3, "CMYK"},
		{"none", nil, 3, "damaged"},
		{"cut off", change("RGB ", func(b []byte) []byte { return b[:len(b)-1] }), 3, "damaged"},
		{"too long", change("RGB ", func(b []byte) []byte { return append(b, 0) }), 3, "damaged"},
		{"no mark", change("RGB ", func(b []byte) []byte { b[36] = 'x'; return b }), 3, "damaged"},
		{"of the future", change("RGB ", func(b []byte) []byte { b[8] = 5; return b }), 3, "version"},
		{"a link", change("RGB ", func(b []byte) []byte { copy(b[12:], "link"); return b }), 3, "link"},
	} {
		err := checkProfile(c.icc, c.colours)
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
	}
}
