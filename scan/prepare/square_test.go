package prepare

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"testing"
)

// A square on paper that was scanned with half as many rows as columns is a square
// again, and its rendition keeps the stored pixels.
func TestSquared(t *testing.T) {
	grey := image.NewGray(image.Rect(0, 0, 160, 80))
	for i := range grey.Pix {
		grey.Pix[i] = 255
	}
	for y := 20; y < 60; y++ {
		for x := 40; x < 120; x++ {
			grey.SetGray(x, y, color.Gray{0})
		}
	}
	bits := make([]byte, 20*80)
	for i, v := range grey.Pix {
		bits[i/8] |= v & 1 << (7 - i%8)
	}
	rational := func(tag uint16, v uint32) field { return field{tag, 5, []uint32{v, 1}} }
	resolution := func(x, y uint32) []field {
		return []field{rational(tagXResolution, x), rational(tagYResolution, y), short(296, 2)}
	}
	j := encoded(t, func(b *bytes.Buffer) error { return jpeg.Encode(b, grey, &jpeg.Options{Quality: 100}) })
	p := encoded(t, func(b *bytes.Buffer) error { return png.Encode(b, grey) })
	phys := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, 8000), 4000)
	for name, data := range map[string][]byte{
		"tiff of bits":  tiffOf(160, 80, 1, 1, 1, bits, resolution(200, 100)...),
		"tiff of grey":  tiffOf(160, 80, 8, 1, 1, grey.Pix, resolution(200, 100)...),
		"jpeg":          inserted(j, 2, []byte("\xff\xe0\x00\x10JFIF\x00\x01\x02\x01\x00\xc8\x00\x64\x00\x00")),
		"png":           inserted(p, 33, pngChunks("pHYs", string(phys)+"\x01")[8:]),
		"png, ratio":    inserted(p, 33, pngChunks("pHYs", "\x00\x00\x00\x02\x00\x00\x00\x01\x00")[8:]),
		"tiff, mistake": tiffOf(160, 80, 8, 1, 1, grey.Pix, resolution(300, 1)...),
	} {
		t.Run(name, func(t *testing.T) {
			path := write(t, "page", data)
			stored := decode(t, path)
			square, err := stored.Squared()
			if err != nil {
				t.Fatal(err)
			}
			defer square.Close()
			r, err := Render(path, stored, path+".rendition", Limits{})
			if err != nil || r.Size != image.Pt(160, 80) {
				t.Errorf("rendition of %v, %v; want the stored pixels", r.Size, err)
			}
			if name == "tiff, mistake" {
				if square.Size() != r.Size || r.Square != (image.Point{}) {
					t.Errorf("%v, rendition of %v", square.Size(), r.Square)
				}
				return
			}
			if square.Size() != image.Pt(160, 160) || r.Square != square.Size() {
				t.Fatalf("%v, rendition of %v", square.Size(), r.Square)
			}
			_, m := r.Frame(1, nil)
			_, got := square.Grey()
			_, from := stored.Grey()
			for y := 1; y < 79; y++ {
				for x := 1; x < 159; x++ { // away from edges both show the same
					fx, fy := m.Apply(float64(x)+0.5, float64(y)+0.5)
					if y%20 > 1 && y%20 < 18 && abs(int(got[int(fy)*160+int(fx)])-int(from[y*160+x])) > 4 {
						t.Fatalf("pixel %d,%d lies elsewhere", x, y)
					}
				}
			}
		})
	}
}
