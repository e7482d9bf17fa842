package catalogue_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"recto/archive"
	"recto/archive/catalogue"
	"recto/scan"
)

// read puts a text on a page.
func (b *bench) read(page scan.PageID, text string) {
	b.t.Helper()
	path := "text/" + string(page)
	b.texts[path] = text
	b.do(archive.PageProcessed, archive.Processed{Page: page, State: scan.Done, Text: path, Words: len(strings.Fields(text))})
}

func TestSearch(t *testing.T) {
	b := newBench(t)
	b.batch("B")
	for i, text := range []string{
		1:  "Der Archi-\nvist liest.\nDie Straße nach Köln,\nBürgermeister Müller.",
		2:  "Café\nrésumé naïve coöperate ÅNGSTRÖM",
		3:  "Cafe\u0301 in NFD",
		4:  "Registratur des Amtes; Amtes Registratur",
		5:  "O'Brien's AT&T foo_bar 3.14 x",
		6:  "Wiſſenſchaft, Waſſer, ﬁnden, Encyclopædia, fuͤr",
		7:  "Москва, Мой дом. Ёлка",
		8:  "Αθήνα και λόγος ΛΌΓΟΣ",
		9:  "שָׁלוֹם עולם",
		10: "कुत्ता किताब",
		11: "Donau¬\n\ndampf⸗\nschiff=\nfahrt",
		12: "Nord-Ostsee-Kanal und Nord Ostsee",
		13: "weich\u00adgetrennt Zei\u00ad\nlen",
		14: "und\nund\nund",
		15: "東京都庁 資料",
		16: "null\x00byte \xff\xfe kaputt \ue000 privat",
	} {
		if i > 0 {
			id := scan.PageID(fmt.Sprintf("p%d", i))
			b.do(archive.PageCaptured, archive.Captured{Page: page("B", id)})
			b.read(id, text)
		}
	}
	for _, c := range []struct {
		query string
		want  string // pages, in order of capture
	}{
		{"archivist", "p1"}, {"ARCHIVIST", "p1"}, {"archi", "p1"}, {"vist", "p1"}, {"archivist liest", "p1"},
		{`"der archivist liest"`, "p1"}, {`"archi vist"`, "p1"}, {`"liest köln"`, ""},
		{"strasse", "p1"}, {"Straße", "p1"}, {"STRASSE", "p1"}, {"koln", "p1"}, {"Köln", "p1"}, {"mull*", "p1"}, {"burgermeister", "p1"},
		{"cafe", "p2 p3"}, {"café", "p2 p3"}, {"cafe\u0301", "p2 p3"}, {"resume", "p2"}, {"naive cooperate", "p2"}, {"angstrom", "p2"},
		{"registratur amtes", "p4"}, {`"registratur des amtes"`, "p4"}, {`"amtes registratur"`, "p4"}, {`"des registratur"`, ""},
		{"reg*", "p4"}, {"reg", ""}, {`"des am"*`, "p4"}, {`"des am" *`, ""}, {"registratur fehlt", ""},
		{"o'brien", "p5"}, {"AT&T", "p5"}, {"foo_bar", "p5"}, {"3.14", "p5"}, {"x", "p5"}, {"3.1", ""},
		{"wissenschaft", "p6"}, {"wiſſenſchaft", "p6"}, {"wasser", "p6"}, {"finden", "p6"}, {"encyclopaedia", "p6"}, {"encyclopædia", "p6"}, {"fur", "p6"},
		{"москва", "p7"}, {"МОИ", "p7"}, {"мой", "p7"}, {"елка", "p7"},
		{"αθηνα", "p8"}, {"ΑΘΉΝΑ", "p8"}, {"λογος", "p8"}, {"λόγοσ", "p8"},
		{"שלום", "p9"}, {"שָׁלוֹם", "p9"}, {"किताब", "p10"}, {"कुत्ता", "p10"},
		{"donaudampfschiffahrt", ""}, {"donaudampfschifffahrt", "p11"}, {"dampf", "p11"}, {"donaud*", "p11"},
		{"nord-ostsee", "p12"}, {"nord-ostsee-kanal", "p12"}, {"kanal-nord", ""}, {"ostsee und", "p12"},
		{"weichgetrennt", "p13"}, {"zeilen", "p13"}, {"wei\u00adchgetrennt", "p13"},
		{"資料", "p15"}, {"東京*", "p15"},
		{"kaputt", "p16"}, {"byte", "p16"}, {"privat kaputt", "p16"},

		// Not words, or another language's syntax: never an error.
		{"", ""}, {" \t\n", ""}, {"*", ""}, {"\"", ""}, {`""`, ""}, {`"""`, ""}, {"^", ""}, {":", ""}, {"-", ""}, {"()", ""},
		{"\x00", ""}, {"\xff", ""}, {"🙂", ""}, {"\ue000", ""}, {"'", ""}, {"{}", ""}, {"+", ""}, {"NEAR(", ""}, {"%", ""},
		{"AND", ""}, {"OR", ""}, {"NOT", ""}, {"NEAR", ""}, {"cafe AND", ""}, {"NEAR(cafe nfd)", ""}, {"cafe OR kaputt", ""},
		{"cafe -nfd", "p3"}, {"^cafe", "p2 p3"}, {"plain:cafe", ""}, {"also : cafe", ""}, {"cafe\x00nfd", "p3"}, {"cafe🙂in", "p3"},
		{`"cafe`, "p2 p3"}, {`cafe"`, "p2 p3"}, {`"in nfd" cafe"`, "p3"}, {"„in NFD“", "p3"}, {"»in NFD«", "p3"}, {"*cafe", "p2 p3"}, {"ca*fe", ""},
		{"'; DROP TABLE pages; --", ""}, {strings.Repeat("und ", 5000), "p12 p14"}, {strings.Repeat("u", 10000), ""}, {strings.Repeat(`"`, 999), ""},
		{strings.Repeat("ü", 4095), ""},
	} {
		_, hits, err := b.c.Search(context.Background(), c.query, 100, 0)
		if err != nil {
			t.Errorf("%.60q: %v", c.query, err)
			continue
		}
		slices.SortFunc(hits, func(a, b catalogue.Hit) int { return a.Number - b.Number })
		var got []string
		for _, h := range hits {
			got = append(got, string(h.Page))
			if len(h.Marks) == 0 || len(h.Terms) == 0 {
				t.Errorf("%.60q: nothing is marked in %+v", c.query, h)
			}
			if !utf8.ValidString(h.Snippet) {
				t.Errorf("%.60q: snippet %q", c.query, h.Snippet)
			}
		}
		if g := strings.Join(got, " "); g != c.want {
			t.Errorf("%.60q finds %q, want %q", c.query, g, c.want)
		}
	}
	b.sound()
	b.rebuilt()
}

func TestSearchAsYouType(t *testing.T) {
	b := newBench(t)
	b.batch("B", "p1")
	b.read("p1", "Das Stadtarchiv Lübeck")
	for query, want := range map[string]int{
		"s": 1, "sta": 1, "das sta": 1, "sta das": 0, "stadt ": 0, "stadtarchiv ": 1, `"das st`: 1, `"das st"`: 0, "lube": 1, "lübeck!": 1, "lüb,": 0,
	} {
		total, _, err := b.c.Search(context.Background(), query, 0, 0, catalogue.Prefix)
		if err != nil || total != want {
			t.Errorf("%q: %d, want %d (%v)", query, total, want, err)
		}
	}
}

func TestHits(t *testing.T) {
	b := newBench(t)
	ctx := context.Background()
	b.do(archive.BatchCreated, archive.Batch{ID: "B", Name: "b", Title: "Stapel"})
	b.do(archive.BatchCreated, archive.Batch{ID: "C", Name: "ohne Titel"})
	for i, id := range ids("p1 p2 p3 p4 p5 q1") {
		batch := scan.BatchID("B")
		if i == 5 {
			batch = "C"
		}
		b.do(archive.PageCaptured, archive.Captured{Page: page(batch, id)})
		b.read(id, "Wort")
	}
	b.do(archive.DocumentMade, archive.Document{ID: "D", Batch: "B", Title: "Erstes", Leaves: []archive.Leaf{{Page: "p2"}, {Page: "p1"}, {Page: "p2"}}})
	b.do(archive.DocumentMade, archive.Document{ID: "E", Batch: "B", Title: "Zweites", Leaves: []archive.Leaf{{Page: "p1"}}})
	b.do(archive.PagesBinned, archive.Binned{Batch: "B", Pages: ids("p2 p3")})

	want := []string{"D Erstes B p1 2", "E Zweites B p1 1", "D Erstes B p2 1", " Stapel B p4 2", " Stapel B p5 3", " ohne Titel C q1 1"}
	for _, c := range []struct{ limit, offset int }{{100, 0}, {2, 0}, {2, 1}, {2, 4}, {3, 5}, {3, 6}, {3, 99}, {0, 0}, {-1, 0}, {2, -1}} {
		total, hits, err := b.c.Search(ctx, "wort", c.limit, c.offset)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, h := range hits {
			got = append(got, fmt.Sprintf("%s %s %s %s %d", h.Document, h.Title, h.Batch, h.Page, h.Number))
		}
		from := min(max(c.offset, 0), len(want))
		if w := want[from:min(from+max(c.limit, 0), len(want))]; total != 6 || !slices.Equal(got, w) {
			t.Errorf("%+v: %d, %q, want %q", c, total, got, w)
		}
	}
	b.sound()
}

func TestBestFirst(t *testing.T) {
	b := newBench(t)
	b.batch("B", "p1", "p2", "p3")
	b.read("p1", "Wein "+strings.Repeat("und Wasser ", 50))
	b.read("p2", "Wein Wein Wein")
	b.read("p3", "Bier")
	_, hits, err := b.c.Search(context.Background(), "wein", 9, 0)
	if err != nil || len(hits) != 2 || hits[0].Page != "p2" {
		t.Errorf("%+v, %v", hits, err)
	}
}

func TestSnippet(t *testing.T) {
	long := "eins zwei drei vier fünf sechs sieben acht neun zehn elf zwölf dreizehn vierzehn fünfzehn"
	for _, c := range []struct {
		text, query string
		want        string // marks in brackets
		terms       string
	}{
		{"Ein Wort.", "wort", "Ein [Wort].", "wort"},
		{"»Ein\n\n  Wort« ist\x01da!", "ist ein", "[Ein] Wort« [ist] da!", "ein ist"},
		{long, "eins", "[eins] zwei drei vier fünf sechs sieben acht neun zehn elf zwölf …", "eins"},
		{long, "acht", "… vier fünf sechs sieben [acht] neun zehn elf zwölf dreizehn vierzehn fünfzehn", "acht"},
		{long, "fünfzehn vier", "[vier] …", ""},
		{long, "zehn-elf", "… vier fünf sechs sieben acht neun [zehn elf] zwölf", ""},
		{"der Archi-\nvist und Archi", "archivist", "der [Archivist] und Archi", "archi archivist vist"},
		{"der Archi-\nvist und Archi", "archi", "der [Archi]vist und [Archi]", "archi"},
		{"der Archi-\nvist liest", `"archivist liest"`, "der [Archivist liest]", "archi archivist liest vist"},
		{"Die STRASSE, die Straße", "straße", "Die [STRASSE], die [Straße]", "strasse"},
		{"Lübeck lübisch", "lu*", "[Lübeck] [lübisch]", "lubeck lubisch"},
		{"wort wort wort", "wort", "[wort] [wort] [wort]", "wort"},
		{"a b c d", `"a b" "b c"`, "[a b c] d", "a b c"},
		{strings.Repeat("x", 500) + " wort", "wort", strings.Repeat("x", 80) + "… [wort]", "wort"},
		{"wort" + strings.Repeat(". ", 500) + "ende", "wort", "[wort]", ""},
	} {
		b := newBench(t)
		b.batch("B", "p1")
		b.read("p1", c.text)
		_, hits, err := b.c.Search(context.Background(), c.query, 1, 0)
		if err != nil || len(hits) != 1 {
			t.Errorf("%q in %.40q: %+v, %v", c.query, c.text, hits, err)
			continue
		}
		h := hits[0]
		var got strings.Builder
		at := 0
		for _, m := range h.Marks {
			got.WriteString(h.Snippet[at:m[0]] + "[" + h.Snippet[m[0]:m[1]] + "]")
			at = m[1]
		}
		got.WriteString(h.Snippet[at:])
		if c.terms == "" { // an excerpt of the snippet and no more
			if !strings.Contains(got.String(), strings.TrimSuffix(c.want, " …")) || len(h.Snippet) > 600 {
				t.Errorf("%q in %.40q: %q, want in it %q", c.query, c.text, got.String(), c.want)
			}
			continue
		}
		if got.String() != c.want || strings.Join(h.Terms, " ") != c.terms {
			t.Errorf("%q in %.40q:\n%q, %q\nwant\n%q, %q", c.query, c.text, got.String(), h.Terms, c.want, c.terms)
		}
	}
}
