package scan

import (
	"image"
	"strings"
)

// CodeKind is a kind of machine-readable mark.
type CodeKind string

// Patch codes are those of Kodak's scanners, printed across the sheet.
const (
	Patch1     CodeKind = "patch-1"
	Patch2     CodeKind = "patch-2"
	Patch3     CodeKind = "patch-3"
	Patch4     CodeKind = "patch-4"
	Patch6     CodeKind = "patch-6"
	PatchT     CodeKind = "patch-t"
	QR         CodeKind = "qr"          // ISO/IEC 18004
	Code128    CodeKind = "code-128"    // ISO/IEC 15417
	Code39     CodeKind = "code-39"     // ISO/IEC 16388
	DataMatrix CodeKind = "data-matrix" // ISO/IEC 16022
	AnyPatch   CodeKind = "patch"       // a patch code whose kind could not be told
	AnyCode    CodeKind = "code"        // any, or a barcode whose kind could not be told
)

// CoverPrefix begins the text of the barcodes on cover sheets; the code of a unit
// follows. So a sheet that only happens to bear a barcode is not taken for one.
const CoverPrefix = "RECTO1:"

// Patch tells whether it is a patch code, which carries no text.
func (k CodeKind) Patch() bool { return k == AnyPatch || strings.HasPrefix(string(k), "patch-") }

// Code is a mark found on a page.
type Code struct {
	Kind CodeKind `json:"kind"`
	Text string   `json:"text,omitempty"`
	// Unread: something is there that looks like such a code and could not be read -
	// cut off, smeared. Somebody has to look.
	Unread bool            `json:"unread,omitempty"`
	Box    image.Rectangle `json:"box"` // in pixels of the master as stored, but square ([Density])
}

// Inspection is what a quick look at a page found, while it is being captured:
// enough to warn, not enough to judge. See [Measures] for the thorough one.
type Inspection struct {
	Pixels    image.Point `json:"pixels"`              // upright
	DPI       float64     `json:"dpi,omitempty"`       // 0: not known
	Blank     bool        `json:"blank,omitempty"`     // nothing that a reader would see
	Ink       float64     `json:"ink"`                 // share of dark pixels after background removal, 0 to 1
	Sharpness float64     `json:"sharpness"`           // 0 to 1, an estimate; 0 for a page without edges
	Skew      float64     `json:"skew"`                // degrees, clockwise positive
	Signature []byte      `json:"signature,omitempty"` // of the picture: see scan/quality
	Sought    bool        `json:"sought,omitempty"`    // codes were looked for
	Codes     []Code      `json:"codes,omitempty"`
	By        string      `json:"by"` // "recto 0.1.0/inspect 1": what looked
}

// ConcernKind names something about a page that somebody should look at.
type ConcernKind string

// What can be suspected of a page. Nothing is ever done about it but to say so.
const (
	SuspectBlank      ConcernKind = "blank"        // nothing on it
	SuspectDoubleFeed ConcernKind = "double-feed"  // longer or shorter than its neighbours
	SuspectDuplicate  ConcernKind = "duplicate"    // the same picture as another page
	SuspectBlurred    ConcernKind = "blurred"      // no sharp edge on it
	SuspectLowDPI     ConcernKind = "low-dpi"      // fewer pixels an inch than the profile demands
	SuspectSkew       ConcernKind = "skew"         // more askew than the profile allows
	CodeUnread        ConcernKind = "code-unread"  // a separator that could not be read
	CodeUnknown       ConcernKind = "code-unknown" // a separator that names nothing known
	Undecodable       ConcernKind = "undecodable"  // the image cannot be decoded; its bytes are kept
	NoWorkingImage    ConcernKind = "raw-alone"    // a camera's RAW file without its JPEG
)

// Concern is a suspicion about a page.
type Concern struct {
	Kind  ConcernKind `json:"kind"`
	Words string      `json:"words"`           // for people: "412 mm long; the others are 297 mm"
	Other PageID      `json:"other,omitempty"` // the page that it is like, or the one before
}
