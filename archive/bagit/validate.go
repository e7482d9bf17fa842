package bagit

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"golang.org/x/text/encoding"

	"recto/archive"
)

// readOnly never waits for a pipe that nobody writes to.
const readOnly = os.O_RDONLY | syscall.O_NONBLOCK

// Is tells whether path is a folder that claims to be a bag: it has a bagit.txt.
func Is(path string) bool {
	info, err := os.Lstat(filepath.Join(path, "bagit.txt"))
	return err == nil && info.Mode().IsRegular()
}

// Validate judges the bag in the folder path (RFC 8493, 3, and for versions before
// 1.0 the drafts): it reads every byte that a manifest lists. A bag is valid when
// [archive.Valid] says so of the findings. Whatever is wrong with the bag, files
// that cannot be read included, is a finding; an error means that there was
// nothing to judge, or that ctx was done. progress counts bytes read and may be nil.
func Validate(ctx context.Context, path string, progress func(done, total int64)) ([]archive.Finding, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("bag: %w", err)
	}
	c := &check{ctx: ctx, index: map[string]*entry{}, progress: progress}
	if !info.IsDir() {
		c.fail("serialised-not-supported", path, "Unpack it and verify the folder.",
			"a bag in one file (zip, tar) cannot be verified yet")
		return c.findings(), nil
	}
	if c.root, err = os.OpenRoot(path); err != nil {
		return nil, fmt.Errorf("bag: %w", err)
	}
	defer c.root.Close()
	if err := c.run(); err != nil {
		return nil, fmt.Errorf("bag %s: %w", path, err)
	}
	return c.findings(), nil
}

// check is one bag being judged.
type check struct {
	report
	ctx      context.Context
	root     *os.Root
	progress func(done, total int64)

	index    map[string]*entry // every path on disk or in a list, with slashes
	byForm   map[string]string // NFC of a name -> the file; made when first needed
	byFold   map[string]string // fold of a name -> the file, likewise
	version  version
	encoding encoding.Encoding // of tag files; nil is UTF-8
	payload  []*manifest
	tags     []*manifest
	oxums    []string // what bag-info.txt gives as Payload-Oxum
	missing  int      // files listed and not there
}

func (c *check) run() error {
	if err := c.walk(); err != nil {
		return err
	}
	c.declaration()
	if info, err := c.root.Lstat("data"); err != nil || !info.IsDir() {
		c.fail("payload-missing", "data", askAgain, "the bag has no payload folder named data")
	}
	c.manifests()
	c.fetch()
	c.metadata()
	c.complete()
	return c.digests()
}

// sorted gives all paths known, in order.
func (c *check) sorted() []string {
	all := make([]string, 0, len(c.index))
	for name := range c.index {
		all = append(all, name)
	}
	slices.Sort(all)
	return all
}

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

// digests reads every file that a manifest lists, once.
func (c *check) digests() error {
	var todo []string
	var total, done int64
	for _, name := range c.sorted() {
		if e := c.index[name]; e.present && slices.ContainsFunc(e.listed, func(l listing) bool { return l.by.hash != nil }) {
			todo = append(todo, name)
			total += e.size
		}
	}
	buf := make([]byte, chunk)
	for _, name := range todo {
		if c.full() {
			return nil
		}
		err := c.digest(name, buf, func(n int) {
			if done += int64(n); c.progress != nil {
				c.progress(min(done, total), total)
			}
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// digest reads one file and compares it with every list that has it. The error
// is the context's.
func (c *check) digest(name string, buf []byte, read func(n int)) error {
	e := c.index[name]
	f, err := c.open(name)
	if err != nil {
		c.unreadable(name, err)
		return c.ctx.Err()
	}
	defer f.Close()
	sums := map[string]hash.Hash{}
	for _, l := range e.listed {
		if l.by.hash != nil && sums[l.by.algorithm] == nil {
			sums[l.by.algorithm] = l.by.hash()
		}
	}
	for {
		if err := c.ctx.Err(); err != nil {
			return err
		}
		n, err := f.Read(buf)
		for _, h := range sums {
			h.Write(buf[:n])
		}
		read(n)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			c.unreadable(name, err)
			return nil
		}
	}
	var differ []string
	for _, l := range e.listed {
		if l.by.hash == nil {
			continue
		}
		if got := sums[l.by.algorithm].Sum(nil); !bytes.Equal(got, []byte(l.digest)) {
			differ = append(differ, fmt.Sprintf("%s says %x and the file has %x", l.by.file, l.digest, got))
		}
	}
	if len(differ) > 0 {
		c.fail("digest-mismatch", name, askAgain, "the file is not what was sent: %s", strings.Join(differ, "; "))
	}
	return nil
}
