package bagit

import (
	"net/url"
	"strconv"
	"strings"
)

// fetch reads fetch.txt (RFC 8493, 2.2.3). Nothing is ever fetched: a bag with
// holes is incomplete until someone fills them.
func (c *check) fetch() {
	const name = "fetch.txt"
	if !c.present(name) {
		return
	}
	c.tagFile(name, func(n int, s string) error {
		if c.full() || c.ctx.Err() != nil {
			return errEnough
		}
		if strings.Trim(s, " \t") == "" {
			c.warn("fetch-syntax", name, mendTag, "line %d is empty", n)
			return nil
		}
		address, rest := word(s)
		length, file := word(rest)
		if file == "" {
			c.fail("fetch-syntax", name, mendTag, "line %d should be a URL, a length and a path and is %.200q", n, s)
			return nil
		}
		size, err := strconv.ParseInt(length, 10, 64)
		if length != "-" && (err != nil || size < 0) {
			c.fail("fetch-syntax", name, mendTag, "line %d should have a length in bytes or - and has %.80q", n, length)
		}
		c.address(n, address)
		file, ok := c.locate(name, file)
		if !ok {
			return nil
		}
		e := c.index[file]
		switch {
		case !strings.HasPrefix(file, "data/"):
			c.fail("path-outside", name, untrusted, "the path %s is not in the payload, data/, with forward slashes", show(file))
			return nil
		case e == nil || len(e.listed) == 0:
			c.fail("fetch-unlisted", name, mendTag, "no payload manifest lists %s", show(file))
			return nil
		case e.present && length != "-" && err == nil && e.size != size:
			c.warn("fetch-length", file, askAgain, "fetch.txt says %d bytes, the file has %d", size, e.size)
		}
		e.fetch = true
		return nil
	})
}

// word cuts off what comes before linear white space.
func word(s string) (first, rest string) {
	i := strings.IndexAny(s, " \t")
	if i < 0 {
		return s, ""
	}
	return s[:i], strings.TrimLeft(s[i:], " \t")
}

// address judges the URL of a line.
func (c *check) address(n int, s string) {
	u, err := url.Parse(s)
	if err != nil || u.Scheme == "" || u.Host == "" && u.Opaque == "" && u.Path == "" {
		c.fail("fetch-url", "fetch.txt", mendTag, "line %d should begin with an absolute URL and begins with %.200q", n, s)
		return
	}
	switch strings.ToLower(u.Scheme) {
	case "http", "https", "ftp", "ftps", "sftp":
	default:
		c.warn("fetch-url-unsafe", "fetch.txt", untrusted, "line %d would be fetched by %s:, which may read what is not meant for it", n, u.Scheme)
	}
}
