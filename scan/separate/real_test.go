package separate

import (
	"testing"
	"time"
)

func TestDump(t *testing.T) {
	for _, p := range realPages(t) {
		start := time.Now()
		codes := Find(p.img, p.dpi)
		d := time.Since(start)
		if len(codes) > 0 || d > 100*time.Millisecond {
			t.Logf("%s %v %v dpi %v: %v", p.name, p.img.Rect.Size(), p.dpi, d, codes)
		}
	}
}
