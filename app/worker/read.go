package worker

import (
	"context"
	"fmt"
	"math"
	"slices"
	"syscall"

	"recto/ocr"
	"recto/ocr/tesseract"
	"recto/scan"
	"recto/scan/prepare"
)

// Thresholds of the reading strategy. A page the wrong way up reads at a
// confidence of 0.22 to 0.37, the right way at 0.85 to 0.96 (43 real pages).
const (
	goodReading = 0.75 // mean word confidence that settles the orientation
	sureWord    = 0.8  // words at or above it count as read
	badReading  = 0.73 // below it another preparation is worth its time
	oneBlock    = 6    // Tesseract's page segmentation mode for a single uniform block
	scattered   = 11   // the one for text in no order, which finds more of a table's cells
	strip       = 1.9  // height to width from which a page is most likely a till receipt: one column
	doubtful    = 0.84 // below it another tone, or type than the languages' models know, is worth a try
	surerType   = 0.03 // that another model must be surer by
)

// read looks at a page once: decode, measure, prepare, recognise, render.
func (s *server) read(ctx context.Context, in Read) (*Reading, error) {
	began := cpu()
	if err := in.ByHand.Known(); err != nil {
		return nil, err
	}
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
		for _, again := range []func(context.Context, *attempt, Read, float64, *int) error{s.blackletter, s.harder, s.across, s.turned, s.script} {
			if err := again(ctx, best, in, dpi, &out.Tries); err != nil {
				best.close()
				return nil, err
			}
		}
	}
	defer best.close()
	out.Recipe = best.noted(in)
	if best.text != nil {
		if out.Text, err = best.framed(best.text); err != nil {
			return nil, err
		}
		out.Text.MarkNoise()
		out.Confidence = out.Text.Confidence()
	}
	out.Pixels.Skew, out.Pixels.SkewConfidence = best.skew, best.skewConfidence
	if in.Thumbnail != "" {
		if err := writeJPEG(string(in.Thumbnail), best.seen.Thumbnail(ThumbnailSize)); err != nil {
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
	*place
	text   *ocr.Text
	read   int                    // letters in words that are surely read
	layout int                    // Tesseract's page segmentation mode, where it was chosen
	seenAs *tesseract.Orientation // what OSD makes of it; nil before it was asked (server.osd)
}

// noted is the recipe with how the text was read.
func (a *attempt) noted(in Read) scan.Recipe {
	if a.text == nil {
		return a.recipe
	}
	step, byHand := in.ByHand.Step(scan.ReadStage)
	if !byHand {
		step = scan.NewStep(scan.ReadStage, scan.Read{}, false)
	}
	set, _ := scan.Find[scan.Read](in.ByHand, scan.ReadStage)
	if len(set.Languages) == 0 {
		set.Languages = a.text.Languages
	}
	if set.Layout == 0 {
		set.Layout = a.layout
	}
	return a.recipe.With(step.With(set))
}

// options are how the text is to be recognised: as it was set for the page, and else as
// the request has it.
func (r Read) options() ocr.Options {
	set, _ := scan.Find[scan.Read](r.ByHand, scan.ReadStage)
	o := ocr.Options{Languages: set.Languages, Mode: set.Layout, Words: set.Words, Patterns: set.Patterns}
	if len(o.Languages) == 0 {
		o.Languages = r.Languages
	}
	if len(o.Words) == 0 {
		o.Words = r.Words
	}
	if len(o.Patterns) == 0 {
		o.Patterns = r.Patterns
	}
	return o
}

// best finds the way up by a cheap look first and lets the recognition's own
// confidence confirm it. Only where the page reads badly are OSD and the other
// ways tried, because each costs a quarter of a recognition and more.
func (s *server) best(ctx context.Context, base *prepare.Picture, in Read, dpi float64, tries *int) (*attempt, error) {
	engine, err := s.tesseract()
	if err != nil {
		return nil, err
	}
	tried := map[int]bool{}
	try := func(turn int) (*attempt, error) {
		tried[turn] = true
		p, err := placed(base, in.ByHand, turn)
		if err != nil {
			return nil, err
		}
		a := &attempt{place: p}
		*tries++
		a.text, err = recognise(ctx, engine, a.pic, dpi, in.options())
		if err != nil {
			a.close()
			return nil, err
		}
		a.read = surely(a.text)
		if a.read > leastWriting || characters(a.text) >= muchText || !a.turned(in) {
			return a, nil
		}
		// There are lines of text, and nothing is read: on grey paper the white that a turn
		// leaves in the corners may be all that Tesseract takes for paper. As it lies, then.
		if p, err = placed(base, in.ByHand.With(scan.NewStep(scan.DeskewStage, scan.Deskew{}, true)), turn); err != nil {
			a.close()
			return nil, err
		}
		p.recipe = p.recipe.Without(scan.DeskewStage)
		b := &attempt{place: p}
		*tries++
		if b.text, err = recognise(ctx, engine, b.pic, dpi, in.options()); err != nil {
			a.close()
			b.close()
			return nil, err
		}
		if b.read = surely(b.text); b.read > a.read {
			a, b = b, a
		}
		b.close()
		return a, nil
	}
	if o, set := scan.Find[scan.Orient](in.ByHand, scan.OrientStage); set {
		return try(o.Degrees)
	}
	turn, confidence, sure := base.Upright()
	if !sure && confidence < 1 {
		turn = 0
	}
	first, err := try(turn)
	if err != nil {
		return nil, err
	}
	first.sure(confidence)
	// Tesseract reads a page that lies on its side as lines that run up or down, and
	// well: they say which way is up.
	if first, turn, err = raised(first, turn, try); err != nil {
		return nil, err
	}
	if first.text.Confidence() >= goodReading || sure && first.text.Confidence() >= goodReading/2 {
		return first, nil
	}
	// It reads badly: is it the wrong way up, or just hard to read?
	others := []int{}
	add := func(t int) {
		if !slices.Contains(others, t) {
			others = append(others, t)
		}
	}
	// OSD looks at the same pixels; its answer is relative to them.
	o, err := s.osd(ctx, first, dpi)
	if err != nil {
		first.close()
		return nil, err
	}
	if o.Degrees != 0 && o.Confidence > 0.5 {
		add((turn + o.Degrees) % 360)
	}
	if turn != 0 {
		add(0)
	}
	if c := first.text.Confidence(); c < goodReading/2 && c > 0 {
		add((turn + 180) % 360)
	}
	for i := 0; i < len(others); i++ {
		if t := others[i]; !tried[t] {
			a, err := try(t)
			if err != nil {
				first.close()
				return nil, err
			}
			// A turn must be clearly better: half as many letters again, and surer; and better
			// than a page the wrong way up.
			if a.read*2 > first.read*3 && a.text.Confidence() > first.text.Confidence() && a.text.Confidence() >= goodReading/2 {
				first, a = a, first
				first.seenAs = a.seenAs // the letters are the same
				first.sure(first.text.Confidence())
				if first, _, err = raised(first, t, try); err != nil {
					a.close()
					return nil, err
				}
			}
			a.close()
			if first.text.Confidence() >= goodReading {
				break
			}
		}
		// A page of text that reads as nothing any way so far: perhaps it lies on its side.
		if i == len(others)-1 && first.text.Confidence() < goodReading/2 && characters(first.text) >= muchText {
			for _, t := range []int{90, 270, 180} {
				add((turn + t) % 360)
			}
		}
	}
	return first, nil
}

// blackletter reads a page in Fraktur type once more with a model that knows it, where
// the languages asked for have none and one is installed. Tesseract's look at the script
// suggests it, the recognition must confirm it.
func (s *server) blackletter(ctx context.Context, a *attempt, in Read, dpi float64, tries *int) error {
	if c := a.text.Confidence(); c >= doubtful || c == 0 {
		return nil
	}
	engine, err := s.tesseract()
	if err != nil {
		return err
	}
	o := in.options()
	model := ocr.Blackletter(o.Languages, s.library.Names())
	if model == "" {
		return nil
	}
	if look, err := s.osd(ctx, a, dpi); err != nil || look.Script != "Fraktur" {
		return err
	}
	*tries++
	o.Languages = append(slices.Clone(o.Languages), model)
	text, err := recognise(ctx, engine, a.pic, dpi, o)
	if faultOf(err) != nil { // of a model that nobody asked for: what was read stays
		return nil
	}
	if err != nil {
		return err
	}
	if n := surely(text); n > a.read && text.Confidence() >= a.text.Confidence()+surerType {
		a.text, a.read = text, n
	}
	return nil
}

// harder reads a page that read badly once more, prepared otherwise, and the surer text
// stays. Letters that are thresholded by what stands around them help uneven ink and
// show-through; a till receipt and a stained list are best read as one block; ruled lines
// and specks are in the way of letters.
func (s *server) harder(ctx context.Context, a *attempt, in Read, dpi float64, tries *int) error {
	engine, err := s.tesseract()
	if err != nil {
		return err
	}
	set := func(stage scan.Stage) bool { _, is := in.ByHand.Step(stage); return is }
	// More letters must be sure, by this factor.
	try := func(step scan.Step, mode int, more float64) error {
		recipe := a.recipe.With(step)
		pic, err := a.as(recipe)
		if err != nil {
			return err
		}
		defer pic.Close()
		*tries++
		o := in.options()
		o.Languages = a.text.Languages
		if o.Mode == 0 {
			o.Mode = mode
		}
		text, err := recognise(ctx, engine, pic, dpi, o)
		if err != nil {
			return err
		}
		if n := surely(text); n >= leastWriting && float64(n) > more*float64(a.read) {
			a.text, a.read, a.layout = text, n, mode
			if t, is := scan.Find[scan.Tone](scan.Recipe{step}, scan.ToneStage); is {
				t.Confidence = math.Round(text.Confidence()*1000) / 1000
				recipe = recipe.With(step.With(t))
			}
			a.recipe = recipe
		}
		return nil
	}
	tone := func(as string) scan.Step { return scan.NewStep(scan.ToneStage, scan.Tone{Reading: as}, false) }
	if a.text.Confidence() < doubtful && !set(scan.ToneStage) {
		mode := 0
		if size := a.pic.Size(); float64(size.Y) >= strip*float64(size.X) {
			mode = oneBlock
		}
		if err := try(tone(scan.LocalTone), mode, 1.05); err != nil {
			return err
		}
	}
	if a.text.Confidence() < badReading && a.read >= leastWriting && in.options().Mode == 0 && !set(scan.ToneStage) {
		// Clearly more, because one block puts columns through each other. Not where nothing
		// at all was read: noise taken for a block of text costs twenty times what it costs
		// to see that it is none.
		if err := try(tone(scan.LevelTone), oneBlock, 1.1); err != nil {
			return err
		}
	}
	if a.text.Confidence() < doubtful && !set(scan.LinesStage) {
		if l, sure := a.seen.ProposeLines(); sure {
			if err := try(scan.NewStep(scan.LinesStage, l, false), a.layout, 1.02); err != nil {
				return err
			}
		}
	}
	if a.text.Confidence() < doubtful && !set(scan.DespeckleStage) {
		if d, sure := a.seen.ProposeDespeckle(); sure {
			return try(scan.NewStep(scan.DespeckleStage, d, false), a.layout, 1.02)
		}
	}
	return nil
}

// across reads a table once more, cell by cell, and puts its cells into rows: columns read
// one after the other tell nothing.
func (s *server) across(ctx context.Context, a *attempt, in Read, dpi float64, tries *int) error {
	if in.options().Mode != 0 || !a.text.Tabular() {
		return nil
	}
	engine, err := s.tesseract()
	if err != nil {
		return err
	}
	*tries++
	o := in.options()
	o.Languages, o.Mode = a.text.Languages, scattered
	pic, err := a.as(a.recipe)
	if err != nil {
		return err
	}
	if pic != a.seen {
		defer pic.Close()
	}
	text, err := recognise(ctx, engine, pic, dpi, o)
	if err != nil {
		return err
	}
	if n := surely(text); n >= a.read {
		a.text, a.read, a.layout = text, n, scattered
	}
	a.text = a.text.InRows()
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
	p, err := asSet(base, in.ByHand)
	if err != nil {
		return nil, err
	}
	a := &attempt{place: p}
	text, err := recognise(ctx, engine, a.pic, dpi, in.options())
	if err != nil || surely(text) >= leastWriting {
		a.close()
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

func recognise(ctx context.Context, e ocr.Engine, pic *prepare.Picture, dpi float64, o ocr.Options) (*ocr.Text, error) {
	return e.Recognise(ctx, pixels(pic, dpi), o)
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
