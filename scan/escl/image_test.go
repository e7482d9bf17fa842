package escl

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/image/tiff"

	"recto/scan"
	"recto/scan/scantest"
)

// pngOf makes a PNG of rows with their filter bytes.
func pngOf(w, h int, depth, colour, interlace byte, rows []byte, more ...[]byte) []byte {
	chunk := func(name string, data []byte) []byte {
		b := append(binary.BigEndian.AppendUint32(nil, uint32(len(data))), name...)
		b = append(b, data...)
		return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b[4:]))
	}
	head := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, uint32(w)), uint32(h))
	b := append([]byte("\x89PNG\r\n\x1a\n"), chunk("IHDR", append(head, depth, colour, 0, 0, interlace))...)
	for i := 0; i+1 < len(more); i += 2 {
		b = append(b, chunk(string(more[i]), more[i+1])...)
	}
	var z bytes.Buffer
	zw := zlib.NewWriter(&z)
	_, _ = zw.Write(rows)
	_ = zw.Close()
	for data := z.Bytes(); len(data) > 0; { // in pieces, as files have it
		n := min(len(data), 7)
		b = append(b, chunk("IDAT", data[:n])...)
		data = data[n:]
	}
	return append(append(b, chunk("tEXt", []byte("a\x00b"))...), chunk("IEND", nil)...)
}

// convert writes a PNG as a TIFF and decodes that.
func convert(t *testing.T, b []byte) (image.Image, *picture, error) {
	t.Helper()
	name := filepath.Join(t.TempDir(), "x.tif")
	f, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	p := &picture{}
	if err := convertPNG(p, bytes.NewReader(b), f, scan.Raster{}); err != nil {
		return nil, nil, err
	}
	whole, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	m, err := tiff.Decode(bytes.NewReader(whole))
	if err != nil {
		t.Fatal(err)
	}
	return m, p, nil
}

// Every kind of PNG with every filter gives the samples that Go's own decoder gives.
func TestPNG(t *testing.T) {
	const w, h = 13, 10
	palette := make([]byte, 3*256)
	for i := range palette {
		palette[i] = byte(i * 89)
	}
	for _, x := range []struct {
		depth, colour byte
		channels      int
		bits          int // of the TIFF
	}{{1, 0, 1, 1}, {2, 0, 1, 8}, {4, 0, 1, 8}, {8, 0, 1, 8}, {16, 0, 1, 16}, {8, 2, 3, 8}, {16, 2, 3, 16}, {1, 3, 1, 8}, {2, 3, 1, 8}, {4, 3, 1, 8}, {8, 3, 1, 8},
		{8, 4, 2, 8}, {16, 4, 2, 16}, {8, 6, 4, 8}, {16, 6, 4, 16}} {
		n := (w*x.channels*int(x.depth) + 7) / 8
		// Alpha must come out as opaque: then the samples go in without a filter.
		var rows []byte
		for y := range h {
			filter := byte(y % 5)
			if x.colour&4 != 0 {
				filter = 0
			}
			rows = append(rows, filter)
			for i := range n {
				b := byte(y*31 + i*57 + i*i)
				if wide := int(x.depth) / 8; x.colour&4 != 0 && i/wide%x.channels == x.channels-1 {
					b = 0xff
				}
				rows = append(rows, b)
			}
		}
		more := [][]byte{[]byte("pHYs"), binary.BigEndian.AppendUint32([]byte{0, 0, 0x2e, 0x23}, 11811)}
		more[1] = append(more[1], 1)
		if x.colour == 3 {
			more = append(more, []byte("PLTE"), palette[:3<<x.depth])
		}
		b := pngOf(w, h, x.depth, x.colour, 0, rows, more...)
		want, err := png.Decode(bytes.NewReader(b))
		if err != nil {
			t.Fatalf("%+v: %v", x, err)
		}
		got, p, err := convert(t, b)
		if err != nil {
			t.Errorf("%+v: %v", x, err)
			continue
		}
		if p.bits != x.bits || p.pixels != image.Pt(w, h) || int(p.density.X+0.5) != 300 {
			t.Errorf("%+v: %+v", x, p)
		}
		for y := range h {
			for px := range w {
				if a, b := color.RGBA64Model.Convert(got.At(px, y)), color.RGBA64Model.Convert(want.At(px, y)); a != b {
					t.Fatalf("%+v at %d,%d: %v, want %v", x, px, y, a, b)
				}
			}
		}
	}
	grey := bytes.Repeat([]byte{0, 1, 2}, 2)
	for name, x := range map[string]struct {
		b   []byte
		err error
	}{
		"interlaced":         {pngOf(2, 2, 8, 0, 1, grey), scan.ErrUnsupported},
		"transparent colour": {pngOf(2, 2, 8, 0, 0, grey, []byte("tRNS"), []byte{0, 1}), scan.ErrUnsupported},
		"transparent pixels": {pngOf(1, 1, 8, 4, 0, []byte{0, 7, 9}), scan.ErrUnsupported},
		"a row missing":      {pngOf(2, 3, 8, 0, 0, grey), scan.ErrTruncated},
		"a row too many":     {pngOf(2, 1, 8, 0, 0, grey), scan.ErrDamaged},
		"filter 5":           {pngOf(2, 2, 8, 0, 0, []byte{5, 1, 2, 0, 1, 2}), scan.ErrDamaged},
		"3 bits":             {pngOf(2, 2, 3, 0, 0, grey), scan.ErrDamaged},
		"no pixels":          {pngOf(0, 2, 8, 0, 0, grey), scan.ErrDamaged},
		"a billion pixels":   {pngOf(1<<30, 1, 8, 0, 0, grey), scan.ErrDamaged},
		"no palette":         {pngOf(2, 2, 8, 3, 0, grey), scan.ErrDamaged},
	} {
		if _, _, err := convert(t, x.b); !errors.Is(err, x.err) {
			t.Errorf("%s: %v, want %v", name, err, x.err)
		}
	}
	// A changed byte is noticed, and so is any lost end.
	b := pngOf(2, 2, 8, 0, 0, grey, []byte("pHYs"), make([]byte, 9))
	if _, _, err := convert(t, b); err != nil {
		t.Fatal(err)
	}
	for i := 8; i < len(b); i++ {
		c := bytes.Clone(b)
		c[i] ^= 0x10
		if _, _, err := convert(t, c); err == nil {
			t.Errorf("byte %d may change", i)
		}
		if _, _, err := convert(t, b[:i]); !errors.Is(err, scan.ErrTruncated) {
			t.Errorf("%d bytes: %v", i, err)
		}
	}
}

// However much is missing of a TIFF or a JPEG, it is noticed.
func TestCutOff(t *testing.T) {
	v := scantest.NewESCL()
	for format, read := range map[string]func(*picture, []byte) error{
		"image/tiff": func(p *picture, b []byte) error { return readTIFF(p, bytes.NewReader(b), int64(len(b))) },
		"image/jpeg": func(p *picture, b []byte) error { return readJPEG(p, bytes.NewReader(b), int64(len(b))) },
	} {
		b := v.Encode(1, "RGB24", format, 300, 0, 0, 20, 20)
		var p picture
		if err := read(&p, b); err != nil || p.pixels != image.Pt(20, 20) || p.density != (scan.Density{X: 300, Y: 300}) || p.bits != 8 || p.channels != 3 {
			t.Errorf("%s: %+v, %v", format, p, err)
		}
		for i := 4; i < len(b); i++ {
			if err := read(&picture{}, b[:i]); !errors.Is(err, scan.ErrTruncated) {
				t.Fatalf("%s of %d bytes instead of %d: %v", format, i, len(b), err)
			}
		}
		for i := range b { // nothing that a device sends makes us fall over
			for _, x := range []byte{0, 1, 0x7f, 0xff} {
				c := bytes.Clone(b)
				c[i] = x
				_ = read(&picture{}, c)
			}
		}
	}
	// A directory before the strips promises what never came, or promises too little.
	directory := func(count uint32, data int) []byte {
		b := append([]byte("MM\x00*\x00\x00\x00\x08\x00\x08"), nil...)
		for _, e := range [][2]uint32{{256, 20}, {257, 20}, {258, 8}, {259, 1}, {262, 1}, {273, 110}, {278, 20}, {279, count}} {
			b = append(binary.BigEndian.AppendUint16(b, uint16(e[0])), 0, 4, 0, 0, 0, 1)
			b = binary.BigEndian.AppendUint32(b, e[1])
		}
		return append(append(b, 0, 0, 0, 0), make([]byte, data)...)
	}
	for _, x := range []struct {
		count uint32
		data  int
		err   error
	}{{400, 400, nil}, {400, 399, scan.ErrTruncated}, {400, 0, scan.ErrTruncated}, {399, 400, scan.ErrTruncated}} {
		b := directory(x.count, x.data)
		if _, err := tiff.Decode(bytes.NewReader(b)); (err == nil) != (x.err == nil) && x.data == 400 && x.count == 400 {
			t.Fatalf("Go's decoder: %v", err)
		}
		if err := readTIFF(&picture{}, bytes.NewReader(b), int64(len(b))); !errors.Is(err, x.err) {
			t.Errorf("%+v: %v", x, err)
		}
	}
}

// stacked puts TIFFs into one.
func stacked(all ...[]byte) []byte {
	var b []byte
	link := -1
	for _, x := range all {
		base := uint32(len(b))
		x = bytes.Clone(x)
		first := binary.LittleEndian.Uint32(x[4:])
		n := int(binary.LittleEndian.Uint16(x[first:]))
		for i := range n {
			e := x[int(first)+2+12*i:]
			size := map[uint16]uint32{2: 1, 3: 2, 4: 4, 5: 8, 7: 1}[binary.LittleEndian.Uint16(e[2:])] * binary.LittleEndian.Uint32(e[4:])
			if size > 4 {
				binary.LittleEndian.PutUint32(e[8:], binary.LittleEndian.Uint32(e[8:])+base)
			} else if binary.LittleEndian.Uint16(e) == 273 { // one strip
				binary.LittleEndian.PutUint32(e[8:], binary.LittleEndian.Uint32(e[8:])+base)
			}
		}
		b = append(b, x...)
		if link >= 0 {
			binary.LittleEndian.PutUint32(b[link:], base+first)
		}
		link = int(base+first) + 2 + 12*n
		if len(b)%2 == 1 {
			b = append(b, 0)
		}
	}
	return b
}

// A device that puts all sheets into one TIFF gives a sheet for each, sample for sample.
func TestSeveral(t *testing.T) {
	v := scantest.NewESCL()
	v.Loaded = 1
	modes := []string{"RGB48", "BlackAndWhite1", "Grayscale8"}
	var all [][]byte
	for i, mode := range modes {
		all = append(all, v.Encode(i+1, mode, "image/tiff", 75, 0, 0, 150, 225))
	}
	v.Faults = scantest.ESCLFaults{At: 1, Body: stacked(all...)}
	root := v.Serve(t)
	s := source(t, Config{})
	k, err := scanned(t, s, scan.Ticket{Device: "escl:" + root, Source: "adf", DPI: 75})
	if err != nil || len(k.sheets) != 3 {
		t.Fatalf("%d sheets, %v", len(k.sheets), err)
	}
	for i, mode := range modes {
		same(t, k.files[i], i+1, mode, image.Rect(0, 0, 150, 225))
		b, _ := os.ReadFile(k.files[i])
		var p picture
		if err := readTIFF(&p, bytes.NewReader(b), int64(len(b))); err != nil || p.density != (scan.Density{X: 75, Y: 75}) || len(b) > len(all[i])+64 {
			t.Errorf("%s: %d bytes, %+v, %v", mode, len(b), p, err)
		}
		if c := k.sheets[i].Origin.Capture; c.Sheet != i+1 {
			t.Errorf("%+v", c)
		}
	}
	// The last of them is cut off: those before it are kept.
	v.Change(func(v *scantest.ESCL) {
		v.Loaded, v.Faults.Body = 1, v.Faults.Body[:len(v.Faults.Body)-20]
	})
	if k, err := scanned(t, s, scan.Ticket{Device: "escl:" + root, Source: "adf", DPI: 75}); !errors.Is(err, scan.ErrTruncated) || len(k.sheets) != 2 || !strings.Contains(err.Error(), "sheet 3") {
		t.Errorf("cut off: %d sheets, %v", len(k.sheets), err)
	}
	round := stacked(all[2], all[2])
	first := binary.LittleEndian.Uint32(round[4:])
	n := uint32(binary.LittleEndian.Uint16(round[first:]))
	binary.LittleEndian.PutUint32(round[first+2+12*n:], first)
	v.Change(func(v *scantest.ESCL) { v.Loaded, v.Faults.Body = 1, round })
	if _, err := scanned(t, s, scan.Ticket{Device: "escl:" + root, Source: "adf", DPI: 75}); !errors.Is(err, scan.ErrDamaged) {
		t.Errorf("directories that go round: %v", err)
	}
}
