package spool

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"recto/scan"
)

// ErrLeft says that after an error what had been done could not be taken back.
var ErrLeft = errors.New("what was begun may be left on the disk")

// ErrSourceChanged says that somebody wrote to the source while it was copied.
var ErrSourceChanged = fmt.Errorf("%w: it changed while it was copied", scan.ErrUnreadable)

// Spool keeps the masters of one archive. Its methods are safe for concurrent use.
type Spool struct {
	told func(scan.PageID) bool // nil: nothing is known of any page
	root string
	disk disk

	archive string // whose masters these are, as told to Of
	apart   bool   // they lie on another disk
	reserve int64  // bytes to stay free; negative: the usual

	recovering sync.RWMutex // held for reading by Append: its sidecar is no leftover
	mu         sync.Mutex
	durable    map[string]bool // folders that are known to survive a power cut
}

// Open gives the spool of the archive at root, a folder that must exist. It
// changes nothing; what is missing is made by the first Append.
func Open(root string) (*Spool, error) {
	info, err := os.Stat(root)
	if err != nil {
		return nil, fmt.Errorf("open spool: %w", err)
	}
	if !info.IsDir() {
		return nil, fmt.Errorf("open spool: %s is not a folder", root)
	}
	return &Spool{root: root, disk: disk{waits: new(atomic.Int64)}, reserve: -1, durable: map[string]bool{}}, nil
}

// Synced is how long the spool has waited for the disk to say that bytes are on it:
// for measurements.
func (s *Spool) Synced() time.Duration {
	if s.disk.waits == nil {
		return 0
	}
	return time.Duration(s.disk.waits.Load())
}

// Append makes a sheet durable as a new page of batch b: when it returns without
// an error, master and sidecar survive a power cut. After an error or a cancel
// nothing is left, unless it wraps [ErrLeft]; then Recover finds what it is. The
// error wraps scan.ErrNoSpace, scan.ErrReadOnly, [ErrDisk], [ErrAbsent] or
// [ErrForeign] when the archive's disk is to blame, scan.ErrEmpty, [ErrSourceChanged]
// or scan.ErrUnreadable when the source is, or whatever else of scan's errors the
// sheet's Open gives.
func (s *Spool) Append(ctx context.Context, b scan.BatchID, info Info, sheet scan.Sheet) (scan.Page, error) {
	s.recovering.RLock()
	defer s.recovering.RUnlock()
	page, err := s.append(ctx, b, info, sheet)
	if err != nil {
		return scan.Page{}, fmt.Errorf("spool %s: %w", sheet.Origin.Path.Line(), err)
	}
	return page, nil
}

func (s *Spool) append(ctx context.Context, b scan.BatchID, info Info, sheet scan.Sheet) (page scan.Page, err error) {
	if err := ctx.Err(); err != nil {
		return page, err
	}
	if !isUUID(string(b)) {
		return page, fmt.Errorf("batch %q: not a UUID", b)
	}
	ext, other := sheet.Extension(), ""
	if formats[ext] != sheet.Format {
		return page, fmt.Errorf("%w: no master can be of format %q", scan.ErrUnsupported, sheet.Format)
	}
	if c := sheet.Companion; c != nil {
		other = working + c.Format.Extension()
		if sheet.Format != scan.RAW || formats[c.Format.Extension()] != c.Format || c.Format == scan.RAW {
			return page, fmt.Errorf("%w: no %q can be the working image of a %q", scan.ErrUnsupported, c.Format, sheet.Format)
		}
	}
	if err := s.folders(b); err != nil {
		return page, err
	}

	var made []string // names to take back, in order, unless the page becomes durable: the master first
	placed := false   // some of them in the batch's folder
	defer func() {
		if err == nil {
			return
		}
		var e error
		for _, name := range made { // the master first: one that stays must keep its sidecar
			if e = s.disk.remove(name); e != nil {
				break
			}
		}
		if e == nil && placed { // else a power cut brings back what was said to have failed
			e = s.disk.syncDir(s.abs("masters", string(b)))
		}
		if gone := s.There(); gone != nil { // where nothing seems to be left
			e = gone
		}
		if e != nil {
			err = errors.Join(err, fmt.Errorf("take back: %w: %w", ErrLeft, e))
		}
	}()
	create := func(path string, write func(io.Writer) error) error {
		made = append(made, path)
		return s.write(path, write)
	}
	rename := func(from, to string) error {
		at := slices.Index(made, from)
		switch err := s.disk.rename(from, to); {
		case errors.Is(err, fs.ErrExist):
			return err
		case err != nil: // it may have taken place for all that: a lost answer, a link without its removal
			made, placed = slices.Insert(made, at+1, to), true
			return err
		}
		made[at], placed = to, true
		return nil
	}

	id := scan.NewID()
	master := path.Join("masters", string(b), id+ext)
	newMaster, newSidecar := s.abs("masters", tmpDir, id+ext), s.abs("masters", tmpDir, id+".json")
	page = scan.Page{
		ID: scan.PageID(id), Batch: b, Master: master, Format: sheet.Format, Origin: sheet.Origin,
		Pixels: sheet.Pixels, DPI: sheet.DPI, Orientation: sheet.Orientation, Operator: info.Operator,
		Label: info.Label,
	}
	err = create(newMaster, func(w io.Writer) error {
		page.Fixity, err = capture(ctx, w, sheet)
		return err
	})
	if err != nil {
		return page, err
	}
	newCompanion := s.abs("masters", tmpDir, id+other)
	if c := sheet.Companion; c != nil {
		page.Companion = scan.Companion{
			Master: path.Join("masters", string(b), id+other), Format: c.Format,
			Path: c.Origin.Path, Absolute: c.Origin.Absolute, Size: c.Origin.Size, Modified: c.Origin.Modified.UTC(),
		}
		err = create(newCompanion, func(w io.Writer) error {
			page.Companion.Fixity, err = capture(ctx, w, *c)
			return err
		})
		if err != nil {
			return page, fmt.Errorf("its working image %s: %w", c.Origin.Path.Line(), err)
		}
	}
	page.Captured = time.Now().UTC()
	sidecar, err := Sidecar{
		Format: format, Page: page, Batch: Batch{b, info.Name, info.Title, info.Shelfmark, info.Container},
		Sequence: info.Sequence, Place: info.Place, Written: page.Captured,
	}.encode()
	if err != nil {
		return page, err
	}
	err = create(newSidecar, func(w io.Writer) error {
		_, err := w.Write(sidecar)
		return err
	})
	if err != nil {
		return page, err
	}
	if err := ctx.Err(); err != nil { // the last chance: from here on it is done to the end
		return page, err
	}
	if err := rename(newSidecar, s.abs("masters", string(b), id+".json")); err != nil {
		return page, err
	}
	if c := page.Companion.Master; c != "" {
		if err := rename(newCompanion, s.abs(c)); err != nil {
			return page, err
		}
		// A power cut may keep one of two names that were not synced: it must not be the
		// master's, or the page would be there without what can be seen of it.
		if err := s.disk.syncDir(s.abs("masters", string(b))); err != nil {
			return page, err
		}
	}
	if err := rename(newMaster, s.abs(master)); err != nil { // the commit
		return page, err
	}
	return page, s.disk.syncDir(s.abs("masters", string(b)))
}

// write makes a new file with its bytes on the disk.
func (s *Spool) write(path string, content func(io.Writer) error) error {
	f, err := s.disk.create(path)
	if err != nil {
		return err
	}
	if err = content(f); err == nil {
		err = f.sync()
	}
	return errors.Join(err, f.close())
}

// capture copies a sheet's bytes and makes sure that they belong together: that
// nobody wrote to the file since the source looked at it.
func capture(ctx context.Context, w io.Writer, sheet scan.Sheet) (scan.Fixity, error) {
	src, err := sheet.Open()
	if err != nil {
		return scan.Fixity{}, unreadable(err)
	}
	defer src.Close()
	stat := func() (fs.FileInfo, error) { return nil, fs.ErrInvalid }
	if f, ok := src.(interface{ Stat() (fs.FileInfo, error) }); ok {
		stat = f.Stat
	}
	before, beforeErr := stat()
	fixity, err := transfer(ctx, w, src)
	if err != nil {
		return scan.Fixity{}, err
	}
	if before != nil && beforeErr == nil && before.Mode().IsRegular() {
		after, err := stat()
		if err != nil {
			return scan.Fixity{}, unreadable(err)
		}
		if !same(after, before.Size(), before.ModTime()) || fixity.Size != before.Size() {
			return scan.Fixity{}, fmt.Errorf("%w: %d bytes at first, %d were read, %d now", ErrSourceChanged, before.Size(), fixity.Size, after.Size())
		}
	}
	// A master may be a part of its file only, so the file itself is asked again.
	// Sources without files, and files that are gone by now, have nothing to say.
	if o := sheet.Origin; o.Path != "" && !o.Modified.IsZero() {
		if now, err := os.Stat(string(o.Path)); err == nil && now.Mode().IsRegular() && !same(now, o.Size, o.Modified) {
			return scan.Fixity{}, fmt.Errorf("%w: %d bytes of %s when it was found, %d of %s now", ErrSourceChanged,
				o.Size, o.Modified.UTC().Format(time.RFC3339Nano), now.Size(), now.ModTime().UTC().Format(time.RFC3339Nano))
		}
	}
	if fixity.Size == 0 {
		return scan.Fixity{}, scan.ErrEmpty
	}
	return fixity, nil
}

func same(info fs.FileInfo, size int64, modified time.Time) bool {
	return info.Size() == size && info.ModTime().Equal(modified)
}

// folders makes the folders that a batch needs and their names durable. A folder
// that exists already may come from a call that was cut off before the sync.
func (s *Spool) folders(b scan.BatchID) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.There(); err != nil {
		return err
	}
	if !s.durable["masters"] {
		if err := s.folder(s.root, "masters"); err != nil {
			return err
		}
		// Its own name may be lost in a power cut, with all that is unfinished in it.
		if _, err := s.disk.mkdir(s.abs("masters", tmpDir)); err != nil {
			return err
		}
		s.durable["masters"] = true
	}
	if !s.durable[string(b)] {
		if err := s.folder(s.abs("masters"), string(b)); err != nil {
			return err
		}
		s.durable[string(b)] = true
	}
	return nil
}

// folder makes a folder and its name durable. After a sync that failed another one
// proves nothing (Rebello et al., USENIX ATC 2020): what was made just now goes, and
// is made anew by the next try.
func (s *Spool) folder(dir, name string) error {
	name = filepath.Join(dir, name)
	made, err := s.disk.mkdir(name)
	if err != nil {
		return err
	}
	if err = s.disk.syncDir(dir); err != nil && made {
		if e := s.disk.rmdir(name); e != nil {
			err = errors.Join(err, e)
		}
	}
	return err
}

// Path is where the page's master lies, for a worker to read. It refuses a page
// whose Master leads out of the folder masters.
func (s *Spool) Path(page scan.Page) (string, error) {
	return s.place(page, page.Master)
}

// place is where a file of a page lies.
func (s *Spool) place(page scan.Page, m string) (string, error) {
	if path.Clean(m) != m || !filepath.IsLocal(m) || !strings.HasPrefix(m, "masters/") {
		return "", fmt.Errorf("page %s: %q is not the place of a master", page.ID, m)
	}
	return s.abs(m), nil
}

// Open opens the page's master for reading; fs.ErrNotExist when it is missing,
// [ErrAbsent] or [ErrForeign] when all are.
// The caller closes it.
func (s *Spool) Open(page scan.Page) (*os.File, error) {
	return s.open(page, page.Master)
}

func (s *Spool) open(page scan.Page, m string) (*os.File, error) {
	name, err := s.place(page, m)
	if err != nil {
		return nil, err
	}
	f, err := openRegular(name)
	switch {
	case errors.Is(err, fs.ErrNotExist) && m != page.Master:
		return nil, fmt.Errorf("page %s: its working image is missing: %w", page.ID, err)
	case errors.Is(err, fs.ErrNotExist):
		if gone := s.There(); gone != nil {
			return nil, fmt.Errorf("page %s: %w", page.ID, gone)
		}
		return nil, fmt.Errorf("page %s: the master is missing: %w", page.ID, err)
	case err != nil:
		return nil, fmt.Errorf("page %s: %w: %w", page.ID, scan.ErrUnreadable, err)
	}
	return f, nil
}

// Check reads the page's master and its companion again. It gives scan.ErrChanged with what differs,
// fs.ErrNotExist when one of them is missing, scan.ErrUnreadable when the disk
// does not give it back.
func (s *Spool) Check(ctx context.Context, page scan.Page) error {
	for _, f := range page.Files() {
		if err := s.check(ctx, page, f); err != nil {
			return err
		}
	}
	return nil
}

func (s *Spool) check(ctx context.Context, page scan.Page, file scan.File) error {
	f, err := s.open(page, file.Path)
	if err != nil {
		return err
	}
	defer f.Close()
	now, err := transfer(ctx, io.Discard, f)
	if err != nil {
		return fmt.Errorf("page %s: %w", page.ID, err)
	}
	var differs []string
	if now.Size != file.Fixity.Size {
		differs = append(differs, fmt.Sprintf("size %d, was %d", now.Size, file.Fixity.Size))
	}
	if now.SHA256 != file.Fixity.SHA256 {
		differs = append(differs, fmt.Sprintf("sha256 %s, was %s", now.SHA256, file.Fixity.SHA256))
	}
	if now.SHA512 != file.Fixity.SHA512 {
		differs = append(differs, fmt.Sprintf("sha512 %.16s..., was %.16s...", now.SHA512, file.Fixity.SHA512))
	}
	if differs != nil {
		return fmt.Errorf("page %s: %w: %s: %s", page.ID, scan.ErrChanged, file.Path, strings.Join(differs, "; "))
	}
	return nil
}

// abs is a path of slash-separated parts below the root.
func (s *Spool) abs(parts ...string) string {
	return filepath.Join(s.root, filepath.FromSlash(path.Join(parts...)))
}

// formats are those that a master can have, by its extension.
var formats = func() map[string]scan.Format {
	m := map[string]scan.Format{}
	for _, f := range []scan.Format{scan.TIFF, scan.PNG, scan.JPEG, scan.JP2, scan.WebP, scan.BMP, scan.PNM, scan.RAW} {
		m[f.Extension()] = f
	}
	for _, e := range scan.RawExtensions {
		m[e] = scan.RAW
	}
	return m
}()

// working stands between the ID and the extension of a companion's name.
const working = ".working"

// isUUID holds for the canonical form only: IDs become file names here.
func isUUID(s string) bool {
	u, err := uuid.Parse(s)
	return err == nil && u.String() == s
}
