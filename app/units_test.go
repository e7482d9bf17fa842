package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// A list of units becomes cover sheets; the stack that is scanned with them becomes
// the units, each with its title, its container and its other columns.
func TestCoverSheets(t *testing.T) {
	for _, tool := range []string{"pdftoppm", "convert", "qpdf"} {
		if _, err := exec.LookPath(tool); err != nil {
			lacking(t, tool)
		}
	}
	dir := t.TempDir()
	run := func(name string, args ...string) {
		t.Helper()
		if out, err := exec.Command(name, args...).CombinedOutput(); err != nil {
			t.Fatalf("%s %q: %v\n%s", name, args, err, out)
		}
	}
	archive, list, pdf := filepath.Join(dir, "archive"), filepath.Join(dir, "units.csv"), filepath.Join(dir, "covers.pdf")
	text := "Shelfmark;Title;Box;Sheets;Creator;Date\nHStA 12/7;Letters of Anna M\xfcller;Box 3;2;M\xfcller, Anna;1912\nHStA 12/8;Diary;;2;;1913\n" // Windows-1252
	if err := os.WriteFile(list, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	recto(t, "init", archive).want(t, 0)
	a := recto(t, "coversheets", "--archive", archive, "--csv", list, "--out", pdf).want(t, 0)
	if units := a.list(t, "units"); len(units) != 2 || units[0].(map[string]any)["title"] != "Letters of Anna Müller" || !strings.Contains(a.stdout, "Windows-1252") {
		t.Errorf("%s", a.stdout)
	}
	recto(t, "coversheets", "--archive", archive, "--out", pdf).want(t, 1) // it is there already
	recto(t, "coversheets", "--archive", archive, "--out", pdf+"2", "HStA 99").want(t, 1)
	if _, err := os.Stat(pdf + "2"); err == nil {
		t.Error("half a PDF is left")
	}
	run("qpdf", "--check", pdf)
	run("pdftoppm", "-r", "150", "-gray", "-png", pdf, filepath.Join(dir, "cover"))

	// The stack as a scanner gives it: askew and noisy, one sheet in black and white.
	stack := filepath.Join(dir, "stack")
	if err := os.Mkdir(stack, 0o755); err != nil {
		t.Fatal(err)
	}
	page := func(n, from string) {
		t.Helper()
		b, err := os.ReadFile(sample(from))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(stack, n+filepath.Ext(from)), b, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	run("convert", filepath.Join(dir, "cover-1.png"), "-rotate", "1.2", "-attenuate", "0.3", "+noise", "Gaussian", filepath.Join(stack, "01.png"))
	page("02", "letter-1.jpg")
	page("03", "letter-10.jpg")
	run("convert", filepath.Join(dir, "cover-2.png"), "-threshold", "60%", filepath.Join(stack, "04.png"))
	page("05", "title.png")

	recto(t, "batch", "create", "--archive", archive, "--shelfmark", "Stack", "--profile", "Letters", "--sides", "1", "--series", "1r").want(t, 0)
	recto(t, "import", "--archive", archive, "--batch", "Stack", stack).want(t, 0)
	recto(t, "batch", "separate", "--archive", archive, "--batch", "Stack").want(t, 0)
	starts := func(archive string, batch ...string) (out []string) {
		for _, p := range recto(t, "list", "pages", "--archive", archive, "--batch", append(batch, "Stack")[0]).want(t, 0).list(t, "pages") {
			ref := "-"
			if s, ok := p.(map[string]any)["start"].(map[string]any); ok {
				ref = s["reference"].(string)
			}
			page := p.(map[string]any)
			out = append(out, fmt.Sprintf("%v %s", page["label"], ref))
		}
		return out
	}
	if got := strings.Join(starts(archive), " | "); got != "1r HStA 12/7 | 1v - | 2r HStA 12/8" {
		t.Fatalf("units: %s", got)
	}
	if a := recto(t, "list", "pages", "--archive", archive, "--batch", "Stack"); a.list(t, "pages")[1].(map[string]any)["unit"] != 1.0 {
		t.Errorf("no unit: %s", a.stdout)
	}
	// Again nothing is found; one undo brings all back, separators too.
	recto(t, "batch", "separate", "--archive", archive, "--batch", "Stack").want(t, 0)
	recto(t, "page", "undo", "--archive", archive, "--batch", "Stack").want(t, 0)
	if got := strings.Join(starts(archive), " | "); got != "1r - | 1v - | 2r - | 2v - | 3r -" {
		t.Fatalf("undone: %s", got)
	}
	recto(t, "page", "redo", "--archive", archive, "--batch", "Stack").want(t, 0)

	// The same stack from a folder that is watched is divided when the watch ends. Cover
	// sheets of units that nobody planned there wait for somebody, though binned.
	watched := filepath.Join(dir, "watched")
	recto(t, "init", watched).want(t, 0)
	recto(t, "batch", "create", "--archive", watched, "--shelfmark", "Stack", "--profile", "Letters", "--sides", "1", "--series", "1r").want(t, 0)
	a = recto(t, "watch", "--archive", watched, "--batch", "Stack", "--idle", "1", "--settle", "0.2", stack).want(t, 0)
	if !strings.Contains(a.stdout, `"divided":2`) && !strings.Contains(a.stdout, `"divided": 2`) {
		t.Errorf("the watch divided: %s", a.stdout)
	}
	a = recto(t, "batch", "review", "--archive", watched, "--batch", "Stack").want(t, 0)
	looks := a.list(t, "pages")
	if len(looks) != 5 || strings.Count(a.stdout, "code-unknown") != 2 { // of three the resolution is low
		t.Errorf("to be looked at: %s", a.stdout)
	}
	if a = recto(t, "list", "batches", "--archive", watched).want(t, 0); a.list(t, "batches")[0].(map[string]any)["concerns"] != float64(len(looks)) {
		t.Errorf("counted: %s", a.stdout)
	}

	// A stack that ends with a cover sheet, of a jam perhaps, goes on with the next run.
	jammed, first, second := filepath.Join(dir, "jammed"), filepath.Join(dir, "first"), filepath.Join(dir, "second")
	if err := errors.Join(os.CopyFS(first, os.DirFS(stack)), os.Remove(filepath.Join(first, "05.png")), os.Mkdir(second, 0o755),
		os.Link(filepath.Join(stack, "05.png"), filepath.Join(second, "05.png"))); err != nil {
		t.Fatal(err)
	}
	recto(t, "init", jammed).want(t, 0)
	recto(t, "coversheets", "--archive", jammed, "--csv", list, "--out", filepath.Join(dir, "again.pdf")).want(t, 0)
	recto(t, "batch", "create", "--archive", jammed, "--shelfmark", "Stack", "--profile", "Letters", "--sides", "1", "--series", "1r").want(t, 0)
	recto(t, "import", "--archive", jammed, "--batch", "Stack", first).want(t, 0)
	a = recto(t, "batch", "separate", "--archive", jammed, "--batch", "Stack").want(t, 0)
	if got := strings.Join(starts(jammed), " | "); got != "1r HStA 12/7 | 1v - | 2r -" || a.json["divided"] != 1.0 || len(a.list(t, "notes")) != 2 {
		t.Errorf("before the jam: %s %s", got, a.stdout)
	}
	recto(t, "import", "--archive", jammed, "--batch", "Stack", second).want(t, 0)
	recto(t, "batch", "separate", "--archive", jammed, "--batch", "Stack").want(t, 0)
	if got := strings.Join(starts(jammed), " | "); got != "1r HStA 12/7 | 1v - | 2r HStA 12/8" {
		t.Errorf("behind the jam: %s", got)
	}
	// Files of both sides: the empty back of a cover sheet goes with it.
	recto(t, "batch", "create", "--archive", jammed, "--shelfmark", "Both", "--profile", "Letters", "--series", "1r").want(t, 0)
	duplex := filepath.Join(dir, "duplex")
	if err := os.CopyFS(duplex, os.DirFS(stack)); err != nil {
		t.Fatal(err)
	}
	for _, back := range []string{"01b.png", "04b.png", "05b.png"} {
		run("convert", "-size", "1240x1754", "xc:white", "-attenuate", "0.05", "+noise", "Gaussian", "-density", "150", filepath.Join(duplex, back))
	}
	recto(t, "watch", "--archive", jammed, "--batch", "Both", "--idle", "1", "--settle", "0.2", duplex).want(t, 0)
	if got := strings.Join(starts(jammed, "Both"), " | "); got != "1r HStA 12/7 | 1v - | 2r HStA 12/8 | 2v -" {
		t.Errorf("both sides: %s", got)
	}

	recto(t, "process", "--archive", archive).want(t, 0)
	a = recto(t, "document", "--archive", archive, "--batch", "Stack", "--units").want(t, 1) // one sheet of the diary is missing
	docs := a.list(t, "documents")
	if len(docs) != 2 || docs[0].(map[string]any)["state"] != "complete" || docs[1].(map[string]any)["state"] != "incomplete" || !strings.Contains(a.stdout, "1 of 2 expected sheets") {
		t.Fatalf("%s", a.stdout)
	}
	// Who knows why signs it off; that holds for this number of sheets of the unit only.
	stacked := recto(t, "list", "pages", "--archive", archive, "--batch", "Stack").list(t, "pages")
	page2, page3 := stacked[1].(map[string]any)["id"].(string), stacked[2].(map[string]any)["id"].(string)
	recto(t, "batch", "sign", "--archive", archive, "--batch", "Stack", "--reason", "the diary has one leaf").want(t, 0)
	recto(t, "document", "--archive", archive, "--batch", "Stack", "--units").want(t, 0)
	recto(t, "page", "move", "--archive", archive, "--after", page3, page2).want(t, 0)
	if a = recto(t, "document", "--archive", archive, "--batch", "Stack", "--units").want(t, 1); !strings.Contains(a.stdout, "1 of 2 expected sheets") {
		t.Errorf("a unit lost a sheet after the signature: %s", a.stdout)
	}
	recto(t, "page", "undo", "--archive", archive, "--batch", "Stack").want(t, 0)
	recto(t, "document", "--archive", archive, "--batch", "Stack", "--units").want(t, 0)
	recto(t, "batch", "sign", "--archive", archive, "--batch", "Stack", "--undo").want(t, 0)
	recto(t, "document", "--archive", archive, "--batch", "Stack", "--units").want(t, 1)
	recto(t, "scan", "--archive", archive, "--batch", "Stack", "--device", "sane:test:0", "--profile", "nope", "--preview", filepath.Join(dir, "p.png")).want(t, 1)

	out := filepath.Join(dir, "out")
	recto(t, "export", "--archive", archive, "--to", out, "Letters of Anna Müller").want(t, 0)
	dc, err := os.ReadFile(filepath.Join(out, "Letters of Anna Müller", "data", "metadata", "dc.xml"))
	if err != nil {
		t.Fatal(err)
	}
	if b, err := os.ReadFile(filepath.Join(out, "Letters of Anna Müller", "data", "metadata", "capture", "0002.json")); err != nil || !strings.Contains(string(b), "letter-10") && !strings.Contains(string(b), "03.jpg") {
		t.Errorf("what is told of the capture: %v %s", err, b)
	}
	for _, want := range []string{"<dc:title>Letters of Anna Müller<", "<dc:identifier>HStA 12/7<", "<dc:source>Box 3<", "<dc:creator>Müller, Anna<", "<dc:date>1912<"} {
		if !strings.Contains(string(dc), want) {
			t.Errorf("%s is not in\n%s", want, dc)
		}
	}
	recto(t, "verify", "--archive", archive).want(t, 0)
	recto(t, "rebuild", "--archive", archive).want(t, 0)
	if got := strings.Join(starts(archive), " | "); got != "1r HStA 12/7 | 1v - | 2r HStA 12/8" {
		t.Errorf("rebuilt: %s", got)
	}
}
