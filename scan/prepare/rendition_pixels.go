package prepare

/*
#include <leptonica/allheaders.h>
*/
import "C"

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"unsafe"

	"recto/scan"
)

// encodePicture stores decoded pixels: black and white as G4, all else as rows.
func (o *original) encodePicture(p *Picture, into string) (*scan.Rendition, error) {
	pix := p.pix
	if pix == nil || pix.data == nil {
		return nil, fmt.Errorf("no pixels: %w", scan.ErrDamaged)
	}
	if o.bits == 16 && pix.d != 16 {
		o.note("16 bit reduced to 8")
	}
	if pix.colormap == nil && pix.d == 1 {
		return fax(pix, into)
	}
	r, err := o.raster(pix)
	if err != nil {
		return nil, err
	}
	return r.flate(into)
}

// fax codes one bit a pixel as G4 by the way of a TIFF in memory.
func fax(pix *C.PIX, into string) (*scan.Rendition, error) {
	var data *C.l_uint8
	var size C.size_t
	if C.pixWriteMemTiff(&data, &size, pix, C.IFF_TIFF_G4) != 0 || data == nil {
		return nil, fmt.Errorf("code as G4: %w", scan.ErrDamaged)
	}
	defer C.lept_free(unsafe.Pointer(data))
	file := unsafe.Slice((*byte)(unsafe.Pointer(data)), int(size))
	w, h := int64(pix.w), int64(pix.h)
	o := inspect(&source{bytes.NewReader(file), int64(size), w * h})
	if o.place == nil || o.place.Filter != "CCITTFaxDecode" || o.place.Size != point(w, h) {
		return nil, fmt.Errorf("code as G4: %w", scan.ErrDamaged)
	}
	span := o.place.Spans[0]
	n, err := stored(into, func(w io.Writer) error {
		_, err := w.Write(file[span.Offset:][:span.Length])
		return err
	})
	if err != nil {
		return nil, err
	}
	o.place.File, o.place.Spans = into, []scan.Span{{Length: n}}
	return o.place, nil
}

// raster gives a picture's rows. Its words lie in the machine's order, the first
// pixel in the highest bits.
func (o *original) raster(pix *C.PIX) (*raster, error) {
	words := unsafe.Slice((*uint32)(unsafe.Pointer(pix.data)), int(pix.wpl)*int(pix.h))
	wpl := int(pix.wpl)
	line := func(y int) []uint32 { return words[y*wpl:][:wpl] }
	r := &raster{size: point(int64(pix.w), int64(pix.h)), bits: int(pix.d), colours: 1}
	switch {
	case pix.d == 32:
		o.colours(r, line, pix.spp == 4)
		return r, nil
	case pix.d <= 8 && pix.colormap != nil:
		r.palette = o.paletteOf(pix.colormap)
		if len(r.palette) == 0 || len(r.palette) > 3<<pix.d {
			return nil, fmt.Errorf("palette of %d bytes: %w", len(r.palette), scan.ErrDamaged)
		}
	case pix.d != 2 && pix.d != 4 && pix.d != 8 && pix.d != 16:
		return nil, fmt.Errorf("%d bits a pixel: %w", pix.d, scan.ErrUnsupported)
	}
	r.row = func(y int, into []byte) error {
		from := line(y)
		for ; len(into) >= 4; into, from = into[4:], from[1:] {
			binary.BigEndian.PutUint32(into, from[0])
		}
		for i := range into {
			into[i] = byte(from[0] >> (24 - 8*i))
		}
		return nil
	}
	return r, nil
}

// colours gives rows of pixels of 32 bits: red, green, blue and what lies behind.
// A page that has colour in its coding only is stored as grey, which is as exact
// and a third of the size - unless it brings a profile for its three colours.
func (o *original) colours(r *raster, line func(int) []uint32, alpha bool) {
	r.bits, r.colours = 8, 3
	grey := checkProfile(o.icc, 3) != nil
	clear := false
	for y := range r.size.Y {
		if !grey && (!alpha || clear) {
			break
		}
		for _, v := range line(y)[:r.size.X] {
			grey = grey && v>>24 == v>>16&255 && v>>24 == v>>8&255
			clear = clear || alpha && v&255 != 255
		}
	}
	if clear {
		o.note("transparency laid over white")
	}
	if grey {
		r.colours = 1
	}
	r.row = func(y int, into []byte) error {
		for i, v := range line(y)[:r.size.X] {
			if clear && v&255 != 255 {
				v = overWhite(v)
			}
			if grey {
				into[i] = byte(v >> 24)
				continue
			}
			rgb := into[3*i : 3*i+3 : 3*i+3]
			rgb[0], rgb[1], rgb[2] = byte(v>>24), byte(v>>16), byte(v>>8)
		}
		return nil
	}
}

// overWhite lays a pixel with its opacity in the lowest byte over white.
func overWhite(v uint32) uint32 {
	a := v & 255
	blend := func(c uint32) uint32 { return (c*a + 255*(255-a) + 127) / 255 }
	return blend(v>>24)<<24 | blend(v>>16&255)<<16 | blend(v>>8&255)<<8 | 255
}

// paletteOf gives a colour map as RGB triples.
func (o *original) paletteOf(m *C.PIXCMAP) []byte {
	n := int(m.n)
	if n < 1 || n > 256 || m.array == nil {
		return nil
	}
	clear := false
	palette := make([]byte, 0, 3*n)
	for _, q := range unsafe.Slice((*C.RGBA_QUAD)(m.array), n) {
		v := uint32(q.red)<<24 | uint32(q.green)<<16 | uint32(q.blue)<<8 | uint32(q.alpha)
		if q.alpha != 255 {
			v, clear = overWhite(v), true
		}
		palette = append(palette, byte(v>>24), byte(v>>16), byte(v>>8))
	}
	if clear {
		o.note("transparency laid over white")
	}
	return palette
}
