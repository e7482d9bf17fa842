package parts

import (
	"image"
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// Cell is one field of a row: an icon or a picture, a word, and a second line
// with marked ranges where the rows are high enough.
type Cell struct {
	Icon  fyne.Resource
	Image *image.RGBA
	Text  string
	Bold  bool
	Tone  Tone
	Sub   string   // second line
	Marks [][2]int // byte ranges of Sub to emphasise, ascending
}

// Nothing is the text of a cell that has nothing to say.
const Nothing = "–"

// Column of a table: Width fixed, or with Flex a share of what is left.
type Column struct {
	Title string
	Width float32
	Flex  float32
	Right bool // numbers stand to the right
	Spare int  // above 0: left out where there is no room, the highest first
}

// Table shows rows of one height under fixed column titles. It draws only the
// rows in sight.
type Table struct {
	widget.BaseWidget
	Columns  []Column
	Count    func() int
	Row      func(i int) []Cell // one cell a column; called for rows in sight
	OnSelect func()
	OnOpen   func(i int) // double click
	OnShow   func(first, end int)
	Keys     *Keys
	Multiple bool // Shift and Ctrl choose several
	Telling  bool // what is cut off or left out of the row at the cursor stands in full below the rows

	Selected Selection

	height  float32
	scroll  *container.Scroll
	body    *tableBody
	rest    *widget.Label     // what is told, and
	foot    fyne.CanvasObject // where it stands
	focused bool
	shown   [2]int
}

// RowHeight is that of a compact row of one line.
const RowHeight = 27

const (
	headHeight = 25
	iconRoom   = 21 // an icon and the gap behind it
)

// NewTable makes a table with rows of the given height.
func NewTable(keys *Keys, height float32, columns ...Column) *Table {
	t := &Table{Keys: keys, Columns: columns, height: height}
	t.body = &tableBody{table: t, lastAt: -1}
	t.body.ExtendBaseWidget(t.body)
	t.scroll = container.NewVScroll(t.body)
	t.scroll.OnScrolled = func(fyne.Position) { t.body.Refresh() }
	t.rest = widget.NewLabel("")
	t.rest.Wrapping = fyne.TextWrapWord
	t.foot = Panel(Top, t.rest)
	t.foot.Hide()
	t.ExtendBaseWidget(t)
	return t
}

func (t *Table) count() int {
	if t.Count == nil {
		return 0
	}
	return t.Count()
}

func (t *Table) headed() bool {
	for _, c := range t.Columns {
		if c.Title != "" {
			return true
		}
	}
	return false
}

// Current is the row of the cursor, -1 in an empty table.
func (t *Table) Current() int {
	if t.count() == 0 {
		return -1
	}
	return t.Selected.Cursor()
}

// Select chooses rows and shows the first.
func (t *Table) Select(rows ...int) {
	t.Selected.Choose(rows...)
	t.changed()
	if len(rows) > 0 {
		t.Reveal(rows[0])
	}
}

func (t *Table) changed() {
	t.tell()
	t.body.Refresh()
	if t.OnSelect != nil {
		t.OnSelect()
	}
}

// Shown is the range of rows in sight.
func (t *Table) Shown() (first, end int) {
	first = max(int(t.scroll.Offset.Y/t.height), 0)
	return first, min(int((t.scroll.Offset.Y+t.scroll.Size().Height)/t.height)+1, t.count())
}

// Reveal scrolls so that row i is in sight.
func (t *Table) Reveal(i int) {
	top, height := float32(i)*t.height, t.scroll.Size().Height
	switch {
	case height < t.height:
		return
	case top < t.scroll.Offset.Y:
		t.scroll.Offset.Y = top
	case top+t.height > t.scroll.Offset.Y+height:
		t.scroll.Offset.Y = top + t.height - height
	default:
		return
	}
	t.scroll.Refresh()
	t.body.Refresh()
}

// Refresh shows what Count and Row say now.
func (t *Table) Refresh() {
	t.Selected.Limit(t.count())
	t.tell()
	t.place()
	t.scroll.Refresh()
	t.body.Refresh()
	t.BaseWidget.Refresh()
}

// PassesKeys tells where unused keys go.
func (t *Table) PassesKeys() *Keys { return t.Keys }

func (t *Table) FocusGained() { t.focused = true; t.body.Refresh() }
func (t *Table) FocusLost()   { t.focused = false; t.body.Refresh() }

// TypedRune passes characters on.
func (t *Table) TypedRune(r rune) { t.Keys.rune(r) }

// TypedShortcut passes shortcuts on.
func (t *Table) TypedShortcut(s fyne.Shortcut) { t.Keys.shortcut(s) }

// TypedKey moves the cursor; other keys are passed on.
func (t *Table) TypedKey(e *fyne.KeyEvent) {
	if !t.Step(e.Name) {
		t.Keys.key(e.Name)
	}
}

// Step does what a cursor key does and tells whether the key is one.
func (t *Table) Step(key fyne.KeyName) bool {
	if key == fyne.KeyLeft || key == fyne.KeyRight {
		return false
	}
	page := max(int(t.scroll.Size().Height/t.height)-1, 1)
	shift := t.Multiple && Modifiers()&fyne.KeyModifierShift != 0
	if !t.Selected.Step(key, shift, 1, page, t.count()) {
		return false
	}
	t.changed()
	t.Reveal(t.Selected.Cursor())
	return true
}

// widths shares the width among the columns. Where it is too small for all, the
// spare ones get none, and then all become narrower.
func (t *Table) widths(total float32) []float32 {
	out := make([]float32, len(t.Columns))
	total -= 10 // the scroll bar
	var fixed, flex float32
	for i, c := range t.Columns {
		out[i] = c.Width
		fixed += c.Width
	}
	for fixed > total {
		spare := -1
		for i, c := range t.Columns {
			if out[i] > 0 && c.Spare > 0 && (spare < 0 || c.Spare > t.Columns[spare].Spare) {
				spare = i
			}
		}
		if spare < 0 {
			break
		}
		fixed -= out[spare]
		out[spare] = 0
	}
	for i, c := range t.Columns {
		if c.Flex > 0 && (out[i] > 0 || c.Width == 0) {
			flex += c.Flex
		}
	}
	for i, c := range t.Columns {
		switch {
		case fixed > total && total > 0:
			out[i] *= total / fixed
		case c.Flex > 0 && flex > 0 && (out[i] > 0 || c.Width == 0):
			out[i] += (total - fixed) * c.Flex / flex
		}
	}
	return out
}

// tell writes below the rows what cannot be read in the one at the cursor.
func (t *Table) tell() {
	if !t.Telling || t.Size().Width == 0 {
		return
	}
	text := ""
	if i := t.Current(); i >= 0 {
		text = t.unread(i)
	}
	if text == t.rest.Text {
		return
	}
	t.rest.SetText(text)
	if text == "" {
		t.foot.Hide()
	} else {
		t.foot.Show()
	}
	t.place()
	t.Reveal(t.Selected.Cursor())
}

// unread lists what is cut off or left out of a row, each with its column's title.
func (t *Table) unread(i int) string {
	var out []string
	widths := t.widths(t.Size().Width)
	for k, c := range t.Row(i) {
		left, right := t.room(c, widths[k])
		if c.Text == "" || c.Text == Nothing || (widths[k] > 0 && Shorten(c.Text, right-left, theme.TextSize(), fyne.TextStyle{Bold: c.Bold}) == c.Text) {
			continue
		}
		if title := t.Columns[k].Title; title != "" {
			c.Text = title + ": " + c.Text
		}
		out = append(out, c.Text)
	}
	return strings.Join(out, " · ")
}

// room is where the text of a cell can stand in a column of the given width.
func (t *Table) room(c Cell, width float32) (left, right float32) {
	left, right = 8, width-8
	if c.Image != nil {
		left += min(width-16, t.height-6) + 6
	}
	if c.Icon != nil {
		left += iconRoom
	}
	return left, right
}

// place puts title, rows and what is told below them into the table's size.
func (t *Table) place() {
	s := t.Size()
	top, foot := float32(0), float32(0)
	if t.headed() {
		top = headHeight
	}
	if t.foot.Visible() {
		t.foot.Resize(fyne.NewSize(s.Width, t.foot.Size().Height)) // its height depends on its width
		foot = min(t.foot.MinSize().Height, s.Height/3)
		t.foot.Move(fyne.NewPos(0, s.Height-foot))
		t.foot.Resize(fyne.NewSize(s.Width, foot))
	}
	rows := max(s.Height-top-foot, 0)
	t.scroll.Move(fyne.NewPos(0, top))
	t.scroll.Resize(fyne.NewSize(s.Width, rows))
	t.body.Resize(fyne.NewSize(s.Width, max(float32(t.count())*t.height, rows)))
}

// CreateRenderer is for Fyne.
func (t *Table) CreateRenderer() fyne.WidgetRenderer {
	r := &tableRenderer{table: t, back: canvas.NewRectangle(nil), head: canvas.NewRectangle(nil), line: canvas.NewRectangle(nil)}
	for range t.Columns {
		r.titles = append(r.titles, canvas.NewText("", nil))
	}
	return r
}

type tableRenderer struct {
	table            *Table
	back, head, line *canvas.Rectangle
	titles           []*canvas.Text
}

func (r *tableRenderer) Layout(s fyne.Size) {
	t := r.table
	top := float32(0)
	if t.headed() {
		top = headHeight
	}
	r.back.Resize(s)
	r.head.Resize(fyne.NewSize(s.Width, top))
	r.line.Move(fyne.NewPos(0, top-1))
	r.line.Resize(fyne.NewSize(s.Width, 1))
	x := float32(0)
	for i, w := range t.widths(s.Width) {
		r.titles[i].Move(fyne.NewPos(x+8, 5))
		r.titles[i].Resize(fyne.NewSize(w-16, 16))
		r.titles[i].Text = Shorten(r.table.Columns[i].Title, w-16, 12, fyne.TextStyle{})
		r.titles[i].Hidden = w == 0
		x += w
	}
	t.tell()
	t.place()
	r.Refresh()
}

func (r *tableRenderer) MinSize() fyne.Size { return fyne.NewSize(130, headHeight+3*r.table.height) }
func (r *tableRenderer) Destroy()           {}

func (r *tableRenderer) Refresh() {
	r.back.FillColor = theme.Color(theme.ColorNameInputBackground)
	r.head.FillColor = theme.Color(theme.ColorNameHeaderBackground)
	r.line.FillColor = theme.Color(theme.ColorNameSeparator)
	r.head.Hidden, r.line.Hidden = !r.table.headed(), !r.table.headed()
	for i, c := range r.table.Columns {
		r.titles[i].TextSize, r.titles[i].Color = 12, theme.Color(ColorMuted)
		if c.Right {
			r.titles[i].Alignment = fyne.TextAlignTrailing
		}
		r.titles[i].Refresh()
	}
	r.back.Refresh()
	r.head.Refresh()
	r.line.Refresh()
}

func (r *tableRenderer) Objects() []fyne.CanvasObject {
	out := []fyne.CanvasObject{r.back, r.head, r.line}
	for _, t := range r.titles {
		out = append(out, t)
	}
	return append(out, r.table.scroll, r.table.foot)
}

type tableBody struct {
	widget.BaseWidget
	table  *Table
	last   time.Time
	lastAt int
}

func (b *tableBody) MouseDown(e *desktop.MouseEvent) {
	t := b.table
	focus(t)
	i := int(e.Position.Y / t.height)
	if i < 0 || i >= t.count() {
		return
	}
	extend := t.Multiple && e.Modifier&fyne.KeyModifierShift != 0
	toggle := t.Multiple && e.Modifier&fyne.KeyModifierControl != 0
	double := i == b.lastAt && time.Since(b.last) < 400*time.Millisecond && !extend && !toggle
	b.last, b.lastAt = time.Now(), i
	t.Selected.Click(i, extend, toggle)
	t.changed()
	if double && t.OnOpen != nil {
		b.lastAt = -1
		t.OnOpen(i)
	}
}

func (b *tableBody) MouseUp(*desktop.MouseEvent) {}

// Tapped is there so that Fyne gives the mouse to this object.
func (b *tableBody) Tapped(*fyne.PointEvent) {}

func (b *tableBody) CreateRenderer() fyne.WidgetRenderer { return &bodyRenderer{body: b} }

type bodyRenderer struct {
	body    *tableBody
	rows    []*rowObjects
	objects []fyne.CanvasObject
}

type rowObjects struct {
	back  *canvas.Rectangle
	line  *canvas.Rectangle
	cells []*cellObjects
}

type cellObjects struct {
	icon  *canvas.Image
	tone  Tone
	of    fyne.Resource
	image *canvas.Image
	text  *canvas.Text
	sub   []*canvas.Text
	marks []*canvas.Rectangle
}

func (r *bodyRenderer) Layout(fyne.Size) { r.Refresh() }
func (r *bodyRenderer) MinSize() fyne.Size {
	return fyne.NewSize(10, float32(r.body.table.count())*r.body.table.height)
}
func (r *bodyRenderer) Destroy()                     {}
func (r *bodyRenderer) Objects() []fyne.CanvasObject { return r.objects }

func (r *bodyRenderer) Refresh() {
	t := r.body.table
	width := r.body.Size().Width
	widths := t.widths(width)
	first, end := t.Shown()
	r.objects = r.objects[:0:0]
	for i := first; i < end; i++ {
		for len(r.rows) <= i-first {
			r.rows = append(r.rows, newRowObjects(len(t.Columns)))
		}
		r.row(r.rows[i-first], i, widths)
	}
	canvas.Refresh(r.body)
	if now := [2]int{first, end}; t.OnShow != nil && end > first && now != t.shown {
		t.shown = now
		t.OnShow(first, end)
	}
}

func newRowObjects(columns int) *rowObjects {
	o := &rowObjects{back: canvas.NewRectangle(nil), line: canvas.NewRectangle(nil)}
	for range columns {
		c := &cellObjects{icon: &canvas.Image{}, image: &canvas.Image{}, text: canvas.NewText("", nil)}
		c.icon.FillMode = canvas.ImageFillContain
		c.image.FillMode = canvas.ImageFillContain
		c.image.ScaleMode = canvas.ImageScaleSmooth
		o.cells = append(o.cells, c)
	}
	return o
}

func (r *bodyRenderer) row(o *rowObjects, i int, widths []float32) {
	t := r.body.table
	y := float32(i) * t.height
	o.back.FillColor, o.back.StrokeWidth = nil, 0
	if t.Selected.Has(i) {
		o.back.FillColor = theme.Color(theme.ColorNameSelection)
	}
	if i == t.Selected.Cursor() && t.focused {
		o.back.StrokeColor, o.back.StrokeWidth = theme.Color(theme.ColorNamePrimary), 1
	}
	o.back.Move(fyne.NewPos(0, y))
	o.back.Resize(fyne.NewSize(r.body.Size().Width, t.height))
	o.back.Refresh()
	o.line.FillColor = theme.Color(theme.ColorNameSeparator)
	o.line.Move(fyne.NewPos(0, y+t.height-1))
	o.line.Resize(fyne.NewSize(r.body.Size().Width, 1))
	r.objects = append(r.objects, o.back, o.line)
	x := float32(0)
	for k, cell := range t.Row(i) {
		if k >= len(widths) {
			break
		}
		if widths[k] == 0 {
			continue
		}
		r.cell(o.cells[k], cell, t.Columns[k], x, y, widths[k])
		x += widths[k]
	}
}

func (r *bodyRenderer) cell(o *cellObjects, c Cell, col Column, x, y, w float32) {
	height := r.body.table.height
	left, right := r.body.table.room(c, w)
	left, right = x+left, x+right
	if c.Image != nil {
		if o.image.Image != image.Image(c.Image) {
			o.image.Image = c.Image
			o.image.Refresh()
		}
		o.image.Move(fyne.NewPos(x+8, y+3))
		o.image.Resize(fyne.NewSize(min(w-16, height-6), height-7))
		r.objects = append(r.objects, o.image)
	}
	line := float32(18)
	top := y + (height-line)/2
	if c.Sub != "" {
		top = y + height/2 - line
	}
	if c.Icon != nil {
		if o.of != c.Icon || o.tone != c.Tone {
			o.of, o.tone = c.Icon, c.Tone
			o.icon.Resource = c.Tone.Tint(c.Icon)
			o.icon.Refresh()
		}
		o.icon.Move(fyne.NewPos(left-iconRoom, top+1))
		o.icon.Resize(fyne.NewSize(16, 16))
		r.objects = append(r.objects, o.icon)
	}
	o.text.TextStyle.Bold = c.Bold
	o.text.TextSize, o.text.Color = theme.TextSize(), c.Tone.Color()
	o.text.Text = Shorten(c.Text, right-left, o.text.TextSize, o.text.TextStyle)
	o.text.Alignment = fyne.TextAlignLeading
	if col.Right {
		o.text.Alignment = fyne.TextAlignTrailing
	}
	o.text.Move(fyne.NewPos(left, top))
	o.text.Resize(fyne.NewSize(max(right-left, 0), line))
	o.text.Refresh()
	r.objects = append(r.objects, o.text)
	if c.Sub != "" {
		r.sub(o, c, left, right, y+height/2+1)
	}
}

// sub draws the second line, in pieces where words of it are marked.
func (r *bodyRenderer) sub(o *cellObjects, c Cell, left, right, y float32) {
	const size = 12
	texts, marks := 0, 0
	for _, p := range Pieces(c.Sub, c.Marks) {
		if left >= right {
			break
		}
		style := fyne.TextStyle{Bold: p.Marked}
		text := Shorten(p.Text, right-left, size, style)
		width := fyne.MeasureText(text, size, style).Width
		if texts == len(o.sub) {
			o.sub = append(o.sub, canvas.NewText("", nil))
		}
		t := o.sub[texts]
		texts++
		t.Text, t.TextSize, t.TextStyle, t.Color = text, size, style, Muted.Color()
		if p.Marked {
			t.Color = Plain.Color()
			if marks == len(o.marks) {
				o.marks = append(o.marks, canvas.NewRectangle(nil))
			}
			m := o.marks[marks]
			marks++
			m.FillColor = theme.Color(ColorMark)
			m.Move(fyne.NewPos(left-1, y+1))
			m.Resize(fyne.NewSize(width+2, 15))
			m.Refresh()
			r.objects = append(r.objects, m)
		}
		t.Move(fyne.NewPos(left, y))
		t.Resize(fyne.NewSize(width, 17))
		t.Refresh()
		r.objects = append(r.objects, t)
		left += width
	}
}

// Piece is a stretch of text that is marked or not.
type Piece struct {
	Text   string
	Marked bool
}

// Pieces cuts s at the ranges. Ranges that overlap, run backwards or past the
// end are cut down to what is left.
func Pieces(s string, marks [][2]int) []Piece {
	var out []Piece
	at := 0
	for _, m := range marks {
		from, to := min(max(m[0], at), len(s)), min(m[1], len(s))
		if to <= from {
			continue
		}
		if from > at {
			out = append(out, Piece{s[at:from], false})
		}
		out = append(out, Piece{s[from:to], true})
		at = to
	}
	if at < len(s) {
		out = append(out, Piece{s[at:], false})
	}
	return out
}
