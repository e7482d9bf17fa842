package pdfa

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"

	"recto/scan"
)

// open gives the stream of a rendition, span after span.
func open(leaf *Leaf) (io.Reader, io.Closer, error) {
	if leaf.Open == nil {
		return nil, nil, fmt.Errorf("image: no file to read it from: %w", scan.ErrUnreadable)
	}
	var total int64
	for _, s := range leaf.Rendition.Spans {
		if s.Offset < 0 || s.Length < 0 || s.Offset+s.Length < 0 {
			return nil, nil, fmt.Errorf("image: span of %d bytes at %d: %w", s.Length, s.Offset, scan.ErrDamaged)
		}
		total += s.Length
	}
	if total <= 0 {
		return nil, nil, fmt.Errorf("image: no bytes: %w", scan.ErrEmpty)
	}
	at, c, err := leaf.Open()
	if err != nil {
		return nil, nil, fmt.Errorf("image: %w", err)
	}
	parts := make([]io.Reader, len(leaf.Rendition.Spans))
	for i, s := range leaf.Rendition.Spans {
		parts[i] = io.NewSectionReader(at, s.Offset, s.Length)
	}
	return &whole{r: io.MultiReader(parts...), left: total}, c, nil
}

// whole reads exactly the bytes that were promised: a file that has become
// shorter is an error and not a shorter image.
type whole struct {
	r    io.Reader
	left int64
}

func (w *whole) Read(p []byte) (int, error) {
	n, err := w.r.Read(p)
	w.left -= int64(n)
	if err == io.EOF && w.left > 0 {
		err = fmt.Errorf("image: %d bytes are missing: %w", w.left, scan.ErrTruncated)
	}
	return n, err
}

// image puts the leaf's image into the spool and gives its object; an image with
// the same bytes and the same dictionary as an earlier one is that one.
func (d *document) image(ctx context.Context, leaf *Leaf) (ref types.IndirectRef, err error) {
	dict, err := d.imageDict(ctx, leaf.Rendition)
	if err != nil {
		return ref, err
	}
	r, c, err := open(leaf)
	if err != nil {
		return ref, err
	}
	defer func() {
		if c != nil {
			err = errors.Join(err, c.Close())
		}
	}()
	head := bufio.NewReader(r)
	if err := begins(head, leaf.Rendition.Filter); err != nil {
		return ref, err
	}
	s, err := d.spool.add(ctx, head)
	if err != nil {
		return ref, err
	}
	d.result.Images = append(d.result.Images, s.digest)
	return d.shared(dict, s)
}

// begins looks whether the stream is what its filter says, where that is told by
// the first bytes. A bare JPEG 2000 codestream is no JPXDecode stream: PDF/A-2
// wants the colour boxes of the JP2 file (6.2.8.3).
func begins(r *bufio.Reader, filter string) error {
	magic := map[string]string{
		"DCTDecode": "\xFF\xD8\xFF",
		"JPXDecode": "\x00\x00\x00\x0CjP  \r\n\x87\n",
	}[filter]
	b, err := r.Peek(len(magic))
	if err != nil && err != io.EOF {
		return err
	}
	if string(b) != magic {
		return fmt.Errorf("image: the bytes are none for %s: %w", filter, scan.ErrDamaged)
	}
	return nil
}

// imageDict is the image dictionary (ISO 32000-1, 8.9.5) under the rules of
// PDF/A-2 (ISO 19005-2, 6.2.4 and 6.2.8), without Length.
func (d *document) imageDict(ctx context.Context, r *scan.Rendition) (types.Dict, error) {
	wrong := func(format string, args ...any) error {
		return fmt.Errorf("image: "+format+": %w", append(args, scan.ErrDamaged)...)
	}
	if r.Size.X <= 0 || r.Size.Y <= 0 {
		return nil, wrong("%v pixels", r.Size)
	}
	dict := types.Dict{
		"Type":    types.Name("XObject"),
		"Subtype": types.Name("Image"),
		"Width":   types.Integer(r.Size.X),
		"Height":  types.Integer(r.Size.Y),
		"Filter":  types.Name(r.Filter),
	}
	if r.Filter == "JPXDecode" { // the file itself says its colours and depth
		if r.Inverted || len(r.Palette) > 0 {
			return nil, fmt.Errorf("image: JPEG 2000 that needs inversion or a palette: %w", scan.ErrUnsupported)
		}
		return dict, nil
	}

	switch r.Filter {
	case "DCTDecode":
		if r.Bits != 8 {
			return nil, wrong("JPEG of %d bits", r.Bits)
		}
	case "CCITTFaxDecode":
		if r.Bits != 1 || r.Colours != 1 {
			return nil, wrong("fax of %d bits and %d colours", r.Bits, r.Colours)
		}
		dict["DecodeParms"] = types.Dict{
			"K":        types.Integer(r.K),
			"Columns":  types.Integer(r.Size.X),
			"Rows":     types.Integer(r.Size.Y),
			"BlackIs1": types.Boolean(r.BlackIs1),
		}
	case "FlateDecode":
		switch r.Bits {
		case 1, 2, 4, 8, 16:
		default:
			return nil, wrong("%d bits", r.Bits)
		}
		if r.Predictor > 1 {
			dict["DecodeParms"] = types.Dict{
				"Predictor":        types.Integer(r.Predictor),
				"Colors":           types.Integer(r.Colours),
				"BitsPerComponent": types.Integer(r.Bits),
				"Columns":          types.Integer(r.Size.X),
			}
		}
	default:
		return nil, fmt.Errorf("image: filter %q: %w", r.Filter, scan.ErrUnsupported)
	}
	dict["BitsPerComponent"] = types.Integer(r.Bits)

	space, err := d.space(ctx, r)
	if err != nil {
		return nil, err
	}
	dict["ColorSpace"] = space
	if r.Inverted {
		high := 1
		if len(r.Palette) > 0 {
			high = 1<<r.Bits - 1
		}
		var decode types.Array
		for range r.Colours {
			decode = append(decode, types.Integer(high), types.Integer(0))
		}
		dict["Decode"] = decode
	}
	return dict, nil
}

// space is the image's colour space. Device grey and RGB are allowed because the
// document has an RGB output intent (ISO 19005-2, 6.2.4.3); CMYK is not, unless
// it brings its profile.
func (d *document) space(ctx context.Context, r *scan.Rendition) (types.Object, error) {
	if n := len(r.Palette); n > 0 {
		if r.Colours != 1 || r.Bits > 8 || n%3 != 0 || n/3 > 1<<r.Bits {
			return nil, fmt.Errorf("image: palette of %d bytes for %d bits: %w", n, r.Bits, scan.ErrDamaged)
		}
		base, err := d.components(ctx, 3, r.ICC)
		if err != nil {
			return nil, err
		}
		return types.Array{types.Name("Indexed"), base, types.Integer(n/3 - 1), types.NewHexLiteral(r.Palette)}, nil
	}
	return d.components(ctx, r.Colours, r.ICC)
}

var deviceSpace = map[int]types.Name{1: "DeviceGray", 3: "DeviceRGB"}

// components is a colour space of n components: the profile's where it fits.
func (d *document) components(ctx context.Context, n int, profile []byte) (types.Object, error) {
	if profile != nil {
		err := fits(profile, n)
		if err == nil {
			ref, err := d.profile(ctx, profile, n)
			return types.Array{types.Name("ICCBased"), ref}, err
		}
		d.note("the colour profile was left out: %v", err)
	}
	space, ok := deviceSpace[n]
	if !ok {
		return nil, fmt.Errorf("image: %d colours without a profile: %w", n, scan.ErrUnsupported)
	}
	return space, nil
}

// fits checks what PDF/A-2 asks of an ICC profile (6.2.4.2): input, display,
// output or colour space class, a version up to 4, and as many channels as n.
func fits(profile []byte, n int) error {
	if len(profile) < 132 || string(profile[36:40]) != "acsp" || int64(binary.BigEndian.Uint32(profile)) > int64(len(profile)) {
		return errors.New("it is not an ICC profile")
	}
	if profile[8] > 4 {
		return fmt.Errorf("its version is %d", profile[8])
	}
	switch class := string(profile[12:16]); class {
	case "scnr", "mntr", "prtr", "spac":
	default:
		return fmt.Errorf("its class is %q", class)
	}
	if space := string(profile[16:20]); map[string]int{"GRAY": 1, "RGB ": 3, "Lab ": 3, "CMYK": 4}[space] != n {
		return fmt.Errorf("it is for %q and the image has %d colours", space, n)
	}
	return nil
}
