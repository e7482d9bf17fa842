package scantest

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"golang.org/x/image/tiff"
)

// Master is an image file of a certain kind, small and made by the test.
type Master struct {
	Name string
	Path string
	Want image.Image // the pixels that were put in; nil where the coding is lossy
	Near int         // how far from them 16-bit samples may lie
	// How a rendition of it is coded, "DCTDecode", and whether it is the master's bytes.
	Filter string
	Placed bool
	Bits   int
	ICC    bool // the rendition has a profile
	Noted  bool // it loses something, and says so
}

// Masters writes one file of each kind into dir. Some kinds are written by
// ImageMagick; without it they are left out, and the test says so.
func Masters(t testing.TB, dir string) []Master {
	t.Helper()
	list := Plain(t, dir)
	if _, err := exec.LookPath("convert"); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("ImageMagick's convert is not installed")
		}
		t.Log("LEFT OUT: kinds that ImageMagick writes; convert is not installed")
		return list
	}
	return append(list, converted(t, dir)...)
}

// made are the pixels that go into masters. No side is a multiple of anything.
type made struct {
	grey, rgb, grey16, rgb16, bilevel image.Image
	clear                             *image.NRGBA // not opaque
}

func draw() made {
	size := image.Rect(0, 0, 203, 151)
	m := made{
		grey: page(image.NewGray(size)), rgb: page(image.NewNRGBA(size)),
		grey16: page(image.NewGray16(size)), rgb16: page(image.NewNRGBA64(size)),
		bilevel: page(image.NewPaletted(size, color.Palette{color.Black, color.White})),
		clear:   image.NewNRGBA(size),
	}
	page(m.clear)
	for i := 3; i < len(m.clear.Pix); i += 4 {
		m.clear.Pix[i] = byte(i / 7)
	}
	return m
}

// Plain writes the kinds of Masters that need no other program.
func Plain(t testing.TB, dir string) []Master {
	t.Helper()
	m := maker{t: t, dir: dir}
	of := draw()
	m.png("png-grey", of.grey, Master{Placed: true, Bits: 8})
	m.png("png-rgb", of.rgb, Master{Placed: true, Bits: 8})
	m.png("png-grey16", of.grey16, Master{Placed: true, Bits: 16})
	m.png("png-rgb16", of.rgb16, Master{Placed: true, Bits: 16})
	m.png("png-bilevel", of.bilevel, Master{Placed: true, Bits: 1})
	for _, n := range []int{3, 11, 200} {
		p := make(color.Palette, n)
		for i := range p {
			p[i] = color.RGBA{byte(i * 255 / n), byte(255 - i), byte(i * 37), 255}
		}
		m.png(fmt.Sprintf("png-palette%d", n), page(image.NewPaletted(of.grey.Bounds(), p)), Master{Placed: true, Bits: map[int]int{3: 2, 11: 4, 200: 8}[n]})
	}
	m.png("png-alpha", of.clear, Master{Bits: 8, Near: 0x101, Noted: true})
	m.file("png-icc", ".png", pngProfile(encoded(t, of.rgb), Profile("RGB ")), Master{Want: of.rgb, Filter: "FlateDecode", Placed: true, Bits: 8, ICC: true})
	m.file("png-wrong-icc", ".png", pngProfile(encoded(t, of.grey), Profile("RGB ")), Master{Want: of.grey, Filter: "FlateDecode", Placed: true, Bits: 8, Noted: true})

	m.jpeg("jpeg-grey", of.grey, nil, Master{Placed: true})
	m.jpeg("jpeg-rgb", of.rgb, nil, Master{Placed: true})
	m.jpeg("jpeg-icc", of.rgb, app2(Profile("RGB ")), Master{Placed: true, ICC: true})
	m.jpeg("jpeg-grey-rgb-icc", of.grey, app2(Profile("RGB ")), Master{Placed: true, Noted: true})
	m.jpeg("jpeg-adobe-rgb", of.rgb, []byte("\xFF\xEE\x00\x0EAdobe\x00\x64\x00\x00\x00\x00\x00"), Master{Placed: true})

	for name, img := range map[string]image.Image{"grey": of.grey, "grey16": of.grey16} {
		bits := map[string]int{"grey": 8, "grey16": 16}[name]
		m.tiff("tiff-none-"+name, img, tiff.Options{}, Master{Bits: bits})
		m.tiff("tiff-predicted-"+name, img, tiff.Options{Compression: tiff.Deflate, Predictor: true}, Master{Bits: bits})
	}
	m.pnm("pnm-grey16", of.grey16, 1, Master{Bits: 16})
	m.pnm("pnm-rgb16", of.rgb16, 3, Master{Bits: 16})

	return m.list
}

// converted writes the kinds that are ImageMagick's.
func converted(t testing.TB, dir string) []Master {
	t.Helper()
	m := maker{t: t, dir: dir}
	of := draw()
	flat := image.NewNRGBA(of.grey.Bounds())
	for y := range flat.Rect.Dy() {
		for x := range flat.Rect.Dx() {
			flat.Set(x, y, of.grey.At(x, y))
		}
	}
	const g4, rows, dct, jpx = "CCITTFaxDecode", "FlateDecode", "DCTDecode", "JPXDecode"
	one := []string{"-define", "tiff:rows-per-strip=151"}
	white := []string{"-define", "quantum:polarity=min-is-white"}
	black := []string{"-define", "quantum:polarity=min-is-black"}
	args := func(parts ...any) (out []string) {
		for _, p := range parts {
			switch p := p.(type) {
			case string:
				out = append(out, p)
			case []string:
				out = append(out, p...)
			}
		}
		return out
	}
	m.convert("g4-white-is-zero", ".tif", of.bilevel, args("-compress", "Group4", one, white), Master{Filter: g4, Placed: true, Bits: 1})
	m.convert("g4-black-is-zero", ".tif", of.bilevel, args("-compress", "Group4", one, black), Master{Filter: g4, Placed: true, Bits: 1})
	m.convert("g4-lsb", ".tif", of.bilevel, args("-compress", "Group4", one, "-define", "tiff:fill-order=lsb"), Master{Filter: g4, Bits: 1})
	m.convert("g3", ".tif", of.bilevel, args("-compress", "Fax", one), Master{Filter: g4, Bits: 1})
	m.convert("bilevel-lzw", ".tif", of.bilevel, args("-compress", "LZW", one, "-type", "Bilevel", "-depth", "1"), Master{Filter: g4, Bits: 1})
	m.convert("bilevel-pbm", ".pbm", of.bilevel, nil, Master{Filter: g4, Bits: 1})
	negative := image.NewGray16(of.grey.Bounds())
	for i, v := range of.grey16.(*image.Gray16).Pix {
		negative.Pix[i] = 255 - v
	}
	negative8 := image.NewGray(of.grey.Bounds())
	for i, v := range of.grey.(*image.Gray).Pix {
		negative8.Pix[i] = 255 - v
	}
	colour := []string{"-type", "TrueColor"}
	for _, kind := range []string{"Zip", "LZW", "None", "RLE"} {
		zip := kind == "Zip"
		add := func(name string, img image.Image, want Master, more ...any) {
			want.Filter = rows
			m.convert("tiff-"+kind+"-"+name, ".tif", img, args("-compress", kind, one, args(more...)), want)
		}
		add("grey", of.grey, Master{Bits: 8, Placed: zip})
		add("rgb", of.rgb, Master{Bits: 8, Placed: zip}, colour)
		add("grey16", of.grey16, Master{Bits: 16}, "-endian", "LSB")
		add("rgb16", of.rgb16, Master{Bits: 16}, colour, "-endian", "MSB")
		// ImageMagick changes the meaning of the samples and not the samples.
		add("white-is-zero", of.grey, Master{Bits: 8, Placed: zip}, white)
		m.list[len(m.list)-1].Want = negative8
		add("white-is-zero16", of.grey16, Master{Bits: 16}, white)
		m.list[len(m.list)-1].Want = negative
	}
	m.convert("tiff-jpeg-rgb", ".tif", of.rgb, args("-compress", "JPEG", "-quality", "90", one), Master{Near: -1, Bits: 8})
	m.convert("tiff-jpeg-grey", ".tif", of.grey, args("-compress", "JPEG", "-quality", "90", "-define", "tiff:rows-per-strip=152"), Master{Near: -1, Bits: 8})
	m.convert("jpeg-progressive", ".jpg", of.rgb, args("-interlace", "Line", "-quality", "85"), Master{Near: -1, Filter: dct, Placed: true, Bits: 8})
	m.convert("jpeg-cmyk", ".jpg", of.rgb, args("-colorspace", "CMYK", "-quality", "95"), Master{Near: -1, Filter: rows, Bits: 8, Noted: true})
	m.convert("jp2-grey", ".jp2", of.grey, args("-quality", "100"), Master{Filter: jpx, Placed: true})
	m.convert("jp2-rgb", ".jp2", of.rgb, args("-quality", "100"), Master{Filter: jpx, Placed: true})
	m.convert("jp2-alpha", ".jp2", of.clear, args("-quality", "100"), Master{Near: -1, Filter: rows, Bits: 8, Noted: true})
	m.convert("png-interlaced", ".png", of.rgb, args("-interlace", "PNG"), Master{Filter: rows, Bits: 8})
	m.convert("png-interlaced16", ".png", of.rgb16, args("-interlace", "PNG"), Master{Filter: rows, Bits: 16})
	m.convert("bmp", ".bmp", of.rgb, nil, Master{Filter: rows, Bits: 8})
	m.convert("webp", ".webp", of.rgb, args("-define", "webp:lossless=true"), Master{Filter: rows, Bits: 8})
	m.convert("grey-as-rgb", ".bmp", flat, args("-type", "TrueColor"), Master{Filter: rows, Bits: 8})
	return m.list
}

type maker struct {
	t    testing.TB
	dir  string
	list []Master
}

func (m *maker) file(name, ext string, data []byte, want Master) {
	m.t.Helper()
	want.Name, want.Path = name, filepath.Join(m.dir, name+ext)
	if err := os.WriteFile(want.Path, data, 0o644); err != nil {
		m.t.Fatal(err)
	}
	m.list = append(m.list, want)
}

func encoded(t testing.TB, img image.Image) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func (m *maker) png(name string, img image.Image, want Master) {
	m.t.Helper()
	want.Want, want.Filter = img, "FlateDecode"
	m.file(name, ".png", encoded(m.t, img), want)
}

// jpeg writes a JPEG with more segments after its first marker.
func (m *maker) jpeg(name string, img image.Image, more []byte, want Master) {
	m.t.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, nil); err != nil {
		m.t.Fatal(err)
	}
	want.Filter, want.Bits = "DCTDecode", 8
	m.file(name, ".jpg", bytes.Join([][]byte{b.Bytes()[:2], more, b.Bytes()[2:]}, nil), want)
}

func (m *maker) tiff(name string, img image.Image, o tiff.Options, want Master) {
	m.t.Helper()
	var b bytes.Buffer
	if err := tiff.Encode(&b, img, &o); err != nil {
		m.t.Fatal(err)
	}
	want.Want, want.Filter = img, "FlateDecode"
	want.Placed = o.Compression == tiff.Deflate && want.Bits == 8
	m.file(name, ".tif", b.Bytes(), want)
}

func (m *maker) pnm(name string, img image.Image, colours int, want Master) {
	m.t.Helper()
	size := img.Bounds().Size()
	b := fmt.Appendf(nil, "P%d\n# made\n%d %d 65535\n", map[int]int{1: 5, 3: 6}[colours], size.X, size.Y)
	for y := range size.Y {
		for x := range size.X {
			r, g, bl, _ := img.At(x, y).RGBA()
			for _, v := range []uint32{r, g, bl}[:colours] {
				b = binary.BigEndian.AppendUint16(b, uint16(v))
			}
		}
	}
	want.Want, want.Filter = img, "FlateDecode"
	m.file(name, ".pnm", b, want)
}

// WritePNM writes an image with 8 bits a sample, of 1 colour or 3.
func WritePNM(t testing.TB, path string, img image.Image, colours int) {
	t.Helper()
	size := img.Bounds().Size()
	b := fmt.Appendf(nil, "P%d\n%d %d 255\n", map[int]int{1: 5, 3: 6}[colours], size.X, size.Y)
	for y := range size.Y {
		for x := range size.X {
			r, g, bl, _ := img.At(x, y).RGBA()
			for _, v := range []uint32{r, g, bl}[:colours] {
				b = append(b, byte(v>>8))
			}
		}
	}
	if err := os.WriteFile(path, b, 0o644); err != nil {
		t.Fatal(err)
	}
}

// WritePNG writes an image as PNG.
func WritePNG(t testing.TB, path string, img image.Image) {
	t.Helper()
	if err := os.WriteFile(path, encoded(t, img), 0o644); err != nil {
		t.Fatal(err)
	}
}

func (m *maker) convert(name, ext string, img image.Image, args []string, want Master) {
	m.t.Helper()
	from := filepath.Join(m.t.TempDir(), "from.png")
	if err := os.WriteFile(from, encoded(m.t, img), 0o644); err != nil {
		m.t.Fatal(err)
	}
	want.Name, want.Path = name, filepath.Join(m.dir, name+ext)
	if want.Near >= 0 {
		want.Want = img
	}
	args = append(append([]string{from}, args...), "-strip", want.Path)
	if out, err := exec.Command("convert", args...).CombinedOutput(); err != nil {
		m.t.Fatalf("convert %v: %v\n%s", args, err, out)
	}
	m.list = append(m.list, want)
}

// page draws something with edges, gradients and noise.
func page(img interface {
	image.Image
	Set(x, y int, c color.Color)
}) image.Image {
	random := rand.New(rand.NewPCG(1, 2))
	size := img.Bounds().Size()
	palette, _ := img.(*image.Paletted)
	for y := range size.Y {
		for x := range size.X {
			v := uint16(0xE000 + random.IntN(0x1F00))
			if y%16 > 8 && (x/3+y/16)%5 < 2 {
				v = uint16(0x1000 + random.IntN(0x2000))
			}
			if palette != nil {
				palette.SetColorIndex(x, y, uint8(int(v)*len(palette.Palette)>>16))
				continue
			}
			img.Set(x, y, color.NRGBA64{v, v - uint16(x*20), v/2 + uint16(y*200), 0xFFFF})
		}
	}
	return img
}

// Profile makes an ICC profile for a colour space, "GRAY" or "RGB ": the least that
// ICC.1:2010, 8.3 asks of a display profile, with the primaries of sRGB.
func Profile(space string) []byte {
	type tag struct {
		name string
		data []byte
	}
	xyz := func(v ...float64) []byte {
		b := []byte("XYZ \x00\x00\x00\x00")
		for _, f := range v {
			b = binary.BigEndian.AppendUint32(b, uint32(math.Round(f*65536)))
		}
		return b
	}
	text := append([]byte("desc\x00\x00\x00\x00\x00\x00\x00\x05test\x00"), make([]byte, 4+4+2+1+67)...)
	curve := []byte("curv\x00\x00\x00\x00\x00\x00\x00\x01\x02\x33") // a gamma of 2.2
	tags := []tag{
		{"desc", text}, {"cprt", []byte("text\x00\x00\x00\x00none\x00")}, {"wtpt", xyz(0.9642, 1, 0.8249)},
	}
	if space == "GRAY" {
		tags = append(tags, tag{"kTRC", curve})
	} else {
		tags = append(tags, tag{"rXYZ", xyz(0.4361, 0.2225, 0.0139)}, tag{"gXYZ", xyz(0.3851, 0.7169, 0.0971)},
			tag{"bXYZ", xyz(0.1431, 0.0606, 0.7141)}, tag{"rTRC", curve}, tag{"gTRC", curve}, tag{"bTRC", curve})
	}
	b := make([]byte, 128)
	copy(b[8:], "\x02\x10\x00\x00mntr"+space+"XYZ \x07\xE8\x00\x01\x00\x01\x00\x00\x00\x00\x00\x00acsp")
	copy(b[68:], xyz(0.9642, 1, 0.8249)[8:])
	b = binary.BigEndian.AppendUint32(b, uint32(len(tags)))
	at := len(b) + 12*len(tags)
	var data []byte
	for _, t := range tags {
		b = append(b, t.name...)
		b = binary.BigEndian.AppendUint32(b, uint32(at+len(data)))
		b = binary.BigEndian.AppendUint32(b, uint32(len(t.data)))
		data = append(data, t.data...)
		data = append(data, make([]byte, -len(data)&3)...)
	}
	b = append(b, data...)
	binary.BigEndian.PutUint32(b, uint32(len(b)))
	return b
}

// app2 splits a profile over two segments of a JPEG, as long ones are.
func app2(icc []byte) (b []byte) {
	half := len(icc) / 2
	for i, part := range [][]byte{icc[:half], icc[half:]} {
		b = append(b, 0xFF, 0xE2)
		b = binary.BigEndian.AppendUint16(b, uint16(2+12+2+len(part)))
		b = append(b, "ICC_PROFILE\x00"...)
		b = append(b, byte(i+1), 2)
		b = append(b, part...)
	}
	return b
}

// pngProfile puts a profile after the header of a PNG.
func pngProfile(file, icc []byte) []byte {
	var z bytes.Buffer
	w := zlib.NewWriter(&z)
	w.Write(icc)
	w.Close()
	body := append([]byte("iCCPtest\x00\x00"), z.Bytes()...)
	chunk := binary.BigEndian.AppendUint32(nil, uint32(len(body)-4))
	chunk = append(chunk, body...)
	chunk = binary.BigEndian.AppendUint32(chunk, crc32.ChecksumIEEE(body))
	const header = 8 + 25
	return bytes.Join([][]byte{file[:header], chunk, file[header:]}, nil)
}
