package scan

import (
	"image"
	"math"
	"math/rand/v2"
	"testing"
)

// Back and Forth undo each other, and follow the grid's points exactly.
func TestDewarpBackAndForth(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	size := image.Pt(800, 1100)
	d := Dewarp{Columns: 8, Rows: 11}
	for range d.Columns * d.Rows {
		d.Up = append(d.Up, r.IntN(61)-30)
	}
	for row := range d.Rows {
		for column := range d.Columns {
			x, y := 100*float64(column)+50, 100*float64(row)+50
			if u, v := d.Back(size, x, y); u != x || v != y+float64(d.Up[row*d.Columns+column]) {
				t.Errorf("%g,%g comes from %g,%g", x, y, u, v)
			}
		}
	}
	for range 1000 {
		x, y := 1200*r.Float64()-200, 1500*r.Float64()-200 // and beyond the page
		if u, v := d.Forth(size, x, y); u != x {
			t.Errorf("%g moves to %g", x, u)
		} else if _, w := d.Back(size, u, v); math.Abs(w-y) > 0.01 {
			t.Errorf("%g,%g comes back to %g", x, y, w)
		}
	}
	one := Dewarp{Columns: 1, Rows: 1, Up: []int{7}}
	if _, y := one.Back(size, 5, 5); y != 12 {
		t.Errorf("one point moves 5 to %g", y)
	}
}
