package bagit

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"strings"

	"recto/scan"
)

// maxDepth is more than any file system path of 4096 bytes can hold with names
// that mean something; it keeps a hostile tree from taking quadratic time.
const maxDepth = 512

// entry is what is known of one path in a bag, from the disk and from the lists.
type entry struct {
	present bool  // a regular file lies there
	bad     bool  // something else lies there and was reported
	fetch   bool  // fetch.txt lists it
	size    int64 // when present
	listed  []listing
}

// listing is one line of one manifest.
type listing struct {
	by     *manifest
	digest string // raw bytes; empty where the algorithm is not known
}

func (e *entry) in(m *manifest) (listing, bool) {
	for _, l := range e.listed {
		if l.by == m {
			return l, true
		}
	}
	return listing{}, false
}

// walk finds every file of the bag, without following links to folders.
func (c *check) walk() error {
	type folder struct {
		name  string
		depth int
	}
	for todo := []folder{{".", 0}}; len(todo) > 0; {
		dir := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if err := c.ctx.Err(); err != nil {
			return err
		}
		if dir.depth > maxDepth {
			c.fail("too-deep", dir.name, untrusted, "folders are nested more than %d deep", maxDepth)
			continue
		}
		empty := true
		err := c.each(dir.name, func(d fs.DirEntry) {
			empty = false
			name := path.Join(dir.name, d.Name())
			if d.IsDir() {
				todo = append(todo, folder{name, dir.depth + 1})
				return
			}
			c.found(name, d.Type())
		})
		if err != nil {
			c.unreadable(dir.name, err)
		}
		if err == nil && empty && strings.HasPrefix(dir.name, "data/") {
			c.warn("empty-folder", dir.name, leaveIt, "the folder is empty; a manifest cannot list it, so it may get lost")
		}
		if c.full() {
			break
		}
	}
	return nil
}

// each calls f with the entries of a folder.
func (c *check) each(dir string, f func(fs.DirEntry)) error {
	d, err := c.root.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	for {
		batch, err := d.ReadDir(256)
		for _, e := range batch {
			f(e)
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// found takes note of what is not a folder.
func (c *check) found(name string, kind fs.FileMode) {
	e := &entry{}
	c.index[name] = e
	info, err := c.root.Stat(name) // follows links, but never out of the bag
	switch {
	case kind&fs.ModeSymlink != 0 && errors.Is(err, fs.ErrNotExist):
		c.fail("link-broken", name, askAgain, "this is a link, and what it points to is missing")
	case kind&fs.ModeSymlink != 0 && err != nil:
		c.fail("link-outside", name, untrusted, "this is a link that leads out of the bag or nowhere: %v", err)
	case err != nil:
		c.unreadable(name, err)
	case kind&fs.ModeSymlink != 0 && info.IsDir():
		c.warn("link-folder", name, "Replace the link by the folder itself.",
			"this is a link to a folder; it is not followed, and it will not survive a transfer")
	case !info.Mode().IsRegular():
		c.fail("not-a-file", name, untrusted, "a bag holds files and folders, and this is %s", kindOf(info.Mode()))
	default:
		if kind&fs.ModeSymlink != 0 {
			c.warn("link", name, "Replace the link by the file itself.",
				"this is a link to another file of the bag; it may not survive a transfer")
		}
		e.present, e.size = true, info.Size()
		return
	}
	e.bad = true
}

func (c *check) unreadable(name string, err error) {
	c.fail("unreadable", name, "Check the medium and the permissions, then verify again.", "it cannot be read: %v", err)
}

func kindOf(m fs.FileMode) string {
	switch {
	case m&fs.ModeNamedPipe != 0:
		return "a named pipe"
	case m&fs.ModeSocket != 0:
		return "a socket"
	case m&fs.ModeDevice != 0:
		return "a device"
	}
	return fmt.Sprintf("something else (%v)", m.Type())
}

// locate finds the path that a line of a manifest or of fetch.txt means. It is
// false, with a finding, where the line must not be followed.
func (c *check) locate(list, raw string) (string, bool) {
	name := raw
	if strings.HasPrefix(name, "*") && !c.present(name) {
		name = name[1:]
		c.warn("md5sum-style", list, mendTag,
			"%s is marked with an asterisk, as by md5sum and its kin; strict validation fails on it (RFC 8493, 6.1.3)", show(name))
	}
	if clean := path.Clean(name); clean != name && name != "" && danger(name) == "" {
		c.warn("path-style", list, mendTag, "%s should be written as %s", show(name), show(clean))
		name = clean
	}
	if decoded := decode(name, c.version); decoded != name {
		if c.present(decoded) || !c.present(name) {
			name = decoded
		}
	}
	if c.version.atLeast(1, 0) && c.present(name) && name == raw && strings.Contains(raw, "%") {
		c.warn("path-encoding", list, mendTag,
			"%s holds a percent sign that is not written as %%25; other tools may not find the file", show(raw))
	}
	if why := danger(name); why != "" {
		c.fail("path-unsafe", list, untrusted, "the path %s must not be followed: %s", show(name), why)
		return "", false
	}
	if c.present(name) || c.index[name] != nil {
		return name, true
	}
	if twin, ok := c.composed(name); ok {
		c.warn("name-normalisation", twin, leaveIt,
			"%s lists this file in another Unicode normal form (RFC 8493, 6.1.1.2)", list)
		return twin, true
	}
	return name, true
}

func (c *check) present(name string) bool {
	e := c.index[name]
	return e != nil && e.present
}

// show is a path for a message.
func show(name string) string { return `"` + scan.Path(name).Line() + `"` }
