package catalogue

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"recto/archive"
)

// next is the released schema and one more.
func next(t *testing.T, up string) schema {
	t.Helper()
	files := fstest.MapFS{"9999_next.sql": {Data: []byte("-- +goose Up\n" + up)}}
	old, err := fs.Glob(released().files, "*.sql")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range old {
		b, err := fs.ReadFile(released().files, name)
		if err != nil {
			t.Fatal(err)
		}
		files[name] = &fstest.MapFile{Data: b}
	}
	return schema{files, 9999}
}

func dumped(t *testing.T, c *Catalogue) string {
	t.Helper()
	var s strings.Builder
	if err := c.Dump(context.Background(), &s); err != nil {
		t.Fatal(err)
	}
	return s.String()
}

func TestMigration(t *testing.T) {
	ctx := context.Background()
	path := filepath.Join(t.TempDir(), "catalogue.db")
	c, err := Open(ctx, path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	e, err := archive.NewEvent(archive.BatchCreated, "tester", "", archive.Batch{ID: "B", Name: "b", Created: time.Now()})
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Apply(ctx, 1, e); err != nil {
		t.Fatal(err)
	}
	want := dumped(t, c)
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}

	two := next(t, `ALTER TABLE batches ADD COLUMN smell TEXT NOT NULL DEFAULT 'old paper';`)
	if _, err := open(ctx, path, Options{ReadOnly: true}, two); !errors.Is(err, ErrOlderSchema) {
		t.Errorf("an older schema read-only: %v", err)
	}
	if _, err := open(ctx, path, Options{}, next(t, `ALTER TABLE nothing ADD COLUMN x;`)); err == nil {
		t.Error("a broken migration goes unnoticed")
	}
	c, err = open(ctx, path, Options{}, two)
	if err != nil {
		t.Fatal(err)
	}
	if got := dumped(t, c); got != want {
		t.Errorf("migrated:\n%s\nwant\n%s", got, want)
	}
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}

	for _, o := range []Options{{}, {ReadOnly: true}} {
		_, err = Open(ctx, path, o)
		if !errors.Is(err, ErrNewerSchema) || !strings.Contains(err.Error(), fmt.Sprintf("schema 9999, this Recto has %d", released().newest)) {
			t.Errorf("a newer schema: %v", err)
		}
	}

	before, err := Open(ctx, filepath.Join(filepath.Dir(path), "catalogue-before-v9999.db"), Options{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	if got := dumped(t, before); got != want {
		t.Errorf("the copy before the migration:\n%s\nwant\n%s", got, want)
	}
	if err := before.Close(); err != nil {
		t.Error(err)
	}
	left, err := os.ReadDir(filepath.Dir(path))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range left {
		if strings.HasPrefix(f.Name(), ".") {
			t.Errorf("%s is left behind", f.Name())
		}
	}
}

func TestNetwork(t *testing.T) {
	if err := network(0xEF53, "/archive"); err != nil { // ext4
		t.Error(err)
	}
	if err := network(0x6969, "/archive"); !errors.Is(err, ErrNetwork) || !strings.Contains(err.Error(), "/archive is on NFS") {
		t.Errorf("NFS: %v", err)
	}
}

// TestNewestIsLast holds the number of the newest schema against the files.
func TestNewestIsLast(t *testing.T) {
	names, err := fs.Glob(released().files, "*.sql")
	if err != nil || int64(len(names)) != released().newest {
		t.Errorf("%d migrations, newest is %d (%v)", len(names), released().newest, err)
	}
}
