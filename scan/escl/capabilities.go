package escl

import (
	"bytes"
	"cmp"
	"encoding/xml"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/text/encoding/htmlindex"

	"recto/scan"
)

// capabilities is what a device can do (eSCL, ScannerCapabilities). The
// tags name no namespaces: devices differ in those, and some leave them out.
type capabilities struct {
	XMLName      xml.Name `xml:"ScannerCapabilities"`
	Version      string   `xml:"Version"`
	MakeAndModel string   `xml:"MakeAndModel"`
	Manufacturer string   `xml:"Manufacturer"`
	Serial       string   `xml:"SerialNumber"`
	UUID         string   `xml:"UUID"`
	Platen       *struct {
		Input *inputCaps `xml:"PlatenInputCaps"`
	} `xml:"Platen"`
	ADF *struct {
		Simplex *inputCaps `xml:"AdfSimplexInputCaps"`
		Duplex  *inputCaps `xml:"AdfDuplexInputCaps"`
		Options []string   `xml:"AdfOptions>AdfOption"`
	} `xml:"Adf"`
	Profiles []profileCaps `xml:"SettingProfiles>SettingProfile"`
	Tuning
	RemovesBlanks word `xml:"BlankPageDetectionAndRemoval"`
}

// Tuning holds the adjustments that some devices offer, each with its range.
type Tuning struct {
	Brightness  *rangeCaps `xml:"BrightnessSupport"`
	Contrast    *rangeCaps `xml:"ContrastSupport"`
	Threshold   *rangeCaps `xml:"ThresholdSupport"`
	Gamma       *rangeCaps `xml:"GammaSupport"`
	Highlight   *rangeCaps `xml:"HighlightSupport"`
	Shadow      *rangeCaps `xml:"ShadowSupport"`
	Sharpen     *rangeCaps `xml:"SharpenSupport"`
	Noise       *rangeCaps `xml:"NoiseRemovalSupport"`
	Compression *rangeCaps `xml:"CompressionFactorSupport"`
}

type inputCaps struct {
	MinWidth  number        `xml:"MinWidth"`
	MaxWidth  number        `xml:"MaxWidth"`
	MinHeight number        `xml:"MinHeight"`
	MaxHeight number        `xml:"MaxHeight"`
	Profiles  []profileCaps `xml:"SettingProfiles>SettingProfile"`
	Intents   []word        `xml:"SupportedIntents>Intent"`
}

type profileCaps struct {
	Name       string    `xml:"name,attr"`
	Ref        string    `xml:"ref,attr"`
	Modes      []word    `xml:"ColorModes>ColorMode"`
	Contents   []word    `xml:"ContentTypes>ContentType"`
	Formats    []word    `xml:"DocumentFormats>DocumentFormat"`
	FormatsExt []word    `xml:"DocumentFormats>DocumentFormatExt"`
	Discrete   []xyCaps  `xml:"SupportedResolutions>DiscreteResolutions>DiscreteResolution"`
	X          rangeCaps `xml:"SupportedResolutions>ResolutionRange>XResolutionRange"`
	Y          rangeCaps `xml:"SupportedResolutions>ResolutionRange>YResolutionRange"`
	Spaces     []word    `xml:"ColorSpaces>ColorSpace"`
	Channels   []word    `xml:"CcdChannels>CcdChannel"`
	Renderings []word    `xml:"BinaryRenderings>BinaryRendering"`
}

type xyCaps struct {
	X number `xml:"XResolution"`
	Y number `xml:"YResolution"`
}

type rangeCaps struct {
	Min    number `xml:"Min"`
	Max    number `xml:"Max"`
	Normal number `xml:"Normal"`
	Step   number `xml:"Step"`
}

func (r rangeCaps) has(v int) bool {
	return v >= int(r.Min) && v <= int(r.Max) && (r.Step <= 1 || (v-int(r.Min))%int(r.Step) == 0)
}

// number is read leniently: with spaces around, with a fraction; what is none is 0.
type number int

func (n *number) UnmarshalText(b []byte) error {
	f, err := strconv.ParseFloat(strings.TrimSpace(string(b)), 64)
	if err == nil && math.Abs(f) < math.MaxInt32 {
		*n = number(math.Round(f))
	}
	return nil
}

// word is text without the white space that some devices indent it with.
type word string

func (w *word) UnmarshalText(b []byte) error {
	*w = word(strings.TrimSpace(string(b)))
	return nil
}

func (w word) yes() bool { return w == "true" || w == "1" }

// maxXML bounds what a device may say of itself: real capabilities have 5 to 60 KB.
const maxXML = 1 << 20

// decodeXML reads a document of a device. Go's decoder knows no external entities.
// Not strict: model names with a bare "&" are out there.
func decodeXML(b []byte, v any) error {
	if len(b) > maxXML {
		return fmt.Errorf("%w: more than %d bytes of XML", errProtocol, maxXML)
	}
	d := xml.NewDecoder(bytes.NewReader(b))
	d.Strict = false
	d.CharsetReader = func(label string, r io.Reader) (io.Reader, error) {
		e, err := htmlindex.Get(label)
		if err != nil {
			return nil, err
		}
		return e.NewDecoder().Reader(r), nil
	}
	if err := d.Decode(v); err != nil {
		return fmt.Errorf("%w: %w", errProtocol, err)
	}
	return nil
}

// What an input is called in the option "source". eSCL itself says Platen or Feeder,
// with a separate Duplex.
const (
	platen    = "Platen"
	adf       = "ADF"
	adfDuplex = "ADF duplex"
)

// scanner is what capabilities come down to.
type scanner struct {
	device  scan.Device
	version string
	inputs  []input
	tuning  []tuning
	detects bool // the feeder knows whether there is paper in it
	blanks  bool // it can leave out blank pages, so it must be told not to
}

type input struct {
	name                                   string
	minWidth, maxWidth, minHeight, maxHigh int // 1/300 inch; 0: not told
	profiles                               []profile
	intents                                []string
}

type profile struct {
	modes, formats, contents, spaces, channels, renderings []string

	resolutions []int
	between     *scan.Range // besides the resolutions
	ext         bool        // formats are told by DocumentFormatExt
}

type tuning struct {
	name, title, element string
	caps                 rangeCaps
}

// parseCapabilities understands what a device says of itself. One without an input
// or without a colour mode cannot be used and is an error.
func parseCapabilities(b []byte) (*scanner, error) {
	var c capabilities
	if err := decodeXML(b, &c); err != nil {
		return nil, fmt.Errorf("ScannerCapabilities: %w", err)
	}
	s := &scanner{version: line(c.Version), blanks: c.RemovesBlanks.yes()}
	s.device = scan.Device{Kind: "escl", Serial: line(c.Serial)}
	s.device.Vendor, s.device.Model = makeAndModel(line(c.Manufacturer), line(c.MakeAndModel))
	add := func(name string, caps *inputCaps) {
		if caps != nil {
			if in := caps.input(name, c.Profiles); len(in.profiles) > 0 {
				s.inputs = append(s.inputs, in)
			}
		}
	}
	if c.Platen != nil {
		add(platen, c.Platen.Input)
	}
	if c.ADF != nil {
		add(adf, c.ADF.Simplex)
		add(adfDuplex, c.ADF.Duplex)
		s.detects = slices.ContainsFunc(c.ADF.Options, func(o string) bool { return strings.TrimSpace(o) == "DetectPaperLoaded" })
	}
	if len(s.inputs) == 0 {
		return nil, fmt.Errorf("ScannerCapabilities: %w: neither a platen nor a feeder with a colour mode", errProtocol)
	}
	for _, t := range []struct {
		name, title, element string
		caps                 *rangeCaps
	}{
		{"brightness", "Brightness", "Brightness", c.Brightness}, {"contrast", "Contrast", "Contrast", c.Contrast},
		{"threshold", "Threshold of black and white", "Threshold", c.Threshold}, {"gamma", "Gamma", "Gamma", c.Gamma},
		{"highlight", "Highlight", "Highlight", c.Highlight}, {"shadow", "Shadow", "Shadow", c.Shadow}, {"sharpen", "Sharpening", "Sharpen", c.Sharpen},
		{"noise-removal", "Noise removal", "NoiseRemoval", c.Noise}, {"compression", "Compression of JPEG", "CompressionFactor", c.Compression},
	} {
		if t.caps != nil && t.caps.Min < t.caps.Max {
			s.tuning = append(s.tuning, tuning{t.name, t.title, t.element, *t.caps})
		}
	}
	return s, nil
}

func (c *inputCaps) input(name string, shared []profileCaps) input {
	in := input{name: name, intents: words(c.Intents)}
	in.minWidth, in.maxWidth = int(max(0, c.MinWidth)), int(max(0, c.MaxWidth))
	in.minHeight, in.maxHigh = int(max(0, c.MinHeight)), int(max(0, c.MaxHeight))
	all := c.Profiles
	if len(all) == 0 {
		all = shared
	}
	for _, p := range all {
		if p.Ref != "" { // 2.6 and later: the profile stands at the end of the document
			i := slices.IndexFunc(shared, func(q profileCaps) bool { return q.Name == p.Ref })
			if i < 0 {
				continue
			}
			p = shared[i]
		}
		if q := p.profile(); len(q.modes) > 0 && (len(q.resolutions) > 0 || q.between != nil) {
			in.profiles = append(in.profiles, q)
		}
	}
	return in
}

func (p profileCaps) profile() profile {
	q := profile{modes: words(p.Modes), contents: words(p.Contents), spaces: words(p.Spaces), channels: words(p.Channels), renderings: words(p.Renderings)}
	q.formats, q.ext = words(p.FormatsExt), len(p.FormatsExt) > 0
	if !q.ext { // eSCL 2.0 has only these; later devices repeat some of them
		q.formats = words(p.Formats)
	}
	for i, f := range q.formats {
		q.formats[i] = strings.ToLower(f)
	}
	for _, r := range p.Discrete { // only pixels that are square
		if r.X > 0 && (r.X == r.Y || r.Y == 0) && !slices.Contains(q.resolutions, int(r.X)) {
			q.resolutions = append(q.resolutions, int(r.X))
		}
	}
	slices.Sort(q.resolutions)
	if p.X.Max > 0 && p.X.Min <= p.X.Max {
		r := p.X
		if p.Y.Max > 0 {
			r.Min, r.Max = max(r.Min, p.Y.Min), min(r.Max, p.Y.Max)
		}
		if r.Min = max(r.Min, 1); r.Min <= r.Max {
			q.between = &scan.Range{Min: float64(r.Min), Max: float64(r.Max), Step: float64(max(1, r.Step))}
		}
	}
	return q
}

// words gives each of them once, in order.
func words(all []word) []string {
	var list []string
	for _, w := range all {
		if s := line(string(w)); s != "" && !slices.Contains(list, s) {
			list = append(list, s)
		}
	}
	return list
}

// line makes what a device says fit for one line of a table.
func line(s string) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	if len(s) > 256 {
		s = strings.ToValidUTF8(s[:256], "")
	}
	return strings.Join(strings.Fields(scan.Path(strings.Join(strings.Fields(s), " ")).Line()), " ")
}

// makeAndModel parts "Brother MFC-L2710DW" where the device does not name its maker
// by itself.
func makeAndModel(maker, both string) (vendor, model string) {
	if maker == "" {
		maker, _, _ = strings.Cut(both, " ")
	}
	if len(both) > len(maker) && strings.EqualFold(both[:len(maker)], maker) {
		return maker, strings.TrimSpace(both[len(maker):])
	}
	return cmp.Or(maker, "eSCL"), cmp.Or(both, "scanner")
}
