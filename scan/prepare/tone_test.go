package prepare

import (
	"bytes"
	"math"
	"testing"
)

// Text on paper that darkens from one corner to the other, down to where it is darker
// than the ink elsewhere: no threshold for the whole page could tell.
func TestLocal(t *testing.T) {
	c := written(nil)
	ink := bytes.Clone(c.Pix)
	for i, g := range c.Pix {
		x, y := float64(i%1240)/1240, float64(i/1240)/1754
		c.Pix[i] = byte(float64(g)*(1-0.75*(x+y)/2) + 20)
	}
	p := pictured(t, c.Gray)
	q, err := p.Local()
	if err != nil {
		t.Fatal(err)
	}
	size, got := q.Grey()
	if size != p.Size() || q.Channels() != 1 || q.Depth() != 1 {
		t.Fatalf("%v, %d channels of %d bits", size, q.Channels(), q.Depth())
	}
	wrong, black := 0, 0
	for i, g := range got {
		if g != 0 && g != 255 {
			t.Fatalf("pixel %d is %d", i, g)
		}
		if (ink[i] < 128) != (g == 0) {
			wrong++
		}
		if ink[i] < 128 {
			black++
		}
	}
	t.Logf("%d of %d pixels of ink are wrong", wrong, black)
	if black < 50000 || wrong*50 > black {
		t.Errorf("%d of %d pixels of ink are wrong", wrong, black)
	}
	again, err := p.Local()
	if err != nil {
		t.Fatal(err)
	}
	if _, twice := again.Grey(); !bytes.Equal(got, twice) {
		t.Error("twice is not the same")
	}
	// What is black and white already stays.
	if same, err := q.Local(); err != nil {
		t.Error(err)
	} else if _, g := same.Grey(); !bytes.Equal(g, got) {
		t.Error("a bilevel picture was changed")
	}
	tiny := decode(t, write(t, "tiny.png", plainPNG(t, 3, 2, 8, 0, 3)))
	if _, err := tiny.Local(); err != nil {
		t.Error(err)
	}
}

// The sums that move over the picture are those of each window.
func TestLocalSums(t *testing.T) {
	c := newCanvas(61, 43, 128, 5)
	for i := range c.Pix {
		c.Pix[i] = byte(c.IntN(256))
	}
	q, err := pictured(t, c.Gray).Local()
	if err != nil {
		t.Fatal(err)
	}
	_, got := q.Grey()
	for y := range 43 {
		for x := range 61 {
			var n, sum, squares float64
			for v := max(0, y-leastLocal); v <= min(42, y+leastLocal); v++ {
				for u := max(0, x-leastLocal); u <= min(60, x+leastLocal); u++ {
					g := float64(c.Pix[v*61+u])
					n, sum, squares = n+1, sum+g, squares+g*g
				}
			}
			m := sum / n
			limit := m * (1 - localK*(1-math.Sqrt(squares/n-m*m)/128))
			if g := float64(c.Pix[y*61+x]); math.Abs(g-limit) > 0.01 && (g < limit) != (got[y*61+x] == 0) {
				t.Fatalf("%d,%d: %g against %g gives %d", x, y, g, limit, got[y*61+x])
			}
		}
	}
}
