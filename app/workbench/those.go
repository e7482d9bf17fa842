package workbench

import (
	"context"
	"errors"
	"fmt"

	"recto/archive/catalogue"
	"recto/scan"
)

// Those calls each with pages of a batch in the order of ids: with those that came in one
// go, be it one or fifty thousand. An ID that the batch does not have is ErrNotFound.
func (w *Workbench) Those(ctx context.Context, batch scan.BatchID, ids []scan.PageID, each func(PageInfo) error) error {
	for p, err := range w.cat.Those(ctx, batch, ids) {
		if err != nil {
			if errors.Is(err, catalogue.ErrNotFound) {
				return fmt.Errorf("%w: %w", ErrNotFound, err)
			}
			return err
		}
		if err := each(pageInfo(p)); err != nil {
			return err
		}
	}
	return nil
}
