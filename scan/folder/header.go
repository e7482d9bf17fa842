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
	dpi         float64
	orientation scan.Orientation
}

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
	if h.pixels.X <= 0 || h.pixels.Y <= 0 || h.pixels.X >= maxSide || h.pixels.Y >= maxSide {
		h.pixels = image.Point{}
	}
	if h.orientation < 1 || h.orientation > 8 {
		h.orientation = 0
	}
	return h
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
