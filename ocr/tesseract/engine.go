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
	osd     *client // for orientation; nil until it is first asked for
	hashes  map[string]string
}

var _ ocr.Engine = (*Engine)(nil)

// ErrClosed is what a closed engine answers.
var ErrClosed = errors.New("the recognition engine is closed")

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

// Recognise reads one page. Errors wrap ocr.ErrMissingLanguage and
// ocr.ErrDamagedModel for models, scan.ErrTooLarge and scan.ErrDamaged for pixels,
// and the context's error: a cancel returns after the word in hand, but not
// before the layout is analysed (some tenths of a second).
func (e *Engine) Recognise(ctx context.Context, img ocr.Image, o ocr.Options) (*ocr.Text, error) {
	if e.reader == nil {
		return nil, ErrClosed
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	mode, err := pageMode(o.Mode)
	if err != nil {
		return nil, err
	}
	if err := e.load(o.Languages); err != nil {
		return nil, err
	}
	if err := e.reader.show(img); err != nil {
		return nil, err
	}
	defer e.reader.clear()
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
	t.DPI, t.Languages, t.Engine = img.DPI, slices.Clone(o.Languages), e.version
	return t, nil
}

// load makes the reader ready for languages, in that order of preference.
func (e *Engine) load(languages []string) error {
	if slices.Equal(languages, e.loaded) {
		return nil
	}
	names, err := ocr.ParseLanguages(strings.Join(languages, "+"))
	if err != nil {
		return err
	}
	e.loaded = nil // a failed load leaves nothing that could be relied upon
	if err := e.reader.load(names); err != nil {
		return err
	}
	e.loaded = slices.Clone(languages)
	return nil
}

// pageMode checks a page segmentation mode: those of Tesseract that give text.
func pageMode(mode int) (int, error) {
	switch {
	case mode == 0:
		return 3, nil // PSM_AUTO
	case mode == 1 || mode >= 3 && mode <= 13:
		return mode, nil
	}
	return 0, fmt.Errorf("page segmentation mode %d gives no text: 1 or 3 to 13", mode)
}
