package bagit

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
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
