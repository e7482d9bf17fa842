package sane

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"

	"recto/scan"
)

const (
	scheme    = "sane:"                // before SANE's name in a device's ID
	beat      = 300 * time.Millisecond // between two signs of life
	insistent = time.Second            // after which a blocked driver is cancelled from another thread (4.3.12 allows that)
	farewell  = 3 * time.Second        // that a driver has to end when nobody listens any more
)

// Main is the child: it serves the one request on its standard input and ends. args
// are those behind the verb; there are none.
func Main(args []string) int {
	out, err := claimStdout()
	if err != nil {
		fmt.Fprintln(os.Stderr, "recto sane:", err)
		return 1
	}
	signal.Ignore(os.Interrupt, unix.SIGPIPE)        // a driver's own thread that still writes when its scan is cancelled would end us
	unix.Setrlimit(unix.RLIMIT_CORE, &unix.Rlimit{}) // a page's pixels do not belong in a core file
	in := bufio.NewReader(os.Stdin)
	line, err := in.ReadBytes('\n')
	if err != nil {
		return 0
	}
	var r request
	if err := json.Unmarshal(line, &r); err != nil {
		fmt.Fprintln(os.Stderr, "recto sane: request:", err)
		return 1
	}
	runtime.LockOSThread() // drivers keep state in their thread
	s := &server{request: r, out: out, acknowledged: make(chan struct{}, 16), stop: make(chan struct{})}
	go s.listen(in)
	problem := s.serve()
	if err := s.send(reply{Final: true, Version: s.version, Problem: scan.ProblemOf(problem)}); err != nil {
		return 1
	}
	s.leave()
	return 0
}

// claimStdout keeps the protocol's pipe for us and points file descriptor 1 at
// standard error, because drivers print where they like.
func claimStdout() (io.Writer, error) {
	fd, err := unix.Dup(1)
	if err != nil {
		return nil, err
	}
	unix.CloseOnExec(fd)
	if err := unix.Dup3(2, 1, 0); err != nil {
		return nil, err
	}
	return os.NewFile(uintptr(fd), "replies"), nil
}

// server is one call.
type server struct {
	request
	out          io.Writer
	acknowledged chan struct{} // a sheet was received
	stop         chan struct{} // closed: nobody wants more
	enough       atomic.Bool   // the sheet that has begun is the last
	version      string
	loaded       bool
	panel        *panel
	busy         atomic.Pointer[handle] // the device while a scan is on, for listen
	sent         time.Time
}

func (s *server) send(r reply) error {
	b, err := json.Marshal(r)
	if err != nil {
		return err
	}
	s.sent = time.Now()
	_, err = s.out.Write(append(b, '\n'))
	return err
}

// errStop ends a scan that the parent has called off.
var errStop = errors.New("called off")

// listen takes the parent's orders until there is no parent.
func (s *server) listen(in *bufio.Reader) {
	stopped := false
	stop := func() {
		if stopped {
			return
		}
		stopped = true
		close(s.stop)
		time.AfterFunc(insistent, func() {
			if h := s.busy.Load(); h != nil {
				h.cancel()
			}
		})
	}
	for {
		line, err := in.ReadBytes('\n')
		if err != nil {
			stop()
			time.AfterFunc(farewell, func() { os.Exit(0) })
			return
		}
		var o order
		switch err := json.Unmarshal(line, &o); {
		case err == nil && o.Verb == "go":
			s.acknowledged <- struct{}{}
		case err == nil && o.Verb == "enough":
			s.enough.Store(true)
			s.acknowledged <- struct{}{}
		default:
			stop()
		}
	}
}

func (s *server) called() bool {
	select {
	case <-s.stop:
		return true
	default:
		return false
	}
}

// leave ends SANE as it wants to be ended; who has the reply already does not wait
// for ever.
func (s *server) leave() {
	if s.panel != nil {
		s.panel.close()
	}
	if s.loaded {
		unload()
	}
}

func (s *server) serve() error {
	var st status
	if s.version, st = load(); st != good {
		if s.Verb == "devices" {
			return nil // no SANE is no device
		}
		return fmt.Errorf("%w: SANE does not start: %v", scan.ErrDriver, st.err("starting"))
	}
	s.loaded = true
	switch s.Verb {
	case "hello":
		return nil
	case "devices":
		all, st := list(false)
		for _, f := range all {
			if err := s.send(reply{Found: &f}); err != nil {
				return err
			}
		}
		if st != good {
			return fmt.Errorf("SANE cannot list its devices: %w", st.err("listing"))
		}
		return nil
	case "options":
		if err := s.open(); err != nil {
			return err
		}
		if err := s.send(reply{Found: s.Known}); err != nil {
			return err
		}
		for _, x := range s.Set {
			if _, err := s.panel.put(x.Name, x.Value); err != nil {
				return fmt.Errorf("%s: %w", s.name(), err)
			}
		}
		return s.send(reply{Options: s.panel.all()})
	case "scan":
		return s.scan()
	}
	return fmt.Errorf("sane: what is %q?", s.Verb)
}

// open opens the device and finds out what it is called, where nobody has told.
func (s *server) open() error {
	if s.Known == nil {
		s.Known = &found{Name: s.Device}
		all, _ := list(!networked(s.Device))
		for _, f := range all {
			if f.Name == s.Device {
				*s.Known = f
			}
		}
	}
	h, st := open(s.Device)
	switch st {
	case good:
	case inval, unsupported: // "no such device" (4.3.4)
		return fmt.Errorf("%w: SANE does not know %q", scan.ErrNoDevice, s.Device)
	default:
		return fmt.Errorf("%s: %w", s.name(), st.err("opening"))
	}
	p, err := newPanel(h)
	s.panel = p
	return err
}

// networked tells whether a device is only listed when the network is asked.
func networked(name string) bool {
	return has(name, "net:", "airscan:", "escl:", "http:", "https:", "ip=", "/net/")
}

func (s *server) name() string {
	if n := strings.TrimSpace(s.Known.Vendor + " " + s.Known.Model); n != "" {
		return n
	}
	return s.Known.Name
}

// scan feeds one sheet after the other, at most one ahead of the receiver.
func (s *server) scan() error {
	if err := s.open(); err != nil {
		return err
	}
	if err := s.panel.apply(*s.Ticket); err != nil {
		return fmt.Errorf("%s: %w", s.name(), err)
	}
	backend, _, _ := strings.Cut(s.Device, ":")
	r := ready{
		Device: *s.Known, Driver: fmt.Sprintf("SANE %s, backend %s", s.version, backend),
		Options: s.panel.inForce(s.Ticket.Options), Feeder: s.panel.feeds(s.Known.Type),
	}
	for _, name := range []string{"serial", "serial-number", "device-serial", "serialnumber"} {
		if r.Serial == "" {
			r.Serial = strings.TrimSpace(s.panel.current(name))
		}
	}
	if err := s.send(reply{Ready: &r}); err != nil {
		return err
	}
	most := s.Ticket.Sheets
	if most == 0 && !r.Feeder {
		most = 1
	}
	s.busy.Store(&s.panel.handle)
	defer s.busy.Store(nil)
	defer func() {
		time.Sleep(settle)
		s.panel.cancel() // ends the run: ejects, parks, frees (4.3.12)
	}()
	for n := 1; most == 0 || n <= most; n++ {
		if n > 2 {
			select {
			case <-s.acknowledged:
			case <-s.stop:
				return errStop
			}
		}
		if s.called() {
			return errStop
		}
		if s.enough.Load() {
			return nil
		}
		m, err := s.sheet(n)
		if err == errEmpty {
			if n == 1 {
				return fmt.Errorf("%s: %w", s.name(), scan.ErrNoPaper)
			}
			return nil
		}
		if s.called() {
			return errStop
		}
		if err != nil {
			return fmt.Errorf("sheet %d of %s: %w", n, s.name(), err)
		}
		if err := s.send(reply{Sheet: &m}); err != nil {
			return err
		}
	}
	return nil
}

// errEmpty: there is no sheet in the feeder to begin with.
var errEmpty = errors.New("empty")

// start begins a frame, however long the lamp takes; the parent's patience ends it.
func (s *server) start() status {
	for {
		st := s.panel.start()
		if st != warmingUp || s.called() {
			return st
		}
		time.Sleep(beat)
	}
}

func (s *server) sheet(n int) (made, error) {
	m := made{Begun: time.Now().UTC(), Side: s.panel.side(n)}
	if err := s.send(reply{Began: n}); err != nil {
		return m, err
	}
	name := filepath.Join(string(s.Dir), fmt.Sprintf("%d.tif", n))
	m.File = scan.Path(name)
	x, y := s.panel.density()
	m.Density = scan.Density{X: x, Y: y}
	about := scan.Raster{Make: s.Known.Vendor, Model: s.Known.Model, Software: "Recto"}
	if x >= 1 && y >= 1 {
		about.Density = m.Density
	}
	switch st := s.start(); st {
	case good:
	case noDocs:
		return m, errEmpty
	default:
		return m, st.err("starting")
	}
	bytes := int64(0)
	progress := func(more int) error {
		if s.called() {
			return errStop
		}
		bytes += int64(more)
		if more > 0 && (bytes == int64(more) || time.Since(s.sent) > beat) {
			return s.send(reply{Bytes: bytes})
		}
		return nil
	}
	next := func() error { return s.start().err("starting the next pass") }
	size, short, err := s.panel.image(name, about, next, progress)
	if err != nil {
		os.Remove(name)
		var b *broken
		if errors.As(err, &b) && b.status == noDocs && !b.started {
			return m, errEmpty // some backends notice only now
		}
		return m, err
	}
	m.Ended = time.Now().UTC()
	m.Width, m.Height, m.Short = size[0], size[1], short
	info, err := os.Stat(name)
	if err != nil {
		return m, err
	}
	m.Size = info.Size()
	return m, nil
}
