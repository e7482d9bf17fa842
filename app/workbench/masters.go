package workbench

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/google/uuid"

	"recto/archive/catalogue"
	"recto/scan"
	"recto/scan/spool"
)

// findMasters makes sure that the masters are there and this archive's, before
// anything is looked for or made among them. That they lie on another disk
// recto.json remembers: an empty mount point looks like an archive without pages.
func (w *Workbench) findMasters() error {
	w.spool.Of(w.marker.Archive, w.marker.Masters != "")
	if err := w.spool.There(); err != nil {
		return fmt.Errorf("%s: %w", scan.Path(w.dir).Line(), w.whereabouts(err))
	}
	return nil
}

// whereabouts says of masters that are absent where they were last.
func (w *Workbench) whereabouts(err error) error {
	if at := w.marker.Masters; at != "" && errors.Is(err, spool.ErrAbsent) && !strings.Contains(err.Error(), at) {
		return fmt.Errorf("%w (they were last in %s)", err, scan.Path(at).Line())
	}
	return err
}

// settleMasters notes where the masters lie: recto.json that they are on another
// disk, and their own folder whose they are. Somebody may have moved them by hand.
func (w *Workbench) settleMasters(ctx context.Context) error {
	dir, apart, err := spool.Where(w.dir)
	if err != nil {
		return fmt.Errorf("%s: %w", scan.Path(w.dir).Line(), w.whereabouts(err))
	}
	if !apart {
		dir = ""
	}
	if apart {
		_, err := spool.ReadMark(dir)
		if errors.Is(err, fs.ErrNotExist) {
			if err = w.recognise(ctx, dir); err == nil {
				err = spool.Mark{Archive: w.marker.Archive, Home: w.dir}.Write(dir)
			}
			if err == nil {
				w.repaired = append(w.repaired, fmt.Sprintf("The masters lie on another disk, in %s. That is noted now, there and in %s.", scan.Path(dir).Line(), markerFile))
			}
		}
		if err != nil {
			return diskError(err)
		}
	}
	if dir != w.marker.Masters {
		was := w.marker.Masters
		w.marker.Masters = dir
		if err := w.marker.write(w.dir); err != nil {
			w.marker.Masters = was
			return err
		}
	}
	return w.findMasters()
}

// recognise looks whether a folder that nobody has marked may hold the masters of
// this archive: it has one of its batches, or nothing where nothing must be.
func (w *Workbench) recognise(ctx context.Context, dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	batches := 0
	for _, e := range entries {
		if !e.IsDir() || uuid.Validate(e.Name()) != nil {
			continue
		}
		batches++
		if _, err := w.cat.Batch(ctx, scan.BatchID(e.Name())); err == nil {
			return nil
		} else if !errors.Is(err, catalogue.ErrNotFound) {
			return err
		}
	}
	counts, err := w.cat.Counts(ctx)
	if err != nil {
		return err
	}
	if batches == 0 && counts.Pages+counts.Binned == 0 {
		return nil
	}
	return fmt.Errorf("%w: %s holds none of its batches", spool.ErrAbsent, scan.Path(dir).Line())
}

// CanLook tells of an error of opening an archive that looking at it goes on all
// the same: somebody else writes in it, or its masters are on a disk that is not
// connected.
func CanLook(err error) bool {
	return errors.Is(err, ErrBusy) || errors.Is(err, spool.ErrAbsent) || errors.Is(err, spool.ErrForeign)
}

// ofDisk tells errors of the archive's own disks, which concern all sheets, from
// the trouble of a single one.
func ofDisk(err error) bool {
	for _, e := range []error{ErrVanished, scan.ErrNoSpace, scan.ErrReadOnly, spool.ErrAbsent, spool.ErrForeign, spool.ErrDisk, spool.ErrLeft} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}

// checkMasters looks whether a folder will do for the masters of a new archive at
// home. It must not exist or be empty, save for what an interrupted try for the same
// archive left.
func checkMasters(masters, home string) error {
	if inside(home, masters) || inside(masters, home) {
		return fmt.Errorf("%w: the archive and the folder for its masters %s lie inside each other", ErrUsage, scan.Path(masters).Line())
	}
	if err := notInArchive(masters); err != nil {
		return err
	}
	entries, err := os.ReadDir(masters)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return diskError(err)
	}
	for _, e := range entries {
		if e.IsDir() && e.Name() == "lost+found" { // a fresh disk has one (mke2fs(8))
			continue
		}
		if m, err := spool.ReadMark(masters); err == nil && m.Home == home && len(entries) == 1 {
			continue
		}
		return fmt.Errorf("%s: %w", scan.Path(masters).Line(), ErrExists)
	}
	return nil
}

// placeMasters prepares such a folder. What was made, takeBack removes.
func placeMasters(masters, home, id string) (takeBack func(), err error) {
	_, err = os.Stat(masters)
	fresh := errors.Is(err, fs.ErrNotExist)
	if err := os.MkdirAll(masters, 0o755); err != nil {
		return nil, diskError(err)
	}
	takeBack = func() {
		spool.Unmark(masters)
		if fresh {
			os.Remove(masters)
		}
	}
	if err := (spool.Mark{Archive: id, Home: home}).Write(masters); err != nil {
		takeBack()
		return nil, diskError(err)
	}
	return takeBack, nil
}
