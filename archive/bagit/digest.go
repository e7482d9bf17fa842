package bagit

import (
	"bytes"
	"errors"
	"fmt"
	"hash"
	"io"
	"slices"
	"strings"
)

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
