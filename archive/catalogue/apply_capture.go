package catalogue

import (
	"strings"

	"recto/archive"
	"recto/scan"
)

func (p *projection) batchCreated(d archive.Batch) error {
	sources, err := jsonText(d.Sources)
	if err != nil {
		return err
	}
	languages, err := jsonText(d.Languages)
	if err != nil {
		return err
	}
	if d.ID == "" {
		return p.odd("the batch has no id")
	}
	namesake, err := p.find(`SELECT seq FROM batches WHERE name = ? AND id <> ?`, d.Name, string(d.ID))
	if err != nil {
		return err
	}
	if namesake != 0 {
		if err := p.odd("another batch is already named %q", d.Name); err != nil {
			return err
		}
	}
	err = p.exec(`INSERT INTO batches (id, name, key, title, sources, languages, created, touched,
			shelfmark, container, expected, sides, profile, series)
		VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)
		ON CONFLICT (id) DO UPDATE SET name = ?2, key = ?3, title = ?4, sources = ?5, languages = ?6,
			created = ?7, touched = max(touched, ?8),
			shelfmark = ?9, container = ?10, expected = ?11, sides = ?12, profile = ?13, series = ?14`,
		string(d.ID), d.Name, d.Key, d.Title, sources, languages, stamp(d.Created), stamp(p.event.Time),
		d.Shelfmark, d.Container, d.Expected, d.Sides, d.Profile, d.Series)
	if err != nil {
		return err
	}
	return p.concerns(string(d.ID))
}

// batchDescribed changes what a batch says of itself.
func (p *projection) batchDescribed(d archive.Described) error {
	if d.Before != nil {
		return p.arranged(arrangement{d.ID})
	}
	batch, err := p.batch(d.ID)
	if err != nil {
		return err
	}
	if err := p.describe(batch, d.Batch); err != nil {
		return err
	}
	return p.concerns(string(d.ID))
}

// describe keeps what a batch says of itself. Its key, its sources and its beginning
// stay.
func (p *projection) describe(batch int64, d archive.Batch) error {
	languages, err := jsonText(d.Languages)
	if err != nil {
		return err
	}
	return p.exec(`UPDATE batches SET name = ?, title = ?, languages = ?, shelfmark = ?, container = ?, expected = ?, sides = ?,
		profile = ?, series = ? WHERE seq = ?`,
		d.Name, d.Title, languages, d.Shelfmark, d.Container, d.Expected, d.Sides, d.Profile, d.Series, batch)
}

func (p *projection) batchSigned(d archive.Signed) error {
	batch, err := p.batch(d.Batch)
	if err != nil {
		return err
	}
	signed := "null"
	if d.Reason != "" {
		if signed, err = jsonText(d); err != nil {
			return err
		}
	}
	if err := p.exec(`UPDATE batches SET signed = ? WHERE seq = ?`, signed, batch); err != nil {
		return err
	}
	return p.concerns(string(d.Batch))
}

// batch gives the row of a batch that something belongs to and touches it. One
// that was never created is made, named by its ID: nothing that belongs to it
// may be lost.
func (p *projection) batch(id scan.BatchID) (int64, error) {
	seq, err := p.find(`UPDATE batches SET touched = max(touched, ?) WHERE id = ? RETURNING seq`, stamp(p.event.Time), string(id))
	if err != nil || seq != 0 {
		return seq, err
	}
	if err := p.odd("batch %q was never created", id); err != nil {
		return 0, err
	}
	now := stamp(p.event.Time)
	return p.find(`INSERT INTO batches (id, name, created, touched) VALUES (?1, ?1, ?2, ?2) RETURNING seq`, string(id), now)
}

// touch notes that something of the batch in that row changed.
func (p *projection) touch(batch int64) error {
	return p.exec(`UPDATE batches SET touched = max(touched, ?) WHERE seq = ?`, stamp(p.event.Time), batch)
}

func (p *projection) batchImported(d archive.Imported) error {
	batch, err := p.batch(d.Batch)
	if err != nil {
		return err
	}
	// A reason for doing without a source holds as long as its problem is the same.
	dismissed := map[string]string{}
	for _, argument := range d.Arguments {
		rows, err := p.tx.QueryContext(p.ctx, `SELECT path, problem, dismissed FROM rejects
			WHERE batch = ? AND argument = ? AND dismissed <> ''`, batch, raw(argument))
		if err != nil {
			return err
		}
		for rows.Next() {
			var path []byte
			var problem, why string
			if err := rows.Scan(&path, &problem, &why); err != nil {
				rows.Close()
				return err
			}
			dismissed[string(path)+problem] = why
		}
		if err := rows.Err(); err != nil {
			return err
		}
		if err := p.exec(`DELETE FROM rejects WHERE batch = ? AND argument = ?`, batch, raw(argument)); err != nil {
			return err
		}
		if err := p.exec(`INSERT INTO imports (batch, argument) VALUES (?, ?) ON CONFLICT DO NOTHING`, batch, raw(argument)); err != nil {
			return err
		}
	}
	for _, r := range d.Rejects {
		origin, err := jsonText(r.Origin)
		if err != nil {
			return err
		}
		problem, err := jsonText(r.Problem)
		if err != nil {
			return err
		}
		err = p.exec(`INSERT INTO rejects (batch, argument, path, origin, problem, dismissed) VALUES (?, ?, ?, ?, ?, ?)`,
			batch, raw(r.Origin.Argument), raw(r.Origin.Absolute), origin, problem, dismissed[string(r.Origin.Absolute)+problem])
		if err != nil {
			return err
		}
	}
	return p.concerns(string(d.Batch))
}

func (p *projection) rejectDismissed(d archive.Dismissed) error {
	batch, err := p.batch(d.Batch)
	if err != nil {
		return err
	}
	n, err := p.find(`UPDATE rejects SET dismissed = ? WHERE batch = ? AND path = ? RETURNING seq`, d.Reason, batch, raw(d.Path))
	if err != nil {
		return err
	}
	if n == 0 {
		if err := p.odd("%s gave a page, or was never given", d.Path.Line()); err != nil {
			return err
		}
	}
	return p.concerns(string(d.Batch))
}

func (p *projection) pageCaptured(d archive.Captured) error {
	page := d.Page
	if err := p.concerns(string(page.ID), string(page.Batch)); err != nil {
		return err
	}
	known, err := p.find(`SELECT seq FROM pages WHERE id = ?`, string(page.ID))
	if err != nil {
		return err
	}
	if page.ID == "" || known != 0 {
		return p.odd("page %q was captured before", page.ID)
	}
	batch, err := p.batch(page.Batch)
	if err != nil {
		return err
	}
	settings := any(nil)
	if c := page.Origin.Capture; c != nil && len(c.Options) > 0 {
		if settings, err = p.settings(c.Options); err != nil {
			return err
		}
		short := *c
		short.Options = nil
		page.Origin.Capture = &short
	}
	origin, err := jsonText(page.Origin)
	if err != nil {
		return err
	}
	seq, err := p.find(`INSERT INTO pages (id, batch, place, duplicate_of, master, format, sha256, sha512, size,
			origin, origin_path, origin_index, origin_nth, width, height, dpi, orientation, captured, operator, label, settings)
		VALUES (?1, ?2, 0, (SELECT seq FROM pages WHERE batch = ?2 AND sha256 = ?5 AND ?5 <> '' ORDER BY seq LIMIT 1),
			?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19) RETURNING seq`,
		string(page.ID), batch, page.Master, string(page.Format), page.Fixity.SHA256, page.Fixity.SHA512, page.Fixity.Size,
		origin, raw(page.Origin.Absolute), page.Origin.Index, page.Origin.Nth, page.Pixels.X, page.Pixels.Y, page.DPI,
		int(page.Orientation), stamp(page.Captured), page.Operator, page.Label, settings)
	if err != nil {
		return err
	}
	if page.Companion != (scan.Companion{}) {
		companion, err := jsonText(page.Companion)
		if err == nil {
			err = p.exec(`UPDATE pages SET companion = ? WHERE seq = ?`, companion, seq)
		}
		if err != nil {
			return err
		}
	}

	o := order{p.writer, batch}
	switch {
	case d.First:
		return o.insert([]int64{seq}, 0)
	case d.After == "":
		return o.add(seq)
	}
	after, err := p.find(`SELECT seq FROM pages WHERE id = ? AND batch = ? AND seq <> ?`, string(d.After), batch, seq)
	if err != nil {
		return err
	}
	if after == 0 {
		if err := p.odd("page %q, to be followed by this one, is not in the batch: put at the end", d.After); err != nil {
			return err
		}
		return o.add(seq)
	}
	return o.insert([]int64{seq}, after)
}

// settings gives the row of a device's options, which many pages share.
func (p *projection) settings(options []scan.Setting) (int64, error) {
	data, err := jsonText(options)
	if err != nil {
		return 0, err
	}
	return p.find(`INSERT INTO settings (data) VALUES (?1) ON CONFLICT (data) DO UPDATE SET data = ?1 RETURNING seq`, data)
}

// pageInspected keeps what a quick look found. Concerns that somebody has settled
// stay settled as long as they are the same.
func (p *projection) pageInspected(d archive.Inspected) error {
	if err := p.concerns(string(d.Page)); err != nil {
		return err
	}
	page, err := p.find(`SELECT seq FROM pages WHERE id = ?`, string(d.Page))
	if err != nil {
		return err
	}
	if page == 0 {
		return p.odd("page %q was never captured", d.Page)
	}
	var signature []byte
	blank := false
	if d.Inspection != nil {
		signature, d.Inspection.Signature = d.Inspection.Signature, nil
		blank = d.Inspection.Blank
	}
	inspection, err := jsonText(d.Inspection)
	if err != nil {
		return err
	}
	concerns := "null"
	if len(d.Concerns) > 0 {
		if concerns, err = jsonText(d.Concerns); err != nil {
			return err
		}
	}
	err = p.exec(`UPDATE pages SET inspection = ?1, blank = ?2, reviewed = iif(concerns = ?3, reviewed, ''), concerns = ?3 WHERE seq = ?4`,
		inspection, blank, concerns, page)
	if err != nil {
		return err
	}
	if len(signature) == 0 {
		return p.exec(`DELETE FROM signatures WHERE page = ?`, page)
	}
	return p.exec(`INSERT INTO signatures (page, signature) VALUES (?1, ?2) ON CONFLICT (page) DO UPDATE SET signature = ?2`, page, signature)
}

func (p *projection) pageProcessed(d archive.Processed) error {
	if err := p.concerns(string(d.Page), archive.ReadingObject(d.Key)); err != nil {
		return err
	}
	switch d.State {
	case scan.New, scan.Done, scan.Blank, scan.Failed:
	default:
		return p.odd("page %q cannot be in state %q", d.Page, d.State)
	}
	recipe, err := jsonText(d.Recipe)
	if err != nil {
		return err
	}
	measures, err := jsonText(d.Measures)
	if err != nil {
		return err
	}
	problem, err := jsonText(d.Problem)
	if err != nil {
		return err
	}
	languages, err := jsonText(d.Languages)
	if err != nil {
		return err
	}
	plain, unread := p.plain(d.Text)
	var page, batch int64
	page, err = p.find(`UPDATE pages SET state = ?, recipe = ?, measures = ?, confidence = ?, words = ?,
		languages = ?, width = iif(?, ?, width), height = iif(?, ?, height),
		text = ?, text_sha256 = ?, unread = ?, problem = ?, raw = ?, raw_sha256 = ?, corrections = ? WHERE id = ? RETURNING seq`,
		string(d.State), recipe, measures, d.Confidence, d.Words,
		languages, d.Stored.X, d.Stored.X, d.Stored.Y, d.Stored.Y, d.Text, d.TextSHA256, unread, problem, d.Raw, d.RawSHA256, d.Corrected, string(d.Page))
	if err != nil {
		return err
	}
	if page == 0 {
		return p.odd("page %q was never captured", d.Page)
	}
	if batch, err = p.find(`SELECT batch FROM pages WHERE seq = ?`, page); err != nil {
		return err
	}
	if err := p.touch(batch); err != nil {
		return err
	}
	return p.index(page, plain)
}

// plain reads the text tree at path for the index; unread says why it could not.
func (p *projection) plain(path string) (text, unread string) {
	if path == "" {
		return "", ""
	}
	if p.text == nil {
		return "", "nobody reads text trees"
	}
	text, err := p.text(path)
	if err != nil {
		return "", "text tree " + path + ": " + err.Error()
	}
	return text, ""
}

// index replaces the page's row of full text; none is kept without words.
func (p *projection) index(page int64, text string) error {
	if err := p.exec(`DELETE FROM texts WHERE page = ?`, page); err != nil {
		return err
	}
	text = clean(text)
	if strings.TrimSpace(text) == "" {
		return nil
	}
	return p.exec(`INSERT INTO texts (page, plain, also) VALUES (?, ?, ?)`, page, text, also(text))
}
