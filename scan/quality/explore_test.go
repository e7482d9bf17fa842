package quality

import (
	"fmt"
	"image"
	"math"
	"slices"
	"strings"
	"sync"
	"testing"
)

func bestFit(a, b plane) (f fit) {
	if a.v == nil || b.v == nil {
		return fit{}
	}
	f = fitOf(a, b)
	if u := fitOf(a, b.upsideDown()); u.score() > f.score() {
		f = u
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
		w, l, d := []float64{}, []float64{}, []float64{}
		for _, x := range s {
			w = append(w, x.f.whole)
			l = append(l, x.f.low)
			d = append(d, float64(x.d))
		}
		for _, v := range [][]float64{w, l, d} {
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
		for _, x := range s[:min(7, len(s))] {
			fmt.Printf("   %.2f %.2f %d %s\n", x.f.whole, x.f.low, x.d, x.what)
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
	_ = math.Pi
}
