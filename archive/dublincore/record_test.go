package dublincore

import (
	"bytes"
	"encoding/xml"
	"os"
	"os/exec"
	"reflect"
	"strings"
	"testing"
)

type element struct {
	XMLName xml.Name
	Value   string `xml:",chardata"`
}

func parse(t *testing.T, b []byte) []element {
	t.Helper()
	var doc struct {
		XMLName  xml.Name  `xml:"http://www.openarchives.org/OAI/2.0/oai_dc/ dc"`
		Elements []element `xml:",any"`
	}
	d := xml.NewDecoder(bytes.NewReader(b))
	if err := d.Decode(&doc); err != nil {
		t.Fatalf("%v in\n%s", err, b)
	}
	return doc.Elements
}

func TestEveryElementInOrder(t *testing.T) {
	var r Record
	v := reflect.ValueOf(&r).Elem()
	for i := range v.NumField() {
		name := v.Type().Field(i).Name
		v.Field(i).Set(reflect.ValueOf([]string{name + " one", "", name + " two"}))
	}
	got := parse(t, r.XML())
	if len(got) != 2*v.NumField() || v.NumField() != 15 {
		t.Fatalf("%d elements of %d fields", len(got), v.NumField())
	}
	for i, e := range got {
		name := v.Type().Field(i / 2).Name
		if e.XMLName.Space != "http://purl.org/dc/elements/1.1/" || e.XMLName.Local != strings.ToLower(name) {
			t.Errorf("element %d is %v, want %s", i, e.XMLName, name)
		}
		if want := name + []string{" one", " two"}[i%2]; e.Value != want {
			t.Errorf("value %q, want %q", e.Value, want)
		}
	}
	if !bytes.Equal(r.XML(), r.XML()) {
		t.Error("two calls, two results")
	}
}

func TestHostileValues(t *testing.T) {
	for in, want := range map[string]string{
		`<a href="x">&amp;</a> ]]>`:   `<a href="x">&amp;</a> ]]>`,
		"two\nlines\twith\r\nreturns": "two\nlines\twith\r\nreturns",
		"nul \x00 esc \x1b":           "nul \uFFFD esc \uFFFD",
		"not UTF-8: \xff\xfe":         "not UTF-8: \uFFFD\uFFFD",
		"non-character \uFFFE":        "non-character \uFFFD",
		"Ærø, 日本語, עברית, \U0001F4DC": "Ærø, 日本語, עברית, \U0001F4DC",
	} {
		b := Record{Title: []string{in}}.XML()
		got := parse(t, b)
		if len(got) != 1 || got[0].Value != want {
			t.Errorf("%q came back as %+v, want %q", in, got, want)
		}
		wellFormed(t, b)
	}
}

// wellFormed asks a second parser.
func wellFormed(t *testing.T, b []byte) {
	t.Helper()
	tool, err := exec.LookPath("xmllint")
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("xmllint is missing: apt install libxml2-utils")
		}
		t.Log("NOT CHECKED by xmllint, which is missing: apt install libxml2-utils")
		return
	}
	cmd := exec.Command(tool, "--noout", "-")
	cmd.Stdin = bytes.NewReader(b)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("xmllint: %v\n%s\n%s", err, out, b)
	}
}
