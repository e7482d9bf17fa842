package escl

import (
	"context"
	"fmt"
	"net"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/miekg/dns"
	"golang.org/x/net/ipv4"
)

// The resolver is our own, over miekg/dns for the messages: dnssd 1.2.14 leaves two
// goroutines behind that spin for ever when its context runs out, and zeroconf 1.0.0
// has had no hands for years. It asks over IPv4, which every scanner has, and takes what
// addresses it is told.

var group = &net.UDPAddr{IP: net.IPv4(224, 0, 0, 251), Port: 5353} // RFC 6762, 3

const (
	datagram = 9000 // RFC 6762, 17
	mostSeen = 1000 // instances and hosts; a hostile network may invent more
)

// records are what was heard, by name in lower case (RFC 6762, 16).
type records struct {
	mu        sync.Mutex
	instances map[string]string // service of each
	services  map[string]*dns.SRV
	texts     map[string]map[string]string
	hosts     map[string][]net.IP
}

// listen asks for services until the time or the context is over, and gives those that
// were heard of with an address. A machine without a network hears none.
func listen(ctx context.Context, span time.Duration, services ...string) ([]announced, error) {
	ctx, cancel := context.WithTimeout(ctx, span)
	defer cancel()
	interfaces, err := net.Interfaces()
	if err != nil {
		return nil, err
	}
	r := &records{instances: map[string]string{}, services: map[string]*dns.SRV{}, texts: map[string]map[string]string{}, hosts: map[string][]net.IP{}}
	var all sync.WaitGroup
	defer all.Wait()
	var conns []*ipv4.PacketConn
	for _, i := range interfaces {
		const able = net.FlagUp | net.FlagMulticast
		if i.Flags&able != able || i.Flags&net.FlagPointToPoint != 0 {
			continue
		}
		c, err := net.ListenMulticastUDP("udp4", &i, group)
		if err != nil {
			continue // no IPv4 there
		}
		defer c.Close()
		p := ipv4.NewPacketConn(c)
		_ = p.SetMulticastInterface(&i)
		_ = p.SetMulticastTTL(255)
		_ = p.SetMulticastLoopback(true) // bridges to scanners run on this machine, too
		conns = append(conns, p)
		stop := context.AfterFunc(ctx, func() { c.SetReadDeadline(time.Unix(1, 0)) })
		defer stop()
		all.Go(func() { r.read(ctx, c, services) })
	}
	if len(conns) == 0 {
		return nil, nil
	}
	// Asked again after one second, then after two (RFC 6762, 5.2).
	for pause := time.Second; ; pause *= 2 {
		if b, err := r.question(services).Pack(); err == nil {
			for _, p := range conns {
				_, _ = p.WriteTo(b, nil, group) // multicast gets lost anyway
			}
		}
		t := time.NewTimer(pause)
		select {
		case <-t.C:
			continue
		case <-ctx.Done():
			t.Stop()
		}
		break
	}
	return r.announced(services), nil
}

// question asks for the services, and for what their answers left out.
func (r *records) question(services []string) *dns.Msg {
	r.mu.Lock()
	defer r.mu.Unlock()
	m := &dns.Msg{}
	ask := func(name string, kind uint16) {
		if len(m.Question) < 50 {
			m.Question = append(m.Question, dns.Question{Name: name, Qtype: kind, Qclass: dns.ClassINET})
		}
	}
	for _, s := range services {
		ask(s, dns.TypePTR)
	}
	for name := range r.instances {
		srv := r.services[name]
		if srv == nil {
			ask(name, dns.TypeSRV)
		} else if len(r.hosts[strings.ToLower(srv.Target)]) == 0 {
			ask(srv.Target, dns.TypeA)
		}
		if r.texts[name] == nil {
			ask(name, dns.TypeTXT)
		}
	}
	return m
}

// read notes what comes until the connection's deadline.
func (r *records) read(ctx context.Context, c *net.UDPConn, services []string) {
	b := make([]byte, datagram)
	for ctx.Err() == nil {
		n, _, err := c.ReadFromUDP(b)
		if err != nil {
			return
		}
		var m dns.Msg
		if m.Unpack(b[:n]) == nil && m.Response {
			r.note(append(append(m.Answer, m.Ns...), m.Extra...), services)
		}
	}
}

func (r *records) note(all []dns.RR, services []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, rr := range all {
		name := strings.ToLower(rr.Header().Name)
		switch v := rr.(type) {
		case *dns.PTR:
			instance := strings.ToLower(v.Ptr)
			if !slices.Contains(services, name) {
				continue
			}
			if v.Hdr.Ttl == 0 { // goodbye (RFC 6762, 10.1)
				delete(r.instances, instance)
			} else if len(r.instances) < mostSeen {
				r.instances[instance] = name
			}
		case *dns.SRV:
			if len(r.services) < mostSeen {
				r.services[name] = v
			}
		case *dns.TXT:
			if len(r.texts) < mostSeen {
				r.texts[name] = pairs(v.Txt)
			}
		case *dns.A:
			r.host(name, v.A)
		case *dns.AAAA:
			r.host(name, v.AAAA)
		}
	}
}

func (r *records) host(name string, ip net.IP) {
	known := r.hosts[name]
	if len(r.hosts) < mostSeen && len(known) < 32 && !slices.ContainsFunc(known, ip.Equal) {
		r.hosts[name] = append(known, ip)
	}
}

func (r *records) announced(services []string) []announced {
	r.mu.Lock()
	defer r.mu.Unlock()
	var list []announced
	for name, service := range r.instances {
		srv := r.services[name]
		if srv == nil {
			continue
		}
		list = append(list, announced{secure: service == services[0], ips: r.hosts[strings.ToLower(srv.Target)], host: srv.Target, port: int(srv.Port), text: r.texts[name]})
	}
	slices.SortFunc(list, func(a, b announced) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
	return list
}

// pairs reads the strings of a TXT record (RFC 6763, 6.4): of a key that comes twice the
// first counts.
func pairs(all []string) map[string]string {
	m := map[string]string{}
	for _, s := range all {
		k, v, _ := strings.Cut(unescaped(s), "=")
		if k = strings.ToLower(k); k != "" {
			if _, twice := m[k]; !twice {
				m[k] = v
			}
		}
	}
	return m
}

// unescaped undoes the presentation form that miekg/dns gives strings in: \" and \195.
func unescaped(s string) string {
	var b []byte
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' || i+1 == len(s) {
			b = append(b, s[i])
			continue
		}
		i++
		digit := func(k int) int {
			if i+k < len(s) && s[i+k] >= '0' && s[i+k] <= '9' {
				return int(s[i+k] - '0')
			}
			return -1
		}
		if x, y, z := digit(0), digit(1), digit(2); x >= 0 && y >= 0 && z >= 0 {
			b = append(b, byte(x*100+y*10+z))
			i += 2
			continue
		}
		b = append(b, s[i])
	}
	return string(b)
}
