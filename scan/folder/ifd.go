package folder

import (
	"encoding/binary"
	"fmt"
	"image"
	"io"
	"math"

	"recto/scan"
)

// Tags that are looked at (TIFF 6.0; Exif 2.32; TIFF/EP; DNG 1.7).
const (
	tagNewSubfileType  = 254
	tagSubfileType     = 255
	tagWidth           = 256
	tagHeight          = 257
	tagBitsPerSample   = 258
	tagCompression     = 259
	tagPhotometric     = 262
	tagStripOffsets    = 273
	tagOrientation     = 274
	tagSamplesPerPixel = 277
	tagRowsPerStrip    = 278
	tagStripCounts     = 279
	tagXResolution     = 282
	tagYResolution     = 283
	tagPlanar          = 284
	tagT4Options       = 292
	tagResolutionUnit  = 296
	tagSoftware        = 305
	tagColorMap        = 320
	tagTileOffsets     = 324
	tagTileCounts      = 325
	tagSubIFDs         = 330
	tagICC             = 34675
	tagExif            = 34665
	tagGPS             = 34853
	tagInterop         = 40965
	tagDNGVersion      = 50706
	tagFreeOffsets     = 288
	tagFreeCounts      = 289
)

// Field types of TIFF 6.0 and, from LONG8, of BigTIFF.
const (
	typeByte      = 1
	typeASCII     = 2
	typeShort     = 3
	typeLong      = 4
	typeRational  = 5
	typeUndefined = 7
	typeIFD       = 13
	typeLong8     = 16
	typeIFD8      = 18
)

var typeSize = [...]int64{1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8, 17: 8, 18: 8}

// errIFD is what a directory that makes no sense gives; errShort one that the
// file ends in.
var (
	errIFD   = fmt.Errorf("the TIFF directory makes no sense: %w", scan.ErrDamaged)
	errShort = fmt.Errorf("the TIFF directory lies beyond the end: %w", scan.ErrTruncated)
)

// tiffFile reads the directories of a TIFF or Exif structure. Nothing is held of
// the file but what a method returns, and no method returns more than the file
// can hold.
type tiffFile struct {
	r     io.ReaderAt
	size  int64
	order binary.ByteOrder
	big   bool  // BigTIFF: 8-byte offsets, 20-byte entries
	first int64 // offset of the first directory
}

// entry is one tag of a directory; at is where its value lies in the file.
type entry struct {
	tag, typ uint16
	count    int64
	at       int64
}

// bytes is the length of the value, 0 for a type that nobody has defined.
func (e entry) bytes() int64 {
	if int(e.typ) >= len(typeSize) {
		return 0
	}
	return e.count * typeSize[e.typ]
}

func openTIFF(r io.ReaderAt, size int64) (*tiffFile, error) {
	var b [16]byte
	if !readAt(r, b[:8], 0) {
		return nil, errShort
	}
	t := &tiffFile{r: r, size: size}
	switch string(b[:2]) {
	case "II":
		t.order = binary.LittleEndian
	case "MM":
		t.order = binary.BigEndian
	default:
		return nil, errIFD
	}
	switch t.order.Uint16(b[2:]) {
	case 42:
		t.first = int64(t.order.Uint32(b[4:]))
	case 43:
		if !readAt(r, b[:], 0) {
			return nil, errShort
		}
		t.big = true
		t.first = int64(t.order.Uint64(b[8:]))
	default:
		return nil, errIFD
	}
	return t, nil
}

// offsetSize is the width in bytes of offsets and of the value field.
func (t *tiffFile) offsetSize() int64 {
	if t.big {
		return 8
	}
	return 4
}

func (t *tiffFile) offset(b []byte) int64 {
	if t.big {
		return int64(t.order.Uint64(b))
	}
	return int64(t.order.Uint32(b))
}

// ifd is one directory.
type ifd struct {
	at      int64
	entries []entry
	next    int64 // offset of the following one, 0 at the end
}

func (d *ifd) find(tag uint16) (entry, bool) {
	for _, e := range d.entries {
		if e.tag == tag {
			return e, true
		}
	}
	return entry{}, false
}

// readIFD reads the directory at an offset. Entries whose type is unknown are
// left out, as TIFF 6.0 asks of readers; a value that lies beyond the end of the
// file is an error.
func (t *tiffFile) readIFD(at int64) (*ifd, error) {
	countSize, entrySize := int64(2), int64(12)
	if t.big {
		countSize, entrySize = 8, 20
	}
	var b [8]byte
	if at < 8 || at > t.size-countSize || !readAt(t.r, b[:countSize], at) {
		return nil, errShort
	}
	n := int64(t.order.Uint16(b[:]))
	if t.big {
		if v := t.order.Uint64(b[:]); v <= math.MaxUint16 {
			n = int64(v)
		} else {
			return nil, errIFD
		}
	}
	if n == 0 {
		return nil, errIFD
	}
	table := make([]byte, n*entrySize)
	if at+countSize+int64(len(table)) > t.size || !readAt(t.r, table, at+countSize) {
		return nil, errShort
	}
	d := &ifd{at: at}
	if end := at + countSize + int64(len(table)); readAt(t.r, b[:t.offsetSize()], end) {
		d.next = t.offset(b[:]) // a file that ends before it has no next
	}
	for i := range n {
		raw := table[i*entrySize : (i+1)*entrySize]
		e := entry{tag: t.order.Uint16(raw), typ: t.order.Uint16(raw[2:])}
		value := raw[8:]
		if t.big {
			value = raw[12:]
			e.count = int64(t.order.Uint64(raw[4:]))
		} else {
			e.count = int64(t.order.Uint32(raw[4:]))
		}
		if int(e.typ) >= len(typeSize) || typeSize[e.typ] == 0 {
			continue
		}
		if e.count < 0 || e.count > t.size {
			return nil, errIFD
		}
		if e.bytes() <= t.offsetSize() {
			e.at = at + countSize + i*entrySize + entrySize - t.offsetSize()
		} else {
			e.at = t.offset(value)
		}
		if e.at < 0 || e.at > t.size || e.bytes() > t.size-e.at {
			return nil, errShort
		}
		d.entries = append(d.entries, e)
	}
	return d, nil
}

// uints gives the values of an entry of an unsigned integer type; at most limit.
func (t *tiffFile) uints(e entry, limit int64) ([]uint64, error) {
	if e.count > limit {
		return nil, errIFD
	}
	size := typeSize[e.typ]
	switch e.typ {
	case typeByte, typeUndefined, typeShort, typeLong, typeIFD, typeLong8, typeIFD8:
	default:
		return nil, errIFD
	}
	b := make([]byte, e.bytes())
	if !readAt(t.r, b, e.at) {
		return nil, errShort
	}
	values := make([]uint64, e.count)
	for i := range values {
		v := b[int64(i)*size:]
		switch size {
		case 1:
			values[i] = uint64(v[0])
		case 2:
			values[i] = uint64(t.order.Uint16(v))
		case 4:
			values[i] = uint64(t.order.Uint32(v))
		case 8:
			values[i] = t.order.Uint64(v)
		}
	}
	return values, nil
}

// uint gives the first value of a tag, or otherwise where there is none.
func (t *tiffFile) uint(d *ifd, tag uint16, otherwise uint64) uint64 {
	e, ok := d.find(tag)
	if !ok || e.count == 0 {
		return otherwise
	}
	e.count = 1
	v, err := t.uints(e, 1)
	if err != nil {
		return otherwise
	}
	return v[0]
}

// rational gives the first value of a RATIONAL tag, 0 where there is none.
func (t *tiffFile) rational(d *ifd, tag uint16) float64 {
	e, ok := d.find(tag)
	var b [8]byte
	if !ok || e.typ != typeRational || e.count == 0 || !readAt(t.r, b[:], e.at) {
		return 0
	}
	num, den := t.order.Uint32(b[:]), t.order.Uint32(b[4:])
	if den == 0 {
		return 0
	}
	return float64(num) / float64(den)
}

// header reads what the tags of one directory say of the image.
func (t *tiffFile) header(d *ifd) header {
	h := header{
		pixels:      image.Pt(clampInt(t.uint(d, tagWidth, 0)), clampInt(t.uint(d, tagHeight, 0))),
		orientation: scan.Orientation(min(t.uint(d, tagOrientation, 0), 9)),
	}
	inch := map[uint64]float64{2: 1, 3: perCentimetre}[t.uint(d, tagResolutionUnit, 2)]
	h.dense(t.rational(d, tagXResolution), t.rational(d, tagYResolution), inch)
	return h
}

func clampInt(v uint64) int { return int(min(v, math.MaxInt32)) }

// tiffHeader reads the first directory of a TIFF.
func tiffHeader(r io.ReaderAt, size int64) header {
	t, err := openTIFF(r, size)
	if err != nil {
		return header{}
	}
	d, err := t.readIFD(t.first)
	if err != nil {
		return header{}
	}
	return t.header(d)
}

// exifHeader reads orientation and resolution from an Exif structure; its pixel
// sizes belong to no stored image.
func exifHeader(s *io.SectionReader) header {
	h := tiffHeader(s, s.Size())
	h.pixels = image.Point{}
	if h.orientation > 8 {
		h.orientation = 0
	}
	return h
}
