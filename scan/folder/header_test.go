package folder

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"image"
	"testing"

	"recto/scan"
)

// exif makes an Exif structure of an orientation and a resolution.
func exif(orientation uint16, dpi uint32) []byte {
	m := newMaker(binary.BigEndian, false)
	m.directory(true, m.short(tagOrientation, orientation), m.rational(tagXResolution, dpi, 1), m.short(tagResolutionUnit, 2))
	return m.buf
}

func box(name string, parts ...[]byte) []byte {
	data := bytes.Join(parts, nil)
	b := binary.BigEndian.AppendUint32(nil, uint32(8+len(data)))
	return append(append(b, name...), data...)
}

func chunk(name string, data []byte) []byte {
	b := binary.LittleEndian.AppendUint32([]byte(name), uint32(len(data)))
	b = append(b, data...)
	return append(b, make([]byte, len(data)%2)...)
}

func TestHeaders(t *testing.T) {
	m := picture(64, 48)
	j, p := jpegBytes(t, m), pngBytes(t, m)
	jfif := func(unit byte, density uint16) []byte {
		return append([]byte("JFIF\x00\x01\x02"), unit, byte(density>>8), byte(density), byte(density>>8), byte(density), 0, 0)
	}
	phys := func(perMetre uint32) []byte {
		return append(binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, perMetre), perMetre), 1)
	}
	tif := func(order binary.ByteOrder, big bool, unit uint16, res uint32) []byte {
		m := newMaker(order, big)
		m.directory(true, m.short(tagWidth, 64), m.long(tagHeight, 48), m.short(tagOrientation, 8),
			m.rational(tagXResolution, res, 1), m.short(tagResolutionUnit, unit))
		return m.buf
	}
	bitmap := bmpBytes(t, m)
	binary.LittleEndian.PutUint32(bitmap[38:], 11811)
	topDown := bytes.Clone(bitmap)
	binary.LittleEndian.PutUint32(topDown[22:], 0xffffffff-47)
	jp2 := func(res ...[]byte) []byte {
		ihdr := box("ihdr", []byte{0, 0, 0, 48, 0, 0, 0, 64, 0, 1, 7, 7, 0, 0})
		return bytes.Join([][]byte{
			box("jP  ", []byte("\r\n\x87\n")), box("ftyp", []byte("jp2 \x00\x00\x00\x00jp2 ")),
			box("jp2h", ihdr, box("res ", res...)), box("jp2c", []byte("\xff\x4f\xff\x51")),
		}, nil)
	}
	resolution := []byte{0x2e, 0x23, 0, 1, 0x2e, 0x23, 0, 1, 0, 0} // 11811 dots a metre
	j2k := append([]byte("\xff\x4f\xff\x51\x00\x29\x00\x00\x00\x00\x00\x44\x00\x00\x00\x31\x00\x00\x00\x04\x00\x00\x00\x01"), make([]byte, 40)...)
	webp := func(chunks ...[]byte) []byte {
		return chunk("RIFF", append([]byte("WEBP"), bytes.Join(chunks, nil)...))
	}
	vp8x := chunk("VP8X", []byte{8, 0, 0, 0, 63, 0, 0, 47, 0, 0})
	vp8 := chunk("VP8 ", []byte{0, 0, 0, 0x9d, 1, 0x2a, 64, 0, 48, 0, 0, 0})
	vp8l := chunk("VP8L", binary.LittleEndian.AppendUint32([]byte{0x2f}, 63|47<<14))

	tests := []struct {
		name        string
		b           []byte
		format      scan.Format
		dpi         float64
		orientation scan.Orientation
	}{
		{"JPEG", j, scan.JPEG, 0, 0},
		{"JFIF dpi", withSegment(j, 0xe0, jfif(1, 300)), scan.JPEG, 300, 0},
		{"JFIF dots a cm", withSegment(j, 0xe0, jfif(2, 118)), scan.JPEG, 299.72, 0},
		{"JFIF aspect only", withSegment(j, 0xe0, jfif(0, 300)), scan.JPEG, 0, 0},
		{"JFIF unbelievable", withSegment(j, 0xe0, jfif(1, 1)), scan.JPEG, 0, 0},
		{"Exif", withSegment(j, 0xe1, append([]byte("Exif\x00\x00"), exif(6, 400)...)), scan.JPEG, 400, 6},
		{"JFIF before Exif", withSegment(withSegment(j, 0xe1, append([]byte("Exif\x00\x00"), exif(3, 72)...)), 0xe0, jfif(1, 300)), scan.JPEG, 300, 3},
		{"Exif nonsense", withSegment(j, 0xe1, append([]byte("Exif\x00\x00"), exif(77, 9999)...)), scan.JPEG, 0, 0},
		{"PNG", p, scan.PNG, 0, 0},
		{"PNG pHYs", withChunk(p, "pHYs", phys(11811)), scan.PNG, 300, 0},
		{"PNG eXIf", withChunk(p, "eXIf", exif(5, 200)), scan.PNG, 200, 5},
		{"TIFF", tif(binary.LittleEndian, false, 2, 600), scan.TIFF, 600, 8},
		{"TIFF cm", tif(binary.BigEndian, false, 3, 100), scan.TIFF, 254, 8},
		{"TIFF no unit", tif(binary.BigEndian, false, 1, 300), scan.TIFF, 0, 8},
		{"BigTIFF", tif(binary.BigEndian, true, 2, 400), scan.TIFF, 400, 8},
		{"BMP", bitmap, scan.BMP, 300, 0},
		{"BMP top down", topDown, scan.BMP, 300, 0},
		{"JP2", jp2(), scan.JP2, 0, 0},
		{"JP2 capture", jp2(box("resd", make([]byte, 10)), box("resc", resolution)), scan.JP2, 300, 0},
		{"JP2 display", jp2(box("resd", resolution)), scan.JP2, 300, 0},
		{"codestream", j2k, scan.JP2, 0, 0},
		{"WebP lossy", webp(vp8), scan.WebP, 0, 0},
		{"WebP lossless", webp(vp8l), scan.WebP, 0, 0},
		{"WebP extended", webp(vp8x, vp8, chunk("EXIF", exif(2, 150))), scan.WebP, 150, 2},
		{"WebP with prefix", webp(vp8x, vp8, chunk("EXIF", append([]byte("Exif\x00\x00"), exif(4, 150)...))), scan.WebP, 150, 4},
		{"PBM", []byte("P4\n# made by hand\n64 48\n" + string(make([]byte, 384))), scan.PNM, 0, 0},
		{"PAM", []byte("P7\nWIDTH 64\nHEIGHT 48\nDEPTH 1\nMAXVAL 255\nENDHDR\n"), scan.PNM, 0, 0},
	}
	for _, c := range tests {
		t.Run(c.name, func(t *testing.T) {
			if k := sniff(c.b[:min(len(c.b), sniffLen)]); k.format != c.format {
				t.Fatalf("told as %+v", k)
			}
			h := readHeader(c.format, bytes.NewReader(c.b), int64(len(c.b)))
			if h.pixels != image.Pt(64, 48) || h.orientation != c.orientation || fmt.Sprintf("%.2f", h.dpi) != fmt.Sprintf("%.2f", c.dpi) {
				t.Errorf("got %+v, want %g dpi, orientation %d", h, c.dpi, c.orientation)
			}
			for n := range min(len(c.b), 600) { // cut anywhere: no panic, nothing invented
				if h := readHeader(c.format, bytes.NewReader(c.b[:n]), int64(n)); h.pixels != image.Pt(64, 48) && h.pixels != (image.Point{}) {
					t.Fatalf("cut at %d: %+v", n, h)
				}
			}
		})
	}
}

// Pixels that are not square are seen so, at the higher of the two resolutions.
func TestShapes(t *testing.T) {
	m := picture(64, 48)
	jfif := func(unit, x, y byte) []byte {
		return withSegment(jpegBytes(t, m), 0xe0, append([]byte("JFIF\x00\x01\x02"), unit, 0, x, 0, y, 0, 0))
	}
	phys := func(x, y uint32, unit byte) []byte {
		return withChunk(pngBytes(t, m), "pHYs", append(binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, x), y), unit))
	}
	tif := func(x, y uint32, unit uint16) []byte {
		m := newMaker(binary.LittleEndian, false)
		m.directory(true, m.short(tagWidth, 64), m.long(tagHeight, 48), m.rational(tagXResolution, x, 1), m.rational(tagYResolution, y, 1), m.short(tagResolutionUnit, unit))
		return m.buf
	}
	for _, c := range []struct {
		name   string
		b      []byte
		format scan.Format
		pixels image.Point
		dpi    float64
	}{
		{"TIFF", tif(204, 98, 2), scan.TIFF, image.Pt(64, 100), 204},
		{"TIFF the other way", tif(100, 200, 2), scan.TIFF, image.Pt(128, 48), 200},
		{"TIFF cm", tif(80, 40, 3), scan.TIFF, image.Pt(64, 96), 203.2},
		{"TIFF, shape only", tif(2, 1, 1), scan.TIFF, image.Pt(64, 96), 0},
		{"TIFF, one a mistake", tif(300, 1, 2), scan.TIFF, image.Pt(64, 48), 300},
		{"JFIF", jfif(1, 200, 100), scan.JPEG, image.Pt(64, 96), 200},
		{"JFIF, shape only", jfif(0, 1, 2), scan.JPEG, image.Pt(128, 48), 0},
		{"PNG", phys(7874, 3937, 1), scan.PNG, image.Pt(64, 96), 200},
		{"PNG, shape only", phys(2, 1, 0), scan.PNG, image.Pt(64, 96), 0},
	} {
		if h := readHeader(c.format, bytes.NewReader(c.b), int64(len(c.b))); h.pixels != c.pixels || h.dpi != c.dpi {
			t.Errorf("%s: %+v, want %v at %g dpi", c.name, h, c.pixels, c.dpi)
		}
	}
}

// A page as large as a poster at the resolution of a screen is a page whose
// resolution nobody knew.
func TestLikely(t *testing.T) {
	for _, c := range []struct {
		dpi  float64
		size image.Point
		want float64
	}{{72, image.Pt(2480, 3508), 0}, {96, image.Pt(1800, 900), 0}, {96, image.Pt(794, 1123), 96}, {150, image.Pt(9000, 9000), 150}, {0, image.Pt(9, 9), 0}} {
		if got := likely(c.dpi, c.size); got != c.want {
			t.Errorf("%g dpi of %v: %g, want %g", c.dpi, c.size, got, c.want)
		}
	}
}

func FuzzHeader(f *testing.F) {
	m := picture(16, 8)
	f.Add(withSegment(jpegBytes(f, m), 0xe1, append([]byte("Exif\x00\x00"), exif(6, 400)...)))
	f.Add(withChunk(pngBytes(f, m), "eXIf", exif(5, 200)))
	f.Add(tiffBytes(f, m))
	f.Add(bmpBytes(f, m))
	f.Add(box("jP  ", []byte("\r\n\x87\n"), box("ftyp", []byte("jp2 "))))
	f.Add(chunk("RIFF", append([]byte("WEBP"), chunk("EXIF", exif(1, 1))...)))
	f.Add([]byte("P6 16 8 255\n"))
	formats := []scan.Format{scan.TIFF, scan.PNG, scan.JPEG, scan.JP2, scan.WebP, scan.BMP, scan.PNM}
	f.Fuzz(func(t *testing.T, b []byte) {
		sniff(b[:min(len(b), sniffLen)])
		for _, format := range formats {
			h := readHeader(format, bytes.NewReader(b), int64(len(b)))
			if h.pixels.X < 0 || h.pixels.Y < 0 || (h.pixels.X == 0) != (h.pixels.Y == 0) || h.orientation < 0 || h.orientation > 8 ||
				h.dpi != 0 && !(h.dpi >= 50 && h.dpi <= 4800) {
				t.Fatalf("%s: %+v", format, h)
			}
		}
	})
}
