package gui

import (
	"context"
	"fmt"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/layout"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"recto/app/gui/parts"
	"recto/app/workbench"
	"recto/scan"
)

// duplexStep is where capturing both sides by hand is.
type duplexStep int

const (
	noDuplex duplexStep = iota
	duplexFronts
	duplexBacks // the pile has been turned
)

// duplex is both sides by hand: all fronts, then, with the pile turned over, all
// backs, the last sheet first; the core puts them in between.
type duplex struct {
	step  duplexStep
	state workbench.DuplexState
	slot  slot
}

func (d duplex) side() scan.Side {
	switch d.step {
	case duplexFronts:
		return scan.Front
	case duplexBacks:
		return scan.Back
	}
	return ""
}

// startDuplex begins at the step where the batch was left.
func (s *captureScreen) startDuplex() {
	s.duplex.step = duplexFronts
	s.askDuplex(func(d workbench.DuplexState) {
		if d.Backs > 0 {
			s.duplex.step = duplexBacks
		}
	})
	s.fill()
}

// askDuplex asks how far it is. It looks at the whole batch, so it is asked once a
// run and not once a sheet.
func (s *captureScreen) askDuplex(then func(workbench.DuplexState)) {
	core, id := s.w.core, s.of
	if core == nil || id == "" {
		return
	}
	load(s.w.bridge, &s.duplex.slot, func(ctx context.Context) (workbench.DuplexState, error) { return core.Duplex(ctx, id) }, func(d workbench.DuplexState, err error) {
		if err != nil || s.duplex.step == noDuplex {
			return
		}
		s.duplex.state = d
		then(d)
		s.fill()
	})
}

func (s *captureScreen) refreshDuplex() {
	if s.duplex.step != noDuplex {
		s.askDuplex(func(workbench.DuplexState) {})
	}
}

// duplexKey is D: begin, the pile is turned, put together what there is.
func (s *captureScreen) duplexKey() {
	switch d := s.duplex.state; {
	case s.duplex.step == noDuplex:
		s.startDuplex()
	case s.duplex.step == duplexFronts && d.Fronts == 0:
		s.duplex = duplex{}
		s.w.say("Both sides by hand is off")
		s.fill()
	case s.duplex.step == duplexFronts:
		s.duplex.step = duplexBacks
		s.fill()
	case d.Backs == 0:
		s.duplex.step = duplexFronts
		s.fill()
	default:
		s.w.ask("interleave", "Put them together as they are?", fmt.Sprintf("There are %s and %s. Look first whether a sheet was fed twice or left out; Ctrl+Z takes it back.",
			count(d.Fronts, "front", "fronts"), count(d.Backs, "back", "backs")), "Put them together", s.interleave)
	}
}

func (s *captureScreen) interleave() {
	core, id := s.w.core, s.of
	what := ""
	s.changed = true
	act(s.w.bridge, func(ctx context.Context) (err error) {
		what, err = core.Interleave(ctx, id)
		return err
	}, func(err error) {
		if err != nil {
			s.w.fail("Put fronts and backs together", err)
		} else {
			s.duplex = duplex{}
			s.w.say("%s", what)
		}
		s.reload()
		s.fill()
	})
}

// afterDuplex looks how far it is after a run; when all backs are in it is over.
func (s *captureScreen) afterDuplex(r *run, err error) {
	if s.duplex.step == noDuplex || r.request.Side == "" {
		return
	}
	s.askDuplex(func(d workbench.DuplexState) {
		if r.request.Side == scan.Back && err == nil && d == (workbench.DuplexState{}) {
			s.duplex.step = duplexFronts // the next pile
			if p, ok := s.profile(); !ok || p.Duplex != "manual" {
				s.duplex = duplex{}
			}
		}
	})
}

// fillGuide says what to do next with the pile.
func (s *captureScreen) fillGuide() {
	g := s.side.guide
	g.Objects = nil
	d := s.duplex
	show(g, d.step != noDuplex)
	if d.step == noDuplex {
		return
	}
	step := func(n int, words string, on, done bool) {
		icon, tone := theme.RadioButtonIcon(), parts.Muted
		switch {
		case done:
			icon, tone = theme.ConfirmIcon(), parts.Good
		case on:
			icon, tone = theme.RadioButtonCheckedIcon(), parts.Accent
		}
		t := parts.NewText(fmt.Sprintf("%d. %s", n, words), tone, 13, 60)
		if on {
			t.Bold()
		}
		box := container.New(layout.NewGridWrapLayout(fyne.NewSquareSize(16)), widget.NewIcon(tone.Tint(icon)))
		g.Objects = append(g.Objects, container.NewBorder(nil, nil, container.NewCenter(box), nil, container.New(layout.NewCustomPaddedLayout(0, 0, 5, 0), t)))
	}
	fronts, backs := d.step == duplexFronts, d.step == duplexBacks
	g.Objects = append(g.Objects, parts.NewText("Both sides by hand", parts.Muted, 11, 60))
	step(1, "All fronts: "+fmt.Sprint(d.state.Fronts), fronts, backs)
	step(2, "Turn the whole pile over", fronts && d.state.Fronts > 0, backs)
	step(3, fmt.Sprintf("All backs: %d of %d", d.state.Backs, d.state.Fronts), backs, false)
	hint := "Space scans the fronts; D when all are in and the pile is turned. Esc leaves it."
	if fronts && d.state.Fronts == 0 {
		hint = "Space scans the fronts. D or Esc leaves it."
	}
	if backs {
		hint = "The last sheet comes first. Space scans the backs; they are put in between by themselves."
		if d.state.Backs > 0 && d.state.Backs != d.state.Fronts {
			hint = "The numbers differ: scan what is missing, or D puts them together as they are."
		}
	}
	g.Objects = append(g.Objects, prose(hint))
	g.Refresh()
}
