package spool

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"recto/scan"
)

// format is the version of the sidecar's layout. Fields may be added to it; a
// field that changes its meaning makes a new version.
const format = 1

// maxSidecar is far above any sidecar of ours; more is not read into memory.
const maxSidecar = 1 << 20

// Info is what the sidecar tells of a page beside what is in its sheet.
type Info struct {
	Name     string // of the batch
	Title    string // of the batch, for people; may be empty
	Sequence int    // of the page in its batch as captured, from 1
	Operator string // who scans

	Shelfmark string // of the batch
	Container string // of the batch: box, folder, volume
	Label     string // folio label of the page
	Place     Place  // in the batch
}

// Place is where a page goes in its batch, should nobody live to tell: behind
// After, to the start where First is set, else to the end; in the place of Replaces,
// which it was scanned again for.
type Place struct {
	After    scan.PageID `json:"after,omitempty"`
	First    bool        `json:"first,omitempty"`
	Replaces scan.PageID `json:"replaces,omitempty"`
}

// Batch is the batch of a page as its sidecar knows it.
type Batch struct {
	ID    scan.BatchID `json:"id"`
	Name  string       `json:"name,omitempty"`
	Title string       `json:"title,omitempty"`

	Shelfmark string `json:"shelfmark,omitempty"` // ISAD(G) 3.1.1
	Container string `json:"container,omitempty"`
}

// Sidecar is the file beside a master: enough to bring the page back when
// everything but the folder masters is lost.
type Sidecar struct {
	Format    int       `json:"format"` // version of this layout
	Page      scan.Page `json:"page"`
	Batch     Batch     `json:"batch"`
	Sequence  int       `json:"sequence,omitempty"` // of the page in its batch as captured, from 1; 0 unknown
	Place     Place     `json:"place,omitzero"`
	Written   time.Time `json:"written"`             // when this file was written
	Recovered bool      `json:"recovered,omitempty"` // made from a master that had lost its sidecar
}

// encode gives indented JSON: people may have to read it without this program.
func (s Sidecar) encode() ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(s); err != nil {
		return nil, fmt.Errorf("sidecar of page %s: %w", s.Page.ID, err)
	}
	return b.Bytes(), nil
}

// ReadSidecar reads the sidecar at a path. A missing file is fs.ErrNotExist.
func ReadSidecar(path string) (Sidecar, error) {
	f, err := openRegular(path)
	if err != nil {
		return Sidecar{}, fmt.Errorf("sidecar: %w", err)
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, maxSidecar+1))
	if err != nil {
		return Sidecar{}, fmt.Errorf("sidecar: %w: %w", scan.ErrUnreadable, err)
	}
	if len(b) > maxSidecar {
		return Sidecar{}, fmt.Errorf("sidecar %s: larger than %d bytes", path, maxSidecar)
	}
	var s Sidecar
	if err := json.Unmarshal(b, &s); err != nil {
		return Sidecar{}, fmt.Errorf("sidecar %s: %w", path, err)
	}
	switch {
	case s.Format > format:
		return Sidecar{}, fmt.Errorf("sidecar %s: has format %d, this version reads up to %d", path, s.Format, format)
	case s.Format < 1 || !isUUID(string(s.Page.ID)):
		return Sidecar{}, fmt.Errorf("sidecar %s: not a sidecar", path)
	}
	return s, nil
}
