package workbench

import (
	"math"
	"slices"

	"recto/scan"
)

// FreeSpace is what can still be written, in bytes: on the archive's disk or that
// of its masters, whichever has less.
func (w *Workbench) FreeSpace() (uint64, error) {
	free, err := w.spool.Free()
	return uint64(max(0, free)), diskError(err)
}

// SpaceFor asks before a sheet is begun whether there is space for one of so many
// bytes, with a reserve on each of the archive's disks. The error wraps
// scan.ErrNoSpace and says how much is free, how much is needed and how much must
// be freed; or it says that the disk of the masters is not there.
func (w *Workbench) SpaceFor(need int64) error {
	return diskError(w.vanished(w.spool.Room(need, 0)))
}

// spaceToScan is SpaceFor for sheets of which onTheWay bytes lie in the archive's
// folder of temporary files before they are masters.
func (w *Workbench) spaceToScan(need, onTheWay int64) error {
	return diskError(w.vanished(w.spool.Room(need, onTheWay)))
}

// Sizes estimates how many bytes the next sheet of a run takes: as many as the
// largest of its last ones. The zero value has seen none.
type Sizes struct{ last []int64 }

// Add notes the size of a master of this run.
func (s *Sizes) Add(bytes int64) {
	const some = 16 // a feeder's sheets are alike; one large one is forgotten in time
	if s.last = append(s.last, bytes); len(s.last) > some {
		s.last = s.last[1:]
	}
}

// Next is the estimate; first, where none was seen yet.
func (s *Sizes) Next(first int64) int64 {
	if len(s.last) == 0 {
		return first
	}
	return slices.Max(s.last)
}

// TicketSize is how many bytes a sheet of a ticket takes at most, uncompressed:
// its area, A4 where it names none, at its resolution and depth. What the ticket
// leaves to the device is taken for 300 dpi, 8 bits and colour.
func TicketSize(t scan.Ticket) int64 {
	width, height, dpi, depth := t.Area.Width, t.Area.Height, t.DPI, t.Depth
	if width <= 0 || height <= 0 {
		width, height = 210, 297
	}
	if dpi <= 0 {
		dpi = 300
	}
	if depth <= 0 {
		depth = 8
	}
	samples := 3
	switch t.Mode {
	case "gray", "Gray":
		samples = 1
	case "lineart", "Lineart":
		samples, depth = 1, 1
	}
	pixels := func(mm float64) int64 { return int64(math.Ceil(mm / 25.4 * dpi)) }
	row := (pixels(width)*int64(samples*depth) + 7) / 8
	return row*pixels(height) + 64<<10 // tags, profile and sidecar
}
