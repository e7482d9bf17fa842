package main

import (
	"os"
	"path/filepath"
	"reflect"
	"testing"
)

// TestArrange does what the window's Arrange does, takes it back after a restart,
// deletes the database, and finds everything again.
func TestArrange(t *testing.T) {
	dir := t.TempDir()
	archive := filepath.Join(dir, "a")
	in := []string{sample("title.png"), sample("letter-1.jpg"), sample("letter-2-verso.jpg"), sample("letter-10.jpg"), sample("bericht.tif")}
	recto(t, append([]string{"import", "--archive", archive, "--batch", "B"}, in...)...).want(t, 1) // no archive yet
	recto(t, "init", archive).want(t, 0)
	recto(t, append([]string{"import", "--archive", archive, "--batch", "B"}, in...)...).want(t, 0)
	order := func() []string {
		var names []string
		for _, p := range recto(t, "list", "pages", "--archive", archive, "--batch", "B").want(t, 0).list(t, "pages") {
			names = append(names, filepath.Base(p.(map[string]any)["source"].(string)))
		}
		return names
	}
	var ids []string
	for _, p := range recto(t, "list", "pages", "--archive", archive, "--batch", "B").list(t, "pages") {
		ids = append(ids, p.(map[string]any)["id"].(string))
	}
	expect := func(want ...string) {
		t.Helper()
		if got := order(); !reflect.DeepEqual(got, want) {
			t.Errorf("order %v\n want %v", got, want)
		}
	}
	expect("title.png", "letter-1.jpg", "letter-2-verso.jpg", "letter-10.jpg", "bericht.tif")
	page := func(verb string, args ...string) answer {
		t.Helper()
		return recto(t, append([]string{"page", verb, "--archive", archive}, args...)...)
	}
	// recto() puts --json behind the second word of page verbs.
	page("move", "--first", ids[4], ids[3]).want(t, 0)
	expect("bericht.tif", "letter-10.jpg", "title.png", "letter-1.jpg", "letter-2-verso.jpg")
	page("move", "--before", ids[1], ids[4]).want(t, 0)
	expect("letter-10.jpg", "title.png", "bericht.tif", "letter-1.jpg", "letter-2-verso.jpg")
	page("bin", ids[2], ids[0]).want(t, 0)
	expect("letter-10.jpg", "bericht.tif", "letter-1.jpg")
	page("restore", ids[0]).want(t, 0)
	expect("letter-10.jpg", "title.png", "bericht.tif", "letter-1.jpg")
	page("rotate", "--degrees", "90", ids[1]).want(t, 0)
	page("undo", "--batch", "B").want(t, 0) // the turn
	page("undo", ids[0]).want(t, 0)         // the restoring
	page("undo", ids[0]).want(t, 0)         // the bin
	page("undo", ids[0]).want(t, 0)         // the second move
	expect("bericht.tif", "letter-10.jpg", "title.png", "letter-1.jpg", "letter-2-verso.jpg")
	page("redo", "--batch", "B").want(t, 0)
	page("redo", "--batch", "B").want(t, 0)
	expect("letter-10.jpg", "bericht.tif", "letter-1.jpg")
	page("move", "--after", ids[1], ids[1]).want(t, 1)
	page("move", ids[1]).want(t, 2)
	page("rotate", "--degrees", "45", ids[1]).want(t, 2)
	page("bin", "nobody").want(t, 1)
	page("restore", "--batch", "B", "--odd").want(t, 2)
	page("restore", "--batch", "B").want(t, 0)
	expect("letter-10.jpg", "title.png", "bericht.tif", "letter-1.jpg", "letter-2-verso.jpg")
	page("restore", "--batch", "B").want(t, 1) // nothing is left in the bin
	page("undo", "--batch", "B").want(t, 0)
	expect("letter-10.jpg", "bericht.tif", "letter-1.jpg")

	recto(t, "process", "--archive", archive, "--batch", "B", "--lang", "eng+deu").want(t, 0)
	recto(t, "document", "--archive", archive, "--batch", "B", "--title", "Three leaves").want(t, 0)
	page("rotate", "--degrees", "180", ids[1]).want(t, 0)
	if s := recto(t, "show", "--archive", archive, ids[1]).text(t, "page.state"); s != "new" {
		t.Errorf("a turned page is %s", s)
	}
	recto(t, "process", "--archive", archive, "--batch", "B").want(t, 0)
	if r := recto(t, "show", "--archive", archive, ids[1]).text(t, "page.recipe"); len(r) < 10 || r[:10] != "orient 180" {
		t.Errorf("recipe %q", r)
	}

	// All of it is on disk: without the database nothing is lost.
	look := func() [](any) {
		var all []any
		for _, args := range [][]string{
			{"list", "pages", "--archive", archive, "--batch", "B"}, {"list", "bin", "--archive", archive, "--batch", "B"},
			{"list", "--archive", archive}, {"show", "--archive", archive, ids[1]}, {"show", "--archive", archive, "Three leaves"},
			{"search", "--archive", archive, "slates"},
		} {
			all = append(all, recto(t, args...).want(t, 0).json)
		}
		return all
	}
	before := look()
	for _, f := range []string{"catalogue.db", "catalogue.db-wal", "catalogue.db-shm"} {
		os.Remove(filepath.Join(archive, f))
	}
	r := recto(t, "rebuild", "--archive", archive).want(t, 0)
	if r.at(t, "pages").(float64) != 5 {
		t.Error(r.stdout)
	}
	after := look()
	for i := range before {
		if !reflect.DeepEqual(before[i], after[i]) {
			t.Errorf("rebuilt catalogue differs:\n%v\n%v", before[i], after[i])
		}
	}
	page("undo", "--batch", "B").want(t, 0) // the undo stack as well
	recto(t, "verify", "--archive", archive).want(t, 0)
}

// TestLostJournal loses database and journal: masters and sidecars alone still
// bring back every page, its batch and the order of capture.
func TestLostJournal(t *testing.T) {
	dir := t.TempDir()
	archive := filepath.Join(dir, "a")
	recto(t, "init", archive).want(t, 0)
	recto(t, "import", "--archive", archive, "--batch", "Letters", sample("letter-10.jpg"), sample("letter-1.jpg"), sample("title.png")).want(t, 0)
	os.RemoveAll(filepath.Join(archive, "journal"))
	os.Remove(filepath.Join(archive, "catalogue.db"))
	recto(t, "rebuild", "--archive", archive).want(t, 0)
	pages := recto(t, "list", "pages", "--archive", archive, "--batch", "Letters").want(t, 0).list(t, "pages")
	var names []string
	for _, p := range pages {
		names = append(names, filepath.Base(p.(map[string]any)["source"].(string)))
	}
	if want := []string{"letter-10.jpg", "letter-1.jpg", "title.png"}; !reflect.DeepEqual(names, want) {
		t.Errorf("%v, want %v", names, want)
	}
	recto(t, "verify", "--archive", archive).want(t, 0)
}
