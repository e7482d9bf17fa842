package premis

import (
	"bytes"
	"encoding/binary"
	"encoding/xml"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
)

// hostile gives text of everything that people and files may hold.
func hostile(r *rand.Rand) string {
	pool := []rune("aZ0 &<>\"'\x00\x08\x1b\n\t\u202e\ufffe\u2028]]>é日\U0001F4DC")
	out := make([]rune, 1+r.IntN(20))
	for i := range out {
		out[i] = pool[r.IntN(len(pool))]
	}
	return string(out)
}

func random(r *rand.Rand) Document {
	var d Document
	text := func() string { return hostile(r) }
	id := func() Identifier { return Identifier{text(), text()} }
	for range 1 + r.IntN(3) {
		o := Object{ID: []Identifier{id()}, Size: r.Int64N(3), Format: text(), FormatNote: text(), PUID: []string{"", text()}[r.IntN(2)]}
		if o.Bitstream = r.IntN(3) == 0; !o.Bitstream {
			o.OriginalName = text()
		}
		for range r.IntN(3) {
			o.Fixity = append(o.Fixity, Digest{"SHA-256", text()})
			o.Relations = append(o.Relations, MadeFrom(id(), id(), id()), PartOf(id(), Identifier{}))
		}
		d.Objects = append(d.Objects, o)
	}
	for range r.IntN(3) {
		d.Events = append(d.Events, Event{ID: id(), Type: "creation", Time: time.Unix(r.Int64N(1e9), 5).In(time.FixedZone("", 3600)), Details: []string{text()},
			Outcome: []string{"", text()}[r.IntN(2)], Note: text(), Agents: []Link{{id(), text()}}, Objects: []Link{{id(), ""}}})
		d.Agents = append(d.Agents, Agent{ID: id(), Name: text(), Type: "person", Version: text(), Notes: []string{text()}})
	}
	return d
}

// TestXML: whatever people write, the result is XML, the same for the same document, and
// valid by the schema of the Library of Congress where that is at hand.
func TestXML(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 0))
	dir := t.TempDir()
	var files []string
	for i := range 300 {
		d := random(r)
		b := d.XML()
		if !bytes.Equal(b, d.XML()) {
			t.Fatal("the same document is other bytes")
		}
		for dec := xml.NewDecoder(bytes.NewReader(b)); ; {
			if _, err := dec.Token(); err == io.EOF {
				break
			} else if err != nil {
				t.Fatalf("%v\n%s", err, b)
			}
		}
		file := filepath.Join(dir, string(rune('a'+i%26))+string(rune('a'+i/26))+".xml")
		if err := os.WriteFile(file, b, 0o600); err != nil {
			t.Fatal(err)
		}
		files = append(files, file)
	}
	schemas, _ := filepath.Abs("../../../shared/schemas")
	_, noTool := exec.LookPath("xmllint")
	if _, err := os.Stat(schemas); err != nil || noTool != nil {
		if noTool != nil && os.Getenv("CI") == "true" {
			t.Fatal("xmllint is missing: apt install libxml2-utils")
		}
		t.Skip("no schema or no xmllint here: not judged by premis-3.0.xsd")
	}
	cmd := exec.Command("xmllint", append([]string{"--nonet", "--noout", "--schema", filepath.Join(schemas, "premis-3.0.xsd")}, files...)...)
	cmd.Env = append(os.Environ(), "XML_CATALOG_FILES="+filepath.Join(schemas, "catalog.xml"))
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v\n%.2000s", err, out)
	}
}

// TestRead: what was written is read again as it was, but for what XML cannot hold.
func TestRead(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 1))
	mend := strings.NewReplacer("\x00", "\ufffd", "\x08", "\ufffd", "\x1b", "\ufffd", "\ufffe", "\ufffd")
	for range 300 {
		d := random(r)
		b := d.XML()
		got, err := Read(bytes.NewReader(b))
		if err != nil {
			t.Fatalf("%v\n%s", err, b)
		}
		for i := range d.Events {
			d.Events[i].Time = d.Events[i].Time.UTC()
			if d.Events[i].Outcome == "" { // there is no note to nothing
				d.Events[i].Note = ""
			}
		}
		if want := mended(d, mend); !reflect.DeepEqual(got, want) {
			t.Fatalf("%#v became %#v", want, got)
		}
	}
	for _, text := range []string{"", "<premis", `<premis xmlns="http://www.loc.gov/premis/v3"><event><eventDateTime>soon</eventDateTime></event></premis>`, "<mets/>"} {
		if d, err := Read(strings.NewReader(text)); err == nil {
			t.Errorf("%s is %+v", text, d)
		}
	}
}

// mended is a document with all its texts replaced.
func mended(d Document, by *strings.Replacer) Document {
	var walk func(reflect.Value)
	walk = func(v reflect.Value) {
		switch v.Kind() {
		case reflect.String:
			v.SetString(by.Replace(v.String()))
		case reflect.Slice:
			for i := range v.Len() {
				walk(v.Index(i))
			}
		case reflect.Struct:
			if v.Type() != reflect.TypeFor[time.Time]() {
				for i := range v.NumField() {
					walk(v.Field(i))
				}
			}
		}
	}
	walk(reflect.ValueOf(&d).Elem())
	return d
}

// TestPUID: images have the identifiers that PRONOM's signatures give them (checked with
// siegfried 1.11.2); where these look for what stands deep in the file there is none.
func TestPUID(t *testing.T) {
	chunk := func(kind, body string) string {
		return string(binary.BigEndian.AppendUint32(nil, uint32(len(body)))) + kind + body + "CRC!"
	}
	png := func(chunks ...string) string {
		return "\x89PNG\r\n\x1a\n" + chunk("IHDR", "0123456789abc") + strings.Join(chunks, "") + chunk("IDAT", "x") + chunk("IEND", "")
	}
	bmp := func(length, compression uint32) string {
		b := binary.LittleEndian.AppendUint32([]byte("BM............"), length)
		b = append(b, "123456789012"...)
		return string(binary.LittleEndian.AppendUint32(b, compression)) + "...................."
	}
	for text, want := range map[string]string{
		"": "", "P": "", "II": "", "PDF": "", "%PDF-1.7": "", "MM\x00": "",
		"II*\x00....": "fmt/353", "MM\x00*....": "fmt/353", "MM\x00+\x00\x08\x00\x00........": "fmt/1917", "II+\x00\x08\x00\x00\x00\x10.......": "",
		"\xFF\xD8\xFF\xE0\x00\x10JFIF\x00\x01\x00": "fmt/42", "\xFF\xD8\xFF\xE0\x00\x10JFIF\x00\x01\x01": "fmt/43", "\xFF\xD8\xFF\xE0\x00\x10JFIF\x00\x01\x02": "fmt/44",
		"\xFF\xD8\xFF\xE0\x00\x10JFIF\x00\x02\x00": "", "\xFF\xD8\xFF\xE1\x00\x10Exif\x00\x00": "", "\xFF\xD8\xFF\xDB": "fmt/41", "\xFF\xD8\xFF\xEEAdobe": "fmt/41",
		png(): "fmt/11", png(chunk("gAMA", "1234")): "fmt/11", png(chunk("sRGB", "0")): "fmt/12", png(chunk("tEXt", strings.Repeat("x", 5000)), chunk("iCCP", "x")): "fmt/12",
		png(chunk("iTXt", "x"), chunk("sRGB", "0")): "fmt/13", png()[:40]: "",
		"\x00\x00\x00\x0cjP  \r\n\x87\n\x00\x00\x00\x14ftypjp2 ": "x-fmt/392", "\x00\x00\x00\x0cjP  \r\n\x87\n\x00\x00\x00\x14ftypjpx ": "",
		"RIFF....WEBPVP8 ": "fmt/566", "RIFF....WEBPVP8L": "fmt/567", "RIFF....WEBPVP8X": "fmt/568", "RIFF....WAVEfmt ": "",
		bmp(12, 0): "fmt/115", bmp(40, 0): "fmt/116", bmp(40, 3): "fmt/117", bmp(108, 0): "fmt/118", bmp(124, 3): "fmt/119", bmp(52, 0): "",
		"P4\n2 2\n": "fmt/409", "P5\n2 2\n": "fmt/406", "P6\n2 2\n": "fmt/408", "P7\nWIDTH 2\n": "fmt/405", "P1\n2 2\n": "", "P5x": "",
	} {
		if got := PUID(strings.NewReader(text)); got != want {
			t.Errorf("%.40q is %q, want %q", text, got, want)
		}
	}
}
