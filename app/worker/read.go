package worker

import (
	"context"
	"fmt"
	"math"
	"slices"
	"syscall"

	"recto/ocr"
	"recto/scan"
	"recto/scan/prepare"
)

// Thresholds of the reading strategy. A page the wrong way up reads at a
// confidence of 0.22 to 0.37, the right way at 0.85 to 0.96 (43 real pages).
const (
	leastSkew       = 0.5  // degrees; below it turning pixels costs more than it mends
	leastConfidence = 3.0  // leptonica's ratio, below which a skew angle is a guess
	goodReading     = 0.75 // mean word confidence that settles the orientation
	sureWord        = 0.8  // words at or above it count as read
	badReading      = 0.73 // below it another preparation is worth its time
	oneBlock        = 6    // Tesseract's page segmentation mode for a single uniform block
	doubtfulType    = 0.84 // below it the type may be another than the languages' models know
	surerType       = 0.03 // that another model must be surer by
)

// read looks at a page once: decode, measure, prepare, recognise, render.
func (s *server) read(ctx context.Context, in Read) (*Reading, error) {
	began := cpu()
	pic, err := prepare.Decode(string(in.Master), prepare.Limits{})
	if err != nil {
		return nil, err
	}
	defer pic.Close()
	r, err := prepare.Render(string(in.Master), pic, string(in.Rendition), prepare.Limits{})
	if err != nil {
		return nil, fmt.Errorf("prepare the image for the PDF: %w", err)
	}
	square, err := pic.Squared()
	if err != nil {
		return nil, err
	}
	defer square.Close()
	pic.Close()
	size := square.Size()
	out := &Reading{Stored: [2]int{size.X, size.Y}, State: scan.Done, Rendition: &r}
	dpi, estimated := in.DPI, false
	if dpi == 0 {
		dpi, estimated = prepare.EstimateDPI(size), true
	}
	base, err := square.Oriented(in.Orientation, 0)
	if err != nil {
		return nil, err
	}
	defer base.Close()
	out.Pixels = base.Measure(dpi)
	out.Pixels.DPI, out.Pixels.DPIEstimated = dpi, estimated
	var best *attempt
	if out.Pixels.Blank {
		if best, err = s.bare(ctx, base, in, dpi); err != nil {
			return nil, err
		}
		out.Pixels.Blank = best != nil
	}
	if best != nil {
		out.State = scan.Blank
	} else {
		if best, err = s.best(ctx, base, in, dpi, &out.Tries); err != nil {
			return nil, err
		}
		if err = s.blackletter(ctx, best, in, dpi, &out.Tries); err == nil {
			err = s.harder(ctx, best, dpi, &out.Tries)
		}
		if err != nil {
			best.pic.Close()
			return nil, err
		}
	}
	defer best.pic.Close()
	out.Recipe = best.recipe(in.Rotation != nil)
	out.Text = best.text
	if best.text != nil {
		out.Confidence = best.text.Confidence()
	}
	if best.measured {
		out.Pixels.Skew, out.Pixels.SkewConfidence = best.skew, best.skewConfidence
	}
	if in.Thumbnail != "" {
		if err := writeJPEG(string(in.Thumbnail), best.pic.Thumbnail(ThumbnailSize)); err != nil {
			return nil, fmt.Errorf("thumbnail: %w", err)
		}
	}
	out.Seconds = cpu() - began
	return out, nil
}

// ThumbnailSize is the longest side of a thumbnail in pixels.
const ThumbnailSize = 320

// attempt is a page prepared one way, and what was read of it.
type attempt struct {
	quarter        int
	confidence     float64 // of the quarter turn
	turn           float64 // deskew applied, degrees clockwise
	skew           float64 // as measured
	skewConfidence float64
	measured       bool
	pic            *prepare.Picture
	text           *ocr.Text
	read           int // letters in words that are surely read
}

// sideways gives the clockwise quarter turn that sets most letters upright; 0 where
// most are so already.
func sideways(t *ocr.Text) int {
	letters := map[int]int{}
	all := 0
	for _, b := range t.Blocks {
		for _, p := range b.Paragraphs {
			for _, l := range p.Lines {
				for _, w := range l.Words {
					n := len([]rune(w.Text))
					letters[l.Turn] += n
					all += n
				}
			}
		}
	}
	for turn, n := range letters {
		if turn != 0 && n*2 > all {
			return turn
		}
	}
	return 0
}

func (a *attempt) recipe(manual bool) scan.Recipe {
	var r scan.Recipe
	if a.quarter != 0 || manual {
		r = append(r, scan.NewStep("orient", scan.Orient{Degrees: a.quarter, Confidence: a.confidence}, manual))
	}
	if a.turn != 0 {
		r = append(r, scan.NewStep("deskew", scan.Deskew{Degrees: a.turn, Confidence: a.skewConfidence}, false))
	}
	return r
}

func quarter(rotation *int) int {
	if rotation == nil {
		return 0
	}
	return *rotation
}

// best finds the way up by a cheap look first and lets the recognition's own
// confidence confirm it. Only where the page reads badly are OSD and the other
// ways tried, because each costs a quarter of a recognition and more.
func (s *server) best(ctx context.Context, base *prepare.Picture, in Read, dpi float64, tries *int) (*attempt, error) {
	engine, err := s.tesseract()
	if err != nil {
		return nil, err
	}
	try := func(turn int) (*attempt, error) {
		a, err := prepared(base, turn, true)
		if err != nil {
			return nil, err
		}
		*tries++
		a.text, err = recognise(ctx, engine, a.pic, dpi, in.Languages, 0)
		if err != nil {
			a.pic.Close()
			return nil, err
		}
		a.read = surely(a.text)
		return a, nil
	}
	if in.Rotation != nil {
		return try(*in.Rotation)
	}
	turn, confidence, sure := base.Upright()
	if !sure && confidence < 1 {
		turn = 0
	}
	first, err := try(turn)
	if err != nil {
		return nil, err
	}
	first.confidence = confidence
	// Tesseract reads a page that lies on its side as turned lines, and well: then
	// its own layout says which way is up.
	if side := sideways(first.text); side != 0 {
		a, err := try((turn + side) % 360)
		if err != nil {
			first.pic.Close()
			return nil, err
		}
		if a.read*10 >= first.read*9 {
			first, a = a, first
			first.confidence = first.text.Confidence()
		}
		a.pic.Close()
	}
	if first.text.Confidence() >= goodReading || sure && first.text.Confidence() >= goodReading/2 {
		return first, nil
	}
	// It reads badly: is it the wrong way up, or just hard to read?
	others := []int{}
	add := func(t int) {
		for _, o := range append(others, turn) {
			if o == t {
				return
			}
		}
		others = append(others, t)
	}
	// OSD looks at the same pixels; its answer is relative to them.
	if o, err := engine.Orientation(ctx, pixels(first.pic, dpi)); err == nil && o.Degrees != 0 && o.Confidence > 0.5 {
		add((turn + o.Degrees) % 360)
	}
	if turn != 0 {
		add(0)
	}
	if first.text.Confidence() < goodReading/2 && len(others) == 0 && first.text.Confidence() > 0 {
		add((turn + 180) % 360)
	}
	for _, t := range others {
		a, err := try(t)
		if err != nil {
			first.pic.Close()
			return nil, err
		}
		// A turn must be clearly better: half as many letters again, and surer.
		if a.read*2 > first.read*3 && a.text.Confidence() > first.text.Confidence() {
			first, a = a, first
			first.confidence = first.text.Confidence()
		}
		a.pic.Close()
	}
	return first, nil
}

// blackletter reads a page in Fraktur type once more with a model that knows it, where
// the languages asked for have none and one is installed. Tesseract's look at the script
// suggests it, the recognition must confirm it.
func (s *server) blackletter(ctx context.Context, a *attempt, in Read, dpi float64, tries *int) error {
	if c := a.text.Confidence(); c >= doubtfulType || c == 0 {
		return nil
	}
	_, installed, err := ocr.Models()
	if err != nil {
		return err
	}
	model := ocr.Blackletter(in.Languages, installed)
	if model == "" {
		return nil
	}
	engine, err := s.tesseract()
	if err != nil {
		return err
	}
	if o, err := engine.Orientation(ctx, pixels(a.pic, dpi)); err != nil || o.Script != "Fraktur" {
		return ctx.Err() // without the model for scripts nothing is suggested
	}
	*tries++
	text, err := recognise(ctx, engine, a.pic, dpi, append(slices.Clone(in.Languages), model), 0)
	if err != nil {
		return err
	}
	if n := surely(text); n > a.read && text.Confidence() >= a.text.Confidence()+surerType {
		a.text, a.read = text, n
	}
	return nil
}

// harder reads a page that read badly once more, as one block on levelled paper: that
// is what till receipts and stained lists want, and the surer text stays.
func (s *server) harder(ctx context.Context, a *attempt, dpi float64, tries *int) error {
	if a.text.Confidence() >= badReading || a.text.Confidence() == 0 {
		return nil
	}
	engine, err := s.tesseract()
	if err != nil {
		return err
	}
	level, err := a.pic.Levelled()
	if err != nil {
		return err
	}
	defer level.Close()
	*tries++
	text, err := recognise(ctx, engine, level, dpi, a.text.Languages, oneBlock)
	if err != nil {
		return err
	}
	// Clearly more, because one block puts columns through each other.
	if n := surely(text); n*10 > a.read*11 {
		a.text, a.read = text, n
	}
	return nil
}

// leastWriting is how many letters, surely read, make a page that looks like bare
// paper one that is not.
const leastWriting = 4

// bare reads a page that looks blank once, as it lies: the measure leaves out the
// edges and what is as faint as a stain, where a folio number or faded ink may stand.
// It gives the page without text, or nil where there is writing on it.
func (s *server) bare(ctx context.Context, base *prepare.Picture, in Read, dpi float64) (*attempt, error) {
	engine, err := s.tesseract()
	if err != nil {
		return nil, err
	}
	a, err := prepared(base, quarter(in.Rotation), false)
	if err != nil {
		return nil, err
	}
	text, err := recognise(ctx, engine, a.pic, dpi, in.Languages, 0)
	if err != nil || surely(text) >= leastWriting {
		a.pic.Close()
		return nil, err
	}
	return a, nil
}

// surely counts the letters in words that are surely read.
func surely(t *ocr.Text) int {
	n := 0
	for w := range t.Words {
		if w.Confidence >= sureWord {
			n += len([]rune(w.Text))
		}
	}
	return n
}

// prepared turns the page and takes its skew out, where that is sure enough.
func prepared(base *prepare.Picture, turn int, deskew bool) (*attempt, error) {
	a := &attempt{quarter: turn}
	up, err := base.Oriented(1, turn)
	if err != nil {
		return nil, err
	}
	a.pic = up
	if !deskew {
		return a, nil
	}
	a.skew, a.skewConfidence = up.Skew()
	a.measured = true
	if math.Abs(a.skew) < leastSkew || a.skewConfidence < leastConfidence {
		return a, nil
	}
	a.turn = math.Round(-a.skew*1000) / 1000
	defer up.Close()
	if a.pic, err = up.Deskewed(a.turn); err != nil {
		return nil, err
	}
	return a, nil
}

func recognise(ctx context.Context, e ocr.Engine, pic *prepare.Picture, dpi float64, languages []string, mode int) (*ocr.Text, error) {
	return e.Recognise(ctx, pixels(pic, dpi), ocr.Options{Languages: languages, Mode: mode})
}

// pixels gives a picture to the engine, in grey: colour reads a few words better on
// some pages and loses most of tinted typescript, because Tesseract thresholds
// each channel by itself (0.851 against 0.099 wrong words on one real letter).
func pixels(pic *prepare.Picture, dpi float64) ocr.Image {
	size, grey := pic.Grey()
	return ocr.Image{Size: size, Grey: grey, DPI: dpi}
}

// cpu is the processor time that this process has used, in seconds.
func cpu() float64 {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return float64(u.Utime.Nano()+u.Stime.Nano()) / 1e9
}
