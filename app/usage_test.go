package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestOneShape: whatever is wrong with a command line, each verb answers in its own
// shape, with one JSON value and exit code 2.
func TestOneShape(t *testing.T) {
	for verb, fields := range map[string]string{
		"init": "archive", "import": "batch added known ignored", "process": "done blank", "document": "document",
		"page move": "pages", "page rotate": "pages", "page bin": "pages", "page restore": "pages", "page undo": "pages", "page redo": "pages",
		"digitise": "document files ignored", "digitise --each": "documents files ignored", "list": "batches documents", "show": "",
		"search": "total hits", "export": "packages", "rebuild": "batches pages documents", "doctor": "ok checks", "verify": "valid findings",
		"frobnicate": "",
	} {
		a := recto(t, append(strings.Fields(verb), "--no-such-flag")...).want(t, 2)
		for field := range strings.FieldsSeq(fields) {
			a.at(t, field)
		}
		list, reason := "failures", "reason"
		if verb == "verify" {
			list, reason = "findings", "message"
		}
		if !strings.Contains(a.text(t, list+".0."+reason), "no-such-flag") && verb != "frobnicate" || a.text(t, list+".0.remedy") == "" {
			t.Errorf("%s: %s", verb, a.stdout)
		}
	}
	// The same where the flags parse and the work fails.
	none := filepath.Join(t.TempDir(), "none")
	for _, args := range [][]string{
		{"list"}, {"import", sample("title.png")}, {"process"}, {"document", "--batch", "B"}, {"show", "x"}, {"search", "x"},
		{"export", "--to", "d", "x"}, {"rebuild"}, {"page", "bin", "x"},
	} {
		if args[0] == "page" {
			args = []string{"page", "bin", "--archive", none, "x"}
		} else {
			args = append(args, "--archive", none)
		}
		if a := recto(t, args...).want(t, 1); a.text(t, "failures.0.path") != none {
			t.Errorf("%q: the path is not the archive as given: %s", args, a.stdout)
		}
	}
	a := recto(t, "digitise", "--archive", none, "--each", "--lang", "eng+xho", sample("title.png")).want(t, 1)
	if a.text(t, "failures.0.path") != "xho" || len(a.list(t, "documents")) != 0 {
		t.Error(a.stdout)
	}
	v := recto(t, "verify", "--archive", none).want(t, 1)
	if v.at(t, "valid") != false || v.text(t, "findings.0.path") != none {
		t.Error(v.stdout)
	}
}

// TestNumbers: a number outside its range does not parse, and the range is told.
func TestNumbers(t *testing.T) {
	for args, told := range map[string]string{
		"digitise --dpi=-5 x": "50 to 2400", "digitise --dpi=NaN x": "50 to 2400", "digitise --dpi=Inf x": "50 to 2400", "import --dpi 0 x": "50 to 2400",
		"digitise --jobs -1 x": "1 to 256", "process --jobs 0": "1 to 256", "process --jobs 1.5": "1 to 256", "process --jobs": "1 to 256",
		"process --jobs 99999999999999999999": "1 to 256", "process --jobs many": "1 to 256",
		"search --limit -1 x": "1 to 10000", "search --limit 0 x": "1 to 10000", "search --offset -1 x": "0 to",
		"page rotate --degrees 45 x": "90, 180 or 270", "page rotate --degrees=360 x": "-270 to 270",
	} {
		words := strings.Fields(args)
		at := 1
		if words[0] == "page" {
			at = 2
		}
		words = append(words[:at:at], append([]string{"--archive", "none"}, words[at:]...)...)
		a := recto(t, words...).want(t, 2)
		if reason := a.text(t, "failures.0.reason"); !strings.Contains(reason, told) {
			t.Errorf("%s: %s", args, reason)
		}
	}
}

// TestEmptyStrings: a script's variable that was not set is no path and no name.
func TestEmptyStrings(t *testing.T) {
	t.Chdir(t.TempDir()) // an empty path must not come to mean this folder
	for _, args := range [][]string{
		{"init", ""}, {"list", "--archive", ""}, {"import", "--archive", "a", ""}, {"digitise", "--archive", "a", "--title", "", "x"},
		{"digitise", "--archive", "a", "--title", " \n", "x"}, {"import", "--archive", "a", "--batch", "", "x"}, {"document", "--archive", "a", "--batch", ""},
		{"digitise", "--archive", "a", "--out", "", "x"}, {"export", "--archive", "a", "--to", "", "x"}, {"export", "--archive", "a", "--to", "d", ""},
		{"process", "--archive", "a", "--page", ""}, {"search", "--archive", "a", ""}, {"verify", "--archive", ""}, {"verify", ""},
		{"export", "--archive", "a", "--to", "d", "--incomplete", "", "x"},
	} {
		if a := recto(t, args...).want(t, 2); !strings.Contains(a.stdout, "empty") {
			t.Errorf("%q: %s", args, a.stdout)
		}
	}
	unset := func(c *exec.Cmd) { c.Env = append(os.Environ(), "RECTO_ARCHIVE=") }
	rectoIn(t, unset, "list").want(t, 2)
	rectoIn(t, unset, "verify").want(t, 2)
	if left, _ := os.ReadDir("."); len(left) != 0 {
		t.Errorf("%v was made", left)
	}
}

// TestLostResult: a result that could not be written is no success.
func TestLostResult(t *testing.T) {
	archive := filepath.Join(t.TempDir(), "a")
	recto(t, "init", archive).want(t, 0)
	for _, args := range [][]string{
		{"list", "--archive", archive}, {"list", "--archive", archive, "--json"}, {"doctor"}, {"--help"}, {"list", "--help"}, {"--version"},
		{"verify", "--archive", archive, "--json"}, {"list", "--no-such-flag", "--json"},
	} {
		full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
		if err != nil {
			t.Fatal(err)
		}
		defer full.Close()
		var told strings.Builder
		c := exec.Command(program, args...)
		c.Stdout, c.Stderr = full, &told
		c.Run()
		want := 1
		if args[1%len(args)] == "--no-such-flag" {
			want = 2
		}
		if c.ProcessState.ExitCode() != want || !strings.Contains(told.String(), "no space left") {
			t.Errorf("%q: exit %d, %s", args, c.ProcessState.ExitCode(), told.String())
		}
	}
}

// TestOneOrTheOther: verify checks an archive or a package; of an archive named in
// the environment a package knows nothing.
func TestOneOrTheOther(t *testing.T) {
	archive := filepath.Join(t.TempDir(), "a")
	recto(t, "init", archive).want(t, 0)
	a := recto(t, "verify", "--archive", archive, "package").want(t, 2)
	if !strings.Contains(a.text(t, "findings.0.message"), "not both") {
		t.Error(a.stdout)
	}
	named := func(c *exec.Cmd) { c.Env = append(os.Environ(), "RECTO_ARCHIVE="+archive) }
	rectoIn(t, named, "verify").want(t, 0)
	a = rectoIn(t, named, "verify", "package").want(t, 1)
	if a.text(t, "findings.0.path") != "package" {
		t.Error(a.stdout)
	}
}

// TestNoSuchPage: pages that are not there, in the bin or elsewhere are told, and
// the others are read.
func TestNoSuchPage(t *testing.T) {
	archive := filepath.Join(t.TempDir(), "a")
	recto(t, "init", archive).want(t, 0)
	var ids []string
	for i, name := range []string{"title.png", "letter-1.jpg"} {
		a := recto(t, "import", "--archive", archive, "--batch", fmt.Sprint("B", i), sample(name), sample("bericht.tif")).want(t, 0)
		ids = append(ids, a.text(t, "added.0.id"), a.text(t, "added.1.id"))
	}
	recto(t, "page", "bin", "--archive", archive, ids[3]).want(t, 0)
	process := func(code int, args ...string) answer {
		t.Helper()
		return recto(t, append([]string{"process", "--archive", archive}, args...)...).want(t, code)
	}
	for _, args := range [][]string{{"--page", "nope"}, {"--batch", "B0", "--page", ids[2]}, {"--page", ids[3]}} {
		if a := process(1, args...); a.text(t, "failures.0.path") != args[len(args)-1] {
			t.Errorf("%q: %s", args, a.stdout)
		}
	}
	a := process(1, "--page", ids[0], "--page", "nope", "--page", ids[2])
	if a.at(t, "done").(float64) != 2 || len(a.list(t, "failures")) != 1 {
		t.Error(a.stdout)
	}
	b := recto(t, "document", "--archive", archive, "--batch", "B0", "--page", "nope").want(t, 1)
	if b.text(t, "failures.0.path") != "nope" || b.at(t, "document") != nil {
		t.Error(b.stdout)
	}
	b = recto(t, "document", "--archive", archive, "--batch", "no batch").want(t, 1)
	if b.text(t, "failures.0.path") != "no batch" {
		t.Error(b.stdout)
	}
}

// TestPreviewFails as the import would.
func TestPreviewFails(t *testing.T) {
	dir := t.TempDir()
	archive, none, empty := filepath.Join(dir, "a"), filepath.Join(dir, "none"), filepath.Join(dir, "empty.tif")
	recto(t, "init", archive).want(t, 0)
	if err := os.WriteFile(empty, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	args := []string{"--archive", archive, none, sample("title.png"), empty}
	looked := recto(t, append([]string{"import", "--preview"}, args...)...).want(t, 1)
	if n := len(looked.list(t, "items")); n != 3 {
		t.Errorf("%d items: %s", n, looked.stdout)
	}
	taken := recto(t, append([]string{"import"}, args...)...).want(t, 1)
	for i, want := range []string{none, empty} {
		for _, a := range []answer{looked, taken} {
			at := fmt.Sprintf("failures.%d.", i)
			if a.text(t, at+"path") != want || a.text(t, at+"remedy") == "" {
				t.Error(a.stdout)
			}
		}
	}
}

// TestArchiveInArchive: no archive is made in another one, by whatever links.
func TestArchiveInArchive(t *testing.T) {
	dir := t.TempDir()
	outer := filepath.Join(dir, "outer")
	recto(t, "init", outer).want(t, 0)
	link := filepath.Join(dir, "link")
	if err := os.Symlink(filepath.Join(outer, "texts"), link); err != nil {
		t.Fatal(err)
	}
	for _, in := range []string{filepath.Join(outer, "a"), filepath.Join(outer, "deep", "er", "a"), filepath.Join(link, "a")} {
		for _, args := range [][]string{{"init", in}, {"digitise", "--archive", in, sample("title.png")}} {
			a := recto(t, args...).want(t, 1)
			if !strings.Contains(a.text(t, "failures.0.reason"), outer) || a.text(t, "failures.0.path") != in {
				t.Error(a.stdout)
			}
		}
	}
	if _, err := os.Stat(filepath.Join(outer, "deep")); err == nil {
		t.Error("a folder was made in the outer archive")
	}
	recto(t, "init", filepath.Join(dir, "outer2")).want(t, 0)
}

// TestOneOutForMany: several archives copy documents of the same title to the same
// folder at the same time; each gets a name of its own.
func TestOneOutForMany(t *testing.T) {
	const many = 6
	dir := t.TempDir()
	out := filepath.Join(dir, "out")
	args := func(i int) []string {
		return []string{"digitise", "--archive", filepath.Join(dir, fmt.Sprint("a", i)), "--title", "T", sample("title.png")}
	}
	for i := range many {
		recto(t, args(i)...).want(t, 0)
	}
	var all [many]*exec.Cmd
	for i := range all {
		all[i] = exec.Command(program, append(args(i), "--out", out)...)
		all[i].Stderr = os.Stderr
		if err := all[i].Start(); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range all {
		if err := c.Wait(); err != nil {
			t.Error(err)
		}
	}
	pdfs, _ := filepath.Glob(filepath.Join(out, "T*.pdf"))
	sums := map[string]bool{}
	for _, pdf := range pdfs { // each document has its own identifier in it
		sums[string(read(t, pdf))] = true
	}
	if len(sums) != many {
		t.Errorf("%d documents lie there, want %d: %v", len(sums), many, pdfs)
	}
	for i := range many { // and each knows its own again
		recto(t, append(args(i), "--out", out)...).want(t, 0)
	}
	if again, _ := filepath.Glob(filepath.Join(out, "T*.pdf")); len(again) != many {
		t.Errorf("running again left %v", again)
	}
}
