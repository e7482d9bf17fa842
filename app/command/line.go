package command

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"recto/app/workbench"
	"recto/archive"
	"recto/scan"
)

// The verbs of the line: init, import, process, document, digitise.

type windowVerb struct {
	Archive string `placeholder:"DIR" env:"RECTO_ARCHIVE" help:"Open this archive; without it the window asks."`
}

func (v windowVerb) Run(s *session) error {
	if s.window == nil {
		return fmt.Errorf("%w: this build of Recto has no window", workbench.ErrUsage)
	}
	return s.window(v.Archive)
}

type initVerb struct {
	asJSON
	Dir     string `arg:"" optional:"" help:"Folder that does not exist yet or is empty."`
	Archive string `placeholder:"DIR" help:"The same, as the other verbs name it."`
	Masters string `placeholder:"DIR" help:"Keep the page images on another disk: a folder there that does not exist yet or is empty. The archive gets a link to it."`
}

func (initVerb) Help() string {
	return "Example:  recto init ~/archive\nExample:  recto init ~/archive --masters /media/big/masters"
}

func (v initVerb) Run(s *session) error {
	if v.Dir == "" {
		v.Dir, v.Archive = v.Archive, ""
	}
	s.about = v.Dir
	if v.Dir == "" || v.Archive != "" {
		return usage("init wants one folder: recto init DIR")
	}
	if err := workbench.InitWith(s.ctx, v.Dir, workbench.Layout{Masters: v.Masters}); err != nil {
		return err
	}
	where := ""
	if v.Masters != "" {
		where = ", its masters in " + scan.Path(v.Masters).Line()
	}
	s.say("Made an empty archive in %s%s", scan.Path(v.Dir).Line(), where)
	if s.json {
		s.print(map[string]any{"archive": scan.Path(v.Dir).String(), "failures": []failure{}})
	}
	return nil
}

func (initVerb) nothing(_ *session, list []failure) any {
	return map[string]any{"archive": nil, "failures": list}
}

// sources is what import and digitise take.
type sources struct {
	Batch string     `placeholder:"NAME" help:"Name of the batch. Without it title and paths tell which batch it is."`
	Title string     `placeholder:"T" help:"Title of batch and document."`
	DPI   resolution `name:"dpi" default:"300" help:"Resolution for PDF pages that are not one image and must be rendered: 50 to 2400."`
	Paths []string   `arg:"" name:"path" help:"Files and folders, in the order wanted; folders in natural order."`
}

func (v sources) request(s *session) workbench.ImportRequest {
	r := workbench.ImportRequest{Batch: v.Batch, Title: v.Title, DPI: float64(v.DPI)}
	for _, p := range v.Paths {
		r.Paths = append(r.Paths, scan.Path(p))
	}
	if !s.tty { // a log names each page, a terminal shows a bar
		r.Captured = func(p scan.Page) { s.note("captured %s %s", p.ID, p.Origin.Path.Line()) }
	}
	return r
}

// processed tells a log of each page that was looked at.
func (s *session) processed() func(workbench.PageInfo) {
	if s.tty {
		return nil
	}
	return func(p workbench.PageInfo) { s.note("read %s %s", p.ID, p.State) }
}

type importVerb struct {
	inArchive
	sources
	Preview bool `help:"Only show what would be taken, in which order."`
}

func (importVerb) Help() string {
	return "Example:  recto import --archive ~/archive --batch 'Letters 1912' scans/\n\n" +
		"The same command again takes only what is missing, each sheet in its place. A file that has changed since comes in as a new page " +
		"behind the old one. Sources are never changed."
}

func (v importVerb) Run(s *session) error {
	if v.Preview {
		return v.preview(s)
	}
	w, err := v.open(s, workbench.Options{})
	if err != nil {
		return err
	}
	defer w.Close()
	p, stop := s.watch()
	got, err := w.Import(s.ctx, v.request(s), p)
	stop()
	if err != nil && got.Batch.ID == "" {
		return err
	}
	failures := s.viewRejects(got.Rejects)
	code := 0
	if err != nil {
		failures = append(failures, s.failureOf("", err))
		code = workbench.Explain(err).Exit
	}
	added := []pageView{}
	if err := w.Those(context.WithoutCancel(s.ctx), got.Batch.ID, got.Added, func(page workbench.PageInfo) error {
		added = append(added, viewPage(page))
		return nil
	}); err != nil {
		return err
	}
	s.complain(failures)
	if n := len(got.Changed); n > 0 {
		s.say("%d of the pages added come from files that had given another page before; old and new are both kept, side by side.", n)
	}
	s.say("Batch %s: %s added, %d there already, %s not taken, %d ignored.",
		quoted(got.Batch.Name), workbench.Plural(len(added), "page"), got.Known, workbench.Plural(len(got.Rejects), "file"), len(got.Ignored))
	if s.json {
		s.print(map[string]any{"batch": viewBatch(got.Batch), "added": added, "changed": list(got.Changed), "known": got.Known, "failures": failures, "ignored": viewIgnored(got.Ignored)})
	}
	return exit(code, len(failures) > 0)
}

// exit is the verb's end: 1 when something failed, unless code says more.
func exit(code int, failed bool) error {
	if code == 0 && failed {
		code = 1
	}
	if code == 0 {
		return nil
	}
	return leave(code)
}

func (v importVerb) nothing(_ *session, list []failure) any {
	if v.Preview {
		return map[string]any{"items": []any{}, "failures": list}
	}
	return map[string]any{"batch": nil, "added": []any{}, "known": 0, "failures": list, "ignored": []any{}}
}

// preview tells what would be taken and fails as taking it would.
func (v importVerb) preview(s *session) error {
	w, err := v.look(s)
	if err != nil {
		return err
	}
	defer w.Close()
	items, err := w.Preview(s.ctx, v.request(s).Paths)
	if err != nil {
		return err
	}
	views, failures := []map[string]any{}, []failure{}
	n := 0
	for _, i := range items {
		views = append(views, map[string]any{"path": i.Path.String(), "pages": i.Pages, "ignored": i.Ignored, "reason": i.Reason})
		n += i.Pages
		if i.Err != nil {
			failures = append(failures, s.failureOf(i.Path, i.Err))
		}
		switch {
		case i.Pages > 1:
			s.say("%5d-%d  %s", n-i.Pages+1, n, i.Path.Line())
		case i.Pages == 1:
			s.say("%5d  %s", n, i.Path.Line())
		default:
			s.say("    -  %s (%s)", i.Path.Line(), i.Reason)
		}
	}
	s.complain(failures)
	if s.json {
		s.print(map[string]any{"items": views, "failures": failures})
	}
	return exit(0, len(failures) > 0)
}

// units makes a document of each unit.
func (v documentVerb) units(s *session, w *workbench.Workbench, b workbench.BatchInfo) error {
	p, stop := s.watch()
	all, notes, err := w.MakeUnits(s.ctx, b.ID, p)
	stop()
	code, failures, views := 0, []failure{}, []documentView{}
	if err != nil {
		failures = append(failures, s.failureOf("", err))
		code = workbench.Explain(err).Exit
	}
	for _, d := range all {
		for _, reason := range d.Reasons {
			failures = append(failures, failure{Path: d.Title, Reason: reason, Remedy: workbench.Explain(workbench.ErrIncomplete).Remedy})
		}
		views = append(views, viewDocument(d, nil))
		s.say("%s  %s: %s, %s, %s", d.ID, quoted(d.Title), workbench.Plural(len(d.Leaves), "page"), d.State, d.PDF)
	}
	s.complain(failures)
	for _, n := range notes {
		s.note("%s", n)
	}
	if s.json {
		s.print(map[string]any{"documents": views, "failures": failures, "notes": list(notes)})
	}
	return exit(code, len(failures) > 0)
}

type processVerb struct {
	inArchive
	Batch     string  `placeholder:"NAME" help:"Only this batch; without it all."`
	Lang      string  `placeholder:"eng+deu" help:"Languages of the text, as Tesseract names them. Pages read in others are read again."`
	Jobs      workers `help:"Worker processes, 1 to 256; without it one a core."`
	Retry     bool    `help:"Look again at pages that failed."`
	Corrected bool    `help:"Read pages again although their text was corrected; those corrections count no longer."`
	wordFiles
	Page []string `placeholder:"ID" help:"Only these pages, even if they have been read."`
}

func (processVerb) Help() string {
	return "Example:  recto process --archive ~/archive --batch 'Letters 1912' --lang eng+deu"
}

func (v processVerb) Run(s *session) error {
	langs, err := languages(v.Lang)
	if err != nil {
		return err
	}
	some, patterns, err := v.read()
	if err != nil {
		return err
	}
	w, err := v.open(s, workbench.Options{Jobs: int(v.Jobs)})
	if err != nil {
		return err
	}
	defer w.Close()
	r := workbench.ProcessRequest{Languages: langs, Words: some, Patterns: patterns, Retry: v.Retry, Corrected: v.Corrected, Processed: s.processed()}
	failures := []failure{}
	todo, err := v.batches(s.ctx, w)
	if err != nil {
		return err
	}
	if len(v.Page) > 0 {
		var batches []workbench.BatchInfo
		for _, name := range v.Page {
			b, err := v.pageOf(s.ctx, w, todo, scan.PageID(name))
			if err != nil {
				failures = append(failures, s.failureOf(scan.Path(name), err))
				continue
			}
			r.Pages = append(r.Pages, scan.PageID(name))
			if !slices.ContainsFunc(batches, func(x workbench.BatchInfo) bool { return x.ID == b.ID }) {
				batches = append(batches, b)
			}
		}
		todo = batches
	}
	p, stop := s.watch()
	done, blank, kept, restored := 0, 0, 0, 0
	for _, b := range todo {
		r.Batch = b.ID
		var got workbench.ProcessResult
		got, err = w.Process(s.ctx, r, p)
		done, blank, kept, restored = done+got.Done, blank+got.Blank, kept+got.Kept, restored+got.Restored
		for _, lost := range got.Lost {
			failures = append(failures, s.failureOf(lost.Path, lost.Err))
		}
		if err != nil {
			break
		}
		// A page that failed before has still failed.
		var pages []workbench.PageInfo
		if pages, err = w.Pages(s.ctx, b.ID, false); err != nil {
			break
		}
		for _, page := range pages {
			if page.State == scan.Failed && (len(r.Pages) == 0 || slices.Contains(r.Pages, page.ID)) {
				failures = append(failures, s.failureOf(page.Origin.Path, page.Problem))
			}
		}
	}
	stop()
	code, failed := 0, len(failures)
	if err != nil {
		failures = append(failures, s.failureOf("", err))
		code = workbench.Explain(err).Exit
	}
	s.complain(failures)
	s.say("%s read, %d blank, %d failed.", workbench.Plural(done, "page"), blank, failed)
	if kept > 0 {
		s.say("%s not read again, because their text was corrected (--corrected reads them all the same).", workbench.Plural(kept, "page"))
	}
	if restored > 0 {
		s.say("%s whose corrected text was lost have it again, as it was.", workbench.Plural(restored, "page"))
	}
	if s.json {
		s.print(map[string]any{"done": done, "blank": blank, "kept": kept, "restored": restored, "failures": failures})
	}
	return exit(code, len(failures) > 0)
}

func (processVerb) nothing(_ *session, list []failure) any {
	return map[string]any{"done": 0, "blank": 0, "kept": 0, "restored": 0, "failures": list}
}

// batches are those that the command speaks of.
func (v processVerb) batches(ctx context.Context, w *workbench.Workbench) ([]workbench.BatchInfo, error) {
	if v.Batch == "" {
		return w.Batches(ctx)
	}
	b, err := w.Batch(ctx, v.Batch)
	return []workbench.BatchInfo{b}, err
}

// pageOf finds the batch of a page that is to be read.
func (v processVerb) pageOf(ctx context.Context, w *workbench.Workbench, batches []workbench.BatchInfo, id scan.PageID) (workbench.BatchInfo, error) {
	page, err := w.Page(ctx, id)
	if err != nil {
		return workbench.BatchInfo{}, err
	}
	if page.Binned {
		return workbench.BatchInfo{}, fmt.Errorf("%w: page %s is in the bin; take it out with recto page restore", workbench.ErrUsage, id)
	}
	i := slices.IndexFunc(batches, func(b workbench.BatchInfo) bool { return b.ID == page.Batch })
	if i < 0 {
		return workbench.BatchInfo{}, fmt.Errorf("%w: page %s is in another batch than %q", workbench.ErrUsage, id, v.Batch)
	}
	return batches[i], nil
}

type documentVerb struct {
	inArchive
	Batch string   `required:"" placeholder:"NAME" help:"The batch."`
	Title string   `placeholder:"T" help:"Title of the document; without it the batch's name."`
	Page  []string `placeholder:"ID" xor:"what" help:"Only these pages, in this order; without it all that are not in the bin."`
	Units bool     `xor:"what" help:"A document of each unit that begins in the batch."`
}

func (documentVerb) Help() string {
	return "Example:  recto document --archive ~/archive --batch 'Letters 1912' --title 'Letters of 1912'\n\n" +
		"The same title again brings that document up to date; another title makes another document."
}

func (v documentVerb) Run(s *session) error {
	w, err := v.open(s, workbench.Options{})
	if err != nil {
		return err
	}
	defer w.Close()
	b, err := w.Batch(s.ctx, v.Batch)
	if err != nil {
		return err
	}
	if v.Units {
		return v.units(s, w, b)
	}
	r := workbench.DocumentRequest{Batch: b.ID, Title: v.Title}
	for _, id := range v.Page {
		r.Pages = append(r.Pages, scan.PageID(id))
	}
	p, stop := s.watch()
	d, err := w.MakeDocument(s.ctx, r, p)
	stop()
	if err != nil {
		return err
	}
	failures := []failure{}
	for _, reason := range d.Reasons {
		failures = append(failures, failure{Path: d.Title, Reason: reason, Remedy: workbench.Explain(workbench.ErrIncomplete).Remedy})
	}
	s.complain(failures)
	s.say("%s  %s: %s, %s, %s", d.ID, quoted(d.Title), workbench.Plural(len(d.Leaves), "page"), d.State, d.PDF)
	if s.json {
		s.print(map[string]any{"document": viewDocument(d, nil), "failures": failures})
	}
	return exit(0, d.State != archive.Complete)
}

func (documentVerb) nothing(_ *session, list []failure) any {
	return map[string]any{"document": nil, "failures": list}
}

type digitiseVerb struct {
	inArchive
	sources
	Lang  string  `placeholder:"eng+deu" help:"Languages of the text, as Tesseract names them (default eng)."`
	Jobs  workers `help:"Worker processes, 1 to 256; without it one a core."`
	Each  bool    `help:"One document a PATH instead of one of all."`
	Out   string  `placeholder:"DIR" help:"Also copy NAME.pdf, NAME.txt and NAME/page-NNNN.xml (ALTO) there."`
	Retry bool    `help:"Look again at pages that failed."`
}

func (digitiseVerb) Help() string {
	return "Example:  recto digitise --archive ~/archive --lang eng+deu --title 'Letters of 1912' --out ~/ready scans/\n\n" +
		"Makes the archive if there is none. After an interruption the same command goes on; on finished work it changes nothing, " +
		"also when the sources are gone by then. The same title in the same batch is the same document; another title makes another one."
}

func (v digitiseVerb) Run(s *session) error {
	s.about = v.Archive
	langs, err := languages(v.Lang)
	if err == nil {
		check := langs
		if check == nil {
			check = workbench.DefaultLanguages
		}
		err = workbench.CheckLanguages(check) // before an archive is made for nothing
	}
	if err != nil {
		return err
	}
	if !workbench.IsArchive(v.Archive) {
		if err := workbench.Init(s.ctx, v.Archive); err != nil && !(errors.Is(err, workbench.ErrExists) && workbench.IsArchive(v.Archive)) {
			return err
		}
		s.note("Made an archive in %s", scan.Path(v.Archive).Line())
	}
	w, err := v.open(s, workbench.Options{Jobs: int(v.Jobs)})
	if err != nil {
		return err
	}
	defer w.Close()
	p, stop := s.watch()
	got, err := w.Digitise(s.ctx, workbench.DigitiseRequest{ImportRequest: v.request(s), Processed: s.processed(), Languages: langs, Each: v.Each, Out: v.Out, Retry: v.Retry}, p)
	stop()
	failures := []failure{}
	for _, f := range got.Failures {
		failures = append(failures, s.failureOf(f.Path, f.Err))
	}
	code := 0
	if err != nil {
		failures = append(failures, s.failureOf("", err))
		code = workbench.Explain(err).Exit
	}
	s.complain(failures)
	for _, i := range got.Ignored {
		s.note("ignored %s: %s", i.Path.Line(), i.Reason)
	}
	for _, d := range got.Documents {
		if d.Document == nil {
			continue
		}
		s.say("%-10s  %9s  %s  (%s)", d.Document.State, workbench.Plural(len(d.Pages), "page"), quoted(d.Document.Title), d.Document.ID)
		for _, f := range d.Files {
			s.say("            %s", scan.Path(f).Line())
		}
	}
	if s.json {
		s.print(v.shape(got, failures))
	}
	return exit(code, len(failures) > 0 || !got.Complete())
}

func (v digitiseVerb) nothing(s *session, list []failure) any {
	v.Each = v.Each || given(s.args, "each") // the flags may not have been parsed
	return v.shape(workbench.DigitiseResult{}, list)
}

// shape is the JSON of digitise, whatever happened.
func (v digitiseVerb) shape(r workbench.DigitiseResult, failures []failure) any {
	out := map[string]any{"failures": failures, "ignored": viewIgnored(r.Ignored)}
	files := []string{}
	docs := []any{}
	for _, d := range r.Documents {
		for _, f := range d.Files {
			files = append(files, scan.Path(f).String())
		}
		if d.Document != nil { // what gave no page is among the failures
			docs = append(docs, viewDocument(*d.Document, d.Pages))
		}
	}
	out["files"] = files
	if r.Batch.ID != "" {
		out["batch"] = viewBatch(r.Batch)
	}
	if v.Each {
		out["documents"] = docs
	} else if len(docs) > 0 {
		out["document"] = docs[0]
	} else {
		out["document"] = nil
	}
	return out
}
