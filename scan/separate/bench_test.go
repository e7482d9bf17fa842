package separate

import (
	"math/rand/v2"
	"testing"
)

// BenchmarkFindNothing looks at a page of writing, A4 at 300 dpi.
func BenchmarkFindNothing(b *testing.B) {
	page := blankPage(2480, 3508)
	written(page, rand.New(rand.NewPCG(1, 1)), 300, 1, 10.5)
	for b.Loop() {
		if c := Find(page, 300); len(c) > 0 {
			b.Fatal(c)
		}
	}
}
