package quality

import "image"

const (
	edgeReach = 3      // pixels to either side of a step that are looked at
	leastEdge = 48     // greys from one side of an edge to the other: noise, grain and bleed-through have less
	leastSeen = 0.0003 // edges a pixel
	softest   = 0.22   // a step's share of the whole rise where nothing is sharp: seven pixels of slope
	sharpest  = 0.8    // and at the edges of clean print, reduced to 150 dpi
)

// Sharpness estimates how steep the edges on a page are, at the size of [Reduced], so
// that resolutions compare: 0 to 1, and 0 for a page with hardly an edge. It is the
// share of an edge's rise that its steepest step takes (acutance; compare ISO 12233,
// which measures it on a target): how many edges there are, and how dark the ink is,
// matter little. It does not tell soft print from a soft picture. About 8 ms for a
// reduced page.
func Sharpness(img *image.Gray) float64 {
	img = Reduced(img)
	size := img.Rect.Size()
	var count [101]int // edges by the share of their steepest step, in hundredths
	n := 0
	line := func(at, step, length int) {
		pix := img.Pix
		for i := edgeReach; i+edgeReach+1 < length; i++ {
			p := at + i*step
			d := int(pix[p+step]) - int(pix[p])
			if d < 0 {
				d = -d
			}
			if d < leastEdge*22/100 {
				continue
			}
			// Only the steepest step of an edge counts.
			l, r := int(pix[p])-int(pix[p-step]), int(pix[p+2*step])-int(pix[p+step])
			if max(l, -l) > d || max(r, -r) >= d {
				continue
			}
			low, high := 255, 0
			for k := -edgeReach; k <= edgeReach+1; k++ {
				v := int(pix[p+k*step])
				low, high = min(low, v), max(high, v)
			}
			if rise := high - low; rise >= leastEdge {
				count[100*d/rise]++
				n++
			}
		}
	}
	for y := 1; y < size.Y; y += 3 {
		line(y*img.Stride, 1, size.X)
	}
	for x := 1; x < size.X; x += 3 {
		line(x, img.Stride, size.Y)
	}
	if n == 0 || float64(n) < leastSeen*float64(size.X)*float64(size.Y) {
		return 0
	}
	// The steeper half: strokes that run slantwise, and pictures, are softer by nature.
	sum, seen := 0, 0
	for v := 100; v >= 0 && seen < (n+1)/2; v-- {
		k := min(count[v], (n+1)/2-seen)
		sum += k * v
		seen += k
	}
	s := float64(sum) / float64(100*seen)
	return max(0, min(1, (s-softest)/(sharpest-softest)))
}
