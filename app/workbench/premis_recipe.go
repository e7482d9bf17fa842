package workbench

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"

	"recto/archive/premis"
	"recto/scan"
)

// In PREMIS the recipe of a page is told as JSON, in details of the event that it comes
// from: one that begins it and one for each step, so that the same pixels can be made of
// the master again by whoever has nothing but the package.
type begunRecipe struct {
	Page        scan.PageID      `json:"page"`
	Orientation scan.Orientation `json:"orientation"` // of the master, TIFF tag 274: applied before the steps
	Steps       int              `json:"steps"`
}

type toldStep struct {
	Page       scan.PageID     `json:"page"`
	Step       int             `json:"step"` // from 1
	Stage      scan.Stage      `json:"stage"`
	Version    int             `json:"version"`
	Params     json.RawMessage `json:"params"`
	ByHand     bool            `json:"by_hand"`
	Confidence *float64        `json:"confidence,omitempty"` // of an automatic step, as its stage counts it
}

// inXML escapes what JSON may hold and XML may not.
var inXML = strings.NewReplacer("\ufffe", `\ufffe`, "\uffff", `\uffff`)

// recipeOf tells a page's recipe.
func recipeOf(page PageInfo) []string {
	tell := func(v any) string {
		b, err := json.Marshal(v)
		if err != nil {
			panic(err) // parameters were JSON when they came
		}
		return inXML.Replace(string(b))
	}
	out := []string{tell(begunRecipe{page.ID, page.Orientation, len(page.Recipe)})}
	for i, s := range page.Recipe {
		t := toldStep{Page: page.ID, Step: i + 1, Stage: s.Stage, Version: s.Version, Params: s.Params, ByHand: s.Manual}
		var sure struct {
			Confidence *float64 `json:"confidence"`
		}
		if json.Unmarshal(s.Params, &sure) == nil && !s.Manual {
			t.Confidence = sure.Confidence
		}
		out = append(out, tell(t))
	}
	return out
}

// ToldRecipe is a page's recipe as a package's premis.xml has it.
type ToldRecipe struct {
	Page        scan.PageID
	Master      string           // file in the package's payload that the page is seen of: "masters/0001.tif"
	Orientation scan.Orientation // to be applied before the recipe
	Recipe      scan.Recipe
}

// ReadRecipes gives the recipes of all pages that a premis.xml of Recto tells of, in its
// order. Recipes that are not whole are an error; steps of versions that this program does
// not know are none ([scan.Recipe.Known]).
func ReadRecipes(r io.Reader) ([]ToldRecipe, error) {
	d, err := premis.Read(r)
	if err != nil {
		return nil, err
	}
	whole := map[premis.Identifier]string{} // files, and parts of them
	for _, o := range d.Objects {
		for _, id := range o.ID {
			whole[id] = o.ID[0].Value
			if o.Bitstream && len(o.Relations) > 0 {
				whole[id] = o.Relations[0].Objects[0].Value
			}
		}
	}
	var out []ToldRecipe
	for _, e := range d.Events {
		master := ""
		if i := slices.IndexFunc(e.Objects, func(l premis.Link) bool { return l.Role == "source" }); i >= 0 {
			master = whole[e.Objects[i].ID]
		}
		begun := -1
		var left int
		for _, detail := range e.Details {
			var b begunRecipe
			var s toldStep
			if !strings.HasPrefix(detail, `{"page":`) || json.Unmarshal([]byte(detail), &s) != nil || json.Unmarshal([]byte(detail), &b) != nil {
				continue
			}
			if s.Stage == "" {
				if left > 0 {
					break
				}
				begun, left = len(out), b.Steps
				out = append(out, ToldRecipe{Page: b.Page, Orientation: b.Orientation, Master: master})
				continue
			}
			if begun < 0 || s.Page != out[begun].Page || s.Step != len(out[begun].Recipe)+1 {
				return nil, fmt.Errorf("PREMIS event %s: step %d of page %s stands out of its order", e.ID.Value, s.Step, s.Page)
			}
			out[begun].Recipe = append(out[begun].Recipe, scan.Step{Stage: s.Stage, Version: s.Version, Params: s.Params, Manual: s.ByHand})
			left--
		}
		if left != 0 {
			return nil, fmt.Errorf("PREMIS event %s: the recipe of page %s lacks steps", e.ID.Value, out[begun].Page)
		}
	}
	return out, nil
}

// readable makes sure that the recipes of pages come out of a premis.xml as they are.
func readable(b []byte, pages []PageInfo) error {
	told, err := ReadRecipes(bytes.NewReader(b))
	if err != nil {
		return err
	}
	byPage := map[scan.PageID]scan.Recipe{}
	for _, t := range told {
		byPage[t.Page] = append(scan.Recipe{}, t.Recipe...)
	}
	for i, page := range pages {
		if page.State != scan.Done && page.State != scan.Blank {
			continue
		}
		if is := byPage[page.ID]; is == nil || !slices.EqualFunc(is, page.Recipe, sameStep) {
			return fmt.Errorf("the recipe of page %d cannot be told: %v became %v", i+1, page.Recipe, is)
		}
	}
	return nil
}

// sameStep tells whether two steps say the same, however their parameters are written.
func sameStep(a, b scan.Step) bool {
	var x, y any
	return a.Stage == b.Stage && a.Version == b.Version && a.Manual == b.Manual &&
		json.Unmarshal(a.Params, &x) == nil && json.Unmarshal(b.Params, &y) == nil && reflect.DeepEqual(x, y)
}
