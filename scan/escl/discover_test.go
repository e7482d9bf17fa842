package escl

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/brutella/dnssd"
	"github.com/miekg/dns"
	"golang.org/x/net/ipv4"

	"recto/scan"
	"recto/scan/scantest"
)

// multicast skips where nothing can be announced and heard. A machine without a
// network that multicast goes over is no fault of ours, in CI neither.
func multicast(t *testing.T) {
	t.Helper()
	const skipped = "NOT TESTED: discovery by mDNS, because "
	why := "no network interface that is up has multicast"
	for _, i := range dnssd.MulticastInterfaces() {
		c, err := net.ListenMulticastUDP("udp4", i, group)
		if err != nil {
			why = err.Error()
			continue
		}
		defer c.Close()
		p := ipv4.NewPacketConn(c)
		_, word := errors.Join(p.SetMulticastInterface(i), p.SetMulticastLoopback(true)), []byte(scan.NewID())
		if _, err = p.WriteTo(word, nil, group); err != nil {
			why = err.Error()
			continue
		}
		c.SetReadDeadline(time.Now().Add(2 * time.Second))
		for b := make([]byte, datagram); ; {
			n, err := c.Read(b)
			if err != nil {
				why = "what is sent to the group on " + i.Name + " does not come back"
				break
			}
			if string(b[:n]) == string(word) {
				return
			}
		}
	}
	t.Skip(skipped + why)
}

// A scanner that announces itself is found, once, by HTTPS before HTTP, and its ID is
// what Scan takes.
func TestDiscovery(t *testing.T) {
	multicast(t)
	v := scantest.NewESCL()
	root, err := url.Parse(v.Serve(t))
	if err != nil {
		t.Fatal(err)
	}
	port, _ := strconv.Atoi(root.Port())
	responder, err := dnssd.NewResponder()
	if err != nil {
		t.Skipf("NOT TESTED: discovery by mDNS, because %v", err)
	}
	model := "Acme Büro 1.2 " + scan.NewID()
	for _, kind := range []struct {
		service string
		port    int
	}{{"_uscan._tcp", port}, {"_uscans._tcp", port + 1}} {
		s, err := dnssd.NewService(dnssd.Config{Name: model, Type: kind.service, Port: kind.port,
			Text: map[string]string{"txtvers": "1", "ty": model, "rs": "eSCL", "UUID": v.UUID, "note": "Reading room"}})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := responder.Add(s); err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- responder.Respond(ctx) }()
	defer func() {
		cancel()
		<-done
	}()
	s := source(t, Config{Discover: 1500 * time.Millisecond})
	for range 10 { // until the announcement is out
		for d, err := range s.Devices(t.Context()) {
			if err != nil {
				t.Fatal(err)
			}
			if d.Vendor != "Acme" || d.Vendor+" "+d.Model != model {
				t.Logf("also here: %+v", d)
				continue
			}
			all, err := roots(d.ID)
			if err != nil || len(all) != 1 {
				t.Fatalf("%+v: %v", d, err)
			}
			if all[0].Scheme == "http" { // the other service is not announced yet
				continue
			}
			if all[0].Scheme != "https" || all[0].Port() != strconv.Itoa(port+1) || all[0].Path != "/eSCL" || d.Note != "Reading room" || d.Kind != "escl" {
				t.Errorf("%+v", d)
			}
			return
		}
	}
	t.Error("not found")
}

// What is heard becomes devices.
func TestMerged(t *testing.T) {
	a, b, six := net.IPv4(10, 0, 0, 7), net.IPv4(10, 0, 0, 8), net.ParseIP("fe80::1")
	got := merged([]announced{
		{false, []net.IP{six, a}, "one.local.", 80, map[string]string{"ty": "Brother X", "rs": "/eSCL/", "uuid": "1", "note": "cellar\n"}},
		{true, []net.IP{a}, "one.local.", 443, map[string]string{"ty": "Brother X", "RS": "eSCL", "UUID": "1", "note": "cellar"}},
		{false, []net.IP{b}, "two.local.", 8080, map[string]string{"ty": "Y", "mfg": "Acme"}},
		{false, []net.IP{b}, "two.local.", 8080, map[string]string{"ty": "Y", "mfg": "Acme"}},
		{false, []net.IP{six}, "three.local.", 80, nil},                 // no address that can be used
		{false, []net.IP{net.ParseIP("fd00::5")}, "4.", 80, nil},        // says nothing of itself
		{false, []net.IP{b}, "five.local.", 70000, map[string]string{}}, // no port
	})
	want := []scan.Device{
		{ID: "escl:http://10.0.0.8:8080/eSCL", Kind: "escl", Vendor: "Acme", Model: "Y"},
		{ID: "escl:https://10.0.0.7/eSCL", Kind: "escl", Vendor: "Brother", Model: "X", Note: "cellar"},
		{ID: "escl:http://[fd00::5]/eSCL", Kind: "escl", Vendor: "eSCL", Model: "scanner"},
	}
	if len(got) != len(want) {
		t.Fatalf("%+v", got)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("%+v, want %+v", got[i], want[i])
		}
	}
	for _, d := range got {
		if _, err := roots(d.ID); err != nil {
			t.Error(err)
		}
	}
}

// Answers may come in pieces, in any case of letters, with escapes, or be hostile.
func TestRecords(t *testing.T) {
	r := &records{instances: map[string]string{}, services: map[string]*dns.SRV{}, texts: map[string]map[string]string{}, hosts: map[string][]net.IP{}}
	services := []string{"_uscans._tcp.local.", "_uscan._tcp.local."}
	note := func(lines ...string) {
		t.Helper()
		var all []dns.RR
		for _, l := range lines {
			rr, err := dns.NewRR(l)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, rr)
		}
		r.note(all, services)
	}
	questions := func() (list []string) {
		for _, q := range r.question(services).Question[2:] {
			list = append(list, q.Name+" "+dns.TypeToString[q.Qtype])
		}
		slices.Sort(list)
		return list
	}
	note(`_USCAN._tcp.local. 120 IN PTR A\.1._uscan._tcp.local.`, `_ipp._tcp.local. 120 IN PTR B._ipp._tcp.local.`, `_uscan._tcp.local. 120 IN PTR gone._uscan._tcp.local.`)
	if q := questions(); len(q) != 4 || q[0] != `a\.1._uscan._tcp.local. SRV` {
		t.Errorf("%q", q)
	}
	note(`_uscan._tcp.local. 0 IN PTR Gone._uscan._tcp.local.`, `A\.1._uscan._tcp.local. 120 IN SRV 0 0 8080 Printer.local.`, `a\.1._uscan._tcp.local. 120 IN TXT "ty=B\195\188ro \"5\"" "note=x=y" "TY=second" "flag"`)
	if q := questions(); len(q) != 1 || q[0] != "Printer.local. A" {
		t.Errorf("%q", q)
	}
	note("printer.local. 120 IN A 10.0.0.9", "printer.local. 120 IN A 10.0.0.9")
	got := r.announced(services)
	if len(got) != 1 || len(got[0].ips) != 1 || got[0].port != 8080 || got[0].secure || got[0].text["ty"] != `Büro "5"` || got[0].text["note"] != "x=y" {
		t.Errorf("%+v", got)
	}
	for i := range 3 * mostSeen {
		note(fmt.Sprintf("_uscan._tcp.local. 120 IN PTR x%d._uscan._tcp.local.", i), fmt.Sprintf("x%d._uscan._tcp.local. 120 IN SRV 0 0 80 h%d.local.", i, i),
			fmt.Sprintf("h%d.local. 120 IN A 10.0.0.1", i))
	}
	if len(r.instances) > mostSeen || len(r.services) > mostSeen || len(r.hosts) > mostSeen || len(r.question(services).Question) > 50 {
		t.Error("no bound to what a network says")
	}
}

// Listening ends with the context.
func TestDiscoveryCancelled(t *testing.T) {
	s := source(t, Config{Discover: time.Hour})
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(50*time.Millisecond, cancel)
	for d, err := range s.Devices(ctx) {
		if err == nil {
			t.Logf("also here: %+v", d)
		}
	}
}
