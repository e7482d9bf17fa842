package archive

import "recto/scan"

// ShippedProfiles are those that come with Recto. They name no device, so they fit
// each; an archive's own profile of the same name takes the place of one.
func ShippedProfiles() []Profile {
	codes := []scan.CodeKind{scan.QR, scan.Code128}
	all := []Profile{
		{
			Name: "Letters", Note: "Loose sheets from a feeder, both sides, 300 dpi colour; cover sheets and patch T begin a unit.",
			Source: "duplex", Mode: "color", Depth: 8, Resolution: 300, Sides: 2, Series: "1r",
			Separation: Separation{Patch: true, Codes: codes}, Quality: Quality{LeastDPI: 300, MostSkew: 3},
		},
		{
			Name: "Bound volumes", Note: "A volume on the glass or under a camera, one side after the other, 400 dpi colour.",
			Source: "flatbed", Mode: "color", Depth: 8, Resolution: 400, Sides: 1, Series: "1r",
			Quality: Quality{LeastDPI: 300, MostSkew: 2, LeastSharp: 0.05, MostLength: 0.15},
		},
		{
			Name: "Photographs", Note: "Prints on the glass, 600 dpi, 16 bit colour; nothing is taken for blank or doubled by its length.",
			Source: "flatbed", Mode: "color", Depth: 16, Resolution: 600, Sides: 1,
			Quality: Quality{LeastDPI: 600, MostLength: 10, BlanksWelcome: true},
		},
		{
			Name: "Newspapers", Note: "Large sheets, 400 dpi grey, pages numbered 1, 2, 3.",
			Source: "flatbed", Mode: "gray", Depth: 8, Resolution: 400, Sides: 1, Series: "1",
			Quality: Quality{LeastDPI: 400, MostSkew: 2},
		},
		{
			Name: "Index cards", Note: "Cards from a feeder, both sides, 300 dpi grey; most backs are empty and that is as it should be.",
			Source: "duplex", Mode: "gray", Depth: 8, Resolution: 300, Sides: 2,
			Quality: Quality{LeastDPI: 300, MostLength: 0.05, BlanksWelcome: true},
		},
	}
	for i := range all {
		all[i].Shipped = true
	}
	return all
}
