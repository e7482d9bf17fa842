package spool

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"recto/scan"
)

// twoDisks gives an archive's folder on one small file system and a folder for
// its masters on another, which it links to and which is marked.
func twoDisks(t *testing.T, home, away string) (s *Spool, archive, masters string) {
	t.Helper()
	archive, disk := filepath.Join(small(t, home), "archive"), small(t, away)
	masters = filepath.Join(disk, "masters of it")
	err := errors.Join(os.Mkdir(archive, 0o777), os.Mkdir(masters, 0o777),
		Mark{Archive: archiveID, Home: archive}.Write(masters), os.Symlink(masters, filepath.Join(archive, "masters")))
	if err != nil {
		t.Fatal(err)
	}
	if dir, apart, err := Where(archive); dir != masters || !apart || err != nil {
		t.Fatalf("masters in %s, apart %v, %v", dir, apart, err)
	}
	return at(t, archive, true), archive, masters
}

// names is all that lies below a folder, links not followed.
func names(t *testing.T, dir string) (out []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(p string, _ fs.DirEntry, err error) error {
		rel, _ := filepath.Rel(dir, p)
		out = append(out, rel)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestMastersOnAnotherDisk(t *testing.T) {
	s, archive, masters := twoDisks(t, "1m", "4m")
	b := batchID()
	page, err := s.Append(t.Context(), b, Info{}, sheet(random(1, 2<<20))) // more than the archive's disk holds
	if err != nil {
		t.Fatal(err)
	}
	if got := names(t, archive); strings.Join(got, " ") != ". masters" {
		t.Errorf("on the archive's disk there is %q", got)
	}
	if _, err := os.Stat(filepath.Join(masters, string(b), string(page.ID)+".tif")); err != nil {
		t.Error(err)
	}
	put(t, s, "masters/tmp/"+scan.NewID()+".tif", "half")
	os.Mkdir(filepath.Join(masters, "lost+found"), 0o700)
	s = at(t, archive, true)
	r, err := s.Recover(t.Context())
	if err != nil || r.Masters != 1 || len(r.Removed) != 1 || r.Strange != nil {
		t.Errorf("%+v, %v", r, err)
	}
	if strange, err := s.Strange(); strange != nil || err != nil {
		t.Errorf("strange: %q, %v", strange, err)
	}
	if found := whole(t, s); found[page.ID] != page {
		t.Errorf("found %v", found)
	}
}

// TestMountedMasters: the folder masters is itself a disk.
func TestMountedMasters(t *testing.T) {
	root := t.TempDir()
	masters := filepath.Join(root, "masters")
	os.Mkdir(masters, 0o777)
	mount(t, masters, "1m")
	if dir, apart, err := Where(root); dir != masters || !apart || err != nil {
		t.Fatalf("masters in %s, apart %v, %v", dir, apart, err)
	}
	if err := (Mark{Archive: archiveID}).Write(masters); err != nil {
		t.Fatal(err)
	}
	s, b := at(t, root, true), batchID()
	if _, err := s.Append(t.Context(), b, Info{}, sheet([]byte("page"))); err != nil {
		t.Fatal(err)
	}
	if err := unix.Unmount(masters, unix.MNT_DETACH); err != nil {
		t.Fatal(err)
	}
	for _, batch := range []scan.BatchID{b, batchID()} {
		if _, err := s.Append(t.Context(), batch, Info{}, sheet([]byte("page"))); !errors.Is(err, ErrAbsent) {
			t.Errorf("appended to a disk that is not there: %v", err)
		}
	}
	s = at(t, root, true)
	if _, err := s.Recover(t.Context()); !errors.Is(err, ErrAbsent) {
		t.Errorf("recovered: %v", err)
	}
	if got := names(t, root); strings.Join(got, " ") != ". masters" {
		t.Errorf("on the wrong disk was made %q", got)
	}
}

// TestDiskGoes takes the masters' disk away in the middle of a sheet: that one has
// not happened, those before it are there when the disk is.
func TestDiskGoes(t *testing.T) {
	s, archive, masters := twoDisks(t, "1m", "4m")
	disk := filepath.Dir(masters)
	drive := t.TempDir() // holds the file system, as the drive does its bytes
	if err := unix.Mount(disk, drive, "", unix.MS_BIND, ""); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { unix.Unmount(drive, unix.MNT_DETACH) })
	b := batchID()
	page, err := s.Append(t.Context(), b, Info{}, sheet([]byte("page")))
	if err != nil {
		t.Fatal(err)
	}
	s.disk.before = func(op string, paths ...string) error {
		if op == "rename" {
			s.disk.before = nil
			return unix.Unmount(disk, unix.MNT_DETACH)
		}
		return nil
	}
	if _, err := s.Append(t.Context(), b, Info{}, sheet([]byte("another"))); !errors.Is(err, ErrLeft) || !errors.Is(err, ErrAbsent) {
		t.Errorf("appended to a disk that has gone: %v", err)
	}
	if _, err := s.Append(t.Context(), b, Info{}, sheet([]byte("another"))); !errors.Is(err, ErrAbsent) {
		t.Errorf("appended: %v", err)
	}
	if _, err := s.Open(page); !errors.Is(err, ErrAbsent) || errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the master: %v", err)
	}
	for _, err := range s.Masters(t.Context()) {
		if !errors.Is(err, ErrAbsent) {
			t.Errorf("masters: %v", err)
		}
	}
	if _, err := s.Strange(); !errors.Is(err, ErrAbsent) {
		t.Errorf("strange: %v", err)
	}
	if got := names(t, disk); strings.Join(got, " ") != "." {
		t.Errorf("on the wrong disk was made %q", got)
	}
	if err := unix.Mount(drive, disk, "", unix.MS_BIND, ""); err != nil { // connected again
		t.Fatal(err)
	}
	t.Cleanup(func() { unix.Unmount(disk, unix.MNT_DETACH) })
	s = at(t, archive, true)
	if r, err := s.Recover(t.Context()); err != nil || r.Masters != 1 {
		t.Errorf("%+v, %v", r, err)
	}
	if found := whole(t, s); len(found) != 1 || found[page.ID] != page || len(files(t, s)) != 2 {
		t.Errorf("found %v", files(t, s))
	}
}

func TestWrongDisk(t *testing.T) {
	s, archive, masters := twoDisks(t, "1m", "1m")
	for what, mark := range map[string]Mark{"another archive": {Archive: scan.NewID()}, "nobody": {}} {
		if err := mark.Write(masters); err != nil {
			t.Fatal(err)
		}
		put(t, s, "masters/tmp/"+scan.NewID()+".tif", "another's")
		before := names(t, masters)
		for _, s := range []*Spool{at(t, archive, true), at(t, archive, false)} {
			if _, err := s.Append(t.Context(), batchID(), Info{}, sheet([]byte("page"))); !errors.Is(err, ErrForeign) {
				t.Errorf("%s: appended: %v", what, err)
			}
			if _, err := s.Recover(t.Context()); !errors.Is(err, ErrForeign) {
				t.Errorf("%s: recovered: %v", what, err)
			}
			if err := s.Room(1, 0); !errors.Is(err, ErrForeign) {
				t.Errorf("%s: room: %v", what, err)
			}
		}
		if after := names(t, masters); strings.Join(after, " ") != strings.Join(before, " ") {
			t.Errorf("%s: %q became %q", what, before, after)
		}
	}
}

// TestOneDiskFull: either disk may be the one that is full.
func TestOneDiskFull(t *testing.T) {
	s, archive, masters := twoDisks(t, "1m", "2m")
	s.Reserve(300_000)
	if err := s.Room(1_000_000, 0); err != nil {
		t.Errorf("there is room for that: %v", err)
	}
	err := s.Room(1_900_000, 0)
	var short *Short
	if !errors.As(err, &short) || !errors.Is(err, scan.ErrNoSpace) || !errors.Is(err, ErrShort) {
		t.Fatalf("room for 1.9 MB in 2 MB: %v", err)
	}
	if short.Place != masters || !short.Masters || short.Lacks() != 1_900_000+300_000-short.Free || short.Free < 1_900_000 {
		t.Errorf("%+v", short)
	}
	for _, part := range []string{masters, "needs about 1.9 MB", "300.0 KB"} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%q is not in: %v", part, err)
		}
	}
	if free, err := s.Free(); err != nil || free > 1<<20 {
		t.Errorf("free: %d, %v", free, err)
	}
	if err := s.Room(1_000_000, 900_000); !errors.As(err, &short) || short.Place != archive || short.Need != 900_000 {
		t.Errorf("a sheet of 900 KB on its way, on 1 MB: %v", err)
	}
	one := at(t, small(t, "1m"), false) // both on one disk
	one.Reserve(0)
	if err := one.Room(400_000, 400_000); err != nil {
		t.Errorf("800 KB on 1 MB: %v", err)
	}
	if err := one.Room(600_000, 600_000); !errors.As(err, &short) || short.Need != 1_200_000 {
		t.Errorf("1.2 MB on 1 MB: %v", err)
	}
	ballast := filepath.Join(archive, "ballast")
	if err := os.WriteFile(ballast, make([]byte, 900_000), 0o666); err != nil {
		t.Fatal(err)
	}
	err = s.Room(0, 0)
	if !errors.As(err, &short) || short.Place != archive || short.Masters || short.Need != 0 {
		t.Errorf("the archive's disk is nearly full: %v", err)
	}
	// What it says must be freed is enough, and nothing less is.
	lacks := short.Lacks()
	if os.Truncate(ballast, 900_000-lacks/2); s.Room(0, 0) == nil {
		t.Error("half of it is not enough")
	}
	if os.Truncate(ballast, 900_000-lacks-4096); s.Room(0, 0) != nil { // whole blocks only
		t.Errorf("%d bytes were freed as told: %v", lacks, s.Room(0, 0))
	}
	os.Remove(ballast)

	b, told := batchID(), 0
	for s.Room(150_000, 0) == nil {
		if _, err := s.Append(t.Context(), b, Info{}, sheet(random(uint64(told), 150_000))); err != nil {
			t.Fatalf("there was room for page %d: %v", told, err)
		}
		told++
	}
	if told < 8 || told > 12 {
		t.Errorf("%d sheets of 150 KB with 300 KB in reserve on 2 MB", told)
	}
	for told < 100 { // without asking, until nothing goes any more
		if _, err = s.Append(t.Context(), b, Info{}, sheet(random(uint64(told), 150_000))); err != nil {
			break
		}
		told++
	}
	if !errors.Is(err, scan.ErrNoSpace) || len(whole(t, s)) != told || len(files(t, s)) != 2*told {
		t.Errorf("after %d pages: %v, %v", told, err, files(t, s))
	}
}

func TestNoMoreFiles(t *testing.T) {
	dir := t.TempDir()
	mountWith(t, dir, "size=4m,nr_inodes=40")
	s, b := at(t, dir, false), batchID()
	told := 0
	for ; s.Room(100, 0) == nil && told < 100; told++ {
		if _, err := s.Append(t.Context(), b, Info{}, sheet([]byte("page"))); err != nil {
			t.Fatalf("there was room for page %d: %v", told, err)
		}
	}
	var short *Short
	if err := s.Room(100, 0); !errors.As(err, &short) || !short.Files || !strings.Contains(err.Error(), "no more files") || told < 10 {
		t.Errorf("after %d pages: %v", told, err)
	}
}

func TestOneDiskReadOnly(t *testing.T) {
	s, archive, masters := twoDisks(t, "1m", "1m")
	b := batchID()
	page, err := s.Append(t.Context(), b, Info{}, sheet([]byte("page")))
	if err != nil {
		t.Fatal(err)
	}
	if err := unix.Mount("", filepath.Dir(masters), "", unix.MS_REMOUNT|unix.MS_RDONLY, ""); err != nil {
		t.Fatal(err)
	}
	for _, s := range []*Spool{s, at(t, archive, true)} {
		for _, batch := range []scan.BatchID{b, batchID()} {
			if _, err := s.Append(t.Context(), batch, Info{}, sheet([]byte("page"))); !errors.Is(err, scan.ErrReadOnly) {
				t.Errorf("appended to a disk that cannot be written to: %v", err)
			}
		}
		if found := whole(t, s); found[page.ID] != page {
			t.Error("the page is not seen")
		}
	}
	if r, err := s.Recover(t.Context()); err != nil || r.Masters != 1 {
		t.Errorf("nothing to mend: %+v, %v", r, err)
	}
	if err := unix.Mount("", filepath.Dir(masters), "", unix.MS_REMOUNT, ""); err != nil {
		t.Fatal(err)
	}
	if err := unix.Mount("", filepath.Dir(archive), "", unix.MS_REMOUNT|unix.MS_RDONLY, ""); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Append(t.Context(), b, Info{}, sheet([]byte("page"))); err != nil {
		t.Errorf("the masters' disk can be written to: %v", err)
	}
}

func TestLinkToNowhere(t *testing.T) {
	root := t.TempDir()
	nowhere := filepath.Join(t.TempDir(), "not there")
	if err := os.Symlink(nowhere, filepath.Join(root, "masters")); err != nil {
		t.Fatal(err)
	}
	s := at(t, root, false)
	if _, err := s.Append(t.Context(), batchID(), Info{}, sheet([]byte("page"))); !errors.Is(err, ErrAbsent) || !strings.Contains(err.Error(), nowhere) {
		t.Errorf("appended: %v", err)
	}
	if _, err := s.Recover(t.Context()); !errors.Is(err, ErrAbsent) {
		t.Errorf("recovered: %v", err)
	}
	if _, err := os.Lstat(nowhere); err == nil {
		t.Error("it was made")
	}
}

func TestSize(t *testing.T) {
	for n, want := range map[int64]string{0: "0 bytes", 999: "999 bytes", 1000: "1.0 KB", 1001: "1.1 KB", 26_000_000: "26.0 MB", 1_949_999_999: "2.0 GB"} {
		if got := size(n); got != want {
			t.Errorf("%d: %s, want %s", n, got, want)
		}
	}
	if reserve(10e9) != 200e6 || reserve(1e12) != 500e6 {
		t.Error(reserve(10e9), reserve(1e12))
	}
}
