package scan

import (
	"image"
	"time"

	"github.com/google/uuid"
)

// BatchID names a batch: a UUIDv7, stable and global (RFC 9562, 5.7).
type BatchID string

// PageID names a page: a UUIDv7 minted when the sheet is spooled; never a path.
type PageID string

// NewID mints a UUIDv7. It panics only where the system has no randomness left.
func NewID() string { return uuid.Must(uuid.NewV7()).String() }

// Fixity is what proves that a stream of bytes is still the same (PREMIS
// objectCharacteristics/fixity and size). Digests are lower-case hexadecimal.
type Fixity struct {
	SHA256 string `json:"sha256"`
	SHA512 string `json:"sha512"`
	Size   int64  `json:"size"`
}

// Origin tells where a sheet came from, in terms that stay true when the source
// is long gone (PREMIS objectCharacteristics/creatingApplication, originalName).
type Origin struct {
	Path     Path      `json:"path"`              // the file, as given or as found below what was given; of a device a name for people: "sheet 3 of Epson GT-20000"
	Absolute Path      `json:"absolute,omitzero"` // the same from the root: what tells whether a file is known
	Argument Path      `json:"argument,omitzero"` // what was given, from the root: the file itself or a folder above it
	Index    int       `json:"index"`             // image or page inside the file, from 0
	Count    int       `json:"count"`             // images or pages in the file; 1 for a plain image
	Nth      int       `json:"nth,omitempty"`     // 0 for the first time this path was given in one command, 1 for the second ...
	Size     int64     `json:"size"`              // bytes of the file
	Modified time.Time `json:"modified,omitzero"` // of the file
	SHA256   string    `json:"sha256,omitempty"`  // of the whole file
	Capture  *Capture  `json:"capture,omitempty"` // how a device made it; nil for a file
	Note     string    `json:"note,omitempty"`    // how the image was taken out: "rendered at 300 dpi by PDFium ..."
}

// Format is the encoding of a master, told by its content and not its name.
type Format string

// The formats that a master can have. Everything else is refused at import.
const (
	TIFF Format = "tiff"
	PNG  Format = "png"
	JPEG Format = "jpeg"
	JP2  Format = "jp2"
	WebP Format = "webp"
	BMP  Format = "bmp"
	PNM  Format = "pnm"
	PDF  Format = "pdf" // a container: its pages become masters of another format
	RAW  Format = "raw" // what a camera's sensor gave: kept, never decoded; see [Companion]
)

// Extension is the file name ending of masters in this format, with the dot.
func (f Format) Extension() string {
	switch f {
	case TIFF:
		return ".tif"
	case JPEG:
		return ".jpg"
	}
	return "." + string(f)
}

// Orientation is the Exif/TIFF orientation of a stored image, 1 to 8 (TIFF 6.0
// tag 274): how the stored rows and columns must be turned and mirrored to be
// seen upright. 0 means that the file does not say and counts as 1.
type Orientation int

// Page is one side of one sheet: a master on disk and what is known of it.
type Page struct {
	ID          PageID      `json:"id"`
	Batch       BatchID     `json:"batch"`
	Master      string      `json:"master"` // path below the archive's root, with slashes
	Format      Format      `json:"format"`
	Fixity      Fixity      `json:"fixity"`
	Origin      Origin      `json:"origin"`
	Pixels      image.Point `json:"pixels"`                // as stored, before orientation, but square ([Density]); zero when the header does not say
	DPI         float64     `json:"dpi,omitempty"`         // of these pixels, as the file says; 0 where it says nothing believable
	Orientation Orientation `json:"orientation,omitempty"` // as the file or its container says
	Captured    time.Time   `json:"captured"`              // when the master became durable
	Operator    string      `json:"operator,omitempty"`
	Label       string      `json:"label,omitempty"` // folio or page label that it was captured under: "1r", "iv", "12bis"
	Companion   Companion   `json:"companion,omitzero"`
}

// State of a page's processing.
type State string

// A page is new when captured; done or blank or failed once a worker looked at it.
const (
	New    State = "new"
	Done   State = "done"
	Blank  State = "blank"  // flagged, never dropped
	Failed State = "failed" // its master could not be decoded; kept all the same
)

// Measures of a page, taken once from its decoded pixels. They are estimates, no
// conformance claim: there is no target on the page.
type Measures struct {
	Pixels         image.Point `json:"pixels"`                  // upright, before deskew
	Depth          int         `json:"depth"`                   // bits a sample
	Channels       int         `json:"channels"`                // 1 grey or bilevel, 3 colour, 4 with alpha or CMYK
	DPI            float64     `json:"dpi"`                     // what was worked with
	DPIEstimated   bool        `json:"dpi_estimated,omitempty"` // the file gives none: a guess from the page's size
	Ink            float64     `json:"ink"`                     // share of dark pixels after background removal, 0 to 1
	Skew           float64     `json:"skew"`                    // degrees, clockwise positive, of the upright page
	SkewConfidence float64     `json:"skew_confidence"`         // from 3 on the page may be turned; 30 is most
	ICC            bool        `json:"icc,omitempty"`           // an ICC profile is embedded
	Blank          bool        `json:"blank,omitempty"`
}
