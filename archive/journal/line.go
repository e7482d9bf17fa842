package journal

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"

	"recto/archive"
)

// maxLine is the longest line in bytes, its newline not counted. A move of 400,000 pages fits.
const maxLine = 64 << 20

// Position is the sequence number of an event: those after it are still to come.
// 0 is before the first event. Positions compare like numbers.
type Position uint64

// line is one line as JSON. Behind the event stands the digest of all bytes before
// it: the next line's prev tells that a line was changed, but the last has no next.
type line struct {
	Seq   Position      `json:"seq"`
	Prev  string        `json:"prev"`          // SHA-256 of the line before, lower-case hexadecimal
	Nth   int           `json:"nth,omitempty"` // of the events that were appended together, from 1
	Of    int           `json:"of,omitempty"`  // how many these are; both 0 for an event on its own
	Event archive.Event `json:"event"`
	Sum   string        `json:"sum"` // SHA-256 of the line up to here, lower-case hexadecimal
}

var errLine = errors.New("it is not an event of a journal")

// sumField begins the last field of a line, sumLength is how long that is with
// what closes the line.
const (
	sumField  = `,"sum":"`
	sumLength = len(sumField) + 2*sha256.Size + len(`"}`)
)

// parse reads one line without its newline.
func parse(b []byte) (line, error) {
	var l line
	if err := json.Unmarshal(b, &l); err != nil {
		return line{}, err
	}
	if l.Seq == 0 || len(l.Prev) != 2*sha256.Size || l.Event.Type == "" || l.Nth < 0 || l.Nth > l.Of {
		return line{}, errLine
	}
	return l, nil
}

// changed tells whether a line that can be read has other bytes than were written.
// It still counts: a text editor that adds a space must not cost an event.
func changed(b []byte, l line) bool {
	body := max(len(b)-sumLength, 0)
	sum := sha256.Sum256(b[:body])
	return !bytes.HasPrefix(b[body:], []byte(sumField)) || l.Sum != hex.EncodeToString(sum[:])
}

// seqOf reads the sequence number where a line of ours has it, without the cost
// of parsing the rest; 0 where it is not there.
func seqOf(b []byte) Position {
	digits, ok := bytes.CutPrefix(b, []byte(`{"seq":`))
	end := bytes.IndexByte(digits, ',')
	if !ok || end < 1 || end > 20 {
		return 0
	}
	n, err := strconv.ParseUint(string(digits[:end]), 10, 64)
	if err != nil {
		return 0
	}
	return Position(n)
}

// encodeEvent gives the event as JSON without a newline or a zero byte in it.
func encodeEvent(e archive.Event) ([]byte, error) {
	if e.Type == "" {
		return nil, fmt.Errorf("event %s has no type", e.ID)
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false) // people read it, too
	if err := enc.Encode(e); err != nil {
		return nil, fmt.Errorf("event %s %s: %w", e.Type, e.ID, err)
	}
	if b.Len() > maxLine-512 {
		return nil, fmt.Errorf("event %s %s: %d bytes are too many for a line", e.Type, e.ID, b.Len())
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}

type digest [sha256.Size]byte

// appendLine adds one line to b and gives the line's digest.
func appendLine(b []byte, seq Position, prev digest, nth, of int, event []byte) ([]byte, digest) {
	start := len(b)
	b = fmt.Appendf(b, `{"seq":%d,"prev":"%s",`, seq, hex.EncodeToString(prev[:]))
	if of > 1 {
		b = fmt.Appendf(b, `"nth":%d,"of":%d,`, nth, of)
	}
	b = append(b, `"event":`...)
	b = append(b, event...)
	own := sha256.Sum256(b[start:])
	b = fmt.Appendf(b, `%s%s"}`, sumField, hex.EncodeToString(own[:]))
	sum := sha256.Sum256(b[start:])
	return append(b, '\n'), sum
}

// lines reads forward, with one line in memory at a time.
type lines struct {
	r      *bufio.Reader
	number int    // of the line, from 1
	text   []byte // without its newline, valid until the next call
	long   bool   // it is too long, text is empty
	sum    digest
}

func newLines(r io.Reader) *lines { return &lines{r: bufio.NewReaderSize(r, 64<<10)} }

// next goes to the next line; io.EOF after the last. Bytes after the last newline
// are a line, too.
func (l *lines) next() error {
	l.text = l.text[:0]
	h, any := sha256.New(), false
	l.long = false
	for {
		part, err := l.r.ReadSlice('\n')
		any = any || len(part) > 0
		part, ended := bytes.CutSuffix(part, []byte("\n"))
		h.Write(part)
		if l.long = l.long || len(l.text)+len(part) > maxLine; l.long {
			l.text = l.text[:0]
		} else {
			l.text = append(l.text, part...)
		}
		switch {
		case err == bufio.ErrBufferFull:
			continue
		case err != nil && err != io.EOF:
			return err
		case !any:
			return io.EOF
		case ended || err == io.EOF:
			l.number++
			h.Sum(l.sum[:0])
			return nil
		}
	}
}

// parse reads the line as an event.
func (l *lines) parse() (line, error) {
	if l.long {
		return line{}, fmt.Errorf("it is longer than %d bytes", maxLine)
	}
	return parse(l.text)
}

// lineBefore finds the line that ends at the offset end, which is above 0: where it
// starts, where it stops (before its newline, if it has one), and its text, nil when
// it is too long.
func lineBefore(r io.ReaderAt, end int64) (start, stop int64, text []byte, err error) {
	const step = 64 << 10
	buf := make([]byte, step)
	stop = end
	for at := end; ; {
		n := min(at, step)
		at -= n
		b := buf[:n]
		if _, err := r.ReadAt(b, at); err != nil {
			return 0, 0, nil, err
		}
		if at+n == end && b[n-1] == '\n' {
			stop--
			b = b[:n-1]
		}
		if i := bytes.LastIndexByte(b, '\n'); i >= 0 || at == 0 {
			start = at + int64(i) + 1
			break
		}
	}
	if stop-start > maxLine {
		return start, stop, nil, nil
	}
	text = make([]byte, stop-start)
	_, err = r.ReadAt(text, start)
	return start, stop, text, err
}
