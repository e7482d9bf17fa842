package folder

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/klippa-app/go-pdfium"
	"github.com/klippa-app/go-pdfium/enums"
	pdfiumerrors "github.com/klippa-app/go-pdfium/errors"
	"github.com/klippa-app/go-pdfium/references"
	"github.com/klippa-app/go-pdfium/requests"
	"github.com/klippa-app/go-pdfium/webassembly"
	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"

	"recto/scan"
)

// wasmPages limits PDFium's memory: 2 GiB in pages of 64 KiB.
const wasmPages = 1 << 15

// compiled keeps PDFium's machine code, in the user's cache folder if there is
// one: translating it takes seconds, loading it 0.1 s.
var compiled = sync.OnceValue(func() wazero.CompilationCache {
	if dir, err := os.UserCacheDir(); err == nil {
		if c, err := wazero.NewCompilationCacheWithDir(filepath.Join(dir, "recto", "pdfium")); err == nil {
			return c
		}
	}
	return wazero.NewCompilationCache()
})

// document is a PDF opened in a PDFium of its own: a sandbox without files,
// clock or network, which reads the PDF through callbacks. When PDFium breaks,
// it breaks in there; reopen gives a new one.
type document struct {
	ctx   context.Context
	file  string
	f     *os.File
	pool  pdfium.Pool
	lib   pdfium.Pdfium
	ref   references.FPDF_DOCUMENT
	pages int
	used  int64 // bytes of the pages read since opening

	rendered, band int // limits of render, in pixels: of a page and of what is drawn at a time
}

// openDocument opens a PDF. Errors wrap scan.ErrPassword, ErrUnsupported (an
// unknown encryption), ErrTooLarge, ErrUnreadable or ErrDamaged. ctx is looked at
// between calls into PDFium only.
func openDocument(ctx context.Context, file string) (*document, error) {
	d := &document{ctx: ctx, file: file, rendered: maxRendered, band: bandPixels}
	if err := d.open(); err != nil {
		d.close()
		return nil, err
	}
	return d, nil
}

func (d *document) open() error {
	f, info, err := open(d.file)
	if err != nil {
		return unreadable(err)
	}
	d.f = f
	if info.Size() == 0 {
		return scan.ErrEmpty
	}
	if info.Size() > math.MaxInt32 {
		return fmt.Errorf("a PDF of more than 2 GiB (split it): %w", scan.ErrTooLarge)
	}
	// Not WithCloseOnContextDone: its checks in every loop made drawing 30 times
	// slower (wazero 1.12).
	d.pool, err = webassembly.Init(webassembly.Config{
		Context: context.WithoutCancel(d.ctx), MaxIdle: 1, MaxTotal: 1, FSConfig: wazero.NewFSConfig(), Stdout: io.Discard, Stderr: io.Discard,
		RuntimeConfig: wazero.NewRuntimeConfig().
			WithCoreFeatures(api.CoreFeaturesV2 | experimental.CoreFeaturesExceptionHandling).
			WithCompilationCache(compiled()).WithMemoryLimitPages(wasmPages),
	})
	if err != nil {
		return fmt.Errorf("start PDFium: %w", err)
	}
	if d.lib, err = d.pool.GetInstance(time.Minute); err != nil {
		return fmt.Errorf("start PDFium: %w", err)
	}
	doc, err := d.lib.OpenDocument(&requests.OpenDocument{FileReader: f, FileReaderSize: info.Size()})
	switch {
	case errors.Is(err, pdfiumerrors.ErrPassword):
		return scan.ErrPassword
	case errors.Is(err, pdfiumerrors.ErrSecurity):
		return fmt.Errorf("a PDF encrypted in an unknown way (save it without): %w", scan.ErrUnsupported)
	case err != nil:
		return failed("open", err)
	}
	d.ref = doc.Document
	count, err := d.lib.FPDF_GetPageCount(&requests.FPDF_GetPageCount{Document: d.ref})
	if err != nil {
		return failed("count the pages", err)
	}
	d.pages = count.PageCount
	return nil
}

func (d *document) close() {
	if d.pool != nil {
		d.pool.Close() // closes documents and instances too
	}
	if d.f != nil {
		d.f.Close()
	}
	*d = document{ctx: d.ctx, file: d.file, rendered: d.rendered, band: d.band}
}

// reopen gives the document a new PDFium.
func (d *document) reopen() error {
	d.close()
	return d.open()
}

// trapped tells an error of PDFium's code, by which the sandbox has ended it in
// the middle of its work: what it holds is not to be trusted any more.
func trapped(err error) bool { return strings.Contains(err.Error(), "wasm error") }

// load opens a page. Annotations that show (stamps, marks, filled forms) are
// made part of the page's content in memory, so that nothing downstream has to
// know of them.
func (d *document) load(index int) (requests.Page, error) {
	load := func() (requests.Page, error) {
		p, err := d.lib.FPDF_LoadPage(&requests.FPDF_LoadPage{Document: d.ref, Index: index})
		if err != nil {
			return requests.Page{}, failed("load", err)
		}
		return requests.Page{ByReference: &p.Page}, nil
	}
	page, err := load()
	if err != nil {
		return page, err
	}
	annots, err := d.lib.FPDFPage_GetAnnotCount(&requests.FPDFPage_GetAnnotCount{Page: page})
	if err != nil || annots.Count == 0 {
		return page, nil
	}
	_, err = d.lib.FPDFPage_Flatten(&requests.FPDFPage_Flatten{Page: page, Usage: requests.FPDFPage_FlattenUsageNormalDisplay})
	d.unload(page)
	if err != nil {
		return page, failed("annotations", err)
	}
	return load()
}

func (d *document) unload(p requests.Page) {
	d.lib.FPDF_ClosePage(&requests.FPDF_ClosePage{Page: *p.ByReference})
}

// export writes one page as a PDF of its own: decrypted, repaired, with plain
// objects and without the rest of the document, and so small that a parser that
// holds all of it in memory may look at it. Compressed streams stay as they are.
func (d *document) export(index int, w io.Writer) error {
	doc, err := d.lib.FPDF_CreateNewDocument(&requests.FPDF_CreateNewDocument{})
	if err != nil {
		return err
	}
	defer d.lib.FPDF_CloseDocument(&requests.FPDF_CloseDocument{Document: doc.Document})
	if _, err := d.lib.FPDF_ImportPagesByIndex(&requests.FPDF_ImportPagesByIndex{
		Source: d.ref, Destination: doc.Document, PageIndices: []int{index},
	}); err != nil {
		return err
	}
	_, err = d.lib.FPDF_SaveAsCopy(&requests.FPDF_SaveAsCopy{Document: doc.Document, FileWriter: w})
	return err
}

// bitmap decodes the last image of the given size on a page, without the page's
// matrix or masks, and gives its rows as PDFium holds them. rows is valid until
// release is called.
func (d *document) bitmap(p requests.Page, width, height int) (rows []byte, stride int, format enums.FPDF_BITMAP_FORMAT, release func(), err error) {
	found, err := d.lib.FPDFPage_CountObjects(&requests.FPDFPage_CountObjects{Page: p})
	if err != nil {
		return nil, 0, 0, nil, err
	}
	var object references.FPDF_PAGEOBJECT
	left := 10000 // objects looked at
	var search func(o references.FPDF_PAGEOBJECT, depth int)
	search = func(o references.FPDF_PAGEOBJECT, depth int) {
		if left--; left < 0 || depth > maxForms {
			return
		}
		kind, err := d.lib.FPDFPageObj_GetType(&requests.FPDFPageObj_GetType{PageObject: o})
		if err != nil {
			return
		}
		switch kind.Type {
		case enums.FPDF_PAGEOBJ_IMAGE:
			size, err := d.lib.FPDFImageObj_GetImagePixelSize(&requests.FPDFImageObj_GetImagePixelSize{ImageObject: o})
			if err == nil && int(size.Width) == width && int(size.Height) == height {
				object = o
			}
		case enums.FPDF_PAGEOBJ_FORM:
			n, err := d.lib.FPDFFormObj_CountObjects(&requests.FPDFFormObj_CountObjects{PageObject: o})
			for i := 0; err == nil && i < n.Count; i++ {
				if below, err := d.lib.FPDFFormObj_GetObject(&requests.FPDFFormObj_GetObject{PageObject: o, Index: uint64(i)}); err == nil {
					search(below.PageObject, depth+1)
				}
			}
		}
	}
	for i := range found.Count {
		if o, err := d.lib.FPDFPage_GetObject(&requests.FPDFPage_GetObject{Page: p, Index: i}); err == nil {
			search(o.PageObject, 0)
		}
	}
	if object == "" {
		return nil, 0, 0, nil, errors.New("PDFium does not find the image")
	}
	b, err := d.lib.FPDFImageObj_GetBitmap(&requests.FPDFImageObj_GetBitmap{ImageObject: object})
	if err != nil {
		return nil, 0, 0, nil, err
	}
	release = func() { d.lib.FPDFBitmap_Destroy(&requests.FPDFBitmap_Destroy{Bitmap: b.Bitmap}) }
	rows, stride, err = d.rows(b.Bitmap)
	if err == nil {
		var f, errf = d.lib.FPDFBitmap_GetFormat(&requests.FPDFBitmap_GetFormat{Bitmap: b.Bitmap})
		if err = errf; err == nil {
			return rows, stride, f.Format, release, nil
		}
	}
	release()
	return nil, 0, 0, nil, err
}

// failed says what PDFium could not do. A trap of the sandbox comes with a stack
// of numbers, which tells nobody anything.
func failed(what string, err error) error {
	return fmt.Errorf("PDFium: %s (%s): %w", what, firstLine(err), scan.ErrDamaged)
}

func firstLine(err error) string {
	line, _, _ := strings.Cut(err.Error(), "\n")
	return line
}

// rows gives a view of a bitmap's memory.
func (d *document) rows(b references.FPDF_BITMAP) ([]byte, int, error) {
	stride, err := d.lib.FPDFBitmap_GetStride(&requests.FPDFBitmap_GetStride{Bitmap: b})
	if err != nil {
		return nil, 0, err
	}
	buffer, err := d.lib.FPDFBitmap_GetBuffer(&requests.FPDFBitmap_GetBuffer{Bitmap: b})
	if err != nil {
		return nil, 0, err
	}
	return buffer.Buffer, stride.Stride, nil
}
