package catalogue

import (
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"recto/archive"
	"recto/scan"
)

// arrangement is what all arranging events, those named pages.*, have: they can be
// done, undone and done again. So can a change of what a batch says of itself, and a
// correction of text.
type arrangement struct {
	Batch scan.BatchID `json:"batch"`
}

// arranged does an arranging event and puts it on its batch's undo stack. What
// could have been redone until now no longer can.
func (p *projection) arranged(d arrangement) error {
	batch, known, err := p.knownBatch(d.Batch)
	if err != nil || !known {
		return err
	}
	if err := p.exec(`DELETE FROM arrangements WHERE batch = ? AND undone > 0`, batch); err != nil {
		return err
	}
	if err := p.exec(`INSERT INTO arrangements (event, batch) VALUES (?, ?)`, p.seq, batch); err != nil {
		return err
	}
	return p.arrange(batch, p.event.Type, p.event.Data, true)
}

// undone takes an arranging event back.
func (p *projection) undone(d archive.Undone) error { return p.again(d, false) }

// redone does an arranging event that was undone once more.
func (p *projection) redone(d archive.Undone) error { return p.again(d, true) }

func (p *projection) again(d archive.Undone, forward bool) error {
	batch, known, err := p.knownBatch(d.Batch)
	if err != nil || !known {
		return err
	}
	var event, undoneBy int64
	var kind string
	var data []byte
	err = p.row(`SELECT e.seq, e.type, e.data, a.undone FROM arrangements a JOIN events e ON e.seq = a.event
		WHERE e.id = ? AND a.batch = ?`, d.Event, batch)(&event, &kind, &data, &undoneBy)
	if errors.Is(err, sql.ErrNoRows) || err == nil && (undoneBy > 0) != forward {
		return p.odd("event %q cannot be %s", d.Event, map[bool]string{false: "undone", true: "redone"}[forward])
	}
	if err != nil {
		return err
	}
	by := p.seq
	if forward {
		by = 0
	}
	if err := p.exec(`UPDATE arrangements SET undone = ? WHERE event = ?`, by, event); err != nil {
		return err
	}
	return p.arrange(batch, archive.EventType(kind), data, forward)
}

// arrange does one arranging event of the batch, or its inverse.
func (p *projection) arrange(batch int64, kind archive.EventType, data json.RawMessage, forward bool) error {
	var err error
	switch kind {
	case archive.PagesMoved:
		var d archive.Moved
		if err = json.Unmarshal(data, &d); err == nil {
			return p.move(batch, d, forward)
		}
	case archive.PagesRotated:
		var d archive.Rotated
		if err = json.Unmarshal(data, &d); err == nil {
			return p.rotate(batch, d, forward)
		}
	case archive.PagesPrepared:
		var d archive.Prepared
		if err = json.Unmarshal(data, &d); err == nil {
			return p.prepare(batch, d, forward)
		}
	case archive.PagesParted:
		var d archive.Parted
		if err = json.Unmarshal(data, &d); err == nil {
			return p.part(batch, d, forward)
		}
	case archive.TextCorrected:
		var d archive.Corrected
		if err = json.Unmarshal(data, &d); err == nil {
			return p.correct(batch, d, forward)
		}
	case archive.PagesBinned, archive.PagesRestored:
		var d archive.Binned
		if err = json.Unmarshal(data, &d); err == nil {
			return p.bin(batch, d, (kind == archive.PagesBinned) == forward)
		}
	case archive.PagesInserted:
		var d archive.Inserted
		if err = json.Unmarshal(data, &d); err == nil {
			return p.insert(batch, d, forward)
		}
	case archive.PagesReplaced:
		var d archive.Replaced
		if err = json.Unmarshal(data, &d); err == nil {
			return p.replace(batch, d, forward)
		}
	case archive.PagesOrdered:
		var d archive.Ordered
		if err = json.Unmarshal(data, &d); err == nil {
			return p.reorder(batch, d, forward)
		}
	case archive.PagesLabelled:
		var d archive.Labelled
		if err = json.Unmarshal(data, &d); err == nil {
			return p.label(batch, d, forward)
		}
	case archive.PagesDivided:
		var d archive.Divided
		if err = json.Unmarshal(data, &d); err == nil {
			return p.divide(batch, d, forward)
		}
	case archive.PagesReviewed:
		var d archive.Reviewed
		if err = json.Unmarshal(data, &d); err == nil {
			return p.review(batch, d, forward)
		}
	case archive.BatchDescribed:
		var d archive.Described
		if err = json.Unmarshal(data, &d); err == nil && d.Before != nil {
			if !forward {
				d.Batch = *d.Before
			}
			return p.describe(batch, d.Batch)
		}
	default:
		err = fmt.Errorf("%s does not arrange", kind)
	}
	return p.odd("its data cannot be read: %v", err)
}

func (p *projection) move(batch int64, d archive.Moved, forward bool) error {
	if err := p.begin(batch, d.Starts, forward); err != nil {
		return err
	}
	o := order{p.writer, batch}
	if forward {
		pages := make([]int64, 0, len(d.Pages))
		seen := make(map[int64]bool, len(d.Pages))
		for _, id := range d.Pages {
			page, known, err := p.knownPage(batch, id)
			if err != nil {
				return err
			}
			if known && !seen[page] {
				seen[page] = true
				pages = append(pages, page)
			}
		}
		after, known, err := p.knownPlace(batch, d.After)
		if err != nil || !known {
			return err
		}
		if seen[after] {
			return p.odd("page %q cannot be moved behind itself", d.After)
		}
		return o.insert(pages, after)
	}

	return p.putBack(batch, d.Back)
}

// putBack puts pages behind those that they stood behind before.
func (p *projection) putBack(batch int64, places []archive.Place) error {
	o := order{p.writer, batch}
	back := make([]spot, 0, len(places))
	for _, place := range places {
		page, known, err := p.knownPage(batch, place.Page)
		if err != nil {
			return err
		}
		if !known {
			continue
		}
		after, known, err := p.knownPlace(batch, place.After)
		if err != nil {
			return err
		}
		if !known {
			continue
		}
		if page == after {
			if err := p.odd("page %q cannot be moved behind itself", place.Page); err != nil {
				return err
			}
			continue
		}
		back = append(back, spot{page, after})
	}
	for _, run := range runs(back) {
		pages := make([]int64, len(run))
		for i, s := range run {
			pages[i] = s.page
		}
		if err := o.insert(pages, run[0].after); err != nil {
			return err
		}
	}
	return nil
}

func (p *projection) bin(batch int64, d archive.Binned, into bool) error {
	for _, id := range d.Pages {
		page, known, err := p.knownPage(batch, id)
		if err != nil {
			return err
		}
		if !known {
			continue
		}
		if err := p.exec(`UPDATE pages SET binned = ? WHERE seq = ?`, into, page); err != nil {
			return err
		}
	}
	return nil
}

// knownBatch gives the row of the batch that an arranging event is about and
// makes the event part of its history.
func (p *projection) knownBatch(id scan.BatchID) (int64, bool, error) {
	if err := p.concerns(string(id)); err != nil {
		return 0, false, err
	}
	batch, err := p.find(`UPDATE batches SET touched = max(touched, ?) WHERE id = ? RETURNING seq`, stamp(p.event.Time), string(id))
	if err == nil && batch == 0 {
		err = p.odd("batch %q was never created", id)
	}
	return batch, batch != 0, err
}

// knownPage gives the row of a page of the batch and makes the event part of its
// history.
func (p *projection) knownPage(batch int64, id scan.PageID) (int64, bool, error) {
	if err := p.concerns(string(id)); err != nil {
		return 0, false, err
	}
	page, err := p.find(`SELECT seq FROM pages WHERE id = ? AND batch = ?`, string(id), batch)
	if err == nil && page == 0 {
		err = p.odd("page %q is not in the batch", id)
	}
	return page, page != 0, err
}

// knownPlace gives the row of the page to put others behind, 0 for the start.
func (p *projection) knownPlace(batch int64, after scan.PageID) (int64, bool, error) {
	if after == "" {
		return 0, true, nil
	}
	page, err := p.find(`SELECT seq FROM pages WHERE id = ? AND batch = ?`, string(after), batch)
	if err == nil && page == 0 {
		err = p.odd("page %q, to put others behind, is not in the batch", after)
	}
	return page, page != 0, err
}
