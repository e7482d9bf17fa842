package prepare

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"image"
	"strings"

	"recto/scan"
)

// Render makes the image of a master ready to be placed in a PDF/A-2. Wherever ISO
// 32000-1 can show the master's own bytes they are left untouched and only pointed
// at. Everything else is encoded without loss into the file `into`: pages of one bit
// as G4, the rest as rows with PNG predictors. What a PDF/A cannot hold, such as
// transparency or CMYK without its profile, is converted, and the note says so.
//
// p is what Decode gives for the master; it may be nil, and is then decoded only if
// its pixels are needed. Size and order of the pixels are those stored, before any
// orientation. `into` appears whole or not at all. Errors wrap the sentinels of
// package scan.
func Render(master string, p *Picture, into string, l Limits) (scan.Rendition, error) {
	s, close, err := open(master)
	if err != nil {
		return scan.Rendition{}, fmt.Errorf("render: %w", err)
	}
	defer close()
	s.limits = l
	o := inspect(s)

	r := o.place
	if r != nil && p != nil && r.Size != p.Size() {
		r = nil // the decoder and the header disagree: what was seen is what is kept
	}
	if r != nil && p == nil && o.whole != nil && !o.whole() {
		r = nil
	}
	if r != nil {
		r.Master = true
	} else if r, err = o.encode(master, p, into, l); err != nil {
		return scan.Rendition{}, err
	}
	h := header{}
	if p != nil {
		h = p.header
	} else if h, err = parseHeader(s); err != nil {
		return scan.Rendition{}, fmt.Errorf("render: %w", err)
	}
	if square := h.density.Square(r.Size); square != r.Size {
		r.Square = square
	}
	r.ICC, r.Note = o.profile(r), strings.Join(o.notes, "; ")
	return *r, nil
}

// original is what a master's own bytes tell before a pixel of it is decoded.
type original struct {
	place *scan.Rendition         // pointing into the master; nil where a PDF cannot show it as it lies
	whole func() bool             // looks through the data, needless after decoding; may be nil
	deep  func() (*raster, error) // reads it with 16 bits a sample; nil where there are fewer
	icc   []byte                  // the profile as it was found, not yet checked
	notes []string
}

func (o *original) note(format string, args ...any) {
	o.notes = append(o.notes, fmt.Sprintf(format, args...))
}

// inspect reads the headers of a master. Damage is no error here: such a master
// cannot be placed, and decoding it tells what is wrong.
func inspect(s *source) *original {
	o := &original{}
	magic := s.bytes(0, min(12, s.size))
	has := func(m string) bool { return bytes.HasPrefix(magic, []byte(m)) }
	switch {
	case has("\xFF\xD8\xFF"):
		inspectJPEG(s, o)
	case has(pngMagic):
		inspectPNG(s, o)
	case has("II*\x00"), has("MM\x00*"), has("II+\x00"), has("MM\x00+"):
		inspectTIFF(s, o)
	case has(jp2Magic):
		inspectJP2(s, o)
	case has("P5"), has("P6"), has("P7"):
		inspectPNM(s, o)
	}
	return o
}

// maxProfile is the longest colour profile that is kept. Those of scanners have
// some kilobytes, tables of printers that no scan carries more than a megabyte.
const maxProfile = 1 << 20

// profile gives the master's colour profile where it fits the rendition.
func (o *original) profile(r *scan.Rendition) []byte {
	if len(o.icc) == 0 || r.Filter == "JPXDecode" {
		return nil
	}
	colours := r.Colours
	if r.Palette != nil {
		colours = 3
	}
	if err := checkProfile(o.icc, colours); err != nil {
		o.note("colour profile left out: %v", err)
		return nil
	}
	return o.icc
}

// checkProfile looks whether an ICC profile (ICC.1:2010, 7.2) may stand for an image
// of so many colours in a PDF/A-2 (ISO 19005-2, 6.2.4.2).
func checkProfile(icc []byte, colours int) error {
	if len(icc) < 132 || int64(binary.BigEndian.Uint32(icc)) != int64(len(icc)) || string(icc[36:40]) != "acsp" {
		return fmt.Errorf("it is damaged")
	}
	if icc[8] > 4 {
		return fmt.Errorf("its version is %d", icc[8])
	}
	switch class := string(icc[12:16]); class {
	case "scnr", "mntr", "prtr", "spac":
	default:
		return fmt.Errorf("its class is %q", class)
	}
	space := string(icc[16:20])
	if want := map[int]string{1: "GRAY", 3: "RGB "}[colours]; space != want {
		return fmt.Errorf("it is for %q and the image has %d colours", strings.TrimSpace(space), colours)
	}
	return nil
}

// encode makes a rendition from the pixels.
func (o *original) encode(master string, p *Picture, into string, l Limits) (*scan.Rendition, error) {
	if o.deep != nil {
		if r, err := o.deep(); err == nil {
			return r.flate(into)
		} // the picture may still be there, at 8 bits
	}
	if p == nil {
		var err error
		if p, err = Decode(master, l); err != nil {
			return nil, err
		}
		defer p.Close()
	}
	switch h := p.header; {
	case h.alpha:
		o.note("transparency laid over white")
	case h.tiff.photometric == photoCMYK, h.samples == 4 && h.format != scan.TIFF:
		o.note("CMYK converted to RGB")
	}
	if p.header.bits > 8 {
		o.note("%d bit reduced to 8", p.header.bits)
	}
	return p.encode(o.icc, into)
}

func point(w, h int64) image.Point { return image.Pt(int(w), int(h)) }
