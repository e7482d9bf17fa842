package workbench

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"

	"recto/app/worker"
	"recto/archive"
	"recto/ocr"
	"recto/scan"
)

// question is all that the reading of a page depends on: two pages that ask the same
// have the same answer, which is taken from the journal instead of read again.
type question struct {
	Pixels      string           `json:"pixels"` // SHA-256 of the file that they come from
	Orientation scan.Orientation `json:"orientation"`
	DPI         float64          `json:"dpi"`
	ByHand      scan.Recipe      `json:"by_hand"`
	Languages   []string         `json:"languages"`
	Words       []string         `json:"words"`
	Patterns    []string         `json:"patterns"`
	Models      []ocr.Model      `json:"models"`    // that may take part
	Installed   []string         `json:"installed"` // names of all models, which suggestions choose from
	Hello       worker.Hello     `json:"hello"`
}

// key names the question in the journal; "" where it cannot be told what it depends on.
func (w *Workbench) key(page PageInfo, ask worker.Read, hello worker.Hello) string {
	_, _, fixity := page.Working()
	if hello.Engine == "" || fixity.SHA256 == "" {
		return ""
	}
	library, err := ocr.Installed()
	if err != nil {
		return ""
	}
	q := question{fixity.SHA256, ask.Orientation, ask.DPI, ask.ByHand, ask.Languages, ask.Words, ask.Patterns, nil, library.Names(), hello}
	names := slices.Clone(ask.Languages)
	if set, _ := scan.Find[scan.Read](ask.ByHand, scan.ReadStage); len(set.Languages) > 0 {
		names = slices.Clone(set.Languages)
	}
	if other := ocr.Blackletter(names, library.Names()); other != "" {
		names = append(names, other)
	}
	for _, name := range append(names, "osd") {
		dir := library.Dir(name)
		if dir == "" {
			q.Models = append(q.Models, ocr.Model{Name: name})
			continue
		}
		sum, err := ocr.HashModel(name, ocr.ModelFile(dir, name))
		if err != nil {
			return ""
		}
		q.Models = append(q.Models, ocr.Model{Name: name, SHA256: sum})
	}
	b, err := json.Marshal(q)
	if err != nil {
		return ""
	}
	return digest(b)
}

// already gives what was read when the same was asked before, of this page or of
// another one with the same pixels. Its text is whole on disk, or it counts as not read.
func (w *Workbench) already(ctx context.Context, key string) (archive.Processed, *ocr.Text, bool) {
	var d archive.Processed
	if key == "" {
		return d, nil, false
	}
	events, err := w.cat.Events(ctx, archive.ReadingObject(key), 1)
	if err != nil || len(events) == 0 || json.Unmarshal(events[0].Data, &d) != nil || d.Key != key || d.State == scan.Failed || d.Measures == nil || d.Recipe.Outdated() {
		return d, nil, false
	}
	if d.Text == "" {
		return d, nil, true
	}
	b, err := os.ReadFile(w.path(filepath.FromSlash(d.Text)))
	if err != nil || digest(b) != d.TextSHA256 {
		return d, nil, false
	}
	var t ocr.Text
	if json.Unmarshal(b, &t) != nil {
		return d, nil, false
	}
	return d, &t, true
}
