package bagit

import (
	"context"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"hash"
	"io"

	"recto/archive"
	"recto/scan"
)

// hashes takes both digests of our bags, and the size, in one pass.
type hashes struct {
	a, b hash.Hash
	n    int64
}

func newHashes() hashes { return hashes{a: sha256.New(), b: sha512.New()} }

func (h *hashes) Write(p []byte) (int, error) {
	h.a.Write(p)
	h.b.Write(p)
	h.n += int64(len(p))
	return len(p), nil
}

func (h *hashes) fixity() scan.Fixity {
	return scan.Fixity{
		SHA256: hex.EncodeToString(h.a.Sum(nil)),
		SHA512: hex.EncodeToString(h.b.Sum(nil)),
		Size:   h.n,
	}
}

// fixityOf is what a text will have once it is written.
func fixityOf(s string) scan.Fixity {
	h := newHashes()
	h.Write([]byte(s))
	return h.fixity()
}

// measure reads a member once for what Fixity it has.
func measure(ctx context.Context, m archive.Member) (scan.Fixity, error) {
	in, err := m.Open()
	if err != nil {
		return scan.Fixity{}, err
	}
	defer in.Close()
	h := newHashes()
	err = copyTo(&h, reader{ctx, in})
	return h.fixity(), err
}

func copyTo(w io.Writer, r io.Reader) error {
	_, err := io.CopyBuffer(w, r, make([]byte, chunk))
	return err
}

// reader ends with the context's error once that is done.
type reader struct {
	ctx context.Context
	io.Reader
}

func (r reader) Read(b []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.Reader.Read(b)
}
