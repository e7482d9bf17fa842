package quality

import (
	"fmt"
	"image"
	"strings"
	"testing"

	"recto/scan"
)

// said is concerns as one line.
func said(all []scan.Concern) string {
	var out []string
	for _, c := range all {
		s := string(c.Kind)
		if c.Other != "" {
			s += "(" + string(c.Other) + ")"
		}
		out = append(out, s+": "+c.Words)
	}
	return strings.Join(out, " | ")
}

func pageOf(id string, w, h int, dpi float64) Page {
	return Page{scan.PageID(id), scan.Inspection{Pixels: image.Pt(w, h), DPI: dpi, Sharpness: 0.8, Ink: 0.1}}
}

func TestSuspectLength(t *testing.T) {
	a4 := func(n int) (all []Page) {
		for i := range n {
			all = append(all, pageOf(fmt.Sprint("a", i), 2480+i%3, 3508-i%2, 300))
		}
		return all
	}
	for name, c := range map[string]struct {
		page   Page
		before []Page
		rules  Rules
		want   string
	}{
		"as usual":              {pageOf("x", 2480, 3508, 300), a4(8), Rules{}, ""},
		"within the tolerance":  {pageOf("x", 2480, 3780, 300), a4(8), Rules{}, ""},
		"two at once":           {pageOf("x", 2480, 4866, 300), a4(8), Rules{}, "double-feed(a7): 412 mm long; the sheets before it are 297 mm. Two sheets at once?"},
		"cut off":               {pageOf("x", 2480, 2000, 300), a4(3), Rules{}, "double-feed(a2): 169 mm long; the sheets before it are 297 mm. Cut off, or another kind of paper?"},
		"too few before":        {pageOf("x", 2480, 4866, 300), a4(2), Rules{}, ""},
		"another kind of paper": {pageOf("x", 1748, 2480, 300), a4(8), Rules{}, ""},
		"another resolution":    {pageOf("x", 2480, 4866, 200), a4(8), Rules{}, ""},
		"a stricter rule":       {pageOf("x", 2480, 3600, 300), a4(8), Rules{MostLength: 0.02}, "double-feed(a7): 305 mm long; the sheets before it are 297 mm. Two sheets at once?"},
		"a laxer rule":          {pageOf("x", 2480, 4866, 300), a4(8), Rules{MostLength: 0.5}, ""},
		"no resolution": {pageOf("x", 1000, 1800, 0), []Page{pageOf("a", 1000, 1400, 0), pageOf("b", 1000, 1400, 0), pageOf("c", 1000, 1410, 0)},
			Rules{}, "double-feed(c): 1800 pixels long; the sheets before it are 1400 pixels. Two sheets at once?"},
		"an outlier before it": {pageOf("x", 2480, 3508, 300), append(a4(6), pageOf("long", 2480, 4866, 300)), Rules{}, ""},
		"nothing known of it":  {Page{ID: "x"}, a4(8), Rules{}, ""},
		"only the last eight count": {pageOf("x", 2480, 3000, 300), append(a4(20), func() (all []Page) {
			for i := range 8 {
				all = append(all, pageOf(fmt.Sprint("s", i), 2480, 3000, 300))
			}
			return all
		}()...), Rules{}, ""},
	} {
		if got := said(Suspect(c.rules, c.page, c.before, nil)); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

func TestSuspectRules(t *testing.T) {
	strict := Rules{LeastDPI: 300, MostSkew: 1, LeastSharp: 0.4}
	is := func(change func(*scan.Inspection)) Page {
		p := pageOf("x", 2480, 3508, 300)
		change(&p.Inspection)
		return p
	}
	for _, c := range []struct {
		rules Rules
		page  Page
		want  string
	}{
		{strict, is(func(*scan.Inspection) {}), ""},
		{strict, is(func(i *scan.Inspection) { i.Sharpness = 0.31 }), "blurred: Its edges are soft: sharpness 0.31; at least 0.40 is asked for."},
		{strict, is(func(i *scan.Inspection) { i.Sharpness = 0 }), "blurred: Its edges are soft: sharpness 0.00; at least 0.40 is asked for."},
		{strict, is(func(i *scan.Inspection) { i.DPI = 200 }), "low-dpi: 200 dpi; at least 300 are asked for."},
		{strict, is(func(i *scan.Inspection) { i.DPI = 299.9 }), ""},
		{Rules{}, is(func(i *scan.Inspection) { i.DPI = 0.5 }), "low-dpi: 0.5 dpi: nothing that is printed or written can be read on it."},
		{strict, is(func(i *scan.Inspection) { i.DPI = 0 }), ""},
		{strict, is(func(i *scan.Inspection) { i.Skew = -2.34 }), "skew: Askew by 2.3 degrees anticlockwise; at most 1 are asked for."},
		{strict, is(func(i *scan.Inspection) { i.Skew = 1.5 }), "skew: Askew by 1.5 degrees clockwise; at most 1 are asked for."},
		{strict, is(func(i *scan.Inspection) { i.Blank, i.Sharpness, i.Skew = true, 0, 4 }), "blank: Nothing is on it."},
		{Rules{BlanksWelcome: true}, is(func(i *scan.Inspection) { i.Blank, i.Sharpness = true, 0 }), ""},
		{Rules{}, is(func(i *scan.Inspection) { i.Sharpness, i.Skew, i.DPI = 0, 7, 72 }), ""},
	} {
		if got := said(Suspect(c.rules, c.page, nil, nil)); got != c.want {
			t.Errorf("%+v %+v: %q, want %q", c.rules, c.page.Inspection, got, c.want)
		}
	}
}

// A sheet that comes again is suspected, with the page that it is like; the page
// itself, a blank one and another letter are not.
func TestSuspectDuplicate(t *testing.T) {
	var x Index
	var sheets []*image.Gray
	for i := range 5 {
		sheets = append(sheets, letter(dice(700+i), 0))
		x.Add(scan.PageID(fmt.Sprint("p", i)), Signature(sheets[i]))
	}
	r := dice(5)
	second := Signature(rescan(r).of(r, sheets[3]))
	page := pageOf("x", 1240, 1754, 150)
	page.Inspection.Signature = second
	got := Suspect(Rules{}, page, nil, &x)
	if len(got) != 1 || got[0].Kind != scan.SuspectDuplicate || got[0].Other != "p3" {
		t.Fatalf("%+v", got)
	}
	if again := said(Suspect(Rules{}, page, nil, &x)); again != said(got) || x.Len() != 5 {
		t.Errorf("%q at first, then %q; %d pages", said(got), again, x.Len())
	}
	page.ID = "p3" // itself
	if got := said(Suspect(Rules{}, page, nil, &x)); got != "" {
		t.Error(got)
	}
	page.ID, page.Inspection.Blank = "x", true
	if got := said(Suspect(Rules{BlanksWelcome: true}, page, nil, &x)); got != "" {
		t.Error(got)
	}
	page.Inspection.Blank, page.Inspection.Signature = false, Signature(letter(dice(799), 0))
	if got := said(Suspect(Rules{}, page, nil, &x)); got != "" {
		t.Error(got)
	}
	x.Remove("p3")
	page.Inspection.Signature = second
	if got := said(Suspect(Rules{}, page, nil, &x)); got != "" || x.Len() != 4 {
		t.Error(got, x.Len())
	}
}
