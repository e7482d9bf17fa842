package sane

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"image"
	"io"
	"iter"
	"os"
	"strings"
	"sync"
	"time"

	"recto/scan"
)

// Config of a source; zero values mean the defaults.
type Config struct {
	Command []string      // the child's command line; default: this binary with the verb "sane"
	Dir     string        // folder for images on their way, best on the archive's disk; default: the system's for temporary files
	Probe   time.Duration // that all drivers have to find their devices; default 60 s
	Answer  time.Duration // that a driver has to open a device, to set it and to end; default 60 s
	Start   time.Duration // that a sheet has from its beginning to its first byte: lamps warm up; default 3 minutes
	Silence time.Duration // without a byte in the middle of a sheet; default 60 s
	Grace   time.Duration // that a driver has to stop when it was told to; default 3 s
}

// Source is the [scan.Scanner] of SANE's devices. It is safe for concurrent use; of
// one device, the second call gets [scan.ErrDeviceBusy] or waits, as its driver likes.
type Source struct {
	config Config

	mu    sync.Mutex
	known map[string]found // by SANE's name: listing devices again takes seconds
}

// New makes a source. Nothing is started before it is needed.
func New(c Config) *Source {
	if len(c.Command) == 0 {
		self, err := os.Executable()
		if err != nil {
			self = os.Args[0]
		}
		c.Command = []string{self, "sane"}
	}
	for _, d := range []struct {
		limit *time.Duration
		least time.Duration
	}{{&c.Probe, time.Minute}, {&c.Answer, time.Minute}, {&c.Start, 3 * time.Minute}, {&c.Silence, time.Minute}, {&c.Grace, 3 * time.Second}} {
		if *d.limit == 0 {
			*d.limit = d.least
		}
	}
	return &Source{config: c, known: map[string]found{}}
}

// call runs one request in a child of its own.
func (s *Source) call(ctx context.Context, r request, patience time.Duration, on func(*child, reply) (time.Duration, error), see func(reply)) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if f, ok := s.recall(r.Device); ok && r.Device != "" {
		r.Known = &f
	}
	c, err := spawn(s.config.Command, r)
	if err != nil {
		return err
	}
	defer close(c.gone)
	return c.converse(ctx, patience, s.config.Grace, func(r reply) (time.Duration, error) { return on(c, r) }, see)
}

func ignore(reply) {}

// recall gives a device that was met before.
func (s *Source) recall(name string) (found, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f, ok := s.known[name]
	return f, ok
}

func (s *Source) remember(f found) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if f.Vendor != "" || f.Model != "" {
		s.known[f.Name] = f
	}
}

// local is SANE's name of a device of ours.
func local(id string) (string, error) {
	name, ok := strings.CutPrefix(id, scheme)
	if !ok || name == "" || strings.ContainsRune(name, 0) {
		return "", fmt.Errorf("%w: %q is not one of SANE's, which begin with %q", scan.ErrNoDevice, id, scheme)
	}
	return name, nil
}

// Version tells which SANE there is: "1.2.1".
func (s *Source) Version(ctx context.Context) (string, error) {
	version := ""
	err := s.call(ctx, request{Verb: "hello"}, s.config.Answer, func(_ *child, r reply) (time.Duration, error) {
		version = r.Version
		return 0, nil
	}, ignore)
	return version, err
}

// Devices gives all devices that the drivers find, also on the network. It takes
// seconds. Where SANE has no drivers or cannot be used there are none.
func (s *Source) Devices(ctx context.Context) iter.Seq2[scan.Device, error] {
	return func(yield func(scan.Device, error) bool) {
		enough := errors.New("enough")
		err := s.call(ctx, request{Verb: "devices"}, s.config.Probe, func(_ *child, r reply) (time.Duration, error) {
			if r.Found == nil {
				return 0, nil
			}
			s.remember(*r.Found)
			if !yield(r.Found.device(), nil) {
				return 0, enough
			}
			return 0, nil
		}, ignore)
		if err != nil && err != enough {
			yield(scan.Device{}, fmt.Errorf("look for SANE's devices: %w", err))
		}
	}
}

// Options opens the device, makes the settings in order and tells what there is to
// set then. An option takes what its Choices or Range say; one that SANE can choose
// the value of takes "auto" too; a button takes "". What the device makes of a value
// between two steps of a range is the option's Value then.
//
// Errors: [scan.ErrNoDevice], [scan.ErrOption] for a setting that it does not take,
// [scan.ErrDeviceBusy], [scan.ErrDenied], [scan.ErrDriver] and what else a device has.
func (s *Source) Options(ctx context.Context, device string, set []scan.Setting) ([]scan.Option, error) {
	name, err := local(device)
	if err != nil {
		return nil, err
	}
	var options []scan.Option
	err = s.call(ctx, request{Verb: "options", Device: name, Set: set}, s.config.Answer, func(_ *child, r reply) (time.Duration, error) {
		if r.Found != nil {
			s.remember(*r.Found)
		}
		if r.Options != nil {
			options = r.Options
		}
		return 0, nil
	}, ignore)
	if err != nil {
		return nil, err
	}
	return options, nil
}

// Scan gives the sheets of t.Device as TIFF files, each when its last byte is there.
// t.Sheets counts images, so a duplex feeder gives two a sheet of paper. See the
// package for what becomes of sheets that do not come to their end.
func (s *Source) Scan(ctx context.Context, t scan.Ticket, to scan.Receiver) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	name, err := local(t.Device)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp(s.config.Dir, "sane-")
	if err != nil {
		return fmt.Errorf("folder for images on their way: %w", writing(err))
	}
	defer os.RemoveAll(dir)
	r := &run{id: scan.NewID(), source: s, to: to}
	t.Paths = nil
	err = s.call(ctx, request{Verb: "scan", Device: name, Ticket: &t, Dir: scan.Path(dir)}, s.config.Answer, r.take, r.track)
	return cmp.Or(r.explain(ctx, err), r.enough)
}

// run is one scan as the parent sees it.
type run struct {
	id       string
	source   *Source
	to       scan.Receiver
	ready    ready
	began    int   // the sheet that the device is busy with
	moved    int   // the last sheet of which a byte has come
	received int   // sheets that the receiver has taken
	refused  error // by the receiver
	enough   error // from the receiver, which wants no sheet more than has begun
}

// track follows what the child does.
func (r *run) track(a reply) {
	switch {
	case a.Ready != nil:
		r.ready = *a.Ready
		r.source.remember(r.ready.Device)
	case a.Began > 0:
		r.began = a.Began
	case a.Bytes > 0, a.Sheet != nil:
		r.moved = r.began
	}
}

func (r *run) take(child *child, a reply) (time.Duration, error) {
	r.track(a)
	c := r.source.config
	switch {
	case a.Began > 0:
		return c.Start, nil
	case a.Bytes > 0:
		return c.Silence, nil
	case a.Sheet != nil:
		err := r.give(*a.Sheet)
		switch {
		case errors.Is(err, scan.ErrEnough):
			r.enough = err
			child.order("enough")
			return c.Answer, nil
		case err != nil:
			r.refused = err
			return 0, err
		}
		child.order("go")
		return c.Answer, nil
	}
	return c.Answer, nil
}

// name is the device as people call it.
func (r *run) name() string {
	f := r.ready.Device
	if n := strings.TrimSpace(f.Vendor + " " + f.Model); n != "" {
		return n
	}
	return f.Name
}

// give hands a sheet to the receiver and removes its file then.
func (r *run) give(m made) error {
	defer os.Remove(string(m.File))
	n := r.received + 1
	device := r.ready.Device.device()
	device.Serial = r.ready.Serial
	origin := scan.Origin{
		Path: scan.Path(fmt.Sprintf("sheet %d of %s", n, r.name())), Count: 1, Size: m.Size,
		Capture: &scan.Capture{
			Device: device, Driver: r.ready.Driver, Options: r.ready.Options, Run: r.id,
			Sheet: n, Side: m.Side, Begun: m.Begun, Ended: m.Ended,
		},
	}
	if m.Short != "" {
		origin.Note = "ends early: " + m.Short
	}
	err := r.to.Sheet(scan.Sheet{
		Origin: origin, Format: scan.TIFF, Pixels: m.Density.Square(image.Pt(m.Width, m.Height)), DPI: m.Density.Finer(),
		Open: func() (io.ReadCloser, error) { return os.Open(string(m.File)) },
	})
	if err != nil && !errors.Is(err, scan.ErrEnough) {
		return err
	}
	r.received++
	if m.Short != "" {
		if rerr := r.to.Reject(scan.Reject{Origin: origin, Err: fmt.Errorf("%w: %s; they are kept as a page", scan.ErrTruncated, m.Short)}); rerr != nil {
			return rerr
		}
	}
	return err
}

// explain says with an error which sheets are safe and which went through the feeder
// for nothing.
func (r *run) explain(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	if r.refused == nil && ctx.Err() == nil {
		if r.began > r.received && errors.Is(err, scan.ErrDriver) { // it could not say so itself
			err = fmt.Errorf("sheet %d of %s: %w", r.began, r.name(), err)
		}
		switch r.received {
		case 0:
			return err
		case 1:
			return fmt.Errorf("%w; the sheet before it is safe", err)
		}
		return fmt.Errorf("%w; the %d sheets before it are safe", err, r.received)
	}
	if !r.ready.Feeder || r.began <= r.received {
		return err
	}
	which, have := fmt.Sprintf("sheet %d", r.began), "has"
	if r.began > r.received+1 {
		which, have = fmt.Sprintf("sheets %d and %d", r.received+1, r.began), "have"
	}
	if r.moved < r.began {
		have = "may have"
	}
	return &scan.LostError{Lost: fmt.Sprintf("%s %s gone through the feeder and will not be kept", which, have), Err: err}
}
