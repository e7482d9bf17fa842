package prepare

import (
	"fmt"
	"image"
	"math"
	"runtime"

	"recto/scan"
)

// Of specks.
const (
	speckDot   = 0.15 // of the height of x: what is smaller is no dot of i and no full stop
	speckAlone = 0.9  // heights of x to the next letter: dots and accents are nearer
	speckFull  = 0.5  // of the height of x, of what is a letter
	mostSpecks = 60   // pixels, the largest size

	speckSize  = 0.3  // of the height of x: what is proposed
	speckShare = 0.25 // specks to a letter that are worth it
	fewSpecks  = 50
)

// ProposeDespeckle gives the size of specks to take out of a picture where they are many
// beside its letters, with how sure that is from 0 to 1. Whether that helps the recognition
// only the recognition can tell.
func (p *Picture) ProposeDespeckle() (scan.Despeckle, bool) {
	defer runtime.KeepAlive(p)
	if p.vast() {
		return scan.Despeckle{}, false
	}
	e, x := p.editable()
	size := min(max(1, int(math.Round(speckSize*x))), mostSpecks)
	_, pieces, _ := e.pieces()
	goes, _, letters := e.specks(pieces, x, size)
	n := 0
	for _, g := range goes {
		if g {
			n++
		}
	}
	share := float64(n) / float64(max(1, letters))
	return scan.Despeckle{Size: size, Confidence: math.Min(1, share)}, n >= fewSpecks && share >= speckShare
}

// pieces are the connected parts of the ink.
func (e *editable) pieces() (list []run, pieces []piece, of []int32) {
	list = packedRuns(image.Pt(e.w, e.h), e.ink)
	pieces, of = piecesOf(list)
	return list, pieces, of
}

// specks tells which pieces are specks of at most some pixels each way; x is the height of
// x. letters counts the pieces that are as large as a letter.
func (e *editable) specks(pieces []piece, x float64, size int) (goes []bool, some bool, letters int) {
	// Where letters are, in cells, to tell what stands alone.
	cell := max(1, int(speckAlone*x))
	columns, rows := e.w/cell+1, e.h/cell+1
	lettered := make([]bool, columns*rows)
	for _, q := range pieces {
		if max(q.Dx(), q.Dy()) > size && float64(q.Dy()) >= speckFull*x {
			letters++
			for cy := q.Min.Y / cell; cy <= (q.Max.Y-1)/cell; cy++ {
				for cx := q.Min.X / cell; cx <= (q.Max.X-1)/cell; cx++ {
					lettered[cy*columns+cx] = true
				}
			}
		}
	}
	alone := func(q piece) bool {
		for cy := max(0, q.Min.Y/cell-1); cy <= min(rows-1, q.Max.Y/cell+1); cy++ {
			for cx := max(0, q.Min.X/cell-1); cx <= min(columns-1, q.Max.X/cell+1); cx++ {
				if lettered[cy*columns+cx] {
					return false
				}
			}
		}
		return true
	}
	goes = make([]bool, len(pieces))
	for i, q := range pieces {
		long := max(q.Dx(), q.Dy())
		goes[i] = long <= size && (float64(long) <= speckDot*x || alone(q))
		some = some || goes[i]
	}
	return goes, some, letters
}

// Despeckled takes out specks of at most size pixels each way: all that are too small
// to be the dot of an i or a full stop, and larger ones that have no letter beside them.
// It is for the recognition. Where there are none it gives the picture itself, sharing
// memory: both must be closed. Sizes from 1 to 60 are allowed.
func (p *Picture) Despeckled(size int) (*Picture, error) {
	defer runtime.KeepAlive(p)
	if size < 1 || size > mostSpecks {
		return nil, fmt.Errorf("despeckle: specks of %d pixels, allowed are 1 to %d", size, mostSpecks)
	}
	e, x := p.editable()
	list, pieces, of := e.pieces()
	goes, some, _ := e.specks(pieces, x, size)
	if !some {
		return made(clone(p.pix), p.header, "despeckle")
	}
	for i, r := range list {
		if goes[of[i]] {
			for at := r.from; at < r.to; at++ {
				e.ink[int(r.y)*e.w+int(at)] = false
			}
		}
	}
	for i, q := range pieces {
		if goes[i] {
			e.paint(q.Rectangle)
		}
	}
	return e.picture(p)
}

// paint covers what is in and close around r, but for ink, with the paper beside it.
func (e *editable) paint(r image.Rectangle) {
	page := image.Rect(0, 0, e.w, e.h)
	inner := r.Inset(-1).Intersect(page)
	sum, n := 0, 0
	outer := r.Inset(-3).Intersect(page)
	for y := outer.Min.Y; y < outer.Max.Y; y++ {
		for x := outer.Min.X; x < outer.Max.X; x++ {
			if i := y*e.w + x; !e.ink[i] && !image.Pt(x, y).In(inner) {
				sum, n = sum+int(e.grey[i]), n+1
			}
		}
	}
	if n == 0 {
		return
	}
	light := byte(sum / n)
	for y := inner.Min.Y; y < inner.Max.Y; y++ {
		for x := inner.Min.X; x < inner.Max.X; x++ {
			if i := y*e.w + x; !e.ink[i] {
				e.grey[i] = max(e.grey[i], light)
			}
		}
	}
}

// packedRuns are the runs of a mask, joined where they touch.
func packedRuns(size image.Point, mask []bool) []run {
	pix := packed(size, mask)
	if pix == nil {
		return nil
	}
	defer destroy(pix)
	return bitmapOf(pix).runs(len(mask))
}
