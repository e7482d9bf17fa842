package workbench

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"recto/app/job"
	"recto/archive"
	"recto/archive/catalogue"
	"recto/scan"
	"recto/scan/folder"
	"recto/scan/spool"
)

func (w *Workbench) importInto(ctx context.Context, b archive.Batch, r ImportRequest, p *job.Progress) (ImportResult, error) {
	p.Stage("Importing", 0)
	if err := w.tellLeft(ctx); err != nil {
		return ImportResult{}, err
	}
	in, err := w.newIntake(ctx, b, r, p)
	if err != nil {
		return ImportResult{}, err
	}
	err = folder.New(folder.Config{Expand: expander{w}}).Scan(ctx, scan.Ticket{Paths: r.Paths, DPI: r.DPI}, in)
	if err == nil {
		err = in.finish()
	}
	info, ierr := w.batchInfo(context.WithoutCancel(ctx), b.ID)
	if err == nil {
		err = ierr
	}
	out := ImportResult{Batch: info, Added: in.added, Changed: in.changed, Known: in.known, Ignored: in.ignored}
	for _, x := range in.rejects {
		if x.Dismissed != "" {
			out.Ignored = append(out.Ignored, Ignored{x.Origin.Path, "set aside: " + x.Dismissed})
		} else {
			out.Rejects = append(out.Rejects, x)
		}
	}
	return out, err
}

// newIntake finds out how the batch stands.
func (w *Workbench) newIntake(ctx context.Context, b archive.Batch, r ImportRequest, p *job.Progress) (*intake, error) {
	in := &intake{w: w, ctx: ctx, batch: b, request: r, progress: p}
	in.refuse = in.Reject
	if last, err := w.cat.LastPage(ctx, b.ID); err == nil {
		in.last = last.Page.ID
	} else if !errors.Is(err, catalogue.ErrNotFound) {
		return nil, err
	}
	var err error
	if in.label, err = w.NextLabel(ctx, b.ID); err != nil {
		return nil, err
	}
	in.before, err = w.cat.Rejects(ctx, b.ID)
	return in, err
}

// intake receives sheets for one batch.
type intake struct {
	w        *Workbench
	ctx      context.Context
	batch    archive.Batch
	request  ImportRequest
	progress *job.Progress
	before   []archive.Reject // what the batch lacked before this run
	last     scan.PageID      // the batch's last page
	label    string           // of the next page at the end, where the batch has a series
	previous scan.PageID      // where the sheet before this one ended up; empty for the first
	sizes    Sizes
	number   int
	added    []scan.PageID
	changed  []scan.PageID
	known    int
	rejects  []archive.Reject
	ignored  []Ignored
	refuse   func(scan.Reject) error // what becomes of a sheet that cannot be kept
	watched  bool                    // files that cannot be read come again by themselves
}

func (in *intake) Sheet(s scan.Sheet) error {
	in.number++
	defer in.progress.Step()
	old, err := in.w.cat.FindOrigin(in.ctx, in.batch.ID, s.Origin)
	if err != nil {
		return err
	}
	for _, page := range old {
		if sameSource(page.Page, s) {
			in.known++
			in.previous = page.Page.ID
			return in.late(page.Page, s)
		}
	}
	if c := s.Companion; c != nil {
		before, err := in.w.cat.FindOrigin(in.ctx, in.batch.ID, c.Origin)
		if err != nil {
			return err
		}
		if len(before) > 0 {
			s.Origin.Note = strings.TrimPrefix(s.Origin.Note+"; the JPEG came before its raw file, as page "+string(before[len(before)-1].Page.ID)+": both are kept", "; ")
		}
	}
	if len(old) > 0 {
		s.Origin.Note = strings.TrimPrefix(s.Origin.Note+"; the file has changed since page "+string(old[len(old)-1].Page.ID)+" was taken from it: both are kept", "; ")
	}
	need := in.sizes.Next(0)
	if s.Origin.Count == 1 { // the file is the master
		need = max(need, s.Origin.Size)
	}
	if err := in.w.SpaceFor(need); err != nil {
		return err
	}
	place := spool.Place{}
	switch {
	case len(old) > 0:
		place.After = old[len(old)-1].Page.ID
	case in.previous != "":
		place.After = in.previous
	case in.last != "":
		var err error
		if place.After, place.First, err = in.start(); err != nil {
			return err
		}
	}
	if place.After == in.last {
		place.After = ""
	}
	atEnd, label := place.After == "" && !place.First, ""
	if atEnd {
		label = in.label
	}
	page, _, err := in.w.take(in.ctx, in.batch, in.number, label, place, s)
	var own *sheetError
	if errors.As(err, &own) {
		if in.watched && errors.Is(err, scan.ErrUnreadable) {
			return err // it comes again
		}
		return in.refuse(scan.Reject{Origin: s.Origin, Err: own.error})
	}
	if err != nil {
		return err
	}
	in.sizes.Add(page.Fixity.Size)
	if atEnd {
		in.last, in.label = page.ID, archive.NextLabel(label)
	}
	in.previous = page.ID
	in.added = append(in.added, page.ID)
	if len(old) > 0 {
		in.changed = append(in.changed, page.ID)
	}
	if in.request.Captured != nil {
		in.request.Captured(page)
	}
	return nil
}

// late takes the JPEG of a raw file that is in the batch already, with another JPEG
// or with none, as a page of its own behind that: what a page was captured as does
// not change afterwards.
func (in *intake) late(page scan.Page, s scan.Sheet) error {
	if s.Companion == nil {
		return nil
	}
	c, note := *s.Companion, "the JPEG of a camera's raw file that had come without it, as page "+string(page.ID)
	if !page.RawAlone() {
		mine := scan.Page{Fixity: page.Companion.Fixity, Origin: scan.Origin{Size: page.Companion.Size, Modified: page.Companion.Modified}}
		if sameSource(mine, c) {
			return nil
		}
		note = "the JPEG has changed since page " + string(page.ID) + " was taken with it: both are kept"
	}
	c.Origin.Note = strings.TrimPrefix(c.Origin.Note+"; "+note, "; ")
	return in.Sheet(c)
}

// start is where the first sheet of this run goes: before the first one that the
// batch knows already, else to the end.
func (in *intake) start() (after scan.PageID, first bool, err error) {
	pages, err := in.w.cat.Pages(in.ctx, in.batch.ID, catalogue.All)
	if err != nil {
		return "", false, err
	}
	mayKnow := slices.ContainsFunc(pages, func(p catalogue.Page) bool {
		return slices.ContainsFunc(in.request.Paths, func(given scan.Path) bool {
			return below(string(given.Absolute()), string(p.Origin.Absolute))
		})
	})
	if !mayKnow {
		return in.last, false, nil
	}
	s := &scout{in: in}
	err = folder.New(folder.Config{Expand: placeholder{in.w}}).Scan(in.ctx, scan.Ticket{Paths: in.request.Paths}, s)
	if err != nil && !errors.Is(err, errFound) {
		return "", false, err
	}
	i := slices.IndexFunc(pages, func(p catalogue.Page) bool { return p.Page.ID == s.found })
	switch {
	case i < 0:
		return in.last, false, nil
	case i == 0:
		return "", true, nil
	}
	return pages[i-1].Page.ID, false, nil
}

// scout goes ahead to the first sheet that the batch knows.
type scout struct {
	in    *intake
	found scan.PageID
}

var errFound = errors.New("found")

func (s *scout) Sheet(sheet scan.Sheet) error {
	known, err := s.in.w.cat.FindOrigin(s.in.ctx, s.in.batch.ID, sheet.Origin)
	if err == nil && len(known) > 0 {
		s.found, err = known[0].Page.ID, errFound
	}
	return err
}

func (*scout) Reject(scan.Reject) error       { return nil }
func (*scout) Ignore(scan.Path, string) error { return nil }

// sameSource tells whether a page was made of these very bytes. Name, size and
// time are not believed: another file may have them all. Only where the bytes
// cannot be had any more they must do.
func sameSource(page scan.Page, s scan.Sheet) bool {
	if page.Origin.SHA256 != "" && page.Origin.SHA256 == s.Origin.SHA256 {
		return true // all of the file that holds it
	}
	r, err := s.Open()
	if err == nil {
		defer r.Close()
		h := sha256.New()
		if _, err = io.Copy(h, r); err == nil {
			return hex.EncodeToString(h.Sum(nil)) == page.Fixity.SHA256
		}
	}
	return page.Origin.Size == s.Origin.Size && page.Origin.Modified.Equal(s.Origin.Modified)
}

func (in *intake) Reject(r scan.Reject) error {
	if known, err := in.safe(r); known || err != nil {
		return err
	}
	in.rejects = append(in.rejects, archive.Reject{Origin: r.Origin, Problem: *scan.ProblemOf(r.Err)})
	return nil
}

// safe tells whether a source that cannot be read now need not be: it was gone
// through to the end before, and what it gave is in the batch.
func (in *intake) safe(r scan.Reject) (bool, error) {
	if !errors.Is(r.Err, scan.ErrUnreadable) {
		return false, nil
	}
	if info, err := os.Stat(string(r.Origin.Absolute)); err == nil && info.IsDir() {
		return false, nil // it is there: who knows what it holds by now
	}
	argument := r.Origin.Argument
	done, err := in.w.cat.Imported(in.ctx, in.batch.ID, argument)
	if err != nil || !done {
		return false, err
	}
	pages, err := in.w.cat.Pages(in.ctx, in.batch.ID, catalogue.All)
	if err != nil {
		return false, err
	}
	found := 0
	for _, p := range pages {
		if p.Origin.Argument == argument && p.HalfOf == "" && below(string(r.Origin.Absolute), string(p.Origin.Absolute)) {
			found++
			in.previous = p.Page.ID
		}
	}
	if found == 0 { // it never gave anything
		return false, nil
	}
	if r.Origin.Nth > 0 { // counted already, under the first of its names
		return true, nil
	}
	in.known += found
	for _, x := range in.before { // what it lacked it still lacks
		if x.Origin.Argument == argument && below(string(r.Origin.Absolute), string(x.Origin.Absolute)) {
			in.rejects = append(in.rejects, x)
		}
	}
	in.ignored = append(in.ignored, Ignored{r.Origin.Path, fmt.Sprintf("cannot be read any more; %s of it came in before", Plural(found, "page"))})
	return true, nil
}

// finish notes that all that was given has been gone through, and what of it could
// not be taken; where that is known already it notes nothing.
func (in *intake) finish() error {
	done := archive.Imported{Batch: in.batch.ID, Rejects: in.rejects}
	news := len(in.added) > 0
	for _, p := range in.request.Paths {
		argument := p.Absolute()
		if slices.Contains(done.Arguments, argument) {
			continue
		}
		done.Arguments = append(done.Arguments, argument)
		before, err := in.w.cat.Imported(in.ctx, in.batch.ID, argument)
		if err != nil {
			return err
		}
		news = news || !before
	}
	var old []archive.Reject
	for _, x := range in.before {
		if slices.Contains(done.Arguments, x.Origin.Argument) {
			old = append(old, x)
		}
	}
	same := slices.EqualFunc(old, in.rejects, func(x, y archive.Reject) bool {
		return x.Origin.Absolute == y.Origin.Absolute && x.Origin.Index == y.Origin.Index && x.Origin.Nth == y.Origin.Nth && x.Problem == y.Problem
	})
	ctx := context.WithoutCancel(in.ctx)
	if news || !same {
		if err := in.w.record(ctx, "", event(archive.BatchImported, done)); err != nil {
			return err
		}
	}
	// A reason for doing without one of them may have been given before.
	stored, err := in.w.cat.Rejects(ctx, in.batch.ID)
	if err != nil {
		return err
	}
	in.rejects = slices.DeleteFunc(stored, func(x archive.Reject) bool { return !slices.Contains(done.Arguments, x.Origin.Argument) })
	return nil
}

func (in *intake) Ignore(path scan.Path, reason string) error {
	in.ignored = append(in.ignored, Ignored{path, reason})
	return nil
}
