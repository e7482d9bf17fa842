package worker

import (
	"errors"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"recto/scan"
)

// A step of a version that this program does not know is refused by whatever applies
// recipes, and the parent hears of it as it was.
func TestNewerStep(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "page.png")
	f, err := os.Create(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := png.Encode(f, image.NewGray(image.Rect(0, 0, 300, 300))); err != nil {
		t.Fatal(err)
	}
	f.Close()
	p := NewPool(Config{Command: []string{os.Args[0], "worker"}})
	defer p.Close()
	master, into := scan.Path(file), scan.Path(filepath.Join(dir, "out"))
	known := scan.Recipe{scan.NewStep(scan.DeskewStage, scan.Deskew{Degrees: 1}, true)}
	if err := p.Call(t.Context(), "view", View{Master: master, Recipe: known, Into: into}, nil, nil); err != nil {
		t.Errorf("a version that is known: %v", err)
	}
	for _, step := range []scan.Step{
		{Stage: scan.DeskewStage, Version: 7, Params: []byte(`{"degrees":1}`), Manual: true},
		{Stage: scan.ToneStage, Version: 7, Params: []byte(`{"reading":"level"}`)},
		{Stage: "polish", Params: []byte(`{}`), Manual: true},
	} {
		r := scan.Recipe{step}
		for verb, ask := range map[string]any{
			"view":    View{Master: master, Recipe: r, Into: into},
			"read":    Read{Master: master, ByHand: r, Languages: []string{"eng"}, Rendition: into},
			"region":  Region{Master: master, Recipe: r, Box: image.Rect(0, 0, 100, 100), Languages: []string{"eng"}},
			"prepare": Prepare{Master: master, Recipe: r},
		} {
			err := p.Call(t.Context(), verb, ask, nil, nil)
			var newer *scan.VersionError
			if !errors.As(err, &newer) || newer.Stage != step.Stage || newer.Version != step.Version || !errors.Is(err, scan.ErrNewerStep) || !strings.Contains(err.Error(), string(step.Stage)) {
				t.Errorf("%s with %s of version %d: %v", verb, step.Stage, step.Version, err)
			}
		}
		for _, ask := range []Prepare{{Master: master, ByHand: r}, {Master: master, Known: r}} {
			if err := p.Call(t.Context(), "prepare", ask, nil, nil); !errors.Is(err, scan.ErrNewerStep) {
				t.Errorf("prepare with %s of version %d: %v", step.Stage, step.Version, err)
			}
		}
	}
}
