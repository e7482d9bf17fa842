package scan

import "image"

// Span is a run of bytes in a file.
type Span struct {
	Offset int64 `json:"offset"`
	Length int64 `json:"length"`
}

// Rendition is an image ready to be placed in a PDF: encoded bytes that lie in a
// file - the master itself wherever the format allows, so that nothing is encoded
// twice - with everything that a PDF image dictionary needs (ISO 32000-1, 8.9.5).
// Size and orientation are those of the stored pixels; their shape and the recipe
// are applied by the page's matrix, never to the bytes.
type Rendition struct {
	Master  bool        `json:"master"` // the spans are in the master; otherwise in File
	File    string      `json:"file,omitempty"`
	SHA256  string      `json:"sha256,omitempty"` // of File
	Spans   []Span      `json:"spans"`            // concatenated, the stream of the image
	Filter  string      `json:"filter"`           // "DCTDecode", "FlateDecode", "CCITTFaxDecode", "JPXDecode"
	Size    image.Point `json:"size"`
	Square  image.Point `json:"square,omitzero"`   // of the picture once its pixels are square ([Density]); zero: Size
	Bits    int         `json:"bits"`              // BitsPerComponent; 0 for JPXDecode
	Colours int         `json:"colours"`           // components a pixel in the stream: 1, 3, 4
	Palette []byte      `json:"palette,omitempty"` // indexed colour: RGB triples
	ICC     []byte      `json:"icc,omitempty"`     // profile that fits Colours, checked; nil means device grey or sRGB
	// Predictor of FlateDecode (ISO 32000-1, table 10): 15 for PNG rows, 1 for none.
	Predictor int `json:"predictor,omitempty"`
	// BlackIs1 and K belong to CCITTFaxDecode (table 11); Inverted asks for Decode [1 0 ...].
	BlackIs1 bool `json:"black_is_1,omitempty"`
	K        int  `json:"k,omitempty"`
	Inverted bool `json:"inverted,omitempty"`
	// Note says what was lost or converted, if anything: "16 bit reduced to 8".
	Note string `json:"note,omitempty"`
}

// Frame is [Frame] for the rendition's pixels, whatever their shape.
func (r *Rendition) Frame(o Orientation, recipe Recipe) (image.Point, Affine) {
	if r.Square == (image.Point{}) {
		return Frame(r.Size, o, recipe)
	}
	size, m := Frame(r.Square, o, recipe)
	stretch := Affine{A: float64(r.Square.X) / float64(r.Size.X), E: float64(r.Square.Y) / float64(r.Size.Y)}
	return size, stretch.Then(m)
}
