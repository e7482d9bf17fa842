package folder

import (
	"encoding/binary"
	"image"
	"io"
	"math"
)

// jp2Header walks the boxes of a JPEG 2000 file (ISO 15444-1, annex I) or reads
// the SIZ marker of a bare codestream (annex A.5.1).
func jp2Header(r io.ReaderAt, size int64) (h header) {
	if b := head(r, 4); len(b) == 4 && b[0] == 0xff {
		h.pixels = codestreamSize(r, 0)
		return h
	}
	var capture, display header
	var walk func(at, end int64, depth int)
	boxes := 0
	walk = func(at, end int64, depth int) {
		var b [16]byte
		for at < end && boxes < maxChunks {
			boxes++
			if !readAt(r, b[:8], at) {
				return
			}
			length, data := int64(binary.BigEndian.Uint32(b[:])), at+8
			name := string(b[4:8])
			switch {
			case length == 0: // up to the end of the file
				length = end - at
			case length == 1:
				if !readAt(r, b[8:16], at+8) {
					return
				}
				length, data = int64(binary.BigEndian.Uint64(b[8:])), at+16
			}
			if length < data-at || length > end-at {
				return
			}
			switch name {
			case "jp2h", "res ":
				if depth < 2 {
					walk(data, at+length, depth+1)
				}
			case "ihdr":
				if readAt(r, b[:8], data) {
					h.pixels = image.Pt(int(binary.BigEndian.Uint32(b[4:])), int(binary.BigEndian.Uint32(b[:])))
				}
			case "resc", "resd":
				if readAt(r, b[:10], data) {
					to := &capture
					if name == "resd" {
						to = &display
					}
					to.dense(boxResolution(b[4:], b[9]), boxResolution(b[:], b[8]), perMetre)
				}
			case "jp2c":
				if h.pixels == (image.Point{}) {
					h.pixels = codestreamSize(r, data)
				}
				return
			}
			at += length
		}
	}
	walk(0, size, 0)
	if capture.dpi == 0 {
		capture = display
	}
	h.density, h.dpi = capture.density, capture.dpi
	return h
}

// boxResolution gives one way of a resolution box (I.5.3.7.1): a fraction and a
// power of ten, in dots a metre.
func boxResolution(fraction []byte, exponent byte) float64 {
	num, den := binary.BigEndian.Uint16(fraction), binary.BigEndian.Uint16(fraction[2:])
	if den == 0 {
		return 0
	}
	return float64(num) / float64(den) * math.Pow10(int(int8(exponent)))
}

// codestreamSize gives the image area of the SIZ marker segment.
func codestreamSize(r io.ReaderAt, at int64) image.Point {
	var b [24]byte
	if !readAt(r, b[:], at) || b[0] != 0xff || b[1] != 0x4f || b[2] != 0xff || b[3] != 0x51 {
		return image.Point{}
	}
	u := func(i int) int { return int(binary.BigEndian.Uint32(b[i:])) }
	return image.Pt(u(8)-u(16), u(12)-u(20))
}
