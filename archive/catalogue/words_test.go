package catalogue

import (
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode"
)

// TestFoldAsIndex holds Fold against the index's own tokenizer, letter by letter.
// What a text is indexed as must be what a query for it asks, or it is not found;
// and what the index takes for equal must be equal folded, or it is not marked.
func TestFoldAsIndex(t *testing.T) {
	db, err := sql.Open("sqlite3", ":memory:")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	db.SetMaxOpenConns(1)
	exec := func(query string, args ...any) {
		t.Helper()
		if _, err := db.Exec(query, args...); err != nil {
			t.Fatal(err)
		}
	}
	exec(`CREATE VIRTUAL TABLE i USING fts5 (asked, held, tokenize = 'unicode61 remove_diacritics 2')`)
	exec(`CREATE VIRTUAL TABLE v USING fts5vocab (i, 'instance')`)
	exec(`BEGIN`)
	for r := rune(0x80); r < 0x20000; r++ {
		if unicode.In(r, unicode.L, unicode.N) {
			exec(`INSERT INTO i (rowid, asked, held) VALUES (?, ?, ?)`, r, "a"+Fold(string(r))+"z", "a"+spell(clean(string(r)))+"z")
		}
	}
	exec(`COMMIT`)
	type tokens struct{ asked, held string }
	index := map[rune]tokens{}
	rows, err := db.Query(`SELECT doc, col = 'asked', term FROM v ORDER BY doc, col, offset`)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var r rune
		var asked bool
		var term string
		if err := rows.Scan(&r, &asked, &term); err != nil {
			t.Fatal(err)
		}
		is := index[r]
		if asked {
			is.asked += " " + term
		} else {
			is.held += " " + term
		}
		index[r] = is
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	var wrong []string
	folded := map[string]rune{}
	for r := rune(0x80); r < 0x20000; r++ {
		is, letter := index[r]
		if !letter {
			continue
		}
		if is.asked != is.held {
			wrong = append(wrong, fmt.Sprintf("%U %c is indexed as %q and asked for as %q", r, r, is.held, is.asked))
		}
		if strings.Count(is.held, " ") > 1 {
			continue // a letter that SQLite does not know yet separates words
		}
		if o, seen := folded[is.held]; !seen {
			folded[is.held] = r
		} else if Fold(string(o)) != Fold(string(r)) {
			wrong = append(wrong, fmt.Sprintf("%U %c and %U %c are found alike but folded as %q and %q", o, o, r, r, Fold(string(o)), Fold(string(r))))
		}
	}
	if len(wrong) > 0 {
		t.Errorf("%d letters differ:\n%s", len(wrong), strings.Join(wrong[:min(len(wrong), 300)], "\n"))
	}
}

func TestAlso(t *testing.T) {
	for text, want := range map[string][]string{
		"":                            nil,
		"nothing to join\nhere":       nil,
		"Archi-\nvist":                {"Archivist"},
		"Archi- \n\n  vist liest\nx":  {"Archivist liest"},
		"a-\nb-\nc-\nd e":             {"abcd e"},
		"a-\n-\nb":                    nil,
		"1914-\n18":                   {"191418"},
		"end-":                        nil,
		"end-\n":                      nil,
		"- item\n- item":              nil,
		"a -\nb":                      nil,
		"a—\nb":                       nil,
		"Straße\nplain\nwei\u00adch":  {"Strasse", "weich"},
		"Zei\u00ad\nlen":              {"Zeilen"},
		"Waſ-\nſer":                   {"Wasser"},
		"Köln":                        nil,
		strings.Repeat("a-\n", 99999): {strings.Repeat("a", 99998) + "a-"},
	} {
		var got []string
		for l := range strings.SplitSeq(also(text), "\n") {
			if l != "" {
				got = append(got, strings.TrimSuffix(l, " \ue000"))
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%.40q: %.80q, want %.80q", text, got, want)
		}
	}
}

func FuzzSnippet(f *testing.F) {
	f.Add("Der Archi-\nvist", "archivist \"der")
	f.Add("a\u00ad\u0301-\n\u0301b ß\xff", "b*")
	f.Fuzz(func(t *testing.T, text, query string) {
		text = clean(text)
		s, marks, _ := snippet(text, parse(query, true))
		at := 0
		for _, m := range marks {
			if m[0] < at || m[1] < m[0] || m[1] > len(s) {
				t.Errorf("marks %v in %q", marks, s)
			}
			at = m[1]
		}
		also(text)
	})
}
