package gui

import (
	"fmt"
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"recto/app/gui/parts"
	"recto/archive"
)

// sidePanel is what stands left of the sheet: which batch, how and where to scan,
// what the next page is called; the large button below it all.
type sidePanel struct {
	name, title, container *parts.Text
	profiles               *fyne.Container
	device                 *fyne.Container
	deviceName             *parts.Text
	label                  *parts.Text
	labels                 fyne.CanvasObject
	guide                  *fyne.Container
	shownProfiles          string
	form                   *fyne.Container
	scroll                 *container.Scroll
}

func (p *sidePanel) build(s *captureScreen) fyne.CanvasObject {
	w := s.w
	p.name = parts.NewText("", parts.Plain, 16, 100).Bold()
	p.title = parts.NewText("", parts.Plain, 13, 100)
	p.container = parts.NewText("", parts.Muted, 12, 100)
	p.profiles = container.New(layout.NewCustomPaddedVBoxLayout(0))
	p.device = container.NewHBox()
	p.deviceName = parts.NewText("", parts.Plain, 13, 40)
	p.label = parts.NewText("", parts.Plain, 16, 40).Bold()
	p.guide = container.New(layout.NewCustomPaddedVBoxLayout(2))
	tool := func(text string, icon fyne.Resource, id string) *parts.Button {
		b := parts.NewButton(w.keys, text, icon, func() { w.run(w.reg.byID(id)) })
		b.Alignment = widget.ButtonAlignLeading
		return b
	}
	less, more := tool("−", nil, "capture.label-less"), tool("+", nil, "capture.label-more")
	less.Alignment, more.Alignment = widget.ButtonAlignCenter, widget.ButtonAlignCenter
	change := tool("N", theme.DocumentCreateIcon(), "capture.label")
	step := layout.NewGridWrapLayout(fyne.NewSize(29, 29))
	p.labels = section("Next page is labelled", container.NewBorder(nil, nil, nil,
		container.New(layout.NewCustomPaddedHBoxLayout(3), container.New(step, less), container.New(step, more), change), middle(p.label)))
	p.form = container.New(layout.NewCustomPaddedVBoxLayout(9),
		p.guide,
		section("Batch", p.name, p.title, p.container, container.New(layout.NewCustomPaddedLayout(3, 0, 0, 0), container.NewGridWithColumns(2, tool("Batch  B", theme.ListIcon(), "capture.batch"), tool("Edit  E", theme.DocumentCreateIcon(), "capture.describe")))),
		section("Device", container.NewBorder(nil, nil, p.device, nil, container.New(layout.NewCustomPaddedLayout(0, 0, 6, 0), p.deviceName)), tool("Device and settings   T", theme.SettingsIcon(), "capture.device")),
		section("Profile", p.profiles),
		p.labels,
	)
	foot := container.New(layout.NewCustomPaddedLayout(4, 8, 10, 10), container.New(layout.NewCustomPaddedVBoxLayout(3), s.progress, container.New(tall{56}, s.button)))
	p.scroll = container.NewVScroll(container.New(layout.NewCustomPaddedLayout(8, 8, 10, 12), p.form))
	return container.NewBorder(nil, foot, nil, nil, p.scroll)
}

// section is a small heading with what belongs to it.
func section(head string, objects ...fyne.CanvasObject) fyne.CanvasObject {
	all := append([]fyne.CanvasObject{parts.NewText(head, parts.Muted, 11, 60)}, objects...)
	return container.New(layout.NewCustomPaddedVBoxLayout(1), all...)
}

// fillSide brings the panel up to date.
func (s *captureScreen) fillSide() {
	p, b := &s.side, s.batch
	name := b.Shelfmark
	if name == "" {
		name = b.Name
	}
	p.name.Set(name, parts.Plain)
	setOrHide(p.title, b.Title, parts.Plain)
	setOrHide(p.container, b.Container, parts.Muted)
	s.fillProfiles()
	st := s.deviceState()
	p.device.Objects = []fyne.CanvasObject{badgeLine(st, 12)}
	p.device.Refresh()
	_, device := s.device()
	p.deviceName.Set(device, parts.Plain)
	label := s.nextLabel()
	if label == "" {
		label = "no label"
	}
	tone := parts.Plain
	if s.by {
		tone = parts.Accent
	}
	p.label.Set(label, tone)
	s.fillGuide()
	s.fillButton()
	p.form.Refresh() // Fyne does not move what stands below something that has grown
	p.scroll.Refresh()
}

func setOrHide(t *parts.Text, words string, tone parts.Tone) {
	t.Set(words, tone)
	show(t, words != "")
}

// fillProfiles lists the profiles with the keys that choose them.
func (s *captureScreen) fillProfiles() {
	now := s.batch.Profile
	key := now
	for _, p := range s.profiles {
		key += fmt.Sprintf("|%s %v", p.Name, p.Locked)
	}
	if key == s.side.shownProfiles && len(s.side.profiles.Objects) > 0 {
		return
	}
	s.side.shownProfiles = key
	s.side.profiles.Objects = nil
	for i, p := range s.profiles[:min(len(s.profiles), 9)] {
		icon := theme.RadioButtonIcon()
		if p.Name == now {
			icon = theme.RadioButtonCheckedIcon()
		}
		room, locked := float32(134), ""
		if p.Locked {
			room, locked = 80, " (locked)"
		}
		// A button is as wide as its words: a long name would push all else out of sight.
		word := fmt.Sprintf("%d   %s", i+1, parts.Shorten(p.Name, room, theme.TextSize(), fyne.TextStyle{Bold: true})) + locked
		b := parts.NewButton(s.w.keys, word, icon, func() { s.w.run(s.w.reg.byID(profileCommand(i))) })
		b.Alignment, b.Importance = widget.ButtonAlignLeading, widget.LowImportance
		s.side.profiles.Objects = append(s.side.profiles.Objects, b)
	}
	known := slices.ContainsFunc(s.profiles[:min(len(s.profiles), 9)], func(p archive.Profile) bool { return p.Name == now })
	if more := len(s.profiles) - 9; more > 0 {
		s.side.profiles.Objects = append(s.side.profiles.Objects, parts.NewText(fmt.Sprintf("%d more: Edit (E) chooses", more), parts.Muted, 12, 60))
	}
	switch {
	case now == "" && len(s.profiles) > 0:
		s.side.profiles.Objects = append(s.side.profiles.Objects, parts.NewText("None yet: a number chooses one", parts.Muted, 12, 60))
	case now != "" && !known:
		s.side.profiles.Objects = append(s.side.profiles.Objects, parts.NewText("Now: "+now, parts.Plain, 13, 60))
	}
	s.side.profiles.Refresh()
}

func profileCommand(i int) string { return fmt.Sprintf("capture.profile-%d", i+1) }

// fillButton says what the one large button does now.
func (s *captureScreen) fillButton() {
	text, icon, importance := "Scan   Space", theme.MediaPlayIcon(), widget.HighImportance
	words, tone := "", parts.Muted
	switch {
	case s.run != nil:
		text, icon, importance = "Stop   Esc", theme.MediaStopIcon(), widget.WarningImportance
		words, tone = s.run.words(), parts.Accent
		if s.run.stopping {
			words = "Stopping after this sheet…"
		}
	case s.noDevice():
		text, icon = "Choose a device   T", iconScanner
	case s.duplex.step == duplexFronts:
		text = "Scan fronts   Space"
	case s.duplex.step == duplexBacks:
		text = "Scan backs   Space"
	}
	if s.run == nil && s.w.looking {
		words = "Looking only: nothing can be scanned"
	}
	s.progress.Set(words, tone)
	if s.button.Text != text || s.button.Importance != importance {
		s.button.Text, s.button.Icon, s.button.Importance = text, icon, importance
		s.button.Refresh()
	}
	if can := s.run != nil || s.canScan() || s.noDevice(); can == s.button.Disabled() {
		if can {
			s.button.Enable()
		} else {
			s.button.Disable()
		}
	}
}

// noDevice tells that a device is all that is missing.
func (s *captureScreen) noDevice() bool {
	id, _ := s.device()
	return id == "" && s.of != "" && !s.w.looking
}

// press is the large button: it scans, or stops.
func (s *captureScreen) press() {
	if s.run != nil {
		s.w.run(s.w.reg.byID("view.escape"))
	} else {
		s.w.run(s.w.reg.byID("capture.scan"))
	}
	s.w.refocus()
}
