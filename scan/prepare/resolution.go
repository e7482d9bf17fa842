package prepare

import (
	"image"
	"math"
)

// EstimateDPI guesses the resolution of a page whose file states none, on the
// grounds that most pages are about as long as A4 or Letter, 11.7 or 11 inches.
// Recognition cares for the height of letters only within a factor of two.
func EstimateDPI(size image.Point) float64 {
	return min(max(math.Round(float64(max(size.X, size.Y))/11.7), 70), 600)
}
