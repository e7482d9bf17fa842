package catalogue

import (
	"context"
	"errors"
	"iter"
	"time"

	"recto/archive"
	"recto/scan"
)

const eventColumns = `e.id, e.time, e.actor, e.type, e.why, e.data`

func scanEvent(r rowScanner) (e archive.Event, err error) {
	var data []byte
	err = r.Scan(&e.ID, timeColumn{&e.Time}, &e.Actor, &e.Type, &e.Why, &data)
	e.Data = data
	return e, err
}

// Events lists the events that concern the object with this ID - an archive,
// batch, page, document or delivery - newest first; all events when object is
// empty; at most limit of them when it is above 0.
func (c *Catalogue) Events(ctx context.Context, object string, limit int) ([]archive.Event, error) {
	if limit <= 0 {
		limit = -1 // SQLite: no limit
	}
	query, args := `SELECT `+eventColumns+` FROM events e ORDER BY e.seq DESC LIMIT ?`, []any{limit}
	if object != "" {
		query = `SELECT ` + eventColumns + ` FROM event_objects o JOIN events e ON e.seq = o.event
			WHERE o.object = ? ORDER BY o.event DESC LIMIT ?`
		args = []any{object, limit}
	}
	all, err := list(ctx, c.read, scanEvent, query, args...)
	return all, fail("events", err)
}

// AllEvents gives every event in the order of the journal, one at a time. An error
// is the last thing given.
func (c *Catalogue) AllEvents(ctx context.Context) iter.Seq2[archive.Event, error] {
	return func(yield func(archive.Event, error) bool) {
		rows, err := c.read.QueryContext(ctx, `SELECT `+eventColumns+` FROM events e ORDER BY e.seq`)
		if err != nil {
			yield(archive.Event{}, fail("all events", err))
			return
		}
		defer func() { _ = rows.Close() }()
		for rows.Next() {
			e, err := scanEvent(rows)
			if !yield(e, fail("all events", err)) || err != nil {
				return
			}
		}
		if err := rows.Err(); err != nil {
			yield(archive.Event{}, fail("all events", err))
		}
	}
}

// UndoTop gives the arranging event of a batch that an undo takes back next.
func (c *Catalogue) UndoTop(ctx context.Context, batch scan.BatchID) (archive.Event, bool, error) {
	return c.top(ctx, `a.undone = 0 ORDER BY a.event DESC`, batch)
}

// RedoTop gives the arranging event of a batch that a redo does again next: the
// last one that was undone, provided that nothing was arranged since.
func (c *Catalogue) RedoTop(ctx context.Context, batch scan.BatchID) (archive.Event, bool, error) {
	return c.top(ctx, `a.undone > 0 ORDER BY a.undone DESC`, batch)
}

func (c *Catalogue) top(ctx context.Context, which string, batch scan.BatchID) (archive.Event, bool, error) {
	e, err := first(ctx, c.read, scanEvent, `SELECT `+eventColumns+` FROM arrangements a JOIN events e ON e.seq = a.event
		WHERE a.batch = (SELECT seq FROM batches WHERE id = ?) AND `+which+` LIMIT 1`, string(batch))
	if errors.Is(err, ErrNotFound) {
		return archive.Event{}, false, nil
	}
	return e, err == nil, fail("undo stack", err)
}

// Oddity is something that an event asked for and that could not be done.
type Oddity struct {
	Event  string // its ID
	Type   archive.EventType
	Time   time.Time
	Reason string
}

// Oddities lists them in the order of the journal; none in a sound archive.
func (c *Catalogue) Oddities(ctx context.Context) ([]Oddity, error) {
	all, err := list(ctx, c.read, func(r rowScanner) (o Oddity, err error) {
		err = r.Scan(&o.Event, &o.Type, timeColumn{&o.Time}, &o.Reason)
		return o, err
	}, `SELECT e.id, e.type, e.time, o.reason FROM oddities o JOIN events e ON e.seq = o.event ORDER BY o.seq`)
	return all, fail("oddities", err)
}
