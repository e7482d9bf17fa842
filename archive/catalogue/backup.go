package catalogue

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"github.com/mattn/go-sqlite3"
)

// Backup copies the catalogue as it is now into the file path, replacing what is
// there. The copy appears whole or not at all, checked and durable, and is one
// file without a WAL beside it. Writing goes on meanwhile.
func (c *Catalogue) Backup(ctx context.Context, path string) error {
	return fail("backup to "+path, copyTo(ctx, c.read, path))
}

func copyTo(ctx context.Context, from *sql.DB, path string) (err error) {
	path, err = filepath.Abs(path)
	if err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".backup-*")
	if err != nil {
		return err
	}
	temp := f.Name()
	defer func() {
		for _, p := range []string{temp, temp + "-wal", temp + "-shm", temp + "-journal"} {
			_ = os.Remove(p)
		}
	}()
	if err := f.Close(); err != nil {
		return err
	}
	if err := copyPages(ctx, from, temp); err != nil {
		return err
	}
	if err := syncFile(temp); err != nil {
		return err
	}
	if err := os.Rename(temp, path); err != nil {
		return err
	}
	return syncFile(filepath.Dir(path))
}

// copyPages copies by SQLite's Backup API and checks the copy.
func copyPages(ctx context.Context, from *sql.DB, path string) (err error) {
	to, err := sql.Open("sqlite3", dsn(path, url.Values{"mode": {"rwc"}}))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, to.Close()) }()
	to.SetMaxOpenConns(1)

	source, err := from.Conn(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, source.Close()) }()
	// An open transaction holds the state still: without it every commit of a
	// writer would start the copy over.
	tx, err := source.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	if _, err := first(ctx, tx, number, `SELECT count(*) FROM sqlite_schema`); err != nil {
		return err
	}
	target, err := to.Conn(ctx)
	if err != nil {
		return err
	}
	err = source.Raw(func(s any) error {
		return target.Raw(func(t any) error { return steps(ctx, t.(*sqlite3.SQLiteConn), s.(*sqlite3.SQLiteConn)) })
	})
	if err = errors.Join(err, target.Close()); err != nil {
		return err
	}
	// The copy says in its header that it is in WAL mode.
	if _, err := to.ExecContext(ctx, `PRAGMA journal_mode = DELETE`); err != nil {
		return err
	}
	wrong, err := pragmaCheck(ctx, to, "integrity_check(20)")
	if err == nil && len(wrong) > 0 {
		err = fmt.Errorf("the copy: %w (%s)", ErrDamaged, wrong[0])
	}
	return err
}

func steps(ctx context.Context, to, from *sqlite3.SQLiteConn) (err error) {
	b, err := to.Backup("main", from, "main")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, b.Close()) }()
	for {
		before := b.Remaining()
		done, err := b.Step(1024) // 4 MiB
		if done || err != nil {
			return err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		if b.Remaining() == before { // busy: Step does not say so
			time.Sleep(10 * time.Millisecond)
		}
	}
}

func syncFile(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
