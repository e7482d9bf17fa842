package prepare

import (
	"bufio"
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"hash/crc32"
	"image/png"
	"io"

	"recto/scan"
)

const pngMagic = "\x89PNG\r\n\x1a\n"

// pngHead is what the chunks of a PNG tell (ISO/IEC 15948).
type pngHead struct {
	w, h         int64
	bits, colour byte
	interlaced   bool
	palette      []byte
	icc          []byte
	transparent  bool
	foreign      bool // it has critical chunks that are not known, as Apple's CgBI
	data         []scan.Span
}

// inspectPNG places the compressed rows of a PNG as they are: a PDF's FlateDecode
// with the PNG predictors is the same coding (ISO 32000-1, 7.4.4.4).
func inspectPNG(s *source, o *original) {
	h, ok := readPNG(s)
	if h == nil {
		return
	}
	o.icc = h.icc
	colours := map[byte]int{0: 1, 2: 3, 3: 1}[h.colour]
	if h.bits == 16 && colours > 0 && !h.transparent && s.sized(h.w, h.h, 16, colours) {
		o.deep = func() (*raster, error) { return s.deep(h.w, h.h, png.Decode) }
	}
	if !ok || colours == 0 || h.interlaced || h.transparent || h.foreign || !s.sized(h.w, h.h, int(h.bits), colours) {
		return
	}
	if h.colour == 3 && (len(h.palette) == 0 || len(h.palette)%3 != 0 || len(h.palette) > 3<<h.bits) {
		return
	}
	row := (h.w*int64(h.bits)*int64(colours) + 7) / 8
	o.whole = func() bool { return inflates(s.section(h.data...), row, h.h, true) }
	o.place = &scan.Rendition{Spans: h.data, Filter: "FlateDecode", Predictor: 15,
		Size: point(h.w, h.h), Bits: int(h.bits), Colours: colours}
	if h.colour == 3 {
		o.place.Palette = h.palette
	}
}

// readPNG walks the chunks. It gives the header, too, where the rest is broken.
func readPNG(s *source) (h *pngHead, ok bool) {
	const largest = 64 << 10 // of a chunk that is read whole, beside profiles
	for at := int64(len(pngMagic)); ; {
		b := s.bytes(at, 8)
		if b == nil {
			return h, false
		}
		n, kind := int64(binary.BigEndian.Uint32(b)), string(b[4:])
		span := scan.Span{Offset: at + 8, Length: n}
		sum := s.bytes(at+8+n, 4)
		if sum == nil {
			return h, false
		}
		crc := crc32.NewIEEE()
		io.Copy(crc, s.section(scan.Span{Offset: at + 4, Length: n + 4}))
		if crc.Sum32() != binary.BigEndian.Uint32(sum) {
			return h, false
		}
		at += 12 + n
		if (kind == "IHDR") != (h == nil) {
			if kind == "CgBI" && h == nil {
				continue // comes before the header
			}
			return h, false
		}
		switch kind {
		case "IHDR":
			if n != 13 {
				return nil, false
			}
			b := s.bytes(span.Offset, n)
			h = &pngHead{w: int64(binary.BigEndian.Uint32(b)), h: int64(binary.BigEndian.Uint32(b[4:])),
				bits: b[8], colour: b[9], interlaced: b[12] != 0}
			if !pngDepth[[2]byte{b[9], b[8]}] || b[10] != 0 || b[11] != 0 {
				return nil, false
			}
		case "PLTE":
			if n > largest {
				return h, false
			}
			h.palette = s.bytes(span.Offset, n)
		case "tRNS":
			h.transparent = true
		case "iCCP":
			if n <= maxProfile {
				h.icc = pngProfile(s.bytes(span.Offset, n))
			}
		case "IDAT":
			h.data = append(h.data, span)
		case "IEND":
			return h, len(h.data) > 0
		default:
			if kind[0]&0x20 == 0 {
				h.foreign = true
			}
		}
	}
}

// pngDepth has the pairs of colour type and bit depth that there are.
var pngDepth = map[[2]byte]bool{
	{0, 1}: true, {0, 2}: true, {0, 4}: true, {0, 8}: true, {0, 16}: true,
	{2, 8}: true, {2, 16}: true,
	{3, 1}: true, {3, 2}: true, {3, 4}: true, {3, 8}: true,
	{4, 8}: true, {4, 16}: true, {6, 8}: true, {6, 16}: true,
}

// pngProfile inflates the profile of an iCCP chunk: a name, zero, method 0, zlib. A
// damaged one is handed on as it came, so that it is told to be damaged.
func pngProfile(b []byte) []byte {
	_, rest, found := bytes.Cut(b, []byte{0})
	if !found || len(rest) < 2 || rest[0] != 0 {
		return b
	}
	z, err := zlib.NewReader(bytes.NewReader(rest[1:]))
	if err != nil {
		return b
	}
	icc, err := io.ReadAll(io.LimitReader(z, maxProfile+1))
	if err != nil || len(icc) > maxProfile {
		return b
	}
	return icc
}

// inflates tells whether r is one zlib stream, nothing after it, that holds so many
// rows exactly: of each a filter type where they are filtered, and the row's bytes.
func inflates(r io.Reader, row, rows int64, filtered bool) bool {
	br := bufio.NewReaderSize(r, 64<<10)
	z, err := zlib.NewReader(br)
	if err != nil {
		return false
	}
	if !filtered {
		row, rows = row*rows, 1
	} else {
		row++
	}
	buf := make([]byte, min(row, 64<<10))
	for range rows {
		for left := row; left > 0; {
			b := buf[:min(left, int64(len(buf)))]
			if _, err := io.ReadFull(z, b); err != nil {
				return false
			}
			if filtered && left == row && b[0] > 4 {
				return false
			}
			left -= int64(len(b))
		}
	}
	if n, err := z.Read(buf[:1]); n != 0 || err != io.EOF { // here its checksum is checked, too
		return false
	}
	_, err = br.ReadByte()
	return err == io.EOF
}
