package catalogue

import "recto/archive"

// correct puts corrected texts into the place of those that they were made from.
func (p *projection) correct(batch int64, d archive.Corrected, forward bool) error {
	for t := range inOrder(d.Texts, forward) {
		page, known, err := p.knownPage(batch, t.Page)
		if err != nil {
			return err
		}
		if !known {
			continue
		}
		from, to := t.From, t.To
		if !forward {
			from, to = to, from
		}
		if err := p.setText(page, from, to, forward); err != nil {
			return err
		}
	}
	return nil
}

// setText gives a page the text to in the place of from, and counts a correction more or
// less. The text that was there before the first correction is kept as raw. Nothing is
// done where the page has another text by now: it was read anew.
func (p *projection) setText(page int64, from, to archive.TextFile, more bool) error {
	var have, haveSHA, raw string
	var corrections int
	if err := p.row(`SELECT text, text_sha256, raw, corrections FROM pages WHERE seq = ?`, page)(&have, &haveSHA, &raw, &corrections); err != nil {
		return err
	}
	if haveSHA != from.SHA256 {
		return nil
	}
	plain, unread := p.plain(to.Path)
	switch {
	case more && corrections == 0:
		raw, corrections = have, 1
		if err := p.exec(`UPDATE pages SET raw_sha256 = ? WHERE seq = ?`, haveSHA, page); err != nil {
			return err
		}
	case more:
		corrections++
	case corrections > 1:
		corrections--
	default:
		raw, corrections = "", 0
		if err := p.exec(`UPDATE pages SET raw_sha256 = '' WHERE seq = ?`, page); err != nil {
			return err
		}
	}
	if err := p.exec(`UPDATE pages SET text = ?, text_sha256 = ?, words = ?, confidence = ?, unread = ?, raw = ?, corrections = ? WHERE seq = ?`,
		to.Path, to.SHA256, to.Words, to.Confidence, unread, raw, corrections, page); err != nil {
		return err
	}
	return p.index(page, plain)
}
