package sane

import (
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"

	"recto/scan"
)

// panel is an open device with its options as they are now.
type panel struct {
	handle
	options []descriptor
}

func newPanel(h handle) (*panel, error) {
	p := &panel{handle: h}
	return p, p.reload()
}

func (p *panel) reload() error {
	var s status
	p.options, s = p.descriptors()
	return s.err("telling its options")
}

// find gives the option of that name; one that is active before one that is not.
func (p *panel) find(name string) (descriptor, bool) {
	var found descriptor
	ok := false
	for _, d := range p.options {
		if d.name == name && name != "" && d.kind != typeGroup && (!ok || !found.active() && d.active()) {
			found, ok = d, true
		}
	}
	return found, ok
}

// usable gives an option that can be set now.
func (p *panel) usable(name string) (descriptor, bool) {
	d, ok := p.find(name)
	return d, ok && d.active() && d.settable()
}

// value reads an option, "" where it cannot be read.
func (p *panel) value(d descriptor) string {
	if !d.legible() {
		return ""
	}
	b, s := p.get(d)
	if s != good {
		return ""
	}
	return d.show(b)
}

func (p *panel) current(name string) string {
	d, _ := p.find(name)
	return p.value(d)
}

// number reads an option that has one number, 0 where there is none.
func (p *panel) number(name string) float64 {
	d, ok := p.find(name)
	if !ok || d.length() != 1 || d.kind != typeInt && d.kind != typeFixed || !d.legible() {
		return 0
	}
	b, s := p.get(d)
	if s != good {
		return 0
	}
	return d.float(b)
}

// put sets an option, reloads what that changed and gives the value that the device
// took, which need not be the one given (SANE_INFO_INEXACT).
func (p *panel) put(name, text string) (string, error) {
	d, ok := p.find(name)
	switch {
	case !ok:
		return "", fmt.Errorf("%w: it has no option %q; it has %s", scan.ErrOption, shorten(name), p.names())
	case !d.settable():
		return "", fmt.Errorf("%w: %s can only be read, or set at the device itself", scan.ErrOption, name)
	case !d.active():
		return "", fmt.Errorf("%w: %s has no effect together with the other settings, so it cannot be set", scan.ErrOption, name)
	}
	var reload bool
	var s status
	switch {
	case d.capabilities&automatic != 0 && strings.EqualFold(text, "auto") && !slices.ContainsFunc(d.choices(), func(c string) bool { return strings.EqualFold(c, "auto") }):
		reload, s = p.setAutomatic(d)
	case d.kind == typeButton:
		switch strings.ToLower(text) {
		case "", "yes", "press", "pressed", "1":
		default:
			return "", d.refuse(text)
		}
		reload, s = p.set(d, nil)
	default:
		b, err := d.parse(text)
		if err != nil {
			return "", err
		}
		reload, s = p.set(d, b)
	}
	switch s {
	case good:
	case inval, unsupported:
		return "", d.refuse(text)
	default:
		return "", fmt.Errorf("set %s: %w", name, s.err("setting "+name))
	}
	if reload {
		if err := p.reload(); err != nil {
			return "", err
		}
	}
	d, _ = p.find(name)
	return p.value(d), nil
}

// names are the options that can be set now.
func (p *panel) names() string {
	var all []string
	for _, d := range p.options {
		if d.name != "" && d.kind != typeGroup && d.active() && d.settable() {
			all = append(all, d.name)
		}
	}
	return strings.Join(all, ", ")
}

// all is every option for a person to see.
func (p *panel) all() []scan.Option {
	var all []scan.Option
	group := ""
	for _, d := range p.options {
		if d.kind == typeGroup {
			group = d.title
		} else if d.name == "" {
			continue // nothing that could be said to set it
		}
		all = append(all, d.option(group, p.value(d)))
	}
	return all
}

// long is how many values of a vector are worth writing down with every sheet.
const long = 32

// inForce is every option that has an effect now, with its value. A table that
// nobody set - a device has several of thousands of values - is given by its digest.
func (p *panel) inForce(own []scan.Setting) []scan.Setting {
	all := []scan.Setting{}
	for _, d := range p.options {
		if d.name == "" || !d.legible() {
			continue
		}
		if b, s := p.get(d); s == good {
			value := d.show(b)
			if n := d.length(); n > long && !slices.ContainsFunc(own, func(s scan.Setting) bool { return s.Name == d.name }) {
				value = fmt.Sprintf("%d values, SHA-256 %x", n, sha256.Sum256([]byte(value)))
			}
			all = append(all, scan.Setting{Name: d.name, Value: value})
		}
	}
	return all
}
