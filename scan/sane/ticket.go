package sane

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"recto/scan"
)

// Well-known options (SANE Standard 1.06, 4.5, and saneopts.h).
const (
	optSource      = "source"
	optMode        = "mode"
	optDepth       = "depth"
	optResolution  = "resolution"
	optXResolution = "x-resolution"
	optYResolution = "y-resolution"
	optPreview     = "preview"
)

// feederModes are options by which some backends, whose source is just a feeder, say
// that it takes both sides.
var feederModes = []string{"adf-mode", "adf_mode", "duplex"}

// apply sets what a ticket says: source, mode, depth, resolution and area first,
// because they decide what else there is, and its own options last and in order.
func (p *panel) apply(t scan.Ticket) error {
	a := &applied{panel: p}
	for _, step := range []func(scan.Ticket) error{a.preview, a.source, a.mode, a.resolution, a.area, a.others, a.settled} {
		if err := step(t); err != nil {
			return err
		}
	}
	return nil
}

// applied remembers what the device took, to see in the end that it still stands.
type applied struct {
	*panel
	took []scan.Setting
}

func (a *applied) put(name, text string) error {
	value, err := a.panel.put(name, text)
	if err != nil {
		return err
	}
	a.took = slices.DeleteFunc(a.took, func(s scan.Setting) bool { return s.Name == name })
	a.took = append(a.took, scan.Setting{Name: name, Value: value})
	return nil
}

func (a *applied) preview(t scan.Ticket) error {
	if _, ok := a.usable(optPreview); ok && t.Preview {
		return a.put(optPreview, "yes")
	}
	return nil
}

func (a *applied) source(t scan.Ticket) error {
	if t.Source == "" {
		return nil
	}
	d, ok := a.usable(optSource)
	if !ok {
		return fmt.Errorf("%w: it has no source to choose, so it cannot be %q; leave the source out", scan.ErrOption, t.Source)
	}
	choice, ok := pick(t.Source, d.choices(), sourceWords)
	if ok {
		return a.put(optSource, choice)
	}
	if strings.EqualFold(t.Source, "duplex") {
		feeder, ok := pick("adf", d.choices(), sourceWords)
		if ok {
			if err := a.put(optSource, feeder); err != nil {
				return err
			}
			for _, name := range feederModes {
				d, ok := a.usable(name)
				if !ok {
					continue
				}
				if d.kind == typeBool {
					return a.put(name, "yes")
				}
				if both, ok := pick("duplex", d.choices(), sourceWords); ok {
					return a.put(name, both)
				}
			}
		}
	}
	return d.refuse(t.Source)
}

// mode sets mode and depth, for bilevel is the one on some devices and the other on
// others.
func (a *applied) mode(t scan.Ticket) error {
	depth := t.Depth
	if t.Mode != "" {
		d, ok := a.usable(optMode)
		if !ok {
			return fmt.Errorf("%w: it has no mode to choose, so it cannot be %q; leave the mode out", scan.ErrOption, t.Mode)
		}
		choice, ok := pick(t.Mode, d.choices(), modeWords)
		if !ok && strings.EqualFold(t.Mode, "lineart") && depth <= 1 {
			choice, ok = pick("gray", d.choices(), modeWords)
			if depths, has := a.find(optDepth); !has || !slices.Contains(depths.words, 1) {
				ok = false
			}
			depth = 1
		}
		if !ok {
			return d.refuse(t.Mode)
		}
		if err := a.put(optMode, choice); err != nil {
			return err
		}
	}
	if depth == 0 {
		return nil
	}
	if _, ok := a.usable(optDepth); ok {
		return a.put(optDepth, strconv.Itoa(depth))
	}
	// Many devices have one depth a mode and nothing to set.
	if has, s := a.parameters(); s != good || has.depth != depth {
		return fmt.Errorf("%w: it has no depth to choose, and with these settings it gives %d bits a sample and not %d", scan.ErrOption, has.depth, depth)
	}
	return nil
}

const (
	previewDPI  = 75  // enough to see what lies on the glass
	coarsestDPI = 50  // below it nobody has set the device; nothing could be read
	ordinaryDPI = 300 // for such a device, where nobody says otherwise
)

func (a *applied) resolution(t scan.Ticket) error {
	name := optResolution
	d, ok := a.usable(name)
	if !ok {
		name = optXResolution
		d, ok = a.usable(name)
	}
	dpi := t.DPI
	if dpi == 0 && t.Preview && ok {
		dpi = d.least(previewDPI)
	}
	asked := slices.ContainsFunc(t.Options, func(s scan.Setting) bool { return s.Name == name })
	if now := a.panel.number(name); dpi == 0 && ok && !asked && now > 0 && now < coarsestDPI {
		dpi = d.least(ordinaryDPI)
	}
	if dpi == 0 {
		return nil
	}
	text := strconv.FormatFloat(dpi, 'f', -1, 64)
	if !ok {
		return fmt.Errorf("%w: it has no resolution to choose, so it cannot be %s dpi; leave the resolution out", scan.ErrOption, text)
	}
	if err := a.put(name, text); err != nil {
		return err
	}
	if took, err := strconv.ParseFloat(a.took[len(a.took)-1].Value, 64); err == nil && t.DPI != 0 && math.Abs(took-dpi) > 0.01 {
		return fmt.Errorf("%w: it takes %g dpi where %s are asked for; ask for those", scan.ErrOption, took, text)
	}
	if _, ok := a.usable(optYResolution); ok {
		return a.put(optYResolution, text)
	}
	return nil
}

// least is the smallest number that the option takes and that is no less than
// wanted, else the largest; 0 where it does not say.
func (d descriptor) least(wanted float64) float64 {
	scale := 1.0
	if d.kind == typeFixed {
		scale = one
	}
	if d.bounds != nil {
		return min(max(wanted, float64(d.bounds.min)/scale), float64(d.bounds.max)/scale)
	}
	words := slices.Sorted(slices.Values(d.words))
	for _, w := range words {
		if float64(w)/scale >= wanted {
			return float64(w) / scale
		}
	}
	if len(words) == 0 {
		return 0
	}
	return float64(words[len(words)-1]) / scale
}

const inch = 25.4 // mm

// area sets the corners. The zero Area leaves them to the device: a feeder's whole
// area is metres long.
func (a *applied) area(t scan.Ticket) error {
	if t.Area == (scan.Area{}) {
		return nil
	}
	if t.Area.Width <= 0 || t.Area.Height <= 0 {
		return fmt.Errorf("%w: an area of %g by %g mm", scan.ErrOption, t.Area.Width, t.Area.Height)
	}
	x, y := a.density()
	corners := []struct {
		name    string
		mm, dpi float64
	}{
		{"tl-x", t.Area.X, x}, {"tl-y", t.Area.Y, y},
		{"br-x", t.Area.X + t.Area.Width, x}, {"br-y", t.Area.Y + t.Area.Height, y},
	}
	for _, c := range corners {
		d, ok := a.usable(c.name)
		if !ok {
			return fmt.Errorf("%w: it has no area to choose with these settings (%s); leave the area out", scan.ErrOption, c.name)
		}
		v := c.mm
		if d.unit == 1 { // pixels
			if c.dpi == 0 {
				return fmt.Errorf("%w: it measures its area in pixels and does not tell how large they are", scan.ErrOption)
			}
			v = math.Round(c.mm / inch * c.dpi)
		}
		if d.kind == typeInt {
			v = math.Round(v)
		}
		if err := a.put(c.name, strconv.FormatFloat(v, 'f', -1, 64)); err != nil {
			return err
		}
	}
	return nil
}

func (a *applied) others(t scan.Ticket) error {
	for _, s := range t.Options {
		if err := a.put(s.Name, s.Value); err != nil {
			return err
		}
	}
	return nil
}

// settled sees that no setting undid another. Corners are left out: devices shift
// them to where the sensor can go.
func (a *applied) settled(scan.Ticket) error {
	for _, s := range a.took {
		d, ok := a.find(s.Name)
		if !ok || !d.legible() || strings.HasPrefix(s.Name, "tl-") || strings.HasPrefix(s.Name, "br-") {
			continue
		}
		if now := a.value(d); now != s.Value {
			return fmt.Errorf("%w: %s was set to %s, but a later setting changed it to %s", scan.ErrOption, s.Name, s.Value, now)
		}
	}
	return nil
}

// density is the resolution in force, across and down; 0 where the device does not
// tell it.
func (p *panel) density() (x, y float64) {
	x, y = p.number(optXResolution), p.number(optYResolution)
	if both := p.number(optResolution); both > 0 {
		x = both
	}
	if x == 0 {
		x = y
	}
	if y == 0 {
		y = x
	}
	return x, y
}

// feeds tells whether what is in force takes one sheet after the other.
func (p *panel) feeds(kind string) bool {
	source, ok := p.find(optSource)
	if !ok || !source.active() {
		return has(kind, "sheetfed", "sheet-fed", "feed", "adf")
	}
	return has(p.value(source), "adf", "feed", "duplex", "both sides")
}

// side gives which side image number n of the run shows, where the device knows.
func (p *panel) side(n int) scan.Side {
	source := p.current(optSource)
	duplex := has(source, "duplex", "both sides")
	for _, name := range feederModes {
		if d, ok := p.find(name); ok && d.active() && p.feeds("") {
			v := p.value(d)
			duplex = duplex || has(v, "duplex") || d.kind == typeBool && v == "yes"
		}
	}
	switch {
	case duplex && n%2 == 0:
		return scan.Back
	case duplex:
		return scan.Front
	case !p.feeds(""):
		return ""
	case has(source, "back", "rear"):
		return scan.Back
	case has(source, "front"):
		return scan.Front
	}
	return ""
}

// words tell by which a device's choice is known to be what one of our own words
// means, and by which it is known not to be.
type words struct{ are, not []string }

var sourceWords = map[string]words{
	"flatbed": {[]string{"flatbed", "flat bed", "platen", "document table", "glass", "fb", "normal"}, []string{"transparen", "negative", "slide", "film", "tpu", "adf", "feed"}},
	"adf":     {[]string{"adf", "feed"}, []string{"duplex", "both", "back", "rear"}},
	"duplex":  {[]string{"duplex", "both sides"}, nil},
}

var modeWords = map[string]words{
	"color":   {[]string{"color", "colour"}, []string{"halftone", "dither", "infrared", "gray", "grey"}},
	"gray":    {[]string{"gray", "grey"}, []string{"halftone", "dither", "diffusion", "infrared"}},
	"lineart": {[]string{"lineart", "line art", "black & white", "black and white", "black/white", "black&white", "binary", "monochrome", "bw", "b&w"}, []string{"halftone", "dither", "diffusion", "gray", "grey"}},
}

// pick finds the choice that a word means: the choice itself, any case, or for a
// word of ours the shortest that fits, the first of these.
func pick(word string, choices []string, ours map[string]words) (string, bool) {
	for _, same := range []func(string) bool{func(c string) bool { return c == word }, func(c string) bool { return strings.EqualFold(c, word) }} {
		if i := slices.IndexFunc(choices, same); i >= 0 {
			return choices[i], true
		}
	}
	w, ok := ours[strings.ToLower(word)]
	if !ok {
		return "", false
	}
	best := ""
	for _, c := range choices {
		if has(c, w.are...) && !has(c, w.not...) && (best == "" || len(c) < len(best)) {
			best = c
		}
	}
	return best, best != ""
}

func has(s string, any ...string) bool {
	s = strings.ToLower(s)
	return slices.ContainsFunc(any, func(a string) bool { return strings.Contains(s, a) })
}
