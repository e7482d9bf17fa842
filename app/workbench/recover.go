package workbench

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"recto/archive"
	"recto/archive/catalogue"
	"recto/archive/journal"
	"recto/scan"
	"recto/scan/spool"
)

// openCatalogue opens the catalogue, makes it anew where it is missing, damaged or
// another archive's, and brings it up to where the journal is. Where the journal is
// the shorter of the two, its end was lost, and is written back.
func (w *Workbench) openCatalogue(ctx context.Context) error {
	file := w.path(catalogueFile)
	_, err := os.Stat(file)
	missing := errors.Is(err, fs.ErrNotExist)
	err = w.openProjection(ctx)
	if errors.Is(err, catalogue.ErrDamaged) {
		if err := setAside(file, "damaged"); err != nil {
			return diskError(err)
		}
		w.repaired = append(w.repaired, "The catalogue was damaged. It was put aside and is made anew from the journal.")
		missing = true
		err = w.openProjection(ctx)
	}
	if err != nil {
		return err
	}
	at, err := w.cat.Position(ctx)
	if err != nil {
		return err
	}
	end := int64(w.log.End())
	switch {
	case at > end:
		w.repaired = append(w.repaired, fmt.Sprintf("The journal ends at entry %d, but the catalogue knows it up to entry %d.", end, at))
		if err := w.rescue(ctx, w.cat); err != nil {
			return err
		}
		return w.reproject(ctx, aside("ahead"))
	case at == end:
		return nil
	case !missing:
		w.repaired = append(w.repaired, Plural(int(end-at), "entry")+" of the journal had not reached the catalogue; that is mended.")
	}
	return w.replay(ctx, w.cat, at)
}

func (w *Workbench) openProjection(ctx context.Context) (err error) {
	w.cat, err = catalogue.Open(ctx, w.path(catalogueFile), catalogue.Options{Text: w.plainText})
	return err
}

// aside puts the catalogue's file aside for a reason.
func aside(why string) func(file string) error {
	return func(file string) error { return diskError(setAside(file, why)) }
}

// reproject makes the catalogue anew, after clear has taken the old one away.
func (w *Workbench) reproject(ctx context.Context, clear func(file string) error) error {
	if w.cat != nil {
		if err := w.cat.Close(); err != nil {
			return err
		}
	}
	if err := clear(w.path(catalogueFile)); err != nil {
		return err
	}
	if err := w.openProjection(ctx); err != nil {
		return err
	}
	return w.replay(ctx, w.cat, 0)
}

// readable gives every event that the journal can still tell; lines that cannot be
// read are passed over without a word.
func (w *Workbench) readable(ctx context.Context, each func(archive.Event) error) error {
	err := w.log.Replay(ctx, 0, func(_ journal.Position, e archive.Event) error { return each(e) })
	var damage *journal.Damage
	if errors.As(err, &damage) {
		return nil
	}
	return err
}

// reconcile makes marker, journal and the old catalogue agree before a rebuild.
// Which archive this is the journal says, else recto.json, else the old catalogue;
// where nobody knows any more it is a new one. What the old catalogue knows of it
// and the journal has lost goes back into the journal. A catalogue that cannot be
// read has nothing to give.
func (w *Workbench) reconcile(ctx context.Context) (err error) {
	old, oerr := catalogue.Open(ctx, w.path(catalogueFile), catalogue.Options{ReadOnly: true})
	if oerr == nil {
		defer func() { err = errors.Join(err, old.Close()) }()
	}
	c, created, err := w.created(ctx)
	if err != nil {
		return err
	}
	told := c.Archive != ""
	if !told {
		c, created = archive.Created{Archive: w.marker.Archive, Format: w.marker.Format}, w.marker.Created
	}
	if c.Archive == "" && oerr == nil {
		if c, err = old.Archive(ctx); err != nil {
			c = archive.Created{} // damaged
		}
	}
	if c.Archive == "" {
		c = archive.Created{Archive: scan.NewID(), Format: Format}
	}
	if c.Format > Format {
		return w.newer(c.Format)
	}
	if c.Archive != w.marker.Archive || told && (c.Format != w.marker.Format || !created.Equal(w.marker.Created)) {
		if created.IsZero() {
			created = time.Now().UTC()
		}
		w.marker = marker{Archive: c.Archive, Format: c.Format, Created: created, Program: "Recto " + Version, Masters: w.marker.Masters}
		if err := w.marker.write(w.dir); err != nil {
			return err
		}
		w.repaired = append(w.repaired, markerFile+" was written anew.")
	}
	if err := w.findMasters(); err != nil { // now that it is known whose they are
		return err
	}
	if oerr == nil {
		if err := w.rescue(ctx, old); err != nil && !errors.Is(err, catalogue.ErrDamaged) {
			return err
		}
	}
	if told {
		return nil
	}
	if now, _, err := w.created(ctx); err != nil || now.Archive != "" {
		return err
	}
	events, err := w.events("the journal did not tell any more what archive this is", event(archive.ArchiveCreated, c))
	if err != nil {
		return err
	}
	events[0].Time = w.marker.Created // which is all that is known of it
	_, err = w.log.Append(ctx, events...)
	return diskError(err)
}

// created is what the journal says of the archive's beginning; zero where it says
// nothing.
func (w *Workbench) created(ctx context.Context) (c archive.Created, at time.Time, err error) {
	found := errors.New("found")
	err = w.readable(ctx, func(e archive.Event) error {
		if e.Type != archive.ArchiveCreated || json.Unmarshal(e.Data, &c) != nil {
			return nil
		}
		at = e.Time
		return found
	})
	if errors.Is(err, found) {
		err = nil
	}
	return c, at, err
}

// rescue writes events back that the catalogue knows and the journal has lost.
func (w *Workbench) rescue(ctx context.Context, from *catalogue.Catalogue) error {
	if a, err := from.Archive(ctx); err != nil || a.Archive != "" && a.Archive != w.marker.Archive {
		return err // the catalogue of another archive has nothing to say here
	}
	known := map[string]bool{}
	err := w.readable(ctx, func(e archive.Event) error {
		known[e.ID] = true
		return nil
	})
	if err != nil {
		return err
	}
	var lost []archive.Event
	var late []string
	for e, err := range from.AllEvents(ctx) {
		if err != nil {
			return err
		}
		if !known[e.ID] {
			lost, late = append(lost, e), append(late, e.ID)
		}
	}
	if len(lost) == 0 {
		return nil
	}
	done := fmt.Sprintf("The journal had lost %s that the catalogue still knows; all were written back.", Plural(len(lost), "entry"))
	told, err := archive.NewEvent(archive.ArchiveRepaired, w.actor, "", archive.Repaired{Done: []string{done}, Late: late})
	if err != nil {
		return err
	}
	if _, err := w.log.Append(ctx, append(lost, told)...); err != nil {
		return diskError(err)
	}
	w.repaired = append(w.repaired, done)
	return nil
}

// replay applies the journal to a catalogue from a position on, in portions.
// Events that were lost and came back, or were made anew from what lay on disk,
// stand too late in the journal: from its start on they are told at their time.
// Where they stand they are passed over then, being known.
func (w *Workbench) replay(ctx context.Context, into *catalogue.Catalogue, from int64) error {
	var late []lateEvent
	if from == 0 {
		var err error
		if late, err = w.late(ctx); err != nil {
			return err
		}
	}
	var events []archive.Event
	pos := from
	flush := func() error {
		if len(events) == 0 {
			return nil
		}
		err := into.Apply(ctx, pos, events...)
		events = events[:0]
		return err
	}
	w.progress.Stage("Making the catalogue anew", int(int64(w.log.End())-from))
	var damage *journal.Damage
	err := w.log.Replay(ctx, journal.Position(from), func(p journal.Position, e archive.Event) error {
		pos = int64(p)
		w.progress.Set(int(pos - from))
		for len(late) > 0 && !late[0].at.After(e.Time) {
			events = append(events, late[0].Event)
			late = late[1:]
		}
		events = append(events, e)
		if len(events) >= 500 {
			return flush()
		}
		return nil
	})
	if errors.As(err, &damage) { // all that can be read has been given
		w.repaired = append(w.repaired, Plural(damage.Lines, "line")+" of the journal cannot be read, which was passed over; recto verify says which.")
	} else if err != nil {
		return err
	}
	return flush()
}

// lateEvent is an event that stands behind its time in the journal.
type lateEvent struct {
	archive.Event
	at time.Time
}

// late finds such events, in the order of their times.
func (w *Workbench) late(ctx context.Context) ([]lateEvent, error) {
	ids := map[string]bool{}
	err := w.readable(ctx, func(e archive.Event) error {
		var r archive.Repaired
		if e.Type == archive.ArchiveRepaired && json.Unmarshal(e.Data, &r) == nil {
			for _, id := range r.Late {
				ids[id] = true
			}
		}
		return nil
	})
	if err != nil || len(ids) == 0 {
		return nil, err
	}
	var found []lateEvent
	err = w.readable(ctx, func(e archive.Event) error {
		if ids[e.ID] {
			found = append(found, lateEvent{e, happened(e)})
		}
		return nil
	})
	slices.SortStableFunc(found, func(a, b lateEvent) int { return a.at.Compare(b.at) })
	return found, err
}

// happened is when what an event tells took place, for those made anew from a file.
func happened(e archive.Event) time.Time {
	var d struct {
		Page    struct{ Captured time.Time } `json:"page"`
		Created time.Time                    `json:"created"`
	}
	switch {
	case json.Unmarshal(e.Data, &d) != nil:
	case e.Type == archive.PageCaptured && !d.Page.Captured.IsZero():
		return d.Page.Captured
	case e.Type == archive.BatchCreated && !d.Created.IsZero():
		return d.Created
	}
	return e.Time
}

// recover finds masters that were made durable but not yet told of, and removes
// what a kill left half-made. In a rebuild such a master may be one whose entry the
// journal has lost: what was done with it after that is told again then.
func (w *Workbench) recover(ctx context.Context, rebuild bool) error {
	w.spool.Told(func(id scan.PageID) bool {
		has, err := w.cat.HasPage(ctx, id)
		return has || err != nil
	})
	if rebuild {
		if err := w.restoreSidecars(ctx); err != nil {
			return err
		}
	}
	found, err := w.spool.Recover(ctx)
	w.repaired = append(w.repaired, found.Done()...)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil { // one file that cannot be mended must not lock the rest away
		w.repaired = append(w.repaired, "Not all could be mended: "+plainMessage(err))
	}
	adopted := 0
	w.progress.Stage("Looking for masters that nothing tells of", 0)
	for m, err := range w.spool.Masters(ctx) {
		w.progress.Step()
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			w.repaired = append(w.repaired, "A master could not be looked at: "+plainMessage(err))
			continue
		}
		lacks, err := w.lacking(ctx, m)
		if err != nil {
			return err
		}
		if len(lacks) == 0 {
			continue
		}
		if err := w.adopt(ctx, lacks, rebuild); err != nil {
			return err
		}
		adopted++
	}
	if adopted == 0 {
		return nil
	}
	w.repaired = append(w.repaired, "Safe on disk, but unknown to the catalogue until now: "+Plural(adopted, "page")+"; what told of it was lost or not yet written.")
	if !rebuild {
		return nil
	}
	return w.reproject(ctx, catalogue.Remove)
}

// restoreSidecars writes those anew that are missing, cannot be read or say
// otherwise than the journal, whose word is chained; provided that the master is
// the one that the journal tells of.
func (w *Workbench) restoreSidecars(ctx context.Context) error {
	restored := 0
	for row, err := range w.cat.AllPages(ctx) {
		if err != nil {
			return err
		}
		page := row.Page
		if row.HalfOf != "" {
			continue
		}
		s, err := spool.ReadSidecar(w.path(filepath.FromSlash(sidecarOf(page))))
		whole := err == nil && differs(s, page) == "" && (!s.Recovered || page.Origin.Path == "")
		if whole || w.spool.Check(ctx, page) != nil {
			continue
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		b, err := w.cat.Batch(ctx, page.Batch)
		if err != nil {
			return err
		}
		if err := w.spool.Restore(page, spool.Batch{ID: b.ID, Name: b.Name, Title: b.Title, Shelfmark: b.Shelfmark, Container: b.Container}); err != nil {
			return diskError(err)
		}
		restored++
	}
	if restored > 0 {
		w.repaired = append(w.repaired, "Missing, damaged or saying otherwise than the journal, and written anew: "+Plural(restored, "sidecar")+". What was there is kept beside it.")
	}
	return nil
}

// lacking gives what must be told for a master to be known: its page, and the batch
// where nothing tells of that, or only its pages do.
func (w *Workbench) lacking(ctx context.Context, m spool.Found) (changes []change, err error) {
	now, err := w.cat.BatchName(ctx, m.Page.Batch)
	unknown := errors.Is(err, catalogue.ErrNotFound)
	if err != nil && !unknown {
		return nil, err
	}
	if name := m.Sidecar.Batch.Name; unknown || now == string(m.Page.Batch) && name != "" {
		if name, err = w.freeBatchName(ctx, cmp.Or(name, "Recovered")); err != nil {
			return nil, err
		}
		changes = append(changes, event(archive.BatchCreated, archive.Batch{
			ID: m.Page.Batch, Name: name, Title: m.Sidecar.Batch.Title, Created: m.Page.Captured,
			Shelfmark: m.Sidecar.Batch.Shelfmark, Container: m.Sidecar.Batch.Container,
		}))
	}
	if has, err := w.cat.HasPage(ctx, m.Page.ID); has || err != nil {
		return changes, err
	}
	for _, c := range w.captured(m.Page, m.Sidecar.Place) {
		if told, ok := c.data.(archive.Captured); ok {
			told.Recovered = true
			c.data = told
		}
		changes = append(changes, c)
	}
	return changes, nil
}

// adopt records what is lacking; late where it took place long ago.
func (w *Workbench) adopt(ctx context.Context, changes []change, late bool) error {
	events, err := w.events("found on disk", changes...)
	if err != nil {
		return err
	}
	if late {
		var ids []string
		for _, e := range events {
			ids = append(ids, e.ID)
		}
		told, err := w.events("", event(archive.ArchiveRepaired, archive.Repaired{Late: ids}))
		if err != nil {
			return err
		}
		events = append(events, told...)
	}
	return w.commit(ctx, events...)
}
