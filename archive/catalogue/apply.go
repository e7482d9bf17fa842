package catalogue

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"recto/archive"
	"recto/scan"
)

// Apply projects events, which follow each other in the journal and of which the
// last one lies at position pos, in one transaction: all or none. It returns when
// they are durable. What was applied already is passed over, so a replay from any
// earlier position is harmless: the whole call when pos is not beyond
// [Catalogue.Position], else each event that is known by its ID.
//
// Events must come in the order of the journal: one that was overtaken by a later
// position is refused with [ErrOrder]. An event of an unknown type is stored and
// changes nothing else; one that makes no sense is stored and noted
// ([Catalogue.Oddities]). Once begun, Apply is not cancelled by ctx: go-sqlite3
// can leave a transaction open then (its issues 681 and 764).
func (c *Catalogue) Apply(ctx context.Context, pos int64, events ...archive.Event) (err error) {
	if c.write == nil {
		return fail("apply", scan.ErrReadOnly)
	}
	if err := ctx.Err(); err != nil {
		return fail("apply", err)
	}
	ctx = context.WithoutCancel(ctx)
	tx, err := c.write.BeginTx(ctx, nil)
	if err != nil {
		return fail("apply", err)
	}
	defer func() {
		if err != nil {
			_ = tx.Rollback() // fails where SQLite has already rolled back
		}
	}()

	w := writer{ctx: ctx, tx: tx}
	var known int64
	if err := w.row(`SELECT position FROM archive`)(&known); err != nil {
		return fail("apply", err)
	}
	if pos <= known {
		if err := w.allKnown(events); err != nil {
			return fail(fmt.Sprintf("apply up to position %d, being at %d", pos, known), err)
		}
		return fail("apply", tx.Rollback())
	}
	for _, e := range events {
		p := projection{writer: w, event: e, text: c.text}
		if err := p.project(); err != nil {
			return fail(fmt.Sprintf("apply event %s (%s)", e.ID, e.Type), err)
		}
	}
	if err := w.exec(`UPDATE archive SET position = ?`, pos); err != nil {
		return fail("apply", err)
	}
	return fail("apply", tx.Commit())
}

// allKnown gives ErrOrder unless all events have been applied.
func (w writer) allKnown(events []archive.Event) error {
	for _, e := range events {
		seq, err := w.find(`SELECT seq FROM events WHERE id = ?`, e.ID)
		if err != nil {
			return err
		}
		if seq == 0 {
			return fmt.Errorf("event %s: %w", e.ID, ErrOrder)
		}
	}
	return nil
}

// handlers project one type of event each.
var handlers = map[archive.EventType]func(*projection) error{
	archive.ArchiveCreated:  on((*projection).archiveCreated),
	archive.ArchiveRepaired: (*projection).aboutArchive,
	archive.FixityChecked:   (*projection).aboutArchive,
	archive.BatchCreated:    on((*projection).batchCreated),
	archive.BatchDescribed:  on((*projection).batchDescribed),
	archive.BatchSigned:     on((*projection).batchSigned),
	archive.BatchImported:   on((*projection).batchImported),
	archive.RejectDismissed: on((*projection).rejectDismissed),
	archive.PageCaptured:    on((*projection).pageCaptured),
	archive.PageInspected:   on((*projection).pageInspected),
	archive.PageProcessed:   on((*projection).pageProcessed),
	archive.PagesMoved:      on((*projection).arranged),
	archive.PagesRotated:    on((*projection).arranged),
	archive.PagesPrepared:   on((*projection).arranged),
	archive.PagesParted:     on((*projection).pagesParted),
	archive.TextCorrected:   on((*projection).arranged),
	archive.PagesBinned:     on((*projection).arranged),
	archive.PagesRestored:   on((*projection).arranged),
	archive.PagesInserted:   on((*projection).arranged),
	archive.PagesReplaced:   on((*projection).arranged),
	archive.PagesOrdered:    on((*projection).arranged),
	archive.PagesLabelled:   on((*projection).arranged),
	archive.PagesDivided:    on((*projection).arranged),
	archive.PagesReviewed:   on((*projection).arranged),
	archive.ArrangeUndone:   on((*projection).undone),
	archive.ArrangeRedone:   on((*projection).redone),
	archive.DocumentMade:    on((*projection).documentMade),
	archive.DocumentWritten: on((*projection).documentWritten),
	archive.DocumentCopied:  on((*projection).documentCopied),
	archive.DeliveryStepped: on((*projection).deliveryStepped),
	archive.ProfileSaved:    on((*projection).profileSaved),
	archive.ProfileRemoved:  on((*projection).profileRemoved),
	archive.SupervisorSet:   on((*projection).supervisorSet),
	archive.UnitsPlanned:    on((*projection).unitsPlanned),
}

// on decodes an event's data for its handler.
func on[T any](handle func(*projection, T) error) func(*projection) error {
	return func(p *projection) error {
		var data T
		if err := json.Unmarshal(p.event.Data, &data); err != nil {
			return p.odd("its data cannot be read: %v", err)
		}
		return handle(p, data)
	}
}

// projection is one event on its way into the tables.
type projection struct {
	writer
	event archive.Event
	seq   int64 // of the event's row
	text  func(path string) (string, error)
}

func (p *projection) project() error {
	e := p.event
	err := p.row(`INSERT INTO events (id, time, actor, type, why, data) VALUES (?, ?, ?, ?, ?, ?)
		ON CONFLICT (id) DO NOTHING RETURNING seq`,
		e.ID, stamp(e.Time), e.Actor, string(e.Type), e.Why, nonNil(e.Data))(&p.seq)
	if errors.Is(err, sql.ErrNoRows) {
		return p.repeated()
	}
	if err != nil {
		return err
	}
	if handle, known := handlers[e.Type]; known {
		return handle(p)
	}
	return nil
}

// repeated passes over an event that is known, and notes when another event
// bears the same ID.
func (p *projection) repeated() error {
	var kind string
	var data []byte
	if err := p.row(`SELECT seq, type, data FROM events WHERE id = ?`, p.event.ID)(&p.seq, &kind, &data); err != nil {
		return err
	}
	if kind == string(p.event.Type) && bytes.Equal(data, p.event.Data) {
		return nil
	}
	return p.odd("another event, %s, has the same id", p.event.Type)
}

// odd notes that the event asks for something that cannot be done.
func (p *projection) odd(reason string, args ...any) error {
	return p.exec(`INSERT INTO oddities (event, reason) VALUES (?, ?)`, p.seq, fmt.Sprintf(reason, args...))
}

// concerns makes the event part of the history of the things with these IDs.
func (p *projection) concerns(ids ...string) error {
	for _, id := range ids {
		if id == "" {
			continue
		}
		err := p.exec(`INSERT INTO event_objects (object, event) VALUES (?, ?) ON CONFLICT DO NOTHING`, id, p.seq)
		if err != nil {
			return err
		}
	}
	return nil
}

func (p *projection) archiveCreated(d archive.Created) error {
	var known string
	if err := p.row(`SELECT id FROM archive`)(&known); err != nil {
		return err
	}
	if known != "" && known != d.Archive {
		return p.odd("the archive is already %s", known)
	}
	if err := p.exec(`UPDATE archive SET id = ?, format = ?`, d.Archive, d.Format); err != nil {
		return err
	}
	return p.concerns(d.Archive)
}

// aboutArchive makes the event part of the archive's own history.
func (p *projection) aboutArchive() error {
	var id string
	if err := p.row(`SELECT id FROM archive`)(&id); err != nil {
		return err
	}
	return p.concerns(id)
}

// writer runs SQL in the one write transaction; the driver caches statements.
type writer struct {
	ctx context.Context
	tx  *sql.Tx
}

func (w writer) exec(query string, args ...any) error {
	_, err := w.tx.ExecContext(w.ctx, query, args...)
	return err
}

// row gives the Scan of a query for one row, sql.ErrNoRows where there is none.
func (w writer) row(query string, args ...any) func(...any) error {
	return w.tx.QueryRowContext(w.ctx, query, args...).Scan
}

// find gives the number that the query selects, 0 where it selects none.
func (w writer) find(query string, args ...any) (int64, error) {
	var n int64
	err := w.row(query, args...)(&n)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	return n, err
}

// stamp writes a time so that text order is time order.
func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000000000Z") }

// jsonText encodes what has no column of its own.
func jsonText(v any) (string, error) {
	b, err := json.Marshal(v)
	return string(b), err
}

// nonNil keeps an empty value from becoming NULL.
func nonNil[T ~[]byte](b T) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}

// raw gives the bytes of a path for a column that need not be UTF-8.
func raw(p scan.Path) []byte { return nonNil([]byte(p)) }
