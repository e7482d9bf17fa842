package prepare

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// missing skips a test that lacks a tool or data, and fails it where everything
// has to be there.
func missing(t testing.TB, format string, args ...any) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatalf(format, args...)
	}
	t.Skipf("NOT TESTED: "+format, args...)
}

// soak is how often something is done: few times by default, many times where
// RECTO_SOAK=1 asks for the whole count.
func soak(few, many int) int {
	if os.Getenv("RECTO_SOAK") == "1" {
		return many
	}
	return few
}

// root is the folder of go.mod.
func root(t testing.TB) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for ; dir != "/"; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
	}
	t.Fatal("no go.mod above the working directory")
	return ""
}

// realScan is a line of the real scans' manifest.
type realScan struct {
	name, path string
	kind       string
	known      bool   // its text is known, and with it which way up it is
	note       string // what is special about it
}

// realScans lists the images among the real scans.
func realScans(t testing.TB) []realScan {
	t.Helper()
	dir := filepath.Join(root(t), "..", "shared", "scans")
	f, err := os.Open(filepath.Join(dir, "MANIFEST.tsv"))
	if err != nil {
		missing(t, "real scans: %v", err)
	}
	defer f.Close()
	var out []realScan
	in := bufio.NewScanner(f)
	for in.Scan() {
		col := strings.Split(in.Text(), "\t")
		if len(col) < 9 || col[0] == "path" {
			continue
		}
		out = append(out, realScan{col[0], filepath.Join(dir, col[0]), col[7], strings.HasPrefix(col[8], "yes"), strings.Join(col[9:], " ")})
	}
	if len(out) == 0 {
		missing(t, "real scans: %s is empty", f.Name())
	}
	return out
}

// images gives the scan as image files; a PDF is drawn by pdftoppm first.
func (s realScan) images(t testing.TB) []string {
	t.Helper()
	if filepath.Ext(s.path) != ".pdf" {
		return []string{s.path}
	}
	if _, err := exec.LookPath("pdftoppm"); err != nil {
		missing(t, "%s: %v", s.name, err)
	}
	dir := t.TempDir()
	if out, err := exec.Command("pdftoppm", "-r", "200", s.path, filepath.Join(dir, "page")).CombinedOutput(); err != nil {
		t.Fatalf("pdftoppm %s: %v: %s", s.name, err, out)
	}
	list, err := filepath.Glob(filepath.Join(dir, "*.ppm"))
	if err != nil || len(list) == 0 {
		t.Fatalf("pdftoppm %s: no pages, %v", s.name, err)
	}
	return list
}

func decode(t testing.TB, path string) *Picture {
	t.Helper()
	p, err := Decode(path, Limits{})
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	t.Cleanup(p.Close)
	return p
}
