package folder

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"recto/scan"
)

// complete tells whether a file of this kind goes on to its end, nil where it does or
// where its format does not tell. It looks at the structure only and decodes no
// pixels; what is damaged in other ways is whole. The error wraps scan.ErrTruncated,
// scan.ErrEmpty or scan.ErrUnreadable.
func complete(k kind, r io.ReaderAt, size int64) error {
	if size == 0 {
		return scan.ErrEmpty
	}
	c := check{r: r, size: size}
	ok := true
	switch k.format {
	case scan.TIFF:
		return c.tiff(0)
	case scan.RAW:
		return c.raw()
	case scan.JPEG:
		ok = c.jpeg(0)
	case scan.PNG:
		ok = c.png()
	case scan.JP2:
		ok = c.jp2()
	case scan.WebP: // RIFF: the size that follows the name counts from behind itself
		ok = c.fits(8, int64(c.le32(4)))
	case scan.BMP:
		ok = c.fits(0, int64(c.le32(2)))
	case scan.PNM:
		ok = c.pnm()
	case scan.PDF:
		ok = c.pdf()
	}
	switch {
	case c.err != nil:
		return unreadable(c.err)
	case !ok:
		return scan.ErrTruncated
	}
	return nil
}

// check reads here and there in a file.
type check struct {
	r    io.ReaderAt
	size int64
	err  error // other than the end of the file
}

// read fills b from an offset and tells whether all of it was there.
func (c *check) read(b []byte, at int64) bool {
	if at < 0 || at > c.size-int64(len(b)) {
		return false
	}
	n, err := c.r.ReadAt(b, at)
	if err != nil && err != io.EOF {
		c.err = err
	}
	return n == len(b)
}

func (c *check) le32(at int64) uint32 {
	var b [4]byte
	c.read(b[:], at)
	return binary.LittleEndian.Uint32(b[:])
}

func (c *check) be32(at int64) uint32 {
	var b [4]byte
	c.read(b[:], at)
	return binary.BigEndian.Uint32(b[:])
}

func (c *check) fits(at, length int64) bool { return at >= 0 && length >= 0 && at <= c.size-length }

// jpeg follows the segments to the end of the image (ITU-T T.81, B.1.1): thumbnails
// inside of segments have ends of their own.
func (c *check) jpeg(at int64) bool {
	at += 2
	var b [4]byte
	for {
		if !c.read(b[:2], at) {
			return false
		}
		switch m := b[1]; {
		case b[0] != 0xff: // no marker where one must be: damaged, and of any length
			return true
		case m == 0xff:
			at++
			continue
		case m == 0xd9:
			return true
		case m == 0x01 || m >= 0xd0 && m <= 0xd7:
			at += 2
			continue
		}
		if !c.read(b[:4], at) {
			return false
		}
		scan := b[1] == 0xda
		at += 2 + max(2, int64(binary.BigEndian.Uint16(b[2:])))
		if scan {
			if at = c.marker(at); at < 0 {
				return false
			}
		}
	}
}

// marker finds the marker behind entropy-coded data (T.81, B.1.1.5): in there 0xff is
// followed by 0 or stands before a restart; -1 where the file ends before it.
func (c *check) marker(at int64) int64 {
	buf := make([]byte, 64<<10)
	for at < c.size {
		b := buf[:min(int64(len(buf)), c.size-at)]
		if !c.read(b, at) {
			return -1
		}
		for i := 0; ; {
			n := bytes.IndexByte(b[i:], 0xff)
			if n < 0 {
				at += int64(len(b))
				break
			}
			i += n
			if i+1 == len(b) {
				if at+int64(len(b)) == c.size {
					return -1
				}
				at += int64(i)
				break
			}
			if m := b[i+1]; m != 0 && m != 0xff && (m < 0xd0 || m > 0xd7) {
				return at + int64(i)
			}
			i++
		}
	}
	return -1
}

// png follows the chunks to IEND (PNG 3rd edition, 5.3).
func (c *check) png() bool {
	var b [8]byte
	for at := int64(8); ; {
		if !c.read(b[:], at) {
			return false
		}
		at += 12 + int64(binary.BigEndian.Uint32(b[:]))
		if at > c.size {
			return false
		}
		if string(b[4:]) == "IEND" {
			return true
		}
	}
}

// boxes follows ISO base media boxes to the end (ISO/IEC 14496-12, 4.2). open is
// told for a box that goes on to the end of the file, whatever that is.
func (c *check) boxes(open func(name string) bool) bool {
	var b [16]byte
	for at := int64(0); at < c.size; {
		if !c.read(b[:8], at) {
			return false
		}
		length := int64(binary.BigEndian.Uint32(b[:]))
		switch {
		case length == 0:
			return open(string(b[4:8]))
		case length == 1:
			if !c.read(b[:], at) {
				return false
			}
			length = int64(binary.BigEndian.Uint64(b[8:]))
		}
		if length < 8 || !c.fits(at, length) {
			return length >= 0 && length < 8 // damaged, not short
		}
		at += length
	}
	return true
}

// jp2 ends with its boxes, or where the last is open or there are none with the
// codestream's EOC (ISO/IEC 15444-1, A.4.4).
func (c *check) jp2() bool {
	eoc := func(string) bool {
		var b [2]byte
		return c.read(b[:], c.size-2) && b == [2]byte{0xff, 0xd9}
	}
	if c.be32(0) == 0xff4fff51 {
		return eoc("")
	}
	return c.boxes(eoc)
}

// pnm counts what the samples of its header need (Netpbm: P4, P5, P6, P7); plain
// text has no end.
func (c *check) pnm() bool {
	need, ok := pnmBytes(head(c.r, sniffLen))
	return !ok || c.fits(0, need)
}

// pnmBytes is how long a binary file of this header is at least.
func pnmBytes(b []byte) (int64, bool) {
	if len(b) < 3 || b[0] != 'P' || b[1] < '4' || b[1] > '7' {
		return 0, false
	}
	if b[1] == '7' {
		return pamBytes(b)
	}
	at, values := 2, []int64{}
	for want := 2 + min(1, int(b[1]-'4')); len(values) < want; {
		for at < len(b) && bytes.IndexByte([]byte(" \t\r\n\v\f"), b[at]) >= 0 {
			at++
		}
		if at < len(b) && b[at] == '#' {
			if n := bytes.IndexAny(b[at:], "\r\n"); n >= 0 {
				at += n
				continue
			}
			return 0, false
		}
		n, v := 0, int64(0)
		for at+n < len(b) && b[at+n] >= '0' && b[at+n] <= '9' && n < 10 {
			v = 10*v + int64(b[at+n]-'0')
			n++
		}
		if n == 0 || at+n == len(b) {
			return 0, false
		}
		at, values = at+n, append(values, v)
	}
	w, h := values[0], values[1]
	if w >= maxSide || h >= maxSide {
		return 0, false
	}
	switch b[1] {
	case '4':
		return int64(at) + 1 + (w+7)/8*h, true
	case '6':
		w *= 3
	}
	if values[2] > 255 {
		w *= 2
	}
	if h > 0 && w > 1<<62/h {
		return 0, false
	}
	return int64(at) + 1 + w*h, true
}

func pamBytes(b []byte) (int64, bool) {
	end := bytes.Index(b, []byte("\nENDHDR\n"))
	if end < 0 {
		return 0, false
	}
	var w, h, depth, most int64
	for line := range bytes.Lines(b[:end+1]) {
		for name, to := range map[string]*int64{"WIDTH ": &w, "HEIGHT ": &h, "DEPTH ": &depth, "MAXVAL ": &most} {
			if v, ok := bytes.CutPrefix(line, []byte(name)); ok {
				fmt.Sscan(string(v), to)
			}
		}
	}
	if w < 0 || h < 0 || depth < 0 || w >= maxSide || h >= maxSide || depth > 1<<16 {
		return 0, false
	}
	row := w * depth
	if most > 255 {
		row *= 2
	}
	if h > 0 && row > 1<<62/h {
		return 0, false
	}
	return int64(end+len("\nENDHDR\n")) + row*h, true
}

// pdf ends with a trailer. ISO 32000-1, annex H 3.4.4, has readers look for %%EOF in
// the last 1024 bytes; writers put more behind it, so this looks further.
func (c *check) pdf() bool {
	b := make([]byte, min(c.size, 16<<10))
	return c.read(b, c.size-int64(len(b))) && bytes.Contains(b, []byte("%%EOF"))
}

// raw goes by the structure that a maker has chosen. Where none is known
// (CIFF, MRW, X3F) what has settled counts as whole.
func (c *check) raw() error {
	b := head(c.r, 16)
	ok := true
	switch {
	case bytes.HasPrefix(b, []byte("FUJIFILM")): // offsets and lengths of the JPEG, the header and the samples
		for _, at := range []int64{84, 92, 100} {
			ok = ok && c.fits(0, 108) && c.fits(int64(c.be32(at)), int64(c.be32(at+4)))
		}
	case len(b) >= 8 && string(b[4:8]) == "ftyp":
		ok = c.boxes(func(string) bool { return true })
	case bytes.HasPrefix(b, []byte("IIRO")), bytes.HasPrefix(b, []byte("IIRS")), bytes.HasPrefix(b, []byte("IIU\x00")):
		return c.tiff(42) // a TIFF by another number
	case bytes.HasPrefix(b, []byte("II\x1a\x00")), bytes.HasPrefix(b, []byte("\x00MRM")), bytes.HasPrefix(b, []byte("FOVb")):
	default:
		return c.tiff(0)
	}
	switch {
	case c.err != nil:
		return unreadable(c.err)
	case !ok:
		return scan.ErrTruncated
	}
	return nil
}

// tiff follows all directories with their sub-directories; a version other than 0
// stands for the number that the file has in its place. Only what lies
// beyond the end counts: the rest is for those who decode.
func (c *check) tiff(version uint16) error {
	var r io.ReaderAt = c.r
	if version != 0 {
		r = patched{c.r}
	}
	short := func(err error) error {
		switch {
		case c.err != nil:
			return unreadable(c.err)
		case errors.Is(err, scan.ErrTruncated):
			return scan.ErrTruncated
		}
		return nil
	}
	t, err := openTIFF(watched{r, c}, c.size)
	if err != nil {
		return short(err)
	}
	seen := map[int64]bool{}
	todo := []int64{t.first}
	for len(todo) > 0 && len(seen) < maxPages {
		at := todo[0]
		todo = todo[1:]
		if at == 0 && at != t.first || seen[at] {
			continue
		}
		seen[at] = true
		d, err := t.readIFD(at)
		if err != nil {
			if s := short(err); s != nil {
				return s
			}
			continue
		}
		if _, _, _, err := t.imageData(d); err != nil {
			if s := short(err); s != nil {
				return s
			}
		}
		if e, ok := d.find(tagSubIFDs); ok {
			if subs, err := t.uints(e, maxSubIFDs); err == nil {
				for _, s := range subs {
					todo = append(todo, int64(s))
				}
			}
		}
		todo = append(todo, d.next)
	}
	return short(nil)
}

// patched gives the number of TIFF for that of its kin.
type patched struct{ io.ReaderAt }

func (p patched) ReadAt(b []byte, at int64) (int, error) {
	n, err := p.ReaderAt.ReadAt(b, at)
	for i, v := range []byte{42, 0} {
		if k := int64(2+i) - at; k >= 0 && k < int64(n) {
			b[k] = v
		}
	}
	return n, err
}

// watched keeps read errors that are not the file's end.
type watched struct {
	io.ReaderAt
	c *check
}

func (w watched) ReadAt(b []byte, at int64) (int, error) {
	n, err := w.ReaderAt.ReadAt(b, at)
	if err != nil && err != io.EOF {
		w.c.err = err
	}
	return n, err
}
