package prepare

import (
	"fmt"

	"recto/scan"
)

// Tags of TIFF 6.0 that the decoder depends on, beside those of a rendition.
const (
	tagOrientation = 274
	tagStripRows   = 278
	tagXResolution = 282
	tagYResolution = 283
	tagColorMap    = 320
	tagTileWidth   = 322
	tagTileHeight  = 323
	tagTileOffsets = 324
	tagTileCounts  = 325
	tagInkSet      = 332
)

// tiffHeader is what the decoder must know of a TIFF beyond the common header.
type tiffHeader struct {
	*directory
	photometric int
	orientation int // 0 where the tag is missing
	planar      bool
}

// numbers reads the whole-number values of a field; none where it is missing.
func (d *directory) numbers(tag uint16) ([]int64, error) {
	const most = 1 << 22 // strips or tiles; a page has hundreds
	e, ok := d.entries[tag]
	if !ok {
		return nil, nil
	}
	each := tiffSizes[e.kind]
	if e.n > most || e.kind == 5 {
		return nil, fmt.Errorf("%w: TIFF field %d has %d values of type %d", scan.ErrDamaged, tag, e.n, e.kind)
	}
	b, err := d.s.at(e.Offset, int(e.Length))
	if err != nil {
		return nil, fmt.Errorf("TIFF field %d: %w", tag, err)
	}
	out := make([]int64, 0, e.n)
	for ; len(b) > 0; b = b[each:] {
		n, ok := d.number(b[:each])
		if !ok {
			return nil, fmt.Errorf("%w: TIFF field %d has a value that is too large", scan.ErrDamaged, tag)
		}
		out = append(out, n)
	}
	return out, nil
}

// first is the first value of a field, or a default where there is none.
func (d *directory) first(tag uint16, otherwise int) int {
	if v, err := d.numbers(tag); err == nil && len(v) > 0 {
		return int(min(v[0], 1<<31-1))
	}
	return otherwise
}

// density is the resolution in the file's own unit, 0 where it is not told.
func (d *directory) density() scan.Density {
	rational := func(tag uint16) float64 {
		e, ok := d.entries[tag]
		if !ok || e.kind != 5 {
			return 0
		}
		b := d.s.bytes(e.Offset, 8)
		if b == nil || d.order.Uint32(b[4:]) == 0 {
			return 0
		}
		return float64(d.order.Uint32(b)) / float64(d.order.Uint32(b[4:]))
	}
	return scan.Density{X: rational(tagXResolution), Y: rational(tagYResolution)}
}

// tiffFile reads the first directory and checks that all strips or tiles lie
// inside the file: libtiff would show what is missing as black or grey.
func tiffFile(s *source) (header, error) {
	d := readTIFF(s)
	if d == nil || len(d.entries) == 0 {
		return header{}, fmt.Errorf("%w: no TIFF directory where the file's first bytes say", scan.ErrTruncated)
	}
	h := header{
		format: scan.TIFF, width: d.first(tagWidth, 0), height: d.first(tagHeight, 0),
		bits: d.first(tagBits, 1), samples: d.first(tagSamples, 1), density: d.density(),
	}
	_, h.icc = d.entries[tagICC]
	if extra := d.first(tagExtraSamples, 0); extra == 1 || extra == 2 {
		h.alpha = true // 0 is "unspecified", and no more than a sample to leave out
	}
	h.tiff = tiffHeader{directory: d, photometric: d.first(tagPhotometric, 1), orientation: d.first(tagOrientation, 0)}
	h.tiff.planar = h.samples > 1 && d.first(tagPlanar, 1) == 2
	if err := h.tiffSupported(d.first(tagSampleFormat, 1)); err != nil {
		return h, err
	}
	if h.tiff.photometric == photoPalette {
		h.palette, h.samples = true, 3
	}
	return h, d.segments()
}

func (h header) tiffSupported(sampleFormat int) error {
	switch p := h.tiff.photometric; {
	case sampleFormat != 1 && sampleFormat != 4: // 4 is "undefined"
		return fmt.Errorf("%w: TIFF with sample format %d (signed or floating point)", scan.ErrUnsupported, sampleFormat)
	case p >= 8 && p <= 10:
		return fmt.Errorf("%w: TIFF in CIE L*a*b*", scan.ErrUnsupported)
	case p > 6 || p == 4:
		return fmt.Errorf("%w: TIFF with photometric interpretation %d", scan.ErrUnsupported, p)
	case h.bits != 1 && h.bits != 2 && h.bits != 4 && h.bits != 8 && h.bits != 16:
		return fmt.Errorf("%w: TIFF with %d bits a sample", scan.ErrUnsupported, h.bits)
	case h.samples < 1 || h.samples > 5:
		return fmt.Errorf("%w: TIFF with %d samples a pixel", scan.ErrUnsupported, h.samples)
	}
	return nil
}

// segments checks that every strip or tile lies inside the file.
func (d *directory) segments() error {
	what, offsets, counts := "strip", uint16(tagStripOffsets), uint16(tagStripCounts)
	if d.tiled() {
		what, offsets, counts = "tile", tagTileOffsets, tagTileCounts
	}
	at, err := d.numbers(offsets)
	if err != nil {
		return err
	}
	length, err := d.numbers(counts)
	if err != nil {
		return err
	}
	if len(at) == 0 {
		return fmt.Errorf("%w: TIFF without image data that lies in the file", scan.ErrTruncated)
	}
	for i, off := range at {
		n := int64(1) // a single strip may leave its length out
		if i < len(length) {
			n = length[i]
		}
		if off > d.s.size || n > d.s.size-off {
			return fmt.Errorf("%w: TIFF %s %d of %d ends at byte %d, the file at %d", scan.ErrTruncated, what, i+1, len(at), off+n, d.s.size)
		}
	}
	return nil
}
