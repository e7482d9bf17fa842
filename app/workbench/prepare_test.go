package workbench

import (
	"path/filepath"
	"testing"

	"recto/scan"
)

// What is said of the reading adds to what was set of it before; what is left to be found
// out again is gone, also where the same preparation sets something else of it.
func TestReadingIsSetInParts(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a")
	if err := Init(t.Context(), dir); err != nil {
		t.Fatal(err)
	}
	w := opened(t, dir, Options{Jobs: 1})
	taken, err := takeIn(t, w, sheets(t, 1, 1000), nil)
	if err != nil {
		t.Fatal(err)
	}
	read := func(r scan.Read) scan.Recipe { return scan.Recipe{scan.NewStep(scan.ReadStage, r, true)} }
	for i, c := range []struct {
		p       Preparation
		changed int
		layout  int
		words   int
	}{
		{Preparation{Set: read(scan.Read{Words: []string{"Abc", "Def"}})}, 1, 0, 2},
		{Preparation{Set: read(scan.Read{Layout: 6})}, 1, 6, 2},
		{Preparation{Set: read(scan.Read{Layout: 6})}, 0, 6, 2},
		{Preparation{Auto: []scan.Stage{scan.ReadStage}, Set: read(scan.Read{Layout: 4})}, 1, 4, 0},
		{Preparation{Auto: []scan.Stage{scan.ReadStage}}, 1, 0, 0},
	} {
		n, err := w.PreparePages(t.Context(), taken.Added, c.p)
		if err != nil {
			t.Fatal(err)
		}
		p, err := w.Page(t.Context(), taken.Added[0])
		if err != nil {
			t.Fatal(err)
		}
		got, _ := scan.Find[scan.Read](p.ByHand, scan.ReadStage)
		if n != c.changed || got.Layout != c.layout || len(got.Words) != c.words {
			t.Errorf("%d: %d changed, %+v", i, n, got)
		}
	}
}
