package command

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"recto/app/workbench"
	"recto/scan"
)

// pageVerb is what the window's Arrange does.
type pageVerb struct {
	Move     moveVerb     `cmd:"" help:"Put pages behind another page."`
	Rotate   rotateVerb   `cmd:"" help:"Turn pages by quarter turns; they are read again by the next process."`
	Set      setVerb      `cmd:"" help:"Set by hand how pages are prepared and read: turn, spread, deskew, crop, tone, languages."`
	Bin      binVerb      `cmd:"" help:"Put pages into the batch's bin; their masters stay."`
	Restore  restoreVerb  `cmd:"" help:"Take pages out of the bin to where they were."`
	Label    labelVerb    `cmd:"" help:"Give pages folio or page labels, a series from the first on."`
	Replace  replaceVerb  `cmd:"" help:"Put one page in the place of another."`
	Reverse  reverseVerb  `cmd:"" help:"Turn the order of pages round."`
	Split    splitVerb    `cmd:"" help:"Begin a unit with a page."`
	Merge    mergeVerb    `cmd:"" help:"Let the unit that begins with a page be part of the one before."`
	Accept   acceptVerb   `cmd:"" help:"Settle what is suspected of pages, with a reason."`
	Versions versionsVerb `cmd:"" help:"Show a page with those that it was taken instead of."`
	Undo     undoVerb     `cmd:"" help:"Take back the last change to a batch, also after a restart."`
	Redo     redoVerb     `cmd:"" help:"Do again what undo took back."`
}

// asArranged is in every page verb, which all answer with the batch's new order.
type asArranged struct{ inArchive }

// thePages is in the verbs that do something to pages.
type thePages struct {
	asArranged
	Page     []string `arg:"" optional:"" name:"page" help:"IDs of pages of one batch (see recto list pages); or name the batch or a document."`
	Document string   `placeholder:"NAME" help:"The pages of this document, by its ID or title."`
	Batch    string   `placeholder:"NAME" help:"All pages of this batch that are not in the bin, or those that the next flags choose."`
	Unit     ordinal  `placeholder:"N" help:"Of the batch the pages of its Nth unit (see recto list pages)."`
	Odd      bool     `xor:"half" help:"Of the batch the 1st, 3rd, 5th ... page."`
	Even     bool     `xor:"half" help:"Of the batch the 2nd, 4th, 6th ... page."`
	From     ordinal  `placeholder:"N" help:"Of the batch the pages from this number on."`
	To       ordinal  `placeholder:"N" help:"Of the batch the pages up to this number."`
	bin      bool     // of the batch those in its bin are meant
}

// ids are the pages that the command line means.
func (t thePages) ids(ctx context.Context, w *workbench.Workbench) ([]scan.PageID, error) {
	var ids []scan.PageID
	for _, p := range t.Page {
		ids = append(ids, scan.PageID(p))
	}
	if t.Document != "" {
		d, err := w.DocumentNamed(ctx, t.Document)
		for _, l := range d.Leaves {
			ids = append(ids, l.Page)
		}
		return ids, err
	}
	if t.Batch == "" {
		return ids, nil
	}
	b, err := w.Batch(ctx, t.Batch)
	if err != nil {
		return nil, err
	}
	pages, err := w.Pages(ctx, b.ID, t.bin)
	if err != nil {
		return nil, err
	}
	for _, p := range pages {
		if t.bin && !p.Binned {
			continue
		}
		n := ordinal(p.Number)
		if t.Odd && n%2 == 0 || t.Even && n%2 == 1 || n < t.From || t.To > 0 && n > t.To || t.Unit > 0 && t.Unit != ordinal(p.Unit) {
			continue
		}
		ids = append(ids, p.ID)
	}
	switch {
	case len(ids) == 0 && t.bin:
		return nil, workbench.About(t.Batch, fmt.Errorf("%w: nothing is in the bin of batch %q", workbench.ErrUsage, b.Name))
	case len(ids) == 0:
		return nil, workbench.About(t.Batch, fmt.Errorf("%w: none of the %d pages of batch %q was chosen", workbench.ErrUsage, len(pages), b.Name))
	}
	return ids, nil
}

// chosen tells whether the command line says which pages are meant.
func (t thePages) chosen() error {
	switch {
	case len(t.Page) == 0 && t.Batch == "" && t.Document == "":
		return usage("which pages? Name them, or --batch NAME for all of one, or --document NAME for those of one")
	case len(t.Page) > 0 && t.Batch != "", t.Document != "" && (t.Batch != "" || len(t.Page) > 0):
		return usage("name pages, a batch or a document, only one of them")
	case t.Batch == "" && (t.Odd || t.Even || t.From > 0 || t.To > 0 || t.Unit > 0):
		return usage("--odd, --even, --from, --to and --unit choose from the pages of --batch NAME")
	}
	return nil
}

// lookAt opens the archive to read and gives the pages that the command line means.
func (t thePages) lookAt(s *session) (*workbench.Workbench, []scan.PageID, error) {
	if err := t.chosen(); err != nil {
		return nil, nil, err
	}
	w, err := t.look(s)
	if err != nil {
		return nil, nil, err
	}
	ids, err := t.ids(s.ctx, w)
	if err != nil {
		w.Close()
		return nil, nil, err
	}
	return w, ids, nil
}

// arrange does one thing to pages and shows the batch's order after it.
func (t thePages) arrange(s *session, done string, do func(context.Context, *workbench.Workbench, []scan.PageID) error) error {
	return t.arranged(s, func([]workbench.PageInfo) string { return done }, do)
}

// prepared tells with what was done how many of the pages are to be read again: what is
// set does not always ask for it, and corrected text goes with its page.
func (t thePages) prepared(s *session, done string, do func(context.Context, *workbench.Workbench, []scan.PageID) error) error {
	return t.arranged(s, func(pages []workbench.PageInfo) string {
		waiting, corrected := 0, 0
		for _, p := range pages {
			switch {
			case p.State == scan.New:
				waiting++
			case p.Corrections > 0:
				corrected++
			}
		}
		said := []string{done}
		if waiting > 0 {
			said = append(said, "run recto process to read "+workbench.Plural(waiting, "page")+" again")
		}
		if corrected > 0 {
			said = append(said, "the corrected text of "+workbench.Plural(corrected, "page")+" stays (recto process --corrected --page reads it anew)")
		}
		return strings.Join(said, "; ")
	}, do)
}

// arranged does something with the pages, and says what done makes of them as they are then.
func (t thePages) arranged(s *session, done func([]workbench.PageInfo) string, do func(context.Context, *workbench.Workbench, []scan.PageID) error) error {
	if err := t.chosen(); err != nil {
		return err
	}
	w, err := t.open(s, workbench.Options{})
	if err != nil {
		return err
	}
	defer w.Close()
	ids, err := t.ids(s.ctx, w)
	if err != nil {
		return err
	}
	if err := do(s.ctx, w, ids); err != nil {
		return err
	}
	first, err := w.Page(s.ctx, ids[0])
	if err != nil {
		return err
	}
	pages, err := w.Pages(s.ctx, first.Batch, false)
	if err != nil {
		return err
	}
	chosen := map[scan.PageID]bool{}
	for _, id := range ids {
		chosen[id] = true
	}
	pages = slices.DeleteFunc(pages, func(p workbench.PageInfo) bool { return !chosen[p.ID] })
	return s.order(w, first.Batch, done(pages))
}

func (s *session) order(w *workbench.Workbench, batch scan.BatchID, done string) error {
	pages, err := w.Pages(s.ctx, batch, false)
	if err != nil {
		return err
	}
	s.note("%s", done)
	s.pageLines(pages)
	if s.json {
		s.print(map[string]any{"batch": batch, "done": done, "pages": viewPages(pages), "failures": []failure{}})
	}
	return nil
}

func (asArranged) nothing(_ *session, list []failure) any {
	return map[string]any{"batch": nil, "done": "", "pages": []any{}, "failures": list}
}

type moveVerb struct {
	thePages
	After  string `placeholder:"ID" xor:"to" help:"Behind this page."`
	Before string `placeholder:"ID" xor:"to" help:"In front of this page."`
	First  bool   `xor:"to" help:"To the start of the batch."`
}

func (moveVerb) Help() string {
	return "Example:  recto page move --archive ~/archive --after 0198c5... 0198c7..."
}

func (v moveVerb) Run(s *session) error {
	if v.After == "" && v.Before == "" && !v.First {
		return usage("page move wants --after ID, --before ID or --first")
	}
	return v.arrange(s, "moved", func(ctx context.Context, w *workbench.Workbench, ids []scan.PageID) error {
		after := scan.PageID(v.After)
		if v.Before != "" {
			var err error
			if after, err = w.PageBefore(ctx, scan.PageID(v.Before), ids); err != nil {
				return err
			}
		}
		return w.MovePages(ctx, ids, after)
	})
}

type rotateVerb struct {
	thePages
	Degrees turn `default:"90" help:"Clockwise: 90, 180, 270 or -90."`
}

func (rotateVerb) Help() string {
	return "Example:  recto page rotate --archive ~/archive --degrees 180 0198c5...\n          recto page rotate --archive ~/archive --degrees 180 --batch 'HStA 12/7' --even"
}

func (v rotateVerb) Run(s *session) error {
	return v.prepared(s, "rotated", func(ctx context.Context, w *workbench.Workbench, ids []scan.PageID) error {
		return w.RotatePages(ctx, ids, int(v.Degrees))
	})
}

type binVerb struct{ thePages }

func (binVerb) Help() string { return "Example:  recto page bin --archive ~/archive 0198c5..." }

func (v binVerb) Run(s *session) error {
	return v.arrange(s, "binned", func(ctx context.Context, w *workbench.Workbench, ids []scan.PageID) error {
		return w.BinPages(ctx, ids)
	})
}

type restoreVerb struct{ thePages }

func (restoreVerb) Help() string {
	return "Example:  recto page restore --archive ~/archive 0198c5...\n\nWith --batch NAME all that is in the bin of the batch comes back."
}

func (v restoreVerb) Run(s *session) error {
	if v.Odd || v.Even || v.From > 0 || v.To > 0 {
		return usage("pages in the bin have no numbers: name them, or --batch NAME for all of its bin")
	}
	v.bin = true
	return v.arrange(s, "restored", func(ctx context.Context, w *workbench.Workbench, ids []scan.PageID) error {
		return w.RestorePages(ctx, ids)
	})
}

// theBatch is a batch by its name or by any of its pages.
type theBatch struct {
	asArranged
	Batch string   `placeholder:"NAME" help:"The batch; or name one of its pages."`
	Page  []string `arg:"" optional:"" name:"page" help:"A page of the batch."`
}

func (t theBatch) back(s *session, word string, do func(context.Context, *workbench.Workbench, scan.BatchID) (string, error)) error {
	if t.Batch == "" && len(t.Page) == 0 {
		return usage("page %s wants a page or --batch NAME", word)
	}
	w, err := t.open(s, workbench.Options{})
	if err != nil {
		return err
	}
	defer w.Close()
	var batch scan.BatchID
	if t.Batch != "" {
		b, err := w.Batch(s.ctx, t.Batch)
		if err != nil {
			return err
		}
		batch = b.ID
	} else {
		p, err := w.Page(s.ctx, scan.PageID(t.Page[0]))
		if err != nil {
			return err
		}
		batch = p.Batch
	}
	what, err := do(s.ctx, w, batch)
	if err != nil {
		return err
	}
	return s.order(w, batch, word+": "+what)
}

type undoVerb struct{ theBatch }

func (undoVerb) Help() string { return "Example:  recto page undo --archive ~/archive --batch Letters" }

func (v undoVerb) Run(s *session) error {
	return v.back(s, "undo", func(ctx context.Context, w *workbench.Workbench, b scan.BatchID) (string, error) {
		return w.Undo(ctx, b)
	})
}

type redoVerb struct{ theBatch }

func (redoVerb) Help() string { return "Example:  recto page redo --archive ~/archive --batch Letters" }

func (v redoVerb) Run(s *session) error {
	return v.back(s, "redo", func(ctx context.Context, w *workbench.Workbench, b scan.BatchID) (string, error) {
		return w.Redo(ctx, b)
	})
}
