package spool

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"recto/scan"
)

// The folder masters may be a link to a folder on another disk, or a disk mounted
// there. Then a file in it, the mark, says whose masters these are, so that a disk
// that is not connected, or another one in its place, is noticed before anything is
// looked for or made there.
const (
	markFile = "masters.json"
	tmpDir   = "tmp" // in masters: renaming does not go from one file system to another
)

// What can be wrong with the place of the masters.
var (
	ErrAbsent  = errors.New("the disk with the masters of this archive is not there")
	ErrForeign = errors.New("what lies there are not the masters of this archive")
)

// Mark is the content of the mark.
type Mark struct {
	Archive string `json:"archive"`        // UUID
	Home    string `json:"home,omitempty"` // where the archive lay when the mark was written
	Note    string `json:"note,omitempty"` // for people
}

// Where tells where the masters of the archive at root lie, and whether that is
// apart from it: behind a link or on another file system. A link that leads
// nowhere is [ErrAbsent]; no masters at all are none that lie apart.
func Where(root string) (dir string, apart bool, err error) {
	dir = filepath.Join(root, "masters")
	link, err := os.Lstat(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return dir, false, nil
	}
	if err != nil {
		return dir, false, absent(dir, err)
	}
	if link.Mode().Type() == fs.ModeSymlink {
		apart = true
		if to, err := os.Readlink(dir); err == nil {
			if !filepath.IsAbs(to) {
				to = filepath.Join(root, to)
			}
			dir = to
		}
	}
	info, err := os.Stat(dir)
	if err != nil {
		return dir, apart, absent(dir, err)
	}
	if !info.IsDir() {
		return dir, apart, fmt.Errorf("%s is not a folder: %w", scan.Path(dir).Line(), syscall.ENOTDIR)
	}
	above, err := os.Stat(root)
	if err != nil {
		return dir, apart, err
	}
	return dir, apart || device(above) != device(info), nil
}

func absent(dir string, err error) error {
	if errors.Is(err, fs.ErrPermission) {
		return fmt.Errorf("%s: %w: %w", scan.Path(dir).Line(), scan.ErrReadOnly, err)
	}
	return fmt.Errorf("%s: %w: %v", scan.Path(dir).Line(), ErrAbsent, err) // not fs.ErrNotExist: no single master is missing
}

// device is the file system that something lies on.
func device(info fs.FileInfo) uint64 {
	if s, ok := info.Sys().(*syscall.Stat_t); ok {
		return uint64(s.Dev)
	}
	return 0
}

// ReadMark reads the mark in a folder of masters; fs.ErrNotExist where it has none,
// [ErrForeign] where it says nothing.
func ReadMark(dir string) (m Mark, err error) {
	f, err := openRegular(filepath.Join(dir, markFile))
	if err != nil {
		return m, err
	}
	defer f.Close()
	if err := json.NewDecoder(io.LimitReader(f, maxSidecar)).Decode(&m); err != nil || m.Archive == "" {
		return Mark{}, fmt.Errorf("%w: %s does not say whose they are", ErrForeign, scan.Path(f.Name()).Line())
	}
	return m, nil
}

// Write puts the mark into a folder of masters, durably, with the folder itself. A
// mark that is there it replaces.
func (m Mark) Write(dir string) error {
	m.Note = "The page images of a Recto archive, which itself lies elsewhere. Do not rename or edit anything here."
	b, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return err
	}
	temp := filepath.Join(dir, "."+markFile+".tmp")
	if err := os.Remove(temp); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return sorted(err)
	}
	f, err := disk{}.create(temp)
	if err != nil {
		return err
	}
	if _, err = f.Write(append(b, '\n')); err == nil {
		err = f.f.Chmod(0o644) // unlike a master it may be mended by hand
	}
	if err == nil {
		err = f.sync()
	}
	if err = errors.Join(err, f.close()); err == nil {
		err = sorted(os.Rename(temp, filepath.Join(dir, markFile)))
	}
	if err != nil {
		return errors.Join(err, os.Remove(temp))
	}
	// The folder's own name may be as new as the mark. A mount point's is not on this disk.
	real, err := filepath.EvalSymlinks(dir)
	if err != nil {
		return err
	}
	return errors.Join(disk{}.syncDir(real), disk{}.syncDir(filepath.Dir(real)))
}

// Unmark takes the mark away from a folder that has become nobody's.
func Unmark(dir string) error { return os.Remove(filepath.Join(dir, markFile)) }

// Of tells the spool whose masters it has to do with. From then on it touches none
// without having seen the mark where they lie apart, and none with the mark of
// another archive in any case. Call it before all else.
func (s *Spool) Of(archive string, apart bool) { s.archive, s.apart = archive, apart }

// There tells whether the masters can be reached and are this archive's: nil,
// [ErrAbsent] or [ErrForeign]. An archive that has no masters yet is in order.
func (s *Spool) There() error {
	dir, _, err := Where(s.root)
	if err != nil {
		return err
	}
	if s.archive == "" {
		return nil
	}
	m, err := ReadMark(dir)
	switch {
	case err == nil && m.Archive != s.archive:
		return fmt.Errorf("%s: %w: they are of %s, this is %s", scan.Path(dir).Line(), ErrForeign, m.Archive, s.archive)
	case err == nil, !s.apart && errors.Is(err, fs.ErrNotExist):
		return nil
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("%s: %w: the folder has no %s", scan.Path(dir).Line(), ErrAbsent, markFile)
	case errors.Is(err, ErrForeign):
		return err
	}
	return absent(dir, err)
}

// ours tells names in masters that are neither batches nor strange.
func ours(e fs.DirEntry) bool {
	switch e.Name() {
	case markFile, "." + markFile + ".tmp":
		return e.Type().IsRegular()
	case tmpDir, "lost+found": // the latter is in the root of every ext file system (mke2fs(8))
		return e.IsDir()
	}
	return false
}

// unfinished tells names that the spool gives to its unfinished files. In a folder
// that is reached through a link nothing else may be deleted.
func unfinished(e fs.DirEntry) bool {
	stem, _, _ := strings.Cut(e.Name(), ".")
	return e.Type().IsRegular() && isUUID(stem)
}
