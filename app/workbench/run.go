package workbench

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"recto/app/job"
	"recto/archive"
	"recto/archive/catalogue"
	"recto/scan"
	"recto/scan/spool"
)

// Capture runs a scanner: one sheet from a glass, all that is in a feeder. Each
// page is durable and in the catalogue before anybody hears of it, and is looked at
// while the next one is scanned. What was captured before an error is in the result
// and stays.
func (w *Workbench) Capture(ctx context.Context, r CaptureRequest, p *job.Progress) (CaptureResult, error) {
	b, err := w.batchOfRun(ctx, r)
	if err != nil {
		return CaptureResult{}, err
	}
	there := CaptureResult{Batch: b}
	if r.Batch == "" {
		there = CaptureResult{}
	}
	profile, t, err := w.orders(ctx, b, r)
	if err != nil {
		return there, err
	}
	source, id, err := w.devices.of(t.Device)
	if err != nil {
		return there, err
	}
	t.Device = id
	if !w.scanning.TryLock() {
		return there, About(t.Device, fmt.Errorf("%w: this Recto is scanning already", scan.ErrDeviceBusy))
	}
	defer w.scanning.Unlock()
	if err := w.tellLeft(ctx); err != nil {
		return there, err
	}
	run := &run{w: w, ctx: ctx, batch: b, unmade: r.Batch == "", request: r, profile: profile, progress: p, first: TicketSize(t), sheets: t.Sheets}
	if err := run.begin(); err != nil {
		if run.looks != nil {
			err = errors.Join(err, run.looks.wait())
		}
		return there, err
	}
	p.Stage("Scanning", t.Sheets)
	err = About(t.Device, source.Scan(ctx, t, run))
	return run.end(err)
}

// batchOfRun is the batch that pages go into: one that is there, or that is to be made.
func (w *Workbench) batchOfRun(ctx context.Context, r CaptureRequest) (BatchInfo, error) {
	if r.Batch != "" || r.New == nil {
		return w.batchInfo(ctx, r.Batch)
	}
	b := archive.Batch{ID: scan.BatchID(scan.NewID()), Created: time.Now().UTC()}
	err := w.describe(ctx, &b, *r.New)
	return BatchInfo{Batch: b}, err
}

// Orders is what a run would ask of the device, under its profile or that of the batch;
// a batch that is not there yet has none.
func (w *Workbench) Orders(ctx context.Context, r CaptureRequest) (scan.Ticket, error) {
	var b BatchInfo
	var err error
	if r.Batch != "" {
		if b, err = w.batchInfo(ctx, r.Batch); err != nil {
			return r.Ticket, err
		}
	}
	_, t, err := w.orders(ctx, b, r)
	return t, err
}

// orders is the profile of a run, and what to ask of the device.
func (w *Workbench) orders(ctx context.Context, b BatchInfo, r CaptureRequest) (archive.Profile, scan.Ticket, error) {
	name := r.Profile
	if name == "" {
		name = b.Profile
	}
	var p archive.Profile
	if name != "" && name != "-" {
		var err error
		if p, err = w.profile(ctx, name); err != nil {
			if r.Profile == "" && errors.Is(err, ErrNotFound) {
				err = About(b.Name, fmt.Errorf("%w: batch %q is to be scanned under profile %q, which is there no more: give it another one, or none", ErrNotFound, b.Name, name))
			}
			return p, r.Ticket, err
		}
	}
	if own, err := w.profileOf(ctx, b); err != nil {
		return p, r.Ticket, err
	} else if own.Locked && own.Name != p.Name {
		return p, r.Ticket, About(b.Name, fmt.Errorf("%w: batch %q is to be scanned under profile %q", ErrLocked, b.Name, own.Name))
	}
	t, err := Under(p, r.Ticket)
	if r.Replace != "" {
		t.Sheets = 1
	}
	return p, t, err
}

// run receives the sheets of one pressing of the button.
type run struct {
	w        *Workbench
	ctx      context.Context
	batch    BatchInfo
	unmade   bool // the archive has no such batch yet
	request  CaptureRequest
	profile  archive.Profile
	progress *job.Progress

	placed   bool        // the pages go elsewhere than to the end
	previous scan.PageID // the page that the next one goes behind; empty: the end, or the start where First
	replace  []PageInfo  // pages in whose places the next ones go
	label    string      // of the next page
	number   int         // of the next page in the batch
	sizes    Sizes       // of the masters of this run
	first    int64       // bytes that a sheet takes, before one has come
	sheets   int         // after which the device stops; 0: when its feeder is empty

	added   []scan.PageID
	rejects []archive.Reject
	backs   int // of the pages added
	looks   *looks
	notes   []string
	waited  bool // for the device, and that is what is shown
}

// begin finds out where the pages go and what they are called.
func (n *run) begin() error {
	r, w := n.request, n.w
	given := 0
	for _, is := range []bool{r.After != "", r.First, r.Replace != ""} {
		if is {
			given++
		}
	}
	if given > 1 {
		return fmt.Errorf("%w: a page goes behind another, to the start, or in the place of another: only one of these", ErrUsage)
	}
	n.placed = given > 0
	n.number = n.batch.Pages + n.batch.Binned + 1
	if err := n.room(n.first); err != nil {
		return err
	}
	switch {
	case r.After != "":
		p, err := n.ofBatch(r.After)
		if err != nil {
			return err
		}
		n.previous = p.ID
	case r.Replace != "":
		p, err := n.ofBatch(r.Replace)
		if err != nil {
			return err
		}
		if p.Binned {
			return About(string(p.ID), fmt.Errorf("%w: page %s is in the bin; take it out to replace it", ErrUsage, p.ID))
		}
		n.replace = []PageInfo{p}
		if p.side() == scan.Front { // the other side of its sheet comes again too
			if next, ok, err := n.next(p); err != nil {
				return err
			} else if ok && next.side() == scan.Back {
				n.replace = append(n.replace, next)
			}
		}
	case !r.First:
		tail, err := w.cat.Tail(n.ctx, n.batch.ID, 1)
		if err != nil {
			return err
		}
		n.label = n.batch.Series
		if len(tail) > 0 {
			n.label = n.following(pageInfo(tail[0]))
		}
	}
	if r.Label != "" {
		label, err := words("label", r.Label)
		if err != nil {
			return err
		}
		n.label = label
	}
	n.looks = w.look(n.ctx, n.batch.ID, n.profile, n.request.Inspected)
	return n.looks.left(true)
}

func (n *run) ofBatch(id scan.PageID) (PageInfo, error) {
	p, err := n.w.Page(n.ctx, id)
	if err == nil && p.Batch != n.batch.ID {
		err = About(string(id), fmt.Errorf("%w: page %s is in another batch", ErrUsage, id))
	}
	return p, err
}

// next is the live page behind another.
func (n *run) next(p PageInfo) (PageInfo, bool, error) {
	all, err := n.w.cat.Pages(n.ctx, n.batch.ID, catalogue.Live)
	if err != nil || p.Number >= len(all) {
		return PageInfo{}, false, err
	}
	return pageInfo(all[p.Number]), true, nil
}

// following is the label of what comes behind a page at the end of the batch. Of
// leaves whose sides are captured in two goes the versos are left out until their
// images are put in between.
func (n *run) following(p PageInfo) string {
	next := archive.NextLabel(p.Label)
	if n.request.Side == scan.Front && p.side() == scan.Front && folioSide(p.Label) == scan.Front {
		return archive.NextLabel(next)
	}
	if n.request.Side == scan.Back {
		return ""
	}
	return next
}

// folioSide is the side that a folio label names.
func folioSide(label string) scan.Side {
	switch {
	case strings.HasSuffix(strings.ToLower(label), "r"), strings.HasSuffix(strings.ToLower(label), "recto"):
		return scan.Front
	case strings.HasSuffix(strings.ToLower(label), "v"), strings.HasSuffix(strings.ToLower(label), "verso"):
		return scan.Back
	}
	return ""
}

// side of its sheet that a page shows, where that is known.
func (p PageInfo) side() scan.Side {
	if c := p.Origin.Capture; c != nil {
		return c.Side
	}
	return ""
}

// Sheet makes a page of what the device gave.
func (n *run) Sheet(s scan.Sheet) error {
	w := n.w
	n.came()
	if c := s.Origin.Capture; c != nil {
		made := *c
		made.Profile = n.profile.Name
		if n.request.Side != "" {
			made.Side = n.request.Side
		}
		s.Origin.Capture = &made
	}
	if n.unmade {
		if err := w.record(n.ctx, "", event(archive.BatchCreated, n.batch.Batch)); err != nil {
			return err
		}
		n.unmade = false
	}
	var old *PageInfo
	if len(n.replace) > 0 {
		old, n.replace = &n.replace[0], n.replace[1:]
	}
	label, place := n.label, spool.Place{}
	switch {
	case old != nil:
		label, place.Replaces = old.Label, old.ID
	case n.placed && n.previous != "":
		place.After = n.previous
	case n.placed:
		place.First = true
	}
	page, at, err := w.take(n.ctx, n.batch.Batch, n.number, label, place, s)
	if err != nil {
		return err
	}
	n.number++
	n.sizes.Add(page.Fixity.Size)
	if c := s.Origin.Capture; c != nil && n.request.Timed != nil {
		at.Ended = c.Ended
		n.request.Timed(at)
	}
	n.added = append(n.added, page.ID)
	if c := page.Origin.Capture; c != nil && c.Side == scan.Back {
		n.backs++
	}
	if n.placed {
		// What comes behind an inserted page is named by hand, or not: the next number of
		// the batch is taken.
		n.previous = page.ID
		n.label = ""
		if n.request.Label != "" {
			n.label = archive.NextLabel(label)
		}
	}
	if n.progress != nil {
		n.progress.Step()
	}
	shown, err := w.Page(context.WithoutCancel(n.ctx), page.ID)
	if err != nil {
		return err
	}
	if !n.placed {
		n.label = n.following(shown)
	}
	if n.request.Captured != nil {
		n.request.Captured(shown)
	}
	n.looks.at(shown)
	if n.sheets > 0 && len(n.added) >= n.sheets {
		return nil
	}
	if err := n.room(n.sizes.Next(0)); err != nil {
		return fmt.Errorf("%w: %w", scan.ErrEnough, err)
	}
	return nil
}

// room asks before a sheet of so many bytes is taken. One more may be on its way
// through the feeder by then, and is kept still: it wants its room, too.
func (n *run) room(size int64) error {
	if n.sheets == 1 {
		return n.w.spaceToScan(size, size)
	}
	return n.w.spaceToScan(2*size, size)
}

// Reject notes what the device could not give.
func (n *run) Reject(r scan.Reject) error {
	n.rejects = append(n.rejects, archive.Reject{Origin: r.Origin, Problem: *scan.ProblemOf(r.Err)})
	return nil
}

// Ignore is for folders.
func (*run) Ignore(scan.Path, string) error { return nil }

// end waits for the looks at the pages, puts backs between fronts and divides the
// batch, as far as that was asked for.
func (n *run) end(err error) (CaptureResult, error) {
	ctx := context.WithoutCancel(n.ctx)
	if n.progress != nil && len(n.added) > 0 {
		n.progress.Stage("Looking at the pages", 0)
	}
	lerr := n.looks.wait()
	if err == nil && len(n.added) > 0 && n.request.Side == scan.Back {
		fronts, backs, perr := n.w.piles(ctx, n.batch.ID)
		switch {
		case perr != nil:
			err = perr
		case len(fronts) == len(backs):
			said, ierr := n.w.Interleave(ctx, n.batch.ID)
			if err = ierr; err == nil {
				n.notes = append(n.notes, said)
			}
		default:
			n.notes = append(n.notes, fmt.Sprintf("%s and %s: they were left as they are. Scan what is missing, or bin what is too many, then put the backs between the fronts (window: X in Arrange; command line: recto batch interleave).",
				Plural(len(fronts), "front"), Plural(len(backs), "back")))
		}
	}
	divided := 0
	if len(n.added) > 0 && lerr == nil && n.profile.Separation.On() && n.request.Side != scan.Front {
		d, notes, serr := n.w.separate(ctx, n.batch.ID, n.profile.Separation)
		divided, n.notes, err = d, append(n.notes, notes...), errors.Join(err, serr)
	}
	if n.ctx.Err() == nil {
		err = errors.Join(err, lerr)
	}
	var out CaptureResult
	var rerr error
	if n.batch.Sides == 0 && n.backs > 0 { // nobody has said how many images a sheet gives
		b, derr := n.w.batchInfo(ctx, n.batch.ID)
		if derr == nil {
			d := archive.Described{Batch: said(b)} // nobody's doing: there is nothing to take back
			d.Sides = 2
			derr = n.w.record(ctx, "", event(archive.BatchDescribed, d))
		}
		err = errors.Join(err, derr)
	}
	if !n.unmade {
		out, rerr = n.w.captureResult(ctx, n.batch.ID, n.added)
	}
	out.Rejects, out.Notes, out.Divided = n.rejects, n.notes, divided
	return out, errors.Join(err, rerr)
}

// captureResult gathers how a batch stands after pages came.
func (w *Workbench) captureResult(ctx context.Context, batch scan.BatchID, added []scan.PageID) (CaptureResult, error) {
	out := CaptureResult{Added: added}
	err := w.Those(ctx, batch, added, func(p PageInfo) error {
		if p.toReview() {
			out.Concerns = append(out.Concerns, p)
		}
		return nil
	})
	if err != nil {
		return out, err
	}
	out.Batch, err = w.batchInfo(ctx, batch)
	return out, err
}
