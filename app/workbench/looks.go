package workbench

import (
	"context"

	"recto/app/job"
	"recto/archive"
	"recto/scan"
)

type looks struct{}

func (w *Workbench) look(ctx context.Context, b archive.Batch, p archive.Profile, told func(PageInfo)) *looks {
	return &looks{}
}
func (l *looks) at(PageInfo) {}
func (l *looks) wait() error { return nil }

func (w *Workbench) Inspect(ctx context.Context, batch scan.BatchID, p *job.Progress) ([]PageInfo, error) {
	return nil, nil
}

func (w *Workbench) Watch(ctx context.Context, r WatchRequest, p *job.Progress) (CaptureResult, error) {
	return CaptureResult{}, nil
}
