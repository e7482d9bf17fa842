package workbench

import (
	"context"
	"fmt"
	"slices"

	"recto/archive"
	"recto/archive/catalogue"
	"recto/scan"
)

// LabelPages labels pages of one batch with a series that begins with first; an
// empty first takes their labels away.
func (w *Workbench) LabelPages(ctx context.Context, ids []scan.PageID, first string) error {
	batch, pages, err := w.batchOf(ctx, ids)
	if err != nil {
		return err
	}
	labels := make([]string, len(pages))
	if first, err = words("label", first); err != nil {
		return err
	}
	if first != "" {
		if labels = archive.Labels(first, len(pages)); len(labels) < len(pages) {
			return About(first, fmt.Errorf("%w: nobody can tell what comes after %q; name %s one by one", ErrUsage, labels[len(labels)-1], Plural(len(pages), "page")))
		}
	}
	l := archive.Labelled{Batch: batch}
	for i, p := range pages {
		if p.Label != labels[i] {
			l.Labels = append(l.Labels, archive.Label{Page: p.ID, From: p.Label, To: labels[i]})
		}
	}
	if len(l.Labels) == 0 {
		return nil
	}
	return w.record(ctx, "", event(archive.PagesLabelled, l))
}

// ReplacePage puts one page in the place of another of its batch, with its label;
// the other goes to the bin.
func (w *Workbench) ReplacePage(ctx context.Context, old, page scan.PageID) error {
	batch, pages, err := w.batchOf(ctx, []scan.PageID{old, page})
	if err != nil {
		return err
	}
	if len(pages) < 2 || pages[0].Binned || pages[1].Binned {
		return About(string(old), fmt.Errorf("%w: a page is replaced by another one, and neither is in the bin", ErrUsage))
	}
	back, err := w.cat.Places(ctx, batch, []scan.PageID{page})
	if err != nil {
		return err
	}
	all, err := w.wholeBatch(ctx, batch)
	if err != nil {
		return err
	}
	went := map[scan.PageID]bool{page: true}
	return w.record(ctx, "", event(archive.PagesReplaced, archive.Replaced{
		Batch: batch, Old: old, New: page, Back: back, From: pages[1].Label, To: pages[0].Label,
		Starts: beginnings(all, moved(all, pages[1:], old), went, true),
	}))
}

// Versions gives a page and those that it was taken instead of, newest first.
func (w *Workbench) Versions(ctx context.Context, id scan.PageID) ([]PageInfo, error) {
	var all []PageInfo
	seen := map[scan.PageID]bool{}
	for !seen[id] { // up to the one that stands now
		seen[id] = true
		p, err := w.Page(ctx, id)
		if err != nil {
			return nil, err
		}
		if p.ReplacedBy != "" {
			id = p.ReplacedBy
		}
	}
	clear(seen)
	for id != "" && !seen[id] {
		seen[id] = true
		p, err := w.Page(ctx, id)
		if err != nil {
			return nil, err
		}
		all = append(all, p)
		id = p.Replaces
	}
	return all, nil
}

// ReversePages turns the order of pages round, each in one of their places.
func (w *Workbench) ReversePages(ctx context.Context, ids []scan.PageID) error {
	batch, pages, err := w.batchOf(ctx, ids)
	if err != nil {
		return err
	}
	now, err := w.inPlace(ctx, batch, pages)
	if err != nil || len(now) < 2 {
		return err
	}
	to := slices.Clone(now)
	slices.Reverse(to)
	all, err := w.wholeBatch(ctx, batch)
	if err != nil {
		return err
	}
	return w.record(ctx, "", event(archive.PagesOrdered, archive.Ordered{
		Batch: batch, Pages: to, Back: now, How: "reverse", Starts: beginnings(all, ordered(all, to), nil, false),
	}))
}

// inPlace gives pages in the order of their batch.
func (w *Workbench) inPlace(ctx context.Context, batch scan.BatchID, pages []PageInfo) ([]scan.PageID, error) {
	all, err := w.cat.Pages(ctx, batch, catalogue.All)
	if err != nil {
		return nil, err
	}
	wanted := map[scan.PageID]bool{}
	for _, p := range pages {
		wanted[p.ID] = true
	}
	var out []scan.PageID
	for _, p := range all {
		if wanted[p.Page.ID] {
			out = append(out, p.Page.ID)
		}
	}
	return out, nil
}

// Duplex tells how far capturing both sides by hand has come: the fronts at the end
// of the batch that have no backs behind them, and the backs that follow them all.
// Leaves whose sides stand in order count no more.
func (w *Workbench) Duplex(ctx context.Context, batch scan.BatchID) (DuplexState, error) {
	fronts, backs, err := w.piles(ctx, batch)
	if len(fronts) == 1 && len(backs) == 1 { // one leaf, in order as it is
		return DuplexState{}, err
	}
	return DuplexState{len(fronts), len(backs)}, err
}

// piles gives the run of fronts, and of backs behind them, at the end of a batch.
func (w *Workbench) piles(ctx context.Context, batch scan.BatchID) (fronts, backs []PageInfo, err error) {
	rows, err := w.cat.Pages(ctx, batch, catalogue.Live)
	if err != nil {
		return nil, nil, err
	}
	all := pageInfos(rows)
	run := func(end int, side scan.Side) int {
		begin := end
		for begin > 0 && all[begin-1].side() == side {
			begin--
		}
		return begin
	}
	middle := run(len(all), scan.Back)
	begin := run(middle, scan.Front)
	return all[begin:middle], all[middle:], nil
}

// Interleave puts the backs at the end of a batch, which were scanned last sheet
// first, between the fronts in front of them, and labels them as versos. It says
// what it did.
func (w *Workbench) Interleave(ctx context.Context, batch scan.BatchID) (string, error) {
	fronts, backs, err := w.piles(ctx, batch)
	if err != nil {
		return "", err
	}
	if len(fronts) == 0 || len(fronts) != len(backs) {
		return "", About(string(batch), fmt.Errorf("%w: the batch ends with %s and %s; there must be as many of the ones as of the others", ErrUsage,
			Plural(len(fronts), "front"), Plural(len(backs), "back")))
	}
	o := archive.Ordered{Batch: batch, How: "interleave"}
	for i, f := range fronts {
		b := backs[len(backs)-1-i]
		o.Pages = append(o.Pages, f.ID, b.ID)
		if verso := archive.NextLabel(f.Label); folioSide(f.Label) == scan.Front && b.Label == "" {
			o.Labels = append(o.Labels, archive.Label{Page: b.ID, To: verso})
		}
	}
	for _, p := range append(slices.Clone(fronts), backs...) {
		o.Back = append(o.Back, p.ID)
	}
	if err := w.record(ctx, "", event(archive.PagesOrdered, o)); err != nil {
		return "", err
	}
	return fmt.Sprintf("%s were put between %s.", Plural(len(backs), "back"), Plural(len(fronts), "front")), nil
}

// SplitAt begins a unit with a page.
func (w *Workbench) SplitAt(ctx context.Context, id scan.PageID, s archive.Start) error {
	if s.Cause == "" {
		s.Cause = "manual"
	}
	var err error
	if s.Reference, err = words("reference", s.Reference); err != nil {
		return err
	}
	if s.Title, err = words("title", s.Title); err != nil {
		return err
	}
	return w.start(ctx, id, &s)
}

// MergeAt lets the unit that begins with a page be part of the one before.
func (w *Workbench) MergeAt(ctx context.Context, id scan.PageID) error { return w.start(ctx, id, nil) }

func (w *Workbench) start(ctx context.Context, id scan.PageID, s *archive.Start) error {
	p, err := w.Page(ctx, id)
	if err != nil {
		return err
	}
	switch {
	case p.Binned:
		return About(string(id), fmt.Errorf("%w: page %s is in the bin", ErrUsage, id))
	case s == nil && p.Start == nil:
		return About(string(id), fmt.Errorf("%w: no unit begins with page %s", ErrUsage, id))
	case s != nil && p.Start != nil && *s == *p.Start:
		return nil
	}
	change := archive.Division{Page: id, From: p.Start, To: s}
	switch {
	case p.Start == nil || p.startOf == id:
	case s == nil:
		change.Page = p.startOf
	default: // that of the page in the bin stays where it is
		change.From = nil
	}
	changes := []archive.Division{change}
	if s == nil { // units of which nothing but the bin is left between this page and the one before end too
		hidden, err := w.hiddenStarts(ctx, p)
		if err != nil {
			return err
		}
		for _, h := range hidden {
			if h.ID != change.Page {
				changes = append(changes, archive.Division{Page: h.ID, From: h.Start})
			}
		}
	}
	return w.record(ctx, "", event(archive.PagesDivided, archive.Divided{Batch: p.Batch, Changes: changes}))
}

// hiddenStarts gives the pages in the bin, between a page and the live one before it,
// that a unit begins with.
func (w *Workbench) hiddenStarts(ctx context.Context, p PageInfo) ([]PageInfo, error) {
	all, err := w.wholeBatch(ctx, p.Batch)
	if err != nil {
		return nil, err
	}
	var hidden []PageInfo
	for _, q := range all {
		switch {
		case q.ID == p.ID:
			return hidden, nil
		case !q.Binned:
			hidden = nil
		case q.Start != nil:
			hidden = append(hidden, q)
		}
	}
	return nil, nil
}

// AcceptPages settles the concerns about pages with a reason; an empty one takes
// that back.
func (w *Workbench) AcceptPages(ctx context.Context, ids []scan.PageID, reason string) error {
	batch, pages, err := w.batchOf(ctx, ids)
	if err != nil {
		return err
	}
	if reason, err = words("reason", reason); err != nil {
		return err
	}
	r := archive.Reviewed{Batch: batch}
	for _, p := range pages {
		if len(p.Concerns) > 0 && p.Reviewed != reason {
			r.Pages = append(r.Pages, archive.Review{Page: p.ID, From: p.Reviewed, To: reason})
		}
	}
	if len(r.Pages) == 0 {
		return nil
	}
	return w.record(ctx, reason, event(archive.PagesReviewed, r))
}

// Review lists the pages of a batch that somebody should look at: the live ones, and
// behind them the cover sheets of units that nobody planned, which are in the bin as
// separators while the unit that they began has no name.
func (w *Workbench) Review(ctx context.Context, batch scan.BatchID) ([]PageInfo, error) {
	all, err := w.Pages(ctx, batch, false)
	if err != nil {
		return nil, err
	}
	bin, err := w.Pages(ctx, batch, true)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(append(all, bin...), func(p PageInfo) bool { return !p.toReview() }), nil
}

func (p PageInfo) toReview() bool {
	if len(p.Concerns) == 0 || p.Reviewed != "" {
		return false
	}
	return !p.Binned || slices.ContainsFunc(p.Concerns, func(c scan.Concern) bool { return c.Kind == scan.CodeUnknown })
}
