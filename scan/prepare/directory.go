package prepare

import (
	"encoding/binary"

	"recto/scan"
)

// Tags of TIFF 6.0 and its supplements that tell what the pixels are.
const (
	tagWidth        = 256
	tagHeight       = 257
	tagBits         = 258
	tagCompression  = 259
	tagPhotometric  = 262
	tagFillOrder    = 266
	tagStripOffsets = 273
	tagSamples      = 277
	tagStripCounts  = 279
	tagPlanar       = 284
	tagT6Options    = 293
	tagPredictor    = 317
	tagExtraSamples = 338
	tagSampleFormat = 339
	tagJPEGTables   = 347
	tagICC          = 34675
)

// directory is the first image file directory of a TIFF or BigTIFF.
type directory struct {
	s       *source
	order   binary.ByteOrder
	entries map[uint16]entry
}

// entry is a field: its type and the place of its values.
type entry struct {
	kind uint16
	n    int64
	scan.Span
}

// tiffSizes are the bytes of one value of each type (TIFF 6.0, section 2; BigTIFF).
var tiffSizes = map[uint16]int64{1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8, 17: 8, 18: 8}

// readTIFF gives the fields that lie whole in the file; nil where there is no directory.
func readTIFF(s *source) *directory {
	head := s.bytes(0, min(16, s.size))
	if len(head) < 8 {
		return nil
	}
	d := &directory{s: s, order: binary.LittleEndian, entries: map[uint16]entry{}}
	if head[0] == 'M' {
		d.order = binary.BigEndian
	}
	at, counter, size, offset := int64(d.order.Uint32(head[4:])), int64(2), int64(12), int64(4)
	if d.order.Uint16(head[2:]) == 43 { // BigTIFF
		if len(head) < 16 {
			return nil
		}
		at, counter, size, offset = int64(d.order.Uint64(head[8:])), 8, 20, 8
	}
	n, ok := d.number(s.bytes(at, counter))
	if !ok || n == 0 || n > 4096 {
		return nil
	}
	list := s.bytes(at+counter, n*size)
	for i := int64(0); i < int64(len(list)); i += size {
		b := list[i : i+size]
		e := entry{kind: d.order.Uint16(b[2:])}
		e.n, ok = d.number(b[4 : 4+offset])
		each := tiffSizes[e.kind]
		if !ok || each == 0 || e.n > s.size {
			continue
		}
		e.Length = e.n * each
		e.Offset = at + counter + i + 4 + offset
		if e.Length > offset {
			if e.Offset, ok = d.number(b[4+offset:]); !ok {
				continue
			}
		}
		if e.Offset <= s.size && e.Length <= s.size-e.Offset {
			d.entries[d.order.Uint16(b)] = e
		}
	}
	return d
}

// big tells whether the high byte of a number comes first.
func (d *directory) big() bool { return d.order == binary.ByteOrder(binary.BigEndian) }

// tiled tells whether the image lies in tiles and not in strips.
func (d *directory) tiled() bool {
	_, ok := d.entries[tagTileOffsets]
	return ok
}

// number reads an unsigned number of 1, 2, 4 or 8 bytes.
func (d *directory) number(b []byte) (int64, bool) {
	switch len(b) {
	case 1:
		return int64(b[0]), true
	case 2:
		return int64(d.order.Uint16(b)), true
	case 4:
		return int64(d.order.Uint32(b)), true
	case 8:
		n := int64(d.order.Uint64(b))
		return n, n >= 0
	}
	return 0, false
}

// value is the one value that all values of a field have, the standard one where the
// field is missing, -1 where they differ.
func (d *directory) value(tag uint16, standard int64) int64 {
	e, ok := d.entries[tag]
	if !ok {
		return standard
	}
	if e.n < 1 || e.n > 16 {
		return -1
	}
	b := d.s.bytes(e.Offset, e.Length)
	each := tiffSizes[e.kind]
	first := int64(-1)
	for i := int64(0); i < int64(len(b)); i += each {
		n, ok := d.number(b[i : i+each])
		if !ok || i > 0 && n != first {
			return -1
		}
		first = n
	}
	return first
}
