package tesseract

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"recto/ocr"
)

// The networks do use words and patterns: what is read on real pages changes with them,
// on the same engine and back again. The English model misreads a French word on one,
// and on the other the apostrophe in "the class of '95, who".
func TestUserWords(t *testing.T) {
	e := newEngine(t, "eng")
	for _, c := range []struct {
		page, right     string
		words, patterns []string
	}{
		{"nubis/1dkv_1863_1.jpg", "d’avril", []string{"Rouverte", "le mois d’avril"}, nil},
		{"memorials/Lettre43.jpg", "'95,", nil, []string{`\A\a\*-\d`, `'\d\d\p`}},
	} {
		page := load(t, c.page)
		read := func(o ocr.Options) []string {
			t.Helper()
			o.Languages = []string{"eng"}
			text, err := e.Recognise(context.Background(), page, o)
			if err != nil {
				t.Fatal(err)
			}
			return words(text)
		}
		bare := read(ocr.Options{})
		if slices.Contains(bare, c.right) {
			t.Fatalf("%q is read without help: this page proves nothing any more", c.right)
		}
		if got := read(ocr.Options{Words: c.words, Patterns: c.patterns}); !slices.Contains(got, c.right) {
			t.Errorf("with help it reads %q", got)
		}
		if c.words == nil { // once is enough
			continue
		}
		if got := read(ocr.Options{}); !slices.Equal(got, bare) {
			t.Errorf("afterwards it reads %q, at first %q", got, bare)
		}
	}
}

// The same words in another order are no reason to load the models anew; others are.
func TestWordsAreLoadedOnce(t *testing.T) {
	e := newEngine(t, "eng")
	read := func(o ocr.Options) *client {
		t.Helper()
		o.Languages = []string{"eng"}
		if _, err := e.Recognise(context.Background(), plain(64, 64, 255), o); err != nil {
			t.Fatal(err)
		}
		return e.reader
	}
	first := read(ocr.Options{Words: []string{"a", "b c"}})
	if read(ocr.Options{Words: []string{" c ", "b", "a", "a", ""}}) != first {
		t.Error("the same words were loaded twice")
	}
	if read(ocr.Options{Words: []string{"a", "b", "c"}, Mode: 6}) != first {
		t.Error("a mode made it load anew")
	}
	for _, o := range []ocr.Options{{Words: []string{"a", "b"}}, {Patterns: []string{`\d`}}, {Patterns: []string{`\d\d`}}, {}} {
		before := e.reader
		if read(o) == before {
			t.Errorf("%+v was not loaded", o)
		}
	}
}

func TestUserWordsAreChecked(t *testing.T) {
	e := newEngine(t, "eng")
	long := strings.Repeat("x", 401)
	var many []string
	for i := range 20000 {
		many = append(many, strings.Repeat("word", 1+i%9)+string(rune('a'+i%26))+string(rune('a'+i/26%26))+string(rune('a'+i/676%26)))
	}
	for name, c := range map[string]struct {
		words, patterns []string
		bad             bool
	}{
		"none":                {[]string{"", "  "}, []string{"", " "}, false},
		"odd letters":         {[]string{"漢字", "👩\u200D🚀", "\xff", "e\u0301", "שלום", "--", "'", "~", "\\"}, nil, false},
		"as long as may be":   {[]string{long[1:]}, []string{long[1:]}, false},
		"many":                {many, nil, false},
		"too long":            {[]string{long}, nil, true},
		"control character":   {[]string{"a\x00b"}, nil, true},
		"lines are words":     {[]string{"a\nb\r\nc"}, nil, false},
		"patterns":            {nil, []string{`\d\d\d\d`, `\A\a\*-\d\d`, `\c\n\p\\`, `19\d\d`, "漢\\d", `\*x`[2:]}, false},
		"pattern too long":    {nil, []string{long}, true},
		"pattern of two":      {nil, []string{`\d \d`}, true},
		"pattern unfinished":  {nil, []string{`\d\`}, true},
		"pattern unknown":     {nil, []string{`\w`}, true},
		"pattern repeats":     {nil, []string{`\*`}, true},
		"pattern repeats all": {nil, []string{`\d\*\*`}, true},
		"pattern control":     {nil, []string{"\\d\x01"}, true},
	} {
		_, err := e.Recognise(context.Background(), plain(64, 64, 255), ocr.Options{Languages: []string{"eng"}, Words: c.words, Patterns: c.patterns})
		if c.bad != errors.Is(err, ocr.ErrWords) || !c.bad && err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	left, _ := filepath.Glob(filepath.Join(os.TempDir(), "recto-words-*"))
	for _, dir := range left {
		if config, err := os.ReadFile(filepath.Join(dir, "config")); err == nil && strings.Contains(string(config), "user_words") {
			t.Errorf("%s was left behind", dir)
		}
	}
}
