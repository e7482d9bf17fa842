package prepare

import (
	"image"
	"math"
	"path/filepath"
	"slices"
	"testing"

	"recto/scan"
)

// bow is how much lower a place of a flat page of this size comes to lie when the page
// is bent to a cylinder towards its left or right edge and looked at from above the
// middle: most at the gutter, down above the eye's height and up below it.
func bow(size image.Point, x, y, strength float64) float64 {
	u := x / float64(size.X)
	if strength < 0 {
		u, strength = 1-u, -strength
	}
	lift := math.Exp(-u*4) + 0.15*math.Sin(math.Pi*u)
	return strength * float64(size.Y) * lift * (0.35 - y/float64(size.Y))
}

// bent gives the grey picture bent by bow.
func bent(t *testing.T, p *Picture, strength float64) *Picture {
	t.Helper()
	size, grey := p.Grey()
	out := image.NewGray(image.Rectangle{Max: size})
	for x := range size.X {
		for y := range size.Y {
			v := float64(y) + 0.5
			for range 12 { // where on the flat page is it?
				v = float64(y) + 0.5 - bow(size, float64(x)+0.5, v, strength)
			}
			v -= 0.5
			g, i := 255.0, int(math.Floor(v))
			if i >= 0 && i+1 < size.Y {
				f := v - float64(i)
				g = float64(grey[i*size.X+x])*(1-f) + float64(grey[(i+1)*size.X+x])*f
			}
			out.Pix[y*out.Stride+x] = byte(g + 0.5)
		}
	}
	return pictured(t, out)
}

// Real flat pages are left alone; bent by a known curve, their lines become straight.
func TestDewarp(t *testing.T) {
	var before, after []float64
	pages, missed := 0, 0
	for i, s := range realScans(t) {
		if !isText(s.kind) || s.kind == "newspaper" || s.kind == "table" || filepath.Ext(s.path) == ".pdf" || (i+2)%soak(7, 1) != 0 {
			continue
		}
		p := decode(t, s.path)
		if degrees, confidence := p.Skew(); confidence >= sureSkew {
			q, err := p.Deskewed(-degrees, image.Rectangle{})
			if err != nil {
				t.Fatal(err)
			}
			p.Close()
			p = q
		}
		if d, sure := p.ProposeDewarp(); sure {
			t.Errorf("%s: is flat, confidence %.2f", s.name, d.Confidence)
		}
		lines := p.look().text().rows
		scale := float64(p.look().scale)
		size := p.Size()
		if feetOf(lines) < 2*bendFeet {
			t.Logf("%s: too little text to bend", s.name)
			p.Close()
			continue
		}
		for k, strength := range []float64{0.1, -0.16} {
			if (k+i)%soak(2, 1) != 0 {
				continue
			}
			q := bent(t, p, strength)
			d, sure := q.ProposeDewarp()
			pages++
			if !sure {
				missed++
				t.Logf("%s bent by %g: not seen, confidence %.2f", s.name, strength, d.Confidence)
				q.Close()
				continue
			}
			// Each row of the flat page, as it was bent and is now: how far from level.
			for _, r := range lines {
				var was, is []float64
				for _, f := range r.feet {
					x, y := f.x*scale, r.line(f.x)*scale
					v := y + bow(size, x, y, strength)
					_, now := d.Forth(size, x, v)
					was, is = append(was, (v-y)/r.height/scale), append(is, (now-y)/r.height/scale)
				}
				before, after = append(before, spread(was)), append(after, spread(is))
			}
			flat, err := q.Dewarped(d)
			if err != nil {
				t.Fatal(err)
			}
			if flat.Size() != size {
				t.Errorf("%s: %v became %v", s.name, size, flat.Size())
			}
			flat.Close()
			q.Close()
		}
		p.Close()
	}
	slices.Sort(before)
	slices.Sort(after)
	at := func(v []float64, part float64) float64 { return v[int(part*float64(len(v)-1))] }
	t.Logf("%d bent pages, %d missed; rows reach up and down by, in letter heights: before p50 %.2f, p95 %.2f, after p50 %.2f, p95 %.2f",
		pages, missed, at(before, 0.5), at(before, 0.95), at(after, 0.5), at(after, 0.95))
	if missed*10 > pages {
		t.Errorf("%d of %d bent pages are missed", missed, pages)
	}
	if m := at(after, 0.95); m > 0.5 || m > at(before, 0.95)/3 {
		t.Errorf("p95 %.2f letter heights are left", m)
	}
}

// spread is how far values reach around their mean.
func spread(v []float64) float64 { return (slices.Max(v) - slices.Min(v)) / 2 }

func TestDewarpOfPictures(t *testing.T) {
	for name, draw := range withoutRows {
		c := newCanvas(1240, 1754, 230, 11)
		draw(c)
		p := pictured(t, c.Gray)
		if d, sure := p.ProposeDewarp(); sure {
			t.Errorf("%s: bent, confidence %.2f", name, d.Confidence)
		}
		p.Close()
	}
}

// What is read on the flattened picture is put back where it is.
func TestDewarpedPlaces(t *testing.T) {
	size := image.Pt(301, 452)
	d := scan.Dewarp{Columns: 3, Rows: 2, Up: []int{-8, 5, 0, 10, -3, 6}}
	for _, colour := range []bool{false, true} {
		path, at := dots(t, size, colour)
		q, err := decode(t, path).Dewarped(d)
		if err != nil {
			t.Fatal(err)
		}
		got, grey := q.Grey()
		if got != size {
			t.Fatal(got)
		}
		for _, a := range at {
			x, y := d.Forth(size, a[0], a[1])
			u, v := middle(got, grey, x, y)
			if u, v = d.Back(size, u, v); math.Hypot(u-a[0], v-a[1]) > 0.3 {
				t.Errorf("colour %v: the dot at %v comes back to %.2f,%.2f", colour, a, u, v)
			}
		}
	}
	path, _ := dots(t, size, false)
	for _, bad := range []scan.Dewarp{{}, {Columns: 2, Rows: 2, Up: []int{1}}, {Columns: -1, Rows: -1, Up: []int{1}}} {
		if _, err := decode(t, path).Dewarped(bad); err == nil {
			t.Errorf("%v is taken", bad)
		}
		if x, y := bad.Back(size, 3, 4); x != 3 || y != 4 {
			t.Errorf("%v moves", bad)
		}
	}
}
