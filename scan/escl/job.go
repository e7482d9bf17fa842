package escl

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path"
	"time"

	"recto/scan"
)

// Scan makes one job and gives its images. The wishes of the ticket that the device
// does not take are ErrOption. It returns half a second after the context was
// cancelled at the latest. Sides of a duplex feeder are told in turn, front first;
// Ticket.Sheets counts images.
func (s *Source) Scan(ctx context.Context, t scan.Ticket, to scan.Receiver) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	c, sc, err := s.open(ctx, t.Device, false, to)
	if err != nil {
		return err
	}
	defer c.close()
	w, err := wishOf(t)
	if err != nil {
		return err
	}
	p, err := sc.plan(w)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp(s.dir, "escl-*")
	if err != nil {
		return full(err)
	}
	defer os.RemoveAll(dir)
	if err := s.settle(ctx, c, p.feeder()); err != nil {
		return err
	}
	j := &job{c: c, scanner: sc, settings: p, dir: dir, most: s.most, run: scan.NewID()}
	if err := j.start(ctx, to); err != nil {
		return err
	}
	j.record = s.note(j)
	defer j.record.end()
	if err := j.images(ctx, t.Sheets, to); err != nil {
		j.drop(ctx)
		return j.explain(ctx, err)
	}
	return nil
}

// job is one scan.
type job struct {
	c        *client
	scanner  *scanner
	settings *settings
	dir      string
	most     int64
	run      string
	location string // address of the job
	count    int    // images received
	kept     int    // images that the receiver has kept
	asked    bool   // for one more, and the device has not said that there is none
	moved    bool   // and it has begun to send it
	record   *record
}

// explain says with an error which images are safe and which sheet went through the
// feeder for nothing.
func (j *job) explain(ctx context.Context, err error) error {
	if j.settings.feeder() && j.asked {
		have := "may have"
		if j.moved {
			have = "has"
		}
		return &scan.LostError{Lost: fmt.Sprintf("%s %s gone through the feeder and will not be kept", j.which(), have), Err: err}
	}
	switch {
	case ctx.Err() != nil || j.kept == 0 || errors.Is(err, scan.ErrEnough):
		return err
	case j.kept == 1:
		return fmt.Errorf("%w; the one before it is safe", err)
	}
	return fmt.Errorf("%w; the %d before it are safe", err, j.kept)
}

// which names the sheet that is not kept yet. A feeder that scans both sides counts them
// singly, as the pages are named.
func (j *job) which() string {
	n := j.kept + 1
	switch {
	case j.settings.input.name != adfDuplex:
		return fmt.Sprintf("sheet %d", n)
	case n%2 == 1:
		return fmt.Sprintf("sheet %d (the front of piece %d)", n, (n+1)/2)
	}
	return fmt.Sprintf("sheet %d (the back of piece %d, whose front will come twice)", n, n/2)
}

// status asks how the device is; nil where it does not say.
func (j *job) status(ctx context.Context) (*status, error) {
	b, err := j.c.get(ctx, "ScannerStatus")
	if err == nil {
		var st status
		if err = decodeXML(b, &st); err == nil {
			return &st, nil
		}
	}
	if ctx.Err() != nil || errors.Is(err, scan.ErrDeviceGone) || errors.Is(err, scan.ErrUntrusted) {
		return nil, err
	}
	return nil, nil // without its status we know less, but can scan
}

// start makes the job, once the device is ready for one.
func (j *job) start(ctx context.Context, to scan.Receiver) error {
	begun := time.Now()
	deadline := begun.Add(j.c.times.Busy)
	for {
		st, err := j.status(ctx)
		if err != nil {
			return err
		}
		if err := st.trouble(j.settings.feeder()); err != nil {
			return err
		}
		// Only a feeder that has a sensor for it knows that it is empty; bridges to other
		// drivers say so always.
		if st != nil && j.settings.feeder() && j.scanner.detects && st.Feeder == "ScannerAdfEmpty" {
			return scan.ErrNoPaper
		}
		if st == nil || st.State != "Processing" && st.State != "Testing" {
			err := j.post(ctx)
			if err == nil || !errors.Is(err, scan.ErrDeviceBusy) {
				return err
			}
			waits(to, err, begun, deadline)
			if again, stop := wait(ctx, retryOf(err), time.Second, deadline); stop != nil {
				return stop
			} else if !again {
				return err
			}
			continue
		}
		waits(to, scan.ErrDeviceBusy, begun, deadline)
		if again, stop := wait(ctx, 0, 500*time.Millisecond, deadline); stop != nil {
			return stop
		} else if !again {
			return fmt.Errorf("%w: it has been at other work for %v", scan.ErrDeviceBusy, j.c.times.Busy)
		}
	}
}

// post makes the job.
func (j *job) post(ctx context.Context) error {
	a, err := j.c.do(ctx, http.MethodPost, j.c.root.String()+"/ScanJobs", j.settings.request(j.scanner), j.c.times.Busy, j.c.times.Answer)
	if err != nil {
		return fmt.Errorf("ScanJobs: %w", err)
	}
	defer a.done()
	switch a.StatusCode {
	case http.StatusCreated, http.StatusOK, http.StatusAccepted:
		j.location, err = j.within(a.Header.Get("Location"))
		return err
	case http.StatusBadRequest, http.StatusConflict:
		st, err := j.status(ctx)
		if err != nil {
			return err
		}
		if err := st.trouble(j.settings.feeder()); err != nil {
			return err
		}
		if st != nil && j.settings.feeder() && st.Feeder == "ScannerAdfEmpty" {
			return scan.ErrNoPaper
		}
		return fmt.Errorf("%w: it refuses these settings together (HTTP %d)", scan.ErrOption, a.StatusCode)
	}
	return fmt.Errorf("ScanJobs: %w", a.refusal())
}

// within gives the address of a job on the device that we speak to. Devices behind a
// bridge name themselves "localhost", or leave out their port; and nobody sends us
// elsewhere.
func (j *job) within(location string) (string, error) {
	u, err := url.Parse(location)
	if err != nil || u.Path == "" {
		return "", fmt.Errorf("ScanJobs: %w: no address of the job", errProtocol)
	}
	p := u.Path
	if p[0] != '/' {
		p = path.Join(j.c.root.Path, "ScanJobs", p)
	}
	w := url.URL{Scheme: j.c.root.Scheme, Host: j.c.root.Host, Path: path.Clean(p)}
	return w.String(), nil
}

// drop deletes the job, as well as it goes: what ended it is what counts.
func (j *job) drop(ctx context.Context) {
	if j.location == "" {
		return
	}
	span := 2 * time.Second
	if ctx.Err() != nil {
		span = 300 * time.Millisecond // the operator waits
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), span)
	defer cancel()
	if a, err := j.c.do(ctx, http.MethodDelete, j.location, nil, span, span); err == nil {
		a.done()
	}
}

// images fetches them one by one and gives each to the receiver before the next is
// asked for.
func (j *job) images(ctx context.Context, most int, to scan.Receiver) error {
	if !j.settings.feeder() {
		most = 1
	}
	for most == 0 || j.count < most {
		more, err := j.next(ctx, to)
		if err != nil || !more {
			return err
		}
	}
	j.drop(ctx) // a feeder must not go on; a glass is free again
	return ctx.Err()
}

// transfers is how many times Times.Scan the bytes of an image may take: at 1200 dpi
// over a bad wireless network it is slow, but no half an hour.
const transfers = 6

// next fetches an image; false is the end of the paper.
func (j *job) next(ctx context.Context, to scan.Receiver) (bool, error) {
	begun := time.Now()
	deadline := begun.Add(j.c.times.Scan)
	for {
		if err := ctx.Err(); err != nil {
			return false, err
		}
		j.asked, j.moved = true, false
		a, err := j.c.do(ctx, http.MethodGet, j.location+"/NextDocument", nil, max(time.Until(deadline), j.c.times.Answer), transfers*j.c.times.Scan)
		if err != nil {
			return false, j.lost(err)
		}
		if a.StatusCode == http.StatusOK {
			j.moved = true
			err := j.receive(ctx, a, begun, to)
			return err == nil, err
		}
		code := a.StatusCode
		j.asked = code == http.StatusServiceUnavailable || code == http.StatusTooManyRequests
		refusal := a.refusal()
		a.done()
		st, err := j.status(ctx)
		if err != nil {
			return false, j.lost(err)
		}
		fault := st.outcome(j.location, j.settings.feeder())
		switch code {
		case http.StatusServiceUnavailable, http.StatusTooManyRequests: // not there yet
			if fault != nil {
				j.asked = false
				return false, j.lost(fault)
			}
			waits(to, refusal, begun, deadline)
			again, err := wait(ctx, retryOf(refusal), time.Second, deadline)
			if err != nil {
				return false, err
			}
			if !again {
				return false, fmt.Errorf("%w: no image came within %v", scan.ErrDeviceBusy, j.c.times.Scan)
			}
			continue
		case http.StatusNotFound:
			return false, j.ended(fault)
		case http.StatusGone: // stopped at the device; some answer so at the end of the paper
			if ji := st.job(j.location); ji == nil || ji.State != "Completed" {
				return false, j.lost(cmp.Or(fault, fmt.Errorf("%w", scan.ErrStopped)))
			}
			return false, j.ended(fault)
		case http.StatusConflict: // bridges to other drivers say so of an empty feeder, too
			if fault == nil && j.settings.feeder() && st != nil && st.Feeder == "ScannerAdfEmpty" {
				return false, j.ended(nil)
			}
		}
		return false, j.lost(cmp.Or(fault, refusal))
	}
}

// ended is how a job without further images went.
func (j *job) ended(fault error) error {
	switch {
	case fault != nil:
		return j.lost(fault)
	case j.count > 0:
		return nil
	case j.settings.feeder():
		return scan.ErrNoPaper
	}
	return fmt.Errorf("%w: the job ended without an image", scan.ErrDeviceIO)
}

// lost tells which sheet a failure on the wire hit.
func (j *job) lost(err error) error {
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	return fmt.Errorf("%s: %w", j.which(), err)
}

// receive writes an image to a file, sees that it is whole and gives it away.
func (j *job) receive(ctx context.Context, a *answer, begun time.Time, to scan.Receiver) error {
	name, err := j.fetch(a)
	if err != nil {
		return j.lost(err)
	}
	ended := time.Now()
	defer os.Remove(name)
	raw := func() (rawSize, error) { return j.rawSize(ctx) }
	all, broken := j.load(name, a.Header.Get("Content-Type"), raw)
	for _, img := range all {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := j.give(img, begun, ended, to); err != nil {
			return err
		}
		if img.name != name {
			os.Remove(img.name)
		}
	}
	if broken != nil {
		j.asked = true
		return j.lost(advised(broken))
	}
	return nil
}

// give makes a sheet of an image.
func (j *job) give(img *picture, begun, ended time.Time, to scan.Receiver) error {
	j.count++
	j.asked = true // one answer may hold several
	sheet := scan.Sheet{Format: img.format, Pixels: img.density.Square(img.pixels), DPI: img.dpi, Orientation: img.orientation,
		Open: func() (io.ReadCloser, error) { return os.Open(img.name) }}
	d := j.scanner.device
	info, err := os.Stat(img.name)
	if err != nil {
		return err
	}
	sheet.Origin = scan.Origin{Path: scan.Path(fmt.Sprintf("sheet %d of %s %s", j.count, d.Vendor, d.Model)), Count: 1, Size: info.Size(), Note: img.note,
		Capture: &scan.Capture{Device: d, Driver: "eSCL " + j.scanner.spoken(), Options: j.settings.inForce(), Run: j.run, Sheet: j.count,
			Begun: begun, Ended: ended}}
	if j.settings.input.name == adfDuplex {
		sheet.Origin.Capture.Side = scan.Front
		if j.count%2 == 0 {
			sheet.Origin.Capture.Side = scan.Back
		}
	}
	err = to.Sheet(sheet)
	if err == nil || errors.Is(err, scan.ErrEnough) {
		j.kept++
		j.asked = false
		j.record.kept()
	}
	return err
}

// fetch writes the body to a file. Its length is held against what was announced by
// net/http: a body that is too short is an error of its reader.
func (j *job) fetch(a *answer) (string, error) {
	defer a.done()
	if a.ContentLength > j.most {
		return "", fmt.Errorf("%w: %d bytes", scan.ErrTooLarge, a.ContentLength)
	}
	f, err := os.CreateTemp(j.dir, "image-*")
	if err != nil {
		return "", full(err)
	}
	n, err := io.Copy(f, io.LimitReader(a, j.most+1))
	if err == nil && n > j.most {
		err = fmt.Errorf("%w: more than %d bytes", scan.ErrTooLarge, j.most)
	}
	if err == nil && n == 0 {
		err = fmt.Errorf("%w: the device sent nothing", scan.ErrTruncated)
	}
	if err = errors.Join(err, f.Close()); err != nil {
		os.Remove(f.Name())
		return "", full(err)
	}
	return f.Name(), nil
}

// rawSize is the geometry of raw samples (eSCL, ScanImageInfo).
type rawSize struct {
	Width  number `xml:"ActualWidth"`
	Height number `xml:"ActualHeight"`
	Row    number `xml:"ActualBytesPerLine"`
}

func (j *job) rawSize(ctx context.Context) (rawSize, error) {
	var r rawSize
	a, err := j.c.do(ctx, http.MethodGet, j.location+"/ScanImageInfo", nil, j.c.times.Answer, j.c.times.Answer)
	if err != nil {
		return r, err
	}
	defer a.done()
	if a.StatusCode != http.StatusOK {
		return r, nil
	}
	b, err := io.ReadAll(io.LimitReader(a, maxXML+1))
	if err != nil {
		return r, err
	}
	_ = decodeXML(b, &r) // what it does not say is zero
	return r, nil
}
