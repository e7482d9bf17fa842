package bagit

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"recto/archive"
)

// shared finds a folder beside the repository, which holds what tests may use and
// must not copy.
func shared(t *testing.T, path string) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			break
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			t.Fatal("no go.mod above the test")
		}
		dir = parent
	}
	path = filepath.Join(dir, "..", "shared", path)
	if _, err := os.Stat(path); err != nil {
		lacking(t, "%v", err)
	}
	return path
}

// lacking skips a test for want of something, except in CI.
func lacking(t *testing.T, format string, args ...any) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatalf("CI lacks: "+format, args...)
	}
	t.Skipf("NOT TESTED: "+format, args...)
}

// TestSuite judges the conformance suite of the Library of Congress. Its linux-only
// and windows-only bags are invalid ones (its README: "specific invalid tests that
// would only occur on" that system): paths that leave the bag there. They are
// refused everywhere, because a bag travels.
func TestSuite(t *testing.T) {
	root := shared(t, "suites/bagit")
	bags, err := filepath.Glob(filepath.Join(root, "v*", "*", "*"))
	if err != nil {
		t.Fatal(err)
	}
	judged := 0
	for _, bag := range bags {
		if info, err := os.Stat(bag); err != nil || !info.IsDir() {
			continue
		}
		judged++
		name, _ := filepath.Rel(root, bag)
		t.Run(name, func(t *testing.T) {
			findings, err := Validate(t.Context(), bag, nil)
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range findings {
				t.Logf("%s %s %s: %s", f.Severity, f.Code, f.Path, f.Message)
			}
			valid := archive.Valid(findings)
			switch kind := strings.Split(name, string(filepath.Separator))[1]; kind {
			case "valid":
				if !valid {
					t.Error("a valid bag was refused")
				}
			case "warning":
				if !valid || len(findings) == 0 {
					t.Error("a warning and no error was wanted")
				}
			case "invalid", "linux-only", "windows-only":
				if valid {
					t.Error("an invalid bag was accepted")
				}
			default:
				t.Errorf("what kind of bag is %s?", kind)
			}
		})
	}
	if judged < 50 {
		t.Errorf("only %d bags in the suite", judged)
	}
}
