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
	"golang.org/x/sys/unix"

	"recto/app/gui/parts"
	"recto/app/job"
	"recto/app/workbench"
	"recto/archive"
	"recto/scan"
)

// exportScreen is F9: documents out as verified packages.
type exportScreen struct {
	w    *window
	root *fyne.Container
	body fyne.CanvasObject

	docs    []workbench.DocumentInfo
	ticked  map[archive.DocumentID]bool
	sizes   map[scan.BatchID]map[scan.PageID]int64 // bytes of masters
	free    uint64                                 // at the destination; 0: unknown
	freeErr error
	err     error
	loaded  bool

	table     *parts.Table
	to        *parts.Entry
	reason    *parts.Entry
	reasonBox *fyne.Container
	checks    *fyne.Container
	start     *parts.Button
	slot      slot
	sizeSlot  slot
	freeSlot  slot
}

func newExport(w *window) *exportScreen {
	s := &exportScreen{w: w, root: container.NewStack(), ticked: map[archive.DocumentID]bool{}, sizes: map[scan.BatchID]map[scan.PageID]int64{}}
	s.table = parts.NewTable(w.keys, parts.RowHeight,
		parts.Column{Title: "", Width: 38}, parts.Column{Title: "Document", Width: 120, Flex: 1}, parts.Column{Title: "Pages", Width: 64, Right: true, Spare: 1},
		parts.Column{Title: "State", Width: 124}, parts.Column{Title: "PDF/A", Width: 100, Right: true, Spare: 2}, parts.Column{Title: "Made", Width: 150, Spare: 3})
	s.table.Multiple = true
	s.table.Telling = true
	s.table.Count = func() int { return len(s.docs) }
	s.table.Row = s.row
	s.table.OnSelect = w.touch
	s.table.OnOpen = func(int) { w.run(w.reg.byID("export.tick")) }
	s.to = parts.NewEntry(w.keys, "Folder that gets the packages")
	s.to.SetText(w.cfg.Prefs.String(prefExport))
	s.to.OnChanged = func(string) { s.checkFree(); s.check() }
	s.reason = parts.NewEntry(w.keys, "Why it may go out all the same")
	s.reason.OnChanged = func(string) { s.check() }
	browse := parts.NewButton(w.keys, "Choose…   Ctrl+O", theme.FolderOpenIcon(), func() { w.run(w.reg.byID("export.to")) })
	s.checks = container.NewVBox()
	s.start = parts.NewButton(w.keys, "Export   Ctrl+Enter", theme.UploadIcon(), func() { w.run(w.reg.byID("export.start")) })
	s.start.Importance = widget.HighImportance
	head := func(t string) fyne.CanvasObject {
		return widget.NewLabelWithStyle(t, fyne.TextAlignLeading, fyne.TextStyle{Bold: true})
	}
	s.reasonBox = container.NewVBox(head("Reason for what is incomplete   Ctrl+E"), s.reason)
	form := container.NewVBox(head("Checklist"), s.checks, head("Destination"), s.to, browse, s.reasonBox,
		prose("Each document becomes a BagIt package: masters, PDF/A, ALTO, Dublin Core. It is read back and compared before it counts as delivered."))
	side := container.New(tallSide{290}, sideForm(form, s.start))
	s.body = container.NewBorder(nil, nil, nil, parts.Panel(parts.Left, side), s.table)
	return s
}

func (s *exportScreen) id() string                 { return "export" }
func (s *exportScreen) word() string               { return "Export" }
func (s *exportScreen) icon() fyne.Resource        { return theme.UploadIcon() }
func (s *exportScreen) content() fyne.CanvasObject { return s.root }
func (s *exportScreen) shown()                     { s.reload(); s.checkFree() }
func (s *exportScreen) escape() bool               { return false }

func (s *exportScreen) focus() fyne.Focusable {
	if !holds(s.root, s.body) {
		return nil
	}
	return s.table
}

func (s *exportScreen) dump(d *state) {
	d.Count, d.Cursor, d.Busy = len(s.docs), s.table.Current(), d.Busy || s.slot.busy || s.sizeSlot.busy
	for _, doc := range s.chosen() {
		d.Selected = append(d.Selected, string(doc.ID))
	}
	d.Ready, d.Query = s.ready(), s.to.Text
	if s.err != nil {
		d.Error = s.err.Error()
	}
}

func (s *exportScreen) commands() []*command {
	some := func() bool { return len(s.docs) > 0 }
	list := []*command{
		{id: "export.tick", title: "Tick or untick the chosen documents", word: "Tick", keys: []string{"Space"}, icon: theme.CheckButtonCheckedIcon(), enabled: some, run: s.tick},
		{id: "export.all", title: "Tick all documents", word: "All", keys: []string{"Ctrl+A"}, enabled: some, run: s.tickAll},
		{id: "export.to", title: "Choose the destination…", word: "Destination", keys: []string{"Ctrl+O"}, icon: theme.FolderOpenIcon(), enabled: some, run: s.choose},
		{id: "export.reason", title: "Give the reason for what is incomplete", word: "Reason", keys: []string{"Ctrl+E"}, enabled: s.incomplete, run: func() { s.w.win.Canvas().Focus(s.reason) }},
		{id: "export.start", title: "Export the ticked documents", word: "Export", keys: []string{"Ctrl+Enter"}, icon: theme.UploadIcon(), enabled: s.ready, run: s.begin},
	}
	for _, c := range list {
		c.scope, c.menu = "export", "Batch"
	}
	return list
}

func (s *exportScreen) reload() {
	core := s.w.core
	if core == nil {
		return
	}
	load(s.w.bridge, &s.slot, core.Documents, func(docs []workbench.DocumentInfo, err error) {
		if cancelled(err) {
			return
		}
		first := !s.loaded
		s.sizes = map[scan.BatchID]map[scan.PageID]int64{}
		s.measure()
		s.docs, s.err, s.loaded = docs, err, true
		slices.SortStableFunc(s.docs, func(a, b workbench.DocumentInfo) int { return b.Created.Compare(a.Created) })
		s.table.Refresh()
		if first && len(docs) > 0 {
			s.table.Select(0)
		}
		s.build()
		s.check()
		s.w.touch()
	})
	s.build()
}

func (s *exportScreen) build() {
	w := s.w
	switch {
	case s.err != nil:
		swap(s.root, w.trouble(s.err, s.reload))
	case !s.loaded:
		swap(s.root, parts.Notice(theme.UploadIcon(), parts.Muted, "Looking for documents", ""))
	case len(s.docs) == 0:
		b := parts.NewButton(w.keys, "Batches   F2", theme.ListIcon(), func() { w.run(w.reg.byID("go.batches")) })
		swap(s.root, parts.Notice(theme.DocumentCreateIcon(), parts.Accent, "No documents yet", "Make one of a batch first: D on Batches (F2) or Arrange (F4).", b))
	default:
		if swap(s.root, s.body) && w.current == screen(s) {
			w.refocus()
		}
	}
}

func (s *exportScreen) row(i int) []parts.Cell {
	d := s.docs[i]
	tick := parts.Cell{Icon: theme.CheckButtonIcon()}
	if s.ticked[d.ID] {
		tick = parts.Cell{Icon: theme.CheckButtonCheckedIcon(), Tone: parts.Accent}
	}
	st := documentState(d)
	size := parts.Cell{Text: parts.Nothing, Tone: parts.Muted}
	if d.PDF != "" {
		size = parts.Cell{Text: bytesWords(d.Fixity.Size)}
	}
	return []parts.Cell{tick, {Text: d.Title, Bold: true}, {Text: fmt.Sprint(len(d.Leaves))}, {Icon: st.icon, Text: st.word, Tone: st.tone}, size, {Text: ago(d.Created), Tone: parts.Muted}}
}

func documentState(d workbench.DocumentInfo) badge {
	switch {
	case d.PDF == "":
		return badge{theme.WarningIcon(), "Not written yet", parts.Warn}
	case d.State != archive.Complete:
		return badge{theme.WarningIcon(), "Incomplete", parts.Warn}
	}
	return badge{theme.ConfirmIcon(), "Complete", parts.Good}
}

// chosen are the ticked documents.
func (s *exportScreen) chosen() []workbench.DocumentInfo {
	var out []workbench.DocumentInfo
	for _, d := range s.docs {
		if s.ticked[d.ID] {
			out = append(out, d)
		}
	}
	return out
}

// tick changes the rows that are selected, all to the same.
func (s *exportScreen) tick() {
	rows := s.table.Selected.Chosen()
	if len(rows) == 0 && s.table.Current() >= 0 {
		rows = []int{s.table.Current()}
	}
	on := slices.ContainsFunc(rows, func(i int) bool { return i < len(s.docs) && !s.ticked[s.docs[i].ID] })
	for _, i := range rows {
		if i < len(s.docs) {
			s.set(s.docs[i].ID, on)
		}
	}
	s.changed()
}

func (s *exportScreen) tickAll() {
	for _, d := range s.docs {
		s.set(d.ID, true)
	}
	s.changed()
}

func (s *exportScreen) set(id archive.DocumentID, on bool) {
	if on {
		s.ticked[id] = true
	} else {
		delete(s.ticked, id)
	}
}

func (s *exportScreen) changed() {
	s.table.Refresh()
	s.measure()
	s.check()
	s.w.touch()
}

// measure finds out how large the masters of the ticked documents are.
func (s *exportScreen) measure() {
	core := s.w.core
	var missing []scan.BatchID
	for _, d := range s.chosen() {
		if s.sizes[d.Batch] == nil && !slices.Contains(missing, d.Batch) {
			missing = append(missing, d.Batch)
		}
	}
	if core == nil || len(missing) == 0 {
		return
	}
	load(s.w.bridge, &s.sizeSlot, func(ctx context.Context) (map[scan.BatchID]map[scan.PageID]int64, error) {
		out := map[scan.BatchID]map[scan.PageID]int64{}
		for _, b := range missing {
			out[b] = map[scan.PageID]int64{}
			for _, binned := range []bool{false, true} {
				pages, err := core.Pages(ctx, b, binned)
				if err != nil {
					return out, err
				}
				for _, p := range pages {
					out[b][p.ID] = p.Fixity.Size
				}
			}
		}
		return out, nil
	}, func(sizes map[scan.BatchID]map[scan.PageID]int64, err error) {
		if err == nil {
			for b, m := range sizes {
				s.sizes[b] = m
			}
		}
		s.check()
		s.w.touch()
	})
}

// size is what the packages will take, about: masters and PDF/A, and a little for
// text and manifests. known is false while it is being found out.
func (s *exportScreen) size() (n int64, known bool) {
	known = true
	for _, d := range s.chosen() {
		n += d.Fixity.Size
		pages, ok := s.sizes[d.Batch]
		known = known && ok
		for _, l := range d.Leaves {
			n += pages[l.Page] + 20_000
		}
	}
	return n, known
}

// checkFree asks how much room there is where the packages go.
func (s *exportScreen) checkFree() {
	dir := strings.TrimSpace(s.to.Text)
	s.free, s.freeErr = 0, nil
	if dir == "" {
		s.freeSlot.drop()
		return
	}
	load(s.w.bridge, &s.freeSlot, func(context.Context) (uint64, error) { return freeAt(expand(dir)) }, func(n uint64, err error) {
		s.free, s.freeErr = n, err
		s.check()
		s.w.touch()
	})
}

// freeAt is the room on the disk of dir or of the nearest folder above that is there.
func freeAt(dir string) (uint64, error) {
	for {
		var st unix.Statfs_t
		err := unix.Statfs(dir, &st)
		if err == nil {
			return st.Bavail * uint64(st.Bsize), nil
		}
		up := filepath.Dir(dir)
		if err != unix.ENOENT || up == dir {
			return 0, fmt.Errorf("free space at %s: %w", dir, err)
		}
		dir = up
	}
}

// check is the checklist: what is in order, and what to do where it is not.
func (s *exportScreen) check() {
	docs := s.chosen()
	var rows []badge
	ok := func(good bool, yes, no string) {
		if good {
			rows = append(rows, badge{theme.ConfirmIcon(), yes, parts.Good})
		} else {
			rows = append(rows, badge{theme.WarningIcon(), no, parts.Warn})
		}
	}
	if s.barred() {
		ok(false, "", "Another Recto is writing in this archive: export there, or when it is closed")
	}
	ok(len(docs) > 0, count(len(docs), "document", "documents")+" ticked", "Tick documents with Space")
	if len(docs) > 0 {
		written, complete := 0, 0
		var reasons []string
		for _, d := range docs {
			if d.PDF != "" {
				written++
			}
			if d.State == archive.Complete {
				complete++
			} else {
				for _, r := range d.Reasons {
					if len(docs) > 1 {
						r = d.Title + ": " + r
					}
					reasons = append(reasons, r)
				}
			}
		}
		ok(written == len(docs), "PDF/A written", fmt.Sprintf("PDF/A missing: %d (make the document again)", len(docs)-written))
		ok(complete == len(docs), "Complete", fmt.Sprintf("Incomplete: %d, a reason is needed", len(docs)-complete))
		for i, r := range reasons {
			if i == 4 {
				rows = append(rows, badge{nil, fmt.Sprintf("and %d more", len(reasons)-i), parts.Muted})
				break
			}
			rows = append(rows, badge{nil, r, parts.Muted})
		}
		n, known := s.size()
		switch {
		case strings.TrimSpace(s.to.Text) == "":
			ok(false, "", "Choose a destination")
		case s.freeErr != nil:
			ok(false, "", s.freeErr.Error())
		case !known:
			rows = append(rows, badge{theme.HistoryIcon(), "Measuring", parts.Muted})
		case s.free > 0:
			words := fmt.Sprintf("About %s; %s free there", bytesWords(n), bytesWords(int64(s.free)))
			ok(uint64(n) < s.free, words, words)
		}
	}
	s.checks.Objects = nil
	for _, r := range rows {
		var left fyne.CanvasObject = widget.NewLabel("   ")
		if r.icon != nil {
			left = container.New(layout.NewGridWrapLayout(fyne.NewSize(20, 24)), widget.NewIcon(r.tone.Tint(r.icon)))
		}
		s.checks.Objects = append(s.checks.Objects, container.NewBorder(nil, nil, left, nil, prose(r.word)))
	}
	s.checks.Refresh()
	if s.incomplete() {
		s.reasonBox.Show()
	} else {
		s.reasonBox.Hide()
	}
	if s.ready() {
		s.start.Enable()
	} else {
		s.start.Disable()
	}
	s.w.touch()
}

// barred tells whether a delivery could not be told to the archive, where somebody
// else is writing.
func (s *exportScreen) barred() bool { return s.w.looking && !s.w.fixed }

func (s *exportScreen) incomplete() bool {
	return slices.ContainsFunc(s.chosen(), func(d workbench.DocumentInfo) bool { return d.State != archive.Complete })
}

func (s *exportScreen) ready() bool {
	n, known := s.size()
	return !s.barred() && len(s.chosen()) > 0 && strings.TrimSpace(s.to.Text) != "" && s.freeErr == nil && known &&
		(s.free == 0 || uint64(n) < s.free) && (!s.incomplete() || strings.TrimSpace(s.reason.Text) != "")
}

func (s *exportScreen) choose() {
	from := strings.TrimSpace(s.to.Text)
	if from == "" {
		from = s.w.home()
	}
	s.w.chooseFolder("Where the packages go", "Use this folder", expand(from), func(dir string) { s.to.SetText(dir) })
}

// begin runs the export as a job.
func (s *exportScreen) begin() {
	w, core := s.w, s.w.core
	docs := s.chosen()
	titles := map[archive.DocumentID]string{}
	r := workbench.ExportRequest{Format: "bagit", To: expand(strings.TrimSpace(s.to.Text))}
	for _, d := range docs {
		r.Documents = append(r.Documents, d.ID)
		titles[d.ID] = d.Title
	}
	if s.incomplete() {
		r.Incomplete = strings.TrimSpace(s.reason.Text)
	}
	w.cfg.Prefs.SetString(prefExport, r.To)
	w.jobs.Start("Export "+count(len(docs), "document", "documents"), func(ctx context.Context, p *job.Progress) job.Outcome {
		done, err := core.Export(ctx, r, p)
		out := job.Outcome{Err: err}
		var lines []string
		good, files, size := 0, 0, int64(0)
		for _, d := range done {
			if d.Err != nil {
				out.Problems = append(out.Problems, w.problemOf(titles[d.Document]+": "+d.Err.Error(), d.Err))
				continue
			}
			good, files, size = good+1, files+d.Files, size+d.Bytes
			word := "delivered"
			if d.Already {
				word = "was there already, verified"
			}
			line := fmt.Sprintf("%s: %s, %s, %s", scan.Path(filepath.Base(string(d.Package))).Line(), word, count(d.Files, "file", "files"), bytesWords(d.Bytes))
			if d.Note != "" {
				line += " (" + d.Note + ")"
			}
			lines = append(lines, line)
		}
		if len(done) > 0 {
			out.Summary = fmt.Sprintf("%d of %d verified: %s, %s.\n%s", good, len(docs), count(files, "file", "files"), bytesWords(size), strings.Join(lines, "\n"))
		}
		return out
	})
	s.ticked = map[archive.DocumentID]bool{}
	s.reason.SetText("")
	s.changed()
	w.openDrawer()
}
