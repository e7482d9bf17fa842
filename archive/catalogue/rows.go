package catalogue

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// rowScanner is *sql.Row and *sql.Rows.
type rowScanner interface{ Scan(...any) error }

// querier is *sql.DB and *sql.Tx.
type querier interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// list gives all rows of a query.
func list[T any](ctx context.Context, db querier, scan func(rowScanner) (T, error), query string, args ...any) (all []T, err error) {
	rows, err := db.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		one, err := scan(rows)
		if err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	return all, rows.Err()
}

// first gives the first row of a query, ErrNotFound where there is none.
func first[T any](ctx context.Context, db querier, scan func(rowScanner) (T, error), query string, args ...any) (T, error) {
	one, err := scan(db.QueryRowContext(ctx, query, args...))
	if errors.Is(err, sql.ErrNoRows) {
		err = ErrNotFound
	}
	return one, err
}

// number scans a single integer.
func number(r rowScanner) (n int, err error) {
	err = r.Scan(&n)
	return n, err
}

// jsonColumn decodes a JSON column into what it points to.
type jsonColumn struct{ to any }

func (c jsonColumn) Scan(v any) error {
	s, ok := v.(string)
	if !ok {
		return fmt.Errorf("a JSON column holds %T", v)
	}
	return json.Unmarshal([]byte(s), c.to)
}

// timeColumn decodes what stamp wrote.
type timeColumn struct{ to *time.Time }

func (c timeColumn) Scan(v any) (err error) {
	s, ok := v.(string)
	if !ok {
		return fmt.Errorf("a time column holds %T", v)
	}
	*c.to, err = time.Parse(time.RFC3339Nano, s)
	return err
}
