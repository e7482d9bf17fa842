package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// testDevice gives the environment in which SANE's own test device is all there is.
// Without it the test fails in CI and is skipped, loudly, elsewhere.
func testDevice(t *testing.T) []string {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "dll.conf"), []byte("test\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "test.conf"), []byte("number_of_devices 2\nresolution 50\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	found, _ := filepath.Glob("/usr/lib/*/sane/libsane-test.so*")
	if len(found) == 0 {
		if os.Getenv("CI") != "" {
			t.Fatal("SANE's test device is not installed (Debian: libsane1)")
		}
		t.Skip("SKIPPED: SANE's test device is not installed (Debian: libsane1)")
	}
	return []string{"SANE_CONFIG_DIR=" + dir}
}

// with runs a verb in such an environment.
func with(env []string) func(*exec.Cmd) {
	return func(c *exec.Cmd) { c.Env = append(os.Environ(), env...) }
}
