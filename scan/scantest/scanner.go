package scantest

import (
	"context"
	"errors"
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"

	"recto/scan"
)

// ScannerCase is a device whose options can be set.
type ScannerCase struct {
	Source scan.Scanner
	Device string
	Set    []scan.Setting // made before anything else in each check, to bring out options that sleep
	Least  int            // options with choices or a range that there are at least
}

// Scanner checks what a [scan.Scanner] tells of a device's options and does with
// settings. setup makes a fresh case for each of the checks.
func Scanner(t *testing.T, setup func(t *testing.T) ScannerCase) {
	check := func(name string, f func(t *testing.T, c ScannerCase)) {
		t.Run(name, func(t *testing.T) { f(t, setup(t)) })
	}
	check("Values", func(t *testing.T, c ScannerCase) {
		seen := map[string]bool{}
		bound := 0
		for _, o := range c.options(t) {
			if o.Type == scan.Group {
				continue
			}
			if o.Name == "" || seen[o.Name] {
				t.Errorf("option %q has no name of its own", o.Name)
			}
			seen[o.Name] = true
			if o.Range != nil || len(o.Choices) > 0 {
				bound++
			}
			if o.Value != "" && !satisfies(o, o.Value) {
				t.Errorf("%s is %q, which it does not take: %+v", o.Name, o.Value, o)
			}
			if o.Type == scan.Switch && !o.Inactive && o.Value != "" && o.Value != "yes" && o.Value != "no" {
				t.Errorf("switch %s is %q", o.Name, o.Value)
			}
		}
		if bound < c.Least || bound == 0 {
			t.Errorf("%d options have choices or a range, want %d or more", bound, c.Least)
		}
	})
	check("ReadBack", func(t *testing.T, c ScannerCase) {
		for _, o := range c.options(t) {
			for _, v := range trials(o) {
				after, err := c.with(t, o.Name, v)
				if err != nil {
					t.Errorf("%s=%s: %v", o.Name, v, err)
				} else if got := named(after, o.Name); got.Value != "" && !same(o, got.Value, v) {
					t.Errorf("%s=%s reads back as %q", o.Name, v, got.Value)
				}
			}
		}
	})
	check("Refused", func(t *testing.T, c ScannerCase) {
		refused := func(name, value string) {
			t.Helper()
			_, err := c.with(t, name, value)
			if !errors.Is(err, scan.ErrOption) {
				t.Errorf("%s=%s: %v, want scan.ErrOption", name, value, err)
			} else if !strings.Contains(err.Error(), name) {
				t.Errorf("%s=%s: the message does not name the option: %v", name, value, err)
			}
		}
		refused("no-such-option", "1")
		for _, o := range c.options(t) {
			if o.Type == scan.Group {
				continue
			}
			if o.Inactive || o.Fixed {
				refused(o.Name, o.Value)
				continue
			}
			switch {
			case len(o.Choices) > 0:
				refused(o.Name, vector(o, "no such choice"))
				_, err := c.with(t, o.Name, vector(o, "no such choice"))
				if err != nil && !strings.Contains(err.Error(), o.Choices[0]) {
					t.Errorf("%s: the message does not name the choices: %v", o.Name, err)
				}
			case o.Range != nil:
				refused(o.Name, vector(o, decimal(o.Range.Max+1)))
				refused(o.Name, vector(o, decimal(o.Range.Min-1)))
				refused(o.Name, vector(o, "much"))
			case o.Type == scan.Switch, o.Type == scan.Integer, o.Type == scan.Number:
				refused(o.Name, vector(o, "much"))
			}
			if o.Length > 1 {
				refused(o.Name, strings.Split(o.Value, ",")[0]+",")
			}
		}
	})
	check("NoDevice", func(t *testing.T, c ScannerCase) {
		if o, err := c.Source.Options(t.Context(), c.Device+"-that-is-not-there", nil); !errors.Is(err, scan.ErrNoDevice) {
			t.Errorf("%v %v, want scan.ErrNoDevice", o, err)
		}
		if err := c.Source.Scan(t.Context(), scan.Ticket{Device: c.Device + "-that-is-not-there"}, &Recorder{}); !errors.Is(err, scan.ErrNoDevice) {
			t.Errorf("Scan: %v, want scan.ErrNoDevice", err)
		}
	})
	check("Cancelled", func(t *testing.T, c ScannerCase) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := c.Source.Options(ctx, c.Device, c.Set); !errors.Is(err, context.Canceled) {
			t.Errorf("%v, want context.Canceled", err)
		}
	})
	check("TicketRefused", func(t *testing.T, c ScannerCase) {
		for _, bad := range []scan.Ticket{
			{Mode: "no such mode"}, {Source: "no such source"}, {DPI: 1e6}, {Depth: 5},
			{Area: scan.Area{X: 1, Y: 1, Width: 1e6, Height: 10}}, {Options: []scan.Setting{{Name: "no-such-option", Value: "1"}}},
		} {
			bad.Device = c.Device
			var r Recorder
			if err := c.Source.Scan(t.Context(), bad, &r); !errors.Is(err, scan.ErrOption) || len(r.Events) > 0 {
				t.Errorf("%+v: %v and %d events, want scan.ErrOption and none", bad, err, len(r.Events))
			}
		}
	})
}

func (c ScannerCase) options(t *testing.T) []scan.Option {
	t.Helper()
	options, err := c.Source.Options(t.Context(), c.Device, c.Set)
	if err != nil {
		t.Fatal(err)
	}
	return options
}

func (c ScannerCase) with(t *testing.T, name, value string) ([]scan.Option, error) {
	t.Helper()
	return c.Source.Options(t.Context(), c.Device, append(slices.Clone(c.Set), scan.Setting{Name: name, Value: value}))
}

func named(options []scan.Option, name string) scan.Option {
	for _, o := range options {
		if o.Name == name {
			return o
		}
	}
	return scan.Option{}
}

// trials are values that the option must take and show again.
func trials(o scan.Option) []string {
	if o.Inactive || o.Fixed {
		return nil
	}
	switch {
	case len(o.Choices) > 0:
		var all []string
		for _, c := range o.Choices {
			all = append(all, vector(o, c))
		}
		return all
	case o.Range != nil:
		return []string{vector(o, decimal(o.Range.Min)), vector(o, decimal(o.Range.Max)), vector(o, decimal(math.Floor((o.Range.Min+o.Range.Max)/2)))}
	case o.Type == scan.Switch:
		return []string{vector(o, "yes"), vector(o, "no")}
	}
	return nil
}

// vector repeats a value as often as the option has it.
func vector(o scan.Option, v string) string {
	return strings.Join(slices.Repeat([]string{v}, max(1, o.Length)), ",")
}

func decimal(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }

// same tells whether an option that was set to want may read back as got: numbers
// between two steps are the device's to round.
func same(o scan.Option, got, want string) bool {
	if got == want {
		return true
	}
	if o.Range == nil {
		return false
	}
	g, w := strings.Split(got, ","), strings.Split(want, ",")
	if len(g) != len(w) {
		return false
	}
	for i := range g {
		x, err1 := strconv.ParseFloat(g[i], 64)
		y, err2 := strconv.ParseFloat(w[i], 64)
		if err1 != nil || err2 != nil || math.Abs(x-y) > o.Range.Step+1e-4 {
			return false
		}
	}
	return true
}

// satisfies tells whether a value is within the option's constraint.
func satisfies(o scan.Option, value string) bool {
	parts := []string{value}
	if o.Type == scan.Integer || o.Type == scan.Number || o.Type == scan.Switch {
		parts = strings.Split(value, ",")
		if len(parts) != max(1, o.Length) {
			return false
		}
	}
	for _, p := range parts {
		if len(o.Choices) > 0 && !slices.Contains(o.Choices, p) {
			return false
		}
		if o.Range != nil {
			v, err := strconv.ParseFloat(p, 64)
			if err != nil || v < o.Range.Min-1e-4 || v > o.Range.Max+1e-4 {
				return false
			}
		}
	}
	return true
}
