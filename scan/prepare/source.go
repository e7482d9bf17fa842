package prepare

import (
	"fmt"
	"io"

	"recto/scan"
)

// source is a master's bytes and the limits within which they are looked at.
type source struct {
	io.ReaderAt
	size   int64
	limits Limits
}

// bytes reads n bytes at off, nil where the file does not have them.
func (s *source) bytes(off, n int64) []byte {
	if off < 0 || n < 0 || off > s.size || n > s.size-off {
		return nil
	}
	b := make([]byte, n)
	if _, err := s.ReadAt(b, off); err != nil && err != io.EOF {
		return nil
	}
	return b
}

// whole reads a file that must be changed before a decoder sees it.
func (s *source) whole() ([]byte, error) {
	if s.size > mostBytes {
		return nil, fmt.Errorf("%w: a file of %d MB, at most %d", scan.ErrTooLarge, s.size/1e6, int64(mostBytes/1e6))
	}
	return s.at(0, int(s.size))
}

// has tells whether the bytes at off are those of mark.
func (s *source) has(off int64, mark string) bool {
	return string(s.bytes(off, int64(len(mark)))) == mark
}

// sized tells whether an image is within the limits.
func (s *source) sized(w, h int64, bits, samples int) bool {
	if w < 1 || h < 1 || w > mostSide || h > mostSide {
		return false
	}
	return s.limits.check(header{width: int(w), height: int(h), bits: bits, samples: samples}) == nil
}

// section reads the given spans one after the other.
func (s *source) section(spans ...scan.Span) io.Reader {
	parts := make([]io.Reader, len(spans))
	for i, p := range spans {
		parts[i] = io.NewSectionReader(s, p.Offset, p.Length)
	}
	return io.MultiReader(parts...)
}
