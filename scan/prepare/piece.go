package prepare

// #include <leptonica/allheaders.h>
import "C"

import (
	"image"
	"math/bits"
	"runtime"
)

// piece is a connected piece of ink, 8 neighbours a pixel.
type piece struct {
	image.Rectangle
	area int // pixels
	runs int // by rows
}

// run is what lies between two changes of ink and paper in a row.
type run struct {
	y, from, to int32 // to is exclusive
	parent      int32 // an earlier run of the same piece, itself at the root
}

// bitmap is ink by bits: rows of wpl words, the first pixel in the highest bit.
type bitmap struct {
	size image.Point
	wpl  int
	rows []uint32
}

func bitmapOf(pix *C.PIX) bitmap {
	return bitmap{image.Pt(width(pix), height(pix)), int(C.pixGetWpl(pix)), words(pix)}
}

// share is how much of it is ink.
func (b bitmap) share() float64 {
	n := 0
	for y := range b.size.Y {
		row := b.rows[y*b.wpl:][:b.wpl]
		for _, w := range row {
			n += bits.OnesCount32(w)
		}
	}
	return float64(n) / float64(max(1, b.size.X*b.size.Y))
}

// next gives the first x from on whose pixel is ink (or is not), or the width.
func (b bitmap) next(y, x int, ink bool) int {
	row := b.rows[y*b.wpl:][:b.wpl]
	for i := x / 32; i < b.wpl; i++ {
		v := row[i]
		if !ink {
			v = ^v
		}
		if i == x/32 {
			v &= ^uint32(0) >> (x % 32)
		}
		if v != 0 {
			return min(i*32+bits.LeadingZeros32(v), b.size.X)
		}
	}
	return b.size.X
}

// lowest gives the last row of r that has ink, exclusive; r.Min.Y where none has.
func (b bitmap) lowest(r image.Rectangle) int {
	for y := r.Max.Y; y > r.Min.Y; y-- {
		if b.next(y-1, r.Min.X, true) < r.Max.X {
			return y
		}
	}
	return r.Min.Y
}

// highest gives the first row of r that has ink; r.Max.Y where none has.
func (b bitmap) highest(r image.Rectangle) int {
	for y := r.Min.Y; y < r.Max.Y; y++ {
		if b.next(y, r.Min.X, true) < r.Max.X {
			return y
		}
	}
	return r.Max.Y
}

// runs lists the runs of ink by rows, and joins those that touch. It gives nil where
// there are more than most: no page of text is like that.
func (b bitmap) runs(most int) []run {
	var out []run
	var above []run // those of the row before
	for y := range b.size.Y {
		first := len(out)
		for x := b.next(y, 0, true); x < b.size.X; x = b.next(y, x, true) {
			end := b.next(y, x, false)
			out = append(out, run{int32(y), int32(x), int32(end), int32(len(out))})
			x = end
		}
		if len(out) > most {
			return nil
		}
		line := out[first:]
		k := 0
		for i := range line {
			for k < len(above) && above[k].to < line[i].from {
				k++
			}
			for j := k; j < len(above) && above[j].from <= line[i].to; j++ {
				join(out, int32(first+i), int32(first-len(above)+j))
			}
		}
		above = out[first:]
	}
	return out
}

func rootOf(list []run, i int32) int32 {
	for list[i].parent != i {
		list[i].parent = list[list[i].parent].parent
		i = list[i].parent
	}
	return i
}

func join(list []run, a, b int32) {
	a, b = rootOf(list, a), rootOf(list, b)
	list[max(a, b)].parent = min(a, b)
}

// piecesOf gives the pieces of runs, and for each run the piece that it is of.
func piecesOf(list []run) ([]piece, []int32) {
	of := make([]int32, len(list))
	var out []piece
	for i, r := range list {
		box := image.Rect(int(r.from), int(r.y), int(r.to), int(r.y)+1)
		root := rootOf(list, int32(i))
		if root == int32(i) {
			of[i] = int32(len(out))
			out = append(out, piece{box, int(r.to - r.from), 1})
			continue
		}
		of[i] = of[root]
		p := &out[of[i]]
		p.Min.X, p.Max.X, p.Max.Y = min(p.Min.X, box.Min.X), max(p.Max.X, box.Max.X), box.Max.Y
		p.area += int(r.to - r.from)
		p.runs++
	}
	return out, of
}

// mostRuns bounds what is looked at for letters: a full newspaper page has 600,000.
const mostRuns = 4_000_000

// pieces lists the pieces of the sketch's ink.
func (s *sketch) pieces() ([]piece, bitmap) {
	defer runtime.KeepAlive(s)
	if s.ink == nil {
		return nil, bitmap{}
	}
	b := bitmapOf(s.ink)
	list, _ := piecesOf(b.runs(mostRuns))
	return list, b
}
