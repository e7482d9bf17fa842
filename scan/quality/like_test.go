package quality

import (
	"fmt"
	"image"
	"image/draw"
	"maps"
	"math"
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
	seed           int
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

// perLayout is how many pages there are of each kind and layout; tests take some of them.
var perLayout = soak(60, 10)

// sampled are the real pages and the generated ones, made once for all tests.
var sampled = sync.OnceValue(func() []sample {
	var all []sample
	pages, _ := realPages() // samples tells of the error
	for _, r := range pages {
		all = append(all, sample{name: r.name, original: original(r.name), kind: "real " + r.kind, img: r.Gray})
	}
	first := len(all)
	for _, k := range kinds {
		for layout := range 2 {
			for i := range perLayout {
				name := fmt.Sprint(k.name, " ", layout, " ", i)
				all = append(all, sample{name: name, original: name, kind: k.name})
			}
		}
	}
	each(len(all), func(i int) {
		if i >= first {
			j := i - first
			drawing.Lock() // font faces are for one goroutine at a time
			all[i].img = kinds[j/(2*perLayout)].page(dice(100_000+i), j/perLayout%2)
			drawing.Unlock()
		}
		all[i].sig = Signature(all[i].img)
		all[i].seed = i
	})
	return all
})

// samples gives the real pages and so many generated ones of each kind and layout.
func samples(t *testing.T, n int) (out []sample) {
	t.Helper()
	first := len(reals(t))
	for i, s := range sampled() {
		if i < first || (i-first)%perLayout < n {
			out = append(out, s)
		}
	}
	return out
}

var drawing sync.Mutex

// captured is a sheet as it was captured another time.
type captured struct {
	how again
	sig []byte
}

var captures sync.Map

// again captures a sheet for the j-th time more; tests share what that gives.
func (s sample) again(j int) captured {
	type key struct{ seed, time int }
	if c, ok := captures.Load(key{s.seed, j}); ok {
		return c.(captured)
	}
	r := rand.New(rand.NewPCG(uint64(s.seed), uint64(j)))
	how := rescan(r)
	c := captured{how, Signature(how.of(r, s.img))}
	captures.Store(key{s.seed, j}, c)
	return c
}

// empty says that there is too little on a sheet to know it by. One real page has but a
// line on it.
func (s sample) empty() bool { return s.kind == "real blank" || s.name == "naps2/notblank.jpg" }

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
// darker, noisy, squeezed, coarser, in black and white or upside down.
func TestSame(t *testing.T) {
	all := samples(t, soak(30, 3))
	scores := map[string][]float64{}
	tries, missed := map[string]int{}, map[string]int{}
	var mu sync.Mutex
	each(len(all), func(i int) {
		s := all[i]
		if s.empty() {
			return
		}
		for j := range soak(12, 1) {
			c := s.again(j)
			same, score := Like(s.sig, c.sig)
			kind, _, _ := strings.Cut(s.kind, " ")
			mu.Lock()
			scores[kind] = append(scores[kind], score)
			for _, k := range append(c.how.kinds(), "all", kind) {
				tries[k]++
				if !same {
					missed[k]++
				}
			}
			if !same {
				t.Logf("missed %.2f: %s: %v (%.2v)", score, s.name, c.how, fits(s.sig, c.sig))
			}
			mu.Unlock()
		}
	})
	for kind, v := range scores {
		t.Logf("%s: scores of %s", kind, spread(v))
	}
	for _, kind := range slices.Sorted(maps.Keys(tries)) {
		n, of := missed[kind], tries[kind]
		t.Logf("%s: %d of %d missed, %.1f %%", kind, n, of, 100*float64(n)/float64(of))
		most, ok := mostMissed[kind]
		if ok && float64(n) > max(1, math.Ceil(most*float64(of))) {
			t.Errorf("%s: %d of %d missed", kind, n, of)
		}
	}
}

// mostMissed is the share of rescans that may be missed, and one in any case. The
// generated newspapers are drawn at 100 dpi: black and white they lose their letters.
var mostMissed = map[string]float64{"all": 0.045, "grey": 0.02, "1-bit": 0.12, "upside down": 0.03, "real": 0.035, "letter": 0, "form": 0, "book": 0, "card": 0.01, "newspaper": 0.3}

// Pages that are not the same sheet are not taken for it, however much they look
// alike. Of pages of different kinds a slice will do without a soak.
func TestOther(t *testing.T) {
	all := samples(t, soak(60, 10))
	scores := map[string][]float64{}
	var mu sync.Mutex
	pairs, alike, wrong := 0, 0, 0
	each(len(all), func(i int) {
		mine := map[string][]float64{}
		n, k := 0, 0
		for j := range i {
			kin := all[i].kind == all[j].kind
			if all[i].original == all[j].original || !kin && (i+j)%soak(1, 6) != 0 {
				continue
			}
			n++
			same, score := Like(all[i].sig, all[j].sig)
			if kin {
				k++
				mine[all[i].kind] = append(mine[all[i].kind], score)
			}
			if same {
				mu.Lock()
				wrong++
				mu.Unlock()
				t.Logf("%s is taken for %s: %.2f (%.2v)", all[i].name, all[j].name, score, fits(all[i].sig, all[j].sig))
			}
		}
		mu.Lock()
		pairs += n
		alike += k
		for k, v := range mine {
			scores[k] = append(scores[k], v...)
		}
		mu.Unlock()
	})
	for _, k := range kinds {
		t.Logf("%s: scores of %s", k.name, spread(scores[k.name]))
	}
	t.Logf("%d pairs, %d of one kind, %d taken for the same", pairs, alike, wrong)
	if wrong*1000 > alike { // forms that many people filled in alike, and nothing else; see TestForms
		t.Errorf("%d of %d pairs of one kind are taken for the same", wrong, alike)
	}
	if pairs < 2_500 || alike < 900 {
		t.Errorf("only %d pairs", pairs)
	}
}

// A page that differs from another in three short fields only is mostly told apart
// where nothing else is between them, and after another capture in one of three cases:
// the noise of the capture hides the rest.
func TestFields(t *testing.T) {
	all := samples(t, soak(30, 3))
	var mu sync.Mutex
	told, tries := [2]int{}, [2]int{}
	each(len(all), func(i int) {
		s := all[i]
		if s.empty() || i%soak(1, 3) != 0 {
			return
		}
		changed := withFields(dice(i), s.img, 3)
		if changed == nil {
			return
		}
		r := dice(i)
		how := rescan(r)
		for k, sig := range [][]byte{Signature(changed), Signature(how.of(r, changed))} {
			same, _ := Like(s.sig, sig)
			mu.Lock()
			tries[k]++
			if !same {
				told[k]++
			}
			mu.Unlock()
		}
	})
	t.Logf("told apart: of the same capture %d of %d, of another %d of %d", told[0], tries[0], told[1], tries[1])
	if tries[0] < 10 || told[0]*100 < 65*tries[0] || told[1]*100 < 30*tries[1] {
		t.Error("too few are told apart")
	}
}

// withFields puts other words of the page in the place of n fields, each a quarter of
// the page long and a line high, or gives nil where there is too little on it.
func withFields(r *rand.Rand, img *image.Gray, n int) *image.Gray {
	out := image.NewGray(image.Rectangle{Max: img.Rect.Size()})
	draw.Draw(out, out.Rect, img, img.Rect.Min, draw.Src)
	w, h := out.Rect.Dx(), out.Rect.Dy()
	field := image.Pt(w/4, h/45)
	strokes := func(p image.Point) (n int) {
		for y := p.Y; y < p.Y+field.Y; y += 2 {
			line := out.Pix[y*out.Stride:]
			for x := p.X; x+2 < p.X+field.X; x += 2 {
				if d := int(line[x]) - int(line[x+2]); d > 25 || d < -25 {
					n++
				}
			}
		}
		return n
	}
	var spots []image.Point
	var counts []int
	for range 400 {
		p := image.Pt(w/20+r.IntN(w-w/10-field.X), h/20+r.IntN(h-h/10-field.Y))
		spots, counts = append(spots, p), append(counts, strokes(p))
	}
	most := slices.Max(counts)
	var places []image.Rectangle
	for i, p := range spots {
		if counts[i] > most/3 {
			places = append(places, image.Rectangle{p, p.Add(field)})
		}
	}
	var done []image.Rectangle
	for _, to := range places {
		from := places[r.IntN(len(places))]
		near := func(d image.Rectangle) bool { return d.Overlaps(to) }
		if len(done) < n && !from.Overlaps(to) && !slices.ContainsFunc(done, near) {
			draw.Draw(out, to, img, img.Rect.Min.Add(from.Min), draw.Src)
			done = append(done, to)
		}
	}
	if len(done) < n {
		return nil
	}
	return out
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

// Catalogues hold signatures that were made another way: nothing is like them.
func TestOldSignature(t *testing.T) {
	sig := Signature(letter(dice(1), 0))
	for name, old := range map[string][]byte{
		"of version 1": append([]byte{1, 38, 54}, make([]byte, coarseBytes+38*54/4)...),
		"another":      append([]byte{1}, sig[1:]...),
		"later":        append([]byte{made + 1}, sig[1:]...),
	} {
		var x Index
		x.Add("old", old)
		_, _, found := x.Find(old)
		if same, score := Like(old, sig); same || score != 0 || x.Len() != 0 || found {
			t.Errorf("%s: %v %.2f, %d pages", name, same, score, x.Len())
		}
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
	all := samples(t, soak(30, 3))
	// The rest of the batch: signatures of pages that nobody needs to draw.
	r := dice(11)
	for i := range soak(10_000, 3_000) {
		x.Add(scan.PageID(fmt.Sprint("other ", i)), mixed(r, all))
	}
	for _, s := range all {
		x.Add(scan.PageID(s.name), s.sig)
	}
	found, sought := 0, 0
	for _, s := range all {
		if s.empty() {
			continue
		}
		c := s.again(0)
		same, score := Like(s.sig, c.sig)
		if !same || score < borderAt(x.Len()-x.at[scan.PageID(s.name)]) {
			continue // TestSame counts these
		}
		sought++
		id, score, ok := x.Find(c.sig)
		switch {
		case !ok:
			t.Logf("not found: %s: %v", s.name, c.how)
		case original(string(id)) != s.original && string(id) != s.original:
			t.Errorf("%s is found for %s: %.2f", id, s.name, score)
		default:
			found++
		}
	}
	t.Logf("%d of %d found among %d", found, sought, x.Len())
	if found*100 < sought*98 {
		t.Errorf("%d of %d found among %d", found, sought, x.Len())
	}
	for i := range 40 {
		if id, score, ok := x.Find(Signature(kinds[i%len(kinds)].page(dice(900_000+i), i%2))); ok {
			t.Errorf("a new %s is taken for %s: %.2f", kinds[i%len(kinds)].name, id, score)
		}
	}
}

// An index whose signatures lie elsewhere finds the same.
func TestIndexKept(t *testing.T) {
	sigs := map[scan.PageID][]byte{}
	var x Index
	y := Index{Kept: func(id scan.PageID) []byte { return sigs[id] }}
	r := dice(3)
	for i := range 8 {
		id := scan.PageID(fmt.Sprint(i))
		sigs[id] = Signature(letter(r, 0))
		x.Add(id, sigs[id])
		y.Add(id, sigs[id])
	}
	x.Remove("2")
	y.Remove("2")
	for id, sig := range sigs {
		a, s, ok := x.Find(sig)
		b, u, also := y.Find(sig)
		if a != b || s != u || ok != also || ok != (id != "2") {
			t.Errorf("%s: %s %.2f %v, with signatures kept elsewhere %s %.2f %v", id, a, s, ok, b, u, also)
		}
	}
	delete(sigs, "3")
	if id, _, ok := y.Find(Signature(letter(dice(99), 0))); ok {
		t.Errorf("%s is found", id)
	}
}

// A pile of one printed form, each filled in by somebody else: those that are suspected
// to be another one stay few, however high the pile.
func TestForms(t *testing.T) {
	n := soak(1000, 60)
	var x Index
	suspected := 0
	for i := range n {
		sig := Signature(form(dice(700_000+i), 1))
		if _, _, ok := x.Find(sig); ok {
			suspected++
		}
		x.Add(scan.PageID(fmt.Sprint(i)), sig)
	}
	t.Logf("%d of %d forms are suspected", suspected, n)
	if suspected*100 > 3*n+100 {
		t.Errorf("%d of %d forms are suspected", suspected, n)
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
