package prepare

import (
	"image"
	"slices"
)

// paper is what lies behind the ink: the grey of the bare sheet around each tile
// of a sketch, so that yellowed edges, shadows and the gutter are no ink, and how
// much it varies by itself.
type paper struct {
	size  image.Point // of the sketch
	tiles image.Point
	level []int // grey of the paper in each tile, times 16
	noise float64
	mean  float64
}

const tile = 16 // pixels of a sketch: about 3 mm at 150 dpi

// newPaper measures the background: in each tile a high percentile of the greys,
// since even dense print covers less than half; then the brightest of what lies
// around, in case a tile is all ink; then a mean, because paper changes slowly.
func newPaper(grey []byte, size image.Point) *paper {
	p := &paper{size: size, tiles: image.Pt((size.X+tile-1)/tile, (size.Y+tile-1)/tile)}
	p.level = make([]int, p.tiles.X*p.tiles.Y)
	for ty := range p.tiles.Y {
		for tx := range p.tiles.X {
			p.level[ty*p.tiles.X+tx] = 16 * percentile(grey, size, tx*tile, ty*tile)
		}
	}
	p.level = p.around(func(v []int) int { return slices.Max(v) })
	p.level = p.around(func(v []int) int {
		sum := 0
		for _, x := range v {
			sum += x
		}
		return sum / len(v)
	})
	var spread [256]int
	sum := 0
	for y := 0; y < size.Y; y += 3 { // a ninth of the pixels tells as much
		for x := 0; x < size.X; x += 3 {
			b := p.at(x, y)
			d := b - int(grey[y*size.X+x])
			spread[max(d, -d)&255]++
			sum += b
		}
	}
	n := ((size.X + 2) / 3) * ((size.Y + 2) / 3)
	p.mean = float64(sum) / float64(max(n, 1))
	for count, d := 0, 0; d < 256; d++ {
		if count += spread[d]; count*2 >= n {
			p.noise = float64(d)
			break
		}
	}
	return p
}

// percentile is the grey that four fifths of a tile's pixels do not exceed.
func percentile(grey []byte, size image.Point, x, y int) int {
	var h [256]int
	w, n := min(tile, size.X-x), 0
	for row := y; row < min(y+tile, size.Y); row++ {
		for _, g := range grey[row*size.X+x:][:w] {
			h[g]++
		}
		n += w
	}
	for g, seen := 255, 0; g > 0; g-- {
		if seen += h[g]; seen*5 >= n {
			return g
		}
	}
	return 0
}

// around gives each tile what f makes of it and its neighbours.
func (p *paper) around(f func([]int) int) []int {
	out := make([]int, len(p.level))
	near := make([]int, 0, 9)
	for y := range p.tiles.Y {
		for x := range p.tiles.X {
			near = near[:0]
			for v := max(0, y-1); v <= min(p.tiles.Y-1, y+1); v++ {
				near = append(near, p.level[v*p.tiles.X+max(0, x-1):v*p.tiles.X+min(p.tiles.X-1, x+1)+1]...)
			}
			out[y*p.tiles.X+x] = f(near)
		}
	}
	return out
}

// at is the paper's grey behind a pixel.
func (p *paper) at(x, y int) int { return p.level[y/tile*p.tiles.X+x/tile] >> 4 }

// contrast is how much darker than the paper ink is, as a share of the paper's
// grey: the noise must not reach it.
func (p *paper) contrast() float64 { return max(0.2, 5*p.noise/max(p.mean, 1)) }

// ink marks the pixels that are darker than the paper behind them by a share.
func (p *paper) ink(grey []byte, contrast float64) []bool {
	out := make([]bool, len(grey))
	keep := int((1 - contrast) * 4096)
	for y := range p.size.Y {
		from, to := grey[y*p.size.X:][:p.size.X], out[y*p.size.X:][:p.size.X]
		for tx, level := range p.level[y/tile*p.tiles.X:][:p.tiles.X] {
			limit := byte(level * keep >> 16)
			for x := tx * tile; x < min((tx+1)*tile, p.size.X); x++ {
				to[x] = from[x] < limit
			}
		}
	}
	return out
}
