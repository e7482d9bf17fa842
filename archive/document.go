package archive

import (
	"time"

	"recto/scan"
)

// DocumentID names a document: a UUIDv7.
type DocumentID string

// DocumentState says whether a document holds all that its batch should give.
type DocumentState string

// A document is incomplete when a page of it could not be decoded, when a source
// of its batch could not be taken in, or when it has not been written yet.
const (
	Complete   DocumentState = "complete"
	Incomplete DocumentState = "incomplete"
)

// Document is an ordered choice of pages with a description.
type Document struct {
	ID       DocumentID   `json:"id"`
	Batch    scan.BatchID `json:"batch"`
	Key      string       `json:"key,omitempty"` // what makes the same command find it again
	Title    string       `json:"title"`
	Language string       `json:"language,omitempty"` // Tesseract's names joined by +: "eng+deu"
	Leaves   []Leaf       `json:"leaves"`
	Created  time.Time    `json:"created"`

	Reference string            `json:"reference,omitempty"` // shelfmark (ISAD(G) 3.1.1)
	Container string            `json:"container,omitempty"` // box, folder, volume that the paper lies in
	Metadata  map[string]string `json:"metadata,omitempty"`  // what the list of units said besides, by its columns
}

// Leaf is one page in a document.
type Leaf struct {
	Page  scan.PageID `json:"page"`
	Label string      `json:"label,omitempty"` // folio or page label; empty means its number
}

// Severity of a finding.
type Severity string

// An error makes the thing invalid, a warning does not.
const (
	Error   Severity = "error"
	Warning Severity = "warning"
)

// Finding is one thing that a check has to say.
type Finding struct {
	Code     string   `json:"code"` // stable, kebab-case: "bagit-digest-mismatch"
	Path     string   `json:"path"` // for people: scan.Path.String
	Severity Severity `json:"severity"`
	Message  string   `json:"message"`
	Remedy   string   `json:"remedy"`
}

// Valid tells whether no finding is an error.
func Valid(findings []Finding) bool {
	for _, f := range findings {
		if f.Severity == Error {
			return false
		}
	}
	return true
}
