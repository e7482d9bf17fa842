package bagit

import (
	"encoding/hex"
	"errors"
	"hash"
	"path"
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// manifest is one list of files and digests in the bag's base directory.
type manifest struct {
	file      string // "manifest-sha256.txt"
	tag       bool
	algorithm string           // normalised: "sha256"
	hash      func() hash.Hash // nil where the algorithm is not known
}

// errEnough ends the reading of a list when the report is full.
var errEnough = errors.New("enough")

// manifests finds and reads them all.
func (c *check) manifests() {
	for name := range c.index {
		algorithm, tag, ok := manifestOf(name)
		if !ok || strings.Contains(name, "/") || !c.present(name) {
			continue
		}
		m := &manifest{file: name, tag: tag, algorithm: normalised(algorithm)}
		m.hash = algorithms[m.algorithm]
		if tag {
			c.tags = append(c.tags, m)
		} else {
			c.payload = append(c.payload, m)
		}
	}
	byName := func(a, b *manifest) int { return strings.Compare(a.file, b.file) }
	slices.SortFunc(c.payload, byName)
	slices.SortFunc(c.tags, byName)
	for _, m := range append(slices.Clone(c.payload), c.tags...) {
		c.kind(m)
		c.read(m)
	}
	c.required()
}

// kind says what is to be said of a manifest's name.
func (c *check) kind(m *manifest) {
	if said, _, _ := manifestOf(m.file); said != m.algorithm {
		c.warn("manifest-name", m.file, mendTag, "the algorithm should be spelled %s in the name (RFC 8493, 2.4)", m.algorithm)
	}
	if m.hash != nil {
		return
	}
	others := c.payload
	if m.tag {
		others = c.tags
	}
	checked := slices.ContainsFunc(others, func(o *manifest) bool { return o.hash != nil })
	c.strict(!checked && !m.tag, "algorithm-unsupported", m.file, "Ask the sender for a manifest with sha256 or sha512.",
		"digests by %s cannot be checked here", m.algorithm)
}

// required checks that the manifests there are, and that they cover each other.
func (c *check) required() {
	if len(c.payload) == 0 {
		c.fail("manifest-missing", "manifest-sha512.txt", askAgain, "the bag has no payload manifest, so nothing says what the payload should be")
	}
	for _, t := range c.tags {
		for _, p := range c.payload {
			if _, ok := c.index[p.file].in(t); !ok {
				c.strict(c.version.atLeast(1, 0), "manifest-untagged", p.file, mendTag,
					"%s does not list this manifest, and must (RFC 8493, 2.2.1)", t.file)
			}
		}
	}
	for _, p := range c.payload {
		if !slices.ContainsFunc(c.tags, func(t *manifest) bool { return t.algorithm == p.algorithm }) {
			c.warn("tagmanifest-missing", "tag"+p.file, leaveIt,
				"no tag manifest goes with %s; a change to the tag files may go unseen", p.file)
		}
	}
}

// read takes a manifest into the index.
func (c *check) read(m *manifest) {
	c.tagFile(m.file, func(n int, s string) error {
		if c.full() || c.ctx.Err() != nil {
			return errEnough
		}
		if strings.Trim(s, " \t") == "" {
			c.warn("manifest-syntax", m.file, mendTag, "line %d is empty", n)
			return nil
		}
		s, escaped := strings.CutPrefix(s, `\`)
		i := strings.IndexAny(s, " \t")
		if i < 0 {
			c.fail("manifest-syntax", m.file, mendTag, "line %d should be a digest and a path and is %.200q", n, s)
			return nil
		}
		digest, name := s[:i], strings.TrimLeft(s[i:], " \t")
		raw, err := hex.DecodeString(digest)
		if err != nil || m.hash != nil && len(raw) != m.hash().Size() {
			c.fail("manifest-syntax", m.file, mendTag, "line %d should begin with a %s digest in hexadecimal and begins with %.200q", n, m.algorithm, digest)
			return nil
		}
		if escaped {
			name = unescape.Replace(name)
			c.warn("md5sum-style", m.file, mendTag,
				"line %d is escaped as by md5sum; strict validation fails on it (RFC 8493, 6.1.3)", n)
		}
		if name, ok := c.locate(m.file, name); ok && c.belongs(m, name) {
			c.list(m, name, string(raw))
		}
		return nil
	})
}

// unescape undoes what md5sum does to names, on lines that it marks with a backslash.
var unescape = strings.NewReplacer(`\\`, `\`, `\n`, "\n", `\r`, "\r")

// belongs tells whether the manifest may list that file.
func (c *check) belongs(m *manifest, name string) bool {
	_, tagManifest, _ := manifestOf(name)
	switch payload := strings.HasPrefix(name, "data/"); {
	case !m.tag && !payload:
		c.fail("path-outside", m.file, untrusted, "the path %s is not in the payload, data/, with forward slashes", show(name))
		return false
	case m.tag && payload:
		c.strict(c.version.atLeast(1, 0), "path-payload", m.file, mendTag, "the payload file %s must not be listed by a tag manifest", show(name))
	case m.tag && tagManifest && !strings.Contains(name, "/"):
		c.strict(c.version.atLeast(1, 0), "path-tagmanifest", m.file, mendTag, "a tag manifest must not list a tag manifest, %s", show(name))
	}
	return true
}

// list takes one entry into the index.
func (c *check) list(m *manifest, name, digest string) {
	e := c.index[name]
	if e == nil {
		e = &entry{}
		c.index[name] = e
		if c.missing++; c.missing > maxFindings {
			c.fail("too-many-missing", m.file, askAgain, "it lists more than %d files that are not there", maxFindings)
			c.dropped++ // reading on would only fill the memory
		}
	}
	before, twice := e.in(m)
	switch {
	case !twice:
		e.listed = append(e.listed, listing{m, digest})
	case before.digest != digest && m.hash != nil:
		c.fail("listed-twice", name, mendTag, "%s lists the file twice with different digests", m.file)
	default:
		c.strict(c.version.atLeast(1, 0), "listed-twice", name, mendTag, "%s lists the file twice", m.file)
	}
}

// tagFile calls each with the lines of a tag file and says what is wrong with
// its encoding.
func (c *check) tagFile(name string, each func(n int, s string) error) {
	f, err := c.open(name)
	if err != nil {
		c.unreadable(name, err)
		return
	}
	defer f.Close()
	c.decoded(name, lines(f, c.encoding, each))
}

// decoded reports the error of lines or elements.
func (c *check) decoded(name string, err error) {
	if errors.Is(err, errEnough) || err == nil {
		return
	}
	if errors.Is(err, errMark) {
		c.strict(c.version.atLeast(1, 0), "byte-order-mark", name, mendTag, "a file in UTF-8 must not begin with a byte-order mark")
	}
	if errors.Is(err, errNotEncoded) {
		c.fail("encoding", name, mendTag, "the file is not in the encoding that bagit.txt declares: %v", err)
	}
	if !errors.Is(err, errMark) && !errors.Is(err, errNotEncoded) {
		c.unreadable(name, err)
	}
}

// composed finds the file whose name is canonically equivalent.
func (c *check) composed(name string) (string, bool) {
	if c.byForm == nil {
		c.byForm = map[string]string{}
		for _, file := range c.sorted() {
			if c.present(file) {
				if key := norm.NFC.String(file); c.byForm[key] == "" {
					c.byForm[key] = file
				}
			}
		}
	}
	file, ok := c.byForm[norm.NFC.String(name)]
	return file, ok
}

// system are files that operating systems make and take away as they please.
func system(name string) bool {
	switch strings.ToLower(path.Base(name)) {
	case "thumbs.db", ".ds_store", "desktop.ini":
		return true
	}
	return false
}
