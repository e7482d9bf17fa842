package archive

import (
	"recto/scan"
)

// Profile is a capture profile: the settings of a kind of work under a name, so
// that whoever scans picks one word and not twenty. Zero values leave it to the
// device or to the operator.
type Profile struct {
	Name       string         `json:"name"`
	Note       string         `json:"note,omitempty"` // for people: what it is for
	Device     string         `json:"device,omitempty"`
	Source     string         `json:"source,omitempty"` // as in scan.Ticket
	Mode       string         `json:"mode,omitempty"`
	Depth      int            `json:"depth,omitempty"`      // bits a sample
	Resolution float64        `json:"resolution,omitempty"` // dots an inch
	Area       scan.Area      `json:"area,omitzero"`        // mm
	Options    []scan.Setting `json:"options,omitempty"`
	Sides      int            `json:"sides,omitempty"`  // images a sheet gives: 1 or 2; 0: 1, or 2 from a duplex feeder
	Duplex     string         `json:"duplex,omitempty"` // "manual": all fronts, then all backs
	Separation Separation     `json:"separation,omitzero"`
	Languages  []string       `json:"languages,omitempty"` // Tesseract's names
	Series     string         `json:"series,omitempty"`    // first folio label: "1r", "1", "i"; empty: none
	Quality    Quality        `json:"quality,omitzero"`
	Locked     bool           `json:"locked,omitempty"` // nothing of it can be overridden or changed without the supervisor's word
	Shipped    bool           `json:"-"`                // comes with Recto and has not been changed
}

// Separation says where one unit ends and the next begins in a stack.
type Separation struct {
	Patch   bool            `json:"patch,omitempty"`   // patch codes T, 2 and 3 begin a unit
	Codes   []scan.CodeKind `json:"codes,omitempty"`   // these begin a unit ...
	Pattern string          `json:"pattern,omitempty"` // ... where their text matches (RE2); empty: only codes of cover sheets and of planned units
	Blank   bool            `json:"blank,omitempty"`   // an empty sheet begins a unit
	Every   int             `json:"every,omitempty"`   // a new unit every so many pages
	Keep    bool            `json:"keep,omitempty"`    // separator sheets stay in the unit that they begin, blank ones in the one before; otherwise they go to the bin
}

// On tells whether anything separates.
func (s Separation) On() bool { return s.Patch || len(s.Codes) > 0 || s.Blank || s.Every > 0 }

// Quality is what a page must be like not to be flagged. Zero values do not ask.
type Quality struct {
	LeastDPI      float64 `json:"least_dpi,omitempty"`
	MostSkew      float64 `json:"most_skew,omitempty"`      // degrees
	LeastSharp    float64 `json:"least_sharp,omitempty"`    // 0 to 1, scan.Inspection.Sharpness
	MostLength    float64 `json:"most_length,omitempty"`    // share by which a sheet may be longer or shorter than its neighbours: 0.08; 0: as if 0.08
	BlanksWelcome bool    `json:"blanks_welcome,omitempty"` // blank pages are ordinary here: counted, not flagged
}

// SidesOfASheet is how many images a sheet gives under this profile.
func (p Profile) SidesOfASheet() int {
	switch {
	case p.Sides > 0:
		return p.Sides
	case p.Source == "duplex" || p.Duplex == "manual":
		return 2
	}
	return 1
}
