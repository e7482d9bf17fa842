package worker

import (
	"image"
	"math"

	"recto/ocr"
	"recto/scan"
	"recto/scan/prepare"
)

const (
	leastSkew       = 0.1 // degrees; what is straighter stays as it is
	leastTurn       = 0.5 // below it turned pixels read worse than lines that lean: positions are turned instead
	leastConfidence = 3.0 // of a skew angle, below which it is a guess (prepare.Picture.Skew)
)

// place is where a page is in its picture, and the page out of it to be read.
type place struct {
	recipe         scan.Recipe      // of the stages of scan.Recipe.Place, and what else was set by hand
	frame          image.Point      // size of the page as the recipe shows it
	seen           *prepare.Picture // as it is shown, but for a lean that is too small to be seen
	pic            *prepare.Picture // to be read; may be the same
	back           scan.Affine      // from positions in pic to those in the frame
	skew           float64          // of the page as it was found, degrees
	skewConfidence float64
	bent           bool // its lines seem to be
	aside          bool // there seems to be text that lies on its side
}

// sure notes how sure the quarter turn is.
func (p *place) sure(confidence float64) {
	if o, found := scan.Find[scan.Orient](p.recipe, scan.OrientStage); found {
		o.Confidence = confidence
		p.recipe = p.recipe.With(scan.NewStep(scan.OrientStage, o, false))
	}
}

// framed brings what was read on the picture into the page's frame.
func (p *place) framed(t *ocr.Text) (*ocr.Text, error) {
	if size := p.seen.Size(); t.Size != size { // it was read at another size
		scaled, _, err := t.Mapped(scan.Affine{A: float64(size.X) / float64(t.Size.X), E: float64(size.Y) / float64(t.Size.Y)}, size)
		if err != nil {
			return nil, err
		}
		scaled.DPI, t = t.DPI, scaled
	}
	d, bent := scan.Find[scan.Dewarp](p.recipe, scan.DewarpStage)
	if bent = bent && len(d.Up) > 0; !bent && p.back == (scan.Affine{A: 1, E: 1}) && t.Size == p.frame {
		return t, nil
	}
	if bent {
		t = rebent(t, d)
	}
	moved, _, err := t.Mapped(p.back, p.frame)
	if err != nil {
		return nil, err
	}
	moved.DPI = t.DPI
	return moved, nil
}

// show makes the picture to be read. part is what of the picture, which is of this size,
// is left once the recipe has turned and split it.
func (p *place) show(part *prepare.Picture, size image.Point) error {
	recipe := p.recipe
	if d, _ := scan.Find[scan.Deskew](recipe, scan.DeskewStage); math.Abs(d.Degrees) < leastTurn {
		recipe = recipe.Without(scan.DeskewStage)
	}
	var err error
	box, _ := recipe.Cropped()
	if p.seen, err = part.Deskewed(recipe.Skew(), box); err != nil {
		return err
	}
	p.pic = p.seen
	for _, stage := range []func() error{p.straighten, p.ink} {
		if err := stage(); err != nil {
			p.close()
			return err
		}
	}
	_, from := scan.Frame(size, 1, recipe)
	var to scan.Affine
	p.frame, to = scan.Frame(size, 1, p.recipe)
	if p.back = from.Inverse().Then(to); recipe.Equal(p.recipe) {
		p.back = scan.Affine{A: 1, E: 1}
	}
	return nil
}

// as is the page to be read as another recipe for the reading has it, which shows the
// same of it.
func (p *place) as(r scan.Recipe) (*prepare.Picture, error) {
	other := *p
	other.recipe, other.pic, other.bent = r, p.seen, false // bent lines were looked for
	for _, stage := range []func() error{other.straighten, other.ink} {
		if err := stage(); err != nil {
			if other.pic != p.seen {
				other.pic.Close()
			}
			return nil, err
		}
	}
	return other.pic, nil
}

// straighten makes bent lines straight, for the recognition alone: the page is shown as
// it is, and what is read is put back where it stands.
func (p *place) straighten() error {
	d, set := scan.Find[scan.Dewarp](p.recipe, scan.DewarpStage)
	if !set && p.bent {
		var sure bool
		if d, sure = p.pic.ProposeDewarp(); !sure {
			return nil
		}
		p.recipe = p.recipe.With(scan.NewStep(scan.DewarpStage, d, false))
	}
	if len(d.Up) == 0 {
		return nil
	}
	flat, err := p.pic.Dewarped(d)
	if err != nil {
		return err
	}
	p.pic = flat
	return nil
}

// close frees the pixels.
func (p *place) close() {
	p.pic.Close()
	p.seen.Close()
}

// ink prepares what is to be read by the stages after the dewarp.
func (p *place) ink() error {
	var steps []func(*prepare.Picture) (*prepare.Picture, error)
	tone, _ := scan.Find[scan.Tone](p.recipe, scan.ToneStage)
	switch tone.Reading {
	case scan.LevelTone:
		steps = append(steps, (*prepare.Picture).Levelled)
	case scan.LocalTone:
		steps = append(steps, (*prepare.Picture).Local)
	}
	if l, _ := scan.Find[scan.Lines](p.recipe, scan.LinesStage); l.Remove {
		steps = append(steps, (*prepare.Picture).WithoutLines)
	}
	if d, _ := scan.Find[scan.Despeckle](p.recipe, scan.DespeckleStage); d.Size > 0 {
		steps = append(steps, func(q *prepare.Picture) (*prepare.Picture, error) { return q.Despeckled(d.Size) })
	}
	if s, _ := scan.Find[scan.Scale](p.recipe, scan.ScaleStage); s.Factor > 0 && s.Factor != 1 {
		steps = append(steps, func(q *prepare.Picture) (*prepare.Picture, error) { return q.Scaled(s.Factor) })
	}
	for _, step := range steps {
		next, err := step(p.pic)
		if err != nil {
			return err
		}
		if p.pic != p.seen {
			p.pic.Close()
		}
		p.pic = next
	}
	return nil
}

// rebent puts what was read on a flattened picture where it is on the bent one.
func rebent(t *ocr.Text, d scan.Dewarp) *ocr.Text {
	out, _, err := t.Mapped(scan.Affine{A: 1, E: 1}, t.Size) // a copy
	if err != nil {
		return t
	}
	page := image.Rectangle{Max: t.Size}
	down := func(r image.Rectangle) image.Rectangle {
		x, y := float64(r.Min.X+r.Max.X)/2, float64(r.Min.Y+r.Max.Y)/2
		_, to := d.Back(t.Size, x, y)
		if moved := r.Add(image.Pt(0, int(math.Round(to-y)))).Intersect(page); !moved.Empty() {
			return moved
		}
		return r
	}
	for b := range out.Blocks {
		for i := range out.Blocks[b].Paragraphs {
			for l := range out.Blocks[b].Paragraphs[i].Lines {
				line := &out.Blocks[b].Paragraphs[i].Lines[l]
				for w := range line.Words {
					line.Words[w].Box = down(line.Words[w].Box)
				}
				if line.Baseline != (ocr.Baseline{}) {
					line.Baseline.X0, line.Baseline.Y0 = d.Back(t.Size, line.Baseline.X0, line.Baseline.Y0)
					line.Baseline.X1, line.Baseline.Y1 = d.Back(t.Size, line.Baseline.X1, line.Baseline.Y1)
				}
			}
		}
	}
	return out
}

// asSet is the page as it was set by hand, and otherwise the whole picture as it lies.
func asSet(base *prepare.Picture, byHand scan.Recipe) (*place, error) {
	p := &place{recipe: append(scan.Recipe{}, byHand...)}
	up, err := base.Oriented(1, p.recipe.Quarter())
	if err != nil {
		return nil, err
	}
	defer up.Close()
	part, err := up.Part(p.recipe)
	if err != nil {
		return nil, err
	}
	defer part.Close()
	return p, p.show(part, base.Size())
}

// placed finds the page in a picture that is upright after a turn. What was set by hand
// stays, each other stage is found out, each from what the ones before it leave.
func placed(base *prepare.Picture, byHand scan.Recipe, turn int) (*place, error) {
	p := &place{recipe: append(scan.Recipe{}, byHand...)}
	part, err := p.propose(base, turn, nil)
	if err != nil {
		return nil, err
	}
	defer part.Close()
	return p, p.show(part, base.Size())
}

// propose adds to the recipe what is found out and gives the part of the picture that it
// leaves. Into found, where it is given, goes what is found of the stages that were set
// by hand too.
func (p *place) propose(base *prepare.Picture, turn int, found *scan.Recipe) (*prepare.Picture, error) {
	byHand := p.recipe
	set := func(stage scan.Stage) bool {
		_, is := scan.Find[map[string]any](byHand, stage)
		return is
	}
	wanted := func(stage scan.Stage) bool { return found != nil || !set(stage) }
	propose := func(stage scan.Stage, params any) {
		s := scan.NewStep(stage, params, false)
		if found != nil {
			*found = found.With(s)
		}
		if !set(stage) {
			p.recipe = p.recipe.With(s)
		}
	}
	if !set(scan.OrientStage) && turn != 0 {
		propose(scan.OrientStage, scan.Orient{Degrees: turn})
	}
	up, err := base.Oriented(1, turn)
	if err != nil {
		return nil, err
	}
	defer up.Close()
	if wanted(scan.SplitStage) {
		if cut, sure := up.ProposeSplit(); sure {
			cut.Part = 1
			propose(scan.SplitStage, cut)
		}
	}
	part, err := up.Part(p.recipe)
	if err != nil {
		return nil, err
	}
	p.skew, p.skewConfidence = part.Skew()
	if wanted(scan.DeskewStage) && math.Abs(p.skew) >= leastSkew && p.skewConfidence >= leastConfidence {
		propose(scan.DeskewStage, scan.Deskew{Degrees: math.Round(-p.skew*1000) / 1000, Confidence: p.skewConfidence})
	}
	if wanted(scan.ScaleStage) {
		if x, sure := part.XHeight(); sure {
			if f := math.Round(prepare.ReadingScale(x)*1000) / 1000; f != 1 {
				propose(scan.ScaleStage, scan.Scale{Factor: f, XHeight: math.Round(x*10) / 10})
			}
		}
	}
	if wanted(scan.DewarpStage) {
		d, bent := part.ProposeDewarp()
		if p.bent = bent && !set(scan.DewarpStage); bent && found != nil {
			*found = found.With(scan.NewStep(scan.DewarpStage, d, false))
		}
	}
	if found == nil { // to be read
		p.aside = len(part.Sideways(nil)) > 0
	}
	if wanted(scan.CropStage) {
		if crop, sure := part.ProposeCrop(p.recipe.Skew()); sure {
			propose(scan.CropStage, crop)
		}
	}
	return part, nil
}
