package prepare

import (
	"bytes"
	"fmt"
	"os"

	"recto/scan"
)

// header is what the structure of a file tells before anything is decoded. Each
// format's function walks the whole structure and reports an end that comes too
// early, because the decoders do not: they give a page with a grey lower half.
type header struct {
	format        scan.Format
	width, height int
	bits          int // a sample
	samples       int // a pixel; a palette counts as 3
	palette       bool
	alpha         bool
	icc           bool
	dpi           float64
	tiff          tiffHeader
	pnm           pnmPixels
}

// decodedBits is how many bits a pixel takes while it is decoded.
func (h header) decodedBits() int {
	switch {
	case h.samples == 1 && !h.palette && h.bits == 1:
		return 1
	case h.samples == 1 && !h.palette && h.bits <= 8:
		return 8
	case h.samples == 1 && !h.palette:
		return 16
	case h.bits == 16 && h.format == scan.TIFF:
		return 64 + 32 // decoded in Go and then reduced
	}
	return 32
}

// at reads n bytes at off, or says that the file ends too early.
func (s *source) at(off int64, n int) ([]byte, error) {
	b := s.bytes(off, int64(n))
	if b == nil {
		return nil, fmt.Errorf("%w: %d bytes at %d, the file has %d", scan.ErrTruncated, n, off, s.size)
	}
	return b, nil
}

// readHeader tells the format by content and walks the file's structure.
func readHeader(path string) (header, error) {
	f, err := os.Open(path)
	if err != nil {
		return header{}, fmt.Errorf("%w: %w", scan.ErrUnreadable, err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return header{}, fmt.Errorf("%w: %w", scan.ErrUnreadable, err)
	}
	if !info.Mode().IsRegular() {
		return header{}, fmt.Errorf("%w: not a regular file", scan.ErrUnreadable)
	}
	return parseHeader(&source{ReaderAt: f, size: info.Size()})
}

func parseHeader(s *source) (header, error) {
	if s.size == 0 {
		return header{}, scan.ErrEmpty
	}
	magic, err := s.at(0, int(min(s.size, 16)))
	if err != nil {
		return header{}, err
	}
	h, err := parserOf(magic)(s)
	if err != nil {
		return header{}, err
	}
	// Below 50 and above 4800 dpi a header holds a default or a mistake.
	if h.dpi < 50 || h.dpi > 4800 {
		h.dpi = 0
	}
	return h, nil
}

func parserOf(magic []byte) func(*source) (header, error) {
	is := func(s string) bool { return bytes.HasPrefix(magic, []byte(s)) }
	switch {
	case is("\xff\xd8\xff"):
		return jpegHeader
	case is("\x89PNG\r\n\x1a\n"):
		return pngHeader
	case is("II*\x00"), is("MM\x00*"), is("II+\x00"), is("MM\x00+"):
		return tiffFile
	case is("\x00\x00\x00\x0cjP  \r\n\x87\n"), is("\xff\x4f\xff\x51"):
		return jp2Header
	case is("RIFF") && len(magic) >= 12 && string(magic[8:12]) == "WEBP":
		return webpHeader
	case is("BM"):
		return bmpHeader
	case len(magic) > 2 && magic[0] == 'P' && magic[1] >= '1' && magic[1] <= '6':
		return pnmHeader
	}
	return func(*source) (header, error) { return header{}, scan.ErrNotImage }
}
