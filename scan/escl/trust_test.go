package escl

import (
	"crypto/x509"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"recto/scan"
	"recto/scan/scantest"
)

// The first certificate of a device is trusted by the first use of the device, not by
// a look at it; another one later is not, until it is forgotten.
func TestTrust(t *testing.T) {
	v := scantest.NewESCL()
	v.Loaded = 100
	first, second := scantest.SelfSigned(t), scantest.SelfSigned(t)
	root := v.ServeTLS(t, first)
	host := strings.TrimSuffix(strings.TrimPrefix(root, "https://"), "/eSCL")
	file := filepath.Join(t.TempDir(), "trust")
	config := Config{Trust: file, Devices: []string{root}}
	s := source(t, config)
	note := func() string {
		t.Helper()
		for d, err := range s.Devices(t.Context()) {
			if err != nil {
				t.Fatal(err)
			}
			return d.Note
		}
		return "no device"
	}
	if n := note(); n != "certificate not trusted yet" {
		t.Errorf("note %q", n)
	}
	if _, err := os.Stat(file); err == nil {
		t.Error("a look at a device trusts it")
	}
	ticket := scan.Ticket{Device: "escl:" + root, DPI: 75}
	if k, err := scanned(t, s, ticket); err != nil || len(k.sheets) != 1 {
		t.Fatal(err)
	}
	info, err := os.Stat(file)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("%v, %v", info, err)
	}
	b, _ := os.ReadFile(file)
	if want := host + " " + fingerprint(first.Leaf) + " "; !strings.HasPrefix(string(b), want) || strings.Count(string(b), "\n") != 1 {
		t.Errorf("%q, want %q", b, want)
	}
	if n := note(); n != "" {
		t.Errorf("note %q", n)
	}
	// Another device under this address, and a source that has only the file.
	if err := os.WriteFile(file, []byte("[::1]:443 sha256:"+strings.Repeat("0", 64)+" 2026-01-01T00:00:00Z\n"+host+" "+fingerprint(second.Leaf)+" 2026-01-01T00:00:00Z\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s = source(t, config)
	before := len(v.Requests())
	k, err := scanned(t, s, ticket)
	if !errors.Is(err, scan.ErrUntrusted) || len(k.sheets) != 0 {
		t.Fatal(err)
	}
	for _, word := range []string{fingerprint(first.Leaf), fingerprint(second.Leaf), host, file} {
		if !strings.Contains(err.Error(), word) {
			t.Errorf("%q does not tell %q", err, word)
		}
	}
	// A bare address does not get round it by HTTP.
	if _, err := scanned(t, s, scan.Ticket{Device: "escl:" + host}); !errors.Is(err, scan.ErrUntrusted) {
		t.Error(err)
	}
	if n := note(); !strings.Contains(n, "not the one that was trusted") {
		t.Errorf("note %q", n)
	}
	if len(v.Requests()) != before {
		t.Errorf("requests to a device that is not trusted: %v", v.Requests()[before:])
	}
	if err := s.Forget("escl:" + root); err != nil {
		t.Fatal(err)
	}
	if _, err := scanned(t, s, ticket); err != nil {
		t.Error(err)
	}
	b, _ = os.ReadFile(file)
	if !strings.Contains(string(b), "[::1]:443 sha256:0000") || !strings.Contains(string(b), host+" "+fingerprint(first.Leaf)) || strings.Count(string(b), "\n") != 2 {
		t.Errorf("%q", b)
	}
}

// What an authority vouches for is not remembered, and a bare address finds HTTPS.
func TestAuthority(t *testing.T) {
	v := scantest.NewESCL()
	c := scantest.SelfSigned(t)
	root := v.ServeTLS(t, c)
	pool := x509.NewCertPool()
	pool.AddCert(c.Leaf)
	file := filepath.Join(t.TempDir(), "trust")
	k, err := scanned(t, source(t, Config{Trust: file, Roots: pool}), scan.Ticket{Device: "escl:" + strings.TrimSuffix(strings.TrimPrefix(root, "https://"), "/eSCL")})
	if err != nil || k.sheets[0].Origin.Capture.Device.ID != "escl:"+root {
		t.Fatalf("%+v, %v", k.sheets, err)
	}
	if _, err := os.Stat(file); err == nil {
		t.Error("remembered")
	}
}

// A bare address finds HTTP where there is no HTTPS.
func TestBareAddress(t *testing.T) {
	root := scantest.NewESCL().Serve(t)
	k, err := scanned(t, source(t, Config{}), scan.Ticket{Device: "escl:" + strings.TrimSuffix(strings.TrimPrefix(root, "http://"), "/eSCL")})
	if err != nil || k.sheets[0].Origin.Capture.Device.ID != "escl:"+root {
		t.Fatalf("%+v, %v", k.sheets, err)
	}
}

// Keys that are learnt at once are all remembered; a damaged line is no trust.
func TestTrustFile(t *testing.T) {
	tr := &trust{file: filepath.Join(t.TempDir(), "trust")}
	leaf := scantest.SelfSigned(t).Leaf
	var all sync.WaitGroup
	for i := range 20 {
		all.Go(func() {
			if err := tr.check("host"+strings.Repeat("x", i)+":443", leaf, false); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if lines, err := tr.lines(); len(lines) != 20 || err != nil {
		t.Errorf("%d lines, %v", len(lines), err)
	}
	if err := os.WriteFile(tr.file, []byte("a:443 sha256:12"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := tr.check("a:443", leaf, false); !errors.Is(err, scan.ErrUntrusted) {
		t.Error(err)
	}
	memory := &trust{}
	for _, x := range []struct {
		leaf *x509.Certificate
		err  error
	}{{leaf, nil}, {leaf, nil}, {scantest.SelfSigned(t).Leaf, scan.ErrUntrusted}} {
		if err := memory.check("a:443", x.leaf, false); !errors.Is(err, x.err) {
			t.Error(err)
		}
	}
	gone := &trust{file: filepath.Join(t.TempDir(), "no", "folder", "trust")}
	if err := gone.check("a:443", leaf, false); err == nil {
		t.Error("a key that could not be remembered is trusted")
	}
}
