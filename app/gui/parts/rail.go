package parts

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// RailItem is one screen in the rail: icon, word and key. It takes no focus; its
// key works from anywhere.
type RailItem struct {
	widget.BaseWidget
	Icon   fyne.Resource
	Word   string
	Key    string
	Active bool
	OnTap  func()

	hovered bool
}

// NewRailItem makes an item.
func NewRailItem(icon fyne.Resource, word, key string, tap func()) *RailItem {
	i := &RailItem{Icon: icon, Word: word, Key: key, OnTap: tap}
	i.ExtendBaseWidget(i)
	return i
}

// SetActive marks the screen that is shown.
func (i *RailItem) SetActive(on bool) {
	if i.Active != on {
		i.Active = on
		i.Refresh()
	}
}

// Tapped goes to the screen.
func (i *RailItem) Tapped(*fyne.PointEvent) {
	if i.OnTap != nil {
		i.OnTap()
	}
}

func (i *RailItem) MouseIn(*desktop.MouseEvent)    { i.hovered = true; i.Refresh() }
func (i *RailItem) MouseMoved(*desktop.MouseEvent) {}
func (i *RailItem) MouseOut()                      { i.hovered = false; i.Refresh() }

// CreateRenderer is for Fyne.
func (i *RailItem) CreateRenderer() fyne.WidgetRenderer {
	r := &railRenderer{item: i, back: canvas.NewRectangle(nil), bar: canvas.NewRectangle(nil),
		icon: canvas.NewImageFromResource(i.Icon), word: canvas.NewText(i.Word, nil), key: canvas.NewText(i.Key, nil)}
	r.icon.FillMode = canvas.ImageFillContain
	r.word.Alignment, r.key.Alignment = fyne.TextAlignCenter, fyne.TextAlignCenter
	r.Refresh()
	return r
}

type railRenderer struct {
	item      *RailItem
	back, bar *canvas.Rectangle
	icon      *canvas.Image
	word, key *canvas.Text
}

func (r *railRenderer) Layout(s fyne.Size) {
	r.back.Resize(s)
	r.bar.Resize(fyne.NewSize(3, s.Height))
	const icon, word, key = 22, 16, 13
	top := min(max((s.Height-icon-word-key)/2, 1), 8)
	r.icon.Move(fyne.NewPos((s.Width-icon)/2, top))
	r.icon.Resize(fyne.NewSize(icon, icon))
	r.word.Move(fyne.NewPos(0, top+icon+1))
	r.word.Resize(fyne.NewSize(s.Width, word))
	r.key.Move(fyne.NewPos(0, top+icon+word))
	r.key.Resize(fyne.NewSize(s.Width, key))
	r.key.Hidden = s.Height < icon+word+key+2
}

// MinSize has room for icon and word; see [RailLayout] for the height it gets.
func (r *railRenderer) MinSize() fyne.Size { return fyne.NewSize(82, 39) }
func (r *railRenderer) Destroy()           {}

func (r *railRenderer) Refresh() {
	tone := Plain
	r.back.FillColor, r.bar.FillColor = nil, nil
	if r.item.hovered {
		r.back.FillColor = theme.Color(theme.ColorNameHover)
	}
	if r.item.Active {
		tone = Accent
		r.back.FillColor, r.bar.FillColor = theme.Color(theme.ColorNameSelection), theme.Color(theme.ColorNamePrimary)
	}
	r.icon.Resource = tone.Tint(r.item.Icon)
	r.word.Color, r.word.TextSize, r.word.TextStyle.Bold = tone.Color(), 12, r.item.Active
	r.key.Color, r.key.TextSize = theme.Color(ColorMuted), 10
	for _, o := range r.Objects() {
		o.Refresh()
	}
}

func (r *railRenderer) Objects() []fyne.CanvasObject {
	return []fyne.CanvasObject{r.back, r.bar, r.icon, r.word, r.key}
}

// RailLayout puts items below each other, comfortably high where there is room
// and closer on a small or much enlarged screen.
type RailLayout struct{}

// railHeight is that of an item where there is room.
const railHeight = 64

// Layout is for Fyne.
func (RailLayout) Layout(objects []fyne.CanvasObject, s fyne.Size) {
	height := min(s.Height/float32(max(len(objects), 1)), railHeight)
	for i, o := range objects {
		o.Move(fyne.NewPos(0, float32(i)*height))
		o.Resize(fyne.NewSize(s.Width, height))
	}
}

// MinSize is for Fyne.
func (RailLayout) MinSize(objects []fyne.CanvasObject) fyne.Size {
	m := fyne.Size{}
	for _, o := range objects {
		m = m.Max(o.MinSize())
	}
	return fyne.NewSize(m.Width, m.Height*float32(len(objects)))
}
