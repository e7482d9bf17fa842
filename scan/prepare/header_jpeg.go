package prepare

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"recto/scan"
)

// jpegHeader walks all segments and all entropy-coded data up to the EOI marker
// (ITU T.81, B.1 and B.2), which a truncated file lacks.
func jpegHeader(s *source) (header, error) {
	w := jpegWalk{in: bufio.NewReaderSize(io.NewSectionReader(s, 0, s.size), 1<<16), h: header{format: scan.JPEG}}
	err := w.walk()
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return header{}, fmt.Errorf("%w: JPEG without its end marker after %d bytes", scan.ErrTruncated, s.size)
	}
	if err == nil && w.h.width == 0 {
		err = fmt.Errorf("%w: JPEG without a frame", scan.ErrDamaged)
	}
	return w.h, err
}

// mostScans bounds the scans of a progressive JPEG, each of which may cost as much
// as a whole picture of its own. Encoders write about ten; libtiff's bound is the same.
const mostScans = 100

type jpegWalk struct {
	in    *bufio.Reader
	h     header
	scans int
}

func (w *jpegWalk) walk() error {
	if _, err := w.in.Discard(2); err != nil {
		return err
	}
	for {
		m, err := w.marker()
		if err != nil {
			return err
		}
		switch {
		case m == 0xd9:
			return nil
		case m == 0xda:
			if w.scans++; w.scans > mostScans {
				return fmt.Errorf("%w: JPEG with more than %d scans", scan.ErrUnsupported, mostScans)
			}
		case m == 0x01, m >= 0xd0 && m <= 0xd8: // no length follows
			continue
		}
		var size [2]byte
		if _, err := io.ReadFull(w.in, size[:]); err != nil {
			return err
		}
		n := int(binary.BigEndian.Uint16(size[:])) - 2
		if n < 0 {
			return fmt.Errorf("%w: JPEG segment %#x without length", scan.ErrDamaged, m)
		}
		if !w.wanted(m) {
			if _, err := w.in.Discard(n); err != nil {
				return err
			}
			continue
		}
		body := make([]byte, n)
		if _, err := io.ReadFull(w.in, body); err != nil {
			return err
		}
		if err := w.segment(m, body); err != nil {
			return err
		}
	}
}

// marker skips data, stuffed zeros and restarts and gives the next marker.
func (w *jpegWalk) marker() (byte, error) {
	for {
		if b, _ := w.in.Peek(w.in.Buffered()); len(b) > 0 {
			if i := bytes.IndexByte(b, 0xff); i != 0 {
				if i < 0 {
					i = len(b)
				}
				w.in.Discard(i)
				continue
			}
		}
		c, err := w.in.ReadByte()
		if err != nil {
			return 0, err
		}
		for c == 0xff {
			if c, err = w.in.ReadByte(); err != nil {
				return 0, err
			}
			if c != 0 && c != 0xff {
				return c, nil
			}
		}
	}
}

func startOfFrame(m byte) bool {
	return m >= 0xc0 && m <= 0xcf && m != 0xc4 && m != 0xc8 && m != 0xcc
}

func (w *jpegWalk) wanted(m byte) bool {
	return startOfFrame(m) || m == 0xe0 || m == 0xe1 || m == 0xe2
}

func (w *jpegWalk) segment(m byte, b []byte) error {
	switch {
	case startOfFrame(m):
		if len(b) < 6 {
			return fmt.Errorf("%w: JPEG frame header of %d bytes", scan.ErrDamaged, len(b))
		}
		if w.h.width != 0 {
			return nil // a frame of a hierarchical file or of damage; the first counts
		}
		w.h.bits, w.h.samples = int(b[0]), int(b[5])
		w.h.progressive = m == 0xc2 || m == 0xca
		w.h.height, w.h.width = int(binary.BigEndian.Uint16(b[1:])), int(binary.BigEndian.Uint16(b[3:]))
		switch {
		case m != 0xc0 && m != 0xc1 && m != 0xc2 && m != 0xc9 && m != 0xca:
			return fmt.Errorf("%w: lossless or hierarchical JPEG (frame type %#x)", scan.ErrUnsupported, m)
		case w.h.bits != 8:
			return fmt.Errorf("%w: JPEG with %d bits a sample", scan.ErrUnsupported, w.h.bits)
		case w.h.samples != 1 && w.h.samples != 3 && w.h.samples != 4:
			return fmt.Errorf("%w: JPEG with %d components", scan.ErrUnsupported, w.h.samples)
		}
	case m == 0xe0 && len(b) >= 12 && string(b[:5]) == "JFIF\x00":
		w.h.density = scan.Density{X: float64(binary.BigEndian.Uint16(b[8:])), Y: float64(binary.BigEndian.Uint16(b[10:]))}
	case m == 0xe1 && len(b) > 14 && string(b[:6]) == "Exif\x00\x00":
		w.h.exif(b)
	case m == 0xe2 && bytes.HasPrefix(b, []byte("ICC_PROFILE\x00")):
		w.h.icc = true
	}
	return nil
}

// mostExif is the longest Exif block that is looked at: what a segment of a JPEG holds.
const mostExif = 1 << 16

// exif reads the density out of an Exif block, which is a small TIFF, unless the
// file's own structure has told it. JPEG puts a name before it, and some writers of
// WebP, too.
func (h *header) exif(b []byte) {
	b = bytes.TrimPrefix(b, []byte("Exif\x00\x00"))
	if d := readTIFF(&source{ReaderAt: bytes.NewReader(b), size: int64(len(b))}); d != nil && h.density == (scan.Density{}) {
		h.density = d.density()
	}
}
