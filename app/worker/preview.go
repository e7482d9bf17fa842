package worker

import (
	"image"

	"recto/scan"
	"recto/scan/prepare"
)

// Prepare asks how a page would be prepared, or was, and for pictures of it. Nothing is
// read: a turn that only the recognition could confirm is not made, unless it is Known.
type Prepare struct {
	Master      scan.Path        `json:"master"`
	Orientation scan.Orientation `json:"orientation"`
	ByHand      scan.Recipe      `json:"by_hand"`
	Known       scan.Recipe      `json:"known,omitempty"` // steps that the recognition has found before (ReadToFind)
	Recipe      scan.Recipe      `json:"recipe"`          // as it was prepared; nil: find it out
	Found       bool             `json:"found"`           // tell as well what is found where something was set by hand
	Before      scan.Path        `json:"before"`          // files for JPEGs: as the master has it,
	After       scan.Path        `json:"after"`           // as it is shown,
	Reading     scan.Path        `json:"reading"`         // as it is read; "" for none
	Longest     int              `json:"longest"`         // pixels of their longer side at most
}

// ReadToFind are the stages of which the recognition has the last word.
var ReadToFind = []scan.Stage{scan.OrientStage, scan.ToneStage, scan.LinesStage, scan.DespeckleStage}

// Prepared is the answer to Prepare.
type Prepared struct {
	Recipe scan.Recipe `json:"recipe"`
	Found  scan.Recipe `json:"found"` // by itself, each stage from what the ones before it leave
	Size   [2]int      `json:"size"`  // width and height as the file's own orientation has it, pixels square
}

// prepared answers Prepare.
func prepared(in Prepare) (Prepared, error) {
	var out Prepared
	for _, r := range []scan.Recipe{in.ByHand, in.Known, in.Recipe} {
		if err := r.Known(); err != nil {
			return out, err
		}
	}
	square, err := squared(string(in.Master))
	if err != nil {
		return out, err
	}
	defer square.Close()
	base, err := square.Oriented(in.Orientation, 0)
	if err != nil {
		return out, err
	}
	defer base.Close()
	size := base.Size()
	out.Size = [2]int{size.X, size.Y}
	p, err := in.tried(base, &out.Found)
	if err != nil {
		return out, err
	}
	defer p.close()
	out.Recipe = p.recipe
	for _, s := range p.recipe {
		if !s.Manual && in.Found { // as it was found in truth, with what the recognition said
			out.Found = out.Found.With(s)
		}
	}
	shown, err := base.Placed(1, p.recipe)
	if err != nil {
		return out, err
	}
	defer shown.Close()
	for _, x := range []struct {
		file scan.Path
		pic  *prepare.Picture
		grey bool
	}{{in.Before, base, false}, {in.After, shown, false}, {in.Reading, p.pic, true}} {
		if x.file == "" {
			continue
		}
		img := image.Image(x.pic.Thumbnail(in.Longest))
		if x.grey { // as the engine gets it
			img = grey(img.(*image.RGBA))
		}
		if err := writeJPEG(string(x.file), img); err != nil {
			return out, err
		}
	}
	return out, nil
}

// grey reduces colour as prepare.Picture.Grey does for the engine.
func grey(img *image.RGBA) *image.Gray {
	out := image.NewGray(img.Rect)
	for i := range out.Pix {
		p := img.Pix[4*i : 4*i+3]
		out.Pix[i] = uint8((3*int(p[0]) + 5*int(p[1]) + 2*int(p[2]) + 5) / 10) // Leptonica's weights
	}
	return out
}

// tried is the page as it was prepared, or as it would be.
func (in Prepare) tried(base *prepare.Picture, found *scan.Recipe) (*place, error) {
	if !in.Found || len(in.ByHand) == 0 && in.Recipe != nil {
		found = nil
	}
	_, set := scan.Find[scan.Orient](in.ByHand, scan.OrientStage)
	turn := in.ByHand.Quarter()
	if in.Recipe == nil && !set || found != nil {
		by := scan.Orient{}
		if o, known := scan.Find[scan.Orient](in.Known, scan.OrientStage); known {
			by = o
		} else if degrees, confidence, sure := base.Upright(); sure {
			by = scan.Orient{Degrees: degrees, Confidence: confidence}
		}
		if found != nil && by.Degrees != 0 {
			*found = found.With(scan.NewStep(scan.OrientStage, by, false))
		}
		if !set {
			turn = by.Degrees
		}
	}
	p := &place{recipe: append(scan.Recipe{}, in.ByHand...)}
	if in.Recipe != nil {
		if found != nil {
			part, err := p.propose(base, turn, found)
			if err != nil {
				return nil, err
			}
			part.Close()
		}
		return asSet(base, in.Recipe)
	}
	for _, s := range in.Known {
		if _, set := in.ByHand.Step(s.Stage); !set && s.Stage != scan.OrientStage {
			p.recipe = p.recipe.With(s)
		}
	}
	part, err := p.propose(base, turn, found)
	if err != nil {
		return nil, err
	}
	defer part.Close()
	return p, p.show(part, base.Size())
}
