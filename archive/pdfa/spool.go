package pdfa

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"

	"golang.org/x/sys/unix"

	"recto/scan"
)

// chunk is how much is copied between two looks at the context.
const chunk = 1 << 20

// spool is an append-only file that has no name any more: however the process
// ends, nothing of it stays. Once everything is in, it is mapped into memory, so
// that pdfcpu's streams are slices of the page cache and not of the heap.
type spool struct {
	file *os.File
	size int64
	data []byte
	buf  []byte
}

// stretch is a stream in the spool.
type stretch struct {
	offset, length int64
	digest         string // SHA-256, hexadecimal
}

func newSpool(dir string) (*spool, error) {
	f, err := os.CreateTemp(dir, "pdfa-*.spool")
	if err != nil {
		return nil, fmt.Errorf("spool: %w", err)
	}
	if err := os.Remove(f.Name()); err != nil {
		return nil, errors.Join(fmt.Errorf("spool: %w", err), f.Close())
	}
	return &spool{file: f, buf: make([]byte, chunk)}, nil
}

// add appends what r gives.
func (s *spool) add(ctx context.Context, r io.Reader) (stretch, error) {
	h := sha256.New()
	start := s.size
	for {
		if err := ctx.Err(); err != nil {
			return stretch{}, err
		}
		n, err := io.ReadFull(r, s.buf)
		h.Write(s.buf[:n])
		if _, err := s.file.WriteAt(s.buf[:n], s.size); err != nil {
			return stretch{}, fmt.Errorf("spool: %w", full(err))
		}
		s.size += int64(n)
		switch {
		case err == io.EOF || err == io.ErrUnexpectedEOF:
			return stretch{start, s.size - start, hex.EncodeToString(h.Sum(nil))}, nil
		case err != nil:
			return stretch{}, err
		}
	}
}

// drop takes back the stretch that was added last.
func (s *spool) drop(last stretch) { s.size = last.offset }

// bytes gives a stretch, valid until close; no add may follow.
func (s *spool) bytes(p stretch) ([]byte, error) {
	if p.length == 0 {
		return []byte{}, nil
	}
	if s.data == nil {
		if s.size > int64(^uint(0)>>1) {
			return nil, fmt.Errorf("spool: %d bytes: %w", s.size, scan.ErrTooLarge)
		}
		data, err := unix.Mmap(int(s.file.Fd()), 0, int(s.size), unix.PROT_READ, unix.MAP_SHARED)
		if err != nil {
			return nil, fmt.Errorf("spool: map %d bytes: %w", s.size, err)
		}
		s.data = data
	}
	return s.data[p.offset : p.offset+p.length : p.offset+p.length], nil
}

// release lets go of the mapped pages that were read: they are the file's, and
// come back when they are touched. Without it the resident memory grows with the
// document.
func (s *spool) release() {
	if s.data != nil {
		_ = unix.Madvise(s.data, unix.MADV_DONTNEED) // only advice
	}
}

// lightening is a writer that releases the spool's pages now and then.
type lightening struct {
	w     io.Writer
	spool *spool
	since int
}

func (l *lightening) Write(b []byte) (int, error) {
	n, err := l.w.Write(b)
	if l.since += n; l.since > 8*chunk {
		l.spool.release()
		l.since = 0
	}
	return n, err
}

func (s *spool) close() error {
	var err error
	if s.data != nil {
		err = unix.Munmap(s.data)
		s.data = nil
	}
	return errors.Join(err, s.file.Close())
}

// full tells a full disk by its sentinel.
func full(err error) error {
	if errors.Is(err, unix.ENOSPC) || errors.Is(err, unix.EDQUOT) {
		return fmt.Errorf("%w: %w", scan.ErrNoSpace, err)
	}
	return err
}
