package escl

import (
	"cmp"
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"net/url"
	"sync"
	"syscall"
	"time"

	"recto/scan"
)

// Config of a source. Only Dir must be set.
type Config struct {
	Dir     string   // folder for images on their way; nothing stays in it
	Devices []string // devices that discovery may not find: "escl:http://10.0.0.7/eSCL", "10.0.0.7"
	// Trust is the file that keeps the keys of devices that sign their own certificates;
	// its folder must exist. Where it is empty they are forgotten with the source.
	Trust string
	// Jobs is a folder, which must exist, that keeps the addresses of jobs while they run,
	// for whoever scans after this process was killed. Where it is empty the device stays
	// busy then until it gives up by itself.
	Jobs     string
	Discover time.Duration // how long to listen for devices (mDNS); 0: 3 s, less: not at all
	Times    Times
	Most     int64          // bytes of one image; 0: 4 GiB
	Roots    *x509.CertPool // who may sign certificates; nil: whom the system trusts
}

// Times bound how patient we are; zero values are replaced by those named.
type Times struct {
	Answer time.Duration // for a connection, and for a small document: 10 s
	Wake   time.Duration // for a device that does not answer at all to wake up: 20 s
	Busy   time.Duration // for a device that has other work: 30 s
	Scan   time.Duration // for the next image: 5 min, since a lamp warms up and a glass at 1200 dpi is slow
	Idle   time.Duration // between two bytes of an image: 60 s
}

// Source is the [scan.Scanner] of network scanners. It is safe for concurrent use, as
// far as the devices are.
type Source struct {
	dir      string
	devices  []string
	trust    *trust
	jobs     string
	discover time.Duration
	times    Times
	most     int64
	roots    *x509.CertPool
}

var _ scan.Scanner = (*Source)(nil)

// New makes a source; nothing is sent.
func New(c Config) *Source {
	s := &Source{dir: c.Dir, trust: &trust{file: c.Trust}, jobs: c.Jobs, discover: cmp.Or(c.Discover, 3*time.Second), most: cmp.Or(c.Most, 4<<30), roots: c.Roots}
	for _, d := range c.Devices {
		if len(d) < len(scheme) || d[:len(scheme)] != scheme {
			d = scheme + d
		}
		s.devices = append(s.devices, d)
	}
	t := c.Times
	s.times = Times{cmp.Or(t.Answer, 10*time.Second), cmp.Or(t.Wake, 20*time.Second), cmp.Or(t.Busy, 30*time.Second),
		cmp.Or(t.Scan, 5*time.Minute), cmp.Or(t.Idle, time.Minute)}
	return s
}

// Forget makes the next certificate of a device be trusted, as if it were new.
func (s *Source) Forget(device string) error {
	all, err := roots(device)
	if err != nil {
		return err
	}
	s.trust.mu.Lock()
	defer s.trust.mu.Unlock()
	for _, r := range all {
		if r.Scheme == "https" {
			if err := s.trust.put(hostPort(r), ""); err != nil {
				return err
			}
		}
	}
	return nil
}

// Devices gives the devices of the configuration, which are asked what they are, and
// then those that announce themselves within the time to discover. One that does not
// answer is given all the same, with a note that says so.
func (s *Source) Devices(ctx context.Context) iter.Seq2[scan.Device, error] {
	return func(yield func(scan.Device, error) bool) {
		list := make([]scan.Device, len(s.devices))
		var all sync.WaitGroup
		for i, id := range s.devices {
			all.Go(func() { list[i] = s.ask(ctx, id) })
		}
		var err error
		var found []scan.Device
		if s.discover > 0 {
			found, err = discover(ctx, s.discover)
		}
		all.Wait()
		if ctx.Err() != nil {
			yield(scan.Device{}, ctx.Err())
			return
		}
		given := map[string]bool{}
		for _, d := range append(list, found...) {
			if !given[d.ID] && !yield(d, nil) {
				return
			}
			given[d.ID] = true
		}
		if err != nil {
			yield(scan.Device{}, err)
		}
	}
}

// mostLook is how long a device may take to say what it is, for a list that somebody
// waits for.
const mostLook = 5 * time.Second

// ask finds out what a device of the configuration is, without waiting for one that
// sleeps and without trusting it.
func (s *Source) ask(ctx context.Context, id string) scan.Device {
	ctx, cancel := context.WithTimeout(ctx, mostLook)
	defer cancel()
	d := scan.Device{ID: id, Kind: "escl"}
	c, sc, err := s.open(ctx, id, true, nil)
	switch {
	case errors.Is(err, errNotYet):
		d.Note = errNotYet.Error()
	case errors.Is(err, scan.ErrDeviceGone), errors.Is(err, context.DeadlineExceeded):
		d.Note = "does not answer: switched off, or asleep"
	case err != nil:
		d.Note = line(err.Error())
	default:
		c.close()
		d = sc.device
	}
	if d.Model == "" {
		if all, err := roots(id); err == nil {
			d.Vendor, d.Model = "eSCL", all[0].Hostname()
		}
	}
	return d
}

// mostRefused is how long a machine that is awake may refuse to talk: its server may be
// starting. Longer than that it is no scanner.
const mostRefused = 3 * time.Second

// open finds the root of a device and its capabilities; to, if it is a scan.Waiter, hears
// of each wait. The client is to be closed.
func (s *Source) open(ctx context.Context, id string, look bool, to scan.Receiver) (*client, *scanner, error) {
	all, err := roots(id)
	if err != nil {
		return nil, nil, err
	}
	begun := time.Now()
	deadline := begun.Add(s.times.Wake)
	for pause := 100 * time.Millisecond; ; pause = min(2*pause, 2*time.Second) {
		c, sc, err := s.try(ctx, all, look)
		if err == nil || look || !worthAnother(err) {
			return c, sc, err
		}
		if errors.Is(err, syscall.ECONNREFUSED) && time.Since(begun) > mostRefused {
			return nil, nil, err
		}
		most := s.times.Wake
		if errors.Is(err, syscall.ECONNREFUSED) {
			most = min(most, mostRefused)
		}
		waits(to, err, begun, begun.Add(most))
		if again, stop := wait(ctx, retryOf(err), pause, deadline); stop != nil {
			return nil, nil, stop
		} else if !again {
			return nil, nil, err
		}
	}
}

// worthAnother tells of failures that time may mend.
func worthAnother(err error) bool { return quiet(err) || errors.Is(err, scan.ErrDeviceBusy) }

func retryOf(err error) time.Duration {
	var h *httpError
	if errors.As(err, &h) {
		return h.after
	}
	return 0
}

// try asks each of the roots for its capabilities. From HTTPS there is no way to HTTP
// where the device is known by its key, or shows a wrong one.
func (s *Source) try(ctx context.Context, all []*url.URL, look bool) (*client, *scanner, error) {
	var first error
	for _, root := range all {
		if root.Scheme == "http" && len(all) > 1 {
			if known, err := s.trust.of(hostPort(all[0])); err != nil || known != "" {
				break
			}
		}
		c := s.dial(root, look)
		b, err := c.get(ctx, "ScannerCapabilities")
		var sc *scanner
		if err == nil {
			sc, err = parseCapabilities(b)
		}
		if err == nil {
			sc.device.ID = deviceID(root)
			return c, sc, nil
		}
		c.close()
		var h *httpError
		if errors.As(err, &h) && h.code == http.StatusNotFound || errors.Is(err, errProtocol) {
			err = fmt.Errorf("%w at %s: %w", scan.ErrNoDevice, root, err)
		} else {
			err = fmt.Errorf("%s: %w", root, err)
		}
		if first == nil || errors.Is(first, scan.ErrDeviceGone) && !errors.Is(err, scan.ErrDeviceGone) {
			first = err
		}
		if ctx.Err() != nil || errors.Is(err, scan.ErrUntrusted) || errors.Is(err, errNotYet) {
			break
		}
	}
	return nil, nil, first
}

// Options tells what a device has to set. A device that cannot be reached is
// ErrNoDevice or ErrDeviceGone, a setting that it does not take ErrOption.
func (s *Source) Options(ctx context.Context, device string, set []scan.Setting) ([]scan.Option, error) {
	c, sc, err := s.open(ctx, device, false, nil)
	if err != nil {
		return nil, err
	}
	defer c.close()
	w, err := wishOf(scan.Ticket{Options: set})
	if err != nil {
		return nil, err
	}
	p, err := sc.plan(w)
	if err != nil {
		return nil, err
	}
	return sc.options(p), nil
}
