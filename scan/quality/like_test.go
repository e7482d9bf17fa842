package quality

import (
	"fmt"
	"image"
	"math/rand/v2"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"recto/scan"
)

// sample is a page with its signature.
type sample struct {
	name, original string // pages with the same original show the same sheet
	kind           string
	img            *image.Gray
	sig            []byte
}

// each does something for each of n, on all processors.
func each(n int, do func(i int)) {
	var wg sync.WaitGroup
	places := make(chan struct{}, runtime.NumCPU())
	for i := range n {
		places <- struct{}{}
		wg.Go(func() {
			do(i)
			<-places
		})
	}
	wg.Wait()
}

// same sheet under two names: what was derived from what, as their names tell, and a
// text that was set in two orientations.
func original(path string) string {
	name, _, _ := strings.Cut(strings.TrimSuffix(filepath.Base(path), filepath.Ext(path)), "_rot")
	name, _, _ = strings.Cut(name, "-rotated")
	name, _, _ = strings.Cut(name, "_skew")
	for _, prefix := range []string{"8087", "1181", "m38p", "1dkv"} {
		if strings.HasPrefix(name, prefix) {
			return prefix
		}
	}
	return name
}

// samples gives the real pages and so many generated ones of each kind and layout.
func samples(t *testing.T, n int) []sample {
	t.Helper()
	var all []sample
	for _, r := range reals(t) {
		all = append(all, sample{name: r.name, original: original(r.name), kind: "real " + r.kind, img: r.Gray})
	}
	first := len(all)
	for _, k := range kinds {
		for layout := range 2 {
			for i := range n {
				name := fmt.Sprint(k.name, " ", layout, " ", i)
				all = append(all, sample{name: name, original: name, kind: k.name})
			}
		}
	}
	each(len(all), func(i int) {
		if i >= first {
			j := i - first
			drawing.Lock() // font faces are for one goroutine at a time
			all[i].img = kinds[j/(2*n)].page(dice(100_000+i), j/n%2)
			drawing.Unlock()
		}
		all[i].sig = Signature(all[i].img)
	})
	return all
}

var drawing sync.Mutex

// spread says where numbers lie.
func spread(v []float64) string {
	if len(v) == 0 {
		return "none"
	}
	v = slices.Sorted(slices.Values(v))
	n := len(v) - 1
	return fmt.Sprintf("%d: least %.2f, 1%% %.2f, 10%% %.2f, 50%% %.2f, 90%% %.2f, 99%% %.2f, most %.2f", n+1, v[0], v[n/100], v[n/10], v[n/2], v[n*9/10], v[n*99/100], v[n])
}

// fits tells more than a score.
func fits(a, b []byte) (all []fit) {
	for _, w := range waysOf(unpacked(a), unpacked(b)) {
		all = append(all, w.fit())
	}
	return all
}

// A sheet that is captured again is known: moved, turned, cut differently, lighter,
// darker, noisy, squeezed, coarser, in black and white or upside down. Of generated
// pages 97 in 100 are at least, of real ones 88 (11 of 162 were missed): faint carbon copies and receipts that
// are made black and white are what is missed.
func TestSame(t *testing.T) {
	all := samples(t, soak(30, 4))
	scores := map[string][]float64{}
	var mu sync.Mutex
	missed, tries := map[string]int{}, 0
	each(len(all), func(i int) {
		s := all[i]
		if s.kind == "real blank" || s.name == "naps2/notblank.jpg" { // that one has a line on it
			return
		}
		times := soak(6, 1)
		if strings.HasPrefix(s.kind, "real") {
			times = soak(12, 1)
		}
		for j := range times {
			r := rand.New(rand.NewPCG(uint64(i), uint64(j)))
			how := rescan(r)
			same, score := Like(s.sig, Signature(how.of(r, s.img)))
			kind, _, _ := strings.Cut(s.kind, " ")
			mu.Lock()
			tries++
			scores[kind] = append(scores[kind], score)
			if !same {
				missed[kind]++
				t.Logf("missed %.2f: %s: %v (%.2v)", score, s.name, how, fits(s.sig, Signature(how.of(r, s.img))))
			}
			mu.Unlock()
		}
	})
	sum := 0
	for kind, v := range scores {
		t.Logf("%s: missed %d; scores of %s", kind, missed[kind], spread(v))
		most := 3
		if kind == "real" {
			most = 12
		}
		if missed[kind]*100 > most*len(v) && missed[kind] > 1 {
			t.Errorf("%s: %d of %d missed", kind, missed[kind], len(v))
		}
		sum += missed[kind]
	}
	t.Logf("%d rescans, %d missed", tries, sum)
}

// Pages that are not the same sheet are not taken for it, however much they look alike.
func TestOther(t *testing.T) {
	all := samples(t, soak(60, 16))
	scores := map[string][]float64{}
	var mu sync.Mutex
	pairs, wrong := 0, 0
	each(len(all), func(i int) {
		mine := map[string][]float64{}
		n := 0
		for j := range i {
			if all[i].original == all[j].original {
				continue
			}
			n++
			same, score := Like(all[i].sig, all[j].sig)
			if all[i].kind == all[j].kind {
				mine[all[i].kind] = append(mine[all[i].kind], score)
			}
			if same {
				mu.Lock()
				wrong++
				mu.Unlock()
				t.Errorf("%s is taken for %s: %.2f (%.2v)", all[i].name, all[j].name, score, fits(all[i].sig, all[j].sig))
			}
		}
		mu.Lock()
		pairs += n
		for k, v := range mine {
			scores[k] = append(scores[k], v...)
		}
		mu.Unlock()
	})
	for _, k := range kinds {
		t.Logf("%s: scores of %s", k.name, spread(scores[k.name]))
	}
	t.Logf("%d pairs, %d taken for the same", pairs, wrong)
	if pairs < 10_000 {
		t.Errorf("only %d pairs", pairs)
	}
}

// Nothing is like a blank page, and a page with a number on it is like no other.
func TestBlankIsLikeNothing(t *testing.T) {
	var sigs [][]byte
	for i := range 12 {
		r := dice(i)
		s := newSheet(210, 297, testDPI, 235)
		if i%3 == 0 {
			s.write(typewriter, 12, 100, 15, 60, fmt.Sprint(10+i))
		}
		if i%3 == 1 {
			s.rule(0, 0, 2, 297, 120) // the shadow of an edge
			s.rule(8, 100, 13, 105, 30)
			s.rule(8, 180, 13, 185, 30) // punched holes
		}
		how := rescan(r)
		how.jpeg, how.upsideDown = 50, false
		sigs = append(sigs, Signature(how.of(r, s.Gray)))
	}
	for _, r := range reals(t) {
		if r.kind == "blank" {
			d := dice(99)
			sigs = append(sigs, Signature(r.Gray), Signature(rescan(d).of(d, r.Gray)))
		}
	}
	for i, a := range sigs {
		for j, b := range sigs {
			if same, score := Like(a, b); same {
				t.Errorf("blanks %d and %d: %.2f", i, j, score)
			}
		}
	}
}

func TestSignatureEdges(t *testing.T) {
	black, noise := image.NewGray(image.Rect(0, 0, 800, 1000)), image.NewGray(image.Rect(0, 0, 800, 1000))
	r := dice(3)
	for i := range noise.Pix {
		noise.Pix[i] = uint8(230 + r.IntN(20))
	}
	page := letter(dice(1), 0)
	for name, img := range map[string]*image.Gray{
		"none": image.NewGray(image.Rectangle{}), "one": image.NewGray(image.Rect(0, 0, 1, 1)), "line": image.NewGray(image.Rect(0, 0, 3000, 1)),
		"column": image.NewGray(image.Rect(0, 0, 1, 9000)), "black": black, "noise": noise, "thin": image.NewGray(image.Rect(0, 0, 17, 20000)),
	} {
		s := Signature(img)
		if same, score := Like(s, s); same {
			t.Errorf("%s is like itself: %.2f", name, score)
		}
		if v := Sharpness(img); v < 0 || v > 1 || v != v {
			t.Errorf("%s: sharpness %v", name, v)
		}
	}
	// A strip of many columns, and one of text ten times as long as wide.
	for _, size := range []image.Point{{20000, 40}, {60, 20000}, {500, 9000}} {
		strip := image.NewGray(image.Rectangle{Max: size})
		for i := range strip.Pix {
			strip.Pix[i] = page.Pix[(i/size.X%1700)*page.Stride+i%size.X%1200]
		}
		s := Signature(strip)
		if len(s) > 0 && !wellFormed(s) {
			t.Errorf("%v: %d bytes", size, len(s))
		}
		if len(s) > 4096 {
			t.Errorf("%v: %d bytes", size, len(s))
		}
	}
	s := Signature(page)
	if same, score := Like(s, s); !same || score < 0.7 {
		t.Errorf("a page and itself: %v %.2f", same, score)
	}
	if len(s) < 64 || len(s) > 4096 || !slices.Equal(s, Signature(page)) {
		t.Errorf("%d bytes, or another the second time", len(s))
	}
	// A part of a larger picture is a picture.
	framed := image.NewGray(image.Rect(0, 0, page.Rect.Dx()+40, page.Rect.Dy()+40))
	for y := range page.Rect.Dy() {
		copy(framed.Pix[(y+20)*framed.Stride+20:], page.Pix[y*page.Stride:][:page.Rect.Dx()])
	}
	part := framed.SubImage(page.Rect.Add(image.Pt(20, 20))).(*image.Gray)
	if !slices.Equal(s, Signature(part)) || Sharpness(part) != Sharpness(page) {
		t.Error("a part of a picture has another signature than its copy")
	}
}

// No bytes make Like or an Index fall over.
func FuzzLike(f *testing.F) {
	s := Signature(letter(dice(1), 0))
	f.Add(s, s)
	f.Add([]byte{made, 255, 255}, []byte(nil))
	f.Add(s[:len(s)-1], s)
	f.Fuzz(func(t *testing.T, a, b []byte) {
		if _, score := Like(a, b); !(score >= 0 && score <= 1) {
			t.Errorf("score %v", score)
		}
		var x Index
		x.Add("a", a)
		x.Find(b)
	})
}

// Every page of a large batch is found when it comes again, and the one found is the
// right one; what is new is not.
func TestIndex(t *testing.T) {
	var x Index
	all := samples(t, soak(30, 5))
	// The rest of the batch: signatures of pages that nobody needs to draw.
	r := dice(11)
	for i := range soak(10_000, 3_000) {
		x.Add(scan.PageID(fmt.Sprint("other ", i)), mixed(r, all))
	}
	for _, s := range all {
		x.Add(scan.PageID(s.name), s.sig)
	}
	found, sought := 0, 0
	for i, s := range all {
		if i%2 == 0 || s.kind == "real blank" {
			continue
		}
		r := dice(i)
		how := rescan(r)
		sig := Signature(how.of(r, s.img))
		same, _ := Like(s.sig, sig)
		if !same {
			continue // TestSame counts these
		}
		sought++
		id, score, ok := x.Find(sig)
		switch {
		case !ok:
			t.Logf("not found: %s: %v", s.name, how)
		case original(string(id)) != s.original && string(id) != s.original:
			t.Errorf("%s is found for %s: %.2f", id, s.name, score)
		default:
			found++
		}
	}
	t.Logf("%d of %d found among %d", found, sought, x.Len())
	if found*100 < sought*95 {
		t.Errorf("%d of %d found among %d", found, sought, x.Len())
	}
	for i := range 40 {
		if id, score, ok := x.Find(Signature(kinds[i%len(kinds)].page(dice(900_000+i), i%2))); ok {
			t.Errorf("a new %s is taken for %s: %.2f", kinds[i%len(kinds)].name, id, score)
		}
	}
}

// mixed makes the signature of another page out of rows of cells of pages of one size.
func mixed(r *rand.Rand, all []sample) []byte {
	var of []plane
	first := plane{}
	for first.v == nil {
		first = unpacked(all[r.IntN(len(all))].sig)
	}
	for _, i := range r.Perm(len(all)) {
		if g := unpacked(all[i].sig); g.v != nil && g.w == first.w && g.h == first.h {
			of = append(of, g)
		}
		if len(of) == 4 {
			break
		}
	}
	g := newPlane(first.w, first.h)
	for y := 0; y < g.h; {
		from, at := of[r.IntN(len(of))], r.IntN(g.h)
		turn := r.IntN(g.w)
		for range 2 + r.IntN(3) {
			if y < g.h {
				for x := range g.w {
					g.v[y*g.w+x] = from.v[at%g.h*g.w+(x+turn)%g.w]
				}
				y++
				at++
			}
		}
	}
	return append(append([]byte{made, byte(g.w), byte(g.h)}, coarse(g.halved())...), pack(g)...)
}

func BenchmarkQuick(b *testing.B) {
	img := doubled(letter(dice(1), 0)) // 2480 x 3508
	b.Run("reduce, sign and sharpness", func(b *testing.B) {
		for b.Loop() {
			r := Reduced(img)
			Signature(r)
			Sharpness(r)
		}
	})
	small := Reduced(img)
	b.Run("sign", func(b *testing.B) {
		for b.Loop() {
			Signature(small)
		}
	})
	b.Run("sharpness", func(b *testing.B) {
		for b.Loop() {
			Sharpness(small)
		}
	})
	var all []sample
	for i := range 40 {
		all = append(all, sample{sig: Signature(letter(dice(i), 0))})
	}
	var x Index
	r := dice(1)
	for i := range 10_000 {
		x.Add(scan.PageID(fmt.Sprint(i)), mixed(r, all))
	}
	s := Signature(letter(dice(100), 0))
	b.Run("like", func(b *testing.B) {
		for b.Loop() {
			Like(s, all[0].sig)
		}
	})
	b.Run("find among 10000", func(b *testing.B) {
		for b.Loop() {
			x.Find(s)
		}
	})
}
