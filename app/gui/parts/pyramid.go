package parts

import (
	"image"
	"image/color"
	"image/draw"
	"math"
)

// Pyramid is a page at full size and at halves of it, each pixel the mean of four
// of the level before, so that a page drawn small neither aliases nor costs more
// than the window has pixels. It is made once, away from the UI goroutine, and is
// then safe to read from anywhere.
type Pyramid struct {
	size   image.Point
	levels []level
}

// level holds interleaved samples: 1 channel of grey or 4 of RGBA.
type level struct {
	pix      []byte
	w, h     int
	stride   int
	channels int
}

// NewPyramid takes *image.Gray and *image.RGBA as they are and converts others.
// The image must not change afterwards.
func NewPyramid(img image.Image) *Pyramid {
	b := img.Bounds()
	p := &Pyramid{size: b.Size()}
	if b.Empty() {
		return p
	}
	var l level
	switch i := img.(type) {
	case *image.Gray:
		l = level{i.Pix[i.PixOffset(b.Min.X, b.Min.Y):], b.Dx(), b.Dy(), i.Stride, 1}
	case *image.RGBA:
		l = level{i.Pix[i.PixOffset(b.Min.X, b.Min.Y):], b.Dx(), b.Dy(), i.Stride, 4}
	default:
		c := image.NewRGBA(image.Rect(0, 0, b.Dx(), b.Dy()))
		draw.Draw(c, c.Rect, img, b.Min, draw.Src)
		l = level{c.Pix, b.Dx(), b.Dy(), c.Stride, 4}
	}
	for p.levels = append(p.levels, l); l.w > 256 && l.h > 256; p.levels = append(p.levels, l) {
		l = l.half()
	}
	return p
}

// Size of the page in pixels.
func (p *Pyramid) Size() image.Point { return p.size }

// Bytes is what the pyramid holds in memory.
func (p *Pyramid) Bytes() int {
	n := 0
	for _, l := range p.levels {
		n += len(l.pix)
	}
	return n
}

// half averages squares of four. An odd last row or column is left out.
func (l level) half() level {
	n := level{w: l.w / 2, h: l.h / 2, channels: l.channels}
	n.stride = n.w * n.channels
	n.pix = make([]byte, n.stride*n.h)
	for y := range n.h {
		a := l.pix[2*y*l.stride:]
		b := l.pix[(2*y+1)*l.stride:]
		out := n.pix[y*n.stride : (y+1)*n.stride]
		if l.channels == 1 {
			for x := range out {
				out[x] = byte((int(a[2*x]) + int(a[2*x+1]) + int(b[2*x]) + int(b[2*x+1]) + 2) >> 2)
			}
			continue
		}
		for x := 0; x < len(out); x += 4 {
			for c := range 4 {
				i := 2*x + c
				out[x+c] = byte((int(a[i]) + int(a[i+4]) + int(b[i]) + int(b[i+4]) + 2) >> 2)
			}
		}
	}
	return n
}

// Draw paints what v shows of the page into dst, whose size should be v.View, on
// a ground of the given colour.
func (p *Pyramid) Draw(dst *image.RGBA, v Viewport, ground color.Color) {
	draw.Draw(dst, dst.Rect, image.NewUniform(ground), image.Point{}, draw.Src)
	page := v.ToView(image.Rectangle{Max: p.size}).Intersect(dst.Rect)
	if len(p.levels) == 0 || page.Empty() || v.Scale <= 0 {
		return
	}
	n, scale := 0, v.Scale
	for scale <= 0.5 && n < len(p.levels)-1 {
		n, scale = n+1, scale*2
	}
	l := p.levels[n]
	// Positions in 16.16 fixed point: the sample left of each screen pixel's centre
	// and the weight of its right neighbour.
	type tap struct {
		at     int
		weight uint32
	}
	at := func(screen int, origin float64, limit int) tap {
		f := (float64(screen)+0.5+origin)/scale - 0.5
		i := int(math.Floor(f))
		w := uint32((f - float64(i)) * 256)
		switch {
		case i < 0:
			return tap{0, 0}
		case i >= limit-1:
			return tap{limit - 1, 0}
		case scale >= 3: // a pixel is meant to be seen as one
			if w >= 128 {
				i++
			}
			return tap{i, 0}
		}
		return tap{i, w}
	}
	taps := make([]tap, page.Dx())
	for i := range taps {
		taps[i] = at(page.Min.X+i, v.X, l.w)
	}
	for y := page.Min.Y; y < page.Max.Y; y++ {
		ty := at(y, v.Y, l.h)
		a := l.pix[ty.at*l.stride:]
		b := a
		if ty.weight > 0 {
			b = l.pix[(ty.at+1)*l.stride:]
		}
		out := dst.Pix[dst.PixOffset(page.Min.X, y):]
		wy := ty.weight
		if l.channels == 1 {
			for i, t := range taps {
				r := t.at
				if t.weight > 0 {
					r++
				}
				top := uint32(a[t.at])*(256-t.weight) + uint32(a[r])*t.weight
				low := uint32(b[t.at])*(256-t.weight) + uint32(b[r])*t.weight
				g := byte((top*(256-wy) + low*wy) >> 16)
				o := out[4*i : 4*i+4 : 4*i+4]
				o[0], o[1], o[2], o[3] = g, g, g, 255
			}
			continue
		}
		for i, t := range taps {
			s, r := 4*t.at, 4*t.at
			if t.weight > 0 {
				r += 4
			}
			o := out[4*i : 4*i+4 : 4*i+4]
			for c := range 3 {
				top := uint32(a[s+c])*(256-t.weight) + uint32(a[r+c])*t.weight
				low := uint32(b[s+c])*(256-t.weight) + uint32(b[r+c])*t.weight
				o[c] = byte((top*(256-wy) + low*wy) >> 16)
			}
			o[3] = 255
		}
	}
}
