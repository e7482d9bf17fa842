package premis

import (
	"bytes"
	"encoding/xml"
	"strings"
	"time"
)

// Document is what is told of a package.
type Document struct {
	Objects []Object
	Events  []Event
	Agents  []Agent
}

// Identifier names a thing in a way that Type says: "UUID", "path".
type Identifier struct {
	Type, Value string
}

// Object is a file, or a bitstream: a part of what a file holds that is no file by itself
// (PREMIS Data Dictionary 3.0, Object entity).
type Object struct {
	Bitstream    bool
	ID           []Identifier // at least one
	Fixity       []Digest
	Size         int64  // bytes; 0: not told
	Format       string // media type
	PUID         string // of the format in PRONOM; "" where it is not known
	FormatNote   string
	OriginalName string // of a file
	Relations    []Relation
}

// Relation is what an object has to do with others.
type Relation struct {
	Type, SubType string       // terms of [Relations] and [SubRelations]
	Objects       []Identifier // at least one
	Event         Identifier   // that brought it about; may be zero
}

// MadeFrom is the relation of what was made of other objects by an event.
func MadeFrom(event Identifier, sources ...Identifier) Relation {
	return Relation{"derivation", "has source", sources, event}
}

// PartOf is the relation of a bitstream to its file.
func PartOf(file Identifier, event Identifier) Relation {
	return Relation{"structural", "is part of", []Identifier{file}, event}
}

// Digest is a message digest, lower-case hexadecimal. Algorithm is as in the vocabulary
// of cryptographic hash functions: "SHA-256".
type Digest struct {
	Algorithm, Value string
}

// Event is something that was done. Type is a term of [EventTypes].
type Event struct {
	ID      Identifier
	Type    string
	Time    time.Time // told in UTC
	Details []string  // at least one
	Outcome string
	Note    string // to the outcome
	Agents  []Link
	Objects []Link
}

// Link is the part that a thing has in an event: "source", "outcome"; "implementer",
// "executing program".
type Link struct {
	ID   Identifier
	Role string
}

// Agent is a person, a program or a device.
type Agent struct {
	ID      Identifier
	Name    string
	Type    string // "person", "software", "hardware"
	Version string
	Notes   []string
}

// The vocabularies of the Library of Congress that the terms are from.
const (
	EventTypes   = "http://id.loc.gov/vocabulary/preservation/eventType"
	AgentTypes   = "http://id.loc.gov/vocabulary/preservation/agentType"
	Digests      = "http://id.loc.gov/vocabulary/preservation/cryptographicHashFunctions"
	ObjectRoles  = "http://id.loc.gov/vocabulary/preservation/eventRelatedObjectRole"
	AgentRoles   = "http://id.loc.gov/vocabulary/preservation/eventRelatedAgentRole"
	Relations    = "http://id.loc.gov/vocabulary/preservation/relationshipType"
	SubRelations = "http://id.loc.gov/vocabulary/preservation/relationshipSubType"
	Registries   = "http://id.loc.gov/vocabulary/preservation/formatRegistryRole"
)

const opening = `<?xml version="1.0" encoding="UTF-8"?>
<premis xmlns="http://www.loc.gov/premis/v3" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
    xsi:schemaLocation="http://www.loc.gov/premis/v3 https://www.loc.gov/standards/premis/premis.xsd" version="3.0">
`

// XML gives the document in UTF-8. Characters that XML 1.0 cannot hold become U+FFFD. A
// document without an object is not valid (premis-3.0.xsd, premisComplexType).
func (d Document) XML() []byte {
	w := &writer{}
	w.b.WriteString(opening)
	for _, o := range d.Objects {
		w.object(o)
	}
	for _, e := range d.Events {
		w.event(e)
	}
	for _, a := range d.Agents {
		w.agent(a)
	}
	w.b.WriteString("</premis>\n")
	return w.b.Bytes()
}

// writer writes elements, in the order that the schema wants.
type writer struct {
	b     bytes.Buffer
	depth int
}

func (w *writer) indent() { w.b.WriteString(strings.Repeat("  ", w.depth+1)) }

// in writes an element with what inside writes.
func (w *writer) in(name string, inside func()) {
	w.indent()
	w.b.WriteString("<" + name + ">\n")
	w.depth++
	inside()
	w.depth--
	w.indent()
	tag, _, _ := strings.Cut(name, " ")
	w.b.WriteString("</" + tag + ">\n")
}

// is writes an element with text, none where there is no text. What is a term says which
// vocabulary it is from.
func (w *writer) is(name, text, vocabulary string) {
	if text == "" {
		return
	}
	w.indent()
	w.b.WriteString("<" + name)
	if vocabulary != "" {
		term := vocabulary[strings.LastIndexByte(vocabulary, '/')+1:]
		w.b.WriteString(` authority="` + term + `" authorityURI="` + vocabulary + `"`)
	}
	w.b.WriteByte('>')
	var escaped bytes.Buffer
	xml.EscapeText(&escaped, []byte(text))
	quotes.WriteString(&w.b, escaped.String())
	w.b.WriteString("</" + name + ">\n")
}

// quotes stay as they are in the text of elements: people read the parameters there.
var quotes = strings.NewReplacer("&#34;", `"`, "&#39;", "'")

func (w *writer) identifier(prefix string, id Identifier, rest func()) {
	w.in(prefix+"Identifier", func() {
		w.is(prefix+"IdentifierType", id.Type, "")
		w.is(prefix+"IdentifierValue", id.Value, "")
		if rest != nil {
			rest()
		}
	})
}
