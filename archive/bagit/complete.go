package bagit

import (
	"strings"
)

// complete compares the lists with the disk.
func (c *check) complete() {
	var octets, files, vanished int64
	folded := map[string]string{}
	for _, name := range c.sorted() {
		e := c.index[name]
		payload := strings.HasPrefix(name, "data/")
		switch {
		case e.bad:
		case !e.present:
			if c.absent(name, e) {
				vanished++
			}
		default:
			if payload {
				octets += e.size
				files++
				c.unlisted(name, e)
			} else {
				c.untagged(name, e)
			}
			key := fold(name)
			if twin := folded[key]; twin != "" {
				c.warn("name-alike", name, leaveIt,
					"the name differs from %s only by case or Unicode normal form; some systems take them for one file", show(twin))
			}
			folded[key] = name
			if system(name) {
				c.warn("system-file", name, leaveIt, "operating systems make, change and remove this file unasked")
			}
		}
	}
	c.checkOxum(octets, files, vanished)
}

// absent reports a file that is listed and not there. It is true where nothing
// was lost with it.
func (c *check) absent(name string, e *entry) (vanished bool) {
	if len(e.listed) == 0 || name == "bagit.txt" { // the declaration was reported as such
		return false
	}
	by := e.listed[0].by.file
	if info, err := c.root.Lstat(name); err == nil && info.IsDir() {
		c.fail("not-a-file", name, mendTag, "%s lists it as a file, and it is a folder", by)
		return false
	}
	if e.fetch {
		c.fail("not-fetched", name, "Fetch the file from where fetch.txt says, then verify again.",
			"the bag is incomplete: the file is listed in fetch.txt and has not been fetched")
		return false
	}
	if system(name) && c.empty(e) {
		c.warn("system-file", name, leaveIt, "this empty file of an operating system is listed by %s and missing; nothing is lost with it", by)
		return true
	}
	if twin := c.caseTwin(name, e); twin != "" {
		c.warn("name-case", name, leaveIt,
			"%s lists this name and %s with the same digest, and only the second is there; on systems without case they are one file", by, show(twin))
		return false
	}
	c.fail("file-missing", name, askAgain, "%s lists the file, and it is not there", by)
	return false
}

// empty tells whether every digest of a missing file is that of no bytes.
func (c *check) empty(e *entry) bool {
	for _, l := range e.listed {
		if l.by.hash == nil || l.digest != string(l.by.hash().Sum(nil)) {
			return false
		}
	}
	return true
}

// caseTwin finds the file that stands for a missing one whose name differs only
// by case: one that the same manifests list with the same digests.
func (c *check) caseTwin(name string, e *entry) string {
	if c.byFold == nil {
		c.byFold = map[string]string{}
		for _, file := range c.sorted() {
			if c.present(file) {
				c.byFold[fold(file)] = file
			}
		}
	}
	twin := c.byFold[fold(name)]
	if twin == "" {
		return ""
	}
	for _, l := range e.listed {
		if other, ok := c.index[twin].in(l.by); !ok || other.digest != l.digest {
			return ""
		}
	}
	return twin
}

// unlisted reports a payload file that a manifest should list and does not. Before
// 1.0 one of several manifests was enough (RFC 8493, 3).
func (c *check) unlisted(name string, e *entry) {
	var without []string
	for _, m := range c.payload {
		if _, ok := e.in(m); !ok {
			without = append(without, m.file)
		}
	}
	switch {
	case len(without) == 0:
	case len(without) == len(c.payload):
		c.fail("file-unlisted", name, "If the file belongs to the bag, ask the sender for a bag that lists it; otherwise remove it.",
			"the file is in the payload, and no manifest lists it")
	case c.version.atLeast(1, 0):
		c.fail("file-unlisted", name, mendTag, "the file is in the payload, and it is not listed by %s", strings.Join(without, ", "))
	}
}

// untagged warns of a tag file that no tag manifest protects.
func (c *check) untagged(name string, e *entry) {
	if _, tag, ok := manifestOf(name); ok && tag && !strings.Contains(name, "/") || len(c.tags) == 0 || len(e.listed) > 0 {
		return
	}
	c.warn("tag-unlisted", name, leaveIt, "no tag manifest lists this file; it is not checked")
}
