package workbench

import (
	"context"

	"recto/archive"
	"recto/scan"
)

func (w *Workbench) separate(ctx context.Context, b scan.BatchID, s archive.Separation) (int, error) {
	return 0, nil
}
