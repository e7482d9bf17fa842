package prepare

/*
#include <stdlib.h>
#include <leptonica/allheaders.h>
*/
import "C"

import (
	"errors"
	"fmt"
	"image"
	"image/color"
	"os"
	"unsafe"

	"golang.org/x/image/tiff"

	"recto/scan"
)

func decodeTIFF(path string, h header) (*C.PIX, error) {
	if h.bits == 16 && h.samples >= 3 || h.tiff.tiled && h.samples == 1 { // leptonica refuses these
		return decodeTIFFInGo(path)
	}
	var pix *C.PIX
	if h.tiff.orientation > 1 {
		// leptonica turns what it reads. What Frame speaks of are stored pixels, so
		// it gets to see a copy that says nothing about its orientation.
		data, err := withoutOrientation(path, h)
		if err != nil {
			return nil, err
		}
		pix = C.pixReadMemTiff((*C.l_uint8)(unsafe.Pointer(unsafe.SliceData(data))), C.size_t(len(data)), 0)
	} else {
		name := C.CString(path)
		defer C.free(unsafe.Pointer(name))
		pix = C.pixReadTiff(name, 0)
	}
	if pix == nil {
		return nil, undecodable(path, h)
	}
	if h.tiff.photometric == 0 && (h.bits == 2 || h.bits == 4 || h.bits == 16) && C.pixGetColormap(pix) == nil {
		C.pixInvert(pix, pix) // leptonica minds that 0 is white for 1 and 8 bits only
	}
	return pix, nil
}

func withoutOrientation(path string, h header) ([]byte, error) {
	data, err := wholeFile(path)
	if err != nil {
		return nil, err
	}
	low, high := h.tiff.orientAt, h.tiff.orientAt+1
	if h.tiff.big {
		low, high = high, low
	}
	if high = max(low, high); high >= int64(len(data)) {
		return nil, fmt.Errorf("%w: the file changed while it was read", scan.ErrTruncated)
	}
	data[h.tiff.orientAt], data[h.tiff.orientAt+1] = 0, 0
	data[low] = 1
	return data, nil
}

// decodeTIFFInGo keeps the upper 8 of 16 bits a sample.
func decodeTIFFInGo(path string) (pix *C.PIX, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", scan.ErrUnreadable, err)
	}
	defer f.Close()
	defer func() {
		if r := recover(); r != nil { // a hostile file must not end the worker
			err = fmt.Errorf("%w: TIFF: %v", scan.ErrDamaged, r)
		}
	}()
	img, err := tiff.Decode(f)
	var foreign tiff.UnsupportedError
	if errors.As(err, &foreign) {
		return nil, fmt.Errorf("%w: %w", scan.ErrUnsupported, err)
	}
	if err != nil {
		return nil, fmt.Errorf("%w: TIFF: %w", scan.ErrDamaged, err)
	}
	return pixOf(img)
}

// pixOf copies a Go image, laid on white, into leptonica's memory.
func pixOf(img image.Image) (*C.PIX, error) {
	size := img.Bounds().Size()
	pix := C.pixCreateNoInit(C.l_int32(size.X), C.l_int32(size.Y), 32)
	if pix == nil {
		return nil, fmt.Errorf("a picture of %d x %d pixels: %w", size.X, size.Y, scan.ErrMemory)
	}
	to := words(pix)
	at := img.At
	if deep, ok := img.(image.RGBA64Image); ok {
		at = func(x, y int) color.Color { return deep.RGBA64At(x, y) }
	}
	for y := range size.Y {
		for x := range size.X {
			r, g, b, a := at(img.Bounds().Min.X+x, img.Bounds().Min.Y+y).RGBA() // premultiplied
			white := 0xffff - a
			to[y*size.X+x] = (r+white)>>8<<24 | (g+white)>>8<<16 | (b+white)>>8<<8
		}
	}
	return pix, nil
}
