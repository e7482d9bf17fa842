package gui

import (
	"path/filepath"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"recto/app/gui/parts"
	"recto/app/workbench"
)

// welcomeScreen stands where no archive is open.
type welcomeScreen struct {
	w     *window
	root  *fyne.Container
	table *parts.Table
	dir   string // that could not be opened
	err   error
}

func newWelcome(w *window) *welcomeScreen {
	s := &welcomeScreen{w: w, root: container.NewStack()}
	s.table = parts.NewTable(w.keys, 34, parts.Column{Width: 200}, parts.Column{Flex: 1})
	s.table.Count = func() int { return len(s.recent()) }
	s.table.Row = func(i int) []parts.Cell {
		dir := s.recent()[i]
		return []parts.Cell{{Icon: theme.FolderIcon(), Text: filepath.Base(dir), Bold: true}, {Text: dir, Tone: parts.Muted}}
	}
	s.table.OnOpen = func(i int) { w.openArchive(s.recent()[i]) }
	s.table.Keys = &parts.Keys{Rune: w.keys.Rune, Shortcut: w.keys.Shortcut, Key: func(k fyne.KeyName) bool {
		if i := s.table.Current(); i >= 0 && k == fyne.KeyReturn && w.top() == nil {
			w.openArchive(s.recent()[i])
			return true
		}
		return w.keys.Key(k)
	}}
	s.reload()
	return s
}

func (s *welcomeScreen) recent() []string           { return s.w.cfg.Prefs.StringList(prefRecent) }
func (s *welcomeScreen) id() string                 { return "welcome" }
func (s *welcomeScreen) word() string               { return "Welcome" }
func (s *welcomeScreen) icon() fyne.Resource        { return theme.HomeIcon() }
func (s *welcomeScreen) content() fyne.CanvasObject { return s.root }
func (s *welcomeScreen) shown()                     {}
func (s *welcomeScreen) escape() bool               { return false }

func (s *welcomeScreen) focus() fyne.Focusable {
	if len(s.recent()) > 0 && s.w.opening == "" {
		return s.table
	}
	return nil
}

func (s *welcomeScreen) dump(d *state) {
	d.Count, d.Cursor = len(s.recent()), s.table.Current()
	if s.err != nil {
		d.Error = s.err.Error()
	}
}

// canLook tells whether the archive that could not be opened can be looked at:
// somebody else is writing in it, or its masters are on a disk that is not connected.
func (s *welcomeScreen) canLook() bool {
	return s.w.core == nil && s.w.opening == "" && workbench.CanLook(s.err)
}

func (s *welcomeScreen) look() { s.w.openWith(s.dir, true) }

// failed says why dir could not be opened, above what else can be done.
func (s *welcomeScreen) failed(dir string, err error) {
	s.dir, s.err = dir, err
	s.reload()
	s.w.show(s)
}

func (s *welcomeScreen) reload() {
	w := s.w
	if w.opening != "" {
		s.dir, s.err = "", nil
		s.root.Objects = []fyne.CanvasObject{parts.Notice(theme.FolderOpenIcon(), parts.Accent, "Opening "+filepath.Base(w.opening),
			"If the last run was interrupted, what it left is put in order first.")}
		s.root.Refresh()
		return
	}
	open := parts.NewButton(w.keys, "Open archive…   Ctrl+Shift+O", theme.FolderOpenIcon(), func() { w.run(w.reg.byID("file.open")) })
	make := parts.NewButton(w.keys, "New archive…   Ctrl+N", theme.FolderNewIcon(), func() { w.run(w.reg.byID("file.new")) })
	make.Importance = widget.HighImportance
	title, text, icon, tone := "Welcome to Recto", "An archive is a folder that holds scans, their text and everything made of them. Make a new one, or open one that is there.", theme.HomeIcon(), parts.Accent
	if s.err != nil && cancelled(s.err) {
		s.err = nil
	}
	if s.err != nil {
		x := w.cfg.Explain(s.err)
		title, icon, tone = x.Title, theme.ErrorIcon(), parts.Bad
		text = x.Remedy + "\n\n" + s.err.Error()
	}
	offers := []fyne.CanvasObject{make, open}
	if s.canLook() {
		look := parts.NewButton(w.keys, "Look only   Ctrl+Shift+L", theme.VisibilityIcon(), func() { w.run(w.reg.byID("file.look")) })
		look.Importance, make.Importance = widget.HighImportance, widget.MediumImportance
		again := parts.NewButton(w.keys, "Try again   Ctrl+R", theme.ViewRefreshIcon(), func() { w.run(w.reg.byID("view.reload")) })
		offers = []fyne.CanvasObject{look, again, open}
	}
	objects := []fyne.CanvasObject{parts.Notice(icon, tone, title, text, offers...)}
	if len(s.recent()) > 0 {
		list := container.New(parts.Centred{Width: 640}, container.NewBorder(
			widget.NewLabelWithStyle("Used recently (Enter opens)", fyne.TextAlignLeading, fyne.TextStyle{Bold: true}), nil, nil, nil,
			container.New(tall{float32(min(len(s.recent()), 6))*34 + 2}, s.table)))
		objects = append(objects, list)
	}
	s.root.Objects = []fyne.CanvasObject{container.New(layout.NewGridLayoutWithRows(len(objects)), objects...)}
	s.root.Refresh()
	s.table.Refresh()
}

// tall gives an object a fixed height.
type tall struct{ height float32 }

// Layout is for Fyne.
func (l tall) Layout(objects []fyne.CanvasObject, s fyne.Size) {
	for _, o := range objects {
		o.Resize(s)
	}
}

// MinSize is for Fyne.
func (l tall) MinSize(objects []fyne.CanvasObject) fyne.Size {
	m := fyne.Size{}
	for _, o := range objects {
		m = m.Max(o.MinSize())
	}
	return fyne.NewSize(m.Width, l.height)
}
