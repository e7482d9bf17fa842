package catalogue

import (
	"context"
	"errors"
	"iter"
	"slices"

	"recto/archive"
	"recto/scan"
)

// Profiles lists the capture profiles that were saved, by name.
func (c *Catalogue) Profiles(ctx context.Context) ([]archive.Profile, error) {
	all, err := list(ctx, c.read, func(r rowScanner) (p archive.Profile, err error) {
		err = r.Scan(jsonColumn{&p})
		return p, err
	}, `SELECT data FROM profiles ORDER BY name`)
	return all, fail("profiles", err)
}

// Supervisor gives the hash of the word that unlocks profiles, empty where there
// is none.
func (c *Catalogue) Supervisor(ctx context.Context) (hash string, err error) {
	err = c.read.QueryRowContext(ctx, `SELECT supervisor FROM archive`).Scan(&hash)
	return hash, fail("supervisor", err)
}

// Units lists the units that were planned, in the order of planning.
func (c *Catalogue) Units(ctx context.Context) ([]archive.Unit, error) {
	all, err := list(ctx, c.read, func(r rowScanner) (u archive.Unit, err error) {
		err = r.Scan(jsonColumn{&u})
		return u, err
	}, `SELECT data FROM units ORDER BY seq`)
	return all, fail("units", err)
}

// Signature is what the picture of a page looks like.
type Signature struct {
	Page  scan.PageID
	Bytes []byte
}

// Signatures gives those of a batch's live pages in their order, one at a time. An
// error is the last thing given.
func (c *Catalogue) Signatures(ctx context.Context, batch scan.BatchID) iter.Seq2[Signature, error] {
	return func(yield func(Signature, error) bool) {
		rows, err := c.read.QueryContext(ctx, `SELECT p.id, s.signature FROM pages p JOIN signatures s ON s.page = p.seq
			WHERE p.batch = (SELECT seq FROM batches WHERE id = ?) AND NOT p.binned ORDER BY p.place`, string(batch))
		if err != nil {
			yield(Signature{}, fail("signatures", err))
			return
		}
		defer func() { _ = rows.Close() }()
		for rows.Next() {
			var s Signature
			err := rows.Scan(&s.Page, &s.Bytes)
			if !yield(s, fail("signatures", err)) || err != nil {
				return
			}
		}
		if err := rows.Err(); err != nil {
			yield(Signature{}, fail("signatures", err))
		}
	}
}

// Signature gives that of a page, nil where it has none.
func (c *Catalogue) Signature(ctx context.Context, page scan.PageID) ([]byte, error) {
	sig, err := first(ctx, c.read, func(r rowScanner) (sig []byte, err error) {
		err = r.Scan(&sig)
		return sig, err
	}, `SELECT s.signature FROM signatures s JOIN pages p ON s.page = p.seq WHERE p.id = ?`, string(page))
	if errors.Is(err, ErrNotFound) {
		err = nil
	}
	return sig, fail("signature of page "+string(page), err)
}

// Tail gives the last pages of a batch in their order, n at most, the bin left out.
func (c *Catalogue) Tail(ctx context.Context, batch scan.BatchID, n int) ([]Page, error) {
	all, err := list(ctx, c.read, scanPage, selectPages(numberOfOne, `WHERE p.batch = (SELECT seq FROM batches WHERE id = ?)
		AND NOT p.binned ORDER BY p.place DESC LIMIT ?`), string(batch), n)
	slices.Reverse(all)
	return all, fail("last pages of batch "+string(batch), err)
}

// Before gives the pages in front of a page in its batch in their order, n at most,
// the bin left out, without their numbers.
func (c *Catalogue) Before(ctx context.Context, page scan.PageID, n int) ([]Page, error) {
	all, err := list(ctx, c.read, scanPage, selectPages(`0`, `WHERE p.batch = (SELECT batch FROM pages WHERE id = ?1)
		AND p.place < (SELECT place FROM pages WHERE id = ?1) AND NOT p.binned ORDER BY p.place DESC LIMIT ?2`), string(page), n)
	slices.Reverse(all)
	return all, fail("pages before page "+string(page), err)
}

// Uninspected lists the live pages of a batch that nobody had a quick look at; with
// codes also those that were looked at without looking for codes.
func (c *Catalogue) Uninspected(ctx context.Context, batch scan.BatchID, codes bool) ([]Page, error) {
	all, err := list(ctx, c.read, scanPage, selectPages(`0`, `WHERE p.batch = (SELECT seq FROM batches WHERE id = ?1) AND NOT p.binned
		AND (p.inspection = 'null' AND p.concerns = 'null' OR ?2 AND p.inspection <> 'null' AND NOT coalesce(json_extract(p.inspection, '$.sought'), 0))
		ORDER BY p.place`), string(batch), codes)
	return all, fail("pages without a quick look", err)
}
