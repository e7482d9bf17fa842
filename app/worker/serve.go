package worker

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"image"
	"image/jpeg"
	"os"
	"slices"

	"recto/ocr"
	"recto/ocr/markup"
	"recto/ocr/tesseract"
	"recto/scan"
	"recto/scan/folder"
	"recto/scan/prepare"
)

// server answers requests, one at a time. The engine is loaded once, when first
// needed: a child that only shows pages never pays for it.
type server struct {
	engine  *tesseract.Engine
	library ocr.Library // that engine takes its models from
	used    bool        // engine, in this request: it is looked up once a request and not replaced in it
}

func (s *server) serve(ctx context.Context, r request, item func(any) error) (any, error) {
	s.used = false
	switch r.Verb {
	case "hello":
		e, err := s.tesseract()
		if err != nil {
			return nil, err
		}
		return Hello{Engine: e.Version(), Leptonica: prepare.Version(), Method: Method}, nil
	case "read":
		return with(r, func(in Read) (any, error) { return s.read(ctx, in) })
	case "prepare":
		return with(r, func(in Prepare) (any, error) { return prepared(in) })
	case "region":
		return with(r, func(in Region) (any, error) { return s.region(ctx, in) })
	case "inspect":
		return with(r, inspect)
	case "view":
		return with(r, view)
	case "render":
		return with(r, func(in Render) (any, error) {
			return prepare.Render(string(in.Master), nil, string(in.Into), prepare.Limits{})
		})
	case "expand":
		return with(r, func(in Expand) (any, error) {
			return nil, folder.ExpandPDF(ctx, string(in.File), string(in.Dir), in.DPI, func(e folder.Extracted) error { return item(e) })
		})
	}
	return nil, fmt.Errorf("worker: no verb %q", r.Verb)
}

// with decodes the request's data for f.
func with[T any](r request, f func(T) (any, error)) (any, error) {
	var in T
	if err := json.Unmarshal(r.Data, &in); err != nil {
		return nil, fmt.Errorf("worker %s: %w", r.Verb, err)
	}
	return f(in)
}

// tesseract looks in each request where models are: of a folder that was taken away while
// pages are read, the models would else be looked for in the next one, and pages be read by
// others of the same names. It takes a tenth of a millisecond. What goes away in the middle
// of a request the engine tells.
func (s *server) tesseract() (*tesseract.Engine, error) {
	if s.used {
		return s.engine, nil
	}
	library, err := ocr.Installed()
	if err != nil {
		return nil, err
	}
	if s.engine != nil && slices.Equal(library, s.library) {
		s.used = true
		return s.engine, nil
	}
	engine, err := tesseract.New(tesseract.Config{Library: library, Parse: markup.ParseHOCR})
	if err != nil {
		return nil, err
	}
	if s.engine != nil {
		_ = s.engine.Close() // it only frees memory
	}
	s.engine, s.library, s.used = engine, library, true
	return engine, nil
}

// view decodes a master and shows it as its recipe says.
func view(in View) (any, error) {
	pic, err := shown(string(in.Master), in.Orientation, in.Recipe)
	if err != nil {
		return nil, err
	}
	defer pic.Close()
	if in.Longest > 0 {
		return nil, writeJPEG(string(in.Into), pic.Thumbnail(in.Longest))
	}
	img := pic.View()
	f, err := os.Create(string(in.Into))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	w := bufio.NewWriterSize(f, 1<<20)
	size := img.Bounds().Size()
	out := Viewed{Width: size.X, Height: size.Y}
	var pix []byte
	var stride int
	switch m := img.(type) {
	case *image.Gray:
		out.Samples, pix, stride = 1, m.Pix, m.Stride
	case *image.RGBA:
		out.Samples, pix, stride = 4, m.Pix, m.Stride
	default:
		return nil, fmt.Errorf("view %s: unexpected pixels %T", in.Master, img)
	}
	for y := range size.Y {
		w.Write(pix[y*stride:][:size.X*out.Samples])
	}
	if err := w.Flush(); err != nil {
		return nil, err
	}
	return out, f.Close()
}

// squared decodes a master and makes its pixels square.
func squared(master string) (*prepare.Picture, error) {
	pic, err := prepare.Decode(master, prepare.Limits{})
	if err != nil {
		return nil, err
	}
	defer pic.Close()
	return pic.Squared()
}

// shown is a master with square pixels, as orientation and recipe have it.
func shown(master string, o scan.Orientation, r scan.Recipe) (*prepare.Picture, error) {
	if err := r.Known(); err != nil {
		return nil, err
	}
	square, err := squared(master)
	if err != nil {
		return nil, err
	}
	defer square.Close()
	return square.Placed(o, r)
}

func writeJPEG(path string, img image.Image) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	defer f.Close()
	if err := jpeg.Encode(f, img, &jpeg.Options{Quality: 80}); err != nil {
		return err
	}
	return f.Close()
}
