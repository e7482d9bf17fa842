package escl

import (
	"crypto/tls"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"recto/scan"
	"recto/scan/scantest"
)

// Devices that send from HTTP to HTTPS are followed, on the same host only.
func TestRedirect(t *testing.T) {
	v := scantest.NewESCL()
	secure := v.ServeTLS(t, scantest.SelfSigned(t))
	target := secure
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, strings.TrimSuffix(target, "/eSCL")+r.URL.Path, http.StatusMovedPermanently)
	}))
	defer front.Close()
	ticket := scan.Ticket{Device: "escl:" + front.URL + "/eSCL", DPI: 75, Source: "adf"}
	if k, err := scanned(t, source(t, Config{}), ticket); err != nil || len(k.sheets) != 3 {
		t.Errorf("%d sheets, %v", len(k.sheets), err)
	}
	target = strings.Replace(secure, "127.0.0.1", "localhost", 1)
	before := len(v.Requests())
	if _, err := scanned(t, source(t, Config{}), ticket); !errors.Is(err, errProtocol) || len(v.Requests()) != before {
		t.Errorf("sent to another host: %v", err)
	}
}

// What a device says without end, or too slowly, comes to an end.
func TestEndless(t *testing.T) {
	for name, x := range map[string]struct {
		serve func(w http.ResponseWriter, r *http.Request)
		err   error
	}{
		"a word a moment": {func(w http.ResponseWriter, r *http.Request) {
			for r.Context().Err() == nil {
				_, _ = w.Write([]byte("<!-- -->"))
				_ = http.NewResponseController(w).Flush()
				time.Sleep(10 * time.Millisecond)
			}
		}, scan.ErrDeviceGone},
		"no answer": {func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, scan.ErrDeviceGone},
		"too much": {func(w http.ResponseWriter, r *http.Request) {
			for b := []byte(strings.Repeat("<a>", 1<<14)); r.Context().Err() == nil; {
				if _, err := w.Write(b); err != nil {
					return
				}
			}
		}, scan.ErrNoDevice},
		"too many headers": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("X", strings.Repeat("x", 1<<20))
		}, scan.ErrDeviceGone},
		"something else": {func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("<html>Welcome</html>")) }, scan.ErrNoDevice},
	} {
		t.Run(name, func(t *testing.T) {
			s := httptest.NewServer(http.HandlerFunc(x.serve))
			defer s.Close()
			times := Times{Answer: 300 * time.Millisecond, Wake: 100 * time.Millisecond, Idle: 200 * time.Millisecond}
			if _, err := scanned(t, source(t, Config{Times: times}), scan.Ticket{Device: "escl:" + s.URL + "/eSCL"}); !errors.Is(err, x.err) {
				t.Error(err)
			}
		})
	}
}

// A trickle of an image is given up, and a body whose end only the closed connection
// tells is looked at all the more closely.
func TestTransfers(t *testing.T) {
	v := scantest.NewESCL()
	v.Faults = scantest.ESCLFaults{Pause: 50 * time.Millisecond}
	root := v.Serve(t)
	s := source(t, Config{Times: Times{Answer: 2 * time.Second, Idle: time.Second, Scan: 50 * time.Millisecond, Busy: time.Second, Wake: time.Second}})
	k, err := scanned(t, s, scan.Ticket{Device: "escl:" + root, Source: "adf", Mode: "color", Depth: 16, DPI: 600})
	if !errors.Is(err, scan.ErrDeviceGone) || len(k.sheets) != 0 || v.Deleted() != 1 {
		t.Errorf("%d sheets, %v", len(k.sheets), err)
	}
	w := scantest.NewESCL()
	cut := 0
	old := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if !strings.HasSuffix(r.URL.Path, "NextDocument") {
			w.ServeHTTP(rw, r)
			return
		}
		c, b, err := http.NewResponseController(rw).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		defer c.Close()
		body := w.Encode(1, "RGB24", "image/tiff", 75, 0, 0, 150, 225)
		_, _ = b.WriteString("HTTP/1.0 200 OK\r\nContent-Type: image/tiff\r\n\r\n")
		_, _ = b.Write(body[:len(body)-cut])
		_ = b.Flush()
	}))
	defer old.Close()
	ticket := scan.Ticket{Device: "escl:" + old.URL + "/eSCL", Source: "flatbed", DPI: 75}
	if k, err := scanned(t, source(t, Config{}), ticket); err != nil || len(k.sheets) != 1 {
		t.Errorf("whole: %d sheets, %v", len(k.sheets), err)
	}
	cut = 3000
	if k, err := scanned(t, source(t, Config{}), ticket); !errors.Is(err, scan.ErrTruncated) || len(k.sheets) != 0 {
		t.Errorf("cut off: %d sheets, %v", len(k.sheets), err)
	}
}

// Old devices have no more than RSA key exchange.
func TestOldTLS(t *testing.T) {
	for _, want := range []uint16{tls.TLS_RSA_WITH_AES_128_CBC_SHA, tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256} {
		found := false
		for _, s := range suites() {
			found = found || s == want
		}
		if !found {
			t.Error(tls.CipherSuiteName(want))
		}
	}
}
