package folder

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/image/bmp"
	"golang.org/x/image/tiff"
)

// picture is a page with nothing symmetrical about it: black marks in three
// corners of different length.
func picture(w, h int) *image.Gray {
	m := image.NewGray(image.Rect(0, 0, w, h))
	for i := range m.Pix {
		m.Pix[i] = 0xff
	}
	box := func(x0, y0, x1, y1 int) {
		for y := y0; y < y1; y++ {
			for x := x0; x < x1; x++ {
				m.SetGray(x, y, color.Gray{})
			}
		}
	}
	box(0, 0, w/2, h/4)
	box(0, 0, w/4, h/2)
	box(w-w/4, h-h/8, w, h)
	return m
}

func encoded(t testing.TB, encode func(*bytes.Buffer) error) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := encode(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func pngBytes(t testing.TB, m image.Image) []byte {
	return encoded(t, func(b *bytes.Buffer) error { return png.Encode(b, m) })
}

func jpegBytes(t testing.TB, m image.Image) []byte {
	return encoded(t, func(b *bytes.Buffer) error { return jpeg.Encode(b, m, &jpeg.Options{Quality: 95}) })
}

func tiffBytes(t testing.TB, m image.Image) []byte {
	return encoded(t, func(b *bytes.Buffer) error { return tiff.Encode(b, m, nil) })
}

func bmpBytes(t testing.TB, m image.Image) []byte {
	return encoded(t, func(b *bytes.Buffer) error { return bmp.Encode(b, m) })
}

// withSegment puts a marker segment behind a JPEG's first two bytes.
func withSegment(jpg []byte, marker byte, data []byte) []byte {
	out := append([]byte{0xff, 0xd8, 0xff, marker}, byte((len(data)+2)>>8), byte(len(data)+2))
	return append(append(out, data...), jpg[2:]...)
}

// withChunk puts a chunk behind a PNG's IHDR. Its checksum is left zero.
func withChunk(img []byte, name string, data []byte) []byte {
	out := append([]byte{}, img[:33]...)
	out = binary.BigEndian.AppendUint32(out, uint32(len(data)))
	out = append(append(append(out, name...), data...), 0, 0, 0, 0)
	return append(out, img[33:]...)
}

// field is a tag of a hand-written directory.
type field struct {
	tag, typ uint16
	count    int
	value    []byte
}

// tiffMaker writes TIFFs with any number of directories, in either byte order
// and width.
type tiffMaker struct {
	t   *tiffFile
	buf []byte
	// link is where the offset of the next directory is to be written.
	link int
}

func newMaker(order binary.ByteOrder, big bool) *tiffMaker {
	m := &tiffMaker{t: &tiffFile{order: order, big: big}}
	m.buf = m.t.fileHeader()
	m.link = len(m.buf) - int(m.t.offsetSize())
	return m
}

func (m *tiffMaker) short(tag uint16, values ...uint16) field {
	var b []byte
	for _, v := range values {
		b = append(b, 0, 0)
		m.t.order.PutUint16(b[len(b)-2:], v)
	}
	return field{tag, typeShort, len(values), b}
}

func (m *tiffMaker) long(tag uint16, values ...uint32) field {
	var b []byte
	for _, v := range values {
		b = append(b, 0, 0, 0, 0)
		m.t.order.PutUint32(b[len(b)-4:], v)
	}
	return field{tag, typeLong, len(values), b}
}

func (m *tiffMaker) rational(tag uint16, num, den uint32) field {
	f := m.long(tag, num, den)
	f.typ, f.count = typeRational, 1
	return f
}

// data appends bytes and gives their offset.
func (m *tiffMaker) data(b []byte) uint32 {
	at := len(m.buf)
	m.buf = append(m.buf, b...)
	return uint32(at)
}

// directory appends a directory, its values before it, and links it to the chain
// unless it is a side one. It gives its offset.
func (m *tiffMaker) directory(chain bool, fields ...field) uint32 {
	size := int(m.t.offsetSize())
	values := make([]uint32, len(fields))
	for i, f := range fields {
		if len(f.value) > size {
			values[i] = m.data(f.value)
		}
	}
	at := len(m.buf)
	if chain {
		m.t.putOffset(m.buf[m.link:], int64(at))
	}
	put := func(n int, v uint64) {
		b := make([]byte, 8)
		switch n {
		case 2:
			m.t.order.PutUint16(b, uint16(v))
		case 4:
			m.t.order.PutUint32(b, uint32(v))
		case 8:
			m.t.order.PutUint64(b, v)
		}
		m.buf = append(m.buf, b[:n]...)
	}
	count := 2
	if m.t.big {
		count = 8
	}
	put(count, uint64(len(fields)))
	for i, f := range fields {
		put(2, uint64(f.tag))
		put(2, uint64(f.typ))
		put(size, uint64(f.count))
		if len(f.value) > size {
			put(size, uint64(values[i]))
		} else {
			m.buf = append(m.buf, append(append([]byte{}, f.value...), make([]byte, size-len(f.value))...)...)
		}
	}
	if chain {
		m.link = len(m.buf)
	}
	put(size, 0)
	return uint32(at)
}

// page appends a grey page of two strips whose samples all have one value.
func (m *tiffMaker) page(value byte, more ...field) {
	strip := bytes.Repeat([]byte{value}, 8*3)
	a, b := m.data(strip), m.data(strip[:8*2])
	m.directory(true, append([]field{
		m.short(tagWidth, 8), m.short(tagHeight, 5), m.short(tagBitsPerSample, 8), m.short(tagCompression, 1),
		m.short(tagPhotometric, 1), m.long(tagStripOffsets, a, b), m.short(tagSamplesPerPixel, 1), m.short(tagRowsPerStrip, 3),
		m.long(tagStripCounts, 24, 16), m.rational(tagXResolution, 300, 1), m.rational(tagYResolution, 300, 1),
		m.short(tagResolutionUnit, 2),
	}, more...)...)
}

// write makes a file in a folder of the test.
func write(t testing.TB, dir, name string, b []byte) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, b, 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}
