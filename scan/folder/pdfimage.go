package folder

import (
	"bytes"
	"fmt"
	"io"
	"os"

	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"

	"recto/scan"
)

// maxSamples is the largest image, in bytes of samples, that is written anew.
const maxSamples = 4 << 30

// imageWriter writes the image of a page to a file, changing nothing about its
// samples, and fills in e.
type imageWriter struct {
	page   *pdfPage
	place  placement
	out    string // path of the file, without its extension
	e      *Extracted
	bitmap func(width, height int) (*decoded, error) // PDFium's decoder
}

func (w *imageWriter) note(s string) {
	if w.e.Note != "" {
		w.e.Note += "; "
	}
	w.e.Note += s
}

func (w *imageWriter) write(sd types.StreamDict) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = fmt.Errorf("the image's objects: %v: %w", v, scan.ErrDamaged)
		}
	}()
	d := sd.Dict
	if hasMask(d) {
		return errNotOneImage("the image has a mask")
	}
	data, filter, parms, err := w.page.open(sd)
	if err != nil {
		return err
	}
	switch filter {
	case "DCTDecode", "DCT":
		return w.jpeg(d, data, parms)
	case "JPXDecode":
		return w.jpx(d, data)
	}
	c, err := w.page.colour(w.named(d["ColorSpace"]), 0)
	if err != nil {
		return err
	}
	t := newTIFF{
		width: w.place.width, height: w.place.height, bits: w.page.whole(d["BitsPerComponent"], 1), channels: c.components,
		compression: 8, dpiX: believable(w.place.dpiX), dpiY: believable(w.place.dpiY), orientation: w.e.Orientation,
		palette: c.palette, icc: c.icc,
	}
	if c.calibrated {
		w.note("the PDF's colour calibration was left out")
	}
	fax := filter != ""
	if fax {
		t.bits = 1
	}
	if err := w.meaning(&t, d["Decode"]); err != nil {
		return err
	}
	if fax {
		return w.bilevel(&t, data, filter, parms)
	}
	return w.samples(&t, data)
}

// named looks up a colour space that the page's resources have a name for.
func (w *imageWriter) named(o types.Object) types.Object {
	if n := w.page.name(o); n != "" {
		if r, ok := w.page.dict(w.page.resources["ColorSpace"])[n]; ok {
			return r
		}
	}
	return o
}

// meaning sets the photometric interpretation: what the samples stand for.
func (w *imageWriter) meaning(t *newTIFF, decode types.Object) error {
	switch t.bits {
	case 1, 2, 4, 8, 16:
	default:
		return errNotOneImage(fmt.Sprintf("the image has samples of %d bits", t.bits))
	}
	top := 1.0
	if t.palette != nil {
		top = float64(int(1)<<t.bits - 1)
	}
	kind := w.page.decodeArray(decode, t.channels, top)
	switch {
	case kind == decodeOther, kind == decodeInverted && (t.channels != 1 || t.palette != nil):
		return errNotOneImage("the image's samples are remapped")
	case t.channels == 4:
		return errNotOneImage("the image is in CMYK without being a JPEG")
	case t.palette != nil && t.bits > 8:
		return errNotOneImage("the image has an unusable palette")
	case t.palette != nil && t.bits == 1 && len(t.palette) == 6 && string(t.palette) == "\x00\x00\x00\xff\xff\xff":
		t.palette, t.photometric = nil, 1
	case t.palette != nil && t.bits == 1 && len(t.palette) == 6 && string(t.palette) == "\xff\xff\xff\x00\x00\x00":
		t.palette, t.photometric = nil, 0
	case t.palette != nil:
		t.palette = t.palette[:min(len(t.palette), 3<<t.bits)]
		t.photometric = 3
	case t.channels == 3:
		t.photometric = 2
	case kind == decodeInverted:
		t.photometric = 0
	default:
		t.photometric = 1
	}
	return nil
}

func (w *imageWriter) done(format scan.Format, path string) { w.e.File, w.e.Format = path, format }

// samples writes plain samples.
func (w *imageWriter) samples(t *newTIFF, data io.Reader) error {
	row := (int64(t.width)*int64(t.channels)*int64(t.bits) + 7) / 8
	if row > maxRowBytes || row > maxSamples/int64(t.height) {
		return fmt.Errorf("an image of %d x %d pixels: %w", t.width, t.height, scan.ErrTooLarge)
	}
	path := w.out + scan.TIFF.Extension()
	err := t.write(path, func(to io.Writer) error {
		n, err := io.CopyN(to, data, row*int64(t.height))
		if err == io.EOF {
			return fmt.Errorf("the image's data ends after %d of %d bytes: %w", n, row*int64(t.height), scan.ErrTruncated)
		}
		return err
	})
	if err == nil {
		w.done(scan.TIFF, path)
	}
	return err
}

// bilevel writes fax data (T.4, T.6) as it is where TIFF has the same coding, and
// has PDFium decode it otherwise; JBIG2 always.
func (w *imageWriter) bilevel(t *newTIFF, data io.Reader, filter string, parms types.Dict) error {
	path := w.out + scan.TIFF.Extension()
	p := w.page
	if filter != "JBIG2Decode" && t.photometric <= 1 {
		b, err := io.ReadAll(io.LimitReader(data, maxSamples))
		if err != nil {
			return err
		}
		k, aligned := p.whole(parms["K"], 0), p.boolean(parms["EncodedByteAlign"], false)
		ends := startsWithEOL(b)
		same := p.whole(parms["Columns"], 1728) == t.width && len(b) > 0
		switch {
		case k < 0 && !aligned:
			t.compression = 4
		case k > 0 && ends:
			t.compression, t.t4Options = 3, 1
		case k == 0 && ends:
			t.compression = 3
		case k == 0 && aligned:
			t.compression = 2 // modified Huffman: rows begin on a byte and have no end
		default:
			same = false
		}
		if aligned {
			t.t4Options |= 4 // fill bits before each end of line
		}
		if same {
			// The filter gives 0 for black unless BlackIs1; TIFF's fax codings
			// count black as 1. So the meaning turns round.
			if !p.boolean(parms["BlackIs1"], false) {
				t.photometric = 1 - t.photometric
			}
			if err := t.write(path, func(to io.Writer) error { _, err := to.Write(b); return err }); err != nil {
				return err
			}
			w.done(scan.TIFF, path)
			return nil
		}
		t.t4Options = 0
	}
	if int64(t.width)*int64(t.height) > maxDecoded {
		return fmt.Errorf("an image of %d x %d pixels: %w", t.width, t.height, scan.ErrTooLarge)
	}
	bitmap, err := w.bitmap(t.width, t.height)
	if err != nil {
		return err
	}
	defer bitmap.release()
	// What PDFium gives is what shows, Decode and palette included.
	t.compression, t.photometric, t.palette, t.icc = 8, 1, nil, nil
	if err := t.write(path, bitmap.packBits); err != nil {
		return err
	}
	w.done(scan.TIFF, path)
	return nil
}

// startsWithEOL tells whether fax data has the code that ends a line, eleven
// zeros or more and a one, at its start (T.4, 4.1.2).
func startsWithEOL(b []byte) bool {
	zeros := 0
	for _, c := range b[:min(len(b), 64)] {
		for bit := 7; bit >= 0; bit-- {
			if c>>bit&1 == 1 {
				return zeros >= 11
			}
			zeros++
		}
	}
	return false
}

// jpeg writes a JPEG as it is, if a reader that knows nothing of the PDF sees
// the same in it.
func (w *imageWriter) jpeg(d types.Dict, data io.Reader, parms types.Dict) error {
	path := w.out + scan.JPEG.Extension()
	if err := copyTo(path, data); err != nil {
		return err
	}
	if err := w.checkJPEG(d, parms, path); err != nil {
		os.Remove(path)
		return err
	}
	w.done(scan.JPEG, path)
	return nil
}

func (w *imageWriter) checkJPEG(d, parms types.Dict, path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	size, err := f.Seek(0, io.SeekEnd)
	if err != nil {
		return err
	}
	if !bytes.HasPrefix(head(f, 3), []byte("\xff\xd8\xff")) {
		return errNotOneImage("the image's data is no JPEG")
	}
	info := readJPEG(f, size)
	if info.pixels.X == 0 || info.pixels.Y == 0 {
		return errNotOneImage("the JPEG does not say its size")
	}
	p := w.page
	components := info.components
	if o := d["ColorSpace"]; o != nil {
		c, err := p.colour(w.named(o), 0)
		if err != nil {
			return err
		}
		if c.palette != nil || c.components != info.components {
			return errNotOneImage("the JPEG's colours are not the image's")
		}
		if c.icc != nil && !info.icc {
			w.note("the PDF's ICC profile is not in the JPEG")
		} else if c.calibrated {
			w.note("the PDF's colour calibration was left out")
		}
	}
	decode := p.decodeArray(d["Decode"], components, 1)
	// Without an Adobe segment the PDF's ColorTransform decides, by default yes
	// for three colours (table 13); readers of plain JPEGs go by JFIF and the
	// component names.
	transform := p.whole(parms["ColorTransform"], 1) != 0
	same := true
	switch components {
	case 1:
		same = decode == decodePlain
	case 3:
		same = decode == decodePlain && (info.adobe || transform != (info.rgb && !info.jfif))
	case 4: // Adobe's JPEGs hold inverted CMYK, which a PDF has to say and readers know
		same = info.adobe == (decode == decodeInverted) && decode != decodeOther
	default:
		same = false
	}
	if !same {
		return errNotOneImage("the JPEG means other colours in the PDF than alone")
	}
	return nil
}

// jpx writes a JPEG 2000 file as it is.
func (w *imageWriter) jpx(d types.Dict, data io.Reader) error {
	p := w.page
	if o := d["ColorSpace"]; o != nil { // it replaces the file's own, 7.4.9
		c, err := p.colour(w.named(o), 0)
		if err != nil {
			return err
		}
		if c.palette != nil || c.components == 4 {
			return errNotOneImage("the JPEG 2000 means other colours in the PDF than alone")
		}
		if c.icc != nil {
			w.note("the PDF's ICC profile is not in the JPEG 2000")
		}
	}
	path := w.out + scan.JP2.Extension()
	if err := copyTo(path, data); err != nil {
		return err
	}
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	size, err := f.Seek(0, io.SeekEnd)
	if err != nil {
		return err
	}
	h := readHeader(scan.JP2, f, size)
	if sniff(head(f, sniffLen)).format != scan.JP2 || h.pixels.X == 0 {
		os.Remove(path)
		return errNotOneImage("the image's data is no JPEG 2000")
	}
	w.done(scan.JP2, path)
	return nil
}

func copyTo(path string, data io.Reader) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	_, err = io.Copy(f, io.LimitReader(data, maxSamples))
	if c := f.Close(); err == nil {
		err = c
	}
	if err != nil {
		os.Remove(path)
	}
	return err
}
