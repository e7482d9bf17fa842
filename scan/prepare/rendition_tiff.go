package prepare

import (
	"encoding/binary"
	"math/bits"

	"recto/scan"
)

// Tags of TIFF 6.0 and its ICC annex that a rendition depends on.
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
	tagTileWidth    = 322
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

var tiffSizes = map[uint16]int64{1: 1, 2: 1, 3: 2, 4: 4, 6: 1, 7: 1, 8: 2, 9: 4, 13: 4, 16: 8, 17: 8, 18: 8}

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

// number1 gives the one value that all values of a field have, or the default.
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

// strip gives the one strip that holds the whole image, if it is so.
func (d *directory) strip() (scan.Span, bool) {
	if d.entries[tagStripOffsets].n != 1 || d.entries[tagStripCounts].n != 1 {
		return scan.Span{}, false
	}
	s := scan.Span{Offset: d.value(tagStripOffsets, -1), Length: d.value(tagStripCounts, -1)}
	return s, s.Offset > 0 && s.Length > 0 && s.Offset <= d.s.size && s.Length <= d.s.size-s.Offset
}

// inspectTIFF places the one strip of a TIFF where a PDF has the same coding: G4,
// JPEG, Deflate.
func inspectTIFF(s *source, o *original) {
	d := readTIFF(s)
	if d == nil {
		return
	}
	w, h := d.value(tagWidth, 0), d.value(tagHeight, 0)
	depth, samples := d.value(tagBits, 1), d.value(tagSamples, 1)
	photometric := d.value(tagPhotometric, -1)
	o.bits = int(max(0, depth))
	if e := d.entries[tagICC]; e.Length > 0 && e.Length <= maxProfile {
		o.icc = s.bytes(e.Offset, e.Length)
	} else if e.Length > maxProfile {
		o.note("colour profile left out: it has %d bytes", e.Length)
	}
	if !s.sized(w, h) || samples != 1 && samples != 3 ||
		samples > 1 && d.value(tagPlanar, 1) != 1 ||
		d.value(tagFillOrder, 1) != 1 || d.value(tagSampleFormat, 1) != 1 ||
		d.entries[tagTileWidth].n > 0 || d.entries[tagExtraSamples].n > 0 {
		return
	}
	grey := samples == 1 && (photometric == whiteIsZero || photometric == blackIsZero)
	rgb := samples == 3 && photometric == photoRGB
	if depth == 16 && (grey || rgb) {
		o.deep = func() (*raster, error) { return deepTIFF(s, w, h) }
	}
	strip, ok := d.strip()
	if !ok {
		return
	}
	r := &scan.Rendition{Spans: []scan.Span{strip}, Size: point(w, h), Bits: int(depth), Colours: int(samples)}
	switch d.value(tagCompression, 1) {
	case 4: // T.6: runs of black are ones in both, and mean white where black is zero
		if !grey || depth != 1 || d.value(tagT6Options, 0) != 0 {
			return
		}
		r.Filter, r.K, r.BlackIs1 = "CCITTFaxDecode", -1, photometric == blackIsZero
	case 7:
		r = d.jpeg(strip, photometric)
		if r == nil || r.Size != point(w, h) || int64(r.Colours) != samples {
			return
		}
	case 8, 32946:
		predictor := d.value(tagPredictor, 1)
		if !grey && !rgb || bits.OnesCount64(uint64(depth)) != 1 || depth > 16 ||
			predictor != 1 && (predictor != 2 || depth != 8) ||
			depth == 16 && d.order != binary.BigEndian {
			return
		}
		if !inflates(s.section(strip), (w*depth*samples+7)/8, h, false) {
			return
		}
		r.Filter, r.Predictor, r.Inverted = "FlateDecode", int(predictor), photometric == whiteIsZero
	default:
		return
	}
	o.place = r
}

// Photometric interpretations.
const (
	whiteIsZero = 0
	blackIsZero = 1
	photoRGB    = 2
	photoYCbCr  = 6
)

// jpeg places a strip of JPEG (TIFF Technical Note 2). Its tables lie apart and are
// put before it without their end marker, the strip goes without its start marker.
func (d *directory) jpeg(strip scan.Span, photometric int64) *scan.Rendition {
	spans := []scan.Span{strip}
	if t := d.entries[tagJPEGTables]; t.Length > 4 && strip.Length > 2 {
		spans = []scan.Span{{Offset: t.Offset, Length: t.Length - 2}, {Offset: strip.Offset + 2, Length: strip.Length - 2}}
		if string(d.s.bytes(t.Offset, 2)) != "\xFF\xD8" || string(d.s.bytes(t.Offset+t.Length-2, 2)) != "\xFF\xD9" ||
			string(d.s.bytes(strip.Offset, 2)) != "\xFF\xD8" {
			return nil
		}
	}
	h, err := readJPEG(d.s.section(spans...))
	if err != nil || !h.placeable() {
		return nil
	}
	// The TIFF's word on the colours must be what a PDF viewer takes without it.
	if len(h.ids) == 1 && photometric != blackIsZero || len(h.ids) == 3 && (photometric != photoYCbCr || h.adobe == 0) {
		return nil
	}
	return h.rendition(spans...)
}
