package parts

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// Notice is what a screen says in place of its content: that there is nothing
// yet, that it is at work, or what went wrong - and always what to do next.
func Notice(icon fyne.Resource, tone Tone, title, text string, actions ...fyne.CanvasObject) fyne.CanvasObject {
	picture := canvas.NewImageFromResource(tone.Tint(icon))
	picture.SetMinSize(fyne.NewSquareSize(48))
	picture.FillMode = canvas.ImageFillContain
	head := widget.NewLabelWithStyle(title, fyne.TextAlignCenter, fyne.TextStyle{Bold: true})
	head.SizeName = theme.SizeNameSubHeadingText
	head.Wrapping = fyne.TextWrapWord
	box := container.NewVBox(picture, head)
	if text != "" {
		body := widget.NewLabelWithStyle(text, fyne.TextAlignCenter, fyne.TextStyle{})
		body.Wrapping = fyne.TextWrapWord
		box.Add(body)
	}
	if len(actions) > 0 {
		row := append([]fyne.CanvasObject{layout.NewSpacer()}, actions...)
		box.Add(container.NewHBox(append(row, layout.NewSpacer())...))
	}
	return container.New(Centred{520}, box)
}

// Centred puts one object in the middle, at most Width wide.
type Centred struct{ Width float32 }

// Layout is for Fyne.
func (c Centred) Layout(objects []fyne.CanvasObject, s fyne.Size) {
	for _, o := range objects {
		w := min(c.Width, s.Width)
		o.Resize(fyne.NewSize(w, o.MinSize().Height)) // wrapped text knows its height only now
		h := o.MinSize().Height
		o.Resize(fyne.NewSize(w, h))
		o.Move(fyne.NewPos((s.Width-w)/2, max((s.Height-h)*0.42, 0)))
	}
}

// MinSize is for Fyne.
func (c Centred) MinSize(objects []fyne.CanvasObject) fyne.Size {
	h := float32(0)
	for _, o := range objects {
		h = max(h, o.MinSize().Height)
	}
	return fyne.NewSize(min(c.Width, 220), h)
}

// Panel puts content on the colour of a panel with a hair line along one edge.
func Panel(edge Edge, content fyne.CanvasObject) fyne.CanvasObject {
	p := &panel{edge: edge, content: content}
	p.ExtendBaseWidget(p)
	return p
}

// Edge of a panel that has the line.
type Edge int

// The edges.
const (
	Top Edge = iota
	Bottom
	Left
	Right
)

type panel struct {
	widget.BaseWidget
	edge    Edge
	content fyne.CanvasObject
}

func (p *panel) CreateRenderer() fyne.WidgetRenderer {
	r := &panelRenderer{panel: p, back: canvas.NewRectangle(nil), line: canvas.NewRectangle(nil)}
	r.Refresh()
	return r
}

type panelRenderer struct {
	panel      *panel
	back, line *canvas.Rectangle
}

func (r *panelRenderer) Layout(s fyne.Size) {
	r.back.Resize(s)
	r.panel.content.Resize(s)
	switch r.panel.edge {
	case Top:
		r.line.Resize(fyne.NewSize(s.Width, 1))
	case Bottom:
		r.line.Move(fyne.NewPos(0, s.Height-1))
		r.line.Resize(fyne.NewSize(s.Width, 1))
	case Left:
		r.line.Resize(fyne.NewSize(1, s.Height))
	case Right:
		r.line.Move(fyne.NewPos(s.Width-1, 0))
		r.line.Resize(fyne.NewSize(1, s.Height))
	}
}
func (r *panelRenderer) MinSize() fyne.Size { return r.panel.content.MinSize() }
func (r *panelRenderer) Destroy()           {}
func (r *panelRenderer) Refresh() {
	r.back.FillColor = theme.Color(ColorPanel)
	r.line.FillColor = theme.Color(theme.ColorNameSeparator)
	r.back.Refresh()
	r.line.Refresh()
}
func (r *panelRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.back, r.panel.content, r.line}
}

// Text is one line of text in a tone that follows the theme.
type Text struct {
	widget.BaseWidget
	text  string
	tone  Tone
	size  float32
	bold  bool
	least float32 // width below which it is shortened; 0: never
}

// NewText makes a line; least is the width that it needs at least, 0 for all of it.
func NewText(text string, tone Tone, size float32, least float32) *Text {
	t := &Text{text: text, tone: tone, size: size, least: least}
	t.ExtendBaseWidget(t)
	return t
}

// Set changes the words.
func (t *Text) Set(text string, tone Tone) {
	if t.text != text || t.tone != tone {
		t.text, t.tone = text, tone
		t.Refresh()
	}
}

// Bold makes the line bold.
func (t *Text) Bold() *Text { t.bold = true; return t }

// String is what the line says.
func (t *Text) String() string { return t.text }

// CreateRenderer is for Fyne.
func (t *Text) CreateRenderer() fyne.WidgetRenderer {
	r := &textRenderer{of: t, text: canvas.NewText("", nil)}
	r.Refresh()
	return r
}

type textRenderer struct {
	of   *Text
	text *canvas.Text
}

func (r *textRenderer) style() fyne.TextStyle { return fyne.TextStyle{Bold: r.of.bold} }

func (r *textRenderer) Layout(s fyne.Size) {
	r.text.Resize(s)
	r.Refresh()
}

func (r *textRenderer) MinSize() fyne.Size {
	m := fyne.MeasureText(r.of.text, r.of.size, r.style())
	if r.of.least > 0 {
		m.Width = r.of.least
	}
	return m
}

func (r *textRenderer) Destroy() {}

func (r *textRenderer) Refresh() {
	r.text.TextSize, r.text.TextStyle, r.text.Color = r.of.size, r.style(), r.of.tone.Color()
	r.text.Text = r.of.text
	if w := r.of.Size().Width; r.of.least > 0 && w > 0 {
		r.text.Text = Shorten(r.of.text, w, r.of.size, r.style())
	}
	r.text.Refresh()
}

func (r *textRenderer) Objects() []fyne.CanvasObject { return []fyne.CanvasObject{r.text} }
