package prepare

import "recto/scan"

// Measure looks at a picture that is oriented as the file says: its ink after the
// background is removed, and whether it is blank. dpi is noted as given. Skew is
// not measured here, because it belongs to the upright page.
func (p *Picture) Measure(dpi float64) scan.Measures {
	s := p.look()
	return scan.Measures{
		Pixels: p.Size(), Depth: p.Depth(), Channels: p.Channels(), ICC: p.ICC(), DPI: dpi,
		Ink: s.share(), Blank: s.blank(),
	}
}
