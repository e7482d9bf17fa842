package escl

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"recto/scan"
)

// settings are those of one job, complete.
type settings struct {
	input      *input
	profile    *profile
	mode       string
	format     string // media type
	resolution int
	x, y, w, h int // 1/300 inch; w 0: the input tells no size
	preview    bool
	more       []scan.Setting // options of their own name: tuning, content, space ...
}

// bits and channels that a colour mode has; 0 where it is one that we do not know.
func modeSamples(mode string) (bits, channels int) {
	switch mode {
	case "BlackAndWhite1":
		return 1, 1
	case "Grayscale8":
		return 8, 1
	case "Grayscale16":
		return 16, 1
	case "RGB24":
		return 8, 3
	case "RGB48":
		return 16, 3
	}
	return 0, 0
}

// formats in the order that they are preferred. Raw samples come behind PNG because
// nothing guards them against damage.
var preferred = []string{"image/tiff", "image/png", "application/octet-stream", "image/jpeg"}

func lossless(format string) bool { return format != "image/jpeg" && format != "application/pdf" }

// best gives the format to ask for, "" where there is only what we do not take. Raw
// samples are taken by themselves only where no byte order or polarity can be in
// doubt: the specification fixes neither.
func best(formats []string, mode string) string {
	for _, f := range preferred {
		if f == "application/octet-stream" && mode != "Grayscale8" && mode != "RGB24" {
			continue
		}
		if slices.Contains(formats, f) {
			return f
		}
	}
	return ""
}

func refused(name, value string, choices []string) error {
	if len(choices) == 0 {
		return fmt.Errorf("%w: %s = %s: it has no such setting", scan.ErrOption, name, line(value))
	}
	return fmt.Errorf("%w: %s = %s; it has: %s", scan.ErrOption, name, line(value), strings.Join(choices, ", "))
}

func outside(name, value string, r scan.Range, unit string) error {
	step := ""
	if r.Step > 1 {
		step = fmt.Sprintf(" in steps of %g", r.Step)
	}
	return fmt.Errorf("%w: %s = %s; it takes %g to %g%s%s", scan.ErrOption, name, line(value), r.Min, r.Max, unit, step)
}

// sourceWords, modeWords are what a ticket may say for any device.
var sourceWords = map[string][]string{
	"flatbed": {platen}, "platen": {platen}, "adf": {adf}, "feeder": {adf}, "duplex": {adfDuplex}, "adf duplex": {adfDuplex},
}

var modeWords = map[string][]string{
	"color": {"RGB24", "RGB48"}, "colour": {"RGB24", "RGB48"}, "gray": {"Grayscale8", "Grayscale16"}, "grey": {"Grayscale8", "Grayscale16"},
	"lineart": {"BlackAndWhite1"},
}

// wish is what a ticket and its options ask for, by option name; the last of a name
// counts.
type wish struct {
	values  map[string]string
	order   []string
	depth   int
	preview bool
}

func (w *wish) set(name, value string) {
	name = strings.ToLower(strings.TrimSpace(name))
	if !slices.Contains(w.order, name) {
		w.order = append(w.order, name)
	}
	w.values[name] = strings.TrimSpace(value)
}

// wishOf puts the ticket's fields into the words of the options.
func wishOf(t scan.Ticket) (*wish, error) {
	w := &wish{values: map[string]string{}, depth: t.Depth, preview: t.Preview}
	if t.Source != "" {
		w.set("source", t.Source)
	}
	if t.Mode != "" {
		w.set("mode", t.Mode)
	}
	if t.DPI != 0 {
		w.set("resolution", strconv.FormatFloat(t.DPI, 'f', -1, 64))
	}
	if a := t.Area; a != (scan.Area{}) {
		if a.X < 0 || a.Y < 0 || a.Width <= 0 || a.Height <= 0 {
			return nil, fmt.Errorf("%w: an area of %g by %g mm at %g, %g", scan.ErrOption, a.Width, a.Height, a.X, a.Y)
		}
		for i, v := range []float64{a.X, a.Y, a.Width, a.Height} {
			w.set(areaNames[i], strconv.FormatFloat(v, 'f', -1, 64))
		}
	}
	for _, o := range t.Options {
		w.set(o.Name, o.Value)
	}
	return w, nil
}

var areaNames = []string{"x", "y", "width", "height"}

// plan makes complete settings of a wish, or says with ErrOption what cannot be had
// and what can.
func (s *scanner) plan(w *wish) (*settings, error) {
	p := &settings{preview: w.preview}
	if err := p.choose(s, w); err != nil {
		return nil, err
	}
	if err := p.place(w); err != nil {
		return nil, err
	}
	for _, name := range w.order {
		if slices.Contains(areaNames, name) || slices.Contains([]string{"source", "mode", "depth", "resolution", "format"}, name) {
			continue
		}
		value := w.values[name]
		if i := slices.IndexFunc(s.tuning, func(t tuning) bool { return t.name == name }); i >= 0 {
			t := s.tuning[i]
			v, err := strconv.Atoi(value)
			if err != nil || !t.caps.has(v) {
				return nil, outside(name, value, t.caps.scan(), "")
			}
			p.more = append(p.more, scan.Setting{Name: name, Value: strconv.Itoa(v)})
			continue
		}
		c, ok := p.lists()[name]
		if !ok {
			return nil, refused(name, value, nil)
		}
		v, ok := among(c, value)
		if !ok {
			return nil, refused(name, value, c)
		}
		p.more = append(p.more, scan.Setting{Name: name, Value: v})
	}
	return p, nil
}

// lists are the options with a list of words that only some devices have.
func (p *settings) lists() map[string][]string {
	all := map[string][]string{
		"intent": p.input.intents, "content": p.profile.contents, "color-space": p.profile.spaces,
		"ccd-channel": p.profile.channels, "binary-rendering": p.profile.renderings,
	}
	for name, list := range all {
		if len(list) == 0 {
			delete(all, name)
		}
	}
	return all
}

// among finds a value in a list, whatever its case.
func among(list []string, value string) (string, bool) {
	i := slices.IndexFunc(list, func(c string) bool { return strings.EqualFold(c, value) })
	if i < 0 {
		return "", false
	}
	return list[i], true
}

// choose settles input, profile, mode, resolution and format, each of which narrows
// the rest.
func (p *settings) choose(s *scanner, w *wish) error {
	p.input = &s.inputs[0]
	if v, ok := w.values["source"]; ok {
		var names []string
		found := -1
		for i, in := range s.inputs {
			names = append(names, in.name)
			if strings.EqualFold(in.name, v) || slices.Contains(sourceWords[strings.ToLower(v)], in.name) {
				found = i
			}
		}
		if found < 0 {
			return refused("source", v, names)
		}
		p.input = &s.inputs[found]
	}
	left := make([]*profile, len(p.input.profiles))
	for i := range left {
		left[i] = &p.input.profiles[i]
	}
	// keep narrows the profiles to those that offer something, and lists what there
	// was to choose from.
	keep := func(name, value string, offers func(*profile) []string, want []string) error {
		var fit []*profile
		var choices []string
		for _, q := range left {
			list := offers(q)
			if slices.ContainsFunc(list, func(v string) bool { return slices.Contains(want, v) }) {
				fit = append(fit, q)
			}
			for _, v := range list {
				if !slices.Contains(choices, v) {
					choices = append(choices, v)
				}
			}
		}
		if len(fit) == 0 {
			return refused(name, value, choices)
		}
		left = fit
		return nil
	}
	modes, given := wantedModes(w, left)
	if given == "" && len(modes) == 0 {
		modes = offered(left, func(q *profile) []string { return q.modes })
		slices.SortStableFunc(modes, func(a, b string) int { return slices.Index(modeOrder, a) - slices.Index(modeOrder, b) })
		modes = modes[len(modes)-1:]
		if i := slices.Index(offered(left, func(q *profile) []string { return q.modes }), "RGB24"); i >= 0 {
			modes = []string{"RGB24"}
		}
	}
	if err := keep("mode", given, func(q *profile) []string { return q.modes }, modes); err != nil {
		return err
	}
	for _, m := range modes { // the first wanted that there is
		if slices.Contains(offered(left, func(q *profile) []string { return q.modes }), m) {
			p.mode = m
			break
		}
	}
	if err := keep("mode", p.mode, func(q *profile) []string { return q.modes }, []string{p.mode}); err != nil {
		return err
	}
	if v, ok := w.values["format"]; ok {
		v = strings.ToLower(v)
		if err := keep("format", v, func(q *profile) []string { return q.formats }, []string{v}); err != nil {
			return err
		}
		p.format = v
	}
	if err := p.resolve(w, &left); err != nil {
		return err
	}
	if p.format == "" {
		all := offered(left, func(q *profile) []string { return q.formats })
		if p.format = best(all, p.mode); p.format == "" {
			return &advice{fmt.Errorf("%w: the device gives %s only, and a master has to be an image", scan.ErrUnsupported, strings.Join(all, ", ")),
				"Scan to PDF at the device and import the file."}
		}
		if err := keep("format", p.format, func(q *profile) []string { return q.formats }, []string{p.format}); err != nil {
			return err
		}
	} else if !slices.Contains(preferred, p.format) {
		return advised(fmt.Errorf("%w: %s cannot be a master; choose one of %s", scan.ErrUnsupported, p.format, strings.Join(preferred, ", ")))
	}
	p.profile = left[0]
	return nil
}

// modeOrder is from least to most.
var modeOrder = []string{"BlackAndWhite1", "Grayscale8", "Grayscale16", "RGB24", "RGB48"}

func offered(all []*profile, list func(*profile) []string) []string {
	var got []string
	for _, q := range all {
		for _, v := range list(q) {
			if !slices.Contains(got, v) {
				got = append(got, v)
			}
		}
	}
	return got
}

// wantedModes gives the colour modes that mode and depth allow, best first, and the
// words that asked for them.
func wantedModes(w *wish, left []*profile) (modes []string, given string) {
	v, named := w.values["mode"]
	depth := w.depth
	if d, ok := w.values["depth"]; ok {
		if n, err := strconv.Atoi(d); err == nil {
			depth = n
		} else {
			return nil, "depth " + d
		}
	}
	given = v
	all := offered(left, func(q *profile) []string { return q.modes })
	switch generic, ok := modeWords[strings.ToLower(v)]; {
	case !named:
		modes = []string{"RGB24", "RGB48", "Grayscale8", "Grayscale16", "BlackAndWhite1"}
	case ok:
		modes = slices.Clone(generic)
	default:
		if m, ok := among(all, v); ok {
			modes = []string{m}
		}
	}
	if depth != 0 {
		given = strings.TrimSpace(fmt.Sprintf("%s with %d bits", v, depth))
		modes = slices.DeleteFunc(modes, func(m string) bool { b, _ := modeSamples(m); return b != depth })
	} else if !named {
		return nil, ""
	}
	return modes, given
}

// resolve settles the resolution: the one wanted, else 300, else the nearest to it.
func (p *settings) resolve(w *wish, left *[]*profile) error {
	takes := func(q *profile, dpi int) bool {
		return slices.Contains(q.resolutions, dpi) || q.between != nil && float64(dpi) >= q.between.Min && float64(dpi) <= q.between.Max &&
			math.Mod(float64(dpi)-q.between.Min, q.between.Step) == 0
	}
	narrow := func(dpi int) bool {
		fit := slices.DeleteFunc(slices.Clone(*left), func(q *profile) bool { return !takes(q, dpi) })
		if len(fit) == 0 {
			return false
		}
		*left, p.resolution = fit, dpi
		return true
	}
	v, ok := w.values["resolution"]
	if ok {
		f, err := strconv.ParseFloat(v, 64)
		if err == nil && f == math.Trunc(f) && f > 0 && f < 1<<20 && narrow(int(f)) {
			return nil
		}
		var choices []string
		for _, q := range *left {
			for _, r := range q.resolutions {
				choices = append(choices, strconv.Itoa(r))
			}
			if q.between != nil {
				choices = append(choices, fmt.Sprintf("%g to %g in steps of %g", q.between.Min, q.between.Max, q.between.Step))
			}
		}
		return refused("resolution", v, slices.Compact(choices))
	}
	want := 300
	if p.preview {
		want = 75
	}
	var all []int
	for _, q := range *left {
		all = append(all, q.resolutions...)
		if r := q.between; r != nil {
			near := r.Min + math.Round((min(max(float64(want), r.Min), r.Max)-r.Min)/r.Step)*r.Step
			if near > r.Max {
				near -= r.Step
			}
			all = append(all, int(near))
		}
	}
	away := func(dpi int) int { return max(dpi-want, want-dpi) }
	narrow(slices.MinFunc(all, func(a, b int) int { return away(a) - away(b) }))
	return nil
}

const perInch = 300 // eSCL counts lengths in 1/300 inch (escl:ThreeHundredthsOfInches)

func millimetres(n int) float64 { return math.Round(float64(n)*25.4/perInch*100) / 100 }

func (p *settings) bounds() [4]scan.Range {
	in := p.input
	return [4]scan.Range{
		{Min: 0, Max: millimetres(max(0, in.maxWidth-max(1, in.minWidth)))}, {Min: 0, Max: millimetres(max(0, in.maxHigh-max(1, in.minHeight)))},
		{Min: millimetres(in.minWidth), Max: millimetres(in.maxWidth)}, {Min: millimetres(in.minHeight), Max: millimetres(in.maxHigh)},
	}
}

// place settles the area: the whole input, or what is wanted of it.
func (p *settings) place(w *wish) error {
	in := p.input
	p.w, p.h = in.maxWidth, in.maxHigh
	var v [4]int
	var set [4]bool
	for i, name := range areaNames {
		s, ok := w.values[name]
		if !ok {
			continue
		}
		if in.maxWidth == 0 || in.maxHigh == 0 {
			return fmt.Errorf("%w: %s = %s: it does not tell how large it is", scan.ErrOption, name, line(s))
		}
		f, err := strconv.ParseFloat(s, 64)
		b := p.bounds()[i]
		// Half a unit of 1/300 inch is what rounding to millimetres may add.
		if err != nil || !(f >= b.Min-0.05 && f <= b.Max+0.05) {
			return outside(name, s, b, " mm")
		}
		v[i], set[i] = int(math.Round(f*perInch/25.4)), true
	}
	p.x, p.y = v[0], v[1]
	if set[2] {
		p.w = min(v[2], in.maxWidth)
	} else {
		p.w -= p.x
	}
	if set[3] {
		p.h = min(v[3], in.maxHigh)
	} else {
		p.h -= p.y
	}
	if in.maxWidth > 0 && (p.x+p.w > in.maxWidth+1 || p.y+p.h > in.maxHigh+1) {
		return fmt.Errorf("%w: the area ends at %g by %g mm; it has %g by %g mm", scan.ErrOption,
			millimetres(p.x+p.w), millimetres(p.y+p.h), millimetres(in.maxWidth), millimetres(in.maxHigh))
	}
	if in.maxWidth > 0 {
		p.w, p.h = min(p.w, in.maxWidth-p.x), min(p.h, in.maxHigh-p.y)
	}
	return nil
}

// inForce lists the settings for the sheets' record.
func (p *settings) inForce() []scan.Setting {
	list := []scan.Setting{
		{Name: "source", Value: p.input.name}, {Name: "mode", Value: p.mode},
		{Name: "resolution", Value: strconv.Itoa(p.resolution)}, {Name: "format", Value: p.format},
	}
	if p.w > 0 && p.h > 0 {
		for i, n := range []int{p.x, p.y, p.w, p.h} {
			list = append(list, scan.Setting{Name: areaNames[i], Value: strconv.FormatFloat(millimetres(n), 'f', -1, 64)})
		}
	}
	return append(list, p.more...)
}

// feeder tells whether paper is fed.
func (p *settings) feeder() bool { return p.input.name != platen }

// request is the document that a job is made of (eSCL, ScanSettings).
func (p *settings) request(s *scanner) []byte {
	var b bytes.Buffer
	element := func(name, value string) {
		fmt.Fprintf(&b, "<%s>", name)
		_ = xml.EscapeText(&b, []byte(value)) // a buffer takes everything
		fmt.Fprintf(&b, "</%s>", name)
	}
	more := func(option, name string) {
		for _, o := range p.more {
			if o.Name == option {
				element(name, o.Value)
			}
		}
	}
	b.WriteString(`<?xml version="1.0" encoding="UTF-8"?>` + "\n" + `<scan:ScanSettings xmlns:pwg="http://www.pwg.org/schemas/2010/12/sm" xmlns:scan="http://schemas.hp.com/imaging/escl/2011/05/03">`)
	element("pwg:Version", s.spoken())
	if _, ok := among(p.input.intents, "Preview"); ok && p.preview && !p.has("intent") {
		element("scan:Intent", "Preview")
	}
	more("intent", "scan:Intent")
	if p.w > 0 && p.h > 0 {
		b.WriteString("<pwg:ScanRegions><pwg:ScanRegion>")
		element("pwg:ContentRegionUnits", "escl:ThreeHundredthsOfInches")
		element("pwg:XOffset", strconv.Itoa(p.x))
		element("pwg:YOffset", strconv.Itoa(p.y))
		element("pwg:Width", strconv.Itoa(p.w))
		element("pwg:Height", strconv.Itoa(p.h))
		b.WriteString("</pwg:ScanRegion></pwg:ScanRegions>")
	}
	element("pwg:DocumentFormat", p.format)
	more("content", "pwg:ContentType")
	if p.feeder() {
		element("pwg:InputSource", "Feeder")
	} else {
		element("pwg:InputSource", platen)
	}
	element("scan:XResolution", strconv.Itoa(p.resolution))
	element("scan:YResolution", strconv.Itoa(p.resolution))
	element("scan:ColorMode", p.mode)
	more("color-space", "scan:ColorSpace")
	more("ccd-channel", "scan:CcdChannel")
	more("binary-rendering", "scan:BinaryRendering")
	if p.profile.ext {
		element("scan:DocumentFormatExt", p.format)
	}
	if p.feeder() {
		element("scan:Duplex", strconv.FormatBool(p.input.name == adfDuplex))
	}
	for _, t := range s.tuning {
		more(t.name, "scan:"+t.element)
	}
	if s.blanks {
		element("scan:BlankPageDetectionAndRemoval", "false")
	}
	b.WriteString("</scan:ScanSettings>")
	return b.Bytes()
}

func (p *settings) has(option string) bool {
	return slices.ContainsFunc(p.more, func(o scan.Setting) bool { return o.Name == option })
}

// spoken is the version of the protocol to name to the device: its own.
func (s *scanner) spoken() string {
	if s.version == "" {
		return "2.0"
	}
	return s.version
}
