package command

import (
	"errors"
	"fmt"
	"os"

	"recto/app/workbench"
	"recto/archive"
	"recto/archive/coversheet"
	"recto/scan"
)

type coversheetsVerb struct {
	inArchive
	Out       string   `required:"" placeholder:"FILE.pdf" help:"The PDF to be made."`
	Force     bool     `help:"Replace the file if it is there."`
	Paper     string   `enum:"a4,letter" default:"a4" help:"a4 or letter."`
	CSV       string   `name:"csv" placeholder:"LIST.csv" help:"List of units: columns reference or shelfmark, title, container, expected or sheets, code; all others are kept as metadata."`
	Reference string   `placeholder:"R" help:"One unit: its shelfmark."`
	Title     string   `placeholder:"T" help:"Its title."`
	Container string   `placeholder:"C" help:"Box, folder or volume that it lies in."`
	Expected  *sheets  `placeholder:"N" help:"Sheets of paper it should have; without it nobody has counted."`
	Codes     []string `arg:"" optional:"" name:"code" help:"Codes of units that are planned already."`
}

func (coversheetsVerb) Help() string {
	return "Example:  recto coversheets --archive ~/archive --csv boxes.csv --out sheets.pdf\n" +
		"Example:  recto coversheets --archive ~/archive --reference 'HStA 12/7' --title Letters --expected 24 --out sheet.pdf\n\n" +
		"Plans the units given and makes a PDF with a sheet for each; with codes it prints the sheets of those units, and with neither of all units. " +
		"Planning the same unit again changes what is said of it. Print at actual size and lay each sheet on top of its unit; " +
		"the pages scanned behind it are filed under the unit."
}

func (coversheetsVerb) nothing(_ *session, failures []failure) any {
	return map[string]any{"units": []any{}, "file": "", "notes": []any{}, "failures": failures}
}

func (v coversheetsVerb) Run(s *session) error {
	one := v.Reference != "" || v.Title != "" || v.Container != "" || v.Expected != nil
	switch {
	case v.CSV != "" && one:
		return usage("give a list (--csv) or one unit (--reference), not both")
	case (v.CSV != "" || one) && len(v.Codes) > 0:
		return usage("give units to plan or codes of units that are planned, not both")
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
	codes, notes := v.Codes, []string(nil)
	if v.CSV != "" || one {
		units := []archive.Unit{{Reference: v.Reference, Title: v.Title, Container: v.Container}}
		if v.Expected != nil {
			units[0].Expected = int(*v.Expected)
		}
		if v.CSV != "" {
			if units, notes, err = v.list(); err != nil {
				return s.failList(v, err)
			}
			for _, n := range notes {
				s.note("%s", n)
			}
		} else if units[0].Code, err = w.CodeOf(s.ctx, v.Reference); err != nil {
			return err
		}
		if err := w.PlanUnits(s.ctx, units); err != nil {
			return err
		}
		for _, u := range units {
			codes = append(codes, u.Code)
		}
	}
	if err := w.SaveCoverSheets(s.ctx, v.Out, codes, workbench.SheetOptions{Paper: v.Paper, Replace: v.Force}); err != nil {
		return err
	}
	printed, err := w.UnitsByCode(s.ctx, codes)
	if err != nil {
		return err
	}
	for _, u := range printed {
		s.say("%-12s %s  %s", u.Code, scan.Path(u.Reference).Line(), scan.Path(u.Title).Line())
	}
	s.say("Cover sheets: %d, in %s", len(printed), scan.Path(v.Out).Line())
	if s.json {
		s.print(map[string]any{"units": list(printed), "file": scan.Path(v.Out).String(), "notes": list(notes), "failures": []failure{}})
	}
	return nil
}

func (v coversheetsVerb) list() ([]archive.Unit, []string, error) {
	f, err := os.Open(v.CSV)
	if err != nil {
		return nil, nil, workbench.About(v.CSV, fmt.Errorf("%w: %w", scan.ErrUnreadable, err))
	}
	defer f.Close()
	units, notes, err := coversheet.ReadCSV(f)
	if err != nil && !errors.Is(err, coversheet.ErrList) {
		err = fmt.Errorf("%w: %w", scan.ErrUnreadable, err)
	}
	return units, notes, workbench.About(v.CSV, err)
}

// failList tells of each fault of a list.
func (s *session) failList(v coversheetsVerb, err error) error {
	var each []failure
	var faults interface{ Unwrap() []error }
	for e := err; e != nil; {
		if joined, ok := e.(interface{ Unwrap() []error }); ok {
			if all := joined.Unwrap(); len(all) == 2 && all[0] == coversheet.ErrList {
				e = all[1]
				continue
			}
			faults = joined
			break
		}
		e = errors.Unwrap(e)
	}
	if !errors.Is(err, coversheet.ErrList) || faults == nil {
		return err
	}
	for _, fault := range faults.Unwrap() {
		each = append(each, failure{scan.Path(v.CSV).String(), fault.Error(), workbench.Explain(err).Remedy})
	}
	s.complain(each)
	if s.json {
		s.print(v.nothing(s, each))
	}
	return leave(1)
}
