package catalogue_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"recto/archive"
	"recto/archive/catalogue"
)

func TestCheck(t *testing.T) {
	ctx := context.Background()
	for _, c := range []struct{ name, harm, code string }{
		{"whole", ``, ""},
		{"index has more", `INSERT INTO texts_index (rowid, plain, also) VALUES (99, 'phantom', '')`, "catalogue-index"},
		{"index has less", `INSERT INTO texts_index (texts_index, rowid, plain, also)
			SELECT 'delete', page, plain, also FROM texts LIMIT 1`, "catalogue-index"},
		{"index has other", `DROP TRIGGER texts_updated; UPDATE texts SET plain = 'other'`, "catalogue-index"},
		{"orphans", `DELETE FROM batches`, "catalogue-orphan"},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBench(t)
			b.story()
			db := must[*sql.DB](t)(sql.Open("sqlite3", b.path))
			_, err := db.Exec(c.harm)
			if err = errors.Join(err, db.Close()); err != nil {
				t.Fatal(err)
			}
			for _, readOnly := range []bool{false, true} {
				o := must[*catalogue.Catalogue](t)(catalogue.Open(ctx, b.path, catalogue.Options{ReadOnly: readOnly}))
				findings := must[[]archive.Finding](t)(o.Check(ctx))
				if err := o.Close(); err != nil {
					t.Error(err)
				}
				if c.code == "" {
					if len(findings) > 0 {
						t.Errorf("findings: %+v", findings)
					}
					continue
				}
				if len(findings) == 0 || findings[0].Code != c.code || archive.Valid(findings) || !strings.Contains(findings[0].Remedy, "recto rebuild") {
					t.Errorf("read-only %v: findings %+v, want %s", readOnly, findings, c.code)
				}
			}
		})
	}
}

// TestCheckAfterSearch: what a connection remembers of the index is no damage.
func TestCheckAfterSearch(t *testing.T) {
	b := newBench(t)
	b.batch("B", "p1")
	b.read("p1", "Ein Wort")
	for i := range 40 {
		if total, _, err := b.c.Search(context.Background(), "wort", 1, 0); total != 1 || err != nil {
			t.Fatal(total, err)
		}
		for range 20 {
			b.read("p1", fmt.Sprintf("Ein Wort und %d", i))
		}
		b.checked()
	}
}

// TestCheckSeesHarm harms the file while the catalogue is open.
func TestCheckSeesHarm(t *testing.T) {
	ctx := context.Background()
	path := filepath.Join(t.TempDir(), "catalogue.db")
	b := newBench(t)
	b.story()
	if err := b.c.Backup(ctx, path); err != nil {
		t.Fatal(err)
	}
	c := must[*catalogue.Catalogue](t)(catalogue.Open(ctx, path, catalogue.Options{ReadOnly: true}))
	defer func() { _ = c.Close() }()
	data := must[[]byte](t)(os.ReadFile(path))
	for i := len(data) / 2 / 4096 * 4096; i < len(data); i++ {
		data[i] = 0x55
	}
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	findings, err := c.Check(ctx)
	if err != nil || len(findings) == 0 || findings[0].Code != "catalogue-damaged" {
		t.Errorf("findings %+v, %v", findings, err)
	}
}

func TestBackup(t *testing.T) {
	ctx := context.Background()
	b := newBench(t)
	b.story()
	path := filepath.Join(t.TempDir(), "backup.db")
	if err := os.WriteFile(path, []byte("an older backup"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := b.c.Backup(ctx, path); err != nil {
		t.Fatal(err)
	}
	if all := must[[]string](t)(filepath.Glob(filepath.Join(filepath.Dir(path), "*"))); len(all) != 1 {
		t.Errorf("files: %q", all)
	}
	c := b.open(path)
	if want, got := b.dump(b.c), b.dump(c); want != got {
		t.Errorf("the backup differs:\n%s", difference(want, got))
	}
	cancelled, cancel := context.WithCancel(ctx)
	cancel()
	if err := b.c.Backup(cancelled, path+"2"); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	if err := b.c.Apply(cancelled, 1000); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	if _, err := os.Stat(path + "2"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a cancelled backup leaves a file: %v", err)
	}
}
