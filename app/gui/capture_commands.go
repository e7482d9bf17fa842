package gui

import (
	"context"
	"fmt"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/theme"

	"recto/app/workbench"
	"recto/archive"
	"recto/scan"
)

func (s *captureScreen) commands() []*command {
	batch := func() bool { return s.of != "" }
	idle := func() bool { return batch() && s.run == nil }
	sheet := func() bool { _, ok := s.sheet(); return ok && idle() && !s.preview }
	w := s.w
	list := []*command{
		{id: "capture.scan", writes: true, title: "Scan", word: "Scan", keys: []string{"Space", "Enter"}, icon: theme.MediaPlayIcon(), enabled: batch, run: s.scanKey},
		{id: "capture.again", writes: true, title: "Scan the chosen sheet again", word: "Again", keys: []string{"R"}, icon: theme.ViewRefreshIcon(), enabled: func() bool { return sheet() && s.canScan() }, run: s.again},
		{id: "capture.insert", writes: true, title: "Insert before the chosen sheet", word: "Insert", keys: []string{"I"}, icon: theme.ContentAddIcon(), enabled: func() bool { return sheet() && s.canScan() }, run: func() { s.insert(false) }},
		{id: "capture.insert-behind", writes: true, title: "Insert behind the chosen sheet", keys: []string{"Shift+I"}, enabled: func() bool { return sheet() && s.canScan() }, run: func() { s.insert(true) }},
		{id: "capture.discard", writes: true, title: "Discard the chosen sheet: to the bin", word: "Discard", keys: []string{"Backspace"}, icon: theme.DeleteIcon(), enabled: sheet, run: s.discard},
		{id: "capture.undo", writes: true, title: "Undo", word: "Undo", keys: []string{"Ctrl+Z"}, icon: theme.ContentUndoIcon(), enabled: idle, run: func() { s.undo(false) }},
		{id: "capture.redo", writes: true, title: "Redo", word: "Redo", quiet: true, keys: []string{"Ctrl+Y", "Ctrl+Shift+Z"}, icon: theme.ContentRedoIcon(), enabled: idle, run: func() { s.undo(true) }},
		{id: "capture.duplex", writes: true, title: "Both sides by hand: all fronts, then all backs", word: "Both sides", quiet: true, keys: []string{"D"}, icon: iconDuplex, enabled: idle, run: s.duplexKey},
		{id: "capture.preview", title: "A quick look at what lies there", word: "Preview", keys: []string{"P"}, icon: theme.VisibilityIcon(), enabled: s.canScan, run: s.lookQuickly},
		{id: "capture.compare", title: "Compare with the version before, side by side", word: "Compare", keys: []string{"C"}, icon: iconCompare, enabled: func() bool { _, ok := s.sheet(); return ok }, run: s.compare},
		{id: "capture.accept", writes: true, title: "Accept what is odd about the chosen sheet…", word: "Accept", keys: []string{"A"}, icon: theme.ConfirmIcon(), enabled: func() bool { p, ok := s.sheet(); return ok && len(p.Concerns) > 0 }, run: s.accept},
		{id: "capture.review", title: "List what is to be looked at…", word: "To look at", keys: []string{"L"}, icon: theme.ListIcon(), enabled: batch, run: func() { w.review(s.batch) }},
		{id: "capture.sign", writes: true, title: "Sign off the count…", word: "Sign off", keys: []string{"S"}, enabled: func() bool { return batch() && canSign(s.batch) }, run: func() { w.sign(s.batch) }},
		{id: "capture.batch", writes: true, title: "New batch, or another one…", word: "Batch", keys: []string{"B"}, enabled: func() bool { return s.run == nil }, run: w.chooseBatch},
		{id: "capture.describe", writes: true, title: "Change what the batch says of itself…", keys: []string{"E"}, enabled: idle, run: func() { w.describeBatch(s.batch) }},
		{id: "capture.device", title: "Device, its settings, and profiles…", word: "Device", keys: []string{"T"}, enabled: func() bool { return s.run == nil }, run: w.chooseDevice},
		{id: "capture.label", writes: true, title: "Label of the next page…", keys: []string{"N"}, enabled: idle, run: s.askLabel},
		{id: "capture.label-more", writes: true, title: "Next label one on", keys: []string{"+", "="}, enabled: func() bool { return idle() && s.nextLabel() != "" }, run: func() { s.stepLabel(1) }},
		{id: "capture.label-less", writes: true, title: "Next label one back", keys: []string{"-"}, enabled: func() bool { return idle() && s.nextLabel() != "" }, run: func() { s.stepLabel(-1) }},
		{id: "capture.watch", writes: true, title: "Watch a folder, or stop it", keys: []string{"W"}, enabled: func() bool { return batch() && (s.run == nil || s.run.folder != "") }, run: s.watchFolder},
		{id: "import.files", writes: true, title: "Import files…", word: "Import", quiet: true, keys: []string{"Ctrl+O"}, icon: theme.DownloadIcon(), run: w.importFiles},
		{id: "capture.retry", writes: true, title: "Try the run that failed again", enabled: func() bool { return s.failure != nil && s.run == nil }, run: s.retry},
		{id: "capture.look-for-device", title: "Look again whether the device is there", enabled: func() bool { return s.run == nil }, run: func() { s.probe(true) }},
	}
	for i := range 9 {
		list = append(list, &command{id: profileCommand(i), writes: true, title: fmt.Sprintf("Capture with profile %d", i+1), keys: []string{fmt.Sprint(i + 1)},
			named:   func() string { return s.profileName(i) },
			enabled: func() bool { return idle() && i < len(s.profiles) }, run: func() { s.chooseProfile(s.profiles[i].Name) }})
	}
	for _, c := range list {
		c.scope, c.menu = "capture", "Capture"
	}
	s.w.applyPedal(list[0])
	return list
}

// applyPedal gives the command that scans the key of the foot pedal too.
func (w *window) applyPedal(c *command) {
	c.keys = []string{"Space", "Enter"}
	if k := w.cfg.Prefs.String(prefPedal); k != "" && k != "Space" && k != "Enter" {
		c.keys = append(c.keys, k)
	}
}

// pedalKey is asked before the strip takes a key: many pedals are a Page Down.
func (s *captureScreen) pedalKey(k fyne.KeyName) bool {
	if k == "" || chordOf(k, 0) != s.w.cfg.Prefs.String(prefPedal) || isCharacter(string(k)) {
		return false
	}
	return s.w.run(s.w.reg.byID("capture.scan"))
}

// change runs what changes the batch and shows then what the core says.
func (s *captureScreen) change(what, said string, work func(context.Context, Core) error) {
	core := s.w.core
	s.changed = true
	act(s.w.bridge, func(ctx context.Context) error { return work(ctx, core) }, func(err error) {
		if core != s.w.core {
			return
		}
		switch {
		case err == nil && said != "":
			s.w.say("%s", said)
		case err != nil:
			s.w.fail(what, err)
		}
		s.reload()
	})
}

func (s *captureScreen) discard() {
	p, ok := s.sheet()
	if !ok {
		return
	}
	s.change("Discard", fmt.Sprintf("Page %s is in the bin; Ctrl+Z brings it back", pageName(p)), func(ctx context.Context, c Core) error {
		return c.BinPages(ctx, []scan.PageID{p.ID})
	})
}

func (s *captureScreen) undo(redo bool) {
	id, what := s.of, ""
	core := s.w.core
	s.changed = true
	act(s.w.bridge, func(ctx context.Context) (err error) {
		if redo {
			what, err = core.Redo(ctx, id)
		} else {
			what, err = core.Undo(ctx, id)
		}
		return err
	}, func(err error) {
		switch {
		case core != s.w.core:
			return
		case err == nil && redo:
			s.w.say("Done again: %s", what)
		case err == nil:
			s.w.say("Undone: %s", what)
		case isNothing(err):
			s.w.say("%s", s.w.cfg.Explain(err).Title)
		default:
			s.w.fail("Undo", err)
		}
		s.leaveLooks()
		s.refreshDuplex()
		s.reload()
	})
}

// nextLabel is what the next page will be labelled.
func (s *captureScreen) nextLabel() string {
	if s.by {
		return s.label
	}
	return s.next
}

// stepLabel goes on or back by one label.
func (s *captureScreen) stepLabel(by int) {
	now := s.nextLabel()
	to := archive.NextLabel(now)
	if by < 0 {
		to = labelBefore(now)
	}
	if to == "" {
		s.w.say("Nobody can tell what comes there; N types a label")
		return
	}
	s.label, s.by = to, to != s.next
	s.fillSide()
	s.w.touch()
}

// labelBefore is the label whose next one is label; empty where none of the usual
// series leads there.
func labelBefore(label string) string {
	if label == "" {
		return ""
	}
	for _, first := range []string{"1", "1r", "i", "I"} {
		before := first
		for range 3000 {
			next := archive.NextLabel(before)
			if next == label {
				return before
			}
			if next == "" || next == before {
				break
			}
			before = next
		}
	}
	return ""
}

func (s *captureScreen) askLabel() {
	s.w.askText("label", "Label of the next page", "A folio or page number: 1r, 12bis, iv. The pages behind it follow on. Empty: no label.", "1r", s.nextLabel(), "Use it", true, func(label string) {
		s.label, s.by = label, label != s.next
		s.fillSide()
	})
}

// chooseProfile makes a profile that of the batch. What a batch with pages says of
// its sides and labels stays: only new pages are made in the new way.
func (s *captureScreen) chooseProfile(name string) {
	b := s.batch
	s.failure = nil
	r := workbench.BatchRequest{Profile: &name}
	if b.Pages > 0 {
		sides := max(b.Sides, 1)
		r.Sides, r.Series = &sides, &b.Series
		if r.Languages = b.Languages; r.Languages == nil {
			r.Languages = []string{}
		}
	}
	s.change("Profile", "Capturing with "+name, func(ctx context.Context, c Core) error {
		_, err := c.DescribeBatch(ctx, b.ID, r)
		return err
	})
	s.duplex = duplex{}
	for _, p := range s.profiles {
		if p.Name == name && p.Duplex == "manual" {
			s.startDuplex()
		}
	}
	s.probe(false)
}

// profileName is what the i-th profile is called; empty where there is none.
func (s *captureScreen) profileName(i int) string {
	if i < len(s.profiles) {
		return s.profiles[i].Name
	}
	return ""
}

// profile is that of the batch.
func (s *captureScreen) profile() (archive.Profile, bool) {
	for _, p := range s.profiles {
		if s.batch.Profile != "" && strings.EqualFold(p.Name, s.batch.Profile) {
			return p, true
		}
	}
	return archive.Profile{}, false
}

// loadProfiles asks which there are.
func (s *captureScreen) loadProfiles() {
	core := s.w.core
	if core == nil {
		return
	}
	load(s.w.bridge, &s.profileSlot, core.Profiles, func(all []archive.Profile, err error) {
		if err != nil {
			if !cancelled(err) {
				s.w.fail("Profiles", err)
			}
			return
		}
		first := s.profiles == nil
		s.profiles = all
		if first && s.of != "" {
			s.begun()
		}
		if s.w.current == screen(s) {
			s.probe(false)
		}
		s.fill()
	})
}
