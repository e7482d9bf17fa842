package bagit

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"recto/archive"
	"recto/scan"
)

const declaration = "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"

// chunk is how much is read at a time, and how often a context is looked at.
const chunk = 1 << 18

// Write makes a bag of members as the folder dir, which must not exist: the
// payload in the order given, sha256 and sha512 manifests of payload and tag
// files, both digests computed while the bytes are copied. Every file and folder
// is synced when it returns, and bagit.txt is written last, so that what a kill
// leaves is not a bag. After an error there is no dir.
//
// Errors wrap [ErrName] for a name that cannot be used, [scan.ErrChanged] for a
// member that is not what its Fixity says, fs.ErrExist where dir is taken, else
// what reading or writing said.
func Write(ctx context.Context, dir string, info Info, members iter.Seq2[archive.Member, error]) (made archive.Made, err error) {
	if err := info.check(); err != nil {
		return made, err
	}
	if err := os.Mkdir(dir, 0o755); err != nil {
		return made, fmt.Errorf("bag: %w", err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.RemoveAll(dir))
			made = archive.Made{}
		}
	}()
	root, err := os.OpenRoot(dir)
	if err != nil {
		return made, fmt.Errorf("bag: %w", err)
	}
	defer root.Close()

	w := &writer{ctx: ctx, root: root, folders: map[string]bool{".": true}}
	if err := w.payload(members, &made); err != nil {
		return made, err
	}
	if err := w.tags(info, &made); err != nil {
		return made, err
	}
	return made, w.sync(dir)
}

// writer is a bag in the making.
type writer struct {
	ctx     context.Context
	root    *os.Root
	folders map[string]bool // made so far
	tagged  []line          // tag files written so far
}

// line is one entry of both manifests.
type line struct {
	name   string
	fixity scan.Fixity
}

// payload copies the members and writes the manifests along the way.
func (w *writer) payload(members iter.Seq2[archive.Member, error], made *archive.Made) error {
	if err := w.mkdir("data"); err != nil {
		return err
	}
	lists, err := w.lists("manifest")
	if err != nil {
		return err
	}
	defer lists.close()
	given := names{exact: map[string]string{}, files: map[string]bool{}}
	for m, err := range members {
		if err != nil {
			return fmt.Errorf("bag: the next member: %w", err)
		}
		if err := given.add(m.Name); err != nil {
			return err
		}
		fixity, err := w.member(m)
		if err != nil {
			return fmt.Errorf("bag: member %s: %w", scan.Path(m.Name).Line(), err)
		}
		made.Files++
		made.Bytes += fixity.Size
		if err := lists.add(line{"data/" + m.Name, fixity}); err != nil {
			return err
		}
	}
	listed, err := lists.done()
	w.tagged = append(w.tagged, listed...)
	return err
}

// member copies one file and compares it with what was known of it.
func (w *writer) member(m archive.Member) (scan.Fixity, error) {
	if err := w.ctx.Err(); err != nil {
		return scan.Fixity{}, err
	}
	in, err := m.Open()
	if err != nil {
		return scan.Fixity{}, err
	}
	defer in.Close()
	name := "data/" + m.Name
	if err := w.mkdir(path.Dir(name)); err != nil {
		return scan.Fixity{}, err
	}
	f, err := w.create(name)
	if err != nil {
		return scan.Fixity{}, err
	}
	defer f.Close()
	if err := copyTo(f, reader{w.ctx, in}); err != nil {
		return scan.Fixity{}, err
	}
	got, err := f.finish()
	if err != nil {
		return scan.Fixity{}, err
	}
	return got, changed(m.Fixity, got)
}

// changed compares what was copied with what was known. The bag would be valid
// with the wrong bytes too, which is why it must not come to be.
func changed(known *scan.Fixity, got scan.Fixity) error {
	if known == nil {
		return nil
	}
	differ := func(what, known, got string) error {
		if known == "" || strings.EqualFold(known, got) {
			return nil
		}
		return fmt.Errorf("%w: %s was %s and is %s now", scan.ErrChanged, what, known, got)
	}
	if known.Size != got.Size {
		return fmt.Errorf("%w: it had %d bytes and has %d now", scan.ErrChanged, known.Size, got.Size)
	}
	if err := differ("sha256", known.SHA256, got.SHA256); err != nil {
		return err
	}
	return differ("sha512", known.SHA512, got.SHA512)
}

// tags writes bag-info.txt, the tag manifests and at the very end bagit.txt.
func (w *writer) tags(info Info, made *archive.Made) error {
	l, err := w.text("bag-info.txt", info.text(made.Files, made.Bytes))
	if err != nil {
		return err
	}
	w.tagged = append(w.tagged, l, line{"bagit.txt", fixityOf(declaration)})
	slices.SortFunc(w.tagged, func(a, b line) int { return strings.Compare(a.name, b.name) })
	lists, err := w.lists("tagmanifest")
	if err != nil {
		return err
	}
	defer lists.close()
	for _, l := range w.tagged {
		if err := lists.add(l); err != nil {
			return err
		}
	}
	listed, err := lists.done()
	if err != nil {
		return err
	}
	made.Manifest = listed[0].fixity.SHA256
	_, err = w.text("bagit.txt", declaration)
	return err
}

// sync makes the folders durable, innermost first, and the name of the bag itself.
func (w *writer) sync(dir string) error {
	folders := make([]string, 0, len(w.folders))
	for f := range w.folders {
		folders = append(folders, f)
	}
	slices.Sort(folders)
	slices.Reverse(folders)
	for _, name := range folders {
		f, err := w.root.Open(name)
		if err != nil {
			return fmt.Errorf("bag: sync: %w", err)
		}
		err = f.Sync()
		f.Close()
		if err != nil {
			return fmt.Errorf("bag: sync: %w", err)
		}
	}
	f, err := os.Open(filepath.Dir(dir))
	if err != nil {
		return fmt.Errorf("bag: sync: %w", err)
	}
	defer f.Close()
	if err := f.Sync(); err != nil {
		return fmt.Errorf("bag: sync: %w", err)
	}
	return nil
}

func (w *writer) mkdir(name string) error {
	if w.folders[name] {
		return nil
	}
	if err := w.mkdir(path.Dir(name)); err != nil {
		return err
	}
	if err := w.root.Mkdir(name, 0o755); err != nil {
		return fmt.Errorf("bag: %w", err)
	}
	w.folders[name] = true
	return nil
}

func (w *writer) text(name, content string) (line, error) {
	f, err := w.create(name)
	if err != nil {
		return line{}, err
	}
	defer f.Close()
	if _, err := io.WriteString(f, content); err != nil {
		return line{}, fmt.Errorf("bag: %w", err)
	}
	fixity, err := f.finish()
	return line{name, fixity}, err
}
