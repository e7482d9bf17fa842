package quality

import (
	"image"
	"math"
	"math/bits"
	"slices"
)

// A signature is: a byte that names the way it was made, the columns and rows of
// its grid, the coarse bits, and the cells of the grid, two bits each.
const (
	made     = 2 // another way of making it takes another number; they do not compare
	header   = 3
	cells    = 14000 // of a grid, about: 2.1 mm on A4, half a line of typewriting
	mostSide = 252   // cells
	levels   = 4
)

const (
	thinnest  = 16    // pixels a side of a page, below which there is nothing to know it by
	deadZone  = 0.02  // of darkness: the noise of paper
	someInk   = 0.012 // mean darkness of a cell with something in it
	leastInk  = 200   // cells with something in them, of a page that can be known again
	faintInk  = 0.03  // how much the cells of a page of faint pencil vary; paper and what shines through vary less
	usualInk  = 0.15  // and those of a page of text
	edgeInk   = 0.3   // and those at the edge of a dark mount
	localMean = 6     // radius in cells
)

// Signature tells by what a page can be known when it is captured again: about
// 3.6 KB. It gives nil for a page that has too little on it, and for pictures
// thinner than 16 pixels.
//
// The picture is divided into about 14,000 square cells. A cell's value is how much
// darker it is than its surroundings, in units of how much they vary, so that
// exposure, contrast and the kind of picture - grey or black and white - matter
// little. In front of them lies a coarse digest that is the same wherever the page
// lay and even upside down: which of its spatial frequencies are strong. About 4 ms
// for a page reduced by [Reduced].
func Signature(img *image.Gray) []byte {
	img = Reduced(img)
	size := img.Rect.Size()
	if min(size.X, size.Y) < thinnest {
		return nil
	}
	ink := darkness(img)
	g := grid(ink)
	if g.v == nil {
		return nil
	}
	out := append(make([]byte, 0, header+coarseBytes+(len(g.v)+3)/4), made, byte(g.w), byte(g.h))
	out = append(out, coarse(g.halved())...)
	return append(out, pack(g)...)
}

// darkness is how much darker than the paper around it every pixel of a picture is,
// 0 to 1, in a quarter or fewer of the pixels.
func darkness(img *image.Gray) plane {
	size := img.Rect.Size()
	if max(size.X, size.Y) > longest/2 && min(size.X, size.Y) >= 4*thinnest {
		img = boxed(img, 2)
		size = img.Rect.Size()
	}
	paper, tile := brightest(img)
	out := newPlane(size.X, size.Y)
	inv := 1 / float32(tile)
	for y := range size.Y {
		fy := (float32(y)+0.5)*inv - 0.5
		y0 := int(math.Floor(float64(fy)))
		ty := fy - float32(y0)
		a, b := paper.row(y0), paper.row(y0+1)
		line := img.Pix[y*img.Stride:][:size.X]
		to := out.v[y*size.X:][:size.X]
		for x0 := -1; x0 < paper.w; x0++ {
			l, r := clamped(x0, paper.w), clamped(x0+1, paper.w)
			left, right := a[l]+(b[l]-a[l])*ty, a[r]+(b[r]-a[r])*ty
			from, until := max(0, x0*tile+tile/2), min(size.X, (x0+1)*tile+tile/2)
			step := (right - left) * inv
			p := left + step*(float32(from-x0*tile-tile/2)+0.5)
			for x := from; x < until; x++ {
				if d := (p - float32(line[x])) - deadZone*p; d > 0 {
					to[x] = d / p
				}
				p += step
			}
		}
	}
	return out
}

// brightest gives the grey of the paper by tiles: the brightest twentieth of each,
// smoothed. tile is their side in pixels.
func brightest(img *image.Gray) (p plane, tile int) {
	size := img.Rect.Size()
	tile = max(8, max(size.X, size.Y)/24)
	w, h := (size.X+tile-1)/tile, (size.Y+tile-1)/tile
	p = newPlane(w, h)
	for ty := range h {
		for tx := range w {
			var count [256]int32
			n := int32(0)
			for y := ty * tile; y < min(size.Y, (ty+1)*tile); y += 2 {
				line := img.Pix[y*img.Stride:]
				for _, v := range line[tx*tile : min(size.X, (tx+1)*tile)] {
					count[v]++
					n++
				}
			}
			v := 255
			for over := int32(0); v > 0; v-- {
				if over += count[v]; over > n/20 {
					break
				}
			}
			p.v[ty*w+tx] = float32(max(v, 1))
		}
	}
	// A tile that is all picture or all black takes the paper of its neighbours.
	wide := newPlane(w, h)
	for y := range h {
		for x := range w {
			m := float32(0)
			for dy := -1; dy <= 1; dy++ {
				for dx := -1; dx <= 1; dx++ {
					m = max(m, p.v[clamped(y+dy, h)*w+clamped(x+dx, w)])
				}
			}
			wide.v[y*w+x] = m
		}
	}
	return wide.blurred(1), tile
}

// grid gives the cells of a page, whose v is nil where there is too little on it.
func grid(ink plane) plane {
	side := math.Sqrt(float64(ink.w) * float64(ink.h) / cells)
	w := max(1, min(mostSide/4, int(float64(ink.w)/side/4+0.5))) * 4
	h := max(1, min(mostSide/4, int(float64(ink.h)/side/4+0.5))) * 4
	m := gathered(ink, 2*w, 2*h).halved()
	mean := m.blurred(localMean)
	energy := newPlane(w, h)
	d := newPlane(w, h)
	for i := range m.v {
		d.v[i] = m.v[i] - mean.v[i]
		energy.v[i] = d.v[i] * d.v[i]
	}
	energy = energy.blurred(localMean + 1)
	var inked []float32 // how much the surroundings vary of cells with something in them
	for y := range h {
		for x := range w {
			i := y*w + x
			energy.v[i] = float32(math.Sqrt(float64(max(energy.v[i], 0))))
			if m.v[i] > someInk && energy.v[i] > faintInk/2 && energy.v[i] < edgeInk && x > 0 && y > 0 && x < w-1 && y < h-1 {
				inked = append(inked, energy.v[i])
			}
		}
	}
	if len(inked) < leastInk {
		return plane{}
	}
	// That of the paler parts, and no more than that of text: a dark mount around the page
	// must not drown it.
	slices.Sort(inked)
	least := 0.7 * max(faintInk, min(inked[len(inked)*3/4], usualInk))
	for i, e := range energy.v {
		d.v[i] /= e + least
	}
	return d
}

// gathered averages a plane over w by h fields.
func gathered(p plane, w, h int) plane {
	out := newPlane(w, h)
	count := make([]float32, w)
	for y := range h {
		top, low := y*p.h/h, max(y*p.h/h+1, (y+1)*p.h/h)
		to := out.v[y*w:][:w]
		clear(count)
		for v := top; v < min(low, p.h); v++ {
			line := p.v[v*p.w:][:p.w]
			for x := range to {
				left := x * p.w / w
				right := min(p.w, max(left+1, (x+1)*p.w/w))
				s := float32(0)
				for _, d := range line[left:right] {
					s += d
				}
				to[x] += s
				count[x] += float32(right - left)
			}
		}
		for x, n := range count {
			if n > 0 {
				to[x] /= n
			}
		}
	}
	return out
}

// A cell is one of four: clearly lighter than its surroundings, lighter or nothing,
// darker, clearly darker.
var (
	bounds = [levels - 1]float32{-0.25, 0.15, 0.55}
	values = [levels]float32{-0.5, 0, 0.3, 0.85}
)

func pack(g plane) []byte {
	out := make([]byte, (len(g.v)+3)/4)
	for i, v := range g.v {
		level := byte(0)
		for _, b := range bounds {
			if v > b {
				level++
			}
		}
		out[i/4] |= level << (i % 4 * 2)
	}
	return out
}

// wellFormed tells whether it is a signature of ours.
func wellFormed(sig []byte) bool {
	if len(sig) < header || sig[0] != made {
		return false
	}
	w, h := int(sig[1]), int(sig[2])
	return w >= 4 && h >= 4 && len(sig) == header+coarseBytes+(w*h+3)/4
}

// unpacked gives the grid of a signature, whose v is nil where it is none of ours.
func unpacked(sig []byte) plane {
	if !wellFormed(sig) {
		return plane{}
	}
	w, h := int(sig[1]), int(sig[2])
	body := sig[header+coarseBytes:]
	g := newPlane(w, h)
	for i := range g.v {
		g.v[i] = values[body[i/4]>>(i%4*2)&3]
	}
	return g
}

// The coarse bits are about frequencies of up to 16 in 64 cells across, either way
// down: one half of the plane, the other mirrors it.
const (
	period      = 64
	across      = 16
	down        = 16
	coarseBits  = (across + 1) * (2*down + 1)
	coarseBytes = (coarseBits + 7) / 8
	coarseWords = (coarseBits + 63) / 64
)

var waves = func() (t [period][2]float32) {
	for i := range t {
		s, c := math.Sincos(2 * math.Pi * float64(i) / period)
		t[i] = [2]float32{float32(c), float32(s)}
	}
	return t
}()

// coarse tells of each frequency whether it is stronger than those around it. Where
// the page lies does not matter, since only strengths are compared, nor whether it is
// upside down, since a real picture's spectrum is symmetric.
func coarse(g plane) []byte {
	rows := make([][across + 1][2]float32, g.h)
	for y := range rows {
		for x, v := range g.v[y*g.w:][:g.w] {
			for k := range rows[y] {
				w := &waves[k*x%period]
				rows[y][k][0] += v * w[0]
				rows[y][k][1] -= v * w[1]
			}
		}
	}
	power := newPlane(across+1, 2*down+1)
	for k := range across + 1 {
		for j := -down; j <= down; j++ {
			var re, im float32
			for y := range rows {
				w := &waves[(j*y%period+period)%period]
				c := &rows[y][k]
				re += c[0]*w[0] + c[1]*w[1]
				im += c[1]*w[0] - c[0]*w[1]
			}
			power.v[(j+down)*(across+1)+k] = float32(math.Sqrt(math.Sqrt(float64(re*re + im*im))))
		}
	}
	around := power.blurred(2)
	out := make([]byte, coarseBytes)
	for i, v := range power.v {
		if v > around.v[i] {
			out[i/8] |= 1 << (i % 8)
		}
	}
	return out
}

// digest is the coarse bits in words.
type digest [coarseWords]uint64

func digestOf(sig []byte) (d digest) {
	for i, b := range sig[header:][:coarseBytes] {
		d[i/8] |= uint64(b) << (i % 8 * 8)
	}
	return d
}

// apart counts the bits in which two digests differ.
func (d *digest) apart(o *digest) int {
	n := 0
	for i := range d {
		n += bits.OnesCount64(d[i] ^ o[i])
	}
	return n
}
