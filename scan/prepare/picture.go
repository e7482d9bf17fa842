package prepare

/*
#cgo pkg-config: lept
#cgo LDFLAGS: -ldl -lm
#include <leptonica/allheaders.h>
#include "libtiff.h"

static void ignored(const char *message) {}

// quiet stops leptonica and libtiff from writing to the process's stderr.
static void quiet(void) {
	setMsgSeverity(L_SEVERITY_NONE);
	leptSetStderrHandler(ignored);
	listenToLibtiff();
}
*/
import "C"

import (
	"fmt"
	"image"
	"runtime"
	"sync"
	"unsafe"

	"recto/scan"
)

func init() { C.quiet() }

// Version names the leptonica that is linked: "leptonica-1.82.0".
func Version() string {
	v := C.getLeptonicaVersion()
	defer C.lept_free(unsafe.Pointer(v))
	return C.GoString(v)
}

// Picture is a decoded image. It never changes, and its pixels live outside the
// Go heap until Close. The methods may be called from one goroutine at a time.
type Picture struct {
	pix     *C.PIX // 1 bit (1 is black), 8 bit grey or 32 bit RGB; no colour map, no alpha
	cleanup runtime.Cleanup
	header  header
	sketch  *sketch // made when first needed
}

// references guards leptonica's reference counts, which are not atomic: the
// clean-up of a forgotten picture runs on a goroutine of its own.
var references sync.Mutex

func destroy(pix *C.PIX) {
	references.Lock()
	defer references.Unlock()
	C.pixDestroy(&pix)
}

func clone(pix *C.PIX) *C.PIX {
	references.Lock()
	defer references.Unlock()
	return C.pixClone(pix)
}

func width(pix *C.PIX) int  { return int(C.pixGetWidth(pix)) }
func height(pix *C.PIX) int { return int(C.pixGetHeight(pix)) }
func depth(pix *C.PIX) int  { return int(C.pixGetDepth(pix)) }

// words gives the pixels, pixGetWpl words a row, the first pixel in the highest bits.
func words(pix *C.PIX) []uint32 {
	return unsafe.Slice((*uint32)(unsafe.Pointer(C.pixGetData(pix))), int(C.pixGetWpl(pix))*height(pix))
}

// newPicture takes ownership of pix.
func newPicture(pix *C.PIX, h header) *Picture {
	p := &Picture{pix: pix, header: h}
	p.cleanup = runtime.AddCleanup(p, destroy, pix)
	return p
}

// made is newPicture for the result of a leptonica call that gives nil when
// there is no memory for it.
func made(pix *C.PIX, h header, what string) (*Picture, error) {
	if pix == nil {
		return nil, fmt.Errorf("%s a picture of %d x %d pixels: %w", what, h.width, h.height, scan.ErrMemory)
	}
	return newPicture(pix, h), nil
}

// Close frees the pixels. It may be called more than once; the picture is of no
// use afterwards. A picture that is forgotten frees itself, but late.
func (p *Picture) Close() {
	if p == nil || p.pix == nil {
		return
	}
	p.cleanup.Stop()
	destroy(p.pix)
	p.pix = nil
	p.sketch = nil
}

// Size is the width and height in pixels.
func (p *Picture) Size() image.Point { return image.Pt(width(p.pix), height(p.pix)) }

// Depth is the number of bits a sample in the file, 1 to 16.
func (p *Picture) Depth() int { return p.header.bits }

// Channels is the number of samples a pixel in the file, a palette counting as
// what its colours are: 1 grey or bilevel, 3 colour, 2 and 4 with alpha, 4 CMYK.
func (p *Picture) Channels() int { return p.header.samples }

// ICC tells whether the file carries an ICC profile. Its colours are not applied.
func (p *Picture) ICC() bool { return p.header.icc }
