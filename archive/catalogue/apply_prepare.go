package catalogue

import (
	"encoding/json"
	"iter"
	"slices"

	"recto/archive"
	"recto/scan"
)

// inOrder gives changes in their order, or to take them back in the opposite one: a page
// that is changed twice ends where it began.
func inOrder[T any](changes []T, forward bool) iter.Seq[T] {
	if forward {
		return slices.Values(changes)
	}
	return func(yield func(T) bool) {
		for _, c := range slices.Backward(changes) {
			if !yield(c) {
				return
			}
		}
	}
}

// prepare sets what was set by hand of pages' preparation.
func (p *projection) prepare(batch int64, d archive.Prepared, forward bool) error {
	for s := range inOrder(d.Settings, forward) {
		page, known, err := p.knownPage(batch, s.Page)
		if err != nil {
			return err
		}
		if !known {
			continue
		}
		to := s.To
		if !forward {
			to = s.From
		}
		if err := p.setByHand(page, s.Page, to); err != nil {
			return err
		}
	}
	return nil
}

// rotate sets quarter turns by hand, as journals of Recto before there were other
// steps have them.
func (p *projection) rotate(batch int64, d archive.Rotated, forward bool) error {
	for turn := range inOrder(d.Turns, forward) {
		page, known, err := p.knownPage(batch, turn.Page)
		if err != nil {
			return err
		}
		if !known {
			continue
		}
		from, to := turn.Steps()
		if !forward {
			to = from
		}
		var byHand scan.Recipe
		if err := p.row(`SELECT by_hand FROM pages WHERE seq = ?`, page)(jsonColumn{&byHand}); err != nil {
			return err
		}
		byHand = byHand.Without(scan.OrientStage)
		for _, s := range to {
			byHand = byHand.With(s)
		}
		if err := p.setByHand(page, turn.Page, byHand); err != nil {
			return err
		}
	}
	return nil
}

// setByHand makes a page that is prepared otherwise new: what was read on it was read
// another way. One that comes back to how it was read once is what it was then.
func (p *projection) setByHand(page int64, id scan.PageID, byHand scan.Recipe) error {
	if len(byHand) == 0 {
		byHand = nil
	}
	text, err := jsonText(byHand)
	if err != nil {
		return err
	}
	err = p.exec(`UPDATE pages SET by_hand = ?, state = 'new', recipe = 'null', confidence = 0, words = 0, languages = 'null',
		text = '', text_sha256 = '', unread = '', problem = 'null', raw = '', raw_sha256 = '', corrections = 0 WHERE seq = ?`, text, page)
	if err != nil {
		return err
	}
	if err := p.index(page, ""); err != nil {
		return err
	}
	read, corrections, found, err := p.readingAs(id, byHand)
	if err != nil || !found {
		return err
	}
	if err := p.pageProcessed(read); err != nil {
		return err
	}
	for _, c := range corrections {
		if err := p.setText(page, c.From, c.To, true); err != nil {
			return err
		}
	}
	return nil
}

// readingAs gives what was found out last about a page that was prepared as these
// steps by hand have it, or in the same way by the worker itself, and the corrections of
// that text that hold.
func (p *projection) readingAs(id scan.PageID, byHand scan.Recipe) (d archive.Processed, corrections []archive.Correction, found bool, err error) {
	rows, err := p.tx.QueryContext(p.ctx, `SELECT e.seq, e.type, e.data FROM event_objects o JOIN events e ON e.seq = o.event
		LEFT JOIN arrangements a ON a.event = e.seq
		WHERE o.object = ? AND (e.type = ? OR e.type = ? AND a.undone = 0) ORDER BY o.event DESC`,
		string(id), string(archive.PageProcessed), string(archive.TextCorrected))
	if err != nil {
		return d, nil, false, err
	}
	defer func() { _ = rows.Close() }()
	var later []archive.Correction // newest first
	for rows.Next() {
		var seq int64
		var kind string
		var data []byte
		if err := rows.Scan(&seq, &kind, &data); err != nil {
			return d, nil, false, err
		}
		if kind == string(archive.TextCorrected) {
			var c archive.Corrected
			if json.Unmarshal(data, &c) == nil {
				for _, t := range c.Texts {
					if t.Page == id {
						later = append(later, t)
					}
				}
			}
			continue
		}
		d = archive.Processed{}
		if json.Unmarshal(data, &d) != nil || d.Page != id || d.State == scan.Failed || !d.Recipe.Fits(byHand) {
			continue
		}
		at := d.TextSHA256
		for _, c := range slices.Backward(later) {
			if c.From.SHA256 == at {
				corrections = append(corrections, c)
				at = c.To.SHA256
			}
		}
		return d, corrections, true, rows.Close()
	}
	return d, nil, false, rows.Err()
}
