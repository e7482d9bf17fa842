package command

import (
	"context"
	"fmt"
	"image"
	"slices"
	"strconv"
	"strings"

	"recto/app/workbench"
	"recto/ocr"
	"recto/scan"
)

// textVerb is what the window's Text screen does.
type textVerb struct {
	Show   textShowVerb   `cmd:"" help:"Show the text of a page, with the address of each word where asked."`
	Edit   textEditVerb   `cmd:"" help:"Correct the text of a page."`
	Spell  textSpellVerb  `cmd:"" help:"Put the spelling of a name right on all pages, after a preview."`
	Export textExportVerb `cmd:"" help:"Write the text of pages as ALTO, PAGE, hOCR or plain text."`
}

// wordAt is the address of a word: block, paragraph, line and word, from 1.
type wordAt ocr.Place

func (a wordAt) String() string {
	return fmt.Sprintf("%d.%d.%d.%d", a.Block+1, a.Paragraph+1, a.Line+1, a.Word+1)
}

func parseWordAt(t *ocr.Text, s string) (ocr.Place, error) {
	parts := strings.Split(s, ".")
	n := make([]int, 4)
	for i := range n {
		if len(parts) != 4 {
			break
		}
		v, err := strconv.Atoi(parts[i])
		if err != nil || v < 1 {
			parts = nil
			break
		}
		n[i] = v - 1
	}
	if len(parts) != 4 {
		return ocr.Place{}, usage("%q is no address of a word: block.paragraph.line.word, as text show --words tells", s)
	}
	if t != nil {
		if p, ok := t.Place(n[0], n[1], n[2], n[3]); ok {
			return p, nil
		}
	}
	return ocr.Place{}, fmt.Errorf("%w: there is no word %s", ocr.ErrElsewhere, s)
}

type textShowVerb struct {
	inArchive
	Page     scan.PageID `arg:"" help:"The page (see recto list pages)."`
	Words    bool        `help:"A line for each word: address, confidence, place on the page."`
	Doubtful confidence  `placeholder:"PERCENT" help:"Only words that were read with less confidence, 0 to 100, and that nobody has looked at."`
	Raw      bool        `help:"As it was read, whatever was corrected since."`
}

func (textShowVerb) Help() string {
	return "Example:  recto text show --archive ~/archive 0198c5...\n          recto text show --archive ~/archive 0198c5... --doubtful 70"
}

type wordView struct {
	At         string          `json:"at"`
	Text       string          `json:"text"`
	Raw        string          `json:"raw"`
	Confidence float64         `json:"confidence"`
	Box        image.Rectangle `json:"box"`
	Corrected  bool            `json:"corrected"`
	Checked    bool            `json:"checked"`
	Unreadable bool            `json:"unreadable"`
}

func (v textShowVerb) Run(s *session) error {
	w, err := v.look(s)
	if err != nil {
		return err
	}
	defer w.Close()
	show := w.Text
	if v.Raw {
		show = w.RawText
	}
	t, err := show(s.ctx, v.Page)
	if err != nil {
		return err
	}
	if !s.json {
		page, err := w.Page(s.ctx, v.Page)
		if err != nil {
			return err
		}
		switch {
		case t != nil && t.Plain() != "":
		case page.State == scan.Blank:
			s.note("Page %d is blank: there is nothing to read on it.", page.Number)
		case page.State == scan.Failed && page.Problem != nil:
			s.note("Page %d could not be read: %s", page.Number, page.Problem.Message)
		case t != nil:
			s.note("Page %d was read; there is no text on it.", page.Number)
		default:
			s.note("Page %d was not read yet: recto process reads it.", page.Number)
		}
	}
	if t != nil && !v.Raw {
		if hint, found := t.Suggest(w.Languages()); found {
			return s.text(v.Page, t, v.Words, float64(v.Doubtful)/100, &hint)
		}
	}
	return s.text(v.Page, t, v.Words, float64(v.Doubtful)/100, nil)
}

// text shows a page's text, and beside it what language it seems to be in where that is
// not the one that it was read in.
func (s *session) text(id scan.PageID, t *ocr.Text, words bool, below float64, hint *ocr.Suggestion) error {
	if hint != nil && !s.json {
		s.note("%s; to read it so: recto page set --lang %s %s, then recto process", hint, hint.Model, id)
	}
	views := []wordView{}
	plain := ""
	if t != nil {
		plain = t.Plain()
		for p, w := range t.Places() {
			if below > 0 && !w.Doubtful(below) {
				continue
			}
			views = append(views, wordView{wordAt(p).String(), w.Text, w.AsRead(), w.Confidence, w.Box, w.Corrected, w.Checked, w.Unreadable})
		}
	}
	switch {
	case s.json:
		s.print(map[string]any{"page": id, "text": plain, "words": views, "suggestion": hint, "failures": []failure{}})
	case words || below > 0:
		for _, v := range views {
			note := ""
			switch {
			case v.Unreadable:
				note = "  unreadable"
			case v.Corrected:
				note = fmt.Sprintf("  corrected, was %q", v.Raw)
			case v.Checked:
				note = "  checked"
			}
			s.say("%-12s %3.0f%%  %5d,%-5d %4d x %-4d %s%s", v.At, v.Confidence*100, v.Box.Min.X, v.Box.Min.Y, v.Box.Dx(), v.Box.Dy(), line(v.Text), note)
		}
	default:
		fmt.Fprint(s.out, plain)
	}
	return nil
}

func (v textShowVerb) nothing(_ *session, list []failure) any {
	return map[string]any{"page": v.Page, "text": "", "words": []any{}, "failures": list}
}

type textEditVerb struct {
	inArchive
	Page       scan.PageID `arg:"" help:"The page (see recto list pages)."`
	At         string      `placeholder:"B.P.L.W" help:"The word, as text show --words tells."`
	Was        string      `placeholder:"WORD" help:"What stands there: nothing is done where it is something else."`
	To         string      `placeholder:"TEXT" help:"Another text for the word; with --add-line or --add-word what stands there."`
	Remove     bool        `xor:"do" help:"Take the word away."`
	Merge      bool        `xor:"do" help:"Make one word of it and the next."`
	Split      letters     `xor:"do" placeholder:"N" help:"Make two words of it, the first with N letters."`
	Accept     bool        `xor:"do" help:"It is right as it is."`
	Unreadable bool        `xor:"do" help:"Nobody can read it."`
	AddLine    string      `xor:"do" placeholder:"L,T,R,B" help:"Add a line that was missed, in pixels of the page as shown."`
	AddWord    string      `xor:"do" placeholder:"L,T,R,B" help:"Add a word to the line of the word --at."`
	Again      string      `xor:"do" placeholder:"L,T,R,B" help:"Read this part of the page anew; see --lang and --layout."`
	Lang       string      `placeholder:"LANGS" help:"With --again: languages, joined by +."`
	Layout     int         `placeholder:"MODE" help:"With --again: Tesseract's page segmentation mode, 3 to 13."`
}

func (textEditVerb) Help() string {
	return `Example:  recto text edit --archive ~/archive 0198c5... --at 1.2.1.4 --was Mül1er --to Müller
          recto text edit --archive ~/archive 0198c5... --at 1.2.1.4 --merge
          recto text edit --archive ~/archive 0198c5... --again 120,400,1900,620 --lang deu

What was read stays (text show --raw); recto page undo takes a correction back. Run
recto document to bring corrections into the PDF/A.`
}

func (v textEditVerb) Run(s *session) error {
	words := 0
	for _, on := range []bool{v.Remove, v.Merge, v.Split != 0, v.Accept, v.Unreadable, v.AddLine != "", v.AddWord != "", v.Again != ""} {
		if on {
			words++
		}
	}
	adds := v.AddLine != "" || v.AddWord != ""
	langs, err := languages(v.Lang)
	switch {
	case err != nil:
		return err
	case words == 0 && v.To == "":
		return usage("text edit wants --to TEXT or one of --remove, --merge, --split, --accept, --unreadable, --add-line, --add-word, --again")
	case adds && v.To == "":
		return usage("--add-line and --add-word want --to TEXT: what stands there")
	case v.To != "" && words > 0 && !adds:
		return usage("--to goes with --at alone, --add-line or --add-word")
	case v.At == "" && v.AddLine == "" && v.Again == "":
		return usage("which word? --at B.P.L.W, as text show --words tells")
	case (v.Lang != "" || v.Layout != 0) && v.Again == "":
		return usage("--lang and --layout go with --again")
	}
	w, err := v.open(s, workbench.Options{})
	if err != nil {
		return err
	}
	defer w.Close()
	t, err := w.Text(s.ctx, v.Page)
	if err != nil {
		return err
	}
	e, how, err := v.edit(s.ctx, w, t, langs)
	if err != nil {
		return err
	}
	if t, err = w.EditText(s.ctx, v.Page, how, e); err != nil {
		return err
	}
	s.note("%s: done", how)
	return s.text(v.Page, t, false, 0, nil)
}

func (v textEditVerb) edit(ctx context.Context, w *workbench.Workbench, t *ocr.Text, langs []string) (ocr.Edit, string, error) {
	var at ocr.Place
	if v.At != "" {
		var err error
		if at, err = parseWordAt(t, v.At); err != nil {
			return ocr.Edit{}, "", err
		}
		if v.Was != "" && v.Was != at.Text {
			return ocr.Edit{}, "", fmt.Errorf("%w: %q stands at %s, not %q", ocr.ErrElsewhere, at.Text, v.At, v.Was)
		}
	}
	switch {
	case v.Remove:
		return ocr.Set(at, ""), "remove a word", nil
	case v.Merge:
		next, ok := following(t, at)
		if !ok {
			return ocr.Edit{}, "", fmt.Errorf("%w: no word follows %s", ocr.ErrEdit, v.At)
		}
		return ocr.Merge(at, next), "merge words", nil
	case v.Split != 0:
		return ocr.Split(at, int(v.Split)), "split a word", nil
	case v.Accept:
		return ocr.Accept(at), "accept a word", nil
	case v.Unreadable:
		return ocr.Unreadable(at), "mark a word unreadable", nil
	case v.AddLine != "":
		box, err := parseBox("add-line", v.AddLine)
		return ocr.AddLine(box, 0, v.To), "add a line", err
	case v.AddWord != "":
		box, err := parseBox("add-word", v.AddWord)
		return ocr.AddWord(at, box, v.To), "add a word", err
	case v.Again != "":
		box, err := parseBox("again", v.Again)
		if err != nil {
			return ocr.Edit{}, "", err
		}
		read, err := w.ReadRegion(ctx, v.Page, box, langs, v.Layout)
		return ocr.Replace(box, read), "read a part again", err
	}
	return ocr.Set(at, v.To), "correct a word", nil
}

// following is the word after one in reading order.
func following(t *ocr.Text, at ocr.Place) (ocr.Place, bool) {
	for p := range t.Places() {
		if p.Compare(at) > 0 {
			return p, true
		}
	}
	return ocr.Place{}, false
}

func parseBox(flag, s string) (image.Rectangle, error) {
	box, ok := edges(s)
	if !ok || box.Empty() {
		return image.Rectangle{}, usage("--%s %s: left,top,right,bottom in pixels of the page as shown, left less than right and top less than bottom", flag, s)
	}
	return box, nil
}

// edges reads "left,top,right,bottom", in whatever order they are.
func edges(s string) (image.Rectangle, bool) {
	var box image.Rectangle
	var rest string
	n, _ := fmt.Sscanf(s+" end", "%d,%d,%d,%d %s", &box.Min.X, &box.Min.Y, &box.Max.X, &box.Max.Y, &rest)
	return box, n == 5 && rest == "end"
}

func (v textEditVerb) nothing(_ *session, list []failure) any {
	return map[string]any{"page": v.Page, "text": "", "words": []any{}, "failures": list}
}

type textSpellVerb struct {
	inArchive
	Wrong    []string `required:"" placeholder:"NAME" sep:"none" help:"How it was read or written; may be given several times."`
	Right    string   `required:"" placeholder:"NAME" help:"How it is spelt."`
	Batch    string   `placeholder:"NAME" help:"Only in this batch; without it in all."`
	Inside   bool     `help:"Also as a part of longer words."`
	AnyCase  bool     `help:"Whatever its capitals are."`
	KeepCase bool     `help:"What stands in capitals, or in small letters, stays so."`
	Apply    bool     `help:"Do it; without this flag it is only shown where."`
}

func (textSpellVerb) Help() string {
	return `Example:  recto text spell --archive ~/archive --wrong Mül1er --wrong Mu11er --right Müller
          recto text spell --archive ~/archive --wrong Mül1er --right Müller --apply

Look at what is shown before you apply it; recto page undo takes it back, batch by batch.`
}

func (v textSpellVerb) Run(s *session) error {
	open := v.look
	if v.Apply {
		open = func(s *session) (*workbench.Workbench, error) { return v.open(s, workbench.Options{}) }
	}
	w, err := open(s)
	if err != nil {
		return err
	}
	defer w.Close()
	var batch scan.BatchID
	if v.Batch != "" {
		b, err := w.Batch(s.ctx, v.Batch)
		if err != nil {
			return err
		}
		batch = b.ID
	}
	n := ocr.Spelling{Wrong: v.Wrong, Right: v.Right, Inside: v.Inside, AnyCase: v.AnyCase, KeepCase: v.KeepCase}
	p, stop := s.watch()
	found, err := w.FindSpelling(s.ctx, batch, n, p)
	stop()
	if err != nil {
		return err
	}
	type match struct {
		Page    scan.PageID `json:"page"`
		Number  int         `json:"number"`
		At      string      `json:"at"`
		Before  string      `json:"before"`
		Found   string      `json:"found"`
		After   string      `json:"after"`
		Becomes string      `json:"becomes"`
		Seen    bool        `json:"seen"` // a person has looked at it before
	}
	matches := []match{}
	for _, p := range found {
		for _, m := range p.Matches {
			matches = append(matches, match{p.Page.ID, p.Page.Number, wordAt(m.At[0]).String(), m.Before, m.Found, m.After, m.Becomes, m.Seen})
			s.say("page %d  %s %s  ...%s[%s -> %s]%s...", p.Page.Number, p.Page.ID, wordAt(m.At[0]), m.Before, m.Found, m.Becomes, m.After)
		}
	}
	if v.Apply {
		p, stop := s.watch()
		err := w.Spell(s.ctx, n, found, p)
		stop()
		if err != nil {
			return err
		}
	}
	done := map[bool]string{true: "put right", false: "found; --apply puts them right"}[v.Apply]
	s.say("%s on %s %s.", workbench.Plural(len(matches), "place"), workbench.Plural(len(found), "page"), done)
	if s.json {
		s.print(map[string]any{"matches": matches, "applied": v.Apply, "failures": []failure{}})
	}
	return nil
}

func (v textSpellVerb) nothing(_ *session, list []failure) any {
	return map[string]any{"matches": []any{}, "applied": false, "failures": list}
}

type textExportVerb struct {
	thePages
	Into   string   `required:"" placeholder:"DIR" help:"A folder, which must be there."`
	Format []string `default:"alto" help:"alto (4.4), page (2019-07-15), hocr or txt; several with commas between."`
	Raw    bool     `help:"As it was read, whatever was corrected since."`
	Force  bool     `help:"Replace files that are there."`
}

func (textExportVerb) Help() string {
	return "Example:  recto text export --archive ~/archive --batch Letters --into ~/texts --format alto,page,txt"
}

func (v textExportVerb) Run(s *session) error {
	var formats []workbench.TextFormat
	for _, f := range v.Format {
		if !slices.Contains(workbench.TextFormats, workbench.TextFormat(f)) {
			return usage("--format %s: %v are what text is written as", f, workbench.TextFormats)
		}
		formats = append(formats, workbench.TextFormat(f))
	}
	w, ids, err := v.lookAt(s)
	if err != nil {
		return err
	}
	defer w.Close()
	p, stop := s.watch()
	files, failed, err := w.ExportTexts(s.ctx, workbench.TextExport{Pages: ids, Formats: formats, Dir: v.Into, Raw: v.Raw, Replace: v.Force}, p)
	stop()
	failures := []failure{}
	for _, e := range failed {
		failures = append(failures, s.failureOf("", e))
	}
	code := 0
	if err != nil {
		failures = append(failures, s.failureOf("", err))
		code = workbench.Explain(err).Exit
	}
	s.complain(failures)
	s.say("%s written, %d failed.", workbench.Plural(len(files), "file"), len(failed))
	if s.json {
		s.print(map[string]any{"files": list(files), "failures": failures})
	}
	return exit(code, len(failures) > 0)
}

func (textExportVerb) nothing(_ *session, list []failure) any {
	return map[string]any{"files": []any{}, "failures": list}
}
