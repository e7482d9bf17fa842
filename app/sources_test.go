package main

import (
	"bytes"
	"fmt"
	"image"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/image/bmp"
)

// sheets writes small images that differ in their last bytes only, so that many
// can be imported fast.
func sheets(t *testing.T, dir string, names ...string) {
	t.Helper()
	for _, name := range names {
		sheet(t, filepath.Join(dir, name), filepath.Base(name))
	}
}

// sheet is a small PGM whose last pixels tell its content.
func sheet(t *testing.T, file, content string) {
	t.Helper()
	os.MkdirAll(filepath.Dir(file), 0o755)
	pixels := strings.Repeat("\xf0", 64*64-32) + fmt.Sprintf("%-32s", content)
	if err := os.WriteFile(file, []byte("P5\n64 64\n255\n"+pixels), 0o644); err != nil {
		t.Fatal(err)
	}
}

// sequence gives the batch's pages by the names of their files.
func sequence(t *testing.T, archive, batch string) string {
	t.Helper()
	var names []string
	for _, p := range recto(t, "list", "--archive", archive, "--batch", batch, "pages").want(t, 0).list(t, "pages") {
		names = append(names, filepath.Base(p.(map[string]any)["source"].(string)))
	}
	return strings.Join(names, " ")
}

func in(dir string) func(*exec.Cmd) { return func(c *exec.Cmd) { c.Dir = dir } }

// TestKnownSources: a file is known by where it lies and what it holds, not by how
// its path is spelled, what it is called, how large it is or when it was written.
func TestKnownSources(t *testing.T) {
	dir := t.TempDir()
	archive, one, two := filepath.Join(dir, "a"), filepath.Join(dir, "one"), filepath.Join(dir, "two")
	recto(t, "init", archive).want(t, 0)
	sheets(t, one, "in/1.pgm", "in/2.pgm")
	imp := func(from, path string) answer {
		t.Helper()
		return rectoIn(t, in(from), "import", "--archive", archive, "--batch", "B", path).want(t, 0)
	}
	count := func(a answer, added, known int) {
		t.Helper()
		if len(a.list(t, "added")) != added || int(a.at(t, "known").(float64)) != known {
			t.Errorf("want %d added and %d known\n%s", added, known, a.stdout)
		}
	}
	count(imp(one, "in"), 2, 0)
	for _, spelled := range []string{"in", "./in", "../one/in", filepath.Join(one, "in"), "in/"} {
		count(imp(one, spelled), 0, 2)
	}
	// Touched only.
	now := time.Now()
	os.Chtimes(filepath.Join(one, "in/1.pgm"), now, now)
	count(imp(one, "in"), 0, 2)
	// The same name elsewhere is another file, with other bytes or with the same.
	sheet(t, filepath.Join(two, "in/1.pgm"), "1.pgm")
	sheet(t, filepath.Join(two, "in/2.pgm"), "2,pgm")
	info, _ := os.Stat(filepath.Join(one, "in/2.pgm"))
	os.Chtimes(filepath.Join(two, "in/2.pgm"), info.ModTime(), info.ModTime())
	a := imp(two, "in")
	count(a, 2, 0)
	if a.at(t, "added.0.duplicate_of") == "" {
		t.Error("equal bytes of another file are not flagged as duplicate")
	}
	// One file given twice is two sheets, however it is spelled.
	recto(t, "import", "--archive", archive, "--batch", "C", filepath.Join(one, "in/1.pgm"), one+"/./in/1.pgm").want(t, 0)
	if got := sequence(t, archive, "C"); got != "1.pgm 1.pgm" {
		t.Errorf("given twice: %s", got)
	}
}

// TestPlaces: a sheet that comes later gets the place that the command gives it.
func TestPlaces(t *testing.T) {
	dir := t.TempDir()
	archive, src := filepath.Join(dir, "a"), filepath.Join(dir, "in")
	recto(t, "init", archive).want(t, 0)
	imp := func(paths ...string) answer {
		t.Helper()
		return recto(t, append([]string{"import", "--archive", archive, "--batch", "B"}, paths...)...)
	}
	expect := func(want string) {
		t.Helper()
		if got := sequence(t, archive, "B"); got != want {
			t.Errorf("order %s\nwant  %s", got, want)
		}
	}
	sheets(t, src, "4.pgm", "6.pgm", "9.pgm")
	imp(src).want(t, 0)
	sheets(t, src, "1.pgm", "2.pgm", "5.pgm", "10.pgm")
	imp(src).want(t, 0)
	expect("1.pgm 2.pgm 4.pgm 5.pgm 6.pgm 9.pgm 10.pgm")
	// A new version stands behind the old one and says so.
	sheet(t, filepath.Join(src, "1.pgm"), "better")
	a := imp(src).want(t, 0)
	expect("1.pgm 1.pgm 2.pgm 4.pgm 5.pgm 6.pgm 9.pgm 10.pgm")
	if len(a.list(t, "changed")) != 1 || !strings.Contains(a.text(t, "added.0.note"), "both are kept") {
		t.Errorf("the new version is not told: %s", a.stdout)
	}
	// The first source is gone, a new one comes after it.
	os.Remove(filepath.Join(src, "1.pgm"))
	sheets(t, src, "3.pgm")
	imp(src).want(t, 0)
	expect("1.pgm 1.pgm 2.pgm 3.pgm 4.pgm 5.pgm 6.pgm 9.pgm 10.pgm")
	// What has nothing to do with it goes to the end.
	sheets(t, dir, "0.pgm")
	imp(filepath.Join(dir, "0.pgm")).want(t, 0)
	expect("1.pgm 1.pgm 2.pgm 3.pgm 4.pgm 5.pgm 6.pgm 9.pgm 10.pgm 0.pgm")
}

// TestSourcesGone: what came in whole needs no source any more; what did not, does.
func TestSourcesGone(t *testing.T) {
	dir := t.TempDir()
	archive, src := filepath.Join(dir, "a"), filepath.Join(dir, "in")
	sheets(t, src, "1.pgm", "2.pgm")
	sheets(t, dir, "extra.pgm")
	args := []string{"digitise", "--archive", archive, "--title", "T", src, filepath.Join(dir, "extra.pgm")}
	a := recto(t, args...).want(t, 0)
	os.RemoveAll(src)
	os.Remove(filepath.Join(dir, "extra.pgm"))
	b := recto(t, args...).want(t, 0)
	if b.text(t, "document.sha256") != a.text(t, "document.sha256") || len(b.list(t, "failures")) != 0 || len(b.list(t, "ignored")) != 2 {
		t.Errorf("without its sources: %s", b.stdout)
	}

	// A folder that was not gone through to the end is missed.
	many := filepath.Join(dir, "many")
	for i := range 400 {
		sheets(t, many, fmt.Sprintf("%d.pgm", i))
	}
	cut := exec.Command(program, "import", "--archive", archive, "--batch", "cut", many)
	if err := cut.Start(); err != nil {
		t.Fatal(err)
	}
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(time.Millisecond) {
		if found, _ := filepath.Glob(filepath.Join(archive, "masters", "*", "*.pnm")); len(found) > 10 {
			break
		}
	}
	cut.Process.Kill()
	cut.Wait()
	os.RemoveAll(many)
	missed := recto(t, "import", "--archive", archive, "--batch", "cut", many).want(t, 1)
	if len(missed.list(t, "failures")) != 1 {
		t.Error(missed.stdout)
	}
	// Nor is a path done that never was.
	nowhere := filepath.Join(dir, "nowhere")
	recto(t, "import", "--archive", archive, "--batch", "typo", nowhere).want(t, 1)
	again := recto(t, "import", "--archive", archive, "--batch", "typo", nowhere).want(t, 1)
	if len(again.list(t, "failures")) != 1 {
		t.Errorf("a source that never was is taken for done: %s", again.stdout)
	}
}

// TestDismiss: a slip of the pen does not make a document incomplete for ever.
func TestDismiss(t *testing.T) {
	dir := t.TempDir()
	archive, typo := filepath.Join(dir, "a"), filepath.Join(dir, "lettr.pgm")
	sheets(t, dir, "letter.pgm")
	args := []string{"digitise", "--archive", archive, "--batch", "B", "--title", "T"}
	a := recto(t, append(args, filepath.Join(dir, "letter.pgm"), typo)...).want(t, 1)
	if a.text(t, "document.state") != "incomplete" {
		t.Fatal(a.stdout)
	}
	right := append(args, filepath.Join(dir, "letter.pgm"))
	recto(t, right...).want(t, 1) // it stays the batch's
	recto(t, "dismiss", "--archive", archive, "--batch", "B", "--reason", "no such letter", filepath.Join(dir, "other.pgm")).want(t, 1)
	recto(t, "dismiss", "--archive", archive, "--batch", "B", "--reason", "a slip of the pen", typo).want(t, 0)
	b := recto(t, right...).want(t, 0)
	if b.text(t, "document.state") != "complete" || b.text(t, "document.id") != a.text(t, "document.id") {
		t.Error(b.stdout)
	}
	// The longer command still names it, with the reason, and is content.
	c := recto(t, append(args, filepath.Join(dir, "letter.pgm"), typo)...).want(t, 0)
	if !strings.Contains(c.text(t, "ignored.0.reason"), "a slip of the pen") || len(c.list(t, "failures")) != 0 {
		t.Error(c.stdout)
	}
	show := recto(t, "show", "--archive", archive, "B").want(t, 0)
	if show.text(t, "rejects.0.dismissed") != "a slip of the pen" {
		t.Error(show.stdout)
	}
	// After a rebuild it is still so; and it can be taken back.
	recto(t, "rebuild", "--archive", archive).want(t, 0)
	recto(t, right...).want(t, 0)
	recto(t, "dismiss", "--archive", archive, "--batch", "B", "--undo", typo).want(t, 0)
	recto(t, right...).want(t, 1)
	// What comes in after all is no reject any more.
	sheet(t, typo, "lettr")
	recto(t, append(args, filepath.Join(dir, "letter.pgm"), typo)...).want(t, 0)
}

// TestTitles: a title names a document; another title is another document, and no
// title means the one that the batch was given.
func TestTitles(t *testing.T) {
	dir := t.TempDir()
	archive := filepath.Join(dir, "a")
	sheets(t, dir, "1.pgm", "2.pgm")
	one := recto(t, "digitise", "--archive", archive, "--batch", "B", "--title", "One", filepath.Join(dir, "1.pgm")).want(t, 0)
	two := recto(t, "digitise", "--archive", archive, "--batch", "B", "--title", "Two", filepath.Join(dir, "2.pgm")).want(t, 0)
	if one.text(t, "document.id") == two.text(t, "document.id") || len(two.list(t, "document.pages")) != 2 {
		t.Errorf("another title: %s", two.stdout)
	}
	first := recto(t, "show", "--archive", archive, "One").want(t, 0)
	if len(first.list(t, "document.pages")) != 1 {
		t.Errorf("the first document was changed: %s", first.stdout)
	}
	none := recto(t, "digitise", "--archive", archive, "--batch", "B", filepath.Join(dir, "1.pgm")).want(t, 0)
	verb := recto(t, "document", "--archive", archive, "--batch", "B", "--title", "One").want(t, 0)
	for _, a := range []answer{none, verb} {
		if a.text(t, "document.id") != one.text(t, "document.id") {
			t.Errorf("want the document One: %s", a.stdout)
		}
	}
}

// TestZeroedRendition: after a power cut a file may hold zeros. What can be made
// again is, and a master that is not what it was is not passed off as the page.
func TestZeroedRendition(t *testing.T) {
	dir := t.TempDir()
	archive, scans := filepath.Join(dir, "a"), filepath.Join(dir, "in")
	grey := image.NewRGBA(image.Rect(0, 0, 300, 400))
	for i := range grey.Pix {
		grey.Pix[i] = byte(200 + i%50)
	}
	var b bytes.Buffer
	if err := bmp.Encode(&b, grey); err != nil { // no PDF can show a BMP as it lies
		t.Fatal(err)
	}
	os.MkdirAll(scans, 0o755)
	os.WriteFile(filepath.Join(scans, "1.bmp"), b.Bytes(), 0o644)
	os.WriteFile(filepath.Join(scans, "2.jpg"), read(t, sample("letter-2-verso.jpg")), 0o644)
	args := []string{"digitise", "--archive", archive, "--title", "T", scans}
	a := recto(t, args...).want(t, 0)
	one := func(pattern string) string {
		t.Helper()
		found, _ := filepath.Glob(filepath.Join(archive, pattern))
		if len(found) != 1 {
			t.Fatalf("%s: %q", pattern, found)
		}
		return found[0]
	}
	zero := func(file string) {
		t.Helper()
		os.Chmod(file, 0o644)
		if err := os.WriteFile(file, make([]byte, len(read(t, file))), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	zero(one("renditions/*/*.bin"))
	zero(one("documents/*.pdf"))
	again := recto(t, args...).want(t, 0)
	if again.text(t, "document.sha256") != a.text(t, "document.sha256") {
		t.Error("the PDF was made of a damaged rendition")
	}
	zero(one("masters/*/*.jpg"))
	os.Remove(one("documents/*.pdf"))
	damaged := recto(t, args...).want(t, 1)
	if damaged.text(t, "document.state") != "incomplete" || !strings.Contains(damaged.text(t, "failures.0.reason"), "not what they were") && !strings.Contains(damaged.text(t, "failures.0.reason"), "changed") {
		t.Error(damaged.stdout)
	}
}

// TestFolderShut: a folder that is there and cannot be looked into may hold more
// than what came in; a file of it that cannot be read any more does not matter.
func TestFolderShut(t *testing.T) {
	if os.Geteuid() != 0 {
		lacking(t, "root (to be another user)")
	}
	dir := t.TempDir()
	for at := dir; at != os.TempDir() && at != "/"; at = filepath.Dir(at) {
		os.Chmod(at, 0o755)
	}
	home := filepath.Join(dir, "mine")
	os.Mkdir(home, 0o777)
	os.Chmod(home, 0o777)
	src := filepath.Join(dir, "in")
	sheets(t, src, "1.pgm", "2.pgm")
	nobody := as(tool(t, "setpriv"), dir)
	args := []string{"import", "--archive", filepath.Join(home, "a"), "--batch", "B", src}
	rectoIn(t, nobody, "init", filepath.Join(home, "a")).want(t, 0)
	rectoIn(t, nobody, args...).want(t, 0)
	os.Chmod(filepath.Join(src, "1.pgm"), 0)
	a := rectoIn(t, nobody, args...).want(t, 0)
	if a.at(t, "known") != 2.0 || len(a.list(t, "failures")) != 0 {
		t.Errorf("a known file that cannot be read: %s", a.stdout)
	}
	os.Chmod(src, 0)
	b := rectoIn(t, nobody, args...).want(t, 1)
	if len(b.list(t, "failures")) != 1 {
		t.Errorf("a folder that cannot be read: %s", b.stdout)
	}
	os.Chmod(src, 0o755)
}

// TestEachFails: with --each a path that gives no page is one failure, and the
// documents of the others are there.
func TestEachFails(t *testing.T) {
	dir := t.TempDir()
	sheets(t, dir, "1.pgm", "2.pgm")
	empty, nowhere := filepath.Join(dir, "empty"), filepath.Join(dir, "nowhere.tif")
	os.Mkdir(empty, 0o755)
	args := []string{"digitise", "--each", "--archive", filepath.Join(dir, "a"), "--batch", "B",
		filepath.Join(dir, "1.pgm"), nowhere, empty, filepath.Join(dir, "2.pgm")}
	a := recto(t, args...).want(t, 1)
	if len(a.list(t, "documents")) != 2 || a.text(t, "documents.1.title") != "2" {
		t.Errorf("documents: %s", a.stdout)
	}
	var paths []string
	for _, f := range a.list(t, "failures") {
		paths = append(paths, f.(map[string]any)["path"].(string))
	}
	if want := nowhere + " " + empty; strings.Join(paths, " ") != want {
		t.Errorf("failures of %q, want %s", paths, want)
	}
	recto(t, "dismiss", "--archive", filepath.Join(dir, "a"), "--batch", "B", "--reason", "r", nowhere).want(t, 0)
	b := recto(t, args...).want(t, 1)
	if len(b.list(t, "failures")) != 1 {
		t.Errorf("after it was set aside: %s", b.stdout)
	}
}

// TestMadeByTwo: several commands at once make one archive, and who comes second
// works in it or is told who does.
func TestMadeByTwo(t *testing.T) {
	dir := t.TempDir()
	sheets(t, dir, "1.pgm")
	for round := range 5 {
		archive := filepath.Join(dir, fmt.Sprintf("a%d", round))
		var wg sync.WaitGroup
		for i := range 4 {
			wg.Go(func() {
				out, err := exec.Command(program, "digitise", "--json", "--archive", archive, "--title", fmt.Sprint("T", i), filepath.Join(dir, "1.pgm")).Output()
				if err != nil && !strings.Contains(string(out), "another Recto") {
					t.Errorf("%v: %s", err, out)
				}
			})
		}
		wg.Wait()
		recto(t, "verify", "--archive", archive).want(t, 0)
	}
}

// TestBytesInArguments: a name need not be UTF-8, wherever it is given.
func TestBytesInArguments(t *testing.T) {
	dir := t.TempDir()
	archive, out, to := filepath.Join(dir, "ar\xff"), filepath.Join(dir, "out\xfe"), filepath.Join(dir, "to\xfd")
	sheets(t, dir, "\xff\xfe.pgm", "folder\xff/1.pgm")
	recto(t, "init", archive).want(t, 0)
	a := recto(t, "digitise", "--archive", archive, "--title", "T", "--out", out,
		filepath.Join(dir, "\xff\xfe.pgm"), filepath.Join(dir, "folder\xff")).want(t, 0)
	if len(a.list(t, "document.pages")) != 2 || !strings.HasSuffix(a.text(t, "document.pages.0.source"), "/%FF%FE.pgm") {
		t.Error(a.stdout)
	}
	recto(t, "export", "--archive", archive, "--to", to, "T").want(t, 0)
	recto(t, "verify", filepath.Join(to, "T")).want(t, 0)
	recto(t, "verify", "--archive", archive).want(t, 0)
	for _, made := range []string{filepath.Join(archive, "recto.json"), filepath.Join(out, "T.pdf"), filepath.Join(to, "T", "bagit.txt")} {
		if _, err := os.Stat(made); err != nil {
			t.Error(err)
		}
	}
	b := recto(t, "import", "--archive", archive, filepath.Join(dir, "no\xffwhere")).want(t, 1)
	if !strings.HasSuffix(b.text(t, "failures.0.path"), "/no%FFwhere") {
		t.Error(b.stdout)
	}
}

// TestPercentInTitle: not every reader of bags undoes the %25 of their manifests.
func TestPercentInTitle(t *testing.T) {
	dir := t.TempDir()
	sheets(t, dir, "1.pgm")
	recto(t, "digitise", "--archive", filepath.Join(dir, "a"), "--title", "100% wool %41", filepath.Join(dir, "1.pgm")).want(t, 0)
	recto(t, "export", "--archive", filepath.Join(dir, "a"), "--to", filepath.Join(dir, "to"), "100% wool %41").want(t, 0)
	bag := filepath.Join(dir, "to", "100% wool %41")
	if manifest := read(t, filepath.Join(bag, "manifest-sha256.txt")); bytes.Contains(manifest, []byte("%")) {
		t.Errorf("%s", manifest)
	}
	recto(t, "verify", bag).want(t, 0)
}

// TestFaintOrAtTheEdge: what looks like bare paper is read once before it counts as
// blank; bare paper stays blank.
func TestFaintOrAtTheEdge(t *testing.T) {
	magick := tool(t, "convert")
	dir := t.TempDir()
	paper := []string{"-size", "2480x3508", "xc:white", "-density", "300", "-units", "PixelsPerInch"}
	os.Mkdir(filepath.Join(dir, "in"), 0o755)
	for name, draw := range map[string][]string{
		"1-edge.png":  {"-pointsize", "9", "-gravity", "NorthWest", "-annotate", "+60+60", "Folio 17 recto"},
		"2-faint.png": {"-pointsize", "12", "-fill", "gray(226)", "-gravity", "Center", "-annotate", "+0+0", "The harvest was poor and\nthe winter came early"},
		"3-bare.png":  {},
	} {
		out, err := exec.Command(magick, append(append(slices.Clone(paper), draw...), filepath.Join(dir, "in", name))...).CombinedOutput()
		if err != nil {
			t.Fatalf("%v: %s", err, out)
		}
	}
	a := recto(t, "digitise", "--archive", filepath.Join(dir, "a"), "--title", "T", filepath.Join(dir, "in")).want(t, 0)
	for i, want := range []string{"done", "done", "blank"} {
		if got := a.text(t, fmt.Sprintf("document.pages.%d.state", i)); got != want {
			t.Errorf("page %d is %s, want %s", i+1, got, want)
		}
	}
	for _, word := range []string{"recto", "harvest"} {
		if recto(t, "search", "--archive", filepath.Join(dir, "a"), word).want(t, 0).at(t, "total") != 1.0 {
			t.Errorf("%q is not found", word)
		}
	}
}

// TestOverlappingPaths: with --each a folder's document has all its files, also those
// that were given by themselves, before it, after it or in an earlier command.
func TestOverlappingPaths(t *testing.T) {
	dir := t.TempDir()
	sheets(t, dir, "k/1.pgm", "k/2.pgm", "k/3.pgm")
	file, folder := filepath.Join(dir, "k/1.pgm"), filepath.Join(dir, "k")
	count := func(archive string, want []int, paths ...string) {
		t.Helper()
		a := recto(t, append([]string{"digitise", "--each", "--archive", filepath.Join(dir, archive), "--batch", "B"}, paths...)...).want(t, 0)
		var got []int
		for _, d := range a.list(t, "documents") {
			got = append(got, len(d.(map[string]any)["pages"].([]any)))
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s, %q: documents of %d pages, want %d", archive, paths, got, want)
		}
	}
	count("a", []int{1, 3}, file, folder)
	count("b", []int{3, 1}, folder, file)
	count("c", []int{3, 3}, folder, folder)
	count("d", []int{1}, file)
	count("d", []int{3}, folder)
}

// TestContainerGrows: of a file with several pages that has changed only the pages
// that have changed come in.
func TestContainerGrows(t *testing.T) {
	qpdf := tool(t, "qpdf")
	dir := t.TempDir()
	sheets(t, dir, "1.pgm", "2.pgm", "3.pgm")
	made := recto(t, "digitise", "--archive", filepath.Join(dir, "made"), "--title", "Book", "--out", filepath.Join(dir, "out"),
		filepath.Join(dir, "1.pgm"), filepath.Join(dir, "2.pgm"), filepath.Join(dir, "3.pgm")).want(t, 0)
	book := filepath.Join(dir, "book.pdf")
	args := []string{"digitise", "--archive", filepath.Join(dir, "a"), "--title", "T", book}
	for _, pages := range []int{2, 3} {
		os.Remove(book)
		if out, err := exec.Command(qpdf, made.text(t, "files.0"), "--pages", ".", fmt.Sprintf("1-%d", pages), "--", book).CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		a := recto(t, args...).want(t, 0)
		if got := a.list(t, "document.pages"); len(got) != pages {
			t.Errorf("%d pages, want %d: %s", len(got), pages, a.stdout)
		}
	}
}
