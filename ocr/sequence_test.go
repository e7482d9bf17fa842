package ocr

import (
	"encoding/json"
	"errors"
	"image"
	"math/rand/v2"
	"os"
	"reflect"
	"strings"
	"testing"

	"recto/scan"
)

// vocabulary of many scripts: marks, from the right, East Asian, beyond 16 bits, hyphens.
var vocabulary = []string{
	"Archi-", "vist", "Müler", "Müller,", "a", "x\u0323\u0306y", "𝔉𝔯𝔞𝔨-", "𝔱𝔲𝔯", "שלום", "עולם.", "مرحبا", "漢字仮名",
	"한국어", "नमस्ते", "1914", "—", "e\u0301te\u0301", "👩\u200d🚀!", "Joh.", "und", "Mü\u00ad", "ler", "\ue5dc", "ﬁn",
}

// anyText is what a person may type, good or bad.
func anyText(r *rand.Rand) string {
	switch r.IntN(12) {
	case 0:
		return ""
	case 1:
		return []string{"\x00", "\xff", "\u200b", "\u0301", "a\uffff", " \u00a0 "}[r.IntN(6)]
	}
	var words []string
	for range 1 + r.IntN(3) {
		words = append(words, vocabulary[r.IntN(len(vocabulary))])
	}
	return strings.Join(words, " ")
}

func anyBox(r *rand.Rand, size image.Point) image.Rectangle {
	x, y := r.IntN(size.X), r.IntN(size.Y)
	box := image.Rect(x, y, x+1+r.IntN(300), y+1+r.IntN(60))
	if r.IntN(20) > 0 {
		box = box.Intersect(image.Rectangle{Max: size})
	}
	return box
}

// anyPage has up to two columns of a few paragraphs.
func anyPage(r *rand.Rand) *Text {
	var blocks []Block
	rtl := r.IntN(4) == 0
	for c := range 1 + r.IntN(2) {
		var pars []string
		for range 1 + r.IntN(3) {
			var lines []string
			for range 1 + r.IntN(4) {
				var words []string
				for range 1 + r.IntN(4) {
					words = append(words, vocabulary[r.IntN(len(vocabulary))])
				}
				lines = append(lines, strings.Join(words, " "))
			}
			pars = append(pars, strings.Join(lines, "\n"))
		}
		x := 50 + 500*c
		if rtl {
			x = 950 - 500*c
		}
		blocks = append(blocks, set(x, 50, rtl, pars...))
	}
	t := page(blocks...)
	if r.IntN(3) == 0 { // lies on its side
		size, m := scan.Frame(t.Size, 1+5*scan.Orientation(r.IntN(2)), nil)
		t, _, _ = t.Mapped(m, size)
	}
	return t
}

func anyPlace(r *rand.Rand, t *Text) Place {
	var all []Place
	for p := range t.Places() {
		all = append(all, p)
	}
	if len(all) == 0 {
		return Place{Text: "none"}
	}
	p := all[r.IntN(len(all))]
	switch r.IntN(20) {
	case 0:
		p.Word += r.IntN(3) - 1
	case 1:
		p.Line += r.IntN(3) - 1
	case 2:
		p.Text += "?"
	case 3:
		p.Box = image.Rectangle{}
	}
	return p
}

func anyEdit(r *rand.Rand, t *Text) Edit {
	p := anyPlace(r, t)
	switch r.IntN(9) {
	case 0:
		return Set(p, anyText(r))
	case 1:
		next, ok := t.Place(p.Block, p.Paragraph, p.Line, p.Word+1)
		if !ok {
			next, _ = t.Place(p.Block, p.Paragraph, p.Line+1, 0)
		}
		return Merge(p, next)
	case 2:
		return Split(p, r.IntN(8)-1)
	case 3:
		return AddLine(anyBox(r, t.Size), []int{0, 0, 0, 90, 180, 270, 45}[r.IntN(7)], anyText(r))
	case 4:
		box := p.Box.Add(image.Pt(r.IntN(200)-100, r.IntN(9)-4))
		return AddWord(p, box, anyText(r))
	case 5:
		return Unreadable(p)
	case 6:
		return Accept(p)
	case 7:
		return Edit{Do: Act(anyText(r)), At: p, Box: anyBox(r, t.Size)}
	}
	region := anyBox(r, t.Size)
	if r.IntN(3) == 0 {
		region = region.Union(anyBox(r, t.Size))
	}
	read := &Text{Size: t.Size, Languages: []string{"fra"}}
	// What an engine would read there: blocks of words in the region.
	y := region.Min.Y
	for range r.IntN(3) {
		b := set(region.Min.X, y, false, "un deux\ntrois", "quatre")
		if b.Box.In(region) {
			read.Blocks = append(read.Blocks, b)
			y = b.Box.Max.Y
		}
	}
	return Replace(region, read)
}

// Whatever a person does, in whatever order, a page stays a page.
func TestSequences(t *testing.T) {
	pages := 150
	if os.Getenv("RECTO_SOAK") != "" {
		pages = 20000
	}
	done := map[Act]int{}
	refused := 0
	names := 0
	for seed := range pages {
		r := rand.New(rand.NewPCG(5, uint64(seed)))
		text := anyPage(r)
		first, was := text, twin(t, text)
		var edits []Edit
		do := func(e Edit) {
			before := twin(t, text)
			got, err := text.Apply(e)
			if !reflect.DeepEqual(text, before) {
				t.Fatalf("seed %d: %+v has changed what it was done on", seed, e)
			}
			if err != nil {
				if got != nil || !errors.Is(err, ErrEdit) && !errors.Is(err, ErrElsewhere) {
					t.Fatalf("seed %d: %+v: %v", seed, e, err)
				}
				refused++
				return
			}
			done[e.Do]++
			edits = append(edits, e)
			text = got
			sound(t, text)
			if t.Failed() {
				t.Fatalf("seed %d: %+v on\n%s\ngives\n%s", seed, e, outline(before), outline(text))
			}
		}
		for range 25 {
			do(anyEdit(r, text))
		}
		n := Spelling{
			Wrong:   []string{[]string{"Müler", "vist", "Mü ler", "Joh. Müler", "Archivist", "und", "שלום"}[r.IntN(7)]},
			Right:   []string{"Müller", "Johann Müller", "M", "McDonald", "O'Neil-Ü"}[r.IntN(5)],
			Inside:  r.IntN(3) == 0,
			AnyCase: r.IntN(2) == 0,
		}
		spell, err := text.Spell(n)
		if err != nil {
			t.Fatalf("seed %d: %+v: %v in\n%s", seed, n, err, outline(text))
		}
		for _, e := range spell {
			before := len(edits)
			do(e)
			if len(edits) == before {
				t.Fatalf("seed %d: %+v: %+v fails on\n%s", seed, n, e, outline(text))
			}
		}
		if names += len(spell); len(text.Find(n)) > 0 && !n.Inside {
			t.Fatalf("seed %d: %+v is still found in\n%s", seed, n, outline(text))
		}
		// All at once, and after years in a journal.
		b, err := json.Marshal(edits)
		if err != nil {
			t.Fatal(err)
		}
		var kept []Edit
		if err := json.Unmarshal(b, &kept); err != nil {
			t.Fatal(err)
		}
		again, err := first.Apply(kept...)
		if err != nil {
			t.Fatalf("seed %d: from JSON: %v", seed, err)
		}
		if !reflect.DeepEqual(again, text) {
			t.Fatalf("seed %d: from JSON it gives\n%s\nnot\n%s", seed, outline(again), outline(text))
		}
		scribble(again)
		if !reflect.DeepEqual(first, was) {
			t.Fatalf("seed %d: the result shares something with the first text", seed)
		}
		// Elsewhere on the page, too.
		size, m := scan.Turned(float64(text.Size.X), float64(text.Size.Y), r.Float64()*4-2, anyBox(r, text.Size))
		mapped, lost, err := text.Mapped(m, size)
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		sound(t, mapped)
		if a, b := count(text), count(mapped)+len(lost); a != b {
			t.Fatalf("seed %d: %d words became %d", seed, a, b)
		}
		if t.Failed() {
			t.Fatalf("seed %d: mapped by %v to %v", seed, m, size)
		}
	}
	t.Logf("done %v, refused %d, respelt %d", done, refused, names)
	for _, a := range []Act{ActSet, ActMerge, ActSplit, ActAddLine, ActAddWord, ActUnreadable, ActAccept, ActReplace} {
		if done[a] < pages/2 {
			t.Errorf("%q was done only %d times", a, done[a])
		}
	}
	if refused < pages || names < pages/10 {
		t.Errorf("refused %d, respelt %d", refused, names)
	}
}

func count(t *Text) (n int) {
	for range t.Places() {
		n++
	}
	return n
}
