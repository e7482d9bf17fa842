package pdfa

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"unicode/utf16"
)

// The layer's font has one glyph that is ever shown: a box that fills the em from
// descent to ascent. An empty glyph would do for search, but browsers highlight
// the glyph's extent, and of nothing they show a hair line. All measures are in
// thousandths of the em.
const (
	ascent  = 780
	descent = -220
	advance = 500
	ink     = 1 // the glyph that every CID maps to; 0 is .notdef, which PDF/A forbids to use
)

// fontName is the PostScript name. The whole font is embedded, so it bears no
// subset tag.
const fontName = "RectoBox"

// trueType builds the font file (ISO/IEC 14496-22): the tables that ISO 32000-1,
// 9.9 asks of a CIDFontType2, and post.
func trueType() []byte {
	glyph := be(
		int16(1), int16(0), int16(descent), int16(advance), int16(ascent), // one contour and its box
		uint16(3), uint16(0), // last point, no instructions
		[4]uint8{1, 1, 1, 1},              // four points on the curve, two bytes a step
		[4]int16{0, 0, advance, 0},        // right
		[4]int16{descent, 1000, 0, -1000}, // up
		uint16(0),                         // to a multiple of four
	)
	half := uint16(len(glyph) / 2)
	tables := []struct {
		tag  string
		data []byte
	}{ // in the order of the tags
		{"glyf", glyph},
		{"head", be(uint32(0x10000), uint32(0x10000), uint32(0), uint32(0x5F0F3CF5), uint16(0x3), uint16(1000),
			int64(0), int64(0), int16(0), int16(descent), int16(advance), int16(ascent),
			uint16(0), uint16(8), int16(2), int16(0), int16(0))},
		{"hhea", be(uint32(0x10000), int16(ascent), int16(descent), int16(0), uint16(advance),
			int16(0), int16(0), int16(advance), int16(1), int16(0), int16(0), [4]int16{}, int16(0), uint16(1))},
		{"hmtx", be(uint16(advance), int16(0), int16(0))}, // one advance for both glyphs
		{"loca", be(uint16(0), uint16(0), half)},          // glyph 0 is empty
		{"maxp", be(uint32(0x10000), uint16(2), uint16(4), uint16(1), [2]uint16{}, uint16(1), [8]uint16{})},
		{"post", be(uint32(0x30000), uint32(0), int16(-100), int16(50), uint32(1), [4]uint32{})},
	}

	n := len(tables)
	out := be(uint32(0x10000), uint16(n), uint16(64), uint16(2), uint16(16*n-64)) // 64 = 16 * the largest power of two up to 7
	var body []byte
	head := 0
	for _, t := range tables {
		offset := 12 + 16*n + len(body)
		if t.tag == "head" {
			head = offset
		}
		padded := append(bytes.Clone(t.data), make([]byte, -len(t.data)&3)...)
		out = append(out, t.tag...)
		out = append(out, be(sum(padded), uint32(offset), uint32(len(t.data)))...)
		body = append(body, padded...)
	}
	out = append(out, body...)
	binary.BigEndian.PutUint32(out[head+8:], 0xB1B0AFBA-sum(out))
	return out
}

// sum is the checksum of a padded table.
func sum(b []byte) (s uint32) {
	for i := 0; i+4 <= len(b); i += 4 {
		s += binary.BigEndian.Uint32(b[i:])
	}
	return s
}

// be lays values of fixed size out in big-endian order.
func be(values ...any) []byte {
	var b bytes.Buffer
	for _, v := range values {
		if err := binary.Write(&b, binary.BigEndian, v); err != nil {
			panic(err) // only for types of no fixed size, and there are none
		}
	}
	return b.Bytes()
}

// charset gives every code point of a document its CID, in order of first use,
// from 1: CID 0 would be .notdef.
type charset struct {
	cids  map[rune]uint16
	runes []rune // runes[i] has CID i+1
}

// replacement stands for what cannot be encoded.
const replacement = '\uFFFD'

// cid gives the number of r. The last free one is U+FFFD's and everybody's who
// comes after 65,534 others (ISO 32000-1, table C.1 limits a CID to 65,535).
func (c *charset) cid(r rune) uint16 {
	if n, ok := c.cids[r]; ok {
		return n
	}
	if c.cids == nil {
		c.cids = map[rune]uint16{}
	}
	if len(c.runes) >= 65534 && r != replacement {
		return c.cid(replacement)
	}
	c.runes = append(c.runes, r)
	n := uint16(len(c.runes))
	c.cids[r] = n
	return n
}

// toUnicode is the CMap from CIDs to text (ISO 32000-1, 9.10.3): one explicit
// bfchar each, because ranges may not cross a high byte and not every reader
// knows that.
func (c *charset) toUnicode() []byte {
	var b bytes.Buffer
	b.WriteString("/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n" +
		"/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def\n" +
		"/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n" +
		"1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n")
	for start := 0; start < len(c.runes); start += 100 { // a section holds at most 100
		end := min(start+100, len(c.runes))
		fmt.Fprintf(&b, "%d beginbfchar\n", end-start)
		for i := start; i < end; i++ {
			fmt.Fprintf(&b, "<%04X> <", i+1)
			for _, u := range utf16.Encode([]rune{c.runes[i]}) {
				fmt.Fprintf(&b, "%04X", u)
			}
			b.WriteString(">\n")
		}
		b.WriteString("endbfchar\n")
	}
	b.WriteString("endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n")
	return b.Bytes()
}

// toGlyph is the CIDToGIDMap: every CID but 0 shows the box.
func (c *charset) toGlyph() []byte {
	b := make([]byte, 2*(len(c.runes)+1))
	for i := 3; i < len(b); i += 2 {
		b[i] = ink
	}
	return b
}
