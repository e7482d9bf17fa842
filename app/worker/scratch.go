package worker

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"golang.org/x/sys/unix"
)

// scratch is the temporary folder of one child. It belongs to the parent, which removes it
// when the child has ended, in whatever way. Both hold a lock on it (flock(2), of one open
// file, so it lasts until both are gone): what is not locked any more was left behind by a
// parent that was killed.
type scratch struct {
	dir  string
	lock *os.File
}

const scratchPrefix = "recto-worker-"

// newScratch makes a folder in the system's temporary one.
func newScratch() (*scratch, error) {
	in, err := filepath.Abs(os.TempDir()) // children may work elsewhere
	if err != nil {
		return nil, err
	}
	swept.Do(func() { sweep(in) })
	for range 100 {
		dir, err := os.MkdirTemp(in, scratchPrefix)
		if err != nil {
			return nil, err
		}
		lock, err := openFolder(dir)
		if errors.Is(err, os.ErrNotExist) {
			continue // another process that sweeps was quicker than the lock
		}
		if err != nil {
			os.Remove(dir)
			return nil, err
		}
		// On a filesystem without such locks nothing is ever swept either.
		if err := flock(lock); !errors.Is(err, unix.EWOULDBLOCK) && same(dir, lock) {
			return &scratch{dir, lock}, nil
		}
		lock.Close()
	}
	return nil, fmt.Errorf("temporary folders in %s vanish", in)
}

func (s *scratch) remove() {
	if s == nil {
		return
	}
	os.RemoveAll(s.dir)
	s.lock.Close()
}

var swept sync.Once

// sweep removes the folders in dir that no process holds.
func sweep(dir string) {
	left, err := os.ReadDir(dir)
	if err != nil {
		return
	}
	for _, e := range left {
		if !strings.HasPrefix(e.Name(), scratchPrefix) || !e.IsDir() {
			continue
		}
		path := filepath.Join(dir, e.Name())
		f, err := openFolder(path)
		if err != nil {
			continue // another user's, or gone already
		}
		if flock(f) == nil && same(path, f) {
			os.RemoveAll(path)
		}
		f.Close()
	}
}

func openFolder(path string) (*os.File, error) {
	return os.OpenFile(path, unix.O_DIRECTORY|unix.O_NOFOLLOW, 0)
}

func flock(f *os.File) error { return unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB) }

// same tells whether the folder at path is the one that was opened.
func same(path string, f *os.File) bool {
	now, err := os.Lstat(path)
	if err != nil {
		return false
	}
	opened, err := f.Stat()
	return err == nil && os.SameFile(now, opened)
}
