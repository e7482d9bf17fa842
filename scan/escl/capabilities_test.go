package escl

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"recto/scan"
	"recto/scan/scantest"
)

// Shapes that devices have: no namespaces declared, profiles by reference, a range of
// resolutions, other encodings, a bare "&", indented text.
var shapes = map[string]string{
	"no namespaces": `<ScannerCapabilities><Version> 2.0 </Version><MakeAndModel>
		ACME A&B 5 </MakeAndModel><Platen><PlatenInputCaps><MaxWidth>2550</MaxWidth><MaxHeight> 3508.0 </MaxHeight><SettingProfiles><SettingProfile>
		<ColorModes><ColorMode>
			RGB24
		</ColorMode><ColorMode>Grayscale8</ColorMode></ColorModes><DocumentFormats><DocumentFormat>image/jpeg</DocumentFormat><DocumentFormat>Image/PNG</DocumentFormat></DocumentFormats>
		<SupportedResolutions><DiscreteResolutions><DiscreteResolution><XResolution>600</XResolution><YResolution>600</YResolution></DiscreteResolution>
		<DiscreteResolution><XResolution>300</XResolution><YResolution>300</YResolution></DiscreteResolution>
		<DiscreteResolution><XResolution>1200</XResolution><YResolution>600</YResolution></DiscreteResolution></DiscreteResolutions></SupportedResolutions>
		</SettingProfile></SettingProfiles></PlatenInputCaps></Platen></ScannerCapabilities>`,
	"references": `<?xml version="1.0" encoding="iso-8859-1"?><scan:ScannerCapabilities xmlns:scan="http://schemas.hp.com/imaging/escl/2011/05/03" xmlns:pwg="http://www.pwg.org/schemas/2010/12/sm">
		<pwg:Version>2.97</pwg:Version><scan:Manufacturer>Andr` + "\xe9" + `</scan:Manufacturer><pwg:MakeAndModel>Andr` + "\xe9" + ` 7</pwg:MakeAndModel><scan:Adf><scan:AdfSimplexInputCaps>
		<scan:MaxWidth>2551</scan:MaxWidth><scan:MaxHeight>10800</scan:MaxHeight><scan:SettingProfiles><scan:SettingProfile ref="b"/><scan:SettingProfile ref="a"/><scan:SettingProfile ref="none"/></scan:SettingProfiles>
		</scan:AdfSimplexInputCaps></scan:Adf><scan:SettingProfiles><scan:SettingProfile name="a"><scan:ColorModes><scan:ColorMode>BlackAndWhite1</scan:ColorMode></scan:ColorModes>
		<scan:DocumentFormats><pwg:DocumentFormat>application/pdf</pwg:DocumentFormat><scan:DocumentFormatExt>image/tiff</scan:DocumentFormatExt></scan:DocumentFormats>
		<scan:SupportedResolutions><scan:ResolutionRange><scan:XResolutionRange><scan:Min>100</scan:Min><scan:Max>1000</scan:Max><scan:Normal>300</scan:Normal><scan:Step>50</scan:Step></scan:XResolutionRange>
		<scan:YResolutionRange><scan:Min>100</scan:Min><scan:Max>900</scan:Max></scan:YResolutionRange></scan:ResolutionRange></scan:SupportedResolutions></scan:SettingProfile>
		<scan:SettingProfile name="b"><scan:ColorModes><scan:ColorMode>RGB24</scan:ColorMode></scan:ColorModes><scan:DocumentFormats><pwg:DocumentFormat>image/jpeg</pwg:DocumentFormat></scan:DocumentFormats>
		<scan:SupportedResolutions><scan:DiscreteResolutions><scan:DiscreteResolution><scan:XResolution>200</scan:XResolution><scan:YResolution>200</scan:YResolution></scan:DiscreteResolution>
		</scan:DiscreteResolutions></scan:SupportedResolutions></scan:SettingProfile></scan:SettingProfiles></scan:ScannerCapabilities>`,
}

func TestShapes(t *testing.T) {
	s, err := parseCapabilities([]byte(shapes["no namespaces"]))
	if err != nil {
		t.Fatal(err)
	}
	p := profile{modes: []string{"RGB24", "Grayscale8"}, formats: []string{"image/jpeg", "image/png"}, resolutions: []int{300, 600}}
	want := &scanner{device: scan.Device{Kind: "escl", Vendor: "ACME", Model: "A&B 5"}, version: "2.0", inputs: []input{{name: platen, maxWidth: 2550, maxHigh: 3508, profiles: []profile{p}}}}
	if !reflect.DeepEqual(s, want) {
		t.Errorf("%+v\nwant %+v", s, want)
	}
	if s, err = parseCapabilities([]byte(shapes["references"])); err != nil {
		t.Fatal(err)
	}
	if d := (scan.Device{Kind: "escl", Vendor: "André", Model: "7"}); s.device != d || len(s.inputs) != 1 || len(s.inputs[0].profiles) != 2 {
		t.Fatalf("%+v", s)
	}
	a := s.inputs[0].profiles[1]
	if r := (scan.Range{Min: 100, Max: 900, Step: 50}); *a.between != r || !a.ext || !slices.Equal(a.formats, []string{"image/tiff"}) {
		t.Errorf("%+v %+v", a, a.between)
	}
	// A setting that only the other profile has decides which one it is.
	for _, x := range []struct {
		ticket scan.Ticket
		mode   string
		format string
		dpi    int
		err    error
	}{
		{scan.Ticket{}, "RGB24", "image/jpeg", 200, nil},
		{scan.Ticket{Mode: "lineart"}, "BlackAndWhite1", "image/tiff", 300, nil},
		{scan.Ticket{Mode: "lineart", DPI: 850}, "BlackAndWhite1", "image/tiff", 850, nil},
		{scan.Ticket{Mode: "lineart", DPI: 851}, "", "", 0, scan.ErrOption},
		{scan.Ticket{Mode: "color", DPI: 300}, "", "", 0, scan.ErrOption},
		{scan.Ticket{Depth: 1}, "BlackAndWhite1", "image/tiff", 300, nil},
		{scan.Ticket{Mode: "gray"}, "", "", 0, scan.ErrOption},
		{scan.Ticket{Mode: "lineart", Preview: true}, "BlackAndWhite1", "image/tiff", 100, nil},
		{scan.Ticket{Mode: "lineart", Options: []scan.Setting{{Name: "format", Value: "image/jpeg"}}}, "", "", 0, scan.ErrOption},
	} {
		w, err := wishOf(x.ticket)
		if err != nil {
			t.Fatal(err)
		}
		p, err := s.plan(w)
		if !errors.Is(err, x.err) || err == nil && (p.mode != x.mode || p.format != x.format || p.resolution != x.dpi) {
			t.Errorf("%+v: %+v, %v", x.ticket, p, err)
		}
	}
	for _, bad := range []string{"", "<html/>", "<ScannerCapabilities/>", "<ScannerCapabilities>", strings.Repeat("<a>", 400000), `<?xml version="1.0" encoding="klingon"?><ScannerCapabilities/>`,
		"<ScannerCapabilities>" + strings.Repeat(" ", maxXML) + "</ScannerCapabilities>"} {
		if _, err := parseCapabilities([]byte(bad)); !errors.Is(err, errProtocol) {
			t.Errorf("%.30q: %v", bad, err)
		}
	}
}

// FuzzCapabilities: whatever a device says of itself, it can be planned with or is an
// error, and what was planned is offered.
func FuzzCapabilities(f *testing.F) {
	for _, s := range shapes {
		f.Add([]byte(s))
		for i := 0; i < len(s); i += 41 { // a seeded slice of damage runs as a test
			f.Add([]byte(s[:i]))
			f.Add([]byte(s[:i] + "<" + s[i:]))
			f.Add([]byte(s[:i] + "9999999999" + s[i:]))
			f.Add([]byte(s[:i] + s[min(len(s), i+41):]))
		}
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		var st status
		if decodeXML(b, &st) == nil {
			_ = st.outcome("x", true)
		}
		s, err := parseCapabilities(b)
		if err != nil {
			return
		}
		for _, ticket := range []scan.Ticket{{}, {Preview: true}, {Source: "adf", DPI: 300, Mode: "gray"}, {Area: scan.Area{Width: 20, Height: 20}}} {
			w, err := wishOf(ticket)
			if err != nil {
				t.Fatal(err)
			}
			p, err := s.plan(w)
			if err != nil {
				if !errors.Is(err, scan.ErrOption) && !errors.Is(err, scan.ErrUnsupported) {
					t.Errorf("%v", err)
				}
				continue
			}
			if p.resolution < 1 || p.mode == "" || p.format == "" || !slices.Contains(p.profile.modes, p.mode) || !slices.Contains(p.profile.formats, p.format) ||
				p.x < 0 || p.y < 0 || p.x+p.w > p.input.maxWidth || p.y+p.h > p.input.maxHigh {
				t.Errorf("%+v", p)
			}
			p.request(s)
			s.options(p)
		}
	})
}

// Options follow what is set, and every choice that they give can be set.
func TestOptions(t *testing.T) {
	v := scantest.NewESCL()
	root := v.Serve(t)
	s := source(t, Config{})
	list, err := s.Options(t.Context(), "escl:"+root, nil)
	if err != nil {
		t.Fatal(err)
	}
	values := map[string]string{}
	for _, o := range list {
		values[o.Name] = o.Value
		if o.Type == "" || o.Title == "" || len(o.Choices) == 0 && o.Range == nil {
			t.Errorf("%+v", o)
		}
		for _, c := range o.Choices {
			if o.Name == "format" && c == "application/pdf" {
				continue
			}
			got, err := s.Options(t.Context(), "escl:"+root, []scan.Setting{{Name: o.Name, Value: c}})
			if err != nil {
				t.Errorf("%s=%s: %v", o.Name, c, err)
				continue
			}
			i := slices.IndexFunc(got, func(p scan.Option) bool { return p.Name == o.Name })
			if i < 0 || got[i].Value != c {
				t.Errorf("%s=%s: %+v", o.Name, c, got)
			}
		}
	}
	want := map[string]string{"source": "Platen", "mode": "RGB24", "resolution": "300", "format": "image/tiff", "x": "0", "y": "0", "width": "50.8", "height": "76.2", "brightness": "1000", "intent": ""}
	if fmt.Sprint(values) != fmt.Sprint(want) {
		t.Errorf("%v\nwant %v", values, want)
	}
	if _, err := s.Options(t.Context(), "escl:"+root, []scan.Setting{{Name: "resolution", Value: "17"}}); !errors.Is(err, scan.ErrOption) {
		t.Error(err)
	}
}
