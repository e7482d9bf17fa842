package catalogue

import (
	"recto/archive"
)

func (p *projection) documentMade(d archive.Document) error {
	if err := p.concerns(string(d.ID), string(d.Batch)); err != nil {
		return err
	}
	if d.ID == "" {
		return p.odd("the document has no id")
	}
	batch, err := p.batch(d.Batch)
	if err != nil {
		return err
	}
	metadata, err := jsonText(d.Metadata)
	if err != nil {
		return err
	}
	// Made again, a document is incomplete until it is written again, and its file
	// stays known until then.
	document, err := p.find(`INSERT INTO documents (id, batch, key, title, language, created, state, reference, container, metadata)
		VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
		ON CONFLICT (id) DO UPDATE SET batch = ?2, key = ?3, title = ?4, language = ?5, created = ?6, state = ?7, reasons = 'null',
			reference = ?8, container = ?9, metadata = ?10
		RETURNING seq`,
		string(d.ID), batch, d.Key, d.Title, d.Language, stamp(d.Created), string(archive.Incomplete), d.Reference, d.Container, metadata)
	if err != nil {
		return err
	}
	if err := p.exec(`DELETE FROM leaves WHERE document = ?`, document); err != nil {
		return err
	}
	for i, leaf := range d.Leaves {
		page, err := p.find(`SELECT seq FROM pages WHERE id = ?`, string(leaf.Page))
		if err != nil {
			return err
		}
		if page == 0 {
			if err := p.odd("leaf %d is page %q, which was never captured", i+1, leaf.Page); err != nil {
				return err
			}
		}
		err = p.exec(`INSERT INTO leaves (document, number, page, label, again)
			VALUES (?1, ?2, ?3, ?4, EXISTS (SELECT 1 FROM leaves WHERE document = ?1 AND page = ?3))`,
			document, i+1, string(leaf.Page), leaf.Label)
		if err != nil {
			return err
		}
		if err := p.concerns(string(leaf.Page)); err != nil {
			return err
		}
	}
	return nil
}

// document gives the row of the document that the event is about and touches its
// batch.
func (p *projection) document(id archive.DocumentID) (int64, bool, error) {
	if err := p.concerns(string(id)); err != nil {
		return 0, false, err
	}
	document, err := p.find(`SELECT seq FROM documents WHERE id = ?`, string(id))
	if err != nil {
		return 0, false, err
	}
	if document == 0 {
		return 0, false, p.odd("document %q was never made", id)
	}
	batch, err := p.find(`SELECT batch FROM documents WHERE seq = ?`, document)
	if err != nil {
		return 0, false, err
	}
	return document, true, p.touch(batch)
}

func (p *projection) documentWritten(d archive.Written) error {
	document, known, err := p.document(d.Document)
	if err != nil || !known {
		return err
	}
	reasons, err := jsonText(d.Reasons)
	if err != nil {
		return err
	}
	return p.exec(`UPDATE documents SET state = ?, reasons = ?, pdf = ?, sha256 = ?, sha512 = ?, size = ?, input = ?, pages = ?
		WHERE seq = ?`, string(d.State), reasons, d.File, d.Fixity.SHA256, d.Fixity.SHA512, d.Fixity.Size, d.Input, d.Pages, document)
}

// documentCopied only goes into the document's history, which is where output is
// looked up: what was recorded need not have been written.
func (p *projection) documentCopied(d archive.Copied) error {
	_, _, err := p.document(d.Document)
	return err
}

// deliveryStepped keeps where a delivery stands: what a step does not say again
// stays as an earlier one said it, but a problem is of its step alone.
func (p *projection) deliveryStepped(d archive.Delivery) error {
	if err := p.concerns(d.ID); err != nil {
		return err
	}
	document, known, err := p.document(d.Document)
	if err != nil || !known {
		return err
	}
	if d.ID == "" {
		return p.odd("the delivery has no id")
	}
	problem, err := jsonText(d.Problem)
	if err != nil {
		return err
	}
	return p.exec(`INSERT INTO deliveries (id, document, format, destination, package, step, reason, files, bytes, manifest, problem, updated)
		VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)
		ON CONFLICT (id) DO UPDATE SET document = ?2, format = ?3, destination = ?4,
			package = iif(length(?5) > 0, ?5, package), step = ?6, reason = iif(?7 <> '', ?7, reason),
			files = iif(?8 <> 0, ?8, files), bytes = iif(?9 <> 0, ?9, bytes),
			manifest = iif(?10 <> '', ?10, manifest), problem = ?11, updated = ?12`,
		d.ID, document, d.Format, raw(d.To), raw(d.Package), d.Step, d.Reason, d.Files, d.Bytes, d.Manifest, problem,
		stamp(p.event.Time))
}
