package workbench

import (
	"context"
	"fmt"
	"slices"

	"recto/archive"
	"recto/scan"
)

// SplitSpreads cuts pictures of spreads into two pages at a column of the picture as it
// stands upright, counted from the left; at 0 they become one page again, and stay so.
// Of a spread either page may be named. Both pages keep what else was set of them.
func (w *Workbench) SplitSpreads(ctx context.Context, ids []scan.PageID, at int) error {
	batch, pages, err := w.batchOf(ctx, ids)
	if err != nil {
		return err
	}
	parted := archive.Parted{Batch: batch}
	joined := archive.Parted{Batch: batch, Joined: true}
	moved := archive.Prepared{Batch: batch, How: "split"}
	seen := map[scan.PageID]bool{}
	for _, p := range pages {
		if p.HalfOf != "" {
			if p, err = w.Page(ctx, p.HalfOf); err != nil {
				return err
			}
		}
		if seen[p.ID] {
			continue
		}
		seen[p.ID] = true
		if err := p.known(); err != nil {
			return About(string(p.ID), err)
		}
		size, _ := scan.Frame(p.Pixels, p.Orientation, upTo(p, scan.OrientStage))
		if at != 0 && size.X > 0 && (at < size.X/10 || at > size.X-size.X/10) {
			return About(string(p.ID), fmt.Errorf("%w: the picture of page %d is %d pixels wide and cannot be cut at %d", ErrUsage, p.Number, size.X, at))
		}
		other, has, err := w.otherHalf(ctx, p.ID)
		if err != nil {
			return err
		}
		switch apart := has && !other.Binned; {
		case at == 0 && apart:
			whole := p.ByHand.With(scan.NewStep(scan.SplitStage, scan.Split{}, true))
			if turn, set := whole.Step(scan.OrientStage); set && !turn.Manual { // it held for the cut
				whole = whole.Without(scan.OrientStage)
			}
			joined.Spreads = append(joined.Spreads, archive.Spread{Page: p.ID, From: whole, To: p.ByHand, Other: other.Page, Set: other.ByHand})
		case at == 0:
			moved.Settings = append(moved.Settings, archive.Setting{Page: p.ID, From: p.ByHand, To: p.ByHand.With(scan.NewStep(scan.SplitStage, scan.Split{}, true))})
		case apart:
			for part, half := range []PageInfo{p, other} {
				moved.Settings = append(moved.Settings, archive.Setting{Page: half.ID, From: half.ByHand, To: cut(p, half.ByHand, part+1, at, true)})
			}
		default:
			parted.Spreads = append(parted.Spreads, twoOf(p, other, at, true))
		}
	}
	var changes []change
	for _, d := range []archive.Parted{parted, joined} {
		if len(d.Spreads) > 0 {
			changes = append(changes, event(archive.PagesParted, d))
		}
	}
	if len(moved.Settings) > 0 {
		changes = append(changes, event(archive.PagesPrepared, moved))
	}
	if len(changes) == 0 {
		return nil
	}
	return w.record(ctx, "", changes...)
}

// half tells whether a page is one of a spread.
func half(p PageInfo) bool {
	s, _ := scan.Find[scan.Split](p.ByHand, scan.SplitStage)
	return s.Part != 0
}

// cut is what is set by hand of a page with its part of a spread. The cut is right for one
// way up only, that of p which is cut: neither page is turned by itself.
func cut(p PageInfo, byHand scan.Recipe, part, at int, manual bool) scan.Recipe {
	turn, known := upTo(p, scan.OrientStage).Step(scan.OrientStage)
	if !known {
		turn = scan.NewStep(scan.OrientStage, scan.Orient{}, false)
	}
	return byHand.With(turn).With(scan.NewStep(scan.SplitStage, scan.Split{Part: part, At: at}, manual))
}

// upTo gives what is known of a page's recipe up to a stage, what was set by hand first.
func upTo(p PageInfo, last scan.Stage) scan.Recipe {
	r := slices.Clone(p.Recipe)
	for _, s := range p.ByHand {
		r = r.With(s)
	}
	at := slices.Index(scan.Stages, last)
	return slices.DeleteFunc(r, func(s scan.Step) bool { return slices.Index(scan.Stages, s.Stage) > at })
}

// twoOf makes two pages of one; other is the second where there once was one.
func twoOf(p, other PageInfo, at int, manual bool) archive.Spread {
	second := other.Page
	if second.ID == "" {
		second = p.Page
		second.ID, second.Label = scan.PageID(scan.NewID()), ""
	}
	return archive.Spread{Page: p.ID, From: p.ByHand, To: cut(p, p.ByHand, 1, at, manual), Other: second, Set: cut(p, other.ByHand, 2, at, manual)}
}

// otherHalf gives the second page of a spread, in the bin or not.
func (w *Workbench) otherHalf(ctx context.Context, id scan.PageID) (PageInfo, bool, error) {
	row, has, err := w.cat.OtherHalf(ctx, id)
	return pageInfo(row), has, err
}

// found tells whether a worker has found a page to be a spread, that is its left half
// so far.
func (w *Workbench) found(ctx context.Context, p PageInfo, r scan.Recipe) (archive.Spread, bool, error) {
	s, _ := scan.Find[scan.Split](r, scan.SplitStage)
	if _, set := scan.Find[scan.Split](p.ByHand, scan.SplitStage); set || s.Part != 1 || p.HalfOf != "" {
		return archive.Spread{}, false, nil
	}
	p.Recipe = r
	other, _, err := w.otherHalf(ctx, p.ID)
	return twoOf(p, other, s.At, false), err == nil, err
}

// secondHalf gives the other page of what was found to be a spread, which nobody has
// asked to be read so far.
func (w *Workbench) secondHalf(ctx context.Context, before, p PageInfo) (PageInfo, bool, error) {
	if s, _ := scan.Find[scan.Split](p.Recipe, scan.SplitStage); s.Part != 1 || half(before) {
		return p, false, nil
	}
	other, has, err := w.otherHalf(context.WithoutCancel(ctx), p.ID)
	return other, has && !other.Binned && other.State == scan.New, err
}
