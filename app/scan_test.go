package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"recto/scan/scantest"
)

// scanner is an archive beside SANE's test device.
type scanner struct {
	t       *testing.T
	env     []string
	archive string
}

func newScanner(t *testing.T) *scanner {
	s := &scanner{t, testDevice(t), filepath.Join(t.TempDir(), "archive")}
	recto(t, "init", s.archive).want(t, 0)
	return s
}

func (s *scanner) scan(code int, args ...string) answer {
	s.t.Helper()
	base := []string{"scan", "--archive", s.archive, "--device", "sane:test:0", "--batch", "B"}
	if !slices.Contains(args, "--resolution") {
		base = append(base, "--resolution", "75")
	}
	args = append(base, args...)
	return rectoIn(s.t, with(s.env), args...).want(s.t, code)
}

// labels are those of the batch's pages in order, with their sheets: "1r#1 1v#2".
func (s *scanner) labels() string {
	s.t.Helper()
	var out []string
	for _, p := range recto(s.t, "list", "pages", "--archive", s.archive, "--batch", "B").want(s.t, 0).list(s.t, "pages") {
		page := p.(map[string]any)
		out = append(out, fmt.Sprintf("%v#%v", page["label"], page["capture"].(map[string]any)["sheet"]))
	}
	return strings.Join(out, " ")
}

func (s *scanner) id(number int) string {
	s.t.Helper()
	return recto(s.t, "list", "pages", "--archive", s.archive, "--batch", "B").list(s.t, "pages")[number-1].(map[string]any)["id"].(string)
}

func (s *scanner) batch(args ...string) answer {
	s.t.Helper()
	return recto(s.t, append([]string{"batch"}, args...)...)
}

// A feeder is emptied, sheet by sheet, and each page says how it was made.
func TestScanFeeder(t *testing.T) {
	s := newScanner(t)
	a := s.scan(0, "--source", "adf", "--mode", "color", "--option", "test-picture=Color pattern")
	pages := a.list(t, "pages")
	if len(pages) != 10 || len(a.list(t, "failures")) != 0 {
		t.Fatalf("%d pages\n%s", len(pages), a.stdout)
	}
	for i, p := range pages {
		page := p.(map[string]any)
		c := page["capture"].(map[string]any)
		if !strings.HasSuffix(page["master"].(string), ".tif") || c["sheet"] != float64(i+1) || c["driver"] == "" || len(c["options"].([]any)) < 10 || page["number"] != float64(i+1) {
			t.Errorf("page %d: %v", i+1, page)
		}
	}
	recto(t, "verify", "--archive", s.archive).want(t, 0)
	// Another run goes behind it.
	s.scan(0, "--source", "adf", "--sheets", "2")
	if n := len(recto(t, "list", "pages", "--archive", s.archive, "--batch", "B").list(t, "pages")); n != 12 {
		t.Errorf("%d pages after two more", n)
	}
	// What nobody has set is not taken at its word: without its file of settings SANE's test
	// device begins at 0.00076 dpi.
	bare := t.TempDir()
	if err := os.WriteFile(filepath.Join(bare, "dll.conf"), []byte("test\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	a = rectoIn(t, with([]string{"SANE_CONFIG_DIR=" + bare}), "scan", "--archive", s.archive, "--device", "sane:test:0", "--batch", "B").want(t, 0)
	if dpi := a.list(t, "pages")[0].(map[string]any)["dpi"]; dpi != 300.0 {
		t.Errorf("%v dpi", dpi)
	}
}

// What the device reports ends in a message that names the remedy, with exit 1,
// and the sheets before it stay.
func TestScanTroubles(t *testing.T) {
	s := newScanner(t)
	s.scan(0, "--source", "adf", "--sheets", "3")
	for status, says := range map[string][2]string{
		"JAMMED": {"jammed", "Take the jammed sheet out"}, "NO_DOCS": {"feeder is empty", "next sheets into the feeder"}, "COVER_OPEN": {"cover is open", "Close the device's cover"},
		"DEVICE_BUSY": {"busy", "Wait a moment"}, "IO_ERROR": {"input or output", "Switch the device off and on"}, "NO_MEM": {"no memory", "lower resolution"}, "ACCESS_DENIED": {"denied", "right to use it"},
	} {
		a := s.scan(1, "--option", "read-return-value=SANE_STATUS_"+status)
		f := a.list(t, "failures")
		if len(f) != 1 || len(a.list(t, "pages")) != 0 {
			t.Fatalf("%s: %s", status, a.stdout)
		}
		failure := f[0].(map[string]any)
		if !strings.Contains(failure["reason"].(string), says[0]) || !strings.Contains(failure["remedy"].(string), says[1]) {
			t.Errorf("%s: %v", status, failure)
		}
	}
	for _, args := range [][]string{{"--option", "colour=yes"}, {"--option", "depth=3"}, {"--source", "duplex"}, {"--mode", "sepia"}, {"--resolution", "137.5"}} {
		if a := s.scan(1, args...); !strings.Contains(a.stdout, "does not take this setting") {
			t.Errorf("%q: %s", args, a.stdout)
		}
	}
	a := rectoIn(t, with(s.env), "scan", "--archive", s.archive, "--device", "sane:nobody:0", "--batch", "B").want(t, 1)
	if !strings.Contains(a.stdout, "no such device") {
		t.Error(a.stdout)
	}
	recto(t, "scan", "--archive", s.archive, "--batch", "B").want(t, 1) // no device at all
	rectoIn(t, with(s.env), "scan", "--archive", s.archive, "--device", "sane:test:0", "--depth", "3").want(t, 2)
	rectoIn(t, with(s.env), "scan", "--archive", s.archive, "--device", "sane:test:0", "--option", "novalue").want(t, 2)
	rectoIn(t, with(s.env), "scan", "--archive", s.archive, "--device", "sane:test:0", "--area", "0,0,0,0").want(t, 2)
	if n := len(recto(t, "list", "pages", "--archive", s.archive, "--batch", "B").list(t, "pages")); n != 3 {
		t.Errorf("%d pages after all the trouble", n)
	}
	// Where nothing came no batch is made.
	a = rectoIn(t, with(s.env), "scan", "--archive", s.archive, "--device", "sane:test:0", "--option", "read-return-value=SANE_STATUS_NO_DOCS").want(t, 1)
	if !strings.Contains(a.stdout, `"batch": null`) {
		t.Error(a.stdout)
	}
	if n := len(recto(t, "list", "batches", "--archive", s.archive).list(t, "batches")); n != 1 {
		t.Errorf("%d batches", n)
	}
	recto(t, "verify", "--archive", s.archive).want(t, 0)
}

// Pages are inserted, scanned anew, taken back and brought again, each labelled as
// it should be.
func TestScanPlaces(t *testing.T) {
	s := newScanner(t)
	s.batch("create", "--archive", s.archive, "--shelfmark", "B", "--series", "1r").want(t, 0)
	s.scan(0, "--source", "adf", "--sheets", "3")
	is := func(want string) {
		t.Helper()
		if got := s.labels(); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
	is("1r#1 1v#2 2r#3")
	second := s.id(2)
	s.scan(0, "--before", second, "--label", "1bis")
	is("1r#1 1bis#1 1v#2 2r#3")
	s.scan(0, "--before", s.id(1))
	is("#1 1r#1 1bis#1 1v#2 2r#3")
	for _, step := range []struct{ verb, want string }{
		{"undo", "1r#1 1bis#1 1v#2 2r#3"}, {"undo", "1r#1 1v#2 2r#3"},
		{"redo", "1r#1 1bis#1 1v#2 2r#3"}, {"redo", "#1 1r#1 1bis#1 1v#2 2r#3"},
	} {
		recto(t, "page", step.verb, "--archive", s.archive, "--batch", "B").want(t, 0)
		is(step.want)
	}
	s.scan(0, "--replace", second, "--source", "adf")
	is("#1 1r#1 1bis#1 1v#1 2r#3")
	versions := recto(t, "page", "versions", "--archive", s.archive, s.id(4)).want(t, 0).list(t, "pages")
	if len(versions) != 2 || versions[1].(map[string]any)["id"] != second {
		t.Errorf("versions %v", versions)
	}
	if old := recto(t, "page", "versions", "--archive", s.archive, second).want(t, 0).list(t, "pages"); len(old) != 2 || old[1].(map[string]any)["id"] != second {
		t.Errorf("versions of the old one %v", old)
	}
	recto(t, "page", "undo", "--archive", s.archive, "--batch", "B").want(t, 0)
	is("#1 1r#1 1bis#1 1v#2 2r#3")
	recto(t, "page", "redo", "--archive", s.archive, "--batch", "B").want(t, 0)
	is("#1 1r#1 1bis#1 1v#1 2r#3")
	recto(t, "page", "label", "--archive", s.archive, "--first", "iv", s.id(1), s.id(2)).want(t, 0)
	is("iv#1 v#1 1bis#1 1v#1 2r#3")
	s.scan(0, "--sheets", "1", "--source", "adf")
	is("iv#1 v#1 1bis#1 1v#1 2r#3 2v#1")
	recto(t, "page", "reverse", "--archive", s.archive, s.id(5), s.id(6)).want(t, 0)
	is("iv#1 v#1 1bis#1 1v#1 2v#1 2r#3")
	// One that was captured anew twice, out of the bin in between, knows the first again.
	again := s.id(6)
	s.scan(0, "--replace", again)
	recto(t, "page", "restore", "--archive", s.archive, again).want(t, 0)
	s.scan(0, "--replace", again)
	recto(t, "page", "undo", "--archive", s.archive, "--batch", "B").want(t, 0)
	if v := recto(t, "page", "versions", "--archive", s.archive, again).want(t, 0).list(t, "pages"); len(v) != 2 || v[1].(map[string]any)["id"] != again {
		t.Errorf("versions of what was captured anew twice: %v", v)
	}
	for range 2 {
		recto(t, "page", "undo", "--archive", s.archive, "--batch", "B").want(t, 0)
	}
	if v := recto(t, "page", "versions", "--archive", s.archive, again).want(t, 0).list(t, "pages"); len(v) != 1 {
		t.Errorf("versions of what was not captured anew after all: %v", v)
	}
	s.scan(0, "--source", "adf", "--sheets", "3", "--after", s.id(6), "--label", "20r")
	is("iv#1 v#1 1bis#1 1v#1 2v#1 2r#3 20r#1 20v#2 21r#3")
	// What the batch says of itself is taken back in its turn, and given again.
	s.batch("describe", "--archive", s.archive, "--batch", "B", "--title", "Diary").want(t, 0)
	title := func(verb, want string) {
		t.Helper()
		recto(t, "page", verb, "--archive", s.archive, "--batch", "B").want(t, 0)
		if got := recto(t, "list", "batches", "--archive", s.archive).list(t, "batches")[0].(map[string]any)["title"]; fmt.Sprint(got) != want {
			t.Errorf("%s: title %v, want %q", verb, got, want)
		}
		is("iv#1 v#1 1bis#1 1v#1 2v#1 2r#3 20r#1 20v#2 21r#3")
	}
	title("undo", "")
	title("redo", "Diary")
	// A signature does not hold for other sheets that make the same number.
	s.batch("describe", "--archive", s.archive, "--batch", "B", "--expected", "10").want(t, 0)
	s.batch("sign", "--archive", s.archive, "--batch", "B", "--reason", "sheet 3 was never there").want(t, 0)
	state := func(want string) {
		t.Helper()
		if got := recto(t, "list", "batches", "--archive", s.archive).list(t, "batches")[0].(map[string]any)["state"]; got != want {
			t.Errorf("the count is %v, want %q", got, want)
		}
	}
	state("signed")
	s.scan(0, "--replace", s.id(1)) // the same sheet, captured anew
	state("signed")
	s.scan(0, "--sheets", "1", "--source", "adf")
	state("complete")
	recto(t, "page", "bin", "--archive", s.archive, s.id(2)).want(t, 0)
	state("short")
	recto(t, "page", "undo", "--archive", s.archive, "--batch", "B").want(t, 0)
	recto(t, "page", "bin", "--archive", s.archive, s.id(10)).want(t, 0)
	state("signed")
	recto(t, "verify", "--archive", s.archive).want(t, 0)
	before := s.labels()
	recto(t, "rebuild", "--archive", s.archive).want(t, 0)
	is(before)
	s.scan(1, "--replace", "nobody")
	recto(t, "batch", "describe", "--archive", s.archive, "--batch", " B\n", "--container", "Box 3").want(t, 0)
	s.scan(2, "--first", "--after", second)
	is(before)
}

// Both sides by hand: all fronts, then all backs, the last sheet first.
func TestScanBothSides(t *testing.T) {
	s := newScanner(t)
	s.batch("create", "--archive", s.archive, "--shelfmark", "B", "--series", "1r", "--sides", "2", "--expected", "4").want(t, 0)
	s.scan(0, "--source", "adf", "--sheets", "3", "--fronts")
	if got := s.labels(); got != "1r#1 2r#2 3r#3" {
		t.Errorf("fronts: %s", got)
	}
	a := s.scan(0, "--source", "adf", "--sheets", "3", "--backs")
	if got := s.labels(); got != "1r#1 1v#3 2r#2 2v#2 3r#3 3v#1" || !strings.Contains(a.stdout, "3 backs were put between 3 fronts") {
		t.Errorf("both: %s\n%s", got, a.stdout)
	}
	if !strings.Contains(a.stdout, `"state": "short"`) { // three of four sheets
		t.Error(a.stdout)
	}
	recto(t, "page", "undo", "--archive", s.archive, "--batch", "B").want(t, 0)
	if got := s.labels(); got != "1r#1 2r#2 3r#3 #1 #2 #3" {
		t.Errorf("undone: %s", got)
	}
	s.batch("interleave", "--archive", s.archive, "--batch", "B").want(t, 0)
	// A pile of which one back is missing is left as it is.
	s.scan(0, "--source", "adf", "--sheets", "2", "--fronts")
	if a = s.scan(0, "--source", "adf", "--sheets", "1", "--backs"); !strings.Contains(a.stdout, "left as they are") {
		t.Error(a.stdout)
	}
	if got := s.labels(); got != "1r#1 1v#3 2r#2 2v#2 3r#3 3v#1 4r#1 5r#2 #1" {
		t.Errorf("one is missing: %s", got)
	}
	s.batch("interleave", "--archive", s.archive, "--batch", "B").want(t, 1)
	s.scan(0, "--source", "adf", "--sheets", "1", "--backs")
	if got := s.labels(); got != "1r#1 1v#3 2r#2 2v#2 3r#3 3v#1 4r#1 4v#1 5r#2 5v#1" {
		t.Errorf("it came: %s", got)
	}
}

// Ctrl-C in the middle of a page: the sheets before it are there, nothing else is.
func TestScanCancelled(t *testing.T) {
	s := newScanner(t)
	cmd := exec.Command(program, "scan", "--json", "--archive", s.archive, "--device", "sane:test:0", "--batch", "B", "--source", "adf", "--resolution", "300", "--mode", "color",
		"--option", "read-delay=yes", "--option", "read-delay-duration=20000", "--option", "read-limit=yes", "--option", "read-limit-size=65536")
	with(s.env)(cmd)
	out := &strings.Builder{}
	cmd.Stdout = out
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	time.Sleep(4 * time.Second) // a page takes about a second and a half
	cmd.Process.Signal(syscall.SIGINT)
	begun := time.Now()
	cmd.Wait()
	if code := cmd.ProcessState.ExitCode(); code != 130 {
		t.Errorf("exit %d\n%s", code, out)
	}
	t.Logf("it took %v to end", time.Since(begun))
	pages := recto(t, "list", "pages", "--archive", s.archive, "--batch", "B").want(t, 0).list(t, "pages")
	if len(pages) == 0 || len(pages) > 8 || !strings.Contains(out.String(), "stopped") {
		t.Errorf("%d pages\n%s", len(pages), out)
	}
	recto(t, "verify", "--archive", s.archive).want(t, 0)
	if left, _ := filepath.Glob(filepath.Join(s.archive, "tmp", "*")); len(left) > 0 {
		t.Errorf("left in tmp: %v", left)
	}
}

// A locked profile lets nothing be set otherwise; its supervisor may change it.
func TestScanLockedProfile(t *testing.T) {
	s := newScanner(t)
	word := filepath.Join(t.TempDir(), "word")
	if err := os.WriteFile(word, []byte("lavender\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	save := func(code int, args ...string) answer {
		t.Helper()
		return recto(t, append([]string{"profile", "save", "--archive", s.archive}, args...)...).want(t, code)
	}
	save(1, "--lock", "Cards", "--word-file", word) // nobody has set a word yet
	recto(t, "profile", "supervisor", "--archive", s.archive, "--new-word-file", word).want(t, 0)
	save(0, "--device", "sane:test:0", "--source", "adf", "--mode", "gray", "--depth", "16", "--resolution", "50", "--lock", "Cards", "--word-file", word)
	save(1, "--depth", "8", "Cards")
	scan := func(code int, args ...string) answer {
		t.Helper()
		return rectoIn(t, with(s.env), append([]string{"scan", "--archive", s.archive, "--profile", "cards", "--batch", "B", "--sheets", "1"}, args...)...).want(t, code)
	}
	if a := scan(1, "--depth", "8"); !strings.Contains(a.stdout, "leave out depth") {
		t.Error(a.stdout)
	}
	if a := scan(1, "--area", "0,0,10,10"); !strings.Contains(a.stdout, "leave out area") { // which the profile leaves open
		t.Error(a.stdout)
	}
	scan(1, "--option", "test-picture=Grid")
	a := scan(0)
	if c := a.list(t, "pages")[0].(map[string]any)["capture"].(map[string]any); c["profile"] != "Cards" || !strings.Contains(fmt.Sprint(c["options"]), "name:depth value:16") {
		t.Errorf("%v", c)
	}
	recto(t, "profile", "remove", "--archive", s.archive, "Cards").want(t, 1)
	recto(t, "profile", "remove", "--archive", s.archive, "Cards", "--word-file", word).want(t, 0)
	scan(1)
}

// A network scanner, as its users have it: listed, asked for its options, scanned
// from both sides; a jam in the middle leaves what came before it.
func TestScanNetwork(t *testing.T) {
	s := newScanner(t)
	v := scantest.NewESCL()
	device := "escl:" + v.Serve(t)
	s.env = append(s.env, "RECTO_SCANNERS="+device, "XDG_CONFIG_HOME="+t.TempDir())
	found := false
	for _, d := range rectoIn(t, with(s.env), "devices").want(t, 0).list(t, "devices") {
		d := d.(map[string]any)
		found = found || d["id"] == device && d["kind"] == "escl" && d["vendor"] == "Noname" && d["model"] == "Virtual 3000"
	}
	if !found {
		t.Errorf("%s is not listed", device)
	}
	if o := rectoIn(t, with(s.env), "devices", "--options", device).want(t, 0).list(t, "options"); len(o) < 3 {
		t.Errorf("options %v", o)
	}
	scan := func(code int, args ...string) answer {
		t.Helper()
		return rectoIn(t, with(s.env), append([]string{"scan", "--archive", s.archive, "--device", device, "--batch", "B", "--resolution", "75"}, args...)...).want(t, code)
	}
	both := scan(0, "--source", "duplex", "--mode", "color")
	pages := both.list(t, "pages")
	if len(pages) != 6 || both.at(t, "batch.count.sheets") != 3.0 { // though nobody said that a sheet gives two
		t.Fatalf("%d sides of three sheets\n%s", len(pages), both.stdout)
	}
	for i, p := range pages {
		p := p.(map[string]any)
		if want := []string{"front", "back"}[i%2]; p["side"] != want || !strings.HasSuffix(p["master"].(string), ".tif") {
			t.Errorf("page %d: %v", i+1, p)
		}
	}
	v.Change(func(v *scantest.ESCL) {
		v.Loaded, v.Faults = 3, scantest.ESCLFaults{At: 2, Status: 503, AdfThen: "ScannerAdfJam"}
	})
	a := scan(1, "--source", "adf")
	if len(a.list(t, "pages")) != 1 || !strings.Contains(a.stdout, "jammed") || !strings.Contains(a.stdout, "put the sheets behind it back") {
		t.Errorf("a jam: %s", a.stdout)
	}
	recto(t, "verify", "--archive", s.archive).want(t, 0)
}

// A disk that runs short ends a run behind the sheets that have passed the feeder;
// with room again it goes on behind them.
func TestScanDiskShort(t *testing.T) {
	disk := smallDisk(t, "24m")
	s := &scanner{t, testDevice(t), filepath.Join(disk, "archive")}
	recto(t, "init", s.archive).want(t, 0)
	args := []string{"--source", "adf", "--mode", "color", "--resolution", "150", "--area", "0,0,200,200"} // 4 MB a sheet
	a := s.scan(1, args...)
	pages, failures := a.list(t, "pages"), a.list(t, "failures")
	if len(pages) < 2 || len(pages) > 9 || len(failures) != 1 {
		t.Fatalf("%d pages\n%s", len(pages), a.stdout)
	}
	f := failures[0].(map[string]any)
	if !strings.Contains(f["reason"].(string), "the next sheet needs") || strings.Contains(f["reason"].(string), "will not be kept") || !strings.Contains(f["remedy"].(string), "Free some space") {
		t.Errorf("%v", f)
	}
	for i, p := range pages {
		if c := p.(map[string]any)["capture"].(map[string]any); c["sheet"] != float64(i+1) {
			t.Errorf("page %d is sheet %v", i+1, c["sheet"])
		}
	}
	// What lay on the disk of the sheet on its way is free again: one or two more find
	// room, then it stops before the first.
	for n := 1; ; n++ {
		again := s.scan(1, args...)
		if strings.Contains(again.stdout, "will not be kept") || n > 3 {
			t.Fatalf("%s", again.stdout)
		}
		if len(again.list(t, "pages")) == 0 {
			break
		}
	}
	recto(t, "verify", "--archive", s.archive).want(t, 0)
	if out, err := exec.Command("mount", "-o", "remount,size=200m", disk).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if again := s.scan(0, args...); len(again.list(t, "pages")) != 10 {
		t.Errorf("%s", again.stdout)
	}
}
