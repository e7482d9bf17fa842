package command

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"recto/app/workbench"
	"recto/archive"
	"recto/scan"
)

// coversheetsVerb plans units and prints the sheets that lie on top of them.
type coversheetsVerb struct {
	inArchive
	Out       string   `required:"" placeholder:"FILE.pdf" help:"The PDF to write."`
	Force     bool     `help:"Replace a file of that name."`
	CSV       string   `name:"csv" xor:"unit" placeholder:"LIST.csv" help:"Plan these units: columns reference (or shelfmark), title, container, expected (or sheets), code; others become metadata."`
	Reference string   `xor:"unit" placeholder:"S" help:"Plan this one unit: its shelfmark."`
	Title     string   `placeholder:"T" help:"Its title."`
	Container string   `placeholder:"C" help:"Box, folder or volume that it lies in."`
	Expected  sheets   `placeholder:"N" help:"Sheets of paper that it has."`
	Paper     string   `enum:"a4,letter" default:"a4" help:"a4 or letter."`
	Units     []string `arg:"" optional:"" name:"unit" help:"Codes or references of units that were planned before; without any, and without a new one, all."`
}

func (coversheetsVerb) Help() string {
	return "Example:  recto coversheets --archive ~/archive --csv units.csv --out covers.pdf\n" +
		"          recto coversheets --archive ~/archive --reference 'HStA 12/7' --title Letters --expected 24 --out cover.pdf\n\n" +
		"Print the sheets at full size, lay each on top of its unit and scan the stack under a profile that divides by codes (Letters does): " +
		"the pages behind a sheet become that unit, with its title and metadata, and recto document --units makes a document of each."
}

func (v coversheetsVerb) nothing(_ *session, failures []failure) any {
	return map[string]any{"file": nil, "units": []any{}, "notes": []any{}, "failures": failures}
}

func (v coversheetsVerb) Run(s *session) error {
	if v.Reference == "" && (v.Title != "" || v.Container != "" || v.Expected > 0) {
		return usage("--title, --container and --expected describe the unit of --reference")
	}
	if (v.CSV != "" || v.Reference != "") && len(v.Units) > 0 {
		return usage("name units that were planned before, or plan new ones, not both")
	}
	var planned []archive.Unit
	var notes []string
	switch {
	case v.CSV != "":
		f, err := os.Open(v.CSV)
		if err != nil {
			return workbench.About(v.CSV, fmt.Errorf("%w: %w", scan.ErrUnreadable, err))
		}
		defer f.Close()
		if planned, notes, err = workbench.ReadUnits(f); err != nil {
			return workbench.About(v.CSV, err)
		}
	case v.Reference != "":
		planned = []archive.Unit{{Reference: v.Reference, Title: v.Title, Container: v.Container, Expected: int(v.Expected)}}
	}
	w, err := v.open(s, workbench.Options{})
	if err != nil {
		return err
	}
	defer w.Close()
	if err := w.PlanUnits(s.ctx, planned); err != nil {
		return err
	}
	chosen := v.Units
	for _, u := range planned {
		chosen = append(chosen, u.Reference)
	}
	if err := v.write(s, w, chosen); err != nil {
		return err
	}
	all, err := w.Units(s.ctx)
	if err != nil {
		return err
	}
	units := []archive.Unit{}
	for _, u := range all {
		for _, c := range chosen {
			if u.Reference == c || u.Code == c {
				units = append(units, u)
				break
			}
		}
	}
	if chosen == nil {
		units = all
	}
	for _, n := range notes {
		s.note("%s", n)
	}
	s.say("%d cover sheets in %s. Print them at full size.", len(units), scan.Path(v.Out).Line())
	if s.json {
		s.print(map[string]any{"file": scan.Path(v.Out).String(), "units": units, "notes": list(notes), "failures": []failure{}})
	}
	return nil
}

// write makes the PDF whole or not at all.
func (v coversheetsVerb) write(s *session, w *workbench.Workbench, units []string) (err error) {
	if _, err := os.Lstat(v.Out); err == nil && !v.Force {
		return workbench.About(v.Out, fmt.Errorf("%w: %s is there already; --force replaces it", workbench.ErrUsage, scan.Path(v.Out).Line()))
	} else if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return workbench.About(v.Out, err)
	}
	f, err := os.CreateTemp(filepath.Dir(v.Out), ".recto-covers-*")
	if err != nil {
		return workbench.About(v.Out, fmt.Errorf("%w: %w", scan.ErrReadOnly, err))
	}
	defer func() {
		if err != nil {
			os.Remove(f.Name())
		}
	}()
	err = w.CoverSheets(s.ctx, f, units, v.Paper)
	err = errors.Join(err, f.Chmod(0o644), f.Sync(), f.Close())
	if err != nil {
		return err
	}
	return os.Rename(f.Name(), v.Out)
}
