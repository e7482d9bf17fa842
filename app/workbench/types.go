package workbench

import (
	"fmt"
	"image"
	"time"

	"recto/archive"
	"recto/scan"
)

// BatchInfo is a batch with its counts.
type BatchInfo struct {
	archive.Batch
	Pages     int // not counting the bin
	New       int
	Done      int
	Blank     int
	Failed    int
	Binned    int
	Rejects   int
	Documents int
	Touched   time.Time
	Empty     int             // pages that a worker or a quick look found blank
	Concerns  int             // pages that somebody should look at, as Review lists them
	Units     int             // that begin in it
	Halves    int             // pages that share the picture of another one that is there
	Signed    *archive.Signed // why its count is right although it is another; see State
	Present   string          // which pages there are, where it is signed off
}

// PageInfo is a page as the window and the verbs show it.
type PageInfo struct {
	scan.Page
	Number      int // in the batch, from 1, not counting the bin; 0 in the bin
	Unit        int // of the batch, from 1, in lists of whole batches; 0 before the first one begins
	State       scan.State
	Recipe      scan.Recipe
	Measures    *scan.Measures
	Confidence  float64
	Words       int
	Languages   []string // that the text was read in
	Text        string   // path of the text tree below the root; empty without text
	TextSHA256  string
	Problem     *scan.Problem
	Binned      bool
	DuplicateOf scan.PageID // an earlier page of the batch with equal bytes
	HalfOf      scan.PageID // the other page of the spread, whose master it shares
	ByHand      scan.Recipe // the steps of preparation that somebody set; the others are found out
	Raw         string      // path of the text as it was read, where it was corrected since
	RawSHA256   string
	Corrections int              // changes of the text by hand
	Start       *archive.Start   // the unit that begins with this page
	startOf     scan.PageID      // the page that Start was given to: this one, or one before it that is in the bin now
	Inspection  *scan.Inspection // without its signature; nil before a quick look
	Concerns    []scan.Concern
	Reviewed    string      // why it is good in spite of its concerns; empty: nobody said so
	ReplacedBy  scan.PageID // taken instead of this one, which lies in the bin
	Replaces    scan.PageID // what this one was taken instead of, the last
}

// known tells whether this program can apply the page's recipe and what is set by hand of
// it; the error is a *scan.VersionError.
func (p PageInfo) known() error {
	for _, r := range []scan.Recipe{p.ByHand, p.Recipe} {
		if err := r.Known(); err != nil {
			return fmt.Errorf("page %d: %w", p.Number, err)
		}
	}
	return nil
}

// Frame is the size in pixels of the page as it is shown.
func (p PageInfo) Frame() image.Point {
	size, _ := scan.Frame(p.Pixels, p.Orientation, p.Recipe)
	return size
}

// DocumentInfo is a document with what was written of it.
type DocumentInfo struct {
	archive.Document
	State   archive.DocumentState
	Reasons []string
	PDF     string // path of the PDF/A below the root; empty before it is written
	Fixity  scan.Fixity
	Input   string // digest of what went into the PDF
}

// Hit is one page that a search found.
type Hit struct {
	Document archive.DocumentID
	Title    string
	Batch    scan.BatchID
	Page     scan.PageID
	Number   int      // of the page in the document, from 1 (in the batch for a page that is in no document)
	Snippet  string   // plain text around the first match
	Marks    [][2]int // byte ranges of the matches in Snippet
	Terms    []string // the words that matched, folded: lower case, no diacritics
}
