package catalogue

import (
	"context"
	"database/sql"

	"recto/archive"
	"recto/scan"
)

// Hit is one page that a search found.
type Hit struct {
	Document archive.DocumentID // empty for a page that is in no document
	Title    string             // of the document, else of the batch, else the batch's name
	Batch    scan.BatchID
	Page     scan.PageID
	Number   int      // of the page in the document, from 1, else in the batch
	Snippet  string   // about a dozen words of plain text around the first match
	Marks    [][2]int // byte ranges of the matches in Snippet, ascending
	Terms    []string // the words of the page that matched, as [Fold] gives them, sorted
}

// SearchOption changes how a query is read.
type SearchOption int

// Prefix says that the query is still being typed: its last word is the
// beginning of a word.
const Prefix SearchOption = 1

// Search finds the pages that contain all words of query, whatever their case
// and diacritics. "words in quotes" must follow each other, and a star makes the
// end of a word open: archiv*. Words broken at a line's end are found whole, too.
// Any text is a valid query; one without words finds nothing.
//
// It gives the number of all hits, and hits from offset on, at most limit, the
// best first (bm25) and equal ones in order of capture. A page is a hit for each
// document that it is a leaf of; a page in no document is one hit, unless it is
// in the bin.
func (c *Catalogue) Search(ctx context.Context, query string, limit, offset int, options ...SearchOption) (total int, hits []Hit, err error) {
	open := false
	for _, o := range options {
		open = open || o == Prefix
	}
	terms := parse(query, open)
	if len(terms) == 0 {
		return 0, nil, nil
	}
	tx, err := c.read.BeginTx(ctx, &sql.TxOptions{ReadOnly: true}) // both queries see the same state
	if err != nil {
		return 0, nil, fail("search", err)
	}
	defer func() { _ = tx.Rollback() }()

	// The index is joined and never filtered from inside, which would cost a look
	// at each match (measured: 1 M pages, bm25 top 50).
	const found = `FROM texts_index JOIN pages p ON p.seq = texts_index.rowid
		LEFT JOIN leaves l ON l.page = p.id AND NOT l.again
		WHERE texts_index MATCH ? AND (l.document IS NOT NULL OR NOT p.binned)`
	expression := match(terms)
	if total, err = first(ctx, tx, number, `SELECT count(*) `+found, expression); err != nil {
		return 0, nil, fail("search", err)
	}
	if limit <= 0 || offset >= total {
		return total, nil, nil
	}
	hits, err = list(ctx, tx, func(r rowScanner) (h Hit, err error) {
		var text string
		if err = r.Scan(&h.Document, &h.Title, &h.Batch, &h.Page, &h.Number, &text); err == nil {
			h.Snippet, h.Marks, h.Terms = snippet(text, terms)
		}
		return h, err
	}, `WITH best AS MATERIALIZED (SELECT p.seq AS page, l.document, l.number, bm25(texts_index) AS score `+found+`
			ORDER BY score, p.seq, l.document LIMIT ? OFFSET ?)
		SELECT coalesce(d.id, ''), coalesce(d.title, nullif(b.title, ''), b.name), b.id, p.id,
			coalesce(best.number, `+numberOfOne+`), t.plain
		FROM best JOIN pages p ON p.seq = best.page JOIN batches b ON b.seq = p.batch JOIN texts t ON t.page = p.seq
		LEFT JOIN documents d ON d.seq = best.document
		ORDER BY best.score, best.page, best.document`, expression, limit, max(offset, 0))
	return total, hits, fail("search", err)
}
