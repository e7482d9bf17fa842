package folder

import (
	"image"
	"io"
	"math"

	"recto/scan"
)

// header is what an image says of itself. Zero fields mean that it does not say,
// or that the header is damaged: decoding will tell.
type header struct {
	pixels      image.Point
	density     scan.Density // in the file's unit, which may be none
	dpi         float64      // of both ways, once the pixels are square
	orientation scan.Orientation
}

// dense takes over how many pixels there are across and down to a unit that goes
// so many times into an inch, 0 where the unit is not known.
func (h *header) dense(x, y, inch float64) {
	h.density = scan.Density{X: x, Y: y}
	h.dpi = believable(h.density.Finer() * inch)
}

// unlessTold takes the density of an Exif block where the file itself tells none.
func (h *header) unlessTold(exif header) {
	if h.density == (scan.Density{}) {
		h.density = exif.density
	}
	if h.dpi == 0 {
		h.dpi = exif.dpi
	}
}

const perMetre, perCentimetre = 0.0254, 2.54

// maxSide is the largest side in pixels that is believed; all formats but
// BigTIFF end at 32 bits or long before.
const maxSide = 1 << 31

// readHeader reads the header of an image of the given format. It never fails:
// what cannot be read stays zero. size is the file's length in bytes.
func readHeader(f scan.Format, r io.ReaderAt, size int64) header {
	var h header
	switch f {
	case scan.TIFF:
		h = tiffHeader(r, size)
	case scan.PNG:
		h = pngHeader(r, size)
	case scan.JPEG:
		h = jpegHeader(r, size)
	case scan.JP2:
		h = jp2Header(r, size)
	case scan.WebP:
		h = webpHeader(r, size)
	case scan.BMP:
		h = bmpReadHeader(r)
	case scan.PNM:
		h.pixels = pnmSize(head(r, sniffLen))
	}
	return h.finished()
}

// finished makes the pixels square and drops what makes no sense.
func (h header) finished() header {
	h.pixels = h.density.Square(h.pixels)
	if h.pixels.X <= 0 || h.pixels.Y <= 0 || h.pixels.X >= maxSide || h.pixels.Y >= maxSide {
		h.pixels = image.Point{}
	}
	if h.orientation < 1 || h.orientation > 8 {
		h.orientation = 0
	}
	h.dpi = likely(h.dpi, h.pixels)
	return h
}

// likely drops the 72 or 96 dpi that cameras and programs write when they know
// nothing: the page would be larger than A3.
func likely(dpi float64, pixels image.Point) float64 {
	if dpi <= 96 && float64(max(pixels.X, pixels.Y)) > 17*dpi {
		return 0
	}
	return dpi
}

// believable gives dpi where it can be the resolution of a scan, else 0. Metric
// headers round: 11811 dots a metre are meant as 300 dpi.
func believable(dpi float64) float64 {
	if r := math.Round(dpi); math.Abs(dpi-r) < 0.02 {
		dpi = r
	}
	if dpi >= 50 && dpi <= 4800 {
		return dpi
	}
	return 0
}

// head gives at most n bytes from the start of r.
func head(r io.ReaderAt, n int) []byte {
	b := make([]byte, n)
	k, _ := r.ReadAt(b, 0)
	return b[:k]
}

// readAt fills b from offset and tells whether all of it was there.
func readAt(r io.ReaderAt, b []byte, offset int64) bool {
	if offset < 0 {
		return false
	}
	n, _ := r.ReadAt(b, offset)
	return n == len(b)
}
