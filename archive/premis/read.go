package premis

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"
	"time"
)

// identified is an element that names a thing; its children are called differently in
// each, and the type stands before the value everywhere.
type identified struct {
	Parts []struct {
		XMLName xml.Name
		Text    string `xml:",chardata"`
	} `xml:",any"`
}

func (i identified) link() (l Link) {
	for _, p := range i.Parts {
		switch name := p.XMLName.Local; {
		case strings.HasSuffix(name, "IdentifierType"):
			l.ID.Type = p.Text
		case strings.HasSuffix(name, "IdentifierValue"):
			l.ID.Value = p.Text
		case strings.HasSuffix(name, "Role"):
			l.Role = p.Text
		}
	}
	return l
}

func identifiers(all []identified) (out []Identifier) {
	for _, i := range all {
		out = append(out, i.link().ID)
	}
	return out
}

func links(all []identified) (out []Link) {
	for _, i := range all {
		out = append(out, i.link())
	}
	return out
}

func first(all []Identifier) (id Identifier) {
	if len(all) > 0 {
		id = all[0]
	}
	return id
}

// written is the XML of a Document.
type written struct {
	XMLName xml.Name `xml:"http://www.loc.gov/premis/v3 premis"`
	Objects []struct {
		Category string       `xml:"http://www.w3.org/2001/XMLSchema-instance type,attr"`
		ID       []identified `xml:"objectIdentifier"`
		Digests  []struct {
			Algorithm string `xml:"messageDigestAlgorithm"`
			Value     string `xml:"messageDigest"`
		} `xml:"objectCharacteristics>fixity"`
		Size     int64  `xml:"objectCharacteristics>size"`
		Format   string `xml:"objectCharacteristics>format>formatDesignation>formatName"`
		Registry struct {
			Name string `xml:"formatRegistryName"`
			Key  string `xml:"formatRegistryKey"`
		} `xml:"objectCharacteristics>format>formatRegistry"`
		Note         string `xml:"objectCharacteristics>format>formatNote"`
		OriginalName string `xml:"originalName"`
		Relations    []struct {
			Type    string       `xml:"relationshipType"`
			SubType string       `xml:"relationshipSubType"`
			Objects []identified `xml:"relatedObjectIdentifier"`
			Events  []identified `xml:"relatedEventIdentifier"`
		} `xml:"relationship"`
	} `xml:"object"`
	Events []struct {
		ID      identified   `xml:"eventIdentifier"`
		Type    string       `xml:"eventType"`
		Time    string       `xml:"eventDateTime"`
		Details []string     `xml:"eventDetailInformation>eventDetail"`
		Outcome string       `xml:"eventOutcomeInformation>eventOutcome"`
		Note    string       `xml:"eventOutcomeInformation>eventOutcomeDetail>eventOutcomeDetailNote"`
		Agents  []identified `xml:"linkingAgentIdentifier"`
		Objects []identified `xml:"linkingObjectIdentifier"`
	} `xml:"event"`
	Agents []struct {
		ID      identified `xml:"agentIdentifier"`
		Name    string     `xml:"agentName"`
		Type    string     `xml:"agentType"`
		Version string     `xml:"agentVersion"`
		Notes   []string   `xml:"agentNote"`
	} `xml:"agent"`
}

// Read gives what [Document.XML] has written. Of PREMIS that others have written it takes
// what a Document has room for.
func Read(r io.Reader) (d Document, err error) {
	var w written
	if err := xml.NewDecoder(r).Decode(&w); err != nil {
		return d, fmt.Errorf("read PREMIS: %w", err)
	}
	for _, x := range w.Objects {
		o := Object{
			Bitstream: x.Category == "bitstream", ID: identifiers(x.ID), Size: x.Size, Format: x.Format, FormatNote: x.Note, OriginalName: x.OriginalName,
		}
		if x.Registry.Name == pronom {
			o.PUID = x.Registry.Key
		}
		for _, f := range x.Digests {
			o.Fixity = append(o.Fixity, Digest{f.Algorithm, f.Value})
		}
		for _, r := range x.Relations {
			o.Relations = append(o.Relations, Relation{r.Type, r.SubType, identifiers(r.Objects), first(identifiers(r.Events))})
		}
		d.Objects = append(d.Objects, o)
	}
	for _, x := range w.Events {
		e := Event{ID: x.ID.link().ID, Type: x.Type, Details: x.Details, Outcome: x.Outcome, Note: x.Note, Agents: links(x.Agents), Objects: links(x.Objects)}
		if e.Time, err = time.Parse(time.RFC3339Nano, x.Time); err != nil {
			return d, fmt.Errorf("read PREMIS: event %s: %w", e.ID.Value, err)
		}
		d.Events = append(d.Events, e)
	}
	for _, x := range w.Agents {
		d.Agents = append(d.Agents, Agent{x.ID.link().ID, x.Name, x.Type, x.Version, x.Notes})
	}
	return d, nil
}
