package workbench

import (
	"time"

	"recto/archive"
	"recto/scan"
)

// CaptureRequest says what to scan into which batch, and where it goes.
type CaptureRequest struct {
	Batch   scan.BatchID
	New     *BatchRequest // where Batch is empty: the batch to make when the first sheet is there
	Profile string        // name; empty: the batch's; "-": none
	Ticket  scan.Ticket   // overrides what the profile says, where that is not locked

	// Where the first page goes; the others follow it. At most one of them.
	After   scan.PageID // behind this page
	First   bool        // to the start of the batch
	Replace scan.PageID // in the place of this page, which goes to the bin: one sheet is scanned

	// Side of all sheets of this run, for duplex by hand: all fronts, then all backs,
	// the last sheet first. When the backs are in and as many as the fronts, they are
	// put in between.
	Side  scan.Side
	Label string // of the first page; empty: what follows the page before it

	// Captured, if not nil, hears of each page once it is durable and in the
	// catalogue; Inspected once more when it has been looked at. On other goroutines.
	Captured  func(PageInfo)
	Inspected func(PageInfo)
	// Timed, if not nil, is told how long each sheet took: for measurements.
	Timed func(Moments)
}

// Moments of a sheet.
type Moments struct {
	Ended   time.Time     // the device's last byte was there
	Durable time.Time     // master and sidecar survive a power cut
	Visible time.Time     // it is in journal and catalogue: anybody may be told
	Synced  time.Duration // of the time to Durable, waiting for the disk
}

// CaptureResult tells what became of a run of the scanner. It is given with an
// error too: the pages in it are safe.
type CaptureResult struct {
	Batch    BatchInfo
	Added    []scan.PageID
	Rejects  []archive.Reject
	Concerns []PageInfo // pages of this run that somebody should look at
	Divided  int        // units that were found to begin
	Notes    []string   // what the operator should know: "12 backs were put between 12 fronts"
}

// BatchRequest describes a batch. In a change nil leaves as it is.
type BatchRequest struct {
	Shelfmark, Title, Container, Profile, Series *string
	Name                                         *string // for people, unique; empty: shelfmark, else title
	Expected                                     *int    // sheets; 0: nobody has counted them
	Sides                                        *int    // images a sheet gives: 1 or 2
	Languages                                    []string
}

// BatchState says whether what was captured is what was expected.
type BatchState string

// The states of a batch's count.
const (
	Uncounted BatchState = "uncounted" // nobody said how many sheets there are
	Short     BatchState = "short"     // fewer than expected, or sources that gave nothing
	Over      BatchState = "over"      // more than expected
	Agreed    BatchState = "complete"  // as many as expected
	SignedOff BatchState = "signed"    // another number, and somebody said why
)

// DuplexState tells how far capturing both sides by hand has come: fronts at the
// end of the batch whose backs are missing, and backs behind them.
type DuplexState struct{ Fronts, Backs int }

// WatchStatus is what a watched folder is doing.
type WatchStatus struct {
	Taken   int      // files so far
	Known   int      // files that the batch had already
	Waiting int      // files that are not complete yet
	Slow    []string // of these, those that do not come to an end, with the reason; the first hundred
	Problem string   // why nothing can be taken now: the folder is gone, may not be read
}

// WatchRequest says which folder to watch for files. Zero durations: 2 s and for ever.
type WatchRequest struct {
	Batch     scan.BatchID
	Folder    scan.Path
	Settle    time.Duration // how long a file must not have changed to be complete
	Idle      time.Duration // the watch ends once nothing has come or waited for so long
	Captured  func(PageInfo)
	Inspected func(PageInfo)
	Status    func(WatchStatus)
}
