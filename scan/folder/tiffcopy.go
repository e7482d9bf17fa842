package folder

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"fmt"
	"io"
	"slices"

	"recto/scan"
)

// piece is a run of bytes of a copy: in memory or in the source.
type piece struct {
	mem    []byte
	at     int64
	length int64
}

// size is the length of the piece in the copy.
func (p piece) size() int64 {
	if p.mem != nil {
		return int64(len(p.mem))
	}
	return p.length
}

// layout is a TIFF of one image, made of pieces: header, directory, values, and
// the strips or tiles as they are in the source.
type layout struct {
	pieces []piece
	size   int64
}

// reader gives the bytes of the layout, taking what lies in the source from r.
func (l *layout) reader(r io.ReaderAt) io.Reader {
	readers := make([]io.Reader, len(l.pieces))
	for i, p := range l.pieces {
		if p.mem != nil {
			readers[i] = bytes.NewReader(p.mem)
		} else {
			readers[i] = io.NewSectionReader(r, p.at, p.length)
		}
	}
	return io.MultiReader(readers...)
}

func (l *layout) add(p piece) {
	l.pieces = append(l.pieces, p)
	l.size += p.size()
}

// pad brings the size to an even number: values begin on word boundaries.
func (l *layout) pad() {
	if l.size%2 != 0 {
		l.add(piece{mem: []byte{0}})
	}
}

// layoutPage lays out the page of a directory as a TIFF of its own, in the byte
// order and the offset size of the source. Everything is kept but the link to
// the next page, SubIFDs and lists of free space. budget is how many bytes
// may still be copied from this file; it is lowered by what the page
// takes.
func layoutPage(t *tiffFile, d *ifd, budget *int64) (*layout, error) {
	if t.uint(d, tagCompression, 1) == 6 {
		return nil, fmt.Errorf("old-style JPEG in a TIFF of several pages (save it anew): %w", scan.ErrUnsupported)
	}
	data, offsetsTag, countsTag, err := t.imageData(d)
	if err != nil {
		return nil, err
	}
	w := &ifdWriter{t: t}
	for _, e := range d.entries {
		switch e.tag {
		case tagSubIFDs, tagFreeOffsets, tagFreeCounts, offsetsTag, countsTag:
		case tagExif, tagGPS:
			if sub, err := t.readIFD(int64(t.uint(d, e.tag, 0))); err == nil {
				w.sub(e.tag, sub)
			}
		default:
			w.copied(e)
		}
	}
	counts, offsets := make([]uint64, len(data)), make([]uint64, len(data))
	for i, s := range data {
		counts[i] = uint64(s.length)
	}
	w.numbers(countsTag, counts)
	w.numbers(offsetsTag, offsets) // their room, to know where the data begins
	at := w.layout().size
	for i, s := range data {
		at += at % 2
		offsets[i] = uint64(at)
		at += s.length
	}
	w.numbers(offsetsTag, offsets)
	l := w.layout()
	for _, s := range data {
		l.pad()
		l.add(s)
	}
	if *budget -= l.size; *budget < 0 {
		return nil, fmt.Errorf("the pages share their data: %w", scan.ErrDamaged)
	}
	if !t.big && l.size > 1<<32-1 {
		return nil, fmt.Errorf("a page of more than 4 GiB in a classic TIFF: %w", scan.ErrDamaged)
	}
	return l, nil
}

// fileHeader is the header of a TIFF like t whose directory follows at once.
func (t *tiffFile) fileHeader() []byte {
	mark := []byte("II")
	if t.order == binary.ByteOrder(binary.BigEndian) {
		mark = []byte("MM")
	}
	if t.big {
		b := append(mark, make([]byte, 14)...)
		t.order.PutUint16(b[2:], 43)
		t.order.PutUint16(b[4:], 8)
		t.order.PutUint64(b[8:], 16)
		return b
	}
	b := append(mark, make([]byte, 6)...)
	t.order.PutUint16(b[2:], 42)
	t.order.PutUint32(b[4:], 8)
	return b
}

// imageData finds the strips or tiles of a directory and checks that the file
// holds them.
func (t *tiffFile) imageData(d *ifd) (data []piece, offsetsTag, countsTag uint16, err error) {
	offsetsTag, countsTag = tagStripOffsets, tagStripCounts
	oe, ok := d.find(offsetsTag)
	if !ok {
		offsetsTag, countsTag = tagTileOffsets, tagTileCounts
		if oe, ok = d.find(offsetsTag); !ok {
			return nil, 0, 0, fmt.Errorf("a page without image data: %w", scan.ErrDamaged)
		}
	}
	offsets, err := t.uints(oe, maxStrips)
	if err != nil {
		return nil, 0, 0, err
	}
	var counts []uint64
	if ce, ok := d.find(countsTag); ok {
		if counts, err = t.uints(ce, maxStrips); err != nil {
			return nil, 0, 0, err
		}
	} else if len(offsets) == 1 && int64(offsets[0]) < t.size {
		counts = []uint64{uint64(t.size) - offsets[0]} // some old writers leave it out: then to the end, as libtiff takes it
	}
	if len(offsets) == 0 || len(counts) < len(offsets) {
		return nil, 0, 0, errIFD
	}
	data = make([]piece, len(offsets))
	for i := range data {
		if counts[i] > uint64(t.size) || offsets[i] > uint64(t.size)-counts[i] {
			return nil, 0, 0, fmt.Errorf("the image data of the page goes beyond the end of the file: %w", scan.ErrTruncated)
		}
		data[i] = piece{at: int64(offsets[i]), length: int64(counts[i])}
	}
	return data, offsetsTag, countsTag, nil
}

// ifdWriter collects the tags of a directory and writes it with its values
// behind it.
type ifdWriter struct {
	t       *tiffFile
	entries []newEntry
}

type newEntry struct {
	tag, typ uint16
	count    int64
	value    piece
	sub      *ifdWriter // instead of a value: a directory that the tag points to
}

// copied takes a tag over. Only what stands in the directory itself is held.
func (w *ifdWriter) copied(e entry) {
	v := piece{at: e.at, length: e.bytes()}
	if v.length <= w.t.offsetSize() {
		v.mem = make([]byte, v.length)
		readAt(w.t.r, v.mem, e.at)
	}
	w.entries = append(w.entries, newEntry{tag: e.tag, typ: e.typ, count: e.count, value: v})
}

// numbers sets a tag to offsets or byte counts.
func (w *ifdWriter) numbers(tag uint16, values []uint64) {
	e := newEntry{tag: tag, typ: typeLong, count: int64(len(values))}
	if w.t.big {
		e.typ = typeLong8
	}
	size := int(w.t.offsetSize())
	e.value.mem = make([]byte, size*len(values))
	for i, v := range values {
		w.t.putOffset(e.value.mem[i*size:], int64(v))
	}
	w.entries = slices.DeleteFunc(w.entries, func(old newEntry) bool { return old.tag == tag })
	w.entries = append(w.entries, e)
}

// sub copies an Exif or GPS directory and the one that may lie below it.
func (w *ifdWriter) sub(tag uint16, d *ifd) {
	s := &ifdWriter{t: w.t}
	for _, e := range d.entries {
		if e.tag != tagInterop {
			s.copied(e)
		} else if below, err := w.t.readIFD(int64(w.t.uint(d, tagInterop, 0))); err == nil && tag != tagInterop {
			s.sub(tagInterop, below)
		}
	}
	if len(s.entries) > 0 {
		w.entries = append(w.entries, newEntry{tag: tag, sub: s})
	}
}

// layout is a file of header, directory and values.
func (w *ifdWriter) layout() *layout {
	l := &layout{}
	l.add(piece{mem: w.t.fileHeader()})
	w.write(l)
	return l
}

// write appends the directory to the layout at its present end.
func (w *ifdWriter) write(l *layout) {
	t := w.t
	slices.SortStableFunc(w.entries, func(a, b newEntry) int { return cmp.Compare(a.tag, b.tag) })
	countSize, entrySize, value := int64(2), int64(12), int64(8)
	if t.big {
		countSize, entrySize, value = 8, 20, 12
	}
	field := t.offsetSize()
	table := make([]byte, countSize+entrySize*int64(len(w.entries))+field) // the last field: no next directory
	if t.big {
		t.order.PutUint64(table, uint64(len(w.entries)))
	} else {
		t.order.PutUint16(table, uint16(len(w.entries)))
	}
	l.add(piece{mem: table})
	for i, e := range w.entries {
		row := table[countSize+int64(i)*entrySize:][:entrySize]
		switch {
		case e.sub != nil:
			e.typ, e.count = typeLong, 1
			if t.big {
				e.typ = typeIFD8
			}
			l.pad()
			t.putOffset(row[value:], l.size)
			e.sub.write(l)
		case e.value.size() > field:
			l.pad()
			t.putOffset(row[value:], l.size)
			l.add(e.value)
		default:
			copy(row[value:], e.value.mem)
		}
		t.order.PutUint16(row, e.tag)
		t.order.PutUint16(row[2:], e.typ)
		if t.big {
			t.order.PutUint64(row[4:], uint64(e.count))
		} else {
			t.order.PutUint32(row[4:], uint32(e.count))
		}
	}
}

// putOffset writes a number in the width of the file's offsets.
func (t *tiffFile) putOffset(b []byte, v int64) {
	if t.big {
		t.order.PutUint64(b, uint64(v))
	} else {
		t.order.PutUint32(b, uint32(v))
	}
}
