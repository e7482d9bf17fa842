package gui

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"

	"recto/app/gui/parts"
	"recto/app/workbench"
	"recto/scan"
)

// The fields, in their order.
const (
	prepTurn = iota
	prepSpread
	prepDeskew
	prepCrop
	prepBent
	prepReadTone
	prepLines
	prepSpecks
	prepScale
	prepLanguages
	prepLayout
	prepWords
	prepPatterns
	prepLike // of all there is, and not a stage
)

// preparedField is one parameter as text: what a choice or an entry says.
type preparedField struct {
	name  string
	hint  string
	stage scan.Stage
	was   string
	text  func() string
	found *parts.Text // what is found out by itself
	says  *parts.Text // who set it, what is wrong with it, or what it takes
}

// build adds the fields.
func (p *preparer) build() {
	p.over = parts.NewText("", parts.Muted, 12, 60).Bold()
	p.form.add("", p.row(container.NewStack(), p.over))
	p.choose("Turn", "clockwise, as the master has it", scan.OrientStage, []string{"0°: as in the file", "90° clockwise", "180°", "270° clockwise"}, []string{"0", "90", "180", "270"})
	p.entry("Spread", "auto, none, or the column to cut at", scan.SplitStage)
	p.entry("Straighten", "auto, or -45 to 45° clockwise", scan.DeskewStage)
	p.entry("Crop", "auto, none, or left, top, right, bottom", scan.CropStage)
	p.choose("Bent lines", "made straight for reading", scan.DewarpStage, []string{"left as they are"}, []string{"none"})
	p.choose("Paper for reading", "for the eye it stays as it is", scan.ToneStage,
		[]string{"plain: as it is", "level: shadows evened out", "local: black and white"}, []string{scan.PlainTone, scan.LevelTone, scan.LocalTone})
	p.choose("Ruled lines", "for reading", scan.LinesStage, []string{"removed for reading", "kept"}, []string{"remove", "keep"})
	p.entry("Specks", "auto, or their pixels across; 0: none", scan.DespeckleStage)
	p.entry("Enlarge for reading", "auto, or 0.1 to 4 times its size", scan.ScaleStage)
	p.entry("Languages", "auto, or names joined by +", scan.ReadStage)
	var modes []string
	for _, l := range layouts {
		modes = append(modes, strconv.Itoa(l.mode))
	}
	p.choose("Layout", "how the page is taken apart", scan.ReadStage, layoutWords(), modes)
	p.entry("Words", "that dictionaries lack, spaces between", scan.ReadStage)
	p.entry("Patterns", `of words: \d a digit, \c a letter, \* several of it`, scan.ReadStage)
	p.like = p.entry("As page", p.likeHint(), "")
}

// entry adds a field to type in.
func (p *preparer) entry(name, hint string, stage scan.Stage) *parts.Entry {
	e := parts.NewEntry(p.w.keys, "")
	e.Whole = true
	page, one := p.one()
	was := ""
	switch {
	case stage == "":
		e.PlaceHolder = "number"
	case one:
		e.PlaceHolder, was = autoWord, byHandText(page, len(p.fields))
	default:
		e.PlaceHolder = asTheyAre
	}
	e.SetText(was)
	e.OnChanged = func(string) { p.changed() }
	e.OnSubmitted = func(string) { p.set() }
	p.add(name, hint, stage, e, was, func() string {
		text := strings.TrimSpace(e.Text)
		for _, word := range []string{autoWord, "none"} {
			if strings.EqualFold(text, word) {
				return word
			}
		}
		return text
	})
	return e
}

// choose adds a choice; words and values go together, automatic comes first.
func (p *preparer) choose(name, hint string, stage scan.Stage, words, values []string) {
	words, values = append([]string{"automatic"}, words...), append([]string{autoWord}, values...)
	page, one := p.one()
	was := ""
	if one {
		was = byHandText(page, len(p.fields))
	} else {
		words, values = append([]string{asTheyAre}, words...), append([]string{""}, values...)
	}
	if !slices.Contains(values, was) { // set by a verb: a layout without a word here
		words, values = append(words, was), append(values, was)
	}
	c := parts.NewSelect(p.w.keys, nil)
	c.SetOptions(words)
	c.SetSelectedIndex(slices.Index(values, was))
	c.OnChanged = func(string) { p.changed() }
	p.add(name, hint, stage, c, was, func() string { return values[max(c.SelectedIndex(), 0)] })
}

// add puts a field beside its name, behind it what is found and what it takes.
func (p *preparer) add(name, hint string, stage scan.Stage, field fyne.CanvasObject, was string, text func() string) {
	if f, ok := field.(fyne.Focusable); ok && p.first == nil {
		p.first = f
	}
	f := &preparedField{name: name, hint: hint, stage: stage, was: was, text: text,
		found: parts.NewText("", parts.Plain, 12, 60), says: parts.NewText(hint, parts.Muted, 11, 60)}
	p.fields = append(p.fields, f)
	if stage == "" {
		p.form.add(name, p.row(field, f.says))
		return
	}
	p.form.add(name, p.row(field, f.found, f.says))
}

// row is a field with lines of words beside it, or below it where beside it they would be
// cut short.
func (p *preparer) row(field fyne.CanvasObject, words ...fyne.CanvasObject) fyne.CanvasObject {
	lines := container.New(layout.NewCustomPaddedVBoxLayout(0), words...)
	height := float32(33)
	if field.MinSize().Height == 0 {
		height = 16
	}
	sized := container.NewGridWrap(fyne.NewSize(168, height), field)
	if p.w.win.Canvas().Size().Width < wordsBeside {
		if field.MinSize().Height == 0 {
			return lines
		}
		return container.New(layout.NewCustomPaddedVBoxLayout(0), sized, container.New(layout.NewCustomPaddedLayout(1, 2, 4, 0), lines))
	}
	beside := container.New(layout.NewCustomPaddedLayout(max(height-lines.MinSize().Height, 0)/2, 0, 10, 0), lines)
	return container.NewBorder(nil, nil, sized, nil, beside)
}

// byHandText is what is set by hand of a page as its field has it.
func byHandText(page workbench.PageInfo, field int) string {
	r := page.ByHand.Manual()
	text := ""
	switch field {
	case prepTurn:
		if o, set := scan.Find[scan.Orient](r, scan.OrientStage); set {
			text = strconv.Itoa(o.Degrees)
		}
	case prepSpread:
		if s, set := scan.Find[scan.Split](r, scan.SplitStage); set && s.Part == 0 {
			text = "none"
		} else if set {
			text = strconv.Itoa(s.At)
		}
	case prepDeskew:
		if d, set := scan.Find[scan.Deskew](r, scan.DeskewStage); set {
			text = decimal(d.Degrees)
		}
	case prepCrop:
		if c, set := scan.Find[scan.Crop](r, scan.CropStage); set && c.Box().Empty() {
			text = "none"
		} else if set {
			text = fmt.Sprintf("%d, %d, %d, %d", c.Left, c.Top, c.Right, c.Bottom)
		}
	case prepBent:
		if d, set := scan.Find[scan.Dewarp](r, scan.DewarpStage); set {
			text = map[bool]string{true: "as set", false: "none"}[len(d.Up) > 0]
		}
	case prepReadTone:
		if t, set := scan.Find[scan.Tone](r, scan.ToneStage); set {
			text = orPlain(t.Reading)
		}
	case prepLines:
		if l, set := scan.Find[scan.Lines](r, scan.LinesStage); set {
			text = map[bool]string{true: "remove", false: "keep"}[l.Remove]
		}
	case prepSpecks:
		if k, set := scan.Find[scan.Despeckle](r, scan.DespeckleStage); set {
			text = strconv.Itoa(k.Size)
		}
	case prepScale:
		if f, set := scan.Find[scan.Scale](r, scan.ScaleStage); set {
			text = decimal(f.Factor)
		}
	default:
		text = readText(r, field)
	}
	if text == "" {
		return autoWord
	}
	return text
}

// readText is what is set of the reading itself.
func readText(r scan.Recipe, field int) string {
	read, _ := scan.Find[scan.Read](r, scan.ReadStage)
	switch {
	case field == prepLanguages:
		return strings.Join(read.Languages, "+")
	case field == prepLayout && read.Layout != 0:
		return strconv.Itoa(read.Layout)
	case field == prepWords:
		return strings.Join(read.Words, " ")
	case field == prepPatterns:
		return strings.Join(read.Patterns, " ")
	}
	return ""
}

func orPlain(tone string) string {
	if tone == "" {
		return scan.PlainTone
	}
	return tone
}

func decimal(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }
