package gui

import (
	"context"
	"errors"
	"fmt"
	"image"
	"maps"
	"slices"
	"strings"
	"time"

	"recto/app/job"
	"recto/app/workbench"
	"recto/ocr"
	"recto/scan"
)

func (f *fakeCore) Page(_ context.Context, id scan.PageID) (workbench.PageInfo, error) {
	if p, ok := f.find(id); ok {
		return p, nil
	}
	return workbench.PageInfo{}, workbench.ErrNotFound
}

func (f *fakeCore) EditText(ctx context.Context, id scan.PageID, how string, edits ...ocr.Edit) (*ocr.Text, error) {
	before, err := f.Text(ctx, id)
	if err != nil {
		return nil, err
	}
	if before == nil {
		before = &ocr.Text{Size: image.Pt(1240, 1754)}
	}
	after, err := before.Apply(edits...)
	if err != nil {
		return nil, err
	}
	return after, f.change("EditText", []scan.PageID{id}, how, func(b *fakeBatch) {
		texts := maps.Clone(f.texts)
		if texts == nil {
			texts = map[scan.PageID]*ocr.Text{}
		}
		texts[id] = after
		f.texts = texts
		for i := range b.pages {
			if b.pages[i].ID == id {
				b.pages[i].Corrections++
				b.pages[i].Text = fmt.Sprintf("texts/%s-%d", id, len(f.calls))
			}
		}
	})
}

// ReadRegion reads the word REREAD in the middle of the box.
func (f *fakeCore) ReadRegion(_ context.Context, id scan.PageID, box image.Rectangle, languages []string, layout int) (*ocr.Text, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.regions = append(f.regions, fmt.Sprintf("%s %v %s %d", id, box, strings.Join(languages, "+"), layout))
	if err := f.did("ReadRegion"); err != nil {
		return nil, err
	}
	in := box.Inset(4)
	w := ocr.Word{Text: "REREAD", Confidence: 0.9, Box: in}
	return &ocr.Text{Size: image.Pt(1240, 1754), Blocks: []ocr.Block{{Box: in, Paragraphs: []ocr.Paragraph{{Box: in, Lines: []ocr.Line{{Box: in, XSize: 30, Words: []ocr.Word{w}}}}}}}}, nil
}

func (f *fakeCore) FindSpelling(ctx context.Context, batch scan.BatchID, n ocr.Spelling, _ *job.Progress) ([]workbench.Spelt, error) {
	if err := n.Check(); err != nil {
		return nil, err
	}
	var out []workbench.Spelt
	for _, id := range f.order {
		if batch != "" && id != batch {
			continue
		}
		pages, err := f.Pages(ctx, id, false)
		if err != nil {
			return nil, err
		}
		for _, p := range pages {
			if t, _ := f.Text(ctx, p.ID); t != nil {
				if m := t.Find(n); len(m) > 0 {
					out = append(out, workbench.Spelt{Page: p, Matches: m})
				}
			}
		}
	}
	return out, nil
}

func (f *fakeCore) Spell(ctx context.Context, n ocr.Spelling, found []workbench.Spelt, _ *job.Progress) error {
	if err := f.fail["Spell"]; err != nil {
		return err
	}
	for _, s := range found {
		t, err := f.Text(ctx, s.Page.ID)
		if err != nil || t == nil {
			return errors.New("no such text")
		}
		edits, err := t.SpellAt(n, s.Matches)
		if err != nil {
			return err
		}
		if _, err := f.EditText(ctx, s.Page.ID, "spell "+n.Right, edits...); err != nil {
			return err
		}
	}
	return nil
}

func (f *fakeCore) PreparePages(_ context.Context, ids []scan.PageID, p workbench.Preparation) (set int, err error) {
	var like scan.Recipe
	if p.Like != "" {
		of, ok := f.find(p.Like)
		if !ok {
			return 0, workbench.ErrNotFound
		}
		like = of.ByHand
	}
	err = f.change("PreparePages", ids, "prepare", func(b *fakeBatch) {
		for i := range b.pages {
			page := &b.pages[i]
			if !slices.Contains(ids, page.ID) {
				continue
			}
			before := page.ByHand
			switch {
			case p.Reset:
				page.ByHand = nil
			case p.Like != "":
				page.ByHand = like
			default:
				page.ByHand = page.ByHand.Without(p.Auto...)
				for _, s := range p.Set {
					page.ByHand = page.ByHand.With(s)
				}
			}
			if !page.ByHand.Equal(before) {
				set++
				page.State = scan.New
			}
		}
	})
	return set, err
}

func (f *fakeCore) SplitSpreads(_ context.Context, ids []scan.PageID, at int) error {
	return f.change("SplitSpreads", ids, "split", func(b *fakeBatch) {
		for i := range b.pages {
			if slices.Contains(ids, b.pages[i].ID) {
				b.pages[i].ByHand = b.pages[i].ByHand.With(scan.NewStep(scan.SplitStage, scan.Split{Part: min(at, 1), At: at}, true))
			}
		}
	})
}

// TryPreparation draws the page as it is, with a recipe as asked for.
func (f *fakeCore) TryPreparation(ctx context.Context, id scan.PageID, t workbench.Trial) (workbench.Tried, error) {
	f.mu.Lock()
	f.tried = append(f.tried, fakeTrial{id, t})
	err := f.did("TryPreparation")
	f.mu.Unlock()
	if err != nil {
		return workbench.Tried{}, err
	}
	if err := ctx.Err(); err != nil {
		return workbench.Tried{}, err
	}
	p, _ := f.find(id)
	img, err := f.View(ctx, id)
	if err != nil {
		return workbench.Tried{}, err
	}
	out := workbench.Tried{Size: p.Pixels, After: img, Reading: img, Set: map[scan.Stage]workbench.Hand{}}
	out.Found = scan.Recipe{scan.NewStep(scan.DeskewStage, scan.Deskew{Degrees: -1.5, Confidence: 7.25}, false)}
	out.ByHand = p.ByHand.Without(t.Auto...)
	for _, s := range t.Set {
		out.ByHand = out.ByHand.With(s)
	}
	if t.Spread != nil {
		out.ByHand = out.ByHand.With(scan.NewStep(scan.SplitStage, scan.Split{Part: min(*t.Spread, 1), At: *t.Spread}, true))
	}
	out.Recipe = out.Found
	for _, s := range out.ByHand {
		out.Recipe = out.Recipe.With(s)
	}
	for _, s := range p.ByHand {
		out.Set[s.Stage] = workbench.Hand{Who: "anna", When: time.Date(2020, 3, 4, 12, 0, 0, 0, time.Local)}
	}
	if t.Before {
		out.Before = img
	}
	return out, nil
}

// fakeTrial is what was tried of a page.
type fakeTrial struct {
	page scan.PageID
	workbench.Trial
}
