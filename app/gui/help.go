package gui

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/widget"

	"recto/app/gui/parts"
)

// line is a row of help or palette: a command, or a heading where it is nil.
type line struct {
	heading string
	command *command
}

// scopeTitle names the place where a command holds.
func (w *window) scopeTitle(scope string) string {
	if scope == "" {
		return "Everywhere"
	}
	if s := w.screenByID(scope); s != nil {
		return s.word()
	}
	return scope
}

// helpLines lists every command that has a key: of this screen, of everywhere, of
// the other screens.
func (w *window) helpLines() []line {
	scopes := []string{}
	if w.core != nil {
		scopes = append(scopes, w.scope())
	}
	scopes = append(scopes, "")
	for _, s := range w.screens {
		if s.id() != w.scope() {
			scopes = append(scopes, s.id())
		}
	}
	var out []line
	for _, scope := range scopes {
		out = append(out, line{heading: w.scopeTitle(scope)})
		for _, c := range w.reg.list {
			if c.scope == scope && len(c.keys) > 0 && !c.empty() {
				out = append(out, line{command: c})
			}
		}
	}
	return out
}

// standing keys of the parts, which no command stands for.
var partKeys = []struct{ keys, what string }{
	{"Arrows, Home, End, PgUp, PgDn", "Move in a list or grid"},
	{"Shift with a moving key or click", "Extend the selection"},
	{"Ctrl with a click", "Add to the selection or take away"},
	{"Tab", "Next field"},
	{"Wheel, drag", "Zoom and move the page"},
	{"Alt+1, Alt+2, Alt+3, Alt+4", "Before, after, as read, both (in Prepare)"},
	{"F6, PgUp, PgDn", "To the picture and back, page (in Prepare)"},
	{"Dashed box, dashed line", "A doubtful word (on Page)"},
	{"Bar below the box, two lines", "A word that was corrected"},
	{"Line below, one line", "A word that somebody checked"},
	{"Struck out", "A word that nobody can read"},
}

// help shows the keys.
func (w *window) help() {
	lines := w.helpLines()
	n := len(lines) + 1 + len(partKeys)
	t := parts.NewTable(w.keys, parts.RowHeight, parts.Column{Width: 250}, parts.Column{Flex: 1})
	t.Count = func() int { return n }
	t.Row = func(i int) []parts.Cell {
		if i < len(lines) {
			if c := lines[i].command; c != nil {
				return []parts.Cell{{Text: strings.Join(c.keys, "  or  "), Bold: true}, {Text: c.words()}}
			}
			return []parts.Cell{{Text: lines[i].heading, Tone: parts.Accent, Bold: true}, {}}
		}
		if i == len(lines) {
			return []parts.Cell{{Text: "In lists, grids and pages", Tone: parts.Accent, Bold: true}, {}}
		}
		k := partKeys[i-len(lines)-1]
		return []parts.Cell{{Text: k.keys, Bold: true}, {Text: k.what}}
	}
	m := &modal{id: "keys", title: "Keys"}
	w.open(m, t, fyne.NewSize(720, 640), t, choice{"Close", func() { w.shut(m) }})
}

// palette lists all commands that can be done now, to filter by typing.
func (w *window) palette() {
	var all, show []*command
	for _, c := range w.reg.list {
		if (c.scope == "" || w.core != nil) && c.id != "help.palette" && c.id != "view.escape" && !c.empty() {
			all = append(all, c)
		}
	}
	t := parts.NewTable(w.keys, parts.RowHeight, parts.Column{Flex: 1}, parts.Column{Width: 120}, parts.Column{Width: 130, Right: true})
	query := parts.NewEntry(w.keys, "Type a part of a command's name")
	m := &modal{id: "palette", title: "All commands"}
	do := func() {
		if i := t.Current(); i >= 0 && i < len(show) {
			w.shut(m)
			w.runFromMenu(show[i])
		}
	}
	filter := func(q string) {
		show = show[:0:0]
		for _, c := range all {
			if matches(w.scopeTitle(c.scope)+" "+c.words(), q) {
				show = append(show, c)
			}
		}
		t.Refresh()
		if len(show) > 0 {
			t.Select(0)
		}
	}
	t.Count = func() int { return len(show) }
	t.Row = func(i int) []parts.Cell {
		c := show[i]
		tone := parts.Plain
		if !c.can() {
			tone = parts.Muted
		}
		return []parts.Cell{{Text: c.words(), Tone: tone}, {Text: w.scopeTitle(c.scope), Tone: parts.Muted}, {Text: c.key(), Tone: parts.Muted}}
	}
	t.OnOpen = func(int) { do() }
	query.OnChanged = filter
	query.OnKey = func(k fyne.KeyName) bool {
		switch k {
		case fyne.KeyUp, fyne.KeyDown, fyne.KeyPageUp, fyne.KeyPageDown:
			return t.Step(k)
		case fyne.KeyReturn, fyne.KeyEnter:
			do()
			return true
		}
		return false
	}
	filter("")
	m.enter = do
	w.open(m, container.NewBorder(query, nil, nil, nil, t), fyne.NewSize(620, 520), query, choice{"Do it", do}, choice{"Close", func() { w.shut(m) }})
}

// matches tells whether every word of q is part of s, whatever the case.
func matches(s, q string) bool {
	s = strings.ToLower(s)
	for _, word := range strings.Fields(strings.ToLower(q)) {
		if !strings.Contains(s, word) {
			return false
		}
	}
	return true
}

// settings offers the few there are.
func (w *window) settings() {
	choices := []string{"As the system", "Light", "Dark"}
	values := map[string]string{"As the system": "", "Light": "light", "Dark": "dark"}
	sel := parts.NewSelect(w.keys, nil)
	sel.Options = choices
	for k, v := range values {
		if v == w.cfg.Prefs.String(prefTheme) {
			sel.Selected = k
		}
	}
	sel.OnChanged = func(s string) { w.setTheme(values[s]) }
	forget := parts.NewButton(w.keys, "Forget", nil, func() { w.cfg.Prefs.SetStringList(prefRecent, nil); w.welcome.reload() })
	pedal := parts.NewButton(w.keys, "", nil, nil)
	name := func() {
		text := "None: press here, then the pedal"
		if k := w.cfg.Prefs.String(prefPedal); k != "" {
			text = k + ": press here to change it"
		}
		pedal.SetText(text)
	}
	name()
	pedal.OnTapped = func() { w.askPedal(name) }
	form := container.New(layout.NewFormLayout(),
		widget.NewLabel("Appearance"), sel,
		widget.NewLabel("Foot pedal scans"), container.NewHBox(pedal),
		widget.NewLabel("Recent archives"), container.NewHBox(forget))
	m := &modal{id: "settings", title: "Settings"}
	w.open(m, container.NewVBox(form, prose("Larger or smaller: start with FYNE_SCALE=1.5 (or another factor) in the environment.")),
		fyne.NewSize(480, 250), sel, choice{"Close", func() { w.shut(m) }})
}

// askPedal takes the next key for that of the foot pedal: a pedal is a keyboard
// with one key.
func (w *window) askPedal(then func()) {
	m := &modal{id: "pedal", title: "Foot pedal"}
	note := parts.NewText("", parts.Bad, 12, 200)
	set := func(chord string) {
		w.cfg.Prefs.SetString(prefPedal, chord)
		w.applyPedal(w.reg.byID("capture.scan"))
		w.shut(m)
		then()
		w.touch()
	}
	m.key = func(chord string) bool {
		if other := w.pedalTaken(chord); other != nil {
			note.Set(chord+" is needed for something else: "+other.title, parts.Bad)
		} else if chord != "" {
			set(chord)
		}
		return true
	}
	m.enter = func() {}
	quiet := parts.NewText("Waiting for a key. Space and Enter scan anyway.", parts.Muted, 12, 200)
	w.open(m, container.NewVBox(prose("Press the pedal now. Its key will scan on the Capture screen, whatever else it does elsewhere. Esc leaves it as it is."), quiet, note),
		fyne.NewSize(480, 180), nil, choice{"No pedal", func() { set("") }}, choice{"Cancel", func() { w.shut(m) }})
	w.win.Canvas().Unfocus()
}

// pedalTaken is the command that a key has already on the Capture screen or
// everywhere; what goes to other screens may be had otherwise.
func (w *window) pedalTaken(chord string) *command {
	c := w.reg.find("capture", chord)
	if c != nil && (c.id == "capture.scan" || strings.HasPrefix(c.id, "go.")) {
		return nil
	}
	return c
}
