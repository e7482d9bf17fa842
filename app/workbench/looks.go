package workbench

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"recto/app/job"
	"recto/app/worker"
	"recto/archive"
	"recto/scan"
	"recto/scan/quality"
	"recto/scan/separate"
)

// looks are quick looks at pages while others are being captured. What they find is
// told of; nothing is ever done about it.
type looks struct {
	w     *Workbench
	ctx   context.Context
	batch scan.BatchID
	rules archive.Quality
	seek  bool // codes
	codes func([]scan.Code) []scan.Concern
	told  func(PageInfo) // may be nil
	done  sync.WaitGroup

	mu     sync.Mutex
	more   sync.Cond
	queue  []PageInfo
	closed bool
	err    error // the first that concerns more than one page
	like   quality.Index
	unread error // of signatures
	filled bool
}

// look begins to look at pages; wait ends it.
func (w *Workbench) look(ctx context.Context, batch scan.BatchID, p archive.Profile, told func(PageInfo)) *looks {
	l := &looks{w: w, ctx: ctx, batch: batch, rules: p.Quality, told: told}
	l.more.L = &l.mu
	l.like.Kept = func(id scan.PageID) []byte {
		sig, err := w.cat.Signature(l.ctx, id)
		l.unread = errors.Join(l.unread, err)
		return sig
	}
	l.seek = p.Separation.Patch || len(p.Separation.Codes) > 0
	var rules separate.Rules
	if rules, _, l.err = w.separators(ctx, p.Separation); l.err == nil {
		l.codes = rules.Concerns
	}
	for range w.glance.Size() {
		l.done.Go(l.work)
	}
	return l
}

// at puts a page into the queue. It never waits.
func (l *looks) at(p PageInfo) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.queue = append(l.queue, p)
	l.more.Signal()
}

// left puts the pages of the batch into the queue that a kill or a cancel has left
// without a look, or that were looked at when nobody asked for codes; scanned: only
// those that came from a device, for nobody waits at a scanner until ten thousand
// imported files have been looked at.
func (l *looks) left(scanned bool) error {
	rows, err := l.w.cat.Uninspected(l.ctx, l.batch, l.seek)
	for _, p := range pageInfos(rows) {
		if !scanned || p.Origin.Capture != nil {
			l.at(p)
		}
	}
	return err
}

// wait returns when all pages have been looked at, or nobody wants that any more.
func (l *looks) wait() error {
	l.mu.Lock()
	l.closed = true
	l.mu.Unlock()
	l.more.Broadcast()
	l.done.Wait()
	return l.err
}

func (l *looks) work() {
	for {
		l.mu.Lock()
		for len(l.queue) == 0 && !l.closed {
			l.more.Wait()
		}
		if len(l.queue) == 0 || l.err != nil || l.ctx.Err() != nil {
			l.mu.Unlock()
			return
		}
		page := l.queue[0]
		l.queue = l.queue[1:]
		l.mu.Unlock()
		after, err := l.one(page)
		switch {
		case err != nil:
			l.mu.Lock()
			if l.err == nil {
				l.err = err
			}
			l.mu.Unlock()
		case l.told != nil:
			l.told(after)
		}
	}
}

// one looks at a page and records what was found.
func (l *looks) one(page PageInfo) (PageInfo, error) {
	w := l.w
	out := archive.Inspected{Page: page.ID}
	var found scan.Inspection
	err := seen(page.Page)
	if err == nil {
		err = w.glance.Call(l.ctx, "inspect", worker.Inspect{Master: w.working(page.Page), Orientation: page.Orientation, DPI: page.DPI, Codes: l.seek}, &found, nil)
	}
	err = w.masterFault(page.Page, err)
	switch {
	case l.ctx.Err() != nil:
		return page, l.ctx.Err()
	case err == nil:
		found.By = "Recto " + Version + ", " + found.By
		out.Inspection = &found
	case errors.Is(err, scan.ErrNoWorkingImage):
		out.Concerns = []scan.Concern{{Kind: scan.NoWorkingImage, Words: "A camera's RAW file without its JPEG: it is kept as the master, and nothing can be seen of it. Develop it to TIFF or JPEG, take that in too, and let it replace this page."}}
	case ownFault(err):
		out.Concerns = []scan.Concern{{Kind: scan.Undecodable, Words: fmt.Sprintf("It cannot be decoded: %v. Its bytes are kept.", err)}}
	default:
		return page, fmt.Errorf("look at page %d: %w", page.Number, err)
	}
	// One after another: what is like another page depends on which came first.
	l.mu.Lock()
	defer l.mu.Unlock()
	if out.Inspection != nil {
		if out.Concerns, err = l.suspect(page, found); err != nil {
			return page, err
		}
		out.Concerns = append(out.Concerns, l.codes(found.Codes)...)
	}
	if err := w.record(context.WithoutCancel(l.ctx), "", event(archive.PageInspected, out)); err != nil {
		return page, err
	}
	return w.Page(context.WithoutCancel(l.ctx), page.ID)
}

// suspect compares a page with the rules and with the others of its batch.
func (l *looks) suspect(page PageInfo, seen scan.Inspection) ([]scan.Concern, error) {
	var out []scan.Concern
	if err := l.remember(); err != nil {
		return nil, err
	}
	// A page that was scanned anew is like the one that it replaces, and no double;
	// neither is one that lies in the bin.
	for {
		id, _, ok := l.like.Find(seen.Signature)
		if !ok {
			break
		}
		other, err := l.w.Page(l.ctx, id)
		if err != nil {
			return nil, err
		}
		if id != page.ID && !other.Binned && other.Batch == page.Batch {
			break
		}
		l.like.Remove(id)
	}
	before, err := l.before(page)
	if err != nil {
		return nil, err
	}
	rules := quality.Rules{
		LeastDPI: l.rules.LeastDPI, MostSkew: l.rules.MostSkew, LeastSharp: l.rules.LeastSharp,
		MostLength: l.rules.MostLength, BlanksWelcome: l.rules.BlanksWelcome,
	}
	found := quality.Suspect(rules, quality.Page{ID: page.ID, Inspection: seen}, before, &l.like)
	twin, err := l.twin(page)
	if err != nil {
		return nil, err
	}
	if twin != "" && !seen.Blank {
		// Equal to the last bit: no scanner makes that of one sheet twice, but an import may.
		same := scan.Concern{Kind: scan.SuspectDuplicate, Other: twin, Words: "Its bytes are those of a page captured before."}
		if i := slices.IndexFunc(found, func(c scan.Concern) bool { return c.Kind == scan.SuspectDuplicate }); i >= 0 {
			found[i] = same
		} else {
			found = append(found, same)
		}
	}
	l.like.Add(page.ID, seen.Signature)
	return append(out, found...), l.unread
}

// twin is the page with the same bytes, unless that lies in the bin.
func (l *looks) twin(page PageInfo) (scan.PageID, error) {
	if page.DuplicateOf == "" {
		return "", nil
	}
	other, err := l.w.Page(l.ctx, page.DuplicateOf)
	if err != nil || other.Binned {
		return "", err
	}
	return other.ID, nil
}

// remember fills the index with what the batch has from before, once.
func (l *looks) remember() error {
	if l.filled {
		return nil
	}
	for s, err := range l.w.cat.Signatures(l.ctx, l.batch) {
		if err != nil {
			return err
		}
		l.like.Add(s.Page, s.Bytes)
	}
	l.filled = true
	return nil
}

// before gives the pages in front of a page in the batch, nearest last, those that
// were looked at.
func (l *looks) before(page PageInfo) ([]quality.Page, error) {
	rows, err := l.w.cat.Before(l.ctx, page.ID, 16)
	out := make([]quality.Page, 0, len(rows))
	for _, r := range rows {
		if r.Inspection != nil {
			out = append(out, quality.Page{ID: r.ID, Inspection: *r.Inspection})
		}
	}
	return out, err
}

// Inspect has a quick look at the pages of a batch that had none, and gives those of
// the batch that somebody should look at.
func (w *Workbench) Inspect(ctx context.Context, batch scan.BatchID, p *job.Progress) ([]PageInfo, error) {
	b, err := w.batchInfo(ctx, batch)
	if err != nil {
		return nil, err
	}
	profile, err := w.profileOf(ctx, b)
	if err != nil {
		return nil, err
	}
	if err := w.inspect(ctx, b, profile, p); err != nil {
		return nil, err
	}
	return w.Review(ctx, batch)
}

func (w *Workbench) inspect(ctx context.Context, b BatchInfo, profile archive.Profile, p *job.Progress) error {
	l := w.look(ctx, b.ID, profile, func(PageInfo) { p.Step() })
	err := l.left(false)
	p.Stage("Looking at the pages", 0)
	return errors.Join(err, l.wait(), ctx.Err())
}
