package gui

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"recto/app/gui/parts"
)

// frame holds what stands around the screens.
type frame struct {
	content *fyne.Container
	rail    []*parts.RailItem
	side    fyne.CanvasObject // what the rail stands on
	items   []menuItem        // of the menu bar
	toolbar *fyne.Container
	buttons map[string]*parts.Button // of the toolbar, by command
	banner  fyne.CanvasObject        // says that the archive can only be looked at
	only    *parts.Text              // on the banner
	hints   *fyne.Container
	hinted  string // what the key bar shows now

	archive, space, queue, zoom, operator *parts.Text
	device                                *parts.Text
	message                               *parts.Text
	meter                                 *parts.Meter

	drawer      *fyne.Container
	drawerList  *fyne.Container
	drawerTitle *parts.Text
	live        func() // updates the running job's card

	tips    *fyne.Container
	tipText *canvas.Text
	tipFor  *parts.Button
}

// buildFrame puts menu, rail, toolbar, key bar, status bar and drawer together.
func (w *window) buildFrame() {
	f := &w.frame
	f.content = container.NewStack()
	rail := container.New(parts.RailLayout{})
	for i, s := range w.screens[:len(railKeys)] {
		item := parts.NewRailItem(s.icon(), s.word(), railKeys[i], func() { w.run(w.reg.byID("go." + s.id())) })
		f.rail = append(f.rail, item)
		rail.Add(item)
	}
	f.toolbar = container.New(tools{})
	f.side = parts.Panel(parts.Right, rail)
	f.banner = w.newBanner()
	f.hints = container.New(fitting{gap: 16, last: true})
	w.buildDrawer()
	f.tips = container.NewWithoutLayout()
	f.tipText = canvas.NewText("", nil)

	f.archive = parts.NewText("", parts.Muted, 12, 100)
	f.message = parts.NewText("", parts.Plain, 12, 100)
	f.space, f.queue = parts.NewText("", parts.Muted, 12, 0), parts.NewText("", parts.Muted, 12, 0)
	f.zoom, f.operator = parts.NewText("", parts.Muted, 12, 0), parts.NewText("", parts.Muted, 12, 0)
	f.meter = parts.NewMeter(90)
	f.device = parts.NewText("", parts.Muted, 12, 0)
	// The meter is hidden at times, so what fitting hides is the box around it.
	right := container.New(fitting{gap: 12, whole: true}, f.device, f.space, f.queue, container.NewStack(f.meter), f.zoom, f.operator)
	status := container.New(layout.NewCustomPaddedLayout(3, 3, 10, 10), container.New(statusLine{}, f.archive, f.message, right))
	hints := container.New(layout.NewCustomPaddedLayout(3, 3, 10, 10), f.hints)

	body := container.NewBorder(
		parts.Panel(parts.Bottom, container.New(layout.NewCustomPaddedLayout(3, 3, 6, 6), f.toolbar)),
		container.NewVBox(parts.Panel(parts.Top, hints), parts.Panel(parts.Top, status)),
		f.side, nil,
		container.NewStack(container.NewBorder(f.banner, nil, nil, nil, f.content), f.drawer))
	w.win.SetContent(container.NewStack(body, f.tips))
	w.win.SetMainMenu(w.menu())
}

var railKeys = []string{"F2", "F3", "F4", "F6", "F8", "F9"}

// menuOrder is that of the menu bar.
var menuOrder = []string{"File", "Go", "Capture", "Batch", "Pages", "Text", "View", "Help"}

// menu makes the menu bar of all commands.
func (w *window) menu() *fyne.MainMenu {
	menus := make([]*fyne.Menu, len(menuOrder))
	for i, name := range menuOrder {
		menus[i] = fyne.NewMenu(name)
		scope := ""
		for _, c := range w.reg.list {
			if c.menu != name {
				continue
			}
			if len(menus[i].Items) > 0 && c.scope != scope {
				menus[i].Items = append(menus[i].Items, fyne.NewMenuItemSeparator())
			}
			scope = c.scope
			item := fyne.NewMenuItem(menuLabel(c), func() { w.runFromMenu(c) })
			w.frame.items = append(w.frame.items, menuItem{item, c})
			item.IsQuit = c.id == "file.quit"
			menus[i].Items = append(menus[i].Items, item)
		}
	}
	return fyne.NewMainMenu(menus...)
}

// menuLabel is a command with its key. The key is not the item's Shortcut: Fyne
// would catch it before the text field that has the focus sees it, and writes it
// in a fifth of the ink.
func menuLabel(c *command) string {
	if c.key() == "" {
		return c.words()
	}
	return c.words() + "     " + c.key() + "   "
}

// runFromMenu goes to the command's screen first: a menu offers everything.
func (w *window) runFromMenu(c *command) {
	if w.top() != nil {
		return
	}
	if c.scope != "" && c.scope != w.scope() && w.core != nil {
		if s := w.screenByID(c.scope); s != nil {
			w.show(s)
		}
	}
	if !w.run(c) {
		w.say("%s is not possible here now", strings.TrimSuffix(c.words(), "…"))
	}
}

func (w *window) screenByID(id string) screen {
	i := slices.IndexFunc(w.screens, func(s screen) bool { return s.id() == id })
	if i < 0 {
		return nil
	}
	return w.screens[i]
}

// fillToolbar shows the tools of the screen.
func (w *window) fillToolbar() {
	f := &w.frame
	f.toolbar.Objects = nil
	f.buttons = map[string]*parts.Button{}
	global := 0
	for _, c := range w.reg.in(w.scope()) {
		if c.icon == nil {
			continue
		}
		if c.scope == "" {
			global++
		}
		b := parts.NewButton(w.keys, c.word, c.icon, func() { w.run(c) })
		b.Importance = widget.LowImportance
		b.OnHover = func(b *parts.Button, in bool) { w.hover(b, c, in) }
		f.buttons[c.id] = b
		f.toolbar.Objects = append(f.toolbar.Objects, b)
	}
	f.toolbar.Layout = tools{global}
	f.toolbar.Refresh()
}

// hover shows a tip after the pointer has rested on a tool.
func (w *window) hover(b *parts.Button, c *command, in bool) {
	if !in {
		w.hideTip()
		return
	}
	w.frame.tipFor = b
	w.bridge.later(500*time.Millisecond, func() {
		if w.frame.tipFor == b && w.top() == nil {
			w.showTip(b, c)
		}
	})
}

func (w *window) showTip(b *parts.Button, c *command) {
	f := &w.frame
	text := c.words()
	if len(c.keys) > 0 {
		text += "   " + strings.Join(c.keys, " or ")
	}
	f.tipText.Text, f.tipText.TextSize, f.tipText.Color = text, 12, theme.Color(theme.ColorNameForeground)
	size := f.tipText.MinSize().Add(fyne.NewSize(16, 8))
	back := canvas.NewRectangle(theme.Color(theme.ColorNameOverlayBackground))
	back.StrokeColor, back.StrokeWidth, back.CornerRadius = theme.Color(theme.ColorNameInputBorder), 1, 4
	d := w.fyne.Driver()
	at := d.AbsolutePositionForObject(b).Subtract(d.AbsolutePositionForObject(f.tips))
	at = at.AddXY(0, b.Size().Height+4)
	at.X = min(at.X, max(f.tips.Size().Width-size.Width-6, 0))
	back.Move(at)
	back.Resize(size)
	f.tipText.Move(at.AddXY(8, 4))
	f.tipText.Resize(f.tipText.MinSize())
	f.tips.Objects = []fyne.CanvasObject{back, f.tipText}
	f.tips.Refresh()
}

func (w *window) hideTip() {
	if f := &w.frame; f.tips != nil {
		f.tipFor = nil
		if len(f.tips.Objects) > 0 {
			f.tips.Objects = nil
			f.tips.Refresh()
		}
	}
}

// touch brings everything around the screen up to date: it is cheap and is called
// after each change.
func (w *window) touch() {
	f := &w.frame
	if f.content == nil {
		return // still being built
	}
	for id, b := range f.buttons {
		if c := w.reg.byID(id); c.can() != !b.Disabled() {
			if c.can() {
				b.Enable()
			} else {
				b.Disable()
			}
		}
	}
	w.greyMenu()
	w.fillHints()
	w.fillStatus()
	w.dump()
}

// menuItem is a command in the menu bar.
type menuItem struct {
	item    *fyne.MenuItem
	command *command
}

// greyMenu greys what is not possible now and names what commands are about. Fyne
// reads flag and label when a menu is opened, and the flag again when an item is
// chosen: the bar need not be built anew.
func (w *window) greyMenu() {
	for _, i := range w.frame.items {
		i.item.Disabled, i.item.Label = !i.command.can(), menuLabel(i.command)
	}
}

// newBanner makes the strip over all screens of an archive that cannot be changed.
func (w *window) newBanner() fyne.CanvasObject {
	w.frame.only = parts.NewText("", parts.Warn, 12, 200).Bold()
	icon := container.New(layout.NewGridWrapLayout(fyne.NewSize(18, 18)), widget.NewIcon(parts.Warn.Tint(theme.VisibilityIcon())))
	strip := parts.Panel(parts.Bottom, container.New(layout.NewCustomPaddedLayout(4, 4, 12, 12), container.NewBorder(nil, nil, icon, nil, w.frame.only)))
	strip.Hide()
	return strip
}

// showBanner tells what can be done where nothing can be changed.
func (w *window) showBanner() {
	f := &w.frame
	switch {
	case !w.looking:
		f.banner.Hide()
		return
	case w.fixed:
		f.only.Set("Looking only: you may not write here. Reading, searching, verifying and exporting work.", parts.Warn)
	default:
		f.only.Set("Looking only: another Recto writes here. Reading, searching and verifying work.", parts.Warn)
	}
	f.banner.Show()
}

// fillHints writes the keys that do something now at the bottom.
func (w *window) fillHints() {
	f := &w.frame
	var show []*command
	var key strings.Builder
	for _, c := range w.reg.in(w.scope()) {
		if c.word != "" && !c.quiet && len(c.keys) > 0 && c.can() && !strings.HasPrefix(c.id, "go.") {
			show = append(show, c)
			key.WriteString(c.id)
		}
	}
	if key.String() == f.hinted {
		return
	}
	f.hinted = key.String()
	f.hints.Objects = nil
	for _, c := range show {
		pair := container.New(layout.NewCustomPaddedHBoxLayout(4), parts.NewText(c.key(), parts.Plain, 12, 0).Bold(), parts.NewText(c.word, parts.Muted, 12, 0))
		f.hints.Objects = append(f.hints.Objects, pair)
	}
	f.hints.Refresh()
}

func (w *window) fillStatus() {
	f := &w.frame
	switch {
	case w.opening != "":
		f.archive.Set("Opening "+w.opening, parts.Plain)
	case w.core == nil:
		f.archive.Set("No archive open", parts.Muted)
	default:
		f.archive.Set(filepath.Clean(w.core.Directory()), parts.Muted)
	}
	f.message.Set(w.said, parts.Plain)
	space, tone := "", parts.Muted
	if w.core != nil && w.free > 0 {
		space = bytesWords(int64(w.free)) + " free"
		if w.free < 1<<30 {
			space, tone = "Disk almost full: "+space, parts.Bad
		}
	}
	f.space.Set(space, tone)
	over, all := w.jobs.Counts()
	switch {
	case w.jobs.Active():
		words, tone := fmt.Sprintf("Job %d of %d", over+1, all), parts.Accent
		if j := w.jobs.Running(); j != nil && j.Paused() {
			words, tone = words+", paused: Ctrl+P goes on", parts.Warn
		}
		f.queue.Set(words, tone)
		f.meter.Set(w.jobProgress().Share())
		f.meter.Show()
	case all > 0:
		f.queue.Set(count(all, "job", "jobs")+" over", parts.Muted)
		f.meter.Hide()
	default:
		f.queue.Set("No jobs", parts.Muted)
		f.meter.Hide()
	}
	zoom := ""
	if w.current == screen(w.page) && w.page.view.Percent() > 0 {
		zoom = fmt.Sprintf("%d %%", w.page.view.Percent())
	}
	f.zoom.Set(zoom, parts.Muted)
	f.operator.Set(w.cfg.Operator, parts.Muted)
	device, dot := "", parts.Muted
	if id, _ := w.capture.device(); w.core != nil && id != "" {
		st := w.capture.deviceState()
		device, dot = "● "+st.word, st.tone
		if st.tone == parts.Muted {
			device = "○ " + st.word
		}
	}
	f.device.Set(device, dot)
}

// fitting lays objects out in a row and hides those that no longer fit; with last
// the last one is always shown, with whole it asks for room for all.
type fitting struct {
	gap   float32
	last  bool
	whole bool
}

// Layout is for Fyne.
func (l fitting) Layout(objects []fyne.CanvasObject, s fyne.Size) {
	x, room := float32(0), s.Width
	if n := len(objects); l.last && n > 0 {
		room -= objects[n-1].MinSize().Width + l.gap
	}
	full := false
	for i, o := range objects {
		m := o.MinSize()
		if l.last && i == len(objects)-1 {
			room, full = s.Width, false
		}
		if m.Width == 0 { // it has nothing to show
			continue
		}
		if full = full || x+m.Width > room; full {
			o.Hide()
			continue
		}
		o.Resize(m)
		o.Move(fyne.NewPos(x, (s.Height-m.Height)/2))
		o.Show()
		x += m.Width + l.gap
	}
}

// MinSize is for Fyne.
func (l fitting) MinSize(objects []fyne.CanvasObject) fyne.Size {
	w, h := float32(0), float32(17)
	for _, o := range objects {
		m := o.MinSize()
		h = max(h, m.Height)
		if m.Width > 0 {
			w += m.Width + l.gap
		}
	}
	if !l.whole {
		return fyne.NewSize(100, h)
	}
	return fyne.NewSize(max(w-l.gap, 0), h)
}

// statusLine puts the archive left, what was said last beside it, and a row of facts right,
// of which those that do not fit are hidden.
type statusLine struct{}

const (
	archiveLeast = 100
	messageLeast = 100
)

// Layout is for Fyne.
func (statusLine) Layout(o []fyne.CanvasObject, s fyne.Size) {
	const gap = 14
	archive, message, facts := o[0], o[1], o[2]
	right := min(facts.MinSize().Width, max(s.Width-archiveLeast-messageLeast-2*gap, 0))
	left := min(max(s.Width/5, archiveLeast), 150)
	place := func(o fyne.CanvasObject, x, w float32) {
		h := o.MinSize().Height
		o.Move(fyne.NewPos(x, (s.Height-h)/2))
		o.Resize(fyne.NewSize(max(w, 0), h))
	}
	place(archive, 0, left)
	place(message, left+gap, s.Width-left-right-2*gap)
	place(facts, s.Width-right, right)
}

// MinSize is for Fyne.
func (statusLine) MinSize(o []fyne.CanvasObject) fyne.Size {
	h := float32(0)
	for _, o := range o {
		h = max(h, o.MinSize().Height)
	}
	return fyne.NewSize(archiveLeast+messageLeast+100, h)
}

// tools lays a toolbar out: the last few objects at the right edge, the others
// from the left as long as there is room. What is hidden is in the menus.
type tools struct{ right int }

// Layout is for Fyne.
func (l tools) Layout(objects []fyne.CanvasObject, s fyne.Size) {
	const gap = 4
	edge := s.Width
	for i := len(objects) - 1; i >= len(objects)-l.right; i-- {
		m := objects[i].MinSize()
		edge -= m.Width
		objects[i].Resize(fyne.NewSize(m.Width, s.Height))
		objects[i].Move(fyne.NewPos(edge, 0))
		edge -= gap
	}
	x := float32(0)
	for _, o := range objects[:max(len(objects)-l.right, 0)] {
		m := o.MinSize()
		o.Resize(fyne.NewSize(m.Width, s.Height))
		o.Move(fyne.NewPos(x, 0))
		x += m.Width + gap
		if x > edge {
			o.Hide()
		} else {
			o.Show()
		}
	}
}

// MinSize is for Fyne.
func (l tools) MinSize(objects []fyne.CanvasObject) fyne.Size {
	h := float32(27)
	for _, o := range objects {
		h = max(h, o.MinSize().Height)
	}
	return fyne.NewSize(240, h)
}

// bytesWords writes a size as people read it, in steps of 1000 as disks are sold.
func bytesWords(n int64) string {
	switch {
	case n < 1000:
		return count(int(n), "byte", "bytes")
	case n < 1000_000:
		return fmt.Sprintf("%.0f kB", float64(n)/1e3)
	case n < 1000_000_000:
		return fmt.Sprintf("%.1f MB", float64(n)/1e6)
	case n < 1000_000_000_000:
		return fmt.Sprintf("%.1f GB", float64(n)/1e9)
	}
	return fmt.Sprintf("%.1f TB", float64(n)/1e12)
}

func plural(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return many
}

// count writes a number with its noun.
func count(n int, one, many string) string { return fmt.Sprintf("%d %s", n, plural(n, one, many)) }
