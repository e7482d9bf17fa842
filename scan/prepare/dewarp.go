package prepare

// #include <leptonica/allheaders.h>
// #include "copy.h"
import "C"

import (
	"fmt"
	"math"
	"runtime"
	"slices"
	"unsafe"

	"recto/scan"
)

// Of curved pages.
const (
	gridColumns = 40
	gridRows    = 20
	bendRows    = 6    // of text that must be there
	bendFeet    = 150  // letters in them
	bendShare   = 0.2  // of all that may be letters
	leastBend   = 0.2  // by how much rows must bend, in letter heights, the 95th percentile; flat scans reach 0.16
	leastGain   = 0.6  // feet must come nearer to straight lines by this factor
	mostBend    = 0.08 // of the page's longer side; what bends more was not understood
	curveStray  = 0.12 // of feet from their own curve, in letter heights, or half a pixel
)

// ProposeDewarp finds how lines of text are bent, as on a photographed page of a bound
// book: each line's letters give a smooth curve, and one surface is laid through all of
// them. sure is false where lines are straight - what is left alone is up to a
// fifth of a letter's height - and where there are not enough lines to tell. The picture should have
// been deskewed. It takes some 20 ms for a flat page and 100 for a bent one.
func (p *Picture) ProposeDewarp() (d scan.Dewarp, sure bool) {
	s := p.look()
	defer runtime.KeepAlive(s)
	t := s.text()
	size := s.size
	b := bend{size.X, size.Y, make([]float64, bendKnotsX*bendKnotsY)}
	var curves []row
	for round := range 3 {
		curves = curves[:0]
		for _, r := range rowsOf(t.letters, t.ink, func(x, y float64) float64 { return (b.at(x+4, y) - b.at(x-4, y)) / 8 }) {
			if r.lettered && r.curve() {
				curves = append(curves, r)
			}
		}
		if len(curves) < bendRows || feetOf(curves) < bendFeet {
			return scan.Dewarp{}, false
		}
		b.fit(curves)
		if amount, _, _ := b.judge(curves); round == 0 && amount < leastBend/5 {
			return scan.Dewarp{}, false // flat: most pages
		}
	}
	if float64(feetOf(curves)) < bendShare*float64(len(t.letters)) {
		return scan.Dewarp{}, false
	}
	amount, before, after := b.judge(curves)
	most := 0.0
	d = scan.Dewarp{Columns: gridColumns, Rows: gridRows, Up: make([]int, 0, gridColumns*gridRows)}
	for r := range gridRows {
		for c := range gridColumns {
			up := b.at((float64(c)+0.5)*float64(size.X)/gridColumns, (float64(r)+0.5)*float64(size.Y)/gridRows)
			most = max(most, math.Abs(up))
			d.Up = append(d.Up, int(math.Round(up*float64(s.scale))))
		}
	}
	d.Confidence = math.Round(min(1, amount/leastBend/2)*100) / 100
	return d, amount >= leastBend && after <= leastGain*before && most <= mostBend*float64(max(size.X, size.Y))
}

// Dewarped gives the picture with each place moved as d says; positions move where
// [scan.Dewarp.Back] tells. White comes in where nothing was. A 1 bit picture becomes
// grey. It fails where d's grid has another length than it says.
func (p *Picture) Dewarped(d scan.Dewarp) (*Picture, error) {
	defer runtime.KeepAlive(p)
	if d.Columns < 1 || d.Rows < 1 || len(d.Up) != d.Columns*d.Rows {
		return nil, fmt.Errorf("dewarp: %d displacements for a grid of %d x %d", len(d.Up), d.Columns, d.Rows)
	}
	from := toned(p.pix)
	if from == nil {
		return made(nil, p.header, "dewarp")
	}
	defer destroy(from)
	to, err := newPix(p.Size(), depth(from))
	if err != nil {
		return nil, fmt.Errorf("dewarp: %w", err)
	}
	up := make([]float64, len(d.Up))
	for i, v := range d.Up {
		up[i] = float64(v)
	}
	C.shiftInto(to, from, (*C.double)(unsafe.Pointer(unsafe.SliceData(up))), C.int(d.Columns), C.int(d.Rows))
	return newPicture(to, p.header), nil
}

// curve keeps those feet of a row that lie on a smooth curve, and tells whether they
// are most of them.
func (r *row) curve() bool {
	long := (r.feet[len(r.feet)-1].x - r.feet[0].x) / r.height
	degree := 1
	if long > 9 {
		degree = 2
	}
	if long > 18 {
		degree = 3
	}
	x0, half := (r.feet[0].x+r.feet[len(r.feet)-1].x)/2, (r.feet[len(r.feet)-1].x-r.feet[0].x)/2
	near := 0.5 * r.height
	weight := make([]float64, len(r.feet))
	for i := range weight {
		weight[i] = 1
	}
	off := make([]float64, len(r.feet))
	for range 6 {
		e := newEquations(degree + 1)
		powers := make([]float64, degree+1)
		value := func(f foot) []float64 {
			powers[0] = 1
			for k := 1; k <= degree; k++ {
				powers[k] = powers[k-1] * (f.x - x0) / half
			}
			return powers
		}
		for i, f := range r.feet {
			e.add(value(f), f.y, weight[i])
		}
		c, ok := e.solve()
		if !ok {
			return false
		}
		for i, f := range r.feet {
			y := 0.0
			for k, v := range value(f) {
				y += c[k] * v
			}
			off[i] = f.y - y
		}
		abs := make([]float64, len(off))
		for i, o := range off {
			abs[i] = math.Abs(o)
		}
		slices.Sort(abs)
		r.stray = abs[len(abs)/2] / r.height
		near = max(0.8, min(near, 4*abs[len(abs)/2]))
		for i, o := range off {
			weight[i] = tukey(o / near)
		}
	}
	if r.stray*r.height > max(0.5, curveStray*r.height) {
		return false
	}
	kept := r.feet[:0]
	for i, f := range r.feet {
		if math.Abs(off[i]) < near {
			kept = append(kept, f)
		}
	}
	r.feet = kept
	return len(kept) >= leastFeet
}

// tukey is the biweight: 1 in the middle, nothing from 1 on.
func tukey(d float64) float64 {
	if d *= d; d < 1 {
		return (1 - d) * (1 - d)
	}
	return 0
}
