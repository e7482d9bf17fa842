package gui

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"

	"recto/app/gui/parts"
	"recto/app/workbench"
)

// chooseBatch offers the batches, the last touched first, and a new one.
func (w *window) chooseBatch() {
	core := w.core
	if core == nil {
		return
	}
	var s slot
	load(w.bridge, &s, core.Batches, func(all []workbench.BatchInfo, err error) {
		switch {
		case err != nil:
			w.fail("Batches", err)
		case len(all) == 0:
			w.newBatch()
		default:
			w.offerBatches(lastFirst(all))
		}
	})
}

func (w *window) offerBatches(all []workbench.BatchInfo) {
	rows := all
	t := parts.NewTable(w.keys, parts.RowHeight, parts.Column{Title: "Batch", Width: 110, Flex: 2}, parts.Column{Title: "Title", Width: 110, Flex: 3, Spare: 1},
		parts.Column{Title: "Sheets", Width: 110, Right: true}, parts.Column{Title: "Count", Width: 130}, parts.Column{Title: "Last touched", Width: 130, Spare: 2})
	t.Count = func() int { return len(rows) }
	t.Row = func(i int) []parts.Cell {
		b := rows[i]
		st := countState(b)
		return []parts.Cell{{Text: b.Name, Bold: b.ID == w.batch}, {Text: b.Title}, {Text: sheetsOf(b)}, {Icon: st.icon, Text: st.word, Tone: st.tone}, {Text: ago(b.Touched), Tone: parts.Muted}}
	}
	m := &modal{id: "batch", title: "Which batch?"}
	query := parts.NewEntry(w.keys, "Type a part of its name or title")
	take := func() {
		if i := t.Current(); i >= 0 && i < len(rows) {
			w.shut(m)
			w.goToBatch(rows[i])
		}
	}
	query.OnChanged = func(q string) {
		rows = namedLike(all, q)
		t.Refresh()
		if len(rows) > 0 {
			t.Select(0)
		}
	}
	query.OnKey = func(k fyne.KeyName) bool {
		switch k {
		case fyne.KeyUp, fyne.KeyDown, fyne.KeyPageUp, fyne.KeyPageDown:
			return t.Step(k)
		case fyne.KeyReturn, fyne.KeyEnter:
			take()
			return true
		}
		return false
	}
	t.OnOpen = func(int) { take() }
	m.enter = take
	add := func() { w.shut(m); w.newBatch() }
	m.key = func(chord string) bool {
		if chord == "Ctrl+N" {
			add()
			return true
		}
		return false
	}
	fresh := parts.NewButton(w.keys, "New batch   Ctrl+N", theme.ContentAddIcon(), add)
	w.open(m, container.NewBorder(container.NewBorder(nil, nil, nil, fresh, query), nil, nil, nil, t), fyne.NewSize(760, 480), query,
		choice{"Go on in this one", take}, choice{"Cancel", func() { w.shut(m) }})
	t.Select(0)
}

// namedLike gives the batches that show what is typed, in their order: the one of just
// that name first, then those whose name begins so. Scans go where Enter leads.
func namedLike(all []workbench.BatchInfo, q string) []workbench.BatchInfo {
	var found []workbench.BatchInfo
	for _, b := range all {
		if matches(b.Name+" "+b.Title, q) {
			found = append(found, b)
		}
	}
	rank := func(b workbench.BatchInfo) int {
		name, q := strings.ToLower(b.Name), strings.ToLower(strings.TrimSpace(q))
		switch {
		case name == q:
			return 0
		case strings.HasPrefix(name, q):
			return 1
		}
		return 2
	}
	slices.SortStableFunc(found, func(a, b workbench.BatchInfo) int { return rank(a) - rank(b) })
	return found
}

// sheetsOf is "37 of 120", or what there is where nobody has counted.
func sheetsOf(b workbench.BatchInfo) string {
	n := b.Count()
	if n.Expected > 0 {
		return fmt.Sprintf("%d of %d", n.Sheets, n.Expected)
	}
	return fmt.Sprint(n.Sheets)
}

// goToBatch makes a batch the one that Capture and Arrange show.
func (w *window) goToBatch(b workbench.BatchInfo) {
	w.batch = b.ID
	w.batches.reload()
	w.show(w.capture)
}

func (w *window) newBatch() {
	w.batchForm("New batch", "Begin", workbench.BatchInfo{}, func(ctx context.Context, c Core, r workbench.BatchRequest) (workbench.BatchInfo, error) {
		return c.CreateBatch(ctx, r)
	})
}

func (w *window) describeBatch(b workbench.BatchInfo) {
	w.batchForm("Batch "+b.Name, "Keep", b, func(ctx context.Context, c Core, r workbench.BatchRequest) (workbench.BatchInfo, error) {
		return c.DescribeBatch(ctx, b.ID, r)
	})
}

// batchForm asks what a batch is.
func (w *window) batchForm(head, agree string, b workbench.BatchInfo, keep func(context.Context, Core, workbench.BatchRequest) (workbench.BatchInfo, error)) {
	const none = "None"
	f := w.newForm()
	shelfmark := f.entry("Shelfmark", "Reference of the whole: PR-014", b.Shelfmark)
	name := f.entry("Title", "What it is, in a few words", b.Title)
	box := f.entry("Container", "Box, folder or volume that it lies in", b.Container)
	expected := f.number("Expected sheets", "How many sheets of paper; empty: not counted", b.Expected)
	options := []string{none}
	for _, p := range w.capture.profiles {
		options = append(options, p.Name)
	}
	chosen := b.Profile
	if chosen == "" {
		chosen = none
	}
	profile := f.choice("Profile", options, chosen)
	languages := f.entry("Languages", "eng+deu; empty: as the profile says, or eng", strings.Join(b.Languages, "+"))
	const auto, one, two = "As the profile says", "1: one image a sheet", "2: front and back"
	sides := f.choice("Sides of a sheet", []string{auto, one, two}, auto)
	if b.ID != "" {
		sides.SetOptions([]string{one, two})
		sides.SetSelectedIndex(min(max(b.Sides, 1), 2) - 1)
	}
	series := f.entry("First label", "1r, 1, i …; empty: as the profile says", b.Series)
	if b.ID != "" {
		series.SetPlaceHolder("1r, 1, i …; empty: no labels")
		languages.SetPlaceHolder("eng+deu; empty: eng")
	}
	note := parts.NewText("", parts.Bad, 12, 200)
	m := &modal{id: "batch-form", title: head}
	if b.ID == "" {
		m.id = "batch-new"
	}
	done := false
	finish := func() {
		r := workbench.BatchRequest{}
		text := func(to **string, e *parts.Entry) {
			s := strings.TrimSpace(e.Text)
			*to = &s
		}
		text(&r.Shelfmark, shelfmark)
		text(&r.Title, name)
		text(&r.Container, box)
		if b.ID != "" || strings.TrimSpace(series.Text) != "" {
			text(&r.Series, series)
		}
		if langs := languagesIn(languages.Text); !slices.Equal(langs, b.Languages) {
			r.Languages = append([]string{}, langs...)
		}
		n, ok := wholeNumber(expected)
		missing := w.notInstalled(r.Languages)
		switch {
		case missing != "":
			note.Set("Languages: "+missing, parts.Bad)
			return
		case !ok:
			note.Set("Expected sheets: give a number", parts.Bad)
			return
		case *r.Shelfmark == "" && *r.Title == "" && b.Name == "":
			note.Set("Give a shelfmark or a title", parts.Bad)
			return
		case done:
			return
		}
		r.Expected = &n
		if profile.Selected != none {
			r.Profile = &profile.Selected
		} else if b.Profile != "" {
			empty := ""
			r.Profile = &empty
		}
		switch sides.Selected {
		case one:
			k := 1
			r.Sides = &k
		case two:
			k := 2
			r.Sides = &k
		}
		done = true
		core := w.core
		var got workbench.BatchInfo
		act(w.bridge, func(ctx context.Context) (err error) {
			got, err = keep(ctx, core, r)
			return err
		}, func(err error) {
			done = false
			if core != w.core {
				return
			}
			if err != nil {
				x := w.cfg.Explain(err)
				note.Set(x.Title+". "+x.Remedy, parts.Bad)
				w.lastError = err.Error()
				return
			}
			w.shut(m)
			w.capture.changed = true
			if b.ID == "" {
				w.goToBatch(got)
				return
			}
			if b.ID == w.batch {
				w.arrange.noUndo, w.arrange.noRedo = false, true
			}
			w.say("%s is changed; Ctrl+Z in Capture or Arrange takes it back", got.Name)
			w.batches.reload()
			w.capture.reload()
		})
	}
	for _, e := range []*parts.Entry{shelfmark, name, box, expected, languages, series} {
		e.OnSubmitted = func(string) { finish() }
	}
	w.open(m, f.scroll(note), fyne.NewSize(560, 330), shelfmark, choice{agree, finish}, choice{"Cancel", func() { w.shut(m) }})
}

// canSign tells whether there is something to sign off, or a signature.
func canSign(b workbench.BatchInfo) bool {
	switch b.State() {
	case workbench.Short, workbench.Over, workbench.SignedOff:
		return true
	}
	return b.Units > 0 || b.SignatureHolds() // a unit may have another number than its cover sheet says
}

// sign asks why a count is right although it is not the one expected.
func (w *window) sign(b workbench.BatchInfo) {
	id := b.ID
	record := func(reason string) {
		core := w.core
		act(w.bridge, func(ctx context.Context) error { return core.SignBatch(ctx, id, reason) }, func(err error) {
			switch {
			case err != nil:
				w.fail("Sign off", err)
			case reason == "":
				w.say("The signature is taken back")
			default:
				w.say("Signed off: %s", reason)
			}
			w.batches.reload()
			w.capture.reload()
		})
	}
	if b.SignatureHolds() {
		w.ask("unsign", "Take the signature back?", fmt.Sprintf("%s: %s. Signed off because: %s", b.Name, countWords(b), b.Signed.Reason), "Take it back", func() { record("") })
		return
	}
	example := "Two leaves are missing from the volume"
	if b.State() == workbench.Over {
		example = "Two loose leaves lay in the volume"
	}
	w.askText("sign", "Sign off "+b.Name, fmt.Sprintf("There are %s (%s). Why is that right? The reason is kept, and holds until the count changes.", countWords(b), countState(b).word),
		example, "", "Sign off", false, record)
}
