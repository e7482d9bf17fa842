package premis

import (
	"bytes"
	"encoding/binary"
	"io"
)

// pronom is the registry's name in formatRegistryName.
const pronom = "PRONOM"

// Identifiers of PRONOM (The National Archives) for what Recto makes.
const (
	PUIDofPDFA2u = "fmt/478"
	PUIDofXML    = "fmt/101" // PRONOM has none for ALTO
)

// PUID gives PRONOM's identifier of an image file by the signatures that PRONOM has for
// its formats and their versions; "" where they leave it open.
func PUID(r io.ReaderAt) string {
	head := make([]byte, 34)
	n, _ := r.ReadAt(head, 0)
	clear(head[n:])
	is := func(at int, magic string) bool { return string(head[at:at+len(magic)]) == magic }
	switch {
	case is(0, "II*\x00"), is(0, "MM\x00*"):
		return "fmt/353"
	case is(0, "II+\x00\x08\x00\x00\x00") && head[8] != 16, is(0, "MM\x00+\x00\x08\x00\x00"): // 16: or Zoomify
		return "fmt/1917"
	case is(0, "\xFF\xD8\xFF"):
		return jpeg(head)
	case is(0, "\x89PNG\r\n\x1a\n"):
		return png(r)
	case is(0, "\x00\x00\x00\x0cjP  \r\n\x87\n") && is(16, "ftypjp2 "):
		return "x-fmt/392"
	case is(0, "RIFF") && is(8, "WEBP"):
		return map[string]string{"VP8 ": "fmt/566", "VP8L": "fmt/567", "VP8X": "fmt/568"}[string(head[12:16])]
	case is(0, "BM"):
		return bmp(head)
	case head[0] == 'P' && bytes.ContainsAny(head[2:3], " \t\r\n"):
		return map[byte]string{'4': "fmt/409", '5': "fmt/406", '6': "fmt/408", '7': "fmt/405"}[head[1]]
	}
	return ""
}

// jpeg tells the versions of JFIF apart. Those of Exif stand deep in the file.
func jpeg(head []byte) string {
	switch head[3] {
	case 0xE0:
		if string(head[6:11]) == "JFIF\x00" && head[11] == 1 && head[12] <= 2 {
			return []string{"fmt/42", "fmt/43", "fmt/44"}[head[12]]
		}
		return ""
	case 0xE1, 0xE8: // Exif, SPIFF
		return ""
	}
	return "fmt/41"
}

// png goes by the chunks that came with the versions: PNG 1.2 brought iTXt, 1.1 sRGB,
// iCCP and sPLT.
func png(r io.ReaderAt) string {
	puid := "fmt/11"
	for at := int64(8); ; {
		var chunk [8]byte
		if _, err := r.ReadAt(chunk[:], at); err != nil {
			return "" // it ends before its end
		}
		switch string(chunk[4:]) {
		case "IEND":
			return puid
		case "iTXt":
			puid = "fmt/13"
		case "sRGB", "iCCP", "sPLT":
			if puid == "fmt/11" {
				puid = "fmt/12"
			}
		}
		at += 12 + int64(binary.BigEndian.Uint32(chunk[:4]))
	}
}

// bmp goes by the length of the header and, of the third version, by the compression.
func bmp(head []byte) string {
	switch binary.LittleEndian.Uint32(head[14:]) {
	case 12:
		return "fmt/115"
	case 40:
		if compression := binary.LittleEndian.Uint32(head[30:]); compression == 3 {
			return "fmt/117"
		}
		return "fmt/116"
	case 108:
		return "fmt/118"
	case 124:
		return "fmt/119"
	}
	return ""
}
