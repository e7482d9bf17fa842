package folder

import (
	"encoding/binary"
	"image"
	"io"
)

// bmpReadHeader reads BITMAPCOREHEADER or BITMAPINFOHEADER and its successors.
// A negative height means rows from the top.
func bmpReadHeader(r io.ReaderAt) (h header) {
	b := head(r, 54)
	if len(b) < 26 {
		return h
	}
	le := binary.LittleEndian
	if le.Uint32(b[14:]) == 12 {
		h.pixels = image.Pt(int(le.Uint16(b[18:])), int(le.Uint16(b[20:])))
		return h
	}
	h.pixels = image.Pt(int(int32(le.Uint32(b[18:]))), int(int32(le.Uint32(b[22:]))))
	h.pixels.Y = max(h.pixels.Y, -h.pixels.Y)
	if len(b) >= 46 {
		h.dense(float64(int32(le.Uint32(b[38:]))), float64(int32(le.Uint32(b[42:]))), perMetre)
	}
	return h
}
