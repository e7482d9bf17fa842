package folder

import (
	"encoding/binary"
	"image"
	"io"
)

// jpegInfo is what the segments before the first scan say (ITU-T T.81, annex B;
// JFIF 1.02; Exif 2.32, 4.5.4).
type jpegInfo struct {
	header
	components int
	rgb        bool // the component identifiers are the letters R, G, B
	adobe      bool // an Adobe APP14 segment is there ...
	transform  byte // ... with this colour transform: 0 none, 1 YCbCr, 2 YCCK
	jfif, icc  bool
}

func jpegHeader(r io.ReaderAt, size int64) header { return readJPEG(r, size).header }

// readJPEG walks the segments up to the frame header. A JFIF density wins over
// Exif's, which cameras fill with 72 for want of anything better.
func readJPEG(r io.ReaderAt, size int64) (info jpegInfo) {
	var exif header
	defer func() {
		info.orientation = exif.orientation
		info.unlessTold(exif)
	}()
	var b [20]byte
	at := int64(2)
	for range 4096 {
		if !readAt(r, b[:4], at) || b[0] != 0xff {
			return info
		}
		marker := b[1]
		if marker == 0xff || marker == 0x01 || marker >= 0xd0 && marker <= 0xd7 { // fill byte, or no length follows
			at++
			if marker != 0xff {
				at++
			}
			continue
		}
		length := int64(binary.BigEndian.Uint16(b[2:]))
		if length < 2 {
			return info
		}
		data := at + 4
		switch {
		case marker == 0xd9, marker == 0xda: // the end, or a scan without a frame
			return info
		case marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc:
			if !readAt(r, b[:6], data) {
				return info
			}
			info.pixels = image.Pt(int(binary.BigEndian.Uint16(b[3:])), int(binary.BigEndian.Uint16(b[1:])))
			info.components = int(b[5])
			var ids [9]byte
			if info.components == 3 && readAt(r, ids[:], data+6) {
				info.rgb = ids[0] == 'R' && ids[3] == 'G' && ids[6] == 'B'
			}
			return info
		case marker == 0xe0 && length >= 16 && readAt(r, b[:12], data) && string(b[:5]) == "JFIF\x00":
			info.jfif = true
			inch := map[byte]float64{1: 1, 2: perCentimetre}[b[7]]
			info.dense(float64(binary.BigEndian.Uint16(b[8:])), float64(binary.BigEndian.Uint16(b[10:])), inch)
		case marker == 0xe1 && length > 8 && readAt(r, b[:6], data) && string(b[:6]) == "Exif\x00\x00":
			exif = exifHeader(io.NewSectionReader(r, data+6, min(length-8, size-data-6)))
		case marker == 0xe2 && length > 14 && readAt(r, b[:12], data) && string(b[:12]) == "ICC_PROFILE\x00":
			info.icc = true
		case marker == 0xee && length >= 14 && readAt(r, b[:12], data) && string(b[:5]) == "Adobe":
			info.adobe, info.transform = true, b[11]
		}
		at += 2 + length
	}
	return info
}
