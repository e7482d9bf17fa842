package catalogue

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"

	"recto/archive"
)

const rebuild = "Make the catalogue anew from what lies on disk: recto rebuild."

// Check reads the whole file and says what is wrong with it: the file as such,
// rows that refer to nothing, and the full-text index against the texts. None of
// it touches the archive itself, so every remedy is a rebuild. It blocks writing
// while it compares the index.
func (c *Catalogue) Check(ctx context.Context) ([]archive.Finding, error) {
	var findings []archive.Finding
	found := func(code, message string) {
		findings = append(findings, archive.Finding{Code: code, Path: filepath.Base(c.path), Severity: archive.Error,
			Message: message, Remedy: rebuild})
	}

	// A connection that has searched keeps the shape that the index had then, and
	// integrity_check on it reports as corruption whatever was merged away since
	// (seen with SQLite 3.54.1; a search looks anew, a check does not).
	db, err := openReading(ctx, c.path)
	if errors.Is(meaning(err), ErrDamaged) {
		found("catalogue-damaged", "The catalogue's file is damaged: "+err.Error())
		return findings, nil
	}
	if err != nil {
		return nil, fail("check", err)
	}
	defer func() { _ = db.Close() }()

	wrong, err := pragmaCheck(ctx, db, "integrity_check(20)")
	if errors.Is(meaning(err), ErrDamaged) {
		wrong, err = []string{err.Error()}, nil
	}
	if err != nil {
		return nil, fail("check", err)
	}
	for _, w := range wrong {
		found("catalogue-damaged", "The catalogue's file is damaged: "+w)
	}

	orphans, err := list(ctx, db, func(r rowScanner) (string, error) {
		var table, parent string
		var row, key sql.NullInt64
		err := r.Scan(&table, &row, &parent, &key)
		return fmt.Sprintf("row %d of %s refers to a missing row of %s", row.Int64, table, parent), err
	}, `SELECT * FROM pragma_foreign_key_check LIMIT 20`)
	if errors.Is(meaning(err), ErrDamaged) {
		found("catalogue-damaged", "The catalogue's file is damaged: "+err.Error())
		err = nil
	}
	if err != nil {
		return nil, fail("check", err)
	}
	for _, o := range orphans {
		found("catalogue-orphan", "The catalogue does not fit together: "+o+".")
	}

	err = c.checkIndex(ctx)
	if errors.Is(meaning(err), ErrDamaged) {
		found("catalogue-index", "The full-text index does not agree with the texts: searches miss pages.")
		err = nil
	}
	return findings, fail("check", err)
}

// checkIndex runs FTS5's own check with rank 1 (FTS5, 6.4): without the rank, and
// in integrity_check too, an index of other texts than those in the table passes.
func (c *Catalogue) checkIndex(ctx context.Context) error {
	if c.write != nil {
		return compareIndex(context.WithoutCancel(ctx), c.write)
	}
	// The check is written as an INSERT, which a read-only connection refuses: so
	// it is done on a copy.
	folder, err := os.MkdirTemp("", "recto-check-*")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(folder) }()
	path := filepath.Join(folder, "catalogue.db")
	if err := copyTo(ctx, c.read, path); err != nil {
		return err
	}
	db, err := sql.Open("sqlite3", dsn(path, url.Values{"mode": {"rw"}}))
	if err != nil {
		return err
	}
	return errors.Join(compareIndex(ctx, db), db.Close())
}

func compareIndex(ctx context.Context, db *sql.DB) error {
	_, err := db.ExecContext(ctx, `INSERT INTO texts_index (texts_index, rank) VALUES ('integrity-check', 1)`)
	return err
}
