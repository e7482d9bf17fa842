package workbench

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"recto/app/job"
	"recto/app/worker"
	"recto/archive"
	"recto/archive/catalogue"
	"recto/scan"
	"recto/scan/folder"
	"recto/scan/spool"
)

// ImportRequest says what to take in.
type ImportRequest struct {
	Batch string // name; empty: title and paths tell which batch it is
	Title string
	Paths []scan.Path // files and folders, in the order wanted
	DPI   float64     // for PDF pages that must be rendered; 0 means 300
	// Captured, if not nil, hears of each new page once it is durable and in the catalogue.
	Captured func(scan.Page)
}

// ImportResult tells what became of an import.
type ImportResult struct {
	Batch   BatchInfo
	Added   []scan.PageID // new in this run
	Changed []scan.PageID // of those, the ones whose file gave another page before; both are kept
	Known   int           // sheets that were there already
	Rejects []archive.Reject
	Ignored []Ignored
}

// Ignored is a file that nobody would take for a page.
type Ignored struct {
	Path   scan.Path
	Reason string
}

// PreviewItem is one sheet of an import that has not happened yet.
type PreviewItem struct {
	Path    scan.Path
	Pages   int // 0 for what will not be taken
	Ignored bool
	Reason  string // why not, or what is remarkable
	Err     error  // not nil for what would fail
}

// expander takes PDF pages out in a worker process.
type expander struct{ w *Workbench }

func (e expander) Expand(ctx context.Context, file string, dpi float64, to func(folder.Extracted) error) error {
	dir, err := os.MkdirTemp(e.w.path(tmpDir), "expand-*")
	if err != nil {
		return diskError(err)
	}
	defer os.RemoveAll(dir)
	if file, err = filepath.Abs(file); err != nil {
		return err
	}
	return e.w.read.Call(ctx, "expand", worker.Expand{File: scan.Path(file), Dir: scan.Path(dir), DPI: dpi}, nil, func(m json.RawMessage) error {
		var x folder.Extracted
		if err := json.Unmarshal(m, &x); err != nil {
			return err
		}
		return to(x)
	})
}

// Preview lists what an import of these paths would take, in order.
func (w *Workbench) Preview(ctx context.Context, paths []scan.Path) ([]PreviewItem, error) {
	p := &preview{}
	// Looking does not take pages out of PDFs: that they will be taken is enough.
	err := folder.New(folder.Config{Expand: placeholder{w}}).Scan(ctx, scan.Ticket{Paths: paths}, p)
	return p.items, err
}

type preview struct{ items []PreviewItem }

func (p *preview) Sheet(s scan.Sheet) error {
	if n := len(p.items); n > 0 && p.items[n-1].Path == s.Origin.Path && s.Origin.Index > 0 && p.items[n-1].Pages > 0 {
		p.items[n-1].Pages++
		return nil
	}
	p.items = append(p.items, PreviewItem{Path: s.Origin.Path, Pages: 1, Reason: s.Origin.Note})
	return nil
}

func (p *preview) Reject(r scan.Reject) error {
	p.items = append(p.items, PreviewItem{Path: r.Origin.Path, Reason: r.Err.Error(), Err: r.Err})
	return nil
}

func (p *preview) Ignore(path scan.Path, reason string) error {
	p.items = append(p.items, PreviewItem{Path: path, Ignored: true, Reason: reason})
	return nil
}

// placeholder stands for an expander where the PDF's pages need not be taken out.
// The file that it gives is the receiver's to delete, so it is an empty one.
type placeholder struct{ w *Workbench }

func (e placeholder) Expand(ctx context.Context, file string, dpi float64, to func(folder.Extracted) error) error {
	empty, err := e.w.newTemp("preview-*")
	if err != nil {
		return err
	}
	defer os.Remove(empty)
	return to(folder.Extracted{Count: 1, Format: scan.PDF, File: empty, Note: "PDF; its pages are counted when they are taken"})
}

// Import takes sheets into a batch. Each is durable before it counts. The same
// request again takes only what is missing, in its place; what could not be
// taken is remembered with the batch until it can.
func (w *Workbench) Import(ctx context.Context, r ImportRequest, p *job.Progress) (ImportResult, error) {
	b, err := w.batchFor(ctx, r, nil)
	if err != nil {
		return ImportResult{}, err
	}
	return w.importInto(ctx, b, r, p)
}

// batchFor finds the batch that a request means, or makes it.
func (w *Workbench) batchFor(ctx context.Context, r ImportRequest, languages []string) (archive.Batch, error) {
	if len(r.Paths) == 0 {
		return archive.Batch{}, fmt.Errorf("%w: no files or folders were given", ErrUsage)
	}
	for _, p := range r.Paths {
		if inside(string(p.Absolute()), w.dir) || inside(w.dir, string(p.Absolute())) {
			return archive.Batch{}, fmt.Errorf("%w: the archive and the source %s lie inside each other", ErrUsage, p.Line())
		}
	}
	key := ""
	if r.Batch == "" {
		k := []string{r.Title}
		for _, p := range r.Paths {
			k = append(k, string(p.Absolute()))
		}
		enc, err := json.Marshal(k)
		if err != nil {
			return archive.Batch{}, err
		}
		key = digest(enc)
		found, err := w.cat.BatchByKey(ctx, key)
		if err == nil {
			return found.Batch, nil
		} else if !errors.Is(err, catalogue.ErrNotFound) {
			return archive.Batch{}, err
		}
	} else {
		found, err := w.cat.BatchByName(ctx, r.Batch)
		if err == nil {
			return found.Batch, nil
		} else if !errors.Is(err, catalogue.ErrNotFound) {
			return archive.Batch{}, err
		}
	}
	name := r.Batch
	if name == "" {
		name = r.Title
		if name == "" {
			name = baseName(r.Paths[0])
		}
		var err error
		if name, err = w.freeBatchName(ctx, name); err != nil {
			return archive.Batch{}, err
		}
	}
	b := archive.Batch{ID: scan.BatchID(scan.NewID()), Name: name, Key: key, Title: r.Title, Sources: r.Paths, Languages: languages, Created: time.Now().UTC()}
	return b, w.record(ctx, "", event(archive.BatchCreated, b))
}

// freeBatchName makes a batch name unique: "Letters", "Letters-2" ...
func (w *Workbench) freeBatchName(ctx context.Context, name string) (string, error) {
	try := name
	for n := 2; ; n++ {
		_, err := w.cat.BatchByName(ctx, try)
		if errors.Is(err, catalogue.ErrNotFound) {
			return try, nil
		}
		if err != nil {
			return "", err
		}
		try = fmt.Sprintf("%s-%d", name, n)
	}
}

func (w *Workbench) importInto(ctx context.Context, b archive.Batch, r ImportRequest, p *job.Progress) (ImportResult, error) {
	p.Stage("Importing", 0)
	in := &intake{w: w, ctx: ctx, batch: b, request: r, progress: p}
	if last, err := w.cat.LastPage(ctx, b.ID); err == nil {
		in.last = last.Page.ID
	} else if !errors.Is(err, catalogue.ErrNotFound) {
		return ImportResult{}, err
	}
	var err error
	if in.before, err = w.cat.Rejects(ctx, b.ID); err != nil {
		return ImportResult{}, err
	}
	err = folder.New(folder.Config{Expand: expander{w}}).Scan(ctx, scan.Ticket{Paths: r.Paths, DPI: r.DPI}, in)
	if err == nil {
		err = in.finish()
	}
	info, ierr := w.batchInfo(context.WithoutCancel(ctx), b.ID)
	if err == nil {
		err = ierr
	}
	out := ImportResult{Batch: info, Added: in.added, Changed: in.changed, Known: in.known, Ignored: in.ignored}
	for _, x := range in.rejects {
		if x.Dismissed != "" {
			out.Ignored = append(out.Ignored, Ignored{x.Origin.Path, "set aside: " + x.Dismissed})
		} else {
			out.Rejects = append(out.Rejects, x)
		}
	}
	return out, err
}

// intake receives sheets for one batch.
type intake struct {
	w        *Workbench
	ctx      context.Context
	batch    archive.Batch
	request  ImportRequest
	progress *job.Progress
	before   []archive.Reject // what the batch lacked before this run
	last     scan.PageID      // the batch's last page
	previous scan.PageID      // where the sheet before this one ended up; empty for the first
	number   int
	added    []scan.PageID
	changed  []scan.PageID
	known    int
	rejects  []archive.Reject
	ignored  []Ignored
}

func (in *intake) Sheet(s scan.Sheet) error {
	in.number++
	in.progress.Grow(1)
	defer in.progress.Step()
	old, err := in.w.cat.FindOrigin(in.ctx, in.batch.ID, s.Origin)
	if err != nil {
		return err
	}
	for _, page := range old {
		if sameSource(page.Page, s) {
			in.known++
			in.previous = page.Page.ID
			return nil
		}
	}
	if len(old) > 0 {
		s.Origin.Note = strings.TrimPrefix(s.Origin.Note+"; the file has changed since page "+string(old[len(old)-1].Page.ID)+" was taken from it: both are kept", "; ")
	}
	page, err := in.w.spool.Append(in.ctx, in.batch.ID, spool.Info{
		Name: in.batch.Name, Title: in.batch.Title, Sequence: in.number, Operator: in.w.actor,
	}, s)
	if err != nil {
		err = in.w.vanished(err)
		// The archive's disk concerns all sheets; anything else is this one's trouble.
		if errors.Is(err, ErrVanished) || errors.Is(err, scan.ErrNoSpace) || errors.Is(err, scan.ErrReadOnly) || in.ctx.Err() != nil {
			return err
		}
		return in.Reject(scan.Reject{Origin: s.Origin, Err: err})
	}
	c := archive.Captured{Page: page}
	switch {
	case len(old) > 0:
		c.After = old[len(old)-1].Page.ID
	case in.previous != "":
		c.After = in.previous
	case in.last != "":
		if c.After, c.First, err = in.start(); err != nil {
			return err
		}
	}
	if c.After == in.last {
		c.After = ""
	}
	if err := in.w.record(context.WithoutCancel(in.ctx), "", event(archive.PageCaptured, c)); err != nil {
		return err
	}
	if c.After == "" && !c.First {
		in.last = page.ID
	}
	in.previous = page.ID
	in.added = append(in.added, page.ID)
	if len(old) > 0 {
		in.changed = append(in.changed, page.ID)
	}
	if in.request.Captured != nil {
		in.request.Captured(page)
	}
	return nil
}

// start is where the first sheet of this run goes: before the first one that the
// batch knows already, else to the end.
func (in *intake) start() (after scan.PageID, first bool, err error) {
	pages, err := in.w.cat.Pages(in.ctx, in.batch.ID, catalogue.All)
	if err != nil {
		return "", false, err
	}
	mayKnow := slices.ContainsFunc(pages, func(p catalogue.Page) bool {
		return slices.ContainsFunc(in.request.Paths, func(given scan.Path) bool {
			return below(string(given.Absolute()), string(p.Origin.Absolute))
		})
	})
	if !mayKnow {
		return in.last, false, nil
	}
	s := &scout{in: in}
	err = folder.New(folder.Config{Expand: placeholder{in.w}}).Scan(in.ctx, scan.Ticket{Paths: in.request.Paths}, s)
	if err != nil && !errors.Is(err, errFound) {
		return "", false, err
	}
	i := slices.IndexFunc(pages, func(p catalogue.Page) bool { return p.Page.ID == s.found })
	switch {
	case i < 0:
		return in.last, false, nil
	case i == 0:
		return "", true, nil
	}
	return pages[i-1].Page.ID, false, nil
}

// scout goes ahead to the first sheet that the batch knows.
type scout struct {
	in    *intake
	found scan.PageID
}

var errFound = errors.New("found")

func (s *scout) Sheet(sheet scan.Sheet) error {
	known, err := s.in.w.cat.FindOrigin(s.in.ctx, s.in.batch.ID, sheet.Origin)
	if err == nil && len(known) > 0 {
		s.found, err = known[0].Page.ID, errFound
	}
	return err
}

func (*scout) Reject(scan.Reject) error       { return nil }
func (*scout) Ignore(scan.Path, string) error { return nil }

// sameSource tells whether a page was made of these very bytes. Name, size and
// time are not believed: another file may have them all. Only where the bytes
// cannot be had any more they must do.
func sameSource(page scan.Page, s scan.Sheet) bool {
	if page.Origin.SHA256 != "" && s.Origin.SHA256 != "" {
		return page.Origin.SHA256 == s.Origin.SHA256
	}
	r, err := s.Open()
	if err == nil {
		defer r.Close()
		h := sha256.New()
		if _, err = io.Copy(h, r); err == nil {
			return hex.EncodeToString(h.Sum(nil)) == page.Fixity.SHA256
		}
	}
	return page.Origin.Size == s.Origin.Size && page.Origin.Modified.Equal(s.Origin.Modified)
}

func (in *intake) Reject(r scan.Reject) error {
	if known, err := in.safe(r); known || err != nil {
		return err
	}
	in.rejects = append(in.rejects, archive.Reject{Origin: r.Origin, Problem: *scan.ProblemOf(r.Err)})
	return nil
}

// safe tells whether a source that cannot be read now need not be: it was gone
// through to the end before, and what it gave is in the batch.
func (in *intake) safe(r scan.Reject) (bool, error) {
	if !errors.Is(r.Err, scan.ErrUnreadable) {
		return false, nil
	}
	argument := r.Origin.Argument
	done, err := in.w.cat.Imported(in.ctx, in.batch.ID, argument)
	if err != nil || !done {
		return false, err
	}
	pages, err := in.w.cat.Pages(in.ctx, in.batch.ID, catalogue.All)
	if err != nil {
		return false, err
	}
	found := 0
	for _, p := range pages {
		if p.Origin.Argument == argument && below(string(r.Origin.Absolute), string(p.Origin.Absolute)) {
			found++
			in.previous = p.Page.ID
		}
	}
	if found == 0 { // it never gave anything
		return false, nil
	}
	if r.Origin.Nth > 0 { // counted already, under the first of its names
		return true, nil
	}
	in.known += found
	for _, x := range in.before { // what it lacked it still lacks
		if x.Origin.Argument == argument && below(string(r.Origin.Absolute), string(x.Origin.Absolute)) {
			in.rejects = append(in.rejects, x)
		}
	}
	in.ignored = append(in.ignored, Ignored{r.Origin.Path, fmt.Sprintf("cannot be read any more; %s of it came in before", plural(found, "page"))})
	return true, nil
}

// finish notes that all that was given has been gone through, and what of it could
// not be taken; where that is known already it notes nothing.
func (in *intake) finish() error {
	done := archive.Imported{Batch: in.batch.ID, Rejects: in.rejects}
	news := len(in.added) > 0
	for _, p := range in.request.Paths {
		argument := p.Absolute()
		if slices.Contains(done.Arguments, argument) {
			continue
		}
		done.Arguments = append(done.Arguments, argument)
		before, err := in.w.cat.Imported(in.ctx, in.batch.ID, argument)
		if err != nil {
			return err
		}
		news = news || !before
	}
	var old []archive.Reject
	for _, x := range in.before {
		if slices.Contains(done.Arguments, x.Origin.Argument) {
			old = append(old, x)
		}
	}
	same := slices.EqualFunc(old, in.rejects, func(x, y archive.Reject) bool {
		return x.Origin.Absolute == y.Origin.Absolute && x.Origin.Index == y.Origin.Index && x.Origin.Nth == y.Origin.Nth && x.Problem == y.Problem
	})
	ctx := context.WithoutCancel(in.ctx)
	if news || !same {
		if err := in.w.record(ctx, "", event(archive.BatchImported, done)); err != nil {
			return err
		}
	}
	// A reason for doing without one of them may have been given before.
	stored, err := in.w.cat.Rejects(ctx, in.batch.ID)
	if err != nil {
		return err
	}
	in.rejects = slices.DeleteFunc(stored, func(x archive.Reject) bool { return !slices.Contains(done.Arguments, x.Origin.Argument) })
	return nil
}

func (in *intake) Ignore(path scan.Path, reason string) error {
	in.ignored = append(in.ignored, Ignored{path, reason})
	return nil
}

// baseName is a name for people, from a path: without folder and extension.
func baseName(p scan.Path) string {
	abs := string(p.Absolute())
	name := filepath.Base(abs)
	if info, err := os.Stat(abs); err != nil || !info.IsDir() {
		name = strings.TrimSuffix(name, filepath.Ext(name))
	}
	name = scan.Path(name).Line()
	if name == "" || name == "/" {
		name = "Batch"
	}
	return name
}
