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

// process reads pages of a batch as a job: all that are new, or those given; with
// retry those that failed.
func (w *window) process(b workbench.BatchInfo, pages []scan.PageID, retry bool) {
	core := w.core
	w.jobs.Start("Read "+title(b), func(ctx context.Context, p *job.Progress) job.Outcome {
		r, err := core.Process(ctx, workbench.ProcessRequest{Batch: b.ID, Pages: pages, Retry: retry}, p)
		problems := w.pageProblems(r.Failed)
		for _, lost := range r.Lost {
			problems = append(problems, job.Problem{What: lost.Path.Line(), Title: lost.Err.Error(), Remedy: w.cfg.Explain(lost.Err).Remedy})
		}
		return job.Outcome{Summary: readWords(r), Problems: problems, Err: err}
	})
	w.openDrawer()
}

// readWords sums up a processing run.
func readWords(r workbench.ProcessResult) string {
	words := []string{count(r.Done, "page read", "pages read")}
	if r.Blank > 0 {
		words = append(words, fmt.Sprintf("%d blank", r.Blank))
	}
	if r.Kept > 0 {
		words = append(words, count(r.Kept, "page", "pages")+" not read again, because the text was corrected (R on the page reads a part of it)")
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
