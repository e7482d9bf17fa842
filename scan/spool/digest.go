package spool

import (
	"context"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"sync"

	"recto/scan"
)

const chunk = 1 << 20

var chunks = sync.Pool{New: func() any { b := make([]byte, chunk); return &b }}

// transfer copies src to dst and hashes what it read, in one pass. A read error
// wraps scan.ErrUnreadable unless it has a kind of its own; a write error is
// dst's. It looks at ctx between chunks of 1 MiB.
func transfer(ctx context.Context, dst io.Writer, src io.Reader) (scan.Fixity, error) {
	buf := chunks.Get().(*[]byte)
	defer chunks.Put(buf)
	h256, h512 := sha256.New(), sha512.New()
	var size int64
	for {
		if err := ctx.Err(); err != nil {
			return scan.Fixity{}, err
		}
		n, readErr := fill(src, *buf)
		b := (*buf)[:n]
		// SHA-512 takes longer than all else here, so it runs beside it where a core is
		// free. The goroutine lives for one chunk: nothing is left behind on any way out.
		var beside sync.WaitGroup
		beside.Go(func() { h512.Write(b) })
		h256.Write(b)
		_, writeErr := dst.Write(b)
		beside.Wait()
		size += int64(n)
		switch {
		case writeErr != nil:
			return scan.Fixity{}, writeErr
		case readErr == io.EOF:
			return scan.Fixity{SHA256: hex.EncodeToString(h256.Sum(nil)), SHA512: hex.EncodeToString(h512.Sum(nil)), Size: size}, nil
		case readErr != nil:
			return scan.Fixity{}, unreadable(readErr)
		}
	}
}

// fill reads until b is full or r has no more. It is not io.ReadFull: that one's
// io.ErrUnexpectedEOF for a short last chunk could not be told from a reader's
// own, and a damaged source would pass for a complete one.
func fill(r io.Reader, b []byte) (n int, err error) {
	for idle := 0; n < len(b) && err == nil; {
		var k int
		k, err = r.Read(b[n:])
		n += k
		if idle++; k > 0 {
			idle = 0
		} else if idle == 100 && err == nil {
			err = io.ErrNoProgress
		}
	}
	return n, err
}

// unreadable marks an error of the source's side, unless the source has said
// already what is wrong or was itself cancelled.
func unreadable(err error) error {
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) || scan.ProblemOf(err).Kind != "" {
		return err
	}
	return fmt.Errorf("%w: %w", scan.ErrUnreadable, err)
}
