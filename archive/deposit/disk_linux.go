package deposit

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"golang.org/x/sys/unix"
)

// freeSpace gives the bytes that this user may still write. It is not known on
// file systems that count no blocks, as some network ones.
func freeSpace(dir string) (free int64, known bool, err error) {
	var s unix.Statfs_t
	if err := unix.Statfs(dir, &s); err != nil {
		return 0, false, &fs.PathError{Op: "statfs", Path: dir, Err: err}
	}
	unit := s.Frsize // what blocks are counted in, where the file system says so
	if unit <= 0 {
		unit = s.Bsize
	}
	return int64(s.Bavail) * unit, s.Blocks > 0, nil
}

// deviceOf names the file system that a folder lies on.
func deviceOf(dir string) (uint64, error) {
	var s unix.Stat_t
	if err := unix.Stat(dir, &s); err != nil {
		return 0, &fs.PathError{Op: "stat", Path: dir, Err: err}
	}
	if s.Mode&unix.S_IFMT != unix.S_IFDIR {
		return 0, &fs.PathError{Op: "stat", Path: dir, Err: unix.ENOTDIR}
	}
	return s.Dev, nil
}

// tryLock locks an open folder until it is closed or the process ends, however it
// ends. It is false where another process holds it. A file system without locks
// counts as free: there, what lies around was left behind, as far as anyone can tell.
func tryLock(f *os.File) (bool, error) {
	err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB)
	switch {
	case errors.Is(err, unix.EWOULDBLOCK):
		return false, nil
	case errors.Is(err, unix.ENOTSUP), errors.Is(err, unix.ENOLCK), errors.Is(err, unix.ENOSYS), errors.Is(err, unix.EINVAL):
		return true, nil
	case err != nil:
		return false, fmt.Errorf("lock %s: %w", f.Name(), err)
	}
	return true, nil
}

// dropCache takes a file that was synced out of the page cache, and tells whether it
// is gone from there: posix_fadvise is a wish only.
func dropCache(path string) (bool, error) {
	f, err := os.Open(path)
	if err != nil {
		return false, err
	}
	defer f.Close()
	if unix.Fadvise(int(f.Fd()), 0, 0, unix.FADV_DONTNEED) != nil {
		return false, nil
	}
	cached, err := inCache(f)
	return !cached, err
}

// inCache tells whether the first page of a file is in memory. Where nobody can
// tell, it is. With RWF_NOWAIT the kernel gives what it has there, or EAGAIN.
func inCache(f *os.File) (bool, error) {
	info, err := f.Stat()
	if err != nil || info.Size() == 0 {
		return false, err
	}
	_, err = unix.Preadv2(int(f.Fd()), [][]byte{make([]byte, 1)}, 0, unix.RWF_NOWAIT)
	return !errors.Is(err, unix.EAGAIN), nil
}

// renameNew gives a folder a new name unless that is taken: fs.ErrExist. Where the
// file system does not know how to refuse, it looks first; what could come between
// is safe as well, because renaming a folder replaces nothing but an empty folder
// (rename(2)).
func renameNew(from, to string) error {
	err := unix.Renameat2(unix.AT_FDCWD, from, unix.AT_FDCWD, to, unix.RENAME_NOREPLACE)
	if errors.Is(err, unix.EINVAL) || errors.Is(err, unix.ENOSYS) || errors.Is(err, unix.ENOTSUP) {
		if _, err := os.Lstat(to); err == nil {
			return &os.LinkError{Op: "rename", Old: from, New: to, Err: unix.EEXIST}
		}
		err = unix.Rename(from, to)
		if errors.Is(err, unix.ENOTEMPTY) || errors.Is(err, unix.ENOTDIR) {
			err = unix.EEXIST
		}
	}
	if err != nil {
		return &os.LinkError{Op: "rename", Old: from, New: to, Err: err}
	}
	return nil
}
