package gui

import (
	"context"
	"fmt"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"recto/app/gui/parts"
	"recto/app/job"
	"recto/app/workbench"
	"recto/ocr"
	"recto/scan"
)

// speller is the dialog that puts the spelling of a name right on many pages: it looks,
// shows every place in its context, and changes those that are ticked.
type speller struct {
	w     *window
	m     *modal
	batch scan.BatchID // that scope "this batch" means

	wrong, right      *parts.Entry
	inside, any, keep *parts.Check
	scope             *parts.Select
	table             *parts.Table
	note              *parts.Text
	apply             *parts.Button
	slot              slot
	asked             ocr.Spelling // what was looked for
	found             []workbench.Spelt
	rows              []spelling
	done              bool               // it is being put right
	stop              context.CancelFunc // of that
}

// spelling is one place in the list.
type spelling struct {
	page, match int // in found
	off         bool
}

const (
	thisBatch  = "this batch"
	allBatches = "all batches"
)

// spellName opens the dialog.
func (w *window) spellName() {
	p := &speller{w: w, batch: w.batch}
	w.speller = p
	wrong := ""
	if w.current == screen(w.page) {
		w.page.takeEdit()
		if page, ok := w.page.page(); ok {
			p.batch = page.Batch
		}
		if at, ok := w.page.atWord(); ok {
			wrong = strings.Trim(at.Text, ".,;:!?()„“”»«\"")
		}
	}
	f := w.newForm()
	p.wrong = f.entry("Wrong", "As it stands now; several with ; between", wrong)
	p.right = f.entry("Right", "As it is spelt", "")
	options := []string{allBatches}
	if p.batch != "" {
		options = []string{thisBatch, allBatches}
	}
	p.scope = f.choice("Look in", options, options[0])
	stale := func(bool) { p.forget() }
	p.any = parts.NewCheck(w.keys, "Whatever its capitals are", stale)
	p.keep = parts.NewCheck(w.keys, "Capitals stay as they stand", stale)
	p.inside = parts.NewCheck(w.keys, "Inside of longer words too", stale)
	checks := container.NewHBox(p.any, p.keep, p.inside)
	p.wrong.OnChanged, p.right.OnChanged = func(string) { p.forget() }, func(string) { p.forget() }
	p.scope.OnChanged = func(string) { p.forget() }
	p.wrong.OnSubmitted, p.right.OnSubmitted = func(string) { p.find() }, func(string) { p.find() }
	p.table = parts.NewTable(w.keys, 44, parts.Column{Width: 28}, parts.Column{Title: "Page", Width: 120}, parts.Column{Title: "Where it stands", Flex: 1})
	p.table.Multiple = true
	p.table.Count = func() int { return len(p.rows) }
	p.table.Row = p.row
	p.table.OnOpen = func(int) { p.tick() }
	p.note = parts.NewText("", parts.Muted, 12, 200)
	p.apply = parts.NewButton(w.keys, "", nil, p.put)
	p.apply.Importance = widget.HighImportance
	find := parts.NewButton(w.keys, "Find the places", theme.SearchIcon(), p.find)
	all := parts.NewButton(w.keys, "All", nil, func() { p.tickAll(false) })
	none := parts.NewButton(w.keys, "None", nil, func() { p.tickAll(true) })
	top := container.NewVBox(f.rows, container.NewHBox(checks, layout.NewSpacer(), find))
	p.m = &modal{id: "spelling", title: "Spelling of a name on all pages", closed: p.leave}
	p.m.enter = func() {
		if len(p.rows) == 0 {
			p.find()
		} else {
			w.win.Canvas().Focus(p.apply)
		}
	}
	p.m.key = func(chord string) bool {
		switch chord {
		case " ", "Space":
			p.tick()
		case "Ctrl+Enter":
			p.put()
		default:
			return false
		}
		return true
	}
	leave := parts.NewButton(w.keys, "Close", nil, func() { w.shut(p.m) })
	foot := container.NewBorder(nil, nil, nil, container.NewHBox(all, none, leave, p.apply), p.note)
	p.forget()
	w.open(p.m, container.NewBorder(top, foot, nil, nil, p.table), fyne.NewSize(860, 640), p.wrong)
	if wrong != "" {
		w.win.Canvas().Focus(p.right)
	}
}

// spelling is what the fields say.
func (p *speller) spelling() ocr.Spelling {
	n := ocr.Spelling{Right: strings.TrimSpace(p.right.Text), Inside: p.inside.Checked, AnyCase: p.any.Checked, KeepCase: p.keep.Checked}
	for _, w := range strings.Split(p.wrong.Text, ";") {
		if w = strings.TrimSpace(w); w != "" {
			n.Wrong = append(n.Wrong, w)
		}
	}
	return n
}

// forget drops a list that was made for something else.
func (p *speller) forget() {
	p.slot.drop()
	p.found, p.rows = nil, nil
	if p.table != nil {
		p.table.Refresh()
		p.tell("Enter looks for the places; nothing is changed by that", parts.Muted)
	}
}

func (p *speller) tell(words string, tone parts.Tone) {
	n := p.ticked()
	p.apply.SetText("Put " + count(n, "place", "places") + " right")
	if n > 0 && !p.done {
		p.apply.Enable()
	} else {
		p.apply.Disable()
	}
	p.note.Set(words, tone)
	p.w.touch()
}

func (p *speller) ticked() (n int) {
	for _, r := range p.rows {
		if !r.off {
			n++
		}
	}
	return n
}

// find looks for the places in the background.
func (p *speller) find() {
	if p.done {
		return
	}
	p.forget()
	n, core, batch := p.spelling(), p.w.core, p.batch
	if p.scope.Selected == allBatches {
		batch = ""
	}
	if len(n.Wrong) == 0 || n.Right == "" {
		p.tell("Say how the name stands there now, and how it is spelt", parts.Warn)
		return
	}
	p.tell("Looking…", parts.Muted)
	progress := &job.Progress{}
	defer p.poll(progress, parts.Muted)
	load(p.w.bridge, &p.slot, func(ctx context.Context) ([]workbench.Spelt, error) {
		return core.FindSpelling(ctx, batch, n, progress)
	}, func(found []workbench.Spelt, err error) {
		if err != nil {
			if !cancelled(err) {
				x := p.w.cfg.Explain(err)
				p.tell(x.Title+": "+err.Error(), parts.Bad)
			}
			return
		}
		p.asked, p.found = n, found
		for i, s := range found {
			for k, m := range s.Matches {
				p.rows = append(p.rows, spelling{page: i, match: k, off: m.Seen})
			}
		}
		p.table.Refresh()
		if len(p.rows) == 0 {
			p.tell("It is found nowhere", parts.Warn)
			return
		}
		p.table.Select(0)
		p.w.win.Canvas().Focus(p.table)
		p.count()
	})
}

// count says how many places there are.
func (p *speller) count() {
	words := count(len(p.rows), "place", "places") + " on " + count(len(p.found), "page", "pages") + " · Space ticks or unticks"
	for _, r := range p.rows {
		if p.found[r.page].Matches[r.match].Seen {
			words += " · what was looked at by hand before is not ticked"
			break
		}
	}
	p.tell(words, parts.Muted)
}

func (p *speller) row(i int) []parts.Cell {
	r := p.rows[i]
	s := p.found[r.page]
	m := s.Matches[r.match]
	tick, tone := parts.Cell{Icon: theme.CheckButtonCheckedIcon(), Tone: parts.Accent}, parts.Plain
	if r.off {
		tick, tone = parts.Cell{Icon: theme.CheckButtonIcon()}, parts.Muted
	}
	where := "page " + fmt.Sprint(s.Page.Number)
	if p.scope.Selected == allBatches {
		for _, b := range p.w.batches.all {
			if b.ID == s.Page.Batch {
				where = b.Name + ", " + where
			}
		}
	}
	what := parts.Cell{Text: m.Found + "  becomes  " + m.Becomes, Tone: tone, Bold: !r.off}
	if m.Seen {
		what.Text += "   (looked at by hand before)"
	}
	before := strings.TrimLeft("… "+m.Before, " ")
	what.Sub = before + m.Found + m.After + " …"
	what.Marks = [][2]int{{len(before), len(before) + len(m.Found)}}
	return []parts.Cell{tick, {Text: where, Tone: parts.Muted}, what}
}

// tick turns the chosen places over, as the first of them.
func (p *speller) tick() {
	chosen := p.table.Selected.Chosen()
	if len(p.rows) == 0 || len(chosen) == 0 || p.done {
		return
	}
	off := !p.rows[chosen[0]].off
	for _, i := range chosen {
		p.rows[i].off = off
	}
	p.table.Refresh()
	p.count()
}

func (p *speller) tickAll(off bool) {
	for i := range p.rows {
		p.rows[i].off = off
	}
	p.table.Refresh()
	if len(p.rows) > 0 {
		p.count()
	}
}

// poll shows how far the work is, while there is some.
func (p *speller) poll(progress *job.Progress, tone parts.Tone) {
	asked := p.slot.asked
	var show func()
	show = func() {
		if !p.done && (!p.slot.busy || p.slot.asked != asked) {
			return
		}
		if s := progress.Snapshot(); s.Stage != "" {
			p.tell(progressWords(s)+" · Esc stops it", tone)
		}
		p.w.bridge.later(tick, show)
	}
	if p.done || p.slot.busy {
		p.w.bridge.later(tick, show)
	}
}

// leave stops what the closed dialog was doing.
func (p *speller) leave() {
	p.slot.drop()
	if p.stop != nil {
		p.stop()
	}
}

// put puts right what is ticked, in the background.
func (p *speller) put() {
	n := p.ticked()
	if n == 0 || p.done {
		return
	}
	var chosen []workbench.Spelt
	for i, s := range p.found {
		of := workbench.Spelt{Page: s.Page}
		for _, r := range p.rows {
			if r.page == i && !r.off {
				of.Matches = append(of.Matches, s.Matches[r.match])
			}
		}
		if len(of.Matches) > 0 {
			chosen = append(chosen, of)
		}
	}
	w, core, asked := p.w, p.w.core, p.asked
	p.done = true
	p.tell("Putting "+count(n, "place", "places")+" right…", parts.Accent)
	ctx, stop := context.WithCancel(w.bridge.ctx)
	p.stop = stop
	progress := &job.Progress{}
	defer p.poll(progress, parts.Accent)
	act(w.bridge, func(context.Context) error { return core.Spell(ctx, asked, chosen, progress) }, func(err error) {
		p.done = false
		stop()
		if core != w.core {
			return
		}
		if err != nil && cancelled(err) {
			w.say("Stopped: nothing was put right")
			return
		}
		if err != nil {
			p.forget()
			w.fail("Spelling of "+asked.Right, err)
			return
		}
		w.shut(p.m)
		w.page.noUndo, w.page.noRedo, w.arrange.noUndo, w.arrange.noRedo = false, true, false, true
		w.page.stale = len(w.page.waiting) > 0
		w.page.reload()
		w.batches.reload()
		w.say("%s put right; Ctrl+Z takes it back, batch by batch", count(n, "place", "places"))
	})
}
