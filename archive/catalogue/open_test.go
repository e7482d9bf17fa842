package catalogue_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"database/sql"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"recto/archive"
	"recto/archive/catalogue"
	"recto/scan"
)

var save = flag.Bool("save", false, "write the saved database of the newest schema anew: only before that schema is released")

// saved are the catalogues of the released schemas, the newest last.
var saved = []string{"testdata/schema-1.db.gz", "testdata/schema-2.db.gz"}

// story puts something into every table.
func (b *bench) story() {
	b.do(archive.ArchiveCreated, archive.Created{Archive: "a", Format: 1})
	b.batch("B", "p1", "p2", "p3", "p4")
	b.do(archive.PageCaptured, archive.Captured{Page: func() scan.Page { p := page("B", "p5"); p.Fixity = page("B", "p1").Fixity; return p }()})
	b.read("p1", "Der Archi-\nvist wohnt in der Straße")
	b.read("p2", "Café")
	b.do(archive.PageProcessed, archive.Processed{Page: "p3", State: scan.Failed, Problem: scan.ProblemOf(scan.ErrDamaged)})
	b.do(archive.PageProcessed, archive.Processed{Page: "p4", State: scan.Done, Text: "nowhere"})
	b.do(archive.BatchImported, archive.Imported{Batch: "B", Arguments: []scan.Path{"/x"}, Rejects: []archive.Reject{{Origin: scan.Origin{Argument: "/x", Path: "/x/\xff", Absolute: "/x/\xff"}, Problem: *scan.ProblemOf(scan.ErrEmpty)}}})
	b.do(archive.PagesMoved, archive.Moved{Batch: "B", Pages: ids("p3"), Back: []archive.Place{{Page: "p3", After: "p2"}}})
	turn := b.do(archive.PagesRotated, archive.Rotated{Batch: "B", Turns: []archive.Turn{{Page: "p2", To: quarter(180)}}})
	b.read("p2", "Café")
	b.do(archive.PagesBinned, archive.Binned{Batch: "B", Pages: ids("p5")})
	b.do(archive.DocumentMade, archive.Document{ID: "D", Batch: "B", Title: "Findbuch", Leaves: []archive.Leaf{{Page: "p1"}, {Page: "p2", Label: "2r"}}, Created: epoch})
	b.do(archive.DocumentWritten, archive.Written{Document: "D", State: archive.Incomplete, File: "D.pdf", Reasons: []string{"page 3"}})
	b.do(archive.DocumentCopied, archive.Copied{Document: "D", Directory: "/out", Name: "D", Files: []archive.File{{Path: "D.pdf"}}})
	b.do(archive.DeliveryStepped, archive.Delivery{ID: "V", Document: "D", Format: "bagit", To: "/to", Step: "built"})
	b.do(archive.ArrangeUndone, archive.Undone{Batch: "B", Event: turn})
	b.do(archive.PagesRestored, archive.Binned{Batch: "X", Pages: ids("x")}) // odd
}

// TestSavedSchema reopens catalogues as each schema was released.
func TestSavedSchema(t *testing.T) {
	b := newBench(t)
	b.story()
	ctx := context.Background()
	if *save {
		copied := filepath.Join(t.TempDir(), "copy.db")
		if err := b.c.Backup(ctx, copied); err != nil {
			t.Fatal(err)
		}
		data := must[[]byte](t)(os.ReadFile(copied))
		var z bytes.Buffer
		w := must[*gzip.Writer](t)(gzip.NewWriterLevel(&z, gzip.BestCompression))
		_, err := w.Write(data)
		if err = errors.Join(err, w.Close(), os.WriteFile(saved[len(saved)-1], z.Bytes(), 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	live := b.c
	now := b.dump(live)
	for _, file := range saved {
		z := must[*gzip.Reader](t)(gzip.NewReader(bytes.NewReader(must[[]byte](t)(os.ReadFile(file)))))
		path := filepath.Join(t.TempDir(), "catalogue.db")
		if err := os.WriteFile(path, must[[]byte](t)(io.ReadAll(z)), 0o644); err != nil {
			t.Fatal(err)
		}
		b.c = b.open(path)
		if old := b.dump(b.c); old != now {
			t.Errorf("%s differs from a catalogue made now:\n%s", file, difference(old, now))
		}
		b.checked()
		if total, _, err := b.c.Search(ctx, "archivist strasse", 1, 0); total != 1 || err != nil {
			t.Errorf("%s: search: %d, %v", file, total, err)
		}
		b.batch("C", "q1")
		b.checked()
	}
}

func TestOpenDamaged(t *testing.T) {
	whole := func() []byte {
		b := newBench(t)
		b.story()
		path := filepath.Join(t.TempDir(), "whole.db")
		if err := b.c.Backup(context.Background(), path); err != nil {
			t.Fatal(err)
		}
		return must[[]byte](t)(os.ReadFile(path))
	}()
	foreign := func() []byte {
		path := filepath.Join(t.TempDir(), "foreign.db")
		db := must[*sql.DB](t)(sql.Open("sqlite3", path))
		_, err := db.Exec(`CREATE TABLE bookmarks (url TEXT)`)
		if err = errors.Join(err, db.Close()); err != nil {
			t.Fatal(err)
		}
		return must[[]byte](t)(os.ReadFile(path))
	}()
	holed := bytes.Clone(whole)
	for i := 4096; i < len(holed); i += 4096 {
		clear(holed[i : i+64])
	}
	for name, data := range map[string][]byte{
		"text":      []byte(strings.Repeat("this is no database\n", 500)),
		"short":     []byte("SQLite format 3\x00"),
		"truncated": whole[:len(whole)/2],
		"holed":     holed,
		"foreign":   foreign,
		"zeros":     make([]byte, 8192),
	} {
		for _, readOnly := range []bool{false, true} {
			t.Run(fmt.Sprint(name, readOnly), func(t *testing.T) {
				path := filepath.Join(t.TempDir(), "catalogue.db")
				if err := os.WriteFile(path, data, 0o644); err != nil {
					t.Fatal(err)
				}
				_, err := catalogue.Open(context.Background(), path, catalogue.Options{ReadOnly: readOnly})
				if !errors.Is(err, catalogue.ErrDamaged) {
					t.Errorf("%v", err)
				}
				if after := must[[]byte](t)(os.ReadFile(path)); !bytes.Equal(after, data) {
					t.Error("the file was changed")
				}
			})
		}
	}
}

func TestOpenElse(t *testing.T) {
	ctx := context.Background()
	dir := t.TempDir()
	if _, err := catalogue.Open(ctx, filepath.Join(dir, "none.db"), catalogue.Options{ReadOnly: true}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("missing, read-only: %v", err)
	}
	if _, err := catalogue.Open(ctx, filepath.Join(dir, "no", "folder.db"), catalogue.Options{}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("missing folder: %v", err)
	}
	if _, err := catalogue.Open(ctx, dir, catalogue.Options{}); err == nil {
		t.Error("a folder opens as catalogue")
	}

	// Nothing in a name is special.
	b := &bench{t: t, texts: map[string]string{}}
	path := filepath.Join(dir, "a?mode=memory&b=%41#\n\xff 'x'.db")
	b.c = b.open(path)
	b.story()
	if info, err := os.Stat(path); err != nil || info.Size() == 0 {
		t.Errorf("%v, %v", info, err)
	}
	b.rebuilt()

	// An empty file is what a killed first opening leaves.
	empty := filepath.Join(dir, "empty.db")
	if err := os.WriteFile(empty, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := catalogue.Open(ctx, empty, catalogue.Options{ReadOnly: true}); !errors.Is(err, catalogue.ErrDamaged) {
		t.Errorf("empty, read-only: %v", err)
	}
	b.open(empty)

	removed := filepath.Join(dir, "removed.db")
	c := must[*catalogue.Catalogue](t)(catalogue.Open(ctx, removed, catalogue.Options{}))
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := catalogue.Remove(removed); err != nil {
			t.Error(err)
		}
	}
	if left := must[[]string](t)(filepath.Glob(removed + "*")); len(left) > 0 {
		t.Errorf("left: %q", left)
	}
}

func TestReadOnlyBesideWriter(t *testing.T) {
	b := newBench(t)
	b.story()
	ctx := context.Background()
	c := must[*catalogue.Catalogue](t)(catalogue.Open(ctx, b.path, catalogue.Options{ReadOnly: true}))
	defer func() { _ = c.Close() }()
	if err := c.Apply(ctx, 99); !errors.Is(err, scan.ErrReadOnly) {
		t.Errorf("apply: %v", err)
	}
	b.batch("C", "q1")
	if batch, err := c.Batch(ctx, "C"); err != nil || batch.Pages != 1 {
		t.Errorf("what the writer did is not seen: %+v, %v", batch, err)
	}
	if findings, err := c.Check(ctx); err != nil || len(findings) > 0 {
		t.Errorf("check: %v, %v", findings, err)
	}
}

// TestReadOnlyFolder uses a mount, because root may write anywhere else.
func TestReadOnlyFolder(t *testing.T) {
	for _, clean := range []bool{true, false} {
		t.Run(fmt.Sprintf("closed %v", clean), func(t *testing.T) {
			dir, mode := tmpfs(t, "size=16m"), func(dir string, readOnly bool) {
				flags := uintptr(unix.MS_REMOUNT)
				if readOnly {
					flags |= unix.MS_RDONLY
				}
				if err := unix.Mount("", dir, "", flags, ""); err != nil {
					t.Fatal(err)
				}
			}
			ctx := context.Background()
			b := newBench(t)
			path := filepath.Join(dir, "catalogue.db")
			live := must[*catalogue.Catalogue](t)(catalogue.Open(ctx, path, catalogue.Options{Text: b.text}))
			b.c = live
			b.story()
			if !clean { // as a kill leaves it
				for _, suffix := range []string{"", "-wal", "-shm"} {
					data := must[[]byte](t)(os.ReadFile(path + suffix))
					if err := os.WriteFile(path+".killed"+suffix, data, 0o644); err != nil {
						t.Fatal(err)
					}
				}
			}
			want := b.dump(live)
			if err := live.Close(); err != nil {
				t.Fatal(err)
			}
			if !clean {
				for _, suffix := range []string{"", "-wal", "-shm"} {
					if err := os.Rename(path+".killed"+suffix, path+suffix); err != nil {
						t.Fatal(err)
					}
				}
			}
			mode(dir, true)
			defer mode(dir, false)
			if _, err := catalogue.Open(ctx, path, catalogue.Options{}); !errors.Is(err, scan.ErrReadOnly) {
				t.Errorf("for writing: %v", err)
			}
			if _, err := catalogue.Open(ctx, filepath.Join(dir, "new.db"), catalogue.Options{}); !errors.Is(err, scan.ErrReadOnly) {
				t.Errorf("a new one: %v", err)
			}
			c := must[*catalogue.Catalogue](t)(catalogue.Open(ctx, path, catalogue.Options{ReadOnly: true}))
			defer func() { _ = c.Close() }()
			if got := b.dump(c); got != want {
				t.Errorf("read-only differs:\n%s", difference(want, got))
			}
			if findings, err := c.Check(ctx); err != nil || len(findings) > 0 {
				t.Errorf("check: %v, %v", findings, err)
			}
		})
	}
}

func TestDiskFull(t *testing.T) {
	ctx := context.Background()
	dir := tmpfs(t, "size=1m")
	b := newBench(t)
	c := must[*catalogue.Catalogue](t)(catalogue.Open(ctx, filepath.Join(dir, "catalogue.db"), catalogue.Options{Text: b.text}))
	defer func() { _ = c.Close() }()
	b.c = c
	b.batch("B", "p1")
	ballast := filepath.Join(dir, "ballast")
	if err := os.WriteFile(ballast, make([]byte, 1<<20), 0o644); !errors.Is(err, unix.ENOSPC) {
		t.Fatalf("the disk is not full: %v", err)
	}
	before := b.dump(c)
	var e archive.Event
	for range 100 { // the WAL may have room for some
		before = b.dump(c)
		e = b.event(archive.PageCaptured, archive.Captured{Page: page("B", scan.PageID(fmt.Sprint("q", len(b.journal))))})
		if err := c.Apply(ctx, int64(len(b.journal)), e); err != nil {
			if !errors.Is(err, scan.ErrNoSpace) {
				t.Fatalf("on a full disk: %v", err)
			}
			break
		}
	}
	if after := b.dump(c); after != before {
		t.Errorf("half of it was applied:\n%s", difference(before, after))
	}
	if err := c.Backup(ctx, filepath.Join(dir, "backup.db")); !errors.Is(err, scan.ErrNoSpace) {
		t.Errorf("backup on a full disk: %v", err)
	}
	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	if err := c.Apply(ctx, int64(len(b.journal)), e); err != nil {
		t.Errorf("with room again: %v", err)
	}
	b.sound()
	b.rebuilt()
	if left := must[[]string](t)(filepath.Glob(filepath.Join(dir, ".backup*"))); len(left) > 0 {
		t.Errorf("left: %q", left)
	}
}

// tmpfs mounts a file system of its own, where the test has the right to.
func tmpfs(t *testing.T, options string) string {
	t.Helper()
	dir := t.TempDir()
	if err := unix.Mount("recto-test", dir, "tmpfs", 0, options); err != nil {
		t.Skipf("this test mounts a tmpfs, which needs root: %v", err)
	}
	t.Cleanup(func() {
		if err := unix.Unmount(dir, unix.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	return dir
}
