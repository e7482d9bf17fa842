package prepare

/*
#include <stdlib.h>
#include <leptonica/allheaders.h>
#include "libtiff.h"
*/
import "C"

import (
	"fmt"
	"image"
	"runtime"
	"strings"
	"unsafe"

	"recto/scan"
)

// decodeTIFF decodes and listens to what libtiff has to say of it: of a colour page
// leptonica shows what there is, white where there is nothing, without a word.
func decodeTIFF(path string, s *source, h header) (*C.PIX, error) {
	runtime.LockOSThread() // complaints belong to a thread
	defer runtime.UnlockOSThread()
	C.forgetComplaints()
	pix, err := byLeptonica(path, s, h)
	if said := complained(); said != nil {
		if pix != nil {
			destroy(pix)
		}
		return nil, said
	}
	return pix, err
}

// byLeptonica decodes what leptonica can, and mends what it takes for something else.
func byLeptonica(path string, s *source, h header) (*C.PIX, error) {
	switch t := h.tiff; {
	case t.planar, t.photometric == photoCMYK, h.samples == 2, h.bits == 16 && (h.samples > 1 || t.tiled()):
		return decodeSamples(h)
	case t.tiled():
		return decodeParts(h)
	}
	var pix *C.PIX
	if h.tiff.orientation > 1 {
		// leptonica turns what it reads. What Frame speaks of are stored pixels, so
		// it gets to see a copy that says nothing about its orientation.
		data, err := withoutOrientation(s, h)
		if err != nil {
			return nil, err
		}
		pix = readTIFFBytes(data)
	} else {
		name := C.CString(path)
		defer C.free(unsafe.Pointer(name))
		pix = C.pixReadTiff(name, 0)
	}
	if pix == nil {
		return nil, undecodable(s, h)
	}
	return h.tiff.mended(pix, h)
}

// complained gives what libtiff has said on this thread as an error.
func complained() error {
	said := C.GoString(C.complaint())
	switch {
	case said == "":
		return nil
	case strings.Contains(said, "not configured"), strings.Contains(said, "not implemented"), strings.Contains(said, "ot supported"):
		return fmt.Errorf("%w: libtiff: %s", scan.ErrUnsupported, said)
	}
	return fmt.Errorf("%w: libtiff: %s", scan.ErrDamaged, said)
}

func readTIFFBytes(data []byte) *C.PIX {
	return C.pixReadMemTiff((*C.l_uint8)(unsafe.Pointer(unsafe.SliceData(data))), C.size_t(len(data)), 0)
}

// mended puts right what leptonica does not mind. It takes pix over.
func (t *tiffHeader) mended(pix *C.PIX, h header) (*C.PIX, error) {
	switch cmap := C.pixGetColormap(pix); {
	case t.photometric == whiteIsZero && (h.bits == 2 || h.bits == 4 || h.bits == 16) && cmap == nil:
		C.pixInvert(pix, pix) // leptonica minds that 0 is white for 1 and 8 bits only
	case t.photometric == photoPalette && cmap != nil:
		if err := t.shortColours(cmap); err != nil {
			destroy(pix)
			return nil, err
		}
	case depth(pix) == 32 && C.pixGetSpp(pix) == 4:
		t.onWhite(pix, h)
	}
	return pix, nil
}

// shortColours fills a colour map anew where the file has 8 bits a colour instead
// of 16, an old mistake that libtiff minds, too (its function checkcmap).
func (t *tiffHeader) shortColours(cmap *C.PIXCMAP) error {
	list, err := t.numbers(tagColorMap)
	if err != nil {
		return err
	}
	for _, v := range list {
		if v > 255 {
			return nil
		}
	}
	n := len(list) / 3
	for i := range min(n, int(C.pixcmapGetCount(cmap))) {
		C.pixcmapResetColor(cmap, C.l_int32(i), C.l_int32(list[i]), C.l_int32(list[n+i]), C.l_int32(list[2*n+i]))
	}
	return nil
}

// onWhite lays a picture on white. libtiff gives colours multiplied by alpha, in
// whichever way they are stored. A fourth sample without a meaning is left out.
func (t *tiffHeader) onWhite(pix *C.PIX, h header) {
	for i, v := range words(pix) {
		white := uint32(0)
		if h.alpha {
			white = 255 - v&255
		}
		words(pix)[i] = min(v>>24+white, 255)<<24 | min(v>>16&255+white, 255)<<16 | min(v>>8&255+white, 255)<<8 | 255
	}
	C.pixSetSpp(pix, 3)
}

// withoutOrientation gives the file's bytes with orientation 1, whatever the type
// of its value is.
func withoutOrientation(s *source, h header) ([]byte, error) {
	data, err := s.whole()
	if err != nil {
		return nil, err
	}
	e := h.tiff.entries[tagOrientation]
	value := data[e.Offset:][:e.Length]
	clear(value)
	if each := int(tiffSizes[e.kind]); h.tiff.big() {
		value[each-1] = 1
	} else {
		value[0] = 1
	}
	return data, nil
}

// decodeParts decodes tiles as small TIFFs of one strip and puts them together.
func decodeParts(h header) (*C.PIX, error) {
	g, err := h.parts()
	if err != nil {
		return nil, err
	}
	bits := 32
	if h.samples == 1 {
		bits = 8
	}
	whole, err := newPix(image.Pt(h.width, h.height), bits)
	if err != nil {
		return nil, err
	}
	C.pixSetAll(whole)
	for i := range g.count() {
		part, err := g.part(h, i, bits)
		if err != nil {
			destroy(whole)
			return nil, fmt.Errorf("TIFF part %d of %d: %w", i+1, g.count(), err)
		}
		x, y := C.l_int32(i%g.across*g.size.X), C.l_int32(i/g.across*g.size.Y)
		C.pixRasterop(whole, x, y, C.l_int32(g.size.X), C.l_int32(g.size.Y), C.PIX_SRC, part, 0, 0)
		destroy(part)
	}
	return whole, nil
}
