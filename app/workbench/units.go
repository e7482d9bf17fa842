package workbench

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/sys/unix"
	"golang.org/x/text/unicode/norm"

	"recto/archive"
	"recto/archive/coversheet"
	"recto/scan"
)

// unitsAtOnce is how many units one event of the journal holds.
const unitsAtOnce = 500

// Units lists the units that were planned, in the order of planning.
func (w *Workbench) Units(ctx context.Context) ([]archive.Unit, error) { return w.cat.Units(ctx) }

// PlanUnits puts units down to be scanned, all of them or, with an error, none. A
// unit without code gets the one that its reference has already, or else
// coversheet.CodeFor it. Planning a code again changes what is said of its unit;
// what is as it was is left alone. A code or a reference that another unit has is
// refused (ErrPlanned).
func (w *Workbench) PlanUnits(ctx context.Context, units []archive.Unit) error {
	w.planning.Lock()
	defer w.planning.Unlock()
	there, err := w.cat.Units(ctx)
	if err != nil {
		return err
	}
	byCode, codes := map[string]archive.Unit{}, map[string]string{}
	for _, u := range there {
		byCode[u.Code], codes[sameReference(u.Reference)] = u, u.Code
	}
	given := map[string]bool{}
	var plan []archive.Unit
	for _, u := range units {
		u.Reference, u.Title, u.Container = strings.TrimSpace(u.Reference), strings.TrimSpace(u.Title), strings.TrimSpace(u.Container)
		reference := sameReference(u.Reference)
		if u.Code == "" && u.Reference != "" {
			if u.Code = codes[reference]; u.Code == "" {
				u.Code = coversheet.CodeFor(u.Reference)
			}
		}
		if err := coversheet.Check(u); err != nil {
			return About(u.Reference, err)
		}
		old, known := byCode[u.Code]
		switch {
		case given[u.Code]:
			return About(u.Reference, fmt.Errorf("%w: code %q is given twice, for %q and %q", ErrPlanned, u.Code, old.Reference, u.Reference))
		case known && sameReference(old.Reference) != reference:
			return About(u.Reference, fmt.Errorf("%w: code %q is that of %q", ErrPlanned, u.Code, old.Reference))
		case codes[reference] != "" && codes[reference] != u.Code:
			return About(u.Reference, fmt.Errorf("%w: %q has the code %q", ErrPlanned, u.Reference, codes[reference]))
		}
		given[u.Code] = true
		byCode[u.Code], codes[reference] = u, u.Code
		if !known || !equal(old, u) {
			plan = append(plan, u)
		}
	}
	var changes []change
	for len(plan) > 0 {
		n := min(unitsAtOnce, len(plan))
		changes = append(changes, event(archive.UnitsPlanned, archive.Planned{Units: plan[:n]}))
		plan = plan[n:]
	}
	if len(changes) == 0 {
		return nil
	}
	return w.record(ctx, "", changes...)
}

// sameReference is the form in which references are held against each other.
func sameReference(r string) string { return norm.NFC.String(strings.TrimSpace(r)) }

func equal(a, b archive.Unit) bool {
	return a.Code == b.Code && a.Reference == b.Reference && a.Title == b.Title && a.Container == b.Container && a.Expected == b.Expected &&
		maps.Equal(a.Metadata, b.Metadata)
}

// CodeOf gives the code of a reference: that of the unit planned under it, or else
// coversheet.CodeFor it.
func (w *Workbench) CodeOf(ctx context.Context, reference string) (string, error) {
	all, err := w.cat.Units(ctx)
	for _, u := range all {
		if sameReference(u.Reference) == sameReference(reference) {
			return u.Code, err
		}
	}
	return coversheet.CodeFor(reference), err
}

// UnitsByCode finds units by their codes, in that order; nil means all. A code typed in
// small letters, with O for 0 or I for 1, is found too.
func (w *Workbench) UnitsByCode(ctx context.Context, codes []string) ([]archive.Unit, error) {
	all, err := w.cat.Units(ctx)
	if err != nil || codes == nil {
		return all, err
	}
	byCode := make(map[string]archive.Unit, len(all))
	for _, u := range all {
		byCode[u.Code] = u
	}
	var out []archive.Unit
	for _, code := range codes {
		typed := strings.NewReplacer("O", "0", "I", "1", "L", "1").Replace(strings.ToUpper(code))
		u, ok := byCode[code]
		if !ok {
			u, ok = byCode[typed]
		}
		switch {
		case ok:
			out = append(out, u)
		case coversheet.Mistyped(typed):
			return nil, About(code, fmt.Errorf("code %q: %w; it is mistyped, its last character does not go with the others", code, ErrNotFound))
		default:
			return nil, About(code, fmt.Errorf("code %q: %w", code, ErrNotFound))
		}
	}
	return out, nil
}

// CoverSheets writes a PDF with the cover sheet of each unit, on A4; nil codes mean
// all units. See SaveCoverSheets.
func (w *Workbench) CoverSheets(ctx context.Context, to io.Writer, codes []string) error {
	return w.coverSheets(ctx, to, codes, "")
}

func (w *Workbench) coverSheets(ctx context.Context, to io.Writer, codes []string, paper string) error {
	units, err := w.UnitsByCode(ctx, codes)
	if err != nil {
		return err
	}
	return coversheet.Write(stopping{ctx, to}, units, coversheet.Options{Paper: paper})
}

// stopping is a writer that ends with its context.
type stopping struct {
	ctx context.Context
	to  io.Writer
}

func (s stopping) Write(b []byte) (int, error) {
	if err := s.ctx.Err(); err != nil {
		return 0, err
	}
	return s.to.Write(b)
}

// SheetOptions say how cover sheets become a file.
type SheetOptions struct {
	Paper   string // coversheet.Papers; empty: a4
	Replace bool   // a file that is there; otherwise that is ErrFileThere
}

// SaveCoverSheets makes a PDF with the cover sheet of each unit; nil codes mean all
// units. The file is whole and on the disk when it returns nil, and else everything
// is as it was.
func (w *Workbench) SaveCoverSheets(ctx context.Context, path string, codes []string, o SheetOptions) (err error) {
	if err := w.FreeForSheets(path, o.Replace); err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".tmp-*")
	if err != nil {
		return About(path, diskError(err))
	}
	defer os.Remove(f.Name())
	defer f.Close()
	out := bufio.NewWriterSize(diskWriter{f}, 1<<16)
	if err := w.coverSheets(ctx, out, codes, o.Paper); err != nil {
		return err
	}
	if err := errors.Join(out.Flush(), ctx.Err()); err != nil {
		return About(path, err)
	}
	if o.Replace {
		return About(path, diskError(settle(f, path)))
	}
	return About(path, diskError(settleNew(f, path)))
}

// diskWriter gives the errors of a disk their names.
type diskWriter struct{ to io.Writer }

func (d diskWriter) Write(b []byte) (int, error) {
	n, err := d.to.Write(b)
	return n, diskError(err)
}

// settleNew is settle where nothing may be replaced. Some file systems cannot do that
// in one step; there a file that appears in between is lost.
func settleNew(f *os.File, path string) error {
	if err := errors.Join(f.Chmod(0o644), f.Sync(), f.Close()); err != nil {
		return err
	}
	err := unix.Renameat2(unix.AT_FDCWD, f.Name(), unix.AT_FDCWD, path, unix.RENAME_NOREPLACE)
	switch {
	case errors.Is(err, unix.EEXIST):
		return fmt.Errorf("%s: %w", scan.Path(path).Line(), ErrFileThere)
	case errors.Is(err, unix.EINVAL), errors.Is(err, unix.ENOSYS), errors.Is(err, unix.ENOTSUP):
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return err
	}
	return syncDir(filepath.Dir(path))
}

// FreeForSheets says why cover sheets cannot become a file at path; nil where they
// can. The archive's own folder is no place for them.
func (w *Workbench) FreeForSheets(path string, replace bool) error {
	absolute, err := filepath.Abs(path)
	if err != nil {
		return About(path, err)
	}
	if inside(w.dir, absolute) {
		return About(path, fmt.Errorf("%w: %s lies in the archive", ErrUsage, scan.Path(path).Line()))
	}
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if _, err := os.Stat(filepath.Dir(absolute)); err != nil {
			return About(path, diskError(err))
		}
		if _, err := os.Lstat(path); err == nil && !replace { // a link that leads nowhere
			return About(path, fmt.Errorf("%s: %w", scan.Path(path).Line(), ErrFileThere))
		}
		return nil
	case err != nil:
		return About(path, diskError(err))
	case info.IsDir():
		return About(path, fmt.Errorf("%s: %w", scan.Path(path).Line(), ErrNotFile))
	case !info.Mode().IsRegular():
		return About(path, fmt.Errorf("%w: %s is no ordinary file", ErrUsage, scan.Path(path).Line()))
	case !replace:
		return About(path, fmt.Errorf("%s: %w", scan.Path(path).Line(), ErrFileThere))
	}
	return nil
}
