package folder

import (
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"
)

// maxICC is the largest colour profile that is taken along.
const maxICC = 16 << 20

// colourSpace is what the samples of a PDF image mean, as far as a TIFF can say it.
type colourSpace struct {
	components int    // 1 grey, 3 RGB, 4 CMYK; 1 with a palette too
	palette    []byte // RGB triples of an Indexed space
	icc        []byte // profile of ICCBased
	calibrated bool   // CalGray or CalRGB, which a TIFF cannot hold
}

// colour reads a colour space (ISO 32000-1, 8.6). Spaces that no plain image
// format has are an errNotOneImage.
func (p *pdfPage) colour(o types.Object, depth int) (colourSpace, error) {
	none := func(what string) (colourSpace, error) {
		return colourSpace{}, errNotOneImage("the image is in the colour space " + what)
	}
	if depth > 4 {
		return none("of a loop")
	}
	a := p.array(o)
	family := p.name(o)
	if len(a) > 0 {
		family = p.name(a[0])
	}
	switch family {
	case "DeviceGray", "G":
		return colourSpace{components: 1}, nil
	case "DeviceRGB", "RGB":
		return colourSpace{components: 3}, nil
	case "DeviceCMYK", "CMYK":
		return colourSpace{components: 4}, nil
	case "CalGray":
		return colourSpace{components: 1, calibrated: true}, nil
	case "CalRGB":
		return colourSpace{components: 3, calibrated: true}, nil
	case "ICCBased":
		if len(a) < 2 {
			return none("ICCBased without a profile")
		}
		sd, ok := p.value(a[1]).(types.StreamDict)
		if !ok {
			return none("ICCBased without a profile")
		}
		n := p.whole(sd.Dict["N"], 0)
		if n != 1 && n != 3 && n != 4 {
			return none("ICCBased of another number of colours")
		}
		c := colourSpace{components: n}
		if b, err := p.decoded(sd, maxICC); err == nil && profileFits(b, n) {
			c.icc = b
		}
		return c, nil
	case "Indexed", "I":
		return p.indexed(a, depth)
	case "":
		return none("that is missing")
	}
	return none(family)
}

// indexed reads a palette (8.6.6.3).
func (p *pdfPage) indexed(a types.Array, depth int) (colourSpace, error) {
	bad := errNotOneImage("the image has an unusable palette")
	if len(a) < 4 {
		return colourSpace{}, bad
	}
	base, err := p.colour(a[1], depth+1)
	if err != nil {
		return base, err
	}
	high := p.whole(a[2], -1)
	if base.palette != nil || base.components == 4 || high < 0 || high > 255 {
		return colourSpace{}, bad
	}
	var table []byte
	switch v := p.value(a[3]).(type) {
	case types.StreamDict:
		table, err = p.decoded(v, 1<<16)
	case types.HexLiteral:
		table, err = v.Bytes()
	case types.StringLiteral:
		table, err = types.Unescape(string(v))
	default:
		return colourSpace{}, bad
	}
	if err != nil || len(table) < (high+1)*base.components {
		return colourSpace{}, bad
	}
	c := colourSpace{components: 1, icc: base.icc, calibrated: base.calibrated}
	for i := 0; i <= high; i++ {
		if base.components == 1 {
			c.palette = append(c.palette, table[i], table[i], table[i])
			c.icc = nil // a grey profile fits no palette of colours
		} else {
			c.palette = append(c.palette, table[3*i:3*i+3]...)
		}
	}
	return c, nil
}

// profileFits checks an ICC profile's header (ICC.1, 7.2): signature and the
// number of colours of its data colour space.
func profileFits(b []byte, components int) bool {
	if len(b) < 132 || string(b[36:40]) != "acsp" {
		return false
	}
	switch string(b[16:20]) {
	case "GRAY":
		return components == 1
	case "RGB ":
		return components == 3
	case "CMYK":
		return components == 4
	}
	return false
}

// decodeKind tells a Decode array: the identity, each sample inverted, or
// something else (8.9.5.2). top is the largest value of the identity.
type decodeKind int

const (
	decodePlain decodeKind = iota
	decodeInverted
	decodeOther
)

func (p *pdfPage) decodeArray(o types.Object, components int, top float64) decodeKind {
	d := p.numbers(o)
	if d == nil {
		return decodePlain
	}
	if len(d) < 2*components {
		return decodeOther
	}
	plain, inverted := true, true
	for i := range components {
		plain = plain && d[2*i] == 0 && d[2*i+1] == top
		inverted = inverted && d[2*i] == top && d[2*i+1] == 0
	}
	switch {
	case plain:
		return decodePlain
	case inverted:
		return decodeInverted
	}
	return decodeOther
}
