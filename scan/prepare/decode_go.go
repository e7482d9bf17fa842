package prepare

/*
#include <leptonica/allheaders.h>
*/
import "C"

import (
	"errors"
	"fmt"
	"image"
	"image/color"
	"io"

	"golang.org/x/image/bmp"

	"recto/scan"
)

// decodeInGo decodes what leptonica refuses or shows wrongly.
func decodeInGo(from io.Reader, h header, decode func(io.Reader) (image.Image, error)) (pix *C.PIX, err error) {
	defer func() {
		if r := recover(); r != nil { // a hostile file must not end the worker
			pix, err = nil, fmt.Errorf("%w: %s: %v", scan.ErrDamaged, h.format, r)
		}
	}()
	img, err := decode(from)
	if errors.Is(err, bmp.ErrUnsupported) {
		return nil, fmt.Errorf("%w: %w", scan.ErrUnsupported, err)
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %s: %w", scan.ErrDamaged, h.format, err)
	}
	return pixOf(img)
}

// newPix gives a picture whose pixels are not yet set.
func newPix(size image.Point, depth int) (*C.PIX, error) {
	pix := C.pixCreateNoInit(C.l_int32(size.X), C.l_int32(size.Y), C.l_int32(depth))
	if pix == nil {
		return nil, fmt.Errorf("a picture of %d x %d pixels: %w", size.X, size.Y, scan.ErrMemory)
	}
	return pix, nil
}

// pixOf copies a Go image, laid on white, into leptonica's memory. Of 16 bits a
// sample the upper 8 are kept.
func pixOf(img image.Image) (*C.PIX, error) {
	bounds := img.Bounds()
	pix, err := newPix(bounds.Size(), 32)
	if err != nil {
		return nil, err
	}
	to := words(pix)
	at := func(x, y int) (r, g, b, a uint32) { return img.At(x, y).RGBA() }
	if deep, ok := img.(image.RGBA64Image); ok { // without an allocation a pixel
		at = func(x, y int) (r, g, b, a uint32) {
			c := deep.RGBA64At(x, y)
			return uint32(c.R), uint32(c.G), uint32(c.B), uint32(c.A)
		}
	}
	for y := bounds.Min.Y; y < bounds.Max.Y; y++ {
		for x := bounds.Min.X; x < bounds.Max.X; x++ {
			r, g, b, a := at(x, y) // premultiplied
			white := 0xffff - a
			to[0] = min(r+white, 0xffff)>>8<<24 | min(g+white, 0xffff)>>8<<16 | min(b+white, 0xffff)>>8<<8
			to = to[1:]
		}
	}
	switch img.ColorModel() {
	case color.GrayModel, color.Gray16Model:
		defer destroy(pix)
		grey := C.pixGetRGBComponent(pix, C.COLOR_RED)
		if grey == nil {
			return nil, fmt.Errorf("a picture of %d x %d pixels: %w", bounds.Dx(), bounds.Dy(), scan.ErrMemory)
		}
		return grey, nil
	}
	return pix, nil
}
