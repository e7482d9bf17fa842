package command

import (
	"recto/app/workbench"
	"recto/scan"
)

// dismissVerb does without sources that could not be taken in.
type dismissVerb struct {
	inArchive
	Batch  string   `required:"" placeholder:"NAME" help:"Name or ID of the batch."`
	Reason string   `xor:"reason" placeholder:"WHY" help:"Why nobody misses them; kept with the batch."`
	Undo   bool     `xor:"reason" help:"Count them as missing again."`
	Paths  []string `arg:"" name:"path" help:"Sources as they were given (recto show BATCH lists them)."`
}

func (dismissVerb) Help() string {
	return "Example:  recto dismiss --archive ~/archive --batch 'Letters 1912' --reason 'a slip of the pen' scans/lettr.tif\n\n" +
		"A source that could not be taken in makes its documents incomplete until it comes in, or is set aside here. " +
		"Make the documents again afterwards (recto document, or the same recto digitise)."
}

func (v dismissVerb) Run(s *session) error {
	if v.Reason == "" && !v.Undo {
		return usage("dismiss wants --reason WHY, or --undo")
	}
	w, err := v.open(s, workbench.Options{})
	if err != nil {
		return err
	}
	defer w.Close()
	b, err := w.Batch(s.ctx, v.Batch)
	if err != nil {
		return err
	}
	failures := []failure{}
	for _, p := range v.Paths {
		if err := w.Dismiss(s.ctx, b.ID, scan.Path(p), v.Reason); err != nil {
			failures = append(failures, s.failureOf(scan.Path(p), err))
		}
	}
	rejects, err := w.Rejects(s.ctx, b.ID)
	if err != nil {
		return err
	}
	s.complain(failures)
	done := "set aside"
	if v.Undo {
		done = "missing again"
	}
	s.say("%d of %d %s. Make the documents of batch %s again.", len(v.Paths)-len(failures), len(v.Paths), done, quoted(b.Name))
	if s.json {
		s.print(map[string]any{"rejects": s.viewNotTaken(rejects), "failures": failures})
	}
	return exit(0, len(failures) > 0)
}
