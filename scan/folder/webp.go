package folder

import (
	"encoding/binary"
	"image"
	"io"
)

// webpHeader walks the chunks of a WebP file (RFC 9649, 2.3 to 2.7).
func webpHeader(r io.ReaderAt, size int64) (h header) {
	var b [18]byte
	at := int64(12)
	for range 4096 {
		if !readAt(r, b[:8], at) {
			return h
		}
		length, data := int64(binary.LittleEndian.Uint32(b[4:])), at+8
		name := string(b[:4])
		switch {
		case name == "VP8X" && readAt(r, b[:10], data):
			h.pixels = image.Pt(1+int24(b[4:]), 1+int24(b[7:]))
		case name == "VP8 " && h.pixels.X == 0 && readAt(r, b[:10], data):
			if b[3] == 0x9d && b[4] == 0x01 && b[5] == 0x2a { // RFC 6386, 9.1
				h.pixels = image.Pt(int(binary.LittleEndian.Uint16(b[6:]))&0x3fff, int(binary.LittleEndian.Uint16(b[8:]))&0x3fff)
			}
		case name == "VP8L" && h.pixels.X == 0 && readAt(r, b[:5], data):
			if b[0] == 0x2f { // RFC 9649, 3.4
				v := binary.LittleEndian.Uint32(b[1:])
				h.pixels = image.Pt(1+int(v&0x3fff), 1+int(v>>14&0x3fff))
			}
		case name == "EXIF":
			var prefix [6]byte
			if readAt(r, prefix[:], data) && string(prefix[:]) == "Exif\x00\x00" { // some writers keep JPEG's prefix
				data, length = data+6, length-6
			}
			exif := exifHeader(io.NewSectionReader(r, data, max(0, min(length, size-data))))
			h.density, h.dpi, h.orientation = exif.density, exif.dpi, exif.orientation
			return h
		}
		at = data + length + length&1
	}
	return h
}

// webpAnimated tells whether a WebP file holds frames instead of one image.
func webpAnimated(head []byte) bool {
	return len(head) > 20 && string(head[12:16]) == "VP8X" && head[20]&0x02 != 0
}

func int24(b []byte) int { return int(b[0]) | int(b[1])<<8 | int(b[2])<<16 }
