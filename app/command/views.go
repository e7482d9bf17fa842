package command

import (
	"encoding/json"
	"time"

	"recto/app/workbench"
	"recto/archive"
	"recto/scan"
)

// The JSON shapes. Fields may be added; none changes its meaning.

type pageView struct {
	Number     int              `json:"number"`
	ID         scan.PageID      `json:"id"`
	Source     string           `json:"source"`
	Index      int              `json:"index"`
	State      scan.State       `json:"state"`
	Error      string           `json:"error"`
	Confidence float64          `json:"confidence"`
	Words      int              `json:"words"`
	Recipe     string           `json:"recipe"`
	Rotation   *int             `json:"rotation,omitempty"` // by hand, degrees clockwise; read this way by the next process
	ByHand     scan.Recipe      `json:"by_hand"`            // all that was set by hand
	Corrected  int              `json:"corrections"`        // changes of the text by hand
	DPI        float64          `json:"dpi"`
	Estimated  bool             `json:"dpi_estimated"`
	Duplicate  scan.PageID      `json:"duplicate_of,omitempty"`
	Binned     bool             `json:"binned,omitempty"`
	SHA256     string           `json:"sha256"`
	Languages  []string         `json:"languages"`
	Note       string           `json:"note,omitempty"`
	Master     string           `json:"master"`
	Batch      scan.BatchID     `json:"batch"`
	Measures   json.RawMessage  `json:"measures,omitempty"`
	Label      string           `json:"label"`
	Side       scan.Side        `json:"side,omitempty"`
	Captured   *scan.Capture    `json:"capture,omitempty"` // how a device made it
	Start      *archive.Start   `json:"start,omitempty"`   // the unit that begins here
	Unit       int              `json:"unit,omitempty"`    // of its batch, from 1; where the whole batch is listed
	Concerns   []scan.Concern   `json:"concerns,omitempty"`
	Reviewed   string           `json:"reviewed,omitempty"`
	Replaces   scan.PageID      `json:"replaces,omitempty"`
	ReplacedBy scan.PageID      `json:"replaced_by,omitempty"`
	Inspection *scan.Inspection `json:"inspection,omitempty"`
}

func viewPage(p workbench.PageInfo) pageView {
	v := pageView{
		Number: p.Number, ID: p.ID, Source: p.Origin.Path.String(), Index: p.Origin.Index, State: p.State,
		Confidence: p.Confidence, Words: p.Words, Recipe: p.Recipe.String(), ByHand: list(p.ByHand), Corrected: p.Corrections, DPI: p.DPI, Duplicate: p.DuplicateOf,
		Binned: p.Binned, SHA256: p.Fixity.SHA256, Languages: list(p.Languages), Note: p.Origin.Note, Master: p.Master, Batch: p.Batch,
		Label: p.Label, Captured: p.Origin.Capture, Start: p.Start, Unit: p.Unit, Concerns: p.Concerns, Reviewed: p.Reviewed, Replaces: p.Replaces, ReplacedBy: p.ReplacedBy,
		Inspection: p.Inspection,
	}
	if o, set := scan.Find[scan.Orient](p.ByHand, scan.OrientStage); set {
		v.Rotation = &o.Degrees
	}
	if v.Captured != nil {
		v.Side = v.Captured.Side
	}
	if p.Problem != nil {
		v.Error = p.Problem.Message
	}
	if p.Measures != nil {
		v.DPI, v.Estimated = p.Measures.DPI, p.Measures.DPIEstimated
		v.Measures, _ = json.Marshal(p.Measures)
	}
	return v
}

func viewPages(pages []workbench.PageInfo) []pageView {
	out := make([]pageView, len(pages))
	for i, p := range pages {
		out[i] = viewPage(p)
	}
	return out
}

type batchView struct {
	ID        scan.BatchID `json:"id"`
	Name      string       `json:"name"`
	Title     string       `json:"title"`
	Created   time.Time    `json:"created"`
	Touched   time.Time    `json:"touched"`
	Pages     int          `json:"pages"`
	New       int          `json:"new"`
	Done      int          `json:"done"`
	Blank     int          `json:"blank"`
	Failed    int          `json:"failed"`
	Binned    int          `json:"binned"`
	Rejects   int          `json:"rejects"`
	Documents int          `json:"documents"`
	Sources   []string     `json:"sources"`

	Shelfmark string               `json:"shelfmark"`
	Container string               `json:"container"`
	Profile   string               `json:"profile"`
	Series    string               `json:"series"`
	Count     archive.Counted      `json:"count"`
	State     workbench.BatchState `json:"state"`
	Signed    string               `json:"signed,omitempty"` // why the count is right although it is another
	Concerns  int                  `json:"concerns"`
	Units     int                  `json:"units"`
}

func viewBatch(b workbench.BatchInfo) batchView {
	v := batchView{b.ID, b.Name, b.Title, b.Created, b.Touched, b.Pages, b.New, b.Done, b.Blank, b.Failed, b.Binned, b.Rejects, b.Documents, []string{},
		b.Shelfmark, b.Container, b.Profile, b.Series, b.Count(), b.State(), "", b.Concerns, b.Units}
	if b.SignatureHolds() {
		v.Signed = b.Signed.Reason
	}
	for _, p := range b.Sources {
		v.Sources = append(v.Sources, p.String())
	}
	return v
}

type documentView struct {
	ID       archive.DocumentID    `json:"id"`
	Title    string                `json:"title"`
	State    archive.DocumentState `json:"state"`
	Reasons  []string              `json:"reasons"`
	Batch    scan.BatchID          `json:"batch"`
	Language string                `json:"language"`
	Created  time.Time             `json:"created"`
	PDF      string                `json:"pdf"`
	SHA256   string                `json:"sha256"`
	Count    int                   `json:"page_count"`
	Pages    []pageView            `json:"pages,omitempty"`

	Reference string   `json:"reference"`
	Container string   `json:"container"`
	Labels    []string `json:"labels"`
}

func viewDocument(d workbench.DocumentInfo, pages []workbench.PageInfo) documentView {
	v := documentView{d.ID, d.Title, d.State, list(d.Reasons), d.Batch, d.Language, d.Created, d.PDF, d.Fixity.SHA256, len(d.Leaves), nil,
		d.Reference, d.Container, []string{}}
	for _, l := range d.Leaves {
		v.Labels = append(v.Labels, l.Label)
	}
	if pages != nil {
		v.Pages = viewPages(pages)
		for i := range v.Pages {
			v.Pages[i].Number = i + 1 // in the document
		}
	}
	return v
}

type rejectView struct {
	Path   string `json:"path"`
	Reason string `json:"reason"`
}

func viewIgnored(in []workbench.Ignored) []rejectView {
	out := []rejectView{}
	for _, i := range in {
		out = append(out, rejectView{i.Path.String(), i.Reason})
	}
	return out
}

func (s *session) viewRejects(in []archive.Reject) []failure {
	out := []failure{}
	for _, r := range in {
		out = append(out, s.failureOf(r.Origin.Path, &r.Problem))
	}
	return out
}

// notTaken is a source that gave no page.
type notTaken struct {
	failure
	Dismissed string `json:"dismissed,omitempty"` // why nobody misses it
}

func (s *session) viewNotTaken(in []archive.Reject) []notTaken {
	out := []notTaken{}
	for _, r := range in {
		out = append(out, notTaken{s.failureOf(r.Origin.Path, &r.Problem), r.Dismissed})
	}
	return out
}

type eventView struct {
	Time  time.Time         `json:"time"`
	Actor string            `json:"actor"`
	Type  archive.EventType `json:"type"`
	Why   string            `json:"why,omitempty"`
	Data  json.RawMessage   `json:"data"`
}
