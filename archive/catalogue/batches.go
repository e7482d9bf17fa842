package catalogue

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"time"

	"recto/archive"
	"recto/scan"
)

// Batch is a batch with its counts. New, Done, Blank and Failed add up to Pages;
// all five leave the bin out.
type Batch struct {
	archive.Batch
	Pages     int
	New       int
	Done      int
	Blank     int
	Failed    int
	Binned    int
	Rejects   int // sources that gave no page, those dismissed left out
	Documents int
	Touched   time.Time       // when something of it last changed
	Empty     int             // pages that a worker or a quick look found blank
	Concerns  int             // pages that somebody should look at
	Units     int             // that begin in it
	Halves    int             // pages that share the picture of another one that is there
	Signed    *archive.Signed // why its count is right; nil where nobody has said so
	Present   string          // of a batch that is signed off, what Catalogue.Present gives
}

// selectBatches counts only in the batches that the condition chooses.
func selectBatches(condition string) string {
	return `WITH chosen AS MATERIALIZED (SELECT * FROM batches WHERE ` + condition + `),
	counted AS (SELECT batch, count(*) FILTER (WHERE NOT binned) AS live,
			count(*) FILTER (WHERE NOT binned AND state = 'new') AS new,
			count(*) FILTER (WHERE NOT binned AND state = 'done') AS done,
			count(*) FILTER (WHERE NOT binned AND state = 'blank') AS blank,
			count(*) FILTER (WHERE NOT binned AND state = 'failed') AS failed,
			count(*) FILTER (WHERE binned) AS binned,
			count(*) FILTER (WHERE NOT binned AND half_of IS NOT NULL AND NOT (SELECT h.binned FROM pages h WHERE h.seq = pages.half_of)) AS halves,
			count(*) FILTER (WHERE NOT binned AND (state = 'blank' OR state = 'new' AND blank)) AS empty,
			count(*) FILTER (WHERE concerns <> 'null' AND reviewed = '' AND (NOT binned OR concerns LIKE '%"code-unknown"%')) AS concerns,
			count(*) FILTER (WHERE start <> 'null' AND (NOT binned OR coalesce((SELECT NOT n.binned AND n.start = 'null' FROM pages n
				WHERE n.batch = pages.batch AND n.place > pages.place AND (NOT n.binned OR n.start <> 'null') ORDER BY n.place LIMIT 1), 0))) AS units
		FROM pages WHERE batch IN (SELECT seq FROM chosen) GROUP BY batch)
	SELECT c.id, c.name, c.key, c.title, c.sources, c.languages, c.created, c.touched,
		coalesce(n.live, 0), coalesce(n.new, 0), coalesce(n.done, 0), coalesce(n.blank, 0), coalesce(n.failed, 0),
		coalesce(n.binned, 0),
		(SELECT count(*) FROM rejects r WHERE r.batch = c.seq AND r.dismissed = ''),
		(SELECT count(*) FROM documents d WHERE d.batch = c.seq),
		c.shelfmark, c.container, c.expected, c.sides, c.profile, c.series, c.signed,
		coalesce(n.empty, 0), coalesce(n.concerns, 0), coalesce(n.units, 0), coalesce(n.halves, 0)
	FROM chosen c LEFT JOIN counted n ON n.batch = c.seq ORDER BY c.seq`
}

func scanBatch(r rowScanner) (b Batch, err error) {
	err = r.Scan(&b.ID, &b.Name, &b.Key, &b.Title, jsonColumn{&b.Sources}, jsonColumn{&b.Languages},
		timeColumn{&b.Created}, timeColumn{&b.Touched},
		&b.Pages, &b.New, &b.Done, &b.Blank, &b.Failed, &b.Binned, &b.Rejects, &b.Documents,
		&b.Shelfmark, &b.Container, &b.Expected, &b.Sides, &b.Profile, &b.Series, jsonColumn{&b.Signed},
		&b.Empty, &b.Concerns, &b.Units, &b.Halves)
	return b, err
}

// Batches lists all batches in the order of their creation.
func (c *Catalogue) Batches(ctx context.Context) ([]Batch, error) {
	all, err := c.batches(ctx, `true`)
	return all, fail("batches", err)
}

// Batch gives the batch with this ID, or ErrNotFound.
func (c *Catalogue) Batch(ctx context.Context, id scan.BatchID) (Batch, error) {
	b, err := c.firstBatch(ctx, `id = ?`, string(id))
	return b, fail("batch "+string(id), err)
}

func (c *Catalogue) batches(ctx context.Context, condition string, args ...any) ([]Batch, error) {
	all, err := list(ctx, c.read, scanBatch, selectBatches(condition), args...)
	for i := range all {
		if b := &all[i]; err == nil && b.Signed != nil {
			b.Present, err = c.Present(ctx, b.ID)
		}
	}
	return all, err
}

func (c *Catalogue) firstBatch(ctx context.Context, condition string, args ...any) (Batch, error) {
	all, err := c.batches(ctx, condition, args...)
	if err != nil {
		return Batch{}, err
	}
	if len(all) == 0 {
		return Batch{}, ErrNotFound
	}
	return all[0], nil
}

// Present is a digest of which pages a batch has, those in the bin left out. Their
// order does not matter, nor does it if one was captured anew and took the place of
// another.
func (c *Catalogue) Present(ctx context.Context, batch scan.BatchID) (string, error) {
	all, err := list(ctx, c.read, func(r rowScanner) (id string, err error) {
		err = r.Scan(&id)
		return id, err
	}, `WITH RECURSIVE back (id, seq) AS (
			SELECT id, seq FROM pages WHERE batch = (SELECT seq FROM batches WHERE id = ?) AND NOT binned AND half_of IS NULL
			UNION SELECT p.id, p.seq FROM back b JOIN pages p ON p.replaced_by = b.seq)
		SELECT id FROM back WHERE NOT EXISTS (SELECT 1 FROM pages p WHERE p.replaced_by = back.seq) ORDER BY id`, string(batch))
	sum := sha256.Sum256([]byte(strings.Join(all, "\n")))
	return hex.EncodeToString(sum[:]), fail("pages of batch "+string(batch), err)
}

// BatchName gives the name of the batch with this ID, or ErrNotFound; unlike Batch it
// counts nothing.
func (c *Catalogue) BatchName(ctx context.Context, id scan.BatchID) (string, error) {
	name, err := first(ctx, c.read, func(r rowScanner) (name string, err error) {
		err = r.Scan(&name)
		return name, err
	}, `SELECT name FROM batches WHERE id = ?`, string(id))
	return name, fail("batch "+string(id), err)
}

// BatchByName gives the batch of this name, the eldest if a damaged history has
// several, or ErrNotFound.
func (c *Catalogue) BatchByName(ctx context.Context, name string) (Batch, error) {
	b, err := c.firstBatch(ctx, `name = ?`, name)
	return b, fail("batch named "+name, err)
}

// BatchByKey gives the eldest batch with this key, or ErrNotFound.
func (c *Catalogue) BatchByKey(ctx context.Context, key string) (Batch, error) {
	b, err := c.firstBatch(ctx, `key = ? AND key <> ''`, key)
	return b, fail("batch with key "+key, err)
}

// Imported tells whether what is at an absolute path was gone through to the end.
func (c *Catalogue) Imported(ctx context.Context, batch scan.BatchID, argument scan.Path) (bool, error) {
	var n int
	err := c.read.QueryRowContext(ctx, `SELECT count(*) FROM imports
		WHERE batch = (SELECT seq FROM batches WHERE id = ?) AND argument = ?`, string(batch), raw(argument)).Scan(&n)
	return n > 0, fail("imports", err)
}

// Rejects lists the sources of a batch that gave no page, in the order told.
func (c *Catalogue) Rejects(ctx context.Context, batch scan.BatchID) ([]archive.Reject, error) {
	all, err := list(ctx, c.read, func(r rowScanner) (one archive.Reject, err error) {
		err = r.Scan(jsonColumn{&one.Origin}, jsonColumn{&one.Problem}, &one.Dismissed)
		return one, err
	}, `SELECT origin, problem, dismissed FROM rejects WHERE batch = (SELECT seq FROM batches WHERE id = ?) ORDER BY seq`, string(batch))
	return all, fail("rejects", err)
}

// Counts is the size of the whole catalogue.
type Counts struct {
	Batches   int
	Pages     int // not counting the bin
	Binned    int
	Documents int
	Events    int
	Texts     int // pages that a search can find
	Unread    int // pages whose text could not be read
	Oddities  int
}

// Counts counts what there is.
func (c *Catalogue) Counts(ctx context.Context) (n Counts, err error) {
	err = c.read.QueryRowContext(ctx, `SELECT (SELECT count(*) FROM batches),
		(SELECT count(*) FROM pages WHERE NOT binned), (SELECT count(*) FROM pages WHERE binned),
		(SELECT count(*) FROM documents), (SELECT count(*) FROM events), (SELECT count(*) FROM texts),
		(SELECT count(*) FROM pages WHERE unread <> ''), (SELECT count(*) FROM oddities)`).
		Scan(&n.Batches, &n.Pages, &n.Binned, &n.Documents, &n.Events, &n.Texts, &n.Unread, &n.Oddities)
	return n, fail("counts", err)
}
