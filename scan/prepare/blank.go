package prepare

// #include "copy.h"
import "C"

import (
	"image"
	"runtime"
)

// A page is blank where nothing but stains, dust and the traces of a feeder stand
// out from the paper. A blank flag hides a page from reading, so whatever might be
// writing makes the page not blank; so does darkness, since empty paper is light.
// Lengths are in pixels of a sketch, about 1/6 mm on A4.
const (
	darkest     = 96   // the mean grey of paper, of 255, below which it is none; brown paper lies above
	faintest    = 0.12 // a pencil line's contrast to the paper
	overNoise   = 6.0  // times the paper's noise
	clearly     = 0.2  // the contrast below which a small mark is dust
	strong      = 0.3  // the contrast of printing ink and of pens
	speck       = 6    // what is shorter is dust
	letter      = 12   // the height of a capital of 6 points, or the length of a stroke
	stroke      = 40   // what is longer is drawn by hand or by a machine
	streakWidth = 8    // a feeder's streak is no broader
	enoughMarks = 4    // two strong small marks or four others: a line of writing
	marginPart  = 25   // this part of the shorter side is a margin with traces of edges
)

// mark is a connected piece of what stands out.
type mark struct {
	image.Rectangle
	contrast float64 // to the paper, mean
}

// blank looks for anything that might be writing, at a contrast that is as low as
// the paper's noise allows.
func (s *sketch) blank() bool {
	if s.paper.mean < darkest {
		return false // a capture that failed, or a black cover: somebody should look at it
	}
	contrast := max(faintest, overNoise*s.paper.noise/max(s.paper.mean, 1))
	mask := s.paper.ink(s.grey, contrast)
	score := 0
	for _, r := range pieces(s.size, mask) {
		if max(r.Dx(), r.Dy()) < speck || s.atEdge(r) {
			continue
		}
		score += s.weigh(s.mark(r, mask))
		if score >= enoughMarks {
			return false
		}
	}
	return true
}

// weigh tells how much a mark speaks for writing.
func (s *sketch) weigh(m mark) int {
	long := max(m.Dx(), m.Dy())
	switch {
	case s.streak(m):
		return 0
	case long >= stroke:
		return enoughMarks
	case m.contrast >= strong:
		return 2
	case m.contrast < clearly && long < letter:
		return 0
	}
	return 1
}

// streak tells whether a mark is a trace of a feeder or a printer: thin, straight
// along an edge of the page, and either faint along the way that sheets are fed or
// as long as the page.
func (s *sketch) streak(m mark) bool {
	long, short := max(m.Dx(), m.Dy()), min(m.Dx(), m.Dy())
	if short > streakWidth || long < 4*short {
		return false
	}
	upright := m.Dy() > m.Dx()
	side := s.size.X
	if upright {
		side = s.size.Y
	}
	return long >= side*3/4 || m.contrast < strong && upright == (s.size.Y > s.size.X)
}

// atEdge tells whether a piece lies in the margin or comes out of it, as the
// shadow of an edge, a punched hole and the marks of a printer do.
func (s *sketch) atEdge(r image.Rectangle) bool {
	margin := min(s.size.X, s.size.Y) / marginPart
	inner := image.Rectangle{Max: s.size}.Inset(margin)
	return !r.Overlaps(inner)
}

// mark measures a piece.
func (s *sketch) mark(r image.Rectangle, mask []bool) mark {
	n, sum := 0, 0.0
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for x := r.Min.X; x < r.Max.X; x++ {
			if i := y*s.size.X + x; mask[i] {
				n++
				sum += 1 - float64(s.grey[i])/float64(max(s.paper.at(x, y), 1))
			}
		}
	}
	return mark{r, sum / float64(max(n, 1))}
}

// pieces gives the rectangles around the connected pieces of a mask.
func pieces(size image.Point, mask []bool) []image.Rectangle {
	pix := packed(size, mask)
	if pix == nil {
		return nil
	}
	defer destroy(pix)
	boxes := C.pixConnCompBB(pix, 8)
	if boxes == nil {
		return nil
	}
	defer C.boxaDestroy(&boxes)
	out := make([]image.Rectangle, C.boxaGetCount(boxes))
	for i := range out {
		var x, y, w, h C.l_int32
		C.boxaGetBoxGeometry(boxes, C.l_int32(i), &x, &y, &w, &h)
		out[i] = image.Rect(int(x), int(y), int(x+w), int(y+h))
	}
	return out
}

// share is the part of the sketch that is ink.
func (s *sketch) share() float64 {
	defer runtime.KeepAlive(s)
	var part C.l_float32
	if s.ink == nil || C.pixForegroundFraction(s.ink, &part) != 0 {
		return 0
	}
	return float64(part)
}
