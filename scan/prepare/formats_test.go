package prepare

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/image/bmp"

	"recto/scan"
)

// halves are the samples of 16 x 12 pixels, the left half dark and the right light.
func halves(dark, light []byte) []byte { return rows(8, dark, light, dark, light) }

// inserted puts bytes between others.
func inserted(b []byte, at int, more []byte) []byte {
	return bytes.Join([][]byte{b[:at], more, b[at:]}, nil)
}

// maskedBMP is a BMP of 16 x 12 pixels of so many bits with the given compression and
// size of its information header.
func maskedBMP(t *testing.T, depth, compression, size byte, masks []uint32, pixels []byte) []byte {
	b := encoded(t, func(b *bytes.Buffer) error { return bmp.Encode(b, image.NewRGBA(image.Rect(0, 0, 16, 12))) })[:54]
	b[14], b[28], b[30] = size, depth, compression
	for _, m := range masks {
		b = binary.LittleEndian.AppendUint32(b, m)
	}
	b = append(b, make([]byte, max(0, 14+int(size)-len(b)))...)
	b[10] = byte(len(b))
	return append(b, pixels...)
}

// Kinds of files that decoders show wrongly or refuse, although they are good.
func TestFormats(t *testing.T) {
	grey := image.NewGray(image.Rect(0, 0, 16, 12))
	copy(grey.Pix, halves(one(0x20), one(0xe0)))
	rgb := image.NewRGBA(grey.Rect)
	draw.Draw(rgb, rgb.Rect, four(color.NRGBA{0x20, 0x40, 0x60, 255}, color.NRGBA{0xe0, 0xc0, 0xa0, 255}, color.NRGBA{0x20, 0x40, 0x60, 255}, color.NRGBA{0xe0, 0xc0, 0xa0, 255}), image.Point{}, draw.Src)
	asPNG := func(m image.Image) []byte {
		return encoded(t, func(b *bytes.Buffer) error { return png.Encode(b, m) })
	}
	const ihdrEnd = 33
	transparent := func(m image.Image, colour string) []byte {
		chunk := pngChunks("tRNS", colour)[8:]
		return inserted(asPNG(m), ihdrEnd, chunk)
	}
	asBMP := encoded(t, func(b *bytes.Buffer) error { return bmp.Encode(b, rgb) })
	bmp32 := bytes.Clone(asBMP[:54])
	bmp32[28] = 32
	bmp32 = append(bmp32, halves(one(0x60, 0x40, 0x20, 0), one(0xa0, 0xc0, 0xe0, 0))...)
	gap := inserted(asBMP, 54, make([]byte, 10))
	gap[10] += 10
	jpg := encoded(t, func(b *bytes.Buffer) error { return jpeg.Encode(b, grey, &jpeg.Options{Quality: 100}) })
	short8 := make([]uint32, 768)
	for c := range 3 {
		short8[256*c+0x20], short8[256*c+0xe0] = 0x20, 0xe0
	}
	rgbSamples := halves(one(0x20, 0x40, 0x60), one(0xe0, 0xc0, 0xa0))
	tile := func(samples []byte, n int) []byte { return append(samples, make([]byte, 16*4*n)...) }
	tiles := func(strips [][]byte, bits, samples, photometric int, more ...field) []byte {
		all := make([]uint32, samples)
		for i := range all {
			all[i] = uint32(bits)
		}
		return makeTIFF(strips, append(more, short(256, 16), short(257, 12), field{258, 3, all}, short(262, uint32(photometric)), short(277, uint32(samples)), short(322, 16), short(323, 16))...)
	}
	square := image.NewGray(image.Rect(0, 0, 16, 16))
	copy(square.Pix, grey.Pix)
	jpegTile := encoded(t, func(b *bytes.Buffer) error { return jpeg.Encode(b, square, &jpeg.Options{Quality: 100}) })
	planes := [][]byte{halves(one(0x20), one(0xe0)), halves(one(0x40), one(0xc0)), halves(one(0x60), one(0xa0))}
	planes16 := [][]byte{halves(one(9, 0x20), one(9, 0xe0)), halves(one(9, 0x40), one(9, 0xc0)), halves(one(9, 0x60), one(9, 0xa0))}
	planar := func(strips [][]byte, bits uint32) []byte {
		return makeTIFF(strips, short(256, 16), short(257, 12), short(258, bits, bits, bits), short(259, 1), short(262, 2), short(277, 3), short(278, 12), short(284, 2))
	}
	cmyk := halves(one(0xe0, 0xc0, 0xa0, 0), one(0, 0, 0, 0x80)) // 31,63,95 and 127
	cmyk16 := halves(one(9, 0xe0, 9, 0xc0, 9, 0xa0, 0, 0), one(0, 0, 0, 0, 0, 0, 9, 0x80))
	inked := func(bits int, strip []byte, more ...field) []byte { return tiffOf(16, 12, bits, 4, 5, strip, more...) }
	inks := [][]byte{halves(one(0xe0), one(0)), halves(one(0xc0), one(0)), halves(one(0xa0), one(0)), halves(one(0), one(0x80))}
	pnm := func(head string, samples []byte) []byte { return append([]byte(head), samples...) }
	pam := func(samples, most int, kind string, data []byte) []byte {
		return pnm(fmt.Sprintf("P7\nWIDTH 16\n# made here\nHEIGHT 12\nDEPTH %d\nMAXVAL %d\nTUPLTYPE %s\nENDHDR\n", samples, most, kind), data)
	}
	const dim, white, colour = "32,32,32 224,224,224", "255,255,255", "32,64,96 224,192,160"
	for _, c := range []struct {
		name string
		data []byte
		want string // the colours of the halves
	}{
		{"png grey, light is transparent", transparent(grey, "\x00\xe0"), "32,32,32 " + white},
		{"png rgb, light is transparent", transparent(rgb, "\x00\xe0\x00\xc0\x00\xa0"), "32,64,96 " + white},
		{"pgm 16 bit", pnm("P5\n16 12\n65535\n", halves(one(0x20, 1), one(0xe0, 2))), dim},
		{"ppm 16 bit", pnm("P6\n16 12\n65535\n", halves(one(0x20, 1, 0x40, 2, 0x60, 3), one(0xe0, 1, 0xc0, 2, 0xa0, 3))), colour},
		{"pgm of 1", pnm("P5 16 12 1\n", halves(one(0), one(1))), "0,0,0 " + white},
		{"pgm of 15", pnm("P5 16 12 15\n", halves(one(2), one(15))), "34,34,34 " + white},
		{"pgm of 100", pnm("P5 16 12 100\n", halves(one(10), one(100))), "26,26,26 " + white},
		{"pgm of 1000", pnm("P5 16 12 1000\n", halves(one(0, 100), one(3, 0xe8))), "26,26,26 " + white},
		{"pgm in text", []byte("P2 16 12 100 " + strings.Repeat(strings.Repeat("10 ", 8)+strings.Repeat("100 ", 8)+"#c\n", 12)), "26,26,26 " + white},
		{"ppm in text", []byte("P3\n16 12\n255\n" + strings.Repeat(strings.Repeat("32 64 96\n", 8)+strings.Repeat("224 192 160 ", 8), 12)), colour},
		{"pbm in text, not spaced", []byte("P1\n16 12\n" + strings.Repeat("1111111100000000\n", 12)), "0,0,0 " + white},
		{"pam of bits", pam(1, 1, "BLACKANDWHITE", halves(one(0), one(1))), "0,0,0 " + white},
		{"pam grey", pam(1, 255, "GRAYSCALE", halves(one(0x20), one(0xe0))), dim},
		{"pam without a type", pam(3, 255, "", bytes.Clone(rgbSamples)), colour},
		{"pam of 16 bits", pam(3, 65535, "RGB", halves(one(0x20, 1, 0x40, 2, 0x60, 3), one(0xe0, 1, 0xc0, 2, 0xa0, 3))), colour},
		{"pam grey with alpha", pam(2, 255, "GRAYSCALE_ALPHA", halves(one(0x20, 0x80), one(0, 0))), "143,143,143 " + white},
		{"pam with alpha of 16 bits", pam(4, 65535, "RGB_ALPHA", halves(one(0x20, 1, 0x40, 1, 0x60, 1, 0x80, 1), one(0, 0, 0, 0, 0, 0, 0, 0))), "143,159,175 " + white},
		{"pam of inks", pam(4, 255, "CMYK", bytes.Clone(cmyk)), "31,63,95 127,127,127"},
		{"bmp", asBMP, colour},
		{"bmp with bytes after it", append(bytes.Clone(asBMP), 0, 0), colour},
		{"bmp with a gap", gap, colour},
		{"bmp of 32 bits", bmp32, colour},
		{"bmp of 16 bits", maskedBMP(t, 16, 0, 40, nil, halves(one(0x0c, 0x11), one(0x14, 0x73))), "33,66,99 230,197,165"},
		{"bmp of 5, 6 and 5 bits", maskedBMP(t, 16, 3, 40, []uint32{0xf800, 0x7e0, 0x1f}, halves(one(0x0c, 0x22), one(0x14, 0xe6))), "33,65,99 231,194,165"},
		{"bmp of bits in odd places", maskedBMP(t, 32, 3, 40, []uint32{0xff, 0x3ff00, 0xffc0000}, halves(one(0x20, 0x01, 0x05, 0x06), one(0xe0, 0x01, 0x0b, 0x0a))), "32,64,96 224,192,160"},
		{"bmp with alpha", maskedBMP(t, 32, 3, 108, []uint32{0xff0000, 0xff00, 0xff, 0xff000000}, halves(one(0x60, 0x40, 0x20, 0x80), one(0, 0, 0, 0))), "143,159,175 " + white},
		{"bmp with an alpha of zeros", maskedBMP(t, 32, 3, 108, []uint32{0xff0000, 0xff00, 0xff, 0xff000000}, halves(one(0x60, 0x40, 0x20, 0), one(0xa0, 0xc0, 0xe0, 0))), colour},
		{"jpeg with zeros before its end", inserted(jpg, len(jpg)-2, make([]byte, 7)), dim},
		{"jpeg with stray bytes", inserted(jpg, len(jpg)-2, []byte("stray bytes")), dim},
		{"tiff min-is-white of 2 bits", tiffOf(16, 12, 2, 1, 0, rows(2, one(0xff), one(0x55), one(0xff), one(0x55))), "0,0,0 170,170,170"},
		{"tiff min-is-white of 4 bits", tiffOf(16, 12, 4, 1, 0, rows(4, one(0x22), one(0xee), one(0x22), one(0xee))), "221,221,221 17,17,17"},
		{"tiff min-is-white of 16 bits", tiffOf(16, 12, 16, 1, 0, halves(one(255, 0x20), one(255, 0xe0))), "223,223,223 31,31,31"},
		{"tiff with alpha", tiffOf(16, 12, 8, 4, 2, halves(one(0x20, 0x40, 0x60, 0x80), one(0, 0, 0, 0)), short(338, 2)), "143,159,175 " + white},
		{"tiff with alpha multiplied in", tiffOf(16, 12, 8, 4, 2, halves(one(0x10, 0x20, 0x30, 0x80), one(0, 0, 0, 0)), short(338, 1)), "143,159,175 " + white},
		{"tiff with an unknown sample", tiffOf(16, 12, 8, 4, 2, halves(one(0x20, 0x40, 0x60, 0x80), one(0xe0, 0xc0, 0xa0, 0)), short(338, 0)), colour},
		{"tiff grey with alpha", tiffOf(16, 12, 8, 2, 1, halves(one(0x20, 0x80), one(0, 0)), short(338, 2)), "143,143,143 " + white},
		{"tiff grey with alpha multiplied in", tiffOf(16, 12, 8, 2, 1, halves(one(0x10, 0x80), one(0, 0)), short(338, 1)), "143,143,143 " + white},
		{"tiff grey with an unknown sample", tiffOf(16, 12, 8, 2, 1, halves(one(0x20, 0x80), one(0xe0, 0)), short(338, 0)), dim},
		{"tiff grey of 16 bits with alpha", tiffOf(16, 12, 16, 2, 1, halves(one(1, 0x20, 1, 0x80), one(0, 0, 0, 0)), short(338, 2)), "143,143,143 " + white},
		{"tiff min-is-white with alpha", tiffOf(16, 12, 8, 2, 0, halves(one(0xdf, 0x80), one(0, 0)), short(338, 2)), "143,143,143 " + white},
		{"tiff of 16 bits with alpha", tiffOf(16, 12, 16, 4, 2, halves(one(1, 0x20, 1, 0x40, 1, 0x60, 1, 0x80), one(0, 0, 0, 0, 0, 0, 0, 0)), short(338, 2)), "143,159,175 " + white},
		{"tiff of inks", inked(8, cmyk), "31,63,95 127,127,127"},
		{"tiff of inks and an unknown sample", tiffOf(16, 12, 8, 5, 5, halves(one(0xe0, 0xc0, 0xa0, 0, 7), one(0, 0, 0, 0x80, 7)), short(338, 0)), "31,63,95 127,127,127"},
		{"tiff of inks, 16 bits", inked(16, cmyk16), "31,63,95 127,127,127"},
		{"tiff tile of inks", tiles([][]byte{tile(bytes.Clone(cmyk), 4)}, 8, 4, 5, short(259, 1)), "31,63,95 127,127,127"},
		{"tiff planes of inks", makeTIFF(inks, short(256, 16), short(257, 12), short(258, 8, 8, 8, 8), short(259, 1), short(262, 5), short(277, 4), short(278, 12), short(284, 2)), "31,63,95 127,127,127"},
		{"tiff planes of 4 bits", makeTIFF([][]byte{rows(4, one(0x22), one(0xee), one(0x22), one(0xee)), rows(4, one(0x44), one(0xcc), one(0x44), one(0xcc)), rows(4, one(0x66), one(0xaa), one(0x66), one(0xaa))},
			short(256, 16), short(257, 12), short(258, 4, 4, 4), short(259, 1), short(262, 2), short(277, 3), short(278, 12), short(284, 2)), "34,68,102 238,204,170"},
		{"tiff palette of 8 bits", tiffOf(16, 12, 8, 1, 3, halves(one(0x20), one(0xe0)), field{320, 3, short8}), dim},
		{"tiff tiles of grey", tiles([][]byte{tile(bytes.Clone(grey.Pix), 1)}, 8, 1, 1, short(259, 1)), dim},
		{"tiff tiles, min-is-white", tiles([][]byte{tile(bytes.Clone(grey.Pix), 1)}, 8, 1, 0, short(259, 1)), "223,223,223 31,31,31"},
		{"tiff tiles of bits", tiles([][]byte{bytes.Repeat(one(0, 0xff), 16)}, 1, 1, 1, short(259, 1)), "0,0,0 " + white},
		{"tiff tiles of colours", tiles([][]byte{tile(bytes.Clone(rgbSamples), 3)}, 8, 3, 2, short(259, 1)), colour},
		{"tiff tiles of JPEG", tiles([][]byte{jpegTile}, 8, 1, 1, short(259, 7)), dim},
		{"tiff tiles of 16 bits", tiles([][]byte{tile(halves(one(1, 0x20), one(1, 0xe0)), 2)}, 16, 1, 1, short(259, 1)), dim},
		{"tiff planes", planar(planes, 8), colour},
		{"tiff planes of 16 bits", planar(planes16, 16), colour},
		{"tiff orientation as a long", tiffOf(16, 12, 8, 1, 1, grey.Pix, field{274, 4, []uint32{3}}), dim},
	} {
		t.Run(c.name, func(t *testing.T) {
			path := write(t, "page", c.data)
			p := decode(t, path)
			img := p.View()
			s := ""
			for _, x := range []int{0, 15} {
				v := color.NRGBAModel.Convert(img.At(x, 0)).(color.NRGBA)
				s += fmt.Sprintf("%d,%d,%d ", v.R, v.G, v.B)
			}
			if !near(s, c.want, 1) || p.Size() != image.Pt(16, 12) {
				t.Errorf("colours %s of %v, want %s", s, p.Size(), c.want)
			}
			r, err := Render(path, nil, path+".rendition", Limits{})
			if err != nil {
				t.Fatal(err)
			}
			if err := differ(samples(t, path, r), samplesOf(img), 0x101, 16); err != nil {
				t.Errorf("rendered by %s: %v", r.Filter, err)
			}
		})
	}
}

// The orientation of a TIFF is for the caller to apply, to the picture and to the
// rendition alike.
func TestTIFFOrientations(t *testing.T) {
	pixels := rows(8, one(10), one(80), one(160), one(240))
	for o := scan.Orientation(1); o <= 8; o++ {
		for _, kind := range []string{"grey", "colour", "bits", "deep", "tiles"} {
			data := tiffOf(16, 12, 8, 1, 1, pixels, short(274, uint32(o)))
			want := "10,10,10 80,80,80 160,160,160 240,240,240"
			switch kind {
			case "colour":
				data = tiffOf(16, 12, 8, 3, 2, rows(8, one(10, 0, 0), one(80, 0, 0), one(160, 0, 0), one(240, 0, 0)), short(274, uint32(o)))
				want = "10,0,0 80,0,0 160,0,0 240,0,0"
			case "bits":
				data = tiffOf(16, 12, 1, 1, 1, rows(1, one(0), one(255), one(255), one(255)), short(274, uint32(o)))
				want = "0,0,0 255,255,255 255,255,255 255,255,255"
			case "deep":
				data = tiffOf(16, 12, 16, 1, 1, rows(8, one(10, 10), one(80, 80), one(160, 160), one(240, 240)), short(274, uint32(o)))
			case "tiles":
				data = makeTIFF([][]byte{append(bytes.Clone(pixels), make([]byte, 64)...)}, short(256, 16), short(257, 12), short(258, 8), short(259, 1), short(262, 1), short(274, uint32(o)), short(277, 1), short(322, 16), short(323, 16))
			}
			path := write(t, "page.tif", data)
			p := decode(t, path)
			if got := corners(p.View()); got != want || p.Size() != image.Pt(16, 12) {
				t.Errorf("%s, orientation %d: %s of %v, want %s as stored", kind, o, got, p.Size(), want)
			}
			r, err := Render(path, nil, path+".rendition", Limits{})
			if err != nil {
				t.Fatal(err)
			}
			if err := differ(samples(t, path, r), samplesOf(p.View()), 0x101, 16); err != nil {
				t.Errorf("%s, orientation %d, rendered: %v", kind, o, err)
			}
		}
	}
}

// What cannot be read is told by the right name.
func TestRefusedFormats(t *testing.T) {
	jpg := encoded(t, func(b *bytes.Buffer) error {
		m := image.NewGray(image.Rect(0, 0, 200, 200))
		for i := range m.Pix {
			m.Pix[i] = byte(i * i >> 4)
		}
		return jpeg.Encode(b, m, nil)
	})
	scans := bytes.Repeat([]byte("\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00"), mostScans+1)
	for _, c := range []struct {
		name string
		data []byte
		want error
	}{
		{"text that begins with P2", []byte("P2P networks, a short history"), scan.ErrNotImage},
		{"jpeg of many scans", inserted(jpg, len(jpg)-2, scans), scan.ErrUnsupported},
		{"tiff in other inks", tiffOf(16, 12, 8, 4, 5, bytes.Repeat(one(9), 768), short(332, 2)), scan.ErrUnsupported},
		{"tiff of five inks as JPEG", tiffOf(16, 12, 8, 5, 5, jpg, short(259, 7), short(338, 0)), scan.ErrUnsupported},
		{"jp2 of 16 bits that holds nothing", codestream(16, 16, "\x0f\x01\x01"), scan.ErrDamaged},
		{"jp2 of 17 bits", codestream(16, 16, "\x10\x01\x01"), scan.ErrUnsupported},
		{"jp2 with a sign", codestream(16, 16, "\x87\x01\x01"), scan.ErrUnsupported},
		{"jp2 of differing components", codestream(16, 16, "\x07\x01\x01\x07\x02\x02\x07\x02\x02"), scan.ErrUnsupported},
		{"pgm in text that ends", []byte("P2 16 12 9 " + strings.Repeat("1 ", 100) + strings.Repeat(" ", 999)), scan.ErrTruncated},
		{"bmp with masks in pieces", maskedBMP(t, 32, 3, 40, []uint32{0xff0000, 0xff00, 0x5f}, make([]byte, 768)), scan.ErrDamaged},
		{"bmp in runs", maskedBMP(t, 8, 1, 40, nil, make([]byte, 768)), scan.ErrUnsupported},
		{"pam of five samples", []byte("P7\nWIDTH 1\nHEIGHT 1\nDEPTH 5\nMAXVAL 255\nENDHDR\n12345"), scan.ErrUnsupported},
		{"pam that ends", []byte("P7\nWIDTH 9\nHEIGHT 9\nDEPTH 1\nMAXVAL 255\nENDHDR\n12345"), scan.ErrTruncated},
		{"pam without an end", []byte("P7\nWIDTH 9\nHEIGHT 9\nDEPTH 1\n"), scan.ErrDamaged},
		{"pam of a negative width", []byte("P7\nWIDTH -9\nHEIGHT 9\nDEPTH 1\nMAXVAL 255\nENDHDR\n12345"), scan.ErrDamaged},
		{"pgm in words", []byte("P2 16 12 9 " + strings.Repeat("one ", 200)), scan.ErrDamaged},
	} {
		p, err := Decode(write(t, "page", c.data), Limits{})
		if err == nil {
			p.Close()
		}
		if !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
	}
}

// Components that all lie equally far apart make a smaller picture.
func TestSubsampledJP2(t *testing.T) {
	for parts, want := range map[string]image.Point{"\x07\x01\x01": {31, 17}, "\x07\x02\x01": {16, 17}, "\x07\x03\x02": {11, 9}} {
		data := codestream(31, 17, parts)
		h, err := parseHeader(&source{ReaderAt: bytes.NewReader(data), size: int64(len(data))})
		if got := image.Pt(h.width, h.height); got != want || err != nil {
			t.Errorf("%x: %v, %v; want %v", parts, got, err, want)
		}
	}
}

// codestream is the beginning and the end of a JPEG 2000 code stream.
func codestream(w, h byte, parts string) []byte {
	none := strings.Repeat("\x00", 8)
	size := "\x00\x00\x00" + string([]byte{w}) + "\x00\x00\x00" + string([]byte{h})
	return []byte("\xff\x4f\xff\x51\x00\x2f\x00\x00" + size + none + size + none + "\x00" + string([]byte{byte(len(parts) / 3)}) + parts + "\xff\xd9")
}

// libjpeg warns of bytes between the scans as it does of damage.
func TestStrayBetweenScans(t *testing.T) {
	magick, err := exec.LookPath("convert")
	if err != nil {
		missing(t, "ImageMagick: %v", err)
	}
	out := filepath.Join(t.TempDir(), "a.jpg")
	if b, err := exec.Command(magick, "-size", "160x120", "plasma:", "-interlace", "JPEG", out).CombinedOutput(); err != nil {
		missing(t, "a progressive JPEG cannot be made: %v: %s", err, b)
	}
	data, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	last := bytes.LastIndex(data, []byte("\xff\xda"))
	before := bytes.LastIndex(data[:last], []byte("\xff\xc4")) // its table
	decode(t, write(t, "stray.jpg", inserted(data, before, make([]byte, 5))))
	damaged := bytes.Clone(data)
	copy(damaged[last-40:last], bytes.Repeat([]byte{0xff, 0xd0}, 20))
	if p, err := Decode(write(t, "bad.jpg", damaged), Limits{}); !errors.Is(err, scan.ErrDamaged) {
		t.Errorf("damaged: %v, %v", p, err)
	}
}

// JPEGs of four inks in a TIFF come out as the same inks do without loss.
func TestInksAsJPEG(t *testing.T) {
	magick, err := exec.LookPath("convert")
	if err != nil {
		missing(t, "ImageMagick: %v", err)
	}
	dir := t.TempDir()
	made := func(name string, more ...string) image.Image {
		out := filepath.Join(dir, name)
		args := append([]string{"-size", "150x110", "gradient:red-yellow", "-colorspace", "CMYK"}, more...)
		if b, err := exec.Command(magick, append(args, out)...).CombinedOutput(); err != nil {
			missing(t, "%s cannot be made: %v: %s", name, err, b)
		}
		return decode(t, out).View()
	}
	want := made("plain.tif", "-compress", "None")
	for name, more := range map[string][]string{
		"strips.tif": {"-compress", "JPEG", "-quality", "100", "-define", "tiff:rows-per-strip=16"},
		"tiles.tif":  {"-compress", "JPEG", "-quality", "100", "-define", "tiff:tile-geometry=64x64"},
	} {
		if err := differ(samplesOf(made(name, more...)), samplesOf(want), 0x400, 150); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
