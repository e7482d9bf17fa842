package workbench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"

	"recto/archive"
	"recto/archive/coversheet"
)

// Units lists the units that were planned to be scanned, in the order of planning.
func (w *Workbench) Units(ctx context.Context) ([]archive.Unit, error) { return w.cat.Units(ctx) }

// PlanUnits keeps what is known of units that are going to be scanned behind their
// cover sheets. A unit of the same code and reference is brought up to date; a code
// that another reference has is refused.
func (w *Workbench) PlanUnits(ctx context.Context, units []archive.Unit) error {
	known, err := w.cat.Units(ctx)
	if err != nil {
		return err
	}
	before := map[string]archive.Unit{}
	for _, u := range known {
		before[u.Code] = u
	}
	var news []archive.Unit
	for _, u := range units {
		if u.Reference == "" {
			return fmt.Errorf("%w: a unit without a reference", ErrUsage)
		}
		if u.Code == "" {
			u.Code = coversheet.CodeFor(u.Reference)
		}
		if err := coversheet.Check(u); err != nil {
			return About(u.Reference, fmt.Errorf("%w: %w", ErrUsage, err))
		}
		old, planned := before[u.Code]
		if planned && old.Reference != u.Reference {
			return About(u.Reference, fmt.Errorf("%w: the code %q of unit %q is that of unit %q", ErrUsage, u.Code, u.Reference, old.Reference))
		}
		if planned && old.Title == u.Title && old.Container == u.Container && old.Expected == u.Expected && maps.Equal(old.Metadata, u.Metadata) {
			continue
		}
		before[u.Code] = u
		news = append(news, u)
	}
	if len(news) == 0 {
		return nil
	}
	return w.record(ctx, "", event(archive.UnitsPlanned, archive.Planned{Units: news}))
}

// CoverSheets writes a PDF with a cover sheet for each of the units with these codes
// or references, in this order; nil means all that were planned.
func (w *Workbench) CoverSheets(ctx context.Context, to io.Writer, codes []string, paper string) error {
	units, err := w.cat.Units(ctx)
	if err != nil {
		return err
	}
	if codes != nil {
		var chosen []archive.Unit
		for _, code := range codes {
			i := slices.IndexFunc(units, func(u archive.Unit) bool { return u.Code == code || u.Reference == code })
			if i < 0 {
				return About(code, fmt.Errorf("unit %q: %w among those that were planned", code, ErrNotFound))
			}
			chosen = append(chosen, units[i])
		}
		units = chosen
	}
	err = coversheet.Write(to, units, coversheet.Options{Paper: paper})
	if errors.Is(err, coversheet.ErrNoUnits) || errors.Is(err, coversheet.ErrPaper) || errors.Is(err, coversheet.ErrUnit) {
		err = fmt.Errorf("%w: %w", ErrUsage, err)
	}
	return err
}

// ReadUnits reads a list of units as spreadsheets export it. notes says what was
// assumed of it.
func ReadUnits(r io.Reader) (units []archive.Unit, notes []string, err error) {
	units, notes, err = coversheet.ReadCSV(r)
	if errors.Is(err, coversheet.ErrList) {
		err = fmt.Errorf("%w: %w", ErrUsage, err)
	}
	return units, notes, err
}
