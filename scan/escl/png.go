package escl

import (
	"bufio"
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"image"
	"io"
	"math"

	"recto/scan"
)

// pngReader gives the rows of a PNG one by one (PNG, 3rd edition), since a colour page
// at 1200 dpi has 400 MB. Every chunk's CRC is checked.
type pngReader struct {
	r     io.Reader
	left  int64 // bytes of this chunk not read yet
	crc   uint32
	ended bool // no more IDAT

	width, height   int64
	depth, colour   byte
	palette         []byte
	transparent     bool
	density         scan.Density
	icc             []byte
	srgb            bool
	name            string // of this chunk
	channels, bytes int    // of the file's rows: samples a pixel, bytes a pixel for the filters, at least 1
}

const maxChunk = 1 << 24 // of those that are kept in memory

func damaged(format string, v ...any) error {
	return fmt.Errorf("%w: PNG: %s", scan.ErrDamaged, fmt.Sprintf(format, v...))
}

// short tells an early end from other failures.
func short(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("%w: the PNG is cut off", scan.ErrTruncated)
	}
	return err
}

// chunk opens the next one.
func (p *pngReader) chunk() error {
	var b [8]byte
	if _, err := io.ReadFull(p.r, b[:]); err != nil {
		return short(err)
	}
	p.left, p.name, p.crc = int64(binary.BigEndian.Uint32(b[:])), string(b[4:]), crc32.ChecksumIEEE(b[4:])
	if p.left > 1<<31-1 {
		return damaged("a chunk of %d bytes", p.left)
	}
	return nil
}

// take reads from the open chunk.
func (p *pngReader) take(b []byte) (int, error) {
	if int64(len(b)) > p.left {
		b = b[:p.left]
	}
	n, err := p.r.Read(b)
	p.left -= int64(n)
	p.crc = crc32.Update(p.crc, crc32.IEEETable, b[:n])
	if err == io.EOF && p.left > 0 {
		err = io.ErrUnexpectedEOF
	} else if err == io.EOF {
		err = nil
	}
	return n, err
}

// close reads the rest of the chunk and checks its CRC.
func (p *pngReader) close() error {
	var b [4096]byte
	for p.left > 0 {
		if _, err := p.take(b[:]); err != nil {
			return short(err)
		}
	}
	if _, err := io.ReadFull(p.r, b[:4]); err != nil {
		return short(err)
	}
	if binary.BigEndian.Uint32(b[:]) != p.crc {
		return damaged("the checksum of %q does not hold", line(p.name))
	}
	return nil
}

// all reads a chunk that is kept.
func (p *pngReader) all() ([]byte, error) {
	if p.left > maxChunk {
		return nil, damaged("%q has %d bytes", line(p.name), p.left)
	}
	b := make([]byte, p.left)
	for at := 0; at < len(b); {
		n, err := p.take(b[at:])
		if at += n; err != nil {
			return nil, short(err)
		}
	}
	return b, p.close()
}

// Read gives the bytes of the IDAT chunks, which are one stream.
func (p *pngReader) Read(b []byte) (int, error) {
	for p.left == 0 {
		if p.ended {
			return 0, io.EOF
		}
		if err := p.close(); err != nil {
			return 0, err
		}
		if err := p.chunk(); err != nil {
			return 0, err
		}
		if p.name != "IDAT" {
			p.ended = true
			return 0, io.EOF
		}
	}
	return p.take(b)
}

// header reads all that stands before the image data.
func (p *pngReader) header() error {
	if _, err := io.CopyN(io.Discard, p.r, 8); err != nil {
		return short(err)
	}
	for n := 0; ; n++ {
		if err := p.chunk(); err != nil {
			return err
		}
		if (n == 0) != (p.name == "IHDR") || n > 1<<12 {
			return damaged("%q out of its place", line(p.name))
		}
		switch p.name {
		case "IDAT":
			return nil
		case "IEND":
			return damaged("no image")
		}
		b, err := p.all()
		if err != nil {
			return err
		}
		switch {
		case p.name == "IHDR" && len(b) == 13:
			if err := p.ihdr(b); err != nil {
				return err
			}
		case p.name == "IHDR":
			return damaged("a header of %d bytes", len(b))
		case p.name == "PLTE":
			p.palette = b
		case p.name == "tRNS":
			p.transparent = true
		case p.name == "pHYs" && len(b) == 9 && b[8] == 1:
			const inch = 0.0254
			p.density = scan.Density{X: inch * float64(binary.BigEndian.Uint32(b)), Y: inch * float64(binary.BigEndian.Uint32(b[4:]))}
		case p.name == "iCCP":
			p.icc = profileOf(b)
		case p.name == "sRGB":
			p.srgb = true
		}
	}
}

// profileOf takes the ICC profile out of its chunk: a name, a zero, the method, zlib.
func profileOf(b []byte) []byte {
	i := bytes.IndexByte(b, 0)
	if i < 0 || i+2 > len(b) {
		return nil
	}
	z, err := zlib.NewReader(bytes.NewReader(b[i+2:]))
	if err != nil {
		return nil
	}
	icc, err := io.ReadAll(io.LimitReader(z, maxChunk))
	if err != nil || len(icc) == maxChunk {
		return nil
	}
	return icc
}

func (p *pngReader) ihdr(b []byte) error {
	p.width, p.height = int64(binary.BigEndian.Uint32(b)), int64(binary.BigEndian.Uint32(b[4:]))
	if err := sides(p.width, p.height); err != nil {
		return err
	}
	p.depth, p.colour = b[8], b[9]
	p.channels = map[byte]int{0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[p.colour]
	small := p.depth == 1 || p.depth == 2 || p.depth == 4
	switch {
	case p.channels == 0, p.depth != 8 && p.depth != 16 && !small, small && p.colour != 0 && p.colour != 3, p.colour == 3 && p.depth == 16, b[10] != 0, b[11] != 0:
		return damaged("colour type %d of %d bits", p.colour, p.depth)
	case b[12] != 0:
		return fmt.Errorf("%w: an interlaced PNG; choose another format", scan.ErrUnsupported)
	}
	p.bytes = max(1, p.channels*int(p.depth)/8)
	return nil
}

// raster is the TIFF that holds the same samples: grey of 2 and 4 bits is spread to 8,
// a palette becomes RGB.
func (p *pngReader) raster(r scan.Raster) scan.Raster {
	r.Width, r.Bits, r.Channels = int(p.width), int(p.depth), 1
	if p.colour&2 != 0 {
		r.Channels = 3
	}
	if p.colour == 3 || r.Bits == 2 || r.Bits == 4 {
		r.Bits = 8
	}
	if p.density.X > 0 && p.density.Y > 0 {
		r.Density = scan.Density{X: whole(p.density.X), Y: whole(p.density.Y)}
	}
	r.ICC = p.icc
	return r
}

// whole undoes the rounding of dots a metre: 11811 are meant as 300 dpi.
func whole(dpi float64) float64 {
	if r := math.Round(dpi); math.Abs(dpi-r) < 0.02 {
		return r
	}
	return dpi
}

// convertPNG writes the samples of a PNG as a TIFF, row by row.
func convertPNG(pic *picture, f io.Reader, w io.WriteSeeker, base scan.Raster) error {
	p := &pngReader{r: bufio.NewReaderSize(f, 1<<16)}
	if err := p.header(); err != nil {
		return err
	}
	if p.transparent && p.colour != 3 {
		return fmt.Errorf("%w: a PNG with a transparent colour; choose another format", scan.ErrUnsupported)
	}
	ra := p.raster(base)
	t, err := scan.NewTIFFWriter(w, ra)
	if err != nil {
		return err
	}
	z, err := zlib.NewReader(p)
	if err != nil {
		return p.broken(err)
	}
	n := (int(p.width)*p.channels*int(p.depth) + 7) / 8
	above, row, out := make([]byte, n), make([]byte, n+1), make([]byte, ra.Row())
	for range p.height {
		if _, err := io.ReadFull(z, row); err != nil {
			return p.broken(err)
		}
		if err := unfilter(row[0], row[1:], above, p.bytes); err != nil {
			return err
		}
		if err := p.samples(out, row[1:]); err != nil {
			return err
		}
		if _, err := t.Write(out); err != nil {
			return err
		}
		copy(above, row[1:])
	}
	if k, err := io.Copy(io.Discard, io.LimitReader(z, 1<<20)); err != nil || k > 0 { // checks Adler-32, too
		if err != nil {
			return p.broken(err)
		}
		return damaged("more rows than %d", p.height)
	}
	if err := p.finish(); err != nil {
		return err
	}
	rows, err := t.Close()
	pic.pixels, pic.density, pic.bits, pic.channels = image.Pt(ra.Width, rows), p.density, ra.Bits, ra.Channels
	if p.srgb && len(p.icc) == 0 {
		pic.note = "the PNG says that its colours are sRGB"
	}
	return err
}

func (p *pngReader) broken(err error) error {
	if errors.Is(err, scan.ErrDamaged) || errors.Is(err, scan.ErrTruncated) {
		return err
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("%w: the PNG is cut off", scan.ErrTruncated)
	}
	return damaged("%v", err)
}

// finish walks to IEND, without which the file is not whole.
func (p *pngReader) finish() error {
	for {
		if p.name == "IEND" {
			return p.close()
		}
		if err := p.close(); err != nil {
			return err
		}
		if err := p.chunk(); err != nil {
			return err
		}
	}
}

// samples puts a row into the TIFF's form. An alpha channel that hides something
// cannot come from a scanner; one that hides nothing is left out.
func (p *pngReader) samples(out, row []byte) error {
	wide := int(p.depth) / 8
	switch {
	case p.colour == 3:
		for x := range int(p.width) {
			i := 3 * int(bitsAt(row, x, int(p.depth)))
			if i+3 > len(p.palette) {
				return damaged("a colour that the palette has not")
			}
			copy(out[3*x:], p.palette[i:i+3])
		}
	case p.colour == 0 && p.depth < 8 && p.depth > 1:
		most := 1<<p.depth - 1
		for x := range int(p.width) {
			out[x] = byte(int(bitsAt(row, x, int(p.depth))) * 255 / most)
		}
	case p.colour&4 != 0:
		keep := (p.channels - 1) * wide
		for x := range int(p.width) {
			px := row[x*p.channels*wide:]
			for _, a := range px[keep : keep+wide] {
				if a != 0xff {
					return fmt.Errorf("%w: a PNG with transparent pixels; choose another format", scan.ErrUnsupported)
				}
			}
			copy(out[x*keep:], px[:keep])
		}
	default:
		copy(out, row)
	}
	if p.depth == 16 { // big-endian in PNG
		for i := 0; i+1 < len(out); i += 2 {
			out[i], out[i+1] = out[i+1], out[i]
		}
	}
	return nil
}

func bitsAt(row []byte, x, depth int) byte {
	at := x * depth
	return row[at/8] >> (8 - depth - at%8) & (1<<depth - 1)
}

// unfilter undoes the filter of a row (PNG, 9.2).
func unfilter(filter byte, row, above []byte, bpp int) error {
	switch filter {
	case 0:
	case 1:
		for i := bpp; i < len(row); i++ {
			row[i] += row[i-bpp]
		}
	case 2:
		for i := range row {
			row[i] += above[i]
		}
	case 3:
		for i := range row {
			left := 0
			if i >= bpp {
				left = int(row[i-bpp])
			}
			row[i] += byte((left + int(above[i])) / 2)
		}
	case 4:
		for i := range row {
			var a, c int
			if i >= bpp {
				a, c = int(row[i-bpp]), int(above[i-bpp])
			}
			row[i] += paeth(a, int(above[i]), c)
		}
	default:
		return damaged("filter %d", filter)
	}
	return nil
}

func paeth(a, b, c int) byte {
	pa, pb, pc := abs(b-c), abs(a-c), abs(a+b-2*c)
	switch {
	case pa <= pb && pa <= pc:
		return byte(a)
	case pb <= pc:
		return byte(b)
	}
	return byte(c)
}

func abs(n int) int { return max(n, -n) }
