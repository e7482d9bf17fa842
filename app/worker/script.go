package worker

import (
	"context"
	"errors"

	"recto/ocr"
	"recto/ocr/tesseract"
)

// When a page that reads badly is said to be in another script than it was read in.
const (
	foreignType = 0.7  // confidence of what was read, above which nobody asks
	sureScript  = 1.0  // Tesseract's margin where no model is there to prove it
	maybeScript = 0.0  // and where one is
	surerScript = 0.15 // that this model's reading must be
)

// osd asks once what Tesseract makes of the way up and the script of a page. What it
// says of the way up is about the picture of the attempt that it was asked for first.
// Where the model for it is not installed nothing is known; one that is damaged is an error.
func (s *server) osd(ctx context.Context, a *attempt, dpi float64) (tesseract.Orientation, error) {
	if a.seenAs != nil {
		return *a.seenAs, nil
	}
	engine, err := s.tesseract()
	if err != nil {
		return tesseract.Orientation{}, err
	}
	o, err := engine.Orientation(ctx, pixels(a.pic, dpi))
	if err != nil && !errors.Is(err, ocr.ErrMissingLanguage) {
		return o, err
	}
	a.seenAs = &o
	return o, nil
}

// script notes the script of a page that reads badly because none of the languages asked
// for is written in it. Nothing else is done about it: which language it is nobody knows
// here. Where a model for the script is there, its reading must be the surer one.
func (s *server) script(ctx context.Context, a *attempt, in Read, dpi float64, tries *int) error {
	if c := a.text.Confidence(); c >= foreignType || c == 0 || a.text.Understood() {
		return nil
	}
	look, err := s.osd(ctx, a, dpi)
	if err != nil || ocr.Written(look.Script, a.text.Languages) {
		return err
	}
	engine, err := s.tesseract()
	if err != nil {
		return err
	}
	foreign := ocr.Text{Script: look.Script}
	model, _ := foreign.Suggest(s.library.Names())
	if !model.Installed {
		// Other letters than Latin ones are taken for each other: then a reading as Latin
		// must have failed, too.
		if look.ScriptConfidence >= sureScript && ocr.Written("Latin", a.text.Languages) {
			a.text.Script = look.Script
		}
		return nil
	}
	o := in.options()
	o.Languages, o.Words, o.Patterns = []string{model.Model}, nil, nil
	*tries++
	text, err := recognise(ctx, engine, a.pic, dpi, o)
	if faultOf(err) != nil { // of a model that nobody asked for: it proves nothing
		return nil
	}
	if err != nil {
		return err
	}
	if surely(text) > a.read && text.Confidence() >= a.text.Confidence()+surerScript {
		a.text.Script = look.Script
	}
	return nil
}
