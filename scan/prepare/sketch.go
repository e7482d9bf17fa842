package prepare

// #include "copy.h"
import "C"

import (
	"image"
	"runtime"
)

// sketch is a reduced view of the page for everything that looks at it: its
// pixels in grey, and the ink, which is what stands out from its surroundings.
type sketch struct {
	scale int // pixels of the page to a pixel of the sketch, each way
	size  image.Point
	grey  []byte // rows of size.X
	paper *paper
	ink   *C.PIX // 1 bit, 1 is ink
	found *text  // made when first needed
}

// longestSketch bounds the sides of a sketch: an A4 page at 300 dpi is looked at
// with 150, where letters are still whole and a look takes milliseconds.
const longestSketch = 2400

// Glance makes the sketch that Measure and Skew look at, with sides of at most
// longest pixels where they would take up to 2400, and gives its grey pixels, which
// must not be changed. It must come before them. A quick look at a page of 2362 pixels
// a side costs a quarter with 1800; A4 at 300 dpi has the same sketch either way, but
// for greys that differ by one.
func (p *Picture) Glance(longest int) *image.Gray {
	s := p.lookWithin(longest, true)
	return &image.Gray{Pix: s.grey, Stride: s.size.X, Rect: image.Rectangle{Max: s.size}}
}

// look makes the sketch, once.
func (p *Picture) look() *sketch { return p.lookWithin(longestSketch, false) }

func (p *Picture) lookWithin(longest int, quick bool) *sketch {
	defer runtime.KeepAlive(p)
	if p.sketch != nil {
		return p.sketch
	}
	s := &sketch{scale: 1}
	for max(width(p.pix), height(p.pix))/s.scale > longest {
		s.scale *= 2
	}
	s.scale = max(1, min(s.scale, min(width(p.pix), height(p.pix))))
	s.size = p.Size().Div(s.scale)
	s.grey = make([]byte, s.size.X*s.size.Y)
	var failed C.int
	if quick && depth(p.pix) == 32 && s.scale >= 2 && s.scale <= 16 {
		failed = C.reduceColour(p.pix, C.int(s.scale), bytesOf(s.grey))
	} else {
		failed = C.reduceGrey(p.pix, C.int(s.scale), bytesOf(s.grey))
	}
	if failed != 0 {
		clear(s.grey)
	}
	s.paper = newPaper(s.grey, s.size)
	s.ink = packed(s.size, s.paper.ink(s.grey, s.paper.contrast()))
	runtime.AddCleanup(s, destroy, s.ink)
	p.sketch = s
	return s
}

// turned is the sketch of a picture that was mirrored and turned alike.
func (s *sketch) turned(mirror bool, quarters int) *sketch {
	if !mirror && quarters == 0 {
		return s
	}
	defer runtime.KeepAlive(s)
	out := *s // the paper stays as it lies: nobody asks a turned page for its measures
	out.grey, out.size = turnedGrey(s.grey, s.size, mirror, quarters)
	out.found = nil
	out.ink = turned(s.ink, mirror, quarters)
	runtime.AddCleanup(&out, destroy, out.ink)
	return &out
}

// packed puts a mask into leptonica's memory.
func packed(size image.Point, mask []bool) *C.PIX {
	pix := C.pixCreate(C.l_int32(size.X), C.l_int32(size.Y), 1)
	if pix == nil {
		return nil
	}
	wpl := int(C.pixGetWpl(pix))
	rows := words(pix)
	for y := range size.Y {
		line := rows[y*wpl:][:wpl]
		for x, dark := range mask[y*size.X:][:size.X] {
			if dark {
				line[x/32] |= 1 << (31 - x%32)
			}
		}
	}
	return pix
}

// turnedGrey gives rows of grey mirrored left to right and then turned clockwise.
func turnedGrey(in []byte, size image.Point, mirror bool, quarters int) ([]byte, image.Point) {
	to := size
	if quarters%2 == 1 {
		to = image.Pt(size.Y, size.X)
	}
	out := make([]byte, len(in))
	// Where the first pixel of the result comes from, and how far its neighbours lie apart.
	w, h := size.X, size.Y
	from, right, down := 0, 1, w
	switch quarters {
	case 1:
		from, right, down = (h-1)*w, -w, 1
	case 2:
		from, right, down = h*w-1, -1, -w
	case 3:
		from, right, down = w-1, w, -1
	}
	if mirror { // the columns of the source run the other way
		column := from % w
		from += w - 1 - 2*column
		if quarters%2 == 0 {
			right = -right
		} else {
			down = -down
		}
	}
	for y := range to.Y {
		at := from + y*down
		for x := range to.X {
			out[y*to.X+x] = in[at]
			at += right
		}
	}
	return out, to
}

// fresh is the sketch of the picture as it lies, with its own paper: the sketch of a
// turned picture keeps that of the picture before.
func (p *Picture) fresh() *sketch {
	defer runtime.KeepAlive(p)
	q := Picture{pix: p.pix, header: p.header}
	return q.look()
}
