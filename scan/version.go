package scan

import (
	"errors"
	"fmt"
	"slices"
)

// Versions are those of each stage that this program applies, oldest first; new steps get
// the last. It is the one table of them. Who changes what a stage makes of its parameters
// adds a version here, keeps the code of the one before, and chooses between them where
// the stage is applied (scan/prepare; for ReadStage app/worker): recipes are stored for
// decades, and each is applied as it was meant. Golden pixels in scan/prepare watch over it.
var Versions = map[Stage][]int{
	OrientStage: {0}, SplitStage: {0}, DeskewStage: {0}, CropStage: {0}, DewarpStage: {0},
	ToneStage: {0}, LinesStage: {0}, DespeckleStage: {0}, ScaleStage: {0}, ReadStage: {0},
}

func newest(stage Stage) int {
	v := Versions[stage]
	if len(v) == 0 {
		return 0
	}
	return v[len(v)-1]
}

// ErrNewerStep is wrapped by every [VersionError].
var ErrNewerStep = errors.New("prepared by a newer Recto")

// VersionError is a step that this program does not know how to apply. To leave it out or
// to take it for one of another version would show another page.
type VersionError struct {
	Stage   Stage `json:"stage"`
	Version int   `json:"version"`
}

func (e *VersionError) Error() string {
	if len(Versions[e.Stage]) == 0 {
		return fmt.Sprintf("%v: its stage %q (version %d) is not known to this one", ErrNewerStep, e.Stage, e.Version)
	}
	return fmt.Sprintf("%v: its stage %q is of version %d, and this one knows versions up to %d", ErrNewerStep, e.Stage, e.Version, newest(e.Stage))
}

// Unwrap gives ErrNewerStep.
func (e *VersionError) Unwrap() error { return ErrNewerStep }

// Known tells whether this program can apply every step: a *VersionError names the first
// that it cannot. Ask it before a recipe is applied.
func (r Recipe) Known() error {
	for _, s := range r {
		if !slices.Contains(Versions[s.Stage], s.Version) {
			return &VersionError{s.Stage, s.Version}
		}
	}
	return nil
}

// Outdated tells whether a step that nobody set is of an older version than what would be
// proposed today: like one whose basis has changed, it is to be proposed anew. Steps set
// by hand stay as they were meant. So does the cut of a spread and the turn before it:
// two pages hang on them.
func (r Recipe) Outdated() bool {
	split, _ := Find[Split](r, SplitStage)
	for _, s := range r {
		bound := split.Part != 0 && (s.Stage == SplitStage || s.Stage == OrientStage)
		if !s.Manual && !bound && s.Version < newest(s.Stage) {
			return true
		}
	}
	return false
}
