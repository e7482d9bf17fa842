package scan

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image"
	"math"
	"reflect"
	"slices"
	"strings"
)

// Stage names one kind of preparation. A recipe has at most one step of each.
type Stage string

// The stages, in the order in which they are applied. The first four say where the
// page is in the picture and move no tone; the others are for the recognition alone
// unless they say otherwise.
const (
	OrientStage    Stage = "orient"    // Orient: quarter turns
	SplitStage     Stage = "split"     // Split: one page of a spread
	DeskewStage    Stage = "deskew"    // Deskew: a small turn
	CropStage      Stage = "crop"      // Crop: the page without its surroundings
	DewarpStage    Stage = "dewarp"    // Dewarp: curved lines made straight
	ToneStage      Stage = "tone"      // Tone: paper and ink
	LinesStage     Stage = "lines"     // Lines: ruled lines taken out
	DespeckleStage Stage = "despeckle" // Despeckle: dust and pepper taken out
	ScaleStage     Stage = "scale"     // Scale: letters as high as the engine likes them
	ReadStage      Stage = "read"      // Read: how the text is recognised
)

// Stages lists all stages in order.
var Stages = []Stage{OrientStage, SplitStage, DeskewStage, CropStage, DewarpStage, ToneStage, LinesStage, DespeckleStage, ScaleStage, ReadStage}

// Step is one preparation stage with its parameters. An automatic step is proposed
// anew whenever what it was computed from changes, a manual one stays.
type Step struct {
	Stage   Stage           `json:"stage"`
	Version int             `json:"version,omitempty"` // of what applies the parameters, one of [Versions]; 0 is the first. A version once released keeps giving the same pixels.
	Params  json.RawMessage `json:"params"`
	Manual  bool            `json:"manual,omitempty"`
}

// Recipe is what to do to a master, in order, to see the page as it should be
// seen and read. It never changes the master. The file's own [Orientation] is
// applied first and is not part of the recipe.
type Recipe []Step

// Orient is the parameter of stage "orient": quarter turns.
type Orient struct {
	Degrees    int     `json:"degrees"` // clockwise: 0, 90, 180 or 270
	Confidence float64 `json:"confidence,omitempty"`
}

// Split is the parameter of stage "split": a spread is cut from top to bottom. Part 0
// says that the picture is one page and is not to be cut.
type Split struct {
	Part       int     `json:"part"` // 1: left of the cut, 2: right of it, 0: no cut
	At         int     `json:"at"`   // pixels from the left of the oriented picture
	Confidence float64 `json:"confidence,omitempty"`
}

// Deskew is the parameter of stage "deskew": a small turn about the centre; without a
// crop the page grows so that no corner is cut off.
type Deskew struct {
	Degrees    float64 `json:"degrees"` // clockwise turn that is applied
	Confidence float64 `json:"confidence,omitempty"`
}

// Crop is the parameter of stage "crop": the edges of the page in pixels of the
// oriented and split picture, as if it were turned about its centre by the deskew. So
// another angle leaves it where it is. What lies outside of the picture is white.
type Crop struct {
	Left       int     `json:"left"`
	Top        int     `json:"top"`
	Right      int     `json:"right"`  // exclusive
	Bottom     int     `json:"bottom"` // exclusive
	Confidence float64 `json:"confidence,omitempty"`
}

// Box is the crop as a rectangle.
func (c Crop) Box() image.Rectangle { return image.Rect(c.Left, c.Top, c.Right, c.Bottom) }

// Dewarp is the parameter of stage "dewarp": by how much each place of the page has to
// move up to lie on a straight line, in pixels, on a grid over the page as cropped.
// Between its points it is interpolated ([Dewarp.Back]). Nothing is moved sideways.
type Dewarp struct {
	Columns    int     `json:"columns"`
	Rows       int     `json:"rows"`
	Up         []int   `json:"up"` // row by row
	Confidence float64 `json:"confidence,omitempty"`
}

// Tones of paper and ink.
const (
	PlainTone = "plain" // as it is; for the recognition in grey
	LevelTone = "level" // the paper evened out: stains, shadows, yellowing
	LocalTone = "local" // black and white by the surroundings of each place
)

// Tone is the parameter of stage "tone": paper and ink for the recognition. Whoever looks
// at the page sees the master's.
type Tone struct {
	Reading    string  `json:"reading,omitempty"`    // "" is PlainTone
	Confidence float64 `json:"confidence,omitempty"` // 0 to 1, that of the words read so
}

// Despeckle is the parameter of stage "despeckle".
type Despeckle struct {
	Size       int     `json:"size"`                 // specks of at most so many pixels each way go; 0: none
	Confidence float64 `json:"confidence,omitempty"` // 0 to 1
}

// Lines is the parameter of stage "lines": ruled lines are taken out.
type Lines struct {
	Remove     bool    `json:"remove"`
	Confidence float64 `json:"confidence,omitempty"` // 0 to 1
}

// Scale is the parameter of stage "scale": the picture for the recognition is that
// many times as large.
type Scale struct {
	Factor  float64 `json:"factor"`
	XHeight float64 `json:"x_height,omitempty"` // of the page's letters in pixels, as estimated
}

// Read is the parameter of stage "read", the recognition itself.
type Read struct {
	Languages []string `json:"languages,omitempty"` // as Tesseract names them; empty: those of the batch
	Layout    int      `json:"layout,omitempty"`    // Tesseract's page segmentation mode; 0: chosen by what reads surer
	Words     []string `json:"words,omitempty"`     // that the page may hold and dictionaries lack, such as names
	Patterns  []string `json:"patterns,omitempty"`  // of words, in Tesseract's notation
}

// NewStep makes a step of the newest version with encoded parameters.
func NewStep(stage Stage, params any, manual bool) Step {
	return Step{Stage: stage, Version: newest(stage), Manual: manual}.With(params)
}

// With gives the step with other parameters.
func (s Step) With(params any) Step {
	b, err := json.Marshal(params)
	if err != nil {
		panic(err) // parameters are plain structs of ours
	}
	s.Params = b
	return s
}

// Step gives the step of a stage; false where the recipe has none.
func (r Recipe) Step(stage Stage) (Step, bool) {
	i := slices.IndexFunc(r, func(s Step) bool { return s.Stage == stage })
	if i < 0 {
		return Step{}, false
	}
	return r[i], true
}

// Find gives the parameters of a stage; false where the recipe has none.
func Find[T any](r Recipe, stage Stage) (params T, found bool) {
	for _, s := range r {
		if s.Stage == stage && json.Unmarshal(s.Params, &params) == nil {
			return params, true
		}
	}
	return params, false
}

// With gives the recipe with this step in its place among the others.
func (r Recipe) With(s Step) Recipe {
	out := append(r.Without(s.Stage), s)
	slices.SortStableFunc(out, func(a, b Step) int { return slices.Index(Stages, a.Stage) - slices.Index(Stages, b.Stage) })
	return out
}

// Without gives the recipe without the steps of these stages.
func (r Recipe) Without(stages ...Stage) Recipe {
	out := make(Recipe, 0, len(r)+1)
	for _, s := range r {
		if !slices.Contains(stages, s.Stage) {
			out = append(out, s)
		}
	}
	return out
}

// Manual gives the steps that somebody set.
func (r Recipe) Manual() Recipe {
	var out Recipe
	for _, s := range r {
		if s.Manual {
			out = append(out, s)
		}
	}
	return out
}

// Fits tells whether a recipe is one that these steps by hand would lead to: it does
// what they say, and nothing else was set by hand.
func (r Recipe) Fits(byHand Recipe) bool {
	for _, s := range r {
		if s.Manual && !slices.ContainsFunc(byHand, func(h Step) bool { return h.Stage == s.Stage }) {
			return false
		}
	}
	for _, h := range byHand {
		if s, is := r.Step(h.Stage); is && s.Version != h.Version {
			return false
		}
		want, _ := Find[map[string]any](Recipe{h}, h.Stage)
		have, _ := Find[map[string]any](r, h.Stage)
		for name, value := range want {
			is, said := have[name]
			if !said { // a recipe without a step does nothing of the kind
				is = reflect.Zero(reflect.TypeOf(value)).Interface()
			}
			if name != "confidence" && !reflect.DeepEqual(value, is) {
				return false
			}
		}
	}
	return true
}

// Equal tells whether two recipes say the same.
func (r Recipe) Equal(o Recipe) bool {
	return slices.EqualFunc(r, o, func(a, b Step) bool {
		return a.Stage == b.Stage && a.Version == b.Version && a.Manual == b.Manual && bytes.Equal(a.Params, b.Params)
	})
}

// Place gives the steps that say where the page is in the picture: what a viewer and
// a PDF apply. Positions of words are in the frame that they make.
func (r Recipe) Place() Recipe {
	return r.Without(DewarpStage, ToneStage, LinesStage, DespeckleStage, ScaleStage, ReadStage)
}

// Quarter gives the turn of the orient step, in degrees clockwise, 0 to 270.
func (r Recipe) Quarter() int {
	o, _ := Find[Orient](r, OrientStage)
	return ((o.Degrees % 360) + 360) % 360
}

// Skew gives the clockwise turn of the deskew step in degrees, 0 without one.
func (r Recipe) Skew() float64 {
	d, _ := Find[Deskew](r, DeskewStage)
	return d.Degrees
}

// Part gives the columns of an oriented picture of this width that the page is in.
func (r Recipe) Part(width int) (left, right int) {
	s, _ := Find[Split](r, SplitStage)
	at := min(max(s.At, 1), width-1)
	switch {
	case width < 2:
	case s.Part == 1:
		return 0, at
	case s.Part == 2:
		return at, width
	}
	return 0, width
}

// Cropped gives the edges of the page, as [Crop] has them, in a picture that is split
// already; false where nothing is cropped.
func (r Recipe) Cropped() (image.Rectangle, bool) {
	c, found := Find[Crop](r, CropStage)
	box := c.Box()
	return box, found && !box.Empty()
}

// Affine maps pixel positions: x' = A*x + B*y + C, y' = D*x + E*y + F, with y
// pointing down and (0,0) the outer corner of the first pixel.
type Affine struct{ A, B, C, D, E, F float64 }

// Then is the map that applies m first and n after it.
func (m Affine) Then(n Affine) Affine {
	return Affine{
		n.A*m.A + n.B*m.D, n.A*m.B + n.B*m.E, n.A*m.C + n.B*m.F + n.C,
		n.D*m.A + n.E*m.D, n.D*m.B + n.E*m.E, n.D*m.C + n.E*m.F + n.F,
	}
}

// Apply maps one position.
func (m Affine) Apply(x, y float64) (float64, float64) {
	return m.A*x + m.B*y + m.C, m.D*x + m.E*y + m.F
}

// Inverse is the map back. It is of no use for a map that flattens the plane.
func (m Affine) Inverse() Affine {
	d := m.A*m.E - m.B*m.D
	return Affine{
		m.E / d, -m.B / d, (m.B*m.F - m.E*m.C) / d,
		-m.D / d, m.A / d, (m.D*m.C - m.A*m.F) / d,
	}
}

// Turned gives the size of a w by h picture that is turned clockwise by degrees about
// its centre and cropped to box ([Crop]; the zero box crops nothing and cuts no corner
// off), and the map into it.
func Turned(w, h, degrees float64, box image.Rectangle) (image.Point, Affine) {
	s, c := math.Sincos(degrees * math.Pi / 180)
	nw, nh := Grown(w, h, degrees)
	x, y := nw/2, nh/2 // where the centre comes to lie
	if !box.Empty() {
		nw, nh = float64(box.Dx()), float64(box.Dy())
		x, y = w/2-float64(box.Min.X), h/2-float64(box.Min.Y)
	}
	return image.Pt(int(nw), int(nh)), Affine{A: c, B: -s, C: x - c*w/2 + s*h/2, D: s, E: c, F: y - s*w/2 - c*h/2}
}

// Frame gives the size of the page as the recipe shows it and the map from the
// stored pixels (size as stored, before orientation, but square) to that frame. Everything
// that speaks of positions on a page - words, PDF text, ALTO - uses this frame.
func Frame(stored image.Point, o Orientation, r Recipe) (image.Point, Affine) {
	w, h := float64(stored.X), float64(stored.Y)
	m := Affine{A: 1, E: 1}
	switch o { // TIFF 6.0 tag 274: what row 0 and column 0 stand for
	case 2:
		m = Affine{A: -1, C: w, E: 1}
	case 3:
		m = Affine{A: -1, C: w, E: -1, F: h}
	case 4:
		m = Affine{A: 1, E: -1, F: h}
	case 5:
		m = Affine{B: 1, D: 1}
	case 6:
		m = Affine{B: -1, C: h, D: 1}
	case 7:
		m = Affine{B: -1, C: h, D: -1, F: w}
	case 8:
		m = Affine{B: 1, D: -1, F: w}
	}
	if o >= 5 && o <= 8 {
		w, h = h, w
	}
	switch r.Quarter() {
	case 90:
		m = m.Then(Affine{B: -1, C: h, D: 1})
		w, h = h, w
	case 180:
		m = m.Then(Affine{A: -1, C: w, E: -1, F: h})
	case 270:
		m = m.Then(Affine{B: 1, D: -1, F: w})
		w, h = h, w
	}
	if left, right := r.Part(int(w)); left > 0 || right < int(w) {
		m = m.Then(Affine{A: 1, C: -float64(left), E: 1})
		w = float64(right - left)
	}
	size := image.Pt(int(w), int(h))
	if box, cropped := r.Cropped(); cropped || r.Skew() != 0 {
		var turn Affine
		size, turn = Turned(w, h, r.Skew(), box)
		m = m.Then(turn)
	}
	return size, m
}

// Grown is the size, in whole pixels, of a w by h image turned by degrees with
// no corner cut off.
func Grown(w, h, degrees float64) (float64, float64) {
	s, c := math.Sincos(math.Abs(degrees) * math.Pi / 180)
	return math.Ceil(w*c + h*s), math.Ceil(h*c + w*s)
}

// String lists for people what the steps do: "orient 90°, deskew 1.3°".
func (r Recipe) String() string {
	var out []string
	say := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	if q := r.Quarter(); q != 0 {
		say("orient %d°", q)
	}
	if s, _ := Find[Split](r, SplitStage); s.Part == 1 {
		say("left of %d", s.At)
	} else if s.Part == 2 {
		say("right of %d", s.At)
	}
	if d := r.Skew(); d != 0 {
		say("deskew %.2f°", d)
	}
	if box, cropped := r.Cropped(); cropped {
		say("crop %d,%d %d x %d", box.Min.X, box.Min.Y, box.Dx(), box.Dy())
	}
	if d, found := Find[Dewarp](r, DewarpStage); found && len(d.Up) > 0 {
		say("dewarp up to %d px", max(slices.Max(d.Up), -slices.Min(d.Up)))
	}
	if t, _ := Find[Tone](r, ToneStage); t.Reading != "" && t.Reading != PlainTone {
		say("read with tone %s", t.Reading)
	}
	if l, _ := Find[Lines](r, LinesStage); l.Remove {
		say("read without ruled lines")
	}
	if d, _ := Find[Despeckle](r, DespeckleStage); d.Size > 0 {
		say("read without specks of %d px", d.Size)
	}
	if s, _ := Find[Scale](r, ScaleStage); s.Factor != 0 && s.Factor != 1 {
		say("read at %.2f times the size", s.Factor)
	}
	return strings.Join(out, ", ")
}
