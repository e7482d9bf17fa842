package prepare

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"image/color"
	"math/rand/v2"
	"testing"

	"recto/scan"
)

// layout is how the samples of a TIFF lie in it.
type layout struct {
	part    image.Point // of a tile; of strips the height only
	tiled   bool
	planar  bool
	deflate bool
	differ  bool // each sample less the one of the pixel before
}

func (l layout) String() string {
	return fmt.Sprintf("%v tiled %v planar %v deflate %v differences %v", l.part, l.tiled, l.planar, l.deflate, l.differ)
}

// laid writes samples, of rows of pixels, as a TIFF. Tiles reach over the edges, where
// they hold ones.
func laid(t *testing.T, size image.Point, bits, samples, photometric int, v []uint16, l layout, more ...field) []byte {
	t.Helper()
	planes, each := 1, samples
	if l.planar {
		planes, each = samples, 1
	}
	var strips [][]byte
	for plane := range planes {
		for top := 0; top < size.Y; top += l.part.Y {
			for left := 0; left < size.X; left += l.part.X {
				part := l.part
				if !l.tiled {
					part = image.Pt(size.X, min(l.part.Y, size.Y-top))
				}
				var out []byte
				for y := top; y < top+part.Y; y++ {
					row := make([]uint16, part.X*each)
					for i := range row {
						row[i] = 1<<bits - 1
						if x := left + i/each; x < size.X && y < size.Y {
							row[i] = v[(y*size.X+x)*samples+plane+i%each]
						}
					}
					out = append(out, packedRow(row, each, bits, l.differ)...)
				}
				if l.deflate {
					out = encoded(t, func(b *bytes.Buffer) error {
						z := zlib.NewWriter(b)
						if _, err := z.Write(out); err != nil {
							return err
						}
						return z.Close()
					})
				}
				strips = append(strips, out)
				if !l.tiled {
					break
				}
			}
		}
	}
	all := make([]uint32, samples)
	for i := range all {
		all[i] = uint32(bits)
	}
	fields := append([]field{short(256, uint32(size.X)), short(257, uint32(size.Y)), {258, 3, all}, short(262, uint32(photometric)), short(277, uint32(samples))}, more...)
	compression, planar := uint32(1), uint32(1)
	if l.deflate {
		compression = 8
	}
	if l.planar {
		planar = 2
	}
	if l.differ {
		fields = append(fields, short(317, 2))
	}
	if l.tiled {
		fields = append(fields, short(322, uint32(l.part.X)), short(323, uint32(l.part.Y)))
	} else {
		fields = append(fields, short(278, uint32(l.part.Y)))
	}
	return makeTIFF(strips, append(fields, short(259, compression), short(284, planar))...)
}

func packedRow(row []uint16, each, bits int, differ bool) []byte {
	if differ {
		for i := len(row) - 1; i >= each; i-- {
			row[i] -= row[i-each]
		}
	}
	out := make([]byte, (len(row)*bits+7)/8)
	for i, s := range row {
		if bits == 16 {
			binary.LittleEndian.PutUint16(out[2*i:], s)
		} else {
			out[i*bits/8] |= byte(s<<(8-bits)) >> (i * bits % 8)
		}
	}
	return out
}

// Pixels are where they belong however many strips or tiles there are, at edges too.
func TestParts(t *testing.T) {
	size := image.Pt(53, 39)
	var layouts []layout
	for _, planar := range []bool{false, true} {
		for _, coding := range []layout{{}, {deflate: true}, {deflate: true, differ: true}} {
			for _, l := range []layout{
				{part: size}, {part: image.Pt(53, 7)}, {part: image.Pt(53, 1)}, {part: image.Pt(53, 38)},
				{part: image.Pt(16, 16), tiled: true}, {part: image.Pt(32, 16), tiled: true}, {part: image.Pt(16, 48), tiled: true}, {part: image.Pt(64, 64), tiled: true},
			} {
				l.planar, l.deflate, l.differ = planar, coding.deflate, coding.differ
				layouts = append(layouts, l)
			}
		}
	}
	for _, c := range []struct {
		name                       string
		bits, samples, photometric int
		more                       []field
		want                       func(v []int) color.NRGBA // of samples of 0 to 255
	}{
		{"bits", 1, 1, 1, nil, func(v []int) color.NRGBA { return rgb(v[0], v[0], v[0]) }},
		{"grey", 8, 1, 1, nil, func(v []int) color.NRGBA { return rgb(v[0], v[0], v[0]) }},
		{"grey of 4", 4, 1, 1, nil, func(v []int) color.NRGBA { return rgb(v[0], v[0], v[0]) }},
		{"grey of 16", 16, 1, 1, nil, func(v []int) color.NRGBA { return rgb(v[0], v[0], v[0]) }},
		{"grey and alpha", 8, 2, 1, []field{short(338, 2)}, func(v []int) color.NRGBA { g := 255 - v[1] + v[0]*v[1]/255; return rgb(g, g, g) }},
		{"colour", 8, 3, 2, nil, func(v []int) color.NRGBA { return rgb(v[0], v[1], v[2]) }},
		{"colour of 16", 16, 3, 2, nil, func(v []int) color.NRGBA { return rgb(v[0], v[1], v[2]) }},
		{"colour and another", 8, 4, 2, []field{short(338, 0)}, func(v []int) color.NRGBA { return rgb(v[0], v[1], v[2]) }},
		{"inks", 8, 4, 5, nil, func(v []int) color.NRGBA {
			k := 255 - v[3]
			return rgb(k*(255-v[0])/255, k*(255-v[1])/255, k*(255-v[2])/255)
		}},
		{"inks of 16", 16, 4, 5, nil, func(v []int) color.NRGBA {
			k := 255 - v[3]
			return rgb(k*(255-v[0])/255, k*(255-v[1])/255, k*(255-v[2])/255)
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := rand.New(rand.NewPCG(3, 5))
			v := make([]uint16, size.X*size.Y*c.samples)
			for i := range v {
				v[i] = uint16(r.UintN(1 << c.bits))
			}
			for _, l := range layouts {
				if l.planar && c.samples == 1 || l.differ && c.bits < 8 {
					continue
				}
				img := decode(t, write(t, "page.tif", laid(t, size, c.bits, c.samples, c.photometric, v, l, c.more...))).View()
				if img.Bounds().Size() != size {
					t.Fatalf("%v: %v", l, img.Bounds())
				}
				for i := range size.X * size.Y {
					at := make([]int, c.samples)
					for s := range at {
						at[s] = int(v[i*c.samples+s])
						if c.bits == 16 {
							at[s] >>= 8
						} else {
							at[s] = at[s] * 255 / (1<<c.bits - 1)
						}
					}
					want, got := c.want(at), color.NRGBAModel.Convert(img.At(i%size.X, i/size.X)).(color.NRGBA)
					if off(want.R, got.R) > 1 || off(want.G, got.G) > 1 || off(want.B, got.B) > 1 {
						t.Fatalf("%v: pixel %d,%d is %v, want %v", l, i%size.X, i/size.X, got, want)
					}
				}
			}
		})
	}
}

// A row of many samples is read up to the limit, and refused by its name beyond.
func TestWideParts(t *testing.T) {
	for width, want := range map[int]error{widest / 6: nil, widest/6 + 1: scan.ErrTooLarge} {
		p, err := Decode(write(t, "page.tif", tiffOf(width, 2, 16, 3, 2, make([]byte, width*12))), Limits{})
		if !errors.Is(err, want) {
			t.Errorf("%d pixels: %v, want %v", width, err, want)
		}
		p.Close()
	}
}

func rgb(r, g, b int) color.NRGBA { return color.NRGBA{uint8(r), uint8(g), uint8(b), 255} }

func off(a, b uint8) int { return abs(int(a) - int(b)) }
