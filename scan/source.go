package scan

import (
	"context"
	"image"
	"io"
	"iter"
)

// Device is something that sheets come from.
type Device struct {
	ID     string `json:"id"`
	Kind   string `json:"kind"` // "folder", later "sane", "escl"
	Vendor string `json:"vendor,omitempty"`
	Model  string `json:"model,omitempty"`
}

// Ticket says what to scan.
type Ticket struct {
	Device string
	Paths  []Path  // for folders: files and folders, in the order given
	DPI    float64 // resolution for what must be rendered; 0 means 300
}

// Sheet is one image on its way to the spool.
type Sheet struct {
	Origin      Origin
	Format      Format
	Pixels      image.Point // as stored, but square ([Density]); zero where the header does not say
	DPI         float64     // of these pixels; 0 where the file says nothing believable
	Orientation Orientation
	// Open gives the master's bytes from the start, as often as it is called,
	// until the Receiver's Sheet method has returned.
	Open func() (io.ReadCloser, error)
}

// Reject is something that should have become a sheet and could not.
type Reject struct {
	Origin Origin
	Err    error // wraps one of the sentinels of this package where one fits
}

// Receiver takes what a source gives, in order and on the goroutine that called
// Scan. An error from any method ends the scan and is returned by it.
type Receiver interface {
	Sheet(Sheet) error
	Reject(Reject) error
	// Ignore tells of a file that nobody would take for a page, found in a folder.
	Ignore(path Path, reason string) error
}

// Source is anything that gives sheets: a folder, a scanner, a camera. Scan
// blocks until there are no more; what was received before an error stays.
// A source never changes, moves or deletes what it reads.
type Source interface {
	Devices(ctx context.Context) iter.Seq2[Device, error]
	Scan(ctx context.Context, t Ticket, to Receiver) error
}
