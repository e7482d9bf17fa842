package bagit

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"regexp"
	"strings"
)

// version is a BagIt version.
type version struct{ major, minor int }

func (v version) atLeast(major, minor int) bool {
	return v.major > major || v.major == major && v.minor >= minor
}

func (v version) String() string { return fmt.Sprintf("%d.%d", v.major, v.minor) }

var (
	latest   = version{1, 0}
	versions = map[string]version{"0.93": {0, 93}, "0.94": {0, 94}, "0.95": {0, 95}, "0.96": {0, 96}, "0.97": {0, 97}, "1.0": {1, 0}}
)

// maxDeclaration is far more than two lines need.
const maxDeclaration = 4096

var (
	strictLine  = regexp.MustCompile(`^(?i:(BagIt-Version|Tag-File-Character-Encoding)): (\S+)$`)
	lenientLine = regexp.MustCompile(`^(?i:(BagIt-Version|Tag-File-Character-Encoding))[ \t]*:[ \t]*(\S+)[ \t]*$`)
)

// declaration reads bagit.txt (RFC 8493, 2.1.1). Whatever is wrong with it, the
// rest is checked as far as that goes: as version 1.0 in UTF-8 where it is silent.
func (c *check) declaration() {
	const name = "bagit.txt"
	c.version = latest
	if !c.present(name) {
		if e := c.index[name]; e == nil || !e.bad {
			c.fail("declaration-missing", name, mendTag, "the bag has no bagit.txt, which every bag must have")
		}
		return
	}
	f, err := c.open(name)
	if err != nil {
		c.unreadable(name, err)
		return
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, maxDeclaration+1))
	if err != nil {
		c.unreadable(name, err)
		return
	}
	if len(b) > maxDeclaration {
		c.fail("declaration-syntax", name, mendTag, "it should be two lines and has more than %d bytes", maxDeclaration)
		return
	}
	var text []string
	err = lines(bytes.NewReader(b), nil, func(_ int, s string) error { text = append(text, s); return nil })
	if errors.Is(err, errMark) {
		c.fail("declaration-syntax", name, mendTag, "it begins with a byte-order mark, which it must not")
	}
	if errors.Is(err, errNotEncoded) {
		c.fail("declaration-syntax", name, mendTag, "it is not UTF-8")
	}
	var saidVersion, saidEncoding string
	for i, s := range text {
		m := lenientLine.FindStringSubmatch(s)
		if m == nil {
			if strings.TrimSpace(s) == "" && i >= 2 {
				c.strict(c.version.atLeast(1, 0), "declaration-syntax", name, mendTag, "line %d is empty; there must be exactly two lines", i+1)
			} else {
				c.fail("declaration-syntax", name, mendTag, "line %d should be \"BagIt-Version: M.N\" or \"Tag-File-Character-Encoding: NAME\" and is %.80q", i+1, s)
			}
			continue
		}
		label, want := strings.ToLower(m[1]), []string{"bagit-version", "tag-file-character-encoding"}
		if i >= len(want) || label != want[i] {
			c.fail("declaration-syntax", name, mendTag, "line %d is %.80q; the version must come first, the encoding second, and nothing else", i+1, s)
		}
		if label == want[0] {
			saidVersion = m[2]
			c.declare(name, saidVersion)
		} else {
			saidEncoding = m[2]
		}
		if c.version.atLeast(1, 0) && !strictLine.MatchString(s) {
			c.fail("declaration-syntax", name, mendTag, "line %d is %.80q; there must be one space after the colon and none elsewhere", i+1, s)
		}
	}
	if saidVersion == "" {
		c.fail("declaration-syntax", name, mendTag, "it does not say BagIt-Version")
	}
	if saidEncoding == "" {
		c.fail("declaration-syntax", name, mendTag, "it does not say Tag-File-Character-Encoding")
		return
	}
	if c.encoding, err = charset(saidEncoding); err != nil {
		c.fail("encoding-unsupported", name, "Ask the sender for a bag with tag files in UTF-8.",
			"the tag files are in %.80q, which is not supported: %v", saidEncoding, err)
	}
}

func (c *check) declare(name, said string) {
	if v, ok := versions[said]; ok {
		c.version = v
		return
	}
	c.fail("version-unsupported", name, "Ask the sender for a bag of version 1.0.",
		"the version is %.80q; known are 0.93 to 0.97 and 1.0. The rest was checked as %v", said, latest)
}

// open opens a file of the bag to be read from its start. What it opens is a
// regular file, even if someone swapped it since it was found: opening a pipe
// would wait for ever.
func (c *check) open(name string) (fs.File, error) {
	f, err := c.root.OpenFile(name, readOnly, 0)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = fmt.Errorf("%s: it is not a file any more", name)
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}
