package parts

import (
	"image"
	"image/color"
	"math"
	"testing"
)

func near(a, b float64) bool { return math.Abs(a-b) < 1e-6 }

func TestViewportFit(t *testing.T) {
	v := Viewport{}
	v.Resize(image.Pt(1000, 2000), image.Pt(624, 824))
	if !near(v.Scale, 0.4) {
		t.Fatalf("whole page at %v, want 0.4", v.Scale)
	}
	if r := v.ToView(image.Rect(0, 0, 1000, 2000)); r != image.Rect(112, 12, 512, 812) {
		t.Errorf("the page lies at %v", r)
	}
	v.Set(FitWidth, 0)
	if r := v.ToView(image.Rect(0, 0, 1000, 2000)); r != image.Rect(12, 12, 612, 1212) {
		t.Errorf("at full width the page lies at %v", r)
	}
	v.Resize(image.Pt(1000, 2000), image.Pt(1024, 824)) // the window grows
	if !near(v.Scale, 1) || v.Mode != FitWidth {
		t.Errorf("scale %v in mode %v", v.Scale, v.Mode)
	}
}

// The point under the pointer stays under it, at every scale.
func TestViewportZoomAt(t *testing.T) {
	v := Viewport{}
	v.Resize(image.Pt(3000, 4000), image.Pt(800, 600))
	v.Set(Free, 1)
	v.Pan(300, 500)
	x, y := v.ToPage(200, 300)
	for _, s := range []float64{1.3, 2, 4, 3, 1.1} {
		v.ZoomAt(s, 200, 300)
		if px, py := v.ToPage(200, 300); !near(px, x) || !near(py, y) || !near(v.Scale, s) {
			t.Errorf("at %v: (%v, %v), want (%v, %v)", s, px, py, x, y)
		}
	}
	v.ZoomAt(1e9, 0, 0)
	if v.Scale > maxScale {
		t.Errorf("scale %v", v.Scale)
	}
	v.ZoomAt(0, 0, 0)
	if v.Scale <= 0 {
		t.Errorf("scale %v", v.Scale)
	}
	v.ZoomAt(math.NaN(), 0, 0)
	if math.IsNaN(v.Scale) {
		t.Error("scale is no number")
	}
}

func TestViewportPanStaysOnPage(t *testing.T) {
	v := Viewport{}
	v.Resize(image.Pt(1000, 1000), image.Pt(400, 400))
	v.Set(Free, 1)
	v.Pan(-9999, 9999)
	if v.X != -margin || v.Y != 1000+margin-400 {
		t.Errorf("at %v, %v", v.X, v.Y)
	}
	v.Set(Free, 0.2) // smaller than the window: in its middle
	if r := v.ToView(image.Rect(0, 0, 1000, 1000)); r != image.Rect(100, 100, 300, 300) {
		t.Errorf("the page lies at %v", r)
	}
}

func TestViewportReveal(t *testing.T) {
	v := Viewport{}
	v.Resize(image.Pt(2000, 3000), image.Pt(500, 400))
	v.Set(Free, 1)
	word := image.Rect(1800, 2500, 1900, 2530)
	v.Reveal(word)
	if r := v.ToView(word); !r.In(image.Rect(0, 0, 500, 400)) {
		t.Errorf("the word lies at %v", r)
	}
	before := v
	v.Reveal(word.Inset(2))
	if v != before {
		t.Error("what is in sight already moves the page")
	}
}

func TestPyramidMeans(t *testing.T) {
	g := image.NewGray(image.Rect(0, 0, 1024, 1024))
	for i := range g.Pix {
		if (i%1024)%2 == 0 { // black and white columns
			g.Pix[i] = 255
		}
	}
	p := NewPyramid(g)
	if len(p.levels) != 3 || p.Size() != image.Pt(1024, 1024) {
		t.Fatalf("%d levels of %v", len(p.levels), p.Size())
	}
	dst := image.NewRGBA(image.Rect(0, 0, 280, 280))
	v := Viewport{}
	v.Resize(p.Size(), image.Pt(280, 280))
	p.Draw(dst, v, color.Black)
	if c := dst.RGBAAt(140, 140); c.R < 120 || c.R > 135 || c.A != 255 {
		t.Errorf("stripes drawn small are %v, want the mean grey", c)
	}
	if c := dst.RGBAAt(2, 2); c.R != 0 {
		t.Errorf("the ground is %v", c)
	}
}

// At 100 % the pixels of the screen are those of the page, grey and colour, and
// no viewport makes Draw leave its image.
func TestPyramidDraw(t *testing.T) {
	rgba := image.NewRGBA(image.Rect(0, 0, 300, 200))
	grey := image.NewGray(rgba.Rect)
	for y := range 200 {
		for x := range 300 {
			rgba.SetRGBA(x, y, color.RGBA{byte(x), byte(y), byte(x + y), 255})
			grey.SetGray(x, y, color.Gray{byte(x + y)})
		}
	}
	for name, img := range map[string]image.Image{"rgba": rgba, "grey": grey, "converted": image.NewNRGBA(rgba.Rect)} {
		p := NewPyramid(img)
		dst := image.NewRGBA(image.Rect(0, 0, 100, 80))
		v := Viewport{Page: p.Size(), View: dst.Rect.Size(), Scale: 1, X: 50, Y: 60, Mode: Free}
		p.Draw(dst, v, color.White)
		r, g, b, _ := img.At(70, 90).RGBA()
		if name == "converted" {
			r, g, b = 0, 0, 0
		}
		if c := dst.RGBAAt(20, 30); uint32(c.R) != r>>8 || uint32(c.G) != g>>8 || uint32(c.B) != b>>8 {
			t.Errorf("%s: %v, want %v", name, c, img.At(70, 90))
		}
		for _, scale := range []float64{0.001, 0.013, 0.3, 0.5, 0.77, 1, 2.5, 8} {
			for _, at := range []float64{-500, -3.5, 0, 99.7, 5000} {
				p.Draw(dst, Viewport{Page: p.Size(), View: dst.Rect.Size(), Scale: scale, X: at, Y: -at / 3}, color.White)
			}
		}
	}
	empty := NewPyramid(image.NewGray(image.Rect(0, 0, 0, 0)))
	empty.Draw(image.NewRGBA(image.Rect(0, 0, 9, 9)), Viewport{Scale: 1}, color.White)
}

func BenchmarkPyramidDraw(b *testing.B) {
	p := NewPyramid(image.NewGray(image.Rect(0, 0, 2480, 3508)))
	dst := image.NewRGBA(image.Rect(0, 0, 900, 750))
	v := Viewport{}
	v.Resize(p.Size(), dst.Rect.Size())
	v.Set(FitWidth, 0)
	for b.Loop() {
		p.Draw(dst, v, color.Gray{200})
	}
}

func BenchmarkNewPyramid(b *testing.B) {
	img := image.NewGray(image.Rect(0, 0, 2480, 3508))
	for b.Loop() {
		NewPyramid(img)
	}
}
