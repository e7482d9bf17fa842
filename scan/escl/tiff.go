package escl

import (
	"encoding/binary"
	"fmt"
	"image"
	"io"
	"strings"

	"recto/scan"
)

// tiffFile reads the directories of a TIFF (TIFF 6.0, section 2).
type tiffFile struct {
	r     io.ReaderAt
	size  int64
	order interface {
		binary.ByteOrder
		binary.AppendByteOrder
	}
	first int64
}

// field is an entry of a directory.
type field struct {
	kind  uint16
	count int64
	at    int64 // where its values lie
}

var fieldSizes = map[uint16]int64{1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4}

// maxStrips bounds the list of strips: one a row of the longest image.
const maxStrips = maxSide

func openTIFF(r io.ReaderAt, size int64) (*tiffFile, error) {
	t := &tiffFile{r: r, size: size}
	var b [8]byte
	if _, err := r.ReadAt(b[:], 0); err != nil {
		return nil, fmt.Errorf("%w: a TIFF of %d bytes", scan.ErrTruncated, size)
	}
	t.order = binary.LittleEndian
	if b[0] == 'M' {
		t.order = binary.BigEndian
	}
	t.first = int64(t.order.Uint32(b[4:]))
	return t, nil
}

// directory reads the entries at an offset and the offset of the next directory.
func (t *tiffFile) directory(at int64) (map[uint16]field, int64, error) {
	cut := fmt.Errorf("%w: a TIFF's directory lies behind its end", scan.ErrTruncated)
	var n [2]byte
	if at < 8 || at+2 > t.size {
		return nil, 0, cut
	}
	if _, err := t.r.ReadAt(n[:], at); err != nil {
		return nil, 0, cut
	}
	count := int64(t.order.Uint16(n[:]))
	b := make([]byte, count*12+4)
	if _, err := t.r.ReadAt(b, at+2); err != nil {
		return nil, 0, cut
	}
	d := map[uint16]field{}
	for i := range count {
		e := b[i*12:]
		f := field{t.order.Uint16(e[2:]), int64(t.order.Uint32(e[4:])), at + 2 + i*12 + 8}
		if size := fieldSizes[f.kind]; size*f.count > 4 {
			f.at = int64(t.order.Uint32(e[8:]))
			if f.at+size*f.count > t.size {
				return nil, 0, fmt.Errorf("%w: values of a TIFF's tag %d lie behind its end", scan.ErrTruncated, t.order.Uint16(e))
			}
		}
		d[t.order.Uint16(e)] = f
	}
	return d, int64(t.order.Uint32(b[count*12:])), nil
}

// values gives whole numbers, at most so many.
func (t *tiffFile) values(d map[uint16]field, tag uint16, most int64) []int64 {
	f := d[tag]
	if f.count < 1 || f.count > most || f.kind != 3 && f.kind != 4 && f.kind != 1 {
		return nil
	}
	size := fieldSizes[f.kind]
	b := make([]byte, size*f.count)
	if _, err := t.r.ReadAt(b, f.at); err != nil {
		return nil
	}
	v := make([]int64, f.count)
	for i := range v {
		switch size {
		case 1:
			v[i] = int64(b[i])
		case 2:
			v[i] = int64(t.order.Uint16(b[2*i:]))
		case 4:
			v[i] = int64(t.order.Uint32(b[4*i:]))
		}
	}
	return v
}

func (t *tiffFile) one(d map[uint16]field, tag uint16, otherwise int64) int64 {
	if v := t.values(d, tag, 1<<10); len(v) > 0 {
		return v[0]
	}
	return otherwise
}

func (t *tiffFile) rational(d map[uint16]field, tag uint16) float64 {
	f := d[tag]
	var b [8]byte
	if f.kind != 5 || f.count != 1 {
		return 0
	}
	if _, err := t.r.ReadAt(b[:], f.at); err != nil {
		return 0
	}
	if n := t.order.Uint32(b[4:]); n != 0 {
		return float64(t.order.Uint32(b[:])) / float64(n)
	}
	return 0
}

// readTIFF sees that an image of a TIFF, the first if none is named by its directory's
// place, has all its strips or tiles.
func readTIFF(p *picture, f io.ReaderAt, size int64, at ...int64) error {
	t, err := openTIFF(f, size)
	if err != nil {
		return err
	}
	d, _, err := t.directory(append(at, t.first)[0])
	if err != nil {
		return err
	}
	w, h := t.one(d, 256, 0), t.one(d, 257, 0)
	if err := sides(w, h); err != nil {
		return err
	}
	p.format, p.pixels = scan.TIFF, image.Pt(int(w), int(h))
	p.bits, p.channels = int(t.one(d, 258, 1)), int(t.one(d, 277, 1))
	inch := map[int64]float64{2: 1, 3: 2.54}[t.one(d, 296, 2)]
	p.density = scan.Density{X: inch * t.rational(d, 282), Y: inch * t.rational(d, 283)}
	if o := t.one(d, 274, 0); o >= 1 && o <= 8 {
		p.orientation = scan.Orientation(o)
	}
	switch t.one(d, 259, 1) {
	case 6, 7:
		p.note = strings.TrimPrefix(p.note+"; JPEG in a TIFF", "; ")
	}
	return t.whole(d, p)
}

// whole sees that the file has the bytes of every strip or tile, and an uncompressed
// one as many as its pixels need.
func (t *tiffFile) whole(d map[uint16]field, p *picture) error {
	offsets, counts := t.values(d, 273, maxStrips), t.values(d, 279, maxStrips)
	planes := int64(1)
	if t.one(d, 284, 1) == 2 {
		planes = int64(p.channels)
	}
	rows := min(t.one(d, 278, int64(p.pixels.Y)), int64(p.pixels.Y))
	strips := true
	if tw, th := t.one(d, 322, 0), t.one(d, 323, 0); tw > 0 && th > 0 {
		offsets, counts = t.values(d, 324, maxStrips), t.values(d, 325, maxStrips)
		strips = false
		if need := planes * ceil(int64(p.pixels.X), tw) * ceil(int64(p.pixels.Y), th); int64(len(offsets)) != need {
			return fmt.Errorf("%w: %d tiles of %d", scan.ErrDamaged, len(offsets), need)
		}
	} else if rows < 1 || int64(len(offsets)) != planes*ceil(int64(p.pixels.Y), rows) {
		return fmt.Errorf("%w: %d strips of %d rows for %d rows", scan.ErrDamaged, len(offsets), rows, p.pixels.Y)
	}
	plain := t.one(d, 259, 1) == 1
	row := ceil(int64(p.pixels.X)*int64(p.bits)*int64(p.channels)/planes, 8)
	if len(counts) == 0 && plain && len(offsets) == 1 { // may be left out of the simplest
		counts = []int64{row * rows}
	}
	if len(counts) != len(offsets) || len(offsets) == 0 {
		return fmt.Errorf("%w: %d strips, %d lengths of strips", scan.ErrDamaged, len(offsets), len(counts))
	}
	for i, at := range offsets {
		need := int64(1)
		if plain && strips {
			y := int64(i) % ceil(int64(p.pixels.Y), rows) * rows
			need = row * min(rows, int64(p.pixels.Y)-y)
		}
		switch {
		case at+counts[i] > t.size:
			return fmt.Errorf("%w: strip %d of %d ends behind the file", scan.ErrTruncated, i+1, len(offsets))
		case counts[i] < need || at < 8:
			return fmt.Errorf("%w: strip %d of %d has %d bytes and needs %d", scan.ErrTruncated, i+1, len(offsets), counts[i], need)
		}
	}
	return nil
}

func ceil(a, b int64) int64 { return (a + b - 1) / b }
