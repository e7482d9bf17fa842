package workbench

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"recto/app/job"
	"recto/archive"
	"recto/archive/catalogue"
	"recto/archive/pdfa"
	"recto/ocr"
	"recto/scan"
)

// DocumentRequest says what a document is made of.
type DocumentRequest struct {
	Batch scan.BatchID
	Title string
	Pages []scan.PageID // empty: all of the batch that are not in the bin, in order
	Key   string        // what makes the same request find it again; empty: batch and title
	Unit  archive.Unit  // what is known of the unit that it is; zero: the batch's own shelfmark and container
}

// MakeDocument makes a document of a batch's pages, or brings the one with the
// same title up to date, and writes its PDF/A. Where nothing has changed nothing
// is written.
func (w *Workbench) MakeDocument(ctx context.Context, r DocumentRequest, p *job.Progress) (DocumentInfo, error) {
	b, err := w.cat.Batch(ctx, r.Batch)
	if err != nil {
		return DocumentInfo{}, w.missing(err, "batch", string(r.Batch))
	}
	all, err := w.Pages(ctx, r.Batch, false)
	if err != nil {
		return DocumentInfo{}, err
	}
	var pages []PageInfo
	if len(r.Pages) == 0 {
		pages = all
	} else {
		for _, id := range r.Pages {
			i := slices.IndexFunc(all, func(p PageInfo) bool { return p.ID == id })
			if i < 0 {
				if _, err := w.Page(ctx, id); err != nil {
					return DocumentInfo{}, err
				}
				return DocumentInfo{}, About(string(id), fmt.Errorf("%w: page %s is in the bin or in another batch than %q", ErrUsage, id, b.Name))
			}
			pages = append(pages, all[i])
		}
	}
	if len(pages) == 0 {
		return DocumentInfo{}, About(b.Name, fmt.Errorf("batch %q: %w to make a document of", b.Name, ErrNoPages))
	}
	if r.Title == "" {
		r.Title = b.Name
	}
	if r.Key == "" {
		r.Key = titleKey(r.Batch, r.Title)
	}
	d := archive.Document{ID: archive.DocumentID(scan.NewID()), Batch: r.Batch, Key: r.Key, Title: r.Title, Created: time.Now().UTC()}
	d.Reference, d.Container, d.Metadata = cmp.Or(r.Unit.Reference, b.Shelfmark), cmp.Or(r.Unit.Container, b.Container), r.Unit.Metadata
	for _, page := range pages {
		d.Leaves = append(d.Leaves, archive.Leaf{Page: page.ID, Label: page.Label})
	}
	d.Language = language(pages)
	old, err := w.cat.DocumentByKey(ctx, r.Key)
	if err != nil && !errors.Is(err, catalogue.ErrNotFound) {
		return DocumentInfo{}, err
	}
	changed := err != nil
	if err == nil {
		d.ID, d.Created = old.Document.ID, old.Document.Created
		changed = d.Title != old.Title || d.Language != old.Language || !slices.Equal(d.Leaves, old.Leaves) ||
			d.Reference != old.Reference || d.Container != old.Container || !maps.Equal(d.Metadata, old.Metadata)
	}
	if changed {
		if err := w.record(ctx, "", event(archive.DocumentMade, d)); err != nil {
			return DocumentInfo{}, err
		}
	}
	return w.writeDocument(ctx, d, pages, p)
}

// language is what most pages were read in.
func language(pages []PageInfo) string {
	count := map[string]int{}
	best := ""
	for _, p := range pages {
		l := strings.Join(p.Languages, "+")
		if l == "" {
			continue
		}
		count[l]++
		if count[l] > count[best] || best == "" {
			best = l
		}
	}
	return best
}

// shortcomings says why a document of these pages would not be complete.
func (w *Workbench) shortcomings(ctx context.Context, d archive.Document, pages []PageInfo) ([]string, error) {
	var reasons []string
	arguments := map[scan.Path]bool{}
	for i, p := range pages {
		arguments[p.Origin.Argument] = true
		switch {
		case p.Binned:
			reasons = append(reasons, fmt.Sprintf("page %d (%s) is in the bin: make the document again without it, or take it out", i+1, p.Origin.Path.Line()))
		case p.State == scan.Failed && p.Problem != nil:
			reasons = append(reasons, fmt.Sprintf("page %d (%s): %s", i+1, p.Origin.Path.Line(), p.Problem.Message))
		case p.State == scan.New:
			reasons = append(reasons, fmt.Sprintf("page %d (%s) has not been read yet", i+1, p.Origin.Path.Line()))
		}
	}
	rejects, err := w.cat.Rejects(ctx, d.Batch)
	if err != nil {
		return nil, err
	}
	concerns := func(o scan.Origin) bool { return arguments[o.Argument] || !byArgument(d.Key) }
	all, err := w.cat.Pages(ctx, d.Batch, catalogue.All)
	if err != nil {
		return nil, err
	}
	t := tally{}
	for _, p := range all {
		if concerns(p.Origin) {
			t.add(p.Origin)
		}
	}
	for _, r := range rejects {
		t.add(r.Origin)
		if concerns(r.Origin) && r.Dismissed == "" {
			reasons = append(reasons, fmt.Sprintf("%s could not be taken in: %s", r.Origin.Path.Line(), r.Problem.Message))
		}
	}
	reasons = append(reasons, t.missing()...)
	count, err := w.miscount(ctx, d, pages, all)
	return append(reasons, count...), err
}

// miscount says where there are not the sheets that were expected: in the batch that
// the document is all of, or in its unit. Who signed the batch off knows better.
func (w *Workbench) miscount(ctx context.Context, d archive.Document, pages []PageInfo, all []catalogue.Page) ([]string, error) {
	b, err := w.batchInfo(ctx, d.Batch)
	if err != nil {
		return nil, err
	}
	const remedy = "scan what is missing, or sign the batch off with a reason"
	if code, ok := strings.CutPrefix(d.Key, unitKey(d.Batch, "")); ok {
		units, err := w.cat.Units(ctx)
		if err != nil {
			return nil, err
		}
		i := slices.IndexFunc(units, func(u archive.Unit) bool { return u.Code == code })
		if i < 0 || units[i].Expected == 0 {
			return nil, nil
		}
		if sheets := b.sheets(len(pages)); sheets != units[i].Expected && !b.waives(code, len(pages)) {
			return []string{fmt.Sprintf("the unit has %d of %s: %s", sheets, Plural(units[i].Expected, "expected sheet"), remedy)}, nil
		}
		return nil, nil
	}
	live := 0
	for _, p := range all {
		if !p.Binned {
			live++
		}
	}
	if state := b.State(); b.Expected > 0 && live == len(pages) && (state == Short || state == Over) {
		return []string{fmt.Sprintf("batch %q has %s: %s", b.Name, b.Short(), remedy)}, nil
	}
	return nil, nil
}

// waives tells whether somebody has signed for a unit that has so many sides.
func (b BatchInfo) waives(unit string, sides int) bool {
	if !b.SignatureHolds() {
		return false
	}
	if b.Signed.Units == nil { // a signature of an older Recto
		return b.State() == SignedOff
	}
	return b.Signed.Units[unit] == sides
}

// MakeUnits makes a document of each unit that begins in a batch, and one of the
// pages in front of the first; a batch without units gives one document. What has the
// same code or reference is one unit, wherever it goes on: its pages stand in one
// document in their order, and the notes say so. One that cannot be made does not keep
// the others from being made.
func (w *Workbench) MakeUnits(ctx context.Context, batch scan.BatchID, p *job.Progress) (all []DocumentInfo, notes []string, err error) {
	b, err := w.batchInfo(ctx, batch)
	if err != nil {
		return nil, nil, err
	}
	pages, err := w.Pages(ctx, batch, false)
	if err != nil {
		return nil, nil, err
	}
	planned, err := w.cat.Units(ctx)
	if err != nil {
		return nil, nil, err
	}
	if len(pages) == 0 {
		return nil, nil, About(b.Name, fmt.Errorf("batch %q: %w to make a document of", b.Name, ErrNoPages))
	}
	units, notes := unitsOf(b, pages, planned)
	var errs []error
	for _, r := range units {
		d, err := w.MakeDocument(ctx, r, p)
		if ctx.Err() != nil {
			return all, notes, ctx.Err()
		}
		if err != nil {
			errs = append(errs, About(r.Title, err))
			continue
		}
		all = append(all, d)
	}
	return all, notes, errors.Join(errs...)
}

// unitsOf gives what the documents of a batch are to be made of, and where a unit goes
// on behind another one.
func unitsOf(b BatchInfo, pages []PageInfo, planned []archive.Unit) (units []DocumentRequest, notes []string) {
	known := map[string]int{}
	at, number := -1, 0
	for i, page := range pages {
		if s := page.Start; s != nil || i == 0 {
			r := DocumentRequest{Batch: b.ID, Title: cmp.Or(b.Title, b.Name)}
			if s != nil {
				number++
				r.Unit = archive.Unit{Code: s.Code, Reference: s.Reference, Title: s.Title}
				if i := slices.IndexFunc(planned, func(u archive.Unit) bool { return s.Code != "" && u.Code == s.Code }); i >= 0 {
					r.Unit = planned[i]
				}
				nth := fmt.Sprintf("%s, %d", r.Title, number)
				r.Title = cmp.Or(s.Title, r.Unit.Title, s.Reference, r.Unit.Reference, s.Code, nth)
				r.Key = unitKey(b.ID, cmp.Or(r.Unit.Code, r.Unit.Reference, nth))
			}
			before, again := known[r.Key]
			if at = before; again {
				notes = append(notes, fmt.Sprintf("The unit %q begins again at page %d: its pages were put into one document.", units[at].Title, page.Number))
			} else {
				at = len(units)
				known[r.Key] = at
				units = append(units, r)
			}
		}
		units[at].Pages = append(units[at].Pages, page.ID)
	}
	return units, notes
}

// tally counts the pages that came of files which hold several: one that was cut
// off and then lost its file shows nowhere else.
type tally map[file]*pagesOf

type file struct {
	path scan.Path // absolute
	nth  int
}

type pagesOf struct {
	name  scan.Path
	count int
	seen  map[int]bool
}

func (t tally) add(o scan.Origin) {
	if o.Count < 2 && t[file{o.Absolute, o.Nth}] == nil {
		return
	}
	f := t[file{o.Absolute, o.Nth}]
	if f == nil {
		f = &pagesOf{name: o.Path, seen: map[int]bool{}}
		t[file{o.Absolute, o.Nth}] = f
	}
	f.count = max(f.count, o.Count)
	f.seen[o.Index] = true
}

func (t tally) missing() []string {
	var out []string
	for _, f := range t {
		if len(f.seen) < f.count {
			out = append(out, fmt.Sprintf("%s holds %s, of which %d came in: import it again", f.name.Line(), Plural(f.count, "page"), len(f.seen)))
		}
	}
	slices.Sort(out)
	return out
}

// The keys of documents: by their title in the batch, or of one argument.
func titleKey(b scan.BatchID, title string) string { return "title:" + string(b) + ":" + title }
func unitKey(b scan.BatchID, unit string) string   { return "unit:" + string(b) + ":" + unit }
func argumentKey(b scan.BatchID, nth int, arg scan.Path) string {
	return fmt.Sprintf("argument:%s:%d:%s", b, nth, digest([]byte(arg.Absolute())))
}
func byArgument(key string) bool { return strings.HasPrefix(key, "argument:") }

// leafInput is all of a leaf that shows in the PDF.
type leafInput struct {
	Page    scan.PageID   `json:"page"`
	Label   string        `json:"label"`
	Master  string        `json:"master"`
	State   scan.State    `json:"state"`
	Recipe  scan.Recipe   `json:"recipe"`
	DPI     float64       `json:"dpi"`
	Text    string        `json:"text"`
	Problem *scan.Problem `json:"problem"`
}

// writeDocument writes the PDF/A unless it is there already from the same input.
func (w *Workbench) writeDocument(ctx context.Context, d archive.Document, pages []PageInfo, p *job.Progress) (DocumentInfo, error) {
	reasons, err := w.shortcomings(ctx, d, pages)
	if err != nil {
		return DocumentInfo{}, err
	}
	state := archive.Complete
	if len(reasons) > 0 {
		state = archive.Incomplete
	}
	modified := d.Created
	input := struct {
		Version, Title, Language, Reference string
		Reasons                             []string
		Leaves                              []leafInput
	}{Version, d.Title, d.Language, d.Reference, reasons, nil}
	for i, page := range pages {
		if page.Captured.After(modified) {
			modified = page.Captured
		}
		input.Leaves = append(input.Leaves, leafInput{page.ID, d.Leaves[i].Label, page.Fixity.SHA256, page.State, page.Recipe, page.dpi(), page.Text, page.Problem})
	}
	enc, err := json.Marshal(input)
	if err != nil {
		return DocumentInfo{}, err
	}
	sum := digest(enc)
	before, err := w.Document(ctx, d.ID)
	if err != nil {
		return DocumentInfo{}, err
	}
	file := path.Join(documentsDir, string(d.ID)+".pdf")
	if before.Input == sum && before.PDF == file && w.intact(file, before.Fixity) {
		return before, nil
	}
	meta := pdfa.Meta{
		Title: d.Title, Language: bcp47(d.Language), Identifier: string(d.ID), Producer: "Recto " + Version,
		Created: d.Created, Modified: modified, State: state, Reasons: reasons, Source: d.Reference,
	}
	made, err := w.writePDF(ctx, w.path(filepath.FromSlash(file)), &meta, d, pages, p)
	if err != nil {
		return DocumentInfo{}, fmt.Errorf("PDF of %q: %w", d.Title, diskError(err))
	}
	if len(meta.Reasons) > len(reasons) {
		sum = "" // what could not be placed now may be put right: it is tried again
	}
	state, reasons = meta.State, meta.Reasons
	if err := w.record(context.WithoutCancel(ctx), "", event(archive.DocumentWritten, archive.Written{
		Document: d.ID, State: state, File: file, Fixity: made.Fixity, Input: sum, Pages: made.Pages, Reasons: reasons,
	})); err != nil {
		return DocumentInfo{}, err
	}
	return w.Document(ctx, d.ID)
}

// writePDF writes the file and reads it back. A page that turns out not to be fit
// for a PDF gets a placeholder, and the document is incomplete.
func (w *Workbench) writePDF(ctx context.Context, file string, meta *pdfa.Meta, d archive.Document, pages []PageInfo, p *job.Progress) (pdfa.Result, error) {
	unfit := map[int]error{}
	for {
		p.Stage("Writing PDF/A", len(pages))
		made, err := pdfa.Write(ctx, file, *meta, w.leaves(ctx, d, pages, unfit, p), w.path(tmpDir))
		var leaf *pdfa.LeafError
		if errors.As(err, &leaf) && unfit[leaf.Index] == nil && leaf.Index < len(pages) && ctx.Err() == nil {
			unfit[leaf.Index] = leaf.Err
			meta.State = archive.Incomplete
			meta.Reasons = append(meta.Reasons, fmt.Sprintf("page %d (%s): %v", leaf.Index+1, pages[leaf.Index].Origin.Path.Line(), leaf.Err))
			continue
		}
		if err != nil {
			return made, err
		}
		seen, err := pdfa.Check(ctx, file)
		if err != nil {
			return made, fmt.Errorf("reading it back: %w", err)
		}
		if seen.Pages != made.Pages || !slices.Equal(seen.Images, made.Images) {
			return made, fmt.Errorf("reading it back: %w: what was written is not what went in", scan.ErrChanged)
		}
		return made, nil
	}
}

// intact tells whether a file below the root has these bytes.
func (w *Workbench) intact(file string, f scan.Fixity) bool {
	return checkFile(w.path(filepath.FromSlash(file)), f) == nil
}

// bcp47 is the PDF's language: the first of those that were read.
func bcp47(languages string) string {
	first, _, _ := strings.Cut(languages, "+")
	if first == "" {
		return ""
	}
	return ocr.BCP47(first)
}

// dpi is the resolution that the page was worked with.
func (p PageInfo) dpi() float64 {
	if p.Measures != nil && p.Measures.DPI > 0 {
		return p.Measures.DPI
	}
	if p.DPI > 0 {
		return p.DPI
	}
	return 300
}

// leaves gives the pages to the PDF writer one at a time.
func (w *Workbench) leaves(ctx context.Context, d archive.Document, pages []PageInfo, unfit map[int]error, p *job.Progress) iter.Seq2[pdfa.Leaf, error] {
	return func(yield func(pdfa.Leaf, error) bool) {
		for i, page := range pages {
			leaf, err := pdfa.Leaf{Label: d.Leaves[i].Label, DPI: page.dpi()}, error(nil)
			if why := unfit[i]; why != nil {
				leaf.Problem = fmt.Sprintf("Page %d could not be placed: %v.", i+1, why)
			} else {
				err = w.fill(ctx, &leaf, i, page)
			}
			if !yield(leaf, err) {
				return
			}
			p.Step()
		}
	}
}

// fill puts image and text onto a leaf. What is wrong with this page alone comes as
// a *pdfa.LeafError.
func (w *Workbench) fill(ctx context.Context, leaf *pdfa.Leaf, i int, page PageInfo) error {
	if page.State == scan.Failed {
		leaf.Problem = fmt.Sprintf("Page %d could not be decoded: %s. The master is kept unchanged (%s).", i+1, page.Problem.Message, page.Origin.Path.Line())
		return nil
	}
	if err := page.known(); err != nil {
		return err
	}
	r, file, err := w.rendition(ctx, page.Page)
	if err != nil {
		if ownFault(err) {
			return &pdfa.LeafError{Index: i, Err: err}
		}
		return fmt.Errorf("page %d: %w", i+1, err)
	}
	leaf.Rendition = r
	leaf.Open = func() (io.ReaderAt, io.Closer, error) {
		f, err := os.Open(file)
		return f, f, w.masterFault(page.Page, err)
	}
	leaf.Frame, leaf.Map = r.Frame(page.Orientation, page.Recipe)
	leaf.Language = bcp47(strings.Join(page.Languages, "+"))
	if page.Text != "" {
		if leaf.Text, err = w.textTree(page.Text); err != nil {
			return err
		}
		leaf.Text = leaf.Text.WithoutNoise()
	}
	return nil
}

// documentPages gives the pages of a document in order, binned ones too.
func (w *Workbench) documentPages(ctx context.Context, d archive.Document) ([]PageInfo, error) {
	pages := make([]PageInfo, 0, len(d.Leaves))
	for _, l := range d.Leaves {
		p, err := w.Page(ctx, l.Page)
		if err != nil {
			return nil, err
		}
		pages = append(pages, p)
	}
	return pages, nil
}
