package folder

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"io"
	"testing"

	"golang.org/x/image/tiff"

	"recto/scan"
	"recto/scan/scantest"
)

// keep is a Recorder that keeps the bytes of the sheets.
type keep struct {
	scantest.Recorder
	bytes [][]byte
}

func (k *keep) Sheet(s scan.Sheet) error {
	f, err := s.Open()
	if err != nil {
		return err
	}
	b, err := io.ReadAll(f)
	if err != nil {
		return err
	}
	k.bytes = append(k.bytes, b)
	return k.Recorder.Sheet(s)
}

func keepAll(t *testing.T, path string) *keep {
	t.Helper()
	k := &keep{}
	s := New(Config{Expand: inProcess{t.TempDir()}})
	if err := s.Scan(t.Context(), scan.Ticket{Paths: []scan.Path{scan.Path(path)}}, k); err != nil {
		t.Fatal(err)
	}
	return k
}

// TestTIFFPages takes a TIFF of three pages, a thumbnail and a mask apart, in
// all four flavours, and decodes the pages with another reader where it can.
func TestTIFFPages(t *testing.T) {
	for _, big := range []bool{false, true} {
		for _, order := range []binary.ByteOrder{binary.LittleEndian, binary.BigEndian} {
			t.Run(fmt.Sprintf("%v big %v", order, big), func(t *testing.T) {
				m := newMaker(order, big)
				icc := bytes.Repeat([]byte("icc "), 3000)
				interop := m.directory(false, field{1, typeASCII, 4, []byte("R98\x00")})
				exif := m.directory(false, field{0x9003, typeASCII, 20, []byte("2020:01:02 03:04:05\x00")}, m.long(tagInterop, interop))
				m.page(10, m.short(tagOrientation, 6), field{tagICC, typeUndefined, len(icc), icc}, m.long(tagExif, exif))
				m.page(99, m.long(tagNewSubfileType, 1)) // thumbnail
				m.page(20, m.long(tagSubIFDs, exif))
				m.page(98, m.long(tagNewSubfileType, 4)) // mask
				m.page(30, m.long(tagNewSubfileType, 2)) // a page, and says so
				path := write(t, t.TempDir(), "book.tif", m.buf)
				k := keepAll(t, path)
				if len(k.bytes) != 3 || len(k.Events) != 3 {
					t.Fatalf("%d sheets, events %v", len(k.bytes), k.Events)
				}
				for i, b := range k.bytes {
					s := k.Events[i].Sheet
					if s.Pixels != image.Pt(8, 5) || s.DPI != 300 || s.Origin.Index != i || s.Origin.Count != 3 || s.Origin.SHA256 == "" {
						t.Errorf("page %d: %+v", i, s)
					}
					c, err := openTIFF(bytes.NewReader(b), int64(len(b)))
					if err != nil {
						t.Fatal(err)
					}
					if c.order != order || c.big != big {
						t.Errorf("page %d changed its flavour", i)
					}
					d, err := c.readIFD(c.first)
					if err != nil {
						t.Fatal(err)
					}
					if d.next != 0 {
						t.Errorf("page %d has a next page", i)
					}
					if _, ok := d.find(tagSubIFDs); ok {
						t.Errorf("page %d still points to SubIFDs", i)
					}
					data, _, _, err := c.imageData(d)
					if err != nil || len(data) != 2 {
						t.Fatalf("page %d: %d strips, %v", i, len(data), err)
					}
					got := b[data[0].at : data[0].at+data[0].length]
					if want := bytes.Repeat([]byte{byte(10 * (i + 1))}, 24); !bytes.Equal(got, want) {
						t.Errorf("page %d: strip %v, want %v", i, got, want)
					}
					if i == 0 {
						e, _ := d.find(tagICC)
						if p := b[e.at : e.at+e.bytes()]; !bytes.Equal(p, icc) {
							t.Error("the profile was changed")
						}
						ex, err := c.readIFD(int64(c.uint(d, tagExif, 0)))
						if err != nil {
							t.Fatal("Exif", err)
						}
						if _, err := c.readIFD(int64(c.uint(ex, tagInterop, 0))); err != nil {
							t.Error("interoperability", err)
						}
						if s.Orientation != 6 {
							t.Error("orientation", s.Orientation)
						}
					}
					if !big {
						img, err := tiff.Decode(bytes.NewReader(b))
						if err != nil {
							t.Fatal("decode", err)
						}
						if g, ok := img.(*image.Gray); !ok || g.GrayAt(7, 4).Y != byte(10*(i+1)) {
							t.Errorf("page %d: decoded %T", i, img)
						}
					}
				}
			})
		}
	}
}

// TestDamagedTIFF gives what is intact and says what is not.
func TestDamagedTIFF(t *testing.T) {
	le := binary.LittleEndian
	three := func() *tiffMaker {
		m := newMaker(le, false)
		m.page(1)
		m.page(2)
		m.page(3)
		return m
	}
	links := func(b []byte) (at []int) { // where the offsets of directories stand
		t, _ := openTIFF(bytes.NewReader(b), int64(len(b)))
		at = append(at, 4)
		for next := t.first; next != 0; {
			d, err := t.readIFD(next)
			if err != nil {
				return at
			}
			at = append(at, int(next)+2+12*len(d.entries))
			next = d.next
		}
		return at
	}
	tests := []struct {
		name   string
		make   func() []byte
		sheets int
		as     bool // the only sheet is the file as it is
		reject error
		index  int
	}{
		{"loop", func() []byte {
			b := three().buf
			l := links(b)
			copy(b[l[3]:], b[l[0]:l[0]+4])
			return b
		}, 3, false, scan.ErrDamaged, 3},
		{"next beyond the end", func() []byte {
			b := three().buf
			le.PutUint32(b[links(b)[2]:], 1<<31)
			return b
		}, 2, false, scan.ErrTruncated, 2},
		{"cut in the last directory", func() []byte {
			b := three().buf
			return b[:len(b)-20]
		}, 2, false, scan.ErrTruncated, 2},
		{"a strip beyond the end", func() []byte {
			m := newMaker(le, false)
			m.page(1)
			m.directory(true, m.short(tagWidth, 8), m.short(tagHeight, 5), m.long(tagStripOffsets, 1<<20), m.long(tagStripCounts, 40))
			m.page(3)
			return m.buf
		}, 2, false, scan.ErrTruncated, 1},
		{"an absurd count", func() []byte {
			m := newMaker(le, false)
			m.page(1)
			m.directory(true, m.short(tagWidth, 8), field{tagStripOffsets, typeLong, 1 << 30, make([]byte, 4)})
			return m.buf
		}, 1, false, scan.ErrDamaged, 1},
		{"a page without data", func() []byte {
			m := newMaker(le, false)
			m.page(1)
			m.directory(true, m.short(tagWidth, 8))
			return m.buf
		}, 1, false, scan.ErrDamaged, 1},
		{"a small file that unfolds", func() []byte {
			m := newMaker(le, false)
			m.page(1)
			at := m.data(make([]byte, 1<<20))
			offsets, counts := make([]uint32, 40), make([]uint32, 40)
			for i := range offsets {
				offsets[i], counts[i] = at, 1<<20
			}
			m.directory(true, m.short(tagWidth, 8), m.long(tagStripOffsets, offsets...), m.long(tagStripCounts, counts...))
			return m.buf
		}, 1, false, scan.ErrDamaged, 1},
		{"old-style JPEG", func() []byte {
			m := newMaker(le, false)
			m.page(1)
			m.directory(true, m.short(tagCompression, 6), m.long(tagStripOffsets, 8), m.long(tagStripCounts, 4))
			return m.buf
		}, 1, false, scan.ErrUnsupported, 1},
		{"one page, cut", func() []byte {
			m := newMaker(le, false)
			m.page(1)
			return m.buf[:len(m.buf)-30]
		}, 1, true, nil, 0},
		{"no directory", func() []byte { return []byte("II*\x00\xff\xff\xff\xff and so on") }, 1, true, nil, 0},
		{"a header only", func() []byte { return []byte("MM\x00*") }, 1, true, nil, 0},
	}
	for _, c := range tests {
		t.Run(c.name, func(t *testing.T) {
			b := c.make()
			k := keepAll(t, write(t, t.TempDir(), "a.tif", b))
			if len(k.bytes) != c.sheets {
				t.Errorf("%d sheets, want %d: %v", len(k.bytes), c.sheets, k.Events)
			}
			if c.as && !bytes.Equal(k.bytes[0], b) {
				t.Error("the file was changed")
			}
			var rejects []scan.Reject
			for _, e := range k.Events {
				if e.Reject != nil {
					rejects = append(rejects, *e.Reject)
				}
			}
			switch {
			case c.reject == nil && len(rejects) > 0, c.reject != nil && len(rejects) != 1:
				t.Fatalf("rejects %v", rejects)
			case c.reject != nil && (!errors.Is(rejects[0].Err, c.reject) || rejects[0].Origin.Index != c.index):
				t.Errorf("reject %d: %v", rejects[0].Origin.Index, rejects[0].Err)
			}
		})
	}
}

// TestRaw tells cameras' raw files, which begin like TIFFs, from pages.
func TestRaw(t *testing.T) {
	le := binary.LittleEndian
	dng := newMaker(le, false)
	dng.page(1, dng.long(tagNewSubfileType, 1), field{tagDNGVersion, typeByte, 4, []byte{1, 4, 0, 0}})
	nef := newMaker(binary.BigEndian, false)
	cfa := nef.directory(false, nef.short(tagCompression, 34713), nef.short(tagPhotometric, 32803))
	nef.page(1, nef.long(tagNewSubfileType, 1), nef.long(tagSubIFDs, cfa))
	cr2 := append([]byte("II*\x00\x10\x00\x00\x00CR\x02\x00"), make([]byte, 40)...)
	cr3 := []byte("\x00\x00\x00\x18ftypcrx \x00\x00\x00\x01crx isom")
	for name, b := range map[string][]byte{"a.dng": dng.buf, "b.tif": nef.buf, "c.cr2": cr2, "d.CR3": cr3} {
		k := keepAll(t, write(t, t.TempDir(), name, b))
		if len(k.Events) != 1 || k.Events[0].Sheet == nil || k.Events[0].Sheet.Format != scan.RAW || k.Events[0].Sheet.Companion != nil {
			t.Errorf("%s: %v", name, k.Events)
		}
	}
}

func FuzzTIFF(f *testing.F) {
	for _, big := range []bool{false, true} {
		for _, order := range []binary.ByteOrder{binary.LittleEndian, binary.BigEndian} {
			m := newMaker(order, big)
			exif := m.directory(false, field{0x9003, typeASCII, 20, []byte("2020:01:02 03:04:05\x00")})
			m.page(10, m.short(tagOrientation, 6), m.long(tagExif, exif))
			m.page(20)
			f.Add(m.buf)
		}
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		r := bytes.NewReader(b)
		file, err := openTIFF(r, int64(len(b)))
		if err != nil {
			return
		}
		rawKind(file)
		budget := 16*int64(len(b)) + 1<<20
		for _, p := range tiffPages(file) {
			if p.err != nil {
				continue
			}
			d, err := file.readIFD(p.at)
			if err != nil {
				t.Fatalf("a page that cannot be read again: %v", err)
			}
			l, err := layoutPage(file, d, &budget)
			if err != nil {
				continue
			}
			copied, err := io.ReadAll(l.reader(r))
			if err != nil || int64(len(copied)) != l.size {
				t.Fatalf("%d bytes of %d: %v", len(copied), l.size, err)
			}
			again, err := openTIFF(bytes.NewReader(copied), l.size)
			if err != nil {
				t.Fatal(err)
			}
			dir, err := again.readIFD(again.first)
			if err != nil {
				t.Fatalf("the copied directory: %v", err)
			}
			if _, _, _, err := again.imageData(dir); err != nil {
				t.Fatalf("the copied data: %v", err)
			}
			if again.header(dir) != file.header(d) {
				t.Fatalf("header %+v became %+v", file.header(d), again.header(dir))
			}
		}
	})
}
