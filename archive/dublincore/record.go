package dublincore

import (
	"bytes"
	"encoding/xml"
	"strings"
)

// Record is a simple Dublin Core description. Every element is optional and may
// be repeated; the order of values is kept. Language is a BCP 47 tag, Date is
// W3CDTF or EDTF, by the recommendations of DCMES 1.1.
type Record struct {
	Title       []string
	Creator     []string
	Subject     []string
	Description []string
	Publisher   []string
	Contributor []string
	Date        []string
	Type        []string
	Format      []string
	Identifier  []string
	Source      []string
	Language    []string
	Relation    []string
	Coverage    []string
	Rights      []string
}

// Take puts a value under the element that a column of a list names, such as "date"
// or "dc:creator"; under any other name it becomes a description that says so.
func (r *Record) Take(name, value string) {
	if value == "" {
		return
	}
	elements := map[string]*[]string{
		"title": &r.Title, "creator": &r.Creator, "subject": &r.Subject, "description": &r.Description, "publisher": &r.Publisher,
		"contributor": &r.Contributor, "date": &r.Date, "type": &r.Type, "format": &r.Format, "identifier": &r.Identifier,
		"source": &r.Source, "language": &r.Language, "relation": &r.Relation, "coverage": &r.Coverage, "rights": &r.Rights,
	}
	if to := elements[strings.TrimPrefix(strings.ToLower(strings.TrimSpace(name)), "dc:")]; to != nil {
		*to = append(*to, value)
		return
	}
	r.Description = append(r.Description, name+": "+value)
}

const opening = `<?xml version="1.0" encoding="UTF-8"?>
<oai_dc:dc xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/"
    xmlns:dc="http://purl.org/dc/elements/1.1/"
    xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
    xsi:schemaLocation="http://www.openarchives.org/OAI/2.0/oai_dc/ http://www.openarchives.org/OAI/2.0/oai_dc.xsd">
`

// XML gives the record as an XML document in UTF-8: elements in the order of the
// struct, empty values left out, equal records always the same bytes. Characters
// that XML 1.0 cannot hold become U+FFFD.
func (r Record) XML() []byte {
	var b bytes.Buffer
	b.WriteString(opening)
	for _, e := range []struct {
		name   string
		values []string
	}{
		{"title", r.Title}, {"creator", r.Creator}, {"subject", r.Subject}, {"description", r.Description},
		{"publisher", r.Publisher}, {"contributor", r.Contributor}, {"date", r.Date}, {"type", r.Type},
		{"format", r.Format}, {"identifier", r.Identifier}, {"source", r.Source}, {"language", r.Language},
		{"relation", r.Relation}, {"coverage", r.Coverage}, {"rights", r.Rights},
	} {
		for _, v := range e.values {
			if v == "" {
				continue
			}
			b.WriteString("  <dc:" + e.name + ">")
			xml.EscapeText(&b, []byte(v)) // a bytes.Buffer never fails
			b.WriteString("</dc:" + e.name + ">\n")
		}
	}
	b.WriteString("</oai_dc:dc>\n")
	return b.Bytes()
}
