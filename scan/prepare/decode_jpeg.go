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

// decodeJPEG takes libjpeg's word where it has nothing to complain of. It complains
// of bytes too many between the parts of a whole image as it does of damage, without
// telling which. Go's decoder is silent about such bytes and fails where data is
// missing, so then it decides.
func decodeJPEG(path string, s *source, h header) (*C.PIX, error) {
	name := C.CString(path)
	defer C.free(unsafe.Pointer(name))
	var warnings C.l_int32
	pix := C.readJPEG(name, &warnings)
	if pix != nil && warnings == 0 {
		return pix, nil
	}
	if pix != nil {
		destroy(pix)
	}
	pix, err := decodeInGo(s.section(scan.Span{Length: s.size}), h, jpeg.Decode)
	if err != nil {
		return nil, fmt.Errorf("libjpeg warns of %d places in the JPEG data: %w", warnings, err)
	}
	return pix, nil
}
