package separate

import (
	"image"
	"math"
)

// sight is a page as it is looked at: reduced by a whole number so that there are
// 150 to 300 pixels an inch, or half of that for the bars of a patch code.
type sight struct {
	size  image.Point
	grey  []byte
	scale int     // pixels of the page to a pixel of the sight
	dpi   float64 // of the sight
	dark  []bool  // what is darker than what lies around
}

const (
	tile      = 16 // pixels of a sight: 0.05 to 0.2 inch
	contrast  = 14 // greys between ink and paper below which there is none
	grains    = 5  // halves of the noise: ninety less ten percent of it are 2.6 times the noise
	mostNoise = 16 // greys: a page of halftone has no more noise than this, whatever its neighbours say
	usualIn   = 11 // inches of the longer side of a page that does not say its dpi
)

// resolution is the dpi to work with; where none is believable, that of a page of
// letter size.
func resolution(size image.Point, dpi float64) float64 {
	long := float64(max(size.X, size.Y))
	if dpi >= 50 && dpi <= 2400 && long/dpi > 1 && long/dpi < 60 {
		return dpi
	}
	return max(long/usualIn, 50)
}

// look reduces a page by a whole number.
func look(img *image.Gray, dpi float64, scale int) *sight {
	scale = max(1, scale)
	b := img.Bounds()
	s := &sight{size: image.Pt(b.Dx()/scale, b.Dy()/scale), scale: scale, dpi: dpi / float64(scale)}
	if s.size.X < 8 || s.size.Y < 8 {
		s.size = image.Point{}
		return s
	}
	s.grey = make([]byte, s.size.X*s.size.Y)
	w := s.size.X
	sums := make([]uint32, w)
	mul := uint32(1<<16) / uint32(scale*scale)
	for y := range s.size.Y {
		row := s.grey[y*w:][:w]
		if scale == 1 {
			copy(row, img.Pix[y*img.Stride:][:w])
			continue
		}
		clear(sums)
		for k := range scale {
			src := img.Pix[(y*scale+k)*img.Stride:][:w*scale]
			if scale == 2 {
				for x := range sums {
					sums[x] += uint32(src[2*x]) + uint32(src[2*x+1])
				}
				continue
			}
			for x := range sums {
				n := uint32(0)
				for _, p := range src[x*scale:][:scale] {
					n += uint32(p)
				}
				sums[x] += n
			}
		}
		for x, n := range sums {
			row[x] = byte(n * mul >> 16)
		}
	}
	return s
}

// binarise marks what is dark. The threshold of a tile lies half way between the
// dark and the light of what is around it (the tenth and the ninetieth percentile:
// codes are about half ink, and noise is not counted); an even tile is dark or
// light as a whole.
func (s *sight) binarise() {
	if s.dark != nil || len(s.grey) == 0 {
		return
	}
	tw, th := (s.size.X+tile-1)/tile, (s.size.Y+tile-1)/tile
	low, high := make([]byte, tw*th), make([]byte, tw*th)
	for ty := range th {
		for tx := range tw {
			low[ty*tw+tx], high[ty*tw+tx] = s.spread(tx*tile, ty*tile)
		}
	}
	var all [256]int
	for i := range low {
		all[low[i]]++
		all[high[i]]++
	}
	middle := midway(all[:])
	limit := make([]int, tw*th)
	least := contrast + grains*min(s.noise(), mostNoise)/2
	for ty := range th {
		for tx := range tw {
			l, h := 255, 0
			for v := max(0, ty-1); v <= min(th-1, ty+1); v++ {
				for u := max(0, tx-1); u <= min(tw-1, tx+1); u++ {
					l, h = min(l, int(low[v*tw+u])), max(h, int(high[v*tw+u]))
				}
			}
			limit[ty*tw+tx] = (l + h + 1) / 2
			if h-l < least {
				limit[ty*tw+tx] = 0
				if h < middle {
					limit[ty*tw+tx] = 256
				}
			}
		}
	}
	s.dark = make([]bool, len(s.grey))
	for y := range s.size.Y {
		from, to := s.grey[y*s.size.X:][:s.size.X], s.dark[y*s.size.X:][:s.size.X]
		for tx, l := range limit[y/tile*tw:][:tw] {
			for x := tx * tile; x < min((tx+1)*tile, s.size.X); x++ {
				to[x] = int(from[x]) < l
			}
		}
	}
}

// spread gives the tenth and the ninetieth percentile of a tile's greys.
func (s *sight) spread(x, y int) (low, high byte) {
	var h [64]int
	w, n := min(tile, s.size.X-x), 0
	for row := y; row < min(y+tile, s.size.Y); row++ {
		for _, g := range s.grey[row*s.size.X+x:][:w] {
			h[g>>2]++
		}
		n += w
	}
	seen, k := 0, 0
	for ; k < 63; k++ {
		if seen += h[k]; seen*10 >= n {
			break
		}
	}
	low = byte(k*4 + 2)
	for seen, k = 0, 63; k > 0; k-- {
		if seen += h[k]; seen*10 >= n {
			break
		}
	}
	return low, byte(k*4 + 2)
}

// midway is Otsu's threshold of a histogram (IEEE Trans. SMC 9, 1979).
func midway(h []int) int {
	n, sum := 0, 0
	for g, c := range h {
		n += c
		sum += g * c
	}
	best, at, below, mass := -1.0, 128, 0, 0
	for g, c := range h {
		below += c
		mass += g * c
		if below == 0 || below == n {
			continue
		}
		d := float64(mass)/float64(below) - float64(sum-mass)/float64(n-below)
		if v := d * d * float64(below) * float64(n-below); v > best {
			best, at = v, g+1
		}
	}
	return at
}

// page gives a box of the sight in pixels of the page.
func (s *sight) page(x0, y0, x1, y1 float64, bounds image.Rectangle) image.Rectangle {
	k := float64(s.scale)
	r := image.Rect(int(math.Floor(x0*k)), int(math.Floor(y0*k)), int(math.Ceil(x1*k)), int(math.Ceil(y1*k)))
	return r.Intersect(image.Rectangle{Max: bounds.Size()})
}
