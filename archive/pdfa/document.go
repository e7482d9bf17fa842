package pdfa

import (
	"bufio"
	"bytes"
	"cmp"
	"compress/zlib"
	"context"
	"crypto/sha256"
	"fmt"
	"image"
	"io"
	"math"

	"github.com/google/uuid"
	"github.com/pdfcpu/pdfcpu/pkg/api"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/model"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"

	"recto/assets/icc"
	"recto/scan"
)

// pdfcpu would otherwise make a folder of its own in the user's home.
func init() { api.DisableConfigDir() }

// document is a PDF in the making. Objects are numbered in the order in which
// they are made and written in that order; a stream refers only to objects before
// it. Both together make the file the same every time, because pdfcpu follows the
// references of a stream in the random order of a Go map, and finds them written.
type document struct {
	facts   facts
	mode    int // text rendering mode
	ctx     *model.Context
	spool   *spool
	streams map[int]stretch              // by object number
	same    map[string]types.IndirectRef // streams by dictionary and digest
	pages   types.IndirectRef            // the page tree, one flat node
	font    *types.IndirectRef           // made by the first page with words
	kids    types.Array
	labels  []string
	chars   charset
	result  Result
}

func newDocument(m Meta, tmp string, mode int) (*document, error) {
	table, err := pdfcpu.CreateXRefTableWithRootDict()
	if err != nil {
		return nil, fmt.Errorf("pdfcpu: %w", err)
	}
	conf := model.NewDefaultConfiguration()
	conf.WriteObjectStream = false
	conf.WriteXRefStream = false
	conf.ValidationMode = model.ValidationStrict
	s, err := newSpool(tmp)
	if err != nil {
		return nil, err
	}
	d := &document{
		facts:   newFacts(m),
		mode:    mode,
		ctx:     pdfcpu.CreateContext(table, conf),
		spool:   s,
		streams: map[int]stretch{},
		same:    map[string]types.IndirectRef{},
	}
	d.pages, err = d.object(types.Dict{"Type": types.Name("Pages")})
	return d, err
}

func (d *document) object(o types.Object) (types.IndirectRef, error) {
	ref, err := d.ctx.IndRefForNewObject(o)
	if err != nil {
		return types.IndirectRef{}, fmt.Errorf("pdfcpu: %w", err)
	}
	return *ref, nil
}

// shared makes a stream object of what was spooled last, or finds the one that
// has the same dictionary and bytes.
func (d *document) shared(dict types.Dict, s stretch) (types.IndirectRef, error) {
	key := dict.PDFString() + s.digest
	if ref, ok := d.same[key]; ok {
		d.spool.drop(s)
		return ref, nil
	}
	dict["Length"] = types.Integer(s.length)
	sd := types.StreamDict{Dict: dict, StreamLength: &s.length}
	if name, ok := dict["Filter"].(types.Name); ok {
		parms, _ := dict["DecodeParms"].(types.Dict)
		sd.FilterPipeline = []types.PDFFilter{{Name: string(name), DecodeParms: parms}}
	}
	ref, err := d.object(sd)
	if err != nil {
		return ref, err
	}
	d.streams[ref.ObjectNumber.Value()] = s
	d.same[key] = ref
	return ref, nil
}

// flate makes a compressed stream object.
func (d *document) flate(ctx context.Context, dict types.Dict, content []byte) (types.IndirectRef, error) {
	var b bytes.Buffer
	w := zlib.NewWriter(&b)
	w.Write(content) // a bytes.Buffer takes everything
	w.Close()
	s, err := d.spool.add(ctx, &b)
	if err != nil {
		return types.IndirectRef{}, err
	}
	dict["Filter"] = types.Name("FlateDecode")
	return d.shared(dict, s)
}

// profile makes an ICC profile stream.
func (d *document) profile(ctx context.Context, profile []byte, n int) (types.IndirectRef, error) {
	return d.flate(ctx, types.Dict{"N": types.Integer(n)}, profile)
}

func (d *document) note(format string, args ...any) {
	d.result.Notes = append(d.result.Notes, fmt.Sprintf("Page %d: ", d.result.Pages+1)+fmt.Sprintf(format, args...)+".")
}

// Page sides in points that ISO 19005-2 allows (6.1.13).
const (
	shortest = 3
	tallest  = 14400
)

// add puts a leaf behind those that are there.
func (d *document) add(ctx context.Context, leaf *Leaf) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if leaf.Rendition == nil {
		p, err := placeholder(leaf)
		if err != nil {
			return err
		}
		leaf = p
	}
	scale, err := d.scale(leaf)
	if err != nil {
		return err
	}
	picture, err := d.image(ctx, leaf)
	if err != nil {
		return err
	}
	width, height := side(float64(leaf.Frame.X)*scale), side(float64(leaf.Frame.Y)*scale)

	l := layer{chars: &d.chars, frame: leaf.Frame, scale: scale, height: height}
	l.image(leaf.Rendition.Size, leaf.Map)
	resources := types.Dict{"XObject": types.Dict{"Im0": picture}}
	before := l.out.Len()
	if leaf.Text != nil {
		l.text(leaf.Text, d.foreign(leaf.Language), d.mode)
	}
	if l.out.Len() > before {
		if d.font == nil { // its objects are made last, when all letters are known
			ref, err := d.object(types.Dict{})
			if err != nil {
				return err
			}
			d.font = &ref
		}
		resources["Font"] = types.Dict{"F0": *d.font}
	}
	content, err := d.flate(ctx, types.Dict{}, l.out.Bytes())
	if err != nil {
		return err
	}
	page, err := d.object(types.Dict{
		"Type":      types.Name("Page"),
		"Parent":    d.pages,
		"MediaBox":  types.Array{types.Integer(0), types.Integer(0), types.Float(width), types.Float(height)},
		"Resources": resources,
		"Contents":  content,
	})
	if err != nil {
		return err
	}
	d.kids = append(d.kids, page)
	d.labels = append(d.labels, leaf.Label)
	d.result.Pages++
	return nil
}

// foreign gives the tag of a language where it is not the document's.
func (d *document) foreign(language string) string {
	if language = tag(language); language == d.facts.language {
		return ""
	}
	return language
}

// scale gives the points a pixel, less than true where the page would be larger
// than a PDF/A page may be.
func (d *document) scale(leaf *Leaf) (float64, error) {
	x, y := float64(leaf.Frame.X), float64(leaf.Frame.Y)
	m := leaf.Map
	sum := m.A + m.B + m.C + m.D + m.E + m.F
	switch {
	case leaf.Frame.X <= 0 || leaf.Frame.Y <= 0:
		return 0, fmt.Errorf("frame of %v pixels: %w", leaf.Frame, scan.ErrDamaged)
	case !(leaf.DPI > 0) || math.IsInf(leaf.DPI, 0):
		return 0, fmt.Errorf("%v dpi: %w", leaf.DPI, scan.ErrDamaged)
	case math.IsNaN(sum) || math.IsInf(sum, 0):
		return 0, fmt.Errorf("map %v: %w", m, scan.ErrDamaged)
	}
	if t := leaf.Text; t != nil && t.Size != (image.Point{}) && !near(t.Size, leaf.Frame) {
		return 0, fmt.Errorf("the text is of a page of %v pixels, the page has %v: %w", t.Size, leaf.Frame, scan.ErrDamaged)
	}
	s := 72 / leaf.DPI
	if long := max(x, y); long*s > tallest {
		s = tallest / long
		d.note("it would be %.1f by %.1f inches and is shown smaller, as large as a PDF/A page may be", x/leaf.DPI, y/leaf.DPI)
	}
	return s, nil
}

// near tells whether two sizes differ by no more than rounding can explain.
func near(a, b image.Point) bool {
	p := a.Sub(b)
	return max(p.X, -p.X, p.Y, -p.Y) <= 2
}

// side is the length of a page's side: two decimals, within the limits.
func side(points float64) float64 {
	return min(max(math.Round(points*100)/100, shortest), tallest)
}

// image draws the image of size stored, whose pixels m maps into the frame. The
// unit square of a PDF image has y up; stored pixels and frame have it down.
func (l *layer) image(stored image.Point, m scan.Affine) {
	w, h, s := float64(stored.X), float64(stored.Y), l.scale
	fmt.Fprintf(&l.out, "q\n%s %s %s %s %s %s cm\n/Im0 Do\nQ\n",
		number(s*m.A*w, 5), number(-s*m.D*w, 5),
		number(-s*m.B*h, 5), number(s*m.E*h, 5),
		number(s*(m.B*h+m.C), 5), number(l.height-s*(m.E*h+m.F), 5))
}

// finish makes everything that hangs on the catalogue, gives the streams their
// bytes and has pdfcpu validate the whole.
func (d *document) finish(ctx context.Context) error {
	intent, err := d.profile(ctx, icc.SRGB(), 3)
	if err != nil {
		return err
	}
	if err := d.finishFont(ctx); err != nil {
		return err
	}
	pages, err := d.ctx.DereferenceDict(d.pages)
	if err != nil {
		return fmt.Errorf("pdfcpu: %w", err)
	}
	pages["Count"] = types.Integer(len(d.kids))
	pages["Kids"] = d.kids
	info, err := d.object(d.facts.info())
	if err != nil {
		return err
	}
	d.ctx.Info = &info

	root, err := d.ctx.Catalog()
	if err != nil {
		return fmt.Errorf("pdfcpu: %w", err)
	}
	root["Pages"] = d.pages
	root["PageLabels"] = types.Dict{"Nums": labels(d.labels)}
	root["ViewerPreferences"] = types.Dict{"DisplayDocTitle": types.Boolean(true)}
	root["OutputIntents"] = types.Array{types.Dict{
		"Type":                      types.Name("OutputIntent"),
		"S":                         types.Name("GTS_PDFA1"),
		"OutputConditionIdentifier": types.StringLiteral(icc.Name),
		"Info":                      types.StringLiteral(icc.Name),
		"DestOutputProfile":         intent,
	}}
	if d.facts.language != "" {
		root["Lang"] = types.StringLiteral(d.facts.language)
	}

	digest := d.digest()
	first := sha256.Sum256([]byte("recto document " + cmp.Or(d.facts.identifier, string(digest))))
	d.ctx.ID = types.Array{types.NewHexLiteral(first[:16]), types.NewHexLiteral(digest[:16])}
	instance := "uuid:" + uuid.NewSHA1(uuid.NameSpaceURL, digest).String()
	s, err := d.spool.add(ctx, bytes.NewReader(d.facts.xmp(instance)))
	if err != nil {
		return err
	}
	packet, err := d.shared(types.Dict{"Type": types.Name("Metadata"), "Subtype": types.Name("XML")}, s)
	if err != nil {
		return err
	}
	root["Metadata"] = packet

	for n, s := range d.streams {
		entry := d.ctx.Table[n]
		sd := entry.Object.(types.StreamDict)
		if sd.Raw, err = d.spool.bytes(s); err != nil {
			return err
		}
		entry.Object = sd
	}
	if err := api.ValidateContext(d.ctx); err != nil {
		return fmt.Errorf("pdfcpu finds the document invalid: %w", err)
	}
	return nil
}

// digest stands for all that is in the document: it makes the file's identifier.
func (d *document) digest() []byte {
	h := sha256.New()
	for n := 1; n < *d.ctx.Size; n++ {
		o := d.ctx.Table[n].Object
		fmt.Fprintf(h, "%d %s %s\n", n, o.PDFString(), d.streams[n].digest)
	}
	h.Write(d.facts.xmp(""))
	return h.Sum(nil)
}

// finishFont makes the objects of the layer's font (ISO 32000-1, 9.7).
func (d *document) finishFont(ctx context.Context) error {
	if d.font == nil {
		return nil
	}
	program := trueType()
	file, err := d.flate(ctx, types.Dict{"Length1": types.Integer(len(program))}, program)
	if err != nil {
		return err
	}
	glyphs, err := d.flate(ctx, types.Dict{}, d.chars.toGlyph())
	if err != nil {
		return err
	}
	unicode, err := d.flate(ctx, types.Dict{}, d.chars.toUnicode())
	if err != nil {
		return err
	}
	descriptor, err := d.object(types.Dict{
		"Type":        types.Name("FontDescriptor"),
		"FontName":    types.Name(fontName),
		"Flags":       types.Integer(1 | 4), // fixed pitch, symbolic
		"FontBBox":    types.Array{types.Integer(0), types.Integer(descent), types.Integer(advance), types.Integer(ascent)},
		"ItalicAngle": types.Integer(0),
		"Ascent":      types.Integer(ascent),
		"Descent":     types.Integer(descent),
		"CapHeight":   types.Integer(ascent),
		"StemV":       types.Integer(80),
		"FontFile2":   file,
	})
	if err != nil {
		return err
	}
	cid, err := d.object(types.Dict{
		"Type":     types.Name("Font"),
		"Subtype":  types.Name("CIDFontType2"),
		"BaseFont": types.Name(fontName),
		"CIDSystemInfo": types.Dict{
			"Registry": types.StringLiteral("Adobe"), "Ordering": types.StringLiteral("Identity"), "Supplement": types.Integer(0),
		},
		"FontDescriptor": descriptor,
		"DW":             types.Integer(advance), // every glyph's, so there is no W
		"CIDToGIDMap":    glyphs,
	})
	if err != nil {
		return err
	}
	font, err := d.ctx.DereferenceDict(*d.font)
	if err != nil {
		return fmt.Errorf("pdfcpu: %w", err)
	}
	font["Type"] = types.Name("Font")
	font["Subtype"] = types.Name("Type0")
	font["BaseFont"] = types.Name(fontName)
	font["Encoding"] = types.Name("Identity-H")
	font["DescendantFonts"] = types.Array{cid}
	font["ToUnicode"] = unicode
	return nil
}

// serialise writes the file. pdfcpu's WriteContext would stamp the clock into Info
// and follow references in map order; its writer of increments does neither, so
// the whole file is written as one increment to nothing but the header.
func (d *document) serialise(w io.Writer) error {
	out := bufio.NewWriterSize(&lightening{w: w, spool: d.spool}, 1<<16)
	d.ctx.Write.Writer = out
	n, err := out.WriteString("%PDF-1.7\n%\xE2\xE3\xCF\xD3\n") // four bytes above 127: a binary file (ISO 19005-2, 6.1.2)
	if err != nil {
		return err
	}
	d.ctx.Write.Offset = int64(n)
	d.ctx.Write.ObjNrs = nil
	for n := 1; n < *d.ctx.Size; n++ {
		d.ctx.Write.ObjNrs = append(d.ctx.Write.ObjNrs, n)
	}
	if err := pdfcpu.WriteIncrement(d.ctx); err != nil {
		return fmt.Errorf("pdfcpu: %w", err)
	}
	return out.Flush()
}
