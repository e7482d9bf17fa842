package coversheet

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"unicode/utf16"

	"recto/archive"
)

func TestReadCSV(t *testing.T) {
	want := []archive.Unit{
		{Code: CodeFor("A/1"), Reference: "A/1", Title: "Grüße; \"hier\"", Container: "Box 3", Expected: 12, Metadata: map[string]string{"Creator": "Müller"}},
		{Code: "OWN-2", Reference: "A/2"},
	}
	plain := "Reference,Title,Container,Sheets,Code,Creator\nA/1,\"Grüße; \"\"hier\"\"\",Box 3,12,,Müller\n\nA/2,,,,OWN-2,\n"
	wide := utf16.Encode([]rune("\ufeff" + plain))
	little, big := make([]byte, 0, 2*len(wide)), make([]byte, 0, 2*len(wide))
	for _, u := range wide {
		little, big = append(little, byte(u), byte(u>>8)), append(big, byte(u>>8), byte(u))
	}
	for name, text := range map[string]string{
		"UTF-8": plain, "with a mark": "\ufeff" + plain, "UTF-16": string(little), "UTF-16, big end first": string(big), "CRLF": strings.ReplaceAll(plain, "\n", "\r\n"),
		"semicolons":   "shelfmark;titel;BOX;expected;code;Creator\nA/1;\"Grüße; \"\"hier\"\"\";Box 3;12;;Müller\nA/2;;;;OWN-2;\n",
		"tabs":         "Reference\tTitle\tContainer\tSheets\tCode\tCreator\nA/1\t\"Grüße; \"\"hier\"\"\"\tBox 3\t12\t\tMüller\nA/2\t\t\t\tOWN-2\n",
		"Windows-1252": strings.NewReplacer("ü", "\xfc", "ß", "\xdf").Replace(plain),
	} {
		got, notes, err := ReadCSV(strings.NewReader(text))
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %v\n%+v", name, err, got)
		}
		if (name == "Windows-1252") != (len(notes) == 1) {
			t.Errorf("%s: notes %q", name, notes)
		}
	}
}

func TestReadCSVRefuses(t *testing.T) {
	for text, why := range map[string]string{
		"": "no row of column names", "Title\nx\n": "no column is called reference", "reference\n": "no units", "reference,expected\na,many\n": "line 2: column expected: \"many\"",
		"reference,title\n,x\n": "line 2: the unit has no reference", "reference\na\nb\na\n": "line 4: the code", "reference,code\na,1\nb,1\n": "line 3: the code 1 is that of line 2",
		"reference,reference\na,b\n": "two columns", "reference\na,b\n": "2 columns", "reference,\na,b\n": "column 2 has the value", "reference\n\"a\n": "line 2",
		"reference,expected\na,-1\n": "number of sheets",
	} {
		if _, _, err := ReadCSV(strings.NewReader(text)); !errors.Is(err, ErrList) || !strings.Contains(err.Error(), why) {
			t.Errorf("%q: %v, want %s", text, err, why)
		}
	}
}

func TestReadLongList(t *testing.T) {
	var b strings.Builder
	b.WriteString("reference,title\n")
	for i := range 10_000 {
		fmt.Fprintf(&b, "HStA %d,Title %d\n", i, i)
	}
	units, _, err := ReadCSV(strings.NewReader(b.String()))
	if err != nil || len(units) != 10_000 || units[9_999].Title != "Title 9999" {
		t.Errorf("%d units, %v", len(units), err)
	}
}
