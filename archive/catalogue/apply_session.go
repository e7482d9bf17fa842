package catalogue

import (
	"encoding/json"

	"recto/archive"
	"recto/scan"
)

// replace puts New in the place of Old and Old into the bin, or takes that back:
// then New, which nobody wants, is the one in the bin.
func (p *projection) replace(batch int64, d archive.Replaced, forward bool) error {
	old, known, err := p.knownPage(batch, d.Old)
	if err != nil || !known {
		return err
	}
	page, known, err := p.knownPage(batch, d.New)
	if err != nil || !known {
		return err
	}
	if old == page {
		return p.odd("page %q cannot replace itself", d.Old)
	}
	label, by := d.From, any(nil)
	if forward {
		label, by = d.To, page
	}
	if err := p.exec(`UPDATE pages SET binned = ?, replaced_by = ? WHERE seq = ?`, forward, by, old); err != nil {
		return err
	}
	if err := p.exec(`UPDATE pages SET binned = ?, label = ? WHERE seq = ?`, !forward && len(d.Back) == 0, label, page); err != nil {
		return err
	}
	// A unit that began with the one begins with the other.
	from, to := old, page
	if !forward {
		from, to = page, old
	}
	if err := p.exec(`UPDATE pages SET start = (SELECT start FROM pages WHERE seq = ?1) WHERE seq = ?2
		AND (SELECT start FROM pages WHERE seq = ?1) <> 'null'`, from, to); err != nil {
		return err
	}
	if err := p.exec(`UPDATE pages SET start = 'null' WHERE seq = ?`, from); err != nil {
		return err
	}
	if !forward {
		return p.putBack(batch, d.Back)
	}
	return order{p.writer, batch}.insert([]int64{page}, old)
}

// reorder puts pages into their places in another order.
func (p *projection) reorder(batch int64, d archive.Ordered, forward bool) error {
	wanted := d.Pages
	if !forward {
		wanted = d.Back
	}
	names, err := json.Marshal(wanted)
	if err != nil {
		return err
	}
	found, err := p.find(`SELECT count(*) FROM pages WHERE batch = ? AND id IN (SELECT value FROM json_each(?))`, batch, string(names))
	if err != nil {
		return err
	}
	distinct := map[scan.PageID]bool{}
	for _, id := range wanted {
		distinct[id] = true
		if err := p.concerns(string(id)); err != nil {
			return err
		}
	}
	if int(found) != len(wanted) || len(distinct) != len(wanted) {
		return p.odd("of %d pages to be put in order %d are in the batch", len(wanted), found)
	}
	// The n-th of the wanted order takes the n-th of the places that there are.
	err = p.exec(`UPDATE pages SET place = o.place FROM (
			SELECT w.value AS id, s.place FROM json_each(?2) w
			JOIN (SELECT place, row_number() OVER (ORDER BY place) - 1 AS rank FROM pages
				WHERE batch = ?1 AND id IN (SELECT value FROM json_each(?2))) s ON s.rank = w.key) AS o
		WHERE pages.batch = ?1 AND pages.id = o.id`, batch, string(names))
	if err != nil {
		return err
	}
	return p.label(batch, archive.Labelled{Batch: d.Batch, Labels: d.Labels}, forward)
}

func (p *projection) label(batch int64, d archive.Labelled, forward bool) error {
	for _, l := range d.Labels {
		page, known, err := p.knownPage(batch, l.Page)
		if err != nil {
			return err
		}
		if !known {
			continue
		}
		to := l.To
		if !forward {
			to = l.From
		}
		if err := p.exec(`UPDATE pages SET label = ? WHERE seq = ?`, to, page); err != nil {
			return err
		}
	}
	return nil
}

func (p *projection) divide(batch int64, d archive.Divided, forward bool) error {
	for _, c := range d.Changes {
		page, known, err := p.knownPage(batch, c.Page)
		if err != nil {
			return err
		}
		if !known {
			continue
		}
		to := c.To
		if !forward {
			to = c.From
		}
		start, err := jsonText(to)
		if err != nil {
			return err
		}
		if err := p.exec(`UPDATE pages SET start = ? WHERE seq = ?`, start, page); err != nil {
			return err
		}
	}
	return p.bin(batch, archive.Binned{Batch: d.Batch, Pages: d.Binned}, forward)
}

func (p *projection) review(batch int64, d archive.Reviewed, forward bool) error {
	for _, r := range d.Pages {
		page, known, err := p.knownPage(batch, r.Page)
		if err != nil {
			return err
		}
		if !known {
			continue
		}
		to := r.To
		if !forward {
			to = r.From
		}
		if err := p.exec(`UPDATE pages SET reviewed = ? WHERE seq = ?`, to, page); err != nil {
			return err
		}
	}
	return nil
}

func (p *projection) profileSaved(d archive.Profile) error {
	if d.Name == "" {
		return p.odd("the profile has no name")
	}
	data, err := jsonText(d)
	if err != nil {
		return err
	}
	if err := p.exec(`INSERT INTO profiles (name, data) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET data = ?2`, d.Name, data); err != nil {
		return err
	}
	return p.aboutArchive()
}

func (p *projection) profileRemoved(d archive.Named) error {
	n, err := p.find(`DELETE FROM profiles WHERE name = ? RETURNING 1`, d.Name)
	if err != nil {
		return err
	}
	if n == 0 {
		if err := p.odd("there is no profile %q", d.Name); err != nil {
			return err
		}
	}
	return p.aboutArchive()
}

func (p *projection) supervisorSet(d archive.Supervisor) error {
	if err := p.exec(`UPDATE archive SET supervisor = ?`, d.Hash); err != nil {
		return err
	}
	return p.aboutArchive()
}

func (p *projection) unitsPlanned(d archive.Planned) error {
	for _, u := range d.Units {
		if u.Code == "" {
			if err := p.odd("unit %q has no code", u.Reference); err != nil {
				return err
			}
			continue
		}
		data, err := jsonText(u)
		if err != nil {
			return err
		}
		if err := p.exec(`INSERT INTO units (code, data) VALUES (?1, ?2) ON CONFLICT (code) DO UPDATE SET data = ?2`, u.Code, data); err != nil {
			return err
		}
	}
	return p.aboutArchive()
}
