package workbench

import (
	"bytes"
	"context"
	"fmt"
	"image"
	"os"
	"slices"
	"time"

	"recto/app/worker"
	"recto/scan"
)

// Trial is a preparation that is tried on a page and not set.
type Trial struct {
	Preparation
	Spread  *int // as SplitSpreads takes it; nil: the spread stays as it is
	Second  bool // of a spread that is to be cut, show the right page and not the left
	Before  bool // a picture of the master too
	Longest int  // pixels of the pictures' longer side at most; 0: PreviewLongest
}

// Tried is how a page would be prepared, or as nothing else was asked for, how it is.
type Tried struct {
	ByHand  scan.Recipe         // what would be set by hand
	Recipe  scan.Recipe         // what would be done
	Found   scan.Recipe         // what is found out by itself, of stages that are set by hand too
	Set     map[scan.Stage]Hand // who set what is set by hand now
	Size    image.Point         // of the master as its own orientation has it, pixels square
	Before  image.Image         // the master, made smaller; nil unless asked for
	After   image.Image         // as the page would be shown
	Reading image.Image         // as it would be read
}

// Hand is who set a stage, and when.
type Hand struct {
	Who  string
	When time.Time
}

// TryPreparation shows a page as it would be with a preparation. It changes nothing and
// reads nothing: what only the recognition finds is taken from the last reading. It takes
// a worker some tenths of a second. ErrUsage for parameters that make no sense.
func (w *Workbench) TryPreparation(ctx context.Context, id scan.PageID, t Trial) (Tried, error) {
	var out Tried
	page, err := w.Page(ctx, id)
	if err != nil {
		return out, err
	}
	if err := seen(page.Page); err != nil {
		return out, About(string(id), err)
	}
	if out.ByHand, err = w.tried(ctx, page, t); err != nil {
		return out, err
	}
	ask := worker.Prepare{Master: w.working(page.Page), Orientation: page.Orientation, ByHand: out.ByHand, Found: true, Longest: t.Longest}
	if ask.Longest <= 0 {
		ask.Longest = PreviewLongest
	}
	if page.State == scan.Done || page.State == scan.Blank {
		for _, s := range page.Recipe {
			if !s.Manual && !(scan.Recipe{s}).Outdated() && slices.Contains(worker.ReadToFind, s.Stage) {
				ask.Known = append(ask.Known, s)
			}
		}
		if out.ByHand.Equal(page.ByHand) {
			ask.Recipe = append(scan.Recipe{}, page.Recipe...)
		}
	}
	files := []*scan.Path{&ask.Before, &ask.After, &ask.Reading}
	into := []*image.Image{&out.Before, &out.After, &out.Reading}
	for i, file := range files {
		if i == 0 && !t.Before {
			continue
		}
		name, err := w.newTemp("try-*")
		if err != nil {
			return out, err
		}
		defer os.Remove(name)
		*file = scan.Path(name)
	}
	var found worker.Prepared
	if err := w.view.Call(ctx, "prepare", ask, &found, nil); err != nil {
		return out, About(string(id), w.masterFault(page.Page, err))
	}
	out.Recipe, out.Found, out.Size = found.Recipe, found.Found, image.Pt(found.Size[0], found.Size[1])
	for i, file := range files {
		if *file == "" {
			continue
		}
		b, err := os.ReadFile(string(*file))
		if err != nil {
			return out, err
		}
		if *into[i], _, err = image.Decode(bytes.NewReader(b)); err != nil {
			return out, fmt.Errorf("picture of page %s: %w", id, err)
		}
	}
	from, err := w.lineage(ctx, page)
	if err != nil {
		return out, err
	}
	out.Set = map[scan.Stage]Hand{}
	for stage, e := range from.set {
		out.Set[stage] = Hand{e.Actor, e.Time}
	}
	return out, nil
}

// tried is what would be set by hand of a page.
func (w *Workbench) tried(ctx context.Context, page PageInfo, t Trial) (scan.Recipe, error) {
	_, byHand, err := w.asked(ctx, t.Preparation)
	if err != nil {
		return nil, err
	}
	if t.Spread != nil { // first, as it is when it is set
		if at := *t.Spread; at == 0 {
			page.ByHand = page.ByHand.With(scan.NewStep(scan.SplitStage, scan.Split{}, true))
		} else {
			part := 1
			if s, _ := scan.Find[scan.Split](page.ByHand, scan.SplitStage); s.Part != 0 {
				part = s.Part
			} else if t.Second {
				part = 2
			}
			size, _ := scan.Frame(page.Pixels, page.Orientation, upTo(page, scan.OrientStage))
			if size.X > 0 && (at < size.X/10 || at > size.X-size.X/10) {
				return nil, About(string(page.ID), fmt.Errorf("%w: the picture of page %d is %d pixels wide and cannot be cut at %d", ErrUsage, page.Number, size.X, at))
			}
			page.ByHand = cut(page, page.ByHand, part, at, true)
		}
	}
	to, err := byHand(page)
	if err != nil {
		return nil, err
	}
	return asHalf(page, to)
}
