package command

import (
	"context"
	"math"
	"strconv"

	"recto/app/workbench"
	"recto/scan"
)

// setVerb sets by hand how pages are prepared and read. Each flag that stands for a
// stage takes "auto", which leaves it to the workers again.
type setVerb struct {
	thePages
	Orient    string `placeholder:"DEGREES" help:"Turn as it stands upright, clockwise from how the file has it: 0, 90, 180, 270 or auto."`
	Split     string `name:"split-spread" placeholder:"X" help:"Cut a spread into two pages at this pixel from the left of the upright picture; none: it is one page; or auto."`
	Deskew    string `placeholder:"DEGREES" help:"Straighten by this clockwise turn, -45 to 45, or auto."`
	Crop      string `placeholder:"L,T,R,B" help:"Left, top, right and bottom edge of the page in pixels of its upright picture; none: all of it; or auto."`
	Dewarp    string `placeholder:"WORD" help:"Bent lines for the recognition: none leaves them as they are, or auto."`
	ReadTone  string `placeholder:"TONE" help:"Paper for the recognition: plain, level or local (black and white by its surroundings), or auto."`
	Lines     string `placeholder:"WORD" help:"Ruled lines for the recognition: remove or keep, or auto."`
	Despeckle string `placeholder:"PIXELS" help:"Take specks up to this size out for the recognition, 0 none, or auto."`
	Scale     string `placeholder:"FACTOR" help:"Read the page at so many times its size, 0.1 to 4, or auto."`
	Lang      string `placeholder:"LANGS" help:"Languages to read the page in, joined by +, or auto: those of the batch."`
	Layout    string `placeholder:"MODE" help:"Tesseract's page segmentation mode, 3 to 13, or auto."`
	wordFiles
	Like  scan.PageID `placeholder:"ID" help:"Set all that is set on this page, and nothing else."`
	Reset bool        `help:"Nothing is set by hand any more."`
}

func (setVerb) Help() string {
	return `Example:  recto page set --archive ~/archive --deskew 1.2 0198c5...
          recto page set --archive ~/archive --batch Ledger --odd --crop 120,80,2300,3380
          recto page set --archive ~/archive --batch Ledger --lang deu+lat
          recto page set --archive ~/archive --deskew auto --crop auto 0198c5...

Masters never change. What is set stays whatever else is found out; page undo takes it
back. Run recto process to read the pages again; corrected text is not read again but
goes with the page.`
}

func (v setVerb) Run(s *session) error {
	p, at, split, err := v.preparation()
	if err != nil {
		return err
	}
	return v.prepared(s, "set", func(ctx context.Context, w *workbench.Workbench, ids []scan.PageID) error {
		if split {
			if err := w.SplitSpreads(ctx, ids, at); err != nil {
				return err
			}
		}
		if p.Reset || p.Like != "" || len(p.Set)+len(p.Auto) > 0 {
			_, err := w.PreparePages(ctx, ids, p)
			return err
		}
		return nil
	})
}

// preparation is what the flags say; with split spreads are to be cut at a column, or
// joined at 0.
func (v setVerb) preparation() (p workbench.Preparation, at int, split bool, err error) {
	p = workbench.Preparation{Like: v.Like, Reset: v.Reset}
	wrong := func(flag, value, want string) error { return usage("--%s %s: %s", flag, value, want) }
	set := func(stage scan.Stage, params any) { p.Set = p.Set.With(scan.NewStep(stage, params, true)) }
	auto := func(value string, stage scan.Stage) bool {
		if value == "auto" {
			p.Auto = append(p.Auto, stage)
		}
		return value == "" || value == "auto"
	}
	if !auto(v.Orient, scan.OrientStage) {
		n, err := strconv.Atoi(v.Orient)
		if err != nil {
			return p, 0, false, wrong("orient", v.Orient, "0, 90, 180, 270 or auto")
		}
		set(scan.OrientStage, scan.Orient{Degrees: n})
	}
	switch v.Split {
	case "":
	case "none":
		split = true
	case "auto":
		p.Auto = append(p.Auto, scan.SplitStage)
		split = true // joined first: what is one page may turn out to be two
	default:
		if at, err = strconv.Atoi(v.Split); err != nil || at < 1 {
			return p, 0, false, wrong("split-spread", v.Split, "a number of pixels from the left, none or auto")
		}
		split = true
	}
	if !auto(v.Deskew, scan.DeskewStage) {
		d, err := strconv.ParseFloat(v.Deskew, 64)
		if err != nil || math.IsNaN(d) || math.IsInf(d, 0) {
			return p, 0, false, wrong("deskew", v.Deskew, "degrees clockwise, -45 to 45, or auto")
		}
		set(scan.DeskewStage, scan.Deskew{Degrees: d})
	}
	if v.Crop == "none" {
		set(scan.CropStage, scan.Crop{})
	} else if !auto(v.Crop, scan.CropStage) {
		box, ok := edges(v.Crop)
		if !ok {
			return p, 0, false, wrong("crop", v.Crop, "left,top,right,bottom in pixels, none or auto")
		}
		if box.Empty() {
			return p, 0, false, wrong("crop", v.Crop, "left must be less than right and top less than bottom")
		}
		set(scan.CropStage, scan.Crop{Left: box.Min.X, Top: box.Min.Y, Right: box.Max.X, Bottom: box.Max.Y})
	}
	if !auto(v.Dewarp, scan.DewarpStage) {
		if v.Dewarp != "none" {
			return p, 0, false, wrong("dewarp", v.Dewarp, "none or auto")
		}
		set(scan.DewarpStage, scan.Dewarp{})
	}
	if !auto(v.ReadTone, scan.ToneStage) {
		set(scan.ToneStage, scan.Tone{Reading: v.ReadTone})
	}
	if !auto(v.Lines, scan.LinesStage) {
		if v.Lines != "remove" && v.Lines != "keep" {
			return p, 0, false, wrong("lines", v.Lines, "remove, keep or auto")
		}
		set(scan.LinesStage, scan.Lines{Remove: v.Lines == "remove"})
	}
	if !auto(v.Despeckle, scan.DespeckleStage) {
		n, err := strconv.Atoi(v.Despeckle)
		if err != nil {
			return p, 0, false, wrong("despeckle", v.Despeckle, "a number of pixels, or auto")
		}
		set(scan.DespeckleStage, scan.Despeckle{Size: n})
	}
	if !auto(v.Scale, scan.ScaleStage) {
		f, err := strconv.ParseFloat(v.Scale, 64)
		if err != nil || math.IsNaN(f) || math.IsInf(f, 0) {
			return p, 0, false, wrong("scale", v.Scale, "a factor, 0.1 to 4, or auto")
		}
		set(scan.ScaleStage, scan.Scale{Factor: f})
	}
	read := scan.Read{}
	if v.Lang != "" && v.Lang != "auto" {
		if read.Languages, err = languages(v.Lang); err != nil {
			return p, 0, false, err
		}
	}
	if v.Layout != "" && v.Layout != "auto" {
		if read.Layout, err = strconv.Atoi(v.Layout); err != nil || read.Layout < 3 || read.Layout > 13 {
			return p, 0, false, wrong("layout", v.Layout, "a page segmentation mode of Tesseract, 3 to 13, or auto")
		}
	}
	if read.Words, read.Patterns, err = v.read(); err != nil {
		return p, 0, false, err
	}
	switch {
	case len(read.Languages) > 0 || read.Layout != 0 || len(read.Words) > 0 || len(read.Patterns) > 0:
		set(scan.ReadStage, read)
	case v.Lang == "auto" || v.Layout == "auto":
		p.Auto = append(p.Auto, scan.ReadStage)
	}
	some := len(p.Set)+len(p.Auto) > 0 || split
	switch {
	case p.Reset && (some || p.Like != ""), p.Like != "" && some:
		return p, 0, false, usage("--reset and --like set all there is: give them alone")
	case !some && !p.Reset && p.Like == "":
		return p, 0, false, usage("page set wants something to set: see recto page set --help")
	}
	return p, at, split, nil
}
