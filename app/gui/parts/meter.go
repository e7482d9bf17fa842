package parts

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/canvas"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"
)

// Meter is a thin bar that shows a share between 0 and 1. It does not move by
// itself: an animated bar repaints the whole window sixty times a second.
type Meter struct {
	widget.BaseWidget
	value float64
	width float32
}

// NewMeter makes a bar at least width wide.
func NewMeter(width float32) *Meter {
	m := &Meter{width: width}
	m.ExtendBaseWidget(m)
	return m
}

// Set moves the bar.
func (m *Meter) Set(v float64) {
	if v = min(max(v, 0), 1); v != m.value {
		m.value = v
		m.Refresh()
	}
}

// CreateRenderer is for Fyne.
func (m *Meter) CreateRenderer() fyne.WidgetRenderer {
	r := &meterRenderer{meter: m, back: canvas.NewRectangle(nil), bar: canvas.NewRectangle(nil)}
	r.back.CornerRadius, r.bar.CornerRadius = 3, 3
	return r
}

type meterRenderer struct {
	meter     *Meter
	back, bar *canvas.Rectangle
}

const meterHeight = 6

func (r *meterRenderer) Layout(s fyne.Size) {
	y := (s.Height - meterHeight) / 2
	r.back.Move(fyne.NewPos(0, y))
	r.back.Resize(fyne.NewSize(s.Width, meterHeight))
	r.bar.Move(fyne.NewPos(0, y))
	r.bar.Resize(fyne.NewSize(s.Width*float32(r.meter.value), meterHeight))
	r.back.FillColor, r.bar.FillColor = theme.Color(theme.ColorNameSeparator), theme.Color(theme.ColorNamePrimary)
}
func (r *meterRenderer) MinSize() fyne.Size { return fyne.NewSize(r.meter.width, meterHeight) }
func (r *meterRenderer) Destroy()           {}
func (r *meterRenderer) Refresh() {
	r.Layout(r.meter.Size())
	r.back.Refresh()
	r.bar.Refresh()
}
func (r *meterRenderer) Objects() []fyne.CanvasObject { return []fyne.CanvasObject{r.back, r.bar} }
