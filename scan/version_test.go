package scan

import (
	"errors"
	"slices"
	"strings"
	"testing"
)

// A program knows the versions of its table and refuses all else, each by its name.
func TestVersions(t *testing.T) {
	for _, stage := range Stages {
		if v := Versions[stage]; len(v) == 0 || !slices.IsSorted(v) || v[0] != 0 {
			t.Errorf("versions of %s are %v: all that were ever released stay known, from 0", stage, v)
		}
	}
	if len(Versions) != len(Stages) {
		t.Errorf("%d stages have versions, there are %d", len(Versions), len(Stages))
	}
	deskew := Versions[DeskewStage]
	defer func() { Versions[DeskewStage] = deskew }()
	Versions[DeskewStage] = []int{0, 1}
	of := func(stage Stage, version int, manual bool) Recipe {
		return Recipe{{Stage: OrientStage, Params: []byte(`{"degrees":90}`)}, {Stage: stage, Version: version, Params: []byte(`{"degrees":1}`), Manual: manual}}
	}
	for _, c := range []struct {
		recipe          Recipe
		refused         string // what its error must name
		outdated, isNew bool
	}{
		{of(DeskewStage, 1, false), "", false, true},
		{of(DeskewStage, 1, true), "", false, true},
		{of(DeskewStage, 0, false), "", true, false},
		{of(DeskewStage, 0, true), "", false, false},
		{of(DeskewStage, 2, false), `"deskew" is of version 2`, false, false},
		{of(DeskewStage, 2, true), `"deskew" is of version 2`, false, false},
		{of(DeskewStage, -1, true), `"deskew" is of version -1`, false, false},
		{of("polish", 0, true), `"polish"`, false, false},
	} {
		err := c.recipe.Known()
		var typed *VersionError
		if (err != nil) != (c.refused != "") {
			t.Errorf("%v: %v", c.recipe, err)
		} else if err != nil && (!errors.As(err, &typed) || !errors.Is(err, ErrNewerStep) || typed.Stage != c.recipe[1].Stage || !strings.Contains(err.Error(), c.refused)) {
			t.Errorf("%q does not name %s", err, c.refused)
		}
		if err == nil && c.recipe.Outdated() != c.outdated {
			t.Errorf("%v is outdated: %v", c.recipe, !c.outdated)
		}
		if s := NewStep(DeskewStage, Deskew{1, 0}, true); c.isNew != (s.Version == c.recipe[1].Version) && c.refused == "" {
			t.Errorf("a new step is of version %d", s.Version)
		}
	}
	// What two pages hang on is not proposed anew.
	half := Recipe{{Stage: SplitStage, Params: []byte(`{"part":1,"at":9}`)}}
	split := Versions[SplitStage]
	defer func() { Versions[SplitStage] = split }()
	Versions[SplitStage] = []int{0, 1}
	if half.Outdated() {
		t.Error("the cut of a spread would be made anew")
	}
	whole := Recipe{{Stage: SplitStage, Params: []byte(`{"part":0}`)}}
	if !whole.Outdated() {
		t.Error("that a picture is no spread is not looked at again")
	}
	// A reading under another version is not one under this.
	then := Recipe{{Stage: DeskewStage, Params: []byte(`{"degrees":1}`), Manual: true}}
	if now := (Recipe{NewStep(DeskewStage, Deskew{Degrees: 1}, true)}); then.Fits(now) || !then.Fits(then) {
		t.Error("versions are taken for each other")
	}
}
