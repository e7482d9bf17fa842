package prepare

import (
	"bytes"
	"encoding/binary"

	"recto/scan"
)

const jp2Magic = "\x00\x00\x00\x0CjP  \r\n\x87\n"

// box is one of JPEG 2000's (ISO/IEC 15444-1, annex I); the span is its content.
type box struct {
	kind string
	scan.Span
}

// boxes lists the boxes in a span, and tells whether they fill it.
func (s *source) boxes(in scan.Span) (list []box, whole bool) {
	for at, end := in.Offset, in.Offset+in.Length; ; {
		if at == end {
			return list, true
		}
		b := s.bytes(at, min(16, end-at))
		if len(b) < 8 || len(list) == 1000 {
			return list, false
		}
		head, n := int64(8), int64(binary.BigEndian.Uint32(b))
		switch n {
		case 0: // to the end of the file
			n = end - at
		case 1:
			if len(b) < 16 || b[8]&0x80 != 0 {
				return list, false
			}
			head, n = 16, int64(binary.BigEndian.Uint64(b[8:]))
		}
		if n < head || n > end-at {
			return list, false
		}
		list = append(list, box{string(b[4:8]), scan.Span{Offset: at + head, Length: n - head}})
		at += n
	}
}

// inspectJP2 places a JP2 file as it is, where PDF/A-2 allows it (ISO 19005-2,
// 6.2.8.3) and its colours are plain: grey or sRGB by number or by a restricted
// profile, all samples of one depth, nothing transparent, no palette.
func inspectJP2(s *source, o *original) {
	whole := scan.Span{Length: s.size}
	list, ok := s.boxes(whole)
	var header, code, brand box
	for _, b := range list {
		switch b.kind {
		case "ftyp":
			brand = b
		case "jp2h":
			ok = ok && header.kind == ""
			header = b
		case "jp2c":
			ok = ok && code.kind == ""
			code = b
		}
	}
	h := s.readJP2(header.Span)
	if h == nil {
		return
	}
	o.icc = h.icc
	if !ok || !h.plain || !s.sized(h.w, h.h, h.bits, h.colours) || !s.compatible(brand.Span) || !s.codestream(code.Span, h) {
		return
	}
	o.place = &scan.Rendition{Spans: []scan.Span{whole}, Filter: "JPXDecode", Size: point(h.w, h.h), Colours: h.colours}
}

type jp2Head struct {
	w, h          int64
	colours, bits int
	icc           []byte
	plain         bool // nothing in it that a PDF/A would not show alike
}

// readJP2 reads the boxes of a jp2h box.
func (s *source) readJP2(in scan.Span) *jp2Head {
	list, ok := s.boxes(in)
	if len(list) == 0 || list[0].kind != "ihdr" || list[0].Length != 14 {
		return nil
	}
	b := s.bytes(list[0].Offset, 14)
	if b == nil {
		return nil
	}
	h := &jp2Head{h: int64(binary.BigEndian.Uint32(b)), w: int64(binary.BigEndian.Uint32(b[4:])),
		colours: int(binary.BigEndian.Uint16(b[8:])), bits: int(b[10]) + 1}
	// Depth 255 means that the samples differ, the high bit that they are signed; 7
	// is the only coding; an unknown colour space is none to be placed.
	h.plain = ok && (h.colours == 1 || h.colours == 3) && h.bits <= 38 && b[11] == 7 && b[12] == 0
	seen := false
	for _, part := range list[1:] {
		switch part.kind {
		case "colr":
			h.plain = h.plain && !seen && s.colour(part.Span, h)
			seen = true
		case "res ", "xml ", "uuid", "free":
		default: // palette, channel definitions, depths of their own, and what is not known
			h.plain = false
		}
	}
	h.plain = h.plain && seen
	return h
}

// colour reads a colr box and tells whether its colours are plain.
func (s *source) colour(in scan.Span, h *jp2Head) bool {
	b := s.bytes(in.Offset, min(in.Length, maxProfile+3))
	if len(b) < 3 {
		return false
	}
	switch b[0] {
	case 1:
		const sRGB, grey = 16, 17
		if len(b) < 7 {
			return false
		}
		n := binary.BigEndian.Uint32(b[3:])
		return n == sRGB && h.colours == 3 || n == grey && h.colours == 1
	case 2:
		h.icc = b[3:]
		return checkProfile(h.icc, h.colours) == nil
	}
	return false
}

// compatible tells whether the ftyp box lists the baseline of JP2.
func (s *source) compatible(in scan.Span) bool {
	b := s.bytes(in.Offset, min(in.Length, 1024))
	for i := 8; i+4 <= len(b); i += 4 {
		if string(b[i:i+4]) == "jp2 " {
			return true
		}
	}
	return false
}

// codestream compares the size and depth that the codestream itself tells (SIZ,
// ISO/IEC 15444-1, A.5.1) with the header's, and looks for its end.
func (s *source) codestream(in scan.Span, h *jp2Head) bool {
	n := 3 * int64(h.colours)
	b := s.bytes(in.Offset, min(in.Length, 42+n))
	if int64(len(b)) < 42+n || !bytes.HasPrefix(b, []byte("\xFF\x4F\xFF\x51")) {
		return false
	}
	at := func(i int) int64 { return int64(binary.BigEndian.Uint32(b[i:])) }
	if at(8)-at(16) != h.w || at(12)-at(20) != h.h || int(binary.BigEndian.Uint16(b[40:])) != h.colours {
		return false
	}
	for c := b[42:]; len(c) >= 3; c = c[3:] {
		if int(c[0])+1 != h.bits || c[1] != 1 || c[2] != 1 {
			return false
		}
	}
	return bytes.Equal(s.bytes(in.Offset+in.Length-2, 2), []byte("\xFF\xD9"))
}
