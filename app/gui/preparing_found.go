package gui

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"recto/app/gui/parts"
	"recto/app/workbench"
	"recto/scan"
)

// refresh says beside each field what is found on the page that is shown, and who set
// it otherwise.
func (p *preparer) refresh() {
	page := p.look.page()
	_, _, _, _, wrong := p.asking()
	_, one := p.one()
	p.over.Set("Found on page "+pageName(page)+"; who set it", parts.Muted)
	for i, f := range p.fields {
		if f.stage != "" {
			f.found.Set(p.foundWords(i, page), parts.Plain)
		}
		byHand := ""
		if f.stage != "" {
			byHand = byHandText(page, i)
		}
		bad := slices.IndexFunc(wrong, func(w fault) bool { return w.field == i })
		switch {
		case bad >= 0:
			f.says.Set(wrong[bad].words, parts.Bad)
		case p.said(i) != "" && i != prepLike && len(wrong) > 0:
			f.says.Set("not set yet", parts.Accent)
		case p.said(i) != "" && i != prepLike:
			f.says.Set("tried here, not set yet", parts.Accent)
		case byHand != "" && byHand != autoWord && one:
			f.says.Set("set "+p.handWords(f.stage), parts.Accent)
		case byHand != "" && byHand != autoWord:
			f.says.Set(byHand+", set "+p.handWords(f.stage), parts.Accent)
		default:
			f.says.Set(f.hint, parts.Muted)
		}
	}
}

// handWords says who set a stage of the page that is shown.
func (p *preparer) handWords(stage scan.Stage) string {
	tried, have := p.look.answer()
	h, known := tried.Set[stage]
	if !have || !known {
		return "by hand"
	}
	at := h.When.Local()
	form := "2 Jan 15:04"
	if at.Year() != time.Now().Year() {
		form = "2 Jan 2006"
	}
	return "by " + h.Who + ", " + at.Format(form)
}

// foundWords tells what is found of a page by itself, with how sure that is.
func (p *preparer) foundWords(field int, page workbench.PageInfo) string {
	found, known := page.Recipe, page.State == scan.Done && len(page.ByHand.Manual()) == 0
	if tried, have := p.look.answer(); have {
		found, known = tried.Found, true
	}
	if field == prepLanguages {
		if len(page.Languages) > 0 {
			return "last read in " + strings.Join(page.Languages, "+")
		}
		return "those of the batch"
	}
	if !known {
		return "…"
	}
	switch field {
	case prepTurn:
		if o, is := scan.Find[scan.Orient](found, scan.OrientStage); is && o.Degrees != 0 {
			return fmt.Sprintf("%d°%s", o.Degrees, confidenceWords(o.Confidence))
		}
		return "no turn"
	case prepSpread:
		switch s, _ := scan.Find[scan.Split](found, scan.SplitStage); {
		case s.Part == 0:
			return "one page"
		case s.Confidence == 0:
			return fmt.Sprintf("half of a spread, cut at %d", s.At)
		default:
			return fmt.Sprintf("two, cut at %d%s", s.At, confidenceWords(s.Confidence))
		}
	case prepDeskew:
		if d, is := scan.Find[scan.Deskew](found, scan.DeskewStage); is && d.Degrees != 0 {
			return fmt.Sprintf("%.2f°, confidence %.1f (3 will do)", d.Degrees, d.Confidence)
		}
		return "straight"
	case prepCrop:
		if c, is := scan.Find[scan.Crop](found, scan.CropStage); is && !c.Box().Empty() {
			return fmt.Sprintf("%d, %d, %d, %d%s", c.Left, c.Top, c.Right, c.Bottom, confidenceWords(c.Confidence))
		}
		return "nothing to cut off"
	case prepBent:
		if d, is := scan.Find[scan.Dewarp](found, scan.DewarpStage); is && len(d.Up) > 0 {
			return fmt.Sprintf("bent by %d px%s", max(slices.Max(d.Up), -slices.Min(d.Up)), confidenceWords(d.Confidence))
		}
		return "straight"
	case prepReadTone:
		if t, is := scan.Find[scan.Tone](found, scan.ToneStage); is && orPlain(t.Reading) != scan.PlainTone {
			return t.Reading + ", read surer" + confidenceWords(t.Confidence)
		}
		return "plain, or what reads surer"
	case prepLines:
		if l, is := scan.Find[scan.Lines](found, scan.LinesStage); is && l.Remove {
			return "removed, read surer" + confidenceWords(l.Confidence)
		}
		return "kept, or what reads surer"
	case prepSpecks:
		if d, is := scan.Find[scan.Despeckle](found, scan.DespeckleStage); is && d.Size > 0 {
			return fmt.Sprintf("up to %d px go, read surer%s", d.Size, confidenceWords(d.Confidence))
		}
		return "kept, or what reads surer"
	case prepScale:
		if f, is := scan.Find[scan.Scale](found, scan.ScaleStage); is && f.Factor != 1 {
			return fmt.Sprintf("%.2f times, letters %.1f px high", f.Factor, f.XHeight)
		}
		return "its own size is right"
	case prepLayout:
		if r, _ := scan.Find[scan.Read](page.Recipe, scan.ReadStage); r.Layout != 0 {
			return "last read as " + layoutWord(r.Layout)
		}
		return "what reads surer"
	case prepWords, prepPatterns:
		return "those of the run"
	}
	return ""
}

// confidenceWords is how sure the workers are of what they found, 1 being quite sure.
func confidenceWords(c float64) string {
	if c == 0 {
		return ""
	}
	if c > 1 { // a turn before it is read: deviations
		return fmt.Sprintf(", confidence %.1f (1 will do)", c)
	}
	return fmt.Sprintf(", confidence %.2f", c)
}
