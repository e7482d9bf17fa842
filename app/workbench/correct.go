package workbench

import (
	"context"
	"encoding/json"
	"fmt"
	"image"
	"slices"

	"recto/app/job"
	"recto/app/worker"
	"recto/archive"
	"recto/ocr"
	"recto/scan"
)

// EditText corrects the text of a page: all of the edits or none. It gives the text as
// it is then. Search shows it at once, documents that hold the page are due to be
// written anew. What was read stays (RawText), and Undo takes the edits back. how says
// for people what was done. The errors wrap ocr.ErrElsewhere where the text has changed
// since the edits were made, ocr.ErrEdit where they make no sense.
func (w *Workbench) EditText(ctx context.Context, id scan.PageID, how string, edits ...ocr.Edit) (*ocr.Text, error) {
	page, err := w.Page(ctx, id)
	if err != nil {
		return nil, err
	}
	c, t, err := w.corrected(page, edits)
	if err != nil || len(edits) == 0 {
		return t, err
	}
	return t, w.record(ctx, "", event(archive.TextCorrected, archive.Corrected{Batch: page.Batch, How: how, Texts: []archive.Correction{c}}))
}

// corrected makes a corrected text durable, which counts only once it is in the journal.
func (w *Workbench) corrected(page PageInfo, edits []ocr.Edit) (archive.Correction, *ocr.Text, error) {
	fail := func(err error) (archive.Correction, *ocr.Text, error) {
		return archive.Correction{}, nil, About(string(page.ID), err)
	}
	before := &ocr.Text{Size: page.Frame(), DPI: page.dpi(), Languages: page.Languages}
	switch {
	case page.State != scan.Done && page.State != scan.Blank:
		return fail(fmt.Errorf("%w: page %d has not been read", ErrUsage, page.Number))
	case page.Text != "":
		var err error
		if before, err = w.textTree(page.Text); err != nil {
			return fail(err)
		}
	}
	after, err := before.Apply(edits...)
	if err != nil {
		return fail(err)
	}
	said, err := json.Marshal(edits)
	if err != nil {
		return fail(err)
	}
	c := archive.Correction{Page: page.ID, Edits: said, From: textFile(before)}
	c.From.Path, c.From.SHA256 = page.Text, page.TextSHA256
	c.To = textFile(after)
	if c.To.Path, c.To.SHA256, err = w.saveText(page, after); err != nil {
		return fail(err)
	}
	return c, after, nil
}

func textFile(t *ocr.Text) archive.TextFile {
	f := archive.TextFile{Confidence: t.Confidence()}
	for range t.WithoutNoise().Words {
		f.Words++
	}
	return f
}

// RawText gives the text of a page as it was read, whatever was corrected since; nil
// where nothing was read.
func (w *Workbench) RawText(ctx context.Context, id scan.PageID) (*ocr.Text, error) {
	p, err := w.Page(ctx, id)
	if err != nil {
		return nil, err
	}
	file := p.Text
	if p.Corrections > 0 {
		file = p.Raw
	}
	if file == "" {
		return nil, nil
	}
	return w.textTree(file)
}

// Spelt is a page on which a spelling was found.
type Spelt struct {
	Page    PageInfo
	Matches []ocr.Match
}

// FindSpelling gives every place where a name is spelt wrong: in a batch, or without one
// in the whole archive. It changes nothing. Pages whose text cannot be read are left out;
// Verify tells of them. A cancel ends it with the page in hand.
func (w *Workbench) FindSpelling(ctx context.Context, batch scan.BatchID, n ocr.Spelling, progress *job.Progress) ([]Spelt, error) {
	if err := n.Check(); err != nil {
		return nil, err
	}
	var batches []scan.BatchID
	all, err := w.Batches(ctx)
	if err != nil {
		return nil, err
	}
	pages := 0
	for _, b := range all {
		if batch == "" || b.ID == batch {
			batches = append(batches, b.ID)
			pages += b.Pages
		}
	}
	progress.Stage("Looking for the name", pages)
	var out []Spelt
	for _, b := range batches {
		pages, err := w.Pages(ctx, b, false)
		if err != nil {
			return nil, err
		}
		for _, p := range pages {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			progress.Step()
			if p.Text == "" {
				continue
			}
			t, err := w.textTree(p.Text)
			if err != nil {
				continue
			}
			if m := t.Find(n); len(m) > 0 {
				out = append(out, Spelt{p, m})
			}
		}
	}
	return out, nil
}

// Spell puts a name right where FindSpelling has found it and nobody has taken the match
// out of the list. The pages of a batch are one change, which Undo takes back. All is
// done or nothing: after a cancel no page is changed.
func (w *Workbench) Spell(ctx context.Context, n ocr.Spelling, found []Spelt, progress *job.Progress) error {
	progress.Stage("Putting the name right", len(found))
	var changes []change
	for i := 0; i < len(found); {
		d := archive.Corrected{Batch: found[i].Page.Batch, How: fmt.Sprintf("spell %q", n.Right)}
		for ; i < len(found) && found[i].Page.Batch == d.Batch; i++ {
			if err := ctx.Err(); err != nil {
				return err
			}
			progress.Step()
			if len(found[i].Matches) == 0 {
				continue
			}
			page, err := w.Page(ctx, found[i].Page.ID)
			if err != nil {
				return err
			}
			t, err := w.textTree(page.Text)
			if err != nil {
				return About(string(page.ID), err)
			}
			edits, err := t.SpellAt(n, found[i].Matches)
			if err != nil {
				return About(string(page.ID), err)
			}
			c, _, err := w.corrected(page, edits)
			if err != nil {
				return err
			}
			d.Texts = append(d.Texts, c)
		}
		if len(d.Texts) > 0 {
			changes = append(changes, event(archive.TextCorrected, d))
		}
	}
	if len(changes) == 0 {
		return nil
	}
	return w.record(ctx, "", changes...)
}

// ReadRegion reads a part of a page once more, in other languages or with another layout
// (Tesseract's page segmentation mode; 0: as one block), and changes nothing: the edit
// ocr.Replace puts the result into the page. The box is in the page's frame.
func (w *Workbench) ReadRegion(ctx context.Context, id scan.PageID, box image.Rectangle, languages []string, layout int) (*ocr.Text, error) {
	page, err := w.Page(ctx, id)
	if err != nil {
		return nil, err
	}
	if err := seen(page.Page); err != nil {
		return nil, About(string(id), err)
	}
	if box = box.Intersect(image.Rectangle{Max: page.Frame()}); box.Dx() < 8 || box.Dy() < 8 {
		return nil, About(string(id), fmt.Errorf("%w: the part to be read is %d x %d pixels; it needs 8 each way", ErrUsage, box.Dx(), box.Dy()))
	}
	if len(languages) == 0 {
		languages = page.Languages
	}
	if len(languages) == 0 {
		languages = DefaultLanguages
	}
	if err := CheckLanguages(languages); err != nil {
		return nil, err
	}
	var t ocr.Text
	if err := w.view.Call(ctx, "region", worker.Region{
		Master: w.working(page.Page), Orientation: page.Orientation, Recipe: page.Recipe, DPI: page.dpi(), Box: box, Languages: languages, Layout: layout,
	}, &t, nil); err != nil {
		return nil, About(string(id), w.masterFault(page.Page, err))
	}
	return &t, nil
}

// carried is what becomes of a page with corrected text when its place in the picture
// is set by hand: the text goes with it and is not read again. It is false for all
// other pages.
func (w *Workbench) carried(p PageInfo, byHand scan.Recipe) (archive.Processed, bool, error) {
	if p.Corrections == 0 || p.State != scan.Done {
		return archive.Processed{}, false, nil
	}
	for _, r := range []scan.Recipe{p.Recipe, byHand} {
		if err := r.Known(); err != nil {
			return archive.Processed{}, false, About(string(p.ID), err)
		}
	}
	// What was found out stays but for what hangs on what was set: its place is nobody's.
	recipe := p.Recipe
	for _, s := range p.ByHand {
		recipe = recipe.Without(s.Stage)
	}
	for _, s := range byHand {
		recipe = recipe.With(s)
	}
	if now, then := recipe.Quarter(), p.Recipe.Quarter(); now != then {
		kept := recipe.Without(scan.CropStage, scan.DewarpStage)
		if crop, set := byHand.Step(scan.CropStage); set {
			kept = kept.With(crop)
		}
		recipe = kept
	}
	_, old := scan.Frame(p.Pixels, p.Orientation, p.Recipe)
	size, now := scan.Frame(p.Pixels, p.Orientation, recipe)
	done := archive.Processed{
		Page: p.ID, State: p.State, Recipe: recipe, Measures: p.Measures, Languages: p.Languages, Corrected: p.Corrections,
		CarriedFrom: p.TextSHA256,
	}
	for i, file := range []string{p.Text, p.Raw} {
		if file == "" {
			continue
		}
		t, err := w.textTree(file)
		if err != nil {
			return done, false, About(string(p.ID), err)
		}
		moved, lost, err := t.Mapped(old.Inverse().Then(now), size)
		if err != nil {
			return done, false, About(string(p.ID), err)
		}
		if i == 0 && len(lost) > 0 {
			return done, false, About(string(p.ID), fmt.Errorf("%w: the text of page %d was corrected, and %s of it would be cut off (%q first)", ErrUsage, p.Number, Plural(len(lost), "word"), lost[0].Text))
		}
		moved.DPI = t.DPI
		path, sum, err := w.saveText(p, moved)
		if err != nil {
			return done, false, err
		}
		if i == 0 {
			f := textFile(moved)
			done.Text, done.TextSHA256, done.Words, done.Confidence, done.Engine = path, sum, f.Words, f.Confidence, moved.Engine
		} else {
			done.Raw, done.RawSHA256 = path, sum
		}
	}
	return done, true, nil
}

// languagesOf are those to read a page in: set for it by hand, or else these.
func languagesOf(p PageInfo, languages []string) []string {
	if set, _ := scan.Find[scan.Read](p.ByHand, scan.ReadStage); len(set.Languages) > 0 {
		return slices.Clone(set.Languages)
	}
	return languages
}
