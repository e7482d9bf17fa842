package gui

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"recto/app/gui/parts"
	"recto/app/job"
	"recto/app/workbench"
	"recto/scan"
)

// importScreen is what F3 offers beside capturing: what is going to be imported, in its order, and what is to
// be done with it.
type importScreen struct {
	w    *window
	root *fyne.Container
	body fyne.CanvasObject

	slot, languageSlot slot

	paths []scan.Path
	items []workbench.PreviewItem
	err   error
	last  string // folder that was looked through last

	table          *parts.Table
	sum            *parts.Text
	title, batch   *parts.Entry
	languages      []string
	installed      []string
	languageButton *parts.Button
	read, document *parts.Check
	start          *parts.Button
	titleTyped     bool // by the user, not from the paths
	settingTitle   bool
}

func newImport(w *window) *importScreen {
	s := &importScreen{w: w, root: container.NewStack(), languages: []string{"eng"}}
	if l := w.cfg.Prefs.String(prefLanguages); l != "" {
		s.languages = strings.Split(l, "+")
	}
	s.table = parts.NewTable(w.keys, parts.RowHeight,
		parts.Column{Title: "No.", Width: 56, Right: true, Spare: 1}, parts.Column{Title: "File", Width: 120, Flex: 3},
		parts.Column{Title: "Pages", Width: 64, Right: true, Spare: 2}, parts.Column{Title: "What happens", Width: 110, Flex: 3})
	s.table.Multiple = true
	s.table.Telling = true
	s.table.Count = func() int { return len(s.items) }
	s.table.Row = s.row
	s.table.OnSelect = w.touch
	s.sum = parts.NewText("", parts.Muted, 12, 200)
	s.title = parts.NewEntry(w.keys, "Title of batch and document")
	s.title.OnChanged = func(string) {
		s.titleTyped = !s.settingTitle
		w.touch()
	}
	s.batch = parts.NewEntry(w.keys, "Shelfmark; empty: from the title")
	s.languageButton = parts.NewButton(w.keys, "", theme.FileTextIcon(), func() { w.run(w.reg.byID("import.languages")) })
	s.languageButton.Alignment = widget.ButtonAlignLeading
	s.read = parts.NewCheck(w.keys, "Read the text", func(bool) { w.touch() })
	s.document = parts.NewCheck(w.keys, "Make a searchable PDF/A document", func(bool) { w.touch() })
	s.read.Checked, s.document.Checked = true, true
	s.start = parts.NewButton(w.keys, "Start   Ctrl+Enter", theme.MediaPlayIcon(), func() { w.run(w.reg.byID("import.start")) })
	s.start.Importance = widget.HighImportance

	form := container.NewVBox(
		widget.NewLabelWithStyle("Title", fyne.TextAlignLeading, fyne.TextStyle{Bold: true}), s.title,
		widget.NewLabelWithStyle("Batch", fyne.TextAlignLeading, fyne.TextStyle{Bold: true}), s.batch,
		widget.NewLabelWithStyle("Languages   Ctrl+L", fyne.TextAlignLeading, fyne.TextStyle{Bold: true}), s.languageButton,
		widget.NewLabelWithStyle("Then", fyne.TextAlignLeading, fyne.TextStyle{Bold: true}), s.read, s.document,
		prose("The sources are only read. Every page is safe on the disk before it counts as imported; an import that was interrupted goes on where it stopped when it is started again."),
	)
	side := container.New(tallSide{290}, sideForm(form, s.start))
	s.body = container.NewBorder(container.NewPadded(s.sum), nil, nil, parts.Panel(parts.Left, side), s.table)
	s.nameLanguages()
	s.build()
	return s
}

// sideForm is a form with its button, which stays in sight however low the window.
func sideForm(form fyne.CanvasObject, button *parts.Button) fyne.CanvasObject {
	foot := container.New(layout.NewCustomPaddedLayout(6, 6, 6, 6), container.New(tall{36}, button))
	return container.NewBorder(nil, foot, nil, nil, container.NewVScroll(container.NewPadded(form)))
}

// tallSide gives a column its width and all the height there is.
type tallSide struct{ width float32 }

// Layout is for Fyne.
func (l tallSide) Layout(objects []fyne.CanvasObject, s fyne.Size) {
	for _, o := range objects {
		o.Resize(s)
	}
}

// MinSize is for Fyne.
func (l tallSide) MinSize([]fyne.CanvasObject) fyne.Size { return fyne.NewSize(l.width, 100) }

func (s *importScreen) id() string                 { return "import" }
func (s *importScreen) word() string               { return "Import" }
func (s *importScreen) icon() fyne.Resource        { return theme.DownloadIcon() }
func (s *importScreen) content() fyne.CanvasObject { return s.root }

func (s *importScreen) shown() {
	core := s.w.core
	load(s.w.bridge, &s.languageSlot, func(context.Context) ([]string, error) { return core.Languages(), nil }, func(l []string, _ error) {
		s.installed = l
		s.w.touch()
	})
}

func (s *importScreen) reload() {}

func (s *importScreen) focus() fyne.Focusable {
	if holds(s.root, s.body) {
		return s.table
	}
	return nil
}

func (s *importScreen) escape() bool {
	if s.slot.busy {
		s.slot.drop()
		s.paths = s.paths[:0]
		s.build()
		return true
	}
	s.w.show(s.w.capture) // the list stays for the next time
	return true
}

func (s *importScreen) dump(d *state) {
	d.Count, d.Cursor, d.Busy = len(s.items), s.table.Current(), d.Busy || s.slot.busy
	for _, p := range s.paths {
		d.Paths = append(d.Paths, p.String())
	}
	d.Ready, d.Query = s.ready(), s.title.Text
	if s.err != nil {
		d.Error = s.err.Error()
	}
}

func (s *importScreen) commands() []*command {
	some := func() bool { return len(s.paths) > 0 }
	return []*command{
		{id: "import.add", writes: true, title: "Add more files or folders…", word: "Add", keys: []string{"Ctrl+O", "Insert"}, scope: "import", menu: "File", icon: theme.FolderOpenIcon(), run: s.choose},
		{id: "import.start", writes: true, title: "Start the import", word: "Start", keys: []string{"Ctrl+Enter"}, scope: "import", menu: "File", icon: theme.MediaPlayIcon(), enabled: s.ready, run: s.begin},
		{id: "import.remove", title: "Take the chosen sources off the list", word: "Take off", keys: []string{"Del"}, scope: "import", menu: "File", icon: theme.ContentRemoveIcon(), enabled: some, run: s.remove},
		{id: "import.clear", title: "Clear the list", word: "Clear", keys: []string{"Ctrl+Del"}, scope: "import", menu: "File", icon: theme.ContentClearIcon(), enabled: some, run: func() { s.set(nil) }},
		{id: "import.languages", title: "Languages of the pages…", word: "Languages", keys: []string{"Ctrl+L"}, scope: "import", menu: "File", run: s.chooseLanguages},
	}
}

func (s *importScreen) pages() int {
	n := 0
	for _, i := range s.items {
		n += i.Pages
	}
	return n
}

func (s *importScreen) ready() bool {
	return s.w.core != nil && !s.slot.busy && s.err == nil && s.pages() > 0 && (strings.TrimSpace(s.title.Text) != "" || strings.TrimSpace(s.batch.Text) != "")
}

func (s *importScreen) choose() {
	from := s.last
	if from == "" {
		from = s.w.home()
	}
	s.w.chooseFiles("Add files or folders", "Add", from, s.add)
}

// add puts paths behind those that are there; a path twice is meant.
func (s *importScreen) add(paths []scan.Path) {
	if len(paths) > 0 {
		s.last = filepath.Dir(string(paths[len(paths)-1]))
	}
	s.set(append(slices.Clone(s.paths), paths...))
}

// remove takes off the sources that the chosen rows came from: a page of a
// folder cannot be left out by itself.
func (s *importScreen) remove() {
	drop := map[scan.Path]bool{}
	for _, i := range s.table.Selected.Chosen() {
		if i < len(s.items) {
			if p, ok := s.sourceOf(s.items[i].Path); ok {
				drop[p] = true
			}
		}
	}
	s.set(slices.DeleteFunc(slices.Clone(s.paths), func(p scan.Path) bool { return drop[p] }))
}

// sourceOf is the given path that a file was found in.
func (s *importScreen) sourceOf(file scan.Path) (scan.Path, bool) {
	for _, p := range s.paths {
		if file == p || strings.HasPrefix(string(file), strings.TrimSuffix(string(p), "/")+"/") {
			return p, true
		}
	}
	return "", false
}

// set changes the list and asks the core what an import would take.
func (s *importScreen) set(paths []scan.Path) {
	core := s.w.core
	s.paths, s.err = paths, nil
	if !s.titleTyped {
		s.settingTitle = true
		s.title.SetText(titleOf(paths))
		s.settingTitle, s.titleTyped = false, false
	}
	if len(paths) == 0 || core == nil {
		s.slot.drop()
		s.items = nil
		s.build()
		return
	}
	load(s.w.bridge, &s.slot, func(ctx context.Context) ([]workbench.PreviewItem, error) { return core.Preview(ctx, paths) }, func(items []workbench.PreviewItem, err error) {
		if cancelled(err) {
			return
		}
		s.items, s.err = items, err
		s.build()
		s.table.Refresh()
	})
	s.build()
}

// titleOf suggests a title from what was chosen.
func titleOf(paths []scan.Path) string {
	if len(paths) == 0 {
		return ""
	}
	name := filepath.Base(string(paths[0]))
	if len(paths) > 1 {
		if dir := filepath.Base(filepath.Dir(string(paths[0]))); dir != "." && dir != "/" {
			name = dir
		}
	}
	if looksLikeScan(name) {
		name = strings.TrimSuffix(name, filepath.Ext(name))
	}
	return scan.Path(name).Line()
}

func (s *importScreen) build() {
	w := s.w
	switch {
	case s.err != nil:
		swap(s.root, w.trouble(s.err, func() { s.set(s.paths) }))
	case len(s.paths) == 0:
		b := parts.NewButton(w.keys, "Add files or folders   Ctrl+O", theme.FolderOpenIcon(), func() { w.run(w.reg.byID("import.add")) })
		b.Importance = widget.HighImportance
		swap(s.root, parts.Notice(theme.DownloadIcon(), parts.Accent, "Import scans",
			"Drop files and folders here, or choose them. You see what is taken, and in which order, before anything happens. TIFF, PNG, JPEG, JPEG 2000, WebP, BMP, PNM, PAM and PDF.", b))
	case s.slot.busy && len(s.items) == 0:
		swap(s.root, parts.Notice(theme.SearchIcon(), parts.Muted, "Looking through the sources", "Esc stops it."))
	default:
		if swap(s.root, s.body) && w.current == screen(s) && w.win != nil {
			w.refocus()
		}
	}
	ignored, failing := 0, 0
	for _, i := range s.items {
		switch {
		case i.Ignored:
			ignored++
		case i.Pages == 0:
			failing++
		}
	}
	words := fmt.Sprintf("%s from %s, in this order", count(s.pages(), "page", "pages"), count(len(s.items)-ignored-failing, "file", "files"))
	if ignored > 0 {
		words += fmt.Sprintf(" · %d ignored", ignored)
	}
	if failing > 0 {
		words += fmt.Sprintf(" · %d cannot be taken", failing)
	}
	if s.slot.busy {
		words += " · looking again"
	}
	s.sum.Set(words, parts.Plain)
	if w.win != nil {
		w.touch()
	}
}

func (s *importScreen) row(i int) []parts.Cell {
	item := s.items[i]
	name := item.Path.Line()
	if p, ok := s.sourceOf(item.Path); ok && len(s.paths) > 0 {
		if rel, err := filepath.Rel(filepath.Dir(string(p)), string(item.Path)); err == nil {
			name = scan.Path(rel).Line()
		}
	}
	switch {
	case item.Ignored:
		return []parts.Cell{{Text: parts.Nothing, Tone: parts.Muted}, {Icon: theme.VisibilityOffIcon(), Text: name, Tone: parts.Muted}, {}, {Text: "Ignored: " + item.Reason, Tone: parts.Muted}}
	case item.Pages == 0:
		return []parts.Cell{{Text: parts.Nothing, Tone: parts.Muted}, {Icon: theme.ErrorIcon(), Text: name, Tone: parts.Bad}, {}, {Text: "Cannot be taken: " + item.Reason, Tone: parts.Bad}}
	}
	n := 0
	for _, o := range s.items[:i] {
		if o.Pages > 0 {
			n++
		}
	}
	what := parts.Cell{Text: "Taken in"}
	if item.Reason != "" {
		what = parts.Cell{Icon: theme.InfoIcon(), Text: item.Reason, Tone: parts.Warn}
	}
	return []parts.Cell{{Text: fmt.Sprint(n + 1), Tone: parts.Muted}, {Icon: theme.FileImageIcon(), Text: name}, {Text: fmt.Sprint(item.Pages)}, what}
}

func (s *importScreen) nameLanguages() {
	s.languageButton.SetText(strings.Join(s.languages, " + "))
}

// chooseLanguages picks from the models that are installed.
func (s *importScreen) chooseLanguages() {
	w := s.w
	if len(s.installed) == 0 {
		w.tell("languages", "No language models", "Tesseract has no models on this machine. Install them, for instance with: apt install tesseract-ocr-eng tesseract-ocr-deu")
		return
	}
	t := parts.NewTable(w.keys, parts.RowHeight, parts.Column{Flex: 1})
	picked := slices.Clone(s.languages)
	t.Count = func() int { return len(s.installed) }
	t.Row = func(i int) []parts.Cell {
		l := s.installed[i]
		if k := slices.Index(picked, l); k >= 0 {
			return []parts.Cell{{Icon: theme.CheckButtonCheckedIcon(), Text: l, Bold: true, Tone: parts.Accent}}
		}
		return []parts.Cell{{Icon: theme.CheckButtonIcon(), Text: l}}
	}
	toggle := func() {
		i := t.Current()
		if i < 0 {
			return
		}
		if k := slices.Index(picked, s.installed[i]); k >= 0 {
			picked = slices.Delete(picked, k, k+1)
		} else {
			picked = append(picked, s.installed[i])
		}
		t.Refresh()
	}
	t.OnOpen = func(int) { toggle() }
	m := &modal{id: "languages", title: "Languages of the pages"}
	take := func() {
		if len(picked) > 0 {
			s.languages = picked
			w.cfg.Prefs.SetString(prefLanguages, strings.Join(picked, "+"))
			s.nameLanguages()
		}
		w.shut(m)
	}
	m.key = func(chord string) bool {
		if chord == "Space" {
			toggle()
			return true
		}
		return false
	}
	hint := prose("Space ticks a language, Enter takes the choice. The one that most of the text is in should be ticked first: the order counts. More languages take more time.")
	w.open(m, container.NewBorder(nil, hint, nil, nil, t), fyne.NewSize(420, 480), t, choice{"Use these", take}, choice{"Cancel", func() { w.shut(m) }})
}

// begin starts the whole way as one job.
func (s *importScreen) begin() {
	w, core := s.w, s.w.core
	r := workbench.ImportRequest{Batch: strings.TrimSpace(s.batch.Text), Title: strings.TrimSpace(s.title.Text), Paths: slices.Clone(s.paths)}
	languages, read, document := slices.Clone(s.languages), s.read.Checked, s.document.Checked
	name := r.Title
	if name == "" {
		name = r.Batch
	}
	w.batches.begun = time.Now()
	w.jobs.Start("Import "+name, func(ctx context.Context, p *job.Progress) job.Outcome {
		out := job.Outcome{}
		in, err := core.Import(ctx, r, p)
		words := []string{count(len(in.Added), "page imported", "pages imported")}
		if n := len(in.Changed); n > 0 {
			words = append(words, fmt.Sprintf("%d of them from files that had given another page before (both are kept, side by side)", n))
		}
		if in.Known > 0 {
			words = append(words, fmt.Sprintf("%d were there already", in.Known))
		}
		if len(in.Ignored) > 0 {
			words = append(words, count(len(in.Ignored), "file", "files")+" ignored")
		}
		out.Summary = strings.Join(words, ", ") + "."
		for _, reject := range in.Rejects {
			out.Problems = append(out.Problems, w.problemOf(reject.Origin.Path.Line()+": "+reject.Problem.Message, &reject.Problem))
		}
		if err != nil {
			out.Err = err
			return out
		}
		if read {
			done, err := core.Process(ctx, workbench.ProcessRequest{Batch: in.Batch.ID, Languages: languages}, p)
			out.Summary += " " + readWords(done)
			out.Problems = append(out.Problems, w.pageProblems(done.Failed)...)
			if err != nil {
				out.Err = err
				return out
			}
		}
		if document {
			d, err := core.MakeDocument(ctx, workbench.DocumentRequest{Batch: in.Batch.ID, Title: name}, p)
			made := documentOutcome(d, err)
			out.Summary += " " + made.Summary
			out.Problems, out.Err = append(out.Problems, made.Problems...), made.Err
		}
		return out
	})
	s.titleTyped = false
	s.batch.SetText("")
	s.set(nil)
	w.show(w.batches)
	w.openDrawer()
}
