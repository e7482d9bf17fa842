package coversheet

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	"github.com/go-text/typesetting/font"
)

var errFont = errors.New("damaged font")

// Flags of a part of a composite glyph (ISO/IEC 14496-22, glyf).
const (
	wordArguments = 1 << 0
	oneScale      = 1 << 3
	moreParts     = 1 << 5
	twoScales     = 1 << 6
	fourScales    = 1 << 7
)

// subset gives the font with the outlines of these glyphs and of those that they
// are made of. Numbers stay as they are, so that nothing else needs to change; the
// glyphs that are not used are empty. Only the tables that ISO 32000-1, 9.9 asks
// of a CIDFontType2 are kept.
func subset(program []byte, used []font.GID) ([]byte, error) {
	tables := map[string][]byte{}
	if len(program) < 12 {
		return nil, errFont
	}
	for i := range int(binary.BigEndian.Uint16(program[4:])) {
		entry := program[12+16*i:]
		if len(entry) < 16 {
			return nil, errFont
		}
		at, n := int(binary.BigEndian.Uint32(entry[8:])), int(binary.BigEndian.Uint32(entry[12:]))
		if at+n > len(program) {
			return nil, errFont
		}
		tables[string(entry[:4])] = program[at : at+n]
	}
	head, maxp, loca, glyf := tables["head"], tables["maxp"], tables["loca"], tables["glyf"]
	if len(head) < 54 || len(maxp) < 6 {
		return nil, errFont
	}
	count := int(binary.BigEndian.Uint16(maxp[4:]))
	offset := func(i int) int { return 2 * int(binary.BigEndian.Uint16(loca[2*i:])) }
	each := 2
	if binary.BigEndian.Uint16(head[50:]) != 0 { // indexToLocFormat
		offset = func(i int) int { return int(binary.BigEndian.Uint32(loca[4*i:])) }
		each = 4
	}
	if len(loca) < each*(count+1) {
		return nil, errFont
	}
	keep := map[int]bool{0: true} // .notdef is always there
	var add func(g int) error
	add = func(g int) error {
		if g >= count {
			return fmt.Errorf("%w: glyph %d of %d", errFont, g, count)
		}
		if keep[g] {
			return nil
		}
		keep[g] = true
		from, to := offset(g), offset(g+1)
		if from > to || to > len(glyf) {
			return errFont
		}
		b := glyf[from:to]
		if len(b) < 10 || int16(binary.BigEndian.Uint16(b)) >= 0 {
			return nil
		}
		for b = b[10:]; len(b) >= 4; {
			flags := binary.BigEndian.Uint16(b)
			if err := add(int(binary.BigEndian.Uint16(b[2:]))); err != nil {
				return err
			}
			n := 6
			if flags&wordArguments != 0 {
				n += 2
			}
			switch {
			case flags&oneScale != 0:
				n += 2
			case flags&twoScales != 0:
				n += 4
			case flags&fourScales != 0:
				n += 8
			}
			if flags&moreParts == 0 || len(b) < n {
				return nil
			}
			b = b[n:]
		}
		return nil
	}
	for _, g := range used {
		if err := add(int(g)); err != nil {
			return nil, err
		}
	}
	var outlines bytes.Buffer
	places := make([]byte, 0, 4*(count+1))
	for g := range count {
		places = binary.BigEndian.AppendUint32(places, uint32(outlines.Len()))
		if keep[g] {
			outlines.Write(glyf[offset(g):offset(g+1)])
			outlines.Write(make([]byte, -outlines.Len()&3))
		}
	}
	places = binary.BigEndian.AppendUint32(places, uint32(outlines.Len()))
	head = slices.Clone(head)
	binary.BigEndian.PutUint16(head[50:], 1)
	binary.BigEndian.PutUint32(head[8:], 0)
	return assemble([]table{
		{"glyf", outlines.Bytes()}, {"head", head}, {"hhea", tables["hhea"]}, {"hmtx", tables["hmtx"]}, {"loca", places}, {"maxp", maxp},
	}), nil
}

type table struct {
	tag  string
	data []byte
}

// assemble puts tables, in the order of their tags, into a font file.
func assemble(tables []table) []byte {
	n := len(tables)
	power, log := 1, 0
	for power*2 <= n {
		power, log = power*2, log+1
	}
	out := binary.BigEndian.AppendUint32(nil, 0x10000)
	for _, v := range []int{n, 16 * power, log, 16 * (n - power)} {
		out = binary.BigEndian.AppendUint16(out, uint16(v))
	}
	var body []byte
	head := 0
	for _, t := range tables {
		at := 12 + 16*n + len(body)
		if t.tag == "head" {
			head = at
		}
		padded := append(slices.Clone(t.data), make([]byte, -len(t.data)&3)...)
		out = append(out, t.tag...)
		for _, v := range []uint32{sum(padded), uint32(at), uint32(len(t.data))} {
			out = binary.BigEndian.AppendUint32(out, v)
		}
		body = append(body, padded...)
	}
	out = append(out, body...)
	binary.BigEndian.PutUint32(out[head+8:], 0xB1B0AFBA-sum(out)) // checkSumAdjustment
	return out
}

func sum(b []byte) (s uint32) {
	for i := 0; i+4 <= len(b); i += 4 {
		s += binary.BigEndian.Uint32(b[i:])
	}
	return s
}
