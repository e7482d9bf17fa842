package prepare

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"image/color"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"recto/scan"
	"recto/scan/scantest"
)

// FuzzInspect feeds the header readers damaged masters: whatever they place must lie
// in the file and be of a sane shape.
func FuzzInspect(f *testing.F) {
	for _, m := range scantest.Plain(f, f.TempDir()) {
		data, err := os.ReadFile(m.Path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data[:min(len(data), 20000)])
	}
	f.Fuzz(func(t *testing.T, data []byte) { inspected(t, data) })
}

func inspected(t *testing.T, data []byte) {
	t.Helper()
	s := &source{ReaderAt: bytes.NewReader(data), size: int64(len(data)), limits: Limits{Pixels: 1e6}}
	o := inspect(s)
	if o.deep != nil {
		if r, err := o.deep(); err == nil {
			row := make([]byte, r.stride())
			for y := range r.size.Y {
				if r.row(y, row) != nil {
					break
				}
			}
		}
	}
	if o.place == nil || o.whole != nil && !o.whole() {
		return
	}
	if r := o.place; r.Size.X < 1 || r.Size.Y < 1 || r.Size.X*r.Size.Y > 1e6 || r.Colours != 1 && r.Colours != 3 || r.Filter == "" || len(r.Spans) == 0 {
		t.Errorf("placed as %+v", r)
	}
	for _, p := range o.place.Spans {
		if p.Offset < 0 || p.Length < 0 || p.Offset+p.Length > s.size {
			t.Errorf("span %v of %d bytes", p, s.size)
		}
	}
	o.profile(o.place)
}

// Every kind of master, cut off and with bytes changed: never a panic, and never a
// part of one placed as if it were whole.
func TestDamagedMasters(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	for _, m := range scantest.Masters(t, t.TempDir()) {
		data, err := os.ReadFile(m.Path)
		if err != nil {
			t.Fatal(err)
		}
		if m.Placed {
			cutOff(t, m, data)
		}
		for range soak(8, 60) {
			bad := bytes.Clone(data[:random.IntN(len(data))])
			inspected(t, bad)
			bad = bytes.Clone(data)
			for range 1 + random.IntN(4) {
				at := random.IntN(len(bad))
				if random.IntN(2) == 0 { // the headers lie at the ends
					at = random.IntN(min(len(bad), 600))
				}
				bad[at] = byte(random.Uint32())
			}
			inspected(t, bad)
		}
	}
}

// cutOff fails where a master is placed as if it were whole.
func cutOff(t *testing.T, m scantest.Master, data []byte) {
	t.Helper()
	path := filepath.Join(t.TempDir(), filepath.Base(m.Path))
	if err := os.WriteFile(path, data[:len(data)*9/10], 0o644); err != nil {
		t.Fatal(err)
	}
	r, err := Render(path, nil, path+".rendition", Limits{})
	if err == nil && r.Master {
		t.Errorf("%s: cut off and placed as %+v", m.Name, r)
	}
	if _, left := os.Stat(path + ".rendition"); (left == nil) != (err == nil) {
		t.Errorf("%s: %v, and a rendition: %v", m.Name, err, left == nil)
	}
}

func TestRenderTooLarge(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.png")
	scantest.WritePNG(t, path, image.NewGray(image.Rect(0, 0, 100, 100)))
	if _, err := Render(path, nil, path+".rendition", Limits{Pixels: 9999}); !errors.Is(err, scan.ErrTooLarge) {
		t.Error(err)
	}
	if _, err := Render(path, nil, path+".rendition", Limits{Pixels: 10000}); err != nil {
		t.Error(err)
	}
}

// A failing write leaves nothing behind, and what was there stays.
func TestStored(t *testing.T) {
	dir := t.TempDir()
	into := filepath.Join(dir, "rendition")
	r, err := stored(into, func(w io.Writer) error { _, err := io.WriteString(w, "whole"); return err })
	if err != nil || r.Spans[0].Length != 5 || r.SHA256 != fmt.Sprintf("%x", sha256.Sum256([]byte("whole"))) {
		t.Fatal(r, err)
	}
	broken := errors.New("broken")
	if _, err := stored(into, func(w io.Writer) error { io.WriteString(w, "ha"); return broken }); !errors.Is(err, broken) {
		t.Error(err)
	}
	if b, err := os.ReadFile(into); string(b) != "whole" || err != nil {
		t.Errorf("%q, %v", b, err)
	}
	if list, err := os.ReadDir(dir); len(list) != 1 || err != nil {
		t.Errorf("%v, %v", list, err)
	}
	if _, err := stored(filepath.Join(dir, "none", "x"), nil); err == nil {
		t.Error("stored in a folder that is not there")
	}
}

// A fax of several strips cannot be one stream of a PDF, and is coded anew.
func TestFaxOfStrips(t *testing.T) {
	size := image.Rect(0, 0, 61, 40)
	whole := image.NewPaletted(size, color.Palette{color.Black, color.White})
	for i := range whole.Pix {
		whole.Pix[i] = byte(i*i>>3) & 1
	}
	var strips [2][]byte
	for i := range strips {
		// The coder of the room makes the strips: it is tested by decoding elsewhere.
		path := filepath.Join(t.TempDir(), "half.pbm")
		half := whole.SubImage(image.Rect(0, 20*i, 61, 20*i+20)).(*image.Paletted)
		b := []byte("P4\n61 20\n")
		for y := range 20 {
			row := make([]byte, 8)
			for x := range 61 {
				row[x/8] |= (1 - half.Pix[y*half.Stride+x]) << (7 - x%8)
			}
			b = append(b, row...)
		}
		if err := os.WriteFile(path, b, 0o644); err != nil {
			t.Fatal(err)
		}
		r, err := Render(path, nil, path+".g4", Limits{})
		if err != nil {
			t.Fatal(err)
		}
		strips[i] = stream(t, path, r)
	}
	b := []byte("II*\x00")
	at := uint32(8 + len(strips[0]) + len(strips[1]) + 16)
	b = binary.LittleEndian.AppendUint32(b, at)
	b = append(append(b, strips[0]...), strips[1]...)
	lists := uint32(len(b))
	for _, v := range []uint32{8, 8 + uint32(len(strips[0])), uint32(len(strips[0])), uint32(len(strips[1]))} {
		b = binary.LittleEndian.AppendUint32(b, v)
	}
	fields := [][3]uint32{{tagWidth, 1, 61}, {tagHeight, 1, 40}, {tagBits, 1, 1}, {tagCompression, 1, 4}, {tagPhotometric, 1, 0},
		{tagStripOffsets, 2, lists}, {tagSamples, 1, 1}, {278, 1, 20}, {tagStripCounts, 2, lists + 8}}
	b = binary.LittleEndian.AppendUint16(b, uint16(len(fields)))
	for _, f := range fields {
		b = binary.LittleEndian.AppendUint16(b, uint16(f[0]))
		b = binary.LittleEndian.AppendUint16(b, 4)
		b = binary.LittleEndian.AppendUint32(b, f[1])
		b = binary.LittleEndian.AppendUint32(b, f[2])
	}
	b = append(b, 0, 0, 0, 0)
	path := filepath.Join(t.TempDir(), "strips.tif")
	if err := os.WriteFile(path, b, 0o644); err != nil {
		t.Fatal(err)
	}
	r, err := Render(path, nil, path+".g4", Limits{})
	if err != nil {
		t.Fatal(err)
	}
	if r.Master || r.Filter != "CCITTFaxDecode" {
		t.Errorf("%+v", r)
	}
	if err := differ(samples(t, path, r), samplesOf(whole), 0, 61); err != nil {
		t.Error(err)
	}
}
