package bagit

import (
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"hash"

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
