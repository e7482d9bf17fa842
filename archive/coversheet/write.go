package coversheet

import (
	"bufio"
	"bytes"
	"compress/zlib"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf16"

	"github.com/go-text/typesetting/font"
	"github.com/pdfcpu/pdfcpu/pkg/api"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/model"
	"github.com/pdfcpu/pdfcpu/pkg/pdfcpu/types"

	"recto/archive"
	letters "recto/assets/font"
)

// pdfcpu would otherwise make a folder of its own in the user's home.
func init() { api.DisableConfigDir() }

// Options of a PDF of cover sheets.
type Options struct {
	Paper string // "a4" or "letter"; empty is a4
}

// Papers are what Options.Paper takes.
var Papers = []string{"a4", "letter"}

// ErrPaper means a paper that is not among Papers, and ErrNoUnits that there was
// nothing to print: a PDF has at least one page.
var (
	ErrPaper   = errors.New("unknown paper")
	ErrNoUnits = errors.New("no units to print cover sheets for")
)

// paper is a sheet's size in points.
type paper struct{ width, height float64 }

func paperOf(name string) (paper, error) {
	switch name {
	case "", "a4":
		return paper{210 * mm, 297 * mm}, nil // ISO 216
	case "letter":
		return paper{8.5 * inch, 11 * inch}, nil // ANSI/ASME Y14.1
	}
	return paper{}, fmt.Errorf("%w %q: give a4 or letter", ErrPaper, name)
}

// Write gives a PDF with one page a unit, in their order. The same units give the
// same bytes. Nothing is written where a unit cannot have a sheet (ErrUnit). The notes
// tell which sheets do not show all as it is, a sentence each; their codes are right.
func Write(w io.Writer, units []archive.Unit, o Options) (notes []string, err error) {
	if len(units) == 0 {
		return nil, ErrNoUnits
	}
	d, err := newDocument(o)
	if err != nil {
		return nil, err
	}
	for _, u := range units {
		if err := d.add(u); err != nil {
			return nil, fmt.Errorf("cover sheet of %q: %w", u.Reference, err)
		}
	}
	if err := d.finish(); err != nil {
		return nil, fmt.Errorf("cover sheets: %w", err)
	}
	if len(d.numbered) > 0 {
		notes = append(notes, "Characters that the font of the sheets lacks are shown by their Unicode numbers, on the sheets of: "+some(d.numbered)+".")
	}
	if len(d.shortened) > 0 {
		notes = append(notes, "Text that does not fit is cut, on the sheets of: "+some(d.shortened)+"; the catalogue has all of it.")
	}
	return notes, d.serialise(w)
}

// some names a few of many.
func some(names []string) string {
	const few = 5
	out := make([]string, min(few, len(names)))
	for i := range out {
		out[i] = shortly(names[i])
	}
	if more := len(names) - few; more > 0 {
		return fmt.Sprintf("%s and %d more", strings.Join(out, ", "), more)
	}
	return strings.Join(out, ", ")
}

// document is a PDF in the making. Objects are numbered in the order in which they
// are made and written in that order, as in archive/pdfa.
type document struct {
	paper paper
	ctx   *model.Context
	hash  []byte // of all content so far
	pages types.IndirectRef
	fonts [2]types.IndirectRef
	kids  types.Array
	sans  *typeface
	bold  *typeface
	set   setter

	numbered, shortened []string // references of the sheets with characters as numbers, and with cut text
}

func newDocument(o Options) (*document, error) {
	p, err := paperOf(o.Paper)
	if err != nil {
		return nil, err
	}
	table, err := pdfcpu.CreateXRefTableWithRootDict()
	if err != nil {
		return nil, fmt.Errorf("pdfcpu: %w", err)
	}
	conf := model.NewDefaultConfiguration()
	conf.WriteObjectStream = false
	conf.WriteXRefStream = false
	conf.ValidationMode = model.ValidationStrict
	d := &document{paper: p, ctx: pdfcpu.CreateContext(table, conf)}
	if d.sans, err = newTypeface("F0", letters.SansName, letters.Sans); err != nil {
		return nil, err
	}
	if d.bold, err = newTypeface("F1", letters.BoldName, letters.Bold); err != nil {
		return nil, err
	}
	if d.pages, err = d.object(types.Dict{"Type": types.Name("Pages")}); err != nil {
		return nil, err
	}
	for i := range d.fonts { // filled when all letters are known
		if d.fonts[i], err = d.object(types.Dict{}); err != nil {
			return nil, err
		}
	}
	return d, nil
}

func (d *document) object(o types.Object) (types.IndirectRef, error) {
	ref, err := d.ctx.IndRefForNewObject(o)
	if err != nil {
		return types.IndirectRef{}, fmt.Errorf("pdfcpu: %w", err)
	}
	return *ref, nil
}

// flate makes a compressed stream object.
func (d *document) flate(dict types.Dict, content []byte) (types.IndirectRef, error) {
	var b bytes.Buffer
	w := zlib.NewWriter(&b)
	w.Write(content) // a bytes.Buffer takes everything
	w.Close()
	sum := sha256.Sum256(append(d.hash, content...))
	d.hash = sum[:]
	length := int64(b.Len())
	dict["Filter"] = types.Name("FlateDecode")
	dict["Length"] = types.Integer(length)
	return d.object(types.StreamDict{
		Dict: dict, StreamLength: &length, Raw: b.Bytes(), FilterPipeline: []types.PDFFilter{{Name: "FlateDecode"}},
	})
}

// add puts the sheet of a unit behind those that are there.
func (d *document) add(u archive.Unit) error {
	drawing, err := d.draw(u)
	if err != nil {
		return err
	}
	content, err := d.flate(types.Dict{}, drawing)
	if err != nil {
		return err
	}
	page, err := d.object(types.Dict{
		"Type":      types.Name("Page"),
		"Parent":    d.pages,
		"MediaBox":  types.Array{types.Integer(0), types.Integer(0), types.Float(d.paper.width), types.Float(d.paper.height)},
		"Resources": types.Dict{"Font": types.Dict{d.sans.key: d.fonts[0], d.bold.key: d.fonts[1]}},
		"Contents":  content,
	})
	d.kids = append(d.kids, page)
	return err
}

// finish makes what hangs on the catalogue, and has pdfcpu validate the whole.
func (d *document) finish() error {
	for i, t := range []*typeface{d.sans, d.bold} {
		if err := d.finishFont(d.fonts[i], t); err != nil {
			return err
		}
	}
	pages, err := d.ctx.DereferenceDict(d.pages)
	if err != nil {
		return fmt.Errorf("pdfcpu: %w", err)
	}
	pages["Count"] = types.Integer(len(d.kids))
	pages["Kids"] = d.kids
	info, err := d.object(types.Dict{"Title": types.StringLiteral("Cover sheets"), "Producer": types.StringLiteral("Recto")})
	if err != nil {
		return err
	}
	d.ctx.Info = &info
	root, err := d.ctx.Catalog()
	if err != nil {
		return fmt.Errorf("pdfcpu: %w", err)
	}
	root["Pages"] = d.pages
	// A patch code has its size or is none: viewers are not to fit pages to the paper.
	root["ViewerPreferences"] = types.Dict{"PrintScaling": types.Name("None"), "DisplayDocTitle": types.Boolean(true)}
	d.ctx.ID = types.Array{types.NewHexLiteral(d.hash[:16]), types.NewHexLiteral(d.hash[:16])}
	if err := api.ValidateContext(d.ctx); err != nil {
		return fmt.Errorf("pdfcpu finds the document invalid: %w", err)
	}
	return nil
}

// finishFont makes the objects of a font (ISO 32000-1, 9.7), with the letters that
// were used.
func (d *document) finishFont(ref types.IndirectRef, t *typeface) error {
	used := make([]font.GID, len(t.drawn))
	widths := types.Array{}
	glyphs := []byte{0, 0}
	for i, g := range t.drawn {
		used[i] = g.glyph
		widths = append(widths, types.Float(t.width(g.glyph)))
		glyphs = append(glyphs, byte(g.glyph>>8), byte(g.glyph))
	}
	program, err := subset(t.program, used)
	if err != nil {
		return fmt.Errorf("font %s: %w", t.name, err)
	}
	file, err := d.flate(types.Dict{"Length1": types.Integer(len(program))}, program)
	if err != nil {
		return err
	}
	toGlyph, err := d.flate(types.Dict{}, glyphs)
	if err != nil {
		return err
	}
	toUnicode, err := d.flate(types.Dict{}, t.toUnicode())
	if err != nil {
		return err
	}
	tag := make([]byte, 6) // of the subset (9.6.4): six letters that stand for what is in it
	for i := range tag {
		tag[i] = 'A' + d.hash[i]%26
	}
	name := types.Name(string(tag) + "+" + t.name)
	upem := float64(t.face.Upem())
	extents, _ := t.face.FontHExtents()
	ascent, descent := types.Integer(float64(extents.Ascender)*em/upem), types.Integer(float64(extents.Descender)*em/upem)
	descriptor, err := d.object(types.Dict{
		"Type":        types.Name("FontDescriptor"),
		"FontName":    name,
		"Flags":       types.Integer(4), // symbolic: its own encoding
		"FontBBox":    types.Array{types.Integer(-1000), descent, types.Integer(2000), ascent},
		"ItalicAngle": types.Integer(0),
		"Ascent":      ascent,
		"Descent":     descent,
		"CapHeight":   types.Integer(729), // of DejaVu Sans
		"StemV":       types.Integer(90),
		"FontFile2":   file,
	})
	if err != nil {
		return err
	}
	cid, err := d.object(types.Dict{
		"Type":     types.Name("Font"),
		"Subtype":  types.Name("CIDFontType2"),
		"BaseFont": name,
		"CIDSystemInfo": types.Dict{
			"Registry": types.StringLiteral("Adobe"), "Ordering": types.StringLiteral("Identity"), "Supplement": types.Integer(0),
		},
		"FontDescriptor": descriptor,
		"DW":             types.Integer(em),
		"W":              types.Array{types.Integer(1), widths},
		"CIDToGIDMap":    toGlyph,
	})
	if err != nil {
		return err
	}
	dict, err := d.ctx.DereferenceDict(ref)
	if err != nil {
		return fmt.Errorf("pdfcpu: %w", err)
	}
	dict["Type"] = types.Name("Font")
	dict["Subtype"] = types.Name("Type0")
	dict["BaseFont"] = name
	dict["Encoding"] = types.Name("Identity-H")
	dict["DescendantFonts"] = types.Array{cid}
	dict["ToUnicode"] = toUnicode
	return nil
}

// toUnicode is the CMap from CIDs to text (ISO 32000-1, 9.10.3). Glyphs that only
// complete the one before them stand for nothing.
func (t *typeface) toUnicode() []byte {
	var b bytes.Buffer
	b.WriteString("/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n" +
		"/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def\n" +
		"/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n" +
		"1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n")
	var lines []string
	for i, g := range t.drawn {
		if g.text == "" {
			continue
		}
		code := ""
		for _, u := range utf16.Encode([]rune(g.text)) {
			code += fmt.Sprintf("%04X", u)
		}
		lines = append(lines, fmt.Sprintf("<%04X> <%s>\n", i+1, code))
	}
	for len(lines) > 0 { // a section holds at most 100
		n := min(100, len(lines))
		fmt.Fprintf(&b, "%d beginbfchar\n", n)
		for _, l := range lines[:n] {
			b.WriteString(l)
		}
		b.WriteString("endbfchar\n")
		lines = lines[n:]
	}
	b.WriteString("endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n")
	return b.Bytes()
}

// serialise writes the file as one increment to nothing but the header, which
// neither stamps the clock nor follows references in map order (see archive/pdfa).
func (d *document) serialise(w io.Writer) error {
	out := bufio.NewWriterSize(w, 1<<16)
	d.ctx.Write.Writer = out
	n, err := out.WriteString("%PDF-1.7\n%\xE2\xE3\xCF\xD3\n")
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
