package gui

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"recto/app/gui/parts"
	"recto/app/workbench"
)

// doctor shows what this machine has and lacks, the models of languages first, and lets
// further folders of models be chosen.
func (w *window) doctor() {
	list := container.NewVBox(parts.NewText("Looking…", parts.Muted, 12, 100))
	m := &modal{id: "doctor", title: "Languages, models and devices"}
	var asked slot
	m.closed = asked.drop
	further := w.cfg.Prefs.StringList(prefModels)
	choices := []choice{{"Close", func() { w.shut(m) }}}
	if w.cfg.Models != nil {
		choices = append(choices, choice{"Add a folder of models…", func() {
			w.chooseFolder("Folder with .traineddata files", "Take models from here", w.home(), func(dir string) {
				w.shut(m)
				w.takeModels(append(slices.DeleteFunc(slices.Clone(further), func(f string) bool { return f == dir }), dir))
			})
		}})
		if len(further) > 0 {
			choices = append(choices, choice{"Leave out added folders", func() { w.shut(m); w.takeModels(nil) }})
		}
	}
	scroll := container.NewVScroll(list)
	w.open(m, scroll, fyne.NewSize(760, 560), nil, choices...)
	load(w.bridge, &asked, func(ctx context.Context) ([]workbench.Check, error) { return w.cfg.Doctor(ctx), nil }, func(checks []workbench.Check, _ error) {
		list.Objects = nil
		for _, c := range checks {
			list.Add(checkCard(c))
		}
		words := "The models of an added folder come before those of the system. Words and patterns for single pages are set in Prepare (Shift+P)."
		if w.cfg.Models == nil {
			words = "Further folders of models are given by RECTO_MODELS, with which Recto was started."
		}
		list.Add(prose(words))
		list.Refresh()
		scroll.Refresh()
		w.touch()
	})
}

// checkCard is one thing that Recto needs or likes, with what helps where it is not there.
func checkCard(c workbench.Check) fyne.CanvasObject {
	icon, tone := theme.ConfirmIcon(), parts.Good
	switch c.State {
	case workbench.Advice:
		icon, tone = theme.WarningIcon(), parts.Warn
	case workbench.Missing:
		icon, tone = theme.ErrorIcon(), parts.Bad
	}
	head := container.NewBorder(nil, nil, widget.NewIcon(tone.Tint(icon)), parts.NewText(string(c.State), tone, 12, 0), parts.NewText(c.Name, parts.Plain, 13, 100).Bold())
	detail := prose(c.Detail)
	box := container.New(layout.NewCustomPaddedVBoxLayout(-4), head, detail)
	if c.Remedy != "" {
		remedy := prose(c.Remedy)
		remedy.Importance = widget.WarningImportance
		box.Add(remedy)
	}
	return box
}

// takeModels takes models from further folders from now on, and keeps that for the next
// start. An archive that is open is opened anew, as its workers have the old ones.
func (w *window) takeModels(folders []string) {
	before := w.cfg.Prefs.StringList(prefModels)
	act(w.bridge, func(context.Context) error {
		err := w.cfg.Models(folders)
		if err != nil {
			w.cfg.Models(before)
		}
		return err
	}, func(err error) {
		if err != nil {
			w.fail("Folder of models", err)
			return
		}
		w.cfg.Prefs.SetStringList(prefModels, folders)
		words := "Only the models of the system are used"
		if n := len(folders); n > 0 {
			words = "Models are taken from " + strings.Join(folders, ", ") + " first"
		}
		if w.core == nil {
			w.say("%s", words)
			return
		}
		w.openArchive(w.core.Directory())
	})
}

// beginModels takes the models that were chosen at an earlier start.
func (w *window) beginModels() {
	folders := w.cfg.Prefs.StringList(prefModels)
	if w.cfg.Models == nil || len(folders) == 0 {
		return
	}
	if err := w.cfg.Models(folders); err != nil { // kept: texts are not to be read by others silently
		w.fail(fmt.Sprintf("Models of %s (Help, Languages, models and devices)", filepath.Base(folders[0])), err)
	}
}
