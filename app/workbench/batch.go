package workbench

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"recto/archive"
	"recto/archive/catalogue"
	"recto/scan"
)

// Count is what there is of the batch.
func (b BatchInfo) Count() archive.Counted {
	return archive.Counted{Expected: b.Expected, Sheets: b.sheets(b.Pages - b.Halves), Sides: b.Pages - b.Halves, Blanks: b.Empty, Rejects: b.Rejects}
}

// State compares what there is with what was expected.
func (b BatchInfo) State() BatchState {
	n := b.Count()
	state := Agreed
	switch {
	case n.Rejects > 0, n.Sheets < n.Expected, n.Expected > 0 && n.Sheets == n.Expected && n.Sides < n.Expected*max(b.Sides, 1):
		state = Short
	case n.Expected == 0:
		return Uncounted
	case n.Sheets > n.Expected:
		state = Over
	}
	if state != Agreed && b.SignatureHolds() {
		return SignedOff
	}
	return state
}

// SignatureHolds tells whether somebody has signed for what there is.
func (b BatchInfo) SignatureHolds() bool {
	if b.Signed == nil {
		return false
	}
	n := b.Count()
	n.Blanks = b.Signed.Count.Blanks // reading changes what is known of them, and nothing of the count
	return n == b.Signed.Count && (b.Signed.Pages == "" || b.Signed.Pages == b.Present)
}

// Short tells the count in words: "37 of 120 sheets, 74 sides, 2 blank".
func (b BatchInfo) Short() string {
	n := b.Count()
	words := Plural(n.Sheets, "sheet")
	if n.Expected > 0 {
		words = fmt.Sprintf("%d of %s", n.Sheets, Plural(n.Expected, "sheet"))
	}
	if b.Sides > 1 {
		words += ", " + Plural(n.Sides, "side")
	}
	if n.Blanks > 0 {
		words += fmt.Sprintf(", %d blank", n.Blanks)
	}
	if n.Rejects > 0 {
		words += fmt.Sprintf(", %d not taken", n.Rejects)
	}
	return words
}

// CreateBatch makes an empty batch. Its name, which is unique in the archive, is
// the shelfmark where none is given.
func (w *Workbench) CreateBatch(ctx context.Context, r BatchRequest) (BatchInfo, error) {
	b := archive.Batch{ID: scan.BatchID(scan.NewID()), Created: time.Now().UTC()}
	if err := w.describe(ctx, &b, r); err != nil {
		return BatchInfo{}, err
	}
	if err := w.record(ctx, "", event(archive.BatchCreated, b)); err != nil {
		return BatchInfo{}, err
	}
	return w.batchInfo(ctx, b.ID)
}

// DescribeBatch changes what a batch says of itself; what the request leaves nil
// stays. Undo takes it back.
func (w *Workbench) DescribeBatch(ctx context.Context, id scan.BatchID, r BatchRequest) (BatchInfo, error) {
	old, err := w.batchInfo(ctx, id)
	if err != nil {
		return BatchInfo{}, err
	}
	b := said(old)
	if err := w.describe(ctx, &b, r); err != nil {
		return BatchInfo{}, err
	}
	before := said(old)
	if reflect.DeepEqual(b, before) {
		return old, nil
	}
	if err := w.record(ctx, "", event(archive.BatchDescribed, archive.Described{Batch: b, Before: &before})); err != nil {
		return BatchInfo{}, err
	}
	return w.batchInfo(ctx, id)
}

// said is what a batch says of itself.
func said(b BatchInfo) archive.Batch {
	b.Key, b.Sources = "", nil
	return b.Batch
}

// describedAgain checks whether a batch can say again what it said once.
func (w *Workbench) describedAgain(ctx context.Context, b archive.Batch) error {
	now, err := w.batchInfo(ctx, b.ID)
	if err != nil {
		return err
	}
	if b.Profile != now.Profile {
		p, err := w.profileOf(ctx, now)
		if err != nil {
			return err
		}
		if p.Locked {
			return About(now.Name, fmt.Errorf("%w: batch %q is to be scanned under profile %q", ErrLocked, now.Name, p.Name))
		}
	}
	return w.nameFree(ctx, b)
}

// nameFree checks that no other batch has the name.
func (w *Workbench) nameFree(ctx context.Context, b archive.Batch) error {
	namesake, err := w.cat.BatchByName(ctx, b.Name)
	if err == nil && namesake.ID != b.ID {
		return About(b.Name, fmt.Errorf("batch %q: %w", b.Name, ErrTaken))
	}
	if err != nil && !errors.Is(err, catalogue.ErrNotFound) {
		return err
	}
	return nil
}

// describe puts what was asked for into a batch.
func (w *Workbench) describe(ctx context.Context, b *archive.Batch, r BatchRequest) error {
	before := *b
	for _, f := range []struct {
		to   *string
		from *string
		what string
	}{{&b.Shelfmark, r.Shelfmark, "shelfmark"}, {&b.Title, r.Title, "title"}, {&b.Container, r.Container, "container"},
		{&b.Series, r.Series, "series of labels"}, {&b.Profile, r.Profile, "profile"}, {&b.Name, r.Name, "name"}} {
		if f.from == nil {
			continue
		}
		var err error
		if *f.to, err = words(f.what, *f.from); err != nil {
			return err
		}
	}
	if r.Series != nil && b.Series != "" && archive.NextLabel(b.Series) == "" {
		return fmt.Errorf("%w: no label follows %q; give the first of a series: 1r, 1, i", ErrUsage, b.Series)
	}
	if r.Name == nil && (b.Name == "" || b.Name == before.Shelfmark) {
		b.Name = cmp.Or(b.Shelfmark, b.Name, b.Title)
	}
	if b.Name == "" {
		return fmt.Errorf("%w: the batch wants a shelfmark, a name or a title", ErrUsage)
	}
	if r.Languages != nil {
		if !slices.Equal(r.Languages, b.Languages) && len(r.Languages) > 0 {
			if err := CheckLanguages(r.Languages); err != nil { // now, and not when the paper has gone back
				return About(strings.Join(r.Languages, "+"), err)
			}
		}
		b.Languages = r.Languages
	}
	var old archive.Profile
	if r.Profile != nil && before.Profile != "" && b.Profile != before.Profile {
		var err error
		if old, err = w.profileOf(ctx, BatchInfo{Batch: before}); err != nil {
			return err
		}
		if old.Locked {
			return About(before.Name, fmt.Errorf("%w: batch %q is to be scanned under profile %q", ErrLocked, before.Name, old.Name))
		}
	}
	if r.Profile != nil && b.Profile != "" && b.Profile != before.Profile {
		p, err := w.profile(ctx, b.Profile)
		if err != nil {
			return err
		}
		// What the batch has of its own stays.
		if r.Sides == nil && (b.Sides == 0 || b.Sides == old.SidesOfASheet()) {
			b.Sides = p.SidesOfASheet()
		}
		if r.Series == nil && (b.Series == "" || b.Series == old.Series) {
			b.Series = p.Series
		}
		if r.Languages == nil && (len(b.Languages) == 0 || slices.Equal(b.Languages, old.Languages)) {
			b.Languages = p.Languages
		}
	}
	for _, n := range []struct {
		to         *int
		from       *int
		least, max int
		what       string
	}{{&b.Expected, r.Expected, 0, 1_000_000, "expected sheets"}, {&b.Sides, r.Sides, 1, 2, "sides of a sheet"}} {
		if n.from == nil {
			continue
		}
		if *n.from < n.least || *n.from > n.max {
			return fmt.Errorf("%w: %d %s: give %d to %d", ErrUsage, *n.from, n.what, n.least, n.max)
		}
		*n.to = *n.from
	}
	return w.nameFree(ctx, *b)
}

// words is what somebody typed for people to read: one line, without what nobody sees.
func words(what, typed string) (string, error) {
	line := strings.Join(strings.Fields(typed), " ")
	switch {
	case !utf8.ValidString(typed):
		return "", fmt.Errorf("%w: the %s %q is not UTF-8; type it again", ErrUsage, what, typed)
	case line == "" && typed != "":
		return "", fmt.Errorf("%w: the %s is nothing but spaces; leave it out", ErrUsage, what)
	case strings.ContainsFunc(line, unicode.IsControl):
		return "", fmt.Errorf("%w: the %s %q holds control characters; type it again", ErrUsage, what, typed)
	}
	return line, nil
}

// SignBatch says why a batch is as it should be although its count is another. The
// signature holds until the count changes; an empty reason takes it back.
func (w *Workbench) SignBatch(ctx context.Context, id scan.BatchID, reason string) error {
	b, err := w.batchInfo(ctx, id)
	if err != nil {
		return err
	}
	if reason, err = words("reason", reason); err != nil {
		return err
	}
	units, short, err := w.unitCounts(ctx, b)
	if err != nil {
		return err
	}
	switch state := b.State(); {
	case reason == "" && b.Signed == nil:
		return nil
	case reason != "" && short: // of a unit, whatever the batch has
	case reason != "" && state == Agreed:
		return About(b.Name, fmt.Errorf("%w: batch %q has the sheets that were expected; there is nothing to sign off", ErrUsage, b.Name))
	case reason != "" && state == Uncounted:
		return About(b.Name, fmt.Errorf("%w: nobody has said how many sheets batch %q should have; say so first", ErrUsage, b.Name))
	}
	present, err := w.cat.Present(ctx, id)
	if err != nil {
		return err
	}
	return w.record(ctx, reason, event(archive.BatchSigned, archive.Signed{Batch: id, Count: b.Count(), Pages: present, Units: units, Reason: reason}))
}

// unitCounts gives the sides of each unit of a batch, by code or reference, and whether
// one has not the sheets that its cover sheet expects.
func (w *Workbench) unitCounts(ctx context.Context, b BatchInfo) (sides map[string]int, short bool, err error) {
	planned, err := w.cat.Units(ctx)
	if err != nil {
		return nil, false, err
	}
	pages, err := w.Pages(ctx, b.ID, false)
	if err != nil {
		return nil, false, err
	}
	units, _ := unitsOf(b, pages, planned)
	sides = map[string]int{}
	for _, u := range units {
		if name, is := strings.CutPrefix(u.Key, unitKey(b.ID, "")); is {
			sides[name] = len(u.Pages)
			short = short || u.Unit.Expected > 0 && b.sheets(len(u.Pages)) != u.Unit.Expected
		}
	}
	return sides, short, nil
}

// sheets is how many sheets of paper so many sides are.
func (b BatchInfo) sheets(sides int) int {
	each := max(b.Sides, 1)
	return (sides + each - 1) / each
}

// NextLabel is what the next page at the end of a batch will be labelled; empty
// where the batch has no series.
func (w *Workbench) NextLabel(ctx context.Context, id scan.BatchID) (string, error) {
	b, err := w.batchInfo(ctx, id)
	if err != nil {
		return "", err
	}
	tail, err := w.cat.Tail(ctx, id, 1)
	if err != nil {
		return "", err
	}
	if len(tail) == 0 {
		return b.Series, nil
	}
	return archive.NextLabel(tail[0].Label), nil
}

// Tail gives the last pages of a batch in their order, n at most.
func (w *Workbench) Tail(ctx context.Context, id scan.BatchID, n int) ([]PageInfo, error) {
	rows, err := w.cat.Tail(ctx, id, n)
	return pageInfos(rows), err
}

func pageInfos(rows []catalogue.Page) []PageInfo {
	out := make([]PageInfo, len(rows))
	for i, r := range rows {
		out[i] = pageInfo(r)
	}
	return out
}
