package workbench

import (
	"context"

	"recto/ocr"
	"recto/scan"
)

// Suggested is a page that seems to be in another language or script than it was read in.
type Suggested struct {
	Page   scan.PageID `json:"page"`
	Number int         `json:"number"` // in the batch, from 1
	ocr.Suggestion
}

// Suggestions looks through the texts of a batch for pages that seem to be in another
// language or script than they were read in, in the order of the pages. Nothing is
// changed: PreparePages sets a language. It takes some milliseconds a page; a text that
// cannot be read says nothing here.
func (w *Workbench) Suggestions(ctx context.Context, batch scan.BatchID) ([]Suggested, error) {
	pages, err := w.Pages(ctx, batch, false)
	if err != nil {
		return nil, err
	}
	out := []Suggested{}
	installed := w.Languages()
	for _, p := range pages {
		if p.Text == "" {
			continue
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		t, err := w.textTree(p.Text)
		if err != nil {
			continue // verify tells
		}
		if s, found := t.Suggest(installed); found {
			out = append(out, Suggested{p.ID, p.Number, s})
		}
	}
	return out, nil
}
