package quality

import (
	"image"
	"testing"
)

// Sharpness falls as the picture blurs, steeply enough to set a rule, and does not
// mind how much there is on a page, how dark it is, or at which resolution it came.
func TestSharpness(t *testing.T) {
	pages := map[string]*image.Gray{"letter": letter(dice(1), 0), "form": form(dice(2), 0), "book": book(dice(3), 0), "card": card(dice(4), 1)}
	var sharp []float64
	for name, img := range pages {
		last := 2.0
		for _, sigma := range []float64{0, 0.8, 1.4, 2.2, 3.2} {
			b := img
			if sigma > 0 {
				b = blurredBy(img, sigma)
			}
			s := Sharpness(b)
			t.Logf("%s blurred by %.1f pixels: %.2f", name, sigma, s)
			if s < 0 || s > 1 || s > last || sigma > 1 && s > last-0.05 && s > 0.05 {
				t.Errorf("%s: %.2f after %.2f", name, s, last)
			}
			last = s
			if sigma == 0 {
				sharp = append(sharp, s)
			}
		}
		if last > 0.2 {
			t.Errorf("%s: still %.2f sharp when out of focus", name, last)
		}
	}
	for _, s := range sharp {
		if s < 0.6 {
			t.Errorf("clean pages: %.2f", sharp)
		}
	}
	// A tenth of the lines, and half the contrast.
	full := pages["letter"]
	few, pale := image.NewGray(full.Rect), image.NewGray(full.Rect)
	for i, v := range full.Pix {
		few.Pix[i], pale.Pix[i] = 240, 120+v/2
		if y := i / full.Stride; y > 240 && y < 400 {
			few.Pix[i] = v
		}
	}
	want := Sharpness(full)
	for name, img := range map[string]*image.Gray{"few lines": few, "pale": pale} {
		if got := Sharpness(img); got < want-0.12 || got > want+0.12 {
			t.Errorf("%s: %.2f, the full page has %.2f", name, got, want)
		}
	}
	soft := blurredBy(full, 2.2)
	if double := Sharpness(doubled(soft)); double > Sharpness(soft)+0.1 {
		t.Errorf("a blurred page counts as sharp at twice the resolution: %.2f, %.2f", double, Sharpness(soft))
	}
}

// doubled repeats every pixel.
func doubled(img *image.Gray) *image.Gray {
	out := image.NewGray(image.Rect(0, 0, 2*img.Rect.Dx(), 2*img.Rect.Dy()))
	for y := range out.Rect.Dy() {
		for x := range out.Rect.Dx() {
			out.Pix[y*out.Stride+x] = img.Pix[y/2*img.Stride+x/2]
		}
	}
	return out
}

// Real pages are sharp, those with nothing on them have no sharpness, and each is
// sharper than when it is blurred.
func TestSharpnessReal(t *testing.T) {
	for i, r := range reals(t) {
		if i%soak(1, 4) != 0 {
			continue
		}
		s, soft := Sharpness(r.Gray), Sharpness(blurredBy(r.Gray, 2))
		t.Logf("%-50s %-12s %.2f, blurred %.2f", r.name, r.kind, s, soft)
		if s > 0.1 && soft > s*0.8 {
			t.Errorf("%s: %.2f, blurred %.2f", r.name, s, soft)
		}
	}
}
