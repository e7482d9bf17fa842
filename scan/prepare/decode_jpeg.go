package prepare

/*
#include <stdio.h>
#include <stdlib.h>
#include <leptonica/allheaders.h>

// readJPEG gives the number of places where libjpeg had to guess in *warnings.
static PIX *readJPEG(const char *path, l_int32 *warnings) {
	FILE *f = fopen(path, "rb");
	if (!f) return NULL;
	PIX *pix = pixReadStreamJpeg(f, 0, 1, warnings, 0);
	fclose(f);
	return pix;
}
*/
import "C"

import (
	"fmt"
	"image/jpeg"
	"unsafe"

	"recto/scan"
)

func decodeJPEG(path string, s *source) (*C.PIX, error) {
	name := C.CString(path)
	defer C.free(unsafe.Pointer(name))
	var warnings C.l_int32
	pix := C.readJPEG(name, &warnings)
	if pix == nil {
		return nil, fmt.Errorf("%w: libjpeg gives up on the JPEG data", scan.ErrDamaged)
	}
	if warnings > 0 && !s.strayJPEG() {
		destroy(pix)
		return nil, fmt.Errorf("%w: the JPEG data is corrupt or incomplete in %d places", scan.ErrDamaged, warnings)
	}
	return pix, nil
}

// strayJPEG tells whether a JPEG that libjpeg warns of is whole and only has bytes
// too many between its parts. libjpeg counts its warnings without telling what they
// are; Go's decoder is silent about such bytes and fails where data is missing.
func (s *source) strayJPEG() (whole bool) {
	defer func() {
		if recover() != nil { // a hostile file must not end the worker
			whole = false
		}
	}()
	_, err := jpeg.Decode(s.section(scan.Span{Length: s.size}))
	return err == nil
}
