package gui

import (
	"slices"
	"strconv"
	"strings"

	"recto/app/workbench"
	"recto/ocr"
	"recto/scan"
)

// fault says what is wrong with a field.
type fault struct {
	field int
	words string
}

// said is what a field says where it was changed; empty where it was not.
func (p *preparer) said(field int) string {
	f := p.fields[field]
	text := f.text()
	if text == f.was {
		return ""
	}
	if text == "" { // what was set is cleared
		if _, one := p.one(); one {
			return autoWord
		}
	}
	return text
}

// asked is what the fields ask for; split tells that spreads are to be cut at a column,
// or joined at 0. wrong says which fields cannot be understood.
func (p *preparer) asked() (set workbench.Preparation, at int, split bool, wrong []fault) {
	with := func(stage scan.Stage, params any) { set.Set = set.Set.With(scan.NewStep(stage, params, true)) }
	value := func(field int, stage scan.Stage) (string, bool) {
		v := p.said(field)
		if v == autoWord {
			set.Auto = append(set.Auto, stage)
		}
		return v, v != "" && v != autoWord
	}
	bad := func(field int, want string) { wrong = append(wrong, fault{field, want}) }
	if v, ok := value(prepTurn, scan.OrientStage); ok {
		n, _ := strconv.Atoi(v)
		with(scan.OrientStage, scan.Orient{Degrees: n})
	}
	switch v := p.said(prepSpread); v {
	case "":
	case "none":
		split = true
	case autoWord: // joined first: what is one page may turn out to be two
		set.Auto, split = append(set.Auto, scan.SplitStage), true
	default:
		n, err := strconv.Atoi(v)
		if err != nil || n < 1 {
			bad(prepSpread, "a number of pixels from the left, none or auto")
		}
		at, split = n, true
	}
	number := func(field int, stage scan.Stage, low, high float64, want string, params func(float64) any) {
		if v, ok := value(field, stage); ok {
			n, err := strconv.ParseFloat(strings.Replace(v, ",", ".", 1), 64)
			if err != nil || !(n >= low && n <= high) {
				bad(field, want)
				return
			}
			with(stage, params(n))
		}
	}
	number(prepDeskew, scan.DeskewStage, -45, 45, "degrees from -45 to 45, or auto", func(n float64) any { return scan.Deskew{Degrees: n} })
	if v, ok := value(prepCrop, scan.CropStage); ok && v == "none" {
		with(scan.CropStage, scan.Crop{})
	} else if ok {
		var edge [4]int
		fields := strings.FieldsFunc(v, func(r rune) bool { return r == ',' || r == ' ' || r == ';' })
		good := len(fields) == 4
		for i := range edge {
			if good {
				n, err := strconv.Atoi(fields[i])
				edge[i], good = n, err == nil
			}
		}
		c := scan.Crop{Left: edge[0], Top: edge[1], Right: edge[2], Bottom: edge[3]}
		if !good || c.Right-c.Left < 16 || c.Bottom-c.Top < 16 {
			bad(prepCrop, "left, top, right, bottom: pixels, 16 apart; or none, auto")
		}
		with(scan.CropStage, c)
	}
	if _, ok := value(prepBent, scan.DewarpStage); ok {
		with(scan.DewarpStage, scan.Dewarp{})
	}
	if v, ok := value(prepReadTone, scan.ToneStage); ok {
		with(scan.ToneStage, scan.Tone{Reading: v})
	}
	if v, ok := value(prepLines, scan.LinesStage); ok {
		with(scan.LinesStage, scan.Lines{Remove: v == "remove"})
	}
	number(prepSpecks, scan.DespeckleStage, 0, 20, "0 to 20 pixels, or auto", func(n float64) any { return scan.Despeckle{Size: int(n)} })
	number(prepScale, scan.ScaleStage, 0.1, 4, "0.1 to 4, or auto", func(n float64) any { return scan.Scale{Factor: n} })
	p.askedRead(&set, bad)
	return set, at, split, wrong
}

// askedRead is what the fields ask for of the reading itself, which is one step: what
// becomes automatic is left out when it is set anew.
func (p *preparer) askedRead(set *workbench.Preparation, bad func(field int, want string)) {
	fields := []int{prepLanguages, prepLayout, prepWords, prepPatterns}
	changed, freed := 0, 0
	for _, f := range fields {
		switch p.said(f) {
		case "":
		case autoWord:
			freed++
			changed++
		default:
			changed++
		}
	}
	if changed == 0 {
		return
	}
	_, one := p.one()
	if !one && freed > 0 && freed < len(fields) {
		for _, f := range fields {
			if p.said(f) == autoWord {
				bad(f, "for several pages: make all four automatic, or do it page by page")
			}
		}
		return
	}
	value := func(f int) string { // of one page all of it, of several what was changed
		v := p.said(f)
		if one {
			v = p.fields[f].text()
		}
		if v == autoWord {
			return ""
		}
		return v
	}
	read := scan.Read{Languages: languagesIn(value(prepLanguages))}
	read.Layout, _ = strconv.Atoi(value(prepLayout))
	var err error
	if words := p.w.notInstalled(read.Languages); words != "" {
		bad(prepLanguages, words)
	}
	if read.Words, err = ocr.UserWords([]string{value(prepWords)}); err != nil {
		bad(prepWords, err.Error())
	}
	if read.Patterns, err = ocr.UserPatterns(strings.Fields(value(prepPatterns))); err != nil {
		bad(prepPatterns, err.Error())
	}
	if one || freed > 0 { // what is not said does not stay
		set.Auto = append(set.Auto, scan.ReadStage)
	}
	if len(read.Languages)+len(read.Words)+len(read.Patterns) > 0 || read.Layout != 0 {
		set.Set = set.Set.With(scan.NewStep(scan.ReadStage, read, true))
	}
}

// asking is all that the dialog asks for, with the page to be like; some tells that it
// is anything.
func (p *preparer) asking() (set workbench.Preparation, at int, split, some bool, wrong []fault) {
	set, at, split, wrong = p.asked()
	some = len(set.Set)+len(set.Auto) > 0 || split
	text := strings.TrimSpace(p.like.Text)
	if text == "" || len(wrong) > 0 {
		return set, at, split, some, wrong
	}
	n, err := strconv.Atoi(text)
	i := slices.IndexFunc(p.list, func(o workbench.PageInfo) bool { return o.Number == n && o.Batch == p.pages[0].Batch })
	switch {
	case some:
		wrong = append(wrong, fault{prepLike, "takes over all there is; leave the other fields as they were"})
	case err != nil || i < 0:
		wrong = append(wrong, fault{prepLike, "there is no page " + text})
	default:
		set, some = workbench.Preparation{Like: p.list[i].ID}, true
	}
	return set, at, split, some, wrong
}

// trial is what the picture is to show.
func (p *preparer) trial() (workbench.Trial, []fault) {
	set, at, split, _, wrong := p.asking()
	t := workbench.Trial{Preparation: set}
	if split {
		t.Spread = &at
	}
	return t, wrong
}
