package workbench

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"recto/archive"
	"recto/archive/catalogue"
	"recto/scan"
	"recto/scan/separate"
)

// Separate divides a batch into units by what its profile says, after a quick look
// at the pages that had none. Units that begin already stay; separators go to the
// bin, unless they are to be kept. One undo takes it back.
func (w *Workbench) Separate(ctx context.Context, batch scan.BatchID) (CaptureResult, error) {
	b, err := w.batchInfo(ctx, batch)
	if err != nil {
		return CaptureResult{}, err
	}
	p, err := w.profileOf(ctx, b)
	if err != nil {
		return CaptureResult{Batch: b}, err
	}
	if !p.Separation.On() {
		return CaptureResult{Batch: b}, About(b.Name, fmt.Errorf("%w: the profile of batch %q (%s) names nothing that separates; choose one that does", ErrUsage, b.Name, orNone(p.Name)))
	}
	if err := w.inspect(ctx, b, p, nil); err != nil {
		return CaptureResult{Batch: b}, err
	}
	divided, notes, err := w.separate(ctx, batch, p.Separation)
	if err != nil {
		return CaptureResult{Batch: b}, err
	}
	out, err := w.captureResult(ctx, batch, nil)
	if err == nil {
		out.Concerns, err = w.Review(ctx, batch)
	}
	out.Divided, out.Notes = divided, notes
	return out, err
}

func orNone(name string) string {
	if name == "" {
		return "none"
	}
	return name
}

// separate divides a batch as far as its pages have been looked at, and gives how
// many units were found to begin and what the operator should know.
func (w *Workbench) separate(ctx context.Context, batch scan.BatchID, s archive.Separation) (int, []string, error) {
	rules, planned, err := w.separators(ctx, s)
	if err != nil {
		return 0, nil, err
	}
	rows, err := w.cat.Pages(ctx, batch, catalogue.Live)
	if err != nil {
		return 0, nil, err
	}
	b, err := w.batchInfo(ctx, batch)
	if err != nil {
		return 0, nil, err
	}
	starts := map[scan.PageID]*archive.Start{}
	number := map[scan.PageID]int{}
	pages := make([]separate.Page, len(rows))
	for i, row := range rows {
		p := pageInfo(row)
		starts[p.ID], number[p.ID] = p.Start, p.Number
		pages[i] = separate.Page{ID: p.ID, Side: p.side(), Start: p.Start != nil}
		if i > 0 && twoSides(pageInfo(rows[i-1]), p) {
			pages[i].Sheet = string(rows[i-1].Page.ID)
			pages[i-1].Sheet = pages[i].Sheet
		}
		if p.Inspection != nil {
			pages[i].Blank, pages[i].Codes = p.Inspection.Blank, p.Inspection.Codes
		}
	}
	rules.Sides = b.Sides
	found := separate.Divide(pages, rules)
	var notes []string
	for _, e := range found.Empty {
		notes = append(notes, fmt.Sprintf("No sheets follow the cover sheet of %q (page %d).", e.Code, number[e.Page]))
	}
	if n := len(found.Waiting); n > 0 {
		notes = append(notes, fmt.Sprintf("The separator on page %d waits for the pages that it begins: it goes to the bin when they come. If the stack ends with it, put it there.", number[found.Waiting[0]]))
	}
	if len(found.Cuts) == 0 && (len(found.Separators) == 0 || s.Keep) {
		return 0, notes, nil
	}
	d := archive.Divided{Batch: batch}
	for _, c := range found.Cuts {
		start := &archive.Start{Cause: c.Cause, Code: c.Code}
		if u, ok := planned[c.Code]; ok && c.Code != "" {
			start.Reference, start.Title = u.Reference, u.Title
		}
		d.Changes = append(d.Changes, archive.Division{Page: c.Page, From: starts[c.Page], To: start})
	}
	d.Binned = found.Separators
	d.Labels = withoutSeparators(rows, found.Separators)
	before, _, err := w.labelsTwice(ctx, batch)
	if err != nil {
		return 0, notes, err
	}
	if err := w.record(ctx, "", event(archive.PagesDivided, d)); err != nil {
		return 0, notes, err
	}
	after, twice, err := w.labelsTwice(ctx, batch)
	if twice != "" && !slices.Equal(before, after) {
		notes = append(notes, strings.ToUpper(twice[:1])+twice[1:]+".")
	}
	return len(found.Cuts), notes, err
}

// withoutSeparators gives the labels back that separator sheets took from the series
// while they were captured: where the pages behind one go on counting from it, each
// moves up. Labels that somebody gave by hand stay.
func withoutSeparators(rows []catalogue.Page, separators []scan.PageID) (labels []archive.Label) {
	free, last := "", "" // the label that nobody has now, and the one that was given last
	waited := ""         // what comes behind separators that had taken free themselves
	for _, p := range rows {
		switch {
		case slices.Contains(separators, p.ID):
			if last == "" || p.Label != archive.NextLabel(last) {
				free, waited = p.Label, ""
			}
			if waited == "" {
				waited = free
			}
			last, waited = p.Label, archive.NextLabel(waited)
			continue
		case last == "" || p.Label == "":
			free, last = "", ""
		// The separator in front came with the run before, which was divided by itself, and
		// that was taken back.
		case p.Label == archive.NextLabel(last), p.Label == waited:
			labels = append(labels, archive.Label{Page: p.ID, From: p.Label, To: free})
			free, last = archive.NextLabel(free), p.Label
		default:
			free, last = "", ""
		}
		waited = ""
	}
	return labels
}

// twoSides tells whether two pages that follow each other show both sides of one
// sheet: images that a duplex feeder gave one after the other, or of two runs by hand
// that were put between each other.
func twoSides(p, next PageInfo) bool {
	if p.side() != scan.Front || next.side() != scan.Back {
		return false
	}
	a, b := p.Origin.Capture, next.Origin.Capture
	return a.Run != b.Run || b.Sheet == a.Sheet+1
}

// separators gives the rules of a profile and the units that codes may name.
func (w *Workbench) separators(ctx context.Context, s archive.Separation) (separate.Rules, map[string]archive.Unit, error) {
	units, err := w.cat.Units(ctx)
	if err != nil {
		return separate.Rules{}, nil, err
	}
	planned := map[string]archive.Unit{}
	for _, u := range units {
		planned[u.Code] = u
	}
	r := separate.Rules{Patch: s.Patch, Codes: s.Codes, Blank: s.Blank, Every: s.Every, Keep: s.Keep,
		Known: func(text string) bool { _, ok := planned[text]; return ok }}
	if s.Pattern != "" {
		if r.Pattern, err = regexp.Compile(s.Pattern); err != nil {
			return r, nil, fmt.Errorf("%w: the pattern of separators: %v", ErrUsage, err)
		}
	}
	return r, planned, nil
}
