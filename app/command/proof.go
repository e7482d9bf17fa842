package command

import (
	"context"
	"fmt"
	"os"

	"recto/app/job"
	"recto/app/workbench"
	"recto/archive"
	"recto/scan"
)

// The verbs that deliver and prove: export, verify, rebuild, doctor.

type exportVerb struct {
	inArchive
	Format     string   `default:"bagit" enum:"bagit" help:"Package format: bagit."`
	To         string   `required:"" placeholder:"DIR" help:"Folder that gets a package folder a document."`
	Incomplete string   `placeholder:"REASON" help:"Let incomplete documents through, for this reason; it goes into the package."`
	Document   []string `arg:"" name:"document" help:"IDs or titles of documents."`
}

func (exportVerb) Help() string {
	return "Example:  recto export --archive ~/archive --format bagit --to /media/usb 'Letters of 1912'\n\n" +
		"Each package is read back and verified before it is called delivered."
}

type packageView struct {
	Document  archive.DocumentID `json:"document"`
	Title     string             `json:"title"`
	Package   string             `json:"package"`
	Files     int                `json:"files"`
	Bytes     int64              `json:"bytes"`
	Delivered bool               `json:"delivered"`
	Already   bool               `json:"already"`
	Receipt   string             `json:"receipt,omitempty"`
}

func (v exportVerb) Run(s *session) error {
	s.about = v.Archive
	w, err := workbench.OpenToDeliver(s.ctx, v.Archive)
	if err != nil {
		return err
	}
	defer w.Close()
	s.repaired(w)
	names := map[archive.DocumentID]string{} // as the user gave them
	r := workbench.ExportRequest{Format: v.Format, To: v.To, Incomplete: v.Incomplete}
	failures := []failure{}
	for _, name := range v.Document {
		d, err := w.DocumentNamed(s.ctx, name)
		if err != nil {
			failures = append(failures, s.failureOf(scan.Path(name), err))
			continue
		}
		r.Documents, names[d.ID] = append(r.Documents, d.ID), name
	}
	p, stop := s.watch()
	got, err := w.Export(s.ctx, r, p)
	stop()
	code := 0
	views := []packageView{}
	for _, g := range got {
		if g.Err != nil {
			failures = append(failures, s.failureOf(scan.Path(names[g.Document]), g.Err))
		}
		views = append(views, packageView{g.Document, g.Title, g.Package.String(), g.Files, g.Bytes, g.Err == nil, g.Already, g.Note})
		switch {
		case g.Err != nil:
		case g.Already:
			s.say("already there and verified again  %s  (%s)", g.Package.Line(), g.Note)
		default:
			s.say("delivered and verified  %s  (%s, %d bytes; %s)", g.Package.Line(), workbench.Plural(g.Files, "file"), g.Bytes, g.Note)
		}
	}
	if err != nil {
		failures = append(failures, s.failureOf("", err))
		code = workbench.Explain(err).Exit
	}
	s.complain(failures)
	if s.json {
		s.print(map[string]any{"packages": views, "failures": failures})
	}
	return exit(code, len(failures) > 0)
}

func (exportVerb) nothing(_ *session, list []failure) any {
	return map[string]any{"packages": []any{}, "failures": list}
}

type verifyVerb struct {
	asJSON
	Archive string `placeholder:"DIR" help:"The archive to check; without it and without a package that of $$RECTO_ARCHIVE."`
	Package string `arg:"" optional:"" help:"A package from anyone: a bag."`
}

func (verifyVerb) Help() string {
	return "Examples: recto verify --archive ~/archive\n          recto verify /media/usb/letters-of-1912\n\n" +
		"Checks an archive or a package, one a time: with both it could not say which of them is valid."
}

func (v verifyVerb) Run(s *session) error {
	if v.Archive != "" && v.Package != "" {
		return usage("verify checks an archive or a package, not both at once: run it once for each")
	}
	if v.Package == "" && v.Archive == "" {
		v.Archive = os.Getenv("RECTO_ARCHIVE")
	}
	s.about = v.Archive + v.Package // one of them
	p, stop := s.watch()
	var findings []archive.Finding
	var err error
	switch {
	case v.Package != "":
		findings, err = workbench.VerifyPackage(s.ctx, v.Package, p)
	case v.Archive != "":
		findings, err = v.archive(s, p)
	default:
		stop()
		return usage("verify wants --archive DIR or a package")
	}
	stop()
	if err != nil {
		return err
	}
	valid := archive.Valid(findings)
	for _, f := range findings {
		s.say("%-7s %s  %s: %s\n        %s", f.Severity, f.Code, scan.Path(f.Path).Line(), f.Message, f.Remedy)
	}
	if valid {
		s.say("Valid.")
	} else {
		s.say("NOT valid.")
	}
	if s.json {
		s.print(verdict(valid, findings))
	}
	return exit(0, !valid)
}

func (verifyVerb) nothing(_ *session, list []failure) any {
	var findings []archive.Finding
	for _, f := range list {
		findings = append(findings, archive.Finding{Code: "cannot-check", Path: f.Path, Severity: archive.Error, Message: f.Reason, Remedy: f.Remedy})
	}
	return verdict(false, findings)
}

func verdict(valid bool, findings []archive.Finding) any {
	return map[string]any{"valid": valid, "findings": list(findings)}
}

func (v verifyVerb) archive(s *session, p *job.Progress) ([]archive.Finding, error) {
	w, err := inArchive{v.asJSON, v.Archive}.look(s)
	if err != nil {
		return nil, err
	}
	defer w.Close()
	return w.Verify(s.ctx, p)
}

type rebuildVerb struct{ inArchive }

func (rebuildVerb) Help() string {
	return "Example:  recto rebuild --archive ~/archive\n\nThe catalogue before it stays beside the new one, as catalogue.db.replaced-TIME, until the next rebuild."
}

func (v rebuildVerb) Run(s *session) error {
	s.about = v.Archive
	p, stop := s.watch()
	w, err := workbench.Rebuild(s.ctx, v.Archive, workbench.Options{Progress: p})
	stop()
	if err != nil {
		return err
	}
	defer w.Close()
	ctx := context.WithoutCancel(s.ctx)
	batches, err := w.Batches(ctx)
	if err != nil {
		return err
	}
	documents, err := w.Documents(ctx)
	if err != nil {
		return err
	}
	pages := 0
	for _, b := range batches {
		pages += b.Pages + b.Binned
	}
	unread, err := w.Unread(ctx)
	if err != nil {
		return err
	}
	failures := []failure{}
	for _, f := range unread {
		failures = append(failures, s.failureOf(f.Path, f.Err))
	}
	s.repaired(w)
	s.complain(failures)
	s.say("The catalogue was made anew: %s, %s, %s.", workbench.Plural(len(batches), "batch"), workbench.Plural(pages, "page"), workbench.Plural(len(documents), "document"))
	if s.json {
		s.print(map[string]any{"batches": len(batches), "pages": pages, "documents": len(documents), "repaired": list(w.Repaired()), "failures": failures})
	}
	return exit(0, len(failures) > 0)
}

func (rebuildVerb) nothing(_ *session, list []failure) any {
	return map[string]any{"batches": 0, "pages": 0, "documents": 0, "repaired": []any{}, "failures": list}
}

type doctorVerb struct{ asJSON }

func (doctorVerb) Help() string { return "Example:  recto doctor --json" }

func (doctorVerb) Run(s *session) error {
	checks := workbench.Doctor(s.ctx)
	ok := true
	for _, c := range checks {
		ok = ok && c.State != workbench.Missing
		s.say("%-8s %-22s %s", c.State, c.Name, c.Detail)
		if c.Remedy != "" {
			s.say("%s", fmt.Sprintf("%31s %s", "", c.Remedy))
		}
	}
	if s.json {
		s.print(map[string]any{"ok": ok, "checks": checks, "failures": []failure{}})
	}
	return exit(0, !ok)
}

func (doctorVerb) nothing(_ *session, list []failure) any {
	return map[string]any{"ok": false, "checks": []any{}, "failures": list}
}
