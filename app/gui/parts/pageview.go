package parts

import (
	"image"
	"image/color"
	"image/draw"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// Mark is a rectangle on the page, in page pixels, painted over it.
type Mark struct {
	Box    image.Rectangle
	Stroke color.NRGBA // transparent: none
	Fill   color.NRGBA // transparent: none
	Dashed bool        // so that doubt is seen without colour
	Thick  bool
	Under  bool // the lower edge only
	Bar    bool // the lower edge three times as thick
	Cross  bool // struck out
}

// PageView shows one page through a window that can be zoomed and moved. Only
// the pixels of the window are ever made: a canvas.Image of a whole page stalls
// the UI goroutine, and past the texture limit it is a silent black rectangle.
type PageView struct {
	widget.BaseWidget
	Marks  []Mark
	Lines  []Stroke
	OnTap  func(x, y float64)    // page pixels
	OnZoom func()                // the scale changed
	OnBox  func(image.Rectangle) // page pixels: what was drawn after Draw
	Keys   *Keys

	view    Viewport
	page    *Pyramid
	raster  *canvas.Raster
	frame   *canvas.Rectangle
	pixels  *image.RGBA
	density float32 // screen pixels a device-independent pixel
	focused bool
	want    image.Rectangle // to be revealed once there is a size
	moved   bool            // a drag since the button went down
	drawing bool            // a drag draws a box
	box     image.Rectangle // as far as it is drawn, page pixels
	from    image.Point     // where the drag began
}

// NewPageView makes a view without a page.
func NewPageView(keys *Keys) *PageView {
	p := &PageView{Keys: keys, density: 1}
	p.raster = canvas.NewRaster(p.paint)
	p.raster.ScaleMode = canvas.ImageScalePixels
	p.frame = canvas.NewRectangle(nil)
	p.ExtendBaseWidget(p)
	return p
}

// SetPage shows another page, nil for none. A fitted view fits it too; a free one
// keeps its scale and place where the size is the same.
func (p *PageView) SetPage(page *Pyramid) {
	p.page = page
	size := image.Point{}
	if page != nil {
		size = page.Size()
	}
	if size != p.view.Page {
		p.view.Resize(size, p.view.View)
		if p.view.Mode == Free {
			p.view.Y = -margin
			p.view.Clamp()
		}
	}
	p.zoomed()
}

// Page is what SetPage set.
func (p *PageView) Page() *Pyramid { return p.page }

// View is what can be seen now.
func (p *PageView) View() Viewport { return p.view }

// Percent is the scale in per cent of page pixels to screen pixels; 0 without a page.
func (p *PageView) Percent() int {
	if p.page == nil {
		return 0
	}
	return int(p.view.Scale*100 + 0.5)
}

// Fit shows the whole page or its whole width.
func (p *PageView) Fit(m Zoom) {
	p.view.Set(m, 0)
	p.zoomed()
}

// ZoomTo shows scale screen pixels a page pixel about the middle.
func (p *PageView) ZoomTo(scale float64) {
	p.view.Set(Free, scale)
	p.zoomed()
}

// ZoomBy multiplies the scale.
func (p *PageView) ZoomBy(factor float64) { p.ZoomTo(p.view.Scale * factor) }

// Reveal pans so that the rectangle of page pixels is in sight.
func (p *PageView) Reveal(r image.Rectangle) {
	if p.view.View == (image.Point{}) {
		p.want = r
		return
	}
	p.view.Reveal(r)
	p.raster.Refresh()
}

func (p *PageView) zoomed() {
	p.raster.Refresh()
	if p.OnZoom != nil {
		p.OnZoom()
	}
}

// Refresh paints anew.
func (p *PageView) Refresh() {
	p.raster.Refresh()
	p.BaseWidget.Refresh()
}

// paint is called by Fyne with the size in screen pixels.
func (p *PageView) paint(w, h int) image.Image {
	if p.pixels == nil || p.pixels.Rect.Dx() != w || p.pixels.Rect.Dy() != h {
		p.pixels = image.NewRGBA(image.Rect(0, 0, w, h))
	}
	if width := p.Size().Width; width > 0 {
		p.density = float32(w) / width
	}
	desk := theme.Color(ColorDesk)
	if p.page == nil {
		draw.Draw(p.pixels, p.pixels.Rect, image.NewUniform(desk), image.Point{}, draw.Src)
		return p.pixels
	}
	if view := image.Pt(w, h); p.view.View != view {
		p.view.Resize(p.page.Size(), view)
		if p.want != (image.Rectangle{}) {
			p.view.Reveal(p.want)
			p.want = image.Rectangle{}
		}
		if p.OnZoom != nil {
			p.OnZoom()
		}
	}
	p.page.Draw(p.pixels, p.view, desk)
	marks := p.Marks
	if p.drawing {
		c := color.NRGBA{0x1F, 0x5A, 0x78, 0xFF}
		marks = append(marks[:len(marks):len(marks)], Mark{Box: p.box, Stroke: c, Fill: color.NRGBA{c.R, c.G, c.B, 0x28}, Thick: true})
	}
	for _, m := range marks {
		if r := p.view.ToView(m.Box); r.Overlaps(p.pixels.Rect) {
			paintMark(p.pixels, r.Inset(-1), m, max(int(p.density+0.5), 1))
		}
	}
	for _, l := range p.Lines {
		v := p.view
		paintStroke(p.pixels, l.X0*v.Scale-v.X, l.Y0*v.Scale-v.Y, l.X1*v.Scale-v.X, l.Y1*v.Scale-v.Y, l, max(float64(p.density), 1))
	}
	return p.pixels
}

// paintMark fills and strokes a rectangle, clipped to the image.
func paintMark(dst *image.RGBA, r image.Rectangle, m Mark, unit int) {
	if m.Fill.A > 0 {
		draw.Draw(dst, r, image.NewUniform(m.Fill), image.Point{}, draw.Over)
	}
	if m.Stroke.A == 0 {
		return
	}
	thin := unit
	if m.Thick {
		unit *= 2
	}
	ink := image.NewUniform(m.Stroke)
	side := func(s image.Rectangle) {
		if !m.Dashed {
			draw.Draw(dst, s, ink, image.Point{}, draw.Over)
			return
		}
		step := image.Pt(3*unit, 0)
		if s.Dy() > s.Dx() {
			step = image.Pt(0, 3*unit)
		}
		s = s.Intersect(dst.Rect.Inset(-6 * unit))
		for at := s.Min; at.X < s.Max.X && at.Y < s.Max.Y; at = at.Add(step).Add(step) {
			dash := image.Rectangle{at, image.Pt(s.Max.X, s.Max.Y)}
			if step.X > 0 {
				dash.Max.X = min(at.X+step.X, s.Max.X)
			} else {
				dash.Max.Y = min(at.Y+step.Y, s.Max.Y)
			}
			draw.Draw(dst, dash, ink, image.Point{}, draw.Over)
		}
	}
	foot := unit
	if m.Bar {
		foot = 3 * thin
	}
	side(image.Rect(r.Min.X, r.Max.Y-foot, r.Max.X, r.Max.Y))
	if m.Under {
		return
	}
	if m.Cross {
		side(image.Rect(r.Min.X, (r.Min.Y+r.Max.Y)/2, r.Max.X, (r.Min.Y+r.Max.Y)/2+unit))
	}
	side(image.Rect(r.Min.X, r.Min.Y, r.Max.X, r.Min.Y+unit))
	side(image.Rect(r.Min.X, r.Min.Y, r.Min.X+unit, r.Max.Y))
	side(image.Rect(r.Max.X-unit, r.Min.Y, r.Max.X, r.Max.Y))
}

// Scrolled zooms about the pointer; with Shift or Ctrl the wheel moves the page.
func (p *PageView) Scrolled(e *fyne.ScrollEvent) {
	if Modifiers()&(fyne.KeyModifierShift|fyne.KeyModifierControl) != 0 || e.Scrolled.DX != 0 {
		p.pan(-e.Scrolled.DX, -e.Scrolled.DY)
		return
	}
	factor := 1.15
	if e.Scrolled.DY < 0 {
		factor = 1 / factor
	}
	p.view.ZoomAt(p.view.Scale*factor, float64(e.Position.X*p.density), float64(e.Position.Y*p.density))
	p.zoomed()
}

func (p *PageView) pan(dx, dy float32) {
	p.view.Pan(float64(dx*p.density), float64(dy*p.density))
	p.raster.Refresh()
}

// Draw has the next drag draw a box, from one that is proposed: the keys move it
// (arrows), change its size (Shift with them) and take it (Enter). Undraw ends that.
func (p *PageView) Draw(proposed image.Rectangle) {
	p.drawing, p.box = p.page != nil, proposed
	if p.drawing && !proposed.Empty() {
		p.Reveal(proposed)
	}
	p.raster.Refresh()
}

// Undraw leaves the page as it was before Draw.
func (p *PageView) Undraw() {
	p.drawing = false
	p.raster.Refresh()
}

// Drawing tells whether a box is being drawn.
func (p *PageView) Drawing() bool { return p.drawing }

func (p *PageView) pageAt(at fyne.Position) image.Point {
	x, y := p.view.ToPage(float64(at.X*p.density), float64(at.Y*p.density))
	return image.Pt(int(x), int(y))
}

// taken tells of a box that is large enough to be meant.
func (p *PageView) taken() {
	if box := p.box.Intersect(image.Rectangle{Max: p.page.Size()}); box.Dx() >= 8 && box.Dy() >= 8 && p.OnBox != nil {
		p.OnBox(box)
	}
}

// drawKey moves the box and tells whether the key is one that does.
func (p *PageView) drawKey(key fyne.KeyName) bool {
	step := max(int(6/max(p.view.Scale, 0.01)), 1)
	var by image.Point
	switch key {
	case fyne.KeyLeft:
		by.X = -step
	case fyne.KeyRight:
		by.X = step
	case fyne.KeyUp:
		by.Y = -step
	case fyne.KeyDown:
		by.Y = step
	case fyne.KeyReturn, fyne.KeyEnter:
		p.taken()
		return true
	default:
		return false
	}
	box := p.box.Add(by)
	if Modifiers()&fyne.KeyModifierShift != 0 {
		box = image.Rectangle{p.box.Min, p.box.Max.Add(by)}
	}
	if box.Dx() >= 8 && box.Dy() >= 8 && box.In(image.Rectangle{Max: p.page.Size()}) {
		p.box = box
		p.view.Reveal(box)
	}
	p.raster.Refresh()
	return true
}

// Dragged moves the page with the hand, or draws a box.
func (p *PageView) Dragged(e *fyne.DragEvent) {
	p.moved = true
	if p.drawing {
		p.box = image.Rectangle{p.from, p.pageAt(e.Position)}.Canon()
		p.raster.Refresh()
		return
	}
	p.pan(-e.Dragged.DX, -e.Dragged.DY)
}

// DragEnd takes a box that was drawn.
func (p *PageView) DragEnd() {
	if p.drawing {
		p.taken()
	}
}

// MouseDown takes the focus.
func (p *PageView) MouseDown(e *desktop.MouseEvent) {
	p.moved = false
	p.from = p.pageAt(e.Position)
	focus(p)
}

// MouseUp tells which place of the page was clicked.
func (p *PageView) MouseUp(e *desktop.MouseEvent) {
	if p.moved || p.drawing || p.page == nil || p.OnTap == nil || e.Button != desktop.MouseButtonPrimary {
		return
	}
	x, y := p.view.ToPage(float64(e.Position.X*p.density), float64(e.Position.Y*p.density))
	p.OnTap(x, y)
}

// Cursor is a hand while the page is larger than the window, a cross for a box.
func (p *PageView) Cursor() desktop.Cursor {
	if p.drawing {
		return desktop.CrosshairCursor
	}
	if p.page != nil && (p.view.Scale*float64(p.view.Page.X) > float64(p.view.View.X) || p.view.Scale*float64(p.view.Page.Y) > float64(p.view.View.Y)) {
		return desktop.PointerCursor
	}
	return desktop.DefaultCursor
}

// PassesKeys tells where unused keys go.
func (p *PageView) PassesKeys() *Keys { return p.Keys }

func (p *PageView) FocusGained() { p.focused = true; p.BaseWidget.Refresh() }
func (p *PageView) FocusLost()   { p.focused = false; p.BaseWidget.Refresh() }

// TypedRune passes characters on.
func (p *PageView) TypedRune(r rune) { p.Keys.rune(r) }

// TypedShortcut passes shortcuts on.
func (p *PageView) TypedShortcut(s fyne.Shortcut) { p.Keys.shortcut(s) }

// TypedKey moves the page with the arrows; other keys are passed on.
func (p *PageView) TypedKey(e *fyne.KeyEvent) {
	const step = 80
	if p.drawing && p.drawKey(e.Name) {
		return
	}
	switch e.Name {
	case fyne.KeyLeft:
		p.pan(-step, 0)
	case fyne.KeyRight:
		p.pan(step, 0)
	case fyne.KeyUp:
		p.pan(0, -step)
	case fyne.KeyDown:
		p.pan(0, step)
	default:
		p.Keys.key(e.Name)
	}
}

// CreateRenderer is for Fyne.
func (p *PageView) CreateRenderer() fyne.WidgetRenderer { return &pageRenderer{p} }

type pageRenderer struct{ view *PageView }

func (r *pageRenderer) Layout(s fyne.Size) {
	r.view.raster.Resize(s)
	r.view.frame.Resize(s)
}
func (r *pageRenderer) MinSize() fyne.Size { return fyne.NewSize(240, 200) }
func (r *pageRenderer) Refresh() {
	r.view.frame.StrokeWidth = 0
	if r.view.focused {
		r.view.frame.StrokeColor, r.view.frame.StrokeWidth = theme.Color(theme.ColorNamePrimary), 1
	}
	r.view.frame.Refresh()
}
func (r *pageRenderer) Destroy() {}
func (r *pageRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.view.raster, r.view.frame}
}
