package workbench

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"recto/app/job"
	"recto/archive"
	"recto/scan"
)

// DigitiseRequest is the whole line in one go.
type DigitiseRequest struct {
	ImportRequest
	Languages []string
	Each      bool   // one document a path instead of one of all
	Out       string // folder that gets copies of PDF, text and ALTO; empty for none
	Retry     bool   // look again at pages that failed
	Processed func(PageInfo)
}

// Digitised is one document that came of it.
type Digitised struct {
	Path     scan.Path     // with Each: the argument
	Document *DocumentInfo // nil when there is none
	Pages    []PageInfo
	Files    []string
}

// DigitiseResult tells all that was made and all that failed.
type DigitiseResult struct {
	Batch     BatchInfo
	Documents []Digitised
	Failures  []Failure
	Ignored   []Ignored
}

// Failure is one thing that could not be done, where, and what to do about it.
type Failure struct {
	Path scan.Path
	Err  error
}

// Digitise imports, processes, makes documents and copies them out. After an
// interruption the same request goes on where it was; on a finished batch it
// changes nothing and reports the same.
func (w *Workbench) Digitise(ctx context.Context, r DigitiseRequest, p *job.Progress) (DigitiseResult, error) {
	var out DigitiseResult
	languages := r.Languages
	if len(languages) == 0 {
		languages = DefaultLanguages
	}
	if err := CheckLanguages(languages); err != nil { // before anything is touched
		return out, err
	}
	if r.Out != "" {
		for _, p := range r.Paths {
			if inside(string(p.Absolute()), string(scan.Path(r.Out).Absolute())) {
				return out, About(r.Out, fmt.Errorf("%w: the output folder %s lies inside the source %s and would be taken for pages", ErrUsage, scan.Path(r.Out).Line(), p.Line()))
			}
		}
	}
	b, err := w.batchFor(ctx, r.ImportRequest, languages)
	if err != nil {
		return out, err
	}
	got, err := w.importInto(ctx, b, r.ImportRequest, p)
	out.Batch, out.Ignored = got.Batch, got.Ignored
	for _, x := range got.Rejects {
		problem := x.Problem
		out.Failures = append(out.Failures, Failure{x.Origin.Path, &problem})
	}
	if err != nil {
		return out, err
	}
	read, err := w.Process(ctx, ProcessRequest{Batch: b.ID, Languages: r.Languages, Retry: r.Retry, Processed: r.Processed}, p)
	out.Failures = append(out.Failures, read.Lost...)
	if err != nil {
		return out, err
	}
	pages, err := w.Pages(ctx, b.ID, false)
	if err != nil {
		return out, err
	}
	for _, page := range pages {
		if page.State == scan.Failed {
			out.Failures = append(out.Failures, Failure{page.Origin.Path, page.Problem})
		}
	}
	whole := part{title: cmp.Or(r.Title, b.Title, b.Name), pages: pages}
	parts := []part{whole}
	if r.Each {
		parts = byPath(b.ID, r.ImportRequest, pages)
	}
	for _, part := range parts {
		d := Digitised{Path: part.path, Pages: part.pages}
		if len(part.pages) == 0 {
			out.Failures = append(out.Failures, nothingIn(part, r.Paths, got)...)
		}
		if len(part.pages) > 0 {
			ids := make([]scan.PageID, len(part.pages))
			for i, page := range part.pages {
				ids[i] = page.ID
			}
			made, err := w.MakeDocument(ctx, DocumentRequest{Batch: b.ID, Title: part.title, Pages: ids, Key: part.key}, p)
			if err == nil {
				d.Document = &made
				for _, reason := range made.Reasons {
					told := slices.ContainsFunc(out.Failures, func(f Failure) bool { return strings.Contains(reason, f.Err.Error()) })
					if !told { // of an earlier command, or found only now
						out.Failures = append(out.Failures, Failure{orTitle(part), fmt.Errorf("%w: %s", ErrIncomplete, reason)})
					}
				}
				d.Files, err = w.copyOut(ctx, made, part.name, r.Out, p)
			}
			if ctx.Err() != nil {
				return out, ctx.Err()
			}
			if err != nil { // this document's own trouble; the others go on
				out.Failures = append(out.Failures, Failure{orTitle(part), err})
			}
		}
		out.Documents = append(out.Documents, d)
	}
	out.Batch, err = w.batchInfo(ctx, b.ID)
	return out, err
}

// nothingIn names the arguments of a part without pages that nobody has complained
// of: empty folders, or pages that are all in the bin.
func nothingIn(p part, arguments []scan.Path, got ImportResult) []Failure {
	if p.path != "" {
		arguments = []scan.Path{p.path}
	}
	var out []Failure
	for _, arg := range arguments {
		told := slices.ContainsFunc(got.Rejects, func(r archive.Reject) bool { return r.Origin.Argument == arg.Absolute() }) ||
			slices.ContainsFunc(got.Ignored, func(i Ignored) bool { return i.Path == arg })
		if !told {
			out = append(out, Failure{arg, fmt.Errorf("%w to make a document of", ErrNoPages)})
		}
	}
	return out
}

// part is what becomes one document.
type part struct {
	path  scan.Path
	title string
	name  string // of its files, before it is made safe
	key   string
	pages []PageInfo
}

func orTitle(p part) scan.Path {
	if p.path != "" {
		return p.path
	}
	return scan.Path(p.title)
}

// byPath divides a batch's pages among the arguments they came through.
func byPath(b scan.BatchID, r ImportRequest, pages []PageInfo) []part {
	var parts []part
	seen := map[scan.Path]int{}
	for _, arg := range r.Paths {
		nth := seen[arg.Absolute()]
		seen[arg.Absolute()]++
		p := part{path: arg, title: baseName(arg), key: argumentKey(b, nth, arg)}
		if r.Title != "" && len(r.Paths) == 1 {
			p.title = r.Title
		} else if r.Title != "" {
			p.name, p.title = p.title, r.Title+": "+p.title
		}
		p.pages = pagesOfPath(pages, arg.Absolute(), nth)
		parts = append(parts, p)
	}
	return parts
}

// pagesOfPath gives the pages of a file, or of all files below a folder, that was
// given for the nth time, from 0. A path given twice has two copies of each page; so
// has a file that was given by itself and with its folder, and then each of the two
// takes the copy that came through it. A page that came only once, through another
// argument or an earlier command, belongs to all that hold its file.
func pagesOfPath(pages []PageInfo, arg scan.Path, nth int) []PageInfo {
	type place struct {
		file  scan.Path
		index int
	}
	at := func(p PageInfo) place { return place{p.Origin.Absolute, p.Origin.Index} }
	own, any := map[place][]int{}, map[place]int{}
	for _, p := range pages {
		if !below(string(arg), string(p.Origin.Absolute)) {
			continue
		}
		if first, known := any[at(p)]; !known || p.Origin.Nth < first {
			any[at(p)] = p.Origin.Nth
		}
		if p.Origin.Argument == arg && !slices.Contains(own[at(p)], p.Origin.Nth) {
			own[at(p)] = append(own[at(p)], p.Origin.Nth)
		}
	}
	for _, copies := range own {
		slices.Sort(copies)
	}
	var out []PageInfo
	for _, p := range pages {
		wanted, known := any[at(p)]
		if copies := own[at(p)]; len(copies) > 0 {
			wanted = copies[min(nth, len(copies)-1)]
		}
		if known && p.Origin.Nth == wanted {
			out = append(out, p)
		}
	}
	return out
}

// Complete tells whether all of a digitise was done.
func (r DigitiseResult) Complete() bool {
	return len(r.Failures) == 0 && !slices.ContainsFunc(r.Documents, func(d Digitised) bool {
		return d.Document == nil || d.Document.State != archive.Complete
	})
}

// copyOut is defined in output.go; a document without a folder lists its PDF.
func (w *Workbench) copyOut(ctx context.Context, d DocumentInfo, name, dir string, p *job.Progress) ([]string, error) {
	if dir == "" {
		return []string{w.path(d.PDF)}, nil
	}
	files, err := w.CopyOut(ctx, d, name, dir, p)
	if err != nil && !errors.Is(err, context.Canceled) {
		err = w.copyFault(ctx, d, dir, err)
	}
	return files, err
}
