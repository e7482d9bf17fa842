package prepare

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"hash/crc32"
	"image"
	"image/color"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

func write(t testing.TB, name string, data []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

func encoded(t testing.TB, f func(*bytes.Buffer) error) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := f(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// pngChunks puts a PNG together from pairs of kind and content.
func pngChunks(parts ...string) []byte {
	out := []byte("\x89PNG\r\n\x1a\n")
	for i := 0; i < len(parts); i += 2 {
		body := []byte(parts[i] + parts[i+1])
		out = binary.BigEndian.AppendUint32(out, uint32(len(parts[i+1])))
		out = append(out, body...)
		out = binary.BigEndian.AppendUint32(out, crc32.ChecksumIEEE(body))
	}
	return out
}

func ihdr(w, h int, bits, colour byte) string {
	b := binary.BigEndian.AppendUint32(nil, uint32(w))
	b = binary.BigEndian.AppendUint32(b, uint32(h))
	return string(append(b, bits, colour, 0, 0, 0))
}

// plainPNG is a PNG whose samples are all zero, which compresses to nothing.
func plainPNG(t testing.TB, w, h int, bits, colour byte, bytesPerRow int) []byte {
	t.Helper()
	data := encoded(t, func(b *bytes.Buffer) error {
		z, row := zlib.NewWriter(b), make([]byte, 1+bytesPerRow)
		for range h {
			if _, err := z.Write(row); err != nil {
				return err
			}
		}
		return z.Close()
	})
	return pngChunks("IHDR", ihdr(w, h, bits, colour), "IDAT", string(data), "IEND", "")
}

// field is a TIFF field with values of 16 or 32 bits.
type field struct {
	tag   uint16
	kind  uint16 // 3 for 16 bits, 4 for 32, 5 for two of 32
	value []uint32
}

// makeTIFF writes a little-endian TIFF with one directory and the given strips or,
// where a field 322 is among them, tiles.
func makeTIFF(strips [][]byte, fields ...field) []byte {
	le := binary.LittleEndian
	out := []byte("II*\x00\x00\x00\x00\x00")
	at, counts := field{273, 4, nil}, field{279, 4, nil}
	if slices.ContainsFunc(fields, func(f field) bool { return f.tag == 322 }) {
		at.tag, counts.tag = 324, 325
	}
	for _, s := range strips {
		at.value, counts.value = append(at.value, uint32(len(out))), append(counts.value, uint32(len(s)))
		if out = append(out, s...); len(out)%2 == 1 {
			out = append(out, 0)
		}
	}
	fields = append(slices.Clone(fields), at, counts)
	slices.SortFunc(fields, func(a, b field) int { return int(a.tag) - int(b.tag) })
	var list []byte
	for _, f := range fields {
		var v []byte
		for _, x := range f.value {
			if f.kind == 3 {
				v = le.AppendUint16(v, uint16(x))
			} else {
				v = le.AppendUint32(v, x)
			}
		}
		list = le.AppendUint16(list, f.tag)
		list = le.AppendUint16(list, f.kind)
		n := len(f.value)
		if f.kind == 5 {
			n /= 2
		}
		list = le.AppendUint32(list, uint32(n))
		if len(v) > 4 {
			list = le.AppendUint32(list, uint32(len(out)))
			if out = append(out, v...); len(out)%2 == 1 {
				out = append(out, 0)
			}
		} else {
			list = append(list, append(v, make([]byte, 4-len(v))...)...)
		}
	}
	le.PutUint32(out[4:], uint32(len(out)))
	out = le.AppendUint16(out, uint16(len(fields)))
	return append(append(out, list...), 0, 0, 0, 0)
}

func short(tag uint16, v ...uint32) field { return field{tag, 3, v} }

// tiffOf has one uncompressed strip.
func tiffOf(w, h, bits, samples, photometric int, strip []byte, more ...field) []byte {
	all := make([]uint32, samples)
	for i := range all {
		all[i] = uint32(bits)
	}
	fields := append([]field{short(256, uint32(w)), short(257, uint32(h)), {258, 3, all}, short(262, uint32(photometric)),
		short(277, uint32(samples)), short(278, uint32(h))}, more...)
	if !slices.ContainsFunc(more, func(f field) bool { return f.tag == 259 }) {
		fields = append(fields, short(259, 1))
	}
	return makeTIFF([][]byte{strip}, fields...)
}

// four is a picture of 16 x 12 pixels whose quarters have the given colours.
func four(tl, tr, bl, br color.Color) *image.NRGBA {
	img := image.NewNRGBA(image.Rect(0, 0, 16, 12))
	for y := range 12 {
		for x := range 16 {
			c := tl
			switch {
			case x >= 8 && y >= 6:
				c = br
			case x >= 8:
				c = tr
			case y >= 6:
				c = bl
			}
			img.Set(x, y, c)
		}
	}
	return img
}
