package workbench

import (
	"context"
	"encoding/json"
	"fmt"
	"path"
	"slices"
	"strings"

	"recto/archive"
	"recto/archive/premis"
	"recto/scan"
)

// provenance tells in PREMIS what is in a document's package, and what was done to its
// pages: how they were captured, prepared by hand and by the workers, read, corrected.
// The events are those of the journal, under their own identifiers.
type provenance struct {
	w    *Workbench
	out  premis.Document
	seen map[premis.Identifier]bool // agents and events that are told of
}

// premis gives the file, for the package's member names as members has them.
func (w *Workbench) premis(ctx context.Context, d DocumentInfo, pages []PageInfo) ([]byte, error) {
	p := &provenance{w: w, seen: map[premis.Identifier]bool{}}
	var pdfSources []premis.Identifier
	var texts []premis.Object
	for i, page := range pages {
		number := fmt.Sprintf("%04d", i+1)
		master := at(fmt.Sprintf("masters/%04d%s", masterNumber(pages, i), path.Ext(page.Master)))
		if masterNumber(pages, i) == i+1 {
			pdfSources = append(pdfSources, master)
			p.file(master, page.ID, mediaType(page.Format), page.Fixity, page.Origin.Path.Line())
			if c := page.Companion; c.Master != "" {
				p.file(at("masters/"+number+".working"+path.Ext(c.Master)), page.ID, mediaType(c.Format), c.Fixity, "")
			}
		}
		text, err := p.page(ctx, page, master, at("alto/page-"+number+".xml"))
		if err != nil {
			return nil, fmt.Errorf("page %d: %w", i+1, err)
		}
		texts = append(texts, text...)
	}
	pdf := at("pdf/" + strings.ReplaceAll(SafeName(d.Title), "%", "_") + ".pdf")
	made, err := p.written(ctx, d, pdf, pdfSources)
	if err != nil {
		return nil, err
	}
	p.out.Objects = append(p.out.Objects, premis.Object{
		ID: []premis.Identifier{pdf, {Type: "UUID", Value: string(d.ID)}}, Fixity: digestsOf(d.Fixity), Size: d.Fixity.Size,
		Format: "application/pdf", FormatNote: "PDF/A-2u", Sources: pdfSources, SourceEvent: made,
	})
	p.out.Objects = append(p.out.Objects, texts...)
	return p.out.XML(), nil
}

// at identifies a file by its place in the package's payload.
func at(name string) premis.Identifier {
	return premis.Identifier{Type: "path in package", Value: name}
}

func uid(id string) premis.Identifier { return premis.Identifier{Type: "UUID", Value: id} }

func digestsOf(f scan.Fixity) (out []premis.Digest) {
	for _, d := range []premis.Digest{{Algorithm: "SHA-256", Value: f.SHA256}, {Algorithm: "SHA-512", Value: f.SHA512}} {
		if d.Value != "" {
			out = append(out, d)
		}
	}
	return out
}

// mediaType names a format as IANA has it registered, where it is.
func mediaType(f scan.Format) string {
	switch f {
	case scan.PDF:
		return "application/pdf"
	case scan.PNM:
		return "image/x-portable-anymap"
	case scan.RAW:
		return "application/octet-stream"
	}
	return "image/" + string(f)
}

func (p *provenance) file(id premis.Identifier, page scan.PageID, format string, f scan.Fixity, original string) {
	p.out.Objects = append(p.out.Objects, premis.Object{
		ID: []premis.Identifier{id, uid(string(page))}, Fixity: digestsOf(f), Size: f.Size, Format: format, OriginalName: original,
	})
}

// agent tells of an agent, once.
func (p *provenance) agent(kind, idType, value, name, role string, notes ...string) []premis.Link {
	if value == "" {
		return nil
	}
	id := premis.Identifier{Type: idType, Value: value}
	if !p.seen[id] {
		p.seen[id] = true
		p.out.Agents = append(p.out.Agents, premis.Agent{ID: id, Name: name, Type: kind, Notes: notes})
	}
	return []premis.Link{{ID: id, Role: role}}
}

func (p *provenance) person(name string) []premis.Link {
	return p.agent("person", "user name", name, name, "implementer")
}

func (p *provenance) program(name string, notes ...string) []premis.Link {
	return p.agent("software", "program", name, name, "executing program", notes...)
}

// event tells of an event, once, though it may be about many pages.
func (p *provenance) event(e premis.Event) {
	if !p.seen[e.ID] {
		p.seen[e.ID] = true
		p.out.Events = append(p.out.Events, e)
		return
	}
	for i := range p.out.Events {
		if told := &p.out.Events[i]; told.ID == e.ID {
			for _, o := range e.Objects {
				if !slices.Contains(told.Objects, o) {
					told.Objects = append(told.Objects, o)
				}
			}
			for _, d := range e.Details {
				if !slices.Contains(told.Details, d) {
					told.Details = append(told.Details, d)
				}
			}
		}
	}
}

// page tells what was done to a page, oldest first, and gives the text in the package.
func (p *provenance) page(ctx context.Context, page PageInfo, master, alto premis.Identifier) ([]premis.Object, error) {
	events, err := p.w.cat.Events(ctx, string(page.ID), 0)
	if err != nil {
		return nil, err
	}
	made, corrections := holding(page, events)
	source := []premis.Link{{ID: master, Role: "source"}}
	outcome := premis.Link{ID: alto, Role: "outcome"}
	for _, e := range slices.Backward(events) {
		switch {
		case e.Type == archive.PageCaptured:
			p.captured(page, e, master)
		case slices.ContainsFunc(settingsIn(e), func(s archive.Setting) bool { return s.Page == page.ID && s.To.Equal(page.ByHand) }) && len(page.ByHand) > 0:
			p.event(premis.Event{
				ID: uid(e.ID), Type: "metadata modification", Time: e.Time, Details: append([]string{"preparation set for page " + string(page.ID)}, steps(page.ByHand)...),
				Agents: append(p.person(e.Actor), p.program("Recto")...), Objects: source,
			})
		case e.ID == made:
			if err := p.read(page, e, source, outcome); err != nil {
				return nil, err
			}
		case slices.Contains(corrections, e.ID):
			var c archive.Corrected
			if err := json.Unmarshal(e.Data, &c); err != nil {
				return nil, err
			}
			p.event(premis.Event{
				ID: uid(e.ID), Type: "modification", Time: e.Time, Details: []string{"text corrected: " + c.How},
				Agents: append(p.person(e.Actor), p.program("Recto")...), Objects: []premis.Link{outcome},
			})
		}
	}
	if page.State != scan.Done && page.State != scan.Blank {
		return nil, nil
	}
	text := premis.Object{ID: []premis.Identifier{alto}, Format: "application/xml", FormatNote: "ALTO 4.4", Sources: []premis.Identifier{master}}
	if made != "" {
		text.SourceEvent = uid(made)
	}
	return []premis.Object{text}, nil
}

// holding gives the event that what is known of a page comes from, and those that
// corrected its text since.
func holding(page PageInfo, events []archive.Event) (made string, corrections []string) {
	text := page.TextSHA256
	for _, e := range events { // newest first
		switch e.Type {
		case archive.TextCorrected:
			var c archive.Corrected
			if json.Unmarshal(e.Data, &c) != nil {
				continue
			}
			for _, t := range c.Texts {
				if t.Page == page.ID && t.To.SHA256 == text && page.Corrections > 0 {
					text = t.From.SHA256
					corrections = append(corrections, e.ID)
				}
			}
		case archive.PageProcessed:
			var d archive.Processed
			if json.Unmarshal(e.Data, &d) == nil && d.Page == page.ID && d.State == page.State && d.TextSHA256 == text && d.Recipe.Equal(page.Recipe) {
				return e.ID, corrections
			}
		}
	}
	return "", corrections
}

// captured tells how a master came to be.
func (p *provenance) captured(page PageInfo, e archive.Event, master premis.Identifier) {
	event := premis.Event{
		ID: uid(e.ID), Type: "ingestion", Time: e.Time, Details: []string{"taken in from a file: " + page.Origin.Path.Line()},
		Agents: append(p.person(page.Operator), p.program("Recto")...), Objects: []premis.Link{{ID: master, Role: "outcome"}},
	}
	if page.Origin.Note != "" {
		event.Details = append(event.Details, page.Origin.Note)
	}
	if c := page.Origin.Capture; c != nil {
		event.Type, event.Details = "capture", []string{"scanned: " + page.Origin.Path.Line()}
		for _, o := range c.Options {
			event.Details = append(event.Details, o.Name+" = "+o.Value)
		}
		name := strings.Join(strings.Fields(c.Device.Vendor+" "+c.Device.Model), " ")
		var notes []string
		if c.Device.Serial != "" {
			notes = append(notes, "serial number "+c.Device.Serial)
		}
		event.Agents = append(event.Agents, p.agent("hardware", "device", c.Device.ID, name, "executing program", notes...)...)
		event.Agents = append(event.Agents, p.program(c.Driver)...)
	}
	if page.HalfOf != "" {
		return // its master is that of the other half
	}
	p.event(event)
	p.event(premis.Event{
		ID: premis.Identifier{Type: "UUID of the capture, step", Value: e.ID + " digest"}, Type: "message digest calculation", Time: e.Time,
		Details: []string{"SHA-256 and SHA-512 of the bytes as they came, while they were written"},
		Agents:  p.program("Recto"), Objects: []premis.Link{{ID: master, Role: "source"}},
	})
}

// read tells how a page was prepared and read. Each step of its recipe is a detail, as
// JSON: stage, version of what applies it, parameters in pixels and degrees, and whether
// somebody set it by hand.
func (p *provenance) read(page PageInfo, e archive.Event, source []premis.Link, outcome premis.Link) error {
	event := premis.Event{
		ID: uid(e.ID), Type: "creation", Time: e.Time, Details: append([]string{"page " + string(page.ID) + " prepared and read"}, steps(page.Recipe)...),
		Outcome: string(page.State), Agents: p.program("Recto"), Objects: append(slices.Clone(source), outcome),
	}
	if page.Text != "" {
		t, err := p.w.textTree(page.Text)
		if err != nil {
			return err
		}
		event.Details = append(event.Details, "languages: "+strings.Join(t.Languages, "+"))
		for _, m := range t.Models {
			event.Details = append(event.Details, "model "+m.Name+", SHA-256 "+m.SHA256)
		}
		event.Agents = append(event.Agents, p.program(t.Engine)...)
		var d archive.Processed
		if json.Unmarshal(e.Data, &d) == nil && d.Corrected > 0 {
			event.Details = append(event.Details, "text carried over with "+Plural(d.Corrected, "correction"))
		}
		event.Note = fmt.Sprintf("mean confidence %.3f", page.Confidence)
	}
	p.event(event)
	return nil
}

// steps are the steps of a recipe as details of an event.
func steps(r scan.Recipe) []string {
	var out []string
	for _, s := range r {
		if b, err := json.Marshal(s); err == nil {
			out = append(out, string(b))
		}
	}
	return out
}

// written tells of the making of the PDF.
func (p *provenance) written(ctx context.Context, d DocumentInfo, pdf premis.Identifier, sources []premis.Identifier) (premis.Identifier, error) {
	events, err := p.w.cat.Events(ctx, string(d.ID), 0)
	if err != nil {
		return premis.Identifier{}, err
	}
	i := slices.IndexFunc(events, func(e archive.Event) bool {
		var x archive.Written
		return e.Type == archive.DocumentWritten && json.Unmarshal(e.Data, &x) == nil && x.Fixity.SHA256 == d.Fixity.SHA256
	})
	if i < 0 {
		return premis.Identifier{}, nil
	}
	event := premis.Event{
		ID: uid(events[i].ID), Type: "creation", Time: events[i].Time, Details: []string{"searchable PDF/A of all pages, as their recipes show them"},
		Agents: p.program("Recto"), Objects: []premis.Link{},
	}
	for _, s := range sources {
		event.Objects = append(event.Objects, premis.Link{ID: s, Role: "source"})
	}
	event.Objects = append(event.Objects, premis.Link{ID: pdf, Role: "outcome"})
	p.event(event)
	return event.ID, nil
}
