package gui

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"recto/app/gui/parts"
	"recto/archive"
	"recto/scan"
)

// manageProfiles lists the capture profiles, to change and to remove.
func (w *window) manageProfiles() {
	core := w.core
	if core == nil {
		return
	}
	var all []archive.Profile
	var asked slot
	t := parts.NewTable(w.keys, 44, parts.Column{Title: "Key", Width: 46}, parts.Column{Title: "Profile", Width: 150, Flex: 1}, parts.Column{Title: "What it says", Width: 150, Flex: 2}, parts.Column{Title: "", Width: 120})
	t.Telling = true
	t.Count = func() int { return len(all) }
	t.Row = func(i int) []parts.Cell {
		p := all[i]
		key, state := parts.Cell{Tone: parts.Muted}, parts.Cell{Tone: parts.Muted}
		if i < 9 {
			key.Text = strconv.Itoa(i + 1)
		}
		switch {
		case p.Locked:
			state = parts.Cell{Icon: iconLock, Text: "Locked", Tone: parts.Warn}
		case p.Shipped:
			state.Text = "Recto's own"
		}
		return []parts.Cell{key, {Text: p.Name, Bold: true, Sub: p.Note}, {Text: strings.Join(profileSettings(p), " · "), Sub: p.Device}, state}
	}
	m := &modal{id: "profiles", title: "Capture profiles"}
	chosen := func() (archive.Profile, bool) {
		if i := t.Current(); i >= 0 && i < len(all) {
			return all[i], true
		}
		return archive.Profile{}, false
	}
	edit := func() {
		if p, ok := chosen(); ok && !w.looking {
			w.shut(m)
			w.editProfile("Profile "+p.Name, p, false)
		}
	}
	add := func() {
		if !w.looking {
			w.shut(m)
			w.editProfile("New profile", archive.Profile{Sides: 1}, true)
		}
	}
	remove := func() {
		p, ok := chosen()
		if !ok || w.looking {
			return
		}
		if p.Shipped {
			w.say("%s comes with Recto and cannot be removed", p.Name)
			return
		}
		w.shut(m)
		w.withWord(p.Locked, "Remove "+p.Name, "Remove it", func(word string) {
			act(w.bridge, func(ctx context.Context) error { return core.RemoveProfile(ctx, p.Name, word) }, func(err error) {
				if err != nil {
					w.fail("Remove "+p.Name, err)
					return
				}
				w.say("Profile %s is removed", p.Name)
				w.capture.loadProfiles()
				w.manageProfiles()
			})
		})
	}
	m.key = func(chord string) bool {
		switch chord {
		case "Ctrl+N":
			add()
		case "Del":
			remove()
		case "Ctrl+W":
			w.shut(m)
			w.supervisor()
		default:
			return false
		}
		return true
	}
	m.closed = func() { asked.drop() }
	t.OnOpen = func(int) { edit() }
	w.open(m, t, fyne.NewSize(860, 460), t, choice{"Change   Enter", edit}, choice{"New   Ctrl+N", add}, choice{"Remove   Del", remove},
		choice{"Supervisor's word…   Ctrl+W", func() { w.shut(m); w.supervisor() }}, choice{"Close", func() { w.shut(m) }})
	load(w.bridge, &asked, core.Profiles, func(list []archive.Profile, err error) {
		if err != nil {
			w.fail("Profiles", err)
			return
		}
		all = list
		t.Refresh()
		if len(all) > 0 {
			t.Select(0)
		}
	})
}

// withWord asks for agreement, and for the supervisor's word where that is needed.
func (w *window) withWord(locked bool, title, agree string, do func(word string)) {
	if !locked {
		w.ask("sure", title+"?", "What was captured with it stays as it is.", agree, func() { do("") })
		return
	}
	m := &modal{id: "word", title: title}
	e := parts.NewEntry(w.keys, "The supervisor's word")
	e.Password = true
	finish := func() { w.shut(m); do(e.Text) }
	e.OnSubmitted = func(string) { finish() }
	w.open(m, container.NewVBox(prose("It is locked. The supervisor's word unlocks it."), e), fyne.NewSize(460, 170), e, choice{agree, finish}, choice{"Cancel", func() { w.shut(m) }})
}

// supervisor sets the word that unlocks profiles.
func (w *window) supervisor() {
	core := w.core
	if core == nil || w.looking {
		return
	}
	var asked slot
	load(w.bridge, &asked, core.HasSupervisor, func(has bool, err error) {
		if err != nil {
			w.fail("Supervisor's word", err)
			return
		}
		f := w.newForm()
		secret := func(name string) *parts.Entry {
			e := parts.NewEntry(w.keys, "")
			e.Password = true
			f.add(name, e)
			return e
		}
		var old *parts.Entry
		if has {
			old = secret("Word so far")
		}
		word, twice := secret("New word"), secret("Once more")
		note := parts.NewText("", parts.Bad, 12, 200)
		m := &modal{id: "supervisor", title: "Supervisor's word"}
		finish := func() {
			if word.Text != twice.Text {
				note.Set("The two are not the same", parts.Bad)
				return
			}
			before := ""
			if old != nil {
				before = old.Text
			}
			act(w.bridge, func(ctx context.Context) error { return core.SetSupervisor(ctx, before, word.Text) }, func(err error) {
				if err != nil {
					note.Set(err.Error(), parts.Bad)
					return
				}
				w.shut(m)
				w.say("The supervisor's word is set")
			})
		}
		first := word
		if old != nil {
			first = old
		}
		m.enter = finish
		twice.OnSubmitted = func(string) { finish() }
		w.open(m, container.NewVBox(prose("It unlocks locked profiles. It keeps volunteers from slips; it is no protection against somebody who may write to the archive's folder."), f.rows, note),
			fyne.NewSize(500, 240), first, choice{"Set it", finish}, choice{"Cancel", func() { w.shut(m) }})
	})
}

// separatorCodes are the kinds of code that separate where codes do.
var separatorCodes = []scan.CodeKind{scan.QR, scan.Code128, scan.Code39, scan.DataMatrix}

// editProfile shows all that a profile says. The supervisor's word is asked for in
// the form where the profile is locked, or is to be.
func (w *window) editProfile(head string, p archive.Profile, fresh bool) {
	f := w.newForm()
	name := f.entry("Name", "Letters, small", p.Name)
	note := f.entry("What it is for", "", p.Note)
	f.heading("Scanning")
	device := f.entry("Device", "Empty: whatever is chosen", p.Device)
	source := f.entry("Source", "flatbed, adf, duplex, or the device's own word", p.Source)
	mode := f.entry("Mode", "color, gray, lineart, or the device's own word", p.Mode)
	depth := f.choice("Bits a sample", []string{"As the device has it", "1", "8", "16"}, "As the device has it")
	if p.Depth > 0 {
		depth.SetSelected(strconv.Itoa(p.Depth))
	}
	resolution := f.number("Resolution (dpi)", "300", int(p.Resolution))
	options := f.entry("Other settings", "NAME=VALUE; NAME=VALUE", settingsText(p.Options))
	sides := f.choice("Sides of a sheet", []string{"1", "2"}, strconv.Itoa(min(max(p.Sides, 1), 2)))
	byHand := f.check("", "Both sides by hand: all fronts, then all backs", p.Duplex == "manual")
	f.heading("Pages")
	series := f.entry("First label", "1r, 1, i …; empty: no labels", p.Series)
	languages := f.entry("Languages", "eng+deu", strings.Join(p.Languages, "+"))
	f.heading("A new unit begins")
	patch := f.check("", "at a patch code sheet (T, 2, 3)", p.Separation.Patch)
	codes := f.check("", "at a QR code or barcode", len(p.Separation.Codes) > 0)
	pattern := f.entry("whose text is like", "Regular expression; empty: cover sheets and planned units only", p.Separation.Pattern)
	blank := f.check("", "at an empty sheet", p.Separation.Blank)
	every := f.number("every so many pages", "Empty: no", p.Separation.Every)
	keep := f.check("", "Separator sheets stay with the unit", p.Separation.Keep)
	f.heading("Flag a page")
	least := f.number("below (dpi)", "Empty: do not ask", int(p.Quality.LeastDPI))
	skew := f.entry("askew by more than (°)", "Empty: do not ask", number64(p.Quality.MostSkew))
	blanks := f.check("", "Blank pages are ordinary here: count them, do not flag them", p.Quality.BlanksWelcome)
	f.heading("Lock")
	lock := f.check("", "Only the supervisor may change it, and nothing of it can be overridden", p.Locked)
	word := parts.NewEntry(w.keys, "Needed to lock it, or to change it where it is locked")
	word.Password = true
	f.add("Supervisor's word", word)
	problem := prose("")
	problem.Hide()
	m := &modal{id: "profile", title: head}
	finish := func() {
		q := p
		q.Shipped = p.Shipped && !fresh && strings.EqualFold(strings.TrimSpace(name.Text), p.Name)
		text := func(e *parts.Entry) string { return strings.TrimSpace(e.Text) }
		q.Name, q.Note, q.Device, q.Source, q.Mode, q.Series = text(name), text(note), text(device), text(source), text(mode), text(series)
		complain := func(words string) { problem.SetText(words); problem.Show() }
		var ok bool
		if q.Options, ok = parseSettings(options.Text); !ok {
			complain("Other settings: write NAME=VALUE, with semicolons between them")
			return
		}
		dpi, ok1 := wholeNumber(resolution)
		low, ok2 := wholeNumber(least)
		n, ok3 := wholeNumber(every)
		askew, err := strconv.ParseFloat("0"+strings.ReplaceAll(text(skew), ",", "."), 64)
		if !ok1 || !ok2 || !ok3 || err != nil {
			complain("Resolutions, degrees and numbers of pages are numbers")
			return
		}
		q.Resolution, q.Quality.LeastDPI, q.Separation.Every, q.Quality.MostSkew = float64(dpi), float64(low), n, askew
		if int(p.Resolution) == dpi {
			q.Resolution = p.Resolution
		}
		q.Depth, _ = strconv.Atoi(depth.Selected)
		q.Sides, _ = strconv.Atoi(sides.Selected)
		q.Duplex = ""
		if byHand.Checked {
			q.Duplex, q.Sides = "manual", 2
		}
		q.Languages = nil
		for l := range strings.FieldsFuncSeq(languages.Text, func(r rune) bool { return r == '+' || r == ',' || r == ' ' }) {
			q.Languages = append(q.Languages, l)
		}
		q.Separation.Patch, q.Separation.Blank, q.Separation.Keep, q.Separation.Pattern = patch.Checked, blank.Checked, keep.Checked, text(pattern)
		switch {
		case !codes.Checked:
			q.Separation.Codes = nil
		case len(q.Separation.Codes) == 0:
			q.Separation.Codes = slices.Clone(separatorCodes)
		}
		q.Quality.BlanksWelcome, q.Locked = blanks.Checked, lock.Checked
		core := w.core
		act(w.bridge, func(ctx context.Context) error { return core.SaveProfile(ctx, q, word.Text) }, func(err error) {
			if err != nil {
				x := w.cfg.Explain(err)
				complain(x.Title + ". " + x.Remedy + "\n" + err.Error())
				return
			}
			w.shut(m)
			w.say("Profile %s is kept", q.Name)
			w.capture.loadProfiles()
		})
	}
	m.enter = finish
	w.open(m, container.NewBorder(nil, problem, nil, nil, f.scroll()), fyne.NewSize(660, 560), name, choice{"Keep   Ctrl+Enter", finish}, choice{"Cancel", func() { w.shut(m) }})
}

func number64(v float64) string {
	if v == 0 {
		return ""
	}
	return strconv.FormatFloat(v, 'g', -1, 64)
}

// settingsText writes settings as people type them.
func settingsText(set []scan.Setting) string {
	var words []string
	for _, s := range set {
		words = append(words, s.Name+"="+s.Value)
	}
	return strings.Join(words, "; ")
}

func parseSettings(text string) ([]scan.Setting, bool) {
	var out []scan.Setting
	for word := range strings.SplitSeq(text, ";") {
		if word = strings.TrimSpace(word); word == "" {
			continue
		}
		name, value, ok := strings.Cut(word, "=")
		if name = strings.TrimSpace(name); !ok || name == "" {
			return nil, false
		}
		out = append(out, scan.Setting{Name: name, Value: strings.TrimSpace(value)})
	}
	return out, true
}

var iconLock = drawn("lock", `<path d="M18 9h-1V7A5 5 0 0 0 7 7v2H6a2 2 0 0 0-2 2v9a2 2 0 0 0 2 2h12a2 2 0 0 0 2-2v-9a2 2 0 0 0-2-2zM9 7a3 3 0 0 1 6 0v2H9zm9 13H6v-9h12z"/>`)
