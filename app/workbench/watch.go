package workbench

import (
	"context"
	"errors"
	"fmt"

	"recto/app/job"
	"recto/archive"
	"recto/archive/catalogue"
	"recto/scan"
	"recto/scan/folder"
)

// Watch takes what appears in a folder into a batch, at its end, in the order in
// which it is complete. What the batch has already it does not take again, whatever
// its name is now. It ends when ctx is cancelled, which is no error, or when all has
// been quiet for as long as the request says; at its end the batch is divided by the
// separators that came, where its profile says so.
func (w *Workbench) Watch(ctx context.Context, r WatchRequest, p *job.Progress) (CaptureResult, error) {
	b, err := w.batchInfo(ctx, r.Batch)
	if err != nil {
		return CaptureResult{}, err
	}
	if err := w.apart([]scan.Path{r.Folder}); err != nil {
		return CaptureResult{Batch: b}, err
	}
	profile, err := w.profileOf(ctx, b)
	if err != nil {
		return CaptureResult{Batch: b}, err
	}
	if err := w.tellLeft(ctx); err != nil {
		return CaptureResult{Batch: b}, err
	}
	in, err := w.newIntake(ctx, b.Batch, ImportRequest{Batch: b.Name, Paths: []scan.Path{r.Folder}}, p)
	if err != nil {
		return CaptureResult{Batch: b}, err
	}
	rows, err := w.cat.Pages(ctx, b.ID, catalogue.All)
	if err != nil {
		return CaptureResult{Batch: b}, err
	}
	pages := make([]scan.Page, len(rows))
	for i, row := range rows {
		pages[i] = row.Page
	}
	looks := w.look(ctx, b.ID, profile, r.Inspected)
	if err := looks.left(false); err != nil {
		return CaptureResult{Batch: b}, errors.Join(err, looks.wait())
	}
	in.request.Captured = func(page scan.Page) {
		shown, err := w.Page(context.WithoutCancel(ctx), page.ID)
		if err != nil {
			return // it is durable all the same; who looks finds it
		}
		if r.Captured != nil {
			r.Captured(shown)
		}
		looks.at(shown)
	}
	p.Stage("Watching", 0)
	var awaiting []archive.Reject
	watch := folder.NewWatch(folder.WatchConfig{
		Config: folder.Config{Expand: expander{w}}, Settle: r.Settle, Idle: r.Idle, Known: folder.Taken(pages),
		Status: func(s folder.Status) {
			if r.Status != nil {
				r.Status(watchStatus(r.Folder, s))
			}
		},
		// No rejects of the batch: another watch may take them.
		Left: func(left []folder.Trouble) {
			for _, t := range left {
				awaiting = append(awaiting, archive.Reject{Origin: scan.Origin{Path: t.Path, Absolute: t.Path}, Problem: *scan.ProblemOf(t.Err)})
			}
		},
	})
	to := &awaited{in}
	in.refuse, in.watched = to.Reject, true
	err = watch.Scan(ctx, scan.Ticket{Paths: []scan.Path{r.Folder}}, to)
	if ctx.Err() != nil && errors.Is(err, ctx.Err()) {
		err = nil
	}
	if len(in.added) > 0 && ctx.Err() == nil {
		p.Stage("Looking at the pages", 0)
	}
	lerr := looks.wait()
	if ctx.Err() == nil {
		err = errors.Join(err, lerr)
	}
	// Who ends a watch has not broken it off: the stack is divided as after a scan.
	divided, notes := 0, []string(nil)
	if len(in.added) > 0 && (lerr == nil || ctx.Err() != nil) && profile.Separation.On() {
		var serr error
		divided, notes, serr = w.separate(context.WithoutCancel(ctx), b.ID, profile.Separation)
		err = errors.Join(err, serr)
	}
	out, rerr := w.captureResult(context.WithoutCancel(ctx), b.ID, in.added)
	out.Rejects, out.Divided, out.Notes = append(in.rejects, awaiting...), divided, notes
	return out, errors.Join(About(string(r.Folder), err), rerr)
}

// Watchable tells whether a watch on a folder can begin now, before a batch is made for it.
func Watchable(path scan.Path) error { return About(string(path), folder.Watchable(path)) }

func watchStatus(path scan.Path, s folder.Status) WatchStatus {
	out := WatchStatus{Taken: s.Taken, Known: s.Known, Waiting: s.Waiting}
	if s.Err != nil {
		out.Problem = path.Line() + ": " + s.Err.Error()
	}
	for _, path := range s.Growing {
		out.Slow = append(out.Slow, path.Line()+": it is still being written to")
	}
	for _, t := range s.Trouble {
		out.Slow = append(out.Slow, fmt.Sprintf("%s: %v", t.Path.Line(), t.Err))
	}
	return out
}

// awaited receives what a watch gives: unlike an import's, its sheets go to the end
// of the batch, and what it rejects may come after all.
type awaited struct{ *intake }

// Sheet takes a sheet, and takes back that its file could not be taken.
func (a *awaited) Sheet(s scan.Sheet) error {
	a.previous = a.last
	if err := a.intake.Sheet(s); err != nil {
		return err
	}
	for i, x := range a.before {
		if x.Origin.Absolute == s.Origin.Absolute {
			a.before = append(a.before[:i], a.before[i+1:]...)
			return a.tell(s.Origin.Absolute, nil)
		}
	}
	return nil
}

// Reject notes what cannot be taken, at once: a watch has no end at which to do it.
func (a *awaited) Reject(r scan.Reject) error {
	r.Origin.Argument = r.Origin.Absolute
	x := archive.Reject{Origin: r.Origin, Problem: *scan.ProblemOf(r.Err)}
	for _, old := range a.before {
		if old.Origin.Absolute == x.Origin.Absolute && old.Origin.Index == x.Origin.Index && old.Problem == x.Problem {
			return nil // told already
		}
	}
	a.before = append(a.before, x)
	a.rejects = append(a.rejects, x)
	return a.tell(x.Origin.Absolute, []archive.Reject{x})
}

func (a *awaited) tell(file scan.Path, rejects []archive.Reject) error {
	return a.w.record(context.WithoutCancel(a.ctx), "", event(archive.BatchImported, archive.Imported{
		Batch: a.batch.ID, Arguments: []scan.Path{file}, Rejects: rejects,
	}))
}
