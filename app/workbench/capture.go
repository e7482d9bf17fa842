package workbench

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"recto/app/job"
	"recto/app/worker"
	"recto/archive"
	"recto/archive/catalogue"
	"recto/scan"
	"recto/scan/folder"
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

// apart refuses sources that the archive or its masters lie in, or that lie in them.
func (w *Workbench) apart(paths []scan.Path) error {
	for _, p := range paths {
		source := string(p.Absolute())
		if inside(source, w.dir) || inside(w.dir, source) || inside(source, w.path("masters")) || inside(w.path("masters"), source) {
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
