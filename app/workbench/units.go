package workbench

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
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

// PlanUnits puts units down to be scanned, all of them or, with an error, none, and
// gives them as they are planned. A unit without code gets the one that its reference
// has already, or else coversheet.CodeFor it. Planning a unit again changes what is
// said of it; what is left empty stays as it was. A code or a reference that another
// unit has is refused (ErrPlanned).
func (w *Workbench) PlanUnits(ctx context.Context, units []archive.Unit) ([]archive.Unit, error) {
	planned, wrong, err := w.plan(ctx, units, func(string) bool { return false })
	for _, x := range wrong {
		return nil, About(units[x.unit].Reference, x.err)
	}
	return planned, err
}

// PlanList plans the units of a list as spreadsheets export it (coversheet.ReadCSV).
// Of a unit that is planned already the list changes what it has columns for. The notes
// say what was found out of the file and may be wrong. With an error nothing is planned; what is wrong with the list is told as coversheet.Faults, each with its
// place.
func (w *Workbench) PlanList(ctx context.Context, file string) (planned []archive.Unit, notes []string, err error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, nil, About(file, fmt.Errorf("%w: %w", scan.ErrUnreadable, err))
	}
	defer f.Close()
	l, err := coversheet.ReadCSV(f)
	if errors.Is(err, coversheet.ErrList) {
		return nil, nil, About(file, err)
	}
	if err != nil {
		return nil, nil, About(file, fmt.Errorf("%w: %w", scan.ErrUnreadable, err))
	}
	planned, wrong, err := w.plan(ctx, l.Units, l.Has)
	if len(wrong) > 0 {
		var faults coversheet.Faults
		for _, x := range wrong {
			faults = append(faults, l.Fault(x.unit, x.field, x.err))
		}
		if len(faults) > coversheet.MostTold {
			faults = append(faults[:coversheet.MostTold], fmt.Errorf("and %d more", len(faults)-coversheet.MostTold))
		}
		return nil, nil, About(file, faults)
	}
	return planned, l.Notes, err
}

// misfit is why a unit cannot be planned, and the field that is to blame.
type misfit struct {
	unit  int // of those given, from 0
	field string
	err   error
}

// plan plans units. What they leave empty is kept of a unit that is planned already,
// unless cleared says that they mean it.
func (w *Workbench) plan(ctx context.Context, units []archive.Unit, cleared func(field string) bool) (planned []archive.Unit, wrong []misfit, err error) {
	w.planning.Lock()
	defer w.planning.Unlock()
	there, err := w.cat.Units(ctx)
	if err != nil {
		return nil, nil, err
	}
	byCode, codes := map[string]archive.Unit{}, map[string]string{}
	for _, u := range there {
		byCode[u.Code], codes[sameReference(u.Reference)] = u, u.Code
	}
	given := map[string]bool{}
	var news []archive.Unit
	for i, u := range units {
		u.Reference, u.Title, u.Container = strings.TrimSpace(u.Reference), strings.TrimSpace(u.Title), strings.TrimSpace(u.Container)
		reference, field := sameReference(u.Reference), "code"
		if u.Code == "" && u.Reference != "" {
			field = "reference"
			if u.Code = codes[reference]; u.Code == "" {
				u.Code = coversheet.CodeFor(u.Reference)
			}
		}
		refuse := func(err error) { wrong = append(wrong, misfit{i, field, err}) }
		if err := coversheet.Check(u); err != nil {
			refuse(err)
			continue
		}
		old, known := byCode[u.Code]
		switch {
		case given[u.Code]:
			refuse(fmt.Errorf("%w: code %q is given twice, for %q and %q", ErrPlanned, u.Code, old.Reference, u.Reference))
			continue
		case known && sameReference(old.Reference) != reference:
			refuse(fmt.Errorf("%w: code %q is that of %q", ErrPlanned, u.Code, old.Reference))
			continue
		case codes[reference] != "" && codes[reference] != u.Code:
			refuse(fmt.Errorf("%w: %q has the code %q", ErrPlanned, u.Reference, codes[reference]))
			continue
		}
		if known {
			u = keep(old, u, cleared)
		}
		given[u.Code] = true
		byCode[u.Code], codes[reference] = u, u.Code
		planned = append(planned, u)
		if !known || !equal(old, u) {
			news = append(news, u)
		}
	}
	if len(wrong) > 0 {
		return nil, wrong, nil
	}
	var changes []change
	for some := range slices.Chunk(news, unitsAtOnce) {
		changes = append(changes, event(archive.UnitsPlanned, archive.Planned{Units: some}))
	}
	if len(changes) == 0 {
		return planned, nil, nil
	}
	if err := w.record(ctx, "", changes...); err != nil {
		return nil, nil, err
	}
	return planned, nil, nil
}

// keep fills what u leaves empty and is not cleared.
func keep(old, u archive.Unit, cleared func(field string) bool) archive.Unit {
	if u.Title == "" && !cleared("title") {
		u.Title = old.Title
	}
	if u.Container == "" && !cleared("container") {
		u.Container = old.Container
	}
	if u.Expected == 0 && !cleared("expected") {
		u.Expected = old.Expected
	}
	metadata := maps.Clone(u.Metadata)
	for name, value := range old.Metadata {
		if _, there := metadata[name]; !there && !cleared(name) {
			if metadata == nil {
				metadata = map[string]string{}
			}
			metadata[name] = value
		}
	}
	u.Metadata = metadata
	return u
}

// sameReference is the form in which references are held against each other.
func sameReference(r string) string { return norm.NFC.String(strings.TrimSpace(r)) }

func equal(a, b archive.Unit) bool {
	return a.Code == b.Code && a.Reference == b.Reference && a.Title == b.Title && a.Container == b.Container && a.Expected == b.Expected &&
		maps.Equal(a.Metadata, b.Metadata)
}

// find looks units up by their codes or references, in the order of these; nil means
// all. A code typed in small letters, with O for 0 or I for 1, is found too.
func (w *Workbench) find(ctx context.Context, names []string) ([]archive.Unit, error) {
	all, err := w.cat.Units(ctx)
	if err != nil || names == nil {
		return all, err
	}
	byCode, byReference := make(map[string]archive.Unit, len(all)), make(map[string]archive.Unit, len(all))
	for _, u := range all {
		byCode[u.Code], byReference[sameReference(u.Reference)] = u, u
	}
	var out []archive.Unit
	for _, name := range names {
		typed := strings.NewReplacer("O", "0", "I", "1", "L", "1").Replace(strings.ToUpper(name))
		u, ok := byCode[name]
		if !ok {
			u, ok = byReference[sameReference(name)]
		}
		if !ok {
			u, ok = byCode[typed]
		}
		switch {
		case ok:
			out = append(out, u)
		case coversheet.Mistyped(typed):
			return nil, About(name, fmt.Errorf("code %q: %w; it is mistyped, its last character does not go with the others", name, ErrNotFound))
		default:
			return nil, About(name, fmt.Errorf("unit %q: %w", name, ErrNotFound))
		}
	}
	return out, nil
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

// SaveCoverSheets makes a PDF with the cover sheet of each unit, named by code or
// reference; nil means all that are planned. The file is whole and on the disk when the
// error is nil, and else everything is as it was. The notes tell which sheets do not
// show all as it is (coversheet.Write).
func (w *Workbench) SaveCoverSheets(ctx context.Context, path string, names []string, o SheetOptions) (printed []archive.Unit, notes []string, err error) {
	if err := w.FreeForSheets(path, o.Replace); err != nil {
		return nil, nil, err
	}
	if printed, err = w.find(ctx, names); err != nil {
		return nil, nil, err
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".tmp-*")
	if err != nil {
		return nil, nil, About(path, diskError(err))
	}
	defer os.Remove(f.Name())
	defer f.Close()
	if notes, err = coversheet.Write(stopping{ctx, diskWriter{f}}, printed, coversheet.Options{Paper: o.Paper}); err != nil {
		return nil, nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, nil, err
	}
	place := settleNew
	if o.Replace {
		place = settle
	}
	if err := diskError(place(f, path)); err != nil {
		return nil, nil, About(path, err)
	}
	return printed, notes, nil
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
	if inside(w.dir, absolute) || inside(w.path("masters"), absolute) {
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
