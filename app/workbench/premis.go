package workbench

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"recto/archive"
	"recto/archive/premis"
	"recto/scan"
)

// provenance tells in PREMIS what is in a document's package, and what was done to its
// pages: how they were captured, parted, prepared by hand and by the workers, read,
// corrected. The events are those of the journal, under their own identifiers.
//
// It tells what holds now. What was undone is left out, and so is what somebody set that
// somebody else has set otherwise since: nothing in the package came of it, and whoever
// reads the file would have to know of undoing to see that it does not hold. The journal
// of the archive keeps all of it.
type provenance struct {
	w     *Workbench
	out   premis.Document
	known map[premis.Identifier]bool // agents that are told of
	told  map[premis.Identifier]int  // events, by where they are in out
}

// place is where the pages of a package have their pixels and their text.
type place struct {
	master premis.Identifier // the file that was captured
	shown  premis.Identifier // what the page is seen of: that file, the working image, or a part of it
	alto   premis.Identifier
}

// premis gives the file, for the package's member names as members has them.
func (w *Workbench) premis(ctx context.Context, d DocumentInfo, pages []PageInfo) ([]byte, error) {
	p := &provenance{w: w, known: map[premis.Identifier]bool{}, told: map[premis.Identifier]int{}}
	var pdfSources []premis.Identifier
	var parts, texts []premis.Object
	for i, page := range pages {
		number := masterNumber(pages, i)
		at := place{master: inPackage("masters/%04d%s", number, path.Ext(page.Master)), alto: inPackage("alto/page-%04d.xml", i+1)}
		at.shown = at.master
		if c := page.Companion; c.Master != "" {
			at.shown = inPackage("masters/%04d.working%s", number, path.Ext(c.Master))
		}
		if number == i+1 {
			pdfSources = append(pdfSources, at.shown)
			p.files(page, at)
		}
		part, text, err := p.page(ctx, page, at)
		if err != nil {
			return nil, fmt.Errorf("page %d: %w", i+1, err)
		}
		parts, texts = append(parts, part...), append(texts, text...)
	}
	pdf := inPackage("%s", "pdf/"+strings.ReplaceAll(SafeName(d.Title), "%", "_")+".pdf")
	made, err := p.written(ctx, d, pdf, pdfSources)
	if err != nil {
		return nil, err
	}
	p.out.Objects = append(p.out.Objects, parts...)
	p.out.Objects = append(p.out.Objects, premis.Object{
		ID: []premis.Identifier{pdf, uid(string(d.ID))}, Fixity: digestsOf(d.Fixity), Size: d.Fixity.Size,
		Format: "application/pdf", FormatNote: "PDF/A-2u", PUID: premis.PUIDofPDFA2u, Relations: []premis.Relation{premis.MadeFrom(made, pdfSources...)},
	})
	p.out.Objects = append(p.out.Objects, texts...)
	b := p.out.XML()
	return b, readable(b, pages)
}

// inPackage identifies a file by its place in the package's payload.
func inPackage(format string, args ...any) premis.Identifier {
	return premis.Identifier{Type: pathInPackage, Value: fmt.Sprintf(format, args...)}
}

// pathInPackage is the type of those identifiers.
const pathInPackage = "path in package"

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

// files tells of what was captured of a page. A master of two pages has no identifier of
// either: those are its parts'.
func (p *provenance) files(page PageInfo, at place) {
	file := func(id premis.Identifier, name string, format scan.Format, f scan.Fixity, original string) *premis.Object {
		p.out.Objects = append(p.out.Objects, premis.Object{
			ID: []premis.Identifier{id}, Fixity: digestsOf(f), Size: f.Size, Format: mediaType(format), PUID: p.puid(name, format), OriginalName: original,
		})
		return &p.out.Objects[len(p.out.Objects)-1]
	}
	o := file(at.master, page.Master, page.Format, page.Fixity, page.Origin.Path.Line())
	if !half(page) {
		o.ID = append(o.ID, uid(string(page.ID)))
	}
	if c := page.Companion; c.Master != "" {
		file(at.shown, c.Master, c.Format, c.Fixity, c.Path.Line())
	}
}

// puid looks up a master's format in PRONOM; a camera's raw files are many formats.
func (p *provenance) puid(name string, format scan.Format) string {
	if format == scan.RAW {
		return ""
	}
	f, err := os.Open(p.w.path(filepath.FromSlash(name)))
	if err != nil {
		return "" // whoever packs the file tells of that
	}
	defer f.Close()
	return premis.PUID(f)
}

// agent tells of an agent, once.
func (p *provenance) agent(kind, idType, value, name, role string, notes ...string) []premis.Link {
	if value == "" {
		return nil
	}
	id := premis.Identifier{Type: idType, Value: value}
	if !p.known[id] {
		p.known[id] = true
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
	i, told := p.told[e.ID]
	if !told {
		p.told[e.ID] = len(p.out.Events)
		p.out.Events = append(p.out.Events, e)
		return
	}
	before := &p.out.Events[i]
	for _, o := range e.Objects {
		if !slices.Contains(before.Objects, o) {
			before.Objects = append(before.Objects, o)
		}
	}
	before.Details = append(before.Details, e.Details...)
}

// page tells what was done to a page, oldest first, and gives its part of the master,
// where it is a half of one, and its text in the package.
func (p *provenance) page(ctx context.Context, page PageInfo, at place) (part, text []premis.Object, err error) {
	from, err := p.w.lineage(ctx, page)
	if err != nil {
		return nil, nil, err
	}
	captured := from.events
	if page.HalfOf != "" { // the master came with the other half, which may be in no package
		if captured, err = p.w.cat.Events(ctx, string(page.HalfOf), 0); err != nil {
			return nil, nil, err
		}
	}
	for _, e := range captured {
		if e.Type == archive.PageCaptured {
			p.captured(page, e, at)
		}
	}
	if half(page) {
		whole := at.shown
		at.shown = uid(string(page.ID))
		part = append(part, p.part(page, from, at.shown, whole))
	}
	source := []premis.Link{{ID: at.shown, Role: "source"}}
	outcome := premis.Link{ID: at.alto, Role: "outcome"}
	for _, e := range slices.Backward(from.events) {
		p.set(page, from, e, source)
		isRead, isPrepared := from.read != nil && e.ID == from.read.ID, from.prepared != nil && e.ID == from.prepared.ID
		switch {
		case isRead:
			err = p.read(page, e, isPrepared, source, outcome)
		case isPrepared:
			err = p.carried(page, e, source, outcome)
		case slices.ContainsFunc(from.corrections, func(c archive.Event) bool { return c.ID == e.ID }):
			d, _ := dataOf[archive.Corrected](e, archive.TextCorrected)
			p.event(premis.Event{
				ID: uid(e.ID), Type: "modification", Time: e.Time, Details: []string{"page " + string(page.ID) + ": text corrected: " + d.How},
				Agents: append(p.person(e.Actor), p.program("Recto")...), Objects: []premis.Link{outcome},
			})
		}
		if err != nil {
			return nil, nil, err
		}
	}
	if page.State != scan.Done && page.State != scan.Blank {
		return part, nil, nil
	}
	o := premis.Object{ID: []premis.Identifier{at.alto}, Format: "application/xml", FormatNote: "ALTO 4.4", PUID: premis.PUIDofXML}
	made := premis.Identifier{}
	if e := cmp.Or(from.read, from.prepared); e != nil {
		made = uid(e.ID)
	}
	o.Relations = []premis.Relation{premis.MadeFrom(made, at.shown)}
	return part, append(text, o), nil
}

// part is one page of a spread: no file, and no set of files that would be a
// representation, but data within the master's that belongs together, a bitstream (PREMIS
// Data Dictionary 3.0, Object entity).
func (p *provenance) part(page PageInfo, from *lineage, id, whole premis.Identifier) premis.Object {
	split, _ := scan.Find[scan.Split](page.ByHand, scan.SplitStage)
	_, format, _ := page.Working()
	o := premis.Object{
		Bitstream: true, ID: []premis.Identifier{id}, Format: mediaType(format),
		FormatNote: fmt.Sprintf("%s of column %d of the picture as it stands upright", map[int]string{1: "left", 2: "right"}[split.Part], split.At),
	}
	made := premis.Identifier{}
	if e := from.parted; e != nil {
		made = uid(e.ID)
		d, _ := dataOf[archive.Parted](*e, archive.PagesParted)
		who := p.program("Recto")
		if !d.Auto {
			who = append(p.person(e.Actor), who...)
		}
		p.event(premis.Event{
			ID: made, Type: "creation", Time: e.Time, Details: []string{"page " + string(page.ID) + ": one of the two pages that the picture shows"},
			Agents: who, Objects: []premis.Link{{ID: whole, Role: "source"}, {ID: id, Role: "outcome"}},
		})
	}
	o.Relations = []premis.Relation{premis.PartOf(whole, made)}
	return o
}

// set tells what of a page's steps by hand an event has set.
func (p *provenance) set(page PageInfo, from *lineage, e archive.Event, source []premis.Link) {
	var details []string
	for _, s := range page.ByHand {
		if by, is := from.set[s.Stage]; is && by.ID == e.ID {
			details = append(details, fmt.Sprintf("page %s: set by hand: %s, version %d, %s", page.ID, s.Stage, s.Version, inXML.Replace(string(s.Params))))
		}
	}
	if len(details) == 0 {
		return
	}
	p.event(premis.Event{
		ID: uid(e.ID), Type: "metadata modification", Time: e.Time, Details: details,
		Agents: append(p.person(e.Actor), p.program("Recto")...), Objects: source,
	})
}

// captured tells how a master came to be.
func (p *provenance) captured(page PageInfo, e archive.Event, at place) {
	var made, digested []premis.Link
	made, digested = append(made, premis.Link{ID: at.master, Role: "outcome"}), append(digested, premis.Link{ID: at.master, Role: "source"})
	if at.shown != at.master {
		made, digested = append(made, premis.Link{ID: at.shown, Role: "outcome"}), append(digested, premis.Link{ID: at.shown, Role: "source"})
	}
	event := premis.Event{
		ID: uid(e.ID), Type: "ingestion", Time: e.Time, Details: []string{"taken in from a file: " + page.Origin.Path.Line()},
		Agents: append(p.person(page.Operator), p.program("Recto")...), Objects: made,
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
	if _, told := p.told[event.ID]; told {
		return // its master is that of the other half
	}
	p.event(event)
	p.event(premis.Event{
		ID: premis.Identifier{Type: "UUID of the capture, step", Value: e.ID + " digest"}, Type: "message digest calculation", Time: e.Time,
		Details: []string{"SHA-256 and SHA-512 of the bytes as they came, while they were written"},
		Agents:  p.program("Recto"), Objects: digested,
	})
}

// read tells how a page was read, and where nothing was set since, how it is prepared.
func (p *provenance) read(page PageInfo, e archive.Event, prepared bool, source []premis.Link, outcome premis.Link) error {
	d, _ := dataOf[archive.Processed](e, archive.PageProcessed)
	event := premis.Event{
		ID: uid(e.ID), Type: "creation", Time: e.Time, Outcome: string(d.State), Agents: p.program("Recto"), Objects: append(slices.Clone(source), outcome),
	}
	if prepared {
		event.Details = append([]string{"page " + string(page.ID) + ": prepared and read"}, recipeOf(page)...)
	} else {
		event.Details = []string{"page " + string(page.ID) + ": read, as it was prepared then: " + d.Recipe.String()}
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
		event.Note = fmt.Sprintf("mean confidence %.3f", d.Confidence)
	}
	p.event(event)
	return nil
}

// carried tells how a page is prepared whose corrected text was not read again when that
// was set.
func (p *provenance) carried(page PageInfo, e archive.Event, source []premis.Link, outcome premis.Link) error {
	d, _ := dataOf[archive.Processed](e, archive.PageProcessed)
	p.event(premis.Event{
		ID: uid(e.ID), Type: "modification", Time: e.Time,
		Details: append([]string{"page " + string(page.ID) + ": prepared otherwise; its text was carried to where it lies now, with " + Plural(d.Corrected, "correction")}, recipeOf(page)...),
		Agents:  p.program("Recto"), Objects: append(slices.Clone(source), outcome),
	})
	return nil
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
