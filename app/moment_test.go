package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestOneMoment: masters, text and PDF in a package are of the moment of export,
// whatever was done to the pages since the PDF was written.
func TestOneMoment(t *testing.T) {
	dir := t.TempDir()
	archive := filepath.Join(dir, "a")
	d := recto(t, "digitise", "--archive", archive, "--batch", "B", "--title", "T", sample("letter-1.jpg"), sample("title.png")).want(t, 0)
	before := d.text(t, "document.sha256")
	turned, other := d.text(t, "document.pages.0.id"), d.text(t, "document.pages.1.id")
	export := func(to string, code int, more ...string) answer {
		t.Helper()
		return recto(t, append([]string{"export", "--archive", archive, "--to", filepath.Join(dir, to), "T"}, more...)...).want(t, code)
	}
	state := func() (state, sha string) {
		t.Helper()
		a := recto(t, "show", "--archive", archive, "T").want(t, 0)
		return a.text(t, "document.state"), a.text(t, "document.sha256")
	}

	recto(t, "page", "rotate", "--archive", archive, "--degrees", "180", turned).want(t, 0)
	if a := export("turned", 1); !strings.Contains(a.text(t, "failures.0.reason"), "page 1") || !strings.Contains(a.text(t, "failures.0.reason"), "not been read") {
		t.Error(a.stdout)
	}
	recto(t, "process", "--archive", archive).want(t, 0)
	export("turned", 0)
	s, sha := state()
	pdf := read(t, filepath.Join(dir, "turned", "T", "data", "pdf", "T.pdf"))
	if s != "complete" || sha == before || !bytes.Equal(pdf, read(t, filepath.Join(archive, filepath.FromSlash(recto(t, "show", "--archive", archive, "T").text(t, "document.pdf"))))) {
		t.Errorf("the PDF was not written anew: %s %s", s, sha)
	}
	if alto := read(t, filepath.Join(dir, "turned", "T", "data", "alto", "page-0001.xml")); !bytes.Contains(alto, []byte("orient 180")) {
		t.Error("the ALTO is not that of the turned page")
	}

	recto(t, "page", "bin", "--archive", archive, other).want(t, 0)
	if a := export("binned", 1); !strings.Contains(a.text(t, "failures.0.reason"), "page 2") || !strings.Contains(a.text(t, "failures.0.reason"), "bin") {
		t.Error(a.stdout)
	}
	if s, _ := state(); s != "incomplete" {
		t.Errorf("with a page in the bin the document is %s", s)
	}
	recto(t, "document", "--archive", archive, "--batch", "B", "--title", "T").want(t, 0)
	// digitise and document give documents of their own; this one has one page.
	for _, row := range recto(t, "list", "documents", "--archive", archive).list(t, "documents") {
		row := row.(map[string]any)
		if row["page_count"].(float64) != 1 {
			continue
		}
		recto(t, "export", "--archive", archive, "--to", filepath.Join(dir, "one"), row["id"].(string)).want(t, 0)
		if masters, _ := filepath.Glob(filepath.Join(dir, "one", "T", "data", "masters", "*")); len(masters) != 1 {
			t.Errorf("masters of a document of one page: %v", masters)
		}
		return
	}
	t.Error("there is no document without the binned page")
}

// TestOneInTheOther: neither the output nor the archive may lie in a source, by
// whatever links: the next run would take them for pages.
func TestOneInTheOther(t *testing.T) {
	dir := t.TempDir()
	in, archive, link := filepath.Join(dir, "in"), filepath.Join(dir, "a"), filepath.Join(dir, "link")
	if err := os.Mkdir(in, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(in, "title.png"), read(t, sample("title.png")), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(in, link); err != nil {
		t.Fatal(err)
	}
	for _, out := range []string{in, filepath.Join(in, "out"), filepath.Join(link, "out")} {
		if a := recto(t, "digitise", "--archive", archive, "--out", out, in).want(t, 1); a.text(t, "failures.0.path") != out {
			t.Error(a.stdout)
		}
	}
	if rows := recto(t, "list", "--archive", archive).list(t, "batches"); len(rows) != 0 {
		t.Errorf("a batch was made: %v", rows)
	}
	within := filepath.Join(link, "archive")
	recto(t, "init", within).want(t, 0)
	for _, args := range [][]string{{"digitise", "--archive", within, in}, {"import", "--archive", within, in}, {"import", "--archive", within, within}} {
		if a := recto(t, args...).want(t, 1); !strings.Contains(a.text(t, "failures.0.reason"), "inside each other") {
			t.Errorf("%q: %s", args, a.stdout)
		}
	}
	if left, _ := os.ReadDir(in); len(left) != 2 {
		t.Errorf("the source holds %v", left)
	}
}

// TestReplacedSource: another file with the name, size and time of one that was
// taken is another sheet.
func TestReplacedSource(t *testing.T) {
	dir := t.TempDir()
	archive, file := filepath.Join(dir, "a"), filepath.Join(dir, "page.jpg")
	b := read(t, sample("letter-1.jpg"))
	if err := os.WriteFile(file, b, 0o644); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(file)
	if err != nil {
		t.Fatal(err)
	}
	recto(t, "init", archive).want(t, 0)
	take := func(added int) {
		t.Helper()
		a := recto(t, "import", "--archive", archive, "--batch", "B", file).want(t, 0)
		if len(a.list(t, "added")) != added || a.at(t, "known").(float64) != float64(1-added) {
			t.Errorf("want %d added: %s", added, a.stdout)
		}
	}
	take(1)
	take(0)
	b[len(b)/2] ^= 1
	if err := os.WriteFile(file, b, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(file, info.ModTime(), info.ModTime()); err != nil {
		t.Fatal(err)
	}
	take(1)
	take(0)
}

// TestIncompleteSaysWhy: a document that lacks what an earlier command could not
// take in does not end with a failure and no reason.
func TestIncompleteSaysWhy(t *testing.T) {
	dir := t.TempDir()
	archive, bad := filepath.Join(dir, "a"), filepath.Join(dir, "bad.tif")
	if err := os.WriteFile(bad, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	recto(t, "init", archive).want(t, 0)
	recto(t, "import", "--archive", archive, "--batch", "B", bad).want(t, 1)
	for range 2 {
		a := recto(t, "digitise", "--archive", archive, "--batch", "B", "--title", "T", sample("title.png")).want(t, 1)
		if a.text(t, "document.state") != "incomplete" || !strings.Contains(a.text(t, "failures.0.reason"), "bad.tif") || a.text(t, "failures.0.remedy") == "" {
			t.Error(a.stdout)
		}
	}
}
