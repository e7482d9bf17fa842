package catalogue

import (
	"context"
	"encoding/json"
	"iter"

	"recto/archive"
	"recto/scan"
)

// Page is a page with all that is known of it.
type Page struct {
	scan.Page
	Number      int // in the batch, from 1, not counting the bin; 0 in the bin
	Unit        int // of the batch, from 1, in lists of whole batches; 0 before the first one begins
	State       scan.State
	Recipe      scan.Recipe
	Measures    *scan.Measures
	Confidence  float64 // of the text, 0 to 1
	Words       int
	Languages   []string // that the text was read in
	Text        string   // path of the text tree below the root; empty without text
	TextSHA256  string
	Problem     *scan.Problem
	Binned      bool
	DuplicateOf scan.PageID // the first page of the batch, by capture, with equal bytes
	ByHand      scan.Recipe // the steps of preparation that somebody set
	HalfOf      scan.PageID // the other page of the spread, whose master it shares
	Raw         string      // path of the text as it was read, where it was corrected since
	RawSHA256   string
	Corrections int              // changes of the text by hand
	Start       *archive.Start   // the unit that begins with this page
	StartOf     scan.PageID      // the page that Start was given to: this one, or one before it that is in the bin now
	Inspection  *scan.Inspection // without its signature; nil before a quick look
	Concerns    []scan.Concern
	Reviewed    string      // why it is good in spite of its concerns
	ReplacedBy  scan.PageID // taken instead of this one, which lies in the bin
	Replaces    scan.PageID // what this one was taken instead of, the last
}

// Which chooses pages by the bin.
type Which int

// The pages that are part of the batch, those in its bin, and both.
const (
	Live Which = iota
	Bin
	All
)

func (w Which) takes(p Page) bool {
	return w == All || p.Binned == (w == Bin)
}

// OtherHalf gives the page that was made of the other side of a page's spread, also
// where it lies in the bin; false where there is none.
func (c *Catalogue) OtherHalf(ctx context.Context, id scan.PageID) (Page, bool, error) {
	other, err := list(ctx, c.read, scanPage, selectPages(numberOfOne, `WHERE p.half_of = (SELECT seq FROM pages WHERE id = ?)`), string(id))
	if err != nil || len(other) == 0 {
		return Page{}, false, fail("other half of page "+string(id), err)
	}
	return other[0], true, nil
}

// selectPages wants the expression that gives a live page's number. Lists of
// whole batches count for themselves and give 0.
func selectPages(number, rest string) string { return selectPagesWith(`'null'`, number, rest) }

// theirSettings gives what a list of pages leaves out: the options of the device that
// made them, some kilobytes a page.
const theirSettings = `coalesce((SELECT s.data FROM settings s WHERE s.seq = p.settings), 'null')`

func selectPagesWith(settings, number, rest string) string {
	return `SELECT p.id, b.id, p.master, p.format, p.sha256, p.sha512, p.size, p.origin, p.width, p.height, p.dpi,
		p.orientation, p.captured, p.operator, p.state, p.recipe, p.measures, p.confidence, p.words, p.languages, p.text,
		p.text_sha256, p.problem, p.binned, coalesce((SELECT d.id FROM pages d WHERE d.seq = p.duplicate_of), ''), p.by_hand, coalesce((SELECT h.id FROM pages h WHERE h.seq = p.half_of), ''), p.raw, p.raw_sha256, p.corrections,
		p.label, coalesce(o.start, p.start), coalesce(o.id, iif(p.start = 'null', '', p.id)), p.inspection, p.concerns, p.reviewed,
		coalesce((SELECT r.id FROM pages r WHERE r.seq = p.replaced_by), ''),
		coalesce((SELECT r.id FROM pages r WHERE r.replaced_by = p.seq ORDER BY r.seq DESC LIMIT 1), ''),
		` + settings + `,
		iif(p.binned, 0, ` + number + `), p.companion
	FROM pages p JOIN batches b ON b.seq = p.batch LEFT JOIN pages o ON o.seq = ` + inherited + ` ` + rest
}

// inherited is the page in the bin from which a live page has the beginning of its unit:
// a unit whose first page was taken away begins with the next one.
const inherited = `iif(p.binned OR p.start <> 'null', NULL, (SELECT iif(q.binned, q.seq, NULL) FROM pages q
		WHERE q.batch = p.batch AND q.place < p.place AND (NOT q.binned OR q.start <> 'null') ORDER BY q.place DESC LIMIT 1))`

// numberOfOne counts the live pages up to this one: right for few pages.
const numberOfOne = `(SELECT count(*) FROM pages n WHERE n.batch = p.batch AND n.place <= p.place AND NOT n.binned)`

func scanPage(r rowScanner) (p Page, err error) {
	var settings []scan.Setting
	err = r.Scan(&p.ID, &p.Batch, &p.Master, &p.Format, &p.Fixity.SHA256, &p.Fixity.SHA512, &p.Fixity.Size,
		jsonColumn{&p.Origin}, &p.Pixels.X, &p.Pixels.Y, &p.DPI, &p.Orientation, timeColumn{&p.Captured}, &p.Operator,
		&p.State, jsonColumn{&p.Recipe}, jsonColumn{&p.Measures}, &p.Confidence, &p.Words, jsonColumn{&p.Languages}, &p.Text,
		&p.TextSHA256, jsonColumn{&p.Problem}, &p.Binned, &p.DuplicateOf, jsonColumn{&p.ByHand}, &p.HalfOf, &p.Raw, &p.RawSHA256, &p.Corrections,
		&p.Label, jsonColumn{&p.Start}, &p.StartOf, jsonColumn{&p.Inspection}, jsonColumn{&p.Concerns}, &p.Reviewed,
		&p.ReplacedBy, &p.Replaces, jsonColumn{&settings}, &p.Number, jsonColumn{&p.Companion})
	if c := p.Origin.Capture; c != nil {
		c.Options = settings
	}
	return p, err
}

// Pages lists a batch's pages in order, without the options of the devices that made
// them.
func (c *Catalogue) Pages(ctx context.Context, batch scan.BatchID, which Which) ([]Page, error) {
	var all []Page
	for p, err := range c.inOrder(ctx, `'null'`, `WHERE p.batch = (SELECT seq FROM batches WHERE id = ?)`, string(batch)) {
		if err != nil {
			return nil, fail("pages of batch "+string(batch), err)
		}
		if which.takes(p) {
			all = append(all, p)
		}
	}
	return all, nil
}

// AllPages gives every page of the archive, the bin included, batch by batch in
// order, one at a time: for checks that touch each file. It sees the catalogue
// as it was at the first page. An error is the last thing given.
func (c *Catalogue) AllPages(ctx context.Context) iter.Seq2[Page, error] {
	return func(yield func(Page, error) bool) {
		for p, err := range c.inOrder(ctx, theirSettings, ``) {
			if !yield(p, fail("all pages", err)) {
				return
			}
		}
	}
}

// inOrder gives the pages of whole batches and numbers them on the way.
func (c *Catalogue) inOrder(ctx context.Context, settings, where string, args ...any) iter.Seq2[Page, error] {
	return func(yield func(Page, error) bool) {
		rows, err := c.read.QueryContext(ctx, selectPagesWith(settings, `0`, where+` ORDER BY p.batch, p.place`), args...)
		if err != nil {
			yield(Page{}, err)
			return
		}
		defer func() { _ = rows.Close() }()
		var batch scan.BatchID
		number, unit := 0, 0
		for rows.Next() {
			p, err := scanPage(rows)
			if err != nil {
				yield(Page{}, err)
				return
			}
			if p.Batch != batch {
				batch, number, unit = p.Batch, 0, 0
			}
			if !p.Binned {
				number++
				if p.Start != nil {
					unit++
				}
				p.Number, p.Unit = number, unit
			}
			if !yield(p, nil) {
				return
			}
		}
		if err := rows.Err(); err != nil {
			yield(Page{}, err)
		}
	}
}

// Page gives one page, or ErrNotFound.
func (c *Catalogue) Page(ctx context.Context, id scan.PageID) (Page, error) {
	p, err := first(ctx, c.read, scanPage, selectPagesWith(theirSettings, numberOfOne, `WHERE p.id = ?`), string(id))
	return p, fail("page "+string(id), err)
}

// Those gives these pages of a batch in the order of ids, the bin included, each with its
// number; at the first that the batch does not have it ends with ErrNotFound. The batch
// is read once: asked for one by one, each page would be found by counting those before
// it. Only pages that stand in another order than ids are held meanwhile.
func (c *Catalogue) Those(ctx context.Context, batch scan.BatchID, ids []scan.PageID) iter.Seq2[Page, error] {
	return func(yield func(Page, error) bool) {
		if len(ids) == 0 {
			return
		}
		wanted := make(map[scan.PageID]bool, len(ids))
		for _, id := range ids {
			wanted[id] = true
		}
		held := map[scan.PageID]Page{}
		for p, err := range c.inOrder(ctx, theirSettings, `WHERE p.batch = (SELECT seq FROM batches WHERE id = ?)`, string(batch)) {
			if err != nil {
				yield(Page{}, fail("pages of batch "+string(batch), err))
				return
			}
			if !wanted[p.ID] {
				continue
			}
			held[p.ID] = p
			for len(ids) > 0 {
				next, there := held[ids[0]]
				if !there {
					break
				}
				if !yield(next, nil) {
					return
				}
				delete(held, ids[0])
				ids = ids[1:]
			}
			if len(ids) == 0 {
				return
			}
		}
		yield(Page{}, fail("page "+string(ids[0]), ErrNotFound))
	}
}

// HasPage tells whether there is a page with this ID; unlike Page it counts nothing.
func (c *Catalogue) HasPage(ctx context.Context, id scan.PageID) (bool, error) {
	n, err := first(ctx, c.read, number, `SELECT count(*) FROM pages WHERE id = ?`, string(id))
	return n > 0, fail("page "+string(id), err)
}

// FindOrigin gives the pages of a batch, binned ones included, that were captured
// from the same place as o: equal Absolute, Index and Nth. They come in order of
// capture.
func (c *Catalogue) FindOrigin(ctx context.Context, batch scan.BatchID, o scan.Origin) ([]Page, error) {
	all, err := list(ctx, c.read, scanPage, selectPages(numberOfOne, `WHERE p.batch = (SELECT seq FROM batches WHERE id = ?)
		AND p.origin_path = ? AND p.origin_index = ? AND p.origin_nth = ? AND p.half_of IS NULL ORDER BY p.seq`),
		string(batch), raw(o.Absolute), o.Index, o.Nth)
	return all, fail("find origin", err)
}

// LastPage gives the page at the end of a batch, which a page captured next will
// follow, be it in the bin or not; ErrNotFound in an empty batch.
func (c *Catalogue) LastPage(ctx context.Context, batch scan.BatchID) (Page, error) {
	p, err := first(ctx, c.read, scanPage, selectPages(numberOfOne, `WHERE p.batch = (SELECT seq FROM batches WHERE id = ?)
		ORDER BY p.place DESC LIMIT 1`), string(batch))
	return p, fail("last page of batch "+string(batch), err)
}

// Places tells where pages of a batch are, in the order in which to put them back
// after they were moved: what archive.Moved.Back needs. Pages that are not in the
// batch are left out.
func (c *Catalogue) Places(ctx context.Context, batch scan.BatchID, pages []scan.PageID) ([]archive.Place, error) {
	wanted, err := json.Marshal(pages)
	if err != nil {
		return nil, fail("places", err)
	}
	all, err := list(ctx, c.read, func(r rowScanner) (p archive.Place, err error) {
		err = r.Scan(&p.Page, &p.After)
		return p, err
	}, `SELECT id, after FROM (SELECT id, place, lag(id, 1, '') OVER (ORDER BY place) AS after FROM pages
			WHERE batch = (SELECT seq FROM batches WHERE id = ?))
		WHERE id IN (SELECT value FROM json_each(?)) ORDER BY place`, string(batch), string(wanted))
	return all, fail("places", err)
}

// Unread is a page whose text tree could not be read when it was to be indexed:
// a search does not find it.
type Unread struct {
	Page   scan.PageID
	Text   string // path of the text tree
	Reason string
}

// Unread lists such pages in order of capture.
func (c *Catalogue) Unread(ctx context.Context) ([]Unread, error) {
	all, err := list(ctx, c.read, func(r rowScanner) (u Unread, err error) {
		err = r.Scan(&u.Page, &u.Text, &u.Reason)
		return u, err
	}, `SELECT id, text, unread FROM pages WHERE unread <> '' ORDER BY seq`)
	return all, fail("unread texts", err)
}
