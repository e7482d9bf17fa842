package command

import (
	"context"
	"fmt"

	"recto/app/workbench"
	"recto/archive"
	"recto/scan"
)

// batchVerb is what the window's Capture does besides scanning.
type batchVerb struct {
	Create     batchCreateVerb     `cmd:"" help:"Make an empty batch with its shelfmark and the sheets that are expected."`
	Describe   batchDescribeVerb   `cmd:"" help:"Change what a batch says of itself."`
	Sign       batchSignVerb       `cmd:"" help:"Say why a batch is right although its count is not what was expected."`
	Inspect    batchInspectVerb    `cmd:"" help:"Have a quick look at pages that had none: blank, doubled, double feed, codes."`
	Review     batchReviewVerb     `cmd:"" help:"List the pages that somebody should look at."`
	Separate   batchSeparateVerb   `cmd:"" help:"Divide the batch into units by its separators, as its profile says."`
	Interleave batchInterleaveVerb `cmd:"" help:"Put the backs at the end, scanned last sheet first, between the fronts before them."`
}

// aBatch is in the verbs that are about one batch.
type aBatch struct {
	inArchive
	Batch string `required:"" placeholder:"NAME" help:"Name or ID of the batch."`
}

func (aBatch) nothing(_ *session, failures []failure) any {
	return map[string]any{"batch": nil, "pages": []any{}, "failures": failures}
}

// with opens the archive and finds the batch.
func (v aBatch) with(s *session, do func(*workbench.Workbench, workbench.BatchInfo) error) error {
	w, err := v.open(s, workbench.Options{})
	if err != nil {
		return err
	}
	defer w.Close()
	b, err := w.Batch(s.ctx, v.Batch)
	if err != nil {
		return err
	}
	return do(w, b)
}

// tellBatch tells how a batch stands, with some of its pages.
func (s *session) tellBatch(w *workbench.Workbench, id scan.BatchID, pages []workbench.PageInfo) error {
	b, err := w.Batch(s.ctx, string(id))
	if err != nil {
		return err
	}
	s.say("%s  %s: %s, %s", b.ID, quoted(b.Name), b.Short(), b.State())
	if s.json {
		s.print(map[string]any{"batch": viewBatch(b), "pages": viewPages(pages), "failures": []failure{}})
	}
	return nil
}

// identity is what a batch says of itself. What is not given stays as it is.
type identity struct {
	Shelfmark *string `placeholder:"S" help:"Reference code of what is scanned."`
	Title     *string `placeholder:"T" help:"Title, for people and for documents."`
	Container *string `placeholder:"C" help:"Box, folder or volume that the paper lies in."`
	Expected  *sheets `placeholder:"N" help:"Sheets of paper that should come of it; 0 where nobody has counted."`
	Sides     *sides  `placeholder:"N" help:"Images that a sheet gives: 1, or 2 where both sides are scanned."`
	Series    *string `placeholder:"L" help:"Label of the first page; those after it follow: 1r, 1, i. Empty for none."`
	Profile   *string `placeholder:"NAME" help:"Capture profile of the batch."`
	Lang      string  `placeholder:"eng+deu" help:"Languages of the text, as Tesseract names them."`
}

func (i identity) request() (workbench.BatchRequest, error) {
	r := workbench.BatchRequest{Shelfmark: i.Shelfmark, Title: i.Title, Container: i.Container, Series: i.Series, Profile: i.Profile,
		Expected: (*int)(i.Expected), Sides: (*int)(i.Sides)}
	var err error
	r.Languages, err = languages(i.Lang)
	return r, err
}

type batchCreateVerb struct {
	inArchive
	identity
	Name *string `placeholder:"NAME" help:"Name, unique in the archive; without it the shelfmark."`
}

func (batchCreateVerb) Help() string {
	return "Example:  recto batch create --archive ~/archive --shelfmark 'HStA 12/7' --expected 120 --sides 2 --series 1r --profile Letters"
}

func (batchCreateVerb) nothing(_ *session, failures []failure) any {
	return aBatch{}.nothing(nil, failures)
}

func (v batchCreateVerb) Run(s *session) error {
	r, err := v.request()
	if err != nil {
		return err
	}
	r.Name = v.Name
	w, err := v.open(s, workbench.Options{})
	if err != nil {
		return err
	}
	defer w.Close()
	b, err := w.CreateBatch(s.ctx, r)
	if err != nil {
		return err
	}
	return s.tellBatch(w, b.ID, nil)
}

type batchDescribeVerb struct {
	aBatch
	identity
	Name *string `placeholder:"NAME" help:"New name, unique in the archive."`
}

func (batchDescribeVerb) Help() string {
	return "Example:  recto batch describe --archive ~/archive --batch 'HStA 12/7' --expected 118"
}

func (v batchDescribeVerb) Run(s *session) error {
	r, err := v.request()
	if err != nil {
		return err
	}
	r.Name = v.Name
	return v.with(s, func(w *workbench.Workbench, b workbench.BatchInfo) error {
		if _, err := w.DescribeBatch(s.ctx, b.ID, r); err != nil {
			return err
		}
		return s.tellBatch(w, b.ID, nil)
	})
}

type batchSignVerb struct {
	aBatch
	Reason string `xor:"sign" placeholder:"WHY" help:"Why the count is right as it is; kept with the batch until the count changes."`
	Undo   bool   `xor:"sign" help:"Take the signature back."`
}

func (batchSignVerb) Help() string {
	return "Example:  recto batch sign --archive ~/archive --batch 'HStA 12/7' --reason 'sheet 14 is missing in the box, see the file note of 1987'"
}

func (v batchSignVerb) Run(s *session) error {
	if v.Reason == "" && !v.Undo {
		return usage("batch sign wants --reason WHY, or --undo")
	}
	return v.with(s, func(w *workbench.Workbench, b workbench.BatchInfo) error {
		if err := w.SignBatch(s.ctx, b.ID, v.Reason); err != nil {
			return err
		}
		return s.tellBatch(w, b.ID, nil)
	})
}

type batchInspectVerb struct{ aBatch }

func (batchInspectVerb) Help() string {
	return "Example:  recto batch inspect --archive ~/archive --batch 'HStA 12/7'"
}

func (v batchInspectVerb) Run(s *session) error {
	return v.with(s, func(w *workbench.Workbench, b workbench.BatchInfo) error {
		p, stop := s.watch()
		pages, err := w.Inspect(s.ctx, b.ID, p)
		stop()
		if err != nil {
			return err
		}
		s.concerns(pages)
		return s.tellBatch(w, b.ID, pages)
	})
}

func (s *session) concerns(pages []workbench.PageInfo) {
	for _, p := range pages {
		for _, c := range p.Concerns {
			s.say("%s %4d  %-12s  %s", p.ID, p.Number, c.Kind, c.Words)
		}
	}
}

type batchReviewVerb struct{ aBatch }

func (batchReviewVerb) Help() string {
	return "Example:  recto batch review --archive ~/archive --batch 'HStA 12/7'\n\n" +
		"Settle what is listed with recto page accept, or mend it: scan --replace, page bin, page split.\n" +
		"A page that seems to be in another language than it was read in is listed, too: recto page set --lang, then recto process."
}

func (v batchReviewVerb) Run(s *session) error {
	w, err := v.look(s)
	if err != nil {
		return err
	}
	defer w.Close()
	b, err := w.Batch(s.ctx, v.Batch)
	if err != nil {
		return err
	}
	pages, err := w.Review(s.ctx, b.ID)
	if err != nil {
		return err
	}
	hints, err := w.Suggestions(s.ctx, b.ID)
	if err != nil {
		return err
	}
	if s.json {
		s.print(map[string]any{"batch": viewBatch(b), "pages": viewPages(pages), "suggestions": hints, "failures": []failure{}})
		return nil
	}
	s.concerns(pages)
	for _, h := range hints {
		s.say("%s %4d  %-12s  %s", h.Page, h.Number, "language", h)
	}
	return s.tellBatch(w, b.ID, pages)
}

type batchSeparateVerb struct{ aBatch }

func (batchSeparateVerb) nothing(_ *session, failures []failure) any { return noCapture(failures) }

func (batchSeparateVerb) Help() string {
	return "Example:  recto batch separate --archive ~/archive --batch 'HStA 12/7'\n\n" +
		"Every unit gives a document with recto document --units. One undo (recto page undo) takes it all back."
}

func (v batchSeparateVerb) Run(s *session) error {
	return v.with(s, func(w *workbench.Workbench, b workbench.BatchInfo) error {
		got, err := w.Separate(s.ctx, b.ID)
		if err != nil {
			return err
		}
		s.say("%s.", began(got.Divided))
		for _, n := range got.Notes {
			s.note("%s", n)
		}
		s.concerns(got.Concerns)
		s.say("%s  %s: %s, %s", got.Batch.ID, quoted(got.Batch.Name), got.Batch.Short(), got.Batch.State())
		if s.json {
			concerns := viewPages(got.Concerns)
			s.print(map[string]any{"batch": viewBatch(got.Batch), "pages": concerns, "failures": []failure{},
				"concerns": concerns, "notes": list(got.Notes), "divided": got.Divided})
		}
		return nil
	})
}

type batchInterleaveVerb struct{ aBatch }

func (batchInterleaveVerb) Help() string {
	return "Example:  recto batch interleave --archive ~/archive --batch 'HStA 12/7'"
}

func (v batchInterleaveVerb) Run(s *session) error {
	return v.with(s, func(w *workbench.Workbench, b workbench.BatchInfo) error {
		said, err := w.Interleave(s.ctx, b.ID)
		if err != nil {
			d, derr := w.Duplex(s.ctx, b.ID)
			if derr == nil {
				err = fmt.Errorf("%w (%s, %s)", err, workbench.Plural(d.Fronts, "front"), workbench.Plural(d.Backs, "back"))
			}
			return err
		}
		return s.order(w, b.ID, said)
	})
}

// More page verbs.

type labelVerb struct {
	thePages
	First string `xor:"label" placeholder:"L" help:"Label of the first page; the others follow: 1r 1v 2r, iv v, 12bis 13."`
	None  bool   `xor:"label" help:"Take the labels away."`
}

func (labelVerb) Help() string {
	return "Example:  recto page label --archive ~/archive --first 1r --batch 'HStA 12/7'\n          recto page label --archive ~/archive --first 12bis 0198c5..."
}

func (v labelVerb) Run(s *session) error {
	if v.First == "" && !v.None {
		return usage("page label wants --first L, or --none")
	}
	return v.arrange(s, "labelled", func(ctx context.Context, w *workbench.Workbench, ids []scan.PageID) error {
		return w.LabelPages(ctx, ids, v.First)
	})
}

type replaceVerb struct {
	asArranged
	Old string `arg:"" help:"The page to be replaced; it goes to the bin."`
	New string `arg:"" help:"The page that takes its place and label."`
}

func (replaceVerb) Help() string {
	return "Example:  recto page replace --archive ~/archive 0198c5... 0198c7...\n\nTo scan a page anew: recto scan --replace PAGE."
}

func (v replaceVerb) Run(s *session) error {
	t := thePages{asArranged: v.asArranged, Page: []string{v.New}}
	return t.arrange(s, "replaced", func(ctx context.Context, w *workbench.Workbench, ids []scan.PageID) error {
		return w.ReplacePage(ctx, scan.PageID(v.Old), scan.PageID(v.New))
	})
}

type reverseVerb struct{ thePages }

func (reverseVerb) Help() string {
	return "Example:  recto page reverse --archive ~/archive --batch 'HStA 12/7' --from 41 --to 60"
}

func (v reverseVerb) Run(s *session) error {
	return v.arrange(s, "reversed", func(ctx context.Context, w *workbench.Workbench, ids []scan.PageID) error {
		return w.ReversePages(ctx, ids)
	})
}

type splitVerb struct {
	asArranged
	Page      string `arg:"" help:"The page that the unit begins with."`
	Reference string `placeholder:"S" help:"Shelfmark of the unit."`
	Title     string `placeholder:"T" help:"Title of the unit."`
}

func (splitVerb) Help() string {
	return "Example:  recto page split --archive ~/archive --reference 'HStA 12/7/3' 0198c5..."
}

func (v splitVerb) Run(s *session) error {
	t := thePages{asArranged: v.asArranged, Page: []string{v.Page}}
	return t.arrange(s, "a unit begins there", func(ctx context.Context, w *workbench.Workbench, ids []scan.PageID) error {
		return w.SplitAt(ctx, ids[0], archive.Start{Cause: "manual", Reference: v.Reference, Title: v.Title})
	})
}

type mergeVerb struct {
	asArranged
	Page string `arg:"" help:"The page that the unit begins with."`
}

func (mergeVerb) Help() string { return "Example:  recto page merge --archive ~/archive 0198c5..." }

func (v mergeVerb) Run(s *session) error {
	t := thePages{asArranged: v.asArranged, Page: []string{v.Page}}
	return t.arrange(s, "the unit is part of the one before", func(ctx context.Context, w *workbench.Workbench, ids []scan.PageID) error {
		return w.MergeAt(ctx, ids[0])
	})
}

type acceptVerb struct {
	thePages
	Reason string `xor:"accept" placeholder:"WHY" help:"Why the page is good as it is."`
	Undo   bool   `xor:"accept" help:"Look at them again."`
}

func (acceptVerb) Help() string {
	return "Example:  recto page accept --archive ~/archive --reason 'a fly leaf, blank in the volume' 0198c5..."
}

func (v acceptVerb) Run(s *session) error {
	if v.Reason == "" && !v.Undo {
		return usage("page accept wants --reason WHY, or --undo")
	}
	return v.arrange(s, "accepted", func(ctx context.Context, w *workbench.Workbench, ids []scan.PageID) error {
		return w.AcceptPages(ctx, ids, v.Reason)
	})
}

type versionsVerb struct {
	asArranged
	Page string `arg:"" help:"The page."`
}

func (versionsVerb) Help() string {
	return "Example:  recto page versions --archive ~/archive 0198c5..."
}

func (v versionsVerb) Run(s *session) error {
	w, err := v.look(s)
	if err != nil {
		return err
	}
	defer w.Close()
	pages, err := w.Versions(s.ctx, scan.PageID(v.Page))
	if err != nil {
		return err
	}
	for _, p := range pages {
		s.pageLine(p)
	}
	if s.json {
		s.print(map[string]any{"batch": pages[0].Batch, "done": "", "pages": viewPages(pages), "failures": []failure{}})
	}
	return nil
}
