package prepare

// #include "copy.h"
import "C"

import (
	"image"
	"math"
	"runtime"
	"unsafe"
)

func bytesOf(b []byte) *C.uint8_t { return (*C.uint8_t)(unsafe.Pointer(unsafe.SliceData(b))) }

// Grey gives the picture as 8 bit grey rows without padding: height rows of width
// bytes, 0 black. Colour is reduced exactly as Tesseract would itself.
func (p *Picture) Grey() (image.Point, []byte) {
	defer runtime.KeepAlive(p)
	out := make([]byte, width(p.pix)*height(p.pix))
	switch depth(p.pix) {
	case 1:
		C.copyBits(C.wordsOf(p.pix), bytesOf(out))
	case 8:
		C.copyGrey(C.wordsOf(p.pix), bytesOf(out))
	default:
		C.copyLuminance(C.wordsOf(p.pix), bytesOf(out))
	}
	return p.Size(), out
}

// View gives the picture in full size: an [*image.Gray], or an opaque
// [*image.RGBA] where it has colour. Rows have no padding.
func (p *Picture) View() image.Image {
	if depth(p.pix) == 32 {
		return rgba(p.pix, p)
	}
	size, grey := p.Grey()
	return &image.Gray{Pix: grey, Stride: size.X, Rect: image.Rectangle{Max: size}}
}

// rgba copies 32 bit pixels; owner keeps them alive.
func rgba(pix *C.PIX, owner any) *image.RGBA {
	defer runtime.KeepAlive(owner)
	out := image.NewRGBA(image.Rect(0, 0, width(pix), height(pix)))
	C.copyRGBA(C.wordsOf(pix), bytesOf(out.Pix))
	return out
}

// Thumbnail gives the picture averaged down so that its longer side has longest
// pixels; a smaller picture keeps its size. It is opaque and has no padding.
func (p *Picture) Thumbnail(longest int) *image.RGBA {
	defer runtime.KeepAlive(p)
	size := p.Size()
	side := max(size.X, size.Y)
	scale := min(1, float64(max(longest, 1))/float64(side))
	w := max(1, int(math.Round(float64(size.X)*scale)))
	h := max(1, int(math.Round(float64(size.Y)*scale)))
	out := image.NewRGBA(image.Rect(0, 0, w, h))
	C.shrink(p.pix, bytesOf(out.Pix), C.int(w), C.int(h))
	return out
}
