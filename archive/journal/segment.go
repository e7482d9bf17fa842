package journal

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"recto/scan"
)

// segment is one file of the journal, as much of it as counts.
type segment struct {
	number int
	path   string
	size   int64
}

func nameOf(number int) string { return fmt.Sprintf("%06d.jsonl", number) }

// listSegments gives the segments in order, and the names of files in the folder
// that belong to no journal.
func listSegments(dir string) (segs []segment, strange []string, err error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, nil, err
	}
	for _, e := range entries {
		name := e.Name()
		number, err := strconv.Atoi(strings.TrimSuffix(name, ".jsonl"))
		if err != nil || number < 1 || name != nameOf(number) {
			if torn, _ := filepath.Match("torn-*.txt", name); !torn {
				strange = append(strange, name)
			}
			continue
		}
		info, err := e.Info()
		if err != nil {
			return nil, nil, err
		}
		segs = append(segs, segment{number, filepath.Join(dir, name), info.Size()})
	}
	slices.SortFunc(segs, func(a, b segment) int { return a.number - b.number })
	return segs, strange, nil
}

// read calls each for every line of the segment's first size bytes.
func (s segment) read(each func(*lines) error) error {
	f, err := openPlain(s.path)
	if err != nil {
		return fmt.Errorf("%w: %w", scan.ErrUnreadable, err)
	}
	defer f.Close()
	l := newLines(io.NewSectionReader(f, 0, s.size))
	for {
		switch err := l.next(); {
		case err == io.EOF:
			return nil
		case err != nil:
			return fmt.Errorf("%w: %w", scan.ErrUnreadable, err)
		}
		if err := each(l); err != nil {
			return err
		}
	}
}

// first is the sequence number of the segment's first line, 0 when it cannot be told.
func (s segment) first() (seq Position) {
	done := errors.New("done")
	s.read(func(l *lines) error { seq = seqOf(l.text); return done })
	return seq
}

// tail is how a journal ends.
type tail struct {
	whole int64    // bytes of the last segment up to the end of the last whole append
	end   Position // of the last line there
	head  digest   // of the last line there; zeros without one
}

// findTail reads backwards from the end as little as it needs. segs is not empty.
func findTail(segs []segment) (tail, error) {
	var t tail
	for i, skipped := len(segs)-1, Position(0); i >= 0; i-- {
		f, err := openPlain(segs[i].path)
		if err != nil {
			return tail{}, fmt.Errorf("%w: %w", scan.ErrUnreadable, err)
		}
		defer f.Close()
		at := segs[i].size
		if i == len(segs)-1 {
			if at, err = wholeSize(f, at); err != nil {
				return tail{}, fmt.Errorf("%s: %w: %w", segs[i].path, scan.ErrUnreadable, err)
			}
			t.whole = at
		}
		for at > 0 {
			start, stop, text, err := lineBefore(f, at)
			if err != nil {
				return tail{}, fmt.Errorf("%s: %w: %w", segs[i].path, scan.ErrUnreadable, err)
			}
			if skipped == 0 {
				h := sha256.New()
				if _, err := io.Copy(h, io.NewSectionReader(f, start, stop-start)); err != nil {
					return tail{}, fmt.Errorf("%s: %w: %w", segs[i].path, scan.ErrUnreadable, err)
				}
				h.Sum(t.head[:0])
			}
			if l, err := parse(text); err == nil {
				t.end = l.Seq + skipped
				return t, nil
			}
			skipped++ // unreadable, but a line: what follows counts it
			t.end = skipped
			at = start
		}
	}
	return t, nil
}

// wholeSize is the size of a last segment without what an append that was cut off
// left at its end: a line without a newline, lines with zero bytes (blocks that
// were allocated but never written before a power cut; a line of ours has none),
// and the part of a group whose rest is missing.
func wholeSize(r io.ReaderAt, size int64) (int64, error) {
	for size > 0 {
		start, stop, text, err := lineBefore(r, size)
		if err != nil {
			return 0, err
		}
		if stop == size || bytes.IndexByte(text, 0) >= 0 {
			size = start
			continue
		}
		l, err := parse(text)
		if err != nil || l.Of <= 1 {
			return size, nil
		}
		// The last line of a group, or of what there is of it: look at the others.
		whole, at := l.Nth == l.Of, start
		for nth := l.Nth - 1; nth > 0 && at > 0; nth-- {
			start, _, text, err := lineBefore(r, at)
			if err != nil {
				return 0, err
			}
			zeros := bytes.IndexByte(text, 0) >= 0
			if p, err := parse(text); !zeros && (err != nil || p.Nth != nth || p.Of != l.Of) {
				break // damage of another kind: nothing is cut off for it
			}
			whole = whole && !zeros
			at = start
		}
		if whole {
			return size, nil
		}
		size = at
	}
	return 0, nil
}
