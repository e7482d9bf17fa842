package journal

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"syscall"

	"recto/scan"
)

// disk carries out every call that changes the journal's folder. It is the one
// door, so that a test can watch each call, refuse it, or stop there for good.
type disk struct {
	before func(op, path string) error // nil outside tests, as is
	after  func(op, path string) error // which hears of what was done
}

// call does one operation. The error wraps scan.ErrNoSpace or scan.ErrReadOnly
// where one fits, and names the path.
func (d disk) call(op, path string, do func() error) error {
	err := error(nil)
	if d.before != nil {
		if err = d.before(op, path); err != nil {
			err = &fs.PathError{Op: op, Path: path, Err: err}
		}
	}
	if err == nil {
		err = do()
		if err == nil && d.after != nil {
			if err = d.after(op, path); err != nil {
				err = &fs.PathError{Op: op, Path: path, Err: err}
			}
		}
	}
	switch {
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		return fmt.Errorf("%w: %w", scan.ErrNoSpace, err)
	case errors.Is(err, syscall.EROFS), errors.Is(err, syscall.EACCES), errors.Is(err, syscall.EPERM):
		return fmt.Errorf("%w: %w", scan.ErrReadOnly, err)
	}
	return err
}

func (d disk) mkdir(path string) error {
	return d.call("mkdir", path, func() error { return os.Mkdir(path, 0o777) })
}

func (d disk) open(path string, flag int) (f *os.File, err error) {
	err = d.call("open", path, func() (err error) {
		f, err = os.OpenFile(path, flag|syscall.O_NOFOLLOW|syscall.O_NONBLOCK, 0o666)
		return err
	})
	if err != nil {
		return nil, err
	}
	if err := plain(f); err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

func (d disk) write(f *os.File, b []byte, at int64) error {
	return d.call("write", f.Name(), func() error { _, err := f.WriteAt(b, at); return err })
}

func (d disk) truncate(f *os.File, size int64) error {
	return d.call("truncate", f.Name(), func() error { return f.Truncate(size) })
}

func (d disk) sync(f *os.File) error {
	return d.call("sync", f.Name(), f.Sync)
}

// syncDir makes the names in a folder durable (fsync(2): syncing a file does not
// sync the entry that leads to it).
func (d disk) syncDir(path string) error {
	return d.call("syncdir", path, func() error {
		f, err := os.Open(path)
		if err != nil {
			return err
		}
		return errors.Join(f.Sync(), f.Close())
	})
}

// openPlain opens for reading a file that must be a plain one: no symbolic link
// that leads elsewhere, no pipe that blocks for ever.
func openPlain(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NOFOLLOW|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	if err := plain(f); err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

func plain(f *os.File) error {
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = fmt.Errorf("%s is not a plain file", f.Name())
	}
	return err
}
