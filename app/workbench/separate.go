package workbench

import (
	"context"

	"recto/archive"
	"recto/scan"
)

func (w *Workbench) separate(ctx context.Context, b scan.BatchID, s archive.Separation) (int, error) {
	return 0, nil
}

func (w *Workbench) Separate(ctx context.Context, b scan.BatchID) (CaptureResult, error) {
	return CaptureResult{}, nil
}
