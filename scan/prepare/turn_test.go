package prepare

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math"
	"testing"

	"recto/scan"
)

// dots is a page with black dots of 5 x 5 pixels, and where their middles are.
func dots(t testing.TB, size image.Point, colour bool) (path string, at [][2]float64) {
	img := image.NewRGBA(image.Rectangle{Max: size})
	grey := image.NewGray(img.Rect)
	for i := range img.Pix {
		img.Pix[i] = 255
	}
	for i := range grey.Pix {
		grey.Pix[i] = 255
	}
	for _, c := range []image.Point{{20, 30}, {size.X - 40, 25}, {size.X / 2, size.Y / 3}, {33, size.Y - 50}, {size.X - 21, size.Y - 22}} {
		for y := c.Y; y < c.Y+5; y++ {
			for x := c.X; x < c.X+5; x++ {
				img.SetRGBA(x, y, color.RGBA{180, 0, 0, 255})
				grey.SetGray(x, y, color.Gray{})
			}
		}
		at = append(at, [2]float64{float64(c.X) + 2.5, float64(c.Y) + 2.5})
	}
	var b bytes.Buffer
	var err error
	if colour {
		err = png.Encode(&b, img)
	} else {
		err = png.Encode(&b, grey)
	}
	if err != nil {
		t.Fatal(err)
	}
	return write(t, "dots.png", b.Bytes()), at
}

// middle is the centre of gravity of what is dark within 8 pixels of a position.
func middle(size image.Point, grey []byte, x, y float64) (float64, float64) {
	var sum, sx, sy float64
	for v := max(0, int(y)-8); v < min(size.Y, int(y)+9); v++ {
		for u := max(0, int(x)-8); u < min(size.X, int(x)+9); u++ {
			d := 255 - float64(grey[v*size.X+u])
			sum, sx, sy = sum+d, sx+d*(float64(u)+0.5), sy+d*(float64(v)+0.5)
		}
	}
	return sx / sum, sy / sum
}

// Every orientation, quarter, split, deskew and crop moves pixels to where scan.Frame says.
func TestPlaces(t *testing.T) {
	for _, size := range []image.Point{{301, 452}, {600, 400}} {
		for _, colour := range []bool{false, true} {
			path, at := dots(t, size, colour)
			p := decode(t, path)
			for o := scan.Orientation(0); o <= 8; o++ {
				for quarter := 0; quarter < 360; quarter += 90 {
					for part := range 3 {
						for i, skew := range []float64{0, 0.31, -6.5, 14} {
							crop := []image.Rectangle{{}, image.Rect(7, 11, 290, 280), image.Rect(-20, 15, 310, 500)}[(int(o)+quarter/90+part+i)%3]
							placed(t, p, at, size, o, scan.Recipe{
								scan.NewStep(scan.OrientStage, scan.Orient{Degrees: quarter}, false),
								scan.NewStep(scan.SplitStage, scan.Split{Part: part, At: 150}, false),
								scan.NewStep(scan.DeskewStage, scan.Deskew{Degrees: skew}, false),
								scan.NewStep(scan.CropStage, scan.Crop{Left: crop.Min.X, Top: crop.Min.Y, Right: crop.Max.X, Bottom: crop.Max.Y}, false),
							}, colour)
						}
					}
				}
			}
		}
	}
}

func placed(t *testing.T, p *Picture, at [][2]float64, size image.Point, o scan.Orientation, r scan.Recipe, colour bool) {
	t.Helper()
	want, m := scan.Frame(size, o, r)
	q, err := p.Placed(o, r)
	if err != nil {
		t.Fatal(err)
	}
	defer q.Close()
	got, grey := q.Grey()
	what := fmt.Sprintf("%v, colour %v, orientation %d, %v", size, colour, o, r)
	if got != want {
		t.Fatalf("%s: %v, want %v", what, got, want)
	}
	back := m.Inverse()
	for _, a := range at {
		x, y := m.Apply(a[0], a[1])
		if u, v := back.Apply(x, y); math.Hypot(u-a[0], v-a[1]) > 1e-6 {
			t.Errorf("%s: %v comes back to %g,%g", what, a, u, v)
		}
		if !image.Pt(int(x), int(y)).In(image.Rectangle{Max: got}.Inset(8)) {
			continue // cut off
		}
		// In the part that is kept, too: a neighbour is cut off before the turn.
		oriented, om := scan.Frame(size, o, r.Without(scan.SplitStage, scan.DeskewStage, scan.CropStage))
		left, right := r.Part(oriented.X)
		if ox, _ := om.Apply(a[0], a[1]); ox < float64(left)+8 || ox > float64(right)-8 {
			continue
		}
		u, v := middle(got, grey, x, y)
		if d := math.Hypot(u-x, v-y); !(d < 0.3) {
			t.Errorf("%s: the dot at %v is at %.2f,%.2f, want %.2f,%.2f", what, a, u, v, x, y)
		}
	}
	for _, c := range []int{0, got.X - 1, len(grey) - got.X, len(grey) - 1} {
		if grey[c] != 255 {
			t.Errorf("%s: corner %d is %d", what, c, grey[c])
		}
	}
	if colour {
		if _, ok := q.View().(*image.RGBA); !ok {
			t.Errorf("%s: colour is lost", what)
		}
	}
}

func TestTurnRefused(t *testing.T) {
	path, _ := dots(t, image.Pt(100, 200), false)
	p := decode(t, path)
	if _, err := p.Oriented(1, 45); err == nil {
		t.Error("45 degrees are no quarter turn")
	}
	for _, d := range []float64{math.NaN(), math.Inf(1), 90} {
		if _, err := p.Deskewed(d, image.Rectangle{}); err == nil {
			t.Errorf("%g degrees of skew", d)
		}
	}
}

// Grey must be what Tesseract would make of the colours itself.
func TestGrey(t *testing.T) {
	img := image.NewRGBA(image.Rect(0, 0, 257, 31))
	for i := range img.Pix {
		img.Pix[i] = byte(i * i * 31 >> 3)
		if i%4 == 3 {
			img.Pix[i] = 255
		}
	}
	p := decode(t, write(t, "rgb.png", encoded(t, func(b *bytes.Buffer) error { return png.Encode(b, img) })))
	size, grey := p.Grey()
	if size != img.Rect.Size() {
		t.Fatal(size)
	}
	for i, g := range grey {
		c := img.Pix[4*i:]
		// leptonica's weights, single precision, rounded
		want := byte(float64(float32(0.3)*float32(c[0])+float32(0.5)*float32(c[1])+float32(0.2)*float32(c[2])) + 0.5)
		if g != want {
			t.Fatalf("pixel %d: %v gives %d, want %d", i, c[:3], g, want)
		}
	}
	if v, ok := p.View().(*image.RGBA); !ok || !bytes.Equal(v.Pix, img.Pix) {
		t.Errorf("the view is %T and differs", p.View())
	}
}

func TestThumbnail(t *testing.T) {
	for _, c := range []struct{ size, want image.Point }{
		{image.Pt(600, 400), image.Pt(320, 213)}, {image.Pt(400, 600), image.Pt(213, 320)},
		{image.Pt(100, 50), image.Pt(100, 50)}, {image.Pt(5000, 61), image.Pt(320, 4)}, {image.Pt(9000, 101), image.Pt(320, 4)},
	} {
		path, _ := dots(t, image.Pt(c.size.X, max(c.size.Y, 60)), true)
		if c.size.Y < 60 {
			path = write(t, "plain.png", plainPNG(t, c.size.X, c.size.Y, 8, 2, 3*c.size.X))
		}
		got := decode(t, path).Thumbnail(320)
		if got.Rect.Size() != c.want || got.Stride != 4*c.want.X || !got.Opaque() {
			t.Errorf("%v gives %v, stride %d; want %v", c.size, got.Rect, got.Stride, c.want)
		}
	}
	// Red and white stripes average to pink: averaged, not sampled.
	img := image.NewRGBA(image.Rect(0, 0, 640, 640))
	for i := range 640 * 640 {
		copy(img.Pix[4*i:], []byte{255, byte(i % 2 * 255), byte(i % 2 * 255), 255})
	}
	thumb := decode(t, write(t, "stripes.png", encoded(t, func(b *bytes.Buffer) error { return png.Encode(b, img) }))).Thumbnail(320)
	if c := thumb.RGBAAt(100, 100); c != (color.RGBA{255, 128, 128, 255}) {
		t.Errorf("stripes average to %v", c)
	}
}

func TestEstimateDPI(t *testing.T) {
	for size, want := range map[image.Point]float64{{2480, 3508}: 300, {3508, 2480}: 300, {1240, 1754}: 150, {10, 10}: 70, {20000, 9000}: 600} {
		if got := EstimateDPI(size); got != want {
			t.Errorf("%v: %g, want %g", size, got, want)
		}
	}
}
