package gui

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"recto/app/gui/parts"
	"recto/app/job"
	"recto/app/workbench"
	"recto/scan"
)

// swap makes o the one object of root and tells whether it was another.
func swap(root *fyne.Container, o fyne.CanvasObject) bool {
	if len(root.Objects) == 1 && root.Objects[0] == o {
		return false
	}
	root.Objects = []fyne.CanvasObject{o}
	root.Refresh()
	return true
}

// holds tells whether o is what root shows: only then can it take the keyboard.
func holds(root *fyne.Container, o fyne.CanvasObject) bool {
	return len(root.Objects) == 1 && root.Objects[0] == o
}

// trouble is what a screen shows in place of what could not be loaded.
func (w *window) trouble(err error, retry func()) fyne.CanvasObject {
	x := w.cfg.Explain(err)
	b := parts.NewButton(w.keys, "Try again   Ctrl+R", theme.ViewRefreshIcon(), retry)
	return parts.Notice(theme.ErrorIcon(), parts.Bad, x.Title, x.Remedy+"\n\n"+err.Error(), b)
}

// process reads pages of a batch as a job. Beside pages that somebody works on it is told
// in the status bar alone, unless something goes wrong: the drawer would cover them.
func (w *window) process(b workbench.BatchInfo, r workbench.ProcessRequest) {
	core, beside := w.core, w.current == screen(w.arrange) || w.current == screen(w.page)
	r.Batch = b.ID
	w.jobs.Start("Read "+title(b), func(ctx context.Context, p *job.Progress) job.Outcome {
		res, err := core.Process(ctx, r, p)
		problems := w.pageProblems(res.Failed)
		for _, lost := range res.Lost {
			problems = append(problems, job.Problem{What: lost.Path.Line(), Title: lost.Err.Error(), Remedy: w.cfg.Explain(lost.Err).Remedy})
		}
		out := job.Outcome{Summary: readWords(res), Problems: problems, Err: err}
		if beside {
			w.bridge.do(func() { w.tellRead(core, out) })
		}
		return out
	})
	if !beside {
		w.openDrawer()
	}
}

// tellRead says in the status bar what came of reading.
func (w *window) tellRead(core Core, out job.Outcome) {
	switch wrong := out.Err != nil || len(out.Problems) > 0; {
	case core != w.core || cancelled(out.Err):
	case wrong && w.page.entry != nil: // nothing comes over what somebody is typing
		w.say("Reading did not go well: F12 tells")
	case wrong:
		w.openDrawer()
	default:
		w.say("%s", out.Summary)
	}
}

// readChosen reads pages again, those whose text was corrected only if the user says so.
func (w *window) readChosen(b workbench.BatchInfo, pages []workbench.PageInfo) {
	r := workbench.ProcessRequest{Pages: idsOf(pages), Retry: true}
	corrected := 0
	for _, p := range pages {
		if p.Corrections > 0 {
			corrected++
		}
	}
	if corrected == 0 {
		w.process(b, r)
		return
	}
	m := &modal{id: "corrected", title: "Read corrected text again?"}
	text, rest := "The text of this page was corrected. Read again, it is what the machine reads: the corrections count no longer. Who corrected what stays in the journal.", "Leave it"
	if len(pages) > 1 {
		text = fmt.Sprintf("The text of %d of these %d pages was corrected. Read again, it is what the machine reads: the corrections count no longer. Who corrected what stays in the journal.", corrected, len(pages))
		rest = "Read the others"
	}
	keep := func() {
		w.shut(m)
		if corrected < len(pages) {
			w.process(b, r)
		}
	}
	all := func() {
		w.shut(m)
		r.Corrected = true
		w.process(b, r)
	}
	w.open(m, container.NewVScroll(prose(text)), fyne.NewSize(520, 190), nil, choice{rest, keep}, choice{"Read anew", all})
}

// readWords sums up a processing run.
func readWords(r workbench.ProcessResult) string {
	words := []string{count(r.Done, "page read", "pages read")}
	if r.Blank > 0 {
		words = append(words, fmt.Sprintf("%d blank", r.Blank))
	}
	if r.Kept > 0 {
		words = append(words, count(r.Kept, "page", "pages")+" not read again, because the text was corrected")
	}
	if r.Restored > 0 {
		words = append(words, count(r.Restored, "lost corrected text", "lost corrected texts")+" made again")
	}
	if n := len(r.Failed); n > 0 {
		words = append(words, fmt.Sprintf("%d failed", n))
	}
	return strings.Join(words, ", ") + "."
}

// askDocument asks for the title of a document of all pages of a batch.
func (w *window) askDocument(b workbench.BatchInfo) { w.askDocumentOf(b, nil) }

// askDocumentOf is askDocument for some pages; nil means all.
func (w *window) askDocumentOf(b workbench.BatchInfo, pages []scan.PageID) {
	entry := parts.NewEntry(w.keys, "Title of the document")
	entry.SetText(title(b))
	n := b.Pages
	if pages != nil {
		n = len(pages)
	}
	text := "A searchable PDF/A of " + count(n, "page", "pages") + " is written into the archive."
	if b.New > 0 {
		text += fmt.Sprintf(" %s not been read yet: they go in as images without text. Read them first (P on Batches) to have them searchable.", count(b.New, "page has", "pages have"))
	}
	m := &modal{id: "document", title: "Make a document"}
	make := func() {
		name := strings.TrimSpace(entry.Text)
		if name == "" {
			return
		}
		w.shut(m)
		core := w.core
		w.jobs.Start("Document "+name, func(ctx context.Context, p *job.Progress) job.Outcome {
			d, err := core.MakeDocument(ctx, workbench.DocumentRequest{Batch: b.ID, Title: name, Pages: pages}, p)
			return documentOutcome(d, err)
		})
		w.openDrawer()
	}
	entry.OnSubmitted = func(string) { make() }
	form := container.New(layout.NewFormLayout(), widget.NewLabel("Title"), entry)
	choices := []choice{{"Make it", make}, {"Cancel", func() { w.shut(m) }}}
	size := fyne.NewSize(520, 190)
	if pages == nil {
		text += " Where units begin in the batch, each can become a document under its own name."
		size.Height = 230
		choices = slices.Insert(choices, 1, choice{"One for each unit", func() { w.shut(m); w.makeUnits(b) }})
	}
	w.open(m, container.NewVBox(form, prose(text)), size, entry, choices...)
}

// makeUnits makes a document of each unit of a batch.
func (w *window) makeUnits(b workbench.BatchInfo) {
	core := w.core
	w.jobs.Start("Documents of "+title(b), func(ctx context.Context, p *job.Progress) job.Outcome {
		all, notes, err := core.MakeUnits(ctx, b.ID, p)
		out := job.Outcome{Err: err, Summary: strings.Join(append([]string{count(len(all), "document", "documents") + " made."}, notes...), " ")}
		for _, d := range all {
			out.Problems = append(out.Problems, documentOutcome(d, nil).Problems...)
		}
		return out
	})
	w.openDrawer()
}

func documentOutcome(d workbench.DocumentInfo, err error) job.Outcome {
	if err != nil {
		return job.Outcome{Err: err}
	}
	out := job.Outcome{Summary: fmt.Sprintf("PDF/A with %s, %s: %s", count(len(d.Leaves), "page", "pages"), bytesWords(d.Fixity.Size), d.PDF)}
	for _, r := range d.Reasons {
		out.Problems = append(out.Problems, job.Problem{What: d.Title, Title: "Incomplete: " + r, Remedy: "Mend it and make the document again, or export it with a reason."})
	}
	return out
}
