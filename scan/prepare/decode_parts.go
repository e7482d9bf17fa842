package prepare

/*
#include <leptonica/allheaders.h>
*/
import "C"

import (
	"fmt"
	"image"
	"maps"
	"slices"

	"recto/scan"
)

// parts are the tiles or strips of a TIFF, in rows from the top, plane after plane.
type parts struct {
	*directory
	at, length   []int64
	size         image.Point // of a part
	across, down int
	planar       bool
}

// parts finds the tiles or strips that are decoded one by one.
func (h header) parts() (*parts, error) {
	t := h.tiff
	g := &parts{directory: t.directory, planar: t.planar}
	offsets, counts := uint16(tagStripOffsets), uint16(tagStripCounts)
	g.size = image.Pt(h.width, min(t.first(tagStripRows, h.height), h.height))
	if t.tiled() {
		offsets, counts = tagTileOffsets, tagTileCounts
		g.size = image.Pt(t.first(tagTileWidth, 0), t.first(tagTileHeight, 0))
	}
	// Tiles have sides of 16 pixels at least (TIFF 6.0, section 15).
	if g.size.X < 1 || g.size.Y < 1 || g.size.X > mostSide || g.size.Y > mostSide || int64(g.size.X)*int64(g.size.Y) > 4*int64(h.width+1024)*int64(h.height+1024) {
		return nil, fmt.Errorf("%w: TIFF with parts of %d x %d pixels", scan.ErrDamaged, g.size.X, g.size.Y)
	}
	var err error
	if g.at, err = t.numbers(offsets); err != nil {
		return nil, err
	}
	if g.length, err = t.numbers(counts); err != nil {
		return nil, err
	}
	g.across, g.down = (h.width+g.size.X-1)/g.size.X, (h.height+g.size.Y-1)/g.size.Y
	if n := g.count(); len(g.at) < n || len(g.length) < n {
		return nil, fmt.Errorf("%w: TIFF with %d of %d parts", scan.ErrTruncated, min(len(g.at), len(g.length)), n)
	}
	return g, nil
}

// count is the number of parts, of all planes.
func (g *parts) count() int {
	if g.planar {
		return g.across * g.down * g.first(tagSamples, 1)
	}
	return g.across * g.down
}

// rows is the size of part i: the last strip may be shorter.
func (g *parts) rows(h header, i int) image.Point {
	size := g.size
	if !g.tiled() {
		size.Y = min(size.Y, h.height-i%g.down*size.Y)
	}
	return size
}

// part decodes part i to so many bits a pixel, 8 or 32.
func (g *parts) part(h header, i, bits int) (*C.PIX, error) {
	file, err := g.file(g.size, scan.Span{Offset: g.at[i], Length: g.length[i]}, asIs)
	if err != nil {
		return nil, err
	}
	pix := readTIFFBytes(file)
	if pix == nil {
		return nil, fmt.Errorf("%w: at byte %d", scan.ErrDamaged, g.at[i])
	}
	if pix, err = h.tiff.mended(pix, h); err != nil {
		return nil, err
	}
	defer destroy(pix)
	plain := flattened(pix)
	if plain == nil || depth(plain) == bits {
		return plain, enough(plain, g.size)
	}
	defer destroy(plain)
	if bits == 8 {
		pix = C.pixConvertTo8(plain, 0)
	} else {
		pix = C.pixConvertTo32(plain)
	}
	return pix, enough(pix, g.size)
}

// enough tells whether there is a picture.
func enough(pix *C.PIX, size image.Point) error {
	if pix == nil {
		return fmt.Errorf("a picture of %d x %d pixels: %w", size.X, size.Y, scan.ErrMemory)
	}
	return nil
}

// copied are the fields that a part has in common with the whole.
// The last four are YCbCr's (TIFF 6.0, section 21), 292 is T4Options.
var copied = []uint16{tagBits, tagCompression, tagPhotometric, tagFillOrder, tagSamples, 292, tagT6Options, tagPredictor,
	tagColorMap, tagExtraSamples, tagSampleFormat, tagJPEGTables, 529, 530, 531, 532}

// coding is how libtiff is told that a part is coded.
type coding int

const (
	asIs    coding = iota
	asBytes        // grey of 8 bits: it unpacks the rows and changes nothing
	asFour         // colours with alpha multiplied in: it hands on four samples of 8 bits as they are
)

// file writes a part as a TIFF of one strip, in the byte order of the whole.
func (g *parts) file(size image.Point, data scan.Span, c coding) ([]byte, error) {
	strip, err := g.s.at(data.Offset, int(data.Length))
	if err != nil {
		return nil, err
	}
	const start = 8
	out := append([]byte("II*\x00\x00\x00\x00\x00"), strip...)
	if g.big() {
		copy(out, "MM\x00*")
	}
	out = append(out, make([]byte, len(strip)%2)...)
	list := map[uint16][]byte{}
	field := func(tag, kind uint16, n int, value []byte) {
		b := make([]byte, 12)
		g.order.PutUint16(b, tag)
		g.order.PutUint16(b[2:], kind)
		g.order.PutUint32(b[4:], uint32(n))
		if len(value) > 4 {
			g.order.PutUint32(b[8:], uint32(len(out)))
			out = append(append(out, value...), make([]byte, len(value)%2)...)
		} else {
			copy(b[8:], value)
		}
		list[tag] = b
	}
	long := func(tag uint16, n int) {
		var b [4]byte
		g.order.PutUint32(b[:], uint32(n))
		field(tag, 4, 1, b[:])
	}
	for _, tag := range copied {
		if e, ok := g.entries[tag]; ok {
			field(tag, e.kind, int(e.n), g.s.bytes(e.Offset, e.Length))
		}
	}
	long(tagWidth, size.X)
	long(tagHeight, size.Y)
	long(tagStripOffsets, start)
	long(tagStripRows, size.Y)
	long(tagStripCounts, len(strip))
	switch c {
	case asFour:
		long(tagPhotometric, photoRGB)
		long(tagExtraSamples, 1)
	case asBytes:
		long(tagBits, 8)
		long(tagSamples, 1)
		long(tagPhotometric, blackIsZero)
		for _, tag := range []uint16{tagExtraSamples, tagSampleFormat, tagPredictor} {
			delete(list, tag)
		}
	}
	g.order.PutUint32(out[4:], uint32(len(out)))
	out = append(out, 0, 0)
	g.order.PutUint16(out[len(out)-2:], uint16(len(list)))
	for _, tag := range slices.Sorted(maps.Keys(list)) {
		out = append(out, list[tag]...)
	}
	return append(out, 0, 0, 0, 0), nil
}
