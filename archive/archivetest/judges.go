// Package archivetest brings the independent judges of what the archive writes
// into tests: veraPDF and qpdf. A missing judge skips the test and says so; where
// CI=true it fails it, so that no build is green without its judges.
package archivetest

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// veraVersion is pinned: a newer judge may know more rules.
const veraVersion = "1.28.2"

// Missing ends a test for want of a tool.
func Missing(t testing.TB, format string, args ...any) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatalf(format, args...)
	}
	t.Skipf(format, args...)
}

// Tool gives the path of a program, or ends the test.
func Tool(t testing.TB, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		Missing(t, "%s is not installed", name)
	}
	return path
}

// VeraPDF fails the test for every file that veraPDF does not pass in the given
// flavour ("2u"), with the clauses that it breaks. Starting Java costs two
// seconds: give many files in one call.
func VeraPDF(t testing.TB, flavour string, files ...string) {
	t.Helper()
	args := append([]string{"-cp", veraJar(t), "org.verapdf.apps.GreenfieldCliWrapper", "-f", flavour, "--format", "text", "-v"}, files...)
	cmd := exec.Command(Tool(t, "java"), args...)
	var errs strings.Builder
	cmd.Stderr = &errs
	out, err := cmd.Output() // its exit code is 1 where a file fails: the lines tell more
	said := string(out)
	for _, f := range files {
		if !strings.Contains("\n"+said, fmt.Sprintf("\nPASS %s %s", f, flavour)) {
			t.Errorf("veraPDF %s does not pass %s", flavour, f)
		}
	}
	if t.Failed() {
		t.Logf("veraPDF said (%v):\n%s%s", err, said, errs.String())
	}
}

// veraJar finds veraPDF's jar in Maven's local repository, fetching it if need be.
func veraJar(t testing.TB) string {
	t.Helper()
	home, err := os.UserHomeDir()
	if err != nil {
		Missing(t, "veraPDF: %v", err)
	}
	jar := filepath.Join(home, ".m2/repository/org/verapdf/apps/greenfield-apps", veraVersion, "greenfield-apps-"+veraVersion+".jar")
	if _, err := os.Stat(jar); err == nil {
		return jar
	}
	cmd := exec.Command(Tool(t, "mvn"), "-q", "dependency:get", "-Dtransitive=false",
		"-Dartifact=org.verapdf.apps:greenfield-apps:"+veraVersion)
	if out, err := cmd.CombinedOutput(); err != nil {
		Missing(t, "veraPDF %s cannot be fetched: %v\n%s", veraVersion, err, out)
	}
	return jar
}

// Qpdf fails the test for every file whose structure qpdf finds fault with.
func Qpdf(t testing.TB, files ...string) {
	t.Helper()
	qpdf := Tool(t, "qpdf")
	for _, f := range files {
		if out, err := exec.Command(qpdf, "--check", f).CombinedOutput(); err != nil {
			t.Errorf("qpdf --check %s: %v\n%s", f, err, out)
		}
	}
}
