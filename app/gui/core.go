package gui

import (
	"context"
	"image"

	"recto/app/job"
	"recto/app/workbench"
	"recto/archive"
	"recto/ocr"
	"recto/scan"
)

// Core is what the window needs of an open archive. *workbench.Workbench is one.
// Methods may block and are called from any goroutine, never from the UI's, save
// Directory and Repaired, which only return what is known.
type Core interface {
	Directory() string
	Repaired() []string
	Close() error
	Languages() []string
	FreeSpace() (uint64, error)
	capturing
	scanning
	describing
	planning
	arranging
	reading
	preparing
	correctingText
	delivering
}

// capturing brings pages in and reads them.
type capturing interface {
	Preview(ctx context.Context, paths []scan.Path) ([]workbench.PreviewItem, error)
	Import(ctx context.Context, r workbench.ImportRequest, p *job.Progress) (workbench.ImportResult, error)
	Process(ctx context.Context, r workbench.ProcessRequest, p *job.Progress) (workbench.ProcessResult, error)
	MakeUnits(ctx context.Context, batch scan.BatchID, p *job.Progress) (all []workbench.DocumentInfo, notes []string, err error)
	MakeDocument(ctx context.Context, r workbench.DocumentRequest, p *job.Progress) (workbench.DocumentInfo, error)
	Dismiss(ctx context.Context, batch scan.BatchID, path scan.Path, reason string) error
}

// scanning brings sheets in from devices and folders that are watched.
type scanning interface {
	Devices(ctx context.Context) ([]scan.Device, error)
	DeviceOptions(ctx context.Context, device string, set []scan.Setting) ([]scan.Option, error)
	PreviewScan(ctx context.Context, t scan.Ticket) (image.Image, error)
	Capture(ctx context.Context, r workbench.CaptureRequest, p *job.Progress) (workbench.CaptureResult, error)
	Watch(ctx context.Context, r workbench.WatchRequest, p *job.Progress) (workbench.CaptureResult, error)
	Duplex(ctx context.Context, batch scan.BatchID) (workbench.DuplexState, error)
	Tail(ctx context.Context, batch scan.BatchID, n int) ([]workbench.PageInfo, error)
	NextLabel(ctx context.Context, batch scan.BatchID) (string, error)
	Versions(ctx context.Context, page scan.PageID) ([]workbench.PageInfo, error)
	Profiles(ctx context.Context) ([]archive.Profile, error)
	SaveProfile(ctx context.Context, p archive.Profile, word string) error
	RemoveProfile(ctx context.Context, name, word string) error
	SetSupervisor(ctx context.Context, old, word string) error
	HasSupervisor(ctx context.Context) (bool, error)
}

// describing says what batches and pages are, and settles what is odd about them.
type describing interface {
	CreateBatch(ctx context.Context, r workbench.BatchRequest) (workbench.BatchInfo, error)
	DescribeBatch(ctx context.Context, id scan.BatchID, r workbench.BatchRequest) (workbench.BatchInfo, error)
	SignBatch(ctx context.Context, id scan.BatchID, reason string) error
	Batch(ctx context.Context, name string) (workbench.BatchInfo, error)
	LabelPages(ctx context.Context, pages []scan.PageID, first string) error
	AcceptPages(ctx context.Context, pages []scan.PageID, reason string) error
	Review(ctx context.Context, batch scan.BatchID) ([]workbench.PageInfo, error)
}

// planning is of units that are going to be scanned behind cover sheets.
type planning interface {
	Units(ctx context.Context) ([]archive.Unit, error)
	PlanUnits(ctx context.Context, units []archive.Unit) ([]archive.Unit, error)
	PlanList(ctx context.Context, file string) ([]archive.Unit, []string, error)
	SaveCoverSheets(ctx context.Context, path string, names []string, o workbench.SheetOptions) ([]archive.Unit, []string, error)
}

// arranging changes the order and state of a batch's pages.
type arranging interface {
	MovePages(ctx context.Context, pages []scan.PageID, after scan.PageID) error
	RotatePages(ctx context.Context, pages []scan.PageID, degrees int) error
	BinPages(ctx context.Context, pages []scan.PageID) error
	RestorePages(ctx context.Context, pages []scan.PageID) error
	ReplacePage(ctx context.Context, old, page scan.PageID) error
	ReversePages(ctx context.Context, pages []scan.PageID) error
	Interleave(ctx context.Context, batch scan.BatchID) (string, error)
	Separate(ctx context.Context, batch scan.BatchID) (workbench.CaptureResult, error)
	SplitAt(ctx context.Context, page scan.PageID, s archive.Start) error
	MergeAt(ctx context.Context, page scan.PageID) error
	Undo(ctx context.Context, batch scan.BatchID) (string, error)
	Redo(ctx context.Context, batch scan.BatchID) (string, error)
}

// reading shows what there is.
type reading interface {
	Batches(ctx context.Context) ([]workbench.BatchInfo, error)
	Rejects(ctx context.Context, batch scan.BatchID) ([]archive.Reject, error)
	Pages(ctx context.Context, batch scan.BatchID, binned bool) ([]workbench.PageInfo, error)
	Documents(ctx context.Context) ([]workbench.DocumentInfo, error)
	DocumentPages(ctx context.Context, id archive.DocumentID) ([]workbench.PageInfo, error)
	Text(ctx context.Context, page scan.PageID) (*ocr.Text, error)
	View(ctx context.Context, page scan.PageID) (image.Image, error)
	Thumbnail(ctx context.Context, page scan.PageID) (*image.RGBA, error)
	SearchTyping(ctx context.Context, query string, limit int) (int, []workbench.Hit, error)
}

// preparing sets by hand how pages are prepared and read.
type preparing interface {
	PreparePages(ctx context.Context, pages []scan.PageID, p workbench.Preparation) (int, error)
	SplitSpreads(ctx context.Context, pages []scan.PageID, at int) error
	TryPreparation(ctx context.Context, page scan.PageID, t workbench.Trial) (workbench.Tried, error)
}

// correctingText puts right what was read.
type correctingText interface {
	Page(ctx context.Context, page scan.PageID) (workbench.PageInfo, error)
	EditText(ctx context.Context, page scan.PageID, how string, edits ...ocr.Edit) (*ocr.Text, error)
	RawText(ctx context.Context, page scan.PageID) (*ocr.Text, error)
	ReadRegion(ctx context.Context, page scan.PageID, box image.Rectangle, languages []string, layout int) (*ocr.Text, error)
	FindSpelling(ctx context.Context, batch scan.BatchID, n ocr.Spelling, p *job.Progress) ([]workbench.Spelt, error)
	Spell(ctx context.Context, n ocr.Spelling, found []workbench.Spelt, p *job.Progress) error
}

// delivering checks and hands out.
type delivering interface {
	Export(ctx context.Context, r workbench.ExportRequest, p *job.Progress) ([]workbench.Delivered, error)
	Verify(ctx context.Context, p *job.Progress) ([]archive.Finding, error)
}
