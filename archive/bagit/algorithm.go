package bagit

import (
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha3"
	"crypto/sha512"
	"hash"
	"regexp"
	"strings"
)

// algorithms are those that a manifest can be checked with, by their normalised
// names (RFC 8493, 2.4).
var algorithms = map[string]func() hash.Hash{
	"md5":     md5.New,
	"sha1":    sha1.New,
	"sha224":  sha256.New224,
	"sha256":  sha256.New,
	"sha384":  sha512.New384,
	"sha512":  sha512.New,
	"sha3224": func() hash.Hash { return sha3.New224() },
	"sha3256": func() hash.Hash { return sha3.New256() },
	"sha3384": func() hash.Hash { return sha3.New384() },
	"sha3512": func() hash.Hash { return sha3.New512() },
}

var manifestName = regexp.MustCompile(`^(tag)?manifest-(.+)\.txt$`)

// manifestOf tells whether a file in the bag's base directory is a manifest, of
// tag files or of the payload, and by which algorithm as the name spells it.
func manifestOf(name string) (algorithm string, tag, ok bool) {
	m := manifestName.FindStringSubmatch(name)
	if m == nil {
		return "", false, false
	}
	return m[2], m[1] != "", true
}

// normalised is an algorithm's name in lower case without anything but letters
// and digits (RFC 8493, 2.4).
func normalised(algorithm string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, strings.ToLower(algorithm))
}
