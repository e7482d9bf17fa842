package workbench

import (
	"context"

	"recto/archive"
)

type looks struct{}

func (w *Workbench) look(ctx context.Context, b archive.Batch, p archive.Profile, told func(PageInfo)) *looks {
	return &looks{}
}
func (l *looks) at(PageInfo) {}
func (l *looks) wait() error { return nil }

func (w *Workbench) SpaceFor(need int64) error { return nil }
