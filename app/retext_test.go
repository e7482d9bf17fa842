package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"recto/ocr"
)

// corrected is an archive with a page that was read with a model of our own (eng, from
// models) and corrected twice.
func corrected(t *testing.T) (archive, id, models string, files []string) {
	t.Helper()
	models = folderOf(t, "eng", "qqr")
	with := modelsIn(models)
	archive = imported(t, 2)
	rectoIn(t, with, "process", "--archive", archive).want(t, 0)
	id = recto(t, "list", "pages", "--archive", archive, "--batch", "B").want(t, 0).text(t, "pages.0.id")
	seen := map[string]bool{}
	note := func() {
		all, _ := filepath.Glob(filepath.Join(archive, "texts", "*", id+"-*.json"))
		for _, file := range all {
			if !seen[file] {
				seen[file] = true
				files = append(files, file)
			}
		}
	}
	note()
	at, words := addressed(t, archive, id)
	if len(at) < 4 {
		t.Fatalf("%d words were read", len(at))
	}
	for i, to := range []string{"Quittenwurm", "Xaverine Dreyerlein"} {
		recto(t, "text", "edit", "--archive", archive, id, "--at", at[i], "--was", words[at[i]], "--to", to).want(t, 0)
		note()
	}
	if len(files) != 3 {
		t.Fatalf("raw, once and twice corrected: %q", files)
	}
	return archive, id, models, files
}

// TestCorrectedTextLost loses or spoils the texts of a corrected page. Verify names what
// is lost, and rebuild or process make all of it again, byte for byte.
func TestCorrectedTextLost(t *testing.T) {
	archive, id, models, files := corrected(t)
	var whole [][]byte
	for _, file := range files {
		whole = append(whole, read(t, file))
	}
	const raw, once, twice = 0, 1, 2
	spoil := map[string]func(string){
		"removed": func(file string) { os.Remove(file) },
		"cut":     func(file string) { put(t, file, read(t, file)[:100]) },
		"changed": func(file string) {
			put(t, file, bytes.Replace(read(t, file), []byte("Quittenwurm"), []byte("Quittenworm"), 1))
		},
		"of zeros": func(file string) { put(t, file, make([]byte, len(read(t, file)))) },
	}
	for _, c := range []struct {
		how, by string
		lost    []int
	}{
		{"removed", "process", []int{twice}},
		{"cut", "rebuild", []int{twice}},
		{"changed", "process", []int{twice}},
		{"of zeros", "rebuild", []int{once, twice}},
		{"removed", "process", []int{raw}},
		{"removed", "process", []int{raw, twice}},
		{"cut", "rebuild and process", []int{raw, once, twice}},
	} {
		t.Logf("%v %s, then %s", c.lost, c.how, c.by)
		for _, i := range c.lost {
			spoil[c.how](files[i])
		}
		v := recto(t, "verify", "--archive", archive).want(t, 1)
		for _, i := range c.lost {
			if i != once && !strings.Contains(v.stdout, filepath.Base(files[i])) {
				t.Errorf("verify does not name %s: %s", files[i], v.stdout)
			}
		}
		switch c.by {
		case "rebuild":
			a := recto(t, "rebuild", "--archive", archive).want(t, 0)
			if !strings.Contains(a.stdout, "corrections in the journal: 1 page") {
				t.Errorf("it does not say what was made again: %s", a.stdout)
			}
		case "rebuild and process":
			a := recto(t, "rebuild", "--archive", archive).want(t, 1)
			if !strings.Contains(a.text(t, "failures.0.path"), filepath.Base(files[twice])) {
				t.Error(a.stdout)
			}
			fallthrough
		default:
			a := rectoIn(t, modelsIn(models), "process", "--archive", archive).want(t, 0)
			if a.at(t, "restored").(float64) != 1 || a.at(t, "kept").(float64) != 0 {
				t.Error(a.stdout)
			}
		}
		for i, file := range files {
			if i != once && !bytes.Equal(read(t, file), whole[i]) {
				t.Errorf("%s is not what it was", file)
			}
		}
		recto(t, "verify", "--archive", archive).want(t, 0)
		if hits := recto(t, "search", "--archive", archive, "Dreyerlein").list(t, "hits"); len(hits) != 1 {
			t.Errorf("search finds %v", hits)
		}
	}
	// The corrections can still be taken back, one by one.
	recto(t, "page", "undo", "--archive", archive, "--batch", "B").want(t, 0)
	if _, words := addressed(t, archive, id); !hasWord(words, "Quittenwurm") || hasWord(words, "Dreyerlein") {
		t.Errorf("one correction taken back: %v", words)
	}
	recto(t, "verify", "--archive", archive).want(t, 0)
}

// TestCarriedTextLost: the text went with its page into another frame, which is not told
// as edits.
func TestCarriedTextLost(t *testing.T) {
	archive, id, _, files := corrected(t)
	recto(t, "page", "set", "--archive", archive, "--deskew", "1.5", id).want(t, 0)
	all, _ := filepath.Glob(filepath.Join(archive, "texts", "*", id+"-*.json"))
	var carried []string
	for _, file := range all {
		if file != files[0] && file != files[1] && file != files[2] {
			carried = append(carried, file)
		}
	}
	if len(carried) != 2 {
		t.Fatalf("carried: %q", carried)
	}
	before := []string{string(read(t, carried[0])), string(read(t, carried[1]))}
	for _, by := range []string{"process", "rebuild"} {
		os.Remove(carried[0])
		os.Remove(carried[1])
		recto(t, "verify", "--archive", archive).want(t, 1)
		recto(t, by, "--archive", archive).want(t, 0)
		if string(read(t, carried[0])) != before[0] || string(read(t, carried[1])) != before[1] {
			t.Errorf("by %s the carried texts are not what they were", by)
		}
		recto(t, "verify", "--archive", archive).want(t, 0)
	}
}

// TestCorrectionsNotApplied: what was read is lost too, and the page reads otherwise now:
// nothing is lost without a word.
func TestCorrectionsNotApplied(t *testing.T) {
	archive, id, models, files := corrected(t)
	show := func() string {
		t.Helper()
		return recto(t, "show", "--archive", archive, id).want(t, 0).stdout
	}
	for _, file := range files {
		os.Remove(file)
	}
	// Without the master nothing can be read: all stays as it is until that is back.
	page := recto(t, "list", "pages", "--archive", archive, "--batch", "B").want(t, 0)
	master := filepath.Join(archive, page.text(t, "pages.0.master"))
	if err := os.Rename(master, master+".away"); err != nil {
		t.Fatal(err)
	}
	was := show()
	a := rectoIn(t, modelsIn(models), "process", "--archive", archive).want(t, 1)
	if reason := a.text(t, "failures.0.reason"); !strings.Contains(reason, "corrected text of page 1 is lost") {
		t.Error(reason)
	}
	if now := show(); now != was {
		t.Errorf("without the master it became\n%s\nfrom\n%s", now, was)
	}
	if err := os.Rename(master+".away", master); err != nil {
		t.Fatal(err)
	}
	// Nor without the model that read it.
	put(t, ocr.ModelFile(models, "eng"), read(t, modelFile(t, "eng"))[:1000])
	rectoIn(t, modelsIn(models), "process", "--archive", archive).want(t, 1)
	if now := show(); now != was {
		t.Errorf("without the model it became\n%s\nfrom\n%s", now, was)
	}
	// With another model of that name it reads otherwise.
	put(t, ocr.ModelFile(models, "eng"), read(t, modelFile(t, "heb")))
	a = rectoIn(t, modelsIn(models), "process", "--archive", archive).want(t, 1)
	reason, remedy := a.text(t, "failures.0.reason"), a.text(t, "failures.0.remedy")
	if len(a.list(t, "failures")) != 1 || !strings.Contains(reason, "2 of its 2 corrections could not be applied") || !strings.Contains(remedy, filepath.Base(files[0])) {
		t.Error(a.stdout)
	}
	if a.text(t, "failures.0.path") != id {
		t.Errorf("the failure is about %s", a.text(t, "failures.0.path"))
	}
	recto(t, "verify", "--archive", archive).want(t, 0)
	rectoIn(t, modelsIn(models), "process", "--archive", archive).want(t, 0)
	if !strings.Contains(show(), "text.corrected") {
		t.Errorf("its history does not tell of the corrections: %s", show())
	}
}

// TestCorrectionsAppliedAgain: read anew with a model that reads some words as before, the
// page has those corrections that still fit, and the rest is told.
func TestCorrectionsAppliedAgain(t *testing.T) {
	archive, id, models, files := corrected(t)
	for _, file := range files {
		os.Remove(file)
	}
	put(t, ocr.ModelFile(models, "eng"), append(read(t, modelFile(t, "eng")), 0)) // another digest, the same letters
	a := rectoIn(t, modelsIn(models), "process", "--archive", archive).want(t, 0)
	if a.at(t, "done").(float64) != 1 || a.at(t, "restored").(float64) != 0 {
		t.Error(a.stdout)
	}
	if _, words := addressed(t, archive, id); !hasWord(words, "Quittenwurm") || !hasWord(words, "Dreyerlein") {
		t.Errorf("the corrections are gone: %v", words)
	}
	recto(t, "rebuild", "--archive", archive).want(t, 0)
	if _, words := addressed(t, archive, id); !hasWord(words, "Quittenwurm") || !hasWord(words, "Dreyerlein") {
		t.Errorf("after a rebuild the corrections are gone: %v", words)
	}
	recto(t, "verify", "--archive", archive).want(t, 0)
}
