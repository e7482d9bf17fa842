package tesseract

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"recto/ocr"
	"recto/scan"
)

// Config of an engine.
type Config struct {
	// Library is the folders with the traineddata files, as ocr.Installed finds them.
	Library ocr.Library
	// Data is the only such folder, where no Library is given.
	Data string
	// Parse turns the hOCR of one page into a tree; markup.ParseHOCR does.
	Parse func(hocr []byte) (*ocr.Text, error)
}

// Engine is Tesseract with models loaded. It loads what a page asks for and keeps
// it until a page asks for something else. Not safe for concurrent use.
type Engine struct {
	config  Config
	version string
	library ocr.Library
	reader  *client // for text; nil when closed
	loaded  *setup  // what the reader was initialised with; nil where nothing is sure
	models  []ocr.Model
	osd     *client // for orientation; nil until it is first asked for
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
	library := c.Library
	if len(library) == 0 && c.Data != "" {
		library = ocr.Library{c.Data}
	}
	if len(library) == 0 {
		return nil, fmt.Errorf("tesseract: no folder given: %w", ocr.ErrNoModels)
	}
	reader, err := newClient(library[0])
	if err != nil {
		return nil, err
	}
	return &Engine{config: c, version: "Tesseract " + reader.lib.Version(), library: library, reader: reader}, nil
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

// Recognise reads one page. What differs from the last page's (languages, words,
// patterns, the files of the models) is loaded first, in 0.1 s a language; meanwhile what
// other goroutines write to standard error is lost, because gosseract turns it away.
//
// Errors wrap ocr.ErrMissingLanguage, ocr.ErrDamagedModel or ocr.ErrLanguageName, or are
// an ocr.ModelError; ErrMode or ocr.ErrWords for the other options;
// scan.ErrEmpty, ErrTooLarge or ErrDamaged for the image; or are the context's. A model
// that is taken away is an error from the next page on, although it is still in memory:
// whoever reads the page again should get the same. A cancel ends the recognition with
// the word in hand, but not the analysis of the layout before it (0.2 to 0.8 s on a
// full page).
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
	mode, withOSD, err := pageMode(o.Mode)
	if err != nil {
		return nil, err
	}
	if err := check(img); err != nil {
		return nil, err
	}
	for again := true; ; again = false {
		s, err := e.setup(languages, withOSD, o)
		if err != nil {
			return nil, err
		}
		err = e.load(s)
		if err == nil {
			break
		}
		// One that is being replaced is looked at once more: then it is whole, or is told of.
		if !again || s.stands() {
			return nil, err
		}
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
	t.DPI, t.Languages, t.Engine, t.Models = img.DPI, languages, e.version, slices.Clone(e.models)
	return t, nil
}

// setup is what a handle for this page is to be initialised with.
func (e *Engine) setup(languages []string, withOSD bool, o ocr.Options) (*setup, error) {
	s := &setup{}
	var err error
	if s.words, err = ocr.UserWords(o.Words); err != nil {
		return nil, fmt.Errorf("tesseract: %w", err)
	}
	if s.patterns, err = ocr.UserPatterns(o.Patterns); err != nil {
		return nil, fmt.Errorf("tesseract: %w", err)
	}
	if s.sources, err = e.sources(languages); err != nil {
		return nil, err
	}
	if withOSD {
		s.osd, err = e.sources([]string{"osd"})
	}
	return s, err
}

// load makes the reader ready, the likeliest language first. A handle that has
// "deu+frk" loaded keeps both when it is given "deu": Tesseract 5 compares what is asked
// for with its first language, too (TessBaseAPI::Init). So others get a new handle.
func (e *Engine) load(s *setup) error {
	if e.loaded.covers(s) {
		return nil
	}
	dir, temporary, err := gather(e.library, slices.Concat(s.sources, s.osd))
	if err != nil {
		return err
	}
	fresh, err := newClient(dir)
	if err != nil {
		os.RemoveAll(temporary)
		return err
	}
	fresh.temporary = temporary
	e.reader.close()
	e.reader, e.loaded, e.models = fresh, nil, nil // after a failure nothing can be relied upon
	fresh.forget()
	models, err := hashed(s.sources)
	if err == nil {
		err = fresh.load(s)
	}
	if err != nil {
		return e.gone(s.languages(), err)
	}
	if !s.stands() {
		return fmt.Errorf("tesseract: load %s: %w: a file was replaced while it was read", strings.Join(s.languages(), "+"), ocr.ErrDamagedModel)
	}
	if len(s.osd) == 0 && temporary != "" { // everything is in memory
		os.RemoveAll(temporary)
	}
	e.loaded, e.models = s, models
	return nil
}

// pageMode checks a page segmentation mode: 0 is the default, the others are those
// of Tesseract that give text. Two of them look for the orientation themselves.
func pageMode(mode int) (checked int, withOSD bool, err error) {
	const automatic, automaticWithOSD, last, sparseWithOSD = 3, 1, 13, 12
	switch {
	case mode == 0:
		return automatic, false, nil
	case mode == automaticWithOSD || mode == sparseWithOSD:
		return mode, true, nil
	case mode >= automatic && mode <= last:
		return mode, false, nil
	}
	return 0, false, fmt.Errorf("tesseract: mode %d: %w (those are 1 and 3 to 13)", mode, ErrMode)
}
