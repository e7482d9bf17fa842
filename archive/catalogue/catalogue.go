package catalogue

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"syscall"

	"github.com/mattn/go-sqlite3"

	"recto/archive"
	"recto/scan"
)

// Options of [Open].
type Options struct {
	// ReadOnly never writes: no file is made, no schema migrated. It works in a
	// folder that cannot be written to and beside another process that writes.
	ReadOnly bool

	// Text gives the plain text of the text tree at path (below the archive's
	// root), as ocr.Text.Plain does. It is called by Apply, on its goroutine and
	// inside its transaction, so it must not call Apply itself. A failure is kept
	// with the page ([Catalogue.Unread]) and ends nothing.
	Text func(path string) (string, error)
}

// Catalogue is an open catalogue. Its methods are safe for concurrent use;
// reading never waits for writing.
type Catalogue struct {
	path  string
	read  *sql.DB
	write *sql.DB // one connection; nil when read-only
	text  func(path string) (string, error)
}

// Open opens the catalogue in the file path, which is made if it is missing and
// brought to the present schema if it is of an older one, after a copy to
// "NAME-before-vN.db" beside it.
//
// The error wraps [ErrDamaged], [ErrNewerSchema], [ErrNetwork], [scan.ErrReadOnly],
// [scan.ErrNoSpace] or, read-only, [ErrOlderSchema] and [fs.ErrNotExist].
func Open(ctx context.Context, path string, o Options) (*Catalogue, error) {
	return open(ctx, path, o, released())
}

func open(ctx context.Context, path string, o Options, s schema) (_ *Catalogue, err error) {
	path, err = filepath.Abs(path)
	if err != nil {
		return nil, fail("open", err)
	}
	what := "open " + path
	if err := refuseNetwork(filepath.Dir(path)); err != nil {
		return nil, fail(what, err)
	}
	c := &Catalogue{path: path, text: o.Text}
	defer func() {
		if err != nil {
			_ = c.Close()
		}
	}()

	// Look before opening for writing: that would already turn another program's
	// database into WAL mode.
	version := int64(0)
	if err := plain(path); err != nil {
		return nil, fail(what, err)
	}
	if info, err := os.Stat(path); err == nil && info.Size() > 0 {
		if c.read, err = openReading(ctx, path); err != nil {
			return nil, fail(what, err)
		}
		if version, err = s.inspect(ctx, c.read); err != nil {
			return nil, fail(what, err)
		}
	} else if err == nil && o.ReadOnly {
		return nil, fail(what, fmt.Errorf("the file is empty: %w", ErrDamaged))
	} else if err != nil && (o.ReadOnly || !errors.Is(err, fs.ErrNotExist)) {
		return nil, fail(what, err)
	}
	if o.ReadOnly {
		if version < s.newest {
			return nil, fail(what, fmt.Errorf("schema %d, this Recto has %d: %w", version, s.newest, ErrOlderSchema))
		}
		return c, nil
	}

	if version > 0 && version < s.newest {
		if err := copyTo(ctx, c.read, s.copyName(path)); err != nil {
			return nil, fail(what+": copy before migration", err)
		}
	}
	if c.read != nil {
		_ = c.read.Close() // it may be an immutable view, which must not see writing
	}
	c.write, err = sql.Open("sqlite3", dsn(path, url.Values{
		"mode": {"rwc"}, "_journal_mode": {"WAL"}, "_synchronous": {"FULL"}, "_txlock": {"immediate"},
		"_foreign_keys": {"on"}, "_busy_timeout": {"5000"}, "_stmt_cache_size": {"64"},
	}))
	if err != nil {
		return nil, fail(what, err)
	}
	c.write.SetMaxOpenConns(1)
	if err := s.migrate(ctx, c.write); err != nil {
		return nil, fail(what, unwritable(path, err))
	}
	if err := tryWriting(ctx, c.write); err != nil {
		return nil, fail(what, err)
	}
	if c.read, err = openReading(ctx, path); err != nil {
		return nil, fail(what, err)
	}
	return c, nil
}

// Close ends all use. The last one to close writes the WAL back into the file.
func (c *Catalogue) Close() error {
	var errs []error
	if c.read != nil {
		errs = append(errs, c.read.Close())
	}
	if c.write != nil {
		errs = append(errs, c.write.Close()) // last: only a writer can clear the WAL away
	}
	return fail("close", errors.Join(errs...))
}

// Remove deletes the closed catalogue in the file path with all that SQLite
// keeps beside it; a missing one is no error.
func Remove(path string) error {
	// The database first: a WAL without a database is ignored, while a database
	// without its WAL has lost what was last written.
	for _, p := range []string{path, path + "-wal", path + "-shm", path + "-journal"} {
		if err := os.Remove(p); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fail("remove", err)
		}
	}
	return nil
}

// Position is where in the journal the last applied event ends: what Apply was
// given with it, 0 for a new catalogue.
func (c *Catalogue) Position(ctx context.Context) (int64, error) {
	var pos int64
	err := c.read.QueryRowContext(ctx, `SELECT position FROM archive`).Scan(&pos)
	return pos, fail("position", err)
}

// Archive tells which archive this is the catalogue of; zero before the event
// archive.created was applied.
func (c *Catalogue) Archive(ctx context.Context) (archive.Created, error) {
	var a archive.Created
	err := c.read.QueryRowContext(ctx, `SELECT id, format FROM archive`).Scan(&a.Archive, &a.Format)
	return a, fail("archive", err)
}

// dsn names the file as a URI, in which any byte of a file name can be told.
func dsn(path string, options url.Values) string {
	u := url.URL{Scheme: "file", Path: path, RawQuery: options.Encode()}
	return u.String()
}

// openReading opens a pool of connections that cannot write.
func openReading(ctx context.Context, path string) (*sql.DB, error) {
	options := url.Values{"mode": {"ro"}, "_query_only": {"on"}, "_busy_timeout": {"5000"}, "_stmt_cache_size": {"32"}}
	db, err := tryReading(ctx, path, options)
	var e sqlite3.Error
	if errors.As(err, &e) && (e.Code == sqlite3.ErrCantOpen || e.Code == sqlite3.ErrReadonly || errors.Is(e.SystemErrno, syscall.ENOSPC)) && !unfinished(path) {
		// In a folder that cannot be written to, or on a full disk, SQLite cannot make
		// the shared memory of a WAL database. Nobody else can write there either, and
		// no WAL waits to be read, so the file alone is all there is.
		options.Set("immutable", "1")
		if plain, plainErr := tryReading(ctx, path, options); plainErr == nil {
			return plain, nil
		}
	}
	return db, err
}

func tryReading(ctx context.Context, path string, options url.Values) (*sql.DB, error) {
	db, err := sql.Open("sqlite3", dsn(path, options))
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(16)
	db.SetMaxIdleConns(4)
	var tables int
	if err := db.QueryRowContext(ctx, `SELECT count(*) FROM sqlite_schema`).Scan(&tables); err != nil {
		_ = db.Close()
		return nil, err
	}
	return db, nil
}

// tryWriting finds out what SQLite otherwise tells at the first write: on a
// read-only mount it opens the file for reading without a word.
func tryWriting(ctx context.Context, db *sql.DB) error {
	tx, err := db.BeginTx(context.WithoutCancel(ctx), nil)
	if err != nil {
		return err
	}
	_, err = tx.Exec(`UPDATE archive SET position = position`)
	return errors.Join(err, tx.Rollback())
}

// plain refuses what is there and is no file that can be read: SQLite would say
// only that it cannot open it, or follow a link out of the archive.
func plain(path string) error {
	info, err := os.Lstat(path)
	switch {
	case err != nil:
		return nil // opening tells
	case !info.Mode().IsRegular():
		return fmt.Errorf("it is not a file but %s: %w", info.Mode().Type(), ErrDamaged)
	}
	f, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("%w: %w", scan.ErrUnreadable, err)
	}
	return f.Close()
}

// unfinished tells whether a WAL with content lies beside the database.
func unfinished(path string) bool {
	info, err := os.Stat(path + "-wal")
	return err == nil && info.Size() > 0
}

// unwritable adds scan.ErrReadOnly to an error from opening path for writing
// where the system refuses that: SQLite says only "unable to open".
func unwritable(path string, err error) error {
	var e sqlite3.Error
	if !errors.As(err, &e) || e.Code != sqlite3.ErrCantOpen {
		return err
	}
	f, probe := os.CreateTemp(filepath.Dir(path), ".write-*")
	if probe == nil {
		_ = f.Close()
		_ = os.Remove(f.Name())
		return err
	}
	return fmt.Errorf("%w (%w)", scan.ErrReadOnly, err)
}
