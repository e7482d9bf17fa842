package escl

import (
	"cmp"
	"strconv"

	"recto/scan"
)

func (r rangeCaps) scan() scan.Range {
	return scan.Range{Min: float64(r.Min), Max: float64(r.Max), Step: float64(max(1, r.Step))}
}

// options lists what can be set once the settings are p. A choice that would need
// another value elsewhere is left out, except of source and mode, which narrow the
// rest.
func (s *scanner) options(p *settings) []scan.Option {
	var sources []string
	for _, in := range s.inputs {
		sources = append(sources, in.name)
	}
	all := make([]*profile, len(p.input.profiles))
	var fit []*profile
	for i := range all {
		all[i] = &p.input.profiles[i]
		if _, ok := among(all[i].modes, p.mode); ok {
			fit = append(fit, all[i])
		}
	}
	list := []scan.Option{
		{Name: "source", Title: "Source", Help: "What the paper lies in.", Type: scan.Text, Choices: sources, Value: p.input.name},
		{Name: "mode", Title: "Colour mode", Help: "Colour and bits a sample.", Type: scan.Text, Choices: offered(all, func(q *profile) []string { return q.modes }), Value: p.mode},
	}
	resolution := scan.Option{Name: "resolution", Title: "Resolution", Type: scan.Integer, Unit: "dpi", Value: strconv.Itoa(p.resolution)}
	resolution.Choices = offered(fit, func(q *profile) (r []string) {
		for _, n := range q.resolutions {
			r = append(r, strconv.Itoa(n))
		}
		return r
	})
	if len(resolution.Choices) == 0 {
		for _, q := range fit {
			resolution.Range = cmp.Or(resolution.Range, q.between)
		}
	}
	list = append(list, resolution, scan.Option{Name: "format", Title: "Format", Help: "What the device sends. Masters are lossless unless it is image/jpeg.",
		Type: scan.Text, Choices: offered(fit, func(q *profile) []string { return q.formats }), Value: p.format, Advanced: true})
	if p.w > 0 && p.h > 0 {
		values := []int{p.x, p.y, p.w, p.h}
		for i, title := range []string{"Left edge", "Top edge", "Width", "Height"} {
			r := p.bounds()[i]
			list = append(list, scan.Option{Name: areaNames[i], Title: title, Group: "Area", Type: scan.Number, Unit: "mm", Range: &r,
				Value: strconv.FormatFloat(millimetres(values[i]), 'f', -1, 64)})
		}
	}
	value := func(name, otherwise string) string {
		for _, o := range p.more {
			if o.Name == name {
				return o.Value
			}
		}
		return otherwise
	}
	for _, t := range s.tuning {
		r := t.caps.scan()
		list = append(list, scan.Option{Name: t.name, Title: t.title, Group: "Adjustments", Type: scan.Integer, Range: &r,
			Value: value(t.name, strconv.Itoa(int(t.caps.Normal))), Advanced: true, Inactive: inactive(t.name, p)})
	}
	for _, o := range []struct{ name, title string }{
		{"intent", "Purpose"}, {"content", "Content"}, {"color-space", "Colour space"}, {"ccd-channel", "Sensor channel"}, {"binary-rendering", "Rendering of black and white"},
	} {
		if c := p.lists()[o.name]; len(c) > 0 {
			list = append(list, scan.Option{Name: o.name, Title: o.title, Group: "Adjustments", Type: scan.Text, Choices: c, Value: value(o.name, ""), Advanced: true})
		}
	}
	return list
}

// inactive tells of adjustments that the other settings make pointless.
func inactive(name string, p *settings) bool {
	switch name {
	case "threshold":
		return p.mode != "BlackAndWhite1"
	case "compression":
		return p.format != "image/jpeg"
	}
	return false
}
