package folder

import (
	"encoding/binary"
	"image"
	"io"
)

// maxChunks bounds the walk over the chunks of a PNG or the boxes of a JP2:
// more than a page cut into 8 KiB pieces has.
const maxChunks = 1 << 16

// pngHeader walks the chunks (PNG 3rd edition, 5.3 and 11): IHDR, pHYs and eXIf,
// which may stand behind the image data.
func pngHeader(r io.ReaderAt, size int64) (h header) {
	var b [17]byte
	at := int64(8)
	for range maxChunks {
		if !readAt(r, b[:8], at) {
			return h
		}
		length, data := int64(binary.BigEndian.Uint32(b[:])), at+8
		switch string(b[4:8]) {
		case "IHDR":
			if readAt(r, b[:8], data) {
				h.pixels = image.Pt(int(binary.BigEndian.Uint32(b[:])), int(binary.BigEndian.Uint32(b[4:])))
			}
		case "pHYs":
			if length == 9 && readAt(r, b[:9], data) { // unit 1 is the metre, 0 none
				h.dense(float64(binary.BigEndian.Uint32(b[:])), float64(binary.BigEndian.Uint32(b[4:])), perMetre*float64(b[8]&1))
			}
		case "eXIf":
			exif := exifHeader(io.NewSectionReader(r, data, min(length, size-data)))
			h.orientation = exif.orientation
			h.unlessTold(exif)
		case "IEND":
			return h
		}
		at = data + length + 4
	}
	return h
}
