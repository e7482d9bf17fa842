package separate

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"recto/scan"
)

// TestRecall counts how many separators are found on generated sheets, worn.
func TestRecall(t *testing.T) {
	n := 48
	if soak() {
		n = 1200
	}
	orders := map[scan.CodeKind]string{}
	for o, k := range patches {
		orders[k] = o
	}
	kinds := []scan.CodeKind{scan.PatchT, scan.QR, scan.Code128, scan.Code39, scan.DataMatrix, scan.Patch1, scan.Patch2, scan.Patch3, scan.Patch4, scan.Patch6}
	type count struct{ n, read, unread, wrong, missed int }
	counts := map[scan.CodeKind]*count{}
	total := count{}
	for i := range n {
		r := rand.New(rand.NewPCG(7, uint64(i)))
		kind := kinds[i%5]
		if i%5 == 0 {
			kind = kinds[[]int{0, 0, 0, 5, 6, 7, 8, 9}[i/5%8]]
		}
		dpi := []float64{150, 200, 300, 400, 600}[r.IntN(5)]
		if !soak() && dpi > 300 {
			dpi = 300
		}
		page := blankPage(int(8.27*dpi), int(11.69*dpi))
		text := fmt.Sprintf("RECTO1:%06d", r.IntN(1000000))
		if kind == scan.Code39 {
			text = strings.ReplaceAll(text, ":", "-")
		}
		written(page, r, dpi, 4.6, 6+4*r.Float64())
		if kind.Patch() {
			p := patched(orders[kind], dpi, 2+4*r.Float64())
			paste(page, p, int(dpi*(0.6+1.2*r.Float64())), int(dpi*(0.65+0.5*r.Float64())))
		} else {
			mod := map[scan.CodeKind]float64{scan.QR: 0.6, scan.DataMatrix: 0.7, scan.Code128: 0.38, scan.Code39: 0.34}[kind] * (1 + 0.8*r.Float64()) // mm
			p := encoded(t, kind, text, max(2, int(mod/25.4*dpi+0.5)))
			paste(page, p, int(dpi*(0.9+0.8*r.Float64())), int(dpi*(0.9+0.8*r.Float64())))
		}
		w := randomWear(r)
		page = worn(t, page, w, r)
		given := dpi
		if r.IntN(4) == 0 {
			given = 0
		}
		codes := Find(page, given)
		c := counts[kind]
		if c == nil {
			c = &count{}
			counts[kind] = c
		}
		c.n++
		result := "missed"
		for _, f := range codes {
			switch {
			case f.Kind == kind && !f.Unread && (kind.Patch() || f.Text == text):
				result = "read"
			case f.Unread && result != "read":
				result = "unread"
			case !f.Unread && result == "missed":
				result = "wrong"
			}
		}
		switch result {
		case "read":
			c.read++
		case "unread":
			c.unread++
		case "wrong":
			c.wrong++
		default:
			c.missed++
		}
		if result == "missed" || result == "wrong" || result == "unread" && !soak() {
			t.Logf("sheet %d %s %s at %.0f dpi (given %.0f), %v: %s %v", i, kind, text, dpi, given, w, result, codes)
		}
	}
	for k, c := range counts {
		t.Logf("%-12s %+v", k, *c)
		total.n, total.read, total.unread = total.n+c.n, total.read+c.read, total.unread+c.unread
		total.wrong, total.missed = total.wrong+c.wrong, total.missed+c.missed
	}
	t.Logf("all %+v", total)
	if found := total.read + total.unread; float64(found) < 0.995*float64(total.n) || total.wrong > 0 {
		t.Errorf("recall %d of %d, %d wrong", found, total.n, total.wrong)
	}
}
