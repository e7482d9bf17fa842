package catalogue

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"

	"github.com/pressly/goose/v3"
)

// Released migrations are never changed; a new schema is a new file.
//
//go:embed schema/*.sql
var schema embed.FS

// newest is the number of the last file in schema.
const newest = 1

// applicationID marks the file as a catalogue (PRAGMA application_id, "RCTO").
const applicationID = 1380144207

// migrate brings the database to the newest schema.
func migrate(ctx context.Context, db *sql.DB) error {
	files, err := fs.Sub(schema, "schema")
	if err != nil {
		return err
	}
	p, err := goose.NewProvider(goose.DialectSQLite3, db, files,
		goose.WithDisableGlobalRegistry(true), goose.WithLogger(goose.NopLogger()))
	if err != nil {
		return err
	}
	if _, err := p.Up(context.WithoutCancel(ctx)); err != nil {
		return fmt.Errorf("schema: %w", err)
	}
	return nil
}

// inspect checks a file with content and gives the number of its schema, 0 for a
// database without tables, such as a first opening that was killed leaves.
func inspect(ctx context.Context, db *sql.DB) (int64, error) {
	var id, tables, versions int64
	err := db.QueryRowContext(ctx, `SELECT
		(SELECT application_id FROM pragma_application_id),
		(SELECT count(*) FROM sqlite_schema WHERE name NOT LIKE 'goose_%' AND name NOT LIKE 'sqlite_%'),
		(SELECT count(*) FROM sqlite_schema WHERE name = 'goose_db_version')`).Scan(&id, &tables, &versions)
	if err != nil {
		return 0, err
	}
	if id == 0 && tables == 0 {
		return 0, nil
	}
	if id != applicationID || versions == 0 {
		return 0, fmt.Errorf("this is another program's database: %w", ErrDamaged)
	}
	var version int64
	err = db.QueryRowContext(ctx, `SELECT coalesce(max(version_id), 0) FROM goose_db_version WHERE is_applied`).Scan(&version)
	if err != nil {
		return 0, err
	}
	if version > newest { // before any other look: a newer Recto may keep other things
		return 0, fmt.Errorf("schema %d, this Recto has %d: %w", version, newest, ErrNewerSchema)
	}
	findings, err := pragmaCheck(ctx, db, "quick_check")
	if err != nil {
		return 0, err
	}
	if len(findings) > 0 {
		return 0, fmt.Errorf("%w (%s)", ErrDamaged, findings[0])
	}
	return version, nil
}

// pragmaCheck runs quick_check or integrity_check and gives what is wrong.
func pragmaCheck(ctx context.Context, db *sql.DB, pragma string) (wrong []string, err error) {
	rows, err := db.QueryContext(ctx, "PRAGMA "+pragma+"(20)")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var line string
		if err := rows.Scan(&line); err != nil {
			return nil, err
		}
		if line != "ok" {
			wrong = append(wrong, line)
		}
	}
	return wrong, rows.Err()
}

// beforeMigration names the copy that is kept of a catalogue of an older schema.
func beforeMigration(path string) string {
	return fmt.Sprintf("%s-before-v%d.db", strings.TrimSuffix(path, filepath.Ext(path)), newest)
}
