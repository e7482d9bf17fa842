package deposit

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"

	"recto/archive"
	"recto/scan"
)

// partial begins the hidden names of packages on their way. Such a folder holds
// the package until that is moved out of it as a whole.
const partial = ".recto-partial-"

// Folder is a destination on a mounted file system: a disk, a stick, a share. dir
// must exist: a folder made where a disk should have been mounted would take the
// packages and hide them under the disk later.
func Folder(dir string) archive.Destination {
	if abs, err := filepath.Abs(dir); err == nil { // else the working directory is gone, and so will dir be
		dir = abs
	}
	return folder{dir}
}

type folder struct{ dir string }

func (f folder) Address() scan.Path { return scan.Path(f.dir) }

// partialOf is how the partials of a document begin.
func partialOf(document archive.DocumentID) string { return partial + string(document) + "." }

// Clear removes the partials of a document whose lock nobody holds.
func (f folder) Clear(_ context.Context, document archive.DocumentID) error {
	entries, err := os.ReadDir(f.dir)
	if err != nil {
		return f.explain(err, 0)
	}
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), partialOf(document)) || !e.IsDir() {
			continue
		}
		if err := removeUnlocked(filepath.Join(f.dir, e.Name())); err != nil {
			return f.denied(err, 0)
		}
	}
	return nil
}

// Look gives the package's own folder: here is there.
func (f folder) Look(_ context.Context, name string) (string, error) {
	path := filepath.Join(f.dir, name)
	if _, err := os.Lstat(path); err != nil {
		return "", f.explain(err, 0)
	}
	return path, nil
}

var plain = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]*$`)

// Stage makes the partial on the destination's own file system, where it can be
// moved to its name in one go, and locks it for as long as this process lives.
func (f folder) Stage(_ context.Context, document archive.DocumentID, delivery string, size int64) (archive.Staged, error) {
	if !plain.MatchString(string(document)) || !plain.MatchString(delivery) {
		return nil, fmt.Errorf("%q and %q: not identifiers", document, delivery)
	}
	device, err := deviceOf(f.dir)
	if err != nil {
		return nil, f.explain(err, 0)
	}
	need := size + size/20
	left, known, err := freeSpace(f.dir)
	if err != nil {
		return nil, f.explain(err, device)
	}
	if known && left < need {
		return nil, trouble{fmt.Sprintf("not enough space: %d MB are needed and %d MB are free", need/1e6+1, left/1e6), scan.ErrNoSpace, nil}
	}
	s := &stagedFolder{folder: f, device: device, partial: filepath.Join(f.dir, partialOf(document)+delivery)}
	if err := os.Mkdir(s.partial, 0o755); err != nil {
		return nil, f.denied(err, device)
	}
	free := false
	if s.lock, err = os.Open(s.partial); err == nil {
		free, err = tryLock(s.lock)
	}
	if err == nil && !free {
		err = errors.New("another delivery of this document is clearing up; try again")
	}
	if err != nil {
		return nil, s.Discard(err)
	}
	return s, nil
}

func removeUnlocked(path string) error {
	d, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer d.Close()
	if free, err := tryLock(d); err != nil || !free {
		return err
	}
	return os.RemoveAll(path)
}

// stagedFolder is a package in its partial.
type stagedFolder struct {
	folder
	device  uint64 // of the file system that was there when it was staged
	partial string
	lock    *os.File // the partial, open
}

func (s *stagedFolder) Dir() string { return filepath.Join(s.partial, "package") }

// Send has nothing to carry: the package was built where it stays. What is missing
// is that the partial itself outlasts a power cut.
func (s *stagedFolder) Send(context.Context) error { return syncFolder(s.dir) }

// ReadBack empties the page cache of the package's files and asks the kernel
// whether that worked: a stick that was pulled and lied about its writes would
// otherwise be verified from memory.
func (s *stagedFolder) ReadBack(ctx context.Context) (string, bool, error) {
	cold := true
	err := filepath.WalkDir(s.Dir(), func(path string, d fs.DirEntry, err error) error {
		if err == nil {
			err = ctx.Err()
		}
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		dropped, err := dropCache(path)
		cold = cold && dropped
		return err
	})
	return s.Dir(), cold && err == nil, err
}

// Commit renames without replacing (renameat2, RENAME_NOREPLACE) and makes that durable.
func (s *stagedFolder) Commit(_ context.Context, name string) (scan.Path, error) {
	to := filepath.Join(s.dir, name)
	if err := renameNew(s.Dir(), to); err != nil {
		if errors.Is(err, fs.ErrExist) {
			return "", err
		}
		return "", s.denied(err, s.device)
	}
	if err := syncFolder(s.dir); err != nil {
		return "", err
	}
	s.lock.Close()
	os.Remove(s.partial) // empty now; where a kill leaves it, Clear comes by
	return scan.Path(to), nil
}

func (s *stagedFolder) Discard(cause error) error {
	cause = s.explain(cause, s.device)
	if !errors.Is(cause, ErrGone) {
		if err := os.RemoveAll(s.partial); err != nil {
			cause = errors.Join(cause, fmt.Errorf("the unfinished package is left: %w", err))
		}
	}
	if s.lock != nil {
		s.lock.Close()
	}
	return cause
}

// trouble says in the destination's words what an error of the system means.
type trouble struct {
	text        string
	kind, cause error
}

func (t trouble) Error() string {
	if t.cause == nil {
		return t.text
	}
	return t.text + ": " + t.cause.Error()
}

func (t trouble) Unwrap() []error {
	if t.cause == nil {
		return []error{t.kind}
	}
	return []error{t.kind, t.cause}
}

// explain finds out what is behind an error. device is that of the destination
// when it was last seen, 0 if it was not: another one now means that the disk was
// unmounted, and that its empty mount point is what can be seen.
func (f folder) explain(err error, device uint64) error {
	if err == nil || errors.As(err, new(trouble)) {
		return err
	}
	now, gone := deviceOf(f.dir)
	switch {
	case errors.Is(gone, fs.ErrPermission):
		return trouble{"the folder may not be opened", scan.ErrReadOnly, err}
	case gone != nil || device != 0 && now != device:
		return trouble{"the folder is not there (is the disk mounted?)", ErrGone, err}
	case errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT):
		return trouble{"the disk is full", scan.ErrNoSpace, err}
	case errors.Is(err, syscall.EROFS):
		return trouble{"the disk is read-only", scan.ErrReadOnly, err}
	}
	return err
}

// denied is explain for calls that touch nothing but the destination, so that a
// refusal is its refusal.
func (f folder) denied(err error, device uint64) error {
	if errors.Is(err, fs.ErrPermission) {
		return trouble{"the folder may not be written to", scan.ErrReadOnly, err}
	}
	return f.explain(err, device)
}

func syncFolder(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}
