package prepare

import (
	"bytes"
	"image"
	"testing"
)

// written is a page of text in letters with x of about 14 pixels, always the same.
func written(draw func(c canvas)) canvas {
	c := newCanvas(1240, 1754, 235, 21)
	for y := 250.0; y < 1500; y += 40 {
		c.line(150, y, 800, 14, 0)
	}
	if draw != nil {
		draw(c)
	}
	return c
}

// darkStill counts the dark pixels of what has been drawn, and those that are dark still.
func darkStill(drawn *image.Gray, now []byte, in func(x, y int) bool) (all, left int) {
	for i, g := range drawn.Pix {
		if g < 100 && in(i%drawn.Stride, i/drawn.Stride) {
			all++
			if now[i] < 150 {
				left++
			}
		}
	}
	return all, left
}

// A table's lines go, where they run by themselves; the letters on and across them stay.
func TestWithoutLines(t *testing.T) {
	plain := written(nil)
	ruled := written(func(c canvas) {
		for y := 255; y < 1500; y += 40 { // under the letters, through those that reach down
			c.box(100, float64(y), 1000, 3, 40)
		}
		for x := 100; x < 1150; x += 250 { // through the words
			c.box(float64(x), 200, 3, 1330, 40)
		}
	})
	p := pictured(t, ruled.Gray)
	q, err := p.WithoutLines()
	if err != nil {
		t.Fatal(err)
	}
	size, got := q.Grey()
	if size != p.Size() {
		t.Fatal(size)
	}
	// Lines alone: what is dark on the ruled page and further than 3 pixels from a letter.
	near := func(x, y int) bool {
		for v := max(0, y-4); v <= min(1753, y+4); v++ {
			for u := max(0, x-4); u <= min(1239, x+4); u++ {
				if plain.Pix[v*1240+u] < 150 {
					return true
				}
			}
		}
		return false
	}
	all, left := darkStill(ruled.Gray, got, func(x, y int) bool { return !near(x, y) })
	t.Logf("of %d pixels of lines %d are left", all, left)
	if all < 50000 || left*50 > all {
		t.Errorf("of %d pixels of lines %d are left", all, left)
	}
	all, left = darkStill(plain.Gray, got, func(int, int) bool { return true })
	t.Logf("of %d pixels of letters %d are left", all, left)
	if left*100 < all*98 {
		t.Errorf("of %d pixels of letters %d are left", all, left)
	}
	// The same picture gives the same bytes.
	again, err := p.WithoutLines()
	if err != nil {
		t.Fatal(err)
	}
	if _, twice := again.Grey(); !bytes.Equal(got, twice) {
		t.Error("twice is not the same")
	}
	// Without lines nothing changes.
	p = pictured(t, plain.Gray)
	q, err = p.WithoutLines()
	if err != nil {
		t.Fatal(err)
	}
	if _, got = q.Grey(); !bytes.Equal(got, plain.Pix) {
		t.Error("a page without lines was changed")
	}
}

// Pepper goes, dots and stops stay, and so does everything else.
func TestDespeckled(t *testing.T) {
	dots := func(c canvas) {
		for y := 250.0; y < 1500; y += 40 {
			for x := 152.0; x < 900; x += 31 {
				c.box(x, y-27, 4, 4, 20) // over letters, as on an i
			}
		}
	}
	plain := written(dots)
	dirty := written(func(c canvas) {
		dots(c)
		for range 6000 {
			c.box(1200*c.Float64()+10, 1700*c.Float64()+10, 2, 2, 60)
		}
		for range 60 { // larger, in the margin; few touch each other
			c.box(1200*c.Float64()+10, 1560+150*c.Float64(), 5, 5, 60)
		}
	})
	p := pictured(t, dirty.Gray)
	q, err := p.Despeckled(8)
	if err != nil {
		t.Fatal(err)
	}
	_, got := q.Grey()
	all, left := darkStill(plain.Gray, got, func(int, int) bool { return true })
	t.Logf("of %d pixels of letters and dots %d are left", all, left)
	if left*1000 < all*999 {
		t.Errorf("of %d pixels of letters and dots %d are left", all, left)
	}
	// Specks that touch a letter belong to it; elsewhere they are gone.
	all, left = darkStill(dirty.Gray, got, func(x, y int) bool { return y > 1530 })
	t.Logf("of %d pixels of specks in the margin %d are left", all, left)
	if all < 3000 || left*20 > all {
		t.Errorf("of %d pixels of specks in the margin %d are left", all, left)
	}
	all, left = darkStill(dirty.Gray, got, func(x, y int) bool { return plain.Pix[y*1240+x] > 200 && y < 1530 && x > 1100 })
	if all < 1000 || left*20 > all {
		t.Errorf("of %d pixels of pepper beside the text %d are left", all, left)
	}
	for _, size := range []int{0, -1, 61} {
		if _, err := p.Despeckled(size); err == nil {
			t.Errorf("specks of %d pixels", size)
		}
	}
	tiny := decode(t, write(t, "tiny.png", plainPNG(t, 3, 2, 8, 0, 3)))
	for _, do := range []func() (*Picture, error){func() (*Picture, error) { return tiny.Despeckled(3) }, tiny.WithoutLines} {
		if _, err := do(); err != nil {
			t.Error(err)
		}
	}
}

// Lines and specks are proposed where there are some, and not on a clean page.
func TestProposals(t *testing.T) {
	for name, c := range map[string]struct {
		page          canvas
		lines, specks bool
	}{
		"clean": {written(nil), false, false},
		"a rule under the head": {written(func(c canvas) {
			c.box(100, 200, 1000, 3, 40)
		}), false, false},
		"ledger": {written(func(c canvas) {
			for y := 255; y < 1500; y += 40 {
				c.box(100, float64(y), 1000, 3, 40)
			}
		}), true, false},
		"pepper": {written(func(c canvas) {
			for range 3000 {
				c.box(1200*c.Float64()+10, 1700*c.Float64()+10, 2, 2, 60)
			}
		}), false, true},
	} {
		p := pictured(t, c.page.Gray)
		if l, is := p.ProposeLines(); is != c.lines || is && (!l.Remove || l.Confidence <= 0 || l.Confidence > 1) {
			t.Errorf("%s: lines %+v, %v", name, l, is)
		}
		if d, is := p.ProposeDespeckle(); is != c.specks || is && (d.Size < 2 || d.Size > 10 || d.Confidence <= 0 || d.Confidence > 1) {
			t.Errorf("%s: specks %+v, %v", name, d, is)
		}
	}
}
