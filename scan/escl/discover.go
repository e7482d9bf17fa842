package escl

import (
	"cmp"
	"context"
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"recto/scan"
)

// announced is a service that was heard of (RFC 6762, RFC 6763).
type announced struct {
	secure bool
	ips    []net.IP
	host   string
	port   int
	text   map[string]string
}

// discover listens for devices. Where there is no network, there are none.
func discover(ctx context.Context, span time.Duration) ([]scan.Device, error) {
	heard, err := listen(ctx, span, "_uscans._tcp.local.", "_uscan._tcp.local.")
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	return merged(heard), err
}

// merged makes a device of each that was heard, one for its HTTPS and HTTP services
// and all its addresses, in the order of their names.
func merged(heard []announced) []scan.Device {
	// HTTPS first, so that it is what a device is known by.
	slices.SortStableFunc(heard, func(a, b announced) int {
		switch {
		case a.secure == b.secure:
			return 0
		case a.secure:
			return -1
		}
		return 1
	})
	var list []scan.Device
	seen := map[string]bool{}
	for _, h := range heard {
		root := h.root()
		key := strings.ToLower(cmp.Or(h.txt("UUID"), h.host, root))
		if root == "" || seen[key] {
			continue
		}
		seen[key] = true
		d := scan.Device{ID: scheme + root, Kind: "escl", Note: line(h.txt("note"))}
		d.Vendor, d.Model = makeAndModel(line(cmp.Or(h.txt("mfg"), h.txt("usb_MFG"))), line(h.txt("ty")))
		list = append(list, d)
	}
	slices.SortFunc(list, func(a, b scan.Device) int {
		return cmp.Or(strings.Compare(a.Vendor+a.Model, b.Vendor+b.Model), strings.Compare(a.ID, b.ID))
	})
	return list
}

// txt gives a value of the TXT record, whose keys have no case (RFC 6763, 6.4).
func (h announced) txt(key string) string {
	for k, v := range h.text {
		if strings.EqualFold(k, key) {
			return v
		}
	}
	return ""
}

// root is where the device's resources lie, empty where no address can be used. IPv4
// comes first: IPv6 addresses of a link mean nothing on another one.
func (h announced) root() string {
	ips := slices.DeleteFunc(slices.Clone(h.ips), func(ip net.IP) bool {
		return ip.To4() == nil && ip.IsLinkLocalUnicast() || ip.IsUnspecified() || ip.IsMulticast()
	})
	if len(ips) == 0 || h.port < 1 || h.port > 65535 {
		return ""
	}
	slices.SortFunc(ips, func(a, b net.IP) int {
		if v4, w4 := a.To4() != nil, b.To4() != nil; v4 != w4 {
			if v4 {
				return -1
			}
			return 1
		}
		return strings.Compare(a.String(), b.String())
	})
	u := url.URL{Scheme: "http", Path: "/" + strings.Trim(cmp.Or(h.txt("rs"), "eSCL"), "/")}
	usual := 80
	if h.secure {
		u.Scheme, usual = "https", 443
	}
	u.Host = net.JoinHostPort(ips[0].String(), strconv.Itoa(h.port))
	if h.port == usual {
		u.Host = strings.TrimSuffix(u.Host, ":"+strconv.Itoa(usual))
	}
	return u.String()
}
