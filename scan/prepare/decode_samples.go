package prepare

/*
#include <leptonica/allheaders.h>
*/
import "C"

import (
	"fmt"
	"image"

	"recto/scan"
)

// decodeSamples decodes the strips or tiles of a TIFF whose samples leptonica cannot
// put together: in planes, colours of 16 bits, grey with alpha, inks. It lets libtiff see rows of bytes and
// reads the samples from them.
func decodeSamples(h header) (*C.PIX, error) {
	t := h.tiff
	switch {
	case t.photometric == photoCMYK && (h.samples < 4 || h.alpha || t.first(tagInkSet, 1) != 1):
		return nil, fmt.Errorf("%w: TIFF in inks other than cyan, magenta, yellow and black alone", scan.ErrUnsupported)
	case h.palette, t.photometric == photoYCbCr, h.samples < 3 && t.photometric == photoRGB:
		return nil, fmt.Errorf("%w: TIFF with photometric interpretation %d, %d samples of %d bits", scan.ErrUnsupported, t.photometric, h.samples, h.bits)
	case t.isJPEG() && !t.planar && h.samples != 4:
		return nil, fmt.Errorf("%w: TIFF with %d samples a pixel as JPEG", scan.ErrUnsupported, h.samples)
	}
	g, err := h.parts()
	if err != nil {
		return nil, err
	}
	whole, err := newPix(image.Pt(h.width, h.height), 32)
	if err != nil {
		return nil, err
	}
	n := g.across * g.down
	for i := range g.count() {
		if err := g.samples(h, i, whole, image.Pt(i%n%g.across*g.size.X, i%n/g.across*g.size.Y)); err != nil {
			destroy(whole)
			return nil, fmt.Errorf("TIFF part %d of %d: %w", i+1, g.count(), err)
		}
	}
	return t.composed(whole, h)
}

// widest is how many bytes a row may have: leptonica's own limit to a TIFF's width.
const widest = 1 << 18

// samples puts the samples of part i into the bytes of the pixels from corner on: the
// first sample into the highest, the upper 8 bits of each. A fifth is left out.
func (g *parts) samples(h header, i int, whole *C.PIX, corner image.Point) error {
	each, first := h.samples, 0
	if g.planar {
		each, first = 1, i/(g.across*g.down)
	}
	size := g.rows(h, i)
	if g.isJPEG() && !g.planar { // a JPEG's rows are no bytes to be shared out
		return g.four(h, i, size, whole, corner)
	}
	rows := image.Pt((size.X*each*h.bits+7)/8, size.Y)
	if rows.X > widest {
		return fmt.Errorf("%w: TIFF rows of %d bytes, at most %d", scan.ErrTooLarge, rows.X, widest)
	}
	pix, err := g.unpacked(i, rows, asBytes, 8)
	if err != nil {
		return err
	}
	defer destroy(pix)
	from, to := words(pix), words(whole)
	wpl := len(from) / rows.Y
	line := make([]byte, 4*wpl)
	for y := range min(size.Y, h.height-corner.Y) {
		for k, v := range from[y*wpl:][:wpl] {
			line[4*k], line[4*k+1], line[4*k+2], line[4*k+3] = byte(v>>24), byte(v>>16), byte(v>>8), byte(v)
		}
		g.accumulate(line[:rows.X], each, h.bits)
		pixels := to[(corner.Y+y)*h.width+corner.X:][:min(size.X, h.width-corner.X)]
		for s := range min(each, 4-first) {
			shift := 24 - 8*(first+s)
			for x := range pixels {
				pixels[x] = pixels[x]&^(255<<shift) | uint32(g.upper(line, x*each+s, h.bits))<<shift
			}
		}
	}
	return nil
}

// four copies part i, which has four samples a pixel.
func (g *parts) four(h header, i int, size image.Point, whole *C.PIX, corner image.Point) error {
	pix, err := g.unpacked(i, size, asFour, 32)
	if err != nil {
		return err
	}
	defer destroy(pix)
	from, to := words(pix), words(whole)
	for y := range min(size.Y, h.height-corner.Y) {
		copy(to[(corner.Y+y)*h.width+corner.X:][:min(size.X, h.width-corner.X)], from[y*size.X:])
	}
	return nil
}

// unpacked has libtiff unpack part i, which must give a picture of that size and depth.
func (g *parts) unpacked(i int, size image.Point, c coding, bits int) (*C.PIX, error) {
	file, err := g.file(size, scan.Span{Offset: g.at[i], Length: g.length[i]}, c)
	if err != nil {
		return nil, err
	}
	pix := readTIFFBytes(file)
	if pix == nil {
		return nil, fmt.Errorf("%w: at byte %d", scan.ErrDamaged, g.at[i])
	}
	if depth(pix) != bits || width(pix) != size.X || height(pix) != size.Y {
		destroy(pix)
		return nil, fmt.Errorf("%w: another picture at byte %d", scan.ErrDamaged, g.at[i])
	}
	return pix, nil
}

// isJPEG tells whether the parts are JPEGs, of either kind (TIFF 6.0, section 22, and
// Technical Note 2).
func (d *directory) isJPEG() bool {
	c := d.first(tagCompression, 1)
	return c == 6 || c == 7
}

// accumulate undoes the horizontal differencing of a row (TIFF 6.0, section 14).
func (g *parts) accumulate(line []byte, each, bits int) {
	if g.first(tagPredictor, 1) != 2 {
		return
	}
	switch bits {
	case 8:
		for i := each; i < len(line); i++ {
			line[i] += line[i-each]
		}
	case 16:
		for i := 2 * each; i+1 < len(line); i += 2 {
			g.order.PutUint16(line[i:], g.order.Uint16(line[i:])+g.order.Uint16(line[i-2*each:]))
		}
	}
}

// upper gives the upper 8 bits of sample i of a row; fewer are spread over all 8.
func (g *parts) upper(line []byte, i, bits int) byte {
	switch bits {
	case 8:
		return line[i]
	case 16:
		return byte(g.order.Uint16(line[2*i:]) >> 8)
	}
	most := 1<<bits - 1
	return byte(int(line[i*bits/8]) >> (8 - bits - i*bits%8) & most * 255 / most)
}

// composed makes a picture of samples: inks become red, green and blue, what is
// transparent is laid on white, grey becomes 8 bits. It takes pix over.
func (t *tiffHeader) composed(pix *C.PIX, h header) (*C.PIX, error) {
	multiplied := t.first(tagExtraSamples, 0) == 1
	data := words(pix)
	grey := h.samples < 3
	for i, v := range data {
		a, b, c, d := v>>24, v>>16&255, v>>8&255, v&255
		switch {
		case t.photometric == photoCMYK:
			a, b, c = inks(a, b, c, d)
		case grey && t.photometric == whiteIsZero && multiplied && h.alpha:
			a = b - min(a, b)
		case grey && t.photometric == whiteIsZero:
			a = 255 - a
		}
		switch {
		case grey && h.alpha:
			a = overWhite(a, b, multiplied)
		case h.alpha:
			a, b, c = overWhite(a, d, multiplied), overWhite(b, d, multiplied), overWhite(c, d, multiplied)
		}
		data[i] = a<<24 | b<<16 | c<<8
	}
	if !grey {
		return pix, nil
	}
	defer destroy(pix)
	one := C.pixGetRGBComponent(pix, C.COLOR_RED)
	return one, enough(one, image.Pt(h.width, h.height))
}

// inks gives the red, green and blue of cyan, magenta, yellow and black, all of 0 to
// 255, without a profile: each ink takes its share of what the black leaves.
func inks(c, m, y, k uint32) (r, g, b uint32) {
	left := 255 - k
	return (left*(255-c) + 127) / 255, (left*(255-m) + 127) / 255, (left*(255-y) + 127) / 255
}

// overWhite lays a sample of 0 to 255 on white; alpha may be multiplied in already.
func overWhite(v, alpha uint32, multiplied bool) uint32 {
	if !multiplied {
		v = (v*alpha + 127) / 255
	}
	return min(v+255-alpha, 255)
}
