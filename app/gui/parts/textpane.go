package parts

import (
	"slices"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// PaneWord is a word of a text pane. Break ends a line after it, Space adds an
// empty half line.
type PaneWord struct {
	Text         string
	Break, Space bool
	State        WordState
	Lit          bool // a search found it
}

// WordState is what is known of a word. Each has a line of its own kind, so that it is
// told without its colour.
type WordState int

// The states.
const (
	WordRead       WordState = iota // no line
	WordDoubtful                    // dashed
	WordCorrected                   // two lines
	WordChecked                     // one thin line
	WordUnreadable                  // struck out
)

// TextPane shows running text with a cursor that goes from word to word. It is
// for reading; an Entry lays a whole page out again at every change.
type TextPane struct {
	widget.BaseWidget
	OnCursor func(word int)
	OnOpen   func(word int) // double click
	Keys     *Keys

	words   []PaneWord
	cursor  int // -1: none
	rows    []paneRow
	width   float32
	size    float32 // of the letters: smaller where that keeps the printed lines whole
	scroll  *container.Scroll
	body    *paneBody
	focused bool
	editor  *Entry // over a word; nil: none
	editing int    // that word
}

// paneRow is one line as it is wrapped: words first to end-1 and where each
// begins and ends.
type paneRow struct {
	first, end int
	y          float32
	x          []float32
	w          []float32
}

const (
	paneText  = 14
	paneSmall = 11
	hanging   = 18 // indent of what did not fit into its line
	paneLine  = 21
	panePad   = 12
)

// NewTextPane makes an empty pane.
func NewTextPane(keys *Keys) *TextPane {
	p := &TextPane{Keys: keys, cursor: -1}
	p.body = &paneBody{pane: p}
	p.body.ExtendBaseWidget(p.body)
	p.scroll = container.NewVScroll(p.body)
	p.scroll.OnScrolled = func(fyne.Position) { p.body.Refresh() }
	p.ExtendBaseWidget(p)
	return p
}

// SetWords shows another text, from its start and without a cursor.
func (p *TextPane) SetWords(words []PaneWord) {
	p.words, p.cursor = words, -1
	p.scroll.Offset.Y = 0
	p.relay()
}

// Replace shows another version of the same text: what is in sight stays in sight.
func (p *TextPane) Replace(words []PaneWord, cursor int) {
	y := p.scroll.Offset.Y
	p.words, p.cursor = words, min(cursor, len(words)-1)
	p.relay()
	p.scroll.Offset.Y = min(y, max(p.height()-p.scroll.Size().Height, 0))
	p.scroll.Refresh()
	p.SetCursor(p.cursor)
}

// Offset is how far down the text is scrolled.
func (p *TextPane) Offset() float32 { return p.scroll.Offset.Y }

// Edit puts a field over a word, nil takes it away.
func (p *TextPane) Edit(e *Entry, word int) {
	p.editor, p.editing = e, word
	p.body.Refresh()
}

// Fit makes the field over a word as wide as what it holds.
func (p *TextPane) Fit() { p.body.Refresh() }

// place puts the field over its word, within the pane.
func (p *TextPane) place() {
	row := p.rowOf(p.editing)
	if row < 0 {
		return
	}
	r := p.rows[row]
	i := p.editing - r.first
	size := p.editor.MinSize()
	size.Width = min(max(fyne.MeasureText(p.editor.Text, theme.TextSize(), fyne.TextStyle{}).Width+40, r.w[i]+24, 120), max(p.width-2*panePad, 40))
	x := min(r.x[i]-8, p.width-panePad-size.Width)
	p.editor.Resize(size)
	p.editor.Move(fyne.NewPos(max(x, panePad/2), max(r.y+(paneLine-2-size.Height)/2, 0)))
}

// Cursor is the word under the cursor, -1 without one.
func (p *TextPane) Cursor() int { return p.cursor }

// SetCursor puts the cursor on a word and shows it; it does not call OnCursor.
func (p *TextPane) SetCursor(word int) {
	p.cursor = min(word, len(p.words)-1)
	if row := p.rowOf(p.cursor); row >= 0 {
		y, height := p.rows[row].y, p.scroll.Size().Height
		if y < p.scroll.Offset.Y+paneLine || y+2*paneLine > p.scroll.Offset.Y+height {
			limit := max(p.height()-height, 0)
			p.scroll.Offset.Y = min(max(y-height/3, 0), limit)
			p.scroll.Refresh()
		}
	}
	p.body.Refresh()
}

func (p *TextPane) rowOf(word int) int {
	if word < 0 {
		return -1
	}
	return slices.IndexFunc(p.rows, func(r paneRow) bool { return word >= r.first && word < r.end })
}

func (p *TextPane) height() float32 {
	if len(p.rows) == 0 {
		return 0
	}
	return p.rows[len(p.rows)-1].y + paneLine + panePad
}

// relay breaks the text into rows for the present width.
func (p *TextPane) relay() {
	p.width = p.scroll.Size().Width
	p.rows = p.rows[:0]
	room := p.width - 2*panePad
	p.size = p.fitting(room)
	space := fyne.MeasureText(" ", p.size, fyne.TextStyle{}).Width
	y := float32(panePad)
	var row paneRow
	at := float32(0)
	finish := func(end int) {
		row.end, row.y = end, y
		p.rows = append(p.rows, row)
		y += paneLine
		row, at = paneRow{first: end}, 0
	}
	if room > 20 {
		for i, word := range p.words {
			w := fyne.MeasureText(word.Text, p.size, fyne.TextStyle{}).Width
			if at > 0 && at+w > room {
				finish(i)
				at = hanging
			}
			row.x, row.w = append(row.x, panePad+at), append(row.w, w)
			at += w + space
			if word.Break || i == len(p.words)-1 {
				finish(i + 1)
				if word.Space {
					y += paneLine / 2
				}
			}
		}
	}
	p.body.Resize(fyne.NewSize(p.width, max(p.height(), p.scroll.Size().Height)))
	p.scroll.Refresh()
	p.body.Refresh()
}

// fitting is the size of letters at which nearly all lines fit into room.
func (p *TextPane) fitting(room float32) float32 {
	var widths []float32
	at := float32(0)
	space := fyne.MeasureText(" ", paneText, fyne.TextStyle{}).Width
	for _, w := range p.words {
		at += fyne.MeasureText(w.Text, paneText, fyne.TextStyle{}).Width + space
		if w.Break {
			widths, at = append(widths, at-space), 0
		}
	}
	if len(widths) == 0 {
		return paneText
	}
	slices.Sort(widths)
	widest := widths[len(widths)*19/20]
	return min(max(0.97*paneText*room/widest, paneSmall), paneText)
}

// Step moves the cursor as a key says and tells whether the key is one.
func (p *TextPane) Step(key fyne.KeyName) bool {
	n := p.cursor
	switch key {
	case fyne.KeyLeft:
		n--
	case fyne.KeyRight:
		n++
	case fyne.KeyUp:
		n = p.vertical(-1)
	case fyne.KeyDown:
		n = p.vertical(1)
	default:
		return false
	}
	if len(p.words) == 0 {
		return true
	}
	p.SetCursor(min(max(n, 0), len(p.words)-1))
	if p.OnCursor != nil {
		p.OnCursor(p.cursor)
	}
	return true
}

// vertical is the word above or below the cursor.
func (p *TextPane) vertical(by int) int {
	row := p.rowOf(p.cursor)
	if row < 0 || row+by < 0 || row+by >= len(p.rows) {
		return p.cursor
	}
	at := p.rows[row]
	i := p.cursor - at.first
	return p.nearest(row+by, at.x[i]+at.w[i]/2)
}

func (p *TextPane) nearest(row int, x float32) int {
	r := p.rows[row]
	for i := range r.x {
		if x < r.x[i]+r.w[i] {
			return r.first + i
		}
	}
	return r.end - 1
}

// PassesKeys tells where unused keys go.
func (p *TextPane) PassesKeys() *Keys { return p.Keys }

func (p *TextPane) FocusGained() { p.focused = true; p.body.Refresh() }
func (p *TextPane) FocusLost()   { p.focused = false; p.body.Refresh() }

// TypedRune passes characters on.
func (p *TextPane) TypedRune(r rune) { p.Keys.rune(r) }

// TypedShortcut passes shortcuts on.
func (p *TextPane) TypedShortcut(s fyne.Shortcut) { p.Keys.shortcut(s) }

// TypedKey moves the cursor; other keys are passed on.
func (p *TextPane) TypedKey(e *fyne.KeyEvent) {
	if !p.Step(e.Name) {
		p.Keys.key(e.Name)
	}
}

// CreateRenderer is for Fyne.
func (p *TextPane) CreateRenderer() fyne.WidgetRenderer {
	return &paneRenderer{pane: p, back: canvas.NewRectangle(nil)}
}

type paneRenderer struct {
	pane *TextPane
	back *canvas.Rectangle
}

func (r *paneRenderer) Layout(s fyne.Size) {
	r.back.Resize(s)
	r.pane.scroll.Resize(s)
	if r.pane.width != s.Width {
		r.pane.relay()
		if r.pane.cursor >= 0 {
			r.pane.SetCursor(r.pane.cursor)
		}
	}
	r.Refresh()
}
func (r *paneRenderer) MinSize() fyne.Size { return fyne.NewSize(180, 120) }
func (r *paneRenderer) Refresh() {
	r.back.FillColor = theme.Color(theme.ColorNameInputBackground)
	r.back.Refresh()
}
func (r *paneRenderer) Destroy() {}
func (r *paneRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.back, r.pane.scroll}
}

type paneBody struct {
	widget.BaseWidget
	pane *TextPane
}

// MouseDown puts the cursor on the word under the pointer.
func (b *paneBody) MouseDown(e *desktop.MouseEvent) {
	p := b.pane
	focus(p)
	for i, row := range p.rows {
		if e.Position.Y >= row.y && e.Position.Y < row.y+paneLine {
			p.SetCursor(p.nearest(i, e.Position.X))
			if p.OnCursor != nil {
				p.OnCursor(p.cursor)
			}
			return
		}
	}
}

func (b *paneBody) MouseUp(*desktop.MouseEvent) {}

// DoubleTapped opens the word that the first click has put the cursor on.
func (b *paneBody) DoubleTapped(*fyne.PointEvent) {
	if p := b.pane; p.OnOpen != nil && p.cursor >= 0 {
		p.OnOpen(p.cursor)
	}
}

// Tapped is there so that Fyne gives the mouse to this object.
func (b *paneBody) Tapped(*fyne.PointEvent) {}

func (b *paneBody) CreateRenderer() fyne.WidgetRenderer { return &paneBodyRenderer{body: b} }

type paneBodyRenderer struct {
	body    *paneBody
	objects []fyne.CanvasObject
}

func (r *paneBodyRenderer) Layout(fyne.Size)             { r.Refresh() }
func (r *paneBodyRenderer) MinSize() fyne.Size           { return fyne.NewSize(10, r.body.pane.height()) }
func (r *paneBodyRenderer) Destroy()                     {}
func (r *paneBodyRenderer) Objects() []fyne.CanvasObject { return r.objects }

func (r *paneBodyRenderer) Refresh() {
	p := r.body.pane
	top, bottom := p.scroll.Offset.Y-paneLine, p.scroll.Offset.Y+p.scroll.Size().Height
	var back, front []fyne.CanvasObject
	for _, row := range p.rows {
		if row.y < top || row.y > bottom {
			continue
		}
		for i := range row.x {
			word := p.words[row.first+i]
			box := func(name fyne.ThemeColorName) *canvas.Rectangle {
				c := canvas.NewRectangle(theme.Color(name))
				c.CornerRadius = 2
				c.Move(fyne.NewPos(row.x[i]-2, row.y))
				c.Resize(fyne.NewSize(row.w[i]+4, paneLine-2))
				back = append(back, c)
				return c
			}
			if word.Lit {
				box(ColorMark)
			}
			if row.first+i == p.cursor {
				c := box(theme.ColorNameSelection)
				c.StrokeColor, c.StrokeWidth = theme.Color(theme.ColorNamePrimary), 1
			}
			text := canvas.NewText(word.Text, theme.Color(theme.ColorNameForeground))
			if word.State == WordUnreadable {
				text.Color = theme.Color(ColorMuted)
			}
			front = append(front, word.State.lines(row.x[i], row.y, row.w[i])...)
			text.TextSize = p.size
			text.Move(fyne.NewPos(row.x[i], row.y))
			text.Resize(fyne.NewSize(row.w[i], paneLine))
			front = append(front, text)
		}
	}
	r.objects = append(back, front...)
	if p.editor != nil {
		p.place()
		r.objects = append(r.objects, p.editor)
	}
	canvas.Refresh(r.body)
}

// lines are those of a word at x and y that is so wide.
func (s WordState) lines(x, y, width float32) (out []fyne.CanvasObject) {
	line := func(t Tone, x, y, width, height float32) {
		l := canvas.NewRectangle(t.Color())
		l.Move(fyne.NewPos(x, y))
		l.Resize(fyne.NewSize(width, height))
		out = append(out, l)
	}
	const foot, dash, gap = paneLine - 4, 4, 3
	switch s {
	case WordDoubtful:
		for at := float32(0); at < width; at += dash + gap {
			line(Bad, x+at, y+foot, min(dash, width-at), 2)
		}
	case WordCorrected:
		line(Accent, x, y+foot-1, width, 1)
		line(Accent, x, y+foot+2, width, 1)
	case WordChecked:
		line(Good, x, y+foot, width, 1)
	case WordUnreadable:
		line(Bad, x, y+paneLine/2, width, 1.5)
	}
	return out
}
