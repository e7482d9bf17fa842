package prepare

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strings"

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
	packed        bool // a BMP whose pixels are numbers of 16 or 32 bits
	progressive   bool // a JPEG whose coefficients are all kept until its end
	icc           bool
	density       scan.Density // of any unit; zero where it is not told
	tiff          tiffHeader
	pnm           pnmPixels
	jp2Space      uint32 // the number of a JP2's colour space, 0 where it has none
}

// decodedBits is how many bits a pixel takes while it is decoded: in the picture
// and, beside it, in what the decoder of its format holds at the same time.
func (h header) decodedBits() int {
	picture := 32
	if h.samples == 1 && !h.palette {
		picture = max(h.bits, 8)
		if h.bits == 1 {
			picture = 1
		}
	}
	stored := h.samples * h.bits
	if h.palette {
		stored = h.bits
	}
	switch {
	case h.format == scan.PNG && h.alpha, h.format == scan.TIFF && h.bits == 16:
		return picture + max(32, 4*h.bits) // Go's decoders work in four samples
	case h.format == scan.PNG, h.format == scan.BMP:
		return picture + stored // all rows as they are in the file
	case h.format == scan.TIFF && picture == 32, h.format == scan.WebP:
		return picture + 32
	case h.format == scan.JP2:
		return picture + 32*h.samples // OpenJPEG's samples
	case h.progressive:
		return picture + 16*h.samples // coefficients
	}
	return picture
}

// at reads n bytes at off, or says that the file ends too early.
func (s *source) at(off int64, n int) ([]byte, error) {
	b := s.bytes(off, int64(n))
	if b == nil {
		return nil, fmt.Errorf("%w: %d bytes at %d, the file has %d", scan.ErrTruncated, n, off, s.size)
	}
	return b, nil
}

// open gives a file's bytes; close ends it.
func open(path string) (s *source, close func() error, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, nil, fmt.Errorf("%w: %w", scan.ErrUnreadable, err)
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = errors.New("not a regular file")
	}
	if err != nil {
		f.Close()
		return nil, nil, fmt.Errorf("%w: %w", scan.ErrUnreadable, err)
	}
	return &source{ReaderAt: f, size: info.Size()}, f.Close, nil
}

// parseHeader tells the format by content and walks the file's structure.
func parseHeader(s *source) (header, error) {
	if s.size == 0 {
		return header{}, scan.ErrEmpty
	}
	magic, err := s.at(0, int(min(s.size, 16)))
	if err != nil {
		return header{}, err
	}
	return parserOf(magic)(s)
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
	case len(magic) > 2 && magic[0] == 'P' && magic[1] >= '1' && magic[1] <= '7' && strings.IndexByte(" \t\n\v\f\r#", magic[2]) >= 0:
		return pnmHeader
	}
	return func(*source) (header, error) { return header{}, scan.ErrNotImage }
}
