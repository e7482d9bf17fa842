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
var embedded embed.FS

// schema is a run of numbered migrations up to the newest.
type schema struct {
	files  fs.FS
	newest int64
}

// released is the schema of this Recto.
func released() schema {
	files, err := fs.Sub(embedded, "schema")
	if err != nil {
		panic(err) // the folder's name is a constant
	}
	return schema{files, 3}
}

// applicationID marks the file as a catalogue (PRAGMA application_id, "RCTO").
const applicationID = 1380144207

// migrate brings the database to the newest schema.
func (s schema) migrate(ctx context.Context, db *sql.DB) error {
	p, err := goose.NewProvider(goose.DialectSQLite3, db, s.files,
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
func (s schema) inspect(ctx context.Context, db *sql.DB) (int64, error) {
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
	if version > s.newest { // before any other look: a newer Recto may keep other things
		return 0, fmt.Errorf("schema %d, this Recto has %d: %w", version, s.newest, ErrNewerSchema)
	}
	return version, quickCheck(ctx, db)
}

// quickCheck looks at every table with rows of its own. PRAGMA quick_check by
// itself would also read the words of the full-text index one by one, which is
// most of the time that it takes (20,000 pages: 1.2 of 1.4 s); that is for Check.
func quickCheck(ctx context.Context, db *sql.DB) error {
	tables, err := list(ctx, db, func(r rowScanner) (name string, err error) {
		err = r.Scan(&name)
		return name, err
	},
		`SELECT name FROM pragma_table_list WHERE schema = 'main' AND type <> 'virtual'`)
	if err != nil {
		return err
	}
	for _, table := range tables {
		wrong, err := pragmaCheck(ctx, db, "quick_check('"+strings.ReplaceAll(table, "'", "''")+"')")
		if err != nil {
			return err
		}
		if len(wrong) > 0 {
			return fmt.Errorf("%w (%s)", ErrDamaged, wrong[0])
		}
	}
	return nil
}

// pragmaCheck runs quick_check or integrity_check and gives what is wrong.
func pragmaCheck(ctx context.Context, db *sql.DB, check string) (wrong []string, err error) {
	rows, err := db.QueryContext(ctx, "PRAGMA "+check)
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

// copyName names the copy that is kept of a catalogue of an older schema.
func (s schema) copyName(path string) string {
	return fmt.Sprintf("%s-before-v%d.db", strings.TrimSuffix(path, filepath.Ext(path)), s.newest)
}
