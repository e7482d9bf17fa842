package catalogue

import (
	"slices"

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
	label, by := d.To, any(page)
	if !forward {
		label = d.From
		if by, err = p.replacedBefore(batch, d.Old); err != nil {
			return err
		}
	}
	if err := p.exec(`UPDATE pages SET binned = ?, replaced_by = ? WHERE seq = ?`, forward, by, old); err != nil {
		return err
	}
	if err := p.exec(`UPDATE pages SET binned = ?, label = ? WHERE seq = ?`, !forward && len(d.Back) == 0, label, page); err != nil {
		return err
	}
	if len(d.Starts) > 0 {
		err = p.begin(batch, d.Starts, forward)
	} else if from, to := old, page; forward { // a unit that began with the one begins with the other
		err = p.passStart(from, to)
	} else {
		err = p.passStart(to, from)
	}
	if err != nil {
		return err
	}
	if !forward {
		return p.putBack(batch, d.Back)
	}
	return order{p.writer, batch}.insert([]int64{page}, old)
}

// replacedBefore gives the row of the page that was taken last instead of one, NULL for
// none: it came out of the bin then, and now once more another one is no longer taken.
func (p *projection) replacedBefore(batch int64, old scan.PageID) (any, error) {
	before, err := p.find(`SELECT n.seq FROM arrangements a JOIN events e ON e.seq = a.event
		JOIN pages n ON n.id = json_extract(CAST(e.data AS TEXT), '$.new')
		WHERE a.batch = ? AND a.undone = 0 AND e.type = ? AND json_extract(CAST(e.data AS TEXT), '$.old') = ?
		ORDER BY a.event DESC LIMIT 1`, batch, string(archive.PagesReplaced), string(old))
	if err != nil || before == 0 {
		return nil, err
	}
	return before, nil
}

// passStart has the unit that begins with one page, if any, begin with another.
func (p *projection) passStart(from, to int64) error {
	if err := p.exec(`UPDATE pages SET start = (SELECT start FROM pages WHERE seq = ?1) WHERE seq = ?2
		AND (SELECT start FROM pages WHERE seq = ?1) <> 'null'`, from, to); err != nil {
		return err
	}
	return p.exec(`UPDATE pages SET start = 'null' WHERE seq = ?`, from)
}

// insert puts a page between others, or into the bin.
func (p *projection) insert(batch int64, d archive.Inserted, forward bool) error {
	page, known, err := p.knownPage(batch, d.Page)
	if err != nil || !known {
		return err
	}
	after, known, err := p.knownPlace(batch, d.After)
	if err != nil || !known {
		return err
	}
	if page == after {
		return p.odd("page %q cannot be put behind itself", d.After)
	}
	if err := p.exec(`UPDATE pages SET binned = ? WHERE seq = ?`, !forward, page); err != nil || !forward {
		return err
	}
	return order{p.writer, batch}.insert([]int64{page}, after)
}

// reorder puts pages into their places in another order: the n-th of the wanted
// order takes the n-th of the places that there are.
func (p *projection) reorder(batch int64, d archive.Ordered, forward bool) error {
	wanted := d.Pages
	if !forward {
		wanted = d.Back
	}
	pages := make([]int64, 0, len(wanted))
	places := make([]int64, 0, len(wanted))
	seen := make(map[int64]bool, len(wanted))
	for _, id := range wanted {
		page, known, err := p.knownPage(batch, id)
		if err != nil || !known {
			return err
		}
		if seen[page] {
			return p.odd("%d pages cannot be put in order: %q is named twice", len(wanted), id)
		}
		seen[page] = true
		place, err := p.find(`SELECT place FROM pages WHERE seq = ?`, page)
		if err != nil {
			return err
		}
		pages, places = append(pages, page), append(places, place)
	}
	slices.Sort(places)
	for i, page := range pages {
		if err := p.exec(`UPDATE pages SET place = ? WHERE seq = ?`, places[i], page); err != nil {
			return err
		}
	}
	if err := p.begin(batch, d.Starts, forward); err != nil {
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
	if err := p.begin(batch, d.Changes, forward); err != nil {
		return err
	}
	if err := p.label(batch, archive.Labelled{Batch: d.Batch, Labels: d.Labels}, forward); err != nil {
		return err
	}
	return p.bin(batch, archive.Binned{Batch: d.Batch, Pages: d.Binned}, forward)
}

// begin changes which pages units begin with.
func (p *projection) begin(batch int64, changes []archive.Division, forward bool) error {
	for _, c := range changes {
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
	return nil
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
