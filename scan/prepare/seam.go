package prepare

import (
	"math"
	"slices"
)

// Of the place where two sheets meet.
const (
	seamLean   = 3.0   // degrees that are tried, either way
	seamOff    = 0.14  // of the width of the paper, that it may be beside the middle
	stepBands  = 24    // strips of the height
	stepShare  = 0.9   // of those with paper on both sides show it
	stepLeast  = 0.022 // of the paper's grey, that one side is darker
	stepColumn = 900   // columns that the picture is looked at with
)

// tones are the greys of the bare paper in small parts of a picture: bands of its height,
// columns of its width. Writing does not show in them.
type tones struct {
	step  int // pixels of the sketch to a column
	high  float64
	bands [stepBands][]float64
}

func (g *ground) tones(s *sketch) *tones {
	t := &tones{step: max(1, s.size.X/stepColumn), high: float64(s.size.Y) / stepBands}
	w := s.size.X / t.step
	for band := range t.bands {
		t.bands[band] = make([]float64, w)
		y0, y1 := band*s.size.Y/stepBands, (band+1)*s.size.Y/stepBands
		for c := range w {
			var h [256]int
			n := 0
			for y := y0; y < y1; y++ {
				for _, p := range s.grey[y*s.size.X+c*t.step:][:t.step] {
					h[p]++
					n++
				}
			}
			// The grey that a fifth is brighter than.
			v := 255
			for seen := 0; v > 0; v-- {
				if seen += h[v]; seen*5 > n {
					break
				}
			}
			t.bands[band][c] = float64(v)
		}
	}
	return t
}

// meet finds the line along which two sheets meet whose papers are not alike, or are lit
// differently: the tone changes there all at once, the same way, from the top of the
// paper to its foot. It gives the column of the ground where the line crosses half of the
// height; 0 where there is none.
func (g *ground) meet(s *sketch) (at int, confidence float64) {
	t := g.tones(s)
	step := g.scale / float64(s.scale) / float64(t.step) // columns to one of the ground
	paper, _ := g.spread()
	left, right := float64(paper.Min.X)*step, float64(paper.Max.X)*step
	first := int(float64(paper.Min.Y) * g.scale / float64(s.scale) / t.high)
	last := int(math.Ceil(float64(paper.Max.Y)*g.scale/float64(s.scale)/t.high)) - 1
	first, last = max(0, first), min(stepBands-1, last)
	middle, off := (left+right)/2, seamOff*(right-left)
	const near, far, wide = 2, 7, 18
	var best float64
	for i := range int(8*seamLean) + 1 {
		degrees := float64((i+1)/2) * 0.25
		if i%2 == 1 {
			degrees = -degrees
		}
		tan := math.Tan(degrees*math.Pi/180) * t.high / float64(t.step) // columns a band
		for x0 := math.Ceil(middle - off); x0 <= middle+off; x0++ {
			valid, up, down, sum := 0, 0, 0, 0.0
			top, foot := 0, 0 // which way it goes at the ends
			for band := first; band <= last; band++ {
				row := t.bands[band]
				x := int(math.Round(x0 + tan*(float64(band)+0.5-stepBands/2)))
				if x-far < 0 || x+far >= len(row) {
					continue
				}
				l, r := median(row[x-far:x-near+1]), median(row[x+near:x+far+1])
				if min(l, r) < 0.45*float64(g.paper) {
					continue
				}
				valid++
				d := (r - l) / float64(g.paper)
				// A crease is dark, and the paper beyond it as before.
				if x-wide >= 0 && x+wide < len(row) {
					l, r := median(row[x-wide:x-far+1]), median(row[x+far:x+wide+1])
					if beyond := (r - l) / float64(g.paper); beyond*d <= 0 || math.Abs(beyond) < 0.5*stepLeast {
						d = 0
					}
				}
				sum += d
				way := 0
				switch {
				case d >= stepLeast:
					up++
					way = 1
				case d <= -stepLeast:
					down++
					way = -1
				}
				if band <= first+1 {
					top += way
				}
				if band >= last-1 {
					foot += way
				}
			}
			n := max(up, down)
			way := 1
			if down > up {
				way = -1
			}
			if valid*10 < (last-first+1)*7 || float64(n) < stepShare*float64(valid) || top*way <= 0 || foot*way <= 0 {
				continue
			}
			if score := math.Abs(sum) / float64(valid); score > 1.05*best {
				best, at = score, int(x0/step)
			}
		}
	}
	return at, min(1, 0.6+best*3)
}

func median(of []float64) float64 {
	sorted := slices.Clone(of)
	slices.Sort(sorted)
	return sorted[len(sorted)/2]
}
