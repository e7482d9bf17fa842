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
	"testing"

	"golang.org/x/sys/unix"

	"recto/app/job"
	"recto/archive"
	"recto/scan"
	"recto/scan/spool"
)

// disk mounts a file system of its own at dir, of so many bytes.
func disk(t *testing.T, dir, size string) {
	t.Helper()
	if err := unix.Mount("tmpfs", dir, "tmpfs", 0, "size="+size); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("a tmpfs cannot be mounted: %v", err)
		}
		t.Skipf("SKIPPED: a tmpfs cannot be mounted (this needs root): %v", err)
	}
	t.Cleanup(func() { unix.Unmount(dir, unix.MNT_DETACH) })
}

// sheets writes small pages that differ.
func sheets(t *testing.T, n, bytes int) (dir string) {
	t.Helper()
	dir = t.TempDir()
	for i := range n {
		pixels := make([]byte, bytes)
		pixels[0] = byte(i)
		content := append(fmt.Appendf(nil, "P5 %d %d 255\n", bytes/100, 100), pixels...)
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("%03d.pgm", i)), content, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// opened opens an archive and closes it with the test.
func opened(t *testing.T, dir string, o Options) *Workbench {
	t.Helper()
	w, err := Open(t.Context(), dir, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.Close() })
	return w
}

func takeIn(t *testing.T, w *Workbench, dir string, captured func(scan.Page)) (ImportResult, error) {
	t.Helper()
	return w.Import(t.Context(), ImportRequest{Batch: "B", Paths: []scan.Path{scan.Path(dir)}, Captured: captured}, &job.Progress{})
}

// sound fails the test when anything is wrong with the archive.
func sound(t *testing.T, dir string, pages int) {
	t.Helper()
	w := opened(t, dir, Options{})
	defer w.Close()
	findings, err := w.Verify(t.Context(), &job.Progress{})
	if err != nil || !archive.Valid(findings) || len(findings) > 0 {
		t.Errorf("%+v, %v", findings, err)
	}
	if n, err := w.cat.Counts(t.Context()); err != nil || n.Pages != pages {
		t.Errorf("%d pages, want %d (%v)", n.Pages, pages, err)
	}
}

// all lists all files in a folder.
func all(t *testing.T, dir string) (out []string) {
	t.Helper()
	filepath.WalkDir(dir, func(p string, d fs.DirEntry, err error) error {
		if err == nil && p != dir {
			rel, _ := filepath.Rel(dir, p)
			out = append(out, rel)
		}
		return err
	})
	return out
}

// A catalogue that was made anew leaves the last one beside it, and no more.
func TestRebuildKeepsOne(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "an [archive]*")
	if err := Init(t.Context(), dir); err != nil {
		t.Fatal(err)
	}
	if err := opened(t, dir, Options{Jobs: 1}).Close(); err != nil { // which makes the first catalogue
		t.Fatal(err)
	}
	last := ""
	for range 3 {
		shown := &job.Progress{}
		w, err := Rebuild(t.Context(), dir, Options{Jobs: 1, Progress: shown})
		if err != nil {
			t.Fatal(err)
		}
		if n := shown.Snapshot(); n.Stage == "" {
			t.Error("nobody sees how far it has come")
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		entries, err := os.ReadDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		var kept []string
		for _, e := range entries {
			if strings.Contains(e.Name(), ".replaced-") && !strings.HasSuffix(e.Name(), "-wal") && !strings.HasSuffix(e.Name(), "-shm") {
				kept = append(kept, e.Name())
			}
		}
		if len(kept) != 1 || kept[0] == last {
			t.Fatalf("%q are kept, the last was %s", kept, last)
		}
		last = kept[0]
	}
}

// TestDiskPulled takes the disk of the masters away while a batch comes in: what
// was shown is there again with the disk, and the same command finishes.
func TestDiskPulled(t *testing.T) {
	place, drive := t.TempDir(), t.TempDir()
	disk(t, drive, "8m")
	connect := func() {
		if err := unix.Mount(drive, place, "", unix.MS_BIND, ""); err != nil {
			t.Fatal(err)
		}
	}
	connect()
	t.Cleanup(func() { unix.Unmount(place, unix.MNT_DETACH) })
	dir, masters := filepath.Join(t.TempDir(), "archive"), filepath.Join(place, "masters")
	if err := InitWith(t.Context(), dir, Layout{Masters: masters}); err != nil {
		t.Fatal(err)
	}
	source := sheets(t, 9, 3000)
	w := opened(t, dir, Options{})
	var shown []scan.PageID
	_, err := takeIn(t, w, source, func(p scan.Page) {
		if shown = append(shown, p.ID); len(shown) == 4 {
			unix.Unmount(place, unix.MNT_DETACH)
		}
	})
	if !errors.Is(err, spool.ErrAbsent) || !strings.Contains(err.Error(), masters) || len(shown) != 4 {
		t.Fatalf("after %d pages: %v", len(shown), err)
	}
	if x := Explain(err); x.Title != "Masters' disk not there" || !strings.Contains(x.Remedy, "Connect the disk") {
		t.Errorf("%+v", x)
	}
	// What needs no master goes on, what needs one says why it cannot.
	if pages, err := w.Pages(t.Context(), "", false); err != nil || len(pages) > 4 {
		t.Errorf("%v, %v", pages, err)
	}
	if err := w.SpaceFor(1); !errors.Is(err, spool.ErrAbsent) {
		t.Errorf("space: %v", err)
	}
	if _, err := w.Verify(t.Context(), &job.Progress{}); !errors.Is(err, spool.ErrAbsent) {
		t.Errorf("verify: %v", err)
	}
	if _, err := takeIn(t, w, source, nil); !errors.Is(err, spool.ErrAbsent) {
		t.Errorf("import: %v", err)
	}
	w.Close()

	for what, open := range map[string]func() (*Workbench, error){
		"open":    func() (*Workbench, error) { return Open(t.Context(), dir, Options{}) },
		"rebuild": func() (*Workbench, error) { return Rebuild(t.Context(), dir, Options{}) },
	} {
		before := all(t, dir)
		if _, err := open(); !errors.Is(err, spool.ErrAbsent) || !CanLook(err) {
			t.Errorf("%s: %v", what, err)
		}
		if after := all(t, dir); !slices.Equal(before, after) {
			t.Errorf("%s made of %q %q", what, before, after)
		}
	}
	look, err := OpenToLook(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	batches, err := look.Batches(t.Context())
	if err != nil || len(batches) != 1 || batches[0].Pages != 4 {
		t.Errorf("looking: %+v, %v", batches, err)
	}
	if _, err := takeIn(t, look, source, nil); err == nil {
		t.Error("imported while only looking")
	}
	look.Close()
	if got := all(t, place); got != nil {
		t.Errorf("where the disk was there is now %q", got)
	}

	connect()
	w = opened(t, dir, Options{})
	got, err := takeIn(t, w, source, nil)
	if err != nil || got.Known != 4 || len(got.Added) != 5 {
		t.Errorf("%d known, %d added, %v", got.Known, len(got.Added), err)
	}
	w.Close()
	sound(t, dir, 9)
	if w, err = Rebuild(t.Context(), dir, Options{}); err != nil {
		t.Fatal(err)
	}
	w.Close()
	sound(t, dir, 9)
}

// TestMountedByHand: an archive that had its masters at home gets a disk for them.
// Once it knows of it, it notices when that is not mounted or another one is.
func TestMountedByHand(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "archive")
	if err := Init(t.Context(), dir); err != nil {
		t.Fatal(err)
	}
	source := sheets(t, 3, 3000)
	w := opened(t, dir, Options{})
	if _, err := takeIn(t, w, source, nil); err != nil {
		t.Fatal(err)
	}
	w.Close()

	masters := filepath.Join(dir, "masters")
	if err := os.Rename(masters, masters+".copied"); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(masters, 0o777); err != nil {
		t.Fatal(err)
	}
	disk(t, masters, "8m") // an empty one: forgotten to copy, or the wrong one
	if _, err := Open(t.Context(), dir, Options{}); !errors.Is(err, spool.ErrAbsent) || !strings.Contains(err.Error(), "none of its batches") {
		t.Errorf("an empty disk: %v", err)
	}
	if got := all(t, masters); got != nil {
		t.Errorf("on the empty disk there is now %q", got)
	}
	if err := os.CopyFS(masters, os.DirFS(masters+".copied")); err != nil {
		t.Fatal(err)
	}
	w = opened(t, dir, Options{})
	if told := strings.Join(w.Repaired(), " "); !strings.Contains(told, "lie on another disk, in "+masters) {
		t.Errorf("told was %q", told)
	}
	w.Close()
	os.RemoveAll(masters + ".copied")
	sound(t, dir, 3)

	if err := unix.Unmount(masters, unix.MNT_DETACH); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), dir, Options{}); !errors.Is(err, spool.ErrAbsent) {
		t.Errorf("not mounted: %v", err)
	}
	disk(t, masters, "8m")
	if err := (spool.Mark{Archive: scan.NewID()}).Write(masters); err != nil {
		t.Fatal(err)
	}
	_, err := Open(t.Context(), dir, Options{})
	if !errors.Is(err, spool.ErrForeign) || !strings.Contains(Explain(err).Remedy, "Connect the right one") {
		t.Errorf("the wrong disk: %v", err)
	}
	if got := all(t, masters); len(got) != 1 {
		t.Errorf("on the wrong disk there is now %q", got)
	}
}

// TestLinkedByHand: masters are moved and linked to by hand, moved again, and
// brought home. recto.json follows, and a lost recto.json too.
func TestLinkedByHand(t *testing.T) {
	dir, other := filepath.Join(t.TempDir(), "archive"), t.TempDir()
	if err := Init(t.Context(), dir); err != nil {
		t.Fatal(err)
	}
	source := sheets(t, 3, 3000)
	w := opened(t, dir, Options{})
	if _, err := takeIn(t, w, source, nil); err != nil {
		t.Fatal(err)
	}
	w.Close()
	masters := filepath.Join(dir, "masters")
	where := func(want string) {
		t.Helper()
		w := opened(t, dir, Options{})
		defer w.Close()
		again := &Workbench{dir: dir}
		if err := again.readMarker(); err != nil || again.marker.Masters != want {
			t.Errorf("recto.json says %q, want %q (%v)", again.marker.Masters, want, err)
		}
	}
	where("")
	at := masters
	for _, name := range []string{"one", "two"} {
		to := filepath.Join(other, name)
		if err := errors.Join(os.Rename(at, to), os.RemoveAll(masters), os.Symlink(to, masters)); err != nil {
			t.Fatal(err)
		}
		at = to
		where(to)
		sound(t, dir, 3)
	}
	os.Remove(filepath.Join(dir, markerFile))
	w, err := Rebuild(t.Context(), dir, Options{})
	if err != nil {
		t.Fatal(err)
	}
	w.Close()
	where(at)
	// Neither the marker nor the disk: it still says that.
	os.Remove(filepath.Join(dir, markerFile))
	if err := os.Rename(at, at+".away"); err != nil {
		t.Fatal(err)
	}
	if !IsArchive(dir) {
		t.Error("it is taken for no archive")
	}
	if _, err := Rebuild(t.Context(), dir, Options{}); !errors.Is(err, spool.ErrAbsent) {
		t.Errorf("rebuild without marker and masters: %v", err)
	}
	if err := os.Rename(at+".away", at); err != nil {
		t.Fatal(err)
	}
	if w, err = Rebuild(t.Context(), dir, Options{}); err != nil {
		t.Fatal(err)
	}
	w.Close()
	if err := errors.Join(os.Remove(masters), os.Rename(at, masters)); err != nil {
		t.Fatal(err)
	}
	where("")
	sound(t, dir, 3)
}

// TestInitMasters: the folder for the masters must be fresh, and nothing stays of
// an archive that could not be made.
func TestInitMasters(t *testing.T) {
	base := t.TempDir()
	in := func(name string) string { return filepath.Join(base, name) }
	if err := InitWith(t.Context(), in("full"), Layout{Masters: in("m")}); err != nil {
		t.Fatal(err)
	}
	os.MkdirAll(in("used/x"), 0o777)
	os.WriteFile(in("file"), nil, 0o666)
	for what, c := range map[string]struct {
		dir, masters string
		want         error
	}{
		"masters of another archive": {"a", "m", ErrExists},
		"a folder that is used":      {"a", "used", ErrExists},
		"below another's masters":    {"a", "m/x", ErrUsage},
		"in the new archive":         {"a", "a/masters", ErrUsage},
		"around it":                  {"n/a", "n", ErrUsage},
		"in another archive":         {"a", "full/x", ErrUsage},
		"a file":                     {"a", "file", ErrNotFolder},
		"below a file":               {"a", "file/x", ErrNotFolder},
		"archive in use":             {"used", "fresh", ErrExists},
	} {
		before := all(t, base)
		if err := InitWith(t.Context(), in(c.dir), Layout{Masters: in(c.masters)}); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", what, err, c.want)
		}
		if after := all(t, base); !slices.Equal(before, after) {
			t.Errorf("%s made of %q %q", what, before, after)
		}
	}
	before := all(t, base)
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	if err := InitWith(cancelled, in("a"), Layout{Masters: in("fresh")}); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	if after := all(t, base); !slices.Equal(before, after) {
		t.Errorf("cancelled, it made of %q %q", before, after)
	}
	// What a kill left between the two disks is taken over by the same command only.
	if err := errors.Join(os.Mkdir(in("left"), 0o777), spool.Mark{Archive: scan.NewID(), Home: in("b")}.Write(in("left"))); err != nil {
		t.Fatal(err)
	}
	if err := InitWith(t.Context(), in("c"), Layout{Masters: in("left")}); !errors.Is(err, ErrExists) {
		t.Errorf("another's: %v", err)
	}
	if err := InitWith(t.Context(), in("b"), Layout{Masters: in("left")}); err != nil {
		t.Errorf("again: %v", err)
	}
	sound(t, in("b"), 0)
	// The root of a fresh disk is not empty (mke2fs(8)).
	os.MkdirAll(in("ext4/lost+found"), 0o700)
	if err := InitWith(t.Context(), in("d"), Layout{Masters: in("ext4")}); err != nil {
		t.Errorf("a fresh disk: %v", err)
	}
	sound(t, in("d"), 0)
}

// TestShortOfSpace stops before the sheet that would not fit, says what it needs,
// and goes on when there is room; for either disk.
func TestShortOfSpace(t *testing.T) {
	place, home := t.TempDir(), t.TempDir()
	disk(t, place, "1m")
	disk(t, home, "4m")
	dir := filepath.Join(home, "archive")
	if err := InitWith(t.Context(), dir, Layout{Masters: filepath.Join(place, "masters")}); err != nil {
		t.Fatal(err)
	}
	source := sheets(t, 20, 100_000)
	w := opened(t, dir, Options{Reserve: 200_000})
	shown := 0
	_, err := takeIn(t, w, source, func(scan.Page) { shown++ })
	var short *spool.Short
	if !errors.As(err, &short) || !errors.Is(err, scan.ErrNoSpace) || !strings.HasPrefix(short.Place, place) || short.Need < 100_000 || short.Need > 101_000 {
		t.Fatalf("after %d pages: %v", shown, err)
	}
	if free, err := w.FreeSpace(); err != nil || free < 200_000 || free > 301_000 || int64(free) != short.Free || shown < 6 {
		t.Errorf("after %d pages %d bytes are free, it says %+v (%v)", shown, free, short, err)
	}
	if x := Explain(err); x.Title != "Disk nearly full" || !strings.Contains(x.Remedy, place) {
		t.Errorf("%+v", x)
	}
	if err := unix.Mount("", place, "", unix.MS_REMOUNT, "size=8m"); err != nil {
		t.Fatal(err)
	}
	ballast := filepath.Join(home, "ballast")
	free, err := freeSpace(home)
	if err == nil {
		err = os.WriteFile(ballast, make([]byte, free-100_000), 0o666)
	}
	if err != nil {
		t.Fatal(err)
	}
	if _, err = takeIn(t, w, source, nil); !errors.As(err, &short) || short.Place != dir || short.Masters {
		t.Errorf("the archive's own disk is nearly full: %v", err)
	}
	os.Remove(ballast)
	// A scanner's sheet lies on the archive's disk before it is a master.
	if free, err = freeSpace(home); err != nil || free > 5_000_000 {
		t.Fatal(free, err)
	}
	if err := w.SpaceFor(5_000_000); err != nil {
		t.Errorf("a file of 5 MB: %v", err)
	}
	if err := w.spaceToScan(5_000_000, 5_000_000); !errors.As(err, &short) || short.Place != dir || !strings.Contains(err.Error(), "on its way") {
		t.Errorf("a sheet of 5 MB: %v", err)
	}
	if got, err := takeIn(t, w, source, nil); err != nil || got.Known != shown || got.Known+len(got.Added) != 20 {
		t.Errorf("%d known, %d added, %v", got.Known, len(got.Added), err)
	}
	w.Close()
	sound(t, dir, 20)
}

// TestJournalDiskFull: the sheet is on the one disk and the other has no room to
// tell of it. Taken in again it is not doubled, neither at once nor by the next run.
func TestJournalDiskFull(t *testing.T) {
	for _, again := range []string{"same run", "next run"} {
		place, home := t.TempDir(), t.TempDir()
		disk(t, place, "16m")
		disk(t, home, "4m")
		dir := filepath.Join(home, "archive")
		if err := InitWith(t.Context(), dir, Layout{Masters: filepath.Join(place, "masters")}); err != nil {
			t.Fatal(err)
		}
		source := sheets(t, 60, 1000)
		w := opened(t, dir, Options{})
		w.spool.Reserve(0) // else it would stop in time
		ballast, shown := filepath.Join(home, "ballast"), 0
		_, err := takeIn(t, w, source, func(scan.Page) {
			if shown++; shown == 3 {
				free, _ := freeSpace(home)
				os.WriteFile(ballast, make([]byte, free), 0o666)
			}
		})
		if !errors.Is(err, scan.ErrNoSpace) || shown < 3 || shown == 60 {
			t.Fatalf("after %d pages: %v", shown, err)
		}
		if n := len(all(t, filepath.Join(place, "masters"))); n != 2*(shown+1)+3 { // mark, tmp, batch
			t.Errorf("%d files for %d pages: none is left that could not be told of, or more than one", n, shown)
		}
		if _, err := takeIn(t, w, source, nil); !errors.Is(err, scan.ErrNoSpace) {
			t.Errorf("still full: %v", err)
		}
		os.Remove(ballast)
		if again == "next run" {
			w.Close()
			w = opened(t, dir, Options{})
		}
		got, err := takeIn(t, w, source, nil)
		if err != nil || got.Known != shown+1 || got.Known+len(got.Added) != 60 || got.Batch.Pages != 60 {
			t.Errorf("%s: %d known, %d shown, %d added, %d pages, %v", again, got.Known, shown, len(got.Added), got.Batch.Pages, err)
		}
		pages, err := w.Pages(t.Context(), got.Batch.ID, false)
		for i, p := range pages {
			if want := fmt.Sprintf("%03d.pgm", i); filepath.Base(string(p.Origin.Path)) != want {
				t.Errorf("%s: page %d is %s (%v)", again, i+1, p.Origin.Path, err)
			}
		}
		w.Close()
		sound(t, dir, 60)
		if w, err = Rebuild(t.Context(), dir, Options{}); err != nil {
			t.Fatal(err)
		}
		w.Close()
		sound(t, dir, 60)
	}
}

// TestCatalogueMissesAPage: the journal tells of a page and the catalogue could not
// be told; the next import must not tell of it twice.
func TestCatalogueMissesAPage(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "archive")
	if err := Init(t.Context(), dir); err != nil {
		t.Fatal(err)
	}
	source := sheets(t, 3, 1000)
	w := opened(t, dir, Options{})
	var c archive.Captured
	if _, err := takeIn(t, w, source, func(p scan.Page) { c.Page = p }); err != nil {
		t.Fatal(err)
	}
	c.Page.ID, c.Page.Origin.Absolute = scan.PageID(scan.NewID()), "/another"
	events, err := w.events("", event(archive.PageCaptured, c))
	if err == nil {
		_, err = w.log.Append(t.Context(), events...)
	}
	if err != nil {
		t.Fatal(err)
	}
	w.stale = true
	w.leave(c.Page, spool.Place{})
	end := w.log.End()
	got, err := takeIn(t, w, source, nil)
	if err != nil || got.Batch.Pages != 4 || w.log.End() != end {
		t.Errorf("%d pages, %d entries more: %v", got.Batch.Pages, w.log.End()-end, err)
	}
}

func TestSizes(t *testing.T) {
	var s Sizes
	if s.Next(7) != 7 {
		t.Error("nothing was seen yet")
	}
	s.Add(100)
	s.Add(20)
	if s.Next(7) != 100 {
		t.Error(s.Next(7))
	}
	for range 16 {
		s.Add(30)
	}
	if s.Next(7) != 30 {
		t.Error("a large one is never forgotten")
	}
	a4 := TicketSize(scan.Ticket{DPI: 300, Mode: "color"})
	if a4 < 2480*3508*3 || a4 > 2482*3510*3+64<<10 {
		t.Error(a4)
	}
	if bits := TicketSize(scan.Ticket{DPI: 300, Mode: "lineart", Depth: 8}); bits > a4/20 || bits < 2480*3508/8 {
		t.Error(bits)
	}
	if deep := TicketSize(scan.Ticket{DPI: 600, Mode: "Gray", Depth: 16, Area: scan.Area{Width: 25.4, Height: 50.8}}); deep != 600*1200*2+64<<10 {
		t.Error(deep)
	}
}
