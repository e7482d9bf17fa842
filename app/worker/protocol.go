package worker

import (
	"encoding/json"

	"recto/ocr"
	"recto/scan"
)

// request is one line to the child. After each item of a reply the parent sends a
// request with the verb "go": so the child never runs ahead, and what it puts on
// disk does not pile up. Paths are scan.Path because they need not be UTF-8.
type request struct {
	Verb string          `json:"verb"` // "hello", "read", "prepare", "region", "inspect", "view", "render", "expand"
	Data json.RawMessage `json:"data"`
}

// reply is one line from the child: any number of items, then one that is final.
type reply struct {
	Item    json.RawMessage `json:"item,omitempty"`
	Final   bool            `json:"final,omitempty"`
	Data    json.RawMessage `json:"data,omitempty"`
	Problem *scan.Problem   `json:"problem,omitempty"`
	Fault   *fault          `json:"fault,omitempty"` // with a problem that language models have
	RSS     int64           `json:"rss,omitempty"`   // bytes, of the child after the request
}

// Hello is what a child says of itself.
type Hello struct {
	Engine    string `json:"engine"`
	Leptonica string `json:"leptonica"`
	Method    int    `json:"method"` // of reading, [Method]
}

// Method is raised with each change that makes a page be prepared or read otherwise,
// so that a reading of before is not taken for one of now.
const Method = 1

// Read asks to look at a master once: measure, prepare, recognise, render.
type Read struct {
	Master      scan.Path        `json:"master"` // absolute path
	Orientation scan.Orientation `json:"orientation"`
	DPI         float64          `json:"dpi"`                // of the square pixels; 0: not known, to be estimated
	ByHand      scan.Recipe      `json:"by_hand"`            // steps that somebody set; the others are found out
	Languages   []string         `json:"languages"`          // where none are set by hand
	Words       []string         `json:"words,omitempty"`    // see ocr.Options
	Patterns    []string         `json:"patterns,omitempty"` // see ocr.Options
	Rendition   scan.Path        `json:"rendition"`          // file for re-encoded pixels, where the master's bytes cannot be placed
	Thumbnail   scan.Path        `json:"thumbnail"`          // file for a small JPEG of the page as the recipe shows it; "" for none
}

// Reading is what came of it.
type Reading struct {
	Pixels     scan.Measures   `json:"measures"`
	Stored     [2]int          `json:"stored"` // width and height as stored in the master, but square (scan.Density)
	State      scan.State      `json:"state"`  // Done or Blank
	Recipe     scan.Recipe     `json:"recipe"`
	Text       *ocr.Text       `json:"text,omitempty"`
	Confidence float64         `json:"confidence"`
	Tries      int             `json:"tries"` // recognitions it took
	Rendition  *scan.Rendition `json:"rendition,omitempty"`
	Seconds    float64         `json:"seconds"` // CPU time of the child
}

// Inspect asks for a quick look at a master. The answer is a scan.Inspection.
type Inspect struct {
	Master      scan.Path        `json:"master"`
	Orientation scan.Orientation `json:"orientation"`
	DPI         float64          `json:"dpi"`   // of the square pixels; 0: not known
	Codes       bool             `json:"codes"` // look for patch codes and barcodes: it takes as long as all the rest
}

// View asks for the page's pixels as the recipe shows it.
type View struct {
	Master      scan.Path        `json:"master"`
	Orientation scan.Orientation `json:"orientation"`
	Recipe      scan.Recipe      `json:"recipe"`
	Into        scan.Path        `json:"into"`    // file for the pixels
	Longest     int              `json:"longest"` // 0: full size as raw rows; else a JPEG no longer than this
}

// Viewed describes the raw rows in View.Into: 1 (grey) or 4 (RGBA) bytes a pixel.
type Viewed struct {
	Width   int `json:"width"`
	Height  int `json:"height"`
	Samples int `json:"samples"`
}

// Render asks for the rendition alone.
type Render struct {
	Master scan.Path `json:"master"`
	Into   scan.Path `json:"into"`
}

// Expand asks to take the pages out of a container (PDF).
type Expand struct {
	File scan.Path `json:"file"`
	Dir  scan.Path `json:"dir"` // for the extracted files
	DPI  float64   `json:"dpi"`
}
