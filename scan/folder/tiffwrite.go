package folder

import (
	"bufio"
	"compress/zlib"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"os"

	"recto/scan"
)

// newTIFF describes a TIFF of one strip to be written.
type newTIFF struct {
	width, height  int
	bits, channels int
	photometric    uint16 // 0 white is zero, 1 black is zero, 2 RGB, 3 palette
	compression    uint16 // 2 to 4 CCITT, 8 Deflate
	t4Options      uint32
	dpiX, dpiY     float64
	orientation    scan.Orientation
	palette        []byte // RGB triples
	icc            []byte
}

// write makes the file and gives data a writer for the strip: compressed bytes
// of the fax kinds, or samples, which are deflated here. Big-endian, because
// that is the order of 16-bit samples in a PDF.
func (n *newTIFF) write(path string, data func(io.Writer) error) (err error) {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer func() {
		if c := f.Close(); err == nil {
			err = c
		}
		if err != nil {
			os.Remove(path)
		}
	}()
	t := &tiffFile{order: binary.BigEndian}
	header := t.fileHeader()
	if _, err := f.Write(header); err != nil {
		return err
	}
	b := bufio.NewWriterSize(f, 1<<16)
	if n.compression == 8 {
		z, _ := zlib.NewWriterLevel(b, 4) // a third of the default's time for a few percent
		if err := data(z); err != nil {
			return err
		}
		err = z.Close()
	} else {
		err = data(b)
	}
	if err == nil {
		err = b.Flush()
	}
	if err != nil {
		return err
	}
	end, err := f.Seek(0, io.SeekCurrent)
	if err != nil {
		return err
	}
	if end > math.MaxUint32-1<<24 {
		return fmt.Errorf("more than 4 GiB of image data: %w", scan.ErrTooLarge)
	}
	l := &layout{size: end}
	l.pad()
	t.order.PutUint32(header[4:], uint32(l.size))
	n.directory(t, end-int64(len(header))).write(l)
	if _, err := io.Copy(f, l.reader(nil)); err != nil {
		return err
	}
	_, err = f.WriteAt(header, 0)
	return err
}

// directory gives the tags; the strip of the given length follows the header.
func (n *newTIFF) directory(t *tiffFile, length int64) *ifdWriter {
	w := &ifdWriter{t: t}
	shorts := func(tag uint16, values ...uint16) {
		b := make([]byte, 2*len(values))
		for i, v := range values {
			t.order.PutUint16(b[2*i:], v)
		}
		w.entries = append(w.entries, newEntry{tag: tag, typ: typeShort, count: int64(len(values)), value: piece{mem: b}})
	}
	bits := make([]uint16, n.channels)
	for i := range bits {
		bits[i] = uint16(n.bits)
	}
	w.numbers(tagWidth, []uint64{uint64(n.width)})
	w.numbers(tagHeight, []uint64{uint64(n.height)})
	shorts(tagBitsPerSample, bits...)
	shorts(tagCompression, n.compression)
	shorts(tagPhotometric, n.photometric)
	w.numbers(tagStripOffsets, []uint64{8})
	if n.orientation != 0 {
		shorts(tagOrientation, uint16(n.orientation))
	}
	shorts(tagSamplesPerPixel, uint16(n.channels))
	w.numbers(tagRowsPerStrip, []uint64{uint64(n.height)})
	w.numbers(tagStripCounts, []uint64{uint64(length)})
	if n.dpiX > 0 && n.dpiY > 0 {
		w.rational(tagXResolution, n.dpiX)
		w.rational(tagYResolution, n.dpiY)
		shorts(tagResolutionUnit, 2)
	}
	shorts(tagPlanar, 1)
	if n.compression == 3 {
		w.numbers(tagT4Options, []uint64{uint64(n.t4Options)})
	}
	if n.photometric == 3 {
		colours := make([]uint16, 3<<n.bits) // all reds, then greens, then blues
		for i := range len(n.palette) / 3 {
			for c := range 3 {
				colours[c<<n.bits+i] = uint16(n.palette[3*i+c]) * 257
			}
		}
		shorts(tagColorMap, colours...)
	}
	if n.icc != nil {
		w.entries = append(w.entries, newEntry{tag: tagICC, typ: typeUndefined, count: int64(len(n.icc)), value: piece{mem: n.icc}})
	}
	return w
}

// rational adds a number with four digits after the point.
func (w *ifdWriter) rational(tag uint16, v float64) {
	b := make([]byte, 8)
	if v >= math.MaxUint32/1e4 {
		v = 0
	}
	w.t.order.PutUint32(b, uint32(math.Round(v*1e4)))
	w.t.order.PutUint32(b[4:], 1e4)
	w.entries = append(w.entries, newEntry{tag: tag, typ: typeRational, count: 1, value: piece{mem: b}})
}
