package pdfa

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf16"

	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"

	"recto/archive"
)

// facts is the metadata as it stands in both places, Info and XMP, made fit for
// either: no controls, no overlong strings, times to the second.
type facts struct {
	title, author, subject, tool string
	created, modified            time.Time
	language                     string
	identifier, source           string
	state                        archive.DocumentState
	reasons                      []string
}

// Info strings may have 32,767 bytes (ISO 19005-2, 6.1.13): this many letters
// fit in UTF-16 even if each takes four bytes.
const longestString = 4000

func newFacts(m Meta) facts {
	f := facts{
		title:      plain(m.Title, longestString),
		author:     plain(m.Creator, longestString),
		tool:       plain(m.Producer, 200),
		created:    m.Created.Truncate(time.Second),
		modified:   m.Modified.Truncate(time.Second),
		language:   tag(m.Language),
		identifier: plain(m.Identifier, longestString),
		source:     plain(m.Source, longestString),
		state:      m.State,
	}
	if f.title == "" {
		f.title = "Untitled"
	}
	for _, r := range m.Reasons {
		if r = plain(r, longestString); r != "" {
			f.reasons = append(f.reasons, r)
		}
	}
	if m.State == archive.Incomplete {
		f.subject = "This document is incomplete."
		if len(f.reasons) > 0 {
			f.subject = plain("This document is incomplete: "+strings.Join(f.reasons, "; "), longestString)
		}
	}
	return f
}

// plain makes a string that XML and PDF can both hold: one line, at most n code
// points, no controls, nothing that is no character.
func plain(s string, n int) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r) || unicode.IsControl(r):
			return ' '
		case r == '\uFEFF':
			return -1
		case r&0xFFFE == 0xFFFE || r >= 0xFDD0 && r <= 0xFDEF: // noncharacters
			return replacement
		}
		return r // bytes that are not UTF-8 arrive as U+FFFD
	}, s)
	s = strings.Join(strings.Fields(s), " ")
	if r := []rune(s); len(r) > n {
		s = string(r[:n-1]) + "…"
	}
	return s
}

var wellFormed = regexp.MustCompile(`^[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*$`)

// tag gives a language tag as it is, or nothing if it is none (RFC 5646, 2.1).
func tag(s string) string {
	if wellFormed.MatchString(s) {
		return s
	}
	return ""
}

// info is the document information dictionary. Everything in it stands in the
// XMP packet too, with the same value.
func (f facts) info() types.Dict {
	d := types.Dict{"Title": textString(f.title)}
	for key, s := range map[string]string{"Author": f.author, "Subject": f.subject, "Creator": f.tool, "Producer": f.tool} {
		if s != "" {
			d[key] = textString(s)
		}
	}
	for key, t := range map[string]time.Time{"CreationDate": f.created, "ModDate": f.modified} {
		if dated(t) {
			zone := t.Format("-07:00")
			d[key] = types.StringLiteral(t.Format("D:20060102150405") + zone[:3] + "'" + zone[4:] + "'")
		}
	}
	return d
}

// dated tells whether both formats can hold the time.
func dated(t time.Time) bool { return !t.IsZero() && t.Year() >= 1 && t.Year() <= 9999 }

// textString is a PDF text string: UTF-16 with its mark, as hexadecimal, or plain
// ASCII as it is.
func textString(s string) types.Object {
	for _, r := range s {
		if r < 0x20 || r > 0x7E {
			b := []byte{0xFE, 0xFF}
			for _, u := range utf16.Encode([]rune(s)) {
				b = append(b, byte(u>>8), byte(u))
			}
			return types.NewHexLiteral(b)
		}
	}
	return types.StringLiteral(strings.NewReplacer(`\`, `\\`, `(`, `\(`, `)`, `\)`).Replace(s))
}

// Namespace is that of the two properties of ours, state and reasons. It is a
// name and not an address.
const Namespace = "urn:recto:document:1#"

// xmp is the metadata packet (ISO 16684-1; ISO 19005-2, 6.6.2). It has neither
// padding nor a write mark: the file is hashed and nobody may edit it in place.
// All properties stand in one rdf:Description, for not every reader looks into a
// second one.
func (f facts) xmp(instance string) []byte {
	var b bytes.Buffer
	text := func(name, value string) {
		if value != "" {
			fmt.Fprintf(&b, "   <%s>%s</%s>\n", name, escape(value), name)
		}
	}
	list := func(name, kind, attribute string, values ...string) {
		values = slices.DeleteFunc(values, func(s string) bool { return s == "" })
		if len(values) == 0 {
			return
		}
		fmt.Fprintf(&b, "   <%s><rdf:%s>", name, kind)
		for _, v := range values {
			fmt.Fprintf(&b, "<rdf:li%s>%s</rdf:li>", attribute, escape(v))
		}
		fmt.Fprintf(&b, "</rdf:%s></%s>\n", kind, name)
	}
	date := func(name string, t time.Time) {
		if dated(t) {
			text(name, t.Format("2006-01-02T15:04:05-07:00"))
		}
	}

	b.WriteString("<?xpacket begin=\"\uFEFF\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>\n" +
		"<x:xmpmeta xmlns:x=\"adobe:ns:meta/\">\n" +
		" <rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">\n" +
		"  <rdf:Description rdf:about=\"\"\n" +
		"    xmlns:dc=\"http://purl.org/dc/elements/1.1/\"\n" +
		"    xmlns:pdf=\"http://ns.adobe.com/pdf/1.3/\"\n" +
		"    xmlns:xmp=\"http://ns.adobe.com/xap/1.0/\"\n" +
		"    xmlns:xmpMM=\"http://ns.adobe.com/xap/1.0/mm/\"\n" +
		"    xmlns:pdfaid=\"http://www.aiim.org/pdfa/ns/id/\"\n" +
		"    xmlns:pdfaExtension=\"http://www.aiim.org/pdfa/ns/extension/\"\n" +
		"    xmlns:pdfaSchema=\"http://www.aiim.org/pdfa/ns/schema#\"\n" +
		"    xmlns:pdfaProperty=\"http://www.aiim.org/pdfa/ns/property#\"\n" +
		"    xmlns:recto=\"" + Namespace + "\">\n")
	text("pdfaid:part", "2")
	text("pdfaid:conformance", "U")
	text("dc:format", "application/pdf")
	list("dc:title", "Alt", ` xml:lang="x-default"`, f.title)
	list("dc:creator", "Seq", "", f.author)
	list("dc:description", "Alt", ` xml:lang="x-default"`, f.subject)
	list("dc:language", "Bag", "", f.language)
	text("dc:identifier", f.identifier)
	text("dc:source", f.source)
	text("pdf:Producer", f.tool)
	text("xmp:CreatorTool", f.tool)
	date("xmp:CreateDate", f.created)
	date("xmp:ModifyDate", f.modified)
	date("xmp:MetadataDate", f.modified)
	if f.identifier != "" {
		text("xmpMM:DocumentID", "uuid:"+f.identifier)
	}
	text("xmpMM:InstanceID", instance)
	if f.state != "" {
		text("recto:state", plain(string(f.state), 200))
		list("recto:reasons", "Seq", "", f.reasons...)
		b.WriteString(extension)
	}
	b.WriteString("  </rdf:Description>\n </rdf:RDF>\n</x:xmpmeta>\n<?xpacket end=\"r\"?>")
	return b.Bytes()
}

// extension describes our properties, without which PDF/A allows none
// (ISO 19005-2, 6.6.2.3).
var extension = `   <pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">
    <pdfaSchema:schema>Recto document</pdfaSchema:schema>
    <pdfaSchema:namespaceURI>` + Namespace + `</pdfaSchema:namespaceURI>
    <pdfaSchema:prefix>recto</pdfaSchema:prefix>
    <pdfaSchema:property><rdf:Seq>
     <rdf:li rdf:parseType="Resource">
      <pdfaProperty:name>state</pdfaProperty:name>
      <pdfaProperty:valueType>Text</pdfaProperty:valueType>
      <pdfaProperty:category>external</pdfaProperty:category>
      <pdfaProperty:description>complete, or incomplete where a page could not be shown or a source not be taken in</pdfaProperty:description>
     </rdf:li>
     <rdf:li rdf:parseType="Resource">
      <pdfaProperty:name>reasons</pdfaProperty:name>
      <pdfaProperty:valueType>seq Text</pdfaProperty:valueType>
      <pdfaProperty:category>external</pdfaProperty:category>
      <pdfaProperty:description>why the document is incomplete, a sentence each</pdfaProperty:description>
     </rdf:li>
    </rdf:Seq></pdfaSchema:property>
   </rdf:li></rdf:Bag></pdfaExtension:schemas>
`

func escape(s string) string {
	var b strings.Builder
	if err := xml.EscapeText(&b, []byte(s)); err != nil {
		panic(err) // a strings.Builder takes everything
	}
	return b.String()
}
