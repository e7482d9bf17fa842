package gui

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"recto/app/gui/parts"
	"recto/archive"
	"recto/scan"
)

// deviceDialog chooses what scans and how: the devices to the left, what the chosen
// one has to set to the right.
type deviceDialog struct {
	w       *window
	m       *modal
	locked  bool // by the profile: looking only
	profile archive.Profile

	devices []scan.Device
	listErr error
	slot    slot
	table   *parts.Table
	note    *parts.Text
	address *parts.Entry

	device   scan.Device
	options  *optionForm
	optSlot  slot
	settled  bool // the options shown are those that the device gave
	right    *fyne.Container
	advanced *parts.Check
	problem  *widget.Label
}

// chooseDevice opens the dialog.
func (w *window) chooseDevice() {
	d := &deviceDialog{w: w}
	c := w.capture
	d.profile, _ = c.profile()
	d.locked = d.profile.Locked
	d.table = parts.NewTable(w.keys, 44, parts.Column{Title: "Device", Flex: 1})
	d.table.Count = func() int { return len(d.devices) }
	d.table.Row = func(i int) []parts.Cell {
		v := d.devices[i]
		sub := strings.ToUpper(v.Kind) + " · " + v.ID
		if v.Note != "" {
			sub = v.Note + " · " + sub
		}
		icon := theme.RadioButtonIcon()
		if v.ID == d.device.ID {
			icon = theme.RadioButtonCheckedIcon()
		}
		return []parts.Cell{{Icon: icon, Text: deviceName(v), Bold: v.ID == d.device.ID, Sub: sub}}
	}
	d.table.OnSelect = func() {
		if i := d.table.Current(); i >= 0 && i < len(d.devices) {
			d.take(d.devices[i])
		}
	}
	d.note = parts.NewText("", parts.Muted, 12, 100)
	d.address = parts.NewEntry(w.keys, "Or its address or name")
	d.address.OnSubmitted = func(id string) {
		if id = strings.TrimSpace(id); id != "" {
			d.add(scan.Device{ID: id, Model: id})
		}
	}
	again := parts.NewButton(w.keys, "Look again   Ctrl+R", theme.ViewRefreshIcon(), d.look)
	left := container.NewBorder(nil, container.NewVBox(d.note, again, d.address), nil, nil, d.table)
	d.right = container.NewStack()
	d.advanced = parts.NewCheck(w.keys, "Show all settings   Ctrl+M", func(on bool) {
		if d.options != nil {
			d.options.advanced = on
			d.options.build()
		}
	})
	d.problem = prose("")
	d.problem.Importance = widget.DangerImportance
	d.problem.Hide()
	says := parts.NewText(profileWords(d.profile), parts.Muted, 12, 100)
	head := container.NewBorder(nil, nil, nil, d.advanced, says)
	body := container.New(sideBySide{250}, left, container.NewBorder(head, d.problem, nil, nil, d.right))
	d.m = &modal{id: "device", title: "Device and settings", enter: func() { d.use() }}
	d.m.key = func(chord string) bool {
		switch chord {
		case "Ctrl+R":
			d.look()
		case "Ctrl+M":
			d.advanced.SetChecked(!d.advanced.Checked)
		case "Ctrl+S":
			d.save()
		case "Ctrl+P":
			w.shut(d.m)
			w.manageProfiles()
		default:
			return false
		}
		return true
	}
	d.m.closed = func() { d.slot.drop(); d.optSlot.drop() }
	w.open(d.m, body, fyne.NewSize(900, 560), d.table, choice{"Use it   Ctrl+Enter", func() { d.use() }},
		choice{"Profiles…   Ctrl+P", func() { w.shut(d.m); w.manageProfiles() }}, choice{"Save as profile…   Ctrl+S", d.save}, choice{"Cancel", func() { w.shut(d.m) }})
	if id, name := c.device(); id != "" {
		d.add(scan.Device{ID: id, Model: name})
	} else {
		d.showOptions()
	}
	d.look()
}

// sideBySide gives the first of two objects a width and the second the rest.
type sideBySide struct{ width float32 }

// Layout is for Fyne.
func (l sideBySide) Layout(o []fyne.CanvasObject, s fyne.Size) {
	w := min(l.width, s.Width/2)
	o[0].Resize(fyne.NewSize(w, s.Height))
	o[1].Resize(fyne.NewSize(s.Width-w-14, s.Height))
	o[1].Move(fyne.NewPos(w+14, 0))
}

// MinSize is for Fyne.
func (l sideBySide) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.NewSize(300, 160) }

// look asks which devices there are.
func (d *deviceDialog) look() {
	core := d.w.core
	d.note.Set("Looking, some seconds long…", parts.Accent)
	type answer struct {
		all []scan.Device
		err error
	}
	load(d.w.bridge, &d.slot, func(ctx context.Context) (answer, error) {
		all, err := core.Devices(ctx)
		return answer{all, err}, nil // what was found counts, whatever one kind of device has against it
	}, func(a answer, _ error) {
		chosen := d.device
		if i := slices.IndexFunc(a.all, func(v scan.Device) bool { return v.ID == chosen.ID }); i >= 0 {
			chosen = a.all[i]
		} else if chosen.ID != "" {
			if chosen.Note == "" {
				chosen.Note = "not in the list"
			}
			a.all = append(a.all, chosen)
		}
		d.devices, d.listErr = a.all, a.err
		switch {
		case a.err != nil:
			d.note.Set("Not all could be asked: "+d.w.cfg.Explain(a.err).Title, parts.Warn)
		case len(a.all) == 0:
			d.note.Set("No device found. Is it on and connected?", parts.Warn)
		default:
			d.note.Set(count(len(a.all), "device", "devices"), parts.Muted)
		}
		d.table.Refresh()
		if i := slices.IndexFunc(a.all, func(v scan.Device) bool { return v.ID == chosen.ID }); i >= 0 {
			d.device = chosen
			d.table.Selected.Choose(i)
			d.table.Refresh()
		} else if len(a.all) > 0 {
			d.table.Select(0)
		}
		d.w.touch()
	})
	d.w.touch()
}

// add puts a device into the list that was not found in it.
func (d *deviceDialog) add(v scan.Device) {
	i := slices.IndexFunc(d.devices, func(o scan.Device) bool { return o.ID == v.ID })
	if i < 0 {
		d.devices = append(d.devices, v)
		i = len(d.devices) - 1
	}
	d.table.Refresh()
	d.table.Select(i)
}

// take shows what a device has to set.
func (d *deviceDialog) take(v scan.Device) {
	if d.device.ID == v.ID && d.options != nil {
		return
	}
	d.device = v
	var set []scan.Setting
	if t := d.w.capture.target; t.setFor == v.ID {
		set = slices.Clone(t.set)
	}
	d.options = newOptionForm(d.w, set, d.locked, func() { d.ask(nil) })
	d.options.advanced = d.advanced.Checked
	d.settled = false
	d.table.Refresh()
	d.ask(nil)
}

// ask sets what was set so far and shows what the device says then.
func (d *deviceDialog) ask(then func()) {
	core, id, form := d.w.core, d.device.ID, d.options
	if core == nil || form == nil {
		return
	}
	set := slices.Clone(form.set)
	load(d.w.bridge, &d.optSlot, func(ctx context.Context) ([]scan.Option, error) { return core.DeviceOptions(ctx, id, set) }, func(all []scan.Option, err error) {
		if cancelled(err) || d.options != form {
			return
		}
		if err != nil {
			x := d.w.cfg.Explain(err)
			d.problem.SetText(x.Title + ". " + x.Remedy + "\n" + err.Error())
			d.problem.Show()
		} else {
			d.settled = true
			d.problem.Hide()
			form.show(all)
		}
		d.showOptions()
		if err == nil && then != nil {
			then()
		}
	})
	d.showOptions()
}

func (d *deviceDialog) showOptions() {
	switch {
	case d.options == nil:
		swap(d.right, parts.Notice(iconScanner, parts.Muted, "No device chosen", "Choose one to the left; what it has to set appears here."))
	case !d.settled && d.optSlot.busy:
		swap(d.right, parts.Notice(theme.SearchIcon(), parts.Muted, "Asking "+deviceName(d.device), ""))
	case !d.settled:
		b := parts.NewButton(d.w.keys, "Ask again", theme.ViewRefreshIcon(), func() { d.ask(nil) })
		swap(d.right, parts.Notice(theme.WarningIcon(), parts.Warn, "It does not answer", "You can use it all the same: it may be asleep.", b))
	default:
		swap(d.right, d.options.content)
	}
	d.w.touch()
}

// use takes the device, once it has taken the settings.
func (d *deviceDialog) use() {
	if d.device.ID == "" {
		d.note.Set("Choose a device first", parts.Bad)
		return
	}
	if d.locked && d.profile.Device != "" && d.profile.Device != d.device.ID {
		d.problem.SetText("The profile " + d.profile.Name + " is locked to another device. Choose another profile, or ask the supervisor.")
		d.problem.Show()
		return
	}
	finish := func() {
		d.w.shut(d.m)
		d.w.capture.choose(d.device, slices.Clone(d.options.set))
	}
	if !d.settled || len(d.options.set) == 0 {
		finish()
		return
	}
	d.ask(finish)
}

// save makes a profile of what is set.
func (d *deviceDialog) save() {
	if d.device.ID == "" {
		d.note.Set("Choose a device first", parts.Bad)
		return
	}
	p := profileOf(d.profile, d.device.ID, d.options.set)
	d.w.shut(d.m)
	d.w.capture.choose(d.device, slices.Clone(d.options.set))
	d.w.editProfile("Save as profile", p, true)
}

// profileOf is a profile with what was set on a device.
func profileOf(base archive.Profile, device string, set []scan.Setting) archive.Profile {
	p := base
	p.Name, p.Device, p.Locked, p.Shipped = "", device, false, false
	p.Options = slices.Clone(base.Options)
	for _, o := range set {
		n, err := strconv.ParseFloat(o.Value, 64)
		switch {
		case o.Name == "source":
			p.Source = o.Value
		case o.Name == "mode":
			p.Mode = o.Value
		case o.Name == "resolution" && err == nil:
			p.Resolution = n
		case o.Name == "depth" && err == nil && (n == 1 || n == 8 || n == 16):
			p.Depth = int(n)
		default:
			p.Options = append(slices.DeleteFunc(p.Options, func(q scan.Setting) bool { return q.Name == o.Name }), o)
		}
	}
	return p
}

// profileWords sum a profile up: "Letters: adf · color · 300 dpi · 2 sides".
func profileWords(p archive.Profile) string {
	if p.Name == "" {
		return "No profile"
	}
	words := profileSettings(p)
	if p.Locked {
		words = append(words, "locked")
	}
	return p.Name + ": " + strings.Join(words, " · ")
}

func profileSettings(p archive.Profile) []string {
	var words []string
	add := func(s string) {
		if s != "" {
			words = append(words, s)
		}
	}
	add(p.Source)
	add(p.Mode)
	if p.Depth > 0 {
		add(fmt.Sprintf("%d bit", p.Depth))
	}
	if p.Resolution > 0 {
		add(fmt.Sprintf("%g dpi", p.Resolution))
	}
	if p.Sides == 2 {
		add("both sides")
	}
	if p.Duplex == "manual" {
		add("by hand")
	}
	if p.Separation.On() {
		add("separates")
	}
	if p.Series != "" {
		add("labels from " + p.Series)
	}
	for _, o := range p.Options {
		add(o.Name + "=" + o.Value)
	}
	return words
}

// optionForm is a form made of what a device has to set.
type optionForm struct {
	w        *window
	set      []scan.Setting // by hand, in the order in which it was done
	options  []scan.Option
	locked   bool
	advanced bool
	changed  func() // something was set: ask the device again
	content  fyne.CanvasObject
	rows     *fyne.Container
	fields   map[string]optionField
	shape    string
	filling  bool // values are put in, not by the user
}

// optionField is a field with how to put a value into it.
type optionField struct {
	object fyne.CanvasObject
	put    func(string)
}

func newOptionForm(w *window, set []scan.Setting, locked bool, changed func()) *optionForm {
	f := &optionForm{w: w, set: set, locked: locked, changed: changed, rows: container.New(layout.NewFormLayout())}
	f.content = container.NewVScroll(container.New(layout.NewCustomPaddedLayout(4, 4, 0, 14), f.rows))
	return f
}

// show takes what the device says now. Only where it has other options than before
// is the form made anew, so that whoever is typing keeps the keyboard.
func (f *optionForm) show(options []scan.Option) {
	f.options = options
	shape := fmt.Sprint(f.advanced)
	for _, o := range options {
		shape += fmt.Sprintf("|%s %s %v %v %v %v", o.Name, o.Type, o.Range, o.Choices, o.Inactive, o.Fixed)
	}
	if shape != f.shape {
		f.build()
		f.shape = shape
		return
	}
	f.filling = true
	defer func() { f.filling = false }()
	for _, o := range options {
		if field, ok := f.fields[o.Name]; ok {
			field.put(o.Value)
		}
	}
}

// build makes the fields: the basic ones, with all of them on demand, under the
// headings that the device gives.
func (f *optionForm) build() {
	focused, had := "", f.w.win.Canvas().Focused()
	for name, field := range f.fields {
		if o, ok := field.object.(fyne.Focusable); ok && had == o {
			focused = name
		}
	}
	f.fields, f.rows.Objects = map[string]optionField{}, nil
	f.filling = true
	group := ""
	hidden := 0
	for _, o := range f.options {
		if o.Type == scan.Group || o.Type == scan.Button {
			continue
		}
		if (o.Advanced || o.Inactive) && !f.advanced {
			hidden++
			continue
		}
		if o.Group != group {
			group = o.Group
			f.rows.Add(widget.NewLabelWithStyle(group, fyne.TextAlignLeading, fyne.TextStyle{Bold: true}))
			f.rows.Add(widget.NewLabel(""))
		}
		field := f.field(o)
		f.fields[o.Name] = field
		f.rows.Add(widget.NewLabel(optionTitle(o)))
		f.rows.Add(field.object)
	}
	if len(f.rows.Objects) == 0 {
		words := "This device has nothing to set."
		if hidden > 0 {
			words = fmt.Sprintf("Nothing basic to set; Ctrl+M shows %d more.", hidden)
		}
		f.rows.Add(widget.NewLabel(""))
		f.rows.Add(widget.NewLabel(words))
	}
	f.filling = false
	f.rows.Refresh()
	f.shape = ""
	if field, ok := f.fields[focused]; ok && focused != "" {
		f.w.win.Canvas().Focus(field.object.(fyne.Focusable))
	}
}

func optionTitle(o scan.Option) string {
	title := o.Title
	if title == "" {
		title = o.Name
	}
	if o.Unit != "" {
		title += " (" + o.Unit + ")"
	}
	return parts.Shorten(title, 190, 13, fyne.TextStyle{})
}

// put notes what somebody has set.
func (f *optionForm) put(name, value string, ask bool) {
	if f.filling {
		return
	}
	f.set = append(slices.DeleteFunc(f.set, func(s scan.Setting) bool { return s.Name == name }), scan.Setting{Name: name, Value: value})
	if ask {
		f.changed()
	}
}

// field is what an option is set with.
func (f *optionForm) field(o scan.Option) optionField {
	off := f.locked || o.Fixed || o.Inactive
	name := o.Name
	switch {
	case o.Type == scan.Switch:
		c := parts.NewCheck(f.w.keys, "", nil)
		c.SetChecked(o.Value == "yes")
		c.OnChanged = func(on bool) {
			value := "no"
			if on {
				value = "yes"
			}
			f.put(name, value, true)
		}
		if off {
			c.Disable()
		}
		return optionField{c, func(v string) { c.SetChecked(v == "yes") }}
	case len(o.Choices) > 0 && o.Length < 2:
		c := parts.NewSelect(f.w.keys, nil)
		c.SetOptions(o.Choices)
		c.SetSelected(o.Value)
		c.OnChanged = func(v string) { f.put(name, v, true) }
		if off {
			c.Disable()
		}
		return optionField{c, func(v string) { c.SetSelected(v) }}
	}
	e := parts.NewEntry(f.w.keys, optionHint(o))
	e.SetText(o.Value)
	e.OnChanged = func(v string) { f.put(name, v, false) }
	e.OnSubmitted = func(string) { f.changed() }
	if off {
		e.Disable()
	}
	var object fyne.CanvasObject = e
	if hint := optionHint(o); hint != "" {
		object = container.NewBorder(nil, nil, nil, parts.NewText("  "+hint, parts.Muted, 11, 0), e)
	}
	return optionField{object, func(v string) {
		if e.Text != v && f.w.win.Canvas().Focused() != fyne.Focusable(e) {
			e.SetText(v)
		}
	}}
}

// optionHint says what numbers an option takes.
func optionHint(o scan.Option) string {
	hint := ""
	if r := o.Range; r != nil {
		hint = fmt.Sprintf("%g to %g", r.Min, r.Max)
		if r.Step > 0 && r.Step != 1 && (o.Type == scan.Integer || r.Step >= 0.1) {
			hint += fmt.Sprintf(", in steps of %g", r.Step)
		}
	}
	if o.Length > 1 {
		hint = strings.TrimSpace(fmt.Sprintf("%s · %d values with commas", hint, o.Length))
		hint = strings.TrimPrefix(hint, "· ")
	}
	return hint
}
