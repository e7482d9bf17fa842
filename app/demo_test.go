package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"recto/archive/archivetest"
)

// TestDemo runs what make demo runs and has its PDF and ALTO judged.
func TestDemo(t *testing.T) {
	dir := t.TempDir()
	cmd := exec.Command(filepath.Join(root, ".ci", "demo"), dir)
	cmd.Env = append(os.Environ(), "RECTO="+program)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, want := range []string{"[lupins]", "[Mühlrad]", "delivered and verified", "blank"} {
		if !strings.Contains(string(out), want) {
			t.Errorf("the demo does not show %q:\n%s", want, out)
		}
	}
	if strings.Count(string(out), "\nValid.") != 2 {
		t.Errorf("the demo does not end valid:\n%s", out)
	}
	pdfs, _ := filepath.Glob(filepath.Join(dir, "out", "*.pdf"))
	altos, _ := filepath.Glob(filepath.Join(dir, "out", "*", "*.xml"))
	if len(pdfs) != 1 || len(altos) != 7 { // the spread is two pages
		t.Fatalf("%d PDFs and %d ALTO files", len(pdfs), len(altos))
	}
	archivetest.VeraPDF(t, "2u", pdfs...)
	archivetest.Qpdf(t, pdfs...)
	validALTO(t, altos)
}
