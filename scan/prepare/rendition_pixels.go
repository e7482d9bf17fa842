package prepare

/*
#include <leptonica/allheaders.h>
*/
import "C"

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"image"
	"io"
	"runtime"
	"unsafe"

	"recto/scan"
)

// encode stores a picture: black and white as G4, all else as rows. icc is the
// profile that its colours may have.
func (p *Picture) encode(icc []byte, into string) (*scan.Rendition, error) {
	defer runtime.KeepAlive(p)
	if depth(p.pix) == 1 {
		return fax(p.pix, into)
	}
	return p.raster(checkProfile(icc, 3) == nil).flate(into)
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
	w, h := int64(width(pix)), int64(height(pix))
	o := inspect(&source{ReaderAt: bytes.NewReader(file), size: int64(size)})
	if o.place == nil || o.place.Filter != "CCITTFaxDecode" || o.place.Size != point(w, h) {
		return nil, fmt.Errorf("code as G4: %w", scan.ErrDamaged)
	}
	span := o.place.Spans[0]
	copied, err := stored(into, func(w io.Writer) error {
		_, err := w.Write(file[span.Offset:][:span.Length])
		return err
	})
	if err != nil {
		return nil, err
	}
	o.place.File, o.place.SHA256, o.place.Spans = copied.File, copied.SHA256, copied.Spans
	return o.place, nil
}

// raster gives a picture's rows. A page that is coloured only in its coding is given
// as grey, which is as exact and a third of the size, unless it is to keep colours.
// A word has its first byte in the highest bits, whatever the machine's order.
func (p *Picture) raster(keep bool) *raster {
	wpl, rows := int(C.pixGetWpl(p.pix)), words(p.pix)
	r := &raster{size: p.Size(), bits: 8, colours: 1}
	line := func(y int) []uint32 { return rows[y*wpl:][:wpl] }
	switch {
	case depth(p.pix) == 8:
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
	case !keep && colourless(r.size, line):
		r.row = func(y int, into []byte) error {
			for i, v := range line(y)[:len(into)] {
				into[i] = byte(v >> 24)
			}
			return nil
		}
	default:
		r.colours = 3
		r.row = func(y int, into []byte) error {
			for _, v := range line(y)[:r.size.X] {
				into[0], into[1], into[2] = byte(v>>24), byte(v>>16), byte(v>>8)
				into = into[3:]
			}
			return nil
		}
	}
	return r
}

// colourless tells whether all pixels are grey. It stops at the first that is not.
func colourless(size image.Point, line func(int) []uint32) bool {
	for y := range size.Y {
		for _, v := range line(y)[:size.X] {
			if v>>16 != v>>24<<8|v>>24 || v>>8&255 != v>>24 {
				return false
			}
		}
	}
	return true
}
