package quality

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	_ "image/png"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/gomono"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"
	_ "golang.org/x/image/tiff"
)

// soak gives all in a soak, a slice of it otherwise.
func soak(all, slice int) int {
	if os.Getenv("RECTO_SOAK") == "1" {
		return all
	}
	return slice
}

func dice(seed int) *rand.Rand { return rand.New(rand.NewPCG(uint64(seed), 7)) }

type typeface struct {
	ttf   []byte
	faces sync.Map
}

var (
	typewriter = &typeface{ttf: gomono.TTF}
	printing   = &typeface{ttf: goregular.TTF}
)

func (f *typeface) at(px float64) font.Face {
	if v, ok := f.faces.Load(px); ok {
		return v.(font.Face)
	}
	parsed, err := opentype.Parse(f.ttf)
	if err != nil {
		panic(err)
	}
	face, err := opentype.NewFace(parsed, &opentype.FaceOptions{Size: px, DPI: 72})
	if err != nil {
		panic(err)
	}
	f.faces.Store(px, face)
	return face
}

// sheet is a page being made.
type sheet struct {
	*image.Gray
	dpi float64
}

func newSheet(widthMM, heightMM, dpi float64, paper uint8) sheet {
	s := sheet{image.NewGray(image.Rect(0, 0, int(widthMM/25.4*dpi), int(heightMM/25.4*dpi))), dpi}
	for i := range s.Pix {
		s.Pix[i] = paper
	}
	return s
}

func (s sheet) px(mm float64) int { return int(mm / 25.4 * s.dpi) }

// write puts a line at millimetres; size is in points.
func (s sheet) write(f *typeface, points, x, y float64, grey uint8, text string) {
	d := font.Drawer{Dst: s.Gray, Src: image.NewUniform(color.Gray{grey}), Face: f.at(points / 72 * s.dpi), Dot: fixed.P(s.px(x), s.px(y))}
	d.DrawString(text)
}

func (s sheet) rule(x0, y0, x1, y1 float64, grey uint8) {
	r := image.Rect(s.px(x0), s.px(y0), max(s.px(x1), s.px(x0)+2), max(s.px(y1), s.px(y0)+2))
	draw.Draw(s.Gray, r, image.NewUniform(color.Gray{grey}), image.Point{}, draw.Src)
}

var syllables = strings.Fields("an be ten der ung ver ein lich keit haus wald stadt amt akt brief den zu von mit auf rat be schrei ben ord nung re gis ter pro to koll num mer jahr mo nat tag ort land kreis ge mein de pfar rer leh rer kauf mann ver trag ur kun de")

func word(r *rand.Rand) string {
	var b strings.Builder
	for range 1 + r.IntN(4) {
		b.WriteString(syllables[r.IntN(len(syllables))])
	}
	w := b.String()
	if r.IntN(4) == 0 {
		w = strings.ToUpper(w[:1]) + w[1:]
	}
	if r.IntN(8) == 0 {
		w += []string{",", ".", ";"}[r.IntN(3)]
	}
	return w
}

// line gives words of at most n letters.
func line(r *rand.Rand, n int) string {
	s := word(r)
	for {
		w := word(r)
		if len(s)+1+len(w) > n {
			return s
		}
		s += " " + w
	}
}

const testDPI = 150

// letter is a typewritten page: the same margins, the same head, other words.
func letter(r *rand.Rand, kind int) *image.Gray {
	s := newSheet(210, 297, testDPI, 240)
	pitch := []float64{4.23, 6.35, 8.47}[kind%3]
	if kind%2 == 0 {
		s.write(printing, 16, 25, 20, 30, "Stadtarchiv und Bibliothek")
		s.rule(25, 24, 190, 24.4, 60)
	}
	for y := 40.0; y < 275; y += pitch {
		n := 62
		if r.IntN(8) == 0 {
			n = 10 + r.IntN(50) // a paragraph ends
		}
		s.write(typewriter, 12, 25, y, 50, line(r, n))
	}
	return s.Gray
}

// form is one printed form, filled in by typewriter.
func form(r *rand.Rand, kind int) *image.Gray {
	s := newSheet(210, 297, testDPI, 235)
	plan := dice(1000 + kind)
	s.write(printing, 18, 30, 25, 20, "Meldebogen "+line(plan, 24))
	for i := range 16 {
		y := 42 + float64(i)*15
		s.rule(20, y-10, 190, y-9.7, 40)
		s.write(printing, 8, 22, y-5.5, 40, fmt.Sprint(i+1, " ", line(plan, 24)))
		s.write(printing, 8, 110, y-5.5, 40, line(plan, 20))
		if r.IntN(8) > 0 {
			s.write(typewriter, 12, 26, y+2, 60, line(r, 8+r.IntN(22)))
		}
		if r.IntN(8) > 0 {
			s.write(typewriter, 12, 112, y+2, 60, line(r, 8+r.IntN(16)))
		}
	}
	s.rule(20, 32, 20.3, 272, 40)
	s.rule(108, 32, 108.3, 272, 40)
	s.rule(190, 32, 190.3, 272, 40)
	return s.Gray
}

// card is an index card, 125 by 75 mm, typed.
func card(r *rand.Rand, kind int) *image.Gray {
	s := newSheet(125, 75, 200, 230)
	if kind%2 == 0 {
		for y := 15.0; y < 70; y += 7 {
			s.rule(3, y, 122, y+.15, 150)
		}
	}
	s.write(typewriter, 12, 8, 10, 60, line(r, 30))
	s.write(typewriter, 12, 100, 10, 60, fmt.Sprint(r.IntN(9000)+1000))
	for i := range 3 + r.IntN(4) {
		s.write(typewriter, 12, 12, 21+7*float64(i), 60, line(r, 12+r.IntN(30)))
	}
	return s.Gray
}

// book is a page of one printed book: equal lines, justified.
func book(r *rand.Rand, kind int) *image.Gray {
	s := newSheet(130, 200, testDPI, 225)
	s.write(printing, 9, 50, 14, 40, "Erstes Kapitel")
	for i := range 38 {
		y := 22 + 4.4*float64(i)
		x := 14.0
		n := 60
		if r.IntN(9) == 0 {
			x += 5
			n = 56
		}
		words := strings.Fields(line(r, n))
		face := printing.at(10. / 72 * testDPI)
		wide := 0
		for _, w := range words {
			wide += font.MeasureString(face, w).Ceil()
		}
		gap := 1.5
		if r.IntN(10) > 0 { // not the end of a paragraph
			gap = max(1, (116-x-float64(wide)/testDPI*25.4)/float64(max(1, len(words)-1)))
		}
		for _, w := range words {
			s.write(printing, 10, x, y, 45, w)
			x += float64(font.MeasureString(face, w).Ceil())/testDPI*25.4 + gap
		}
	}
	return s.Gray
}

// paper is a page of a newspaper: six columns, headlines, a picture.
func paper(r *rand.Rand, kind int) *image.Gray {
	s := newSheet(315, 470, 100, 215)
	s.write(printing, 60, 40, 35, 20, "Tagblatt")
	s.rule(15, 42, 300, 43, 40)
	for c := range 6 {
		x := 15 + 48*float64(c)
		y := 52.0
		for y < 450 {
			if r.IntN(14) == 0 {
				s.write(printing, 18, x, y+4, 30, line(r, 12))
				y += 9
			}
			s.write(printing, 8, x, y, 50, line(r, 28))
			y += 3.4
		}
		s.rule(x-1.5, 50, x-1.2, 450, 90)
	}
	return s.Gray
}

// kinds of pages that look alike.
var kinds = []struct {
	name string
	page func(*rand.Rand, int) *image.Gray
}{{"letter", letter}, {"form", form}, {"card", card}, {"book", book}, {"newspaper", paper}}

// again says how a sheet is captured another time.
type again struct {
	degrees, dx, dy    float64 // dx, dy in parts of the page
	scale              float64 // pixels to a pixel of the first
	crop               [4]float64
	gain, lift, gamma  float64
	noise, blur        float64
	jpeg               int
	bits               float64 // black is darker than this share of what is around it; above 1: than the middle of paper and ink; 0: grey
	upsideDown, uneven bool
}

func (a again) String() string {
	return fmt.Sprintf("%.1f° shift %.1f%%,%.1f%% scale %.2f gain %.2f lift %.0f gamma %.2f noise %.0f blur %.1f jpeg %d bits %.2f down %v uneven %v",
		a.degrees, a.dx*100, a.dy*100, a.scale, a.gain, a.lift, a.gamma, a.noise, a.blur, a.jpeg, a.bits, a.upsideDown, a.uneven)
}

// kinds of what happens to a sheet, for counting.
func (a again) kinds() []string {
	out := []string{"grey"}
	if a.bits > 0 {
		out[0] = "1-bit"
	}
	say := func(is bool, word string) {
		if is {
			out = append(out, word)
		}
	}
	say(a.scale < 1, "fewer dpi")
	say(a.jpeg > 0, "jpeg")
	say(a.upsideDown, "upside down")
	say(a.uneven, "uneven light")
	say(a.noise > 5, "noise over 5")
	say(math.Abs(a.degrees) > 1, "skew over 1 degree")
	say(max(math.Abs(a.dx), math.Abs(a.dy)) > 0.02, "moved over 2 %")
	say(math.Abs(a.gain*128+a.lift-128) > 25, "lighter or darker")
	return out
}

func rescan(r *rand.Rand) again {
	sym := func(v float64) float64 { return (2*r.Float64() - 1) * v }
	a := again{degrees: sym(1.5), dx: sym(0.03), dy: sym(0.03), scale: 1, gain: 1 + sym(0.2), lift: sym(20), gamma: math.Exp(sym(0.4)), noise: r.Float64() * 8}
	if r.IntN(2) == 0 {
		a.scale = 0.5 + r.Float64()/2 // what Reduced leaves of another resolution
	}
	if r.IntN(3) == 0 {
		a.jpeg = 30 + r.IntN(60)
	}
	for i := range a.crop {
		a.crop[i] = sym(0.01)
	}
	if r.IntN(4) == 0 {
		a.bits = 0.75 + 0.15*r.Float64()
		if r.IntN(3) == 0 {
			a.bits = 2
		}
	}
	a.blur = r.Float64() * 1.2
	a.uneven = a.bits == 0 && r.IntN(4) == 0
	a.upsideDown = r.IntN(8) == 0
	return a
}

// gauss are normally distributed numbers, to begin with at random.
var gauss = sync.OnceValue(func() []float32 {
	r := dice(17)
	out := make([]float32, 1<<18)
	for i := range out {
		out[i] = float32(r.NormFloat64())
	}
	return out
})

// of captures the sheet another time.
func (a again) of(r *rand.Rand, img *image.Gray) *image.Gray {
	out := a.laid(img)
	if a.blur > 0.3 {
		out = blurredBy(out, a.blur)
	}
	tone := toned(out, a.gain, a.lift, a.gamma)
	for i := range 3 { // nobody keeps a picture in which what is written has drowned
		if shows(out, tone) {
			break
		}
		f := 0.5 * float64(2-i)
		tone = toned(out, 1+(a.gain-1)*f, a.lift*f, 1+(a.gamma-1)*f)
	}
	out = tone
	noise, at := gauss(), r.IntN(1<<18)
	for i, v := range out.Pix {
		if i%4096 == 0 {
			at = r.IntN(1 << 18)
		}
		g := float32(v) + noise[(at+i)&(1<<18-1)]*float32(a.noise)
		if a.uneven {
			g *= 1 - 0.3*float32(i%out.Stride)/float32(out.Stride)
		}
		out.Pix[i] = uint8(max(0, min(255, g)))
	}
	if a.bits > 0 {
		// Black and white is captured at 200 dpi and more, which Reduced makes grey again.
		fine := again{scale: 2}.laid(out)
		if bits := boxed(blackWhite(fine, a.bits), 2); shows(out, bits) {
			out = bits
		} else if bits = boxed(blackWhite(fine, 0.92), 2); shows(out, bits) {
			out = bits // the operator saw that it was too light
		}
	}
	if a.jpeg > 0 {
		var b bytes.Buffer
		if err := jpeg.Encode(&b, out, &jpeg.Options{Quality: a.jpeg}); err != nil {
			panic(err)
		}
		back, err := jpeg.Decode(&b)
		if err != nil {
			panic(err)
		}
		out = grey(back)
	}
	return out
}

func toned(img *image.Gray, gain, lift, gamma float64) *image.Gray {
	var tone [256]uint8
	for v := range tone {
		tone[v] = uint8(max(0, min(255, math.Pow(float64(v)/255, gamma)*255*gain+lift)))
	}
	out := image.NewGray(img.Rect)
	for i, v := range img.Pix {
		out.Pix[i] = tone[v]
	}
	return out
}

// laid is the sheet as it lies upon the glass. Where the lid shows beside it there is
// more of what was beside it at first.
func (a again) laid(img *image.Gray) *image.Gray {
	w, h := float64(img.Rect.Dx()), float64(img.Rect.Dy())
	paper := float32(edgeOf(img))
	size := image.Pt(int(w*a.scale*(1+a.crop[0]+a.crop[1])), int(h*a.scale*(1+a.crop[2]+a.crop[3])))
	out := image.NewGray(image.Rectangle{Max: size})
	sin, cos := math.Sincos(a.degrees * math.Pi / 180)
	for y := range size.Y {
		v := (float64(y)+0.5)/a.scale - h*(0.5+a.crop[2]) - a.dy*h
		for x := range size.X {
			u := (float64(x)+0.5)/a.scale - w*(0.5+a.crop[0]) - a.dx*w
			sx, sy := u*cos+v*sin+w/2-0.5, -u*sin+v*cos+h/2-0.5
			if a.upsideDown {
				sx, sy = w-1-sx, h-1-sy
			}
			var g float32
			if a.scale < 1 {
				g = (bilinear(img, sx-0.4, sy-0.4, paper) + bilinear(img, sx+0.4, sy-0.4, paper) + bilinear(img, sx-0.4, sy+0.4, paper) + bilinear(img, sx+0.4, sy+0.4, paper)) / 4
			} else {
				g = bilinear(img, sx, sy, paper)
			}
			out.Pix[y*out.Stride+x] = uint8(g + 0.5)
		}
	}
	return out
}

// blackWhite does as scanners do: black is what is darker than a share of what is
// around it, or simply dark; or with a share above 1, what is darker than the middle
// between the paper and the darkest hundredth.
func blackWhite(img *image.Gray, share float64) *image.Gray {
	out := image.NewGray(img.Rect)
	limit := 60
	around := newPlane(img.Rect.Dx(), img.Rect.Dy())
	if share > 1 {
		h := histogram(img)
		dark := 0
		for n := h[0]; n < len(img.Pix)/100; n += h[dark] {
			dark++
		}
		limit = (dark + int(paperOf(img))) / 2
		share = 0
	} else {
		for i, v := range img.Pix {
			around.v[i] = float32(v)
		}
		around = around.blurred(30)
	}
	for i, v := range img.Pix {
		if int(v) >= limit && float32(v) >= float32(share)*around.v[i] {
			out.Pix[i] = 255
		}
	}
	return out
}

// shows tells whether a black and white picture still shows what is on the grey one:
// of the squares of 8 pixels that are darker than those around them, most must be so
// there too.
func shows(img, bits *image.Gray) bool {
	a, b := boxed(img, 8), boxed(bits, 8)
	p, q := newPlane(a.Rect.Dx(), a.Rect.Dy()), newPlane(a.Rect.Dx(), a.Rect.Dy())
	for i, v := range a.Pix {
		p.v[i], q.v[i] = float32(v), float32(b.Pix[i])
	}
	around, other := p.blurred(6), q.blurred(6)
	ink, kept := 0, 0
	for i, v := range p.v {
		if v < 0.92*around.v[i] {
			ink++
			if q.v[i] < other.v[i]-min(8, (around.v[i]-v)/2) {
				kept++
			}
		}
	}
	return kept*10 >= ink*7
}

// edgeOf is the middle grey of what lies at the edges of a picture.
func edgeOf(img *image.Gray) uint8 {
	w, h := img.Rect.Dx(), img.Rect.Dy()
	var n [256]int
	for x := range w {
		n[img.Pix[x]]++
		n[img.Pix[(h-1)*img.Stride+x]]++
	}
	for y := range h {
		n[img.Pix[y*img.Stride]]++
		n[img.Pix[y*img.Stride+w-1]]++
	}
	v := 0
	for sum := n[0]; sum < w+h; sum += n[v] {
		v++
	}
	return uint8(v)
}

func bilinear(img *image.Gray, x, y float64, outside float32) float32 {
	x0, y0 := int(math.Floor(x)), int(math.Floor(y))
	if x0 < 0 || y0 < 0 || x0+1 >= img.Rect.Dx() || y0+1 >= img.Rect.Dy() {
		return outside
	}
	tx, ty := float32(x-float64(x0)), float32(y-float64(y0))
	p := img.Pix[y0*img.Stride+x0:]
	return (float32(p[0])*(1-tx)+float32(p[1])*tx)*(1-ty) + (float32(p[img.Stride])*(1-tx)+float32(p[img.Stride+1])*tx)*ty
}

func histogram(img *image.Gray) (h [256]int) {
	for _, v := range img.Pix {
		h[v]++
	}
	return h
}

// paperOf is the commonest of the lighter greys.
func paperOf(img *image.Gray) uint8 {
	h := histogram(img)
	best := 128
	for v := 128; v < 256; v++ {
		if h[v] > h[best] {
			best = v
		}
	}
	return uint8(best)
}

// blurredBy is a Gauss of so many pixels.
func blurredBy(img *image.Gray, sigma float64) *image.Gray {
	n := int(math.Ceil(2.5 * sigma))
	k := make([]float32, 2*n+1)
	sum := float32(0)
	for i := range k {
		d := float64(i - n)
		k[i] = float32(math.Exp(-d * d / (2 * sigma * sigma)))
		sum += k[i]
	}
	for i := range k {
		k[i] /= sum
	}
	w, h := img.Rect.Dx(), img.Rect.Dy()
	rows := make([]float32, w*h)
	for y := range h {
		line := img.Pix[y*img.Stride:][:w]
		to := rows[y*w:][:w]
		for i, f := range k {
			for x := range to {
				to[x] += f * float32(line[clamped(x+i-n, w)])
			}
		}
	}
	out := image.NewGray(image.Rect(0, 0, w, h))
	g := make([]float32, w)
	for y := range h {
		clear(g)
		for i, f := range k {
			for x, v := range rows[clamped(y+i-n, h)*w:][:w] {
				g[x] += f * v
			}
		}
		for x, v := range g {
			out.Pix[y*w+x] = uint8(v + 0.5)
		}
	}
	return out
}

func grey(img image.Image) *image.Gray {
	if g, ok := img.(*image.Gray); ok && g.Rect.Min == (image.Point{}) {
		return g
	}
	out := image.NewGray(image.Rectangle{Max: img.Bounds().Size()})
	draw.Draw(out, out.Rect, image.White, image.Point{}, draw.Src)
	draw.Draw(out, out.Rect, img, img.Bounds().Min, draw.Over)
	return out
}

// real is a real scan.
type real struct {
	name, kind string
	*image.Gray
}

// realPages gives the real scans that lie beside the repository and that Go decodes,
// or skips.
var realPages = sync.OnceValues(func() ([]real, error) {
	dir, err := os.Getwd()
	if err != nil {
		return nil, err
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			break
		}
		dir = filepath.Dir(dir)
	}
	dir = filepath.Join(dir, "..", "shared", "scans")
	manifest, err := os.ReadFile(filepath.Join(dir, "MANIFEST.tsv"))
	if err != nil {
		return nil, err
	}
	var out []real
	for _, l := range strings.Split(string(manifest), "\n")[1:] {
		if c := strings.Split(l, "\t"); len(c) >= 8 && filepath.Ext(c[0]) != ".pdf" {
			out = append(out, real{name: c[0], kind: c[7]})
		}
	}
	failed := make([]error, len(out))
	each(len(out), func(i int) {
		f, err := os.Open(filepath.Join(dir, out[i].name))
		if err != nil {
			failed[i] = err
			return
		}
		defer f.Close()
		img, _, err := image.Decode(f)
		if err != nil {
			fmt.Println("not decoded:", out[i].name, err)
			return
		}
		out[i].Gray = Reduced(grey(img))
	})
	out = slices.DeleteFunc(out, func(r real) bool { return r.Gray == nil })
	return out, errors.Join(failed...)
})

func reals(t testing.TB) []real {
	t.Helper()
	all, err := realPages()
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal(err)
		}
		t.Skipf("real scans are not here: %v", err)
	}
	return all
}
