package parts

import (
	"image"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// Badge says something about a tile by icon and word.
type Badge struct {
	Icon fyne.Resource
	Word string
	Tone Tone
}

// Tile is what a grid shows at one place.
type Tile struct {
	Image   *image.RGBA // exact size, no sub-image; nil: a sheet of paper until it is there
	Caption string
	Badge   Badge  // Word empty: none
	Mark    string // something begins here: a bar in the gap before the tile, and what it is; empty: nothing
}

// Grid shows thumbnails in rows. It draws only what can be seen, so that it
// takes as long for five thousand as for fifty.
type Grid struct {
	widget.BaseWidget
	Count    func() int
	Tile     func(i int) Tile
	OnShow   func(first, end int)       // the range that can be seen changed
	OnSelect func()                     // selection or cursor changed
	OnOpen   func(i int)                // double click
	OnMove   func(chosen []int, at int) // dropped into gap at: before tile at, or behind the last
	OnKey    func(fyne.KeyName) bool    // is asked before the cursor moves; nil: nobody
	Keys     *Keys

	Selected Selection

	size    float32 // width of a tile
	fixed   bool    // no reordering: a search result, the bin
	scroll  *container.Scroll
	surface *surface
	focused bool
	drag    drag
	shown   [2]int
}

type drag struct {
	active, band bool
	from, to     fyne.Position
}

const (
	tileText   = 38 // caption and badge below a picture
	tileAspect = 1.36
	gridGap    = 10
)

// NewGrid makes an empty grid; give it its functions before it is shown.
func NewGrid(keys *Keys) *Grid {
	g := &Grid{Keys: keys, size: 150}
	g.surface = &surface{grid: g}
	g.surface.ExtendBaseWidget(g.surface)
	g.scroll = container.NewVScroll(g.surface)
	g.scroll.OnScrolled = func(fyne.Position) { g.surface.Refresh() }
	g.ExtendBaseWidget(g)
	return g
}

// SetTileWidth changes the size of the tiles and keeps the cursor in sight.
func (g *Grid) SetTileWidth(w float32) {
	g.size = min(max(w, 80), 320)
	g.Refresh()
	g.Reveal(g.Selected.Cursor())
}

// TileWidth is what SetTileWidth set.
func (g *Grid) TileWidth() float32 { return g.size }

// SetFixed forbids or allows reordering by drag.
func (g *Grid) SetFixed(fixed bool) { g.fixed = fixed }

// Shown is the range of tiles in sight.
func (g *Grid) Shown() (first, end int) {
	return g.layout().Visible(g.scroll.Offset.Y, g.scroll.Size().Height)
}

func (g *Grid) layout() Layout {
	n := 0
	if g.Count != nil {
		n = g.Count()
	}
	return Layout{Count: n, Width: g.Size().Width, Gap: gridGap,
		Tile: fyne.NewSize(g.size, float32(int(g.size*tileAspect))+tileText)}
}

// Reveal scrolls so that tile i is in sight.
func (g *Grid) Reveal(i int) {
	l := g.layout()
	if i < 0 || i >= l.Count {
		return
	}
	top := l.Place(i).Y
	offset := g.scroll.Offset.Y
	switch height := g.scroll.Size().Height; {
	case top-l.Gap < offset:
		offset = top - l.Gap
	case top+l.Tile.Height+l.Gap > offset+height:
		offset = top + l.Tile.Height + l.Gap - height
	default:
		return
	}
	g.scrollTo(offset)
}

func (g *Grid) scrollTo(y float32) {
	limit := max(g.layout().Height()-g.scroll.Size().Height, 0)
	g.scroll.Offset.Y = min(max(y, 0), limit)
	g.scroll.Refresh()
	g.surface.Refresh()
}

// Refresh shows what Count and Tile say now.
func (g *Grid) Refresh() {
	g.Selected.Limit(g.layout().Count)
	g.surface.Resize(fyne.NewSize(g.Size().Width, max(g.layout().Height(), g.Size().Height)))
	g.scroll.Refresh()
	g.surface.Refresh()
	g.BaseWidget.Refresh()
}

// RefreshTiles redraws the tiles in sight: their pictures or badges changed.
func (g *Grid) RefreshTiles() { g.surface.Refresh() }

func (g *Grid) changed() {
	g.surface.Refresh()
	if g.OnSelect != nil {
		g.OnSelect()
	}
}

// Select replaces the selection and shows its first tile.
func (g *Grid) Select(at ...int) {
	g.Selected.Choose(at...)
	g.changed()
	if len(at) > 0 {
		g.Reveal(at[0])
	}
}

// SelectAll chooses every tile.
func (g *Grid) SelectAll() {
	g.Selected.All(g.layout().Count)
	g.changed()
}

// ToggleCursor adds the tile at the cursor to the selection or takes it away.
func (g *Grid) ToggleCursor() {
	if g.layout().Count > 0 {
		g.Selected.Click(g.Selected.Cursor(), false, true)
		g.changed()
	}
}

// PassesKeys tells where unused keys go.
func (g *Grid) PassesKeys() *Keys { return g.Keys }

func (g *Grid) FocusGained() { g.focused = true; g.surface.Refresh() }
func (g *Grid) FocusLost()   { g.focused = false; g.surface.Refresh() }

// TypedRune passes characters on.
func (g *Grid) TypedRune(r rune) { g.Keys.rune(r) }

// TypedShortcut passes shortcuts on.
func (g *Grid) TypedShortcut(s fyne.Shortcut) { g.Keys.shortcut(s) }

// TypedKey moves the cursor; other keys are passed on.
func (g *Grid) TypedKey(e *fyne.KeyEvent) {
	if e.Name == fyne.KeyEscape && g.drag.active {
		g.drag = drag{}
		g.surface.Refresh()
		return
	}
	if g.OnKey != nil && g.OnKey(e.Name) {
		return
	}
	l := g.layout()
	page := max(int(g.scroll.Size().Height/l.pitch()), 1)
	shift := Modifiers()&fyne.KeyModifierShift != 0
	if !g.Selected.Step(e.Name, shift, l.Columns(), page, l.Count) {
		g.Keys.key(e.Name)
		return
	}
	g.changed()
	g.Reveal(g.Selected.Cursor())
}

// CreateRenderer is for Fyne.
func (g *Grid) CreateRenderer() fyne.WidgetRenderer {
	return &gridRenderer{grid: g, ground: canvas.NewRectangle(theme.Color(ColorDesk))}
}

type gridRenderer struct {
	grid   *Grid
	ground *canvas.Rectangle
}

func (r *gridRenderer) Layout(s fyne.Size) {
	r.ground.Resize(s)
	r.grid.scroll.Resize(s)
	r.grid.surface.Resize(fyne.NewSize(s.Width, max(r.grid.layout().Height(), s.Height)))
	r.grid.surface.Refresh()
}
func (r *gridRenderer) MinSize() fyne.Size { return fyne.NewSize(200, 160) }
func (r *gridRenderer) Destroy()           {}

func (r *gridRenderer) Refresh() {
	r.ground.FillColor = theme.Color(ColorDesk)
	r.ground.Refresh()
}

func (r *gridRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.ground, r.grid.scroll}
}

// surface is the one object that takes the mouse for all tiles.
type surface struct {
	widget.BaseWidget
	grid    *Grid
	pressed int       // tile under the button that went down, -1
	pending bool      // a press on a chosen tile: choose it alone only if no drag follows
	last    time.Time // of the press before, for the double click
	lastAt  int
}

func (s *surface) MouseDown(e *desktop.MouseEvent) {
	g := s.grid
	focus(g)
	i := g.layout().At(e.Position)
	s.pressed, s.pending = i, false
	extend, toggle := e.Modifier&fyne.KeyModifierShift != 0, e.Modifier&fyne.KeyModifierControl != 0
	double := i >= 0 && i == s.lastAt && time.Since(s.last) < 400*time.Millisecond && !extend && !toggle
	s.last, s.lastAt = time.Now(), i
	switch {
	case i < 0:
		if !extend && !toggle {
			g.Selected.Choose()
			g.changed()
		}
	case double:
		s.lastAt = -1
		if g.OnOpen != nil {
			g.OnOpen(i)
		}
	case g.Selected.Has(i) && !extend && !toggle:
		s.pending = true
	default:
		g.Selected.Click(i, extend, toggle)
		g.changed()
	}
}

func (s *surface) MouseUp(*desktop.MouseEvent) {
	if g := s.grid; s.pending && !g.drag.active && s.pressed >= 0 {
		g.Selected.Click(s.pressed, false, false)
		g.changed()
	}
	s.pending = false
}

func (s *surface) Dragged(e *fyne.DragEvent) {
	g := s.grid
	if !g.drag.active {
		start := e.Position.Subtract(e.Dragged)
		band := s.pressed < 0
		if !band && g.fixed {
			return
		}
		g.drag = drag{active: true, band: band, from: start}
	}
	g.drag.to = e.Position
	if g.drag.band {
		g.Selected.Choose(g.layout().Touched(g.drag.from, g.drag.to)...)
	}
	// Near an edge the grid scrolls along.
	const edge = 36
	switch y := e.Position.Y - g.scroll.Offset.Y; {
	case y < edge:
		g.scrollTo(g.scroll.Offset.Y - (edge - y))
	case y > g.scroll.Size().Height-edge:
		g.scrollTo(g.scroll.Offset.Y + y - g.scroll.Size().Height + edge)
	}
	s.Refresh()
}

func (s *surface) DragEnd() {
	g := s.grid
	d := g.drag
	g.drag = drag{}
	s.pending = false
	if d.active && !d.band && g.OnMove != nil && g.Selected.Len() > 0 {
		g.OnMove(g.Selected.Chosen(), g.layout().DropGap(d.to))
	}
	g.changed()
}

// Tapped is there so that Fyne gives the mouse to this object.
func (s *surface) Tapped(*fyne.PointEvent) {}

func (s *surface) CreateRenderer() fyne.WidgetRenderer {
	r := &surfaceRenderer{surface: s}
	r.bar = canvas.NewRectangle(nil)
	r.band = canvas.NewRectangle(nil)
	r.band.StrokeWidth = 1
	return r
}

type surfaceRenderer struct {
	surface   *surface
	tiles     []*tileObjects
	bar, band *canvas.Rectangle
	objects   []fyne.CanvasObject
}

// tileObjects are the objects of one tile in sight; they are used again for
// another when the grid scrolls.
type tileObjects struct {
	back, paper *canvas.Rectangle
	image       *canvas.Image
	caption     *canvas.Text
	badge       *canvas.Image
	word        *canvas.Text
	badgeOf     Badge
	index       int
	bar, flag   *canvas.Rectangle // where something begins
	mark        *canvas.Text
}

func newTileObjects() *tileObjects {
	t := &tileObjects{back: canvas.NewRectangle(nil), paper: canvas.NewRectangle(nil), image: &canvas.Image{},
		caption: canvas.NewText("", nil), badge: &canvas.Image{}, word: canvas.NewText("", nil), index: -1,
		bar: canvas.NewRectangle(nil), flag: canvas.NewRectangle(nil), mark: canvas.NewText("", nil)}
	t.flag.CornerRadius = 3
	t.back.CornerRadius = 4
	t.image.ScaleMode = canvas.ImageScaleFastest
	t.image.FillMode = canvas.ImageFillContain
	t.badge.FillMode = canvas.ImageFillContain
	return t
}

func (r *surfaceRenderer) Layout(fyne.Size) { r.Refresh() }
func (r *surfaceRenderer) MinSize() fyne.Size {
	return fyne.NewSize(10, r.surface.grid.layout().Height())
}
func (r *surfaceRenderer) Destroy()                     {}
func (r *surfaceRenderer) Objects() []fyne.CanvasObject { return r.objects }

func (r *surfaceRenderer) Refresh() {
	g := r.surface.grid
	l := g.layout()
	first, end := l.Visible(g.scroll.Offset.Y, g.scroll.Size().Height)
	for len(r.tiles) < end-first {
		r.tiles = append(r.tiles, newTileObjects())
	}
	objects := make([]fyne.CanvasObject, 0, 6*(end-first)+2)
	for i := first; i < end; i++ {
		// A tile keeps its objects while it is in sight, so that scrolling does not
		// upload every picture again.
		t := r.tiles[i%len(r.tiles)]
		t.show(g, l, i)
		objects = append(objects, t.back, t.paper, t.image, t.caption)
		if t.badgeOf.Word != "" {
			objects = append(objects, t.badge, t.word)
		}
		if t.mark.Text != "" {
			objects = append(objects, t.bar, t.flag, t.mark)
		}
	}
	if d := g.drag; d.active {
		if d.band {
			r.band.FillColor, r.band.StrokeColor = theme.Color(theme.ColorNameSelection), theme.Color(theme.ColorNamePrimary)
			r.band.Move(fyne.NewPos(min(d.from.X, d.to.X), min(d.from.Y, d.to.Y)))
			r.band.Resize(fyne.NewSize(max(d.from.X, d.to.X)-r.band.Position().X, max(d.from.Y, d.to.Y)-r.band.Position().Y))
			objects = append(objects, r.band)
		} else {
			pos, size := l.Bar(l.DropGap(d.to), d.to)
			r.bar.FillColor = theme.Color(theme.ColorNamePrimary)
			r.bar.Move(pos)
			r.bar.Resize(size)
			objects = append(objects, r.bar)
		}
	}
	r.objects = objects
	canvas.Refresh(r.surface)
	if now := [2]int{first, end}; g.OnShow != nil && now != g.shown {
		g.shown = now
		g.OnShow(first, end)
	}
}

// show makes the objects those of tile i.
func (t *tileObjects) show(g *Grid, l Layout, i int) {
	tile := g.Tile(i)
	at := l.Place(i)
	t.index = i
	picture := fyne.NewSize(l.Tile.Width-12, l.Tile.Height-tileText-6)
	t.back.Move(at)
	t.back.Resize(l.Tile)
	t.back.FillColor, t.back.StrokeWidth = nil, 0
	if g.Selected.Has(i) {
		t.back.FillColor = theme.Color(theme.ColorNameSelection)
	}
	if i == g.Selected.Cursor() && g.focused {
		t.back.StrokeColor, t.back.StrokeWidth = theme.Color(theme.ColorNamePrimary), 2
	}
	t.back.Refresh()

	box := picture
	if tile.Image != nil {
		b := tile.Image.Bounds().Size()
		k := min(picture.Width/float32(b.X), picture.Height/float32(b.Y))
		box = fyne.NewSize(float32(b.X)*k, float32(b.Y)*k)
	}
	corner := at.Add(fyne.NewPos(6+(picture.Width-box.Width)/2, 6+(picture.Height-box.Height)/2))
	t.paper.FillColor, t.paper.StrokeColor, t.paper.StrokeWidth = theme.Color(ColorPaper), theme.Color(theme.ColorNameSeparator), 1
	t.paper.Move(corner)
	t.paper.Resize(box)
	if (t.image.Image == nil) != (tile.Image == nil) || (tile.Image != nil && t.image.Image != image.Image(tile.Image)) {
		t.image.Image = nil
		if tile.Image != nil {
			t.image.Image = tile.Image
		}
		t.image.Refresh()
	}
	t.image.Hidden = tile.Image == nil
	t.image.Move(corner)
	t.image.Resize(box)

	t.caption.Text = Shorten(tile.Caption, l.Tile.Width-10, 12, fyne.TextStyle{})
	t.caption.TextSize, t.caption.Color = 12, theme.Color(theme.ColorNameForeground)
	t.caption.Alignment = fyne.TextAlignCenter
	t.caption.Move(at.Add(fyne.NewPos(0, l.Tile.Height-tileText+1)))
	t.caption.Resize(fyne.NewSize(l.Tile.Width, 16))
	t.caption.Refresh()

	t.setMark(tile.Mark, at, l)

	if tile.Badge.Icon != t.badgeOf.Icon || tile.Badge.Tone != t.badgeOf.Tone {
		t.badge.Resource = tile.Badge.Tone.Tint(tile.Badge.Icon)
		t.badge.Refresh()
	}
	t.badgeOf = tile.Badge
	if tile.Badge.Word == "" {
		return
	}
	t.word.Text = Shorten(tile.Badge.Word, l.Tile.Width-26, 11, fyne.TextStyle{})
	t.word.TextSize, t.word.Color = 11, tile.Badge.Tone.Color()
	width := fyne.MeasureText(t.word.Text, 11, t.word.TextStyle).Width + 17
	left := at.Add(fyne.NewPos((l.Tile.Width-width)/2, l.Tile.Height-tileText+18))
	t.badge.Move(left.Add(fyne.NewPos(0, 1)))
	t.badge.Resize(fyne.NewSize(13, 13))
	t.word.Move(left.Add(fyne.NewPos(17, 0)))
	t.word.Resize(fyne.NewSize(width, 15))
	t.word.Refresh()
}

// setMark shows that something begins with the tile: a bar in the gap before it,
// and a flag with its name over the picture's top.
func (t *tileObjects) setMark(mark string, at fyne.Position, l Layout) {
	style := fyne.TextStyle{Bold: true}
	t.mark.Text = ""
	if mark == "" {
		return
	}
	t.mark.Text = Shorten(mark, l.Tile.Width-16, 11, style)
	t.mark.TextSize, t.mark.TextStyle, t.mark.Color = 11, style, theme.Color(theme.ColorNameForegroundOnPrimary)
	t.bar.FillColor, t.flag.FillColor = theme.Color(theme.ColorNamePrimary), theme.Color(theme.ColorNamePrimary)
	t.bar.Move(at.SubtractXY(l.Gap/2+1.5, 0))
	t.bar.Resize(fyne.NewSize(3, l.Tile.Height))
	width := fyne.MeasureText(t.mark.Text, 11, style).Width + 10
	t.flag.Move(at.SubtractXY(l.Gap/2+1.5, 0))
	t.flag.Resize(fyne.NewSize(width, 18))
	t.mark.Move(at.AddXY(5-l.Gap/2-1.5, 1))
	t.mark.Resize(fyne.NewSize(width-10, 16))
	t.bar.Refresh()
	t.flag.Refresh()
	t.mark.Refresh()
}
