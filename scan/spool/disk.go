package spool

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"syscall"

	"golang.org/x/sys/unix"

	"recto/scan"
)

// disk carries out every call with which the spool touches the archive. It is the
// one door, so that a test can watch each call, refuse it, or stop there for good.
type disk struct {
	before func(op string, paths ...string) error // nil outside tests, as is
	after  func(op string, paths ...string) error // which hears of what was done
}

// call does one operation. The error wraps scan.ErrNoSpace or scan.ErrReadOnly
// where the archive's disk is to blame, and names the path.
func (d disk) call(do func() error, op string, paths ...string) error {
	if d.before != nil {
		if err := d.before(op, paths...); err != nil {
			return sorted(&fs.PathError{Op: op, Path: paths[0], Err: err})
		}
	}
	err := do()
	if err == nil && d.after != nil {
		if err = d.after(op, paths...); err != nil {
			err = &fs.PathError{Op: op, Path: paths[0], Err: err}
		}
	}
	return sorted(err)
}

func sorted(err error) error {
	switch {
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return fmt.Errorf("%w: %w", scan.ErrNoSpace, err)
	case errors.Is(err, syscall.EROFS), errors.Is(err, syscall.EACCES), errors.Is(err, syscall.EPERM):
		return fmt.Errorf("%w: %w", scan.ErrReadOnly, err)
	}
	for _, fails := range failing {
		if errors.Is(err, fails) {
			return fmt.Errorf("%w: %w", ErrDisk, err)
		}
	}
	return err
}

// ErrDisk says that the disk of the masters fails, not what is to be put on it.
var ErrDisk = errors.New("the disk with the masters fails")

// failing is what a dying, unplugged or unreachable disk gives.
var failing = []error{
	syscall.EIO, syscall.EREMOTEIO, syscall.ENXIO, syscall.ENODEV, syscall.ESTALE, syscall.ENOTCONN,
	syscall.ESHUTDOWN, syscall.ETIMEDOUT, syscall.EUCLEAN,
}

// mkdir makes a folder; one that is there already is as good.
func (d disk) mkdir(path string) (made bool, err error) {
	err = d.call(func() error { return os.Mkdir(path, 0o777) }, "mkdir", path)
	if errors.Is(err, fs.ErrExist) {
		if info, e := os.Stat(path); e == nil && info.IsDir() {
			return false, nil
		}
	}
	return err == nil, err
}

// rmdir takes an empty folder away.
func (d disk) rmdir(path string) error {
	return d.call(func() error { return os.Remove(path) }, "rmdir", path)
}

// create opens a new file for writing. It is read-only for everybody else from
// its first moment: nothing that the spool writes is ever changed.
func (d disk) create(path string) (*file, error) {
	var f *os.File
	err := d.call(func() (err error) {
		f, err = os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o444)
		return err
	}, "create", path)
	if err != nil {
		return nil, err
	}
	return &file{d, f}, nil
}

// rename moves a file to a name that must be free. NFS and some FUSE file systems
// know no RENAME_NOREPLACE (renameat2(2)); a hard link fails on a taken name too.
func (d disk) rename(from, to string) error {
	return d.call(func() error {
		err := unix.Renameat2(unix.AT_FDCWD, from, unix.AT_FDCWD, to, unix.RENAME_NOREPLACE)
		switch err {
		case nil:
			return nil
		case unix.EINVAL, unix.ENOSYS, unix.EOPNOTSUPP:
			return linkOver(from, to)
		}
		return &os.LinkError{Op: "rename", Old: from, New: to, Err: err}
	}, "rename", from, to)
}

// linkOver is rename for file systems without RENAME_NOREPLACE. Killed between
// its calls it leaves a second name in tmp, which recovery takes away.
func linkOver(from, to string) error {
	switch err := os.Link(from, to); {
	case errors.Is(err, syscall.EPERM), errors.Is(err, syscall.EOPNOTSUPP), errors.Is(err, syscall.ENOSYS):
		// Not sorted as read-only: the folder can be written to (link(2), EPERM).
		return fmt.Errorf("link %s: this file system has neither hard links nor renaming without replacing", to)
	case err != nil:
		return err
	}
	return os.Remove(from)
}

// remove deletes a file or a tree; one that is not there is as good.
func (d disk) remove(path string) error {
	return d.call(func() error { return os.RemoveAll(path) }, "remove", path)
}

// syncDir makes the names in a folder durable (fsync(2): syncing a file does not
// sync the entry that leads to it).
func (d disk) syncDir(path string) error {
	return d.call(func() error {
		f, err := os.Open(path)
		if err != nil {
			return err
		}
		return errors.Join(f.Sync(), f.Close())
	}, "syncdir", path)
}

// file is a file being written.
type file struct {
	disk disk
	f    *os.File
}

func (f *file) Write(b []byte) (n int, err error) {
	err = f.disk.call(func() (err error) { n, err = f.f.Write(b); return err }, "write", f.f.Name())
	return n, err
}

func (f *file) sync() error {
	return f.disk.call(f.f.Sync, "sync", f.f.Name())
}

// close frees the descriptor even where a test refuses the call.
func (f *file) close() error {
	defer f.f.Close()
	return f.disk.call(f.f.Close, "close", f.f.Name())
}

// openRegular opens a file for reading that must be a plain file: no symbolic
// link that leads elsewhere, no pipe that blocks for ever.
func openRegular(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NOFOLLOW|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = fmt.Errorf("%s is not a plain file", path)
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}
