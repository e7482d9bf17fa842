package prepare

import (
	"recto/scan"
)

// Measure looks at a picture that is oriented as the file says.
func (p *Picture) Measure(dpi float64) scan.Measures {
	s := p.look()
	return scan.Measures{Pixels: p.Size(), Depth: p.Depth(), Channels: p.Channels(), ICC: p.ICC(), DPI: dpi,
		Ink: s.share(), Blank: s.blank()}
}

// share is the part of the sketch that is ink.
func (s *sketch) share() float64 { return 0 }
