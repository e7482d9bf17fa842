package command

import (
	"errors"
	"fmt"

	"recto/app/workbench"
	"recto/archive"
	"recto/archive/coversheet"
	"recto/scan"
)

// coversheetsVerb plans units and prints the sheets that lie on top of them.
type coversheetsVerb struct {
	inArchive
	Out       string   `required:"" placeholder:"FILE.pdf" help:"The PDF to be made."`
	Force     bool     `help:"Replace the file if it is there."`
	Paper     string   `enum:"a4,letter" default:"a4" help:"a4 or letter."`
	CSV       string   `name:"csv" placeholder:"LIST.csv" help:"List of units: columns reference or shelfmark, title, container or box, expected or sheets, code; all others are kept as metadata."`
	Reference string   `placeholder:"R" help:"One unit: its shelfmark."`
	Title     string   `placeholder:"T" help:"Its title."`
	Container string   `placeholder:"C" help:"Box, folder or volume that it lies in."`
	Expected  sheets   `placeholder:"N" help:"Sheets of paper that it has; without it nobody has counted."`
	Units     []string `arg:"" optional:"" name:"unit" help:"Codes or references of units that are planned already."`
}

func (coversheetsVerb) Help() string {
	return "Example:  recto coversheets --archive ~/archive --csv boxes.csv --out sheets.pdf\n" +
		"Example:  recto coversheets --archive ~/archive --reference 'HStA 12/7' --title Letters --expected 24 --out sheet.pdf\n\n" +
		"Plans the units given and makes a PDF with a sheet for each; with codes or references it prints the sheets of those units, and with neither of all. " +
		"Planning a unit again changes what is said of it anew and leaves the rest. Print at actual size, lay each sheet on top of its unit and scan the stack " +
		"under a profile that divides by codes (Letters does): the pages behind a sheet become that unit, with its title and metadata, and " +
		"recto document --units makes a document of each."
}

func (coversheetsVerb) nothing(_ *session, failures []failure) any {
	return map[string]any{"file": "", "units": []any{}, "notes": []any{}, "failures": failures}
}

func (v coversheetsVerb) Run(s *session) error {
	one := v.Reference != "" || v.Title != "" || v.Container != "" || v.Expected > 0
	switch {
	case v.CSV != "" && one:
		return usage("give a list (--csv) or one unit (--reference), not both")
	case (v.CSV != "" || one) && len(v.Units) > 0:
		return usage("give units to plan or name units that are planned, not both")
	case one && v.Reference == "":
		return usage("a unit wants its shelfmark: --reference")
	}
	w, err := v.open(s, workbench.Options{})
	if err != nil {
		return err
	}
	defer w.Close()
	if err := w.FreeForSheets(v.Out, v.Force); err != nil { // before anything is planned
		return err
	}
	names, notes := v.Units, []string(nil)
	if v.CSV != "" || one {
		var planned []archive.Unit
		if v.CSV != "" {
			planned, notes, err = w.PlanList(s.ctx, v.CSV)
		} else {
			u := archive.Unit{Reference: v.Reference, Title: v.Title, Container: v.Container, Expected: int(v.Expected)}
			planned, err = w.PlanUnits(s.ctx, []archive.Unit{u})
		}
		var faults coversheet.Faults
		if errors.As(err, &faults) {
			return s.failList(v, faults)
		}
		if err != nil {
			return err
		}
		for _, u := range planned {
			names = append(names, u.Code)
		}
	}
	printed, more, err := w.SaveCoverSheets(s.ctx, v.Out, names, workbench.SheetOptions{Paper: v.Paper, Replace: v.Force})
	if err != nil {
		return err
	}
	notes = append(notes, more...)
	for _, n := range notes {
		s.note("%s", n)
	}
	for _, u := range printed {
		s.say("%-12s %s  %s", u.Code, scan.Path(u.Reference).Line(), scan.Path(u.Title).Line())
	}
	s.say("Cover sheets: %d, in %s. Print them at actual size.", len(printed), scan.Path(v.Out).Line())
	if s.json {
		s.print(map[string]any{"file": scan.Path(v.Out).String(), "units": list(printed), "notes": list(notes), "failures": []failure{}})
	}
	return nil
}

// failList tells of each fault of a list.
func (s *session) failList(v coversheetsVerb, faults coversheet.Faults) error {
	var each []failure
	for _, f := range faults {
		if !errors.Is(f, coversheet.ErrList) { // it has no place in the list
			f = fmt.Errorf("%w: %w", coversheet.ErrList, f)
		}
		each = append(each, s.failureOf(scan.Path(v.CSV), f))
	}
	s.complain(each)
	if s.json {
		s.print(v.nothing(s, each))
	}
	return leave(1)
}
