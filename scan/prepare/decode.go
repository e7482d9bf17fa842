package prepare

/*
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>
#include <leptonica/allheaders.h>

// hush turns the process's stderr away and gives what unhush needs. libpng and
// libjpeg write there by themselves, and leptonica gives no way to stop them.
static int hush(void) {
	int keep = fcntl(2, F_DUPFD_CLOEXEC, 3), null = open("/dev/null", O_WRONLY | O_CLOEXEC);
	if (keep >= 0 && null >= 0) dup2(null, 2);
	if (null >= 0) close(null);
	return keep;
}

static void unhush(int keep) {
	if (keep >= 0) dup2(keep, 2), close(keep);
}

// hasAlpha tells whether a colour map has colours that are not opaque.
static int hasAlpha(PIXCMAP *map) {
	l_int32 opaque = 1;
	return pixcmapIsOpaque(map, &opaque) == 0 && !opaque;
}
*/
import "C"

import (
	"fmt"
	"image/png"
	"unsafe"

	"golang.org/x/image/bmp"

	"recto/scan"
)

// Decode reads the first image of a file, told by its content and not its name,
// as stored: the Exif or TIFF orientation is not applied. Transparency is laid on
// white, 16 bits a sample become 8, CMYK becomes RGB without a profile.
//
// Errors wrap scan.ErrTooLarge, and nothing was decoded then; scan.ErrTruncated
// where the file ends too early; scan.ErrUnsupported; scan.ErrNotImage;
// scan.ErrEmpty; scan.ErrUnreadable; and scan.ErrDamaged for all else.
func Decode(path string, l Limits) (*Picture, error) {
	s, close, err := open(path)
	if err != nil {
		return nil, fmt.Errorf("decode: %w", err)
	}
	defer close()
	h, err := parseHeader(s)
	if err != nil {
		return nil, fmt.Errorf("decode: %w", err)
	}
	if err := l.check(h); err != nil {
		return nil, fmt.Errorf("decode: %w", err)
	}
	pix, err := pixels(path, s, h)
	if err != nil {
		return nil, fmt.Errorf("decode: %w", err)
	}
	if got := fmt.Sprintf("%d x %d", width(pix), height(pix)); got != fmt.Sprintf("%d x %d", h.width, h.height) {
		destroy(pix)
		return nil, fmt.Errorf("decode: %w: %s pixels came out of a %s of %d x %d", scan.ErrDamaged, got, h.format, h.width, h.height)
	}
	plain := flattened(pix)
	destroy(pix)
	return made(plain, h, "decode")
}

func pixels(path string, s *source, h header) (*C.PIX, error) {
	// Go's decoders write nothing, and what Go says of a crash must be heard.
	switch {
	case h.format == scan.PNM:
		return decodePNM(s, h)
	case h.format == scan.BMP && h.packed:
		return decodeBMP(s, h)
	case h.format == scan.BMP:
		return decodeInGo(s.bmp(), h, bmp.Decode)
	case h.format == scan.PNG && h.alpha && !h.palette:
		// leptonica takes a transparent colour for a colour map of its own making.
		return decodeInGo(s.section(scan.Span{Length: s.size}), h, png.Decode)
	}
	defer C.unhush(C.hush())
	switch {
	case h.format == scan.JPEG:
		return decodeJPEG(path, s, h)
	case h.format == scan.TIFF:
		return decodeTIFF(path, s, h)
	case h.format == scan.JP2 && h.bits != 8: // leptonica reads 8 bits only
		return decodeJP2(path, s, h)
	}
	name := C.CString(path)
	defer C.free(unsafe.Pointer(name))
	if pix := C.pixRead(name); pix != nil {
		return pix, nil
	}
	return nil, undecodable(s, h)
}

// undecodable is what is wrong with an image that a library cannot decode: the libraries
// do not say when it is for want of memory.
func undecodable(s *source, h header) error {
	trial := C.pixCreateNoInit(C.l_int32(h.width), C.l_int32(h.height), 32)
	if trial == nil {
		return fmt.Errorf("a picture of %d x %d pixels: %w", h.width, h.height, scan.ErrMemory)
	}
	destroy(trial)
	return fmt.Errorf("%w: %s of %d x %d pixels, %d bits x %d samples, in %d bytes", scan.ErrDamaged, h.format, h.width, h.height, h.bits, h.samples, s.size)
}

// flattened gives pix as 1 bit, 8 bit grey or 32 bit RGB without colour map and
// without alpha; nil where memory ran out. The caller keeps pix.
func flattened(pix *C.PIX) *C.PIX {
	if C.pixGetColormap(pix) != nil {
		how := C.l_int32(C.REMOVE_CMAP_BASED_ON_SRC)
		if C.hasAlpha(C.pixGetColormap(pix)) != 0 {
			how = C.REMOVE_CMAP_WITH_ALPHA
		}
		plain := C.pixRemoveColormap(pix, how)
		if plain == nil {
			return nil
		}
		defer destroy(plain)
		return flattened(plain)
	}
	switch {
	case depth(pix) == 32 && C.pixGetSpp(pix) == 4:
		return C.pixAlphaBlendUniform(pix, 0xffffff00)
	case depth(pix) == 1 || depth(pix) == 8 || depth(pix) == 32:
		return clone(pix)
	case depth(pix) == 16:
		return C.pixConvert16To8(pix, C.L_MS_BYTE)
	}
	return C.pixConvertTo8(pix, 0)
}
