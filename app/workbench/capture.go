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
	if err := w.apart(paths); err != nil {
		return nil, err
	}
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
	if err := w.apart(r.Paths); err != nil {
		return archive.Batch{}, err
	}
	key := ""
	if r.Batch == "" {
		k := []string{r.Title}
		for _, p := range r.Paths {
			k = append(k, absolute(p))
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

// apart refuses sources that the archive lies in, or that lie in it.
func (w *Workbench) apart(paths []scan.Path) error {
	for _, p := range paths {
		if inside(absolute(p), w.dir) || inside(w.dir, absolute(p)) {
			return About(string(p), fmt.Errorf("%w: the archive and the source %s lie inside each other", ErrUsage, p.Line()))
		}
	}
	return nil
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
	in := &intake{w: w, ctx: ctx, batch: b, progress: p, told: r.Captured}
	if last, err := w.cat.LastPage(ctx, b.ID); err == nil {
		in.last = last.Page.ID
	} else if !errors.Is(err, catalogue.ErrNotFound) {
		return ImportResult{}, err
	}
	src := folder.New(folder.Config{Expand: expander{w}})
	err := src.Scan(ctx, scan.Ticket{Paths: r.Paths, DPI: r.DPI}, in)
	// What could not be taken is part of the batch's story even when the import was cut short.
	if len(in.rejects) > 0 || in.known || err == nil {
		if rerr := w.noteRejects(context.WithoutCancel(ctx), b.ID, r.Paths, in.rejects, err == nil); rerr != nil && err == nil {
			err = rerr
		}
	}
	info, ierr := w.batchInfo(context.WithoutCancel(ctx), b.ID)
	if err == nil {
		err = ierr
	}
	return ImportResult{Batch: info, Added: in.added, Known: in.knownCount, Rejects: in.rejects, Ignored: in.ignored}, err
}

// noteRejects stores what could not be taken, if that has changed.
func (w *Workbench) noteRejects(ctx context.Context, b scan.BatchID, scope []scan.Path, rejects []archive.Reject, whole bool) error {
	before, err := w.cat.Rejects(ctx, b)
	if err != nil {
		return err
	}
	var old []archive.Reject
	for _, x := range before {
		if slices.Contains(scope, x.Origin.Argument) {
			old = append(old, x)
		}
	}
	if !whole || same(old, rejects) {
		return nil
	}
	return w.record(ctx, "", event(archive.BatchRejected, archive.Rejected{Batch: b, Scope: scope, Rejects: rejects}))
}

func same(a, b []archive.Reject) bool {
	return slices.EqualFunc(a, b, func(x, y archive.Reject) bool {
		return x.Origin.Path == y.Origin.Path && x.Origin.Index == y.Origin.Index && x.Origin.Nth == y.Origin.Nth && x.Problem == y.Problem
	})
}

// intake receives sheets for one batch.
type intake struct {
	w          *Workbench
	ctx        context.Context
	batch      archive.Batch
	progress   *job.Progress
	last       scan.PageID // the batch's last page
	previous   scan.PageID // where the sheet before this one ended up
	started    bool
	known      bool
	knownCount int
	number     int
	added      []scan.PageID
	rejects    []archive.Reject
	ignored    []Ignored
	told       func(scan.Page)
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
		same, err := sameSource(page.Page, s)
		if err != nil { // its bytes cannot be read now: the spool will say so
			continue
		}
		if same {
			in.known = true
			in.knownCount++
			in.previous, in.started = page.Page.ID, true
			return nil
		}
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
	if in.started && in.previous != in.last {
		c.After = in.previous // a sheet that was missing comes to its place
	} else if !in.started && in.last != "" && in.w.isRerun(in.ctx, in.batch, s.Origin) {
		c.First = true
	}
	if err := in.w.record(context.WithoutCancel(in.ctx), "", event(archive.PageCaptured, c)); err != nil {
		return err
	}
	if c.After == "" && !c.First {
		in.last = page.ID
	}
	in.previous, in.started = page.ID, true
	in.added = append(in.added, page.ID)
	if in.told != nil {
		in.told(page)
	}
	return nil
}

// isRerun tells whether the batch already holds pages of the same argument, so
// that a first sheet that was missing belongs before them and not at the end.
func (w *Workbench) isRerun(ctx context.Context, b archive.Batch, o scan.Origin) bool {
	pages, err := w.cat.Pages(ctx, b.ID, catalogue.All)
	if err != nil || len(pages) == 0 {
		return false
	}
	return pages[0].Page.Origin.Argument == o.Argument
}

// sameSource tells whether a page was made of these very bytes. Name, size and
// time are not believed: another file may have them all.
func sameSource(page scan.Page, s scan.Sheet) (bool, error) {
	if page.Origin.SHA256 != "" && s.Origin.SHA256 != "" {
		return page.Origin.SHA256 == s.Origin.SHA256, nil
	}
	r, err := s.Open()
	if err != nil {
		return false, err
	}
	defer r.Close()
	h := sha256.New()
	if _, err := io.Copy(h, r); err != nil {
		return false, err
	}
	return hex.EncodeToString(h.Sum(nil)) == page.Fixity.SHA256, nil
}

func (in *intake) Reject(r scan.Reject) error {
	in.rejects = append(in.rejects, archive.Reject{Origin: r.Origin, Problem: *scan.ProblemOf(r.Err)})
	return nil
}

func (in *intake) Ignore(path scan.Path, reason string) error {
	in.ignored = append(in.ignored, Ignored{path, reason})
	return nil
}

// absolute is a path that means the same from every folder.
func absolute(p scan.Path) string {
	if a, err := filepath.Abs(string(p)); err == nil {
		return a
	}
	return string(p)
}

// baseName is a name for people, from a path: without folder and extension.
func baseName(p scan.Path) string {
	abs := absolute(p)
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
