package folder

import (
	"bufio"
	"bytes"
	stdlzw "compress/lzw"
	"compress/zlib"
	"encoding/ascii85"
	"encoding/hex"
	"fmt"
	"io"

	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"
	"golang.org/x/image/tiff/lzw"

	"recto/scan"
)

const (
	maxFilters  = 8
	maxRowBytes = 1 << 26 // of samples: 64 MiB is wider than any scanner
)

// open gives the bytes of a stream with all filters undone up to one that makes
// an image (ISO 32000-1, 7.4), whose name and parameters are given then. Nothing
// is decoded before it is read.
func (p *pdfPage) open(sd types.StreamDict) (r io.Reader, last string, parms types.Dict, err error) {
	if sd.Dict["F"] != nil {
		return nil, "", nil, fmt.Errorf("the data of a stream lies in another file: %w", scan.ErrUnsupported)
	}
	filters, all := p.list(sd.Dict["Filter"]), p.list(sd.Dict["DecodeParms"])
	if len(filters) > maxFilters {
		return nil, "", nil, fmt.Errorf("%d filters: %w", len(filters), scan.ErrDamaged)
	}
	r = bytes.NewReader(sd.Raw)
	for i, f := range filters {
		parms = nil
		if i < len(all) {
			parms = p.dict(all[i])
		}
		switch name := p.name(f); name {
		case "DCTDecode", "DCT", "JPXDecode", "CCITTFaxDecode", "CCF", "JBIG2Decode":
			if i != len(filters)-1 {
				return nil, "", nil, fmt.Errorf("filter %s is not the last: %w", name, scan.ErrDamaged)
			}
			return r, name, parms, nil
		case "FlateDecode", "Fl":
			z, err := zlib.NewReader(r)
			if err != nil {
				return nil, "", nil, fmt.Errorf("FlateDecode (%w): %w", err, scan.ErrDamaged)
			}
			if r, err = p.predicted(z, parms); err != nil {
				return nil, "", nil, err
			}
		case "LZWDecode", "LZW":
			var z io.Reader = lzw.NewReader(r, lzw.MSB, 8)
			if p.whole(parms["EarlyChange"], 1) == 0 {
				z = stdlzw.NewReader(r, stdlzw.MSB, 8)
			}
			if r, err = p.predicted(z, parms); err != nil {
				return nil, "", nil, err
			}
		case "ASCII85Decode", "A85":
			r = ascii85.NewDecoder(&until{r: bufio.NewReader(r), end: '~'})
		case "ASCIIHexDecode", "AHx":
			r = hex.NewDecoder(&until{r: bufio.NewReader(r), end: '>', dense: true})
		case "RunLengthDecode", "RL":
			r = &runLength{r: bufio.NewReader(r)}
		default:
			return nil, "", nil, fmt.Errorf("filter %q: %w", name, scan.ErrUnsupported)
		}
	}
	return r, "", nil, nil
}

// list gives an array, or one object as an array of one.
func (p *pdfPage) list(o types.Object) types.Array {
	switch v := p.value(o).(type) {
	case nil:
		return nil
	case types.Array:
		return v
	default:
		return types.Array{v}
	}
}

// until reads up to a byte that ends the data. dense leaves out white space and
// adds the zero that an odd last hexadecimal digit stands for (7.4.2).
type until struct {
	r     *bufio.Reader
	end   byte
	dense bool
	odd   bool
	done  bool
}

func (u *until) Read(b []byte) (int, error) {
	n := 0
	for n < len(b) && !u.done {
		c, err := u.r.ReadByte()
		switch {
		case err != nil || c == u.end:
			u.done = true
			if u.dense && u.odd {
				b[n] = '0'
				n++
			}
			if err != nil && err != io.EOF {
				return n, err
			}
		case u.dense && space(c):
		default:
			u.odd = !u.odd
			b[n] = c
			n++
		}
	}
	if n == 0 && u.done {
		return 0, io.EOF
	}
	return n, nil
}

// runLength undoes RunLengthDecode (7.4.5).
type runLength struct {
	r      *bufio.Reader
	left   int
	repeat bool
	value  byte
	done   bool
}

func (d *runLength) Read(b []byte) (int, error) {
	n := 0
	for n < len(b) {
		if d.left == 0 {
			c, err := d.r.ReadByte()
			if err == io.EOF || c == 128 {
				d.done = true
			}
			if d.done {
				break
			}
			if err != nil {
				return n, err
			}
			if d.repeat = c > 128; d.repeat {
				d.left = 257 - int(c)
				if d.value, err = d.r.ReadByte(); err != nil {
					return n, io.ErrUnexpectedEOF
				}
			} else {
				d.left = int(c) + 1
			}
		}
		if !d.repeat {
			var err error
			if d.value, err = d.r.ReadByte(); err != nil {
				return n, io.ErrUnexpectedEOF
			}
		}
		b[n] = d.value
		n++
		d.left--
	}
	if n == 0 && len(b) > 0 {
		return 0, io.EOF
	}
	return n, nil
}

// predicted undoes the predictor of Flate and LZW data (7.4.4.4).
func (p *pdfPage) predicted(r io.Reader, parms types.Dict) (io.Reader, error) {
	predictor := p.whole(parms["Predictor"], 1)
	if predictor <= 1 {
		return r, nil
	}
	colours, bits, columns := p.whole(parms["Colors"], 1), p.whole(parms["BitsPerComponent"], 8), p.whole(parms["Columns"], 1)
	if colours < 1 || colours > 32 || columns < 1 || columns > maxRowBytes ||
		bits != 1 && bits != 2 && bits != 4 && bits != 8 && bits != 16 {
		return nil, fmt.Errorf("predictor parameters: %w", scan.ErrDamaged)
	}
	row := (columns*colours*bits + 7) / 8
	if row > maxRowBytes {
		return nil, fmt.Errorf("rows of %d bytes: %w", row, scan.ErrTooLarge)
	}
	d := &unpredict{r: r, colours: colours, bits: bits, step: max(1, colours*bits/8), row: make([]byte, row), png: predictor >= 10}
	if d.png {
		d.above = make([]byte, row)
	}
	return d, nil
}

// unpredict gives rows as they were before prediction.
type unpredict struct {
	r             io.Reader
	colours, bits int
	step          int // bytes between a sample and its left neighbour
	png           bool
	row, above    []byte
	rest          []byte // of row, still to be given
	err           error
}

func (d *unpredict) Read(b []byte) (int, error) {
	if len(d.rest) == 0 {
		if d.err == nil {
			d.err = d.fill()
		}
		if len(d.rest) == 0 {
			return 0, d.err
		}
	}
	n := copy(b, d.rest)
	d.rest = d.rest[n:]
	return n, nil
}

// fill reads one row. The part of a last, short row that is there is given too.
func (d *unpredict) fill() error {
	filter := [1]byte{}
	if d.png {
		if _, err := io.ReadFull(d.r, filter[:]); err != nil {
			return err
		}
		d.row, d.above = d.above, d.row
	}
	n, err := io.ReadFull(d.r, d.row)
	clear(d.row[n:])
	if d.png {
		if filter[0] > 4 {
			return fmt.Errorf("PNG filter %d: %w", filter[0], scan.ErrDamaged)
		}
		unfilter(filter[0], d.row, d.above, d.step)
	} else {
		d.sum()
	}
	d.rest = d.row[:n]
	return err
}

// unfilter undoes a PNG row filter (PNG 3rd edition, 9.2).
func unfilter(filter byte, row, above []byte, step int) {
	for i := range row {
		var left, corner byte
		if i >= step {
			left, corner = row[i-step], above[i-step]
		}
		switch filter {
		case 1:
			row[i] += left
		case 2:
			row[i] += above[i]
		case 3:
			row[i] += byte((int(left) + int(above[i])) / 2)
		case 4:
			row[i] += paeth(int(left), int(above[i]), int(corner))
		}
	}
}

func paeth(a, b, c int) byte {
	p := a + b - c
	pa, pb, pc := abs(p-a), abs(p-b), abs(p-c)
	switch {
	case pa <= pb && pa <= pc:
		return byte(a)
	case pb <= pc:
		return byte(b)
	}
	return byte(c)
}

func abs(i int) int { return max(i, -i) }

// sum undoes TIFF predictor 2: each sample holds the difference to its left one.
func (d *unpredict) sum() {
	row := d.row
	switch {
	case d.bits == 8:
		for i := d.step; i < len(row); i++ {
			row[i] += row[i-d.step]
		}
	case d.bits == 16:
		for i := d.step; i+1 < len(row); i += 2 {
			v := uint16(row[i])<<8 + uint16(row[i+1]) + uint16(row[i-d.step])<<8 + uint16(row[i-d.step+1])
			row[i], row[i+1] = byte(v>>8), byte(v)
		}
	default:
		left := make([]byte, d.colours)
		mask := byte(1<<d.bits - 1)
		for at := 0; at*d.bits < len(row)*8; at++ {
			i, shift := at*d.bits/8, 8-d.bits-at*d.bits%8
			v := (row[i]>>shift + left[at%d.colours]) & mask
			left[at%d.colours] = v
			row[i] = row[i]&^(mask<<shift) | v<<shift
		}
	}
}
