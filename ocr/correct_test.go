package ocr

import (
	"bytes"
	"encoding/json"
	"errors"
	"image"
	"math"
	"os"
	"reflect"
	"strings"
	"testing"

	"recto/scan"
)

// Letters of set text are 10 pixels wide, 20 high, and lines are 30 apart.
const (
	letter = 10
	high   = 20
	pitch  = 30
)

// set makes a block at a place of the page: paragraphs of lines, words parted by
// spaces, paragraphs 20 pixels apart. Text is written from the right where rtl.
func set(x, y int, rtl bool, paragraphs ...string) Block {
	var b Block
	for _, text := range paragraphs {
		p := Paragraph{RTL: rtl}
		for line := range strings.SplitSeq(text, "\n") {
			l := Line{XSize: high}
			at := x
			for word := range strings.FieldsSeq(line) {
				n := weigh(word) * letter
				r := image.Rect(at, y, at+n, y+high)
				if rtl { // x is then the right edge
					r = image.Rect(2*x-at-n, y, 2*x-at, y+high)
				}
				l.Words = append(l.Words, Word{Box: r, Text: word, Confidence: 0.5})
				at += n + letter
			}
			l.tighten()
			l.Baseline = Baseline{float64(l.Box.Min.X), float64(y + 16), float64(l.Box.Max.X), float64(y + 16)}
			p.Lines = append(p.Lines, l)
			y += pitch
		}
		p.tighten()
		b.Paragraphs = append(b.Paragraphs, p)
		y += high
	}
	b.tighten()
	return b
}

func page(blocks ...Block) *Text {
	return &Text{Size: image.Pt(1000, 1000), DPI: 300, Languages: []string{"deu"}, Engine: "Tesseract 5.3.0", Blocks: blocks}
}

// at gives the place of the n-th word, from 0, with that text.
func at(t *testing.T, text *Text, word string, n int) Place {
	t.Helper()
	for p := range text.Places() {
		if p.Text == word {
			if n == 0 {
				return p
			}
			n--
		}
	}
	t.Fatalf("no %q in %q", word, text.Plain())
	return Place{}
}

// outline is the plain text with a bar between blocks.
func outline(t *Text) string {
	var out []string
	for _, b := range t.Blocks {
		out = append(out, (&Text{Blocks: []Block{b}}).Plain())
	}
	return strings.Join(out, "|\n")
}

func TestApply(t *testing.T) {
	plain := func() *Text { return page(set(100, 100, false, "the Archi-\nvist went", "home at last")) }
	for name, c := range map[string]struct {
		text *Text
		edit func(*Text) []Edit
		want string // outline
		raw  string // as read, words in order
	}{
		"set": {plain(), func(x *Text) []Edit { return []Edit{Set(at(t, x, "went", 0), "want")} }, "the Archi-\nvist want\n\nhome at last\n", "the Archi- vist went home at last"},
		"set back": {plain(), func(x *Text) []Edit {
			p := at(t, x, "went", 0)
			q := p
			q.Text = "want"
			return []Edit{Set(p, "want"), Set(q, "went")}
		}, "the Archi-\nvist went\n\nhome at last\n", "the Archi- vist went home at last"},
		"set two":    {plain(), func(x *Text) []Edit { return []Edit{Set(at(t, x, "went", 0), " we  nt\n")} }, "the Archi-\nvist we nt\n\nhome at last\n", "the Archi- vist went home at last"},
		"normalised": {plain(), func(x *Text) []Edit { return []Edit{Set(at(t, x, "went", 0), "wa\u0308nt")} }, "the Archi-\nvist w\u00e4nt\n\nhome at last\n", "the Archi- vist went home at last"},
		"remove":     {plain(), func(x *Text) []Edit { return []Edit{Set(at(t, x, "the", 0), "")} }, "Archi-\nvist went\n\nhome at last\n", "Archi- vist went home at last"},
		"remove a line": {plain(), func(x *Text) []Edit {
			return []Edit{Set(at(t, x, "went", 0), ""), Set(at(t, x, "vist", 0), "\u00a0")}
		}, "the Archi-\n\nhome at last\n", "the Archi- home at last"},
		"remove all": {page(set(100, 100, false, "one"), set(100, 300, false, "two")), func(x *Text) []Edit {
			return []Edit{Set(at(t, x, "one", 0), "")}
		}, "two\n", "two"},
		"merge": {plain(), func(x *Text) []Edit { return []Edit{Merge(at(t, x, "at", 0), at(t, x, "last", 0))} }, "the Archi-\nvist went\n\nhome atlast\n", "the Archi- vist went home at last"},
		"merge over lines": {plain(), func(x *Text) []Edit { return []Edit{Merge(at(t, x, "Archi-", 0), at(t, x, "vist", 0))} },
			"the Archi\u00ad\nvist went\n\nhome at last\n", "the Archi- vist went home at last"},
		"merge over paragraphs": {plain(), func(x *Text) []Edit { return []Edit{Merge(at(t, x, "went", 0), at(t, x, "home", 0))} },
			"the Archi-\nvist went\u00ad\n\nhome at last\n", "the Archi- vist went home at last"},
		"split": {plain(), func(x *Text) []Edit { return []Edit{Split(at(t, x, "home", 0), 2)} }, "the Archi-\nvist went\n\nho me at last\n", "the Archi- vist went home at last"},
		"split and merge": {plain(), func(x *Text) []Edit {
			p, q := at(t, x, "home", 0), at(t, x, "home", 0)
			p.Text, p.Box, q.Text = "ho", image.Rectangle{}, "me"
			return []Edit{Split(at(t, x, "home", 0), 2), Merge(p, q)}
		}, "the Archi-\nvist went\n\nhome at last\n", "the Archi- vist went home at last"},
		"unreadable": {plain(), func(x *Text) []Edit { return []Edit{Unreadable(at(t, x, "went", 0))} }, "the Archi-\nvist [...]\n\nhome at last\n", "the Archi- vist went home at last"},
		"readable again": {plain(), func(x *Text) []Edit { return []Edit{Unreadable(at(t, x, "went", 0)), Accept(at(t, x, "went", 0))} },
			"the Archi-\nvist went\n\nhome at last\n", "the Archi- vist went home at last"},
		"add words": {plain(), func(x *Text) []Edit {
			return []Edit{AddWord(at(t, x, "at", 0), image.Rect(240, 172, 400, 196), "of all")}
		},
			"the Archi-\nvist went\n\nhome at last of all\n", "the Archi- vist went home at last"},
		"add a word before": {plain(), func(x *Text) []Edit { return []Edit{AddWord(at(t, x, "at", 0), image.Rect(10, 172, 90, 196), "came")} },
			"the Archi-\nvist went\n\ncame home at last\n", "the Archi- vist went home at last"},
		"none": {plain(), func(*Text) []Edit { return nil }, "the Archi-\nvist went\n\nhome at last\n", "the Archi- vist went home at last"},
	} {
		t.Run(name, func(t *testing.T) {
			got := apply(t, c.text, c.edit(c.text)...)
			if o := outline(got); o != c.want {
				t.Errorf("%q, want %q", o, c.want)
			}
			var raw []string
			for w := range got.Words {
				if r := w.AsRead(); r != "" {
					raw = append(raw, r)
				}
			}
			if r := strings.Join(raw, " "); name != "split and merge" && name != "split" && r != c.raw || strings.ReplaceAll(r, " ", "") != strings.ReplaceAll(c.raw, " ", "") {
				t.Errorf("read %q, want %q", r, c.raw)
			}
			sound(t, got)
		})
	}
}

// apply must succeed, leave what it gets, and do the same from JSON.
func apply(t *testing.T, text *Text, edits ...Edit) *Text {
	t.Helper()
	before := twin(t, text)
	b, err := json.Marshal(edits)
	if err != nil {
		t.Fatal(err)
	}
	got, err := text.Apply(edits...)
	if err != nil {
		t.Fatalf("%v in\n%s", err, outline(text))
	}
	var again []Edit
	if err := json.Unmarshal(b, &again); err != nil {
		t.Fatal(err)
	}
	other, err := text.Apply(again...)
	if err != nil {
		t.Fatalf("from JSON: %v", err)
	}
	if !reflect.DeepEqual(got, other) {
		t.Errorf("from JSON %s it gives\n%s\nnot\n%s", b, outline(other), outline(got))
	}
	scribble(got)
	if !reflect.DeepEqual(text, before) {
		t.Error("the text that was corrected has changed")
	}
	if now, err := json.Marshal(edits); err != nil || !bytes.Equal(now, b) {
		t.Errorf("the edits have changed: %s, %v", now, err)
	}
	return other
}

// twin shares nothing with a tree, whatever the code under test does to copy one.
func twin(t *testing.T, text *Text) *Text {
	t.Helper()
	b, err := json.Marshal(text)
	if err != nil {
		t.Fatal(err)
	}
	var out Text
	if err := json.Unmarshal(b, &out); err != nil {
		t.Fatal(err)
	}
	return &out
}

// scribble changes all of a tree, to see who shares it.
func scribble(t *Text) {
	for i := range t.Languages {
		t.Languages[i] = "?"
	}
	for b := range t.Blocks {
		t.Blocks[b].Box = image.Rectangle{}
		for p := range t.Blocks[b].Paragraphs {
			par := &t.Blocks[b].Paragraphs[p]
			par.Box = image.Rectangle{}
			for l := range par.Lines {
				par.Lines[l].Box = image.Rectangle{}
				for w := range par.Lines[l].Words {
					par.Lines[l].Words[w] = Word{Text: "?"}
				}
			}
		}
	}
}

// sound checks what holds for every text of a page.
func sound(t *testing.T, text *Text) {
	t.Helper()
	frame := image.Rectangle{Max: text.Size}
	var words, readable []string
	tight := text.clone()
	for b := range tight.Blocks {
		for p := range tight.Blocks[b].Paragraphs {
			par := &tight.Blocks[b].Paragraphs[p]
			for l := range par.Lines {
				par.Lines[l].tighten()
			}
			par.tighten()
		}
		tight.Blocks[b].tighten()
	}
	if !reflect.DeepEqual(text, tight) {
		t.Error("a box is not around what it holds")
	}
	for _, b := range text.Blocks {
		if len(b.Paragraphs) == 0 || !b.Box.In(frame) {
			t.Errorf("block %v of %d paragraphs", b.Box, len(b.Paragraphs))
		}
		for _, p := range b.Paragraphs {
			if len(p.Lines) == 0 || !p.Box.In(b.Box) {
				t.Errorf("paragraph %v of %d lines in %v", p.Box, len(p.Lines), b.Box)
			}
			for _, l := range p.Lines {
				if len(l.Words) == 0 || !l.Box.In(p.Box) {
					t.Errorf("line %v of %d words in %v", l.Box, len(l.Words), p.Box)
				}
				for _, w := range l.Words {
					if w.Box.Empty() || !w.Box.In(l.Box) {
						t.Errorf("%q at %v in %v", w.Text, w.Box, l.Box)
					}
					if !visible(w.Text) || len(strings.Fields(w.Text)) != 1 {
						t.Errorf("a word is %q", w.Text)
					}
					if (w.Corrected || w.Checked) && w.Confidence != 1 {
						t.Errorf("%q is corrected and %v sure", w.Text, w.Confidence)
					}
					if w.Raw == w.Text || w.Added && (w.Raw != "" || !w.Corrected) || w.Raw != "" && !w.Corrected {
						t.Errorf("%+v says two things", w)
					}
					words = append(words, w.Plain())
					if !w.Unreadable {
						readable = append(readable, w.Text)
					}
				}
			}
		}
	}
	if got := strings.Fields(text.Plain()); strings.Join(got, " ") != strings.Join(words, " ") {
		t.Errorf("plain text %q, words %q", got, words)
	}
	// A search has hyphens fewer and words joined, but no letter more or less.
	letters := func(s string) string {
		return strings.Map(func(r rune) rune {
			if strings.ContainsRune(" \n-\u00ad\u2010\u2e17", r) {
				return -1
			}
			return r
		}, s)
	}
	if got, want := letters(text.Search()), letters(strings.Join(readable, "")); got != want {
		t.Errorf("search finds %q, words are %q", got, want)
	}
}

func TestWordsSay(t *testing.T) {
	text := page(set(100, 100, false, "one two thrae"))
	text = apply(t, text, Accept(at(t, text, "one", 0)), Unreadable(at(t, text, "two", 0)), Set(at(t, text, "thrae", 0), "three"))
	box := func(x0, x1 int) image.Rectangle { return image.Rect(x0, 100, x1, 120) }
	want := []Word{
		{Box: box(100, 130), Text: "one", Confidence: 1, Checked: true},
		{Box: box(140, 170), Text: "two", Confidence: 0.5, Unreadable: true},
		{Box: box(180, 230), Text: "three", Confidence: 1, Raw: "thrae", Corrected: true},
	}
	if got := text.Blocks[0].Paragraphs[0].Lines[0].Words; !reflect.DeepEqual(got, want) {
		t.Errorf("%+v", got)
	}
	if got := text.Search(); got != "one three\n\n" {
		t.Errorf("search finds %q", got)
	}
	if c := text.Confidence(); c != 1 {
		t.Errorf("confidence %v", c)
	}
}

func TestSearchWithout(t *testing.T) {
	for _, c := range []struct{ text, gone, want string }{
		{"a b c", "a", "b c\n\n"},
		{"a b c", "b", "a c\n\n"},
		{"a b c", "c", "a b\n\n"},
		{"a b\nc", "c", "a b\n\n"},
		{"a b\nc", "b", "a\nc\n\n"},
		{"a\nb\nc", "b", "a\nc\n\n"},
		{"a", "a", ""},
		{"Archi-\nvist x", "vist", "Archi-\nx\n\n"},
		{"Archi-\nvist x", "Archi-", "vist x\n\n"},
		{"Archi-\nfoo vist", "foo", "Archi-\nvist\n\n"},
	} {
		text := page(set(100, 100, false, c.text))
		if got := apply(t, text, Unreadable(at(t, text, c.gone, 0))).Search(); got != c.want {
			t.Errorf("%q without %q: %q, want %q", c.text, c.gone, got, c.want)
		}
	}
	text := page(set(0, 0, false, "one"), set(0, 100, false, "gone"), set(0, 200, false, "two"))
	if got := apply(t, text, Unreadable(at(t, text, "gone", 0))).Search(); got != "one\n\ntwo\n\n" {
		t.Errorf("%q", got)
	}
}

func TestSplitBoxes(t *testing.T) {
	turnedLine := func(turn int, box image.Rectangle, word string) *Text {
		l := Line{Box: box, Turn: turn, Words: []Word{{Box: box, Text: word}}}
		return page(Block{Box: box, Paragraphs: []Paragraph{{Box: box, Lines: []Line{l}}}})
	}
	wide, tall := image.Rect(100, 100, 160, 120), image.Rect(100, 100, 120, 160)
	for _, c := range []struct {
		text   *Text
		runes  int
		first  string
		second string
		a, b   image.Rectangle
	}{
		{turnedLine(0, wide, "abcdef"), 2, "ab", "cdef", image.Rect(100, 100, 120, 120), image.Rect(120, 100, 160, 120)},
		{turnedLine(180, wide, "abcdef"), 2, "ab", "cdef", image.Rect(140, 100, 160, 120), image.Rect(100, 100, 140, 120)},
		{turnedLine(90, tall, "abcdef"), 2, "ab", "cdef", image.Rect(100, 140, 120, 160), image.Rect(100, 100, 120, 140)},
		{turnedLine(270, tall, "abcdef"), 2, "ab", "cdef", image.Rect(100, 100, 120, 120), image.Rect(100, 120, 120, 160)},
		{turnedLine(0, wide, "שלוםשל"), 2, "של", "וםשל", image.Rect(140, 100, 160, 120), image.Rect(100, 100, 140, 120)},
		{turnedLine(180, wide, "שלוםשל"), 2, "של", "וםשל", image.Rect(100, 100, 120, 120), image.Rect(120, 100, 160, 120)},
		{turnedLine(0, wide, "漢字仮"), 1, "漢", "字仮", image.Rect(100, 100, 120, 120), image.Rect(120, 100, 160, 120)},
		{turnedLine(0, tall, "漢字仮"), 1, "漢", "字仮", image.Rect(100, 100, 120, 120), image.Rect(100, 120, 120, 160)},
		{turnedLine(0, wide, "漢ab字"), 2, "漢a", "b字", image.Rect(100, 100, 130, 120), image.Rect(130, 100, 160, 120)},
		// Marks take no room, and runes are not UTF-16.
		{turnedLine(0, wide, "x\u0323\u0306bcdef"), 3, "x\u0323\u0306", "bcdef", image.Rect(100, 100, 110, 120), image.Rect(110, 100, 160, 120)},
		{turnedLine(0, wide, "𝔉𝔯𝔞𝔨𝔱𝔲"), 3, "𝔉𝔯𝔞", "𝔨𝔱𝔲", image.Rect(100, 100, 130, 120), image.Rect(130, 100, 160, 120)},
		// No share is without a pixel.
		{turnedLine(0, image.Rect(5, 5, 6, 9), "abcdef"), 5, "abcde", "f", image.Rect(5, 5, 6, 9), image.Rect(5, 5, 6, 9)},
	} {
		p, _ := c.text.Place(0, 0, 0, 0)
		got := apply(t, c.text, Split(p, c.runes))
		w := got.Blocks[0].Paragraphs[0].Lines[0].Words
		if len(w) != 2 || w[0].Text != c.first || w[1].Text != c.second || w[0].Box != c.a || w[1].Box != c.b {
			t.Errorf("%q after %d: %+v", p.Text, c.runes, w)
		}
		sound(t, got)
	}
	// Latin in a text from the right, and the other way round, by its own letters.
	rtl := page(set(900, 100, true, "שלום abcdef עולם"))
	p := at(t, rtl, "abcdef", 0)
	w := apply(t, rtl, Split(p, 2)).Blocks[0].Paragraphs[0].Lines[0].Words
	if w[1].Box.Min.X != p.Box.Min.X || w[2].Box.Max.X != p.Box.Max.X {
		t.Errorf("%+v in %v", w, p.Box)
	}
	// Words of one box: from the right in Hebrew.
	p = at(t, rtl, "שלום", 0)
	w = apply(t, rtl, Set(p, "של ום")).Blocks[0].Paragraphs[0].Lines[0].Words
	if w[0].Box.Max.X != p.Box.Max.X || w[1].Box.Min.X != p.Box.Min.X || w[0].Box.Min.X <= w[1].Box.Max.X {
		t.Errorf("%+v in %v", w, p.Box)
	}
}

func TestApplyRefuses(t *testing.T) {
	text := page(set(100, 100, false, "one two\nthree 12", "e\u0301a 👩\u200d🚀 a\u00ad gg"), set(600, 600, false, "else 👍🏽 \u1112\u1161"))
	p := at(t, text, "one", 0)
	moved := func(change func(*Place)) Place { q := p; change(&q); return q }
	box := image.Rect(400, 100, 500, 120)
	reading := func(change func(*Text)) *Text {
		r := page(set(410, 100, false, "anew read"))
		change(r)
		return r
	}
	region := image.Rect(400, 90, 600, 130)
	line := func(r *Text) *Line { return &r.Blocks[0].Paragraphs[0].Lines[0] }
	for name, c := range map[string]struct {
		edit Edit
		want error
	}{
		"another text":        {Set(moved(func(p *Place) { p.Text = "One" }), "x"), ErrElsewhere},
		"another box":         {Set(moved(func(p *Place) { p.Box.Max.X++ }), "x"), ErrElsewhere},
		"another word":        {Set(moved(func(p *Place) { p.Word = 1 }), "x"), ErrElsewhere},
		"no such word":        {Accept(moved(func(p *Place) { p.Word = 2 })), ErrElsewhere},
		"no such line":        {Unreadable(moved(func(p *Place) { p.Line = 7 })), ErrElsewhere},
		"no such paragraph":   {Split(moved(func(p *Place) { p.Paragraph = 7 }), 1), ErrElsewhere},
		"no such block":       {Merge(moved(func(p *Place) { p.Block = 7 }), p), ErrElsewhere},
		"negative block":      {Set(moved(func(p *Place) { p.Block = -1 }), "x"), ErrElsewhere},
		"negative paragraph":  {Set(moved(func(p *Place) { p.Paragraph = -1 }), "x"), ErrElsewhere},
		"negative line":       {Set(moved(func(p *Place) { p.Line = -1 }), "x"), ErrElsewhere},
		"negative word":       {AddWord(moved(func(p *Place) { p.Word = -1 }), box, "x"), ErrElsewhere},
		"no act":              {Edit{At: p}, ErrEdit},
		"unknown act":         {Edit{Do: "rhyme", At: p}, ErrEdit},
		"not UTF-8":           {Set(p, "a\xff"), ErrEdit},
		"a surrogate":         {Set(p, "a\xed\xa0\x80"), ErrEdit},
		"control":             {Set(p, "a\x00"), ErrEdit},
		"no character":        {Set(p, "a\uffff"), ErrEdit},
		"nothing to see":      {Set(p, "one \u200b"), ErrEdit},
		"a lone accent":       {Set(p, "\u0301"), ErrEdit},
		"merge another":       {Merge(p, Place{Text: "three"}), ErrElsewhere},
		"merge over lines":    {Merge(at(t, text, "two", 0), at(t, text, "one", 0)), ErrElsewhere},
		"merge with a number": {Edit{Do: ActMerge, At: at(t, text, "12", 0), Next: "\u00e9a"}, ErrElsewhere},
		"merge no letters":    {Merge(at(t, text, "12", 0), at(t, text, "e\u0301a", 0)), ErrEdit},
		"merge over blocks":   {Merge(at(t, text, "gg", 0), at(t, text, "else", 0)), ErrEdit},
		"split before":        {Split(p, 0), ErrEdit},
		"split behind":        {Split(p, 3), ErrEdit},
		"split far behind":    {Split(p, math.MaxInt), ErrEdit},
		"split negative":      {Split(p, -1), ErrEdit},
		"split an accent":     {Split(at(t, text, "e\u0301a", 0), 1), ErrEdit},
		"split an emoji":      {Split(at(t, text, "👩\u200d🚀", 0), 1), ErrEdit},
		"split an emoji late": {Split(at(t, text, "👩\u200d🚀", 0), 2), ErrEdit},
		"split a skin tone":   {Split(at(t, text, "👍🏽", 0), 1), ErrEdit},
		"split a syllable":    {Split(at(t, text, "\u1112\u1161", 0), 1), ErrEdit},
		"split off nothing":   {Split(at(t, text, "a\u00ad", 0), 1), ErrEdit},
		"empty box":           {AddLine(image.Rect(100, 100, 100, 120), 0, "x"), ErrEdit},
		"box inside out":      {AddLine(image.Rectangle{image.Pt(50, 50), image.Pt(10, 60)}, 0, "x"), ErrEdit},
		"box outside":         {AddLine(image.Rect(990, 100, 1001, 120), 0, "x"), ErrEdit},
		"box negative":        {AddLine(image.Rect(-1, 100, 10, 120), 0, "x"), ErrEdit},
		"no text":             {AddLine(box, 0, " \n"), ErrEdit},
		"a slant":             {AddLine(box, 45, "x"), ErrEdit},
		"turned back":         {AddLine(box, -90, "x"), ErrEdit},
		"add a word below":    {AddWord(p, image.Rect(400, 120, 500, 140), "x"), ErrEdit},
		"add an empty word":   {AddWord(p, box, ""), ErrEdit},
		"add a word outside":  {AddWord(p, image.Rect(400, 100, 5000, 120), "x"), ErrEdit},
		"nothing read":        {Replace(region, nil), ErrEdit},
		"read elsewhere":      {Replace(image.Rect(0, 0, 50, 50), reading(func(*Text) {})), ErrEdit},
		"region outside":      {Replace(image.Rect(0, 0, 5000, 50), reading(func(*Text) {})), ErrEdit},
		"region empty":        {Replace(image.Rectangle{}, reading(func(*Text) {})), ErrEdit},
		"another frame":       {Replace(region, reading(func(r *Text) { r.Size.X++ })), ErrEdit},
		"no confidence":       {Replace(region, reading(func(r *Text) { line(r).Words[0].Confidence = math.NaN() })), ErrEdit},
		"too sure":            {Replace(region, reading(func(r *Text) { line(r).Words[0].Confidence = 96 })), ErrEdit},
		"no baseline":         {Replace(region, reading(func(r *Text) { line(r).Baseline.Y1 = math.NaN() })), ErrEdit},
		"no end":              {Replace(region, reading(func(r *Text) { line(r).XSize = math.Inf(1) })), ErrEdit},
		"slanted":             {Replace(region, reading(func(r *Text) { line(r).Turn = 5 })), ErrEdit},
		"read two words":      {Replace(region, reading(func(r *Text) { line(r).Words[0].Text = "a b" })), ErrEdit},
		"read nothing":        {Replace(region, reading(func(r *Text) { line(r).Words[0].Text = "" })), ErrEdit},
		"read no UTF-8":       {Replace(region, reading(func(r *Text) { line(r).Words[0].Text = "\xff" })), ErrEdit},
		"word without a box":  {Replace(region, reading(func(r *Text) { line(r).Words[0].Box = image.Rectangle{} })), ErrEdit},
		"word outside a line": {Replace(region, reading(func(r *Text) { line(r).Words[0].Box.Min.Y-- })), ErrEdit},
		"line without words":  {Replace(region, reading(func(r *Text) { line(r).Words = nil })), ErrEdit},
		"no lines":            {Replace(region, reading(func(r *Text) { r.Blocks[0].Paragraphs[0].Lines = nil })), ErrEdit},
		"no paragraphs":       {Replace(region, reading(func(r *Text) { r.Blocks[0].Paragraphs = nil })), ErrEdit},
	} {
		t.Run(name, func(t *testing.T) {
			before := twin(t, text)
			got, err := text.Apply(Set(at(t, text, "else", 0), "first"), c.edit)
			if !errors.Is(err, c.want) || got != nil {
				t.Errorf("%v, want %v", err, c.want)
			}
			if !reflect.DeepEqual(text, before) {
				t.Error("the text has changed")
			}
		})
	}
	if got, err := (*Text)(nil).Apply(); !errors.Is(err, ErrEdit) || got != nil {
		t.Errorf("nil: %v", err)
	}
	half := apply(t, text, Unreadable(p))
	if _, err := half.Apply(Merge(p, Place{Text: "two"})); !errors.Is(err, ErrEdit) {
		t.Errorf("merge what is half unreadable: %v", err)
	}
	both := apply(t, text, Unreadable(at(t, text, "two", 0)), Unreadable(at(t, text, "three", 0)))
	if _, err := both.Apply(Merge(at(t, text, "two", 0), at(t, text, "three", 0))); !errors.Is(err, ErrEdit) {
		t.Errorf("merge what is unreadable over lines: %v", err)
	}
}

func TestAddLine(t *testing.T) {
	columns := func() *Text {
		return page(
			set(100, 20, false, "a heading over both of the columns that follow here"),
			set(100, 100, false, "left1 one two\nleft2 one two", "left4 one two"),
			set(500, 100, false, "right1 one two\nright2 one two\nright3 one two"),
		)
	}
	rtl := func() *Text {
		return page(set(900, 100, true, "אחת שתים\nשלוש ארבע"), set(400, 100, true, "חמש שש\nשבע שמונה"))
	}
	turnedColumn := func() *Text {
		x := columns()
		l := Line{Box: image.Rect(20, 400, 40, 700), Turn: 90, Words: []Word{{Box: image.Rect(20, 400, 40, 700), Text: "margin"}}}
		x.Blocks = append(x.Blocks, Block{Box: l.Box, Paragraphs: []Paragraph{{Box: l.Box, Lines: []Line{l}}}})
		return x
	}
	footed := func() *Text {
		x := columns()
		x.Blocks = append(x.Blocks, set(100, 900, false, "a footer under both of the columns that stood above it"))
		return x
	}
	signed := func() *Text { // one block, the signature stands to the right
		x := page(set(100, 100, false, "dear sir or madam one two three four five six seven\nbest regards"))
		s := set(600, 160, false, "very truly")
		x.Blocks[0].Paragraphs = append(x.Blocks[0].Paragraphs, s.Paragraphs...)
		x.Blocks[0].tighten()
		return x
	}
	signedApart := func() *Text {
		return page(set(100, 100, false, "dear sir or madam one two three four five six seven"), set(600, 200, false, "very truly"))
	}
	side := func(x *Text) *Text {
		size, m := scan.Frame(x.Size, 8, nil)
		x, _, _ = x.Mapped(m, size)
		return x
	}
	const head = "a heading over both of the columns that follow here\n|\n"
	const left = "left1 one two\nleft2 one two\n\nleft4 one two\n"
	const right = "right1 one two\nright2 one two\nright3 one two\n"
	for name, c := range map[string]struct {
		text *Text
		box  image.Rectangle
		turn int
		add  string
		want string
	}{
		"first of a column":   {columns(), image.Rect(100, 70, 230, 90), 0, "new line", head + "new line\n" + left + "|\n" + right},
		"first on the right":  {columns(), image.Rect(500, 75, 630, 95), 0, "new line", head + left + "|\nnew line\n" + right},
		"between lines":       {columns(), image.Rect(500, 151, 630, 159), 0, "new line", head + left + "|\nright1 one two\nright2 one two\nnew line\nright3 one two\n"},
		"end of paragraph":    {columns(), image.Rect(100, 152, 230, 162), 0, "new line", head + "left1 one two\nleft2 one two\nnew line\n\nleft4 one two\n|\n" + right},
		"last of a column":    {columns(), image.Rect(100, 210, 200, 230), 0, "new line", head + left + "new line\n|\n" + right},
		"last of the page":    {columns(), image.Rect(500, 190, 600, 210), 0, "new line", head + left + "|\n" + right + "new line\n"},
		"far below a column":  {columns(), image.Rect(100, 600, 200, 620), 0, "new line", head + left + "|\nnew line\n|\n" + right},
		"above all":           {columns(), image.Rect(100, 0, 900, 5), 0, "new line", "new line\n|\n" + head + left + "|\n" + right},
		"below all":           {columns(), image.Rect(600, 900, 700, 920), 0, "new line", head + left + "|\n" + right + "|\nnew line\n"},
		"same row":            {columns(), image.Rect(250, 130, 300, 150), 0, "new", head + "left1 one two\nleft2 one two\nnew\n\nleft4 one two\n|\n" + right},
		"between columns":     {columns(), image.Rect(380, 300, 420, 320), 0, "new", head + left + "|\n" + right + "|\nnew\n"},
		"beside columns":      {columns(), image.Rect(380, 110, 420, 130), 0, "new", "a heading over both of the columns that follow here\n|\nnew\n|\n" + left + "|\n" + right},
		"under a signature":   {signed(), image.Rect(100, 195, 230, 215), 0, "new line", "dear sir or madam one two three four five six seven\nbest regards\n\nvery truly\nnew line\n"},
		"block by block":      {signedApart(), image.Rect(100, 395, 230, 415), 0, "new line", "dear sir or madam one two three four five six seven\n|\nvery truly\n|\nnew line\n"},
		"other direction":     {columns(), image.Rect(500, 151, 630, 159), 0, "שלום", head + left + "|\nright1 one two\nright2 one two\n\nשלום\n\nright3 one two\n"},
		"turned":              {columns(), image.Rect(950, 100, 970, 300), 90, "new line", head + left + "|\n" + right + "|\nnew line\n"},
		"turned alike":        {turnedColumn(), image.Rect(50, 400, 70, 650), 90, "new line", head + left + "|\n" + right + "|\nmargin\nnew line\n"},
		"turned alike before": {turnedColumn(), image.Rect(0, 400, 15, 650), 90, "new line", head + left + "|\n" + right + "|\nnew line\nmargin\n"},
		"nearer to the next":  {columns(), image.Rect(100, 168, 230, 178), 0, "new", head + "left1 one two\nleft2 one two\n\nnew\nleft4 one two\n|\n" + right},
		"large letters":       {columns(), image.Rect(100, 205, 300, 265), 0, "NEW", head + left + "|\nNEW\n|\n" + right},
		"above a footer":      {footed(), image.Rect(100, 500, 230, 520), 0, "new line", head + left + "|\nnew line\n|\n" + right + "|\na footer under both of the columns that stood above it\n"},
		"on its side":         {side(columns()), image.Rect(600, 770, 620, 900), 90, "new line", head + left + "|\nnew line\n|\n" + right},
		"left margin":         {columns(), image.Rect(20, 120, 40, 200), 90, "new line", head + "new line\n|\n" + left + "|\n" + right},
		"left margin below":   {columns(), image.Rect(20, 500, 40, 700), 90, "new line", head + left + "|\n" + right + "|\nnew line\n"},
		"small on the right":  {columns(), image.Rect(500, 75, 630, 82), 0, "new line", head + left + "|\nnew line\n|\n" + right},
		"small on the left":   {columns(), image.Rect(100, 240, 230, 247), 0, "new line", head + left + "|\nnew line\n|\n" + right},
		"hebrew between":      {rtl(), image.Rect(820, 122, 900, 128), 0, "תשע עשר", "אחת שתים\nתשע עשר\nשלוש ארבע\n|\nחמש שש\nשבע שמונה\n"},
		"numbers in hebrew":   {rtl(), image.Rect(820, 122, 900, 128), 0, "12 34", "אחת שתים\n12 34\nשלוש ארבע\n|\nחמש שש\nשבע שמונה\n"},
		"hebrew third column": {rtl(), image.Rect(10, 100, 90, 120), 0, "תשע", "אחת שתים\nשלוש ארבע\n|\nחמש שש\nשבע שמונה\n|\nתשע\n"},
		"on an empty page":    {page(), image.Rect(0, 0, 1000, 1000), 0, "all of it", "all of it\n"},
	} {
		t.Run(name, func(t *testing.T) {
			got := apply(t, c.text, AddLine(c.box, c.turn, c.add))
			if o := outline(got); o != c.want {
				t.Errorf("\n%q, want\n%q", o, c.want)
			}
			sound(t, got)
			var all image.Rectangle
			for _, w := range addedWords(got) {
				if !w.Added || !w.Corrected || w.Confidence != 1 || w.AsRead() != "" {
					t.Errorf("%+v", w)
				}
				all = all.Union(w.Box)
			}
			if all != c.box {
				t.Errorf("words fill %v of %v", all, c.box)
			}
		})
	}
	// The words' shares: letters of ten pixels.
	w := apply(t, page(), AddLine(image.Rect(100, 0, 200, 20), 0, "abc defgh i")).Blocks[0].Paragraphs[0].Lines[0].Words
	for i, want := range []image.Rectangle{image.Rect(100, 0, 127, 20), image.Rect(136, 0, 181, 20), image.Rect(190, 0, 200, 20)} {
		if w[i].Box != want {
			t.Errorf("%q at %v, want %v", w[i].Text, w[i].Box, want)
		}
	}
}

func addedWords(t *Text) (out []Word) {
	for w := range t.Words {
		if w.Added {
			out = append(out, *w)
		}
	}
	return out
}

func TestAddWordRTL(t *testing.T) {
	text := page(set(900, 100, true, "אחת שתים שלוש"))
	one, two := at(t, text, "אחת", 0), at(t, text, "שתים", 0)
	got := apply(t, text, AddWord(two, image.Rect(one.Box.Min.X-6, 100, one.Box.Min.X-2, 120), "חדש"))
	if want := "אחת חדש שתים שלוש\n"; got.Plain() != want {
		t.Errorf("%q", got.Plain())
	}
	sound(t, got)
}

// Text that is written downwards gets its words above and below.
func TestAddWordDown(t *testing.T) {
	box := image.Rect(500, 100, 520, 180)
	l := Line{Box: box, Words: []Word{{Box: box, Text: "漢字仮名"}}}
	text := page(Block{Box: box, Paragraphs: []Paragraph{{Box: box, Lines: []Line{l}}}})
	p := at(t, text, "漢字仮名", 0)
	got := apply(t, text, AddWord(p, image.Rect(500, 200, 520, 240), "日本"))
	if want := "漢字仮名 日本\n"; got.Plain() != want {
		t.Errorf("%q", got.Plain())
	}
	got = apply(t, text, AddWord(p, image.Rect(500, 50, 520, 90), "日本"))
	if want := "日本 漢字仮名\n"; got.Plain() != want {
		t.Errorf("%q", got.Plain())
	}
	sound(t, got)
	if _, err := text.Apply(AddWord(p, image.Rect(530, 100, 550, 180), "日本")); !errors.Is(err, ErrEdit) {
		t.Errorf("beside: %v", err)
	}
}

func TestReplace(t *testing.T) {
	text := func() *Text {
		return page(
			set(100, 100, false, "a1 a2 a3\nb1 b2 b3\nc1 c2 c3", "d1 d2 d3"),
			set(100, 400, false, "e1 e2"),
		)
	}
	const e = "|\ne1 e2\n"
	lying := page(set(130, 130, false, "x"))
	lying.Blocks[0].Paragraphs[0].Lines[0].Turn = 90
	for name, c := range map[string]struct {
		region image.Rectangle
		read   *Text
		want   string
	}{
		"a line":              {image.Rect(90, 125, 300, 155), page(set(100, 130, false, "x y z")), "a1 a2 a3\nx y z\nc1 c2 c3\n\nd1 d2 d3\n" + e},
		"two lines by one":    {image.Rect(90, 125, 300, 185), page(set(100, 130, false, "x y z")), "a1 a2 a3\nx y z\n\nd1 d2 d3\n" + e},
		"first line":          {image.Rect(90, 90, 300, 125), page(set(100, 100, false, "x")), "x\nb1 b2 b3\nc1 c2 c3\n\nd1 d2 d3\n" + e},
		"a paragraph":         {image.Rect(90, 90, 300, 185), page(set(100, 100, false, "x")), "x\n\nd1 d2 d3\n" + e},
		"paragraph by two":    {image.Rect(90, 90, 300, 185), page(set(100, 100, false, "x", "y")), "x\n\ny\n\nd1 d2 d3\n" + e},
		"last paragraph":      {image.Rect(90, 205, 300, 235), page(set(100, 210, false, "x")), "a1 a2 a3\nb1 b2 b3\nc1 c2 c3\n\nx\n" + e},
		"lines by paragraphs": {image.Rect(90, 125, 300, 195), page(set(100, 130, false, "x", "y")), "a1 a2 a3\n\nx\n\ny\n\nd1 d2 d3\n" + e},
		"over paragraphs":     {image.Rect(90, 155, 300, 235), page(set(100, 160, false, "x")), "a1 a2 a3\nb1 b2 b3\n\nx\n" + e},
		"a block":             {image.Rect(90, 90, 300, 300), page(set(100, 100, false, "x")), "x\n" + e},
		"a block by two":      {image.Rect(90, 90, 300, 300), page(set(100, 100, false, "x"), set(100, 200, false, "y")), "x\n|\ny\n" + e},
		"blocks":              {image.Rect(0, 0, 1000, 1000), page(set(100, 100, false, "x")), "x\n"},
		"all by nothing":      {image.Rect(0, 0, 1000, 1000), page(), ""},
		"a line by nothing":   {image.Rect(90, 125, 300, 155), page(), "a1 a2 a3\nc1 c2 c3\n\nd1 d2 d3\n" + e},
		"a word":              {image.Rect(128, 125, 152, 155), page(set(130, 130, false, "x")), "a1 a2 a3\nb1 x b3\nc1 c2 c3\n\nd1 d2 d3\n" + e},
		"column on the right": {image.Rect(125, 90, 300, 190), page(set(130, 100, false, "x\ny\nz")), "a1\nb1\nc1\n|\nx\ny\nz\n|\nd1 d2 d3\n" + e},
		"column on the left":  {image.Rect(90, 90, 125, 190), page(set(100, 100, false, "x\ny\nz")), "x\ny\nz\n|\na2 a3\nb2 b3\nc2 c3\n\nd1 d2 d3\n" + e},
		"blank place":         {image.Rect(90, 240, 300, 270), page(set(100, 240, false, "x y z")), "a1 a2 a3\nb1 b2 b3\nc1 c2 c3\n\nd1 d2 d3\nx y z\n" + e},
		"far place":           {image.Rect(500, 100, 700, 130), page(set(500, 100, false, "x y z")), "a1 a2 a3\nb1 b2 b3\nc1 c2 c3\n\nd1 d2 d3\n" + e + "|\nx y z\n"},
		"over blocks":         {image.Rect(90, 205, 125, 425), page(set(100, 215, false, "x")), "a1 a2 a3\nb1 b2 b3\nc1 c2 c3\n|\nx\n|\nd2 d3\n|\ne2\n"},
		"all of two blocks":   {image.Rect(90, 205, 300, 430), page(set(100, 215, false, "x")), "a1 a2 a3\nb1 b2 b3\nc1 c2 c3\n|\nx\n"},
		"turned":              {image.Rect(90, 125, 300, 155), lying, "a1 a2 a3\n|\nx\n|\nc1 c2 c3\n\nd1 d2 d3\n" + e},
		"a word turned":       {image.Rect(128, 125, 152, 155), lying, "a1 a2 a3\nb1 b3\n|\nx\n|\nc1 c2 c3\n\nd1 d2 d3\n" + e},
		"a word from right":   {image.Rect(128, 125, 152, 155), page(set(150, 130, true, "של")), "a1 a2 a3\nb1 b3\n\nשל\n\nc1 c2 c3\n\nd1 d2 d3\n" + e},
		"other direction":     {image.Rect(90, 125, 300, 155), page(set(160, 130, true, "שלום")), "a1 a2 a3\n\nשלום\n\nc1 c2 c3\n\nd1 d2 d3\n" + e},
	} {
		t.Run(name, func(t *testing.T) {
			c.read.Languages = []string{"fra"}
			x := text()
			got := apply(t, x, Replace(c.region, c.read))
			if o := outline(got); o != c.want {
				t.Errorf("\n%q, want\n%q", o, c.want)
			}
			sound(t, got)
			if len(c.read.Blocks) > 0 && !reflect.DeepEqual(got.Languages, []string{"deu", "fra"}) {
				t.Errorf("languages %v", got.Languages)
			}
		})
	}
}

func TestDoubtful(t *testing.T) {
	text := page(set(0, 0, false, "a b\nc", "d"), set(0, 200, false, "e"))
	i := 0
	for w := range text.Words {
		w.Confidence = []float64{0.2, 0.9, 0.3, 0.7, 0.1}[i]
		i++
	}
	list := func(x *Text, below float64) (s string) {
		for p := range x.Doubtful(below) {
			s += p.Text
			if w, err := x.At(p); err != nil || w.Text != p.Text {
				t.Errorf("%v: %v", p, err)
			}
		}
		return s
	}
	for below, want := range map[float64]string{0: "", 0.2: "e", 0.3: "ae", 0.7: "ace", 0.8: "acde", 1: "abcde", math.Inf(1): "abcde"} {
		if got := list(text, below); got != want {
			t.Errorf("below %v: %q, want %q", below, got, want)
		}
	}
	if got := list(text, math.NaN()); got != "" {
		t.Errorf("below nothing: %q", got)
	}
	x := apply(t, text, Accept(at(t, text, "a", 0)), Unreadable(at(t, text, "c", 0)), Set(at(t, text, "e", 0), "E"))
	if got := list(x, 1); got != "bd" {
		t.Errorf("after a person: %q", got)
	}
	for _, c := range []struct{ from, next, previous string }{
		{"a", "c", ""}, {"b", "c", "a"}, {"c", "d", "a"}, {"d", "e", "c"}, {"e", "", "d"},
	} {
		p, found := text.NextDoubtful(at(t, text, c.from, 0), 0.8)
		if p.Text != c.next || found != (c.next != "") {
			t.Errorf("after %s: %v", c.from, p)
		}
		p, found = text.PreviousDoubtful(at(t, text, c.from, 0), 0.8)
		if p.Text != c.previous || found != (c.previous != "") {
			t.Errorf("before %s: %v", c.from, p)
		}
	}
	if p, ok := text.NextDoubtful(Place{Block: -1}, 0.8); !ok || p.Text != "a" {
		t.Errorf("first: %v", p)
	}
	if p, ok := text.PlaceOf(image.Pt(5, 35)); !ok || p.Text != "c" {
		t.Errorf("%v", p)
	}
	if p, ok := text.PlaceOf(image.Pt(500, 500)); ok {
		t.Errorf("%v", p)
	}
}

// What was written to a journal once gives the same text for good.
func TestJournal(t *testing.T) {
	var kept struct {
		Text   *Text
		Edits  []Edit
		Result *Text
	}
	b, err := os.ReadFile("testdata/corrections.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, &kept); err != nil {
		t.Fatal(err)
	}
	acts := map[Act]bool{}
	for _, e := range kept.Edits {
		acts[e.Do] = true
	}
	if len(acts) != 8 {
		t.Errorf("not all acts: %v", acts)
	}
	got := apply(t, kept.Text, kept.Edits...)
	if !reflect.DeepEqual(got, kept.Result) {
		out, _ := json.Marshal(got)
		t.Errorf("it gives\n%s\n%s", outline(got), out)
	}
}
