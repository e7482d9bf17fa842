package prepare

import (
	"image"
	"path/filepath"
	"strconv"
	"testing"
)

// pageA4 is a page of about 2500 x 3500 pixels, in colour and in grey.
func pageA4(b *testing.B, colour bool) *Picture {
	name := "tapuscorpus/exode_p8.png" // 2479 x 3508
	if colour {
		return decode(b, filepath.Join(root(b), "..", "shared", "scans", name))
	}
	p := decode(b, filepath.Join(root(b), "..", "shared", "scans", name))
	return greyOf(b, p)
}

func greyOf(b *testing.B, p *Picture) *Picture {
	size, grey := p.Grey()
	return decode(b, write(b, "a4.pgm", append([]byte("P5 "+strconv.Itoa(size.X)+" "+strconv.Itoa(size.Y)+" 255\n"), grey...)))
}

func BenchmarkA4(b *testing.B) {
	realScans(b)
	for _, colour := range []bool{false, true} {
		kind := "grey"
		if colour {
			kind = "colour"
		}
		p := pageA4(b, colour)
		for _, c := range []struct {
			name string
			do   func()
		}{
			{"Grey", func() { p.Grey() }},
			{"View", func() { p.View() }},
			{"Thumbnail", func() { p.Thumbnail(320) }},
			{"Oriented90", func() { q, _ := p.Oriented(1, 90); q.Close() }},
			{"Deskewed", func() { q, _ := p.Deskewed(1.3, image.Rectangle{}); q.Close() }},
			{"Sketch", func() { p.sketch = nil; p.look() }},
			{"MeasureAfterSketch", func() { p.Measure(300) }},
			{"SkewAfterSketch", func() { p.look().found = nil; p.Skew() }},
			{"XHeightAfterSkew", func() { p.XHeight() }},
			{"ProposeDewarpAfterSkew", func() { p.ProposeDewarp() }},
			{"Scaled", func() { q, _ := p.Scaled(0.6); q.Close() }},
			{"Local", func() { q, _ := p.Local(); q.Close() }},
			{"WithoutLines", func() { q, _ := p.WithoutLines(); q.Close() }},
			{"Despeckled", func() { q, _ := p.Despeckled(5); q.Close() }},
			{"UprightAfterSketch", func() { p.Upright() }},
		} {
			b.Run(kind+"/"+c.name, func(b *testing.B) {
				for b.Loop() {
					c.do()
				}
			})
		}
	}
}
