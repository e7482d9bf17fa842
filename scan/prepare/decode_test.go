package prepare

import (
	"bytes"
	"compress/zlib"
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
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/image/bmp"

	"recto/scan"
)

var (
	black  = color.NRGBA{0, 0, 0, 255}
	white  = color.NRGBA{255, 255, 255, 255}
	red    = color.NRGBA{200, 30, 20, 255}
	mid    = color.NRGBA{119, 119, 119, 255} // 7 of 15
	clear0 = color.NRGBA{0, 0, 0, 0}
)

// corners gives the colours in the middle of the four quarters.
func corners(img image.Image) string {
	b := img.Bounds()
	var s []string
	for _, y := range []int{b.Dy() / 4, b.Dy() * 3 / 4} {
		for _, x := range []int{b.Dx() / 4, b.Dx() * 3 / 4} {
			c := color.NRGBAModel.Convert(img.At(x, y)).(color.NRGBA)
			s = append(s, fmt.Sprintf("%d,%d,%d", c.R, c.G, c.B))
		}
	}
	return strings.Join(s, " ")
}

// rows packs the colours of the four quarters of a 16 x 12 picture.
func rows(perSide int, tl, tr, bl, br []byte) []byte {
	var out []byte
	for y := range 12 {
		l, r := tl, tr
		if y >= 6 {
			l, r = bl, br
		}
		out = append(append(out, bytes.Repeat(l, perSide)...), bytes.Repeat(r, perSide)...)
	}
	return out
}

func deflated(t testing.TB, b []byte) []byte {
	return encoded(t, func(o *bytes.Buffer) error {
		z := zlib.NewWriter(o)
		if _, err := z.Write(b); err != nil {
			return err
		}
		return z.Close()
	})
}

// packBits codes each row of n bytes, up to 128, literally (TIFF 6.0, section 9).
func packBits(n int, b []byte) (out []byte) {
	for len(b) > 0 {
		out = append(append(out, byte(n-1)), b[:n]...)
		b = b[n:]
	}
	return out
}

func one(b ...byte) []byte { return b }

func TestDecode(t *testing.T) {
	asPNG := func(img image.Image) []byte {
		return encoded(t, func(b *bytes.Buffer) error { return png.Encode(b, img) })
	}
	into := func(dst draw.Image, src image.Image) image.Image {
		draw.Draw(dst, dst.Bounds(), src, image.Point{}, draw.Src)
		return dst
	}
	r := image.Rect(0, 0, 16, 12)
	plain := four(white, black, red, mid)
	colours := "255,255,255 0,0,0 200,30,20 119,119,119"
	greys := "255,255,255 0,0,0 119,119,119 0,0,0"
	greyed := four(white, black, mid, black)
	rgb := rows(8, one(255, 255, 255), one(0, 0, 0), one(200, 30, 20), one(119, 119, 119))
	grey8 := rows(8, one(255), one(0), one(119), one(0))
	deep := rows(8, one(255, 255, 255, 255, 255, 255), one(0, 0, 0, 0, 0, 0), one(9, 200, 9, 30, 9, 20), one(9, 119, 9, 119, 9, 119))
	photo := encoded(t, func(b *bytes.Buffer) error {
		return jpeg.Encode(b, into(image.NewGray(r), greyed), &jpeg.Options{Quality: 100})
	})
	ramp := make([]uint32, 48) // of 16 colours
	for i := range 16 {
		ramp[i], ramp[16+i], ramp[32+i] = uint32(i*17)*257, uint32(i*17)*257, uint32(i*17)*257
	}
	tiled := make([]byte, 0, 16*16)
	tiled = append(append(tiled, grey8...), make([]byte, 64)...)
	for _, c := range []struct {
		name          string
		data          []byte
		want          string
		d             int // bits a pixel afterwards
		bits, samples int
	}{
		{name: "png grey", data: asPNG(into(image.NewGray(r), greyed)), want: greys, d: 8, bits: 8, samples: 1},
		{name: "png 16 bit grey", data: asPNG(into(image.NewGray16(r), greyed)), want: greys, d: 8, bits: 16, samples: 1},
		{name: "png rgb", data: asPNG(into(image.NewRGBA(r), plain)), want: colours, d: 32, bits: 8, samples: 3},
		{name: "png 16 bit rgb", data: asPNG(into(image.NewRGBA64(r), plain)), want: colours, d: 32, bits: 16, samples: 3},
		{name: "png alpha", data: asPNG(four(clear0, black, red, mid)), want: colours, d: 32, bits: 8, samples: 4},
		{name: "png palette", data: asPNG(into(image.NewPaletted(r, color.Palette{black, white, red, mid, color.NRGBA{9, 8, 7, 255}}), plain)), want: colours, d: 32, bits: 4, samples: 3},
		{name: "png palette with alpha", data: asPNG(into(image.NewPaletted(r, color.Palette{black, clear0, red, mid, white}), four(clear0, black, red, mid))), want: colours, d: 32, bits: 4, samples: 3},
		{name: "png 1 bit", data: pngChunks("IHDR", ihdr(16, 12, 1, 0), "IDAT", string(deflated(t, bytes.Repeat(one(0, 0xff, 0), 12))), "IEND", ""), want: "255,255,255 0,0,0 255,255,255 0,0,0", d: 1, bits: 1, samples: 1},
		{name: "bmp", data: encoded(t, func(b *bytes.Buffer) error { return bmp.Encode(b, plain) }), want: colours, d: 32, bits: 8, samples: 3},
		{name: "ppm", data: append([]byte("P6 16 12\n#c\n255\n"), rgb...), want: colours, d: 32, bits: 8, samples: 3},
		{name: "pgm", data: append([]byte("P5\n16 12 255\n"), grey8...), want: greys, d: 8, bits: 8, samples: 1},
		{name: "pbm", data: append([]byte("P4\n16 12\n"), bytes.Repeat(one(0, 0xff), 12)...), want: "255,255,255 0,0,0 255,255,255 0,0,0", d: 1, bits: 1, samples: 1},
		{name: "jpeg", data: photo, want: greys, d: 8, bits: 8, samples: 1},

		{name: "tiff 1 bit black is 0", data: tiffOf(16, 12, 1, 1, 1, bytes.Repeat(one(0xff, 0), 12)), want: "255,255,255 0,0,0 255,255,255 0,0,0", d: 1, bits: 1, samples: 1},
		{name: "tiff 1 bit white is 0", data: tiffOf(16, 12, 1, 1, 0, bytes.Repeat(one(0, 0xff), 12)), want: "255,255,255 0,0,0 255,255,255 0,0,0", d: 1, bits: 1, samples: 1},
		{name: "tiff 2 bit", data: tiffOf(16, 12, 2, 1, 1, rows(2, one(0xff), one(0), one(0xaa), one(0))), want: "255,255,255 0,0,0 170,170,170 0,0,0", d: 8, bits: 2, samples: 1},
		{name: "tiff 4 bit", data: tiffOf(16, 12, 4, 1, 1, rows(4, one(0xff), one(0), one(0x77), one(0))), want: greys, d: 8, bits: 4, samples: 1},
		{name: "tiff 4 bit white is 0", data: tiffOf(16, 12, 4, 1, 0, rows(4, one(0), one(0xff), one(0x88), one(0xff))), want: greys, d: 8, bits: 4, samples: 1},
		{name: "tiff 8 bit", data: tiffOf(16, 12, 8, 1, 1, grey8), want: greys, d: 8, bits: 8, samples: 1},
		{name: "tiff 8 bit white is 0", data: tiffOf(16, 12, 8, 1, 0, rows(8, one(0), one(255), one(136), one(255))), want: greys, d: 8, bits: 8, samples: 1},
		{name: "tiff 16 bit", data: tiffOf(16, 12, 16, 1, 1, rows(8, one(255, 255), one(0, 0), one(7, 119), one(0, 0))), want: greys, d: 8, bits: 16, samples: 1},
		{name: "tiff 16 bit white is 0", data: tiffOf(16, 12, 16, 1, 0, rows(8, one(0, 0), one(255, 255), one(7, 136), one(255, 255))), want: greys, d: 8, bits: 16, samples: 1},
		{name: "tiff palette", data: tiffOf(16, 12, 4, 1, 3, rows(4, one(0xff), one(0), one(0x77), one(0)), field{320, 3, ramp}), want: greys, bits: 4, samples: 3},
		{name: "tiff rgb", data: tiffOf(16, 12, 8, 3, 2, rgb), want: colours, d: 32, bits: 8, samples: 3},
		{name: "tiff rgb 16 bit", data: tiffOf(16, 12, 16, 3, 2, deep), want: colours, d: 32, bits: 16, samples: 3},
		{name: "tiff rgb alpha", data: tiffOf(16, 12, 8, 4, 2, rows(8, one(0, 0, 0, 0), one(0, 0, 0, 255), one(200, 30, 20, 255), one(119, 119, 119, 255)), short(338, 2)), want: colours, d: 32, bits: 8, samples: 4},
		{name: "tiff grey alpha", data: tiffOf(16, 12, 8, 2, 1, rows(8, one(0, 0), one(0, 255), one(119, 255), one(0, 255)), short(338, 2)), want: greys, bits: 8, samples: 2},
		{name: "tiff cmyk", data: tiffOf(16, 12, 8, 4, 5, rows(8, one(0, 0, 0, 0), one(0, 0, 0, 255), one(0, 0, 0, 136), one(255, 255, 255, 255))), want: greys, d: 32, bits: 8, samples: 4},
		{name: "tiff packbits", data: tiffOf(16, 12, 8, 1, 1, packBits(16, grey8), short(259, 32773)), want: greys, d: 8, bits: 8, samples: 1},
		{name: "tiff deflate", data: tiffOf(16, 12, 8, 3, 2, deflated(t, rgb), short(259, 8)), want: colours, d: 32, bits: 8, samples: 3},
		{name: "tiff jpeg", data: tiffOf(16, 12, 8, 1, 1, photo, short(259, 7)), want: greys, d: 8, bits: 8, samples: 1},
		{name: "tiff tiles", data: makeTIFF([][]byte{tiled}, short(256, 16), short(257, 12), short(258, 8), short(259, 1), short(262, 1), short(277, 1), short(322, 16), short(323, 16)), want: greys, bits: 8, samples: 1},
		{name: "tiff orientation 6", data: tiffOf(16, 12, 8, 3, 2, rgb, short(274, 6)), want: colours, d: 32, bits: 8, samples: 3},
		{name: "tiff orientation 3", data: tiffOf(16, 12, 8, 1, 1, grey8, short(274, 3)), want: greys, d: 8, bits: 8, samples: 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := decode(t, write(t, "page.dat", c.data))
			if p.Size() != image.Pt(16, 12) || p.Depth() != c.bits || p.Channels() != c.samples {
				t.Errorf("%v, %d bits, %d samples; want 16 x 12, %d, %d", p.Size(), p.Depth(), p.Channels(), c.bits, c.samples)
			}
			if c.d != 0 && depth(p.pix) != c.d {
				t.Errorf("%d bits a pixel, want %d", depth(p.pix), c.d)
			}
			if got := corners(p.View()); got != c.want {
				t.Errorf("colours %s, want %s", got, c.want)
			}
		})
	}
}

// What Go cannot write, ImageMagick does.
func TestDecodeMagick(t *testing.T) {
	magick, err := exec.LookPath("convert")
	if err != nil {
		missing(t, "ImageMagick: %v", err)
	}
	source := write(t, "in.png", encoded(t, func(b *bytes.Buffer) error { return png.Encode(b, four(white, black, red, mid)) }))
	for name, args := range map[string][]string{
		"lzw.tif":    {"-compress", "LZW"},
		"g4.tif":     {"-threshold", "60%", "-compress", "Group4"},
		"g3.tif":     {"-threshold", "60%", "-compress", "Fax"},
		"ycbcr.tif":  {"-compress", "JPEG", "-quality", "100"},
		"float.tif":  {"-depth", "32", "-define", "quantum:format=floating-point"},
		"lab.tif":    {"-colorspace", "Lab"},
		"cmyk.jpg":   {"-colorspace", "CMYK", "-quality", "100"},
		"page.jp2":   {"-quality", "100"},
		"deep.jp2":   {"-depth", "16", "-quality", "100"},
		"flat.jp2":   {"-colorspace", "Gray", "-depth", "12", "-quality", "100"},
		"clear.jp2":  {"-alpha", "set", "-channel", "A", "-evaluate", "set", "50%", "-depth", "16", "-quality", "100"},
		"page.webp":  {"-define", "webp:lossless=true"},
		"alpha.webp": {"-alpha", "set", "-channel", "A", "-evaluate", "set", "50%", "-define", "webp:lossless=true"},
	} {
		t.Run(name, func(t *testing.T) {
			out := filepath.Join(t.TempDir(), name)
			if b, err := exec.Command(magick, append(append([]string{source}, args...), out)...).CombinedOutput(); err != nil {
				missing(t, "%s cannot be made: %v: %s", name, err, b)
			}
			p, err := Decode(out, Limits{})
			switch name {
			case "float.tif", "lab.tif":
				if !errors.Is(err, scan.ErrUnsupported) {
					t.Errorf("%v, want unsupported", err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			defer p.Close()
			want := "255,255,255 0,0,0 200,30,20 119,119,119"
			switch name {
			case "g4.tif", "g3.tif":
				want = "255,255,255 0,0,0 0,0,0 0,0,0"
			case "flat.jp2":
				want = "255,255,255 0,0,0 65,65,65 119,119,119"
			case "alpha.webp", "clear.jp2":
				want = "255,255,255 127,127,127 227,142,137 187,187,187"
			}
			if got := corners(p.View()); !near(got, want, 3) {
				t.Errorf("colours %s, want %s", got, want)
			}
		})
	}
}

// near compares lists of numbers.
func near(a, b string, most int) bool {
	split := func(s string) []string { return strings.FieldsFunc(s, func(r rune) bool { return r < '0' || r > '9' }) }
	x, y := split(a), split(b)
	for i := range x {
		m, _ := strconv.Atoi(x[i])
		n, _ := strconv.Atoi(y[i])
		if max(m-n, n-m) > most {
			return false
		}
	}
	return len(x) == len(y)
}

// whole gives complete files of several formats, large enough to be cut.
func whole(t testing.TB) map[string][]byte {
	noise := image.NewGray(image.Rect(0, 0, 160, 120))
	for i := range noise.Pix {
		noise.Pix[i] = byte(i*i*7 ^ i>>3*31)
	}
	files := map[string][]byte{
		"jpeg": encoded(t, func(b *bytes.Buffer) error { return jpeg.Encode(b, noise, nil) }),
		"png":  encoded(t, func(b *bytes.Buffer) error { return png.Encode(b, noise) }),
		"bmp":  encoded(t, func(b *bytes.Buffer) error { return bmp.Encode(b, noise) }),
		"pgm":  append([]byte("P5 160 120 255\n"), noise.Pix...),
	}
	if magick, err := exec.LookPath("convert"); err == nil {
		in := write(t, "in.png", files["png"])
		for _, name := range []string{"a.jp2", "a.webp"} {
			out := filepath.Join(t.TempDir(), name)
			if exec.Command(magick, in, out).Run() == nil {
				files[name[2:]], _ = os.ReadFile(out)
			}
		}
	}
	// A TIFF with its directory first, as scanners write it: the pixels get cut.
	tiff := tiffOf(160, 120, 8, 1, 1, noise.Pix)
	files["tiff with its directory last"] = tiff
	head := makeTIFF([][]byte{{0}}, short(256, 160), short(257, 120), short(258, 8), short(259, 1), short(262, 1), short(277, 1), short(278, 120))
	head = bytes.Replace(head, []byte{0x11, 1, 4, 0, 1, 0, 0, 0, 8, 0, 0, 0}, []byte{0x11, 1, 4, 0, 1, 0, 0, 0, byte(len(head)), byte(len(head) >> 8), 0, 0}, 1)
	head = bytes.Replace(head, []byte{0x17, 1, 4, 0, 1, 0, 0, 0, 1, 0, 0, 0}, []byte{0x17, 1, 4, 0, 1, 0, 0, 0, 0, 0x4b, 0, 0}, 1)
	files["tiff"] = append(head, noise.Pix...)
	return files
}

func TestTruncated(t *testing.T) {
	for name, data := range whole(t) {
		t.Run(name, func(t *testing.T) {
			decode(t, write(t, "whole", data))
			for _, n := range []int{len(data) - 1, len(data) - 2, len(data) - 13, len(data) * 3 / 4, len(data) / 2, len(data) / 3} {
				if n >= len(data)-4 && strings.HasSuffix(name, "last") {
					continue // only the offset of a next directory is missing
				}
				p, err := Decode(write(t, "cut", data[:n]), Limits{})
				if err == nil {
					p.Close()
					t.Errorf("%d of %d bytes decode", n, len(data))
				} else if !errors.Is(err, scan.ErrTruncated) {
					t.Errorf("%d of %d bytes: %v", n, len(data), err)
				}
			}
			for n := 0; n < min(len(data), 600); n += soak(7, 1) { // headers cut anywhere
				if p, err := Decode(write(t, "cut", data[:n]), Limits{}); err == nil {
					p.Close()
					t.Errorf("the first %d bytes decode", n)
				}
			}
		})
	}
}

// Flipped bytes give a picture or an error and never harm the process.
func TestDamaged(t *testing.T) {
	for name, data := range whole(t) {
		t.Run(name, func(t *testing.T) {
			for i := 0; i < min(len(data), 400); i += soak(5, 1) {
				bad := bytes.Clone(data)
				bad[i] ^= 0xff
				if p, err := Decode(write(t, "bad", bad), Limits{Pixels: 1e6, Bytes: 4e6}); err == nil {
					p.Close()
				}
			}
		})
	}
}

func TestRefused(t *testing.T) {
	jpg := whole(t)["jpeg"]
	damaged := bytes.Clone(jpg)
	copy(damaged[len(damaged)/2:], bytes.Repeat([]byte{0xff, 0x00, 0x55}, 200))
	for _, c := range []struct {
		name string
		data []byte
		want error
	}{
		{"empty", nil, scan.ErrEmpty},
		{"text", []byte("Dear Sir, thank you for your letter."), scan.ErrNotImage},
		{"jpeg damaged inside", damaged, scan.ErrDamaged},
		{"png without rows", pngChunks("IHDR", ihdr(16, 12, 8, 0), "IDAT", string(deflated(t, make([]byte, 5))), "IEND", ""), scan.ErrDamaged},
		{"png of no size", pngChunks("IHDR", ihdr(0, 12, 8, 0), "IEND", ""), scan.ErrDamaged},
		{"png of 40000 x 40000", plainPNG(t, 40000, 8, 1, 0, 5000), nil},
		{"tiff of floating point", tiffOf(16, 12, 8, 1, 1, make([]byte, 192), short(339, 3)), scan.ErrUnsupported},
		{"tiff in lab", tiffOf(16, 12, 8, 3, 8, make([]byte, 576)), scan.ErrUnsupported},
		{"tiff of 32 bits", tiffOf(16, 12, 32, 1, 1, make([]byte, 768)), scan.ErrUnsupported},
		{"tiff of 300000 columns", tiffOf(0, 12, 1, 1, 1, make([]byte, 9)), scan.ErrDamaged},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.want == nil {
				c.data = bytes.Replace(c.data, []byte(ihdr(40000, 8, 1, 0)), []byte(ihdr(40000, 40000, 1, 0)), 1)
				c.want = scan.ErrTooLarge
			}
			p, err := Decode(write(t, "page", c.data), Limits{})
			if err == nil {
				p.Close()
			}
			if !errors.Is(err, c.want) {
				t.Errorf("%v, want %v", err, c.want)
			}
		})
	}
	if _, err := Decode(filepath.Join(t.TempDir(), "none"), Limits{}); !errors.Is(err, scan.ErrUnreadable) {
		t.Errorf("a missing file: %v", err)
	}
	if _, err := Decode(t.TempDir(), Limits{}); !errors.Is(err, scan.ErrUnreadable) {
		t.Errorf("a folder: %v", err)
	}
	// 12 bytes a pixel would fit the limit of pixels but not that of memory.
	if _, err := Decode(write(t, "wide.png", plainPNG(t, 4000, 10, 8, 2, 12000)), Limits{Bytes: 1e5}); !errors.Is(err, scan.ErrTooLarge) {
		t.Errorf("more bytes than the limit: %v", err)
	}
}

// A small file of 361 million pixels is legal: it must be shown, measured and
// turned without eating the machine.
func TestHugeBilevel(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	path := write(t, "huge.png", plainPNG(t, 19000, 19000, 1, 0, 2375))
	before := resident(t)
	p := decode(t, path)
	if d := p.View().Bounds().Size(); d != image.Pt(19000, 19000) {
		t.Errorf("view of %v", d)
	}
	p.Measure(300)
	p.Skew()
	p.Upright()
	p.Thumbnail(320)
	runtime.GC()
	p.Close()
	if grown := resident(t) - before; grown > 800 {
		t.Errorf("%d MB more than before", grown)
	}
}

// resident is the process's memory in MB.
func resident(t testing.TB) int {
	t.Helper()
	b, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		t.Skip(err)
	}
	pages, err := strconv.Atoi(strings.Fields(string(b))[1])
	if err != nil {
		t.Fatal(err)
	}
	return pages * os.Getpagesize() >> 20
}

func TestNoLeak(t *testing.T) {
	page := image.NewRGBA(image.Rect(0, 0, 1000, 1400))
	for i := range page.Pix {
		page.Pix[i] = byte(i >> 5 * 13)
	}
	good := write(t, "page.jpg", encoded(t, func(b *bytes.Buffer) error { return jpeg.Encode(b, page, nil) }))
	data, err := os.ReadFile(good)
	if err != nil {
		t.Fatal(err)
	}
	copy(data[len(data)/2:], bytes.Repeat([]byte{0xff, 0x00, 0x55}, 2000))
	bad := write(t, "bad.jpg", data)
	round := func() {
		p, err := Decode(good, Limits{})
		if err != nil {
			t.Fatal(err)
		}
		defer p.Close()
		p.Measure(120)
		p.Skew()
		up, err := p.Oriented(6, 180)
		if err != nil {
			t.Fatal(err)
		}
		defer up.Close()
		turned, err := up.Deskewed(1.5, image.Rectangle{})
		if err != nil {
			t.Fatal(err)
		}
		turned.Upright()
		turned.Close()
		if p, err := Decode(bad, Limits{}); err == nil {
			p.Close()
		}
	}
	for range soak(10, 40) {
		round()
	}
	rounds := soak(25, 200)
	grown := func() int {
		debug.FreeOSMemory()
		before := resident(t)
		for range rounds {
			round()
		}
		debug.FreeOSMemory()
		return resident(t) - before
	}
	// The allocators may take more once, a leak does so each time: a page has 5 MB.
	least := grown()
	for range 2 {
		if least > 40 {
			least = min(least, grown())
		}
	}
	if least > 40 {
		t.Errorf("%d pages left %d MB behind, again and again", rounds, least)
	}
}

// A picture that nobody closes is freed by the collector.
func TestForgotten(t *testing.T) {
	path := write(t, "page.png", plainPNG(t, 5000, 5000, 8, 0, 5000))
	before := resident(t)
	for range 40 {
		if _, err := Decode(path, Limits{}); err != nil {
			t.Fatal(err)
		}
		runtime.GC()
	}
	if grown := resident(t) - before; grown > 400 { // 40 have 1000
		t.Errorf("%d MB more than before", grown)
	}
}
