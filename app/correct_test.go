package main

import (
	"encoding/xml"
	"errors"
	"fmt"
	"image"
	_ "image/jpeg"
	"image/png"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"recto/app/workbench"
	"recto/scan"
)

// reader is an archive with some pages read.
func reader(t *testing.T, samples ...string) (archive string, ids []string) {
	t.Helper()
	archive = filepath.Join(t.TempDir(), "a")
	recto(t, "init", archive).want(t, 0)
	args := []string{"import", "--archive", archive, "--batch", "B"}
	for _, s := range samples {
		args = append(args, sample(s))
	}
	recto(t, args...).want(t, 0)
	recto(t, "process", "--archive", archive).want(t, 0)
	for _, p := range recto(t, "list", "pages", "--archive", archive, "--batch", "B").list(t, "pages") {
		ids = append(ids, p.(map[string]any)["id"].(string))
	}
	return archive, ids
}

// addressed gives the words of a page by their address.
func addressed(t *testing.T, archive, id string) (at []string, words map[string]string) {
	t.Helper()
	words = map[string]string{}
	for _, w := range recto(t, "text", "show", "--archive", archive, id).want(t, 0).list(t, "words") {
		m := w.(map[string]any)
		at = append(at, m["at"].(string))
		words[m["at"].(string)] = m["text"].(string)
	}
	return at, words
}

// TestCorrect: one edit reaches search, PDF, ALTO and exports; what was read stays; undo
// and a catalogue made anew know of it.
func TestCorrect(t *testing.T) {
	archive, ids := reader(t, "letter-1.jpg", "letter-10.jpg")
	at, words := addressed(t, archive, ids[0])
	if len(at) < 10 {
		t.Fatalf("%d words were read", len(at))
	}
	raw := recto(t, "text", "show", "--archive", archive, ids[0]).text(t, "text")
	recto(t, "document", "--archive", archive, "--batch", "B", "--title", "D").want(t, 0)
	edit := func(code int, args ...string) answer {
		t.Helper()
		return recto(t, append([]string{"text", "edit", "--archive", archive, ids[0]}, args...)...).want(t, code)
	}
	target := at[4]
	edit(1, "--at", target, "--was", "something else", "--to", "x")
	edit(1, "--at", "77.1.1.1", "--to", "x")
	edit(2, "--at", "here", "--to", "x")
	edit(2, "--at", target)
	edit(2, "--to", "x")
	edit(2, "--at", target, "--to", "x", "--accept")
	edit(2, "--add-line", "9,9,1,1", "--to", "x")
	edit(0, "--at", target, "--was", words[target], "--to", "Quittenwurm")
	if hits := recto(t, "search", "--archive", archive, "quittenwurm"); len(hits.list(t, "hits")) != 1 {
		t.Errorf("search does not find the correction: %s", hits.stdout)
	}
	if got := recto(t, "text", "show", "--archive", archive, "--raw", ids[0]).text(t, "text"); got != raw {
		t.Errorf("what was read is now %q", got)
	}
	out := t.TempDir()
	recto(t, "text", "export", "--archive", archive, "--into", out, "--format", "alto,page,hocr,txt", ids[0]).want(t, 0)
	recto(t, "text", "export", "--archive", archive, "--into", out, "--format", "alto", ids[0]).want(t, 1) // is there
	for _, ext := range []string{"alto.xml", "page.xml", "hocr.html", "txt"} {
		b, err := os.ReadFile(filepath.Join(out, "0001."+ext))
		if err != nil || !strings.Contains(string(b), "Quittenwurm") {
			t.Errorf("%s lacks the correction, %v", ext, err)
		}
		if strings.HasSuffix(ext, "xml") && xml.Unmarshal(b, new(struct{})) != nil {
			t.Errorf("%s is no XML", ext)
		}
	}
	made := recto(t, "document", "--archive", archive, "--batch", "B", "--title", "D").want(t, 0)
	if pdf := filepath.Join(archive, made.text(t, "document.pdf")); !strings.Contains(pdfText(t, pdf), "Quittenwurm") {
		t.Error("the PDF lacks the correction")
	}

	// The page is straightened by hand: the text goes with it and is not read again.
	if a := recto(t, "page", "set", "--archive", archive, "--deskew", "2.5", ids[0]).want(t, 0); !strings.Contains(a.text(t, "done"), "corrected text of 1 page stays") {
		t.Errorf("what was set: %s", a.stdout)
	}
	if _, now := addressed(t, archive, ids[0]); !hasWord(now, "Quittenwurm") {
		t.Errorf("straightened it lost its corrections: %v", now)
	}
	again := recto(t, "process", "--archive", archive, "--lang", "deu").want(t, 0)
	if again.at(t, "kept").(float64) != 1 || again.at(t, "done").(float64) != 1 {
		t.Errorf("read in another language: %s", again.stdout)
	}
	recto(t, "page", "undo", "--archive", archive, "--batch", "B").want(t, 0) // the deskew
	recto(t, "rebuild", "--archive", archive).want(t, 0)
	if _, now := addressed(t, archive, ids[0]); !hasWord(now, "Quittenwurm") {
		t.Errorf("after a rebuild: %v", now)
	}
	recto(t, "page", "undo", "--archive", archive, "--batch", "B").want(t, 0) // the correction
	if got := recto(t, "text", "show", "--archive", archive, ids[0]).text(t, "text"); got != raw {
		t.Errorf("undone it is %q", got)
	}
	recto(t, "verify", "--archive", archive).want(t, 0)
}

func hasWord(words map[string]string, word string) bool {
	for _, w := range words {
		if w == word {
			return true
		}
	}
	return false
}

func pdfText(t *testing.T, file string) string {
	t.Helper()
	if _, err := exec.LookPath("pdftotext"); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal(err)
		}
		t.Skip("NOT TESTED: ", err)
	}
	b, err := exec.Command("pdftotext", file, "-").Output()
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// TestSpell: a name is put right on all pages after a preview that changes nothing.
func TestSpell(t *testing.T) {
	archive, ids := reader(t, "letter-1.jpg", "letter-2-verso.jpg", "letter-10.jpg")
	count := map[string]int{}
	for _, id := range ids {
		_, words := addressed(t, archive, id)
		for _, w := range words {
			if len(w) > 4 && strings.Trim(w, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") == "" {
				count[w]++
			}
		}
	}
	name, most := "", 0
	for w, n := range count {
		if n > most || n == most && w < name {
			name, most = w, n
		}
	}
	if most < 1 {
		t.Fatal("no word was read")
	}
	spell := func(code int, args ...string) answer {
		t.Helper()
		return recto(t, append([]string{"text", "spell", "--archive", archive}, args...)...).want(t, code)
	}
	spell(2, "--wrong", name)
	preview := spell(0, "--wrong", name, "--right", "Xaverine").list(t, "matches")
	if len(preview) < most {
		t.Errorf("%q stands %d times, %d are found", name, most, len(preview))
	}
	if n := len(recto(t, "search", "--archive", archive, "Xaverine").list(t, "hits")); n != 0 {
		t.Errorf("a preview changed %d pages", n)
	}
	spell(0, "--wrong", name, "--right", "Xaverine", "--apply")
	if n := len(recto(t, "search", "--archive", archive, "Xaverine").list(t, "hits")); n == 0 {
		t.Error("nothing was put right")
	}
	if left := spell(0, "--wrong", name, "--right", "Xaverine").list(t, "matches"); len(left) != 0 {
		t.Errorf("%d are left", len(left))
	}
	recto(t, "page", "undo", "--archive", archive, "--batch", "B").want(t, 0)
	if n := len(recto(t, "search", "--archive", archive, "Xaverine").list(t, "hits")); n != 0 {
		t.Error("undo left it")
	}
}

// TestSet: what is set by hand stays, is stored, and is taken back; a page that comes back
// to a setting is not read again.
func TestSet(t *testing.T) {
	archive, ids := reader(t, "letter-1.jpg", "title.png")
	state := func() string {
		t.Helper()
		var out []string
		for _, p := range recto(t, "list", "pages", "--archive", archive, "--batch", "B").list(t, "pages") {
			m := p.(map[string]any)
			out = append(out, fmt.Sprint(m["state"], " ", m["recipe"]))
		}
		return strings.Join(out, "; ")
	}
	before := state()
	set := func(code int, args ...string) {
		t.Helper()
		recto(t, append([]string{"page", "set", "--archive", archive}, args...)...).want(t, code)
	}
	for _, bad := range [][]string{{"--deskew", "99"}, {"--orient", "45"}, {"--despeckle", "77"}, {"--scale", "9"}, {"--read-tone", "pink"}, {"--lang", "xxq"}, {"--split-spread", "3"}, {"--crop", "0,0,100000,100000"}, {"--crop=90000,90000,90100,90100"}} {
		set(1, append(bad, ids[0])...)
	}
	for _, bad := range [][]string{{}, {"--deskew", "flat"}, {"--deskew", "nan"}, {"--scale", "inf"}, {"--deskew=-Inf"}, {"--crop", "1,2,3"}, {"--crop", "9,9,3,3"}, {"--reset", "--deskew", "1"}, {"--layout", "99"}, {"--dewarp", "some"}, {"--words", archive + "/none"}, {"--words", archive}, {"--patterns", os.DevNull}, {"--words", "/dev/zero"}} {
		set(2, append(bad, ids[0])...)
	}
	if now := state(); now != before {
		t.Errorf("what was refused changed something: %s", now)
	}
	set(0, "--deskew", "1.2", "--crop", "40,40,900,1200", ids[0])
	recto(t, "process", "--archive", archive).want(t, 0)
	if now := state(); !strings.HasPrefix(now, "done deskew 1.20°, crop 40,40 860 x 1160") {
		t.Errorf("set and read: %s", now)
	}
	set(0, "--like", ids[0], ids[1])
	if now := state(); !strings.Contains(now, "; new ") {
		t.Errorf("set like another: %s", now)
	}
	set(0, "--batch", "B", "--reset")
	if now := state(); now != before {
		t.Errorf("reset: %s, want %s", now, before)
	}
	set(0, "--deskew", "1.2", "--crop", "40,40,900,1200", ids[0])
	if now := state(); !strings.HasPrefix(now, "done deskew 1.20°") {
		t.Errorf("set again: %s", now)
	}
	set(0, "--crop", "auto", ids[0])
	recto(t, "page", "undo", "--archive", archive, "--batch", "B").want(t, 0)
	if now := state(); !strings.HasPrefix(now, "done deskew 1.20°, crop") {
		t.Errorf("undone: %s", now)
	}
	recto(t, "verify", "--archive", archive).want(t, 0)
}

// TestSpread: two pages of one master, in list, document, package and check.
func TestSpread(t *testing.T) {
	archive, ids := reader(t, "letter-1.jpg", "title.png")
	count := func() (n int, sheets float64) {
		t.Helper()
		n = len(recto(t, "list", "pages", "--archive", archive, "--batch", "B").list(t, "pages"))
		return n, recto(t, "list", "batches", "--archive", archive).at(t, "batches.0.count.sheets").(float64)
	}
	recto(t, "page", "set", "--archive", archive, "--split-spread", "600", ids[0]).want(t, 0)
	if n, sheets := count(); n != 3 || sheets != 2 {
		t.Errorf("%d pages, %g sheets", n, sheets)
	}
	recto(t, "page", "rotate", "--archive", archive, ids[0]).want(t, 1) // one half alone
	recto(t, "process", "--archive", archive).want(t, 0)
	recto(t, "document", "--archive", archive, "--batch", "B", "--title", "D").want(t, 0)
	out := filepath.Join(t.TempDir(), "out")
	recto(t, "export", "--archive", archive, "--to", out, "D").want(t, 0)
	masters, err := os.ReadDir(filepath.Join(out, "D", "data", "masters"))
	if err != nil || len(masters) != 2 {
		t.Errorf("%d masters in the package, %v", len(masters), err)
	}
	if list, _ := os.ReadFile(filepath.Join(out, "D", "data", "metadata", "pages.csv")); strings.Count(string(list), "masters/0001.jpg") != 2 {
		t.Errorf("the list of pages: %s", list)
	}
	recto(t, "verify", "--archive", archive).want(t, 0)
	recto(t, "verify", filepath.Join(out, "D")).want(t, 0)
	recto(t, "rebuild", "--archive", archive).want(t, 0)
	if n, sheets := count(); n != 3 || sheets != 2 {
		t.Errorf("rebuilt: %d pages, %g sheets", n, sheets)
	}
	recto(t, "page", "set", "--archive", archive, "--split-spread", "none", ids[0]).want(t, 0)
	if n, _ := count(); n != 2 {
		t.Errorf("joined: %d pages", n)
	}
	recto(t, "page", "undo", "--archive", archive, "--batch", "B").want(t, 0)
	if n, _ := count(); n != 3 {
		t.Errorf("undone: %d pages", n)
	}
	recto(t, "verify", "--archive", archive).want(t, 0)
}

// TestWordFiles: a line that is of no use is named with its file, and nothing is read; a
// file as editors on Windows write it is taken.
func TestWordFiles(t *testing.T) {
	archive, _ := reader(t, "title.png")
	file := filepath.Join(t.TempDir(), "list.txt")
	for bad, want := range map[string]string{
		"\\d\\d\n\n\\q\n": file + ", line 3: ",
		"\\d\nM\xfcller":  file + ", line 2: this is not UTF-8",
		"\ufeff\n \n":     "nothing in this file",
	} {
		if err := os.WriteFile(file, []byte(bad), 0o600); err != nil {
			t.Fatal(err)
		}
		if a := recto(t, "process", "--archive", archive, "--patterns", file).want(t, 2); !strings.Contains(a.text(t, "failures.0.reason"), want) {
			t.Errorf("%q: %s", bad, a.stdout)
		}
	}
	recto(t, "process", "--archive", archive, "--lang=").want(t, 2)
	if err := os.WriteFile(file, []byte("\ufeffMüller\r\nMaier\r\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	recto(t, "process", "--archive", archive, "--retry", "--words", file).want(t, 0)
}

// TestTurnedSpread: a spread that lay on its side is cut the way up in which it was seen to
// be one, and neither of its pages is turned by itself, however badly it reads.
func TestTurnedSpread(t *testing.T) {
	dir := t.TempDir()
	side := filepath.Join(dir, "side.png")
	onItsSide(t, sample("spread.jpg"), side)
	archive := filepath.Join(dir, "a")
	recto(t, "init", archive).want(t, 0)
	recto(t, "import", "--archive", archive, "--batch", "B", side, sample("spread.jpg")).want(t, 0)
	recto(t, "process", "--archive", archive, "--lang", "eng").want(t, 0)
	w, err := workbench.Open(t.Context(), archive, workbench.Options{Program: program, Actor: "anna", Jobs: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	var pages []workbench.PageInfo
	for _, p := range recto(t, "list", "pages", "--archive", archive, "--batch", "B").list(t, "pages") {
		page, err := w.Page(t.Context(), scan.PageID(p.(map[string]any)["id"].(string)))
		if err != nil {
			t.Fatal(err)
		}
		pages = append(pages, page)
	}
	if len(pages) != 4 {
		t.Fatalf("%d pages of two spreads", len(pages))
	}
	for i, want := range []int{270, 270, 0, 0} {
		p := pages[i]
		o, set := scan.Find[scan.Orient](p.ByHand, scan.OrientStage)
		if !set || o.Degrees != want || p.Recipe.Quarter() != want {
			t.Errorf("page %d: %v, set: %v; want a turn of %d", p.Number, p.Recipe, p.ByHand, want)
		}
	}
	w.Close()
	recto(t, "page", "set", "--archive", archive, "--split-spread", "none", string(pages[0].ID)).want(t, 0)
	recto(t, "process", "--archive", archive).want(t, 0)
	if got := recto(t, "list", "pages", "--archive", archive, "--batch", "B").at(t, "pages.0.recipe").(string); !strings.HasPrefix(got, "orient 270°") || strings.Contains(got, "left of") {
		t.Errorf("joined and read again: %s", got)
	}
}

// onItsSide writes a picture turned by a quarter, clockwise.
func onItsSide(t *testing.T, from, to string) {
	t.Helper()
	in, err := os.Open(from)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	p, _, err := image.Decode(in)
	if err != nil {
		t.Fatal(err)
	}
	size := p.Bounds().Size()
	q := image.NewRGBA(image.Rect(0, 0, size.Y, size.X))
	for y := range size.Y {
		for x := range size.X {
			q.Set(size.Y-1-y, x, p.At(x, y))
		}
	}
	out, err := os.Create(to)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(png.Encode(out, q), out.Close()); err != nil {
		t.Fatal(err)
	}
}

// TestPreparePreview: what is done to pages is shown with pictures, and changes nothing.
func TestPreparePreview(t *testing.T) {
	archive := filepath.Join(t.TempDir(), "a")
	recto(t, "init", archive).want(t, 0)
	recto(t, "import", "--archive", archive, "--batch", "B", sample("letter-1.jpg"), sample("letter-10.jpg")).want(t, 0)
	out := t.TempDir()
	got := recto(t, "prepare", "--archive", archive, "--batch", "B", "--preview", out).want(t, 0)
	if n := len(got.list(t, "pages")); n != 2 {
		t.Errorf("%d pages", n)
	}
	for _, name := range []string{"0001-before.jpg", "0001-after.jpg", "0001-reading.jpg", "0002-after.jpg"} {
		if info, err := os.Stat(filepath.Join(out, name)); err != nil || info.Size() < 1000 {
			t.Errorf("%s: %v", name, err)
		}
	}
	recto(t, "prepare", "--archive", archive, "--batch", "B", "--preview", out).want(t, 1) // they are there
	recto(t, "prepare", "--archive", archive, "--batch", "B", "--preview", out, "--force").want(t, 0)
	recto(t, "prepare", "--archive", archive, "--batch", "B", "--preview", filepath.Join(out, "nowhere")).want(t, 1)
	for _, p := range recto(t, "list", "pages", "--archive", archive, "--batch", "B").list(t, "pages") {
		if p.(map[string]any)["state"] != "new" {
			t.Errorf("a preview changed %v", p)
		}
	}
}
