package quality

import (
	"fmt"
	"image"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
)

func bestFit(a, b plane) (f fit) {
	for _, w := range waysOf(a, b) {
		if u := w.fit(); u.score() > f.score() || f.whole == 0 {
			f = u
			f.hope = w.hope
		}
	}
	return f
}

func TestExplore(t *testing.T) {
	type pg struct {
		name string
		img  *image.Gray
		sig  []byte
		g    plane
	}
	var all []pg
	for _, r := range reals(t) {
		all = append(all, pg{name: "real " + r.kind + " " + r.name, img: r.Gray})
	}
	for ki, k := range kinds {
		for layout := range 2 {
			for i := range 15 {
				all = append(all, pg{name: fmt.Sprint(k.name, " ", layout, " ", i), img: k.page(dice(ki*10000+layout*1000+i), layout)})
			}
		}
	}
	var wg sync.WaitGroup
	for i := range all {
		wg.Go(func() { all[i].sig = Signature(all[i].img); all[i].g = unpacked(all[i].sig) })
	}
	wg.Wait()
	type sc struct {
		f    fit
		d    int
		what string
	}
	show := func(name string, s []sc, worst bool) {
		w, l, d, ho := []float64{}, []float64{}, []float64{}, []float64{}
		for _, x := range s {
			w = append(w, x.f.whole)
			l = append(l, x.f.low)
			d = append(d, float64(x.d))
			ho = append(ho, x.f.hope)
		}
		for _, v := range [][]float64{w, l, d, ho} {
			slices.Sort(v)
			n := len(v) - 1
			fmt.Printf("%s n=%d min %.2f 1%% %.2f 10%% %.2f 50%% %.2f 90%% %.2f 99%% %.2f max %.2f\n", name, n+1, v[0], v[n/100], v[n/10], v[n/2], v[n*9/10], v[n*99/100], v[n])
		}
		slices.SortFunc(s, func(a, b sc) int {
			c := 1
			if worst == (min(a.f.whole-leastWhole, a.f.low-leastLow) < min(b.f.whole-leastWhole, b.f.low-leastLow)) {
				c = -1
			}
			return c
		})
		for _, x := range s[:min(4, len(s))] {
			fmt.Printf("   %.2f %.2f %.2f %d %s\n", x.f.hope, x.f.whole, x.f.low, x.d, x.what)
		}
	}
	same := make([][]sc, len(all))
	sem := make(chan int, 2)
	for i := range all {
		wg.Go(func() {
			sem <- 1
			defer func() { <-sem }()
			if all[i].sig == nil {
				fmt.Println("nil", all[i].name)
				return
			}
			n := 1
			if all[i].name[:4] == "real" {
				n = 3
			}
			for j := range n {
				r := dice(i*100 + j)
				a := rescan(r)
				s := Signature(a.of(r, all[i].img))
				d := 999
				if s != nil {
					x, y := digestOf(s), digestOf(all[i].sig)
					d = x.apart(&y)
				}
				same[i] = append(same[i], sc{bestFit(all[i].g, unpacked(s)), d, all[i].name + " " + a.String()})
			}
		})
	}
	wg.Wait()
	show("same", slices.Concat(same...), true)
	for _, k := range append([]string{"real"}, "letter", "form", "card", "book", "newspaper") {
		for _, bits := range []bool{false, true} {
			var sub []sc
			for _, d := range slices.Concat(same...) {
				if strings.HasPrefix(d.what, k) && bits == strings.Contains(d.what, "bits true") {
					sub = append(sub, d)
				}
			}
			show(fmt.Sprint("same ", k, bits), sub, true)
		}
	}
	if os.Getenv("SAMEONLY") != "" {
		return
	}
	diff := make([][]sc, len(all))
	for i := range all {
		wg.Go(func() {
			for j := range i {
				if all[i].sig != nil && all[j].sig != nil {
					x, y := digestOf(all[i].sig), digestOf(all[j].sig)
					diff[i] = append(diff[i], sc{bestFit(all[i].g, all[j].g), x.apart(&y), all[i].name + " / " + all[j].name})
				}
			}
		})
	}
	wg.Wait()
	for _, k := range kinds {
		var sub []sc
		for _, d := range slices.Concat(diff...) {
			if a, b, _ := strings.Cut(d.what, " / "); strings.HasPrefix(a, k.name) && strings.HasPrefix(b, k.name) {
				sub = append(sub, d)
			}
		}
		show("diff "+k.name, sub, false)
	}
	show("diff", slices.Concat(diff...), false)
}

func BenchmarkLike(b *testing.B) {
	p, q := letter(dice(1), 0), letter(dice(2), 0)
	s := Signature(p)
	x, y := Signature(rescan(dice(3)).of(dice(3), p)), Signature(q)
	b.Run("same", func(b *testing.B) {
		for b.Loop() {
			Like(s, x)
		}
	})
	b.Run("other", func(b *testing.B) {
		for b.Loop() {
			Like(s, y)
		}
	})
	b.Run("moved", func(b *testing.B) {
		g, h := unpacked(s), unpacked(y)
		for b.Loop() {
			moved(g, h)
		}
	})
	b.Run("warp", func(b *testing.B) {
		g, h := unpacked(s), unpacked(y)
		for b.Loop() {
			warpOf(g, h, 0, 0)
		}
	})
	big := newSheet(210, 297, 300, 240)
	rp := letter(dice(1), 0)
	for y := range big.Rect.Dy() {
		for x := range big.Rect.Dx() {
			big.Pix[y*big.Stride+x] = rp.Pix[min(y/2, rp.Rect.Dy()-1)*rp.Stride+min(x/2, rp.Rect.Dx()-1)]
		}
	}
	b.Run("reduce", func(b *testing.B) {
		for b.Loop() {
			Reduced(big.Gray)
		}
	})
	r := Reduced(big.Gray)
	b.Run("signature", func(b *testing.B) {
		for b.Loop() {
			Signature(r)
		}
	})
	b.Run("darkness", func(b *testing.B) {
		for b.Loop() {
			darkness(r)
		}
	})
	g := unpacked(s)
	b.Run("coarse", func(b *testing.B) {
		for b.Loop() {
			coarse(g)
		}
	})
}
