package escl

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"syscall"
	"time"

	"recto/scan"
)

// errProtocol: what answers is no eSCL device, or one that does not keep to it.
var errProtocol = errors.New("the answer is not what eSCL says")

// client talks to one device. Close it.
type client struct {
	root  *url.URL
	times Times
	http  *http.Client
	close func()
}

// dial makes a client; nothing is sent yet. One that only looks trusts nothing new.
func (s *Source) dial(root *url.URL, look bool) *client {
	d := &net.Dialer{Timeout: s.times.Answer}
	tr := &http.Transport{
		DialContext:            d.DialContext, // no proxy: the device is in the house
		TLSHandshakeTimeout:    s.times.Answer,
		MaxResponseHeaderBytes: 1 << 16,
		DisableCompression:     true, // a length that can be checked
		// A connection a request: net/http silently repeats a GET on one that breaks when
		// it was used before, and a second NextDocument is the next sheet, not this one.
		DisableKeepAlives: true,
		DialTLSContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
			name, _, err := net.SplitHostPort(addr)
			if err != nil {
				return nil, err
			}
			t := &tls.Dialer{NetDialer: d, Config: s.trust.config(strings.ToLower(addr), name, look, s.roots)}
			return t.DialContext(ctx, network, addr)
		},
	}
	c := &client{root: root, times: s.times}
	c.http = &http.Client{Transport: tr, CheckRedirect: func(r *http.Request, via []*http.Request) error {
		if len(via) > 3 || r.URL.Hostname() != root.Hostname() || via[0].URL.Scheme == "https" && r.URL.Scheme != "https" {
			return http.ErrUseLastResponse
		}
		return nil
	}}
	c.close = tr.CloseIdleConnections
	return c
}

// answer is a response whose body is being read.
type answer struct {
	*http.Response
	cancel context.CancelFunc
	watch  *time.Timer
	limit  *time.Timer
	idle   time.Duration
	ctx    context.Context
	outer  context.Context
}

// errIdle ends a request on which nothing has come for too long.
var errIdle = errors.New("nothing came for too long")

// do sends a request. Its headers have to be there within first, of the body something
// every Times.Idle, and all of it within whole: a trickle is no answer either.
func (c *client) do(ctx context.Context, method, address string, body []byte, first, whole time.Duration) (*answer, error) {
	inner, cancel := context.WithCancelCause(ctx)
	a := &answer{cancel: func() { cancel(nil) }, idle: c.times.Idle, ctx: inner, outer: ctx}
	r, err := http.NewRequestWithContext(inner, method, address, bytes.NewReader(body))
	if err != nil {
		a.cancel()
		return nil, fmt.Errorf("%w: %w", errProtocol, err)
	}
	r.Header.Set("User-Agent", "Recto")
	if body != nil {
		r.Header.Set("Content-Type", "text/xml")
	}
	a.watch = time.AfterFunc(first, func() { cancel(errIdle) })
	a.limit = time.AfterFunc(first+whole, func() { cancel(errIdle) })
	a.Response, err = c.http.Do(r)
	if err != nil {
		err = a.explain(err)
		a.watch.Stop()
		a.limit.Stop()
		a.cancel()
		return nil, err
	}
	a.watch.Reset(a.idle)
	return a, nil
}

// Read gives the body's next bytes.
func (a *answer) Read(b []byte) (int, error) {
	n, err := a.Body.Read(b)
	if n > 0 {
		a.watch.Reset(a.idle)
	}
	if err != nil && err != io.EOF {
		err = a.explain(err)
	}
	return n, err
}

// done frees the connection.
func (a *answer) done() {
	a.watch.Stop()
	a.limit.Stop()
	a.Body.Close()
	a.cancel()
}

// explain puts a failure on the wire into the words of package scan.
func (a *answer) explain(err error) error {
	var dns *net.DNSError
	switch {
	case a.outer.Err() != nil:
		return a.outer.Err()
	case errors.Is(err, scan.ErrUntrusted), errors.Is(err, errNotYet):
		var u *url.Error
		if errors.As(err, &u) {
			err = u.Err
		}
		return err
	case errors.As(err, &dns) && dns.IsNotFound:
		return fmt.Errorf("%w: there is no host of the name %s", scan.ErrNoDevice, line(dns.Name))
	case errors.Is(context.Cause(a.ctx), errIdle):
		return fmt.Errorf("%w: %w", scan.ErrDeviceGone, errIdle)
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return fmt.Errorf("%w: the connection broke", scan.ErrDeviceGone)
	}
	var u *url.Error
	if errors.As(err, &u) {
		err = u.Err
	}
	return fmt.Errorf("%w: %w", scan.ErrDeviceGone, err)
}

// quiet tells of failures that a device asleep causes, too: its network card wakes it,
// but the first connections are lost.
func quiet(err error) bool {
	var header tls.RecordHeaderError
	var alert tls.AlertError
	var bad *tls.CertificateVerificationError
	var host x509.HostnameError
	return errors.Is(err, scan.ErrDeviceGone) && !errors.As(err, &header) && !errors.As(err, &alert) && !errors.As(err, &bad) && !errors.As(err, &host)
}

// get reads a small document.
func (c *client) get(ctx context.Context, name string) ([]byte, error) {
	a, err := c.do(ctx, http.MethodGet, c.root.String()+"/"+name, nil, c.times.Answer, c.times.Answer)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	defer a.done()
	if a.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s: %w", name, a.refusal())
	}
	// Devices send from HTTP to HTTPS: jobs are better posted where that leads.
	if to := a.Request.URL; to.Scheme != c.root.Scheme || to.Host != c.root.Host {
		if dir, ok := strings.CutSuffix(to.Path, "/"+name); ok {
			c.root = &url.URL{Scheme: to.Scheme, Host: to.Host, Path: dir}
		}
	}
	b, err := io.ReadAll(io.LimitReader(a, maxXML+1))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return b, nil
}

// httpError is an answer that is no success.
type httpError struct {
	code  int
	after time.Duration // Retry-After; 0: not told
	err   error
}

func (e *httpError) Error() string { return fmt.Sprintf("%v (HTTP %d)", e.err, e.code) }
func (e *httpError) Unwrap() error { return e.err }

// refusal is what an answer means by itself; the device's status may tell more.
func (a *answer) refusal() error {
	e := &httpError{code: a.StatusCode, after: retryAfter(a.Header.Get("Retry-After"))}
	switch a.StatusCode {
	case http.StatusUnauthorized, http.StatusForbidden, http.StatusProxyAuthRequired:
		e.err = scan.ErrDenied
	case http.StatusServiceUnavailable, http.StatusTooManyRequests, http.StatusLocked:
		e.err = scan.ErrDeviceBusy
	case http.StatusInsufficientStorage:
		e.err = scan.ErrDeviceMemory
	case http.StatusGone:
		e.err = scan.ErrStopped
	case http.StatusNotFound:
		e.err = errProtocol
	default:
		e.err = scan.ErrDeviceIO
		if a.StatusCode < 400 {
			e.err = errProtocol
		}
	}
	return e
}

// retryAfter reads a number of seconds or a date (RFC 9110, 10.2.3).
func retryAfter(s string) time.Duration {
	if n, err := strconv.ParseUint(strings.TrimSpace(s), 10, 31); err == nil {
		return time.Duration(n) * time.Second
	}
	if t, err := http.ParseTime(s); err == nil {
		return max(0, time.Until(t))
	}
	return 0
}

// wait sleeps before another try: as long as the device asks for, but not past what is
// left of our patience and at least a moment. False means that patience is at its end.
func wait(ctx context.Context, ask, otherwise time.Duration, deadline time.Time) (bool, error) {
	left := time.Until(deadline)
	if left <= 0 {
		return false, nil
	}
	if ask == 0 {
		ask = otherwise
	}
	t := time.NewTimer(min(max(ask, 10*time.Millisecond), left))
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false, ctx.Err()
	case <-t.C:
		return true, nil
	}
}

// waits tells who wants to know why nothing comes.
func waits(to scan.Receiver, why error, begun, deadline time.Time) {
	if w, ok := to.(scan.Waiter); ok {
		w.Wait(why, time.Since(begun), deadline.Sub(begun))
	}
}

// full tells whether the disk has no room, in the words of package scan.
func full(err error) error {
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) {
		return fmt.Errorf("%w: %w", scan.ErrNoSpace, err)
	}
	return err
}
