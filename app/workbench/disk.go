package workbench

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"recto/scan"
	"recto/scan/spool"
)

// diskError gives a system error the sentinel of what it means for the user.
func diskError(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, scan.ErrNoSpace), errors.Is(err, scan.ErrReadOnly), errors.Is(err, ErrVanished), errors.Is(err, ErrNotFolder), errors.Is(err, ErrNotFile),
		errors.Is(err, spool.ErrAbsent), errors.Is(err, spool.ErrForeign), errors.Is(err, spool.ErrDisk):
		return err
	case errors.Is(err, unix.ENOSPC), errors.Is(err, unix.EDQUOT):
		return fmt.Errorf("%w: %w", scan.ErrNoSpace, err)
	case errors.Is(err, unix.EROFS), errors.Is(err, fs.ErrPermission):
		return fmt.Errorf("%w: %w", scan.ErrReadOnly, err)
	case errors.Is(err, unix.ENOTDIR):
		return fmt.Errorf("%w: %w", ErrNotFolder, err)
	case errors.Is(err, unix.EISDIR):
		return fmt.Errorf("%w: %w", ErrNotFile, err)
	}
	for _, gone := range []error{fs.ErrNotExist, unix.EIO, unix.ENODEV, unix.ENXIO, unix.ESTALE, unix.ENOTCONN} {
		if errors.Is(err, gone) {
			return fmt.Errorf("%w: %w", ErrVanished, err)
		}
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

// inside tells whether path is root or lies below it, by whatever links. Neither
// need exist.
func inside(root, path string) bool {
	return below(realPath(root), realPath(path))
}

// below tells the same from the names alone, links not followed.
func below(root, path string) bool {
	rel, err := filepath.Rel(root, path)
	return err == nil && rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator))
}

// realPath follows the links of an absolute path as far as it exists.
func realPath(path string) string {
	if at, err := filepath.EvalSymlinks(path); err == nil {
		return at
	}
	if parent := filepath.Dir(path); parent != path {
		return filepath.Join(realPath(parent), filepath.Base(path))
	}
	return path
}

// notInArchive refuses a place for an archive that lies in another one: what the
// one keeps the other would take for its own or throw away.
func notInArchive(dir string) error {
	for at := realPath(dir); at != filepath.Dir(at); {
		at = filepath.Dir(at)
		if IsArchive(at) {
			return fmt.Errorf("%w: %s would lie in the archive %s", ErrUsage, scan.Path(dir).Line(), scan.Path(at).Line())
		}
		if m, err := spool.ReadMark(at); err == nil {
			return fmt.Errorf("%w: %s would lie among the masters of the archive %s", ErrUsage, scan.Path(dir).Line(), scan.Path(m.Home).Line())
		}
	}
	return nil
}

// outPatience is how long to wait before asking again for a folder that another
// Recto copies into.
const outPatience = 50 * time.Millisecond

// holdOut waits until nobody else copies into an output folder and keeps it until
// the returned file is closed: two Rectos with one --out must not take the same
// name. Some network disks cannot lock; there it gives nil, and the names are only
// as safe as before.
func holdOut(ctx context.Context, dir string) (*os.File, error) {
	for {
		f, err := holdDir(dir)
		switch {
		case err == nil:
			return f, nil
		case !errors.Is(err, unix.EWOULDBLOCK):
			if _, err := os.Stat(dir); err != nil {
				return nil, diskError(err)
			}
			return nil, nil
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(outPatience):
		}
	}
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
	stamp := time.Now().UTC().Format("20060102T150405.000000000Z")
	for _, suffix := range []string{"", "-wal", "-shm"} {
		err := os.Rename(file+suffix, fmt.Sprintf("%s.%s-%s%s", file, why, stamp, suffix))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// dropOlder deletes what was put aside for a reason before the last time.
func dropOlder(file, why string) error {
	all, err := filepath.Glob(globbed(file) + "." + why + "-*")
	if err != nil || len(all) == 0 {
		return err
	}
	slices.Sort(all) // by their stamps, which are equally long
	newest := all[len(all)-1]
	for _, suffix := range []string{"-wal", "-shm"} {
		newest = strings.TrimSuffix(newest, suffix)
	}
	var errs []error
	for _, f := range all {
		if !strings.HasPrefix(f, newest) {
			errs = append(errs, os.Remove(f))
		}
	}
	return errors.Join(errs...)
}

// globbed is a path that means itself in a pattern.
func globbed(path string) string {
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`).Replace(path)
}

// freeSpace is what an ordinary user can still write at path, in bytes.
func freeSpace(path string) (uint64, error) {
	var s unix.Statfs_t
	if err := unix.Statfs(path, &s); err != nil {
		return 0, err
	}
	return s.Bavail * uint64(s.Bsize), nil
}
