package main

import (
	"context"
	"errors"
	"image"
	"math"
	"path/filepath"
	"testing"

	"recto/app/workbench"
	"recto/scan"
)

// TestTrial: a preparation that is tried on a page shows what setting it and reading
// again makes of it, and leaves no trace.
func TestTrial(t *testing.T) {
	skewed := shared(t, "scans", "derived", "Lettre43_skew+2.5.jpg")
	spread := shared(t, "scans", "derived", "kant_double.jpg")
	dir := filepath.Join(t.TempDir(), "a")
	recto(t, "digitise", "--archive", dir, "--batch", "Read", "--title", "Read", skewed).want(t, 0)
	recto(t, "import", "--archive", dir, "--batch", "New", spread).want(t, 0)
	recto(t, "import", "--archive", dir, "--batch", "Photo", shared(t, "scans", "page_dewarp", "boston_cooking_b.jpg")).want(t, 0)
	ctx := context.Background()
	w, err := workbench.Open(ctx, dir, workbench.Options{Program: program, Actor: "anna", Jobs: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	pages := func(batch string) []workbench.PageInfo {
		t.Helper()
		b, err := w.Batch(ctx, batch)
		if err != nil {
			t.Fatal(err)
		}
		all, err := w.Pages(ctx, b.ID, false)
		if err != nil || len(all) == 0 {
			t.Fatal(len(all), err)
		}
		return all
	}
	try := func(id scan.PageID, trial workbench.Trial) workbench.Tried {
		t.Helper()
		tried, err := w.TryPreparation(ctx, id, trial)
		if err != nil {
			t.Fatal(err)
		}
		return tried
	}
	shapeOf := func(what string, img image.Image, want image.Point) {
		t.Helper()
		if img == nil {
			t.Fatalf("%s: no picture", what)
		}
		size := img.Bounds().Size()
		if a, b := float64(size.X)/float64(size.Y), float64(want.X)/float64(want.Y); math.Abs(a-b) > 0.01 || max(size.X, size.Y) > 900 {
			t.Errorf("%s is %v, of %v", what, size, want)
		}
	}
	events := func() int {
		t.Helper()
		all, err := w.Events(ctx, "", 0)
		if err != nil {
			t.Fatal(err)
		}
		return len(all)
	}
	before := events()

	// As it was read.
	page := pages("Read")[0]
	as := try(page.ID, workbench.Trial{Before: true, Longest: 900})
	if !as.Recipe.Equal(page.Recipe) || len(as.Set) != 0 {
		t.Errorf("it is shown as %s, and was read as %s; set: %v", as.Recipe, page.Recipe, as.Set)
	}
	d, _ := scan.Find[scan.Deskew](as.Found, scan.DeskewStage)
	if math.Abs(d.Degrees+2.5) > 0.6 || d.Confidence < 3 {
		t.Errorf("found %+v on a page turned by 2.5 degrees", d)
	}
	shapeOf("before", as.Before, as.Size)
	shapeOf("after", as.After, page.Frame())
	if _, grey := as.Reading.(*image.Gray); !grey {
		t.Errorf("it is read in grey, and shown as %T", as.Reading)
	}
	if as.Before.Bounds().Dx()*as.Size.Y-as.Before.Bounds().Dy()*as.Size.X > as.Size.Y || as.Size != page.Pixels {
		t.Errorf("the master is %v, its picture %v", as.Size, as.Before.Bounds())
	}

	// As it would be; what is found by itself is told as well.
	set := workbench.Preparation{Set: scan.Recipe{scan.NewStep(scan.DeskewStage, scan.Deskew{Degrees: 3}, true), scan.NewStep(scan.CropStage, scan.Crop{Left: 200, Top: 300, Right: 1800, Bottom: 2300}, true)}}
	would := try(page.ID, workbench.Trial{Preparation: set, Longest: 900})
	if would.Recipe.Skew() != 3 || would.Before != nil {
		t.Errorf("straightened by 3 degrees: %s, %v", would.Recipe, would.Before)
	}
	shapeOf("cropped", would.After, image.Pt(1600, 2000))
	if f, _ := scan.Find[scan.Deskew](would.Found, scan.DeskewStage); f != d {
		t.Errorf("beside a setting %+v is found, without it %+v", f, d)
	}
	local := try(page.ID, workbench.Trial{Preparation: workbench.Preparation{Set: scan.Recipe{scan.NewStep(scan.ToneStage, scan.Tone{Reading: scan.LocalTone}, true)}}, Longest: 900})
	if a, b := contrast(local.Reading), contrast(as.Reading); a < 2*b {
		t.Errorf("black and white has %.2f of its pixels near the ends, grey %.2f", a, b)
	}

	// A spread that nobody has read: either page of it.
	fresh := pages("New")[0]
	left := try(fresh.ID, workbench.Trial{Longest: 900})
	cut, _ := scan.Find[scan.Split](left.Recipe, scan.SplitStage)
	if cut.Part != 1 || cut.Confidence == 0 {
		t.Fatalf("a spread is found to be %+v", cut)
	}
	at := cut.At
	right := try(fresh.ID, workbench.Trial{Spread: &at, Second: true, Longest: 900})
	if s, _ := scan.Find[scan.Split](right.Recipe, scan.SplitStage); s.Part != 2 || s.At != at {
		t.Errorf("its right page: %+v", s)
	}
	whole := 0
	one := try(fresh.ID, workbench.Trial{Spread: &whole, Longest: 900})
	if s, _ := scan.Find[scan.Split](one.Recipe, scan.SplitStage); s.Part != 0 || one.After.Bounds().Dx() <= one.After.Bounds().Dy() {
		t.Errorf("as one page: %+v, %v", s, one.After.Bounds())
	}

	// Bent lines are left as they are where somebody says so, and are told all the same.
	photo := pages("Photo")[0]
	bent := try(photo.ID, workbench.Trial{Longest: 900})
	flat := try(photo.ID, workbench.Trial{Preparation: workbench.Preparation{Set: scan.Recipe{scan.NewStep(scan.DewarpStage, scan.Dewarp{}, true)}}, Longest: 900})
	for what, c := range map[string]struct {
		recipe scan.Recipe
		bent   bool
	}{"found and done": {bent.Recipe, true}, "found": {bent.Found, true}, "not done": {flat.Recipe, false}, "found beside that": {flat.Found, true}} {
		if d, _ := scan.Find[scan.Dewarp](c.recipe, scan.DewarpStage); len(d.Up) > 0 != c.bent {
			t.Errorf("bent lines, %s: %+v", what, d)
		}
	}

	// What makes no sense, and what nobody waits for.
	bad := 10
	for _, trial := range []workbench.Trial{{Spread: &bad}, {Preparation: workbench.Preparation{Set: scan.Recipe{scan.NewStep(scan.DeskewStage, scan.Deskew{Degrees: 50}, true)}}}} {
		if _, err := w.TryPreparation(ctx, fresh.ID, trial); !errors.Is(err, workbench.ErrUsage) {
			t.Errorf("%+v gives %v", trial, err)
		}
	}
	gone, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := w.TryPreparation(gone, page.ID, workbench.Trial{}); !errors.Is(err, context.Canceled) {
		t.Errorf("given up: %v", err)
	}
	if n := events(); n != before {
		t.Errorf("trying left %d events", n-before)
	}
	if now := pages("Read")[0]; now.State != scan.Done || len(now.ByHand) != 0 {
		t.Errorf("trying left %s, %s", now.State, now.ByHand)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "tmp", "try-*")); len(left) != 0 {
		t.Errorf("trying left %q", left)
	}

	// Set and read: it is what was tried, and who set it is known.
	if _, err := w.PreparePages(ctx, []scan.PageID{page.ID}, set); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Process(ctx, workbench.ProcessRequest{Batch: page.Batch}, nil); err != nil {
		t.Fatal(err)
	}
	if got := pages("Read")[0].Recipe.Place(); !got.Equal(would.Recipe.Place()) {
		t.Errorf("it was tried as %s, and came to be %s", would.Recipe.Place(), got)
	}
	now := try(page.ID, workbench.Trial{Longest: 900})
	if h := now.Set[scan.DeskewStage]; h.Who != "anna" || h.When.IsZero() || now.Set[scan.OrientStage] != (workbench.Hand{}) {
		t.Errorf("set by %+v", now.Set)
	}
}

// contrast is the share of a picture's pixels that are nearly black or nearly white.
func contrast(img image.Image) float64 {
	g := img.(*image.Gray)
	n := 0
	for _, v := range g.Pix {
		if v < 16 || v > 240 {
			n++
		}
	}
	return float64(n) / float64(len(g.Pix))
}
