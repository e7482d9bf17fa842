package prepare

import (
	"math/rand/v2"
	"path/filepath"
	"testing"
)

// A quick look sees the same greys as a thorough one, but for rounding.
func TestGlance(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 5))
	for _, s := range realScans(t) {
		if filepath.Ext(s.path) == ".pdf" || r.IntN(5) > 0 {
			continue
		}
		p, q := decode(t, s.path), decode(t, s.path)
		longest := max(p.Size().X, p.Size().Y)*2/3 + 1 // squares of two
		quick, thorough := p.Glance(longest), q.lookWithin(longest, false)
		if quick.Rect.Size() != thorough.size || quick.Rect.Dx() != p.Size().X/2 {
			t.Fatalf("%s: %v, %v of %v", s.name, quick.Rect, thorough.size, p.Size())
		}
		for i, v := range quick.Pix {
			if d := int(v) - int(thorough.grey[i]); d < -1 || d > 1 {
				t.Fatalf("%s: pixel %d is %d, should be %d", s.name, i, v, thorough.grey[i])
			}
		}
		p.Close()
		q.Close()
	}
}
