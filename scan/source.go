package scan

import (
	"context"
	"image"
	"io"
	"iter"
	"time"
)

// Device is something that sheets come from.
type Device struct {
	ID     string `json:"id"`   // what [Ticket].Device takes: "folder", "sane:epson2:libusb:001:004", "escl:https://10.0.0.7/eSCL"
	Kind   string `json:"kind"` // "folder", "sane", "escl"
	Vendor string `json:"vendor"`
	Model  string `json:"model"`
	Serial string `json:"serial,omitempty"` // where the device tells it
	Note   string `json:"note,omitempty"`   // what an operator should know: "asleep", "certificate not trusted yet"
}

// Setting is an option of a device with the value wanted, or the one that was
// used, as text in the device's own words: switches "yes" and "no", vectors as
// values with commas between them.
type Setting struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Area is the part of the glass to scan, in millimetres from its top left corner.
// The zero Area leaves it to the device: a feeder's whole area can be metres long.
type Area struct{ X, Y, Width, Height float64 }

// Ticket says what to scan. Zero values leave it to the device.
type Ticket struct {
	Device string
	Paths  []Path  // for folders: files and folders, in the order given
	DPI    float64 // resolution; of a folder, for what must be rendered, where 0 means 300

	// For devices. What a device does not have is an error that says so
	// ([ErrOption]), never left out silently.
	Source  string // in the device's words, or "flatbed", "adf", "duplex"
	Mode    string // in the device's words, or "color", "gray", "lineart"
	Depth   int    // bits a sample: 1, 8, 16
	Area    Area
	Options []Setting // anything else, in order, last
	Sheets  int       // stop after so many, a duplex feeder's sides counted singly; 0: until the feeder is empty, one from a flatbed
	Preview bool      // a quick look at low resolution, not for keeping
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
	// Companion is the working image of a camera's raw file: the JPEG of the same shot.
	// Pixels, DPI and Orientation above are its own then. nil for all other sheets, and
	// for a raw file that came alone.
	Companion *Sheet
}

// Side of a sheet of paper.
type Side string

// Where a device or an operator knows which side an image shows.
const (
	Front Side = "front"
	Back  Side = "back"
)

// Capture tells how a device made an image (PREMIS 3 event of type "capture" with
// its agents, and significantProperties of the object).
type Capture struct {
	Device  Device    `json:"device"`
	Driver  string    `json:"driver,omitempty"`  // "SANE 1.1.1, backend test"; "eSCL 2.63"
	Options []Setting `json:"options,omitempty"` // all that were in force
	Run     string    `json:"run,omitempty"`     // UUIDv7: the images of one pressing of the button
	Sheet   int       `json:"sheet"`             // of the run, from 1; a duplex feeder counts both sides
	Side    Side      `json:"side,omitempty"`    // empty: not known, or a glass
	Begun   time.Time `json:"begun,omitzero"`    // when the device began with it
	Ended   time.Time `json:"ended,omitzero"`    // when its last byte was there
	Profile string    `json:"profile,omitempty"` // capture profile that the settings came from
}

// Reject is something that should have become a sheet and could not.
type Reject struct {
	Origin Origin
	Err    error // wraps one of the sentinels of this package where one fits
}

// Receiver takes what a source gives, in order and on the goroutine that called
// Scan. An error from any method ends the scan and is returned by it. One that wraps
// [ErrEnough] lets a feeder's sheet that is on its way come to its end and be
// received first: paper that has passed the rollers is not to be scanned in vain.
type Receiver interface {
	Sheet(Sheet) error
	Reject(Reject) error
	// Ignore tells of a file that nobody would take for a page, found in a folder.
	Ignore(path Path, reason string) error
}

// Waiter is a [Receiver] that wants to hear why nothing comes: the device is busy, or has
// not answered yet. Scan calls it on its own goroutine each time before it waits: why,
// for how long it has waited, and how long it will at most.
type Waiter interface {
	Wait(why error, waited, most time.Duration)
}

// Source is anything that gives sheets: a folder, a scanner, a camera. Scan
// blocks until there are no more; what was received before an error stays. A
// feeder that runs empty after a sheet is the end and no error; one that was empty
// from the start is [ErrNoPaper].
// A source never changes, moves or deletes what it reads.
type Source interface {
	Devices(ctx context.Context) iter.Seq2[Device, error]
	Scan(ctx context.Context, t Ticket, to Receiver) error
}

// Scanner is a source whose devices have options to set.
type Scanner interface {
	Source
	// Options tells what the device has to set once the settings were made, which may
	// change what else there is. Nothing is scanned.
	Options(ctx context.Context, device string, set []Setting) ([]Option, error)
}
