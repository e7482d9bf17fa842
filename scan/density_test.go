package scan

import (
	"image"
	"math"
	"testing"
)

func TestDensity(t *testing.T) {
	for _, c := range []struct {
		density Density
		square  image.Point // of 1728 x 1078
		finer   float64
	}{
		{Density{204, 98}, image.Pt(1728, 2244), 204},
		{Density{204, 196}, image.Pt(1728, 1122), 204},
		{Density{98, 204}, image.Pt(3597, 1078), 204},
		{Density{300, 300}, image.Pt(1728, 1078), 300},
		{Density{300, 297}, image.Pt(1728, 1078), 300}, // rounded somewhere
		{Density{300, 72}, image.Pt(1728, 1078), 300},  // a mistake
		{Density{300, 0}, image.Pt(1728, 1078), 300},
		{Density{}, image.Pt(1728, 1078), 0},
		{Density{math.NaN(), 1}, image.Pt(1728, 1078), math.NaN()},
	} {
		stored := image.Pt(1728, 1078)
		if got := c.density.Square(stored); got != c.square {
			t.Errorf("%v: %v, want %v", c.density, got, c.square)
		}
		if got := c.density.Finer(); math.Abs(got-c.finer) > 1e-9 {
			t.Errorf("%v: %v both ways, want %v", c.density, got, c.finer)
		}
	}
}

// The corners of a rendition land on those of the page, however it is turned.
func TestRenditionFrame(t *testing.T) {
	r := Rendition{Size: image.Pt(1728, 1078), Square: image.Pt(1728, 2244)}
	for o := Orientation(0); o <= 8; o++ {
		for _, quarter := range []int{0, 90} {
			recipe := Recipe{NewStep("orient", Orient{Degrees: quarter}, true)}
			size, m := r.Frame(o, recipe)
			want, _ := Frame(r.Square, o, recipe)
			x0, y0 := m.Apply(0, 0)
			x1, y1 := m.Apply(1728, 1078)
			if size != want || math.Abs(math.Abs(x1-x0)-float64(size.X)) > 1e-6 || math.Abs(math.Abs(y1-y0)-float64(size.Y)) > 1e-6 {
				t.Errorf("orientation %d, %d degrees: %v, (%g, %g) to (%g, %g)", o, quarter, size, x0, y0, x1, y1)
			}
		}
	}
}
