package sane

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"syscall"
	"time"

	"recto/scan"
)

// frameFormat is a SANE_Frame (SANE Standard 1.06, 4.3.8).
type frameFormat int

const (
	frameGray frameFormat = iota
	frameRGB
	frameRed
	frameGreen
	frameBlue
)

// parameters are SANE_Parameters: what a frame is like.
type parameters struct {
	format frameFormat
	last   bool // of the image
	stride int  // bytes from row to row
	width  int  // pixels
	lines  int  // -1: nobody knows before the end
	depth  int  // bits a sample
}

// layout is how the rows of a frame become those of a master.
type layout struct {
	parameters
	channels int // in the frame
	bits     int // a sample in the master
	row      int // bytes of the row that mean something; the rest of the stride is padding
}

// layout checks what a backend says. Bits of one channel among others come as whole
// bytes of a channel (3.2.1) and become samples of 8 bits, for no reader takes them.
func (p parameters) layout() (layout, error) {
	l := layout{parameters: p, channels: 1, bits: p.depth}
	switch p.format {
	case frameGray, frameRed, frameGreen, frameBlue:
	case frameRGB:
		l.channels = 3
	default:
		return l, fmt.Errorf("%w: a frame of kind %d", scan.ErrUnsupported, int(p.format))
	}
	switch p.depth {
	case 1:
		l.row = (p.width + 7) / 8 * l.channels
		if p.format != frameGray {
			l.bits = 8
		}
	case 8, 16:
		l.row = p.width * l.channels * p.depth / 8
	default:
		return l, fmt.Errorf("%w: %d bits a sample", scan.ErrUnsupported, p.depth)
	}
	if p.width < 1 || p.stride < l.row {
		return l, fmt.Errorf("%w: it announces %d pixels in %d bytes", scan.ErrDriver, p.width, p.stride)
	}
	return l, nil
}

// convert gives the row's samples as a master has them; the result lies in row or in
// into and is good until the next call.
func (l layout) convert(row, into []byte) []byte {
	row = row[:l.row]
	switch {
	case l.depth == 16 && bigEndian:
		for i := 0; i+1 < len(row); i += 2 {
			row[i], row[i+1] = row[i+1], row[i]
		}
	case l.depth == 1 && l.bits == 8:
		into = into[:0]
		for x := range l.width {
			for c := range l.channels {
				v := byte(0)
				if row[x/8*l.channels+c]<<(x%8)&0x80 != 0 {
					v = 255 // in colour a set bit is light
				}
				into = append(into, v)
			}
		}
		return into
	}
	return row
}

var bigEndian = binary.NativeEndian.Uint16([]byte{0, 1}) == 1

// settle is what a driver's own thread gets to end by itself before its driver may
// cancel it. SANE's drivers share code (sanei_thread) that cancels the thread wherever
// it is as soon as the last byte was taken, and joins it; one that is cancelled in
// free() waits for its own lock for ever. Seen with SANE 1.1.1's test device, where
// scanimage hangs the same way about once in a thousand sheets.
const settle = 2 * time.Millisecond

// chunk is how much is asked of a backend at once.
const chunk = 1 << 20

// pass reads one frame and writes its rows. It gives how many whole rows came and
// whether bytes were left over; the error is a status of the device or of writing.
func (p *panel) pass(l layout, to io.Writer, progress func(int) error) (rows int, left bool, err error) {
	buf := make([]byte, max(chunk/l.stride, 1)*l.stride)
	var spare []byte
	n := 0
	plain := l.stride == l.row && l.depth == l.bits && !(l.depth == 16 && bigEndian)
	flush := func() error {
		whole := n / l.stride
		b := buf[:whole*l.stride]
		rows += whole
		if plain {
			if _, err := to.Write(b); err != nil {
				return err
			}
		} else {
			for ; len(b) > 0; b = b[l.stride:] {
				spare = l.convert(b[:l.stride], spare)
				if _, err := to.Write(spare); err != nil {
					return err
				}
			}
		}
		n = copy(buf, buf[whole*l.stride:n])
		return nil
	}
	before := l.stride * (l.lines - 1) // the last row; negative where nobody knows which that is
	for total := 0; ; {
		into := buf[n:]
		switch {
		case total < before:
			into = into[:min(len(into), before-total)]
		case total == before:
			time.Sleep(settle)
		}
		got, s := p.read(into)
		n += got
		total += got
		if err := progress(got); err != nil {
			return rows, n > 0, err
		}
		switch {
		case s == eof:
			if err := flush(); err != nil {
				return rows, n > 0, err
			}
			return rows, n > 0, nil
		case s != good:
			return rows + n/l.stride, n > 0, &broken{s, rows > 0 || n > 0}
		case got == 0:
			time.Sleep(2 * time.Millisecond) // a backend that does not block
		case n == len(buf):
			if err := flush(); err != nil {
				return rows, n > 0, err
			}
		}
	}
}

// broken is a frame that the device ended by a status other than EOF.
type broken struct {
	status  status
	started bool // there were bytes before
}

func (b *broken) Error() string { return b.Unwrap().Error() }
func (b *broken) Unwrap() error { return b.status.err("reading the image") }

// image reads all frames of one sheet into name. rows is what came; promised what
// was announced, -1 for nothing. next starts the frames behind the first.
func (p *panel) image(name string, about scan.Raster, next func() error, progress func(int) error) (size [2]int, short string, err error) {
	frame, s := p.parameters()
	if s != good {
		return size, "", s.err("describing the image")
	}
	l, err := frame.layout()
	if err != nil {
		return size, "", err
	}
	about.Width, about.Bits, about.Channels = l.width, l.bits, l.channels
	if l.format != frameGray && l.format != frameRGB && !l.last {
		return p.threePass(name, about, l, next, progress)
	}
	about.BlackIs1 = l.bits == 1
	rows, left := 0, false
	height, err := writeTIFF(name, about, func(to io.Writer) (err error) {
		rows, left, err = p.pass(l, to, progress)
		return err
	})
	return [2]int{l.width, height}, missing(rows, left, l.lines), err
}

// missing says what a frame lacks, "" for nothing.
func missing(rows int, left bool, promised int) string {
	switch {
	case promised >= 0 && rows < promised:
		return fmt.Sprintf("%d of %d rows came", rows, promised)
	case left:
		return fmt.Sprintf("%d rows and a part of another came", rows)
	}
	return ""
}

// threePass reads the colours one after the other, in whatever order, and merges
// them. They wait on disk, so that memory does not grow with the image.
func (p *panel) threePass(name string, about scan.Raster, l layout, next func() error, progress func(int) error) (size [2]int, short string, err error) {
	var planes [3]*os.File
	defer func() {
		for _, f := range planes {
			if f != nil {
				f.Close()
				os.Remove(f.Name())
			}
		}
	}()
	first, rows := l, -1
	for i := 0; ; i++ {
		colour := int(l.format - frameRed)
		if colour < 0 || colour > 2 || planes[colour] != nil {
			return size, "", fmt.Errorf("%w: pass %d is of kind %d again", scan.ErrDriver, i+1, int(l.format))
		}
		if l.width != first.width || l.depth != first.depth {
			return size, "", fmt.Errorf("%w: pass %d is %d pixels of %d bits wide, the first %d of %d", scan.ErrDriver, i+1, l.width, l.depth, first.width, first.depth)
		}
		f, err := os.Create(fmt.Sprintf("%s-%d", name, colour))
		if err != nil {
			return size, "", writing(err)
		}
		planes[colour] = f
		n, left, err := p.pass(l, f, progress)
		if err != nil {
			return size, "", writing(err)
		}
		if s := missing(n, left, l.lines); s != "" && short == "" {
			short = fmt.Sprintf("in pass %d %s", i+1, s)
		}
		if rows >= 0 && n != rows && short == "" {
			short = fmt.Sprintf("the passes have %d and %d rows", rows, n)
		}
		if rows < 0 || n < rows {
			rows = n
		}
		if i == 2 {
			break
		}
		if l.last {
			return size, "", fmt.Errorf("%w: it gave %d of 3 colours", scan.ErrDriver, i+1)
		}
		if err := next(); err != nil {
			return size, "", err
		}
		frame, s := p.parameters()
		if s != good {
			return size, "", s.err("describing the image")
		}
		if l, err = frame.layout(); err != nil {
			return size, "", err
		}
	}
	about.Channels = 3
	height, err := writeTIFF(name, about, func(to io.Writer) error {
		return merge(to, planes, rows, about.Width, about.Bits/8)
	})
	return [2]int{about.Width, height}, short, err
}

// merge makes pixels of planes whose samples have so many bytes.
func merge(to io.Writer, planes [3]*os.File, rows, width, sample int) error {
	var from [3]*bufio.Reader
	for i, f := range planes {
		if _, err := f.Seek(0, io.SeekStart); err != nil {
			return err
		}
		from[i] = bufio.NewReaderSize(f, chunk/4)
	}
	out := bufio.NewWriterSize(to, chunk)
	plane, row := make([]byte, width*sample), make([]byte, width*sample*3)
	for range rows {
		for c, r := range from {
			if _, err := io.ReadFull(r, plane); err != nil {
				return err
			}
			for x := range width {
				copy(row[(x*3+c)*sample:], plane[x*sample:(x+1)*sample])
			}
		}
		if _, err := out.Write(row); err != nil {
			return err
		}
	}
	return out.Flush()
}

// writeTIFF makes the file and gives the image's height.
func writeTIFF(name string, about scan.Raster, rows func(io.Writer) error) (int, error) {
	f, err := os.Create(name)
	if err != nil {
		return 0, writing(err)
	}
	defer f.Close()
	w, err := scan.NewTIFFWriter(f, about)
	if err != nil {
		return 0, writing(err)
	}
	if err := rows(w); err != nil {
		return 0, writing(err)
	}
	height, err := w.Close()
	if err != nil {
		return 0, writing(err)
	}
	return height, writing(f.Close())
}

// writing names a full disk and leaves all other errors as they are.
func writing(err error) error {
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
		return fmt.Errorf("%w: %v", scan.ErrNoSpace, err)
	}
	return err
}
