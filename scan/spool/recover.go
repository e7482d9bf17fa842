package spool

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"strings"
	"time"

	"recto/scan"
)

// Recovery is what Recover did and saw. Paths are below the root, with slashes.
type Recovery struct {
	Masters int      // masters on disk
	Removed []string // leftovers that were deleted
	Mended  []string // masters that had no sidecar and have a recovered one now
	Strange []string // files that the spool did not write, left as they are
}

// Done tells people what was changed, one sentence each; nothing when all was well.
func (r Recovery) Done() []string {
	var out []string
	if n := len(r.Removed); n > 0 {
		out = append(out, fmt.Sprintf("Removed what an interruption had left unfinished (files: %d): %s.", n, some(r.Removed)))
	}
	if n := len(r.Mended); n > 0 {
		out = append(out, fmt.Sprintf("Wrote new sidecars where there were none (masters: %d): %s.", n, some(r.Mended)))
	}
	return out
}

func some(names []string) string {
	const most = 5
	if len(names) > most {
		return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
	}
	return strings.Join(names, ", ")
}

// Recover mends what an interruption left: it deletes unfinished files, deletes sidecars
// and companions without a master, and gives a master without a sidecar a new one. It never
// deletes or changes a master. Every page that [Spool.Masters] gives after it is
// durable. The time goes with the number of files; only
// masters to be mended are read. What one folder refuses does not keep it from
// the others; all such errors are joined.
func (s *Spool) Recover(ctx context.Context) (Recovery, error) {
	s.recovering.Lock()
	defer s.recovering.Unlock()
	var r Recovery
	if err := s.There(); err != nil { // nothing is to be deleted on another disk
		return r, fmt.Errorf("recover the spool: %w", err)
	}
	// Unfinished files lay beside masters once; in there all is the spool's or the
	// archive's own. The folder in masters may be reached through a link.
	errs := []error{s.empty("tmp", nil, &r), s.empty(path.Join("masters", tmpDir), unfinished, &r)}
	batches, strange, err := s.batches()
	r.Strange = append(r.Strange, strange...)
	errs = append(errs, err)
	for _, b := range batches {
		if err := ctx.Err(); err != nil {
			return r, errors.Join(append(errs, err)...)
		}
		errs = append(errs, s.recoverBatch(ctx, b, &r))
	}
	if err := errors.Join(errs...); err != nil {
		return r, fmt.Errorf("recover the spool: %w", err)
	}
	return r, nil
}

// Told says how to find out which pages people have heard of: the sidecar of such
// a page is no leftover, even when its master is gone. Call it before Recover.
func (s *Spool) Told(known func(scan.PageID) bool) { s.told = known }

// empty deletes what is in a folder of unfinished files and passes only, which nil
// lets all do.
func (s *Spool) empty(tmp string, only func(fs.DirEntry) bool, r *Recovery) error {
	switch info, err := os.Lstat(s.abs(tmp)); {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case !info.IsDir(): // through a link, somebody else's files would be deleted
		return fmt.Errorf("%s is not a folder", s.abs(tmp))
	}
	entries, err := os.ReadDir(s.abs(tmp))
	if err != nil {
		return err
	}
	var errs []error
	for _, e := range entries {
		name := path.Join(tmp, e.Name())
		if only != nil && !only(e) {
			r.Strange = append(r.Strange, name)
			continue
		}
		if err := s.disk.remove(s.abs(name)); err != nil {
			errs = append(errs, err)
			continue
		}
		r.Removed = append(r.Removed, name)
	}
	return errors.Join(errs...)
}

func (s *Spool) recoverBatch(ctx context.Context, b scan.BatchID, r *Recovery) error {
	f, err := s.list(b)
	if err != nil {
		return err
	}
	r.Masters += len(f.masters)
	r.Strange = append(r.Strange, f.strange...)
	var errs []error
	for _, m := range f.masters {
		if f.sidecars[m.id] {
			continue
		}
		if err := s.mend(ctx, b, m); err != nil {
			errs = append(errs, err)
			continue
		}
		f.sidecars[m.id] = true // the same ID with another extension finds it written
		r.Mended = append(r.Mended, m.path)
	}
	for _, orphan := range f.orphans {
		id := pageOf(path.Base(orphan))
		if s.told != nil && s.told(id) {
			r.Strange = append(r.Strange, orphan) // its master was lost; what is known of it must not be
			continue
		}
		if err := s.disk.remove(s.abs(orphan)); err != nil {
			errs = append(errs, err)
			continue
		}
		r.Removed = append(r.Removed, orphan)
	}
	// A page whose Append was cut off between its commit and the sync is there, but
	// need not stay: whoever hears of it now must be able to rely on it.
	return errors.Join(append(errs, s.disk.syncDir(s.abs("masters", string(b))))...)
}

// mend writes a sidecar for a master that has none.
func (s *Spool) mend(ctx context.Context, b scan.BatchID, m master) error {
	sidecar, err := s.compute(ctx, b, m)
	if err != nil {
		return err
	}
	return s.put(sidecar)
}

// put writes a sidecar where there is none.
func (s *Spool) put(sidecar Sidecar) error {
	b, id := sidecar.Page.Batch, string(sidecar.Page.ID)
	content, err := sidecar.encode()
	if err != nil {
		return err
	}
	if err := s.folders(b); err != nil {
		return err
	}
	temp := s.abs("masters", tmpDir, id+".json")
	if err := s.write(temp, func(w io.Writer) error { _, err := w.Write(content); return err }); err != nil {
		return errors.Join(err, s.disk.remove(temp))
	}
	if err := s.disk.rename(temp, s.abs("masters", string(b), id+".json")); err != nil {
		return errors.Join(err, s.disk.remove(temp))
	}
	return nil
}

// Restore writes a page's sidecar anew from what somebody else knows of it. One
// that is there is kept beside it, under a name that is no sidecar's.
func (s *Spool) Restore(page scan.Page, batch Batch) error {
	s.recovering.Lock()
	defer s.recovering.Unlock()
	file := s.abs("masters", string(page.Batch), string(page.ID)+".json")
	err := s.disk.rename(file, file+time.Now().UTC().Format(".aside-20060102T150405.000000000Z"))
	if err == nil || errors.Is(err, fs.ErrNotExist) {
		err = s.put(Sidecar{Format: format, Page: page, Batch: batch, Written: time.Now().UTC()})
	}
	if err == nil {
		err = s.disk.syncDir(s.abs("masters", string(page.Batch)))
	}
	if err != nil {
		return fmt.Errorf("sidecar of page %s: %w", page.ID, err)
	}
	return nil
}

// compute makes a sidecar from what a master and its place tell.
func (s *Spool) compute(ctx context.Context, b scan.BatchID, m master) (Sidecar, error) {
	f, err := openRegular(s.abs(m.path))
	if err != nil {
		return Sidecar{}, fmt.Errorf("%w: %w", scan.ErrUnreadable, err)
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return Sidecar{}, fmt.Errorf("%w: %w", scan.ErrUnreadable, err)
	}
	fixity, err := transfer(ctx, io.Discard, f)
	if err != nil {
		return Sidecar{}, fmt.Errorf("%s: %w", m.path, err)
	}
	page := scan.Page{
		ID: m.id, Batch: b, Master: m.path, Format: m.format, Fixity: fixity, Captured: info.ModTime().UTC(),
		Origin: scan.Origin{Note: "unknown: the sidecar was missing and was made anew from the master"},
	}
	if m.companion != "" {
		page.Companion = scan.Companion{Master: m.companion, Format: formats[path.Ext(m.companion)]}
		f, err := s.open(page, m.companion)
		if err != nil {
			return Sidecar{}, err
		}
		defer f.Close()
		if page.Companion.Fixity, err = transfer(ctx, io.Discard, f); err != nil {
			return Sidecar{}, fmt.Errorf("%s: %w", m.companion, err)
		}
	}
	return Sidecar{Format: format, Page: page, Batch: Batch{ID: b}, Written: time.Now().UTC(), Recovered: true}, nil
}
