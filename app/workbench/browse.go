package workbench

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"recto/archive"
	"recto/archive/catalogue"
	"recto/scan"
)

// Batches lists all batches, last touched first.
func (w *Workbench) Batches(ctx context.Context) ([]BatchInfo, error) {
	rows, err := w.cat.Batches(ctx)
	if err != nil {
		return nil, err
	}
	out := make([]BatchInfo, len(rows))
	for i, r := range rows {
		out[i] = BatchInfo(r)
	}
	slices.SortStableFunc(out, func(a, b BatchInfo) int { return b.Touched.Compare(a.Touched) })
	return out, nil
}

// Batch finds a batch by name or ID. Names are one line without spaces at its ends, as
// they were when the batch was made.
func (w *Workbench) Batch(ctx context.Context, name string) (BatchInfo, error) {
	r, err := w.cat.BatchByName(ctx, name)
	if line, werr := words("name", name); errors.Is(err, catalogue.ErrNotFound) && werr == nil && line != name {
		r, err = w.cat.BatchByName(ctx, line)
	}
	if errors.Is(err, catalogue.ErrNotFound) {
		r, err = w.cat.Batch(ctx, scan.BatchID(name))
	}
	return BatchInfo(r), w.missing(err, "batch", name)
}

func (w *Workbench) batchInfo(ctx context.Context, id scan.BatchID) (BatchInfo, error) {
	r, err := w.cat.Batch(ctx, id)
	return BatchInfo(r), w.missing(err, "batch", string(id))
}

// Rejects lists the sources of a batch that gave no page, those dismissed too.
func (w *Workbench) Rejects(ctx context.Context, id scan.BatchID) ([]archive.Reject, error) {
	return w.cat.Rejects(ctx, id)
}

// Dismiss sets a source aside that could not be taken in, with the reason: it
// belongs to no page of the batch, so nothing is incomplete for the lack of it. An
// empty reason takes that back. The path may be spelled in any way.
func (w *Workbench) Dismiss(ctx context.Context, batch scan.BatchID, path scan.Path, reason string) error {
	all, err := w.cat.Rejects(ctx, batch)
	if err != nil {
		return err
	}
	reason = strings.TrimSpace(reason)
	i := slices.IndexFunc(all, func(r archive.Reject) bool { return r.Origin.Path == path || r.Origin.Absolute == path.Absolute() })
	switch {
	case i < 0:
		return fmt.Errorf("source %q: %w among those that batch %s could not take", path.Line(), ErrNotFound, batch)
	case all[i].Dismissed == reason:
		return nil
	}
	return w.record(ctx, reason, event(archive.RejectDismissed, archive.Dismissed{Batch: batch, Path: all[i].Origin.Absolute, Reason: reason}))
}

// Unread lists texts that could not be read when the catalogue was made: a search
// does not find their pages until Process has read them again.
func (w *Workbench) Unread(ctx context.Context) ([]Failure, error) {
	all, err := w.cat.Unread(ctx)
	if err != nil {
		return nil, err
	}
	var out []Failure
	for _, u := range all {
		out = append(out, Failure{scan.Path(u.Text), &damage{errors.New(u.Reason), "Read the page again: recto process"}})
	}
	return out, nil
}

// Pages lists the pages of a batch in order, or what is in its bin.
func (w *Workbench) Pages(ctx context.Context, id scan.BatchID, binned bool) ([]PageInfo, error) {
	which := catalogue.Live
	if binned {
		which = catalogue.Bin
	}
	rows, err := w.cat.Pages(ctx, id, which)
	if err != nil {
		return nil, err
	}
	out := make([]PageInfo, len(rows))
	for i, r := range rows {
		out[i] = pageInfo(r)
	}
	return out, nil
}

// Page finds a page.
func (w *Workbench) Page(ctx context.Context, id scan.PageID) (PageInfo, error) {
	r, err := w.cat.Page(ctx, id)
	return pageInfo(r), w.missing(err, "page", string(id))
}

// Documents lists all documents, newest first.
func (w *Workbench) Documents(ctx context.Context) ([]DocumentInfo, error) {
	rows, err := w.cat.Documents(ctx)
	if err != nil {
		return nil, err
	}
	out := make([]DocumentInfo, len(rows))
	for i, r := range rows {
		out[i] = DocumentInfo(r)
	}
	slices.Reverse(out)
	return out, nil
}

// Document finds a document by ID.
func (w *Workbench) Document(ctx context.Context, id archive.DocumentID) (DocumentInfo, error) {
	r, err := w.cat.Document(ctx, id)
	return DocumentInfo(r), w.missing(err, "document", string(id))
}

// DocumentNamed finds a document by ID or by a title that only one has.
func (w *Workbench) DocumentNamed(ctx context.Context, name string) (DocumentInfo, error) {
	d, err := w.Document(ctx, archive.DocumentID(name))
	if err == nil || !errors.Is(err, ErrNotFound) {
		return d, err
	}
	all, lerr := w.Documents(ctx)
	if lerr != nil {
		return d, lerr
	}
	var found []string
	for _, x := range all {
		if x.Title == name {
			d, found = x, append(found, string(x.ID))
		}
	}
	switch len(found) {
	case 0:
		return d, err
	case 1:
		return d, nil
	}
	return d, About(name, fmt.Errorf("%w: %d documents have the title %q; name the one that is meant by its ID: %s", ErrUsage, len(found), name, strings.Join(found, ", ")))
}

// Search finds pages by their text: all words, "phrases", prefixes*; case and
// diacritics do not matter.
func (w *Workbench) Search(ctx context.Context, query string, limit, offset int) (int, []Hit, error) {
	total, rows, err := w.cat.Search(ctx, query, limit, offset)
	return total, hits(rows), err
}

// SearchTyping is Search for a query that is still being typed: its last word
// stands for all words that begin so.
func (w *Workbench) SearchTyping(ctx context.Context, query string, limit int) (int, []Hit, error) {
	total, rows, err := w.cat.Search(ctx, query, limit, 0, catalogue.Prefix)
	return total, hits(rows), err
}

func hits(rows []catalogue.Hit) []Hit {
	out := make([]Hit, len(rows))
	for i, r := range rows {
		out[i] = Hit(r)
	}
	return out
}

// Events tells the story of a batch, page or document, newest first.
func (w *Workbench) Events(ctx context.Context, object string, limit int) ([]archive.Event, error) {
	return w.cat.Events(ctx, object, limit)
}

func pageInfo(r catalogue.Page) PageInfo {
	return PageInfo{
		Page: r.Page, Number: r.Number, Unit: r.Unit, State: r.State, Recipe: r.Recipe, Measures: r.Measures, Confidence: r.Confidence,
		Words: r.Words, Languages: r.Languages, Text: r.Text, TextSHA256: r.TextSHA256, Problem: r.Problem,
		Binned: r.Binned, DuplicateOf: r.DuplicateOf, ByHand: r.ByHand, HalfOf: r.HalfOf, Raw: r.Raw, RawSHA256: r.RawSHA256, Corrections: r.Corrections, Start: r.Start, startOf: r.StartOf, Inspection: r.Inspection,
		Concerns: r.Concerns, Reviewed: r.Reviewed, ReplacedBy: r.ReplacedBy, Replaces: r.Replaces,
	}
}

// DocumentPages gives the pages of a document in its order, binned ones too.
func (w *Workbench) DocumentPages(ctx context.Context, id archive.DocumentID) ([]PageInfo, error) {
	d, err := w.Document(ctx, id)
	if err != nil {
		return nil, err
	}
	return w.documentPages(ctx, d.Document)
}
