package workbench

import (
	"context"
	"encoding/json"
	"fmt"
	"image"
	"maps"
	"slices"

	"recto/archive"
	"recto/scan"
)

// Preparation is what to set by hand of pages. Stages that are in none of its fields
// stay as they are.
type Preparation struct {
	Set   scan.Recipe  // steps to set
	Auto  []scan.Stage // stages to be found out by the workers again
	Like  scan.PageID  // set all that is set on this page, and nothing else
	Reset bool         // nothing is set by hand any more
}

// PreparePages sets steps of preparation by hand. Pages under a setting that they were
// read under before are at once what they were then; others are New, to be read by the
// next process. Text that somebody has corrected is not read again: it is carried to
// where the page lies now. It tells of how many pages something is set now that was not.
// ErrUsage for parameters that make no sense.
func (w *Workbench) PreparePages(ctx context.Context, ids []scan.PageID, p Preparation) (set int, err error) {
	how, byHand, err := w.asked(ctx, p)
	if err != nil {
		return 0, err
	}
	return w.setByHand(ctx, ids, how, byHand)
}

// asked gives what a preparation makes of what is set by hand of a page, and its name.
func (w *Workbench) asked(ctx context.Context, p Preparation) (how string, byHand func(PageInfo) (scan.Recipe, error), err error) {
	for _, s := range p.Set {
		if err := checkStep(s); err != nil {
			return "", nil, err
		}
	}
	byHand = func(PageInfo) (scan.Recipe, error) { return nil, nil }
	how = "reset"
	switch {
	case p.Reset:
	case p.Like != "":
		like, err := w.Page(ctx, p.Like)
		if err != nil {
			return "", nil, err
		}
		how = "prepare like another page"
		set := like.ByHand
		if half(like) {
			set = set.Without(scan.SplitStage, scan.OrientStage)
		}
		byHand = func(PageInfo) (scan.Recipe, error) { return set, nil }
	default:
		how = "prepare"
		if all := append(stagesOf(p.Set), p.Auto...); len(all) == 1 {
			how = string(all[0])
		}
		byHand = func(page PageInfo) (scan.Recipe, error) {
			r := page.ByHand.Without(p.Auto...)
			for _, s := range p.Set {
				s.Manual = true
				if s.Stage == scan.ReadStage { // what is not said of them stays
					s = merged(r, s)
				}
				r = r.With(s)
			}
			return r, nil
		}
	}
	return how, byHand, nil
}

// RotatePages turns pages clockwise by 90, 180 or 270 degrees. A crop by hand turns
// with them. Their text was read another way round and must be read again.
func (w *Workbench) RotatePages(ctx context.Context, ids []scan.PageID, degrees int) error {
	if degrees%90 != 0 {
		return fmt.Errorf("%w: pages are turned by 90, 180 or 270 degrees, not %d", ErrUsage, degrees)
	}
	_, err := w.setByHand(ctx, ids, "rotate", func(p PageInfo) (scan.Recipe, error) {
		if err := p.known(); err != nil {
			return nil, err
		}
		now := p.Recipe.Quarter()
		if o, set := scan.Find[scan.Orient](p.ByHand, scan.OrientStage); set {
			now = o.Degrees
		}
		to := ((now+degrees)%360 + 360) % 360
		r := p.ByHand.With(scan.NewStep(scan.OrientStage, scan.Orient{Degrees: to}, true))
		if c, set := scan.Find[scan.Crop](p.ByHand, scan.CropStage); set {
			size, _ := scan.Frame(p.Pixels, p.Orientation, scan.Recipe{scan.NewStep(scan.OrientStage, scan.Orient{Degrees: now}, true)})
			crop, _ := p.ByHand.Step(scan.CropStage)
			r = r.With(crop.With(turnedCrop(c, size, degrees)))
		}
		return r, nil
	})
	return err
}

// turnedCrop is a crop of a picture of this size after a turn of the whole.
func turnedCrop(c scan.Crop, size image.Point, degrees int) scan.Crop {
	for range ((degrees%360 + 360) % 360) / 90 {
		c = scan.Crop{Left: size.Y - c.Bottom, Top: c.Left, Right: size.Y - c.Top, Bottom: c.Right, Confidence: c.Confidence}
		size.X, size.Y = size.Y, size.X
	}
	return c
}

// setByHand sets what set says of each page of one batch, and tells how many it changed.
func (w *Workbench) setByHand(ctx context.Context, ids []scan.PageID, how string, set func(PageInfo) (scan.Recipe, error)) (int, error) {
	batch, pages, err := w.batchOf(ctx, ids)
	if err != nil {
		return 0, err
	}
	d := archive.Prepared{Batch: batch, How: how}
	changes := []change{{}}
	for _, p := range pages {
		to, err := set(p)
		if err != nil {
			return 0, About(string(p.ID), err)
		}
		if to, err = asHalf(p, to); err != nil {
			return 0, err
		}
		if err := checkCrop(p, to); err != nil {
			return 0, About(string(p.ID), err)
		}
		if to.Equal(p.ByHand) {
			continue
		}
		d.Settings = append(d.Settings, archive.Setting{Page: p.ID, From: p.ByHand, To: to})
		carried, is, err := w.carried(p, to)
		if err != nil {
			return 0, err
		}
		if is {
			changes = append(changes, event(archive.PageProcessed, carried))
		}
	}
	if len(d.Settings) == 0 {
		return 0, nil
	}
	changes[0] = event(archive.PagesPrepared, d)
	return len(d.Settings), w.record(ctx, "", changes...)
}

// asHalf keeps the cut and the turn of a page that is one of a spread: its cut is set by
// SplitSpreads for both pages together, and is right for one way up.
func asHalf(p PageInfo, to scan.Recipe) (scan.Recipe, error) {
	if !half(p) {
		return to, nil
	}
	if o, is := scan.Find[scan.Orient](to, scan.OrientStage); is && o.Degrees != upTo(p, scan.OrientStage).Quarter() {
		return nil, About(string(p.ID), fmt.Errorf("%w: page %d is one of a spread, which is turned as a whole: join its pages first (page set --split-spread none), turn it, and split it again", ErrUsage, p.Number))
	}
	for _, s := range p.ByHand {
		if s.Stage == scan.SplitStage || s.Stage == scan.OrientStage {
			to = to.With(s)
		}
	}
	return to, nil
}

// checkCrop tells whether a crop is one of this page: it may take in a margin around the
// picture, and not more than the picture is large.
func checkCrop(p PageInfo, to scan.Recipe) error {
	box, is := to.Cropped()
	size, _ := scan.Frame(p.Pixels, p.Orientation, to.Without(scan.DeskewStage, scan.CropStage))
	whole := image.Rectangle{Max: size}
	if !is || size.X <= 0 || box.In(whole.Inset(-min(size.X, size.Y))) && box.Overlaps(whole) {
		return nil
	}
	return fmt.Errorf("%w: crop: page %d is %d by %d pixels; %d,%d,%d,%d lies too far outside of it",
		ErrUsage, p.Number, size.X, size.Y, box.Min.X, box.Min.Y, box.Max.X, box.Max.Y)
}

// merged is a step with the parameters that it leaves out as they were set before.
func merged(byHand scan.Recipe, s scan.Step) scan.Step {
	all, _ := scan.Find[map[string]any](byHand, s.Stage)
	if all == nil {
		return s
	}
	said, _ := scan.Find[map[string]any](scan.Recipe{s}, s.Stage)
	maps.Copy(all, said)
	return scan.NewStep(s.Stage, all, true)
}

func stagesOf(r scan.Recipe) []scan.Stage {
	var out []scan.Stage
	for _, s := range r {
		out = append(out, s.Stage)
	}
	return out
}

// checkStep tells whether the parameters of a step make sense.
func checkStep(s scan.Step) error {
	if err := (scan.Recipe{s}).Known(); err != nil {
		return err
	}
	wrong := func(format string, args ...any) error {
		return fmt.Errorf("%w: %s: %s", ErrUsage, s.Stage, fmt.Sprintf(format, args...))
	}
	only := scan.Recipe{s}
	switch s.Stage {
	case scan.OrientStage:
		if o, ok := scan.Find[scan.Orient](only, s.Stage); !ok || o.Degrees%90 != 0 {
			return wrong("pages are turned by 0, 90, 180 or 270 degrees, not %d", o.Degrees)
		}
	case scan.SplitStage:
		if p, ok := scan.Find[scan.Split](only, s.Stage); !ok || p.Part != 0 {
			return wrong("spreads are split by themselves")
		}
	case scan.DeskewStage:
		if d, ok := scan.Find[scan.Deskew](only, s.Stage); !ok || !(d.Degrees >= -45 && d.Degrees <= 45) {
			return wrong("pages are straightened by -45 to 45 degrees, not %g", d.Degrees)
		}
	case scan.CropStage:
		if c, ok := scan.Find[scan.Crop](only, s.Stage); !ok || c.Box().Dx() != c.Right-c.Left || c.Box().Dy() != c.Bottom-c.Top || c.Box().Dx() > 0 && (c.Box().Dx() < 16 || c.Box().Dy() < 16) {
			return wrong("left must be less than right and top less than bottom, by 16 pixels at least")
		}
	case scan.ToneStage:
		if t, ok := scan.Find[scan.Tone](only, s.Stage); !ok || !slices.Contains([]string{"", scan.PlainTone, scan.LevelTone, scan.LocalTone}, t.Reading) {
			return wrong("for reading there are %s, %s and %s", scan.PlainTone, scan.LevelTone, scan.LocalTone)
		}
	case scan.DespeckleStage:
		if d, ok := scan.Find[scan.Despeckle](only, s.Stage); !ok || d.Size < 0 || d.Size > 20 {
			return wrong("specks are of 0 to 20 pixels, not %d", d.Size)
		}
	case scan.ScaleStage:
		if v, ok := scan.Find[scan.Scale](only, s.Stage); !ok || !(v.Factor >= 0.1 && v.Factor <= 4) {
			return wrong("pages are read at 0.1 to 4 times their size, not %g", v.Factor)
		}
	case scan.ReadStage:
		v, ok := scan.Find[scan.Read](only, s.Stage)
		if !ok || v.Layout != 0 && (v.Layout < 3 || v.Layout > 13) {
			return wrong("layouts are Tesseract's page segmentation modes 3 to 13, not %d", v.Layout)
		}
		if len(v.Languages) > 0 {
			if err := CheckLanguages(v.Languages); err != nil {
				return err
			}
		}
		return checkWords(v.Words, v.Patterns)
	case scan.DewarpStage, scan.LinesStage:
		if !json.Valid(s.Params) {
			return wrong("its parameters cannot be read")
		}
	default:
		return wrong("there is no such stage")
	}
	return nil
}
