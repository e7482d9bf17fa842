package gui

import (
	"context"
	"fmt"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"recto/app/gui/parts"
	"recto/app/workbench"
	"recto/archive"
	"recto/scan"
)

// troubles is the sheet of all that went wrong in a batch: pages that failed and
// sources that gave no page, each with what helps. Such a source can be set aside.
type troubles struct {
	w     *window
	batch workbench.BatchInfo
	slot  slot

	rows   []troubleRow
	modal  *modal
	root   *fyne.Container
	body   fyne.CanvasObject
	table  *parts.Table
	full   *widget.Label // all that is to be said of the row under the cursor
	reason *parts.Entry
	act    *parts.Button
}

// troubleRow is a failed page or a source without one.
type troubleRow struct {
	page   *workbench.PageInfo
	reject *archive.Reject
}

// showTroubles opens the sheet.
func (w *window) showTroubles(b workbench.BatchInfo) {
	t := &troubles{w: w, batch: b}
	t.table = parts.NewTable(w.keys, 44, parts.Column{Width: 190, Title: "What"}, parts.Column{Flex: 1, Title: "Where, and what to do"})
	t.table.Count = func() int { return len(t.rows) }
	t.table.Row = func(i int) []parts.Cell { return t.cells(t.rows[i]) }
	t.table.OnSelect = t.chosen
	t.table.OnOpen = func(int) { t.do() }
	t.reason = parts.NewEntry(w.keys, "Why nobody misses it: a slip of the pen, a stray file …")
	t.reason.OnSubmitted = func(string) { t.do() }
	t.act = parts.NewButton(w.keys, "Set aside", nil, t.do)
	t.modal = &modal{id: "troubles", title: "What failed in " + title(b), enter: t.do}
	t.full = prose("")
	room := canvas.NewRectangle(nil) // the sheet keeps its shape while the words change
	room.SetMinSize(fyne.NewSize(10, 84))
	foot := container.NewVBox(container.NewStack(room, t.full), container.NewBorder(nil, nil, nil, t.act, t.reason))
	t.body = container.NewBorder(nil, foot, nil, nil, t.table)
	t.root = container.NewStack(t.body)
	w.open(t.modal, t.root, fyne.NewSize(900, 480), t.table, choice{"Close", func() { w.shut(t.modal) }})
	t.load(0)
}

// load asks for the rows and puts the cursor on one of them.
func (t *troubles) load(at int) {
	core, id := t.w.core, t.batch.ID
	load(t.w.bridge, &t.slot, func(ctx context.Context) ([]troubleRow, error) {
		pages, err := core.Pages(ctx, id, false)
		if err != nil {
			return nil, err
		}
		rejects, err := core.Rejects(ctx, id)
		if err != nil {
			return nil, err
		}
		var rows []troubleRow
		for i, p := range pages {
			if p.State == scan.Failed {
				rows = append(rows, troubleRow{page: &pages[i]})
			}
		}
		for _, done := range []bool{false, true} {
			for i, r := range rejects {
				if (r.Dismissed != "") == done {
					rows = append(rows, troubleRow{reject: &rejects[i]})
				}
			}
		}
		return rows, nil
	}, func(rows []troubleRow, err error) {
		if err != nil {
			t.w.fail("What failed in "+t.batch.Name, err)
			return
		}
		t.rows = rows
		if len(rows) == 0 {
			swap(t.root, parts.Notice(theme.ConfirmIcon(), parts.Good, "Nothing failed", "All that was given to this batch came in, and all pages that were read could be read."))
			return
		}
		t.table.Refresh()
		t.table.Select(min(at, len(rows)-1))
		t.chosen()
	})
}

// problem is what went wrong.
func (r troubleRow) problem() error {
	switch {
	case r.reject != nil:
		return &r.reject.Problem
	case r.page.Problem != nil:
		return r.page.Problem
	}
	return scan.ErrDamaged
}

func (t *troubles) cells(r troubleRow) []parts.Cell {
	if r.reject != nil && r.reject.Dismissed != "" {
		return []parts.Cell{{Icon: theme.ConfirmIcon(), Tone: parts.Muted, Text: "Set aside"},
			{Text: r.reject.Origin.Path.Line(), Tone: parts.Muted, Sub: r.reject.Dismissed}}
	}
	where := ""
	if r.page != nil {
		where = fmt.Sprintf("Page %d · %s", r.page.Number, r.page.Origin.Path.Line())
	} else {
		where = r.reject.Origin.Path.Line()
	}
	x := t.w.cfg.Explain(r.problem())
	return []parts.Cell{{Icon: theme.ErrorIcon(), Tone: parts.Bad, Text: x.Title}, {Text: where, Sub: x.Remedy}}
}

// words are the whole message and remedy of a row.
func (t *troubles) words(r troubleRow) string {
	return r.problem().Error() + "\n" + t.w.cfg.Explain(r.problem()).Remedy
}

func (t *troubles) current() (troubleRow, bool) {
	i := t.table.Current()
	if i < 0 || i >= len(t.rows) {
		return troubleRow{}, false
	}
	return t.rows[i], true
}

// chosen offers what can be done with the row under the cursor.
func (t *troubles) chosen() {
	r, ok := t.current()
	t.full.SetText("")
	if ok {
		t.full.SetText(t.words(r))
	}
	may := ok && (r.page != nil || !t.w.looking)
	word, ask := "Set aside", ok && r.reject != nil && r.reject.Dismissed == "" && !t.w.looking
	switch {
	case ok && r.page != nil:
		word = "Open the page"
	case ok && r.reject.Dismissed != "":
		word = "Count it as missing again"
	}
	t.act.SetText(word)
	show(t.act, may)
	show(t.reason, ask)
}

func show(o fyne.CanvasObject, on bool) {
	if on {
		o.Show()
	} else {
		o.Hide()
	}
}

// do is what the button and Enter do.
func (t *troubles) do() {
	r, ok := t.current()
	switch {
	case !ok:
		t.w.shut(t.modal)
	case r.page != nil:
		t.w.shut(t.modal)
		t.w.page.openPages(title(t.batch), []workbench.PageInfo{*r.page}, 0, nil)
	case t.w.looking:
	case r.reject.Dismissed != "":
		t.dismiss(r.reject, "")
	case strings.TrimSpace(t.reason.Text) == "":
		t.w.win.Canvas().Focus(t.reason)
		t.w.say("Say why nobody misses it; the reason is kept with the batch.")
	default:
		t.dismiss(r.reject, strings.TrimSpace(t.reason.Text))
	}
}

func (t *troubles) dismiss(r *archive.Reject, reason string) {
	core, at := t.w.core, t.table.Current()
	act(t.w.bridge, func(ctx context.Context) error {
		return core.Dismiss(ctx, t.batch.ID, r.Origin.Absolute, reason)
	}, func(err error) {
		if err != nil {
			t.w.fail("Set "+r.Origin.Path.Line()+" aside", err)
			return
		}
		t.reason.SetText("")
		t.w.say("Make the document again to have it say so (D on Batches).")
		t.w.win.Canvas().Focus(t.table)
		t.load(at)
		t.w.batches.reload()
	})
}
