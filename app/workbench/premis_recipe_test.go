package workbench

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"recto/archive/premis"
	"recto/scan"
)

// TestReadRecipes: recipes come out of a premis.xml as they went in, whatever their
// parameters hold; one that lacks a step is none.
func TestReadRecipes(t *testing.T) {
	hostile := "]]>&<\ufffe\uffff\x00\r\n\u2028\"\\"
	a := PageInfo{Page: scan.Page{ID: "a", Orientation: 6}, State: scan.Done, Recipe: scan.Recipe{
		scan.NewStep(scan.OrientStage, scan.Orient{Degrees: 90, Confidence: 0.5}, false),
		{Stage: scan.DeskewStage, Version: 7, Params: json.RawMessage(`{ "degrees": 1e-3 }`), Manual: true},
		scan.NewStep(scan.ReadStage, scan.Read{Words: []string{hostile}}, true),
	}}
	b := PageInfo{Page: scan.Page{ID: "b"}, State: scan.Blank} // nothing was done to it
	document := func(details ...[]string) []byte {
		d := premis.Document{Objects: []premis.Object{{ID: []premis.Identifier{inPackage("masters/0001.tif"), uid("a")}, Format: "image/tiff"}}}
		for i, list := range details {
			d.Events = append(d.Events, premis.Event{
				ID: uid(string(rune('1' + i))), Type: "creation", Time: time.Unix(0, 0), Details: append([]string{"words: " + hostile, `{"other":1}`}, list...),
				Objects: []premis.Link{{ID: uid("a"), Role: "source"}},
			})
		}
		return d.XML()
	}
	whole := document(recipeOf(a), recipeOf(b))
	if err := readable(whole, []PageInfo{a, b}); err != nil {
		t.Error(err)
	}
	got, err := ReadRecipes(bytes.NewReader(whole))
	if err != nil || len(got) != 2 || got[0].Orientation != 6 || got[0].Master != "masters/0001.tif" || got[0].Recipe[1].Version != 7 {
		t.Fatalf("%+v %v", got, err)
	}
	if r, _ := scan.Find[scan.Read](got[0].Recipe, scan.ReadStage); r.Words[0] != hostile {
		t.Errorf("%q became %q", hostile, r.Words[0])
	}
	if told := strings.Join(recipeOf(a), "\n"); !strings.Contains(told, `"by_hand":false,"confidence":0.5`) || strings.Contains(told, "\ufffe") {
		t.Errorf("told as %s", told)
	}
	other := a
	other.Recipe = slices.Clone(a.Recipe)
	other.Recipe[1].Version = 0
	for _, p := range []PageInfo{other, {Page: scan.Page{ID: "c"}, State: scan.Done}} {
		if readable(whole, []PageInfo{p}) == nil {
			t.Errorf("%v is not what was told", p.Recipe)
		}
	}
	all := recipeOf(a)
	for name, details := range map[string][]string{
		"the last is missing": all[:3], "the first is missing": append([]string{all[0]}, all[2:]...), "without a beginning": all[1:],
		"out of order": {all[0], all[2], all[1], all[3]}, "broken off": append(slices.Clone(all[:2]), recipeOf(b)...), "one too many": append(slices.Clone(all), all[3]),
	} {
		if got, err := ReadRecipes(bytes.NewReader(document(details))); err == nil {
			t.Errorf("%s: %+v", name, got)
		}
	}
}
