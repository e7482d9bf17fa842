package escl

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"image"
	"io"

	"recto/scan"
)

// readJPEG walks a JPEG from SOI to EOI (ITU-T T.81, annex B). Without its end it is
// not whole; that all its blocks are there only decoding could tell.
func readJPEG(p *picture, f io.ReaderAt, size int64) error {
	p.format = scan.JPEG
	r := &segments{bufio.NewReaderSize(io.NewSectionReader(f, 2, size-2), 1<<16)}
	scans := 0
	for {
		marker, err := r.marker()
		if err != nil {
			return fmt.Errorf("%w: a JPEG without its end", scan.ErrTruncated)
		}
		switch {
		case marker == 0xd9: // EOI
			if scans == 0 {
				return fmt.Errorf("%w: a JPEG without an image", scan.ErrDamaged)
			}
			if p.pixels.X == 0 || p.pixels.Y == 0 {
				return fmt.Errorf("%w: a JPEG of %d by %d pixels", scan.ErrDamaged, p.pixels.X, p.pixels.Y)
			}
			return nil
		case marker == 0x01 || marker >= 0xd0 && marker <= 0xd8:
			continue
		}
		data, err := r.segment()
		if err != nil {
			return fmt.Errorf("%w: a JPEG ends in its segment %x", scan.ErrTruncated, marker)
		}
		switch {
		case marker == 0xda:
			scans++
		case marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc && len(data) >= 6:
			p.bits, p.channels = int(data[0]), int(data[5])
			p.pixels = image.Pt(int(binary.BigEndian.Uint16(data[3:])), int(binary.BigEndian.Uint16(data[1:])))
		case marker == 0xdc && len(data) >= 2: // DNL: feeders learn a sheet's length at its end
			p.pixels.Y = int(binary.BigEndian.Uint16(data))
		case marker == 0xe0 && len(data) >= 12 && string(data[:5]) == "JFIF\x00":
			inch := map[byte]float64{1: 1, 2: 2.54}[data[7]]
			p.density = scan.Density{X: inch * float64(binary.BigEndian.Uint16(data[8:])), Y: inch * float64(binary.BigEndian.Uint16(data[10:]))}
		case marker == 0xe1 && len(data) > 6 && string(data[:6]) == "Exif\x00\x00":
			p.orientation = exifOrientation(data[6:])
		}
	}
}

type segments struct{ *bufio.Reader }

// marker finds the next one, past coded data: there, FF is followed by 00.
func (s *segments) marker() (byte, error) {
	for {
		b, err := s.ReadByte()
		if err != nil {
			return 0, err
		}
		for b == 0xff {
			if b, err = s.ReadByte(); err != nil {
				return 0, err
			}
			if b != 0 && b != 0xff {
				return b, nil
			}
		}
	}
}

func (s *segments) segment() ([]byte, error) {
	var l [2]byte
	if _, err := io.ReadFull(s, l[:]); err != nil {
		return nil, err
	}
	n := int(binary.BigEndian.Uint16(l[:]))
	if n < 2 {
		return nil, io.ErrUnexpectedEOF
	}
	data := make([]byte, n-2)
	_, err := io.ReadFull(s, data)
	return data, err
}

// exifOrientation reads the tag 274 of an Exif structure, which is a small TIFF.
func exifOrientation(b []byte) scan.Orientation {
	t, err := openTIFF(bytesAt(b), int64(len(b)))
	if err != nil {
		return 0
	}
	d, _, err := t.directory(t.first)
	if err != nil {
		return 0
	}
	if o := t.one(d, 274, 0); o >= 1 && o <= 8 {
		return scan.Orientation(o)
	}
	return 0
}

type bytesAt []byte

func (b bytesAt) ReadAt(p []byte, at int64) (int, error) {
	if at < 0 || at >= int64(len(b)) {
		return 0, io.EOF
	}
	n := copy(p, b[at:])
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}
