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
	arranging
	reading
	delivering
}

// capturing brings pages in and reads them.
type capturing interface {
	Preview(ctx context.Context, paths []scan.Path) ([]workbench.PreviewItem, error)
	Import(ctx context.Context, r workbench.ImportRequest, p *job.Progress) (workbench.ImportResult, error)
	Process(ctx context.Context, r workbench.ProcessRequest, p *job.Progress) (workbench.ProcessResult, error)
	MakeDocument(ctx context.Context, r workbench.DocumentRequest, p *job.Progress) (workbench.DocumentInfo, error)
	Dismiss(ctx context.Context, batch scan.BatchID, path scan.Path, reason string) error
}

// arranging changes the order and state of a batch's pages.
type arranging interface {
	MovePages(ctx context.Context, pages []scan.PageID, after scan.PageID) error
	RotatePages(ctx context.Context, pages []scan.PageID, degrees int) error
	BinPages(ctx context.Context, pages []scan.PageID) error
	RestorePages(ctx context.Context, pages []scan.PageID) error
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

// delivering checks and hands out.
type delivering interface {
	Export(ctx context.Context, r workbench.ExportRequest, p *job.Progress) ([]workbench.Delivered, error)
	Verify(ctx context.Context, p *job.Progress) ([]archive.Finding, error)
}
