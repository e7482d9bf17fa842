package escl

import (
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"recto/scan"
)

// trust remembers the keys of devices that sign their certificates themselves: lines
// of "host:port sha256:HEX date" in a file, or in memory where there is none. The key
// and not the certificate is remembered, because devices sign anew when theirs
// expires.
type trust struct {
	file  string
	mu    sync.Mutex
	known map[string]string // where there is no file
}

// fingerprint names the public key of a certificate (RFC 7469, 2.4, in hexadecimal).
func fingerprint(c *x509.Certificate) string {
	return fmt.Sprintf("sha256:%x", sha256.Sum256(c.RawSubjectPublicKeyInfo))
}

// lines of the file, none where there is none yet.
func (t *trust) lines() ([]string, error) {
	b, err := os.ReadFile(t.file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("trusted certificates: %w", err)
	}
	return strings.FieldsFunc(string(b), func(r rune) bool { return r == '\n' || r == '\r' }), nil
}

// of gives the fingerprint that is remembered for host, empty where there is none.
func (t *trust) of(host string) (string, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.get(host)
}

func (t *trust) get(host string) (string, error) {
	if t.file == "" {
		return t.known[host], nil
	}
	lines, err := t.lines()
	if err != nil {
		return "", err
	}
	for _, l := range lines {
		if f := strings.Fields(l); len(f) > 0 && f[0] == host {
			if len(f) < 2 || len(f[1]) != len("sha256:")+64 {
				return "", fmt.Errorf("%w: the line of %s in %s cannot be read; remove it to trust the device anew", scan.ErrUntrusted, host, t.file)
			}
			return f[1], nil
		}
	}
	return "", nil
}

// check compares a device's key with the one remembered. One that was never seen is
// remembered, unless it is only looked at.
func (t *trust) check(host string, leaf *x509.Certificate, look bool) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	seen := fingerprint(leaf)
	known, err := t.get(host)
	switch {
	case err != nil:
		return err
	case known == seen:
		return nil
	case known != "":
		return fmt.Errorf("%w: %s shows %s, trusted is %s; if the device was replaced or reset, %s", scan.ErrUntrusted, host, seen, known, t.remedy(host))
	case look:
		return errNotYet
	}
	return t.put(host, seen)
}

// errNotYet: the certificate is of a device's own making and nobody has used the
// device yet.
var errNotYet = errors.New("certificate not trusted yet")

func (t *trust) remedy(host string) string {
	if t.file == "" {
		return "start again"
	}
	return fmt.Sprintf("remove the line of %s from %s", host, t.file)
}

// put remembers a key, or forgets the host where it is empty: a new file takes the
// place of the old one, readable for nobody else.
func (t *trust) put(host, key string) error {
	if t.file == "" {
		if t.known == nil {
			t.known = map[string]string{}
		}
		t.known[host] = key
		return nil
	}
	lines, err := t.lines()
	if err != nil {
		return err
	}
	lines = slices.DeleteFunc(lines, func(l string) bool { return strings.HasPrefix(l, host+" ") })
	if key != "" {
		lines = append(lines, host+" "+key+" "+time.Now().UTC().Format(time.RFC3339))
	}
	f, err := os.CreateTemp(filepath.Dir(t.file), ".trust-*") // CreateTemp makes it 0600
	if err == nil {
		defer os.Remove(f.Name())
		_, err = f.WriteString(strings.Join(append(lines, ""), "\n"))
		err = errors.Join(err, f.Sync(), f.Close())
	}
	if err == nil {
		err = os.Rename(f.Name(), t.file)
	}
	if err != nil {
		return fmt.Errorf("trusted certificates: %w", err)
	}
	return nil
}

// config makes the TLS settings for one host. Go's own verification is taken over:
// what the system trusts passes, all else is for check to decide, before a byte of a
// request is sent.
func (t *trust) config(host, name string, look bool, roots *x509.CertPool) *tls.Config {
	return &tls.Config{
		ServerName:         name,
		InsecureSkipVerify: true, //nolint:gosec // VerifyConnection verifies
		CipherSuites:       suites(),
		VerifyConnection: func(s tls.ConnectionState) error {
			leaf, more := s.PeerCertificates[0], x509.NewCertPool()
			for _, c := range s.PeerCertificates[1:] {
				more.AddCert(c)
			}
			if _, err := leaf.Verify(x509.VerifyOptions{DNSName: name, Intermediates: more, Roots: roots}); err == nil {
				return nil
			}
			return t.check(host, leaf, look)
		},
	}
}

// suites are Go's, and those with RSA key exchange, which is all that office devices of
// the years around 2015 have.
func suites() []uint16 {
	var list []uint16
	for _, s := range tls.CipherSuites() {
		list = append(list, s.ID)
	}
	return append(list, tls.TLS_RSA_WITH_AES_128_GCM_SHA256, tls.TLS_RSA_WITH_AES_256_GCM_SHA384, tls.TLS_RSA_WITH_AES_128_CBC_SHA, tls.TLS_RSA_WITH_AES_256_CBC_SHA)
}
