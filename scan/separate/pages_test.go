package separate

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"math"
	"math/rand/v2"
	"os"
	"testing"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/datamatrix"
	"github.com/makiuchi-d/gozxing/oned"
	"github.com/makiuchi-d/gozxing/qrcode"

	"recto/scan"
)

// soak tells whether the long counts are wanted.
func soak() bool { return os.Getenv("RECTO_SOAK") == "1" }

// encoded draws a code with modules of so many pixels.
func encoded(t testing.TB, kind scan.CodeKind, text string, module int) *image.Gray {
	t.Helper()
	var m *gozxing.BitMatrix
	var err error
	switch kind {
	case scan.Code128:
		m, err = oned.NewCode128Writer().EncodeWithoutHint(text, gozxing.BarcodeFormat_CODE_128, 0, 1)
	case scan.Code39:
		m, err = oned.NewCode39Writer().EncodeWithoutHint(text, gozxing.BarcodeFormat_CODE_39, 0, 1)
	case scan.QR:
		m, err = qrcode.NewQRCodeWriter().EncodeWithoutHint(text, gozxing.BarcodeFormat_QR_CODE, 0, 0)
	case scan.DataMatrix:
		m, err = datamatrix.NewDataMatrixWriter().EncodeWithoutHint(text, gozxing.BarcodeFormat_DATA_MATRIX, 0, 0)
	}
	if err != nil {
		t.Fatal(err)
	}
	w, h := m.GetWidth(), m.GetHeight()
	high := h * module
	if h == 1 {
		high = 40 * module
	}
	img := image.NewGray(image.Rect(0, 0, w*module, high))
	for y := range high {
		for x := range w * module {
			v := byte(255)
			if m.Get(x/module, min(y/module, h-1)) {
				v = 0
			}
			img.Pix[y*img.Stride+x] = v
		}
	}
	return img
}

// patched draws a patch code as Kodak demands, its first bar on top.
func patched(order string, dpi float64, length float64) *image.Gray {
	img := blankPage(int(length*dpi), int(0.8*dpi))
	at := 0.0
	for _, b := range order {
		w := 0.08
		if b == 'W' {
			w = 0.2
		}
		for y := int(math.Round(at * dpi)); y < min(int(math.Round((at+w)*dpi)), img.Rect.Dy()); y++ {
			for x := range img.Rect.Dx() {
				img.Pix[y*img.Stride+x] = 0
			}
		}
		at += w + 0.08
	}
	return img
}

func blankPage(w, h int) *image.Gray {
	img := image.NewGray(image.Rect(0, 0, w, h))
	for i := range img.Pix {
		img.Pix[i] = 255
	}
	return img
}

func paste(page, part *image.Gray, x, y int) {
	for v := range part.Rect.Dy() {
		if y+v < 0 || y+v >= page.Rect.Dy() {
			continue
		}
		for u := range part.Rect.Dx() {
			if x+u >= 0 && x+u < page.Rect.Dx() {
				page.Pix[(y+v)*page.Stride+x+u] = part.Pix[v*part.Stride+u]
			}
		}
	}
}

// turned turns a page about its middle, clockwise.
func turned(img *image.Gray, degrees float64) *image.Gray {
	out := blankPage(img.Rect.Dx(), img.Rect.Dy())
	s, c := math.Sincos(degrees * math.Pi / 180)
	w, h := img.Rect.Dx(), img.Rect.Dy()
	cx, cy := float64(w)/2, float64(h)/2
	const one = 1 << 16
	for y := range h {
		dy := float64(y) - cy
		fx, fy := int((cx-cx*c+dy*s)*one), int((cy+cx*s+dy*c)*one)
		for x := range w {
			ix, iy := fx>>16, fy>>16
			if ix >= 0 && iy >= 0 && ix < w-1 && iy < h-1 {
				p, q := img.Pix[iy*img.Stride+ix:][:2], img.Pix[(iy+1)*img.Stride+ix:][:2]
				if p[0] != p[1] || p[0] != q[0] || p[0] != q[1] {
					u, v := fx>>8&255, fy>>8&255
					out.Pix[y*out.Stride+x] = byte(((int(p[0])*(256-u)+int(p[1])*u)*(256-v) + (int(q[0])*(256-u)+int(q[1])*u)*v) >> 16)
				} else {
					out.Pix[y*out.Stride+x] = p[0]
				}
			}
			fx += int(c * one)
			fy -= int(s * one)
		}
	}
	return out
}

// quarter turns a page by 90 degrees.
func quarter(img *image.Gray) *image.Gray {
	w, h := img.Rect.Dx(), img.Rect.Dy()
	out := image.NewGray(image.Rect(0, 0, h, w))
	for y := range h {
		for x := range w {
			out.Pix[x*out.Stride+h-1-y] = img.Pix[y*img.Stride+x]
		}
	}
	return out
}

// wear is how a sheet was scanned badly.
type wear struct {
	skew, noise float64
	ink, paper  float64 // greys
	blur        bool
	negative    bool
	jpeg        int
	lineart     bool
	quarters    int
}

func (w wear) String() string {
	return fmt.Sprintf("skew %.1f noise %.0f grey %.0f-%.0f blur %v negative %v jpeg %d 1-bit %v turned %d", w.skew, w.noise, w.ink, w.paper, w.blur, w.negative, w.jpeg, w.lineart, w.quarters*90)
}

func randomWear(r *rand.Rand) wear {
	w := wear{skew: r.Float64()*14 - 7, ink: r.Float64() * 60, paper: 200 + r.Float64()*55}
	if r.IntN(2) == 0 {
		w.noise = r.Float64() * 30
	}
	if r.IntN(5) == 0 { // faint
		w.ink = 110 + r.Float64()*50
	}
	w.blur = r.IntN(3) == 0
	w.negative = r.IntN(6) == 0
	if r.IntN(2) == 0 {
		w.jpeg = 25 + r.IntN(60)
	}
	if r.IntN(4) == 0 {
		w.lineart, w.noise, w.ink = true, min(w.noise, 15), min(w.ink, 60)
	}
	w.quarters = r.IntN(4)
	return w
}

func worn(t testing.TB, page *image.Gray, w wear, r *rand.Rand) *image.Gray {
	t.Helper()
	for range w.quarters {
		page = quarter(page)
	}
	page = turned(page, w.skew)
	if w.blur {
		b := image.NewGray(page.Rect)
		copy(b.Pix, page.Pix)
		for y := 1; y < page.Rect.Dy()-1; y++ {
			for x := 1; x < page.Rect.Dx()-1; x++ {
				i := y*page.Stride + x
				n := 4 * int(page.Pix[i])
				for _, d := range []int{-1, 1, -page.Stride, page.Stride} {
					n += 2 * int(page.Pix[i+d])
				}
				for _, d := range []int{-1 - page.Stride, 1 - page.Stride, page.Stride - 1, page.Stride + 1} {
					n += int(page.Pix[i+d])
				}
				b.Pix[i] = byte(n / 16)
			}
		}
		page = b
	}
	out := image.NewGray(page.Rect)
	var grain [1 << 14]float64 // a page has too many pixels to draw for each
	for i := range grain {
		grain[i] = r.NormFloat64() * w.noise
	}
	at := uint64(0)
	for i, v := range page.Pix {
		if i%512 == 0 {
			at = r.Uint64()
		}
		at = at*6364136223846793005 + 1442695040888963407
		g := w.ink + (w.paper-w.ink)*float64(v)/255 + grain[at>>50]
		if w.lineart {
			if g > (w.ink+w.paper)/2 {
				g = 255
			} else {
				g = 0
			}
		}
		if w.negative {
			g = 255 - g
		}
		out.Pix[i] = byte(min(max(g, 0), 255))
	}
	if w.jpeg > 0 && !w.lineart {
		var b bytes.Buffer
		if err := jpeg.Encode(&b, out, &jpeg.Options{Quality: w.jpeg}); err != nil {
			t.Fatal(err)
		}
		img, err := jpeg.Decode(&b)
		if err != nil {
			t.Fatal(err)
		}
		out = grey(img)
	}
	return out
}

// written covers part of a page with lines of what looks like words.
func written(page *image.Gray, r *rand.Rand, dpi float64, from, to float64) {
	h := int(dpi / 10)
	for y := int(from * dpi); y+h < int(to*dpi) && y+h < page.Rect.Dy(); y += 2 * h {
		for x := int(0.8 * dpi); x < page.Rect.Dx()-int(0.8*dpi); {
			for range 2 + r.IntN(7) {
				stem := max(1, h/7)
				for v := range h {
					for k := range stem {
						page.SetGray(x+k, y+v, color.Gray{})
						if r.IntN(2) == 0 {
							page.SetGray(x+h/2+k, y+v, color.Gray{})
						}
					}
				}
				bar := y + r.IntN(h)
				for u := range h / 2 {
					for k := range stem {
						page.SetGray(x+u, bar+k, color.Gray{})
					}
				}
				x += h * 3 / 4
			}
			x += h / 2
		}
	}
}
