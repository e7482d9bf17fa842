package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"recto/app/workbench"
	"recto/app/worker"
	"recto/archive"
	"recto/archive/premis"
	"recto/ocr"
	"recto/scan"
)

// hand is somebody who works on an archive, one call at a time.
type hand struct {
	*testing.T
	dir   string
	batch scan.BatchID
}

// as does something as this person.
func (h *hand) as(who string, do func(context.Context, *workbench.Workbench) error) {
	h.Helper()
	w, err := workbench.Open(h.Context(), h.dir, workbench.Options{Program: program, Actor: who, Jobs: 1})
	if err != nil {
		h.Fatal(err)
	}
	defer w.Close()
	b, err := w.Batch(h.Context(), "B")
	if err != nil {
		h.Fatal(err)
	}
	h.batch = b.ID
	if err := do(h.Context(), w); err != nil {
		h.Fatalf("%s: %v", who, err)
	}
}

func (h *hand) sets(who string, id scan.PageID, steps ...scan.Step) {
	h.Helper()
	h.as(who, func(ctx context.Context, w *workbench.Workbench) error {
		_, err := w.PreparePages(ctx, []scan.PageID{id}, workbench.Preparation{Set: steps})
		return err
	})
}

func (h *hand) corrects(who string, id scan.PageID, nth int, to string) {
	h.Helper()
	h.as(who, func(ctx context.Context, w *workbench.Workbench) error {
		t, err := w.Text(ctx, id)
		if err != nil {
			return err
		}
		for place := range t.Places() {
			if nth--; nth < 0 {
				_, err := w.EditText(ctx, id, "correct a word", ocr.Set(place, to))
				return err
			}
		}
		return errors.New("there are not so many words")
	})
}

func (h *hand) undoes(who string) {
	h.Helper()
	h.as(who, func(ctx context.Context, w *workbench.Workbench) error {
		_, err := w.Undo(ctx, h.batch)
		return err
	})
}

func (h *hand) reads() {
	h.Helper()
	h.as("reader", func(ctx context.Context, w *workbench.Workbench) error {
		_, err := w.Process(ctx, workbench.ProcessRequest{Batch: h.batch}, nil)
		return err
	})
}

// packed makes a document of the batch, delivers it twice, and gives the first package's
// payload and what its PREMIS says.
func (h *hand) packed(title string) (data string, d premis.Document) {
	h.Helper()
	var packages []string
	h.as("packer", func(ctx context.Context, w *workbench.Workbench) error {
		doc, err := w.MakeDocument(ctx, workbench.DocumentRequest{Batch: h.batch, Title: title}, nil)
		if err != nil {
			return err
		}
		for range 2 {
			out, err := w.Export(ctx, workbench.ExportRequest{Documents: []archive.DocumentID{doc.ID}, Format: "bagit", To: filepath.Join(h.TempDir(), "to")}, nil)
			if err != nil || out[0].Err != nil {
				return errors.Join(err, out[0].Err)
			}
			packages = append(packages, string(out[0].Package))
		}
		return nil
	})
	for _, same := range []string{"manifest-sha512.txt", "data/metadata/preservation/premis.xml"} {
		if !bytes.Equal(read(h.T, filepath.Join(packages[0], same)), read(h.T, filepath.Join(packages[1], same))) {
			h.Errorf("two packages of the same document differ in %s", same)
		}
	}
	data = filepath.Join(packages[0], "data")
	file := filepath.Join(data, "metadata", "preservation", "premis.xml")
	d, err := premis.Read(bytes.NewReader(read(h.T, file)))
	if err != nil {
		h.Fatal(err)
	}
	cmd := exec.Command(tool(h.T, "xmllint"), "--nonet", "--noout", "--schema", filepath.Join(shared(h.T, "schemas"), "premis-3.0.xsd"), file)
	cmd.Env = append(os.Environ(), "XML_CATALOG_FILES="+filepath.Join(shared(h.T, "schemas"), "catalog.xml"))
	if out, err := cmd.CombinedOutput(); err != nil {
		h.Errorf("%v: %s", err, out)
	}
	return data, d
}

// deeds lists the events of people, each as "who: type: details".
func deeds(d premis.Document) (out []string) {
	for _, e := range d.Events {
		for _, a := range e.Agents {
			if a.Role == "implementer" && e.Type != "ingestion" {
				out = append(out, a.ID.Value+": "+e.Type+": "+strings.Join(e.Details, "; "))
			}
		}
	}
	return out
}

// TestPremis: a package tells in PREMIS of its files and of all that was done to the pages
// and holds: recipes step by step, by whom, what read them, what was corrected. Pages that
// are prepared anew from nothing but the package are the same to the pixel.
func TestPremis(t *testing.T) {
	dir, ids := reader(t, "letter-1.jpg", "title.png")
	h := &hand{T: t, dir: dir}
	spread, page := scan.PageID(ids[0]), scan.PageID(ids[1])
	anna, berta := "Anna \"<&>\u202e\u0001", "Berta %s"
	deskew := func(degrees float64) scan.Step {
		return scan.NewStep(scan.DeskewStage, scan.Deskew{Degrees: degrees}, true)
	}
	despeckle := func(size int) scan.Step { return scan.NewStep(scan.DespeckleStage, scan.Despeckle{Size: size}, true) }

	// Carl's angles were undone, also the one that is Anna's; Berta set her specks anew.
	h.sets(anna, page, deskew(0.7), despeckle(3))
	h.sets("Carl", page, deskew(1.1))
	h.sets("Carl", page, deskew(0.7))
	h.undoes(anna)
	h.undoes(anna)
	h.sets(berta, page, despeckle(2))
	h.as(anna, func(ctx context.Context, w *workbench.Workbench) error {
		return w.SplitSpreads(ctx, []scan.PageID{spread}, 600)
	})
	h.reads()
	var right scan.PageID
	h.as(berta, func(ctx context.Context, w *workbench.Workbench) error {
		pages, err := w.Pages(ctx, h.batch, false)
		right = pages[1].ID
		return err
	})
	h.sets(berta, right, deskew(1.25), scan.NewStep(scan.ReadStage, scan.Read{Languages: []string{"eng"}, Words: []string{"]]>&<b>", "\ufffe日本"}}, true))
	h.reads()
	// Berta's word became Carl's and then Berta's again, which was undone.
	h.corrects(anna, page, 0, "Quittenwurm")
	h.corrects(berta, page, 1, "Birnen")
	h.corrects("Carl", page, 1, "Pflaumen")
	h.corrects("Carl", page, 1, "Birnen")
	h.undoes(berta)
	h.undoes(anna)
	// The corrected text is carried to where the page lies now.
	h.sets(anna, page, scan.NewStep(scan.CropStage, scan.Crop{Left: -10, Top: -10, Right: 1300, Bottom: 1800}, true))

	title := "A \"title\" & <b>\u202eדבר % 日本"
	data, d := h.packed(title)

	events, agents, objects := map[premis.Identifier]bool{}, map[premis.Identifier]bool{}, map[premis.Identifier]bool{}
	kinds := map[string]int{}
	for _, e := range d.Events {
		if events[e.ID] {
			t.Errorf("event %s is told twice", e.ID)
		}
		events[e.ID] = true
		kinds[e.Type]++
	}
	for _, a := range d.Agents {
		agents[a.ID] = true
	}
	puids := map[string]string{"masters": "", "alto": "fmt/101", "pdf": "fmt/478"}
	for _, o := range d.Objects {
		for _, id := range o.ID {
			if objects[id] {
				t.Errorf("%s identifies two objects", id)
			}
			objects[id] = true
		}
	}
	parts := 0
	for _, o := range d.Objects {
		name := o.ID[0].Value
		for _, r := range o.Relations {
			for _, id := range r.Objects {
				if !objects[id] {
					t.Errorf("%s comes from %s, which is not told of", name, id)
				}
			}
			if !events[r.Event] {
				t.Errorf("%s was made by event %s, which is not told of", name, r.Event)
			}
		}
		if o.Bitstream {
			parts++
			if len(o.Relations) != 1 || o.Relations[0].SubType != "is part of" || o.Relations[0].Objects[0].Value != "masters/0001.jpg" {
				t.Errorf("the half %s is of %v", name, o.Relations)
			}
			continue
		}
		if _, err := os.Stat(filepath.Join(data, name)); err != nil {
			t.Errorf("told of, not there: %v", err)
		}
		folder, _, _ := strings.Cut(name, "/")
		if want := puids[folder]; o.PUID == "" || want != "" && o.PUID != want {
			t.Errorf("%s is of format %q", name, o.PUID)
		}
		if folder != "alto" && len(o.Fixity) != 2 {
			t.Errorf("%s has %d digests", name, len(o.Fixity))
		}
	}
	if parts != 2 {
		t.Errorf("%d halves of a spread", parts)
	}
	for folder := range puids {
		files, _ := os.ReadDir(filepath.Join(data, folder))
		for _, f := range files {
			if !objects[premis.Identifier{Type: "path in package", Value: folder + "/" + f.Name()}] {
				t.Errorf("%s is not told of", f.Name())
			}
		}
	}
	for _, e := range d.Events {
		for _, a := range e.Agents {
			if !agents[a.ID] {
				t.Errorf("agent %s is not told of", a.ID)
			}
		}
		for _, o := range e.Objects {
			if !objects[o.ID] {
				t.Errorf("an event is about %s, which is not told of", o.ID)
			}
		}
	}
	// Two masters; two halves made of one, three pages read, the PDF; two words corrected,
	// and their text carried.
	for kind, n := range map[string]int{"ingestion": 2, "message digest calculation": 2, "creation": 5, "metadata modification": 4, "modification": 3} {
		if kinds[kind] != n {
			t.Errorf("%d events of %s, want %d: %v", kinds[kind], kind, n, kinds)
		}
	}
	who := strings.ReplaceAll(anna, "\u0001", "\ufffd")
	of := "page " + string(page) + ": "
	want := []string{
		who + ": creation: page " + string(spread) + ": one of the two pages that the picture shows; page " + string(spread) + `: set by hand: split, version 0, {"part":1,"at":600}; page ` +
			string(right) + ": one of the two pages that the picture shows; page " + string(right) + `: set by hand: split, version 0, {"part":2,"at":600}`,
		berta + ": metadata modification: page " + string(right) + `: set by hand: deskew, version 0, {"degrees":1.25}; page ` + string(right) + ": set by hand: read, version 0, " +
			`{"languages":["eng"],"words":["]]\u003e\u0026\u003cb\u003e","\ufffe日本"]}`,
		who + ": metadata modification: " + of + `set by hand: deskew, version 0, {"degrees":0.7}`,
		berta + ": metadata modification: " + of + `set by hand: despeckle, version 0, {"size":2}`,
		who + ": modification: " + of + "text corrected: correct a word",
		berta + ": modification: " + of + "text corrected: correct a word",
		who + ": metadata modification: " + of + `set by hand: crop, version 0, {"left":-10,"top":-10,"right":1300,"bottom":1800}`,
	}
	if got := deeds(d); !slices.Equal(got, want) {
		t.Errorf("people did\n%s\nand not\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}

	h.again(data)
	again := recto(t, "export", "--archive", dir, "--to", filepath.Dir(filepath.Dir(data)), title).want(t, 0)
	if !strings.Contains(again.stdout, `"already": true`) && !strings.Contains(again.stdout, `"already":true`) {
		t.Errorf("the same document is packed anew: %s", again.stdout)
	}
}

// again prepares all pages of a package anew from what its PREMIS says, and compares them
// with those of the archive.
func (h *hand) again(data string) {
	h.Helper()
	told, err := workbench.ReadRecipes(bytes.NewReader(read(h.T, filepath.Join(data, "metadata", "preservation", "premis.xml"))))
	if err != nil {
		h.Fatal(err)
	}
	var pages []workbench.PageInfo
	h.as("reader", func(ctx context.Context, w *workbench.Workbench) error {
		pages, err = w.Pages(ctx, h.batch, false)
		return err
	})
	if len(told) != len(pages) {
		h.Fatalf("%d recipes of %d pages are told", len(told), len(pages))
	}
	pool := worker.NewPool(worker.Config{Command: []string{program, "worker"}})
	defer pool.Close()
	pictures := func(master string, o scan.Orientation, r scan.Recipe) (out [3][]byte) {
		h.Helper()
		var files [3]string
		for i := range files {
			files[i] = filepath.Join(h.TempDir(), "pixels")
		}
		if err := pool.Call(h.Context(), "view", worker.View{Master: scan.Path(master), Orientation: o, Recipe: r, Into: scan.Path(files[0])}, nil, nil); err != nil {
			h.Fatal(err)
		}
		ask := worker.Prepare{Master: scan.Path(master), Orientation: o, Recipe: append(scan.Recipe{}, r...), After: scan.Path(files[1]), Reading: scan.Path(files[2]), Longest: 1 << 16}
		if err := pool.Call(h.Context(), "prepare", ask, nil, nil); err != nil {
			h.Fatal(err)
		}
		for i := range out {
			out[i] = read(h.T, files[i])
		}
		return out
	}
	different := map[string]bool{}
	for _, p := range told {
		i := slices.IndexFunc(pages, func(q workbench.PageInfo) bool { return q.ID == p.Page })
		if i < 0 {
			h.Fatalf("page %s is in no archive", p.Page)
		}
		var was, is []any
		for _, list := range []struct {
			r  scan.Recipe
			to *[]any
		}{{pages[i].Recipe, &was}, {p.Recipe, &is}} {
			b, _ := json.Marshal(list.r)
			json.Unmarshal(b, list.to)
		}
		if !reflect.DeepEqual(was, is) || len(p.Recipe) < 2 {
			h.Errorf("page %d was prepared by %v and is told with %v", i+1, was, is)
		}
		made := pictures(filepath.Join(data, p.Master), p.Orientation, p.Recipe)
		kept := pictures(filepath.Join(h.dir, pages[i].Master), pages[i].Orientation, pages[i].Recipe)
		for k, what := range []string{"page", "preview", "picture for the recognition"} {
			if !bytes.Equal(made[k], kept[k]) || len(made[k]) < 10000 {
				h.Errorf("the %s of page %d is another one when made from the package", what, i+1)
			}
		}
		different[string(made[0])] = true
	}
	if len(different) != len(pages) {
		h.Error("different pages look alike")
	}
}
