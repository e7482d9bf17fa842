package coversheet

import (
	"bytes"
	"fmt"
	"math"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/oned"
	"github.com/makiuchi-d/gozxing/qrcode"

	"recto/scan"
)

// Lengths on a sheet are points, 1/72 inch; y grows upward, as PDF has it.
const (
	inch = 72.0
	mm   = inch / 25.4
)

// A patch code T, by Kodak's "Patch Code Information" (A-61599, October 2006): from
// the edge inward narrow, wide, narrow, wide; wide bars 0.20 inch, narrow bars and
// spaces 0.08 (each within 0.01), 0.80 inch in all. It has to begin at least 0.25
// inch from the edges and to end within 1.7 inches, with nothing printed before it.
var patchT = [...]float64{0.08, 0.08, 0.20, 0.08, 0.08, 0.08, 0.20} // bar, space, bar ... in inches

const patchEdge = 0.375 * inch // more than most printers leave blank

// bars collects rectangles that are filled together, so that neighbours do not
// show a seam.
type bars struct{ bytes.Buffer }

func (b *bars) add(x, y, w, h float64) {
	fmt.Fprintf(b, "%s %s %s %s re\n", number(x), number(y), number(w), number(h))
}

// patches draws a patch code T along the top and, read from there, along the bottom.
func (b *bars) patches(width, height float64) {
	at := patchEdge
	for i, w := range patchT {
		w *= inch
		if i%2 == 0 {
			b.add(patchEdge, height-at-w, width-2*patchEdge, w)
			b.add(patchEdge, at, width-2*patchEdge, w)
		}
		at += w
	}
}

// qr draws text as a QR code (ISO/IEC 18004) in a square of the side given, its
// quiet zone of four modules included. Level Q mends a quarter of it.
func (b *bars) qr(text string, x, y, side float64) error {
	m, err := qrcode.NewQRCodeWriter().Encode(text, gozxing.BarcodeFormat_QR_CODE, 0, 0, map[gozxing.EncodeHintType]any{
		gozxing.EncodeHintType_ERROR_CORRECTION: "Q", gozxing.EncodeHintType_MARGIN: 4,
	})
	if err != nil {
		return fmt.Errorf("QR code of %q: %w", text, err)
	}
	module := side / float64(m.GetWidth())
	for row := range m.GetHeight() {
		b.row(m, row, x, y+side-float64(row+1)*module, module, module)
	}
	return nil
}

// code128 draws text as a Code 128 (ISO/IEC 15417), its quiet zones of ten modules
// included, in the middle of the width given. A module is a multiple of 1/150 inch:
// bars are whole pixels at 150, 300 and 600 dpi.
func (b *bars) code128(text string, x, y, width, height float64) error {
	m, err := oned.NewCode128Writer().Encode(text, gozxing.BarcodeFormat_CODE_128, 0, 1, map[gozxing.EncodeHintType]any{gozxing.EncodeHintType_MARGIN: 20})
	if err != nil {
		return fmt.Errorf("a Code 128 of %q: %w", text, err)
	}
	const grid = inch / 150
	module := math.Floor(width/float64(m.GetWidth())/grid) * grid
	module = min(module, mostModule*grid)
	if module < leastModule*grid {
		return fmt.Errorf("%w: code %q is too long for a Code 128 on this paper", ErrUnit, text)
	}
	b.row(m, 0, x+(width-module*float64(m.GetWidth()))/2, y, module, height)
	return nil
}

// Widths of a module of Code 128 in 1/150 inch: below two pixels of a scan of 150
// dpi it is not read reliably, and beyond five it only takes room.
const (
	leastModule = 2
	mostModule  = 5
)

// row draws the dark runs of a row of modules.
func (b *bars) row(m *gozxing.BitMatrix, row int, x, y, module, height float64) {
	for i := 0; i < m.GetWidth(); i++ {
		from := i
		for i < m.GetWidth() && m.Get(i, row) {
			i++
		}
		if i > from {
			b.add(x+float64(from)*module, y, float64(i-from)*module, height)
		}
	}
}

// payload is what both codes say.
func payload(code string) string { return scan.CoverPrefix + code }
