package scan

import (
	"encoding/json"
	"fmt"
	"image"
	"math"
)

// Step is one preparation stage with its parameters. An automatic step dies when
// its basis changes, a manual one stays.
type Step struct {
	Stage  string          `json:"stage"` // "orient" or "deskew"
	Params json.RawMessage `json:"params"`
	Manual bool            `json:"manual,omitempty"`
	Basis  string          `json:"basis,omitempty"` // what the step was computed from
}

// Recipe is what to do to a master, in order, to see the page as it should be
// seen. It never changes the master. The file's own [Orientation] is applied
// first and is not part of the recipe.
type Recipe []Step

// Orient is the parameter of stage "orient": quarter turns.
type Orient struct {
	Degrees    int     `json:"degrees"` // clockwise: 0, 90, 180 or 270
	Confidence float64 `json:"confidence,omitempty"`
}

// Deskew is the parameter of stage "deskew": a small turn about the centre; the
// page grows so that no corner is cut off.
type Deskew struct {
	Degrees    float64 `json:"degrees"` // clockwise turn that is applied
	Confidence float64 `json:"confidence,omitempty"`
}

// NewStep makes a step with encoded parameters.
func NewStep(stage string, params any, manual bool) Step {
	b, err := json.Marshal(params)
	if err != nil {
		panic(err) // parameters are plain structs of ours
	}
	return Step{Stage: stage, Params: b, Manual: manual}
}

// Quarter gives the sum of all orient steps, in degrees clockwise, 0 to 270.
func (r Recipe) Quarter() int {
	sum := 0
	for _, s := range r {
		if s.Stage != "orient" {
			continue
		}
		var o Orient
		if json.Unmarshal(s.Params, &o) == nil {
			sum += o.Degrees
		}
	}
	return ((sum % 360) + 360) % 360
}

// Skew gives the clockwise turn of the deskew step in degrees, 0 without one.
func (r Recipe) Skew() float64 {
	for _, s := range r {
		var d Deskew
		if s.Stage == "deskew" && json.Unmarshal(s.Params, &d) == nil {
			return d.Degrees
		}
	}
	return 0
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
	if d := r.Skew(); d != 0 {
		s, c := math.Sincos(d * math.Pi / 180)
		nw, nh := Grown(w, h, d)
		m = m.Then(Affine{A: c, B: -s, C: nw/2 - c*w/2 + s*h/2, D: s, E: c, F: nh/2 - s*w/2 - c*h/2})
		w, h = nw, nh
	}
	return image.Pt(int(w), int(h)), m
}

// Grown is the size, in whole pixels, of a w by h image turned by degrees with
// no corner cut off.
func Grown(w, h, degrees float64) (float64, float64) {
	s, c := math.Sincos(math.Abs(degrees) * math.Pi / 180)
	return math.Ceil(w*c + h*s), math.Ceil(h*c + w*s)
}

// String lists the steps for people: "orient 90°, deskew 1.3°".
func (r Recipe) String() string {
	out := ""
	if q := r.Quarter(); q != 0 {
		out = fmt.Sprintf("orient %d°", q)
	}
	if d := r.Skew(); d != 0 {
		if out != "" {
			out += ", "
		}
		out += fmt.Sprintf("deskew %.2f°", d)
	}
	return out
}
