package prepare

/*
#include <leptonica/allheaders.h>
*/
import "C"

import (
	"fmt"
	"os"
	"unsafe"

	"recto/scan"
)

// decodePNM gives leptonica the file with its header written anew, because it
// stumbles over comments between the numbers.
func decodePNM(path string, h header) (*C.PIX, error) {
	data, err := wholeFile(path)
	if err != nil {
		return nil, err
	}
	if int(h.pnm.at) > len(data) {
		return nil, fmt.Errorf("%w: the file changed while it was read", scan.ErrTruncated)
	}
	plain := fmt.Appendf(nil, "P%c\n%d %d\n", data[1], h.width, h.height)
	if h.pnm.most > 0 {
		plain = fmt.Appendf(plain, "%d\n", h.pnm.most)
	}
	plain = append(plain, data[h.pnm.at:]...)
	pix := C.pixReadMemPnm((*C.l_uint8)(unsafe.Pointer(unsafe.SliceData(plain))), C.size_t(len(plain)))
	if pix == nil {
		return nil, undecodable(path, h)
	}
	return pix, nil
}

// wholeFile reads a file that must be changed before a decoder sees it.
func wholeFile(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", scan.ErrUnreadable, err)
	}
	if info.Size() > mostBytes {
		return nil, fmt.Errorf("%w: a file of %d MB, at most %d", scan.ErrTooLarge, info.Size()/1e6, int64(mostBytes/1e6))
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", scan.ErrUnreadable, err)
	}
	return data, nil
}
