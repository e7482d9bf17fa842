package workbench

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"

	"recto/archive"
	"recto/archive/catalogue"
	"recto/ocr"
	"recto/scan"
	"recto/scan/spool"
)

// change is an event on its way into the journal.
type change struct {
	kind archive.EventType
	data any
}

func event(t archive.EventType, data any) change { return change{t, data} }

// record makes changes durable in the journal and then shows them in the
// catalogue. When it returns nil they may be told to the user. The context only
// stops it before it has begun: what is begun is finished.
func (w *Workbench) record(ctx context.Context, why string, changes ...change) error {
	events, err := w.events(why, changes...)
	if err != nil {
		return err
	}
	return w.commit(ctx, events...)
}

func (w *Workbench) events(why string, changes ...change) ([]archive.Event, error) {
	events := make([]archive.Event, len(changes))
	for i, c := range changes {
		e, err := archive.NewEvent(c.kind, w.actor, why, c.data)
		if err != nil {
			return nil, err
		}
		events[i] = e
	}
	return events, nil
}

func (w *Workbench) commit(ctx context.Context, events ...archive.Event) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if w.readOnly {
		return fmt.Errorf("%s: %w", scan.Path(w.dir).Line(), scan.ErrReadOnly)
	}
	ctx = context.WithoutCancel(ctx)
	w.mu.Lock()
	defer w.mu.Unlock()
	pos, err := w.log.Append(ctx, events...)
	if err != nil {
		w.dirty = true
		return diskError(err)
	}
	if w.stale {
		return w.catchUp(ctx)
	}
	if err := w.cat.Apply(ctx, int64(pos), events...); err != nil {
		w.stale, w.dirty = true, true
		return fmt.Errorf("catalogue: %w", diskError(err))
	}
	return nil
}

// catchUp brings the catalogue up to the journal after it has missed something.
func (w *Workbench) catchUp(ctx context.Context) error {
	from, err := w.cat.Position(ctx)
	if err == nil {
		err = w.replay(ctx, w.cat, from)
	}
	w.stale = err != nil
	return diskError(err)
}

// take makes a page of a sheet: durable first, then told. What is wrong with this
// sheet alone comes as a *sheetError; any other error concerns all sheets.
func (w *Workbench) take(ctx context.Context, b archive.Batch, number int, label string, place spool.Place, s scan.Sheet) (page scan.Page, at Moments, err error) {
	before := w.spool.Synced()
	page, err = w.spool.Append(ctx, b.ID, spool.Info{
		Name: b.Name, Title: b.Title, Sequence: number, Operator: w.actor,
		Shelfmark: b.Shelfmark, Container: b.Container, Label: label, Place: place,
	}, s)
	if err != nil {
		if errors.Is(err, spool.ErrLeft) {
			w.leftOver()
		}
		err = w.vanished(err)
		if ofDisk(err) || ctx.Err() != nil {
			return page, at, err
		}
		return page, at, &sheetError{err}
	}
	at.Durable, at.Synced = time.Now(), w.spool.Synced()-before
	changes := w.captured(page, place)
	if err := w.record(context.WithoutCancel(ctx), "", changes...); err != nil {
		w.leave(page, place)
		return page, at, err
	}
	at.Visible = time.Now()
	return page, at, nil
}

// sheetError is the trouble of one sheet.
type sheetError struct{ error }

func (e *sheetError) Unwrap() error { return e.error }

// captured tells of a page and of its place, where that is still there.
func (w *Workbench) captured(page scan.Page, place spool.Place) []change {
	ctx := context.Background()
	there := func(id scan.PageID) (catalogue.Page, bool) {
		if id == "" {
			return catalogue.Page{}, false
		}
		p, err := w.cat.Page(ctx, id)
		return p, err == nil && p.Batch == page.Batch
	}
	c := archive.Captured{Page: page, First: place.First}
	if old, ok := there(place.Replaces); ok && !old.Binned {
		c.After = old.ID
		return []change{event(archive.PageCaptured, c), event(archive.PagesReplaced, archive.Replaced{
			Batch: page.Batch, Old: old.ID, New: page.ID, From: page.Label, To: old.Label,
		})}
	}
	if _, ok := there(place.After); ok {
		c.After = place.After
	}
	// What a scanner put between others was meant to stand there, and can be taken
	// back; files come where their order has them.
	if page.Origin.Capture != nil && (c.First || c.After != "") {
		return []change{event(archive.PageCaptured, c), event(archive.PagesInserted, archive.Inserted{Batch: page.Batch, Page: page.ID, After: c.After})}
	}
	return []change{event(archive.PageCaptured, c)}
}

// untold is a page that is durable and not in the journal.
type untold struct {
	page  scan.Page
	place spool.Place
}

// leave remembers a page that is durable and could not be told of: the same sheet
// taken in again would make two of it.
func (w *Workbench) leave(page scan.Page, place spool.Place) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.dirty = true
	w.left = append(w.left, untold{page, place})
}

// tellLeft tells of such pages now. Where it never comes to that, the next opening
// finds them.
func (w *Workbench) tellLeft(ctx context.Context) error {
	w.mu.Lock()
	left := w.left
	var err error
	if len(left) > 0 && w.stale {
		err = w.catchUp(context.WithoutCancel(ctx))
	}
	w.mu.Unlock()
	for _, c := range left {
		if err != nil {
			return err
		}
		if _, err = w.cat.Page(ctx, c.page.ID); errors.Is(err, catalogue.ErrNotFound) {
			err = w.record(ctx, "", w.captured(c.page, c.place)...)
		}
	}
	if err == nil && len(left) > 0 {
		w.mu.Lock()
		w.left = w.left[len(left):]
		w.mu.Unlock()
	}
	return err
}

// leftOver has the next opening look closely at what lies on disk.
func (w *Workbench) leftOver() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.dirty = true
}

// Text gives the recognised text of a page; nil without one.
func (w *Workbench) Text(ctx context.Context, id scan.PageID) (*ocr.Text, error) {
	w.looked.Store(&id)
	p, err := w.Page(ctx, id)
	if err != nil || p.Text == "" {
		return nil, err
	}
	return w.textTree(p.Text)
}

func (w *Workbench) textTree(file string) (*ocr.Text, error) {
	b, err := w.textBytes(file)
	if err != nil {
		return nil, err
	}
	var t ocr.Text
	if err := json.Unmarshal(b, &t); err != nil {
		return nil, fmt.Errorf("text %s: %w", file, err)
	}
	return &t, nil
}

// textBytes gives a text tree as it was written. Its name begins with its page and
// carries the start of its digest.
func (w *Workbench) textBytes(file string) ([]byte, error) {
	b, err := os.ReadFile(w.path(filepath.FromSlash(file)))
	if err == nil && !strings.HasSuffix(file, "-"+digest(b)[:12]+".json") {
		err = scan.ErrChanged
	}
	if err == nil {
		return b, nil
	}
	id := path.Base(file)
	id = id[:max(0, len(id)-len("-0123456789ab.json"))]
	return b, &damage{fmt.Errorf("text %s: %w", file, err), "Read the page again: recto process --page " + id}
}

// plainText feeds the full-text index.
func (w *Workbench) plainText(file string) (string, error) {
	t, err := w.textTree(file)
	if err != nil {
		return "", err
	}
	return t.Plain(), nil
}
