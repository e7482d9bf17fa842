package catalogue

import (
	"bufio"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
)

// dumps are the queries of [Catalogue.Dump]: all that is projected, told by the
// things' own names and ranks, without row numbers.
var dumps = []struct{ table, query string }{
	{"archive", `SELECT id, format, position, supervisor FROM archive`},
	{"events", `SELECT id, time, actor, type, why, data FROM events ORDER BY seq`},
	{"event_objects", `SELECT e.id, o.object FROM event_objects o JOIN events e ON e.seq = o.event ORDER BY o.event, o.object`},
	{"oddities", `SELECT e.id, o.reason FROM oddities o JOIN events e ON e.seq = o.event ORDER BY o.seq`},
	{"batches", `SELECT id, name, key, title, sources, languages, created, touched,
		shelfmark, container, expected, sides, profile, series, signed FROM batches ORDER BY seq`},
	{"imports", `SELECT b.id, i.argument FROM imports i JOIN batches b ON b.seq = i.batch ORDER BY i.batch, i.argument`},
	{"rejects", `SELECT b.id, r.argument, r.path, r.origin, r.problem, r.dismissed FROM rejects r JOIN batches b ON b.seq = r.batch ORDER BY r.batch, r.seq`},
	{"pages", `SELECT b.id, row_number() OVER (PARTITION BY p.batch ORDER BY p.place), p.id, p.binned, p.by_hand, p.half_of IS NULL, p.raw, p.corrections,
			(SELECT d.id FROM pages d WHERE d.seq = p.duplicate_of), p.master, p.format, p.sha256, p.sha512, p.size,
			p.origin, p.origin_path, p.origin_index, p.origin_nth, p.width, p.height, p.dpi, p.orientation, p.captured,
			p.operator, p.state, p.recipe, p.measures, p.confidence, p.words, p.languages,
			p.text, p.text_sha256, p.unread, p.problem, p.label, p.start, p.blank, p.inspection, p.concerns, p.reviewed,
			(SELECT r.id FROM pages r WHERE r.seq = p.replaced_by), (SELECT s.data FROM settings s WHERE s.seq = p.settings), p.companion
		FROM pages p JOIN batches b ON b.seq = p.batch ORDER BY p.batch, p.place`},
	{"arrangements", `SELECT b.id, e.id, coalesce(u.id, '') FROM arrangements a JOIN batches b ON b.seq = a.batch
		JOIN events e ON e.seq = a.event LEFT JOIN events u ON u.seq = a.undone ORDER BY a.event`},
	{"documents", `SELECT d.id, b.id, d.key, d.title, d.language, d.created, d.state, d.reasons, d.pdf, d.sha256, d.sha512,
		d.size, d.input, d.pages, d.reference, d.container, d.metadata FROM documents d JOIN batches b ON b.seq = d.batch ORDER BY d.seq`},
	{"leaves", `SELECT d.id, l.number, l.page, l.label, l.again FROM leaves l JOIN documents d ON d.seq = l.document
		ORDER BY l.document, l.number`},
	{"deliveries", `SELECT v.id, d.id, v.format, v.destination, v.package, v.step, v.reason, v.files, v.bytes, v.manifest,
		v.problem, v.updated FROM deliveries v JOIN documents d ON d.seq = v.document ORDER BY v.seq`},
	{"signatures", `SELECT p.id, s.signature FROM signatures s JOIN pages p ON p.seq = s.page ORDER BY s.page`},
	{"profiles", `SELECT name, data FROM profiles ORDER BY name`},
	{"units", `SELECT code, data FROM units ORDER BY seq`},
	{"texts", `SELECT p.id, t.plain, t.also FROM texts t JOIN pages p ON p.seq = t.page ORDER BY t.page`},
}

// Dump writes all that was projected as lines of text: two catalogues of equal
// content give equal dumps, however they came about.
func (c *Catalogue) Dump(ctx context.Context, to io.Writer) error {
	tx, err := c.read.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return fail("dump", err)
	}
	defer func() { _ = tx.Rollback() }()
	w := bufio.NewWriter(to)
	for _, d := range dumps {
		if err := dump(ctx, tx, w, d.table, d.query); err != nil {
			return fail("dump "+d.table, err)
		}
	}
	return fail("dump", w.Flush())
}

func dump(ctx context.Context, tx *sql.Tx, w io.Writer, table, query string) (err error) {
	rows, err := tx.QueryContext(ctx, query)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	columns, err := rows.Columns()
	if err != nil {
		return err
	}
	values := make([]any, len(columns))
	targets := make([]any, len(columns))
	for i := range values {
		targets[i] = &values[i]
	}
	for rows.Next() {
		if err := rows.Scan(targets...); err != nil {
			return err
		}
		if _, err := io.WriteString(w, table); err != nil {
			return err
		}
		for _, v := range values {
			if b, ok := v.([]byte); ok {
				v = string(b)
			}
			if s, ok := v.(string); ok {
				v = fmt.Sprintf("%q", s)
			}
			if _, err := fmt.Fprintf(w, "\t%v", v); err != nil {
				return err
			}
		}
		if _, err := io.WriteString(w, "\n"); err != nil {
			return err
		}
	}
	return rows.Err()
}
