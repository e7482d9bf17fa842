package folder

import (
	"context"
	"iter"

	"recto/scan"
)

// Config of a folder source.
type Config struct {
	// Expand gives the pages of a PDF. Where it is nil, PDFs are rejected with
	// [scan.ErrUnsupported].
	Expand Expander
}

// Source is the [scan.Source] of files and folders. It holds nothing between
// scans and is safe for concurrent use if its Expander is.
type Source struct{ expand Expander }

// New makes a source.
func New(c Config) *Source { return &Source{c.Expand} }

// Devices gives the one device there is.
func (s *Source) Devices(context.Context) iter.Seq2[scan.Device, error] {
	return func(yield func(scan.Device, error) bool) {
		yield(scan.Device{ID: "folder", Kind: "folder"}, nil)
	}
}

// Scan gives the images of t.Paths in the order given and those of folders in
// natural order, file by file and page by page. What cannot become a sheet is
// rejected with an error that wraps a sentinel of package scan, and the scan goes
// on; only an error of the receiver or of the context ends it.
func (s *Source) Scan(ctx context.Context, t scan.Ticket, to scan.Receiver) error {
	w := newWalk(ctx, s.expand, t, to)
	joined := w.pairArguments(t.Paths)
	for i, p := range t.Paths {
		if joined[i] {
			continue
		}
		w.argument = p.Absolute()
		if err := w.visit(string(p), nil, true); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// walk is one scan.
type walk struct {
	ctx      context.Context
	to       scan.Receiver
	expand   Expander
	dpi      float64
	argument scan.Path
	given    map[scan.Path]int // how often a path has come by
	jpegs    map[string]string // of raw files: path to path
	sha256   string            // of the file that comes next, where it is known ...
	stamp    stamp             // ... in this state
}

func newWalk(ctx context.Context, expand Expander, t scan.Ticket, to scan.Receiver) *walk {
	w := &walk{ctx: ctx, to: to, expand: expand, dpi: t.DPI, given: map[scan.Path]int{}, jpegs: map[string]string{}}
	if w.dpi == 0 {
		w.dpi = 300
	}
	return w
}

// origin begins the origin of what comes from a path and counts that path.
func (w *walk) origin(path string) scan.Origin {
	o := scan.Origin{Argument: w.argument, Path: scan.Path(path), Absolute: scan.Path(path).Absolute(), Count: 1}
	o.Nth = w.given[o.Absolute]
	w.given[o.Absolute]++
	return o
}

func (w *walk) reject(o scan.Origin, err error) error {
	return w.to.Reject(scan.Reject{Origin: o, Err: err})
}
