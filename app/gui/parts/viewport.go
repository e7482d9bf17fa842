package parts

import (
	"image"
	"math"
)

// Viewport maps a page of Page pixels to a window of View screen pixels: screen =
// page*Scale - Origin. Fitting modes survive a change of either size.
type Viewport struct {
	Page, View image.Point
	Scale      float64 // screen pixels a page pixel
	X, Y       float64 // screen pixels of the page left of and above the window
	Mode       Zoom
}

// Zoom says what a Viewport keeps when its sizes change.
type Zoom int

// The modes.
const (
	FitPage Zoom = iota
	FitWidth
	Free
)

const (
	margin   = 12 // screen pixels around a fitted page
	maxScale = 8
)

// fitted is the scale of a mode.
func (v *Viewport) fitted(m Zoom) float64 {
	if v.Page.X == 0 || v.Page.Y == 0 {
		return 1
	}
	w := float64(max(v.View.X-2*margin, 1)) / float64(v.Page.X)
	if m == FitWidth {
		return w
	}
	return min(w, float64(max(v.View.Y-2*margin, 1))/float64(v.Page.Y))
}

// Set fits the page anew, or at Free gives it the scale about the middle.
func (v *Viewport) Set(m Zoom, scale float64) {
	if m == Free {
		v.ZoomAt(scale, float64(v.View.X)/2, float64(v.View.Y)/2)
		return
	}
	v.Mode, v.Scale = m, v.fitted(m)
	if m == FitWidth {
		v.Y = -margin
	}
	v.Clamp()
}

// Resize takes new sizes of page and window.
func (v *Viewport) Resize(page, view image.Point) {
	if v.Page == page && v.View == view {
		return
	}
	same := v.Page == page
	cx, cy := v.ToPage(float64(v.View.X)/2, float64(v.View.Y)/2)
	v.Page, v.View = page, view
	switch {
	case v.Mode != Free || v.Scale == 0:
		y := v.Y
		v.Set(v.Mode, 0)
		if same {
			v.Y = y
		}
	case same:
		v.X, v.Y = cx*v.Scale-float64(view.X)/2, cy*v.Scale-float64(view.Y)/2
	}
	v.Clamp()
}

// ZoomAt changes the scale so that the page stays put under the screen pixel (x, y).
func (v *Viewport) ZoomAt(scale, x, y float64) {
	if math.IsNaN(scale) || v.Scale == 0 {
		return
	}
	scale = min(max(scale, min(v.fitted(FitPage)/2, 1)), maxScale)
	px, py := v.ToPage(x, y)
	v.Mode, v.Scale = Free, scale
	v.X, v.Y = px*scale-x, py*scale-y
	v.Clamp()
}

// Pan moves the window over the page.
func (v *Viewport) Pan(dx, dy float64) {
	v.X, v.Y = v.X+dx, v.Y+dy
	v.Clamp()
}

// Clamp keeps a page that is smaller than the window in its middle and the edges
// of a larger one within reach.
func (v *Viewport) Clamp() {
	v.X = clampAxis(v.X, float64(v.Page.X)*v.Scale, float64(v.View.X))
	v.Y = clampAxis(v.Y, float64(v.Page.Y)*v.Scale, float64(v.View.Y))
}

func clampAxis(at, page, view float64) float64 {
	if page+2*margin <= view {
		return (page - view) / 2
	}
	return min(max(at, -margin), page+margin-view)
}

// ToPage gives the page position under a screen pixel.
func (v *Viewport) ToPage(x, y float64) (float64, float64) {
	if v.Scale == 0 {
		return 0, 0
	}
	return (x + v.X) / v.Scale, (y + v.Y) / v.Scale
}

// ToView gives the screen rectangle of a rectangle on the page.
func (v *Viewport) ToView(r image.Rectangle) image.Rectangle {
	return image.Rect(
		int(math.Round(float64(r.Min.X)*v.Scale-v.X)), int(math.Round(float64(r.Min.Y)*v.Scale-v.Y)),
		int(math.Round(float64(r.Max.X)*v.Scale-v.X)), int(math.Round(float64(r.Max.Y)*v.Scale-v.Y)))
}

// Reveal pans just so far that r, a rectangle on the page, is in the window.
func (v *Viewport) Reveal(r image.Rectangle) {
	s := v.ToView(r)
	const air = 40
	switch {
	case s.Min.X < air:
		v.X += float64(s.Min.X - air)
	case s.Max.X > v.View.X-air:
		v.X += float64(s.Max.X - v.View.X + air)
	}
	switch {
	case s.Min.Y < air:
		v.Y += float64(s.Min.Y - air)
	case s.Max.Y > v.View.Y-air:
		v.Y += float64(s.Max.Y - v.View.Y + air)
	}
	v.Clamp()
}
