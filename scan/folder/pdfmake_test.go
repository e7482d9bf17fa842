package folder

import (
	"bytes"
	"compress/zlib"
	"fmt"
	"testing"
)

// pdfMaker writes PDFs object by object, with a classic cross-reference table.
type pdfMaker struct {
	objects []string
}

// add appends an object and gives its reference.
func (m *pdfMaker) add(format string, args ...any) string {
	m.objects = append(m.objects, fmt.Sprintf(format, args...))
	return fmt.Sprintf("%d 0 R", len(m.objects)+2) // 1 is the catalogue, 2 the page tree
}

func (m *pdfMaker) stream(dict string, data []byte) string {
	return m.add("<<%s /Length %d>>\nstream\n%s\nendstream", dict, len(data), data)
}

// pdfSpec is a page to be made.
type pdfSpec struct {
	page    string // more entries of the page's dictionary
	content string
	images  []string // references, named Im0, Im1, ...
	more    string   // more resources
}

func (m *pdfMaker) build(pages ...pdfSpec) []byte {
	kids := ""
	for _, p := range pages {
		x := ""
		for i, r := range p.images {
			x += fmt.Sprintf("/Im%d %s ", i, r)
		}
		c := m.stream("", []byte(p.content))
		if p.page == "" {
			p.page = "/MediaBox [0 0 144 108]"
		}
		kids += m.add("<</Type /Page /Parent 2 0 R %s /Contents %s /Resources <</XObject <<%s>> %s>>>>", p.page, c, x, p.more) + " "
	}
	all := append([]string{
		"<</Type /Catalog /Pages 2 0 R>>", fmt.Sprintf("<</Type /Pages /Kids [%s] /Count %d>>", kids, len(pages)),
	}, m.objects...)
	var b bytes.Buffer
	b.WriteString("%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
	var at []int
	for i, o := range all {
		at = append(at, b.Len())
		fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", i+1, o)
	}
	xref := b.Len()
	fmt.Fprintf(&b, "xref\n0 %d\n0000000000 65535 f \n", len(all)+1)
	for _, n := range at {
		fmt.Fprintf(&b, "%010d 00000 n \n", n)
	}
	fmt.Fprintf(&b, "trailer\n<</Size %d /Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n", len(all)+1, xref)
	return b.Bytes()
}

// whole draws Im0 over all of the default page: 64 x 48 pixels at 32 dpi.
const whole = "q 144 0 0 108 0 0 cm /Im0 Do Q"

// onePage is a PDF of one image of 64 x 48 grey pixels, 32 dpi.
func onePage(t testing.TB, filter string, data []byte) []byte {
	t.Helper()
	m := &pdfMaker{}
	im := m.stream("/Type /XObject /Subtype /Image /Width 64 /Height 48 /ColorSpace /DeviceGray /BitsPerComponent 8 /Filter /"+filter, data)
	return m.build(pdfSpec{content: whole, images: []string{im}})
}

func deflated(t testing.TB, b []byte) []byte {
	return encoded(t, func(w *bytes.Buffer) error {
		z := zlib.NewWriter(w)
		z.Write(b)
		return z.Close()
	})
}
