package gui

import (
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"

	"recto/app/job"
	"recto/app/workbench"
	"recto/archive"
	"recto/ocr"
	"recto/scan"
)

// fakeCore is an archive in memory. Its pages are drawn on demand, so that what
// is seen and what is read agree.
type fakeCore struct {
	closed  int
	mu      sync.Mutex
	dir     string
	order   []scan.BatchID
	batches map[scan.BatchID]*fakeBatch
	docs    []workbench.DocumentInfo
	undo    []fakeChange
	redo    []fakeChange
	fail    map[string]error // by method
	slow    time.Duration    // of a step of long work
	calls   []string
	mended  []string
	scanner fakeScanner
	texts   map[scan.PageID]*ocr.Text // corrected
	regions []string                  // that were read again
	asked   workbench.ProcessRequest  // the last
	tried   []fakeTrial
}

type fakeBatch struct {
	info  archive.Batch
	pages []workbench.PageInfo
	bin   []workbench.PageInfo
	rej   []archive.Reject
	moved time.Time
	sign  *archive.Signed
}

type fakeChange struct {
	what   string
	before fakeBatch
	texts  map[scan.PageID]*ocr.Text
}

func newFake(batches, pages int) *fakeCore {
	f := &fakeCore{dir: "/archives/parish-records", batches: map[scan.BatchID]*fakeBatch{}, fail: map[string]error{}}
	titles := []string{"Baptisms 1843–1851", "Harbour dues", "Letters to the Society", "Vestry minutes", "Ledger of the mill"}
	for i := range batches {
		n := pages
		if i > 0 {
			n = 6 + i*7%40
		}
		f.addBatch(fmt.Sprintf("PR-%03d", i+1), titles[i%len(titles)], n, time.Now().Add(-time.Duration(i*i)*17*time.Minute))
	}
	return f
}

func (f *fakeCore) addBatch(name, title string, n int, touched time.Time) scan.BatchID {
	id := scan.BatchID("b-" + name)
	b := &fakeBatch{info: archive.Batch{ID: id, Name: name, Title: title, Created: touched}, moved: touched}
	for i := range n {
		p := workbench.PageInfo{Page: scan.Page{ID: scan.PageID(fmt.Sprintf("%s-p%04d", name, i+1)), Batch: id, Pixels: image.Pt(1240, 1754), DPI: 150,
			Fixity: scan.Fixity{Size: 6_000_000}, Origin: scan.Origin{Path: scan.Path(fmt.Sprintf("/scans/%s/page%d.tif", name, i+1))}},
			State: scan.Done, Confidence: 0.93, Words: 200, Text: "texts/x"}
		switch {
		case i%17 == 5:
			p.State, p.Words, p.Confidence = scan.Blank, 0, 0
		case i%23 == 11:
			p.State, p.Words, p.Problem = scan.Failed, 0, &scan.Problem{Kind: "truncated", Message: "page12.tif: the image ends before it is complete"}
		case i%19 == 7:
			p.Confidence = 0.41
		case i%29 == 3:
			p.DuplicateOf = b.pages[0].ID
		case i > n-3 && n > 20:
			p.State, p.Words = scan.New, 0
		}
		b.pages = append(b.pages, p)
	}
	f.batches[id] = b
	f.order = append(f.order, id)
	f.number(b)
	if len(f.order)%3 != 0 {
		d := workbench.DocumentInfo{Document: archive.Document{ID: archive.DocumentID("d-" + name), Batch: id, Title: title, Created: touched}, State: archive.Complete,
			PDF: "documents/" + name + ".pdf", Fixity: scan.Fixity{Size: int64(n) * 180_000}}
		for _, p := range b.pages {
			d.Leaves = append(d.Leaves, archive.Leaf{Page: p.ID})
		}
		if n > 12 {
			d.State, d.Reasons = archive.Incomplete, []string{"page 12 could not be decoded"}
		}
		f.docs = append(f.docs, d)
	}
	return id
}

func (f *fakeCore) number(b *fakeBatch) {
	for i := range b.pages {
		b.pages[i].Number, b.pages[i].Binned = i+1, false
	}
	for i := range b.bin {
		b.bin[i].Number, b.bin[i].Binned = 0, true
	}
}

func (f *fakeCore) did(call string) error {
	f.calls = append(f.calls, call)
	return f.fail[call]
}

func (f *fakeCore) Directory() string          { return f.dir }
func (f *fakeCore) Repaired() []string         { return f.mended }
func (f *fakeCore) Close() error               { f.closed++; return nil }
func (f *fakeCore) Languages() []string        { return []string{"deu", "deu_latf", "eng", "fra", "lat"} }
func (f *fakeCore) FreeSpace() (uint64, error) { return 412_000_000_000, nil }

func (f *fakeCore) Preview(_ context.Context, paths []scan.Path) ([]workbench.PreviewItem, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.did("Preview"); err != nil {
		return nil, err
	}
	var out []workbench.PreviewItem
	for _, p := range paths {
		if filepath.Ext(string(p)) != "" {
			out = append(out, workbench.PreviewItem{Path: p, Pages: 1})
			continue
		}
		for i := range 9 {
			out = append(out, workbench.PreviewItem{Path: scan.Path(fmt.Sprintf("%s/page%d.tif", p, i+1)), Pages: 1})
		}
		out = append(out, workbench.PreviewItem{Path: p + "/register.pdf", Pages: 14, Reason: "PDF: its pages are taken out one by one"},
			workbench.PreviewItem{Path: p + "/broken.jpg", Reason: "the file is empty"},
			workbench.PreviewItem{Path: p + "/Thumbs.db", Ignored: true, Reason: "not an image, by name and by content"})
	}
	return out, nil
}

func (f *fakeCore) Import(ctx context.Context, r workbench.ImportRequest, p *job.Progress) (workbench.ImportResult, error) {
	p.Stage("Importing", 40)
	for range 40 {
		if err := f.step(ctx); err != nil {
			return workbench.ImportResult{}, err
		}
		p.Step()
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.did("Import"); err != nil {
		return workbench.ImportResult{}, err
	}
	name := r.Batch
	if name == "" {
		name = r.Title
	}
	id := f.addBatch(name, r.Title, 40, time.Now())
	b := f.batches[id]
	b.rej = []archive.Reject{{Origin: scan.Origin{Path: r.Paths[0] + "/broken.jpg", Absolute: r.Paths[0] + "/broken.jpg"}, Problem: scan.Problem{Kind: "empty", Message: "the file is empty"}}}
	res := workbench.ImportResult{Batch: f.info(b), Rejects: b.rej}
	for _, p := range b.pages {
		res.Added = append(res.Added, p.ID)
	}
	return res, nil
}

func (f *fakeCore) step(ctx context.Context) error {
	if f.slow > 0 {
		select {
		case <-time.After(f.slow):
		case <-ctx.Done():
		}
	}
	return ctx.Err()
}

func (f *fakeCore) Process(ctx context.Context, r workbench.ProcessRequest, p *job.Progress) (workbench.ProcessResult, error) {
	p.Stage("Reading pages", 40)
	for range 40 {
		if err := f.step(ctx); err != nil {
			return workbench.ProcessResult{}, err
		}
		p.Step()
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	res := workbench.ProcessResult{}
	f.asked = r
	for i := range f.batches[r.Batch].pages {
		pg := &f.batches[r.Batch].pages[i]
		if len(r.Pages) > 0 && !slices.Contains(r.Pages, pg.ID) {
			continue
		}
		if pg.State == scan.New {
			pg.State, pg.Words, pg.Confidence = scan.Done, 200, 0.92
		}
		switch pg.State {
		case scan.Failed:
			res.Failed = append(res.Failed, *pg)
		case scan.Blank:
			res.Blank++
		default:
			res.Done++
		}
	}
	return res, f.did("Process")
}

func (f *fakeCore) MakeUnits(ctx context.Context, batch scan.BatchID, p *job.Progress) ([]workbench.DocumentInfo, []string, error) {
	d, err := f.MakeDocument(ctx, workbench.DocumentRequest{Batch: batch, Title: "Unit 1"}, p)
	return []workbench.DocumentInfo{d}, []string{"The unit begins again."}, errors.Join(err, f.did("MakeUnits"))
}

func (f *fakeCore) MakeDocument(_ context.Context, r workbench.DocumentRequest, p *job.Progress) (workbench.DocumentInfo, error) {
	p.Stage("Writing PDF/A", 1)
	f.mu.Lock()
	defer f.mu.Unlock()
	d := workbench.DocumentInfo{Document: archive.Document{ID: archive.DocumentID("d-" + r.Title), Batch: r.Batch, Title: r.Title, Created: time.Now()}, State: archive.Complete, PDF: "documents/x.pdf", Fixity: scan.Fixity{Size: 4_200_000}}
	for _, p := range f.batches[r.Batch].pages {
		d.Leaves = append(d.Leaves, archive.Leaf{Page: p.ID})
	}
	f.docs = append(f.docs, d)
	return d, f.did("MakeDocument")
}

// change runs an arranging call that can be undone.
func (f *fakeCore) change(name string, ids []scan.PageID, what string, do func(*fakeBatch)) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.did(name); err != nil {
		return err
	}
	for _, b := range f.batches {
		if slices.ContainsFunc(append(slices.Clone(b.pages), b.bin...), func(p workbench.PageInfo) bool { return p.ID == ids[0] }) {
			f.undo = append(f.undo, fakeChange{what, fakeBatch{info: b.info, pages: slices.Clone(b.pages), bin: slices.Clone(b.bin)}, maps.Clone(f.texts)})
			f.redo = nil
			do(b)
			f.number(b)
			return nil
		}
	}
	return errors.New("no such page")
}

func pick(all []workbench.PageInfo, ids []scan.PageID) (in, out []workbench.PageInfo) {
	for _, p := range all {
		if slices.Contains(ids, p.ID) {
			in = append(in, p)
		} else {
			out = append(out, p)
		}
	}
	return in, out
}

func (f *fakeCore) MovePages(_ context.Context, ids []scan.PageID, after scan.PageID) error {
	return f.change("MovePages", ids, fmt.Sprintf("move %d pages", len(ids)), func(b *fakeBatch) {
		in, rest := pick(b.pages, ids)
		at := slices.IndexFunc(rest, func(p workbench.PageInfo) bool { return p.ID == after }) + 1
		b.pages = slices.Insert(rest, at, in...)
	})
}

func (f *fakeCore) RotatePages(_ context.Context, ids []scan.PageID, degrees int) error {
	return f.change("RotatePages", ids, "rotate", func(b *fakeBatch) {
		for i := range b.pages {
			if slices.Contains(ids, b.pages[i].ID) {
				now := (b.pages[i].ByHand.Quarter() + degrees) % 360
				b.pages[i].ByHand = turnedTo(now)
				b.pages[i].State = scan.New
			}
		}
	})
}

func turnedTo(degrees int) scan.Recipe {
	return scan.Recipe{scan.NewStep(scan.OrientStage, scan.Orient{Degrees: degrees}, true)}
}

func (f *fakeCore) BinPages(_ context.Context, ids []scan.PageID) error {
	return f.change("BinPages", ids, fmt.Sprintf("bin %d pages", len(ids)), func(b *fakeBatch) {
		var in []workbench.PageInfo
		in, b.pages = pick(b.pages, ids)
		b.bin = append(b.bin, in...)
	})
}

func (f *fakeCore) RestorePages(_ context.Context, ids []scan.PageID) error {
	return f.change("RestorePages", ids, "restore", func(b *fakeBatch) {
		var in []workbench.PageInfo
		in, b.bin = pick(b.bin, ids)
		b.pages = append(b.pages, in...)
	})
}

func (f *fakeCore) back(from, to *[]fakeChange, none error) (string, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(*from) == 0 {
		return "", none
	}
	c := (*from)[len(*from)-1]
	*from = (*from)[:len(*from)-1]
	b := f.batches[c.before.info.ID]
	*to = append(*to, fakeChange{c.what, fakeBatch{info: b.info, pages: b.pages, bin: b.bin}, f.texts})
	b.pages, b.bin, f.texts = c.before.pages, c.before.bin, c.texts
	return c.what, nil
}

func (f *fakeCore) Undo(context.Context, scan.BatchID) (string, error) {
	return f.back(&f.undo, &f.redo, workbench.ErrNothingToUndo)
}

func (f *fakeCore) Redo(context.Context, scan.BatchID) (string, error) {
	return f.back(&f.redo, &f.undo, workbench.ErrNothingToRedo)
}

func (f *fakeCore) info(b *fakeBatch) workbench.BatchInfo {
	i := workbench.BatchInfo{Batch: b.info, Pages: len(b.pages), Binned: len(b.bin), Touched: b.moved, Signed: b.sign}
	for _, r := range b.rej {
		if r.Dismissed == "" {
			i.Rejects++
		}
	}
	for _, p := range b.pages {
		if p.State == scan.Blank || (p.Inspection != nil && p.Inspection.Blank) {
			i.Empty++
		}
		if len(p.Concerns) > 0 && p.Reviewed == "" {
			i.Concerns++
		}
		if p.Start != nil {
			i.Units++
		}
		switch p.State {
		case scan.New:
			i.New++
		case scan.Done:
			i.Done++
		case scan.Blank:
			i.Blank++
		case scan.Failed:
			i.Failed++
		}
	}
	for _, d := range f.docs {
		if d.Batch == b.info.ID {
			i.Documents++
		}
	}
	return i
}

func (f *fakeCore) Batches(context.Context) ([]workbench.BatchInfo, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	var out []workbench.BatchInfo
	for _, id := range f.order {
		out = append(out, f.info(f.batches[id]))
	}
	return out, f.did("Batches")
}

func (f *fakeCore) Rejects(_ context.Context, id scan.BatchID) ([]archive.Reject, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.batches[id].rej, nil
}

func (f *fakeCore) Dismiss(_ context.Context, id scan.BatchID, path scan.Path, reason string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	for i, r := range f.batches[id].rej {
		if r.Origin.Absolute == path {
			f.batches[id].rej[i].Dismissed = reason
			return f.did("Dismiss")
		}
	}
	return workbench.ErrNotFound
}

func (f *fakeCore) Pages(_ context.Context, id scan.BatchID, binned bool) ([]workbench.PageInfo, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.did("Pages"); err != nil {
		return nil, err
	}
	if binned {
		return slices.Clone(f.batches[id].bin), nil
	}
	return slices.Clone(f.batches[id].pages), nil
}

func (f *fakeCore) Documents(context.Context) ([]workbench.DocumentInfo, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.docs), f.did("Documents")
}

func (f *fakeCore) DocumentPages(_ context.Context, id archive.DocumentID) ([]workbench.PageInfo, error) {
	for _, d := range f.docs {
		if d.ID != id {
			continue
		}
		var pages []workbench.PageInfo
		for _, l := range d.Leaves {
			if p, ok := f.find(l.Page); ok {
				pages = append(pages, p)
			}
		}
		return pages, nil
	}
	return nil, workbench.ErrNotFound
}

func (f *fakeCore) find(id scan.PageID) (workbench.PageInfo, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, b := range f.batches {
		for _, p := range append(slices.Clone(b.pages), b.bin...) {
			if p.ID == id {
				return p, true
			}
		}
	}
	return workbench.PageInfo{}, false
}

var lorem = strings.Fields(`On the third day of May the harbour master received from Captain Wm Alder the sum of four pounds
eleven shillings being dues upon timber landed at the north quay Witness my hand the clerk of the Société maritime who keeps
this register and enters every ship her tonnage her master and the goods aboard together with such tolls as were abated by order
of the vestry The widow Pell came before us touching the rent of the lower mill and was granted respite until Michaelmas`)

// Text is what was corrected, or else what was read.
func (f *fakeCore) Text(ctx context.Context, id scan.PageID) (*ocr.Text, error) {
	f.mu.Lock()
	t := f.texts[id]
	f.mu.Unlock()
	if t != nil {
		return t, nil
	}
	return f.RawText(ctx, id)
}

// RawText lays the words out as View draws them.
func (f *fakeCore) RawText(_ context.Context, id scan.PageID) (*ocr.Text, error) {
	p, ok := f.find(id)
	if !ok || p.State != scan.Done {
		return nil, nil
	}
	n := 0
	fmt.Sscanf(string(id[len(id)-4:]), "%d", &n)
	t := &ocr.Text{Size: p.Pixels, DPI: 150, Languages: []string{"eng"}}
	face := typeface()
	k := n * 7
	y := 190
	for range 4 {
		par := ocr.Paragraph{}
		for range 7 {
			line := ocr.Line{XSize: 30}
			x := 120
			for {
				w := ocr.Word{Text: lorem[k%len(lorem)], Confidence: 0.96}
				width := font.MeasureString(face, w.Text).Round()
				if x+width > 1120 {
					break
				}
				switch k % 13 {
				case 4:
					w.Confidence = 0.45
				case 9:
					w.Confidence = 0.74
				}
				w.Box = image.Rect(x, y-26, x+width, y+8)
				line.Words = append(line.Words, w)
				line.Box = line.Box.Union(w.Box)
				x += width + 10
				k++
			}
			par.Lines = append(par.Lines, line)
			par.Box = par.Box.Union(line.Box)
			y += 46
		}
		y += 40
		t.Blocks = append(t.Blocks, ocr.Block{Box: par.Box, Paragraphs: []ocr.Paragraph{par}})
	}
	return t, nil
}

var typeface = sync.OnceValue(func() font.Face {
	ttf, err := opentype.Parse(goregular.TTF)
	if err != nil {
		panic(err)
	}
	face, err := opentype.NewFace(ttf, &opentype.FaceOptions{Size: 32, DPI: 72})
	if err != nil {
		panic(err)
	}
	return face
})

var drawing sync.Mutex // a font.Face is for one goroutine

func (f *fakeCore) View(ctx context.Context, id scan.PageID) (image.Image, error) {
	if err := f.fail["View"]; err != nil {
		return nil, err
	}
	p, ok := f.find(id)
	if !ok {
		return nil, errors.New("no such page")
	}
	if p.State == scan.Failed {
		return nil, fmt.Errorf("page %s: %w", id, p.Problem)
	}
	img := image.NewGray(image.Rectangle{Max: p.Pixels})
	for i := range img.Pix {
		img.Pix[i] = byte(236 + (i*7919)%9)
	}
	drawing.Lock()
	defer drawing.Unlock()
	t, _ := f.Text(ctx, id)
	d := font.Drawer{Dst: img, Src: image.NewUniform(color.Gray{30}), Face: typeface()}
	d.Dot = fixed.P(560, 100)
	if p.State != scan.Blank {
		d.DrawString(fmt.Sprintf("– %d –", p.Number))
	}
	if t != nil {
		for w := range t.Words {
			d.Dot = fixed.P(w.Box.Min.X, w.Box.Max.Y-8)
			d.DrawString(w.Text)
		}
	}
	return img, nil
}

func (f *fakeCore) Thumbnail(ctx context.Context, id scan.PageID) (*image.RGBA, error) {
	img, err := f.View(ctx, id)
	if err != nil {
		return nil, err
	}
	g := img.(*image.Gray)
	out := image.NewRGBA(image.Rect(0, 0, g.Rect.Dx()/6, g.Rect.Dy()/6))
	for y := range out.Rect.Dy() {
		for x := range out.Rect.Dx() {
			sum := 0
			for dy := range 6 {
				for dx := range 6 {
					sum += int(g.Pix[(y*6+dy)*g.Stride+x*6+dx])
				}
			}
			out.SetRGBA(x, y, color.RGBA{byte(sum / 36), byte(sum / 36), byte(sum / 37), 255})
		}
	}
	p, _ := f.find(id)
	if p.ByHand.Quarter() == 0 {
		return out, nil
	}
	b := out.Rect.Size()
	turned := image.NewRGBA(image.Rect(0, 0, b.Y, b.X))
	if p.ByHand.Quarter() == 180 {
		turned = image.NewRGBA(out.Rect)
	}
	for y := range b.Y {
		for x := range b.X {
			switch p.ByHand.Quarter() {
			case 90:
				turned.Set(b.Y-1-y, x, out.At(x, y))
			case 180:
				turned.Set(b.X-1-x, b.Y-1-y, out.At(x, y))
			case 270:
				turned.Set(y, b.X-1-x, out.At(x, y))
			}
		}
	}
	return turned, nil
}

func (f *fakeCore) SearchTyping(ctx context.Context, query string, limit int) (int, []workbench.Hit, error) {
	f.mu.Lock()
	err := f.did("SearchTyping")
	docs := slices.Clone(f.docs)
	f.mu.Unlock()
	if err != nil {
		return 0, nil, err
	}
	q := fold(strings.TrimSpace(query))
	var hits []workbench.Hit
	total := 0
	for _, d := range docs {
		for i, l := range d.Leaves[:min(len(d.Leaves), 12)] {
			t, _ := f.Text(ctx, l.Page)
			if t == nil {
				continue
			}
			var before []string
			for w := range t.Words {
				if strings.HasPrefix(fold(w.Text), q) {
					total++
					lead := "… " + strings.Join(before[max(len(before)-8, 0):], " ") + " "
					if len(hits) < limit {
						hits = append(hits, workbench.Hit{Document: d.ID, Title: d.Title, Batch: d.Batch, Page: l.Page, Number: i + 1,
							Snippet: lead + w.Text + " and what follows in the register …", Marks: [][2]int{{len(lead), len(lead) + len(w.Text)}}, Terms: []string{fold(w.Text)}})
					}
					break
				}
				before = append(before, w.Text)
			}
		}
	}
	return total, hits, nil
}

func (f *fakeCore) Export(_ context.Context, r workbench.ExportRequest, p *job.Progress) ([]workbench.Delivered, error) {
	p.Stage("Exporting", len(r.Documents))
	f.mu.Lock()
	defer f.mu.Unlock()
	var out []workbench.Delivered
	for _, id := range r.Documents {
		out = append(out, workbench.Delivered{Document: id, Package: scan.Path(r.To + "/" + string(id)), Files: 44, Bytes: 88_000_000})
		p.Step()
	}
	return out, f.did("Export")
}

func (f *fakeCore) Verify(ctx context.Context, p *job.Progress) ([]archive.Finding, error) {
	p.Stage("Checking files", 60)
	for range 60 {
		if err := f.step(ctx); err != nil {
			return nil, err
		}
		p.Step()
	}
	return nil, f.did("Verify")
}

func fakeExplain(err error) workbench.Explanation {
	switch {
	case errors.Is(err, scan.ErrEmpty):
		return workbench.Explanation{Title: "Empty file", Remedy: "Scan or copy this page again; the file has no bytes at all.", Exit: 1}
	case errors.Is(err, scan.ErrTruncated):
		return workbench.Explanation{Title: "Incomplete image", Remedy: "The file was cut short, often by an interrupted copy. Copy it again from the source, or scan the page again.", Exit: 1}
	case errors.Is(err, scan.ErrNoSpace):
		return workbench.Explanation{Title: "Disk full", Remedy: "Free some space on that disk, then run the same again: it goes on where it stopped.", Exit: 1}
	}
	if x := workbench.Explain(err); !strings.HasPrefix(x.Title, "Unexpected") {
		return x
	}
	return workbench.Explanation{Title: "Something went wrong", Remedy: "Try again.", Exit: 1}
}
