package workbench

import (
	"errors"
	"time"

	"recto/scan"
)

var _ scan.Waiter = (*run)(nil)

// Wait shows why nothing comes from a device and for how long that is borne; the
// next sheet ends it.
func (n *run) Wait(why error, waited, most time.Duration) {
	words := "The device does not answer; seconds waited"
	if errors.Is(why, scan.ErrDeviceBusy) {
		words = "The device is busy; seconds waited"
	}
	if n.progress.Snapshot().Stage != words {
		n.progress.Stage(words, int(most.Round(time.Second).Seconds()))
	}
	n.progress.Set(int(waited.Seconds()))
	n.waited = true
}

// came shows the pages again that were captured, where waiting was shown.
func (n *run) came() {
	if n.waited {
		n.waited = false
		n.progress.Stage("Scanning", n.sheets)
		n.progress.Set(len(n.added))
	}
}
