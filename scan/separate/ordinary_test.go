package separate

import (
	"fmt"
	"image"
	"math"
	"math/rand/v2"
	"testing"

	"recto/scan"
)

// begins tells whether a code would begin a unit though nobody meant it to: by the
// rules of a profile that takes patch codes and cover sheets.
func begins(c scan.Code) bool {
	_, yes := Rules{Patch: true, Codes: []scan.CodeKind{scan.QR, scan.Code128, scan.Code39, scan.DataMatrix}}.Begins(c)
	return yes
}

// falses counts what is found on pages without codes.
type falses struct{ pages, splits, unread int }

func (f *falses) look(t *testing.T, name string, img *image.Gray, dpi float64) {
	f.pages++
	unread := false
	codes := Find(img, dpi)
	for _, c := range codes {
		if begins(c) {
			f.splits++
			t.Errorf("%s begins a unit: %v", name, c)
		}
		unread = unread || c.Unread
	}
	if unread {
		f.unread++
	}
	if len(codes) > 0 {
		t.Logf("%s: %v", name, codes)
	}
}

// judge fails where half a percent of the pages or more would trouble somebody for
// nothing; of a slice, where two do.
func (f *falses) judge(t *testing.T) {
	t.Logf("%d pages, %d begin a unit, %d to look at (%.2f%%)", f.pages, f.splits, f.unread, 100*float64(f.unread)/float64(f.pages))
	if f.splits > 0 || f.unread > 1 && f.unread*200 >= f.pages {
		t.Errorf("%d pages begin a unit, %d have something unread", f.splits, f.unread)
	}
}

// varied makes another page of a page: a part of it, turned, mirrored, larger or
// smaller, negative, faint or noisy.
func varied(t testing.TB, p scanned, r *rand.Rand) (string, *image.Gray, float64) {
	size := p.img.Rect.Size()
	keep := 0.5 + 0.5*r.Float64()
	if most := 6e6 / float64(size.X*size.Y); keep*keep > most { // large pages take time and give nothing more
		keep = math.Sqrt(most)
	}
	w, h := max(64, int(keep*float64(size.X))), max(64, int(keep*float64(size.Y)))
	x, y := r.IntN(max(1, size.X-w)), r.IntN(max(1, size.Y-h))
	scale := 1.0
	if r.IntN(3) == 0 {
		scale = 0.6 + 0.8*r.Float64()
	}
	part := image.NewGray(image.Rect(0, 0, int(float64(w)*scale), int(float64(h)*scale)))
	flip := r.IntN(3) == 0
	for v := range part.Rect.Dy() {
		for u := range part.Rect.Dx() {
			from := u
			if flip {
				from = part.Rect.Dx() - 1 - u
			}
			if scale == 1 {
				part.Pix[v*part.Stride+u] = p.img.Pix[(y+v)*p.img.Stride+x+from]
			} else {
				part.Pix[v*part.Stride+u] = byte(between(p.img, float64(x)+float64(from)/scale, float64(y)+float64(v)/scale))
			}
		}
	}
	wear := randomWear(r)
	if r.IntN(2) == 0 {
		wear.skew = 0
	}
	name := fmt.Sprintf("%s part %dx%d+%d+%d at %.2f flip %v, %v", p.name, w, h, x, y, scale, flip, wear)
	return name, worn(t, part, wear, r), p.dpi * scale
}

// hard draws pages that look like codes and are none.
var hard = map[string]func(page *image.Gray, r *rand.Rand, dpi float64){
	"table": func(p *image.Gray, r *rand.Rand, dpi float64) {
		dx, dy, w := (0.15+r.Float64())*dpi, (0.1+0.4*r.Float64())*dpi, 1+r.IntN(4)
		for y := dpi / 2; y < float64(p.Rect.Dy())-dpi/2; y += dy {
			black(p, dpi/2, y, float64(p.Rect.Dx())-dpi, float64(w))
		}
		for x := dpi / 2; x < float64(p.Rect.Dx())-dpi/2; x += dx {
			black(p, x, dpi/2, float64(w), float64(p.Rect.Dy())-dpi)
		}
	},
	"hatching": func(p *image.Gray, r *rand.Rand, dpi float64) {
		period, w := (0.01+0.05*r.Float64())*dpi, 0.3+0.4*r.Float64()
		slope := r.Float64()*4 - 2
		shade(p, dpi, func(x, y float64) bool { return frac((x+slope*y)/period) < w })
	},
	"piano keys": func(p *image.Gray, r *rand.Rand, dpi float64) {
		w := (0.05 + 0.2*r.Float64()) * dpi
		for i, x := 0, dpi/2; x+w < float64(p.Rect.Dx())-dpi/2; i, x = i+1, x+w {
			black(p, x, dpi, w*0.04+1, 2*dpi)
			if k := i % 7; k != 2 && k != 6 {
				black(p, x+w*0.7, dpi, w*0.6, 1.2*dpi)
			}
		}
	},
	"fence": func(p *image.Gray, r *rand.Rand, dpi float64) {
		w := (0.03 + 0.15*r.Float64()) * dpi
		for x := dpi / 2; x+w < float64(p.Rect.Dx())-dpi/2; x += w * (1.6 + 0.6*r.Float64()) {
			black(p, x, dpi, w*(0.8+0.4*r.Float64()), (1+r.Float64())*dpi)
		}
	},
	"columns": func(p *image.Gray, r *rand.Rand, dpi float64) {
		for x := dpi / 2; x < float64(p.Rect.Dx())-dpi; x += (0.05 + 0.4*r.Float64()) * dpi {
			black(p, x, dpi, (0.02+0.2*r.Float64())*dpi, 2*dpi)
		}
	},
	"halftone": func(p *image.Gray, r *rand.Rand, dpi float64) {
		period, size := (0.01+0.05*r.Float64())*dpi, 0.1+0.8*r.Float64()
		shade(p, dpi, func(x, y float64) bool {
			u, v := frac((x+y)/period)-0.5, frac((x-y)/period)-0.5
			return math.Hypot(u, v) < size*frac(y/dpi/3)
		})
	},
	"staff lines": func(p *image.Gray, r *rand.Rand, dpi float64) {
		gap := (0.04 + 0.1*r.Float64()) * dpi
		for y := dpi / 2; y+5*gap < float64(p.Rect.Dy())-dpi/2; y += 9 * gap {
			for i := range 5 {
				black(p, dpi/2, y+float64(i)*gap, float64(p.Rect.Dx())-dpi, 0.012*dpi+1)
			}
		}
	},
	"checkerboard": func(p *image.Gray, r *rand.Rand, dpi float64) {
		period := (0.02 + 0.3*r.Float64()) * dpi
		shade(p, dpi, func(x, y float64) bool { return (frac(x/period) < 0.5) != (frac(y/period) < 0.5) })
	},
	"bars": func(p *image.Gray, r *rand.Rand, dpi float64) { // a chart, or a flag
		for y := dpi / 2; y < float64(p.Rect.Dy())-dpi; y += (0.05 + 0.25*r.Float64()) * dpi {
			black(p, dpi/2, y, (1+5*r.Float64())*dpi, (0.03+0.2*r.Float64())*dpi)
		}
	},
	"boxes": func(p *image.Gray, r *rand.Rand, dpi float64) { // to be ticked, some filled
		for y := dpi / 2; y < float64(p.Rect.Dy())-dpi; y += 0.3 * dpi {
			for x := dpi / 2; x < float64(p.Rect.Dx())-dpi; x += 0.4 * dpi {
				a := 0.15 * dpi
				black(p, x, y, a, a)
				if r.IntN(3) > 0 {
					white(p, x+a/7, y+a/7, a*5/7, a*5/7)
					if r.IntN(2) == 0 {
						black(p, x+a*0.3, y+a*0.3, a*0.4, a*0.4)
					}
				}
			}
		}
	},
}

func frac(v float64) float64 { return v - math.Floor(v) }

func black(p *image.Gray, x, y, w, h float64) { fill(p, x, y, w, h, 0) }

func white(p *image.Gray, x, y, w, h float64) { fill(p, x, y, w, h, 255) }

func fill(p *image.Gray, x, y, w, h float64, v byte) {
	r := image.Rect(int(x), int(y), int(x+w+0.5), int(y+h+0.5)).Intersect(p.Rect)
	for row := r.Min.Y; row < r.Max.Y; row++ {
		for u := r.Min.X; u < r.Max.X; u++ {
			p.Pix[row*p.Stride+u] = v
		}
	}
}

// shade fills the middle of a page.
func shade(p *image.Gray, dpi float64, ink func(x, y float64) bool) {
	for y := int(dpi / 2); y < p.Rect.Dy()-int(dpi/2); y++ {
		for x := int(dpi / 2); x < p.Rect.Dx()-int(dpi/2); x++ {
			if ink(float64(x), float64(y)) {
				p.Pix[y*p.Stride+x] = 0
			}
		}
	}
}

// TestHardNegatives finds no code where there is only what looks like one.
func TestHardNegatives(t *testing.T) {
	n := 3
	if soak() {
		n = 40
	}
	var f falses
	for name, draw := range hard {
		for i := range n {
			r := rand.New(rand.NewPCG(uint64(len(name)), uint64(i)))
			dpi := []float64{150, 200, 300}[i%3]
			page := blankPage(int(8.27*dpi), int(5*dpi))
			draw(page, r, dpi)
			w := randomWear(r)
			f.look(t, fmt.Sprintf("%s %d at %.0f dpi, %v", name, i, dpi, w), worn(t, page, w, r), dpi)
		}
	}
	f.judge(t)
}

// lookVaried looks at variations of the k-th ordinary page: one of three pages of
// four, or so many of each that there are a thousand.
func (f *falses) lookVaried(t *testing.T, p scanned, k int) {
	times := min(1, k%4)
	if soak() {
		times = 14
	}
	for i := range times {
		name, img, dpi := varied(t, p, rand.New(rand.NewPCG(uint64(k), uint64(i))))
		f.look(t, name, img, dpi)
	}
}
