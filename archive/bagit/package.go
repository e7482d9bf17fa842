package bagit

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"os"
	"slices"

	"recto/archive"
	"recto/scan"
)

// Package is a bag to be delivered; it implements [archive.Package].
type Package struct {
	info    Info
	members []archive.Member
	size    int64
}

var _ archive.Package = (*Package)(nil)

// NewPackage collects the members of a bag. A member without Fixity is read once
// to find it out, so that what will be in the bag is known before it is written.
// info.Identifier is what tells this document's bags from others.
func NewPackage(ctx context.Context, info Info, members iter.Seq2[archive.Member, error]) (*Package, error) {
	p := &Package{info: info}
	for m, err := range members {
		if err != nil {
			return nil, fmt.Errorf("bag: the next member: %w", err)
		}
		if m.Fixity == nil || m.Fixity.SHA256 == "" || m.Fixity.SHA512 == "" {
			known := m.Fixity
			got, err := measure(ctx, m)
			if err == nil {
				err = changed(known, got)
			}
			if err != nil {
				return nil, fmt.Errorf("bag: member %s: %w", scan.Path(m.Name).Line(), err)
			}
			m.Fixity = &got
		}
		p.members = append(p.members, m)
		p.size += m.Fixity.Size
	}
	return p, nil
}

// Size counts the payload: files, and the bytes in them.
func (p *Package) Size() (files int, bytes int64) { return len(p.members), p.size }

// Write makes the bag as the folder dir; see [Write].
func (p *Package) Write(ctx context.Context, dir string, progress archive.Progress) (archive.Made, error) {
	var done int64
	return Write(ctx, dir, p.info, func(yield func(archive.Member, error) bool) {
		for _, m := range p.members {
			if !yield(m, nil) {
				return
			}
			if done += m.Fixity.Size; progress != nil {
				progress(done, p.size)
			}
		}
	})
}

// Check judges the bag in dir; see [Validate].
func (p *Package) Check(ctx context.Context, dir string, progress archive.Progress) ([]archive.Finding, error) {
	return Validate(ctx, dir, progress)
}

// Same tells whether dir is a bag with the same External-Identifier whose sha256
// and sha512 manifests list exactly these members with these digests.
func (p *Package) Same(ctx context.Context, dir string) (bool, error) {
	if !Is(dir) {
		return false, nil
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return false, fmt.Errorf("bag: %w", err)
	}
	defer root.Close()
	c := &check{ctx: ctx, root: root, index: map[string]*entry{}}
	identified, err := p.identified(c)
	if err != nil || !identified {
		return false, err
	}
	for file, digest := range map[string]func(*scan.Fixity) string{
		"manifest-sha256.txt": func(f *scan.Fixity) string { return f.SHA256 },
		"manifest-sha512.txt": func(f *scan.Fixity) string { return f.SHA512 },
	} {
		if same, err := p.lists(c, file, digest); err != nil || !same {
			return false, err
		}
	}
	return true, nil
}

// identified looks for our identifier in bag-info.txt.
func (p *Package) identified(c *check) (found bool, err error) {
	f, err := c.open("bag-info.txt")
	if err != nil {
		return false, absentOr(err)
	}
	defer f.Close()
	id := oneLine(p.info.Identifier)
	err = elements(f, nil, func(e element) { found = found || e.label == "External-Identifier" && e.value == id })
	return found, absentOr(err)
}

// lists compares a manifest with the members.
func (p *Package) lists(c *check, file string, digest func(*scan.Fixity) string) (bool, error) {
	f, err := c.open(file)
	if err != nil {
		return false, absentOr(err)
	}
	defer f.Close()
	want := make(map[string]bool, len(p.members))
	for _, m := range p.members {
		want[digest(m.Fixity)+"  "+percent.Replace("data/"+m.Name)] = true
	}
	err = lines(f, nil, func(_ int, s string) error {
		if err := c.ctx.Err(); err != nil {
			return err
		}
		if !want[s] {
			return errEnough
		}
		delete(want, s)
		return nil
	})
	if errors.Is(err, errEnough) {
		return false, nil
	}
	return err == nil && len(want) == 0, absentOr(err)
}

// absentOr gives nil for errors that only say that this is another kind of folder.
func absentOr(err error) error {
	if slices.ContainsFunc([]error{fs.ErrNotExist, errMark, errNotEncoded}, func(e error) bool { return errors.Is(err, e) }) {
		return nil
	}
	return err
}
