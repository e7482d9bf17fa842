package workbench

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"image/draw"
	_ "image/jpeg" // thumbnails
	"slices"
	"strings"

	"recto/archive"
	"recto/archive/catalogue"
	"recto/scan"
)

// batchOf checks that the pages are of one batch and gives them in order.
func (w *Workbench) batchOf(ctx context.Context, ids []scan.PageID) (scan.BatchID, []PageInfo, error) {
	if len(ids) == 0 {
		return "", nil, fmt.Errorf("%w: no pages were named", ErrUsage)
	}
	first, err := w.Page(ctx, ids[0])
	if err != nil {
		return "", nil, err
	}
	var once []scan.PageID
	seen := map[scan.PageID]bool{}
	for _, id := range ids {
		if !seen[id] {
			once = append(once, id)
		}
		seen[id] = true
	}
	pages := make([]PageInfo, 0, len(once))
	err = w.Those(ctx, first.Batch, once, func(p PageInfo) error {
		pages = append(pages, p)
		return nil
	})
	if errors.Is(err, ErrNotFound) { // of the first that is not in the batch
		if _, err := w.Page(ctx, once[len(pages)]); err != nil {
			return "", nil, err
		}
		return "", nil, fmt.Errorf("%w: the pages are of different batches", ErrUsage)
	}
	return first.Batch, pages, err
}

// MovePages puts pages, in the order given, behind the page after; empty means
// to the start of the batch.
func (w *Workbench) MovePages(ctx context.Context, ids []scan.PageID, after scan.PageID) error {
	batch, pages, err := w.batchOf(ctx, ids)
	if err != nil {
		return err
	}
	moving := map[scan.PageID]bool{}
	m := archive.Moved{Batch: batch, After: after}
	for _, p := range pages {
		moving[p.ID] = true
		m.Pages = append(m.Pages, p.ID)
	}
	if moving[after] {
		return fmt.Errorf("%w: a page cannot be moved behind itself", ErrUsage)
	}
	if after != "" {
		if to, err := w.Page(ctx, after); err != nil {
			return err
		} else if to.Batch != batch {
			return About(string(after), fmt.Errorf("%w: page %s is in another batch", ErrUsage, after))
		}
	}
	// The way back: each page behind its old neighbour.
	if m.Back, err = w.cat.Places(ctx, batch, m.Pages); err != nil {
		return err
	}
	all, err := w.wholeBatch(ctx, batch)
	if err != nil {
		return err
	}
	m.Starts = beginnings(all, moved(all, pages, after), moving, false)
	return w.record(ctx, "", event(archive.PagesMoved, m))
}

// BinPages puts pages into the batch's bin. Their masters stay.
func (w *Workbench) BinPages(ctx context.Context, ids []scan.PageID) error {
	return w.bin(ctx, ids, true)
}

// RestorePages takes pages out of the bin to where they were.
func (w *Workbench) RestorePages(ctx context.Context, ids []scan.PageID) error {
	return w.bin(ctx, ids, false)
}

func (w *Workbench) bin(ctx context.Context, ids []scan.PageID, in bool) error {
	batch, pages, err := w.batchOf(ctx, ids)
	if err != nil {
		return err
	}
	b := archive.Binned{Batch: batch}
	for _, p := range pages {
		if p.Binned != in {
			b.Pages = append(b.Pages, p.ID)
		}
	}
	if len(b.Pages) == 0 {
		return nil
	}
	kind := archive.PagesBinned
	if !in {
		kind = archive.PagesRestored
	}
	return w.record(ctx, "", event(kind, b))
}

// Undo takes back the last arranging of a batch that has not been taken back,
// also after a restart, and says what it was.
func (w *Workbench) Undo(ctx context.Context, batch scan.BatchID) (string, error) {
	e, ok, err := w.cat.UndoTop(ctx, batch)
	if err != nil {
		return "", err
	}
	if !ok {
		return "", ErrNothingToUndo
	}
	if d, is := described(e); is {
		if err := w.describedAgain(ctx, *d.Before); err != nil {
			return "", err
		}
	}
	return w.again(ctx, e, archive.ArrangeUndone, batch)
}

// Redo does again what Undo took back last.
func (w *Workbench) Redo(ctx context.Context, batch scan.BatchID) (string, error) {
	e, ok, err := w.cat.RedoTop(ctx, batch)
	if err != nil {
		return "", err
	}
	if !ok {
		return "", ErrNothingToRedo
	}
	if d, is := described(e); is {
		if err := w.describedAgain(ctx, d.Batch); err != nil {
			return "", err
		}
	}
	return w.again(ctx, e, archive.ArrangeRedone, batch)
}

// again takes an arranging event back or does it once more, and says what it was and
// which labels stand twice because of it, as happens where sheets came in between.
func (w *Workbench) again(ctx context.Context, e archive.Event, kind archive.EventType, batch scan.BatchID) (string, error) {
	before, _, err := w.labelsTwice(ctx, batch)
	if err != nil {
		return "", err
	}
	if err := w.record(ctx, "", event(kind, archive.Undone{Batch: batch, Event: e.ID})); err != nil {
		return "", err
	}
	what := describe(e)
	if id := onlyPage(e); id != "" {
		if p, err := w.Page(ctx, id); err == nil {
			what += fmt.Sprintf(" (page %d)", p.Number)
		}
	}
	after, words, err := w.labelsTwice(ctx, batch)
	if words != "" && !slices.Equal(before, after) {
		what += "; " + words
	}
	return what, err
}

// labelsTwice gives the labels that several pages of a batch bear, and says so in words
// that are empty where there are none.
func (w *Workbench) labelsTwice(ctx context.Context, batch scan.BatchID) (labels []string, words string, err error) {
	rows, err := w.cat.Pages(ctx, batch, catalogue.Live)
	if err != nil {
		return nil, "", err
	}
	first := map[string]int{}
	for _, p := range rows {
		before, is := first[p.Label]
		switch {
		case p.Label == "":
		case !is:
			first[p.Label] = p.Number
		default:
			if len(labels) == 0 {
				words = fmt.Sprintf("pages %d and %d are both labelled %s", before, p.Number, p.Label)
			}
			labels = append(labels, p.Label)
		}
	}
	if len(labels) > 1 {
		words += fmt.Sprintf(", and there are %d more labels that stand twice", len(labels)-1)
	}
	if len(labels) > 0 {
		words += ": label them anew"
	}
	slices.Sort(labels)
	return labels, words, nil
}

// described is a change of what a batch says of itself.
func described(e archive.Event) (d archive.Described, is bool) {
	is = e.Type == archive.BatchDescribed && json.Unmarshal(e.Data, &d) == nil && d.Before != nil
	return d, is
}

// onlyPage is the page whose text or preparation an event has changed, where it was one.
func onlyPage(e archive.Event) scan.PageID {
	var d struct {
		Set   []archive.Setting    `json:"settings"`
		Texts []archive.Correction `json:"texts"`
	}
	json.Unmarshal(e.Data, &d)
	switch {
	case e.Type == archive.PagesPrepared && len(d.Set) == 1:
		return d.Set[0].Page
	case e.Type == archive.TextCorrected && len(d.Texts) == 1:
		return d.Texts[0].Page
	}
	return ""
}

// describe says in a few words what an arranging event did.
func describe(e archive.Event) string {
	var d struct {
		Pages   []json.RawMessage `json:"pages"`
		Turns   []json.RawMessage `json:"turns"`
		Labels  []json.RawMessage `json:"labels"`
		Changes []json.RawMessage `json:"changes"`
		How     string            `json:"how"`
		Set     []json.RawMessage `json:"settings"`
		Texts   []json.RawMessage `json:"texts"`
	}
	json.Unmarshal(e.Data, &d)
	n := Plural(len(d.Pages)+len(d.Turns), "page")
	switch e.Type {
	case archive.BatchDescribed:
		return "change what the batch says of itself"
	case archive.PagesInserted:
		return "insert a page"
	case archive.PagesReplaced:
		return "replace a page"
	case archive.PagesOrdered:
		return d.How + " " + n
	case archive.PagesLabelled:
		return "label " + Plural(len(d.Labels), "page")
	case archive.PagesDivided:
		return "divide at " + Plural(len(d.Changes), "page")
	case archive.PagesReviewed:
		return "accept " + n
	case archive.PagesMoved:
		return "move " + n
	case archive.PagesRotated:
		return "rotate " + n
	case archive.PagesPrepared:
		if len(d.Set) == 1 {
			return d.How
		}
		return d.How + " " + Plural(len(d.Set), "page")
	case archive.PagesParted:
		var d archive.Parted
		json.Unmarshal(e.Data, &d)
		if d.Joined {
			return "join " + Plural(len(d.Spreads), "spread")
		}
		return "split " + Plural(len(d.Spreads), "spread")
	case archive.TextCorrected:
		if len(d.Texts) == 1 {
			return d.How
		}
		return d.How + " on " + Plural(len(d.Texts), "page")
	case archive.PagesBinned:
		return "bin " + n
	case archive.PagesRestored:
		return "restore " + n
	}
	return string(e.Type)
}

// Plural is a number with its noun: "1 page", "2 pages", "2 batches", "2 entries".
func Plural(n int, word string) string {
	if n == 1 {
		return "1 " + word
	}
	if strings.HasSuffix(word, "ch") {
		word += "e"
	} else if stem, y := strings.CutSuffix(word, "ry"); y {
		word = stem + "rie"
	}
	return fmt.Sprintf("%d %ss", n, word)
}

func rgba(img image.Image) *image.RGBA {
	if m, ok := img.(*image.RGBA); ok {
		return m
	}
	b := img.Bounds()
	m := image.NewRGBA(image.Rect(0, 0, b.Dx(), b.Dy()))
	draw.Draw(m, m.Bounds(), img, b.Min, draw.Src)
	return m
}

// PageBefore is the page in front of one, leaving out those that are moving:
// where MovePages must put them to stand in front of it. Empty is the start.
func (w *Workbench) PageBefore(ctx context.Context, id scan.PageID, moving []scan.PageID) (scan.PageID, error) {
	page, err := w.Page(ctx, id)
	if err != nil {
		return "", err
	}
	if batch, _, err := w.batchOf(ctx, moving); err != nil {
		return "", err
	} else if batch != page.Batch {
		return "", About(string(id), fmt.Errorf("%w: page %s is in another batch", ErrUsage, id))
	}
	all, err := w.cat.Pages(ctx, page.Batch, catalogue.All)
	if err != nil {
		return "", err
	}
	before := scan.PageID("")
	for _, p := range all {
		if p.Page.ID == id {
			break
		}
		if !slices.Contains(moving, p.Page.ID) {
			before = p.Page.ID
		}
	}
	return before, nil
}
