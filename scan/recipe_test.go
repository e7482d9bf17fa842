package scan

import (
	"errors"
	"strings"
	"testing"
)

// A step that this program does not know is refused by name, and never taken for another.
func TestRecipeCheck(t *testing.T) {
	known := Recipe{NewStep(OrientStage, Orient{Degrees: 90}, true)}
	for _, stage := range Stages {
		if _, listed := newest[stage]; !listed {
			t.Errorf("no version of stage %s is known", stage)
		}
		if err := (Recipe{{Stage: stage, Version: newest[stage]}}).Check(); err != nil {
			t.Errorf("%s: %v", stage, err)
		}
	}
	for _, s := range []Step{{Stage: DeskewStage, Version: newest[DeskewStage] + 1}, {Stage: "unfold"}, {Stage: ToneStage, Version: -1}} {
		err := append(known, s).Check()
		if !errors.Is(err, ErrNewerStep) || !strings.Contains(err.Error(), string(s.Stage)) {
			t.Errorf("%+v: %v", s, err)
		}
	}
	if err := known.Check(); err != nil {
		t.Error(err)
	}
}
