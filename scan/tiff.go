package scan

import (
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"slices"
	"time"
)

// Raster describes rows of samples as a device gives them. A row is padded to
// whole bytes; samples of 16 bits are little-endian; of 1 bit the first is the
// highest of its byte.
type Raster struct {
	Width    int  // pixels
	Bits     int  // a sample: 1, 8 or 16
	Channels int  // 1 grey or bilevel, 3 RGB
	BlackIs1 bool // 1 bit: a set bit is ink, as scanners have it
	Density  Density
	ICC      []byte
	Make     string
	Model    string
	Software string
	Time     time.Time // local, as TIFF has it; zero: none
}

// Row is the length of a row in bytes.
func (r Raster) Row() int { return (r.Width*r.Bits*r.Channels + 7) / 8 }

// TIFFWriter writes rows as an uncompressed baseline TIFF (TIFF 6.0, part 1), the
// master's form of all that a device scans. Rows may come in pieces of any length
// and their number need not be known: Close writes the directory.
type TIFFWriter struct {
	to     io.WriteSeeker
	raster Raster
	size   int64 // of the samples
	err    error
}

const (
	tiffHeader = 8
	tiffStrip  = 1 << 20 // bytes at most, but at least a row
	tiffMost   = math.MaxUint32 - 1<<24
)

// NewTIFFWriter begins a file at the start of to.
func NewTIFFWriter(to io.WriteSeeker, r Raster) (*TIFFWriter, error) {
	if r.Width < 1 || r.Width > math.MaxInt32 || !slices.Contains([]int{1, 8, 16}, r.Bits) || r.Channels != 1 && r.Channels != 3 || r.Bits == 1 && r.Channels != 1 {
		return nil, fmt.Errorf("%w: %d pixels a row, %d channels of %d bits", ErrUnsupported, r.Width, r.Channels, r.Bits)
	}
	_, err := to.Write([]byte("II*\x00\x00\x00\x00\x00"))
	return &TIFFWriter{to: to, raster: r}, err
}

// Write takes the next bytes of the rows.
func (t *TIFFWriter) Write(b []byte) (int, error) {
	if t.err == nil && t.size+int64(len(b)) > tiffMost {
		t.err = fmt.Errorf("more than 4 GiB of image data: %w", ErrTooLarge)
	}
	if t.err != nil {
		return 0, t.err
	}
	n, err := t.to.Write(b)
	t.size += int64(n)
	t.err = err
	return n, err
}

// Rows is how many whole rows there are so far.
func (t *TIFFWriter) Rows() int { return int(t.size / int64(t.raster.Row())) }

// Close ends the file and gives its height in rows. Bytes of a row that was cut
// off are left out of the image. An image without rows is ErrTruncated.
func (t *TIFFWriter) Close() (int, error) {
	if t.err != nil {
		return 0, t.err
	}
	rows := t.Rows()
	if rows == 0 {
		return 0, fmt.Errorf("%w: not one row came", ErrTruncated)
	}
	end := tiffHeader + t.size
	if end%2 == 1 { // a directory begins on a word (TIFF 6.0, section 2)
		if _, err := t.to.Write([]byte{0}); err != nil {
			return 0, err
		}
		end++
	}
	if _, err := t.to.Write(t.directory(rows, end)); err != nil {
		return 0, err
	}
	if _, err := t.to.Seek(4, io.SeekStart); err != nil {
		return 0, err
	}
	_, err := t.to.Write(binary.LittleEndian.AppendUint32(nil, uint32(end)))
	return rows, err
}

// directory is the image file directory that will lie at offset at, with its values
// behind it.
func (t *TIFFWriter) directory(rows int, at int64) []byte {
	r := t.raster
	each := max(1, tiffStrip/r.Row())
	var offsets, lengths []uint32
	for y := 0; y < rows; y += each {
		offsets = append(offsets, uint32(tiffHeader+y*r.Row()))
		lengths = append(lengths, uint32(min(each, rows-y)*r.Row()))
	}
	photometric := uint16(1) // black is zero
	switch {
	case r.Channels == 3:
		photometric = 2
	case r.Bits == 1 && r.BlackIs1:
		photometric = 0
	}
	d := &directory{}
	d.longs(254, 0)
	d.longs(256, uint32(r.Width))
	d.longs(257, uint32(rows))
	d.shorts(258, slices.Repeat([]uint16{uint16(r.Bits)}, r.Channels)...)
	d.shorts(259, 1)
	d.shorts(262, photometric)
	d.ascii(271, r.Make)
	d.ascii(272, r.Model)
	d.longs(273, offsets...)
	d.shorts(277, uint16(r.Channels))
	d.longs(278, uint32(each))
	d.longs(279, lengths...)
	if r.Density.X > 0 && r.Density.Y > 0 {
		d.rational(282, r.Density.X)
		d.rational(283, r.Density.Y)
	}
	d.shorts(284, 1)
	if r.Density.X > 0 && r.Density.Y > 0 {
		d.shorts(296, 2) // inch
	}
	d.ascii(305, r.Software)
	if !r.Time.IsZero() {
		d.ascii(306, r.Time.Format("2006:01:02 15:04:05"))
	}
	if len(r.ICC) > 0 {
		d.entry(34675, 7, len(r.ICC), slices.Clone(r.ICC))
	}
	return d.encode(at)
}

// directory gathers tags in ascending order.
type directory struct {
	entries []tag
}

type tag struct {
	id, kind uint16
	count    int
	value    []byte
}

func (d *directory) entry(id, kind uint16, count int, value []byte) {
	d.entries = append(d.entries, tag{id, kind, count, value})
}

func (d *directory) shorts(id uint16, v ...uint16) {
	var b []byte
	for _, x := range v {
		b = binary.LittleEndian.AppendUint16(b, x)
	}
	d.entry(id, 3, len(v), b)
}

func (d *directory) longs(id uint16, v ...uint32) {
	var b []byte
	for _, x := range v {
		b = binary.LittleEndian.AppendUint32(b, x)
	}
	d.entry(id, 4, len(v), b)
}

// rational keeps four decimals, exact for every resolution that a device has.
func (d *directory) rational(id uint16, v float64) {
	b := binary.LittleEndian.AppendUint32(nil, uint32(math.Round(v*10000)))
	d.entry(id, 5, 1, binary.LittleEndian.AppendUint32(b, 10000))
}

func (d *directory) ascii(id uint16, s string) {
	if s != "" {
		d.entry(id, 2, len(s)+1, append([]byte(s), 0))
	}
}

func (d *directory) encode(at int64) []byte {
	var values []byte
	b := binary.LittleEndian.AppendUint16(nil, uint16(len(d.entries)))
	behind := at + 2 + int64(len(d.entries))*12 + 4
	for _, e := range d.entries {
		b = binary.LittleEndian.AppendUint16(b, e.id)
		b = binary.LittleEndian.AppendUint16(b, e.kind)
		b = binary.LittleEndian.AppendUint32(b, uint32(e.count))
		if len(e.value) <= 4 {
			b = append(b, e.value...)
			b = append(b, make([]byte, 4-len(e.value))...)
			continue
		}
		b = binary.LittleEndian.AppendUint32(b, uint32(behind)+uint32(len(values)))
		values = append(values, e.value...)
		if len(values)%2 == 1 {
			values = append(values, 0)
		}
	}
	b = binary.LittleEndian.AppendUint32(b, 0)
	return append(b, values...)
}
