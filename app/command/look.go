package command

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"recto/app/workbench"
	"recto/archive"
	"recto/scan"
)

// The verbs that look: list, show, search.

type listVerb struct {
	inArchive
	What  string `arg:"" optional:"" enum:"all,batches,documents,pages,bin" default:"all" help:"batches, documents, pages or bin (the last two want --batch)."`
	Batch string `placeholder:"NAME" help:"The batch whose pages are listed."`
}

func (listVerb) Help() string {
	return "Example:  recto list --archive ~/archive pages --batch 'Letters 1912'"
}

func (v listVerb) Run(s *session) error {
	if (v.What == "pages" || v.What == "bin") && v.Batch == "" {
		return usage("list %s wants --batch NAME", v.What)
	}
	w, err := v.look(s)
	if err != nil {
		return err
	}
	defer w.Close()
	out := map[string]any{"failures": []failure{}}
	if v.What == "all" || v.What == "batches" {
		rows, err := w.Batches(s.ctx)
		if err != nil {
			return err
		}
		views := []batchView{}
		s.say("%-36s %6s %4s %5s %6s %7s %4s  %-9s %9s  %s", "BATCH", "PAGES", "NEW", "DONE", "BLANK", "FAILED", "BIN", "COUNT", "SHEETS", "NAME")
		for _, b := range rows {
			views = append(views, viewBatch(b))
			n := b.Count()
			sheets := fmt.Sprint(n.Sheets)
			if n.Expected > 0 {
				sheets = fmt.Sprintf("%d of %d", n.Sheets, n.Expected)
			}
			s.say("%s %6d %4d %5d %6d %7d %4d  %-9s %9s  %s", b.ID, b.Pages, b.New, b.Done, b.Blank, b.Failed, b.Binned, b.State(), sheets, line(b.Name))
		}
		out["batches"] = views
	}
	if v.What == "all" || v.What == "documents" {
		rows, err := w.Documents(s.ctx)
		if err != nil {
			return err
		}
		views := []documentView{}
		s.say("%-36s %6s  %-10s  %s", "DOCUMENT", "PAGES", "STATE", "TITLE")
		for _, d := range rows {
			views = append(views, viewDocument(d, nil))
			s.say("%s %6d  %-10s  %s", d.ID, len(d.Leaves), d.State, line(d.Title))
		}
		out["documents"] = views
	}
	if v.What == "pages" || v.What == "bin" {
		b, err := w.Batch(s.ctx, v.Batch)
		if err != nil {
			return err
		}
		pages, err := w.Pages(s.ctx, b.ID, v.What == "bin")
		if err != nil {
			return err
		}
		s.pageLines(pages)
		out["pages"] = viewPages(pages)
	}
	if s.json {
		s.print(out)
	}
	return nil
}

func (v listVerb) nothing(_ *session, list []failure) any {
	out := map[string]any{"failures": list}
	if v.What == "pages" || v.What == "bin" {
		out["pages"] = []any{}
		return out
	}
	if v.What != "documents" {
		out["batches"] = []any{}
	}
	if v.What != "batches" {
		out["documents"] = []any{}
	}
	return out
}

// pageLines lists a batch, each unit below a line of its own.
func (s *session) pageLines(pages []workbench.PageInfo) {
	s.say("%-36s %4s  %-6s  %-6s  %4s  %s", "PAGE", "NO", "LABEL", "STATE", "CONF", "SOURCE")
	for _, p := range pages {
		if u := p.Start; u != nil {
			words := []string{}
			for _, w := range []string{u.Reference, u.Title} {
				if w != "" {
					words = append(words, line(w))
				}
			}
			if len(words) == 0 && u.Code != "" {
				words = append(words, line(u.Code))
			}
			s.say("-- unit %d: %s (%s)", p.Unit, cmp.Or(strings.Join(words, ", "), "not named"), u.Cause)
		}
		s.pageLine(p)
	}
}

// line shows a name on one line of a table, quoted in a sentence.
func line(name string) string { return scan.Path(name).Line() }

func quoted(name string) string { return `"` + line(name) + `"` }

func (s *session) pageLine(p workbench.PageInfo) {
	source := p.Origin.Path.Line()
	if p.Origin.Count > 1 {
		source += fmt.Sprintf(" [%d of %d]", p.Origin.Index+1, p.Origin.Count)
	}
	if p.DuplicateOf != "" {
		source += "  (same bytes as page " + string(p.DuplicateOf) + ")"
	}
	if p.Problem != nil {
		source += "  " + p.Problem.Message
	}
	s.say("%s %4d  %-6s  %-6s  %3.0f%%  %s", p.ID, p.Number, cmp.Or(line(p.Label), "-"), p.State, 100*p.Confidence, source)
}

type showVerb struct {
	inArchive
	Name string `arg:"" name:"name" help:"A batch's name, a document's title, or the ID of anything."`
	Text bool   `help:"Show the text instead of the history."`
}

func (showVerb) Help() string {
	return "Example:  recto show --archive ~/archive 'Letters of 1912' --text"
}

func (v showVerb) Run(s *session) error {
	w, err := v.look(s)
	if err != nil {
		return err
	}
	defer w.Close()
	out := map[string]any{"failures": []failure{}}
	var id string
	var pages []workbench.PageInfo
	if d, err := w.DocumentNamed(s.ctx, v.Name); err == nil {
		if pages, err = w.DocumentPages(s.ctx, d.ID); err != nil {
			return err
		}
		out["document"], id = viewDocument(d, pages), string(d.ID)
		s.say("Document %s, %s, %s, language %s\n%s", line(d.Title), d.State, workbench.Plural(len(pages), "page"), d.Language, d.PDF)
		for _, about := range [][2]string{{"reference", d.Reference}, {"container", d.Container}} {
			if about[1] != "" {
				s.say("  %s: %s", about[0], line(about[1]))
			}
		}
		for _, r := range d.Reasons {
			s.say("  incomplete: %s", r)
		}
		for i := range pages {
			pages[i].Number = i + 1
		}
	} else if b, berr := w.Batch(s.ctx, v.Name); berr == nil {
		if pages, err = w.Pages(s.ctx, b.ID, false); err != nil {
			return err
		}
		rejects, err := w.Rejects(s.ctx, b.ID)
		if err != nil {
			return err
		}
		out["batch"], out["pages"], out["rejects"], id = viewBatch(b), viewPages(pages), s.viewNotTaken(rejects), string(b.ID)
		s.say("Batch %s, %s, %d in the bin", line(b.Name), workbench.Plural(b.Pages, "page"), b.Binned)
		for _, about := range [][2]string{{"shelfmark", b.Shelfmark}, {"title", b.Title}, {"container", b.Container}, {"profile", b.Profile}, {"labels from", b.Series}} {
			if about[1] != "" {
				s.say("  %s: %s", about[0], line(about[1]))
			}
		}
		s.say("  count: %s, %s", b.Short(), b.State())
		if b.SignatureHolds() {
			s.say("  signed off: %s", line(b.Signed.Reason))
		}
		if b.Concerns > 0 {
			s.say("  to be looked at: %s (recto batch review)", workbench.Plural(b.Concerns, "page"))
		}
		for _, r := range rejects {
			aside := ""
			if r.Dismissed != "" {
				aside = " (set aside: " + r.Dismissed + ")"
			}
			s.say("  not taken: %s: %s%s", r.Origin.Path.Line(), r.Problem.Message, aside)
		}
	} else if p, perr := w.Page(s.ctx, scan.PageID(v.Name)); perr == nil {
		all, err := w.Pages(s.ctx, p.Batch, p.Binned)
		if err != nil {
			return err
		}
		if i := slices.IndexFunc(all, func(q workbench.PageInfo) bool { return q.ID == p.ID }); i >= 0 {
			p.Unit = all[i].Unit // a page alone does not know it
		}
		pages = []workbench.PageInfo{p}
		out["page"], id = viewPage(p), string(p.ID)
		if p.Unit > 0 {
			s.say("in unit %d of its batch", p.Unit)
		}
	} else {
		return workbench.About(v.Name, fmt.Errorf("%q: %w", v.Name, workbench.ErrNotFound))
	}
	if v.Text {
		texts := []string{}
		for _, p := range pages {
			t, err := w.Text(s.ctx, p.ID)
			if err != nil {
				return err
			}
			plain := ""
			if t != nil {
				plain = t.Plain()
			}
			texts = append(texts, plain)
			s.say("--- page %d ---\n%s", p.Number, strings.TrimRight(plain, "\n"))
		}
		out["text"] = texts
	} else {
		s.pageLines(pages)
		events, err := w.Events(s.ctx, id, 100)
		if err != nil {
			return err
		}
		views := []eventView{}
		for _, e := range events {
			views = append(views, eventView{e.Time, e.Actor, e.Type, e.Why, e.Data})
			s.say("%s  %-18s %s %s", e.Time.Local().Format("2006-01-02 15:04:05"), e.Type, e.Actor, e.Why)
		}
		out["events"] = views
	}
	if s.json {
		s.print(out)
	}
	return nil
}

type searchVerb struct {
	inArchive
	Query  []string `arg:"" help:"Words that must all be there; \"a phrase\" in quotes; begin* for words that begin so."`
	Limit  hits     `default:"20" help:"Hits at most, 1 to 10000."`
	Offset offset   `help:"Hits to leave out first, 0 or more."`
}

func (searchVerb) Help() string {
	return "Example:  recto search --archive ~/archive meadow 'harv*'\n\nCase and diacritics do not matter."
}

type hitView struct {
	Document archive.DocumentID `json:"document"`
	Title    string             `json:"title"`
	Page     scan.PageID        `json:"page"`
	Number   int                `json:"number"`
	Snippet  string             `json:"snippet"`
	Batch    scan.BatchID       `json:"batch"`
	Marks    [][2]int           `json:"marks"`
}

func (v searchVerb) Run(s *session) error {
	w, err := v.look(s)
	if err != nil {
		return err
	}
	defer w.Close()
	total, found, err := w.Search(s.ctx, strings.Join(v.Query, " "), int(v.Limit), int(v.Offset))
	if err != nil {
		return err
	}
	views := []hitView{}
	for _, h := range found {
		views = append(views, hitView{h.Document, h.Title, h.Page, h.Number, h.Snippet, h.Batch, list(h.Marks)})
		s.say("%s, page %d: %s", line(h.Title), h.Number, s.marked(h))
	}
	s.say("%d of %d hits", len(found), total)
	if s.json {
		s.print(map[string]any{"total": total, "hits": views, "failures": []failure{}})
	}
	return nil
}

func (searchVerb) nothing(_ *session, list []failure) any {
	return map[string]any{"total": 0, "hits": []any{}, "failures": list}
}

// marked shows a snippet on one line with its matches in [brackets].
func (s *session) marked(h workbench.Hit) string {
	var b strings.Builder
	at := 0
	for _, m := range h.Marks {
		if m[0] < at || m[1] > len(h.Snippet) {
			continue
		}
		b.WriteString(h.Snippet[at:m[0]] + "[" + h.Snippet[m[0]:m[1]] + "]")
		at = m[1]
	}
	b.WriteString(h.Snippet[at:])
	return strings.Join(strings.Fields(b.String()), " ")
}
