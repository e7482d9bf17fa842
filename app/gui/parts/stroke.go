package parts

import (
	"image"
	"image/color"
	"math"
)

// Stroke is a straight line on the page, in page pixels, painted over it. It may lean:
// what lies square to the page is a Mark.
type Stroke struct {
	X0, Y0, X1, Y1 float64
	Ink            color.NRGBA
	Dashed         bool // so that two kinds of lines are told apart without colour
}

// paintStroke paints a line between two places of the picture, unit pixels thick, on a
// pale seam, so that it is seen on dark grounds too. Its edges are smoothed.
func paintStroke(dst *image.RGBA, x0, y0, x1, y1 float64, s Stroke, unit float64) {
	length := math.Hypot(x1-x0, y1-y0)
	if length == 0 || math.IsNaN(length) || math.IsInf(length, 0) {
		return
	}
	dx, dy := (x1-x0)/length, (y1-y0)/length
	half, seam := unit*0.8, unit*0.8+max(unit*0.6, 1)
	reach := seam + 1
	box := image.Rect(int(min(x0, x1)-reach), int(min(y0, y1)-reach), int(max(x0, x1)+reach)+1, int(max(y0, y1)+reach)+1).Intersect(dst.Rect)
	row := func(x, y int) {
		px, py := float64(x)+0.5-x0, float64(y)+0.5-y0
		along, off := px*dx+py*dy, math.Abs(py*dx-px*dy)
		if along < 0 || along > length || s.Dashed && math.Mod(along, 14*unit) > 9*unit {
			return
		}
		mix(dst, x, y, color.NRGBA{0xFF, 0xFF, 0xFF, 0xFF}, 0.6*min(max(seam+0.5-off, 0), 1))
		mix(dst, x, y, s.Ink, min(max(half+0.5-off, 0), 1))
	}
	// Only what is near the line is looked at: a diagonal's box is most of the window.
	if math.Abs(dx) >= math.Abs(dy) {
		for x := box.Min.X; x < box.Max.X; x++ {
			y := y0 + (float64(x)+0.5-x0)*dy/dx
			thick := reach / math.Abs(dx)
			for j := max(int(y-thick), box.Min.Y); j <= min(int(y+thick)+1, box.Max.Y-1); j++ {
				row(x, j)
			}
		}
		return
	}
	for y := box.Min.Y; y < box.Max.Y; y++ {
		x := x0 + (float64(y)+0.5-y0)*dx/dy
		thick := reach / math.Abs(dy)
		for i := max(int(x-thick), box.Min.X); i <= min(int(x+thick)+1, box.Max.X-1); i++ {
			row(i, y)
		}
	}
}

// mix lays a share of a colour, 0 to 1, over a pixel.
func mix(dst *image.RGBA, x, y int, c color.NRGBA, share float64) {
	share *= float64(c.A) / 255
	if share <= 0 {
		return
	}
	p := dst.Pix[dst.PixOffset(x, y):]
	for i, v := range [3]uint8{c.R, c.G, c.B} {
		p[i] = uint8(float64(p[i])*(1-share) + float64(v)*share + 0.5)
	}
}
