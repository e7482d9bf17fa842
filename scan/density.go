package scan

import (
	"image"
	"math"
)

// Density is how many stored pixels an image has to a unit of length, across and
// down. Where a file does not name the unit, the two still tell the pixels' shape.
type Density struct{ X, Y float64 }

const (
	sameDensity = 1.02 // what two sides of one scan may differ by: rounding, and an inch of 25 mm
	mostDensity = 4.0  // further apart one of the two is a mistake; faxes have 2.08 (ITU-T T.4, 204 by 98)
)

// Square gives the size of an image once its pixels are as wide as they are high:
// the coarser way is stretched to the density of the other.
func (d Density) Square(stored image.Point) image.Point {
	x, y := d.stretch()
	return image.Pt(int(math.Round(float64(stored.X)*x)), int(math.Round(float64(stored.Y)*y)))
}

// Finer is the density both ways once the pixels are square; 0 where it is not known.
func (d Density) Finer() float64 {
	x, _ := d.stretch()
	return d.X * x
}

func (d Density) stretch() (x, y float64) {
	r := d.X / d.Y
	switch {
	case !(d.X > 0 && d.Y > 0), max(r, 1/r) <= sameDensity, max(r, 1/r) > mostDensity:
		return 1, 1
	case r > 1:
		return 1, r
	}
	return 1 / r, 1
}
