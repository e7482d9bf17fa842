package pdfa

import (
	"encoding/xml"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"recto/archive"
)

// packet reads the properties out of a file's XMP: the text below each element of
// rdf:Description, list items joined by "|".
func packet(t testing.TB, path string) map[string]string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	s := string(b) // the packet lies in the file as it is, for programs that know no PDF
	start, end := strings.Index(s, "<?xpacket begin="), strings.Index(s, "<?xpacket end=")
	if start < 0 || end < start {
		t.Fatal("no packet")
	}
	props := map[string]string{}
	var stack []string
	d := xml.NewDecoder(strings.NewReader(s[start:end]))
	for {
		token, err := d.Token()
		if err == io.EOF {
			return props
		}
		if err != nil {
			t.Fatal(err)
		}
		switch token := token.(type) {
		case xml.StartElement:
			stack = append(stack, token.Name.Space+token.Name.Local)
			if len(stack) > 4 && token.Name.Local == "li" && props[stack[3]] != "" {
				props[stack[3]] += "|"
			}
		case xml.EndElement:
			stack = stack[:len(stack)-1]
		case xml.CharData:
			if len(stack) == 4 || len(stack) == 6 {
				props[stack[3]] += strings.Trim(string(token), "\n")
			}
		}
	}
}

// inInfo reads the document information dictionary.
func inInfo(t testing.TB, path string) map[string]string {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r := reader{file: f}
	trailer, err := r.table()
	if err != nil {
		t.Fatal(err)
	}
	d, _, err := r.dict(trailer["Info"])
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for key, o := range d {
		if out[key], err = textOf(o); err != nil {
			t.Fatal(err)
		}
	}
	return out
}

// Info and XMP say the same, letter by letter (ISO 19005-1, 6.7.3 still names the
// pairs), whatever the title holds.
func TestInfoIsXMP(t *testing.T) {
	const dc, pdf, xmp, mm = "http://purl.org/dc/elements/1.1/", "http://ns.adobe.com/pdf/1.3/", "http://ns.adobe.com/xap/1.0/", "http://ns.adobe.com/xap/1.0/mm/"
	metas := []Meta{meta}
	for _, title := range titles {
		metas = append(metas, Meta{Title: title, Creator: title, Producer: title, State: archive.Incomplete, Reasons: []string{title, title}, Modified: meta.Modified})
	}
	for _, m := range metas {
		path, _ := written(t, m, Leaf{})
		info, packet := inInfo(t, path), packet(t, path)
		for key, name := range map[string]string{
			"Title": dc + "title", "Author": dc + "creator", "Subject": dc + "description", "Creator": xmp + "CreatorTool", "Producer": pdf + "Producer",
		} {
			if info[key] != packet[name] {
				t.Errorf("%s is %.100q in Info and %.100q in XMP", key, info[key], packet[name])
			}
			if !utf8.ValidString(info[key]) || 2*utf8.RuneCountInString(info[key]) > 32000 {
				t.Errorf("%s is %.100q", key, info[key])
			}
		}
		for key, name := range map[string]string{"CreationDate": xmp + "CreateDate", "ModDate": xmp + "ModifyDate"} {
			if info[key] == "" && packet[name] == "" {
				continue
			}
			a, err := time.Parse("D:20060102150405-0700", strings.ReplaceAll(info[key], "'", ""))
			b, err2 := time.Parse(time.RFC3339, packet[name])
			if err != nil || err2 != nil || !a.Equal(b) {
				t.Errorf("%s is %s in Info and %s in XMP", key, info[key], packet[name])
			}
		}
		if info["Title"] == "" {
			t.Errorf("title %q: none in the file", m.Title)
		}
		if s, err := Check(t.Context(), path); err != nil || s.Title != info["Title"] {
			t.Errorf("read back %q, %v", s.Title, err)
		}
	}

	m := meta
	m.State, m.Reasons = archive.Incomplete, []string{"one & only", "two"}
	path, _ := written(t, m, Leaf{})
	got := packet(t, path)
	for name, want := range map[string]string{
		Namespace + "state": "incomplete", Namespace + "reasons": "one & only|two",
		dc + "title": "Test", dc + "identifier": m.Identifier, dc + "language": "en", dc + "source": "Box 7", dc + "format": "application/pdf",
		dc + "description": "This document is incomplete: one & only; two",
		mm + "DocumentID":  "uuid:" + m.Identifier, xmp + "CreateDate": "2024-05-06T07:08:09+00:00", xmp + "ModifyDate": "2025-01-02T03:04:05-03:30",
	} {
		if got[name] != want {
			t.Errorf("%s is %q, want %q", name, got[name], want)
		}
	}
	if !strings.HasPrefix(got[mm+"InstanceID"], "uuid:") {
		t.Errorf("instance %q", got[mm+"InstanceID"])
	}
}

func TestPlain(t *testing.T) {
	for in, want := range map[string]string{
		"  a \n b\t": "a b", "a\x00b": "a b", "\ufeff": "", "x\xff": "x�", "\uffff\U0001fffe": "��", "😀é": "😀é", "abcdefg": "abcd…",
	} {
		if got := plain(in, 5); got != want {
			t.Errorf("plain(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestLabels(t *testing.T) {
	for _, c := range []struct {
		given []string
		want  string
	}{
		{[]string{"", "", ""}, "[0<</S/D/St 1>>]"},
		{[]string{"", "", "3", "7", "8", ""}, "[0<</S/D/St 1>> 3<</S/D/St 7>> 5<</S/D/St 6>>]"},
		{[]string{"1r", "1v", "1v", "", "05"}, "[0<</P(1r)>> 1<</P(1v)>> 3<</S/D/St 4>> 4<</P(05)>>]"},
		{[]string{"a(b", "é", "-1", "99999999999"}, `[0<</P(a\(b)>> 1<</P<FEFF00E9>>> 2<</P(-1)>> 3<</P(99999999999)>>]`},
	} {
		got := strings.NewReplacer("> ", ">", "feff00e9", "FEFF00E9").Replace(labels(c.given).PDFString())
		want := strings.ReplaceAll(c.want, "> ", ">")
		if strings.ReplaceAll(got, " ", "") != strings.ReplaceAll(want, " ", "") {
			t.Errorf("labels(%q) = %s, want %s", c.given, got, want)
		}
	}
}

// A text in another language than the document's says so, and only then.
func TestLanguage(t *testing.T) {
	_, text := verso(t, a4, "Ein Wort")
	for language, marked := range map[string]bool{"de": true, "": false, "en": false, "deu+eng": false, "zh-Hant": true, ")": false} {
		d := document{facts: newFacts(meta)}
		out := layer{chars: &d.chars, frame: a4, scale: 0.72, height: 1000}
		out.text(text, d.foreign(language), invisible)
		if s := out.out.String(); strings.Contains(s, "/Span <</Lang ("+language+")>> BDC") != marked || strings.Count(s, "BDC") != strings.Count(s, "EMC") {
			t.Errorf("language %q:\n%.200s", language, s)
		}
	}
}

// The placeholder's sentence is on the page, whatever its length.
func TestPlaceholder(t *testing.T) {
	for _, problem := range []string{"", "Short.", strings.Repeat("many words ", 500), strings.Repeat("x", 5000), "\x00"} {
		l, err := placeholder(&Leaf{Problem: problem, Frame: a4, DPI: 500})
		if err != nil {
			t.Fatal(err)
		}
		for w := range l.Text.Words {
			if w.Box.Empty() || w.Box.Min.X < 0 || w.Box.Max.X > l.Frame.X || w.Box.Max.Y > l.Frame.Y {
				t.Errorf("%.20q: word %.20q at %v in a frame of %v", problem, w.Text, w.Box, l.Frame)
			}
		}
		if l.Frame.X != 1191*144/500 {
			t.Errorf("frame %v", l.Frame)
		}
	}
	if _, err := Write(t.Context(), filepath.Join(t.TempDir(), "x.pdf"), meta, seq(Leaf{Problem: "日本語"}), t.TempDir()); err != nil {
		t.Error(err)
	}
}
