package prepare

import (
	"math/bits"

	"golang.org/x/image/tiff"

	"recto/scan"
)

// strip gives the one strip that holds the whole image, if it is so.
func (d *directory) strip() (scan.Span, bool) {
	if d.entries[tagStripOffsets].n != 1 || d.entries[tagStripCounts].n != 1 {
		return scan.Span{}, false
	}
	s := scan.Span{Offset: d.value(tagStripOffsets, 0), Length: d.value(tagStripCounts, 0)}
	return s, s.Offset > 0 && s.Length > 0 && s.Offset <= d.s.size && s.Length <= d.s.size-s.Offset
}

// inspectTIFF places the one strip of a TIFF where a PDF has the same coding: G4,
// JPEG, Deflate.
func inspectTIFF(s *source, o *original) {
	d := readTIFF(s)
	if d == nil {
		return
	}
	w, h := d.value(tagWidth, 0), d.value(tagHeight, 0)
	depth, samples := d.value(tagBits, 1), d.value(tagSamples, 1)
	photometric := d.value(tagPhotometric, -1)
	if icc := d.entries[tagICC]; icc.Length <= maxProfile {
		o.icc = s.bytes(icc.Offset, icc.Length)
	} else {
		o.note("colour profile left out: it has %d bytes", icc.Length)
	}
	if depth < 1 || depth > 16 || !s.sized(w, h, int(depth), int(min(samples, 4))) || samples != 1 && samples != 3 ||
		samples > 1 && d.value(tagPlanar, 1) != 1 ||
		d.value(tagFillOrder, 1) != 1 || d.value(tagSampleFormat, 1) != 1 ||
		d.tiled() || d.entries[tagExtraSamples].n > 0 {
		return
	}
	grey := samples == 1 && (photometric == whiteIsZero || photometric == blackIsZero)
	rgb := samples == 3 && photometric == photoRGB
	if depth == 16 && (grey || rgb) {
		o.deep = func() (*raster, error) { return s.deep(w, h, tiff.Decode) }
	}
	strip, ok := d.strip()
	if !ok {
		return
	}
	r := &scan.Rendition{Spans: []scan.Span{strip}, Size: point(w, h), Bits: int(depth), Colours: int(samples)}
	switch d.value(tagCompression, 1) {
	case 4: // the coder's black is TIFF's 1 (TIFF 6.0, section 11): white where black is zero
		if !grey || depth != 1 || d.value(tagT6Options, 0) != 0 {
			return
		}
		r.Filter, r.K, r.BlackIs1 = "CCITTFaxDecode", -1, photometric == blackIsZero
	case 7:
		r = d.jpeg(s, strip, photometric)
		if r == nil || r.Size != point(w, h) || int64(r.Colours) != samples {
			return
		}
	case 8, 32946:
		predictor := d.value(tagPredictor, 1)
		if !grey && !rgb || bits.OnesCount64(uint64(depth)) != 1 || depth > 16 ||
			predictor != 1 && (predictor != 2 || depth != 8) ||
			depth == 16 && !d.big() {
			return
		}
		if !inflates(s.section(strip), (w*depth*samples+7)/8, h, false) {
			return
		}
		r.Filter, r.Predictor, r.Inverted = "FlateDecode", int(predictor), photometric == whiteIsZero
	default:
		return
	}
	o.place = r
}

// Photometric interpretations.
const (
	whiteIsZero  = 0
	blackIsZero  = 1
	photoRGB     = 2
	photoPalette = 3
	photoCMYK    = 5
	photoYCbCr   = 6
)

// jpeg places a strip of JPEG (TIFF Technical Note 2). Its tables lie apart and are
// put before it without their end marker, the strip goes without its start marker.
func (d *directory) jpeg(s *source, strip scan.Span, photometric int64) *scan.Rendition {
	spans := []scan.Span{strip}
	if t := d.entries[tagJPEGTables]; t.Length > 4 && strip.Length > 2 {
		spans = []scan.Span{{Offset: t.Offset, Length: t.Length - 2}, {Offset: strip.Offset + 2, Length: strip.Length - 2}}
		if !s.has(t.Offset, "\xFF\xD8") || !s.has(t.Offset+t.Length-2, "\xFF\xD9") || !s.has(strip.Offset, "\xFF\xD8") {
			return nil
		}
	}
	h, err := readJPEG(s.section(spans...))
	if err != nil || !h.placeable() {
		return nil
	}
	// The TIFF's word on the colours must be what a PDF viewer takes without it.
	if len(h.ids) == 1 && photometric != blackIsZero || len(h.ids) == 3 && (photometric != photoYCbCr || h.adobe == 0) {
		return nil
	}
	return h.rendition(spans...)
}
