package spool

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"golang.org/x/sys/unix"

	"recto/scan"
)

// ErrShort says that a disk is so full that the next sheet should not be begun. It
// comes with scan.ErrNoSpace.
var ErrShort = errors.New("the disk is full up to the reserve")

// reserve is what stays free on a disk of so many bytes unless [Spool.Reserve] says
// otherwise: room for what journal, catalogue and others write meanwhile, and for
// an ordinary end of the work.
func reserve(total int64) int64 { return min(500e6, total/50) }

// Short is the error of a disk with too little space. It wraps [ErrShort] and
// scan.ErrNoSpace.
type Short struct {
	Place   string // a folder on that disk
	Masters bool   // the masters lie on it; else journal and catalogue only
	Free    int64  // bytes that can be written
	Need    int64  // bytes that the next sheet takes there
	Reserve int64  // bytes that are to stay free
	Files   bool   // not the bytes but the number of files is used up
}

// Lacks is how many bytes must be freed before it goes on.
func (e *Short) Lacks() int64 { return max(0, e.Need+e.Reserve-e.Free) }

func (e *Short) Error() string {
	if e.Files {
		return fmt.Sprintf("%v: %s takes no more files, however small", ErrShort, scan.Path(e.Place).Line())
	}
	next := "journal and catalogue grow there"
	switch {
	case e.Masters:
		next = "the next sheet needs about " + size(e.Need)
	case e.Need > 0:
		next = "a sheet on its way to the masters needs about " + size(e.Need)
	}
	return fmt.Sprintf("%v: %s has %s free, %s, and %s are kept in reserve; %s must be freed",
		ErrShort, scan.Path(e.Place).Line(), size(e.Free), next, size(e.Reserve), size(e.Lacks()))
}

// Remedy says what to do now.
func (e *Short) Remedy() string {
	if e.Files {
		return "Free some space on that disk by deleting or packing small files that are not needed, then run the same again: it goes on where it stopped."
	}
	return fmt.Sprintf("Free some space on the disk of %s, at least %s, then run the same again: it goes on where it stopped.", scan.Path(e.Place).Line(), size(e.Lacks()))
}

func (e *Short) Unwrap() []error { return []error{ErrShort, scan.ErrNoSpace} }

// size is rounded up: who frees what he is told to must not be told so again.
func size(n int64) string {
	for _, u := range []struct {
		bytes int64
		name  string
	}{{1e9, "GB"}, {1e6, "MB"}, {1e3, "KB"}} {
		if n >= u.bytes {
			tenths := (n + u.bytes/10 - 1) / (u.bytes / 10)
			return fmt.Sprintf("%d.%d %s", tenths/10, tenths%10, u.name)
		}
	}
	return fmt.Sprintf("%d bytes", n)
}

// Reserve sets how many bytes stay free on each disk; negative for what is usual,
// 500 MB or a fiftieth of the disk, whichever is less.
func (s *Spool) Reserve(bytes int64) { s.reserve = bytes }

// Free is what can still be written, in bytes: on the disk of the masters or on
// that of the archive, whichever has less.
func (s *Spool) Free() (int64, error) {
	if err := s.There(); err != nil {
		return 0, err
	}
	free := int64(-1)
	for _, d := range s.disks() {
		v, err := look(d.place)
		if err != nil {
			return 0, err
		}
		if v.known && (free < 0 || v.free < free) {
			free = v.free
		}
	}
	if free < 0 {
		return 0, fmt.Errorf("%s: its file system does not tell how much is free", scan.Path(s.root).Line())
	}
	return free, nil
}

// Room asks before a sheet is begun whether there is space for it: need bytes where
// the masters lie, onTheWay bytes where the archive lies, both where that is one disk,
// and a reserve on each. The error is a
// [Short], or says why the masters cannot be reached. A file system that does not
// tell what it has is taken for large enough.
func (s *Spool) Room(need, onTheWay int64) error {
	if err := s.There(); err != nil {
		return err
	}
	disks := s.disks()
	for _, d := range disks {
		v, err := look(d.place)
		if err != nil {
			return err
		}
		keep := s.reserve
		if keep < 0 {
			keep = reserve(v.total)
		}
		short := &Short{Place: d.place, Masters: d.masters, Free: v.free, Reserve: keep, Files: v.noFiles}
		if d.masters {
			short.Need += max(0, need)
		}
		if !d.masters || len(disks) == 1 {
			short.Need += max(0, onTheWay)
		}
		if v.noFiles || v.known && short.Lacks() > 0 {
			return short
		}
	}
	return nil
}

type seat struct {
	place   string
	masters bool
}

// disks gives the file system of the masters and, where it is another one, that of
// the archive.
func (s *Spool) disks() []seat {
	dir, _, err := Where(s.root)
	if info, e := os.Stat(dir); err == nil && e == nil {
		if above, e := os.Stat(s.root); e == nil && device(above) != device(info) {
			return []seat{{dir, true}, {s.root, false}}
		}
	}
	return []seat{{s.root, true}}
}

type volume struct {
	total, free int64
	known       bool // some file systems without a size say 0 of 0 (ramfs)
	noFiles     bool
}

func look(place string) (v volume, err error) {
	var st unix.Statfs_t
	if err := unix.Statfs(place, &st); err != nil {
		return v, &fs.PathError{Op: "statfs", Path: place, Err: err}
	}
	block := st.Frsize // the unit of all counts (statvfs(3)); Bsize is the best size to write
	if block == 0 {
		block = st.Bsize
	}
	v.total, v.free, v.known = int64(st.Blocks)*block, int64(st.Bavail)*block, st.Blocks > 0
	v.noFiles = st.Files > 0 && st.Ffree < 4 // master, sidecar, and what journal and catalogue may begin
	return v, nil
}
