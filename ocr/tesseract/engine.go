package tesseract

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"recto/ocr"
	"recto/scan"
)

// Config of an engine.
type Config struct {
	// Data is the folder with the traineddata files, as ocr.Models finds it.
	Data string
	// Parse turns the hOCR of one page into a tree; markup.ParseHOCR does.
	Parse func(hocr []byte) (*ocr.Text, error)
}

// Engine is Tesseract with models loaded. It loads what a page asks for and keeps
// it until a page asks for something else. Not safe for concurrent use.
type Engine struct {
	config  Config
	version string
	reader  *client // for text; nil until the first page
	loaded  []string
	used    bool    // the reader was given languages before
	osd     *client // for orientation; nil until it is first asked for
	hashes  map[string]string
}

var _ ocr.Engine = (*Engine)(nil)

// What an engine answers to a wrong use.
var (
	ErrClosed = errors.New("the recognition engine is closed")
	ErrMode   = errors.New("no page segmentation mode that gives text")
)

// New checks that gosseract and the Tesseract library fit together and gives an
// engine that has loaded nothing yet.
func New(c Config) (*Engine, error) {
	if c.Parse == nil {
		return nil, errors.New("tesseract: no hOCR parser given")
	}
	if c.Data == "" {
		return nil, fmt.Errorf("tesseract: no folder given: %w", ocr.ErrNoModels)
	}
	reader, err := newClient(c.Data)
	if err != nil {
		return nil, err
	}
	return &Engine{config: c, version: "Tesseract " + reader.lib.Version(), reader: reader, hashes: map[string]string{}}, nil
}

// Close frees the native memory. The engine answers ErrClosed afterwards.
func (e *Engine) Close() error {
	if e.osd != nil {
		e.osd.close()
	}
	if e.reader != nil {
		e.reader.close()
	}
	e.osd, e.reader = nil, nil
	return nil
}

// Version is "Tesseract" and the version of the library, as in "Tesseract 5.3.0".
func (e *Engine) Version() string { return e.version }

// Recognise reads one page. Languages that differ from the last page's are loaded
// first, in 0.1 s each; meanwhile what other goroutines write to standard error is
// lost, because gosseract turns it away. Errors wrap ocr.ErrMissingLanguage,
// ocr.ErrDamagedModel or ocr.ErrLanguageName; scan.ErrEmpty, ErrTooLarge or
// ErrDamaged for the image; ErrMode; or are the context's. A cancel ends the
// recognition with the word in hand, but not the analysis of the layout before it
// (0.2 to 0.8 s on a full page).
func (e *Engine) Recognise(ctx context.Context, img ocr.Image, o ocr.Options) (*ocr.Text, error) {
	if e.reader == nil {
		return nil, ErrClosed
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	languages, err := ocr.ParseLanguages(strings.Join(o.Languages, "+"))
	if err != nil {
		return nil, fmt.Errorf("tesseract: %w", err)
	}
	mode, err := e.pageMode(o.Mode)
	if err != nil {
		return nil, err
	}
	if err := check(img); err != nil {
		return nil, err
	}
	if err := e.load(languages); err != nil {
		return nil, err
	}
	defer e.reader.clear()
	if err := e.reader.show(img); err != nil {
		return nil, err
	}
	hocr, err := e.reader.read(ctx, mode)
	if err != nil {
		return nil, err
	}
	t, err := e.config.Parse(hocr)
	if err != nil {
		return nil, fmt.Errorf("tesseract: %w", err)
	}
	if t.Size != img.Size { // gosseract does not say when it could not take an image
		return nil, fmt.Errorf("tesseract read a page of %v instead of %v: %w", t.Size, img.Size, scan.ErrDamaged)
	}
	t.DPI, t.Languages, t.Engine = img.DPI, languages, e.version
	return t, nil
}

// load makes the reader ready for languages, the most likely first. A handle that has
// "deu+frk" loaded keeps both when it is given "deu": Tesseract 5 compares what is asked
// for with its first language, too (TessBaseAPI::Init). So others get a new handle.
func (e *Engine) load(languages []string) error {
	if slices.Equal(languages, e.loaded) {
		return nil
	}
	if e.used {
		fresh, err := newClient(e.config.Data)
		if err != nil {
			return err
		}
		e.reader.close()
		e.reader = fresh
	}
	e.loaded, e.used = nil, true // after a failure nothing can be relied upon
	if err := e.reader.load(languages); err != nil {
		return err
	}
	e.loaded = languages
	return nil
}

// pageMode checks a page segmentation mode: 0 is the default, the others are those
// of Tesseract that give text. Two of them look for the orientation themselves.
func (e *Engine) pageMode(mode int) (int, error) {
	const automatic, withOSD, last, sparseWithOSD = 3, 1, 13, 12
	switch {
	case mode == 0:
		return automatic, nil
	case mode == withOSD || mode == sparseWithOSD:
		return mode, checkModels(e.config.Data, []string{"osd"})
	case mode >= automatic && mode <= last:
		return mode, nil
	}
	return 0, fmt.Errorf("tesseract: mode %d: %w (those are 1 and 3 to 13)", mode, ErrMode)
}
