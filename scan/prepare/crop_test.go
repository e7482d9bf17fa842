package prepare

import (
	"fmt"
	"image"
	"image/draw"
	"image/jpeg"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"recto/scan"
)

// croppedAsRead is the crop that a page gets when it is read: with the deskew that is
// proposed where the skew can be trusted. It gives the page's frame and the way into it.
func croppedAsRead(p *Picture) (size image.Point, m scan.Affine, degrees float64, cropped bool) {
	if skew, confidence := p.Skew(); math.Abs(skew) >= 0.1 && confidence >= sureSkew {
		degrees = math.Round(-skew*1000) / 1000
	}
	crop, cropped := p.ProposeCrop(degrees)
	box := image.Rectangle{}
	if cropped {
		box = crop.Box()
	}
	whole := p.Size()
	size, m = scan.Turned(float64(whole.X), float64(whole.Y), degrees, box)
	return size, m, degrees, cropped
}

// lost counts the letters that stick out of the frame by more than a speck, in letters.
func lost(letters [][4][2]float64, size image.Point, m scan.Affine) int {
	const slack = 2.0 // pixels
	n := 0
	for _, q := range letters {
		for _, c := range q {
			x, y := m.Apply(c[0], c[1])
			if x < -slack || y < -slack || x > float64(size.X)+slack || y > float64(size.Y)+slack {
				n++
				break
			}
		}
	}
	return n
}

func cornersOf(list []image.Rectangle, by float64) [][4][2]float64 {
	var out [][4][2]float64
	for _, b := range list {
		x0, y0, x1, y1 := float64(b.Min.X)*by, float64(b.Min.Y)*by, float64(b.Max.X)*by, float64(b.Max.Y)*by
		out = append(out, [4][2]float64{{x0, y0}, {x1, y0}, {x1, y1}, {x0, y1}})
	}
	return out
}

// keepImage writes what was judged wrong where RECTO_KEEP names a folder, to be looked at.
func keepImage(t *testing.T, name string, img image.Image) {
	dir := os.Getenv("RECTO_KEEP")
	if dir == "" {
		return
	}
	f, err := os.Create(filepath.Join(dir, strings.NewReplacer("/", "_", " ", "_").Replace(name)+".jpg"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := jpeg.Encode(f, img, nil); err != nil {
		t.Fatal(err)
	}
}

// TestCropKeepsWriting: on every real page and on each laid on other grounds, no letter is
// cut off, and most of what lies around is.
func TestCropKeepsWriting(t *testing.T) {
	type tally struct {
		n, cropped, cut, letters int
		gone                     []float64 // share of the surroundings that went
		photo                    []float64 // share of the photograph that went
	}
	tallies := map[string]*tally{}
	of := func(name string) *tally {
		if tallies[name] == nil {
			tallies[name] = &tally{}
		}
		return tallies[name]
	}
	r := rand.New(rand.NewPCG(41, 43))
	turn := 0
	for _, s := range realScans(t) {
		for i, file := range s.images(t) {
			if i > 0 && s.kind == "separator" {
				break
			}
			p := decode(t, file)
			whole, grey := p.Grey()
			img := reduced(whole, grey, 1300+r.IntN(600))
			l := &leaf{name: s.name, img: img, letters: lettersOf(img)}
			by := float64(whole.X) / float64(img.Rect.Dx())
			size, m, degrees, cropped := croppedAsRead(p)
			real := of("as they are")
			real.n++
			if cropped {
				real.cropped++
				t.Logf("%s: %v is cropped to %v after %.2f degrees", s.name, whole, size, degrees)
			}
			real.letters += len(l.letters)
			if n := lost(cornersOf(l.letters, by), size, m); n > 0 {
				real.cut++
				t.Errorf("%s: %d of %d letters are cut off", s.name, n, len(l.letters))
				keepImage(t, "real "+s.name, marked(l.img, l.letters, size, m, by))
			}
			p.Close()
			if len(l.letters) < 12 {
				continue
			}
			for range soak(1, 12) {
				turn++
				v, names := l, []string{}
				for range r.IntN(3) {
					d := damages[r.IntN(len(damages))]
					v = d.do(r, v)
					names = append(names, d.name)
				}
				ground := grounds[turn%len(grounds)]
				lean := 0.0
				if r.IntN(2) == 0 {
					lean = 10 * (r.Float64() - 0.5)
				}
				ragged, finger := r.IntN(4) == 0, r.IntN(5) == 0
				names = append(names, "on "+ground.name)
				if ragged {
					names = append(names, "ragged")
				}
				if finger {
					names = append(names, "finger")
				}
				if lean != 0 {
					names = append(names, "leaning")
				}
				o := paste(r, v, ground.of(r), lean, ragged, finger)
				q := picture(t, r, o.img)
				size, m, _, cropped := croppedAsRead(q)
				cut := lost(o.letters, size, m)
				out := 0
				for _, at := range o.around {
					if x, y := m.Apply(float64(at.X), float64(at.Y)); x < 0 || y < 0 || x >= float64(size.X) || y >= float64(size.Y) {
						out++
					}
				}
				gone := float64(out) / float64(max(1, len(o.around)))
				photo := 0
				for _, at := range o.photo {
					if x, y := m.Apply(at[0], at[1]); x < 0 || y < 0 || x >= float64(size.X) || y >= float64(size.Y) {
						photo++
					}
				}
				if cut > 0 {
					t.Errorf("variation %d of %s (%s, lean %.2f): %d of %d letters are cut off", turn, s.name, strings.Join(names, ", "), lean, cut, len(o.letters))
					keepImage(t, fmt.Sprintf("%04d %s", turn, s.name), marked(o.img, nil, size, m, 1))
				}
				slices.Sort(names)
				for _, name := range append(slices.Compact(names), "all") {
					k := of(name)
					k.n++
					k.letters += len(o.letters)
					k.gone = append(k.gone, gone)
					if cut > 0 {
						k.cut++
					}
					if cropped {
						k.cropped++
					}
					if len(o.photo) > 0 {
						k.photo = append(k.photo, float64(photo)/float64(len(o.photo)))
					}
				}
				q.Close()
			}
		}
	}
	var names []string
	for name := range tallies {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		k := tallies[name]
		line := fmt.Sprintf("%-12s %5d pages, %5d cropped, %3d cut, %8d letters", name, k.n, k.cropped, k.cut, k.letters)
		if len(k.gone) > 0 {
			slices.Sort(k.gone)
			line += fmt.Sprintf("; of the surroundings goes a median of %.2f (quarter %.2f)", k.gone[len(k.gone)/2], k.gone[len(k.gone)/4])
		}
		if len(k.photo) > 0 {
			sum, hurt := 0.0, 0
			for _, v := range k.photo {
				if sum += v; v > 0.05 {
					hurt++
				}
			}
			line += fmt.Sprintf("; of %d photographs %d are cut, mean loss %.2f", len(k.photo), hurt, sum/float64(len(k.photo)))
		}
		t.Log(line)
	}
	if all := tallies["all"]; all == nil || all.gone[len(all.gone)/2] < 0.5 {
		t.Error("of half of the pages less than half of the surroundings goes")
	}
}

// TestCropFilledCorners: pages on a dark ground that another program has straightened, and
// whose corners it has filled up with white: the ground goes as it does without that, and
// no letter with it.
func TestCropFilledCorners(t *testing.T) {
	pages := plain(t, soak(4, 1))
	r := rand.New(rand.NewPCG(47, 53))
	rid, n := 0, 0
	for range soak(1, 10) {
		for _, page := range pages {
			dark := 8 + 50*r.Float64()
			margin := func(of int) int { return int(float64(of) * (0.04 + 0.16*r.Float64())) }
			left, top := margin(page.Rect.Dx()), margin(page.Rect.Dy())
			laid := filled(page.Rect.Dx()+left+margin(page.Rect.Dx()), page.Rect.Dy()+top+margin(page.Rect.Dy()), func(int, int) float64 {
				return dark + 3*r.NormFloat64()
			})
			on := page.Rect.Add(image.Pt(left, top))
			draw.Draw(laid, on, page, page.Rect.Min, draw.Src)
			degrees := (0.6 + 4.4*r.Float64()) * float64(1-2*r.IntN(2))
			img, to := swung(laid, degrees, func(int, int) float64 { return 255 })
			letters := cornersOf(lettersOf(page), 1)
			for i := range letters {
				for k, c := range letters[i] {
					letters[i][k][0], letters[i][k][1] = to(c[0]+float64(left), c[1]+float64(top))
				}
			}
			p := picture(t, r, img)
			size, m, _, _ := croppedAsRead(p)
			p.Close()
			n++
			if cut := lost(letters, size, m); cut > 0 {
				t.Errorf("page %d, turned by %.1f: %d of %d letters are cut off", n, degrees, cut, len(letters))
				keepImage(t, fmt.Sprintf("filled cut %d", n), marked(img, nil, size, m, 1))
			}
			out, all := 0, 0
			for y := 5; y < laid.Rect.Dy(); y += 10 {
				for x := 5; x < laid.Rect.Dx(); x += 10 {
					if image.Pt(x, y).In(on) {
						continue
					}
					all++
					if u, v := m.Apply(to(float64(x), float64(y))); u < 0 || v < 0 || u > float64(size.X) || v > float64(size.Y) {
						out++
					}
				}
			}
			if float64(out) >= 0.75*float64(all) {
				rid++
			} else {
				keepImage(t, fmt.Sprintf("filled left %d", n), marked(img, nil, size, m, 1))
			}
		}
	}
	t.Logf("%d of %d pages are rid of three quarters of the ground", rid, n)
	if rid*100 < 90*n {
		t.Errorf("only %d of %d pages are rid of three quarters of the ground", rid, n)
	}
}

// marked shows what was judged: letters framed, what is cut off darker.
func marked(img *image.Gray, letters []image.Rectangle, size image.Point, m scan.Affine, by float64) image.Image {
	out := &image.Gray{Pix: slices.Clone(img.Pix), Stride: img.Stride, Rect: img.Rect}
	for y := range img.Rect.Dy() {
		for x := range img.Rect.Dx() {
			u, v := m.Apply(float64(x)*by, float64(y)*by)
			if (u < 0 || v < 0 || u > float64(size.X) || v > float64(size.Y)) && (x+y)%6 == 0 {
				out.Pix[y*out.Stride+x] = 255 - out.Pix[y*out.Stride+x]/2
			}
		}
	}
	for _, l := range letters {
		for x := l.Min.X; x < l.Max.X; x++ {
			out.Pix[l.Min.Y*out.Stride+x] = 0
			out.Pix[(l.Max.Y-1)*out.Stride+x] = 0
		}
	}
	return out
}
