package tesseract

import (
	"encoding/binary"
	"fmt"
	"math"
	"slices"

	"recto/ocr"
	"recto/scan"
)

// maxSide is the longest side that Tesseract reads: its coordinates have 16 bits.
const maxSide = 1<<15 - 1

// check tells whether an image is one that Tesseract can take.
func check(img ocr.Image) error {
	w, h := img.Size.X, img.Size.Y
	switch {
	case w <= 0 || h <= 0:
		return fmt.Errorf("tesseract: an image of %d x %d pixels: %w", w, h, scan.ErrEmpty)
	case w > maxSide || h > maxSide:
		return fmt.Errorf("tesseract: an image of %d x %d pixels, at most %d a side: %w", w, h, maxSide, scan.ErrTooLarge)
	case len(img.Grey) != w*h:
		return fmt.Errorf("tesseract: %d bytes for an image of %d x %d pixels: %w", len(img.Grey), w, h, scan.ErrDamaged)
	}
	return nil
}

// encode appends the image to b as a TIFF of one uncompressed strip, the cheapest
// format that leptonica decodes: 10 ms for A4 at 300 dpi. A graymap it reads byte
// by byte, in 190 ms. b must be empty: the offsets in a TIFF count from its start.
func encode(b []byte, img ocr.Image) []byte {
	const (
		long, rational = 4, 5
		header, entry  = 8, 12
		count          = 12
		resolutionAt   = header + 2 + count*entry + 4
		pixelsAt       = resolutionAt + 8
	)
	le := binary.LittleEndian
	b = slices.Grow(b, pixelsAt+len(img.Grey))
	b = append(b, 'I', 'I', 42, 0, header, 0, 0, 0)
	b = le.AppendUint16(b, count)
	for _, e := range [count]struct {
		tag, kind uint16
		value     int
	}{
		{256, long, img.Size.X},       // ImageWidth
		{257, long, img.Size.Y},       // ImageLength
		{258, long, 8},                // BitsPerSample
		{259, long, 1},                // Compression: none
		{262, long, 1},                // PhotometricInterpretation: 0 is black
		{273, long, pixelsAt},         // StripOffsets
		{277, long, 1},                // SamplesPerPixel
		{278, long, img.Size.Y},       // RowsPerStrip
		{279, long, len(img.Grey)},    // StripByteCounts
		{282, rational, resolutionAt}, // XResolution
		{283, rational, resolutionAt}, // YResolution
		{296, long, 2},                // ResolutionUnit: inch
	} {
		b = le.AppendUint16(b, e.tag)
		b = le.AppendUint16(b, e.kind)
		b = le.AppendUint32(b, 1)
		b = le.AppendUint32(b, uint32(e.value))
	}
	b = le.AppendUint32(b, 0) // no further image
	b = le.AppendUint32(b, uint32(resolution(img.DPI)))
	b = le.AppendUint32(b, 1)
	return append(b, img.Grey...)
}

// resolution is what to tell Tesseract, which believes 70 to 2400 dpi; 0 lets it
// estimate.
func resolution(dpi float64) int {
	if !(dpi > 0) {
		return 0
	}
	return int(math.Round(min(max(dpi, 70), 2400)))
}
