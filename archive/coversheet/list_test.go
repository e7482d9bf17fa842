package coversheet

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf16"

	"golang.org/x/text/encoding/charmap"

	"recto/archive"
)

func same(a, b archive.Unit) bool {
	return a.Code == b.Code && a.Reference == b.Reference && a.Title == b.Title && a.Container == b.Container && a.Expected == b.Expected &&
		maps.Equal(a.Metadata, b.Metadata)
}

// wide is text in UTF-16.
func wide(text string, big bool) string {
	var b []byte
	for _, u := range utf16.Encode([]rune(text)) {
		if big {
			b = append(b, byte(u>>8), byte(u))
		} else {
			b = append(b, byte(u), byte(u>>8))
		}
	}
	return string(b)
}

func latin(t *testing.T, text string) string {
	t.Helper()
	s, err := charmap.Windows1252.NewEncoder().String(text)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// TestReadCSV: one list in all the shapes in which spreadsheets export it.
func TestReadCSV(t *testing.T) {
	want := []archive.Unit{
		{Code: "B-17", Reference: "HStA 12/7", Title: "Briefe, \"privat\"", Container: "Schachtel 3", Expected: 24, Metadata: map[string]string{"Datum": "1912/13"}},
		{Reference: "HStA 12/8", Title: "Müller – Größe; Maß", Metadata: map[string]string{"Datum": "um 1920"}},
	}
	rows := func(d string) string {
		r := strings.NewReplacer("|", d)
		return r.Replace("Shelfmark|Title|Container|Sheets|Code|Datum\n" +
			"HStA 12/7|\"Briefe, \"\"privat\"\"\"|Schachtel 3|24|B-17|1912/13\n" +
			"\"HStA 12/8\"|\"Müller – Größe; Maß\"||||um 1920\n")
	}
	for _, x := range []struct{ name, list, note string }{
		{"plain", rows(","), ""},
		{"semicolons", rows(";"), "semicolons"},
		{"tabs", rows("\t"), "tabs"},
		{"a mark in front", "\uFEFF" + rows(","), ""},
		{"ends of lines", strings.ReplaceAll(rows(";"), "\n", "\r\n"), "semicolons"},
		{"old ends of lines", strings.ReplaceAll(rows(";"), "\n", "\r"), "semicolons"},
		{"no end at the end", strings.TrimSuffix(rows(","), "\n"), ""},
		{"sep=", "sep=;\r\n" + rows(";"), "semicolons"},
		{"Latin-1", latin(t, rows(";")), "Latin-1"},
		{"UTF-16", wide("\uFEFF"+rows("\t"), false), "UTF-16"},
		{"UTF-16, big end first", wide("\uFEFF"+rows("\t"), true), "UTF-16"},
		{"UTF-16 without mark", wide(rows("\t"), false), "UTF-16"},
		{"UTF-16, big end first, without mark", wide(rows("\t"), true), "UTF-16"},
		{"empty lines and rows", "\n" + strings.ReplaceAll(rows(","), "\n\"", "\n\n,,,,,\n\""), "left out"},
		{"blanks behind dividers", rows("; "), "semicolons"},
		{"trailing divider", strings.ReplaceAll(rows(";"), "\n", ";\n"), "semicolons"},
	} {
		l, err := ReadCSV(iotest.HalfReader(strings.NewReader(x.list)))
		if err != nil {
			t.Errorf("%s: %v", x.name, err)
			continue
		}
		if len(l.Units) != 2 || !same(l.Units[0], want[0]) || !same(l.Units[1], want[1]) {
			t.Errorf("%s: %+v", x.name, l.Units)
		}
		if told := strings.Join(l.Notes, "\n"); !strings.Contains(told, x.note) || (told == "") != (x.note == "") {
			t.Errorf("%s: %q", x.name, l.Notes)
		}
	}
}

// TestOtherColumns: names in any case; the least list; lines within fields.
func TestOtherColumns(t *testing.T) {
	l, err := ReadCSV(strings.NewReader("Signatur,Expected,BOX,Titel\nR 1,0\n\"R\n2\",7,B 1,T\n"))
	if err != nil || len(l.Units) != 2 || !same(l.Units[0], archive.Unit{Reference: "R 1"}) || !same(l.Units[1], archive.Unit{Reference: "R\n2", Title: "T", Container: "B 1", Expected: 7}) {
		t.Fatal(l, err)
	}
	if !l.Has("container") || !l.Has("title") || l.Has("code") || l.Has("Date") {
		t.Error("columns")
	}
	reason := errors.New("it is blue")
	if err := l.Fault(1, "container", reason); err.Error() != "line 3, column 3 (BOX): it is blue" || !errors.Is(err, reason) || !errors.Is(err, ErrList) {
		t.Error(err)
	}
	if err := l.Fault(1, "code", reason); err.Error() != "line 3: it is blue" {
		t.Error(err)
	}
	l, err = ReadCSV(strings.NewReader("shelfmark\nA\nB\n"))
	if err != nil || len(l.Units) != 2 {
		t.Error(l, err)
	}
}

// TestWrongLists: each fault is told with its place, and nothing is taken.
func TestWrongLists(t *testing.T) {
	for _, x := range []struct {
		name, list string
		want       []string
	}{
		{"nothing", "", []string{"empty"}},
		{"blanks", "\n\n", []string{"empty"}},
		{"only a header", "reference,title\n", []string{"no units"}},
		{"no reference column", "title,box\na,b\n", []string{"line 1: no column is called reference or shelfmark; there are: title, box"}},
		{"no reference", "reference,title\n,Letters\nR,T\n,More\n", []string{"line 2, column 1 (reference): is empty", "line 4, column 1 (reference): is empty"}},
		{"no number", "reference,sheets\nA,x\nB,12.5\nC,-1\nD,99999999999999999999\n", []string{
			`line 2, column 2 (sheets): "x" is no number`, `line 3, column 2 (sheets): "12.5" is no number`, "line 4, column 2 (sheets): -1", "line 5, column 2"}},
		{"the same reference", "title,reference\nx,A\ny,B\nz,A\n", []string{`line 4, column 2 (reference): "A" is in line 2 too`}},
		{"the same reference and more", "reference,sheets\nA,x\nA,y\n", []string{"line 2, column 2", "line 3, column 2 (sheets)", `line 3, column 1 (reference): "A" is in line 2 too`}},
		{"the same in another Unicode form", "reference\né\ne\u0301\n", []string{`line 3, column 1`}},
		{"the same code", "reference,code\nA,1\nB,1\n", []string{`line 3, column 2 (code): code "1" is in line 2 too`}},
		{"a made code that is taken", "reference,code\nA,\nB," + CodeFor("A") + "\n", []string{"line 3, column 2 (code)"}},
		{"a blank in a code", "reference,code\nA,1 2\n", []string{"line 2, column 2 (code)"}},
		{"a long code", "reference,code\nA," + strings.Repeat("1", MostCode+1) + "\n", []string{"line 2, column 2 (code)"}},
		{"a column twice", "reference,shelfmark\nA,B\n", []string{"line 1, column 2 (shelfmark): is there twice, the other in column 1"}},
		{"metadata twice", "reference,Date,date\nA,B,C\n", []string{"line 1, column 3 (date): is there twice"}},
		{"a value without column", "reference,,title\nA,b,c\nB,,d,e\n", []string{`line 2, column 2: "b" stands in a column without a name`, `line 3, column 4: "e"`}},
		{"an open quote", "reference,title\nA,\"b\nC,d\n", []string{"quotation mark that nothing closes"}},
		{"a stray quote", "reference,title\nA,b\"c\nC,d\n", []string{"line 2: at byte 4: a quotation mark within a field"}},
		{"sep", "sep=|\nreference|title\n", []string{"line 1: columns are divided by comma, semicolon or tab, not by '|'"}},
		{"line numbers behind sep and lines in fields", "sep=,\nreference,sheets\n\"A\nB\",1\nC,x\n", []string{"line 5, column 2 (sheets)"}},
		{"a long title", "reference,title\nA," + strings.Repeat("ж", MostTitle+1) + "\n", []string{"line 2, column 2 (title): has 2001 characters"}},
		{"long metadata", "reference,m\nA," + strings.Repeat("ж", MostValue+1) + "\n", []string{"line 2, column 2 (m)"}},
		{"zero bytes", "reference\nA\x00\n", []string{"line 2: a zero byte"}},
		{"UTF-8 by its mark only", "\uFEFFreference\nA\xff\n", []string{"line 2: it says that it is UTF-8"}},
		{"no encoding", "reference\nA\x81\n", []string{"line 2: bytes that are neither UTF-8 nor Windows-1252"}},
		{"half a character of UTF-16", wide("\uFEFFreference\nA\n", false) + "\x00", []string{"odd number"}},
		{"half a pair in UTF-16", wide("\uFEFFreference\nA", false) + "\x00\xD8" + wide("\n", false), []string{"line 2"}},
		{"a picture", "\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR", []string{"line"}},
	} {
		l, err := ReadCSV(strings.NewReader(x.list))
		var faults Faults
		if !errors.Is(err, ErrList) || !errors.As(err, &faults) || l != nil {
			t.Errorf("%s: %v, %+v", x.name, err, l)
			continue
		}
		if len(faults) != len(x.want) {
			t.Errorf("%s: %d faults: %v", x.name, len(faults), err)
			continue
		}
		for i, want := range x.want {
			if !strings.Contains(faults[i].Error(), want) {
				t.Errorf("%s: %q is not in %q", x.name, want, faults[i])
			}
		}
	}
	var at *ListError
	if _, err := ReadCSV(strings.NewReader("reference,sheets\nA,x\n")); !errors.As(err, &at) || at.Line != 2 || at.Column != 2 || at.Name != "sheets" {
		t.Errorf("%+v", at)
	}
	_, err := ReadCSV(strings.NewReader("reference,sheets\n" + strings.Repeat("A,x\n", 5000)))
	if n := strings.Count(err.Error(), "\n"); n > MostTold+2 {
		t.Errorf("%d lines of faults", n)
	}
	broken := errors.New("the cable was pulled")
	if _, err := ReadCSV(iotest.ErrReader(broken)); !errors.Is(err, broken) || errors.Is(err, ErrList) {
		t.Error(err)
	}
}

// TestLongLists: ten thousand units are read, and what has no end is refused.
func TestLongLists(t *testing.T) {
	var b bytes.Buffer
	b.WriteString("reference;title;expected;Drawer\n")
	for i := range 10_000 {
		fmt.Fprintf(&b, "Fonds %d;Letters %d;%d;B%d\n", i, i, i%500, i/10)
	}
	l, err := ReadCSV(&b)
	if err != nil || len(l.Units) != 10_000 {
		t.Fatal(err)
	}
	last := archive.Unit{Reference: "Fonds 9999", Title: "Letters 9999", Expected: 499, Metadata: map[string]string{"Drawer": "B999"}}
	if !same(l.Units[9999], last) {
		t.Errorf("%+v", l.Units[9999])
	}
	endless := io.MultiReader(strings.NewReader("reference\n"), forever('\n'))
	if _, err := ReadCSV(endless); !errors.Is(err, ErrList) {
		t.Error(err)
	}
	var many bytes.Buffer
	many.WriteString("reference\n")
	for i := range MostUnits + 1 {
		fmt.Fprintln(&many, i)
	}
	if _, err := ReadCSV(&many); !errors.Is(err, ErrList) {
		t.Error(err)
	}
}

type forever byte

func (f forever) Read(b []byte) (int, error) {
	for i := range b {
		b[i] = byte(f)
	}
	return len(b), nil
}

// FuzzReadCSV: whatever comes, no panic, and all units that come out can have a sheet.
func FuzzReadCSV(f *testing.F) {
	for _, s := range []string{"reference,title\nA,b\n", "\uFEFFshelfmark;code\n\"A\";1\n", wide("reference\nA\n", false), "sep=;\nreference\n\xff\n"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		l, err := ReadCSV(bytes.NewReader(b))
		if (err == nil) != (l != nil && len(l.Units) > 0) {
			t.Fatal(l, err)
		}
		if err != nil {
			return
		}
		for _, u := range l.Units {
			if u.Code == "" {
				u.Code = CodeFor(u.Reference)
			}
			if err := Check(u); err != nil {
				t.Fatal(err)
			}
		}
	})
}
