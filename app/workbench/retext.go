package workbench

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"slices"

	"recto/app/worker"
	"recto/archive"
	"recto/archive/catalogue"
	"recto/ocr"
	"recto/scan"
)

// Corrected texts are files, and files get lost. The journal has what was done to them
// (archive.Correction), so each can be made again, byte for byte, from the text that it
// was made of; what it is to be its digest says. See remake, readBack and apply.

// wholeText tells whether a page's text, and what was read before it was corrected, lie
// on disk as they were written.
func (w *Workbench) wholeText(p PageInfo) bool {
	for _, file := range []string{p.Text, p.Raw} {
		if file == "" {
			continue
		}
		if _, err := w.textBytes(file); err != nil {
			return false
		}
	}
	return true
}

// restoreTexts makes again what is lost of corrected texts, as far as that goes without
// reading, and gives how many pages were mended.
func (w *Workbench) restoreTexts(ctx context.Context) (mended int, err error) {
	var lost []PageInfo
	for row, err := range w.cat.AllPages(ctx) {
		if err != nil {
			return 0, err
		}
		if p := pageInfo(row); p.Corrections > 0 && !w.wholeText(p) {
			lost = append(lost, p)
		}
	}
	for _, p := range lost {
		made, err := w.remake(ctx, p)
		if err != nil {
			return mended, err
		}
		if made > 0 {
			mended++
		}
	}
	return mended, nil
}

// retold is restoreTexts in a rebuild: what search did not find it finds then.
func (w *Workbench) retold(ctx context.Context) error {
	mended, err := w.restoreTexts(ctx)
	if err != nil || mended == 0 {
		return err
	}
	w.repaired = append(w.repaired, "The corrected text was lost or damaged, and was made again from what was read and the corrections in the journal: "+Plural(mended, "page")+".")
	return w.reproject(ctx, catalogue.Remove)
}

// history is what events, newest first, tell of a page's text, oldest first: each is one
// of archive.Processed and archive.Correction.
func history(events []archive.Event, id scan.PageID) []any {
	var out []any
	for _, e := range slices.Backward(events) {
		switch e.Type {
		case archive.PageProcessed:
			var d archive.Processed
			if json.Unmarshal(e.Data, &d) == nil && d.Page == id {
				out = append(out, d)
			}
		case archive.TextCorrected:
			var d archive.Corrected
			if json.Unmarshal(e.Data, &d) != nil {
				continue
			}
			for _, c := range d.Texts {
				if c.Page == id {
					out = append(out, c)
				}
			}
		}
	}
	return out
}

// remake makes again every text of a page that the journal says how to make and that is
// not whole, and gives their number. Only what comes out as it was, to the byte, counts.
func (w *Workbench) remake(ctx context.Context, p PageInfo) (made int, err error) {
	events, err := w.cat.Events(ctx, string(p.ID), 0)
	if err != nil {
		return 0, err
	}
	var recipes []scan.Recipe
	var texts []string
	put := func(t *ocr.Text, file, sum string) (bool, error) {
		b, err := json.Marshal(t)
		if err != nil || digest(b) != sum {
			return false, err
		}
		to := w.path(filepath.FromSlash(file))
		if err := makeDir(filepath.Dir(to)); err != nil {
			return false, err
		}
		if err := writeFile(to, b); err != nil {
			return false, fmt.Errorf("text of page %d: %w", p.Number, err)
		}
		made++
		return true, nil
	}
	lacks := func(file string) bool {
		if file == "" {
			return false
		}
		_, err := w.textBytes(file)
		return err != nil
	}
	for _, e := range history(events, p.ID) {
		if err := ctx.Err(); err != nil {
			return made, err
		}
		switch d := e.(type) {
		case archive.Processed:
			for _, f := range [][2]string{{d.Text, d.TextSHA256}, {d.Raw, d.RawSHA256}} {
				if d.Corrected > 0 && lacks(f[0]) {
					if err := w.carryAgain(p, recipes, texts, d.Recipe, func(t *ocr.Text) (bool, error) { return put(t, f[0], f[1]) }); err != nil {
						return made, err
					}
				}
			}
			recipes = append(recipes, d.Recipe)
			texts = append(texts, d.Text, d.Raw)
		case archive.Correction:
			texts = append(texts, d.To.Path)
			if !lacks(d.To.Path) {
				continue
			}
			from := &ocr.Text{Size: p.Frame(), DPI: p.dpi(), Languages: p.Languages} // a blank page's
			if d.From.Path != "" {
				if from, err = w.textTree(d.From.Path); err != nil {
					continue
				}
			}
			to, err := again(from, d)
			if err != nil {
				continue
			}
			if _, err := put(to, d.To.Path, d.To.SHA256); err != nil {
				return made, err
			}
		}
	}
	return made, nil
}

// again does the edits of a correction once more.
func again(from *ocr.Text, c archive.Correction) (*ocr.Text, error) {
	var edits []ocr.Edit
	if err := json.Unmarshal(c.Edits, &edits); err != nil {
		return nil, fmt.Errorf("%w: %w", ocr.ErrEdit, err)
	}
	return from.Apply(edits...)
}

// carryAgain tries out of which earlier text in which frame one was carried (carried) into
// the frame of now, until take has the right one.
func (w *Workbench) carryAgain(p PageInfo, recipes []scan.Recipe, texts []string, now scan.Recipe, take func(*ocr.Text) (bool, error)) error {
	size, to := scan.Frame(p.Pixels, p.Orientation, now)
	for _, file := range texts {
		if file == "" {
			continue
		}
		t, err := w.textTree(file)
		if err != nil {
			continue
		}
		for _, r := range recipes {
			_, from := scan.Frame(p.Pixels, p.Orientation, r)
			moved, _, err := t.Mapped(from.Inverse().Then(to), size)
			if err != nil {
				continue
			}
			moved.DPI = t.DPI
			if is, err := take(moved); is || err != nil {
				return err
			}
		}
	}
	return nil
}

// restored makes a page's lost texts again without reading it; unread says that the
// catalogue could not read its text and does not find it. It is false where that does
// not go.
func (w *Workbench) restored(ctx context.Context, p PageInfo, unread bool) (bool, error) {
	if _, err := w.remake(ctx, p); err != nil {
		return false, err
	}
	if !w.wholeText(p) || p.Text == "" {
		return false, nil
	}
	if !unread {
		return true, nil
	}
	t, err := w.textTree(p.Text)
	if err != nil {
		return false, err
	}
	return true, w.record(ctx, "", w.reindex(p, t.Engine))
}

// reindex tells again of a page's text that the catalogue could not read.
func (w *Workbench) reindex(p PageInfo, engine string) change {
	return event(archive.PageProcessed, archive.Processed{
		Page: p.ID, State: p.State, Recipe: p.Recipe, Measures: p.Measures, Confidence: p.Confidence, Words: p.Words, Languages: p.Languages, Engine: engine,
		Text: p.Text, TextSHA256: p.TextSHA256, Raw: p.Raw, RawSHA256: p.RawSHA256, Corrected: p.Corrections,
		CarriedFrom: p.TextSHA256,
	})
}

// readBack takes what was just read of a page whose corrected text, or what was read
// before, is lost. Where it reads as it did then, all is made again. It is false where
// the page must count as read anew.
func (w *Workbench) readBack(ctx context.Context, p PageInfo, r worker.Reading) (bool, error) {
	if r.Text != nil {
		b, err := json.Marshal(r.Text)
		if err != nil {
			return false, err
		}
		if digest(b) == p.RawSHA256 {
			if _, _, err := w.saveText(p, r.Text); err != nil {
				return false, err
			}
		}
	}
	if _, err := w.remake(ctx, p); err != nil {
		return false, err
	}
	t, err := w.textTree(p.Text)
	if err != nil {
		return false, nil // of what follows people are told
	}
	if !w.wholeText(p) {
		err = About(string(p.ID), &damage{
			fmt.Errorf("what was read on page %d before it was corrected (%s) is lost, and it reads otherwise today; its corrected text is whole and stays", p.Number, p.Raw),
			"Restore this file from a copy of the archive, or read the page anew without its corrections: recto process --corrected --page " + string(p.ID),
		})
		return true, err
	}
	return true, w.record(context.WithoutCancel(ctx), "", w.reindex(p, t.Engine))
}

// corrections are those that a page's text came from, oldest first.
func (w *Workbench) corrections(ctx context.Context, p PageInfo) (out []archive.Correction, err error) {
	events, err := w.cat.Events(ctx, string(p.ID), 0)
	if err != nil {
		return nil, err
	}
	at := p.TextSHA256
	for _, e := range slices.Backward(history(standing(events), p.ID)) {
		if c, is := e.(archive.Correction); is && c.To.SHA256 == at {
			out = append(out, c)
			at = c.From.SHA256
		}
	}
	slices.Reverse(out)
	return out, nil
}

// apply corrects a page that had to be read anew as it was corrected before, as far as
// the words are still there. The error, a page's own, tells of what could not be done.
func (w *Workbench) apply(ctx context.Context, before, p PageInfo) (PageInfo, error) {
	all, err := w.corrections(ctx, before)
	if err != nil {
		return p, err
	}
	t := &ocr.Text{Size: p.Frame(), DPI: p.dpi(), Languages: p.Languages}
	if p.Text != "" {
		if t, err = w.textTree(p.Text); err != nil {
			return p, err
		}
	}
	var edits []ocr.Edit
	var first error
	done := 0
	for _, c := range all {
		to, err := again(t, c)
		if err != nil {
			first = cmp.Or(first, err)
			continue
		}
		var e []ocr.Edit
		if err := json.Unmarshal(c.Edits, &e); err != nil {
			return p, err
		}
		t, edits = to, append(edits, e...)
		done++
	}
	if len(edits) > 0 {
		if _, err := w.EditText(context.WithoutCancel(ctx), p.ID, "apply corrections again", edits...); err != nil {
			return p, err
		}
		if p, err = w.Page(context.WithoutCancel(ctx), p.ID); err != nil {
			return p, err
		}
	}
	left := before.Corrections - done
	if left <= 0 {
		return p, nil
	}
	if first == nil {
		first = errors.New("the page was set otherwise by hand since")
	}
	return p, About(string(p.ID), &damage{
		fmt.Errorf("the corrected text of page %d was lost and so was what was read: it was read anew, and %d of its %s could not be applied: %w", p.Number, left, Plural(before.Corrections, "correction"), first),
		"Look at the page and correct it again (window: Page, F6; command line: recto text edit). The journal keeps what was corrected: recto show " + string(p.ID) + " tells when and by whom; or restore " + before.Raw + " from a copy of the archive.",
	})
}
