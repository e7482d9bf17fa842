package workbench

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"

	"recto/scan"
)

// diskError gives a system error the sentinel of what it means for the user.
func diskError(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, scan.ErrNoSpace), errors.Is(err, scan.ErrReadOnly):
		return err
	case errors.Is(err, unix.ENOSPC), errors.Is(err, unix.EDQUOT):
		return fmt.Errorf("%w: %w", scan.ErrNoSpace, err)
	case errors.Is(err, unix.EROFS), errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("%w: %w", scan.ErrReadOnly, err)
	}
	return err
}

// writeFile writes a file whole or not at all: temporary file, fsync, rename,
// fsync of the folder.
func writeFile(path string, b []byte) error {
	dir := filepath.Dir(path)
	f, err := os.CreateTemp(dir, ".tmp-*")
	if err != nil {
		return diskError(err)
	}
	defer os.Remove(f.Name())
	defer f.Close()
	if _, err := f.Write(b); err != nil {
		return diskError(err)
	}
	return diskError(settle(f, path))
}

// settle gives a finished temporary file its place, durably.
func settle(f *os.File, path string) error {
	if err := f.Chmod(0o644); err != nil {
		return err
	}
	if err := f.Sync(); err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return err
	}
	return syncDir(filepath.Dir(path))
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}

// clearDir removes what is in a folder of temporary files.
func clearDir(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if err := os.RemoveAll(filepath.Join(dir, e.Name())); err != nil {
			return err
		}
	}
	return nil
}

// setAside renames the catalogue's files so that a new one can be made; nothing
// is deleted.
func setAside(file, why string) error {
	stamp := time.Now().UTC().Format("20060102T150405Z")
	for _, suffix := range []string{"", "-wal", "-shm"} {
		err := os.Rename(file+suffix, fmt.Sprintf("%s.%s-%s%s", file, why, stamp, suffix))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// freeSpace is what an ordinary user can still write at path, in bytes.
func freeSpace(path string) (uint64, error) {
	var s unix.Statfs_t
	if err := unix.Statfs(path, &s); err != nil {
		return 0, err
	}
	return s.Bavail * uint64(s.Bsize), nil
}

// FreeSpace is what can still be written to the archive's disk, in bytes.
func (w *Workbench) FreeSpace() (uint64, error) { return freeSpace(w.dir) }
