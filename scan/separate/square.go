package separate

import (
	"image"
	"math"
	"slices"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"

	"recto/scan"
)

// eye is a finder pattern of a QR code: runs of 1, 1, 3, 1, 1 modules through its
// middle, whichever way (ISO/IEC 18004, 6.3.3).
type eye struct {
	x, y, module float64
	seen         int
	light        bool
}

// eyes finds finder patterns in the mask.
func (s *sight) eyes() []eye {
	var out []eye
	line := make([]bool, s.size.X)
	runs := make([]int, 0, 512)
	for y := 0; y < s.size.Y; y += 2 {
		s.along(line, y, true)
		first := line[0]
		runs = runs[:0]
		n := 0
		for i := range line {
			if i > 0 && line[i] != line[i-1] {
				runs = append(runs, n)
				n = 0
			}
			n++
		}
		runs = append(runs, n)
		at := 0
		for i := 0; i+5 <= len(runs); i++ {
			r := runs[i : i+5]
			if m, ok := ringed(r); ok {
				x := at + r[0] + r[1] + r[2]/2
				dark := first == (i%2 == 0)
				if yy, mv, ok := s.ringedDown(x, y, dark, m); ok {
					out = noted(out, eye{float64(x) + 0.5, yy, (m + mv) / 2, 1, !dark})
				}
			}
			at += runs[i]
		}
	}
	var good []eye
	for _, e := range out {
		if e.seen >= 2 || e.module < 2.5 {
			good = append(good, e)
		}
	}
	// A page of type has hundreds of ringlets; those of a code are crossed by the most lines.
	slices.SortStableFunc(good, func(a, b eye) int { return b.seen - a.seen })
	return good[:min(len(good), mostEyes)]
}

const mostEyes = 40

func noted(eyes []eye, e eye) []eye {
	for i := range eyes {
		f := &eyes[i]
		if f.light == e.light && math.Hypot(f.x-e.x, f.y-e.y) < 2.5*f.module && e.module < 1.5*f.module && f.module < 1.5*e.module {
			n := float64(f.seen)
			f.x, f.y, f.module = (f.x*n+e.x)/(n+1), (f.y*n+e.y)/(n+1), (f.module*n+e.module)/(n+1)
			f.seen++
			return eyes
		}
	}
	return append(eyes, e)
}

// ringed tells whether five runs are those of a finder pattern.
func ringed(r []int) (module float64, ok bool) {
	total := r[0] + r[1] + r[2] + r[3] + r[4]
	m := float64(total) / 7
	if m < 1.3 {
		return 0, false
	}
	slack := 0.45*m + 0.5
	for i, v := range r {
		want, may := m, slack
		if i == 2 {
			want, may = 3*m, 1.5*slack
		}
		if math.Abs(float64(v)-want) > may {
			return 0, false
		}
	}
	return m, true
}

// ringedDown looks along the column for the same.
func (s *sight) ringedDown(x, y int, dark bool, m float64) (middle, module float64, ok bool) {
	at := func(v int) bool { return s.dark[v*s.size.X+x] }
	if at(y) != dark {
		return 0, 0, false
	}
	most := int(6*m) + 3
	var r [5]int
	walk := func(dir int, from int) (end int, ok bool) {
		v, colour, k := from, dark, 2
		for {
			n := 0
			for v >= 0 && v < s.size.Y && at(v) == colour {
				v += dir
				n++
				if n > most {
					return 0, false
				}
			}
			r[k] += n
			if k == 2-2*1 && dir < 0 || k == 4 && dir > 0 {
				return v, true
			}
			if v < 0 || v >= s.size.Y {
				return 0, false
			}
			k += dir
			colour = !colour
		}
	}
	up, ok1 := walk(-1, y)
	if !ok1 {
		return 0, 0, false
	}
	down, ok2 := walk(1, y+1)
	if !ok2 {
		return 0, 0, false
	}
	mv, ok := ringed(r[:])
	if !ok || mv > 1.6*m || m > 1.6*mv {
		return 0, 0, false
	}
	return float64(up+1+down) / 2, mv, true
}

// findQR puts eyes together to codes.
func findQR(s *sight, img *image.Gray, left *purse) []scan.Code {
	eyes := s.eyes()
	var out []scan.Code
	used := map[int]bool{}
	tries := 0
	for a := range eyes { // a is the corner
		for b := range eyes {
			for c := range eyes {
				if c <= b || a == b || a == c || used[a] || used[b] || used[c] || tries > 12 || !left.any() {
					continue
				}
				A, B, C := eyes[a], eyes[b], eyes[c]
				if A.light != B.light || A.light != C.light || !evenly(A.module, B.module, C.module) {
					continue
				}
				m := (A.module + B.module + C.module) / 3
				d1, d2 := math.Hypot(B.x-A.x, B.y-A.y), math.Hypot(C.x-A.x, C.y-A.y)
				dot := ((B.x-A.x)*(C.x-A.x) + (B.y-A.y)*(C.y-A.y)) / (d1*d2 + 1e-9)
				if math.Abs(dot) > 0.2 || d1 > 1.25*d2 || d2 > 1.25*d1 || d1 < 10*m || d1 > 175*m {
					continue
				}
				_, right := s.timing(A, B)
				_, down := s.timing(A, C)
				if !right && !down {
					continue // a code has timing patterns; three ringlets of type have none
				}
				tries++
				x0, x1 := min(A.x, B.x, C.x, B.x+C.x-A.x), max(A.x, B.x, C.x, B.x+C.x-A.x)
				y0, y1 := min(A.y, B.y, C.y, B.y+C.y-A.y), max(A.y, B.y, C.y, B.y+C.y-A.y)
				box := s.page(x0-5*m, y0-5*m, x1+5*m, y1+5*m, img.Bounds())
				text, ok := readSquare(img, s.page(x0-9*m, y0-9*m, x1+9*m, y1+9*m, img.Bounds()), m*float64(s.scale), A.light, left, qrcode.NewQRCodeReader)
				if ok || right && down {
					used[a], used[b], used[c] = true, true, true
					out = append(out, scan.Code{Kind: scan.QR, Text: text, Unread: !ok, Box: box})
				}
			}
		}
	}
	out = append(out, s.halves(eyes, used, img)...)
	return out
}

// halves gives the codes of which an edge or a tear has left one eye or two.
func (s *sight) halves(eyes []eye, used map[int]bool, img *image.Gray) []scan.Code {
	var out []scan.Code
	for a := range eyes {
		for b := a + 1; b < len(eyes); b++ {
			A, B := eyes[a], eyes[b]
			if used[a] || used[b] || A.light != B.light || !evenly(A.module, B.module, A.module) {
				continue
			}
			if _, ok := s.timing(A, B); ok && A.seen >= 3 && B.seen >= 3 && s.real(A) && s.real(B) {
				used[a], used[b] = true, true
				m := A.module
				out = append(out, scan.Code{Kind: scan.QR, Unread: true, Box: s.page(min(A.x, B.x)-5*m, min(A.y, B.y)-5*m, max(A.x, B.x)+5*m, max(A.y, B.y)+5*m, img.Bounds())})
			}
		}
	}
	for a, e := range eyes {
		near := slices.ContainsFunc(out, func(c scan.Code) bool {
			return image.Pt(int(e.x)*s.scale, int(e.y)*s.scale).In(c.Box.Inset(-int(10 * e.module * float64(s.scale))))
		})
		if !used[a] && !near && s.lone(e) {
			out = append(out, scan.Code{Kind: scan.QR, Unread: true, Box: s.page(e.x-5*e.module, e.y-5*e.module, e.x+5*e.module, e.y+5*e.module, img.Bounds())})
		}
	}
	return out
}

// real tells whether an eye is one all over, and not in its middle only as two spots
// of a halftone are.
func (s *sight) real(e eye) bool {
	_, share := s.template(e)
	return share >= likelyEye
}

const (
	likelyEye   = 0.88
	leastEye    = 0.94 // of the 81 modules of an eye and what is around it
	leastTiming = 5    // modules of a timing pattern that chance does not bring together
)

// lone tells whether an eye alone is left of a code: every module of it is right,
// and a timing pattern begins at it, or the edge of the image is so near that there
// is no room for one.
func (s *sight) lone(e eye) bool {
	angle, share := s.template(e)
	if share < leastEye {
		return false
	}
	ux, uy := math.Cos(angle), math.Sin(angle)
	for range 4 {
		for _, side := range []float64{3, -3} {
			n := 0
			for i := 5; i < 40; i++ {
				ink, inside := s.inkAt(e, e.module*(ux*float64(i)-uy*side), e.module*(uy*float64(i)+ux*side))
				if !inside || ink != (i%2 == 1) {
					break
				}
				n++
			}
			if n >= leastTiming {
				return true
			}
		}
		ux, uy = -uy, ux
	}
	near := min(e.x, e.y, float64(s.size.X)-e.x, float64(s.size.Y)-e.y)
	return near < 7*e.module && e.seen >= 4 && share > 0.97
}

// template holds an eye against what it has to be, 7 by 7 modules and a light
// ring, at the angle at which it fits best.
func (s *sight) template(e eye) (angle, share float64) {
	for deg := -15.0; deg <= 15; deg += 2.5 {
		sn, c := math.Sincos(deg * math.Pi / 180)
		right, all := 0, 0
		for v := -4; v <= 4; v++ {
			for u := -4; u <= 4; u++ {
				ink, inside := s.inkAt(e, e.module*(c*float64(u)-sn*float64(v)), e.module*(sn*float64(u)+c*float64(v)))
				ring := max(abs(u), abs(v))
				if !inside && ring == 4 {
					continue
				}
				all++
				if inside && ink == (ring != 2 && ring != 4) {
					right++
				}
			}
		}
		if f := float64(right) / float64(all); f > share {
			angle, share = deg*math.Pi/180, f
		}
	}
	return angle, share
}

// inkAt tells the colour at a place beside an eye, as the eye has it.
func (s *sight) inkAt(e eye, dx, dy float64) (ink, inside bool) {
	x, y := int(math.Floor(e.x+dx)), int(math.Floor(e.y+dy))
	if x < 0 || y < 0 || x >= s.size.X || y >= s.size.Y {
		return false, false
	}
	return s.dark[y*s.size.X+x] != e.light, true
}

func evenly(v ...float64) bool { return slices.Max(v) < 1.4*slices.Min(v) }

// timing counts the changes of colour on the line that lies three modules beside
// the line from eye to eye: one module each (ISO/IEC 18004, 6.3.5).
func (s *sight) timing(a, b eye) (int, bool) {
	d := math.Hypot(b.x-a.x, b.y-a.y)
	m := (a.module + b.module) / 2
	ux, uy := (b.x-a.x)/d, (b.y-a.y)/d
	// the distance of eyes is dimension less 7 modules; run lengths say m, askew a little more
	k := math.Round((d/m - 10) / 4) // (version-1)
	for _, v := range []float64{k, k - 1, k + 1} {
		modules := 14 + 4*v
		if v < 0 || modules < 14 {
			continue
		}
		mod := d / modules
		for _, side := range []float64{1, -1} {
			for _, shift := range []float64{3, 2.7, 3.3} {
				changes, ok, last := 0, true, false
				for i := 4; float64(i) <= modules-4; i++ {
					x := a.x + ux*mod*float64(i) - side*uy*mod*shift
					y := a.y + uy*mod*float64(i) + side*ux*mod*shift
					ix, iy := int(x), int(y)
					if ix < 0 || iy < 0 || ix >= s.size.X || iy >= s.size.Y {
						ok = false
						break
					}
					ink := s.dark[iy*s.size.X+ix] != a.light
					if ink != (i%2 == 1) {
						ok = false
						break
					}
					if i > 4 && ink != last {
						changes++
					}
					last = ink
				}
				if ok && changes >= 6 {
					return int(modules), true
				}
			}
		}
	}
	return 0, false
}

// readSquare reads a two-dimensional code in a part of the page, at several sizes.
func readSquare(img *image.Gray, r image.Rectangle, module float64, light bool, left *purse, reader func() gozxing.Reader) (string, bool) {
	if r.Dx() < 8 || r.Dy() < 8 {
		return "", false
	}
	for _, want := range []float64{4, 6, 3, 8} {
		if !left.any() {
			break
		}
		part := resized(img, r, want/module, light)
		over := int(max(1, math.Ceil(module/want)))
		left.spend(len(part.Pix) * (over*over + 10)) // 10: the decoder's for each pixel
		src := gozxing.NewLuminanceSourceFromImage(part)
		for _, b := range []gozxing.Binarizer{gozxing.NewHybridBinarizer(src), gozxing.NewGlobalHistgramBinarizer(src)} {
			bmp, err := gozxing.NewBinaryBitmap(b)
			if err != nil {
				continue
			}
			res, err := reader().Decode(bmp, map[gozxing.DecodeHintType]interface{}{gozxing.DecodeHintType_TRY_HARDER: true})
			if err == nil && res != nil && res.GetText() != "" {
				return res.GetText(), true
			}
		}
	}
	return "", false
}

// resized takes a part of the page out at another size: by means where it shrinks,
// between pixels where it grows.
func resized(img *image.Gray, r image.Rectangle, k float64, invert bool) *image.Gray {
	k = min(k, 1600/float64(max(r.Dx(), r.Dy())))
	w, h := max(16, int(float64(r.Dx())*k)), max(16, int(float64(r.Dy())*k))
	out := image.NewGray(image.Rect(0, 0, w, h))
	over := max(1, int(math.Ceil(1/k)))
	for y := range h {
		for x := range w {
			sum := 0.0
			for j := range over {
				for i := range over {
					fx := float64(r.Min.X) + (float64(x)+(float64(i)+0.5)/float64(over))/k - 0.5
					fy := float64(r.Min.Y) + (float64(y)+(float64(j)+0.5)/float64(over))/k - 0.5
					sum += between(img, fx, fy)
				}
			}
			v := byte(sum/float64(over*over) + 0.5)
			if invert {
				v = 255 - v
			}
			out.Pix[y*out.Stride+x] = v
		}
	}
	return out
}

// between is the grey at a place between pixels.
func between(img *image.Gray, x, y float64) float64 {
	b := img.Rect.Size()
	x, y = min(max(x, 0), float64(b.X)-1.001), min(max(y, 0), float64(b.Y)-1.001)
	ix, iy := int(x), int(y)
	x, y = x-float64(ix), y-float64(iy)
	p, q := img.Pix[iy*img.Stride+ix:], img.Pix[(iy+1)*img.Stride+ix:]
	return (float64(p[0])*(1-x)+float64(p[1])*x)*(1-y) + (float64(q[0])*(1-x)+float64(q[1])*x)*y
}

func abs(v int) int { return max(v, -v) }
