package command

import (
	"recto/app/workbench"
	"recto/scan"
)

// prepareVerb shows what process does to pages before it reads them.
type prepareVerb struct {
	thePages
	Preview string `placeholder:"DIR" help:"A folder, which must be there, for pictures: before, after, and as the recognition has it."`
	Force   bool   `help:"Replace pictures that are there."`
}

func (prepareVerb) Help() string {
	return `Example:  recto prepare --archive ~/archive --batch Ledger --preview ~/look
          recto prepare --archive ~/archive 0198c5...

Pages that were read show what was done, others what would be done. Nothing is changed:
recto page set changes it, recto process reads.`
}

type preparedView struct {
	Page    scan.PageID `json:"page"`
	Number  int         `json:"number"`
	State   scan.State  `json:"state"`
	Summary string      `json:"summary"`
	Recipe  scan.Recipe `json:"recipe"`
	Files   []string    `json:"files"`
}

func (v prepareVerb) Run(s *session) error {
	w, ids, err := v.lookAt(s)
	if err != nil {
		return err
	}
	defer w.Close()
	if v.Preview != "" { // else each page would say so
		if err := workbench.CheckInto(v.Preview); err != nil {
			return err
		}
	}
	views, failures := []preparedView{}, []failure{}
	for _, id := range ids {
		page, err := w.Page(s.ctx, id)
		if err != nil {
			return err
		}
		recipe, files, err := w.PreviewPreparation(s.ctx, id, v.Preview, v.Force)
		if s.ctx.Err() != nil {
			return s.ctx.Err()
		}
		if err != nil {
			failures = append(failures, s.failureOf(page.Origin.Path, err))
			continue
		}
		view := preparedView{id, page.Number, page.State, recipe.String(), list(recipe), list(files)}
		views = append(views, view)
		if view.Summary == "" {
			view.Summary = "as it is"
		}
		s.say("%4d  %s  %-6s  %s", view.Number, id, view.State, view.Summary)
	}
	s.complain(failures)
	if s.json {
		s.print(map[string]any{"pages": views, "failures": failures})
	}
	return exit(0, len(failures) > 0)
}

func (prepareVerb) nothing(_ *session, list []failure) any {
	return map[string]any{"pages": []any{}, "failures": list}
}
