package ocr

import (
	"errors"
	"reflect"
	"strings"
	"testing"
)

func TestSpell(t *testing.T) {
	const shy = "\u00ad"
	for name, c := range map[string]struct {
		text   []string // paragraphs
		spell  Spelling
		want   string
		search string // "" where it is not looked at
	}{
		"one":                  {[]string{"Herr Müler kam"}, Spelling{Wrong: []string{"Müler"}, Right: "Müller"}, "Herr Müller kam\n", ""},
		"signs around":         {[]string{"(Müler, »Müler« Müler's Müler’s Müler; Müler-Schmidt"}, Spelling{Wrong: []string{"Müler"}, Right: "Müller"}, "(Müller, »Müller« Müller's Müller’s Müller; Müller-Schmidt\n", ""},
		"twice in a word":      {[]string{"Müler-Müler/Müler"}, Spelling{Wrong: []string{"Müler"}, Right: "Müller"}, "Müller-Müller/Müller\n", ""},
		"not in words":         {[]string{"Mülers Obermüler XMüler Müler2 Müler\u0301"}, Spelling{Wrong: []string{"Müler"}, Right: "Müller"}, "Mülers Obermüler XMüler Müler2 Müler\u0301\n", ""},
		"in words":             {[]string{"Mülers XMüler, Müle"}, Spelling{Wrong: []string{"Müler"}, Right: "Müller", Inside: true}, "Müllers XMüller, Müle\n", ""},
		"case counts":          {[]string{"MÜLER müler Müler"}, Spelling{Wrong: []string{"Müler"}, Right: "Müller"}, "MÜLER müler Müller\n", ""},
		"any case":             {[]string{"MÜLER müler Müler"}, Spelling{Wrong: []string{"Müler"}, Right: "Müller", AnyCase: true}, "Müller Müller Müller\n", ""},
		"case kept":            {[]string{"MÜLER müler Müler"}, Spelling{Wrong: []string{"Müler"}, Right: "Müller", AnyCase: true, KeepCase: true}, "MÜLLER müller Müller\n", ""},
		"capital sharp s":      {[]string{"STRASE"}, Spelling{Wrong: []string{"Strase"}, Right: "Straße", AnyCase: true, KeepCase: true}, "STRASSE\n", ""},
		"case made right":      {[]string{"müller"}, Spelling{Wrong: []string{"müller"}, Right: "Müller", AnyCase: true}, "Müller\n", ""},
		"several wrong":        {[]string{"Müler Mueler Mülier"}, Spelling{Wrong: []string{"Müler", "Mueler", "", "Mülier"}, Right: "Müller"}, "Müller Müller Müller\n", ""},
		"longest first":        {[]string{"Hans Müler"}, Spelling{Wrong: []string{"Hans", "Hans Müler"}, Right: "Johann"}, "Johann\n", ""},
		"two words":            {[]string{"Dr. Joh. Müler, Ulm"}, Spelling{Wrong: []string{"Joh. Müler"}, Right: "Johann Müller"}, "Dr. Johann Müller, Ulm\n", ""},
		"two words two lines":  {[]string{"bei Joh.\nMüler, Ulm"}, Spelling{Wrong: []string{"Joh. Müler"}, Right: "Johann Müller"}, "bei Johann\nMüller, Ulm\n", ""},
		"not over paragraphs":  {[]string{"bei Joh.", "Müler, Ulm"}, Spelling{Wrong: []string{"Joh. Müler"}, Right: "Johann Müller"}, "bei Joh.\n\nMüler, Ulm\n", ""},
		"signs between":        {[]string{"Joh., Müler"}, Spelling{Wrong: []string{"Joh Müler"}, Right: "Johann Müller"}, "Joh., Müler\n", ""},
		"three become two":     {[]string{"(von der Müler!"}, Spelling{Wrong: []string{"von der Müler"}, Right: "Vonder Müller"}, "(Vonder Müller!\n", ""},
		"two become one":       {[]string{"Herr Mü ler, kam"}, Spelling{Wrong: []string{"Mü ler"}, Right: "Müller"}, "Herr Müller, kam\n", ""},
		"one becomes two":      {[]string{"Herr JohMüler, kam"}, Spelling{Wrong: []string{"JohMüler"}, Right: "Johann Müller"}, "Herr Johann Müller, kam\n", ""},
		"two become three":     {[]string{"JohMüler Ulm."}, Spelling{Wrong: []string{"JohMüler Ulm"}, Right: "Johann Müller Ulm"}, "Johann Müller Ulm.\n", ""},
		"broken":               {[]string{"Herr Mü-\nler, kam"}, Spelling{Wrong: []string{"Müler"}, Right: "Müller"}, "Herr Mü-\nller, kam\n", "Herr Müller,\nkam\n\n"},
		"broken later":         {[]string{"Herr Mül-\ner, kam"}, Spelling{Wrong: []string{"Müler"}, Right: "Müller"}, "Herr Mül-\nler, kam\n", "Herr Müller,\nkam\n\n"},
		"broken late":          {[]string{"Herr Müle\u2e17\nr, kam"}, Spelling{Wrong: []string{"Müler"}, Right: "Müller"}, "Herr Mülle\u2e17\nr, kam\n", "Herr Müller,\nkam\n\n"},
		"broken over three":    {[]string{"Mü-\nle-\nr, kam"}, Spelling{Wrong: []string{"Müler"}, Right: "Müller"}, "Mü-\nlle-\nr, kam\n", "Müller,\nkam\n\n"},
		"broken, capital":      {[]string{"Mcd-\nonald kam"}, Spelling{Wrong: []string{"Mcdonald"}, Right: "MacDonald"}, "MacD-\nonald kam\n", "MacDonald\nkam\n\n"},
		"broken at a capital":  {[]string{"Mc-\ndonald kam"}, Spelling{Wrong: []string{"Mcdonald"}, Right: "McDonald"}, "Mc" + shy + "\nDonald kam\n", "McDonald\nkam\n\n"},
		"broken into two":      {[]string{"JohMü-\nler, kam"}, Spelling{Wrong: []string{"JohMüler"}, Right: "Johann Müller"}, "Johann Mü-\nller, kam\n", "Johann Müller,\nkam\n\n"},
		"broken to one letter": {[]string{"an Mü-\nler kam"}, Spelling{Wrong: []string{"Müler"}, Right: "M"}, "an M\nkam\n", ""},
		"wrong without hyphen": {[]string{"an Mü\nler, kam"}, Spelling{Wrong: []string{"Mü ler"}, Right: "Müller"}, "an Mü" + shy + "\nller, kam\n", "an Müller,\nkam\n\n"},
		"compound":             {[]string{"Herr Müler-\nLüdenscheid, kam"}, Spelling{Wrong: []string{"Müler-Lüdenscheid"}, Right: "Müller-Lüdenscheidt"}, "Herr Müller-\nLüdenscheidt, kam\n", ""},
		"compound of two":      {[]string{"Müler-\nLüdenscheid, kam"}, Spelling{Wrong: []string{"Müler-Lüdenscheid"}, Right: "Herr Müller-Lüdenscheidt"}, "Herr Müller-\nLüdenscheidt, kam\n", ""},
		"first half matches":   {[]string{"Müler-Schmi-\nding kam"}, Spelling{Wrong: []string{"Müler"}, Right: "Müller"}, "Müller-Schmi-\nding kam\n", "Müller-Schmiding\nkam\n\n"},
		"second half":          {[]string{"Schmi-\nding-Müler kam"}, Spelling{Wrong: []string{"Müler"}, Right: "Müller"}, "Schmi-\nding-Müller kam\n", "Schmiding-Müller\nkam\n\n"},
		"abbreviated right":    {[]string{"Joh Joh. Joh"}, Spelling{Wrong: []string{"Joh"}, Right: "Joh."}, "Joh. Joh. Joh.\n", ""},
		"right holds wrong":    {[]string{"Müller von Müller"}, Spelling{Wrong: []string{"Müller"}, Right: "von Müller"}, "von Müller von Müller\n", ""},
		"letters apart":        {[]string{"Mu\u0308ler kam"}, Spelling{Wrong: []string{"Müler"}, Right: "Mu\u0308ller"}, "M\u00fcller kam\n", ""},
		"hebrew":               {[]string{"שלום, שלמ"}, Spelling{Wrong: []string{"שלמ"}, Right: "שלם"}, "שלום, שלם\n", ""},
		"chinese":              {[]string{"漢字、仮名"}, Spelling{Wrong: []string{"漢字"}, Right: "汉字"}, "汉字、仮名\n", ""},
		"beyond 16 bits":       {[]string{"𝔉𝔯𝔞 x"}, Spelling{Wrong: []string{"𝔉𝔯𝔞"}, Right: "𝔉𝔯𝔞𝔲"}, "𝔉𝔯𝔞𝔲 x\n", ""},
		"nothing":              {[]string{"Herr Meier"}, Spelling{Wrong: []string{"Müler"}, Right: "Müller"}, "Herr Meier\n", ""},
	} {
		t.Run(name, func(t *testing.T) {
			text := page(set(50, 100, false, c.text...))
			edits, err := text.Spell(c.spell)
			if err != nil {
				t.Fatal(err)
			}
			got := apply(t, text, edits...)
			if o := outline(got); o != c.want {
				t.Errorf("%q, want %q", o, c.want)
			}
			if s := got.Search(); c.search != "" && s != c.search {
				t.Errorf("search finds %q, want %q", s, c.search)
			}
			sound(t, got)
			if again := got.Find(c.spell); len(again) > 0 {
				t.Errorf("found again: %+v", again)
			}
			if text.Search() == got.Search() != (len(edits) == 0) {
				t.Errorf("%d edits", len(edits))
			}
		})
	}
}

func TestFind(t *testing.T) {
	n := Spelling{Wrong: []string{"Müler"}, Right: "Müller"}
	text := page(set(50, 100, false, "one two three four five six seven eight nine Mü-\nler, ten", "Müler xx Müler"))
	text = apply(t, text, Unreadable(at(t, text, "xx", 0)), Accept(at(t, text, "Müler", 1)))
	got := text.Find(n)
	want := []Match{
		{At: []Place{at(t, text, "Mü-", 0), at(t, text, "ler,", 0)}, Found: "Müler", Becomes: "Müller", Before: "three four five six seven eight nine ", After: ", ten"},
		{At: []Place{at(t, text, "Müler", 0)}, Found: "Müler", Becomes: "Müller", After: " [...] Müler"},
		{At: []Place{at(t, text, "Müler", 1)}, Found: "Müler", Becomes: "Müller", Before: "Müler [...] ", Seen: true},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, want\n%+v", got, want)
	}
	// Only what was chosen.
	edits, err := text.SpellAt(n, got[1:2])
	if err != nil {
		t.Fatal(err)
	}
	x := apply(t, text, edits...)
	if !strings.HasSuffix(x.Plain(), "Mü-\nler, ten\n\nMüller [...] Müler\n") {
		t.Errorf("%q", x.Plain())
	}
	if _, err := x.SpellAt(n, got[1:2]); !errors.Is(err, ErrElsewhere) {
		t.Errorf("what was found before: %v", err)
	}
	if edits, err := text.SpellAt(n, nil); err != nil || len(edits) > 0 {
		t.Errorf("nothing chosen: %v, %v", edits, err)
	}
	// Not in what nobody can read, nor over it.
	x = apply(t, text, Unreadable(at(t, text, "Müler", 0)), Unreadable(at(t, text, "ler,", 0)))
	if got := x.Find(n); len(got) != 1 {
		t.Errorf("%+v", got)
	}
	if got := text.Find(Spelling{Wrong: []string{"Müler Müler"}, Right: "x"}); len(got) != 0 {
		t.Errorf("over what is unreadable: %+v", got)
	}
	for _, bad := range []Spelling{
		{}, {Wrong: []string{"Müler"}}, {Right: "Müller"}, {Wrong: []string{" "}, Right: "Müller"},
		{Wrong: []string{"Müler"}, Right: " "}, {Wrong: []string{"\xff"}, Right: "x"}, {Wrong: []string{"Müler"}, Right: "\x00"},
	} {
		if got := text.Find(bad); got != nil {
			t.Errorf("%+v finds %v", bad, got)
		}
		if _, err := text.Spell(bad); !errors.Is(err, ErrEdit) {
			t.Errorf("%+v: %v", bad, err)
		}
	}
}
