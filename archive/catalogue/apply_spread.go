package catalogue

import "recto/archive"

// pagesParted takes spreads apart. What a worker found is on no undo stack.
func (p *projection) pagesParted(d archive.Parted) error {
	if !d.Auto {
		return p.arranged(arrangement{d.Batch})
	}
	batch, known, err := p.knownBatch(d.Batch)
	if err != nil || !known {
		return err
	}
	return p.part(batch, d, true)
}

func (p *projection) part(batch int64, d archive.Parted, forward bool) error {
	apart := forward != d.Joined
	for _, s := range d.Spreads {
		page, known, err := p.knownPage(batch, s.Page)
		if err != nil {
			return err
		}
		if !known {
			continue
		}
		other, err := p.find(`SELECT seq FROM pages WHERE id = ?`, string(s.Other.ID))
		if err != nil {
			return err
		}
		switch {
		case other == 0 && apart:
			if err := p.pageCaptured(archive.Captured{Page: s.Other, After: s.Page}); err != nil {
				return err
			}
			if other, err = p.find(`UPDATE pages SET half_of = ?, duplicate_of = NULL WHERE id = ? RETURNING seq`, page, string(s.Other.ID)); err != nil {
				return err
			}
			if other == 0 {
				continue
			}
		case other == 0:
			continue
		default:
			if err := p.concerns(string(s.Other.ID)); err != nil {
				return err
			}
			if err := p.exec(`UPDATE pages SET binned = ? WHERE seq = ?`, !apart, other); err != nil {
				return err
			}
		}
		set, byHand := s.Set, s.To
		if !apart {
			byHand = s.From
		}
		if err := p.setByHand(page, s.Page, byHand); err != nil {
			return err
		}
		if err := p.setByHand(other, s.Other.ID, set); err != nil {
			return err
		}
	}
	return nil
}
