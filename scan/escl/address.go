package escl

import (
	"fmt"
	"net"
	"net/url"
	"strings"

	"recto/scan"
)

const scheme = "escl:"

// roots gives the addresses that a device's ID can mean, best first. A whole URL means
// itself; a host, with or without port, is tried by HTTPS and then by HTTP, where
// nearly all devices have it, below /eSCL.
func roots(id string) ([]*url.URL, error) {
	s, ok := strings.CutPrefix(id, scheme)
	if !ok {
		return nil, fmt.Errorf("%w: %s is none of this kind", scan.ErrNoDevice, line(id))
	}
	wrong := func(why string) ([]*url.URL, error) {
		return nil, fmt.Errorf("%w: %s: %s; it should look like escl:http://10.0.0.7/eSCL or escl:10.0.0.7", scan.ErrNoDevice, line(id), why)
	}
	try := []string{s}
	if !strings.Contains(s, "://") {
		if strings.Count(s, ":") > 1 && !strings.HasPrefix(s, "[") { // a bare IPv6 address
			s = "[" + s + "]"
		}
		if !strings.Contains(s, "/") {
			s += "/eSCL"
		}
		try = []string{"https://" + s, "http://" + s}
	}
	var list []*url.URL
	for _, t := range try {
		u, err := url.Parse(t)
		switch {
		case err != nil:
			return wrong("not an address")
		case u.Scheme != "http" && u.Scheme != "https":
			return wrong("neither http nor https")
		case u.Hostname() == "":
			return wrong("no host")
		case u.User != nil || u.RawQuery != "" || u.Fragment != "":
			return wrong("more than host and path")
		}
		u.Path = "/" + strings.Trim(u.Path, "/")
		u.RawPath = ""
		list = append(list, u)
	}
	return list, nil
}

// deviceID is the ID of the device with this root.
func deviceID(root *url.URL) string { return scheme + root.String() }

// hostPort is what a device is trusted by.
func hostPort(u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[u.Scheme]
	}
	return net.JoinHostPort(strings.ToLower(u.Hostname()), port)
}
