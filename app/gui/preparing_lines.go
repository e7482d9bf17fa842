package gui

import (
	"fmt"
	"image"
	"image/color"
	"strings"

	"recto/app/gui/parts"
	"recto/scan"
)

// Inks of what is drawn on the master.
var (
	keptInk = color.NRGBA{0x1F, 0x5A, 0x78, 0xFF}
	leanInk = color.NRGBA{0xB0, 0x3A, 0x2E, 0xFF}
)

// cutOf gives the column that a recipe cuts a spread at.
func cutOf(r scan.Recipe) (at int, cut bool) {
	s, _ := scan.Find[scan.Split](r, scan.SplitStage)
	return s.At, s.Part != 0
}

// halves tells whether the page that is shown would become two.
func (v *preparedPicture) halves() bool {
	if v.second {
		return true
	}
	tried, have := v.answer()
	if !have {
		return false
	}
	_, is := cutOf(v.page().ByHand)
	_, will := cutOf(tried.Recipe)
	return will && !is
}

// mark draws what is done on the picture of the master, and says it below the pictures.
func (v *preparedPicture) mark() {
	r, size := v.tried.Recipe, v.tried.Size
	before := &v.panes[viewBefore]
	k := 1.0
	if v.before != nil && size.X > 0 {
		k = float64(v.before.Size().X) / float64(size.X)
	}
	lines, words := linesOf(r, size, k)
	before.view.Lines = lines
	before.view.Refresh()
	before.head.Set(fmt.Sprintf("Before: the master, %d × %d", size.X, size.Y), parts.Plain)
	if len(words) == 0 {
		words = []string{"it is taken as it lies"}
	}
	before.foot.Set(strings.Join(words, " · "), parts.Muted)
	frame, _ := scan.Frame(size, 1, r)
	if size.X > 0 && frame.X > 0 {
		v.shape.shapes = []float32{float32(size.Y) / float32(size.X), float32(frame.Y) / float32(frame.X)}
		v.body.Refresh()
	}
	after := &v.panes[viewAfter]
	after.head.Set(fmt.Sprintf("After: for the eye, %d × %d", frame.X, frame.Y), parts.Plain)
	place := r.Place().String()
	if place == "" {
		place = "as it lies"
	}
	after.foot.Set(place, parts.Muted)
	read := &v.panes[viewRead]
	read.head.Set("As it is read", parts.Plain)
	ink := r.Without(scan.OrientStage, scan.SplitStage, scan.DeskewStage, scan.CropStage).String()
	if ink == "" {
		ink = "the same, in grey"
	}
	read.foot.Set(ink, parts.Muted)
}

// linesOf draws a recipe on a picture of the master that is k times as large: the edges
// of what is kept, where a spread is cut, and beside the level how its lines lean. It
// says what is drawn.
func linesOf(r scan.Recipe, size image.Point, k float64) (lines []parts.Stroke, words []string) {
	frame, into := scan.Frame(size, 1, r)
	back := into.Inverse()
	up := r.Without(scan.SplitStage, scan.DeskewStage, scan.CropStage)
	upright, turn := scan.Frame(size, 1, up)
	level := turn.Inverse()
	line := func(m scan.Affine, x0, y0, x1, y1 float64, ink color.NRGBA, dashed bool) {
		x0, y0 = m.Apply(x0, y0)
		x1, y1 = m.Apply(x1, y1)
		lines = append(lines, parts.Stroke{X0: x0 * k, Y0: y0 * k, X1: x1 * k, Y1: y1 * k, Ink: ink, Dashed: dashed})
	}
	w, h := float64(frame.X), float64(frame.Y)
	if _, cropped := r.Cropped(); cropped {
		line(back, 0, 0, w, 0, keptInk, false)
		line(back, w, 0, w, h, keptInk, false)
		line(back, w, h, 0, h, keptInk, false)
		line(back, 0, h, 0, 0, keptInk, false)
		words = append(words, "box: kept")
	}
	if at, cut := cutOf(r); cut {
		line(level, float64(at), 0, float64(at), float64(upright.Y), keptInk, true)
		words = append(words, fmt.Sprintf("dashed: cut at %d", at))
	}
	if skew := r.Skew(); skew != 0 {
		long := 0.42 * w
		line(back, w/2-long, h/2, w/2+long, h/2, leanInk, false)
		// The level through the same place.
		x, y := back.Apply(w/2, h/2)
		x, y = turn.Apply(x, y)
		line(level, x-long, y, x+long, y, leanInk, true)
		words = append(words, fmt.Sprintf("red: turned level by %.2f°", skew))
	}
	if q := r.Quarter(); q != 0 {
		words = append(words, fmt.Sprintf("then turned %d°", q))
	}
	return lines, words
}
