package archive

import (
	"encoding/json"
	"fmt"
	"image"
	"time"

	"recto/scan"
)

// Event is one change to the archive, with who, when and why (PREMIS event). The
// journal keeps events in order; the catalogue is what you get by applying them.
type Event struct {
	ID    string          `json:"id"`   // UUIDv7
	Time  time.Time       `json:"time"` // UTC
	Actor string          `json:"actor"`
	Type  EventType       `json:"type"`
	Why   string          `json:"why,omitempty"`
	Data  json.RawMessage `json:"data"` // the struct below that goes with Type
}

// EventType names the change and the struct in Data.
type EventType string

// The events. New ones may be added; none changes its meaning, because archives
// written by this version are read for decades.
const (
	ArchiveCreated  EventType = "archive.created"  // Created
	ArchiveRepaired EventType = "archive.repaired" // Repaired
	FixityChecked   EventType = "fixity.checked"   // Checked
	BatchCreated    EventType = "batch.created"    // Batch
	BatchDescribed  EventType = "batch.described"  // Described
	BatchSigned     EventType = "batch.signed"     // Signed
	BatchImported   EventType = "batch.imported"   // Imported
	RejectDismissed EventType = "reject.dismissed" // Dismissed
	PageCaptured    EventType = "page.captured"    // Captured
	PageInspected   EventType = "page.inspected"   // Inspected
	PageProcessed   EventType = "page.processed"   // Processed
	PagesMoved      EventType = "pages.moved"      // Moved
	PagesRotated    EventType = "pages.rotated"    // Rotated, before there was PagesPrepared
	PagesPrepared   EventType = "pages.prepared"   // Prepared
	PagesParted     EventType = "pages.parted"     // Parted
	TextCorrected   EventType = "text.corrected"   // Corrected
	PagesBinned     EventType = "pages.binned"     // Binned
	PagesRestored   EventType = "pages.restored"   // Binned
	PagesInserted   EventType = "pages.inserted"   // Inserted
	PagesReplaced   EventType = "pages.replaced"   // Replaced
	PagesOrdered    EventType = "pages.ordered"    // Ordered
	PagesLabelled   EventType = "pages.labelled"   // Labelled
	PagesDivided    EventType = "pages.divided"    // Divided
	PagesReviewed   EventType = "pages.reviewed"   // Reviewed
	ArrangeUndone   EventType = "arrange.undone"   // Undone
	ArrangeRedone   EventType = "arrange.redone"   // Undone
	DocumentMade    EventType = "document.made"    // Document
	DocumentWritten EventType = "document.written" // Written
	DocumentCopied  EventType = "document.copied"  // Copied
	DeliveryStepped EventType = "delivery.stepped" // Delivery
	ProfileSaved    EventType = "profile.saved"    // Profile
	ProfileRemoved  EventType = "profile.removed"  // Named
	SupervisorSet   EventType = "supervisor.set"   // Supervisor
	UnitsPlanned    EventType = "units.planned"    // Planned
)

// Created opens every journal.
type Created struct {
	Archive string `json:"archive"` // UUIDv7 of the archive
	Format  int    `json:"format"`  // version of the layout on disk
}

// Repaired tells what opening an archive found and mended. The events Late were
// lost from the journal and have been written back behind it; they belong where
// their time says.
type Repaired struct {
	Done []string `json:"done"`
	Late []string `json:"late,omitempty"` // IDs
}

// Checked is the outcome of a fixity check of the whole archive.
type Checked struct {
	Files    int       `json:"files"`
	Bytes    int64     `json:"bytes"`
	Findings []Finding `json:"findings,omitempty"`
}

// Batch is a pile of pages captured together.
type Batch struct {
	ID        scan.BatchID `json:"id"`
	Name      string       `json:"name"`          // unique in the archive, for people
	Key       string       `json:"key,omitempty"` // what makes the same command find it again
	Title     string       `json:"title,omitempty"`
	Sources   []scan.Path  `json:"sources,omitempty"`
	Languages []string     `json:"languages,omitempty"`
	Created   time.Time    `json:"created"`
	Shelfmark string       `json:"shelfmark,omitempty"` // ISAD(G) 3.1.1, reference code
	Container string       `json:"container,omitempty"` // box, folder, volume that the paper lies in
	Expected  int          `json:"expected,omitempty"`  // sheets of paper; 0: nobody has counted them
	Sides     int          `json:"sides,omitempty"`     // images that a sheet gives: 2 where both sides are captured; 0 means 1
	Profile   string       `json:"profile,omitempty"`   // name of the capture profile
	Series    string       `json:"series,omitempty"`    // label of the first page where pages are labelled as they come: "1r"
}

// Described changes what a batch says of itself: all of Batch but Key, Sources and
// Created. With Before, what it said until then, it can be taken back like an
// arranging event.
type Described struct {
	Batch
	Before *Batch `json:"before,omitempty"`
}

// Counted is what there is of a batch at a moment.
type Counted struct {
	Expected int `json:"expected"` // sheets
	Sheets   int `json:"sheets"`   // that the sides make
	Sides    int `json:"sides"`    // pages, separators and the bin left out
	Blanks   int `json:"blanks"`   // of these
	Rejects  int `json:"rejects"`  // sources that gave no page and are missed
}

// Signed says that a batch is as it should be although its count is not what was
// expected. It lapses when the count changes, and when other pages make the same one.
// An empty Reason takes it back.
type Signed struct {
	Batch scan.BatchID `json:"batch"`
	Count Counted      `json:"count"`
	Pages string       `json:"pages,omitempty"` // Catalogue.Present; empty in signatures of older Rectos
	// Sides of each unit, by its code or reference. What is short of its own count is
	// waived as long as it has so many.
	Units  map[string]int `json:"units"`
	Reason string         `json:"reason"`
}

// Imported says that these files and folders were gone through to the end. It
// replaces what is known of sources below them that gave no page.
type Imported struct {
	Batch     scan.BatchID `json:"batch"`
	Arguments []scan.Path  `json:"arguments"` // absolute
	Rejects   []Reject     `json:"rejects"`
}

// Reject is a source that should have given a page and did not.
type Reject struct {
	Origin    scan.Origin  `json:"origin"`
	Problem   scan.Problem `json:"problem"`
	Dismissed string       `json:"dismissed,omitempty"` // why nobody misses it, where somebody has said so
}

// Dismissed says that a source which could not be taken in belongs to no page of
// the batch: a slip of the pen, a stray file. An empty reason takes that back. It
// lapses when the source comes with another problem.
type Dismissed struct {
	Batch  scan.BatchID `json:"batch"`
	Path   scan.Path    `json:"path"` // absolute
	Reason string       `json:"reason"`
}

// Captured puts a page into its batch: after the page After, or at the end when
// After is empty, or at the very start when First is set.
type Captured struct {
	Page      scan.Page   `json:"page"`
	After     scan.PageID `json:"after,omitempty"`
	First     bool        `json:"first,omitempty"`
	Recovered bool        `json:"recovered,omitempty"` // found on disk by a repair
}

// Processed is what a worker found out about a page. It replaces what an earlier
// one said.
type Processed struct {
	Page       scan.PageID    `json:"page"`
	State      scan.State     `json:"state"`           // Done, Blank or Failed
	Stored     image.Point    `json:"stored,omitzero"` // pixels as stored, found when decoding; zero keeps what the header said
	Recipe     scan.Recipe    `json:"recipe,omitempty"`
	Measures   *scan.Measures `json:"measures,omitempty"`
	Confidence float64        `json:"confidence"` // of the text, 0 to 1
	Words      int            `json:"words"`
	Text       string         `json:"text,omitempty"` // path of the text tree below the root; empty without text
	TextSHA256 string         `json:"text_sha256,omitempty"`
	Raw        string         `json:"raw,omitempty"` // the same before it was corrected, where corrected text was carried into another frame
	RawSHA256  string         `json:"raw_sha256,omitempty"`
	Corrected  int            `json:"corrected,omitempty"` // corrections that it carries
	// CarriedFrom is the SHA-256 of the text that this one is, in another frame or told
	// again, where nothing was read.
	CarriedFrom string        `json:"carried_from,omitempty"`
	Engine      string        `json:"engine,omitempty"`
	Languages   []string      `json:"languages,omitempty"`
	Seconds     float64       `json:"seconds,omitempty"` // CPU time in the worker
	Problem     *scan.Problem `json:"problem,omitempty"` // why State is Failed
	// Key is a digest of all that the reading depends on: pixels, steps by hand, options,
	// models and programs. Readings with the same key are the same. Empty: not known.
	Key string `json:"key,omitempty"`
}

// ReadingObject is what an event with this key concerns beside its page.
func ReadingObject(key string) string {
	if key == "" {
		return ""
	}
	return "reading:" + key
}

// Moved puts Pages, in the order given, behind the page After (empty: to the
// start). Back says where each was, in the order in which to put them back.
type Moved struct {
	Batch scan.BatchID  `json:"batch"`
	Pages []scan.PageID `json:"pages"`
	After scan.PageID   `json:"after,omitempty"`
	Back  []Place       `json:"back"`
	// Beginnings of units that change with it.
	Starts []Division `json:"starts,omitempty"`
}

// Place is a page and its predecessor in the batch, binned pages counted; an
// empty After is the start.
type Place struct {
	Page  scan.PageID `json:"page"`
	After scan.PageID `json:"after,omitempty"`
}

// Inserted puts a page that was captured between others behind After (empty: to the
// start). Taken back, it lies in the bin.
type Inserted struct {
	Batch scan.BatchID `json:"batch"`
	Page  scan.PageID  `json:"page"`
	After scan.PageID  `json:"after,omitempty"`
}

// Replaced puts the page New in the place of Old, with its label and what is said
// of units there; Old goes to the bin. Both stay, and each knows the other.
type Replaced struct {
	Batch scan.BatchID `json:"batch"`
	Old   scan.PageID  `json:"old"`
	New   scan.PageID  `json:"new"`
	Back  []Place      `json:"back,omitempty"` // where New was; none where it stands behind Old already
	From  string       `json:"from,omitempty"` // label of New before
	To    string       `json:"to,omitempty"`   // and after: that of Old
	// Beginnings of units that change with it; with any, Old keeps its own in the bin.
	Starts []Division `json:"starts,omitempty"`
}

// Ordered puts pages into the places that they have together, in another order.
type Ordered struct {
	Batch scan.BatchID  `json:"batch"`
	Pages []scan.PageID `json:"pages"` // in the new order
	Back  []scan.PageID `json:"back"`  // the same in the old one
	How   string        `json:"how"`   // "interleave", "reverse" ...: for people
	// Labels and beginnings of units that change with it.
	Labels []Label    `json:"labels,omitempty"`
	Starts []Division `json:"starts,omitempty"`
}

// Labelled gives pages folio or page labels.
type Labelled struct {
	Batch  scan.BatchID `json:"batch"`
	Labels []Label      `json:"labels"`
}

// Label is the label of a page before and after; empty is none.
type Label struct {
	Page scan.PageID `json:"page"`
	From string      `json:"from"`
	To   string      `json:"to"`
}

// Divided says at which pages units begin, and puts separator sheets into the bin.
type Divided struct {
	Batch   scan.BatchID  `json:"batch"`
	Changes []Division    `json:"changes"`
	Binned  []scan.PageID `json:"binned,omitempty"` // only those that were not in the bin
	Labels  []Label       `json:"labels,omitempty"` // that change with it
}

// Division is a page and what begins there, before and after; nil is nothing.
type Division struct {
	Page scan.PageID `json:"page"`
	From *Start      `json:"from"`
	To   *Start      `json:"to"`
}

// Start is the beginning of a unit of description within a batch (ISAD(G) 3.1).
type Start struct {
	Cause     string `json:"cause"`               // "manual", "patch-t", "qr", "blank", "count" ...
	Code      string `json:"code,omitempty"`      // text of the code
	Reference string `json:"reference,omitempty"` // shelfmark of the unit
	Title     string `json:"title,omitempty"`
}

// Reviewed settles concerns about pages: somebody has looked.
type Reviewed struct {
	Batch scan.BatchID `json:"batch"`
	Pages []Review     `json:"pages"`
}

// Review is what was decided about a page before and after; empty: nothing yet.
type Review struct {
	Page scan.PageID `json:"page"`
	From string      `json:"from"`
	To   string      `json:"to"` // why it is good as it is
}

// Inspected is what a quick look at a page found. It replaces an earlier one.
type Inspected struct {
	Page       scan.PageID      `json:"page"`
	Inspection *scan.Inspection `json:"inspection,omitempty"` // nil where the image cannot be decoded
	Concerns   []scan.Concern   `json:"concerns,omitempty"`
}

// Named is something by its name.
type Named struct {
	Name string `json:"name"`
}

// Supervisor sets the word that unlocks profiles; an empty Hash removes it.
type Supervisor struct {
	Hash string `json:"hash"` // bcrypt
}

// Planned are units that somebody is going to scan, each with a cover sheet.
type Planned struct {
	Units []Unit `json:"units"`
}

// Unit is a unit of description to be scanned (ISAD(G) 3.1.1, 3.1.2).
type Unit struct {
	Code      string            `json:"code"` // on its cover sheet; unique in the archive
	Reference string            `json:"reference"`
	Title     string            `json:"title,omitempty"`
	Container string            `json:"container,omitempty"`
	Expected  int               `json:"expected,omitempty"` // sheets
	Metadata  map[string]string `json:"metadata,omitempty"` // other columns of the list, by their names
}

// Prepared sets steps of preparation by hand. Where a page comes to a setting under
// which it was read before, that reading holds again; otherwise it is New.
type Prepared struct {
	Batch    scan.BatchID `json:"batch"`
	How      string       `json:"how"` // "rotate", "deskew" ...: for people
	Settings []Setting    `json:"settings"`
}

// Setting is what was set by hand of a page's preparation before and after: all of it.
type Setting struct {
	Page scan.PageID `json:"page"`
	From scan.Recipe `json:"from"`
	To   scan.Recipe `json:"to"`
}

// Parted takes pictures that show a spread for two pages each, or with Joined for one
// again. Both pages have the same master. With Auto it is what a worker found, and is
// not taken back by undo, but by joining.
type Parted struct {
	Batch   scan.BatchID `json:"batch"`
	Auto    bool         `json:"auto,omitempty"`
	Joined  bool         `json:"joined,omitempty"`
	Spreads []Spread     `json:"spreads"`
}

// Spread is one such picture. Other comes behind Page; joined, it lies in the bin.
type Spread struct {
	Page  scan.PageID `json:"page"`
	From  scan.Recipe `json:"from"` // set by hand of Page as one page
	To    scan.Recipe `json:"to"`   // and of its part of the spread
	Other scan.Page   `json:"other"`
	Set   scan.Recipe `json:"set"` // by hand of Other
}

// Corrected changes the text of pages by hand. What was read stays.
type Corrected struct {
	Batch scan.BatchID `json:"batch"`
	How   string       `json:"how"` // "correct a word" ...: for people
	Texts []Correction `json:"texts"`
}

// Correction is the text of one page before and after. The trees are files of their
// own; Edits say how one became the other.
type Correction struct {
	Page  scan.PageID     `json:"page"`
	From  TextFile        `json:"from"`
	To    TextFile        `json:"to"`
	Edits json.RawMessage `json:"edits"` // []ocr.Edit
}

// TextFile is a text tree on disk.
type TextFile struct {
	Path       string  `json:"path"` // below the root
	SHA256     string  `json:"sha256"`
	Words      int     `json:"words"`
	Confidence float64 `json:"confidence"` // 0 to 1
}

// Rotated turns pages by hand. The page is New again: its text was read the other
// way round.
type Rotated struct {
	Batch scan.BatchID `json:"batch"`
	Turns []Turn       `json:"turns"`
}

// Turn is the quarter turn of a page before and after, in degrees clockwise,
// counted from the master's own orientation. A nil pointer means that nobody
// turned the page by hand and the worker decides.
type Turn struct {
	Page scan.PageID `json:"page"`
	From *int        `json:"from"`
	To   *int        `json:"to"`
}

// Steps are what was set by hand of the page's turn before and after.
func (t Turn) Steps() (from, to scan.Recipe) {
	step := func(degrees *int) scan.Recipe {
		if degrees == nil {
			return nil
		}
		s := scan.Step{Stage: scan.OrientStage, Manual: true} // of the first version: there was no other then
		return scan.Recipe{s.With(scan.Orient{Degrees: *degrees})}
	}
	return step(t.From), step(t.To)
}

// Binned puts pages into the batch's bin, or takes them out again to where they were.
type Binned struct {
	Batch scan.BatchID  `json:"batch"`
	Pages []scan.PageID `json:"pages"` // only those whose state changed
}

// Undone takes back, or does again, the arranging event (any of pages.*, and
// batch.described) with this ID.
type Undone struct {
	Batch scan.BatchID `json:"batch"`
	Event string       `json:"event"`
}

// Written says that the document's PDF/A was written.
type Written struct {
	Document DocumentID    `json:"document"`
	State    DocumentState `json:"state"`
	File     string        `json:"file"` // below the root
	Fixity   scan.Fixity   `json:"fixity"`
	Input    string        `json:"input"` // digest of all that went in: the same input needs no new file
	Pages    int           `json:"pages"`
	Reasons  []string      `json:"reasons,omitempty"` // why it is incomplete
}

// Copied says which files outside the archive are this document's output.
type Copied struct {
	Document  DocumentID `json:"document"`
	Directory scan.Path  `json:"directory"` // absolute
	Name      string     `json:"name"`      // NAME of NAME.pdf, NAME.txt, NAME/
	Files     []File     `json:"files"`
}

// File is a file outside the archive as we left it.
type File struct {
	Path   scan.Path `json:"path"` // relative to Directory
	SHA256 string    `json:"sha256"`
}

// Delivery is one step of bringing a package to a destination.
type Delivery struct {
	ID       string        `json:"id"`
	Document DocumentID    `json:"document"`
	Format   string        `json:"format"` // "bagit"
	To       scan.Path     `json:"to"`
	Package  scan.Path     `json:"package,omitempty"` // where it lies
	Step     string        `json:"step"`              // built, sent, verified, delivered, failed
	Reason   string        `json:"reason,omitempty"`  // why an incomplete document was let through
	Files    int           `json:"files,omitempty"`
	Bytes    int64         `json:"bytes,omitempty"`
	Manifest string        `json:"manifest_sha256,omitempty"` // of the package's tag manifest
	Problem  *scan.Problem `json:"problem,omitempty"`
}

// NewEvent wraps data as an event that happens now.
func NewEvent(t EventType, actor, why string, data any) (Event, error) {
	b, err := json.Marshal(data)
	if err != nil {
		return Event{}, fmt.Errorf("event %s: %w", t, err)
	}
	return Event{ID: scan.NewID(), Time: time.Now().UTC(), Actor: actor, Type: t, Why: why, Data: b}, nil
}
